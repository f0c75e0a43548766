"""Judging a claim in one reading of it: the numbers of both sides at random points, in every layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from ..errors import DeriveError
from ..expr import ONE
from ..reading import Question, read_question
from ..shapes import NUMBER_BESIDE_MATRIX
from ..verify import Subject, subjects
from .derivatives import Order

if TYPE_CHECKING:
    from ..expr import Symbol

Status = Literal["own", "turned", "false", "shapes", "unclear", "refused"]

CERTAIN = 1e-3
"""How large the relative error must be at every point for a claim to be false."""
CLOSE = 1e-6
"""How large it may be for a claim to be true where the derivative is known by differences."""
SETS_OF_POINTS = 3


@dataclass(frozen=True, slots=True)
class World:
    """One reading of a claim: what is differentiated by what, the definitions, and clauses that hold on the page.

    `reliable` says that all definitions are surely those that the author means; only then may a claim be called false.
    """

    f: str
    variable: str
    order: Order = "first"
    where: tuple[str, ...] = ()
    reliable: bool = True
    context: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a claim fares in a world.

    own      equal to the derivative in our layout, or within a declared structure
    turned   equal to its transpose
    false    different at every point in every layout; `words` says where
    shapes   neither the size of the derivative nor that of its transpose; `words` says which
    unclear  neither; or of a kind whose layouts are too many to be sure
    refused  the world cannot be read or computed; `words` says why
    """

    status: Status
    words: str = ""
    code: str = ""
    question: Question | None = None


def direction_name(k: int, variable: str) -> str:
    """Return the letter that stands for the differential of `variable`, the one with number `k` below ten."""
    return rf"\{'Delta' if is_capital(variable) else 'delta'}_{k}"


def is_capital(letter: str) -> bool:
    """Whether a letter, its font and accents aside, is a capital."""
    plain = letter.lstrip("\\")
    for font in ("mathbf{", "boldsymbol{", "bm{", "mathcal{", "mathrm{", "vec{", "hat{", "bar{", "tilde{"):
        plain = plain.removeprefix(font).lstrip("\\")
    return plain[:1].isupper()


def outcome(world: World, claimed: str) -> Outcome:
    """Return how a claim fares in a world."""
    try:
        question = _question(world, claimed)
        return _compared(world, question)
    except DeriveError as error:
        if error.code == "E203" and error.message != NUMBER_BESIDE_MATRIX and _concerns_claim(error, world) and _reads_alone(world):
            return Outcome("shapes", error.message, error.code)
        return Outcome("refused", error.message, error.code)
    except KeyError as error:
        return Outcome("refused", f"the size {error.args[0]} is not known")
    except (ArithmeticError, ValueError, RecursionError, OverflowError) as error:
        return Outcome("refused", str(error) or type(error).__name__)


def _question(world: World, claimed: str) -> Question:
    wish = ("hessian",) if world.order == "second" else ()
    directions = ()
    if world.order == "differential":
        names = [x.strip() for x in world.variable.split(",")]
        directions = tuple(f"{direction_name(k, name)} := 2 {name}" for k, name in enumerate(names))
    return read_question(world.f, world.variable, (*world.where, *directions, *wish, f"= {claimed}"), world.context)


def _concerns_claim(error: DeriveError, world: World) -> bool:
    """Whether an error lies in the claim, which is the last clause, or also concerns it."""
    parts = {error.span.part if error.span else "", *(note.span.part for note in error.notes)}
    return any(part.startswith("where:") and int(part[6:]) >= len(world.where) for part in parts)


def _reads_alone(world: World) -> bool:
    try:
        read_question(world.f, world.variable, world.where, world.context)
    except DeriveError:
        return False
    return True


def _compared(world: World, question: Question) -> Outcome:
    """Return how the claim of a question fares at random points."""
    last = Outcome("unclear", "no point was found at which both sides can be computed", question=question)
    for points in islice(subjects(question.f, question.definitions), SETS_OF_POINTS):
        found = _at_points(world, question, points)
        if found.status in ("own", "turned") or points.analytic:
            return found
        last = found
    return last


def _at_points(world: World, question: Question, points: Subject) -> Outcome:
    import numpy

    claim = question.claims[0]
    with numpy.errstate(all="ignore"):
        given = _directions(world, question, points)
        truths, sure = _truths(world, question, points, given)
        value = points.value(claim.value, given)
        fits = [(status, truth) for status, truth in truths if _same_size(value, truth)]
        if not fits:
            if not sure:
                return Outcome("unclear", "a derivative by a matrix of a vector or a matrix has many layouts", question=question)
            return Outcome("shapes", _sizes(question, value, truths[0][1], points), question=question)
        errors = [(status, _errors(value, truth)) for status, truth in fits]
        if world.order != "differential" and not any(truth.any() for _, truth in truths) and bool(numpy.any(value)):
            return Outcome("unclear", f"{world.variable} does not occur in it as it is defined here", question=question)
    close = 1e-8 if points.analytic and world.order != "second" else CLOSE
    for status, error in errors:
        if error.size and bool((error <= close).all()):
            return Outcome(status, question=question)
    if any(error.size == 0 for _, error in errors):
        return Outcome("unclear", "the claim cannot be computed where the function can", question=question)
    if sure and all(bool((error > CERTAIN).all()) for _, error in errors):
        return Outcome("false", _refutation(value, fits[0][1], points), question=question)
    return Outcome("unclear", "it holds at some points and not at others", question=question)


