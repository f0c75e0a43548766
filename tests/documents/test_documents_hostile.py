r"""What nobody writes by accident: `\\derive` in odd places, pages without measure, markers that carry HTML.

Time is not asserted; what grows faster than the page would not come to an end here.
"""

import re
from time import perf_counter, process_time

import pytest
from fake_solver import FakeSolver
from test_documents import KINDS, short

import mdderive
from mdderive.documents.context import clauses_of_macros
from mdderive.documents.current import is_current
from mdderive.documents.expand import expand, review, strip
from mdderive.documents.markdown import LONGEST
from mdderive.documents.model import Kind

M = r"\derive<a><X>"
HOSTILE = {
    "markers on a line": f"{M} " * 3000,
    "markers": f"{M}\n\n" * 1000,
    "unclosed": "\\derive<" * 5000,
    "clauses that are not closed": f"{M}[" * 3000,
    "braces": "\\derive<" + "{" * 10000 + "}" * 10000 + "><X>",
    "angles": "\\derive<" + "<" * 50000,
    "variables": "\\derive<a><" + "X," * 20000 + "X>",
    "clauses": f"{M}[" + "a;" * 20000 + "]",
    "dollars": "$x" * 20000 + M,
    "double dollars": "$$ " * 20000 + M,
    "delimiters": "\\(" * 20000 + M + "\\)",
    "environments": "\\begin{align}" * 2000 + M,
    "brackets": "[" * 3000 + M,
    "images": "![" * 1500 + M,
    "ticks": "".join("`" * (k % 300) + " " for k in range(600)) + M,
    "tags": "<a " * 3000 + M,
    "comments": "<!-- " * 20000 + M,
    "quotes": "> " * 5000 + M,
    "bullets": "- " * 5000 + M,
    "footnotes": "[^1]: " * 5000 + M,
    "admonitions": "".join(" " * 4 * k + "!!! note\n" for k in range(60)) + M,
    "terms": "a\n: b\n\n" * 2000 + M,
    "regions begun": "<!-- mdderive \\derive<a><X> " * 5000,
    "regions in LaTeX begun": "% mdderive \\derive<a><X>\n" * 10000,
    "regions ended": "<!-- /mdderive 01234567.01234567 -->\n" * 5000,
    "conditionals": "\\iffalse " * 20000 + M,
    "definitions": "\\newcommand{\\x}{" * 300 + M,
    "macros": "".join(f"$$\n\\def\\x{'abcdefghij'[k % 10] * (k % 40)}{{y}}\n$$\n\n{M}\n\n" for k in range(300)),
    "front matter": "---\nmdderive: {where: " + "[" * 5000 + "}\n---\n" + M,
    "words": "word " * 200000 + M,
    "controls": "\0\f\x0b\x85\u2028\u2029\ufeff" * 3000 + M,
    "carriage returns": "\r" * 20000 + M,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("page", HOSTILE.values(), ids=HOSTILE)
def test_hostile_pages(page: str, kind: Kind) -> None:
    expanded = expand(page, kind, short)
    assert strip(expanded.text, kind) == strip(page, kind)
    assert expand(expanded.text, kind, short).text == expanded.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_of_two_million_characters(kind: Kind) -> None:
    page = f"{'word ' * 400_000}{M}\n\n{M}\n"
    expanded = expand(page, kind, short)
    assert strip(expanded.text, kind) == page
    assert [(problem.code, problem.place.line) for problem in expanded.problems] == (
        [("E108", 1)] if kind == "markdown" else []
    )
    assert len(expanded.derivations) == (1 if kind == "markdown" else 2)


def test_a_formula_is_searched_for_macros_by_itself() -> None:
    """The whole page was gone through for each formula."""
    page, started = "word " * 400_000, process_time()
    assert not any(clauses_of_macros(page, start, start + 5) for start in range(20_000))
    assert process_time() - started < 3


def test_a_paragraph_that_is_just_short_enough() -> None:
    page = "a" * (LONGEST - 200) + " " + M
    assert expand(page, "markdown", short).problems == ()
    assert [problem.code for problem in review("a" * 200 + page, "markdown")] == ["E108"]


FORMULAS = {
    "factors": "".join(f"a_{{{k}}}" for k in range(5000)) + "x",
    "terms": "+".join(["x^2"] * 5000),
    "letters": "+".join(f"a_{{{k}}}x" for k in range(5000)),
    "braces": "{" * 10000 + "x" + "}" * 10000,
    "parentheses": "(" * 10000 + "x" + ")" * 10000,
    "unclosed parentheses": "(" * 10000 + "x",
    "fractions": "\\frac{1}{" * 2000 + "x" + "}" * 2000,
    "powers": "x^{" * 2000 + "2" + "}" * 2000,
    "functions": r"\exp" * 5000 + "x",
    "digits": "9" * 20000 + "x",
    "a name": r"\operatorname{" + "a" * 20000 + "}(x)",
    "sums": r"\sum_{i=1}^n" * 3000 + "x_i",
    "bars": "|" * 5000 + "x",
}


@pytest.mark.parametrize("f", FORMULAS.values(), ids=FORMULAS)
def test_a_formula_without_measure_is_an_error_with_a_code(f: str) -> None:
    page = f"\\derive<{f}><x>\n"
    expanded = mdderive.expand(page)
    assert expanded.text == page
    (problem,) = expanded.problems
    assert problem.code.startswith("E1") or problem.code == "E310"


TEXTS = ["<script>alert(1)</script>", "<b>", "x --!><img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "[x][y]"]
TEXTS += [r"$\href{javascript:alert(1)}{x}$", r"$\html{<b>}$"]
CARRIERS = [
    r"\derive<a^TXb><X>[title: %s]",
    r"\derive<a^TXb><X>[id: %s]",
    r"\derive<a^TXb + \text{%s}><X>",
    r"\derive<a^TXb + \operatorname{%s}(X)><X>",
    r"\derive<a_{\text{%s}}^TXb><X>",
    r"\derive<a^TXb><X>[\newcommand{\x}{%s}]",
    r"\derive<\x^TXb><X>[\newcommand{\x}{\text{%s}}]",
    r"\derive<a^TXb><X>[%s: vector]",
    r"\derive<a^TXb><X>[= %s]",
]


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("kind", KINDS)
def test_no_html_of_a_marker_reaches_the_page(text: str, carrier: str, kind: Kind) -> None:
    for page in (carrier % text, f"It is {carrier % text} here."):
        expanded = mdderive.expand(page, kind).text
        solution = re.sub(r"<!--.*?--!?>|^% .*?$|\\iffalse.*?\\fi", "", expanded.replace(page, ""), flags=re.S | re.M)
        assert not re.search(r"<[a-z/!]|javascript|\\h(ref|tml)", solution)


ODD = [
    "\\derive", "\\derive<", "\\derive<>", "\\derive<><>", "\\derive<a>", "\\derive <a> <X> [", "\\\\derive<a><X>",
    "\\deriveX<a><X>", "`\\derive<a><X>", "[\\derive<a><X>]: x", "![\\derive<a><X>](\\derive<a><X>)",
    "<\\derive<a><X>>",
    "<a \\derive<a><X>>", "&\\derive<a><X>;", "**\\derive<a><X>", "| \\derive<a><X> |\n|-|", "\\derive<a><X>\n===",
    "# \\derive<a><X> #", "\\derive<`a`><X>", "\\derive<a><X>[`]", "\\derive<<!-- a --><X>", "\\derive<$a$><X>",
    "\\derive<\\derive<a><X>><X>", "\\derive<a><\\derive<a><X>>", "$\\derive<a><X>", "$$\\derive<a><X>",
    "\\[\\derive<a><X>",
    "\\derive<a\0b><X>", "\\derive<a\u2028b><X>", "\\derive<a\udce9b><X>", "\\derive<a\tb><X>", "\ufeff\\derive<a><X>",
    "\\def\\derive<a><X>", "\\verb\\derive<a><X>", "\\begin{\\derive<a><X>}", "\\item[\\derive<a><X>]",
    "%\\derive<a><X>",
    "\\derive<a>%\n<X>", "\\derive<a><X>[%\n]", "\\derive<a\\fi><X>", "{\\derive<a><X>", "\\derive<a><X>}",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("odd", ODD)
def test_a_marker_in_an_odd_place(odd: str, kind: Kind) -> None:
    for page in (odd, f"text\n\n{odd}\n\ntext", f"- {odd}\n- x", f"> {odd}", f"a {odd} b"):
        expanded = mdderive.expand(page, kind)
        assert strip(expanded.text, kind) == page
        assert mdderive.expand(expanded.text, kind).text == expanded.text
        assert is_current(expanded.text, kind) <= all(x.severity == "ignored" for x in review(expanded.text, kind))


@pytest.mark.parametrize("comment", ["<!-- mdderive: x_{k}: vector -->", "% mdderive: x_{k}: vector"])
def test_many_comments_with_clauses(comment: str) -> None:
    """Their cost grew with the square of their number: 8,000 took 10 seconds. Beyond a thousand they are refused."""
    kind = "markdown" if comment.startswith("<") else "latex"
    page = "".join(f"{comment.replace('{k}', str(k))}\n\nA \\derive<a^Tx><x> here.\n\n" for k in range(3000))
    started = perf_counter()
    problems = review(page, kind)
    assert [problem.code for problem in problems if problem.severity == "error"] == ["E515"]
    assert expand(page, kind, FakeSolver()).text == page and not is_current(page, kind)
    assert perf_counter() - started < 10
    few = "".join(f"{comment.replace('{k}', str(k))}\n\n" for k in range(1000)) + "A \\derive<a^Tx><x> here.\n"
    assert "E515" not in [problem.code for problem in review(few, kind)]
