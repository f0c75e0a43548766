"""The rows of arithmetic (sums, products, transposes, traces, powers), and the constructors of the normal form.

`Apply(product, ...)` keeps what an author wrote; `multiply`, `add`, `transpose`, ... return the simplest equal
expression that they know: numbers first, like terms merged, common factors taken out, nothing expanded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeGuard

from ...errors import UnsupportedError
from ...words import Wording
from ..expressions import (
    ONE,
    SCALAR,
    Apply,
    Binding,
    Code,
    Dimension,
    Expr,
    Index,
    Number,
    Operator,
    Shape,
    Symbol,
    binding_of,
    lazy_numpy,
    number,
    parenthesise,
    remembered,
    to_latex,
)
from ..notations import Notation
from ..properties import SELF_TRANSPOSED

Write = Callable[[Expr, int], str]
ARTICLE = "Matrix differential calculus: the method of differentials (Magnus and Neudecker, ch. 8-9)"


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
    return build(expression.operator, *(normalise(x) for x in expression.arguments), parameters=expression.parameters)


def substitute(expression: Expr, replacement: Mapping[Any, Expr], rebuild: Callable[..., Expr] | None = None) -> Expr:
    """Return `expression` with nodes replaced; `rebuild` makes the nodes above (default: as written)."""
    done: dict[Expr, Expr] = dict(replacement)
    make = rebuild or _as_written

    def visit(node: Expr) -> Expr:
        if node not in done:
            if isinstance(node, Apply):
                arguments = tuple(visit(x) for x in node.arguments)
                same = all(a is b for a, b in zip(arguments, node.arguments, strict=True))
                done[node] = node if same else make(node.operator, *arguments, parameters=node.parameters)
            else:
                done[node] = node
        return done[node]

    return visit(expression)


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
    return own + sum(reading_cost(x) for x in expression.arguments)


# --- sums -------------------------------------------------------------------------------------------------


def is_zero(x: Expr) -> bool:
    """Whether `x` is the number 0 or a zero matrix."""
    return (isinstance(x, Number) and x.value == 0) or (isinstance(x, Apply) and x.operator is zero_row)


def zero(shape: Shape) -> Expr:
    """Return the zero of `shape`."""
    return number(0) if shape == SCALAR else Apply(zero_row, (), shape)


ONCE = Fraction(1)
"""The coefficient of what stands alone; a new fraction each time would cost more than all else here."""


def split_coefficient(x: Expr) -> tuple[Fraction, Expr]:
    """Return (c, y) with x = c y and y free of a leading number."""
    if isinstance(x, Number):
        return x.value, number(1)
    if isinstance(x, Apply) and x.operator is product and isinstance(x.arguments[0], Number):
        rest = x.arguments[1:]
        return x.arguments[0].value, rest[0] if len(rest) == 1 else Apply(product, rest)
    return ONCE, x


def scale(coefficient: Fraction | int, x: Expr) -> Expr:
    """Return `coefficient` times `x`."""
    if coefficient == 1:
        return x
    return multiply(number(coefficient), x)


def negate(x: Expr) -> Expr:
    """Return -x."""
    return scale(-1, x)


def terms_of(x: Expr) -> tuple[Expr, ...]:
    """Return the terms whose sum is `x`."""
    return x.arguments if isinstance(x, Apply) and x.operator is add_row else (x,)


def written_sum(terms: Iterable[Expr]) -> Expr:
    """Return the sum as written: opened, but no terms merged and none moved."""
    flat = tuple(x for term in terms for x in terms_of(term))
    return flat[0] if len(flat) == 1 else Apply(add_row, flat)


@remembered(maxsize=20_000)
def add(*terms: Expr) -> Expr:
    """Return the sum of `terms`, like terms merged and common factors taken out."""
    coefficients: dict[Expr, Fraction] = {}
    shape = terms[0].shape
    terms = _with_transposed_sums_opened(terms)
    bodies = [split_coefficient(term)[1] for term in terms]
    for term, body in zip(terms, bodies, strict=True):
        # A sum that comes twice is kept whole: 2(Xw-y), not 2Xw-2y.
        for one in (term,) if bodies.count(body) > 1 else terms_of(term):
            if is_zero(one):
                continue
            coefficient, rest = split_coefficient(one)
            rest = _like(rest, coefficients)
            known = coefficients.get(rest)
            coefficients[rest] = coefficient if known is None else known + coefficient
    merged = [scale(c, rest) for rest, c in coefficients.items() if c != 0]
    if not merged:
        return zero(shape)
    return _factor(merged)


def _with_transposed_sums_opened(terms: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Return the terms with (A+B)^T as A^T + B^T where that has a term like one of the others."""
    others = {split_coefficient(one)[1] for term in terms for one in terms_of(term)}
    found: list[Expr] = []
    for term in terms:
        coefficient, body = split_coefficient(term)
        inner = _under_transpose(body)
        opened = [transpose(x) for x in terms_of(inner)] if inner is not None else []
        if len(opened) > 1 and any(split_coefficient(x)[1] in others for x in opened):
            found.extend(scale(coefficient, x) for x in opened)
        else:
            found.append(term)
    return tuple(found)


def _like(term: Expr, known: dict[Expr, Fraction]) -> Expr:
    """Return the term of `known` that equals `term` up to the order of scalars or a transposed scalar, else `term`."""
    if term in known:
        return term
    if term.is_scalar and holds_differential(term):
        term = _preferred_form(term)
    for other in known:
        if other.symbols != term.symbols:
            continue
        if term.is_scalar and canonical_scalar(other) is canonical_scalar(term):
            return other
        if _is_product(other) and _is_product(term) and _scalar_signature(other) == _scalar_signature(term):
            return other
    return term


@remembered(maxsize=20_000)
def canonical_scalar(x: Expr) -> Expr:
    """Return the one form that stands for all forms of the scalar `x`."""
    costs = {form: (_factors(form), reading_cost(form)) for form in scalar_forms(x)}
    least = min(costs.values())
    return min((form for form, cost in costs.items() if cost == least), key=to_latex)


def _factors(x: Expr) -> int:
    """Return how many factors stand side by side in the scalar `x`; X dX X and dX X^2 are one in a trace."""
    inner = x.arguments[0] if isinstance(x, Apply) and x.operator is trace_row else x
    return len(inner.arguments) if isinstance(inner, Apply) and inner.operator is product else 1


@remembered(maxsize=20_000)
def _scalar_signature(x: Expr) -> tuple[frozenset[tuple[Expr, int]], tuple[Expr, ...]]:
    assert isinstance(x, Apply)
    scalars = [canonical_scalar(y) for y in x.arguments if y.is_scalar]
    return (
        frozenset((s, scalars.count(s)) for s in scalars),
        tuple(y for y in x.arguments if not y.is_scalar),
    )


@remembered(maxsize=20_000)
def scalar_forms(x: Expr) -> tuple[Expr, ...]:
    """Return the ways to write the scalar `x` that differ by a transpose or within a trace, the preferred first."""
    if isinstance(x, Apply) and x.operator is trace_row:
        return _trace_forms(x)
    if not _is_product(x) or not isinstance(x, Apply) or any(y.is_scalar for y in x.arguments):
        return (x,)
    turned = _chain_product([transpose(y) for y in reversed(x.arguments)])
    if turned is x:
        return (x,)
    told_apart = _orientation(x) != _orientation(turned)
    return tuple(sorted((x, turned), key=_orientation if told_apart else to_latex))


def _preferred_form(x: Expr) -> Expr:
    """Return the first of the `scalar_forms`; of a trace without making the others."""
    if not (isinstance(x, Apply) and x.operator is trace_row):
        return scalar_forms(x)[0]
    body = _preferred_body(x.arguments[0])
    return x if body is x.arguments[0] else Apply(trace_row, (body,))


def _preferred_body(inner: Expr) -> Expr:
    """Return `inner`, or its transpose where that alone holds no (dX)^T."""
    if not _turns_differential(inner):
        return inner
    turned = transpose(inner)
    return inner if _turns_differential(turned) else turned


def _trace_forms(x: Apply) -> tuple[Expr, ...]:
    """Return tr(ABC), tr(BCA), ... and the traces of their transposes, `x` first unless it holds a (dX)^T."""
    forms: dict[Expr, None] = {}
    first = _preferred_body(x.arguments[0])
    for body in (first, transpose(first)):
        chain = body.arguments if isinstance(body, Apply) and body.operator is product else (body,)
        for k in range(len(chain)):
            whole = body if k == 0 else multiply(*chain[k:], *chain[:k])
            forms[Apply(trace_row, (whole,))] = None
    return tuple(forms)


