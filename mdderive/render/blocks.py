"""What a solution is made of before any markup: running text, aligned rows, displayed formulas.

Words hold formulas between dollars. The writers (`markdown`, `latex`, `text`, `html`) set these blocks; none of them
adds a word of its own.
"""

from __future__ import annotations

from typing import NamedTuple

from ..algebra.expressions import Expr
from ..words import Reasons


class Prose(NamedTuple):
    """Running text; `lead` is set in bold before it, a `remark` in italics.

    `part` says what begins with it, if another derivation may have the same; see `parts`.
    """

    text: str
    lead: str = ""
    remark: bool = False
    part: str = ""

    @property
    def heading(self) -> tuple[str, str]:
        """The lead, and what stands between it and the text: a blank, or the full-width colon that it ends with.

        No blank stands behind such a colon, and Markdown would not end bold type between it and a word.
        """
        bare = self.lead.removesuffix("：")
        return bare, "：" if bare != self.lead else " " if bare else ""


class Row(NamedTuple):
    """One row of an aligned display: `left` may be empty; `reason` is what `reasons` say, formulas between dollars."""

    left: str
    right: Expr
    reason: str = ""
    reasons: Reasons = ()


class Rows(NamedTuple):
    """An aligned display."""

    rows: tuple[Row, ...]


class Display(NamedTuple):
    """A displayed formula, one or several lines of LaTeX; a `result` is set apart."""

    lines: tuple[str, ...]
    result: bool = False


Block = Prose | Rows | Display
