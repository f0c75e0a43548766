"""A solution as LaTeX: ordinary amsmath, for pdflatex (English) and xelatex with ctex (Chinese)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .blocks import Block, Display, Prose
from .formula import split_math
from .markdown import rows_lines

THEIR_OWN_HEADING = frozenset({"proof", "solution", "answer", "derivation", "sol", "esSolution", "parts", "pf"})
"""Environments that say by themselves what follows; a solution inside one has no heading of its own."""

_IN_TEXT = re.compile(r"(?P<kept>\\[A-Za-z]*(?:ref|cite)[a-z]*\*?(?:\[[^\]]*\])?\{[^{}]*\}|\\.)|[&%#_^]", re.DOTALL)
"""Signs that LaTeX would not show; the arguments of references, and what is escaped already, are kept."""
_IN_FORMULA = re.compile(r"(?P<kept>\\.)|[&%#]", re.DOTALL)


def write_latex(blocks: Iterable[Block], environment: str = "") -> str:
    """Return the blocks as LaTeX; `environment` is the one that the marker stands in."""
    headed = environment.rstrip("*") in THEIR_OWN_HEADING
    parts = list(blocks)
    text = ""
    for k, block in enumerate(parts):
        # A display belongs to the sentence around it: a blank line would begin a new paragraph.
        opens = isinstance(block, Prose) and (bool(block.lead) or block.remark)
        joined = k > 0 and not opens and not (isinstance(block, Prose) and isinstance(parts[k - 1], Prose))
        text += ("" if k == 0 else "\n" if joined else "\n\n") + _block(block, headed)
    return text


def inline_latex(latex: str) -> str:
    """Return a formula for running text."""
    return f"${latex}$"


def _block(block: Block, headed: bool) -> str:
    if isinstance(block, Prose):
        lead, between = block.heading
        if block.remark:
            return rf"\emph{{{block.text}}}"
        return rf"\textbf{{{_text(lead)}}}{between}{block.text}" if lead and not headed else block.text
    if isinstance(block, Display):
        if len(block.lines) == 1:
            return f"\\[\n{block.lines[0]}\n\\]"
        joined = " \\\\\n".join(line.replace(" = ", " &= ", 1) for line in block.lines)
        return f"\\begin{{align*}}\n{joined}\n\\end{{align*}}"
    lines = " \\\\\n".join(rows_lines(block))
    return f"\\begin{{align*}}\n{lines}\n\\end{{align*}}"


def _text(words: str) -> str:
    """Return words of an author, formulas between dollars, so that LaTeX shows every sign: `50%` as `50\\%`."""

    def escaped(match: re.Match[str]) -> str:
        return match["kept"] or (r"\textasciicircum{}" if match[0] == "^" else f"\\{match[0]}")

    parts = split_math(words)
    return "".join(f"${_IN_FORMULA.sub(escaped, x)}$" if formula else _IN_TEXT.sub(escaped, x) for formula, x in parts)
