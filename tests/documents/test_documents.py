"""Solutions in pages: where they stand (the golden files), hand edits, places of errors, what is up to date."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from fake_solver import FakeSolver
from places import TESTS

import mdderive
from mdderive.documents.context import language_of
from mdderive.documents.current import is_current
from mdderive.documents.expand import expand, review, strip, strip_unedited
from mdderive.documents.files import decode, encode
from mdderive.documents.formulas import formulas
from mdderive.documents.model import Kind, Request, Solved
from mdderive.documents.page import scan_of
from mdderive.documents.region import digest_of_content

HERE = TESTS / "documents"
CASE = re.compile(r"^(?P<title>[^\n]+)\n\.\n(?P<page>.*?)\n\.\n(?P<expected>.*?)\n\.$", re.MULTILINE | re.DOTALL)
STAMP = re.compile(r"[0-9a-f]{8}\.[0-9a-f]{8}")
PAGE = "Text.\n\n\\derive<a><X>\n\nIt is \\derive<b><X>.\n"
KINDS: list[Kind] = ["markdown", "latex"]


def cases(kind: Kind) -> list[tuple[str, str, str, Kind]]:
    text = (HERE / f"{kind}.txt").read_text(encoding="utf-8")
    return [(match["title"], match["page"], match["expected"], kind) for match in CASE.finditer(text)]


def short(request: Request) -> Solved:
    if request.inline:
        return Solved(r"$a b^\top$")
    if request.kind == "latex":
        return Solved("Take the differential:\n\\begin{align*}\n  df &= a^\\top dX\\,b\n\\end{align*}")
    return Solved("Take the differential:\n\n$$\ndf = a^\\top dX\\thinspace b\n$$\n\nSo it is.")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("title", "page", "expected", "kind"), cases("markdown") + cases("latex"))
def test_golden(title: str, page: str, expected: str, kind: Kind, end: str) -> None:
    end = end if "\n" in page else "\n"  # a page of one line has no line end to take after
    page, expected = page.replace("\n", end), expected.replace("\n", end)
    expanded = expand(page, kind, short)
    if "left alone" in title:
        assert expanded.text == page
        assert expanded.problems
    else:
        assert STAMP.sub("IN.OUT", expanded.text) == expected
        assert expanded.problems == ()
        assert review(expanded.text, kind) == ()
    assert strip(expanded.text, kind) == page
    assert expand(expanded.text, kind, short).text == expanded.text


ODD_BYTES = {
    "a byte order mark": b"\xef\xbb\xbf@\n\n@ \xc3\xa9",
    "mixed line ends": b"a\r\n\r\n@\r\rb @ c\n\n@\r\n",
    "no last line end": b"a\n\n@",
    "Unicode line ends": "a\u2028b\n\n@\n\n\u2029c\x85 @".encode(),
    "form feeds": b"\x0c\n@\n\x0c\n\nb @\x0c\x0b",
    "NUL": b"a\0b @ \0\n\n@\n",
    "Latin-1": b"caf\xe9 @\n\n@\n\xff\xfe",
    "tabs": b"-\t@\n\n\tb\n\n1.\t@",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("data", ODD_BYTES.values(), ids=ODD_BYTES)
def test_odd_bytes_are_left_as_they_are(data: bytes, kind: Kind) -> None:
    marker = rb"\derive<a^T X b><X>"
    page = decode(data.replace(b"@", marker))
    expanded = expand(page, kind, short)
    assert expanded.problems == ()
    assert len(expanded.derivations) == data.count(b"@")
    assert encode(strip(expanded.text, kind)) == data.replace(b"@", marker)
    assert expand(expanded.text, kind, short).text == expanded.text
    around = b"(?:.*?)".join(map(re.escape, data.split(b"@")))
    assert re.fullmatch(around, encode(expanded.text), re.DOTALL)


def test_the_golden_files_are_read_whole() -> None:
    for kind in KINDS:
        dots = (HERE / f"{kind}.txt").read_text(encoding="utf-8").count("\n.\n")
        assert 3 * len(cases(kind)) == dots > 60


@pytest.mark.parametrize("kind", KINDS)
def test_hand_edits(kind: Kind) -> None:
    first = expand(PAGE, kind, FakeSolver()).text
    edited = first.replace("f is a scalar", "f was a scalar").replace("$f$ is a scalar", "$f$ was a scalar")
    assert edited != first
    assert not is_current(edited, kind)
    kept = expand(edited, kind, FakeSolver())
    assert kept.text == edited
    assert [(problem.code, problem.severity) for problem in kept.problems] == [("E510", "edited")]
    accepted = expand(edited, kind, FakeSolver(), edits="accept").text
    assert "was a scalar" in accepted and is_current(accepted, kind) and strip(accepted, kind) == PAGE
    assert expand(accepted, kind, FakeSolver(), everything=True).text == accepted
    assert expand(accepted, kind, FakeSolver(), edits="accept").text == accepted
    assert expand(accepted, kind, FakeSolver(), edits="discard").text == first
    stale = accepted.replace("<a>", "<aa>")
    assert [problem.code for problem in expand(stale, kind, FakeSolver()).problems] == ["E510"]
    assert expand(stale, kind, FakeSolver()).text == stale
    assert expand(edited, kind, FakeSolver(), edits="discard").text == first
    detached = expand(edited, kind, FakeSolver(), edits="detach").text
    assert "was a scalar" in detached and "<a>" not in detached and "<b>" in detached


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("accepted", [False, True])
def test_stripping_keeps_what_was_edited(kind: Kind, accepted: bool) -> None:
    edited = expand(PAGE, kind, FakeSolver()).text.replace("f is a scalar", "f was a scalar")
    edited = edited.replace("$f$ is a scalar", "$f$ was a scalar")
    if accepted:
        edited = expand(edited, kind, FakeSolver(), edits="accept").text
    left = strip_unedited(edited, kind)
    assert [(problem.code, problem.severity) for problem in left.problems] == [("E510", "edited")]
    assert "was a scalar" in left.text and strip(left.text, kind) == PAGE
    assert strip_unedited(left.text, kind).text == left.text
    unedited = expand(PAGE, kind, FakeSolver()).text
    assert strip_unedited(unedited, kind) == (PAGE, (), ())


@pytest.mark.parametrize("lead", ["", "> ", "    ", "- ", "> 1. "])
@pytest.mark.parametrize(
    "edit",
    [["> a quote"], ["    code"], ["text", "", "</details>"], ["a >"], ["- item", "", "  > inner"], ["> > x", ">"]],
)
def test_detaching_loses_nothing_of_an_edit(lead: str, edit: list[str]) -> None:
    """Quotes and code at its beginning, and a tag or a quote at its end, are the author's as well."""
    page = f"A text.\n\n{lead}\\derive<a><X>\n\nThe end.\n"
    if lead == "    ":
        page = "!!! note\n\n" + page.split("\n\n", 1)[1]
    first = expand(page, "markdown", FakeSolver()).text
    lines = first.split("\n")
    close = next(k for k, line in enumerate(lines) if "/mdderive" in line)
    prefix = lines[close].partition("<!--")[0]
    opening = next(k for k, line in enumerate(lines) if "<!-- mdderive" in line)
    behind = lines[close + 1 :]
    lines[opening + 1 : close] = [prefix.rstrip(), *(prefix + x for x in edit), prefix.rstrip()]
    detached = expand("\n".join(lines), "markdown", FakeSolver(), edits="detach")
    start = lines[opening].partition("<!--")[0]
    wanted = [start + edit[0], *(prefix + x for x in edit[1:])]
    assert detached.problems == ()
    while not wanted[-1].strip(" >"):
        del wanted[-1]
    assert detached.text == "\n".join([*lines[:opening], *wanted, *behind])


