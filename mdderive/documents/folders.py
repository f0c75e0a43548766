"""Notes by their places: those within a folder but for what .gitignore leaves out, and the project around them.

Imports next to nothing, since it runs on every start; `pathspec`, which knows the language of .gitignore, only where
there is such a file.
"""

from __future__ import annotations

import os

from .formats import format_of_name, is_of_others
from .kept import IGNORE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Literal

    from pathspec import GitIgnoreSpec

SKIPPED = frozenset({"node_modules", "site", "build", "__pycache__", "_build", "_book", "_site", "_output"})
"""Folders that hold nobody's notes; hidden ones are skipped too."""

SETTINGS_OF_SITES = (
    "mkdocs.yml", "zensical.toml", "_quarto.yml", "_metadata.yml", "_config.yml", "conf.py", "myst.yml",
)  # fmt: skip
"""The settings of sites and books that may define macros, the weakest first."""


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

        try:
            spec = GitIgnoreSpec.from_lines(lines)
        except ValueError:  # git itself passes over the lines that are no patterns
            spec = GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))
        return Rules([*self.files, (folder, spec)])

    def with_patterns(self, folder: str, patterns: Sequence[str]) -> Rules:
        """Return these rules behind the patterns of a project, which are relative to a folder."""
        from pathspec import GitIgnoreSpec

        spec = GitIgnoreSpec.from_lines(x for x in patterns if _is_pattern(x))
        return Rules([(os.path.abspath(folder), spec), *self.files])

    def leave_out(self, path: str, is_folder: bool) -> bool:
        """Return whether a file or folder is left out: the nearest file that speaks of it decides."""
        for folder, spec in reversed(self.files):
            name = os.path.relpath(path, folder).replace(os.sep, "/") + ("/" if is_folder else "")
            said = spec.check_file(name).include
            if said is not None:
                return said
        return False


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


class Passed:
    """What of a folder is passed over: why, where, and what is to be said of it.

    `why` is "unreadable" (`detail` is what the system says), "elsewhere" (a link to a file outside the folder) or
    "form" (a document of a form that is not read; `detail` is its suffix).
    """

    __slots__ = ("detail", "path", "why")

    def __init__(self, why: Literal["unreadable", "elsewhere", "form"], path: str, detail: str = "") -> None:
        self.why = why
        self.path = path
        self.detail = detail


def notes_within(
    folder: str,
    everything: bool = False,
    passed: Callable[[Passed], None] = lambda what: None,
    exclude: tuple[str, Sequence[str]] = ("", ()),
) -> Iterator[str]:
    """Yield the notes within a folder in a fixed order; those that .gitignore leaves out too if `everything` is asked.

    Links to folders are not followed, as they may lead in circles, and links to files only to those within the folder.
    What might hold notes and is passed over is told to `passed`. `exclude` are further patterns, behind the
    folder to which they are relative.
    """
    rules = None if everything else _rules_above(folder)
    if exclude[1]:
        rules = (rules or Rules()).with_patterns(*exclude)
    waiting: list[tuple[str, Rules | None]] = [(folder, rules)]
    root = os.path.realpath(folder)
    while waiting:
        folder, rules = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            passed(Passed("unreadable", folder, error.strerror or str(error)))
            continue
        rules = rules and rules.below(folder)
        inner: list[tuple[str, Rules | None]] = []
        for entry in found:
            is_folder = not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
            if entry.name.startswith(".") or (is_folder and entry.name in SKIPPED):
                continue
            if not is_folder and not format_of_name(entry.name) and not is_of_others(entry.name):
                continue
            if rules and rules.leave_out(entry.path, is_folder):
                continue
            if is_folder:
                inner.append((entry.path, rules))
            elif what := _passed(entry, root):
                passed(what)
            elif format_of_name(entry.name) and entry.is_file():
                yield entry.path
        waiting += reversed(inner)


def _passed(entry: os.DirEntry[str], root: str) -> Passed | None:
    """Return why a file is passed over, None if it is a note."""
    if not format_of_name(entry.name):
        return Passed("form", entry.path, os.path.splitext(entry.name)[1].lower())
    if not entry.is_symlink():
        return None
    try:
        target = os.path.realpath(entry.path, strict=True)
    except OSError as error:
        return Passed("unreadable", entry.path, error.strerror or str(error))
    inside = target.startswith(os.path.join(root, ""))
    return None if inside else Passed("elsewhere", entry.path)


def upwards(folder: str) -> Iterator[str]:
    """Yield a folder and all that it lies in, the nearest first."""
    folder, inner = os.path.abspath(folder), ""
    while folder != inner:
        yield folder
        folder, inner = os.path.dirname(folder), folder


def settings_above(folder: str) -> Iterator[str]:
    """Yield the nearest file of each kind that holds settings of a site or a book, as far as the project goes."""
    found: set[str] = set()
    for above in upwards(folder):
        for name in SETTINGS_OF_SITES:
            if name not in found and os.path.isfile(path := os.path.join(above, name)):
                found.add(name)
                yield path
        if os.path.exists(os.path.join(above, ".git")):
            return


def project_root(folder: str) -> str:
    """Return the nearest folder, upwards, of a project: it has a pyproject.toml or a .git.

    Else the working directory that the folder is below, so that a tree of notes is one project; that is never the home
    or the root, below which is everything. Else the folder itself.
    """
    for above in upwards(folder):
        if any(os.path.exists(os.path.join(above, name)) for name in ("pyproject.toml", ".git")):
            return above
    here, there = os.getcwd(), os.path.abspath(folder)
    is_tree = there.startswith(here + os.sep) and here not in (os.path.expanduser("~"), os.path.dirname(here))
    return here if is_tree else there


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
