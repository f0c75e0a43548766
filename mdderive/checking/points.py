"""Random points: distinct sizes, values with the declared properties, redrawn where the function is not defined."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..algebra.expressions import Expr, Index, Symbol, walk
from ..algebra.properties import BY_NAME
from ..effort import MOST_CELLS, TOO_MANY_CELLS, too_much
from .check import SEED, SingularError
from .evaluation import NOTHING_GIVEN, POINTS, Evaluation, Points
from .stand_ins import Dimensions, cells, dimensions_of, lengths_of, size_of

LARGEST_VALUE = 1e8
"""How large f may be at a point, but for how often its terms recur."""


def drawn_points(
    f: Expr,
    definitions: Mapping[Symbol, Expr],
    indices: Sequence[Index],
    claimed: Sequence[Expr] = (),
    *,
    actual: bool = False,
    families: frozenset[str] = frozenset(),
) -> Iterator[Points]:
    """Yield points at which `f` is defined, the usual sizes and the plainest values first.

    Letters of one of the `families` are members of it, whatever their indices. Large sizes written as numbers have
    small stand-ins, unless the `actual` ones are wanted.
    """
    import numpy

    nodes = nodes_of(f, definitions)
    symbols = free_symbols(nodes, definitions)
    dimensions = dimensions_of(nodes, indices, claimed, actual=actual)
    used = frozenset(x.latex for x in nodes if isinstance(x, Symbol) and x.index == (x.latex,))
    for k, (sizes, manner) in enumerate(_attempts(dimensions)):
        points = empty_points(sizes, indices, used)
        points.families = families
        weigh(symbols, points)
        rng = numpy.random.default_rng(SEED + k)
        for symbol in symbols:
            known = points.of_family(symbol)
            value = draw(symbol, points, rng, manner) if known is None else known
            points.values[symbol] = points.values[symbol.at_rest] = value
        with numpy.errstate(all="ignore"):
            try:
                value = Evaluation(points, NOTHING_GIVEN, definitions)(f)
            except SingularError:
                continue
        most = LARGEST_VALUE * math.prod(points.totals[x] / points.lengths[x] for x in points.totals)
        if numpy.all(numpy.isfinite(value)) and numpy.all(numpy.abs(value) < most):
            yield points


def weigh(symbols: Sequence[Symbol], points: Points) -> None:
    """Do nothing if the letters have few enough entries.

    Raises:
        UnsupportedError: they are too many to be drawn.
    """
    if POINTS * entries_of(symbols, points) > MOST_CELLS:
        raise too_much(TOO_MANY_CELLS)


def entries_of(symbols: Iterable[Symbol], points: Points) -> int:
    """Return how many entries the letters have at a point, with all members of their families."""
    return sum(cells(x, points.sizes) * math.prod(points.lengths[i] for i in x.index) for x in symbols)


def axes_of(symbol: Symbol, points: Points, count: int) -> list[int]:
    """Return the axes before the rows and columns of a letter's values: `count` points, and its members."""
    lead = [count] + [1] * len(points.axes)
    for name in symbol.index:
        lead[points.axes[name] + 2] = points.lengths[name]
    return lead


def nodes_of(f: Expr, definitions: Mapping[Symbol, Expr]) -> list[Expr]:
    """Return all nodes of a function and of the definitions in it."""
    return list(dict.fromkeys(x for root in (f, *definitions.values()) for x in walk(root)))


def free_symbols(nodes: Sequence[Expr], definitions: Mapping[Symbol, Expr]) -> list[Symbol]:
    """Return the letters that are to be drawn."""
    return [x for x in nodes if isinstance(x, Symbol) and x not in definitions and x.index != (x.latex,)]


MANNERS = ("plain", "positive", "dominant", "small")
"""How letters are drawn where the plain way leaves the domain: positive; near c I; large scalars, small matrices."""
MIXED = 40
"""How often, at last, every letter is drawn in a manner of its own."""


def _attempts(dimensions: Dimensions) -> Iterator[tuple[dict[str, int], str]]:
    """Yield (sizes, manner of drawing): the usual sizes first, then with the letters in other places."""
    usual = dimensions.usual
    for manner in MANNERS:
        yield usual, manner
        yield usual, manner
    for sizes in dimensions.others():
        for manner in MANNERS[:3]:
            yield sizes, manner
    for _ in range(MIXED):
        yield usual, "mixed"


def empty_points(sizes: dict[str, int], indices: Sequence[Index], used: frozenset[str]) -> Points:
    """Return points of these sizes at which no letter has a value yet.

    Raises:
        UnsupportedError: there would be too many numbers.
    """
    axes = {index.name: k - len(indices) - 2 for k, index in enumerate(indices)}
    totals, lengths = lengths_of(indices, sizes, used)
    if POINTS * math.prod(lengths.values()) > MOST_CELLS:
        raise too_much(TOO_MANY_CELLS)
    first = {index.name: int(index.lower) if index.lower.isdigit() else 1 for index in indices}
    return Points(sizes, axes, lengths, totals, first=first)


def draw(symbol: Symbol, points: Points, rng: Any, manner: str) -> Any:
    """Return random values of a symbol with its properties, one per point and per member of its family."""
    import numpy

    if "integer" in symbol.properties:
        return numpy.full((1,) * (points.leading + 2), float(points.sizes.get(symbol.latex, 3)))
    if symbol.is_scalar and symbol.latex in points.sizes:
        return numpy.full((1,) * (points.leading + 2), float(points.sizes[symbol.latex]))
    rows, columns = (size_of(dimension, points.sizes) for dimension in symbol.shape)
    lead = axes_of(symbol, points, POINTS)
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
