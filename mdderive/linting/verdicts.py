"""The verdict on a claim: every reading tried before it is called false."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Literal, NamedTuple

from ..algebra.expressions import ONE, forget_marker
from ..effort import bounded
from ..errors import DeriveError, UnsupportedError
from ..latex.names import name_of, undressed
from ..question.question import Question
from .components import LENGTH, base_of, free_indices
from .judgement import MANY_LAYOUTS, column_letters, has_many_layouts, outcome, question_of, square_letters
from .kinds import UnknownError, other_kinds, usual_functions
from .readings import OTHER_DEFINITION, Assertion, Resolver
from .surroundings import is_decimal, letters_of
from .worlds import Outcome, World

Verdict = Literal["true", "true in the other layout", "true only if", "shapes do not fit", "false", "not judged"]

WRONG: tuple[Verdict, ...] = ("shapes do not fit", "false")
_HELD = ("own", "turned")
MOST_FURTHER = 5
"""How many of the less usual readings are tried beside each."""
MOST_CONDITIONED = 3
"""In how many of the less usual readings a claim is tried under a condition."""
MOST_FAILING = 3
"""In how many readings a slip is looked for."""
_UNREAD = ("E203", "E204", "E205", "E307")
"""What other readings of the letters may mend."""


class Slip(NamedTuple):
    """What to write in a claim for what stands there, both as the author would; `old` is "" where it is a factor."""

    new: str
    old: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict.

    `condition` is what "true only if" asks, "A is symmetric", and `clauses` say it; `words` are the reason or the
    refuting numbers; `world` is the reading in which it was found, `outcome` how it fared there; `claimed` is what
    was compared. Of one that fails, `failing` are the readings in which it does so for certain, whatever is in doubt
    besides, and `slip` is an edit that makes it right.
    """

    verdict: Verdict
    words: str = ""
    condition: str = ""
    world: World | None = None
    clauses: tuple[str, ...] = ()
    outcome: Outcome | None = None
    claimed: str = ""
    failing: tuple[World, ...] = ()
    slip: Slip | None = None


def judged(assertion: Assertion, resolver: Resolver) -> Judged:
    """Return the verdict on a claim; one that takes more work than a marker may is not judged."""
    forget_marker()
    try:
        with bounded():
            return replace(_judged(assertion, resolver), claimed=assertion.claimed)
    except UnsupportedError as error:
        if error.code != "E310":
            raise
        return Judged("not judged", error.message)


def _judged(assertion: Assertion, resolver: Resolver) -> Judged:
    try:
        worlds = resolver.worlds(assertion)
    except UnknownError as error:
        return Judged("not judged", str(error))
    usual = [world for world in worlds if not world.spare and not world.doubt]
    tried = [(world, outcome(world, assertion.claimed)) for world in usual[:1]]
    if not tried or tried[0][1].status != "own":
        tried += [(world, outcome(world, assertion.claimed)) for world in usual[1:]]
    if all(found.status == "refused" for _, found in tried):
        tried += [(world, outcome(world, assertion.claimed)) for world in worlds if world.spare and not world.doubt]
    held = _held(tried)
    if held:
        return _perhaps_symmetric(held, assertion.claimed)
    further = _further(tried, assertion.claimed)
    held = _held(further)
    if held:
        return _perhaps_symmetric(held, assertion.claimed)
    held = _with_indices_apart(tried, assertion)
    if held:
        return held
    for world, found in (*tried, *further):
        if found.status in _HELD and world.reliable:
            numbers = " and ".join(_made_numbers(world, found))
            words = f"they fit only if {numbers} is a number"
            return Judged("shapes do not fit", words, world=world, outcome=found, failing=(world,))
    if found_in_doubt := _held_in_doubt(worlds, assertion.claimed, [x for _, x in (*tried, *further)]):
        return found_in_doubt
    some = [*tried, *further[:MOST_CONDITIONED]]
    return _under_a_condition(some, assertion.claimed) or _against(tried, further)


def _held_in_doubt(worlds: Sequence[World], claimed: str, others: Sequence[Outcome]) -> Judged | None:
    """Return the verdict on a claim that holds in a world that is in doubt, None if it holds in none.

    Where no other can be read, one with an earlier definition counts: the nearest says the same in words that are not
    read. One at the numbers of an example does not.
    """
    refused = all(found.status == "refused" for found in others)
    doubt = ""
    for world in worlds:
        if not world.doubt or (found := outcome(world, claimed)).status not in _HELD:
            continue
        at_numbers = any(is_decimal(x.partition(" := ")[2]) for x in world.where)
        if refused and world.doubt == OTHER_DEFINITION and not at_numbers and (held := _held([(world, found)])):
            return held
        doubt = doubt or world.doubt
        if not refused:
            break
    return Judged("not judged", doubt) if doubt else None


