"""Definitions on other pages of the same book, in the book's own order."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_error_pages import printed

LATEX = "\\documentclass{article}\\begin{document}\n\\input{one}\\input{two}\\input{three}\n\\end{document}\n"
NOTEBOOK = '{"cells": [{"cell_type": "markdown", "metadata": {}, "source": ["%s"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'  # noqa: E501
SAID = r"Let $J(w) = \|Xw-y\|^2$ where $X \in \mathbb{R}^{m\times n}$."
WRONG = r"Then $\nabla_w J(w) = 2X^T(y-Xw)$."


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def write(**pages: str) -> None:
    for name, text in pages.items():
        Path(name.replace("__", "/")).parent.mkdir(exist_ok=True)
        Path(name.replace("__", "/")).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("settings", "order", "one", "two", "three"),
    [
        ("mkdocs.yml", "nav:\n  - 'One: it': one.md\n  - Part:\n      - two.md\n  - three.md\n",
         "docs/one.md", "docs/two.md", "docs/three.md"),
        ("mkdocs.yml", "docs_dir: text\nnav: [one.md, two.md, three.md]\n",
         "text/one.md", "text/two.md", "text/three.md"),
        ("_quarto.yml", "book:\n  chapters:\n  - part: One\n    chapters:\n      - one.qmd\n  - two.qmd  # next\n"
         "  - href: three.qmd\nformat: html\n", "one.qmd", "two.qmd", "three.qmd"),
        ("_bookdown.yml", 'rmd_files: ["one.Rmd", "two.Rmd", "three.Rmd"]\n', "one.Rmd", "two.Rmd", "three.Rmd"),
        ("_toc.yml", "format: jb-book\nroot: one\nchapters:\n- file: part/two\n  sections:\n  - file: three\n",
         "one.md", "part/two.md", "three.md"),
        ("myst.yml", "project:\n  toc:\n    - file: one.md\n    - file: two.md\n    - file: three.md\n",
         "one.md", "two.md", "three.md"),
        ("SUMMARY.md", "* [One](one.md)\n* [Two](two%20b.md#x)\n* [Three](three.md)\n",
         "one.md", "two b.md", "three.md"),
        ("_sidebar.md", "- [One](/one)\n- [Two](/two)\n- [Three](/three.md)\n", "one.md", "two.md", "three.md"),
        ("index.rst", ".. toctree::\n\n   First <one>\n   two\n\nMore.\n\n.. toctree::\n\n   three.md\n",
         "one.rst", "two.md", "three.md"),
        ("index.md", "```{toctree}\n:hidden:\n\none\nTwo <part/two.md>\n```\n\nthree.md\n",
         "one.md", "part/two.md", "three.md"),
        ("README.md", "1. [One](one.md)\n2. [Two](two.md)\n3. [Three](three.md)\n", "one.md", "two.md", "three.md"),
        ("x.txt", "", "week-1/9_one.md", "week-1/10_two.md", "week-2/1_three.md"),
        ("x.txt", "", "第1章.md", "第2章.md", "第10章.md"),
        ("x.txt", "", "ex1.tex", "sol1.tex", "sol2.tex"),
        ("x.txt", "", "hw-3.md", "hw-3-solution.md", "hw-4.md"),
        ("x.txt", "", "Exercises/1.md", "Solutions/1.md", "Exercises/2.md"),
        ("main.tex", LATEX, "one.tex", "two.tex", "three.tex"),
    ],
)  # fmt: skip
def test_a_book_has_its_own_order(settings: str, order: str, one: str, two: str, three: str) -> None:
    write(**{settings: order, one: f"{SAID}\n", two: f"\n{WRONG}\n", three: "Let $J(w) = w^Tw$.\n"})
    status, told = printed(f"mdderive --lint '{two}'")
    assert status == 4
    assert f"  in {one}:1\n" in told
    assert "J is defined here" in told
    assert f"{three}:" not in told


def test_a_page_of_sphinx_may_list_pages_itself() -> None:
    first, second = ".. toctree::\n\n   part/index\n   end\n", ".. toctree::\n\n   one\n"
    write(**{"index.rst": first, "part/index.rst": second, "part/one.md": f"{SAID}\n", "end.md": f"\n{WRONG}\n"})
    status, told = printed("mdderive --lint end.md")
    assert status == 4
    assert "  in part/one.md:1\n" in told


@pytest.mark.parametrize(
    ("before", "claim", "verdict"),
    [
        (SAID, r"$\nabla_w J(w) = 2X^T(Xw-y)$", "true"),
        ("", r"$\nabla_w J(w) = 2X^T(Xw-y)$", "not judged"),
        (f"{SAID} Later, $J(w) = w^Tw$.", r"$\nabla_w J(w) = 2w$", "true"),
        (f"{SAID} Later, $J(w) = w^Tw$.", r"$\nabla_w J(w) = 2X^T(y-Xw)$", "not judged"),  # which of them?
        ("$J(w) = w^3$", r"$\nabla_w J(w) = 2w$", "not judged"),  # another J, perhaps
        (SAID, r"Now $X = A^TA$, $\nabla_w J(w) = 2X^T(y-Xw)$", "not judged"),
        (r"$J = \frac12 r^Tr$ with $r = Xw - y$", r"$\frac{\partial J}{\partial w} = X^Tr$", "true"),
        (r"$J = \frac12 r^Tr$ with $r = Xw - y$", r"$\frac{\partial J}{\partial w} = X^T(Xw-y)$", "true"),
        (r"$\ell(w) = w^TAw$ with a symmetric matrix $A$", r"$\nabla\ell(w) = 2Aw$", "true"),
    ],
)
def test_what_the_page_does_not_define_is_looked_up_before_it(before: str, claim: str, verdict: str) -> None:
    write(**{"_toc.yml": "root: one\nchapters:\n- file: two\n- file: three\n", "one.md": f"{before}\n",
             "two.md": f"{claim}\n", "three.md": f"{SAID}\n"})  # fmt: skip
    told = printed("mdderive --lint --format json two.md")[1]
    assert f'"verdict": "{verdict}"' in told


def test_the_nearest_page_counts_and_names_its_cell() -> None:
    write(**{"_toc.yml": "root: one\nchapters:\n- file: two\n- file: three\n", "one.md": "$J(w) = w^Tw$\n",
             "two.ipynb": NOTEBOOK % SAID.replace("\\", r"\\"), "three.md": f"{WRONG}\n"})  # fmt: skip
    assert "  in two.ipynb:1\n" in printed("mdderive --lint three.md")[1]
    assert '"file": "two.ipynb", "cell": 1, "line": 1' in printed("mdderive --lint --format json three.md")[1]


def test_an_exercise_says_what_its_solution_differentiates() -> None:
    said = r"Let $f: \mathbb{R}^2 \to \mathbb{R}, (x_1, x_2) \mapsto x_1^2 + 0.5x_2^2 + x_1x_2$."
    right = r"So $\nabla f(\mathbf{x}) = (2x_1 + x_2, x_2 + x_1)^\top$ and $\nabla f(1,1) = (3,2)$."
    write(**{"ex1.tex": f"{said}\n", "sol1.tex": f"{right}\n"})
    assert "2 claims found, 2 judged" in printed("mdderive --lint --statistics sol1.tex")[1]
    write(**{"sol1.tex": r"So $\nabla f(\mathbf{x}) = (2x_1 - x_2, x_2 + x_1)^\top$."})
    assert "in ex1.tex:1" in printed("mdderive --lint sol1.tex")[1]


def test_a_page_is_judged_again_when_a_page_before_it_changes() -> None:
    write(**{"_toc.yml": "root: one\nchapters:\n- file: two\n", "one.md": f"{SAID}\n", "two.md": f"{WRONG}\n"})
    assert printed("mdderive --lint two.md")[0] == 4
    write(**{"one.md": "Let $J(w) = -\\|Xw-y\\|^2$.\n"})
    assert printed("mdderive --lint two.md")[0] == 0


def test_the_definition_of_a_page_before_the_last_is_tried() -> None:
    cost = "J({0}) = \\frac{{1}}{{2m}}\\sum_{{i=1}}^m (f_{{{0}}}(x^{{(i)}}) - y^{{(i)}})^2"
    write(**{
        "1_cost.md": f"The model is $f_{{w,b}}(x) = wx + b$. Its cost:\n\n$${cost.format('w,b')}$$\n",
        "2_simple.md": f"The model is $f_w(x) = wx$. Its cost:\n\n$${cost.format('w')}$$\n" + "More of it. " * 40,
        "3_descent.md": "$$\\frac{\\partial}{\\partial b} J(w,b) = "
        "\\frac1m\\sum_{i=1}^m (f_{w,b}(x^{(i)}) - y^{(i)})$$\n",
    })  # fmt: skip
    assert "1 true" in printed("mdderive --lint --statistics 3_descent.md")[1]
