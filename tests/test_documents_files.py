"""Files: bytes without loss, writes that are whole or nothing."""

import os
from pathlib import Path

import pytest

from mdderive.documents.files import decode, encode, kind_of, read, write_atomically
from mdderive.errors import DeriveError


@pytest.mark.parametrize("data", [b"", b"a\r\nb\rc\n", b"caf\xe9 \xff", "\ufeff例\u2028".encode(), b"\0\x0c"])
def test_bytes_survive(data: bytes) -> None:
    assert encode(decode(data)) == data


@pytest.mark.parametrize("codec", ["utf-16", "utf-32"])
def test_utf_16_is_refused(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_bytes("a".encode(codec))
    with pytest.raises(DeriveError) as caught:
        read(path)
    assert caught.value.code == "E503"


def test_the_kind_of_a_file() -> None:
    assert [kind_of(Path(name)) for name in ("a.TEX", "a.sty", "a.md", "a")] == ["latex"] * 2 + ["markdown"] * 2


def test_writing(tmp_path: Path) -> None:
    path, link = tmp_path / "page.md", tmp_path / "link.md"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    os.utime(path, (1, 1))
    assert not write_atomically(link, b"old")
    assert path.stat().st_mtime == 1
    assert write_atomically(link, b"new")
    assert link.is_symlink() and path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert write_atomically(tmp_path / "fresh.md", b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fresh.md", "link.md", "page.md"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_fault_leaves_the_old_file(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(*((os, "fsync", fail) if step == "fsync" else (Path, "replace", fail)))
    with pytest.raises(OSError, match="no space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["page.md"]
