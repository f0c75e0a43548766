"""Delimiters and bars paired."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from .pieces import MAX_NESTING, Reading
from .tokens import SCRIPTS, Token
from .vocabulary import CLOSERS, OPENERS

_NOT_OPERANDS = ("sign", "open", "function", "sum", "integral")


def is_balanced(tokens: Sequence[Token]) -> bool:
    """Whether a group holds whole pairs of delimiters; `{\\Big(}` does not."""
    depth = 0
    for token in tokens:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth < 0:
            return False
    return depth == 0 and sum(token.kind == "bar" for token in tokens) % 2 == 0


def paired(tokens: Sequence[Token], reading: Reading) -> tuple[Token, ...]:
    """Return `tokens` with every pair of delimiters and bars made one token.

    A bar closes where an operand stands before it and it is the innermost pair that is open, and opens elsewhere.
    """
    opened: list[tuple[Token, list[Token]]] = []
    current: list[Token] = []
    after_operand = False
    for token in _with_neutral_bars(tokens):
        token = _angle(token, opened, after_operand)
        innermost = opened[-1][0] if opened else None
        if token.kind == "bar":
            closes = after_operand and innermost is not None and innermost.text == token.text
            kind = "close" if closes and innermost is not None and innermost.kind == "bar" else "open"
        else:
            kind = token.kind
        if kind == "open":
            opened.append((token, current))
            current = []
            if len(opened) > MAX_NESTING:
                hint = "name a part of the formula"
                reading.fail("E121", f"more than {MAX_NESTING} delimiters are open", token.start, token.end, hint)
        elif kind == "close":
            current = _closed(token, opened, current, reading)
        else:
            current.append(token)
        if token.kind not in SCRIPTS:
            after_operand = kind not in _NOT_OPERANDS
    if opened:
        _unpaired(opened[-1][0], reading)
    return tuple(current)


def _with_neutral_bars(tokens: Sequence[Token]) -> Sequence[Token]:
    r"""Let the author who never closes with `\rVert` close with `\lVert`."""
    opened = {token.text for token in tokens if token.kind == "open" and token.text in ("|", "||")}
    never_closed = opened - {token.text for token in tokens if token.kind == "close"} if opened else opened
    if not never_closed:
        return tokens
    return [
        token._replace(kind="bar") if token.kind == "open" and token.text in never_closed else token for token in tokens
    ]


def _angle(token: Token, opened: list[tuple[Token, list[Token]]], after_operand: bool) -> Token:
    """Read `<a, x>` as an inner product where `<` cannot be a relation."""
    if token.is_sign("<") and not after_operand:
        return token._replace(kind="open")
    if token.is_sign(">") and opened and opened[-1][0].text == "<":
        return token._replace(kind="close", text="<")
    return token


def _is_second_bar(start: Token, token: Token, opened: list[tuple[Token, list[Token]]]) -> bool:
    """Whether the bar follows another in a pair that `token` closes: `(p||q)`, of two bars."""
    before = [x for x, _ in opened[-2:]]
    return (
        len(before) > 1
        and before[0].text == token.text != start.text
        and before[1].kind == "bar"
        and before[1].end == start.start
    )


def _closed(
    token: Token, opened: list[tuple[Token, list[Token]]], current: list[Token], reading: Reading
) -> list[Token]:
    """Return the sequence outside the pair that `token` closes, the pair at its end."""
    if not opened:
        _unpaired(token, reading)
    start, outside = opened.pop()
    if start.kind == "bar" and not outside and _is_second_bar(start, token, opened):
        first, outside = opened.pop()
        start = first._replace(text="||", end=start.end)
    if start.text != token.text:
        culprit = start if start.kind == "bar" else token
        behind_operand = bool(outside) and outside[-1].kind not in _NOT_OPERANDS
        if start.kind == "bar" and behind_operand and opened and opened[-1][0].text == token.text:
            opening, before = opened.pop()  # `p(x | \mu)`: the bar stands between arguments
            inner = (*outside, start._replace(kind="sign"), *current)
            return [*before, Token("delimited", token.text, opening.start, token.end, (inner,))]
        _unpaired(culprit, reading, f"{OPENERS[start.text]} is closed by {CLOSERS[token.text]}")
    pair = Token("delimited", token.text, start.start, token.end, (tuple(current),))
    return [*outside, pair]


def _unpaired(token: Token, reading: Reading, hint: str = "") -> NoReturn:
    shown = reading.latex[token.start : token.end].strip() or token.text
    reading.fail("E123", f"{shown} has no partner", token.start, token.end, hint)
