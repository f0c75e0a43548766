"""What one edit makes of a claim: it tells an author's slip from a formula that means something else."""

from __future__ import annotations

import pytest

from mdderive import claims

SLIPS = {
    "a factor": r"$\nabla_w \|Xw-y\|^2 = X^T(Xw-y)$",
    "a sign within": r"$\nabla_w \|Xw-y\|^2 = 2X^T(Xw+y)$",
    "a sign and a factor": r"$\nabla_w \|Xw-y\|^2 = 3X^T(Xw+y)$",
    "a transpose": r"$\frac{\partial}{\partial W}\|WX-Y\|_F^2 = 2(WX-Y)X$",
    "the order": r"$\frac{\partial}{\partial X}\|AX-B\|_F^2 = 2(AX-B)A^T$",
    "an inverse": r"$d\log\det A = \operatorname{tr}(A\,dA)$",
    "an exponent": r"$\frac{d}{dx}\tanh(x) = 1-\tanh(x)$",
    "a term": r"$\frac{d}{dt}\left(t^2e^{-t}\right) = 2te^{-t}$",
    "a term of f": r"$\frac{\partial}{\partial w_k}\left(w_k^Tx-\log\sum_j e^{w_j^Tx}\right) = x$",
    "the inner derivative": r"$\nabla_w\log\sigma(w^Tx) = 1-\sigma(w^Tx)$",
    "a factor of the whole": r"$d\det X = \operatorname{tr}(X^{-1}dX)$",
    "an index": r"$f = x^TAx$ has $\frac{\partial f}{\partial x_i} = \sum_j A_{ij}x_j$.",
    "one letter for another": r"$\nabla_x (a^Tx) = x$",
    "letters that commute": r"Let $f(X) = X^2$. Then $Df(X)[H] = 2XH$.",
    "a parenthesis": r"$\frac{\partial}{\partial c}\sum_i (cx_i-y_i)^2 = 2\sum_i (cx_i-y_ix_i)$",
    "a transpose and a factor of a term": (
        r"$\nabla_w\left((Xw-y)^T(Xw-y)+\frac12\alpha w^Tw\right) = X^T(Xw-y)+\alpha w^T$"
    ),
    "the function itself": (
        r"$J(\theta) = \frac12\sum_i (\theta x_i-y_i)^2$, $\frac{dJ}{d\theta} = \frac12\sum_i (\theta x_i-y_i)^2$"
    ),
    "factors in the wrong order": (
        r"Let $Y = XW$. $\frac{\partial L}{\partial W} = \frac{\partial L}{\partial Y} X^T$ with "
        r"$X \in \mathbb{R}^{m\times n}$ and $W \in \mathbb{R}^{n\times k}$."
    ),
    "a product of derivatives": r"$\frac{d}{dx}u(x)v(x) = u'(x)v'(x)$",
}
MISREADINGS = {
    "another function of the name": r"$y = (x+1)^2-0.5e^x$ and $\frac{dy}{dx} = \frac{x(1+y^2)}{y(1+x^2)}$.",
    "a term that may depend on the variable": (
        r"$J = \frac12\|X\theta-y\|^2 + \lambda c^Tc$ and $\nabla_\theta J = X^T(X\theta-y) + \lambda c$."
    ),
}


@pytest.mark.parametrize("page", SLIPS.values(), ids=SLIPS)
def test_a_slip_is_an_accusation(page: str) -> None:
    assert claims(page)[-1].verdict in ("false", "shapes do not fit", "true only if")


@pytest.mark.parametrize("page", MISREADINGS.values(), ids=MISREADINGS)
def test_what_is_far_from_the_derivative_is_a_question(page: str) -> None:
    found = claims(page)[-1]
    assert found.verdict == "not judged"
    assert "something else may be meant" in found.reason
