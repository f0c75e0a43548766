"""Floating point, where exact arithmetic cannot decide: points of several scales, each entry with its own tolerance.

A function of real numbers may be told from another on one side of a branch only, or where it does not saturate. So
letters are drawn near zero and far from it, and around the numbers that the function and the line are written with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

from ..algebra.expressions import Apply, Expr, Number, Symbol, walk
from ..algebra.families import families_of
from ..effort import too_much
from ..errors import VerificationError
from .check import SEED, Check, SingularError
from .evaluation import NOTHING_GIVEN, POINTS, Evaluation, Points
from .points import draw, empty_points, free_symbols, nodes_of, weigh
from .stand_ins import dimensions_of
from .subject import TOLERANCE_DIFFERENCES, Subject, bound_indices

SETS = 60
"""How many sets of points are drawn at most."""
ENOUGH = 15
"""At how many points a line must have been compared."""
NUDGE = 1e-15
"""By how much values are nudged to see how rounding is magnified."""
NUDGED = 2
"""How often they are."""
MAGNIFIED = 100.0
"""How many times the change by a nudge two values may differ."""
ROUNDING = 2e-13
"""How much two values may differ, relative to the greater one."""
CONDITION = 1e-6
"""How large what may differ can be, relative to the value, for a point to tell anything."""
ORDINARY = 10.0
"""How large letters are where a value that does not exist speaks against a line."""
STEADY = frozenset(("positive", "free", "invertible"))
"""Properties that letters keep at any scale."""

Pair = tuple[Any, Any]
"""What is printed and what is true, one for each point."""


class Trial(NamedTuple):
    """How a line fares: its check, and where it fails the points."""

    check: Check
    points: Subject | None = None


def compared(
    f: Expr,
    definitions: Mapping[Symbol, Expr],
    line: Expr,
    analytic: bool,
    pair: Callable[[Subject], Pair],
    *,
    actual: bool = False,
    members: tuple[Symbol, ...] = (),
) -> Trial:
    """Return how `line` fares at many points; `pair` computes it and what it must be.

    Raises:
        VerificationError: there are too few points at which that can be told.
        UnsupportedError: there are too few as numbers are too large.
    """
    import numpy

    told, worst, sizes, lost = 0, 0.0, {}, 0
    allowed = ROUNDING if analytic else TOLERANCE_DIFFERENCES
    for points in scattered(f, definitions, line, analytic, actual=actual, members=members):
        with numpy.errstate(all="ignore"):
            try:
                printed, truth = pair(points)
                if printed.shape[-2:] != truth.shape[-2:]:
                    return Trial(Check(False, float("inf"), POINTS, dict(points.points.sizes)), points)
                noise = _noise(points, pair, (printed, truth)) if analytic else 0.0
                good = _defined(points, f)
            except (ArithmeticError, SingularError, ValueError):
                continue
            errors, known = _errors(printed, truth, noise, analytic, good)
        gap = (_is_undefined(printed, truth) & good & _is_ordinary(points)).any()
        error = float("inf") if gap else float(errors[known].max(initial=0.0))
        if (error > 1 or not known.any()) and _leaves_range(points, f, pair):
            lost += 1
            continue
        told += int(known.sum())
        sizes = dict(points.points.sizes)
        worst = max(worst, error)
        if worst > 1:
            return Trial(Check(False, worst * allowed, POINTS if gap else told, sizes), points)
        if told >= SETS * POINTS // 2:
            break
    if told < ENOUGH:
        raise undecided() if lost < SETS // 2 else too_much("its values leave the range of numbers, 10^-308 to 10^308")
    return Trial(Check(True, 0.9 * allowed, told - told % 50 if told > 50 else told, sizes))


def undecided() -> VerificationError:
    """Return the error that a line can be neither shown nor refuted."""
    hint = "declare what the letters must satisfy, such as x: positive or A: SPD, or write it in another form"
    return VerificationError("E405", "it cannot be decided whether a line of the solution is true", hint=hint)


def _errors(printed: Any, truth: Any, noise: Any, analytic: bool, good: Any) -> tuple[Any, Any]:
    """Return the errors of the points in parts of what may be, and which points tell anything."""
    import numpy

    printed, truth, noise = numpy.broadcast_arrays(printed, truth, noise)
    size = numpy.maximum(abs(printed), abs(truth))
    whole = size.max(axis=(-1, -2), keepdims=True)
    allowed = MAGNIFIED * noise + ROUNDING * size if analytic else TOLERANCE_DIFFERENCES * (1e-3 + whole)
    finite = numpy.isfinite(printed) & numpy.isfinite(truth) & numpy.isfinite(allowed)
    entry = finite & (size > 1e-250) & ((allowed < CONDITION * whole) | (not analytic))
    ratio = numpy.where(entry, abs(printed - truth) / numpy.where(entry, allowed, 1.0), 0.0)
    axes = tuple(range(1, ratio.ndim))
    errors, told = ratio.max(axis=axes), entry.any(axis=axes)
    return errors, told & numpy.broadcast_to(good, told.shape)


def _leaves_range(points: Subject, f: Expr, pair: Callable[[Subject], Pair]) -> bool:
    """Whether a number on the way is too large or too small, so that what follows from it tells nothing."""
    import numpy

    anew = Subject(points.f, points.definitions, replace(points.points, computed={}), points.analytic)
    with numpy.errstate(all="ignore", over="raise", under="raise"), suppress(SingularError, ValueError):
        try:
            _defined(anew, f)
            pair(anew)
        except ArithmeticError as error:
            return isinstance(error, FloatingPointError)
    return False


def _is_undefined(printed: Any, truth: Any) -> Any:
    """Return at which points what is printed has no real value though the truth has one, as a root of -1 would."""
    import numpy

    gap = numpy.isnan(printed) & numpy.isfinite(truth)
    return gap.any(axis=tuple(range(1, gap.ndim)))


def _is_ordinary(points: Subject) -> Any:
    """Return at which points all letters are of the usual size, so that nothing overflows."""
    import numpy

    found = numpy.ones(POINTS, bool)
    for value in points.points.values.values():
        small = numpy.abs(value) < ORDINARY
        found &= small.all(axis=tuple(range(1, small.ndim)))
    return found


def is_rounding(points: Subject) -> bool:
    """Return whether the function's value is what rounding leaves of zero, as of a determinant without full rank."""
    import numpy

    def pair(at: Subject) -> Pair:
        return at.value(at.f), numpy.zeros(())

    value, zero = pair(points)
    return bool((_noise(points, pair, (value, zero)) > CONDITION * abs(value)).all())


