r"""Factorials, which stand behind their argument, and the binomial coefficients that are made of them."""

from __future__ import annotations

from .cursor import Cursor
from .pieces import Reading
from .tree import Syntax


def with_factorials(cursor: Cursor, base: Syntax) -> Syntax:
    """Return `base` with the signs of functions that stand behind it, as `n!`.

    Raises:
        ParseError: there are two, which is no factorial of a factorial.
    """
    token = cursor.peek()
    if token is None or token.kind != "sign" or token.text not in cursor.reading.spellings.functions:
        return base
    cursor.take()
    if cursor.at_sign(token.text):
        hint = "put parentheses around the first, if it is the factorial of a factorial"
        cursor.reading.fail("E131", "a double factorial is not supported", token.start, token.end + 1, hint)
    name = cursor.reading.spellings.functions[token.text]
    return cursor.reading.node("call", (base,), base.span.start, token.end, text=name)


def binomial(reading: Reading, n: Syntax, k: Syntax) -> Syntax:
    r"""Return `\frac{n!}{k!(n-k)!}`, what the binomial coefficient of n and k is."""
    place, name = n.span._replace(end=k.span.end), reading.spellings.functions["!"]
    n, k = (Syntax("group", (x,), place, text="(") for x in (n, k))
    rest = Syntax("group", (Syntax("add", (n, Syntax("negate", (k,), place)), place),), place, text="(")
    above, *below = (Syntax("call", (x,), place, text=name) for x in (n, k, rest))
    return Syntax("fraction", (above, Syntax("product", tuple(below), place)), place)
