r"""HTML, for the lint: formulas in its texts, in MathJax's scripts and in MathML's annotations; markers are refused.

A scanner of our own says what is text and where it stands: that of the standard library takes time that grows with the
square of what is not closed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from typing import NamedTuple

from .context import Clause, clauses_of_comment
from .formulas import LONGEST, SHOWN, SourceFormula, formulas_between_signs
from .markdown_regions import CONTEXT
from .scan import MarkerSite, Scan, not_written
from .syntax import PageSyntax, read_only

_CODE = frozenset({"code", "noscript", "pre", "samp", "script", "style", "template", "textarea", "title", "tt"})
"""The elements in which MathJax and KaTeX look for no formulas."""
_WITHIN_TEXT = frozenset({"br", "wbr"})
"""The tags that do not end a formula between signs."""
_NOT_MATH = frozenset({"tex2jax_ignore", "mathjax_ignore", "no-mathjax", "nokatex"})
_TEX = re.compile(r"(?i)math/tex|application/x-tex|text/x-tex")
_DISPLAYED = re.compile(r"(?i)mode\s*=\s*display")
_RAW = frozenset({"script", "style", "textarea", "title"})
"""The elements whose text ends with their own closing tag, whatever stands in it."""
_SIGN = re.compile(
    r"(?P<comment><!--(?!-?>))|(?P<declaration><(?:[!?]|/(?![A-Za-z])))|<(?P<close>/)?(?P<tag>[A-Za-z][^\s/>]*)"
    r"|(?P<entity>&(?:#\d+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]*);?)"
)
_ATTRIBUTES = re.compile(r"""(?P<all>(?:=\s*(?:"[^"]*"|'[^']*')|[^>])*+)>""")
_ATTRIBUTE = re.compile(r"""(?P<name>[^\s/>=]+)(?:\s*=\s*(?P<value>"[^"]*"|'[^']*'|[^\s>"']+))?""")
_MARKER = re.compile(r"\\derive\s*(?:<|&lt;|&#0*60;|&#x0*3c;)", re.IGNORECASE)
_TOLD = frozenset({"annotation", "math", "script"})
_TELLING = re.compile(r"(?i)math|tex2jax|katex")
"""What stands in attributes that matter, of tags that are none of these."""
_STYLED = re.compile(r"\s*\{\\(?:display|text)style\s(?P<inside>.*)\}\s*", re.DOTALL)
"""As Wikipedia annotates its formulas."""
_DELIMITED = re.compile(r"\s*(?:\$|\\\(|\\\[|\\begin\{)")
_WHY = "code, a comment or a tag"


class TextBetweenTags(NamedTuple):
    """A text between tags: `pieces` are (text, where it begins in the page); `math` if the whole of it is a formula.

    A piece is a stretch of the page, or the one character that an entity stands for.
    """

    pieces: tuple[tuple[str, int], ...]
    end: int
    math: bool = False
    display: bool = False

    def formulas(self) -> Iterator[SourceFormula]:
        """Yield the formulas of the text."""
        text = "".join(piece for piece, _ in self.pieces)
        if self.math and not _DELIMITED.match(text):
            styled = _STYLED.fullmatch(text)
            inside = styled.span("inside") if styled else (0, len(text))
            if text.strip() and len(text) <= LONGEST:
                yield self._formula(inside, self.pieces[0][1], self.end, self.display)
            return
        for match, way in formulas_between_signs(text):
            yield self._formula(match.span(way), self._locate(match.start()), self._locate(match.end()), way in SHOWN)

    def _formula(self, inside: tuple[int, int], start: int, end: int, display: bool) -> SourceFormula:
        anchors, latex, offset = [], "", 0
        for piece, place in self.pieces:
            first, last = max(inside[0] - offset, 0), min(inside[1] - offset, len(piece))
            if first < last:
                anchors.append((len(latex), place + first))
                latex += piece[first:last]
            offset += len(piece)
        return SourceFormula(latex, start, end, tuple(anchors) or ((0, start),), display)

    def _locate(self, position: int) -> int:
        """Return where in the page the character stands that is at `position` of the text."""
        for piece, place in self.pieces:
            if position < len(piece):
                return place + position
            position -= len(piece)
        return self.end


class _HtmlReader:
    """Takes a page apart: the texts in which formulas may stand, where comments begin, what a reader sees."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.runs: list[TextBetweenTags] = []
        self.comments: list[int] = []
        self.tags: list[tuple[int, int]] = []
        self.seen: list[tuple[int, int]] = []
        self._pieces: list[tuple[str, int]] = []
        self._code = ("", 0)  # the element of code that is open, and how often its name is
        self._math: tuple[bool, bool] | None = None  # whether what is read is a formula whole, and displayed
        self._displays = False  # whether the MathML that is open is
        self._flush(self._read())

    def _read(self) -> int:
        """Read the page; return where it ends, which is where a comment or a tag begins that is never closed."""
        position = 0
        while position < len(self.page):
            match = _SIGN.search(self.page, position)
            if match is None:
                break
            self._text(position, match.start())
            position = match.end()
            if match["entity"]:
                self._piece(unescape(match[0]), *match.span())
            elif match["comment"]:
                self.comments.append(match.start())
                position = self._behind("-->", position)
            elif match["declaration"]:
                position = self._behind(">", position)
            else:
                position = self._tag(match)
            if position < 0:
                return match.start()
        self._text(position, len(self.page))
        return len(self.page)

    def _behind(self, sign: str, position: int) -> int:
        found = self.page.find(sign, position)
        return found + len(sign) if found >= 0 else -1

    def _tag(self, match: re.Match[str]) -> int:
        """Read a tag, and the text of an element that holds no others; return where it ends, -1 if it does not."""
        rest = _ATTRIBUTES.match(self.page, match.end())
        if rest is None:
            return -1
        start, end, tag = match.start(), rest.end(), match["tag"].lower()
        self.tags.append((start, end))
        if tag in _WITHIN_TEXT:
            return end
        self._flush(start)
        if match["close"]:
            self._close(tag)
        elif not (rest[0].endswith("/>") and tag not in _RAW):
            told = tag in _TOLD or _TELLING.search(rest["all"])
            self._open(
                tag, {x["name"].lower(): x["value"] or "" for x in _ATTRIBUTE.finditer(rest["all"])} if told else {}
            )
        if match["close"] or tag not in _RAW:
            return end
        closing = re.compile(rf"(?i)</{tag}[\s/>]").search(self.page, end)
        if closing is None:
            return -1
        self._text(end, closing.start())
        return closing.start()

    def _open(self, tag: str, given: dict[str, str]) -> None:
        given = {name: unescape(value.strip("\"'")) for name, value in given.items()}
        classes = set(given.get("class", "").split())
        name, depth = self._code
        if name:
            self._code = name, depth + (tag == name)
            return
        kind = given.get("type" if tag == "script" else "encoding", "")
        if tag == "math":
            self._displays = given.get("display") == "block"
        if tag in ("script", "annotation") and _TEX.match(kind):
            self._math = True, self._displays if tag == "annotation" else bool(_DISPLAYED.search(kind))
        elif "math" in classes and classes & {"inline", "display"}:
            self._math = True, "display" in classes
        elif tag in _CODE or classes & _NOT_MATH or tag == "annotation":
            self._code = tag, 1

    def _close(self, tag: str) -> None:
        self._math = None
        name, depth = self._code
        if tag == name:
            self._code = (name, depth - 1) if depth > 1 else ("", 0)

    def _text(self, start: int, end: int) -> None:
        if start < end:
            self._piece(self.page[start:end], start, end)

    def _piece(self, text: str, start: int, end: int) -> None:
        if not self._code[0]:
            self._pieces.append((text, start))
            self.seen.append((start, end))

    def _flush(self, end: int) -> None:
        if self._pieces:
            math, display = self._math or (False, False)
            self.runs.append(TextBetweenTags(tuple(self._pieces), end, math, display))
            self._pieces = []


@lru_cache(maxsize=4)
def _read(page: str) -> _HtmlReader:
    """Return a page taken apart; kept, as the lint asks for its formulas, its clauses and its prose."""
    return _HtmlReader(page)


def scan(page: str) -> Scan:
    """Return the markers of a page, none of which can be solved there, and its clauses."""
    if r"\derive" not in page and "mdderive" not in page:
        return Scan(())
    reader = _read(page)
    clauses: list[Clause] = []
    for place in reader.comments:
        if context := CONTEXT.match(page, place):
            clauses += clauses_of_comment(page, *context.span("clauses"))
    sites: list[MarkerSite] = []
    ignored: list[tuple[int, str]] = []
    starts = [start for start, _ in reader.seen]
    for match in _MARKER.finditer(page):
        k = bisect_right(starts, match.start()) - 1
        if k >= 0 and match.start() < reader.seen[k][1]:
            sites.append(not_written("HTML", match.start(), match.start() + len(r"\derive")))
        else:
            ignored.append((match.start(), _WHY))
    return Scan(tuple(sites), tuple(clauses), tuple(ignored))


def formulas(page: str) -> Iterator[SourceFormula]:
    """Yield the formulas of a page."""
    if "$" in page or "\\" in page:
        for run in _read(page).runs:
            yield from run.formulas()


def prose(page: str) -> str:
    """Return the page with blanks for its tags, so that a formula and what is said of it stand together."""
    parts, position = [], 0
    for start, end in _read(page).tags if "<" in page else ():
        parts += [page[position:start], re.sub(r"[^\r\n]", " ", page[start:end])]
        position = end
    return "".join([*parts, page[position:]])


SYNTAX: PageSyntax = read_only(scan, formulas, re.compile(r"(?i)<h[1-6][\s>]"), ("<!-- ", " -->"), prose)
