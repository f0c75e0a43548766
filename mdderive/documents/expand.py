"""Solutions into a page and out of it: expand, strip, review.

Where markers stand, the author's own text alone says. So a region cannot change what is found: expanding twice is
expanding once, and stripping gives the author's text back.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..errors import DeriveError
from .lines import Lines
from .model import Expanded, Found, Kind, Problem, Request, Solved, Solver
from .page import STRIP_HINT, Entry, Page, find_regions, read_page, scan_of
from .region import Region, Stripped, digest_of_content

Edits = Literal["keep", "accept", "discard", "detach"]
_BOM = "\ufeff"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_ROUNDS = 4
"""How often solutions that do not fit are left out before all of them are."""


def expand(
    text: str,
    kind: Kind,
    solve: Solver,
    *,
    edits: Edits = "keep",
    clauses: Sequence[str] = (),
    everything: bool = False,
    only: Container[int] | None = None,
) -> Expanded:
    """Return the page with a solution behind every marker, or behind those alone whose numbers, from 0, are `only`.

    What is up to date stays as it is, and so does what was edited by hand, unless `edits` says what to do with it:
    "accept" it from now on, "discard" it, or "detach" it, which makes it plain text. `clauses` hold as if they
    stood before the page's own. With `everything`, what is up to date is solved again too. A marker that cannot be
    solved stays as it is; the problems say why.
    """
    page = read_page(text.removeprefix(_BOM), kind, clauses)
    expanded = _Work(page, solve, edits, everything).run(only)
    return Expanded(_BOM + expanded.text, expanded.derivations, expanded.problems) if text[:1] == _BOM else expanded


def strip(text: str, kind: Kind, only: Container[int] | None = None) -> str:
    """Return the page as its author wrote it, without the solutions, or without those of the markers `only`."""
    bom = text[:1] if text[:1] == _BOM else ""
    page = read_page(text.removeprefix(_BOM), kind)
    if only is None:
        return bom + page.stripped.base
    return bom + Stripped(page.text, [x.region for k, x in enumerate(page.entries) if k in only and x.region]).base


def strip_unedited(text: str, kind: Kind) -> Expanded:
    """Return the page without the solutions, but for those that were edited by hand, accepted or not, and say so."""
    bom = text[:1] if text[:1] == _BOM else ""
    page = read_page(text.removeprefix(_BOM), kind)
    mine = [x for x in page.entries if x.region and (x.region.accepted or page.is_edited(x.region))]
    message = "the solution of this marker was edited by hand, so it is not stripped"
    problems = [page.said(entry, "E510", message, "edited", STRIP_HINT) for entry in mine]
    kept = [entry.region for entry in mine]
    others = [x.region for x in page.entries if x.region and x.region not in kept]
    left = Stripped(page.text, others).base
    return Expanded(bom + left, (), tuple(problems))


def requests(
    text: str,
    kind: Kind,
    *,
    edits: Edits = "keep",
    clauses: Sequence[str] = (),
    everything: bool = False,
) -> list[Request]:
    """Return what `expand` will ask its solver for, so that others may begin with it."""
    page = read_page(text.removeprefix(_BOM), kind, clauses)
    wanted: list[Request] = []
    for entry in page.entries if page.scan.error is None else ():
        asked = _due(page, entry, edits, everything) in ("solve", "verify")
        wanted += [entry.request] if asked and entry.request else []
    return wanted


def _due(page: Page, entry: Entry, edits: Edits, everything: bool) -> Literal["solve", "edited", "verify", "nothing"]:
    """Return what is to be done for a marker: its solution is missing or stale, was edited, or may stay."""
    region = entry.region
    if region is None:
        return "solve"
    stale = region.taken != entry.taken
    if page.is_edited(region) or (region.accepted and (stale or edits == "discard")):
        return "solve" if edits == "discard" else "edited"
    if stale:
        return "solve"
    return "verify" if everything else "nothing"


def review(text: str, kind: Kind, clauses: Sequence[str] = ()) -> tuple[Problem, ...]:
    """Return what is stale, edited by hand or wrong with the markers themselves, without solving anything."""
    page = read_page(text.removeprefix(_BOM), kind, clauses)
    states = [problem for entry in page.entries if (problem := page.state_of(entry))]
    return _sorted([*states, *page.other_problems()])


@dataclass(frozen=True, slots=True)
class _Change:
    """What takes the place of an entry: `text` in the page, `base` in the author's text up to `base_end`."""

    text: str
    base: str
    base_end: int
    detached: bool = False


