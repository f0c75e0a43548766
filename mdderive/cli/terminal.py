"""What the user sees of a run: problems and a bar on stderr, results on stdout, an exit status at the end."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING

from ..documents.diagnostics import annotation, file_problem, problem_segments, problem_text
from ..documents.model import Problem

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from .sarif import Replacement

STALE, USAGE, EDITED, FAILED = 1, 2, 3, 4
STATUS = {"error": FAILED, "warning": STALE, "note": 0, "stale": STALE, "edited": EDITED, "ignored": 0}
COUNTED = {  # what the last line on a terminal counts: one, many
    "derivation": ("derivation", "derivations"),
    "written": ("file written", "files written"),
    "claim": ("claim", "claims"),
    "error": ("error", "errors"),
    "warning": ("warning", "warnings"),
    "note": ("note", "notes"),
    "stale": ("stale", "stale"),
    "edited": ("edited by hand", "edited by hand"),
}
MOST_EXPLAINED = 3
"""How many codes the last line on a terminal names."""


class StdoutError(OSError):
    """The results cannot be written."""


class Report:
    """What a run has told the user so far, in the given style, and the exit status that follows from it."""

    def __init__(self, style: str = "text") -> None:
        self.style = style
        self.status = 0
        self.counts: dict[str, int] = {}
        self._said: dict[Problem, Sequence[Replacement]] = {}
        self._console: Console | None = None

    def begin(self) -> None:
        """Forget the run before."""
        self.status = 0
        self.counts.clear()
        self._said.clear()

    def problem(self, problem: Problem, status: int | None = None, fix: Sequence[Replacement] = ()) -> None:
        """Print a problem on stderr, once, and raise the exit status to its own; `fix` is for `--format sarif`."""
        if problem in self._said:  # the settings of many files
            return
        self._said[problem] = fix
        self.status = max(self.status, STATUS[problem.severity] if status is None else status)
        self.count(problem.severity)
        if self.style == "github":
            write_stdout(annotation(problem))
        if not sys.stderr.isatty():
            print(problem_text(problem), end="", file=sys.stderr)
            return
        from rich.text import Text

        self.console().print(Text.assemble(*problem_segments(problem)), end="", soft_wrap=True)

    def trouble(self, code: str, message: str, file: str, hint: str = "", status: int = USAGE) -> None:
        """Print a problem of a whole file."""
        self.problem(file_problem(code, message, file, hint), status)

    def unreadable(self, file: str, reason: str) -> None:
        """Print that a file cannot be read."""
        self.trouble("E501", f"cannot be read: {reason}", file)

    def count(self, what: str, more: int = 1) -> None:
        """Add to what the last line of the run will sum up."""
        self.counts[what] = self.counts.get(what, 0) + more

    def console(self) -> Console:
        """Return the terminal behind stderr, in colour unless NO_COLOR is set."""
        if self._console is None:
            from rich.console import Console

            self._console = Console(stderr=True)
        return self._console

    def finish(self) -> None:
        """Print the document of `--format sarif`, and one line on a terminal if something was done or found."""
        if self.style == "sarif":
            import json

            from .sarif import sarif_log

            write_stdout(json.dumps(sarif_log(list(self._said.items())), ensure_ascii=False, indent=1) + "\n")
        said = [f"{n} {names[n > 1]}" for what, names in COUNTED.items() if (n := self.counts.get(what, 0))]
        if said and sys.stderr.isatty():
            print(", ".join(said), file=sys.stderr)
        self.point_to_pages()

    def point_to_pages(self) -> None:
        """Say on a terminal, in one line, what explains the codes of the errors that were told."""
        codes = dict.fromkeys(problem.code for problem in self._said if problem.severity == "error")
        if codes and sys.stderr.isatty():
            print(f"more: mdderive explain {' '.join([*codes][:MOST_EXPLAINED])}", file=sys.stderr)


def write_stdout(text: str) -> None:
    """Write a result as UTF-8 whatever the locale, stray bytes of the author's as they were."""
    from ..documents.files import encode

    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(encode(text))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StdoutError(error.errno, error.strerror) from error


class Progress:
    """A bar on a terminal for a run that takes more than a second; a file counts as much as its markers that are done.

    A context manager: at its end the bar is gone.
    """

    def __init__(self, report: Report, files: int) -> None:
        self._report = report
        self._files = files
        self._done = 0
        self._part = 0.0
        self._due = monotonic() + 1
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def next_marker(self, of: int) -> None:
        """One of `of` markers of the present file is done."""
        self._part = min(self._part + 1 / max(of, 1), 1)
        self._show()

    def next_file(self) -> None:
        """The present file is done."""
        self._done, self._part = self._done + 1, 0.0
        self._show()

    def _show(self) -> None:
        if monotonic() < self._due or self._done >= self._files or not sys.stderr.isatty():
            return
        if self._bar is None or self._task is None:
            from rich.progress import Progress as Bar

            self._bar = Bar(console=self._report.console(), transient=True, redirect_stdout=False)
            self._bar.start()
            self._task = self._bar.add_task("mdderive", total=self._files)
        self._bar.update(self._task, completed=self._done + self._part)
