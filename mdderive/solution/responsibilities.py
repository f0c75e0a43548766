r"""Names for the responsibilities of a mixture: `\gamma_{nk} = a_{nk}/\sum_j a_{nj}` of `\sum_n\log\sum_k a_{nk}`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from ..algebra.expressions import SCALAR, Apply, Expr, Index, Symbol, walk
from ..algebra.families import members_in, spare_indices, with_indices
from ..algebra.operators.entrywise import argument_of, log
from ..algebra.operators.structural import fraction_row
from ..algebra.powers import reciprocal
from ..algebra.terms import build, factors_of, index_of, is_product, is_sum_over, multiply, normalise, substitute
from ..algebra.writing import braced
from ..latex.names import name_of, resembling
from ..question.question import Question

LETTERS = (r"\gamma", "r", r"\rho", "q")
"""The letters of responsibilities, as far as nothing else is called so."""


class Responsibility(NamedTuple):
    """The share that `summand` has in `total`, a sum over the components, and the letter for it."""

    symbol: Symbol
    summand: Expr
    total: Expr


def with_named_responsibilities(question: Question) -> Question:
    """Return the question with the responsibilities of its components abbreviated; else the very question."""
    found = list(responsibilities(question))
    if not found:
        return question
    spares = spare_indices([question.f], question.variables)
    shares = [(x.symbol, Apply(fraction_row, (x.summand, _renamed(x.total, spares)))) for x in found]
    symbols = {**question.symbols, **{x.symbol.latex: x.symbol for x in found}}
    abbreviations = (*question.abbreviations, *shares)
    return question._replace(symbols=MappingProxyType(symbols), abbreviations=abbreviations)


def _renamed(total: Expr, spares: Mapping[str, Index]) -> Expr:
    """Return the sum over another letter, as that of the component is free beside it."""
    k = index_of(total).name if is_sum_over(total) else ""
    return with_indices(total, {k: spares[k].name})


def responsibilities(question: Question) -> Iterator[Responsibility]:
    """Yield the shares in sums under a logarithm, each member of which has a variable of its own."""
    members = [x for x in question.variables if x.index]
    if not members or question.intermediates or not question.f.is_scalar:
        return
    letters = iter(_free_letters(question))
    seen = set()
    for node in walk(normalise(question.f)):
        total = argument_of(node, log)
        if total is None or not is_sum_over(total) or total in seen:
            continue
        own = next((x for x in members if _is_of_component(total, x)), None)
        letter = next(letters, None)
        if own is None or letter is None:
            continue
        seen.add(total)
        k, name = index_of(total).name, own.index[-1]
        names = {k: name, name: k}
        index = (*sorted(node.indices), name)
        latex = f"{letter}_{braced(''.join(index))}"
        symbol = Symbol(latex, SCALAR, frozenset(), index, name_of(latex).family(index))
        yield Responsibility(symbol, with_indices(total.arguments[0], names), total)


def _is_of_component(total: Expr, variable: Symbol) -> bool:
    """Whether the summand has that member of the family of the variable which the index of the sum names."""
    letters = members_in(total.symbols, variable)
    return bool(letters) and is_sum_over(total) and all(x.index == (index_of(total).name,) for x in letters)


def _free_letters(question: Question) -> list[str]:
    """Return the letters that look like none of the author's."""
    ours = {x.latex for x, _ in question.abbreviations if x not in question.places}  # named by us before
    taken = {resembling(name_of(x).letter) for x in question.symbols if x not in ours}
    return [x for x in LETTERS if resembling(x) not in taken]


def in_responsibilities(value: Expr, found: Iterable[Responsibility]) -> Expr:
    """Return `value` with the names of responsibilities where products have their factors."""
    for one in found:
        share, below = factors_of(one.summand), reciprocal(one.total)
        named: dict[Expr, Expr] = {}
        for node in walk(value):
            factors = list(factors_of(node)) if is_product(node) or node is below else []
            there = [x for x in share if x in factors]
            if (below in factors and len(there) == len(share)) or (below in factors and _is_heart(there)):
                rest = [x for x in factors if x not in there and x is not below]
                named[node] = multiply(one.symbol, *rest, *(reciprocal(x) for x in share if x not in there))
        value = substitute(value, named, build) if named else value
    return value


def _is_heart(factors: list[Expr]) -> bool:
    """Whether there is more among the factors than letters and their powers, such as the exponential of a distance."""
    return any(len(x.symbols) > 1 for x in factors)
