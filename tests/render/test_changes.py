"""What rows mark as touched, sizes beneath factors, and the graph of a chain."""

from __future__ import annotations

import pytest

from mdderive.algebra.expressions import to_latex
from mdderive.documents.marker import read_marker
from mdderive.question.question import read_question
from mdderive.render.changes import MarkedWriter, touched
from mdderive.render.dimensions import fit, with_sizes
from mdderive.render.graph import graph, mermaid, svg
from mdderive.render.marks import END, NEW, OLD, called, paired, unmarked
from mdderive.render.teller import Teller
from mdderive.solution.derivation import Working
from mdderive.solution.work import work

NETWORK = r"\derive<\|W_2h-y\|^2><W_1, W_2>[a = W_1x; h = \tanh(a)]"


def worked(source: str) -> Working:
    marker = read_marker(source, 0)
    return work(read_question(marker.f, marker.variable, marker.where))


def marked(before: str, after: str) -> tuple[str, str]:
    """Return two formulas with what of each the other has not in brackets."""
    where = ("X: m x n", "s: scalar")
    old, new = (read_question(x, "X", (), where).f for x in (before, after))
    parts = touched(old, new)
    texts = MarkedWriter(old=parts[0]).latex(old), MarkedWriter(new=parts[1]).latex(new)
    first, second = (x.replace(OLD, "[").replace(NEW, "[").replace(END, "]") for x in texts)
    return first, second


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ("a^TXb+c^TXd", "a^TXb+d^TX^Tc", r"a^\top Xb+[c^\top Xd]", r"a^\top Xb+[d^\top X^\top c]"),
        ("a^TXb-c^TXd", "a^TXb-d^TX^Tc", r"a^\top Xb-[c^\top Xd]", r"a^\top Xb-[d^\top X^\top c]"),
        (r"s+\log(c^TXd)", r"s+\log(d^TX^Tc)", r"s+\log([c^\top Xd])", r"s+\log([d^\top X^\top c])"),
        ("a^TXb", "c^TXd", r"a^\top Xb", r"c^\top Xd"),
    ],
)  # fmt: skip
def test_what_stays_is_not_marked(before: str, after: str, old: str, new: str) -> None:
    assert marked(before, after) == (old, new)


def test_the_same_rows_have_no_marks() -> None:
    step = worked(r"\derive<a^TXb><X>").links[0].steps[0].right
    assert touched(step, step) == (frozenset(), frozenset())


@pytest.mark.parametrize("source", [NETWORK, r"\derive<\log|X|+a^TX^{-1}b><X>[X: SPD]", r"\derive<\|Xw-y\|^2><w>"])
def test_without_its_marks_a_row_is_what_it_was(source: str) -> None:
    for link in worked(source).links:
        for a, b in zip(link.steps, link.steps[1:], strict=False):
            old, new = touched(a.right, b.right)
            assert unmarked(MarkedWriter(old=old).latex(a.right)) == to_latex(a.right)
            assert unmarked(MarkedWriter(new=new).latex(b.right)) == to_latex(b.right)


def test_marks_become_classes_and_reach_over_no_piece() -> None:
    assert called(f"a+{NEW}b{END}", r"\htmlClass") == r"a+\htmlClass{mdderive-new}{b}"
    assert paired([f"a{NEW}b", f"+c{END}d"]) == [f"a{NEW}b{END}", f"{NEW}+c{END}d"]
    assert paired([f"a{NEW}", f"b{END}"]) == ["a", f"{NEW}b{END}"]
    assert unmarked(rf"\alpha{NEW}x{END}") == r"\alpha x"


def test_sizes_stand_beneath_the_factors_and_fit() -> None:
    working = worked(r"\derive<\|Xw-y\|^2><w>")
    value = working.gradients[working.question.variables[0]].value
    assert with_sizes(value) == (
        r"2\underset{n\times m}{X^\top}(\underset{m\times n}{X}\;\underset{n\times 1}{w}-\underset{m\times 1}{y})"
    )
    assert fit(value) == r"(n\times m)(m\times 1) = n\times 1"


def test_a_chain_is_drawn_with_the_derivatives_that_go_back() -> None:
    working = worked(NETWORK)
    nodes = graph(Teller(working, working.question.variables, "en"))
    assert [x.name for x in nodes if not x.value] == ["W_1", "x", "W_2", "y"]
    source = mermaid(nodes)
    assert source.startswith("flowchart TD\n")
    assert '-. "∂f/∂a" .->' in source
    drawn = svg(nodes, "en")
    assert drawn == svg(nodes, "en")
    assert "<title>Graph of the computation: " in drawn
    assert drawn.count("<rect") == len(nodes)
    simple = worked(r"\derive<a^TXb><X>")
    assert graph(Teller(simple, simple.question.variables, "en")) == ()
