"""The macros of authors: where they may be defined, how they are read, and which of them matter for a marker."""

import re

import pytest
from fake_solver import FakeSolver

import mdderive
from mdderive.documents.current import is_current
from mdderive.documents.expand import expand, review, strip
from mdderive.documents.front_matter import clauses_of_front_matter
from mdderive.documents.model import Kind
from mdderive.errors import ParseError
from mdderive.latex.macros import LONGEST, find_macros, macro_of_setting, read_macro, used_in

DEFINITIONS = [
    (r"\newcommand{\bX}{\mathbf{X}}", r"\newcommand{\bX}{\mathbf{X}}"),
    (r"\newcommand\bX{\mathbf X}", r"\newcommand{\bX}{\mathbf X}"),
    (r"\renewcommand*{\vec}[1]{\mathbf{#1}}", r"\newcommand{\vec}[1]{\mathbf{#1}}"),
    (r"\providecommand\norm [2] [2] {\|#2\|_{#1}}", r"\newcommand{\norm}[2][2]{\|#2\|_{#1}}"),
    (r"\def\sq#1{#1^2}", r"\newcommand{\sq}[1]{#1^2}"),
    (r"\gdef \x {y}", r"\newcommand{\x}{y}"),
    (r"\newcommand\x y", r"\newcommand{\x}{y}"),
    (r"\DeclareMathOperator{\Tr}{tr}", r"\newcommand{\Tr}{\operatorname{tr}}"),
    (r"\DeclareMathOperator*\argmin{arg\,min}", r"\newcommand{\argmin}{\operatorname*{arg\,min}}"),
    (r"\DeclarePairedDelimiter{\norm}{\lVert}{\rVert}", r"\newcommand{\norm}[1]{\lVert #1\rVert}"),
    ("\\newcommand{\\x}{ % why\n  a\n  \\% \\{ b }", r"\newcommand{\x}{a \% \{ b}"),
]
NO_DEFINITIONS = [
    r"\newcommand{\x}", r"\newcommand",
    r"\newcommand{x}{y}", r"\def\x<#1>{#1}", r"\newcommand{\x}{", r"\newcommands{\x}{y}",
    r"\def\derive<#1><#2>{d}", r"\newcommand{\derive}{d}", r"\newcommand{\x}{" + "y" * LONGEST + "}",
]  # fmt: skip


@pytest.mark.parametrize(("source", "latex"), DEFINITIONS)
def test_a_definition(source: str, latex: str) -> None:
    page = f"é {source} b"
    ((start, end, macro),) = find_macros(page, 0, len(page))
    assert page[start:end] == source
    assert macro.latex == latex
    assert read_macro(f" {source} ", "where:0") == read_macro(macro.latex, "where:0") == macro


@pytest.mark.parametrize("source", NO_DEFINITIONS)
def test_no_definition(source: str) -> None:
    assert list(find_macros(source, 0, len(source))) == []
    with pytest.raises(ParseError) as caught:
        read_macro(source, "where:0")
    assert caught.value.code == "E129"


def test_macros_of_settings() -> None:
    found = [macro_of_setting(*pair) for pair in ((r"\bX", r"\mathbf{X}"), ("pair", "#2,#1"), ("a b", ""), (r"\%", ""))]
    assert [macro and macro.latex for macro in found] == [
        r"\newcommand{\bX}{\mathbf{X}}", r"\newcommand{\pair}[2]{#2,#1}", None, None,
    ]  # fmt: skip


def test_used_through_others() -> None:
    bodies = {r"\a": r"\b x", r"\b": r"\a", r"\c": r"\b", r"\ab": ""}
    assert used_in([r"\a + 1"], bodies) == {r"\a", r"\b"}


LATEX = r"""\newcommand{\bX}{\mathbf{X}}
\def\unused{\bX}
\begin{document}
\derive<a^T\bX b><\bX>
\end{document}
"""
PAGES: list[tuple[str, Kind]] = [
    (LATEX, "latex"),
    ("$$\n\\newcommand{\\bX}{\\mathbf{X}} \\def\\unused{\\bX}\n$$\n\n\\derive<a^T\\bX b><\\bX>\n", "markdown"),
    ("A\n\nB\n\nC $\\providecommand{\\bX}{\\mathbf{X}}$\n\nD\n\n\\derive<a^T\\bX b><\\bX>\n", "markdown"),
    ("> $\\newcommand{\\bX}{\\mathbf{X}}$\n\n\\derive<a^T\\bX b><\\bX>\n", "markdown"),
    ("---\nmdderive: {macros: {\"\\\\bX\": '\\mathbf{X}', y: z}}\n---\n\n\\derive<a^T\\bX b><\\bX>\n", "markdown"),
    (
        '---\nmdderive:\n  macros:\n    \\bX: ["\\\\mathbf{X}", 0]\n  lang: en\n---\n\n\\derive<a^T\\bX b><\\bX>\n',
        "markdown",
    ),
    ("<!-- mdderive: \\newcommand{\\bX}{\\mathbf{X}}; a: vector -->\n\n\\derive<a^T\\bX b><\\bX>\n", "markdown"),
    ("\\derive<a^T\\bX b><\\bX>[\\newcommand{\\bX}{\\mathbf{X}}]\n", "markdown"),
]


