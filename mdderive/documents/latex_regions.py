"""Regions in LaTeX: their comments found, and written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .lines import LINE_END
from .region import STAMP, Piece, Region, block_region, inline_region
from .scan import MarkerSite

_SIGN = re.compile(
    rf"""
    (?P<open>%\ mdderive\ )
    | (?P<close>(?:(?<=[\r\n])|\A)[ \t]*%\ /mdderive\ (?P<stamp>{STAMP})[ \t]*(?=[\r\n]|\Z))
    | (?P<false>\\iffalse\ mdderive\ \{{)
    | (?P<fi>\}}\ (?P<stamp2>{STAMP})\\fi\{{\}})
    """,
    re.VERBOSE,
)
_CONTINUED = re.compile(r"(?:\r\n|\r(?!\n)|\n)(?P<lead>[ \t]*)(?P<comment>% mdderive )")


def regions(text: str) -> list[Region]:
    """Return all that looks like a region; whether it is one, only its marker can tell."""
    found: list[Region | None] = []
    opened: re.Match[str] | None = None
    inlined: re.Match[str] | None = None
    free, continued = 0, -1
    for match in _SIGN.finditer(text):
        if match["open"]:
            opened = opened if match.start() == continued else match
            following = _CONTINUED.match(text, _line_end(text, match.end()))
            continued = following.start("comment") if following else -1
        elif match["close"]:
            found += [_block(text, opened, match)] if opened else []
            free, opened = match.end(), None
        elif match["false"]:
            inlined = match
        elif match["fi"] and inlined:
            start, end = inlined.end(), match.start()
            body, piece = text[start:end], (0, start, end - start)
            if r"\derive" in body:
                place = inlined.start(), match.start("stamp2"), match.end()
                found.append(inline_region(text, free, body, [piece], *place))
            free, inlined = match.end(), None
    return [region for region in found if region]


def _block(text: str, opening: re.Match[str], close: re.Match[str]) -> Region | None:
    """Return the region that a run of comments opens; taking the `% mdderive ` away leaves the author's lines."""
    pieces: list[Piece] = []
    body = ""
    start = opening.end()
    while True:
        end = _line_end(text, start)
        following = _CONTINUED.match(text, end)
        for first, last in ((start, end), (end, following.start("comment") if following else end)):
            pieces.append((len(body), first, last - first))
            body += text[first:last]
        if following is None:
            break
        start = following.end()
    if r"\derive" not in body:
        return None
    return block_region(
        text, opening.start(), body, pieces, (end, close.start()), close.start("stamp"), close.end("stamp")
    )


def _line_end(text: str, position: int) -> int:
    match = LINE_END.search(text, position)
    return match.start() if match else len(text)


def block(body: str, site: MarkerSite, content: Sequence[str], stamp: str, end: str, blank: bool) -> str:
    """Return a block region, from where the marker stood; what follows needs no blank line."""
    commented = re.sub(r"(\r\n|\r|\n)([ \t]*)", r"\1\2% mdderive ", f"% mdderive {body}")
    lines = (site.prefix + line if line else "" for line in content)
    return end.join([commented, *lines, f"{site.prefix}% /mdderive {stamp}"])


def inline(body: str, site: MarkerSite, value: str, stamp: str) -> str:
    """Return an inline region."""
    return rf"{value}\iffalse mdderive {{{body}}} {stamp}\fi{{}}"


def comment(lines: Sequence[str], prefix: str, end: str) -> str:
    """Return lines as a comment."""
    return "".join(f"{prefix}% {line}".rstrip() + end for line in lines)
