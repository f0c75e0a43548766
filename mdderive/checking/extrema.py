"""Trying to refute that a point is a minimum or a maximum: by the values of f at allowed points beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..algebra.expressions import Expr, Symbol, lazy_numpy
from .check import SEED
from .stationarity import Within, conditions_met
from .subject import Subject

NEAR = 0.01
"""How far away the points beside it are, relative to its size."""


def is_extremum(
    points: Subject,
    places: Mapping[Symbol, Any],
    within: Mapping[Symbol, Within],
    conditions: Sequence[tuple[str, Expr]],
    sign: int,
    moving: Sequence[Symbol],
) -> bool:
    """Return whether f is nowhere smaller at random allowed places near `places`, nowhere greater for a negative sign.

    Only the `moving` symbols move.
    """
    numpy = lazy_numpy()
    rng = numpy.random.default_rng(SEED)
    good = conditions_met(points, places, conditions)
    with numpy.errstate(all="ignore"):
        here = points.moved(places).value(points.f)
        for _ in range(8):
            beside = dict(places)
            for x in moving:
                beside[x] = _beside(places[x], within[x], rng)
            there = points.moved(beside).value(points.f)
            lower = (there - here) * sign < -1e-9 * (1 + numpy.abs(here))
            if numpy.any(numpy.broadcast_to(lower.reshape(len(lower), -1).any(axis=1), good.shape)[good]):
                return False
    return True


def _beside(place: Any, allowed: Within, rng: Any) -> Any:
    """Return a random point near `place` that is allowed."""
    numpy = lazy_numpy()
    scale = float(numpy.max(numpy.abs(place[numpy.isfinite(place)]), initial=0.0)) or 1.0
    step = NEAR * scale * rng.standard_normal(place.shape)
    if allowed.curved:
        return numpy.linalg.qr(numpy.where(numpy.isfinite(place), place, 0.0) + step)[0] * _signs(place + step)
    return place + allowed.within(step)


def _signs(matrix: Any) -> Any:
    """Return the signs of the columns that QR turned."""
    numpy = lazy_numpy()
    diagonal = numpy.diagonal(numpy.linalg.qr(numpy.where(numpy.isfinite(matrix), matrix, 0.0))[1], axis1=-2, axis2=-1)
    return numpy.where(diagonal < 0, -1.0, 1.0)[..., None, :]
