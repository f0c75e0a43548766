"""The lint: which derivatives are found in a page, and the verdict on each.

`fixtures/lint.md` holds pages with the claims that are found in them. After a change that is meant,
`make goldens` writes what is found now; read the difference with care.
"""

from __future__ import annotations

import json
import os
import re
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import EXHAUSTIVE, FIXTURES
from test_error_pages import printed

import mdderive
from mdderive.documents.formulas import formulas
from mdderive.linting import finding, judgement
from mdderive.linting.claim import Claim, derivation
from mdderive.linting.derivatives import derivative_of, may_hold_derivative
from mdderive.linting.doubts import doubt_of
from mdderive.linting.report import comments
from mdderive.linting.statements import statements
from mdderive.linting.surroundings import symbol_of, tree_of
from mdderive.linting.worlds import World

FIXTURE = FIXTURES / "lint.md"
PAGE = re.compile(r"^## ([^\n]+)\n\n~~~~(markdown|latex)\n(.*?)^~~~~\n\n((?:- [^\n]*\n)*)", re.MULTILINE | re.DOTALL)
PAGES = PAGE.findall(FIXTURE.read_text(encoding="utf-8"))


def found_in(text: str, kind: str) -> str:
    """Return the claims of a page, a line each: where, the verdict, what is claimed, and what more is known."""
    lines = []
    for claim in mdderive.claims(text, kind):  # type: ignore[arg-type]
        more = claim.condition or (claim.reason if claim.verdict in ("not judged", "shapes do not fit") else "")
        latex = re.sub(r"\s+", " ", claim.latex)
        follows = " (follows)" if claim.follows else ""
        place = f"{claim.place.line}:{claim.place.column}"
        lines.append(f"- {place} {claim.verdict}{follows}: `{latex}`" + (f" -- {more}" if more else "") + "\n")
    return "".join(lines)


@pytest.mark.parametrize(("kind", "text", "expected"), [pytest.param(*x[1:], id=x[0]) for x in PAGES])
def test_the_claims_of_a_page(kind: str, text: str, expected: str) -> None:
    assert found_in(text, kind) == expected


def test_every_page_is_read() -> None:
    assert len(PAGES) == FIXTURE.read_text(encoding="utf-8").count("\n## ") > 40


def test_the_place_is_that_of_the_claim() -> None:
    for _, kind, text, _ in PAGES:
        for claim in mdderive.claims(text, kind):  # type: ignore[arg-type]
            lines = text.split("\n")
            assert claim.place.source == lines[claim.place.line - 1]
            stretch = claim.place.source[claim.place.column - 1 :][: claim.place.width]
            assert re.sub(r"\W", "", stretch)[:1] == re.sub(r"\W", "", claim.latex)[:1] or "newcommand" in text


# --- what is said ------------------------------------------------------------------------------------------------

WRONG = "Let $f(x) = \\|Ax-b\\|^2$. Then $\\nabla f(x) = A^T(Ax-b)$.\n\nMore.\n"


def test_a_false_claim_comes_with_numbers_and_the_right_answer() -> None:
    [problem] = mdderive.lint(WRONG)
    assert (problem.code, problem.severity, problem.place.line, problem.place.column) == ("E701", "error", 1, 46)
    assert re.search(r"its entry \(\d+, 1\) is [-\d.]+, the derivative is [-\d.]+$", problem.message)
    assert problem.hint == r"it is 2A^\top(Ax-b); mdderive -e '\derive<\|Ax-b\|^2><x>' shows why"


def test_an_accusation_shows_what_was_looked_up() -> None:
    [problem] = mdderive.lint("Let $f(x) = \\|r\\|^2$ with\n$r = Ax-b$. Then\n\n$$\\nabla f(x) = A^Tr$$\n")
    assert [(place.line, text) for place, text in problem.notes] == [(1, "f is defined here"), (2, "r is defined here")]


def test_the_right_answer_for_a_component_is_that_for_the_whole() -> None:
    [problem] = mdderive.lint("$\\frac{\\partial}{\\partial x_i}(x^TAx) = \\sum_jA_{ij}x_j$\n")
    assert problem.message.startswith("this derivative is false: for i = ")
    assert problem.hint == r"the derivative with respect to x is (A+A^\top)x; mdderive -e '\derive<x^TAx><x>' shows why"


