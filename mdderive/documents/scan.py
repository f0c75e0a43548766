"""What a scan of a page finds, before anything is known of regions."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import DeriveError, ParseError, Span
from .context import Clause
from .model import Marker

IN_HTML = "an HTML block"
"""Why a marker is text that its author meant as one: HTML goes on to the next blank line."""


class MarkerSite(NamedTuple):
    """A marker where it stands, or what is wrong with it.

    `page[start:end]` is what a region would replace: the marker, with the math delimiters around it named by `form`.
    `origin` is where the marker itself begins; in a table cell `places` gives the place of each of its characters.
    `prefix` begins each line of a block that stands there; on a `slide` there is little room,
    and what stands in a `heading` is set elsewhere too.
    """

    start: int
    end: int
    origin: int
    marker: Marker | None
    error: DeriveError | None = None
    inline: bool = True
    form: str = ""
    prefix: str = ""
    environment: str = ""
    slide: bool = False
    heading: bool = False
    places: tuple[int, ...] = ()

    @property
    def marker_end(self) -> int:
        """Where the marker itself ends."""
        return self.locate(len(self.marker.source) - 1) + 1 if self.marker else self.origin

    def locate(self, offset: int) -> int:
        """Return where in the page the character stands that is at `offset` of the marker."""
        if self.places:
            return self.places[min(offset, len(self.places) - 1)]
        return self.origin + offset


def amid_math(start: int, end: int, environment: str = "") -> ParseError:
    """Return the error of a marker that is a part of other math, in an environment where that is named."""
    message, hint = "a marker must stand alone in its math", "take it out of the formula"
    if environment:
        message = f"a marker cannot stand within the environment {environment}"
        hint = "take it out: it sets its own math"
    return ParseError("E105", message, Span("page", start, end), hint)


def amid_drawing(start: int, end: int, environment: str) -> ParseError:
    """Return the error of a marker that asks for a worked solution in a drawing, where no paragraph can stand."""
    message = f"in the environment {environment} there is no room for a solution"
    hint = "put the marker below it, or within the text of a node or a label, where the result alone is shown"
    return ParseError("E105", message, Span("page", start, end), hint)


def not_written(format_name: str, start: int, end: int) -> MarkerSite:
    """Return the site of a marker on a page of a format into which nothing is written."""
    error = ParseError(
        "E518",
        f"mdderive writes no solutions into {format_name}",
        Span("page", start, end),
        "put the marker into Markdown or LaTeX, from which pandoc and site builders make other forms",
    )
    return MarkerSite(start, end, start, None, error)


class Scan(NamedTuple):
    """The markers and clauses of a page in order.

    `ignored` are (place, why) of markers that are text; `anchors` are the places of the comments of regions that
    renderers will take as comments; `error` says why the clauses of the page cannot be read.
    """

    sites: tuple[MarkerSite, ...]
    clauses: tuple[Clause, ...] = ()
    ignored: tuple[tuple[int, str], ...] = ()
    anchors: frozenset[int] = frozenset()
    error: DeriveError | None = None
