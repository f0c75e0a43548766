r"""The macros and clauses that a page takes from files beside it.

LaTeX takes them from `\input`, a local package or class, and its `% !TeX root`; Markdown from what it includes (Quarto,
MyST, snippets), from what its front matter puts before it, and from the settings of its site or book. The clauses in
comments of a file that is taken in before the first marker hold as if they stood in the page.
"""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from ..errors import DeriveError
from ..latex.macros import find_macros, used_in
from .context import front_matter_end
from .files import read
from .formats import format_of_name
from .marker import MARKER_START
from .model import Kind, Problem
from .page import scan_of
from .site_macros import files_named, macros_of_settings, site_macros

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
_INCLUDED = re.compile(
    r"\{\{<[ \t]*include[ \t]+(?P<quarto>[^>]+?)[ \t]*>\}\}"
    r"|^[ \t]*(?:`{3,}|:{3,}|~{3,})[ \t]*\{include\}[ \t]*(?P<myst>[^\r\n]+?)[ \t]*$"
    r"|-+8<-+[ \t]+[\"'](?P<snippet>[^\"'\r\n]+)[\"']"
    r"|^[ \t]*-+8<-+[ \t]*$(?P<snippets>[^<]*?)^[ \t]*-+8<-+[ \t]*$",
    re.MULTILINE,
)
_LINES_OF_SNIPPET = re.compile(r":[\w-]*(?::[\w,:-]*)?$")
"""What may stand behind the name of a snippet's file: a section, or numbers of lines."""
_OF_PARTS = ("include", "subfile", "documentclass", "LoadClass")
"""What takes in a chapter of its own, or a class: their clauses are their own."""
_BODY = r"\begin{document}"
_SAYS = "mdderive:"
_COMMAND = re.compile(r"\\[A-Za-z]+")
_FENCED = re.compile(r"(?ms)^[ \t]*(?P<fence>`{3,}|~{3,})(?![^\n]*\bmath\b|=\{?tex).*?(?:^[ \t]*(?P=fence)|\Z)")


class Followed(NamedTuple):
    """What a page takes from files beside it.

    clauses  definitions of macros, each in one form, the weakest first
    said     clauses in comments of files that are taken in before the first marker
    origins  by the name of a macro, the file that defines it last
    unread   by the name of a macro, a file that defines it in a way that is not read
    files    those that the page names; what they say may change while the page does not
    settings the settings of its site or book, and the scripts that they name
    """

    clauses: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    origins: Mapping[str, str] = {}
    unread: Mapping[str, str] = {}
    files: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()

    def around(self, settings: Iterable[str]) -> tuple[str, ...]:
        """Return what holds on the page besides what it says itself, where these are the clauses of its project."""
        return (*self.clauses, *settings, *self.said)

    def hint_for(self, problem: Problem) -> str:
        """Return the way out of a problem with the files named that define the macro in which it is, or might have."""
        named = _COMMAND.match(problem.place.source, problem.place.column - 1)
        name = named[0] if named else ""
        if not name or not problem.code.startswith("E1"):
            return problem.hint
        told = [problem.hint] if problem.hint else []
        looked = (*self.files, *self.settings)
        if name in self.origins:
            told.append(f"{self.origins[name]} defines {name}")
        elif name in self.unread:
            told = [f'{self.unread[name]} defines {name} in a way that is not read; a text in quotes would be: "..."']
        elif problem.code == "E124" and looked:
            others = f" and {len(looked) - 2} others" if len(looked) > 3 else ""
            told.append(f"not defined in {', '.join(looked[: 2 if others else 3])}{others}")
        return "; ".join(told)


def macros_around(path: Path, text: str) -> Followed:
    """Return what a LaTeX page takes from other files."""
    if r"\documentclass" not in text and not _ROOT.search(text):
        main = _document_of(path.absolute())
        if main is not None:
            return main
    if not _FILE.search(text) and not _ROOT.search(text):
        return Followed()
    seen: dict[Path, None] = {path.absolute(): None}
    found: list[tuple[str, str, str]] = []
    for match in (*_ROOT.finditer(text), *_SUBFILE.finditer(text)):
        root = path.parent / match["name"].strip()
        found += _macros_of(root, root.parent, seen)
    for name in _files_named(text):
        found += _macros_of(path.parent / name, path.parent, seen)
    files = tuple(shown(str(x)) for x in seen if x != path.absolute() and _is_file(x))
    said = tuple(_said_around(path, text))
    return Followed(tuple(latex for _, latex, _ in found), said, {name: file for name, _, file in found}, files=files)


