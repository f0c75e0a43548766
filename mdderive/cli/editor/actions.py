"""What an editor offers to do at a place: with a marker and its solution, with a claim, with the whole page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...documents.context import front_matter_end
from ...documents.expand import Edits, expand, strip
from ...documents.formats import format_named
from ...documents.formulas import SourceFormula, formulas
from ...documents.lines import Lines
from ...documents.model import Solved
from ...errors import DeriveError
from ...linting.claim import Claim, answer
from ...linting.report import CODES
from ...linting.verdicts import WRONG
from .analysis import Analysis, MarkerInText, Stated, is_stale
from .edits import Edit, difference
from .memory import Memory

QUICKFIX, REWRITE, FIX_ALL = "quickfix", "refactor.rewrite", "source.fixAll"
_OFFERED = re.compile(r"\[([^\[\]]+: [^\[\]]+|[^\[\]]+ = [^\[\].]+)\]")
"""A clause in a hint that can be typed as it stands."""
_HANDS: tuple[tuple[Edits, str], ...] = (
    ("accept", "Keep what was edited by hand, and take it as it is from now on"),
    ("discard", "Replace what was edited by hand by the solution"),
    ("detach", "Make plain text of what was edited by hand"),
)


class Action(NamedTuple):
    """Something to do: what it is called, of which kind, what it changes, the codes of the problems that it mends."""

    title: str
    kind: str
    edits: tuple[Edit, ...]
    codes: tuple[str, ...] = ()
    is_preferred: bool = False


def actions(analysis: Analysis, start: int, end: int, memory: Memory) -> list[Action]:
    """Return what may be done where `text[start:end]` is selected; nothing in a page into which nothing is written."""
    if not format_named(analysis.page.kind).writer:
        return []
    marked, stated = analysis.marker_at(start, end), analysis.claim_at(start, end)
    found: list[Action] = []
    if marked is not None:
        found += _of_solution(analysis, marked, memory)
        found += _declarations(analysis, marked, memory)
    if stated is not None:
        found += _of_claim(analysis, stated)
    found += _of_page(analysis, memory)
    return [x for x in found if x.edits]


# --- markers ---------------------------------------------------------------------------------------------------


def _of_solution(analysis: Analysis, marked: MarkerInText, memory: Memory) -> Iterator[Action]:
    region, page = marked.entry.region, analysis.page
    if region is None:
        if isinstance(marked.outcome, Solved):
            edits = _expanded(analysis, marked, memory, "keep")
            yield Action("Insert the solution", QUICKFIX, edits, ("E511",), is_preferred=True)
        return
    if page.is_edited(region) or (region.accepted and is_stale(marked.entry)):
        for choice, title in _HANDS:
            yield Action(title, QUICKFIX, _expanded(analysis, marked, memory, choice), ("E510",))
        return
    if is_stale(marked.entry):
        edits = _expanded(analysis, marked, memory, "keep")
        yield Action("Refresh the solution", QUICKFIX, edits, ("E512",), is_preferred=True)
    if not region.accepted:
        stripped = strip(page.text, page.kind, only=(marked.number,))
        yield Action("Strip the solution", REWRITE, difference(page.text, stripped))


def _expanded(analysis: Analysis, marked: MarkerInText, memory: Memory, edits: Edits) -> tuple[Edit, ...]:
    page = analysis.page
    found = expand(page.text, page.kind, memory, edits=edits, clauses=page.clauses, only=(marked.number,))
    return difference(page.text, found.text)


def _declarations(analysis: Analysis, marked: MarkerInText, memory: Memory) -> Iterator[Action]:
    """Yield what follows the hint of a marker's error: each clause that it offers, in the marker or on the page."""
    error, place = marked.outcome, marked.end
    marker = marked.entry.site.marker
    if marker is None or not isinstance(error, DeriveError):
        return
    clauses = [x for x in dict.fromkeys(_OFFERED.findall(error.hint)) if _mends(marked, x, error, memory)]
    if marker.where:
        place = analysis.page.stripped.locate(marked.entry.site.locate(len(marker.source) - 1))
    for clause in clauses:
        new = f"; {clause}" if marker.where else f"[{clause}]"
        yield Action(f"Say here: {clause}", QUICKFIX, (Edit(place, place, new),), (error.code,))
    for clause in clauses:
        said = _said_before(analysis, marked.whole[0], f"mdderive: {clause}")
        yield Action(f"Say for the page from here on: {clause}", QUICKFIX, (said,), (error.code,))


