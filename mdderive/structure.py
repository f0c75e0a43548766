"""The gradient within a structure: what is left of the free gradient where the entries of the variable are tied.

A structure is a linear space of matrices. Its row says which entries move together, and how the derivative by them
follows from the free gradient G.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .expr import Expr, Symbol, Wording
from .operators.arithmetic import add, hadamard, identity, negate, transpose


@dataclass(frozen=True, slots=True)
class Structure:
    """One structure: its property, the tied gradient from G, which entries move with an entry, and the reason."""

    properties: frozenset[str]
    tied: Callable[[Expr], Expr]
    direction: Callable[[Any], Any]
    reason: Wording


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
        Wording("is diagonal: only its diagonal entries vary", "是对角矩阵，只有对角元素是变量"),
    ),
    Structure(
        frozenset(("symmetric", "SPD")),
        _symmetric,
        _symmetric_direction,
        Wording(
            "is symmetric: the entries $(i,j)$ and $(j,i)$ vary together, those on the diagonal alone",
            "是对称矩阵，元素 $(i,j)$ 与 $(j,i)$ 同时变化，对角元素单独变化",
        ),
    ),
    Structure(
        frozenset(("skew-symmetric",)),
        lambda G: add(G, negate(transpose(G))),
        lambda unit: unit - unit.swapaxes(-1, -2),
        Wording(
            "is skew-symmetric: the entry $(j,i)$ varies against the entry $(i,j)$",
            "是反对称矩阵，元素 $(j,i)$ 与 $(i,j)$ 反向变化",
        ),
    ),
)


def structure_of(variable: Symbol) -> Structure | None:
    """Return the structure that the author declares `variable` to have, None if it has none that is known."""
    return next((x for x in STRUCTURES if x.properties & variable.properties), None)