def test_an_edit_that_left_nothing_is_not_detached() -> None:
    """Nothing would be left of the marker either."""
    first = expand(PAGE, "markdown", FakeSolver()).text
    start = first.index("-->") + 3
    emptied = first[:start] + "\n\n" + first[first.index("<!-- /mdderive") :]
    kept = expand(emptied, "markdown", FakeSolver(), edits="detach")
    assert kept.text == emptied and [problem.code for problem in kept.problems] == ["E510"]


def test_an_edited_region_with_a_changed_marker_stays() -> None:
    first = expand(PAGE, "markdown", FakeSolver()).text
    edited = first.replace("So", "Thus").replace("Comparing", "After comparing").replace("<a>", "<aa>")
    kept = expand(edited, "markdown", FakeSolver())
    assert kept.text == edited
    assert [problem.code for problem in kept.problems] == ["E510"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_failure_leaves_the_old_region(kind: Kind) -> None:
    first = expand(PAGE, kind, FakeSolver()).text
    changed = first.replace("<a>", r"<a\bad>")
    failed = expand(changed, kind, FakeSolver())
    assert failed.text == changed
    (problem,) = failed.problems
    assert problem.code == "E120"
    assert problem.place.source[problem.place.column - 1 :].startswith(r"\bad")
    assert problem.notes[0][0].source[problem.notes[0][0].column - 1] == "X"


@pytest.mark.parametrize(
    ("page", "line", "column"),
    [
        ("\\derive<a\\bad><X>", 1, 10),
        ("\ufeffé \\derive<a\\bad><X>", 1, 12),
        ("x\r\n\r\n\\derive<\r\n  a\\bad\r\nb><X>", 4, 4),
        ("> - \\derive<a\\bad><X>", 1, 14),
        ("| a |\n|---|\n| \\derive<\\\\|X\\\\|\\bad><X> |", 3, 18),
        ("# A \\derive<\\bad><X> #", 1, 13),
        ("$$\n\\derive<\\bad><X>\n$$", 2, 9),
    ],
)
def test_places_in_markdown(page: str, line: int, column: int) -> None:
    (problem,) = expand(page, "markdown", FakeSolver()).problems
    assert (problem.place.line, problem.place.column, problem.place.width) == (line, column, 4)


def test_place_behind_an_earlier_region() -> None:
    first = expand(PAGE, "latex", FakeSolver()).text
    page = first + "\n\\derive<a>\n  <X>[\\bad\\bad]\n\\derive<\\bad><X>"
    (problem,) = expand(page, "latex", FakeSolver()).problems
    assert problem.place.source == r"\derive<\bad><X>"
    assert problem.place.line == page.count("\n") + 1


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("---\nmdderive: {where: ['X: bad']}\n---\n\\derive<a><X>", "markdown"),
        ("---\nmdderive:\n  where:\n    - X: bad\n---\n\\derive<a><X>", "markdown"),
        ("> <!-- mdderive: y: one-hot; X: bad -->\n\n\\derive<a><X>", "markdown"),
        ("% mdderive: y: one-hot; X: bad\n\\derive<a><X>", "latex"),
    ],
)
def test_place_of_an_error_in_a_clause_of_the_page(page: str, kind: Kind) -> None:
    (problem,) = expand(page, kind, FakeSolver(), clauses=("n: scalar",)).problems
    assert problem.code == "E112"
    assert problem.place.source[problem.place.column - 1 :][:3] == "bad"


