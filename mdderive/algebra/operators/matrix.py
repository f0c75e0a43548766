"""The rows of matrix functions: inverse, determinant, norms, softmax, diagonals."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeGuard

from ...errors import UnsupportedError
from ...words import Wording
from ..expressions import ONE, Apply, Binding, Code, Expr, Operator, Shape, lazy_numpy, number, parenthesise
from ..notations import Notation
from .arithmetic import (
    add,
    add_row,
    entrywise_power,
    fraction_row,
    function_of_matrix,
    hadamard,
    identity,
    identity_row,
    inner_product,
    inverse,
    inverse_row,
    is_zero,
    matrix_power,
    matrix_power_row,
    multiply,
    negate,
    ones,
    power,
    product,
    reading_cost,
    reciprocal,
    trace,
    transpose,
    transpose_row,
    write_call,
    write_scripted,
    zero,
)
from .entrywise import absolute, absolute_value, exp, sign, write_absolute

Differentiate = Callable[[Expr], Expr]


def determinant(x: Expr) -> Expr:
    """Return |x|; of an inverse and of a transpose by the determinant of what is inside."""
    if isinstance(x, Apply) and x.operator is transpose_row:
        return determinant(x.arguments[0])
    if isinstance(x, Apply) and x.operator is inverse_row:
        return reciprocal(determinant(x.arguments[0]))
    if isinstance(x, Apply) and x.operator is matrix_power_row:
        return power(determinant(x.arguments[0]), x.arguments[1])
    return x if x.is_scalar else Apply(determinant_row, (x,))


def softmax_of(x: Expr) -> Expr:
    """Return softmax of every column of `x`."""
    return Apply(softmax, (x,))


determinant_row = Operator(
    name="determinant",
    rule=Wording("determinant rule", "行列式法则"),
    why=Wording(
        r"Jacobi's formula. Expand $\lvert X\rvert$ along a row: the derivative by $X_{ij}$ is its cofactor, so "
        r"$\mathrm{d}\lvert X\rvert = \operatorname{tr}(\operatorname{adj}(X)\,\mathrm{d}X)$, and "
        r"$\operatorname{adj}(X) = \lvert X\rvert X^{-1}$.",
        r"即 Jacobi 公式。按一行展开 $\lvert X\rvert$：对 $X_{ij}$ 的导数是其代数余子式，所以 "
        r"$\mathrm{d}\lvert X\rvert = \operatorname{tr}(\operatorname{adj}(X)\,\mathrm{d}X)$，而 "
        r"$\operatorname{adj}(X) = \lvert X\rvert X^{-1}$。",
    ),
    source="Magnus and Neudecker, ch. 8, sec. 3",
    notations=(Notation("bars", of="matrix"),),
    example=(r"|X|", "X"),
    spellings=("det", r"\det"),
    signatures=("n n -> 1 1",),
    latex=lambda node, write: rf"\lvert {write(node.arguments[0], 0)}\rvert",
    value=lambda arrays, parameters: lazy_numpy().linalg.det(arrays[0])[..., None, None],
    numpy="np.linalg.det({0})",
    julia=Code("det({0})"),
    greedy=True,
    differential=lambda node, d: multiply(node, trace(multiply(inverse(node.arguments[0]), d(node.arguments[0])))),
    normal=lambda arguments, parameters: determinant(arguments[0]),
)

log_determinant_row = Operator(
    name="log determinant",
    rule=Wording("log-determinant rule", "对数行列式法则"),
    why=Wording(
        r"By the determinant rule, $\mathrm{d}\log\lvert X\rvert = \lvert X\rvert^{-1}\,\mathrm{d}\lvert X\rvert = "
        r"\operatorname{tr}(X^{-1}\,\mathrm{d}X)$.",
        r"由行列式法则，$\mathrm{d}\log\lvert X\rvert = \lvert X\rvert^{-1}\,\mathrm{d}\lvert X\rvert = "
        r"\operatorname{tr}(X^{-1}\,\mathrm{d}X)$。",
    ),
    source="Magnus and Neudecker, ch. 8, sec. 3",
    example=(r"\log|X|", "X"),
    spellings=("logdet", r"\logdet"),
    signatures=("n n -> 1 1",),
    latex=lambda node, write: rf"\log\lvert {write(node.arguments[0], 0)}\rvert",
    binding=Binding.PRODUCT + 1,
    value=lambda arrays, parameters: lazy_numpy().log(lazy_numpy().linalg.det(arrays[0]))[..., None, None],
    numpy="np.log(np.linalg.det({0}))",
    julia=Code("log(det({0}))"),
    greedy=True,
    differential=lambda node, d: trace(multiply(inverse(node.arguments[0]), d(node.arguments[0]))),
)

log_absolute_row = Operator(
    name="logarithm of the absolute value",
    rule=Wording("logarithm rule", "对数法则"),
    source="Any calculus text; where the value is not zero",
    example=(r"\log|\det(X)|", "X"),
    spellings=("logabs",),
    signatures=("1 1 -> 1 1",),
    latex=lambda node, write: rf"\log{write_absolute(node, write)}",
    binding=Binding.PRODUCT + 1,
    value=lambda arrays, parameters: lazy_numpy().log(absolute(arrays[0])),
    numpy="np.log(np.abs({0}))",
    julia=Code("log(abs({0}))"),
    differential=lambda node, d: multiply(reciprocal(node.arguments[0]), d(node.arguments[0])),
)

adjugate_row = Operator(
    name="adjugate",
    rule=Wording("adjugate rule", "伴随矩阵法则"),
    source="Magnus and Neudecker, ch. 8, sec. 5; of an invertible matrix",
    example=(r"a^T\operatorname{adj}(X)b", "X"),
    spellings=("adj", "adjugate", r"\adj"),
    signatures=("n n -> n n",),
    latex=lambda node, write: write_call(r"\operatorname{adj}", node.arguments[0], write),
    value=lambda arrays, parameters: (
        lazy_numpy().linalg.det(arrays[0])[..., None, None] * lazy_numpy().linalg.inv(arrays[0])
    ),
    numpy="(np.linalg.det({0}) * np.linalg.inv({0}))",
    julia=Code("(det({0}) * inv({0}))"),
    differential=lambda node, d: add(
        multiply(trace(multiply(inverse(node.arguments[0]), d(node.arguments[0]))), node),
        negate(multiply(inverse(node.arguments[0]), d(node.arguments[0]), node)),
    ),
)


def _pseudo_inverse_differential(node: Apply, d: Differentiate) -> Expr:
    """Return dX^+ for a constant rank: -X^+ dX X^+ and what the two projections beside the ranges of X let through."""
    (x,) = node.arguments
    left = add(identity(x.shape[0]), negate(multiply(x, node)))
    right = add(identity(x.shape[1]), negate(multiply(node, x)))
    turned = transpose(d(x))
    return add(
        negate(multiply(node, d(x), node)),
        multiply(node, transpose(node), turned, left),
        multiply(right, turned, transpose(node), node),
    )


pseudo_inverse_row = Operator(
    name="pseudo-inverse",
    rule=Wording("pseudo-inverse rule", "广义逆法则"),
    source="Golub and Pereyra (1973), eq. 4.12; where the rank stays the same",
    notations=(Notation("superscript", "+", "matrix"),),
    example=(r"\operatorname{tr}(AX^+)", "X"),
    spellings=("pinv", r"\pinv"),
    signatures=("m n -> n m",),
    note=Wording("Here ${base}^+$ is the pseudo-inverse.", "这里 ${base}^+$ 为 Moore–Penrose 广义逆。"),
    latex=lambda node, write: write_scripted(node.arguments[0], "+", write),
    binding=Binding.POWER,
    value=lambda arrays, parameters: lazy_numpy().linalg.pinv(arrays[0]),
    numpy="np.linalg.pinv({0})",
    julia=Code("pinv({0})"),
    differential=_pseudo_inverse_differential,
    analytic=False,
)

norm = Operator(
    name="norm",
    rule=Wording("norm rule", "范数法则"),
    why=Wording(
        r"$\lVert x\rVert = (x^\top x)^{1/2}$, so $\mathrm{d}\lVert x\rVert = \frac12 (x^\top x)^{-1/2}\cdot "
        r"2x^\top\mathrm{d}x$. It holds where $x\neq 0$.",
        r"$\lVert x\rVert = (x^\top x)^{1/2}$，所以 $\mathrm{d}\lVert x\rVert = \frac12 (x^\top x)^{-1/2}\cdot "
        r"2x^\top\mathrm{d}x$，其中 $x\neq 0$。",
    ),
    source="Magnus and Neudecker, ch. 9, sec. 9",
    notations=(
        Notation("norm", "", "column row matrix", ("",)),
        Notation("norm", "F", "column row matrix", ("_F",)),
        Notation("norm", "2", "column", ("_2",)),
    ),
    example=(r"\|Xw-y\|", "w"),
    signatures=("m n -> 1 1",),
    latex=lambda node, write: rf"\lVert {write(node.arguments[0], 0)}\rVert" + str(node.parameters[0]),
    value=lambda arrays, parameters: (arrays[0] ** 2).sum(axis=(-1, -2), keepdims=True) ** 0.5,
    numpy="np.sqrt(np.sum({0} ** 2))",
    julia=Code("norm({0})"),
    differential=lambda node, d: multiply(reciprocal(node), inner_product(node.arguments[0], d(node.arguments[0]))),
)


sum_norm = Operator(
    name="1-norm",
    rule=Wording("1-norm rule", "1-范数法则"),
    why=Wording(
        r"$\lVert x\rVert_1 = \sum_i \lvert x_i\rvert$, and $\lvert t\rvert$ has the derivative "
        r"$\operatorname{sign}(t)$ where $t\neq 0$.",
        r"$\lVert x\rVert_1 = \sum_i \lvert x_i\rvert$，而 $\lvert t\rvert$ 在 $t\neq 0$ 处的导数是 "
        r"$\operatorname{sign}(t)$。",
    ),
    source="Boyd and Vandenberghe, app. A.1; where no entry is zero",
    notations=(Notation("norm", "1", "column row matrix"),),
    example=(r"\|Xw-y\|_1", "w"),
    signatures=("m n -> 1 1",),
    latex=lambda node, write: rf"\lVert {write(node.arguments[0], 0)}\rVert_1",
    value=lambda arrays, parameters: absolute(arrays[0]).sum(axis=(-1, -2), keepdims=True),
    numpy="np.sum(np.abs({0}))",
    julia=Code("sum(abs.({0}))"),
    differential=lambda node, d: inner_product(Apply(sign, node.arguments), d(node.arguments[0])),
)

p_norm = Operator(
    name="p-norm",
    rule=Wording("p-norm rule", "p-范数法则"),
    source="Boyd and Vandenberghe, app. A.1; where no entry is zero",
    notations=(Notation("norm", "{1}", "column"),),
    example=(r"\|Xw-y\|_3", "w"),
    signatures=("m n, 1 1 -> 1 1",),
    latex=lambda node, write: rf"\lVert {write(node.arguments[0], 0)}\rVert_{_subscript(write(node.arguments[1], 0))}",
    value=lambda arrays, parameters: (
        (absolute(arrays[0]) ** arrays[1]).sum(axis=(-1, -2), keepdims=True) ** (1 / arrays[1])
    ),
    numpy="np.sum(np.abs({0}) ** {1}) ** (1 / {1})",
    julia=Code("norm({0}, {1})"),
    differential=lambda node, d: _p_norm_differential(node, d),
)


def _subscript(text: str) -> str:
    return text if len(text) == 1 else f"{{{text}}}"


def _p_norm_differential(node: Apply, d: Differentiate) -> Expr:
    r"""Return \|x\|_p^{1-p} (x (.) |x|^{p-2})^T dx.

    Raises:
        UnsupportedError: p varies too.
    """
    x, p = node.arguments
    if not is_zero(d(p)):
        raise UnsupportedError("E308", "a norm is not differentiated by its index", hint="name another variable")
    weights = entrywise_power(Apply(absolute_value, (x,)), add(p, number(-2)))
    scale_down = power(node, add(number(1), negate(p)))
    return multiply(scale_down, inner_product(hadamard(weights, x), d(x)))


def _one_hot_of_largest(a: Any) -> Any:
    rows = lazy_numpy().arange(a.shape[-2])[:, None]
    return (a.real.argmax(axis=-2)[..., None] == rows) * 1.0


largest_place = Operator(
    name="place of the largest entry",
    rule=Wording("a constant", "常量"),
    source="Where one entry is the largest",
    example=(r"\max(Xb)", "X"),
    spellings=("argmax",),
    note=Wording(
        r"Here $\operatorname{argmax}(u)$ is the unit vector at the largest entry of $u$.",
        r"这里 $\operatorname{argmax}(u)$ 为 $u$ 的最大元素处的单位向量。",
    ),
    signatures=("n 1 -> n 1",),
    latex=lambda node, write: write_call(r"\operatorname{argmax}", node.arguments[0], write),
    binding=Binding.PRODUCT + 1,
    value=lambda arrays, parameters: _one_hot_of_largest(arrays[0]),
    numpy="np.eye(len({0}))[:, np.argmax({0})].reshape(-1, 1)",
    torch=Code("torch.eye(len({0}), **like)[:, torch.argmax({0})].reshape(-1, 1)"),
    julia=Code("Float64.({0} .== maximum({0}))"),
    differential=lambda node, d: zero(node.shape),
)

largest_entry = Operator(
    name="largest entry",
    rule=Wording("maximum rule", "最大值法则"),
    source="Where one entry is the largest",
    example=(r"\max(Xb)", "X"),
    spellings=("max", r"\max"),
    signatures=("n 1 -> 1 1",),
    latex=lambda node, write: rf"\max({write(node.arguments[0], 0)})",
    value=lambda arrays, parameters: (arrays[0] * _one_hot_of_largest(arrays[0])).sum(axis=-2, keepdims=True),
    numpy="np.max({0})",
    julia=Code("maximum({0})"),
    differential=lambda node, d: inner_product(Apply(largest_place, node.arguments), d(node.arguments[0])),
)

infinity_norm = Operator(
    name="infinity norm",
    rule=Wording("infinity-norm rule", "无穷范数法则"),
    source="Boyd and Vandenberghe, app. A.1; where one entry is the largest",
    notations=(Notation("norm", r"\infty", "column"),),
    example=(r"\|Xw-y\|_\infty", "w"),
    signatures=("n 1 -> 1 1",),
    latex=lambda node, write: rf"\lVert {write(node.arguments[0], 0)}\rVert_\infty",
    value=lambda arrays, parameters: absolute(arrays[0]).real.max(axis=-2, keepdims=True),
    numpy="np.max(np.abs({0}))",
    julia=Code("maximum(abs.({0}))"),
    differential=lambda node, d: inner_product(
        hadamard(Apply(sign, node.arguments), Apply(largest_place, (Apply(absolute_value, node.arguments),))),
        d(node.arguments[0]),
    ),
    analytic=False,
)

nuclear_norm = Operator(
    name="nuclear norm",
    rule=Wording("nuclear-norm rule", "核范数法则"),
    note=Wording("Here ${0}$ is taken to have full column rank.", "这里设 ${0}$ 列满秩。"),
    source="Watson (1992); of a matrix of full column rank",
    notations=(Notation("norm", "*", "row matrix"),),
    example=(r"\|X-A\|_*", "X"),
    signatures=("m n -> 1 1",),
    latex=lambda node, write: rf"\lVert {write(node.arguments[0], 0)}\rVert_\ast",
    value=lambda arrays, parameters: lazy_numpy().linalg.svd(arrays[0], compute_uv=False).sum(axis=-1)[..., None, None],
    numpy="np.linalg.norm({0}, 'nuc')",
    julia=Code("sum(svdvals({0}))"),
    differential=lambda node, d: inner_product(_polar_factor(node.arguments[0]), d(node.arguments[0])),
    analytic=False,
)


def _polar_factor(x: Expr) -> Expr:
    """Return X (X^T X)^{-1/2}, the nearest matrix with orthonormal columns."""
    return multiply(x, matrix_power(multiply(transpose(x), x), number(Fraction(-1, 2))))


squared_norm = Operator(
    name="squared norm",
    rule=Wording("squared-norm rule", "范数平方法则"),
    why=Wording(
        r"$\lVert x\rVert^2 = x^\top x$; by the product and transpose rules the two terms are equal, as a scalar "
        "equals its transpose.",
        r"$\lVert x\rVert^2 = x^\top x$；由乘法与转置法则得到两项，标量等于其转置，所以两项相等。",
    ),
    source="Magnus and Neudecker, ch. 9, sec. 9",
    notations=(
        Notation("power of", "2", "norm", ("",)),
        Notation("power of", "2", "norm:2", ("_2",)),
        Notation("power of", "2", "norm:F", ("_F",)),
    ),
    example=(r"\exp(-\|Xw-y\|^2)", "w"),
    signatures=("m n -> 1 1",),
    latex=lambda node, write: rf"\lVert {write(node.arguments[0], 0)}\rVert{node.parameters[0]}^2",
    value=lambda arrays, parameters: (arrays[0] ** 2).sum(axis=(-1, -2), keepdims=True),
    numpy="np.sum({0} ** 2)",
    julia=Code("sum(abs2, {0})"),
    differential=lambda node, d: multiply(number(2), inner_product(node.arguments[0], d(node.arguments[0]))),
)


softmax = Operator(
    name="softmax",
    rule=Wording("softmax rule", "softmax 法则"),
    why=Wording(
        r"With $p = \operatorname{softmax}(x)$, $\mathrm{d}p_i = p_i\bigl(\mathrm{d}x_i - \sum_j p_j\,\mathrm{d}x_j"
        r"\bigr)$, that is $\mathrm{d}p = (\operatorname{diag}(p) - pp^\top)\,\mathrm{d}x$.",
        r"记 $p = \operatorname{softmax}(x)$，则 $\mathrm{d}p_i = p_i\bigl(\mathrm{d}x_i - \sum_j p_j\,\mathrm{d}x_j"
        r"\bigr)$，即 $\mathrm{d}p = (\operatorname{diag}(p) - pp^\top)\,\mathrm{d}x$。",
    ),
    source="Bridle (1990)",
    example=(r"a^T\operatorname{softmax}(Xb)", "X"),
    spellings=("softmax", r"\softmax"),
    signatures=("m 1 -> m 1",),
    latex=lambda node, write: write_call(r"\operatorname{softmax}", node.arguments[0], write),
    binding=Binding.PRODUCT + 1,
    value=lambda arrays, parameters: _softmax(arrays[0]),
    numpy="softmax({0})",
    helper="""
