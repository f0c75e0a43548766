r"""What stands below and above a sum: its indices, their ranges, and the conditions on them.

`\sum_{i=1}^n`, `\sum_{i,j}` and `\sum_{1\le i\le n}` say a range; `\sum_{i<j}`, `\sum_{j\ne i}` and
`\sum_{(i,j)\in\Omega}`, `\sum_{j:(i,j)\in\Omega}`, `\sum_{j\in R_i}` say which of the indices are meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from .names import member_of_set, name_of
from .pieces import Reading
from .tokens import Token, written
from .tree import Syntax

if TYPE_CHECKING:
    from .grammar import Parser

_BELOW = ("<", r"\le", r"\leq", r"\leqslant")
_ABOVE = (">", r"\ge", r"\geq", r"\geqslant")
_UNEQUAL = (r"\ne", r"\neq")
_RELATIONS = ("=", r"\in", *_BELOW, *_ABOVE, *_UNEQUAL)
INDICES = "ijklpqrstuv"
"""The letters of indices: `\\sum_{i<j}` goes over both; in `\\sum_{i\\le n}` n is the last one."""
_HINT = r"write \sum_{i=1}^n, \sum_i, \sum_{i<j}, \sum_{j\ne i}, \sum_{i\in S} or \sum_{(i,j)\in\Omega}"


class Range(NamedTuple):
    """An index with the LaTeX of its first and last value, "" where none is said."""

    name: str
    lower: str = ""
    upper: str = ""


class Limits:
    """The indices that a sum binds, and the conditions on them."""

    def __init__(self) -> None:
        self.ranges: list[Range] = []
        self.conditions: list[Syntax] = []

    @property
    def names(self) -> list[str]:
        """The indices."""
        return [x.name for x in self.ranges]


def limits_of(below: Token, above: Token | None, reading: Reading) -> Limits:
    """Return the indices of a sum and the conditions on them; `reading.opened` are those of the sums around it."""
    reader = _LimitReader(below, reading, reading.opened)
    for stretch in _stretches(below.parts[0]):
        reader.read(stretch)
    reader.bound_above([written(part) for part in _split(above.parts[0])] if above is not None else [])
    return reader.found


def is_condition(token: Token) -> bool:
    r"""Whether a pair of brackets holds a condition on indices, as Iverson's `[i\ne j]`, `[(i,j)\in\Omega]`."""
    held = token.parts[0]
    if any(x.is_sign(r"\in") for x in held):
        return True
    parts = _split(held, *_RELATIONS)
    signs = [x.text for x in held if x.is_sign(*_RELATIONS)]
    indices = all(len(x) == 1 and x[0].kind == "symbol" and x[0].text in INDICES for x in parts)
    return len(parts) == 2 and indices and signs != ["="]


def condition_of(token: Token, reading: Reading) -> list[Syntax]:
    """Return the conditions in a pair of brackets, on indices that are bound elsewhere."""
    letters = {x.text: ("", "") for part in token.parts[0] for x in (part, *(y for z in part.parts for y in z))}
    reader = _LimitReader(token, reading, letters | reading.opened)
    for stretch in _split(token.parts[0]):
        reader.read(stretch)
    return reader.found.conditions


def label_of(tokens: Sequence[Token], reading: Reading) -> Syntax | None:
    r"""Return the letter that is an index, `y_i` or `z^{(n)}`, or the number; None where it is something else."""
    if [x.kind for x in tokens] == ["number"]:
        return reading.node("number", (), tokens[0].start, tokens[0].end, value=Fraction(tokens[0].text))
    if not tokens or tokens[0].kind != "symbol" or any(x.kind not in ("sub", "sup") for x in tokens[1:]):
        return None
    scripts = {x.kind: written(x.parts[0]) for x in tokens[1:]}
    name = name_of(written(tokens))
    fields = {"base": tokens[0].text, "subscript": scripts.get("sub", ""), "index": scripts.get("sup", "")}
    return reading.node("symbol", (), tokens[0].start, tokens[-1].end, text=str(name), **fields)


