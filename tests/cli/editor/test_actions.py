"""What an editor offers to do, and what becomes of the page."""

from __future__ import annotations

import pytest
from editing import POINTER, done, memory, offered, pointed, read

from mdderive.cli.editor.actions import actions
from mdderive.cli.editor.edits import applied
from mdderive.documents.expand import expand

MARKER = r"\derive<x^TAx><x>"


def expanded(text: str, kind: str = "markdown") -> str:
    return expand(text, kind, memory()).text


def at(page: str, what: str) -> str:
    """Return a page with the pointer in front of something."""
    return page.replace(what, POINTER + what, 1)


class TestSolutions:
    @pytest.mark.parametrize("kind", ["markdown", "latex"])
    def test_insert_is_what_a_run_inserts(self, kind: str) -> None:
        page = f"One.\n\n{MARKER}\n\nTwo.\n"
        assert done(at(page, MARKER), "Insert the solution", kind) == expanded(page, kind)

    def test_insert_takes_one_marker_alone(self) -> None:
        page = f"{MARKER}\n\n\\derive<a^Tx><x>\n"
        new = done(at(page, r"\derive<a"), "Insert the solution")
        assert new.startswith(f"{MARKER}\n\n<!-- mdderive \\derive<a^Tx><x> -->")

    def test_insert_all(self) -> None:
        page = f"{MARKER}\n\nHere \\derive<a^Tx><x> too.\n"
        assert done(at(page, MARKER), "Insert or refresh all") == expanded(page)

    def test_strip(self) -> None:
        page = f"{MARKER}\n\nHere \\derive<a^Tx><x> too.\n"
        new = done(at(expanded(page), "Take the differential"), "Strip the solution")
        assert new.startswith(f"{MARKER}\n\nHere $a$<!--")

    def test_refresh(self) -> None:
        stale = expanded(MARKER + "\n").replace(MARKER, r"\derive<x^TBx><x>")
        assert done(at(stale, r"\derive"), "Refresh the solution") == expanded("\\derive<x^TBx><x>\n")

    @pytest.mark.parametrize("title", ["Keep what", "Replace what", "Make plain text of what"])
    def test_what_was_edited_by_hand(self, title: str) -> None:
        fresh = expanded(MARKER + "\n")
        edited = fresh.replace("Take the differential", "I take the differential")
        new = done(at(edited, "I take"), title)
        assert ("I take" in new) == (title != "Replace what")
        assert ("mdderive" in new) == (title != "Make plain text of what")
        assert not [x for x in read(new).problems if x.code == "E510"]
        assert "Strip the solution" not in offered(at(edited, "I take"))

    def test_what_cannot_be_derived_is_not_offered(self) -> None:
        assert not offered(at("\\derive<Ax><y>\n", r"\derive"))

    def test_what_is_up_to_date_is_only_stripped(self) -> None:
        assert list(offered(at(expanded(MARKER + "\n"), r"\derive"))) == ["Strip the solution"]


class TestHints:
    @pytest.mark.parametrize("kind", ["markdown", "latex"])
    @pytest.mark.parametrize(
        "marker", [r"\derive<\mathbf{1}^T x y><x>", r"\derive<u(x) v(x)><x>", r"\derive<a^T x / X><X>"]
    )
    def test_each_clause_in_the_marker_and_on_the_page(self, marker: str, kind: str) -> None:
        page = f"> Text.\n>\n> {marker}\n" if kind == "markdown" else f"Text.\n\n{marker}\n"
        [problem] = read(page, kind).problems
        found = offered(at(page, r"\derive"), kind)
        assert {x.partition(": ")[0] for x in found} == {"Say here", "Say for the page from here on"}
        for action in found.values():
            assert problem.code in action.codes
            new = applied(page, action.edits)
            assert problem.message not in {x.message for x in read(new, kind).problems}, new

    def test_a_marker_with_clauses_gets_one_more(self) -> None:
        page = "\\derive<\\mathbf{1}^T x y><x>[detail: brief]\n"
        assert done(at(page, r"\derive"), "Say here: x: column").endswith("[detail: brief; x: column]\n")

    def test_a_hint_that_is_no_clause_is_not_offered(self) -> None:
        assert not offered(at("\\derive<x^T x \\le 1><x>\n", r"\derive"))


FALSE = "So $\\nabla_x\\, x^TAx = Ax$ is said.\n"


