r"""Formulas of characters, macros and braces alone are scanned into the pieces that pylatexenc finds."""

from __future__ import annotations

import random

import pytest
from places import share

from mdderive.errors import ParseError
from mdderive.latex import pieces
from mdderive.question.marker import spellings

PARTS = (
    *(" ", "  ", "\n", "\t", "~", "\\ ", "\\,", "\\\\", "{", "}", "{x}", "\\alpha", "\\frac", "\\left", "\\{"),
    *("a", "1", "&", "#", "^", "_", "'", "`", "--", "é", "α", "²", "\\'", "[", "]", "*", "\\foo  ", "\\x_y", "\\@m"),
    *("\\|", "\u00a0", "\r", "%c\n", "\\begin{matrix}", "\\end{matrix}", "$", "\\(", "\n\n", "\\verb|x|", "\\"),
)


def read(latex: str) -> list[pieces.Piece] | tuple[str, str]:
    try:
        return pieces.pieces_of(pieces.Reading(latex, spellings(), "f", {}))
    except ParseError as error:
        return error.code, error.message


def test_a_formula_is_scanned_into_the_pieces_of_pylatexenc(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(1)
    formulas = ["".join(draw.choices(PARTS, k=draw.randint(1, 12))) for _ in share(range(4000))]
    scanned = [read(x) for x in formulas]
    assert sum(isinstance(x, list) for x in scanned) > 0.25 * len(scanned)
    monkeypatch.setattr(pieces, "plain_pieces", lambda latex: None)
    assert scanned == [read(x) for x in formulas]
