"""Whether a point is stationary within what is declared: conditions, membership, the gradient along all directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from ..algebra.expressions import Expr, Symbol, lazy_numpy
from ..algebra.numbers import Matrix
from .check import SEED, Check
from .evaluation import POINTS
from .subject import NEARBY, Subject

SHARPNESS, SHARP = 1e-9, 0.02
"""By how much a place is changed, and how much smaller than there the gradients must be."""
BESIDE = 1e-6
"""How far from a kink derivatives are taken to its sides."""
SMALL = 1e-9
"""What is zero, relative to its size."""


def _ratio(a: Any) -> Any:
    """Return the least singular value over the largest, for each matrix."""
    values = lazy_numpy().linalg.svd(a.real, compute_uv=False)
    return values[..., -1] / (values[..., 0] + 1e-300)


def _least_eigenvalue(a: Any) -> Any:
    numpy = lazy_numpy()
    even = numpy.abs(a - a.swapaxes(-1, -2)).max(axis=(-1, -2)) <= SMALL * (1 + numpy.abs(a).max(axis=(-1, -2)))
    return numpy.where(even, numpy.linalg.eigvalsh((a + a.swapaxes(-1, -2)) / 2)[..., 0], -1.0)


def _least(a: Any) -> Any:
    return a.min(axis=(-1, -2))


HOLDS: Mapping[str, Callable[[Any], Any]] = {
    "invertible": lambda a: _ratio(a) > SMALL,
    "full column rank": lambda a: (_ratio(a) > SMALL) & (a.shape[-2] >= a.shape[-1]),
    "full row rank": lambda a: (_ratio(a) > SMALL) & (a.shape[-2] <= a.shape[-1]),
    "positive definite": lambda a: _least_eigenvalue(a) > SMALL,
    "positive": lambda a: _least(a) > SMALL,
    "probability": lambda a: _least(a) > SMALL,
    "not zero": lambda a: abs(a).max(axis=(-1, -2)) > SMALL,
    "no zero entry": lambda a: _least(abs(a)) > SMALL,
    "no zero column": lambda a: _least(abs(a).max(axis=-2, keepdims=True)) > SMALL,
}
"""For each condition, at which points it holds."""


def holds(points: Subject, kind: str, of: Expr) -> Any:
    """Return at which points `of` has the property `kind`."""
    numpy = lazy_numpy()
    with numpy.errstate(all="ignore"):
        value = points.value(of)
    return _at_points(HOLDS[kind](numpy.where(numpy.isfinite(value), value, 0.0)))


def _at_points(found: Any) -> Any:
    """Return one answer for each point; where it has one for each member of a family, all must agree."""
    return found.all(axis=tuple(range(1, found.ndim)))


MEMBER: Mapping[str, Callable[[Any], Any]] = {
    "SPD": HOLDS["positive definite"],
    "positive": HOLDS["positive"],
    "invertible": HOLDS["invertible"],
    "probability": lambda a: (_least(a) > 0) & (abs(a.sum(axis=(-1, -2)) - 1) < SMALL),
    "orthogonal": lambda a: abs(a.swapaxes(-1, -2) @ a - lazy_numpy().eye(a.shape[-1])).max(axis=(-1, -2)) < 1e-7,
}
"""For each property that no structure stands for, which arrays have it."""


class Within(NamedTuple):
    """What is declared of an unknown: properties, and the directions in which its entries may move.

    `directions` takes the units, one for each entry, to the directions; None where all entries move on their own;
    `curved` says that the unknown has orthonormal columns: a direction is tangent if `X^T dX` is skew-symmetric.
    `tie` makes a direction over the field that is allowed of any; None where none is known.
    """

    properties: frozenset[str] = frozenset()
    directions: Callable[[Any], Any] | None = None
    curved: bool = False
    tie: Callable[[Matrix], Matrix] | None = None

    @property
    def is_exact(self) -> bool:
        """Whether all allowed directions are known over the field."""
        return not self.curved and (self.directions is None or self.tie is not None)

    def part(self, gradient: Any, place: Any) -> Any:
        """Return the part of the gradient that acts on directions which are allowed at `place`."""
        numpy = lazy_numpy()
        if self.curved:
            turned = place.swapaxes(-1, -2) @ gradient
            return gradient - place @ (turned + turned.swapaxes(-1, -2)) / 2
        if self.directions is None:
            return gradient
        rows, columns = gradient.shape[-2:]
        units = self.directions(numpy.eye(rows * columns).reshape(rows * columns, rows, columns))
        return numpy.einsum("kij,...ij->...k", units, gradient).reshape(gradient.shape)

    def within(self, step: Any) -> Any:
        """Return the part of a step that keeps the entries tied."""
        if self.directions is None:
            return step
        onto = self._projection(step)
        return (onto @ step.reshape(*step.shape[:-2], -1, 1)).reshape(step.shape)

    def _projection(self, place: Any) -> Any:
        """Return the projection on what the entries, row by row, can be."""
        numpy = lazy_numpy()
        assert self.directions is not None
        rows, columns = place.shape[-2:]
        units = self.directions(numpy.eye(rows * columns).reshape(rows * columns, rows, columns))
        basis = units.reshape(rows * columns, -1).T
        return basis @ numpy.linalg.pinv(basis)

    def contains(self, place: Any) -> Any:
        """Return at which points `place` is one of these."""
        numpy = lazy_numpy()
        found = numpy.isfinite(place).all(axis=(-1, -2))
        for name in self.properties & MEMBER.keys():
            found &= MEMBER[name](numpy.where(numpy.isfinite(place), place, 0.0))
        if self.directions is not None:
            onto = self._projection(place)
            flat = numpy.where(numpy.isfinite(place), place, 0.0).reshape(*place.shape[:-2], -1, 1)
            gap = abs(onto @ flat - flat).max(axis=(-1, -2))
            found &= gap <= 1e-7 * (1 + abs(flat).max(axis=(-1, -2)))
        return _at_points(found)


def stationary_at(
    points: Subject,
    places: Mapping[Symbol, Any],
    within: Mapping[Symbol, Within],
    conditions: Sequence[tuple[str, Expr]],
) -> Check | None:
    """Return how far the gradients are from zero at `places`, where all conditions hold; None where none does.

    A place outside of what is declared is infinitely far.
    """
    numpy = lazy_numpy()
    good = conditions_met(points, places, conditions)
    if not good.any():
        return None
    inside = all(bool(numpy.broadcast_to(within[x].contains(y), good.shape)[good].all()) for x, y in places.items())
    if not inside:
        return _outcome(points, float("inf"))
    with numpy.errstate(all="ignore"):
        worst = _worst(points, places, within, good)
    return _outcome(points, worst)


def is_sharp(
    points: Subject,
    places: Mapping[Symbol, Any],
    within: Mapping[Symbol, Within],
    conditions: Sequence[tuple[str, Expr]],
) -> bool:
    """Return whether the gradients at `places` are much smaller than where these are changed by one part in 10^9.

    At most points, as another may be badly conditioned; where derivatives are differences that tells nothing.
    """
    numpy = lazy_numpy()
    if not points.analytic:
        return True
    rng = numpy.random.default_rng(SEED)
    good = conditions_met(points, places, conditions)
    sizes = {x: abs(y).max(axis=(-1, -2), keepdims=True) for x, y in places.items()}
    steps = {x: sizes[x] * SHARPNESS * rng.standard_normal(y.shape) for x, y in places.items()}
    with numpy.errstate(all="ignore"):
        here = points.moved(places)
        beside = points.moved({x: y + within[x].within(steps[x]) for x, y in places.items()})
        worst = numpy.zeros(len(good))
        for x, place in places.items():
            slopes = [within[x].part(subject.gradient(x), place) for subject in (here, beside)]
            near, far = (abs(y).max(axis=tuple(range(1, y.ndim))) for y in slopes)
            floor = 1e-4 * SHARPNESS * _scale(points, x, good)
            worst = numpy.fmax(worst, numpy.broadcast_to(near / (far + floor), good.shape))
    return bool(2 * (worst[good] < SHARP).sum() > good.sum())


def conditions_met(points: Subject, places: Mapping[Symbol, Any], conditions: Sequence[tuple[str, Expr]]) -> Any:
    """Return at which points all conditions hold."""
    good = lazy_numpy().ones(points.at(next(iter(places))).shape[0], bool)
    for kind, of in conditions:
        good = good & holds(points, kind, of)
    return good


def _worst(points: Subject, places: Mapping[Symbol, Any], within: Mapping[Symbol, Within], good: Any) -> float:
    """Return the largest relative error of a gradient at the places."""
    numpy = lazy_numpy()
    here = points.moved(places)
    beside = points.moved({x: NEARBY * y for x, y in places.items()})
    worst = 0.0
    for x, place in places.items():
        slope = within[x].part(here.gradient(x), place)
        scale = _scale(points, x, good)
        with suppress(ArithmeticError):
            scale = max(scale, _scale(beside, x, good))
        chosen = numpy.broadcast_to(slope, (len(good), *slope.shape[1:]))[good]
        error = float(numpy.max(numpy.abs(chosen), initial=0.0))
        worst = max(worst, error / max(1e-12, scale))
    return worst


def least_at(
    points: Subject, x: Symbol, place: Any, kink: Expr, conditions: Sequence[tuple[str, Expr]], *, whole: bool
) -> Check | None:
    """Return how far a convex f is from its least value at `place`, where all conditions hold; None where none does.

    Where an entry of `kink` is zero f may only rise to both sides, and with `whole` in all directions where all are;
    the other derivatives must vanish.
    """
    numpy = lazy_numpy()
    good = conditions_met(points, {x: place}, conditions)
    if not good.any():
        return None
    here = points.moved({x: place})
    size = abs(here.value(kink))
    bent = size <= SMALL * (1 + abs(place)).max(axis=(-1, -2), keepdims=True)
    if whole:
        bent = bent.all(axis=(-1, -2), keepdims=True)
    scale = _scale(points, x, good)
    chosen = numpy.where(bent, 0.0, here.gradient(x))
    error = float(numpy.max(abs(numpy.broadcast_to(chosen, (len(good), *chosen.shape[1:]))[good]), initial=0.0))
    rng = numpy.random.default_rng(SEED)
    for _ in range(POINTS):
        step = numpy.where(bent, BESIDE * rng.standard_normal(place.shape), 0.0)
        rise = step * points.moved({x: place + step}).gradient(x)
        rise = rise.sum(axis=(-1, -2), keepdims=True) if whole else rise
        fall = numpy.max(numpy.broadcast_to(-rise, (len(good), *rise.shape[1:]))[good], initial=0.0) / BESIDE
        error = max(error, 0.0 if fall < 100 * BESIDE * scale else float(fall))
    return _outcome(points, error / max(1e-12, scale))


def _scale(points: Subject, x: Symbol, good: Any) -> float:
    numpy = lazy_numpy()
    with numpy.errstate(all="ignore"):
        slope = points.gradient(x)
    chosen = numpy.abs(numpy.broadcast_to(slope, (len(good), *slope.shape[1:]))[good])
    return float(numpy.max(chosen[numpy.isfinite(chosen)], initial=0.0))


def _outcome(points: Subject, error: float) -> Check:
    return Check(error <= points.tolerance, error, POINTS, dict(points.points.sizes))
