r"""A solution as Markdown that renders anywhere, even where no math extension protects the formulas.

So: no backslash before punctuation (`\cr` for `\\`), no `}_`, no `|`, no line that begins with a sign that Markdown
reads; displays between `$$` on lines of their own with a blank line before and after and none inside.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..algebra.expressions import Expr, to_latex
from ..algebra.terms import terms_of
from ..latex.names import unbraced
from ..latex.widths import visible_width
from ..words import say
from .blocks import Block, Display, Prose, Rows
from .formula import split_math

WIDE = 84
"""About how many signs fit beside a reason; a longer sum is broken over several rows."""


def write_markdown(blocks: Iterable[Block]) -> str:
    """Return the blocks as Markdown, without a line end at the end."""
    return "\n\n".join(_block(block) for block in blocks)


def folded(text: str, language: str) -> str:
    """Return a solution that opens with a click; the attribute tells Python-Markdown that Markdown stands inside."""
    return f'<details markdown="1">\n<summary>{say(language, "fold")}</summary>\n\n{text}\n\n</details>'


def inline_markdown(latex: str) -> str:
    """Return a formula for running text."""
    return f"${safe(latex)}$"


def _block(block: Block) -> str:
    if isinstance(block, Prose):
        lead, between = block.heading
        text = "".join(f"${safe(part)}$" if formula else part for formula, part in split_math(block.text))
        if block.remark:
            return f"*{text}*"
        return f"**{lead}**{between}{text}" if lead else text
    if isinstance(block, Display):
        return "$$\n" + formula_lines([safe(x) for x in block.lines], r" \cr") + "\n$$"
    return "$$\n" + aligned(block, r" \cr") + "\n$$"


def aligned(block: Rows, line_end: str) -> str:
    """Return the rows as an `aligned` environment, the reasons in a column at the right."""
    return "\\begin{aligned}\n" + f"{line_end}\n".join(map(safe, rows_lines(block))) + "\n\\end{aligned}"


def formula_lines(lines: list[str], line_end: str) -> str:
    """Return one formula, or several under each other aligned at their first equals sign."""
    if len(lines) == 1:
        return lines[0]
    joined = f"{line_end}\n".join(line.replace(" = ", " &= ", 1) for line in lines)
    return f"\\begin{{aligned}}\n{joined}\n\\end{{aligned}}"


def rows_lines(block: Rows) -> list[str]:
    """Return the lines of an aligned display.

    The reasons stand in a column at the right; where that would be too wide, each on a line of its own below its row.
    """
    pieces = [broken(row.right) for row in block.rows]
    widest = max(visible_width(piece) for row in pieces for piece in row)
    beside = widest + max(visible_width(row.reason) for row in block.rows) <= WIDE + 20
    lines: list[str] = []
    for row, (first, *others) in zip(block.rows, pieces, strict=True):
        lines += [f"{row.left} &= {first}", *(rf"&\quad {{}}{piece}" for piece in others)]
        reason = reason_column(row.reason)
        if reason and beside:
            lines[-1] += f" && {reason}"
        elif reason:
            lines.append(rf"&\qquad \text{{(}}{reason}\text{{)}}")
    return lines


def reason_column(words: str) -> str:
    r"""Return the words beside a row: text in `\text`, formulas between the texts."""
    return "".join(part if formula else rf"\text{{{part}}}" for formula, part in split_math(words))


def broken(value: Expr) -> list[str]:
    """Return the LaTeX of `value`, in several pieces where it is a sum too wide for a line."""
    whole = to_latex(value)
    terms = terms_of(value)
    if visible_width(whole) <= WIDE or len(terms) == 1:
        return [whole]
    pieces: list[str] = []
    for term in terms:
        text = to_latex(term, 10)
        text = text if not pieces or text.startswith("-") else f"+{text}"
        if pieces and visible_width(pieces[-1] + text) <= WIDE:
            pieces[-1] += text
        else:
            pieces.append(text)
    return pieces


def safe(latex: str) -> str:
    r"""Return `latex` without what Markdown would touch: `\mathbf{x}_i` becomes `\mathbf x_i`."""
    return unbraced(latex).replace("<", r"\lt ").replace(">", r"\gt ").replace("*", r"\ast ")
