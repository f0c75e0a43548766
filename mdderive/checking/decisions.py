"""Whether two values are the same at random points over a prime field, of at least two assignments of sizes.

What is the same at all of them is the same but for a probability that is told; what is not differs where all of it is
rational. Else an atom may lack a relation that functions of real numbers have, and others have to decide.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Literal, NamedTuple

from ..algebra.numbers import Jet, RedrawError, UndecidedError
from .field import MANY, Field
from .spots import Granted, Motion, Spot, Spots, Spotting

Status = Literal["true", "false", "undecided"]
ASSIGNED = 2
"""At how many assignments of sizes a line must hold."""
SURE = -80.0
"""The logarithm (base 2) of the probability at which these are enough."""
MOST_ASSIGNED = 4
MOST_SIGNS = 5
"""Of how many independent signs all patterns are met."""
POINTS_OF_SIGNS = 12
"""At how many points for each pattern that is tried."""
REDRAWN = 80
"""How often a point is drawn anew, at which a root is of no square."""
FEW_REDRAWN = 8
"""After how many such points the roots are counted."""
MOST_ROOTS = 10
"""How many roots that have nothing to do with each other a line may have; they exist at one of 2^10 points."""
SURVEYS = 12
"""How many more points than roots are looked at, to see that no root has a value without a root."""
SMALL = 60
"""How large the parts of a rational number may be whose root is told from that of others."""
LOOSE = frozenset(("binary", "one-hot"))
"""Properties with many kinds of values, which a line hardly ever needs."""


class Verdict(NamedTuple):
    """What exact arithmetic says of a line: `bound` is the logarithm (base 2) of the probability that it is wrong."""

    status: Status
    bound: float = 0.0
    points: int = 0
    sizes: tuple[Mapping[str, int], ...] = ()
    why: str = ""
    differs: bool = False
    """Whether it differs over the field, where an atom or a root may lack a relation."""


UNDECIDED = Verdict("undecided")

Comparison = Callable[[Field, Field], tuple[Jet, Jet]]
"""(point at rest, the same point with letters that move) -> what is printed there, and what is true."""


class Placement:
    """How a point is drawn, the attempt at which the last one could be, and the lines whose roots are looked at.

    It has the points so far, by the attempt and by how roots are looked at.
    """

    __slots__ = ("attempt", "drawn", "spotting", "surveyed")

    def __init__(self, spotting: Spotting) -> None:
        """Set how points are drawn; none is yet."""
        self.spotting = spotting
        self.attempt = 0
        self.surveyed: list[Comparison] = []
        self.drawn: dict[tuple[int, str], Spot] = {}


class Decisions:
    """What is decided at the points of a function."""

    def __init__(self, spots: Spots) -> None:
        """Set the points; no line was met yet."""
        self.spots = spots
        self._served: Granted | None = None  # what was granted for the last line that holds
        self._known: dict[tuple[Motion, Granted], list[tuple[Placement, ...]]] = {}
        """The places of the kinds of values, at each assignment of sizes so far."""
        self._has_signs = False  # whether a line was met that is not decided where signs are atoms

    def decide(self, compare: Comparison, motion: Motion) -> Verdict:
        """Return whether what is printed is what is true, at all points that there must be."""
        found = UNDECIDED
        for granted in self._grants():
            found = self._judged(compare, motion, granted)
            if found.status == "true":
                self._served = granted
            if found.status == "true" or (found.status == "false" and not granted.ignored):
                break
        return found

    def _grants(self) -> Iterator[Granted]:
        """Yield what may be granted, first what served the line before; last signs, where one was met on the way."""
        found = self._all_grants
        if self._served is not None and self._served is not found[0]:
            found = list(dict.fromkeys([self._served, *found]))
        yield from found
        if self._has_signs:
            signed = (x._replace(signed=True) for x in self._all_grants if not x.split)
            yield from (x for x in signed if x not in found)

    @cached_property
    def _all_grants(self) -> list[Granted]:
        """What may be granted; what holds of letters with fewer properties holds of theirs."""
        loose, strict = LOOSE & self.spots.properties, frozenset[str]()
        ignored = list(dict.fromkeys((loose, strict)))
        found = [Granted(x) for x in ignored]
        if self.spots.has_logarithms:
            found += [Granted(x, split=True) for x in ignored]
        return found

    def _places(self, motion: Motion, granted: Granted) -> Iterator[tuple[Placement, ...]]:
        """Yield the places of all kinds of values, for one assignment of sizes after the other.

        Raises:
            UndecidedError: there are too many kinds.
        """
        known = self._known.setdefault((motion, granted), [])
        for assignment in range(len(MANY)):
            if assignment == len(known):
                kinds = range(self.spots.kinds(assignment, granted))
                known.append(tuple(Placement(Spotting(motion, assignment, kind, granted)) for kind in kinds))
            yield known[assignment]

    def _spot(self, place: Placement, attempt: int, how: str = "") -> Spot:
        """Return a point; see `Spots.spot`."""
        key = attempt, how
        if key not in place.drawn:
            place.drawn[key] = self.spots.spot(place.spotting, attempt, how)
        return place.drawn[key]

    def _judged(self, compare: Comparison, motion: Motion, granted: Granted) -> Verdict:
        held: list[Mapping[str, int]] = []
        bound, points = 0.0, 0
        try:
            for places in self._places(motion, granted):
                bounds = []
                for place in places:
                    found = (self._at_all_signs if granted.signed else self._at)(compare, place)
                    if isinstance(found, Verdict):
                        return found
                    if found is not None:
                        bounds.append(found)
                if bounds:
                    held.append(self._sizes(places[0]))
                    bound, points = bound + max(bounds), points + len(bounds)
                if len(held) >= ASSIGNED and (bound < SURE or len(held) == MOST_ASSIGNED):
                    return Verdict("true", bound, points, tuple(held))
        except UndecidedError as error:
            return Verdict("undecided", why=str(error))
        return Verdict("undecided", why="too few points at which it is defined")

    def _at(self, compare: Comparison, place: Placement) -> float | Verdict | None:
        """Return the bound at one point where a line holds, a verdict where it does not, None where there is no point.

        Raises:
            UndecidedError: there is no exact value, or a root may have a value without a root.
        """
        for attempt in range(place.attempt, place.attempt + REDRAWN):
            try:
                return self._compared(compare, place, attempt)
            except RedrawError as error:
                if not error.elsewhere:
                    return None
            if attempt == place.attempt + FEW_REDRAWN:
                self._check_roots(compare, place)
        return None

    def _check_roots(self, compare: Comparison, place: Placement) -> None:
        """Do nothing if the numbers under all roots may be squares at once; of many, one hardly ever is none.

        Raises:
            UndecidedError: they are too many.
        """
        spot = self._spot(place, 0, "surveying")
        with suppress(RedrawError):
            compare(spot.still, spot.mover)
            if len(set(_columns(spot.radicands, spot.still).values())) > MOST_ROOTS:
                raise UndecidedError("too many roots")

    def _at_all_signs(self, compare: Comparison, place: Placement) -> float | Verdict | None:
        """Return the bound at points at which the numbers whose signs matter have all patterns of signs; see `_at`.

        Raises:
            UndecidedError: not all patterns are met.
        """
        patterns: set[tuple[int, ...]] = set()
        worst, attempt, most = -math.inf, 0, REDRAWN
        while attempt < most:
            with suppress(RedrawError):
                found = self._compared(compare, place, attempt, surveyed=bool(patterns))
                if isinstance(found, Verdict):
                    return found
                pattern = _signs(self._spot(place, attempt))
                patterns.add(pattern)
                worst, most = max(worst, found), POINTS_OF_SIGNS << len(pattern)
                if len(pattern) > MOST_SIGNS:
                    break
                if len(patterns) == 1 << len(pattern):
                    return worst + len(pattern)
            attempt += 1
        raise UndecidedError("signs that depend on each other, or too many")

    def _compared(
        self, compare: Comparison, place: Placement, attempt: int, *, surveyed: bool = False
    ) -> float | Verdict:
        """Return the bound at one point if a line holds there, else a verdict.

        Raises:
            RedrawError: there is no value at this point.
            UndecidedError: there is no exact value, or a root may have a value without a root.
        """
        spot = self._spot(place, attempt)
        printed, truth = compare(spot.still, spot.mover)
        place.attempt = attempt
        if printed.value != truth.value:
            if printed.size != truth.size:
                return Verdict("false", sizes=(self._sizes(place),), why="it has another shape")
            self._has_signs = self._has_signs or "sign" in spot.used
            if spot.used and self._hangs_on_atoms(compare, place, (printed, truth)):
                return Verdict("undecided", why="an atom lacks a relation", differs=True)
            if self.spots.has_stand_ins:  # a number in the line may be one of the sizes
                return Verdict("undecided", why="it differs at small sizes")
            return Verdict("false", sizes=(self._sizes(place),), why="it differs")
        if not (surveyed or spot.still.rooted <= spot.independent):
            self._survey(compare, place)
            spot.independent |= spot.still.rooted
        return _bound(spot, printed, truth)

    def _hangs_on_atoms(self, compare: Comparison, place: Placement, found: tuple[Jet, Jet]) -> bool:
        """Whether what was `found` hangs on atoms and roots, seen at the same point with other ones."""
        other = self._spot(place, place.attempt, "blind")
        try:
            again = compare(other.still, other.mover)
        except (RedrawError, UndecidedError):
            return True
        return [x.value for x in again] != [x.value for x in found]

    def _survey(self, compare: Comparison, place: Placement) -> None:
        """Do nothing if no product of the numbers under roots is a square of a rational function.

        Then a root is as good as a letter whose square is known. Seen from points at which each product is no square.

        Raises:
            UndecidedError: it may be.
        """
        place.surveyed.append(compare)
        columns: dict[object, int] = {}
        basis: dict[int, int] = {}
        for attempt in range(SURVEYS + 2 * len(self._radicands(place, 0))):
            found, at = self._radicands(place, attempt), self._spot(place, attempt, "surveying").still
            columns = columns or _columns(found, at)
            row = 0
            for key, x in found.items():
                row |= (not at.is_square(x)) << columns[key]
            while row and row.bit_length() in basis:
                row ^= basis[row.bit_length()]
            if row:
                basis[row.bit_length()] = row
            if len(basis) == len(set(columns.values())):
                return
        raise UndecidedError("a root of a square")

    def _radicands(self, place: Placement, attempt: int) -> dict[object, int]:
        """Return the numbers under the roots of all lines so far, by their places, at a point where none is taken.

        Raises:
            UndecidedError: a line has no value there.
        """
        spot = self._spot(place, attempt, "surveying")
        for compare in place.surveyed[spot.surveyed :]:
            try:
                compare(spot.still, spot.mover)
            except RedrawError:
                raise UndecidedError("a root at a singular point") from None
        spot.surveyed = len(place.surveyed)
        return spot.radicands

    def _sizes(self, place: Placement) -> Mapping[str, int]:
        return self._spot(place, place.attempt).sizes


def _signs(spot: Spot) -> tuple[int, ...]:
    """Return the signs that matter at a point: those of numbers that are no small multiples of others, or of 1."""
    at, found = spot.still, {1: 1}
    for x, sign in spot.signs.items():
        ratios = [x * at.inverse_of(y) % at.prime for y in found]
        if not any(_is_small_ratio(r, at.prime) or _is_small_ratio(-r, at.prime) for r in ratios):
            found[x] = sign
    return tuple(found.values())[1:]


def _columns(numbers: Mapping[object, int], at: Field) -> dict[object, int]:
    """Return a column for each number, the same where their quotient is a small rational number."""
    columns: dict[object, int] = {}
    first: list[int] = []
    for place, x in numbers.items():
        same = (k for k, y in enumerate(first) if _is_small_ratio(x * at.inverse_of(y) % at.prime, at.prime))
        columns[place] = k = next(same, len(first))
        if k == len(first):
            first.append(x)
    return columns


def _is_small_ratio(ratio: int, prime: int) -> bool:
    return any(ratio * below % prime <= SMALL for below in range(1, SMALL))


def _bound(spot: Spot, printed: Jet, truth: Jet) -> float:
    """Return the logarithm of the probability that two values agree at a random point though they differ.

    Each root doubles the degree, and asks for one point in two; arguments of atoms may be equal by chance.
    """
    at = spot.still
    degree, atoms = max(1, printed.degree.plus(truth.degree).above), len(at.atoms)
    return math.log2(degree * (1 + atoms * atoms)) + 2 * len(at.rooted) - math.log2(at.prime)
