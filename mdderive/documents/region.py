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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from .lines import LINE_END
from .model import Kind, Request

OUTPUT_VERSION = 1
"""Raised only when the text of solutions may change: all regions are then out of date."""

DELIMITERS = {
    "": ("", ""),
    "math": ("$", "$"),
    "display": ("$$", "$$"),
    "paren": (r"\(", r"\)"),
    "bracket": (r"\[", r"\]"),
}
_EMPHASIS = re.compile(r"(?<![\w})\\])_(?=\S)|(?<=\S)_(?![\w{(\\])")
"""What may be a sign of emphasis: prettier writes `_` for `*`; within a formula it is surrounded by other signs."""
_STAMP = r"(?P<taken>[0-9a-f]{8})\.(?P<given>[0-9a-f]{8}=?)"
_COMMENT = re.compile(r"<!-- (?P<close>/)?mdderive ")
_CLOSE = re.compile(rf"{_STAMP}(?P<blank>\+?) -->")
_BODY = re.compile(rf"(?P<form>math|display|paren|bracket)?(?P<body>[\s>]*\\derive.*?)(?: {_STAMP})? -->", re.DOTALL)
_LATEX = re.compile(
    rf"""
    (?P<open>%\ mdderive\ )
    | (?P<close>^[ \t]*%\ /mdderive\ {_STAMP}[ \t]*$)
    | (?P<false>\\iffalse\ mdderive\ \{{)
    | (?P<fi>\}}\ (?P<taken2>[0-9a-f]{{8}})\.(?P<given2>[0-9a-f]{{8}}=?)\\fi\{{\}})
    """.replace("^", r"(?:(?<=[\r\n])|\A)").replace("$", r"(?=[\r\n]|\Z)"),
    re.VERBOSE,
)
_CONTINUED = re.compile(r"(?:\r\n|\r(?!\n)|\n)(?P<lead>[ \t]*)(?P<comment>% mdderive )")
_BLANK_LINE = re.compile(r"(?:\r\n|\r(?!\n)|\n)[ \t>]*(?:\r\n|\r(?!\n)|\n)")


@dataclass(frozen=True, slots=True)
class Region:
    """A region of a text: `text[start:end]` takes the place of the author's `body`.

    `pieces` are (offset in `body`, offset in the text, length) of what stands in the text as the author wrote it;
    `content` and `stamp` are stretches of the text; `taken` and `given` are IN and OUT; with
    `accepted` the content is an edit that was accepted.
    """

    start: int
    end: int
    body: str
    pieces: tuple[tuple[int, int, int], ...]
    content: tuple[int, int]
    stamp: tuple[int, int]
    taken: str
    given: str
    inline: bool
    accepted: bool = False


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


def find_regions(text: str, kind: Kind) -> list[Region]:
    """Return all that looks like a region; whether it is one, only its marker can tell."""
    if "mdderive " not in text:
        return []
    return _markdown_regions(text) if kind == "markdown" else _latex_regions(text)


def _markdown_regions(text: str) -> list[Region]:
    regions: list[Region] = []
    opening: tuple[re.Match[str], re.Match[str]] | None = None
    position = free = 0  # where to go on, and what no region has taken yet
    while comment := _COMMENT.search(text, position):
        end = text.find("-->", comment.end()) + 3
        if end < 3:
            break
        position = end
        if comment["close"]:
            stamp = _CLOSE.match(text, comment.start() + len("<!-- /mdderive "))
            if stamp and opening:
                regions.append(_markdown_block(text, *opening, comment.start(), stamp))
                position = free = regions[-1].end
            opening = None
            continue
        body = _BODY.match(text, comment.start() + len("<!-- mdderive "), end)
        if body and body["taken"]:
            region = _markdown_inline(text, free, comment.start(), body)
            if region:
                regions.append(region)
                free = region.end
        opening = (comment, body) if body and not body["taken"] else None
    return regions


def _markdown_block(text: str, opening: re.Match[str], body: re.Match[str], close: int, stamp: re.Match[str]) -> Region:
    end = stamp.end()
    if stamp["blank"]:
        end = _behind_blank_line(text, close, end)
    source, pieces = _with_delimiters(body)
    content = (body.end(), close)
    inside = (stamp.start(), stamp.end() - len(" -->"))
    return Region(opening.start(), end, source, pieces, content, inside, stamp["taken"], *_given(stamp["given"], False))


def _markdown_inline(text: str, free: int, comment: int, body: re.Match[str]) -> Region | None:
    """Return the region whose value stands before the comment: the math that ends there."""
    start = text.rfind("$", free, max(comment - 1, free)) if text.endswith("$", free, comment) else -1
    if start < 0 or _BLANK_LINE.search(text, start, comment):
        return None
    source, pieces = _with_delimiters(body)
    stamp = (body.start("taken"), body.end("given"))
    taken, given = body["taken"], body["given"]
    return Region(start, body.end(), source, pieces, (start, comment), stamp, taken, *_given(given, True))


