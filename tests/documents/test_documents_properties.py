"""What holds on every page, however odd: nothing of the author's is lost, and a second run changes nothing."""

import pytest
from fake_solver import FakeSolver
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from places import EXHAUSTIVE

from mdderive.documents.current import is_current
from mdderive.documents.expand import expand, review, strip
from mdderive.documents.files import decode, encode
from mdderive.documents.model import Kind

MARKERS = [
    r"\derive<a^T X b><X>",
    r"\derive<\|Xw-y\|^2><w>[X: m x n; solve]",
    r"\derive< f(x^T<a,b>) > <X>",
    "\\derive<a>\n<X>",
    "\\derive<a>\r\n<X>[b;\r\n c]",
    r"\derive<\bad><X>",
    r"\derive<a-->b><X>",
    r"\derive<a",
    r"\derive<><X>",
    r"$\derive<b><X>$",
    "$$\n\\derive<b><X>\n$$",
    r"$$\derive<b><X>$$",
    r"$y = \derive<b><X>$",
    r"\(\derive<b><X>\)",
    "\\[\n\\derive<b><X>\n\\]",
    "\\[\ny = \\derive<b><X>\n\\]",
    "- [ ] \\derive<b><X>",
    r"\derive<\x\y{a}><X>[\newcommand{\x}{z}]",
    r"\derive<a--!b><X>",
]
REGIONS = [
    "<!-- mdderive \\derive<a><X> -->",
    "<!-- /mdderive 01234567.89abcdef -->",
    "<!-- /mdderive 01234567.89abcdef+ -->",
    "$x$<!-- mdderive \\derive<a><X> 01234567.89abcdef -->",
    "<!-- mdderive math\\derive<a><X> 01234567.89abcdef -->",
    "% mdderive \\derive<a><X>",
    "% mdderive <X>",
    "% /mdderive 01234567.89abcdef",
    "$x$\\iffalse mdderive {\\derive<a><X>} 01234567.89abcdef\\fi{}",
    "<!-- mdderive: y: one-hot; X: m x n -->",
    "% mdderive: y: one-hot",
]
WORDS = [
    "word", "因此可得", "a b", "$x$", "$$", "$", "`", "``", "```", "~~~", "```md", "|", "| a | b |", "|---|---|", "\\|",
    "- ", "* ", "1. ", "10) ", "> ", ">", "# ", "## ", "---", "===", "!!! note", '=== "Tab"', ":::", "[^1]: ", ": ",
    "    ", "  ", "\t", " ", "\\", "\\\\", "<b>", "</b>", "<div>", "<!--", "-->", "<pre>", "</pre>", "[", "](x)", "![",
    "{", "}", "%", "\\%", "\\verb|", "\\begin{verbatim}", "\\end{verbatim}", "\\begin{proof}", "\\end{proof}",
    "\\item ", "\\iffalse", "\\fi", "\\end{document}", "\\section{", "&", "*", "**", "_", "\u2028", "\f", "\x0b",
    "\x85", "\x00", "\udce9", "mdderive:", "[!NOTE]", "- [ ] ", "2\\. ", "x<y", "<https://example.org>", "&lt;",
    "\\derive", "\\newcommand{\\x}{y}", "\\def\\y#1{$#1}", "$$\n\\def\\x{\\y1}\n$$", "$\\def\\x{1}$", "\\begin{align}",
    "\\end{align}", "/// note", "///", "\n\nA.\n\nB\nC.\n\n# D\n\n",
]  # fmt: skip
ENDS = ["\n", "\n", "\n", "\n\n", "\n\n", "\r\n", "\r\n\r\n", "\r", "\r\r"]
FRONT = [
    "",
    "",
    "",
    "---\nmdderive: {where: [X: m x n], lang: zh}\n---\n",
    "---\nmdderive:\n  lnag: zh\n---\n",
    "\ufeff",
]

pieces = st.one_of(*(st.sampled_from(choices) for choices in (MARKERS, REGIONS, WORDS, WORDS, ENDS, ENDS)))
pages = st.builds(lambda front, parts: front + "".join(parts), st.sampled_from(FRONT), st.lists(pieces, max_size=24))
lines = st.builds(
    lambda end, parts: end.join(parts),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.lists(
        st.builds(
            "".join, st.tuples(st.sampled_from(WORDS + [""] * 60), st.sampled_from(MARKERS + REGIONS + [""] * 20))
        ),
        max_size=14,
    ),
)
kinds: st.SearchStrategy[Kind] = st.sampled_from(["markdown", "latex"])
quiet = settings(
    max_examples=700 if EXHAUSTIVE else 250,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)


def check_page(page: str, kind: Kind) -> None:
    author = strip(page, kind)
    expanded = expand(page, kind, FakeSolver())
    assert strip(expanded.text, kind) == author
    solver = FakeSolver()
    again = expand(expanded.text, kind, solver)
    assert again.text == expanded.text
    left_out = {problem.place for problem in expanded.problems if problem.code == "E506"}
    assert len(again.derivations) == len(left_out)
    if "mdderive" not in page:
        assert author == page
    if is_current(expanded.text, kind):
        assert all(problem.severity == "ignored" for problem in review(expanded.text, kind))
    for found in expanded.derivations:
        line = found.place.source[found.place.column - 1 :]
        assert line.startswith("\\derive")
    for problem in (*expanded.problems, *review(page, kind)):
        assert problem.place.width >= 1
    assert decode(encode(expanded.text)) == expanded.text


@quiet
@given(pages, kinds)
@example("> $$\n> \\derive<b><X>\n> $$", "markdown")
@example("- \\derive<a><X>\n# T", "markdown")
def test_expanding_is_reversible_and_idempotent(page: str, kind: Kind) -> None:
    check_page(page, kind)


@quiet
@given(lines, kinds)
def test_expanding_lines_is_reversible_and_idempotent(page: str, kind: Kind) -> None:
    check_page(page, kind)


@quiet
@given(pages, kinds, st.sampled_from(["accept", "discard"]))
def test_edits_keep_the_author_text(page: str, kind: Kind, edits: str) -> None:
    expanded = expand(page, kind, FakeSolver(), edits=edits)  # type: ignore[arg-type]
    assert strip(expanded.text, kind) == strip(page, kind)
    again = expand(expanded.text, kind, FakeSolver(), edits="keep")
    assert again.text == expanded.text


@quiet
@given(pages, kinds)
def test_detached_pages_settle(page: str, kind: Kind) -> None:
    expanded = expand(page, kind, FakeSolver(), edits="detach")
    assert expand(expanded.text, kind, FakeSolver()).text == expanded.text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("kind", ["markdown", "latex"])
def test_a_changed_solver_changes_regions_only(end: str, kind: Kind) -> None:
    page = end.join(["A", "", r"\derive<a><X>", "", r"in \derive<b><X> text", "\u2028\f", "é"])
    first = expand(page, kind, FakeSolver())
    stale = first.text.replace(r"\derive<a>", r"\derive<a + a>").replace(r"\derive<b>", r"\derive<bb>")
    assert not is_current(stale, kind)
    second = expand(stale, kind, FakeSolver())
    assert strip(second.text, kind) == page.replace("<a>", "<a + a>").replace("<b>", "<bb>")
    assert "f has 5 characters" in second.text
    assert is_current(second.text, kind)
    assert end == "\n" or "\n" not in second.text.replace(end, "")
