"""What other programs read: SARIF with ways to mend, GitHub's annotations, the same words on stderr."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from places import FIXTURES

from mdderive.cli.main import main
from mdderive.cli.sarif import fixes_of, sarif_log
from mdderive.documents.diagnostics import annotation
from mdderive.documents.model import Place, Problem

SCHEMA = json.loads((FIXTURES / "sarif-2.1.0.schema.json").read_text())
"""That of OASIS as npm's @microsoft/jest-sarif 1.0.0-beta.0 has it, without its descriptions."""

PAGE = "A.\n\n\\derive<a^T x><x>\n\nB, inline \\derive<x^T x><x>.\n\n\\derive<\\foo x><x>\n\n\\derive<b^T x><x>"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def log_of(capfd: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """Return the log that a run prints, after a look into the schema."""
    main(["--format", "sarif", *arguments])
    log = json.loads(capfd.readouterr().out)
    Draft4Validator(SCHEMA).validate(log)
    return log


def mended(text: str, log: dict[str, Any]) -> str:
    """Return the text with all the replacements of a log made, the last first."""
    replacements = [
        one
        for result in log["runs"][0]["results"]
        for fix in result.get("fixes", ())
        for change in fix["artifactChanges"]
        for one in change["replacements"]
    ]
    lines = text.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:k]) for k in range(len(lines) + 1)]
    for one in sorted(replacements, key=lambda one: -one["deletedRegion"]["startLine"]):
        region = one["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        text = text[:start] + one["insertedContent"]["text"] + text[end:]
    return text


@pytest.mark.parametrize("end", ["", "\n", "\nThe end.", "\nThe end.\n"])
def test_the_fixes_of_a_check_are_what_a_run_would_write(capfd: pytest.CaptureFixture[str], end: str) -> None:
    path = Path("my notes.md")
    path.write_text(PAGE + end)
    log = log_of(capfd, "--check", "my notes.md")
    found = mended(PAGE + end, log)
    main(["my notes.md"])
    assert path.read_text() == found != PAGE + end
    results = log["runs"][0]["results"]
    assert [(one["ruleId"], one["level"], "fixes" in one) for one in results] == [
        ("E511", "warning", True),
        ("E511", "warning", True),
        ("E124", "error", False),
        ("E511", "warning", True),
    ]
    location = results[2]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "my%20notes.md"
    assert location["region"] == {"startLine": 7, "startColumn": 9, "endColumn": 13}


def test_the_fix_of_what_is_out_of_date(capfd: pytest.CaptureFixture[str]) -> None:
    path = Path("a.md")
    path.write_text(PAGE)
    main(["a.md"])
    old = path.read_text()
    changed = old.replace("<x> -->", "<x>[lang: zh] -->", 1)
    path.write_text(changed)
    log = log_of(capfd, "--check", "a.md")
    stale = [one for one in log["runs"][0]["results"] if one["ruleId"] == "E512"]
    assert len(stale) == 1 and stale[0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 3
    found = mended(changed, log)
    main(["a.md"])
    assert path.read_text() == found


def test_a_log_of_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    Path("a.md").write_text("nothing\n")
    log = log_of(capfd, "--check", "a.md")
    assert log["runs"][0]["results"] == [] and log["version"] == "2.1.0"


def test_whole_files_notes_and_stray_bytes() -> None:
    problems = [
        Problem("E501", "cannot be read: \udce9", Place(0, 0, 0, ""), file="/not/here \udce9.md"),
        Problem("E203", "no", Place(1, 2, 3, "x"), "error", "a hint", ((Place(2, 1, 1, "y"), "n x 1"),), "a.md"),
        Problem("E520", "text", Place(1, 2, 3, "x"), "ignored", file="a.md"),
        Problem("E510", "edited", Place(1, 2, 3, "x"), "edited", file="a.md"),
    ]
    log = json.loads(json.dumps(sarif_log([(problem, ()) for problem in problems])))
    Draft4Validator(SCHEMA).validate(log)
    results = log["runs"][0]["results"]
    assert [one["level"] for one in results] == ["error", "error", "note", "warning"]
    assert results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("file:///not/here%20")
    assert results[1]["relatedLocations"][0]["message"]["text"] == "n x 1"


def test_what_is_not_stale_is_not_mended() -> None:
    assert fixes_of([Problem("E203", "no", Place(1, 1, 1, "x"))], "x\n", "y\n") == {}


def test_annotations_of_a_workflow(capfd: pytest.CaptureFixture[str]) -> None:
    Path("a.md").write_text(PAGE)
    assert main(["--check", "--format", "github", "a.md", "missing.md"]) == 4
    out, err = capfd.readouterr()
    assert out.splitlines()[0] == (
        "::warning title=mdderive E511,file=a.md,line=3,col=1,endColumn=18::this marker has no solution yet"
    )
    assert out.splitlines()[2].startswith("::error title=mdderive E124,file=a.md,line=7,col=9,endColumn=13::")
    assert out.splitlines()[-1] == (
        "::error title=mdderive E501,file=missing.md::cannot be read: No such file or directory"
    )
    assert err.startswith("a.md:3:1: E511 ")


def test_an_annotation_cannot_be_forged_by_a_page() -> None:
    problem = Problem("E203", "100%\n::error::x", Place(1, 1, 1, ""), "error", "b", file="a,b:c%.md")
    assert annotation(problem) == (
        "::error title=mdderive E203,file=a%2Cb%3Ac%25.md,line=1,col=1,endColumn=2::100%25%0A::error::x%0Ab\n"
    )


@pytest.mark.parametrize("style", ["sarif", "github"])
def test_what_does_not_go_with_a_format(style: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["-e", r"\derive<f><x>", "--format", style]) == 2
    assert f"--format {style} goes with files only" in capfd.readouterr().err
    assert main(["--strip", "a.md", "--format", style]) == 2
    assert f"--strip does not go with --format {style}" in capfd.readouterr().err