def document_of(path: Path) -> tuple[Path, ...]:
    """Return the files that a document takes in which takes in this one, in their order; () where there is none."""
    return next((taken for taken, _ in _documents_with(path)), ())[1:]


def _document_of(path: Path) -> Followed | None:
    """Return what the document beside or above a chapter takes in, if it takes in the chapter too."""
    return next((followed for _, followed in _documents_with(path)), None)


def _documents_with(path: Path) -> Iterator[tuple[tuple[Path, ...], Followed | None]]:
    for folder in path.parents[:2]:
        with suppress(OSError):
            for file in sorted(folder.glob("*.tex"))[:MOST_FILES]:
                taken, followed = _document(file, file.stat().st_mtime_ns) if file != path else ((), None)
                if path in taken:
                    yield taken, followed


@lru_cache(maxsize=64)
def _document(path: Path, changed: int) -> tuple[tuple[Path, ...], Followed | None]:
    """Return the files that a document takes in, and what they say; nothing of a file that is no document."""
    with suppress(OSError, DeriveError):
        if path.stat().st_size <= LARGEST and r"\documentclass" in _COMMENT.sub("", read(path)):
            seen: dict[Path, None] = {}
            found = list(_macros_of(path, path.parent, seen))
            files = tuple(shown(str(x)) for x in seen if _is_file(x))
            macros = tuple(latex for _, latex, _ in found)
            said = tuple(_said_in(path, path.parent, {}))
            return tuple(seen), Followed(macros, said, {name: file for name, _, file in found}, files=files)
    return (), None


def _said_around(path: Path, text: str) -> Iterator[str]:
    """Yield the clauses of the preamble of the document that a page is a part of, and of the files that it takes in."""
    seen: dict[Path, None] = {path.absolute(): None}
    for match in (*_ROOT.finditer(text), *_SUBFILE.finditer(text)):
        root = path.parent / match["name"].strip()
        yield from _said_in(root, root.parent, seen)
    for name in _files_named(_before_markers(text), but=_OF_PARTS):
        yield from _said_in(path.parent / name, path.parent, seen)


def _said_in(path: Path, folder: Path, seen: dict[Path, None]) -> Iterator[str]:
    """Yield the clauses in comments of a file of LaTeX, and of those that it takes in, before its text and markers."""
    path = path.absolute()
    if path in seen or len(seen) > MOST_FILES:
        return
    seen[path] = None
    head = _before_markers(_text(path)).partition(_BODY)[0]
    for name in _files_named(head, but=_OF_PARTS):
        yield from _said_in(folder / name, folder, seen)
    yield from _clauses_in(head, "latex")


def _clauses_in(text: str, kind: Kind) -> Iterator[str]:
    """Yield the clauses in comments of a text."""
    if _SAYS not in text:
        return
    if kind == "latex":
        clauses, start = scan_of(text, kind).clauses, 0
    else:
        from .markdown import scan_part  # of which pages of LaTeX have no need

        clauses, start = scan_part(text).clauses, front_matter_end(text)
    yield from (x.text for x in clauses if x.macro is None and x.start >= start)


def _before_markers(text: str) -> str:
    marker = MARKER_START.search(text)
    return text[: marker.start()] if marker else text


def _macros_of(path: Path, folder: Path, seen: dict[Path, None]) -> Iterator[tuple[str, str, str]]:
    """Yield (name, definition, file) of a file and of those that it names: LaTeX looks for all from one folder."""
    path = path.absolute()
    if path in seen or len(seen) > MOST_FILES:
        return
    seen[path] = None
    text = _text(path)
    for name in _files_named(text):
        yield from _macros_of(folder / name, folder, seen)
    bare = _COMMENT.sub("", text)
    yield from ((macro.name, macro.latex, shown(str(path))) for _, _, macro in find_macros(bare, 0, len(bare)))


def _text(path: Path) -> str:
    with suppress(OSError, DeriveError):
        if path.is_file() and path.stat().st_size <= LARGEST:
            return read(path)
    return ""


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113  # Path.is_file may raise, as where a name is too long


