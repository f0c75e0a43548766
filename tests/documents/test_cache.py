"""Solutions kept between runs: never a wrong one, and no trouble from a folder that is damaged, full or read-only."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest
from fake_solver import FakeSolver
from hypothesis import given
from hypothesis import strategies as st

from mdderive.documents import cache as cache_module
from mdderive.documents.cache import Cache, cache_of
from mdderive.documents.marker import read_marker
from mdderive.documents.model import Request
from mdderive.documents.region import digest_of_request, key_of_request
from mdderive.errors import ParseError

REQUEST = Request(read_marker(r"\derive<a^T x><x>", 0), "markdown")
OTHERS = [
    REQUEST._replace(marker=read_marker(r"\derive<b^T x><x>", 0)),
    REQUEST._replace(kind="latex"),
    REQUEST._replace(inline=True),
    REQUEST._replace(context=("x: n x 1",)),
    REQUEST._replace(language="zh"),
    REQUEST._replace(environment="proof"),
]


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "kept")


def entries(cache: Cache) -> list[Path]:
    return [path for path in cache.folder.iterdir() if path.name != ".gitignore"]


def test_what_was_put_is_there(cache: Cache) -> None:
    assert cache.get("key") is None
    cache.put("key", "一\n\ntwo\r\n")
    assert Cache(cache.folder).get("key") == "一\n\ntwo\r\n"
    assert cache.get("other") is None


def test_a_key_may_hold_a_byte_that_is_no_character(cache: Cache) -> None:
    cache.put("a page of Latin 1: \udce9", "its claims")
    assert cache.get("a page of Latin 1: \udce9") == "its claims"


def test_it_stays_out_of_version_control(cache: Cache) -> None:
    cache.put("key", "text")
    assert (cache.folder / ".gitignore").read_text() == "*\n"


@given(st.binary(max_size=200), st.integers(0, 80))
def test_a_damaged_entry_is_not_there(tmp_path_factory: pytest.TempPathFactory, data: bytes, at: int) -> None:
    cache = Cache(tmp_path_factory.mktemp("kept"))
    cache.put("key", "text")
    (entry,) = entries(cache)
    whole = entry.read_bytes()
    for damaged in (data, whole[:at] + data, whole[:at] + data + whole[at:]):
        entry.write_bytes(damaged)
        assert cache.get("key") == ("text" if damaged == whole else None)


def test_the_entry_of_another_is_not_taken(cache: Cache) -> None:
    cache.put("key", "text")
    (entry,) = entries(cache)
    cache.put("other", "other")
    (other,) = set(entries(cache)) - {entry}
    entry.replace(other)
    assert cache.get("other") is None


def test_another_version_of_mdderive_has_entries_of_its_own(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.put("key", "text")
    monkeypatch.setattr(cache_module, "_program", lambda: "another")
    assert cache.get("key") is None


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "kept")
    cache.put("key", "text")
    assert cache.get("key") is None


def test_a_failed_write_leaves_nothing(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    cache.put("key", "text")
    assert entries(cache) == []


def test_the_solver_is_asked_once(cache: Cache) -> None:
    engine = FakeSolver()
    first = cache.solver(engine)(REQUEST)
    again = Cache(cache.folder).solver(engine)(REQUEST)
    assert first.text == again.text and len(engine.requests) == 1


@pytest.mark.parametrize("other", OTHERS, ids=["marker", "kind", "inline", "clauses", "language", "environment"])
def test_another_request_is_another_entry(cache: Cache, other: Request) -> None:
    engine = FakeSolver()
    for request in (REQUEST, other):
        cache.solver(engine)(request)
    assert engine.requests == [REQUEST, other]
    assert key_of_request(other).startswith(digest_of_request(other))


def test_errors_are_not_kept(cache: Cache) -> None:
    bad = REQUEST._replace(marker=read_marker(r"\derive<\bad x><x>", 0))
    for _ in range(2):
        with pytest.raises(ParseError):
            cache.solver(FakeSolver())(bad)
    assert not cache.folder.exists()


@pytest.mark.parametrize("root", ["pyproject.toml", ".git"])
def test_it_lies_at_the_root_of_the_project(tmp_path: Path, root: str) -> None:
    (tmp_path / root).touch()
    (tmp_path / "notes" / "deep").mkdir(parents=True)
    assert cache_of(tmp_path / "notes" / "deep").folder == tmp_path / ".cache" / "mdderive"


def test_without_a_project_it_lies_beside_the_file(tmp_path: Path) -> None:
    assert cache_of(tmp_path).folder == tmp_path / ".cache" / "mdderive"


def test_without_a_project_a_tree_of_notes_has_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cache_of(Path("notes/deep")).folder == tmp_path / ".cache" / "mdderive"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_of(Path("notes/deep")).folder == tmp_path / "notes" / "deep" / ".cache" / "mdderive"


def test_what_somebody_else_has_put_there_is_not_believed(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository may come with a folder of what is kept, made on another machine or by an attacker."""
    monkeypatch.setenv("XDG_STATE_HOME", str(cache.folder.parent / "attacker"))
    cache.put("key", "<script>alert(1)</script>")
    (entry,) = entries(cache)
    assert Cache(cache.folder).get("key") is not None
    monkeypatch.setenv("XDG_STATE_HOME", str(cache.folder.parent / "user"))
    assert Cache(cache.folder).get("key") is None
    text = "<script>alert(1)</script>"
    entry.write_text(f"{sha256(f'key{chr(0)}{text}'.encode()).hexdigest()}\n{text}")
    assert Cache(cache.folder).get("key") is None


def test_without_a_place_for_the_key_nothing_is_kept(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    (cache.folder.parent / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(cache.folder.parent / "file"))
    cache.put("key", "text")
    assert cache.get("key") is None and not cache.folder.exists()


def test_it_does_not_grow_for_ever(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mdderive.documents.kept.LARGEST", 1000)
    for k in range(4):
        cache.put(f"{k}", "x" * 300)
        for entry in entries(cache):
            os.utime(entry, (0, entry.stat().st_mtime - 100))
    again = Cache(cache.folder)
    again.put("new", "text")
    kept = [k for k in range(4) if again.get(f"{k}") is not None]
    assert kept == [3] and again.get("new") == "text" and (cache.folder / ".gitignore").exists()
