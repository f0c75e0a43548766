r"""Values as settings spell them: objects of JavaScript, dictionaries of Python, mappings of YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal

Dialect = Literal["javascript", "python", "yaml"]
Value = str | tuple["Value", ...] | Mapping[str, "Value"] | None
"""A text or a number as it is written, a list, a mapping; None for anything else."""

DEEPEST = 20
_TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/
    | (?P<raw>String\.raw|[rR])?(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)
    | (?P<sign>[\[\]{},:+()]) | (?P<word>[^\s\[\]{},:+()"'`]+)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_LINE = re.compile(r"(?P<indent> *)(?P<core>[^\n]*)(?:\n|\Z)")
_KEY = re.compile(r"""(?P<key>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s:"'#][^:]*?)[ \t]*:(?=[ \t]|$)[ \t]*""")


class _Flow:
    """Reads one value within brackets, token by token."""

    def __init__(self, text: str, start: int, dialect: Dialect) -> None:
        self.dialect = dialect
        self._tokens = (x for x in self._matches(text, start) if x["string"] or x["sign"] or x["word"])
        self.token = next(self._tokens, None)

    def _matches(self, text: str, start: int) -> Iterator[re.Match[str]]:
        while match := _TOKEN.match(text, start):
            yield match
            start = match.end()

    def take(self) -> re.Match[str] | None:
        """Return the next token, and go on behind it."""
        token, self.token = self.token, next(self._tokens, None)
        return token

    def at(self, *signs: str) -> bool:
        """Return whether one of these signs comes next."""
        return self.token is not None and self.token["sign"] in signs

    def entries(self, depth: int = 0) -> Iterator[tuple[str, Value]]:
        """Yield the keys and values of the object that begins here."""
        self.take()
        while self.token is not None and not self.at("}"):
            key = self.take()
            if not self.at(":"):
                continue
            self.take()
            value = self.value(depth)
            if key and (key["string"] or key["word"]):
                yield self.text(key), value
            self.skip()
        self.take()

    def value(self, depth: int) -> Value:
        """Return the value that begins here; texts may be joined by a plus."""
        if depth > DEEPEST:
            return None
        if self.at("{"):
            return dict(self.entries(depth + 1))
        if self.at("["):
            return tuple(self.items(depth))
        if self.token is None or self.token["sign"]:
            return None
        token = self.take()
        found = self.text(token) if token else ""
        while self.at("+"):
            self.take()
            token = self.take()
            if token is None or not token["string"]:
                return None
            found += self.text(token)
        return found if self.token is None or self.at(",", "}", "]") else None

    def items(self, depth: int) -> Iterator[Value]:
        """Yield the items of the list that begins here."""
        self.take()
        while self.token is not None and not self.at("]", "}"):
            yield self.value(depth + 1)
            self.skip()
        self.take()

    def skip(self) -> None:
        """Go on behind the next comma, or to the end of the brackets that are open."""
        depth = 0
        while self.token is not None and (depth or not self.at("}", "]")):
            token = self.take()
            sign = token["sign"] if token else ""
            if sign == "," and not depth:
                return
            depth += (sign in ("(", "[", "{")) - (sign in (")", "]", "}")) if sign else 0

    def text(self, token: re.Match[str]) -> str:
        """Return what a token says."""
        if token["word"]:
            return token["word"]
        inside = token["string"][1:-1]
        if token["raw"]:
            return inside
        if self.dialect == "yaml" and token["string"][0] == "'":
            return inside.replace("''", "'")
        return unescaped(inside, keep_unknown=self.dialect != "javascript")


def entries_of_flow(text: str, start: int, dialect: Dialect) -> Iterator[tuple[str, Value]]:
    """Yield the keys and values of the object `{key: value, ...}` that begins at `text[start]`."""
    yield from _Flow(text, start, dialect).entries()


def unescaped(text: str, *, keep_unknown: bool) -> str:
    r"""Return what is meant by a text between quotes; of `\m`, JavaScript keeps the letter alone, others both signs."""

    def meant(match: re.Match[str]) -> str:
        code, sign = match[1] or match[2], match[3]
        if code:
            return chr(int(code, 16))
        if sign in _CONTROL:
            return _CONTROL[sign]
        return match[0] if keep_unknown and sign.isalpha() else sign

    return _ESCAPE.sub(meant, text)


def block_of(text: str, start: int, indent: int) -> Iterator[tuple[str, Value]]:
    """Yield the keys and values of the block of YAML that begins behind the line that ends at `text[start]`."""
    rows = list(_rows(text, start + 1, indent))
    level = rows[0][0] if rows else 0
    k = 0
    while k < len(rows):
        column, core = rows[k]
        key = _KEY.match(core) if column == level else None
        k += 1
        inner: list[tuple[int, str]] = []
        while k < len(rows) and (rows[k][0] > level or rows[k][1].startswith("- ")):
            inner.append(rows[k])
            k += 1
        if key:
            yield _scalar(key["key"]), _value(core[key.end() :], inner)


def _rows(text: str, start: int, indent: int) -> Iterator[tuple[int, str]]:
    """Yield (indentation, text) of the lines of a block that are not empty, nor comments."""
    for line in _LINE.finditer(text, start):
        core = line["core"].rstrip()
        if not core or core.startswith("#"):
            if line.end() == len(text):
                return
            continue
        if len(line["indent"]) <= indent:
            return
        yield len(line["indent"]), core


def _value(written: str, inner: list[tuple[int, str]]) -> Value:
    """Return a value: what stands on the line of its key, or in the lines below that are indented further."""
    if written[:1] in ("[", "{"):
        whole = "\n".join([written, *(core for _, core in inner)])
        flow = _Flow(whole, 0, "yaml")
        return flow.value(0)
    if re.match(r"[|>][+-]?\d*$", written):
        return "\n".join(core for _, core in inner)
    if written and not written.startswith("#"):
        return _scalar(" ".join([written, *(core for _, core in inner)]))
    if inner and inner[0][1].startswith("- "):
        return tuple(_scalar(core[2:]) for _, core in inner if core.startswith("- "))
    found = ((_KEY.match(core), core) for _, core in inner)
    return {_scalar(key["key"]): _scalar(core[key.end() :]) for key, core in found if key}


def _scalar(written: str) -> str:
    """Return a text without its quotes, or without the comment behind it."""
    written = written.strip()
    if written[:1] == '"' and '"' in written[1:]:
        return unescaped(written[1 : written.rindex('"')], keep_unknown=True)
    if written[:1] == "'" and "'" in written[1:]:
        return written[1 : written.rindex("'")].replace("''", "'")
    return re.split(r"[ \t]#", written, maxsplit=1)[0].rstrip()
