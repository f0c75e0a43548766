r"""Macros from other files: `\input`, a local package, the root of a document in parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdderive.cli.main import main
from mdderive.documents.followed import macros_around

FILES = {
    "main.tex": "\\documentclass{local}\n\\usepackage[x]{notation, amsmath}\n\\input{sub/more}\n\\begin{document}\n",
    "local.cls": "\\newcommand{\\cls}{c}\n",
    "notation.sty": "% \\newcommand{\\off}{a}\n\\newcommand{\\vx}{\\mathbf{x}}\n\\RequirePackage{deeper}\n",
    "deeper.sty": "\\newcommand{\\sq}[1]{#1^2}\\input{notation.sty}\n",
    "sub/more.tex": "\\def\\va{\\mathbf{a}}\n\\input{sub/more}\n",
    "sub/part.tex": "% !TeX root = ../main.tex\n\n\\[ \\derive<\\va^T\\vx><\\vx> \\]\n",
    "sub/sub.tex": (
        "\\documentclass[../main.tex]{subfiles}\n\\begin{document}\n\\derive<\\va^T\\vx><\\vx>\n\\end{document}\n"
    ),
    "other.tex": "\\input{/etc/passwd}\\input{missing}\\input{}\\input{" + 5000 * "x" + "}\n",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def names(path: str) -> list[str]:
    found = macros_around(Path(path), Path(path).read_text()).clauses
    return [text.partition("{")[2].partition("}")[0] for text in found]


def test_what_is_followed() -> None:
    assert names("main.tex") == ["\\cls", "\\sq", "\\vx", "\\va"]
    assert names("sub/part.tex") == names("sub/sub.tex") == ["\\cls", "\\sq", "\\vx", "\\va"]
    assert names("other.tex") == []


@pytest.mark.parametrize("part", ["sub/part.tex", "sub/sub.tex"])
def test_a_part_is_derived_with_the_macros_of_its_root(part: str) -> None:
    """They were unknown (E124)."""
    assert main([part]) == 0
    assert "% /mdderive" in Path(part).read_text() and main(["--check", part]) == 0
    Path("notation.sty").write_text(FILES["notation.sty"].replace("mathbf", "boldsymbol"))
    assert main(["--check", part]) == 1  # another definition may be another solution
    assert main([part]) == 0 and main(["--check", part]) == 0


def test_a_chapter_has_the_macros_of_the_document_that_takes_it_in() -> None:
    Path("book.tex").write_text("\\documentclass{book}\n\\newcommand{\\bw}{\\mathbf{w}}\n\\include{part}\n")
    Path("part.tex").write_text("\\input{sub/chapter}\n")
    Path("sub/chapter.tex").write_text("\\[ \\bw \\]\n")
    Path("sub/apart.tex").write_text("\\[ \\bw \\]\n")
    assert names("sub/chapter.tex") == names("part.tex") == [r"\bw"]
    assert names("sub/apart.tex") == []


def test_a_part_that_is_taken_in_has_the_macros_and_the_clauses_of_the_document() -> None:
    r"""`\subfile` takes in a chapter, which is named without its suffix and is a document of its own."""
    Path("book.tex").write_text(
        "\\documentclass{book}\n\\usepackage{subfiles}\n\\newcommand{\\bw}{\\mathbf{w}}\n% mdderive: A: symmetric\n"
        "\\begin{document}\n% mdderive: A: orthogonal\n\\subfile{sub/chapter}\n\\end{document}\n"
    )
    Path("sub/chapter.tex").write_text(
        "\\documentclass[../book.tex]{subfiles}\n\\begin{document}\n\\derive<\\bw^TA\\bw><\\bw>\n\\end{document}\n"
    )
    assert main(["sub/chapter.tex"]) == 0
    solved = Path("sub/chapter.tex").read_text()
    assert r"= 2A\bw" in solved or r"= 2A\mathbf{w}" in solved, "what stands behind \\begin{document} is for others"
    assert main(["--check", "sub/chapter.tex"]) == 0
    Path("book.tex").write_text(Path("book.tex").read_text().replace("symmetric", "diagonal"))
    assert main(["--check", "sub/chapter.tex"]) == 1


def said(path: str) -> tuple[str, ...]:
    return macros_around(Path(path), Path(path).read_text()).said


def test_whose_clauses_hold() -> None:
    Path("notation.tex").write_text(
        "% mdderive: X: m x n; y: one-hot\n\\input{deep}\n\\[ \\derive<x><x> \\]\n% mdderive: b: 3 x 1\n"
    )
    Path("deep.tex").write_text("% mdderive: X: square\n%mdderive: off\n")
    Path("chapter.tex").write_text("% mdderive: X: 4 x 5\n")
    page = "\\input{notation}\n\\include{chapter}\n\\derive<x^Tx><x>\n\\input{later}\n"
    Path("later.tex").write_text("% mdderive: x: 9 x 1\n")
    Path("page.tex").write_text(page)
    assert said("page.tex") == ("X: square", "X: m x n", "y: one-hot"), "nearest last; none of chapters and later files"
    assert said("sub/part.tex") == ()
    Path("main.tex").write_text("\\documentclass{local}\n\\input{notation}\n" + FILES["main.tex"])
    assert said("sub/part.tex") == said("sub/sub.tex") == ("X: square", "X: m x n", "y: one-hot")
