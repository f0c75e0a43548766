"""What a row says of how it bends: tried at random points, and shown not to be said in vain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mdderive.algebra.expressions import Operator
from mdderive.algebra.operators import table

POINTS = 200
BENDING = [pytest.param(row, id=row.name) for row in table() if row.convexity is not None and not row.binds_index]
"""Those that bend; of what goes over an index the arguments are those at all its values."""
FREE = [x for x in BENDING if "n n" not in x.values[0].signatures[0]]
"""Those of any matrix: the entries of a positive definite one cannot be moved one by one."""


def arguments(row: Operator, rng: np.random.Generator) -> tuple[Any, ...]:
    """Return random arguments in the domain of a row: a positive definite matrix, positive or any entries, an order."""
    found: list[Any] = []
    for pair in row.signatures[0].split("->")[0].split(","):
        rows, columns = (1 if size == "1" else {"m": 4, "n": 3}[size] for size in pair.split())
        value = rng.standard_normal((POINTS, rows, columns))
        if pair.split() == ["n", "n"]:
            value = value @ value.swapaxes(-1, -2) + np.eye(rows)
        elif row.name == "logarithm":
            value = abs(value) + 0.1
        found.append(np.full((1, 1), 3.0) if row.name == "p-norm" and found else value)
    return tuple(found)


def value(row: Operator, given: tuple[Any, ...]) -> Any:
    return row.value(given, ("",))


@pytest.mark.parametrize("row", BENDING)
def test_a_row_bends_as_it_says(row: Operator) -> None:
    assert row.convexity is not None
    rng = np.random.default_rng(20260101)
    a, b = arguments(row, rng), arguments(row, rng)
    middle = tuple((x + y) / 2 for x, y in zip(a, b, strict=True))
    gap = row.convexity.curvature * ((value(row, a) + value(row, b)) / 2 - value(row, middle))
    assert gap.min() > -1e-9
    assert gap.max() > 1e-3, "it is linear"


@pytest.mark.parametrize("row", FREE)
def test_a_row_increases_where_it_says_so(row: Operator) -> None:
    assert row.convexity is not None
    rng = np.random.default_rng(20260101)
    a = arguments(row, rng)
    above = tuple(x + abs(rng.standard_normal(x.shape)) * (x.shape[0] > 1) for x in a)
    never_falls = (value(row, above) - value(row, a)).min() > -1e-9
    assert never_falls == row.convexity.increasing
