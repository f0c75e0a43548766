r"""The book that a page belongs to: the pages that stand before it, in the order that the book itself gives.

That is the `nav` of mkdocs.yml, the chapters of _quarto.yml and _bookdown.yml, a _toc.yml or myst.yml, the links of
SUMMARY.md, _sidebar.md and README.md, the `toctree` of Sphinx, and for LaTeX the order of `\input`; where none lists a
page, the numbers of files and folders, `week-1/02-cost.md`. Before a solution stands its exercise, `ex1.tex` before
`sol1.tex`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from ..errors import DeriveError
from .files import read
from .folders import upwards
from .followed import document_of, shown
from .formats import format_named, format_of_name
from .model import Kind, Place
from .site_macros import folder_of_pages, text_of

MOST_PAGES = 400
"""How many pages of a book are looked at."""
MOST_LEVELS = 3
"""How many folders with numbers may hold each other."""
_KEYS = {
    "mkdocs.yml": "nav",
    "mkdocs.yaml": "nav",
    "_quarto.yml": "chapters",
    "_bookdown.yml": "rmd_files",
    "_toc.yml": "",
    "myst.yml": "toc",
    "SUMMARY.md": "",
    "_sidebar.md": "",
    "README.md": "",
}
"""The files that give an order, each with the key of its list; "" where the whole file is one."""
_INDICES = ("index.rst", "index.md")
"""The files from which Sphinx starts; the pages that they list may list others."""
_SUFFIXES = ("", ".md", ".ipynb", ".rst")
"""What may be left out of the name of a page."""
_SOLUTION = re.compile(
    r"(?i)(?P<before>[-_ ]?)(?<![a-z])(?P<word>solutions?|sols?|answers?|loesung|解答|答案)(?![a-z])(?P<behind>[-_ ]?)"
)
_EXERCISES = ("exercise", "exercises", "ex", "exc", "problem", "problems", "question", "questions", "aufgabe", "习题")
"""What a file of exercises is called where that of their solutions is called `solution`, `sol`, ..."""
_NUMBERED = re.compile(r"(?:[A-Za-z]{1,10}[-_ ]?|第)?\d")
"""Names of files and folders that stand in an order: `01-linear.md`, `week-2`, `ch03`, `第4章`."""
_LINK = re.compile(r"\]\([ \t]*<?(?P<name>[^)\s>#?]+)")
_ENTRY = re.compile(r"^[ \t]*(?:-[ \t]+)*(?:(?:\"[^\"]*\"|'[^']*'|[^:\"'\[\]]+):[ \t]+)?(?P<value>.*?)(?:[ \t]#.*)?$")


class Chapter(NamedTuple):
    """A page of a book: what its file is called, its text, its form, the clauses that hold in it, and its file's text.

    `key` is a digest of what the page says; `is_exercise` says that it is the exercise of the page after it.
    """

    shown: str
    text: str
    kind: Kind
    clauses: tuple[str, ...]
    file: str
    key: str
    is_exercise: bool = False

    def placed(self, place: Place) -> Place:
        """Return a place of the page as who reads its file counts it, with the name of the file."""
        holder = format_named(self.kind).holder
        return (holder().place(self.file, place) if holder else place)._replace(file=self.shown)


def pages_before(path: Path) -> tuple[Path, ...]:
    """Return the pages of a book that stand before one, in their order, at the end the exercise of a solution."""
    path = Path(os.path.normpath(path.absolute()))
    pages = next((x for x in _orders(path) if path in x), ())
    before = pages[: pages.index(path)] if pages else ()
    exercise = _exercise_of(path)
    return (*(x for x in before if x != exercise), exercise) if exercise else before


def chapters_before(path: Path, clauses: tuple[str, ...]) -> tuple[Chapter, ...]:
    """Return the pages that stand before one as they are read where the `clauses` of the project hold."""
    found = [_chapter(x, _changed(x), clauses) for x in pages_before(path)]
    if found and found[-1] and _exercise_of(path):
        found[-1] = found[-1]._replace(is_exercise=True)
    return tuple(x for x in found if x is not None)


def _orders(path: Path) -> Iterator[tuple[Path, ...]]:
    """Yield the pages of each book that a page may be of, the nearest first."""
    if path.suffix == ".tex":
        yield document_of(path)
    for folder in upwards(str(path.parent)):
        for name in (*_KEYS, *_INDICES):
            settings = Path(folder, name)
            if settings.is_file():
                yield _listed(settings, _changed(settings))
        if Path(folder, ".git").exists():
            break
    parts = [path.parent, *path.parent.parents[:MOST_LEVELS]]
    top = next((x for x in parts if not _NUMBERED.match(x.name)), parts[-1])
    yield _in_order_of_numbers(top, path.suffix, _changed(top))


@lru_cache(maxsize=64)
def _in_order_of_numbers(top: Path, suffix: str, changed: int) -> tuple[Path, ...]:
    """Return the pages of a suffix in a folder and in the numbered ones below it, as far as they have numbers."""
    found: list[tuple[list[str | int], Path]] = []
    for folder, below, names in os.walk(top):
        below[:] = sorted((x for x in below if _NUMBERED.match(x)), key=_by_numbers)[:MOST_PAGES]
        found += [
            (_by_numbers(str(Path(folder, x))), Path(folder, x))
            for x in names
            if x.endswith(suffix) and _NUMBERED.match(x)
        ]
        if len(found) > MOST_PAGES:
            return ()
    return tuple(path for _, path in sorted(found))


def _by_numbers(name: str) -> list[str | int]:
    """Return what puts names in the order of their numbers: 9 before 10."""
    return [int(x) if x.isdecimal() else x for x in re.split(r"(\d+)", name)]


def _exercise_of(path: Path) -> Path | None:
    """Return the file of the exercise of which a file is the solution, by their names or those of their folders."""
    for parts in ((path.parent, path.name), (path.parent.parent, f"{path.parent.name}/{path.name}")):
        folder, name = parts
        for found in _SOLUTION.finditer(name):
            swapped = [f"{found['before']}{x}{found['behind']}" for x in _EXERCISES]
            swapped += [x.title() for x in swapped] + ([found["behind"]] if found["before"] else [])
            for new in swapped:
                other = folder / (name[: found.start()] + new + name[found.end() :])
                if other != path and other.is_file():
                    return other
    return None


def _changed(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_mtime_ns
    return 0


@lru_cache(maxsize=64)
def _listed(settings: Path, changed: int) -> tuple[Path, ...]:
    """Return the pages that a file gives the order of."""
    pages: dict[Path, None] = {}
    _list(settings, pages)
    return tuple(pages)


def _list(settings: Path, pages: dict[Path, None]) -> None:
    """Add the pages that a file gives the order of; behind a page of Sphinx those that it lists itself."""
    text = text_of(str(settings))
    folders = [settings.parent, Path(folder_of_pages(text, str(settings.parent)))]
    for name in _names_in(text, settings.name):
        files = (Path(os.path.normpath(x / f"{name}{suffix}")) for suffix in _SUFFIXES for x in folders)
        file = next((x for x in files if format_of_name(x.name) is not None and x.is_file()), None)
        if file is not None and file not in pages and len(pages) < MOST_PAGES:
            pages[file] = None
            if settings.name not in _KEYS:
                _list(file, pages)


def _names_in(text: str, settings: str) -> Iterator[str]:
    """Yield what may be names of pages in a file of that name, in their order."""
    if settings not in _KEYS:
        yield from _in_toctrees(text)
        return
    if settings.endswith(".md"):
        yield from (unquote(x["name"]).lstrip("/") for x in _LINK.finditer(text) if "://" not in x["name"])
        return
    for line in _block(text, _KEYS[settings]):
        entry = _ENTRY.match(line)
        for name in (entry["value"] if entry else "").strip("[] \t").split(","):
            if bare := name.strip(" \t\"'").lstrip("/"):
                yield bare


def _in_toctrees(text: str) -> Iterator[str]:
    """Yield the pages that the directives `toctree` of a page list, bare or as `Title <name>`."""
    depth, fence = -1, ""
    for line in text.splitlines():
        bare = line.strip()
        indent = len(line) - len(line.lstrip())
        if depth >= 0 and (bare == fence if fence else bare and indent <= depth):
            depth = -1
        if bare.startswith(".. toctree::") or bare.endswith("{toctree}"):
            depth, fence = indent, bare.partition("{")[0] if bare.endswith("}") else ""
        elif depth >= 0 and bare and bare[0] not in ":`-":
            yield unquote(bare.removesuffix(">").rpartition("<")[2]).lstrip("/")


def _block(text: str, key: str) -> Iterator[str]:
    """Yield the lines of a file of YAML below a key, and what stands behind it; all lines where there is no key."""
    depth = -1
    for line in text.splitlines():
        indent, bare = len(line) - len(line.lstrip(" ")), line.strip()
        if bare and (indent < depth or (indent == depth and bare[0] not in "-]")):
            depth = -1
        if not key or depth >= 0:
            yield line
        elif bare.startswith(f"{key}:"):
            depth = indent
            yield line


@lru_cache(maxsize=MOST_PAGES)
def _chapter(path: Path, changed: int, clauses: tuple[str, ...]) -> Chapter | None:
    """Return a page as it is read, None for one that cannot be."""
    form = format_of_name(path.name)
    with suppress(OSError, DeriveError):
        file = read(path)
        text = form.holder().page(file) if form and form.holder else file
        followed = form.follows()(path, text) if form and form.follows else None
        said = clauses if followed is None else followed.around(clauses)
        key = sha256("\0".join((*said, text)).encode("utf-8", "surrogateescape")).hexdigest()
        return Chapter(shown(str(path)), text, form.name, said, file, key) if form else None
    return None
