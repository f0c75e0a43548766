"""The gradient within a structure: what is left of the free gradient where the entries of the variable are tied.

A structure is a linear space of matrices. Its row says which entries move together, and how the derivative by them
follows from the free gradient G.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from fractions import Fraction
from typing import Any, NamedTuple

from ..algebra.expressions import Expr, Shape, Symbol, number
from ..algebra.factoring import add, symmetric_part
from ..algebra.numbers import Matrix
from ..algebra.operators.determinants import pseudo_inverse_row
from ..algebra.operators.diagonals import diagonal_sums, lower_triangle, upper_triangle
from ..algebra.powers import entrywise_power, hadamard
from ..algebra.terms import build, identity, negate, ones, scale, transpose
from ..words import Reason, reason


class Structure(NamedTuple):
    """One structure: its property, the tied gradient from G, which entries move with an entry, and the reason."""

    properties: frozenset[str]
    tied: Callable[[Expr], Expr]
    direction: Callable[[Any], Any]
    reason: Reason
    nearest: Callable[[Expr], Expr]
    """The matrix of the structure that is nearest to a given one."""
    by_equation: bool = False
    """Whether what must vanish of the gradient is a sum with its transpose, so that products with X stay products."""
    mask: Callable[[Shape], Expr] | None = None
    """The matrix of ones where entries vary, where they vary one by one."""

    @staticmethod
    def pseudo_inverse(x: Expr) -> Expr:
        """Return the pseudo-inverse of `x`."""
        return build(pseudo_inverse_row, x)

    moves: Callable[[int, int], tuple[Hashable, int] | None] | None = None
    """(row, column) -> what tells the entries that move together, and the sign of this one; None where it stays."""

    def tie(self, a: Matrix) -> Matrix:
        """Return the matrix that moves where each entry that is tied moves by that of `a`."""
        assert self.moves is not None
        places = [(i, j) for i, row in enumerate(a) for j in range(len(row))]
        kinds = {place: self.moves(*place) for place in places}
        total: dict[Hashable, int] = {}
        for (i, j), kind in kinds.items():
            if kind is not None:
                total[kind[0]] = total.get(kind[0], 0) + kind[1] * a[i][j]
        return [
            [0 if (k := kinds[i, j]) is None else k[1] * total[k[0]] for j in range(len(a[0]))] for i in range(len(a))
        ]


def _symmetric(gradient: Expr) -> Expr:
    diagonal = hadamard(gradient, identity(gradient.shape[0]))
    return add(gradient, transpose(gradient), negate(diagonal))


def _symmetric_direction(unit: Any) -> Any:
    return unit + unit.swapaxes(-1, -2) - unit * _on_diagonal(unit)


def _on_diagonal(unit: Any) -> Any:
    import numpy

    return numpy.eye(unit.shape[-1])


def _means_along_diagonals(x: Expr) -> Expr:
    counts = build(diagonal_sums, ones(x.shape))
    return hadamard(build(diagonal_sums, x), entrywise_power(counts, number(-1)))


STRUCTURES: tuple[Structure, ...] = (
    Structure(
        frozenset(("diagonal",)),
        lambda G: hadamard(G, identity(G.shape[0])),
        lambda unit: unit * _on_diagonal(unit),
        reason("diagonal"),
        lambda C: hadamard(C, identity(C.shape[0])),
        moves=lambda i, j: (i, 1) if i == j else None,
    ),
    Structure(
        frozenset(("symmetric", "SPD")),
        _symmetric,
        _symmetric_direction,
        reason("is symmetric"),
        symmetric_part,
        by_equation=True,
        moves=lambda i, j: ((min(i, j), max(i, j)), 1),
    ),
    *(
        Structure(
            frozenset((f"{side} triangular",)),
            lambda G, row=row: build(row, G),  # type: ignore[misc]
            lambda unit, row=row: row.value((unit,), ()),  # type: ignore[misc]
            reason(f"{side} triangular"),
            lambda C, row=row: build(row, C),  # type: ignore[misc]
            mask=lambda shape, row=row: build(row, ones(shape)),  # type: ignore[misc]
            moves=lambda i, j, down=side == "lower": ((i, j), 1) if i == j or down == (i > j) else None,  # type: ignore[misc]
        )
        for side, row in (("lower", lower_triangle), ("upper", upper_triangle))
    ),
    Structure(
        frozenset(("Toeplitz",)),
        lambda G: build(diagonal_sums, G),
        lambda unit: diagonal_sums.value((unit,), ()),
        reason("Toeplitz"),
        _means_along_diagonals,
        moves=lambda i, j: (i - j, 1),
    ),
    Structure(
        frozenset(("symmetric Toeplitz",)),
        lambda G: _symmetric(build(diagonal_sums, G)),
        lambda unit: _symmetric_direction(diagonal_sums.value((unit,), ())),
        reason("symmetric Toeplitz"),
        lambda C: _means_along_diagonals(symmetric_part(C)),
        moves=lambda i, j: (abs(i - j), 1),
    ),
    Structure(
        frozenset(("skew-symmetric",)),
        lambda G: add(G, negate(transpose(G))),
        lambda unit: unit - unit.swapaxes(-1, -2),
        reason("skew-symmetric"),
        lambda C: scale(Fraction(1, 2), add(C, negate(transpose(C)))),
        by_equation=True,
        moves=lambda i, j: None if i == j else ((min(i, j), max(i, j)), 1 if i < j else -1),
    ),
)


def structure_of(variable: Symbol) -> Structure | None:
    """Return the structure that the author declares `variable` to have, None if it has none that is known."""
    return next((x for x in STRUCTURES if x.properties & variable.properties), None)