def _turns_differential(x: Expr) -> bool:
    """Whether a transposed factor of the product `x` holds a differential."""
    factors = x.arguments if isinstance(x, Apply) and x.operator is product else (x,)
    return any(isinstance(y, Apply) and y.operator is transpose_row and holds_differential(y) for y in factors)


def _orientation(x: Expr) -> tuple[bool, int]:
    """Return what decides between a scalar and its transpose before the letters: d x untransposed, few transposes."""
    return _turns_differential(x), reading_cost(x)


@remembered(maxsize=50_000)
def holds_differential(x: Expr) -> bool:
    """Whether a differential occurs in `x`."""
    if isinstance(x, Apply):
        return x.operator is differential or any(holds_differential(y) for y in x.arguments)
    return False


def _chain(x: Expr) -> tuple[Fraction, tuple[Expr, ...], tuple[Expr, ...]]:
    """Return (number, scalars, matrix factors) of a term."""
    coefficient, rest = split_coefficient(x)
    factors = rest.arguments if isinstance(rest, Apply) and rest.operator is product else (rest,)
    if rest.is_scalar and all(not y.is_scalar for y in factors):
        return coefficient, (), factors
    scalars = tuple(y for y in factors if y.is_scalar)
    if len(scalars) == len(factors) and scalars:
        last = scalars[-1]
        if isinstance(last, Apply) and last.operator is product:
            return coefficient, scalars[:-1], last.arguments
    return coefficient, scalars, tuple(y for y in factors if not y.is_scalar)


def _factor(terms: list[Expr]) -> Expr:
    """Return the sum of distinct terms with common outer factors taken out where that shortens it."""
    while (found := _first_joined(terms)) is not None:
        i, j, joined = found
        terms = [*terms[:i], joined, *terms[i + 1 : j], *terms[j + 1 :]]
    if len(terms) == 1:
        return terms[0]
    terms = _plain_before_transposed(terms)
    positive = next((k for k, t in enumerate(terms) if split_coefficient(t)[0] > 0), 0)
    ordered = [terms[positive], *terms[:positive], *terms[positive + 1 :]]
    turned = [transpose(x) for x in ordered]
    if not ordered[0].is_scalar and sum(map(reading_cost, turned)) + 1 < sum(map(reading_cost, ordered)):
        return Apply(transpose_row, (add(*turned),))
    return Apply(add_row, tuple(ordered))


def _first_joined(terms: Sequence[Expr]) -> tuple[int, int, Expr] | None:
    """Return the places of the first two terms that can be joined, and what they make together.

    Only terms with a common end can, so each is tried with those alone.
    """
    if len(terms) < 2:
        return None
    ending: dict[End, list[int]] = {}
    for k, term in enumerate(terms):
        for end in _ends_of_forms(term):
            ending.setdefault(end, []).append(k)
    for i, term in enumerate(terms):
        for j in sorted({k for end in _ends(term) for k in ending.get(end, ()) if k > i}):
            joined = _join(term, terms[j])
            if joined is not None:
                return i, j, joined
    return None


End = tuple[str, Expr]


@remembered(maxsize=20_000)
def _ends(x: Expr) -> frozenset[End]:
    """Return the factors of a term that may stand outside of a sum: its first, its last, the scalars beside them."""
    _, scalars, chain = _chain(x)
    if not chain:
        return frozenset()
    beside = () if x.is_scalar else scalars
    return frozenset((("first", chain[0]), ("last", chain[-1]), *(("beside", y) for y in beside)))


@remembered(maxsize=20_000)
def _ends_of_forms(x: Expr) -> frozenset[End]:
    """Return the ends of a term in any of its forms."""
    own = _ends(x)
    return own.union(*map(_ends, scalar_forms(split_coefficient(x)[1]))) if own and x.is_scalar else own


def _plain_before_transposed(terms: list[Expr]) -> list[Expr]:
    """Return the terms with A before A^T."""
    ordered = list(terms)
    for i, a in enumerate(ordered):
        for j in range(i + 1, len(ordered)):
            b = ordered[j]
            if a.is_square and transpose(a) is b and reading_cost(b) < reading_cost(a):
                ordered[i], ordered[j] = b, a
    return ordered


def _join(a: Expr, b: Expr) -> Expr | None:
    """Return a + b with their common left and right factors outside, or None where nothing is gained."""
    best: Expr | None = None
    for form in scalar_forms_of_term(b):
        joined = _join_as_written(a, form)
        if joined is not None and (best is None or reading_cost(joined) < reading_cost(best)):
            best = joined
    return best


def scalar_forms_of_term(x: Expr) -> tuple[Expr, ...]:
    """Return a term, and where it is a scalar also its transpose."""
    coefficient, rest = split_coefficient(x)
    return tuple(scale(coefficient, form) for form in scalar_forms(rest)) if x.is_scalar else (x,)


def _join_as_written(a: Expr, b: Expr) -> Expr | None:
    (ca, sa, xa), (cb, sb, xb) = _chain(a), _chain(b)
    if not xa or not xb:
        return None
    both = [x for x in sa if x in sb]
    own_a, own_b = _without(sa, both), _without(sb, both)
    if a.is_scalar and (own_a or own_b):
        return None
    left = _common(xa, xb)
    right = _common(xa[left:][::-1], xb[left:][::-1])
    if left + right == 0:
        worth = sum(map(reading_cost, both)) > 2 and not a.is_scalar
        return multiply(*both, add(_term(ca, own_a, xa), _term(cb, own_b, xb))) if worth else None
    inner_a, inner_b = xa[left : len(xa) - right], xb[left : len(xb) - right]
    while not (inner_a and inner_b) and (left or right):
        # Leave no bare identity behind: keep one factor inside on each side.
        left, right = (left - 1, right) if left else (left, right - 1)
        inner_a, inner_b = xa[left : len(xa) - right], xb[left : len(xb) - right]
    if left + right == 0 or inner_a[0].shape[0] != inner_b[0].shape[0]:
        return None
    if any(map(holds_differential, inner_a)) and any(map(holds_differential, inner_b)):
        return None  # a reader looks for each dX in a term of its own
    common = ca if ca == cb else abs(ca) if ca == -cb else Fraction(1)
    one, other = _term(ca / common, own_a, inner_a), _term(cb / common, own_b, inner_b)
    return multiply(Number(common), *both, *xa[:left], add(one, other), *xa[len(xa) - right :])


def _term(coefficient: Fraction, scalars: Sequence[Expr], chain: Sequence[Expr]) -> Expr:
    return multiply(Number(coefficient), *scalars, _chain_product(list(chain)))


def _without(scalars: Sequence[Expr], taken: Sequence[Expr]) -> list[Expr]:
    rest = list(scalars)
    for x in taken:
        if x in rest:
            rest.remove(x)
    return rest


def _common(a: Sequence[Expr], b: Sequence[Expr]) -> int:
    n = 0
    while n < min(len(a), len(b)) and a[n] is b[n]:
        n += 1
    return n


# --- products ---------------------------------------------------------------------------------------------


@remembered(maxsize=50_000)
def multiply(*factors: Expr) -> Expr:
    """Return the matrix product of `factors` in normal form: number, scalars, then the chain of matrices."""
    coefficient, dropped = ONCE, None
    scalars: list[Expr] = []
    chain: list[Expr] = []
    shape = product_shape(factors, ())
    for factor in _flat(factors):
        if isinstance(factor, Number):
            coefficient = factor.value if coefficient is ONCE else coefficient * factor.value
        elif is_zero(factor):
            return zero(shape)
        elif factor.is_scalar:
            scalars.append(factor)
        elif isinstance(factor, Apply) and factor.operator is identity_row:
            dropped = factor
        else:
            _append(chain, factor)
    chain, inner = _take_scalars(chain)
    if shape == SCALAR and chain:
        inner, chain = [*inner, _chain_product(chain)], []
    for one in inner:
        more, rest = split_coefficient(one)
        coefficient = more if coefficient is ONCE else coefficient * more
        scalars.append(rest)
    if coefficient == 0:
        return zero(shape)
    if not chain and shape != SCALAR:
        chain = [dropped if dropped is not None else identity(shape[0])]
    return _assemble(coefficient, _merge_powers(scalars), chain)


