"""Problems as an editor shows them: the codes, carets and severities of the command line."""

from __future__ import annotations

from typing import NamedTuple

from ...documents.lines import Lines
from ...documents.model import Problem, Severity
from ..explain import address_of
from .analysis import Analysis
from .positions import stretch

LEVELS: dict[Severity, int] = {"error": 1, "warning": 2, "stale": 2, "edited": 2, "note": 3, "ignored": 4}
"""The severities of the protocol, by those of the command line, as the log of SARIF has them."""


class Diagnostic(NamedTuple):
    """A problem at `text[start:end]`; `related` are further places with their texts, `page` explains the code."""

    start: int
    end: int
    level: int
    code: str
    message: str
    related: tuple[tuple[int, int, str], ...]
    page: str


def diagnostics(analysis: Analysis) -> tuple[Diagnostic, ...]:
    """Return what is to be shown of a page, in order."""
    return tuple(diagnostic(analysis.page.lines, problem) for problem in analysis.problems)


def diagnostic(lines: Lines, problem: Problem) -> Diagnostic:
    """Return a problem as it is shown in a text."""
    message = problem.message + (f"\nhelp: {problem.hint}" if problem.hint else "")
    related = tuple((*stretch(lines, place), text) for place, text in problem.notes if not place.file)
    start, end = stretch(lines, problem.place)
    return Diagnostic(start, end, LEVELS[problem.severity], problem.code, message, related, address_of(problem.code))
