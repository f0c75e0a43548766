"""Notebooks: what is not the source of a Markdown cell with a marker stays byte for byte, whoever wrote the file."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from places import share
from test_documents import short

import mdderive
from mdderive.cli.main import main
from mdderive.documents.expand import expand, strip
from mdderive.documents.formats import format_of_text
from mdderive.documents.notebook import cells_in, file_with, page_in, place_in
from mdderive.documents.page import read_page
from mdderive.errors import DeriveError

MARKER = r"\derive<a^T X b><X>"
BLOCKS = [
    MARKER, f"A {MARKER} here, é.", f"- item\n\n  {MARKER}", f"> {MARKER}", "# Head", "text\n", "", "例 \U0001d54f",
    f"```python\n{MARKER}\n```", f"```{{note}}\n{MARKER}\n```", "$$\na = b\n$$ (eq)", f"{MARKER}\r\n\r\nend\r\n",
    "<!-- mdderive: X: m x n -->", f"| a |\n|---|\n| {MARKER} |", '"quotes" and \\backslashes', "$$ open", "```open",
    "\n\n", "<b>", f"old\r{MARKER}\r\r\n{MARKER}\r\r", "a\u2028b\x0cc\n",
]  # fmt: skip
WRITERS: dict[str, Callable[[Any], str]] = {
    "Jupyter": lambda nb: json.dumps(nb, indent=1, ensure_ascii=False) + "\n",
    "Colab": lambda nb: json.dumps(nb, indent=2).replace("<", "\\u003c").replace(">", "\\u003e"),
    "one line": lambda nb: json.dumps(nb, separators=(",", ":"), ensure_ascii=False),
    "ASCII, tabs, CRLF": lambda nb: json.dumps(nb, indent="\t").replace("\n", "\r\n"),
    "sorted, with a byte order mark": lambda nb: (
        "\ufeff" + json.dumps(nb, sort_keys=True, indent=4, ensure_ascii=False)
    ),
}


def cell(rng: random.Random, number: int) -> dict[str, Any]:
    text = "\n\n".join(rng.choices(BLOCKS, k=rng.randint(0, 4)))
    lines = text.splitlines(keepends=True)
    source: Any = rng.choice([text, lines, lines, lines, [text]])
    kind = rng.choice(["markdown", "markdown", "markdown", "code", "raw"])
    rest = (
        {"execution_count": None, "outputs": [{"source": text}]} if kind == "code" else {"attachments": {"cells": [{}]}}
    )
    return {"cell_type": kind, "id": f"id{number}", "metadata": {"source": [text]}, **rest, "source": source}


def notebook(seed: int) -> dict[str, Any]:
    rng = random.Random(seed)
    cells = [cell(rng, k) for k in range(rng.randint(0, 6))]
    return {"metadata": {"cells": "no"}, "cells": cells, "nbformat": 4, "nbformat_minor": 5}


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)
def test_notebooks_come_back_byte_for_byte(writer: Callable[[Any], str]) -> None:
    """A share of 300 for each of five programs that write notebooks."""
    changed = 0
    seeds = share(range(300))
    for seed in seeds:
        made = notebook(seed)
        file = writer(made)
        page = page_in(file)
        assert file_with(file, page) == file
        expanded = expand(page, "notebook", short)
        new = file_with(file, expanded.text)
        assert page_in(new) == expanded.text
        assert expand(page_in(new), "notebook", short).text == expanded.text
        assert file_with(new, strip(page_in(new), "notebook")) == file, seed
        changed += new != file
        others = json.loads(new.removeprefix("\ufeff"))
        for one, other in zip(made["cells"], others["cells"], strict=True):
            if one["cell_type"] == "markdown":
                source = "".join(one["source"])
                alone = expand(source, "markdown", short).text
                if "mdderive:" not in page:
                    assert stampless("".join(other["source"])) == stampless(alone)
                assert {**one, "source": 0} == {**other, "source": 0}
            else:
                assert one == other
    assert changed > 0.4 * len(seeds)


def stampless(text: str) -> str:
    return mdderive.strip(text)


def test_what_comes_out_is_a_notebook() -> None:
    if not find_spec("nbformat"):
        pytest.skip("pip install nbformat")
    import nbformat

    for seed in range(30):
        made = notebook(seed)
        for one in made["cells"]:
            one.pop("attachments", None)
            if one["cell_type"] == "code":
                one["outputs"] = []
        file = WRITERS["Jupyter"](made)
        nbformat.validate(json.loads(file_with(file, expand(page_in(file), "notebook", short).text)))


def test_a_hand_edit_in_a_cell_is_kept() -> None:
    made = {"cells": [{"cell_type": "markdown", "metadata": {}, "source": [f"{MARKER}\n"]}], "nbformat": 4}
    file = WRITERS["Jupyter"](made)
    new = file_with(file, expand(page_in(file), "notebook", short).text).replace("So it is.", "So it was.")
    kept = expand(page_in(new), "notebook", short)
    assert file_with(new, kept.text) == new and [x.code for x in kept.problems] == ["E510"]


def test_places_are_told_by_cell_and_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["one\n", "\n", "two"]},
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": []},
        {
            "cell_type": "markdown",
            "metadata": {},
            "source": ["\n", "A \\derive<\\foo x><x>, $\\nabla_x (a^Tx) = 2a$\n"],
        },
    ]
    path = tmp_path / "a.ipynb"
    path.write_text(WRITERS["Jupyter"]({"cells": cells, "nbformat": 4, "nbformat_minor": 5}))
    before = path.read_bytes()
    assert main([str(path)]) == 4 and path.read_bytes() == before
    assert f"{path}:cell 3:2:11: E124" in capfd.readouterr().err
    assert main(["--lint", "--format", "json", str(path)]) == 4
    out, err = capfd.readouterr()
    assert f"{path}:cell 3:2:" in err
    said = json.loads(out)
    assert (said["cell"], said["line"]) == (3, 2)
    assert main(["--check", "--format", "github", str(path)]) == 4
    assert "::cell 3, line 2, column 11: " in capfd.readouterr().out
    assert main(["--check", "--format", "sarif", str(path)]) == 4
    (result,) = json.loads(capfd.readouterr().out)["runs"][0]["results"]
    assert result["message"]["text"].startswith("cell 3, line 2, column 11: ")
    assert "region" not in result["locations"][0]["physicalLocation"]


def test_a_notebook_from_the_command_line(tmp_path: Path) -> None:
    cells = [{"cell_type": "markdown", "metadata": {}, "source": ["\\derive<a^Tx><x>[detail: result]\n"]}]
    path = tmp_path / "a.ipynb"
    path.write_text(WRITERS["Colab"]({"cells": cells, "nbformat": 4, "nbformat_minor": 5}))
    before = path.read_bytes()
    assert main(["--check", str(path)]) == 1
    assert main([str(tmp_path)]) == 0 and path.read_bytes() != before
    assert main(["--check", str(path)]) == 0 and main(["--check", "--verify-all", str(path)]) == 0
    text = path.read_text()
    assert mdderive.strip(text, "notebook").encode() == before
    assert mdderive.expand(before.decode(), "notebook").text == text
    assert main(["--strip", str(path)]) == 0 and path.read_bytes() == before


NONE = [
    "", "{", "[]", "text", '{"nbformat": 3, "worksheets": []}', '{"cells": {}}', '{"cells": [1]}', "[" * 5000,
    '{"cells": [{"cell_type": "markdown", "source": [1]}]}', '{"cells": [{"cell_type": "markdown", "source": 1}]}',
    '{"cells": [{"cell_type": "markdown", "source": "\\u001e"}]}', '{"cells": "x"}',
]  # fmt: skip


@pytest.mark.parametrize("file", NONE)
def test_what_is_no_notebook_is_refused(file: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DeriveError) as refused:
        cells_in(file)
    assert refused.value.code == "E517"
    (tmp_path / "a.ipynb").write_text(file)
    assert main(["--verify-all", str(tmp_path / "a.ipynb")]) == 2
    assert "E517" in capfd.readouterr().err and (tmp_path / "a.ipynb").read_text() == file


def test_each_cell_is_a_document_of_its_own() -> None:
    sources = ["$$ open", "```open", "<!-- mdderive: X: m x n -->\n", MARKER, "> quote", MARKER]
    made = {"cells": [{"cell_type": "markdown", "source": x} for x in sources], "nbformat": 4}
    file = json.dumps(made)
    page = page_in(file)
    found = read_page(page, "notebook")
    assert len(found.entries) == 2 and all(not x.site.inline for x in found.entries)
    assert [x.text for x in found.entries[1].context] == ["X: m x n"]
    places = [place_in(file, found.place(x.site.origin, x.site.marker_end)) for x in found.entries]
    assert [(x.cell, x.line, x.column) for x in places] == [(4, 1, 1), (6, 1, 1)]


def test_a_notebook_on_stdin_is_known() -> None:
    assert format_of_text('\ufeff {"nbformat": 4}').name == "notebook"
    assert format_of_text('A page with "nbformat": 4 in it').name == "markdown"
