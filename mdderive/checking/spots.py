"""Random points over a prime field at which lines are decided: of several sizes and kinds of values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import cycle, islice
from typing import NamedTuple

from ..algebra.expressions import Apply, Expr, Symbol, walk
from ..algebra.families import families_of, spare_indices
from ..algebra.numbers import PRIMES, UndecidedError
from ..algebra.properties import BY_NAME
from ..algebra.terms import index_of
from .field import FEW, MANY, Field
from .stand_ins import LARGEST_KEPT, Dimensions, dimensions_of

KINDS = 40
"""How many kinds of values letters may have (the places of a 1, the signs of a determinant), for all to be tried."""
PERIODS = (3, 4)
"""After how many members families recur, at the sizes of one assignment and of the next."""


class Motion(NamedTuple):
    """Which letters move, each along the directions of its bits, and which of these a differential means."""

    moving: tuple[tuple[Symbol, int], ...]
    along: int
    crossed: bool = False


class Granted(NamedTuple):
    """What is taken for granted of all points: properties that letters need not have, how logarithms and signs are."""

    ignored: frozenset[str] = frozenset()
    split: bool = False
    signed: bool = False


class Spotting(NamedTuple):
    """How a point is drawn: what moves there, the assignment of sizes, the kind of values, what is granted."""

    motion: Motion
    assignment: int
    kind: int
    granted: Granted


class Spot:
    """A random point: at rest, and with letters that move; and the roots that are known to be independent there.

    What either met of functions, atoms and roots is kept by both. The roots of the first `surveyed` lines were looked
    at.
    """

    __slots__ = ("_told", "_told_of", "independent", "mover", "still", "surveyed")

    def __init__(self, still: Field, mover: Field) -> None:
        """Set the point; no line was seen there yet."""
        self.still, self.mover = still, mover
        self.independent: set[int] = set()
        self.surveyed = 0
        self._told: dict[str, int] = {}
        self._told_of = 0

    @property
    def used(self) -> set[str]:
        """The functions whose values are not rational."""
        return self.still.used - {"pi"}

    @property
    def sizes(self) -> Mapping[str, int]:
        """The sizes by which a reader knows the point."""
        if len(self.still.sizes) != self._told_of:
            self._told_of = len(self.still.sizes)
            self._told = {x: size for x, size in self.still.sizes.items() if not x.startswith("values of ")}
        return self._told

    @property
    def radicands(self) -> dict[object, int]:
        """What roots were taken of, by their places."""
        return {**self.mover.radicands, **self.still.radicands}

    @property
    def signs(self) -> dict[int, int]:
        """The signs that were asked for, by the numbers."""
        return self.still.signs


class Spots:
    """A function, the names in it with their definitions, and the points that were drawn for it.

    Large sizes written as numbers have small stand-ins that occur in nothing `claimed`, unless the `actual` are wanted.
    Where `members` move, all letters of a family are its members: x_i and x_j of one x.
    """

    def __init__(
        self,
        f: Expr,
        definitions: Mapping[Symbol, Expr],
        claimed: tuple[Expr, ...] = (),
        actual: bool = False,
        members: tuple[Symbol, ...] = (),
    ) -> None:
        """Set what is given."""
        self.f, self.definitions = f, definitions
        self.claimed, self.actual, self.members = claimed, actual, members
        self._kinds: dict[tuple[int, frozenset[str]], int] = {}
        self._assigned: dict[int, Mapping[str, int]] = {}

    @cached_property
    def bodies(self) -> dict[Symbol, Expr]:
        """The definitions by their letters, free or at rest; names that are found later are added."""
        return {y: body for x, body in self.definitions.items() for y in (x, x.at_rest)}

    def spot(self, place: Spotting, attempt: int, how: str = "") -> Spot:
        """Return a new point; `how` is "surveying" or "blind" where roots are not taken, see `Numbers`."""
        seed = attempt + 1000 * place.kind + 1_000_000 * place.assignment
        mover = Field(
            PRIMES[(place.assignment + place.kind + attempt) % len(PRIMES)],
            seed + (how == "blind"),
            surveying=how == "surveying",
            blind=how == "blind",
            crossed=place.motion.crossed,
            sizes=self._sizes(place.assignment),
            component=place.kind,
            seed=seed,
            ignored=place.granted.ignored,
            split=place.granted.split,
            signed=place.granted.signed,
            moving=dict(place.motion.moving),
            along=place.motion.along,
            definitions=self.bodies,
            families=self._families,
            alike=self.alike,
            period=PERIODS[place.assignment % len(PERIODS)] if self._recurs else 0,
        )
        for letter in self._single:
            mover(letter)  # with what is declared of it in f
        return Spot(mover.changed(moving={}, crossed=False, mover=mover, radicands={}, roots_at={}), mover)

    @cached_property
    def _recurs(self) -> bool:
        """Whether members recur: some sum is long, no index is a number, and each family is summed over one range."""
        nodes = [x for root in (self.f, *self.definitions.values(), *self.claimed) for x in walk(root)]
        indices = [index_of(x) for x in nodes if isinstance(x, Apply) and x.operator.binds_index]
        letters = [x for x in nodes if isinstance(x, Symbol) and x.index]
        over: dict[tuple[str, int], set[tuple[str, str]]] = {}
        for symbol in letters:
            for place, name in enumerate(symbol.index):
                ranges = [(x.lower, x.upper) for x in indices if x.name == name]
                over.setdefault((symbol.family, place), set()).update(ranges)
        long = any(x.upper.isdigit() and int(x.upper) > LARGEST_KEPT for x in indices)
        return long and all(x.index != (x.latex,) for x in letters) and all(len(x) < 2 for x in over.values())

    @cached_property
    def _families(self) -> frozenset[str]:
        return families_of([self.f, *self.definitions.values()], self.members, self.claimed)

    def kinds(self, assignment: int, granted: Granted) -> int:
        """Return how many kinds of values letters have at an assignment of sizes.

        Raises:
            UndecidedError: they are too many.
        """
        key = assignment, granted.ignored
        if key not in self._kinds:
            self._kinds[key] = self._counted(assignment, granted)
        if self._kinds[key] > KINDS:
            raise UndecidedError("letters with too many kinds of values")
        return self._kinds[key]

    def _counted(self, assignment: int, granted: Granted) -> int:
        if self.properties <= granted.ignored:
            return 1
        at = Field(PRIMES[0], sizes=self._sizes(assignment))
        count = 1
        for symbol in self._letters:
            if not symbol.properties:
                continue
            rows, columns = map(at.size, symbol.shape)
            for word in symbol.properties - granted.ignored:
                row = BY_NAME.get(word)
                count = max(count, 1 if row is None else row.components(rows * columns))
        return count

    @cached_property
    def properties(self) -> frozenset[str]:
        """The properties that letters have."""
        return frozenset(word for x in self._letters for word in x.properties)

    @cached_property
    def has_logarithms(self) -> bool:
        """Whether there are any."""
        return any(isinstance(x, Apply) and x.operator.splits for x in self._nodes)

    @cached_property
    def _nodes(self) -> tuple[Expr, ...]:
        return tuple(dict.fromkeys(x for root in (self.f, *self.definitions.values()) for x in walk(root)))

    @property
    def _sums(self) -> list[Apply]:
        return [x for x in self._nodes if isinstance(x, Apply) and x.operator.binds_index]

    @cached_property
    def _letters(self) -> tuple[Symbol, ...]:
        return tuple([x for x in self._nodes if isinstance(x, Symbol)])

    @cached_property
    def _single(self) -> tuple[Symbol, ...]:
        return tuple([x for x in self._letters if not x.index and x not in self.bodies])

    @property
    def has_stand_ins(self) -> bool:
        """Whether a size that is written as a number has one."""
        return bool(self._dimensions.numbers)

    @cached_property
    def _dimensions(self) -> Dimensions:
        """The sizes, in their order: a letter that is one of them has its value."""
        counted = [x for x in map(index_of, self._sums) if x.extent is None]
        return dimensions_of(self._nodes, [*dict.fromkeys(counted)], self.claimed, actual=self.actual)

    @cached_property
    def alike(self) -> dict[str, str]:
        """The indices that take the same values as another, since members of one family have them."""
        if not self.members:
            return {}
        spares = spare_indices([self.f, *self.definitions.values()], self.members)
        found = {spare.name: name for name, spare in spares.items()}

        def first(name: str) -> str:
            while name in found:
                name = found[name]
            return name

        firsts: dict[tuple[str, int], str] = {}
        for symbol in (x for x in (*self._letters, *self.members) if x.index and x.index != (x.latex,)):
            for place, name in enumerate(symbol.index):
                one, other = first(firsts.setdefault((symbol.family, place), name)), first(name)
                found.update({other: one} if one != other else {})
        return {name: first(name) for name in found}

    def _sizes(self, assignment: int) -> dict[str, int]:
        """Return the sizes of an assignment, to which a point adds those that are met later."""
        if assignment not in self._assigned:
            self._assigned[assignment] = self._sizes_of(assignment)
        return dict(self._assigned[assignment])

    def _sizes_of(self, assignment: int) -> dict[str, int]:
        letters = self._dimensions.letters
        pool = (FEW if len(letters) <= len(FEW[0]) else MANY)[assignment]
        counts = [x.latex for x in self._letters if "integer" in x.properties and x.index != (x.latex,)]
        counts = [x for x in dict.fromkeys(counts) if x not in letters]
        numbers = [*islice(cycle(pool), len(letters) + len(counts))]
        sizes = self._dimensions.with_sizes(numbers[: len(letters)])
        return sizes | dict(zip(counts, numbers[len(letters) :], strict=True))
