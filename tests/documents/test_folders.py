"""The notes within folders: in order, each once, and without what .gitignore leaves out."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from mdderive.documents.folders import notes_within


def written(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def within(folder: Path, *inner: str) -> list[str]:
    return [Path(note).relative_to(folder).as_posix() for note in notes_within(str(folder.joinpath(*inner)))]


def test_the_files_of_a_folder(tmp_path: Path) -> None:
    names = [
        "b.md",
        "a.tex",
        "c.txt",
        "s/d.qmd",
        "s/e.Rmd",
        ".git/f.md",
        ".venv/g.md",
        "node_modules/h.md",
        "site/i.md",
    ]
    written(tmp_path, dict.fromkeys(names, ""))
    assert within(tmp_path) == ["a.tex", "b.md", "s/d.qmd", "s/e.Rmd"]


def test_links_in_a_circle(tmp_path: Path) -> None:
    written(tmp_path, {"s/a.md": ""})
    (tmp_path / "s" / "back").symlink_to(tmp_path)
    assert within(tmp_path) == ["s/a.md"]


IGNORED = {
    ".gitignore": "drafts/\n/only-here.md\n*.tex\n!kept.tex\n# a comment\n",
    "only-here.md": "",
    "a.tex": "",
    "kept.tex": "",
    "drafts/a.md": "",
    "week/drafts/a.md": "",
    "week/only-here.md": "",
    "week/.gitignore": "b.md\n!a.tex\n",
    "week/a.tex": "",
    "week/b.md": "",
    "week/day/b.md": "",
    "week/day/c.md": "",
    "other/b.md": "",
}
LEFT = ["kept.tex", "other/b.md", "week/a.tex", "week/only-here.md", "week/day/c.md"]


def test_what_git_ignores_is_left_out(tmp_path: Path) -> None:
    written(tmp_path, IGNORED)
    assert within(tmp_path) == LEFT


def test_git_itself_says_the_same(tmp_path: Path) -> None:
    if not shutil.which("git"):
        pytest.skip("git is not here")
    written(tmp_path, IGNORED)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    command = ["git", "-C", tmp_path, "ls-files", "--others", "--exclude-standard", "*.md", "*.tex"]
    seen = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert sorted(seen) == sorted(LEFT)


def test_the_rules_of_the_repository_hold_in_a_folder_of_it(tmp_path: Path) -> None:
    written(tmp_path, IGNORED | {".git/HEAD": ""})
    assert within(tmp_path, "week") == ["week/a.tex", "week/only-here.md", "week/day/c.md"]
    assert within(tmp_path, "week", "day") == ["week/day/c.md"]


def test_a_folder_that_was_asked_for_is_searched_though_it_is_ignored(tmp_path: Path) -> None:
    written(tmp_path, IGNORED | {".git/HEAD": ""})
    assert within(tmp_path, "drafts") == ["drafts/a.md"]


def test_above_the_repository_no_rule_counts(tmp_path: Path) -> None:
    written(tmp_path, {".gitignore": "*.md", "notes/.git/HEAD": "", "notes/a.md": ""})
    assert within(tmp_path, "notes") == ["notes/a.md"]


def test_everything_may_be_asked_for(tmp_path: Path) -> None:
    written(tmp_path, IGNORED)
    assert len(list(notes_within(str(tmp_path), everything=True))) == len(IGNORED) - 2
