"""The normal form of products, transposes and traces, and the views of an expression's parts.

`Apply(product, ...)` keeps what an author wrote; `multiply`, `add`, `transpose`, ... return the simplest equal
expression that they know: numbers first, like terms merged, common factors taken out, nothing expanded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeGuard

from . import factoring, keys, powers
from .expressions import (
    ONE,
    SCALAR,
    Apply,
    Binding,
    Dimension,
    Expr,
    Index,
    Number,
    Operator,
    Shape,
    Symbol,
    number,
    remembered,
)
from .operators.structural import (
    add_row,
    differential,
    fraction_row,
    hadamard_row,
    identity_row,
    inverse_row,
    matrix_power_row,
    ones_row,
    power_row,
    product,
    product_shape,
    trace_row,
    transpose_row,
    zero_row,
)
from .properties import SELF_TRANSPOSED, SUMS_TO_ONE


def d(x: Expr) -> Expr:
    """Return the differential of `x` as a symbol-like node."""
    return Apply(differential, (x,))


def build(operator: Operator, *arguments: Expr, parameters: tuple[Any, ...] = ()) -> Expr:
    """Return `operator` applied to `arguments`, in normal form."""
    if operator.normal is not None:
        simpler = operator.normal(arguments, parameters)
        if simpler is not None:
            return simpler
    return Apply(operator, arguments, parameters)


def normalise(expression: Expr) -> Expr:
    """Return the normal form of `expression`: every node rebuilt by its operator's constructor."""
    if not isinstance(expression, Apply):
        return expression
    return _normalise(expression)


@remembered(maxsize=20_000)
def _normalise(expression: Apply) -> Expr:
    return build(expression.operator, *[normalise(x) for x in expression.arguments], parameters=expression.parameters)


def substitute(expression: Expr, replacement: Mapping[Any, Expr], rebuild: Callable[..., Expr] | None = None) -> Expr:
    """Return `expression` with nodes replaced; `rebuild` makes the nodes above (default: as written)."""
    letters = next(iter(replacement)).symbols if len(replacement) == 1 else frozenset()
    return _substituted(expression, dict(replacement), letters, rebuild or _as_written)


def _substituted(
    node: Expr, done: dict[Expr, Expr], letters: frozenset[Symbol], make: Callable[..., Expr]
) -> Expr:  # no closure, which would be garbage in a cycle
    if node not in done:
        if isinstance(node, Apply) and letters <= node.symbols:  # else the one node that is replaced is not in it
            arguments = tuple([_substituted(x, done, letters, make) for x in node.arguments])
            same = arguments == node.arguments
            done[node] = node if same else make(node.operator, *arguments, parameters=node.parameters)
        else:
            done[node] = node
    return done[node]


def _as_written(operator: Operator, *arguments: Expr, parameters: tuple[Any, ...] = ()) -> Expr:
    return Apply(operator, arguments, parameters)


@remembered(maxsize=50_000)
def reading_cost(expression: Expr) -> int:
    """Return about how many signs a reader meets in `expression`."""
    if isinstance(expression, Symbol):
        return 1
    if isinstance(expression, Number):
        return 1 if expression.value.denominator == 1 else 2
    assert isinstance(expression, Apply)
    own = 0 if expression.operator is product else len(expression.arguments) if expression.operator is add_row else 1
    return own + sum(map(reading_cost, expression.arguments))


def sums_to_one(x: Expr) -> bool:
    """Whether `x` is a letter whose entries are declared to add up to one."""
    return isinstance(x, Symbol) and not x.properties.isdisjoint(SUMS_TO_ONE)


def is_zero(x: Expr) -> bool:
    """Whether `x` is the number 0 or a zero matrix."""
    return x is _ZERO or x.operator is zero_row


def zero(shape: Shape) -> Expr:
    """Return the zero of `shape`."""
    return number(0) if shape == SCALAR else Apply(zero_row, (), shape)


_ZERO = number(0)
ONCE = Fraction(1)
"""The coefficient of what stands alone; a new fraction each time would cost more than all else here."""


def split_coefficient(x: Expr) -> tuple[Fraction, Expr]:
    """Return (c, y) with x = c y and y free of a leading number."""
    if isinstance(x, Number):
        return x.value, number(1)
    if is_product(x) and isinstance(x.arguments[0], Number):
        rest = x.arguments[1:]
        return x.arguments[0].value, rest[0] if len(rest) == 1 else Apply(product, rest)
    return ONCE, x