def _directions(world: World, question: Question, points: Subject) -> dict[Any, Any]:
    """Return the values of the letters that stand for differentials."""
    if world.order != "differential":
        return {}
    letters = {letter.latex: letter for letter, _ in question.definitions}
    named = [(direction_name(k, x.latex), x) for k, x in enumerate(question.variables)]
    return {letters[name]: points.direction(x) for name, x in named if name in letters}


def _truths(
    world: World, question: Question, points: Subject, given: dict[Any, Any]
) -> tuple[list[tuple[Status, Any]], bool]:
    """Return what a claim may be equal to, ours first, and whether there is nothing else that it may be."""
    variable = question.variables[0]
    if world.order == "differential":
        return [("own", points.along(question.f, {x: points.direction(x) for x in question.variables}))], True
    if world.order == "second":
        return _second(points, variable)
    if question.f.is_scalar:
        gradient = points.gradient(variable)
        found: list[tuple[Status, Any]] = [("own", gradient), ("turned", _turned(gradient))]
        if variable.properties & {"symmetric", "SPD"}:
            found.append(("own", gradient + _turned(gradient) - gradient * _eye(gradient)))
            found.append(("own", (gradient + _turned(gradient)) / 2))
        return found, True
    matrix = points.jacobian(variable)
    if variable.is_scalar:
        rows, columns = (x.shape[-1] for x in (_turned(points.value(question.f)), points.value(question.f)))
        shaped = _turned(matrix[..., 0].reshape(*matrix.shape[:-2], columns, rows))
        return [("own", shaped), ("turned", _turned(shaped))], True
    return [("own", _turned(matrix)), ("turned", matrix)], ONE in question.f.shape and ONE in variable.shape


def _second(points: Subject, variable: Symbol) -> tuple[list[tuple[Status, Any]], bool]:
    import numpy

    second = points.hessian(variable)
    trace = numpy.trace(second, axis1=-2, axis2=-1)[..., None, None]
    return [("own", second), ("own", trace)], ONE in variable.shape  # the trace is what physicists write so


def _turned(values: Any) -> Any:
    return values.swapaxes(-1, -2)


def _eye(values: Any) -> Any:
    import numpy

    return numpy.eye(values.shape[-1])


def _same_size(value: Any, truth: Any) -> bool:
    return bool(value.shape[-2:] == truth.shape[-2:])


def _errors(value: Any, truth: Any) -> Any:
    """Return the relative error at each point where both are finite."""
    import numpy

    value, truth = numpy.broadcast_arrays(value, truth)
    value, truth = (x.reshape(x.shape[0], -1) for x in (value, truth))
    good = numpy.isfinite(value).all(axis=1) & numpy.isfinite(truth).all(axis=1)
    value, truth = value[good], truth[good]
    scale = numpy.maximum(abs(truth).max(axis=1, initial=0.0), 1e-12)
    return abs(value - truth).max(axis=1, initial=0.0) / scale


def _sizes(question: Question, value: Any, truth: Any, points: Subject) -> str:
    """Return the two sizes in the author's letters where numbers have one."""
    names = {size: name for name, size in reversed(points.points.sizes.items())}

    def shown(array: Any) -> str:
        return " x ".join(str(names.get(size, size)) for size in array.shape[-2:])

    return f"it is {shown(value)}, but the derivative is {shown(truth)}"


def _refutation(value: Any, truth: Any, points: Subject) -> str:
    import numpy

    value, truth = numpy.broadcast_arrays(value, truth)
    good = numpy.isfinite(value) & numpy.isfinite(truth)
    gap = numpy.where(good, abs(value - truth), 0.0)
    place = numpy.unravel_index(int(numpy.argmax(gap)), truth.shape)
    sizes = ", ".join(f"{name} = {size}" for name, size in points.points.sizes.items())
    entry = "it" if truth.shape[-2:] == (1, 1) else f"its entry ({place[-2] + 1}, {place[-1] + 1})"
    where = f" with {sizes}" if sizes else ""
    return f"at a random point{where} {entry} is {value[place]:.4g}, the derivative is {truth[place]:.4g}"


def square_letters(question: Question) -> Sequence[Symbol]:
    """Return the letters of a question that stand for square matrices."""
    return [x for x in question.symbols.values() if x.is_square and not x.is_scalar and not x.index]


def column_letters(question: Question) -> Sequence[Symbol]:
    """Return the letters that stand for columns."""
    return [x for x in question.symbols.values() if x.shape[1] == ONE and not x.is_scalar and not x.index]
