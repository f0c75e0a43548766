"""The normal form of sums: like terms merged, common factors taken out where that shortens them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from ..effort import EFFORT
from . import terms
from .expressions import Apply, Expr, Number, remembered, to_latex
from .operators.structural import add_row, trace_row, transpose_row

SCALARS_PER_STEP = 50
"""How many scalar factors are compared in the time of a step."""


@remembered(maxsize=20_000)
def add(*summands: Expr) -> Expr:
    """Return the sum of `summands`, like terms merged and common factors taken out."""
    coefficients: dict[Expr, Fraction] = {}
    shape = summands[0].shape
    summands = _with_transposed_sums_opened(summands)
    bodies = [terms.split_coefficient(term)[1] for term in summands]
    for term, body in zip(summands, bodies, strict=True):
        # A sum that comes twice is kept whole: 2(Xw-y), not 2Xw-2y.
        for one in (term,) if bodies.count(body) > 1 else terms.terms_of(term):
            if terms.is_zero(one):
                continue
            coefficient, rest = terms.split_coefficient(one)
            rest = _like(rest, coefficients)
            known = coefficients.get(rest)
            coefficients[rest] = coefficient if known is None else known + coefficient
    merged = [terms.scale(c, rest) for rest, c in coefficients.items() if c != 0]
    if not merged:
        return terms.zero(shape)
    return factored(merged)


def _with_transposed_sums_opened(summands: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Return the terms with (A+B)^T as A^T + B^T where that has a term like one of the others."""
    others = {terms.split_coefficient(one)[1] for term in summands for one in terms.terms_of(term)}
    found: list[Expr] = []
    for term in summands:
        coefficient, body = terms.split_coefficient(term)
        inner = terms.under_transpose(body)
        opened = [terms.transpose(x) for x in terms.terms_of(inner)] if inner is not None else []
        if len(opened) > 1 and any(terms.split_coefficient(x)[1] in others for x in opened):
            found.extend(terms.scale(coefficient, x) for x in opened)
        else:
            found.append(term)
    return tuple(found)


def _like(term: Expr, known: dict[Expr, Fraction]) -> Expr:
    """Return the term of `known` that equals `term` up to the order of scalars or a transposed scalar, else `term`."""
    if term in known:
        return term
    if term.is_scalar and terms.holds_differential(term):
        term = _preferred_form(term)
    for other in known:
        if other.symbols != term.symbols:
            continue
        if term.is_scalar and canonical_scalar(other) is canonical_scalar(term):
            return other
        if terms.is_product(other) and terms.is_product(term) and _scalar_signature(other) == _scalar_signature(term):
            return other
    return term


@remembered(maxsize=20_000)
def canonical_scalar(x: Expr) -> Expr:
    """Return the one form that stands for all forms of the scalar `x`."""
    costs = {form: (_factors(form), terms.reading_cost(form)) for form in scalar_forms(x)}
    least = min(costs.values())
    return min((form for form, cost in costs.items() if cost == least), key=to_latex)


def _factors(x: Expr) -> int:
    """Return how many factors stand side by side in the scalar `x`; X dX X and dX X^2 are one in a trace."""
    return len(terms.factors_of(terms.trace_body(x) or x))


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
    if isinstance(x, Apply) and terms.trace_body(x) is not None:
        return _trace_forms(x)
    if not terms.is_product(x) or not isinstance(x, Apply) or any(y.is_scalar for y in x.arguments):
        return (x,)
    turned = terms.chain_product([terms.transpose(y) for y in reversed(x.arguments)])
    if turned is x:
        return (x,)
    told_apart = _orientation(x) != _orientation(turned)
    return tuple(sorted((x, turned), key=_orientation if told_apart else to_latex))


def _preferred_form(x: Expr) -> Expr:
    """Return the first of the `scalar_forms`; of a trace without making the others."""
    inner = terms.trace_body(x)
    if inner is None:
        return scalar_forms(x)[0]
    body = _preferred_body(inner)
    return x if body is inner else Apply(trace_row, (body,))


def _preferred_body(inner: Expr) -> Expr:
    """Return `inner`, or its transpose where that alone holds no (dX)^T."""
    if not _turns_differential(inner):
        return inner
    turned = terms.transpose(inner)
    return inner if _turns_differential(turned) else turned


def _trace_forms(x: Apply) -> tuple[Expr, ...]:
    """Return tr(ABC), tr(BCA), ... and the traces of their transposes, `x` first unless it holds a (dX)^T."""
    forms: dict[Expr, None] = {}
    first = _preferred_body(x.arguments[0])
    for body in (first, terms.transpose(first)):
        chain = terms.factors_of(body)
        for k in range(len(chain)):
            whole = body if k == 0 else terms.multiply(*chain[k:], *chain[:k])
            forms[Apply(trace_row, (whole,))] = None
    return tuple(forms)


def _turns_differential(x: Expr) -> bool:
    """Whether a transposed factor of the product `x` holds a differential."""
    factors = terms.factors_of(x)
    return any(terms.under_transpose(y) is not None and terms.holds_differential(y) for y in factors)


def _orientation(x: Expr) -> tuple[bool, int]:
    """Return what decides between a scalar and its transpose before the letters: d x untransposed, few transposes."""
    return _turns_differential(x), terms.reading_cost(x)


