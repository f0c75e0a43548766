"""A page as the editor has it: its markers with what came of them, its claims with their verdicts, all problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from ...documents.book import Chapter
from ...documents.expand import expand
from ...documents.model import Kind, Place, Problem, Solved
from ...documents.page import Entry, Page, read_page
from ...errors import DeriveError
from ...linting.claim import Claim
from ...linting.finding import claims
from ...linting.report import problems_of
from ..selection import Selection
from .memory import Memory

BOM = "\ufeff"
MISFIT = "E506"
"""The code of a solution that would not be read back."""


class Project(NamedTuple):
    """What holds on a page from elsewhere: clauses, what is wrong with them, and how grave each code of the lint is.

    `before` are the pages of its book that stand before it.
    """

    clauses: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    severities: tuple[tuple[str, str], ...] = ()
    before: tuple[Chapter, ...] = ()


class MarkerInText(NamedTuple):
    """A marker: its number on the page, where in the text it stands, and what came of it, None if it was not due."""

    number: int
    start: int
    end: int
    entry: Entry
    outcome: Solved | DeriveError | None

    @property
    def whole(self) -> tuple[int, int]:
        """Where the marker begins and its solution, if it has one, ends."""
        region = self.entry.region
        return (min(region.start, self.start), max(region.closed, self.end)) if region else (self.start, self.end)


class Stated(NamedTuple):
    """A claim: where in the text it stands, and what the lint found."""

    start: int
    end: int
    claim: Claim


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is known of a page; offsets count in `text`, the page without a byte order mark."""

    page: Page
    marked: tuple[MarkerInText, ...]
    stated: tuple[Stated, ...]
    problems: tuple[Problem, ...]

    @property
    def text(self) -> str:
        """The text of the page."""
        return self.page.text

    def marker_at(self, start: int, end: int | None = None) -> MarkerInText | None:
        """Return the marker within which, or within whose solution, something stands; None if there is none."""
        return next((x for x in self.marked if _touch(x.whole, start, end)), None)

    def claim_at(self, start: int, end: int | None = None) -> Stated | None:
        """Return the claim within which something stands; None if there is none."""
        return next((x for x in self.stated if _touch((x.start, x.end), start, end)), None)


def _touch(stretch: tuple[int, int], start: int, end: int | None) -> bool:
    return stretch[0] <= (start if end is None else max(start, end)) and start <= stretch[1]


def analysed(text: str, kind: Kind, project: Project, memory: Memory, lint: bool = True) -> Analysis:
    """Return what is known of a page; `lint` says whether claims are judged.

    Where the settings of the project cannot be used, that alone is told, as by a run.

    Raises:
        Stopped: nobody waits for it any more.
    """
    page = read_page(text, kind, project.clauses)
    if project.problems:
        return Analysis(page, (), (), tuple(map(_elsewhere, project.problems)))
    marked = tuple(_marked(page, memory)) if page.scan.error is None else ()
    found = claims(text, kind, project.clauses, project.before) if lint else []
    stated = tuple(_stated(page, claim) for claim in found)
    told = (x for x in _problems(page, marked) if x.severity != "ignored")
    selection = Selection(severities=project.severities)
    judged = (x for x in selection.of(problems_of(found)) if x.severity != "ignored")
    problems = sorted({(x.code, x.message, x.place): x for x in chain(told, judged)}.values(), key=_place_of)
    return Analysis(page, marked, stated, tuple(problems))


def with_misfits(analysis: Analysis, memory: Memory) -> Analysis:
    """Return what is known of a page with the markers whose solution would not be read back as one.

    That takes reading the page with all solutions in it, so it is found when nobody types.
    """
    page = analysis.page
    if not any(isinstance(x.outcome, Solved) for x in analysis.marked):
        return analysis
    found = [x for x in expand(page.text, page.kind, memory, clauses=page.clauses).problems if x.code == MISFIT]
    if not found:
        return analysis
    places = {x.place for x in found}
    others = [x for x in analysis.problems if x.place not in places or x.severity != "stale"]
    return replace(analysis, problems=tuple(sorted((*others, *found), key=_place_of)))


def _elsewhere(problem: Problem) -> Problem:
    """Return a problem of the settings as one of the page, on its first line."""
    where = f"{problem.file}:{problem.place.line}:{problem.place.column}" if problem.place.line else problem.file
    return problem._replace(message=f"{where}: {problem.message}", place=Place(1, 1, 1, ""))


def _place_of(problem: Problem) -> tuple[int, int]:
    return problem.place.line, problem.place.column


def _marked(page: Page, memory: Memory) -> list[MarkerInText]:
    found: list[MarkerInText] = []
    for k, entry in enumerate(page.entries):
        site = entry.site
        start = page.stripped.locate(site.origin)
        end = page.stripped.locate(max(site.marker_end - 1, site.origin)) + 1
        due = entry.request is not None and (entry.region is None or is_stale(entry))
        outcome = memory.outcome(entry.request) if due and entry.request else None
        found.append(MarkerInText(k, start, max(end, start + 1), entry, outcome))
    return found


def is_stale(entry: Entry) -> bool:
    """Return whether the solution of a marker follows from something else than what stands there now."""
    return entry.region is not None and entry.region.taken != entry.taken


def _problems(page: Page, marked: Sequence[MarkerInText]) -> list[Problem]:
    """Return what is to be told of markers: an error says why there is no solution, else what is due is told."""
    found = list(page.other_problems())
    for one in marked:
        if isinstance(one.outcome, DeriveError):
            found.append(page.problem_of(one.entry, one.outcome))
        elif (state := page.state_of(one.entry)) is not None:
            found.append(state)
    return found


def _stated(page: Page, claim: Claim) -> Stated:
    """Return a claim with its place in the text: what it has in the base is moved behind the solutions before it."""
    start = page.stripped.locate(claim.start)
    return Stated(start, max(page.stripped.locate(max(claim.end - 1, claim.start)) + 1, start + 1), claim)