def _flat(factors: Iterable[Expr]) -> list[Expr]:
    """Return the factors with products opened, but scalars made of vectors kept whole."""
    flat: list[Expr] = []
    for factor in factors:
        if isinstance(factor, Apply) and factor.operator is product:
            whole = factor.is_scalar and not any(x.is_scalar for x in factor.arguments)
            flat.extend([factor] if whole else _flat(factor.arguments))
        else:
            flat.append(factor)
    return flat


def _append(chain: list[Expr], factor: Expr) -> None:
    """Append `factor` to the chain, cancelling it against an inverse before it."""
    if chain and _cancels(chain[-1], factor):
        chain.pop()
        return
    shortened = _shortened(chain[-1], factor) if chain else None
    if shortened is not None:
        chain.pop()
        for x in _flat((shortened,)):
            _append(chain, x)
        return
    before, after = (_matrix_base(chain[-1]) if chain else None), _matrix_base(factor)
    if before is not None and after is not None and before[0] is after[0]:
        chain.pop()
        merged = matrix_power(before[0], add(before[1], after[1]))
        if not (isinstance(merged, Apply) and merged.operator is identity_row):
            chain.append(merged)
        return
    chain.append(factor)


def _matrix_base(x: Expr) -> tuple[Expr, Expr] | None:
    """Return (base, exponent) of a square factor seen as a power; the transpose belongs to the base."""
    if not x.is_square or x.is_scalar:
        return None
    inner = _under_transpose(x)
    if inner is not None:
        found = _matrix_base(inner)
        return None if found is None else (transpose(found[0]), found[1])
    if isinstance(x, Apply) and x.operator is matrix_power_row:
        return x.arguments[0], x.arguments[1]
    if isinstance(x, Apply) and x.operator is inverse_row:
        return x.arguments[0], number(-1)
    return x, number(1)


def _cancels(a: Expr, b: Expr) -> bool:
    """Whether a b is the identity: one is the inverse of the other, or the transpose of an orthogonal matrix."""
    from_inverse = isinstance(a, Apply) and a.operator is inverse_row and a.arguments[0] is b
    to_inverse = isinstance(b, Apply) and b.operator is inverse_row and b.arguments[0] is a
    if from_inverse or to_inverse:
        return True
    inner_a, inner_b = _under_transpose(a), _under_transpose(b)
    if inner_a is not None and inner_b is not None:
        return _cancels(inner_b, inner_a)
    orthogonal = inner_a if inner_a is not None and inner_a is b else inner_b if inner_b is a else None
    named = isinstance(orthogonal, Symbol) and orthogonal.is_square
    return isinstance(orthogonal, Symbol) and named and {"orthogonal"} == orthogonal.properties & {"orthogonal", "free"}


def _shortened(a: Expr, b: Expr) -> Expr | None:
    """Return a b where one is the inverse of a product of square factors that the other cancels an end of.

    `A (A X B)^{-1}` is not such a case; `B (A X B)^{-1}` is `(A X)^{-1}`.
    """
    for inverted, other, at_left in ((b, a, True), (a, b, False)):
        factors = _inverted_factors(inverted)
        if len(factors) > 1 and all(x.is_square for x in factors) and factors[-1 if at_left else 0] is other:
            return inverse(multiply(*(factors[:-1] if at_left else factors[1:])))
    return None


def _inverted_factors(x: Expr) -> list[Expr]:
    """Return the factors of P where `x` is the inverse of the product P, or of its transpose."""
    inner = _under_transpose(x)
    if inner is not None:
        return [transpose(y) for y in reversed(_inverted_factors(inner))]
    if isinstance(x, Apply) and x.operator is inverse_row and _is_product(x.arguments[0]):
        return list(_flat((x.arguments[0],)))
    return []


def _under_transpose(x: Expr) -> Expr | None:
    return x.arguments[0] if isinstance(x, Apply) and x.operator is transpose_row else None


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
            scalars.append(_chain_product(kept[start:]))
            del kept[start:]
    return kept, scalars


def _chain_product(chain: list[Expr]) -> Expr:
    if len(chain) == 1:
        return chain[0]
    if any(x.is_scalar or (isinstance(x, Apply) and x.operator in (product, identity_row)) for x in chain):
        return multiply(*chain)
    return Apply(product, tuple(chain))


def _merge_powers(scalars: list[Expr]) -> list[Expr]:
    """Return the scalars with equal bases merged into powers."""
    if len(scalars) < 2:
        return scalars
    exponents: dict[Expr, list[Expr]] = {}
    for scalar in scalars:
        base, exponent = _base_and_exponent(scalar)
        base = next((form for form in scalar_forms(base) if form in exponents), base)
        exponents.setdefault(base, []).append(exponent)
    merged = []
    for base, parts in exponents.items():
        exponent = add(*parts) if len(parts) > 1 else parts[0]
        if not is_zero(exponent):
            merged.append(power(base, exponent))
    return merged


def _base_and_exponent(x: Expr) -> tuple[Expr, Expr]:
    if isinstance(x, Apply) and x.operator is power_row:
        return x.arguments[0], x.arguments[1]
    return x, number(1)


def _assemble(coefficient: Fraction, scalars: list[Expr], chain: list[Expr]) -> Expr:
    for scalar in list(scalars):
        if isinstance(scalar, Number):
            coefficient *= scalar.value
            scalars.remove(scalar)
    factors = [*sorted(scalars, key=_place_among_scalars), *chain]
    if coefficient != 1 or not factors:
        factors.insert(0, Number(coefficient))
    return factors[0] if len(factors) == 1 else Apply(product, tuple(factors))


def _place_among_scalars(x: Expr) -> int:
    """Return 0 for letters and powers, 1 for chains of matrices, 2 for calls: `\\lambda (w^T w) \\log(t)`."""
    return 2 if _is_call(x) else int(_is_product(x))


def _is_call(x: Expr) -> bool:
    """Whether `x` is written as a function before its argument."""
    return isinstance(x, Apply) and x.operator.binding == Binding.PRODUCT + 1 and x.operator is not fraction_row


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


def inner_product(a: Expr, b: Expr) -> Expr:
    """Return <a, b> = tr(a^T b), without a trace where it is not needed."""
    return trace(multiply(transpose(a), b))


def _product_adjoint(node: Apply, i: int, cotangent: Expr) -> Expr:
    """Return L^T G R^T for the factor between L and R; for a scalar factor the inner product with the rest."""
    factors = node.arguments
    scalars = [x for k, x in enumerate(factors) if x.is_scalar and k != i]
    if factors[i].is_scalar:
        rest = [x for x in factors if not x.is_scalar]
        if not rest:
            return multiply(cotangent, *scalars)
        return multiply(*scalars, inner_product(cotangent, multiply(*rest)))
    left = [transpose(x) for x in reversed(factors[:i]) if not x.is_scalar]
    right = [transpose(x) for x in reversed(factors[i + 1 :]) if not x.is_scalar]
    return multiply(*scalars, *left, cotangent, *right)


def _write_product(node: Apply, write: Write) -> str:
    """Return the product: a fraction in front where a number or scalar divides, parentheses around sums."""
    coefficient = math.prod((x.value for x in node.arguments if isinstance(x, Number)), start=Fraction(1))
    above: list[Expr] = []
    below: list[Expr] = []
    for x in node.arguments:
        if isinstance(x, Number):
            continue
        base, exponent = _base_and_exponent(x)
        if isinstance(exponent, Number) and exponent.value < 0 and x.is_scalar:
            below.append(power(base, Number(-exponent.value)))
        else:
            above.append(x)
    sign = "-" if coefficient < 0 else ""
    coefficient = abs(coefficient)
    if coefficient.denominator == 1 and not below:
        lead = [] if coefficient == 1 and above else [str(coefficient.numerator)]
        return sign + _juxtapose(lead, above, write)
    scalars = [x for x in above if x.is_scalar and not _is_vector_scalar(x)]
    rest = [x for x in above if x not in scalars]
    long = any(map(is_sum_over, rest)) or sum(map(reading_cost, rest)) > 14
    if below and rest and not long:
        scalars, rest = above, []
    alone = len(scalars) == 1 and coefficient.numerator == 1
    lead = [] if coefficient.numerator == 1 and scalars else [str(coefficient.numerator)]
    top = write(scalars[0], 0) if alone else _juxtapose(lead, scalars, write)
    under = [] if coefficient.denominator == 1 and below else [str(coefficient.denominator)]
    bottom = write(below[0], 0) if len(below) == 1 and not under else _juxtapose(under, below, write)
    return sign + _juxtapose([rf"\frac{{{top}}}{{{bottom}}}"], rest, write)


