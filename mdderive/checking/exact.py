"""What a line may have to be, decided exactly: the value of an expression, a differential, a gradient, ..."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import product
from math import prod

from ..algebra.expressions import Expr, Symbol
from ..algebra.families import members_in, ranges_of
from ..algebra.numbers import Jet, Matrix, RedrawError, stacked, turned
from .decisions import Comparison, Decisions, Verdict
from .field import Field, distinct_terms
from .spots import Motion, Spots


class Exact:
    """A function of the variables, the names in it with their definitions, and what is decided of lines about it."""

    def __init__(self, spots: Spots, variables: tuple[Symbol, ...]) -> None:
        """Set the points and the variables."""
        self.spots, self.variables = spots, variables

    @property
    def f(self) -> Expr:
        """The function."""
        return self.spots.f

    @cached_property
    def decisions(self) -> Decisions:
        """What decides at the points."""
        return Decisions(self.spots)

    def _decide(self, compare: Comparison, motion: Motion | None = None) -> Verdict:
        return self.decisions.decide(compare, motion or self.main)

    @cached_property
    def main(self) -> Motion:
        """All variables move along directions of their own, and so do the names, beside what their definitions say."""
        letters = dict.fromkeys([*(x.at_rest for x in self.variables), *(x.at_rest for x in self.spots.definitions)])
        moving = tuple((y, 1 << k) for k, x in enumerate(letters) for y in self._moving_with(x))
        return Motion(moving, (1 << len(self.variables)) - 1)

    @cached_property
    def _bits(self) -> Mapping[Symbol, int]:
        return dict(self.main.moving)

    def bit(self, symbol: Symbol) -> int:
        """Return the bit of a variable or a name."""
        return self._bits[symbol.at_rest]

    def alone(self, symbol: Symbol) -> Motion:
        """Return the motion in which one variable moves alone."""
        return Motion(tuple((x, 1) for x in self._moving_with(symbol.at_rest)), 1)

    def _moving_with(self, symbol: Symbol) -> list[Symbol]:
        """Return the letters that move where one moves: those of its family, if it is a member."""
        roots = (self.f, *self.spots.definitions.values())
        return (
            members_in([symbol, *(x.at_rest for y in roots for x in y.symbols)], symbol) if symbol.index else [symbol]
        )

    def name(self, symbol: Symbol, value: Expr) -> None:
        """Let `symbol` stand for `value` in the lines that follow."""
        self.spots.bodies[symbol] = self.spots.bodies[symbol.at_rest] = value

    # --- what a line may say

    def is_equal(self, line: Expr, other: Expr) -> Verdict:
        """Return whether two expressions are equal."""
        free = sorted(line.indices | other.indices)

        def compared(at: Field, moved: Field) -> tuple[Jet, Jet]:
            at.indices = dict.fromkeys(free, 1)
            found = at(line), at(other)
            at.indices = {}
            return found

        return self._decide(compared)

    def first_difference(self, line: Expr, other: Expr) -> tuple[int, int, Mapping[str, int]] | None:
        """Return row and column, from 1, of the first entry in which two expressions of a shape differ, and the sizes.

        None where they are equal, or where that cannot be decided.
        """
        last: list[Matrix] = []

        def compared(at: Field, moved: Field) -> tuple[Jet, Jet]:
            found = at(line), at(other)
            last[:] = [x.value for x in found]
            return found

        verdict = self._decide(compared)
        if verdict.status != "false":
            return None
        rows = enumerate(zip(*last, strict=True), 1)
        places = ((i, j) for i, (a, b) in rows for j, (x, y) in enumerate(zip(a, b, strict=True), 1) if x != y)
        place = next(places, None)
        return None if place is None else (*place, (verdict.sizes or ({},))[0])

    def is_differential(self, line: Expr, body: Expr, motion: Motion | None = None, *, stack: bool = False) -> Verdict:
        """Return whether `line` is the differential of `body`, or its columns stacked."""

        def compared(at: Field, moved: Field) -> tuple[Jet, Jet]:
            slope = moved.slope(moved(body))
            return at(line), moved.moved(slope, stacked) if stack else slope

        return self._decide(compared, motion)

    def is_share(self, line: Expr, gradient: Expr, body: Expr) -> Verdict:
        """Return whether `line` is what the differential of `body`, which has that `gradient`, adds to df."""

        def compared(at: Field, moved: Field) -> tuple[Jet, Jet]:
            return at(line), at.inner(at(gradient), moved.slope(moved(body)))

        return self._decide(compared)

    def is_gradient(self, value: Expr, symbol: Symbol, f: Expr) -> Verdict:
        """Return whether `value` is the gradient of `f` by a variable or a name, in its shape."""

        if symbol.index:
            return self._decide(
                lambda at, moved: (self._summed(value, symbol, at, moved), moved.part(moved(f), self.bit(symbol)))
            )

        def compared(at: Field, moved: Field) -> tuple[Jet, Jet]:
            printed, direction = at(value), self._direction(moved, symbol)
            if printed.size != direction.size:
                return printed, direction
            return at.inner(printed, direction), moved.part(moved(f), self.bit(symbol))

        return self._decide(compared)

    def _summed(self, value: Expr, member: Symbol, at: Field, moved: Field) -> Jet:
        """Return the sum, over all members of a family, of the inner products of `value` and their directions."""
        ranges = ranges_of((self.f, *self.spots.definitions.values()), [member])
        total = at.scalar(0)
        for numbers in product(*(distinct_terms(at, ranges[name], value) for name in member.index)):
            at.indices = moved.indices = {name: k for name, (k, _) in zip(member.index, numbers, strict=True)}
            printed, direction = at(value), self._direction(moved, member)
            if printed.size != direction.size:
                return printed
            total = at.plus(total, at.scaled(prod(times for _, times in numbers), at.inner(printed, direction)))
        at.indices = moved.indices = {}
        return total

    def is_jacobian(
        self, value: Expr, symbol: Symbol, f: Expr, held: Sequence[Symbol] = (), *, numerator: bool
    ) -> Verdict:
        """Return whether `value` is the derivative of `f` by `symbol`, what is `held` at rest but for itself."""

        def compared(at: Field, moved: Field) -> tuple[Jet, Jet]:
            if held:
                moved = self._holding(moved, held)
            direction = self._direction(moved, symbol)
            printed, slope = at(value), moved.part(moved(f), self.bit(symbol))
            if symbol.is_scalar:
                return at.times(printed, direction), slope
            matrix = printed if numerator else at.moved(printed, turned)
            return _acting(at, matrix, direction), at.moved(slope, stacked)

        return self._decide(compared)

    def is_second(self, value: Expr, symbol: Symbol, f: Expr) -> Verdict:
        """Return whether `value` is the second derivative of `f` by `symbol`."""

        def compared(at: Field, moved: Field) -> tuple[Jet, Jet]:
            rows, columns = map(at.size, symbol.shape)
            first, second = (Jet({0: moved.direction(symbol.at_rest, bit, rows, columns)}) for bit in (1, 2))
            moving = _acting(at, at(value), second)
            if moving.size != (rows * columns, 1):
                return moving, at.moved(first, stacked)
            return at.inner(at.moved(first, stacked), moving), moved.part(moved(f), 3)

        return self._decide(compared, Motion(((symbol.at_rest, 3),), 3, crossed=True))

    def is_within(self, value: Expr, symbol: Symbol, tie: Callable[[Matrix], Matrix]) -> Verdict:
        """Return whether `value` is the gradient by the entries that a structure ties: `tie` says which move."""

        def compared(at: Field, moved: Field) -> tuple[Jet, Jet]:
            printed, free = at(value), self._direction(moved, symbol)
            if printed.size != free.size:
                return printed, free
            bit = self.bit(symbol)
            tied = tie(free.value)
            along = moved.changed(directions={(symbol.latex, bit): [[x % at.prime for x in r] for r in tied]})
            return at.inner(printed, free), along.part(along(self.f), bit)

        return self._decide(compared)

    def is_entry(self, value: Expr, symbol: Symbol, place: tuple[int, int]) -> Verdict:
        """Return whether the number `value` is the derivative of the function by the entry of `symbol` at a place."""

        def compared(at: Field, moved: Field) -> tuple[Jet, Jet]:
            rows, columns = map(at.size, symbol.shape)
            if place[0] >= rows or place[1] >= columns:
                raise RedrawError
            unit = [[0] * columns for _ in range(rows)]
            unit[place[0]][place[1]] = 1
            bit = self.bit(symbol)
            along = moved.changed(directions={(symbol.latex, bit): unit})
            return at(value), along.part(along(self.f), bit)

        return self._decide(compared)

    def vanishes(self, values: Mapping[Symbol, Expr], ties: Mapping[Symbol, Callable[[Matrix], Matrix]]) -> Verdict:
        """Return whether the gradients by the variables vanish where these have the `values`.

        A variable with a tie moves along what its tie makes of a direction.
        """

        def compared(at: Field, moved: Field) -> tuple[Jet, Jet]:
            there = moved.changed(letters=dict(moved.letters))
            for x, value in values.items():
                place, step = at(value), self._direction(moved, x).value
                tied = ties[x](step) if x in ties else step
                step = [[y % at.prime for y in row] for row in tied]
                there.letters[x.latex, x.shape, ()] = Jet({0: place.value, self.bit(x): step}, place.degree)
            whole = there(self.f)
            return at.plus(*(there.part(whole, self.bit(x)) for x in values)), at.scalar(0)

        return self._decide(compared)

    def _direction(self, moved: Field, symbol: Symbol) -> Jet:
        """Return the direction along which a variable or a name moves."""
        rows, columns = map(moved.size, symbol.shape)
        return Jet({0: moved.direction(symbol.at_rest, self.bit(symbol), rows, columns)})

    def _holding(self, moved: Field, held: Sequence[Symbol]) -> Field:
        """Return the point where the names that are `held` move along their own directions alone."""
        bodies = {x: body for x, body in self.spots.bodies.items() if x.at_rest not in {y.at_rest for y in held}}
        found = moved.changed(definitions=bodies)
        for name in held:
            value, bit = moved(name), self.bit(name)
            direction = moved.direction(name.at_rest, bit, value.rows, value.columns)
            found.letters[name.latex, name.shape, ()] = Jet({0: value.value, bit: direction}, value.degree)
        return found


def _acting(at: Field, matrix: Jet, direction: Jet) -> Jet:
    """Return a matrix times the stacked columns of a direction, as numbers where these are one entry."""
    column = at.moved(direction, stacked)
    if matrix.columns != column.rows:
        return matrix
    return at.times(matrix, column)
