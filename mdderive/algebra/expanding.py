r"""Sums of products multiplied out where that makes them shorter: `(1-y)s-y(1-s)` is `s-y`.

The normal form never multiplies out. Where scalars, or the entries of columns, are sums of products of sums, like terms
may cancel; the shorter form is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .expressions import Expr, walk
from .factoring import add
from .powers import hadamard
from .terms import build, entry_factors_of, is_hadamard, is_product, multiply, reading_cost, substitute, terms_of

MOST_TERMS = 16
"""How many terms a product of sums may have before it is left as it is."""


def shortened(x: Expr) -> Expr:
    """Return `x` with sums of products of scalars, or of entries, multiplied out where like terms cancel to less."""
    found: dict[Expr, Expr] = {}
    for node in walk(x):
        if len(terms_of(node)) > 1:
            opened = list(_opened(node))
            if 1 < len(opened) <= MOST_TERMS and len(opened) > len(terms_of(node)):
                shorter = add(*opened)
                if len(terms_of(shorter)) < len(opened) and reading_cost(shorter) < reading_cost(node):
                    found[node] = shorter
    return substitute(x, found, build) if found else x


def _opened(x: Expr) -> Iterator[Expr]:
    """Yield the terms of `x` with the products in it multiplied out."""
    for term in terms_of(x):
        factors, join = _factors(term)
        k = next((k for k, y in enumerate(factors) if len(terms_of(y)) > 1), None)
        if k is None:
            yield term
            continue
        for inner in terms_of(factors[k]):
            yield from _opened(join(*factors[:k], inner, *factors[k + 1 :]))


def _factors(term: Expr) -> tuple[list[Expr], Callable[..., Expr]]:
    """Return the factors of a product of scalars, or entry by entry, and what joins them; a matrix is one factor."""
    if term.is_scalar and is_product(term) and all(y.is_scalar for y in term.arguments):
        return list(term.arguments), multiply
    if is_product(term) and not term.is_scalar:
        *scalars, last = term.arguments
        if all(y.is_scalar for y in scalars) and is_hadamard(last):
            return [*scalars, *entry_factors_of(last)], _around_hadamard
    if is_hadamard(term):
        return list(entry_factors_of(term)), hadamard
    return [term], multiply


def _around_hadamard(*factors: Expr) -> Expr:
    scalars = [x for x in factors if x.is_scalar]
    return multiply(*scalars, hadamard(*(x for x in factors if not x.is_scalar)))
