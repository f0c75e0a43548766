r"""Reading LaTeX math into the tree of `tree`.

Five passes, each a pure function of the one before:

1. LaTeX -> pieces: characters, macros and braces, Unicode spelled out in LaTeX (`pieces`);
2. the author's macros are expanded (`pieces`);
3. pieces -> tokens: letters with their fonts and accents, numbers, functions, signs, scripts, fractions (`lexer`,
   `commands`);
4. delimiters and bars are paired (`delimiters`);
5. tokens -> tree, by precedence (here; `cursor`, `calls`, `scripts`, `sums`, `refusals`).

Passes 3 and 4 alternate, because what stands within braces is a sequence of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

from ..errors import ParseError
from .calls import call
from .conditions import indicator, of_cases
from .cursor import Cursor
from .factorials import binomial, with_factorials
from .integrals import integral
from .lexer import Tokenizer
from .moments import covariance, density, expectation, is_averaged, is_covariance, is_density
from .pieces import Reading, expanded, pieces_of
from .refusals import check_behind_slash, check_contents, check_digit, check_letter, check_word
from .scripts import is_entry_of_inverse, is_weighted, raised, vector_for_digit, weighted, with_subscript
from .sums import condition_of, is_condition, over_index
from .tokens import PLAIN, Token, without_final_punctuation, written
from .tree import MacroDefinition, Spellings, Syntax

MAX_DIGITS = 100
"""How many digits a number may have."""
MAX_DEPTH = 400
"""How deep the tree may be; a chain of 200 signs \\odot is a tree of that depth."""
_NO_MACROS: Mapping[str, MacroDefinition] = MappingProxyType({})


def parse(
    latex: str,
    spellings: Spellings,
    part: str = "f",
    macros: Mapping[str, MacroDefinition] = _NO_MACROS,
    opened: frozenset[str] = frozenset(),
) -> Syntax:
    r"""Return the tree of `latex`; its spans are places in `part`, which is `latex` itself.

    `macros` holds the author's definitions by name, backslash included (`r"\bX"`); `opened` are indices that are bound
    around the formula.

    Raises:
        ParseError: the formula cannot be read; the span is the culprit.
    """
    if macros:
        return _parse(latex, spellings, part, macros, opened)
    return _parse_plain(latex, spellings, part, opened)


def _parse(
    latex: str, spellings: Spellings, part: str, macros: Mapping[str, MacroDefinition], opened: frozenset[str]
) -> Syntax:
    reading = Reading(latex, spellings, part, macros, opened=dict.fromkeys(sorted(opened), ("", "")))
    pieces = expanded(pieces_of(reading), reading)
    tokens = without_final_punctuation(Tokenizer(reading).sequence(pieces, PLAIN))
    while len(tokens) == 1 and tokens[0].kind == "group":
        tokens = tokens[0].parts[0]
    if not tokens:
        reading.fail("E120", "there is no formula here", 0, len(latex))
    tree = Parser(tokens, reading, 0, len(latex)).equation()
    _check_depth(tree)
    return tree


@lru_cache(maxsize=4096)
def _parse_plain(latex: str, spellings: Spellings, part: str, opened: frozenset[str]) -> Syntax:
    """Return the tree of a formula without macros of the author's; the same few names are declared again and again."""
    return _parse(latex, spellings, part, _NO_MACROS, opened)


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


