"""Whether a matrix is definite by its form or by what is declared: `X^T D X` with positive D, `A^T A + c I`, ..."""

from __future__ import annotations

from ..algebra.expressions import Apply, Expr, Number, Symbol, number
from ..algebra.operators.diagonals import diagonal_matrix
from ..algebra.operators.entrywise import exp, logistic
from ..algebra.operators.kronecker import kronecker_row
from ..algebra.operators.norms import squared_norm
from ..algebra.operators.softmax import softmax
from ..algebra.operators.structural import (
    add_row,
    entrywise_power_row,
    hadamard_row,
    identity_row,
    inverse_row,
    ones_row,
    power_row,
    product,
    sum_row,
    transpose_row,
)
from ..algebra.terms import is_zero, multiply, negate, transpose

DEFINITE = 2
SEMIDEFINITE = 1


def definiteness(x: Expr) -> int:
    """Return 2 for positive definite, 1 for positive semidefinite, -2, -1 for negative, 0 where the form tells nothing.

    A scalar is a matrix of one entry.
    """
    if isinstance(x, Number):
        return 0 if x.value == 0 else DEFINITE if x.value > 0 else -DEFINITE
    if isinstance(x, Symbol):
        positive = "SPD" in x.properties or (x.is_scalar and "positive" in x.properties)
        return DEFINITE if positive else 0
    if not isinstance(x, Apply) or is_zero(x):
        return 0
    operator, arguments = x.operator, x.arguments
    if operator in (identity_row, exp) and (operator is identity_row or x.is_scalar):
        return DEFINITE
    if operator is inverse_row:
        found = definiteness(arguments[0])
        return found if abs(found) == DEFINITE else 0
    if operator in (transpose_row, sum_row):
        return definiteness(arguments[0])
    if operator is squared_norm:
        return SEMIDEFINITE
    if operator is power_row:
        return _of_power(arguments[0], arguments[1])
    if operator is add_row:
        return SEMIDEFINITE if _is_covariance(x) else _of_sum([definiteness(term) for term in arguments])
    if operator is kronecker_row:
        return _of_product([definiteness(part) for part in arguments])
    if operator is diagonal_matrix:
        return sign_of_entries(arguments[0])
    if operator is product:
        return _of_chain(x)
    return sign_of_entries(x) if x.is_scalar else 0


def _is_covariance(x: Apply) -> bool:
    """Whether `x` is diag(p) - p p^T for probabilities p: the covariance matrix of a one-hot vector."""
    if len(x.arguments) != 2:
        return False
    diagonal, outer = x.arguments
    if not (isinstance(diagonal, Apply) and diagonal.operator is diagonal_matrix):
        return False
    p = diagonal.arguments[0]
    is_probability = isinstance(p, Apply) and p.operator is softmax
    return is_probability and outer is negate(multiply(p, transpose(p)))


def _of_power(base: Expr, exponent: Expr) -> int:
    found = definiteness(base)
    if found == DEFINITE:
        return DEFINITE
    even = isinstance(exponent, Number) and exponent.value.denominator == 1 and exponent.value % 2 == 0
    return SEMIDEFINITE if even else 0


def _of_sum(signs: list[int]) -> int:
    """Return what a sum is: all its terms must lean to the same side, and one strictly for it to be definite."""
    if all(sign > 0 for sign in signs):
        return max(signs)
    return min(signs) if all(sign < 0 for sign in signs) else 0


def _of_product(signs: list[int]) -> int:
    """Return what a Kronecker, entry-wise or scalar product is."""
    found = 1
    for sign in signs:
        found *= (sign > 0) - (sign < 0)
    return found * min((abs(sign) for sign in signs), default=0)


def _of_chain(x: Apply) -> int:
    """Return what scalars times `A^T M A` are."""
    scalars = [definiteness(y) for y in x.arguments if y.is_scalar]
    chain = [y for y in x.arguments if not y.is_scalar]
    if not chain:
        return _of_product(scalars)
    if len(chain) == 1:
        return _of_product([*scalars, definiteness(chain[0])])
    inner, sign = chain, 0
    while len(inner) > 1 and transpose(inner[0]) is inner[-1]:
        inner, sign = inner[1:-1], SEMIDEFINITE
    if len(inner) == 1 and sign:
        sign = max(-SEMIDEFINITE, min(SEMIDEFINITE, definiteness(inner[0])))
    elif inner:
        sign = 0
    return _of_product([*scalars, sign])


def sign_of_entries(x: Expr) -> int:
    """Return 2 where every entry is positive, 1 where none is negative, -2 and -1 for the opposite, else 0."""
    if isinstance(x, Symbol):
        return DEFINITE if "positive" in x.properties else 0
    if not isinstance(x, Apply):
        return definiteness(x)
    if x.operator in (exp, logistic, ones_row):
        return DEFINITE
    if x.operator is entrywise_power_row:
        inner = sign_of_entries(x.arguments[0])
        return inner if inner == DEFINITE else _of_power(x.arguments[0], x.arguments[1])
    if x.operator is hadamard_row:
        rest = list(x.arguments)
        signs = []
        while rest:
            one = rest.pop()
            if one in rest:
                rest.remove(one)
                signs.append(SEMIDEFINITE)
            else:
                signs.append(sign_of_entries(one))
        return _of_product(signs)
    if x.operator is product and any(y.is_scalar for y in x.arguments):
        return _of_product([definiteness(y) if y.is_scalar else sign_of_entries(y) for y in x.arguments])
    return DEFINITE if _is_one_minus_logistic(x) else 0


def _is_one_minus_logistic(x: Apply) -> bool:
    if x.operator is not add_row or len(x.arguments) != 2:
        return False
    one, other = x.arguments
    inner = negate(other)
    is_one = one is number(1) or (isinstance(one, Apply) and one.operator is ones_row)
    return is_one and isinstance(inner, Apply) and inner.operator is logistic
