"""The passes from a question to the form in which f is differentiated: one list, run in its order."""

from __future__ import annotations

import pytest

import mdderive
from mdderive.algebra.expressions import to_latex
from mdderive.algebra.terms import normalise
from mdderive.question.question import read_question
from mdderive.solution.passes import PASSES, run_passes


def test_each_pass_takes_up_what_the_one_before_left() -> None:
    f = read_question(r"\sum_i\log(1+\exp(x_i))+\|x\|^2", "x").f
    traces = list(run_passes(f, {}))
    assert [x.name for x in traces] == [x.name for x in PASSES]
    assert [x.before for x in traces] == [f, *(x.after for x in traces[:-1])]
    assert [y.rule for x in traces for y in x.rewritings] == ["matrix form", "squared norm as an inner product"]


def test_a_named_value_takes_the_place_of_its_definition_last() -> None:
    question = read_question(r"\|Ax-b\|^2", "x", ["h = Ax-b"])
    bodies = {symbol: normalise(body) for symbol, body in question.intermediates}
    *_, named = run_passes(question.f, bodies)
    assert [to_latex(x.result) for x in named.rewritings] == [r"h^\top h"] == [to_latex(named.after)]


def test_every_pass_says_why() -> None:
    assert all(x.why.endswith(".") for x in PASSES)
    assert len({x.name for x in PASSES}) == len(PASSES)


@pytest.mark.parametrize(
    ("f", "rewritten"),
    [
        (r"\operatorname{tr}(" + 13 * "X" + "A)", r"\operatorname{tr}(X^{13}A)"),
        (r"\operatorname{tr}(" + 13 * "X^T" + "A)", r"\operatorname{tr}\bigl((X^{13})^\top A\bigr)"),
        (r"\operatorname{tr}(" + 12 * "X" + "A)", ""),
        (r"\operatorname{tr}(" + 13 * "XA" + ")", ""),
    ],
)
def test_a_long_run_of_one_factor_is_a_power(f: str, rewritten: str) -> None:
    found = mdderive.derive(f, "X", ["X: n x n"])
    assert isinstance(found, mdderive.Derivation)
    assert [to_latex(x.right) for x in found.steps if x.rule == "powers"] == [rewritten] * bool(rewritten)


@pytest.mark.parametrize("sign", ["=", ":="])
def test_a_name_that_is_put_into_a_later_definition_is_differentiated_there(sign: str) -> None:
    """The gradient by v, which is 2v + 1 once w = v + v^2, was compared with that of w = u^2 + v^2: a failed check."""
    where = [f"u {sign} a^Tx", f"v {sign} u^2", f"w {sign} u^2+v^2", "= 2u(1+2v)a"]
    found = mdderive.derive("w", "x", where=where)
    assert isinstance(found, mdderive.Derivation) and found.check.exact