def softmax(a):
    e = np.exp(a - np.max(a))
    return e / np.sum(e)
""",
    julia=Code("softmax({0})", "softmax(a) = exp.(a .- maximum(a)) ./ sum(exp.(a .- maximum(a)))"),
    differential=lambda node, d: add(
        hadamard(node, d(node.arguments[0])),
        negate(multiply(node, transpose(node), d(node.arguments[0]))),
    ),
)


def _softmax(a: Any, axis: int = -2) -> Any:
    e = lazy_numpy().exp(a)
    return e / e.sum(axis=axis, keepdims=True)


def _softmax_of_matrix(lines: str, zh: str, axis: int) -> Operator:
    """Return the row of the softmax of each row or each column of a matrix."""

    def differential(node: Apply, d: Differentiate) -> Expr:
        moved = hadamard(node, d(node.arguments[0]))
        one = ones((node.shape[1 if lines == "rows" else 0], ONE))
        mean = multiply(moved, one, transpose(one)) if lines == "rows" else multiply(one, transpose(one), moved)
        return add(moved, negate(hadamard(node, mean)))

    return Operator(
        name=f"softmax of the {lines}",
        rule=Wording("softmax rule", "softmax 法则"),
        source="Bridle (1990)",
        example=(rf"\operatorname{{tr}}(A\operatorname{{softmax{lines}}}(XB))", "X"),
        spellings=(f"softmax{lines}",),
        note=Wording(
            rf"Here $\operatorname{{softmax}}$ acts on each {lines.removesuffix('s')}.",
            rf"这里 $\operatorname{{softmax}}$ 对每一{zh}作用。",
        ),
        signatures=("m n -> m n",),
        latex=softmax.latex,
        binding=softmax.binding,
        value=lambda arrays, parameters: _softmax(arrays[0], axis),
        numpy=f"softmax_{lines}({{0}})",
        helper=f"""
