r"""A solution as HTML, for every course site: whole without JavaScript, in print and on a phone.

Formulas stand between `\(` and `\)` in elements of the class `arithmatex`, as pymdownx writes them: whatever sets a
site's own formulas (KaTeX, MathJax, MathML at build time) sets these too. A rule's name links to `RULES` and the name
of its page, to be replaced by where the site keeps these pages.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from html import escape

from ..algebra.expressions import Expr, Operator
from ..algebra.operators import table
from ..algebra.terms import terms_of
from ..latex.widths import visible_width
from ..solution.derivation import Working
from ..solution.reasons import (
    COLLECT,
    CYCLIC_EQUATION,
    EXCHANGE,
    LINEAR_TRACE,
    REARRANGE,
    SCALAR_TRACE,
    SCALAR_TRANSPOSE,
    TRANSPOSE_IN_TRACE,
    UNDER_SUM,
    rule_of,
)
from ..words import DEFAULT, Reason, Said, Wording, of_row, reason, say, spans_of
from .blocks import Block, Display, Prose, Row, Rows
from .breaking import pieces, sized
from .changes import UNMARKED, MarkedWriter, Part, touched
from .formula import RULES, STOP, math, split_math
from .teller import bound_of, probability_of

TRICKS = "trace-tricks"
"""The page of the moves that rearrange a differential and belong to no operator."""

BOOKKEEPING = ((REARRANGE,), (COLLECT,), (LINEAR_TRACE,))
"""The reasons of rows that a reader may skip."""

MOVES = (SCALAR_TRACE, SCALAR_TRANSPOSE, TRANSPOSE_IN_TRACE, EXCHANGE, CYCLIC_EQUATION, LINEAR_TRACE, UNDER_SUM)
"""The moves that `TRICKS` explains."""

_TOGETHER = 20  # signs of a formula that is kept on a line with the full stop behind it
_NO_RULES = ("definition", "a constant")
_SHORT_LEFT = 6
_ROOM, _SMALL = 62, 0.75  # signs of a formula that fit on a line, and how wide a sign of a reason is beside one
_TERM = 10  # what to_latex needs to know to write a term of a sum


def displayed(latex: str) -> str:
    """Return a formula in running text, in the style of a display."""
    return math(rf"\displaystyle {latex}")


def words(text: str) -> str:
    """Return text that holds formulas between dollars."""
    return _html((Said(text),))


def _in_text(latex: str) -> str:
    """Return a formula in a sentence; a derivative in parentheses has the size that it has in the rows."""
    return displayed(latex) if r"\left(\frac{\partial" in latex else math(latex)


def _html(spans: Iterable[Said], language: str = DEFAULT) -> str:
    """Return words as HTML, the names of rules as links to their pages."""
    parts: list[str] = []
    before = ""
    for span in spans:
        page, title = _pages().get(span.about, ("", None))
        for formula, part in split_math(span):
            stop = STOP.match(part) if before and visible_width(before) < _TOGETHER else None
            if stop:  # no line begins with a full stop
                parts[-1] = f'<span class="mdderive-together">{parts[-1]}{stop.group()}</span>'
                part = part[stop.end() :]
            shown = _in_text(part) if formula else escape(part, quote=False)
            label = title.says(language) if title and formula else ""
            parts.append(_anchor(page, shown, label) if page else shown)
            before = part if formula else ""
    return "".join(parts)


def write_html(blocks: Iterable[Block], language: str, *, one_by_one: bool = False) -> str:
    """Return the blocks as HTML, without their check.

    With `one_by_one`, each row and each result is opened by the reader, the next after the one before.
    """
    told = [x for x in blocks if not (isinstance(x, Prose) and x.remark)]
    if one_by_one:
        items = "".join(item for x in told for item in _steps(x, language))
        return f'<ol class="mdderive-rows mdderive-steps">{items}</ol>'
    return "\n".join(_block(x, language) for x in told)


def check_html(working: Working, sentence: str, language: str) -> str:
    """Return the check as a line that opens to points, sizes and the error of every line."""
    numeric = [x for x in working.checks if not x.exact]
    facts: list[Reason] = []
    if numeric:
        last = numeric[-1]
        sizes = ", ".join(f"{name}={value}" for name, value in last.sizes.items() if not name.isdigit())
        stand_ins = [(f"${value}$", f"${name}$") for name, value in last.sizes.items() if name.isdigit()]
        facts += [
            reason("points", points=last.points, seed=last.seed),
            *([reason("sizes", sizes=f"${sizes}$")] if sizes else []),
            *(reason("stand-in", small=small, size=size) for small, size in stand_ins),
            reason("compared with", method=reason("complex step" if working.analytic else "differences")),
        ]
    facts += _errors(working)
    told = say(language, "facts", facts=tuple(facts))
    return f'<details class="mdderive-check"><summary>{words(sentence)}</summary>\n<p>{words(told)}</p></details>'


def page_of(row: Operator) -> str:
    """Return the name of the page of an operator's rule; rules whose name is a formula go by the operator."""
    named = row.rule.en.endswith(" rule")
    return re.sub(r"[^a-z0-9]+", "-", (row.rule.en if named else row.name).lower()).strip("-")


