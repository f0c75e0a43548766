"""Claims that differ from a derivative by less than numbers at a few points show: the judge of derivations tells."""

import pytest

import mdderive

CLAIMS = [
    (r"$\nabla_x\, x^\top Ax=NUMBER(A+A^\top)x$", 1),
    (r"$\frac{\partial}{\partial w}\|Xw-y\|^2=NUMBER X^\top(Xw-y)$", 2),
    (r"$\nabla_w \log(1+e^{-w^\top x})=-NUMBER\frac{1}{1+e^{w^\top x}}x$", 1),
    (r"$\frac{\partial}{\partial X}\log\det X=NUMBER X^{-\top}$", 1),
    (r"$\frac{\partial}{\partial X}\log\det X=NUMBER X^{-1}$", 1),
    (r"$\mathrm{d}\operatorname{tr}(X^\top X)=NUMBER\operatorname{tr}(X^\top\mathrm{d}X)$", 2),
    (r"$\frac{\partial^2}{\partial x\partial x^\top} x^\top x=NUMBER I$", 2),
    (r"$\frac{\partial Ax}{\partial x^\top}=NUMBER A$", 1),
    (r"$\frac{\partial}{\partial x_i}\sum_j x_j^2=NUMBER x_i$", 2),
    (r"Let $S$ be symmetric. $\frac{\partial}{\partial S}\operatorname{tr}(AS)=\frac{NUMBER}{2}(A+A^\top)$", 1),
    (r"Let $D$ be diagonal. $\frac{\partial}{\partial D}\operatorname{tr}(AD)=NUMBER(A\odot I)$", 1),
]
WRONG = {"by a billionth": ".000000001", "by a hundred-thousandth": ".00001"}


@pytest.mark.parametrize(("claim", "factor"), CLAIMS)
def test_a_small_relative_error_is_found(claim: str, factor: int) -> None:
    """In every form that claims have: gradients, differentials, second derivatives, Jacobians, entries, structures."""
    (right,) = mdderive.claims(claim.replace("NUMBER", str(factor)), "markdown")
    assert right.verdict.startswith("true")
    for by, digits in WRONG.items():
        (wrong,) = mdderive.claims(claim.replace("NUMBER", f"{factor}{digits}"), "markdown")
        assert wrong.verdict == "false", f"{wrong.latex} is wrong {by}"