def _files_named(text: str, but: Container[str] = ()) -> Iterator[str]:
    r"""Yield the names of the files that a text reads; an absolute name is somebody's machine, and not followed."""
    for match in _FILE.finditer(_COMMENT.sub("", text)):
        if match["how"] in but:
            continue
        for name in (name.strip() for name in match["names"].split(",")):
            suffix = _SUFFIXES.get(match["how"], ".tex") if not name.endswith(".tex") else ""
            if name and not Path(name).is_absolute():
                yield name if Path(name).suffix == suffix else name + suffix


def macros_of_site(path: Path, text: str) -> Followed:
    """Return what a Markdown page takes from other files; of its site, the macros that it uses."""
    if "\\" not in text:
        return Followed()
    site = site_macros(str(path.parent))
    macros = [(macro.name, macro.latex, file) for macro, file in site.macros]
    unread = dict(site.unread)
    files: list[str] = []
    for name, latex, file in _of_page(path, text, files, site.snippets):
        if latex:
            macros.append((name, latex, file))
        else:
            unread[name] = file
    bodies: dict[str, str] = {}
    for name, latex, _ in macros:  # one that is not the last may call others
        bodies[name] = bodies.get(name, "") + latex
    used = used_in([text], bodies)
    macros = [x for x in macros if x[0] in used]
    return Followed(
        tuple(latex for _, latex, _ in macros),
        tuple(_said_before(path, _before_markers(text), site.snippets, {path.absolute()})),
        {name: shown(file) for name, _, file in macros},
        {"\\" + name.removeprefix("\\"): shown(file) for name, file in unread.items()},
        tuple(map(shown, files)),
        tuple(map(shown, site.files)),
    )


def _of_page(path: Path, text: str, files: list[str], snippets: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield (name, definition or "", file) of what a page includes or is preceded by; the files are told in `files`."""
    header = text[: front_matter_end(text)]
    named = {path.absolute()}
    waiting = [*(_found(path.parent, name) for name in files_named(header)), *_included(path, text, snippets)]
    for key, found in macros_of_settings(header, "header.yml") if "<script" in header else ():
        yield found.name if found else key, found.latex if found else "", str(path)
    while waiting and len(files) < MOST_FILES:
        file = waiting.pop(0)
        if file is None or file.absolute() in named:
            continue
        named.add(file.absolute())
        files.append(str(file))
        inner = _text(file)
        waiting += _included(file, inner, snippets)
        for name, macro in macros_of_settings(_FENCED.sub("", inner), file.name):
            yield macro.name if macro else name, macro.latex if macro else "", str(file)


def _said_before(path: Path, text: str, snippets: Sequence[str], named: set[Path]) -> Iterator[str]:
    """Yield the clauses in comments of the files that a text includes, where they are notes."""
    for file in _included(path, text, snippets):
        if file is None or file.absolute() in named or len(named) > MOST_FILES:
            continue
        named.add(file.absolute())
        form = format_of_name(file.name)
        if form is not None and form.name == "markdown":
            inner = _before_markers(_text(file))
            yield from _said_before(file, inner, snippets, named)
            yield from _clauses_in(inner, "markdown")


def _included(path: Path, text: str, snippets: Sequence[str]) -> Iterator[Path | None]:
    """Yield the files that a text includes, None for one that is not there; snippets lie in folders of their own."""
    for match in _INCLUDED.finditer(text):
        own = match["quarto"] or match["myst"]
        if own:
            yield _found(path.parent, own.strip("\"'"))
            continue
        for line in (match["snippet"] or match["snippets"]).splitlines():
            name = _LINES_OF_SNIPPET.sub("", line.strip())
            if name and name[0] not in ";#":
                found = (x for x in (Path(folder, name) for folder in snippets) if _is_file(x))
                yield next(found, None) or _found(path.parent, name)


def _found(folder: Path, name: str) -> Path | None:
    """Return the file of a name: in the folder of the page, or in one above, as far as the project goes."""
    if Path(name).is_absolute() and not name.startswith("/"):
        return None
    for above in (folder, *folder.absolute().parents):
        with suppress(OSError, ValueError):
            if (file := above / name.lstrip("/")).is_file():
                return file
            if (above / ".git").exists():
                break
    return None


def shown(path: str) -> str:
    """Return what a file is called: seen from here, if it is not far."""
    try:
        seen = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return path if seen.count(os.pardir) > 3 else seen
