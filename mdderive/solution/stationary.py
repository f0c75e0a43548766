"""Where the gradient vanishes, within what is declared of the variables: found, checked, and said what it is."""

from __future__ import annotations

from collections.abc import Mapping

from ..algebra.expressions import Expr, Symbol
from ..algebra.terms import is_symmetric
from ..calculus.stationary import solve_for
from ..calculus.structure import structure_of
from ..calculus.within import linear_on_rotations, solve_within
from ..errors import UnsupportedError
from ..words import reason
from .derivation import Stationary, StationaryPoints, ZeroGradients
from .extrema import verdict
from .kinks import least
from .passes import Prepared
from .places import as_zero, places_along, places_of, verdict_alone
from .systems import eigen_alone, polar_point, solve_jointly
from .zeros import checked, conditions_for, full_gradient, refuse_wrong_extremum, within

DISCRETE = frozenset(("one-hot", "binary", "integer", "idempotent"))
"""The properties of what no derivative moves along, or along no directions that are known here."""


def stationary_points(start: Prepared, slopes: Mapping[Symbol, Expr]) -> ZeroGradients:
    """Return the stationary points by variables.

    Raises:
        UnsupportedError: a variable is declared to be what no derivative moves along.
        VerificationError: a minimum or a maximum is refuted at a point beside it.
    """
    question = start.question
    for x in question.variables:
        _refuse_discrete(start, x)
    gradients = {x: full_gradient(start, slopes[x]) for x in question.variables if x in slopes}
    bound = bool(question.constraints) or any("probability" in x.properties for x in question.variables)
    if (len(question.variables) > 1 or bound) and len(gradients) == len(question.variables):
        joint = solve_jointly(start, gradients)
        if joint is not None or bound:
            found = () if joint is None else joint.found
            return ZeroGradients({x.of: x for x in found if x.of in question.variables}, joint)
    alone = {x: _alone(start, x, gradient) for x, gradient in gradients.items()}
    several = {x: y for x, y in alone.items() if isinstance(y, StationaryPoints)}
    if len(gradients) == 1 and not any(alone.values()):
        ((x, gradient),) = gradients.items()
        return ZeroGradients({}, eigen_alone(start, x, gradient) if structure_of(x) is None else None)
    return ZeroGradients({x: y for x, y in alone.items() if isinstance(y, Stationary)}, None, several)


def _refuse_discrete(start: Prepared, x: Symbol) -> None:
    """Do nothing if the variable can move.

    Raises:
        UnsupportedError: it is declared to be what no derivative moves along.
    """
    found = sorted(x.properties & DISCRETE)
    if found:
        message = f"{x.latex} is declared {found[0]}, so a zero of the gradient does not say where f is smallest"
        place = start.question.wishes["solve"]
        raise UnsupportedError("E311", message, place, "leave 'solve' out, or declare what may vary")


def _alone(start: Prepared, x: Symbol, gradient: Expr) -> Stationary | StationaryPoints | None:
    """Return the stationary point in one variable, all of a number, None where none is found that passes its check."""
    if "orthogonal" in x.properties:
        return _orthogonal(start, x, gradient)
    structure = structure_of(x)
    at_rest = x.at_rest
    lowest = least(start, x, gradient) if structure is None and not x.properties else None
    if lowest is not None:
        return lowest
    zero = solve_for(gradient, at_rest) if structure is None else solve_within(gradient, at_rest, structure)
    places = None
    if zero is None and structure is None:
        places = places_of(start, x, gradient) or places_along(start, x, gradient)
    if zero is None and structure is None:
        if places is None or len(places.found) != 1 or not places.found[0].is_extremum:
            return places
        zero = as_zero(places)
    if zero is None:
        return None
    values = {x: zero.solution}
    conditions = conditions_for(start, values, zero.conditions)
    allowed = {x: within(x)}
    found = checked(start, values, conditions, allowed)
    if found is None:
        return None
    check, points = found
    words, sign = verdict(start, start.in_full, values, conditions, constrained=0)
    if words is None and x.is_scalar:
        words = verdict_alone(places or places_of(start, x, gradient))
    refuse_wrong_extremum(points, values, conditions, allowed, sign, [x])
    whole = structure is None or ("symmetric" in structure.properties and is_symmetric(gradient))
    tied = None if whole or structure is None else structure.reason
    part = None if tied is None else reason("part that vanishes", variable=x.latex, reason=tied)
    return Stationary(x, zero.solution, conditions, check, zero, part, words)


def _orthogonal(start: Prepared, x: Symbol, gradient: Expr) -> Stationary | None:
    """Return the extremum of what is linear on the orthogonal matrices: a polar factor."""
    direction = linear_on_rotations(gradient, x.at_rest, square=True)
    return None if direction is None else polar_point(start, x, direction)
