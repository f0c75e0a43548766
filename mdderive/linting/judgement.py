"""Judging a claim in one reading of it: the numbers of both sides at random points, in every layout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, permutations
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ..algebra.expressions import ONE, Apply, remembered, walk
from ..algebra.properties import BY_NAME
from ..checking.evaluation import POINTS, size_of
from ..checking.stand_ins import has_large_numbers, has_stand_ins
from ..checking.subject import Subject, difference, subjects, units
from ..effort import EFFORT
from ..errors import DeriveError, UnsupportedError
from ..latex.names import name_of
from ..question.environment import CLASHES
from ..question.places import FUNCTION_LETTERS
from ..question.question import Question, read_question
from .components import Indices, WrittenOut, assignments, is_index, place_in
from .derivatives import Order
from .surroundings import letters_of, replaced, symbol_of, tree_of

if TYPE_CHECKING:
    from ..algebra.expressions import Symbol

Status = Literal["own", "turned", "false", "shapes", "unclear", "refused"]

CERTAIN = 1e-3
"""How large the relative error must be at every point for a claim to be false."""
CLOSE, CLOSER = 1e-6, 1e-8
"""How large it may be at any point for a claim to be true, and at half of them where the derivative is computed."""
SMALLEST = 1e-6
"""What differences of differences leave of zero."""
SETS_OF_POINTS = 3
IN_NO_LAYOUT = "at random points it has other entries than the derivative, in whatever order they are put"
MANY_LAYOUTS = "a derivative of a vector or a matrix with respect to a matrix has many layouts"
STRUCTURES: Mapping[str, str] = MappingProxyType(
    {"SPD": "symmetric"} | {x: x for x in ("symmetric", "skew-symmetric", "diagonal", "Toeplitz", "symmetric Toeplitz")}
)
"""The properties that matrices have together with all their sums: the differential has them, as what they name."""
CONSTANTS = frozenset(("e", r"\pi", "I", r"\mathbf{I}", r"\mathbf{1}", "1"))


class Comparison(NamedTuple):
    """A comparison that must hold: `left relation right`, the relation one of `<`, `<=`, `=`, `!=`, `>=`, `>`."""

    left: str
    relation: str
    right: str

    def __str__(self) -> str:
        return f"{self.left} {self.relation} {self.right}"

    @property
    def is_of_indices(self) -> bool:
        """Whether it compares two indices."""
        return is_index(self.left) and is_index(self.right)


@dataclass(frozen=True, slots=True)
class World:
    r"""One reading of a claim: what is differentiated by what, the definitions, and clauses that hold on the page.

    `reliable` says that all definitions are surely those that the author means; only then may a claim be called false.
    `spare` is for a reading that counts only where no other can be read, `doubt` for one in which a claim that holds in
    no other is a question, in these words.

    `other` is the second variable of a mixed second derivative; `point` are values, `x=0`, at which both sides are
    taken; `swaps` are letters of the claim that stand for others, as w^\star does for w.

    `indices` are the free ones of a claim in components, None for any other claim; `apart` says that they are
    different, or that they are equal. `given` must hold where both sides are compared. A `part` of a derivative may
    be zero. `linear` says that the claim is
    what is differentiated, its derivatives having been left out: `\nabla f + c\nabla g` as `f + cg`.
    Numbers that are rounded have that many `digits`, 0 if all are whole.
    """

    f: str
    variable: str
    order: Order = "first"
    where: tuple[str, ...] = ()
    reliable: bool = True
    context: tuple[str, ...] = ()
    spare: bool = False
    doubt: str = ""
    other: str = ""
    point: tuple[tuple[str, str], ...] = ()
    swaps: tuple[tuple[str, str], ...] = ()
    indices: tuple[str, ...] | None = None
    apart: bool | None = None
    given: tuple[Comparison, ...] = ()
    part: bool = False
    linear: bool = False
    digits: int = 0
    sources: tuple[tuple[str, int], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a claim fares in a world.

    own      equal to the derivative in our layout, or within a declared structure
    turned   equal to its transpose
    false    different at every point in every layout; `words` says where
    shapes   neither the size of the derivative nor that of its transpose; `words` says which
    unclear  neither; or of a kind whose layouts are too many to be sure
    refused  the world cannot be read or computed; `words` says why

    `either` says that it is equal to the derivative in both layouts.
    """

    status: Status
    words: str = ""
    code: str = ""
    question: Question | None = None
    either: bool = False


