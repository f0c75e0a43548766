"""A solution in the signs of its author."""

from __future__ import annotations

import pytest

import mdderive

SIGNED = (
    (r"(y-Xw)'(y-Xw)", "w", (), r"-2X'(y-Xw)"),
    (r"(y-Xw)^T(y-Xw)", "w", (), r"-2X^T(y-Xw)"),
    (r"(y-Xw)^{\mathsf{T}}(y-Xw)", "w", (), r"-2X^\mathsf{T}(y-Xw)"),
    (r"(y-Xw)^\intercal(y-Xw)", "w", (), r"-2X^\intercal(y-Xw)"),
    (r"a^TX^{-1}b", "X", (), r"-X^{-T}ab^TX^{-T}"),
    (r"a'X^{-1}b", "X", (), r"-X'^{-1}ab'X'^{-1}"),
    (r"\ln(a^Tx)\, b^Tx", "x", ("a: vector",), r"\ln(a^Tx)"),
    (r"a^Tx\det X", "X", ("a: vector", "x: vector"), r"\det(X)(a^Tx)X^{-T}"),
    (r"\log\det(AXB)+a^Tx", "X", ("a: vector", "x: vector"), r"f = \log\det(AXB)+a^Tx"),
    (r"\mathbb{1}^TAx", "x", (), r"A^T\mathbb{1}"),
)


@pytest.mark.parametrize(("f", "variable", "where", "shown"), SIGNED)
def test_the_signs_of_the_author_come_back(f: str, variable: str, where: tuple[str, ...], shown: str) -> None:
    d = mdderive.derive(f, variable, where=[*where])
    assert isinstance(d, mdderive.Derivation)
    for text in (d.to_markdown(), d.to_latex()):
        assert shown in text
        assert r"\top" not in text or r"\top" in f
    plain = mdderive.derive(f, variable, where=[*where, "notation: plain"])
    assert isinstance(plain, mdderive.Derivation)
    assert plain.gradient is d.gradient and r"\top" in plain.to_markdown()


@pytest.mark.parametrize(("f", "variable", "where", "shown"), SIGNED[:6])
def test_what_is_written_so_is_read_as_the_same(f: str, variable: str, where: tuple[str, ...], shown: str) -> None:
    found = mdderive.derive(f, variable, where=[*where, f"= {shown}"])
    assert isinstance(found, mdderive.Derivation) and found.check.ok


def test_bars_around_a_number_are_no_determinant() -> None:
    d = mdderive.derive(r"\det((X+A)^{-1})|c|", "X", where=["c: scalar"])
    assert isinstance(d, mdderive.Derivation)
    text = d.to_markdown()
    assert r"f = \det\bigl((X+A)^{-1}\bigr)\lvert c\rvert" in text
    assert r"\det(c)" not in text and r"\lvert X" not in text
    plain = mdderive.derive(r"\lvert X\rvert", "X")
    assert isinstance(plain, mdderive.Derivation) and r"\det" not in plain.to_markdown()


def test_a_prime_that_is_a_derivative_too_is_no_transpose() -> None:
    d = mdderive.derive(r"a'\sigma(Wx)", "x", where=[r"\sigma: function", "a: vector", "notation: author"])
    assert isinstance(d, mdderive.Derivation)
    assert r"\sigma'(Wx)" in d.to_markdown() and r"W^\top" in d.to_markdown()


def test_where_an_author_has_two_signs_ours_stands() -> None:
    d = mdderive.derive(r"x^TAx + b^\top x", "x", where=["notation: author"])
    assert isinstance(d, mdderive.Derivation)
    assert r"x^\top" in d.to_markdown() and "x^T" not in d.to_markdown()


def test_gradients_may_be_written_with_the_nabla() -> None:
    text = mdderive.expand("---\nmdderive: {notation: nabla}\n---\n\n\\derive<L = a^TW_1x><W_1>\n").text
    assert r"\nabla_{W_1} L = (xa^T)^T = ax^T" in text
    assert r"\frac{\partial L}" not in text


MACROS = "$$\\newcommand{\\bX}{\\mathbf{X}}\\newcommand{\\bw}{\\boldsymbol w}$$\n\n"


def test_letters_come_back_by_the_macros_of_the_page() -> None:
    text = mdderive.expand(MACROS + "\\derive<\\|\\bX\\bw-y\\|^2 + c^T\\bw_1><\\bw>\n").text
    assert r"\nabla" not in text and r"2\bX^T(\bX\bw-y)" in text
    assert r"\frac{\partial f}{\partial \bw}" in text and r"\bX\thinspace \mathrm{d}\bw" in text
    assert r"\bw\in\mathbb{R}^n" in text and r"\mathbf" not in text.split("-->", 1)[1]
    assert mdderive.expand(text).text == text
    assert mdderive.strip(text) == MACROS + "\\derive<\\|\\bX\\bw-y\\|^2 + c^T\\bw_1><\\bw>\n"


@pytest.mark.parametrize(
    "page",
    [
        MACROS + "## The gradient $\\derive<\\|\\bX\\bw-y\\|^2><\\bw>$\n",
        MACROS + "It is $\\derive<\\|\\bX\\bw-y\\|^2 + \\|\\boldsymbol{w}-\\mathbf X^Ty\\|^2><\\bw>$.\n",
        MACROS + "It is $\\derive<\\|\\bX\\bw-y\\|^2><\\bw>[notation: plain]$.\n",
        "<!-- mdderive: \\newcommand{\\bX}{\\mathbf{X}} -->\n\nIt is $\\derive<\\|\\bX w-y\\|^2><w>$.\n",
        "It is $\\derive<\\|\\bX w-y\\|^2><w>[\\newcommand{\\bX}{\\mathbf{X}}]$.\n",
        "---\nmdderive: {macros: {'\\bX': '\\mathbf{X}'}}\n---\n\nIt is $\\derive<\\|\\bX w-y\\|^2><w>$.\n",
        "$$\\newcommand{\\bX}{X}$$\n\nIt is $\\derive<\\|\\bX w-y\\|^2><w>$.\n",
    ],
    ids=["heading", "both ways", "plain", "comment", "marker", "front matter", "bare letter"],
)
def test_a_macro_is_not_kept_where_it_may_be_unknown(page: str) -> None:
    text = mdderive.expand(page).text
    value = text[: text.rindex("<!-- mdderive")].splitlines()[-1]
    assert r"\bX" not in value and r"\bw" not in value and "X" in value


def test_a_macro_ends_before_a_letter() -> None:
    text = mdderive.expand("\\newcommand{\\bX}{\\mathbf{X}}\n\\derive<a^T\\bX b><\\bX>\n", "latex").text
    assert r"a^T\bX b" in text and r"\bXb" not in text


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (r"We write $\nabla f$ for the gradient.", r"\nabla_w f"),
        (r"We write ∇f for the gradient.", r"\nabla_w f"),
        (r"We write $\nabla f = \partial f/\partial w$.", r"\frac{\partial f}{\partial w}"),
        (r"The Laplacian is $\nabla^2 f$.", r"\frac{\partial f}{\partial w}"),
        ("<!-- mdderive: notation: author -->\n\nWe write $\\nabla f$.", r"\frac{\partial f}{\partial w}"),
    ],
)
def test_gradients_are_written_as_the_page_writes_them(said: str, shown: str) -> None:
    page = f"{said}\n\n\\derive<\\|w-a\\|^2><w>\n"
    text = mdderive.expand(page).text
    assert f"{shown} = 2(w-a)" in text
    assert mdderive.expand(text).text == text