class _Work:
    """One page being expanded."""

    def __init__(self, page: Page, solve: Solver, edits: Edits, everything: bool) -> None:
        self.page = page
        self.solve = solve
        self.edits = edits
        self.everything = everything
        self.lines = Lines(page.stripped.base)
        self.problems: list[Problem] = []
        self.found: list[Found] = []
        self.solutions: dict[tuple[object, ...], Solved | DeriveError] = {}

    def run(self, only: Container[int] | None = None) -> Expanded:
        """Return the page with everything in place that can be, or that is asked for."""
        self.problems += self.page.other_problems()
        changes: dict[int, _Change] = {}
        for k, entry in enumerate(self.page.entries if self.page.scan.error is None else ()):
            change = self._change(entry) if only is None or k in only else None
            if change:
                changes[k] = change
        text = self._spliced_safely(changes) if changes else self.page.text
        return Expanded(text, tuple(self.found), _sorted(self.problems))

    def _change(self, entry: Entry) -> _Change | None:
        region = entry.region
        if entry.site.error:
            self.problems.append(self.page.problem_of(entry, entry.site.error))
            return None
        due = _due(self.page, entry, self.edits, self.everything)
        if region is None or due == "solve":
            return self._solved(entry)
        if due == "edited":
            return self._edited(entry, region)
        if due == "nothing":
            return None
        change = self._solved(entry, region.given)
        return None if region.accepted else change

    def _edited(self, entry: Entry, region: Region) -> _Change | None:
        """Return what becomes of a region that was edited by hand and is not discarded."""
        body_end = entry.site.start + len(region.body)
        if self.edits == "accept":
            return _Change(self._restamped(entry, region), region.body, body_end)
        plain = self._plain(entry, region) if self.edits == "detach" else ""
        if plain:
            return _Change(plain, plain, body_end, detached=True)
        problem = self.page.state_of(entry)
        self.problems += [problem] if problem else []
        return None

    def _solved(self, entry: Entry, given: str = "") -> _Change | None:
        """Return the region with a new solution; None if there is none, or if it is what `given` digests."""
        assert entry.request is not None and entry.site.marker is not None
        solution = self._solution(entry.request)
        if isinstance(solution, DeriveError):
            self.problems.append(self.page.problem_of(entry, solution))
            return None
        site = entry.site
        place = self.page.place(site.origin, site.marker_end)
        self.found.append(Found(site.marker or entry.request.marker, place, solution.derivations))
        out = digest_of_content(solution.text)
        if out == given:
            return None
        body = self.page.stripped.base[site.start : site.end]
        return _Change(self._region(entry, body, solution.text, f"{entry.taken}.{out}"), body, site.end)

    def _solution(self, request: Request) -> Solved | DeriveError:
        """Return what the solver says of a request; the same request is solved once."""
        key = (request.marker.source, request.inline, request.context, request.environment)
        if key not in self.solutions:
            try:
                self.solutions[key] = self.solve(request)
            except DeriveError as error:
                self.solutions[key] = error
        return self.solutions[key]

    def _region(self, entry: Entry, body: str, solution: str, stamp: str) -> str:
        site, syntax = entry.site, self.page.syntax
        if site.inline:
            return syntax.inline(body, site, solution, stamp)
        first, last = self.lines.number(site.start), self.lines.number(site.end)
        blank = last + 1 < len(self.lines) and bool(self.lines[last + 1].strip(" \t>"))
        content = solution.split("\n") if solution else []
        return syntax.block(body, site, content, stamp, self.lines.end_sign(first), blank)

    def _restamped(self, entry: Entry, region: Region) -> str:
        text = self.page.text
        start, end = region.stamp
        out = digest_of_content(text[slice(*region.content)])
        plus = "+" if text[end - 1] == "+" else ""
        return f"{text[region.start : start]}{entry.taken}.{out}={plus}{text[end : region.end]}"

    def _plain(self, entry: Entry, region: Region) -> str:
        """Return what an author sees of a region: its text, without the blank lines around it; "" if there is none."""
        content = self.page.text[slice(*region.content)]
        if region.inline:
            return content
        lines = _LINE.findall(content)
        while lines and not lines[0].strip(" \t\r\n>"):
            del lines[0]
        while lines and not lines[-1].strip(" \t\r\n>"):
            del lines[-1]
        if not lines:
            return ""
        prefix = entry.site.prefix
        plain = "".join([_without_prefix(lines[0], prefix), *lines[1:]]).rstrip("\r\n")
        return plain + self.page.text[region.closed : region.end]

    def _spliced_safely(self, changes: dict[int, _Change]) -> str:
        """Return the page with the changes, but for those that could not be read back."""
        left = dict(changes)
        for _ in range(_ROUNDS):
            text, base, starts = self._spliced(left)
            misfits = self._misfits(left, text, base, starts)
            if not misfits:
                return text
            for k in misfits:
                del left[k]
                self._leave_alone(self.page.entries[k])
        for k in left:
            self._leave_alone(self.page.entries[k])
        return self.page.text

    def _leave_alone(self, entry: Entry) -> None:
        message = "a solution put here would not be read back as one"
        self.problems.append(self.page.said(entry, "E506", message, "error", self.page.syntax.misfit_hint))

    def _spliced(self, changes: Mapping[int, _Change]) -> tuple[str, str, dict[int, int]]:
        """Return the new page, what its base must be, and where in the page each change begins."""
        old = self.page.stripped.base
        parts: list[str] = []
        bases: list[str] = []
        starts: dict[int, int] = {}
        length = position = 0
        for k, entry in enumerate(self.page.entries):
            change, region = changes.get(k), entry.region
            if change is None and region is None:
                continue
            if change is None and region is not None:
                kept = self.page.text[region.start : region.end]
                change = _Change(kept, region.body, entry.site.start + len(region.body))
            assert change is not None
            between = old[position : entry.site.start]
            starts[k] = length + len(between)
            parts += (between, change.text)
            bases += (between, change.base)
            length += len(between) + len(change.text)
            position = change.base_end
        return "".join([*parts, old[position:]]), "".join([*bases, old[position:]]), starts

    def _misfits(self, changes: Mapping[int, _Change], text: str, base: str, starts: Mapping[int, int]) -> list[int]:
        """Return the changes that would not be read back as what they are; all of them if none is to blame."""
        kind = self.page.kind
        there = {region.start: region for region in find_regions(text, kind)}
        new = {k: change for k, change in changes.items() if not change.detached}
        misfits = [
            k
            for k, change in new.items()
            if (region := there.get(starts[k])) is None
            or (region.end, region.body) != (starts[k] + len(change.text), change.base)
        ]
        anchor = self.page.syntax.anchor
        if anchor and not misfits:
            anchors = scan_of(text, kind).anchors
            misfits = [
                k
                for k, change in new.items()
                if any(starts[k] + match.start() not in anchors for match in anchor.finditer(change.text))
            ]
        if not misfits:
            again = read_page(text, kind, self.page.clauses)
            detached = dict.fromkeys(k for k, change in changes.items() if change.detached)
            rest = [_reading(entry) for k, entry in enumerate(self.page.entries) if k not in detached]
            if again.stripped.base != base or [_reading(entry) for entry in again.entries] != rest:
                misfits = list(detached or changes)
        return misfits


def _without_prefix(line: str, prefix: str) -> str:
    """Return a line without what its container puts before it, which stands before the region already."""
    if line.startswith(prefix):
        return line[len(prefix) :]
    blanks = line[: len(line) - len(line.lstrip(" \t"))]
    return line[len(blanks) :] if len(blanks) < len(prefix) else line


def _reading(entry: Entry) -> tuple[bool, bool]:
    """Return how a marker is read: what must not change when its neighbour becomes plain text."""
    return entry.site.inline, entry.request is None


def _sorted(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: (problem.place.line, problem.place.column)))
