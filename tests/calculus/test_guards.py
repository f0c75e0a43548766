"""What no formula reaches, or only some: each guard by itself."""

from __future__ import annotations

import pytest

import mdderive
from mdderive.algebra.expressions import Apply, Expr, Index, Symbol
from mdderive.algebra.operators.index_sets import membership
from mdderive.algebra.operators.sums import sum_row
from mdderive.algebra.terms import d
from mdderive.calculus.convexity import AFFINE
from mdderive.calculus.differential import write_out
from mdderive.checking.check import SingularError
from mdderive.checking.subject import subject
from mdderive.errors import UnsupportedError, VerificationError
from mdderive.question.question import read_question
from mdderive.solution.work import work


def test_an_operator_without_a_differential_is_refused_by_name() -> None:
    x = Symbol("x")
    with pytest.raises(UnsupportedError, match="the membership in a set has no differential") as refused:
        write_out(Apply(membership, (x,), ("",)), [x], [])
    assert refused.value.code == "E301"


def test_a_structured_gradient_has_the_denominator_layout() -> None:
    with pytest.raises(UnsupportedError) as refused:
        mdderive.derive(r"\operatorname{tr}(AX)", "X", ["X: symmetric", "structured", "gradient-layout: numerator"])
    assert (refused.value.code, refused.value.hint) == ("E306", "leave gradient-layout out")


A = Symbol("A", (("n",), ("n",)))


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        (d(A), "E402", r"\mathrm{d}A has no value"),
        (Apply(sum_row, (A,), (Index("i", "1", "k", None),)), "E403", "i counts nothing that the function has"),
    ],
    ids=["a differential", "a sum without an end"],
)
def test_what_has_no_value_is_told(line: Expr, code: str, message: str) -> None:
    question = read_question(r"\operatorname{tr}(A)", "A", ())
    with pytest.raises(VerificationError) as refused:
        subject(question.f, question.definitions).value(line)
    assert (refused.value.code, refused.value.message) == (code, message)


def test_where_every_point_is_singular_nothing_is_derived(monkeypatch: pytest.MonkeyPatch) -> None:
    def singular(*_: object) -> None:
        raise SingularError("Singular matrix")

    monkeypatch.setattr("mdderive.solution.work.work_at", singular)
    with pytest.raises(VerificationError) as refused:
        work(read_question(r"\log|X|", "X", ()))
    assert (refused.value.code, refused.value.message) == (
        "E403",
        "no random point was found at which the gradient is defined",
    )


def test_without_a_vec_form_a_stationary_point_is_not_called_a_minimum(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise UnsupportedError("E308", "the vec form is not known here")

    question = read_question(r"\|Xw-y\|^2", "w", ("solve",))
    (with_form,) = work(question).stationary.values()
    monkeypatch.setattr("mdderive.solution.extrema.vec_form", unknown)
    monkeypatch.setattr("mdderive.solution.extrema.curvature", lambda *_: AFFINE)
    (without,) = work(question).stationary.values()
    assert with_form.verdict is not None
    assert without.verdict is None
    assert without.check.ok
