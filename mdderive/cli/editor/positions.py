"""Places of a text as a client of the language server counts them: a line, and code units within it."""

from __future__ import annotations

from typing import Literal

from ...documents.lines import Lines, lines_of
from ...documents.model import Place

Encoding = Literal["utf-8", "utf-16", "utf-32"]


class Positions:
    """The places of one text; lines and units count from 0."""

    def __init__(self, text: str, encoding: Encoding = "utf-16") -> None:
        self.lines = lines_of(text)
        self._encoding = encoding

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line of an offset, and the code units before it on that line."""
        offset = min(max(offset, 0), len(self.lines.text))
        number = self.lines.number(offset)
        start = self.lines.starts[number]
        before = self.lines.text[start : min(offset, self.lines.ends[number])]
        return number, len(before) if before.isascii() else sum(map(self._units, before))

    def offset(self, line: int, character: int) -> int:
        """Return the offset of a position; behind the end of a line it is that end, as the protocol says."""
        if line >= len(self.lines):
            return len(self.lines.text)
        source = self.lines[line]
        if source.isascii():
            return self.lines.starts[line] + min(character, len(source))
        k = 0
        while k < len(source) and character >= (units := self._units(source[k])):
            character -= units
            k += 1
        return self.lines.starts[line] + k

    def _units(self, sign: str) -> int:
        if self._encoding == "utf-32":
            return 1
        if self._encoding == "utf-16":
            return 1 + (ord(sign) > 0xFFFF)
        return len(sign.encode("utf-8", "surrogatepass"))


def stretch(lines: Lines, place: Place) -> tuple[int, int]:
    """Return where a place of a text begins and ends, as offsets; the whole text has the place (0, 0)."""
    if not place.line:
        return 0, 0
    number = min(place.line, len(lines)) - 1
    start = min(lines.starts[number] + place.column - 1, lines.ends[number])
    return start, min(start + place.width, lines.ends[number])
