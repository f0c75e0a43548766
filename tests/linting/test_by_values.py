"""Members written in derivatives that the page says the value of, steps of a chain, and numbers at a point."""

from __future__ import annotations

import pytest

from mdderive.linting.finding import claims

LOGISTIC = r"""
$$p = \frac{1}{1+e^{-a}}, \quad a = w^\top x, \quad \ell(w) = -y\log p - (1-y)\log(1-p)$$
"""
SOFTMAX = r"""
$$\sigma(\mathbf{a})_j = \frac{\exp a_j}{\sum_{k=1}^K \exp a_k}$$
"""
GRAPH = r"""
For $x = 2$, $b = 1$ and $y = 5$, with $w = 3$: $a = wx$, $s = a + b = 7$, $e = s - y = 2$, and the loss is $L = e^2$.
"""

CROSS_ENTROPY = r"""
The entries of $z$ give $\hat{y} = \operatorname{softmax}(z)$, and with a one-hot $y$ the loss is

$$L = -\sum_{j=1}^{C} y_j \log \hat{y}_j$$
"""


def verdicts(page: str) -> list[str]:
    """Return the verdicts on the claims of a page."""
    return [x.verdict for x in claims(page)]


@pytest.mark.parametrize(
    ("page", "claim", "verdict"),
    [
        (
            LOGISTIC,
            r"\frac{\partial p}{\partial a} = \frac{-1}{(1+e^{-a})^2}\frac{\partial}{\partial a}(1+e^{-a})",
            "true",
        ),
        (
            LOGISTIC,
            r"\nabla\ell(w) = -\left(\frac{y}{p}-\frac{1-y}{1-p}\right)"
            r"\frac{\partial p}{\partial a}\frac{\partial a}{\partial w}",
            "true",
        ),
        (
            LOGISTIC,
            r"\nabla\ell(w) = \left(\frac{y}{p}-\frac{1-y}{1-p}\right)"
            r"\frac{\partial p}{\partial a}\frac{\partial a}{\partial w}",
            "not judged",
        ),
        (
            SOFTMAX,
            r"\frac{\partial \sigma(\mathbf{a})_j}{\partial a_j} = \sigma(\mathbf{a})_j(1-\sigma(\mathbf{a})_j)",
            "true",
        ),
        (
            SOFTMAX,
            r"\frac{\partial \sigma(\mathbf{a})_j}{\partial a_h} = -\sigma(\mathbf{a})_j\sigma(\mathbf{a})_h",
            "true only if",
        ),
        (GRAPH, r"\frac{\partial L}{\partial e} = 2e", "true"),
        (GRAPH, r"\frac{\partial L}{\partial w} = 2ex", "true"),
        (GRAPH, r"\frac{\partial L}{\partial w} = 8", "true"),
        (GRAPH, r"\frac{\partial L}{\partial w} = 9", "not judged"),
        (
            "",
            r"\frac{\partial L}{\partial u} = \frac{\partial L}{\partial v}\frac{\partial v}{\partial u}"
            r" = \frac{\partial L}{\partial v}\frac{\partial}{\partial u}(\log u)"
            r" = \frac{\partial L}{\partial v}\times\frac1u",
            "true",
        ),
        (
            "",
            r"\frac{\partial L}{\partial u} = \frac{\partial L}{\partial v}\frac{\partial v}{\partial u}"
            r" = \frac{\partial L}{\partial v}\frac{\partial}{\partial u}(\log u)"
            r" = \frac{\partial L}{\partial v}\times u",
            "not judged",
        ),
        (
            r"$$J(w) = \sum_{i\in B}(w^\top x_i-y_i)^2$$",
            r"\nabla J(w) = 2\sum_{i\in B}(w^\top x_i-y_i)x_i",
            "true",
        ),
        (r"$$J(w) = \sum_{i\in B}(w^\top x_i-y_i)^2$$", r"\nabla J(w) = \sum_{i\in B}(w^\top x_i-y_i)x_i", "false"),
        (
            r"$$L(\theta) = \prod_{i=1}^n \theta^{x_i}$$",
            r"\frac{d}{d\theta}\log L(\theta) = \frac{1}{\theta}\sum_{i=1}^n x_i",
            "true",
        ),
    ],
)
def test_a_claim_is_judged_by_what_the_page_says(page: str, claim: str, verdict: str) -> None:
    assert verdicts(f"{page}\n$$\n{claim}\n$$\n")[-1] == verdict


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\sum_{j=1}^{C} \left(-\frac{y_j}{\hat{y}_j}\right)\hat{y}_j(\mathbb{1}(i=j) - \hat{y}_i)", "true"),
        (r"-\sum_{j=1}^{C} y_j(\mathbb{1}_{\{i=j\}} - \hat{y}_i)", "true"),
        (r"\hat{y}_i - y_i", "true"),
        (r"y_i - \hat{y}_i", "false"),
    ],
)
def test_indices_of_a_sum_are_compared_in_it(claim: str, verdict: str) -> None:
    assert verdicts(rf"{CROSS_ENTROPY}" + "\n" + rf"$$\frac{{\partial L}}{{\partial z_i}} = {claim}$$")[-1] == verdict


