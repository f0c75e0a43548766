"""Where a convex function is least that has kinks: where zero is in its subdifferential."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from ..algebra.expanding import opened
from ..algebra.expressions import ONE, Apply, Expr, Symbol, number, walk
from ..algebra.factoring import add
from ..algebra.operators.entrywise import argument_of
from ..algebra.operators.norms import norm
from ..algebra.operators.piecewise import absolute_value, maximum, minimum_row, rectifier, sign, unit_step
from ..algebra.powers import entrywise_power, hadamard, power, reciprocal
from ..algebra.signs import DEFINITE
from ..algebra.terms import (
    build,
    is_sum_over,
    is_zero,
    multiply,
    negate,
    ones,
    reading_cost,
    scale,
    split_coefficient,
    substitute,
    terms_of,
    zero,
)
from .conditions import Condition, can_hold, plainest
from .definiteness import definiteness, sign_of_entries
from .elimination import shortest, simplified
from .stationary import diagonal_of_system, factor_of_identity, linear_part, scaled_by_diagonals

HALF = Fraction(1, 2)


class Least(NamedTuple):
    """Where f is least, its only minimum; it has kinks where entries of `kink` are zero, or all of them with a norm.

    `slope` is the function in the gradient that jumps there.
    """

    value: Expr
    kink: Expr
    slope: Expr
    conditions: tuple[Condition, ...] = ()

    @property
    def at_kink(self) -> tuple[Expr, str]:
        """What jumps, at the kink itself, and which values it may have there: "sign", "step", or "norm" for all."""
        for row, word in ((sign, "sign"), (unit_step, "step")):
            if argument_of(self.slope, row) is not None:
                return Apply(row, (number(0),)), word
        return self.slope, "norm"


class Quantile(NamedTuple):
    """That f is least at the quantiles of that `level` of the numbers `of`; at their medians where it is 1/2."""

    of: Expr
    level: Expr
    conditions: tuple[Condition, ...]


def least_at_kink(gradient: Expr, x: Symbol) -> Least | None:
    """Return where f is least, None where its gradient is no increasing function of the entries with one kink."""
    kinks = _kinks(gradient, x)
    if not kinks:
        return _of_norm(gradient, x)
    sides = [_place(argument, x) for argument in kinks.values()]
    places = {side[0] for side in sides if side is not None}
    if None in sides or len(places) != 1 or any(y.indices for y in kinks):
        return None
    (place,) = places
    above = {y: _value(y, side[1] > 0) for y, side in zip(kinks, sides, strict=True) if side is not None}
    below = {y: _value(y, side[1] < 0) for y, side in zip(kinks, sides, strict=True) if side is not None}
    low, high = (add(*opened(substitute(gradient, y, build))) for y in (below, above))
    jump = add(*opened(add(high, negate(low))))
    if sign_of_entries(jump) != DEFINITE or x in jump.symbols:
        return None
    first = next(iter(kinks))
    kink = split_coefficient(kinks[first])[1]
    if x not in low.symbols:
        pure = sign_of_entries(high) > 0 > sign_of_entries(low)
        return Least(place, kink, first) if pure else None
    split = linear_part(low, x)
    steep = None if split is None else _slope(split[0])
    conditions = (Condition("not zero", steep),) if steep is not None and steep.is_scalar else ()
    if split is None or steep is None:
        return None
    if all(argument_of(y, sign) is not None for y in kinks):
        middle = add(split[1], negate(scale(HALF, jump)))
        value = _soft(steep, middle, scale(HALF, jump), place)
        return Least(value, kink, first, conditions)
    ends = (_divided(add(split[1], negate(jump)), steep), _divided(split[1], steep))
    return Least(maximum(ends[0], build(minimum_row, ends[1], place)), kink, first, conditions)


def _kinks(gradient: Expr, x: Symbol) -> dict[Expr, Expr]:
    """Return the functions in the gradient that jump, with their arguments."""
    found = {}
    for y in walk(gradient):
        argument = argument_of(y, sign) or argument_of(y, unit_step)
        if argument is not None and x in y.symbols:
            found[y] = argument
    return found


def _value(jumping: Expr, positive: bool) -> Expr:
    """Return the value of a function that jumps where its argument is positive, or negative."""
    wide = number(1) if jumping.is_scalar else ones(jumping.shape)
    if positive:
        return wide
    return negate(wide) if argument_of(jumping, sign) is not None else zero(jumping.shape)


def _place(argument: Expr, x: Symbol) -> tuple[Expr, int] | None:
    """Return d and the sign of c where the argument is `c (x - d)` with a number c of known sign, else None."""
    split = linear_part(argument, x) if argument.shape == x.shape else None
    factor = None if split is None else split[0] if x.is_scalar else factor_of_identity(split[0])
    if split is None or factor is None or abs(definiteness(factor)) < DEFINITE:
        return None
    return _divided(split[1], factor), definiteness(factor)


def _slope(matrix: Expr) -> Expr | None:
    """Return a, a number or column that is not negative, where the matrix is `a I` or `diag(a)`; else None."""
    if matrix.is_scalar:
        return matrix if definiteness(matrix) > 0 else None
    factor = factor_of_identity(matrix) or diagonal_of_system(matrix)
    if factor is None or DEFINITE not in (definiteness(factor) * factor.is_scalar, sign_of_entries(factor)):
        return None
    return factor


def _divided(x: Expr, by: Expr) -> Expr:
    """Return `x` over a number, term by term, or over a column entry by entry."""
    if by.is_scalar:
        return add(*(multiply(reciprocal(by), y) for y in terms_of(x)))
    return hadamard(x, entrywise_power(by, number(-1)))


def _soft(steep: Expr, right: Expr, half: Expr, place: Expr) -> Expr:
    r"""Return `d + \operatorname{sgn}(b) \odot (|b| - c)_+ / a` with `b = r - a d`: the soft threshold.

    It is written with `a = 1` where that is shorter.
    """
    alone = _thresholded(number(1), _divided(scaled_by_diagonals(right), steep), _divided(half, steep), place)
    whole = _thresholded(steep, right, half, place) if steep.is_scalar else alone
    return min(whole, alone, key=reading_cost)


def _thresholded(steep: Expr, right: Expr, half: Expr, place: Expr) -> Expr:
    inside = right if is_zero(place) else add(*opened(add(right, negate(multiply(steep, place)))))
    kept = build(rectifier, add(build(absolute_value, inside), *map(negate, opened(half))))
    return add(place, multiply(reciprocal(steep), hadamard(build(sign, inside), kept)))


def _of_norm(gradient: Expr, x: Symbol) -> Least | None:
    r"""Return the block soft threshold where the gradient is `a x - b + c x / \lVert x\rVert`, else None."""
    size = next((y for y in walk(gradient) if argument_of(y, norm) is x), None)
    if not isinstance(size, Apply):
        return None
    unit = multiply(power(size, number(-1)), x)
    rest = [y for y in terms_of(gradient) if size not in set(walk(y))]
    turned = [multiply(size, y) for y in terms_of(gradient) if y not in rest]
    if len(turned) != 1 or x.is_scalar or not rest:
        return None
    along, split = linear_part(turned[0], x), linear_part(add(*rest), x)
    factors = [None if y is None else factor_of_identity(y[0]) for y in (along, split)]
    weight, steep = factors
    if along is None or split is None or weight is None or steep is None or not is_zero(along[1]):
        return None
    if definiteness(weight) != DEFINITE or definiteness(steep) != DEFINITE:
        return None
    right, share = _divided(split[1], steep), multiply(weight, reciprocal(steep))
    length = build(norm, right, parameters=size.parameters)
    kept = build(rectifier, add(number(1), negate(multiply(share, reciprocal(length)))))
    return Least(multiply(kept, right), x, unit, (Condition("not zero", right),))


# --- quantiles


def quantile(gradient: Expr, x: Symbol, sizes: frozenset[str]) -> Quantile | None:
    """Return of which numbers f is least at the quantiles, None where its gradient is no count of those beyond `x`."""
    kinks = _kinks(gradient, x) if x.is_scalar else {}
    sides = {y: _numbers(argument, x) for y, argument in kinks.items()}
    of = {side[0] for side in sides.values() if side is not None}
    if None in sides.values() or len(of) != 1:
        return None
    low, high = (
        simplified(
            substitute(gradient, {y: _value(y, (side[1] > 0) == above) for y, side in sides.items() if side}, build)
        )
        for above in (False, True)
    )
    if any(x in y.symbols or any(map(is_sum_over, walk(y))) for y in (low, high)):
        return None
    conditions = plainest((Condition("positive", add(*map(negate, opened(low)))), Condition("positive", high)), sizes)
    if not all(map(can_hold, conditions)):
        return None
    whole = add(*opened(add(high, negate(low))))
    level = shortest(add(*(multiply(negate(y), reciprocal(whole)) for y in opened(low))))
    return Quantile(next(iter(of)), level, conditions)


def _numbers(argument: Expr, x: Symbol) -> tuple[Expr, int] | None:
    """Return `a_i`, or a column, and the sign of `x`, where the argument is a_i - x or x - a_i; else None."""
    others = substitute(argument, {x: number(0)}, build)
    moving = add(*opened(add(argument, negate(others))))
    wide = x if argument.is_scalar else multiply(x, ones(argument.shape))
    if moving not in (wide, negate(wide)) or not (argument.indices or argument.shape[1] == ONE != argument.shape[0]):
        return None
    return (negate(others), 1) if moving is wide else (others, -1)