def softmax_{lines}(a):
    e = np.exp(a - np.max(a, axis={axis}, keepdims=True))
    return e / np.sum(e, axis={axis}, keepdims=True)
""",
        torch=Code(f"torch.softmax({{0}}, {axis})"),
        julia=Code(
            f"softmax_{lines}({{0}})",
            f"""
function softmax_{lines}(a)
    e = exp.(a .- maximum(a, dims={axis + 3}))
    return e ./ sum(e, dims={axis + 3})
end
""",
        ),
        differential=differential,
    )


softmax_of_columns = _softmax_of_matrix("columns", "列", -2)
softmax_of_rows = _softmax_of_matrix("rows", "行", -1)


def _log_sum_exp_of_matrix(lines: str, softmax_row: Operator, axis: int) -> Operator:
    """Return the row of the log-sum-exp of each row or each column of a matrix."""
    columns = lines == "columns"

    def summed(x: Expr) -> Expr:
        one = ones((x.shape[0 if columns else 1], ONE))
        return multiply(transpose(one), x) if columns else multiply(x, one)

    def value(a: Any) -> Any:
        return lazy_numpy().log(lazy_numpy().exp(a).sum(axis=axis, keepdims=True))

    return Operator(
        name=f"log-sum-exp of the {lines}",
        rule=Wording("log-sum-exp rule", "log-sum-exp 法则"),
        source="Boyd and Vandenberghe, sec. 3.1.5",
        example=(rf"\operatorname{{lse{lines}}}(AX)b" if columns else rf"b^T\operatorname{{lse{lines}}}(AX)", "X"),
        spellings=(f"lse{lines}",),
        signatures=("m n -> 1 n",) if columns else ("m n -> m 1",),
        latex=lambda node, write: r"\log" + parenthesise(write(summed(Apply(exp, node.arguments)), 0)),
        binding=Binding.PRODUCT + 1,
        value=lambda arrays, parameters: value(arrays[0]),
        numpy=f"np.log(np.sum(np.exp({{0}}), axis={axis}, keepdims=True))",
        julia=Code(f"log.(sum(exp.({{0}}), dims={axis + 3}))"),
        differential=lambda node, d: summed(hadamard(Apply(softmax_row, node.arguments), d(node.arguments[0]))),
    )


log_sum_exp_of_columns = _log_sum_exp_of_matrix("columns", softmax_of_columns, -2)
log_sum_exp_of_rows = _log_sum_exp_of_matrix("rows", softmax_of_rows, -1)


def _log_sum_exp_working(node: Apply, d: Differentiate) -> Expr:
    """Return 1^T (exp(a) (.) da) / 1^T exp(a), before softmax is recognised in it."""
    a = node.arguments[0]
    row = Apply(transpose_row, (ones(a.shape),))
    from_exp = Apply(exp, (a,))
    above = Apply(product, (row, hadamard(from_exp, d(a))))
    return Apply(fraction_row, (above, Apply(product, (row, from_exp))))


log_sum_exp = Operator(
    name="log-sum-exp",
    rule=Wording("chain rule", "复合函数法则"),
    source="Boyd and Vandenberghe, sec. 3.1.5",
    example=(r"\log(\mathbf{1}^T\exp(Xb))", "X"),
    spellings=("logsumexp", r"\logsumexp", "lse"),
    signatures=("m 1 -> 1 1",),
    latex=lambda node, write: r"\log" + parenthesise(rf"\mathbf{{1}}^\top{write(Apply(exp, node.arguments), 0)}"),
    binding=Binding.PRODUCT + 1,
    value=lambda arrays, parameters: lazy_numpy().log(lazy_numpy().exp(arrays[0]).sum(axis=-2, keepdims=True)),
    numpy="logsumexp({0})",
    helper="""