def test_without_a_word_the_entries_need_not_sum_to_one() -> None:
    page = CROSS_ENTROPY.replace("one-hot ", "").replace(r"\operatorname{softmax}(z)", r"s(z)")
    page += (
        "\n" + r"$\hat{y}_j = e^{z_j}/\sum_k e^{z_k}$" + "\n" + r"$$\frac{\partial L}{\partial z_i} = \hat{y}_i - y_i$$"
    )
    assert verdicts(page)[-1] == "true only if"


def test_a_partial_derivative_holds_the_other_arguments_fixed() -> None:
    page = r"Let $f(x, g) = 3x + 2g$ with $g = 2x$."
    assert verdicts(page + "\n\n" + r"$$\frac{\partial}{\partial x} f(x, g) = 3$$")[-1] == "true"
    assert verdicts(page + "\n\n" + r"$$\frac{d}{dx} f(x, g) = 3$$")[-1] != "true"


def test_a_sum_of_losses_is_differentiated_term_by_term() -> None:
    page = r"$$L(w) = \frac1n\sum_{i=1}^n \ell(f_w(x_i), y_i)$$"
    claim = r"$$\nabla L(w) = \frac{1}{n}\sum_{i = 1}^n \nabla \ell(f_{w}(x_i), y_i)$$"
    assert verdicts(f"{page}\n\n{claim}")[-1] == "true"


def test_a_formula_that_touches_a_chinese_sign_is_one() -> None:
    page = r"这里的$g(z)=\frac{1}{1+e^{-z}}$，也叫作逻辑函数。"
    page += "\n\n" + r"$$\begin{align}g'(z)&=\frac{d}{dz}\frac{1}{1+e^{-z}}\\&=g(z)(1-g(z))\end{align}$$"
    assert verdicts(page)[-1] == "true"


LAYER = r"""
The layer is $Y_{i,j} = \sum_{k=1}^{D} X_{i,k} W_{k,j} + b_j$, and $G = \frac{\partial L}{\partial Y}$. Then
"""
BATCH = r"""
The layer is $Y = XW + b$, and $G = \frac{\partial L}{\partial Y}$. Then
"""


@pytest.mark.parametrize(
    ("page", "claim", "verdict"),
    [
        (LAYER, r"\frac{\partial L}{\partial W_{k,j}} = \sum_{i=1}^{B} G_{i,j} X_{i,k}", "true"),
        (
            LAYER,
            r"\frac{\partial L}{\partial W_{k,j}} = \sum_{i=1}^{B} \frac{\partial L}{\partial Y_{i,j}} X_{i,k}",
            "true",
        ),
        (LAYER, r"\frac{\partial L}{\partial b_j} = \sum_{i=1}^{B} \frac{\partial L}{\partial Y_{i,j}}", "true"),
        (LAYER, r"\frac{\partial L}{\partial W_{k,j}} = \sum_{i=1}^{B} G_{i,j} X_{k,i}", "false"),
        (BATCH, r"\frac{\partial L}{\partial W} = X^\top G", "true"),
        (BATCH, r"\frac{\partial L}{\partial X} = G W^\top", "true"),
        (BATCH, r"\frac{\partial L}{\partial b} = G^\top\mathbf{1}", "true"),
        (BATCH, r"\frac{\partial L}{\partial X} = W^\top G", "not judged"),
    ],
)
def test_a_layer_is_differentiated_through_what_follows_it(page: str, claim: str, verdict: str) -> None:
    assert verdicts(f"{page}\n$$\n{claim}\n$$\n")[-1] == verdict


def test_a_number_behind_letters_is_no_accusation() -> None:
    page = r"With $(a, b) = (-2, 4)$ and $y = ax + b$: $\frac{\partial y}{\partial x} = 1 \times a = -2$."
    assert "false" not in verdicts(page)


