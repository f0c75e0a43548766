"""Claims judged before: one is judged again only if something that was asked of the page would be answered otherwise.

While a claim is judged, a `Listener` stands for the page and writes down what is asked of it, and the answers, with
places as distances from the claim. As long as all answers are the same, so is the verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ..algebra.expressions import remembered
from .surroundings import PageDefinition, Remark, Surroundings
from .verdicts import Judged

MOST = 1024
"""How many claims are kept."""
MOST_ALIKE = 4
"""How many verdicts are kept of claims in the same words, which may stand in several places of a page."""
_COUNTS = frozenset({"section"})
"""The questions whose answers are numbers and no places."""


class Heard(NamedTuple):
    """A question about a page and its answer, places as distances."""

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
    for known in kept:
        if all(_answer(page, x, origin) == x.answer for x in known.asked):
            return _moved(known.judged, origin - known.origin), known.upstream
    listener = Listener(page, origin)
    judged, upstream = judge(listener)
    kept[:] = [Known(tuple(listener.asked), judged, upstream, origin), *kept[: MOST_ALIKE - 1]]
    return judged, upstream


@remembered(maxsize=MOST, beyond=True)
def _kept(key: Hashable) -> list[Known]:
    """Return what is known of a claim; whoever judges it writes it in."""
    return []


def _moved(judged: Judged, by: int) -> Judged:
    """Return a verdict on a claim that stands elsewhere now, and with it what it was understood by."""
    world = judged.world
    if world is None or not by:
        return judged
    return replace(judged, world=replace(world, sources=tuple((name, place + by) for name, place in world.sources)))


class Listener(Surroundings):
    """A page that writes down what is asked of it."""

    __slots__ = ("_origin", "_page", "asked")

    def __init__(self, page: Surroundings, origin: int) -> None:
        self._page = page
        self._origin = origin
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

    def defined(self, name: str, place: int) -> list[PageDefinition]:
        """Return the definitions of a name, the likeliest first."""
        return list(self.hear("defined", name, place))

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
        self.asked.append(Heard(question, _shifted(arguments, -self._origin), _near(question, answer, self._origin)))
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


def _answer(page: Surroundings, heard: Heard, origin: int) -> Any:
    """Return a page's answer to a question that was asked before, for a claim that stands at `origin` now."""
    return _near(heard.question, _ask(page, heard.question, _shifted(heard.arguments, origin)), origin)


def _near(question: str, answer: Any, origin: int) -> Any:
    """Return an answer as it is compared with another: every place in it as a distance."""
    return answer if question in _COUNTS else _shifted(answer, -origin)


def _shifted(found: Any, by: int) -> Any:
    """Return something with every place in it moved, as plain tuples."""
    if found is None or isinstance(found, (str, bool)):
        return found
    if isinstance(found, int):
        return found + by
    if isinstance(found, PageDefinition):
        return found.name, found.arguments, found.body, found.place + by, found.section, found.derivative
    if isinstance(found, Remark):
        return found.name, found.clause, found.place + by, found.exact
    return tuple([_shifted(x, by) for x in found])
