"""Problems as text with carets under the culprit, and derivations as the objects of `--format json`."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

from ..errors import DeriveError, Span
from .model import Found, Marker, Place, Problem

Segment = tuple[str, str]
"""A piece of text and its style in rich's words ("bold red"), "" for none."""

ERROR, NOTE, MARGIN, HELP, FILE = "bold red", "bold blue", "blue", "bold green", "bold"
LONGEST_LINE = 120  # columns; a paragraph is often one line, of which only the part around the culprit helps
TAB = 8


class Underline(NamedTuple):
    """Carets from character `start` to before `end` of a line, with the label that stands below them."""

    start: int
    end: int
    label: str
    style: str


def problem_text(problem: Problem) -> str:
    """Return the problem as text without colour: where, what, the source line with carets, the way out."""
    return "".join(text for text, _ in problem_segments(problem))


def problem_segments(problem: Problem) -> list[Segment]:
    """Return the text of `problem_text` in pieces, each with its style."""
    place = problem.place
    cell = f"cell {place.cell}:" if place.cell else ""
    where = f"{problem.file}:{cell}{place.line}:{place.column}:" if place.line else f"{problem.file}:"
    segments = [(_printable(where), FILE), (" ", ""), (problem.code, ERROR), (f" {_printable(problem.message)}\n", "")]
    file = ""
    for (other, line, source), underlines in _excerpts(problem).items():
        if other != file:
            segments += [("  in ", ""), (_printable(f"{other or problem.file}:{line}"), FILE), ("\n", "")]
        file = other
        segments += _excerpt(line, source, underlines)
    if problem.hint:
        segments += [("  help:", HELP), (f" {_printable(problem.hint)}\n", "")]
    return segments


def annotation(problem: Problem) -> str:
    """Return the line that a GitHub workflow shows beside the code: `--format github`."""
    place = problem.place
    level = {"error": "error", "ignored": "notice", "note": "notice"}.get(problem.severity, "warning")
    where = {"title": f"mdderive {problem.code}", "file": problem.file}
    if place.line and not place.cell:
        where |= {"line": str(place.line), "col": str(place.column), "endColumn": str(place.column + place.width)}
    properties = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in where.items())
    text = in_cell(place) + problem.message + (f"\n{problem.hint}" if problem.hint else "")
    for at, said in problem.notes:
        text += f"\n{said}: {at.file or problem.file}:{at.line}" if said and at.line else ""
    return f"::{level} {properties}::{_escaped(text)}\n"


def in_cell(place: Place) -> str:
    """Return where in a notebook a place is, for those who count in lines of its file alone; "" elsewhere."""
    return f"cell {place.cell}, line {place.line}, column {place.column}: " if place.cell else ""


def _escaped(text: str, more: str = "") -> str:
    """Return the text as GitHub's workflow commands want it."""
    for sign in "%\r\n" + more:
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text


def file_problem(code: str, message: str, file: str, hint: str = "", place: Place | None = None) -> Problem:
    """Return a problem of a whole file, or of one place in it."""
    return Problem(code, message, place or Place(0, 0, 0, ""), "error", hint, (), file)


def marker_problem(error: DeriveError, marker: Marker, file: str) -> Problem:
    """Return the problem of a marker that stands alone, as `-e` has it: the marker itself is the source."""
    notes = tuple((_place_in(marker, note.span), note.text) for note in error.notes)
    return Problem(error.code, error.message, _place_in(marker, error.span), "error", error.hint, notes, file)


def json_object(derivation: Mapping[str, Any], file: str, found: Found) -> dict[str, Any]:
    """Return the object of `--format json` for a derivation of a marker that was found in a file."""
    place, rest = found.place, dict(derivation)
    cell = {"cell": place.cell} if place.cell else {}
    own = {"file": file, **cell, "line": place.line, "column": place.column, "f": rest.pop("f"), "wrt": rest.pop("wrt")}
    return {**own, "where": list(found.marker.where), **rest, "error": rest.get("error")}


def json_error(problem: Problem, marker: Marker | None, status: str = "error") -> dict[str, Any]:
    """Return the object of `--format json` for a marker without a derivation, with the keys of any other object."""
    place = problem.place
    return {
        "file": problem.file,
        **({"cell": place.cell} if place.cell else {}),
        "line": place.line,
        "column": _column_of_marker(place, marker),
        "f": (marker and marker.f) or None,
        "wrt": (marker and marker.variable) or None,
        "where": list(marker.where) if marker else [],
        "status": status,
        "gradient": None,
        "names": {},
        "python": None,
        "shapes": {},
        "steps": [],
        "check": None,
        "error": {"code": problem.code, "message": problem.message, "line": place.line, "column": place.column},
    }


def _place_in(marker: Marker, span: Span | None) -> Place:
    """Return where a span lies in the marker; the whole marker where it lies outside (in a clause of the settings)."""
    if span is None or span.part not in marker.offsets:
        start, end = 0, len(marker.source)
    else:
        offset = marker.offsets[span.part]
        start, end = offset + span.start, offset + span.end
    before = marker.source[:start]
    first = before.rfind("\n") + 1
    source = marker.source[first:].partition("\n")[0]
    return Place(before.count("\n") + 1, start - first + 1, min(end - first, len(source)) - (start - first), source)


def _column_of_marker(place: Place, marker: Marker | None) -> int:
    start = place.source.rfind(marker.source, 0, place.column - 1 + len(marker.source)) if marker else -1
    return start + 1 if start >= 0 else place.column


