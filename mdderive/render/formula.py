"""Formulas as texts hold them, and how wide they look; nothing here needs the engine."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..latex.vocabulary import SPELLED_OUT_FUNCTIONS, UNSEEN

RULES = "mdderive-rule:"
"""What a link to a rule begins with until the site is known."""

_UNSEEN = re.compile(rf"\\({'|'.join(sorted(UNSEEN))})\b|[{{}}^_$ ]")


def math(latex: str) -> str:
    """Return a formula in running text."""
    from html import escape  # here: the names of all entities come with it, and only pages need it

    return rf'<span class="arithmatex">\({escape(latex, quote=False)}\)</span>'


def visible_width(latex: str) -> int:
    """Return about how many signs a reader sees in `latex`."""
    bare = _UNSEEN.sub("", latex)
    return len(re.sub(r"\\([A-Za-z]+)", lambda m: m[1] if m[1] in SPELLED_OUT_FUNCTIONS else "x", bare))


def split_math(words: str) -> Iterator[tuple[bool, str]]:
    """Yield (is it a formula, text) for the stretches of `words` between dollars."""
    for k, text in enumerate(words.split("$")):
        if text:
            yield k % 2 == 1, text
