"""A page taken apart: the author's own text, where markers stand in it, and the regions behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from ..errors import DeriveError, ParseError, Span
from ..latex.macros import commands
from .context import (
    MOST_CLAUSES,
    Clause,
    clause_of,
    clauses_for,
    farther_clause,
    habit_of,
    language_of,
    told_to_us,
)  # fmt: skip
from .formats import format_named
from .lines import Lines, lines_of
from .model import Kind, Place, Problem, Request, Severity
from .region import Region, Stripped, digest_of_content, digest_of_request
from .scan import IN_HTML, MarkerSite, Scan
from .syntax import PageSyntax

_ROUNDS = 4
"""How often regions that are none are put back before all of them are taken as text."""

KEPT_SCANS = 128
"""How many scans are kept: those of a page that is looked at several times, and of the pages that are read ahead."""

EDITED_HINT = "--accept keeps the edit, --discard replaces it, --detach makes it plain text"
STRIP_HINT = "--strip --discard strips it all the same, --detach makes it plain text"


class Entry(NamedTuple):
    """A marker on a page, its region if it has one, what to ask the solver, and the digest of that.

    `context` are the clauses that matter for it; `request` is None and `taken` is "" if the marker cannot be read.
    """

    site: MarkerSite
    region: Region | None
    context: tuple[Clause, ...] = ()
    request: Request | None = None
    taken: str = ""


class Page(NamedTuple):
    """A page taken apart; `clauses` are the caller's, farther than the page's own."""

    text: str
    kind: Kind
    clauses: tuple[str, ...]
    stripped: Stripped
    scan: Scan
    entries: tuple[Entry, ...]
    lines: Lines

    @property
    def syntax(self) -> PageSyntax:
        """The syntax of the page's format."""
        return format_named(self.kind).syntax()

    def place(self, start: int, end: int) -> Place:
        """Return the place in the text of a stretch of the base."""
        first = self.stripped.locate(start)
        return self.lines.place(first, self.stripped.locate(max(end - 1, start)) + 1)

    def is_edited(self, region: Region) -> bool:
        """Return whether the text of a region is no longer what was put there."""
        return digest_of_content(self.text[slice(*region.content)]) != region.given

    def problem_of(self, entry: Entry, error: DeriveError) -> Problem:
        """Return what to tell of an error about a marker, at the culprit's place in the page."""
        whole = self.place(entry.site.origin, max(entry.site.marker_end, entry.site.origin + len(r"\derive")))
        place = (error.span and self._place_of(entry, error.span)) or whole
        notes = ((self._place_of(entry, note.span) or whole, note.text) for note in error.notes)
        return Problem(error.code, error.message, place, "error", error.hint, tuple(notes))

    def _place_of(self, entry: Entry, span: Span) -> Place | None:
        """Return where a span of an error lies; None for a clause that does not stand on this page."""
        if span.part in ("page", "marker") and entry.site.error:
            return self.place(span.start, span.end)
        part, _, number = span.part.partition(":")
        if part == "context":
            start = entry.context[int(number)].start
            if start < 0:
                return None
            return self.place(start + span.start, start + span.end)
        offset = entry.site.marker.offsets.get(span.part) if entry.site.marker else None
        if offset is None:
            return None
        start, end = offset + span.start, max(offset + span.end, offset + span.start + 1)
        return self.place(entry.site.locate(start), entry.site.locate(end - 1) + 1)

    def state_of(self, entry: Entry) -> Problem | None:
        """Return why a marker needs attention; None if its region is up to date."""
        if entry.site.error:
            return self.problem_of(entry, entry.site.error)
        if entry.region is None:
            return self.said(entry, "E511", "this marker has no solution yet", "stale")
        if self.is_edited(entry.region) or (entry.region.accepted and entry.region.taken != entry.taken):
            return self.said(entry, "E510", "the solution of this marker was edited by hand", "edited", EDITED_HINT)
        if entry.region.taken != entry.taken:
            return self.said(entry, "E512", "the solution of this marker is out of date", "stale")
        return None

    def said(self, entry: Entry, code: str, message: str, severity: Severity = "error", hint: str = "") -> Problem:
        """Return a problem of a marker as a whole."""
        return Problem(code, message, self.place(entry.site.origin, entry.site.marker_end), severity, hint)

    def other_problems(self) -> Iterator[Problem]:
        """Yield what belongs to no marker: settings, pieces of regions, and markers that are text."""
        if self.scan.error:
            span = self.scan.error.span or Span("page", 0, 1)
            place = self.place(span.start, span.end)
            yield Problem(self.scan.error.code, self.scan.error.message, place, "error", self.scan.error.hint)
        for entry in self.entries:
            if entry.site.slide and entry.request and _details(entry.request) == "full":
                hint = "leave out detail: full, or let the frame go on: \\begin{frame}[allowframebreaks]"
                yield self.said(entry, "E523", "a whole solution may run off the slide", "warning", hint)
        for start in sorted(self.scan.anchors):
            message = "this is a piece of a solution whose other pieces are missing or out of place"
            hint = "undo the edit, or remove what is left of it and keep the marker"
            yield Problem("E508", message, self.place(start, start + len("<!-- mdderive")), "error", hint)
        for start, why in self.scan.ignored:
            hint = "with a blank line before it, it counts" if why == IN_HTML else ""
            severity: Severity = "warning" if why == IN_HTML else "ignored"
            place = self.place(start, start + len(r"\derive"))
            yield Problem("E520", f"this marker is text: it stands in {why}", place, severity, hint)


