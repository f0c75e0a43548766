"""Several equations in several unknowns: one unknown after the other is eliminated, then inserted back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import gcd
from typing import Any, NamedTuple

from ..algebra.expanding import opened
from ..algebra.expressions import ONE, Apply, Expr, Number, Operator, Symbol, number, to_latex
from ..algebra.factoring import add
from ..algebra.operators.entrywise import argument_of, exp, exponential, log
from ..algebra.operators.softmax import softmax
from ..algebra.powers import base_of_divisor, base_of_power, entrywise_power, hadamard, power
from ..algebra.signs import DEFINITE
from ..algebra.terms import (
    base_and_exponent,
    build,
    entry_factors_of,
    factors_of,
    is_ones,
    is_product,
    is_zero,
    multiply,
    negate,
    normalise,
    ones,
    reading_cost,
    scalars_and_chain,
    scale,
    split_coefficient,
    substitute,
    sums_to_one,
    terms_of,
    transpose,
)
from .conditions import Condition, plainest
from .definiteness import definiteness, sign_of_entries
from .roots import raised, with_one_root
from .stationary import Zero, common_number, linear_part, solve_for, tidied

LARGEST = 200
"""The reading cost of an equation that is not solved any more."""


class Roles(NamedTuple):
    """Which letters are positive integers, and of which unknown each of the first equations is the gradient."""

    sizes: frozenset[str] = frozenset()
    variables: tuple[Symbol, ...] = ()

    def is_own(self, x: Symbol, equation: int) -> bool:
        """Whether the equation of that number is the gradient by `x`."""
        return 0 <= equation < len(self.variables) and self.variables[equation] is x


class Move(NamedTuple):
    """One unknown, found from the equation of that number (counted from 0) by the unknowns that are left.

    `inserted` says whether unknowns found before stand in it no more.
    """

    unknown: Symbol
    equation: int
    zero: Zero
    inserted: bool


class Pair(NamedTuple):
    """Two numbers, found together from two linear equations `left = right` of these numbers, by Cramer's rule."""

    unknowns: tuple[Symbol, Symbol]
    equations: tuple[int, int]
    rows: tuple[tuple[Expr, Expr], tuple[Expr, Expr]]
    values: tuple[Expr, Expr]
    determinant: Expr
    inserted: bool


class Elimination(NamedTuple):
    """The moves, and the values of all unknowns, which hold under the conditions."""

    moves: tuple[Move | Pair, ...]
    values: Mapping[Symbol, Expr]
    conditions: tuple[Condition, ...]


def eliminate(equations: Sequence[Expr], unknowns: Sequence[Symbol], known: Roles) -> Elimination | None:
    """Return where all `equations` vanish and nowhere else, None where no such place was found."""
    moves = _moves(dict(enumerate(equations)), tuple(unknowns), frozenset(), known)
    if moves is None:
        return None
    values: dict[Symbol, Expr] = {}
    conditions: list[Condition] = []
    for move in reversed(moves):
        if isinstance(move, Pair):
            values.update(zip(move.unknowns, move.values, strict=True))
            conditions.append(Condition("not zero", move.determinant))
            continue
        value = shortest(substitute(move.zero.solution, values, build))
        conditions += [Condition(x.kind, inserted(x.of, values)) for x in move.zero.conditions]
        values[move.unknown] = value
    ordered = {x: values[x] for x in unknowns}
    return Elimination(moves, ordered, tuple(conditions))


class Left(NamedTuple):
    """The equation of that number in the last unknown, once the moves found the others; no zero of it is known."""

    moves: tuple[Move, ...]
    unknown: Symbol
    equation: int
    value: Expr


def all_but_one(equations: Sequence[Expr], unknowns: Sequence[Symbol], known: Roles) -> Left | None:
    """Return the equation in one number that is left of several; None where more are left, or it is too long."""
    left, open_ones, moves, changed = dict(enumerate(equations)), list(unknowns), list[Move](), set[int]()
    while len(open_ones) > 1:
        found = zeros_of(left, open_ones, known)
        if not found:
            return None
        x, k, zero = found[0]
        moves.append(Move(x, k, zero, k in changed))
        changed |= {j for j, y in left.items() if x in y.symbols}
        left = {j: without(y, x, zero.solution) for j, y in left.items() if j != k}
        open_ones.remove(x)
    ((k, value),) = left.items()
    (x,) = open_ones
    if not x.is_scalar or x not in value.symbols or reading_cost(value) > LARGEST // 2:
        return None
    return Left(tuple(moves), x, k, shortest(value))


