"""Stationary points: `fixtures/stationary.md` shows how they are told; the values are compared with numpy."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from places import FIXTURES, documents, rewrite

import mdderive
from mdderive.algebra.expressions import Apply, Expr, Number, Symbol
from mdderive.algebra.operators.structural import power_row
from mdderive.algebra.operators.structural import product as product_row
from mdderive.algebra.terms import scale
from mdderive.api import solve
from mdderive.calculus.kinks import Least, least_at_kink
from mdderive.documents.marker import read_marker
from mdderive.documents.model import Request
from mdderive.solution import kinks

FIXTURE = FIXTURES / "stationary.md"


def told(source: str) -> str:
    """Return what is told from the stationary point on, without the check."""
    text = solve(Request(read_marker(source, 0), "markdown")).text
    _, lead, rest = text.partition("**Stationary point")
    if not lead:
        _, lead, rest = text.partition("**驻点")
    return re.split(r"\n\n\*(?:Checked|Verified|已)", lead + rest)[0]


@pytest.mark.parametrize(("title", "marker", "expected"), [pytest.param(*x, id=x[0]) for x in documents(FIXTURE)])
def test_document(title: str, marker: str, expected: str) -> None:
    assert told(marker) == expected


def test_every_document_is_run() -> None:
    assert len(list(documents(FIXTURE))) == FIXTURE.read_text(encoding="utf-8").count("```marker") > 10


# --- values ---------------------------------------------------------------------------------------------------

RNG = np.random.default_rng(7)
A, B = RNG.standard_normal((6, 4)), RNG.standard_normal((6, 4))
M = RNG.standard_normal((4, 4))
S = M @ M.T / 4 + np.eye(4)
C = RNG.standard_normal((2, 4))
a, b, one = RNG.standard_normal((4, 1)), RNG.standard_normal((2, 1)), np.ones((4, 1))
positive = abs(a) + 0.3


def polar(x: Any) -> Any:
    u, _, v = np.linalg.svd(x, full_matrices=False)
    return u @ v


def least_squares_within(units: Callable[[int, int], Any]) -> Any:
    """Return the X in the span of the units at which ||AX - B|| is least."""
    basis = [x for i in range(4) for j in range(4) if (x := units(i, j)) is not None]
    columns = np.stack([(A @ x).reshape(-1) for x in basis], 1)
    weights = np.linalg.lstsq(columns, B.reshape(-1), rcond=None)[0]
    return sum(w * x for w, x in zip(weights, basis, strict=True))


def unit(i: int, j: int) -> Any:
    x = np.zeros((4, 4))
    x[i, j] = 1.0
    return x


DISTANCE, FIT = r"\|X-M\|_F^2", r"\|AX-B\|_F^2"
DIAGONALS = np.indices((4, 4))[1] - np.indices((4, 4))[0]
TOEPLITZ = np.vectorize(lambda k: np.diagonal(M, k).mean())(DIAGONALS)
VALUES: list[tuple[str, str, list[str], dict[str, Any], Any]] = [
    (DISTANCE, "X", ["X: symmetric"], {"M": M}, (M + M.T) / 2),
    (DISTANCE, "X", ["X: skew-symmetric"], {"M": M}, (M - M.T) / 2),
    (DISTANCE, "X", ["X: diagonal"], {"M": M}, np.diag(np.diag(M))),
    (DISTANCE, "X", ["X: lower triangular"], {"M": M}, np.tril(M)),
    (DISTANCE, "X", ["X: Toeplitz"], {"M": M}, TOEPLITZ),
    (DISTANCE, "X", ["X: symmetric Toeplitz"], {"M": M}, (TOEPLITZ + TOEPLITZ.T) / 2),
    (DISTANCE, "X", ["X: orthogonal"], {"M": M}, polar(M)),
    (FIT, "X", ["X: orthogonal"], {"A": A, "B": B}, polar(A.T @ B)),
    (FIT, "X", ["X: diagonal"], {"A": A, "B": B}, np.diag((A * B).sum(0) / (A * A).sum(0))),
    (FIT, "X", ["X: symmetric"], {"A": A, "B": B}, least_squares_within(lambda i, j: unit(i, j) + unit(j, i))),
    (
        FIT,
        "X",
        ["X: skew-symmetric"],
        {"A": A, "B": B},
        least_squares_within(lambda i, j: unit(i, j) - unit(j, i) if i < j else None),
    ),
    (
        FIT,
        "X",
        ["X: upper triangular"],
        {"A": A, "B": B},
        least_squares_within(lambda i, j: unit(i, j) if i <= j else None),
    ),
    (r"\log\det D+\operatorname{tr}(D^{-1}S)", "D", ["D: diagonal", "S: SPD"], {"S": S}, np.diag(np.diag(S))),
    (r"c^T\log(p)", "p", ["c: positive", "p: probability"], {"c": positive}, positive / positive.sum()),
    (r"c^Tp-p^T\log(p)", "p", ["p: probability"], {"c": a}, np.exp(a) / np.exp(a).sum()),
    (r"\|p-q\|^2", "p", ["p: probability"], {"q": a}, a + (1 - a.sum()) / 4),
    (r"\|x\|^2", "x", [r"subject to: Cx = b"], {"C": C, "b": b}, np.linalg.pinv(C) @ b),
    (r"\|x\|^2", "x", [r"约束：Cx = b"], {"C": C, "b": b}, np.linalg.pinv(C) @ b),
    (r"\|x-a\|^2", "x", [r"subject to: Cx = 0"], {"C": C, "a": a}, a - np.linalg.pinv(C) @ C @ a),
    (
        r"w^TSw",
        "w",
        ["S: SPD", r"subject to: \mathbf{1}^Tw = 1"],
        {"S": S},
        np.linalg.solve(S, one) / np.linalg.inv(S).sum(),
    ),
    (r"a^Tx", "x", ["subject to: x^Tx = 1"], {"a": a}, a / np.linalg.norm(a)),
    (r"\operatorname{tr}(A^TW)", "W", ["A: m x n", "subject to: W^TW = I"], {"A": A}, polar(A)),
    (r"\|w\odot x-b\|^2", "x", ["w: vector, positive", "b: vector"], {"w": positive, "b": a}, a / positive),
    (r"\frac{S}{2\sigma^2}+n\log\sigma", r"\sigma", [r"\sigma: positive", "S: scalar, positive", "n: scalar, positive"],
     {"S": 2.0, "n": 8.0}, 0.5),
    (r"k\log p+(n-k)\log(1-p)", "p", ["p: scalar, positive", "k: scalar, positive", "n: scalar, positive"],
     {"k": 3.0, "n": 4.0}, 0.75),
    (r"\|cA-B\|_F^2", "c", ["c: scalar"], {"A": A, "B": B}, (A * B).sum() / (A * A).sum()),
    (r"n\log v+\frac sv+\frac vc", "v", ["v: positive", "n: scalar, positive", "s: positive", "c: positive"],
     {"n": 1.0, "s": 6.0, "c": 1.0}, 2.0),
    (r"\left(\frac\sigma r\right)^{12}-\left(\frac\sigma r\right)^6", "r", ["r: positive", r"\sigma: positive"],
     {"sigma": 3.0}, 3 * 2 ** (1 / 6)),
    ("x^4-2x^2", "x", ["x: scalar, positive"], {}, 1.0),
    (r"x\log x+(1-x)\log(1-x)-cx", "x", ["x: scalar", "c: scalar"], {"c": np.log(3)}, 0.75),
    ("e^{-2a(x-c)}-2e^{-a(x-c)}", "x", ["x: scalar", "a: positive", "c: scalar"], {"a": 3.0, "c": 2.0}, 2.0),
    ("ae^{bx}+ce^{-dx}", "x", ["x: scalar", "a: positive", "b: positive", "c: positive", "d: positive"],
     {"a": 2.0, "b": 3.0, "c": 5.0, "d": 4.0}, np.log(20 / 6) / 7),
    (r"\frac{ax}{b+x}-cx", "x", ["x: scalar, positive", "a: positive", "b: positive", "c: positive"],
     {"a": 9.0, "b": 1.0, "c": 1.0}, 2.0),
    (r"-\sum_{i=1}^n\frac{\lambda(x_i-\mu)^2}{2\mu^2x_i}", r"\mu",
     [r"\lambda: positive", r"\mu: scalar, positive", "x_i: scalar, positive"],
     {"lambda_": 2.0, "x": positive[:, 0]}, positive.mean()),
    (r"p^T\log(p \oslash q)", "p", ["p: probability", "q: probability"], {"q": positive / positive.sum()},
     positive / positive.sum()),
]  # fmt: skip


@pytest.mark.parametrize(("f", "wrt", "where", "given", "truth"), VALUES, ids=[f"{x[0]} {x[2]}" for x in VALUES])
def test_the_point_is_within_what_is_declared(
    f: str, wrt: str, where: list[str], given: dict[str, Any], truth: Any
) -> None:
    found = mdderive.derive(f, wrt, where=[*where, "solve"])
    assert isinstance(found, mdderive.Derivation)
    space: dict[str, Any] = {}
    exec(found.to_python(), space)
    variable = found.arguments[found.variable.latex]
    value = space["solution"](**{variable: truth, **given})
    np.testing.assert_allclose(value, truth, rtol=1e-7, atol=1e-9)


SCALAR = "x: scalar"
PLACES: list[tuple[str, list[str], dict[str, float], list[tuple[float, str]]]] = [
    ("x^3-3a^2x", ["a: positive"], {"a": 3}, [(-3, "maxim"), (3, "minim")]),
    ("x^4-2x^2", [], {}, [(-1, "minim"), (0, "maxim"), (1, "minim")]),
    ("x^4-4bx^2", ["b: scalar"], {"b": 2}, [(0, ""), (-2, "minim"), (2, "minim")]),
    ("x^3", [], {}, [(0, "inflection")]),
    ("x^4-4x^3", [], {}, [(0, "inflection"), (3, "minim")]),
    ("x^2(1-x)^3", [], {}, [(0, "minim"), (0.4, "maxim"), (1, "inflection")]),
    (r"\frac{x}{1+x^2}", [], {}, [(-1, "minim"), (1, "maxim")]),
    (r"\frac{x^2}{x-1}", [], {}, [(0, "maxim"), (2, "minim")]),
    (r"x+\frac ax", ["a: scalar"], {"a": 4}, [(-2, "maxim"), (2, "minim")]),
    ("x^2e^{-x}", [], {}, [(0, "minim"), (2, "maxim")]),
    (r"xe^{-\frac{x^2}{2s^2}}", ["s: positive"], {"s": 2}, [(-2, "minim"), (2, "maxim")]),
    (r"x\sqrt{1-x^2}", [], {}, [(-(0.5**0.5), "minim"), (0.5**0.5, "maxim")]),
    (r"\frac14x^4-2x^3+\frac{11}2x^2-6x", [], {}, [(1, "minim"), (2, "maxim"), (3, "minim")]),
    ("(x-a)^2(x-b)^2", ["a: scalar", "b: scalar"], {"a": 1, "b": 3}, [(1, ""), (3, ""), (2, "")]),
    (
        "ax^3+bx^2+cx", ["a: positive", "b: scalar", "c: scalar"], {"a": 1, "b": 3, "c": -9},
        [(-3, "maxim"), (1, "minim")],
    ),
    ("x^3+3x", [], {}, []),
    ("x^3+ax", ["a: positive"], {"a": 1}, []),
    ("x^3+3bx^2+5b^2x", ["b: positive"], {"b": 1}, []),
]  # fmt: skip


def at_numbers(value: Expr, given: dict[str, float]) -> float:
    """Return an expression of numbers and letters as a number."""
    if isinstance(value, Number):
        return float(value.value)
    if isinstance(value, Symbol):
        return given[value.latex]
    assert isinstance(value, Apply)
    parts = [at_numbers(y, given) for y in value.arguments]
    if value.operator is power_row:
        return float(parts[0] ** parts[1])
    return float(np.prod(parts) if value.operator is product_row else sum(parts))


@pytest.mark.parametrize(("f", "where", "given", "truth"), PLACES, ids=[x[0] for x in PLACES])
def test_all_zeros_are_told_each_with_what_is_there(
    f: str, where: list[str], given: dict[str, float], truth: list[tuple[float, str]]
) -> None:
    found = mdderive.derive(f, "x", where=["solve", SCALAR, *where])
    assert isinstance(found, mdderive.Derivation)
    assert found.solution is None
    values = [at_numbers(x, given) for x in found.solutions]
    np.testing.assert_allclose(values, [x for x, _ in truth], atol=1e-12)
    sentences = found.to_markdown().partition("Stationary")[2].split(". ")
    for value, (_, word) in zip(found.solutions, truth, strict=True):
        told = " ".join(x for x in sentences if f"$x = {value}$" in x and "derivative" in x)
        assert re.findall("minim|maxim|inflection", told) == [word] * bool(word)


POINTS: list[tuple[str, str, list[str], dict[str, float], list[tuple[float, ...]], str]] = [
    ("x^3-3axy+y^3", "x, y", ["a: scalar, positive"], {"a": 2}, [(0, 0), (2, 2)], "saddle minimum"),
    ("(x^2-1)^2+y^2", "x, y", [], {}, [(-1, 0), (0, 0), (1, 0)], "minima saddle"),
    ("x^2y+y^3-y", "x, y", [], {}, [(0, -(3**-0.5)), (0, 3**-0.5), (-1, 0), (1, 0)], "minimum saddle maximum"),
    ("x+2y+2z", "x, y, z", ["subject to: x^2+y^2+z^2 = 9"], {}, [(-1, -2, -2), (1, 2, 2)], "bounded"),
    ("x^2+xy+y^2", "x, y", ["subject to: x^2+y^2 = 2"], {}, [(1, -1), (-1, -1), (-1, 1), (1, 1)], "bounded"),
    ("x^2+y^2", "x, y", ["subject to: xy = 1"], {}, [(-1, -1), (1, 1)], ""),
    ("x^2+y^2", "x, y", ["a, b: scalar", "subject to: ax+by = 5"], {"a": 1, "b": 2}, [(1, 2)], "convex"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "wrt", "where", "given", "truth", "words"), POINTS, ids=[x[0] for x in POINTS])
def test_all_solutions_of_a_system_are_told(
    f: str, wrt: str, where: list[str], given: dict[str, float], truth: list[tuple[float, ...]], words: str
) -> None:
    found = mdderive.derive(f, wrt, where=["solve", f"{wrt}: scalar", *where])
    assert isinstance(found, tuple)
    points = zip(*(x.solutions for x in found), strict=True)
    values = [tuple(at_numbers(x, given) for x in point) for point in points]
    np.testing.assert_allclose(sorted(values), sorted(truth), atol=1e-12)
    told = found[0].to_text().partition("Stationary")[2]
    assert all(word in told for word in words.split())


LEAST = [
    (r"\frac12\|x-y\|^2+\lambda\|x\|_1", "x", [r"\lambda: positive"]),
    (r"\frac12\|x-y\|^2+\lambda\|x\|", "x", [r"\lambda: positive"]),
    (r"\frac12(x-y)^2+c\max(x,0)", "x", ["x, y: scalar", "c: scalar, positive"]),
]


@pytest.mark.parametrize(("f", "wrt", "where"), LEAST, ids=[x[0] for x in LEAST])
@pytest.mark.parametrize("factor", [2, Fraction(10**6 + 1, 10**6)])
def test_a_wrong_least_place_at_a_kink_is_refuted(
    f: str, wrt: str, where: list[str], factor: Fraction, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoiled(gradient: Expr, x: Symbol) -> Least | None:
        right = least_at_kink(gradient, x)
        return right and right._replace(value=scale(Fraction(factor), right.value))

    solved = []
    for method in (least_at_kink, spoiled):
        monkeypatch.setattr(kinks, "least_at_kink", method)
        mdderive.clear_caches()
        found = mdderive.derive(f, wrt, where=["solve", *where])
        assert isinstance(found, mdderive.Derivation)
        solved.append(found.solution is not None)
    mdderive.clear_caches()
    assert solved == [True, False]


REFUSED = [
    (r"\|X-A\|_F^2", "X", ["X: idempotent"], "E311"),
    (r"\|x-a\|^2", "x", ["x: one-hot"], "E311"),
    (r"\|x-a\|^2", "x", ["x: binary"], "E311"),
]


@pytest.mark.parametrize(("f", "wrt", "where", "code"), REFUSED)
def test_what_cannot_move_is_refused(f: str, wrt: str, where: list[str], code: str) -> None:
    with pytest.raises(mdderive.DeriveError) as caught:
        mdderive.derive(f, wrt, where=["solve", *where])
    assert (caught.value.code, caught.value.span and caught.value.span.part) == (code, "where:0")


UNSOLVED = [
    (r"\|AX-B\|_F^2", "X", ["X: Toeplitz"]),
    (r"e^{-t}", "t", ["t: scalar"]),
    (r"a^Tx", "x", []),
    (r"(x^Tx)^2-2ax^Tx", "x", ["a: positive", "x: vector"]),  # x = \lambda x says nothing
    (r"\|X-A\|_F^2+\operatorname{tr}(X^4)", "X", ["X: orthogonal", "A: n x n"]),
    (r"-\log\det X-\operatorname{tr}(AX)", "X", ["X: SPD", "A: SPD"]),  # the zero is -A^{-1}, which is not one
]


@pytest.mark.parametrize(("f", "wrt", "where"), UNSOLVED)
def test_nothing_is_printed_that_is_not_within(f: str, wrt: str, where: list[str]) -> None:
    found = mdderive.derive(f, wrt, where=["solve", *where])
    assert isinstance(found, mdderive.Derivation)
    assert found.solution is None
    assert not re.search("minimum|maximum|saddle|eigenvalue", found.to_text())


def test_a_determinant_is_said_to_bend_among_symmetric_matrices_alone() -> None:
    """Of all matrices `tr X - log det X` has a saddle point at I."""
    f = r"\operatorname{tr}(X)-\log\det X"
    told = [mdderive.derive(f, "X", ["solve", said]).to_text() for said in ("X: n x n", "X: SPD")]
    assert ["minimum" in x for x in told] == [False, True]
    assert all("X = I" in x for x in told)


if __name__ == "__main__":
    rewrite(FIXTURE, told)


def test_more_constraints_than_there_are_letters_for_multipliers() -> None:
    """The seventh multiplier and the seventh equation had no name: crashes."""
    letters = "abdefgh"
    where = ["solve", *(f"{x}: scalar" for x in letters), *(f"subject to: {x} = {k}" for k, x in enumerate(letters))]
    found = mdderive.derive("+".join(f"{x}^2" for x in letters), ",".join(letters), where=where)
    assert isinstance(found, tuple)
    text = found[0].to_text()
    assert "The 14th equation gives" in text and "the seventh equation gives\n\n    λ_1 = 12" in text
    assert "由第 14 式得" in found[0].to_markdown("zh") and "第七式" in found[0].to_markdown("zh")
