"""Claims judged before: one is judged again only if something that was asked of the page would be answered otherwise.

While a claim is judged, a `Listener` stands for the page and writes down what is asked of it, and the answers. As long
as all answers are the same but for places that have moved, none past another or past a bound, so is the verdict.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

from ..algebra.expressions import remembered
from .definitions import PageDefinition, Remark
from .readings import FAR, SAME_PARAGRAPH
from .surroundings import NEAR, Surroundings
from .verdicts import Judged

MOST = 1024
"""How many claims are kept."""
MOST_ALIKE = 12
"""How many verdicts are kept of claims in the same words, which may stand in several places of a page."""
BOUNDS = (SAME_PARAGRAPH, NEAR, FAR)
"""The distances from a claim at which what is said counts otherwise; else only the order of places counts."""
_COUNTS = frozenset({"section"})
"""The questions whose answers are numbers and no places."""


class Heard(NamedTuple):
    """A question about a page and its answer."""

    question: str
    arguments: tuple[Any, ...]
    answer: Any


class Known(NamedTuple):
    """A verdict, the answers that led to it, and where the claim stood."""

    asked: tuple[Heard, ...]
    judged: Judged
    upstream: Any
    origin: int


def recalled(
    key: Hashable, origin: int, page: Surroundings, judge: Callable[[Surroundings], tuple[Judged, Any]]
) -> tuple[Judged, Any]:
    """Return the verdict on a claim that stands at `origin` of a page, as `judge` gives it or gave it before.

    `key` holds all that the verdict follows from but for the page.
    """
    kept = _kept(key)
    for known in sorted(kept, key=lambda x: abs(x.origin - origin)) if len(kept) > 1 else kept:
        moves = Moves(known.origin, origin)
        if moves.explain(known.asked, page):
            return moves.of(known.judged), known.upstream
    listener = Listener(page)
    judged, upstream = judge(listener)
    kept[:] = [Known(tuple(listener.asked), judged, upstream, origin), *kept[: MOST_ALIKE - 1]]
    return judged, upstream


@remembered(maxsize=MOST, beyond=True)
def _kept(key: Hashable) -> list[Known]:
    """Return what is known of a claim; whoever judges it writes it in."""
    return []


class Moves:
    """Where the places of a page stand now that were heard of when a claim stood at `origin`, which is `now` now."""

    __slots__ = ("_now", "_origin")

    def __init__(self, origin: int, now: int) -> None:
        self._origin = origin
        self._now = {origin: now}

    def explain(self, asked: Sequence[Heard], page: Surroundings) -> bool:
        """Return whether the page answers as it did, but for places that have moved and count as they did."""
        for question, arguments, answer in asked:
            if not all(x in self._now for x in arguments if isinstance(x, int)):
                return False
            moved = tuple([self._now[x] if isinstance(x, int) else x for x in arguments])
            now = _ask(page, question, moved)
            if not (now == answer if question in _COUNTS else self._fits(answer, now)):
                return False
        return self._is_harmless()

    def of(self, judged: Judged) -> Judged:
        """Return a verdict, and with it what it was understood by, as of the page as it is now."""
        world = judged.world
        if world is None or not world.sources:
            return judged
        by = self._now[self._origin] - self._origin
        sources = tuple((name, self._now.get(place, place + by)) for name, place in world.sources)
        return judged if sources == world.sources else replace(judged, world=replace(world, sources=sources))

    def _fits(self, before: Any, now: Any) -> bool:
        """Return whether an answer is what it was, if its places have moved; they are written down."""
        kind = type(before)
        if before is None or kind in (str, bool):
            return bool(before == now)
        if kind is int:
            return now is not None and self._now.setdefault(before, now) == now
        if kind is PageDefinition:
            same = (before.name, before.arguments, before.body, before.section, before.derivative) == (
                now.name, now.arguments, now.body, now.section, now.derivative
            )  # fmt: skip
            return same and self._now.setdefault(before.place, now.place) == now.place
        if kind is Remark:
            same = (before.name, before.clause, before.exact) == (now.name, now.clause, now.exact)
            return same and self._now.setdefault(before.place, now.place) == now.place
        return len(before) == len(now) and all(map(self._fits, before, now))

    def _is_harmless(self) -> bool:
        """Return whether all places are in the order in which they were, each as near to the claim as it was."""
        origin = self._now[self._origin]
        by = origin - self._origin
        moved = [(before, now) for before, now in self._now.items() if now - before != by]
        if not moved:
            return True
        if any(_bounds(before - self._origin) != _bounds(now - origin) for before, now in moved):
            return False
        return all(one[1] < other[1] for one, other in pairwise(sorted(self._now.items())))


def _bounds(distance: int) -> tuple[int, int]:
    """Return between which bounds a distance lies."""
    return bisect_left(BOUNDS, abs(distance)), bisect_right(BOUNDS, abs(distance))


class Listener(Surroundings):
    """A page that writes down what is asked of it."""

    __slots__ = ("_page", "asked")

    def __init__(self, page: Surroundings) -> None:
        self._page = page
        self.asked: list[Heard] = []

    @property
    def definitions(self) -> Mapping[str, list[PageDefinition]]:  # type: ignore[override]
        """The definitions of the page by name."""
        return _Definitions(self)

    def section(self, place: int) -> int:
        """Return how many headings stand before a place."""
        return int(self.hear("section", place))

    def has_values(self, place: int) -> bool:
        """Return whether the text near a place gives a letter a number."""
        return bool(self.hear("has_values", place))

    def next_blank(self, place: int) -> int | None:
        """Return where the next blank line is."""
        found = self.hear("next_blank", place)
        return None if found is None else int(found)

    def are_in_one_row(self, one: int, other: int) -> bool:
        """Return whether two places are in one row of a table."""
        return bool(self.hear("are_in_one_row", one, other))

    def defined(self, name: str, place: int) -> list[PageDefinition]:
        """Return the definitions of a name, the likeliest first."""
        return list(self.hear("defined", name, place))

    def entries_of(self, letter: str) -> list[str]:
        """Return the names of the entries of a letter that are defined."""
        return list(self.hear("entries_of", letter))

    def earlier(self, name: str, place: int) -> list[PageDefinition]:
        """Return the definitions of a name on the pages before."""
        return list(self.hear("earlier", name, place))

    def speaks_of_fixed(self, place: int) -> bool:
        """Return whether the text near a place says that something is held fixed."""
        return bool(self.hear("speaks_of_fixed", place))

    def variable_at(self, since: int, place: int) -> str:
        """Return the letter of which the text says that f is a function of it."""
        return str(self.hear("variable_at", since, place))

    def said_of(self, names: Sequence[str], place: int) -> list[Remark]:
        """Return what the text says of the letters."""
        return list(self.hear("said_of", tuple(names), place))

    def hear(self, question: str, *arguments: Any) -> Any:
        """Return the page's answer, and write it down."""
        answer = _ask(self._page, question, arguments)
        self.asked.append(Heard(question, arguments, answer))
        return answer


class _Definitions(Mapping[str, list[PageDefinition]]):
    """The definitions of a page by name; who looks at names is told of names alone."""

    def __init__(self, page: Listener) -> None:
        self._page = page

    def __getitem__(self, name: str) -> list[PageDefinition]:
        if name not in self:
            raise KeyError(name)
        return list(self._page.hear("of_name", name))

    def __contains__(self, name: object) -> bool:
        return bool(self._page.hear("has_name", name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._page.hear("names"))

    def __len__(self) -> int:
        return len(self._page.hear("names"))


def _ask(page: Surroundings, question: str, arguments: tuple[Any, ...]) -> Any:
    """Return a page's answer."""
    if question == "names":
        return tuple(page.definitions)
    if question == "has_name":
        return arguments[0] in page.definitions
    if question == "of_name":
        return page.definitions.get(arguments[0], [])
    return getattr(page, question)(*arguments)
