"""How a problem looks in a terminal, and as an object of --format json."""

from __future__ import annotations

import io
import itertools
import time

import pytest

from mdderive.cli.terminal import Progress, Report
from mdderive.documents.diagnostics import file_problem, json_error, marker_problem, problem_text
from mdderive.documents.model import Marker, Place, Problem
from mdderive.errors import Note, ShapeError, Span

LINE = r"The loss is \derive<\|Xw-y\|^2 + \lambda w><w>."


def place(part: str, source: str = LINE, line: int = 42) -> Place:
    return Place(line, source.index(part) + 1, len(part), source)


def shown(*places: tuple[Place, str], hint: str = "") -> list[str]:
    """Return the lines of a problem at the first place, with notes at all that have a text."""
    notes = tuple(one for one in places if one[1])
    problem = Problem("E203", "sizes do not fit", places[0][0], "error", hint, notes, "notes/week3.md")
    return problem_text(problem).splitlines()


def test_two_labels_on_one_line() -> None:
    assert shown(
        (place(r"\|Xw-y\|^2"), "scalar"),
        (place(r"\lambda w"), r"\lambda w is n x 1"),
        hint=r"did you mean \lambda \|w\|^2, or \lambda \mathbf{1}^T w?",
    ) == [
        "notes/week3.md:42:21: E203 sizes do not fit",
        r"   42 | The loss is \derive<\|Xw-y\|^2 + \lambda w><w>.",
        r"      |                     ^^^^^^^^^^   ^^^^^^^^^",
        r"      |                     scalar       \lambda w is n x 1",
        r"  help: did you mean \lambda \|w\|^2, or \lambda \mathbf{1}^T w?",
    ]


def test_what_overlaps_stands_in_rows_of_its_own() -> None:
    assert shown(
        (place(r"\|Xw-y\|^2 + \lambda w"), ""),
        (place(r"\|Xw-y\|^2"), "a scalar, as every norm"),
        (place(r"\lambda w"), "n x 1"),
    )[1:] == [
        r"   42 | The loss is \derive<\|Xw-y\|^2 + \lambda w><w>.",
        r"      |                     ^^^^^^^^^^^^^^^^^^^^^^",
        r"      |                     ^^^^^^^^^^   ^^^^^^^^^",
        r"      |                     |            n x 1",
        r"      |                     a scalar, as every norm",
    ]


def test_a_note_on_another_line() -> None:
    clause = "% mdderive: w: p x 1"
    assert shown((place("Xw"), ""), (place("w: p x 1", clause, 3), "w has p rows"))[1:] == [
        r"   42 | The loss is \derive<\|Xw-y\|^2 + \lambda w><w>.",
        r"      |                       ^^",
        "    3 | % mdderive: w: p x 1",
        "      |             ^^^^^^^^",
        "      |             w has p rows",
    ]


def test_chinese_counts_two_columns_and_tabs_are_kept() -> None:
    line = "\t\u635f\u5931\u662f \\derive<\u635f><w>"
    assert shown((place("\u635f><", line), ""))[1:] == [f"   42 | {line}", "      | \t" + " " * 15 + "^^^^"]


def test_an_end_of_line_has_a_column() -> None:
    assert shown((Place(7, 4, 0, "abc"), ""))[1:] == ["    7 | abc", "      |    ^"]


def test_a_long_line_is_shown_around_the_culprit() -> None:
    line = "a" * 300 + r"\derive<f><X>" + "b" * 300
    _, source, carets = shown((place(r"\derive<f><X>", line), ""))
    start = carets.index("^")
    assert source[start : start + carets.count("^")] == r"\derive<f><X>"
    assert source.startswith("   42 | …a") and source.endswith("b…") and len(source) < 140


def test_a_long_chinese_line_is_shown_around_the_culprit() -> None:
    line = "字" * 300 + "X" + "字" * 300
    _, source, carets = shown((place("X", line), ""))
    shown_before = source[: source.index("X")]
    assert carets.index("^") == len(shown_before) + shown_before.count("字")


def test_nothing_in_a_document_reaches_the_terminal_as_a_command() -> None:
    line = "\x1b[31m \udce9 X"
    assert shown((place("X", line), "\x1b[2J"))[1:] == [
        "   42 | \ufffd[31m \ufffd X",
        "      |         ^",
        "      |         \ufffd[2J",
    ]


def test_a_whole_file() -> None:
    assert problem_text(file_problem("E501", "cannot be read: is a directory", "a.md")) == (
        "a.md: E501 cannot be read: is a directory\n"
    )


MARKER = Marker(r"\derive<Xw><w>[w: p x 1]", "Xw", "w", ("w: p x 1",), {"f": 8, "variable": 12, "where:0": 15})


def test_a_marker_alone() -> None:
    notes = (Note(Span("f", 0, 1), "m x n"), Note(Span("where:0", 0, 8), "p rows"))
    error = ShapeError("E203", "n must equal p", Span("f", 0, 2), "drop the clause", notes)
    assert problem_text(marker_problem(error, MARKER, "-e")).splitlines() == [
        "-e:1:9: E203 n must equal p",
        r"    1 | \derive<Xw><w>[w: p x 1]",
        "      |         ^^     ^^^^^^^^",
        "      |         ^",
        "      |         m x n  p rows",
        "  help: drop the clause",
    ]


def test_a_marker_over_two_lines() -> None:
    marker = Marker("\\derive<a +\nb c><a>", "a +\nb c", "a", (), {"f": 8, "variable": 17})
    problem = marker_problem(ShapeError("E203", "no", Span("f", 4, 7)), marker, "-e")
    assert problem.place == Place(2, 1, 3, "b c><a>")
    whole = marker_problem(ShapeError("E203", "no", Span("context:0", 4, 7)), marker, "-e")
    assert whole.place == Place(1, 1, 11, "\\derive<a +")


def test_an_error_as_an_object() -> None:
    line = rf"so {MARKER.source}"
    problem = Problem("E203", "n must equal p", place("Xw", line, 3), file="a.md")
    assert json_error(problem, MARKER) == {
        "file": "a.md",
        "line": 3,
        "column": 4,
        "f": "Xw",
        "wrt": "w",
        "where": ["w: p x 1"],
        "status": "error",
        "gradient": None,
        "names": {},
        "python": None,
        "shapes": {},
        "steps": [],
        "check": None,
        "error": {"code": "E203", "message": "n must equal p", "line": 3, "column": 12},
    }


class Terminal(io.StringIO):
    """A stderr that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_bar_appears_when_many_files_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = itertools.count()
    monkeypatch.setattr("mdderive.cli.terminal.monotonic", lambda: next(seconds))
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with Progress(Report(), 2) as progress:
        progress.next_file()
        progress.next_marker(2)
    assert "mdderive" in terminal.getvalue() and " 75%" in terminal.getvalue()


def test_no_bar_when_it_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mdderive.cli.terminal.monotonic", lambda: 0)
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    with Progress(Report(), 2) as progress:
        progress.next_file()
        progress.next_marker(1)
    assert terminal.getvalue() == ""


def test_a_long_line_is_measured_once_for_all_problems_on_it() -> None:
    """Ten thousand markers on one line, each with its problem, took minutes."""
    line = "x " * 50_000
    began = time.process_time()
    for column in range(1, 2_001):
        problem_text(Problem("E506", "m", Place(1, column, 3, line), "error", "h"))
    assert time.process_time() - began < 10
