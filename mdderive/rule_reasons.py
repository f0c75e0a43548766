"""Why each rule holds, in a sentence or two, for its page."""

from __future__ import annotations

from .expr import Wording

REASON_OF_MULTILINEAR = Wording(
    "The operator is linear in each of its arguments. Let one argument vary at a time; the terms in which two or more "
    "vary are of second order and drop out.",
    "该运算对每个自变量都是线性的。每次只让一个自变量变化；两个以上同时变化的项是高阶小量，可略去。",
)
REASON_OF_OTHERS = Wording(
    "See the source. Every line of the example below is compared with numerical derivatives when this page is built.",
    "证明见出处。下例的每一行都在生成本页时与数值导数作过比较。",
)

REASONS: dict[str, Wording] = {
    "product-rule": Wording(
        r"$(A+\mathrm{d}A)(B+\mathrm{d}B) = AB + \mathrm{d}A\,B + A\,\mathrm{d}B + \mathrm{d}A\,\mathrm{d}B$, and the "
        "last term is of second order. The factors keep their places, since matrices do not commute.",
        r"$(A+\mathrm{d}A)(B+\mathrm{d}B) = AB + \mathrm{d}A\,B + A\,\mathrm{d}B + \mathrm{d}A\,\mathrm{d}B$，"
        "最后一项是二阶小量。矩阵乘法不可交换，所以各因子的次序不变。",
    ),
    "entry-wise-function-rule": Wording(
        r"Each entry of $\sigma(X)$ depends on the same entry of $X$ alone, so "
        r"$\mathrm{d}\sigma(X_{ij}) = \sigma'(X_{ij})\,\mathrm{d}X_{ij}$; written for all entries at once this is "
        r"$\mathrm{d}\sigma(X) = \sigma'(X)\odot\mathrm{d}X$.",
        r"$\sigma(X)$ 的每个元素只依赖 $X$ 的同一位置的元素，所以 "
        r"$\mathrm{d}\sigma(X_{ij}) = \sigma'(X_{ij})\,\mathrm{d}X_{ij}$；合写成矩阵即 "
        r"$\mathrm{d}\sigma(X) = \sigma'(X)\odot\mathrm{d}X$。",
    ),
    "entry-wise-power-rule": Wording(
        "Each entry is a power of the same entry, so the power rule holds entry by entry.",
        "每个元素是同一位置元素的幂，所以逐元素使用幂法则。",
    ),
    "inverse-rule": Wording(
        r"Take the differential of $X X^{-1} = I$: $\mathrm{d}X\,X^{-1} + X\,\mathrm{d}(X^{-1}) = 0$. Multiply by "
        r"$X^{-1}$ from the left.",
        r"对 $X X^{-1} = I$ 两边求微分：$\mathrm{d}X\,X^{-1} + X\,\mathrm{d}(X^{-1}) = 0$，再左乘 $X^{-1}$。",
    ),
    "determinant-rule": Wording(
        r"Jacobi's formula. Expand $\lvert X\rvert$ along a row: the derivative by $X_{ij}$ is its cofactor, so "
        r"$\mathrm{d}\lvert X\rvert = \operatorname{tr}(\operatorname{adj}(X)\,\mathrm{d}X)$, and "
        r"$\operatorname{adj}(X) = \lvert X\rvert X^{-1}$.",
        r"即 Jacobi 公式。按一行展开 $\lvert X\rvert$：对 $X_{ij}$ 的导数是其代数余子式，所以 "
        r"$\mathrm{d}\lvert X\rvert = \operatorname{tr}(\operatorname{adj}(X)\,\mathrm{d}X)$，而 "
        r"$\operatorname{adj}(X) = \lvert X\rvert X^{-1}$。",
    ),
    "log-determinant-rule": Wording(
        r"By the determinant rule, $\mathrm{d}\log\lvert X\rvert = \lvert X\rvert^{-1}\,\mathrm{d}\lvert X\rvert = "
        r"\operatorname{tr}(X^{-1}\,\mathrm{d}X)$.",
        r"由行列式法则，$\mathrm{d}\log\lvert X\rvert = \lvert X\rvert^{-1}\,\mathrm{d}\lvert X\rvert = "
        r"\operatorname{tr}(X^{-1}\,\mathrm{d}X)$。",
    ),
    "power-rule": Wording(
        r"A scalar power: $\mathrm{d}(t^k) = k\,t^{k-1}\,\mathrm{d}t$, as in any calculus course.",
        r"标量的幂：$\mathrm{d}(t^k) = k\,t^{k-1}\,\mathrm{d}t$，与一元微积分相同。",
    ),
    "quotient-rule": Wording(
        "Write the quotient as a product with the reciprocal of the scalar, and use the product and power rules.",
        "把商写成与标量倒数的乘积，再用乘法法则与幂法则。",
    ),
    "norm-rule": Wording(
        r"$\lVert x\rVert = (x^\top x)^{1/2}$, so $\mathrm{d}\lVert x\rVert = \frac12 (x^\top x)^{-1/2}\cdot "
        r"2x^\top\mathrm{d}x$. It holds where $x\neq 0$.",
        r"$\lVert x\rVert = (x^\top x)^{1/2}$，所以 $\mathrm{d}\lVert x\rVert = \frac12 (x^\top x)^{-1/2}\cdot "
        r"2x^\top\mathrm{d}x$，其中 $x\neq 0$。",
    ),
    "1-norm-rule": Wording(
        r"$\lVert x\rVert_1 = \sum_i \lvert x_i\rvert$, and $\lvert t\rvert$ has the derivative "
        r"$\operatorname{sign}(t)$ where $t\neq 0$.",
        r"$\lVert x\rVert_1 = \sum_i \lvert x_i\rvert$，而 $\lvert t\rvert$ 在 $t\neq 0$ 处的导数是 "
        r"$\operatorname{sign}(t)$。",
    ),
    "squared-norm-rule": Wording(
        r"$\lVert x\rVert^2 = x^\top x$; by the product and transpose rules the two terms are equal, as a scalar "
        "equals its transpose.",
        r"$\lVert x\rVert^2 = x^\top x$；由乘法与转置法则得到两项，标量等于其转置，所以两项相等。",
    ),
    "softmax-rule": Wording(
        r"With $p = \operatorname{softmax}(x)$, $\mathrm{d}p_i = p_i\bigl(\mathrm{d}x_i - \sum_j p_j\,\mathrm{d}x_j"
        r"\bigr)$, that is $\mathrm{d}p = (\operatorname{diag}(p) - pp^\top)\,\mathrm{d}x$.",
        r"记 $p = \operatorname{softmax}(x)$，则 $\mathrm{d}p_i = p_i\bigl(\mathrm{d}x_i - \sum_j p_j\,\mathrm{d}x_j"
        r"\bigr)$，即 $\mathrm{d}p = (\operatorname{diag}(p) - pp^\top)\,\mathrm{d}x$。",
    ),
    "chain-rule": Wording(
        "The differential of the outer function, with the differential of the inner one in its place: differentials "
        "may be substituted, which is why no derivative of a matrix by a matrix is needed.",
        "先写外层函数的微分，再把内层的微分代入：微分可以直接代入，所以不必引入矩阵对矩阵的导数。",
    ),
    "maximum-rule": Wording(
        "Where the two arguments differ, the larger one stays the larger one in a neighbourhood, so its differential "
        "is taken.",
        "两个自变量不相等时，在一个邻域内较大者始终较大，所以取较大者的微分。",
    ),
    "trace-of-the-matrix-exponential": Wording(
        r"Differentiate the series $e^X = \sum_k X^k/k!$ term by term; within a trace the $k$ terms of "
        r"$\mathrm{d}(X^k)$ are equal.",
        r"对级数 $e^X = \sum_k X^k/k!$ 逐项求微分；在迹内，$\mathrm{d}(X^k)$ 的 $k$ 项彼此相等。",
    ),
}
"""By the name of the page."""
