"""All real zeros of an equation in one number: common factors, powers, the quadratic formula, rational zeros."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import chain, product
from math import gcd, isqrt, lcm
from typing import NamedTuple

from ..algebra.expanding import opened
from ..algebra.expressions import Expr, Number, Symbol, number
from ..algebra.factoring import add
from ..algebra.powers import power, reciprocal, sum_over
from ..algebra.signs import DEFINITE
from ..algebra.terms import (
    base_and_exponent,
    factors_of,
    index_of,
    is_sum_over,
    is_zero,
    multiply,
    negate,
    reading_cost,
    scale,
    split_coefficient,
    terms_of,
)
from .conditions import Condition
from .definiteness import definiteness
from .roots import content, root_of, scaled_each
from .stationary import cleared_number

HALF = Fraction(1, 2)
LARGEST = 10**6
"""The largest number whose divisors are tried as zeros."""
LONGEST = 100
"""The reading cost of an equation that is not multiplied out any more."""
Polynomial = Mapping[Fraction, Expr]
"""The coefficients of a polynomial in one number, by exponents, none zero."""


class Root(NamedTuple):
    """A real zero of an equation, which is there under the `conditions`."""

    value: Expr
    conditions: tuple[Condition, ...] = ()


class Roots(NamedTuple):
    """All real zeros of the gradient times `factor`; they are those of the product of `factors`."""

    factor: Expr
    factors: tuple[Polynomial, ...]
    found: tuple[Root, ...]

    @property
    def is_quadratic(self) -> bool:
        """Whether the equation is one of second degree that is not split any more."""
        return (
            len(self.factors) == 1 and set(self.factors[0]) >= {Fraction(1), Fraction(2)} and max(self.factors[0]) == 2
        )

    def left(self, x: Symbol) -> Expr:
        """Return the left side of the equation in `x`."""
        return multiply(*(_written(y, x) for y in self.factors))

    def order_at(self, place: Expr) -> tuple[int, list[Expr]]:
        """Return how often `place` is a zero, and numbers whose product has the sign of the equation beyond it."""
        order, leading = 0, list[Expr]()
        for polynomial in self.factors:
            while is_zero(value := _value(polynomial, place)):
                order, polynomial = order + 1, _derivative(polynomial)
            leading.append(value)
        return order, leading


def _value(polynomial: Polynomial, place: Expr) -> Expr:
    """Return the value at `place`, multiplied out: Horner's scheme, or by powers where they are broken."""
    if any(k.denominator > 1 for k in polynomial):
        return add(*(multiply(y, power(place, Number(k))) for k, y in polynomial.items()))
    found: Expr = number(0)
    for k in range(int(max(polynomial)), -1, -1):
        found = add(*opened(multiply(found, place)), polynomial.get(Fraction(k), number(0)))
    return found


def _derivative(polynomial: Polynomial) -> Polynomial:
    return {k - 1: scale(k, y) for k, y in polynomial.items() if k}


def roots_of(gradient: Expr, x: Symbol) -> Roots | None:
    """Return all real zeros of the gradient by the number `x`, None where they are not known to be all."""
    if not x.is_scalar or not gradient.is_scalar:
        return None
    for equation, factor in chain(((gradient, number(1)),), cleared_number(gradient, x)):
        factors = _factors(equation, x)
        roots = None if factors is None else [_roots(y, x) for y in factors]
        if factors is None or roots is None or None in roots:
            continue
        constant = tuple(Condition("not zero", y[Fraction(0)]) for y in factors if set(y) == {Fraction(0)})
        found = {root.value: root for several in roots for root in several or ()}
        every = tuple(root._replace(conditions=(*root.conditions, *constant)) for root in found.values())
        return Roots(factor, tuple(factors), _in_order(every))
    return None


def _in_order(roots: tuple[Root, ...]) -> tuple[Root, ...]:
    """Return the zeros by size where all are numbers."""
    values = {root: root.value.value for root in roots if isinstance(root.value, Number)}
    return tuple(sorted(roots, key=lambda root: values[root])) if len(values) == len(roots) else roots


# --- into factors that are polynomials


def _factors(equation: Expr, x: Symbol) -> list[Polynomial] | None:
    """Return polynomials whose product is the equation up to what cannot vanish, None where it is no such product."""
    terms = terms_of(equation)
    if len(terms) == 1:
        return _factors_of_product(equation, x)
    shared = _shared(terms, x)
    if shared is not number(1):
        rest = add(*(multiply(term, reciprocal(shared)) for term in terms))
        one, other = _factors(shared, x), _factors(rest, x)
        return None if one is None or other is None else [*one, *other]
    if reading_cost(equation) > LONGEST:
        return None
    whole = _polynomial(x, _expanded(equation, x))
    return None if whole is None else _split(whole)


