"""Differentials of functions of a matrix off a trace: solutions of Lyapunov equations, and integrals."""

from __future__ import annotations

import pytest

import mdderive

ROOT = r"\mathcal{L}_{X^{1/2}}"
GRADIENTS = [
    (r"a^TX^{1/2}b", "X", ["X: SPD"], rf"{ROOT}(ab^\top)"),
    (r"\operatorname{tr}(BX^{-1/2})", "X", ["X: SPD", "B: symmetric"], rf"-{ROOT}(X^{{-1/2}}BX^{{-1/2}})"),
    (r"\|X^{1/2}-B\|_F^2", "X", ["X: SPD", "B: symmetric"], rf"I-2{ROOT}(B)"),
    (
        r"\operatorname{tr}(A+B-2(A^{1/2}BA^{1/2})^{1/2})",
        "B",
        ["A, B: SPD"],
        r"I-A^{1/2}(A^{1/2}BA^{1/2})^{-1/2}A^{1/2}",
    ),
    (r"b^Te^{At}c", "A", [], r"\int_0^t e^{sA^\top}bc^\top e^{(t-s)A^\top}\thinspace \mathrm{d}s"),
    (
        r"\operatorname{tr}(Be^{-sA})",
        "A",
        [],
        r"-\int_0^s e^{-\tau A^\top}B^\top e^{-(s-\tau)A^\top}\thinspace \mathrm{d}\tau",
    ),
    (
        r"a^T\operatorname{logm}(X)b",
        "X",
        ["X: SPD"],
        r"\int_0^{\infty} (X+sI)^{-1}ab^\top(X+sI)^{-1}\thinspace \mathrm{d}s",
    ),
]


@pytest.mark.parametrize(("f", "wrt", "where", "gradient"), GRADIENTS, ids=[x[0] for x in GRADIENTS])
def test_the_gradient(f: str, wrt: str, where: list[str], gradient: str) -> None:
    found = mdderive.derive(f.replace("^T", r"^\top "), wrt, where=where)
    assert isinstance(found, mdderive.Derivation)
    assert found.check.ok
    assert str(found.gradient) == gradient


def test_a_step_that_commutes_needs_no_equation() -> None:
    found = mdderive.derive(r"\operatorname{tr}(X^{1/2}+BX)", "X", where=["X: SPD", "B: symmetric"])
    assert isinstance(found, mdderive.Derivation)
    assert str(found.gradient) == r"\frac{1}{2}X^{-1/2}+B"


def test_the_cholesky_factor_of_a_product() -> None:
    found = mdderive.derive(r"\operatorname{chol}(XX^T)", "X", where=["jacobian"])
    assert isinstance(found, mdderive.Derivation)
    assert found.check.ok


def test_the_log_determinant_of_the_cholesky_factor() -> None:
    found = mdderive.derive(r"\log|\operatorname{chol}(A)|", "A", where=["A: SPD"])
    assert isinstance(found, mdderive.Derivation)
    assert str(found.gradient) == r"\frac{1}{2}\operatorname{chol}(A)^{-\top}\operatorname{chol}(A)^{-1}"


@pytest.mark.parametrize("f", [r"a^TX^{1/3}b", r"a^T\operatorname{sinm}(X)b"])
def test_what_has_no_form_is_refused_by_name(f: str) -> None:
    with pytest.raises(mdderive.DeriveError) as error:
        mdderive.derive(f, "X", where=["X: SPD"])
    assert error.value.code == "E308"


def test_the_second_derivative_of_an_exponential_is_refused_by_name() -> None:
    with pytest.raises(mdderive.DeriveError) as error:
        mdderive.derive("b^Te^{A}c", "A", where=["hessian"])
    assert error.value.code == "E308"
    assert "exponential" in error.value.message
