"""The index that a sum, an expectation or an integral binds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .expressions import Expr

OUTCOMES = 7
"""How many outcomes stand for all in the checks of an expectation: more than a vector there has entries."""


class Index(NamedTuple):
    """The bound index of a sum: `name` runs from `lower` to `upper` (LaTeX; both "" where the author gave no range).

    `extent` is how many values it takes, where the author has no letters with this index. With `mean` what is summed
    is averaged: the index numbers the outcomes of an expectation, all of them as probable; of an integral `over` a
    letter they are points between its `bounds`, numbers as they are written, both "" where there are none.
    """

    name: str
    lower: str = ""
    upper: str = ""
    extent: Expr | None = None
    mean: bool = False
    over: str = ""
    bounds: tuple[str, str] = ("", "")

    @property
    def weight(self) -> int:
        """By what a mean is multiplied: 1, or how far apart the bounds of an integral are."""
        lower, upper = self.bounds
        return int(upper) - int(lower) if upper else 1
