r"""A solution as HTML, for every course site: whole without JavaScript, in print and on a phone.

Formulas stand between `\(` and `\)` in elements of the class `arithmatex`, as pymdownx writes them: whatever sets a
site's own formulas (KaTeX, MathJax, MathML at build time) sets these too. A rule's name links to `RULES` and the name
of its page, to be replaced by where the site keeps these pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from html import escape

from ..algebra.expressions import Apply, Expr, Wording, to_latex
from ..algebra.operators import table
from ..algebra.operators.structural import add_row
from ..solution.derivation import Working
from ..solution.reasons import (
    COLLECT,
    CYCLIC,
    EXCHANGE,
    LINEAR_TRACE,
    REARRANGE,
    SCALAR_TRACE,
    SCALAR_TRANSPOSE,
    TRANSPOSE_IN_TRACE,
    UNDER_SUM,
)
from .formula import RULES, math, split_math, visible_width
from .prose import BOUNDS, Block, Formula, Paragraph, Row, Rows

TRICKS = "trace-tricks"
"""The page of the moves that rearrange a differential and belong to no operator."""

_TRICKS_TITLE = Wording("moves within a trace", "迹技巧")

BOOKKEEPING = (REARRANGE, COLLECT, LINEAR_TRACE)
"""The reasons of rows that a reader may skip."""

MOVES = (SCALAR_TRACE, SCALAR_TRANSPOSE, TRANSPOSE_IN_TRACE, EXCHANGE, CYCLIC, LINEAR_TRACE, UNDER_SUM)
"""The moves of `TRICKS`, as reasons name them."""

_TOGETHER = 20  # signs of a formula that is kept on a line with the full stop behind it
_STOP = re.compile(r"[.,;:)，。；：、）]+")
_MOVES_IN_PART = ("迹内交换", "迹内将")  # how a reason begins that says what is moved
_NO_RULES = ("definition", "定义", "a constant", "常量")
_SHORT_LEFT = 6
_ROOM, _SMALL = 62, 0.75  # signs of a formula that fit on a line, and how wide a sign of a reason is beside one
_TERM = 10  # what to_latex needs to know to write a term of a sum


def displayed(latex: str) -> str:
    """Return a formula in running text, in the style of a display."""
    return math(rf"\displaystyle {latex}")


def words(text: str, linked_in: str = "") -> str:
    """Return text that holds formulas between dollars; with a language, in which it is, rules' names are links."""
    parts: list[str] = []
    before = ""
    for formula, part in split_math(text):
        stop = _STOP.match(part) if before and visible_width(before) < _TOGETHER else None
        if stop:  # no line begins with a full stop
            parts[-1] = f'<span class="mdderive-together">{parts[-1]}{stop.group()}</span>'
            part = part[stop.end() :]
        shown = math(part) if formula else escape(part, quote=False)
        parts.append(_linked(part, shown, formula, linked_in) if linked_in else shown)
        before = part if formula else ""
    return "".join(parts)


def write_html(blocks: Iterable[Block], language: str, *, one_by_one: bool = False) -> str:
    """Return the blocks as HTML, without their check; with `one_by_one`, each row is opened by the reader."""
    write = _steps if one_by_one else _rows
    return "\n".join(_block(x, language, write) for x in blocks if not (isinstance(x, Paragraph) and x.remark))


def check_html(working: Working, sentence: str, language: str) -> str:
    """Return the check as a line that opens to points, sizes and the error of every line."""
    say = _in(language)
    checks = working.checks
    last = checks[-1]
    sizes = ", ".join(f"{name}={value}" for name, value in last.sizes.items())
    facts = [
        say(f"{last.points} random points, seed {last.seed}", f"{last.points} 个随机点，随机种子 {last.seed}"),
        *([say("sizes ", "尺寸 ") + math(sizes)] if sizes else []),
        say("compared with ", "对照") + _method(working, language),
        *_errors(working, language),
    ]
    told = say("; ", "；").join(facts) + say(".", "。")
    return f'<details class="mdderive-check"><summary>{words(sentence)}</summary>\n<p>{told}</p></details>'