def _factors_of_product(equation: Expr, x: Symbol) -> list[Polynomial] | None:
    found: list[Polynomial] = []
    constant = [y for y in factors_of(equation) if x not in y.symbols]
    if constant and multiply(*constant) is not number(1):
        found.append({Fraction(0): multiply(*constant)})
    for factor in factors_of(equation):
        if factor in constant:
            continue
        base, exponent = base_and_exponent(factor)
        if not isinstance(exponent, Number) or exponent.value <= 0:
            return None
        if base is x:
            found.append({exponent.value: number(1)})
            continue
        inner = _factors(base, x) if exponent.value.denominator == 1 and len(terms_of(base)) > 1 else None
        if inner is None:
            return None
        found += inner * int(exponent.value)
    return found


def _shared(terms: tuple[Expr, ...], x: Symbol) -> Expr:
    """Return the product of the sums in `x` that all terms have as factors, each as often as all have it."""
    counted = []
    for term in terms:
        powers = {}
        for factor in factors_of(term):
            base, exponent = base_and_exponent(factor)
            if x in base.symbols and base is not x and isinstance(exponent, Number) and exponent.value > 0:
                powers[base] = exponent.value
        counted.append(powers)
    first, *others = counted
    common = {base: min([k, *(y[base] for y in others)]) for base, k in first.items() if all(base in y for y in others)}
    return multiply(*(power(base, Number(k)) for base, k in common.items())) if common else number(1)


def _expanded(equation: Expr, x: Symbol) -> list[Expr]:
    """Return the terms with sums in which `x` occurs multiplied out, also under a small power, and over an index."""
    found: list[Expr] = []
    for term in terms_of(equation):
        factors = factors_of(term)
        k = next((k for k, y in enumerate(factors) if x in y.symbols and len(_summands(y, x)) > 1), None)
        if k is None:
            found.append(term)
            continue
        for inner in _summands(factors[k], x):
            found += _expanded(multiply(*factors[:k], inner, *factors[k + 1 :]), x)
    return found


def _summands(y: Expr, x: Symbol) -> Sequence[Expr]:
    if is_sum_over(y):
        return [sum_over(z, index_of(y)) for z in _expanded(y.arguments[0], x)]
    base, exponent = base_and_exponent(y)
    parts = terms_of(base)
    if len(parts) > 1 and isinstance(exponent, Number) and exponent.value in (2, 3):
        return [multiply(*z) for z in product(parts, repeat=int(exponent.value))]
    return terms_of(y)


def _polynomial(x: Symbol, terms: list[Expr]) -> Polynomial | None:
    """Return the coefficients of the sum of `terms` by the exponents of `x`, None where it is no such sum."""
    found: dict[Fraction, list[Expr]] = {}
    for term in terms:
        total, rest = Fraction(0), []
        for factor in factors_of(term):
            base, exponent = base_and_exponent(factor)
            if base is x and isinstance(exponent, Number):
                total += exponent.value
            elif x in factor.symbols:
                return None
            else:
                rest.append(factor)
        found.setdefault(total, []).append(multiply(*rest) if rest else number(1))
    summed = {k: add(*parts) for k, parts in found.items()}
    return {k: y for k, y in summed.items() if not is_zero(y)} or None


def _split(whole: Polynomial) -> list[Polynomial] | None:
    """Return the power of `x` in a polynomial, factors for its rational zeros, and the rest; None with divisors."""
    least = min(whole)
    if least < 0:
        return None
    rest: Polynomial = {k - least: y for k, y in whole.items()}
    found: list[Polynomial] = [{least: number(1)}] if least else []
    while (root := _rational_root(rest)) is not None:
        found.append({Fraction(1): number(root.denominator), Fraction(0): number(-root.numerator)})
        rest = _divided(rest, root)
    if not found:
        return [rest]
    outside = content(tuple(rest.values()))
    bare = {k: scaled_each(1 / outside, y) for k, y in rest.items()}
    numbers: list[Polynomial] = [] if outside == 1 else [{Fraction(0): Number(outside)}]
    return [*numbers, *found, *([] if bare == {Fraction(0): number(1)} else [bare])]


def _rational_root(rest: Polynomial) -> Fraction | None:
    """Return the least rational zero of a polynomial with numbers as coefficients, in more than one power."""
    numbers = {k: y.value for k, y in rest.items() if isinstance(y, Number) and k.denominator == 1}
    step = gcd(*(int(k) for k in numbers))
    if len(numbers) < len(rest) or max(rest) <= max(1, step):
        return None
    size = lcm(*(y.denominator for y in numbers.values()))
    first, last = (abs(int(numbers[k] * size)) for k in (max(rest), Fraction(0)))
    if max(first, last) > LARGEST:
        return None
    tried = {Fraction(p * s, q) for p in _divisors(last) for q in _divisors(first) for s in (1, -1)}
    return next((t for t in sorted(tried) if sum(y * t ** int(k) for k, y in numbers.items()) == 0), None)