def logsumexp(a):
    return np.max(a) + np.log(np.sum(np.exp(a - np.max(a))))
""",
    julia=Code("logsumexp({0})", "logsumexp(a) = maximum(a) + log(sum(exp.(a .- maximum(a))))"),
    differential=lambda node, d: multiply(transpose(softmax_of(node.arguments[0])), d(node.arguments[0])),
    working=_log_sum_exp_working,
    worked=Wording(r"$\mathbf{1}^\top(u\odot v)=u^\top v$", r"$\mathbf{1}^\top(u\odot v)=u^\top v$"),
)

kronecker_row = Operator(
    name="Kronecker product",
    rule=Wording("Kronecker product rule", "Kronecker 积法则"),
    source="Magnus and Neudecker, ch. 2, sec. 2",
    notations=(Notation("kronecker"),),
    example=(r"c^T(a\otimes x)", "x"),
    spellings=(r"\kron", "kron"),
    signatures=("m n, p q -> m*p n*q",),
    latex=lambda node, write: r" \otimes ".join(write(x, Binding.PRODUCT + 1) for x in node.arguments),
    binding=Binding.PRODUCT - 2,
    value=lambda arrays, parameters: _kronecker(*arrays),
    numpy="np.kron({0}, {1})",
    torch=Code("torch.kron({0}.contiguous(), {1}.contiguous())"),  # its views want no transposes
    julia=Code("kron({0}, {1})"),
    adjoint=lambda node, i, G: _kronecker_adjoint(node, i, G),
    adjoint_rule=Wording(
        r"$a\otimes x=(a\otimes I)x=(I\otimes x)a$",
        r"$a\otimes x=(a\otimes I)x=(I\otimes x)a$",
    ),
    normal=lambda arguments, parameters: kronecker(*arguments),
)


def kronecker(a: Expr, b: Expr) -> Expr:
    """Return the Kronecker product, scalars outside; beside a scalar, and of a column with a row, a plain product."""
    if a.is_scalar or b.is_scalar or (a.shape[1] == ONE and b.shape[0] == ONE):
        return multiply(a, b)
    if a.shape[0] == ONE and b.shape[1] == ONE:
        return multiply(b, a)
    if all(isinstance(x, Apply) and x.operator is identity_row for x in (a, b)):
        return identity(tuple(sorted(a.shape[0] + b.shape[0])))
    if is_zero(a) or is_zero(b):
        return zero((tuple(sorted(a.shape[0] + b.shape[0])), tuple(sorted(a.shape[1] + b.shape[1]))))
    scalars = [y for x in (a, b) if isinstance(x, Apply) and x.operator is product for y in x.arguments if y.is_scalar]
    bare = [multiply(*(y for y in x.arguments if not y.is_scalar)) if _has_scalar(x) else x for x in (a, b)]
    return multiply(*scalars, Apply(kronecker_row, tuple(bare)))


def _has_scalar(x: Expr) -> TypeGuard[Apply]:
    return isinstance(x, Apply) and x.operator is product and any(y.is_scalar for y in x.arguments)


def _kronecker(a: Any, b: Any) -> Any:
    blocks = a[..., :, None, :, None] * b[..., None, :, None, :]
    rows, columns = a.shape[-2] * b.shape[-2], a.shape[-1] * b.shape[-1]
    return blocks.reshape(*blocks.shape[:-4], rows, columns)


def _kronecker_adjoint(node: Apply, i: int, cotangent: Expr) -> Expr:
    r"""Return what reaches a factor of `a \otimes b`: a column beside it moves out, `a \otimes B = (a \otimes I)B`.

    Raises:
        UnsupportedError: the other factor is neither a column nor a row.
    """
    other, own = node.arguments[1 - i], node.arguments[i]
    for turned in (False, True):
        if other.shape[0 if turned else 1] == ONE:
            moved = transpose(other) if turned else other
            size = identity(own.shape[1 if turned else 0])
            factor = kronecker(moved, size) if i == 1 else kronecker(size, moved)
            if turned:
                return multiply(cotangent, factor)
            return multiply(transpose(factor), cotangent)
    hint = r"where it multiplies vec(C), write the product without it: (A \otimes B) vec(C) = vec(B C A^T)"
    raise UnsupportedError("E308", "this Kronecker product has no gradient in closed form", hint=hint)


vectorisation = Operator(
    name="vectorisation",
    rule=Wording("linearity of vec", "向量化的线性"),
    source="Magnus and Neudecker, ch. 2, sec. 4",
    example=(r"c^T\operatorname{vec}(AXB)", "X"),
    spellings=("vec", r"\vec"),
    greedy=True,
    signatures=("m n -> n*m 1",),
    latex=lambda node, write: r"\operatorname{vec}" + parenthesise(write(node.arguments[0], 0)),
    value=lambda arrays, parameters: arrays[0].swapaxes(-1, -2).reshape(*arrays[0].shape[:-2], -1, 1),
    numpy="({0}).T.reshape(-1, 1)",
    julia=Code("reshape({0}, :, 1)"),
    adjoint=lambda node, i, G: stacked_matrix(G, node.arguments[0].shape),
    adjoint_rule=Wording(
        r"$a^\top\operatorname{vec}(X)=\operatorname{tr}(\operatorname{vec}^{-1}(a)^\top X)$",
        r"$a^\top\operatorname{vec}(X)=\operatorname{tr}(\operatorname{vec}^{-1}(a)^\top X)$",
    ),
    normal=lambda arguments, parameters: vector_of(arguments[0]),
)


def commutation(shape: Shape) -> Expr:
    """Return K with vec(A^T) = K vec(A) for A of `shape`."""
    if ONE in shape:
        return identity(shape[0] if shape[1] == ONE else shape[1])
    return Apply(commutation_row, (), shape)


commutation_row = Operator(
    name="commutation matrix",
    rule=Wording("a constant", "常量"),
    source="Magnus and Neudecker, ch. 3, sec. 7",
    example=("AX^T", "X"),
    where=("jacobian",),
    latex=lambda node, write: f"K_{{{_sizes_of(node.parameters)}}}",
    value=lambda arrays, parameters: None,
    numpy="commutation({2}, {3})",
    helper="""
