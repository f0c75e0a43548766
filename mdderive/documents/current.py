"""Whether a page is up to date, with the standard library alone; in doubt it is not, and others decide."""

from __future__ import annotations

import re
from bisect import bisect_right

from ..errors import DeriveError
from .context import (
    MOST_CLAUSES,
    Clause,
    clauses_for,
    clauses_of_comment,
    clauses_of_macros,
    farther_clause,
    front_matter_end,
    habit_of,
    language_of,
)
from .formats import format_named
from .lines import Lines
from .markdown_regions import ANCHOR, CONTEXT, regions
from .model import Marker, Request
from .region import Stripped, digest_of_content, digest_of_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import Kind
    from .region import Region

_LEAD = re.compile(r"[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*(?:\[[ xX]\][ \t]+)?")
_BRACKET = re.compile(r"\s*[\[【［]")
_FENCE = r"(?m)^(?:[ \t>]|[-+*][ \t]|\d{1,9}[.)][ \t])*(?P<fence>`{3,}|~{3,})"
_RAW = r"(?i)<(?:pre|script|style|textarea)\b"
"""Asked for only behind comments and definitions, and compiled then."""


def is_current(text: str, kind: Kind, clauses: Sequence[str] = ()) -> bool:
    """Return True if every marker of the page has a region that is up to date, False if not or in doubt."""
    text = text.removeprefix("\ufeff")
    if r"\derive" not in text and "mdderive" not in text:
        return True
    quick = format_named(kind).is_current
    if quick:
        return quick(text, tuple(clauses))
    from .page import read_page

    page = read_page(text, kind, clauses)
    said = (*map(page.state_of, page.entries), *page.other_problems())
    return all(problem is None or problem.severity == "ignored" for problem in said)


def is_current_markdown(text: str, clauses: tuple[str, ...]) -> bool:
    """Return the same of a page of Markdown, without markdown-it-py, which takes long to import."""
    try:
        return _is_current_markdown(text, clauses)
    except DeriveError:
        return False


def _is_current_markdown(text: str, clauses: tuple[str, ...]) -> bool:
    found = regions(text) if "mdderive " in text else []
    if text.count(r"\derive") != sum(text.count(r"\derive", region.start, region.end) for region in found):
        return False
    stripped = Stripped(text, found)
    base = stripped.base
    lines = Lines(base)
    bodies = [(start, start + len(region.body)) for region, start in zip(found, stripped.starts, strict=True)]
    page_clauses = _plain_clauses(base, lines, bodies)
    if page_clauses is None or ANCHOR.search(base):
        return False
    language = language_of(base, "markdown")
    farther = list(map(farther_clause, (*habit_of(base), *clauses)))
    for region, start in zip(found, stripped.starts, strict=True):
        if digest_of_content(text[slice(*region.content)]) != region.given or not _stands_as_before(
            lines, region, start
        ):
            return False
        source = _source(base, region, start)
        if len(source) > len(region.body):
            return False
        context = clauses_for(source, [*farther, *(x for x in page_clauses if x.since <= start)])
        if region.inline and any(x.macro for x in context) and _may_be_heading(lines, start):
            return False
        texts = tuple(clause.text for clause in context)
        marker = Marker(source, "", "", (), {})
        if digest_of_request(Request(marker, "markdown", region.inline, texts, language)) != region.taken:
            return False
    return True


def _source(base: str, region: Region, start: int) -> str:
    """Return the marker of a region whose body begins at `start`: what its comment says, if that is what is stamped.

    Where a bracket follows, which may hold clauses that were added, the marker is read anew.

    Raises:
        DeriveError: it cannot be read.
    """
    offset, _, length = region.pieces[0]
    begin, end = region.body.index("\\"), offset + length
    if not _BRACKET.match(base, start + end):
        return region.body[begin:end]
    from .marker import read_marker

    return read_marker(base, start + begin).source


def _stands_as_before(lines: Lines, region: Region, start: int) -> bool:
    """Return whether a block is clearly alone in its paragraph, an inline marker clearly not."""
    end = start + len(region.body)
    first, last = lines.number(start), lines.number(end)
    before, after = lines.text[lines.starts[first] : start], lines.text[end : lines.ends[last]]
    if region.inline:
        return not _LEAD.fullmatch(before) or bool(after.strip())
    neighbours = [lines[number] for number in (first - 1, last + 1) if 0 <= number < len(lines)]
    return bool(_LEAD.fullmatch(before)) and not after.strip() and not any(line.strip(" \t>") for line in neighbours)


def _may_be_heading(lines: Lines, start: int) -> bool:
    """Whether the line of a place may be a heading."""
    number = lines.number(start)
    after = lines[number + 1].strip(" \t>") if number + 1 < len(lines) else ""
    return "#" in lines[number] or (bool(after) and not after.strip("=-"))


def _plain_clauses(base: str, lines: Lines, markers: Sequence[tuple[int, int]]) -> list[Clause] | None:
    """Return the clauses of the page; None where a comment or a definition might be code."""
    clauses: list[Clause] = []
    behind = 0
    if base.startswith("---"):
        from .front_matter import clauses_of_front_matter

        clauses, behind = clauses_of_front_matter(base), front_matter_end(base)
    comments = list(CONTEXT.finditer(base)) if "mdderive:" in base else []
    elsewhere = [*(comment.span() for comment in comments), *markers]
    macros = [
        macro
        for macro in clauses_of_macros(base, behind, len(base))
        if not any(start <= macro.start < end for start, end in elsewhere)
    ]
    if not comments and not macros:
        return clauses
    if re.search(_RAW, base) or base.count("<!--") != base.count("-->"):
        return None
    if len(comments) > MOST_CLAUSES:
        return None
    within = _Within(base)
    for comment in comments:
        start = comment.start()
        number = lines.number(start)
        above = lines[number - 1].strip() if number else ""
        is_apart = start == lines.starts[number] and (not above or above.startswith(("<!-- mdderive:", "---")))
        if within.math(start) or within.fence(start) or not is_apart:
            return None
        clauses += clauses_of_comment(base, *comment.span("clauses"))
    if any(not within.math(macro.start) or within.fence(macro.start) for macro in macros):
        return None
    return sorted([*clauses, *macros], key=lambda clause: clause.since)


class _Within:
    """What a place of a page lies in, as far as dollars and fences tell; each is looked for once."""

    def __init__(self, base: str) -> None:
        self._dollars = [match.end() for match in re.finditer(r"\$\$", base)]
        self._fences = [0]  # where one opens, where it closes, and so on
        opened = ""
        for match in re.finditer(_FENCE, base):
            fence = match["fence"]
            if not opened or (fence[0] == opened[0] and len(fence) >= len(opened)):
                self._fences.append(match.start() + 1)
                opened = "" if opened else fence

    def math(self, place: int) -> bool:
        """Return whether display math is open at a place."""
        return bisect_right(self._dollars, place) % 2 == 1

    def fence(self, place: int) -> bool:
        """Return whether a fence is open at a place."""
        return bisect_right(self._fences, place) % 2 == 0