def _excerpts(problem: Problem) -> dict[tuple[str, int, str], list[Underline]]:
    """Return what to underline in each line that the problem speaks of, the line of the culprit first.

    A line is known by its file, where that is another, its number and its text.
    """
    excerpts: dict[tuple[str, int, str], list[Underline]] = {}
    labels = [(place, text, NOTE) for place, text in problem.notes]
    own = [text for place, text in problem.notes if place == problem.place]
    labels = [label for label in labels if label[0] != problem.place]
    for place, text, style in [(problem.place, ", ".join(own), ERROR), *labels]:
        if place.line:
            start = max(place.column - 1, 0)
            end = max(min(start + place.width, len(place.source)), start + 1)
            excerpts.setdefault((place.file, place.line, place.source), []).append(
                Underline(start, end, _printable(text), style)
            )
    return excerpts


def _excerpt(line: int, source: str, underlines: Sequence[Underline]) -> list[Segment]:
    source, underlines = _clipped(_printable(source), underlines)
    number = f"{line:>5} | "
    margin = " " * (len(number) - 2) + "| "
    segments = [(number, MARGIN), (source, ""), ("\n", "")]
    for row in (*_caret_rows(source, underlines), *_label_rows(source, underlines)):
        segments += [(margin, MARGIN), *_laid_out(source, row), ("\n", "")]
    return segments


def _clipped(source: str, underlines: Sequence[Underline]) -> tuple[str, list[Underline]]:
    """Return a line short enough for a terminal, with all that is underlined or at least its beginning."""
    columns = _columns(source)[-1]
    if columns <= LONGEST_LINE:
        return source, list(underlines)
    room = LONGEST_LINE * len(source) // columns
    first, last = min(u.start for u in underlines), max(u.end for u in underlines)
    if last - first > room:
        first, last = underlines[0].start, min(underlines[0].end, underlines[0].start + room // 2)
    begin = max(0, min(first - (room - (last - first)) // 2, len(source) - room))
    end = begin + room
    shift = begin - 1 if begin else 0
    shown = ("…" if begin else "") + source[begin:end] + ("…" if end < len(source) else "")
    inside = [u for u in underlines if begin <= u.start <= end]
    return shown, [u._replace(start=u.start - shift, end=max(min(u.end, end), u.start + 1) - shift) for u in inside]


def _caret_rows(source: str, underlines: Sequence[Underline]) -> list[list[tuple[int, str, str]]]:
    """Return rows of (column, text, style) that underline everything; what overlaps stands in different rows."""
    columns = _columns(source)
    rows: list[list[Underline]] = []
    for underline in underlines:
        for row in rows:
            if all(underline.end <= other.start or other.end <= underline.start for other in row):
                row.append(underline)
                break
        else:
            rows.append([underline])
    return [
        [(_column(columns, u.start), "^" * (_column(columns, u.end) - _column(columns, u.start)), u.style) for u in row]
        for row in rows
    ]


def _label_rows(source: str, underlines: Sequence[Underline]) -> list[list[tuple[int, str, str]]]:
    """Return rows of labels, each below its carets; one that would run into the next stands a row lower."""
    columns = _columns(source)
    rows: list[list[tuple[int, str, str]]] = []
    for underline in sorted((u for u in underlines if u.label), key=lambda u: -u.start):
        column = _column(columns, underline.start)
        end = column + _columns(underline.label)[-1]
        depth = next((k for k, row in enumerate(rows) if end + 2 <= min(piece[0] for piece in row)), len(rows))
        for row in rows[:depth]:
            if column < min(piece[0] for piece in row):
                row.append((column, "|", underline.style))
        if depth == len(rows):
            rows.append([])
        rows[depth].append((column, underline.label, underline.style))
    return rows


def _laid_out(source: str, row: Sequence[tuple[int, str, str]]) -> list[Segment]:
    """Return the pieces of a row at their columns; the author's tabs are kept as tabs up to the first piece."""
    segments: list[Segment] = []
    reached = 0
    for column, text, style in sorted(row):
        segments += [(_padding(source if not segments else "", reached, column), ""), (text, style)]
        reached = column + _columns(text)[-1]
    return segments


def _padding(source: str, reached: int, column: int) -> str:
    columns = _columns(source)
    padding = ""
    for k, sign in enumerate(source):
        if columns[k + 1] > column:
            break
        padding += sign if sign == "\t" else " " * (columns[k + 1] - columns[k])
        reached = columns[k + 1]
    return padding + " " * (column - reached)


def _column(columns: Sequence[int], k: int) -> int:
    return columns[k] if k < len(columns) else columns[-1] + k - len(columns) + 1


@lru_cache(maxsize=8)  # thousands of problems may stand on one line
def _columns(text: str) -> list[int]:
    """Return the column at which each character of `text` begins on a terminal, and the one after the last."""

    def after(column: int, sign: str) -> int:
        if sign == "\t":
            return column + TAB - column % TAB
        if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Me", "Cf"):
            return column
        return column + (2 if unicodedata.east_asian_width(sign) in "WF" else 1)

    return list(accumulate(text, after, initial=0))


@lru_cache(maxsize=8)
def _printable(text: str) -> str:
    """Return the text without what would upset a terminal: escape sequences, stray bytes, line breaks."""
    one_line = text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")
    return "".join(
        "\ufffd" if unicodedata.category(sign) in ("Cc", "Cs") and sign != "\t" else sign for sign in one_line
    )
