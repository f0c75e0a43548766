r"""Deviations from a mean add up to zero: `\sum_i(x_i-\bar x)=0`, `\mathbf{1}^\top(x-\mu\mathbf{1})=0`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..algebra.expressions import Apply, Expr, Index, Symbol, walk
from ..algebra.factoring import add
from ..algebra.families import with_indices
from ..algebra.matching import fold
from ..algebra.powers import index_count, reciprocal, sum_over
from ..algebra.terms import (
    build,
    index_of,
    is_ones,
    is_product,
    is_sum_over,
    multiply,
    negate,
    normalise,
    substitute,
    transpose,
    zero,
)


def vanishing_sums(definitions: Iterable[tuple[Symbol, Expr]], spares: Mapping[str, Index]) -> dict[Expr, Expr]:
    """Return the sums of deviations from what is defined as a mean, each with the zero that it is."""
    found: dict[Expr, Expr] = {}
    for name, body in definitions:
        plain = normalise(body)
        for node in walk(plain):
            for total in _deviations(name, plain, node):
                found[total] = zero(total.shape)
                for old, spare in spares.items():
                    found[with_indices(total, {old: spare.name})] = zero(total.shape)
    return found


def without_sums(value: Expr, vanishing: Mapping[Expr, Expr]) -> Expr:
    """Return `value` with zeros in the place of the sums that are `vanishing`, and of what holds them."""
    for total, nothing in vanishing.items():
        if total.symbols <= value.symbols:
            place = Symbol(r"\text{zero}", total.shape)
            marked = fold(value, total, place)
            value = substitute(marked, {place: nothing}, build) if marked is not value else value
    return value


def _deviations(name: Symbol, body: Expr, node: Expr) -> Iterator[Expr]:
    """Yield the sum of the deviations from `name`, where `body` is the mean of what `node` adds up."""
    if not isinstance(node, Apply):
        return
    if is_sum_over(node) and isinstance(member := node.arguments[0], Symbol) and member.index:
        count = index_count(index_of(node))
        if count is not None and multiply(reciprocal(count), node) is body:
            for gap in (add(member, negate(name)), add(name, negate(member))):
                yield sum_over(gap, index_of(node))
    if is_product(node) and len(node.arguments) == 2 and is_ones(transpose(node.arguments[0])):
        column, x = transpose(node.arguments[0]), node.arguments[1]
        count = next((y for y in body.symbols if y.is_scalar and x.shape[0] == (y.latex,)), None)
        if count is not None and multiply(reciprocal(count), node) is body:
            gap = add(x, negate(multiply(name, column)))
            yield from (multiply(transpose(column), gap), multiply(transpose(gap), column))
