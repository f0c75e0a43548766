"""Where a formula may be broken over lines on a narrow page: at relations, at signs, and behind parentheses."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from ..latex.widths import SIGN, visible_width
from .marks import paired

ROOM = 24
"""About how many signs fit on a line of a phone."""

_RELATIONS = frozenset(("=", "<", ">", r"\lt", r"\gt", r"\le", r"\leq", r"\ge", r"\geq", r"\approx", r"\in"))
_SIGNS = frozenset(("+", "-", r"\pm", r"\odot", r"\otimes"))
_RANKS = dict.fromkeys(_RELATIONS, 0) | dict.fromkeys("+-", 1)
_OPENING = frozenset(("(", "[", r"\{", r"\lbrace", r"\lVert", r"\lvert", r"\lfloor", r"\langle"))
_CLOSING = frozenset((")", "]", r"\}", r"\rbrace", r"\rVert", r"\rvert", r"\rfloor", r"\rangle"))
_BARS = frozenset(("|", r"\|", r"\Vert", r"\vert"))
_STOPS = frozenset((",", ";", ".", ":", r"\quad", r"\qquad", r"\top"))
_WHOLE = frozenset((r"\over", r"\choose", r"\color", r"\bf", r"\rm", r"\it", r"\displaystyle", r"\textstyle", "&"))
"""What reaches over all that follows: a formula with one of these is not taken apart."""
_TALL = (r"\frac", r"\sum", r"\prod", r"\int", r"\sqrt", r"\begin", r"\under", r"\over", r"\binom")


def pieces(latex: str, room: int = ROOM) -> list[str]:
    """Return the formula in pieces between which a line may be broken; the whole where it fits, or cannot be broken.

    It is broken within parentheses only where a piece would not fit otherwise. Each piece is a formula by itself.
    """
    if visible_width(latex) <= room or not _WHOLE.isdisjoint(m[0] for m in SIGN.finditer(latex)):
        return [latex]
    cuts = _chosen(latex, 0, len(latex), _places(latex), room)
    bounds = [0, *cuts, len(latex)]
    first, *others = paired(latex[a:b].strip() for a, b in itertools.pairwise(bounds))
    return [first, *(rf"{{}}{x}" for x in others)]


def sized(latex: str) -> str:
    r"""Return the formula with `\Bigl(` for each `\left(` around nothing tall: a line may be broken behind that."""
    opened: list[re.Match[str]] = []
    found: dict[int, str] = {}
    for m in SIGN.finditer(latex):
        if m["opens"]:
            opened.append(m)
        elif m["closes"] and opened:
            left = opened.pop()
            inside = latex[left.end() : m.start()]
            if (left[0], m[0]) == (r"\left(", r"\right)") and not any(x in inside for x in _TALL):
                found |= {left.start(): r"\Bigl(", m.start(): r"\Bigr)"}
    return "".join(found.get(m.start(), m[0]) for m in SIGN.finditer(latex))


def _chosen(latex: str, start: int, end: int, places: Sequence[tuple[int, int]], room: int) -> Iterator[int]:
    """Yield the places at which a stretch is broken: the outermost ones, and others in what is still too long."""
    inside = [(place, rank) for place, rank in places if start < place < end]
    if not inside or visible_width(latex[start:end]) <= room:
        return
    first = min(rank for _, rank in inside)
    bounds = [start, *(place for place, rank in inside if rank == first), end]
    for a, b in itertools.pairwise(bounds):
        if a > start:
            yield a
        yield from _chosen(latex, a, b, places, room)


def _places(latex: str) -> list[tuple[int, int]]:
    """Return where a line may be broken, and how late; nowhere if parentheses are not paired."""
    if not _is_paired(latex):
        return []
    found: list[tuple[int, int]] = []
    bars: list[str] = []
    depth = 0
    before = "sign"  # what stands in front of an item: a sign there belongs to the item
    for text, start in _items(latex):
        kind = _kind(text, bars)
        breaks = kind in ("sign", "relation") or (before == "closed" and kind in ("opening", "plain"))
        if breaks and before in ("plain", "closed"):
            found.append((start, 3 * depth + _RANKS.get(text, 2)))
        depth += (kind == "opening") - (kind == "closing")
        if depth < 0:
            return []
        before = "closed" if kind == "closing" or text.startswith(r"\left") else kind
    return found if depth == 0 else []


def _kind(text: str, bars: list[str]) -> str:
    """Return what an item is; `bars` are those that are open, of which a second one closes the first."""
    delimiter = text.removeprefix(_size(text))
    if delimiter in _BARS and not text[-2:-1].isspace():
        if bars[-1:] == [delimiter]:
            bars.pop()
            return "closing"
        bars.append(delimiter)
        return "opening"
    if delimiter in _OPENING:
        return "opening"
    if delimiter in _CLOSING:
        return "closing"
    kinds = (("sign", _SIGNS), ("relation", _RELATIONS), ("stop", _STOPS))
    return next((kind for kind, those in kinds if text in those), "plain")


def _size(text: str) -> str:
    return next((size for size in _SIZES if text.startswith(size)), "")


_SIZES = tuple(rf"\{size}{side}" for size in ("bigg", "Bigg", "big", "Big") for side in "lr")


def _items(latex: str) -> Iterator[tuple[str, int]]:
    r"""Yield what stands beside each other, and where: a group, and what is between `\left` and `\right`, is one item.

    Scripts belong to what they are attached to.
    """
    enclosed = began = 0
    script = False
    for m in SIGN.finditer(latex):
        if m["opens"]:
            began = began if enclosed else m.start()
            enclosed += 1
            continue
        enclosed -= bool(m["closes"])
        if enclosed or m["unseen"] or latex[began : m.end()] == "{}":
            continue
        if m[0] in ("^", "_", "'"):
            script = m[0] != "'"
        elif script:
            script = False
        else:
            yield (latex[began : m.end()], began) if m["closes"] else (m[0], m.start())


def _is_paired(latex: str) -> bool:
    """Whether every brace, `\\left` and `\\begin` has its end."""
    opened: list[str] = []
    for m in SIGN.finditer(latex):
        if m["opens"]:
            opened.append(_ENDS[m[0][:3]])
        elif m["closes"] and (not opened or not m[0].startswith(opened.pop())):
            return False
    return not opened


_ENDS = {"{": "}", r"\be": r"\end", r"\le": r"\right"}
