"""--watch: a file is processed when it is saved, once, and not because we wrote it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from interrupting import heed_ctrl_c as heed_ctrl_c
from interrupting import running

from mdderive.cli.main import main

NOTE = "A note.\n\n\\derive<a^T x><x>\n"
BAD = "\\derive<\\foo x><x>\n\n"


def played(monkeypatch: pytest.MonkeyPatch, rounds: Iterator[set[Path]]) -> None:
    """Let watchfiles tell what `rounds` yields."""

    def watch(*_: str) -> Iterator[set[tuple[int, str]]]:
        for files in rounds:
            yield {(2, str(path.resolve())) for path in files}

    monkeypatch.setattr("watchfiles.watch", watch)


@pytest.fixture(autouse=True)
def note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("a.md")
    path.write_text(BAD + NOTE)
    return path


def test_our_own_writing_is_no_news(
    monkeypatch: pytest.MonkeyPatch, note: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    played(monkeypatch, iter([{note}, {note}]))
    assert main(["--watch", "a.md"]) == 4
    assert capfd.readouterr().err.count("E124") == 1
    assert "= a" in note.read_text()


def test_each_saving_is_an_occasion(
    monkeypatch: pytest.MonkeyPatch, note: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def rounds() -> Iterator[set[Path]]:
        note.write_text(BAD + NOTE + "\nOne more line.\n")
        yield {note}
        note.write_text(NOTE)
        yield {note}

    played(monkeypatch, rounds())
    assert main(["--watch", "."]) == 0
    assert capfd.readouterr().err.count("E124") == 2
    assert "= a" in note.read_text()


def test_new_files_of_a_folder_and_others_beside_them(monkeypatch: pytest.MonkeyPatch, note: Path) -> None:
    new, ignored, other = Path("b.md"), Path("c.md"), Path("d.txt")
    Path(".gitignore").write_text("c.md\n")

    def rounds() -> Iterator[set[Path]]:
        for path in (new, ignored, other):
            path.write_text(NOTE)
        yield {new, ignored, other}
        note.unlink()
        yield {note}

    played(monkeypatch, rounds())
    assert main(["--watch", "."]) == 0
    assert "= a" in new.read_text() and ignored.read_text() == other.read_text() == NOTE


def test_settings_may_change_meanwhile(monkeypatch: pytest.MonkeyPatch, note: Path) -> None:
    def rounds() -> Iterator[set[Path]]:
        Path("pyproject.toml").write_text('[tool.mdderive]\nlang = "zh"\n')
        note.write_text(NOTE + "\nOne more line.\n")
        yield {note}

    note.write_text(NOTE)
    played(monkeypatch, rounds())
    assert main(["--watch", "."]) == 0
    assert "解" in note.read_text()


def test_without_watchfiles(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert main(["--watch", "a.md"]) == 2
    assert "pip install 'mdderive[watch]'" in capfd.readouterr().err


@pytest.mark.parametrize("arguments", [["-"], ["a.md", "-o", "b.md"], ["a.md", "--diff"], ["a.md", "--format", "json"]])
def test_what_cannot_be_watched(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--watch", *arguments]) == 2
    assert "--watch does not go with " in capfd.readouterr().err


def test_a_file_that_is_really_saved(note: Path) -> None:
    with running(["--watch", "a.md"], 120, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        while "Ctrl-C ends" not in said:
            assert said, "it has ended"
            said = process.stderr.readline()
        until = time.monotonic() + 30
        while time.monotonic() < until and "= b" not in note.read_text():
            note.with_name("saved.tmp").write_text(NOTE.replace("a^T", "b^T"))
            note.with_name("saved.tmp").replace(note)
            time.sleep(3)
        assert "= b" in note.read_text()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 0
