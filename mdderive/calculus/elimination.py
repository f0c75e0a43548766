"""Several equations in several unknowns: one unknown after the other is eliminated, then inserted back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..algebra.expressions import Apply, Expr, Number, Operator, Symbol
from ..algebra.factoring import add
from ..algebra.operators.entrywise import exp, exponential, log
from ..algebra.operators.softmax import softmax
from ..algebra.powers import power
from ..algebra.terms import (
    base_and_exponent,
    build,
    factors_of,
    is_ones,
    is_zero,
    multiply,
    ones,
    reading_cost,
    scalars_and_chain,
    scale,
    split_coefficient,
    substitute,
    terms_of,
    transpose,
)
from .conditions import Condition
from .stationary import Zero, solve_for

LARGEST = 200
"""The reading cost of an equation that is not solved any more."""


@dataclass(frozen=True, slots=True)
class Move:
    """One unknown, found from the equation of that number (counted from 0) by the unknowns that are left.

    `inserted` says whether unknowns found before stand in it no more.
    """

    unknown: Symbol
    equation: int
    zero: Zero
    inserted: bool


@dataclass(frozen=True, slots=True)
class Elimination:
    """The moves, and the values of all unknowns, which hold under the conditions."""

    moves: tuple[Move, ...]
    values: Mapping[Symbol, Expr]
    conditions: tuple[Condition, ...]


def eliminate(equations: Sequence[Expr], unknowns: Sequence[Symbol]) -> Elimination | None:
    """Return where all `equations` vanish and nowhere else, None where no such place was found."""
    moves = _moves(dict(enumerate(equations)), tuple(unknowns), inserted=frozenset())
    if moves is None:
        return None
    values: dict[Symbol, Expr] = {}
    conditions: list[Condition] = []
    for move in reversed(moves):
        value = simplified(inserted(move.zero.solution, values))
        conditions += [Condition(x.kind, inserted(x.of, values)) for x in move.zero.conditions]
        values[move.unknown] = value
    ordered = {x: values[x] for x in unknowns}
    return Elimination(moves, ordered, tuple(conditions))


def _moves(
    equations: dict[int, Expr], unknowns: tuple[Symbol, ...], inserted: frozenset[int]
) -> tuple[Move, ...] | None:
    """Return the moves that find the `unknowns`; the numbers in `inserted` are of equations that were changed."""
    if not unknowns:
        return () if all(map(is_zero, equations.values())) else None
    for x in unknowns:
        for k, equation in equations.items():
            if x not in equation.symbols or reading_cost(equation) > LARGEST:
                continue
            zero = solve_for(equation, x)
            if zero is None:
                continue
            others = {j: _without(y, x, zero.solution) for j, y in equations.items() if j != k}
            changed = inserted | {j for j, y in equations.items() if x in y.symbols}
            rest = _moves(others, tuple(y for y in unknowns if y is not x), changed)
            if rest is not None:
                return (Move(x, k, zero, k in inserted), *rest)
    return None


def _without(equation: Expr, x: Symbol, value: Expr) -> Expr:
    return simplified(inserted(equation, {x: value})) if x in equation.symbols else equation


def inserted(expression: Expr, values: Mapping[Symbol, Expr]) -> Expr:
    """Return `expression` with values in the place of symbols, in normal form and sums multiplied out around them."""
    if not (expression.symbols & values.keys()):
        return expression
    return add(*_opened(substitute(expression, values, build)))


def _opened(x: Expr) -> list[Expr]:
    """Return the terms of `x`, products with sums multiplied out: what cancels then does."""
    found: list[Expr] = []
    for term in terms_of(x):
        factors = factors_of(term)
        k = next((k for k, y in enumerate(factors) if len(terms_of(y)) > 1), None)
        if k is None:
            found.append(term)
            continue
        for inner in terms_of(factors[k]):
            found += _opened(multiply(*factors[:k], inner, *factors[k + 1 :]))
    return found


# --- exponentials of sums, logarithms of powers


def simplified(x: Expr) -> Expr:
    """Return `x` with exponentials of sums split where that frees a number, logarithms of powers opened."""
    if not isinstance(x, Apply):
        return x
    arguments = tuple(map(simplified, x.arguments))
    return _rebuilt(x.operator, *arguments, parameters=x.parameters)


def _rebuilt(operator: Operator, *arguments: Expr, parameters: tuple[Any, ...] = ()) -> Expr:
    node = build(operator, *arguments, parameters=parameters)
    if not isinstance(node, Apply):
        return node
    inside = _argument_of(node, exp)
    if inside is not None:
        return _split_exponential(inside)
    inside = _argument_of(node, log)
    if inside is not None and inside.is_scalar:
        base, exponent = base_and_exponent(inside)
        if isinstance(exponent, Number) and exponent.value < 0:
            return scale(exponent.value, Apply(log, (base,)))
    return _as_softmax(node)


def _argument_of(x: Expr, row: Operator) -> Expr | None:
    return x.arguments[0] if isinstance(x, Apply) and x.operator is row else None


def _split_exponential(x: Expr) -> Expr:
    r"""Return `\exp(x)` as a number times the exponential of what has no multiple of ones in it."""
    outside: list[Expr] = []
    inside: list[Expr] = []
    for term in terms_of(x):
        scalars, chain = scalars_and_chain(term)
        if x.is_scalar:
            outside.append(term)
        elif len(chain) == 1 and is_ones(chain[0]):
            outside.append(multiply(*scalars))
        else:
            inside.append(term)
    kept = [term for term in outside if _argument_of(split_coefficient(term)[1], log) is None]
    powers = [term for term in outside if term not in kept]
    if x.is_scalar and not powers:
        return exponential(x)
    factors = [_power_of_logarithm(term) for term in powers]
    if kept and not all(map(is_zero, kept)):
        factors.append(exponential(add(*kept)))
    body = [exponential(add(*inside))] if inside else [] if x.is_scalar else [ones(x.shape)]
    return multiply(*factors, *body)


def _power_of_logarithm(term: Expr) -> Expr:
    """Return y^c for c log(y)."""
    coefficient, body = split_coefficient(term)
    inside = _argument_of(body, log)
    assert inside is not None
    return _power(inside, coefficient)


def _power(base: Expr, exponent: Fraction) -> Expr:
    return power(base, Number(exponent))


def _as_softmax(x: Apply) -> Expr:
    r"""Return `\exp(a) / (1^T \exp(a))` as the softmax of a."""
    scalars, chain = scalars_and_chain(x)
    inside = _argument_of(chain[0], exp) if len(chain) == 1 else None
    if inside is None or inside.shape[1] != ():
        return x
    total = multiply(transpose(ones(inside.shape)), chain[0])
    divisor = _power(total, Fraction(-1))
    if divisor not in scalars:
        return x
    rest = list(scalars)
    rest.remove(divisor)
    return multiply(*rest, Apply(softmax, (inside,)))