def page_name(words_of_rule: str, operator: str) -> str:
    """Return the name of the page of an operator's rule; rules whose name is a formula go by the operator."""
    named = words_of_rule.endswith(" rule")
    return re.sub(r"[^a-z0-9]+", "-", (words_of_rule if named else operator).lower()).strip("-")


def _in(language: str) -> Callable[[str, str], str]:
    return lambda en, zh: zh if language == "zh" else en


def _method(working: Working, language: str) -> str:
    if working.analytic:
        return _in(language)("complex-step derivatives", "复步长数值导数")
    return _in(language)("extrapolated central differences", "外推中心差分")


def _errors(working: Working, language: str) -> Iterator[str]:
    """Yield the bounds of the relative errors, each with the lines that keep it, counted as they are printed."""
    checks = [step.check for step in working.rewriting]
    for link in working.links:
        checks += [*(step.check for step in link.steps), *(result.check for result in link.results)]
    bounds = [_bound(check.max_relative_error) for check in checks]
    for bound in sorted(set(bounds), key=bounds.index):
        numbers = _ranges([k for k, one in enumerate(bounds, 1) if one == bound])
        plural = "s" * (not numbers.isdigit())
        yield _in(language)(f"relative error in line{plural} {numbers}: ", f"第 {numbers} 行的相对误差：") + bound


