"""The numerical check of every printed line, by code that shares nothing with the derivation but the values.

Points are random with a fixed seed, satisfy the declared properties, and give distinct sizes to distinct
dimensions, so that a lost transpose cannot hide. All points are computed at once: an array is
(points, one axis per summation index, rows, columns). Derivatives come from a complex step where the function is
analytic, else from Richardson-extrapolated central differences.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

from ..algebra.expressions import Apply, Expr, Index, Symbol, walk
from ..algebra.families import families_of, members_in, ranges_of, spare_indices
from ..effort import too_much
from ..errors import VerificationError
from .check import SEED, Check
from .evaluation import NOTHING_GIVEN, POINTS, Evaluation, Points, cells_computed
from .points import drawn_points
from .stand_ins import size_of

COMPLEX_STEP = 1e-30
TOLERANCE_ANALYTIC = 1e-8
TOLERANCE_DIFFERENCES = 1e-5
SMALLEST_DIFFERENCE = 1e-7
"""The smallest error that is told of a check by differences."""
AT_A_TIME = 1_000_000
"""How many numbers are computed at a time where that can be chosen."""
ALL_ENTRIES = 8 * AT_A_TIME
"""How many numbers may be computed for a gradient before some entries and directions stand for all."""
MOST_NAMED = 4
"""Of how many letters the values are told at which something is wrong."""
SOME_ENTRIES, DIRECTIONS = 28, 4
NEARBY = 1.25  # times the stationary point


@dataclass(eq=False, repr=False, slots=True)
class Subject:
    """The author's function as it was read, its definitions in their order, and the random points."""

    f: Expr
    definitions: Mapping[Symbol, Expr]
    points: Points
    analytic: bool
    _gradients: dict[tuple[Symbol, Expr], Any] = field(default_factory=dict)

    def value(self, expression: Expr, given: Mapping[Expr, Any] = NOTHING_GIVEN) -> Any:
        """Return `expression` where the symbols in `given` have these values and definitions hold for the rest."""
        moved = {x for x in given if isinstance(x, Symbol)}
        for symbol, body in self.definitions.items() if moved else ():
            if symbol not in given and body.symbols & moved:
                moved.add(symbol)
        return Evaluation(self.points, given, self.definitions, frozenset(moved))(expression)

    def at(self, symbol: Symbol) -> Any:
        """Return the value of `symbol`, free or defined."""
        return self.value(symbol)

    def along(self, expression: Expr, directions: Mapping[Symbol, Any]) -> Any:
        """Return the derivative of `expression` when each symbol moves along its direction."""
        places = {symbol: self.at(symbol) for symbol in directions}

        def moved(t: Any) -> Any:
            return self.value(expression, {x: place + t * directions[x] for x, place in places.items()})

        return self._slope(moved, list(places.values()))

    def _slope(self, function: Callable[[Any], Any], places: Sequence[Any]) -> Any:
        """Return the slope at 0 of a function of the step from `places`; differences take steps as small as these."""
        import numpy

        with numpy.errstate(all="ignore"):
            if self.analytic:
                return function(1j * COMPLEX_STEP).imag / COMPLEX_STEP
            sizes = [abs(x).max(axis=tuple(range(1, x.ndim)), keepdims=True) for x in places]
            smallest = reduce(numpy.minimum, sizes)
            h = 1e-3 * numpy.where(smallest > 0, numpy.minimum(smallest, 1.0), 1.0)
            near, far = (function(h) - function(-h)) / (2 * h), (function(2 * h) - function(-2 * h)) / (4 * h)
            return (4 * near - far) / 3

    def gradient(self, symbol: Symbol, f: Expr | None = None) -> Any:
        """Return the derivatives of `f` (default: the function) by the entries of `symbol`, in its shape.

        They come through the named values of f, the last one first, so that a chain costs what its links cost.
        """
        f = self.f if f is None else f
        if (symbol, f) not in self._gradients:
            for name in self._names_between(symbol, f):
                if (name, f) not in self._gradients:
                    self._gradients[name, f] = self._handed_on(name, f)
            self._gradients[symbol, f] = self._handed_on(symbol, f)
        return self._gradients[symbol, f]

    def _names_between(self, symbol: Symbol, f: Expr) -> list[Symbol]:
        """Return the named values through which f depends on `symbol`, perhaps; where sums have axes, f as a whole."""
        found: list[Symbol] = []
        reached = set(f.symbols)
        for name in () if self.points.axes else reversed(list(self.definitions)):
            if name is symbol:
                break
            if name in reached:
                found.append(name)
                reached |= self.definitions[name].symbols
        return found

    def _handed_on(self, symbol: Symbol, f: Expr) -> Any:
        """Return the gradient by `symbol`: what f itself and each named value on the way hand on to it."""
        import numpy

        between = self._names_between(symbol, f)
        total = self._entry_slopes(symbol, f, between)[..., 0, 0]
        for name in between:
            body = self.definitions[name]
            if symbol in body.symbols:
                slopes = self._entry_slopes(symbol, body, between)
                total = total + (slopes * self._gradients[name, f]).sum(axis=(-1, -2))
        rows, columns = (size_of(x, self.points.sizes) for x in symbol.shape)
        return numpy.moveaxis(total, 0, -1).reshape(*total.shape[1:], rows, columns)

    def _entry_slopes(self, symbol: Symbol, expression: Expr, held: Sequence[Symbol]) -> Any:
        """Return the derivatives of `expression` by each entry of `symbol`, the values of the names in `held` held."""
        fixed: dict[Expr, Any] = {name: self.at(name) for name in held if name in expression.symbols}
        rows, columns = (size_of(x, self.points.sizes) for x in symbol.shape)
        return self._slopes_along(symbol, expression, units(range(rows * columns), rows, columns), fixed)

    def _slopes_along(
        self, symbol: Symbol, expression: Expr, directions: Any, fixed: Mapping[Expr, Any] = NOTHING_GIVEN
    ) -> Any:
        """Return the derivatives of `expression` along each direction of `symbol`; what is `fixed` keeps its value.

        As many as memory allows are taken at once, each along an axis of its own.
        """
        import numpy

        place = self.at(symbol)
        most = max(1, AT_A_TIME // cells_computed(self.points, self.definitions, expression, fixed))
        found = []
        for first in range(0, len(directions), most):
            some = directions[first : first + most]
            some = some.reshape(len(some), *[1] * self.points.leading, *some.shape[-2:])

            def moved(t: Any, some: Any = some) -> Any:
                return self.value(expression, {**fixed, symbol: place + t * some})

            slopes = self._slope(moved, [place])
            found.append(numpy.broadcast_to(slopes, (len(some), POINTS, *slopes.shape[-1 - self.points.leading :])))
        return found[0] if len(found) == 1 else numpy.concatenate(found)

    def beside_gradient(self, printed: Any, symbol: Symbol, f: Expr) -> tuple[Any, Any]:
        """Return values of a line and of the gradient of `f` by `symbol` that are equal if it is that gradient.

        Where entries are very many, some are compared, and derivatives along directions in which all have a part.
        """
        import numpy

        if symbol.index:
            return self._beside_members(printed, symbol, f)
        rows, columns = map(self.points.size, symbol.shape)
        cost = rows * columns * cells_computed(self.points, self.definitions, f)
        if (symbol, f) in self._gradients or cost <= ALL_ENTRIES:
            return printed, self.gradient(symbol, f)
        directions = numpy.concatenate(some_directions(rows, columns))
        truth = self._slopes_along(symbol, f, directions).reshape(len(directions), POINTS)
        return numpy.einsum("kij,...ij->...k", directions, printed)[..., None], truth.T[..., None]

    def _beside_members(self, printed: Any, symbol: Symbol, f: Expr) -> tuple[Any, Any]:
        """Return the sum of the inner products of `printed` with directions of all members, and the slope of `f`."""
        roots = (self.f, *self.definitions.values())
        ranges = ranges_of(roots, [symbol])
        letters = members_in((x for root in roots for x in root.symbols), symbol)
        directions = {x: self.direction(x) for x in letters}
        total = (printed * self.direction(symbol)).sum(axis=(-1, -2), keepdims=True)
        for name in symbol.index:
            total = self.points.total(total, ranges[name])
        return total, self.along(f, directions)

    def jacobian(self, symbol: Symbol, f: Expr | None = None, fixed: Mapping[Expr, Any] = NOTHING_GIVEN) -> Any:
        """Return the matrices T with vec(df) = T vec(dx), x the `symbol`, one for each point; vec stacks columns.

        `f` is the function by default; what is `fixed` keeps its value.
        """
        import numpy

        rows, columns = (size_of(x, self.points.sizes) for x in symbol.shape)
        stacked_units = units(range(rows * columns), columns, rows).swapaxes(-1, -2)
        slopes = self._slopes_along(symbol, self.f if f is None else f, stacked_units, fixed).swapaxes(-1, -2)
        return numpy.moveaxis(slopes.reshape(*slopes.shape[:-2], -1), 0, -1)

    def gradient_within(self, symbol: Symbol, direction: Callable[[Any], Any]) -> Any:
        """Return the derivatives of f where with each entry of `symbol` those move that `direction` says."""
        import numpy

        rows, columns = (size_of(x, self.points.sizes) for x in symbol.shape)
        tied = direction(units(range(rows * columns), rows, columns))
        slopes = numpy.einsum("kij,...ij->...k", tied, self.gradient(symbol))
        return slopes.reshape(*slopes.shape[:-1], rows, columns)

    def direction(self, symbol: Symbol) -> Any:
        """Return a random differential of `symbol`, one for every point; the same in every run."""
        import numpy

        rng = numpy.random.default_rng([SEED, *symbol.latex.encode()])
        if symbol.family in self.points.families:
            first = min(members_in(self.points.values, symbol), key=lambda x: x.latex)
            rng = numpy.random.default_rng([SEED, *symbol.family.encode()])
            return self.points.as_member(rng.standard_normal(self.at(first).shape), first, symbol)
        return rng.standard_normal(self.at(symbol).shape)

    def gradient_at(self, symbol: Symbol, place: Any) -> Any:
        """Return the gradient by `symbol` where `symbol` has the value `place`."""
        return self.moved({symbol: place}).gradient(symbol)

    def moved(self, places: Mapping[Symbol, Any]) -> Subject:
        """Return the function at points where symbols have the values in `places`."""
        given: dict[Expr, Any] = {x: place for symbol, place in places.items() for x in (symbol, symbol.at_rest)}
        points = replace(self.points, values={**self.points.values, **given}, computed={})
        return Subject(self.f, self.definitions, points, self.analytic)

    def hessian(self, symbol: Symbol) -> Any:
        """Return the matrices H with vec(d grad f) = H vec(dx), by differences of the numerical gradient."""
        import numpy

        rows, columns = (size_of(x, self.points.sizes) for x in symbol.shape)
        place, h = self.at(symbol), 1e-3
        found = []
        for k in range(rows * columns):
            unit = numpy.zeros((rows, columns))
            unit[k % rows, k // rows] = 1.0

            def slope(t: float, unit: Any = unit) -> Any:
                return self.gradient_at(symbol, place + t * unit)

            near, far = (slope(h) - slope(-h)) / (2 * h), (slope(2 * h) - slope(-2 * h)) / (4 * h)
            difference = ((4 * near - far) / 3).swapaxes(-1, -2)
            found.append(difference.reshape(*difference.shape[:-2], rows * columns))
        return numpy.stack(found, axis=-1)

    def refutation(self, value: Any, truth: Any, *, surely: bool = False) -> str:
        """Return where a claimed `value` differs most from the `truth`, in words; "" where that cannot be seen."""
        if value.shape[-2:] != truth.shape[-2:]:
            shapes = [f"{x.shape[-2]} x {x.shape[-1]}" for x in (value, truth)]
            return f"for {sizes_of(self.points)} it is {shapes[0]}, the derivative is {shapes[1]}"
        return "" if not surely and self.compare(value, truth).ok else difference(self.points, value, truth)

    @property
    def tolerance(self) -> float:
        """The largest relative error that passes."""
        return TOLERANCE_ANALYTIC if self.analytic else TOLERANCE_DIFFERENCES

    def compare(self, printed: Any, truth: Any) -> Check:
        """Return how far `printed` is from `truth`, relative to the largest true value."""
        return self._compared(printed, truth, by_differences=not self.analytic)

    def close(self, printed: Any, truth: Any) -> Check:
        """Return the comparison with what was found by differences, as the second derivative always is."""
        check = self._compared(printed, truth, by_differences=True)
        return check._replace(ok=check.max_relative_error <= TOLERANCE_DIFFERENCES)

    def _compared(self, printed: Any, truth: Any, *, by_differences: bool) -> Check:
        """Return the comparison; differences have noise, which grows with f and whose digits hang on the machine.

        So no error below `SMALLEST_DIFFERENCE` is told of them.
        """
        import numpy

        scale = float(numpy.max(numpy.abs(truth), initial=0.0))
        error = float(numpy.max(numpy.abs(printed - truth), initial=0.0))
        if not by_differences:
            return self._check(error / (scale if scale > 1e-12 else 1.0))
        scale = max(scale, 0.01 * float(numpy.max(numpy.abs(self.value(self.f)), initial=0.0)))
        return self._check(max(error / (scale if scale > 1e-12 else 1.0), SMALLEST_DIFFERENCE))

    def _check(self, error: float) -> Check:
        """Return the check with that relative error; one that is no number is infinite."""
        error = error if math.isfinite(error) else float("inf")
        return Check(error <= self.tolerance, error, POINTS, dict(self.points.sizes))


def sizes_of(points: Points) -> str:
    """Return the sizes at the points, in words."""
    sizes = points.sizes.items()
    return ", ".join(f"{size} in place of {x}" if x.isdigit() else f"{x} = {size}" for x, size in sizes)


def difference(points: Points, value: Any, truth: Any, scalar: str = "its value") -> str:
    """Return where a value differs most from the derivative, in words; `scalar` names it where it is 1 x 1."""
    import numpy

    value, truth = numpy.broadcast_arrays(value, truth)
    gaps = numpy.where(numpy.isfinite(value) & numpy.isfinite(truth), numpy.abs(value - truth), 0.0)
    gaps = numpy.where(numpy.isnan(value) & numpy.isfinite(truth), numpy.inf, gaps)
    place = numpy.unravel_index(int(numpy.argmax(gaps)), truth.shape)
    entry = scalar if truth.shape[-2:] == (1, 1) else f"its entry ({place[-2] + 1}, {place[-1] + 1})"
    known = ", ".join(x for x in (sizes_of(points), _numbers_at(points, place[:-2])) if x)
    where = f"at a random point with {known} " if known else "at a random point "
    digits = next((k for k in (4, 8, 12) if f"{value[place]:.{k}g}" != f"{truth[place]:.{k}g}"), 16)
    shown = [f"{x[place]:.{digits}g}" if numpy.isfinite(x[place]) else "not defined" for x in (value, truth)]
    return f"{where}{entry} is {shown[0]}, the derivative is {shown[1]}"


def _numbers_at(points: Points, place: tuple[Any, ...]) -> str:
    """Return the values of the letters at one of the points, in words, where they are few numbers; else ""."""
    letters = [(x, value) for x, value in points.values.items() if isinstance(x, Symbol)]
    if len(letters) > MOST_NAMED or any(not x.is_scalar or value.ndim != len(place) + 2 for x, value in letters):
        return ""
    told = (
        (x.latex, value[(*(k % n for k, n in zip(place, value.shape, strict=False)), 0, 0)]) for x, value in letters
    )
    return ", ".join(f"{name} = {number:.4g}" for name, number in sorted(told))


def some_directions(rows: int, columns: int) -> tuple[Any, Any]:
    """Return random directions, in which all entries have a part, and those of some entries."""
    import numpy

    rng = numpy.random.default_rng(SEED)
    directions = rng.standard_normal((DIRECTIONS, rows, columns))
    places = rng.choice(rows * columns, min(SOME_ENTRIES, rows * columns), replace=False)
    return directions, units([int(x) for x in places], rows, columns)


def units(places: Sequence[int], rows: int, columns: int) -> Any:
    """Return matrices with a single 1 at the places, counted along the rows.

    Raises:
        UnsupportedError: they would take too much memory.
    """
    import numpy

    if len(places) * rows * columns > AT_A_TIME:
        raise too_much("it has too many entries to check each")
    found = numpy.zeros((len(places), rows * columns))
    found[numpy.arange(len(places)), places] = 1.0
    return found.reshape(len(places), rows, columns)


def subjects(
    f: Expr,
    definitions: Sequence[tuple[Symbol, Expr]],
    claimed: Sequence[Expr] = (),
    *,
    actual: bool = False,
    members: tuple[Symbol, ...] = (),
) -> Iterator[Subject]:
    """Yield the function `f` with points at which it can be computed, then with others, which may suit better.

    Where `members` move, all letters of a family are its members, x_i and x_j of x. A large size that the author wrote
    as a number has a small stand-in, no number of what is `claimed`, or with `actual` its value.

    Raises:
        VerificationError: no point was found at which it is defined.
    """
    bodies = {y: body for x, body in definitions for y in (x, x.at_rest)}
    roots = [f, *(body for _, body in definitions)]
    analytic = all(x.operator.analytic for root in (f, *bodies.values()) for x in walk(root) if isinstance(x, Apply))
    found = False
    ranges, families = bound_indices(roots, members), families_of(roots, members, claimed)
    for points in drawn_points(f, bodies, ranges, claimed, actual=actual, families=families):
        found = True
        yield Subject(f, bodies, points, analytic)
    if not found:
        raise VerificationError(
            "E403",
            "no random point was found at which the function is defined",
            hint="declare what the letters must satisfy, such as x: positive or A: SPD",
        )


def bound_indices(roots: Sequence[Expr], members: tuple[Symbol, ...]) -> list[Index]:
    """Return the indices of the sums in `roots`; where `members` move, theirs and the spare ones of lines too."""
    nodes = [x for root in roots for x in walk(root) if isinstance(x, Apply) and x.operator.binds_index]
    found = {x.name: x for x in dict.fromkeys(x.parameters[0] for x in nodes) if isinstance(x, Index)}
    if members:
        for index in (*ranges_of(roots, members).values(), *spare_indices(roots, members).values()):
            found.setdefault(index.name, index)
    return list(found.values())


def subject(f: Expr, definitions: Sequence[tuple[Symbol, Expr]]) -> Subject:
    """Return the function `f` with the first points at which it can be computed.

    Raises:
        VerificationError: no point was found at which it is defined.
    """
    return next(subjects(f, definitions))
