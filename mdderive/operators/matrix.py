"""The rows of matrix functions: inverse, determinant, norms, softmax, diagonals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import UnsupportedError
from ..expr import ONE, Apply, Binding, Expr, Operator, Wording, lazy_numpy, number, parenthesise
from .arithmetic import (
    add,
    add_row,
    entrywise_power,
    fraction_row,
    hadamard,
    inner_product,
    inverse,
    inverse_row,
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
)
from .entrywise import absolute, exp, sign

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
    source="Magnus and Neudecker, ch. 8, sec. 3",
    example=(r"|X|", "X"),
    spellings=("det", r"\det"),
    signatures=("n n -> 1 1",),
    latex=lambda node, write: rf"\lvert {write(node.arguments[0], 0)}\rvert",
    value=lambda arrays, parameters: lazy_numpy().linalg.det(arrays[0])[..., None, None],
    numpy="np.linalg.det({0})",
    greedy=True,
    differential=lambda node, d: multiply(node, trace(multiply(inverse(node.arguments[0]), d(node.arguments[0])))),
    normal=lambda arguments, parameters: determinant(arguments[0]),
)

log_determinant_row = Operator(
    name="log determinant",
    rule=Wording("log-determinant rule", "对数行列式法则"),
    source="Magnus and Neudecker, ch. 8, sec. 3",
    example=(r"\log|X|", "X"),
    spellings=("logdet", r"\logdet"),
    signatures=("n n -> 1 1",),
    latex=lambda node, write: rf"\log\lvert {write(node.arguments[0], 0)}\rvert",
    binding=Binding.PRODUCT + 1,
    value=lambda arrays, parameters: lazy_numpy().log(lazy_numpy().linalg.det(arrays[0]))[..., None, None],
    numpy="np.log(np.linalg.det({0}))",
    greedy=True,
    differential=lambda node, d: trace(multiply(inverse(node.arguments[0]), d(node.arguments[0]))),
)

norm = Operator(
    name="norm",
    rule=Wording("norm rule", "范数法则"),
    source="Magnus and Neudecker, ch. 9, sec. 9",
    example=(r"\|Xw-y\|", "w"),
    signatures=("m n -> 1 1",),
    latex=lambda node, write: rf"\lVert {write(node.arguments[0], 0)}\rVert" + str(node.parameters[0]),
    value=lambda arrays, parameters: (arrays[0] ** 2).sum(axis=(-1, -2), keepdims=True) ** 0.5,
    numpy="np.sqrt(np.sum({0} ** 2))",
    differential=lambda node, d: multiply(reciprocal(node), inner_product(node.arguments[0], d(node.arguments[0]))),
)


sum_norm = Operator(
    name="1-norm",
    rule=Wording("1-norm rule", "1-范数法则"),
    source="Boyd and Vandenberghe, app. A.1; where no entry is zero",
    example=(r"\|Xw-y\|_1", "w"),
    signatures=("m n -> 1 1",),
    latex=lambda node, write: rf"\lVert {write(node.arguments[0], 0)}\rVert_1",
    value=lambda arrays, parameters: absolute(arrays[0]).sum(axis=(-1, -2), keepdims=True),
    numpy="np.sum(np.abs({0}))",
    differential=lambda node, d: inner_product(Apply(sign, node.arguments), d(node.arguments[0])),
)

squared_norm = Operator(
    name="squared norm",
    rule=Wording("squared-norm rule", "范数平方法则"),
    source="Magnus and Neudecker, ch. 9, sec. 9",
    example=(r"\exp(-\|Xw-y\|^2)", "w"),
    signatures=("m n -> 1 1",),
    latex=lambda node, write: rf"\lVert {write(node.arguments[0], 0)}\rVert{node.parameters[0]}^2",
    value=lambda arrays, parameters: (arrays[0] ** 2).sum(axis=(-1, -2), keepdims=True),
    numpy="np.sum({0} ** 2)",
    differential=lambda node, d: multiply(number(2), inner_product(node.arguments[0], d(node.arguments[0]))),
)


softmax = Operator(
    name="softmax",
    rule=Wording("softmax rule", "softmax 法则"),
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
    differential=lambda node, d: add(
        hadamard(node, d(node.arguments[0])),
        negate(multiply(node, transpose(node), d(node.arguments[0]))),
    ),
)


def _softmax(a: Any) -> Any:
    e = lazy_numpy().exp(a)
    return e / e.sum(axis=-2, keepdims=True)


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
    differential=lambda node, d: multiply(transpose(softmax_of(node.arguments[0])), d(node.arguments[0])),
    working=_log_sum_exp_working,
    worked=Wording(r"$\mathbf{1}^\top(u\odot v)=u^\top v$", r"$\mathbf{1}^\top(u\odot v)=u^\top v$"),
)

diagonal_matrix = Operator(
    name="diagonal matrix",
    rule=Wording("diag rule", "对角矩阵法则"),
    source="Magnus and Neudecker, ch. 8",
    example=(r"a^T\operatorname{diag}(x)b", "x"),
    spellings=("diag", "Diag", r"\diag", r"\Diag"),
    signatures=("n 1 -> n n",),
    latex=lambda node, write: write_call(r"\operatorname{diag}", node.arguments[0], write),
    value=lambda arrays, parameters: arrays[0] * lazy_numpy().eye(arrays[0].shape[-2]),
    numpy="np.diagflat({0})",
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
    latex=lambda node, write: write_call(r"\operatorname{diag}", node.arguments[0], write),
    value=lambda arrays, parameters: lazy_numpy().diagonal(arrays[0], axis1=-2, axis2=-1)[..., None],
    numpy="np.diag({0}).reshape(-1, 1)",
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
    hint = "only its trace has one, d tr(e^X) = tr(e^X dX)"
    raise UnsupportedError("E308", "the differential of a matrix exponential has no closed form", hint=hint)


matrix_exponential = Operator(
    name="matrix exponential",
    rule=Wording("matrix exponential", "矩阵指数"),
    source="Higham, Functions of Matrices, ch. 10",
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
    differential=_no_closed_form,
)

trace_of_exponential = Operator(
    name="trace of the matrix exponential",
    rule=Wording(
        r"$\mathrm{d}\operatorname{tr}(e^X)=\operatorname{tr}(e^X\thinspace \mathrm{d}X)$",
        r"$\mathrm{d}\operatorname{tr}(e^X)=\operatorname{tr}(e^X\thinspace \mathrm{d}X)$",
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
    differential=lambda node, d: trace(multiply(Apply(matrix_exponential, node.arguments), d(node.arguments[0]))),
)

ROWS: tuple[Operator, ...] = (
    determinant_row,
    log_determinant_row,
    norm,
    sum_norm,
    squared_norm,
    softmax,
    log_sum_exp,
    diagonal_matrix,
    diagonal_vector,
    matrix_exponential,
    trace_of_exponential,
)
