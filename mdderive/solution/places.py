"""All stationary points of a function of one number, each with what is there; or that there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..algebra.expanding import opened
from ..algebra.expressions import ONE, Expr, Number, Symbol, number, to_latex
from ..algebra.factoring import add
from ..algebra.powers import inverse, power, reciprocal
from ..algebra.signs import DEFINITE
from ..algebra.terms import (
    base_and_exponent,
    build,
    factors_of,
    is_zero,
    multiply,
    negate,
    normalise,
    substitute,
    transpose,
    zero,
)
from ..calculus.conditions import Condition, can_hold, counted, plainest
from ..calculus.definiteness import definiteness
from ..calculus.eigen import along
from ..calculus.polynomial import HALF, Root, Roots, roots_of
from ..calculus.stationary import Zero, multiplied_by
from ..words import Reason, reason
from .derivation import StationaryPoint, StationaryPoints
from .extrema import met
from .passes import Prepared
from .reasons import BENT_NUMBER
from .several import requires, there_provided
from .zeros import checked, conditions_for, refuse_wrong_extremum, sizes, within

QUADRATIC = reason("quadratic equation")


def places_of(start: Prepared, x: Symbol, gradient: Expr) -> StationaryPoints | None:
    """Return all stationary points in the number `x`, None where they are not known to be all.

    Raises:
        VerificationError: a minimum or a maximum is refuted at a point beside it.
    """
    never = _never_zero(start, x, gradient)
    if never is not None:
        return StationaryPoints(x, verdicts=(never,))
    roots = roots_of(gradient, x.at_rest)
    if roots is None:
        return None
    left = roots.left(x.at_rest)
    found = []
    for root in roots.found:
        conditions = _conditions(start, x, root, roots.factor)
        if conditions is None:
            continue
        place = _checked(start, x, root.value, conditions, roots)
        if place is None:
            return None
        found.append(place)
    words = multiplied_by(roots.factor)
    if not found:
        key = "no real solution"
        if roots.found:
            key = "no positive solution" if "positive" in x.properties else "no solution in the domain"
        told = reason(key, equation=f"{to_latex(left)} = 0", name=start.question.name)
        return StationaryPoints(x, left, words, verdicts=(told,))
    names = QUADRATIC if roots.is_quadratic else None
    return StationaryPoints(x, left, words, names, tuple(found), _verdicts(x, found))


def places_along(start: Prepared, x: Symbol, gradient: Expr) -> StationaryPoints | None:
    """Return that f, which does not change with the length of `x`, is stationary along one column, else None.

    f is then `k a^T x / (x^T M x)^{1/2}` with a constant k, as is seen at random points, or of another kind.
    """
    found = along(gradient, x.at_rest)
    if found is None or x.shape[1] != ONE:
        return None
    value = multiply(inverse(found.matrix), found.column)
    conditions = conditions_for(start, {x: value}, [Condition("not zero", found.column)])
    allowed = {x: within(x)}
    passed = [checked(start, {x: y}, conditions, allowed) for y in (value, negate(value))]
    if None in passed:
        return None
    points = start.points
    row, quadratic = (multiply(transpose(y), x.at_rest) for y in (found.column, multiply(found.matrix, x.at_rest)))
    ratio = multiply(start.in_full, power(quadratic, Number(HALF)), reciprocal(row))
    here = points.value(ratio)
    there = points.moved({x: 1 + abs(points.at(x)) + points.at(x)}).value(ratio)
    if not points.close(here, there).ok or not (here > 0).all():
        return None
    equation = f"{to_latex(found.column)} = {to_latex(multiply(found.multiple, found.matrix, x.at_rest))}"
    told = reason(
        "stationary along", equation=equation, variable=x.latex, multiple=to_latex(value), name=start.question.name
    )
    return StationaryPoints(x, verdicts=(told, *((requires(conditions),) if conditions else ())))


def as_zero(places: StationaryPoints) -> Zero:
    """Return the equation and its solution where there is one stationary point alone."""
    (place,) = places.found
    assert places.left is not None
    return Zero(places.left, number(0), place.value, place.conditions, places.names, places.multiplied)


def verdict_alone(places: StationaryPoints | None) -> Reason | None:
    """Return what is at the only stationary point, where it is one."""
    if places is None or len(places.found) != 1:
        return None
    (place,) = places.found
    if place.order != 1 or not place.sign:
        return None
    return reason(f"definite there: {_word(place)}", bent=BENT_NUMBER[place.sign])


def _word(place: StationaryPoint) -> str:
    return "minimum" if place.sign > 0 else "maximum"


def _never_zero(start: Prepared, x: Symbol, gradient: Expr) -> Reason | None:
    """Return that the gradient has one sign everywhere, or does not depend on the variable, where it is so."""
    name = start.question.name
    sign = definiteness(substitute(gradient, counted(gradient, sizes(start.question)), build)) if x.is_scalar else 0
    if abs(sign) == DEFINITE:
        return reason("derivative has one sign", sign=BENT_NUMBER[sign], name=name)
    if x.at_rest in gradient.symbols or is_zero(gradient):
        return None
    none = to_latex(zero(x.shape))
    return reason("gradient constant", variable=x.latex, name=name, value=to_latex(gradient), zero=none)


def _conditions(start: Prepared, x: Symbol, root: Root, factor: Expr) -> tuple[Condition, ...] | None:
    """Return under which conditions a zero of the equation is a stationary point, None where it is none."""
    needed = list(root.conditions)
    for base, _ in map(base_and_exponent, factors_of(factor)):
        divisor = add(*opened(normalise(substitute(base, {x.at_rest: root.value}, build))))
        if is_zero(divisor):
            return None
        needed += [Condition("not zero", divisor)]
    conditions = conditions_for(start, {x: root.value}, needed)
    return conditions if all(map(can_hold, conditions)) else None


def _checked(
    start: Prepared, x: Symbol, value: Expr, conditions: tuple[Condition, ...], roots: Roots
) -> StationaryPoint | None:
    """Return the stationary point, checked and with what is there; None where it is none."""
    allowed = {x: within(x)}
    found = checked(start, {x: value}, conditions, allowed)
    if found is None:
        return None
    check, points = found
    order, leading = roots.order_at(value)
    known: dict[Any, Expr] = {**counted(value, sizes(start.question)), **met(conditions)}
    numbers = [*leading, substitute(roots.factor, {x.at_rest: value}, build)]
    sign = definiteness(multiply(*(substitute(y, known, build) for y in numbers)))
    nonzero = plainest((Condition("not zero", multiply(*numbers)),), sizes(start.question))
    if not sign or (abs(sign) < DEFINITE and not set(nonzero) <= set(conditions)):
        return StationaryPoint(value, conditions, check, order, 0)
    sign = DEFINITE if sign > 0 else -DEFINITE
    if order % 2:
        refuse_wrong_extremum(points, {x: value}, conditions, allowed, sign, [x])
    return StationaryPoint(value, conditions, check, order, sign)


def _verdicts(x: Symbol, found: Sequence[StationaryPoint]) -> tuple[Reason, ...]:
    """Return what is at the stationary points, those of one kind together."""
    told = [*there_provided((place, y.conditions) for y in found for place in _at(x, [y]))]
    kinds: dict[tuple[int, int], list[StationaryPoint]] = {}
    for place in found:
        if place.sign:
            kinds.setdefault((place.order, place.sign if place.order % 2 else 1), []).append(place)
    for (order, sign), places in kinds.items():
        there = _at(x, places)
        if order % 2 == 0:
            told.append(reason("inflection", places=there, order=order + 1))
        else:
            told.append(reason(f"places: {_word(places[0])}", places=there, bent=BENT_NUMBER[sign], order=order + 1))
    return tuple(told)


def _at(x: Symbol, places: Sequence[StationaryPoint]) -> tuple[str, ...]:
    return tuple(f"${x.latex} = {to_latex(y.value)}$" for y in places)