def scale(coefficient: Fraction | int, x: Expr) -> Expr:
    """Return `coefficient` times `x`."""
    if coefficient is ONCE or coefficient == 1:
        return x
    return multiply(number(coefficient), x)


def negate(x: Expr) -> Expr:
    """Return -x."""
    return scale(-1, x)


def terms_of(x: Expr) -> tuple[Expr, ...]:
    """Return the terms whose sum is `x`."""
    return x.arguments if x.operator is add_row else (x,)


def factors_of(x: Expr) -> tuple[Expr, ...]:
    """Return the factors whose product is `x`."""
    return x.arguments if is_product(x) else (x,)


def entry_factors_of(x: Expr) -> tuple[Expr, ...]:
    """Return the factors whose entry-wise product is `x`."""
    return x.arguments if is_hadamard(x) else (x,)


def scalars_and_chain(x: Expr) -> tuple[list[Expr], list[Expr]]:
    """Return the scalar factors of `x`, and its chain of matrices."""
    factors = factors_of(x)
    return [y for y in factors if y.is_scalar], [y for y in factors if not y.is_scalar]


def inverted(x: Expr) -> Expr | None:
    """Return y where `x` is y^{-1}, else None."""
    return x.arguments[0] if x.operator is inverse_row else None


def trace_body(x: Expr) -> Expr | None:
    """Return y where `x` is tr(y), else None."""
    return x.arguments[0] if x.operator is trace_row else None


def is_transposed(x: Expr) -> bool:
    """Whether `x` is the transpose of something."""
    return under_transpose(x) is not None


def is_identity(x: Expr) -> bool:
    """Whether `x` is an identity matrix."""
    return x.operator is identity_row


def written_sum(terms: Iterable[Expr]) -> Expr:
    """Return the sum as written: opened, but no terms merged and none moved."""
    flat = tuple(x for term in terms for x in terms_of(term))
    return flat[0] if len(flat) == 1 else Apply(add_row, flat)


@remembered(maxsize=50_000)
def holds_differential(x: Expr) -> bool:
    """Whether a differential occurs in `x`."""
    if isinstance(x, Apply):
        return is_differential(x) or any(map(holds_differential, x.arguments))
    return False


def is_differential(x: Expr) -> bool:
    """Whether `x` is the differential of something, which is written like a letter."""
    return x.operator is differential


def coefficient_scalars_chain(x: Expr) -> tuple[Fraction, tuple[Expr, ...], tuple[Expr, ...]]:
    """Return (number, scalars, matrix factors) of a term."""
    coefficient, rest = split_coefficient(x)
    factors = factors_of(rest)
    scalars = tuple([y for y in factors if y.is_scalar])
    if rest.is_scalar and not scalars:
        return coefficient, (), factors
    if len(scalars) == len(factors) and scalars:
        last = scalars[-1]
        if is_product(last):
            return coefficient, scalars[:-1], factors_of(last)
    return coefficient, scalars, tuple([y for y in factors if not y.is_scalar])


@remembered(maxsize=50_000)
def multiply(*factors: Expr) -> Expr:
    """Return the matrix product of `factors` in normal form: number, scalars, then the chain of matrices."""
    coefficient, dropped = ONCE, None
    scalars: list[Expr] = []
    chain: list[Expr] = []
    shape = product_shape(factors, ())
    for factor in flat_product(*factors):
        if isinstance(factor, Symbol):  # first, as most factors are
            if factor.is_scalar:
                scalars.append(factor)
            else:
                _append(chain, factor)
        elif isinstance(factor, Number):
            coefficient = factor.value if coefficient is ONCE else coefficient * factor.value
        elif is_zero(factor):
            return zero(shape)
        elif factor.is_scalar:
            scalars.append(factor)
        elif is_identity(factor):
            dropped = factor
        else:
            _append(chain, factor)
    if any(map(_is_sum, scalars + chain)):
        coefficient = _take_contents(coefficient, scalars, chain)
    chain, inner = _take_scalars(chain)
    if shape == SCALAR and chain:
        inner, chain = [*inner, chain_product(chain)], []
    for one in inner:
        more, rest = split_coefficient(one)
        coefficient = more if coefficient is ONCE else coefficient * more
        scalars.append(rest)
    if not coefficient:
        return zero(shape)
    if not chain and shape != SCALAR:
        chain = [dropped if dropped is not None else identity(shape[0])]
    return _assemble(coefficient, powers.merged(scalars), chain)