def _mends(marked: MarkerInText, clause: str, error: DeriveError, memory: Memory) -> bool:
    """Whether a marker with one more clause has no longer the same error."""
    request = marked.entry.request
    if request is None:
        return False
    marker = request.marker._replace(source=f"{request.marker.source}[{clause}]", where=(*request.marker.where, clause))
    found = memory.outcome(request._replace(marker=marker))
    return isinstance(found, Solved) or (found.code, found.message) != (error.code, error.message)


# --- claims ----------------------------------------------------------------------------------------------------


def _of_claim(analysis: Analysis, stated: Stated) -> Iterator[Action]:
    claim = stated.claim
    code = CODES.get(claim.verdict, "E704")
    told = any(x.code == code and x.place == claim.place for x in analysis.problems)
    if claim.verdict in WRONG and told and (right := answer(claim)):
        edit = Edit(stated.start, stated.end, right)
        yield Action(f"Use the right formula: {right}", QUICKFIX, (edit,), (code,), is_preferred=True)
    if claim.clauses and told:
        said = _said_before(analysis, stated.start, "mdderive: " + "; ".join(claim.clauses))
        yield Action(f"Say that {claim.condition}", QUICKFIX, (said,), (code,))
    if claim.marker:
        yield Action("Insert a worked derivation of this", REWRITE, (_marker_behind(analysis, stated),))
    if told:
        yield Action(f"Ignore {code} here", QUICKFIX, (_ignored(analysis, stated, code),), (code,))


def _marker_behind(analysis: Analysis, stated: Stated) -> Edit:
    """Return the change that puts a marker for a claim into a paragraph of its own behind that of the claim."""
    lines = analysis.page.lines
    first = lines.number(stated.start)
    prefix = _container(lines, first)
    last = first
    while last + 1 < len(lines) and lines[last + 1].strip(" \t>\x1e"):
        last += 1
    end = lines.end_sign(last)
    place = lines.ends[last]
    return Edit(place, place, f"{end}{prefix.rstrip()}{end}{prefix}{stated.claim.marker}")


def _ignored(analysis: Analysis, stated: Stated, code: str) -> Edit:
    """Return the change that keeps the lint from telling a code of a claim: a comment behind its formula."""
    place = _formula_of(analysis, stated.claim).end
    behind = analysis.page.stripped.locate(place - 1) + 1
    lines = analysis.page.lines
    number = lines.number(behind - 1)
    opening, closing = analysis.page.syntax.remark
    end = ""
    if not closing and behind != lines.ends[number]:  # the comment takes what follows on the line, if that stays there
        end = lines.end_sign(number) + _container(lines, number)
    return Edit(behind, behind, f"{opening}mdderive: ignore {code}{closing}{end}")


def _formula_of(analysis: Analysis, claim: Claim) -> SourceFormula:
    found = formulas(analysis.page.stripped.base, analysis.page.kind)
    return next(x for x in found if x.start <= claim.start < x.end)


# --- the page --------------------------------------------------------------------------------------------------


def _of_page(analysis: Analysis, memory: Memory) -> Iterator[Action]:
    page = analysis.page
    due = [x for x in analysis.marked if isinstance(x.outcome, Solved)]
    if due:
        new = expand(page.text, page.kind, memory, clauses=page.clauses).text
        yield Action("Insert or refresh all solutions", FIX_ALL, difference(page.text, new), ("E511", "E512"))


def _said_before(analysis: Analysis, offset: int, said: str) -> Edit:
    """Return the change that puts a comment of one line before the paragraph in which something stands."""
    lines = analysis.page.lines
    top = front_matter_end(analysis.text) if format_named(analysis.page.kind).has_front_matter else 0
    first = lines.number(offset)
    while first > 0 and lines.starts[first] > top + 1 and lines[first - 1].strip(" \t>\x1e"):
        first -= 1
    prefix, end = _container(lines, first), lines.end_sign(first)
    opening, closing = analysis.page.syntax.remark
    place = lines.starts[first] + len(prefix)
    return Edit(place, place, f"{opening}{said}{closing}{end}{prefix.rstrip()}{end}{prefix}")


def _container(lines: Lines, number: int) -> str:
    """Return what a line has before its text: the signs of quotes, indentation."""
    line = lines[number]
    return line[: len(line) - len(line.lstrip(" \t>"))]
