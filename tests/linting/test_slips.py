"""What one edit makes of a claim: it tells an author's slip from a formula that means something else."""

from __future__ import annotations

import pytest

from mdderive import claims, lint

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
    "a transpose beside an entry-wise product": (
        r"$W \in \mathbb{R}^{m\times n}$. $\nabla_x \mathbf{1}^T\sin(Wx) = W(\cos(Wx)\odot\mathbf{1})$"
    ),
    "a transpose in a product of columns": r"Here $s = Ax$. $\nabla_A \frac12\|Ax\|^2 = sx$",
    "the sign where a function may be one of matrices": (
        r"$\frac{\partial}{\partial X} a^T\log(A\sin(X)B)b = "
        r"-\left(A^T\operatorname{diag}(a)(\mathbf{1}\oslash(A\sin(X)B))\operatorname{diag}(b)B^T\right)\circ\cos(X)$"
    ),
    "the sign beside a letter in another dress": (
        r"$\nabla_x \frac12(x-\bar{x})^TP^{-1}(x-\bar{x}) = -P^{-1}(x-\bar{x})$ with symmetric $P$"
    ),
    "the sign beside a function that nobody defines": (
        r"$\nabla_b \left(-y^T\log\operatorname{softmax}(Wh(Vx) + b)\right) = y - \operatorname{softmax}(Wh(Vx) + b)$ "
        "with one-hot $y$"
    ),
    "the sign of a softmax of members": (
        r"$W \in \mathbb{R}^{K\times M}$, each $t_n$ is one-hot and $y_n = \operatorname{softmax}(W\phi_n)$: "
        r"$\nabla_W\left(-\sum_{n=1}^N t_n^T\log\operatorname{softmax}(W\phi_n)\right) = \sum_{n=1}^N(t_n-y_n)\phi_n^T$"
    ),
    "one term of a derivative that is factored": (
        r"$\nabla_X \operatorname{tr}\left((X^TX-A)^T(X^TX-A)\right) = 4XX^TX$"
    ),
    "one term of a derivative that is transposed": r"$\nabla_X \operatorname{tr}(XAXB) = B^TX^TA^T$",
    "a transpose, and what is said of sizes": (
        r"$B \in \mathbb{R}^{m\times n}$, $x \in \mathbb{R}^n$, $a \in \mathbb{R}$. "
        r"$\nabla_x \left(a\sin(Bx)\right) = aB\operatorname{diag}(\cos(Bx))$"
    ),
    "the sign of a commutation matrix": (
        r"$X \in \mathbb{R}^{m\times n}$. "
        r"$\frac{\partial}{\partial X}\operatorname{vec}(X^TX) = (X^T\otimes I)K-(I\otimes X^T)$"
    ),
    "a symmetric matrix, not the other one": (
        r"$A, X \in \mathbb{R}^{n\times n}$. $X$ is symmetric. $\nabla_X\operatorname{tr}(AX) = 2A-A\circ I$"
    ),
}
LAYOUTS = {
    "another table": r"$X \in \mathbb{R}^{n\times q}$. $\frac{\partial X'a}{\partial X} = I\otimes a'$",
    "a numerator": r"$X, B \in \mathbb{R}^{n\times n}$. $\nabla_X \operatorname{tr}(X^2B) = XB+BX$",
}
EVIDENCE = {
    r"$X \in \mathbb{R}^{m\times n}$, $\nabla_w \|Xw-y\|^2 = 2X(Xw-y)$": (r"X^\top", "X"),
    r"$\nabla_X \operatorname{tr}(AX) = -A^T$": ("-1", ""),
    r"$\nabla_w \|Xw-y\|^2 = 2X^T(Xw+y)$": ("-", "+"),
    r"$\frac{\partial}{\partial X}\|AX-B\|_F^2 = 2(AX-B)A^T$": ("A^T (AX-B)", "(AX-B)A^T"),
    r"$\nabla_x \left(x^Tx+a^Tx\right) = 2x^T+a$": ("x", "x^T"),
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


@pytest.mark.parametrize("page", LAYOUTS.values(), ids=LAYOUTS)
def test_another_layout_is_no_slip(page: str) -> None:
    assert claims(page)[-1].verdict in ("not judged", "true in the other layout")


@pytest.mark.parametrize(("page", "slip"), EVIDENCE.items())
def test_the_edit_is_told_in_the_words_of_the_author(page: str, slip: tuple[str, str]) -> None:
    [claim] = claims(page)
    assert claim.slip == slip
    assert f"{slip[0]} in place of {slip[1]}" in lint(page)[0].message or f"times {slip[0]} it" in lint(page)[0].message


def test_a_bare_k_is_the_commutation_matrix() -> None:
    page = r"$\frac{\partial}{\partial X}\operatorname{vec}(X^TX) = (X^T\otimes I)K+(I\otimes X^T)$"
    assert claims(page)[-1].verdict == "true in the other layout"


@pytest.mark.parametrize("page", MISREADINGS.values(), ids=MISREADINGS)
def test_what_is_far_from_the_derivative_is_a_question(page: str) -> None:
    found = claims(page)[-1]
    assert found.verdict == "not judged"
    assert "something else may be meant" in found.reason
