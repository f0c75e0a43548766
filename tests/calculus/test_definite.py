"""What is said of definiteness: by the form alone, and nothing where the form tells nothing."""

from __future__ import annotations

import pytest

import mdderive
from mdderive.question.question import read_question
from mdderive.solution.work import work

SAID = [
    (r"\|Xw-y\|^2", "w", [], "positive semidefinite"),
    (r"\|Xw-y\|^2+\lambda\|w\|^2", "w", [r"\lambda: positive"], "positive definite"),
    (r"-x^TAx", "x", ["A: SPD"], "negative definite"),
    (r"(y-Xw)^TD(y-Xw)", "w", ["D: SPD"], "positive semidefinite"),
    (r"\mathbf{1}^T\log(1+\exp(-y\odot(Xw)))", "w", [], "positive semidefinite"),
    (r"-y^T\log\operatorname{softmax}(Wx)", "W", ["y: one-hot"], "positive semidefinite"),
    (r"\|AX-B\|_F^2", "X", [], "positive semidefinite"),
]
UNSAID = [
    (r"x^TAx", "x", []),
    (r"\|Xw-y\|^2+\lambda\|w\|^2", "w", []),
    (r"\|Xw-y\|^2-\|w\|^2", "w", []),
    (r"(y-Xw)^TD(y-Xw)", "w", ["D: diagonal"]),
    (r"\log|X|", "X", []),
    (r"\max(\operatorname{diag}(\exp(X)))", "X", []),
    (r"\max(x)", "x", ["x: vector"]),
]


def solution(f: str, wrt: str, where: list[str]) -> str:
    found = mdderive.derive(f, wrt, where=[*where, "hessian"])
    assert isinstance(found, mdderive.Derivation)
    return found.to_text()


@pytest.mark.parametrize(("f", "wrt", "where", "words"), SAID, ids=[x[0] + "".join(x[2]) for x in SAID])
def test_the_form_tells(f: str, wrt: str, where: list[str], words: str) -> None:
    assert f"It is symmetric and {words}, as is clear from its form." in solution(f, wrt, where)


@pytest.mark.parametrize(("f", "wrt", "where"), UNSAID, ids=[x[0] + "".join(x[2]) for x in UNSAID])
def test_the_form_tells_nothing(f: str, wrt: str, where: list[str]) -> None:
    assert "definite" not in solution(f, wrt, where).replace("positive definite.\n", "").partition("Second")[2]


@pytest.mark.parametrize(("sign", "kind"), [("", "minimum"), ("-", "maximum")])
def test_a_stationary_point_is_a_minimum_or_a_maximum(sign: str, kind: str) -> None:
    found = mdderive.derive(rf"{sign}\|Xw-y\|^2", "w", where=["solve"])
    assert isinstance(found, mdderive.Derivation)
    assert f"every stationary point is a global {kind}" in found.to_text()


@pytest.mark.parametrize(("sign", "wrong"), [("", -2), ("", -1), ("-", 2), ("-", 1)])
def test_a_wrong_minimum_or_maximum_is_refuted(sign: str, wrong: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mdderive.solution.extrema.definiteness", lambda _: wrong)
    with pytest.raises(mdderive.DeriveError) as caught:
        work(read_question(rf"{sign}\|Xw-y\|^2", "w", ["solve"]))
    assert caught.value.code == "E401"
