r"""The macros that a LaTeX page takes from files beside it: `\input`, a local package or class, its `% !TeX root`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from ..errors import DeriveError
from ..latex.macros import find_macros
from .files import read

MOST_FILES, LARGEST = 50, 1_000_000
"""How many files are followed, and how many bytes one may have: a page is no reason to read a disk."""
_COMMENT = re.compile(r"(?<!\\)%[^\r\n]*")
_ROOT = re.compile(r"(?im)^[ \t]*%[ \t]*!TeX[ \t]+root[ \t]*=[ \t]*(?P<name>[^\r\n]+?)[ \t]*$")
_SUBFILE = re.compile(r"\\documentclass[ \t]*\[(?P<name>[^\]]*)\][ \t]*\{subfiles\}")
_FILE = re.compile(
    r"\\(?P<how>input|include|subfile|usepackage|RequirePackage|documentclass|LoadClass)(?![A-Za-z])"
    r"[ \t]*(?:\[[^\]]*\])?[ \t]*\{(?P<names>[^{}]*)\}"
)
_SUFFIXES = {"usepackage": ".sty", "RequirePackage": ".sty", "documentclass": ".cls", "LoadClass": ".cls"}


def macros_around(path: Path, text: str) -> tuple[str, ...]:
    """Return the definitions of macros that a page takes from other files, each in one form, the weakest first."""
    if r"\documentclass" not in text and not _ROOT.search(text):
        main = _macros_of_main(path.absolute())
        if main:
            return main
    if not _FILE.search(text) and not _ROOT.search(text):
        return ()
    seen: dict[Path, None] = {path.absolute(): None}
    found: list[str] = []
    for match in (*_ROOT.finditer(text), *_SUBFILE.finditer(text)):
        root = path.parent / match["name"].strip()
        found += _macros_of(root, root.parent, seen)
    for name in _files_named(text):
        found += _macros_of(path.parent / name, path.parent, seen)
    return tuple(found)


def _macros_of_main(path: Path) -> tuple[str, ...]:
    """Return those of the document beside or above a chapter that takes it in; () where none does."""
    for folder in path.parents[:2]:
        with suppress(OSError):
            for file in sorted(folder.glob("*.tex"))[:MOST_FILES]:
                taken, macros = _document(file, file.stat().st_mtime_ns) if file != path else ((), ())
                if path in taken:
                    return macros
    return ()


@lru_cache(maxsize=64)
def _document(path: Path, changed: int) -> tuple[frozenset[Path], tuple[str, ...]]:
    """Return the files that a document takes in, and the macros of all of them; nothing of what is no document."""
    with suppress(OSError, DeriveError):
        if path.stat().st_size <= LARGEST and r"\documentclass" in _COMMENT.sub("", read(path)):
            seen: dict[Path, None] = {}
            macros = tuple(_macros_of(path, path.parent, seen))
            return frozenset(seen), macros
    return frozenset(), ()


def _macros_of(path: Path, folder: Path, seen: dict[Path, None]) -> Iterator[str]:
    """Yield the definitions of a file and of those that it names: LaTeX looks for all of them from one folder."""
    path = path.absolute()
    if path in seen or len(seen) > MOST_FILES:
        return
    seen[path] = None
    text = ""
    with suppress(OSError, DeriveError):
        if path.is_file() and path.stat().st_size <= LARGEST:
            text = read(path)
    for name in _files_named(text):
        yield from _macros_of(folder / name, folder, seen)
    bare = _COMMENT.sub("", text)
    yield from (macro.latex for _, _, macro in find_macros(bare, 0, len(bare)))


def _files_named(text: str) -> Iterator[str]:
    r"""Yield the names of the files that a text reads; an absolute name is somebody's machine, and not followed."""
    for match in _FILE.finditer(_COMMENT.sub("", text)):
        for name in (name.strip() for name in match["names"].split(",")):
            suffix = _SUFFIXES.get(match["how"], ".tex") if not name.endswith(".tex") else ""
            if name and not Path(name).is_absolute():
                yield name if Path(name).suffix == suffix else name + suffix
