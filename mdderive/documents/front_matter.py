"""The clauses under `mdderive:` in the front matter of a page of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ..errors import ParseError, Span, did_you_mean
from ..latex.macros import macro_of_setting
from ..question.settings import names_in
from .context import Clause, clause_of, front_matter_end, told_to_us

_KEYS = names_in("front matter")
"""What may stand under `mdderive:` in the front matter."""
_BLOCK = r"[ \t]*:(?P<rest>[^\r\n]*(?:(?:\r\n|\r|\n)(?:[ \t][^\r\n]*|-[ \t][^\r\n]*|(?=[\r\n]|\Z)))*)"
_KEY = re.compile(rf"^mdderive{_BLOCK}", re.M)
_LOOKS_LIKE_IT = re.compile(r"""^[ \t]*(?P<key>(?P<quote>["']?)mdderive(?P=quote)[ \t]*:)""", re.M)
_MATH = re.compile(rf"^math{_BLOCK}", re.M)
"""Macros as MyST has them: `math:` and below it `'\\RR': '\\mathbb{R}'`, the body perhaps under a key `macro`."""
_ENTRY = re.compile(r"[ \t]*(?P<dash>-[ \t]+)?(?:(?P<key>[A-Za-z_-]+)[ \t]*:(?=[ \t]|$))?[ \t]*(?P<value>.*)")
_LINE = re.compile(r"[^\r\n]+")
_PAIR = re.compile(r"""\s*(?P<name>"(?:[^"\\]|\\.)*"|'[^']*'|[^:\s"']+)\s*:\s*""")


def clauses_of_front_matter(text: str) -> list[Clause]:
    """Return the clauses under `mdderive:` in the front matter; they hold on the whole page.

    Read is the part of YAML that fits: nested blocks, `[...]`, `{...}`, quotes; a plain text is taken as it stands.

    Raises:
        ParseError: a key is not known, a bracket not closed, or `mdderive:` not where it is read (E507).
            The span, of the part "page", is a place in `text`.
    """
    end = front_matter_end(text)
    macros = list(_macros_of_myst(text, end)) if end else []
    found = _KEY.search(text, 0, end) if end else None
    _check_keys(text, end, found.span() if found else (0, 0))
    if found is None:
        return macros
    start, stop = found.span("rest")
    value = start + len(text[start:stop]) - len(text[start:stop].lstrip())
    entries = _flow_entries(text, value, stop) if text.startswith("{", value) else _block_entries(text, start, stop)
    return macros + [clause for key, place, end in entries for clause in _clauses_under(text, key, place, end)]


def _check_keys(text: str, end: int, read: tuple[int, int]) -> None:
    """Refuse a key `mdderive` that would be passed over: a second one, one in quotes, one behind blanks.

    What is as far to the right as the first line of the front matter is no text of another key.
    """
    first = re.compile(r"---[^\r\n]*\s*?[\r\n]([ \t]*)").match(text, 0, end)
    for match in _LOOKS_LIKE_IT.finditer(text, 0, end):
        blanks = text[match.start() : match.start("key")]
        if not read[0] <= match.start() < read[1] and blanks in ("", first[1] if first else ""):
            hint = "write mdderive: once, at the beginning of a line and without quotes"
            raise ParseError("E507", "this mdderive: is not read", Span("page", *match.span("key")), hint)


def _macros_of_myst(text: str, end: int) -> Iterator[Clause]:
    """Yield the definitions under `math:`; what defines no macro is not ours to judge."""
    block = _MATH.search(text, 0, end)
    name, place = "", 0
    for line in _LINE.finditer(text, *block.span("rest")) if block else ():
        pair = _PAIR.match(text, *line.span())
        if pair is None:
            continue
        key, start = _scalar(text, *pair.span("name"))
        if key.startswith("\\"):
            name, place = key, start
        elif key != "macro":
            continue
        values = [(pair.end(), line.end())]
        if text.startswith("{", pair.end()):
            values = [(first, last) for (what, _), first, last in _flow_entries(text, *values[0]) if what == "macro"]
        shown = _scalar(text, *values[0])[0] if values else ""
        macro = macro_of_setting(name, shown) if name and shown else None
        if macro is not None:
            yield Clause(macro.latex, place, 0, macro)


def _clauses_under(text: str, key: tuple[str, int], start: int, end: int) -> Iterator[Clause]:
    name, place = key
    if name not in _KEYS:
        hint = did_you_mean(name, _KEYS, f"known: {', '.join(_KEYS)}")
        shown = name or "a text without a key"
        raise ParseError(
            "E507", f"mdderive: does not know {shown}", Span("page", place, max(place + len(name), end)), hint
        )
    items = _flow_items(text, start, end) if name in ("where", "macros") else [(start, end)]
    for item, stop in items:
        if name == "macros":
            yield _macro_clause(text, item, stop)
            continue
        value, offset = _scalar(text, item, stop)
        if value and name == "where":
            yield clause_of(value, offset)
        elif value:
            yield Clause(f"{name}: {value}", offset - len(name) - 2, 0)


def _macro_clause(text: str, start: int, end: int) -> Clause:
    r"""Return the definition that an entry `"\\bX": "\\mathbf{X}"` is; of a list, as MathJax has it, the first item."""
    pair = _PAIR.match(text, start, end)
    name, place = _scalar(text, *pair.span("name")) if pair else (text[start:end].strip(), start)
    items = _flow_items(text, pair.end(), end) if pair else []
    macro = macro_of_setting(name, _scalar(text, *items[0])[0]) if items else None
    if macro is None:
        hint = r'write macros: {"\\bX": "\\mathbf{X}"}'
        raise ParseError("E507", f"{name} defines no macro", Span("page", place, max(end, place + 1)), hint)
    return told_to_us(Clause(macro.latex, place, 0, macro))


def _block_entries(text: str, start: int, end: int) -> Iterator[tuple[tuple[str, int], int, int]]:
    """Yield (key and its place, start and end of a value) for each line of a YAML block."""
    key, indentation, read = ("", start), 0, start
    for line in _LINE.finditer(text, start, end):
        if line.start() < read:
            continue
        entry = _ENTRY.fullmatch(line.group())
        if entry is None or not line.group().strip() or line.group().lstrip().startswith("#"):
            continue
        value = line.start() + entry.start("value")
        blanks = len(line.group()) - len(line.group().lstrip())
        if entry["dash"]:
            value = line.start() + entry.end("dash")
        elif key[0] == "macros" and blanks > indentation:
            value = line.start()
        elif entry["key"]:
            key, indentation = (entry["key"], line.start() + entry.start("key")), blanks
        elif key[0] == "":
            key = ("", value)
        if text[value : line.end()].strip() or not key[0] or key[0] not in _KEYS:
            read = max(line.end(), _cuts(text, value, end)[-1] + 1 if text.startswith(("[", "{"), value) else 0)
            yield key, value, read


def _flow_entries(text: str, start: int, end: int) -> Iterator[tuple[tuple[str, int], int, int]]:
    """Yield the entries of `{key: value, ...}`."""
    for item, stop in _flow_items(text, start, end):
        name, colon, _ = text[item:stop].partition(":")
        yield (name.strip() if colon else "", item), item + len(name) + len(colon), stop


def _flow_items(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the stretches between the commas of `[...]` or `{...}`; the whole if there are no brackets."""
    start += len(text[start:end]) - len(text[start:end].lstrip())
    if text[start : start + 1] not in ("[", "{"):
        return [(start, end)]
    cuts = _cuts(text, start, end)
    return [(x + 1, y) for x, y in pairwise([start, *cuts]) if text[x + 1 : y].strip()]


def _cuts(text: str, start: int, end: int) -> list[int]:
    """Return where the commas of `[...]` or `{...}` stand, and last where it is closed.

    Raises:
        ParseError: it is not (E507).
    """
    found: list[int] = []
    depth, quote, fresh = 0, "", True
    for k in range(start, end):
        sign = text[k]
        if quote:
            quote = "" if sign == quote and not (quote == '"' and text[k - 1] == "\\") else quote
        elif fresh and sign in "'\"":
            quote = sign
        elif sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        if not quote and ((sign == "," and depth == 1) or depth == 0):
            found.append(k)
            if depth == 0:
                return found
        fresh = sign in "[{,:" or (fresh and sign.isspace())
    shown, closed = text[start], "]" if text[start] == "[" else "}"
    hint = f"write {closed} behind what is in it, on the same line or on one that begins with blanks"
    raise ParseError("E507", f"this {shown} is not closed", Span("page", start, start + 1), hint)


def _scalar(text: str, start: int, end: int) -> tuple[str, int]:
    r"""Return a value without its quotes, and where it begins; `\\` is one backslash within double quotes."""
    raw = text[start:end]
    value = raw.strip()
    offset = start + len(raw) - len(raw.lstrip())
    if value[:1] == '"' and '"' in value[1:]:
        inside = value[1 : value.rindex('"')]
        return re.sub(r'\\([\\"])', r"\1", inside), offset + 1
    if value[:1] == "'" and "'" in value[1:]:
        return value[1 : value.rindex("'")].replace("''", "'"), offset + 1
    return re.split(r"[ \t]#", value, maxsplit=1)[0].rstrip(), offset
