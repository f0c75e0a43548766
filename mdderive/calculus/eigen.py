"""Stationary points that are eigenvectors: the equation `M x = rho N x` that is left of a gradient."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from ..algebra.expanding import opened
from ..algebra.expressions import Expr, Number, Symbol, number
from ..algebra.factoring import add
from ..algebra.powers import power, reciprocal
from ..algebra.signs import DEFINITE
from ..algebra.terms import (
    base_and_exponent,
    identity,
    is_zero,
    multiply,
    negate,
    scalars_and_chain,
    split_coefficient,
    transpose,
    under_transpose,
)
from .definiteness import definiteness


class EigenEquation(NamedTuple):
    """`left = value right`, of which a zero of the gradient is an eigenvector; `factor` times their difference is it.

    `value` is the number 1 where a matrix of multipliers stands in the right side.
    """

    left: Expr
    value: Expr
    right: Expr
    factor: Expr


class Along(NamedTuple):
    """`column = multiple matrix x` with a number that depends on x: a zero x of the gradient is along one column."""

    column: Expr
    multiple: Expr
    matrix: Expr


def along(gradient: Expr, x: Symbol) -> Along | None:
    """Return along which column the gradient vanishes, None where it is no constant one and a multiple of `x`."""
    fixed, moving = list[tuple[Expr, Expr]](), dict[Expr, list[Expr]]()
    for term in opened(gradient):
        coefficient, rest = split_coefficient(term)
        scalars, chain = scalars_and_chain(rest)
        outside, column = multiply(number(1), *scalars), multiply(*chain) if chain else x
        if x not in column.symbols:
            fixed.append((multiply(Number(coefficient), outside), column))
        elif not chain or chain[-1] is not x or any(x in y.symbols for y in chain[:-1]):
            return None
        else:
            matrix = multiply(*chain[:-1]) if len(chain) > 1 else identity(x.shape[0])
            moving.setdefault(outside, []).append(multiply(Number(coefficient), matrix))
    if len(fixed) != 1 or len(moving) != 1:
        return None
    ((before, column),), ((outside, matrices),) = fixed, moving.items()
    matrix = add(*matrices)
    coefficient, bare = split_coefficient(matrix) if len(matrices) == 1 else (Fraction(1), matrix)
    multiple = negate(multiply(Number(coefficient), outside, reciprocal(before)))
    return Along(column, multiple, bare) if x in multiple.symbols and definiteness(bare) == DEFINITE else None


def eigen_equation(gradient: Expr, x: Symbol, multipliers: frozenset[Symbol]) -> EigenEquation | None:
    """Return the eigen-equation for `x` that `gradient = 0` is, None where it is of another form."""
    groups: dict[tuple[Expr, bool], list[Expr]] = {}
    for term in opened(gradient):
        split = _around(term, x, multipliers)
        if split is None:
            return None
        count, scalars, chain = split
        key = multiply(Number(abs(count.value)), scalars), bool(chain.symbols & multipliers)
        groups.setdefault(key, []).append(chain if count.value > 0 else negate(chain))
    if len(groups) != 2:
        return None
    first, second = sorted(groups, key=lambda group: _place(group[0], group[1], multipliers))
    (left, factor), (right, other) = _positive(groups[first], first[0]), _positive(groups[second], second[0])
    if is_zero(left) or is_zero(right) or left is right:  # x = rho x holds for every x
        return None
    return EigenEquation(left, negate(multiply(other, reciprocal(factor))), right, factor)


def _positive(chains: list[Expr], scalars: Expr) -> tuple[Expr, Expr]:
    """Return the sum of the chains, and what stands before it, which takes a minus that all of them have."""
    minus = all(split_coefficient(y)[0] < 0 for y in chains)
    return (add(*map(negate, chains)), negate(scalars)) if minus else (add(*chains), scalars)


def _place(scalars: Expr, bound: bool, multipliers: frozenset[Symbol]) -> int:
    """Return what is greater for what stands on the right: beside a multiplier, or beside more scalars."""
    return 100 * (bound or bool(scalars.symbols & multipliers)) + len(scalars_and_chain(scalars)[0])


def _around(term: Expr, x: Symbol, multipliers: frozenset[Symbol]) -> tuple[Number, Expr, Expr] | None:
    """Return the number, the scalars and the chain of a term `c M x`, `c x N` or `c M x L`, None for another form."""
    coefficient, rest = split_coefficient(term)
    scalars, chain = scalars_and_chain(rest)
    if not any(x in y.symbols for y in chain):
        scalars, chain = _turned(scalars, chain, x)
    places = [k for k, y in enumerate(chain) if x in y.symbols]
    if len(places) != 1 or chain[places[0]] is not x or under_transpose(chain[places[0]]) is not None:
        return None
    behind = chain[places[0] + 1 :]
    if places[0] and behind and not all(isinstance(y, Symbol) and y in multipliers for y in behind):
        return None
    return Number(coefficient), multiply(number(1), *scalars), multiply(*chain)


def _turned(scalars: list[Expr], chain: list[Expr], x: Symbol) -> tuple[list[Expr], list[Expr]]:
    """Return `(a^T x) b` as `b a^T x`, a column of numbers as the product of a matrix and `x`."""
    for k, scalar in enumerate(scalars):
        base, exponent = base_and_exponent(scalar)
        row = scalars_and_chain(base)[1] if isinstance(exponent, Number) and exponent.value > 0 else []
        turned = [transpose(y) for y in reversed(row)] if row and under_transpose(row[0]) is x else row
        if turned and turned[-1] is x and not any(x in y.symbols for y in turned[:-1]):
            left = power(base, Number(exponent.value - 1))  # type: ignore[attr-defined]
            return [*scalars[:k], *([] if left is number(1) else [left]), *scalars[k + 1 :]], [*chain, *turned]
    return scalars, chain
