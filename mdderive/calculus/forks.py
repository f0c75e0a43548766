"""All solutions of several equations in several unknowns: where an equation has several zeros, each is followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..algebra.expressions import Expr, Number, Symbol, number, walk
from ..algebra.terms import base_and_exponent, build, is_zero, reading_cost, substitute
from ..words import Reasons
from .conditions import Condition, can_hold, plainest
from .definiteness import definiteness
from .elimination import Move, Roles, inserted, shortest, without, zeros_of
from .polynomial import Roots, roots_of
from .stationary import Zero, multiplied_by, tidied

MOST = 25
"""How many systems are looked at before the equations are given up."""
LONGEST = 80
"""The reading cost of an equation that is not solved any more."""


class Fork(NamedTuple):
    """The several values of one unknown, the zeros of `left`, found from the equation of that number."""

    unknown: Symbol
    equation: int
    left: Expr
    multiplied: Reasons
    values: tuple[Expr, ...]
    inserted: bool


class Branch(NamedTuple):
    """The values of all unknowns at one solution, which is there under the conditions."""

    values: Mapping[Symbol, Expr]
    conditions: tuple[Condition, ...]


class Forked(NamedTuple):
    """All solutions; the moves up to the fork, where all of them come from it."""

    moves: tuple[Move, ...]
    fork: Fork | None
    branches: tuple[Branch, ...]


class _Path(NamedTuple):
    """The way to a solution: each unknown with its value, in those found later; and what must hold there."""

    moves: tuple[Move | Fork, ...] = ()
    values: tuple[tuple[Symbol, Expr], ...] = ()
    conditions: tuple[Condition, ...] = ()


class _Ways(NamedTuple):
    """The ways to all solutions, which are all if these constants are not zero."""

    paths: tuple[_Path, ...] = ()
    nonzero: tuple[Condition, ...] = ()

    def and_those(self, others: _Ways) -> _Ways:
        """Return both."""
        return _Ways((*self.paths, *others.paths), (*self.nonzero, *others.nonzero))


class _System(NamedTuple):
    """The equations that are left, those in `inserted` changed; what must not be zero, and what is."""

    equations: Mapping[int, Expr]
    unknowns: tuple[Symbol, ...]
    inserted: frozenset[int] = frozenset()
    nonzero: frozenset[Expr] = frozenset()
    zero: frozenset[Expr] = frozenset()

    @property
    def is_impossible(self) -> bool:
        """Whether something must not be zero and is, or an equation divides by zero."""
        nodes = (node for y in self.equations.values() for node in walk(y))
        return any(map(is_zero, self.nonzero)) or any(map(_divides_by_zero, nodes))

    def beside(self, conditions: Sequence[Condition]) -> _System:
        """Return the same where the conditions hold."""
        return self._replace(nonzero=self.nonzero | {x.of for x in conditions if x.of.is_scalar})

    def with_value(self, x: Symbol, value: Expr, equation: int) -> _System:
        """Return what is left to be solved once `x` was found from that equation."""
        others = {k: without(y, x, value) for k, y in self.equations.items() if k != equation}
        changed = self.inserted | {k for k, y in self.equations.items() if x in y.symbols}
        nonzero = frozenset(without(y, x, value) for y in self.nonzero)
        return _System(others, tuple(y for y in self.unknowns if y is not x), changed, nonzero, self.zero)


def all_solutions(equations: Sequence[Expr], unknowns: Sequence[Symbol], known: Roles) -> Forked | None:
    """Return where all `equations` vanish, None where the solutions are not known to be all."""
    ways = _Search(MOST, known).ways(_System(dict(enumerate(equations)), tuple(unknowns)))
    if ways is None or not ways.paths:
        return None
    paths = ways.paths
    seen: dict[tuple[Expr, ...], Branch] = {}
    for path in paths:
        branch = _branch(path, unknowns, ways.nonzero)
        seen.setdefault(tuple(branch.values.values()), branch)
    moves: list[Move] = []
    for steps in zip(*(path.moves for path in paths), strict=False):
        if len(set(steps)) > 1 or isinstance(steps[0], Fork):
            break
        moves.append(steps[0])
    first = {path.moves[len(moves)] if len(path.moves) > len(moves) else None for path in paths}
    fork = next(iter(first)) if len(first) == 1 else None
    if len(paths) > 1 and not isinstance(fork, Fork):
        return Forked((), None, tuple(seen.values()))
    return Forked(tuple(moves), fork if isinstance(fork, Fork) else None, tuple(seen.values()))


def _branch(path: _Path, unknowns: Sequence[Symbol], nonzero: Sequence[Condition]) -> Branch:
    """Return the values of the unknowns, in their order, each inserted into those found before; and the conditions."""
    values: dict[Symbol, Expr] = {}
    for x, value in reversed(path.values):
        values[x] = shortest(substitute(value, values, build))
    conditions = [Condition(x.kind, tidied(inserted(x.of, values))) for x in path.conditions]
    return Branch({x: values[x] for x in unknowns}, (*conditions, *nonzero))


class _Search:
    """The search for solutions, which looks at so many systems at most."""

    def __init__(self, left: int, known: Roles) -> None:
        """Set how many, and what is known of the letters and the equations."""
        self.left, self.known = left, known

    def ways(self, system: _System) -> _Ways | None:
        """Return the ways to all solutions, none where there is none; None where they are not known to be all."""
        self.left -= 1
        if self.left < 0 or any(reading_cost(y) > LONGEST for y in system.equations.values()):
            return None
        if system.is_impossible:
            return _Ways()
        equations = {k: y for k, y in system.equations.items() if not is_zero(y)}
        constant = [y for y in equations.values() if not (y.symbols & set(system.unknowns))]
        if constant:
            known = any(y.is_scalar and definiteness(y) for y in constant)
            return _Ways((), () if known else (Condition("not zero", constant[0]),))
        if not system.unknowns:
            return _Ways((_Path(),))
        system = system._replace(equations=equations)
        for x, k, zero in zeros_of(equations, system.unknowns, self.known):
            found = self._by_value(system, x, k, zero)
            if found is not None:
                return found
        for x, k, roots in self._roots(system):
            found = self._by_roots(system, x, k, roots)
            if found is not None:
                return found
        return None

    def _by_value(self, system: _System, x: Symbol, k: int, zero: Zero) -> _Ways | None:
        """Return the ways through the only zero of an equation, and those through where it is none."""
        conditions = plainest(zero.conditions, self.known.sizes)
        if any(y.of in system.zero for y in conditions):
            return None
        rest = self.ways(system.beside(conditions).with_value(x, zero.solution, k))
        beside = None if rest is None else self._beside(system, conditions)
        if rest is None or beside is None:
            return None
        move = Move(x, k, zero, k in system.inserted)
        return _through(rest, move, zero.solution, conditions).and_those(beside)

    def _roots(self, system: _System) -> Iterator[tuple[Symbol, int, Roots]]:
        for x in system.unknowns:
            for k, y in system.equations.items():
                if x in y.symbols and (roots := roots_of(y, x)) is not None:
                    yield x, k, roots

    def _by_roots(self, system: _System, x: Symbol, k: int, roots: Roots) -> _Ways | None:
        """Return the ways through all zeros of an equation in the number `x`."""
        if any(y.of in system.zero for root in roots.found for y in plainest(root.conditions, self.known.sizes)):
            return None
        kept = [root for root in roots.found if all(map(can_hold, root.conditions))]
        values = tuple(shortest(root.value) for root in kept)
        left, words = roots.left(x), multiplied_by(roots.factor)
        move: Move | Fork = Fork(x, k, left, words, values, k in system.inserted)
        if len(kept) == 1:
            zero = Zero(left, number(0), values[0], kept[0].conditions, None, words)
            move = Move(x, k, zero, k in system.inserted)
        found = _Ways()
        conditions: list[Condition] = []
        for root, value in zip(kept, values, strict=True):
            divisor = inserted(roots.factor, {x: value})
            asked = plainest((*root.conditions, Condition("not zero", divisor)), self.known.sizes)
            rest = self.ways(system.beside(asked).with_value(x, value, k))
            if is_zero(divisor) or rest is None:
                return None
            found = found.and_those(_through(rest, move, value, asked))
            conditions += plainest(root.conditions, self.known.sizes)
        beside = self._beside(system, tuple(dict.fromkeys(conditions)))
        return None if beside is None else found.and_those(beside)

    def _beside(self, system: _System, conditions: Sequence[Condition]) -> _Ways | None:
        """Return the ways to the solutions at which what must not vanish does; None where they are not known."""
        found = _Ways()
        for condition in conditions:
            if not (condition.of.symbols & set(system.unknowns)) or condition.of in system.nonzero:
                continue
            if not condition.of.is_scalar or condition.kind not in ("not zero", "positive"):
                return None
            there = {-self.left - 1: condition.of, **system.equations}
            ways = self.ways(system._replace(equations=there, zero=system.zero | {condition.of}))
            if ways is None:
                return None
            found = found.and_those(ways)
        return found


def _divides_by_zero(x: Expr) -> bool:
    base, exponent = base_and_exponent(x)
    return base is not x and is_zero(base) and isinstance(exponent, Number) and exponent.value < 0


def _through(rest: _Ways, move: Move | Fork, value: Expr, conditions: Sequence[Condition]) -> _Ways:
    """Return the ways of the rest, each of which begins with a move to a value of its unknown."""
    return rest._replace(
        paths=tuple(
            _Path((move, *path.moves), ((move.unknown, value), *path.values), (*conditions, *path.conditions))
            for path in rest.paths
        )
    )
