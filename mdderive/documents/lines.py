"""The lines of a text, as editors count them: ended by CRLF, CR or LF and by nothing else."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

from .model import Place

LINE_END = re.compile(r"\r\n|\r|\n")

KEPT = 4
"""Of how many pages the lines are kept: of one that is read, with its solutions and without them."""


class Lines:
    """Where each line of `text` begins and ends."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0]
        self.ends: list[int] = []
        for match in LINE_END.finditer(text):
            self.ends.append(match.start())
            self.starts.append(match.end())
        self.ends.append(len(text))
        self._last = (-1, "")  # many markers may stand on one long line, which is then cut out once

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, number: int) -> str:
        """Return line `number`, counted from 0, without its end."""
        last = self._last
        if last[0] != number:
            last = self._last = (number, self.text[self.starts[number] : self.ends[number]])
        return last[1]

    def number(self, offset: int) -> int:
        """Return the number, from 0, of the line in which `offset` lies."""
        return bisect_right(self.starts, offset) - 1

    def end_sign(self, number: int) -> str:
        r"""Return what ends line `number`: for the last line, what ends the line before it, or else "\n"."""
        if number + 1 >= len(self.starts):
            number = len(self.starts) - 2
        return self.text[self.ends[number] : self.starts[number + 1]] if number >= 0 else "\n"

    def place(self, start: int, end: int) -> Place:
        """Return the place of `text[start:end]`, cut off at the end of its first line."""
        number = self.number(start)
        source = self[number]
        column = min(start - self.starts[number], len(source))
        width = min(end, self.ends[number]) - start
        return Place(number + 1, column + 1, max(width, 1), source)


@lru_cache(maxsize=KEPT)
def lines_of(text: str) -> Lines:
    """Return the lines of a page, which is asked for them by everything that reads it."""
    return Lines(text)