def occurs(names: frozenset[str], tokens: Sequence[Token]) -> bool:
    """Whether one of the indices occurs in `tokens`, outside the sums that bind it anew."""
    for k, token in enumerate(tokens):
        if token.kind == "sum" or token.letter in ("max", "min"):
            below = next((t for t in tokens[k + 1 : k + 3] if t.kind == "sub"), None)
            names = names - (_bound_in(below.parts[0]) if below is not None else set())
        if token.kind == "symbol" and token.text in names:
            return True
        if any(occurs(names, part) for part in token.parts):
            return True
    return False


def over_index(parser: Parser, sign: Token, below: Token, above: Token | None) -> Syntax:
    """Return a sum, a product, a maximum or a minimum over an index, of what follows."""
    limits = limits_of(below, above, parser.reading)
    names, around = frozenset(limits.names), parser.reading.opened
    parser.reading.opened = around | {x.name: (x.lower, x.upper) for x in limits.ranges}
    with parser.reading.nested(sign.start, sign.end):
        terms = [parser.signed_term()]
        while parser.at_sign("+", "-") and occurs(names, parser.next_term()):
            if sign.text != r"\sum":
                parser.reading.fail("E133", f"it is not clear how far this {sign.text} reaches", sign.start, sign.end,
                                  "put parentheses around what it is taken of")  # fmt: skip
            terms.append(parser.signed_term())
    parser.reading.opened = around
    _check_elements(limits, terms, below, parser)
    if limits.conditions and sign.text != r"\sum":
        hint = "take it over all values of the index, or call it by a letter"
        message = f"{sign.text} over some of the indices is not supported"
        parser.reading.fail("E134", message, below.start, below.end, hint)
    return _bound(parser, parser.joined("add", terms), limits, sign)


def _check_elements(limits: Limits, terms: Sequence[Syntax], below: Token, parser: Parser) -> None:
    r"""Refuse `\sum_{x\in D}\|x-\mu\|^2`, in which x is no index but an element of D."""
    members = [x for x in limits.conditions if x.head == "membership"]
    names = {x for x in limits.names if x not in (*INDICES, "m", "n")} if members else set()
    for name in (y.text for x in terms for y in x.walk() if y.head == "symbol" and y.text in names):
        hint = rf"write {name}_i for {name}, and \sum_{{i\in ...}}"
        parser.reading.fail("E134", f"{name} is an element here, and no index", below.start, below.end, hint)


def _bound(parser: Parser, body: Syntax, limits: Limits, sign: Token) -> Syntax:
    r"""Return the sums of `body`, where the conditions on the indices hold; one up to n-1 goes to n where i < n."""
    if limits.conditions:
        body = _where(parser, limits.conditions, body, sign)
    for index in reversed(limits.ranges):
        index = over_all_pairs(index, body)
        last = index.upper.removesuffix("-1")
        if last != index.upper and last.isalpha() and sign.text == r"\sum":
            body = _where(parser, [_less(parser, index.name, last, sign)], body, sign)
            index = index._replace(upper=last)
        ends = {"lower": index.lower, "upper": index.upper, "base": sign.text.lstrip("\\").removesuffix("sum")}
        body = parser.reading.node("sum_over", (body,), sign.start, body.span.end, text=index.name, **ends)
    return body


def _less(parser: Parser, name: str, last: str, sign: Token) -> Syntax:
    """Return the condition that an index is less than a letter."""
    sides = [parser.reading.node("symbol", (), sign.start, sign.end, text=x, base=x) for x in (name, last)]
    return parser.reading.node("comparison", tuple(sides), sign.start, sign.end, text="<")


def _where(parser: Parser, conditions: Sequence[Syntax], body: Syntax, sign: Token) -> Syntax:
    """Return what is summed where the conditions hold, and 0 elsewhere: they are factors of it."""
    whole = body
    if body.head in ("add", "negate"):
        whole = parser.reading.node("group", (body,), body.span.start, body.span.end, text="(")
    factors = whole.arguments if whole.head == "product" else (whole,)
    return parser.reading.node("product", (*conditions, *factors), sign.start, body.span.end)


