"""Answers are printed as a textbook prints them: the shortest of equal forms, what has a name by its name."""

from __future__ import annotations

import pytest

from mdderive import derive

ANSWERS = [
    # numbers and letters that all terms share stand outside
    (r"\|a-p\|^2-\|a-n\|^2", "a", ["a: vector", "p: vector", "n: vector"], "2(n-p)"),
    (r"\sum_{i,j}A_{ij}\|y_i-y_j\|^2", "y_i", [], r"2\sum_j (A_{ij}+A_{ji})(y_i-y_j)"),
    (r"\frac{\operatorname{tr}(X^TAX)}{2}-\frac{\log\det A}{2}", "A", ["A: SPD"], r"\frac{1}{2}(XX^\top-A^{-1})"),
    # fractions
    (
        r"y\log h(t)+(1-y)\log(1-h(t))",
        "t",
        ["h: function", "t: scalar"],
        r"\frac{\bigl(y-h(t)\bigr)h'(t)}{h(t)\bigl(1-h(t)\bigr)}",
    ),
    (r"\log\left(1+\frac1n x^Tx\right)", "x", ["n: scalar"], r"\frac{2x}{n+x^\top x}"),
    (
        r"\mathbf{1}^T(x\oslash(\mathbf{1}+x\odot x))",
        "x",
        [],
        r"(\mathbf{1}-x \odot x) \oslash (\mathbf{1}+x \odot x)^{\odot 2}",
    ),
    (r"\log\det(\operatorname{diag}(x)^2)", "x", [], r"2(\mathbf{1} \oslash x)"),
    # inverses and projections
    (r"\operatorname{tr}(X^T(I+XX^T)^{-1}X)+\operatorname{tr}((I+XX^T)^{-1})", "X", [], "0"),
    (r"\|(I-X(X^TX)^{-1}X^T)y\|^2", "y", [], r"2\bigl(I-X(X^\top X)^{-1}X^\top\bigr)y"),
    (r"\|y-X(X^TX)^{-1}X^Ty\|^2", "y", [], r"2\bigl(y-X(X^\top X)^{-1}X^\top y\bigr)"),
    # a transpose stands once
    (r"\operatorname{tr}(XAXB)", "X", [], r"(AXB+BXA)^\top"),
    (r"a^TX^3b", "X", [], r"(X^2ba^\top+Xba^\top X+ba^\top X^2)^\top"),
    # what has a name
    (r"\log(\frac1n\mathbf{1}^T\exp(Xw))", "w", ["n: scalar"], r"X^\top\operatorname{softmax}(Xw)"),
    (r"\mathbf{1}^T\log\cosh(Wx)", "W", [], r"\tanh(Wx)x^\top"),
    (r"-y\log\sigma(w^Tx)-(1-y)\log(1-\sigma(w^Tx))", "w", [], r"\bigl(\sigma(w^\top x)-y\bigr)x"),
    (r"-\mathbf{1}^T\log\sigma(-Uv)", "U", [], r"\sigma(Uv)v^\top"),
    (r"\mathbf{1}^T\log\sigma'(Wx)", "W", [], r"\bigl(\mathbf{1}-2\sigma(Wx)\bigr)x^\top"),
    (r"\|W\odot(M-UV^T)\|_F^2", "U", ["W: binary"], r"-2\bigl(W \odot (M-UV^\top)\bigr)V"),
    # scalars stand above what divides
    (
        r"\frac{|W^TAW|}{|W^TBW|}",
        "W",
        ["A: symmetric", "B: SPD"],
        r"\frac{2\lvert W^\top AW\rvert}{\lvert W^\top BW\rvert}\bigl(AW(W^\top AW)^{-1}-BW(W^\top BW)^{-1}\bigr)",
    ),
    (
        r"\log\sum_{i=1}^K\exp(q^Tk_i)",
        "q",
        [],
        r"\frac{\sum_{i=1}^K \exp(q^\top k_i)k_i}{\sum_{i=1}^K \exp(q^\top k_i)}",
    ),
    # powers with a letter above, of skew-symmetric matrices, and of ones
    (
        r"\frac{1}{c^{k/2}|X|^{1/2}}",
        "X",
        ["X: invertible"],
        r"-\frac{X^{-\top}}{2c^{\frac{k}{2}}\sqrt{\lvert X\rvert}}",
    ),
    (r"\|a\times x\|^2", "x", ["a: 3 x 1"], r"-2[a]_\times^2x"),
    (r"\operatorname{diag}(XX^T)^T\mathbf{1}", "X", [], "2X"),
    # what divides all terms stands in front, and what they share
    (r"\frac{x^TAx}{x^Tx}", "x", ["A: symmetric"], r"\frac{2}{x^\top x}\left(Ax-\frac{(x^\top Ax)x}{x^\top x}\right)"),
    (
        r"\frac{w^T\mu-r}{\sqrt{w^T\Sigma w}}",
        "w",
        ["\\Sigma: SPD", "r: scalar"],
        r"\frac{1}{\sqrt{w^\top\Sigma w}}\left(\mu-\frac{(w^\top\mu-r)\Sigma w}{w^\top\Sigma w}\right)",
    ),
    (r"-p^T\log p-\lambda(\mathbf{1}^Tp-1)", "p", [], r"-\log p-(1+\lambda)\mathbf{1}"),
    # a sum over other members and its like, by whatever letters
    (
        r"\log\sum_{k,l}(1+\|y_k-y_l\|^2)^{-1}",
        "y_i",
        [],
        r"-\frac{4\sum_l \frac{y_i-y_l}{(1+\lVert y_i-y_l\rVert^2)^2}}"
        r"{\sum_k \sum_l \frac{1}{1+\lVert y_k-y_l\rVert^2}}",
    ),
    # sums over entries under names
    (r"(\sum_i|x_i|^p)^{1/p}", "x", [], r"\lVert x\rVert_p^{1-p}\lvert x\rvert^{\odot (p-2)} \odot x"),
    (r"\sum_i\frac{x_i^2}{l_i^2}", "x", [], r"2x \oslash l^{\odot 2}"),
    # transposes
    (r"\log|I+AS|", "A", ["A: SPD", "S: SPD"], r"(I+SA)^{-1}S"),
    (r"\sum_{i,j}(x_i-x_j)^TM(x_i-x_j)", "M", [], r"\sum_i \sum_j (x_i-x_j)(x_i-x_j)^\top"),
    # rows and columns that are scaled
    (r"\sum_i\sqrt{\sum_j X_{ij}^2}", "X", [], r"\operatorname{diag}\left(\sqrt{X^{\odot 2}\mathbf{1}}\right)^{-1}X"),
    (
        r"\sum_i\log\frac{e^{S_{ii}}}{\sum_j e^{S_{ij}}}",
        "S",
        [],
        r"I-\operatorname{diag}\bigl(\exp(S)\mathbf{1}\bigr)^{-1}\exp(S)",
    ),
    (
        r"\operatorname{tr}(G^T((X-\mathbf{1}\mu^T)\odot(\mathbf{1}\gamma^T)\oslash(\mathbf{1}s^T)))",
        "\\gamma",
        ["X: m x n", "\\mu: vector", "s: vector"],
        r"\left(\bigl(G \odot (X-\mathbf{1}\mu^\top)\bigr)^\top\mathbf{1}\right) \oslash s",
    ),
    # a long layer that its differential repeats has a letter
    (
        r"\operatorname{tr}(G^T\operatorname{softmax}(XQK^TX^T+M)V)",
        "Q",
        ["softmax: rows", "X: n x m"],
        r"X^\top\left(\left(GV^\top-\bigl((GV^\top) \odot S\bigr)\mathbf{1}\mathbf{1}^\top\right) \odot S\right)XK",
    ),
    # a number times a sum of matrices, multiplied out where something cancels; the same where a chain is put together
    (r"\langle P,C\rangle+\epsilon\sum_{i,j}P_{ij}(\log P_{ij}-1)", "P", [], r"C+\epsilon\log P"),
    (
        r"-\frac N2(\ln|C|+\operatorname{tr}(C^{-1}S))",
        "W",
        [r"C=WW^T+\sigma^2I"],
        r"\frac{N}{2}\bigl(C^{-1}(S+S^\top)C^{-1}-2C^{-1}\bigr)W",
    ),
]