def _take_contents(coefficient: Fraction, scalars: list[Expr], chain: list[Expr]) -> Fraction:
    """Take out of the sums among several factors what all their terms share; return the number that is then outside."""
    alone = len(scalars) + len(chain) + (coefficient != 1) == 1
    if alone or any(map(holds_differential, scalars + chain)):
        return coefficient
    for factors in (scalars, chain):
        for k, x in enumerate(factors):
            if _is_sum(x) and (shared := factoring.content(x, coefficient)) is not None:
                coefficient = coefficient * shared.number
                factors[k] = shared.rest
                scalars.extend(shared.scalars)
    return coefficient


def _is_sum(x: Expr) -> bool:
    return not isinstance(x, Symbol) and len(terms_of(x)) > 1


def flat_product(*factors: Expr) -> list[Expr]:
    """Return the factors with products opened, but scalars made of vectors kept whole."""
    flat: list[Expr] = []
    for factor in factors:
        if isinstance(factor, Symbol):  # first, as most factors are
            flat.append(factor)
        elif is_product(factor):
            whole = factor.is_scalar and not any(x.is_scalar for x in factor.arguments)
            flat.extend([factor] if whole else flat_product(*factor.arguments))
        else:
            flat.append(factor)
    return flat


def _append(chain: list[Expr], factor: Expr) -> None:
    """Append `factor` to the chain, cancelling it against an inverse before it."""
    if chain and _are_other_letters(chain[-1], factor):
        chain.append(factor)
        return
    if chain and _cancels(chain[-1], factor):
        chain.pop()
        return
    if len(chain) > 1 and (cancelled := _cancelled_by(factor, chain)):
        del chain[-cancelled:]
        return
    shortened = _shortened(chain[-1], factor) if chain else None
    if shortened is not None:
        chain.pop()
        for x in flat_product(shortened):
            _append(chain, x)
        return
    before, after = (_matrix_base(chain[-1]) if chain else None), _matrix_base(factor)
    if before is not None and after is not None and keys.same(before[0], after[0]):
        chain.pop()
        merged = powers.matrix_power(before[0], factoring.add(before[1], after[1]))
        if not is_identity(merged):
            chain.append(merged)
        return
    chain.append(factor)


def _are_other_letters(a: Expr, b: Expr) -> bool:
    """Whether `a` and `b` are different letters or dX, transposed or not, as most neighbours are: nothing cancels."""
    if isinstance(a, Symbol) and isinstance(b, Symbol):
        return a is not b
    one, other = under_transpose(a) or a, under_transpose(b) or b
    return one is not other and _is_letter(one) and _is_letter(other)


def _is_letter(x: Expr) -> bool:
    return isinstance(x, Symbol) or is_differential(x)


def matrix_raised(x: Expr) -> tuple[Expr, Expr] | None:
    """Return (base, exponent) of the power of a matrix, None where `x` is none."""
    return (x.arguments[0], x.arguments[1]) if x.operator is matrix_power_row else None


def _matrix_base(x: Expr) -> tuple[Expr, Expr] | None:
    """Return (base, exponent) of a square factor seen as a power; the transpose belongs to the base."""
    if not x.is_square or x.is_scalar:
        return None
    inner = under_transpose(x)
    if inner is not None:
        found = _matrix_base(inner)
        return None if found is None else (transpose(found[0]), found[1])
    raised = matrix_raised(x)
    if raised is not None:
        return raised
    inside = inverted(x)
    return (x, number(1)) if inside is None else (inside, number(-1))


def _cancels(a: Expr, b: Expr) -> bool:
    """Whether a b is the identity: one is the inverse of the other, or the transpose of an orthogonal matrix."""
    below_a, below_b = inverted(a), inverted(b)
    if (below_a is not None and keys.same(below_a, b)) or (below_b is not None and keys.same(below_b, a)):
        return True
    inner_a, inner_b = under_transpose(a), under_transpose(b)
    if inner_a is not None and inner_b is not None:
        return _cancels(inner_b, inner_a)
    orthogonal = inner_a if inner_a is not None and inner_a is b else inner_b if inner_b is a else None
    named = isinstance(orthogonal, Symbol) and orthogonal.is_square
    return isinstance(orthogonal, Symbol) and named and {"orthogonal"} == orthogonal.properties & {"orthogonal", "free"}


