"""The gradient within a structure: what is left of the free gradient where the entries of the variable are tied.

A structure is a linear space of matrices. Its row says which entries move together, and how the derivative by them
follows from the free gradient G.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..algebra.expressions import Expr, Symbol, Wording
from ..algebra.factoring import add
from ..algebra.operators.diagonals import diagonal_sums, lower_triangle, upper_triangle
from ..algebra.powers import hadamard
from ..algebra.terms import build, identity, negate, transpose


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


_TOEP = Wording(
    r"$\operatorname{toep}(G)$ holds in each entry the sum of $G$ along its diagonal",
    r"$\operatorname{toep}(G)$ 的每个元素是 $G$ 沿其所在对角线之和",
)

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
    *(
        Structure(
            frozenset((f"{side} triangular",)),
            lambda G, row=row: build(row, G),  # type: ignore[misc]
            lambda unit, row=row: row.value((unit,), ()),  # type: ignore[misc]
            Wording(
                f"is {side} triangular: only the entries of that triangle vary",
                f"是{zh}三角矩阵，只有该三角内的元素是变量",
            ),
        )
        for side, zh, row in (("lower", "下", lower_triangle), ("upper", "上", upper_triangle))
    ),
    Structure(
        frozenset(("Toeplitz",)),
        lambda G: build(diagonal_sums, G),
        lambda unit: diagonal_sums.value((unit,), ()),
        Wording(
            f"is a Toeplitz matrix: the entries along a diagonal vary together; {_TOEP.en}",
            f"是 Toeplitz 矩阵，同一条对角线上的元素同时变化；{_TOEP.zh}",
        ),
    ),
    Structure(
        frozenset(("symmetric Toeplitz",)),
        lambda G: _symmetric(build(diagonal_sums, G)),
        lambda unit: _symmetric_direction(diagonal_sums.value((unit,), ())),
        Wording(
            "is a symmetric Toeplitz matrix: the entries along a diagonal and its mirror image vary together; "
            + _TOEP.en,
            f"是对称 Toeplitz 矩阵，对角线及其对称位置上的元素同时变化；{_TOEP.zh}",
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
