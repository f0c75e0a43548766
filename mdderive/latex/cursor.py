"""A place in a sequence of tokens: what stands there, what may be taken, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from .pieces import Reading
from .tokens import SCRIPTS, Token
from .vocabulary import RELATIONS, words_of

_OPERANDS = words_of(
    "number symbol word ones zeros function sum delimited group fraction binomial sqrt cases entries integral"
)


class Cursor:
    """Goes over one sequence of tokens: a whole formula, or what stands within a pair of delimiters or braces.

    `start` and `end` bound the sequence, for errors about what is missing; with `naming` a word that is not known
    may be followed by its arguments, since it is being defined.
    """

    def __init__(
        self, tokens: Sequence[Token], reading: Reading, start: int, end: int, *, naming: bool = False
    ) -> None:
        self.tokens = tokens
        self.reading = reading
        self.start = start
        self.end = end
        self.naming = naming
        self.at = 0

    def peek(self) -> Token | None:
        """Return the token that stands here, None at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self) -> Token:
        """Return the token that stands here and go behind it."""
        self.at += 1
        return self.tokens[self.at - 1]

    def at_sign(self, *texts: str) -> bool:
        """Whether one of these signs stands here."""
        token = self.tokens[self.at] if self.at < len(self.tokens) else None
        return token is not None and token.kind == "sign" and token.text in texts

    def at_operand(self) -> bool:
        """Whether a factor begins here."""
        return self.at < len(self.tokens) and self.tokens[self.at].kind in _OPERANDS

    def at_script(self) -> bool:
        """Whether a subscript, a superscript or a prime stands here."""
        return self.at < len(self.tokens) and self.tokens[self.at].kind in SCRIPTS

    def at_parenthesis(self, k: int) -> bool:
        """Whether the token `k` is a pair of parentheses or brackets."""
        token = self.tokens[k] if k < len(self.tokens) else None
        return token is not None and token.kind == "delimited" and token.text in ("(", "[")

    def behind(self, k: int, kinds: Sequence[str] = SCRIPTS) -> int:
        """Return the place of the first token from `k` on that is of none of these kinds."""
        while k < len(self.tokens) and self.tokens[k].kind in kinds:
            k += 1
        return k

    def start_of(self, k: int) -> int:
        """Return where the token `k` begins, the end of the sequence behind the last one."""
        return self.tokens[k].start if k < len(self.tokens) else self.end

    def end_of(self, k: int) -> int:
        """Return where the token `k` ends, the start of the sequence before the first one."""
        return self.tokens[k].end if k >= 0 else self.start

    def last_end(self) -> int:
        """Return where the token before this place ends."""
        return self.end_of(self.at - 1)

    def scripts(self) -> tuple[Token | None, list[Token], Token | None]:
        """Take the scripts that follow, in whatever order: subscript, primes, superscript."""
        below: Token | None = None
        primes: list[Token] = []
        above: Token | None = None
        while (token := self.peek()) is not None and token.kind in SCRIPTS:
            if (token.kind == "sub" and below is not None) or (token.kind != "sub" and above is not None):
                what, hint = "superscript", "write parentheses, as in (x^2)^T"
                if token.kind == "sub":
                    what, hint = "subscript", "write both in one pair of braces"
                self.reading.fail("E127", f"a second {what}", token.start, token.end, hint)
            if token.kind == "sub":
                below = token
            elif token.kind == "prime":
                primes.append(token)
            else:
                above = token
            self.take()
        return below, primes, above

    def next_term(self) -> Sequence[Token]:
        """Return the tokens of the term that begins here with its sign."""
        k = self.at
        while k < len(self.tokens) and self.tokens[k].is_sign("+", "-"):
            k += 1
        while k < len(self.tokens) and not (self.tokens[k].is_sign("+", "-") and self.tokens[k - 1].kind != "sign"):
            k += 1
        return self.tokens[self.at : k]

    def missing(self) -> NoReturn:
        """Refuse the formula, since an operand is missing here."""
        before = self.tokens[self.at - 1] if self.at else None
        token = self.peek()
        if token is not None and token.kind in SCRIPTS:
            self.reading.fail("E126", f"nothing stands before this {token.text}", token.start, token.end)
        if before is not None and before.kind == "sign":
            self.reading.fail("E126", f"something is missing behind {before.text}", before.start, before.end)
        if token is not None:
            self.reading.fail("E126", f"something is missing before {token.text}", token.start, token.end)
        self.reading.fail("E126", "something is missing here", self.start, self.end)

    def unexpected(self, token: Token) -> NoReturn:
        """Refuse the formula for a token that cannot stand where it does."""
        if is_relation(token):
            hint = "leave out what follows; an equation that holds stands in a clause, [subject to: ... = ...]"
            self.reading.fail("E135", f"the relation {token.text} is not supported here", token.start, token.end, hint)
        if token.kind in SCRIPTS:
            message = f"this {token.text} belongs to nothing"
            self.reading.fail("E127", message, token.start, token.end, "add parentheses")
        hint = "write the transpose as X^T and the product of entries as a \\odot b" if token.text == "." else ""
        if token.text == "," and any(map(is_relation, self.tokens)):
            hint = "what holds of a letter stands in a clause: [x: positive]"
        self.reading.fail("E128", f"{token.text} is not expected here", token.start, token.end, hint)


def is_relation(token: Token) -> bool:
    """Whether a token is `=` or another sign that makes a statement of two formulas."""
    return token.kind == "sign" and (token.text in ("=", ":=", "<", ">") or token.text[1:] in RELATIONS)