def _divisors(n: int) -> list[int]:
    small = [k for k in range(1, isqrt(n) + 1) if n % k == 0]
    return sorted({*small, *(n // k for k in small)})


def _divided(rest: Polynomial, root: Fraction) -> Polynomial:
    """Return the polynomial without the factor `q x - p`, of which `p/q` is the zero: Horner's scheme."""
    carry, found = Fraction(0), {}
    for k in range(int(max(rest)), 0, -1):
        y = rest.get(Fraction(k), number(0))
        assert isinstance(y, Number)
        carry = carry * root + y.value
        found[Fraction(k - 1)] = Number(carry / root.denominator)
    return {k: y for k, y in found.items() if not is_zero(y)}


def _written(polynomial: Polynomial, x: Symbol) -> Expr:
    """Return the polynomial in the letter `x`, highest power first."""
    return add(*(multiply(y, power(x, Number(k))) for k, y in sorted(polynomial.items(), reverse=True)))


# --- zeros of a factor


def _roots(polynomial: Polynomial, x: Symbol) -> list[Root] | None:
    """Return the real zeros of a polynomial in a power of `x`, None where it is of higher degree in that."""
    if len(polynomial) == 1:
        ((k, y),) = polynomial.items()
        return [Root(number(0), _nonzero(y))] if k else []
    size = lcm(*(k.denominator for k in polynomial))
    step = Fraction(gcd(*(int(k * size) for k in polynomial)), size)
    by_step = {int(k / step): y for k, y in polynomial.items()}
    a, b, c = (by_step.get(k, number(0)) for k in (2, 1, 0))
    if max(by_step) == 1:
        value = _bare(multiply(negate(c), reciprocal(b)))
        inner = [Root(value, _nonzero(b))]
    elif max(by_step) == 2:
        inner = _of_quadratic(a, b, c)
    else:
        return None
    found: list[Root] = []
    for root in inner:
        outer = _undone(root, step, x)
        if outer is None:
            return None
        found += outer
    return found


def _of_quadratic(a: Expr, b: Expr, c: Expr) -> list[Root]:
    """Return the real zeros of `a t^2 + b t + c`, the less first where a is positive."""
    size = 1 / content((a, b, c))
    leads = definiteness(a) < 0 or (not definiteness(a) and split_coefficient(a)[0] < 0)
    a, b, c = (scaled_each(-size if leads else size, y) for y in (a, b, c))
    halved = scaled_each(HALF, b)
    if all(split_coefficient(y)[0].denominator == 1 for y in terms_of(halved)):
        b, times, below = halved, 1, a
    else:
        times, below = 4, scale(2, a)
    inside = add(*opened(add(power(b, number(2)), scale(-times, multiply(a, c)))))
    if definiteness(inside) < 0:
        return []
    if is_zero(inside):
        return [Root(_bare(multiply(negate(b), reciprocal(below))), _nonzero(a))]
    needed = (Condition("positive", inside), *_nonzero(a))
    outer = root_of(inside, 2)
    above = (add(negate(b), negate(outer)), add(negate(b), outer))
    return [Root(_over(y, below), needed) for y in above]


def _over(above: Expr, below: Expr) -> Expr:
    """Return a quotient, a number below divided into all terms above where none becomes a fraction."""
    if isinstance(below, Number):
        apart = [scale(1 / below.value, y) for y in terms_of(above)]
        if all(split_coefficient(y)[0].denominator == 1 for y in apart):
            return add(*apart)
    return multiply(above, reciprocal(below))


def _bare(x: Expr) -> Expr:
    """Return `x` multiplied out where that is one term."""
    apart = add(*opened(x))
    return apart if len(terms_of(apart)) == 1 else x


def _nonzero(x: Expr) -> tuple[Condition, ...]:
    return (Condition("not zero", x),)


def _undone(root: Root, step: Fraction, x: Symbol) -> list[Root] | None:
    """Return the `x` of which that power is the zero, None where its sign must be known and is not."""
    value, sign = root.value, definiteness(root.value)
    if step == 1 or is_zero(value):
        return [root]
    if step.denominator > 1 or "positive" in x.properties:
        if sign < 0:
            return []
        needed = (*root.conditions, *(() if sign == DEFINITE else (Condition("positive", value),)))
        return [Root(_raised(value, 1 / step), needed)]
    k = int(step)
    if k % 2:
        if abs(sign) < DEFINITE:
            return None
        return [root._replace(value=root_of(value, k) if sign > 0 else negate(root_of(negate(value), k)))]
    if sign < 0:
        return []
    needed = (*root.conditions, *(() if sign == DEFINITE else (Condition("positive", value),)))
    outer = root_of(value, k, either_sign=True)
    return [Root(negate(outer), needed), Root(outer, needed)]


def _raised(value: Expr, exponent: Fraction) -> Expr:
    return power(root_of(value, exponent.denominator), number(exponent.numerator))
