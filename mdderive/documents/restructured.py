r"""reStructuredText, for the lint: the role and the directive `math`, dollars in its texts; markers are refused.

A scanner of our own: docutils knows no places within a paragraph, and leaves out what stands in the directives that
it does not know, as are all of Sphinx's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from ..latex.environments import FORMULAS, pattern
from .context import Clause, clauses_of_comment
from .formulas import LONGEST, SourceFormula
from .lines import Lines
from .marker import MARKER_START
from .scan import MarkerSite, Scan, not_written
from .syntax import PageSyntax, read_only

_ITEMS = re.compile(r"(?:[ \t]*(?:[-+*•‣⁃]|#\.|\w{1,6}[.)]|\(\w{1,6}\)|:[^:`\s][^:`]*:)(?:[ \t]+|$))*[ \t]*")
"""What may stand before a block on its line: bullets, numbers, the name of a field."""
_EXPLICIT = re.compile(r"\.\.(?:[ \t]+|$)(?P<rest>.*)")
_DIRECTIVE = re.compile(r"(?:\|[^|]+\|[ \t]+)?(?P<name>[^\W_](?:[\w:+.-]*\w)?)[ \t]?::(?:[ \t]+|$)")
_TARGET = re.compile(r"__?[^:]*:|__ ")
_NOTE = re.compile(r"\[(?:\d+|#[\w.-]*|\*|[^\W\d_][\w.-]*)\][ \t]+")
_OPTION = re.compile(r"[ \t]*:[A-Za-z][\w-]*:(?:[ \t]|$)")
_SAID = re.compile(r"mdderive:(?P<clauses>.*)", re.DOTALL)
_MATH = frozenset({"math", "displaymath"})
_CODE = frozenset({
    "bibliography", "code", "code-block", "code-cell", "digraph", "doctest", "graph", "graphviz", "highlight", "image",
    "include", "inheritance-diagram", "ipython", "jupyter-execute", "literalinclude", "mermaid", "plantuml", "plot",
    "productionlist", "prompt", "raw", "sourcecode", "testcleanup", "testcode", "testoutput", "testsetup", "tikz",
    "toctree", "uml",
})  # fmt: skip
"""The directives whose content is no text."""
_INLINE = re.compile(
    r"""(?P<skip>``.+?``(?!`)|\\[^(\[])
    | :math:`(?P<role>(?:[^`\\]|\\.)+)`
    | (?<![:\w])`(?P<suffixed>[^`]+)`:math:
    | (?::[\w:+.-]+:)?`(?P<plain>[^`]+)`_{0,2}
    | (?<![\\\w$])\$\$(?P<display>[^$]+)\$\$
    | (?<![\\\w$])\$(?![\s$])(?P<dollars>(?:[^$\\]|\\.)*?)(?<!\s)\$(?![\d$])""",
    re.VERBOSE | re.DOTALL,
)
_DEFAULT_ROLE = re.compile(r"(?m)^\.\.[ \t]+default-role::[ \t]+math[ \t]*$")
_ENVIRONMENT = re.compile(rf"\s*{pattern(FORMULAS)}(?P<inside>.*)\\end\{{(?P=name)\}}\s*", re.DOTALL)
_HEADING = re.compile(r"(?m)^[^\s].*(?:\r\n|\r|\n)(?=([^\w\s])\1{2,}[ \t]*(?:[\r\n]|\Z))")
_QUOTING = re.compile(r"[^\w\s]")


class Block(NamedTuple):
    """A stretch of a page: text that may hold formulas, a formula of its own, a comment, or what is none of these."""

    kind: Literal["text", "math", "comment", "code"]
    start: int
    end: int


class _Blocks:
    """The blocks of a page, read line by line."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.lines = Lines(page)
        self.number = 0

    def __iter__(self) -> Iterator[Block]:
        while self.number < len(self.lines):
            if self._is_blank(self.number):
                self.number += 1
                continue
            explicit, column = self._explicit(self.number)
            yield from self._marked(explicit, column) if explicit else self._paragraph()

    def _is_blank(self, number: int) -> bool:
        return not self.lines[number].strip()

    def _indent(self, number: int) -> int:
        """Return the column at which the text of a line begins, behind bullets."""
        lead = _ITEMS.match(self.lines[number])
        return len(lead[0].expandtabs(8)) if lead else 0

    def _margin(self, number: int) -> int:
        line = self.lines[number].expandtabs(8)
        return len(line) - len(line.lstrip())

    def _explicit(self, number: int) -> tuple[re.Match[str] | None, int]:
        lead = _ITEMS.match(self.lines[number])
        found = _EXPLICIT.match(self.lines[number], lead.end() if lead else 0)
        return found, self._indent(number)

    def _within(self, column: int, first: int) -> int:
        """Return behind which line what is indented further than `column` ends, from line `first` on."""
        end = number = first
        while number < len(self.lines) and (self._is_blank(number) or self._margin(number) > column):
            number += 1
            end = end if self._is_blank(number - 1) else number
        return end

    def _marked(self, explicit: re.Match[str], column: int) -> Iterator[Block]:
        """Yield what a line that begins with two dots opens."""
        first = self.number
        begin = self.lines.starts[first] + explicit.start("rest")
        directive = _DIRECTIVE.match(explicit["rest"])
        name = directive["name"].lower() if directive else ""
        if directive and name not in _MATH | _CODE:  # its arguments and its content are text
            yield self._text_behind(begin + directive.end(), column)
            return
        note = _NOTE.match(explicit["rest"])
        if not directive and note:
            yield self._text_behind(begin + note.end(), column)
            return
        self.number = self._within(column, first + 1)
        if directive and name in _MATH:
            yield from self._formulas(begin + directive.end(), first)
            return
        kind: Literal["code", "comment"] = "code" if directive or _TARGET.match(explicit["rest"]) else "comment"
        yield Block(kind, begin, self.lines.ends[self.number - 1])

    def _text_behind(self, begin: int, column: int) -> Block:
        """Return the text that begins on a marked line, with the lines of its paragraph."""
        self.number += 1
        while self.number < len(self.lines) and not self._is_blank(self.number):
            if self._margin(self.number) <= column or self._explicit(self.number)[0]:
                break
            self.number += 1
        return Block("text", begin, self.lines.ends[self.number - 1])

    def _formulas(self, begin: int, first: int) -> Iterator[Block]:
        """Yield the formulas of a directive: what a blank line parts is two."""
        rows = list(range(first + 1, self.number))
        argument = self.page[begin : self.lines.ends[first]].strip()
        while rows and _OPTION.match(self.lines[rows[0]]):
            rows.pop(0)
        start, end = (begin, self.lines.ends[first]) if argument else (-1, -1)
        for row in rows:
            if self._is_blank(row):
                yield from [Block("math", start, end)] if start >= 0 else []
                start = -1
            else:
                start, end = self.lines.starts[row] if start < 0 else start, self.lines.ends[row]
        if start >= 0:
            yield Block("math", start, end)

    def _paragraph(self) -> Iterator[Block]:
        first, margin = self.number, self._margin(self.number)
        self.number += 1
        while self.number < len(self.lines) and not self._is_blank(self.number):
            if self._margin(self.number) != margin and self._explicit(self.number)[0]:
                break
            self.number += 1
        last = self.number - 1
        text = self.lines[last].rstrip()
        opening = self.lines[first].strip()
        yield Block("code" if opening.startswith(">>> ") else "text", self.lines.starts[first], self.lines.ends[last])
        if text.endswith("::"):
            yield from self._literal(self._indent(last))

    def _literal(self, column: int) -> Iterator[Block]:
        """Yield the literal block behind a paragraph that announces one: indented, or each line quoted."""
        end = self._within(column, self.number)
        if end == self.number:
            while self.number < len(self.lines) and self._is_blank(self.number):
                self.number += 1
            sign = self.lines[self.number].strip()[:1] if self.number < len(self.lines) else ""
            end = self.number
            while _QUOTING.match(sign) and end < len(self.lines) and self.lines[end].strip().startswith(sign):
                end += 1
        if end > self.number:
            yield Block("code", self.lines.starts[self.number], self.lines.ends[end - 1])
            self.number = end


def scan(page: str) -> Scan:
    """Return the markers of a page, none of which can be solved there, and its clauses."""
    if r"\derive" not in page and "mdderive" not in page:
        return Scan(())
    sites: list[MarkerSite] = []
    clauses: list[Clause] = []
    ignored: list[tuple[int, str]] = []
    for block in _Blocks(page):
        if block.kind == "comment" and (said := _SAID.match(page, block.start, block.end)):
            clauses += clauses_of_comment(page, *said.span("clauses"))
        literal = [
            x.span() for x in _INLINE.finditer(page, block.start, block.end) if (x["skip"] or "").startswith("`")
        ]
        for match in MARKER_START.finditer(page, block.start, block.end):
            place = match.start()
            if block.kind in ("comment", "code"):
                ignored.append((place, "a comment" if block.kind == "comment" else "a literal block"))
            elif any(start <= place < end for start, end in literal):
                ignored.append((place, "a literal text"))
            else:
                sites.append(not_written("reStructuredText", place, place + len(r"\derive")))
    return Scan(tuple(sites), tuple(clauses), tuple(ignored))


def formulas(page: str) -> Iterator[SourceFormula]:
    """Yield the formulas of a page."""
    if "math" not in page and "$" not in page:
        return
    ways = ("role", "suffixed", "display", "dollars", *(("plain",) if _DEFAULT_ROLE.search(page) else ()))
    for block in _Blocks(page):
        if block.kind == "math":
            yield from _whole(page, block)
        for match in _INLINE.finditer(page, block.start, block.end) if block.kind == "text" else ():
            way = next((way for way in ways if match[way] is not None), "")
            if way and len(match[way]) <= LONGEST and not (way == "plain" and match[0][0] == ":"):
                yield SourceFormula(match[way], *match.span(), ((0, match.start(way)),), way == "display")


def _whole(page: str, block: Block) -> Iterator[SourceFormula]:
    """Yield the formula that a block is, without the environment that it may have around it."""
    found = _ENVIRONMENT.fullmatch(page, block.start, block.end)
    start, end = found.span("inside") if found else (block.start, block.end)
    if end - start <= LONGEST:
        yield SourceFormula(page[start:end], block.start, block.end, ((0, start),))


SYNTAX: PageSyntax = read_only(scan, formulas, _HEADING, (".. ", ""))
