"""A run: files through the documents, or expressions straight to the engine; each trouble said, none in the way."""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..documents.diagnostics import json_error, json_object, marker_problem
from ..documents.files import encode
from ..documents.formats import FORMATS
from ..documents.model import Found, Marker, Place, Problem, Request
from ..documents.settings import Settings, SettingsError
from ..documents.settled import Settled
from ..errors import DeriveError, ParseError, Span
from .inputs import Input, Inputs, check_clauses, shown_name
from .terminal import FAILED, USAGE, Progress, Report, StdoutError, write_stdout
from .workers import FEWER_JOBS, REPORT_IT, Solver, Workers, own_fault, solve, status_of

if TYPE_CHECKING:
    from ..documents.cache import Cache
    from ..documents.model import Expanded, Solved
    from .sarif import Replacement

EXPRESSION = "-e"
UNTOUCHED = "the file is as it was"
AHEAD = 64
"""How many files are read ahead of the one whose turn it is, for the processes of `--jobs` to begin with."""


class Run:
    """One run over files or expressions."""

    def __init__(self, arguments: argparse.Namespace, report: Report, inputs: Inputs) -> None:
        self.arguments = arguments
        self.report = report
        self.inputs = inputs
        self._caches: dict[Path, Cache] = {}
        self._settled = Settled()

    def everything(self) -> None:
        """Do what was asked for: derive expressions, or process files, and with --watch go on with them."""
        if self.arguments.expressions:
            self.expressions()
        elif self.arguments.watch:
            self._watch()
        else:
            self.files(self.inputs.paths(self.report.unreadable))

    def files(self, paths: Sequence[Path | None]) -> None:
        """Process every file; trouble with one does not keep the others from their turn."""
        waiting: deque[Begun] = deque()
        try:
            with (
                Workers(self.arguments.jobs, self._wants_objects()) as workers,
                Progress(self.report, len(paths)) as bar,
            ):
                ahead = AHEAD if workers.jobs > 1 else 0
                for path in paths:
                    waiting.append(self._begun(path, workers))
                    if len(waiting) > ahead:
                        self._finish(waiting.popleft(), workers, bar)
                while waiting:
                    self._finish(waiting.popleft(), workers, bar)
        finally:
            self._settled.save()
        self.report.finish()

    def _watch(self) -> None:
        """Process the files, and each again when it is saved, until the user has had enough."""
        from .watch import saved

        seen: dict[Path, bytes] = {}
        for files in saved(self.arguments.paths):
            paths = [path for path in self.inputs.paths(self.report.unreadable, quiet=bool(seen)) if path]
            changed = [path for path in paths if files is None or path.resolve() in files]
            changed = [path for path in changed if (data := _bytes(path)) is None or seen.get(path) != data]
            if changed:
                self.report.begin()
                self.inputs.forget_settings()
                self._settled = Settled()
                self.files(changed)
                seen |= {path: data for path in changed if (data := _bytes(path)) is not None}  # our own writing, too

    def expressions(self) -> None:
        """Derive the markers given with `-e` and print their solutions."""
        for source in self.arguments.expressions:
            with self._troubles_of(EXPRESSION):
                self._expression(source)
        self.report.point_to_pages()

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
            self.report.unreadable(shown, error.strerror or str(error))
        except MemoryError:
            self.report.trouble("E516", "there is not enough memory for this file", shown, FEWER_JOBS)
        except Exception as error:  # a bug of ours must not cost the reader the other files
            self.report.trouble(*own_fault(error), shown, REPORT_IT, FAILED)

    def _begun(self, path: Path | None, workers: Workers) -> Begun:
        """Return a file as it was read, its markers on their way; what went wrong is told when its turn comes."""
        begun = Begun(shown_name(path))
        try:
            self._begin(begun, path, workers)
        except Exception as error:
            begun.trouble = error
        return begun

    def _begin(self, begun: Begun, path: Path | None, workers: Workers) -> None:
        from ..documents.current import is_current
        from ..documents.expand import requests

        settings = Settings() if self.arguments.strip else self.inputs.settings_for(path)
        page = begun.page = self.inputs.read(path, settings)
        asked = self._everything() or self.arguments.explain_ignored or self.arguments.edits != "keep"
        settled = not asked and self._is_plain(page) and self._settled.holds(str(page.path), encode(page.file))
        begun.is_current = settled or (not asked and is_current(page.text, page.kind, page.clauses))
        if begun.is_current:
            self._settle(page, page.text)
        if begun.is_current or self.arguments.strip:
            return
        check_clauses(settings)
        workers.start()
        begun.requests = requests(
            page.text, page.kind, edits=self.arguments.edits, clauses=page.clauses, everything=self._everything()
        )
        workers.begin(begun.requests, self._cache_of(page))

    def _finish(self, begun: Begun, workers: Workers, progress: Progress) -> None:
        with self._troubles_of(begun.shown):
            if begun.trouble:
                raise begun.trouble
            page = begun.page
            assert page is not None
            if self.arguments.strip:
                new = self._stripped(page)
            else:
                new = page.text if begun.is_current else self._expanded(page, begun, workers, progress)
            self._deliver(page, new)
        progress.next_file()

    def _stripped(self, page: Input) -> str:
        """Return the page without its solutions, after telling which stay; with `--discard` none does."""
        from ..documents.expand import strip, strip_unedited

        if self.arguments.edits == "discard":
            return strip(page.text, page.kind)
        stripped = strip_unedited(page.text, page.kind)
        self._told(page, stripped.problems, stripped.text)
        return stripped.text

    def _is_plain(self, page: Input) -> bool:
        """Return whether nothing but the page and its project says what is to be done: what `Settled` builds on."""
        options = ("config", "kind", "strip", "output", "diff", "explain_ignored")
        asked = [getattr(self.arguments, option) for option in options]
        others = (page.followed.files, page.followed.clauses) if page.followed is not None else ()
        return page.path is not None and not any((*asked, self._everything(), *self.inputs.options(), *others))

    def _settle(self, page: Input, text: str) -> None:
        if self._is_plain(page):
            self._settled.add(str(page.path), encode(page.file_with(text)))

    def _everything(self) -> bool:
        return bool(self.arguments.verify_all) or self._wants_objects()

    def _wants_objects(self) -> bool:
        return bool(self.arguments.format == "json")

    def _cache_of(self, page: Input) -> Cache | None:
        """Return the cache of the project of a page; None if everything is to be derived again."""
        if self._everything():
            return None
        folder = page.path.parent if page.path else Path()
        if folder not in self._caches:
            from ..documents.cache import cache_of

            self._caches[folder] = cache_of(folder)
        return self._caches[folder]

    def _expanded(self, page: Input, begun: Begun, workers: Workers, progress: Progress) -> str:
        """Return the page with its solutions in place, after telling what is wrong with it."""
        from ..documents.expand import expand, review

        everything = self._everything()
        solver = Solver(workers, self._cache_of(page), lambda: progress.next_marker(len(begun.requests)))
        expanded = expand(
            page.text, page.kind, solver, edits=self.arguments.edits, clauses=page.clauses, everything=everything
        )
        reviewed = review(page.text, page.kind, page.clauses) if self.arguments.check else ()
        known = any(problem.severity == "stale" for problem in reviewed)
        if everything and self.arguments.check and not known and expanded.text != page.text:
            reviewed += (_no_longer_derived(page.text, expanded.text),)
        problems = self._told(page, (*reviewed, *expanded.problems), expanded.text)
        if not problems and all(problem.severity == "ignored" for problem in expanded.problems):
            self._settle(page, expanded.text)
        self.report.count("derivation", sum(len(found.derivations) for found in expanded.derivations))
        if self._wants_objects():
            self._print_json(page, expanded, problems, solver)
        return expanded.text

    def _told(self, page: Input, problems: Sequence[Problem], new: str) -> list[Problem]:
        """Return the problems that matter, each once and in the order of the page, after telling them.

        What stands in `new` in the place of what is stale is told as the way to mend it.
        """
        once = {(p.code, p.message, p.place.line, p.place.column): p for p in problems}
        told = [p for p in once.values() if p.severity != "ignored" or self.arguments.explain_ignored]
        told = [p for p in told if p.severity != "stale" or (self.arguments.check and not _says_why(told, p))]
        told.sort(key=lambda p: (p.place.line, p.place.column))
        fixes: Mapping[Problem, Sequence[Replacement]] = {}
        if self.arguments.format == "sarif" and page.is_page:
            from .sarif import fixes_of

            fixes = fixes_of(told, page.text, new)
        for problem in told:
            self.report.problem(page.located(problem), fix=fixes.get(problem, ()))
        return told

    def _print_json(self, page: Input, expanded: Expanded, problems: Sequence[Problem], solver: Solver) -> None:
        """Print one object for each derivation and for each marker without one, in the order of the page."""
        objects = [json_error(page.located(p), *solver.failed(p)) for p in problems if p.severity == "error"]
        for one in expanded.derivations:
            found = one._replace(place=page.placed(one.place))
            objects += [json_object(derivation, page.shown, found) for derivation in found.derivations]
        objects.sort(key=lambda one: (one.get("cell", 0), one["line"], one["column"]))
        write_stdout("".join(map(json_line, objects)))

    def _deliver(self, page: Input, new: str) -> None:
        """Write the file with the new page where it belongs, or show how it differs."""
        new = page.file_with(new)
        if self.arguments.diff:
            write_stdout(_difference(page, new))
        if self.arguments.diff or self.arguments.check:
            return
        target = Path(self.arguments.output) if self.arguments.output not in (None, "-") else page.path
        if self.arguments.output == "-" or target is None:
            if self.arguments.format != "json":
                write_stdout(new)
        elif new != page.file or target != page.path:
            self._write(target, encode(new), encode(page.file) if target == page.path else None)

    def _write(self, target: Path, data: bytes, expected: bytes | None = None) -> bool:
        """Return whether a file now holds `data`; where it cannot be written, that is told."""
        from ..documents.files import write_atomically

        try:
            if write_atomically(target, data, expected):
                self.report.count("written")
        except OSError as error:
            self.report.trouble("E502", f"cannot be written: {error.strerror or error}", str(target), UNTOUCHED)
            return False
        return True

    def _expression(self, source: str) -> None:
        settings = self.inputs.settings_for(None)
        check_clauses(settings)
        style = self.arguments.format or "text"
        marker = Marker(source, "", "", (), {"marker": 0})  # until it is read
        try:
            marker = _read_expression(source)
            solved = solve(Request(marker, style if style in FORMATS else "", context=self.inputs.clauses(settings)))
            solution = _solution(solved, marker, style)
        except DeriveError as error:
            problem = marker_problem(error, marker, EXPRESSION)
            self.report.problem(problem)
            if style == "json":
                write_stdout(json_line(json_error(problem, marker, status_of(error))))
        else:
            write_stdout(solution)


