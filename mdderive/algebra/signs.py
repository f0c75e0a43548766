"""The signs of matrices and of entries: what sums, products and powers make of the signs of their parts.

A sign is 2 for positive (definite), 1 for not negative (semidefinite), -2 and -1 for the opposite, 0 for unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .expressions import Apply, Expr, Number, Signs

DEFINITE = 2
SEMIDEFINITE = 1


def sum_sign(signs: Sequence[int]) -> int:
    """Return the sign of a sum: all its terms must lean to the same side, and one strictly for it to be definite."""
    if all(sign > 0 for sign in signs):
        return max(signs)
    return min(signs) if all(sign < 0 for sign in signs) else 0


def product_sign(signs: Sequence[int]) -> int:
    """Return the sign of a Kronecker, entry-wise or scalar product."""
    found = 1
    for sign in signs:
        found *= (sign > 0) - (sign < 0)
    return found * min((abs(sign) for sign in signs), default=0)


def power_sign(base: int, exponent: Expr) -> int:
    """Return the sign of a power."""
    if base == DEFINITE:
        return DEFINITE
    if not isinstance(exponent, Number):
        return 0
    if exponent.value.denominator != 1:
        return SEMIDEFINITE if base == SEMIDEFINITE else 0
    if exponent.value % 2:
        return base
    return max(abs(base), SEMIDEFINITE)


def hadamard_sign(factors: Iterable[Expr], signs: Signs) -> int:
    """Return the sign of the entries of an entry-wise product, in which a factor that comes twice is a square."""
    rest = list(factors)
    found = []
    while rest:
        one = rest.pop()
        if one in rest:
            rest.remove(one)
            found.append(SEMIDEFINITE)
        else:
            found.append(signs.of_entries(one))
    return product_sign(found)


def entrywise_power_sign(node: Apply, signs: Signs) -> int:
    """Return the sign of the entries of an entry-wise power."""
    base, exponent = node.arguments
    return power_sign(signs.of_entries(base), exponent)
