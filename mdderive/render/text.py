"""A solution for the terminal: formulas in plain letters and signs, the reasons in a column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from ..algebra.expressions import to_latex
from .blocks import Block, Display, Prose, Rows
from .formula import split_math


def write_text(blocks: Iterable[Block]) -> str:
    """Return the blocks as plain text, without a line end at the end."""
    return "\n\n".join(_block(block) for block in blocks)


def plain(latex: str) -> str:
    """Return a formula in Unicode on one line."""
    grouped = re.sub(r"\^\{([^{}]*)\}", _script, latex)
    return str(_converter().latex_to_text(grouped)).strip()


def _script(match: re.Match[str]) -> str:
    """Return a superscript that stays one on a line: in parentheses if it is longer than a sign and a letter."""
    short = re.fullmatch(r"-?(?:\w|\d+|\\top)|\\odot \w|\w+\\times \w+", match[1]) is not None
    return match[0] if short else f"^{{({match[1]})}}"


def _words(text: str) -> str:
    return "".join(plain(part) if formula else part for formula, part in split_math(text))


def _block(block: Block) -> str:
    if isinstance(block, Prose):
        return f"{_words(block.lead)} {_words(block.text)}".strip()
    if isinstance(block, Display):
        return "\n".join(f"    {plain(line)}" for line in block.lines)
    return _rows(block)


def _rows(block: Rows) -> str:
    lefts = [plain(row.left) for row in block.rows]
    rights = [plain(to_latex(row.right)) for row in block.rows]
    indent, width = max(map(len, lefts)), max(map(len, rights))
    lines = []
    for left, right, row in zip(lefts, rights, block.rows, strict=True):
        lines.append(f"    {left:>{indent}} = {right:<{min(width, 70)}}   {_words(row.reason)}".rstrip())
    return "\n".join(lines)


@lru_cache(maxsize=1)
def _converter() -> Any:
    from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

    context = get_default_latex_context_db()
    macros = [
        MacroTextSpec("frac", simplify_repl=_fraction),
        MacroTextSpec("thinspace", simplify_repl=" "),
        MacroTextSpec("odot", simplify_repl="\u2299 "),
    ]
    context.add_context_category("plain", macros=macros, prepend=True)
    return LatexNodes2Text(latex_context=context, math_mode="text", keep_comments=False)


def _fraction(node: Any, l2tobj: Any) -> str:
    above, below = (l2tobj.nodelist_to_text([x]).strip() for x in node.nodeargd.argnlist)
    return f"{_grouped(above)}/{_grouped(below)}"


def _grouped(text: str) -> str:
    """Return one side of a fraction on a line, in parentheses unless nothing could be misread."""
    return text if re.fullmatch(r"[\w\u2202]*", text) else f"({text})"
