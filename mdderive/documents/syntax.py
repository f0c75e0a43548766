"""What a format says of its pages: how they are read, and how a solution is written into them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from .formulas import SourceFormula
from .model import Place
from .region import Region
from .scan import MarkerSite, Scan


class Holder(NamedTuple):
    """How a file holds its page, where it is not the page itself.

    Each function raises a DeriveError where the file is none of this format.
    """

    page: Callable[[str], str]
    """Return the page that the text of a file holds."""
    file: Callable[[str, str], str]
    """Return the text of a file with another page in it."""
    place: Callable[[str, Place], Place]
    """Return a place of the page, as who reads the file counts it."""


class PageSyntax(NamedTuple):
    """How the pages of a format are read and written."""

    scan: Callable[[str], Scan]
    """Return the markers, clauses and markers-that-are-text of a page without regions."""
    regions: Callable[[str], list[Region]]
    """Return all that looks like a region; whether it is one, only its marker can tell."""
    formulas: Callable[[str], Iterable[SourceFormula]]
    """Yield the formulas of a page, for the lint."""
    block: Callable[[str, MarkerSite, Sequence[str], str, str, bool], str]
    """Write a block region: from the author's text, its site, the lines of the solution, the stamp, what ends a line,
    and whether a blank line must follow."""
    inline: Callable[[str, MarkerSite, str, str], str]
    """Write an inline region: from the author's text, its site, the result and the stamp."""
    comment: Callable[[Sequence[str], str, str], str]
    """Write lines as a comment, from what begins and what ends each; it ends with the end of a line."""
    remark: tuple[str, str]
    """What begins and what ends a comment on one line; where nothing ends it, the line does."""
    heading: re.Pattern[str]
    """What begins a section."""
    anchor: re.Pattern[str] | None = None
    """The comments of regions that renderers must take as comments; None where no renderer could do otherwise."""
    misfit_hint: str = ""
    """Where to look if a solution would not be read back."""
    prose: Callable[[str], str] = str
    """Return a page with blanks for its markup, every character at its place, so that what is said can be read."""


def read_only(
    scan: Callable[[str], Scan],
    formulas: Callable[[str], Iterable[SourceFormula]],
    heading: re.Pattern[str],
    remark: tuple[str, str],
    prose: Callable[[str], str] = str,
) -> PageSyntax:
    """Return the syntax of a format into which nothing is written: its scan refuses every marker."""

    def refuse(*_: object) -> str:
        raise AssertionError("nothing is written into a page of this format")

    return PageSyntax(scan, lambda page: [], formulas, refuse, refuse, refuse, remark, heading, prose=prose)
