"""The extension for VS Code: it compiles, it can be packaged, its grammar colours markers and knows every word.

`make goldens` writes the words of the tables into the grammar.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from places import ROOT

from mdderive.algebra.properties import PROPERTIES
from mdderive.cli.editor.sheets import LANGUAGES
from mdderive.documents.diagnostics import problem_text
from mdderive.documents.model import Place, Problem
from mdderive.question.clauses import KINDS, WISHES
from mdderive.question.settings import names_in

EXTENSION = ROOT / "editors" / "vscode"
GRAMMAR = EXTENSION / "syntaxes" / "mdderive.tmLanguage.json"
MANIFEST = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
TOOLS = EXTENSION / "node_modules" / ".bin"
needs_npm = pytest.mark.skipif(
    not TOOLS.is_dir() or shutil.which("npx") is None, reason="npm's packages are missing: make tools"
)


def grammar() -> dict[str, Any]:
    """Return the grammar with the words of the tables."""
    found: dict[str, Any] = json.loads(GRAMMAR.read_text(encoding="utf-8"))
    wish, option, _, property_ = found["repository"]["clause"]["patterns"][1:5]
    spellings = [*KINDS, *(x for row in PROPERTIES for x in row.spellings)]
    wish["match"] = rf"(?<![\w\\])({_any_of(WISHES)})(?=\s*(?:[;；\]]|-->|$))"
    option["match"] = (
        rf"(?<![\w\\-])({_any_of(names_in('clause'))})\s*([:：])\s*([^;；\]\r\n]*?)(?=\s*(?:[;；\]]|-->|$))"
    )
    property_["match"] = rf"([:：])\s*({_any_of(spellings)})(?![\w-])"
    return found


def _any_of(words: Iterable[str]) -> str:
    return "|".join(
        re.escape(x).replace(r"\ ", " ").replace(r"\-", "-") for x in sorted(set(words), key=lambda x: (-len(x), x))
    )


def written() -> str:
    return json.dumps(grammar(), indent=2, ensure_ascii=False) + "\n"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, cwd=EXTENSION, timeout=300)


def test_the_grammar_knows_the_words_of_the_tables() -> None:
    assert GRAMMAR.read_text(encoding="utf-8") == written()


def test_the_languages_are_those_of_the_server() -> None:
    started = {x.removeprefix("onLanguage:") for x in MANIFEST["activationEvents"] if x.startswith("onLanguage:")}
    source = (EXTENSION / "src" / "extension.ts").read_text(encoding="utf-8")
    asked = set(re.findall(r'"(\w+)"', source.partition("LANGUAGES = [")[2].partition("]")[0]))
    assert asked == started <= set(LANGUAGES)


@pytest.mark.parametrize("cell", [0, 3])
def test_the_problem_matcher_reads_what_a_run_prints(cell: int) -> None:
    [matcher] = MANIFEST["contributes"]["problemMatchers"]
    pattern = matcher["pattern"]
    problem = Problem("E142", "y does not occur", Place(3, 7, 1, "text", cell), file="notes/a b.md")
    found = re.match(pattern["regexp"], problem_text(problem).splitlines()[0])
    assert found is not None
    assert [found[pattern[x]] for x in ("file", "line", "column", "code", "message")] == [
        "notes/a b.md", "3", "7", "E142", "y does not occur",
    ]  # fmt: skip


@needs_npm
def test_the_grammar_colours_markers() -> None:
    ended = run("npm", "test", "--silent")
    assert ended.returncode == 0, ended.stdout + ended.stderr


@needs_npm
def test_it_compiles_and_can_be_packaged(tmp_path: Path) -> None:
    package = tmp_path / "mdderive.vsix"
    shutil.copy(ROOT / "LICENSE", EXTENSION)
    ended = run("npx", "vsce", "package", "--no-dependencies", "--allow-missing-repository", "--out", str(package))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    with ZipFile(package) as archive:
        names = set(archive.namelist())
        code = archive.read("extension/dist/extension.js").decode()
    assert {
        "extension/package.json",
        "extension/syntaxes/mdderive.tmLanguage.json",
        "extension/dist/extension.js",
    } <= names
    assert "mdderive.restart" in code and package.stat().st_size < 1_000_000
    assert not [x for x in names if "node_modules" in x or x.endswith(".ts")]


if __name__ == "__main__":
    GRAMMAR.write_text(written(), encoding="utf-8")