class TestClaims:
    def test_use_the_right_formula(self) -> None:
        assert done(at(FALSE, "Ax$ is"), "Use the right formula") == "So $\\nabla_x\\, x^TAx = (A+A^\\top)x$ is said.\n"

    @pytest.mark.parametrize(
        ("page", "kind"),
        [
            (FALSE, "markdown"),
            ("- So $\\nabla_x\\, x^TAx = Ax$.\n", "markdown"),
            ("> So $\\nabla_x\\, x^TAx = Ax$ and $\\nabla_x\\, a^Tx = 2a$.\n", "markdown"),
            ("We have\n\n$$\n\\nabla_x\\, x^TAx = Ax\n$$\n\nhere.\n", "markdown"),
            (FALSE, "latex"),
            ("\\[ \\nabla_x\\, x^TAx = Ax \\]\nand so on\n", "latex"),
            ("\\begin{align}\n\\nabla_x\\, x^TAx = Ax\n\\end{align}\n", "latex"),
        ],
    )
    def test_ignore_here(self, page: str, kind: str) -> None:
        """The comment silences this claim, and the reader sees the same page."""
        before = len(read(page, kind).problems)
        new = done(at(page, "Ax$" if "Ax$" in page else "Ax\n" if "Ax\n" in page else "Ax \\"), "Ignore E701", kind)
        assert len(read(new, kind).problems) == before - 1
        if kind == "latex":
            assert "".join(new.replace("% mdderive: ignore E701\n", "").split()) == "".join(page.split())
        else:
            assert new.replace("<!-- mdderive: ignore E701 -->", "") == page

    def test_say_the_condition(self) -> None:
        page = "# One\n\nSo $\\nabla_x\\, x^TAx = 2Ax$ is said.\n"
        assert [x.code for x in read(page).problems] == ["E703"]
        new = done(at(page, "2Ax"), "Say that A is symmetric")
        assert new == "# One\n\n<!-- mdderive: A: symmetric -->\n\nSo $\\nabla_x\\, x^TAx = 2Ax$ is said.\n"
        assert not read(new).problems

    def test_the_condition_stands_behind_the_front_matter(self) -> None:
        page = "---\ntitle: a\n---\nSo $\\nabla_x\\, x^TAx = 2Ax$ is said.\n"
        new = done(at(page, "2Ax"), "Say that A is symmetric")
        assert new.startswith("---\ntitle: a\n---\n<!--") and not read(new).problems

    @pytest.mark.parametrize("prefix", ["", "> "])
    def test_a_worked_derivation(self, prefix: str) -> None:
        page = f"{prefix}So $\\nabla_x\\, x^TAx = (A+A^T)x$\n{prefix}is said.\n\nMore.\n"
        new = done(at(page, "(A+A"), "Insert a worked derivation")
        assert new == page.replace("is said.\n", f"is said.\n{prefix.rstrip()}\n{prefix}\\derive<x^TAx><x>\n")
        assert [x.code for x in read(new).problems] == ["E511"]

    def test_a_true_claim_needs_nothing_else(self) -> None:
        page = "So $\\nabla_x\\, x^TAx = (A+A^T)x$ is said.\n"
        assert list(offered(at(page, "(A+A"))) == ["Insert a worked derivation of this"]


def test_nothing_is_written_into_a_form_that_is_only_read() -> None:
    page = "So :math:`\\nabla_x (x^TAx) = Ax` is said.\n"
    assert [x.code for x in read(page, "rst").problems] == ["E701"]
    assert not offered(at(page, "Ax` is"), "rst")


def test_with_solutions_above() -> None:
    """Places are those of the text, not of what the author wrote."""
    page = expanded(MARKER + "\n\n" + FALSE)
    assert done(at(page, "Ax$ is"), "Use the right formula").endswith("= (A+A^\\top)x$ is said.\n")
    assert "<!-- mdderive: ignore E701 --> is said." in done(at(page, "Ax$ is"), "Ignore E701")


def test_crlf() -> None:
    page = f"One.\r\n\r\n{MARKER}\r\n"
    assert done(at(page, MARKER), "Insert the solution") == expanded(page)


def test_a_selection_meets_what_it_touches() -> None:
    page, _ = pointed(at(f"{MARKER}\n", MARKER))
    assert [x.title for x in actions(read(page), 0, len(page), memory())]
