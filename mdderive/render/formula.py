"""Formulas as texts hold them; nothing here needs the engine."""

from __future__ import annotations

import re
from collections.abc import Iterator

RULES = "mdderive-rule:"
"""What a link to a rule begins with until the site is known."""

STOP = re.compile(r"[.,;:)，。；：、）]+")
"""What no line begins with."""


def math(latex: str) -> str:
    """Return a formula in running text."""
    from html import escape  # here: the names of all entities come with it, and only pages need it

    return rf'<span class="arithmatex">\({escape(latex, quote=False)}\)</span>'


def split_math(words: str) -> Iterator[tuple[bool, str]]:
    """Yield (is it a formula, text) for the stretches of `words` between dollars."""
    for k, text in enumerate(words.split("$")):
        if text:
            yield k % 2 == 1, text
