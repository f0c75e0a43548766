"""The pages of a book that stand before a page: what they define is read when it is asked for, the nearest first.

The page begins at 0, so places in those before it are negative, and in their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from ..documents.book import Chapter
from ..documents.model import Place
from ..latex.names import name_of
from .definitions import EARLIER, EXERCISE, FARTHER, PageDefinition, Remark
from .page_reading import PageRead, page_read
from .surroundings import NEAR

MOST_PAGES = 3
"""Of how many pages that define a name the definitions are tried."""
MOST_READ = 16
"""In how many pages in which its letter stands a definition is looked for."""


class EarlierPages:
    """The pages before a page, and where each of them begins."""

    __slots__ = ("_placed",)

    def __init__(self, chapters: Sequence[Chapter]) -> None:
        placed: list[tuple[int, Chapter]] = []
        start = 0
        for chapter in reversed(chapters):
            start -= len(chapter.text) + 1
            placed.append((start, chapter))
        self._placed = tuple(placed)

    def defined(self, name: str, place: int) -> list[PageDefinition]:
        """Return the definitions of a name in the last pages up to a place that have any, the likeliest first."""
        found: list[PageDefinition] = []
        pages = 0
        for start, page, is_exercise in self._up_to(place, name):
            known = [x for x in page.around.defined(name, place - start) if x.body and x.place < place - start + NEAR]
            section = EXERCISE if is_exercise else FARTHER if found else EARLIER
            found += [replace(x, place=x.place + start, section=section) for x in known]
            pages += bool(known)
            if pages == MOST_PAGES or (known and is_exercise):
                break
        return found

    def said_of(self, names: Sequence[str], place: int) -> list[Remark]:
        """Return what the page in which a place is says of letters."""
        for start, chapter in self._placed:
            page = _read(chapter) if start <= place else None
            if page is not None:
                return [replace(x, place=x.place + start) for x in page.around.said_of(names, place - start)]
        return []

    def place_of(self, place: int) -> Place:
        """Return a place in one of the pages, with the name of its file."""
        start, chapter = next(x for x in self._placed if x[0] <= place)
        page = _read(chapter)
        assert page is not None
        return chapter.placed(page.place_of(place - start))

    def _up_to(self, place: int, name: str) -> Iterator[tuple[int, PageRead, bool]]:
        """Yield the pages up to a place in which the letter of a name stands, the last first.

        Each with where it begins, and whether it is the exercise of the page.
        """
        letter = name_of(name.removeprefix(r"\log ")).letter
        having = ((start, x) for start, x in self._placed if start <= place and letter in x.text)
        for start, chapter in islice(having, MOST_READ):
            page = _read(chapter)
            if page is not None:
                yield start, page, chapter.is_exercise


def _read(chapter: Chapter) -> PageRead | None:
    return page_read(chapter.text, chapter.kind, chapter.clauses, any_page=True)
