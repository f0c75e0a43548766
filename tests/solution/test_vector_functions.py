"""Vector and matrix functions of a vector that are not given: gradients and second derivatives, against numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mdderive

Array = Any
RNG = np.random.default_rng(7)
A, B = RNG.normal(size=(2, 3, 3, 3))
X = RNG.normal(size=(3, 1))
Y = RNG.normal(size=(3, 1))


def symmetric(a: Array) -> Array:
    return a + a.T


def kernel(x: Array) -> Array:
    return 20 * np.eye(3) + sum(symmetric(a) * t + symmetric(b) * t**2 for a, b, t in zip(A, B, x[:, 0], strict=True))


def partials(x: Array) -> Array:
    return np.array([symmetric(a) + 2 * symmetric(b) * t for a, b, t in zip(A, B, x[:, 0], strict=True)])


def residual(x: Array) -> Array:
    return np.array([[(x.T @ a @ x).item() + t.item()] for a, t in zip(A, x, strict=True)])


def jacobian(x: Array) -> Array:
    return np.vstack([x.T @ symmetric(a) for a in A]) + np.eye(3)


def hessians(x: Array) -> Array:
    return np.array([symmetric(a) for a in A])


def numerical(f: Callable[[Array], Array], x: Array) -> Array:
    step = 1e-6 * np.eye(3)[..., None]
    return np.hstack([(f(x + h) - f(x - h)) / 2e-6 for h in step]).T


def exported(f: str, variable: str, *where: str) -> tuple[mdderive.Derivation, Callable[..., Array]]:
    found = mdderive.derive(f, variable, where=where)
    assert isinstance(found, mdderive.Derivation)
    assert found.check.ok
    assert found.check.exact
    space: dict[str, Any] = {}
    exec(found.to_python(), space)
    return found, space["gradient"]


K = r"K: \mathbb{R}^p \to \mathbb{R}^{m \times m}, SPD"
TRACES: list[tuple[str, str, Callable[[Array], Array]]] = [
    (
        r"\log\det K(\theta)",
        r"\Bigl(\operatorname{tr}\bigl(K(\theta)^{-1}\thinspace \partial_kK(\theta)\bigr)\Bigr)_k",
        lambda x: np.log(np.linalg.det(kernel(x))).reshape(1, 1),
    ),
    (
        r"y^TK(\theta)^{-1}y",
        r"-\bigl(y^\top K(\theta)^{-1}\thinspace \partial_kK(\theta)\thinspace K(\theta)^{-1}y\bigr)_k",
        lambda x: Y.T @ np.linalg.inv(kernel(x)) @ Y,
    ),
    (
        r"\frac12\dot q^TK(\theta)\dot q",
        r"\frac{1}{2}\bigl(\dot{q}^\top\thinspace \partial_kK(\theta)\thinspace \dot{q}\bigr)_k",
        lambda x: Y.T @ kernel(x) @ Y / 2,
    ),
]


@pytest.mark.parametrize(("f", "gradient_of_f", "value"), TRACES, ids=[x[0] for x in TRACES])
def test_a_matrix_function_of_a_vector(f: str, gradient_of_f: str, value: Callable[[Array], Array]) -> None:
    found, gradient = exported(f, r"\theta", K)
    assert str(found.gradient) == gradient_of_f
    calls = {"K": kernel, "K_partials": partials}
    names = {name: Y for name in found.arguments.values() if name != "theta" and name not in calls}
    used = {x: y for x, y in calls.items() if x in found.to_python().split("):")[0]}
    np.testing.assert_allclose(gradient(**names, **used, theta=X), numerical(value, X), rtol=1e-5)


R = r"r: \mathbb{R}^n \to \mathbb{R}^m"


def test_the_second_derivative_of_a_sum_of_squares() -> None:
    found = mdderive.derive(r"\frac12\|r(x)\|^2", "x", where=[R, "hessian"])
    assert isinstance(found, mdderive.Derivation)
    assert r"\sum_i r_i(x)\thinspace\nabla^2 r_i(x)+J_{r}(x)^\top J_{r}(x)" in found.to_markdown()
    space: dict[str, Any] = {}
    exec(found.to_python(), space)
    value = space["hessian"](x=X, r=residual, r_jacobian=jacobian, r_hessians=hessians)
    np.testing.assert_allclose(value, numerical(lambda x: jacobian(x).T @ residual(x), X), rtol=1e-5)
    step = RNG.normal(size=(3, 1))
    along = space["hessian_vector_product"](step, x=X, r=residual, r_jacobian=jacobian, r_hessians=hessians)
    np.testing.assert_allclose(along, value @ step)


@pytest.mark.parametrize(
    ("f", "second"),
    [
        (
            r"\frac12\|y-r(x)\|^2",
            r"J_{r}(x)^\top J_{r}(x)-\sum_i \bigl(y-r(x)\bigr)_i\thinspace\nabla^2 r_i(x)",
        ),
        (r"c^\top r(Ax)", r"A^\top\left(\sum_i c_i\thinspace\nabla^2 r_i(Ax)\right)A"),
    ],
)
def test_hessians_against_weights(f: str, second: str) -> None:
    found = mdderive.derive(f, "x", where=[R, "hessian"])
    assert isinstance(found, mdderive.Derivation)
    assert second in found.to_markdown()


@pytest.mark.parametrize(("f", "where"), [(r"\log\det K(x)", (K, "hessian")), (r"K(x)", (K, "jacobian"))])
def test_what_would_be_an_array_of_order_three_is_refused(f: str, where: tuple[str, ...]) -> None:
    with pytest.raises(mdderive.UnsupportedError) as caught:
        mdderive.derive(f, "x", where=where)
    assert caught.value.code == "E308"