def direction_name(k: int, variable: str) -> str:
    """Return the letter that stands for the differential of `variable`, the one with number `k` below ten."""
    return rf"\{'Delta' if name_of(variable).is_capital else 'delta'}_{k}"


def outcome(world: World, claimed: str) -> Outcome:
    """Return how a claim fares in a world.

    Raises:
        UnsupportedError: finding that out takes too much work.
    """
    found, steps = _found(world, claimed)
    EFFORT.spend(steps)  # what is remembered costs the same
    return found


@remembered(1024, beyond=True)
def _found(world: World, claimed: str) -> tuple[Outcome, int]:
    """Return the same with the steps that it takes, which are not counted yet."""
    before = EFFORT.spent
    found = _outcome(world, claimed)
    steps, EFFORT.spent = EFFORT.spent - before, before
    return found, steps


def _outcome(world: World, claimed: str) -> Outcome:
    try:
        if world.indices is not None:
            return _in_components(world, claimed)
        return _compared(world, _question(world, claimed))
    except DeriveError as error:
        if error.code == "E310":
            raise
        clash = any(words in error.message for words in CLASHES) and "stacked" not in error.message
        if clash and _spreads(claimed):
            return Outcome("unclear", "an entry-wise product may spread a column over a matrix", error.code)
        if clash and _concerns_claim(error, world) and _is_sure_of_letters(world, claimed):
            return Outcome("shapes", error.message, error.code)
        return Outcome("refused", error.message, error.code)
    except KeyError as error:
        return Outcome("refused", f"the size {error.args[0]} is not known")
    except (ArithmeticError, ValueError, RecursionError, OverflowError) as error:
        return Outcome("refused", str(error) or type(error).__name__)


def _spreads(claimed: str) -> bool:
    r"""Whether a claim multiplies entry by entry, as numpy does: `W^T \odot s'(z)` with a column beside a matrix."""
    tree = tree_of(claimed)
    return tree is not None and any(x.head in ("hadamard", "circ") for x in tree.walk())


def _in_components(world: World, claimed: str) -> Outcome:
    """Return how a claim in components fares: for all values of its indices, or where it fails, told with them."""
    found = Outcome("unclear", "its indices cannot be so")
    for indices in assignments(world.indices or (), world.apart):
        written = WrittenOut(indices)
        at_them = replace(world, variable=_at(world.variable, indices), other=_at(world.other, indices))
        found = _compared(at_them, _question(world, claimed, written))
        if found.status not in ("own", "turned"):
            at = ", ".join(f"{name} = {value}" for name, value in indices)
            return replace(found, words=f"for {at}: {found.words}" if at and found.words else found.words)
    return found


def _at(variable: str, indices: Indices) -> str:
    """Return a variable with numbers in the place of its indices."""
    name = name_of(variable)
    for index, value in indices:
        name = name.with_index(index, str(value))
    return str(name)


def _question(world: World, claimed: str, written: WrittenOut | None = None) -> Question:
    wish = ("hessian",) if world.order == "second" and not world.other else ()
    directions: tuple[str, ...] = ()
    if world.order == "differential":
        names = [x.strip() for x in world.variable.split(",")]
        directions = tuple(f"{direction_name(k, name)} := 2 {name}" for k, name in enumerate(names))
    variables = f"{world.variable}, {world.other}" if world.other else world.variable
    compared = [x for condition in world.given for x in (condition.left, condition.right)]
    claims = (f"= {swapped(x, world.swaps)}" for x in (claimed, *compared))
    where = (*world.where, *directions, *wish, *claims)
    return read_question(world.f, variables, where, world.context, rewritten=written)


