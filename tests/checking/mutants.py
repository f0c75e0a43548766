"""Mutants of printed lines: what a slip of the pen makes of them, down to a change by one part in 10^9.

`python tests/checking/mutants.py` tries them on all lines of the published derivatives and on the stationary points of
`test_true_words`, and tells how many there were and which were accepted though they are something else.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parent.parent)]
    import conftest  # noqa: F401  finds the rooms of the tests

import numpy as np

from mdderive.algebra.expressions import Apply, Expr, Index, Number, walk
from mdderive.algebra.operators.structural import add_row, product
from mdderive.algebra.terms import index_of, is_zero, multiply, substitute, transpose
from mdderive.checking.exact import Exact
from mdderive.checking.judge import Truth
from mdderive.checking.spots import Spots
from mdderive.checking.subject import subjects
from mdderive.errors import DeriveError
from mdderive.question.question import Question, read_question
from mdderive.solution import stationary, systems, zeros
from mdderive.solution.work import work

SLIGHTLY = Number(1 + Fraction(1, 10**9))
"""What makes a relative change that must be seen."""
PER_LINE = 3
"""How many mutants of a line are tried."""


class Mutant(NamedTuple):
    """What became of an expression, and by which slip."""

    slip: str
    expression: Expr


def mutants(line: Expr) -> list[Mutant]:
    """Return all that one slip makes of a line."""
    found: dict[Expr, Mutant] = {}
    for node in walk(line):
        for slip, other in _slips(node):
            try:
                whole = substitute(line, {node: other})
            except (AssertionError, ValueError):
                continue  # shapes do not fit any more
            if whole is not line and whole.shape == line.shape:
                found.setdefault(whole, Mutant(slip, whole))
    return list(found.values())


def _slips(node: Expr) -> Iterator[tuple[str, Expr]]:
    """Yield what is written in the place of a node."""
    if is_zero(node):
        return
    if isinstance(node, Number):
        yield "another number", Number(node.value + 1)
        yield "another number", Number(2 * node.value)
    yield "relative change", multiply(SLIGHTLY, node)
    yield "sign", multiply(Number(Fraction(-1)), node)
    if not node.is_scalar and node.is_square:
        yield "transpose", transpose(node)
    if not isinstance(node, Apply):
        return
    if node.operator in (add_row, product):
        yield from _parts_dropped_or_swapped(node)
    if node.operator.binds_index:
        index = index_of(node)
        if index.lower == "1":
            later = Index(index.name, "2", index.upper, index.extent)
            yield "index", Apply(node.operator, node.arguments, (later, *node.parameters[1:]))


def _parts_dropped_or_swapped(node: Apply) -> Iterator[tuple[str, Expr]]:
    parts, slip = node.arguments, "dropped term" if node.operator is add_row else "dropped factor"
    for k, x in enumerate(parts):
        rest = parts[:k] + parts[k + 1 :]
        if node.operator is add_row or x.is_scalar or x.is_square:
            yield slip, rest[0] if len(rest) == 1 else Apply(node.operator, rest)
        if node.operator is product and k and not x.is_scalar and not parts[k - 1].is_scalar:
            try:
                yield "swapped factors", Apply(product, (*parts[: k - 1], x, parts[k - 1], *parts[k + 1 :]))
            except (AssertionError, ValueError):
                continue


# --- what is checked


class Line(NamedTuple):
    """A line with what it must be."""

    truth: Truth
    line: Expr

    def accepts(self, other: Expr) -> bool:
        """Whether another line is accepted in its place."""
        try:
            return self.truth.check(other).ok
        except (DeriveError, ArithmeticError, ValueError):
            return False

    def equals(self, other: Expr) -> bool:
        """Whether another line says the same."""
        if self.truth.judge.exact.is_equal(other, self.line).status == "true":
            return True
        points = self.truth.judge.points
        a, b = (self.truth.floating(points, x)[0] for x in (other, self.line))
        return a.shape[-2:] == b.shape[-2:] and bool(np.allclose(*np.broadcast_arrays(a, b), rtol=1e-12, atol=1e-14))


class Point(NamedTuple):
    """A value of a stationary point, with the arguments of its check."""

    values: dict[Any, Expr]
    of: Any
    arguments: tuple[Any, ...]

    def accepts(self, other: Expr) -> bool:
        """Whether another value is accepted in its place."""
        start, conditions, allowed, lagrangian = self.arguments
        try:
            return zeros.checked(start, {**self.values, self.of: other}, conditions, allowed, lagrangian) is not None
        except (DeriveError, ArithmeticError, ValueError):
            return False

    def equals(self, other: Expr) -> bool:
        """Whether another value is the same."""
        question = self.arguments[0].question
        value = self.values[self.of]
        exact = Exact(Spots(question.f, dict(question.definitions)), question.variables)
        if exact.is_equal(other, value).status == "true":
            return True
        turned = self.arguments[2][self.of].curved  # of a polar factor the other sign is stationary too
        start, lagrangian = self.arguments[0], self.arguments[3]
        drawn = zeros.trials(start) if lagrangian is None else subjects(lagrangian, question.definitions)
        for points in islice(drawn, zeros.TRIED):
            with suppress(ArithmeticError):
                a, b = points.value(other), points.value(value)
                return any(np.allclose(*np.broadcast_arrays(a, c), rtol=1e-11) for c in (b, -b)[: 1 + turned])
        return False


@contextmanager
def remembered(found: list[tuple[Line | Point, Expr]]) -> Iterator[None]:
    """Add to `found` all that is checked within, with what was checked."""
    honest, honest_point = Truth.check, zeros.checked

    def line(truth: Truth, line: Expr) -> Any:
        check = honest(truth, line)
        found.append((Line(truth, line), line))
        return check

    def point(start: Any, values: Any, conditions: Any, allowed: Any, lagrangian: Any = None) -> Any:
        checked = honest_point(start, values, conditions, allowed, lagrangian)
        if checked is not None:
            rest = start, conditions, allowed, lagrangian
            found.extend((Point(dict(values), x, rest), value) for x, value in values.items())
        return checked

    try:
        Truth.check = line  # type: ignore[method-assign]
        stationary.checked = systems.checked = point  # type: ignore[assignment]
        yield
    finally:
        Truth.check = honest  # type: ignore[method-assign]
        stationary.checked = systems.checked = honest_point


class Survey(NamedTuple):
    """How many mutants of each slip were tried, and which were accepted though they are something else."""

    tried: Counter[str]
    accepted: list[str]


def survey(questions: Iterable[Question], *, per_line: int = PER_LINE) -> Survey:
    """Return what became of mutants of all lines of the solutions of `questions`, the same ones in every run."""
    tried: Counter[str] = Counter()
    accepted: list[str] = []
    for question in questions:
        found: list[tuple[Line | Point, Expr]] = []
        try:
            with remembered(found):
                work(question)
        except DeriveError:
            continue
        for place, line in found:
            every = mutants(line)
            for slip, other in random.Random(str(line)).sample(every, min(per_line, len(every))):
                tried[slip] += 1
                if place.accepts(other) and not place.equals(other):
                    accepted.append(f"{slip}: {question.f}: {line} became {other}")
    return Survey(tried, accepted)


def main() -> None:
    """Try the mutants of all published derivatives and of many stationary points, and tell."""
    from test_corpus import PUBLISHED, clauses
    from test_true_words import FAMILIES

    asked = [(x["f"], x["wrt"], clauses(x)) for x in PUBLISHED]
    asked += [(f, x, list(where)) for family in FAMILIES.values() for f, x, where in list(family())[::3]]

    def questions() -> Iterator[Question]:
        for f, x, where in asked:
            try:
                yield read_question(f, x, where)
            except DeriveError:
                continue

    begun = time.perf_counter()
    found = survey(questions())
    print(*(f"{count:6} {slip}" for slip, count in found.tried.most_common()), sep="\n")
    print(f"{found.tried.total():6} mutants, {len(found.accepted)} accepted; {time.perf_counter() - begun:.0f} s")
    print(*found.accepted, sep="\n")


if __name__ == "__main__":
    main()