@pytest.mark.parametrize(
    "page",
    [
        r"Let $g(w) = 2w_1w_2 + w_2\cos(w_1)$. Then $\nabla_w g([\pi, 1]) = [2, 2\pi - 1]^T$.",
        r"With $o = \frac14\sum_i z_i$ and $z_i = 3(x_i+2)^2$: "
        r"$\frac{\partial o}{\partial x_i}\bigr\rvert_{x_i=1} = \frac92$.",
        r"With $f(x) = x^2$: $\nabla f(1, 2) = (2, 4)$. Now let $f(x) = x_1x_2$.",
    ],
)
def test_a_value_at_a_point_that_is_not_understood_is_no_accusation(page: str) -> None:
    assert "false" not in verdicts(page)
    assert not any("failed here" in x.reason for x in claims(page))


@pytest.mark.parametrize(
    "page",
    [
        "$$\\begin{aligned} f(x) &= g(x) + h(x) \\rightarrow f'(x) = g'(x) + h'(x) \\\\\n"
        "f(x) &= g(x)/h(x) \\rightarrow f'(x) = \\frac{h(x)g'(x) - g(x)h'(x)}{h(x)^2}\\end{aligned}$$",
        r"With $f(X) = X^2$, the differential is $df = f(X+dX) - f(X)$.",
    ],
)
def test_what_is_no_mistake_is_not_called_one(page: str) -> None:
    assert "false" not in verdicts(page)


SAMPLES = r"Let $L=\frac1N\sum_{i=1}^N(y_i-wx_i)^2$. Then $\frac{\partial L}{\partial w}="
"""A mean over N samples, of which an example has four."""


@pytest.mark.parametrize(
    ("page", "verdict"),
    [
        (r"$\operatorname{relu}'(x) = 1, \quad x > 0$", "not judged"),
        (r"$\operatorname{relu}'(x) = 1$", "not judged"),
        (SAMPLES + r"-\frac24\sum_{i=1}^4x_i(y_i-wx_i)$.", "not judged"),
        (SAMPLES + r"-\frac2N\sum_{i=1}^Nx_i(y_i-wx_i)$.", "true"),
        (SAMPLES + r"-\frac1N\sum_{i=1}^Nx_i(y_i-wx_i)$.", "false"),
        (r"Let $f=\frac{1}{1+e^{-wx}}$. Then $\frac{\partial f}{\partial w}=x\times(-0.20)$.", "not judged"),
        (r"Let $y=f(u)$ with $u=g(x)$. Then $\frac{dy}{dx}=(2u)(3x^2)$.", "not judged"),
        (r"Let $y=u^2$ with $u=x^3$. Then $\frac{dy}{dx}=(2u)(2x^2)$.", "false"),
        (r"The circle is $h(x,y)=x^2+y^2-1=0$. At $(1,0)$: $\nabla h=(2,0)$.", "not judged"),
        (r"Let $h(x,y)=x^2+y^2-1$. Then $\nabla h=(2x,y)$.", "false"),
        (
            r"Let $L=\sum_{i=1}^na_iy_i$ with $y_i=\sum_{j=1}^nW_{ij}x_j$. "
            r"Then $\frac{\partial L}{\partial x_j}=\sum_{i=1}^na_iW_{ji}^T$.",
            "not judged",
        ),
    ],
)
def test_what_may_be_meant_otherwise_is_no_accusation(page: str, verdict: str) -> None:
    assert verdicts(page) == [verdict]


def test_the_number_of_columns_of_a_display_is_no_factor() -> None:
    page = "\n".join((r"\begin{alignat}{2}", r"L &= w^Tw \\", r"\frac{dL}{dw} &= 2w\end{alignat}"))
    assert verdicts(page) == ["true"]


def test_a_claim_is_told_in_the_words_of_its_author() -> None:
    found = claims(
        f"{SOFTMAX}\n$$\\frac{{\\partial \\sigma(\\mathbf{{a}})_j}}{{\\partial a_j}} = -\\sigma(\\mathbf{{a}})_j"
        "(1 - \\sigma(\\mathbf{a})_j)$$\n"
    )
    assert found[-1].verdict == "false"
    assert found[-1].latex == r"-\sigma(\mathbf{a})_j(1 - \sigma(\mathbf{a})_j)"


def test_the_operators_in_a_table_are_notation() -> None:
    table = r"\begin{pmatrix}\frac{\partial}{\partial x}\\ \frac{\partial}{\partial y}\end{pmatrix}"
    assert not claims(
        rf"$\nabla f(x, y) = {table} f(x, y)$ and $\frac{{\partial\mathbf{{u}}}}{{\partial\mathbf{{v}}}} = "
        r"\begin{pmatrix}\frac{\partial u_1}{\partial v_1} & \dots \\ \vdots & \ddots\end{pmatrix}$."
    )