def test_the_marker_derives_the_right_answer() -> None:
    [claim] = mdderive.claims(WRONG)
    text = mdderive.expand(claim.marker + "\n").text
    assert r"2A^\top(Ax-b)" in text


def test_clauses_of_the_page_and_of_the_settings_count() -> None:
    page = "$\\nabla_x (x^TAx) = 2Ax$\n"
    assert [x.code for x in mdderive.lint(page)] == ["E703"]
    assert mdderive.lint(page, clauses=["A: symmetric"]) == []
    assert mdderive.lint("<!-- mdderive: A: symmetric -->\n\n" + page) == []
    assert mdderive.lint("---\nmdderive: {where: ['A: symmetric']}\n---\n\n" + page) == []
    assert mdderive.lint("% mdderive: A: symmetric\n" + page, "latex") == []


def test_off_and_on_are_no_clauses() -> None:
    page = "<!-- mdderive: off -->\n\n$\\nabla_x (x^TAx) = Ax$\n\n<!-- mdderive: on -->\n\n\\derive<a^Tx><x>\n"
    assert mdderive.expand(page).problems == ()
    assert mdderive.lint(page) == []


def test_only_the_first_wrong_member_of_a_chain_is_told() -> None:
    [problem] = mdderive.lint("$\\nabla_x (a^Tx) = 2a = 3a$\n")
    assert problem.place.column == 20


def test_what_stands_in_a_solution_is_not_judged_again() -> None:
    page = mdderive.expand("\\derive<a^Tx><x>\n\n$\\nabla_x (b^Tx) = 2b$\n").text
    [claim] = mdderive.claims(page)
    assert claim.place.source == "$\\nabla_x (b^Tx) = 2b$"


# --- solutions as comments ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["markdown", "latex"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [WRONG, WRONG.removesuffix("\n\nMore.\n"), textwrap.indent(WRONG, "> ")])
def test_the_solution_is_added_once_and_nothing_else_changes(kind: str, end: str, last: str) -> None:
    page = last.replace("\n", end)
    once = comments(page, kind, mdderive.claims(page, kind))  # type: ignore[arg-type]
    assert r"2A^⊤(Ax-b)" in once
    assert comments(once, kind, mdderive.claims(once, kind)) == once  # type: ignore[arg-type]
    assert [x.verdict for x in mdderive.claims(once, kind)] == ["false"]  # type: ignore[arg-type]
    written = page.splitlines(keepends=True)
    rest = [line for line in once.splitlines(keepends=True) if line.strip() in {x.strip() for x in written}]
    assert "".join(rest).rstrip() == page.rstrip()


# --- the command line --------------------------------------------------------------------------------------------


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.md"
    path.write_text(WRONG, encoding="utf-8")
    return path


def test_the_exit_status(note: Path, tmp_path: Path) -> None:
    assert printed(f"mdderive --lint {note}")[0] == 4
    assert note.read_text(encoding="utf-8") == WRONG
    for text, status, asked in (
        ("$\\nabla_x (x^TAx) = 2Ax$", 0, 1),
        ("$\\nabla_x (a^Tx) = a$", 0, 0),
        ("$\\nabla_x J = a$", 0, 0),
    ):
        note.write_text(text, encoding="utf-8")
        assert printed(f"mdderive --lint {note}")[0] == status
        assert printed(f"mdderive --lint --select E703,E705 {note}")[0] == asked
    assert printed(f"mdderive --lint {tmp_path / 'none.md'}")[0] == 2


def test_json_has_every_claim(note: Path) -> None:
    import shlex

    status, said = printed(f"mdderive --lint --format json {shlex.quote(str(note))}")
    [line] = [x for x in said.splitlines() if x.startswith("{")]
    one = json.loads(line)
    assert status == 4
    assert (one["verdict"], one["claim"], one["answer"]) == ("false", "A^T(Ax-b)", r"2A^\top(Ax-b)")


