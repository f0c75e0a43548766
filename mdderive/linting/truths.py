"""What a claim may be equal to: the derivative in its layouts and within a structure, as numbers and exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import permutations
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from ..algebra.numbers import Matrix, turned
from ..algebra.properties import BY_NAME
from ..algebra.terms import build, d, scale, substitute, transpose
from ..checking.decisions import Verdict
from ..checking.judge import Judge, Truth
from ..checking.stand_ins import size_of
from ..checking.subject import Subject, units
from ..errors import VerificationError
from ..latex.names import name_of
from ..question.question import Question
from .components import place_in
from .worlds import Status, World, direction_name

if TYPE_CHECKING:
    from ..algebra.expressions import Expr, Symbol

STRUCTURES: Mapping[str, str] = MappingProxyType(
    {"SPD": "symmetric"} | {x: x for x in ("symmetric", "skew-symmetric", "diagonal", "Toeplitz", "symmetric Toeplitz")}
)
"""The properties that matrices have together with all their sums: the differential has them, as what they name."""

Refutes = Callable[["Expr"], bool]
"""Whether what is claimed differs from a truth for certain: over the prime field, or by more than rounding."""


class Candidate(NamedTuple):
    """One of the things that a claim may be: its status then, its numbers, and what refutes it, if that is known.

    The numbers are those of few points, which tell little from the derivative; the judge tells 1 from 1 + 1e-9.
    """

    status: Status
    numbers: Any
    refutes: Refutes | None = None


def truths_of(world: World, question: Question, points: Subject, *, actual: bool) -> list[Candidate]:
    """Return what the claim of a question may be equal to, ours first.

    Raises:
        ValueError: the component of what is no number is claimed.
    """
    judge = Judge(question, actual=actual)
    found = list(_truths(world, question, points, judge))
    plain = not (world.point or world.given or world.linear or world.part)
    return found if plain else [x._replace(refutes=None) for x in found]


def directions_of(world: World, question: Question, points: Subject) -> dict[Any, Any]:
    """Return the values of the letters that stand for differentials; what is said of a variable holds of its own too.

    A differential is put in wherever its letter stands, whatever was found of that letter.
    """
    named = {x: _direction(points, variable) for x, variable in _named_directions(world, question).items()}
    return {x: named[x.latex] for x in _letters(question) if x.latex in named}


def _named_directions(world: World, question: Question) -> dict[str, Symbol]:
    """Return the variables by the letters that stand for their differentials."""
    if world.order != "differential":
        return {}
    return {direction_name(k, x.latex): x for k, x in enumerate(question.variables)}


def _letters(question: Question) -> set[Symbol]:
    return {letter for letter, _ in question.definitions}.union(*(x.value.symbols for x in question.claims))


def _direction(points: Subject, variable: Symbol) -> Any:
    """Return a random differential of a variable, within the structure that it has."""
    free, structure = points.direction(variable), _structure(variable)
    return BY_NAME[structure].draw(free) if structure else free


def _structure(variable: Symbol) -> str | None:
    return next((STRUCTURES[x] for x in sorted(variable.properties) if x in STRUCTURES), None)


def _truths(world: World, question: Question, points: Subject, judge: Judge) -> Iterator[Candidate]:
    variable, f = question.variables[0], question.f
    if world.order == "differential":
        moved = points.along(f, {x: _direction(points, x) for x in question.variables})
        yield Candidate("own", moved, _differential(world, question, judge))
    elif world.indices is not None:
        yield _component(world, question, points, judge)
    elif world.other:
        mixed = _mixed(points, variable, question.variables[1])
        yield from (Candidate("own", mixed), Candidate("turned", _turned(mixed)))
    elif world.order == "second":
        second = points.hessian(variable)
        yield Candidate("own", second, _over_the_field(lambda claim: judge.exact.is_second(claim, variable, f)))
        yield Candidate("own", _trace(second))  # which physicists write so
    elif f.is_scalar:
        yield from _gradients(points.gradient(variable), variable, judge)
    else:
        yield from _jacobians(question, points, judge)


def _over_the_field(decide: Callable[[Expr], Verdict]) -> Refutes:
    def refutes(claim: Expr) -> bool:
        try:
            return decide(claim).status == "false"
        except (ArithmeticError, ValueError, LookupError):  # it has no exact value, or an entry that is not there
            return False

    return refutes


def _by_the_judge(truth: Truth, change: Callable[[Expr], Expr] = lambda claim: claim) -> Refutes:
    def refutes(claim: Expr) -> bool:
        try:
            return not truth.check(change(claim)).ok
        except (ArithmeticError, ValueError, LookupError, VerificationError):
            return False

    return refutes


def _differential(world: World, question: Question, judge: Judge) -> Refutes | None:
    """Return what refutes a claimed differential, where all variables move freely."""
    if any(_structure(x) for x in question.variables):
        return None
    named = _named_directions(world, question)
    moved = {x: d(named[x.latex]) for x in _letters(question) if x.latex in named}
    truth = judge.differential_of(question.f, question.variables)
    return _by_the_judge(truth, lambda claim: substitute(claim, moved, build))


def _component(world: World, question: Question, points: Subject, judge: Judge) -> Candidate:
    """Return the derivative by the component that is meant, or the second one by one or two.

    Raises:
        ValueError: what is differentiated is no number, or there is no such component.
    """
    f, variable = question.f, question.variables[0]
    if not f.is_scalar:
        raise ValueError("what is differentiated is no number")
    at = _place_of(world.variable, variable)
    if world.order == "first":
        gradient = points.gradient(variable)
        if at is not None and not all(k < size for k, size in zip(at, gradient.shape[-2:], strict=True)):
            raise ValueError("what is differentiated by has no such component")
        if at is None:
            return Candidate("own", gradient, _by_the_judge(judge.gradient_of(variable, f)))
        entry = gradient[..., at[0], at[1]][..., None, None]
        return Candidate("own", entry, _over_the_field(lambda claim: judge.exact.is_entry(claim, variable, at)))
    other = question.variables[-1]
    table = _mixed(points, variable, other)
    beside = _place_of(world.other or world.variable, other)
    if at is not None:
        row = _number_of(at, variable, points)
        table = table[..., row : row + 1, :]
    if beside is not None:
        column = _number_of(beside, other, points)
        table = table[..., column : column + 1]
    return Candidate("own", table)


def _place_of(component: str, variable: Symbol) -> tuple[int, int] | None:
    """Return row and column of the entry of the variable that a component is; None if it is a letter of its own."""
    if any(x.isdigit() for x in name_of(variable.latex).index_letters):
        return None
    place = place_in(component, ())
    return None if not place else (place[0], place[1] if len(place) > 1 else 0)


def _number_of(place: tuple[int, int], variable: Symbol, points: Subject) -> int:
    """Return which entry of the variable stands at a place, counted along the rows."""
    return place[0] * points.points.size(variable.shape[1]) + place[1]


def _mixed(points: Subject, one: Symbol, other: Symbol) -> Any:
    """Return the derivatives of the gradient by `one`, stacked, by the entries of `other`, by differences."""
    import numpy

    place, h = points.at(other), 1e-3
    rows, columns = place.shape[-2:]
    found = []
    for unit in units(range(rows * columns), rows, columns):

        def slope(t: float, unit: Any = unit) -> Any:
            return points.moved({other: place + t * unit}).gradient(one)

        near, far = (slope(h) - slope(-h)) / (2 * h), (slope(2 * h) - slope(-2 * h)) / (4 * h)
        difference = (4 * near - far) / 3
        found.append(difference.reshape(*difference.shape[:-2], -1))
    return numpy.stack(found, axis=-1)


def _gradients(gradient: Any, variable: Symbol, judge: Judge) -> Iterator[Candidate]:
    """Yield the gradient, its transpose, and what it is within the structure that the variable has."""
    free = judge.gradient_of(variable, judge.f)

    def within(tie: Callable[[Matrix], Matrix], times: int = 1) -> Refutes:
        return _over_the_field(lambda claim: judge.exact.is_within(scale(times, claim), variable, tie))

    yield Candidate("own", gradient, _by_the_judge(free))
    yield Candidate("turned", _turned(gradient), _by_the_judge(free, transpose))
    if variable.properties & {"symmetric", "SPD"}:
        both, diagonal = gradient + _turned(gradient), gradient * _eye(gradient)
        yield Candidate("own", both - diagonal, within(lambda a: _plus(a, turned(a), _diagonal(a, -1))))
        yield Candidate("own", both / 2, within(lambda a: _plus(a, turned(a)), 2))
    if "diagonal" in variable.properties:
        yield Candidate("own", gradient * _eye(gradient), within(_diagonal))


def _jacobians(question: Question, points: Subject, judge: Judge) -> Iterator[Candidate]:
    """Yield the derivative of a vector or a matrix in both layouts, of the size of f where the variable is a number."""
    variable, f = question.variables[0], question.f
    below, above = (judge.jacobian_of(variable, f, numerator=numerator) for numerator in (False, True))
    matrix = points.jacobian(variable)
    if variable.is_scalar:
        rows, columns = points.value(f).shape[-2:]
        shaped = _turned(matrix[..., 0].reshape(*matrix.shape[:-2], columns, rows))
        yield Candidate("own", shaped, _by_the_judge(below))
        yield Candidate("turned", _turned(shaped), _by_the_judge(below, transpose))
    else:
        yield Candidate("own", _turned(matrix), _by_the_judge(below))
        yield Candidate("turned", matrix, _by_the_judge(above))


def other_layouts(question: Question, points: Subject, table: Any) -> Iterator[Candidate]:
    """Yield the derivative, vec(df) = table vec(dx), with its four axes in every order, two by two."""
    variable = question.variables[0]
    above = question.f.shape if not question.f.is_scalar else variable.shape
    sizes = [size_of(x, points.points.sizes) for x in (*reversed(above), *reversed(variable.shape))]
    table = _turned(table)
    cells = table.reshape(*table.shape[:-2], *sizes)
    lead = cells.ndim - 4
    for order in permutations(range(4)):
        layout = cells.transpose(*range(lead), *(lead + k for k in order))
        a, b, c, e = (sizes[k] for k in order)
        yield Candidate("turned", layout.reshape(*table.shape[:-2], a * b, c * e))


def _plus(*matrices: Matrix) -> Matrix:
    return [[sum(entries) for entries in zip(*rows, strict=True)] for rows in zip(*matrices, strict=True)]


def _diagonal(a: Matrix, times: int = 1) -> Matrix:
    return [[times * x if i == j else 0 for j, x in enumerate(row)] for i, row in enumerate(a)]


def _trace(values: Any) -> Any:
    import numpy

    return numpy.trace(values, axis1=-2, axis2=-1)[..., None, None]


def _turned(values: Any) -> Any:
    return values.swapaxes(-1, -2)


def _eye(values: Any) -> Any:
    import numpy

    return numpy.eye(values.shape[-1])
