"""Random points: distinct sizes, values with the declared properties, redrawn where the function is not defined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, permutations
from typing import Any

from ..algebra.expressions import Apply, Expr, Index, Symbol, walk
from ..algebra.properties import BY_NAME
from .evaluation import NOTHING_GIVEN, Evaluation, Points, SingularError, size_of

SEED = 20260101
POINTS = 5
SIZES = (5, 3, 4, 2, 6, 7, 8, 9)


def drawn_points(f: Expr, definitions: Mapping[Symbol, Expr], indices: Sequence[Index]) -> Iterator[Points]:
    """Yield points at which `f` is defined, the usual sizes and the plainest values first."""
    import numpy

    symbols = free_symbols(f, definitions)
    names = dimension_names(f, symbols, indices)
    for k, (order, manner) in enumerate(_attempts(len(names))):
        points = empty_points(dict(zip(names, order, strict=False)), indices)
        rng = numpy.random.default_rng(SEED + k)
        for symbol in symbols:
            points.values[symbol] = points.values[symbol.at_rest] = draw(symbol, points, rng, manner)
        with numpy.errstate(all="ignore"):
            try:
                value = Evaluation(points, NOTHING_GIVEN, definitions)(f)
            except SingularError:
                continue
        if numpy.all(numpy.isfinite(value)) and numpy.all(numpy.abs(value) < 1e8):
            yield points


def free_symbols(f: Expr, definitions: Mapping[Symbol, Expr]) -> list[Symbol]:
    """Return the letters that are to be drawn."""
    roots = [f, *definitions.values()]
    found = dict.fromkeys(x for root in roots for x in walk(root) if isinstance(x, Symbol))
    return [x for x in found if x not in definitions and x.index != (x.latex,)]


def dimension_names(f: Expr, symbols: Sequence[Symbol], indices: Sequence[Index]) -> list[str]:
    """Return the names of all sizes."""
    names: dict[str, None] = {}
    for symbol in symbols:
        for dimension in symbol.shape:
            names.update((name, None) for name in dimension if not name.isdigit())
    for node in (x for x in walk(f) if isinstance(x, Apply) and not x.arguments):
        names.update((name, None) for size in node.shape for name in size if not name.isdigit())
    names.update((index.upper, None) for index in indices if index.upper and not index.upper.isdigit())
    return list(names)


MANNERS = ("plain", "positive", "dominant", "small")
"""How letters are drawn where the plain way leaves the domain: positive; near c I; large scalars, small matrices."""
MIXED = 40
"""How often, at last, every letter is drawn in a manner of its own."""


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


def empty_points(sizes: dict[str, int], indices: Sequence[Index]) -> Points:
    """Return points of these sizes at which no letter has a value yet."""
    axes = {index.name: k - len(indices) - 2 for k, index in enumerate(indices)}
    lengths = {}
    for index in indices:
        upper = index.upper
        length = int(upper) if upper.isdigit() else sizes.get(upper, 4)
        lengths[index.name] = length - int(index.lower) + 1 if index.lower.isdigit() else length
    first = {index.name: int(index.lower) if index.lower.isdigit() else 1 for index in indices}
    return Points(sizes, axes, lengths, first=first)


def draw(symbol: Symbol, points: Points, rng: Any, manner: str) -> Any:
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
