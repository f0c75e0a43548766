"""What a page says of a name, and where: a definition, or a clause; and what the pages before it say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

FARTHER, EARLIER, EXERCISE = -3, -2, -1
"""The sections of what is defined on pages farther away, on the last page before, in the exercise of a solution."""
_PROBABILITIES = ("P(", "p(", r"\Pr", r"\mathbb{P}(")


@dataclass(frozen=True, slots=True)
class PageDefinition:
    """`name(arguments) = body` where it stands in the page; `section` counts the headings before it."""

    name: str
    arguments: tuple[str, ...] | None
    body: str
    place: int
    section: int
    derivative: tuple[str, str] | None = None

    @property
    def is_meaning(self) -> bool:
        r"""Whether it says what a value means, `P(y=1 \mid x)`, and gives no formula for it."""
        return self.body.startswith(_PROBABILITIES) and ("|" in self.body or r"\mid" in self.body)


@dataclass(frozen=True, slots=True)
class Remark:
    """A clause that the text says of a letter, and where; `exact` if it says it in a formula."""

    name: str
    clause: str
    place: int
    exact: bool = False


class Before(Protocol):
    """The pages that stand before a page: their places are negative."""

    def defined(self, name: str, place: int) -> list[PageDefinition]:
        """Return the definitions of a name in the last pages up to a place that have any."""

    def said_of(self, names: Sequence[str], place: int) -> list[Remark]:
        """Return what the page in which a place is says of letters."""