def _noise(points: Subject, pair: Callable[[Subject], Pair], before: Pair) -> Any:
    """Return how much both values change where letters and the values of all operators are nudged.

    Source: Parker (1997), Monte Carlo Arithmetic.
    """
    import numpy

    change: Any = 0.0
    for k in range(NUDGED):
        rng = numpy.random.default_rng(SEED + k)

        def nudge(value: Any, rng: Any = rng) -> Any:
            return value * (1 + NUDGE * rng.standard_normal(value.shape))

        rests = {x: x.at_rest if isinstance(x, Symbol) else x for x in points.points.values}
        nudged = {rest: nudge(points.points.values[rest]) for rest in dict.fromkeys(rests.values())}
        values = {x: nudged[rest] for x, rest in rests.items()}
        moved = replace(points.points, values=values, computed={}, nudge=nudge)
        after = pair(Subject(points.f, points.definitions, moved, points.analytic))
        change = numpy.maximum(change, sum(abs(x - y) for x, y in zip(before, after, strict=True)))
    return change


def _defined(points: Subject, f: Expr) -> Any:
    """Return at which points the function has a finite real value."""
    import numpy

    value = numpy.asarray(Evaluation(points.points, NOTHING_GIVEN, points.definitions)(f))
    finite = numpy.isfinite(value).all(axis=tuple(range(1, value.ndim)))
    return numpy.broadcast_to(finite, (POINTS,)) if finite.shape == (1,) else finite


def scattered(
    f: Expr,
    definitions: Mapping[Symbol, Expr],
    line: Expr,
    analytic: bool,
    *,
    actual: bool = False,
    members: tuple[Symbol, ...] = (),
) -> Iterator[Subject]:
    """Yield the function at points of several scales and sizes, around the numbers in it and in the line.

    Where `members` move, all letters of a family are its members.
    """
    import numpy

    nodes = nodes_of(f, definitions)
    symbols = free_symbols(nodes, definitions)
    roots = [f, *definitions.values()]
    bound, families = bound_indices(roots, members), families_of(roots, members, (line,))
    used = frozenset(x.latex for x in (*nodes, *line.symbols) if isinstance(x, Symbol) and x.index == (x.latex,))
    dimensions = dimensions_of(nodes, bound, (line,), actual=actual)
    first, *rest = dimensions.usual, *islice(dimensions.others(), 4)
    others = rest[-1] if rest else first
    scales = _numbers((f, line, *definitions.values()))
    for k in range(SETS):
        points = empty_points(others if k % 2 else first, bound, used)
        points.families = families
        weigh(symbols, points)
        rng = numpy.random.default_rng(SEED + 1000 + k)
        manner = "dominant" if k % 5 == 4 else "plain"
        for symbol in dict.fromkeys(x.at_rest for x in symbols):
            if (known := points.of_family(symbol)) is not None:
                points.values.update({x: known for x in symbols if x.at_rest is symbol})
                continue
            value = draw(symbol, points, rng, manner)
            if k and symbol.properties <= STEADY and symbol.latex not in points.sizes:
                value = _placed(symbol, value, scales, rng, k)
            points.values[symbol] = value
            points.values.update({x: value for x in symbols if x.at_rest is symbol})
        yield Subject(f, definitions, points, analytic)


def _placed(symbol: Symbol, value: Any, scales: Sequence[float], rng: Any, k: int) -> Any:
    """Return the value of a letter at another scale, or around a number."""
    scale = scales[int(rng.integers(len(scales)))]
    if k % 3 == 1:
        return value * scale
    if k % 3 == 2:
        return value * 10 ** rng.uniform(-3, 2)
    if "positive" in symbol.properties:
        return scale * abs(1 + 0.2 * value)
    spread = (1.0, 0.1 * scale)[int(rng.integers(2))]
    return (scale if rng.integers(2) else -scale) + spread * value


def _numbers(roots: Sequence[Expr]) -> tuple[float, ...]:
    """Return the numbers that occur, with their roots and what is one over them."""
    import numpy

    found = {1.0}
    empty = Points({}, {}, {}, {})
    for node in (x for root in roots for x in walk(root)):
        if node.symbols or not node.is_scalar or node.indices:
            continue
        if not isinstance(node, Number | Apply):
            continue
        with numpy.errstate(all="ignore"):
            try:
                c = abs(float(numpy.ravel(Evaluation(empty, NOTHING_GIVEN, {})(node))[0]))
            except (ArithmeticError, ValueError, KeyError, VerificationError):
                continue
        if 1e-12 < c < 1e12:
            found |= {c, c**0.5, 1 / c, c**-0.5}
    return tuple(sorted(found))
