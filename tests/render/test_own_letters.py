r"""A letter in an answer that its author has not written is said what it is, wherever the answer stands alone."""

from __future__ import annotations

import pytest

import mdderive

ANSWERS = [
    (r"\operatorname{tr}(A^T\operatorname{softmax}(QK^T/\sqrt d)V)", "Q", "", [r"S = \operatorname{softmax}"]),
    (
        r"\lambda_{\max}(X)",
        "X",
        "[X: symmetric]",
        [r"Xu = \lambda_{\max}(X)u", r"\lVert u\rVert = 1"],
    ),
    (r"\|X\|_2", "X", "", ["Xv = ", r"X^\top u = ", r"\lVert u\rVert = \lVert v\rVert = 1"]),
    (r"\sum_n\log\sum_k\pi_k\exp(-\|x_n-\mu_k\|^2)", r"\mu_k", "", [r"\gamma_{nk} = "]),
    (r"\sum_i\log(1+e^{w^Tx_i})", "w", "", [r"\sigma(t) = \frac{1}{1+e^{-t}}"]),
    (
        r"\|\sigma(W_2\sigma(W_1\mathbf x))-\mathbf y\|^2",
        "W_1",
        "",
        [r"\mathbf z_1 = W_1\mathbf{x}", r"\mathbf z_2 = W_2\sigma(\mathbf z_1)"],
    ),
    (r"a^Ts(W_4s(W_3s(W_2s(W_1x))))", "W_1", "", ["h_1 = s(W_1x)", "h_3 = s(W_3h_2)"]),
]


@pytest.mark.parametrize(("f", "variable", "clauses", "told"), ANSWERS)
def test_a_result_alone_says_what_its_own_letters_mean(f: str, variable: str, clauses: str, told: list[str]) -> None:
    """In a sentence the equations stand behind the value; with `detail: result` before it."""
    inline = mdderive.expand(rf"Here \derive<{f}><{variable}>{clauses} stands.").text
    alone = clauses[:-1] + "; detail: result]" if clauses else "[detail: result]"
    block = mdderive.expand(rf"\derive<{f}><{variable}>{alone}").text.replace("&", "")
    for equation in told:
        assert equation in inline, inline
        assert equation in block, block


@pytest.mark.parametrize(
    ("f", "variable", "clauses"),
    [
        (r"\sum_i\log\sigma(w^Tx_i)", "w", r"[\sigma: logistic]"),  # the author's own letter
        (r"a^TSb", "S", ""),
        (r"\|y-A\|^2", "y", "[A := Bx]"),  # the author's own abbreviation
    ],
)
def test_the_authors_own_letters_are_not_told_to_him(f: str, variable: str, clauses: str) -> None:
    """No equation stands behind a value that has his letters alone."""
    assert r"\quad" not in mdderive.expand(rf"Here \derive<{f}><{variable}>{clauses} stands.").text


def test_a_layer_whose_differential_has_no_closed_form_does_not_stop_its_trace() -> None:
    """The trace of the sine of a long argument has a derivative, though the sine itself has none."""
    f = r"\operatorname{tr}(\sin(AXB+CXD+EXF))"
    assert mdderive.derive(f, "X", where=["A: n x n", "X: n x n", "C: n x n", "E: n x n"])


def test_a_function_of_numbers_alone_is_not_said_to_act_entry_by_entry() -> None:
    """Of a column it is."""
    words = "acts entry by entry"
    assert words not in mdderive.expand(r"\derive<\sum_{i=1}^n\rho(y_i-x_i^T\beta)><\beta>").text
    assert words in mdderive.expand(r"\derive<\mathbf{1}^T\sigma(y-X\beta)><\beta>").text