def _cancelled_by(factor: Expr, chain: Sequence[Expr]) -> int:
    """Return how many factors at the end of the chain are, with `factor`, the identity: `(X^T X)^{-1} X^T` and X."""
    behind = _inverted_factors(factor)
    for n in range(2, min(len(chain), LONGEST_INVERTED) + 1):
        if len(behind) == n and all(map(keys.same, behind, chain[-n:])):
            return n
        before = _inverted_factors(chain[-n])
        if len(before) == n and all(map(keys.same, before, [*chain[1 - n :], factor])):
            return n
    return 0


LONGEST_INVERTED = 4
"""Up to how many factors an inverse is of that is sought beside them."""


def _shortened(a: Expr, b: Expr) -> Expr | None:
    """Return a b where one is the inverse of a product of square factors that the other cancels an end of.

    `A (A X B)^{-1}` is not such a case; `B (A X B)^{-1}` is `(A X)^{-1}`.
    """
    for inverted, other, at_left in ((b, a, True), (a, b, False)):
        factors = _inverted_factors(inverted)
        if len(factors) > 1 and all(x.is_square for x in factors) and keys.same(factors[-1 if at_left else 0], other):
            return powers.inverse(multiply(*(factors[:-1] if at_left else factors[1:])))
    return None


def _inverted_factors(x: Expr) -> list[Expr]:
    """Return the factors of P where `x` is the inverse of the product P, or of its transpose."""
    inner = under_transpose(x)
    if inner is not None:
        return [transpose(y) for y in reversed(_inverted_factors(inner))]
    inside = inverted(x)
    return flat_product(inside) if inside is not None and is_product(inside) else []


def under_transpose(x: Expr) -> Expr | None:
    """Return y where `x` is y^T, else None."""
    return x.arguments[0] if x.operator is transpose_row else None


def _take_scalars(chain: list[Expr]) -> tuple[list[Expr], list[Expr]]:
    """Return the chain without its inner scalars (row times ... times column), and these scalars."""
    scalars: list[Expr] = []
    kept: list[Expr] = []
    for factor in chain:
        kept.append(factor)
        if factor.shape[1] != ONE:
            continue
        start = next((k for k in range(len(kept) - 1, -1, -1) if kept[k].shape[0] == ONE), None)
        if start is not None:
            scalars.append(chain_product(kept[start:]))
            del kept[start:]
    return kept, scalars


def chain_product(chain: list[Expr]) -> Expr:
    """Return the product of a chain of matrices, as it stands where nothing in it is merged."""
    if len(chain) == 1:
        return chain[0]
    if any(x.is_scalar or is_product(x) or is_identity(x) for x in chain):
        return multiply(*chain)
    return Apply(product, tuple(chain))


def base_and_exponent(x: Expr) -> tuple[Expr, Expr]:
    """Return (b, e) where the scalar `x` is b^e."""
    if x.operator is power_row:
        return x.arguments[0], x.arguments[1]
    return x, number(1)


def _assemble(coefficient: Fraction, scalars: list[Expr], chain: list[Expr]) -> Expr:
    for scalar in list(scalars):
        if isinstance(scalar, Number):
            coefficient *= scalar.value
            scalars.remove(scalar)
    factors = [*(_in_order(scalars) if len(scalars) > 1 else scalars), *chain]
    if not factors or (coefficient is not ONCE and coefficient != 1):
        factors.insert(0, Number(coefficient))
    return factors[0] if len(factors) == 1 else Apply(product, tuple(factors))


LONG_SUM = 14
"""From which reading cost on a scalar sum stands behind the other scalars."""


def _in_order(scalars: Sequence[Expr]) -> list[Expr]:
    r"""Return letters and powers, chains, sums, calls, last long sums and those of such: `\lambda s(t)(1-s(t))`."""
    moving = any(map(holds_differential, scalars))

    def place(x: Expr) -> int:
        if _is_sum(x) and not moving:
            parts = [split_coefficient(y)[1] for y in terms_of(x)]
            return 3 * (reading_cost(x) > LONG_SUM or any(y in parts for y in scalars))
        return 2 if is_call(x) else int(is_product(x) or (is_sum_over(x) and not moving))

    return sorted(scalars, key=place)


def is_call(x: Expr) -> bool:
    """Whether `x` is written as a function before its argument."""
    return isinstance(x, Apply) and x.operator.binding == Binding.PRODUCT + 1 and x.operator is not fraction_row


def inner_product(a: Expr, b: Expr) -> Expr:
    """Return <a, b> = tr(a^T b), without a trace where it is not needed."""
    return trace(multiply(transpose(a), b))


def is_by_components(x: Expr) -> TypeGuard[Apply]:
    """Whether `x` is a column or a matrix whose entries are given."""
    return isinstance(x, Apply) and x.operator.binds_index and x.operator.in_components


