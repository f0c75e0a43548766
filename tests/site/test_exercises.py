"""Answers of students, judged exactly and without numpy; and the fields for them on a page."""

from __future__ import annotations

import html
import json
import re
import sys
from pathlib import Path

import markdown
import pytest

import mdderive
from mdderive.site.exercises import judged
from mdderive.site.extension import DeriveExtension
from mdderive.site.playground import answer_json

SOFTMAX = r"-y^T\log\operatorname{softmax}(Wx)"


@pytest.fixture(autouse=True)
def no_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    mdderive.clear_caches()
    monkeypatch.setitem(sys.modules, "numpy", None)  # type: ignore[arg-type]


def verdict(f: str, variable: str, clauses: str, stated: str, **more: object) -> str:
    reply = judged({"f": f, "variable": variable, "clauses": clauses, "answer": stated, **more})
    assert reply["says"] and "{" not in re.sub(r"\\\(.*?\\\)", "", reply["says"])
    return str(reply["verdict"])


@pytest.mark.parametrize(
    ("f", "variable", "clauses", "stated"),
    [
        ("a^TXb", "X", "", "ab^T"),
        ("a^TXb", "X", "answer", r"\frac{\partial f}{\partial X} = a b^\top"),
        ("x^TAx", "x", "", "Ax + A^Tx"),
        ("x^TAx", "x", "A: symmetric", "2Ax"),
        ("x^TAx", "x", "hessian", "A+A^T"),
        ("Ax", "x", "jacobian; layout: numerator", "A"),
        (r"\|Xw-y\|^2", "w", "solve; answer", "-2X^T(y-Xw)"),
        (r"\log\det X", "X", "", "X^{-T}"),
        (SOFTMAX, "W", "y: one-hot", r"(\operatorname{softmax}(Wx)-y)x^T"),
        (r"\sum_i (a_i^Tx-b_i)^2", "x", "", r"2\sum_i (a_i^Tx-b_i)a_i"),
        (r"\sum_{i=1}^n (a_i^Tx-b_i)^2", "x", "", r"2\sum_{i=1}^n (a_i^Tx-b_i)a_i"),
        (
            r"\sum_{i=1}^n (a_i^Tx-b_i)^2",
            "x",
            "",
            r"\nabla f = \sum_{i=1}^n 2(a_i^Tx-b_i)a_i = 2\sum_{i=1}^n (a_i^Tx-b_i)a_i",
        ),
        *(
            (r"\|Xw-y\|^2", "w", "", stated)
            for stated in (
                "$2X^T(Xw-y)$",
                "$$ 2X^T(Xw-y). $$",
                r"\(2X^T(Xw-y)\)",
                r"\boxed{2X^T(Xw-y)}",
                "2X^T(Xw-y),",
                "2X^Tr, r = Xw-y",
                "r = Xw-y; 2X^Tr",
                r"r := Xw-y, \quad \nabla f = 2X^Tr",
                r"2X^Tr \text{ where } r = Xw-y",
                "g = 2X^Tr, r = Xw-y",
                r"r = Xw-y, g = 2X^Tr",
                r"2X^T(Xw-y) \text{ by the chain rule}",
                "k(X^Tr-0), k = 2, r = Xw-y",
            )
        ),
    ],
)
def test_right_however_it_is_written(f: str, variable: str, clauses: str, stated: str) -> None:
    assert verdict(f, variable, clauses, stated) == "right"


@pytest.mark.parametrize(
    ("f", "variable", "clauses", "stated"),
    [
        ("a^TXb", "X", "", "ba^T"),
        ("x^TAx", "x", "", "x^T(A+A^T)"),
        ("x^TAx", "x", "gradient-layout: numerator", "(A+A^T)x"),
        ("Ax", "x", "jacobian", "A"),
        (r"\operatorname{tr}(AXB)", "X", "", "BA"),
    ],
)
def test_right_in_the_other_layout(f: str, variable: str, clauses: str, stated: str) -> None:
    assert verdict(f, variable, clauses, stated) == "layout"


def test_right_only_if_a_letter_is_symmetric() -> None:
    reply = judged({"f": "x^TAx", "variable": "x", "answer": "2Ax"})
    assert reply["verdict"] == "symmetric"
    assert r"\(A\)" in reply["says"]


@pytest.mark.parametrize(
    ("f", "variable", "clauses", "stated", "says"),
    [
        ("x^TAx", "x", "", "Ax", "number 1"),
        ("x^TAx", "x", "hessian", "A", "row 1, column 1"),
        (r"\operatorname{tr}(X^TX)", "X", "X: n x n", r"2X + \mathbf 1\mathbf 1^T - I", "row 1, column 2"),
        ("x^2", "x", "x: scalar", "3x", "Not right."),
        (r"\|Xw-y\|^2", "w", "", "2Xw-2y", "shape"),
        (SOFTMAX, "W", "y: one-hot", r"(y-\operatorname{softmax}(Wx))x^T", "Not right."),
    ],
)
def test_wrong_and_where(f: str, variable: str, clauses: str, stated: str, says: str) -> None:
    reply = judged({"f": f, "variable": variable, "clauses": clauses, "answer": stated})
    assert reply["verdict"] == "wrong"
    assert says in reply["says"]