def _ranges(numbers: Sequence[int]) -> str:
    """Return `1-4, 6` for 1, 2, 3, 4, 6."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _bound(error: float) -> str:
    return math("< " + next((text for limit, text in BOUNDS if error < limit), "10^{-3}"))


# --- blocks


def _block(block: Block, language: str, write: Callable[[Rows, str], str]) -> str:
    if isinstance(block, Paragraph):
        lead = f"<strong>{words(block.lead)}</strong> " if block.lead else ""
        return f"<p>{lead}{words(block.text)}</p>"
    if isinstance(block, Formula):
        lines = "".join(f'<div class="mdderive-line">{_equation(line)}</div>' for line in block.lines)
        return f'<div class="mdderive-formula{" mdderive-result" * block.result}">{lines}</div>'
    return write(block, language)


def _rows(block: Rows, language: str) -> str:
    last = len(block.rows) - 1
    items = []
    for k, row in enumerate(block.rows):
        left = _left(block, k) if k == 0 or _is_skippable(block.rows[k - 1]) else row.left
        inside = _row(row, left, language)
        if 0 < k < last and _is_skippable(row):
            summary = words(row.reason)
            inside = f'<details class="mdderive-more"><summary>{summary}</summary><div class="mdderive-row">{inside}'
            items.append(f'<li class="mdderive-folded">{inside}</div></details></li>')
        else:
            items.append(f'<li class="mdderive-row">{inside}</li>')
    kind = "" if _fits_beside(block) else " mdderive-wide"
    kind += " mdderive-long-left" if visible_width(block.rows[0].left) > _SHORT_LEFT else ""
    return f'<ol class="mdderive-rows{kind}">{"".join(items)}</ol>'


def _fits_beside(block: Rows) -> bool:
    """Return whether the reasons have room at the right of the formulas on a page of the usual width."""
    longest = max(visible_width(term) for row in block.rows for term in _terms(row.right))
    return longest + max(visible_width(row.reason) for row in block.rows) * _SMALL <= _ROOM


def _steps(block: Rows, language: str) -> str:
    items = []
    for k, row in enumerate(block.rows):
        hint = words(row.reason) or _in(language)("next line", "下一行")
        inside = _row(Row("", row.right, ""), _left(block, k), language)
        items.append(
            f'<li><details class="mdderive-step"><summary>{hint}</summary><div class="mdderive-row">{inside}</div>'
            "</details></li>"
        )
    return f'<ol class="mdderive-rows mdderive-steps">{"".join(items)}</ol>'


def _left(block: Rows, k: int) -> str:
    """Return the left side of row `k`, which is printed on the first of the rows that share it."""
    return next((row.left for row in reversed(block.rows[: k + 1]) if row.left), "")


def _row(row: Row, left: str, language: str) -> str:
    shown = f'<span class="mdderive-left">{math(left)}</span>' if left else ""
    reason = f'<span class="mdderive-reason">{words(row.reason, language)}</span>' if row.reason else ""
    return f'{shown}<span class="mdderive-right">{"<wbr>".join(map(displayed, _terms(row.right)))}</span>{reason}'


def _is_skippable(row: Row) -> bool:
    return row.reason in {text for wording in BOOKKEEPING for text in wording}


def _terms(value: Expr) -> list[str]:
    """Return `= value` in pieces between which a line may be broken: the terms of a sum."""
    if not (isinstance(value, Apply) and value.operator is add_row):
        return [f"= {to_latex(value)}"]
    first, *others = (to_latex(term, _TERM) for term in value.arguments)
    return [f"= {first}", *(f"{{}}{x}" if x.startswith("-") else f"{{}}+{x}" for x in others)]


def _equation(line: str) -> str:
    """Return a line in pieces between which it may be broken: at its equals signs."""
    first, *others = line.split(" = ")
    return "<wbr>".join(map(displayed, [first, *(f"{{}}= {x}" for x in others)]))


# --- links to rules


def _linked(part: str, shown: str, formula: bool, language: str) -> str:
    if formula:
        page, title = _pages().get(f"${part}$", ("", None))
        return _anchor(page, shown, title.says(language) if title else "") if page else shown
    return _names("rule" in part or "法则" in part).sub(_link_of_name, shown)


def _link_of_name(match: re.Match[str]) -> str:
    name = match.group()
    page, _ = _pages().get(name) or _pages()[name.removesuffix("s")]
    return _anchor(page, name)


def _anchor(page: str, shown: str, label: str = "") -> str:
    """Return a link to a rule; a formula needs a `label` for who cannot see it."""
    named = f' aria-label="{escape(label)}"' if label else ""
    return f'<a class="mdderive-rule" href="{RULES}{page}"{named}>{shown}</a>'


@lru_cache(maxsize=1)
def _pages() -> dict[str, tuple[str, Wording]]:
    """Return page and title of what a reason may name: rules, also without the word "rule", and moves."""
    found: dict[str, tuple[str, Wording]] = {}
    for row in table():
        title = row.rule if "$" not in row.rule.en else Wording(row.name, row.name)
        page = page_name(row.rule.en, row.name), title
        for name in row.rule:
            if name not in _NO_RULES:
                found.setdefault(name, page)
                found.setdefault(_stem(name), page)
        for facts in (row.adjoint_rule, row.worked):
            found.update({name: page for name in facts or () if name not in found})
    moves = [name for move in MOVES for name in move]
    return {**found, **dict.fromkeys([*moves, *_MOVES_IN_PART], (TRICKS, _TRICKS_TITLE))}


@lru_cache(maxsize=2)
def _names(rules: bool) -> re.Pattern[str]:
    """Return what finds names in words; with `rules` also each name in `product and transpose rules`."""
    moves = [name for name, (page, _) in _pages().items() if page == TRICKS]
    found = [name for name in (_pages() if rules else moves) if not name.startswith("$")]
    longest_first = sorted(found, key=len, reverse=True)
    return re.compile("|".join(re.escape(x) + "s?" * x.endswith(" rule") for x in longest_first))


def _stem(name: str) -> str:
    return name.removesuffix(" rule").removesuffix("法则").strip()


def parts_of(parts: Sequence[Block]) -> tuple[Paragraph | None, list[Block], Paragraph | None]:
    """Return the statement, the working and the check; None where there is none (`detail: brief` has no check)."""
    rest = list(parts)
    statement = rest.pop(0) if rest and isinstance(rest[0], Paragraph) else None
    check = rest.pop() if rest and isinstance(rest[-1], Paragraph) and rest[-1].remark else None
    return (
        statement if isinstance(statement, Paragraph) else None,
        rest,
        check if isinstance(check, Paragraph) else None,
    )
