"""Changes of a text as an editor is told them."""

from __future__ import annotations

from typing import NamedTuple


class Edit(NamedTuple):
    """A change: `new` takes the place of `text[start:end]`."""

    start: int
    end: int
    new: str


def difference(old: str, new: str) -> tuple[Edit, ...]:
    """Return the one change that makes `new` of `old`, as short as it can be; none where they are equal.

    It parts no pair of CR and LF, which editors take for one sign.
    """
    if old == new:
        return ()
    start = _common(old, new)
    if old[start - 1 : start] == "\r":
        start -= 1
    most = min(len(old), len(new)) - start
    behind = _common(old[len(old) - most :][::-1], new[len(new) - most :][::-1])
    if behind and old[len(old) - behind] == "\n":
        behind -= 1
    return (Edit(start, len(old) - behind, new[start : len(new) - behind]),)


def applied(text: str, edits: tuple[Edit, ...]) -> str:
    """Return a text with changes that do not overlap."""
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text


def _common(one: str, other: str) -> int:
    """Return how many signs two texts begin with together."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one.startswith(other[low:middle], low) else (low, middle - 1)
    return low
