"""One point in numbers: what is told of it, when nothing is, and the valley of truncation and rounding."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy
import pytest

from mdderive.algebra.properties import BY_NAME
from mdderive.checking.example import ENTRIES, STEPS, Example, example
from mdderive.question.question import read_question
from mdderive.render.example import example_html
from mdderive.render.teller import Teller
from mdderive.solution.work import work

TOLD = [
    (r"\|Xw-y\|^2", "w", (), r"\approx \begin{pmatrix}6.002\\10.01\end{pmatrix}"),
    (r"\log\det X", "X", (), r"\approx \begin{pmatrix}"),
    (r"\log\det\Sigma + x^T\Sigma^{-1}x", r"\Sigma", (r"\Sigma: SPD",), r"\begin{pmatrix}3&-1\\-1&2\end{pmatrix}"),
    (r"-y^T\log\operatorname{softmax}(Wx)", "W", ("y: one-hot",), r"y = \begin{pmatrix}"),
    (r"\|A-UV^T\|_F^2", "U, V", (), r"\frac{\partial f}{\partial V}"),
    (r"\sum_{i=1}^n(w^Tx_i-y_i)^2", "w", (), r"x_2 = \begin{pmatrix}"),
    (r"ax^2+bx", "x", ("a: scalar", "b: scalar", "x: scalar"), "a = "),
]
NOT_TOLD = {
    "a vector": (r"Ax", "x", ()),
    "a member as the variable": (r"\sum_{i=1}^n\lVert x_i-c\rVert^2", "x_i", ("c: vector",)),
    "a long sum": (r"\sum_{i=1}^{10}(w^Tx_i)^2", "w", ()),
    "a function that nobody defines": (r"\mathbf{1}^T\sigma(Wx)", "W", ()),
    "a second derivative": (r"x^TAx", "x", ("hessian",)),
    "large matrices": (r"a^TXb", "X", ("X: 10 x 784",)),
    "the other layout": (r"x^TAx", "x", ("gradient-layout: numerator",)),
}
WHOLE: dict[str, Callable[[Any], bool]] = {
    "SPD": lambda a: bool(numpy.all(numpy.linalg.eigvalsh(a) > 0)) and bool((a == a.T).all()),
    "symmetric": lambda a: bool((a == a.T).all()),
    "skew-symmetric": lambda a: bool((a == -a.T).all()),
    "orthogonal": lambda a: bool((a @ a.T == numpy.eye(len(a))).all()),
    "lower triangular": lambda a: bool((a == numpy.tril(a)).all() and (a.diagonal() > 0).all()),
    "upper triangular": lambda a: bool((a == numpy.triu(a)).all() and (a.diagonal() > 0).all()),
    "positive": lambda a: bool((a > 0).all()),
}


def found(f: str, variable: str, clauses: Sequence[str]) -> tuple[Example | None, str]:
    working = work(read_question(f, variable, tuple(clauses), ()))
    q = working.question
    gradients = {x: working.gradients[x].value for x in q.variables}
    told = example_html(Teller(working, q.variables, "en"))
    return example(q.f, q.definitions, gradients, working.analytic), told.replace("&amp;", "&")


@pytest.mark.parametrize(("f", "variable", "clauses", "says"), TOLD)
def test_the_formula_and_differences_stand_beside_each_other(
    f: str, variable: str, clauses: Sequence[str], says: str
) -> None:
    one, told = found(f, variable, clauses)
    assert one is not None
    assert says in told
    for slope in one.slopes:
        formula, difference = numpy.array(slope.formula), numpy.array(slope.difference)
        assert numpy.abs(formula - difference).max() < 0.02 * max(numpy.abs(formula).max(), 1)
        assert numpy.abs(formula).max() > 0
    assert told == found(f, variable, clauses)[1]


@pytest.mark.parametrize("name", NOT_TOLD)
def test_where_a_reader_could_not_follow_there_is_no_example(name: str) -> None:
    assert found(*NOT_TOLD[name])[1] == ""


@pytest.mark.parametrize(("f", "variable", "clauses", "says"), TOLD)
def test_the_error_is_a_valley(f: str, variable: str, clauses: Sequence[str], says: str) -> None:
    one, told = found(f, variable, clauses)
    assert one is not None
    assert not one.linear
    logs = [math.log10(x) for x in one.errors]
    assert min(logs) < min(logs[0], logs[-1]) - 1
    assert logs[0] - logs[2] == pytest.approx(1, abs=0.3), "a tenth of the step, a tenth of the truncation"
    heights = [int(y) for y in re.findall(r"[ML]\d+ (\d+)", told.split('class="mdderive-curve"')[1].split("/>")[0])]
    assert len(heights) == len(STEPS)
    assert heights.index(max(heights)) not in (0, len(heights) - 1)


def test_of_a_linear_function_rounding_alone_is_left() -> None:
    one, told = found(r"a^TXb", "X", ())
    assert one is not None
    assert one.linear
    assert one.errors[0] < 1e-5 < one.errors[-1]
    assert "rounding alone is left" in told
    assert "truncation ∝" not in told


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("entries", ENTRIES)
def test_whole_numbers_with_a_property(name: str, entries: Sequence[int]) -> None:
    whole = BY_NAME[name].whole
    assert whole is not None
    value = whole(numpy.resize(numpy.array(entries, float), (1, 2, 2)))[0]
    assert WHOLE[name](value)
    assert (value == numpy.round(value)).all()
