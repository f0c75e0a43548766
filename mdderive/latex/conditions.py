r"""The conditions of cases: one inequality, and in the other row its opposite or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .tokens import Token
from .tree import Syntax

if TYPE_CHECKING:
    from .grammar import Parser

_BELOW, _ABOVE = ("<", r"\le", r"\leq", r"\leqslant", r"\lt"), (">", r"\ge", r"\geq", r"\geqslant", r"\gt")
"""The signs between a lower and an upper side, and the other way round."""


def of_cases(parser: Parser, token: Token) -> Syntax:
    """Return the first value, the gap of its condition and the other value.

    Raises:
        ParseError: a condition is no inequality, or the second is not the opposite of the first.
    """
    first, condition, second, other = token.parts
    low, high, strict = _sides(parser, condition, token)
    if other:
        below, above, closed = _sides(parser, other, token)
        if (str(below), str(above), closed) != (str(high), str(low), not strict):
            hint = r"write \text{otherwise} for the second one"
            message = "the second condition is not the opposite of the first"
            parser.reading.fail("E131", message, token.start, token.end, hint)
    below_it = parser.reading.node("negate", (low,), token.start, token.end)
    gap = parser.reading.node("add", (high, below_it), token.start, token.end)
    then, otherwise = (parser.part(x, token.start, token.end).whole() for x in (first, second))
    text = "strict" if strict else ""
    return parser.reading.node("cases", (then, gap, otherwise), token.start, token.end, text=text)


def _sides(parser: Parser, condition: Sequence[Token], token: Token) -> tuple[Syntax, Syntax, bool]:
    """Return the lower and the upper side of an inequality, and whether they may not be equal."""
    signs = [k for k, x in enumerate(condition) if x.kind == "sign" and x.text in (*_BELOW, *_ABOVE)]
    if len(signs) != 1 or not 0 < signs[0] < len(condition) - 1:
        hint = r"write one inequality, such as |r| \le \delta"
        parser.reading.fail("E131", "this condition of a case is not supported", token.start, token.end, hint)
    k = signs[0]
    sign = condition[k].text
    left, right = (parser.part(x, token.start, token.end).whole() for x in (condition[:k], condition[k + 1 :]))
    strict = sign in ("<", ">", r"\lt", r"\gt")
    return (left, right, strict) if sign in _BELOW else (right, left, strict)