def _moves(
    equations: dict[int, Expr], unknowns: tuple[Symbol, ...], inserted: frozenset[int], known: Roles
) -> tuple[Move | Pair, ...] | None:
    """Return the moves that find the `unknowns`; the numbers in `inserted` are of equations that were changed."""
    if not unknowns:
        return () if all(map(is_zero, equations.values())) else None
    pair = _pair(equations, unknowns, inserted)
    if pair is not None:
        return (pair,)
    for x, k, zero in zeros_of(equations, unknowns, known):
        others = {j: without(y, x, zero.solution) for j, y in equations.items() if j != k}
        changed = inserted | {j for j, y in equations.items() if x in y.symbols}
        rest = _moves(others, tuple(y for y in unknowns if y is not x), changed, known)
        if rest is not None:
            return (Move(x, k, zero, k in inserted), *rest)
    return None


def zeros_of(equations: Mapping[int, Expr], unknowns: Sequence[Symbol], known: Roles) -> list[tuple[Symbol, int, Zero]]:
    """Return where each equation vanishes that can be solved for one of the unknowns, the ones to be taken first."""
    found = []
    for x in unknowns:
        for k, y in equations.items():
            if x in y.symbols and reading_cost(y) <= LARGEST and (zero := solve_for(y, x)) is not None:
                zero = zero._replace(solution=shortest(zero.solution))
                place = _place(zero, k, y, unknowns, known), not known.is_own(x, k)
                found.append((place, x, k, zero))
    return [(x, k, zero) for _, x, k, zero in sorted(found, key=lambda y: y[0])]


def _place(zero: Zero, number_of: int, equation: Expr, unknowns: Sequence[Symbol], known: Roles) -> int:
    """Return what is least for a solution to be taken first: it asks for nothing, or for what the equation implies.

    It does where it has no solution for a multiplier of zero, `a/x = mp` say, and no other unknown. Constraints come
    after gradients.
    """
    conditions = plainest(zero.conditions, known.sizes)
    others = zero.solution.symbols & set(unknowns)
    if not conditions:
        return 2 + (number_of >= len(known.variables)) if others else 1
    asked = {x.of for x in conditions}
    if others != asked or len(asked) != 1 or conditions[0].kind != "not zero":
        return 4
    without_it = normalise(substitute(equation, {x: number(0) for x in asked}, build))
    return 0 if DEFINITE in (abs(definiteness(without_it)), abs(sign_of_entries(without_it))) else 4


def _largest_divisor(sides: Sequence[Expr]) -> Expr:
    """Return the product of the letters by which terms are divided, each in its largest power: N of `a/N + b`."""
    powers: dict[Expr, Fraction] = {}
    for factor in (y for side in sides for term in terms_of(side) for y in factors_of(term)):
        base, exponent = base_of_divisor(factor)
        if isinstance(base, Symbol) and exponent.value < 0:
            powers[base] = max(powers.get(base, Fraction(0)), -exponent.value)
    return multiply(number(1), *(power(base, Number(k)) for base, k in powers.items()))


def _pair(equations: dict[int, Expr], unknowns: tuple[Symbol, ...], inserted: frozenset[int]) -> Pair | None:
    """Return two numbers that two linear equations of both determine, None where the equations are others."""
    if len(unknowns) != 2 or len(equations) != 2 or not all(x.is_scalar for x in (*unknowns, *equations.values())):
        return None
    x, y = unknowns
    rows = []
    for equation in equations.values():
        by_x, by_y = linear_part(equation, x), linear_part(equation, y)
        if by_x is None or by_y is None or y in by_x[0].symbols or x in by_y[0].symbols:
            return None
        nothing = {z: number(0) for z in unknowns}
        right = simplified(negate(normalise(substitute(equation, nothing, build))))
        divisor = _largest_divisor((by_x[0], by_y[0], right))
        parts = [add(*(multiply(divisor, term) for term in terms_of(z))) for z in (by_x[0], by_y[0], right)]
        shrink = Fraction(1) / common_number([*terms_of(parts[0]), *terms_of(parts[1])])
        rows.append([simplified(scale(shrink, z)) for z in parts])
    (a, b, p), (c, e, q) = rows
    determinant = add(multiply(a, e), negate(multiply(b, c)))
    if is_zero(determinant):
        return None
    above = add(multiply(p, e), negate(multiply(b, q))), add(multiply(a, q), negate(multiply(p, c)))
    first, second = (simplified(multiply(z, power(determinant, number(-1)))) for z in above)
    shown = tuple((add(multiply(u, x), multiply(v, y)), w) for u, v, w in rows)
    one, other = tuple(equations)
    return Pair((x, y), (one, other), (shown[0], shown[1]), (first, second), determinant, bool({one, other} & inserted))


