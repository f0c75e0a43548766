"""What passes between the documents and whoever solves their markers.

The documents know nothing of calculus: they find markers, ask a `Solver` for the text that belongs behind each,
and splice it in. So an up-to-date file is recognised without the engine being imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from ..words import DEFAULT

Kind = str
"""The name of a format: a key of `formats.FORMATS`."""


class Marker(NamedTuple):
    r"""A marker as it stands in a document, `\derive<f><variable>[clause; clause; ...]`.

    `source` is the whole of it; `offsets` says at which character of `source` each part begins: `"f"`,
    `"variable"`, `"where:0"`, `"where:1"`, ... as in the spans of `DeriveError`.
    """

    source: str
    f: str
    variable: str
    where: tuple[str, ...]
    offsets: Mapping[str, int]


class Request(NamedTuple):
    """A marker to be solved where it stands, as text of its `kind`; where that is "", no text is wanted.

    `context` holds the clauses of the document and its settings, the farthest first; `language` is the language of
    the page, for markers that declare none; `inline` asks for the result alone; `environment` is the innermost
    LaTeX environment around a block ("proof", "solution", "document", ...), "" in Markdown.
    """

    marker: Marker
    kind: Kind
    inline: bool = False
    context: tuple[str, ...] = ()
    language: str = DEFAULT
    environment: str = ""


class Solved(NamedTuple):
    r"""What belongs behind a marker: a text without the container's prefixes, lines ended by "\n", no blank ends.

    An inline text is one line of math with its dollars. `derivations` are of the engine's own type.
    """

    text: str
    derivations: tuple[Any, ...] = ()


Solver = Callable[[Request], Solved]
"""Solves one marker; raises `DeriveError`, whose span is a place in the marker or (part "context:k") in a clause."""


Severity = Literal["error", "warning", "note", "stale", "edited", "ignored"]


class Place(NamedTuple):
    """A stretch of a document: line and column count from 1, in characters; `source` is the whole line.

    In a notebook `cell` is the number of the cell, from 1, in which the lines are counted; else it is 0. A place in
    another page of a book has the name of its `file`; else that is "".
    """

    line: int
    column: int
    width: int
    source: str
    cell: int = 0
    file: str = ""


class Problem(NamedTuple):
    """What a reader of the document should know: where, what, and the way out.

    `severity` is "error" (a derivation or its check failed, the marker cannot live here, or a claim is false),
    "stale", "edited" (by hand) or "ignored" (a marker that is text, a claim that is not judged); of claims also
    "warning" (true under a condition) and "note" (of an odd layout). `notes` are further places with their texts.
    """

    code: str
    message: str
    place: Place
    severity: Severity = "error"
    hint: str = ""
    notes: tuple[tuple[Place, str], ...] = ()
    file: str = ""


class Found(NamedTuple):
    """The derivations of one marker, and where the marker stands."""

    marker: Marker
    place: Place
    derivations: tuple[Any, ...]


class Expanded(NamedTuple):
    """A document with its solutions in place, the derivations made on the way, and what went wrong.

    Markers whose region was up to date were not derived again and are not in `derivations`.
    """

    text: str
    derivations: tuple[Found, ...] = ()
    problems: tuple[Problem, ...] = ()
