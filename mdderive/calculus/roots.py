"""Roots of numbers and of products, with what is a power taken out of them: `2\\sqrt a` for that of 4a."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, isqrt, lcm

from ..algebra.expanding import opened
from ..algebra.expressions import Apply, Expr, Number, Symbol, number, walk
from ..algebra.factoring import add
from ..algebra.powers import power
from ..algebra.signs import DEFINITE
from ..algebra.terms import base_and_exponent, build, factors_of, multiply, negate, scale, split_coefficient, terms_of
from .definiteness import definiteness

LARGEST = 10**12
"""The largest number of which powers are looked for."""


def root_of(x: Expr, k: int, *, either_sign: bool = False) -> Expr:
    r"""Return the k-th root of a positive number, powers taken out: `2\sqrt a` for 4a, `\frac{\sqrt2}2` for 1/2.

    Of `a^2`, a of unknown sign, it is a where `either_sign` will do.
    """
    if len(terms_of(x)) > 1:
        shared = content(terms_of(x))
        outside, left = _without_powers(shared, k)
        return multiply(Number(outside), _rooted(scaled_each(left / shared, x), k))
    coefficient, rest = split_coefficient(x)
    taken, kept = list[Expr](), list[Expr]()
    for factor in factors_of(rest) if rest is not number(1) else ():
        base, exponent = base_and_exponent(factor)
        whole = isinstance(exponent, Number) and (exponent.value / k).denominator == 1
        if whole and (either_sign or definiteness(base) == DEFINITE):
            taken.append(power(base, Number(exponent.value / k)))  # type: ignore[attr-defined]
        else:
            kept.append(factor)
    if k == 2 and not kept:
        outside, left = _without_powers(coefficient * coefficient.denominator**2, k)
        outside /= coefficient.denominator
    else:
        outside, left = _without_powers(coefficient, k)
    return multiply(Number(outside), *taken, _rooted(multiply(Number(left), *kept), k))


def powers_apart(x: Expr, letter: Symbol) -> Expr:
    r"""Return `x` with powers of positive products taken apart that hold the letter: `a^kb^{-k}` for `(a/b)^k`."""
    if not isinstance(x, Apply) or letter not in x.symbols:
        return x
    node = build(x.operator, *(powers_apart(y, letter) for y in x.arguments), parameters=x.parameters)
    base, exponent = base_and_exponent(node)
    whole = isinstance(exponent, Number) and exponent.value.denominator == 1
    return node if whole or len(factors_of(base)) < 2 or letter not in base.symbols else raised(base, exponent, letter)


def raised(x: Expr, exponent: Expr, letter: Symbol | None = None) -> Expr:
    """Return a power, of positive factors those apart that have the letter, or a number as exponent then."""
    apart, rest = list[Expr](), list[tuple[Expr, Expr]]()
    for base, inner in map(base_and_exponent, factors_of(x)):
        whole = multiply(inner, exponent)
        closed = isinstance(whole, Number) and (not isinstance(exponent, Number) or whole.value.denominator == 1)
        if definiteness(base) == DEFINITE and (letter in base.symbols or closed):
            apart.append(power(base, whole))
        else:
            rest.append((base, inner))
    if len(rest) == 1 and definiteness(rest[0][0]) == DEFINITE:
        ((base, inner),) = rest
        return multiply(*apart, power(base, multiply(inner, exponent)))
    return multiply(number(1), *apart, *([power(multiply(*(power(*y) for y in rest)), exponent)] if rest else []))


def cleared_of_powers(terms: Sequence[Expr], letter: Symbol) -> Expr | None:
    r"""Return by what an equation is multiplied to have whole powers: of `x^{a-1}-bx^a` by `x^{1-a}`; else None."""
    parts = [dict(map(base_and_exponent, factors_of(term))) for term in terms]
    found = []
    for base in dict.fromkeys(y for part in parts for y in part if letter in y.symbols):
        exponents = [part.get(base, number(0)) for part in parts]
        gaps = [add(*opened(add(y, negate(exponents[0])))) for y in exponents]
        numbers = [y.value for y in gaps if isinstance(y, Number)]
        least = min(numbers) if len(numbers) == len(gaps) else 0
        if not isinstance(exponents[0], Number):
            found.append(power(base, add(*(map(negate, opened(add(exponents[0], Number(Fraction(least)))))))))
    return multiply(*found) if found else None


def with_one_root(x: Expr) -> Expr:
    """Return a product in which several roots of positive factors, also within each other, are one."""
    found = [_with_one_root(y) for y in terms_of(x)]
    return add(*found)


def _with_one_root(x: Expr) -> Expr:
    roots = [y for y in walk(x) if _is_fraction(base_and_exponent(y)[1])]
    if not x.is_scalar or (len(roots) < 2 and not any(isinstance(base_and_exponent(y)[0], Number) for y in roots)):
        return x
    coefficient, rest = split_coefficient(x)
    exponents: dict[Expr, Fraction] = {}
    others = [y for y in factors_of(rest) if not _gather(y, Fraction(1), exponents)]
    if any(_is_fraction(base_and_exponent(z)[1]) for y in others for z in walk(y)):
        return x
    k = lcm(*(y.denominator for y in exponents.values()))
    outside = [power(y, Number(e)) for y, e in exponents.items() if e.denominator == 1]
    broken = {y: e for y, e in exponents.items() if e.denominator > 1}
    shared = gcd(*(int(e * k) for e in broken.values())) if broken else 1
    inside = multiply(number(1), *(power(y, Number(e * k / shared)) for y, e in broken.items()))
    whole = root_of(inside, k) if shared == 1 else power(inside, Number(Fraction(shared, k)))
    return multiply(Number(coefficient), *others, *outside, whole)


def _is_fraction(x: Expr) -> bool:
    return isinstance(x, Number) and x.value.denominator > 1


def _gather(x: Expr, times: Fraction, found: dict[Expr, Fraction]) -> bool:
    """Add the exponents of the positive factors of `x` to those found; return False where one is not positive."""
    base, exponent = base_and_exponent(x)
    if base is not x and isinstance(exponent, Number):
        return _gather(base, times * exponent.value, found)
    if isinstance(x, Number):
        if x.value <= 0:
            return False
        for n, sign in ((x.value.numerator, 1), (x.value.denominator, -1)):
            for prime, count in _primes(n).items():
                found[number(prime)] = found.get(number(prime), Fraction(0)) + sign * count * times
        return True
    factors = factors_of(x)
    if len(factors) == 1:
        found[x] = found.get(x, Fraction(0)) + times
        return definiteness(x) == DEFINITE
    coefficient, rest = split_coefficient(x)
    known = [_gather(y, times, found) for y in (Number(coefficient), *factors_of(rest))]
    return all(known)


def _primes(n: int) -> dict[int, int]:
    """Return the prime factors of a small number, the rest of a large one as it is."""
    found: dict[int, int] = {}
    for p in range(2, 1000):
        while n % p == 0:
            n //= p
            found[p] = found.get(p, 0) + 1
    return found | ({n: 1} if n > 1 else {})


def with_root_taken(x: Expr) -> Expr:
    """Return a root without the powers under it; any other `x` as it is."""
    base, exponent = base_and_exponent(x)
    if not x.is_scalar or not isinstance(exponent, Number) or exponent.value.numerator != 1 or exponent.value == 1:
        return x
    return root_of(base, exponent.value.denominator)


def _rooted(x: Expr, k: int) -> Expr:
    return x if x is number(1) else power(x, Number(Fraction(1, k)))


def scaled_each(factor: Fraction, x: Expr) -> Expr:
    """Return a sum times a number, term by term."""
    return add(*(scale(factor, y) for y in terms_of(x)))


def content(terms: Sequence[Expr]) -> Fraction:
    """Return the largest number that divides the coefficients of all terms."""
    numbers = [split_coefficient(y)[0] for term in terms for y in terms_of(term)]
    size = lcm(*(y.denominator for y in numbers))
    return Fraction(gcd(*(int(y * size) for y in numbers)), size)


def _without_powers(value: Fraction, k: int) -> tuple[Fraction, Fraction]:
    """Return (q, r) with `value = q^k r`, r without k-th powers of small numbers."""
    (above, left_above), (below, left_below) = (_power_part(y, k) for y in (value.numerator, value.denominator))
    return Fraction(above, below), Fraction(left_above, left_below)


def _power_part(n: int, k: int) -> tuple[int, int]:
    """Return (q, r) with `n = q^k r`, q as large as can be seen."""
    outer = 1
    if abs(n) > LARGEST:
        return 1, n
    for p in range(2, min(isqrt(abs(n)), 1000) + 1):
        while n % p**k == 0:
            n //= p**k
            outer *= p
    whole = round(abs(n) ** (1 / k))
    return (outer * whole, n // whole**k) if n > 0 and whole**k == n else (outer, n)