def commutation(m, n):
    return np.eye(m * n)[np.arange(m * n).reshape(n, m).T.reshape(-1)]
""",
    torch=Code(
        "commutation({2}, {3}, like)",
        """
def commutation(m, n, like):
    return torch.eye(m * n, **like)[torch.arange(m * n).reshape(n, m).T.reshape(-1)]
""",
    ),
    julia=Code(
        "commutation({2}, {3})",
        """
commutation(m, n) = Matrix(1.0I, m * n, m * n)[vec(permutedims(reshape(1:m*n, m, n))), :]
""",
    ),
    result=lambda arguments, parameters: _commutation_shape(parameters),
)


def _sizes_of(parameters: tuple[Any, ...]) -> str:
    names = ["".join(x) for x in parameters]
    return (", " if any(len(x) > 1 for x in names) else "").join(names)


def _commutation_shape(parameters: tuple[Any, ...]) -> Shape:
    size = tuple(sorted(parameters[0] + parameters[1]))
    return size, size


def vector_of(x: Expr) -> Expr:
    """Return the columns of `x` under each other; a column is itself, a row its transpose."""
    if x.shape[1] == ONE:
        return x
    if x.shape[0] == ONE:
        return transpose(x)
    if isinstance(x, Apply) and x.operator is stacked_row:
        return x.arguments[0]
    if _has_scalar(x):
        scalars, rest = [y for y in x.arguments if y.is_scalar], [y for y in x.arguments if not y.is_scalar]
        return multiply(*scalars, vector_of(multiply(*rest)))
    return Apply(vectorisation, (x,))


def stacked_matrix(x: Expr, shape: Shape) -> Expr:
    """Return the matrix of `shape` whose columns are stacked in the column `x`."""
    if shape[1] == ONE:
        return x
    if isinstance(x, Apply) and x.operator is vectorisation:
        return x.arguments[0]
    if isinstance(x, Apply) and x.operator is add_row:
        return add(*(stacked_matrix(term, shape) for term in x.arguments))
    if _has_scalar(x):
        scalars, rest = [y for y in x.arguments if y.is_scalar], [y for y in x.arguments if not y.is_scalar]
        return multiply(*scalars, stacked_matrix(multiply(*rest), shape))
    return Apply(stacked_row, (x,), shape)


stacked_row = Operator(
    name="inverse of the vectorisation",
    rule=Wording("linearity of vec", "向量化的线性"),
    source="Magnus and Neudecker, ch. 2, sec. 4",
    notations=(Notation("power of", "-1", "call:vectorisation"),),
    example=(r"c^T\operatorname{vec}(AXB)", "X"),
    latex=lambda node, write: r"\operatorname{vec}^{-1}" + parenthesise(write(node.arguments[0], 0)),
    value=lambda arrays, parameters: None,
    numpy="({0}).reshape({2}, {1}).T",
    julia=Code("reshape({0}, {1}, {2})"),
    result=lambda arguments, parameters: (parameters[0], parameters[1]),
    adjoint=lambda node, i, G: vector_of(G),
)

diagonal_matrix: Operator = Operator(
    name="diagonal matrix",
    rule=Wording("diag rule", "对角矩阵法则"),
    source="Magnus and Neudecker, ch. 8",
    example=(r"a^T\operatorname{diag}(x)b", "x"),
    spellings=("diag", "Diag", r"\diag", r"\Diag"),
    signatures=("n 1 -> n n",),
    latex=lambda node, write: r"\operatorname{diag}" + parenthesise(write(node.arguments[0], 0)),
    value=lambda arrays, parameters: arrays[0] * lazy_numpy().eye(arrays[0].shape[-2]),
    numpy="np.diagflat({0})",
    julia=Code("diagm(vec({0}))"),
    normal=lambda arguments, parameters: (
        zero((arguments[0].shape[0],) * 2) if is_zero(arguments[0]) else Apply(diagonal_matrix, arguments)
    ),
    adjoint=lambda node, i, G: diagonal_of(G),
    adjoint_rule=Wording(
        r"$\operatorname{tr}(A^\top\operatorname{diag}(v))=\operatorname{diag}(A)^\top v$",
        r"$\operatorname{tr}(A^\top\operatorname{diag}(v))=\operatorname{diag}(A)^\top v$",
    ),
)

diagonal_vector = Operator(
    name="diagonal of a matrix",
    rule=Wording("diag rule", "对角矩阵法则"),
    source="Magnus and Neudecker, ch. 8",
    example=(r"a^T\operatorname{diag}(AX)", "X"),
    spellings=("diag", r"\diag"),
    signatures=("n n -> n 1",),
    latex=lambda node, write: r"\operatorname{diag}" + parenthesise(write(node.arguments[0], 0)),
    value=lambda arrays, parameters: lazy_numpy().diagonal(arrays[0], axis1=-2, axis2=-1)[..., None],
    numpy="np.diag({0}).reshape(-1, 1)",
    julia=Code("reshape(diag({0}), :, 1)"),
    adjoint=lambda node, i, G: Apply(diagonal_matrix, (G,)),
    adjoint_rule=Wording(
        r"$v^\top\operatorname{diag}(A)=\operatorname{tr}(\operatorname{diag}(v)A)$",
        r"$v^\top\operatorname{diag}(A)=\operatorname{tr}(\operatorname{diag}(v)A)$",
    ),
    normal=lambda arguments, parameters: diagonal_of(arguments[0]),
)


def diagonal_of(x: Expr) -> Expr:
    """Return the column of the diagonal entries of `x`; of a b^T it is a (.) b."""
    if isinstance(x, Apply) and x.operator is product:
        scalars = [y for y in x.arguments if y.is_scalar]
        chain = [y for y in x.arguments if not y.is_scalar]
        for k in range(1, len(chain)):
            if chain[k].shape[0] == ONE:
                return multiply(*scalars, hadamard(multiply(*chain[:k]), transpose(multiply(*chain[k:]))))
        for scaling, rest in ((chain[0], chain[1:]), (chain[-1], chain[:-1])):
            if isinstance(scaling, Apply) and scaling.operator is diagonal_matrix:
                return multiply(*scalars, hadamard(diagonal_of(multiply(*rest)), scaling.arguments[0]))
    if isinstance(x, Apply) and x.operator is transpose_row:
        return diagonal_of(x.arguments[0])
    if isinstance(x, Apply) and x.operator is inverse_row:
        scaling = x.arguments[0]
        if isinstance(scaling, Apply) and scaling.operator is diagonal_matrix:
            return entrywise_power(scaling.arguments[0], number(-1))
    if isinstance(x, Apply) and x.operator is add_row:
        apart = add(*map(diagonal_of, x.arguments))
        return apart if reading_cost(apart) <= reading_cost(x) + 1 else Apply(diagonal_vector, (x,))
    if isinstance(x, Apply) and x.operator is diagonal_matrix:
        return x.arguments[0]
    return Apply(diagonal_vector, (x,))


def _triangle(name: str, word: str, zh: str) -> Operator:
    """Return the row of the part of a square matrix on and below (`tril`) or above (`triu`) its diagonal."""
    row: Operator = Operator(
        name=f"{name} triangle",
        rule=Wording("a linear map", "线性映射"),
        source="Magnus and Neudecker, ch. 3",
        example=(rf"\operatorname{{tr}}(A\operatorname{{{word}}}(X))", "X"),
        spellings=(word,),
        note=Wording(
            rf"Here $\operatorname{{{word}}}$ keeps the {name} triangle and the diagonal.",
            rf"这里 $\operatorname{{{word}}}$ 保留{zh}三角（含对角线）部分。",
        ),
        signatures=("n n -> n n",),
        latex=lambda node, write: write_call(rf"\operatorname{{{word}}}", node.arguments[0], write),
        value=lambda arrays, parameters: getattr(lazy_numpy(), word)(arrays[0]),
        numpy=f"np.{word}({{0}})",
        julia=Code(f"{word}({{0}})"),
        adjoint=lambda node, i, G: Apply(row, (G,)),
    )
    return row


lower_triangle = _triangle("lower", "tril", "下")
upper_triangle = _triangle("upper", "triu", "上")


def _diagonal_sums(a: Any) -> Any:
    n, total = a.shape[-1], 0 * a
    for k in range(1 - n, n):
        band = lazy_numpy().eye(n, k=k)
        total = total + (a * band).sum(axis=(-1, -2), keepdims=True) * band
    return total


diagonal_sums: Operator = Operator(
    name="sums along the diagonals",
    rule=Wording("a linear map", "线性映射"),
    source="Petersen and Pedersen, The Matrix Cookbook, sec. 2.8.3",
    example=(r"\operatorname{tr}(A\operatorname{toep}(X))", "X"),
    spellings=("toep",),
    note=Wording(
        r"Here $\operatorname{toep}$ replaces each entry by the sum along its diagonal.",
        r"这里 $\operatorname{toep}$ 将每个元素换成其所在对角线之和。",
    ),
    signatures=("n n -> n n",),
    latex=lambda node, write: write_call(r"\operatorname{toep}", node.arguments[0], write),
    value=lambda arrays, parameters: _diagonal_sums(arrays[0]),
    numpy="toep({0})",
    helper="""
