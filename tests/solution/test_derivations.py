"""Derivations: `fixtures/derivations.md` shows what a marker yields; the gradients are compared with differences."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from places import FIXTURES, documents, rewrite

import mdderive
from mdderive.api import solve
from mdderive.documents.marker import read_marker
from mdderive.documents.model import Request
from mdderive.solution import traces

FIXTURE = FIXTURES / "derivations.md"


def solution(source: str) -> str:
    return solve(Request(read_marker(source, 0), "markdown")).text


@pytest.mark.parametrize(("title", "marker", "expected"), [pytest.param(*x, id=x[0]) for x in documents(FIXTURE)])
def test_document(title: str, marker: str, expected: str) -> None:
    assert solution(marker) == expected


def test_every_document_is_run() -> None:
    text = FIXTURE.read_text(encoding="utf-8")
    assert len(list(documents(FIXTURE))) == text.count("```marker") > 15


# --- gradients, each by its LaTeX -----------------------------------------------------------------------------

GRADIENTS = [
    (r"a^T X b", "X", [], r"ab^\top"),
    (r"\sum_{i=0}^{N}b^Tx", "x", [], "(N+1)b"),
    (r"\sum_{i=2}^{N}b^Tx", "x", [], "(N-1)b"),
    (r"\sum_{i=1}^{3}a^Tx", "x", [], "3a"),
    (r"\sum_{i=0}^{3}(a^Tx)^2", "x", [], r"8(a^\top x)a"),
    (r"\sum_{i=2}^{5}a_i^Tx", "x", [], r"\sum_{i=2}^5 a_i"),
    (r"\sum_{i=0}^{N}(a_i^Tx+b^Tx)", "x", [], r"\sum_{i=0}^N (a_i+b)"),
    (r"\log|\operatorname{diag}(\lambda)A|", r"\lambda", [], r"\mathbf{1} \oslash \lambda"),
    (r"b^T\operatorname{diag}(d)^{-1}b", "d", [], r"-(b \oslash d)^{\odot 2}"),
    (r"p^T(\mathbf{1}-p)", "x", [r"p=\operatorname{softmax}(x)"],
     r"(\mathbf{1}-2p) \odot p-\bigl((\mathbf{1}-2p)^\top p\bigr)p"),
    (r"\|h-y\|^2", "W", [r"h=\tanh(Wx)"], r"2\bigl((h-y) \odot (\mathbf{1}-h^{\odot 2})\bigr)x^\top"),
    (r"\exp\left(\frac1n\mathbf{1}^T\log x\right)", "x", ["x: positive"],
     r"\frac{1}{n}\exp\left(\frac{\mathbf{1}^\top\log x}{n}\right)(\mathbf{1} \oslash x)"),
    (r"\frac{x-\mu\mathbf{1}}{\sigma}", "x",
     [r"\mu=\frac1n\mathbf{1}^Tx", r"\sigma=\sqrt{\frac1n\|x-\mu\mathbf{1}\|^2}", "jacobian", "x: n x 1"],
     r"\frac{1}{\sigma}\left(I-\frac{1}{n}\left(\mathbf{1}\mathbf{1}^\top+\frac{(x-\mu\mathbf{1})(x-\mu\mathbf{1})^\top}{\sigma^2}\right)\right)"),
    (r"\lambda_{\max}x^Tx", "x", [], r"2\lambda_{\max}x"),
    (r"x^T\operatorname{diag}(d)^{-1/2}x", "x", [], r"2x \oslash \sqrt{d}"),
    (r"x^T\operatorname{diag}(d)^{1/2}y", "d", [], r"\frac{1}{2}x \odot y \oslash \sqrt{d}"),
    (r"x^TA'b", "b", ["A: n x n"], "Ax"),
    ("(-p'q)^4", "q", ["p: k x 1", "q: k x 1"], r"4(p^\top q)^3p"),
    (r"\log\det I", "I", [], r"I^{-\top}"),
    (r"x^TAx", "x", [], r"(A+A^\top)x"),
    (r"x^TAx", "x", ["A: symmetric"], "2Ax"),
    (r"\log|X|", "X", [], r"X^{-\top}"),
    (r"|X|", "X", [], r"\lvert X\rvert X^{-\top}"),
    (r"\det(X)^2", "X", [], r"2\lvert X\rvert^2X^{-\top}"),
    (r"\operatorname{tr}(AXBX^TC)", "X", [], r"A^\top C^\top XB^\top+CAXB"),
    (r"\|X\|_F", "X", [], r"\frac{X}{\lVert X\rVert_F}"),
    (r"\operatorname{tr}(X^3)", "X", [], r"3(X^2)^\top"),
    (r"\|Xw-y\|^2", "w", [], r"2X^\top(Xw-y)"),
    (r"\|AXB-C\|_F^2", "X", [], r"2A^\top(AXB-C)B^\top"),
    (r"a^T X^{-1} b", "X", [], r"-X^{-\top}ab^\top X^{-\top}"),
    (r"-y^T\log\operatorname{softmax}(Wx)", "W", ["y: one-hot"], r"\bigl(\operatorname{softmax}(Wx)-y\bigr)x^\top"),
    (r"\mathbf{1}^T\exp(Ax)", "x", [], r"A^\top\exp(Ax)"),
    # the logistic loss, as every book has it
    (r"-y\log\sigma(\theta^Tx)-(1-y)\log(1-\sigma(\theta^Tx))", r"\theta", [r"\sigma(t)=\frac{1}{1+e^{-t}}"],
     r"\bigl(\sigma(\theta^\top x)-y\bigr)x"),
    (r"-y^T\log\sigma(X\theta)-(\mathbf{1}-y)^T\log(\mathbf{1}-\sigma(X\theta))", r"\theta",
     [r"\sigma(t)=1/(1+\exp(-t))"], r"X^\top\bigl(\sigma(X\theta)-y\bigr)"),
    (r"-\sum_{i=1}^n(y_i\log\sigma(w^Tx_i)+(1-y_i)\log(1-\sigma(w^Tx_i)))", "w", [r"\sigma(t)=\frac{1}{1+e^{-t}}"],
     r"\sum_{i=1}^n \bigl(\sigma(w^\top x_i)-y_i\bigr)x_i"),
    (r"\operatorname{logsumexp}(Ax)", "x", [], r"A^\top\operatorname{softmax}(Ax)"),
    (r"\operatorname{tr}((A\odot X)^TXB)", "X", [], None),
    (r"x^T\operatorname{diag}(w)x", "w", [], r"x \odot x"),
    (r"\frac{x^TAx}{x^Tx}", "x", [], None),
    (r"\|x\|", "x", [], r"\frac{x}{\lVert x\rVert}"),
    (r"a^T\sigma(Wx)", "W", [], r"\bigl(a \odot \sigma'(Wx)\bigr)x^\top"),
    (r"\sum_{i=1}^N (w^Tx_i-y_i)^2", "w", [], r"2\sum_{i=1}^N (w^\top x_i-y_i)x_i"),
    (r"\log\det(X^TX)", "X", [], r"2X(X^\top X)^{-1}"),
    (r"\log\frac{a^Tx}{b^Tx}", "x", ["a: positive", "b: positive", "x: positive"], None),
    (r"\sum_i x_i^2+(x)_1", "x", [], "2x+e_1"),
    (r"\sum_i (x_i+\exp(x_i))", "x", [], r"\exp(x)+\mathbf{1}"),
    (r"\sum_i (x_i-x_i)", "x", [], r"\mathbf{0}"),
    (r"\sum_i \frac{x_i}{y_i}", "x", [], r"\mathbf{1} \oslash y"),
    (r"a^T\sigma(Wx+b)", "x", ["gradient-layout: numerator"], r"\bigl(a \odot \sigma'(Wx+b)\bigr)^\top W"),
    (r"\operatorname{tr}(X^0A)", "X", [], "0"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "wrt", "where", "expected"), GRADIENTS, ids=[f"{x[0]} by {x[1]}" for x in GRADIENTS])
def test_gradient(f: str, wrt: str, where: list[str], expected: str | None) -> None:
    found = mdderive.derive(f, wrt, where=where)
    assert isinstance(found, mdderive.Derivation)
    assert found.check.ok
    assert expected is None or str(found.gradient) == expected


# --- second derivatives of what has kinks -----------------------------------------------------------------------

KINKED = [
    (r"\|x\|_4", r"\frac{3}{\lVert x\rVert_4^3}\left(\operatorname{diag}(x^{\odot 2})"
     r"-\frac{x^{\odot 3}(x^{\odot 3})^\top}{\lVert x\rVert_4^4}\right)"),
    (r"\|x\|_4^4", r"12\operatorname{diag}(x^{\odot 2})"),
    (r"\|x\|_p^p", r"p(p-1)\operatorname{diag}\bigl(\lvert x\rvert^{\odot (p-2)}\bigr)"),
    (r"\|Ax-b\|_p", None),
    (r"\|x\|_5", None),
    (r"\|x\|^{2p}", None),
    (r"\sum_i|x_i|^3", r"6\operatorname{diag}(\lvert x\rvert)"),
    (r"|a^Tx-b|^3", r"6\lvert a^\top x-b\rvert aa^\top"),
    (r"\sqrt{|a^Tx|}", r"-\frac{aa^\top}{4\lvert a^\top x\rvert^{3/2}}"),
    (r"\|\operatorname{relu}(Ax-b)\|^2", r"2A^\top\operatorname{diag}\bigl(\operatorname{step}(Ax-b)\bigr)A"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "expected"), KINKED, ids=[x[0] for x in KINKED])
def test_second_derivative(f: str, expected: str | None) -> None:
    test_gradient(f, "x", ["hessian"], expected)


# --- Jacobians -------------------------------------------------------------------------------------------------

JACOBIANS = [
    ("x^T", "x", ["x: vector"], "I"),
    ("Ax+0y", "y", ["y: vector"], "0"),
    ("x^0A", "x", ["x: scalar", "A: matrix"], "0"),
    ("X^0A", "X", ["A: n x n"], "0"),
    ("CH", "X", ["H = AXB"], r"B \otimes (A^\top C^\top)"),
    ("Bh", "X", ["h = Xa"], r"a \otimes B^\top"),
    ("Ga", "x", ["h = Ax", "G = hb^T"], r"(b^\top a)A^\top"),
]


@pytest.mark.parametrize(("f", "wrt", "where", "expected"), JACOBIANS, ids=[x[0] for x in JACOBIANS])
def test_jacobian(f: str, wrt: str, where: list[str], expected: str) -> None:
    test_gradient(f, wrt, where, expected)


def test_one_variable_rests_while_the_other_moves() -> None:
    r"""In $\operatorname{vec}(\mathrm{d}X)+A\,\mathrm{d}y$ the first term is 0, not one that is not understood."""
    by_matrix, by_vector = mdderive.derive(r"\operatorname{vec}(X)+Ay", "X,y", where=["X: m x n"])
    assert (str(by_matrix.gradient), str(by_vector.gradient)) == ("I", r"A^\top")


@pytest.mark.parametrize("wrt", ["x,X", "X,x"])
def test_the_operator_without_a_vec_form_is_named(wrt: str) -> None:
    with pytest.raises(mdderive.DeriveError, match="the vec form of the diagonal of a matrix is not known here"):
        mdderive.derive(r"x+\operatorname{diag}(X)", wrt, where=["x: vector"])


# --- stationary points ----------------------------------------------------------------------------------------

STATIONARY = [
    (r"\|Xw-y\|^2", "w", [], r"(X^\top X)^{-1}X^\top y"),
    (r"\|Xw-y\|^2+\lambda\|w\|^2", "w", ["\\lambda: positive"], r"(X^\top X+\lambda I)^{-1}X^\top y"),
    (r"\|Y-XB\|_F^2", "B", [], r"(X^\top X)^{-1}X^\top Y"),
    (r"\sum_{i=1}^n\|x_i-\mu\|^2", r"\mu", [r"\mu: vector"], r"\frac{1}{n}\sum_{i=1}^n x_i"),
    (
        r"\log|\Sigma| + \frac1n\sum_{i=1}^n (x_i-\bar x)^T\Sigma^{-1}(x_i-\bar x)",
        r"\Sigma",
        [r"\Sigma: SPD", r"S := \frac1n\sum_{i=1}^n (x_i-\bar x)(x_i-\bar x)^T"],
        "S",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("f", "wrt", "where", "expected"), STATIONARY, ids=[x[0] for x in STATIONARY])
def test_stationary_point(f: str, wrt: str, where: list[str], expected: str) -> None:
    found = mdderive.derive(f, wrt, where=[*where, "solve"])
    assert isinstance(found, mdderive.Derivation)
    assert str(found.solution) == expected


UNSOLVED = [
    (r"\operatorname{logsumexp}(Ax)-b^Tx", "x", []),
    (r"\log|X|-\operatorname{tr}(X^{-1}A)", "X", ["X: SPD", "A: SPD"]),  # the gradient vanishes at -A, where f is none
]


@pytest.mark.parametrize(("f", "wrt", "where"), UNSOLVED, ids=[x[0] for x in UNSOLVED])
def test_no_stationary_point_is_said_so(f: str, wrt: str, where: list[str]) -> None:
    found = mdderive.derive(f, wrt, where=[*where, "solve"])
    assert isinstance(found, mdderive.Derivation)
    assert found.solution is None
    assert "No closed form" in found.to_markdown()


STRUCTURED = [
    ("a^T X b", "symmetric", r"ab^\top+ba^\top-(ab^\top) \odot I"),
    (r"\log|X|", "SPD", r"2X^{-1}-X^{-1} \odot I"),
    (r"\operatorname{tr}(AX)", "diagonal", r"A^\top \odot I"),
    ("a^T X b", "skew-symmetric", r"ab^\top-ba^\top"),
]


@pytest.mark.parametrize(("f", "structure", "expected"), STRUCTURED, ids=[f"{x[0]} {x[1]}" for x in STRUCTURED])
def test_the_gradient_within_a_structure(f: str, structure: str, expected: str) -> None:
    found = mdderive.derive(f, "X", where=[f"X: {structure}", "structured"])
    assert isinstance(found, mdderive.Derivation)
    assert str(found.gradient) == expected
    assert "Within the structure" in found.to_markdown()
    assert "考虑结构约束时的导数" in found.to_markdown(lang="zh")


@pytest.mark.parametrize(("f", "where"), [("X^TX", ["X: symmetric"]), ("X^TX", ["X: orthogonal"]), ("X+X^T", [])])
def test_a_variable_moves_in_all_directions(f: str, where: list[str]) -> None:
    found = mdderive.derive(rf"\operatorname{{tr}}(A({f})B)", "X", where=[*where, "A: n x n", "B: n x n"])
    assert isinstance(found, mdderive.Derivation)
    assert found.check.ok


# --- the chain ------------------------------------------------------------------------------------------------

NETWORK = r"-y^T\log\operatorname{softmax}(W_2\sigma(W_1x))"
LAYERS = ["y: one-hot", "a_1 = W_1x", r"h_1 = \sigma(a_1)", "a_2 = W_2h_1"]


def test_the_chain_of_a_network() -> None:
    pair = mdderive.derive(NETWORK, "W_1, W_2", where=LAYERS)
    assert isinstance(pair, tuple)
    links = pair[0].working.links
    results = {result.of.latex: str(result.value) for link in links for result in link.results}
    assert results == {
        "a_2": r"\operatorname{softmax}(a_2)-y",
        "W_2": r"\frac{\partial f}{\partial a_2}h_1^\top",
        "h_1": r"W_2^\top\frac{\partial f}{\partial a_2}",
        "a_1": r"\frac{\partial f}{\partial h_1} \odot \sigma'(a_1)",
        "W_1": r"\frac{\partial f}{\partial a_1}x^\top",
    }


def test_a_value_used_twice_collects_its_whole_cotangent() -> None:
    where = ["h = Wx", "r = h-y"]
    found = mdderive.derive(r"(Wx-y)^T(Wx-y)+b^TWx", "W", where=where)
    assert isinstance(found, mdderive.Derivation)
    assert found.check.ok
    by_h = next(r for link in found.working.links for r in link.results if r.of.latex == "h")
    assert by_h.terms == 2


def test_the_chain_agrees_with_the_direct_way() -> None:
    direct = mdderive.derive(NETWORK, "W_1", where=["y: one-hot"])
    chained = mdderive.derive(NETWORK, "W_1", where=LAYERS)
    assert isinstance(direct, mdderive.Derivation)
    assert isinstance(chained, mdderive.Derivation)
    assert direct.check.ok
    assert chained.check.ok


# --- the interface --------------------------------------------------------------------------------------------


def test_shapes_and_arguments() -> None:
    found = mdderive.derive(r"(\mathbf{x}-\mu)^T\Sigma^{-1}(\mathbf{x}-\mu)", r"\Sigma", where=[r"\mu: vector"])
    assert isinstance(found, mdderive.Derivation)
    assert found.shapes == {r"\mathbf{x}": ("n", "1"), r"\mu": ("n", "1"), r"\Sigma": ("n", "n")}
    assert found.arguments == {r"\mathbf{x}": "x", r"\mu": "mu", r"\Sigma": "Sigma"}


def test_json_of_a_derivation() -> None:
    found = mdderive.derive(r"\|Xw-y\|^2", "w", where=["solve"])
    assert isinstance(found, mdderive.Derivation)
    data = found.to_json()
    assert data["status"] == "verified"
    assert data["gradient"] == r"2X^\top(Xw-y)"
    assert data["solution"] == r"(X^\top X)^{-1}X^\top y"
    assert [step["latex"].split(" = ")[0] for step in data["steps"]] == ["f", r"\mathrm{d}f", r"\mathrm{d}f"]
    assert all(step["max_relative_error"] < 1e-8 for step in data["steps"])


def test_the_same_bytes_after_the_caches_are_cleared() -> None:
    first = solution(r"\derive<\|AXB-C\|_F^2><X>")
    mdderive.clear_caches()
    assert solution(r"\derive<\|AXB-C\|_F^2><X>") == first


@pytest.mark.parametrize("detail", ["full", "brief", "result"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_detail_ends_in_the_gradient(detail: str, language: str) -> None:
    text = solution(rf"\derive<\|Xw-y\|^2><w>[lang: {language}; detail: {detail}]")
    assert r"\frac{\partial f}{\partial w} = " in text and r" = 2X^\top(Xw-y)" in text
    assert ("modulo a prime" in text or "素数域" in text) == (detail == "full")


if __name__ == "__main__":
    rewrite(FIXTURE, solution)


def test_a_gradient_in_which_no_name_stands_is_made_an_answer_once() -> None:
    """What is written with nothing but the author's letters was shortened a second time."""
    with patch.object(traces, "as_answer", wraps=traces.as_answer) as made:
        mdderive.clear_caches()
        mdderive.derive(r"\frac{x^TAx}{x^Tx}", "x")
    assert made.call_count == 1
