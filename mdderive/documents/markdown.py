"""Markdown: where its markers and formulas stand, and how solutions are written into it.

markdown-it-py says what is text and what is code, our own line table where it stands.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import accumulate
from typing import TYPE_CHECKING

from ..errors import DeriveError, Note, ParseError, Span
from ..latex.macros import START as MACRO_START
from .context import Clause, clauses_of_comment, clauses_of_macros
from .formulas import LONGEST as LONGEST_FORMULA
from .formulas import SHOWN, SourceFormula, formulas_between_signs
from .front_matter import clauses_of_front_matter
from .lines import LINE_END, Lines, lines_of
from .markdown_parser import InlineContent, blocks_of, formula_parser, lines_of_options, marker_parser
from .markdown_regions import ANCHOR, CONTEXT, block, comment, inline, regions
from .marker import MARKER_START, read_marker
from .model import Marker
from .scan import IN_HTML, MarkerSite, Scan, amid_math
from .syntax import PageSyntax

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_ALERT = re.compile(r"\[![A-Za-z]+\][+-]?[^\n]*\n[ \t]*")
_TASK = re.compile(r"\[[ xX]\][ \t]+")
_ARROW = re.compile(r"--!?>")
"""What ends a comment, for Markdown or for a browser."""
_BARE_BAR = re.compile(r"(?<!\\)\|")
_FOOTNOTE = re.compile(r"[ \t]*\[\^[^\]]*\]:[ \t]*")
_FENCES = ("math", "latex", "tex", "{math}")
LONGEST = 200_000
"""How many characters a paragraph, a heading or a cell with markers may have; time grows by the character."""
_WHY = {"fence": "a code block", "code_block": "a code block", "html_block": IN_HTML}
_RAW = re.compile(r"(?i)[ \t>]*<(?:pre|script|style|textarea|[!?])")
"""The HTML whose text no renderer reads, whatever stands before it."""


def scan(text: str) -> Scan:
    """Return what stands in the Markdown page `text`."""
    return scan_part(text, is_whole=True)


def scan_part(text: str, *, is_whole: bool = False) -> Scan:
    """Return what stands in a part of a page, whose clauses may hold for the markers of other parts."""
    error: DeriveError | None = None
    clauses: list[Clause] = []
    try:
        clauses = clauses_of_front_matter(text)
    except DeriveError as trouble:
        error = trouble
    if is_whole and r"\derive" not in text and "mdderive " not in text:
        return Scan((), tuple(clauses), error=error)
    return _MarkdownScanner(text, clauses).run()._replace(error=error)


class _MarkdownScanner:
    def __init__(self, text: str, clauses: list[Clause]) -> None:
        self.text = text
        self.lines = lines_of(text)
        self.clauses = clauses
        self.sites: list[MarkerSite] = []
        self.anchors: list[int] = []
        self.reasons: list[tuple[int, int, str]] = []
        self.cell_ends: dict[int, int] = {}

    def run(self) -> Scan:
        """Return what stands in the page."""
        parser, inline_parser = marker_parser(100), marker_parser(20)  # within a line, time grows with the depth
        skipped, tokens = blocks_of(parser, self.lines)
        self.reasons.append((0, skipped, "the front matter"))
        defines = MACRO_START.search(self.text) is not None
        for k, token in enumerate(tokens):
            if token.map is None:
                continue
            if token.type in ("fence", "code_block", "html_block"):
                self._code(token)
            elif token.type == "math_block":
                self._math_block(token)
            elif token.type == "inline" and ("derive" in token.content or (defines and "$" in token.content)):
                self._inline(inline_parser, token, tokens[k - 1], tokens[k - 2].type == "list_item_open")
        self.clauses.sort(key=lambda clause: clause.since)
        return Scan(tuple(self.sites), tuple(self.clauses), tuple(self._ignored()), frozenset(self.anchors))

    def _code(self, token: Token) -> None:
        assert token.map is not None
        first, last = token.map
        if token.type != "html_block" or not _RAW.match(token.content):
            self.reasons.append((first, last, _WHY[token.type]))
        if token.type == "html_block":
            start, end = self.lines.starts[first], self.lines.ends[min(last, len(self.lines)) - 1]
            self.anchors += [match.start() for match in ANCHOR.finditer(self.text, start, end)]
            for match in CONTEXT.finditer(self.text, start, end):
                self.clauses += clauses_of_comment(self.text, *match.span("clauses"))

    def _math_block(self, token: Token) -> None:
        assert token.map is not None
        first, last = token.map
        start = self.text.index("$$", self.lines.starts[first])
        end = self.text.rindex("$$", start, self.lines.ends[last - 1]) + 2
        origin = MARKER_START.search(self.text, start, end)
        if origin is None:
            self.clauses += clauses_of_macros(self.text, start, end)
            return
        try:
            marker = read_marker(self.text, origin.start())
        except DeriveError as error:
            self.sites.append(MarkerSite(start, end, origin.start(), None, error))
            return
        behind = origin.start() + len(marker.source)
        if token.info:
            message = f"a marker cannot stand in a display with a label: nothing would be left to bear {token.info}"
            labelled = ParseError(
                "E105", message, Span("page", origin.start(), behind), "take out the marker or the label"
            )
            self.sites.append(MarkerSite(start, end, origin.start(), None, labelled))
            return
        if self.text[start + 2 : origin.start()].strip(" \t\r\n>") or self.text[behind : end - 2].strip(" \t\r\n>"):
            self.sites.append(MarkerSite(start, end, origin.start(), None, amid_math(origin.start(), behind)))
            return
        self._add(MarkerSite(start, end, origin.start(), marker, None, False, "display", self._prefix(start)))

    def _inline(self, parser: MarkdownIt, token: Token, parent: Token, item: bool) -> None:
        assert token.map is not None
        if len(token.content) > LONGEST:
            self._too_long(*token.map)
            return
        content = InlineContent(token.content)
        parser.inline.parse(content.text, parser, {"mdderive": content}, [])
        places = _places(self.lines, token, parent, self.cell_ends)
        title = (_TASK if item else _ALERT).match(content.text)
        alone_from, alone_to = title.end() if title else 0, len(content.text.rstrip())
        for start, end, origin, form, marker in content.found:
            alone = parent.type == "paragraph_open" and (start, end) == (alone_from, alone_to)
            self._found(places, (start, end, origin), form, marker, alone, parent.type == "heading_open")
        for start, end in content.math:
            with suppress(LookupError):
                self.clauses += clauses_of_macros(self.text, places.locate(start), places.locate(end - 1))
        last = content.text.rfind("-->")
        for start in content.comments:
            if start < last:
                self._comment(places, start)

    def _too_long(self, first: int, last: int) -> None:
        """Say of the first marker of a paragraph that nobody reads that it is not read either."""
        begin, end = self.lines.starts[first], self.lines.ends[min(last, len(self.lines)) - 1]
        if marker := MARKER_START.search(self.text, begin, end):
            start = marker.start()
            message = f"the paragraph of this marker has more than {LONGEST:,} characters"
            error = ParseError(
                "E108", message, Span("page", start, start + 7), "put the marker into a paragraph of its own"
            )
            self.sites.append(MarkerSite(*marker.span(), start, None, error))
            self.reasons.append((first, last, "a paragraph that is too long"))

    def _found(
        self, places: Places, stretch: tuple[int, int, int], form: str, marker: Marker | DeriveError, alone: bool,
        heading: bool,
    ) -> None:  # fmt: skip
        start, end, origin = stretch
        try:
            first, last, begin = places.locate(start), places.locate(end - 1) + 1, places.locate(origin)
        except LookupError:
            place = self.lines.starts[places.first]
            span, message = Span("page", place, place + 1), "a marker in this paragraph cannot be placed"
            error = ParseError("E106", message, span, "put it into a paragraph of its own")
            self.sites.append(MarkerSite(place, place + 1, place, None, error))
            return
        if isinstance(marker, DeriveError):
            self.sites.append(MarkerSite(first, last, begin, None, _moved(marker, places)))
            return
        exact: tuple[int, ...] = ()
        if isinstance(places, CellPlaces):
            exact = tuple(places.locate(origin + k) for k in range(len(marker.source)))
            if bar := _BARE_BAR.search(marker.source):
                place = exact[bar.start()] - 1
                message = r"within a table, \| stands for |: whether a norm is meant cannot be told"
                hint = r"write \lVert x\rVert for a norm, \lvert x\rvert for a determinant or an absolute value"
                error = ParseError("E107", message, Span("page", place, place + 2), hint)
                self.sites.append(MarkerSite(first, last, begin, None, error))
                return
        elif "\n" in marker.source:
            found = self._over_lines(marker, begin, first if alone else None)
            if isinstance(found, DeriveError):
                self.sites.append(MarkerSite(first, last, begin, None, found))
                return
            marker = found
        prefix = self._prefix(first) if alone else ""
        self._add(MarkerSite(first, last, begin, marker, None, not alone, form, prefix, heading=heading, places=exact))

    def _over_lines(self, marker: Marker, start: int, block: int | None) -> Marker | DeriveError:
        """Return the marker with its own line ends, or what is wrong: only a plain paragraph can hold it."""
        lead = "" if block is None else self.text[self.lines.starts[self.lines.number(block)] : block]
        try:
            found = None if lead.strip(" \t") else read_marker(self.text, start)
        except DeriveError:
            found = None
        if found and LINE_END.sub("\n", found.source).replace("\0", "\ufffd") == marker.source:
            return found
        return ParseError(
            "E106", "within a list or a quote, a marker must stand on one line", Span("page", start, start + 7),
            "join its lines, or define its parts in a comment before it: <!-- mdderive: ... -->",
        )  # fmt: skip

    def _add(self, site: MarkerSite) -> None:
        """Add the site, with an error if no comment can hold its marker."""
        arrow = _ARROW.search(self.text, site.start, site.end)
        if arrow:
            message = f"this marker contains {arrow[0]}, so no comment can hold it"
            error = ParseError("E104", message, Span("page", *arrow.span()), r"write \to or put a blank into it")
            site = MarkerSite(site.start, site.end, site.origin, None, error)
        self.sites.append(site)

    def _comment(self, places: Places, start: int) -> None:
        try:
            place = places.locate(start)
        except LookupError:
            return
        if ANCHOR.match(self.text, place):
            self.anchors.append(place)
        elif context := CONTEXT.match(self.text, place):
            self.clauses += clauses_of_comment(self.text, *context.span("clauses"))

    def _prefix(self, start: int) -> str:
        """Return what begins each line of a block at `start`: the author's own quotes and blanks."""
        lead = self.text[self.lines.starts[self.lines.number(start)] : start]
        if not lead.strip(" \t>"):
            return lead
        if task := _TASK.search(lead):
            lead = lead[: task.start()]
        *outside, last = lead.split(">")
        blanks = [" " * len(piece.expandtabs(4)) for piece in outside]  # a quote may not stand further in than its sign
        gap = last[: last.startswith(" ")] if outside else ""
        return ">".join([*blanks, gap + _indentation(last.removeprefix(gap))])

    def _ignored(self) -> Iterator[tuple[int, str]]:
        """Yield the markers that are text, and what makes them so."""
        taken = sorted((site.start, site.end) for site in self.sites)
        starts = [start for start, _ in taken]
        reasons = sorted(self.reasons)
        firsts = [first for first, _, _ in reasons]
        for match in MARKER_START.finditer(self.text):
            k = bisect_right(starts, match.start()) - 1
            if k >= 0 and match.start() < taken[k][1]:
                continue
            line = self.lines.number(match.start())
            k = bisect_right(firsts, line) - 1
            inside = k >= 0 and line < reasons[k][1]
            yield match.start(), reasons[k][2] if inside else "code, a comment, a tag or a title"


