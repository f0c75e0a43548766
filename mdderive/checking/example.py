"""One point in numbers that can be followed by hand: small matrices of whole numbers, f, its gradients, differences.

What is found is the same on every machine as far as it is told: differences are taken of values of f that are rounded
to single precision, 24 bits, where the last of the 53 bits of the processor's own numbers make no difference.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from typing import Any

from ..algebra.expressions import Apply, Expr, Index, Symbol, walk
from ..algebra.families import with_indices
from ..algebra.operators.entrywise import Function
from ..algebra.operators.vector_functions import VectorFunction
from ..algebra.properties import BY_NAME
from ..errors import DeriveError
from .check import SingularError
from .evaluation import Points
from .points import axes_of, empty_points, entries_of, free_symbols, nodes_of
from .stand_ins import dimensions_of, size_of
from .subject import Subject, bound_indices, units

Table = tuple[tuple[float, ...], ...]
"""The entries of a matrix, row by row."""

SIZE, LARGEST_SIZE, MOST_ENTRIES = 2, 3, 24
"""The size for letters, how large one that is written as a number may be, and how many entries may be told of all."""
ENTRIES = ((-1, 0, 1, 2, 3), (1, 2, 3), (1, 2), (0, 1))
"""What the entries are taken from; the later ones where a function is not defined at the first, or too steep."""
TRIES = 6
"""How many points are looked at for each of `ENTRIES`."""
STEP = 1e-3
"""The step of the difference quotients that are told."""
STEPS = tuple(10.0 ** (-k / 2) for k in range(2, 17))
"""The steps whose errors are told: from 10^-1 to 10^-8, two for a power of ten."""
STEEPEST = 1e3
"""How large f and the entries of its gradient may be."""
_CLOSE, _ROUGHLY = 1e-5, 1e-2
_NOT_TOLD = frozenset(("integer", "index set", "complex", "Hermitian"))
"""Properties of letters whose values a reader would have to be told more of."""


@dataclass(frozen=True, slots=True)
class Slope:
    """The gradient by a letter at the point: by the formula, and by difference quotients with the step `STEP`."""

    by: Symbol
    formula: Table
    difference: Table


@dataclass(frozen=True, slots=True)
class Example:
    """The values of the letters at a point, that of f, the gradients, and the relative error for each of `STEPS`.

    In single precision difference quotients miss the gradient by so much. With `linear` f is linear in every entry.
    """

    letters: tuple[tuple[Symbol, Table], ...]
    value: float
    slopes: tuple[Slope, ...]
    errors: tuple[float, ...]
    linear: bool


def example(
    f: Expr, definitions: Sequence[tuple[Symbol, Expr]], gradients: Mapping[Symbol, Expr], analytic: bool
) -> Example | None:
    """Return f and its `gradients` at a point of small whole numbers; None where there is none that could be followed.

    That is so where a variable is a member of a family, and where f has functions that nobody defines, sizes above
    `LARGEST_SIZE`, or no value.
    """
    import numpy

    bodies = {y: body for x, body in definitions for y in (x, x.at_rest)}
    nodes = nodes_of(f, bodies)
    indices = tuple(bound_indices([f, *bodies.values()], ()))
    sizes = dict.fromkeys(dimensions_of(nodes, indices, (), actual=True).letters, SIZE)
    task = _Task(f, bodies, tuple(free_symbols(nodes, bodies)), indices, sizes, gradients, analytic)
    written = [x for value in gradients.values() for x in walk(value)]
    has_members = any(x.index for x in gradients)
    if not f.is_scalar or has_members or not task.is_small() or any(map(_is_beyond, (*nodes, *written))):
        return None
    with numpy.errstate(all="ignore"):
        for subject in task.plainest_first():
            if all(_agree(subject, x, value) for x, value in gradients.items()):
                return _told(subject, task)
    return None


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be told in numbers: f, the letters in it, and the gradients, at sizes that are small."""

    f: Expr
    bodies: Mapping[Symbol, Expr]
    letters: tuple[Symbol, ...]
    indices: tuple[Index, ...]
    sizes: Mapping[str, int]
    gradients: Mapping[Symbol, Expr]
    analytic: bool

    def points(self) -> Points:
        """Return a point at which no letter has a value yet."""
        return empty_points(dict(self.sizes), self.indices, frozenset())

    def is_small(self) -> bool:
        """Whether all letters together have few entries, and each family of them one letter for its index."""
        sizes = [size_of(y, self.sizes) for x in self.letters for y in x.shape]
        members = {x.family: x for x in self.letters if x.family}
        if max(sizes, default=0) > LARGEST_SIZE or any(members.get(x.family, x) is not x for x in self.letters):
            return False
        points = self.points()
        if any(x.mean or points.totals[x.name] > LARGEST_SIZE for x in self.indices):
            return False
        return entries_of(self.letters, points) <= MOST_ENTRIES

    def plainest_first(self) -> Iterator[Subject]:
        """Yield f at points where it is defined, first those at which f and the gradients have the fewest digits."""
        import numpy

        for kind, entries in enumerate(ENTRIES):
            found: list[tuple[int, int, Subject]] = []
            for k in range(TRIES):
                points = self.points()
                for x in self.letters:
                    points.values[x] = points.values[x.at_rest] = _drawn(x, points, entries, f"{kind} {k}")
                subject = Subject(self.f, self.bodies, points, self.analytic)
                try:
                    values = [subject.value(x) for x in (self.f, *self.gradients.values())]
                except (SingularError, DeriveError):
                    continue
                flat = numpy.concatenate([numpy.ravel(x) for x in values])
                moves = all(numpy.abs(x).max() > _CLOSE for x in values[1:])
                if numpy.isfinite(flat).all() and numpy.abs(flat).max() < STEEPEST and moves:
                    found.append((sum(map(_effort, flat.tolist())), k, subject))
            yield from (subject for _, _, subject in sorted(found, key=lambda x: x[:2]))


