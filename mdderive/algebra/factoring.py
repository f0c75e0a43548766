"""The normal form of sums: like terms merged, common factors taken out where that shortens them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

from . import joining, keys, terms
from .expressions import Apply, Expr, Number, remembered, walk
from .operators.structural import add_row, trace_row, transpose_row

_ONCE = Fraction(1)


@remembered(maxsize=20_000)
def add(*summands: Expr) -> Expr:
    """Return the sum of `summands`, like terms merged and common factors taken out."""
    shape = summands[0].shape
    if len(summands) == 1 and len(terms.terms_of(summands[0])) == 1:
        return _alone(summands[0])
    merged = _with_numbers_in_sums(like_terms(_with_inner_sums_opened(summands)))
    if not merged or (any(c.numerator < 0 for _, c in merged) and keys.cancel(merged)):
        return terms.zero(shape)
    return factored([terms.scale(c, rest) for rest, c in merged])


def symmetric_part(x: Expr) -> Expr:
    """Return (X + X^T)/2, X itself where it is symmetric."""
    return x if terms.is_symmetric(x) else terms.scale(Fraction(1, 2), add(x, terms.transpose(x)))


def _alone(term: Expr) -> Expr:
    """Return the sum of one term."""
    coefficient, rest = terms.split_coefficient(term)
    if coefficient is terms.ONCE and not terms.holds_differential(rest):
        return term
    if terms.is_zero(term) or not coefficient or (coefficient < 0 and keys.cancel([(rest, coefficient)])):
        return terms.zero(term.shape)
    return terms.scale(coefficient, _preferred_form(rest) if terms.holds_differential(rest) else rest)


def like_terms(summands: Sequence[Expr]) -> list[tuple[Expr, Fraction]]:
    """Return the distinct terms that do not cancel, each as it came first, with their coefficients."""
    found: dict[keys.Key, tuple[Expr, Fraction]] = {}
    bodies = [keys.key(terms.split_coefficient(term)[1]) for term in summands]
    times = Counter(bodies)
    for term, body in zip(summands, bodies, strict=True):
        # A sum that comes twice is kept whole: 2(Xw-y), not 2Xw-2y.
        for one in (term,) if times[body] > 1 else terms.terms_of(term):
            if terms.is_zero(one):
                continue
            coefficient, rest = terms.split_coefficient(one)
            name = keys.key(rest)
            if name in found:
                first, known = found[name]
                found[name] = first, known + coefficient
            else:
                found[name] = _preferred_form(rest) if terms.holds_differential(rest) else rest, coefficient
    return [(rest, c) for rest, c in found.values() if c]


def _with_numbers_in_sums(merged: list[tuple[Expr, Fraction]]) -> list[tuple[Expr, Fraction]]:
    """Return the terms with (p-2)A + A as (p-1)A, where a term is another times a scalar sum with a number in it."""
    places = {keys.key(rest): k for k, (rest, _) in enumerate(merged)} if len(merged) > 1 else {}
    for k, (rest, c) in enumerate(merged if places else ()):
        factors = terms.factors_of(rest)
        for x in factors if len(factors) > 1 else ():
            parts = terms.terms_of(x) if x.is_scalar else ()
            if len(parts) < 2 or not any(isinstance(part, Number) for part in parts):
                continue
            others = terms.multiply(*(y for y in factors if y is not x))
            other = places.get(keys.key(others), k)
            if other != k:
                whole = add(*parts, Number(merged[other][1] / c))
                number, product = terms.split_coefficient(terms.multiply(*(whole if y is x else y for y in factors)))
                both = [y for j, y in enumerate(merged) if j not in (k, other)]
                both.insert(min(k, other), (product, c * number))
                return _with_numbers_in_sums(both)
    return merged


class Content(NamedTuple):
    """What all terms of a sum have in common beside their chains of matrices, and the sum that is left."""

    number: Fraction
    scalars: tuple[Expr, ...]
    rest: Expr


@remembered(maxsize=20_000)
def content(total: Expr, outside: Fraction = _ONCE) -> Content | None:
    """Return what a sum that is a factor shares, None where nothing is gained: (aA/2 - aB/2) has a/2.

    `outside` is the number before it already, which the shared number may cancel.
    """
    parts = [terms.split_coefficient(term) for term in terms.terms_of(total)]
    numbers = [c for c, _ in parts]
    shared = Fraction(gcd(*(c.numerator for c in numbers)), lcm(*(c.denominator for c in numbers)))
    negative = all(c < 0 for c in numbers)
    if negative:
        shared = -shared
    before = _cost(outside) + sum(map(_cost, numbers)) + negative
    if _cost(outside * shared) + sum(_cost(c / shared) for c in numbers) >= before:
        shared = Fraction(1)
    scalars = [[x for x in terms.factors_of(rest) if x.is_scalar and not isinstance(x, Number)] for _, rest in parts]
    common = joining.in_all(scalars)
    if shared == 1 and not common:
        return None
    kept = [
        terms.multiply(Number(c / shared), *joining.without(list(terms.factors_of(rest)), common)) for c, rest in parts
    ]
    return Content(shared, tuple(common), Apply(add_row, tuple(kept)))


def _cost(coefficient: Fraction) -> int:
    """Return how much a reader sees of a coefficient: its sign, its digits and its fraction."""
    return 2 * (coefficient.denominator != 1) + (abs(coefficient.numerator) != 1)


def _with_inner_sums_opened(summands: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Return the terms with (A+B)^T as A^T + B^T, -(A+B) as -A - B, where that has a term like one of the others."""
    if len(summands) < 2 or not any(map(_inner_sum, summands)):
        return summands
    others = {keys.key(terms.split_coefficient(one)[1]) for term in summands for one in terms.terms_of(term)}
    whole = {keys.key(term) for term in summands if len(terms.terms_of(term)) > 1}
    found: list[Expr] = []
    for term in summands:
        opened = [] if keys.key(terms.split_coefficient(term)[1]) in whole else _inner_sum(term)
        if any(keys.key(terms.split_coefficient(x)[1]) in others for x in opened):
            coefficient, _ = terms.split_coefficient(term)
            found.extend(terms.scale(coefficient, x) for x in opened)
        else:
            found.append(term)
    return tuple(found)


