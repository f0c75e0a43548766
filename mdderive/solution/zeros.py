"""What is common to all stationary points: the gradient in full, what is declared, the conditions, the check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import chain, islice

from ..algebra.expressions import Apply, Expr, Index, Number, Symbol, lazy_numpy, walk
from ..algebra.operators.entrywise import argument_of, log
from ..algebra.terms import base_and_exponent, build, factors_of, is_sum_over, normalise, substitute
from ..calculus.conditions import Condition, Kind, plainest
from ..calculus.structure import structure_of
from ..checking.check import Check
from ..checking.exact import Exact
from ..checking.extrema import is_extremum
from ..checking.judge import checked as exact_check
from ..checking.spots import Spots
from ..checking.stationarity import Within, is_sharp, stationary_at
from ..checking.subject import Subject, subjects
from ..errors import VerificationError
from ..question.question import Question
from .passes import Prepared, written_out

LARGE = 20.0
TRIED = 20
"""At how many sets of points a stationary point is tried before it is given up."""
OPEN: Mapping[str, Kind] = {
    "SPD": "positive definite",
    "positive": "positive",
    "invertible": "invertible",
    "probability": "probability",
}
"""The condition under which a matrix or vector has a property that the equations do not give it."""


def full_gradient(start: Prepared, slope: Expr) -> Expr:
    """Return the gradient in which no name hides a variable, all properties in force."""
    variables = {y for x in start.question.variables for y in (x, x.at_rest)}
    bodies = start.definitions
    hiding: dict[Symbol, Expr] = {}
    for symbol, body in bodies.items():
        if body.symbols & (variables | hiding.keys()):
            hiding[symbol] = body
    used = {x: body for x, body in hiding.items() if x in slope.symbols or x.at_rest in slope.symbols}
    value = start.abbreviated(start.at_rest(slope))
    if not used:
        return value
    at_rest = {x.at_rest: start.at_rest(body) for x, body in hiding.items()}
    return written_out(start.at_rest(slope), at_rest)


def trials(start: Prepared) -> Iterator[Subject]:
    """Yield the points of the derivation, then others."""
    return chain((start.points,), subjects(start.question.f, start.question.definitions))


def within(x: Symbol, *, curved: bool = False) -> Within:
    """Return what is declared of a variable, for the check."""
    structure = structure_of(x.at_rest)
    curved = curved or "orthogonal" in x.properties
    if structure is None:
        return Within(x.properties, curved=curved)
    tie = None if structure.moves is None else structure.tie
    return Within(x.properties, structure.direction, curved=curved, tie=tie)


def conditions_for(
    start: Prepared, values: Mapping[Symbol, Expr], needed: Sequence[Condition]
) -> tuple[Condition, ...]:
    """Return what must hold for the values: what the way there asks, and what makes them what is declared of them."""
    members = [Condition(OPEN[p], value) for x, value in values.items() for p in sorted(x.properties & OPEN.keys())]
    return plainest([*needed, *members, *domain(start, values)], sizes(start.question))


def sizes(question: Question) -> frozenset[str]:
    """Return the letters that are numbers of rows, columns or terms."""
    names = {name for x in question.symbols.values() for dimension in x.shape for name in dimension}
    bound = [x.parameters[0] for x in walk(question.f) if isinstance(x, Apply) and x.operator.binds_index]
    return frozenset(names | {index.upper for index in bound if isinstance(index, Index)})


def checked(
    start: Prepared,
    values: Mapping[Symbol, Expr],
    conditions: Sequence[Condition],
    allowed: Mapping[Symbol, Within],
    lagrangian: Expr | None = None,
) -> tuple[Check, Subject] | None:
    """Return the check that the gradients vanish at the values, and the first points that meet the conditions.

    That they vanish is decided exactly where it can be; what is declared of the values is looked at in floating point.
    The gradients are those of the `lagrangian` where there is one.
    """
    definitions = start.question.definitions
    numeric = _checked_at(
        trials(start) if lagrangian is None else subjects(lagrangian, definitions), values, conditions, allowed
    )
    if numeric is None:
        return None
    check, points = numeric
    if all(x.is_exact for x in allowed.values()):
        f = start.question.f if lagrangian is None else lagrangian
        ties = {x: y.tie for x, y in allowed.items() if y.tie is not None}
        verdict = Exact(Spots(f, dict(definitions)), tuple(values)).vanishes(values, ties)
        if verdict.status != "undecided":
            return (exact_check(verdict), points) if verdict.status == "true" else None
    places = {x: points.value(value) for x, value in values.items()}
    sharp = is_sharp(points, places, allowed, [(x.kind, x.of) for x in conditions])
    return (check, points) if sharp else None


def _checked_at(
    subjects: Iterator[Subject],
    values: Mapping[Symbol, Expr],
    conditions: Sequence[Condition],
    allowed: Mapping[Symbol, Within],
) -> tuple[Check, Subject] | None:
    """Return the check in floating point, and the first points that meet the conditions.

    At the points of the derivation what is to be inverted may be singular (fewer samples than entries).
    """
    asked = [(x.kind, x.of) for x in conditions]
    for points in meeting(subjects, values, conditions):
        try:
            with lazy_numpy().errstate(all="ignore"):
                places = {x: points.value(value) for x, value in values.items()}
                check = stationary_at(points, places, allowed, asked)
        except (ArithmeticError, ValueError):
            continue
        if check is None:
            continue
        return (check, points) if check.ok else None
    return None


def meeting(
    subjects: Iterator[Subject], values: Mapping[Symbol, Expr], conditions: Sequence[Condition]
) -> Iterator[Subject]:
    """Yield the points, then some at which numbers in the conditions are large: an inequality may ask for that."""
    drawn = list(islice(subjects, 1))
    yield from drawn
    yield from islice(subjects, TRIED - 1)
    unknown = {y for x in values for y in (x, x.at_rest)}
    letters = {y for x in conditions for y in x.of.symbols if y.is_scalar and not y.index} - unknown
    for points in drawn:
        numbers = sorted((x for x in letters if x.latex not in points.points.sizes), key=str)
        for chosen in (numbers, *([x] for x in numbers)):
            if chosen:
                yield points.moved({x: LARGE + abs(points.at(x)) for x in chosen})


def domain(start: Prepared, values: Mapping[Symbol, Expr]) -> list[Condition]:
    """Return what must hold for logarithms in f, and powers with letters as exponents, to be defined at the values."""
    inside = {x.at_rest: value for x, value in values.items()}
    powers = map(base_and_exponent, walk(start.at_rest(normalise(start.in_full))))
    bases = [x for x, exponent in powers if not isinstance(exponent, Number) and x.symbols & inside.keys()]
    found = dict.fromkeys((*arguments_of_logarithms(start, inside.keys()), *bases))
    found = {x: None for x in found if x in bases or not _is_of_powers(x)}
    return [Condition("positive", normalise(substitute(x, inside, build))) for x in found]


def _is_of_powers(x: Expr) -> bool:
    """Whether `x` is a product of powers with letters as exponents, also over an index: positive as the bases are."""
    factors = factors_of(x)
    if len(factors) > 1:
        return all(map(_is_of_powers, factors))
    if isinstance(x, Apply) and x.operator.binds_index and not is_sum_over(x):
        return _is_of_powers(x.arguments[0])
    return not isinstance(base_and_exponent(x)[1], Number)


def arguments_of_logarithms(start: Prepared, letters: Set[Symbol]) -> list[Expr]:
    """Return what stands under the logarithms in f and holds one of the letters: it is positive where f is defined."""
    found = (argument_of(x, log) for x in walk(start.at_rest(normalise(start.in_full))))
    return [x for x in found if x is not None and x.symbols & letters]


def refuse_wrong_extremum(
    points: Subject,
    values: Mapping[Symbol, Expr],
    conditions: Sequence[Condition],
    allowed: Mapping[Symbol, Within],
    sign: int,
    moving: Sequence[Symbol],
) -> None:
    """Do nothing if no point near `values` is lower than a minimum or higher than a maximum; the `moving` ones move.

    Raises:
        VerificationError: one is.
    """
    asked = [(x.kind, x.of) for x in conditions]
    places = {x: points.value(value) for x, value in values.items()}
    if sign and not is_extremum(points, places, allowed, asked, sign, moving):
        names = ", ".join(x.latex for x in moving)
        raise VerificationError("E401", f"the stationary point in {names} is not what it seems")
