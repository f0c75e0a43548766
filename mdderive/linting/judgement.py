"""Judging a claim in one reading of it: the numbers of both sides at random points, in every layout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..algebra.expressions import ONE, Apply, remembered, walk
from ..checking.evaluation import POINTS
from ..checking.floating import is_rounding
from ..checking.stand_ins import has_large_numbers, has_stand_ins
from ..checking.subject import Subject, difference, subjects
from ..effort import EFFORT
from ..errors import DeriveError, UnsupportedError
from ..latex.names import name_of
from ..question.environment import CLASHES
from ..question.places import FUNCTION_LETTERS
from ..question.question import Question, read_question
from .components import Indices, WrittenOut, assignments
from .surroundings import letters_of, replaced, symbol_of, tree_of
from .truths import Candidate, directions_of, other_layouts, truths_of
from .worlds import Outcome, World, direction_name

if TYPE_CHECKING:
    from ..algebra.expressions import Expr, Symbol

CERTAIN = 1e-3
"""How large the relative error must be at every point for a claim to be false."""
CLOSE, CLOSER = 1e-6, 1e-8
"""How large it may be at any point for a claim to be true, and at half of them where the derivative is computed."""
SMALL = 1e-3
"""Up to what size a derivative may be what rounding leaves of zero."""
SMALLEST = 1e-6
"""What differences of differences leave of zero."""
SETS_OF_POINTS = 3
MOST_SETS_OF_POINTS = 24
"""How many sets are looked through for those of sizes at which the function is not degenerate."""
IN_NO_LAYOUT = "at random points it has other entries than the derivative, in whatever order they are put"
NEXT_TO_ZERO = "the derivative is too close to zero at random points to be compared"
MANY_LAYOUTS = "a derivative of a vector or a matrix with respect to a matrix has many layouts"
CONSTANTS = frozenset(("e", r"\pi", "I", r"\mathbf{I}", r"\mathbf{1}", "1"))


def outcome(world: World, claimed: str) -> Outcome:
    """Return how a claim fares in a world.

    Raises:
        UnsupportedError: finding that out takes too much work.
    """
    found, steps = _found(replace(world, reliable=True, spare=False, doubt=""), claimed)  # none of them is asked there
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
        name = symbol_of(old) or (old if tree is not None and any(x.text == old for x in tree.walk()) else "")
        latex = replaced(latex, tree, {name: new}) if name and tree is not None else latex.replace(old, f"{{{new}}}")
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


def has_many_layouts(world: World) -> bool:
    """Return whether what is asked is a table that authors write in many ways, as far as it can be read."""
    try:
        return _has_many_layouts(world, question_of(world))
    except DeriveError:
        return False


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
    tried = 0
    degenerate: list[dict[str, int]] = []
    for points in islice(subjects(question.f, question.definitions, claimed, actual=actual), MOST_SETS_OF_POINTS):
        if tried == SETS_OF_POINTS:
            break
        if points.points.sizes in degenerate:
            continue
        try:
            found = _at_points(world, question, points, actual=actual)
        except (ArithmeticError, ValueError) as error:  # a singular matrix, say
            found = Outcome("degenerate", str(error), question=question)
        if found.status == "degenerate":
            degenerate.append(points.points.sizes)
            last = last if tried else replace(found, status="unclear")
            continue
        tried += 1
        last = found
        if last.status in ("own", "turned") or points.analytic:
            break
    return last


def _at_points(world: World, question: Question, points: Subject, *, actual: bool) -> Outcome:
    import numpy

    claim = question.claims[0]
    with numpy.errstate(all="ignore"):
        points = _moved(points, world, question)
        given = directions_of(world, question, points)
        truths = truths_of(world, question, points, actual=actual)
        value = points.value(claim.value, given)
        if world.linear:
            value = points.gradient(question.variables[0], claim.value)
        if world.given:
            met = _met(world, question, points)
            value, truths = _only_at(met, value), [x._replace(numbers=_only_at(met, x.numbers)) for x in truths]
        if world.digits:
            return _rounded(world, question, truths[0].numbers, value)
        if world.part and not _is_large(truths[0].numbers, SMALLEST):
            own = not _is_large(value, SMALLEST)
            words = "" if own else difference(points.points, value, truths[0].numbers, scalar="it")
            return Outcome("own" if own else "false", words, question=question)
        if world.order != "differential" and not any(_is_large(truth.numbers) for truth in truths):
            some = any(_is_large(truth.numbers, 0.0) for truth in truths)
            words = f"{world.variable} does not occur in it as it is defined here" if not some else NEXT_TO_ZERO
            return Outcome("degenerate", words, question=question)
        computed = points.analytic and world.order != "second"
        found = _fitting(truths, value, claim.value, exact=computed, smooth=points.analytic)
        if found.status in ("false", "shapes") and truths[0].numbers.size > 1 and _has_many_layouts(world, question):
            others = other_layouts(question, points, truths[0].numbers)
            found = _fitting([*truths, *others], value, claim.value, smooth=points.analytic)
            if found.status == "shapes":
                return Outcome("unclear", MANY_LAYOUTS, question=question)
    if found.status == "shapes":
        return replace(found, words=_sizes(value, truths[0].numbers, points), question=question)
    if found.status == "false" and not _is_large(truths[0].numbers, SMALL) and is_rounding(points):
        return Outcome("degenerate", f"{world.f} is zero at these sizes", question=question)
    if found.status == "false" and _may_be_of_a_matrix(question):
        return Outcome("unclear", "a function of a matrix may be meant entry by entry or as a whole", question=question)
    if found.status == "false":
        fitting = [x.numbers for x in truths if _same_size(value, x.numbers)]
        words = difference(points.points, value, fitting[0], scalar="it") if fitting else IN_NO_LAYOUT
        times = next(filter(None, (_times(value, x) for x in fitting)), 0.0)
        return replace(found, words=words, question=question, times=times)
    return replace(found, question=question)


def _rounded(world: World, question: Question, truth: Any, value: Any) -> Outcome:
    """Return whether a value is the truth but for the digits that were rounded away."""
    if not _same_size(value, truth):
        return Outcome("unclear", "it may be the value at a point", question=question)
    error = _errors(value, truth)
    close = error.size and bool((error <= 10.0 ** (1 - world.digits)).all())
    return Outcome("own" if close else "unclear", "" if close else "it may be rounded", question=question)


def _fitting(
    truths: Sequence[Candidate], value: Any, claimed: Expr, *, exact: bool = False, smooth: bool = False
) -> Outcome:
    """Return whether a value is one of the truths, the first of which counts; `exact` where they are computed.

    What numbers cannot tell from a truth, the judge may; a function that is not `smooth` may have been meant elsewhere.
    """
    fits = [(truth, _errors(value, truth.numbers)) for truth in truths if _same_size(value, truth.numbers)]
    if not fits:
        return Outcome("shapes")
    held = [truth for truth, error in fits if _is_close(error, exact=exact)]
    while held and held[0].refutes is not None and held[0].refutes(claimed):
        held = [x for x in held[1:] if x.refutes is not None]  # the others have the same numbers
        if not held:
            return Outcome("false")
    if held:
        return Outcome(held[0].status, either=any(x.status == "turned" for x in held[1:]))
    if any(error.size == 0 for _, error in fits):
        return Outcome("unclear", "the claim cannot be computed where the function can")
    if all(bool((error > CERTAIN).all()) for _, error in fits):
        return Outcome("false")
    surely = [x.refutes for x, _ in fits if x.refutes is not None]
    differ = all(bool((error > CLOSE).all()) for x, error in fits if x.refutes is None)
    if smooth and surely and differ and all(refutes(claimed) for refutes in surely):
        return Outcome("false")
    return Outcome("unclear", "it holds at some points and not at others")


def _is_close(error: Any, *, exact: bool) -> bool:
    import numpy

    return bool(error.size and (error <= CLOSE).all() and (not exact or numpy.median(error) <= CLOSER))


def _has_many_layouts(world: World, question: Question) -> bool:
    """Whether the derivative has the entries of one by a matrix, of which authors make a table in many ways."""
    if world.order == "differential":
        return False
    matrix = ONE not in question.variables[0].shape
    return matrix if world.order == "second" else not question.f.is_scalar and (matrix or ONE not in question.f.shape)


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


def _times(value: Any, truth: Any) -> float:
    """Return by which number the values are everywhere a multiple of the truth, 0 where by none."""
    import numpy

    value, truth = numpy.broadcast_arrays(value, truth)
    good = numpy.isfinite(value) & numpy.isfinite(truth)
    value, truth = value[good], truth[good]
    if not (value.any() and truth.any()):
        return 0.0
    times = float((value * truth).sum() / (truth * truth).sum())
    return times if (abs(value - times * truth) <= CLOSE * abs(times * truth).max()).all() else 0.0


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
