"""`solutions: show | fold | hide`: the place of a solution is the same whatever is seen in it, and loses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

import mdderive
from mdderive.cli.main import main

PAGE = """\
A paragraph.

\\derive<a^T X b><X>

- an item

  \\derive<x^T x><x>

> \\derive<x^T x><x>[lang: zh]
>
> and an inline \\derive<x^T x><x>.
"""
Kind = Literal["markdown", "latex"]


def page(mode: str, kind: Kind) -> str:
    comment = f"<!-- mdderive: solutions: {mode} -->" if kind == "markdown" else f"% mdderive: solutions: {mode}"
    return f"{comment}\n\n{PAGE}"


@pytest.mark.parametrize("kind", ["markdown", "latex"])
@pytest.mark.parametrize("mode", ["show", "fold", "hide", "steps"])
def test_in_and_out_again(mode: str, kind: Kind) -> None:
    text = page(mode, kind)
    expanded = mdderive.expand(text, kind)
    assert expanded.problems == () and len(expanded.derivations) == 4
    assert mdderive.strip(expanded.text, kind) == text
    assert mdderive.expand(expanded.text, kind).text == expanded.text


def test_what_is_seen() -> None:
    texts = {mode: mdderive.expand(page(mode, "markdown")).text for mode in ("show", "fold", "hide")}
    assert texts["fold"].count("<summary>Solution</summary>") == 2 and texts["fold"].count("<summary>解答<") == 1
    assert texts["fold"].count("Verified exactly") == texts["show"].count("Verified exactly") == 2
    assert "> </details>\n" in texts["fold"] and "  </details>\n" in texts["fold"]
    assert "frac" not in texts["hide"] and "$2x$<!-- mdderive" in texts["hide"]


def test_paper_does_not_fold() -> None:
    shown, folded = (mdderive.expand(page(mode, "latex"), "latex").text for mode in ("show", "fold"))
    assert "details" not in folded and folded.count("align*") == shown.count("align*") > 0


def test_a_hidden_solution_is_checked_all_the_same() -> None:
    expanded = mdderive.expand("\\derive<a^T x><x>[= 2a; solutions: hide]\n")
    assert [problem.code for problem in expanded.problems] == ["E410"]


def test_what_a_student_writes_into_the_place_stays(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sheet.md"
    path.write_text("\\derive<a^T x><x>\n")
    assert main(["--solutions", "hide", str(path)]) == 0
    path.write_text(path.read_text().replace("-->\n\n", "-->\n\nIt is $a$.\n", 1))
    assert main(["--solutions", "hide", str(path)]) == 3
    assert "It is $a$." in path.read_text() and "E510" in capfd.readouterr().err


def test_the_option_is_weaker_than_the_page(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("---\nmdderive: {solutions: show}\n---\n\n\\derive<a^T x><x>\n")
    assert main(["--solutions", "hide", str(path)]) == 0
    assert "Verified exactly" in path.read_text()