def _is_vector_scalar(x: Expr) -> bool:
    return isinstance(x, Apply) and x.operator is not power_row


def _juxtapose(lead: list[str], factors: Sequence[Expr], write: Write) -> str:
    parts = list(lead)
    chains = [x for x in factors if _is_product(x) and x.is_scalar]
    for k, x in enumerate(factors):
        last = k == len(factors) - 1
        if x in chains and not (last and len(chains) == 1 and all(y.is_scalar for y in factors)):
            parts.append(parenthesise(write(x, 0)))
        elif isinstance(x, Apply) and x.operator is differential:
            space = r"\thinspace " if parts else ""
            parts.append(space + write(x, Binding.PRODUCT) + ("" if last else r"\thinspace"))
        elif last and (is_sum_over(x) or (is_hadamard(x) and all(y.is_scalar for y in factors[:-1]))):
            parts.append(write(x, 0))
        else:
            text = write(x, Binding.PRODUCT)
            parts.append(parenthesise(text) if parts and (text[:1].isdigit() or text[:1] == "-") else text)
    return join(parts)


def is_product(x: Expr) -> TypeGuard[Apply]:
    """Whether `x` is a product."""
    return isinstance(x, Apply) and x.operator is product


def factors_of(x: Expr) -> tuple[Expr, ...]:
    """Return the factors whose product is `x`."""
    return x.arguments if is_product(x) else (x,)


def is_identity(x: Expr) -> bool:
    """Whether `x` is an identity matrix."""
    return isinstance(x, Apply) and x.operator is identity_row


def is_transposed(x: Expr) -> TypeGuard[Apply]:
    """Whether `x` is the transpose of something."""
    return isinstance(x, Apply) and x.operator is transpose_row


def is_trace(x: Expr) -> TypeGuard[Apply]:
    """Whether `x` is a trace."""
    return isinstance(x, Apply) and x.operator is trace_row


def is_sum_over(x: Expr) -> TypeGuard[Apply]:
    """Whether `x` is a sum over an index."""
    return isinstance(x, Apply) and x.operator is sum_row


def is_hadamard(x: Expr) -> bool:
    """Whether `x` is an entry-wise product, which a number before it does not tear apart."""
    return isinstance(x, Apply) and x.operator is hadamard_row


def _product_binding(node: Apply) -> int:
    bare = is_hadamard(node.arguments[-1]) and all(x.is_scalar for x in node.arguments[:-1])
    return Binding.PRODUCT - 2 if bare else Binding.PRODUCT


def join(parts: Iterable[str]) -> str:
    """Return `parts` set side by side, a blank only where two would run together (`\\alpha` and `x`)."""
    text = ""
    for part in parts:
        macro = text.rfind("\\")
        runs_on = macro >= 0 and text[macro + 1 :].isalpha() and part[:1].isalpha()
        text += (" " if runs_on else "") + part
    return text


# --- transposes and traces --------------------------------------------------------------------------------


def is_self_transposed(x: Symbol) -> bool:
    """Whether `x` is declared to equal its transpose and is no variable that moves."""
    return bool(SELF_TRANSPOSED & x.properties) and "free" not in x.properties


@remembered(maxsize=20_000)
def transpose(x: Expr) -> Expr:
    """Return x^T, carried inside where that does not lengthen it."""
    if x.is_scalar:
        return x
    if isinstance(x, Symbol):
        return x if is_self_transposed(x) else Apply(transpose_row, (x,))
    assert isinstance(x, Apply)
    if x.operator is transpose_row:
        return x.arguments[0]
    if x.operator is product:
        scalars = [y for y in x.arguments if y.is_scalar]
        return multiply(*scalars, *(transpose(y) for y in reversed(x.arguments) if not y.is_scalar))
    turned = _transpose_inside(x)
    if turned is not None and (x.operator.name == "Kronecker product" or reading_cost(turned) <= reading_cost(x)):
        return turned
    return Apply(transpose_row, (x,))


def _transpose_inside(x: Apply) -> Expr | None:
    """Return x^T with the transpose carried one level in, the very `x` where that only reorders its terms."""
    operator, arguments = x.operator, x.arguments
    if operator in (add_row, hadamard_row):
        turned = tuple(transpose(y) for y in arguments)
        if set(turned) == set(arguments):
            return x
        return add(*turned) if operator is add_row else hadamard(*turned)
    if operator is sum_row:
        inner = transpose(arguments[0])
        return x if inner is arguments[0] else sum_over(inner, _index(x))
    if operator in (identity_row, differential):
        named = arguments[0] if arguments else None
        symmetric = isinstance(named, Symbol) and is_self_transposed(named)
        return x if named is None or symmetric else None
    if operator is zero_row:
        return zero((x.shape[1], x.shape[0]))
    if operator is ones_row:
        return Apply(ones_row, (), (x.shape[1], x.shape[0])) if ONE not in x.shape else None
    if operator in (inverse_row, matrix_power_row) and transpose(arguments[0]) is arguments[0]:
        return x
    if operator.name == "commutation matrix":
        return Apply(operator, (), (x.parameters[1], x.parameters[0]))
    if operator.name == "Kronecker product":
        return build(operator, *map(transpose, arguments))
    return x if operator.name == "diagonal matrix" else None


def is_symmetric(x: Expr) -> bool:
    """Whether `x` equals its transpose, by declaration or by its form (X^T X, A + A^T, B^T S B)."""
    return x.is_square and transpose(x) is x


@remembered(maxsize=20_000)
def trace(x: Expr) -> Expr:
    """Return tr(x): numbers and scalars outside, the shortest cyclic order, no trace around a scalar."""
    if x.is_scalar:
        return x
    if is_zero(x):
        return number(0)
    inner = _under_transpose(x)
    if inner is not None:
        return trace(inner)
    if isinstance(x, Apply) and x.operator is add_row:
        apart = add(*(trace(term) for term in x.arguments))
        shorter = len(terms_of(apart)) < len(x.arguments)
        return apart if shorter or holds_differential(x) else Apply(trace_row, (x,))
    if isinstance(x, Apply) and x.operator is identity_row and len(x.shape[0]) == 1:
        (size,) = x.shape[0]
        return number(int(size)) if size.isdigit() else Symbol(size)
    if not (isinstance(x, Apply) and x.operator is product):
        return Apply(trace_row, (x,))
    scalars = [y for y in x.arguments if y.is_scalar]
    chain = [y for y in x.arguments if not y.is_scalar]
    for k, factor in enumerate(chain):
        if factor.shape[0] == ONE:
            return multiply(*scalars, *chain[k:], *chain[:k])
    if scalars:
        return multiply(*scalars, trace(multiply(*chain)))
    return Apply(trace_row, (x,))


# --- entry-wise product, sums over an index, powers -------------------------------------------------------


def hadamard(*factors: Expr) -> Expr:
    """Return the entry-wise product, scalars outside and ones left out."""
    scalars: list[Expr] = []
    kept: list[Expr] = []
    for factor in factors:
        for one in factor.arguments if isinstance(factor, Apply) and factor.operator is hadamard_row else (factor,):
            if one.is_scalar:
                scalars.append(one)
                continue
            if is_zero(one):
                return zero(one.shape)
            inner = one.arguments if isinstance(one, Apply) and one.operator is product else (one,)
            own = [y for y in inner if y.is_scalar]
            scalars.extend(own)
            rest = multiply(*(y for y in inner if not y.is_scalar)) if own else one
            kept.extend(rest.arguments if isinstance(rest, Apply) and rest.operator is hadamard_row else (rest,))
    kept = [x for x in _merge_entrywise_powers(kept) if not _is_all_ones(x)]
    if not kept:
        matrices = [x for x in factors if not x.is_scalar]
        kept = [Apply(ones_row, (), matrices[0].shape)] if matrices else []
    if len(kept) < 2:
        return multiply(*scalars, *kept)
    total = next((x for x in kept if _is_divided_by(x, kept)), None)
    if total is not None:
        others = [x for x in kept if x is not total]
        return multiply(*scalars, add(*(hadamard(term, *others) for term in terms_of(total))))
    return multiply(*scalars, Apply(hadamard_row, tuple(kept)))


def _is_divided_by(total: Expr, factors: Sequence[Expr]) -> bool:
    """Whether a term of the sum `total` is divided by one of `factors`, which then cancels: (A - B ./ S) (.) S."""
    if len(terms_of(total)) < 2:
        return False
    inner = [y for term in terms_of(total) for y in _hadamard_factors(split_coefficient(term)[1])]
    below = [divisor(x, entrywise_power_row) for x in inner]
    return any(x in factors for x in below if x is not None)