def over_all_pairs(index: Range, body: Syntax) -> Range:
    r"""Return the range of the outer sum of `\sum_{i=1}^{n-1}\sum_{j=i+1}^n`, in which i = n adds nothing, as 1..n."""
    inner = body if body.head == "sum_over" and body.arguments[0].head == "product" else None
    for condition in inner.arguments[0].arguments if inner is not None else ():
        if inner is None or condition.head != "comparison" or condition.text != "<":
            continue
        pair = [x.text for x in condition.arguments]
        if pair == [index.name, inner.text] and index.upper == f"{inner.upper}-1":
            return index._replace(upper=inner.upper)
        if pair == [inner.text, index.name] and (inner.lower, index.lower) in (("1", "2"), ("0", "1")):
            return index._replace(lower=inner.lower)
    return index


def _bound_in(tokens: Sequence[Token]) -> set[str]:
    r"""Return the indices that a sum surely binds: i and j of `i<j` and `(i,j)\in\Omega`, j of `j\ne i`."""
    found: set[str] = set()
    for stretch in _split(tokens):
        parts = [x for x in _split(stretch, *_RELATIONS) if [y.kind for y in x] != ["number"]]
        flat = [[z for y in x for z in (y.parts[0] if y.kind == "delimited" else (y,))] for x in parts]
        names = [[y.text for y in x if y.kind == "symbol"] for x in flat]
        found.update(names[0] if names else ())
        if len(names) > 1 and len(names[0]) == len(names[1]) == 1 and names[1][0] in INDICES and names[0] < names[1]:
            found.update(names[1])
    return found


def _split(tokens: Sequence[Token], *signs: str) -> list[Sequence[Token]]:
    """Return the stretches between commas, or between these signs."""
    ends = [-1, *(k for k, token in enumerate(tokens) if token.is_sign(*(signs or (",",)))), len(tokens)]
    return [tokens[a + 1 : b] for a, b in pairwise(ends)]