def shortest(x: Expr) -> Expr:
    """Return `x` simplified, sums multiplied out where that is shorter."""
    closed = tidied(with_one_root(simplified(x)))
    apart = simplified(add(*opened(closed)))
    return min(closed, apart, key=lambda form: (reading_cost(form), len(to_latex(form))))


def without(equation: Expr, x: Symbol, value: Expr) -> Expr:
    """Return an equation with the value of an unknown in its place, simplified."""
    return simplified(inserted(equation, {x: value})) if x in equation.symbols else equation


def inserted(expression: Expr, values: Mapping[Symbol, Expr]) -> Expr:
    """Return `expression` with values in the place of symbols, in normal form and sums multiplied out around them."""
    if not (expression.symbols & values.keys()):
        return expression
    return add(*opened(substitute(expression, values, build)))


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
    inside = argument_of(node, exp)
    if inside is not None:
        return _split_exponential(inside)
    inside = argument_of(node, log)
    if inside is number(1):
        return number(0)
    if inside is not None and inside.is_scalar:
        if (power_of_e := argument_of(inside, exp)) is not None:
            return power_of_e
        outside, kept = _powers_in_logarithm(inside)
        if outside:
            return add(*outside, *([] if kept is number(1) else [build(log, kept)]))
    base, exponent = base_of_power(node)
    if not node.is_scalar and isinstance(exponent, Number) and exponent.value.denominator > 1:
        scalars, chain = scalars_and_chain(base)
        inside, inner = base_of_power(multiply(*chain)) if scalars else (base, exponent)
        if scalars and sign_of_entries(inside) == DEFINITE:  # the root of a number stands before that
            return multiply(power(multiply(*scalars), exponent), entrywise_power(inside, multiply(inner, exponent)))
    if node.is_scalar and has_powers_within(node):
        node = raised(*base_and_exponent(node))
        if not isinstance(node, Apply):
            return node
    counted = _with_content_outside(_counted(_without_divisors_inside(node)))
    return _as_softmax(counted) if isinstance(counted, Apply) else counted


def has_powers_within(x: Expr) -> bool:
    """Whether `x` is a root, or a power with letters, of a product with powers of what is positive."""
    base, exponent = base_and_exponent(x)
    if base is x or (isinstance(exponent, Number) and exponent.value.denominator == 1):
        return False
    inside = map(base_and_exponent, factors_of(base))
    return any(inner is not number(1) and definiteness(y) == DEFINITE for y, inner in inside)


def _powers_in_logarithm(x: Expr) -> tuple[list[Expr], Expr]:
    r"""Return the logarithms of divisors, and of powers with letters, in a product, and what is left."""
    outside, kept = list[Expr](), list[Expr]()
    for factor in factors_of(x):
        base, exponent = base_and_exponent(factor)
        alone = isinstance(exponent, Number) and exponent.value < 0 and factor is x
        if alone or (not isinstance(exponent, Number) and definiteness(base) == DEFINITE):
            outside.append(multiply(exponent, build(log, base)))
        else:
            kept.append(factor)
    return outside, multiply(number(1), *kept)