def _hadamard_factors(x: Expr) -> tuple[Expr, ...]:
    return x.arguments if isinstance(x, Apply) and x.operator is hadamard_row else (x,)


def _is_all_ones(x: Expr) -> bool:
    """Whether every entry of `x` is 1: a row, a column or a matrix of ones, or the product of a column and a row."""
    inner = _under_transpose(x)
    if inner is not None:
        return _is_all_ones(inner)
    if isinstance(x, Apply) and x.operator is product and len(x.arguments) == 2:
        outer = x.arguments[0].shape[1] == ONE and not x.is_scalar
        return outer and all(map(_is_all_ones, x.arguments))
    return isinstance(x, Apply) and x.operator is ones_row


def _merge_entrywise_powers(factors: list[Expr]) -> list[Expr]:
    """Return the entry-wise factors with equal bases merged: x (.) (1 ./ x) is a matrix of ones."""
    exponents: dict[Expr, list[Expr]] = {}
    for factor in factors:
        power_of = isinstance(factor, Apply) and factor.operator is entrywise_power_row
        base, exponent = factor.arguments if power_of and isinstance(factor, Apply) else (factor, number(1))
        exponents.setdefault(base, []).append(exponent)
    if len(exponents) == len(factors):
        return factors
    found: list[Expr] = []
    for base, parts in exponents.items():
        square = len(parts) == 2 and all(part is number(1) for part in parts)  # x (.) x needs no exponent
        found.extend([base, base] if square else [entrywise_power(base, add(*parts))])
    return found


def _is_product(x: Expr) -> bool:
    return isinstance(x, Apply) and x.operator is product


def index_symbol(name: str) -> Symbol:
    """Return the index of a sum as a letter of its body."""
    return Symbol(name, SCALAR, frozenset(("integer",)), (name,))


def _index(node: Apply) -> Index:
    index = node.parameters[0]
    assert isinstance(index, Index)
    return index


def sum_over(body: Expr, index: Index) -> Expr:
    """Return the sum of `body` over `index`, what does not depend on the index taken out."""
    if is_zero(body):
        return body
    if index.name not in body.indices:
        count = index_count(index)
        return Apply(sum_row, (body,), (index,)) if count is None else multiply(count, body)
    coefficient, scalars, chain = _chain(body)
    outside = [x for x in scalars if index.name not in x.indices]
    inside = [x for x in scalars if index.name in x.indices]
    left, right = _constant_ends(chain, index.name)
    middle = chain[left : len(chain) - right]
    if coefficient == 1 and not outside and not left and not right:
        return Apply(sum_row, (body,), (index,))
    inner = multiply(*inside, *middle)
    rest = chain[len(chain) - right :] if right else ()
    return multiply(Number(coefficient), *outside, *chain[:left], Apply(sum_row, (inner,), (index,)), *rest)


def index_count(index: Index) -> Expr | None:
    """Return how many values `index` takes, None where the author gave no range."""
    if index.extent is not None or not index.upper:
        return index.extent
    first = int(index.lower or 1)
    if index.upper.isdigit():
        return number(max(0, int(index.upper) - first + 1))
    return add(Symbol(index.upper), number(1 - first))


def _constant_ends(chain: Sequence[Expr], name: str) -> tuple[int, int]:
    """Return how many factors at the left and at the right end do not depend on the index."""
    left = 0
    while left < len(chain) and name not in chain[left].indices:
        left += 1
    right = 0
    while right < len(chain) - left and name not in chain[-1 - right].indices:
        right += 1
    if left == len(chain):
        return 0, 0
    return left, right


def power(base: Expr, exponent: Expr) -> Expr:
    """Return the scalar `base` to the scalar `exponent`."""
    if isinstance(exponent, Number):
        if exponent.value == 1:
            return base
        if exponent.value == 0:
            return number(1)
        if isinstance(base, Number) and exponent.value.denominator == 1 and (base.value != 0 or exponent.value > 0):
            return Number(base.value ** int(exponent.value))
        if isinstance(base, Apply) and base.operator is power_row and isinstance(base.arguments[1], Number):
            inner = base.arguments[1].value
            # (x^2)^(1/2) is |x|, not x: merge only where no sign is lost.
            if exponent.value.denominator == 1 or inner.numerator % 2:
                return power(base.arguments[0], Number(inner * exponent.value))
        whole = exponent.value.denominator == 1
        if whole and isinstance(base, Apply) and base.operator is product and any(x.is_scalar for x in base.arguments):
            return multiply(*(power(x, exponent) for x in base.arguments))
    return Apply(power_row, (base, exponent))


def reciprocal(x: Expr) -> Expr:
    """Return 1/x of a scalar."""
    return power(x, number(-1))


def identity(dimension: Dimension) -> Expr:
    """Return the identity matrix of that size."""
    return number(1) if dimension == ONE else Apply(identity_row, (), (dimension,))


def ones(shape: Shape) -> Expr:
    """Return the matrix of ones of `shape`."""
    return number(1) if shape == SCALAR else Apply(ones_row, (), shape)


# --- how they are written ---------------------------------------------------------------------------------


def _write_sum(node: Apply, write: Write) -> str:
    text = ""
    for x in node.arguments:
        term = write(x, Binding.SUM)
        text += term if not text or term.startswith("-") else "+" + term
    return text


def _write_transpose(node: Apply, write: Write) -> str:
    inner = node.arguments[0]
    if isinstance(inner, Apply) and inner.operator is inverse_row:
        base = inner.arguments[0]
        return write_scripted(base, r"-\top", write)
    return write_scripted(inner, r"\top", write)


def write_scripted(x: Expr, script: str, write: Write) -> str:
    """Return `x` with a superscript, in braces or parentheses where `x` has one already."""
    if isinstance(x, Symbol) and x.latex.startswith(r"\frac"):
        braced = script if len(script) == 1 or script == r"\top" else f"{{{script}}}"
        return rf"\left({x.latex}\right)^{braced}"
    # A function call carries its own parentheses, \sigma(a)^T needs no more; \log\sigma(a) has none of its own.
    called = _is_call(x) and isinstance(x, Apply) and not _is_call(x.arguments[0])
    text = write(x, 0 if called else Binding.ATOM)
    script = script if len(script) == 1 or script == r"\top" else f"{{{script}}}"
    if "^" in text and not text.endswith(")") and isinstance(x, Symbol):
        return f"{{{text}}}^{script}"
    return f"{text}^{script}"


def _write_power(node: Apply, write: Write) -> str:
    base, exponent = node.arguments
    if isinstance(exponent, Number) and exponent.value == Fraction(1, 2):
        return rf"\sqrt{{{write(base, 0)}}}"
    if isinstance(exponent, Number) and exponent.value < 0:
        return rf"\frac{{1}}{{{write(power(base, Number(-exponent.value)), 0)}}}"
    if isinstance(base, Apply) and base.operator.name == "norm":
        return f"{write(base, 0)}^{_script(write(exponent, 0))}"
    if isinstance(base, Apply) and base.operator.name == "squared norm" and isinstance(exponent, Number):
        return f"{write(base, 0).removesuffix('^2')}^{_script(write(Number(2 * exponent.value), 0))}"
    if isinstance(exponent, Number) and exponent.value.denominator != 1:
        return f"{write(base, Binding.ATOM)}^{{{_write_exponent(exponent, write)}}}"
    return write_scripted(base, write(exponent, 0), write)


def _write_exponent(x: Expr, write: Write) -> str:
    """Return an exponent, fractions on one line."""
    return str(x.value) if isinstance(x, Number) else write(x, 0)


def _script(text: str) -> str:
    return text if len(text) == 1 else f"{{{text}}}"


def _write_sum_over(node: Apply, write: Write) -> str:
    index = _index(node)
    limits = f"_{{{index.name}={index.lower}}}^{_script(index.upper)}" if index.upper else f"_{_script(index.name)}"
    body = write(node.arguments[0], Binding.SUM + 1)
    return rf"\sum{limits} {body}"


def _write_differential(node: Apply, write: Write) -> str:
    inner = node.arguments[0]
    if isinstance(inner, Symbol):
        return rf"\mathrm{{d}}{inner.latex}"
    return rf"\mathrm{{d}}{write(inner, Binding.ATOM)}"