def factored(summands: list[Expr]) -> Expr:
    """Return the sum of distinct terms with common outer factors taken out where that shortens it."""
    while (found := _first_joined(summands)) is not None:
        i, j, joined = found
        summands = [*summands[:i], joined, *summands[i + 1 : j], *summands[j + 1 :]]
    if len(summands) == 1:
        return summands[0]
    summands = _plain_before_transposed(summands)
    positive = next((k for k, t in enumerate(summands) if terms.split_coefficient(t)[0] > 0), 0)
    ordered = [summands[positive], *summands[:positive], *summands[positive + 1 :]]
    turned = [terms.transpose(x) for x in ordered]
    if not ordered[0].is_scalar and sum(map(terms.reading_cost, turned)) + 1 < sum(map(terms.reading_cost, ordered)):
        return Apply(transpose_row, (add(*turned),))
    return Apply(add_row, tuple(ordered))


def _first_joined(summands: Sequence[Expr]) -> tuple[int, int, Expr] | None:
    """Return the places of the first two terms that can be joined, and what they make together.

    Only terms with a common end can, so each is tried with those alone.
    """
    if len(summands) < 2:
        return None
    ending: dict[End, list[int]] = {}
    for k, term in enumerate(summands):
        for end in _ends_of_forms(term):
            ending.setdefault(end, []).append(k)
    for i, term in enumerate(summands):
        for j in sorted({k for end in _ends(term) for k in ending.get(end, ()) if k > i}):
            joined = _join(term, summands[j])
            if joined is not None:
                return i, j, joined
    return None


End = tuple[str, Expr]


@remembered(maxsize=20_000)
def _ends(x: Expr) -> frozenset[End]:
    """Return the factors of a term that may stand outside of a sum: its first, its last, the scalars beside them."""
    _, scalars, chain = terms.coefficient_scalars_chain(x)
    if not chain:
        return frozenset()
    beside = () if x.is_scalar else scalars
    return frozenset((("first", chain[0]), ("last", chain[-1]), *(("beside", y) for y in beside)))


@remembered(maxsize=20_000)
def _ends_of_forms(x: Expr) -> frozenset[End]:
    """Return the ends of a term in any of its forms."""
    own = _ends(x)
    return own.union(*map(_ends, scalar_forms(terms.split_coefficient(x)[1]))) if own and x.is_scalar else own


def _plain_before_transposed(summands: list[Expr]) -> list[Expr]:
    """Return the terms with A before A^T."""
    ordered = list(summands)
    for i, a in enumerate(ordered):
        for j in range(i + 1, len(ordered)):
            b = ordered[j]
            if a.is_square and terms.transpose(a) is b and terms.reading_cost(b) < terms.reading_cost(a):
                ordered[i], ordered[j] = b, a
    return ordered


def _join(a: Expr, b: Expr) -> Expr | None:
    """Return a + b with their common left and right factors outside, or None where nothing is gained."""
    best: Expr | None = None
    for form in scalar_forms_of_term(b):
        joined = _join_as_written(a, form)
        if joined is not None and (best is None or terms.reading_cost(joined) < terms.reading_cost(best)):
            best = joined
    return best


def scalar_forms_of_term(x: Expr) -> tuple[Expr, ...]:
    """Return a term, and where it is a scalar also its transpose."""
    coefficient, rest = terms.split_coefficient(x)
    return tuple(terms.scale(coefficient, form) for form in scalar_forms(rest)) if x.is_scalar else (x,)


def _join_as_written(a: Expr, b: Expr) -> Expr | None:
    (ca, sa, xa), (cb, sb, xb) = terms.coefficient_scalars_chain(a), terms.coefficient_scalars_chain(b)
    if not xa or not xb:
        return None
    EFFORT.spend(1 + (len(sa) + len(sb)) // SCALARS_PER_STEP)
    known = set(sb)
    both = [x for x in sa if x in known]
    own_a, own_b = _without(sa, both), _without(sb, both)
    if a.is_scalar and (own_a or own_b):
        return None
    left = _common(xa, xb)
    right = _common(xa[left:][::-1], xb[left:][::-1])
    if left + right == 0:
        worth = sum(map(terms.reading_cost, both)) > 2 and not a.is_scalar
        return terms.multiply(*both, add(_term(ca, own_a, xa), _term(cb, own_b, xb))) if worth else None
    inner_a, inner_b = xa[left : len(xa) - right], xb[left : len(xb) - right]
    while not (inner_a and inner_b) and (left or right):
        # Leave no bare identity behind: keep one factor inside on each side.
        left, right = (left - 1, right) if left else (left, right - 1)
        inner_a, inner_b = xa[left : len(xa) - right], xb[left : len(xb) - right]
    if left + right == 0 or inner_a[0].shape[0] != inner_b[0].shape[0]:
        return None
    if any(map(terms.holds_differential, inner_a)) and any(map(terms.holds_differential, inner_b)):
        return None  # a reader looks for each dX in a term of its own
    common = ca if ca == cb else abs(ca) if ca == -cb else Fraction(1)
    one, other = _term(ca / common, own_a, inner_a), _term(cb / common, own_b, inner_b)
    return terms.multiply(Number(common), *both, *xa[:left], add(one, other), *xa[len(xa) - right :])


def _term(coefficient: Fraction, scalars: Sequence[Expr], chain: Sequence[Expr]) -> Expr:
    return terms.multiply(Number(coefficient), *scalars, terms.chain_product(list(chain)))


def _without(scalars: Sequence[Expr], taken: Sequence[Expr]) -> list[Expr]:
    left = Counter(taken)
    rest = []
    for x in scalars:
        if left[x]:
            left[x] -= 1
        else:
            rest.append(x)
    return rest


def _common(a: Sequence[Expr], b: Sequence[Expr]) -> int:
    n = 0
    while n < min(len(a), len(b)) and a[n] is b[n]:
        n += 1
    return n
