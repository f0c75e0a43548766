"""What systems know of a program beside its `--help`: the manual page `mdderive.1`, and fish's completion of options.

Both are made from the parser, so they say what it says. The page is shipped in the wheel.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence

from .. import __version__

_FILES = ("paths", "output", "config", "baseline")
"""What takes the name of a file."""


def manual_page(made: argparse.ArgumentParser) -> str:
    """Return the page for `man`, in troff's macros."""
    lines = [f'.TH MDDERIVE 1 "" "mdderive {__version__}" "User Commands"', ".SH NAME"]
    first, *others = (made.description or "").strip().split("\n\n")
    lines += [rf"mdderive \- {_lower(_troff(first)).rstrip('.')}"]
    lines += [".SH SYNOPSIS", ".nf", *(_troff(x.strip()) for x in (made.usage or "").splitlines()), ".fi"]
    lines += [".SH DESCRIPTION", *_troff("\n.PP\n".join((first, *others))).splitlines()]
    for title, actions in groups(made):
        lines += [f".SH {_troff(title.upper())}"]
        for action in actions:
            lines += [".TP", f".B {_names(action)}", _troff(action.help or "")]
    for title, shown in _sections(made.epilog or ""):
        lines += [f".SH {_troff(title.upper())}", ".nf", *map(_troff, shown), ".fi"]
    return "\n".join(lines) + "\n"


def groups(made: argparse.ArgumentParser) -> Iterator[tuple[str, list[argparse.Action]]]:
    """Yield the options in their groups, each with its title."""
    for group in made._action_groups:
        actions = [action for action in group._group_actions if action.option_strings]
        if actions:
            yield ("options" if group.title == "options" else (group.title or "").partition(" (")[0]), actions


def fish_completion(made: argparse.ArgumentParser, commands: Sequence[tuple[str, str]]) -> str:
    """Return what makes fish complete the options, and the `commands`, each with what it does."""
    lines = [f"complete -c mdderive -n __fish_is_first_arg -a {name} -d {_quoted(told)}" for name, told in commands]
    for _, actions in groups(made):
        for action in actions:
            words = [f"-l {x[2:]}" if x.startswith("--") else f"-s {x[1:]}" for x in action.option_strings]
            if action.choices:
                words.append(f"-xa {_quoted(' '.join(map(str, action.choices)))}")
            elif action.nargs != 0:
                words.append("-rF" if action.dest in _FILES else "-x")
            lines.append(f"complete -c mdderive {' '.join(words)} -d {_quoted(action.help or '')}")
    return "\n".join(lines) + "\n"


def _names(action: argparse.Action) -> str:
    value = f" {action.metavar or '|'.join(map(str, action.choices or ()))}" if action.nargs != 0 else ""
    return _troff(", ".join(f"{name}{value}" for name in action.option_strings))


def _sections(epilog: str) -> Iterator[tuple[str, list[str]]]:
    for part in epilog.strip().split("\n\n"):
        title, *shown = part.splitlines()
        yield re.split(r"[,:(]", title)[0].strip(), shown


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _troff(text: str) -> str:
    r"""Return a text with its backslashes and hyphens as troff has them; no line of it begins with a request."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    return re.sub(r"(?m)^(?=[.'](?!PP$))", r"\\&", escaped)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace("'", r"\'")
    return f"'{escaped}'"
