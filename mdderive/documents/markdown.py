"""Finding markers in Markdown: markdown-it-py says what is text and what is code, our own line table where it stands.

markdown-it-py is imported when a page with a marker is scanned, not before.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from ..errors import DeriveError, Note, ParseError, Span
from ..latex.macros import START as MACRO_START
from .context import Clause, clauses_of_comment, clauses_of_front_matter, clauses_of_macros, front_matter_end
from .lines import LINE_END, Lines
from .marker import MARKER_START, read_marker
from .model import Marker
from .region import DELIMITERS
from .scan import ANCHOR, CONTEXT, MATH, Scan, Site, amid_math

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_DELIMITER = re.compile(r"(\$\$?|\\[(\[])[ \t\r\n]*")
_OPENING = re.compile(rf"\\begin\{{(?P<name>(?:{'|'.join(sorted(MATH))})\*?)\}}|\\\(|\\\[(?=[ \t]*\n)")
"""What opens math beside dollars; a `\\[` that does not end its line may be a bracket that a formatter escaped."""

_FORMS = {opening: form for form, (opening, _) in DELIMITERS.items()}
_INDENTED = re.compile(r"(?:!!!|\?\?\?\+?|===[!+]?)[ \t]+\S")
_DIVISION = re.compile(r":{3,}|/{3,}(?=[ \t]+[a-z]|[ \t]*$)")
_ALERT = re.compile(r"\[![A-Za-z]+\][+-]?[^\n]*\n[ \t]*")
_TASK = re.compile(r"\[[ xX]\][ \t]+")
_ARROW = re.compile(r"--!?>")
"""What ends a comment, for Markdown or for a browser."""
_BARE_BAR = re.compile(r"(?<!\\)\|")
_FOOTNOTE = re.compile(r"[ \t]*\[\^[^\]]*\]:[ \t]*")
_LINE = r"(?:[^\W\d_]|\#{1,6}[ ])(?:(?!derive|(?:new|provide)command|\\g?def|\\Declare|\$\$)[^>\n])*+\n"
_PLAIN = re.compile(rf"(?<=\n\n)({_LINE}(?:{_LINE})*+\n+)((?:{_LINE}(?:{_LINE})*+\n+)++)")
LONGEST = 200_000
"""How many characters a paragraph, a heading or a cell with markers may have; time grows by the character."""
_WHY = {"fence": "a code block", "code_block": "a code block", "html_block": "an HTML block"}


@dataclass(slots=True)
class _Block:
    """The inline content of one block, and what the inline rules found in it: (start, end, origin, form, marker)."""

    content: str
    found: list[tuple[int, int, int, str, Marker | DeriveError]] = field(default_factory=list)
    comments: list[int] = field(default_factory=list)
    math: list[tuple[int, int]] = field(default_factory=list)
    ahead: dict[str, tuple[int, int]] = field(default_factory=dict)

    def next(self, sought: str, start: int) -> int:
        """Return where `sought` stands next at `start` or behind it, the end if nowhere; remembered, to stay linear."""
        since, place = self.ahead.get(sought, (0, -1))
        if not since <= start <= place:
            place = self.content.find(sought, start)
            place = len(self.content) if place < 0 else place
            self.ahead[sought] = (start, place)
        return place


def scan(text: str) -> Scan:
    """Return what stands in the Markdown page `text`."""
    error: DeriveError | None = None
    clauses: list[Clause] = []
    try:
        clauses = clauses_of_front_matter(text)
    except DeriveError as trouble:
        error = trouble
    if r"\derive" not in text and "mdderive " not in text:
        return Scan((), tuple(clauses), error=error)
    return replace(_Scanner(text, clauses).run(), error=error)


class _Scanner:
    def __init__(self, text: str, clauses: list[Clause]) -> None:
        self.text = text
        self.lines = Lines(text)
        self.clauses = clauses
        self.sites: list[Site] = []
        self.anchors: list[int] = []
        self.reasons: list[tuple[int, int, str]] = []
        self.cell_ends: dict[int, int] = {}

    def run(self) -> Scan:
        """Return what stands in the page."""
        parser, inline_parser = _parser(100), _parser(20)  # within a line, time grows with the depth
        header = front_matter_end(self.text)
        skipped = self.lines.number(header) + 1 if header else 0
        body = self.lines.starts[skipped] if skipped < len(self.lines) else len(self.text)
        source = "\n" * skipped + LINE_END.sub("\n", self.text[body:]).replace("\0", "\ufffd")
        self.reasons.append((0, skipped, "the front matter"))
        tokens: list[Token] = []
        parser.block.parse(_without_plain_paragraphs(source), parser, {}, tokens)
        defines = MACRO_START.search(source) is not None
        for k, token in enumerate(tokens):
            if token.map is None:
                continue
            if token.type in ("fence", "code_block", "html_block"):
                self._code(token)
            elif token.type == "math_block":
                self._math_block(*token.map)
            elif token.type == "inline" and ("derive" in token.content or (defines and "$" in token.content)):
                self._inline(inline_parser, token, tokens[k - 1], tokens[k - 2].type == "list_item_open")
        self.clauses.sort(key=lambda clause: clause.since)
        return Scan(tuple(self.sites), tuple(self.clauses), tuple(self._ignored()), frozenset(self.anchors))

    def _code(self, token: Token) -> None:
        assert token.map is not None
        first, last = token.map
        self.reasons.append((first, last, _WHY[token.type]))
        if token.type == "html_block":
            start, end = self.lines.starts[first], self.lines.ends[min(last, len(self.lines)) - 1]
            self.anchors += [match.start() for match in ANCHOR.finditer(self.text, start, end)]
            for match in CONTEXT.finditer(self.text, start, end):
                self.clauses += clauses_of_comment(self.text, *match.span("clauses"))

    def _math_block(self, first: int, last: int) -> None:
        start = self.text.index("$$", self.lines.starts[first])
        end = self.text.rindex("$$", start, self.lines.ends[last - 1]) + 2
        origin = MARKER_START.search(self.text, start, end)
        if origin is None:
            self.clauses += clauses_of_macros(self.text, start, end)
            return
        try:
            marker = read_marker(self.text, origin.start())
        except DeriveError as error:
            self.sites.append(Site(start, end, origin.start(), None, error))
            return
        behind = origin.start() + len(marker.source)
        if self.text[start + 2 : origin.start()].strip(" \t\r\n>") or self.text[behind : end - 2].strip(" \t\r\n>"):
            self.sites.append(Site(start, end, origin.start(), None, amid_math(origin.start(), behind)))
            return
        self._add(Site(start, end, origin.start(), marker, None, False, "display", self._prefix(start)))

    def _inline(self, parser: MarkdownIt, token: Token, parent: Token, item: bool) -> None:
        assert token.map is not None
        if len(token.content) > LONGEST:
            self._too_long(*token.map)
            return
        block = _Block(token.content)
        children: list[Token] = []
        parser.inline.parse(block.content, parser, {"mdderive": block}, children)
        cell = parent.type in ("td_open", "th_open")
        places: Places
        if cell:
            places = Cell(self.lines, token, self.cell_ends)
        else:
            places = Paragraph(self.lines, token, parent.markup.startswith("#"))
        title = (_TASK if item else _ALERT).match(block.content)
        alone_from, alone_to = title.end() if title else 0, len(block.content.rstrip())
        for start, end, origin, form, marker in block.found:
            alone = parent.type == "paragraph_open" and (start, end) == (alone_from, alone_to)
            self._found(places, (start, end, origin), form, marker, alone)
        for start, end in block.math:
            with suppress(LookupError):
                self.clauses += clauses_of_macros(self.text, places.locate(start), places.locate(end - 1))
        last = block.content.rfind("-->")
        for comment in block.comments:
            if comment < last:
                self._comment(places, comment)

    def _too_long(self, first: int, last: int) -> None:
        """Say of the first marker of a paragraph that nobody reads that it is not read either."""
        marker = MARKER_START.search(
            self.text, self.lines.starts[first], self.lines.ends[min(last, len(self.lines)) - 1]
        )
        if marker:
            start, end = marker.span()
            self.sites.append(Site(start, end, start, None, _no_room(start)))
            self.reasons.append((first, last, "a paragraph that is too long"))

    def _found(
        self, places: Places, stretch: tuple[int, int, int], form: str, marker: Marker | DeriveError, alone: bool
    ) -> None:
        start, end, origin = stretch
        try:
            first, last, begin = places.locate(start), places.locate(end - 1) + 1, places.locate(origin)
        except LookupError:
            place = places.somewhere()
            self.sites.append(Site(place, place + 1, place, None, _no_place(place)))
            return
        if isinstance(marker, DeriveError):
            self.sites.append(Site(first, last, begin, None, _moved(marker, places)))
            return
        exact: tuple[int, ...] = ()
        if isinstance(places, Cell):
            exact = tuple(places.locate(origin + k) for k in range(len(marker.source)))
            bar = _BARE_BAR.search(marker.source)
            if bar:
                self.sites.append(Site(first, last, begin, None, _bar_in_cell(exact[bar.start()] - 1)))
                return
        elif "\n" in marker.source:
            found = self._over_lines(marker, begin, first if alone else None)
            if isinstance(found, DeriveError):
                self.sites.append(Site(first, last, begin, None, found))
                return
            marker = found
        prefix = self._prefix(first) if alone else ""
        self._add(Site(first, last, begin, marker, None, not alone, form, prefix, places=exact))

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

    def _add(self, site: Site) -> None:
        """Add the site, with an error if no comment can hold its marker."""
        arrow = _ARROW.search(self.text, site.start, site.end)
        if arrow:
            message = f"this marker contains {arrow[0]}, so no comment can hold it"
            error = ParseError("E104", message, Span("page", *arrow.span()), r"write \to or put a blank into it")
            site = Site(site.start, site.end, site.origin, None, error)
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


def _without_plain_paragraphs(text: str) -> str:
    """Return the text without those paragraphs and headings that change nothing behind others, to save time.

    They begin at the margin, so the first of them has closed all containers; and nothing in them can close what is open
    until it is closed, such as a fence or a comment. The last may be a term that a definition follows.
    """

    def thinned(match: re.Match[str]) -> str:
        term = text[match.end() : match.end() + 4].lstrip()[:1] in (":", "~")
        return match[0] if term else match[1] + "\n" * match[2].count("\n")

    return _PLAIN.sub(thinned, text)


class Places:
    """Where the characters of an inline content stand in the page."""

    def __init__(self, lines: Lines, token: Token) -> None:
        assert token.map is not None
        self.lines = lines
        self.content = token.content
        self.first = token.map[0]

    def locate(self, position: int) -> int:
        """Return the place of one character.

        Raises:
            LookupError: it does not stand where it should.
        """
        raise NotImplementedError

    def somewhere(self) -> int:
        """Return a place that is not far away."""
        return self.lines.starts[self.first]


class Paragraph(Places):
    """Every line of the content is the end of its source line, blanks aside; of an ATX heading, the inside."""

    def __init__(self, lines: Lines, token: Token, heading: bool = False) -> None:
        super().__init__(lines, token)
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
        """Return where in the page the character stands that is at `position` of the content."""
        number = bisect_right(self.starts, position) - 1
        if number not in self.shifts:
            self.shifts[number] = self._shift(number)
        return position + self.shifts[number]


class Cell(Places):
    r"""The cells of a row follow each other in its line; a `|` within one is written `\|`."""

    def __init__(self, lines: Lines, token: Token, cell_ends: dict[int, int]) -> None:
        """Read a cell behind those that end, in their line, at the place that `cell_ends` keeps."""
        super().__init__(lines, token)
        source = self.lines[self.first].replace("\0", "\ufffd")
        begin = cell_ends.get(self.first, 0)
        self.places: list[int] = []
        at = source.find(self.content[:20].split("|")[0], begin)
        if at >= 0:
            self.places = _aligned(source, at, self.content)
        if self.places:
            cell_ends[self.first] = self.places[-1] + 1

    def locate(self, position: int) -> int:
        """Return where in the page the character stands that is at `position` of the content."""
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


def _indentation(lead: str) -> str:
    """Return blanks as wide as a bullet, and enough for renderers that count an item's level in steps of four."""
    if not lead.strip():
        return lead
    blanks = len(lead.expandtabs(4)) - len(lead.expandtabs(4).lstrip())
    width = 0 if _FOOTNOTE.match(lead) else len(lead.expandtabs(4))
    return " " * max(width, (blanks // 4 + 1) * 4)


def _bar_in_cell(place: int) -> ParseError:
    message = r"within a table, \| stands for |: whether a norm is meant cannot be told"
    hint = r"write \lVert x\rVert for a norm, \lvert x\rvert for a determinant or an absolute value"
    return ParseError("E107", message, Span("page", place, place + 2), hint)


def _no_room(place: int) -> ParseError:
    message = f"the paragraph of this marker has more than {LONGEST:,} characters"
    return ParseError("E108", message, Span("page", place, place + 7), "put the marker into a paragraph of its own")


def _no_place(place: int) -> ParseError:
    message = "a marker in this paragraph cannot be placed"
    return ParseError("E106", message, Span("page", place, place + 1), "put it into a paragraph of its own")


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


@cache
def _parser(nesting: int) -> MarkdownIt:
    """Return a parser with our own inline rules in front."""
    parser = container_parser(nesting)
    for name, rule in (("derive", _derive_rule), ("math", _math_rule), ("comment", _comment_rule)):
        parser.inline.ruler.before("escape", name, rule)
    return parser


def container_parser(nesting: int) -> MarkdownIt:
    """Return a parser that knows the containers of the usual flavours and display math."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.dollarmath.index import math_block_dollar
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": nesting}).enable("table")
    parser.use(deflist_plugin).use(footnote_plugin).disable("footnote_inline")  # what it takes aside has no places
    paragraph: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("fence", "math_block", math_block_dollar(False, None, True))
    parser.block.ruler.before("table", "indented_container", _indented_container, paragraph)
    parser.block.ruler.before("table", "division", _division, paragraph)
    return parser


def _indented_container(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Read an admonition or a content tab of MkDocs: a title, and behind it a block indented by four."""
    start = state.bMarks[first] + state.tShift[first]
    if state.is_code_block(first) or not _INDENTED.match(state.src, start, state.eMarks[first]):
        return False
    if silent:
        return True
    indent = state.sCount[first] + 4
    line = end = first + 1
    while line < last and (state.isEmpty(line) or state.sCount[line] >= indent):
        line += 1
        end = end if state.isEmpty(line - 1) else line
    before = state.blkIndent, state.lineMax, state.parentType
    state.blkIndent, state.lineMax, state.parentType = indent, end, "container"
    state.md.block.tokenize(state, first + 1, end)
    state.blkIndent, state.lineMax, state.parentType = before
    state.line = end
    return True


def _division(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Read the first or last line of a `:::` division or a `///` block; what stands within is read as without it."""
    start = state.bMarks[first] + state.tShift[first]
    if state.is_code_block(first) or not _DIVISION.match(state.src, start, state.eMarks[first]):
        return False
    if not silent:
        state.line = first + 1
    return True


def _derive_rule(state: StateInline, silent: bool) -> bool:
    block = state.env.get("mdderive")
    if state.src[state.pos] != "\\" or block is None or block.content is not state.src:
        return False
    start = state.pos
    if not MARKER_START.match(state.src, start):
        return False
    found: Marker | DeriveError
    try:
        found = read_marker(state.src, start)
        end = start + len(found.source)
    except DeriveError as error:
        opening = error.span.start + 1 if error.span else 0  # no link or tag may begin at what is not closed
        found, end = error, max(start + len(r"\derive"), opening)
    if not silent:
        block.found.append((start, end, start, "", found))
    state.pos = end
    return True


def _math_rule(state: StateInline, silent: bool) -> bool:
    from mdit_py_plugins.dollarmath.index import math_inline_dollar

    block = state.env.get("mdderive")
    start = state.pos
    if state.src[start] not in "$\\" or block is None or block.content is not state.src:
        return False
    alone = _alone_in_math(state.src, start)
    if alone:
        end, origin, form, marker = alone
        if not silent:
            block.found.append((start, end, origin, form, marker))
        state.pos = end
        return True
    opening = _OPENING.match(state.src, start)
    name = (opening and opening["name"]) or ""
    if opening:
        closing = f"\\end{{{name}}}" if name else {r"\(": r"\)", r"\[": r"\]"}[opening[0]]
        end = block.next(closing, opening.end()) + len(closing)
        if end > len(state.src) or block.next(r"\derive", start) >= end:
            return False  # without a marker, what it is does not matter
        state.pos = end
    elif state.src[start] == "\\" or not math_inline_dollar(False, False, True)(state, silent):
        return False
    if not silent:
        block.math.append((start, state.pos))
        for match in MARKER_START.finditer(state.src, start, state.pos):
            end = match.end() - 1
            block.found.append((match.start(), end, match.start(), "", amid_math(match.start(), end, name)))
    return True


def _alone_in_math(text: str, start: int) -> tuple[int, int, str, Marker] | None:
    """Return (end, origin, form, marker) of a marker that stands alone between the delimiters of math."""
    opening = _DELIMITER.match(text, start)
    if opening is None or not MARKER_START.match(text, opening.end()):
        return None
    try:
        marker = read_marker(text, opening.end())
    except DeriveError:
        return None
    form = _FORMS[opening[1]]
    closing = re.compile(rf"[ \t\r\n]*{re.escape(DELIMITERS[form][1])}").match(text, opening.end() + len(marker.source))
    return (closing.end(), opening.end(), form, marker) if closing else None


def _comment_rule(state: StateInline, silent: bool) -> bool:
    """Note where a comment begins; what it is, the rule for HTML says."""
    block = state.env.get("mdderive")
    if silent or block is None or block.content is not state.src:
        return False
    if state.src.startswith("<!--", state.pos):
        block.comments.append(state.pos)
    return False
