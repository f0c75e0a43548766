"""A title is text and formulas: LaTeX shows every sign of it, and nothing in it ends or opens what is around it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from mdderive import DeriveError, derive

SHOWN = {
    "A & B": r"A \& B",
    "C#": r"C\#",
    "50% of it": r"50\% of it",
    "a_b^2": r"a\_b\textasciicircum{}2",
    r"A \& B, 50\%": r"A \& B, 50\%",
    r"the gradient of $a_b^2$": r"the gradient of $a_b^2$",
    "$50%$ & $a#b$": r"$50\%$ \& $a\#b$",
    r"see \ref{eq_1} and \cite[p. 3]{a_b}": r"see \ref{eq_1} and \cite[p. 3]{a_b}",
    r"\emph{worked} {Example} $\{x\}$": r"\emph{worked} {Example} $\{x\}$",
}
REFUSED = [
    r"A \end{document}", r"\begin{proof}", r"\input{x}", r"a \par b", r"\csname end\endcsname", r"\verb|x|", "for 5 $",
    r"for \$5", "a } b {", "a \\ ", "a\x02b", r"\iffalse", r"\def\x{}", "<b>",
]  # fmt: skip


def titled(title: str) -> str:
    return derive("a^Tx", "x", where=[f"title: {title}", "detail: brief"]).to_latex()


@pytest.mark.parametrize(("title", "latex"), SHOWN.items())
def test_every_sign_is_shown(title: str, latex: str) -> None:
    assert titled(title).startswith(rf"\textbf{{{latex}}} Let ")


@pytest.mark.parametrize("title", REFUSED)
def test_what_is_more_than_text_is_refused(title: str) -> None:
    with pytest.raises(DeriveError) as refused:
        titled(title)
    assert refused.value.code == "E111"


def test_it_compiles(tmp_path: Path) -> None:
    if not shutil.which("pdflatex"):
        pytest.skip("latex is not here")
    body = "\n\n".join(map(titled, SHOWN))
    text = f"\\documentclass{{article}}\\usepackage{{amsmath,amssymb}}\\begin{{document}}\n{body}\n\\end{{document}}\n"
    (tmp_path / "a.tex").write_text(text)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert ended.returncode == 0 and "Missing character" not in ended.stdout, ended.stdout[-1500:]
