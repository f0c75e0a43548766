"""A solution for the terminal: formulas in plain letters and signs, the reasons in a column."""

from __future__ import annotations

from collections.abc import Iterable

from ..algebra.expressions import to_latex
from .blocks import Block, Display, Prose, Rows
from .formula import split_math
from .plain import plain


def write_text(blocks: Iterable[Block]) -> str:
    """Return the blocks as plain text, without a line end at the end."""
    return "\n\n".join(_block(block) for block in blocks)


def plain_words(text: str) -> str:
    """Return running text with its formulas in plain signs."""
    return "".join(plain(part) if formula else part for formula, part in split_math(text))


def _block(block: Block) -> str:
    if isinstance(block, Prose):
        lead, between = block.heading
        return f"{plain_words(lead)}{between}{plain_words(block.text)}"
    if isinstance(block, Display):
        return "\n".join(f"    {plain(line)}" for line in block.lines)
    return _rows(block)


def _rows(block: Rows) -> str:
    lefts = [plain(row.left) for row in block.rows]
    rights = [plain(to_latex(row.right)) for row in block.rows]
    indent, width = max(map(len, lefts)), max(map(len, rights))
    lines = []
    for left, right, row in zip(lefts, rights, block.rows, strict=True):
        lines.append(f"    {left:>{indent}} = {right:<{min(width, 70)}}   {plain_words(row.reason)}".rstrip())
    return "\n".join(lines)
