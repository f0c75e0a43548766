"""Reading back what is printed: the lines of a solution, and whether their LaTeX is read as what they are."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np

import mdderive
from mdderive.algebra.expressions import Apply, Expr, Symbol, to_latex, walk
from mdderive.algebra.operators.structural import differential
from mdderive.algebra.terms import normalise, substitute
from mdderive.checking.judge import Judge
from mdderive.checking.subject import Subject
from mdderive.question.reading_back import read_back
from mdderive.solution import printed
from mdderive.solution.derivation import Working

SINGULAR = ("inverse", "determinant", "log determinant", "matrix power")


def at_rest(x: Expr) -> Expr:
    return substitute(x, {y: y.at_rest for y in x.symbols})


def as_letters(x: Expr) -> Expr:
    """Return `x` with a letter for every differential, so that it has a value."""
    found = [y for y in walk(x) if isinstance(y, Apply) and y.operator is differential]
    index = {y: tuple(sorted(y.indices)) for y in found}
    return substitute(x, {y: Symbol(to_latex(y), y.shape, frozenset(), index[y], to_latex(y)) for y in found})


def reads_as_itself(line: Expr) -> bool:
    """Whether the LaTeX of a line can be read, as what it is."""
    read = read_back(line)
    if read is None:
        return False
    read, line = at_rest(read), at_rest(line)
    if normalise(read) is normalise(line):
        return True
    read, line = as_letters(read), as_letters(line)
    try:
        with np.errstate(all="ignore"):
            judge = Judge(SimpleNamespace(f=line, definitions=(), variables=(), claims=()))
            return printed.equal(read, line, judge) or is_singular(line, judge.points)
    except mdderive.VerificationError:
        return True  # it has no value at all, such as the logarithm of 0


def is_singular(line: Expr, points: Subject) -> bool:
    """Whether a matrix that is inverted, or whose determinant is taken, is singular, so that values are but noise."""
    taken = [x for x in walk(line) if isinstance(x, Apply) and x.operator.name in SINGULAR]
    return any(np.linalg.cond(points.value(x.arguments[0])).max() > 1e8 for x in taken)


def lines(working: Working) -> Iterator[Expr]:
    """Yield the right side of every row of a solution, and its results."""
    yield from (step.right for step in working.rewriting)
    for link in working.links:
        yield from (step.right for step in link.steps)
        yield from (result.value for result in (*link.inner, *link.results))
    yield from (result.value for result in working.gradients.values())
    yield from (tied.value for tied in working.structured.values())
    for point in working.stationary.values():
        yield from () if point.zero is None else (point.zero.left, point.zero.right)
        yield point.solution
    for second in working.seconds.values():
        yield from (step.right for step in second.steps)
        yield second.value


def misread_lines(found: mdderive.Derivation) -> list[str]:
    """Return the lines of a solution that are read as something else, or not at all."""
    return [to_latex(line) for line in dict.fromkeys(lines(found.working)) if not reads_as_itself(line)]
