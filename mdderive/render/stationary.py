"""The stationary point: the equations, how they are solved, under which conditions, and what the point is."""

from __future__ import annotations

from collections.abc import Iterator

from ..algebra.expressions import Expr, Symbol, to_latex
from ..algebra.writing import in_parentheses
from ..calculus.conditions import Condition
from ..calculus.elimination import Move, Pair
from ..solution.derivation import BlockForm, Joint, Remaining, Stationary, StationaryPoints
from ..solution.several import place_of, there_provided, words_of
from ..words import Argument, Reasons, reason
from .blocks import Block, Display, Prose
from .teller import Teller


def stationary(teller: Teller) -> Iterator[Block]:
    """Yield the stationary points that are asked for."""
    if teller.working.joint is not None:
        yield from _joint(teller, teller.working.joint)
        return
    for variable in teller.variables:
        found = teller.working.stationary.get(variable)
        if found is not None:
            yield from _zero(teller, variable, found)
        elif variable in teller.working.places:
            yield from _places(teller, teller.working.places[variable])
        elif teller.question.constraints:
            yield Prose(teller.say("no zero subject to", variable=variable.latex))
        elif "solve" in teller.question.wishes:
            yield Prose(teller.say("no zero", variable=variable.latex))


def _zero(teller: Teller, variable: Symbol, found: Stationary) -> Iterator[Block]:
    yield Prose(_equation(teller, variable, found), lead=_lead(teller, variable))
    yield Display((_equal(variable, found.solution),), result=True)
    yield from _remarks(teller, found)


def _lead(teller: Teller, variable: Symbol, points: str = "point") -> str:
    ending = " in" if _is_one_of_several(teller) else ""
    return teller.say(f"stationary lead: {points}{ending}", variable=variable.latex)


def _places(teller: Teller, places: StationaryPoints) -> Iterator[Block]:
    """Yield all stationary points in a number, and what is there; or why there is none."""
    lead = _lead(teller, places.of, "points" if len(places.found) > 1 else "point")
    verdicts = [x.says(teller.language) for x in places.verdicts]
    alone = teller.say("others fixed") if _is_one_of_several(teller) else ""
    if not places.found:
        yield Prose(teller.sentences([*verdicts, alone]), lead=lead)
        return
    assert places.left is not None
    equation, name = f"${to_latex(places.left)} = 0$", places.names or ""
    yield Prose(teller.say("zero", multiplied=places.multiplied, name=name, equation=equation), lead=lead)
    yield Display(tuple(_equal(places.of, x.value) for x in places.found), result=True)
    shared = {x.conditions for x in places.found}
    provided = _provided(teller, places.found[0].conditions) if len(shared) == 1 else ""
    yield from _remarked(teller, provided, *verdicts, alone)


def _is_one_of_several(teller: Teller) -> bool:
    return len(teller.question.variables) > 1


def _equation(teller: Teller, variable: Symbol, found: Stationary) -> str:
    """Return how the solution follows from the gradient."""
    zero = found.zero
    if zero is None:
        assert found.verdict is not None  # of what is linear on orthogonal matrices, which says where it lies
        return found.verdict.says(teller.language)
    part = "" if found.part is None else found.part.says(teller.language)
    equation = f"{to_latex(zero.left)} = {to_latex(zero.right)}"
    if zero.stacked is None and equation == _equal(variable, found.solution):
        words = teller.say("zero at once", multiplied=zero.multiplied)
    else:
        name = zero.names or ""
        stacked = "" if zero.stacked is None else f"${to_latex(zero.stacked[0])} = {to_latex(zero.stacked[1])}$"
        words = teller.say("zero", multiplied=zero.multiplied, name=name, equation=f"${equation}$", stacked=stacked)
    return teller.sentences([part, words])


def _equal(variable: Symbol, value: Expr) -> str:
    return f"{variable.latex} = {to_latex(value)}"


def _remarks(teller: Teller, found: Stationary) -> Iterator[Block]:
    verdict = found.verdict if found.zero is not None or not _tells_way(found) else None
    words = "" if verdict is None else verdict.says(teller.language)
    alone = teller.say("others fixed") if words and found.zero is not None and _is_one_of_several(teller) else ""
    yield from _remarked(teller, _provided(teller, found.conditions), words, alone)


def _remarked(teller: Teller, *sentences: str) -> Iterator[Block]:
    words = teller.sentences(sentences)
    if words:
        yield Prose(words)


def _tells_way(found: Stationary) -> bool:
    """Whether what is said of the point says how it was found: of a polar factor, of a function with kinks."""
    return found.verdict is not None and found.verdict.key.startswith(("polar", "least"))


def _provided(teller: Teller, conditions: tuple[Condition, ...]) -> str:
    """Return under which conditions the solution holds."""
    return teller.say("provided that", conditions=words_of(conditions)) if conditions else ""


# --- several equations


