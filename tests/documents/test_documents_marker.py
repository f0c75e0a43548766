"""Reading a marker: where its parts begin and end."""

import pytest

from mdderive.documents.marker import read_marker, split_variables
from mdderive.errors import ParseError

GOOD = [
    (r"\derive<a^T X b><X>", "a^T X b", "X", ()),
    (r"\derive<f><X>[X: m x n; solve]", "f", "X", ("X: m x n", "solve")),
    (r"\derive< x^T<a,b> ><X>", "x^T<a,b>", "X", ()),
    (r"\derive<\langle a, b \rangle + c \lt d><X>", r"\langle a, b \rangle + c \lt d", "X", ()),
    (r"\derive<\left< a, b \right|><X>", r"\left< a, b \right|", "X", ()),
    (r"\derive<\bigl> a><X>", r"\bigl> a", "X", ()),
    (r"\derive<a\>b\<c><X>", r"a\>b\<c", "X", ()),
    (r"\derive<\text{a > b}><X>", r"\text{a > b}", "X", ()),
    ("\\derive\n<a>\n  <X>\n [b]", "a", "X", ("b",)),
    (r"\derive<W^{[1]} x><W^{[1]}>[x: vector; h = \sigma(W^{[1]} x)；a[1;2]; \;]", "W^{[1]} x", "W^{[1]}",
     ("x: vector", r"h = \sigma(W^{[1]} x)", "a[1;2]", r"\;")),
    (r"\derive<\begin{cases}x&x<-1\\0&x\ge-1\end{cases}><x>[a=\begin{cases}1;&t>0\\0&t<1\end{cases}; b]",
     r"\begin{cases}x&x<-1\\0&x\ge-1\end{cases}", "x", (r"a=\begin{cases}1;&t>0\\0&t<1\end{cases}", "b")),
    (r"\derive<f><W_1, W_2>", "f", "W_1, W_2", ()),
    (r"\derive<f><X>[;; = a b^\top;]", "f", "X", (r"= a b^\top",)),
]  # fmt: skip
BAD = [
    (r"\derive<a", "E101", 7),
    (r"\derive<a><X", "E101", 10),
    (r"\derive<a><X>[b", "E101", 13),
    (r"\derive<{a><X>", "E101", 7),
    (r"\derive<\begin{cases}a><X>", "E101", 7),
    ("\\derive<a\n\n><X>", "E101", 7),
    (r"\derive<a \derive<b><X>", "E101", 7),
    (r"\derive< ><X>", "E102", 7),
    (r"\derive<a><>", "E102", 10),
    (r"\derive<a><W_1,,W_2>", "E102", 15),
    (r"\derive<a>", "E103", 0),
    (r"\derive(a)(X)", "E103", 0),
]


@pytest.mark.parametrize(("source", "f", "variable", "where"), GOOD)
@pytest.mark.parametrize(("before", "behind"), [("", ""), ("é ", "."), ("\\derive<a><b>", "\n\n[x]")])
def test_parts(source: str, f: str, variable: str, where: tuple[str, ...], before: str, behind: str) -> None:
    marker = read_marker(before + source + behind, len(before))
    assert (marker.source, marker.f, marker.variable, marker.where) == (source, f, variable, where)
    parts = {"f": f, "variable": variable, **{f"where:{k}": clause for k, clause in enumerate(where)}}
    for part, text in parts.items():
        assert source.startswith(text, marker.offsets[part])


@pytest.mark.parametrize(("source", "code", "place"), BAD)
def test_errors(source: str, code: str, place: int) -> None:
    with pytest.raises(ParseError) as caught:
        read_marker("é" + source, 1)
    assert caught.value.code == code
    assert caught.value.span is not None
    assert caught.value.span.start == place + 1


@pytest.mark.parametrize("below", ["[a](b.md)", "  [a][b]", "[a]: b.md", "[^1] says", "[@knuth1984]"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_link_on_the_next_line_holds_no_clauses(below: str, end: str) -> None:
    marker = read_marker(rf"\derive<f><X>{end}{below}", 0)
    assert (marker.source, marker.where) == (r"\derive<f><X>", ())


LINKS = [
    "[solve](https://x.org)", "[[Note]]", "[[Note|solve]]", "[Previous](../..)", "[![badge](u)](v)", "[a [b] c](<d e>)",
    '[solve](x.md "the title")', "[solve](a(b)c)", "[](x)", "[solve]{.aside}", "[solve]{#id}", "[^1]", "[@knuth1984]",
    r"[a \] b](c)",
]  # fmt: skip


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("gap", ["", " ", "\t", "\n", " \r\n  "])
def test_a_link_behind_a_marker_holds_no_clauses(link: str, gap: str) -> None:
    """Whatever Markdown shows as a link is one, on the line of the marker or the next."""
    marker = read_marker(rf"\derive<f><X>{gap}{link} and more", 0)
    assert (marker.source, marker.where) == (r"\derive<f><X>", ())


@pytest.mark.parametrize("behind", ["(see below)", " (see below)", "(a b)", "{", "[1]", ": so", " [x](y)", "(", ""])
@pytest.mark.parametrize("gap", ["", " "])
def test_clauses_are_no_link(behind: str, gap: str) -> None:
    if gap and behind == "[1]":
        pytest.skip("a link by reference, where it stands apart")
    marker = read_marker(rf"\derive<f><X>{gap}[solve; X: m x n]{behind}", 0)
    assert marker.where == ("solve", "X: m x n")


@pytest.mark.parametrize("behind", ["(1)", "{.x}", "(https://x.org)"])
def test_latex_knows_no_links(behind: str) -> None:
    marker = read_marker(rf"\derive<f><X> [solve]{behind}", 0, has_links=False)
    assert marker.where == ("solve",)


def test_line_ends_keep_the_offsets() -> None:
    marker = read_marker("\\derive<a\r\n+b><X>[c\r\n; d]", 0)
    assert marker.f == "a \n+b"
    assert marker.source[marker.offsets["where:1"]] == "d"


def test_variables() -> None:
    assert split_variables(r"W_1, W_{2,3}，\mathbf{b}") == [("W_1", 0), ("W_{2,3}", 5), (r"\mathbf{b}", 13)]