def swapped(latex: str, swaps: Iterable[tuple[str, str]]) -> str:
    """Return the LaTeX with names put in the place of others, however they are spelled."""
    for old, new in swaps:
        tree = tree_of(latex)
        if symbol_of(old) and tree is not None:
            latex = replaced(latex, tree, {symbol_of(old): new})
        else:
            latex = latex.replace(old, f"{{{new}}}")
    return latex


def _concerns_claim(error: DeriveError, world: World) -> bool:
    """Whether an error lies in the claim, which is the last clause, or also concerns it."""
    parts = {error.span.part if error.span else "", *(note.span.part for note in error.notes)}
    return any(part.startswith("where:") and int(part[6:]) >= len(world.where) for part in parts)


def question_of(world: World) -> Question:
    """Return what is asked, without the claim.

    Raises:
        DeriveError: it cannot be read alone.
    """
    return read_question(world.f, world.variable, world.where, world.context)


def _is_sure_of_letters(world: World, claimed: str) -> bool:
    """Whether the sizes of all letters of a claim are known without it, and no capital was taken for a column."""
    try:
        question = question_of(world)
    except DeriveError:
        return False
    declared = {x.split(":")[0].strip() for x in (*world.context, *world.where)}
    known = {*question.symbols, *declared, *FUNCTION_LETTERS, *CONSTANTS}
    if "diag" in claimed:  # some write it for the column, some for the matrix
        return False
    if not {x for x in letters_of(claimed) if not x.startswith((r"\Delta_", r"\delta_"))} <= known:
        return False
    columns = [x.latex for x in column_letters(question)]
    return not any(name_of(x).is_capital for x in columns if x not in declared)


def _compared(world: World, question: Question) -> Outcome:
    """Return how the claim of a question fares at random points."""
    found = _compared_at(world, question, actual=False)
    if found.status in ("own", "turned") or not has_stand_ins(question.f, question.definitions):
        return found
    try:
        return _compared_at(world, question, actual=True)
    except UnsupportedError as error:
        if error.code != "E310" or not has_large_numbers((question.f, *(x.value for x in question.claims))):
            return found
        return Outcome("unclear", error.message, error.code, question)


def _compared_at(world: World, question: Question, *, actual: bool) -> Outcome:
    """Return the same at small stand-ins for large sizes, or at the `actual` ones."""
    last = Outcome("unclear", "no point was found at which both sides can be computed", question=question)
    claimed = [x.value for x in question.claims]
    for points in islice(subjects(question.f, question.definitions, claimed, actual=actual), SETS_OF_POINTS):
        try:
            found = _at_points(world, question, points)
        except (ArithmeticError, ValueError) as error:  # a singular matrix, say
            found = Outcome("unclear", str(error), question=question)
        if found.status in ("own", "turned") or points.analytic:
            return found
        last = found
    return last


