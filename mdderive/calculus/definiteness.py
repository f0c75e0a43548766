"""Whether a matrix is definite by its form or by what is declared: `X^T D X` with positive D, `A^T A + c I`, ..."""

from __future__ import annotations

from ..algebra.expanding import MOST_TERMS, opened
from ..algebra.expressions import Apply, Expr, Number, Signs, Symbol, number, remembered
from ..algebra.factoring import add
from ..algebra.operators.diagonals import on_diagonal
from ..algebra.operators.entrywise import logistic
from ..algebra.operators.softmax import softmax
from ..algebra.signs import DEFINITE, SEMIDEFINITE
from ..algebra.terms import base_and_exponent, factors_of, is_ones, is_zero, multiply, negate, terms_of, transpose
from ..algebra.writing import HALF


@remembered(maxsize=20_000)
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
    if _is_covariance(x):
        return SEMIDEFINITE
    found = 0 if x.operator.sign is None else x.operator.sign(x, SIGNS)
    if found or not x.is_scalar:
        return found
    return (0 if x.operator.entry_sign is None else sign_of_entries(x)) or _of_sum_with_root(x)


def _of_sum_with_root(x: Expr) -> int:
    r"""Return the sign of a number and a root, `b + \sqrt{b^2 + c}`, of which the squares tell which is larger."""
    terms = terms_of(x)
    root = next((y for y in terms if len(terms) > 1 and any(is_root(z) for z in factors_of(y))), None)
    if root is None:
        return 0
    others = [y for y in terms if y is not root]
    if len(others) ** 2 > MOST_TERMS or any(is_root(z) for y in others for z in factors_of(y)):
        return 0
    squares = [negate(multiply(y, z)) for y in others for z in others]
    gap = definiteness(add(*opened(add(multiply(root, root), *squares))))
    if abs(gap) < DEFINITE:
        return 0
    return definiteness(root if gap > 0 else add(*others))


def is_root(x: Expr) -> bool:
    """Whether `x` is a square root."""
    return x.is_scalar and base_and_exponent(x)[1] is HALF


@remembered(maxsize=20_000)
def sign_of_entries(x: Expr) -> int:
    """Return 2 where every entry is positive, 1 where none is negative, -2 and -1 for the opposite, else 0."""
    if isinstance(x, Symbol):
        return DEFINITE if "positive" in x.properties else SEMIDEFINITE if "probability" in x.properties else 0
    if not isinstance(x, Apply):
        return definiteness(x)
    found = 0 if x.operator.entry_sign is None else x.operator.entry_sign(x, SIGNS)
    return found or (DEFINITE if _is_one_minus_logistic(x) else 0)


SIGNS = Signs(definiteness, sign_of_entries)


def _is_covariance(x: Apply) -> bool:
    """Whether `x` is diag(p) - p p^T for probabilities p: the covariance matrix of a one-hot vector."""
    diagonal, *outer = terms_of(x)
    p = on_diagonal(diagonal)
    if len(outer) != 1 or p is None:
        return False
    is_probability = isinstance(p, Apply) and p.operator is softmax
    return is_probability and outer[0] is negate(multiply(p, transpose(p)))


def _is_one_minus_logistic(x: Apply) -> bool:
    one, *rest = terms_of(x)
    if len(rest) != 1:
        return False
    inner = negate(rest[0])
    is_one = one is number(1) or is_ones(one)
    return is_one and isinstance(inner, Apply) and inner.operator is logistic
