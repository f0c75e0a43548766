"""The hooks with the real pre-commit, which installs mdderive from a repository of its own; once, as it takes long."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

INSTALLED = ["mdderive", ".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE", "docs/errors.md"]
NOTE = "A note.\n\n\\derive<a^T x><x>\n"
PAGE = ROOT / "docs" / "command-line.md"


def configuration(address: str, revision: str) -> str:
    """Return the configuration that the docs tell users to write."""
    shown = re.search(r"```yaml\n(repos:.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    return shown[1].replace("ADDRESS", address).replace("REVISION", revision)


def git(folder: Path, *arguments: str) -> str:
    settings = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(folder), *settings, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def repository(folder: Path) -> str:
    """Make a repository of what is installed of mdderive; return its revision."""
    folder.mkdir()
    for name in INSTALLED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(source, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "mdderive")
    return git(folder, "rev-parse", "HEAD")


def hook(folder: Path, name: str) -> tuple[int, str]:
    """Return the exit status of a hook over all files, and what pre-commit prints."""
    environment = {**os.environ, "PRE_COMMIT_HOME": str(folder.parent / "home"), "PRE_COMMIT_COLOR": "never"}
    ended = subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files", name],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = ended.stdout + ended.stderr
    if re.search("Could not find a version|NewConnectionError|Temporary failure in name resolution", said):
        pytest.skip("no package index can be reached")
    return ended.returncode, said


def test_the_hooks(tmp_path: Path) -> None:
    pytest.importorskip("pre_commit")
    if not shutil.which("git"):
        pytest.skip("git is not here")
    revision = repository(tmp_path / "mdderive")
    notes = tmp_path / "notes"
    notes.mkdir()
    git(notes, "init", "-q")
    names = ["-oc.qmd", "a.md", "b.tex", "c.qmd", "d.myst"]  # the first would be an option, were it not behind --
    for name in [*names, "e.py", "f.txt"]:
        (notes / name).write_text(NOTE)
    (notes / ".pre-commit-config.yaml").write_text(configuration((tmp_path / "mdderive").as_uri(), revision))
    git(notes, "add", ".")

    status, said = hook(notes, "mdderive-check")
    assert status == 1 and "exit code: 1" in said and re.findall(r"^(\S+):3:1: E511", said, re.M) == names, said
    status, said = hook(notes, "mdderive")
    assert status == 1 and "files were modified by this hook" in said, said
    assert git(notes, "diff", "--name-only").split() == names
    assert git(notes, "ls-files", "--others", "--exclude-standard") == ""  # the cache keeps itself out

    git(notes, "add", ".")
    assert [hook(notes, name)[0] for name in ("mdderive", "mdderive-check")] == [0, 0]

    assert hook(notes, "mdderive-lint")[0] == 0
    (notes / "f.md").write_text("$\\nabla_x (a^Tx) = 2a$\n")
    git(notes, "add", ".")
    status, said = hook(notes, "mdderive-lint")
    assert status == 1 and "exit code: 4" in said and "f.md:1:20: E701" in said, said
    (notes / "f.md").unlink()
    git(notes, "add", ".")

    (notes / "a.md").write_text((notes / "a.md").read_text().replace("= a\n", "= b\n"))
    edited = (notes / "a.md").read_text()
    for name in ("mdderive", "mdderive-check"):
        status, said = hook(notes, name)
        assert status == 1 and "exit code: 3" in said and "a.md:3:15: E510" in said, said
    assert (notes / "a.md").read_text() == edited