def test_context_and_language() -> None:
    solver = FakeSolver()
    page = (
        '---\ntitle: x\nmdderive:\n  lang: zh\n  where: ["\\\\Sigma: SPD", y: one-hot]\n---\n'
        "\\derive<a><X>\n\n<!-- mdderive: X: m x n;\n  c: scalar -->\n\n这里是一个例子 \\derive<b><X>\n\n"
        "```\n<!-- mdderive: no: scalar -->\n```\n"
    )
    expand(page, "markdown", solver, clauses=("detail: brief",))
    first, second = solver.requests
    assert first.context == ("detail: brief", "lang: zh", r"\Sigma: SPD", "y: one-hot")
    assert second.context == (*first.context, "X: m x n", "c: scalar")
    assert (first.language, first.inline, second.inline) == ("zh", False, True)


def test_environment_of_a_block() -> None:
    solver = FakeSolver()
    expand("\\begin{document}\n\\begin{proof}\n\\derive<a><X>\n\\end{proof}\n\n\\derive<a><X>\n", "latex", solver)
    assert [request.environment for request in solver.requests] == ["proof", "document"]


def test_the_same_marker_is_solved_once() -> None:
    solver = FakeSolver()
    expanded = expand("\\derive<a><X>\n\n" * 50, "markdown", solver)
    assert len(solver.requests) == 1
    assert len(expanded.derivations) == 50


