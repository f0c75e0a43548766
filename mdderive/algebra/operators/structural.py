"""The rows of which the normal form is made: sums, products, transposes, traces, powers, constants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from ...errors import VerificationError
from ...words import Wording
from ..arithmetic import Arithmetic
from ..expressions import (
    EACH,
    ONE,
    SCALAR,
    Apply,
    Binding,
    Code,
    Differentiate,
    Expr,
    Number,
    Operator,
    Shape,
    Signs,
    Sizes,
    Symbol,
    Undo,
    lazy_numpy,
    number,
    parenthesise,
    to_latex,
)
from ..matrix_powers import exact_matrix_power, inverse_value, matrix_power_value
from ..notations import Notation
from ..numbers import Jet, eye, filled, turned, zeros
from ..signs import DEFINITE, SEMIDEFINITE, entrywise_power_sign, hadamard_sign, power_sign, product_sign, sum_sign
from . import by_name

FUNDAMENTAL = "Magnus and Neudecker (2019), ch. 8, sec. 2"
"""The section of the fundamental rules of differential calculus."""
ARTICLE = "Matrix differential calculus: the method of differentials (Magnus and Neudecker, ch. 8-9)"


INVERTIBLE = frozenset(("SPD", "invertible", "orthogonal"))
"""The properties of matrices that have an inverse."""
Arguments = tuple[Expr, ...]
Parameters = tuple[Any, ...]


def product_shape(arguments: tuple[Expr, ...], parameters: tuple[Any, ...]) -> Shape:
    """Return the shape of a product in which scalars may stand anywhere.

    Raises:
        ValueError: two neighbours do not fit.
    """
    chain = [x.shape for x in arguments if not x.is_scalar]
    for (_, inner), (outer, _) in pairwise(chain):
        if inner != outer:
            raise ValueError(f"inner sizes {inner} and {outer} differ")
    return (chain[0][0], chain[-1][1]) if chain else SCALAR


def _product_adjoint(node: Apply, i: int, cotangent: Expr) -> Expr:
    """Return L^T G R^T for the factor between L and R; for a scalar factor the inner product with the rest."""
    factors = node.arguments
    scalars = [x for k, x in enumerate(factors) if x.is_scalar and k != i]
    if factors[i].is_scalar:
        rest = [x for x in factors if not x.is_scalar]
        if not rest:
            return terms.multiply(cotangent, *scalars)
        return terms.multiply(*scalars, terms.inner_product(cotangent, terms.multiply(*rest)))
    left = [terms.transpose(x) for x in reversed(factors[:i]) if not x.is_scalar]
    right = [terms.transpose(x) for x in reversed(factors[i + 1 :]) if not x.is_scalar]
    return terms.multiply(*scalars, *left, cotangent, *right)


def _sum_of(arguments: Arguments, parameters: Parameters) -> Expr:
    return factoring.add(*arguments)


def _product_of(arguments: Arguments, parameters: Parameters) -> Expr:
    return terms.multiply(*arguments)


def _transpose_adjoint(node: Apply, i: int, cotangent: Expr) -> Expr:
    return terms.transpose(cotangent)


def _transpose_of(arguments: Arguments, parameters: Parameters) -> Expr:
    return terms.transpose(arguments[0])


def _trace_adjoint(node: Apply, i: int, cotangent: Expr) -> Expr:
    return terms.multiply(cotangent, terms.identity(node.arguments[0].shape[0]))


def _trace_of(arguments: Arguments, parameters: Parameters) -> Expr:
    return terms.trace(arguments[0])


def _inverse_differential(node: Apply, d: Differentiate) -> Expr:
    return terms.negate(terms.multiply(node, d(node.arguments[0]), node))


def _quotient_of(arguments: Arguments, parameters: Parameters) -> Expr:
    return terms.multiply(powers.reciprocal(arguments[1]), arguments[0])


def _undo_power(node: Apply, value: Expr, x: Symbol) -> Expr | None:
    """Return the base where a power with a constant exponent has the `value`; of positive bases, or an odd power."""
    base, exponent = node.arguments
    if not isinstance(exponent, Number) or exponent.value == 0:
        return None
    positive = base is x and "positive" in x.properties
    if exponent.value != -1 and not positive:
        return None
    if exponent.value < 0:  # x^{-2} = b/a is x^2 = a/b
        value = powers.reciprocal(value) if node.is_scalar else powers.entrywise_power(value, number(-1))
    root = Number(1 / abs(exponent.value))
    return powers.power(value, root) if node.is_scalar else powers.entrywise_power(value, root)


def _fold(arrays: tuple[Any, ...], combine: Callable[[Any, Any], Any]) -> Any:
    value = arrays[0]
    for array in arrays[1:]:
        value = combine(value, array)
    return value


def _inverse_sign(sign: int) -> int:
    return sign if abs(sign) == DEFINITE else 0


def _entry_sign_of_product(node: Apply, signs: Signs) -> int:
    """Return the sign of the entries of a product: of matrices where those of each have one sign."""
    found = [signs.of_matrix(y) if y.is_scalar else signs.of_entries(y) for y in node.arguments]
    return product_sign(found)


def is_invertible(x: Expr) -> bool:
    """Whether `x` is an inverse or declared to have one."""
    inner = terms.under_transpose(x) or x
    if isinstance(inner, Symbol):
        return inner.is_square and bool(inner.properties & INVERTIBLE)
    return terms.inverted(inner) is not None


def _chain_sign(node: Apply, signs: Signs) -> int:
    """Return the sign of scalars times `A^T M A`, which is that of M where A is invertible."""
    scalars = [signs.of_matrix(y) for y in node.arguments if y.is_scalar]
    inner = [y for y in node.arguments if not y.is_scalar]
    if len(inner) <= 1:
        return product_sign([*scalars, *map(signs.of_matrix, inner)])
    around: list[Expr] = []
    while len(inner) > 1 and keys.same(terms.transpose(inner[0]), inner[-1]):
        around.append(inner[-1])
        inner = inner[1:-1]
    most = DEFINITE if all(map(is_invertible, around)) else SEMIDEFINITE
    if len(inner) == 1 and around:
        most = max(-most, min(most, signs.of_matrix(inner[0])))
    elif inner:
        most = 0
    return product_sign([*scalars, most])


def _transposed_terms(node: Apply) -> Expr:
    turned = tuple(map(terms.transpose, node.arguments))
    reordered = Counter(map(keys.key, turned)) == Counter(map(keys.key, node.arguments))
    return node if reordered else terms.build(node.operator, *turned)


def _filled(node: Apply, sizes: Sizes, entry: float) -> Any:
    return lazy_numpy().full((*(1,) * sizes.leading, *map(sizes.size, node.shape)), entry)


def _unit_matrix(node: Apply, sizes: Sizes) -> Any:
    n = sizes.size(node.shape[0])
    return lazy_numpy().eye(n).reshape(*(1,) * sizes.leading, n, n)


def _matrix_or_scalar_product(a: Any, b: Any) -> Any:
    if a.shape[-2:] == (1, 1) or b.shape[-2:] == (1, 1):
        return a * b
    return a @ b


add_row = Operator(
    name="sum",
    rule=Wording("linearity", "加减法法则"),
    plain=True,
    source=FUNDAMENTAL,
    example=(r"\operatorname{tr}(AX+X)", "X"),
    latex=lambda node, write: writing.write_sum(node, write),
    binding=Binding.SUM,
    value=lambda arrays, parameters: _fold(arrays, lambda a, b: a + b),
    exact=lambda at, node, x: at.plus(*x),
    numpy="+",
    result=lambda arguments, parameters: arguments[0].shape,
    adjoint=lambda node, i, G: G,
    normal=_sum_of,
    sign=lambda node, signs: sum_sign([signs.of_matrix(term) for term in node.arguments]),
    entry_sign=lambda node, signs: sum_sign([signs.of_entries(x) for x in node.arguments]),
    transposed=lambda node: _transposed_terms(node),
)


product = Operator(
    name="product",
    rule=Wording("product rule", "矩阵乘法法则"),
    rule_of_numbers=Wording("product rule", "乘法法则"),
    why=Wording(
        r"$(A+\mathrm{d}A)(B+\mathrm{d}B) = AB + \mathrm{d}A\,B + A\,\mathrm{d}B + \mathrm{d}A\,\mathrm{d}B$, and the "
        "last term is of second order. The factors keep their places, since matrices do not commute.",
        r"$(A+\mathrm{d}A)(B+\mathrm{d}B) = AB + \mathrm{d}A\,B + A\,\mathrm{d}B + \mathrm{d}A\,\mathrm{d}B$，"
        "最后一项是二阶小量。矩阵乘法不可交换，所以各因子的次序不变。",
    ),
    source=FUNDAMENTAL,
    example=(r"a^T X b", "X"),
    notations=(Notation("hadamard", of="scalar"), Notation("circ", of="scalar")),
    latex=lambda node, write: writing.write_product(node, write),
    binding=Binding.PRODUCT,
    binding_of=lambda node: writing.product_binding(node),
    value=lambda arrays, parameters: _fold(arrays, _matrix_or_scalar_product),
    exact=lambda at, node, x: at.times(*x),
    logarithm=lambda at, node: (
        at.plus(*map(at.logarithm, node.arguments)) if all(x.is_scalar for x in node.arguments) else None
    ),
    numpy="@",
    result=product_shape,
    adjoint=_product_adjoint,
    normal=_product_of,
    sign=lambda node, signs: _chain_sign(node, signs),
    entry_sign=lambda node, signs: _entry_sign_of_product(node, signs),
)


transpose_row = Operator(
    name="transpose",
    rule=Wording("transpose rule", "转置法则"),
    source=FUNDAMENTAL,
    example=(r"\operatorname{tr}(AX^T)", "X"),
    notations=(Notation("transpose", of="column row matrix"), Notation("prime", of="column row matrix")),
    latex=lambda node, write: writing.write_transpose(node, write),
    binding=Binding.POWER,
    value=lambda arrays, parameters: arrays[0].swapaxes(-1, -2),
    exact=lambda at, node, x: at.moved(x[0], turned),
    numpy="{0}.T",
    julia=Code("{0}'"),
    maxima=Code("transpose({0})"),
    sympy=Code("{0}.T"),
    signatures=("m n -> n m",),
    adjoint=_transpose_adjoint,
    normal=_transpose_of,
    sign=lambda node, signs: signs.of_matrix(node.arguments[0]),
    entry_sign=lambda node, signs: signs.of_entries(node.arguments[0]),
    undo=Undo(lambda node, value, x: _transpose_of((value,), ())),
)


trace_row = Operator(
    name="trace",
    rule=Wording(r"$\mathrm{d}\operatorname{tr}(X)=\operatorname{tr}(\mathrm{d}X)$", "迹法则"),
    plain=True,
    source=FUNDAMENTAL,
    example=(r"\operatorname{tr}(AXB)", "X"),
    spellings=("tr", "Tr", "trace", "Trace", "Spur", r"\tr", r"\Tr", r"\trace"),
    greedy=True,
    latex=lambda node, write: rf"\operatorname{{tr}}{parenthesise(write(node.arguments[0], 0))}",
    value=lambda arrays, parameters: arrays[0].trace(axis1=-2, axis2=-1)[..., None, None],
    exact=lambda at, node, x: at.trace(x[0]),
    numpy="np.trace({0})",
    julia=Code("tr({0})"),
    maxima=Code("sum(({0})[k0, k0], k0, 1, length({0}))"),
    sympy=Code("{0}.trace()"),
    signatures=("n n -> 1 1",),
    adjoint=_trace_adjoint,
    normal=_trace_of,
)


hadamard_row = Operator(
    name="Hadamard product",
    rule=Wording("entry-wise product rule", "逐元素乘法法则"),
    source=FUNDAMENTAL,
    example=(r"a^T(x\odot b)", "x"),
    notations=(Notation("hadamard", of="column row matrix"), Notation("circ", of="column row matrix")),
    latex=lambda node, write: writing.write_hadamard(node, write),
    binding=Binding.PRODUCT - 2,
    value=lambda arrays, parameters: _fold(arrays, lambda a, b: a * b),
    exact=lambda at, node, x: at.hadamard(*x),
    logarithm=lambda at, node: at.plus(*map(at.logarithm, node.arguments)),
    numpy="*",
    result=lambda arguments, parameters: arguments[0].shape,
    adjoint=lambda node, i, G: powers.hadamard(G, *(x for k, x in enumerate(node.arguments) if k != i)),
    adjoint_rule=Wording.formula(r"$\operatorname{tr}(A^\top(B\odot C))=\operatorname{tr}((A\odot B)^\top C)$"),
    normal=lambda arguments, parameters: powers.hadamard(*arguments),
    sign=lambda node, signs: product_sign([signs.of_matrix(x) for x in node.arguments]) if node.is_square else 0,
    entry_sign=lambda node, signs: hadamard_sign(node.arguments, signs),
    transposed=lambda node: _transposed_terms(node),
)


def _logarithm_of_quotient(at: Arithmetic, node: Apply) -> Jet:
    above, below = map(at.logarithm, node.arguments)
    return at.minus(above, at.spread(below, above))


def _is_fraction(exponent: Expr) -> bool:
    return isinstance(exponent, Number) and exponent.value.denominator > 1


power_row: Operator = Operator(
    name="power",
    rule=Wording("power rule", "幂法则"),
    why=Wording(
        r"A scalar power: $\mathrm{d}(t^k) = k\,t^{k-1}\,\mathrm{d}t$, as in any calculus course.",
        r"标量的幂：$\mathrm{d}(t^k) = k\,t^{k-1}\,\mathrm{d}t$，与一元微积分相同。",
    ),
    source="Magnus and Neudecker (2019), ch. 8, eq. (6)",
    example=(r"(a^Tx)^3", "x"),
    notations=(Notation("power", "{1}", "scalar"), Notation("hadamard_power", "{1}", "scalar")),
    latex=lambda node, write: writing.write_power(node, write),
    binding=Binding.POWER,
    value=lambda arrays, parameters: arrays[0] ** arrays[1],
    exact=lambda at, node, x: at.power(x[0], node.arguments[1], x[1]),
    logarithm=lambda at, node: at.times(at(node.arguments[1]), at.logarithm(node.arguments[0])),
    of_positive=lambda node: _is_fraction(node.arguments[1]),
    rough_at_zero=lambda node: _is_fraction(node.arguments[1]) or powers.divisor(node, power_row) is not None,
    numpy="{0} ** {1}",
    julia=Code("{0} ^ {1}"),
    maxima=Code("{0} ^ {1}"),
    sympy=Code("{0} ** {1}"),
    signatures=("1 1, 1 1 -> 1 1",),
    differential=lambda node, d: _power_differential(node, d),
    normal=lambda arguments, parameters: powers.power(arguments[0], arguments[1]),
    sign=lambda node, signs: power_sign(signs.of_matrix(node.arguments[0]), node.arguments[1]),
    undo=Undo(_undo_power, "not zero"),
)


def _power_differential(node: Apply, d: Differentiate) -> Expr:
    base, exponent = node.arguments
    by_base = terms.multiply(exponent, powers.power(base, factoring.add(exponent, number(-1))), d(base))
    if isinstance(exponent, Number):
        return by_base
    return factoring.add(by_base, terms.multiply(node, Apply(by_name("logarithm"), (base,)), d(exponent)))


def _entrywise_power_differential(node: Apply, d: Differentiate) -> Expr:
    base, exponent = node.arguments
    slope = terms.multiply(exponent, powers.entrywise_power(base, factoring.add(exponent, number(-1))))
    by_exponent = terms.multiply(d(exponent), powers.hadamard(node, Apply(by_name("logarithm"), (base,))))
    return factoring.add(powers.hadamard(slope, d(base)), by_exponent)


entrywise_power_row: Operator = Operator(
    name="entry-wise power",
    rule=Wording("entry-wise power rule", "逐元素幂法则"),
    why=Wording(
        "Each entry is a power of the same entry, so the power rule holds entry by entry.",
        "每个元素是同一位置元素的幂，所以逐元素使用幂法则。",
    ),
    source="Magnus and Neudecker (2019), ch. 8, eq. (6), entry by entry",
    example=(r"a^T x^{\odot 3}", "x"),
    notations=(Notation("power", "{1}", "call applied"), Notation("hadamard_power", "{1}", "column row matrix")),
    latex=lambda node, write: writing.write_entrywise_power(node, write),
    binding=Binding.POWER,
    binding_of=lambda node: Binding.POWER if powers.divisor(node, entrywise_power_row) is None else Binding.PRODUCT - 2,
    value=lambda arrays, parameters: arrays[0] ** arrays[1],
    exact=lambda at, node, x: at.power(x[0], node.arguments[1], x[1]),
    logarithm=lambda at, node: at.times(at(node.arguments[1]), at.logarithm(node.arguments[0])),
    of_positive=lambda node: _is_fraction(node.arguments[1]),
    numpy="{0} ** {1}",
    julia=Code("{0} .^ {1}"),
    sympy=Code("each({0}, lambda _t: _t ** {1})", EACH),
    maxima=Code("{0} ^ {1}"),
    signatures=("m n, 1 1 -> m n",),
    differential=lambda node, d: _entrywise_power_differential(node, d),
    normal=lambda arguments, parameters: powers.entrywise_power(arguments[0], arguments[1]),
    entry_sign=entrywise_power_sign,
    transposed=lambda node: node if terms.is_symmetric(node.arguments[0]) else None,
    undo=Undo(_undo_power, "no zero entry"),
)


inverse_row = Operator(
    name="inverse",
    rule=Wording("inverse rule", "逆法则"),
    why=Wording(
        r"Take the differential of $X X^{-1} = I$: $\mathrm{d}X\,X^{-1} + X\,\mathrm{d}(X^{-1}) = 0$. Multiply by "
        r"$X^{-1}$ from the left.",
        r"对 $X X^{-1} = I$ 两边求微分：$\mathrm{d}X\,X^{-1} + X\,\mathrm{d}(X^{-1}) = 0$，再左乘 $X^{-1}$。",
    ),
    source="Magnus and Neudecker (2019), ch. 8, sec. 4",
    example=(r"a^T X^{-1} b", "X"),
    notations=(Notation("power", "-1", "matrix"),),
    spellings=("inv", r"\inv"),
    signatures=("n n -> n n",),
    latex=lambda node, write: writing.write_matrix_power(node, write),
    binding=Binding.POWER,
    value=lambda arrays, parameters: inverse_value(arrays[0]),
    exact=lambda at, node, x: at.inverse(x[0]),
    numpy="np.linalg.inv({0})",
    julia=Code("inv({0})"),
    maxima=Code("invert({0})"),
    sympy=Code("{0}.inv()"),
    differential=_inverse_differential,
    normal=lambda arguments, parameters: powers.inverse(arguments[0]),
    sign=lambda node, signs: _inverse_sign(signs.of_matrix(node.arguments[0])),
    transposed=lambda node: node if terms.is_symmetric(node.arguments[0]) else None,
    undo=Undo(lambda node, value, x: powers.inverse(value), "invertible"),
)


def _matrix_power_sign(node: Apply, signs: Signs) -> int:
    """Return the sign of a power of a symmetric matrix, or of a definite one."""
    base, exponent = node.arguments
    sign = power_sign(signs.of_matrix(base), exponent) if terms.is_symmetric(base) else 0
    return DEFINITE if sign == SEMIDEFINITE and is_invertible(base) else sign


def _transposed_power(node: Apply) -> Expr | None:
    """Return the transpose of a power of a symmetric matrix, or an even or odd one of a skew-symmetric one."""
    base, exponent = node.arguments
    if terms.is_symmetric(base):
        return node
    if not isinstance(exponent, Number) or exponent.value.denominator != 1:
        return None
    if not keys.same(terms.transpose(base), terms.negate(base)):
        return None
    return node if exponent.value % 2 == 0 else terms.negate(node)


matrix_power_row = Operator(
    name="matrix power",
    rule=Wording("product rule", "矩阵乘法法则"),
    source="Magnus and Neudecker (2019), ch. 9, sec. 9",
    example=(r"\operatorname{tr}(X^3)", "X"),
    notations=(Notation("power", "{1}", "matrix"),),
    signatures=("n n, 1 1 -> n n",),
    latex=lambda node, write: writing.write_matrix_power(node, write),
    binding=Binding.POWER,
    value=matrix_power_value,
    exact=lambda at, node, x: exact_matrix_power(at, node.arguments[1], x),
    numpy="matrix_power({0}, {1})",
    helper="""
