"""Environments of rows and columns: functions by cases, vectors and matrices by their entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from .pieces import Piece
from .tokens import PLAIN, Token

if TYPE_CHECKING:
    from .lexer import Lexer

_TEXT = ("text", "mathrm", "textrm", "mbox", "operatorname")
_SAID = frozenset(("if", "when", "for", "where", "otherwise", "else", "若", "当", "如果", "时", "其他", "否则", "其它"))
"""What stands before a condition, or in its place."""


def cases(lexer: Lexer, piece: Piece) -> Token:
    """Return the token of an environment: value, condition, value, condition, ... as its parts.

    Raises:
        ParseError: it has one row, a row has no value, or two of them no condition.
    """
    cells = _cells(piece)
    if len(cells) < 2 or any(len(x) > 2 for x in cells):
        hint = r"write each case in a row of its own, v & a \le b \\"
        message = "cases have two rows or more, each with a value and a condition"
        lexer.reading.fail("E131", message, piece.start, piece.end, hint)
    parts = []
    for value, *condition in cells:
        parts.append(lexer.tokenizer.sequence(_unpunctuated(value), PLAIN))
        said = condition[0] if condition else ()
        parts.append(lexer.tokenizer.sequence(_without_words(said), PLAIN))
    if not all(parts[::2]) or not all(parts[1:-1:2]):
        lexer.reading.fail("E126", "a value or a condition before the last is missing here", piece.start, piece.end)
    return Token("cases", "", piece.start, piece.end, tuple(parts))


def matrix(lexer: Lexer, piece: Piece) -> Token:
    """Return the token of a matrix by its entries, row by row; its text is how many rows and columns it has.

    Raises:
        ParseError: its rows differ in length, or an entry is missing.
    """
    cells = _cells(piece)
    parts = [lexer.tokenizer.sequence(cell, PLAIN) for row in cells for cell in row]
    if not parts or not all(parts) or len({len(row) for row in cells}) != 1:
        hint = r"end each row by \\ and each entry before the last of its row by &; a zero is written 0"
        lexer.reading.fail("E126", "an entry of this matrix is missing", piece.start, piece.end, hint)
    return Token("entries", f"{len(cells)} {len(cells[0])}", piece.start, piece.end, tuple(parts))


def _cells(piece: Piece) -> list[list[list[Piece]]]:
    """Return what stands between the signs for rows and columns of an environment."""
    rows = [x for x in _split(piece.items, lambda x: x.is_macro("\\", "cr")) if any(y.kind != "blank" for y in x)]
    return [_split(row, lambda x: x.is_character("&")) for row in rows]


def _split(pieces: Sequence[Piece], ends: Callable[[Piece], bool]) -> list[list[Piece]]:
    """Return the stretches between the pieces that `ends` holds of."""
    found: list[list[Piece]] = [[]]
    for piece in pieces:
        if ends(piece):
            found.append([])
        else:
            found[-1].append(piece)
    return found


def _without_words(pieces: Sequence[Piece]) -> list[Piece]:
    r"""Return a condition without `\text{if}` and commas around it, and nothing for `\text{otherwise}`."""
    found: list[Piece] = []
    waiting = list(reversed(_unpunctuated(pieces)))
    while waiting:
        piece = waiting.pop()
        inner = waiting[-1] if waiting else piece
        words = "".join(x.text for x in inner.items).strip(" ,:，：。") if inner.kind == "group" else ""
        if piece.is_macro(*_TEXT) and words.lower() in _SAID:
            waiting.pop()
        else:
            found.append(piece)
    return _unpunctuated(found)


def _unpunctuated(pieces: Sequence[Piece]) -> list[Piece]:
    """Return a cell without the signs of its sentence: the comma before a condition, the full stop at the end."""
    start = next((k for k, x in enumerate(pieces) if x.kind != "blank" and not x.is_character(",，")), len(pieces))
    stop = next((k for k in range(len(pieces), start, -1) if not _is_end(pieces[k - 1])), start)
    return list(pieces[start:stop])


def _is_end(piece: Piece) -> bool:
    return piece.kind == "blank" or piece.is_character(",，;；.。")


TABLES: Mapping[str, Callable[[Lexer, Piece], Token]] = MappingProxyType(
    dict.fromkeys(("cases", "dcases", "rcases"), cases)
    | dict.fromkeys(("pmatrix", "bmatrix", "matrix", "psmallmatrix", "bsmallmatrix", "smallmatrix"), matrix)
)
"""The environments that are read row by row, each with what reads it."""
