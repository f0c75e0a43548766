"""Integrals: what is integrated, over which letter and within which bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .names import name_of
from .tokens import written
from .tree import Syntax

if TYPE_CHECKING:
    from .grammar import Parser

_D = ("d", r"\mathrm{d}")
_SCRIPTED = ("power", "transpose", "hadamard_power")


def integral(parser: Parser) -> Syntax:
    r"""Return what is integrated; the letter, and the values of functions at it, vary: t, `\phi(t)` and `f(t)`.

    Raises:
        ParseError: it has no differential at its end, or its bounds are no numbers.
    """
    sign = parser.take()
    below, _, above = parser.scripts()
    first = parser.at
    end = next((k for k in range(first, len(parser.tokens) - 1) if _is_differential(parser, k)), None)
    if end is None or end == first:
        hint = r"write \int_0^1 f(t)\,\mathrm{d}t, the differential at the end"
        parser.reading.fail("E131", "an integral without its differential at the end", sign.start, sign.end, hint)
    letter = parser.tokens[end + 1]
    if inner := next((x for x in parser.tokens[first:end] if x.kind == "integral"), None):
        hint = r"write them as one, \int f(z)\,\mathrm{d}z"
        parser.reading.fail("E131", "an integral within another is not supported", inner.start, inner.end, hint)
    body = parser.part(parser.tokens[first:end], parser.start_of(first), parser.tokens[end].start).whole()
    bounds = [written(x.parts[0]) if x is not None else "" for x in (below, above)]
    if (below is not None or above is not None) and not _are_numbers(bounds):
        place = above if above is not None else below
        assert place is not None
        hint = r"substitute, so that the bounds are numbers; over a fixed region leave them out, \int f\,\mathrm{d}x"
        parser.reading.fail("E131", "the bounds of an integral have to be numbers", sign.start, place.end, hint)
    parser.at = end + 2
    body = _with_values(body, letter.text)
    if marked := next((x for x in body.walk() if x.head == "symbol" and name_of(x.text).carries(letter.text)), None):
        name = str(name_of(marked.text).family((letter.text,)))
        message = f"{marked.text} may be an entry of {name} or its value at {letter.text}"
        hint = f"write the value {name}({letter.text}), or give the integral another letter"
        parser.reading.fail("E205", message, marked.span.start, marked.span.end, hint)
    letters = {x.text for x in body.walk() if x.head == "symbol" and x.text.endswith(f"({letter.text})")}
    text = " ".join([letter.text, *sorted(letters)])
    return parser.reading.node(
        "mean_over", (body,), sign.start, letter.end, text=text, base="integral", subscript=bounds[0], index=bounds[1]
    )


def _is_differential(parser: Parser, k: int) -> bool:
    one, other = parser.tokens[k : k + 2]
    return one.kind in ("symbol", "word") and one.text in _D and other.kind == "symbol"


def _are_numbers(bounds: list[str]) -> bool:
    return all(x.removeprefix("-").isdigit() for x in bounds) and int(bounds[0]) < int(bounds[1])


def _with_values(tree: Syntax, letter: str) -> Syntax:
    r"""Return the tree in which `\phi(t)` is a letter: nothing else is known of a function of the letter."""
    tree = tree.with_each(lambda x: _with_values(x, letter))
    if tree.head != "product":
        return tree
    factors: list[Syntax] = []
    for x in tree.arguments:
        group = x.arguments[0] if x.head in _SCRIPTED else x
        at_letter = group.head == "group" and group.arguments[0].head == "symbol" and group.arguments[0].text == letter
        before = factors[-1] if factors else x
        if at_letter and before.head == "symbol" and before.text != letter:
            text = f"{before.text}({letter})"
            value = before.but(text=text, base=text, span=before.span._replace(end=group.span.end))
            factors[-1] = x.but(arguments=(value, *x.arguments[1:])) if group is not x else value
        else:
            factors.append(x)
    return factors[0] if len(factors) == 1 else tree.but(arguments=tuple(factors))
