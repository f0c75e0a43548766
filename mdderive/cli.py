"""The command line: what may be asked, what goes together, and the exit status.

Nothing is imported before it is needed, so that `--version` and `--check` of pages that are up to date start fast.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from . import __version__

if TYPE_CHECKING:
    from .terminal import Report

USAGE, INTERRUPTED = 2, 130
CLASHES = {  # options of which one would undo or ignore the other
    "--check": ("--accept", "--discard", "--detach"),
    "--strip": (
        "--check", "--verify-all", "--explain-ignored", "--accept", "--discard", "--detach", "--format json",
    ),
    "-o": ("--check", "--diff"),
    "--diff": ("--format json",),
}  # fmt: skip
EXIT_STATUS = """\
exit status, the highest of all files:
  0  nothing to report
  1  something is stale (with --check)
  2  usage, a file that cannot be read or written, or bad settings
  3  a solution was edited by hand
  4  a derivation, its check or a claim failed
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Return the exit status of a run with the arguments `argv`, or with those of the process."""
    report: Report | None = None
    try:
        try:
            arguments = _arguments(sys.argv[1:] if argv is None else argv)
            from .run import Run
            from .terminal import Report

            report = Report()
            run = Run(arguments, report)
            run.expressions() if arguments.expressions else run.files()
        finally:
            sys.stdout.flush()
    except SystemExit as end:  # what was wrong has been said, or the help shown
        return end.code if isinstance(end.code, int) else USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader has had enough, as in `mdderive ... | head`
        _abandon_stdout()
    except OSError as error:
        _abandon_stdout()
        print(f"<stdout>: E504 cannot be written: {error.strerror or error}", file=sys.stderr)
        return max(USAGE, report.status if report else 0)
    return report.status if report else 0


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Return the arguments; exit if they are wrong, or if there is nothing more to do."""
    if list(argv) == ["--version"]:  # before anything is imported for the sake of the other options
        _show_version()
    arguments = _parser().parse_args(argv)
    _check_usage(arguments)
    return arguments


def _show_version() -> NoReturn:
    print(f"mdderive {__version__}")
    raise SystemExit(0)


class _Version(argparse.Action):
    def __call__(self, *_: object) -> NoReturn:
        _show_version()


def _abandon_stdout() -> None:
    """Keep Python from complaining, at its end, that stdout is gone."""
    with suppress(OSError, ValueError):
        stdout = sys.stdout.fileno()
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout)


def _parser() -> argparse.ArgumentParser:
    from .config import CHOICES

    parser = argparse.ArgumentParser(
        prog="mdderive",
        usage=r"mdderive [options] FILE|DIR|- ...   or   mdderive -e '\derive<f><X>[clause; ...]' [options]",
        description=r"Insert or refresh the worked solutions behind \derive<f><X> in Markdown and LaTeX files.",
        epilog=EXIT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("paths", nargs="*", metavar="FILE|DIR|-", help="what to process; - reads stdin and writes stdout")
    add("-e", dest="expressions", action="append", metavar="MARKER", help="derive one marker and print the solution")
    add("--version", action=_Version, nargs=0, help="show the version and exit")

    what = parser.add_argument_group("what to do with the files (default: insert or refresh in place)")
    add = what.add_argument
    add("--check", action="store_true", help="write nothing; list what is stale, wrong or edited by hand")
    add("--verify-all", action="store_true", help="derive and check every marker again, also those up to date")
    add("--diff", action="store_true", help="write nothing; show what would change")
    add("--strip", action="store_true", help="remove the solutions and leave the markers as they were written")
    add("-o", dest="output", metavar="FILE", help="write the result to FILE instead of in place; - is stdout")
    add("--jobs", "-j", metavar="N", type=_jobs, default=1, help="derive in N processes; 0: one for each processor")
    edits = what.add_mutually_exclusive_group()
    for choice, meaning in (
        ("accept", "keep solutions that were edited by hand, and take them as they are from now on"),
        ("discard", "replace solutions that were edited by hand"),
        ("detach", "turn solutions that were edited by hand into plain text"),
    ):
        edits.add_argument(
            f"--{choice}", dest="edits", action="store_const", const=choice, default="keep", help=meaning
        )

    how = parser.add_argument_group("how to write (weaker than what a page or a marker says itself)")
    meanings = {
        "lang": "language of the solutions",
        "detail": "how much of a derivation to show",
        "layout": "shape of the derivative: that of the variable (denominator), or its transpose",
    }
    for option, values in CHOICES.items():
        how.add_argument(f"--{option}", choices=values, help=meanings[option])
    how.add_argument("--config", metavar="FILE", help="settings, instead of the nearest pyproject.toml [tool.mdderive]")

    shown = parser.add_argument_group("what to show")
    formats = ("text", "markdown", "latex", "json", "python")
    shown.add_argument(
        "--format", choices=formats, help="for files text or json: one object per derivation, one a line"
    )
    shown.add_argument("--explain-ignored", action="store_true", help="also say which markers are plain text, and why")
    return parser


def _jobs(text: str) -> int:
    """Return a number of processes, 0 for as many as there are processors."""
    jobs = int(text)
    if jobs < 0:
        raise ValueError(text)
    return jobs


def _check_usage(arguments: argparse.Namespace) -> None:
    """Exit with status 2 and one line about the arguments if they do not go together."""
    complaint = _complaint_about_expression(arguments) if arguments.expressions else _complaint_about_files(arguments)
    if complaint:
        print(f"mdderive: {complaint}\n  help: mdderive --help", file=sys.stderr)
        raise SystemExit(USAGE)


def _given(arguments: argparse.Namespace) -> list[str]:
    """Return the options given that say what to do with files."""
    switches = ("check", "verify_all", "diff", "strip", "explain_ignored")
    given = [f"--{name.replace('_', '-')}" for name in switches if getattr(arguments, name)]
    given += [f"--{arguments.edits}"] if arguments.edits != "keep" else []
    return given + (["-o"] if arguments.output else [])


def _complaint_about_expression(arguments: argparse.Namespace) -> str:
    wrong = ["files"] if arguments.paths else _given(arguments)
    return f"-e does not go with {wrong[0]}" if wrong else ""


def _complaint_about_files(arguments: argparse.Namespace) -> str:
    if not arguments.paths:
        return "which files? (- is stdin)"
    if arguments.format not in (None, "text", "json"):
        return f"--format {arguments.format} goes with -e only"
    given = _given(arguments) + (["--format json"] if arguments.format == "json" else [])
    for one, others in CLASHES.items():
        for other in others:
            if one in given and other in given:
                return f"{one} does not go with {other}"
    if arguments.output and (len(arguments.paths) > 1 or _is_folder(arguments.paths[0])):
        return "-o takes one file"
    if arguments.output == "-" and arguments.format == "json":
        return "-o - does not go with --format json, which has stdout for itself"
    return ""


def _is_folder(path: str) -> bool:
    from pathlib import Path

    return Path(path).is_dir()
