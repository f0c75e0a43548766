"""How wide formulas look: which of them have room in a sentence, or beside a row."""

from __future__ import annotations

import re

from .vocabulary import SPELLED_OUT_FUNCTIONS, UNSEEN

IN_A_SENTENCE = 60
"""How many signs a formula may have that stands in a sentence before a display."""

_DELIMITER = r"(?![A-Za-z])\s*(?:\\[A-Za-z]+|\\.|.)"
SIGN = re.compile(
    rf"(?P<opens>\{{|\\begin(?![A-Za-z])|\\left{_DELIMITER})|(?P<closes>\}}|\\end(?![A-Za-z])|\\right{_DELIMITER})"
    rf"|(?P<unseen>[\s$\ue000-\uf8ff]+)|\\[bB]igg?[lr]{_DELIMITER}|\\[A-Za-z]+|\\.|.",
    re.DOTALL,
)
"""The next sign of a formula; blanks, dollars and signs for private use are not seen."""


def visible_width(latex: str) -> int:
    """Return about how many signs a reader sees beside each other in a formula, or in words with formulas."""
    return sum(_signs(m[0]) for m in SIGN.finditer(latex) if not m["unseen"])


def _signs(text: str) -> int:
    if text in ("{", "}", "^", "_"):
        return 0
    name = text.removeprefix("\\")
    return 0 if name in UNSEEN else len(name) if name in SPELLED_OUT_FUNCTIONS else 1