def _held(tried: Iterable[tuple[World, Outcome]]) -> Judged | None:
    """Return the verdict on a claim that holds in one of the worlds, None if it holds in none."""
    turned: Judged | None = None
    for world, found in tried:
        if found.status in _HELD and _made_numbers(world, found):
            continue
        if found.status == "own":
            return Judged("true", world=world, outcome=found)
        if found.status == "turned" and turned is None:
            turned = Judged("true in the other layout", world=world, outcome=found)
    return turned


def _made_numbers(world: World, found: Outcome) -> list[str]:
    """Return the capitals that a claim makes numbers, which in the function alone are matrices."""
    if found.question is None or world.indices is not None:
        return []
    numbers = [x.latex for x in found.question.symbols.values() if x.is_scalar and name_of(x.latex).is_capital]
    if not numbers:
        return []
    try:
        alone = question_of(world).symbols
    except DeriveError:
        return []
    return [x for x in numbers if x in alone and not alone[x].is_scalar]


def _perhaps_symmetric(held: Judged, claimed: str) -> Judged:
    """Return the verdict; the other layout with the clause by which the claim is in the first one, if there is one."""
    question = held.outcome.question if held.outcome else None
    if held.verdict == "true" or held.world is None or question is None or not question.f.is_scalar:
        return held
    variable = question.variables[0]
    if variable.is_scalar or not variable.is_square:
        return held
    clause = f"{variable.latex}: symmetric"
    found = outcome(replace(held.world, context=(*held.world.context, clause)), claimed)
    return replace(held, clauses=(clause,)) if found.status == "own" else held


def _further(tried: list[tuple[World, Outcome]], claimed: str) -> list[tuple[World, Outcome]]:
    """Return how the claim fares in the less usual readings of the letters, up to one in which it holds.

    Where the usual reading is a scalar, one in which the function is none does not count.
    """
    found: list[tuple[World, Outcome]] = []
    seen = {world for world, _ in tried}
    for world, first in [x for x in tried[:3] if not x[0].spare]:
        doubtful = first.status in ("false", "shapes", "unclear") or first.code in _UNREAD
        scalar = first.question is not None and first.question.f.is_scalar
        others = chain(usual_functions(world, claimed), other_kinds(world, claimed, not scalar))
        for other in islice(others, MOST_FURTHER if doubtful else 0):
            if other in seen:
                continue
            seen.add(other)
            result = outcome(other, claimed)
            if scalar and result.question is not None and not result.question.f.is_scalar:
                continue
            found.append((other, result))
            if result.status in _HELD and not _made_numbers(other, result):
                return found
    return found


def _with_indices_apart(tried: Sequence[tuple[World, Outcome]], assertion: Assertion) -> Judged | None:
    """Return the verdict on a claim in components that holds where its indices are different, or where they are equal.

    It is true where the text beside it says so.
    """
    for world, found in tried:
        if found.status != "false" or len(world.indices or ()) != 2:
            continue
        for apart in (True, False):
            result = outcome(replace(world, apart=apart), assertion.claimed)
            if result.status in _HELD:
                one, other = world.indices or ("", "")
                if assertion.compares(one, other, apart):
                    return Judged("true", world=replace(world, apart=apart), outcome=result)
                if not apart:
                    continue
                condition = f"{one} and {other} are different"
                return Judged("true only if", condition=condition, world=world, outcome=found)
    return None


def _under_a_condition(tried: list[tuple[World, Outcome]], claimed: str) -> Judged | None:
    """Return "true only if" where a property makes a claim true that is false without it."""
    for world, found in tried:
        if found.status not in ("false", "unclear") or found.question is None:
            continue
        for clauses in conditions_of(found.question) if found.status == "false" else ():
            bound = replace(world, context=(*world.context, *clauses))
            if outcome(bound, claimed).status in _HELD:
                least = _least(world, clauses, claimed)
                words = " and ".join(_condition(world, x) for x in least)
                return Judged("true only if", condition=words, world=world, clauses=least, outcome=found)
        for base, bound in summing_to_one(world, claimed):
            if outcome(bound, claimed).status in _HELD:
                words, clauses = f"the entries of {base} are probabilities", (f"{base}: probability",)
                return Judged("true only if", condition=words, world=world, clauses=clauses, outcome=found)
    return None


