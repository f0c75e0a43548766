"""A notation is a line in the row of its operator, and nothing else is touched to add one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import mdderive
from mdderive.algebra import operators
from mdderive.algebra.expressions import Expr, Operator, number
from mdderive.algebra.notations import Notation, collected
from mdderive.algebra.terms import inner_product, multiply
from mdderive.words import Wording

ENERGY = Operator(
    name="energy",
    rule=Wording("energy rule", "能量法则"),
    source="this test",
    example=(r"\|X\|_{\mathrm{w}}", "X"),
    signatures=("m n -> 1 1",),
    notations=(Notation("norm", "w", "column row matrix"), Notation("superscript", r"\#", "matrix")),
    latex=lambda node, write: rf"\lVert {write(node.arguments[0], 0)}\rVert_{{\mathrm{{w}}}}",
    value=lambda arrays, parameters: 2 * (arrays[0] ** 2).sum(axis=(-1, -2), keepdims=True),
    numpy="2 * np.sum({0} ** 2)",
    differential=lambda node, d: _differential(node.arguments[0], d(node.arguments[0])),
)
CACHED = ("notations", "by_spelling", "_by_name")


def _differential(x: Expr, dx: Expr) -> Expr:
    return multiply(number(4), inner_product(x, dx))


@pytest.fixture
def with_energy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    rows = (*operators.table(), ENERGY)
    monkeypatch.setattr(operators, "table", lambda: rows)
    for name in CACHED:
        getattr(operators, name).cache_clear()
    yield
    monkeypatch.undo()
    for name in CACHED:
        getattr(operators, name).cache_clear()
    mdderive.clear_caches()


@pytest.mark.parametrize("f", [r"\|AX-B\|_{\mathrm{w}}", r"\|AX-B\|_w", r"(AX-B)^\#"])
@pytest.mark.usefixtures("with_energy")
def test_a_row_brings_its_notation(f: str) -> None:
    found = mdderive.derive(f, "X")
    assert str(found.gradient) == r"4A^\top(AX-B)"
    assert found.check.ok
    assert r"\lVert AX-B\rVert_{\mathrm{w}}" in found.to_markdown()


def test_without_the_row_the_notation_is_refused() -> None:
    with pytest.raises(mdderive.DeriveError, match="the norm with index w is not supported here"):
        mdderive.derive(r"\|AX-B\|_{\mathrm{w}}", "X", where=["X: m x n"])


def test_a_notation_taken_twice_is_an_error() -> None:
    other = ENERGY.but(name="another", notations=(Notation("norm", "w", "matrix"),))
    with pytest.raises(ValueError, match="is taken by energy and by another"):
        collected((ENERGY, other))


def test_the_script_itself_goes_before_any_script() -> None:
    found = operators.notations()
    assert [found.meaning("power", script, "matrix")[0].name for script in ("-1", "2")] == ["inverse", "matrix power"]
    assert found.meaning("norm", "*", "column")[0].name == "p-norm"  # which has no index there, and so is refused
    assert found.meaning("superscript", "-", "matrix") is None
