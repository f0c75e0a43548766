"""The properties that an author may declare of a letter: one row each.

A row holds the words by which an author says it, what it asks of the shape, what it means for a transpose, how random
values with it are made, and the words of a solution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from ..words import Wording
from .expressions import lazy_numpy

Draw = Callable[[Any], Any]
"""(array of standard normal numbers, (..., rows, columns)) -> an array with the property."""


@dataclass(frozen=True, slots=True)
class Property:
    """One row: `name` is the field's own; `words` follow "X in R^{n x n}"; `of_scalar` where X is a number."""

    name: str
    spellings: tuple[str, ...]
    words: Wording
    draw: Draw
    shape: Literal["square", "column", ""] = ""
    self_transposed: bool = False
    of_scalar: Wording | None = None


def _eye(a: Any) -> Any:
    return lazy_numpy().eye(a.shape[-1])


def _turned(a: Any) -> Any:
    return a.swapaxes(-1, -2)


def _one_hot(a: Any) -> Any:
    numpy = lazy_numpy()
    return (numpy.argmax(a, axis=-2, keepdims=True) == numpy.arange(a.shape[-2])[:, None]) * 1.0


def _probability(a: Any) -> Any:
    positive = abs(a) + 0.1
    return positive / positive.sum(axis=-2, keepdims=True)


def _idempotent(a: Any) -> Any:
    rank = max(1, a.shape[-1] // 2)
    columns, rows = a[..., :, :rank], a[..., :rank, :]
    return columns @ lazy_numpy().linalg.inv(rows @ columns) @ rows


def _toeplitz(first: Any) -> Any:
    """Return the matrices with the entries `first`, (..., 2n - 1), along their diagonals, from the lower left one."""
    n = (first.shape[-1] + 1) // 2
    places = lazy_numpy().arange(n)
    return first[..., places - places[:, None] + n - 1]


PROPERTIES: tuple[Property, ...] = (
    Property(
        "SPD",
        ("SPD", "positive definite", "symmetric positive definite", "正定", "对称正定", "对称正定矩阵", "正定矩阵"),
        Wording("symmetric positive definite", "对称正定矩阵"),
        lambda a: a @ _turned(a) / a.shape[-1] + 0.7 * _eye(a),
        "square",
        self_transposed=True,
    ),
    Property(
        "symmetric",
        ("symmetric", "对称", "对称矩阵", "对称阵"),
        Wording("symmetric", "对称矩阵"),
        lambda a: (a + _turned(a)) / 2,
        "square",
        self_transposed=True,
    ),
    Property(
        "skew-symmetric",
        ("skew-symmetric", "skew", "antisymmetric", "反对称", "反对称矩阵"),
        Wording("skew-symmetric", "反对称矩阵"),
        lambda a: (a - _turned(a)) / 2,
        "square",
    ),
    Property(
        "invertible",
        ("invertible", "nonsingular", "可逆", "可逆矩阵"),
        Wording("invertible", "可逆矩阵"),
        lambda a: a + 0.5 * a.shape[-1] ** 0.5 * _eye(a),
        "square",
    ),
    Property(
        "orthogonal",
        ("orthogonal", "正交", "正交矩阵"),
        Wording("orthogonal", "正交矩阵"),
        lambda a: lazy_numpy().linalg.qr(a)[0],
        "square",
    ),
    Property(
        "diagonal",
        ("diagonal", "对角", "对角矩阵"),
        Wording("diagonal", "对角矩阵"),
        lambda a: a * _eye(a),
        "square",
        self_transposed=True,
    ),
    Property(
        "lower triangular",
        ("lower triangular", "下三角", "下三角矩阵"),
        Wording("lower triangular", "下三角矩阵"),
        lambda a: lazy_numpy().tril(a, -1) + (abs(a) + 0.5) * _eye(a),
        "square",
    ),
    Property(
        "upper triangular",
        ("upper triangular", "上三角", "上三角矩阵"),
        Wording("upper triangular", "上三角矩阵"),
        lambda a: lazy_numpy().triu(a, 1) + (abs(a) + 0.5) * _eye(a),
        "square",
    ),
    Property(
        "idempotent",
        ("idempotent", "幂等", "幂等矩阵"),
        Wording("idempotent", "幂等矩阵"),
        _idempotent,
        "square",
    ),
    Property(
        "Toeplitz",
        ("toeplitz", "Toeplitz 矩阵", "托普利茨"),
        Wording("a Toeplitz matrix", "Toeplitz 矩阵"),
        lambda a: _toeplitz(lazy_numpy().concatenate([a[..., 0], a[..., 1:, 1]], axis=-1)),
        "square",
    ),
    Property(
        "symmetric Toeplitz",
        ("symmetric toeplitz", "对称 Toeplitz 矩阵"),
        Wording("a symmetric Toeplitz matrix", "对称 Toeplitz 矩阵"),
        lambda a: _toeplitz(lazy_numpy().concatenate([a[..., :0:-1, 0], a[..., 0]], axis=-1)),
        "square",
        self_transposed=True,
    ),
    Property(
        "one-hot",
        ("one-hot", "one hot", "onehot", "独热", "独热向量"),
        Wording("one-hot", "独热向量"),
        _one_hot,
        "column",
    ),
    Property(
        "probability",
        ("probability", "probabilities", "概率", "概率向量"),
        Wording("a probability vector", "概率向量"),
        _probability,
        "column",
    ),
    Property(
        "binary",
        ("binary", "0/1", "0-1", "二值", "0-1 矩阵"),
        Wording("with entries 0 or 1", "元素为 0 或 1"),
        lambda a: (a > 0) * 1.0,
        of_scalar=Wording("0 or 1", "取 0 或 1"),
    ),
    Property(
        "positive",
        ("positive", "正", "正数"),
        Wording("with positive entries", "正数（逐元素）"),
        lambda a: abs(a) + 0.3,
        of_scalar=Wording("positive", "正数"),
    ),
)

BY_NAME: Mapping[str, Property] = MappingProxyType({row.name: row for row in PROPERTIES})
BY_SPELLING: Mapping[str, str] = MappingProxyType(
    {spelling.lower(): row.name for row in PROPERTIES for spelling in row.spellings}
)
SQUARE = frozenset(row.name for row in PROPERTIES if row.shape == "square")
COLUMN = frozenset(row.name for row in PROPERTIES if row.shape == "column")
SELF_TRANSPOSED = frozenset(row.name for row in PROPERTIES if row.self_transposed)