@pytest.mark.parametrize(("page", "kind"), PAGES)
def test_the_macros_of_a_page_are_understood(page: str, kind: Kind) -> None:
    expanded = mdderive.expand(page, kind)
    assert expanded.problems == ()
    (found,) = expanded.derivations
    assert str(found.derivations[0].gradient) == r"ab^\top"
    is_of_page = "mdderive:" not in page and "[\\newcommand" not in page
    letter = r"\bX" if is_of_page else r"\mathbf{X}"
    assert rf"${letter}\in\mathbb" in expanded.text.split("\\derive")[1]
    assert strip(expanded.text, kind) == page
    assert review(expanded.text, kind) == ()


@pytest.mark.parametrize("page", [page for page, kind in PAGES if kind == "markdown" and "$\\" not in page])
def test_a_page_with_macros_is_known_to_be_up_to_date(page: str) -> None:
    expanded = expand(page, "markdown", FakeSolver()).text
    assert is_current(expanded, "markdown")
    assert not is_current(expanded.replace(r"\mathbf{X}", r"\mathsf{X}"), "markdown")
    assert not is_current(
        expanded.replace("\n$$\n\n<!--", "\n$$\n\n~~~\n~~~\n<!--").replace("$$\n", "~~~\n", 1), "markdown"
    )


def test_only_the_macros_that_a_marker_uses_make_it_stale() -> None:
    expanded = expand(LATEX, "latex", FakeSolver()).text
    assert is_current(expanded.replace(r"\unused{\bX}", r"\unused{\bX\bX}"), "latex")
    assert is_current(expanded.replace(r"\newcommand{\bX}{\mathbf{X}}", r"\renewcommand\bX {\mathbf{X}}"), "latex")
    assert not is_current(expanded.replace(r"\mathbf{X}", r"\mathbf{Y}"), "latex")


def test_the_last_definition_before_the_marker_counts() -> None:
    solver = FakeSolver()
    hidden = "\\iffalse \\def\\x{4} \\fi % \\def\\x{5}"
    page = f"\\def\\x{{1}}\n\\def\\x{{2}}\n\n\\derive<\\x><X>\n\n\\def\\x{{3}} {hidden}\n\n\\derive<\\x><X>\n"
    expand(page, "latex", solver)
    assert [request.context for request in solver.requests] == [(r"\newcommand{\x}{2}",), (r"\newcommand{\x}{3}",)]


@pytest.mark.parametrize(
    ("page", "caret"),
    [
        (r"\def\loop{\loop}\derive<a + \loop><a>", r"\loop"),
        (r"\def\p{\q\q}\def\q{\p\p}\derive<a + \p><a>", r"\p"),
        (r"\newcommand{\sq}[1]{#1^2}\derive<a + \sq><a>", r"\sq"),
        (r"\def\bad{\unknown}\derive<a + \bad><a>", r"\bad"),
        (r"\newcommand{\sq}[1]{#1^2}\derive<a + \sq{\unknown}><a>", r"\unknown"),
    ],
)
def test_an_error_in_a_macro_points_into_the_marker(page: str, caret: str) -> None:
    (problem,) = mdderive.expand(page, "latex").problems
    place = problem.place
    assert place.source[place.column - 1 : place.column - 1 + place.width] == caret
    assert place.column > page.index(r"\derive")


def test_the_real_numbers_by_a_name_of_the_authors() -> None:
    page = r"\newcommand{\RR}{\mathbb{R}}" + "\n\n" + r"\derive<a^TXb><X>[X \in \RR^{p\times q}]"
    expanded = mdderive.expand(page, "latex")
    assert expanded.problems == ()
    assert re.search(r"X\}?\\in\\mathbb\{R\}\^\{p\\times q\}", expanded.text)


@pytest.mark.parametrize("macros", ["{a b: x}", "{x}", "3", "{'': x}"])
def test_what_defines_no_macro(macros: str) -> None:
    page = f"---\nmdderive: {{macros: {macros}}}\n---\n\\derive<a><a>\n"
    expanded = expand(page, "markdown", FakeSolver())
    assert [(problem.code, problem.place.line) for problem in expanded.problems] == [("E507", 2)]
    assert expanded.text == page


MYST = """---
title: x
math:
  '\\RR': '\\mathbb{R}'
  "\\\\vx": "\\\\mathbf{x}"   # a comment
  \\va: \\mathbf{a}
  '\\sq': {macro: '#1^2', args: 1}
  '\\ab':
    macro: '\\left|#1\\right|'
    title: y
mdderive: {where: ["X: m x n"]}
---
"""


def test_macros_of_the_front_matter_of_myst() -> None:
    assert [clause.text for clause in clauses_of_front_matter(MYST)] == [
        r"\newcommand{\RR}{\mathbb{R}}",
        r"\newcommand{\vx}{\mathbf{x}}",
        r"\newcommand{\va}{\mathbf{a}}",
        r"\newcommand{\sq}[1]{#1^2}",
        r"\newcommand{\ab}[1]{\left|#1\right|}",
        "X: m x n",
    ]
    for other in ("math: true", "math:\n  - x", "math: {", "math:", "math:\n  macro: '#1'", "mathjax:\n  '\\x': y"):
        assert clauses_of_front_matter(f"---\n{other}\n---\n") == []