def _write_hadamard(node: Apply, write: Write) -> str:
    r"""Return a \odot b, reciprocals behind \oslash: `a \oslash b`."""
    divisors = [(x, divisor(x, entrywise_power_row)) for x in node.arguments]
    above = [x for x, y in divisors if y is None]
    below = [y for _, y in divisors if y is not None]
    shown = [_hadamard_factor(x, write) for x in above] or [r"\mathbf{1}"]
    return r" \oslash ".join([r" \odot ".join(shown), *(_hadamard_factor(x, write) for x in below)])


def _hadamard_factor(x: Expr, write: Write) -> str:
    # Juxtaposition binds tighter than the sign, yet a reader is glad of parentheses around a product.
    loose = isinstance(x, Apply) and binding_of(x) <= Binding.PRODUCT
    return write(x, Binding.ATOM if loose else Binding.PRODUCT)


def inverse(x: Expr) -> Expr:
    """Return x^{-1} in normal form; a transpose goes outside, so that `X^{-T}` is one token."""
    if x.is_scalar:
        return reciprocal(x)
    if isinstance(x, Apply):
        if x.operator is inverse_row:
            return x.arguments[0]
        if x.operator is identity_row:
            return x
        if x.operator is transpose_row:
            return transpose(inverse(x.arguments[0]))
        if x.operator is product:
            scalars = [y for y in x.arguments if y.is_scalar]
            if scalars:
                chain = [y for y in x.arguments if not y.is_scalar]
                return multiply(*(reciprocal(s) for s in scalars), inverse(multiply(*chain)))
            if all(y.is_square for y in x.arguments) and any(
                isinstance(y, Apply) and y.operator is inverse_row for y in x.arguments
            ):
                return multiply(*(inverse(y) for y in reversed(x.arguments)))
    return Apply(inverse_row, (x,))


def matrix_power(x: Expr, exponent: Expr) -> Expr:
    """Return the square matrix `x` to a power, for instance a whole or a rational number."""
    if x.is_scalar:
        return power(x, exponent)
    if isinstance(x, Apply) and x.operator is inverse_row and isinstance(exponent, Number):
        return matrix_power(x.arguments[0], Number(-exponent.value))
    if isinstance(exponent, Number):
        if exponent.value == -1:
            return inverse(x)
        if exponent.value > 0 and isinstance(x, Symbol) and {"idempotent"} == x.properties & {"idempotent", "free"}:
            return x
        if exponent.value == 1:
            return x
        if exponent.value == 0:
            return identity(x.shape[0])
    if isinstance(x, Apply) and x.operator is transpose_row:
        return transpose(matrix_power(x.arguments[0], exponent))
    return Apply(matrix_power_row, (x, exponent))


def _matrix_power_differential(node: Apply, d: Callable[[Expr], Expr]) -> Expr:
    """Return the sum of X^r dX X^{k-1-r}, r = 0..k-1, written out for small numbers k; of X^{-k} by that of X^k."""
    x, exponent = node.arguments
    if isinstance(exponent, Number) and exponent.value.denominator != 1:
        hint = "only its trace has one, d tr(X^p) = p tr(X^{p-1} dX)"
        raise UnsupportedError("E308", "the differential of a fractional power has no closed form", hint=hint)
    if isinstance(exponent, Number) and exponent.value < 0:
        k = int(-exponent.value)
        terms = [(matrix_power(x, number(-r)), matrix_power(x, number(r - k - 1))) for r in range(1, k + 1)]
        return negate(add(*(multiply(left, d(x), right) for left, right in terms)))
    if not isinstance(exponent, Number) or exponent.value > 5:
        taken = {y.latex for y in node.symbols}
        name = next(name for name in ("r", "s", "t", "i", "j") if name not in taken)
        r, last = index_symbol(name), add(exponent, number(-1))
        body = multiply(matrix_power(x, r), d(x), matrix_power(x, add(last, negate(r))))
        return Apply(sum_row, (body,), (Index(name, "0", to_latex(last), exponent),))
    k = int(exponent.value)
    return add(*(multiply(matrix_power(x, number(r)), d(x), matrix_power(x, number(k - 1 - r))) for r in range(k)))


def _matrix_power_value(arrays: tuple[Any, ...], parameters: tuple[Any, ...]) -> Any:
    numpy = lazy_numpy()
    exponent = float(numpy.real(numpy.ravel(arrays[1])[0]))
    if abs(exponent - round(exponent)) < 1e-9:
        return numpy.linalg.matrix_power(arrays[0], round(exponent))
    return function_of_matrix(lambda x: x**exponent, arrays[0])


def function_of_matrix(f: Callable[[Any], Any], a: Any) -> Any:
    """Return the function `f` of the square matrices `a`, by their eigenvalues.

    Raises:
        LinAlgError: an eigenvalue is 0, or the function is not real.
    """
    numpy = lazy_numpy()
    values, vectors = numpy.linalg.eig(a.real)
    value = vectors * f(values.astype(complex))[..., None, :] @ numpy.linalg.inv(vectors)
    if abs(values).min() < 1e-9 or abs(value.imag).max() > 1e-8 * (1 + abs(value.real).max()):
        raise numpy.linalg.LinAlgError("a function of this matrix is not real")
    return value.real


# --- entry-wise functions ---------------------------------------------------------------------------------


def entrywise(
    name: str,
    *,
    spellings: tuple[str, ...],
    symbol: str,
    derivative: Callable[[Expr], Expr],
    example: tuple[str, str],
    function: str = "",
    value: Callable[[Any], Any] | None = None,
    numpy: str = "",
    torch: str = "",
    julia: str = "",
    analytic: bool = True,
    latex: Callable[[Apply, Write], str] | None = None,
    of_matrix: str | None = "",
    notations: tuple[Notation, ...] = (),
) -> Operator:
    """Return the row of a function applied to every entry: d s(X) = s'(X) (.) dX.

    `function` is its name in numpy and Julia; where numpy has none, `value` computes it and `numpy` is its source.
    `torch` and `julia` are the sources there, where they are not the same.
    """
    compute = value or (lambda x: getattr(lazy_numpy(), function)(x))
    return Operator(
        name=name,
        rule=Wording("entry-wise function rule", "逐元素函数法则"),
        source=ARTICLE,
        example=example,
        spellings=spellings,
        signatures=("m n -> m n",),
        latex=latex or (lambda node, write: write_call(symbol, node.arguments[0], write)),
        binding=Binding.ATOM if latex else Binding.PRODUCT + 1,
        value=lambda arrays, parameters: compute(arrays[0]),
        numpy=numpy or f"np.{function}({{0}})",
        torch=Code(torch) if torch else None,
        julia=Code(julia or f"{function}.({{0}})") if julia or function else None,
        differential=lambda node, d: hadamard(derivative(node.arguments[0]), d(node.arguments[0])),
        analytic=analytic,
        of_matrix=of_matrix,
        notations=notations,
    )


def write_call(symbol: str, x: Expr, write: Write) -> str:
    """Return a function call; only another call stands without parentheses (`\\log\\sigma(Xw)`)."""
    called = _is_call(x)
    inner = write(x, 0)
    barred = isinstance(x, Apply) and x.operator.binding == Binding.ATOM and inner.startswith((r"\lvert", r"\lVert"))
    if barred or (called and inner.startswith("\\")):
        return symbol + inner
    return f"{symbol}{parenthesise(inner)}"


def entrywise_power(x: Expr, exponent: Expr) -> Expr:
    """Return every entry of `x` to the scalar `exponent`."""
    if x.is_scalar:
        return power(x, exponent)
    if isinstance(exponent, Number):
        if exponent.value == 1:
            return x
        if exponent.value == 0:
            return ones(x.shape)
    return Apply(entrywise_power_row, (x, exponent))


def divisor(x: Expr, row: Operator) -> Expr | None:
    """Return y where `x` is 1/y by `row`, the power of a scalar or that of every entry, else None."""
    exponent = x.arguments[1] if isinstance(x, Apply) and x.operator is row else None
    if isinstance(exponent, Number) and exponent.value < 0 and isinstance(x, Apply):
        return entrywise_power(x.arguments[0], Number(-exponent.value))
    return None


def _write_entrywise_power(node: Apply, write: Write) -> str:
    base, exponent = node.arguments
    below = divisor(node, entrywise_power_row)
    if below is not None:
        return rf"\mathbf{{1}} \oslash {_hadamard_factor(below, write)}"
    if exponent is Number(Fraction(1, 2)) and ONE in base.shape:
        return rf"\sqrt{{{write(base, 0)}}}"
    return write_scripted(base, rf"\odot {write(exponent, Binding.SUM + 1)}", write)


