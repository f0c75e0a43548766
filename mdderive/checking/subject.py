"""The numerical check of every printed line, by code that shares nothing with the derivation but the values.

Points are random with a fixed seed, satisfy the declared properties, and give distinct sizes to distinct
dimensions, so that a lost transpose cannot hide. All points are computed at once: an array is
(points, one axis per summation index, rows, columns). Derivatives come from a complex step where the function is
analytic, else from Richardson-extrapolated central differences.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice, permutations
from types import MappingProxyType
from typing import Any

from ..algebra.expressions import Apply, Dimension, Expr, Index, Number, Symbol, walk
from ..algebra.operators.entries import unit_row
from ..algebra.operators.kronecker import commutation_row, stacked_row
from ..algebra.operators.structural import differential, identity_row, ones_row, sum_row, zero_row
from ..algebra.properties import BY_NAME
from ..algebra.terms import holds_differential, index_symbol
from ..errors import VerificationError

SEED = 20260101
POINTS = 5
SIZES = (5, 3, 4, 2, 6, 7, 8, 9)
COMPLEX_STEP = 1e-30
TOLERANCE_ANALYTIC = 1e-8
TOLERANCE_DIFFERENCES = 1e-5
SMALLEST_DIFFERENCE = 1e-7
"""The smallest error that is told of a check by differences."""
NEARBY = 1.25  # times the stationary point


@dataclass(frozen=True, slots=True)
class Check:
    """What a numerical check found: passed or not, the largest relative error, how many points, which sizes."""

    ok: bool
    max_relative_error: float
    points: int
    sizes: Mapping[str, int]
    seed: int = SEED


NOTHING_GIVEN: Mapping[Expr, Any] = MappingProxyType({})


@dataclass(slots=True)
class Points:
    """Random points: the value of every free symbol, the sizes, and the axis of every summation index."""

    sizes: dict[str, int]
    axes: dict[str, int]
    """The axis of each summation index, counted from the end, so that further axes may stand in front."""
    lengths: dict[str, int]
    values: dict[Expr, Any] = field(default_factory=dict)

    first: dict[str, int] = field(default_factory=dict)
    """The first value of each summation index."""

    computed: dict[Expr, Any] = field(default_factory=dict)
    """The values of expressions that are known already."""

    def index_values(self, name: str) -> Any:
        """Return the values of a summation index along its axis."""
        import numpy

        shape = [1] * (self.leading + 2)
        shape[self.axes[name]] = self.lengths[name]
        return (numpy.arange(self.lengths[name], dtype=float) + self.first[name]).reshape(shape)

    @property
    def leading(self) -> int:
        """How many axes stand before rows and columns."""
        return 1 + len(self.axes)


def size_of(dimension: Dimension, sizes: Mapping[str, int]) -> int:
    """Return the number a dimension stands for."""
    result = 1
    for name in dimension:
        result *= int(name) if name.isdigit() else sizes[name]
    return result


@dataclass(slots=True)
class Evaluation:
    """Computes expressions at the points, where `given` symbols have other values; `definitions` follow from them.

    What was computed at the points before still holds, unless a symbol in `moved` occurs in it.
    """

    points: Points
    given: Mapping[Expr, Any]
    definitions: Mapping[Symbol, Expr]
    moved: frozenset[Symbol] = frozenset()
    done: dict[Expr, Any] = field(default_factory=dict)

    def __call__(self, expression: Expr) -> Any:
        """Return the value of `expression`; every array is (..., points, indices, rows, columns)."""
        stack = [expression]
        while stack:
            node = stack[-1]
            if node in self.done or self._is_known(node):
                stack.pop()
                continue
            waiting = [x for x in self._inputs(node) if x not in self.done]
            if waiting:
                stack.extend(waiting)
                continue
            self.done[node] = value = self._compute(node)
            if isinstance(node, Apply) and not holds_differential(node) and self.moved.isdisjoint(node.symbols):
                self.points.computed[node] = value
            stack.pop()
        return self.done[expression]

    def _is_known(self, node: Expr) -> bool:
        value = self.given.get(node)
        if value is None and self.moved.isdisjoint(node.symbols):
            known = self.points.values if isinstance(node, Symbol) else self.points.computed
            value = known.get(node)
        if value is not None:
            self.done[node] = value
        return value is not None

    def _inputs(self, node: Expr) -> tuple[Expr, ...]:
        if isinstance(node, Apply):
            return () if self._is_counted(node) else node.arguments
        body = self.definitions.get(node) if isinstance(node, Symbol) else None
        return () if body is None else (body,)

    def _is_counted(self, node: Apply) -> bool:
        """Whether `node` is a sum over an index that the points do not have, such as the exponents of a power."""
        index = node.parameters[0] if node.operator is sum_row else None
        return isinstance(index, Index) and index.name not in self.points.axes

    def _compute(self, node: Expr) -> Any:
        import numpy

        if isinstance(node, Symbol) and node in self.definitions:
            return self.done[self.definitions[node]]
        if isinstance(node, Number):
            return numpy.full((1,) * (self.points.leading + 2), float(node.value))
        if isinstance(node, Symbol) and node.index == (node.latex,) and node.latex in self.points.axes:
            return self.points.index_values(node.latex)
        if isinstance(node, Symbol) and node.latex in self.points.sizes:
            return numpy.full((1,) * (self.points.leading + 2), float(self.points.sizes[node.latex]))
        if not isinstance(node, Apply) or node.operator is differential:
            raise VerificationError("E402", f"{node} has no value")
        if self._is_counted(node):
            return self._counted_sum(node)
        return _apply(node, [self.done[x] for x in node.arguments], self.points)

    def _counted_sum(self, node: Apply) -> Any:
        """Return a sum term by term, its index a symbol of the body."""
        import numpy

        index = node.parameters[0]
        assert isinstance(index, Index)
        if index.extent is None:
            raise VerificationError("E403", f"{index.name} counts nothing that the function has")
        count = round(float(numpy.ravel(self(index.extent).real)[0]))
        letter = index_symbol(index.name)
        total: Any = 0
        for k in range(count):
            place = numpy.full((1,) * (self.points.leading + 2), float(int(index.lower) + k))
            given = {**self.given, letter: place}
            inner = Evaluation(self.points, given, self.definitions, self.moved | {letter})
            total = total + inner(node.arguments[0])
        return total


def _apply(node: Apply, arrays: list[Any], points: Points) -> Any:
    import numpy

    if node.operator is sum_row:
        index = node.parameters[0]
        assert isinstance(index, Index)
        axis, length = points.axes[index.name], points.lengths[index.name]
        total = arrays[0].sum(axis=axis, keepdims=True)
        return total if arrays[0].shape[axis] == length else total * length
    lead = (1,) * points.leading
    if node.operator is identity_row:
        return numpy.eye(size_of(node.shape[0], points.sizes)).reshape(*lead, size_of(node.shape[0], points.sizes), -1)
    if node.operator is unit_row:
        place, size = int(str(node.parameters[1])), size_of(node.shape[0], points.sizes)
        if place > size:
            raise SingularError("there is no such entry")
        return numpy.eye(size)[:, place - 1].reshape(*lead, size, 1)
    if node.operator is commutation_row:
        rows, columns = (size_of(x, points.sizes) for x in node.parameters if isinstance(x, tuple))
        places = numpy.arange(rows * columns).reshape(columns, rows).T.reshape(-1)
        return numpy.eye(rows * columns)[places].reshape(*lead, rows * columns, -1)
    if node.operator is stacked_row:
        rows, columns = (size_of(x, points.sizes) for x in node.shape)
        return arrays[0].reshape(*arrays[0].shape[:-2], columns, rows).swapaxes(-1, -2)
    if node.operator in (ones_row, zero_row):
        shape = (*lead, size_of(node.shape[0], points.sizes), size_of(node.shape[1], points.sizes))
        return numpy.ones(shape) if node.operator is ones_row else numpy.zeros(shape)
    try:
        return node.operator.value(tuple(arrays), node.parameters)
    except numpy.linalg.LinAlgError as error:
        raise SingularError(str(error)) from None


class SingularError(ArithmeticError):
    """A matrix that must be inverted is singular at a random point."""


# --- random points ----------------------------------------------------------------------------------------


def drawn_points(f: Expr, definitions: Mapping[Symbol, Expr], indices: Sequence[Index]) -> Iterator[Points]:
    """Yield points at which `f` is defined, the usual sizes and the plainest values first."""
    import numpy

    symbols = _free_symbols(f, definitions)
    names = _dimension_names(f, symbols, indices)
    for k, (order, manner) in enumerate(_attempts(len(names))):
        points = _empty_points(dict(zip(names, order, strict=False)), indices)
        rng = numpy.random.default_rng(SEED + k)
        for symbol in symbols:
            points.values[symbol] = points.values[symbol.at_rest] = _draw(symbol, points, rng, manner)
        with numpy.errstate(all="ignore"):
            try:
                value = Evaluation(points, NOTHING_GIVEN, definitions)(f)
            except SingularError:
                continue
        if numpy.all(numpy.isfinite(value)) and numpy.all(numpy.abs(value) < 1e8):
            yield points


def _free_symbols(f: Expr, definitions: Mapping[Symbol, Expr]) -> list[Symbol]:
    roots = [f, *definitions.values()]
    found = dict.fromkeys(x for root in roots for x in walk(root) if isinstance(x, Symbol))
    return [x for x in found if x not in definitions and x.index != (x.latex,)]


def _dimension_names(f: Expr, symbols: Sequence[Symbol], indices: Sequence[Index]) -> list[str]:
    names: dict[str, None] = {}
    for symbol in symbols:
        for dimension in symbol.shape:
            names.update((name, None) for name in dimension if not name.isdigit())
    for node in (x for x in walk(f) if isinstance(x, Apply) and not x.arguments):
        names.update((name, None) for size in node.shape for name in size if not name.isdigit())
    names.update((index.upper, None) for index in indices if index.upper and not index.upper.isdigit())
    return list(names)


MANNERS = ("plain", "positive", "dominant", "small")
MIXED = 40
"""How often, at last, every letter is drawn in a manner of its own."""
"""How letters are drawn where the plain way leaves the domain: positive; near c I; large scalars, small matrices."""


def _attempts(count: int) -> Iterator[tuple[tuple[int, ...], str]]:
    """Yield (sizes, manner of drawing): the usual sizes first, then their permutations.

    They are distinct; of more than eight those far from each other are the same, so that none is large.
    """
    pool = tuple(SIZES[k % len(SIZES)] for k in range(count))
    for manner in MANNERS:
        yield pool, manner
        yield pool, manner
    for order in islice(permutations(pool), 1, 30):
        for manner in MANNERS[:3]:
            yield order, manner
    for _ in range(MIXED):
        yield pool, "mixed"


def _empty_points(sizes: dict[str, int], indices: Sequence[Index]) -> Points:
    axes = {index.name: k - len(indices) - 2 for k, index in enumerate(indices)}
    lengths = {}
    for index in indices:
        upper = index.upper
        length = int(upper) if upper.isdigit() else sizes.get(upper, 4)
        lengths[index.name] = length - int(index.lower) + 1 if index.lower.isdigit() else length
    first = {index.name: int(index.lower) if index.lower.isdigit() else 1 for index in indices}
    return Points(sizes, axes, lengths, first=first)


def _draw(symbol: Symbol, points: Points, rng: Any, manner: str) -> Any:
    """Return random values of a symbol with its properties, one per point and per member of its family."""
    import numpy

    if "integer" in symbol.properties:
        return numpy.full((1,) * (points.leading + 2), float(points.sizes.get(symbol.latex, 3)))
    if symbol.is_scalar and symbol.latex in points.sizes:
        return numpy.full((1,) * (points.leading + 2), float(points.sizes[symbol.latex]))
    rows, columns = (size_of(dimension, points.sizes) for dimension in symbol.shape)
    lead = [POINTS] + [1] * len(points.axes)
    for name in symbol.index:
        lead[points.axes[name] + 2] = points.lengths[name]
    if manner == "mixed":
        manner = ("plain", "positive", "dominant", "small", "unit", "large")[int(rng.integers(6))]
    values = rng.standard_normal((*lead, rows, columns))
    for word, row in BY_NAME.items():  # in this order what is idempotent stays symmetric
        values = row.draw(values) if word in symbol.properties else values
    square = symbol.is_square and not symbol.is_scalar
    if symbol.properties:
        steadied = symbol.properties <= {"invertible", "symmetric", "positive", "free"}
        near_identity = square and manner in ("dominant", "small") and steadied
        return 0.3 * values + 2 * numpy.eye(rows) if near_identity else values
    if manner == "unit":
        return 0.1 + 0.8 / (1 + numpy.exp(-values))
    if manner == "large":
        return 4 + abs(values)
    if manner == "small":
        return 2 + abs(values) if symbol.is_scalar else 0.3 * values
    if manner == "dominant" and square:
        return 0.3 * values + 2 * numpy.eye(rows)
    if manner in ("positive", "dominant"):
        return abs(values) + 0.3 + (rows * numpy.eye(rows) if square else 0)
    return values + 0.5 * rows**0.5 * numpy.eye(rows) if square else values


# --- the function under check -----------------------------------------------------------------------------


@dataclass(slots=True)
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
        return self._slope(lambda t: self.value(expression, {s: places[s] + t * directions[s] for s in directions}))

    def _slope(self, function: Callable[[complex], Any]) -> Any:
        import numpy

        with numpy.errstate(all="ignore"):
            if self.analytic:
                return function(1j * COMPLEX_STEP).imag / COMPLEX_STEP
            h = 1e-3
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
        """Return the derivatives of `expression` by each entry of `symbol`, the values of the names in `held` held.

        All entries are moved at once, each along an axis of its own.
        """
        import numpy

        rows, columns = (size_of(x, self.points.sizes) for x in symbol.shape)
        units = numpy.eye(rows * columns).reshape(rows * columns, *[1] * self.points.leading, rows, columns)
        place = self.at(symbol)
        fixed: dict[Expr, Any] = {name: self.at(name) for name in held if name in expression.symbols}
        slopes = self._slope(lambda t: self.value(expression, fixed | {symbol: place + t * units}))
        return numpy.broadcast_to(slopes, (rows * columns, POINTS, *slopes.shape[-1 - self.points.leading :]))

    def jacobian(self, symbol: Symbol, f: Expr | None = None, fixed: Mapping[Expr, Any] = NOTHING_GIVEN) -> Any:
        """Return the matrices T with vec(df) = T vec(dx), x the `symbol`, one for each point; vec stacks columns.

        `f` is the function by default; what is `fixed` keeps its value.
        """
        import numpy

        rows, columns = (size_of(x, self.points.sizes) for x in symbol.shape)
        units = numpy.eye(rows * columns).reshape(rows * columns, columns, rows).swapaxes(-1, -2)
        units = units.reshape(rows * columns, *[1] * self.points.leading, rows, columns)
        place = self.at(symbol)
        f = self.f if f is None else f
        slopes = self._slope(lambda t: self.value(f, {**fixed, symbol: place + t * units}))
        slopes = numpy.broadcast_to(slopes, (rows * columns, POINTS, *slopes.shape[2:])).swapaxes(-1, -2)
        stacked = slopes.reshape(*slopes.shape[:-2], -1)
        return numpy.moveaxis(stacked, 0, -1)

    def gradient_within(self, symbol: Symbol, direction: Callable[[Any], Any]) -> Any:
        """Return the derivatives of f where with each entry of `symbol` those move that `direction` says."""
        import numpy

        rows, columns = (size_of(x, self.points.sizes) for x in symbol.shape)
        units = direction(numpy.eye(rows * columns).reshape(rows * columns, rows, columns))
        free = self.gradient(symbol)
        return numpy.einsum("kij,...ij->...k", units, free).reshape(*free.shape[:-2], rows, columns)

    def direction(self, symbol: Symbol) -> Any:
        """Return a random differential of `symbol`, one for every point; the same in every run."""
        import numpy

        rng = numpy.random.default_rng([SEED, *symbol.latex.encode()])
        return rng.standard_normal(self.at(symbol).shape)

    def gradient_at(self, symbol: Symbol, place: Any) -> Any:
        """Return the gradient by `symbol` where `symbol` has the value `place`."""
        values = {**self.points.values, symbol: place, symbol.at_rest: place}
        moved = replace(self.points, values=values, computed={})
        return Subject(self.f, self.definitions, moved, self.analytic).gradient(symbol)

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

    def bends_at(self, symbol: Symbol, place: Any, sign: int) -> bool:
        """Return whether f is nowhere smaller at random places near `place`, nowhere greater for a negative `sign`."""
        import numpy

        rng = numpy.random.default_rng(SEED)
        here = self.value(self.f, {symbol: place, symbol.at_rest: place})
        scale = float(numpy.max(numpy.abs(place), initial=0.0)) or 1.0
        for _ in range(8):
            beside = place + 0.01 * scale * rng.standard_normal(place.shape)
            there = self.value(self.f, {symbol: beside, symbol.at_rest: beside})
            if numpy.any((there - here) * sign < -1e-9 * (1 + numpy.abs(here))):
                return False
        return True

    def vanishes_at(self, symbol: Symbol, place: Any) -> Check:
        """Return how far the gradient by `symbol` is from zero where `symbol` has the value `place`.

        The error is relative to the gradient a little way off, where what cancels at `place` has the same size but no
        longer cancels, or to that at the points if it is larger.

        Raises:
            ArithmeticError: the gradient cannot be computed there.
        """
        import numpy

        slope = self.gradient_at(symbol, place)
        scale = float(numpy.max(numpy.abs(self.gradient(symbol))))
        with suppress(ArithmeticError):  # outside the domain of f
            nearby = float(numpy.max(numpy.abs(self.gradient_at(symbol, NEARBY * place))))
            scale = max(scale, nearby) if numpy.isfinite(nearby) else scale
        return self._check(float(numpy.max(numpy.abs(slope), initial=0.0)) / max(1e-12, scale))

    def refutation(self, claimed: Expr, truth: Any, *, exact: bool = True) -> str:
        """Return where `claimed` differs most from the `truth`, in words; "" where it does not."""
        value = self.value(claimed)
        if value.shape[-2:] != truth.shape[-2:]:
            shapes = [f"{x.shape[-2]} x {x.shape[-1]}" for x in (value, truth)]
            return f"for {self._sizes()} it is {shapes[0]}, the derivative is {shapes[1]}"
        if (self.compare if exact else self.close)(value, truth).ok:
            return ""
        return self.difference(value, truth)

    def _sizes(self) -> str:
        return ", ".join(f"{name} = {size}" for name, size in self.points.sizes.items())

    def difference(self, value: Any, truth: Any, scalar: str = "its value") -> str:
        """Return where a value differs most from the derivative, in words; `scalar` names it where it is 1 x 1."""
        import numpy

        value, truth = numpy.broadcast_arrays(value, truth)
        gaps = numpy.where(numpy.isfinite(value) & numpy.isfinite(truth), numpy.abs(value - truth), 0.0)
        place = numpy.unravel_index(int(numpy.argmax(gaps)), truth.shape)
        entry = scalar if truth.shape[-2:] == (1, 1) else f"its entry ({place[-2] + 1}, {place[-1] + 1})"
        sizes = self._sizes()
        where = f"at a random point with {sizes} " if sizes else "at a random point "
        return f"{where}{entry} is {value[place]:.4g}, the derivative is {truth[place]:.4g}"

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
        return replace(check, ok=check.max_relative_error <= TOLERANCE_DIFFERENCES)

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


def subjects(f: Expr, definitions: Sequence[tuple[Symbol, Expr]]) -> Iterator[Subject]:
    """Yield the function `f` with points at which it can be computed, then with others, which may suit better.

    Raises:
        VerificationError: no point was found at which it is defined.
    """
    bodies = {y: body for x, body in definitions for y in (x, x.at_rest)}
    nodes = [x for root in (f, *bodies.values()) for x in walk(root) if isinstance(x, Apply)]
    indices = dict.fromkeys(x.parameters[0] for x in nodes if x.operator is sum_row)
    analytic = all(x.operator.analytic for x in nodes)
    found = False
    for points in drawn_points(f, bodies, [i for i in indices if isinstance(i, Index)]):
        found = True
        yield Subject(f, bodies, points, analytic)
    if not found:
        raise VerificationError(
            "E403",
            "no random point was found at which the function is defined",
            hint="declare what the letters must satisfy, such as x: positive or A: SPD",
        )


def subject(f: Expr, definitions: Sequence[tuple[Symbol, Expr]]) -> Subject:
    """Return the function `f` with the first points at which it can be computed.

    Raises:
        VerificationError: no point was found at which it is defined.
    """
    return next(subjects(f, definitions))