@pytest.mark.parametrize(
    ("stated", "caret"),
    [("(A+A^Tx", "("), (r"Ax + \foo x", r"\foo"), (r"f' = 2\|", r"\|"), ("A x y", "A x y")],
)
def test_not_understood_has_a_caret(stated: str, caret: str) -> None:
    reply = judged({"f": "x^TAx", "variable": "x", "answer": stated})
    assert reply["verdict"] == "unread"
    assert stated[reply["problem"]["start"] : reply["problem"]["end"]] == caret


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("2X^Tr, r = Xw+y", "wrong"),
        ("r = Xw-y, X^Tr", "wrong"),
        ("2r^TX, r = Xw-y", "layout"),
        ("2X^Ty, y = Xw-y", "unread"),
        ("2X^T(Xw-y), -2X^T(Xw-y)", "unread"),
        ("2X^Tr", "unread"),
        ("=", "empty"),
        ("I do not know", "unread"),
        ("g = X^Ty, h = Xw", "unread"),
        ("lang = zh, 2X^T(Xw-y)", "unread"),
        ("<script>alert(1)</script>", "unread"),
    ],
)
def test_what_a_student_defines_is_part_of_the_answer(stated: str, expected: str) -> None:
    assert verdict(r"\|Xw-y\|^2", "w", "", stated) == expected


def test_an_answer_does_not_change_the_shapes_of_the_exercise() -> None:
    """With X square, X(Xw-y) would be the gradient for a symmetric X."""
    reply = judged({"f": r"\|Xw-y\|^2", "variable": "w", "answer": "2X(Xw-y)"})
    assert reply["verdict"] == "unread"
    assert "m x n" in reply["problem"]["message"]


def test_what_cannot_be_decided_is_said() -> None:
    assert verdict(SOFTMAX, "W", "y: one-hot", r"\operatorname{softmax}(Wx)x^T") == "undecided"
    assert verdict("x^TAx", "x", "", " ") == "empty"


def test_the_right_answer_is_not_given_away() -> None:
    for stated in ("Ax", "2Ax", r"\foo", "x^T(A+A^T)", "A x y", "x+x"):
        reply = judged({"f": "x^TAx", "variable": "x", "answer": stated})
        assert "A+A" not in json.dumps(reply).replace(" ", "")


def test_clauses_of_the_page_hold_and_the_language_too() -> None:
    assert verdict("x^TAx", "x", "", "2Ax", context=["A: symmetric"]) == "right"
    assert judged({"f": "x^TAx", "variable": "x", "answer": "Ax", "lang": "zh"})["says"].startswith("不正确")


def test_json_with_an_answer_is_judged() -> None:
    question = {"f": "a^Tx", "variable": "x", "answer": "a"}
    assert json.loads(answer_json(json.dumps(question)))["verdict"] == "right"


# --- on a page


def page(source: str, *, answers: bool = True) -> str:
    extension = DeriveExtension(cache=False, assets="linked")
    extension.answers = answers
    extension.folder = Path("/")
    return markdown.markdown(source, extensions=[extension])


def test_a_field_stands_where_the_author_asks_for_one() -> None:
    shown = page("<!-- mdderive: A: symmetric -->\n\n\\derive<x^TAx><x>[answer]\n")
    found = re.search(r'<div class="mdderive-asked" data-wish="answer" data-question="([^"]*)"></div>', shown)
    assert found is not None
    question = json.loads(html.unescape(found[1]))
    assert question["f"] == "x^TAx" and question["clauses"] == "answer" and "A: symmetric" in question["context"]
    assert shown.index("mdderive-asked") < shown.index("mdderive-solution")
    tried = page("\\derive<a^Tx><x>[try]\n")
    assert tried.index("mdderive-solution") < tried.index('data-wish="try"'), "another function is tried behind it"


def test_the_solution_of_an_exercise_comes_step_by_step_and_the_result_last() -> None:
    shown = page("\\derive<x^TAx><x>[answer]\n")
    steps = re.findall(r'<details class="mdderive-step"><summary>(.*?)</summary>', shown)
    assert steps[-1] == "the result"
    assert shown.index("mdderive-step") < shown.index("mdderive-result")
    assert "mdderive-steps" not in page("\\derive<a^Tx><x>[try]\n"), "a box to try in leaves the solution as it is"


def test_without_the_engine_there_is_no_field() -> None:
    for wish in ("answer", "try"):
        shown = page(f"\\derive<x^TAx><x>[{wish}]\n", answers=False)
        assert "mdderive-asked" not in shown and "mdderive-result" in shown


def test_where_solutions_are_hidden_the_field_gives_nothing_away() -> None:
    shown = page("\\derive<x^TAx><x>[answer; solutions: hide]\n")
    assert "mdderive-asked" in shown and "mdderive-result" not in shown


def test_a_file_holds_the_usual_solution() -> None:
    written = mdderive.expand("\\derive<x^TAx><x>[answer]\n").text
    assert "(A+A^" in written
