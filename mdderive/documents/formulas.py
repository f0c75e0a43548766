r"""Finding the formulas of a page, for the lint: between dollars, `\(` or `\[`, or in an environment of math."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from ..latex.macros import START as MACRO_START
from ..latex.macros import macro_at
from .context import SWITCHES, front_matter_end
from .latex import VERBATIM
from .lines import LINE_END, Lines
from .model import Kind
from .scan import MATH

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

LONGEST = 20_000
"""How many characters a formula may have that is read."""
_NAMES = "|".join(sorted(MATH | {"alignedat", "gathered", "IEEEeqnarray", "subequations", "empheq"}))
_MATH = re.compile(
    rf"""(?P<skip>(?<!`)(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)|<!--.*?-->|\\\$)
    | \$\$(?P<display>.+?)\$\$
    | \$`(?P<github>[^`]+?)`\$
    | (?<![\\\w$])\$(?![\s$])(?P<inline>(?:[^$\\]|\\.)*?)(?<!\s)\$(?!\d)
    | \\?\\\[(?P<brackets>.+?)\\?\\\]
    | \\?\\\((?P<parentheses>.+?)\\?\\\)
    | \\begin\{{(?P<name>(?:{_NAMES})\*?)\}}(?P<body>.+?)\\end\{{(?P=name)\}}""",
    re.VERBOSE | re.DOTALL,
)
"""Math within a paragraph of Markdown, and what is none; renderers differ on `\\(` and `\\\\(`, so both count."""
_WAYS = ("display", "github", "inline", "brackets", "parentheses", "body")
_SHOWN = ("display", "brackets", "body")
_FENCES = ("math", "latex", "tex")
_LATEX = re.compile(
    rf"""(?P<comment>(?<!\\)%[^\r\n]*)
    | \\begin\{{(?P<verbatim>(?:{"|".join(sorted(VERBATIM))}|tikzpicture)\*?)\}}
    | (?P<verb>\\(?:verb\*?|lstinline)(?P<sign>[^\sA-Za-z*]).*?(?P=sign))
    | (?P<macro>\\(?:(?:re)?newcommand|providecommand|g?def|DeclareMathOperator|DeclarePairedDelimiter)(?![A-Za-z]))
    | (?P<false>\\iffalse(?![A-Za-z]))
    | (?P<end>\\end\{{document\}})
    | \\begin\{{(?P<name>(?:{_NAMES})\*?)\}}
    | (?P<sign2>\$\$?|\\[(\[])
    | \\.""",
    re.VERBOSE | re.DOTALL,
)
_CLOSING = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]"}
_COMMENT = re.compile(r"(?<!\\)%[^\r\n]*")
_OFF = re.compile(rf"(?:<!--|%+)[ \t]*mdderive:[ \t]*(?P<switch>{'|'.join(SWITCHES)})[ \t]*(?:-->|(?=[\r\n]|\Z))")


@dataclass(frozen=True, slots=True)
class Formula:
    """The inside of a formula; `page[start:end]` is the whole with its delimiters; `display` if set apart.

    `anchors` are pairs (offset in `latex`, place in the page): from one on to the next, both run on together.
    """

    latex: str
    start: int
    end: int
    anchors: tuple[tuple[int, int], ...]
    display: bool = True

    def locate(self, offset: int) -> int:
        """Return where in the page the character stands that is at `offset` of `latex`."""
        k = max(bisect_right(self.anchors, (offset, 1 << 60)) - 1, 0)
        at, place = self.anchors[k]
        return place + offset - at


def formulas(text: str, kind: Kind) -> list[Formula]:
    """Return the formulas of a page in order, without those between `mdderive: off` and `mdderive: on`."""
    found = list(_of_markdown(text) if kind == "markdown" else _of_latex(text))
    silent = list(_silent(text))
    found = [x for x in found if not any(start <= x.start < end for start, end in silent)]
    return sorted(found, key=lambda x: x.start)


def _silent(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches in which the author wants nothing said."""
    since: int | None = None
    for match in _OFF.finditer(text):
        if match["switch"] == "off":
            since = match.start() if since is None else since
        elif since is not None:
            yield since, match.end()
            since = None
    if since is not None:
        yield since, len(text)


# --- Markdown ----------------------------------------------------------------------------------------------


def _of_markdown(text: str) -> Iterator[Formula]:
    from .markdown import Cell, Paragraph

    if not any(sign in text for sign in ("$", r"\(", r"\[", r"\begin", "```", "~~~")):
        return
    lines = Lines(text)
    header = front_matter_end(text)
    skipped = lines.number(header) + 1 if header else 0
    body = lines.starts[skipped] if skipped < len(lines) else len(text)
    parser = _parser()
    tokens: list[Token] = []
    source = "\n" * skipped + LINE_END.sub("\n", text[body:]).replace("\0", "\ufffd")
    parser.block.parse(source, parser, {}, tokens)
    cell_ends: dict[int, int] = {}
    for k, token in enumerate(tokens):
        if token.map is None:
            continue
        if token.type == "math_block" or (token.type == "fence" and token.info.strip().lower() in _FENCES):
            yield from _block(lines, token)
        elif token.type == "inline" and ("$" in token.content or "\\" in token.content):
            parent = tokens[k - 1]
            if parent.type in ("td_open", "th_open"):
                yield from _within(token.content, Cell(lines, token, cell_ends).locate)
            else:
                yield from _within(token.content, Paragraph(lines, token, parent.markup.startswith("#")).locate)


@cache
def _parser() -> MarkdownIt:
    """Return a parser for which display math may follow a line of text."""
    from mdit_py_plugins.dollarmath.index import math_block_dollar

    from .markdown import container_parser

    parser = container_parser(100)
    paragraph: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    rule = math_block_dollar(False, None, True)

    def quiet(state: StateBlock, first: int, last: int, silent: bool) -> bool:
        """Do what the rule does; it leaves tokens behind even where it is only asked whether it would."""
        line, count = state.line, len(state.tokens)
        found = rule(state, first, last, silent)
        if silent:
            state.line = line
            del state.tokens[count:]
        return found

    parser.block.ruler.at("math_block", quiet, paragraph)
    return parser


def _within(content: str, locate: Callable[[int], int]) -> Iterator[Formula]:
    """Yield the formulas within the inline content of a block."""
    for match in _MATH.finditer(content):
        way = next((way for way in _WAYS if match[way] is not None), "")
        if not way or len(match[way]) > LONGEST:
            continue
        try:
            start, end = locate(match.start()), locate(match.end() - 1) + 1
            inside = match.start(way)
            breaks = [inside, *(inside + x.end() for x in LINE_END.finditer(match[way]))]
            anchors = tuple((k - inside, locate(k)) for k in breaks if k < match.end(way) or k == inside)
        except LookupError:
            continue
        yield Formula(match[way], start, end, anchors, way in _SHOWN)


def _block(lines: Lines, token: Token) -> Iterator[Formula]:
    """Yield the formula that a block of its own holds, each line of which is a part of its line in the page."""
    assert token.map is not None
    first = token.map[0] + (token.type == "fence")
    rows = token.content.split("\n")
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
    if anchors and len(token.content) <= LONGEST:
        start, end = lines.starts[token.map[0]], lines.ends[min(token.map[1], len(lines)) - 1]
        yield Formula(token.content, start, end, tuple(anchors))


# --- LaTeX -------------------------------------------------------------------------------------------------


def _of_latex(text: str) -> Iterator[Formula]:
    position = 0
    while match := _LATEX.search(text, position):
        position = match.end()
        if match["end"]:
            return
        if match["verbatim"]:
            position = _behind(text, f"\\end{{{match['verbatim']}}}", position)
        elif match["false"]:
            position = _behind(text, r"\fi", position)
        elif match["macro"]:
            opening = MACRO_START.match(text, match.start())
            found = macro_at(text, opening) if opening else None
            position = found[0] if found else position
        elif match["name"] or match["sign2"]:
            closing = f"\\end{{{match['name']}}}" if match["name"] else _CLOSING[match["sign2"]]
            inside = _stop(text, closing, position)
            if inside is None:
                continue
            if inside - position <= LONGEST:
                latex = _COMMENT.sub(lambda comment: " " * len(comment[0]), text[position:inside])
                display = match["sign2"] not in ("$", r"\(")
                yield Formula(latex, match.start(), inside + len(closing), ((0, position),), display)
            position = inside + len(closing)


def _stop(text: str, closing: str, start: int) -> int | None:
    """Return where the delimiter `closing` stands, None if a blank line or the end of the page comes first."""
    found = re.compile(rf"(?<!\\){re.escape(closing)}").search(text, start)
    if found is None:
        return None
    blank = re.search(r"\n[ \t]*\r?\n", text[start : found.start()])
    return None if blank and not closing.startswith("\\end") and closing != r"\]" else found.start()


def _behind(text: str, closing: str, start: int) -> int:
    place = text.find(closing, start)
    return len(text) if place < 0 else place + len(closing)
