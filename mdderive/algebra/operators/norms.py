"""The rows of norms and of the largest entry."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ...errors import UnsupportedError
from ...words import Wording
from ..arithmetic import Arithmetic
from ..expressions import ONE, Apply, Binding, Code, Convexity, Differentiate, Expr, Operator, lazy_numpy, number
from ..factoring import add
from ..functions import exact_absolute
from ..matrix_powers import exact_matrix_power, matrix_power_value
from ..notations import Notation
from ..numbers import Jet, turned
from ..powers import entrywise_power, hadamard, matrix_power, power, reciprocal
from ..signs import SEMIDEFINITE
from ..terms import inner_product, is_zero, multiply, negate, ones, transpose, zero
from ..writing import braced, call_binding, write_call
from .piecewise import absolute, absolute_value, is_even, sign, without_sign

norm: Operator = Operator(
    name="norm",
    rule=Wording("norm rule", "范数法则"),
    why=Wording(
        r"$\lVert x\rVert = (x^\top x)^{1/2}$, so $\mathrm{d}\lVert x\rVert = \frac12 (x^\top x)^{-1/2}\cdot "
        r"2x^\top\mathrm{d}x$. It holds where $x\neq 0$.",
        r"$\lVert x\rVert = (x^\top x)^{1/2}$，所以 $\mathrm{d}\lVert x\rVert = \frac12 (x^\top x)^{-1/2}\cdot "
        r"2x^\top\mathrm{d}x$，其中 $x\neq 0$。",
    ),
    source="Magnus and Neudecker (2019), ch. 9, sec. 9",
    condition=Wording("where the norm is not zero", "范数不为零时"),
    convexity=Convexity(1),
    example=(r"\|Xw-y\|", "w"),
    notations=(
        Notation("norm", "", "column row matrix", ("",)),
        Notation("norm", "F", "column row matrix", ("_F",)),
        Notation("norm", "2", "column row", ("_2",)),
    ),
    signatures=("m n -> 1 1",),
    latex=lambda node, write: rf"\lVert {write(node.arguments[0], 0)}\rVert" + str(node.parameters[0]),
    value=lambda arrays, parameters: (arrays[0] ** 2).sum(axis=(-1, -2), keepdims=True) ** 0.5,
    exact=lambda at, node, x: at.root(at.inner(x[0], x[0])),
    numpy="np.sqrt(np.sum({0} ** 2))",
    julia=Code("norm({0})"),
    maxima=Code('sqrt(apply("+", flatten(args(({0}) ^ 2))))'),
    sympy=Code("sp.sqrt(sum(_t ** 2 for _t in {0}))"),
    differential=lambda node, d: multiply(reciprocal(node), inner_product(node.arguments[0], d(node.arguments[0]))),
    normal=lambda arguments, parameters: without_sign(norm, arguments[0], parameters),
    rough_at_zero=lambda node: True,
    of_rows=lambda rows: entrywise_power(_sums_of_rows(entrywise_power(rows, number(2))), number(Fraction(1, 2))),
)


def _sums_of_rows(x: Expr) -> Expr:
    return multiply(x, ones((x.shape[1], ONE)))


sum_norm = Operator(
    name="1-norm",
    rule=Wording("1-norm rule", "1-范数法则"),
    why=Wording(
        r"$\lVert x\rVert_1 = \sum_i \lvert x_i\rvert$, and $\lvert t\rvert$ has the derivative "
        r"$\operatorname{sign}(t)$ where $t\neq 0$.",
        r"$\lVert x\rVert_1 = \sum_i \lvert x_i\rvert$，而 $\lvert t\rvert$ 在 $t\neq 0$ 处的导数是 "
        r"$\operatorname{sign}(t)$。",
    ),
    source="Boyd and Vandenberghe, app. A.1",
    condition=Wording("where no entry is zero", "元素均不为零时"),
    convexity=Convexity(1),
    example=(r"\|Xw-y\|_1", "w"),
    notations=(Notation("norm", "1", "column row matrix"), Notation("norm", "1,1", "matrix")),
    signatures=("m n -> 1 1",),
    latex=lambda node, write: rf"\lVert {write(node.arguments[0], 0)}\rVert_1",
    value=lambda arrays, parameters: absolute(arrays[0]).sum(axis=(-1, -2), keepdims=True),
    exact=lambda at, node, x: at.summed(at.entries(x[0], lambda t: exact_absolute(at, t))),
    numpy="np.sum(np.abs({0}))",
    julia=Code("sum(abs.({0}))"),
    sympy=Code("sum(sp.Abs(_t) for _t in {0})"),
    differential=lambda node, d: inner_product(Apply(sign, node.arguments), d(node.arguments[0])),
    of_rows=lambda rows: _sums_of_rows(Apply(absolute_value, (rows,))),
)


p_norm = Operator(
    name="p-norm",
    rule=Wording("p-norm rule", "p-范数法则"),
    source="Boyd and Vandenberghe, app. A.1",
    condition=Wording("where the norm is not zero and $p>1$", "$p>1$ 且范数不为零时"),
    convexity=Convexity(1),
    example=(r"\|Xw-y\|_3", "w"),
    notations=(Notation("norm", "{1}", "column"),),
    signatures=("m n, 1 1 -> 1 1",),
    latex=lambda node, write: rf"\lVert {write(node.arguments[0], 0)}\rVert_{braced(write(node.arguments[1], 0))}",
    value=lambda arrays, parameters: _p_norm(arrays[0], arrays[1]),
    exact=lambda at, node, x: _exact_p_norm(at, node, x),
    numpy="np.sum(np.abs({0}) ** {1}) ** (1 / {1})",
    julia=Code("norm({0}, {1})"),
    sympy=Code("sum(sp.Abs(_t) ** {1} for _t in {0}) ** (sp.Integer(1) / {1})"),
    differential=lambda node, d: _p_norm_differential(node, d),
)


def _p_norm(x: Any, p: Any) -> Any:
    """Return the p-norm; powers are of parts of the largest entry, as others leave the range of numbers at once."""
    largest = abs(x).max(axis=(-1, -2), keepdims=True)
    largest = largest + (largest == 0)
    return largest * ((absolute(x) / largest) ** p).sum(axis=(-1, -2), keepdims=True) ** (1 / p)


def _exact_p_norm(at: Arithmetic, node: Apply, x: tuple[Jet, ...]) -> Jet:
    """Return the p-norm; of |t|^p with a whole p only the sign of t is an atom."""
    p = node.arguments[1]
    whole = at.exponent(p, x[1])[1]
    if whole is None or whole < 2:
        powers = at.power(at.entries(x[0], lambda t: exact_absolute(at, t)), p, x[1])
    else:

        def function(t: int) -> tuple[int, int, int]:
            side = at.sign(t) if whole % 2 else 1
            second, first, value = (side * pow(t, whole - k, at.prime) for k in (2, 1, 0))
            return value, whole * first, whole * (whole - 1) * second

        powers = at.entries(x[0], function, x[0].degree.of_power(whole).of_function())
    return at.power(at.summed(powers), power(p, number(-1)), at.reciprocal(x[1]))


def _p_norm_differential(node: Apply, d: Differentiate) -> Expr:
    r"""Return \|x\|_p^{1-p} (x (.) |x|^{p-2})^T dx; an even power needs no bars.

    Raises:
        UnsupportedError: p varies too.
    """
    x, p = node.arguments
    if not is_zero(d(p)):
        message = "a norm is not differentiated with respect to its index"
        raise UnsupportedError("E308", message, hint="name another variable")
    weights = entrywise_power(x if is_even(p) else Apply(absolute_value, (x,)), add(p, number(-2)))
    scale_down = power(node, add(number(1), negate(p)))
    return multiply(scale_down, inner_product(hadamard(weights, x), d(x)))


def _one_hot_of_largest(a: Any) -> Any:
    rows = lazy_numpy().arange(a.shape[-2])[:, None]
    return (a.real.argmax(axis=-2)[..., None] == rows) * 1.0


largest_place = Operator(
    name="place of the largest entry",
    rule=Wording("a constant", "常量"),
    source="Boyd and Vandenberghe, sec. 3.2.3",
    condition=Wording("where one entry is the largest", "最大元素唯一时"),
    example=(r"\max(Xb)", "X"),
    spellings=("argmax",),
    note=Wording(
        r"Here $\operatorname{argmax}(u)$ is the unit vector at the largest entry of $u$.",
        r"这里 $\operatorname{argmax}(u)$ 为 $u$ 的最大元素处的单位向量。",
    ),
    signatures=("n 1 -> n 1",),
    latex=lambda node, write: write_call(r"\operatorname{argmax}", node.arguments[0], write),
    binding_of=call_binding,
    binding=Binding.PRODUCT + 1,
    value=lambda arrays, parameters: _one_hot_of_largest(arrays[0]),
    exact=lambda at, node, x: at.weights("largest", x[0]),
    numpy="np.eye(len({0}))[:, np.argmax({0})].reshape(-1, 1)",
    torch=Code("torch.eye(len({0}), **like)[:, torch.argmax({0})].reshape(-1, 1)"),
    julia=Code("Float64.({0} .== maximum({0}))"),
    differential=lambda node, d: zero(node.shape),
)


largest_entry = Operator(
    name="largest entry",
    rule=Wording("maximum rule", "最大值法则"),
    source="Boyd and Vandenberghe, sec. 3.2.3",
    condition=Wording("where one entry is the largest", "最大元素唯一时"),
    convexity=Convexity(1, increasing=True),
    example=(r"\max(Xb)", "X"),
    spellings=("max", r"\max"),
    signatures=("n 1 -> 1 1",),
    latex=lambda node, write: rf"\max({write(node.arguments[0], 0)})",
    value=lambda arrays, parameters: (arrays[0] * _one_hot_of_largest(arrays[0])).sum(axis=-2, keepdims=True),
    exact=lambda at, node, x: at.inner(at.weights("largest", x[0]), x[0]),
    numpy="np.max({0})",
    julia=Code("maximum({0})"),
    differential=lambda node, d: inner_product(Apply(largest_place, node.arguments), d(node.arguments[0])),
)


infinity_norm = Operator(
    name="infinity norm",
    rule=Wording("infinity-norm rule", "无穷范数法则"),
    source="Boyd and Vandenberghe, app. A.1",
    condition=Wording("where one entry is the largest", "最大元素唯一时"),
    convexity=Convexity(1),
    example=(r"\|Xw-y\|_\infty", "w"),
    notations=(Notation("norm", r"\infty", "column"),),
    signatures=("n 1 -> 1 1",),
    latex=lambda node, write: rf"\lVert {write(node.arguments[0], 0)}\rVert_\infty",
    value=lambda arrays, parameters: absolute(arrays[0]).real.max(axis=-2, keepdims=True),
    exact=lambda at, node, x: _exact_largest_size(at, x[0]),
    numpy="np.max(np.abs({0}))",
    julia=Code("maximum(abs.({0}))"),
    differential=lambda node, d: inner_product(
        hadamard(Apply(sign, node.arguments), Apply(largest_place, (Apply(absolute_value, node.arguments),))),
        d(node.arguments[0]),
    ),
    analytic=False,
)


def _exact_largest_size(at: Arithmetic, x: Jet) -> Jet:
    absolutes = at.entries(x, lambda t: exact_absolute(at, t))
    return at.inner(at.weights("largest", absolutes), absolutes)


def _nuclear_norm(x: Any) -> Any:
    """Return the traces of `(X^T X)^{1/2}`, which unlike singular values a complex step can differentiate."""
    half = lazy_numpy().full((1, 1), 0.5)
    root = matrix_power_value((x.swapaxes(-1, -2) @ x, half), ())
    return root.trace(axis1=-2, axis2=-1)[..., None, None]


def _exact_nuclear_norm(at: Arithmetic, x: Jet) -> Jet:
    half = Fraction(1, 2)
    return at.trace(exact_matrix_power(at, number(half), (at.times(at.moved(x, turned), x), at.scalar(half))))


nuclear_norm = Operator(
    name="nuclear norm",
    rule=Wording("nuclear-norm rule", "核范数法则"),
    note=Wording("Here ${0}$ is taken to have full column rank.", "这里设 ${0}$ 列满秩。"),
    source="Watson (1992)",
    condition=Wording("of a matrix of full column rank", "矩阵列满秩时"),
    convexity=Convexity(1),
    example=(r"\|X-A\|_*", "X"),
    notations=(
        Notation("norm", "*", "row matrix"),
        Notation("norm", "tr", "matrix"),
        Notation("norm", "nuc", "matrix"),
    ),
    signatures=("m n -> 1 1",),
    latex=lambda node, write: rf"\lVert {write(node.arguments[0], 0)}\rVert_\ast",
    value=lambda arrays, parameters: _nuclear_norm(arrays[0]),
    exact=lambda at, node, x: _exact_nuclear_norm(at, x[0]),
    numpy="np.linalg.norm({0}, 'nuc')",
    julia=Code("sum(svdvals({0}))"),
    differential=lambda node, d: inner_product(polar_factor(node.arguments[0]), d(node.arguments[0])),
)


def polar_factor(x: Expr) -> Expr:
    """Return X (X^T X)^{-1/2}, the nearest matrix with orthonormal columns."""
    return multiply(x, matrix_power(multiply(transpose(x), x), number(Fraction(-1, 2))))


squared_norm: Operator = Operator(
    name="squared norm",
    rule=Wording("squared-norm rule", "范数平方法则"),
    why=Wording(
        r"$\lVert x\rVert^2 = x^\top x$; by the product and transpose rules the two terms are equal, as a scalar "
        "equals its transpose.",
        r"$\lVert x\rVert^2 = x^\top x$；由乘法与转置法则得到两项，标量等于其转置，所以两项相等。",
    ),
    source="Magnus and Neudecker (2019), ch. 9, sec. 9",
    convexity=Convexity(1),
    example=(r"\exp(-\|Xw-y\|^2)", "w"),
    notations=(
        Notation("power of", "2", "norm", ("",)),
        Notation("power of", "2", "norm:2", ("_2",)),
        Notation("power of", "2", "norm:F", ("_F",)),
    ),
    signatures=("m n -> 1 1",),
    latex=lambda node, write: rf"\lVert {write(node.arguments[0], 0)}\rVert{node.parameters[0]}^2",
    value=lambda arrays, parameters: (arrays[0] ** 2).sum(axis=(-1, -2), keepdims=True),
    exact=lambda at, node, x: at.inner(x[0], x[0]),
    numpy="np.sum({0} ** 2)",
    julia=Code("sum(abs2, {0})"),
    maxima=Code('apply("+", flatten(args(({0}) ^ 2)))'),
    sympy=Code("sum(_t ** 2 for _t in {0})"),
    differential=lambda node, d: multiply(number(2), inner_product(node.arguments[0], d(node.arguments[0]))),
    normal=lambda arguments, parameters: without_sign(squared_norm, arguments[0], parameters),
    sign=lambda node, signs: SEMIDEFINITE,
    of_rows=lambda rows: _sums_of_rows(entrywise_power(rows, number(2))),
)