class ParagraphPlaces:
    """Every line of the content is the end of its source line, blanks aside; of an ATX heading, the inside."""

    def __init__(self, lines: Lines, token: Token, heading: bool = False) -> None:
        assert token.map is not None
        self.lines, self.content, self.first = lines, token.content, token.map[0]
        self.heading = heading
        self.starts = [0, *(match.end() for match in LINE_END.finditer(self.content))]
        self.shifts: dict[int, int] = {}
        while self.first + 1 < len(self.lines) and not self.lines[self.first].lstrip("> \t").strip():
            self.first += 1  # a form feed is a line of the paragraph, but not of its content

    def _shift(self, number: int) -> int:
        """Return what to add to a position in line `number` of the content."""
        start = self.starts[number]
        line = self.content[start : self.starts[number + 1] if number + 1 < len(self.starts) else None]
        core = line.strip()
        source = self.lines[self.first + number].replace("\0", "\ufffd")
        if self.heading:
            title = source[source.find("#") :].lstrip("#").lstrip()
            column = len(source) - len(title)
        else:
            column = len(source.rstrip()) - len(core)
        if column < 0 or not source.startswith(core, column):
            raise LookupError(number)
        blanks = len(line) - len(line.lstrip())
        return self.lines.starts[self.first + number] + column - blanks - start

    def locate(self, position: int) -> int:
        """Return where in the page the character stands that is at `position` of the content.

        Raises:
            LookupError: it does not stand where it should.
        """
        number = bisect_right(self.starts, position) - 1
        if number not in self.shifts:
            self.shifts[number] = self._shift(number)
        return position + self.shifts[number]


