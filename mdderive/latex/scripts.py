r"""What a script means: a name, a size, a norm, a transpose, a power or a mark."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .cursor import is_relation
from .names import entry_indices, in_braces, name_of
from .pieces import Reading
from .tokens import Token, is_transpose, written
from .tree import Syntax
from .vocabulary import MARKS

_EULER = ("e", r"\mathrm{e}")
Exponent = Callable[[Sequence[Token], Token], Syntax]
"""Reads the tokens of an exponent, which stands in the script given."""


def with_subscript(base: Syntax, below: Token, reading: Reading, exponent: Exponent) -> Syntax:
    """Return `base` with the subscript `below`: another name, a size, or which norm it is."""
    start, end = base.span.start, below.end
    text = written(below.parts[0])
    if base.head == "symbol" and not base.index:
        named = base.base + "_" + in_braces(text)
        return reading.node("symbol", (), start, end, text=named, base=base.base, subscript=text)
    base = vector_for_digit(base)
    if base.head in ("ones", "zeros"):
        if any(map(is_relation, below.parts[0])):
            reading.fail("E131", "a condition (an indicator) is not supported", start, end)
        return base.but(text=text, span=base.span._replace(end=end))
    if base.head == "inner":
        if _norm_name(below.parts[0]) not in ("F", "2"):
            hint = f"write a^T {text} b" if text[:1].isupper() else r"write \langle a, b\rangle"
            reading.fail("E131", f"the inner product with index {text} is not supported", start, end, hint)
        return base.but(span=base.span._replace(end=end))
    if base.head in ("norm", "bars"):
        index = below.parts[0]
        named = _norm_name(index)
        numbered = len(index) == 1 and re.fullmatch(r"[3-9]|[1-9]\d+|[a-z]", index[0].text) is not None
        p = (exponent(index, below),) if numbered or _is_inverse(index) else ()
        return reading.node("norm", (*base.arguments, *p), start, end, text=named)
    return reading.node("subscripted", (base,), start, end, text=text)


def _is_inverse(index: Sequence[Token]) -> bool:
    r"""Whether this is the inverse of a letter, as under `\|x\|_{\Sigma^{-1}}`."""
    kinds = [token.kind for token in index]
    return kinds in (["symbol", "sup"], ["symbol", "sub", "sup"]) and _shape(index[-1].parts[0]) == "-1"


def is_weighted(base: Syntax) -> bool:
    r"""Whether this is a norm with the inverse of a matrix as its index, `\|x\|_{\Sigma^{-1}}`."""
    return base.head == "norm" and len(base.arguments) == 2 and base.arguments[1].head == "power"


def weighted(base: Syntax, above: Token | None, reading: Reading, exponent: Exponent) -> Syntax:
    r"""Return `x^\top\Sigma^{-1}x` for the square of `\|x\|_{\Sigma^{-1}}`, a power of its root for another power."""
    x, weight = base.arguments
    start, end = base.span.start, base.span.end if above is None else above.end
    column = x if x.head == "symbol" else reading.node("group", (x,), x.span.start, x.span.end, text="(")
    row = reading.node("transpose", (column,), x.span.start, x.span.end)
    form = reading.node("product", (row, weight, column), start, end)
    if above is not None and _shape(above.parts[0]) == "2":
        return reading.node("group", (form,), start, end, text="(")
    root = reading.node("sqrt", (form,), start, base.span.end)
    return root if above is None else raised(root, above, reading, exponent)


def is_entry_of_inverse(base: Syntax, below: Token, above: Token) -> bool:
    r"""Whether this is `X^{-1}_{11}`, an entry of the inverse, in which the inverse is written first."""
    two = len(entry_indices(written(below.parts[0]))) == 2
    capital = base.head == "symbol" and name_of(base.text).is_capital
    return capital and two and above.start < below.start and _shape(above.parts[0]) in ("-1", "-T", "-1T")


def raised(base: Syntax, above: Token, reading: Reading, exponent: Exponent) -> Syntax:
    """Return `base` under the superscript `above`: an index, a prime, a transpose, a mark or a power."""
    start, end = base.span.start, above.end
    named = base.head == "symbol" and not base.index and base.text not in _EULER
    tokens = _with_inner_transpose(above.parts[0], named)
    if named and any(x.is_sign(",") for x in tokens) and all(map(_is_of_index, tokens)):  # `L^{l,u}`
        return _indexed(base, tokens, end)
    if named and _is_index(tokens[0]) and _may_follow_index(tokens[1:]):
        base, tokens = _indexed(base, tokens[:1], end), tokens[1:]
    while tokens and tokens[0].kind == "prime":
        base, tokens = reading.node("prime", (base,), start, end), tokens[1:]
    if not tokens:
        return base
    shape = _shape(tokens)
    if shape == "T":
        return reading.node("transpose", (vector_for_digit(base),), start, end)
    if tokens[-1].kind == "prime" and _shape(tokens[:-1]) == "-1":
        return reading.node(
            "prime", (raised(base, above._replace(parts=(tokens[:-1],)), reading, exponent),), start, end
        )
    if shape in ("-T", "-1T"):
        return reading.node("inverse_transpose", (base,), start, end)
    if _is_mark(tokens[0]) and _shape(tokens[1:]) in ("", "T"):
        base = reading.node("superscript", (base,), start, end, text=tokens[0].text)
        return base if len(tokens) == 1 else reading.node("transpose", (base,), start, end)
    if tokens[0].is_sign(r"\odot", r"\circ") and len(tokens) > 1:
        return reading.node("hadamard_power", (base, exponent(tokens[1:], above)), start, end)
    return reading.node("power", (base, exponent(tokens, above)), start, end)


def _is_mark(token: Token) -> bool:
    return token.kind == "sign" and (token.text in ("+", "-", "*", r"\circ") or token.text[1:] in MARKS)


def _shape(tokens: Sequence[Token]) -> str:
    """Return a superscript as a pattern: signs and numbers as they are, T for a transpose, ? for all else."""
    return "".join(
        "T" if is_transpose(token) else token.text if token.kind in ("sign", "number") else "?" for token in tokens
    )


def _with_inner_transpose(tokens: tuple[Token, ...], named: bool) -> tuple[Token, ...]:
    r"""Return `-1^T`, `+^T` and, on a name, `[l]^T` as `-1T`, `+T` and `[l]T`; in `e^{A^T}` it stays with A."""
    if len(tokens) < 2 or tokens[-1].kind != "sup" or _shape(tokens[-1].parts[0]) != "T":
        return tokens
    before = tokens[:-1]
    if len(before) == 1 and before[0].kind == "group":
        before = before[0].parts[0]
    joins = _shape(before) == "-1" or (len(before) == 1 and (_is_mark(before[0]) or (named and _is_index(before[0]))))
    return (*before, *tokens[-1].parts[0]) if joins else tokens


def _may_follow_index(tokens: Sequence[Token]) -> bool:
    """Whether this may stand behind the index in a superscript: a transpose, primes, a mark or a number."""
    marked = len(tokens) == 1 and _is_mark(tokens[0])
    numeral = len(tokens) == 1 and tokens[0].kind == "number"
    return marked or numeral or _shape(tokens) in ("", "T", "-T", "-1T", "-1") or all(t.kind == "prime" for t in tokens)


def _is_index(token: Token) -> bool:
    r"""Whether a superscript `(i)` or `[l-1]` is an index; `(1/2)` and `(a^\top x)` are exponents."""
    if token.kind != "delimited" or token.text not in ("(", "[") or not token.parts[0]:
        return False
    inner = token.parts[0]
    if inner[0].is_sign("-") or any(t.kind == "number" and "." in t.text for t in inner):
        return False
    return all(map(_is_of_index, inner))


def _is_of_index(token: Token) -> bool:
    plain = ("symbol", "word", "number", "sub", "prime")
    return token.kind in plain or token.is_sign("+", "-", ",", "*", ":")


def _indexed(base: Syntax, index: Sequence[Token], end: int) -> Syntax:
    text = written(index)
    span = base.span._replace(end=end)
    return base.but(text=f"{base.text}^{in_braces(text)}", index=text, span=span)


def vector_for_digit(base: Syntax) -> Syntax:
    r"""Return the 1 of `1^\top x` or `1_n` as the vector that only it can be."""
    if base.head == "number" and base.value in (0, 1):
        return base.but(head="ones" if base.value == 1 else "zeros", value=None, base=str(base.value))
    return base


def _norm_name(tokens: Sequence[Token]) -> str:
    r"""Return the subscript of a norm without its font; `Fro` is F and `\ell_2` is 2."""
    letters = [token.letter or token.text for token in tokens]
    if "".join(letters) in ("F", "Fro", "fro", "Frob", "HS"):
        return "F"
    if len(tokens) == 2 and letters[0] in ("L", r"\ell", "l") and tokens[1].kind == "sub":
        return written(tokens[1].parts[0])
    return letters[0] if len(letters) == 1 and tokens[0].kind in ("symbol", "word", "function") else written(tokens)
