"""The names in which the answers of the corpus are written: matrices (m, n), vectors (n, 1), scalars plain numbers.

A family x_i is one array (N, n, 1), of scalars (N,). `vec` stacks columns; `K(m, n)` is the commutation matrix with
vec(A^T) = K(m, n) vec(A) for A of m x n.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg


def _commutation(m: int, n: int) -> np.ndarray:
    matrix = np.zeros((m * n, m * n))
    for i in range(m):
        for j in range(n):
            matrix[i * n + j, j * m + i] = 1.0
    return matrix


def _of_symmetric(f: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    def value(a: np.ndarray) -> np.ndarray:
        values, vectors = np.linalg.eigh((a + a.T) / 2)
        return (vectors * f(values)) @ vectors.T

    return value


def _sigmoid(a: Any) -> Any:
    return 1 / (1 + np.exp(-a))


def _sigmoid_prime(a: Any) -> Any:
    return np.exp(-a) / (1 + np.exp(-a)) ** 2


def _softmax(axis: int) -> Callable[[Any], Any]:
    return lambda a: np.exp(a) / np.sum(np.exp(a), axis=axis, keepdims=True)


BUILTINS = {f.__name__: f for f in (sum, range, zip, len, abs, enumerate, max, min, list, reversed, map, float, int)}

NAMES: dict[str, Any] = {
    "__builtins__": BUILTINS,
    "np": np,
    **{name: getattr(np, name) for name in ("exp", "log", "sin", "cos", "tan", "tanh", "sqrt", "sign", "pi")},
    **{name: getattr(np, name) for name in ("cosh", "sinh", "arctan", "kron", "where", "stack", "hstack", "vstack")},
    **{name: getattr(np.linalg, name) for name in ("det", "inv", "pinv", "eigh", "eigvalsh")},
    "ab": np.abs,
    "tr": lambda a: np.trace(np.atleast_2d(a)),
    "logdet": lambda a: np.linalg.slogdet(a)[1],
    "invT": lambda a: np.linalg.inv(a).T,
    "mpow": np.linalg.matrix_power,
    "expm": scipy.linalg.expm,
    "sinm": scipy.linalg.sinm,
    "cosm": scipy.linalg.cosm,
    "logm": _of_symmetric(np.log),
    "sqrtm": _of_symmetric(np.sqrt),
    "isqrtm": _of_symmetric(lambda w: 1 / np.sqrt(w)),
    "svd": lambda a: np.linalg.svd(a, full_matrices=False),
    "adj": lambda a: np.linalg.det(a) * np.linalg.inv(a),
    "I": np.eye,
    "eye": np.eye,
    "ones": lambda m, n=1: np.ones((m, n)),
    "zeros": lambda m, n=1: np.zeros((m, n)),
    "diag": lambda x: np.diag(np.ravel(x)),
    "dg": lambda a: np.reshape(np.diag(a), (-1, 1)),
    "Dg": lambda a: np.diag(np.diag(a)),
    "vec": lambda a: np.reshape(np.transpose(np.atleast_2d(a)), (-1, 1)),
    "unvec": lambda v, m, n: np.transpose(np.reshape(v, (n, m))),
    "s": lambda a: np.reshape(a, ()),
    "tot": np.sum,
    "sumf": sum,
    "hs": lambda parts: np.hstack(list(parts)),
    "mean0": lambda a: np.mean(a, axis=0, keepdims=True),
    "csum": lambda a: np.sum(a, axis=0, keepdims=True).T,
    "rsum": lambda a: np.sum(a, axis=1, keepdims=True),
    "K": _commutation,
    "Kc": _commutation,
    "sig": _sigmoid,
    "dsig": _sigmoid_prime,
    "d2sig": lambda a: _sigmoid_prime(a) * (1 - 2 * _sigmoid(a)),
    "softmax": _softmax(0),
    "rsoftmax": _softmax(1),
    "lse": lambda a: np.log(np.sum(np.exp(a))),
    "relu": lambda a: np.maximum(a, 0.0),
    "relu2": lambda a: np.maximum(a, 0.0) ** 2,
    "step": lambda a: (a > 0) * 1.0,
    "softplus": lambda a: np.log(1 + np.exp(a)),
    "fro": lambda a: np.sqrt(np.sum(a * a)),
    "fro2": lambda a: np.sum(a * a),
    "n1": lambda a: np.sum(np.abs(a)),
    "e": lambda n, i: np.eye(n)[:, [i]],
    "E": lambda m, n, i, j: np.outer(np.eye(m)[i], np.eye(n)[j]),
}