def _details(request: Request) -> str:
    """Return the last of the details that a marker and its page ask for, "" if none is."""
    said = [x.partition(":") for x in (*request.context, *request.marker.where)]
    return next((value.strip() for name, _, value in reversed(said) if name.strip() == "detail"), "")


def read_page(text: str, kind: Kind, clauses: Sequence[str] = ()) -> Page:
    """Return the page taken apart.

    What looks like a region is one if, without it, its marker stands there and counts. So a region that is shown in
    a code block is text.
    """
    regions = find_regions(text, kind)
    for _ in range(_ROUNDS):
        stripped = Stripped(text, regions)
        scan = scan_of(stripped.base, kind)
        fitting = _fitting(regions, stripped, scan)
        if len(fitting) == len(regions):
            break
        regions = fitting
    else:
        regions = []
        stripped = Stripped(text, regions)
        scan = scan_of(stripped.base, kind)
    scan = _bounded(scan)
    entries = _entries(regions, stripped, scan, kind, tuple(clauses))
    return Page(text, kind, tuple(clauses), stripped, scan, tuple(entries), lines_of(text))


def find_regions(text: str, kind: Kind) -> list[Region]:
    """Return all that looks like a region; whether it is one, only its marker can tell."""
    return format_named(kind).syntax().regions(text) if "mdderive " in text else []


@lru_cache(maxsize=KEPT_SCANS)
def scan_of(text: str, kind: Kind) -> Scan:
    """Return what stands in a text that has no regions, or whose regions are to be taken as text."""
    return format_named(kind).syntax().scan(text)


def forget() -> None:
    """Drop the scans and the lines that are kept."""
    scan_of.cache_clear()
    lines_of.cache_clear()


def _fitting(regions: Sequence[Region], stripped: Stripped, scan: Scan) -> list[Region]:
    """Return the regions whose marker counts, and does not take in what stands behind the region."""
    sites = {site.start: site for site in scan.sites}
    return [
        region
        for region, start in zip(regions, stripped.starts, strict=True)
        if (site := sites.get(start)) and site.marker_end <= start + len(region.body)
    ]


def _bounded(scan: Scan) -> Scan:
    """Return the scan, with an error in place of its clauses if there are too many."""
    own = [clause for clause in scan.clauses if not clause.macro]
    if len(own) <= MOST_CLAUSES:
        return scan
    start = max(own[MOST_CLAUSES].start, 0)
    message = f"more than {MOST_CLAUSES:,} clauses hold on this page"
    hint = "divide the page, or give each marker the clauses that it needs"
    return scan._replace(clauses=(), error=ParseError("E515", message, Span("page", start, start + 1), hint))


def _entries(
    regions: Sequence[Region], stripped: Stripped, scan: Scan, kind: Kind, clauses: tuple[str, ...]
) -> Iterator[Entry]:
    language = language_of(stripped.base, kind) if scan.sites else "en"
    at = dict(zip(stripped.starts, regions, strict=True))
    contexts = _contexts(scan.sites, scan.clauses, (*habit_of(stripped.base), *clauses) if scan.sites else clauses)
    for site, context in zip(scan.sites, contexts, strict=True):
        if site.marker is None:
            yield Entry(site, at.get(site.start))
            continue
        if site.slide:  # what is said anywhere is nearer
            context = (clause_of("detail: brief"), *context)
        if site.heading:  # which stands in tables of contents too, before what the page defines
            context = tuple(told_to_us(x) if x.start >= 0 else x for x in context)
        texts = tuple(clause.text for clause in context)
        request = Request(site.marker, kind, site.inline, texts, language, site.environment)
        yield Entry(site, at.get(site.start), context, request, digest_of_request(request))


def _contexts(
    sites: Iterable[MarkerSite], clauses: Sequence[Clause], farther: tuple[str, ...]
) -> Iterator[tuple[Clause, ...]]:
    """Yield the clauses in force at each site that matter for its marker, the farthest first."""
    context, k = tuple(map(farther_clause, farther)), 0
    names = frozenset(clause.macro.name for clause in (*context, *clauses) if clause.macro)
    found: dict[tuple[int, frozenset[str]], tuple[Clause, ...]] = {}
    for site in sites:
        begin = k
        while k < len(clauses) and clauses[k].since <= site.start:
            k += 1
        if k > begin:
            context = (*context, *clauses[begin:k])
        source = site.marker.source if site.marker else ""
        used = (k, names.intersection(commands(source)) if names else frozenset())
        if used not in found:
            found[used] = clauses_for(source, context)
        yield found[used]
