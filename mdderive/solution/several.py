"""Several stationary points in several unknowns: each checked, and said what it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..algebra.expanding import opened
from ..algebra.expressions import Expr, Symbol, to_latex
from ..algebra.factoring import add
from ..algebra.signs import DEFINITE
from ..algebra.terms import build, is_zero, multiply, negate, normalise, substitute
from ..calculus.conditions import Condition, can_hold, counted
from ..calculus.definiteness import definiteness
from ..calculus.elimination import shortest
from ..calculus.forks import Branch
from ..calculus.gradient import gradient
from ..calculus.stationary import linear_part
from ..words import Reason, Reasons, reason
from .derivation import JointPoint
from .extrema import met, second_derivatives
from .passes import Prepared
from .reasons import BENT
from .zeros import checked, conditions_for, refuse_wrong_extremum, sizes, within


def checked_points(
    start: Prepared, branches: Sequence[Branch], named: Mapping[Symbol, Symbol], lagrangian: Expr | None
) -> tuple[JointPoint, ...] | None:
    """Return the solutions that can be, with their checks; None where one does not pass, or there is none.

    `named` says which unknown of the equations each symbol is.
    """
    found = []
    for branch in branches:
        values = {x: branch.values[y] for x, y in named.items()}
        conditions = conditions_for(start, values, branch.conditions)
        if not all(map(can_hold, conditions)):
            continue
        passed = checked(start, values, conditions, {x: within(x) for x in values}, lagrangian)
        if passed is None:
            return None
        found.append(JointPoint(values, conditions, passed[0]))
    return tuple(found) or None


def there_provided(told: Iterable[tuple[str, tuple[Condition, ...]]]) -> Reasons:
    """Return under which conditions each place is one, those of one kind together; nothing where all have the same."""
    found: dict[tuple[Condition, ...], list[str]] = {}
    for place, conditions in told:
        found.setdefault(conditions, []).append(place)
    if len(found) < 2:
        return ()
    return tuple(
        reason("there provided that", places=tuple(places), conditions=words_of(conditions))
        for conditions, places in found.items()
        if conditions
    )


def words_of(conditions: Iterable[Condition]) -> Reasons:
    """Return what the conditions say."""
    return tuple(reason(f"condition: {x.kind}", of=to_latex(x.of)) for x in conditions)


def requires(conditions: Iterable[Condition]) -> Reason:
    """Return the sentence that what was said requires the conditions."""
    return reason("requires", conditions=words_of(conditions))


def place_of(point: JointPoint, variables: Sequence[Symbol]) -> str:
    """Return `(x, y) = (1, 2)`."""
    names, values = (", ".join(y) for y in zip(*((x.latex, to_latex(point.values[x])) for x in variables), strict=True))
    return f"${names} = {values}$" if len(variables) == 1 else f"$({names}) = ({values})$"


def free_verdicts(start: Prepared, points: Sequence[JointPoint]) -> Reasons:
    """Return which of the points are minima, maxima or saddle points, by the minors of the second derivative there.

    Raises:
        VerificationError: a minimum or a maximum is refuted at a point beside it.
    """
    variables = start.question.variables
    if len(variables) != 2 or not all(x.is_scalar for x in variables):
        return ()
    second = second_derivatives(start, start.in_full, *variables)
    kinds: dict[int, list[str]] = {}
    for point in points:
        inside = {x.at_rest: value for x, value in point.values.items()}
        known: dict[Expr, Expr] = dict(met(point.conditions))
        known |= dict[Expr, Expr](counted_in(start, point).items())
        a, b, c = (substitute(add(*opened(substitute(z, inside, build))), known, build) for z in second)
        minor = definiteness(add(*opened(add(multiply(a, b), negate(multiply(c, c))))))
        sign = definiteness(a)
        if minor == DEFINITE and abs(sign) == DEFINITE:
            kinds.setdefault(sign, []).append(place_of(point, variables))
            _refuse_wrong(start, point, sign)
        elif minor == -DEFINITE:
            kinds.setdefault(0, []).append(place_of(point, variables))
    return tuple(_said(sign, tuple(places)) for sign, places in sorted(kinds.items(), reverse=True))


def counted_in(start: Prepared, point: JointPoint) -> dict[Symbol, Expr]:
    """Return the letters of its values that are numbers of rows or terms, each as a positive number."""
    return counted(add(*(x for x in point.values.values() if x.is_scalar)), sizes(start.question))


def _refuse_wrong(start: Prepared, point: JointPoint, sign: int) -> None:
    allowed = {x: within(x) for x in point.values}
    refuse_wrong_extremum(start.points, point.values, point.conditions, allowed, sign, start.question.variables)


def _said(sign: int, places: tuple[str, ...]) -> Reason:
    if not sign:
        return reason("places: saddle", places=places)
    word = "minimum" if sign > 0 else "maximum"
    return reason(f"places: {word}", places=places, bent=BENT[sign], order=2)


def bound_verdicts(start: Prepared, points: Sequence[JointPoint], gaps: Sequence[Expr]) -> Reasons:
    """Return where f is greatest and least on a closed and bounded set, all whose stationary points these are."""
    variables = start.question.variables
    if len(gaps) != 1 or any(x.properties for x in variables) or not _is_ellipsoid(start, gaps[0]):
        return ()
    f = normalise(start.at_rest(start.in_full))
    values = [shortest(substitute(f, {x.at_rest: point.values[x] for x in variables}, build)) for point in points]
    known = {x: y for point in points for x, y in met(point.conditions).items()}
    ends = []
    for sign in (1, -1):
        highest = [k for k, y in enumerate(values) if all(_is_above(y, z, sign, known) for z in values)]
        ends.append(tuple(place_of(points[k], variables) for k in highest))
    greatest, least = ends
    if not greatest or not least or set(greatest) & set(least):
        return ()
    return (reason("extremes on a compact set", name=start.question.name, greatest=greatest, least=least),)


def _is_above(y: Expr, z: Expr, sign: int, known: Mapping[Expr, Expr]) -> bool:
    gap = substitute(add(*opened(add(y, negate(z)))), known, build)
    return is_zero(gap) or definiteness(gap) * sign > 0


def _is_ellipsoid(start: Prepared, gap: Expr) -> bool:
    """Whether `gap = 0` is an ellipsoid: a definite quadratic form in each variable, and no two in one term."""
    at_rest = [x.at_rest for x in start.question.variables]
    for x, inner in zip(start.question.variables, at_rest, strict=True):
        split = linear_part(start.at_rest(gradient(normalise(gap), x)), inner)
        if (
            split is None
            or definiteness(split[0]) != DEFINITE
            or any(y in part.symbols for part in split for y in at_rest)
        ):
            return False
    return gap.is_scalar