def has_page(row: Operator) -> bool:
    """Whether there is a rule to tell of: there is none for a constant."""
    return row.rule.en not in _NO_RULES


def _errors(working: Working) -> Iterator[Reason]:
    """Yield the bounds of the relative errors, each with the lines that keep it, counted as they are printed."""
    bounds = [
        ("exactly", f"$< {probability_of(x.error_bound)}$")
        if x.exact
        else ("error of lines", f"$< {bound_of(x.max_relative_error)}$")
        for x in working.printed
    ]
    for words, bound in dict.fromkeys(bounds):
        lines = _ranges([k for k, one in enumerate(bounds, 1) if one == (words, bound)])
        yield reason(words, lines=lines, bound=bound)


def _ranges(numbers: Sequence[int]) -> str:
    """Return `1-4, 6` for 1, 2, 3, 4, 6."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


# --- blocks


def _block(block: Block, language: str) -> str:
    if isinstance(block, Prose):
        lead, between = block.heading
        bold = f"<strong>{words(lead)}</strong>{between}" if lead else ""
        part = f' data-part="{block.part}"' if block.part else ""
        return f"<p{part}>{bold}{words(block.text)}</p>"
    if isinstance(block, Display):
        lines = "".join(f'<div class="mdderive-line">{_equation(line)}</div>' for line in block.lines)
        return f'<div class="mdderive-formula{" mdderive-result" * block.result}">{lines}</div>'
    return _rows(block, language)


def _rows(block: Rows, language: str) -> str:
    last = len(block.rows) - 1
    items = []
    for k, (row, marked) in enumerate(zip(block.rows, _marked(block), strict=True)):
        left = _left(block, k) if k == 0 or _is_skippable(block.rows[k - 1]) else row.left
        inside = _row(row, left, language, marked)
        if 0 < k < last and _is_skippable(row):
            summary = words(row.reason)
            inside = _row(Row("", row.right), left, language, marked)  # the reason is what opens it
            inside = f'<details class="mdderive-more"><summary>{summary}</summary><div class="mdderive-row">{inside}'
            items.append(f'<li class="mdderive-folded">{inside}</div></details></li>')
        else:
            items.append(f'<li class="mdderive-row">{inside}</li>')
    kind = "" if _fits_beside(block) else " mdderive-wide"
    kind += " mdderive-long-left" if visible_width(block.rows[0].left) > _SHORT_LEFT else ""
    return f'<ol class="mdderive-rows{kind}">{"".join(items)}</ol>'


def _marked(block: Rows) -> list[MarkedWriter]:
    """Return who writes each row: with marks around what its rule has made, and what the next one will take."""
    nothing: frozenset[Part] = frozenset()
    changes = [touched(a.right, b.right) for a, b in itertools.pairwise(block.rows)]
    olds = [*(old for old, _ in changes), nothing]
    news = [nothing, *(new for _, new in changes)]
    return [MarkedWriter(old, new) for old, new in zip(olds, news, strict=True)]


def _fits_beside(block: Rows) -> bool:
    """Return whether the reasons have room at the right of the formulas on a page of the usual width."""
    longest = max(visible_width(term) for row in block.rows for term in _terms(row.right))
    return longest + max(visible_width(row.reason) for row in block.rows) * _SMALL <= _ROOM


def _steps(block: Block, language: str) -> Iterator[str]:
    """Yield what is read of a block one by one: its words at once, a row or a result when it is opened."""
    if isinstance(block, Rows):
        for k, (row, marked) in enumerate(zip(block.rows, _marked(block), strict=True)):
            inside = _row(Row("", row.right), _left(block, k), language, marked)
            yield _step(words(row.reason) or say(language, "next line"), f'<div class="mdderive-row">{inside}</div>')
    elif isinstance(block, Display) and block.result:
        yield _step(say(language, "result"), _block(block, language))
    else:
        yield f'<li class="mdderive-told">{_block(block, language)}</li>'


def _step(hint: str, inside: str) -> str:
    return f'<li><details class="mdderive-step"><summary>{hint}</summary>{inside}</details></li>'


def _left(block: Rows, k: int) -> str:
    """Return the left side of row `k`, which is printed on the first of the rows that share it."""
    return next((row.left for row in reversed(block.rows[: k + 1]) if row.left), "")


def _row(row: Row, left: str, language: str, marked: MarkedWriter) -> str:
    right = "<wbr>".join(map(_broken, _terms(row.right, marked)))
    return in_columns(left, right, _html(spans_of(row.reasons, language), language))


def in_columns(left: str, right: str, reason: str) -> str:
    """Return the inside of a row: `left` is LaTeX, the others HTML; no column is made for what is ""."""
    shown = f'<span class="mdderive-left">{displayed(left)}</span>' if left else ""
    told = f'<span class="mdderive-reason">{reason}</span>' if reason else ""
    return f'{shown}<span class="mdderive-right">{right}</span>{told}'


def _is_skippable(row: Row) -> bool:
    return row.reasons in BOOKKEEPING


def _terms(value: Expr, marked: MarkedWriter = UNMARKED) -> list[str]:
    """Return `= value` in pieces between which a line may be broken: the terms of a sum."""
    terms = terms_of(value)
    if len(terms) == 1:
        return [f"= {marked.latex(value)}"]
    first, *others = (marked.latex(term, _TERM, value) for term in terms)
    return [f"= {first}", *(f"{{}}{x}" if x.startswith("-") else f"{{}}+{x}" for x in others)]


def _equation(line: str) -> str:
    """Return a line in pieces between which it may be broken: at its equals signs."""
    first, *others = line.split(" = ")
    return "<wbr>".join(map(_broken, [first, *(f"{{}}= {x}" for x in others)]))


def _broken(latex: str) -> str:
    """Return a displayed formula that a narrow page breaks within, where it does not fit on a line."""
    first, *others = map(displayed, pieces(sized(latex)))
    return f'<span class="mdderive-term">{"<wbr>".join([first, *others])}</span>' if others else first


# --- links to rules


def _anchor(page: str, shown: str, label: str) -> str:
    """Return a link to a rule; a formula needs a `label` for who cannot see it."""
    named = f' aria-label="{escape(label)}"' if label else ""
    return f'<a class="mdderive-rule" href="{RULES}{page}"{named}>{shown}</a>'


@lru_cache(maxsize=1)
def _pages() -> Mapping[str, tuple[str, Reason]]:
    """Return page and title of what a reason may name, by its key: rules, what is used with them, and moves."""
    found: dict[str, tuple[str, Reason]] = {}
    for row in filter(has_page, table()):
        title = rule_of(row) if "$" not in row.rule.en else of_row("operator", row.name, Wording(row.name, row.name))
        for kind in ("rule", "rule of numbers", "adjoint", "worked"):
            found[f"{kind}.{row.name}"] = page_of(row), title
    return found | dict.fromkeys((x.key for x in MOVES), (TRICKS, reason("moves within")))


def pages_named(html: str) -> tuple[str, ...]:
    """Return the pages of rules to which a solution links, each once."""
    return tuple(dict.fromkeys(re.findall(rf'href="{RULES}([a-z0-9-]+)"', html)))


def parts_of(parts: Sequence[Block]) -> tuple[Prose | None, list[Block], Prose | None]:
    """Return the statement, the working and the check; None where there is none (`detail: brief` has no check)."""
    statement = next((x for x in parts[:1] if isinstance(x, Prose)), None)
    check = next((x for x in parts[1:][-1:] if isinstance(x, Prose) and x.remark), None)
    return statement, [x for x in parts if x is not statement and x is not check], check
