"""Reading LaTeX: `fixtures/parse.md` shows what is read as what; the rest are properties of every formula."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import EXHAUSTIVE, FIXTURES

from mdderive.errors import ParseError, Span
from mdderive.latex.grammar import parse
from mdderive.latex.pieces import Reading, plain_pieces, walked_pieces
from mdderive.latex.tree import MacroDefinition, Spellings, Syntax

WORDS = {
    "trace": "tr Tr trace",
    "determinant": "det",
    "logarithm": "log ln",
    "exponential": "exp",
    "diagonal matrix": "diag Diag",
    "vectorisation": "vec",
    "softmax": "softmax",
    "maximum": "max",
    **{name: name for name in ("sin", "cos", "tanh", "cosh")},
}
SPELLINGS = Spellings(
    functions={
        spelled: name
        for name, words in WORDS.items()
        for word in words.split()
        for spelled in ((word,) if word in ("vec", "softmax", "diag", "Diag") else (word, "\\" + word))
    },
    greedy=frozenset({"trace", "determinant", "diagonal matrix", "vectorisation"}),
    scalar=frozenset({"trace", "determinant"}),
)


def read(latex: str, **macros: MacroDefinition) -> Syntax:
    return parse(latex, SPELLINGS, macros={"\\" + name: definition for name, definition in macros.items()})


# --- the documents -----------------------------------------------------------------------------------------


def documents() -> Iterator[tuple[str, str, str]]:
    text = (FIXTURES / "parse.md").read_text(encoding="utf-8")
    yield from re.findall(r"^(\S.*)\n\.\n(.*)\n\.\n((?:.*\n)+?)\.$", text, re.MULTILINE)


def shown(latex: str) -> str:
    """Return the tree, or the error with a caret under the culprit."""
    try:
        return f"{read(latex)}\n"
    except ParseError as error:
        assert error.span is not None
        caret = " " * error.span.start + "^" * max(1, error.span.end - error.span.start)
        hint = f"hint: {error.hint}\n" if error.hint else ""
        return f"{error.code} {error.message}\n{hint}{latex}\n{caret}\n"


@pytest.mark.parametrize(("title", "latex", "expected"), [pytest.param(*d, id=d[0]) for d in documents()])
def test_document(title: str, latex: str, expected: str) -> None:
    assert shown(latex) == expected


def test_every_document_is_run() -> None:
    text = (FIXTURES / "parse.md").read_text(encoding="utf-8")
    assert len(list(documents())) == len(re.findall(r"^\.$", text, re.MULTILINE)) / 3 > 140


# --- fields that the trees do not show ---------------------------------------------------------------------


def test_the_parts_of_a_name_are_exposed() -> None:
    symbol = read(r"\mathbf{x}_{n, k}^{(i)}")
    assert (symbol.base, symbol.subscript, symbol.index) == (r"\mathbf{x}", "n,k", "(i)")
    assert symbol.text == r"\mathbf{x}_{n,k}^{(i)}"


def test_spans_are_places_in_the_authors_text() -> None:
    latex = r"a^T \mathbf{X} |b|"
    tree = read(latex)
    assert [latex[x.span.start : x.span.end] for x in tree.arguments] == ["a^T", r"\mathbf{X}", "|b|"]
    assert parse("x", SPELLINGS, "where:2").span == Span("where:2", 0, 1)


def test_the_limits_of_a_sum_are_exposed() -> None:
    tree = read(r"\sum_{i = 1}^{n+1} x_i")
    assert (tree.text, tree.lower, tree.upper) == ("i", "1", "n+1")


def test_a_sum_up_to_one_less_has_a_condition() -> None:
    tree = read(r"\sum_{i=1}^{n-1} x_i")
    (condition, _) = tree.arguments[0].arguments
    assert tree.upper == "n"
    assert (condition.head, condition.text, *map(str, condition.arguments)) == ("comparison", "<", "i", "n")


def test_a_word_that_is_declared_may_be_applied() -> None:
    spellings = Spellings(functions={}, letters=frozenset({"swish"}))
    assert str(parse(r"\operatorname{swish}(x)", spellings)) == r"(product \operatorname{swish} (group x))"


def test_the_table_says_which_signs_bind_how() -> None:
    spellings = Spellings(functions={}, infix={r"\star": ("convolution", 3), r"\odot": ("hadamard", 4)})
    assert str(parse(r"a\star b\odot c", spellings)) == "(convolution a (hadamard b c))"


# --- the author's macros -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("latex", "name", "definition", "tree"),
    [
        (r"\bX^T\bX", "bX", MacroDefinition(r"\mathbf{X}"), r"(product (transpose \mathbf{X}) \mathbf{X})"),
        (r"x\T y", "T", MacroDefinition(r"^\top"), "(product (transpose x) y)"),
        (r"\inner{A}{B+\inner xy}", "inner", MacroDefinition(r"\langle #1, #2\rangle", 2), None),
        (r"\n{x}+\n[1]{y}", "n", MacroDefinition(r"\|#2\|_{#1}", 2, "2"), "(add (norm:2 x) (norm:1 y))"),
        (r"\trace(A)", "trace", MacroDefinition(r"\mathrm{tr}"), "(call:trace A)"),
        (r"\half x", "half", MacroDefinition(r"\frac12"), "(product (fraction 1 2) x)"),
        (r"\norm{x} + \abs y", "unused", MacroDefinition(""), "(add (norm x) (bars y))"),
    ],
)
def test_macros_are_expanded(latex: str, name: str, definition: MacroDefinition, tree: str | None) -> None:
    assert str(read(latex, **{name: definition})) == (tree or "(inner A (add B (inner x y)))")


@pytest.mark.parametrize(
    ("body", "arguments", "code"),
    [
        (r"\a", 0, "E129"),
        (r"\a\a", 0, "E129"),
        (r"{\a}", 0, "E121"),
        ("x}", 0, "E129"),
        ("#1", 1, "E129"),
        ("+", 0, "E126"),
    ],
)
def test_an_error_in_a_macro_points_at_its_use(body: str, arguments: int, code: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(r"1+\a", a=MacroDefinition(body, arguments))
    assert caught.value.code == code
    assert caught.value.span == Span("f", 2, 4)


def test_what_a_macro_yields_has_the_span_of_its_use() -> None:
    tree = read(r"1+\pair{x}{y}", pair=MacroDefinition(r"\langle #1,#2\rangle", 2))
    inner = tree.arguments[1]
    assert (inner.span.start, inner.span.end) == (2, 13)
    assert [x.span for x in inner.arguments] == [Span("f", 8, 9), Span("f", 11, 12)]


# --- size --------------------------------------------------------------------------------------------------

MANY = 5000


@pytest.mark.parametrize(
    "latex",
    ["x" * MANY, "+".join("x" * MANY), "|x|" * MANY, r"\sum_i x_i+" * MANY + "y", r"\odot ".join("x" * 150)],
    ids=["factors", "terms", "bars", "sums", "signs"],
)
def test_long_formulas_are_read(latex: str) -> None:
    assert read(latex).arguments


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{", "}"),
        ("(", ")"),
        (r"\left(", r"\right)"),
        ("|", "|"),
        (r"\frac{1}{", "}"),
        (r"\sqrt ", ""),
        (r"\sqrt{", "}"),
        (r"\sin ", ""),
        (r"\log(", ")"),
        (r"\sum_i ", ""),
        (r"\hat ", ""),
        (r"\mathbf{", "}"),
        (r"\begin{aligned}", r"\end{aligned}"),
        (r"a\odot ", ""),
        (r"a/", ""),
        ("-", ""),
        (r"\langle a,", r"\rangle"),
        ("x^{", "}"),
        ("x_{", "}"),
        (r"\text{", "}"),
    ],
)
def test_deep_nesting_is_an_error_and_no_crash(before: str, after: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(before * 2 * MANY + "x" + after * 2 * MANY)
    assert caught.value.span is not None
    assert read(before * 2 + "x" + after * 2)


# --- properties --------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["x", "X", r"\Sigma", r"\mathbf{w}", "a_1", r"\hat{y}", "W^{(2)}", r"\boldsymbol{\phi}_n"])
SCRIPTS = {
    "^T": "(transpose {})",
    r"^{-\top}": "(inverse_transpose {})",
    "^{-1}": "(power {} -1)",
    "'": "(prime {})",
    r"^{\odot 2}": "(hadamard_power {} 2)",
    "^+": "(superscript:+ {})",
}
AROUND = {
    "(": (")", "(group {})"),
    r"\left[": (r"\right]", "(group:[ {})"),
    r"\lvert ": (r"\rvert", "(bars {})"),
    r"\lVert ": (r"\rVert_F", "(norm:F {})"),
    r"\sqrt{": ("}", "(sqrt {})"),
    r"\exp(": (")", "(call:exponential {})"),
    r"\operatorname{tr}\{": (r"\}", "(call:trace {})"),
}
SIGNS = {r"\odot ": "hadamard", r"\otimes ": "kronecker", r"\cdot ": "cdot", ":": "colon"}

Sample = tuple[str, str]
"""LaTeX, and the tree that it is read as."""


def factors(inner: st.SearchStrategy[Sample]) -> st.SearchStrategy[Sample]:
    around = st.tuples(st.sampled_from(sorted(AROUND)), inner).map(
        lambda x: (x[0] + x[1][0] + AROUND[x[0]][0], AROUND[x[0]][1].format(x[1][1]))
    )
    fraction = st.tuples(inner, inner).map(
        lambda x: (rf"\frac{{{x[0][0]}}}{{{x[1][0]}}}", f"(fraction {x[0][1]} {x[1][1]})")
    )
    plain = NAMES.map(lambda name: (name, name))
    scripted = st.tuples(
        plain.filter(lambda x: "^" not in x[0]) | inner.map(lambda x: (f"({x[0]})", f"(group {x[1]})")),
        st.sampled_from(sorted(SCRIPTS)),
    ).map(lambda x: (x[0][0] + x[1], SCRIPTS[x[1]].format(x[0][1])))
    return plain | scripted | around | fraction


def joined(inner: st.SearchStrategy[Sample]) -> st.SearchStrategy[Sample]:
    factor = factors(inner)
    products = st.lists(factor, min_size=2, max_size=4).map(
        lambda x: (" ".join(f[0] for f in x), f"(product {' '.join(f[1] for f in x)})")
    )
    operand = factor | products
    signed = st.tuples(operand, st.sampled_from(sorted(SIGNS)), operand).map(
        lambda x: (x[0][0] + x[1] + x[2][0], f"({SIGNS[x[1]]} {x[0][1]} {x[2][1]})")
    )
    term = operand | signed
    sums = st.tuples(term, term, term).map(
        lambda x: (f"{x[0][0]} - {x[1][0]}+{x[2][0]}", f"(add {x[0][1]} (negate {x[1][1]}) {x[2][1]})")
    )
    return term | sums


SAMPLES = st.recursive(NAMES.map(lambda name: (name, name)), joined, max_leaves=12)


@given(SAMPLES.filter(lambda sample: "(bars (bars" not in sample[1]))  # they are a norm
def test_what_is_written_is_read_back(sample: Sample) -> None:
    latex, tree = sample
    assert str(read(latex)) == tree


@given(SAMPLES, st.sampled_from([" ", r"\,", "~", r"\ ", "\n", "{}"]))
def test_blanks_mean_nothing(sample: Sample, blank: str) -> None:
    latex = sample[0]
    spaced = re.sub(r" ", lambda _: f" {blank} ", latex)
    assert str(read(f"{blank} {spaced} {blank}")) == str(read(latex))


FRAGMENTS = re.findall(
    r"\S+",
    r"""
    a X i 1 0.5 + - = ^ _ { } ( ) [ ] \{ \} | || \| , . / ' * : ; ! & ~ < > # $ % \\ \top T \odot \cdot \circ
    \frac \sqrt \sum \sum_i \log \exp \det \operatorname{tr} \operatorname \mathbf \mathrm \text \text{T} \hat \vec
    \left \right \left( \right) \left\| \right\| \langle \rangle \lVert \rVert \big \Bigl \Bigr \alpha \Sigma
    \mathbf{1} \bf \rm \over \color{red} \underbrace \overset{d}{=} tr( exp( diag ᵀ ² ₁ Σ ‖ （ 是 \prime ^{-1} ^T ^{-T}
    ^{(i)} ^{[1]} _F _{ij} \begin{aligned} \end{aligned} \norm{ \abs \foo \mkern3mu \hspace{1em} \max \partial \in
    """,
)


@settings(max_examples=400 if EXHAUSTIVE else 150)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map(" ".join) | st.text(max_size=20))
def test_anything_is_read_or_refused_with_a_place(latex: str) -> None:
    try:
        tree = read(latex)
    except ParseError as error:
        assert re.fullmatch(r"E1[23]\d", error.code)
        assert error.span is not None
        assert 0 <= error.span.start <= error.span.end <= len(latex)
    else:
        check_spans(tree, len(latex))


def check_spans(tree: Syntax, length: int) -> None:
    assert 0 <= tree.span.start <= tree.span.end <= length
    for x in tree.arguments:
        assert tree.span.start <= x.span.start
        assert x.span.end <= tree.span.end
        check_spans(x, length)


@given(SAMPLES)
def test_a_canonical_name_is_read_as_itself(sample: Sample) -> None:
    waiting = [read(sample[0])]
    while waiting:
        node = waiting.pop()
        waiting += node.arguments
        if node.head == "symbol":
            assert read(node.text).text == node.text


SCRAPS = (
    *"{}[]()|^_~&#'*- \n\t\r\x0baB1",
    "\\",
    r"\alpha",
    r"\beta ",
    r"\,",
    r"\ ",
    r"\{",
    r"\\",
    r"\(",
    "$",
    "%",
    "é",
    r"\end",
    r"\begin{aligned}",
    r"\end{aligned}",
    r"\end{cases}",
)


@given(st.lists(st.sampled_from(SCRAPS), max_size=14).map("".join))
@settings(max_examples=500 if EXHAUSTIVE else 150)
def test_a_plain_formula_has_the_pieces_that_pylatexenc_finds(latex: str) -> None:
    plain = plain_pieces(latex)
    assert plain is None or plain == walked_pieces(latex, Reading(latex, SPELLINGS, "f", {}))


def test_most_formulas_are_plain() -> None:
    assert plain_pieces(r"-\frac12\log\det\Sigma-\frac{1}{2}\sum_{i=1}^n(x_i-\mu)^\top\Sigma^{-1}(x_i-\mu)") is not None
    assert plain_pieces(r"\begin{aligned}a &= b \\ &= \begin{pmatrix}c\end{pmatrix}\end{aligned}") is not None
    assert plain_pieces("a% a comment") is plain_pieces(r"\begin {aligned}a\end{aligned}") is plain_pieces("{") is None