def toep(a):
    n, total = len(a), np.zeros_like(a)
    for k in range(1 - n, n):
        total += np.trace(a, k) * np.eye(n, k=k)
    return total
""",
    torch=Code(
        "toep({0})",
        """
def toep(a):
    n, total = len(a), torch.zeros_like(a)
    for k in range(1 - n, n):
        total += torch.diagflat(torch.diagonal(a, k).sum().repeat(n - abs(k)), k)
    return total
""",
    ),
    adjoint=lambda node, i, G: Apply(diagonal_sums, (G,)),
)


def _expm(a: Any) -> Any:
    """Return the matrix exponential by its series, the argument halved until the series is short."""
    numpy = lazy_numpy()
    halvings = max(0, int(numpy.ceil(numpy.log2(max(1e-9, float(abs(a).sum(axis=-2).max()))))) + 1)
    term = total = numpy.eye(a.shape[-1])
    for k in range(1, 19):
        term = term @ a / (k * 2**halvings)
        total = total + term
    for _ in range(halvings):
        total = total @ total
    return total


def _no_closed_form(node: Apply, d: Differentiate) -> Expr:
    hint = "only its trace has one, d tr f(X) = tr(f'(X) dX)"
    raise UnsupportedError("E308", f"the differential of a {node.operator.name} has no closed form", hint=hint)


matrix_exponential = Operator(
    name="matrix exponential",
    rule=Wording("matrix exponential", "矩阵指数"),
    source="Higham, Functions of Matrices, ch. 10",
    notations=(Notation("base", "e", "matrix"),),
    example=(r"\operatorname{tr}(e^X)", "X"),
    spellings=("expm", r"\expm"),
    signatures=("n n -> n n",),
    latex=lambda node, write: rf"e^{{{write(node.arguments[0], 0)}}}",
    binding=Binding.POWER,
    value=lambda arrays, parameters: _expm(arrays[0]),
    numpy="expm({0})",
    helper="""