@pytest.mark.parametrize(("f", "variable", "where", "answer"), ANSWERS)
def test_the_answer_is_that_of_a_textbook(f: str, variable: str, where: list[str], answer: str) -> None:
    assert str(derive(f, variable, where=where).gradient) == answer


def test_a_function_that_is_declared_stays_whatever_its_letter() -> None:
    found = derive(r"-\log\sigma(u)", "u", where=["\\sigma: function", "u: scalar"])
    assert str(found.gradient) == r"-\frac{\sigma'(u)}{\sigma(u)}"


def test_what_only_moves_is_no_row_of_its_own() -> None:
    found = derive(r"\log\det(At+B)", "t")
    assert [step.rule for step in found.steps] == ["differential"]
    assert "rearrange" not in derive(r"x^\top e^{At}x", "t", where=["A: n x n"]).to_text()


def test_a_move_that_is_made_twice_is_told_once() -> None:
    found = derive(r"\operatorname{tr}(X^3)", "X").steps[1:]
    assert [step.says("en") for step in found] == [r"$\operatorname{tr}(AB)=\operatorname{tr}(BA)$"]


def test_terms_that_are_equal_by_transposition_are_merged_by_it() -> None:
    found, _ = derive(r"\|R-UV^T\|_F^2", "U, V")
    merged = next(step for step in found.steps if step.rule == "tidy")
    assert merged.says("en") == r"$\operatorname{tr}(A^\top)=\operatorname{tr}(A)$"