def _at_points(world: World, question: Question, points: Subject) -> Outcome:
    import numpy

    claim = question.claims[0]
    with numpy.errstate(all="ignore"):
        points = _moved(points, world, question)
        given = _directions(world, question, points)
        truths = _truths(world, question, points, given)
        value = points.value(claim.value, given)
        if world.linear:
            value = points.gradient(question.variables[0], claim.value)
        if world.given:
            met = _met(world, question, points)
            value, truths = _only_at(met, value), [(status, _only_at(met, x)) for status, x in truths]
        if world.digits:
            return _rounded(world, question, truths[0][1], value)
        if world.part and not _is_large(truths[0][1], SMALLEST):
            own = not _is_large(value, SMALLEST)
            words = "" if own else difference(points.points, value, truths[0][1], scalar="it")
            return Outcome("own" if own else "false", words, question=question)
        if world.order != "differential" and not any(_is_large(truth) for _, truth in truths):
            words = f"{world.variable} does not occur in it as it is defined here"
            return Outcome("unclear", words, question=question)
        found = _fitting(truths, value, exact=points.analytic and world.order != "second")
        if found.status in ("false", "shapes") and truths[0][1].size > 1 and _has_many_layouts(world, question):
            others: list[tuple[Status, Any]] = [
                ("turned", x) for x in _other_layouts(question, points, _turned(truths[0][1]))
            ]
            found = _fitting([*truths, *others], value, exact=False)
            if found.status == "shapes":
                return Outcome("unclear", MANY_LAYOUTS, question=question)
    if found.status == "shapes":
        return replace(found, words=_sizes(value, truths[0][1], points), question=question)
    if found.status == "false" and _may_be_of_a_matrix(question):
        return Outcome("unclear", "a function of a matrix may be meant entry by entry or as a whole", question=question)
    if found.status == "false":
        fitting = next((truth for _, truth in truths if _same_size(value, truth)), None)
        words = IN_NO_LAYOUT if fitting is None else difference(points.points, value, fitting, scalar="it")
        return replace(found, words=words, question=question)
    return replace(found, question=question)


def _rounded(world: World, question: Question, truth: Any, value: Any) -> Outcome:
    """Return whether a value is the truth but for the digits that were rounded away."""
    if not _same_size(value, truth):
        return Outcome("unclear", "it may be the value at a point", question=question)
    error = _errors(value, truth)
    close = error.size and bool((error <= 10.0 ** (1 - world.digits)).all())
    return Outcome("own" if close else "unclear", "" if close else "it may be rounded", question=question)


def _fitting(truths: Sequence[tuple[Status, Any]], value: Any, *, exact: bool) -> Outcome:
    """Return whether a value is one of the truths, the first of which counts; `exact` where they are computed."""
    import numpy

    fits = [(status, _errors(value, truth)) for status, truth in truths if _same_size(value, truth)]
    if not fits:
        return Outcome("shapes")
    held = [
        status
        for status, error in fits
        if error.size and bool((error <= CLOSE).all()) and (not exact or bool(numpy.median(error) <= CLOSER))
    ]
    if held:
        return Outcome(held[0], either="turned" in held[1:])
    if any(error.size == 0 for _, error in fits):
        return Outcome("unclear", "the claim cannot be computed where the function can")
    if all(bool((error > CERTAIN).all()) for _, error in fits):
        return Outcome("false")
    return Outcome("unclear", "it holds at some points and not at others")


def _has_many_layouts(world: World, question: Question) -> bool:
    """Whether the derivative has the entries of one by a matrix, of which authors make a table in many ways."""
    if world.order == "differential":
        return False
    matrix = ONE not in question.variables[0].shape
    return matrix if world.order == "second" else not question.f.is_scalar and (matrix or ONE not in question.f.shape)


def _other_layouts(question: Question, points: Subject, table: Any) -> Iterator[Any]:
    """Yield the derivative, vec(df) = table vec(dx), with its four axes in every order, two by two."""
    variable = question.variables[0]
    above = question.f.shape if not question.f.is_scalar else variable.shape
    sizes = [size_of(x, points.points.sizes) for x in (*reversed(above), *reversed(variable.shape))]
    cells = table.reshape(*table.shape[:-2], *sizes)
    lead = cells.ndim - 4
    for order in permutations(range(4)):
        turned = cells.transpose(*range(lead), *(lead + k for k in order))
        a, b, c, d = (sizes[k] for k in order)
        yield turned.reshape(*table.shape[:-2], a * b, c * d)


def _may_be_of_a_matrix(question: Question) -> bool:
    r"""Whether there is a `\sin(A)` of a square matrix, which also has a meaning as a function of the whole matrix."""
    wholes = (question.f, question.claims[0].value, *(body for _, body in question.definitions))
    return any(
        isinstance(node, Apply) and node.operator.of_matrix is not None and node.is_square and not node.is_scalar
        for whole in wholes
        for node in walk(whole)
    )


