"""The commands of the command line, and the pages of the codes that `mdderive explain` prints."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlparse

import pytest
from places import ROOT

from mdderive.cli.commands import COMMANDS
from mdderive.cli.explain import address_of, code_pages, errors_file
from mdderive.cli.main import main
from mdderive.cli.terminal import Report
from mdderive.documents.diagnostics import file_problem

PAGES = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")


def test_explain_prints_the_page_of_each_code(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "E205", "e101", "E205"]) == 0
    shown = capfd.readouterr().out
    assert shown.count("# E205 ") == shown.count("# E101 ") == 1
    assert "$ mdderive -e " in shown


def test_explain_without_a_code_lists_all(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    assert len(capfd.readouterr().out.splitlines()) == PAGES.count("\n## E") > 60


def test_a_code_that_there_is_not(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "E999"]) == 2
    said = capfd.readouterr()
    assert said.out == "" and "there is no code E999\n  help: " in said.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_a_help_of_its_own(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert capfd.readouterr().out.startswith(f"usage: mdderive {COMMANDS[command].usage.partition(' ')[0]}")


def test_the_pages_are_in_the_wheel() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"] == {
        "docs/errors.md": "mdderive/errors.md"
    }
    assert list(code_pages()) == sorted(code_pages())


def test_a_page_has_an_address() -> None:
    address = urlparse(address_of("E103"))
    assert Path(address.path) == errors_file() and address.fragment == "e103-the-marker-lacks-its-variable"
    assert address_of("E999") == ""


def test_a_command_costs_the_other_runs_nothing() -> None:
    others = "{'mdderive.cli.explain', 'mdderive.cli.editor', 're'}"
    loaded = f"import sys; import mdderive.cli.main; print({others} & set(sys.modules))"
    ended = subprocess.run([sys.executable, "-S", "-c", loaded], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ended.stdout == "set()\n"


def test_a_terminal_is_told_once_what_explains_the_codes(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    report = Report()
    for code in ("E205", "E101", "E205"):
        report.problem(file_problem(code, "no", f"{code}.md"))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    report.finish()
    assert capfd.readouterr().err.endswith("more: mdderive explain E205 E101\n")
