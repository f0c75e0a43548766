"""What a course site shows of all its pages: the index of derivations, and their JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from html import escape, unescape
from typing import Any
from urllib.parse import quote

from ..documents.cache import Cache
from ..documents.diagnostics import json_error, json_object
from ..documents.model import Found, Marker
from ..render.formula import math
from ..words import say
from .page import Shown

VERTICAL = r"\vert "
"""What stands for `|` in a formula within a cell of Markdown."""


def rules_of_course(language: str, cache: Cache | None) -> list[tuple[str, str]]:
    """Return (name, Markdown) of the pages of the rules; the engine is imported only if they are not kept."""
    key = f"rule pages\0{language}"
    kept = cache.get(key) if cache else None
    if kept is not None:
        return [(name, text) for name, text in json.loads(kept)]
    from .rules import rule_pages

    pages = list(rule_pages(language))
    if cache:
        cache.put(key, json.dumps(pages, ensure_ascii=False))
    return pages


def index_table(entries: Iterable[tuple[str, str, Shown]], language: str) -> str:
    """Return the index of all derivations as HTML; entries are (title of the page, link, what was shown)."""
    rows = []
    for title, link, shown in entries:
        f, by = _told(shown, math, _code)
        name = escape(title) + (f", {shown.number}" if shown.number else "")
        rows.append(
            f'<tr><td>{f}</td><td>{by}</td><td><a href="{link}">{name}</a></td><td>{_status(shown, language)}</td></tr>'
        )
    head = "".join(f'<th scope="col">{x}</th>' for x in _heads(language))
    body = "\n".join(rows)
    table_html = f'<table class="mdderive-table"><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>'
    return f'<div class="mdderive-index">{table_html}</div>'


def index_markdown(entries: Iterable[tuple[str, str, Shown]], language: str) -> str:
    """Return the index of all derivations as Markdown; entries are (title of the page, its file, what was shown)."""
    heads = _heads(language)
    rows = [heads, ("---",) * len(heads)]
    for title, file, shown in entries:
        name = re.sub(r"([\\\[\]|<])", r"\\\1", unescape(title)) + (f", {shown.number}" if shown.number else "")
        link = quote(file) + (f"#{shown.anchor}" if shown.anchor else "")
        rows.append(
            (*_told(shown, _formula_in_cell, _code_in_cell), f"[{name}]({link})", _status_in_words(shown, language))
        )
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def shown_objects(shown: Shown, file: str) -> list[dict[str, Any]]:
    """Return the objects of `--format json` for a marker as it was shown: of a hidden solution, the task alone."""
    own = {"id": shown.anchor, "number": shown.number or None, "solutions": shown.mode}
    if shown.solution is None:
        if shown.problem is None:
            return []
        return [{**json_error(shown.problem._replace(file=file), shown.marker), **own}]
    found = Found(shown.marker or Marker("", "", "", (), {}), shown.place, ())
    objects = [json_object(one, file, found) for one in shown.solution.objects]
    return [{**(_without_solution(one) if shown.mode == "hide" else one), **own} for one in objects]


def objects_as_json(objects: Iterable[dict[str, Any]]) -> str:
    """Return `derivations.json`: a list, one object on each line."""
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in objects)
    return f"[\n{lines}\n]\n"


def _without_solution(one: dict[str, Any]) -> dict[str, Any]:
    nothing: dict[str, Any] = dict.fromkeys(("gradient", "solution", "python", "check"))
    nothing |= {"where": [], "steps": [], "names": {}}
    return one | {key: value for key, value in nothing.items() if key in one}


def _heads(language: str) -> tuple[str, ...]:
    return tuple(say(language, key) for key in ("index: function", "index: by", "index: where", "index: status"))


def _told(shown: Shown, formula: Callable[[str], str], code: Callable[[str], str]) -> tuple[str, str]:
    """Return function and variables, each as a `formula` or, where it could not be read, as the author's `code`."""
    if shown.solution is not None:
        objects = shown.solution.objects
        return formula(objects[0]["f"]), formula(", ".join(one["wrt"] for one in objects))
    return (code(shown.marker.f), code(shown.marker.variable)) if shown.marker else ("", "")


def _formula_in_cell(latex: str) -> str:
    return f"${latex.replace('|', VERTICAL)}$"


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _code_in_cell(text: str) -> str:
    return f"`{' '.join(text.replace('`', '').split())}`"


def _status(shown: Shown, language: str) -> str:
    words = _status_in_words(shown, language)
    return words if shown.problem is None else f'<span class="mdderive-missing">{words}</span>'


def _status_in_words(shown: Shown, language: str) -> str:
    if shown.problem is not None:
        return shown.problem.code
    return say(language, "index: hidden" if shown.mode == "hide" else "index: checked")