def _is_beyond(node: Expr) -> bool:
    """Whether a node is of a kind that a reader would have to be told more of."""
    if isinstance(node, Symbol):
        return not node.properties.isdisjoint(_NOT_TOLD)
    if not isinstance(node, Apply):
        return False
    given = [x for x in node.parameters if isinstance(x, Function | VectorFunction)]
    return any(isinstance(x, VectorFunction) or x.definition is None for x in given)


def _drawn(x: Symbol, points: Points, entries: Sequence[int], seed: str) -> Any:
    """Return a value of a letter with its properties, (1, members..., m, n), of whole numbers where these allow it."""
    import numpy

    shape = (*axes_of(x, points, 1), *map(points.size, x.shape))
    if x.is_scalar and x.latex in points.sizes:
        return numpy.full(shape, float(points.sizes[x.latex]))
    digests = (sha256(f"{seed} {x.latex} {place}".encode()).digest() for place in range(math.prod(shape)))
    value = numpy.array([entries[digest[0] % len(entries)] for digest in digests], float).reshape(shape)
    for name, row in BY_NAME.items():
        value = (row.whole or row.draw)(value) if name in x.properties else value
    return value


def _effort(value: float) -> int:
    """Return about how long a number is to read; zeros say little of a formula."""
    if abs(value) < 1e-3:
        return 12 if abs(value) > 1e-13 else 4
    return len(f"{abs(value):.5g}") + (value < 0)


def _agree(subject: Subject, x: Symbol, gradient: Expr) -> bool:
    """Whether the formula is the gradient at the point: it is not where f has a kink there."""
    import numpy

    told, truth = _matrix(subject.value(gradient)), _matrix(subject.gradient(x)[:1])
    if told.shape != truth.shape:
        return False
    scale = max(float(numpy.abs(truth).max()), 1e-3)
    beside = ((truth, _CLOSE), (_quotients(subject, x, 1e-5), _ROUGHLY))
    return all(float(numpy.abs(other - told).max()) <= bound * scale for other, bound in beside)


def _quotients(subject: Subject, x: Symbol, step: float, *, single: bool = False) -> Any:
    """Return the difference quotients of f by each entry of a letter, (m, n); f in single precision if so asked."""
    import numpy

    place = subject.at(x)
    rows, columns = place.shape[-2:]
    ahead = (1,) * subject.points.leading
    each = units(range(rows * columns), rows, columns).reshape(-1, *ahead, rows, columns)
    here, there = subject.value(subject.f), subject.value(subject.f, {x: place + step * each})
    if single:
        here, there = (y.astype(numpy.float32).astype(float) for y in (here, there))
    return numpy.broadcast_to((there - here) / step, (rows * columns, *ahead, 1, 1)).reshape(rows, columns)


def _told(subject: Subject, task: _Task) -> Example:
    import numpy

    true = {x: _matrix(subject.value(value)) for x, value in task.gradients.items()}
    scale = max(float(numpy.abs(y).max()) for y in true.values())

    def error(step: float, *, single: bool = True) -> float:
        gaps = [numpy.abs(_quotients(subject, x, step, single=single) - y).max() for x, y in true.items()]
        return float(max(gaps)) / scale

    slopes = [Slope(x, _table(y), _table(_quotients(subject, x, STEP))) for x, y in true.items()]
    value = float(numpy.ravel(subject.value(subject.f))[0])
    letters = [y for x in task.letters if x.latex not in subject.points.sizes for y in _members(x, subject)]
    return Example(tuple(letters), value, tuple(slopes), tuple(map(error, STEPS)), error(0.5, single=False) < 1e-9)


def _members(x: Symbol, subject: Subject) -> Iterator[tuple[Symbol, Table]]:
    """Yield a letter with its value, or the members of its family, each by its number."""
    value, points = subject.at(x), subject.points
    for place in product(*(range(points.lengths[name]) for name in x.index)):
        at = [0] * points.leading
        for name, k in zip(x.index, place, strict=True):
            at[points.axes[name] + 2] = k
        names = {name: str(points.first[name] + k) for name, k in zip(x.index, place, strict=True)}
        member = with_indices(x, names)
        assert isinstance(member, Symbol)
        yield member, _table(value[tuple(at)])


def _matrix(value: Any) -> Any:
    """Return the one matrix of an array, without the axes before it."""
    return value.reshape(value.shape[-2:])


def _table(value: Any) -> Table:
    return tuple(tuple(float(x) for x in row) for row in value)
