"""Regions in Markdown: their comments found, and written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..latex.patterns import lazily
from .lines import LINE_END
from .region import STAMP, Piece, Region, block_region, inline_region

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .scan import MarkerSite

DELIMITERS = {
    "": ("", ""),
    "math": ("$", "$"),
    "display": ("$$", "$$"),
    "paren": (r"\(", r"\)"),
    "bracket": (r"\[", r"\]"),
    "role": ("{math}`", "`"),
}
ANCHOR = re.compile(r"<!-- /?mdderive ")
"""The comments of regions that renderers must take as comments."""
CONTEXT = lazily(r"<!--\s*mdderive:(?P<clauses>.*?)-->", re.DOTALL)
_COMMENT = re.compile(r"<!-- (?P<close>/)?mdderive ")
_CLOSE = re.compile(rf"{STAMP}(?P<blank>\+?) -->")
_BODY = re.compile(
    rf"(?P<form>{'|'.join(filter(None, DELIMITERS))})?(?P<body>[\s>]*\\derive.*?)(?: (?P<stamp>{STAMP}))? -->",
    re.DOTALL,
)


def regions(text: str) -> list[Region]:
    """Return all that looks like a region; whether it is one, only its marker can tell."""
    found: list[Region] = []
    opening: tuple[int, re.Match[str]] | None = None
    position = free = 0  # where to go on, and what no region has taken yet
    while comment := _COMMENT.search(text, position):
        end = text.find("-->", comment.end()) + 3
        if end < 3:
            break
        position = end
        if comment["close"]:
            stamp = _CLOSE.match(text, comment.end())
            if stamp and opening:
                found.append(_block(text, *opening, comment.start(), stamp))
                position = free = found[-1].end
            opening = None
            continue
        body = _BODY.match(text, comment.end(), end)
        if body and body["stamp"]:
            region = inline_region(
                text, free, *_with_delimiters(body), comment.start(), body.start("stamp"), body.end()
            )
            if region:
                found.append(region)
                free = region.end
        opening = (comment.start(), body) if body and not body["stamp"] else None
    return found


def _block(text: str, start: int, body: re.Match[str], close: int, stamp: re.Match[str]) -> Region:
    closed = stamp.end()
    end = _behind_blank_line(text, close, closed) if stamp["blank"] else closed
    return block_region(text, start, *_with_delimiters(body), (body.end(), close), stamp.start(), closed, end)


def _with_delimiters(body: re.Match[str]) -> tuple[str, Sequence[Piece]]:
    opening, closing = DELIMITERS[body["form"] or ""]
    return f"{opening}{body['body']}{closing}", [(len(opening), body.start("body"), len(body["body"]))]


def _behind_blank_line(text: str, close: int, end: int) -> int:
    """Return where the blank line ends that we added after the close; `end` if a formatter has removed it."""
    line_start = max(text.rfind("\n", 0, close), text.rfind("\r", 0, close)) + 1
    line_end = LINE_END.match(text, end)
    prefix = text[line_start:close].rstrip()
    if line_end and text.startswith(prefix, line_end.end()):
        behind = line_end.end() + len(prefix)
        if not text[behind : behind + 1].strip(" \t\r\n"):
            return behind
    return end


def block(body: str, site: MarkerSite, content: Sequence[str], stamp: str, end: str, blank: bool) -> str:
    """Return a block region, from where the marker stood; `blank` adds a blank line behind it."""
    prefix, empty = site.prefix, site.prefix.rstrip()
    lines = [f"<!-- mdderive {_without_delimiters(body, site.form)} -->", empty]
    lines += [prefix + line if line else empty for line in content]
    lines += [empty, f"{prefix}<!-- /mdderive {stamp}{'+' if blank else ''} -->", *([empty] if blank else [])]
    return end.join(lines)


def inline(body: str, site: MarkerSite, value: str, stamp: str) -> str:
    """Return an inline region; the value comes first, as a line must not begin with a comment."""
    return f"{value}<!-- mdderive {_without_delimiters(body, site.form)} {stamp} -->"


def comment(lines: Sequence[str], prefix: str, end: str) -> str:
    """Return lines as a comment."""
    inside = [line.replace("-->", "-- >") for line in lines]
    return "".join(f"{prefix}{line}{end}" for line in ("<!-- " + inside[0], *inside[1:], "-->"))


def _without_delimiters(body: str, form: str) -> str:
    opening, closing = DELIMITERS[form]
    return form + body[len(opening) : len(body) - len(closing)]
