r"""Reading LaTeX math into the tree of `syntax`.

Five passes, each a pure function of the one before:

1. pylatexenc nodes -> pieces: characters, macros and braces, Unicode spelled out in LaTeX (`pieces`);
2. the author's macros are expanded (`pieces`);
3. pieces -> tokens: letters with their fonts and accents, numbers, functions, signs, scripts, fractions (`tokens`);
4. delimiters and bars are paired (`tokens`);
5. tokens -> tree, by precedence (here).

Passes 3 and 4 alternate, because what stands within braces is a sequence of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NoReturn

from ..errors import ParseError, Span
from .pieces import Reading, expanded, pieces_of
from .tokens import (
    MARKS,
    PLAIN,
    RELATIONS,
    SCRIPTS,
    Token,
    Tokenizer,
    in_braces,
    without_final_punctuation,
    words_of,
    written,
)
from .tree import MacroDefinition, Spellings, Syntax

MAX_DIGITS = 100
"""How many digits a number may have."""
MAX_DEPTH = 200
"""How deep the tree may be; a chain of 200 signs \\odot is a tree of that depth."""
_NO_MACROS: Mapping[str, MacroDefinition] = MappingProxyType({})


def parse(
    latex: str, spellings: Spellings, part: str = "f", macros: Mapping[str, MacroDefinition] = _NO_MACROS
) -> Syntax:
    r"""Return the tree of `latex`; its spans are places in `part`, which is `latex` itself.

    `macros` holds the author's definitions by name, backslash included (`r"\bX"`).

    Raises:
        ParseError: the formula cannot be read; the span is the culprit.
    """
    return _parse_plain(latex, spellings, part) if not macros else _parse(latex, spellings, part, macros)


def _parse(latex: str, spellings: Spellings, part: str, macros: Mapping[str, MacroDefinition]) -> Syntax:
    reading = Reading(latex, spellings, part, macros)
    pieces = expanded(pieces_of(reading), reading)
    tokens = without_final_punctuation(Tokenizer(reading).sequence(pieces, PLAIN))
    while len(tokens) == 1 and tokens[0].kind == "group":
        tokens = tokens[0].parts[0]
    if not tokens:
        reading.fail("E120", "there is no formula here", 0, len(latex))
    tree = _Parser(tokens, reading, 0, len(latex)).equation()
    _check_depth(tree)
    return tree


@lru_cache(maxsize=4096)
def _parse_plain(latex: str, spellings: Spellings, part: str) -> Syntax:
    """Return the tree of a formula without macros of the author's; the same few names are declared again and again."""
    return _parse(latex, spellings, part, _NO_MACROS)


def forget() -> None:
    """Drop the trees that are kept."""
    _parse_plain.cache_clear()


def _check_depth(tree: Syntax) -> None:
    level = [tree]
    for _ in range(MAX_DEPTH):
        level = [x for node in level for x in node.arguments]
        if not level:
            return
    raise ParseError("E121", f"this has more than {MAX_DEPTH} levels", level[0].span, "name a part of it")


# --- the grammar -------------------------------------------------------------------------------------------

_OPERANDS = words_of("number symbol word ones zeros function sum delimited group fraction sqrt")


