"""Formulas on one line of plain signs, for the terminal, with the parentheses that LaTeX shows by place and size.

A fraction beside a factor stands in parentheses, `(1/2)n` and `1/(2n)`; a script ends where a blank or a parenthesis
does, `X_ij x_12`; names of several letters and bars keep a blank to their neighbours; the vector of ones is bold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from ..latex.vocabulary import ACCENTS, BIG, FACES, SPELLED_OUT, SPELLED_OUT_FUNCTIONS

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_SHORT_POWER = re.compile(r"-?(\d+|\w|⊤)|⊙\w|\w+×\w+|[+∗]")
_ALONE = re.compile(r"\d+|∂?[^\W\d_][\u0300-\u036f]*(_\w+)?")
_BOLD_DIGITS = str.maketrans("01", "𝟎𝟏")
_SPACED = {r"\odot": " ⊙ ", r"\oslash": " ⊘ ", r"\otimes": " ⊗ ", r"\colon": ": "}
_BARS = {r"\lvert": ("open bar", "|"), r"\rvert": ("close bar", "|")}
_BARS |= {r"\lVert": ("open bar", "‖"), r"\rVert": ("close bar", "‖")}
_BRACKETS = {"(": "open", "[": "open", r"\lbrace": "open", ")": "close", "]": "close", r"\rbrace": "close"}
_BRACKETS |= {r"\lbrack": "open", r"\rbrack": "close"}
_ROUND = {"{": "(", "}": ")"}
_OF_CASES = {r"\begin": ("open", "{"), r"\end": ("close", "}"), "&": ("sign", ", "), r"\cr": ("sign", "; ")}
_BLANKS = frozenset((r"\thinspace", r"\,", r"\;", r"\:", "\\ ", r"\quad", r"\qquad"))
_SIGNS: dict[str, str] = {f"\\{name}": sign for sign, name in reversed([*SPELLED_OUT.items()])} | {
    r"\mathbb{R}": "ℝ",
    r"\mathbf{1}": "1",
    r"\lt": "<",
    r"\gt": ">",
    r"\lbrack": "[",
    r"\rbrack": "]",
}
"""What most formulas are made of, beside plain letters; pylatexenc, which knows the rest, takes long to import."""
_SIZES = frozenset((r"\left", r"\right"))
_WORDS = frozenset((r"\operatorname", r"\text", r"\mathrm", r"\textrm"))
_OPERANDS = frozenset(("letter", "number", "word", "closed", "fraction", "scripted", "glue"))
"""What may be a factor."""


class Part(NamedTuple):
    """A stretch of plain text and what it is: a letter, a fraction, a sign, ..."""

    text: str
    kind: str


@lru_cache(maxsize=4096)
def plain(latex: str) -> str:
    """Return a formula in Unicode on one line."""
    return _joined(_Reader(_TOKEN.findall(latex)).parts()).strip()


class _Reader:
    """Reads the tokens of a formula as parts, from left to right."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def parts(self) -> list[Part]:
        """Return the parts up to the brace that closes, or the end."""
        found: list[Part] = []
        while self.at < len(self.tokens):
            token = self._take()
            if token == "}":
                break
            if token in ("^", "_"):
                self._append_script(found, token)
            elif token == "{":
                found += self._group()
            else:
                found += self._part(token)
        return found

    def _take(self) -> str:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _argument(self) -> list[Part]:
        """Return the parts of an argument: a brace group or one token."""
        while self._peek().isspace():
            self.at += 1
        if not self._peek():
            return []
        token = self._take()
        return self.parts() if token == "{" else self._part(token)

    def _raw(self) -> str:
        """Return an argument as it is typed, without its braces."""
        if self._peek() != "{":
            return self._take() if self._peek() else ""
        start, depth = self.at + 1, 0
        while self.at < len(self.tokens):
            token = self._take()
            depth += (token == "{") - (token == "}")
            if not depth:
                break
        return "".join(self.tokens[start : self.at - 1])

    def _group(self) -> list[Part]:
        """Return what braces hold, in parentheses where a script behind them is meant of it all."""
        inner = self.parts()
        if self._peek() in ("^", "_") and (len(inner) > 1 or (inner and inner[0].kind == "scripted")):
            return [Part(f"({_joined(inner)})", "closed")]
        return inner

    def _append_script(self, found: list[Part], sign: str) -> None:
        base = found.pop() if found and found[-1].kind in (*_OPERANDS, "close", "close bar") else Part("", "letter")
        inner = _joined(self._argument()).strip().replace("⊙ ", "⊙")
        short = _SHORT_POWER.fullmatch(inner) if sign == "^" else inner.isalnum()
        text = inner if short or _is_closed(inner) else f"({inner})"
        if base.kind == "fraction":
            base = Part(f"({base.text})", "closed")
        kind = base.kind if base.kind in ("word", "close", "close bar") else "scripted"
        found.append(Part(f"{base.text}{sign}{text}", kind))

    def _part(self, token: str) -> list[Part]:
        """Return the part that a token begins."""
        if token.isspace() or token in _BLANKS:
            around = (self.tokens[self.at - 2 : self.at - 1], self.tokens[self.at : self.at + 1])
            kept = around[0] in ([","], ["="]) or around[1] == ["="]
            return [Part(" ", "blank")] if token in _BLANKS or kept else []
        if token in _SIZES or (token.startswith("\\") and BIG.fullmatch(token[1:])):
            return []
        if token == r"\frac":
            above, below = (_joined(self._argument()).strip() for _ in range(2))
            return [Part(f"{_grouped(above)}/{_grouped(below)}", "fraction")]
        if token == r"\sqrt":
            return [Part(f"√{self._degree()}({_joined(self._argument()).strip()})", "closed")]
        if token in _BARS:
            return [Part(_BARS[token][1], _BARS[token][0])]
        if token in _BRACKETS:
            return [Part(_converted(token), _BRACKETS[token])]
        if token in _OF_CASES:
            kind, text = _OF_CASES[token]
            of_matrix = token in (r"\begin", r"\end") and self._raw() == "pmatrix"
            return [Part(_ROUND[text] if of_matrix else text, kind)]
        if token in _SPACED:
            return [Part(_SPACED[token], "sign")]
        return [self._letter(token)]

    def _degree(self) -> str:
        if self._peek() != "[":
            return ""
        end = self.tokens.index("]", self.at)
        degree = "".join(self.tokens[self.at : end + 1])
        self.at = end + 1
        return degree

    def _letter(self, token: str) -> Part:
        """Return a letter, a number, a name or a sign."""
        if token in _WORDS:
            word = self._raw()
            return Part(word, "word" if len(word) > 1 else "glue")
        name = token[1:]
        if token.startswith("\\") and name in FACES | ACCENTS:
            text = _converted(f"{token}{{{self._raw()}}}")
            return Part(text.translate(_BOLD_DIGITS), "letter")
        if name in SPELLED_OUT_FUNCTIONS:
            return Part(name, "word")
        if token.isdigit():
            while self._peek().isdigit():
                token += self._take()
            return Part(token, "number")
        text = _converted(token)
        if text == "∂":
            return Part(text, "glue")
        if text == "∑":
            return Part(text, "word")
        return Part(text, "letter" if text.isalnum() else "prime" if text == "'" else "sign")


