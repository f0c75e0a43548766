"""Formulas set at build time as MathML, for sites that load nothing: arithmatex marks them, math-core sets them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape, unescape
from typing import TYPE_CHECKING

from ..latex.widths import visible_width
from ..render.breaking import pieces, sized
from ..render.marks import CLASSES, END, NEW, OLD

if TYPE_CHECKING:
    from math_core import LatexToMathML

_MARKED = re.compile(
    r'<(?P<tag>span|div) class="arithmatex"[^>]*>\s*\\(?P<open>[(\[])(?P<latex>.*?)\\[)\]]\s*</(?P=tag)>', re.DOTALL
)

_MARKED_PART = re.compile(r'<mrow><mi>([\ue000\ue001])</mi>(<mspace width="0.1667em"/>)?')
_CR = re.compile(r"\\cr(?![A-Za-z])")  # which math-core does not know, and solutions in a file end their rows with
_LONG = 30
"""About how many signs fit on a line of a phone; a longer formula in running text is broken, or scrolls there."""

_MOST_OPEN = 10
"""How many parentheses of what is set may never be closed."""

_ENLARGED = (  # what `\bigl(` and `\Bigl(` become: browsers set a wide gap around what is stretched
    ('minsize="1.2em" maxsize="1.2em"', 'stretchy="false" style="font-size:1.2em"'),
    ('minsize="1.623em" maxsize="1.623em"', 'stretchy="false" style="font-size:1.45em"'),
    ("<mo>(</mo>", '<mo class="mdderive-fence">(</mo>'),
    ("<mo>)</mo>", '<mo class="mdderive-fence">)</mo>'),
    ('<mo stretchy="false">⃗</mo>', '<mo stretchy="false" class="mdderive-arrow">→</mo>'),  # else a speck
)
_DISPLAYED = "\\displaystyle "


class Typesetter:
    """Sets formulas; `macros` are the author's, `complain` is told of a formula that cannot be set."""

    def __init__(self, macros: Mapping[str, str], complain: Callable[[str], None]) -> None:
        self.macros = tuple(sorted(macros.items()))
        self.complain = complain

    def page(self, html: str) -> str:
        """Return the page with every formula that arithmatex marked as MathML."""
        return _MARKED.sub(lambda m: self.formula(unescape(m["latex"]), m["open"] == "["), html)

    def marked(self, text: str) -> str:
        r"""Return `\(...\)` or `\[...\]`, the text of an element that arithmatex made, as MathML."""
        return self.formula(unescape(text.strip()[2:-2]), text.lstrip().startswith("\\["))

    def formula(self, latex: str, display: bool) -> str:
        """Return a formula as MathML; as code if it cannot be read, which is told."""
        from math_core import LatexError

        try:
            return _lines(latex.strip(), display, self.macros)
        except LatexError as error:
            reason = str(error).strip().splitlines()[0]
            self.complain(f"this formula cannot be set as MathML: {latex.strip()} ({reason})")
            return f'<code class="mdderive-unset">{escape(latex.strip())}</code>'


def _lines(latex: str, display: bool, macros: tuple[tuple[str, str], ...]) -> str:
    """Return a formula, in running text with places to break it where it is long; what cannot be broken scrolls."""
    from math_core import LatexError

    whole = _set(latex, display, macros)
    if display or visible_width(latex) <= _LONG:
        return whole
    style = _DISPLAYED if latex.startswith(_DISPLAYED) else ""
    try:
        parts = [(x, _set(style + x, display, macros)) for x in pieces(sized(latex.removeprefix(style)), _LONG)]
    except LatexError:  # a macro of the author's reaches over the place
        parts = [(latex, whole)]
    return "<wbr>".join(f'<span class="mdderive-long">{x}</span>' if visible_width(y) > _LONG else x for y, x in parts)


def _never_closed(latex: str) -> int:
    """Return how many parentheses and brackets of a formula are open at its end."""
    still_open = 0
    for sign in latex:
        still_open = max(still_open + (sign in "([") - (sign in ")]"), 0)
    return still_open


@lru_cache(maxsize=4096)
def _set(latex: str, display: bool, macros: tuple[tuple[str, str], ...]) -> str:
    from math_core import LatexError

    if _never_closed(latex) > _MOST_OPEN:  # as the time and the memory that it takes double with each
        raise LatexError("too many parentheses are never closed")
    grouped = latex.replace(OLD, f"{{{OLD} ").replace(NEW, f"{{{NEW} ").replace(END, "}")
    mathml = _converter(macros).convert_with_local_state(_CR.sub(r"\\\\", grouped), displaystyle=display)
    mathml = _MARKED_PART.sub(lambda m: f'<mrow class="{CLASSES[m[1]]}">', mathml)
    for plain, ours in _ENLARGED:
        mathml = mathml.replace(plain, ours)
    return mathml


@lru_cache(maxsize=4)
def _converter(macros: tuple[tuple[str, str], ...]) -> LatexToMathML:
    from math_core import LatexToMathML

    return LatexToMathML(macros={name.lstrip("\\"): body for name, body in macros}, fancy_error=False)