def entries_given(x: Expr) -> tuple[list[str], Expr]:
    """Return the indices of a column or a matrix whose entries are given, and such an entry; none and `x` of others."""
    names: list[str] = []
    while is_by_components(x):
        names.insert(0, index_of(x).name)
        x = x.arguments[0]
    return names, x


def is_sum_over(x: Expr) -> TypeGuard[Apply]:
    """Whether `x` is a sum over an index, or an expectation."""
    return x.operator is not None and x.operator.binds_index and x.operator.adjoint is not None


def is_hadamard(x: Expr) -> TypeGuard[Apply]:
    """Whether `x` is an entry-wise product, which a number before it does not tear apart."""
    return x.operator is hadamard_row


def is_self_transposed(x: Expr) -> bool:
    """Whether `x` is a letter that is declared to equal its transpose and is no variable that moves."""
    return isinstance(x, Symbol) and bool(SELF_TRANSPOSED & x.properties) and "free" not in x.properties


@remembered(maxsize=20_000)
def transpose(x: Expr) -> Expr:
    """Return x^T, carried inside where that does not lengthen it."""
    if x.is_scalar:
        return x
    if isinstance(x, Symbol):
        return x if is_self_transposed(x) else Apply(transpose_row, (x,))
    assert isinstance(x, Apply)
    inner = under_transpose(x)
    if inner is not None:
        return inner
    if is_product(x):
        scalars = [y for y in x.arguments if y.is_scalar]
        return multiply(*scalars, *(transpose(y) for y in reversed(x.arguments) if not y.is_scalar))
    turned = x.operator.transposed(x) if x.operator.transposed is not None else None
    if isinstance(turned, Apply) and x.operator.split_by_transpose:
        return build(turned.operator, *turned.arguments, parameters=turned.parameters)
    if turned is not None and reading_cost(turned) <= reading_cost(x):
        return turned
    return Apply(transpose_row, (x,))


def is_symmetric(x: Expr) -> bool:
    """Whether `x` equals its transpose, by declaration or by its form (X^T X, A + A^T, B^T S B)."""
    return x.is_square and keys.same(transpose(x), x)


@remembered(maxsize=20_000)
def trace(x: Expr) -> Expr:
    """Return tr(x): numbers and scalars outside, the shortest cyclic order, no trace around a scalar."""
    if x.is_scalar:
        return x
    if is_zero(x):
        return number(0)
    inner = under_transpose(x)
    if inner is not None:
        return trace(inner)
    if isinstance(x, Apply) and len(terms_of(x)) > 1:
        apart = factoring.add(*(trace(term) for term in x.arguments))
        shorter = len(terms_of(apart)) < len(x.arguments)
        return apart if shorter or holds_differential(x) else Apply(trace_row, (x,))
    if is_identity(x) and len(x.shape[0]) == 1:
        (size,) = x.shape[0]
        return number(int(size)) if size.isdigit() else Symbol(size)
    scalars, chain = scalars_and_chain(x)
    if len(scalars) + len(chain) == 1:
        return Apply(trace_row, (x,))
    for k, factor in enumerate(chain):
        if factor.shape[0] == ONE:
            return multiply(*scalars, *chain[k:], *chain[:k])
    if scalars:
        return multiply(*scalars, trace(multiply(*chain)))
    return Apply(trace_row, (x,))


def is_product(x: Expr) -> TypeGuard[Apply]:
    """Whether `x` is a product."""
    return x.operator is product


def index_symbol(name: str) -> Symbol:
    """Return the index of a sum as a letter of its body."""
    return Symbol(name, SCALAR, frozenset(("integer",)), (name,))


def index_of(node: Apply) -> Index:
    """Return the index of a sum."""
    index = node.parameters[0]
    assert isinstance(index, Index)
    return index


def identity(dimension: Dimension) -> Expr:
    """Return the identity matrix of that size."""
    return number(1) if dimension == ONE else Apply(identity_row, (), (dimension,))


def is_ones(x: Expr) -> bool:
    """Whether `x` is written as a row, column or matrix of ones."""
    return x.operator is ones_row


def bound_index(x: Expr) -> Index | None:
    """Return the index over which `x` is a sum, None where it is none."""
    return index_of(x) if is_sum_over(x) else None


def ones(shape: Shape) -> Expr:
    """Return the matrix of ones of `shape`."""
    return number(1) if shape == SCALAR else Apply(ones_row, (), shape)