def _met(world: World, question: Question, points: Subject) -> Any:
    """Return at which points the conditions hold.

    Raises:
        ValueError: there are none, or what is compared is no number.
    """
    import numpy

    compare = {
        "<": numpy.less, "<=": numpy.less_equal, ">": numpy.greater, ">=": numpy.greater_equal, "!=": numpy.not_equal,
        "=": numpy.equal,
    }  # fmt: skip
    sides = [points.value(x.value) for x in question.claims[1:]]
    if any(x.shape[-2:] != (1, 1) for x in sides):
        raise ValueError("what is compared is no number")
    met = numpy.ones(POINTS, bool)
    for k, condition in enumerate(world.given):
        held = compare[condition.relation](sides[2 * k], sides[2 * k + 1])
        met &= numpy.broadcast_to(held.reshape(held.shape[0], -1).all(axis=1), (POINTS,))
    if not met.any():
        raise ValueError("no point was found at which the conditions hold")
    return met


def _only_at(met: Any, values: Any) -> Any:
    import numpy

    return numpy.broadcast_to(values, (POINTS, *values.shape[1:]))[met]


def _moved(points: Subject, world: World, question: Question) -> Subject:
    """Return the points at which the letters have the values that the author names.

    Raises:
        ValueError: a letter has another shape than its value.
    """
    import numpy

    places = {}
    for name, value in world.point:
        symbol = question.symbols.get(name)
        at = question.symbols.get(value)
        number = numpy.array([[float(value)]]) if at is None else points.at(at)
        if symbol is None or number.shape[-2:] not in ((1, 1), points.at(symbol).shape[-2:]):
            raise ValueError("it is not clear at which point it is taken")
        places[symbol] = numpy.zeros_like(points.at(symbol)) + number
    return points.moved(places) if places else points


def _directions(world: World, question: Question, points: Subject) -> dict[Any, Any]:
    """Return the values of the letters that stand for differentials; what is said of a variable holds of its own too.

    A differential is put in wherever its letter stands, whatever was found of that letter.
    """
    if world.order != "differential":
        return {}
    named = {direction_name(k, x.latex): _direction(points, x) for k, x in enumerate(question.variables)}
    letters = {letter for letter, _ in question.definitions}.union(*(x.value.symbols for x in question.claims))
    return {letter: named[letter.latex] for letter in letters if letter.latex in named}


def _direction(points: Subject, variable: Symbol) -> Any:
    """Return a random differential of a variable, within the structure that it has."""
    free = points.direction(variable)
    structure = next((STRUCTURES[x] for x in sorted(variable.properties) if x in STRUCTURES), None)
    return BY_NAME[structure].draw(free) if structure else free


def _truths(world: World, question: Question, points: Subject, given: dict[Any, Any]) -> list[tuple[Status, Any]]:
    """Return what a claim may be equal to, ours first."""
    variable = question.variables[0]
    if world.order == "differential":
        return [("own", points.along(question.f, {x: _direction(points, x) for x in question.variables}))]
    if world.indices is not None:
        return [("own", _component(world, question, points))]
    if world.other:
        mixed = _mixed(points, variable, question.variables[1])
        return [("own", mixed), ("turned", _turned(mixed))]
    if world.order == "second":
        second = points.hessian(variable)
        return [("own", second), ("own", _trace(second))]  # the trace is what physicists write so
    if question.f.is_scalar:
        return _gradients(points.gradient(variable), variable)
    matrix = points.jacobian(variable)
    if variable.is_scalar:
        rows, columns = (x.shape[-1] for x in (_turned(points.value(question.f)), points.value(question.f)))
        shaped = _turned(matrix[..., 0].reshape(*matrix.shape[:-2], columns, rows))
        return [("own", shaped), ("turned", _turned(shaped))]
    return [("own", _turned(matrix)), ("turned", matrix)]


