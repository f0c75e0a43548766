"""The options of the command line: what may be asked, what goes together, and the page that `--help` shows."""

from __future__ import annotations

import argparse
import os
import sys
from functools import cache

from .. import __version__
from ..documents.formats import FORMATS
from ..question.settings import SETTINGS, names_in
from .commands import COMMANDS, QUIZZES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

USAGE = 2
OF_FILES = ("text", "json", "github", "sarif", *QUIZZES)
OF_EXPRESSIONS = ("text", "markdown", "latex", "json", "python", "jax", "torch", "julia", "sympy")
SHELLS = ("bash", "zsh", "tcsh", "fish")
ALONE = ("--format json", "--format sarif")
"""What has stdout for itself."""

CLASHES = {  # options of which one would undo or ignore the other
    "--check": ("--accept", "--discard", "--detach"),
    "--strip": (
        "--check", "--verify-all", "--explain-ignored", "--accept", "--detach", *ALONE, "--format github",
    ),
    "-o": ("--check", "--diff"),
    "--lint": (
        "--check", "--verify-all", "--diff", "--strip", "-o", "--watch", "--accept", "--discard", "--detach",
    ),
    "--diff": ALONE,
    "--watch": ("-o", "--diff", "--strip", "--accept", "--discard", "--detach", "--verify-all", *ALONE),
}  # fmt: skip

SYNOPSIS = r"""mdderive [options] FILE|DIR|- ...
       mdderive [options] -e '\derive<f><X>[clause; ...]'
       mdderive COMMAND ..."""
*_ALL_BUT_LAST, _LAST = (suffix for one in FORMATS.values() if one.writer for suffix in one.suffixes)
_LINTED = ", ".join(suffix for one in FORMATS.values() if not one.writer for suffix in one.suffixes)
DESCRIPTION = rf"""Insert or refresh the worked solutions behind \derive<f><X> in Markdown, LaTeX and notebooks.

Every printed line is checked numerically; where a check fails or something is not understood, nothing is inserted,
and the place is shown with a caret. What is inserted can be stripped again, byte for byte. A solution that was edited
by hand is never overwritten. In a folder, all {", ".join(_ALL_BUT_LAST)} and {_LAST} files are
processed but for hidden ones and what .gitignore leaves out; --lint reads {_LINTED} too.
"""
EPILOG = r"""commands (a file of such a name is written ./NAME):
COMMANDS

examples:
  mdderive notes.md                     insert or refresh the solutions of one file
  mdderive --jobs 0 notes/              the same for a folder, on all processors
  mdderive --format moodle -o quiz.xml notes.md     questions for Moodle; also qti, stack
  mdderive --watch notes/               again whenever a file is saved
  mdderive --check notes/               before a commit: is everything up to date?
  mdderive --check --format github .    the same in a GitHub workflow, as annotations
  mdderive --lint notes/                find the derivatives that are wrong in the text itself
  mdderive --discard notes.md           replace what was edited by hand
  mdderive --solutions hide -o sheet.md notes.md     an exercise sheet
  mdderive -e '\derive<x^TAx><x>[A: symmetric]'      one derivation, on the terminal
  mdderive -e '\derive<a^TXb><X>' --format python    its gradient in numpy

exit status, the highest of all files:
  0  nothing to report
  1  something is stale (with --check), or told by --lint as a warning (see --select)
  2  usage, a file that cannot be read or written, or bad settings
  3  a solution was edited by hand
  4  a derivation, its check or a claim failed; with --lint: a derivative in the text is false

files:
  pyproject.toml    its table [tool.mdderive] holds settings for all files at and below it
  .cache/mdderive   solutions kept between runs, at the root of the project; safe to delete

environment:
  NO_COLOR          no colour, also on a terminal
""".replace("COMMANDS", "\n".join(f"  mdderive {x.usage:26} {x.meaning}" for x in COMMANDS.values()))


def read_options(argv: Sequence[str]) -> argparse.Namespace:
    """Return the options; exit if they are wrong, or if there is nothing more to do."""
    options = parser().parse_args(argv)
    if options.completion:
        _print_completion(options.completion)
    complaint = _complaint_about_expression(options) if options.expressions else _complaint_about_files(options)
    if complaint:
        _exit_with(complaint)
    return options


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Lays out the help; what is asked of the terminal is asked here, as argparse imports shutil for every option."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