class Parser(Cursor):
    """Reads the tree of a sequence of tokens: sums of products of factors."""

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
        left = Parser(self.tokens[:k], self.reading, self.start, sign.start, naming=True).whole()
        right = Parser(self.tokens[k + 1 :], self.reading, sign.end, self.end).whole()
        return self.reading.node("equation", (left, right), left.span.start, right.span.end)

    def whole(self) -> Syntax:
        """Return the sum that the whole sequence is."""
        tree = self._sum()
        if self.at < len(self.tokens):
            self.unexpected(self.tokens[self.at])
        return tree

    def items(self) -> list[Syntax]:
        """Return the sums between the commas of the sequence."""
        commas = [k for k, token in enumerate(self.tokens) if token.is_sign(",")]
        bounds = zip([-1, *commas], [*commas, len(self.tokens)], strict=True)
        return [self.part(self.tokens[a + 1 : b], self.end_of(a), self.start_of(b)).whole() for a, b in bounds]

    def part(self, tokens: Sequence[Token], start: int, end: int) -> Parser:
        """Return what reads a sequence within this one."""
        return Parser(tokens, self.reading, start, end, naming=self.naming)

    # sums and infix signs

    def _sum(self) -> Syntax:
        terms = [self.signed_term()]
        while self.at_sign("+", "-"):
            terms.append(self.signed_term())
        return self.joined("add", [x for term in terms for x in (term.arguments if term.head == "add" else (term,))])

    def joined(self, head: str, nodes: Sequence[Syntax]) -> Syntax:
        """Return the nodes under one head, a single one as it is."""
        if len(nodes) == 1:
            return nodes[0]
        return self.reading.node(head, tuple(nodes), nodes[0].span.start, nodes[-1].span.end)

    def signed_term(self) -> Syntax:
        """Return a term with its sign."""
        signs = self._signs()
        return self._negated(signs, self._infix(0))

    def _signs(self) -> list[Token]:
        """Take the signs + and - before a term."""
        signs: list[Token] = []
        while self.at_sign("+", "-"):
            signs.append(self.take())
            if len(signs) > 2:
                self.reading.fail("E126", "too many signs in a row", signs[0].start, signs[-1].end)
        return signs

    def _negated(self, signs: Sequence[Token], term: Syntax) -> Syntax:
        for sign in reversed(signs):
            if sign.text == "-":
                term = self.reading.node("negate", (term,), sign.start, term.span.end)
        return term

    def _infix(self, least: int) -> Syntax:
        """Return operands joined by infix signs that bind with power `least` or more."""
        left = self._negated(self._signs(), self._product())
        while (found := self._infix_sign(least)) is not None:
            head, power = found
            self.take()
            right = self._infix(power + 1)
            left = self.reading.node(head, (left, right), left.span.start, right.span.end)
        return left

    def _infix_sign(self, least: int) -> tuple[str, int] | None:
        token = self.peek()
        if token is None or token.kind != "sign":
            return None
        found = self.reading.spellings.infix.get(token.text)
        return found if found is not None and found[1] >= least else None

    # products

    def _product(self) -> Syntax:
        return self.joined("product", self.factors(through_slash=True))

    def factors(self, *, through_slash: bool, before: Callable[[Token], bool] = lambda token: False) -> list[Syntax]:
        """Return the factors that stand side by side, up to a token that `before` holds of."""
        factors: list[Syntax] = []
        while self.at_operand() and not (factors and before(self.tokens[self.at])):
            check_digit(self)
            found = self.factor(alone=not factors)
            if factors and found.head == "number" and found.value == 1:  # the last factor of `1^T(A \odot B)1`
                found = vector_for_digit(found)
            factors += found.arguments if found.head == "product" else (found,)
            while through_slash and self.at_sign("/"):
                slash = self.tokens[self.at]
                factors = [self._quotient(self.joined("product", factors))]
                check_behind_slash(self, factors[0], slash)
        if not factors:
            self.missing()
        return factors

    def _quotient(self, above: Syntax) -> Syntax:
        self.take()
        if not self.at_operand():
            self.missing()
        below = self.factor(alone=False)
        return self.reading.node("slash", (above, below), above.span.start, below.span.end)

    def factor(self, *, alone: bool) -> Syntax:
        """Return one factor with its scripts; braces that hold a product yield that product.

        `alone` says that nothing stands before it in its product.
        """
        token = self.tokens[self.at]
        if (found := indicator(self)) is not None:
            return self.scripted(found)
        if token.kind == "function":
            return call(self)
        if token.kind == "sum":
            return self._sum_over()
        if token.kind == "integral":
            return integral(self)
        if token.kind == "group":
            return with_factorials(self, self._group(alone))
        self.take()
        return with_factorials(self, self.scripted(self._atom(token)))

    def _group(self, alone: bool) -> Syntax:
        """Return what invisible braces hold, and refuse them where a reader would see something else."""
        token = self.take()
        inner = self.within(token)
        scripted = self.at_script()
        joins = inner.head in ("add", "negate", *(head for head, _ in self.reading.spellings.infix.values()))
        crowded = not alone or scripted or self.at_operand() or self.at_sign("/")
        if (joins and crowded) or (scripted and inner.head in ("product", "slash")):
            message = "these braces do not show, so a reader sees another formula"
            self.reading.fail("E133", message, token.start, token.end, "write parentheses, or leave the braces out")
        return self.scripted(inner) if scripted else inner

    def within(self, token: Token) -> Syntax:
        """Return what a group or pair of delimiters holds."""
        with self.reading.nested(token.start, token.end):
            return self.part(token.parts[0], token.start, token.end).whole()

    # atoms

    def _atom(self, token: Token) -> Syntax:
        if token.kind == "number":
            if len(token.text) > MAX_DIGITS:
                self.reading.fail("E121", f"this number has more than {MAX_DIGITS} digits", token.start, token.end)
            return self.reading.node("number", (), token.start, token.end, value=Fraction(token.text))
        if token.kind in ("ones", "zeros"):
            return self.reading.node(token.kind, (), token.start, token.end, base=token.text)
        if token.kind in ("symbol", "word"):
            if is_averaged(token, self):
                return expectation(self, token)
            if is_covariance(token, self):
                return covariance(self, token)
            if is_density(token, self):
                return density(self, token)
            check_word(token, self)
            check_letter(token, self)
            if token.letter in (r"\top", r"\intercal"):
                self.reading.fail("E128", "a transpose sign belongs into a superscript", token.start, token.end)
            return self.reading.node("symbol", (), token.start, token.end, text=token.text, base=token.text)
        if token.kind == "delimited":
            return self.delimited(token)
        if token.kind == "cases":
            return of_cases(self, token)
        with self.reading.nested(token.start, token.end):
            parts = tuple(self.part(part, token.start, token.end).whole() for part in token.parts)
        if token.kind == "binomial":
            return binomial(self.reading, *parts)
        text = token.text if token.kind == "entries" else ""
        return self.reading.node(token.kind, parts, token.start, token.end, text=text)

    def delimited(self, token: Token) -> Syntax:
        """Return what a pair of delimiters is: a group, a tuple, bars, a norm or an inner product."""
        if token.text == "|" and [(t.kind, t.text) for t in token.parts[0]] == [("delimited", "|")]:
            token = token._replace(text="||", parts=token.parts[0][0].parts)
        if token.text == "[" and is_condition(token):
            return self.joined("product", condition_of(token, self.reading))
        if self.naming:  # what a name has in its parentheses is told apart by `;` and bars too
            inner = tuple(x._replace(text=",") if x.is_sign(";", "|", "||") else x for x in token.parts[0])
            token = token._replace(parts=(inner,))
        check_contents(token, self.reading)
        with self.reading.nested(token.start, token.end):
            items = self.part(token.parts[0], token.start + 1, token.end - 1).items()
        expected = 2 if token.text == "<" else 1
        if token.text in ("<", "|", "||") and len(items) != expected:
            message = "an inner product has two factors" if expected == 2 else "a comma stands between bars"
            self.reading.fail("E131", message, token.start, token.end, r"write \langle a, b\rangle" * (expected == 2))
        head = {"<": "inner", "|": "bars", "||": "norm"}.get(token.text, "group" if len(items) == 1 else "tuple")
        text = token.text if head in ("group", "tuple") else ""
        return self.reading.node(head, tuple(items), token.start, token.end, text=text)

    def scripted(self, base: Syntax) -> Syntax:
        """Return `base` with the subscript, the primes and the superscript that follow."""
        below, primes, above = self.scripts()
        if below is above is None and not primes:
            return base
        if below is not None and above is not None and not primes and is_entry_of_inverse(base, below, above):
            whole = raised(base, above, self.reading, self.exponent)
            return self.reading.node("subscripted", (whole,), base.span.start, below.end, text=written(below.parts[0]))
        if below is not None:
            base = with_subscript(base, below, self.reading, self.exponent)
            if is_weighted(base) and not primes:
                return weighted(base, above, self.reading, self.exponent)
        for prime in primes:
            base = self.reading.node("prime", (base,), base.span.start, prime.end)
        if above is not None:
            base = raised(base, above, self.reading, self.exponent)
        end = max(t.end for t in (below, *primes, above) if t is not None)
        return base if end <= base.span.end else base.but(span=base.span._replace(end=end))

    def exponent(self, tokens: Sequence[Token], above: Token) -> Syntax:
        """Return an exponent; a negative number is one number."""
        with self.reading.nested(above.start, above.end):
            found = self.part(tokens, above.start, above.end).whole()
        inner = found.arguments[0] if found.head == "negate" else found
        if found.head == "negate" and inner.head == "number" and inner.value is not None:
            return inner.but(value=-inner.value, span=found.span)
        return found

    def _sum_over(self) -> Syntax:
        """Return a sum; its body is the term that follows, and further terms while an index still occurs in them."""
        sign = self.take()
        below, primes, above = self.scripts()
        if below is None or primes:
            what = sign.text.lstrip("\\").replace("prod", "product")
            hint = rf"write {sign.text}_i or {sign.text}_{{i=1}}^n"
            self.reading.fail("E134", f"this {what} has no index", sign.start, sign.end, hint)
        return over_index(self, sign, below, above)
