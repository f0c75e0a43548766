"""The pages of a course that plugins generate elsewhere, for Zensical, which runs none: index of derivations, JSON.

`python -m mdderive.site.zensical [zensical.toml]` reads the notes as the site shows them, and writes
`derivations.md` and `derivations.json` beside them.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from posixpath import splitext
from typing import Any

from markdown import Markdown

from ..documents.context import front_matter_end
from ..documents.files import write_atomically
from ..documents.folders import notes_within
from ..words import DEFAULT, nearest, say
from .course import index_markdown, objects_as_json, shown_objects
from .extension import DeriveExtension
from .page import Shown, Source

INDEX, OBJECTS = "derivations.md", "derivations.json"
_GENERATED = "<!-- Written by mdderive.site.zensical; what is changed here is lost. -->"
_PYTHON_MARKDOWN = "abbr admonition attr_list def_list extra fenced_code footnotes md_in_html sane_lists tables toc"
_PYMDOWNX = "blocks.admonition blocks.details blocks.html blocks.tab details extra superfences tabbed tasklist"
_CONTAINERS = (*_PYTHON_MARKDOWN.split(), *(f"pymdownx.{name}" for name in _PYMDOWNX.split()))
"""What of a site's Markdown may hold a marker; its other extensions move none."""


@dataclass(frozen=True)
class _Page:
    path: str
    title: str
    shown: list[Shown]


def course_of(settings: Path) -> tuple[Path, dict[str, str]]:
    """Return the folder of the notes that `zensical.toml` tells of, and what is to be written there, by name.

    Raises:
        OSError, ValueError, KeyError: the settings cannot be read.
    """
    project: dict[str, Any] = tomllib.loads(settings.read_text(encoding="utf-8")).get("project", {})
    folder = (settings.parent / project.get("docs_dir", "docs")).resolve()
    extensions = project.get("markdown_extensions", {})
    language = nearest(str(project.get("theme", {}).get("language", DEFAULT)))
    pages = list(_pages(folder, extensions))
    entries = ((page.title, page.path, shown) for page in pages for shown in page.shown)
    directories = bool(project.get("use_directory_urls", True))
    objects = [
        {**one, "page": _url(page.path, directories) + (f"#{shown.anchor}" if shown.anchor else "")}
        for page in pages
        for shown in page.shown
        for one in shown_objects(shown, page.path)
    ]
    return folder, {
        INDEX: f"{_GENERATED}\n\n# {say(language, 'index')}\n\n{index_markdown(entries, language)}",
        OBJECTS: objects_as_json(objects),
    }


def _pages(folder: Path, extensions: dict[str, Any]) -> Iterator[_Page]:
    """Yield the pages that show a derivation, but those of the rules."""
    options = extensions.get("mdderive", {})
    containers = {"toc", *(name for name in _CONTAINERS if _has(extensions, name))}
    rules = str(options.get("rules", "")).partition("{}")[0].strip("/")
    for name in notes_within(str(folder), everything=True):
        path = Path(name).relative_to(folder).as_posix()
        if splitext(path)[1] != ".md" or path == INDEX or (rules and path.startswith(f"{rules}/")):
            continue
        text = Path(name).read_text(encoding="utf-8-sig", errors="replace")
        if r"\derive" not in text:
            continue
        extension = DeriveExtension(**options)
        extension.folder, extension.source = folder, Source.of(Path(name), text)
        built = Markdown(extensions=[*sorted(containers), extension])
        built.convert(text[front_matter_end(text) :])
        if extension.page is not None and extension.page.shown:
            headings = [x["name"] for x in built.toc_tokens if x["level"] == 1]  # type: ignore[attr-defined]
            yield _Page(path, headings[0] if headings else Path(name).stem, extension.page.shown_in_order())


def _has(table: dict[str, Any], name: str) -> bool:
    """Return whether the tables of the settings name an extension; `pymdownx.details` is one within another."""
    if name in table:
        return True
    first, _, rest = name.partition(".")
    return bool(rest) and isinstance(table.get(first), dict) and _has(table[first], rest)


def _url(path: str, directories: bool) -> str:
    """Return where the site has a page, seen from its root."""
    bare = splitext(path)[0]
    folder, _, name = bare.rpartition("/")
    if name in ("index", "README"):
        return f"{folder}/" if folder else ""
    return f"{bare}/" if directories else f"{bare}.html"


def _is_ours(path: Path) -> bool:
    """Return whether a file was written here, or does not exist."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.name == INDEX:
            return text.startswith(_GENERATED)
        objects = json.loads(text)
        written = isinstance(objects, list) and all("wrt" in one and "status" in one for one in objects)
        return written and (bool(objects) or text == objects_as_json([]))
    except FileNotFoundError:
        return True
    except (OSError, ValueError, TypeError):
        return False


def main(arguments: Sequence[str]) -> int:
    """Write the index and the JSON of a course; return 0, 2 if nothing could be written, 4 if a derivation failed."""
    if len(arguments) > 1 or any(x.startswith("-") for x in arguments):
        print("usage: python -m mdderive.site.zensical [zensical.toml]", file=sys.stderr)
        return 2
    settings = Path(arguments[0] if arguments else "zensical.toml")
    try:
        folder, files = course_of(settings)
    except (OSError, ValueError, KeyError) as error:
        print(f"{settings}: {error}", file=sys.stderr)
        return 2
    status = 0
    for name, text in files.items():
        path = folder / name
        if not _is_ours(path):
            print(f"{path}: not written by mdderive, and left as it is; rename it", file=sys.stderr)
            status = 2
        else:
            write_atomically(path, text.encode())
    return max(status, 4 * any(one["error"] for one in json.loads(files[OBJECTS])))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
