"""What of the paths of a run cannot be read is told by its own name, and is in nobody's way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mdderive.cli.main import main

NOTE = "A note.\n\n\\derive<a^T x><x>[detail: result]\n"


@pytest.fixture(autouse=True)
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder with a page that can be read, between what cannot."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "m.md").write_text(NOTE)
    yield folder


def has_solution(path: Path) -> bool:
    return "/mdderive" in path.read_text()


@pytest.mark.parametrize("options", [[], ["--jobs", "2"], ["--strip"], ["--lint"]])
def test_a_loop_of_links_is_told_and_the_others_go_on(
    notes: Path, options: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    """One such link ended the whole run, as `<stdout>: E504`."""
    (notes / "a.md").symlink_to("z.md")
    (notes / "z.md").symlink_to("a.md")
    (notes / "gone.md").symlink_to("nowhere")
    assert main([*options, "notes", "notes/a.md"]) == 2
    said = capfd.readouterr().err
    assert [line.split(":")[0] for line in said.splitlines() if "E501" in line] == [
        "notes/a.md", "notes/gone.md", "notes/z.md",
    ]  # fmt: skip
    assert "E504" not in said
    assert has_solution(notes / "m.md") == (options in ([], ["--jobs", "2"]))


def test_a_folder_that_is_locked_is_told(
    notes: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (notes / "locked").mkdir()
    scandir = os.scandir

    def locked(path: str) -> Any:
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", locked)
    assert main(["notes"]) == 2 and has_solution(notes / "m.md")
    assert "notes/locked: E501 cannot be read: Permission denied" in capfd.readouterr().err
    assert main(["--check", "notes"]) == 2  # also where all that can be read needs nothing
    assert main(["notes/locked"]) == 2
    assert capfd.readouterr().err.count("E501") == 2


@pytest.mark.parametrize("name", ["x" * 300 + ".md", "m.md/b.md", "missing/b.md", "x" * 5000])
def test_a_name_that_no_system_takes(notes: Path, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", name, "notes/m.md"]) == 2
    said = capfd.readouterr().err
    assert said.startswith(f"{name}: E501 cannot be read") and "notes/m.md:3:1: E511" in said


def test_links_that_lead_out_of_a_folder_are_followed_only_if_named(
    notes: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (notes.parent / "mine.md").write_text(NOTE)
    (notes / "link.md").symlink_to("../mine.md")
    (notes / "within.md").symlink_to("m.md")
    assert main(["notes"]) == 0
    assert not has_solution(notes.parent / "mine.md") and has_solution(notes / "m.md")
    assert "notes/link.md leads out of notes" in capfd.readouterr().err
    assert main(["notes/link.md"]) == 0
    assert has_solution(notes.parent / "mine.md") and (notes / "link.md").is_symlink()


def test_forms_that_are_not_read_are_counted(notes: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("a.adoc", "b.typ", "c.typ", "d.py", ".hidden/e.typ"):
        (notes / name).parent.mkdir(exist_ok=True)
        (notes / name).write_text(NOTE)
    main(["notes"])
    capfd.readouterr()
    assert main(["--check", "notes"]) == 0
    said = capfd.readouterr().err
    assert said == "mdderive: in notes, 3 files are not read, of a form that is not known: 1 .adoc, 2 .typ\n"
    assert main(["--check", "notes/a.adoc"]) == 2
    said = capfd.readouterr().err
    assert "notes/a.adoc: E514" in said and "--kind" not in said and "pandoc" in said


def test_folders_within_folders_without_end(notes: Path) -> None:
    """Deeper than Python calls itself."""
    deep = [Path("notes", *["d"] * depth) for depth in range(1, 1101)]
    for folder in (Path("notes/.git"), *deep):
        folder.mkdir()
    (deep[-1] / "deep.md").write_text(NOTE)
    assert main(["--check", "notes"]) == 1
    (deep[-1] / "deep.md").unlink()
    for folder in reversed(deep):  # too deep for those who clear up, too
        folder.rmdir()


def test_a_gitignore_with_lines_that_are_no_patterns(notes: Path) -> None:
    (notes / ".gitignore").write_text("!\n\\\n/\n[\n***\nm.md\n")
    assert main(["--check", "notes"]) == 0
