"""The errors that mdderive reports: one exception tree, each with a code, a place and a way out.

Codes: E1xx reading (LaTeX and markers), E2xx shapes, E3xx calculus, E4xx checks and claims,
E5xx documents and files, E6xx settings.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple


class Span(NamedTuple):
    """A stretch of the author's own text: characters `start` to `end` of `part`.

    `part` says which text is meant: `"f"`, `"variable"`, or `"where:0"`, `"where:1"`, ... for a clause.
    """

    part: str
    start: int
    end: int

    def shifted(self, by: int) -> Span:
        """Return the stretch that is so many characters further on."""
        return Span(self.part, self.start + by, self.end + by)


class Note(NamedTuple):
    """A second place that the message speaks of, with what stands there ("X is m x n")."""

    span: Span
    text: str


class DeriveError(Exception):
    """What went wrong, where, and the way out.

    `code` is stable and has a page in the docs; `message` is one sentence; `span` is the culprit in the
    author's text (None if no single place is to blame); `hint` is the way out, or ""; `notes` are further places.
    """

    def __init__(
        self, code: str, message: str, span: Span | None = None, hint: str = "", notes: tuple[Note, ...] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.span = span
        self.hint = hint
        self.notes = notes

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, self.message, self.span, self.hint, self.notes)

    def __str__(self) -> str:
        return self.message + (f" ({self.hint})" if self.hint else "")


class ParseError(DeriveError):
    """The LaTeX or the marker could not be read."""


class ShapeError(DeriveError):
    """Sizes clash, or several readings fit equally well."""


TOO_LONG_FOR_A_SENTENCE = (
    "E309",
    "this result is too long for a sentence",
    None,
    "put the marker in a paragraph of its own, where the solution goes through the named values",
)
"""The error of a marker within a sentence whose result is written with the gradients by many named values."""


class UnsupportedError(DeriveError):
    """Read and understood, but not differentiable or not yet derived."""


class VerificationError(DeriveError):
    """A line, the answer or a claim failed its numerical check."""


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return the hint that names the known word nearest to a word; `otherwise` if none is near."""
    from difflib import get_close_matches  # here: most runs go wrong nowhere

    near = get_close_matches(word, list(known), 1)
    return f"did you mean {near[0]}?" if near else otherwise
