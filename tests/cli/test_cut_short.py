"""Runs that are killed while they write, and disks that fill: the file is whole, and the next run does the rest."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("processes are killed, and files bounded", allow_module_level=True)

PROGRAM = """
import os, resource, signal, sys, types
from mdderive.cli.main import main
from mdderive.documents.model import Solved

end, *arguments = sys.argv[1:]
if "--lint" not in arguments:  # which needs the real engine
    engine = types.ModuleType("mdderive.api")
    engine.solve = lambda request: Solved("$a$" if request.inline else "$$\\na\\n$$")
    sys.modules["mdderive.api"] = engine
replace = os.replace

def killed(source, target):
    if str(target).endswith(end):
        os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target)

if end == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
elif end:
    os.replace = killed
sys.exit(main(arguments))
"""
MARKER = r"\derive<a^T x><x>"
PAGES = {
    "page.md": f"A note.\n\n{MARKER}\n\nThe end.\n",
    "page.tex": f"A note.\n\n{MARKER}\n\nThe end.\n",
    "page.ipynb": json.dumps({"cells": [{"cell_type": "markdown", "source": [MARKER]}], "metadata": {}, "nbformat": 4}),
}
FALSE_CLAIM = "The derivative is $\\frac{\\partial x^2}{\\partial x} = 3x$.\n"


def run(end: str, *arguments: str, cwd: Path) -> tuple[int, str]:
    """Return the exit status and words of a run whose disk is full, or that is killed before it renames to `end`."""
    command = [sys.executable, "-c", PROGRAM, end, *arguments]
    ended = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=60)
    return ended.returncode, ended.stderr


def fresh(name: str, folder: Path) -> None:
    (folder / name).write_text(PAGES[name])


def expanded(name: str, folder: Path) -> None:
    fresh(name, folder)
    assert run("", name, cwd=folder)[0] == 0


def edited(name: str, folder: Path) -> None:
    expanded(name, folder)
    page = folder / name
    page.write_text(page.read_text().replace("\na\n", "\na\\,\n").replace("\\na\\n", "\\na\\\\,\\n"))


def false(name: str, folder: Path) -> None:
    (folder / name).write_text(FALSE_CLAIM)


WRITERS: list[tuple[str, Callable[[str, Path], None], str, list[str]]] = [
    *((name, fresh, name, [name]) for name in PAGES),
    *((name, expanded, name, ["--strip", name]) for name in PAGES),
    *(("page.md", edited, "page.md", [option, "page.md"]) for option in ("--accept", "--discard", "--detach")),
    ("page.md", fresh, "other.md", ["-o", "other.md", "page.md"]),
    ("page.md", false, "accepted.json", ["--lint", "--baseline", "accepted.json", "page.md"]),
    ("page.md", false, "page.md", ["--lint", "--fix", "page.md"]),
]


@pytest.mark.parametrize(("name", "begin", "target", "arguments"), WRITERS)
def test_whatever_is_written_is_the_old_file_or_the_new(
    name: str, begin: Callable[[str, Path], None], target: str, arguments: list[str], tmp_path: Path
) -> None:
    """Killed between the temporary file and its renaming, and with a disk that is full after one byte."""
    begin(name, tmp_path)
    written = tmp_path / target
    if exists := written.exists():
        written.chmod(0o640)
        written.rename(tmp_path / f"real {target}")
        written.symlink_to(f"real {target}")
    old = written.read_bytes() if exists else None
    for end in ("full", target):
        status, said = run(end, *arguments, cwd=tmp_path)
        if end == "full":
            assert status in (2, 4) and f"{target}: E502 cannot be written: File too large" in said, said
            assert not list(tmp_path.glob(".*.tmp"))
        else:
            assert status == -signal.SIGKILL, said
        assert (written.read_bytes() if exists else written.exists() or None) == old
    status, said = run("", *arguments, cwd=tmp_path)
    assert status in (0, 4) and "E5" not in said, said
    assert written.read_bytes() != old
    assert not exists or (written.is_symlink() and written.stat().st_mode & 0o777 == 0o640)


def test_a_cache_that_is_cut_short_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    expanded("page.md", tmp_path)
    good = (tmp_path / "page.md").read_bytes()
    kept = tmp_path / ".cache" / "mdderive"
    names = sorted(x.name for x in kept.iterdir())
    assert len(names) > 2
    for end in ("full", *names):
        fresh("page.md", tmp_path)
        shutil.rmtree(kept)
        status, said = run(end, *(["-o", "-"] if end == "full" else []), "page.md", cwd=tmp_path)
        assert (status == 0 and not said) if end == "full" else status == -signal.SIGKILL
        expanded("page.md", tmp_path)
        assert (tmp_path / "page.md").read_bytes() == good
        assert run("", "--check", "page.md", cwd=tmp_path) == (0, "")
