r"""Logarithms of products opened before they are differentiated: `\log(ae^b)=\log a+b`, as a likelihood asks for."""

from __future__ import annotations

from ..algebra.expressions import Apply, Expr, Number, number, walk
from ..algebra.operators.entrywise import argument_of, exp, log, logarithm
from ..algebra.operators.over_indices import product_over_index
from ..algebra.powers import sum_over
from ..algebra.signs import DEFINITE
from ..algebra.terms import (
    base_and_exponent,
    index_of,
    multiply,
    normalise,
    scalars_and_chain,
    split_coefficient,
    substitute,
    terms_of,
    written_sum,
)
from ..calculus.definiteness import definiteness
from .identities import spreading


def open_logarithms(f: Expr) -> Expr:
    """Return `f` with the logarithms of products with an exponential, or a power with a letter, written as sums."""
    found = {}
    for x in walk(f):
        argument = argument_of(x, log)
        if argument is not None and argument.is_scalar and (terms := _terms(argument)):
            found[x] = written_sum(terms)
    return substitute(f, found, spreading) if found else f


def _terms(x: Expr) -> list[Expr]:
    """Return what the logarithm of `x` is the sum of, nothing where no factor is an exponential or such a power."""
    inner = argument_of(x, product_over_index)
    if inner is not None and isinstance(x, Apply):
        return [sum_over(y, index_of(x)) for term in _terms(inner) for y in terms_of(term)]
    coefficient, rest = split_coefficient(normalise(x))
    scalars, chain = scalars_and_chain(rest)
    factors = {y: _base_and_exponent(y) for y in scalars}
    if all(argument_of(base, exp) is None and isinstance(k, Number) for base, k in factors.values()):
        return []
    left = [y for y, (base, exponent) in factors.items() if not _is_positive(base, exponent)]
    if coefficient == 1 and not chain and len(left) == 1 and _is_odd(factors[left[0]][1]):
        left = []  # it is positive, as the whole product is
    together = multiply(Number(coefficient), *left, *chain)
    terms = [multiply(k, _logarithm(base)) for y, (base, k) in factors.items() if y not in left]
    terms += [] if together is number(1) else [logarithm(together)]
    return sorted(terms, key=lambda y: (split_coefficient(y)[0] < 0, argument_of(split_coefficient(y)[1], log) is None))


def _base_and_exponent(x: Expr) -> tuple[Expr, Expr]:
    """Return (b, k) where the factor `x` is b^k, or (b^l)^m with a positive b and k = lm."""
    base, exponent = base_and_exponent(x)
    inner, power = base_and_exponent(base)
    return (inner, multiply(power, exponent)) if definiteness(inner) == DEFINITE else (base, exponent)


def _is_positive(base: Expr, exponent: Expr) -> bool:
    """Whether the base of a power is positive: it has that form, or has a root, or an exponent that is any number."""
    if definiteness(base) == DEFINITE:
        return True
    if isinstance(exponent, Number):
        return exponent.value.denominator % 2 == 0
    return not all("integer" in x.properties for x in exponent.symbols)


def _is_odd(exponent: Expr) -> bool:
    return isinstance(exponent, Number) and exponent.value.numerator % 2 == 1


def _logarithm(base: Expr) -> Expr:
    exponent = argument_of(base, exp)
    return logarithm(base) if exponent is None else exponent
