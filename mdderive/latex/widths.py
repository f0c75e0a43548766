"""How wide formulas look: which of them have room in a sentence, or beside a row."""

from __future__ import annotations

import re

from .vocabulary import SPELLED_OUT_FUNCTIONS, UNSEEN

IN_A_SENTENCE = 60
"""How many signs a formula may have that stands in a sentence before a display."""

_UNSEEN = re.compile(rf"\\({'|'.join(sorted(UNSEEN))})\b|[{{}}^_$ ]")


def visible_width(latex: str) -> int:
    """Return about how many signs a reader sees in `latex`."""
    bare = _UNSEEN.sub("", latex)
    return len(re.sub(r"\\([A-Za-z]+)", lambda m: m[1] if m[1] in SPELLED_OUT_FUNCTIONS else "x", bare))