def _component(world: World, question: Question, points: Subject) -> Any:
    """Return the derivative by the component that is meant, or the second one by one or two.

    Raises:
        ValueError: what is differentiated is no number.
    """
    if not question.f.is_scalar:
        raise ValueError("what is differentiated is no number")
    variable = question.variables[0]
    at = _number_of(world.variable, variable, points)
    if world.order == "first":
        gradient = points.gradient(variable)
        return gradient if at is None else gradient.reshape(*gradient.shape[:-2], -1)[..., at][..., None, None]
    other = question.variables[-1]
    table = _mixed(points, variable, other)
    beside = _number_of(world.other or world.variable, other, points)
    table = table if at is None else table[..., at : at + 1, :]
    return table if beside is None else table[..., beside : beside + 1]


def _number_of(component: str, variable: Symbol, points: Subject) -> int | None:
    """Return which entry of the variable, counted along the rows, a component is; None if it is a letter of its own."""
    if any(x.isdigit() for x in name_of(variable.latex).index_letters):
        return None
    place = place_in(component, ())
    return None if not place else place[0] * points.points.size(variable.shape[1]) + (place[1] if len(place) > 1 else 0)


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


def _gradients(gradient: Any, variable: Symbol) -> list[tuple[Status, Any]]:
    """Return the gradient, its transpose, and what it is within the structure that the variable has."""
    found: list[tuple[Status, Any]] = [("own", gradient), ("turned", _turned(gradient))]
    if variable.properties & {"symmetric", "SPD"}:
        found.append(("own", gradient + _turned(gradient) - gradient * _eye(gradient)))
        found.append(("own", (gradient + _turned(gradient)) / 2))
    if "diagonal" in variable.properties:
        found.append(("own", gradient * _eye(gradient)))
    return found


def _trace(values: Any) -> Any:
    import numpy

    return numpy.trace(values, axis1=-2, axis2=-1)[..., None, None]


def _turned(values: Any) -> Any:
    return values.swapaxes(-1, -2)


def _eye(values: Any) -> Any:
    import numpy

    return numpy.eye(values.shape[-1])


def _same_size(value: Any, truth: Any) -> bool:
    return bool(value.shape[-2:] == truth.shape[-2:])


def _is_large(values: Any, least: float = 1e-9) -> bool:
    """Whether the values are more than what rounding leaves of zero."""
    import numpy

    return bool(numpy.nanmax(abs(values), initial=0.0) > least)


def _errors(value: Any, truth: Any) -> Any:
    """Return the relative error at each point where both are finite."""
    import numpy

    value, truth = numpy.broadcast_arrays(value, truth)
    value, truth = (x.reshape(x.shape[0], -1) for x in (value, truth))
    good = numpy.isfinite(value).all(axis=1) & numpy.isfinite(truth).all(axis=1)
    value, truth = value[good], truth[good]
    scale = abs(truth).max(axis=1, initial=0.0)
    known = (scale > 1e-12) | (abs(value).max(axis=1, initial=0.0) > 1e-12)  # where both are 0 nothing is learnt
    return abs(value - truth)[known].max(axis=1, initial=0.0) / numpy.maximum(scale[known], 1e-12)


def _sizes(value: Any, truth: Any, points: Subject) -> str:
    """Return the two sizes in the author's letters where numbers have one."""
    names = {size: name for name, size in reversed(points.points.sizes.items())}

    def shown(array: Any) -> str:
        return " x ".join(str(names.get(size, size)) for size in array.shape[-2:])

    return f"it is {shown(value)}, but the derivative is {shown(truth)}"


def square_letters(question: Question) -> Sequence[Symbol]:
    """Return the letters of a question that stand for square matrices."""
    return [x for x in question.symbols.values() if x.is_square and not x.is_scalar and not x.index]


def column_letters(question: Question) -> Sequence[Symbol]:
    """Return the letters that stand for columns."""
    return [x for x in question.symbols.values() if x.shape[1] == ONE and not x.is_scalar and not x.index]
