"""What a solution is made of before any markup: running text, aligned rows, displayed formulas.

Words hold formulas between dollars. The writers (`markdown`, `latex`, `text`, `html`) set these blocks; none of them
adds a word of its own.
"""

from __future__ import annotations

from typing import NamedTuple

from ..algebra.expressions import Expr
from ..words import Reasons


class Prose(NamedTuple):
    """Running text; `lead` is set in bold before it, a `remark` in italics."""

    text: str
    lead: str = ""
    remark: bool = False


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
