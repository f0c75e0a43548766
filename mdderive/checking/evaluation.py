"""The values of expressions at random points, by the values of the operators alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from types import MappingProxyType
from typing import Any

from ..algebra.expressions import Apply, Dimension, Expr, Index, Number, Symbol, walk
from ..algebra.families import members_in
from ..algebra.index_conditions import is_condition
from ..algebra.terms import holds_differential, index_of, index_symbol, is_product
from ..effort import CELLS_PER_STEP, EFFORT, MOST_CELLS, MOST_TERMS, TOO_MANY_CELLS, too_much
from ..errors import UnsupportedError, VerificationError
from .check import SingularError
from .stand_ins import size_of

POINTS = 5
"""How many points are drawn at a time."""
STEPS_PER_VALUE = 3
"""How many steps it takes to compute even a single number."""
CELLS_PER_FLOP = 5
"""How much longer a number takes to be stored than to be multiplied within a product of matrices."""
NUDGED_PER_FLOP = 50
"""The same of one that is nudged too."""
NOTHING_GIVEN: Mapping[Expr, Any] = MappingProxyType({})


@dataclass(eq=False, repr=False, slots=True)
class Points:
    """Random points: the value of every free symbol, the sizes, and the axis of every summation index."""

    sizes: dict[str, int]
    axes: dict[str, int]
    """The axis of each summation index, counted from the end, so that further axes may stand in front."""
    lengths: dict[str, int]
    """How many values of each summation index have an entry of their own along its axis."""
    totals: dict[str, int]
    """How many values each summation index takes; beyond those of its axis they recur."""
    values: dict[Expr, Any] = field(default_factory=dict)

    first: dict[str, int] = field(default_factory=dict)
    """The first value of each summation index."""

    computed: dict[Expr, Any] = field(default_factory=dict)
    """The values of expressions that are known already."""

    nudge: Callable[[Any], Any] | None = None
    """What is done to the value of every operator, to see how rounding is magnified."""

    counted: dict[Expr, int] = field(default_factory=dict)
    """What `cells` has found."""

    families: frozenset[str] = frozenset()
    """The families of which all letters are members, whatever the letters of their indices: x_i and x_j for one x."""

    def of_family(self, member: Symbol) -> Any:
        """Return the values of a member of a family by those of another letter for its members, None if none has any.

        Families of which letters run over different ranges are no families here.
        """
        for other in members_in(self.values, member) if member.family in self.families else ():
            if [self.lengths[x] for x in member.index] == [self.lengths[x] for x in other.index]:
                return self.as_member(self.values[other], other, member)
        return None

    def as_member(self, array: Any, member: Symbol, other: Symbol) -> Any:
        """Return the values of the members of a family along the axes of another letter for them."""
        import numpy

        axes = [[self.axes[x] for x in y.index] for y in (member, other)]
        return numpy.moveaxis(array, *axes) if axes[0] != axes[1] else array

    def size(self, dimension: Dimension) -> int:
        """Return the number a dimension stands for."""
        return size_of(dimension, self.sizes)

    def total(self, array: Any, index: Index) -> Any:
        """Return the sum of `array` over `index`, as many times its value where it does not vary, or the mean."""
        axis, length, count = self.axes[index.name], self.lengths[index.name], self.totals[index.name]
        if index.mean:
            return array.mean(axis=axis, keepdims=True) * index.weight
        if array.shape[axis] != length:
            return array.sum(axis=axis, keepdims=True) * count
        if length == count:
            return array.sum(axis=axis, keepdims=True)
        return (array * self._occurrences(axis, length, count)).sum(axis=axis, keepdims=True)

    def axis(self, index: Index) -> int:
        """Return the axis of an index, counted from the end."""
        return self.axes[index.name]

    def occurrences(self, array: Any, index: Index) -> Any:
        """Return how often each member of `array` along the axis of an index occurs among its values."""
        axis, length, count = self.axes[index.name], self.lengths[index.name], self.totals[index.name]
        return count if array.shape[axis] != length else self._occurrences(axis, length, count)

    def _occurrences(self, axis: int, length: int, count: int) -> Any:
        """Return how often each of `length` members recurs among `count`, along their axis."""
        import numpy

        shape = [1] * (self.leading + 2)
        shape[axis] = length
        return (count // length + (numpy.arange(length) < count % length)).astype(float).reshape(shape)

    def cells(self, expression: Expr) -> int:
        """Return how many numbers `expression` and all its parts have at the points."""
        if expression not in self.counted:
            total = 0
            for node in walk(expression):
                rows, columns = map(self.size, node.shape)
                total += POINTS * rows * columns * math.prod(self.lengths.get(x, 1) for x in node.indices)
            self.counted[expression] = total
        return self.counted[expression]

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


@dataclass(eq=False, repr=False, slots=True)
class Evaluation:
    """Computes expressions at the points, where `given` symbols have other values; `definitions` follow from them.

    What was computed at the points before still holds, unless a symbol in `moved` occurs in it.
    """

    points: Points
    given: Mapping[Expr, Any]
    definitions: Mapping[Symbol, Expr]
    moved: frozenset[Symbol] = frozenset()
    done: dict[Expr, Any] = field(default_factory=dict)
    cells: int = 0

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
        return node.operator.binds_index and index_of(node).name not in self.points.axes

    def _compute(self, node: Expr) -> Any:
        import numpy

        if isinstance(node, Symbol) and node in self.definitions:
            return self.done[self.definitions[node]]
        if isinstance(node, Number):
            return numpy.full((1,) * (self.points.leading + 2), _float(node))
        if isinstance(node, Symbol) and node.index == (node.latex,) and node.latex in self.points.axes:
            return self.points.index_values(node.latex)
        if isinstance(node, Symbol) and node.latex in self.points.sizes:
            return numpy.full((1,) * (self.points.leading + 2), float(self.points.sizes[node.latex]))
        if isinstance(node, Symbol) and (found := self.points.of_family(node)) is not None:
            return found
        if not isinstance(node, Apply):
            raise VerificationError("E402", f"{node} has no value")
        if self._is_counted(node):
            return self._counted_sum(node)
        value = self._applied(node, tuple(self.done[x] for x in node.arguments))
        return value if self.points.nudge is None else self.points.nudge(value)

    def _applied(self, node: Apply, arrays: tuple[Any, ...]) -> Any:
        """Return the value of an operator.

        Raises:
            SingularError: it has none here.
        """
        import numpy

        operator = node.operator
        self._weigh(node, arrays)
        try:
            if operator.sized_value is not None:
                return operator.sized_value(node, arrays, self.points)
            value = operator.value(arrays, node.parameters)
            for x, array in zip(node.arguments, arrays, strict=True) if is_product(node) else ():
                value = numpy.where(array == 0, 0.0, value) if is_condition(x) else value
        except numpy.linalg.LinAlgError as error:
            raise SingularError(str(error)) from None
        if not node.symbols and not numpy.isfinite(value).all():
            raise _too_large(node)
        return value

    def _weigh(self, node: Apply, arrays: tuple[Any, ...]) -> None:
        """Count what computing `node` costs.

        Raises:
            UnsupportedError: it is too much, or would take too much memory.
        """
        rows, columns = map(self.points.size, node.shape)
        places = 1
        for lengths in zip_longest(*(reversed(x.shape[:-2]) for x in arrays), fillvalue=1):
            places *= max(lengths)
        numbers = places * rows * columns * (2 if any(x.dtype.kind == "c" for x in arrays) else 1)
        self.cells += numbers
        if self.cells > MOST_CELLS:
            raise too_much(TOO_MANY_CELLS)
        matrices = [x.shape[-1] for x in arrays if x.shape[-2:] != (1, 1)]
        multiplies = len(matrices) > 1 if is_product(node) else node.operator.adjoint is None
        inner = max(matrices, default=1) if multiplies else 1
        stored = CELLS_PER_FLOP if self.points.nudge is None else NUDGED_PER_FLOP
        EFFORT.spend(STEPS_PER_VALUE + numbers * (inner + stored) // CELLS_PER_STEP)

    def _count(self, index: Index, body: Expr) -> int:
        """Return how many terms a sum has over an index that no letter of the function has.

        Raises:
            VerificationError: a letter of its body has it, or its end is no finite number.
        """
        if index.extent is not None:
            return self._whole(self(index.extent))
        members = any(isinstance(x, Symbol) and index.name in x.index != (x.latex,) for x in walk(body))
        numbers = {x.latex: x for x in self.points.values if isinstance(x, Symbol) and "integer" in x.properties}
        if not members and (index.upper.isdigit() or index.upper in self.points.sizes):
            last = self.points.size((index.upper,))
        elif not members and index.upper in numbers:
            last = self._whole(self(numbers[index.upper]))
        else:
            raise VerificationError("E403", f"{index.name} counts nothing that the function has")
        return last - int(index.lower or 1) + 1

    @staticmethod
    def _whole(value: Any) -> int:
        import numpy

        number = float(numpy.ravel(value.real)[0])
        if not numpy.isfinite(number):
            raise VerificationError("E403", "the number of terms of a sum is infinite or not defined")
        return round(number)

    def _counted_sum(self, node: Apply) -> Any:
        """Return a sum term by term, its index a symbol of the body."""
        import numpy

        index = index_of(node)
        count = self._count(index, node.arguments[0])
        letter = index_symbol(index.name)
        total: Any = numpy.zeros([1] * self.points.leading + [self.points.size(x) for x in node.shape])
        before = EFFORT.spent
        for k in range(count):
            if count > MOST_TERMS or (k == 1 and not EFFORT.allows((count - 1) * (EFFORT.spent - before))):
                raise too_much(f"a sum has {count} terms", hint="write a letter for so large a number")
            place = numpy.full((1,) * (self.points.leading + 2), float(int(index.lower) + k))
            given = {**self.given, letter: place}
            inner = Evaluation(self.points, given, self.definitions, self.moved | {letter})
            total = total + inner(node.arguments[0])
        return total


def _float(node: Number) -> float:
    try:
        return float(node.value)
    except OverflowError:
        raise _too_large(node) from None


def _too_large(node: Expr) -> UnsupportedError:
    """Return the error that a number is beyond what a computer holds: above 10^308."""
    return too_much(f"the number {node} is above 10^308", hint="write a letter for so large a number")


def cells_computed(
    points: Points,
    definitions: Mapping[Symbol, Expr],
    expression: Expr,
    fixed: Mapping[Expr, Any] = NOTHING_GIVEN,
) -> int:
    """Return how many numbers all parts of `expression` have, the named values in it too unless they are `fixed`."""
    total, reached = points.cells(expression), set(expression.symbols)
    for name in reversed(list(definitions)):
        if name in reached and name not in fixed:
            total += points.cells(definitions[name])
            reached |= definitions[name].symbols
    return total
