"""What an editor shows of a page as a whole: its derivations, what can be folded, results behind markers; and names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...documents.marker import split_variables
from ...documents.model import Solved
from ...errors import DeriveError
from ...question.clauses import Equation, read_clauses
from ...render.plain import plain
from .analysis import Analysis, MarkerInText
from .edits import Edit
from .positions import stretch

_ID = re.compile(r"\s*id\s*[:：]\s*(?P<name>\S.*?)\s*$")
_NO_ID = re.compile(r"[\s;:：；<>()\[\]{}\"'#|\\`$%]|--")
"""What would end a clause, a marker, the comment around it, or a link."""


class Outlined(NamedTuple):
    """A derivation in the outline: its name, where it begins and ends, and where its marker does."""

    name: str
    detail: str
    start: int
    end: int
    marker_start: int
    marker_end: int


class Inlaid(NamedTuple):
    """A text shown behind a place that is none of the page's, and what is shown when the pointer rests on it."""

    at: int
    text: str
    told: str


# --- the whole page --------------------------------------------------------------------------------------------


def outline(analysis: Analysis) -> list[Outlined]:
    """Return the derivations of a page, each called by its title or by what is asked."""
    found = []
    for one in analysis.marked:
        marker = one.entry.site.marker
        if marker is None:
            continue
        variables = ", ".join(plain(x) for x, _ in split_variables(marker.variable))
        asked = f"∂({plain(marker.f)})/∂({variables})"
        title = _option(one, "title")
        found.append(Outlined(title or asked, asked if title else "", *one.whole, one.start, one.end))
    return found


def folds(analysis: Analysis) -> list[tuple[int, int]]:
    """Return where every solution that is set apart begins and ends."""
    regions = [one.entry.region for one in analysis.marked]
    return [(x.start, max(x.closed - 1, x.start)) for x in regions if x is not None and not x.inline]


def inlaid(analysis: Analysis) -> list[Inlaid]:
    """Return the results behind the markers within sentences that have none on the page."""
    found = []
    for one in analysis.marked:
        if one.entry.region is None and one.entry.site.inline and isinstance(one.outcome, Solved):
            result = plain(one.outcome.text.strip("$"))
            found.append(Inlaid(one.end, f" = {result}", "the result; mdderive inserts it"))
    return found


# --- names -----------------------------------------------------------------------------------------------------


def definition(analysis: Analysis, offset: int) -> list[tuple[int, int]]:
    """Return where that is defined or declared which stands at a place: the nearest clause, or the text of a page."""
    marked = analysis.marker_at(offset)
    if marked is not None and marked.entry.site.marker is not None:
        return list(_clauses_on(analysis, marked, offset))
    stated = analysis.claim_at(offset)
    if stated is None:
        return []
    return [stretch(analysis.page.lines, place) for _, place in stated.claim.sources]


def _clauses_on(analysis: Analysis, marked: MarkerInText, offset: int) -> Iterator[tuple[int, int]]:
    """Yield the clauses that say something of the letter at a place, the nearest first."""
    said = [(text, start) for text, start in _said(analysis, marked) if not start <= offset < start + len(text)]
    named = [(name, start, start + len(text)) for text, start in said for name in _names(text)]
    under = [x for x, _, _ in named if _stands(analysis.text, x, offset)]
    if under:
        longest = max(under, key=len)
        yield from ((start, end) for name, start, end in named if name == longest)


def _said(analysis: Analysis, marked: MarkerInText) -> list[tuple[str, int]]:
    """Return the clauses that hold for a marker and stand on its page, with their places, the nearest first."""
    marker = marked.entry.site.marker
    own = [] if marker is None else [
        (text, analysis.page.stripped.locate(marked.entry.site.locate(marker.offsets[f"where:{k}"])))
        for k, text in enumerate(marker.where)
    ]  # fmt: skip
    around = [x for x in reversed(marked.entry.context) if x.start >= 0]
    return [*own, *((x.text, analysis.page.stripped.locate(x.start)) for x in around)]


def _names(clause: str) -> set[str]:
    """Return the letters and functions of which a clause says something."""
    try:
        read = read_clauses((clause,))
    except DeriveError:
        return set()
    return {*read.declarations, *map(_head, read.definitions), *(rf"\{name}" for name in read.macros)} - {""}


def _head(equation: Equation) -> str:
    return (equation.left or "").partition("(")[0].strip()


def _stands(text: str, name: str, offset: int) -> bool:
    """Whether a name stands at a place of a text, and is no piece of a longer word."""
    start = text.find(name, max(0, offset - len(name)), offset + len(name))
    return 0 <= start <= offset and not (name[-1:].isalpha() and name[:1] == "\\" and text[start + len(name)].isalpha())


def ids(analysis: Analysis) -> dict[str, list[tuple[int, int]]]:
    """Return the ids of the derivations of a page, each with the places where it is given."""
    found: dict[str, list[tuple[int, int]]] = {}
    for one in analysis.marked:
        marker = one.entry.site.marker
        for k, clause in enumerate(marker.where if marker else ()):
            if marker and (given := _ID.match(clause)):
                offset = marker.offsets[f"where:{k}"] + given.start("name")
                start = analysis.page.stripped.locate(one.entry.site.locate(offset))
                found.setdefault(given["name"], []).append((start, start + len(given["name"])))
    return found


def links(text: str, name: str, page: str = "") -> list[tuple[int, int]]:
    """Return where a text links to an id: on the page itself, or on the `page` of that file name."""
    pattern = re.compile(rf"(?<=[(\"'<\s:/{{]){re.escape(page)}#(?P<id>{re.escape(name)})(?=[)\"'>\s}}])")
    return [x.span("id") for x in pattern.finditer(text)]


def id_at(analysis: Analysis, offset: int) -> tuple[str, int, int] | None:
    """Return the id that is given, or linked to, at a place, and where it begins and ends there."""
    for name, given in ids(analysis).items():
        for start, end in (*given, *links(analysis.text, name)):
            if start <= offset <= end:
                return name, start, end
    return None


def unfit(analysis: Analysis, name: str, new: str) -> str:
    """Return why a derivation of a page cannot have another id, "" if it can."""
    if _NO_ID.search(new) or not new:
        return f"{new!r} is no id: a link can lead to letters, digits and signs such as - and _ alone"
    return f"another derivation of this page has the id {new}" if new != name and new in ids(analysis) else ""


def renamed(analysis: Analysis, name: str, new: str) -> list[Edit]:
    """Return the changes that give a derivation of a page another id, and lead its links there."""
    places = {*ids(analysis).get(name, ()), *links(analysis.text, name)}
    return [Edit(start, end, new) for start, end in sorted(places)]


def _option(marked: MarkerInText, name: str) -> str:
    request = marked.entry.request
    if request is None:
        return ""
    try:
        return read_clauses(request.marker.where).options.get(name, "")
    except DeriveError:
        return ""
