"""The rows of determinants, the adjugate and the pseudo-inverse."""

from __future__ import annotations

from ...words import Wording
from ..arithmetic import Arithmetic
from ..expressions import Apply, Binding, Code, Convexity, Differentiate, Expr, Operator, lazy_numpy
from ..factoring import add
from ..functions import exact_log
from ..notations import Notation
from ..numbers import Jet, turned
from ..powers import inverse, power, reciprocal
from ..terms import identity, multiply, negate, trace, transpose
from ..writing import call_binding, write_call, write_scripted
from .piecewise import absolute, write_absolute
from .structural import inverse_row, matrix_power_row, transpose_row


def determinant(x: Expr) -> Expr:
    """Return |x|; of an inverse and of a transpose by the determinant of what is inside."""
    if isinstance(x, Apply) and x.operator is transpose_row:
        return determinant(x.arguments[0])
    if isinstance(x, Apply) and x.operator is inverse_row:
        return reciprocal(determinant(x.arguments[0]))
    if isinstance(x, Apply) and x.operator is matrix_power_row:
        return power(determinant(x.arguments[0]), x.arguments[1])
    return x if x.is_scalar else Apply(determinant_row, (x,))


determinant_row = Operator(
    name="determinant",
    rule=Wording("determinant rule", "行列式法则"),
    why=Wording(
        r"Jacobi's formula. Expand $\lvert X\rvert$ along a row: the derivative with respect to $X_{ij}$ is its "
        "cofactor, so "
        r"$\mathrm{d}\lvert X\rvert = \operatorname{tr}(\operatorname{adj}(X)\,\mathrm{d}X)$, and "
        r"$\operatorname{adj}(X) = \lvert X\rvert X^{-1}$.",
        r"即 Jacobi 公式。按一行展开 $\lvert X\rvert$：对 $X_{ij}$ 的导数是其代数余子式，所以 "
        r"$\mathrm{d}\lvert X\rvert = \operatorname{tr}(\operatorname{adj}(X)\,\mathrm{d}X)$，而 "
        r"$\operatorname{adj}(X) = \lvert X\rvert X^{-1}$。",
    ),
    source="Magnus and Neudecker (2019), ch. 8, sec. 3",
    example=(r"|X|", "X"),
    notations=(Notation("bars", of="matrix"),),
    spellings=("det", "Det", r"\det"),
    signatures=("n n -> 1 1",),
    latex=lambda node, write: rf"\lvert {write(node.arguments[0], 0)}\rvert",
    value=lambda arrays, parameters: lazy_numpy().linalg.det(arrays[0])[..., None, None],
    exact=lambda at, node, x: at.determinant(x[0]),
    numpy="np.linalg.det({0})",
    julia=Code("det({0})"),
    maxima=Code("determinant({0})"),
    sympy=Code("{0}.det()"),
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
    follows=Wording.formula(
        r"$\mathrm{d}\log\lvert {0}\rvert=\lvert {0}\rvert^{-1}\thinspace \mathrm{d}\lvert {0}\rvert$"
    ),
    source="Magnus and Neudecker (2019), ch. 8, sec. 3",
    convexity=Convexity(-1, of_symmetric=True),
    example=(r"\log|X|", "X"),
    spellings=("logdet", r"\logdet"),
    signatures=("n n -> 1 1",),
    latex=lambda node, write: rf"\log\lvert {write(node.arguments[0], 0)}\rvert",
    binding=Binding.PREFIX,
    value=lambda arrays, parameters: lazy_numpy().log(lazy_numpy().linalg.det(arrays[0]))[..., None, None],
    exact=lambda at, node, x: at.entries(at.determinant(x[0]), lambda t: exact_log(at, t)),
    of_positive=lambda node: True,
    numpy="np.log(np.linalg.det({0}))",
    julia=Code("log(det({0}))"),
    maxima=Code("log(determinant({0}))"),
    sympy=Code("sp.log({0}.det())"),
    greedy=True,
    differential=lambda node, d: trace(multiply(inverse(node.arguments[0]), d(node.arguments[0]))),
)


log_absolute_row = Operator(
    name="logarithm of the absolute value",
    rule=Wording("logarithm rule", "对数法则"),
    source="DLMF, sec. 4.7(i)",
    condition=Wording("where the value is not zero", "值不为零时"),
    example=(r"\log|\det(X)|", "X"),
    spellings=("logabs",),
    signatures=("1 1 -> 1 1",),
    latex=lambda node, write: rf"\log{write_absolute(node, write)}",
    binding=Binding.PREFIX,
    value=lambda arrays, parameters: lazy_numpy().log(absolute(arrays[0])),
    exact=lambda at, node, x: at.entries(x[0], lambda t: (at.log_of_size(t), *exact_log(at, t)[1:])),
    numpy="np.log(np.abs({0}))",
    julia=Code("log(abs({0}))"),
    sympy=Code("sp.log(sp.Abs({0}))"),
    differential=lambda node, d: multiply(reciprocal(node.arguments[0]), d(node.arguments[0])),
)


adjugate_row = Operator(
    name="adjugate",
    rule=Wording("adjugate rule", "伴随矩阵法则"),
    source="Magnus and Neudecker (2019), ch. 8, sec. 6",
    condition=Wording("of an invertible matrix", "矩阵可逆时"),
    example=(r"a^T\operatorname{adj}(X)b", "X"),
    spellings=("adj", "adjugate", r"\adj"),
    signatures=("n n -> n n",),
    latex=lambda node, write: write_call(r"\operatorname{adj}", node.arguments[0], write),
    binding_of=call_binding,
    value=lambda arrays, parameters: (
        lazy_numpy().linalg.det(arrays[0])[..., None, None] * lazy_numpy().linalg.inv(arrays[0])
    ),
    exact=lambda at, node, x: at.adjugate_and_determinant(x[0])[0],
    numpy="(np.linalg.det({0}) * np.linalg.inv({0}))",
    julia=Code("(det({0}) * inv({0}))"),
    maxima=Code("adjoint({0})"),
    sympy=Code("{0}.adjugate()"),
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


def _exact_pseudo_inverse(at: Arithmetic, x: Jet) -> Jet:
    """Return the pseudo-inverse of a matrix of full rank, by the smaller of its two Gram matrices."""
    across = at.moved(x, turned)
    if x.rows >= x.columns:
        return at.times(at.inverse(at.times(across, x)), across)
    return at.times(across, at.inverse(at.times(x, across)))


pseudo_inverse_row = Operator(
    name="pseudo-inverse",
    rule=Wording("pseudo-inverse rule", "广义逆法则"),
    source="Golub and Pereyra (1973), eq. 4.12",
    condition=Wording("where the rank stays the same", "秩不变时"),
    example=(r"\operatorname{tr}(AX^+)", "X"),
    notations=(Notation("superscript", "+", "matrix"),),
    spellings=("pinv", r"\pinv"),
    signatures=("m n -> n m",),
    note=Wording("Here ${base}^+$ is the pseudo-inverse.", "这里 ${base}^+$ 为 Moore–Penrose 广义逆。"),
    latex=lambda node, write: write_scripted(node.arguments[0], "+", write),
    binding=Binding.POWER,
    value=lambda arrays, parameters: lazy_numpy().linalg.pinv(arrays[0]),
    exact=lambda at, node, x: _exact_pseudo_inverse(at, x[0]),
    numpy="np.linalg.pinv({0})",
    julia=Code("pinv({0})"),
    sympy=Code("{0}.pinv()"),
    differential=_pseudo_inverse_differential,
    analytic=False,
)
