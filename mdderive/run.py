"""A run: files through the documents, or expressions straight to the engine; each trouble said, none in the way."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .config import CHOICES, Settings, SettingsError, nearest_settings, read_settings
from .diagnostics import file_problem, json_error, json_object, marker_problem
from .documents.model import Found, Marker, Place, Problem, Request
from .errors import DeriveError, ParseError, Span, VerificationError
from .terminal import FAILED, USAGE, Report, StdoutError, with_progress, write_stdout

if TYPE_CHECKING:
    from .documents.model import Expanded, Kind, Solved

STDIN, EXPRESSION = "<stdin>", "-e"
UNTOUCHED = "the file is as it was"
REPORT_IT = "this is a bug in mdderive; please report it together with the marker"


class Solver:
    """Solves markers with the engine; keeps what failed, and the language in which each was solved."""

    def __init__(self) -> None:
        self.failures: list[tuple[Marker, DeriveError]] = []
        self.languages: dict[str, str] = {}

    def __call__(self, request: Request) -> Solved:
        """Return what belongs behind a marker.

        Raises:
            DeriveError: it cannot be derived, or its check failed, or the engine has a bug.
        """
        try:
            from .api import solve
            from .clauses import read_clauses

            solved = solve(request)
            options = read_clauses(request.marker.where, request.context).options
        except DeriveError as error:
            self.failures.append((request.marker, error))
            raise
        except Exception as error:  # a bug of ours must not cost the reader the other markers
            failure = DeriveError(*_own_fault(error), hint=REPORT_IT)
            self.failures.append((request.marker, failure))
            raise failure from error
        self.languages[request.marker.source] = options.get("lang", request.language)
        return solved

    def failed(self, problem: Problem) -> tuple[Marker | None, str]:
        """Return the marker that a problem speaks of, if it got as far as the engine, and its status in JSON."""
        same = [(m, e) for m, e in self.failures if (e.code, e.message) == (problem.code, problem.message)]
        same.sort(key=lambda failure: failure[0].source not in problem.place.source)
        return (same[0][0], _status(same[0][1])) if same else (None, "error")


@dataclass
class Run:
    """One run over files or expressions."""

    arguments: argparse.Namespace
    report: Report
    _settings: dict[Path | None, Settings] = field(default_factory=dict)

    def files(self) -> None:
        """Process every file; trouble with one does not keep the others from their turn."""
        for path in with_progress(self._paths(), self.report):
            shown = STDIN if path is None else str(path)
            with self._troubles_of(shown):
                self._file(path, shown)
        self.report.summary()

    def expressions(self) -> None:
        """Derive the markers given with `-e` and print their solutions."""
        for source in self.arguments.expressions:
            with self._troubles_of(EXPRESSION):
                self._expression(source)

    @contextmanager
    def _troubles_of(self, shown: str) -> Iterator[None]:
        try:
            yield
        except (BrokenPipeError, StdoutError):
            raise
        except SettingsError as error:
            for problem in error.problems:
                self.report.problem(problem, USAGE)
        except DeriveError as error:
            self.report.trouble(error.code, error.message, shown, error.hint)
        except OSError as error:
            self.report.trouble("E501", f"cannot be read: {error.strerror or error}", shown)
        except Exception as error:  # a bug of ours must not cost the reader the other files
            self.report.trouble(*_own_fault(error), shown, REPORT_IT, FAILED)

    def _paths(self) -> list[Path | None]:
        """Return every file once, in the order given; None is stdin."""
        from .documents.files import find_files

        paths: dict[Path | None, None] = {}
        for given in self.arguments.paths:
            if given == "-":
                paths[None] = None
                continue
            with self._troubles_of(given):
                found = find_files([Path(given)])
                paths.update(dict.fromkeys(found))
                if not found:
                    print(f"mdderive: no Markdown or LaTeX files in {given}", file=sys.stderr)
        return list(paths)

    def _file(self, path: Path | None, shown: str) -> None:
        from .documents import strip
        from .documents.files import decode, kind_of, read

        settings = Settings() if self.arguments.strip else self._settings_for(path.parent if path else Path())
        text = read(path) if path else decode(sys.stdin.buffer.read())
        kind = kind_of(path) if path else self._kind_of_stdin(text)
        page = Page(path, shown, text, kind, (*settings.clauses, *self._options()))
        self._deliver(page, strip(text, kind) if self.arguments.strip else self._expanded(page, settings))

    def _settings_for(self, folder: Path) -> Settings:
        """Return the settings that hold in a folder.

        Raises:
            SettingsError: they cannot be used.
        """
        given = self.arguments.config
        path = Path(given) if given else nearest_settings(folder)
        if path not in self._settings:
            self._settings[path] = read_settings(path, required=bool(given)) if path else Settings()
        return self._settings[path]

    def _options(self) -> list[str]:
        return [f"{option}: {value}" for option in CHOICES if (value := getattr(self.arguments, option))]

    def _kind_of_stdin(self, text: str) -> Kind:
        if self.arguments.output not in (None, "-"):
            from .documents.files import kind_of

            return kind_of(Path(self.arguments.output))
        return "latex" if r"\documentclass" in text or r"\begin{document}" in text else "markdown"

    def _expanded(self, page: Page, settings: Settings) -> str:
        """Return the page with its solutions in place, after telling what is wrong with it."""
        from .documents import expand, is_current, review

        everything = self.arguments.verify_all or self.arguments.format == "json"
        asked = everything or self.arguments.explain_ignored or self.arguments.edits != "keep"
        if not asked and is_current(page.text, page.kind, page.clauses):
            return page.text
        _check_clauses(settings)
        solver = Solver()
        expanded = expand(
            page.text, page.kind, solver, edits=self.arguments.edits, clauses=page.clauses, everything=everything
        )
        reviewed = review(page.text, page.kind, clauses=page.clauses) if self.arguments.check else ()
        known = any(problem.severity == "stale" for problem in reviewed)
        if everything and self.arguments.check and not known and expanded.text != page.text:
            reviewed += (_no_longer_derived(page.text, expanded.text),)
        problems = self._told(page, (*reviewed, *expanded.problems))
        self.report.count("derivation", sum(len(found.derivations) for found in expanded.derivations))
        if self.arguments.format == "json":
            self._print_json(page, expanded, problems, solver)
        return expanded.text

    def _told(self, page: Page, problems: Sequence[Problem]) -> list[Problem]:
        """Return the problems that matter, each once and in the order of the page, after printing them."""
        once = {(p.code, p.message, p.place.line, p.place.column): replace(p, file=page.shown) for p in problems}
        told = [p for p in once.values() if p.severity != "ignored" or self.arguments.explain_ignored]
        told = [p for p in told if p.severity != "stale" or (self.arguments.check and not _says_why(told, p))]
        told.sort(key=lambda p: (p.place.line, p.place.column))
        for problem in told:
            self.report.problem(problem)
        return told

    def _print_json(self, page: Page, expanded: Expanded, problems: Sequence[Problem], solver: Solver) -> None:
        """Print one object for each derivation and for each marker without one, in the order of the page."""
        objects = [json_error(p, *solver.failed(p)) for p in problems if p.severity == "error"]
        for found in expanded.derivations:
            language = solver.languages.get(found.marker.source)
            try:
                objects += [json_object(d.to_json(language), page.shown, found) for d in found.derivations]
            except DeriveError as error:
                problem = Problem(error.code, error.message, found.place, "error", error.hint, (), page.shown)
                self.report.problem(problem)
                objects.append(json_error(problem, found.marker))
        objects.sort(key=lambda one: (one["line"], one["column"]))
        write_stdout("".join(map(_json_line, objects)))

    def _deliver(self, page: Page, new: str) -> None:
        """Write the new text where it belongs, or show how it differs."""
        if self.arguments.diff:
            write_stdout(_difference(page, new))
        if self.arguments.diff or self.arguments.check:
            return
        target = Path(self.arguments.output) if self.arguments.output not in (None, "-") else page.path
        if self.arguments.output == "-" or target is None:
            if self.arguments.format != "json":
                write_stdout(new)
        elif new != page.text or target != page.path:
            self._write(target, new, page.text if target == page.path else None)

    def _write(self, target: Path, text: str, expected: str | None) -> None:
        from .documents.files import encode, write_atomically

        try:
            if write_atomically(target, encode(text), None if expected is None else encode(expected)):
                self.report.count("written")
        except OSError as error:
            self.report.trouble("E502", f"cannot be written: {error.strerror or error}", str(target), UNTOUCHED)

    def _expression(self, source: str) -> None:
        settings = self._settings_for(Path())
        _check_clauses(settings)
        style = self.arguments.format or "text"
        marker = Marker(source, "", "", (), {"marker": 0})  # until it is read
        try:
            marker = _read_expression(source)
            kind: Kind = "latex" if style == "latex" else "markdown"
            solved = Solver()(Request(marker, kind, context=(*settings.clauses, *self._options())))
            solution = _solution(solved, marker, style)
        except DeriveError as error:
            problem = marker_problem(error, marker, EXPRESSION)
            self.report.problem(problem)
            if style == "json":
                write_stdout(_json_line(json_error(problem, marker, _status(error))))
        else:
            write_stdout(solution)


@dataclass(frozen=True)
class Page:
    """A file as it was read, and the settings that hold in it."""

    path: Path | None
    shown: str
    text: str
    kind: Kind
    clauses: tuple[str, ...]


def _says_why(problems: Sequence[Problem], stale: Problem) -> bool:
    """Return whether an error inside the marker says why it has no solution."""
    line, start, end = stale.place.line, stale.place.column, stale.place.column + stale.place.width
    return any(p.severity == "error" and p.place.line == line and start <= p.place.column < end for p in problems)


def _check_clauses(settings: Settings) -> None:
    """Do nothing if the clauses of the settings can be read; done before the engine runs, as it imports much.

    Raises:
        SettingsError: a clause cannot be read.
    """
    from .clauses import read_clauses

    for clause, place in zip(settings.clauses, settings.places, strict=True):
        try:
            read_clauses((), (clause,))
        except DeriveError as error:
            problem = file_problem(error.code, error.message, settings.file, error.hint, place)
            raise SettingsError((problem,)) from error


def _read_expression(source: str) -> Marker:
    """Return the marker that `source` is, blanks around it aside.

    Raises:
        ParseError: it is no marker, or something stands behind it.
    """
    from .documents.marker import read_marker

    start = len(source) - len(source.lstrip())
    marker = read_marker(source, start)
    end = start + len(marker.source)
    if source[end:].strip():
        raise ParseError("E505", "behind the marker, nothing more is read", Span("marker", end, len(source)))
    return marker


def _solution(solved: Solved, marker: Marker, style: str) -> str:
    """Return the solution of a marker as `--format` wants it.

    Raises:
        DeriveError: it cannot be written so.
    """
    if style in ("markdown", "latex"):
        return solved.text + "\n"
    if style == "json":
        found = Found(marker, Place(1, 1, len(marker.source), marker.source), solved.derivations)
        return "".join(_json_line(json_object(d.to_json(), EXPRESSION, found)) for d in solved.derivations)
    from .api import to_python, to_text

    if style == "python":
        return to_python(solved.derivations)
    return to_text(solved.derivations) + "\n"


def _no_longer_derived(old: str, new: str) -> Problem:
    """Return the problem of a page that deriving everything again would change: the first line that differs."""
    lines = [text.replace("\r\n", "\n").replace("\r", "\n").split("\n") for text in (old, new)]
    line = next((k for k, (one, other) in enumerate(zip(*lines, strict=False)) if one != other), 0)
    place = Place(line + 1, 1, len(lines[0][line]), lines[0][line])
    return Problem("E513", "this is not what mdderive would write here now", place, "stale", "mdderive --verify-all")


def _json_line(one: Mapping[str, Any]) -> str:
    import json

    return json.dumps(one, ensure_ascii=False) + "\n"


def _difference(page: Page, new: str) -> str:
    """Return a unified diff, "" if nothing changes."""
    import difflib
    import re

    old_lines, new_lines = (re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text) for text in (page.text, new))
    shown = page.shown.removeprefix("/")
    lines = difflib.unified_diff(old_lines, new_lines, f"a/{shown}", f"b/{shown}")
    return "".join(line if line.endswith(("\n", "\r")) else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _status(error: DeriveError) -> str:
    return "wrong" if isinstance(error, VerificationError) else "error"


def _own_fault(error: Exception) -> tuple[str, str]:
    return "E599", f"mdderive itself failed here: {type(error).__name__}: {error}"
