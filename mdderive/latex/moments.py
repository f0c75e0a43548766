r"""The moments of random letters: what `\mathbb{E}_x[...]` averages, and over which letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .cursor import Cursor
from .names import name_of
from .pieces import Reading
from .refusals import is_expectation
from .tokens import Token
from .tree import Syntax

if TYPE_CHECKING:
    from .grammar import Parser

_SIM = r"\sim"


WITHIN_ANOTHER = "an expectation within another is not supported"
NAME_THE_INNER = "name the inner one by a letter of its own"
VARIANCES = ("var", "cov")
"""The words for variances and covariances."""


def is_covariance(token: Token, cursor: Cursor) -> bool:
    r"""Whether `\operatorname{Var}(...)`, `\operatorname{Cov}(...)` begins with the token; not of the author's own."""
    if token.kind != "word" or token.letter.lower() not in VARIANCES or cursor.naming:
        return False
    follows = cursor.peek()
    own = token.letter in cursor.reading.spellings.letters
    return not own and follows is not None and follows.kind == "delimited" and follows.text in ("(", "[")


def is_averaged(token: Token, cursor: Cursor) -> bool:
    r"""Whether `\mathbb{E}_x[...]`, `E[...]`, `\operatorname{E}(...)` begins with the token, which is taken."""
    k = cursor.behind(cursor.at, ("sub",))
    follows = cursor.tokens[k] if k < len(cursor.tokens) else None
    if follows is None or follows.kind != "delimited" or follows.text not in ("[", "(", "{", "|", "||"):
        return False
    return token.letter == "E" and is_expectation(token, follows)


def expectation(parser: Parser, sign: Token) -> Syntax:
    r"""Return what is averaged in `\mathbb{E}_x[...]`, with the letters in the subscript."""
    below, _, _ = parser.scripts()
    group = parser.tokens[parser.at]
    letters, others = random_letters(below, parser.reading) if below is not None else ((), ())
    norm = group.text in ("|", "||")
    inner = parser.reading.node("group", (parser.factor(alone=False),), group.start, group.end) if norm else None
    if norm and (parser.at_operand() or parser.at_sign("/")):
        message = "it is not clear how far this expectation reaches"
        parser.reading.fail("E133", message, sign.start, group.end, "put brackets around what is averaged")
    inner = inner or parser.delimited(parser.take())
    if inner.head == "tuple":
        parser.reading.fail("E131", "a comma stands in an expectation", group.start, group.end)
    return parser.reading.node(
        "mean_over", inner.arguments, sign.start, group.end, text=" ".join(letters), lower=" ".join(others)
    )


def covariance(parser: Parser, word: Token) -> Syntax:
    r"""Return `\operatorname{Cov}(u, v)`; that of u alone is Cov(u, u)."""
    group = parser.take()
    items = parser.delimited(group).arguments
    if any(y.head in ("mean_over", "covariance") for x in items for y in x.walk()):  # each doubles what is in it
        parser.reading.fail("E131", WITHIN_ANOTHER, word.start, group.end, NAME_THE_INNER)
    if len(items) > 2 or (len(items) == 2 and word.letter.lower() == "var"):
        parser.reading.fail("E131", f"{word.letter} of so many arguments is not supported", group.start, group.end)
    return parser.reading.node("covariance", (items[0], items[-1]), word.start, group.end)


def is_density(token: Token, cursor: Cursor) -> bool:
    r"""Whether `\mathcal{N}(x\mid\mu,\Sigma)`, the normal density at x, begins with the token, which is taken."""
    follows = cursor.peek()
    if cursor.naming or name_of(token.text).letter != "N" or follows is None or follows.text != "(":
        return False
    signs = [x.text for x in follows.parts[0] if x.is_sign("|", ";", ",")]
    return len(signs) == 2 and signs[0] in ("|", ";") and signs[1] == ","


def density(parser: Parser, letter: Token) -> Syntax:
    r"""Return the normal density at x, `\mathcal{N}(x\mid\mu,\Sigma)`, with its mean and its covariance."""
    group = parser.take()
    inside = tuple(x._replace(text=",") if x.is_sign("|", ";") else x for x in group.parts[0])
    items = parser.delimited(group._replace(parts=(inside,))).arguments
    return parser.reading.node("density", items, letter.start, group.end, text=letter.text)


def random_letters(below: Token, reading: Reading) -> tuple[tuple[str, ...], tuple[str, ...]]:
    r"""Return the letters under an expectation, x and y of `\mathbb{E}_{x,y}`, and those of p in `x \sim p`.

    Raises:
        ParseError: it holds something else.
    """
    found: list[str] = []
    tokens = below.parts[0]
    end = next((k for k, x in enumerate(tokens) if x.is_sign(_SIM) or x.text == _SIM), len(tokens))
    for token in tokens[:end]:
        if token.kind == "symbol":
            found.append(token.text)
        elif not token.is_sign(","):
            hint = r"write the random letters alone, \mathbb{E}_{x,y}[...]"
            reading.fail("E131", "this subscript of an expectation is not supported", below.start, below.end, hint)
    return tuple(found), tuple(_letters(tokens[end:]))


def _letters(tokens: Iterable[Token]) -> Iterator[str]:
    r"""Yield the letters in what describes a distribution: \mu and \Sigma of `N(\mu,\Sigma)`."""
    for token in tokens:
        if token.kind == "symbol":
            yield token.text
        for part in token.parts:
            yield from _letters(part)
