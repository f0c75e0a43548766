"""What a repository may bring along in `.cache/mdderive`: links that lead elsewhere are not followed, by nobody."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fake_solver import FakeSolver

from mdderive.cli.main import main
from mdderive.documents.cache import cache_of
from mdderive.documents.kept import make_kept_folder, read_kept, write_kept
from mdderive.documents.marker import read_marker
from mdderive.documents.model import Request
from mdderive.documents.settled import LARGEST, Settled

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need rights there")
REQUEST = Request(read_marker(r"\derive<a^T x><x>", 0), "markdown")
NOTE = "A note.\n\n\\derive<a^T x><x>\n\nThe end.\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a cloned repository; beside it lies what belongs to the user."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "precious").write_bytes(b"precious\n" * (LARGEST // 8))
    project = tmp_path / "project"
    project.mkdir()
    (project / ".git").mkdir()
    (project / "README.md").write_text(NOTE)
    monkeypatch.chdir(project)
    return project


def mine(project: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (project.parent / "mine").iterdir()}


@pytest.mark.parametrize("link", [".cache", ".cache/mdderive", ".cache/mdderive/settled", ".cache/mdderive/.gitignore"])
@pytest.mark.parametrize("target", ["mine", "mine/precious", "mine/new"])
def test_no_link_is_followed(project: Path, link: str, target: str) -> None:
    """Each of these made a run truncate, append to, or create a file of the user's outside the tree."""
    (project / link).parent.mkdir(parents=True, exist_ok=True)
    (project / link).symlink_to(project.parent / target)
    before = mine(project)
    assert main(["README.md"]) == 0
    assert main(["--check", "README.md"]) == 0 and main(["--check", "."]) == 0
    settled = Settled()
    settled.add("README.md", b"derive")
    settled.save()
    cache_of(project).solver(FakeSolver())(REQUEST)
    assert mine(project) == before


def test_a_link_to_an_entry_is_no_entry(project: Path) -> None:
    cache = cache_of(project)
    cache.put("key", "text")
    (entry,) = (x for x in cache.folder.iterdir() if x.name != ".gitignore")
    entry.rename(project / "elsewhere")
    entry.symlink_to(project / "elsewhere")
    assert cache.get("key") is None
    cache.put("key", "other")
    assert cache.get("key") == "other" and not entry.is_symlink()


@pytest.mark.parametrize("left", [b"", None])
def test_a_gitignore_that_says_nothing_is_mended(project: Path, left: bytes | None) -> None:
    """A full disk leaves an empty one."""
    folder = project / ".cache" / "mdderive"
    make_kept_folder(str(folder))
    (folder / ".gitignore").unlink()
    if left is not None:
        (folder / ".gitignore").write_bytes(left)
    write_kept(str(folder / "x"), b"text")
    assert (folder / ".gitignore").read_bytes() == b"*\n" and read_kept(str(folder / "x")) == b"text"


def test_a_pipe_is_not_waited_for(project: Path) -> None:
    folder = project / ".cache" / "mdderive"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "settled")
    with pytest.raises(OSError):
        read_kept(str(folder / "settled"))
    assert main(["README.md"]) == 0


def test_a_page_that_somebody_else_calls_settled_is_not(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record of another user says nothing here, though it speaks of the same bytes and the same mdderive."""
    monkeypatch.setenv("XDG_STATE_HOME", str(project.parent / "attacker"))
    data = NOTE.encode()
    settled = Settled()
    settled.add("README.md", data)
    settled.save()
    assert Settled().holds("README.md", data)
    monkeypatch.setenv("XDG_STATE_HOME", str(project.parent / "user"))
    assert not Settled().holds("README.md", data)
