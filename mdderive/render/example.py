"""One point in numbers as HTML: f, its gradients, difference quotients, and their error drawn over the step."""

from __future__ import annotations

import math

from ..algebra.expressions import to_latex
from ..checking.example import STEP, STEPS, Example, Table, example
from ..words import say
from .graph import picture, text_at
from .html import displayed, in_columns, words
from .teller import Teller

_DIGITS, _TO_NEXT = 5, r",\quad"
_DECADE, _ROW, _LEFT, _TOP, _BELOW = 38, 22, 44, 12, 34  # px: a power of ten across and down, and around the plot
_LEAST = -8  # no error is drawn as smaller than this power of ten
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def example_html(teller: Teller) -> str:
    """Return a small example in numbers, with its plot; "" where there is none that a reader could follow."""
    working, q = teller.working, teller.question
    if q.turned or q.recursion is not None or working.seconds or working.in_vec_form:
        return ""
    gradients = {x: working.gradients[x].value for x in teller.variables}
    found = example(q.f, q.definitions, gradients, working.analytic)
    return "" if found is None else _point(found, teller) + _figure(found, f"${q.name}$", teller.language)


def _point(found: Example, teller: Teller) -> str:
    """Return the values of the letters, and rows with those of f, of the gradients and of the difference quotients."""
    last = len(found.letters) - 1
    letters = [f"{x.latex} {_equal(table)}{_TO_NEXT * (k < last)}" for k, (x, table) in enumerate(found.letters)]
    line = " <wbr>".join(map(displayed, letters))
    step = f"$h={_power(STEP)}$"
    rows = [_row(teller.question.name, _equal(((found.value,),)), "")]
    for x in found.slopes:
        rows.append(_row(to_latex(teller.name_of(x.by)), _equal(x.formula), teller.say("example formula")))
        quotient = teller.say("example quotient" if x.by.is_scalar else "example quotients", step=step)
        rows.append(_row("", rf"\approx {_matrix(x.difference)}", quotient))
    return (
        f'<p>{teller.say("example point")}</p><div class="mdderive-line">{line}</div>'
        f'<ol class="mdderive-rows">{"".join(rows)}</ol>'
    )


def _row(left: str, right: str, reason: str) -> str:
    return f'<li class="mdderive-row">{in_columns(left, displayed(right), words(reason))}</li>'


# --- numbers


def _number(value: float) -> str:
    """Return a number as LaTeX, with five digits; what is halfway between two goes up on every machine."""
    nearest = round(value)
    if abs(value - nearest) < 1e-9:
        return str(nearest)
    shown, _, power = f"{value * (1 + 1e-11):.{_DIGITS}g}".partition("e")
    return rf"{shown}\times 10^{{{int(power)}}}" if power else shown


def _is_whole(value: float) -> bool:
    """Whether a number is told with all its digits."""
    return abs(float(f"{value:.{_DIGITS}g}") - value) < 1e-9


def _matrix(table: Table) -> str:
    if len(table) == len(table[0]) == 1:
        return _number(table[0][0])
    rows = r"\\".join("&".join(map(_number, row)) for row in table)
    return rf"\begin{{pmatrix}}{rows}\end{{pmatrix}}"


def _equal(table: Table) -> str:
    """Return an equals sign and a matrix, or the sign of what is about equal."""
    sign = "=" if all(_is_whole(x) for row in table for x in row) else r"\approx"
    return f"{sign} {_matrix(table)}"


def _power(value: float) -> str:
    return f"10^{{{round(math.log10(value), 1):g}}}"


# --- the plot


def _figure(found: Example, f: str, language: str) -> str:
    """Return the plot of the errors over the steps with what is to be seen in it; "" where there are none."""
    seen = [(h, e) for h, e in zip(STEPS, found.errors, strict=True) if e > 0]
    if len(seen) < len(STEPS) // 2:
        return ""
    step, least = min(seen, key=lambda x: x[1])
    shape = "example linear" if found.linear else "example valley"
    told = say(language, shape, f=f, step=f"$h={_power(step)}$")
    caption = words(say(language, "example errors", f=f, shape=told))
    first, last = f"{seen[0][1]:.1g}", f"{seen[-1][1]:.1g}"
    title = say(language, "example plot", first=first, least=f"{least:.1g}", step=f"{step:.1g}", last=last)
    return f"<figure>{_plot(seen, found.linear, title, language)}<figcaption>{caption}</figcaption></figure>"


def _plot(seen: list[tuple[float, float]], linear: bool, title: str, language: str) -> str:
    """Return points on logarithmic axes as an SVG element, joined by a line; `title` says in words what it shows."""
    logs = [(math.log10(h), max(math.log10(e), _LEAST)) for h, e in seen]
    left, right = math.floor(min(x for x, _ in logs)), math.ceil(max(x for x, _ in logs))
    low, high = math.floor(min(y for _, y in logs)) - 1, max(math.ceil(max(y for _, y in logs)), 0)
    width, height = (right - left) * _DECADE, (high - low) * _ROW

    def place(x: float, y: float) -> tuple[int, int]:
        return round(_LEFT + (x - left) * _DECADE), round(_TOP + (high - y) * _ROW)

    across = "".join(f"M{_LEFT} {place(left, k)[1]}h{width}" for k in range(low, high + 1))
    down = "".join(f"M{place(k, low)[0]} {_TOP}v{height}" for k in range(left, right + 1))
    line = "L".join(f"{x} {y}" for x, y in (place(*point) for point in logs))
    bottom = _TOP + height
    parts = [
        f'<path class="mdderive-grid" d="{across}{down}"/><path class="mdderive-curve" d="M{line}"/>',
        *(text_at(place(k, low)[0], bottom + 16, _ten(k)) for k in range(left, right + 1) if k % 2 == 0),
        *(text_at(_LEFT - 6, place(left, k)[1] + 4, _ten(k), "end") for k in range(low, high + 1) if k % 2 == 0),
        text_at(_LEFT + width, bottom + 30, f"{say(language, 'step')} h", "end"),
        text_at(_LEFT + 6, bottom - 7, f"{say(language, 'rounding')} ∝ 1/h", "start"),
        *([] if linear else [text_at(_LEFT + width - 6, bottom - 7, f"{say(language, 'truncation')} ∝ h", "end")]),
    ]
    return picture(title, parts, _LEFT + width + 12, bottom + _BELOW, " mdderive-plot")


def _ten(power: int) -> str:
    return f"10{str(power).translate(_RAISED)}" if power else "1"
