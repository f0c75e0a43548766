"""Sums of products multiplied out, which the normal form never does; what cancels then does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from .expressions import Expr, remembered
from .powers import hadamard
from .terms import (
    entry_factors_of,
    factors_of,
    is_hadamard,
    is_product,
    multiply,
    terms_of,
)

MOST_TERMS = 16
"""How many terms a product of sums may have before it is left as it is."""


Parts = tuple[Sequence[Expr], Callable[..., Expr]]
"""The factors of a term, and what joins them."""


def product_of(term: Expr) -> Parts:
    """Return the factors of a term, which a product of matrices joins."""
    return factors_of(term), multiply


def opened(
    x: Expr, parts: Callable[[Expr], Parts] = product_of, holds: Callable[[Expr], bool] = lambda y: True
) -> list[Expr]:
    """Return the terms of `x`, products with sums multiplied out: what cancels then does.

    `parts` takes a term apart; only the sums that `holds` says yes to are opened.
    """
    found: list[Expr] = []
    for term in terms_of(x):
        factors, join = parts(term)
        k = next((k for k, y in enumerate(factors) if len(terms_of(y)) > 1 and holds(y)), None)
        if k is None:
            found.append(term)
            continue
        for inner in terms_of(factors[k]):
            found += opened(join(*factors[:k], inner, *factors[k + 1 :]), parts, holds)
    return found


@remembered(maxsize=2_000)
def opens_to(x: Expr, parts: Callable[[Expr], Parts] = product_of) -> int:
    """Return how many terms `x` has once `opened`, found without opening it."""
    return sum(prod(opens_to(y, parts) for y in parts(term)[0] if len(terms_of(y)) > 1) for term in terms_of(x))


def entry_product_of(term: Expr) -> Parts:
    """Return the factors of a product of scalars, or entry by entry, and what joins them; a matrix is one factor.

    Of a scalar times a matrix both are.
    """
    if term.is_scalar and is_product(term) and all(y.is_scalar for y in term.arguments):
        return list(term.arguments), multiply
    if is_product(term) and not term.is_scalar:
        *scalars, last = term.arguments
        if all(y.is_scalar for y in scalars):
            inner = entry_factors_of(last) if is_hadamard(last) else [last]
            return [*scalars, *inner], hadamard if is_hadamard(last) else multiply
    if is_hadamard(term):
        return list(entry_factors_of(term)), hadamard
    return [term], multiply