def test_sarif_offers_the_right_answer(note: Path) -> None:
    said = printed(f"mdderive --lint --format sarif {note}")[1]
    log = json.loads(said[said.index("{\n") :])
    [result] = log["runs"][0]["results"]
    [replacement] = result["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replacement["insertedContent"]["text"] == WRONG.split("\n")[0].replace("A^T(Ax-b)", r"2A^\top(Ax-b)") + "\n"


def test_github_annotates(note: Path) -> None:
    assert "::error title=mdderive E701,file=" in printed(f"mdderive --lint --format github {note}")[1]


def test_statistics_count_by_verdict(note: Path) -> None:
    said = printed(f"mdderive --lint --statistics {note}")[1]
    assert "     1 claims found, 1 judged\n" in said and "     1 false\n" in said


def test_codes_are_selected_and_left_out(note: Path) -> None:
    note.write_text(WRONG + "$\\nabla_x (x^TAx) = 2Ax$ and $\\nabla_x J = 2a$\n", encoding="utf-8")
    assert re.findall("E70.", printed(f"mdderive --lint {note}")[1]) == ["E701", "E703"]
    assert re.findall("E70.", printed(f"mdderive --lint --select E705 {note}")[1]) == ["E705"]
    assert re.findall("E70.", printed(f"mdderive --lint --select E70 --ignore E703 {note}")[1]) == ["E701", "E705"]
    assert printed(f"mdderive --lint --select E9 {note}")[0] == 2


def test_a_comment_keeps_the_lint_from_one_formula(note: Path) -> None:
    wrong = "$\\nabla_x (a^Tx) = 2a$"
    ignore = "<!-- mdderive: ignore E701 -->"
    for page, count in (
        (f"{wrong} {ignore} {wrong}\n", 1),
        (f"{ignore}\n{wrong}\n\n{wrong}\n", 1),
        (f"{wrong} <!-- mdderive: ignore -->\n", 0),
        (f"{wrong} <!-- mdderive: ignore E704 E703 -->\n", 1),
    ):
        assert len(mdderive.lint(page)) == count
        assert mdderive.expand(page).problems == ()
    assert mdderive.lint("% mdderive: ignore E701\n$\\nabla_x (a^Tx) = 2a$\n", "latex") == []


def test_a_baseline_accepts_what_is_there(note: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    assert printed(f"mdderive --lint --baseline {baseline} {note}")[0] == 0
    [entry] = json.loads(baseline.read_text(encoding="utf-8"))
    assert entry == {"file": "note.md", "code": "E701", "formula": "A^T(Ax-b)"}
    note.write_text("A line more.\n\n" + WRONG, encoding="utf-8")
    assert printed(f"mdderive --lint --baseline {baseline} {note}")[0] == 0
    note.write_text(WRONG + WRONG, encoding="utf-8")  # one more than was accepted
    assert printed(f"mdderive --lint --baseline {baseline} {note}")[0] == 4
    baseline.write_text("no JSON", encoding="utf-8")
    assert printed(f"mdderive --lint --baseline {baseline} {note}")[0] == 2


def test_a_baseline_of_files_whose_names_are_no_utf_8(note: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    try:
        note.rename(note.with_name(os.fsdecode(b"n\xf6te.md")))
    except (OSError, UnicodeError):
        pytest.skip("names are UTF-8 here")
    for _ in range(2):
        assert printed(f"mdderive --lint --baseline {baseline} {note.parent}")[0] == 0
    assert json.loads(baseline.read_text(encoding="utf-8"))[0]["file"] == "n\udcf6te.md"


def test_a_second_run_judges_nothing_again(note: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (note.parent / "pyproject.toml").write_text("", encoding="utf-8")
    first = printed(f"mdderive --lint {note}")
    monkeypatch.setattr(finding, "judged", lambda *given: pytest.fail("judged again"))
    assert printed(f"mdderive --lint {note}") == first


def test_statistics_say_why_claims_are_not_judged(note: Path) -> None:
    note.write_text("$\\nabla_x J = 2a$ and $\\nabla_x K = 2a$\n", encoding="utf-8")
    said = printed(f"mdderive --lint --statistics {note}")[1]
    assert said.endswith("     2 not judged\n     2 inline, 0 judged\n     2   ... is not defined here\n")


def test_fix_writes_a_comment(note: Path) -> None:
    printed(f"mdderive --lint --fix {note}")
    text = note.read_text(encoding="utf-8")
    assert text.startswith(WRONG.split("\n")[0] + "\n<!-- False, by mdderive: A^T(Ax-b); see \\derive")
    printed(f"mdderive --lint --fix {note}")
    assert note.read_text(encoding="utf-8") == text


FALSE_ONES = {
    "a gradient": r"$\nabla_x (a^Tx) = 2a$",
    "a gradient by a matrix": r"$\frac{\partial}{\partial X}\log\det X = X^{-1}+X$",
    "a component": r"$f = \sum_i x_i^2$ has $\frac{\partial f}{\partial x_k} = 3x_k$",
    "a Hessian": r"$\nabla^2_x (x^TAx) = A^T-A$",
    "a sum of samples": r"$\nabla_w \sum_{i=1}^n (y_i-w^Tx_i)^2 = 2\sum_{i=1}^n (y_i-w^Tx_i)x_i$",
}
TRUE_OR_OPEN = (
    r"$\nabla_x (a^Tx) = a$, $\nabla_x (x^TAx) = 2Ax$, $\nabla_x J = 3x$, "
    r"$J = \frac1n\sum_x (y-a)^2$ has $\frac{\partial J}{\partial a} = \frac3n\sum_x (y-a)$."
)


@pytest.mark.parametrize("text", [pytest.param(x, id=name) for name, x in FALSE_ONES.items()])
def test_fix_writes_only_what_is_true(text: str) -> None:
    """The answer that is written is judged true in the place of the claim, and the claim false."""
    [claim] = mdderive.claims(f"{text}\n")
    assert claim.verdict == "false"
    written = comments(f"{text}\n", "markdown", [claim])
    asked = derivation(claim)
    assert asked is not None and asked[1] in written
    mended = page_with(text, claim, str(asked[0].gradient), asked[0].variable.latex)
    assert [x.verdict for x in mdderive.claims(mended)] == ["true"]


def page_with(text: str, claim: Claim, right: str, variable: str) -> str:
    """Return a page that claims what is right of the function of a claim."""
    order = r"\nabla^2" if claim.kind == "hessian" else r"\nabla"
    where = "".join(f"${x.replace(':=', '=')}$. " for x in claim.where if ":=" in x)
    return f"{where}${order}_{{{variable}}} \\left({claim.f}\\right) = {right}$\n"


def test_fix_writes_nothing_of_what_is_not_false() -> None:
    found = mdderive.claims(f"{TRUE_OR_OPEN}\n")
    assert [x.verdict for x in found] == ["true", "true only if", "not judged", "not judged"]
    assert comments(f"{TRUE_OR_OPEN}\n", "markdown", found) == f"{TRUE_OR_OPEN}\n"


def test_several_processes_say_the_same(note: Path) -> None:
    other = note.with_name("other.md")
    other.write_text("$\\nabla_x (a^Tx) = 3a$\n", encoding="utf-8")
    assert printed(f"mdderive --lint -j 2 {note.parent}") == printed(f"mdderive --lint {note.parent}")


@pytest.mark.parametrize(
    "arguments", ["--lint --check", "--lint --strip", "--lint --watch", "--fix", "--statistics", "--lint -o x.md"]
)
def test_what_does_not_go_together(arguments: str, note: Path) -> None:
    assert printed(f"mdderive {arguments} {note}")[0] == 2


# --- whatever stands in a page -----------------------------------------------------------------------------------

SNIPPETS = st.sampled_from([
    r"\frac{\partial f}{\partial x}", r"\nabla_x", "=", "f(x)", r"\|Ax-b\|^2", "$", "$$", "\n", "\n\n", "> ", "- ", "&",
    r"\\", r"\begin{align}", r"\end{align}", "x^TAx", "2Ax", r"\text{if }", "{", "}", "^", "_", r"\left(", ")", "d",
    "'", "|", r"\newcommand{\x}{", r"\x", "`", "对称", r"\partial", "/", ":=", r"\frac", "%", "I", "0",
    "<!-- mdderive: off -->",
])  # fmt: skip


@settings(max_examples=150 if EXHAUSTIVE else 50, deadline=None)
@given(st.lists(SNIPPETS, max_size=30), st.sampled_from(["markdown", "latex"]))
def test_no_page_is_too_odd(parts: list[str], kind: str) -> None:
    text = " ".join(parts)
    for claim in mdderive.claims(text, kind):  # type: ignore[arg-type]
        assert claim.verdict and text.split("\n")[claim.place.line - 1] == claim.place.source
    mdderive.lint(text, kind)  # type: ignore[arg-type]


def rewrite() -> None:
    """Write what is found now into the fixture."""

    def section(match: re.Match[str]) -> str:
        title, kind, text, _ = match.groups()
        return f"## {title}\n\n~~~~{kind}\n{text}~~~~\n\n{found_in(text, kind)}"

    FIXTURE.write_text(PAGE.sub(section, FIXTURE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    rewrite()


def test_what_does_not_show_is_no_part_of_a_claim() -> None:
    [claim] = mdderive.claims("$$\\frac{\\partial a^Tx}{\\partial x} = \\vphantom{X} a$$", "markdown")
    assert (claim.verdict, claim.latex) == ("true", "a")


@pytest.mark.parametrize(("kind", "text"), [pytest.param(*x[1:3], id=x[0]) for x in PAGES])
def test_signs_show_every_derivative(kind: str, text: str) -> None:
    """What is told from the signs alone holds for every formula that states a derivative."""
    for formula in formulas(text, kind):
        members = [x for chain in statements(formula.latex, {}) for x in chain.members]
        assert may_hold_derivative(formula.latex) or not any(x.pieces and derivative_of(x.pieces) for x in members)


@pytest.mark.parametrize("latex", [r"\lambda^\top\alpha", r"\begin{aligned}X\end{aligned}", r"\frac{1}{2}\|Xw-y\|^2"])
def test_signs_of_a_derivative_are_not_seen_everywhere(latex: str) -> None:
    assert may_hold_derivative(latex) == ("aligned" in latex)  # a d in braces may be one


def test_a_letter_with_another_definition_than_what_is_differentiated_is_in_doubt() -> None:
    [chain] = statements(r"\frac{\partial y_k}{\partial a_k} = y_k - y_k^2", {})
    derivatives = [x for x in [derivative_of(chain.members[0].pieces)] if x is not None]
    world = World(r"\frac{\exp(a_k)}{\sum_j\exp(a_j)}", "a_k", where=(r"y_n := w^Tx_n",))
    assert doubt_of(chain.members[1], world, derivatives) == "several definitions may be meant"
    assert not doubt_of(chain.members[1], replace(world, where=()), derivatives)


def test_equal_claims_are_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    mdderive.clear_caches()
    read = judgement._question
    asked: list[str] = []
    monkeypatch.setattr(judgement, "_question", lambda world, claimed: asked.append(claimed) or read(world, claimed))
    page = "$\\frac{\\partial a^TXb}{\\partial X} = ab^T$ and\n\n"
    assert [x.verdict for x in mdderive.claims(3 * page)] == ["true"] * 3 and asked == ["ab^T"]


def test_a_formula_at_which_mdderive_fails_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    real = finding.judged

    def judged(assertion: finding.Assertion, resolver: finding.Resolver) -> finding.Judged:
        if "b" in assertion.claimed:
            raise IndexError("list index out of range")
        return real(assertion, resolver)

    monkeypatch.setattr(finding, "judged", judged)
    page = r"$\frac{\partial b^Tx}{\partial x} = b$ and $\frac{\partial a^Tx}{\partial x} = a$"
    first, second = mdderive.claims(page)
    assert (first.verdict, second.verdict) == ("not judged", "true")
    assert first.reason == "mdderive itself failed here: IndexError: list index out of range"


PERHAPS_LETTERS = r"x -x +x x_+ x^+ x_{t-1} \hat{x}_{i|j} W^{(l)} x^* {x} \bar{x}' (x) \{x\} |x|"
COMPOSED = r"\|x\| x+y f(x) x=y a/b <x,y> x<y x_{1}+y A\|x\| {"


@pytest.mark.parametrize("latex", [*PERHAPS_LETTERS.split(), *COMPOSED.split(), "x_ +", "x - y"])
def test_a_formula_is_a_letter_whether_or_not_it_is_read_for_that(latex: str) -> None:
    tree = tree_of(latex)
    assert symbol_of(latex) == (tree.text if tree is not None and tree.head == "symbol" else "")
