r"""Tokens, what the grammar sees, and the canonical LaTeX of those that make up a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .names import in_braces
from .vocabulary import CLOSERS, EMBOLDENED, OPENERS

Font = tuple[str, str]
"""(the emboldening macro, the alphabet), either may be empty."""
PLAIN: Font = ("", "")
SCRIPTS = ("sup", "sub", "prime")


class Token(NamedTuple):
    r"""What the grammar sees.

    Kinds: number, symbol, word (a name of several letters), ones, zeros, function, sum, sign, prime,
    open, close, bar (opens or closes), delimited (a pair with what it holds), group (invisible braces), argument
    (invisible braces behind a function), fraction, binomial, sqrt, sup, sub. `text` is canonical LaTeX; `letter` is a
    symbol's letter without its font; `parts` are the sequences within.
    """

    kind: str
    text: str
    start: int
    end: int
    parts: tuple[tuple[Token, ...], ...] = ()
    letter: str = ""

    def is_sign(self, *texts: str) -> bool:
        """Whether this is one of these signs."""
        return self.kind == "sign" and self.text in texts


def is_transpose(token: Token) -> bool:
    """Whether this is a sign that in a superscript means a transpose."""
    return token.kind == "symbol" and token.letter in ("T", r"\top", r"\intercal")


def without_final_punctuation(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Return the tokens without the comma or full stop of the sentence around the formula."""
    while tokens and tokens[-1].is_sign(",", ".", ";"):
        tokens = tokens[:-1]
    return tokens


def styled(letter: str, font: Font) -> str:
    """Return the LaTeX of a letter in a font."""
    embolden, alphabet = font
    text = f"\\{alphabet}{{{letter}}}" if alphabet else letter
    return f"\\{embolden}{{{text}}}" if embolden else text


def with_font(font: Font, name: str) -> Font:
    """Return the font that the macro `name` makes of `font`."""
    return (name, font[1]) if name in EMBOLDENED else (font[0], name)


def written(tokens: Sequence[Token]) -> str:
    r"""Return canonical LaTeX of what stands in a subscript or an index."""
    text = ""
    for token in tokens:
        piece = _written_token(token)
        separate = piece[:1].isalpha() and text[text.rfind("\\") + 1 :].isalpha() and "\\" in text
        text += " " * separate + piece
    return text


def _written_token(token: Token) -> str:
    inner = [written(part) for part in token.parts]
    if token.kind == "delimited":
        return f"{OPENERS[token.text]}{inner[0]}{CLOSERS[token.text]}"
    if token.kind in ("sup", "sub"):
        return token.text + in_braces(inner[0])
    if token.kind == "fraction":
        return f"\\frac{{{inner[0]}}}{{{inner[1]}}}"
    if token.kind == "binomial":
        return f"\\binom{{{inner[0]}}}{{{inner[1]}}}"
    if token.kind == "sqrt":
        return f"\\sqrt{{{inner[0]}}}"
    if token.kind in ("group", "argument"):
        return inner[0]
    if token.kind == "function" and not token.text.startswith("\\"):
        return token.text if len(token.text) == 1 else f"\\mathrm{{{token.text}}}"
    return token.text