def _is_closed(text: str) -> bool:
    """Whether the whole of `text` stands in one pair of parentheses."""
    return text.startswith("(") and text.find(")") == len(text) - 1


def _grouped(text: str) -> str:
    """Return one side of a fraction on a line, in parentheses unless nothing could be misread."""
    return text if _ALONE.fullmatch(text) or _is_closed(text) else f"({text})"


def _joined(parts: Sequence[Part]) -> str:
    """Return the parts side by side, fractions in parentheses beside factors, a blank where two would run together."""
    text, before = "", Part("", "sign")
    solid = [part for part in parts if part.kind != "blank"]
    place = 0
    for part in parts:
        if part.kind == "blank":
            text += "" if text.endswith(" ") else " "
            continue
        place += 1
        after = solid[place] if place < len(solid) else Part("", "sign")
        if part.kind == "fraction" and (_multiplies(before, front=True) or _multiplies(after, front=False)):
            part = part._replace(text=f"({part.text})")
        text += (" " if _runs_on(before, part) and not text.endswith(" ") else "") + part.text.lstrip(
            " " if text.endswith(" ") else ""
        )
        before = part
    return text


def _multiplies(neighbour: Part, *, front: bool) -> bool:
    """Whether what stands beside a fraction would be taken into its numerator or denominator."""
    bracket = ("close", "close bar") if front else ("open", "open bar")
    return neighbour.kind in _OPERANDS or neighbour.kind in bracket or neighbour.text in _SPACED.values()


def _runs_on(before: Part, part: Part) -> bool:
    """Whether a reader would take two neighbours for one."""
    if before.kind == "close bar":
        return part.kind in (*_OPERANDS, "open", "open bar")
    if part.kind == "open bar":
        return before.kind in _OPERANDS - {"word", "glue"} or before.kind == "close" or "_" in before.text
    scripted = "^" in before.text or "_" in before.text
    if before.kind == "close" and scripted and part.kind in _OPERANDS:
        return before.text[-1].isalnum()
    if before.kind not in _OPERANDS or part.kind not in _OPERANDS:
        return before.kind == "word" and before.text[0] == "∑" and part.kind == "open"
    if before.kind == "word" or (before.kind == "scripted" and before.text[-1].isalnum()):
        return True
    if part.kind == "word":
        return before.text[-1].isalnum()
    return part.kind == "number" and before.kind != "sign"


@lru_cache(maxsize=4096)
def _converted(latex: str) -> str:
    """Return a letter, with its accents and fonts, or a sign in Unicode."""
    if latex in _SIGNS or (len(latex) == 1 and latex not in "&~"):
        return _SIGNS.get(latex, latex)
    return str(_converter().latex_to_text(latex)).strip()


@lru_cache(maxsize=1)
def _converter() -> Any:
    from pylatexenc.latex2text import LatexNodes2Text

    return LatexNodes2Text(math_mode="text", keep_comments=False)