def matrix_power(a, p):
    if p == round(p):
        return np.linalg.matrix_power(a, round(p))
    values, vectors = np.linalg.eig(a)
    return np.real(vectors * values ** p @ np.linalg.inv(vectors))
""",
    julia=Code("{0} ^ {1}"),
    maxima=Code("(({0}) ^^ ({1}))"),
    sympy=Code("{0} ** {1}"),
    of_positive=lambda node: _is_fraction(node.arguments[1]),
    differential=lambda node, d: frechet.differential_of_power(node, d),
    ruled_by=lambda node, d: frechet.rule_of_power(node, d),
    normal=lambda arguments, parameters: powers.matrix_power(arguments[0], arguments[1]),
    transposed=lambda node: _transposed_power(node),
    sign=lambda node, signs: _matrix_power_sign(node, signs),
)


fraction_row = Operator(
    name="quotient",
    rule=Wording("quotient rule", "除法法则"),
    why=Wording(
        "Write the quotient as a product with the reciprocal of the scalar, and use the product and power rules.",
        "把商写成与标量倒数的乘积，再用乘法法则与幂法则。",
    ),
    source=FUNDAMENTAL,
    example=(r"\frac{x^TAx}{x^Tx}", "x"),
    notations=(Notation("fraction"), Notation("slash")),
    latex=lambda node, write: rf"\frac{{{write(node.arguments[0], 0)}}}{{{write(node.arguments[1], 0)}}}",
    binding=Binding.PRODUCT + 1,
    value=lambda arrays, parameters: arrays[0] / arrays[1],
    exact=lambda at, node, x: at.times(at.reciprocal(x[1]), x[0]),
    logarithm=lambda at, node: _logarithm_of_quotient(at, node),
    numpy="{0} / {1}",
    julia=Code("{0} / {1}"),
    maxima=Code("{0} / {1}"),
    sympy=Code("{0} / {1}"),
    signatures=("m n, 1 1 -> m n",),
    differential=lambda node, d: _quotient_differential(node, d),
    normal=_quotient_of,
)


def _quotient_differential(node: Apply, d: Differentiate) -> Expr:
    above, below = node.arguments
    by_below = terms.multiply(powers.power(below, number(-2)), d(below), above)
    return factoring.add(terms.multiply(powers.reciprocal(below), d(above)), terms.negate(by_below))


def _differential_value(node: Apply) -> Any:
    raise VerificationError("E402", f"{to_latex(node)} has no value")


differential = Operator(
    name="differential",
    rule=Wording("definition", "定义"),
    source=ARTICLE,
    example=(r"a^T x", "x"),
    latex=lambda node, write: writing.write_differential(node, write),
    binding=Binding.POWER,
    sized_value=lambda node, arrays, sizes: _differential_value(node),
    exact=lambda at, node, x: at.differential(node.arguments[0]),
    numpy="d",
    result=lambda arguments, parameters: arguments[0].shape,
    transposed=lambda node: node if terms.is_self_transposed(node.arguments[0]) else None,
)


zero_row = Operator(
    name="zero matrix",
    rule=Wording("a constant", "常量"),
    source=FUNDAMENTAL,
    example=(r"a^Tx+\mathbf{0}^Tx", "x"),
    latex=lambda node, write: r"\mathbf{0}" if ONE in node.shape else "0",
    sized_value=lambda node, arrays, sizes: _filled(node, sizes, 0.0),
    exact=lambda at, node, x: Jet({0: zeros(*map(at.size, node.shape))}),
    numpy="np.zeros(({0}, {1}))",
    torch=Code("torch.zeros(({0}, {1}), **like)"),
    julia=Code("zeros({0}, {1})"),
    maxima=Code("zeromatrix({0}, {1})"),
    sympy=Code("sp.zeros({0}, {1})"),
    result=lambda arguments, parameters: (parameters[0], parameters[1]),
    transposed=lambda node: terms.zero((node.shape[1], node.shape[0])),
)


ones_row = Operator(
    name="ones",
    rule=Wording("a constant", "常量"),
    source=FUNDAMENTAL,
    example=(r"\mathbf{1}^Tx", "x"),
    latex=lambda node, write: r"\mathbf{1}" if ONE in node.shape else r"\mathbf{1}\mathbf{1}^\top",
    sized_value=lambda node, arrays, sizes: _filled(node, sizes, 1.0),
    exact=lambda at, node, x: Jet({0: filled(*map(at.size, node.shape))}),
    numpy="np.ones(({0}, {1}))",
    torch=Code("torch.ones(({0}, {1}), **like)"),
    julia=Code("ones({0}, {1})"),
    sympy=Code("sp.ones({0}, {1})"),
    result=lambda arguments, parameters: (parameters[0], parameters[1]),
    entry_sign=lambda node, signs: DEFINITE,
    transposed=lambda node: Apply(node.operator, (), (node.shape[1], node.shape[0])) if ONE not in node.shape else None,
)


identity_row = Operator(
    name="identity matrix",
    rule=Wording("a constant", "常量"),
    source=FUNDAMENTAL,
    example=(r"\operatorname{tr}(X+I)", "X"),
    latex=lambda node, write: "I",
    sized_value=lambda node, arrays, sizes: _unit_matrix(node, sizes),
    exact=lambda at, node, x: Jet({0: eye(at.size(node.shape[0]))}),
    numpy="np.eye({0})",
    torch=Code("torch.eye({0}, **like)"),
    julia=Code("Matrix(1.0I, {0}, {0})"),
    maxima=Code("ident({0})"),
    sympy=Code("sp.eye({0})"),
    result=lambda arguments, parameters: (parameters[0], parameters[0]),
    sign=lambda node, signs: DEFINITE,
    transposed=lambda node: node,
)


# The rows name the normal form, and that names the rows: it is imported when they are made.
from .. import factoring, keys, powers, terms, writing  # noqa: E402
from . import frechet  # noqa: E402
