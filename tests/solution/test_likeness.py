"""Which rows of a solution a reader would take for the same, decided on the expressions and not on their LaTeX."""

from __future__ import annotations

import re

import pytest
from random_expressions import RandomExpressions

from mdderive.algebra.expressions import ONE, SCALAR, Apply, Expr, Symbol, number, to_latex
from mdderive.algebra.operators.structural import add_row, fraction_row, hadamard_row, product, trace_row
from mdderive.algebra.terms import d, normalise
from mdderive.algebra.writing import TWO
from mdderive.solution.likeness import differs_in_order, reads_alike, shows_fraction

N = ("n",)
A, B = (Symbol(x, (N, N)) for x in "AB")
x, y = (Symbol(z, (N, ONE)) for z in "xy")
c, t = Symbol("c"), Symbol("t")
MINUS = number(-1)


def times(*factors: Expr) -> Expr:
    return Apply(product, factors)


def over(above: Expr, below: Expr) -> Expr:
    return Apply(fraction_row, (above, below))


ALIKE = [
    (times(MINUS, A, B), times(MINUS, times(A, B))),
    (times(MINUS, over(c, TWO), A), times(normalise(over(MINUS, TWO)), c, A)),
    (over(c, times(TWO, t)), normalise(over(c, times(TWO, t)))),
    (Apply(add_row, (A, Apply(add_row, (B, A)))), Apply(add_row, (A, B, A))),
    (Symbol("A", (N, N), frozenset(("symmetric", "free"))), Symbol("A", (N, N), frozenset(("symmetric",)))),
    (times(c, times(d(t), t)), times(c, d(t), t)),
    (Apply(hadamard_row, (Apply(hadamard_row, (x, d(x))), y)), Apply(hadamard_row, (x, d(x), y))),
]
BUT_FOR_SIGNS = [
    (Apply(trace_row, (times(MINUS, A, B),)), times(MINUS, Apply(trace_row, (times(A, B),)))),
    (Apply(add_row, (A, B)), Apply(add_row, (B, A))),
]
DIFFERENT = [
    (times(A, B), times(B, A)),
    (Apply(trace_row, (times(TWO, A),)), times(TWO, Apply(trace_row, (A,)))),
    (times(TWO, A), times(c, A)),
    (over(c, t), over(t, c)),
]


@pytest.mark.parametrize(("a", "b"), ALIKE)
def test_what_is_written_alike_reads_alike(a: Expr, b: Expr) -> None:
    assert a is not b
    assert reads_alike(a, b)
    assert differs_in_order(a, b)


@pytest.mark.parametrize(("a", "b"), BUT_FOR_SIGNS)
def test_order_signs_and_parentheses_are_told_from_the_rest(a: Expr, b: Expr) -> None:
    assert differs_in_order(a, b)
    assert not reads_alike(a, b)


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_other_terms_are_seen(a: Expr, b: Expr) -> None:
    assert not differs_in_order(a, b)


def letters(x: Expr) -> str:
    return re.sub(r"\\(?:left|right|bigl|bigr|thinspace)\b|[(){}\s]", "", to_latex(x))


@pytest.mark.parametrize("seed", range(0, 300, 10))
def test_what_reads_alike_is_written_alike(seed: int) -> None:
    for one in (RandomExpressions(seed + k, normal=False).draw(SCALAR, 3) for k in range(10)):
        tidy = normalise(one)
        if reads_alike(one, tidy):
            assert letters(one) == letters(tidy)
        elif to_latex(one) == to_latex(tidy):
            assert "-" in to_latex(one)  # a number within two products


@pytest.mark.parametrize(
    ("x", "shown"), [(over(c, t), True), (times(normalise(over(c, t)), A), True), (times(TWO, A), False)]
)
def test_fractions_are_seen(x: Expr, shown: bool) -> None:
    assert shows_fraction(x) == shown
