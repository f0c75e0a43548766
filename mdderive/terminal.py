"""What the user sees of a run: problems and a bar on stderr, results on stdout, an exit status at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from .diagnostics import file_problem, problem_segments, problem_text
from .documents.model import Problem

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

STALE, USAGE, EDITED, FAILED = 1, 2, 3, 4
STATUS = {"error": FAILED, "stale": STALE, "edited": EDITED, "ignored": 0}
COUNTED = {  # what the last line on a terminal counts: one, many
    "derivation": ("derivation", "derivations"),
    "written": ("file written", "files written"),
    "error": ("error", "errors"),
    "stale": ("stale", "stale"),
    "edited": ("edited by hand", "edited by hand"),
}


class StdoutError(OSError):
    """The results cannot be written."""


@dataclass
class Report:
    """What a run has told the user so far, and the exit status that follows from it."""

    status: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    _said: set[Problem] = field(default_factory=set)
    _console: Console | None = None

    def problem(self, problem: Problem, status: int | None = None) -> None:
        """Print a problem on stderr, once, and raise the exit status to its own."""
        if problem in self._said:  # the settings of many files
            return
        self._said.add(problem)
        self.status = max(self.status, STATUS[problem.severity] if status is None else status)
        self.count(problem.severity)
        if not sys.stderr.isatty():
            print(problem_text(problem), end="", file=sys.stderr)
            return
        from rich.text import Text

        self.console().print(Text.assemble(*problem_segments(problem)), end="", soft_wrap=True)

    def trouble(self, code: str, message: str, file: str, hint: str = "", status: int = USAGE) -> None:
        """Print a problem of a whole file."""
        self.problem(file_problem(code, message, file, hint), status)

    def count(self, what: str, more: int = 1) -> None:
        """Add to what the last line of the run will sum up."""
        self.counts[what] = self.counts.get(what, 0) + more

    def console(self) -> Console:
        """Return the terminal behind stderr, in colour unless NO_COLOR is set."""
        if self._console is None:
            from rich.console import Console

            self._console = Console(stderr=True)
        return self._console

    def summary(self) -> None:
        """Print one line on a terminal if something was done or found."""
        said = [f"{n} {names[n > 1]}" for what, names in COUNTED.items() if (n := self.counts.get(what, 0))]
        if said and sys.stderr.isatty():
            print(", ".join(said), file=sys.stderr)


def write_stdout(text: str) -> None:
    """Write a result as UTF-8 whatever the locale, stray bytes of the author's as they were."""
    from .documents.files import encode

    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(encode(text))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StdoutError(error.errno, error.strerror) from error


def with_progress(paths: Sequence[Path | None], report: Report) -> Iterator[Path | None]:
    """Yield the paths; a progress bar appears on a terminal when many take more than a second."""
    if len(paths) < 2 or not sys.stderr.isatty():
        yield from paths
        return
    started = monotonic()
    bar: Progress | None = None
    try:
        for done, path in enumerate(paths):
            if bar is None and monotonic() - started > 1:
                from rich.progress import Progress

                bar = Progress(console=report.console(), transient=True, redirect_stdout=False)
                bar.start()
                task = bar.add_task("mdderive", total=len(paths))
            if bar is not None:
                bar.update(task, completed=done)
            yield path
    finally:
        if bar is not None:
            bar.stop()
