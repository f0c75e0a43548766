"""The zero of a gradient: bring it to an equation that is linear in the variable, and solve that."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from ..algebra.expressions import Apply, Expr, Number, Symbol, number, to_latex
from ..algebra.factoring import add
from ..algebra.matching import distribute
from ..algebra.operators.structural import identity_row
from ..algebra.powers import inverse, power, reciprocal
from ..algebra.terms import (
    factors_of,
    inverted,
    is_identity,
    is_zero,
    multiply,
    negate,
    scalars_and_chain,
    scale,
    split_coefficient,
    transpose,
    under_transpose,
    zero,
)
from ..words import Reason, Reasons, reason

INVERTIBLE = frozenset(("SPD", "invertible", "orthogonal"))
"""The properties of matrices that have an inverse."""
NORMAL_EQUATIONS = reason("normal equations")


class Zero(NamedTuple):
    """`left = right`, linear in the variable, and its `solution`.

    `inverted` is the matrix whose inverse the solution needs, `names` what the equation is called, `multiplied` by
    what the gradient was multiplied to get there.
    """

    left: Expr
    right: Expr
    solution: Expr
    inverted: Expr | None
    names: Reason | None
    multiplied: Reasons = ()


def solve_for(gradient: Expr, variable: Symbol) -> Zero | None:
    """Return where `gradient` vanishes, None where no equation linear in `variable` was found."""
    for candidate, multiplied in _cleared(gradient, variable):
        found = _solve_linear(distribute(candidate, variable), variable)
        # A homogeneous equation has other solutions, an eigenvector say, that the zero would hide.
        if found is not None and variable not in found.solution.symbols and not is_zero(found.right):
            return found._replace(multiplied=multiplied)
    return None


def _cleared(gradient: Expr, x: Symbol) -> Iterator[tuple[Expr, Reasons]]:
    """Yield the gradient, and then its products with the variable, which clear inverses and denominators."""
    bare, words = _without_invertible_ends(gradient)
    if bare is not gradient:
        yield bare, words
    terms = distribute(gradient, x)
    yield add(*terms), ()
    if x.is_scalar:
        for k in (1, 2, 3):
            factor = to_latex(power(x, number(k)))
            yield add(*(multiply(*[x] * k, term) for term in terms)), (reason("multiplied", factor=factor),)
    elif x.is_square:
        for y in dict.fromkeys((x, transpose(x))):
            factor = to_latex(y)
            both = reason("multiplied on both sides", factor=factor)
            yield add(*(multiply(y, term, y) for term in terms)), (both,)
            yield add(*(multiply(y, term) for term in terms)), (reason("multiplied on the left", factor=factor),)
            yield add(*(multiply(term, y) for term in terms)), (reason("multiplied on the right", factor=factor),)


def _without_invertible_ends(gradient: Expr) -> tuple[Expr, Reasons]:
    """Return a product without the invertible matrices at its ends, which a zero does not need, and what is said."""
    scalars, chain = scalars_and_chain(gradient)
    words = []
    for end, key in ((0, "multiplied on the left"), (-1, "multiplied on the right")):
        while len(chain) > 1 and is_invertible(chain[end]):
            words.append(reason(key, factor=to_latex(inverse(chain.pop(end)))))
    if not words:
        return gradient, ()
    return multiply(*scalars, *chain), tuple(words)


def is_invertible(x: Expr) -> bool:
    """Whether `x` is an inverse or declared to have one."""
    inner = under_transpose(x) or x
    if isinstance(inner, Symbol):
        return bool(inner.properties & INVERTIBLE)
    return inverted(inner) is not None


class _LinearTerm(NamedTuple):
    """c L x R, or c L x^T R where `turned`."""

    left: Expr | None
    right: Expr | None
    turned: bool
    scalars: Expr


def _linear_term(term: Expr, x: Symbol) -> _LinearTerm | None:
    """Return `term` as a multiple of the variable, None if it is not linear in it."""
    coefficient, rest = split_coefficient(term)
    factors = list(factors_of(rest))
    places = [k for k, y in enumerate(factors) if x in y.symbols]
    if len(places) != 1:
        return None
    factor = factors[places[0]]
    turned = under_transpose(factor) is x
    if factor is not x and not turned:
        return None
    before, after = factors[: places[0]], factors[places[0] + 1 :]
    scalars = multiply(Number(coefficient), *(y for y in (*before, *after) if y.is_scalar))
    left = [y for y in before if not y.is_scalar]
    right = [y for y in after if not y.is_scalar]
    return _LinearTerm(multiply(*left) if left else None, multiply(*right) if right else None, turned, scalars)


def _solve_linear(terms: tuple[Expr, ...], x: Symbol) -> Zero | None:
    constant = [negate(term) for term in terms if x not in term.symbols and not is_zero(term)]
    linear = [_linear_term(term, x) for term in terms if x in term.symbols]
    found = [t for t in linear if t is not None]
    if not found or len(found) != len(linear) or len({t.turned for t in found}) != 1:
        return None
    shrink = _common_number([t.scalars for t in found])
    right = scale(1 / shrink, add(*constant)) if constant else None
    unknown = transpose(x) if found[0].turned else x
    if right is None:
        right = zero(terms[0].shape)
    if all(t.right is None for t in found):
        matrix = add(*(_times(scale(1 / shrink, t.scalars), t.left, unknown.shape[0]) for t in found))
        return _finished(matrix, unknown, right, x, on_left=True)
    if all(t.left is None for t in found):
        matrix = add(*(_times(scale(1 / shrink, t.scalars), t.right, unknown.shape[1]) for t in found))
        return _finished(matrix, unknown, right, x, on_left=False)
    return None


def _common_number(scalars: list[Expr]) -> Fraction:
    """Return the number that all these scalars have in front up to the sign, else 1."""
    numbers = [split_coefficient(s)[0] for s in scalars]
    same = all(abs(n) == abs(numbers[0]) for n in numbers)
    return numbers[0] if same else Fraction(1)


def _times(scalars: Expr, matrix: Expr | None, size: tuple[str, ...]) -> Expr:
    if matrix is None:
        return multiply(scalars, Apply(identity_row, (), (size,))) if size else scalars
    return multiply(scalars, matrix)


def _finished(matrix: Expr, unknown: Expr, right: Expr, x: Symbol, *, on_left: bool) -> Zero:
    coefficient, rest = split_coefficient(matrix)
    if matrix.is_scalar or _is_scaled_identity(rest):
        factor = matrix if matrix.is_scalar else _identity_factor(rest, coefficient)
        value, inverted = multiply(reciprocal(factor), right), None
        left = multiply(factor, unknown)
    else:
        inverted = matrix
        value = multiply(inverse(matrix), right) if on_left else multiply(right, inverse(matrix))
        left = multiply(matrix, unknown) if on_left else multiply(unknown, matrix)
    solution = value if unknown is x else transpose(value)
    return Zero(left, right, solution, inverted, NORMAL_EQUATIONS if gram_factor(matrix) is not None else None)


def _is_scaled_identity(x: Expr) -> bool:
    return all(y.is_scalar or is_identity(y) for y in factors_of(x))


def _identity_factor(x: Expr, coefficient: Fraction) -> Expr:
    return multiply(Number(coefficient), *scalars_and_chain(x)[0])


def gram_factor(matrix: Expr | None) -> Expr | None:
    """Return A where `matrix` is A^T A, else None."""
    if matrix is not None and len(factors_of(matrix)) == 2:
        first, second = factors_of(matrix)
        if transpose(second) is first:
            return second
    return None
