"""Each door into another program, once for real."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pypandoc
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import mdderive

BIN = Path(sys.executable).parent


def test_jupyter_shows_a_derivation_and_the_cells_of_the_magic() -> None:
    found = mdderive.derive("a^T X b", "X")
    assert isinstance(found, mdderive.Derivation)
    assert found._repr_latex_() == r"$\displaystyle \frac{\partial f}{\partial X} = ab^\top$"
    assert found._repr_markdown_().startswith("**Derivation.**")
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "mdderive")
    with capture_output() as said:
        shell.run_cell("%%derive A: symmetric\nThe gradient is \\derive<x^TAx><x>.")
    shown = said.outputs[0].data["text/markdown"]
    assert "The gradient is $2Ax$" in shown
    with capture_output() as said:
        shell.run_cell("%%derive\n\\derive<\\foo x><x>")
    assert "cell:1:9: E1" in said.stderr


def pandoc(text: str, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{Path(pypandoc.get_pandoc_path()).parent}:{os.environ['PATH']}",
    }
    command = [pypandoc.get_pandoc_path(), "--filter", str(BIN / "mdderive-pandoc"), "-f", "markdown"]
    command += options or ("-t", "latex")
    return subprocess.run(command, input=text, capture_output=True, text=True, env=environment, timeout=120)


def test_pandoc_expands_code_of_the_class_derive() -> None:
    done = pandoc("It is `\\derive<a^T X b><X>`{.derive} here.\n\n```derive\n\\derive<\\|Xw-y\\|^2><w>[solve]\n```\n")
    assert done.returncode == 0, done.stderr
    assert r"It is \(ab^\top\) here." in done.stdout
    assert r"\textbf{Derivation.}" in done.stdout
    assert r"w = (X^\top X)^{-1}X^\top y" in done.stdout
    assert "mdderive" not in done.stdout


def test_pandoc_ends_where_a_marker_fails_and_says_why() -> None:
    """Exit 0 and the marker as code in the document was overlooked."""
    done = pandoc("```derive\n\\derive<\\foo x><x>\n```\n")
    assert "E1" in done.stderr and done.returncode != 0
    assert done.stdout == ""


@pytest.mark.parametrize("target", ["docx", "odt", "pptx", "typst", "html --mathml", "html --mathjax", "latex"])
def test_pandoc_converts_every_formula(target: str, tmp_path: Path) -> None:
    r"""`\cr` and `\thinspace` were formulas that pandoc could not convert."""
    page = "```derive\n\\derive<\\|Xw-y\\|^2><w>[solve]\n```\n"
    done = pandoc(page, "-t", *target.split(), "-o", str(tmp_path / "out"))
    if "Unknown output format" in done.stderr:
        pytest.skip("this pandoc is too old")
    assert (done.returncode, done.stderr) == (0, "")


def myst(*arguments: str, body: str = "") -> list[dict[str, object]] | dict[str, object]:
    command = [str(BIN / "mdderive-myst"), *arguments]
    done = subprocess.run(command, input=json.dumps({"body": body}), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    found: list[dict[str, object]] | dict[str, object] = json.loads(done.stdout)
    return found


def test_myst_gets_nodes() -> None:
    offers = myst()
    assert isinstance(offers, dict)
    assert [x["name"] for x in offers["directives"]] == ["derive"]  # type: ignore[attr-defined, index]
    nodes = myst("--directive", "derive", body=r"\derive<a^T X b><X>")
    assert isinstance(nodes, list)
    assert [node["type"] for node in nodes] == ["paragraph", "paragraph", "math", "paragraph", "math", "paragraph"]
    assert nodes[4]["value"] == r"\frac{\partial f}{\partial X} = (ba^\top)^\top = ab^\top"
    assert myst("--role", "derive", body=r"\derive<a^T X b><X>") == [{"type": "inlineMath", "value": r"ab^\top"}]


@pytest.mark.parametrize("role", [True, False])
def test_myst_shows_what_goes_wrong(role: bool) -> None:
    nodes = myst("--role" if role else "--directive", "derive", body=r"\derive<\foo x><x>")
    assert isinstance(nodes, list)
    assert "E1" in str(nodes[0]["value"])
