"""Formulas as texts hold them, and how wide they look; nothing here needs the engine."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..latex.vocabulary import SPELLED_OUT_FUNCTIONS, UNSEEN
from .marks import END, NEW, OLD

RULES = "mdderive-rule:"
"""What a link to a rule begins with until the site is known."""

STOP = re.compile(r"[.,;:)，。；：、）]+")
"""What no line begins with."""

_DELIMITER = r"(?![A-Za-z])\s*(?:\\[A-Za-z]+|\\.|.)"
SIGN = re.compile(
    rf"(?P<opens>\{{|\\begin(?![A-Za-z])|\\left{_DELIMITER})|(?P<closes>\}}|\\end(?![A-Za-z])|\\right{_DELIMITER})"
    rf"|(?P<unseen>[\s${OLD}{NEW}{END}]+)|\\[bB]igg?[lr]{_DELIMITER}|\\[A-Za-z]+|\\.|.",
    re.DOTALL,
)
"""The next sign of a formula; blanks, dollars and marks are not seen."""


def math(latex: str) -> str:
    """Return a formula in running text."""
    from html import escape  # here: the names of all entities come with it, and only pages need it

    return rf'<span class="arithmatex">\({escape(latex, quote=False)}\)</span>'


def width(latex: str) -> int:
    """Return about how many signs a reader sees beside each other in a formula, or in words with formulas."""
    return sum(_signs(m[0]) for m in SIGN.finditer(latex) if not m["unseen"])


def _signs(text: str) -> int:
    if text in ("{", "}", "^", "_"):
        return 0
    name = text.removeprefix("\\")
    return 0 if name in UNSEEN else len(name) if name in SPELLED_OUT_FUNCTIONS else 1


def split_math(words: str) -> Iterator[tuple[bool, str]]:
    """Yield (is it a formula, text) for the stretches of `words` between dollars."""
    for k, text in enumerate(words.split("$")):
        if text:
            yield k % 2 == 1, text
