"""The page of the command line and `--help`: every option is in it, in its own words, and every example is run.

`make goldens` writes the page anew; read the difference with care.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys

import pytest
from places import ROOT
from test_error_pages import CONSOLE, transcript

from mdderive.cli.commands import COMMANDS
from mdderive.cli.main import main
from mdderive.cli.manual import fish_completion, manual_page
from mdderive.cli.options import EPILOG, SHELLS, parser

PAGE = ROOT / "docs" / "command-line.md"
MANUAL = ROOT / "docs" / "mdderive.1"
TEXT = PAGE.read_text(encoding="utf-8")
OPTIONS = re.compile(r"(?<=<!-- options -->\n).*(?=<!-- /options -->)", re.DOTALL)
LISTED = re.compile(r"(?<=<!-- commands -->\n).*(?=<!-- /commands -->)", re.DOTALL)


def table() -> str:
    """Return the options in tables, one for each group, as the parser has them."""
    rows: list[str] = []
    for group in parser()._action_groups:
        actions = [action for action in group._group_actions if action.option_strings]
        if actions:
            title = "in general" if group.title == "options" else group.title
            rows += ["", f"| {title} | |", "|---|---|", *(row(action) for action in actions)]
    return "\n".join([*rows, "", ""])


def list_of_commands() -> str:
    """Return the table of the commands."""
    rows = [f"| `mdderive {x.usage}` | {x.meaning} |" for x in COMMANDS.values()]
    return "\n".join(["", "| command | |", "|---|---|", *rows, "", ""])


def row(action: argparse.Action) -> str:
    value = f" {action.metavar or '|'.join(action.choices or ())}" if action.nargs != 0 else ""
    names = ", ".join(f"`{name}{value}`" for name in action.option_strings)
    names, meaning = (text.replace("|", r"\|") for text in (names, action.help or ""))
    return f"| {names} | {meaning} |"


def test_every_option_is_in_the_page_in_its_own_words() -> None:
    found = OPTIONS.search(TEXT)
    assert found is not None and found[0] == table()


def test_every_command_is_in_the_page_and_in_the_help() -> None:
    found = LISTED.search(TEXT)
    assert found is not None and found[0] == list_of_commands()
    assert all(x.usage in EPILOG and x.meaning in EPILOG for x in COMMANDS.values())


@pytest.mark.parametrize("console", CONSOLE.findall(TEXT))
def test_the_consoles_of_the_page(console: str) -> None:
    assert transcript(console) == console


def test_help_is_a_page_with_examples(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capfd.readouterr().out
    assert shown.startswith("usage: mdderive [options] FILE|DIR|- ...\n")
    for part in ("examples:", "exit status", "files:", "environment:"):
        assert f"\n{part}" in shown
    assert all(action.option_strings[-1] in shown for action in parser()._actions if action.option_strings)
    assert all(len(line) <= 120 for line in EPILOG.splitlines())


EXAMPLES = re.findall(r"^  mdderive (.+?)(?:  +.*)?$", EPILOG, re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_the_help_can_be_parsed(example: str) -> None:
    import shlex

    from mdderive.cli.options import read_options

    assert read_options(shlex.split(example))


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 5


@pytest.mark.parametrize("shell", SHELLS)
def test_completion(shell: str) -> None:
    if shell != "fish":
        pytest.importorskip("shtab")
    ended = subprocess.run(
        [sys.executable, "-m", "mdderive", "--completion", shell], capture_output=True, text=True, check=True
    )
    assert "verify-all" in ended.stdout


def test_completion_without_shtab(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["--completion", "bash"]) == 2
    assert "pip install 'mdderive[completion]'" in capfd.readouterr().err


def test_the_manual_page_is_that_of_the_options() -> None:
    assert MANUAL.read_text(encoding="utf-8") == manual_page(parser())


def test_the_manual_page_can_be_set() -> None:
    man = shutil.which("mandoc") or shutil.which("groff")
    if man is None:
        pytest.skip("neither mandoc nor groff is installed")
    way = ["-T", "utf8"] if man.endswith("mandoc") else ["-man", "-Tutf8", "-ww"]
    ended = subprocess.run([man, *way, str(MANUAL)], capture_output=True, text=True, check=True)
    assert not ended.stderr
    shown = re.sub(r"\x1b\[[0-9;]*m|.\x08", "", ended.stdout)
    assert r"mdderive -e '\derive<x^TAx><x>[A: symmetric]'" in shown and "--verify-all" in shown


def test_what_fish_is_told() -> None:
    told = fish_completion(parser(), [("explain", "print what 'E205' is")]).splitlines()
    assert told[0] == r"complete -c mdderive -n __fish_is_first_arg -a explain -d 'print what \'E205\' is'"
    assert "complete -c mdderive -s j -l jobs -x -d 'derive in N processes; 0: one for each processor'" in told
    assert any(x.startswith("complete -c mdderive -l detail -xa 'full brief result' -d ") for x in told)
    assert any(x.startswith("complete -c mdderive -s o -rF -d ") for x in told)
    fish = shutil.which("fish")
    if fish is not None:
        subprocess.run([fish, "--no-execute"], input="\n".join(told), text=True, check=True)


if __name__ == "__main__":
    MANUAL.write_text(manual_page(parser()), encoding="utf-8")
    text = OPTIONS.sub(lambda _: table(), TEXT)
    text = LISTED.sub(lambda _: list_of_commands(), text)
    PAGE.write_text(CONSOLE.sub(lambda found: f"```console\n{transcript(found[1])}```", text), encoding="utf-8")