def test_everything_is_solved_again_and_nothing_changes() -> None:
    first = expand(PAGE, "markdown", FakeSolver()).text
    solver = FakeSolver()
    again = expand(first, "markdown", solver, everything=True)
    assert again.text == first
    assert len(again.derivations) == 2
    assert "changed" in expand(first, "markdown", FakeSolver("changed"), everything=True).text


def test_formatters_are_no_editors() -> None:
    first = expand("> \\derive<a><X>\n", "markdown", FakeSolver()).text
    for formatted in (first.replace("\n", "\r\n"), first.replace("> ", ">   "), first.replace(" is ", "\n> is ")):
        assert [problem.severity for problem in review(formatted, "markdown")] == []
    assert digest_of_content("*a*\n\nb *c*") == digest_of_content("_a_\n\nb _c_") != digest_of_content("*a*\n\nb *d*")
    assert digest_of_content("> a b\n> c") == digest_of_content("a\n  b c\n\n")


def test_what_review_says() -> None:
    first = expand(PAGE, "markdown", FakeSolver()).text
    page = (
        first.replace("<a>", "<aa>") + "\n\\derive<c><X>\n\n`\\derive<d><X>`\n\n<!-- /mdderive 01234567.01234567 -->\n"
    )
    found = [(problem.code, problem.severity) for problem in review(page, "markdown")]
    assert found == [("E512", "stale"), ("E511", "stale"), ("E520", "ignored"), ("E508", "error")]


def test_unknown_settings_are_errors() -> None:
    page = "---\nmdderive:\n  lnag: zh\n---\n\\derive<a><X>\n"
    expanded = expand(page, "markdown", FakeSolver())
    assert expanded.text == page
    (problem,) = expanded.problems
    assert (problem.code, problem.hint, problem.place.line) == ("E507", "did you mean lang?", 3)


@pytest.mark.parametrize(
    ("page", "code", "hint"),
    [
        ("---\nmdderive: {were: [a: vector]}\n---\n@", "E507", "did you mean where?"),
        (
            "---\nmdderive: true\n---\n@",
            "E507",
            "known: where, lang, detail, layout, gradient-layout, notation, solutions, macros",
        ),
        ("<!-- mdderive: lnag: zh -->\n\n@", "E112", "did you mean lang?"),
        ("<!-- mdderive: detail: breif -->\n\n@", "E111", "did you mean brief?"),
        ("@[sovle]", "E110", "did you mean solve?"),
        ("@[detial: brief]", "E112", "did you mean detail?"),
        ("<div>\n@\n</div>", "E520", "with a blank line before it, it counts"),
    ],
)
def test_what_is_not_known_is_said_with_the_nearest_that_is(page: str, code: str, hint: str) -> None:
    (problem,) = mdderive.expand(page.replace("@", r"\derive<a^\top X b><X>")).problems
    assert (problem.code, problem.hint) == (code, hint)