def expm(a):
    halvings = max(0, int(np.ceil(np.log2(max(1e-9, np.linalg.norm(a, 1))))) + 1)
    term = total = np.eye(len(a))
    for k in range(1, 19):
        term = term @ a / (k * 2**halvings)
        total = total + term
    for _ in range(halvings):
        total = total @ total
    return total
""",
    jax=Code("jax.scipy.linalg.expm({0})"),
    torch=Code("torch.linalg.matrix_exp({0})"),
    julia=Code("exp({0})"),
    differential=_no_closed_form,
)

trace_of_exponential = Operator(
    name="trace of the matrix exponential",
    rule=Wording(
        r"$\mathrm{d}\operatorname{tr}(e^X)=\operatorname{tr}(e^X\thinspace \mathrm{d}X)$",
        r"$\mathrm{d}\operatorname{tr}(e^X)=\operatorname{tr}(e^X\thinspace \mathrm{d}X)$",
    ),
    why=Wording(
        r"Differentiate the series $e^X = \sum_k X^k/k!$ term by term; within a trace the $k$ terms of "
        r"$\mathrm{d}(X^k)$ are equal.",
        r"对级数 $e^X = \sum_k X^k/k!$ 逐项求微分；在迹内，$\mathrm{d}(X^k)$ 的 $k$ 项彼此相等。",
    ),
    source="Higham, Functions of Matrices, sec. 3.2",
    example=(r"\operatorname{tr}(e^{AX})", "X"),
    spellings=("trexpm",),
    signatures=("n n -> 1 1",),
    latex=lambda node, write: (
        rf"\operatorname{{tr}}{parenthesise(write(Apply(matrix_exponential, node.arguments), 0))}"
    ),
    value=lambda arrays, parameters: _expm(arrays[0]).trace(axis1=-2, axis2=-1)[..., None, None],
    numpy="np.trace(expm({0}))",
    helper=matrix_exponential.helper,
    jax=Code("np.trace(jax.scipy.linalg.expm({0}))"),
    torch=Code("np.trace(torch.linalg.matrix_exp({0}))"),
    julia=Code("tr(exp({0}))"),
    differential=lambda node, d: trace(multiply(Apply(matrix_exponential, node.arguments), d(node.arguments[0]))),
)


def _matrix_function(
    name: str, symbol: str, word: str, rule: Wording, numpy: str, derivative: Callable[[Expr], Expr]
) -> tuple[Operator, Operator]:
    """Return the rows of a function of a matrix and of its trace: d tr f(X) = tr(f'(X) dX).

    `word` is how the matrix function is called (`logm`), `numpy` the function of numbers applied to its eigenvalues.
    """
    helper = """
def matrix_function(f, a):
    values, vectors = np.linalg.eig(a)
    return np.real(vectors * f(values) @ np.linalg.inv(vectors))
"""

    def value(a: Any) -> Any:
        return function_of_matrix(getattr(lazy_numpy(), numpy), a)

    of_matrix = Operator(
        name=f"matrix {name}",
        rule=Wording(f"matrix {name}", rule.zh),
        source="Higham, Functions of Matrices, sec. 1.2",
        example=(rf"\operatorname{{tr}}({symbol}(X))", "X"),
        spellings=(word,),
        note=Wording(
            f"Here ${symbol}$ is the {name} of the matrix, not of its entries.",
            f"这里 ${symbol}$ 为矩阵函数，不是逐元素作用。",
        ),
        signatures=("n n -> n n",),
        latex=lambda node, write: write_call(symbol, node.arguments[0], write),
        binding=Binding.PRODUCT + 1,
        value=lambda arrays, parameters: value(arrays[0]),
        numpy=f"matrix_function(np.{numpy}, {{0}})",
        helper=helper,
        julia=Code(f"{numpy}({{0}})"),
        differential=_no_closed_form,
        analytic=False,
    )
    of_trace = Operator(
        name=f"trace of the matrix {name}",
        rule=rule,
        source="Higham, Functions of Matrices, sec. 3.2",
        example=(rf"\operatorname{{tr}}({symbol}(A+X))", "X"),
        spellings=(f"tr{word}",),
        signatures=("n n -> 1 1",),
        latex=lambda node, write: rf"\operatorname{{tr}}{parenthesise(write(Apply(of_matrix, node.arguments), 0))}",
        value=lambda arrays, parameters: value(arrays[0]).trace(axis1=-2, axis2=-1)[..., None, None],
        numpy=f"np.trace(matrix_function(np.{numpy}, {{0}}))",
        helper=helper,
        julia=Code(f"tr({numpy}({{0}}))"),
        differential=lambda node, d: trace(multiply(derivative(node.arguments[0]), d(node.arguments[0]))),
        analytic=False,
    )
    return of_matrix, of_trace


def _trace_words(left: str, right: str) -> Wording:
    text = rf"$\mathrm{{d}}\operatorname{{tr}}({left})=\operatorname{{tr}}({right}\thinspace \mathrm{{d}}X)$"
    return Wording(text, text)


matrix_logarithm, trace_of_logarithm = _matrix_function(
    "logarithm", r"\log", "logm", _trace_words(r"\log X", "X^{-1}"), "log", inverse
)
matrix_sine, trace_of_sine = _matrix_function(
    "sine", r"\sin", "sinm", _trace_words(r"\sin X", r"\cos X"), "sin", lambda x: Apply(matrix_cosine, (x,))
)
matrix_cosine: Operator
trace_of_cosine: Operator
matrix_cosine, trace_of_cosine = _matrix_function(
    "cosine", r"\cos", "cosm", _trace_words(r"\cos X", r"-\sin X"), "cos", lambda x: negate(Apply(matrix_sine, (x,)))
)

trace_of_power = Operator(
    name="trace of a fractional power",
    rule=Wording(
        r"$\mathrm{d}\operatorname{tr}(X^p)=p\operatorname{tr}(X^{p-1}\thinspace \mathrm{d}X)$",
        r"$\mathrm{d}\operatorname{tr}(X^p)=p\operatorname{tr}(X^{p-1}\thinspace \mathrm{d}X)$",
    ),
    source="Higham, Functions of Matrices, sec. 3.2",
    example=(r"\operatorname{tr}(X^{1/2})", "X"),
    signatures=("n n, 1 1 -> 1 1",),
    latex=lambda node, write: rf"\operatorname{{tr}}{parenthesise(write(matrix_power(*node.arguments), 0))}",
    value=lambda arrays, parameters: matrix_power_row.value(arrays, ()).trace(axis1=-2, axis2=-1)[..., None, None],
    numpy="np.trace(matrix_power({0}, {1}))",
    helper=matrix_power_row.helper,
    julia=Code("tr({0} ^ {1})"),
    differential=lambda node, d: multiply(
        node.arguments[1],
        trace(multiply(matrix_power(node.arguments[0], add(node.arguments[1], number(-1))), d(node.arguments[0]))),
    ),
    analytic=False,
)

ROWS: tuple[Operator, ...] = (
    determinant_row,
    log_determinant_row,
    log_absolute_row,
    adjugate_row,
    pseudo_inverse_row,
    p_norm,
    largest_place,
    largest_entry,
    infinity_norm,
    nuclear_norm,
    matrix_logarithm,
    trace_of_logarithm,
    matrix_sine,
    trace_of_sine,
    matrix_cosine,
    trace_of_cosine,
    trace_of_power,
    norm,
    sum_norm,
    squared_norm,
    softmax,
    softmax_of_columns,
    softmax_of_rows,
    log_sum_exp_of_columns,
    log_sum_exp_of_rows,
    log_sum_exp,
    lower_triangle,
    upper_triangle,
    diagonal_sums,
    kronecker_row,
    vectorisation,
    stacked_row,
    commutation_row,
    diagonal_matrix,
    diagonal_vector,
    matrix_exponential,
    trace_of_exponential,
)
