"""The gradient within a structure: what is left of the free gradient where the entries of the variable are tied.

A structure is a linear space of matrices. Its row says which entries move together, and how the derivative by them
follows from the free gradient G.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..algebra.expressions import Expr, Symbol
from ..algebra.factoring import add
from ..algebra.operators.diagonals import diagonal_sums, lower_triangle, upper_triangle
from ..algebra.powers import hadamard
from ..algebra.terms import build, identity, negate, transpose
from ..words import Reason, reason


class Structure(NamedTuple):
    """One structure: its property, the tied gradient from G, which entries move with an entry, and the reason."""

    properties: frozenset[str]
    tied: Callable[[Expr], Expr]
    direction: Callable[[Any], Any]
    reason: Reason


def _symmetric(gradient: Expr) -> Expr:
    diagonal = hadamard(gradient, identity(gradient.shape[0]))
    return add(gradient, transpose(gradient), negate(diagonal))


def _symmetric_direction(unit: Any) -> Any:
    return unit + unit.swapaxes(-1, -2) - unit * _on_diagonal(unit)


def _on_diagonal(unit: Any) -> Any:
    import numpy

    return numpy.eye(unit.shape[-1])


STRUCTURES: tuple[Structure, ...] = (
    Structure(
        frozenset(("diagonal",)),
        lambda G: hadamard(G, identity(G.shape[0])),
        lambda unit: unit * _on_diagonal(unit),
        reason("diagonal"),
    ),
    Structure(
        frozenset(("symmetric", "SPD")),
        _symmetric,
        _symmetric_direction,
        reason("is symmetric"),
    ),
    *(
        Structure(
            frozenset((f"{side} triangular",)),
            lambda G, row=row: build(row, G),  # type: ignore[misc]
            lambda unit, row=row: row.value((unit,), ()),  # type: ignore[misc]
            reason(f"{side} triangular"),
        )
        for side, row in (("lower", lower_triangle), ("upper", upper_triangle))
    ),
    Structure(
        frozenset(("Toeplitz",)),
        lambda G: build(diagonal_sums, G),
        lambda unit: diagonal_sums.value((unit,), ()),
        reason("Toeplitz"),
    ),
    Structure(
        frozenset(("symmetric Toeplitz",)),
        lambda G: _symmetric(build(diagonal_sums, G)),
        lambda unit: _symmetric_direction(diagonal_sums.value((unit,), ())),
        reason("symmetric Toeplitz"),
    ),
    Structure(
        frozenset(("skew-symmetric",)),
        lambda G: add(G, negate(transpose(G))),
        lambda unit: unit - unit.swapaxes(-1, -2),
        reason("skew-symmetric"),
    ),
)


def structure_of(variable: Symbol) -> Structure | None:
    """Return the structure that the author declares `variable` to have, None if it has none that is known."""
    return next((x for x in STRUCTURES if x.properties & variable.properties), None)
