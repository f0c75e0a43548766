"""Formulas for the terminal: each keeps its structure, and no two different ones look alike."""

from __future__ import annotations

import pytest
from places import share
from pylatexenc.latex2text import LatexNodes2Text
from random_expressions import COLUMN, MATRIX, RandomExpressions

from mdderive.algebra.expressions import SCALAR, Expr, to_latex
from mdderive.algebra.terms import normalise
from mdderive.latex.vocabulary import SPELLED_OUT
from mdderive.render.plain import plain

FORMS = [
    (r"\frac{1}{2}n", "(1/2)n"),
    (r"\frac{1}{2n}", "1/(2n)"),
    (r"\frac{a}{b}c", "(a/b)c"),
    (r"\frac{1}{2}\frac{1}{n}x", "(1/2)(1/n)x"),
    (r"x+\frac{1}{2}", "x+1/2"),
    (r"\left(\frac{\partial f}{\partial W_1}\right)^\top", "(∂f/∂W_1)^⊤"),
    (r"\mathrm{d}\frac{\partial f}{\partial x}", "d(∂f/∂x)"),
    (r"\frac{n}{2}\log\lvert \Sigma\rvert", "(n/2)log|Σ|"),
    (r"4\mathbf{1}^\top", "4𝟏^⊤"),
    (r"\bar{x}^\top \mathbf{w}", "x̅^⊤𝐰"),
    (r"\log\lvert A\rvert", "log|A|"),
    (r"2\lvert x\rvert y\lVert z\rVert_2^3", "2 |x| y ‖z‖_2^3"),
    (r"\sigma'''(x)", "σ'''(x)"),
    (r"\log\sigma(x)", "log σ(x)"),
    (r"X_{ij}x_{12}", "X_ij x_12"),
    (r"n^2m", "n^2 m"),
    (r"a^{\frac{1}{2}}", "a^(1/2)"),
    (r"x^{k+1}", "x^(k+1)"),
    (r"A^{-1}B^{-\top}", "A^-1 B^-⊤"),
    (r"{V^{(1)}}^2", "(V^(1))^2"),
    (r"x^{\odot 2}y", "x^⊙2 y"),
    (r"\sum_{i=1}^N (w^\top x_i-y_i)x_i", "∑_(i=1)^N (w^⊤x_i-y_i)x_i"),
    (r"a \odot b \oslash c", "a ⊙ b ⊘ c"),
    (r"a^\top\thinspace \mathrm{d}X\thinspace b", "a^⊤ dX b"),
    (r"\mathbb{R}^{m\times n}", "ℝ^m×n"),
    (r"\sqrt[3]{x+1}y", "√[3](x+1)y"),
]


@pytest.mark.parametrize(("latex", "text"), FORMS, ids=[x[0] for x in FORMS])
def test_a_formula_keeps_its_structure(latex: str, text: str) -> None:
    assert plain(latex) == text


def test_no_two_different_expressions_look_alike() -> None:
    seen: dict[str, Expr] = {}
    for seed in share(range(2000), 5):
        expressions = RandomExpressions(seed, normal=seed % 2 == 0)
        line = expressions.draw((SCALAR, COLUMN, MATRIX)[seed % 3], 1 + seed % 3)
        known = seen.setdefault(plain(to_latex(line)), line)
        assert normalise(known) is normalise(line) or to_latex(known) == to_latex(line)


@pytest.mark.parametrize("name", sorted({*SPELLED_OUT.values()} - {"|", "ne", "coloneqq", "ddagger", "sqrt"}))
def test_a_sign_is_the_one_that_pylatexenc_writes(name: str) -> None:
    assert plain(f"\\{name}").strip() == LatexNodes2Text().latex_to_text(f"\\{name}")
