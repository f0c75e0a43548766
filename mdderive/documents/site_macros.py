r"""The macros of a site or a book: those of mkdocs.yml and its scripts, _quarto.yml, _config.yml, myst.yml.

Nothing is run, and nothing but definitions is read: objects `macros: {RR: "\\mathbb{R}"}` as MathJax and KaTeX have
them, in scripts, in HTML and in Python's dictionaries; blocks of YAML under `macros:`, and under `math:` of MyST; and
`\newcommand` in what Quarto puts before a page.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from ..errors import DeriveError
from ..latex.macros import Macro, find_macros, macro_of_setting
from .folders import SETTINGS_OF_SITES, settings_above
from .literals import Dialect, Value, block_of, entries_of_flow

LARGEST = 1_000_000
"""How many bytes a file of settings may have that is read."""
_FLOW = re.compile(r"""(?<![\w-])["']?(?:macros|Macros)["']?\s*[:=]\s*(?=\{)""")
_BLOCK = re.compile(r"(?m)^(?P<indent> *)(?P<key>macros|Macros|math) *:[ \t]*(?:#.*)?$")
_FILES = re.compile(
    r"(?m)^(?P<indent>[ \t]*)(?:- )?(?:extra_javascript|include-(?:in-header|before-body|after-body))[ \t]*[:=]"
    r"(?P<rest>.*(?:\n(?:(?P=indent)[ \t]+.*|(?P=indent)-.*|[ \t]*|\]))*)"
)
_FILE = re.compile(r"[^\s\"'\[\]{},:]+(?:://[^\s\"']*)?")
_READ = (".js", ".mjs", ".html", ".htm", ".tex", ".sty", ".md", ".qmd")
_DOCS = re.compile(r"""(?m)^docs_dir[ \t]*[:=][ \t]*["']?(?P<name>[^"'\s#]+)""")
_SNIPPETS = re.compile(
    r"(?m)^(?P<indent>[ \t]*)(?:.*[\s{,])?base_path[ \t]*[:=]"
    r"(?P<rest>.*(?:\n(?:(?P=indent)[ \t]+.*|(?P=indent)-.*|[ \t]*|\]))*)"
)
_COMMENT = re.compile(r"(?m)^\s*(?://|#|%|<!--).*$")


class SiteMacros(NamedTuple):
    r"""What the settings around a folder define: macros with their files, the weakest first.

    `unread` are the names of macros that are defined in a way that is not read, with their files; `files` are all that
    were looked into, `snippets` the folders of the files that pages include by pymdownx.snippets.
    """

    macros: tuple[tuple[Macro, str], ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()
    snippets: tuple[str, ...] = ()


def site_macros(folder: str) -> SiteMacros:
    """Return what the nearest settings of a site or a book define for the pages in a folder."""
    found = {os.path.basename(path): path for path in settings_above(folder)}
    read = [_of_settings(found[name]) for name in SETTINGS_OF_SITES if name in found]
    return SiteMacros(*(tuple(x for one in field for x in one) for field in zip(*read, strict=True)))


def _of_settings(path: str) -> SiteMacros:
    text = text_of(path)
    folder = os.path.dirname(path)
    pages = folder_of_pages(text, folder)
    files = [path]
    texts = {path: text}
    for name in files_named(text):
        inner = next((x for x in (os.path.join(y, name) for y in (folder, pages)) if os.path.isfile(x)), "")
        if inner and inner not in texts:
            files.append(inner)
            texts[inner] = text_of(inner)
    macros: list[tuple[Macro, str]] = []
    unread: list[tuple[str, str]] = []
    for file in files:
        for name, macro in macros_of_settings(texts[file], os.path.basename(file)):
            if macro is None:
                unread.append((name, file))
            else:
                macros.append((macro, file))
    return SiteMacros(tuple(macros), tuple(unread), tuple(files), tuple(_snippets_in(text, folder, pages)))


def folder_of_pages(settings: str, folder: str) -> str:
    """Return the folder in which a site has its pages, by its settings, which lie in `folder`."""
    docs = _DOCS.search(settings)
    return os.path.join(folder, docs["name"] if docs else "docs")


def _snippets_in(settings: str, folder: str, pages: str) -> Iterator[str]:
    """Yield the folders in which settings let pymdownx.snippets look, where it is used."""
    places = {"$config_dir": folder, "$docs_dir": pages}
    for match in _SNIPPETS.finditer(settings) if "pymdownx.snippets" in settings else ():
        for name in _FILE.findall(match["rest"]):
            first, _, rest = name.partition("/")
            found = os.path.join(places[first], rest) if first in places else os.path.join(folder, name)
            if not os.path.isabs(name) and os.path.isdir(found):
                yield found


def files_named(settings: str) -> Iterator[str]:
    """Yield the names of the local files that settings load before the pages: scripts, HTML, LaTeX."""
    for match in _FILES.finditer(settings.replace("\r\n", "\n")):
        for name in _FILE.findall(match["rest"]):
            if name.endswith(_READ) and "://" not in name and not os.path.isabs(name):
                yield name


def text_of(path: str) -> str:
    r"""Return the text of a file, its lines ended by "\n"; "" where it cannot be read or is too large."""
    with suppress(OSError, UnicodeError), open(path, encoding="utf-8", errors="replace") as file:
        text = file.read(LARGEST + 1)
        return text if len(text) <= LARGEST else ""
    return ""


def macros_of_settings(text: str, name: str) -> Iterator[tuple[str, Macro | None]]:
    """Yield the macros that a file of settings defines: each with its name, None for what is not read."""
    text = text.replace("\r\n", "\n")
    is_yaml = name.endswith((".yml", ".yaml"))
    for match in _FLOW.finditer(text):
        is_script = not is_yaml or "<script" in text[: match.start()] or "MathJax" in text[: match.start()]
        dialect: Dialect = "python" if name.endswith(".py") else "javascript" if is_script else "yaml"
        for key, value in entries_of_flow(text, match.end(), dialect):
            yield key, _macro(key, value)
    for match in _BLOCK.finditer(text) if is_yaml else ():
        if match["key"] == "math" and name != "myst.yml":
            continue
        for key, value in block_of(text, match.end(), len(match["indent"])):
            yield key, _macro(key, value)
    if not is_yaml and not name.endswith((".py", ".js", ".mjs")):
        bare = _COMMENT.sub("", text)
        for _, _, macro in find_macros(bare, 0, len(bare)):
            yield macro.name, macro


def _macro(name: str, value: Value) -> Macro | None:
    r"""Return the macro of an entry: `"\\mathbf{#1}"`, `["\\mathbf{#1}", 1, "x"]` or `{macro: "..."}`."""
    if isinstance(value, Mapping):
        value = value.get("macro")
    count = default = None
    if isinstance(value, tuple):
        body, count, default = (*value, None, None, None)[:3]
    else:
        body = value
    if not isinstance(body, str) or not body or any(sign < " " and sign not in "\n\t" for sign in body):
        return None
    with suppress(DeriveError, ValueError):
        macro = macro_of_setting(name, body)
        if macro is not None and isinstance(count, str):
            macro = macro._replace(arguments=int(count), default=default if isinstance(default, str) else None)
        return macro
    return None