# --- the rows ---------------------------------------------------------------------------------------------


def _fold(arrays: tuple[Any, ...], combine: Callable[[Any, Any], Any]) -> Any:
    value = arrays[0]
    for array in arrays[1:]:
        value = combine(value, array)
    return value


def _matrix_or_scalar_product(a: Any, b: Any) -> Any:
    if a.shape[-2:] == (1, 1) or b.shape[-2:] == (1, 1):
        return a * b
    return a @ b


add_row = Operator(
    name="sum",
    rule=Wording("linearity", "加减法法则"),
    plain=True,
    source=ARTICLE,
    example=(r"\operatorname{tr}(AX+X)", "X"),
    latex=_write_sum,
    binding=Binding.SUM,
    value=lambda arrays, parameters: _fold(arrays, lambda a, b: a + b),
    numpy="+",
    result=lambda arguments, parameters: arguments[0].shape,
    adjoint=lambda node, i, G: G,
    normal=lambda arguments, parameters: add(*arguments),
)

product = Operator(
    name="product",
    rule=Wording("product rule", "矩阵乘法法则"),
    why=Wording(
        r"$(A+\mathrm{d}A)(B+\mathrm{d}B) = AB + \mathrm{d}A\,B + A\,\mathrm{d}B + \mathrm{d}A\,\mathrm{d}B$, and the "
        "last term is of second order. The factors keep their places, since matrices do not commute.",
        r"$(A+\mathrm{d}A)(B+\mathrm{d}B) = AB + \mathrm{d}A\,B + A\,\mathrm{d}B + \mathrm{d}A\,\mathrm{d}B$，"
        "最后一项是二阶小量。矩阵乘法不可交换，所以各因子的次序不变。",
    ),
    source=ARTICLE,
    notations=(Notation("hadamard", of="scalar"), Notation("circ", of="scalar")),
    example=(r"a^T X b", "X"),
    latex=_write_product,
    binding=Binding.PRODUCT,
    binding_of=_product_binding,
    value=lambda arrays, parameters: _fold(arrays, _matrix_or_scalar_product),
    numpy="@",
    result=product_shape,
    adjoint=_product_adjoint,
    normal=lambda arguments, parameters: multiply(*arguments),
)

transpose_row = Operator(
    name="transpose",
    rule=Wording("transpose rule", "转置法则"),
    source=ARTICLE,
    notations=(Notation("transpose", of="column row matrix"), Notation("prime", of="column row matrix")),
    example=(r"\operatorname{tr}(AX^T)", "X"),
    latex=_write_transpose,
    binding=Binding.POWER,
    value=lambda arrays, parameters: arrays[0].swapaxes(-1, -2),
    numpy="{0}.T",
    julia=Code("{0}'"),
    signatures=("m n -> n m",),
    adjoint=lambda node, i, G: transpose(G),
    normal=lambda arguments, parameters: transpose(arguments[0]),
)

trace_row = Operator(
    name="trace",
    rule=Wording(r"$\mathrm{d}\operatorname{tr}(X)=\operatorname{tr}(\mathrm{d}X)$", "迹法则"),
    plain=True,
    source=ARTICLE,
    example=(r"\operatorname{tr}(AXB)", "X"),
    spellings=("tr", "Tr", "trace", "Trace", r"\tr", r"\Tr", r"\trace"),
    greedy=True,
    latex=lambda node, write: rf"\operatorname{{tr}}{parenthesise(write(node.arguments[0], 0))}",
    value=lambda arrays, parameters: arrays[0].trace(axis1=-2, axis2=-1)[..., None, None],
    numpy="np.trace({0})",
    julia=Code("tr({0})"),
    signatures=("n n -> 1 1",),
    adjoint=lambda node, i, G: multiply(G, identity(node.arguments[0].shape[0])),
    normal=lambda arguments, parameters: trace(arguments[0]),
)


hadamard_row = Operator(
    name="Hadamard product",
    rule=Wording("entry-wise product rule", "逐元素乘法法则"),
    source=ARTICLE,
    notations=(Notation("hadamard", of="column row matrix"), Notation("circ", of="column row matrix")),
    example=(r"a^T(x\odot b)", "x"),
    latex=_write_hadamard,
    binding=Binding.PRODUCT - 2,
    value=lambda arrays, parameters: _fold(arrays, lambda a, b: a * b),
    numpy="*",
    result=lambda arguments, parameters: arguments[0].shape,
    adjoint=lambda node, i, G: hadamard(G, *(x for k, x in enumerate(node.arguments) if k != i)),
    adjoint_rule=Wording(
        r"$\operatorname{tr}(A^\top(B\odot C))=\operatorname{tr}((A\odot B)^\top C)$",
        r"$\operatorname{tr}(A^\top(B\odot C))=\operatorname{tr}((A\odot B)^\top C)$",
    ),
    normal=lambda arguments, parameters: hadamard(*arguments),
)

sum_row = Operator(
    name="sum over an index",
    rule=Wording("d commutes with the sum", "微分与求和交换"),
    plain=True,
    source=ARTICLE,
    example=(r"\sum_{i=1}^N (w^Tx_i-y_i)^2", "w"),
    latex=_write_sum_over,
    binding=Binding.SUM + 1,
    value=lambda arrays, parameters: arrays[0],
    numpy="sum",
    result=lambda arguments, parameters: arguments[0].shape,
    adjoint=lambda node, i, G: G,
    normal=lambda arguments, parameters: sum_over(arguments[0], parameters[0]),
    binds_index=True,
)

power_row = Operator(
    name="power",
    rule=Wording("power rule", "幂法则"),
    why=Wording(
        r"A scalar power: $\mathrm{d}(t^k) = k\,t^{k-1}\,\mathrm{d}t$, as in any calculus course.",
        r"标量的幂：$\mathrm{d}(t^k) = k\,t^{k-1}\,\mathrm{d}t$，与一元微积分相同。",
    ),
    source="Any calculus text",
    notations=(Notation("power", "{1}", "scalar"), Notation("hadamard_power", "{1}", "scalar")),
    example=(r"(a^Tx)^3", "x"),
    latex=_write_power,
    binding=Binding.POWER,
    value=lambda arrays, parameters: arrays[0] ** arrays[1],
    numpy="{0} ** {1}",
    julia=Code("{0} ^ {1}"),
    signatures=("1 1, 1 1 -> 1 1",),
    differential=lambda node, d: _power_differential(node, d),
    normal=lambda arguments, parameters: power(arguments[0], arguments[1]),
)


def _power_differential(node: Apply, d: Callable[[Expr], Expr]) -> Expr:
    base, exponent = node.arguments
    by_base = multiply(exponent, power(base, add(exponent, number(-1))), d(base))
    if isinstance(exponent, Number):
        return by_base
    return add(by_base, multiply(node, Apply(log, (base,)), d(exponent)))


log = entrywise(
    "logarithm",
    spellings=("log", "ln", r"\log", r"\ln"),
    symbol=r"\log",
    derivative=lambda x: entrywise_power(x, number(-1)),
    function="log",
    example=(r"\mathbf{1}^T\log x", "x"),
    of_matrix="matrix logarithm",
)


def _entrywise_power_differential(node: Apply, d: Callable[[Expr], Expr]) -> Expr:
    base, exponent = node.arguments
    slope = multiply(exponent, entrywise_power(base, add(exponent, number(-1))))
    by_exponent = multiply(d(exponent), hadamard(node, Apply(log, (base,))))
    return add(hadamard(slope, d(base)), by_exponent)


entrywise_power_row: Operator = Operator(
    name="entry-wise power",
    rule=Wording("entry-wise power rule", "逐元素幂法则"),
    why=Wording(
        "Each entry is a power of the same entry, so the power rule holds entry by entry.",
        "每个元素是同一位置元素的幂，所以逐元素使用幂法则。",
    ),
    source=ARTICLE,
    notations=(Notation("power", "{1}", "call applied"), Notation("hadamard_power", "{1}", "column row matrix")),
    example=(r"a^T x^{\odot 3}", "x"),
    latex=_write_entrywise_power,
    binding=Binding.POWER,
    binding_of=lambda node: Binding.POWER if divisor(node, entrywise_power_row) is None else Binding.PRODUCT - 2,
    value=lambda arrays, parameters: arrays[0] ** arrays[1],
    numpy="{0} ** {1}",
    julia=Code("{0} .^ {1}"),
    signatures=("m n, 1 1 -> m n",),
    differential=lambda node, d: _entrywise_power_differential(node, d),
    normal=lambda arguments, parameters: entrywise_power(arguments[0], arguments[1]),
)