class CellPlaces:
    r"""The cells of a row follow each other in its line; a `|` within one is written `\|`."""

    def __init__(self, lines: Lines, token: Token, cell_ends: dict[int, int]) -> None:
        """Read a cell behind those that end, in their line, at the place that `cell_ends` keeps."""
        assert token.map is not None
        self.lines, self.first = lines, token.map[0]
        source = lines[self.first].replace("\0", "\ufffd")
        at = source.find(token.content[:20].split("|")[0], cell_ends.get(self.first, 0))
        self.places = _aligned(source, at, token.content) if at >= 0 else []
        if self.places:
            cell_ends[self.first] = self.places[-1] + 1

    def locate(self, position: int) -> int:
        """Return the same, or raise the same."""
        return self.lines.starts[self.first] + self.places[position]


def _aligned(source: str, start: int, content: str) -> list[int]:
    places: list[int] = []
    k = start
    for sign in content:
        if sign == "|" and source.startswith("\\|", k):
            k += 1
        if source[k : k + 1] != sign:
            return []
        places.append(k)
        k += 1
    return places


Places = ParagraphPlaces | CellPlaces
"""Where the characters of an inline content stand in the page."""


def _places(lines: Lines, token: Token, parent: Token, cell_ends: dict[int, int]) -> Places:
    """Return where the characters of the inline content `token` stand."""
    if parent.type in ("td_open", "th_open"):
        return CellPlaces(lines, token, cell_ends)
    return ParagraphPlaces(lines, token, parent.markup.startswith("#"))