def _stretches(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    r"""Yield what stands between commas and colons; of `1\le i,j\le n` each index with both of its limits."""
    waiting = [x for x in _split(tokens, ",", ":") if x]
    while waiting:
        first = waiting.pop(0)
        parts = _split(first, *_BELOW)
        behind = _split(waiting[0], *_BELOW) if waiting else []
        if len(parts) == len(behind) == 2 and [x.kind for x in parts[0]] == ["number"]:
            end = len(behind[0])
            yield [*first, *waiting[0][end:]]
            waiting[0] = [*first[: -len(parts[1])], *waiting[0]]
        else:
            yield first


class _LimitReader:
    """Reads the stretches below one sum, one after the other."""

    def __init__(self, below: Token, reading: Reading, around: Mapping[str, tuple[str, str]]) -> None:
        self.below, self.reading, self.around = below, reading, around
        self.found = Limits()

    def read(self, stretch: Sequence[Token]) -> None:
        """Take in what stands between two commas."""
        while len(stretch) == 1 and stretch[0].kind == "group":
            stretch = stretch[0].parts[0]
        signs = [k for k, x in enumerate(stretch) if x.is_sign(*_RELATIONS)]
        operands = [stretch[a + 1 : b] for a, b in pairwise([-1, *signs, len(stretch)])]
        relations = [stretch[k].text for k in signs]
        if not relations:
            for name in self._names(stretch):
                self._bind(name)
        elif (pair := self._label(operands, relations[0])) is not None:
            if relations != ["="] and not self._is_bound(pair[1].text):
                self._bind(pair[1].text)
            self.found.conditions.append(self._node("comparison", "=" if relations == ["="] else r"\ne", pair))
        elif relations == ["="] and self.found.ranges and not self._is_index_name(operands[0]):
            hint = r"call the set of these indices by a letter, as in \sum_{i\in S}"
            self._refuse("this condition on an index is not supported", hint)
        elif relations == ["="]:
            names = self._names(operands[0])
            for name in names:
                self._bind(name, written(operands[1]), last=name == names[-1])
        elif relations == [r"\in"]:
            self._read_membership(*operands)
        elif r"\in" in relations or "=" in relations or not all(operands):
            self._refuse()
        else:
            self._read_chain(operands, relations)

    def bound_above(self, uppers: Sequence[str]) -> None:
        """Take in what stands above the sum: one end for all indices, or one for each."""
        ranges = self.found.ranges
        for k in range(len(ranges) - 2, -1, -1):
            if not ranges[k].lower and not ranges[k].upper:
                ranges[k] = ranges[k]._replace(lower=ranges[k + 1].lower)
        if len(uppers) != len(ranges):
            uppers = [",".join(uppers)] * len(ranges) if uppers else [""] * len(ranges)
        for k, upper in enumerate(uppers):
            ranges[k] = self._within(ranges[k], upper)

    def _within(self, index: Range, upper: str) -> Range:
        r"""Return the range of an index; one that ends at another index, `\sum_{j=i+1}^n`, has a condition."""
        lower, upper = index.lower, upper or index.upper
        for other, (first, last) in self.around.items():
            if lower in (other, f"{other}+1"):
                self._compare(other, r"\le" if lower == other else "<", index.name)
                lower, upper = first, upper or last
            if upper in (other, f"{other}-1"):
                self._compare(index.name, r"\le" if upper == other else "<", other)
                upper = last
        compared = [x for y in self.found.conditions for x in y.arguments if x.text in self.around]
        if not lower and not upper and compared:
            lower, upper = self.around[compared[0].text]
        return Range(index.name, lower or ("1" if upper else ""), upper)

    def _bind(self, name: str, lower: str = "", upper: str = "", *, last: bool = True) -> None:
        self.found.ranges.append(Range(name, lower if last else "", upper))

    def _is_bound(self, name: str) -> bool:
        return name in self.around or name in self.found.names

    def _names(self, tokens: Sequence[Token]) -> list[str]:
        """Return the letters of a run of indices.

        Raises:
            ParseError: it is something else.
        """
        if not tokens or any(token.kind != "symbol" for token in tokens):
            self._refuse()
        return [x.text for x in tokens]

    def _is_index_name(self, tokens: Sequence[Token]) -> bool:
        """Whether a run of letters stands here, and no index that is bound already."""
        plain = bool(tokens) and all(x.kind == "symbol" for x in tokens)
        return plain and not any(x.text in self.found.names for x in tokens)

    def _refuse(self, message: str = "this range of a sum is not supported", hint: str = _HINT) -> NoReturn:
        self.reading.fail("E134", message, self.below.start, self.below.end, hint)

    def _read_chain(self, operands: Sequence[Sequence[Token]], relations: Sequence[str]) -> None:
        r"""Take in `i<j`, `1\le i<j\le n`, `j\ne i`: the indices that are new, their limits and their conditions."""
        lead = written(operands[0])
        if all(x in _ABOVE for x in relations):
            operands, relations = operands[::-1], [_BELOW[_ABOVE.index(x)] for x in relations[::-1]]
        elif not all(x in _BELOW for x in relations) and not (len(relations) == 1 and relations[0] in _UNEQUAL):
            self._refuse()
        texts = [written(x) for x in operands]
        letters = [x if [y.kind for y in o] == ["symbol"] else "" for x, o in zip(texts, operands, strict=True)]
        ends = [k for k, x in enumerate(letters) if not self._is_index(x, k, letters, relations)]
        if not set(ends) <= {0, len(texts) - 1} or (ends and relations[0] in _UNEQUAL):
            self._refuse()
        fresh = [x for k, x in enumerate(letters) if k not in ends and not self._is_bound(x)]
        if any(x in self.found.names for x in letters):
            fresh = []
        for name in [lead] if len(texts) == len(fresh) == 2 and lead != min(fresh) else fresh:
            self._bind(name)  # `\sum_{j\ne i}` goes over j alone, whatever i is
        self._limit(texts, ends, relations)
        for k, sign in enumerate(relations):
            if k not in ends and k + 1 not in ends:
                self._compare(
                    letters[k], r"\ne" if sign in _UNEQUAL else "<" if sign == "<" else r"\le", letters[k + 1]
                )

    def _limit(self, texts: Sequence[str], ends: Sequence[int], relations: Sequence[str]) -> None:
        """Give the indices of a chain the limits at its ends.

        Raises:
            ParseError: a limit is excluded, or a letter is one below.
        """
        if any(relations[0 if k == 0 else -1] == "<" for k in ends):
            self._refuse(hint=r"write the limits by \le, as in 1 \le i \le n")
        lower = texts[0] if 0 in ends else ""
        upper = texts[-1] if len(texts) - 1 in ends else ""
        inner = [x for k, x in enumerate(texts) if k not in ends]
        for k, index in enumerate(self.found.ranges):
            if index.name in inner and ends:
                self.found.ranges[k] = Range(index.name, lower or index.lower or "1", upper or index.upper)

    def _is_index(self, letter: str, place: int, letters: Sequence[str], relations: Sequence[str]) -> bool:
        """Whether an operand of a chain is an index; else it is a limit."""
        if not letter or self._is_bound(letter):
            return bool(letter)
        last = place == len(letters) - 1
        return not last or (len(letters) == 2 and (letter in INDICES or relations[0] in _UNEQUAL))

    def _label(self, operands: Sequence[Sequence[Token]], sign: str) -> tuple[Syntax, Syntax] | None:
        r"""Return a label and what it is compared with, as in `j\ne y_n` and `n:y_n=k`; None where it is another."""
        apart = sign in _UNEQUAL
        if len(operands) != 2 or not (apart or (sign == "=" and self.found.ranges)):
            return None
        label, other = (label_of(x, self.reading) for x in (operands[::-1] if apart else operands))
        if label is None or other is None or (apart and other.head == "number"):
            return None
        plain = len(operands[1 if apart else 0]) == 1 and (
            label.text in INDICES or self._is_bound(label.text) or not apart
        )
        return None if plain else (label, other)

    def _compare(self, left: str, sign: str, right: str) -> None:
        sides = tuple(self._node("symbol", x, base=x) for x in (left, right))
        self.found.conditions.append(self._node("comparison", sign, sides))

    def _node(self, head: str, text: str, arguments: tuple[Syntax, ...] = (), base: str = "") -> Syntax:
        return self.reading.node(head, arguments, self.below.start, self.below.end, text=text, base=base)

    def _read_membership(self, left: Sequence[Token], right: Sequence[Token]) -> None:
        r"""Take in `i\in S`, `j\in R_i`, `j\in\mathcal{N}(i)`, `(i,j)\in\Omega`; `i\in[n]` is a range.

        Who writes `x_i\in S` or `(x_i,y_i)\in S` goes over the i of these.
        """
        pair = [x.text for x in left] == ["("]
        elements = _split(left[0].parts[0]) if pair else [left]
        if all([x.kind for x in y] == ["symbol", "sub"] for y in elements):
            below = {written(y[1].parts[0]): y[1].parts[0] for y in elements}
            left, pair = (next(iter(below.values())), False) if len(below) == 1 else (left, pair)
        names = self._names([y for x in _split(left[0].parts[0]) for y in x] if pair else left)
        if (not pair and len(names) != 1) or len(names) > 2:
            self._refuse()
        fresh = not self.found.ranges
        for name in names if fresh else ():
            if name not in self.around:
                self._bind(name)
        if not fresh and not any(name in self.found.names for name in names):
            self._refuse()
        while len(right) == 1 and right[0].kind == "group":
            right = right[0].parts[0]
        if [x.text for x in right] == ["["] and [x.kind for x in right[0].parts[0]] == ["symbol"]:
            self.found.ranges[-1] = Range(names[0], "1", written(right[0].parts[0]))
            return
        if not right or right[0].kind != "symbol":
            self._refuse("this set of indices is not supported", r"give it a name, as in \sum_{i\in S}")
        form, whole = "pairs" if pair else "", right
        around: list[str] = []
        if right[-1].kind == "delimited" and right[-1].text == "(":
            argument, whole = right[-1].parts[0], right[:-1]
            form = "()" if len(argument) == 1 else f"({written(argument[:1])})"
            inner = argument if len(argument) == 1 else argument[1].parts[0] if len(argument) == 2 else ()
            around = self._names(inner)
        if any(x.kind not in ("sub", "sup", "prime") for x in whole[1:]):
            self._refuse("this set of indices is not supported", r"give it a name, as in \sum_{i\in S}")
        mask = member_of_set(written(whole), [*around, *names])
        symbol = self._node("symbol", str(mask), base=mask.letter)
        self.found.conditions.append(self._node("membership", form, (symbol,)))