@cache
def _columns() -> int:
    """Return how many columns the terminal has, as `shutil.get_terminal_size` does."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):  # no terminal, or none any more
        return 80


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(
        prog="mdderive",
        usage=SYNOPSIS,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=_Formatter,
        allow_abbrev=False,
        add_help=False,
    )
    add = made.add_argument
    add("paths", nargs="*", metavar="FILE|DIR|-", help="what to process; - reads stdin and writes stdout")
    add("-e", dest="expressions", action="append", metavar="MARKER", help="derive one marker and print the solution")
    add("-h", "--help", action="help", help="show this page and exit")
    add("--version", action="version", version=f"mdderive {__version__}", help="show the version and exit")
    _add_what_to_do(made)
    _add_how_to_write(made)
    _add_what_to_show(made)
    return made


def _add_what_to_do(made: argparse.ArgumentParser) -> None:
    what = made.add_argument_group("what to do with the files (default: insert or refresh in place)")
    add = what.add_argument
    add("--kind", choices=tuple(FORMATS), help="what the files are, whatever their names; without it, by the suffix")
    add("--check", action="store_true", help="change no file; list what is stale, wrong or edited by hand")
    add("--verify-all", action="store_true", help="derive and check every marker again, also those up to date")
    add("--diff", action="store_true", help="change no file; show what would change")
    add(
        "--strip", action="store_true", help="remove the solutions, but for those edited by hand, and leave the markers"
    )
    add("-o", dest="output", metavar="FILE", help="write the result to FILE instead of in place; - is stdout")
    add("--watch", action="store_true", help="go on: process each file again when it is saved")
    add("-j", "--jobs", metavar="N", type=_jobs, default=1, help="derive in N processes; 0: one for each processor")
    add("--lint", action="store_true", help="judge the derivatives that the text states itself, without any marker")
    add("--fix", action="store_true", help="with --lint, insert the right solution behind a false one, as a comment")
    add("--select", metavar="CODES", help="with --lint, tell these alone, as more than notes: E701,E705, or E70")
    add("--ignore", metavar="CODES", help="with --lint, tell none of these")
    add("--baseline", metavar="FILE", help="with --lint, accept what FILE holds; without that file, write it")
    edits = what.add_mutually_exclusive_group()
    for choice, meaning in (
        ("accept", "keep solutions that were edited by hand, and take them as they are from now on"),
        ("discard", "replace solutions that were edited by hand; with --strip, remove them too"),
        ("detach", "turn solutions that were edited by hand into plain text"),
    ):
        edits.add_argument(
            f"--{choice}", dest="edits", action="store_const", const=choice, default="keep", help=meaning
        )


def _add_how_to_write(made: argparse.ArgumentParser) -> None:
    how = made.add_argument_group("how to write (weaker than what a page or a marker says itself)")
    for name in names_in("command line"):
        how.add_argument(f"--{name}", choices=SETTINGS[name].values_in("command line"), help=SETTINGS[name].meaning)
    how.add_argument("--config", metavar="FILE", help="settings, instead of the nearest pyproject.toml [tool.mdderive]")


def _add_what_to_show(made: argparse.ArgumentParser) -> None:
    shown = made.add_argument_group("what to show")
    shown.add_argument(
        "--format",
        choices=tuple(dict.fromkeys((*OF_FILES, *OF_EXPRESSIONS))),
        help=f"for files {', '.join(OF_FILES)}; with -e {', '.join(OF_EXPRESSIONS)}",
    )
    shown.add_argument(
        "--explain-ignored",
        action="store_true",
        help="also say which markers are plain text, and why; with --lint, what is not judged",
    )
    shown.add_argument("--statistics", action="store_true", help="with --lint, count the derivatives by verdict")
    shown.add_argument(
        "--completion",
        choices=SHELLS,
        help="print what makes the shell complete the options (needs shtab, fish not)",
    )


def _jobs(text: str) -> int:
    """Return a number of processes, 0 for as many as there are processors."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes")
    return int(text)


def _print_completion(shell: str) -> NoReturn:
    if shell == "fish":
        from .manual import fish_completion

        print(fish_completion(parser(), [(name, x.meaning) for name, x in COMMANDS.items()]), end="")
        raise SystemExit(0)
    try:
        import shtab
    except ImportError:
        _exit_with("--completion needs shtab: pip install 'mdderive[completion]'")
    made = parser()
    for action in made._actions:
        if action.dest in ("paths", "output", "config"):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    print(shtab.complete(made, shell))
    raise SystemExit(0)


def _exit_with(complaint: str) -> NoReturn:
    print(f"mdderive: {complaint}\n  help: mdderive --help", file=sys.stderr)
    raise SystemExit(USAGE)


def _given(options: argparse.Namespace) -> list[str]:
    """Return the options given that say what to do with files."""
    switches = ("check", "verify_all", "diff", "strip", "watch", "explain_ignored", "lint", "fix", "statistics")
    given = [f"--{name.replace('_', '-')}" for name in switches if getattr(options, name)]
    given += [f"--{name}" for name in ("select", "ignore", "baseline") if getattr(options, name) is not None]
    given += [f"--{options.edits}"] if options.edits != "keep" else []
    return given + (["-o"] if options.output else []) + (["--kind"] if options.kind else [])


def _complaint_about_expression(options: argparse.Namespace) -> str:
    wrong = ["files"] if options.paths else _given(options)
    if wrong:
        return f"-e does not go with {wrong[0]}"
    if options.format not in (None, *OF_EXPRESSIONS):
        return f"--format {options.format} goes with files only"
    return ""


def _complaint_about_files(options: argparse.Namespace) -> str:
    if not options.paths:
        return "which files? (- is stdin)"
    if options.format not in (None, *OF_FILES):
        return f"--format {options.format} goes with -e only"
    given = _given(options) + ([f"--format {options.format}"] if options.format else [])
    for one, others in CLASHES.items():
        for other in others:
            if one in given and other in given:
                return f"{one} does not go with {other}"
    for option in ("--fix", "--statistics", "--select", "--ignore", "--baseline"):
        if option in given and "--lint" not in given:
            return f"{option} goes with --lint only"
    if options.select or options.ignore:
        from .selection import CODES, codes_of, unknown_code

        if code := unknown_code((*codes_of(options.select), *codes_of(options.ignore))):
            return f"{code} is no code of the lint: {', '.join(CODES)}"
    if options.output and (len(options.paths) > 1 or os.path.isdir(options.paths[0])):
        return "-o takes one file"
    if options.output == "-" and f"--format {options.format}" in ALONE:
        return f"-o - does not go with --format {options.format}, which has stdout for itself"
    if options.format in QUIZZES:
        wrong = [x for x in given if x not in ("-o", "--kind", f"--format {options.format}")]
        if wrong:
            return f"--format {options.format} does not go with {wrong[0]}: it changes no file of notes"
    if options.format == "qti" and options.output in (None, "-"):
        return "--format qti makes a zip file: -o FILE.zip"
    if options.watch and "-" in options.paths:
        return "--watch does not go with -, which is read once"
    return ""