def _inner_sum(term: Expr) -> list[Expr]:
    """Return the terms A^T and B^T where `term` is (A+B)^T with or without a number, A and B for c(A+B), else none."""
    coefficient, rest = terms.split_coefficient(term)
    inner = terms.under_transpose(rest)
    opened = terms.terms_of(rest if inner is None else inner)
    if len(opened) < 2 or (inner is None and coefficient == 1):
        return []
    return list(opened) if inner is None else [terms.transpose(x) for x in opened]


def _preferred_form(x: Expr) -> Expr:
    """Return the scalar `x` in the form that holds no (dX)^T, if there is one; a matrix as it is."""
    inner = terms.trace_body(x)
    if inner is None:
        return joining.scalar_forms(x)[0] if x.is_scalar else x
    if not joining.turns_differential(inner):
        return x
    turned = terms.transpose(inner)
    return x if joining.turns_differential(turned) else Apply(trace_row, (turned,))


def factored(summands: Sequence[Expr]) -> Expr:
    """Return the sum of distinct terms with common outer factors taken out where that shortens it."""
    summands = joining.joined_up(summands)
    if len(summands) == 1:
        return summands[0]
    if not summands[0].is_scalar:
        summands = _plain_before_transposed(summands)
    positive = next((k for k, t in enumerate(summands) if terms.split_coefficient(t)[0] > 0), 0)
    ordered = [summands[positive], *summands[:positive], *summands[positive + 1 :]]
    turned = [] if ordered[0].is_scalar else [terms.transpose(x) for x in ordered]
    if turned and _reads_shorter(turned, ordered):
        whole = add(*turned)
        return terms.under_transpose(whole) or Apply(transpose_row, (whole,))
    return Apply(add_row, tuple(ordered))


def primitive(x: Expr) -> tuple[Fraction, Expr]:
    """Return the largest number that divides the coefficients of all terms of `x`, and the sum divided by it."""
    numbers = [terms.split_coefficient(term)[0] for term in terms.terms_of(x)]
    content = Fraction(gcd(*(c.numerator for c in numbers)), lcm(*(c.denominator for c in numbers)))
    if content in (0, 1):
        return terms.ONCE, x
    return content, add(*(terms.scale(1 / content, term) for term in terms.terms_of(x)))


def _reads_shorter(some: Sequence[Expr], others: Sequence[Expr]) -> bool:
    """Whether some terms read so much shorter than others that a transpose around them is worth it."""
    if sum(map(terms.reading_cost, some)) + 1 >= sum(map(terms.reading_cost, others)):
        return False
    return sum(map(_tokens, some)) + 1 < sum(map(_tokens, others))


def _tokens(x: Expr) -> int:
    """Return the reading cost of `x` where X^{-T} is one token, as X^{-1} is."""
    inner = [terms.under_transpose(y) for y in walk(x)]
    return terms.reading_cost(x) - sum(y is not None and terms.inverted(y) is not None for y in inner)


def _plain_before_transposed(summands: list[Expr]) -> list[Expr]:
    """Return the terms with A before A^T."""
    ordered = list(summands)
    places = {term: k for k, term in enumerate(summands)}
    for i, a in enumerate(summands):
        b = terms.transpose(a) if a.is_square else a
        if places.get(b, -1) > i and terms.reading_cost(b) < terms.reading_cost(a):
            ordered[i], ordered[places[b]] = b, a
    return ordered