def _split_exponential(x: Expr) -> Expr:
    r"""Return `\exp(x)` as a number times the exponential of what has no multiple of ones in it."""
    outside: list[Expr] = []
    inside: list[Expr] = []
    for term in opened(x):
        scalars, chain = scalars_and_chain(term)
        if x.is_scalar:
            outside.append(term)
        elif len(chain) == 1 and is_ones(chain[0]):
            outside.append(multiply(*scalars))
        else:
            inside.append(term)
    kept = [term for term in outside if argument_of(split_coefficient(term)[1], log) is None]
    powers = [term for term in outside if term not in kept]
    if x.is_scalar and not powers:
        return exponential(x)
    factors = [_power_of_logarithm(term) for term in powers]
    if kept and not is_zero(add(*kept)):
        factors.append(exponential(add(*kept)))
    body = [exponential(add(*inside))] if inside else [] if x.is_scalar else [ones(x.shape)]
    return multiply(*factors, *body)


def _power_of_logarithm(term: Expr) -> Expr:
    """Return y^c for c log(y)."""
    coefficient, body = split_coefficient(term)
    inside = argument_of(body, log)
    assert inside is not None
    return _power(inside, coefficient)


def _power(base: Expr, exponent: Fraction) -> Expr:
    return power(base, Number(exponent))


def _without_divisors_inside(x: Expr) -> Expr:
    """Return a product with c (a/c + b) as a + b c, where a scalar factor is a divisor in a scalar sum beside it."""
    factors = list(factors_of(x))
    for k, total in enumerate(factors if len(factors) > 1 else ()):
        parts = terms_of(total) if total.is_scalar else ()
        below = {y for part in parts for y in factors_of(part) if len(parts) > 1}
        others = [y for y in factors if y is not total and y.is_scalar and _power(y, Fraction(-1)) in below]
        if others:
            inside = add(*(multiply(others[0], part) for part in parts))
            rest = [inside if j == k else y for j, y in enumerate(factors) if y is not others[0]]
            return _without_divisors_inside(multiply(*rest))
    return x


def _with_content_outside(x: Expr) -> Expr:
    """Return a product in which a whole number that divides all terms of a scalar factor stands before it."""
    if not isinstance(x, Apply) or not is_product(x):
        return x
    factors = []
    for y in x.arguments:
        numbers = [split_coefficient(term)[0] for term in terms_of(y)]
        whole = y.is_scalar and len(numbers) > 1 and all(c.denominator == 1 for c in numbers)
        content = gcd(*(c.numerator for c in numbers)) if whole else 1
        factors += [y] if content == 1 else [number(content), *_divided(y, content)]
    return multiply(*factors)


def _divided(x: Expr, content: int) -> list[Expr]:
    return [add(*(scale(Fraction(1, content), term) for term in terms_of(x)))]


def _counted(x: Expr) -> Expr:
    r"""Return `1^T 1` as the number of rows, and so `a^T (1 ./ a)`; of probabilities as 1."""
    factors = list(factors_of(x))
    for k in range(len(factors) - 1):
        row, column = factors[k : k + 2] = _cancelled(*factors[k : k + 2])
        if sums_to_one(column) and is_ones(transpose(row)):
            return multiply(*factors[:k], *factors[k + 2 :])
        if is_ones(column) and transpose(column) is row and len(row.shape[1]) == 1:
            (name,) = row.shape[1]
            count = number(int(name)) if name.isdigit() else Symbol(name)
            return multiply(*factors[:k], count, *factors[k + 2 :])
    return x


def _cancelled(row: Expr, column: Expr) -> tuple[Expr, Expr]:
    """Return a row and a column of the same product without entries that divide those of the other."""
    entries = transpose(row)
    parts = list(entry_factors_of(column))
    below = entrywise_power(entries, number(-1))
    if row.shape[0] != ONE or below not in parts:
        return row, column
    parts.remove(below)
    return transpose(ones(entries.shape)), hadamard(*parts) if parts else ones(column.shape)


def _as_softmax(x: Apply) -> Expr:
    r"""Return `\exp(a) / (1^T \exp(a))` as the softmax of a."""
    scalars, chain = scalars_and_chain(x)
    inside = argument_of(chain[0], exp) if len(chain) == 1 else None
    if inside is None or inside.shape[1] != ():
        return x
    total = multiply(transpose(ones(inside.shape)), chain[0])
    divisor = _power(total, Fraction(-1))
    if divisor not in scalars:
        return x
    rest = list(scalars)
    rest.remove(divisor)
    return multiply(*rest, Apply(softmax, (inside,)))
