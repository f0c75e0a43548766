r"""Cross products: the matrix `[a]_\times`, gradients and Jacobians with it, and the tangent step of a rotation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mdderive

STEP = r"\|y-R(I+[\omega]_\times)x\|^2"
GRADIENTS = [
    (r"c^T(a\times b)", "a", (), r"[b]_\times c"),
    (r"c^T(a\times b)", "b", (), r"-[a]_\times c"),
    (r"\|a\times b\|^2", "a", (), r"-2[a \times b]_\times b"),
    (STEP, r"\omega", (), r"2[R^\top\bigl(y-R(I+[\omega]_\times)x\bigr)]_\times x"),
    (r"\operatorname{tr}(A[\omega]_\times B)", r"\omega", (), r"\operatorname{ax}(A^\top B^\top)"),
    (r"\|[\omega]_\times-A\|_F^2", r"\omega", (), r"4\omega-2\operatorname{ax}(A)"),
    (r"[\omega]_\times x", r"\omega", ("jacobian", "layout: numerator"), r"-[x]_\times"),
    (r"R(x\times y)", "x", ("jacobian", "layout: numerator"), r"-R[y]_\times"),
]


def derived(f: str, x: str, *where: str) -> mdderive.Derivation:
    found = mdderive.derive(f, x, where=where)
    assert isinstance(found, mdderive.Derivation)
    assert found.check.exact
    return found


@pytest.mark.parametrize(("f", "x", "where", "gradient"), GRADIENTS, ids=[x[0] for x in GRADIENTS])
def test_the_gradient(f: str, x: str, where: tuple[str, ...], gradient: str) -> None:
    assert str(derived(f, x, *where).gradient) == gradient


def test_the_export_is_that_of_the_cross_product() -> None:
    space: dict[str, Any] = {}
    exec(derived(r"\frac12\|a\times b\|^2", "a").to_python(), space)
    a, b = np.random.default_rng(2).normal(size=(2, 3, 1))
    cross = np.cross(a.ravel(), b.ravel())
    np.testing.assert_allclose(space["gradient"](a=a, b=b), np.cross(b.ravel(), cross).reshape(3, 1))


def test_the_second_derivative() -> None:
    assert r"-2[d]_\times^2" in derived(r"\|x\times d\|^2", "x", "hessian").to_markdown()


REFUSED = [
    (r"c^T(a\times b)", "a", ("a: n x 1",), "E205"),
    (r"c^T(a\times b)", "a", ("a, b: 4 x 1",), "E203"),
    (r"d^T(a\times b\times c)", "a", ("a, b, c: 3 x 1",), "E303"),
    (r"d^T(a\times b\times c)", "a", (), "E303"),
    (r"\|y-R\exp([\omega]_\times)x\|^2", r"\omega", (), "E308"),
]


@pytest.mark.parametrize(("f", "x", "where", "code"), REFUSED, ids=[f"{x[0]} {x[2]}" for x in REFUSED])
def test_what_is_no_cross_product_is_refused(f: str, x: str, where: tuple[str, ...], code: str) -> None:
    with pytest.raises(mdderive.DeriveError) as caught:
        mdderive.derive(f, x, where=where)
    assert caught.value.code == code
    assert caught.value.span is not None


def test_numbers_are_multiplied() -> None:
    assert str(derived(r"x\times y", "x").gradient) == "y"
