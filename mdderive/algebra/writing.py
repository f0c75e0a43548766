"""How the structure of an expression is written in LaTeX: sums, products, scripts, calls."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from ..latex.names import conjugate_of, name_of
from . import index_conditions, powers, terms
from .expressions import (
    ONE,
    Apply,
    Binding,
    Expr,
    Index,
    Number,
    Symbol,
    Write,
    binding_of,
    number,
    parenthesise,
    remembered,
    to_latex,
    walk,
)
from .operators.structural import differential, entrywise_power_row, power_row

TWO = number(2)
HALF = Number(Fraction(1, 2))
BEFORE_LETTERS = frozenset((r"\log", r"\sin", r"\cos"))
"""The functions that stand before a letter without parentheses."""


class Layout(NamedTuple):
    """How a product stands: a minus or none, a fraction of numbers and factors (or what is above alone), the rest."""

    sign: str
    numerator: int
    above: tuple[Expr, ...]
    denominator: int
    below: tuple[Expr, ...]
    rest: tuple[Expr, ...]

    @property
    def is_fraction(self) -> bool:
        """Whether anything stands below."""
        return self.denominator != 1 or bool(self.below)

    @property
    def number_above(self) -> list[str]:
        """The number that leads what stands above, if one is to be seen."""
        return [] if self.numerator == 1 and self.above else [str(self.numerator)]

    @property
    def number_below(self) -> list[str]:
        """The number that leads what stands below, if one is to be seen."""
        return [] if self.denominator == 1 else [str(self.denominator)]


@remembered(maxsize=10_000)
def layout(node: Expr) -> Layout:
    """Return how a product, or a number, stands: a fraction in front where a number or scalar divides."""
    factors = terms.factors_of(node)
    numbers = [x.value for x in factors if isinstance(x, Number)]
    coefficient = math.prod(numbers[1:], start=numbers[0]) if numbers else terms.ONCE
    above: list[Expr] = []
    below: list[Expr] = []
    for x in factors:
        if isinstance(x, Number):
            continue
        if not x.is_scalar:
            above.append(x)
            continue
        base, exponent = terms.base_and_exponent(x)
        if isinstance(exponent, Number) and exponent.value.numerator < 0:
            below.append(powers.power(base, Number(-exponent.value)))
        else:
            above.append(x)
    rest: list[Expr] = []
    if coefficient.denominator != 1 or below:
        rest = [x for x in above if not x.is_scalar or _is_vector_scalar(x)]
        if below:
            rest = [] if _fits_above(rest, below, alone=len(above) == 1) else [x for x in rest if not _stands_above(x)]
        above = [x for x in above if x not in rest]
    sign = "-" if coefficient.numerator < 0 else ""
    above, below = roots_joined(above), roots_joined(below)
    below.sort(key=lambda x: not isinstance(x, Symbol))  # n \sigma^2
    return Layout(sign, abs(coefficient.numerator), tuple(above), coefficient.denominator, tuple(below), tuple(rest))


def roots_joined(factors: list[Expr]) -> list[Expr]:
    r"""Return the factors with one root in the place of those of numbers and letters: `\sqrt{2\pi}`."""
    radicands = {x: base for x in factors if (base := _letter_under_root(x)) is not None}
    if len(radicands) < 2:
        return factors
    first = next(iter(radicands))
    whole = Apply(power_row, (terms.multiply(*radicands.values()), HALF))
    return [whole if x is first else x for x in factors if x is first or x not in radicands]


def _letter_under_root(x: Expr) -> Expr | None:
    base, exponent = terms.base_and_exponent(x) if x.is_scalar else (x, x)
    bare = not (isinstance(base, Apply) and base.arguments)
    return base if bare and exponent is HALF else None


LONG = 14
"""Up to which `reading_cost` all factors stand above a scalar that divides, and one scalar alone."""


def _fits_above(factors: Sequence[Expr], below: Sequence[Expr], *, alone: bool) -> bool:
    """Whether `factors` all stand above: short ones, or a sum over an index above a sum over an index.

    A product entry by entry stands there `alone`: beside others it would need parentheses. A sum with a fraction in it
    stands behind.
    """
    if not alone and any(isinstance(x, Apply) and Binding.SUM + 1 < binding_of(x) < Binding.PRODUCT for x in factors):
        return False
    if any(map(index_conditions.shows_sum, factors)):
        return len(factors) == 1 and any(map(index_conditions.shows_sum, below))
    if any(len(terms.terms_of(x)) > 1 and r"\frac" in to_latex(x) for x in factors):
        return False
    return sum(map(terms.reading_cost, factors)) <= LONG


def _stands_above(x: Expr) -> bool:
    """Whether a factor of a long product stands above: a scalar that is no sum over an index and has no fraction."""
    short = x.is_scalar and not index_conditions.shows_sum(x) and terms.reading_cost(x) <= LONG
    return short and not terms.holds_differential(x) and r"\frac" not in to_latex(x)


def write_product(node: Apply, write: Write) -> str:
    """Return the product: a fraction in front where a number or scalar divides, parentheses around sums."""
    shown = layout(node)
    if not shown.is_fraction:
        return shown.sign + _juxtapose(shown.number_above, shown.above, write)
    top = _alone_or_beside(shown.number_above, shown.above, write)
    bottom = _alone_or_beside(shown.number_below, shown.below, write)
    return shown.sign + _juxtapose([rf"\frac{{{top}}}{{{bottom}}}"], shown.rest, write)


def _alone_or_beside(lead: list[str], factors: Sequence[Expr], write: Write) -> str:
    return write(factors[0], 0) if len(factors) == 1 and not lead else _juxtapose(lead, factors, write)


def _is_vector_scalar(x: Expr) -> bool:
    return isinstance(x, Apply) and x.operator is not power_row


def _juxtapose(lead: list[str], factors: Sequence[Expr], write: Write) -> str:
    parts = list(lead)
    for k, x in enumerate(factors):
        last = k == len(factors) - 1
        if stands_apart(x, factors):
            parts.append(parenthesise(write(x, 0)))
        elif _is_differential(x, write):
            space = r"\thinspace " if parts else ""
            parts.append(space + write(x, Binding.PRODUCT) + ("" if last else r"\thinspace"))
        elif last and _ends_product(x, factors[:-1]):
            parts.append(write(x, 0))
        else:
            text = write(x, Binding.PRODUCT)
            parts.append(parenthesise(text) if parts and (text[:1].isdigit() or text[:1] == "-") else text)
    return join(parts)


def _is_differential(x: Expr, write: Write) -> bool:
    r"""Whether `x` is a differential or an entry of one, `\mathrm{d}x_1`, which stand apart from their neighbours."""
    if not isinstance(x, Apply):
        return False
    whole = x.is_scalar and binding_of(x) == Binding.ATOM
    return x.operator is differential or (whole and write(x, 0).startswith(r"\mathrm{d}"))


def stands_apart(x: Expr, factors: Sequence[Expr]) -> bool:
    """Whether `x`, one of `factors`, stands in parentheses as it is a scalar made of factors itself."""
    if not (x.is_scalar and terms.is_product(x)):
        return False
    ends = x is factors[-1] and all(y.is_scalar for y in factors)
    return not (ends and sum(map(terms.is_product, factors)) == 1)


def _ends_product(x: Expr, before: Sequence[Expr]) -> bool:
    """Whether `x`, which takes in or binds looser than what would follow, stands bare as the last of a product."""
    if terms.is_product(x):
        return _ends_product(x.arguments[-1], [*before, *x.arguments[:-1]])
    loose = isinstance(x, Apply) and binding_of(x) in (Binding.SUM + 1, Binding.PREFIX)
    two = isinstance(x, Apply) and Binding.PREFIX < binding_of(x) < Binding.PRODUCT
    return loose or (two and powers.divisor(x, entrywise_power_row) is None and all(y.is_scalar for y in before))


def product_binding(node: Apply) -> int:
    """Return how tightly a product binds: as loosely as what stands bare at its end."""
    *before, last = node.arguments
    return binding_of(last) if isinstance(last, Apply) and _ends_product(last, before) else Binding.PRODUCT


def join(parts: Iterable[str]) -> str:
    """Return `parts` set side by side, a blank only where two would run together (`\\alpha` and `x`)."""
    text = ""
    for part in parts:
        macro = text.rfind("\\")
        runs_on = macro >= 0 and text[macro + 1 :].isalpha() and part[:1].isalpha()
        text += (" " if runs_on else "") + part
    return text


def write_sum(node: Apply, write: Write) -> str:
    """Return the terms with their signs between them, last those over an index that others have: it would be theirs."""
    text = ""
    parts = sorted(node.arguments, key=lambda x: bool(node.indices & _bound_in(x))) if node.indices else node.arguments
    for x in parts:
        term = write(x, Binding.SUM)
        text += term if not text or term.startswith("-") else "+" + term
    return text


def _bound_in(x: Expr) -> set[str]:
    """Return the indices over which there are sums in `x`."""
    return {terms.index_of(y).name for y in walk(x) if terms.is_sum_over(y)}


def write_transpose(node: Apply, write: Write) -> str:
    """Return x^T; of an inverse X^{-T}, one token."""
    inner = node.arguments[0]
    if inner.symbols and all(conjugate_of(x.latex) for x in inner.symbols):
        return write_scripted(_unconjugated(inner), "H", write)
    base = terms.inverted(inner)
    if base is not None:
        return write_scripted(base, r"-\top", write)
    return write_scripted(inner, r"\top", write)


def _unconjugated(x: Expr) -> Expr:
    """Return what is conjugated, all letters of `x` being conjugates, as it is written."""
    if isinstance(x, Symbol):
        return Symbol(conjugate_of(x.latex), x.shape, frozenset(), x.index)
    if not isinstance(x, Apply):
        return x
    return Apply(x.operator, tuple(_unconjugated(y) for y in x.arguments), x.parameters)


def is_name_of_derivative(x: Expr) -> bool:
    r"""Whether `x` is a letter that is called `\frac{\partial f}{\partial X}`."""
    return isinstance(x, Symbol) and x.latex.startswith(r"\frac")


def write_scripted(x: Expr, script: str, write: Write) -> str:
    """Return `x` with a superscript, in braces or parentheses where `x` has one already."""
    if is_name_of_derivative(x):
        braced = script if len(script) == 1 or script == r"\top" else f"{{{script}}}"
        return rf"\left({write(x, 0)}\right)^{braced}"
    raised = _raised_once_more(x, script) if isinstance(x, Symbol) else None
    if raised is not None:
        return raised
    # A function call carries its own parentheses, \sigma(a)^T needs no more; \log\sigma(a) has none of its own.
    called = terms.is_call(x) and isinstance(x, Apply) and binding_of(x) > Binding.PREFIX
    text = write(x, 0 if called else Binding.ATOM)
    script = script if len(script) == 1 or script == r"\top" else f"{{{script}}}"
    if "^" in text and not text.endswith(")") and isinstance(x, Symbol):
        return f"{{{text}}}^{script}"
    return f"{text}^{script}"


TOP = r"\top"
_TWICE = {
    ("-1", "-1"): "",
    ("-1", TOP): r"-\top",
    ("-1", r"-\top"): TOP,
    (TOP, TOP): "",
    (TOP, "-1"): r"-\top",
    (TOP, r"-\top"): "-1",
}
"""What two superscripts, one over the other, are together."""


def _superscript(symbol: Symbol) -> str:
    r"""Return the 2 of a letter `\sigma^2`, the -1 of `\Sigma^{-1}`; "" for a letter without a superscript."""
    return symbol.latex.rpartition("^")[2].strip("{}") if "^" in symbol.latex else ""


def _raised_once_more(symbol: Symbol, script: str) -> str | None:
    r"""Return the letter `X^\top` or `\Sigma^{-1}` under a further superscript: X, \Sigma."""
    both = _TWICE.get((_superscript(symbol), script))
    if both is None:
        return None
    base = symbol.latex.rpartition("^")[0]
    return f"{base}^{both if both == TOP else braced(both)}" if both else base


def write_power(node: Apply, write: Write) -> str:
    """Return a root, a fraction or the base with its exponent."""
    base, exponent = node.arguments
    if isinstance(base, Symbol) and isinstance(exponent, Number) and exponent.value > 0:
        above = _superscript(base)
        total = exponent.value * int(above) if above.isdigit() else Fraction(1, 2)
        if total.denominator == 1:
            letter = base.latex.rpartition("^")[0]
            return letter if total == 1 else f"{letter}^{braced(str(total))}"
    if isinstance(exponent, Number) and exponent.value == Fraction(1, 2):
        return rf"\sqrt{{{write(base, 0)}}}"
    if isinstance(exponent, Number) and exponent.value.numerator < 0:
        return rf"\frac{{1}}{{{write(powers.power(base, Number(-exponent.value)), 0)}}}"
    if isinstance(base, Apply) and base.operator.name == "norm":
        return f"{write(base, 0)}^{braced(write(exponent, 0))}"
    if isinstance(base, Apply) and base.operator.name == "squared norm":
        return f"{write(base, 0).removesuffix('^2')}^{braced(write(terms.multiply(TWO, exponent), 0))}"
    if isinstance(exponent, Number) and exponent.value.denominator != 1:
        return f"{write(base, Binding.ATOM)}^{{{write_exponent(exponent, write)}}}"
    if isinstance(base, Apply) and base.operator.splits and not isinstance(base.arguments[0], Symbol):
        return f"{parenthesise(write(base, 0))}^{braced(write(exponent, 0))}"  # else it may be that of the argument
    return write_scripted(base, write(exponent, 0), write)


def write_exponent(x: Expr, write: Write) -> str:
    """Return an exponent, fractions on one line."""
    return str(x.value) if isinstance(x, Number) else write(x, 0)


def braced(text: str) -> str:
    """Return a script, in braces where it is longer than one sign."""
    return text if len(text) == 1 else f"{{{text}}}"


def in_parentheses(rows: Iterable[Iterable[str]]) -> str:
    """Return a matrix of these entries."""
    return r"\begin{pmatrix} " + r" \cr ".join(map(" & ".join, rows)) + r" \end{pmatrix}"


def write_sum_over(node: Apply, write: Write) -> str:
    """Return the sum sign with its limits, the conditions on the index below it, and the body."""
    index = terms.index_of(node)
    body, conditions = index_conditions.without_conditions(node.arguments[0], index.name)
    if number_of_members(node):
        return number_of_members(node)
    attained = index_conditions.attaining(node)
    if attained is not None:
        return write(index_conditions.at_index(attained[0], index.name, attained[1]), 0)
    ends = index_conditions.ends_of(index, conditions)
    if ends is not None:
        below, above = f"{index.name}={ends[0]}", f"^{braced(ends[1])}"
    elif conditions:
        below, above = _conditions(conditions, index.name), ""
    else:
        below = f"{index.name}={index.lower}" if index.upper else index.name
        above = f"^{braced(index.upper)}" if index.upper else ""
        inner = terms.bound_index(body)
        both = _pair(index, inner, body.arguments[0]) if inner is not None and isinstance(body, Apply) else None
        if both is not None:
            below, above, body = both[0], "", both[1]
    return rf"\sum_{braced(below)}{above} {write(body, Binding.SUM + 1)}"


def sum_binding(node: Apply) -> int:
    """Return how tightly a sum binds as it is written."""
    attained = index_conditions.attaining(node)
    if attained is not None:
        return binding_of(attained[0]) if isinstance(attained[0], Apply) else Binding.ATOM
    number = number_of_members(node)
    return node.operator.binding if not number else Binding.SUM if "-" in number else Binding.ATOM


def number_of_members(node: Apply) -> str:
    r"""Return `\lvert S\rvert` for the number of the indices in a set, "" for any other sum."""
    body, index = node.arguments[0], terms.index_of(node).name
    if not index_conditions.is_condition(body):
        return ""
    upper, lower = terms.index_of(node).upper, terms.index_of(node).lower
    if index_conditions.ends_of(terms.index_of(node), [body]) == (lower, f"{upper}-1"):
        return upper if lower == "0" else f"{upper}-{lower}"
    text = _condition(body, index)
    whole = text.removeprefix(rf"{index}\in ")
    return "" if whole == text or index in name_of(whole).index_letters else rf"\lvert {whole}\rvert"


def _condition(x: Apply, index: str) -> str:
    assert x.operator.below is not None
    return x.operator.below(x, index)


def _conditions(conditions: Sequence[Apply], index: str) -> str:
    r"""Return conditions below a sum over an index, `j\in R_i`, `j:(i,j)\in\Omega`: first those that begin with it."""
    texts = [_condition(x, index) for x in conditions]
    first = [x for x in texts if x.startswith((f"{index}\\", f"{index}<", f"{index}>"))]
    others = [x for x in texts if x not in first]
    return ":".join(filter(None, (",\\,".join(first) or index, ",\\,".join(others))))


def _pair(outer: Index, inner: Index, body: Expr) -> tuple[str, Expr] | None:
    r"""Return what stands below one sign for two, `i<j`, `1\le i<j\le n`, `(i,j)\in\Omega`, and the body; else None."""
    rest, conditions = index_conditions.without_conditions(body, inner.name)
    if len(conditions) != 1 or outer.name not in conditions[0].indices:
        return None
    (condition,) = conditions
    same = (outer.lower, outer.upper) == (inner.lower, inner.upper)
    text = _condition(condition, "")
    ordered = len(condition.arguments) > 1 and outer.name == str(condition.arguments[0])
    if condition.indices != {outer.name, inner.name} or not (same or not outer.upper):
        return None
    if len(condition.arguments) == 1:
        return (text, rest) if text.startswith("(") and not outer.upper else None
    if outer.upper:
        return (rf"{outer.lower}\le {text}\le {outer.upper}", rest) if ordered and r"\ne" not in text else None
    return (text, rest) if ordered and outer.name < inner.name else None


def write_differential(node: Apply, write: Write) -> str:
    """Return dx."""
    inner = node.arguments[0]
    if isinstance(inner, Symbol):
        return rf"\mathrm{{d}}{inner.latex}"
    return rf"\mathrm{{d}}{write(inner, Binding.ATOM)}"


def write_hadamard(node: Apply, write: Write) -> str:
    r"""Return a \odot b, reciprocals behind \oslash: `a \oslash b`."""
    divisors = [(x, powers.divisor(x, entrywise_power_row)) for x in node.arguments]
    above = [x for x, y in divisors if y is None]
    below = [y for _, y in divisors if y is not None]
    shown = [write(x, 0) if stands_open(x) else _hadamard_factor(x, write) for x in above] or [r"\mathbf{1}"]
    if above and not below and isinstance(above[-1], Apply) and binding_of(above[-1]) == Binding.PREFIX:
        shown[-1] = write(above[-1], 0)
    return r" \oslash ".join([r" \odot ".join(shown), *(_hadamard_factor(x, write) for x in below)])


def stands_open(x: Expr) -> bool:
    """Whether `x`, a factor of an entry-wise product, is one itself without parentheses: nothing divides in it."""
    factors = terms.entry_factors_of(x)
    return len(factors) > 1 and all(powers.divisor(y, entrywise_power_row) is None for y in factors)


def _hadamard_factor(x: Expr, write: Write) -> str:
    # Juxtaposition binds tighter than the sign, yet a reader is glad of parentheses around a product.
    loose = isinstance(x, Apply) and binding_of(x) <= Binding.PRODUCT
    return write(x, Binding.ATOM if loose else Binding.PRODUCT)


def write_call(symbol: str, x: Expr, write: Write) -> str:
    """Return a function call; only another call, bars and the letter of a logarithm stand without parentheses."""
    inner = write(x, 0)
    return join((symbol, inner)) if _stands_bare(symbol, x, inner) else symbol + parenthesise(inner)


def call_binding(node: Apply, symbol: str = "") -> int:
    """Return how tightly a call that `write_call` writes binds: loosely where its argument stands bare."""
    x = node.arguments[0]
    return Binding.PREFIX if _stands_bare(symbol, x, to_latex(x)) else node.operator.binding


def _stands_bare(symbol: str, x: Expr, inner: str) -> bool:
    if isinstance(x, Symbol):
        return symbol in BEFORE_LETTERS and not is_name_of_derivative(x)
    barred = isinstance(x, Apply) and x.operator.binding == Binding.ATOM and inner.startswith((r"\lvert", r"\lVert"))
    return barred or (terms.is_call(x) and inner.startswith("\\"))


def write_matrix_power(node: Apply, write: Write) -> str:
    r"""Return `X^k`, `X^{-1}`; of functions of the entries in parentheses, as `\sin(X)^2` is `\sin(X)\odot\sin(X)`."""
    base = node.arguments[0]
    exponent = write_exponent(node.arguments[1], write) if len(node.arguments) > 1 else "-1"
    if isinstance(base, Apply) and base.operator.acts_on_entries:
        return f"{parenthesise(write(base, 0))}^{braced(exponent)}"
    return write_scripted(base, exponent, write)


def write_entrywise_power(node: Apply, write: Write) -> str:
    """Return a root, a quotient of ones or the base with its entry-wise exponent."""
    base, exponent = node.arguments
    below = powers.divisor(node, entrywise_power_row)
    if below is not None:
        return rf"\mathbf{{1}} \oslash {_hadamard_factor(below, write)}"
    if exponent is Number(Fraction(1, 2)) and ONE in base.shape:
        return rf"\sqrt{{{write(base, 0)}}}"
    return write_scripted(base, rf"\odot {write(exponent, Binding.SUM + 1)}", write)
