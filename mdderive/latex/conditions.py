r"""The conditions of cases: stretches of one quantity, `x < -1`, `|x| \le 1`, `x > 1`, and their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from .sums import is_condition, label_of
from .tokens import Token
from .tree import Syntax
from .vocabulary import ABOVE, BELOW

if TYPE_CHECKING:
    from .grammar import Parser


class _End(NamedTuple):
    """Where a stretch ends: at a value, which may belong to it."""

    at: Syntax
    closed: bool


class _Relation(NamedTuple):
    """An inequality: `low` is below `high`, or equal to it where that is not `strict`."""

    low: Syntax
    high: Syntax
    strict: bool


class _Stretch(NamedTuple):
    """The values of a quantity between two ends, None where there is no end, and the value of the function there."""

    lower: _End | None
    upper: _End | None
    value: Syntax


class _Row(NamedTuple):
    """A row: its value, and the inequalities that hold together in it; none for `otherwise`."""

    value: Syntax
    condition: tuple[_Relation, ...]


def of_cases(parser: Parser, token: Token) -> Syntax:
    """Return the first value, the gap of its condition and the other value, which may be one by cases in turn.

    Raises:
        ParseError: a condition is no inequality, or it is not clear which case holds where.
    """
    values, conditions = token.parts[::2], token.parts[1::2]
    rows = [
        _Row(parser.part(value, token.start, token.end).whole(), _relations(parser, condition, token))
        for value, condition in zip(values, conditions, strict=True)
    ]
    first, second = rows[:2]
    if len(rows) == 2 and len(first.condition) == 1:
        if second.condition and not _is_opposite(first.condition[0], second.condition):
            hint = r"write \text{otherwise} for the second one"
            message = "the second condition is not the opposite of the first"
            parser.reading.fail("E131", message, token.start, token.end, hint)
        low, high, strict = first.condition[0]
        return _case(parser, token, first.value, (high, low), second.value, strict=strict)
    for quantity in _quantities(first):
        found = _in_order(parser, token, quantity, rows)
        if found:
            break
    else:
        _refuse(parser, token)
    upwards = str(found[0].value) == str(first.value) or str(found[-1].value) != str(first.value)
    return _nested(parser, token, quantity, found if upwards else found[::-1], upwards=upwards)


def indicator(parser: Parser) -> Syntax | None:
    r"""Return the step function of t for `\mathbb{1}[t > 0]`, `\mathbb{I}(t>0)`, `\mathbf{1}_{t>0}`, `[t > 0]`.

    It is None, and nothing is taken, where no inequality between values stands here.
    """
    token = parser.tokens[parser.at]
    sign = token.kind == "ones" or token.letter == "I" or (token.kind == "number" and token.text == "1")
    k = parser.at + sign
    group = parser.tokens[k] if k < len(parser.tokens) else token
    below = sign and token.kind == "ones" and group.kind == "sub"
    if not below and (
        group.kind != "delimited" or group.text not in ("[", "{", "(") or not (sign or group.text == "[")
    ):
        return None
    held = group.parts[0]
    if len(held) == 1 and held[0].kind == "delimited" and held[0].text == "{":
        held = held[0].parts[0]
    if (same := _of_label(parser, held, bare=not sign)) is not None:
        while parser.at <= k:
            parser.take()
        return same
    name = parser.reading.spellings.functions.get("step", "step")
    signs = sum(x.kind == "sign" and x.text in (*BELOW, *ABOVE) for x in held)
    if signs != 1 or is_condition(group):
        return None
    while parser.at <= k:
        parser.take()
    low, high, _ = _relations(parser, held, group)[0]
    gap = high if str(low) == "0" else _difference(parser, group, high, low)
    return parser.reading.node("call", (gap,), token.start, group.end, text=name)


def _of_label(parser: Parser, held: Sequence[Token], *, bare: bool) -> Syntax | None:
    r"""Return the condition that a label is an index or a number, `y_i = k`, or is none; None for any other.

    Between bare brackets, `[y_i = k]`, one of the two has a script or is an index of a sum around it.
    """
    places = [j for j, x in enumerate(held) if x.kind == "sign" and x.text in ("=", r"\ne", r"\neq")]
    if len(places) != 1:
        return None
    sides = [label_of(x, parser.reading) for x in (held[: places[0]], held[places[0] + 1 :])]
    left, right = sides
    if left is None or right is None or left.head == right.head == "number":
        return None
    known = any(x.subscript or x.index or x.text in parser.reading.opened for x in (left, right))
    if bare and not known:
        return None
    sign = "=" if held[places[0]].text == "=" else r"\ne"
    return parser.reading.node("comparison", (left, right), held[0].start, held[-1].end, text=sign)


def _refuse(parser: Parser, token: Token) -> NoReturn:
    hint = r"bound one quantity in all of them, such as x \lt -1, |x| \le 1, x \gt 1"
    parser.reading.fail("E131", "it is not clear which of these cases holds where", token.start, token.end, hint)


def _case(
    parser: Parser, token: Token, then: Syntax, gap: tuple[Syntax, Syntax], other: Syntax, *, strict: bool
) -> Syntax:
    """Return the tree of `then` where the first side of `gap` is above the second one, and of `other` elsewhere."""
    text = "strict" if strict else ""
    return parser.reading.node(
        "cases", (then, _difference(parser, token, *gap), other), token.start, token.end, text=text
    )


def _difference(parser: Parser, token: Token, high: Syntax, low: Syntax) -> Syntax:
    below_it = parser.reading.node("negate", (low,), token.start, token.end)
    return parser.reading.node("add", (high, below_it), token.start, token.end)


def _nested(parser: Parser, token: Token, quantity: Syntax, found: Sequence[_Stretch], *, upwards: bool) -> Syntax:
    """Return the tree of the values on stretches of a quantity, which follow each other upwards, or downwards."""
    *others, last = found
    tree = last.value
    for stretch in reversed(others):
        end = stretch.upper if upwards else stretch.lower
        assert end is not None
        gap = (end.at, quantity) if upwards else (quantity, end.at)
        tree = _case(parser, token, stretch.value, gap, tree, strict=not end.closed)
    return tree


# --- stretches of one quantity -----------------------------------------------------------------------------


def _quantities(row: _Row) -> Iterator[Syntax]:
    """Yield what a condition may bound: each side of it, and what stands there between bars."""
    sides = [side for x in row.condition for side in (x.low, x.high) if side.head != "number"]
    yield from sides
    yield from (x.arguments[0].ungrouped for x in sides if x.head == "bars")


def _in_order(parser: Parser, token: Token, quantity: Syntax, rows: Sequence[_Row]) -> list[_Stretch]:
    """Return the stretches of a quantity, the lowest first, which are all it may be; none where that is not clear."""
    parts = [_stretches(parser, token, quantity, row) for row in rows if row.condition]
    waiting = [x for part in parts for x in part]
    other = next((row.value for row in rows if not row.condition), None)
    if not all(parts):
        return []
    found: list[_Stretch] = []
    end: _End | None = None
    while not found or end is not None:
        following = [x for x in waiting if _meets(end, x.lower, first=not found)]
        if not following and other is not None:
            clear = len(_unpreceded(waiting)) < 2  # which stretch comes next, once those between are filled
            following = [_between(end, waiting, other, first=not found)] if clear else []
        if len(following) != 1:
            return []
        stretch = following[0]
        waiting = [x for x in waiting if x is not stretch]
        found.append(stretch)
        end = stretch.upper
    return found if not waiting and len(found) > 1 else []


def _stretches(parser: Parser, token: Token, quantity: Syntax, row: _Row) -> list[_Stretch]:
    r"""Return the stretches in which the condition of a row holds, two for `|x| > 1`; none where it bounds another."""
    lower: _End | None = None
    upper: _End | None = None
    for low, high, strict in row.condition:
        if str(high.ungrouped) == str(quantity) and lower is None:
            lower = _End(low, not strict)
        elif str(low.ungrouped) == str(quantity) and upper is None:
            upper = _End(high, not strict)
        elif _is_size_of(low, quantity) and lower is upper is None:
            lower, upper = _End(_minus(parser, token, high), not strict), _End(high, not strict)
        elif _is_size_of(high, quantity) and len(row.condition) == 1:
            below, above = _End(_minus(parser, token, low), not strict), _End(low, not strict)
            return [_Stretch(None, below, row.value), _Stretch(above, None, row.value)]
        else:
            return []
    return [_Stretch(lower, upper, row.value)]


def _is_size_of(side: Syntax, quantity: Syntax) -> bool:
    """Whether a side is the absolute value of the quantity."""
    return side.head == "bars" and str(side.arguments[0].ungrouped) == str(quantity)


def _minus(parser: Parser, token: Token, x: Syntax) -> Syntax:
    return x.arguments[0] if x.head == "negate" else parser.reading.node("negate", (x,), token.start, token.end)


def _meets(end: _End | None, lower: _End | None, *, first: bool) -> bool:
    """Whether a stretch from `lower` follows one up to `end`; the value between belongs to one of them."""
    if end is None or lower is None:
        return first and end is lower
    return str(end.at.ungrouped) == str(lower.at.ungrouped) and (end.closed or lower.closed)


def _unpreceded(waiting: Sequence[_Stretch]) -> list[_End]:
    """Return the lower ends at which no other stretch ends."""
    tops = {str(x.upper.at.ungrouped) for x in waiting if x.upper is not None}
    return [x.lower for x in waiting if x.lower is not None and str(x.lower.at.ungrouped) not in tops]


def _between(end: _End | None, waiting: Sequence[_Stretch], value: Syntax, *, first: bool) -> _Stretch:
    """Return the stretch in which no condition holds, from an end to the next stretch."""
    following = next(iter(_unpreceded(waiting)), None)
    lower = None if first or end is None else _End(end.at, not end.closed)
    return _Stretch(lower, following and _End(following.at, not following.closed), value)


# --- inequalities ------------------------------------------------------------------------------------------


def _is_opposite(condition: _Relation, other: Sequence[_Relation]) -> bool:
    """Whether one inequality holds where another does not."""
    if len(other) != 1:
        return False
    (low, high, strict), (below, above, closed) = condition, other[0]
    return (str(below), str(above), closed) == (str(high), str(low), not strict)


def _relations(parser: Parser, condition: Sequence[Token], token: Token) -> tuple[_Relation, ...]:
    r"""Return the inequalities of a condition: one, or two in a chain, `0 \le x < 1`; none of an empty one."""
    if not condition:
        return ()
    signs = [k for k, x in enumerate(condition) if x.kind == "sign" and x.text in (*BELOW, *ABOVE)]
    ends = [-1, *signs, len(condition)]
    parts = [condition[i + 1 : k] for i, k in pairwise(ends)]
    same_way = len({condition[k].text in BELOW for k in signs}) == 1
    if not 0 < len(signs) < 3 or not all(parts) or not same_way or any(x.is_sign(",") for x in condition):
        hint = r"write one inequality, such as |r| \le \delta, or a chain, 0 \le x \le 1"
        parser.reading.fail("E131", "this condition of a case is not supported", token.start, token.end, hint)
    sides = [parser.part(x, token.start, token.end).whole() for x in parts]
    found = []
    for k, left, right in zip(signs, sides, sides[1:], strict=False):
        sign = condition[k].text
        low, high = (left, right) if sign in BELOW else (right, left)
        found.append(_Relation(low, high, sign in ("<", ">", r"\lt", r"\gt")))
    return tuple(found)
