r"""The tree that reading LaTeX yields: what the author typed, before any shape is known.

It stays ambiguous where only shapes can decide: `\sigma(x)` is a product of a letter and a group, `|X|` is bars.

Head             arguments         further fields
---------------  ----------------  ---------------------------------------------------------------------------
symbol           -                 text: canonical LaTeX, index included; base, subscript, index: its parts
number           -                 value
ones             -                 text: the size in the subscript, or ""; base: as typed, `\mathbf{1}`
zeros            -                 likewise, for `\mathbf{0}`
add              terms             a term that is subtracted is a negate
negate           x
product          factors           plain juxtaposition, flat
group            x                 text: the opening delimiter, "(", "[", "{" (a visible brace)
tuple            items             text: the opening delimiter; items between commas that no function takes
hadamard, hadamard_quotient, kronecker, cdot, times, star, circ, colon
                 a, b              an infix sign; which sign has which name is said by `Spellings.infix`
slash            a, b              `a/b`
fraction         a, b              `\frac{a}{b}`
sqrt             x[, degree]
power            x, exponent       an inverse is a power whose exponent is the number -1
hadamard_power   x, exponent       `x^{\odot 2}`
transpose        x
inverse_transpose x                `X^{-T}`
prime            x                 `'`: a derivative, a transpose or part of a name
superscript      x                 text: a mark without a meaning of its own: "+", "*", r"\#", r"\dagger", ...
subscripted      x                 text: the subscript of something that is no symbol, `(XW)_{ij}`
bars             x                 `|x|`
norm             x[, p]            text: the subscript: "", "2", "F", "1", r"\infty", "*", ...; p where it is a
                                   number above 2 or a small letter
call             arguments         text: the operator's name
call_power       group, exponent   text: the operator's name; `\det(X)^2`: the power of the value or of the argument
applied          x, group          within the call of a function that is written without parentheses:
                                   `\log h(x)`, where h may be applied, or else (x) is a factor behind the call
sum_over         body              text: the index; lower, upper: its limits, or ""; base: "", or "prod",
                                   "max", "min" where it is no sum
comparison       i, j              a condition on indices, a factor of the sum's body; text: `<`, `\le` or `\ne`
membership       x                 likewise, that an index or a pair of them is in a set: x is `R_{ij}` for j in R_i;
                                   text: how the set is written, "" for R_i, "()" for R(i), "pairs" for (i, j) in R
mean_over        body              an expectation; text: the letters in its subscript, which are random, between blanks;
                                   lower: the letters of their distribution; of an integral base is "integral", the
                                   letter of its differential the first in text, subscript and index are its bounds
covariance       u, v              `\operatorname{Cov}(u,v)`; the variance of u is the covariance of u and u
density          x, mean, covariance
                                   `\mathcal{N}(x\mid\mu,\Sigma)`; text: its letter
cases            v, gap, w         v where the gap is positive, else w; text: "strict", or "" where it may also be zero
entries          row by row        `\begin{pmatrix} a & b \end{pmatrix}`; text: how many rows and columns, "1 2"
inner            a, b              `\langle a, b\rangle`
equation         left, right       only at the root
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from ..errors import Span
from .names import Name


class Syntax:
    """One node; `span` is where it stands in the author's text. The module's docstring lists the heads."""

    FIELDS = ("head", "arguments", "span", "text", "value", "lower", "upper", "base", "subscript", "index")
    __slots__ = (*FIELDS, "_within")

    def __init__(
        self,
        head: str,
        arguments: tuple[Syntax, ...],
        span: Span,
        text: str = "",
        value: Fraction | None = None,
        lower: str = "",
        upper: str = "",
        base: str = "",
        subscript: str = "",
        index: str = "",
    ) -> None:
        self.head = head
        self.arguments = arguments
        self.span = span
        self.text = text
        self.value = value
        self.lower = lower
        self.upper = upper
        self.base = base
        self.subscript = subscript
        self.index = index
        self._within: tuple[Syntax, ...] = ()  # what `walk` has found but the node, which would else hold itself

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Syntax) and _told(self) == _told(other))

    def __hash__(self) -> int:
        return hash(_told(self))

    def but(self, **changes: Any) -> Syntax:
        """Return the node with other values of some fields."""
        return Syntax(**dict(zip(self.FIELDS, _told(self), strict=True)) | changes)

    def __str__(self) -> str:
        """Return the tree as a compact s-expression, without the spans."""
        if self.head == "symbol":
            return self.text
        if self.head == "number":
            return str(self.value)
        words = [self.shown_head, *map(str, self.arguments)]
        return f"({' '.join(words)})" if len(words) > 1 or self.text else words[0]

    def walk(self) -> tuple[Syntax, ...]:
        """Return this node and all within it, in the order in which they stand."""
        if self.arguments and not self._within:
            found: list[Syntax] = []
            waiting = list(self.arguments[::-1])
            while waiting:
                node = waiting.pop()
                found.append(node)
                if node.arguments:
                    waiting += node.arguments[::-1]
            self._within = tuple(found)  # kept: some twenty questions are asked of each formula
        return (self, *self._within)

    def with_each(self, change: Callable[[Syntax], Syntax]) -> Syntax:
        """Return the node with `change` made to each of its arguments; the node itself where nothing changes."""
        changed = tuple([change(x) for x in self.arguments])
        same = all(a is b for a, b in zip(changed, self.arguments, strict=True))
        return self if same else self.but(arguments=changed)

    def called(self, name: Name) -> Syntax:
        """Return the letter by another name, its index in the subscript as before."""
        subscript = name.subscript.latex if name.subscript and self.subscript else ""
        return self.but(text=str(name), subscript=subscript)

    def shifted(self, by: int) -> Syntax:
        """Return the node with all its places so many characters further on."""
        if not by:
            return self
        return self.but(span=self.span.shifted(by), arguments=tuple(x.shifted(by) for x in self.arguments))

    @property
    def terms(self) -> tuple[Syntax, ...]:
        """The terms of a sum without their signs; anything else alone."""
        terms = self.arguments if self.head == "add" else (self,)
        return tuple(x.arguments[0] if x.head == "negate" else x for x in terms)

    @property
    def ungrouped(self) -> Syntax:
        """What stands within the parentheses, if this is nothing but parentheses."""
        node = self
        while node.head == "group":
            node = node.arguments[0]
        return node

    @property
    def unprimed(self) -> Syntax:
        """What stands before the primes."""
        node = self
        while node.head == "prime":
            node = node.arguments[0]
        return node

    @property
    def shown_head(self) -> str:
        """The head with what else tells nodes apart: `norm:1`, `call:trace`."""
        if self.head == "sum_over":
            limits = f"={self.lower}" * bool(self.lower) + f"..{self.upper}" * bool(self.upper)
            return f"{self.base or 'sum'}_over:{self.text}{limits}"
        if self.text in ("", "(") and self.head in ("group", "tuple", "norm", "ones", "zeros"):
            return self.head
        return f"{self.head}:{self.text}" if self.text else self.head


_told = attrgetter(*Syntax.FIELDS)


class MacroDefinition(NamedTuple):
    r"""A macro of the author's: `\newcommand{\name}[arguments][default]{body}`.

    `body` is LaTeX in which `#1`, `#2`, ... stand for the arguments; with a `default` the first is optional.
    """

    body: str
    arguments: int = 0
    default: str | None = None


INFIX: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        ":": ("colon", 2),
        r"\odot": ("hadamard", 4),
        r"\circ": ("circ", 4),
        r"\oslash": ("hadamard_quotient", 4),
        r"\otimes": ("kronecker", 4),
        r"\cdot": ("cdot", 6),
        r"\times": ("times", 6),
        "*": ("star", 6),
    }
)
"""The infix signs of the field: sign -> (head, binding power); all join from the left, juxtaposition before all."""


class Spellings:
    r"""What the reader must know of the operator table.

    functions   spelled name -> operator name; `\log` with its backslash, `tr` as the bare word that stands in
                `\operatorname{tr}`, `\mathrm{tr}`, `\text{tr}`, or in plain letters before a delimiter
    greedy      operator names whose argument, without parentheses, is the whole product that follows (tr, det, vec);
                with parentheses and a power they make a call_power
    splitting   operator names whose value at a power is a multiple of theirs, as the logarithm; likewise a call_power
    scalar      operator names whose value is a scalar; a greedy argument ends before one: `tr A det B`
    infix       infix sign -> (head, binding power), on the scale of `INFIX`
    letters     further symbols: macros beyond the Greek letters (`\xyz`), and words that an author has defined as
                functions (`swish` for `\operatorname{swish}`); any other word before a parenthesis is an error
    """

    def __init__(
        self,
        functions: Mapping[str, str],
        greedy: frozenset[str] = frozenset(),
        scalar: frozenset[str] = frozenset(),
        splitting: frozenset[str] = frozenset(),
        infix: Mapping[str, tuple[str, int]] = INFIX,
        letters: frozenset[str] = frozenset(),
    ) -> None:
        self.functions = functions
        self.greedy = greedy
        self.scalar = scalar
        self.splitting = splitting
        self.infix = infix
        self.letters = letters
