"""What is printed is read back: the lines of solutions, and random expressions of every shape.

Those of the published derivatives are read back in `test_corpus`, which derives them.
"""

from __future__ import annotations

import re

import pytest
from lines_read_back import misread_lines, reads_as_itself
from places import FIXTURES, share
from random_expressions import COLUMN, ENTRYWISE, MATRIX, RandomExpressions
from worked import example

import mdderive
from mdderive.algebra.expressions import SCALAR, Apply, Expr, Operator, Symbol, number, to_latex, walk
from mdderive.algebra.operators import by_name, table
from mdderive.algebra.terms import build, normalise
from mdderive.documents.marker import read_marker
from mdderive.errors import DeriveError
from mdderive.solution import printed

RANDOM = share(range(500), 4)
"""How many random expressions there are of each sort; 15,000 were read back once, and every one of them held."""


def test_the_end_of_a_sum_is_no_exponent_that_looks_like_it() -> None:
    asked = mdderive.derive(rf"\operatorname{{tr}}({'X' * 12}A)", "X", ["hessian"])
    assert r"^{10}" in str(asked.gradient)
    double = mdderive.derive(r"\operatorname{tr}(X^8A)", "X", ["hessian"])  # the ends of sums within a sum
    assert r"\sum_{s=0}^{6-r}" in str(double.to_latex())


def misread(f: str, variable: str, where: list[str]) -> list[str]:
    """Return the lines of a solution that are read as something else, or not at all."""
    try:
        found = mdderive.derive(f, variable, where)
    except DeriveError:
        return []
    return misread_lines(found[0] if isinstance(found, tuple) else found)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in table()])
def test_the_lines_of_every_row(row: Operator) -> None:
    assert misread_lines(example(row)) == []


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
    for seed in RANDOM:
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
    (made("inverse", made("sine", S)), r"(\sin S)^{-1}"),
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