class Begun:
    """A file whose turn comes: its page or its trouble, and what it asks the engine for."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.page: Input | None = None
        self.is_current = False
        self.trouble: Exception | None = None
        self.requests: Sequence[Request] = ()


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _says_why(problems: Sequence[Problem], stale: Problem) -> bool:
    """Return whether an error inside the marker says why it has no solution."""
    line, start, end = stale.place.line, stale.place.column, stale.place.column + stale.place.width
    return any(p.severity == "error" and p.place.line == line and start <= p.place.column < end for p in problems)


def _read_expression(source: str) -> Marker:
    """Return the marker that `source` is, blanks around it aside.

    Raises:
        ParseError: it is no marker, or something stands behind it.
    """
    from ..documents.marker import read_marker

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
        return "".join(json_line(json_object(d.to_json(), EXPRESSION, found)) for d in solved.derivations)
    from ..api import to_source, to_text

    if style != "text":
        return to_source(solved.derivations, "numpy" if style == "python" else style)
    return to_text(solved.derivations) + "\n"


def _no_longer_derived(old: str, new: str) -> Problem:
    """Return the problem of a page that deriving everything again would change: the first line that differs."""
    lines = [text.replace("\r\n", "\n").replace("\r", "\n").split("\n") for text in (old, new)]
    line = next((k for k, (one, other) in enumerate(zip(*lines, strict=False)) if one != other), 0)
    place = Place(line + 1, 1, len(lines[0][line]), lines[0][line])
    return Problem("E513", "this is not what mdderive would write here now", place, "stale", "mdderive --verify-all")


def json_line(one: Mapping[str, Any]) -> str:
    """Return an object as one line of `--format json`."""
    import json

    return json.dumps(one, ensure_ascii=False) + "\n"


def _difference(page: Input, new: str) -> str:
    """Return a unified diff, "" if nothing changes."""
    import difflib
    import re

    old_lines, new_lines = (re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text) for text in (page.file, new))
    shown = page.shown.removeprefix("/")
    lines = difflib.unified_diff(old_lines, new_lines, f"a/{shown}", f"b/{shown}")
    return "".join(line if line.endswith(("\n", "\r")) else f"{line}\n\\ No newline at end of file\n" for line in lines)