def _joint(teller: Teller, joint: Joint) -> Iterator[Block]:
    """Yield the equations, how one unknown after the other is found, and the values of all."""
    variables = [x for x in teller.variables if any(y.of is x for y in joint.found)]
    if len(joint.found) == 1 and _tells_way(joint.found[0]):
        yield from _zero(teller, joint.found[0].of, joint.found[0])
        return
    if joint.remaining is not None:
        yield from _eigen(teller, joint, joint.remaining)
        return
    lead = teller.say("stationary lead: points" if len(joint.points) > 1 else "stationary lead: point")
    yield Prose(_opening(teller, joint), lead=lead)
    yield Display(tuple(f"{to_latex(left)} = {to_latex(right)}" for left, right in joint.equations))
    if joint.block is not None:
        yield Prose(teller.say("block form"))
        yield Display((_block(joint.block),))
    for move in joint.moves:
        yield from _pair(teller, joint, move) if isinstance(move, Pair) else _move(teller, joint, move)
    if joint.left is not None:
        place = reason("equation: numbered", number=joint.left.equation + 1)
        yield Prose(teller.say("left in one number", place=place, unknown=joint.left.unknown.latex))
        yield Display((f"{to_latex(joint.left.value)} = 0",), result=True)
        return
    if joint.points:
        yield from _points(teller, joint)
        return
    rest = [x for x in joint.unknowns if x in joint.values]
    shown = [x for x in rest if x in variables or x not in teller.question.variables]
    if len(joint.moves) > 1:
        yield Prose(teller.say("inserted back"))
        yield Display(tuple(_equal(x, joint.values[x]) for x in shown), result=True)
    if joint.found:
        yield from _remarks(teller, joint.found[0])


def _points(teller: Teller, joint: Joint) -> Iterator[Block]:
    """Yield the equation with several zeros, and the points to which they lead."""
    fork = joint.fork
    if fork is not None:
        yield Prose(_said(teller, joint, fork.equation, fork.multiplied, f"{to_latex(fork.left)} = 0", fork.inserted))
        yield Display(tuple(_equal(fork.unknown, value) for value in fork.values))
    if fork is None or len(joint.unknowns) > 1:
        yield Prose(teller.say("several solutions" if fork is None else "several inserted back"))
        shown = [[_equal(x, point.values[x]) for x in joint.unknowns] for point in joint.points]
        yield Display(tuple(r",\quad ".join(row) for row in shown), result=True)
    variables = teller.question.variables
    told = there_provided((place_of(point, variables), point.conditions) for point in joint.points)
    provided = "" if told else _provided(teller, joint.points[0].conditions)
    yield from _remarked(teller, provided, *(x.says(teller.language) for x in (*told, *joint.verdicts)))


def _block(block: BlockForm) -> str:
    """Return the system as one equation."""
    sides = (block.matrix, [[x] for x in block.unknowns], [[x] for x in block.right])
    matrix, unknowns, right = (in_parentheses(map(to_latex, row) for row in side) for side in sides)
    return f"{matrix}{unknowns} = {right}"


def _eigen(teller: Teller, joint: Joint, left: Remaining) -> Iterator[Block]:
    """Yield the equations, and the eigen-equation to which they come."""
    lead = teller.say("stationary lead: point")
    equation = Display((f"{to_latex(left.left)} = {to_latex(left.right)}",), result=True)
    kind = reason("eigen: equation" if left.is_plain else "eigen: generalised")
    if joint.equations:
        yield Prose(_opening(teller, joint), lead=lead)
        yield Display(tuple(f"{to_latex(a)} = {to_latex(b)}" for a, b in joint.equations))
        for move in joint.moves:
            if isinstance(move, Move):
                yield from _move(teller, joint, move)
        yield Prose(teller.say("eigen: inserted" if joint.moves else "eigen: first", kind=kind))
    else:
        yield Prose(teller.say("eigen: at once", kind=kind), lead=lead)
    yield equation
    named = left.name is not None and left.value is not None
    where = teller.say("eigen: with", equation=f"${left.name} = {left.value}$") if named else ""
    verdict = "" if joint.verdict is None else joint.verdict.says(teller.language)
    direction = "" if left.direction is None else left.direction.says(teller.language)
    yield from _remarked(teller, _provided(teller, left.conditions), where, verdict, direction)


def _opening(teller: Teller, joint: Joint) -> str:
    if joint.lagrangian is None:
        return teller.say("zeros")
    equation = rf"$\mathcal{{L}} = {to_latex(joint.lagrangian)}$"
    return teller.say("lagrangian", equation=equation, several=len(joint.multipliers))


def _move(teller: Teller, joint: Joint, move: Move) -> Iterator[Block]:
    equation = "" if move.zero.left is move.unknown else f"{to_latex(move.zero.left)} = {to_latex(move.zero.right)}"
    yield Prose(_said(teller, joint, move.equation, move.zero.multiplied, equation, move.inserted))
    yield Display((_equal(move.unknown, move.zero.solution),))


def _said(teller: Teller, joint: Joint, number: int, multiplied: Reasons, equation: str, inserted: bool) -> str:
    """Return from which equation the next unknown follows, and what that has become, "" where that says it."""
    place = reason("equation: numbered", number=number + 1) if len(joint.equations) > 1 else reason("equation: only")
    words: dict[str, Argument] = {"multiplied": multiplied, "place": place}
    how = "inserted" if inserted else "by equation"
    if not equation:
        return teller.say(f"move: {how} at once", **words)
    return teller.say(f"move: {how}", **words, equation=f"${equation}$")


def _pair(teller: Teller, joint: Joint, move: Pair) -> Iterator[Block]:
    """Yield two linear equations in two numbers, and by which rule they are solved."""
    yield Prose(teller.say("pair inserted" if move.inserted else "pair ordered"))
    yield Display(tuple(f"{to_latex(left)} = {to_latex(right)}" for left, right in move.rows))
    yield Prose(teller.say("pair"))
    yield Display(tuple(map(_equal, move.unknowns, move.values)), result=len(joint.moves) == 1)