def _indentation(lead: str) -> str:
    """Return blanks as wide as a bullet, and enough for renderers that count an item's level in steps of four."""
    if not lead.strip():
        return lead
    blanks = len(lead.expandtabs(4)) - len(lead.expandtabs(4).lstrip())
    width = 0 if _FOOTNOTE.match(lead) else len(lead.expandtabs(4))
    return " " * max(width, (blanks // 4 + 1) * 4)


def _moved(error: DeriveError, places: Places) -> DeriveError:
    """Return the error with places in the page instead of places in a paragraph."""

    def moved(span: Span) -> Span:
        return Span("page", places.locate(span.start), places.locate(max(span.end - 1, span.start)) + 1)

    try:
        span = moved(error.span) if error.span else None
        notes = tuple(Note(moved(note.span), note.text) for note in error.notes)
    except LookupError:
        span, notes = None, ()
    return ParseError(error.code, error.message, span, error.hint, notes)


def formulas(text: str) -> Iterator[SourceFormula]:
    """Yield the formulas of the Markdown page `text`."""
    if not any(sign in text for sign in ("$", r"\(", r"\[", r"\begin", "```", "~~~", "{math}")):
        return
    lines = lines_of(text)
    _, tokens = blocks_of(formula_parser(), lines)
    cell_ends: dict[int, int] = {}
    for k, token in enumerate(tokens):
        if token.map is None:
            continue
        if token.type == "math_block" or (token.type == "fence" and _first_word(token.info) in _FENCES):
            yield from _formula_block(lines, token)
        elif token.type == "inline" and any(sign in token.content for sign in ("$", "\\", "{math}")):
            yield from _within(token.content, _places(lines, token, tokens[k - 1], cell_ends).locate)


def _within(content: str, locate: Callable[[int], int]) -> Iterator[SourceFormula]:
    """Yield the formulas within the inline content of a block."""
    for match, way in formulas_between_signs(content):
        try:
            start, end = locate(match.start()), locate(match.end() - 1) + 1
            inside = match.start(way)
            breaks = [inside, *(inside + x.end() for x in LINE_END.finditer(match[way]))]
            anchors = tuple((k - inside, locate(k)) for k in breaks if k < match.end(way) or k == inside)
        except LookupError:
            continue
        yield SourceFormula(match[way], start, end, anchors, way in SHOWN)


def _formula_block(lines: Lines, token: Token) -> Iterator[SourceFormula]:
    """Yield the formula that a block of its own holds, each line of which is a part of its line in the page."""
    assert token.map is not None
    first = token.map[0] + (token.type == "fence")
    rows = token.content.split("\n")
    if token.type == "fence" and _first_word(token.info) == "{math}":
        options = lines_of_options(rows)
        rows[:options] = [""] * options
    content = "\n".join(rows)
    offsets = list(accumulate((len(row) + 1 for row in rows), initial=0))
    anchors = []
    for k, row in enumerate(rows):
        number, core = first + k, row.strip()
        if number >= len(lines) or not core:
            continue
        column = lines[number].find(core)
        if column < 0:
            return
        anchors.append((offsets[k] + len(row) - len(row.lstrip()), lines.starts[number] + column))
    if anchors and len(content) <= LONGEST_FORMULA:
        start, end = lines.starts[token.map[0]], lines.ends[min(token.map[1], len(lines)) - 1]
        yield SourceFormula(content, start, end, tuple(anchors))


def _first_word(info: str) -> str:
    """Return the first word behind a fence, which says of which language the code is."""
    words = info.split(maxsplit=1)
    return words[0].lower() if words else ""


SYNTAX = PageSyntax(
    scan=scan,
    regions=regions,
    formulas=formulas,
    block=block,
    inline=inline,
    comment=comment,
    remark=("<!-- ", " -->"),
    heading=re.compile(r"^ {0,3}#{1,6}[ \t]+\S", re.MULTILINE),
    anchor=ANCHOR,
    misfit_hint="look above for an unclosed $$, code block or comment",
)
