"""The judge of printed lines: exact arithmetic first, floating point where that cannot decide, and named so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ..algebra.expressions import Apply, Expr, Symbol, walk
from ..algebra.families import members_in
from ..algebra.numbers import Matrix
from ..algebra.terms import d
from ..errors import VerificationError
from .check import Check
from .decisions import UNDECIDED, Verdict
from .exact import Exact
from .field import NOTHING
from .spots import Spots

if TYPE_CHECKING:
    from .subject import Subject

Pair = tuple[Any, Any]
"""What is printed and what is true, at points in floating point."""


class Claimed(Protocol):
    """What an author states."""

    @property
    def value(self) -> Expr:
        """The derivative as it is stated."""


class Asked(Protocol):
    """What is asked: the function, its definitions, its variables, and what is claimed."""

    @property
    def f(self) -> Expr:
        """The function."""

    @property
    def definitions(self) -> Sequence[tuple[Symbol, Expr]]:
        """What has a name in it, in an order in which each follows from those before."""

    @property
    def variables(self) -> tuple[Symbol, ...]:
        """By what it is differentiated."""

    @property
    def claims(self) -> Sequence[Claimed]:
        """What the author claims."""


class Tie(Protocol):
    """What is asked of a structure of a matrix."""

    @property
    def direction(self) -> Callable[[Any], Any]:
        """What moves with unit matrices, in floating point."""

    @property
    def moves(self) -> Any:
        """Which entries move together; None where only `direction` knows."""

    def tie(self, a: Matrix) -> Matrix:
        """Return the matrix that moves where each entry that is tied moves by that of `a`."""


class Truth(NamedTuple):
    """What a line must be, for both kinds of checks."""

    judge: Judge
    exactly: Callable[[Expr], Verdict]
    floating: Callable[[Subject, Expr], Pair]

    def check(self, line: Expr) -> Check:
        """Return how `line` fares.

        Raises:
            SingularError: it cannot be decided exactly, nor computed at the points at hand.
        """
        return self._outcome(line)[0]

    def _outcome(self, line: Expr) -> tuple[Check, Subject | None]:
        """Return how `line` fares, and the points at which it was computed and fails.

        Raises:
            SingularError: it cannot be decided exactly, nor computed at the points at hand.
        """
        verdict = self.exactly(line) if self.judge.trusts_field else UNDECIDED
        if verdict.status != "undecided":
            return checked(verdict), None
        from .floating import compared, undecided  # here, as below: most solutions are decided exactly

        judge = self.judge

        def pair(points: Subject) -> Pair:
            return self.floating(points, line)

        found = compared(judge.f, judge.bodies, line, judge.analytic, pair, actual=judge.actual, members=judge.members)
        if found.check.ok and verdict.differs and not judge.analytic:
            raise undecided()  # differences are too coarse to say that what differs over the field is the same
        return found

    def refutation(self, claimed: Expr) -> str:
        """Return in words where `claimed` is not what it must be; "" where it is."""
        check, failing = self._outcome(claimed)
        if check.ok:
            return ""
        with suppress(ArithmeticError, VerificationError, ModuleNotFoundError):  # no point is shown without numpy
            points = failing or self.judge.points
            words = points.refutation(*self.floating(points, claimed), surely=not check.exact)
            if words:
                return words
        sizes = ", ".join(f"{name} = {size}" for name, size in check.sizes.items())
        return f"computed exactly it differs from the derivative{', for ' + sizes if sizes else ''}"


def checked(verdict: Verdict) -> Check:
    """Return what exact arithmetic found as a check."""
    ok = verdict.status == "true"
    sizes = verdict.sizes or ({},)
    error = 0.0 if ok else float("inf")
    bound = 2.0**verdict.bound if ok else 1.0
    return Check(ok, error, verdict.points, sizes[0], exact=True, error_bound=bound, other_sizes=sizes[1:])


class Judge:
    """A function of variables, as it was read, and what decides of lines about it.

    `trusts_field` is False where the function may have no real value at all, so that a point must be shown first.
    Large sizes written as numbers have small stand-ins, unless the `actual` ones are wanted.
    """

    def __init__(self, question: Asked, trusts_field: bool = True, actual: bool = False) -> None:
        """Set what is asked."""
        self.question, self.trusts_field, self.actual = question, trusts_field, actual
        self._named: dict[Symbol, tuple[Symbol, Expr, bool]] = {}
        """Names of gradients: of which letter, of which function, and whether they are transposed."""
        self._others: Iterator[Subject] | None = None
        self._points: list[Subject] = []

    @property
    def f(self) -> Expr:
        """The function."""
        return self.question.f

    @cached_property
    def exact(self) -> Exact:
        """The points over the field."""
        claimed = tuple(x.value for x in self.question.claims)
        spots = Spots(self.f, dict(self.question.definitions), claimed, self.actual, self.members)
        return Exact(spots, self.question.variables)

    @cached_property
    def bodies(self) -> dict[Symbol, Expr]:
        """The definitions by their letters, free or at rest."""
        return {y: body for x, body in self.question.definitions for y in (x, x.at_rest)}

    @cached_property
    def analytic(self) -> bool:
        """Whether f is computed by analytic functions alone."""
        roots = (self.f, *self.bodies.values())
        return all(x.operator.analytic for root in roots for x in walk(root) if isinstance(x, Apply))

    @property
    def members(self) -> tuple[Symbol, ...]:
        """The variables that are members of families."""
        return tuple(x.at_rest for x in self.question.variables if x.index)

    @property
    def points(self) -> Subject:
        """The points in floating point.

        Raises:
            VerificationError: there are none at which the function is defined.
        """
        return self._points[-1] if self._points else self.next_points()

    def next_points(self) -> Subject:
        """Return other points than those before.

        Raises:
            VerificationError: there are none at which the function is defined.
            StopIteration: there are no more.
        """
        from .subject import subjects

        if self._others is None:
            claimed = [x.value for x in self.question.claims]
            self._others = subjects(
                self.f, self.question.definitions, claimed, actual=self.actual, members=self.members
            )
        self._points.append(next(self._others))
        return self._points[-1]

    def name(self, name: Symbol, value: Expr, of: Symbol, f: Expr, *, turned: bool) -> None:
        """Let `name` stand in lines for the gradient of `f` by `of`, which was found to be `value`."""
        self.exact.name(name, value)
        self._named[name] = of, f, turned

    def computed(self, points: Subject, line: Expr, given: Mapping[Expr, Any] = NOTHING) -> Any:
        """Return the value of `line`, in which names of gradients stand for what is true of them."""
        known = dict(given)
        for name in line.symbols & self._named.keys() - known.keys():
            of, f, turned = self._named[name]
            slope = points.gradient(of, f)
            known[name] = slope.swapaxes(-1, -2) if turned else slope
        return points.value(line, known)

    # --- what a line may have to be

    def value_of(self, x: Expr) -> Truth:
        """Return that a line has the value of `x`."""
        return Truth(
            self,
            lambda line: self.exact.is_equal(line, x),
            lambda points, line: (self.computed(points, line), points.value(x)),
        )

    def differential_of(
        self, body: Expr, reached: Sequence[Symbol], beyond: Sequence[Symbol] = (), *, stack: bool = False
    ) -> Truth:
        """Return that a line is the differential of `body`, where `reached` letters move and those `beyond` follow."""

        def floating(points: Subject, line: Expr) -> Pair:
            directions = {x: points.direction(x) for x in reached}
            given: dict[Expr, Any] = {d(x): value for x, value in directions.items()}
            given.update({d(x): points.along(x, directions) for x in beyond})
            truth = points.along(body, directions)
            return points.value(line, given), stacked(truth) if stack else truth

        variables = {x.at_rest for x in self.question.variables}
        moving = [x for x in reached if x.at_rest in variables]
        others = {x.at_rest for x in reached} - {x.at_rest for y in moving for x in members_in(reached, y)} - {*moving}
        alone = len(moving) == 1 < len(self.question.variables) and not others
        motion = self.exact.alone(moving[0]) if alone else None
        return Truth(self, lambda line: self.exact.is_differential(line, body, motion, stack=stack), floating)

    def share_of(
        self,
        through: Symbol,
        name: Symbol,
        gradient: Expr,
        turned: bool,
        f: Expr,
        body: Expr,
        reached: Sequence[Symbol],
    ) -> Truth:
        """Return that a line is what the named value `through`, with its `body`, adds to the differential of `f`.

        `gradient` is that of `f` by it, in its shape; `name` stands for it in lines, `turned` or not.
        """

        def floating(points: Subject, line: Expr) -> Pair:
            directions = {x: points.direction(x) for x in reached}
            given: dict[Expr, Any] = {d(x): value for x, value in directions.items()}
            slope, moved = points.gradient(through, f), points.along(body, directions)
            given[name] = slope.swapaxes(-1, -2) if turned else slope
            given[d(through)] = moved
            return self.computed(points, line, given), (slope * moved).sum(axis=(-1, -2), keepdims=True)

        return Truth(self, lambda line: self.exact.is_share(line, gradient, body), floating)

    def gradient_of(self, symbol: Symbol, f: Expr) -> Truth:
        """Return that a line is the gradient of `f` by `symbol`, in its shape."""
        return Truth(
            self,
            lambda line: self.exact.is_gradient(line, symbol, f),
            lambda points, line: points.beside_gradient(self.computed(points, line), symbol, f),
        )

    def jacobian_of(self, symbol: Symbol, f: Expr, held: Sequence[Symbol] = (), *, numerator: bool) -> Truth:
        """Return that a line is the derivative of `f` by `symbol`, while what is `held` rests."""

        def floating(points: Subject, line: Expr) -> Pair:
            fixed: dict[Expr, Any] = {x: points.at(x) for x in held if x is not symbol}
            matrix = points.jacobian(symbol, f, fixed)
            if symbol.is_scalar:
                rows, columns = (points.points.size(x) for x in f.shape)
                truth = matrix[..., 0].reshape(*matrix.shape[:-2], columns, rows).swapaxes(-1, -2)
            else:
                truth = matrix if numerator else matrix.swapaxes(-1, -2)
            return points.value(line), truth

        return Truth(self, lambda line: self.exact.is_jacobian(line, symbol, f, held, numerator=numerator), floating)

    def second_of(self, symbol: Symbol, gradient: Expr) -> Truth:
        """Return that a line is the second derivative of the function by `symbol`, and that this is the `gradient`.

        In floating point the second derivative is that of the gradient, and both are compared, side by side.
        """

        def floating(points: Subject, line: Expr) -> Pair:
            printed, truth = points.value(line), points.jacobian(symbol, gradient)
            if printed.shape[-2:] != truth.shape[-2:]:
                return printed, truth
            slopes = stacked(points.value(gradient)), stacked(points.gradient(symbol))
            return beside(printed, slopes[0]), beside(truth, slopes[1])

        return Truth(self, lambda line: self.exact.is_second(line, symbol, self.f), floating)

    def within(self, symbol: Symbol, structure: Tie) -> Truth:
        """Return that a line is the gradient within a structure, which says what moves with each entry."""
        return Truth(
            self,
            lambda line: UNDECIDED if structure.moves is None else self.exact.is_within(line, symbol, structure.tie),
            lambda points, line: (self.computed(points, line), points.gradient_within(symbol, structure.direction)),
        )


def beside(a: Any, b: Any) -> Any:
    """Return the columns of `b` behind those of `a`, at every point."""
    import numpy

    places = numpy.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return numpy.concatenate([numpy.broadcast_to(x, places + x.shape[-2:]) for x in (a, b)], axis=-1)


def stacked(values: Any) -> Any:
    """Return the columns of each matrix under each other."""
    return values.swapaxes(-1, -2).reshape(*values.shape[:-2], -1, 1)
