"""The command line: where a run begins, and the exit status with which it ends.

Nothing is imported before it is needed, so that `--version` and pages that are up to date cost next to nothing.
"""

from __future__ import annotations

import gc
import os
import sys

from .. import __version__
from ..documents.settled import need_nothing
from .commands import COMMANDS, QUIZZES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence
    from typing import NoReturn

    from .run import Run
    from .terminal import Report

USAGE, INTERRUPTED = 2, 130
ALLOCATED = 50_000
"""After how many new objects the collector looks for cycles; hardly any are made, and imports make 35,000 objects."""


def main(argv: Sequence[str] | None = None) -> int:
    """Return the exit status of a run with the arguments `argv`, or with those of the process."""
    arguments = sys.argv[1:] if argv is None else argv
    gc.set_threshold(ALLOCATED)
    report: Report | None = None
    try:
        try:
            if list(arguments) == ["--version"]:  # before anything is imported for the sake of the other options
                _say(f"mdderive {__version__}\n")
            elif arguments and arguments[0] in COMMANDS:
                return COMMANDS[arguments[0]].work()(arguments[1:])
            elif not need_nothing(arguments):
                from .options import read_options

                options = read_options(arguments)
                from .inputs import Inputs
                from .terminal import Report

                report = Report(options.format or "text")
                _until_ended(_run(options)(options, report, Inputs(options)).everything)
        finally:
            _say()
    except SystemExit as end:  # what was wrong has been said, or the help shown
        return end.code if isinstance(end.code, int) else USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader has had enough, as in `mdderive ... | head`
        _abandon_stdout()
    except OSError as error:
        from .terminal import StdoutError

        if isinstance(error, StdoutError):
            _abandon_stdout()
            print(f"<stdout>: E504 cannot be written: {error.strerror or error}", file=sys.stderr)
        else:
            print(f"mdderive: {error}", file=sys.stderr)
        return max(USAGE, report.status if report else 0)
    return report.status if report else 0


def _run(options: Namespace) -> type[Run]:
    """Return what does that which the options ask for."""
    if options.lint:
        from .lint import LintRun

        return LintRun
    if options.format in QUIZZES:
        from .questions import QuizRun

        return QuizRun
    from .run import Run

    return Run


def _until_ended(work: Callable[[], None]) -> None:
    """Do the work; SIGTERM ends it as Ctrl-C does: processes ended, and no temporary file left behind.

    Either may come while a node is forgotten, where Python drops what is raised: then it comes once more.
    """
    import signal

    def end(number: int, _: object) -> NoReturn:
        raise SystemExit(128 + number)

    def come_again(dropped: sys.UnraisableHookArgs) -> None:
        if not issubclass(dropped.exc_type, KeyboardInterrupt | SystemExit):
            sys.__unraisablehook__(dropped)
            return
        from threading import Timer

        number = signal.SIGINT if issubclass(dropped.exc_type, KeyboardInterrupt) else signal.SIGTERM
        Timer(0.01, send, (number,)).start()  # not here, where it would be dropped again

    def send(number: int) -> None:
        from threading import main_thread

        if hasattr(signal, "pthread_kill"):  # which wakes who waits there for something else
            signal.pthread_kill(main_thread().ident or 0, number)
        else:
            signal.raise_signal(number)

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # not the main thread, which alone may do so
        work()
        return
    hook, sys.unraisablehook = sys.unraisablehook, come_again
    try:
        work()
    finally:
        sys.unraisablehook = hook
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def _say(text: str = "") -> None:
    """Write a text, and what waits for stdout, unless a command has closed it.

    Raises:
        StdoutError: it cannot be written.
    """
    if sys.stdout.closed:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        from .terminal import StdoutError

        raise StdoutError(error.errno, error.strerror) from error


def _abandon_stdout() -> None:
    """Keep Python from complaining, at its end, that stdout is gone."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        pass