inverse_row = Operator(
    name="inverse",
    rule=Wording("inverse rule", "逆法则"),
    why=Wording(
        r"Take the differential of $X X^{-1} = I$: $\mathrm{d}X\,X^{-1} + X\,\mathrm{d}(X^{-1}) = 0$. Multiply by "
        r"$X^{-1}$ from the left.",
        r"对 $X X^{-1} = I$ 两边求微分：$\mathrm{d}X\,X^{-1} + X\,\mathrm{d}(X^{-1}) = 0$，再左乘 $X^{-1}$。",
    ),
    source="Magnus and Neudecker, ch. 8, sec. 4",
    notations=(Notation("power", "-1", "matrix"),),
    example=(r"a^T X^{-1} b", "X"),
    spellings=("inv", r"\inv"),
    signatures=("n n -> n n",),
    latex=lambda node, write: write_scripted(node.arguments[0], "-1", write),
    binding=Binding.POWER,
    value=lambda arrays, parameters: lazy_numpy().linalg.inv(arrays[0]),
    numpy="np.linalg.inv({0})",
    julia=Code("inv({0})"),
    differential=lambda node, d: negate(multiply(node, d(node.arguments[0]), node)),
    normal=lambda arguments, parameters: inverse(arguments[0]),
)

matrix_power_row = Operator(
    name="matrix power",
    rule=Wording("product rule", "矩阵乘法法则"),
    source="Magnus and Neudecker, ch. 9, sec. 9",
    notations=(Notation("power", "{1}", "matrix"),),
    example=(r"\operatorname{tr}(X^3)", "X"),
    signatures=("n n, 1 1 -> n n",),
    latex=lambda node, write: write_scripted(node.arguments[0], _write_exponent(node.arguments[1], write), write),
    binding=Binding.POWER,
    value=_matrix_power_value,
    numpy="matrix_power({0}, {1})",
    helper="""
def matrix_power(a, p):
    if p == round(p):
        return np.linalg.matrix_power(a, round(p))
    values, vectors = np.linalg.eig(a)
    return np.real(vectors * values ** p @ np.linalg.inv(vectors))
""",
    julia=Code("{0} ^ {1}"),
    differential=_matrix_power_differential,
    normal=lambda arguments, parameters: matrix_power(arguments[0], arguments[1]),
)

fraction_row = Operator(
    name="quotient",
    rule=Wording("quotient rule", "除法法则"),
    why=Wording(
        "Write the quotient as a product with the reciprocal of the scalar, and use the product and power rules.",
        "把商写成与标量倒数的乘积，再用乘法法则与幂法则。",
    ),
    source="Any calculus text",
    notations=(Notation("fraction"), Notation("slash")),
    example=(r"\frac{x^TAx}{x^Tx}", "x"),
    latex=lambda node, write: rf"\frac{{{write(node.arguments[0], 0)}}}{{{write(node.arguments[1], 0)}}}",
    binding=Binding.PRODUCT + 1,
    value=lambda arrays, parameters: arrays[0] / arrays[1],
    numpy="{0} / {1}",
    julia=Code("{0} / {1}"),
    signatures=("m n, 1 1 -> m n",),
    differential=lambda node, d: _quotient_differential(node, d),
    normal=lambda arguments, parameters: multiply(reciprocal(arguments[1]), arguments[0]),
)


def _quotient_differential(node: Apply, d: Callable[[Expr], Expr]) -> Expr:
    above, below = node.arguments
    return add(multiply(reciprocal(below), d(above)), negate(multiply(power(below, number(-2)), d(below), above)))


differential = Operator(
    name="differential",
    rule=Wording("definition", "定义"),
    source=ARTICLE,
    example=(r"a^T x", "x"),
    latex=_write_differential,
    binding=Binding.POWER,
    value=lambda arrays, parameters: arrays[0],
    numpy="d",
    result=lambda arguments, parameters: arguments[0].shape,
)

zero_row = Operator(
    name="zero matrix",
    rule=Wording("a constant", "常量"),
    source="Any calculus text",
    example=(r"a^Tx+\mathbf{0}^Tx", "x"),
    latex=lambda node, write: r"\mathbf{0}" if ONE in node.shape else "0",
    value=lambda arrays, parameters: None,
    numpy="np.zeros(({0}, {1}))",
    torch=Code("torch.zeros(({0}, {1}), **like)"),
    julia=Code("zeros({0}, {1})"),
    result=lambda arguments, parameters: (parameters[0], parameters[1]),
)

ones_row = Operator(
    name="ones",
    rule=Wording("a constant", "常量"),
    source=ARTICLE,
    example=(r"\mathbf{1}^Tx", "x"),
    latex=lambda node, write: r"\mathbf{1}" if ONE in node.shape else r"\mathbf{1}\mathbf{1}^\top",
    value=lambda arrays, parameters: None,
    numpy="np.ones(({0}, {1}))",
    torch=Code("torch.ones(({0}, {1}), **like)"),
    julia=Code("ones({0}, {1})"),
    result=lambda arguments, parameters: (parameters[0], parameters[1]),
)

identity_row = Operator(
    name="identity matrix",
    rule=Wording("a constant", "常量"),
    source="Any calculus text",
    example=(r"\operatorname{tr}(X+I)", "X"),
    latex=lambda node, write: "I",
    value=lambda arrays, parameters: None,
    numpy="np.eye({0})",
    torch=Code("torch.eye({0}, **like)"),
    julia=Code("Matrix(1.0I, {0}, {0})"),
    result=lambda arguments, parameters: (parameters[0], parameters[0]),
)


def unit_vector(dimension: Dimension, place: int) -> Expr:
    """Return the column whose entry at `place` (from 1) is 1 and whose other entries are 0."""
    return Apply(unit_row, (), (dimension, place))


unit_row = Operator(
    name="unit vector",
    rule=Wording("a constant", "常量"),
    source="Any calculus text",
    example=(r"X_{12}", "X"),
    latex=lambda node, write: rf"e_{_script(str(node.parameters[1]))}",
    value=lambda arrays, parameters: None,
    numpy="np.eye({0})[:, [{3} - 1]]",
    torch=Code("torch.eye({0}, **like)[:, [{3} - 1]]"),
    jax=Code("np.eye({0})[:, {3} - 1].reshape(-1, 1)"),
    julia=Code("Matrix(1.0I, {0}, {0})[:, [{3}]]"),
    result=lambda arguments, parameters: (parameters[0], ONE),
)


def _entry_value(arrays: tuple[Any, ...], parameters: tuple[Any, ...]) -> Any:
    """Return the entries at the places told by `arrays[1:]`, which vary along axes of their own.

    Raises:
        LinAlgError: a place is beyond the size.
    """
    numpy = lazy_numpy()
    value = arrays[0]
    for axis, place in zip((-2, -1), arrays[1:], strict=False):
        index = numpy.round(place.real).astype(int) - 1
        if index.max() >= value.shape[axis]:
            raise numpy.linalg.LinAlgError("there is no such entry")
        value = numpy.take_along_axis(value, index.reshape((1,) * (value.ndim - index.ndim) + index.shape), axis)
    return value


def _write_entry(node: Apply, write: Write) -> str:
    whole, *places = node.arguments
    return f"{write(whole, Binding.ATOM)}_{_script(''.join(write(x, 0) for x in places))}"


entry_row = Operator(
    name="entry",
    rule=Wording("an entry", "元素"),
    source="Any calculus text",
    example=(r"\sum_{i=1}^n x_i^2", "x"),
    latex=_write_entry,
    value=_entry_value,
    numpy="entry",
    result=lambda arguments, parameters: SCALAR,
)

pi_row = Operator(
    name="pi",
    rule=Wording("a constant", "常量"),
    source="Any calculus text",
    example=(r"\log(2\pi a^Tx)", "x"),
    latex=lambda node, write: r"\pi",
    value=lambda arrays, parameters: lazy_numpy().full((1, 1), math.pi),
    numpy="np.pi",
    julia=Code("pi"),
    result=lambda arguments, parameters: SCALAR,
)

ROWS: tuple[Operator, ...] = (
    add_row,
    product,
    transpose_row,
    trace_row,
    hadamard_row,
    sum_row,
    power_row,
    log,
    entrywise_power_row,
    inverse_row,
    matrix_power_row,
    fraction_row,
    differential,
    zero_row,
    ones_row,
    identity_row,
    unit_row,
    entry_row,
    pi_row,
)
