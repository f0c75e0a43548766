"""The numbers that lines are checked against: what bends which way, and what is too far off."""

from __future__ import annotations

import pytest

from mdderive.checking.extrema import is_extremum
from mdderive.checking.stationarity import Within
from mdderive.checking.subject import Subject, subject
from mdderive.question.question import read_question


def at(f: str, variable: str = "x") -> Subject:
    question = read_question(f, variable, ("A: SPD", "x: n x 1"))
    return subject(question.f, question.definitions)


@pytest.mark.parametrize(
    ("f", "up", "down"),
    [
        ("x^TAx", True, False),
        ("-x^TAx", False, True),
        ("(x^TAx)(1-x^Tx)+x_1", False, False),
        ("x^TA^{-1}x", True, False),
    ],
)
def test_which_way_a_function_bends_at_a_point(f: str, up: bool, down: bool) -> None:
    points = at(f)
    (x,) = (symbol for symbol in points.f.symbols if symbol.latex == "x")
    place = 0 * points.at(x)
    for sign, expected in ((1, up), (-1, down)):
        assert is_extremum(points, {x: place}, {x: Within()}, (), sign, [x]) is expected


@pytest.mark.parametrize(("error", "ok"), [(0.0, True), (1e-12, True), (1e-5, False), (-1e-5, False), (1.0, False)])
def test_what_is_off_by_one_part_in_a_hundred_thousand_fails(error: float, ok: bool) -> None:
    points = at("x^TAx")
    truth = points.value(points.f)
    assert points.compare((1 + error) * truth, truth).ok is ok


def test_one_entry_of_many_is_enough_to_fail() -> None:
    points = at("x^TAx")
    (x,) = (symbol for symbol in points.f.symbols if symbol.latex == "x")
    truth = points.gradient(x)
    wrong = truth.copy()
    wrong[(-1,) * truth.ndim] *= 1.001
    assert points.compare(truth, truth).ok
    assert not points.compare(wrong, truth).ok