@pytest.mark.parametrize("kind", KINDS)
def test_up_to_date_pages_need_the_standard_library_alone(kind: Kind, tmp_path: Path) -> None:
    page = "Text.\n\n<!-- mdderive: a: vector -->\n% mdderive: a: vector\n\n" + PAGE
    path = tmp_path / "page"
    path.write_text(expand(page, kind, FakeSolver()).text, encoding="utf-8")
    program = (
        "import sys, pathlib; from mdderive.documents.current import is_current; "
        f"assert is_current(pathlib.Path(sys.argv[1]).read_text(encoding='utf-8'), {kind!r}); "
        "bad = {'markdown_it', 'numpy', 'sympy', 'yaml', 'mdderive.latex.grammar'} & set(sys.modules); "
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)


def test_kept_scans_are_forgotten_with_all_that_is_kept() -> None:
    first = expand(PAGE, "markdown", FakeSolver()).text
    assert scan_of.cache_info().currsize > 0
    mdderive.clear_caches()
    assert scan_of.cache_info().currsize == 0
    assert expand(PAGE, "markdown", FakeSolver()).text == first


@pytest.mark.parametrize(
    ("text", "kind", "language"),
    [
        ("求导数：\\derive<a^T X b + c^T Y d><X, Y>[X: m x n; Y: p x q; a: vector]\n", "markdown", "zh"),
        ("Find it for 中文.\n\n\\derive<a><x>\n", "markdown", "en"),
        ("题：\\derive<a^T x and so on\n", "markdown", "zh"),
        ("\\documentclass{ctexart}\n\\begin{document}\nSolution\n", "latex", "zh"),
        ("\\usepackage[fallback]{xeCJK}\nSolution\n", "latex", "zh"),
        ("% \\usepackage{ctex}\nSolution\n", "latex", "en"),
        (
            "\\usepackage[utf8]{inputenc}\n设函数\n\\begin{align*}\nf(x) &= a x + b y + c z\n\\end{align*}\n",
            "latex",
            "zh",
        ),
        ("\\[ a x + b y \\] 求导 \\( x y z w \\)\n", "latex", "zh"),
    ],
)
def test_the_language_is_that_of_the_prose_alone(text: str, kind: Kind, language: str) -> None:
    assert language_of(text, kind) == language


@pytest.mark.parametrize("label", ["(eq:one)", "{#eq-one}", "{#eq:one .c}", "(a b)"])
@pytest.mark.parametrize("display", ["$$\n%s\n$$ ", "$$ %s $$", "$$ %s\n$$\t", "> $$\n> %s\n> $$ ", "- $$ %s $$ "])
def test_a_display_with_a_label(display: str, label: str) -> None:
    """It hid the rest of the page from markers and from the lint; a marker would leave the label without a formula."""
    formula = r"\nabla_x (a^\top x) = 2a"
    page = display % formula + label + "\n\nA \\derive<a><X> here.\n\n$$\nb = c\n$$\n"
    found = formulas(page, "markdown")
    assert [one.latex.strip(" >\n") for one in found] == [formula, "b = c"]
    assert page[found[0].locate(found[0].latex.index("nabla")) :].startswith("nabla")
    assert len(expand(page, "markdown", FakeSolver()).derivations) == 1
    refused = expand(page.replace(formula, r"\derive<a><X>"), "markdown", FakeSolver())
    assert [(x.code, label in x.message) for x in refused.problems] == [("E105", True)]


def test_mathematics_of_myst() -> None:
    page = "```{math}\n:label: x\n\na = b\n```\n\nA {math}`c = d` and {math}``e = `f` ``.\n\n```{code}\n$g$\n```\n"
    found = formulas(page, "markdown")
    assert [one.latex.strip() for one in found] == ["a = b", "c = d", "e = `f`"]
    assert [page[one.locate(one.latex.index("=")) - 2 :][:5] for one in found] == ["a = b", "c = d", "e = `"]


