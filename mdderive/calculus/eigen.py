"""Stationary points that are eigenvectors: the equation `M x = rho N x` that is left of a gradient."""

from __future__ import annotations

from typing import NamedTuple

from ..algebra.expanding import opened
from ..algebra.expressions import Expr, Number, Symbol, number
from ..algebra.factoring import add
from ..algebra.powers import reciprocal
from ..algebra.terms import (
    is_zero,
    multiply,
    negate,
    scalars_and_chain,
    split_coefficient,
    under_transpose,
)


class EigenEquation(NamedTuple):
    """`left = value right`, of which a zero of the gradient is an eigenvector; `factor` times their difference is it.

    `value` is the number 1 where a matrix of multipliers stands in the right side.
    """

    left: Expr
    value: Expr
    right: Expr
    factor: Expr


def eigen_equation(gradient: Expr, x: Symbol, multipliers: frozenset[Symbol]) -> EigenEquation | None:
    """Return the eigen-equation for `x` that `gradient = 0` is, None where it is of another form."""
    groups: dict[tuple[Expr, bool], list[Expr]] = {}
    for term in opened(gradient):
        split = _around(term, x)
        if split is None:
            return None
        count, scalars, chain = split
        groups.setdefault((multiply(count, scalars), bool(chain.symbols & multipliers)), []).append(chain)
    if len(groups) != 2:
        return None
    first, second = sorted(groups, key=lambda group: _place(group[0], group[1], multipliers))
    left, right = add(*groups[first]), add(*groups[second])
    value = negate(multiply(second[0], reciprocal(first[0])))
    if is_zero(left) or is_zero(right):
        return None
    return EigenEquation(left, value, right, first[0])


def _place(scalars: Expr, bound: bool, multipliers: frozenset[Symbol]) -> int:
    """Return what is greater for what stands on the right: beside a multiplier, or beside more scalars."""
    return 100 * (bound or bool(scalars.symbols & multipliers)) + len(scalars_and_chain(scalars)[0])


def _around(term: Expr, x: Symbol) -> tuple[Number, Expr, Expr] | None:
    """Return the number, the scalars and the chain of a term `c M x` or `c x N`, None for another form."""
    coefficient, rest = split_coefficient(term)
    scalars, chain = scalars_and_chain(rest)
    places = [k for k, y in enumerate(chain) if x in y.symbols]
    if len(places) != 1 or chain[places[0]] is not x or under_transpose(chain[places[0]]) is not None:
        return None
    if places[0] not in (0, len(chain) - 1):
        return None
    return Number(coefficient), multiply(number(1), *scalars), multiply(*chain)
