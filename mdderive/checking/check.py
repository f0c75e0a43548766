"""What a check found, for the code that decides exactly, the code that computes, and all who tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

SEED = 20260101
"""From what random points follow."""


class Check(NamedTuple):
    """What a check found: passed or not, the largest relative error, how many points, which sizes.

    An `exact` one is that of a line that was evaluated over a prime field, at the points of several assignments of
    sizes; a line that is wrong at all of them would have passed with a probability below `error_bound`.
    """

    ok: bool
    max_relative_error: float
    points: int
    sizes: Mapping[str, int]
    seed: int = SEED
    exact: bool = False
    error_bound: float = 1.0
    other_sizes: tuple[Mapping[str, int], ...] = ()


class SingularError(ArithmeticError):
    """A matrix that must be inverted is singular at a random point."""
