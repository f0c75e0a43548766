"""Notes by their places: those within a folder but for what .gitignore leaves out, and the project around them.

Imports next to nothing, since it runs on every start; `pathspec`, which knows the language of .gitignore, only where
there is such a file.
"""

from __future__ import annotations

import os

from .formats import format_of_name
from .kept import IGNORE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pathspec import GitIgnoreSpec

SKIPPED = frozenset({"node_modules", "site", "build", "__pycache__"})
"""Folders that hold nobody's notes; hidden ones are skipped too."""


class Rules:
    """The .gitignore files in force in a folder, the farthest first, each with the folder that it lies in."""

    def __init__(self, files: Sequence[tuple[str, GitIgnoreSpec]] = ()) -> None:
        self.files = files

    def below(self, folder: str) -> Rules:
        """Return the rules within a folder."""
        try:
            with open(os.path.join(folder, IGNORE), encoding="utf-8", errors="replace") as file:
                lines = file.read().splitlines()
        except OSError:
            return self
        from pathspec import GitIgnoreSpec

        return Rules([*self.files, (folder, GitIgnoreSpec.from_lines(lines))])

    def leave_out(self, path: str, is_folder: bool) -> bool:
        """Return whether a file or folder is left out: the nearest file that speaks of it decides."""
        for folder, spec in reversed(self.files):
            name = os.path.relpath(path, folder).replace(os.sep, "/") + ("/" if is_folder else "")
            said = spec.check_file(name).include
            if said is not None:
                return said
        return False


def notes_within(folder: str, everything: bool = False) -> Iterator[str]:
    """Yield the notes within a folder in a fixed order; those that .gitignore leaves out too if `everything` is asked.

    Links to folders are not followed, as they may lead in circles.
    """
    yield from _walk(folder, None if everything else _rules_above(folder))


def _walk(folder: str, rules: Rules | None) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    rules = rules and rules.below(folder)
    inner: list[str] = []
    for entry in entries:
        if entry.name.startswith("."):
            continue
        is_folder = entry.is_dir(follow_symlinks=False)
        if not (entry.name not in SKIPPED if is_folder else format_of_name(entry.name) and entry.is_file()):
            continue
        if rules and rules.leave_out(entry.path, is_folder):
            continue
        if is_folder:
            inner.append(entry.path)
        else:
            yield entry.path
    for path in inner:
        yield from _walk(path, rules)


def upwards(folder: str) -> Iterator[str]:
    """Yield a folder and all that it lies in, the nearest first."""
    folder, inner = os.path.abspath(folder), ""
    while folder != inner:
        yield folder
        folder, inner = os.path.dirname(folder), folder


def project_root(folder: str) -> str:
    """Return the nearest folder, upwards, of a project: it has a pyproject.toml or a .git; else the folder itself."""
    for above in upwards(folder):
        if any(os.path.exists(os.path.join(above, name)) for name in ("pyproject.toml", ".git")):
            return above
    return os.path.abspath(folder)


def _rules_above(folder: str) -> Rules:
    """Return the rules of the repository around a folder; none if they leave out the folder that was asked for."""
    above: list[str] = []
    for one in upwards(folder):
        above.append(one)
        if os.path.exists(os.path.join(one, ".git")):
            break
    else:
        return Rules()
    rules = Rules()
    for one in reversed(above[1:]):
        rules = rules.below(one)
    return Rules() if any(rules.leave_out(one, True) for one in above[:-1]) else rules
