r"""Marks in LaTeX: private signs around the parts of a formula that a rule touched, until it is known who sets it."""

from __future__ import annotations

import re
from collections.abc import Iterable

OLD, NEW, END = "\ue000", "\ue001", "\ue002"
"""Before a part that the next row has no more, before one that the row before had not, and behind either."""

CLASSES = {OLD: "mdderive-old", NEW: "mdderive-new"}
"""What the parts are called in a page."""

_MARK = re.compile(f"[{OLD}{NEW}{END}]")
_OPENING = re.compile(f"[{OLD}{NEW}]")
_EMPTY = re.compile(f"[{OLD}{NEW}]{END}")
_RUNS_ON = re.compile(rf"(\\[A-Za-z]+)[{OLD}{NEW}{END}]+(?=[A-Za-z])")


def unmarked(text: str) -> str:
    """Return a text without marks."""
    return _MARK.sub("", _RUNS_ON.sub(r"\1 ", text)) if _MARK.search(text) else text


def called(text: str, macro: str) -> str:
    r"""Return a text with `macro` for each mark: `\htmlClass{mdderive-new}{...}`."""
    return _OPENING.sub(lambda m: f"{macro}{{{CLASSES[m[0]]}}}{{", text).replace(END, "}")


def paired(parts: Iterable[str]) -> list[str]:
    """Return the pieces of a marked formula, each with the marks that reach over its ends begun and ended in it."""
    found: list[str] = []
    reaching: list[str] = []
    for part in parts:
        text = "".join(reaching) + part
        for mark in _MARK.findall(part):
            if mark == END:
                reaching.pop()
            else:
                reaching.append(mark)
        text += END * len(reaching)
        while _EMPTY.search(text):
            text = _EMPTY.sub("", text)
        found.append(text)
    return found
