"""Problems as a document of SARIF 2.1.0, which editors and code hosts show beside the lines, with ways to mend them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from .. import __version__
from ..documents.diagnostics import in_cell
from ..documents.lines import LINE_END
from ..documents.model import Place, Problem

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {
    "error": "error", "warning": "warning", "stale": "warning", "edited": "warning", "note": "note", "ignored": "note",
}  # fmt: skip


MENDING = {
    "stale": "insert the solution as mdderive would write it now",
    "error": "write the derivative that mdderive finds",
}
"""What a fix does, by the severity of the problem."""


class Replacement(NamedTuple):
    """Lines `first` to before `last` of a file, counted from 0, and what takes their place; `end` is behind them."""

    first: int
    last: int
    end: tuple[int, int]
    text: str


def fixes_of(problems: Sequence[Problem], old: str, new: str) -> dict[Problem, list[Replacement]]:
    """Return what to replace in `old` to mend each stale problem, where `new` is the page with all of them mended.

    A change belongs to the last stale marker above it or at it.
    """
    stale = [problem for problem in problems if problem.severity == "stale"]
    fixes: dict[Problem, list[Replacement]] = {}
    if not stale:
        return fixes
    lines, others = _lines(old), _lines(new)
    for tag, first, last, begin, end in SequenceMatcher(None, lines, others, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        above = [problem for problem in stale if problem.place.line <= first + 1] or stale[:1]
        fixes.setdefault(above[-1], []).append(
            Replacement(first, last, _position(lines, last), "".join(others[begin:end]))
        )
    return fixes


def replaced_within(text: str, place: Place, new: str) -> Replacement:
    """Return the replacement of the line of a place by the line in which `new` stands at that place."""
    lines = _lines(text)
    line, start = lines[place.line - 1], place.column - 1
    changed = line[:start] + new + line[start + place.width :]
    return Replacement(place.line - 1, place.line, _position(lines, place.line), changed)


def sarif_log(told: Sequence[tuple[Problem, Sequence[Replacement]]]) -> dict[str, Any]:
    """Return the document of all problems of a run, each with its replacements."""
    codes = sorted({problem.code for problem, _ in told})
    driver = {"name": "mdderive", "version": __version__, "rules": [{"id": code} for code in codes]}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(problem, fix, codes.index(problem.code)) for problem, fix in told],
            }
        ],
    }


def _result(problem: Problem, fix: Sequence[Replacement], rule: int) -> dict[str, Any]:
    text = in_cell(problem.place) + problem.message + (f"\n{problem.hint}" if problem.hint else "")
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": LEVELS[problem.severity],
        "message": {"text": _plain(text)},
        "locations": [_location(problem.file, problem.place)],
    }
    if problem.notes:
        result["relatedLocations"] = [
            {**_location(place.file or problem.file, place), "message": {"text": _plain(text)}}
            for place, text in problem.notes
        ]
    if fix:
        result["fixes"] = [
            {
                "description": {"text": MENDING[problem.severity]},
                "artifactChanges": [
                    {
                        "artifactLocation": {"uri": _uri(problem.file)},
                        "replacements": [_replacement(one) for one in fix],
                    }
                ],
            }
        ]
    return result


def _location(file: str, place: Place) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(file)}}
    if place.line and not place.cell:
        region = {"startLine": place.line, "startColumn": place.column, "endColumn": place.column + place.width}
        physical["region"] = region
    return {"physicalLocation": physical}


def _replacement(one: Replacement) -> dict[str, Any]:
    line, column = one.end
    region = {"startLine": one.first + 1, "startColumn": 1, "endLine": line, "endColumn": column}
    if line <= one.first:  # behind a last line that does not end
        region |= {"startLine": line, "startColumn": column}
    return {"deletedRegion": region, "insertedContent": {"text": _plain(one.text)}}


def _position(lines: Sequence[str], k: int) -> tuple[int, int]:
    """Return line and column, from 1, of the beginning of a line, which may be the end of the file."""
    if k < len(lines) or not lines or LINE_END.search(lines[-1]):
        return k + 1, 1
    return len(lines), len(lines[-1]) + 1


def _lines(text: str) -> list[str]:
    """Return the lines with their ends."""
    lines: list[str] = []
    position = 0
    for match in LINE_END.finditer(text):
        lines.append(text[position : match.end()])
        position = match.end()
    return [*lines, text[position:]] if position < len(text) else lines


def _uri(file: str) -> str:
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix(), errors="surrogateescape")


def _plain(text: str) -> str:
    """Return the text with stray bytes of the author's replaced, since JSON knows none."""
    return text.encode("utf-8", "replace").decode()
