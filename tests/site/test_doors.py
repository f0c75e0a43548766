"""Each door into another program, once for real."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pypandoc
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from places import ROOT, TESTS

import mdderive

BIN = Path(sys.executable).parent
HOW_TO = (ROOT / "docs" / "how-to" / "other-tools.md").read_text(encoding="utf-8")
MYSTMD = TESTS / "node" / "node_modules" / ".bin" / "myst"


def test_jupyter_shows_a_derivation_and_the_cells_of_the_magic() -> None:
    found = mdderive.derive("a^T X b", "X")
    assert isinstance(found, mdderive.Derivation)
    assert found._repr_latex_() == r"$\displaystyle \frac{\partial f}{\partial X} = ab^T$"
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


def on_path(*folders: Path) -> dict[str, str]:
    """Return the environment in which the programs in these folders are found."""
    return {**os.environ, "PATH": os.pathsep.join([*map(str, folders), os.environ["PATH"]])}


def pandoc(text: str, *options: str, read: str = "markdown") -> subprocess.CompletedProcess[str]:
    environment = on_path(BIN, Path(pypandoc.get_pandoc_path()).parent)
    command = [pypandoc.get_pandoc_path(), "--filter", str(BIN / "mdderive-pandoc"), "-f", read]
    command += options or ("-t", "latex")
    return subprocess.run(command, input=text, capture_output=True, text=True, env=environment, timeout=120)


def test_pandoc_expands_code_of_the_class_derive() -> None:
    done = pandoc("It is `\\derive<a^T X b><X>`{.derive} here.\n\n```derive\n\\derive<\\|Xw-y\\|^2><w>[solve]\n```\n")
    assert done.returncode == 0, done.stderr
    assert r"It is \(ab^T\) here." in done.stdout
    assert r"\textbf{Derivation.}" in done.stdout
    assert r"w = (X^\top X)^{-1}X^\top y" in done.stdout
    assert "mdderive" not in done.stdout


def test_pandoc_ends_where_a_marker_fails_and_says_why() -> None:
    """Exit 0 and the marker as code in the document was overlooked."""
    done = pandoc("```derive\n\\derive<\\foo x><x>\n```\n")
    assert "E1" in done.stderr and done.returncode != 0
    assert done.stdout == ""


@pytest.mark.parametrize(
    "target", ["docx", "odt", "pptx", "rtf", "typst", "html --mathml", "html --mathjax", "latex", "plain", "man"]
)
def test_pandoc_converts_every_formula(target: str, tmp_path: Path) -> None:
    r"""`\cr` and `\thinspace` were formulas that pandoc could not convert."""
    page = "```derive\n\\derive<\\|Xw-y\\|^2><w>[solve]\n```\n"
    done = pandoc(page, "-t", *target.split(), "-o", str(tmp_path / "out"))
    if "Unknown output format" in done.stderr:
        pytest.skip("this pandoc is too old")
    assert (done.returncode, done.stderr) == (0, "")


def test_forms_without_mathematics_get_plain_signs() -> None:
    done = pandoc(
        "```derive\n\\derive<\\|Xw-y\\|^2><w>\n```\n\nIt is `\\derive<a^T X b><X>`{.derive}.\n", "-t", "plain"
    )
    assert "df = (X dw)^⊤(Xw-y)+(Xw-y)^⊤X dw\u2003product and transpose rules\n= 2(Xw-y)^⊤X dw" in done.stdout
    assert "It is ab^T." in done.stdout and "\\" not in done.stdout and "&" not in done.stdout


def test_pandoc_from_a_notebook() -> None:
    cell = {"cell_type": "markdown", "metadata": {}, "source": ["It is `\\derive<a^TXb><X>`{.derive}.\n", "\n",
            "```derive\n", "\\derive<a^T x><x>\n", "```\n"]}  # fmt: skip
    notebook = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    done = pandoc(notebook, "-t", "latex", read="ipynb+inline_code_attributes")
    assert (done.returncode, done.stderr) == (0, "")
    assert r"It is \(ab^T\)." in done.stdout and r"\frac{\partial f}{\partial x} = a" in done.stdout


def test_pandoc_from_typst() -> None:
    (page,) = re.findall(r"````typst\n(.*?)\n````", HOW_TO, re.DOTALL)
    done = pandoc(f"{page}\n\nNot `code`.\n", "-t", "latex", "-M", "mdderive-code", read="typst")
    if "Unknown input format" in done.stderr:
        pytest.skip("this pandoc is too old")
    assert (done.returncode, done.stderr) == (0, "")
    assert r"The gradient is \(ab^T\), since" in done.stdout and r"\texttt{code}" in done.stdout
    assert r"\frac{\partial f}{\partial X} = (ba^T)^T = ab^T" in done.stdout
    assert (
        "derive" in pandoc(page, "-t", "latex", read="typst").stdout
    )  # code in a sentence is code, unless it is asked


@pytest.mark.skipif(not MYSTMD.exists(), reason="make tools: mystmd")
def test_the_plugin_as_the_how_to_has_it(tmp_path: Path) -> None:
    """The path of the how-to was not that of a file, and MyST took the directive for unknown."""
    section = HOW_TO.partition("## MyST")[2]
    command = re.findall(r"^    (.*)$", section, re.MULTILINE)[0]
    (settings,) = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    (page,) = re.findall(r"````markdown\n(.*?)````", section, re.DOTALL)
    environment = on_path(BIN)
    subprocess.run(["sh", "-c", command], cwd=tmp_path, env=environment, check=True)
    (tmp_path / "myst.yml").write_text(f"version: 1\n{settings}")
    (tmp_path / "index.md").write_text(f"# Title\n\n{page}")
    build = [str(MYSTMD), "build", "index.md", "--md", "--force"]
    done = subprocess.run(build, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=180)
    said = done.stdout + done.stderr
    assert done.returncode == 0 and "loaded: 1 directive, 1 role" in said and "unknown" not in said, said
    made = (tmp_path / "_build" / "exports" / "index.md").read_text()
    assert "The gradient is {math}`ab^T`, since" in made and "**Derivation.**" in made
    shutil.rmtree(tmp_path / "_build")


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
    assert [node["type"] for node in nodes] == [
        "paragraph",
        "paragraph",
        "math",
        "paragraph",
        "math",
        *["paragraph"] * 2,
    ]
    assert nodes[4]["value"] == r"\frac{\partial f}{\partial X} = (ba^T)^T = ab^T"
    assert r"\top" not in str(nodes)
    assert myst("--role", "derive", body=r"\derive<a^T X b><X>") == [{"type": "inlineMath", "value": "ab^T"}]
    assert myst("--role", "derive", body=r"\derive<a' X b><X>[notation: plain]") == [
        {"type": "inlineMath", "value": r"ab^\top"}
    ]


@pytest.mark.parametrize("role", [True, False])
def test_myst_shows_what_goes_wrong(role: bool) -> None:
    nodes = myst("--role" if role else "--directive", "derive", body=r"\derive<\foo x><x>")
    assert isinstance(nodes, list)
    assert "E1" in str(nodes[0]["value"])
