"""What a solution is made of before any markup: running text, aligned rows, displayed formulas.

Words hold formulas between dollars. The writers (`markdown`, `latex`, `text`, `html`) set these blocks; none of them
adds a word of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..algebra.expressions import Expr
from ..words import Reasons


@dataclass(frozen=True, slots=True)
class Prose:
    """Running text; `lead` is set in bold before it, a `remark` in italics."""

    text: str
    lead: str = ""
    remark: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an aligned display: `left` may be empty; `reason` is what `reasons` say, formulas between dollars."""

    left: str
    right: Expr
    reason: str = ""
    reasons: Reasons = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """An aligned display."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Display:
    """A displayed formula, one or several lines of LaTeX; a `result` is set apart."""

    lines: tuple[str, ...]
    result: bool = False


Block = Prose | Rows | Display
