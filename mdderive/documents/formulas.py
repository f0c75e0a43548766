r"""Finding the formulas of a page, for the lint: between dollars, `\(` or `\[`, or in an environment of math."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..latex.environments import FORMULAS, pattern
from .context import IGNORE, SWITCHES
from .formats import format_named
from .model import Kind

LONGEST = 20_000
"""How many characters a formula may have that is read."""
_MATH = re.compile(
    rf"""(?P<skip>(?<!`)(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)|<!--.*?-->|\\\$)
    | \$\$(?P<display>.+?)\$\$
    | \$`(?P<github>[^`]+?)`\$
    | (?<![\\A-Za-z0-9_$])\$(?![\s$])(?P<inline>(?:[^$\\]|\\.)*?)(?<!\s)\$(?!\d)
    | (?<![\\A-Za-z0-9_$])\$[ ](?P<spaced>[^$\r\n]*?[\\_^=][^$\r\n]*?)[ ]\$(?!\d)
    | \\?\\\[(?P<brackets>(?:[^\\]|\\\\|\\[^\[\\])+?)\\?\\\]
    | \\?\\\((?P<parentheses>(?:[^\\]|\\\\|\\[^(\\])+?)\\?\\\)
    | \{{math\}}(?P<sign>`+)(?!`)(?P<role>.+?)(?<!`)(?P=sign)(?!`)
    | {pattern(FORMULAS)}(?:\{{\d\}})?(?P<body>.+?)\\end\{{(?P=name)\}}""",
    re.VERBOSE | re.DOTALL,
)
"""Math within a paragraph, and what is none; renderers of Markdown differ on `\\(` and `\\\\(`, so both count."""
_WAYS = ("display", "github", "inline", "spaced", "brackets", "parentheses", "role", "body")
SHOWN = ("display", "brackets", "body")
"""The ways of writing that set a formula apart."""
_OFF = re.compile(rf"(?:<!--|%+|\.\.)[ \t]*mdderive:[ \t]*(?P<switch>{'|'.join(SWITCHES)})[ \t]*(?:-->|(?=[\r\n]|\Z))")
_IGNORED = re.compile(rf"(?:<!--|%+|\.\.)[ \t]*mdderive:[ \t]*(?P<codes>{IGNORE})[ \t]*(?:-->|(?=[\r\n]|\Z))")
_CODE = re.compile(r"E\d+")
_FORMS = {"notebook": "notebook", "html": "HTML"}
_DIRECTIVE = re.compile(r"[ \t>]*(?:`{3,}|~{3,}|:{3,})[ \t]*\{?math\b|[ \t]*\.\.[ \t]+math::")
_LABEL = re.compile(r"[ \t]*(?:\([\w:.-]+\)|\{#[\w:.-]+\})")
"""A label behind a display, as MyST and Quarto have it."""
EVERY_CODE = "E"
"""What all codes begin with."""


class SourceFormula(NamedTuple):
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


def form_of(formula: SourceFormula, text: str, kind: Kind) -> str:
    """Return in which form a formula of a page is written: what the page is, or how the formula stands in it."""
    if kind in _FORMS:
        return _FORMS[kind]
    whole = text[formula.start : formula.end]
    if _DIRECTIVE.match(whole):
        return "directive"
    if r"\label" in formula.latex or r"\label" in whole or (formula.display and _LABEL.match(text, formula.end)):
        return "labelled"
    return "display" if formula.display else "inline"


def formulas(text: str, kind: Kind) -> list[SourceFormula]:
    """Return the formulas of a page in order, without those between `mdderive: off` and `mdderive: on`."""
    silent = list(_silent(text))
    found = format_named(kind).syntax().formulas(text)
    return sorted((x for x in found if not any(start <= x.start < end for start, end in silent)), key=lambda x: x.start)


def formulas_between_signs(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield the formulas of a running text: a match, and the group of it that holds the formula."""
    for match in _MATH.finditer(text):
        way = next((way for way in _WAYS if match[way] is not None), "")
        if way and len(match[way]) <= LONGEST:
            yield match, way


def ignored_codes(text: str, found: Sequence[SourceFormula]) -> dict[int, tuple[str, ...]]:
    """Return, by where a formula starts, the codes of which a comment wants none told of it.

    The comment stands before the formula, or behind it on its line.
    """
    ignored: dict[int, tuple[str, ...]] = {}
    for match in _IGNORED.finditer(text):
        line = max(text.rfind("\n", 0, match.start()), text.rfind("\r", 0, match.start())) + 1
        beside = [x.start for x in found if line <= x.end <= match.start()]
        behind = next((x.start for x in found if x.start >= match.end()), None)
        start = beside[-1] if beside else behind
        if start is not None:
            ignored[start] = (*ignored.get(start, ()), *(_CODE.findall(match["codes"]) or (EVERY_CODE,)))
    return ignored


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
