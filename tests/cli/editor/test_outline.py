"""What an editor shows: under the pointer, of the page as a whole, and where names lead."""

from __future__ import annotations

import pytest
from editing import memory, pointed, read

from mdderive.cli.editor.edits import applied
from mdderive.cli.editor.hover import hover
from mdderive.cli.editor.outline import definition, folds, id_at, ids, inlaid, links, outline, renamed
from mdderive.documents.expand import expand


def shown(text: str, kind: str = "markdown") -> tuple[str, str]:
    """Return what is shown where the pointer stands, and of what."""
    page, offset = pointed(text)
    found = hover(read(page, kind), offset, memory())
    return ("", "") if found is None else (found.markdown, page[found.start : found.end])


class TestHover:
    def test_a_marker(self) -> None:
        told, whole = shown("\\de‸rive<a^Tx><x>\n")
        assert whole == r"\derive<a^Tx><x>"
        assert told.startswith("```text\n") and "x∈ℝ^n" in told and "∂f/∂x = a" in told and "Verified" in told

    @pytest.mark.parametrize(
        ("text", "told", "letter"),
        [
            (r"\derive<\|X‸w-y\|^2><w>", "`w` is a column of n entries", "w"),
            (r"\derive<\|‸Xw-y\|^2><w>", "`X` is a matrix, m × n", "X"),
            (r"\derive<\‸alpha a^Tx><x>", "`α` is a number", r"\alpha"),
            (r"\derive<x^T‸Ax><x>[A: symmetric]", "`A` is a matrix, n × n, symmetric", "A"),
            (r"\derive<\|Xw-y\|^2><‸w>", "`w` is a column of n entries", "w"),
        ],
    )
    def test_a_letter(self, text: str, told: str, letter: str) -> None:
        assert shown(text) == (told, letter)

    @pytest.mark.parametrize("text", [r"\derive<\de‸t(A)+e a^Tx><x>", r"\derive<\l‸og a^Tx><x>"])
    def test_a_letter_of_a_command_is_none(self, text: str) -> None:
        assert shown(text)[0].startswith("```text")

    def test_a_marker_that_cannot_be_derived(self) -> None:
        assert shown(r"\derive<‸Ax><y>")[0].startswith("**E142** y does not occur")

    @pytest.mark.parametrize("kind", ["markdown", "latex"])
    def test_a_row_of_a_solution(self, kind: str) -> None:
        page = expand("\\derive<\\|Xw-y\\|^2><w>\n", kind, memory()).text
        at = page.index("2(Xw-y)")
        told, _ = shown(page[:at] + "‸" + page[at:], kind)
        assert told.startswith("a scalar equals its transpose") and "checked exactly" in told

    def test_a_claim(self) -> None:
        told, claimed = shown("So $\\nabla_x\\, x^TAx = ‸Ax$.")
        assert claimed == "Ax" and told.startswith("**false** (at a random point")
        assert "f = x^T Ax, by x" in told
        assert shown("So $\\nabla_x\\, x^TAx = 2‸Ax$.")[0].startswith("**true only if: A is symmetric**")

    def test_nothing(self) -> None:
        assert shown("Some ‸text and $x$.") == ("", "")


def test_outline_and_folding() -> None:
    page = "One \\derive<a^Tx><x>.\n\n\\derive<\\log|X|><X>[title: A determinant]\n\n\\derive<x\n"
    found = outline(read(page))
    assert [(x.name, x.detail) for x in found] == [("∂(a^T x)/∂(x)", ""), ("A determinant", "∂(log|X|)/∂(X)")]
    text = expand(page, "markdown", memory()).text
    analysis = read(text)
    [(start, end)] = folds(analysis)
    assert text[start:].startswith("<!-- mdderive") and text[end] == ">"
    assert [text[x.start : x.end][:5] for x in outline(analysis)] == ["$a$<!"[:5], "<!-- "]


def test_results_stand_behind_markers_without_a_region() -> None:
    page = "One \\derive<a^Tx><x>, two $\\derive<x^Tx><x>$.\n\n\\derive<a^Tx><x>\n"
    assert [(x.at, x.text) for x in inlaid(read(page))] == [(20, " = a"), (page.index("$."), " = 2x")]
    assert inlaid(read(expand(page, "markdown", memory()).text)) == []


class TestNames:
    @pytest.mark.parametrize(
        ("text", "clause"),
        [
            (
                "<!-- mdderive: S := \\frac1n X^TX -->\n\n\\derive<\\operatorname{tr}(AX^TX)+\\log|‸S|><A>\n",
                "S := \\frac1n X^TX",
            ),
            ("\\derive<a^T‸h><x>[x: vector; h = \\sigma(Wx)]\n", "h = \\sigma(Wx)"),
            ("<!-- mdderive: w: n x 1 -->\n\n\\derive<w^T‸w><w>\n", "w: n x 1"),
            ("---\nmdderive:\n  where: ['A: symmetric']\n---\n\n\\derive<x^T‸Ax><x>\n", "A: symmetric"),
        ],
    )
    def test_where_something_is_said_of_a_letter(self, text: str, clause: str) -> None:
        page, offset = pointed(text)
        assert [page[start:end] for start, end in definition(read(page), offset)] == [clause]

    def test_where_a_claim_has_its_function_from(self) -> None:
        page, offset = pointed("Let $L = x^TAx$.\n\nThen $\\nabla_x L = ‸Ax$.\n")
        assert [page[start:end] for start, end in definition(read(page), offset)] == ["$L = x^TAx$"]

    def test_nothing_is_said(self) -> None:
        page, offset = pointed("\\derive<a^T‸x><x>[a: vector]\n")
        assert definition(read(page), offset) == []

    def test_ids(self) -> None:
        page = "\\derive<a^Tx><x>[id: one]\n\n\\derive<x^Tx><x>[title: T; id: two]\n\nSee [a](#one) and [b](#ones).\n"
        analysis = read(page)
        assert {name: [page[slice(*x)] for x in given] for name, given in ids(analysis).items()} == {
            "one": ["one"], "two": ["two"],
        }  # fmt: skip
        assert id_at(analysis, page.index("#one") + 2) == ("one", page.index("#one") + 1, page.index("#one") + 4)
        assert id_at(analysis, 3) is None
        assert applied(page, tuple(renamed(analysis, "one", "first"))) == page.replace("id: one", "id: first").replace(
            "#one)", "#first)"
        )

    def test_links_to_another_page(self) -> None:
        text = "[a](notes.md#one) [b](x/notes.md#one) [c](other.md#one) [d](#one)\n"
        assert [start for start, _ in links(text, "one", "notes.md")] == [13, 33]