class _Parser:
    """Reads one sequence of tokens: a whole formula, or what stands within a pair of delimiters or braces.

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

    # sequences

    def equation(self) -> Syntax:
        """Return the whole sequence, which may be an equation."""
        relations = [k for k, token in enumerate(self.tokens) if token.is_sign("=", ":=")]
        if not relations:
            return self.whole()
        if len(relations) > 1:
            second = self.tokens[relations[1]]
            message = "a second = stands in one equation"
            self.reading.fail("E135", message, second.start, second.end, "write two equations")
        k = relations[0]
        sign = self.tokens[k]
        left = _Parser(self.tokens[:k], self.reading, self.start, sign.start, naming=True).whole()
        right = _Parser(self.tokens[k + 1 :], self.reading, sign.end, self.end).whole()
        return self._node("equation", (left, right), left.span.start, right.span.end)

    def whole(self) -> Syntax:
        """Return the sum that the whole sequence is."""
        tree = self._sum()
        if self.at < len(self.tokens):
            self._unexpected(self.tokens[self.at])
        return tree

    def items(self) -> list[Syntax]:
        """Return the sums between the commas of the sequence."""
        commas = [k for k, token in enumerate(self.tokens) if token.is_sign(",")]
        bounds = zip([-1, *commas], [*commas, len(self.tokens)], strict=True)
        return [self._part(self.tokens[a + 1 : b], self._end_of(a), self._start_of(b)).whole() for a, b in bounds]

    def _part(self, tokens: Sequence[Token], start: int, end: int) -> _Parser:
        return _Parser(tokens, self.reading, start, end, naming=self.naming)

    def _start_of(self, k: int) -> int:
        return self.tokens[k].start if k < len(self.tokens) else self.end

    def _end_of(self, k: int) -> int:
        return self.tokens[k].end if k >= 0 else self.start

    # tokens and nodes

    def _peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def _at_sign(self, *texts: str) -> bool:
        token = self._peek()
        return token is not None and token.is_sign(*texts)

    def _at_operand(self) -> bool:
        token = self._peek()
        return token is not None and token.kind in _OPERANDS

    def _node(self, head: str, arguments: tuple[Syntax, ...], start: int, end: int, **fields: Any) -> Syntax:
        return Syntax(head, arguments, Span(self.reading.part, start, max(start, end)), **fields)

    def _last_end(self) -> int:
        return self.tokens[self.at - 1].end if self.at else self.start

    # sums and infix signs

    def _sum(self) -> Syntax:
        terms = [self._signed_term()]
        while self._at_sign("+", "-"):
            terms.append(self._signed_term())
        return self._joined("add", [x for term in terms for x in (term.arguments if term.head == "add" else (term,))])

    def _joined(self, head: str, nodes: Sequence[Syntax]) -> Syntax:
        if len(nodes) == 1:
            return nodes[0]
        return self._node(head, tuple(nodes), nodes[0].span.start, nodes[-1].span.end)

    def _signed_term(self) -> Syntax:
        signs = self._signs()
        return self._negated(signs, self._infix(0))

    def _signs(self) -> list[Token]:
        """Take the signs + and - before a term."""
        signs: list[Token] = []
        while self._at_sign("+", "-"):
            signs.append(self._take())
            if len(signs) > 2:
                self.reading.fail("E126", "too many signs in a row", signs[0].start, signs[-1].end)
        return signs

    def _negated(self, signs: Sequence[Token], term: Syntax) -> Syntax:
        for sign in reversed(signs):
            if sign.text == "-":
                term = self._node("negate", (term,), sign.start, term.span.end)
        return term

    def _infix(self, least: int) -> Syntax:
        """Return operands joined by infix signs that bind with power `least` or more."""
        left = self._negated(self._signs(), self._product())
        while (found := self._infix_sign(least)) is not None:
            head, power = found
            self._take()
            right = self._infix(power + 1)
            left = self._node(head, (left, right), left.span.start, right.span.end)
        return left

    def _infix_sign(self, least: int) -> tuple[str, int] | None:
        token = self._peek()
        if token is None or token.kind != "sign":
            return None
        found = self.reading.spellings.infix.get(token.text)
        return found if found is not None and found[1] >= least else None

    # products

    def _product(self) -> Syntax:
        factors = self._factors(through_slash=True)
        return self._joined("product", factors)

    def _factors(self, *, through_slash: bool, before: Callable[[Token], bool] = lambda token: False) -> list[Syntax]:
        """Return the factors that stand side by side, up to a token that `before` holds of."""
        factors: list[Syntax] = []
        while self._at_operand() and not (factors and before(self.tokens[self.at])):
            self._check_digit_behind()
            found = self._factor(alone=not factors)
            factors += found.arguments if found.head == "product" else (found,)
            while through_slash and self._at_sign("/"):
                slash = self.tokens[self.at]
                factors = [self._quotient(self._joined("product", factors))]
                above, below = factors[0].arguments
                if self._at_operand() and below.head == "number" and above.head != "number":
                    self.reading.fail(
                        "E133",
                        "what follows this / may be divided by or multiplied",
                        slash.start,
                        slash.end,
                        "write a fraction",
                    )
        if not factors:
            self._missing()
        return factors

    def _quotient(self, above: Syntax) -> Syntax:
        self._take()
        if not self._at_operand():
            self._missing()
        below = self._factor(alone=False)
        return self._node("slash", (above, below), above.span.start, below.span.end)

    def _check_digit_behind(self) -> None:
        """Refuse `x^10` and `x2`: TeX prints x^1 0 and x2, and the author means neither product."""
        token = self.tokens[self.at]
        before = self.tokens[self.at - 1] if self.at else None
        if token.kind != "number" or before is None or before.end != token.start:
            return
        if before.kind in ("sup", "sub") and before.end - before.start == 2:
            script = before.text + "{" + self.reading.latex[before.start + 1 : before.end] + token.text + "}"
            message = f"only the first digit is a {'super' if before.kind == 'sup' else 'sub'}script"
            self.reading.fail("E132", message, before.start, token.end, f"write {script}")
        if before.kind in ("symbol", "number"):
            hint = "write the number first, or an index as x_2"
            self.reading.fail("E132", "a number stands behind a letter", before.start, token.end, hint)

    def _factor(self, *, alone: bool) -> Syntax:
        """Return one factor with its scripts; braces that hold a product yield that product.

        `alone` says that nothing stands before it in its product.
        """
        token = self.tokens[self.at]
        if token.kind == "function":
            return self._call()
        if token.kind == "sum":
            return self._sum_over()
        if token.kind == "group":
            return self._group(alone)
        self._take()
        return self._scripted(self._atom(token))

    def _group(self, alone: bool) -> Syntax:
        """Return what invisible braces hold, and refuse them where a reader would see something else."""
        token = self._take()
        inner = self._within(token)
        follows = self._peek()
        scripted = follows is not None and follows.kind in SCRIPTS
        joins = inner.head in ("add", "negate", *(head for head, _ in self.reading.spellings.infix.values()))
        crowded = not alone or scripted or self._at_operand() or self._at_sign("/")
        if (joins and crowded) or (scripted and inner.head in ("product", "slash")):
            message = "these braces do not show, so a reader sees another formula"
            self.reading.fail("E133", message, token.start, token.end, "write parentheses, or leave the braces out")
        return self._scripted(inner) if scripted else inner

    def _within(self, token: Token) -> Syntax:
        """Return what a group or pair of delimiters holds."""
        with self.reading.nested(token.start, token.end):
            return self._part(token.parts[0], token.start, token.end).whole()

    # atoms

    def _atom(self, token: Token) -> Syntax:
        if token.kind == "number":
            if len(token.text) > MAX_DIGITS:
                self.reading.fail("E121", f"this number has more than {MAX_DIGITS} digits", token.start, token.end)
            return self._node("number", (), token.start, token.end, value=Fraction(token.text))
        if token.kind in ("ones", "zeros"):
            return self._node(token.kind, (), token.start, token.end, base=token.text)
        if token.kind in ("symbol", "word"):
            self._check_word(token)
            self._check_letter(token)
            if token.letter in (r"\top", r"\intercal"):
                self.reading.fail("E128", "a transpose sign belongs into a superscript", token.start, token.end)
            return self._node("symbol", (), token.start, token.end, text=token.text, base=token.text)
        if token.kind == "delimited":
            return self._delimited(token)
        with self.reading.nested(token.start, token.end):
            parts = tuple(self._part(part, token.start, token.end).whole() for part in token.parts)
        return self._node(token.kind, parts, token.start, token.end)

    def _check_letter(self, token: Token) -> None:
        """Refuse letters that stand for no number, vector or matrix."""
        follows = self._peek()
        if token.text in (r"\mathbb{E}", r"\mathbb{P}") and follows is not None and follows.kind == "delimited":
            self.reading.fail("E131", "an expectation is not supported", token.start, token.end, "write the sum")
        if token.text in (r"\mathbb{R}", r"\mathbb{N}", r"\mathbb{Z}", r"\mathbb{C}", r"\infty"):
            self.reading.fail("E128", f"{token.text} is no part of a function", token.start, token.end)
        if token.text == r"\mathrm{d}" and self._at_operand():
            hint = r"name the variable in the marker, \derive<f><X>"
            self.reading.fail("E130", "a differential is not read inside a formula", token.start, token.end, hint)

    def _check_word(self, token: Token) -> None:
        """Refuse a function that nobody has defined."""
        follows = self._peek()
        applied = follows is not None and follows.kind == "delimited" and follows.text in "([{"
        applied = applied or (token.text.startswith(r"\operatorname") and self._at_operand())
        if token.kind == "word" and applied and not self.naming and token.letter not in self.reading.spellings.letters:
            close = get_close_matches(token.letter, sorted(self.reading.spellings.functions), 1, 0.7)
            hint = (
                f"did you mean {close[0]}?"
                if close
                else rf"define it in a clause: \operatorname{{{token.letter}}}(a) = ..."
            )
            self.reading.fail("E125", f"the function {token.letter} is not known", token.start, token.end, hint)

    def _delimited(self, token: Token) -> Syntax:
        if token.text == "|" and [(t.kind, t.text) for t in token.parts[0]] == [("delimited", "|")]:
            token = replace(token, text="||", parts=token.parts[0][0].parts)
        self._check_contents(token)
        with self.reading.nested(token.start, token.end):
            items = self._part(token.parts[0], token.start + 1, token.end - 1).items()
        expected = 2 if token.text == "<" else 1
        if token.text in ("<", "|", "||") and len(items) != expected:
            message = "an inner product has two factors" if expected == 2 else "a comma stands between bars"
            self.reading.fail("E131", message, token.start, token.end, r"write \langle a, b\rangle" * (expected == 2))
        head = {"<": "inner", "|": "bars", "||": "norm"}.get(token.text, "group" if len(items) == 1 else "tuple")
        text = token.text if head in ("group", "tuple") else ""
        return self._node(head, tuple(items), token.start, token.end, text=text)

    def _check_contents(self, token: Token) -> None:
        """Refuse what looks like a pair of delimiters around a formula and is something else."""
        for inner in token.parts[0]:
            if inner.is_sign(";"):
                hint = "write [A\\ B][x; y] as Ax + By"
                self.reading.fail("E131", "blocks are not supported", token.start, token.end, hint)
            if inner.is_sign("=", ":=", "<", ">") or (inner.kind == "sign" and inner.text[1:] in RELATIONS):
                self.reading.fail("E131", "a condition (an indicator) is not supported", token.start, token.end)

    # scripts

    def _scripted(self, base: Syntax) -> Syntax:
        """Return `base` with the subscript, the primes and the superscript that follow."""
        below, primes, above = self._scripts()
        if below is above is None and not primes:
            return base
        if below is not None:
            base = self._with_subscript(base, below)
        for prime in primes:
            base = self._node("prime", (base,), base.span.start, prime.end)
        if above is not None:
            base = self._raised(base, above)
        end = max((t.end for t in (below, *primes, above) if t is not None), default=base.span.end)
        return replace(base, span=replace(base.span, end=max(end, base.span.end)))

    def _scripts(self) -> tuple[Token | None, list[Token], Token | None]:
        """Take the scripts that follow, in whatever order: subscript, primes, superscript."""
        below: Token | None = None
        primes: list[Token] = []
        above: Token | None = None
        while (token := self._peek()) is not None and token.kind in SCRIPTS:
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
            self._take()
        return below, primes, above

    def _with_subscript(self, base: Syntax, below: Token) -> Syntax:
        start, end = base.span.start, below.end
        text = written(below.parts[0])
        if base.head == "symbol" and not base.index:
            named = base.base + "_" + in_braces(text)
            return self._node("symbol", (), start, end, text=named, base=base.base, subscript=text)
        base = _vector_for_digit(base)
        if base.head in ("ones", "zeros"):
            if any(t.kind == "sign" and (t.text in "=<>" or t.text[1:] in RELATIONS) for t in below.parts[0]):
                self.reading.fail("E131", "a condition (an indicator) is not supported", start, end)
            return replace(base, text=text, span=replace(base.span, end=end))
        if base.head in ("norm", "bars"):
            index = below.parts[0]
            named = _norm_name(index)
            numbered = len(index) == 1 and re.fullmatch(r"[3-9]|[1-9]\d+|[a-z]", index[0].text) is not None
            p = (self._exponent(index, below),) if numbered else ()
            return self._node("norm", (*base.arguments, *p), start, end, text=named)
        return self._node("subscripted", (base,), start, end, text=text)

    def _raised(self, base: Syntax, above: Token) -> Syntax:
        """Return `base` under the superscript `above`: an index, a prime, a transpose, a mark or a power."""
        start, end = base.span.start, above.end
        named = base.head == "symbol" and not base.index and base.text not in _EULER
        tokens = _with_inner_transpose(above.parts[0], named)
        if named and _is_index(tokens[0]) and _may_follow_index(tokens[1:]):
            base, tokens = _indexed(base, tokens[0], end), tokens[1:]
        while tokens and tokens[0].kind == "prime":
            base, tokens = self._node("prime", (base,), start, end), tokens[1:]
        if not tokens:
            return base
        shape = _shape(tokens)
        if shape == "T":
            return self._node("transpose", (_vector_for_digit(base),), start, end)
        if shape in ("-T", "-1T"):
            return self._node("inverse_transpose", (base,), start, end)
        if _is_mark(tokens[0]) and _shape(tokens[1:]) in ("", "T"):
            base = self._node("superscript", (base,), start, end, text=tokens[0].text)
            return base if len(tokens) == 1 else self._node("transpose", (base,), start, end)
        if tokens[0].is_sign(r"\odot", r"\circ") and len(tokens) > 1:
            return self._node("hadamard_power", (base, self._exponent(tokens[1:], above)), start, end)
        return self._node("power", (base, self._exponent(tokens, above)), start, end)

    def _exponent(self, tokens: Sequence[Token], above: Token) -> Syntax:
        """Return an exponent; a negative number is one number."""
        with self.reading.nested(above.start, above.end):
            found = self._part(tokens, above.start, above.end).whole()
        inner = found.arguments[0] if found.head == "negate" else found
        if found.head == "negate" and inner.head == "number" and inner.value is not None:
            return replace(inner, value=-inner.value, span=found.span)
        return found

    # functions

    def _call(self) -> Syntax:
        """Return a function with its argument; where it has parentheses, its scripts may stand before or behind."""
        token = self._take()
        below, primes, above = self._scripts()
        if below is not None:
            message = f"a subscript on {token.letter} is not supported"
            hint = "for a logarithm, divide by the logarithm of its base"
            self.reading.fail("E125", message, token.start, below.end, hint)
        if primes and above is None and self._at_parenthesis(self.at):
            return self._derived(token, primes)
        name = self.reading.spellings.functions[token.text]
        greedy = name in self.reading.spellings.greedy
        if primes:
            message = f"the derivative of {token.letter} has no argument"
            self.reading.fail("E126", message, token.start, primes[-1].end, "put it in parentheses")
        with self.reading.nested(token.start, token.end):
            group, arguments = self._arguments(token, name, greedy)
        call = self._node("call", arguments, token.start, self._last_end(), text=name)
        if above is not None:
            self._check_inverse(token, above, greedy)
            call = replace(self._raised(call, above), span=call.span)
        return call if group is None else self._behind_parentheses(call, group, greedy and above is None)

    def _derived(self, token: Token, primes: Sequence[Token]) -> Syntax:
        r"""Return the derivative of a known function, `\tanh'` of `\tanh'(x)`, as the letter of a function."""
        text = token.text if token.text.startswith("\\") else f"\\operatorname{{{token.text}}}"
        letter = self._node("symbol", (), token.start, token.end, text=text, base=text)
        for prime in primes:
            letter = self._node("prime", (letter,), token.start, prime.end)
        return letter

    def _check_inverse(self, token: Token, above: Token, greedy: bool) -> None:
        if written(above.parts[0]) == "-1" and not greedy:
            message = f"{token.letter}^{{-1}} may be the inverse function or the reciprocal"
            self.reading.fail("E125", message, token.start, above.end, "write the reciprocal as (...)^{-1}")

    def _arguments(self, token: Token, name: str, greedy: bool) -> tuple[Syntax | None, tuple[Syntax, ...]]:
        """Return the parenthesised argument as a group, None without parentheses, and the arguments themselves."""
        follows = self._peek()
        if follows is not None and follows.kind == "argument":
            return None, (self._braced_argument(greedy),)
        if follows is None or follows.kind != "delimited" or follows.text not in ("(", "[", "{"):
            if not self._at_operand():
                message = f"{token.letter} has no argument"
                self.reading.fail("E126", message, token.start, token.end, "put it in parentheses")
            return None, (self._greedy_argument(name) if greedy else self._bare_argument(),)
        group = self._delimited(self._take())
        return group, group.arguments

    def _braced_argument(self, greedy: bool) -> Syntax:
        r"""Return the argument in invisible braces, where a reader sees the same: `\exp{-x}` and not `\det{A}B`."""
        token = self._take()
        inner = self._within(token)
        follows = self._peek()
        scripted = follows is not None and follows.kind in SCRIPTS
        several = inner.head in ("product", "negate", "slash")
        joins = inner.head in ("add", *(head for head, _ in self.reading.spellings.infix.values()))
        if joins or scripted or (self._at_operand() and (several or greedy)):
            message = "these braces do not show, so a reader sees another argument"
            self.reading.fail("E133", message, token.start, token.end, "write parentheses")
        return inner

    def _behind_parentheses(self, call: Syntax, group: Syntax, greedy: bool) -> Syntax:
        """Return `call` with the scripts behind its parentheses; a power of `det(A)` may be meant of either."""
        scripted = self._scripted(call)
        if greedy and scripted.head == "power" and scripted.arguments[0].head == "call":
            return replace(scripted, head="call_power", arguments=(group, scripted.arguments[1]), text=call.text)
        return scripted

    def _greedy_argument(self, name: str) -> Syntax:
        """Return the whole product that follows, up to another function whose value is a scalar."""
        spellings = self.reading.spellings

        def ends(token: Token) -> bool:
            following = spellings.functions[token.text] if token.kind == "function" else None
            return following is not None and (following == name or following in spellings.scalar)

        return self._joined("product", self._factors(through_slash=False, before=ends))

    def _bare_argument(self) -> Syntax:
        r"""Return the argument of a function without parentheses: one factor, and what surely belongs to it.

        `\log 2\pi\sigma^2` takes the run behind its number, `\log a^\top v` the product that its transpose begins.
        """
        first = self._factor(alone=False)
        factors = [first]
        if first.head == "number":
            while (token := self._peek()) is not None and token.kind == "symbol" and not self._is_called():
                factors.append(self._factor(alone=False))
        elif _bare(first).head == "symbol" and self._at_parenthesis(self.at):
            group = self._scripted(self._delimited(self._take()))
            return self._joined("applied", (first, group))
        elif _is_row(first) and self._at_operand():
            factors += self._factors(through_slash=False)
        elif first.head == "symbol" and (token := self._peek()) is not None and token.kind == "symbol":
            message = f"it is not clear whether {token.text} belongs to the argument"
            self.reading.fail("E133", message, first.span.start, token.end, "put the argument in parentheses")
        return self._joined("product", factors)

    def _is_called(self) -> bool:
        k = self.at + 1
        while k < len(self.tokens) and self.tokens[k].kind in SCRIPTS:
            k += 1
        return self._at_parenthesis(k)

    def _at_parenthesis(self, k: int) -> bool:
        token = self.tokens[k] if k < len(self.tokens) else None
        return token is not None and token.kind == "delimited" and token.text in ("(", "[")

    # sums over an index

    def _sum_over(self) -> Syntax:
        """Return a sum; its body is the term that follows, and further terms while an index still occurs in them."""
        sign = self._take()
        below, primes, above = self._scripts()
        if below is None or primes:
            hint = r"write \sum_i or \sum_{i=1}^n"
            self.reading.fail("E134", "this sum has no index", sign.start, sign.end, hint)
        indices = self._indices(below, above)
        names = frozenset(name for name, _, _ in indices)
        with self.reading.nested(sign.start, sign.end):
            terms = [self._signed_term()]
            while self._at_sign("+", "-") and _occurs(names, self._next_term()):
                terms.append(self._signed_term())
        body = self._joined("add", terms)
        for name, lower, upper in reversed(indices):
            body = self._node("sum_over", (body,), sign.start, body.span.end, text=name, lower=lower, upper=upper)
        return body

    def _indices(self, below: Token, above: Token | None) -> list[tuple[str, str, str]]:
        """Return (index, lower limit, upper limit) for each index of a sum."""
        found: list[tuple[str, str]] = []
        for names, lower in _index_ranges(below.parts[0]):
            if not names or any(token.kind != "symbol" for token in names):
                hint = r"write \sum_{i=1}^n, \sum_i or \sum_{i,j}"
                self.reading.fail("E134", "this range of a sum is not supported", below.start, below.end, hint)
            found += [(token.text, lower) for token in names]
        for k in range(len(found) - 2, -1, -1):
            if not found[k][1]:
                found[k] = (found[k][0], found[k + 1][1])
        uppers = [written(part) for part in _split(above.parts[0])] if above is not None else [""]
        if len(uppers) != len(found):
            uppers = [written(above.parts[0]) if above is not None else ""] * len(found)
        return [(name, lower, upper) for (name, lower), upper in zip(found, uppers, strict=True)]

    def _next_term(self) -> Sequence[Token]:
        """Return the tokens of the term that begins here with its sign."""
        k = self.at
        while k < len(self.tokens) and self.tokens[k].is_sign("+", "-"):
            k += 1
        while k < len(self.tokens) and not (self.tokens[k].is_sign("+", "-") and self.tokens[k - 1].kind != "sign"):
            k += 1
        return self.tokens[self.at : k]

    # errors

    def _missing(self) -> NoReturn:
        """Say where an operand is missing."""
        before = self.tokens[self.at - 1] if self.at else None
        token = self._peek()
        if token is not None and token.kind in SCRIPTS:
            self.reading.fail("E126", f"nothing stands before this {token.text}", token.start, token.end)
        if before is not None and before.kind == "sign":
            self.reading.fail("E126", f"something is missing behind {before.text}", before.start, before.end)
        if token is not None:
            self.reading.fail("E126", f"something is missing before {token.text}", token.start, token.end)
        self.reading.fail("E126", "something is missing here", self.start, self.end)

    def _unexpected(self, token: Token) -> NoReturn:
        if token.is_sign("=", ":=", "<", ">") or (token.kind == "sign" and token.text[1:] in RELATIONS):
            hint = "only one = at the outermost level is read"
            self.reading.fail("E135", f"the relation {token.text} is not supported here", token.start, token.end, hint)
        if token.kind in SCRIPTS:
            message = f"this {token.text} belongs to nothing"
            self.reading.fail("E127", message, token.start, token.end, "add parentheses")
        hint = "write the transpose as X^T and the product of entries as a \\odot b" if token.text == "." else ""
        self.reading.fail("E128", f"{token.text} is not expected here", token.start, token.end, hint)


# --- what a script means -----------------------------------------------------------------------------------

_EULER = ("e", r"\mathrm{e}")


def _is_transpose(token: Token) -> bool:
    return token.kind == "symbol" and token.letter in ("T", r"\top", r"\intercal")


def _is_mark(token: Token) -> bool:
    return token.kind == "sign" and (token.text in ("+", "*", r"\circ") or token.text[1:] in MARKS)


def _shape(tokens: Sequence[Token]) -> str:
    """Return a superscript as a pattern: signs and numbers as they are, T for a transpose, ? for all else."""
    return "".join(
        "T" if _is_transpose(token) else token.text if token.kind in ("sign", "number") else "?" for token in tokens
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
    plain = ("symbol", "word", "number", "sub", "prime")
    return all(t.kind in plain or t.is_sign("+", "-", ",", "*", ":") for t in inner)


def _indexed(base: Syntax, index: Token, end: int) -> Syntax:
    text = written([index])
    span = replace(base.span, end=end)
    return replace(base, text=f"{base.text}^{in_braces(text)}", index=text, span=span)


def _vector_for_digit(base: Syntax) -> Syntax:
    r"""Return the 1 of `1^\top x` or `1_n` as the vector that only it can be."""
    if base.head == "number" and base.value in (0, 1):
        return replace(base, head="ones" if base.value == 1 else "zeros", value=None, base=str(base.value))
    return base


def _norm_name(tokens: Sequence[Token]) -> str:
    r"""Return the subscript of a norm without its font; `Fro` is F and `\ell_2` is 2."""
    letters = [token.letter or token.text for token in tokens]
    if "".join(letters) in ("F", "Fro", "fro", "Frob"):
        return "F"
    if len(tokens) == 2 and letters[0] in ("L", r"\ell", "l") and tokens[1].kind == "sub":
        return written(tokens[1].parts[0])
    return letters[0] if len(letters) == 1 and tokens[0].kind in ("symbol", "word") else written(tokens)


def _bare(node: Syntax) -> Syntax:
    while node.head == "prime":
        node = node.arguments[0]
    return node


def _is_row(node: Syntax) -> bool:
    """Whether a bare argument begins with a transpose, which alone would make no argument."""
    return node.head == "transpose" or (node.head == "prime" and _bare(node).head == "ones")


# --- indices of sums ---------------------------------------------------------------------------------------


def _split(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """Return the stretches between commas."""
    commas = [-1, *(k for k, token in enumerate(tokens) if token.is_sign(",")), len(tokens)]
    return [tokens[a + 1 : b] for a, b in pairwise(commas)]


def _index_ranges(tokens: Sequence[Token]) -> list[tuple[Sequence[Token], str]]:
    """Return the names and the lower limit, or "", of every stretch below a sum."""
    found: list[tuple[Sequence[Token], str]] = []
    for stretch in _split(tokens):
        equals = next((k for k, token in enumerate(stretch) if token.is_sign("=")), None)
        if equals is None:
            found.append((stretch, ""))
        else:
            found.append((stretch[:equals], written(stretch[equals + 1 :])))
    return found


def _occurs(names: frozenset[str], tokens: Sequence[Token]) -> bool:
    """Whether one of the indices occurs in `tokens`, outside the sums that bind it anew."""
    for k, token in enumerate(tokens):
        if token.kind == "sum":
            below = next((t for t in tokens[k + 1 : k + 3] if t.kind == "sub"), None)
            bound = {t.text for s, _ in _index_ranges(below.parts[0]) for t in s} if below is not None else set()
            names = names - bound
        if token.kind == "symbol" and token.text in names:
            return True
        if any(_occurs(names, part) for part in token.parts):
            return True
    return False