def summing_to_one(world: World, claimed: str) -> Iterator[tuple[str, World]]:
    """Yield the letters whose entries a claim in components speaks of, each with the reading in which they sum to 1."""
    letters = {base_of(x): x for x in (*letters_of(world.f), *letters_of(claimed)) if len(free_indices(x)) == 1}
    defined = {base_of(x.partition(":=")[0].strip()) for x in world.where}
    known = {undressed(base_of(x)) for x in (world.variable, world.other, *defined) if x}
    for base, letter in letters.items() if world.indices is not None else ():
        if undressed(base) in known:
            continue
        names = [str(name_of(letter).with_index(free_indices(letter)[0], str(k + 1))) for k in range(LENGTH)]
        yield base, replace(world, where=(*world.where, f"{names[-1]} := 1 - {' - '.join(names[:-1])}"))


def conditions_of(question: Question) -> Iterator[tuple[str, ...]]:
    """Yield for each property the clauses that all letters have it that may."""
    oblong = [x.latex for x in question.symbols.values() if ONE not in x.shape and not x.is_square and not x.index]
    if oblong:
        yield tuple(f"{name}: invertible" for name in oblong)
    squares = [x.latex for x in square_letters(question) if not x.properties & {"symmetric", "SPD"}]
    if squares:
        yield tuple(f"{name}: symmetric" for name in squares)
        yield tuple(f"{name}: SPD" for name in squares)
    columns = [x.latex for x in column_letters(question) if x not in question.variables and not x.properties]
    if columns:
        yield tuple(f"{name}: probability" for name in columns)


def _condition(world: World, clause: str) -> str:
    """Return a condition in words; that a letter must be square is said where the function alone does not ask it."""
    name, _, word = clause.partition(": ")
    if word == "probability":
        return f"the entries of {name} are probabilities"
    if word == "invertible":
        return f"{name} is square"
    word = "symmetric positive definite" if word == "SPD" else word
    try:
        square = {x.latex for x in square_letters(question_of(world))}
    except DeriveError:  # only the claim says of which kind its letters are
        square = {name}
    return f"{name} is {word}" if name in square else f"{name} is square and {word}"


def _least(world: World, clauses: tuple[str, ...], claimed: str) -> tuple[str, ...]:
    """Return the clauses without those that are not needed."""
    needed = list(clauses)
    for clause in clauses:
        fewer = [x for x in needed if x != clause]
        if fewer and outcome(replace(world, context=(*world.context, *fewer)), claimed).status in _HELD:
            needed = fewer
    return tuple(needed)


def _against(tried: list[tuple[World, Outcome]], further: list[tuple[World, Outcome]]) -> Judged:
    """Return the verdict on a claim that holds nowhere: false only if nothing is left in doubt."""
    doubts = [x for _, x in (*tried, *further) if x.status == "unclear"]
    if any(x.status in ("false", "shapes") for _, x in tried):  # as a table of another kind it would be odd
        doubts = [x for x in doubts if x.words != MANY_LAYOUTS or x in [y for _, y in tried]]
    scalar = [x for _, x in further if x.status == "false" and x.question is not None and x.question.f.is_scalar]
    if scalar and all(x.words == MANY_LAYOUTS for _, x in tried if x.status != "refused"):  # no table has its size
        doubts = [x for x in doubts if x.words != MANY_LAYOUTS]
        tried = [(world, replace(x, status="refused")) for world, x in tried]
    doubt = next(iter(doubts), None)
    if any(x.status != "refused" for _, x in tried):
        surely = [(world, x) for world, x in tried if world.reliable and x.status in ("false", "shapes")]
    else:
        surely = [(world, x) for world, x in further if world.reliable and x.status == "false"]
    if doubt is not None or not surely:
        against = any(x.status in ("false", "shapes") for _, x in tried)
        words = "several definitions may be meant" if against else next((x.words for _, x in tried if x.words), "")
        first, found = tried[0]
        fails = first.reliable and (found.status in ("false", "shapes", "unclear") or found.code == "E203")
        fails = fails and not has_many_layouts(first)  # there a transpose may be no slip
        words = doubt.words if doubt is not None else words or "it cannot be read"
        return Judged("not judged", words, failing=(first,) if fails else ())
    world, found = next((x for x in surely if x[1].status == "false"), surely[0])
    verdict: Verdict = "false" if found.status == "false" else "shapes do not fit"
    alike = tuple(x for x, y in surely if y.status == found.status and x != world)[: MOST_FAILING - 1]
    return Judged(verdict, found.words, world=world, outcome=found, failing=(world, *alike))