def _with_delimiters(body: re.Match[str]) -> tuple[str, tuple[tuple[int, int, int], ...]]:
    opening, closing = DELIMITERS[body["form"] or ""]
    return f"{opening}{body['body']}{closing}", ((len(opening), body.start("body"), len(body["body"])),)


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


def _latex_regions(text: str) -> list[Region]:
    regions: list[Region] = []
    block: re.Match[str] | None = None
    inline: re.Match[str] | None = None
    free, continued = 0, -1
    for match in _LATEX.finditer(text):
        if match["open"]:
            block = block if match.start() == continued else match
            following = _CONTINUED.match(text, _line_end(text, match.end()))
            continued = following.start("comment") if following else -1
        elif match["close"]:
            region = _latex_block(text, block, match) if block else None
            regions += [region] if region else []
            free = match.end()
            block = None
        elif match["false"]:
            inline = match
        elif match["fi"] and inline:
            region = _latex_inline(text, free, inline, match)
            regions += [region] if region else []
            free = match.end()
            inline = None
    return regions


def _latex_block(text: str, opening: re.Match[str], close: re.Match[str]) -> Region | None:
    """Return the region that a run of comments opens; taking the `% mdderive ` away leaves the author's lines."""
    pieces: list[tuple[int, int, int]] = []
    body = ""
    start = opening.end()
    while True:
        end = _line_end(text, start)
        pieces.append((len(body), start, end - start))
        body += text[start:end]
        following = _CONTINUED.match(text, end)
        if following is None:
            break
        pieces.append((len(body), end, following.start("comment") - end))
        body += text[end : following.start("comment")]
        start = following.end()
    if r"\derive" not in body:
        return None
    stamp = (close.start("taken"), close.end("given"))
    content = (end, close.start())
    taken, given = close["taken"], close["given"]
    return Region(
        opening.start(), close.end("given"), body, tuple(pieces), content, stamp, taken, *_given(given, False)
    )


def _latex_inline(text: str, free: int, opening: re.Match[str], close: re.Match[str]) -> Region | None:
    comment = opening.start()
    start = text.rfind("$", free, max(comment - 1, free)) if text.endswith("$", free, comment) else -1
    body = text[opening.end() : close.start()]
    if start < 0 or r"\derive" not in body or _BLANK_LINE.search(text, start, comment):
        return None
    stamp = (close.start("taken2"), close.end("given2"))
    pieces = ((0, opening.end(), len(body)),)
    taken, given = close["taken2"], close["given2"]
    return Region(start, close.end(), body, pieces, (start, comment), stamp, taken, *_given(given, True))


def _given(given: str, inline: bool) -> tuple[str, bool, bool]:
    """Return OUT, whether the region is inline, and whether its content is an accepted edit."""
    return given.removesuffix("="), inline, given.endswith("=")


def _line_end(text: str, position: int) -> int:
    match = LINE_END.search(text, position)
    return match.start() if match else len(text)


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


def markdown_block(body: str, form: str, content: Iterable[str], stamp: str, prefix: str, end: str, blank: bool) -> str:
    """Return a block region for Markdown, from where the marker stood; `blank` adds a blank line behind it."""
    empty = prefix.rstrip()
    lines = [f"<!-- mdderive {_without_delimiters(body, form)} -->", empty]
    lines += [prefix + line if line else empty for line in content]
    lines += [empty, f"{prefix}<!-- /mdderive {stamp}{'+' if blank else ''} -->", *([empty] if blank else [])]
    return end.join(lines)


def markdown_inline(body: str, form: str, value: str, stamp: str) -> str:
    """Return an inline region for Markdown; the value comes first, as a line must not begin with a comment."""
    return f"{value}<!-- mdderive {_without_delimiters(body, form)} {stamp} -->"


def latex_block(body: str, content: Iterable[str], stamp: str, prefix: str, end: str) -> str:
    """Return a block region for LaTeX, from where the marker stood."""
    commented = re.sub(r"(\r\n|\r|\n)([ \t]*)", r"\1\2% mdderive ", f"% mdderive {body}")
    lines = [commented, *(prefix + line if line else "" for line in content), f"{prefix}% /mdderive {stamp}"]
    return end.join(lines)


def latex_inline(body: str, value: str, stamp: str) -> str:
    """Return an inline region for LaTeX."""
    return rf"{value}\iffalse mdderive {{{body}}} {stamp}\fi{{}}"


def _without_delimiters(body: str, form: str) -> str:
    opening, closing = DELIMITERS[form]
    return form + body[len(opening) : len(body) - len(closing)]
