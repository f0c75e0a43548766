"""What may come next where somebody types: markers, clauses, properties, shapes, ids, settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from ...algebra.properties import PROPERTIES
from ...documents.context import front_matter_end
from ...documents.formats import format_named
from ...documents.marker import MARKER_START, read_marker
from ...linting.surroundings import letters_of
from ...question.clauses import KINDS, WISHES
from ...question.settings import SETTINGS, names_in

if TYPE_CHECKING:
    from ...question.settings import Where

Sort = Literal["snippet", "property", "value", "keyword", "reference"]
FARTHEST = 4_000
"""How many characters before a place are looked at."""
SNIPPET = r"\derive<${1:f}><${2:x}>$0"
SNIPPET_WITH_CLAUSES = r"\derive<${1:f}><${2:x}>[${3:X: m x n}]$0"

_COMMAND = re.compile(r"\\[A-Za-z]*\Z")
_LINK = re.compile(r"\]\(#[^()\s]*\Z")
_COMMENT = re.compile(r"(?:<!--[ \t]*mdderive:(?:(?!-->).)*|%[ \t]*mdderive:[^\r\n]*)\Z", re.DOTALL)
_LAST_CLAUSE = re.compile(r"[^;；\[]*\Z")
_SHAPE = re.compile(
    r"(?<![\w\\])(?P<rows>[A-Za-z\d]\w*)\s*(?:x|×|\\times)\s*(?P<columns>[A-Za-z\d]\w*)(?=\s*(?:[;；,\]\"'\r\n]|-->|\Z))"
)
_BLANK_LINE = re.compile(r"(?:\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n)")
_KEY = re.compile(r"^(?P<indent>[ \t]*)(?P<key>[\w-]+)\s*[:=]", re.MULTILINE)
_TABLE = re.compile(r"^\s*\[(?P<name>[^\]\r\n]*)\][^\r\n]*$", re.MULTILINE)


class Completion(NamedTuple):
    """A text that may take the place of `text[start:end]`; a snippet has places to fill in."""

    label: str
    new: str
    sort: Sort
    detail: str
    start: int
    end: int


def completions(text: str, kind: str, offset: int, ids: Mapping[str, object]) -> list[Completion]:
    """Return what may come next on a page; `ids` are those that it has."""
    before = text[max(0, offset - FARTHEST) : offset]
    top = front_matter_end(text) if format_named(kind).has_front_matter else 0
    if offset < top:
        return list(_in_front_matter(text, offset))
    inside = _inside_marker(before)
    if inside is not None or _COMMENT.search(before):
        return _clauses(text, before, offset, inside or "") if inside != "" else []
    if (link := _LINK.search(before)) is not None:
        start = offset - len(link[0]) + len("](#")
        return [Completion(x, x, "reference", "a derivation of this page", start, offset) for x in ids]
    if (command := _COMMAND.search(before)) is not None and r"\derive".startswith(command[0]):
        start = offset - len(command[0])
        return [
            Completion(r"\derive<f><x>", SNIPPET, "snippet", "the gradient of f by x", start, offset),
            Completion(r"\derive<f><x>[...]", SNIPPET_WITH_CLAUSES, "snippet", "the same, with clauses", start, offset),
        ]
    return []


def settings_completions(text: str, offset: int) -> list[Completion]:
    """Return what may come next in a pyproject.toml, within its table [tool.mdderive]."""
    tables = list(_TABLE.finditer(text, 0, offset))
    if not tables or "".join(tables[-1]["name"].split()) != "tool.mdderive":
        return []
    return list(_settings(text, offset, "pyproject", " = ", '"'))


# --- clauses ---------------------------------------------------------------------------------------------------


def _inside_marker(before: str) -> str | None:
    """Return the marker up to its clauses where these are being typed, "" within its formula, None elsewhere."""
    starts = list(MARKER_START.finditer(before))
    if not starts or _BLANK_LINE.search(before, starts[-1].start()):
        return None
    depth = {"<": 0, "[": 0, "{": 0}
    closing = {">": "<", "]": "[", "}": "{"}
    parts = 0
    position = starts[-1].end() - 1
    while position < len(before):
        sign = before[position]
        if sign == "\\":
            position += 2
            continue
        if sign == "[" and parts == 2 and not depth["["]:
            return None if _closed(before, position) else before[starts[-1].start() : position]
        if sign in depth and (sign != "<" or not depth["{"]):
            depth[sign] += 1
        elif sign in closing and (sign != ">" or not depth["{"]):
            depth[closing[sign]] -= 1
            parts += sign == ">" and depth["<"] == 0
        if parts == 2 and sign not in "> \t\r\n":
            return None
        position += 1
    return None if parts == 2 else ""


def _closed(before: str, opening: int) -> bool:
    depth = 0
    for sign in before[opening:]:
        depth += (sign == "[") - (sign == "]")
        if depth == 0:
            return True
    return False


def _clauses(text: str, before: str, offset: int, marker: str) -> list[Completion]:
    last = _LAST_CLAUSE.search(before)
    clause = (last[0] if last else "").partition("mdderive:")[2] or (last[0] if last else "")
    name, colon, value = clause.partition(":")
    name = name.strip()
    if not colon:
        start = offset - len(clause.lstrip())
        return list(_beginnings(marker, start, offset))
    start = offset - len(value.lstrip())
    if name in SETTINGS:
        return [Completion(x, x, "value", SETTINGS[name].meaning, start, offset) for x in SETTINGS[name].values]
    return list(_declared(text, start, offset))


def _beginnings(marker: str, start: int, end: int) -> Iterator[Completion]:
    """Yield what a clause may begin with."""
    asked = read_marker(marker, 0) if marker else None
    for letter in letters_of(asked.f) if asked else ():
        yield Completion(letter, f"{letter}: ", "property", "a shape or a property", start, end)
    for wish in WISHES:
        yield Completion(wish, wish, "keyword", "what else is asked for", start, end)
    for name in names_in("clause"):
        yield Completion(name, f"{name}: ", "keyword", SETTINGS[name].meaning, start, end)


def _declared(text: str, start: int, end: int) -> Iterator[Completion]:
    """Yield what may be said of a letter: shapes that the page knows, kinds, properties."""
    shapes = dict.fromkeys(f"{x['rows']} x {x['columns']}" for x in _SHAPE.finditer(text))
    for shape in shapes or ("m x n",):
        yield Completion(shape, shape, "value", "a shape", start, end)
    kinds = {kind: word for word, kind in reversed(KINDS.items()) if word.isascii()}
    for word in dict.fromkeys(["matrix", "vector", "scalar", *kinds.values()]):
        yield Completion(word, word, "value", "a shape", start, end)
    for row in (x for x in PROPERTIES if x.spellings):
        yield Completion(row.spellings[0], row.spellings[0], "value", row.words.en, start, end)


# --- settings --------------------------------------------------------------------------------------------------


def _in_front_matter(text: str, offset: int) -> Iterator[Completion]:
    """Yield the settings below a key `mdderive:`."""
    keys = list(_KEY.finditer(text, 0, offset))
    owner = next((x for x in reversed(keys) if not x["indent"]), None)
    if owner is None or owner["key"] != "mdderive":
        return
    yield from _settings(text, offset, "front matter", ": ", "")


def _settings(text: str, offset: int, where: Where, sign: str, quote: str) -> Iterator[Completion]:
    line = text[max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1 : offset]
    assigned = _KEY.match(line)
    if assigned is None:
        start = offset - len(line.lstrip())
        for name in names_in(where):
            yield Completion(name, name + sign, "property", SETTINGS[name].meaning, start, offset)
        return
    name = assigned["key"]
    written = line[assigned.end() :].lstrip().removeprefix(quote)
    opened = not quote or line[assigned.end() :].lstrip().startswith(quote)
    for value in SETTINGS[name].values_in(where) if name in names_in(where) else ():
        new = value if opened else f"{quote}{value}{quote}"
        yield Completion(value, new, "value", SETTINGS[name].meaning, offset - len(written), offset)
