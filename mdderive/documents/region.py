r"""Regions: a marker in a comment, the solution behind it, and the stamp `IN.OUT`; the standard library alone.

    <!-- mdderive \derive<f><X> -->         % mdderive \derive<f><X>        $...$<!-- mdderive \derive<f><X> IN.OUT -->
    ...                                     ...
    <!-- /mdderive IN.OUT -->               % /mdderive IN.OUT              $...$\iffalse mdderive {...} IN.OUT\fi{}

IN digests what went in, OUT what came out. A `=` behind OUT says that what came out is an edit that was accepted, a `+`
behind the stamp that the blank line that follows is ours.
A marker that stood alone in math keeps the name of its delimiters in the comment, as in `math\derive<f><X>`: a dollar
there would upset those who look for math before they look for comments.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from .lines import LINE_END
from .model import Request

OUTPUT_VERSION = 1
"""Raised only when the text of solutions may change: all regions are then out of date."""

_EMPHASIS = re.compile(r"_(?:(?<![\w})\\]_)(?=\S)|(?<=\S_)(?![\w{(\\]))")
"""What may be a sign of emphasis: prettier writes `_` for `*`; within a formula it is surrounded by other signs.

The sign comes first and what stands before it after, so that only the places of signs are tried.
"""
STAMP = r"[0-9a-f]{8}\.[0-9a-f]{8}=?"
_STAMP = re.compile(r"(?P<taken>[0-9a-f]{8})\.(?P<given>[0-9a-f]{8})(?P<accepted>=?)\+?")
_BLANK_LINE = re.compile(r"(?:\r\n|\r(?!\n)|\n)[ \t>]*(?:\r\n|\r(?!\n)|\n)")

Piece = tuple[int, int, int]


class Region(NamedTuple):
    """A region of a text: `text[start:end]` takes the place of the author's `body`.

    `pieces` are (offset in `body`, offset in the text, length) of what stands in the text as the author wrote it;
    `content` and `stamp` are stretches of the text; `closed` is where the last comment ends, behind which a blank line
    may be ours; `taken` and `given` are IN and OUT; with `accepted` the content is an edit that was accepted.
    """

    start: int
    end: int
    body: str
    pieces: tuple[Piece, ...]
    content: tuple[int, int]
    closed: int
    inline: bool
    stamp: tuple[int, int]
    taken: str
    given: str
    accepted: bool


def block_region(
    text: str, start: int, body: str, pieces: Sequence[Piece], content: tuple[int, int], stamp: int, closed: int,
    end: int | None = None,
) -> Region:  # fmt: skip
    """Return the region of a block whose stamp begins at `stamp`; it ends where it is closed, if not at `end`."""
    end = closed if end is None else end
    return Region(start, end, body, tuple(pieces), content, closed, False, *_read_stamp(text, stamp))


def inline_region(
    text: str, free: int, body: str, pieces: Sequence[Piece], comment: int, stamp: int, end: int
) -> Region | None:
    """Return the region whose value stands before a comment, the math that begins at `free` or later and ends there."""
    start = text.rfind("$", free, max(comment - 1, free)) if text.endswith("$", free, comment) else -1
    if start < 0 or _BLANK_LINE.search(text, start, comment):
        return None
    return Region(start, end, body, tuple(pieces), (start, comment), end, True, *_read_stamp(text, stamp))


def _read_stamp(text: str, start: int) -> tuple[tuple[int, int], str, str, bool]:
    found = _STAMP.match(text, start)
    assert found is not None
    return found.span(), found["taken"], found["given"], bool(found["accepted"])


def digest_of_request(request: Request) -> str:
    """Return IN: eight digits that change whenever the solution may."""
    return key_of_request(request)[:8]


def key_of_request(request: Request) -> str:
    """Return the digest of which IN is the beginning, long enough to tell the requests of all projects apart."""
    parts = (
        str(OUTPUT_VERSION), request.kind, "inline" if request.inline else "block", request.language,
        request.environment, LINE_END.sub("\n", request.marker.source), *request.context,
    )  # fmt: skip
    return _digest("\0".join(parts))


def digest_of_content(content: str) -> str:
    """Return OUT: eight digits that no change of white space, container prefixes or the sign of emphasis changes."""
    # White space goes anyhow, so a line end may count twice.
    lines = _EMPHASIS.sub("*", content).replace("\r", "\n").split("\n")
    return _digest("".join("".join([line.lstrip(" \t>") for line in lines]).split()))[:8]


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Stripped:
    """A text without its regions: `base` is what the author wrote, `starts` where in it each region's marker stands."""

    def __init__(self, text: str, regions: Sequence[Region]) -> None:
        self.starts: list[int] = []
        self._from: list[int] = []
        self._to: list[int] = []
        parts: list[str] = []
        length = position = 0
        for region in regions:
            self._map(length, position)
            parts.append(text[position : region.start])
            length += region.start - position
            self.starts.append(length)
            self._map(length, region.start)
            for offset, place, size in region.pieces:
                self._map(length + offset, place)
                self._map(length + offset + size, place + size)
            parts.append(region.body)
            length += len(region.body)
            position = region.end
        self._map(length, position)
        parts.append(text[position:])
        self.base = "".join(parts)

    def _map(self, base: int, text: int) -> None:
        self._from.append(base)
        self._to.append(text)

    def locate(self, offset: int) -> int:
        """Return where in the text the character stands that is at `offset` of the base."""
        k = bisect_right(self._from, offset) - 1
        return self._to[k] + offset - self._from[k]
