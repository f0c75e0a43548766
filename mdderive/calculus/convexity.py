"""Whether a function is convex by the rules of composition, whatever its letters are."""

from __future__ import annotations

from typing import NamedTuple

from ..algebra.expressions import Apply, Expr, Number, Symbol
from ..algebra.signs import DEFINITE, SEMIDEFINITE
from ..algebra.terms import (
    base_and_exponent,
    factors_of,
    is_product,
    is_sum_over,
    is_symmetric,
    multiply,
    scalars_and_chain,
    terms_of,
    trace_body,
    transpose,
)
from .definiteness import definiteness, sign_of_entries


class Curvature(NamedTuple):
    """Whether every entry is convex, whether every entry is concave; both where it is affine."""

    convex: bool
    concave: bool

    def turned(self, sign: int) -> Curvature:
        """Return that of a multiple by a number with this sign; 0 where it is not known."""
        if sign > 0 or self.is_affine:
            return self
        return Curvature(self.concave, self.convex) if sign < 0 else NEITHER

    @property
    def is_affine(self) -> bool:
        """Whether it is both."""
        return self.convex and self.concave


AFFINE = Curvature(True, True)
NEITHER = Curvature(False, False)
CONVEX = Curvature(True, False)


def curvature(x: Expr, variables: frozenset[Symbol]) -> Curvature:
    """Return how `x` bends as a function of all `variables` together (Boyd and Vandenberghe, sec. 3.2)."""
    if isinstance(x, Symbol) or not (x.symbols & variables):
        return AFFINE
    assert isinstance(x, Apply)
    if len(terms_of(x)) > 1:
        found = [curvature(y, variables) for y in x.arguments]
        return Curvature(all(y.convex for y in found), all(y.concave for y in found))
    if is_product(x):
        return _of_product(x, variables)
    square = _of_power(x, variables) or _of_quadratic(trace_body(x), variables)
    if square is not None:
        return square
    moving = [curvature(y, variables) for y in x.arguments if y.symbols & variables]
    if is_sum_over(x) and x.is_scalar:
        return moving[0]
    if x.operator.adjoint is not None and x.operator.differential is None:
        return AFFINE if len(moving) == 1 and moving[0].is_affine else NEITHER
    return _of_function(x, moving[0]) if len(moving) == 1 else NEITHER


def _of_function(x: Apply, inner: Curvature) -> Curvature:
    """Return that of a row whose bend is known, after an inner function."""
    bend = x.operator.convexity
    if bend is None or (bend.of_symmetric and not is_symmetric(x.arguments[0])):
        return NEITHER
    fits = inner.is_affine or (bend.increasing and (inner.convex if bend.curvature > 0 else inner.concave))
    return NEITHER if not fits else CONVEX.turned(bend.curvature)


def _of_product(x: Apply, variables: frozenset[Symbol]) -> Curvature:
    moving = [y for y in x.arguments if y.symbols & variables]
    fixed = [y for y in x.arguments if not (y.symbols & variables)]
    if len(moving) == 1:
        inner = curvature(moving[0], variables)
        if inner.is_affine:
            return AFFINE
        if all(y.is_scalar for y in fixed):
            sign = definiteness(multiply(*fixed))
            return inner.turned(sign)
        return NEITHER
    scalars, chain = scalars_and_chain(x)
    if any(y.symbols & variables for y in scalars):
        return NEITHER
    found = _of_quadratic(multiply(*chain), variables) if x.is_scalar and chain else None
    return NEITHER if found is None else found.turned(definiteness(multiply(*scalars)) if scalars else 1)


def _of_power(x: Apply, variables: frozenset[Symbol]) -> Curvature | None:
    """Return that of an even power of something affine."""
    base, exponent = base_and_exponent(x)
    if not isinstance(exponent, Number) or exponent.value == 1:
        return None
    even = exponent.value.denominator == 1 and exponent.value % 2 == 0 and exponent.value > 0
    inner = curvature(base, variables)
    if even and inner.is_affine:
        return CONVEX
    positive = definiteness(base) == DEFINITE or (isinstance(base, Symbol) and sign_of_entries(base) == DEFINITE)
    if positive and inner.is_affine and (exponent.value > 1 or exponent.value < 0):
        return CONVEX
    return None


def _of_quadratic(x: Expr | None, variables: frozenset[Symbol]) -> Curvature | None:
    """Return that of `Y^T M Y`, of which a trace is taken, with an affine Y and a constant semidefinite M."""
    if x is None:
        return None
    scalars, chain = list(scalars_and_chain(x)[0]), list(factors_of(x))
    chain = [y for y in chain if not y.is_scalar]
    if any(y.symbols & variables for y in scalars) or len(chain) < 2:
        return None
    half = len(chain) // 2
    left, middle, right = chain[:half], chain[half : len(chain) - half], chain[len(chain) - half :]
    outer = multiply(*right)
    if transpose(multiply(*left)) is not outer or not curvature(outer, variables).is_affine:
        return None
    if middle and (middle[0].symbols & variables or abs(definiteness(middle[0])) < SEMIDEFINITE):
        return None
    sign = definiteness(middle[0]) if middle else 1
    return CONVEX.turned(sign).turned(definiteness(multiply(*scalars)) if scalars else 1)
