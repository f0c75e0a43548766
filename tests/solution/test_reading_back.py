"""What is printed is read back: every line of every solution, and random expressions of every shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest
from places import FIXTURES
from random_expressions import COLUMN, ENTRYWISE, MATRIX, RandomExpressions
from test_corpus import PUBLISHED, Entry, clauses

import mdderive
from mdderive.algebra.expressions import SCALAR, Apply, Expr, Operator, Symbol, number, to_latex, walk
from mdderive.algebra.operators import by_name, table
from mdderive.algebra.operators.structural import differential
from mdderive.algebra.terms import build, normalise, substitute
from mdderive.checking.judge import Judge
from mdderive.checking.subject import Subject
from mdderive.documents.marker import read_marker
from mdderive.errors import DeriveError
from mdderive.question.reading_back import read_back
from mdderive.solution import printed
from mdderive.solution.derivation import Working

RANDOM = 500
"""How many random expressions there are of each sort; 15,000 were read back once, and every one of them held."""


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


def test_the_end_of_a_sum_is_no_exponent_that_looks_like_it() -> None:
    asked = mdderive.derive(rf"\operatorname{{tr}}({'X' * 12}A)", "X", ["hessian"])
    assert r"^{10}" in str(asked.gradient)


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


def misread(f: str, variable: str, where: list[str]) -> list[str]:
    """Return the lines of a solution that are read as something else, or not at all."""
    try:
        found = mdderive.derive(f, variable, where)
    except DeriveError:
        return []
    working = (found[0] if isinstance(found, tuple) else found).working
    return [to_latex(line) for line in dict.fromkeys(lines(working)) if not reads_as_itself(line)]


@pytest.mark.parametrize("entry", PUBLISHED, ids=[x["id"] for x in PUBLISHED])
def test_the_lines_of_the_published_derivatives(entry: Entry) -> None:
    assert misread(entry["f"], entry["wrt"], clauses(entry)) == []


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in table()])
def test_the_lines_of_every_row(row: Operator) -> None:
    assert misread(*row.example, list(row.where)) == []


MARKERS = re.findall(r"^```marker\n(.*?)\n```", (FIXTURES / "derivations.md").read_text("utf-8"), re.M | re.S)


@pytest.mark.parametrize("source", MARKERS)
def test_the_lines_of_the_fixtures(source: str) -> None:
    marker = read_marker(source, 0)
    assert misread(marker.f, marker.variable, list(marker.where)) == []


def traces_entries(line: Expr) -> bool:
    """Whether a function of entries stands alone in a trace, where every reader sees a function of the matrix."""
    traces = [x for x in walk(line) if isinstance(x, Apply) and x.operator.name == "trace"]
    return any(isinstance(x.arguments[0], Apply) and x.arguments[0].operator.name in ENTRYWISE for x in traces)


@pytest.mark.parametrize("normal", [True, False], ids=["normal form", "as written"])
def test_random_expressions(normal: bool) -> None:
    wrong = []
    for seed in range(RANDOM):
        expressions = RandomExpressions(seed, normal=normal)
        line = expressions.draw((SCALAR, COLUMN, MATRIX)[seed % 3], 1 + seed % 5)
        if not traces_entries(line) and not reads_as_itself(line):
            wrong.append(f"{seed}: {to_latex(line)}")
    assert wrong == []


# --- the forms that lost their structure -------------------------------------------------------------------------

S, W = Symbol("S", MATRIX), Symbol("W", MATRIX)
X, Y, C = Symbol("x", COLUMN), Symbol("y", COLUMN), Symbol("c")


def made(name: str, *arguments: Expr, parameters: tuple[object, ...] = ()) -> Expr:
    return build(by_name(name), *arguments, parameters=parameters)


LOG_DET, NORM = made("log determinant", S), made("squared norm", X, parameters=("",))
TWO = number(2)
FORMS = [
    (made("product", LOG_DET, made("inverse", S)), r"(\log\lvert S\rvert)S^{-1}"),
    (made("product", made("power", LOG_DET, TWO), made("inverse", S)), r"(\log\lvert S\rvert)^2S^{-1}"),
    (made("product", C, LOG_DET), r"c\log\lvert S\rvert"),
    (made("power", made("hyperbolic tangent", NORM), TWO), r"(\tanh\lVert x\rVert^2)^2"),
    (made("power", made("hyperbolic tangent", C), TWO), r"\tanh(c)^2"),
    (made("power", NORM, Symbol("k")), r"\lVert x\rVert^{2k}"),
    (made("product", made("exponential", NORM), X), r"(\exp\lVert x\rVert^2)x"),
    (made("Hadamard product", made("logarithm", made("absolute value", X)), Y), r"(\log\lvert x\rvert) \odot y"),
    (made("inverse", made("sine", S)), r"\bigl(\sin(S)\bigr)^{-1}"),
    (made("inverse", made("diagonal matrix", X)), r"\operatorname{diag}(x)^{-1}"),
    (made("product", made("absolute value", S), W), r"\operatorname{abs}(S)W"),
    (made("product", C, made("transpose", made("adjugate", S))), r"c\operatorname{adj}(S)^\top"),
]


@pytest.mark.parametrize(("line", "latex"), [pytest.param(*x, id=x[1]) for x in FORMS])
def test_a_form_keeps_its_structure(line: Expr, latex: str) -> None:
    assert to_latex(line) == latex
    assert reads_as_itself(line)


def test_a_result_that_reads_as_another_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printed, "read_back", lambda line: normalise(Apply(by_name("product"), (TWO, line))))
    mdderive.clear_caches()
    with pytest.raises(mdderive.VerificationError, match="reads as another one") as caught:
        mdderive.derive("a^Tx", "x")
    assert caught.value.code == "E404"