def test_a_marker_in_tight_html_is_told() -> None:
    """No renderer reads it, and every browser takes it for a tag."""
    for page, severity in (
        ("<div>\n\\derive<a><X>\n</div>\n", "warning"),
        ("<p>\\derive<a><X></p>\n", "warning"),
        ("<pre>\n\\derive<a><X>\n</pre>\n", "ignored"),
        ("<!--\n\\derive<a><X>\n-->\n", "ignored"),
        ("```\n\\derive<a><X>\n```\n", "ignored"),
    ):
        assert [(x.code, x.severity) for x in expand(page, "markdown", FakeSolver()).problems] == [("E520", severity)]


@pytest.mark.parametrize("tag", ['<div markdown="1">', "<details class=a markdown>", "<section markdown=block id='x'>"])
def test_html_that_says_that_it_holds_markdown(tag: str) -> None:
    page = f"{tag}\n\\derive<a><X>\n</{tag[1:].split()[0]}>\n"
    expanded = expand(page, "markdown", FakeSolver())
    assert expanded.problems == () and strip(expanded.text, "markdown") == page
    assert "\n<!-- /mdderive" in expanded.text and review(expanded.text, "markdown") == ()
    off = expand(page.replace(tag, '<div markdown="0">'), "markdown", FakeSolver())
    assert [x.severity for x in off.problems] == ["warning"]


def test_a_solution_on_a_slide_is_brief() -> None:
    page = (
        "\\begin{document}\n\\begin{frame}\n\\begin{block}{A}\n\\derive<a><X>\n\\end{block}\n\\end{frame}\n"
        "\n\\derive<b><X>\n\\end{document}\n"
    )
    solver = FakeSolver()
    expand(page, "latex", solver)
    assert [request.context for request in solver.requests] == [("detail: brief",), ()]
    solver = FakeSolver()
    expand("% mdderive: detail: full\n" + page, "latex", solver)
    assert [request.context[-1] for request in solver.requests] == ["detail: full", "detail: full"]


def test_a_whole_solution_on_a_slide_is_warned_of() -> None:
    """It ran off the slide; a frame that goes on where it is full has room for it."""
    page = "\\begin{frame}%s\n\n\\derive<a><X>%s\n\n\\end{frame}\n"
    told = {
        (options, clauses): [
            (x.code, x.severity) for x in expand(page % (options, clauses), "latex", FakeSolver()).problems
        ]
        for options in ("", "{Title}", "[allowframebreaks]", "<1->[t, allowframebreaks]{Title}")
        for clauses in ("", "[detail: full]", "[detail: full; detail: brief]")
    }
    warned = {key: found for key, found in told.items() if found}
    full = [("E523", "warning")]
    assert warned == {("", "[detail: full]"): full, ("{Title}", "[detail: full]"): full}
    solver = FakeSolver()
    expand(page % ("[allowframebreaks]", ""), "latex", solver)
    assert [request.context for request in solver.requests] == [()]


@pytest.mark.parametrize("environment", ["picture", "tikzpicture", "tikzpicture*", "axis", "pgfpicture"])
def test_no_paragraph_stands_in_a_picture(environment: str) -> None:
    """A solution there was written in silence, and broke the picture; the result in a node is fine."""
    page = f"\\begin{{{environment}}}\n\n\\derive<a><X>\n\n\\node {{so \\derive<b><X> is}};\n\\end{{{environment}}}\n"
    expanded = expand(page, "latex", FakeSolver())
    (problem,) = expanded.problems
    assert problem.code == "E105" and environment in problem.message and len(expanded.derivations) == 1


@pytest.mark.parametrize("environment", ["tikzcd", "CD", "IEEEeqnarray", "gathered", "align*", "empheq"])
def test_no_result_stands_within_other_math(environment: str) -> None:
    """Dollars within a diagram or rows of formulas would end their math."""
    page = f"\\begin{{{environment}}} A & \\derive<b><X> \\end{{{environment}}}\n"
    expanded = expand(page, "latex", FakeSolver())
    (problem,) = expanded.problems
    assert problem.code == "E105" and environment in problem.message and expanded.text == page
