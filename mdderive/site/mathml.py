"""Formulas set at build time as MathML, for sites that load nothing: arithmatex marks them, math-core sets them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape, unescape
from typing import TYPE_CHECKING

from ..render.formula import visible_width

if TYPE_CHECKING:
    from math_core import LatexToMathML

_MARKED = re.compile(
    r'<(?P<tag>span|div) class="arithmatex"[^>]*>\s*\\(?P<open>[(\[])(?P<latex>.*?)\\[)\]]\s*</(?P=tag)>', re.DOTALL
)

_CR = re.compile(r"\\cr(?![A-Za-z])")  # which math-core does not know, and solutions in a file end their rows with
_LONG = 30
"""About how many signs fit on a line of a phone; a longer formula in running text scrolls there."""

_STRETCHED, _ENLARGED = 'minsize="1.2em" maxsize="1.2em"', 'stretchy="false" style="font-size:1.2em"'
r"""What `\bigl(` becomes: browsers set a wide gap around a stretched parenthesis, and none around a larger one."""


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
            return _set(latex.strip(), display, self.macros)
        except LatexError as error:
            reason = str(error).strip().splitlines()[0]
            self.complain(f"this formula cannot be set as MathML: {latex.strip()} ({reason})")
            return f'<code class="mdderive-unset">{escape(latex.strip())}</code>'


@lru_cache(maxsize=4096)
def _set(latex: str, display: bool, macros: tuple[tuple[str, str], ...]) -> str:
    latex = _CR.sub(r"\\\\", latex)
    mathml = _converter(macros).convert_with_local_state(latex, displaystyle=display).replace(_STRETCHED, _ENLARGED)
    long = not display and visible_width(latex) > _LONG
    return f'<span class="mdderive-long">{mathml}</span>' if long else mathml


@lru_cache(maxsize=4)
def _converter(macros: tuple[tuple[str, str], ...]) -> LatexToMathML:
    from math_core import LatexToMathML

    return LatexToMathML(macros={name.lstrip("\\"): body for name, body in macros}, fancy_error=False)
