"""Files: bytes without loss, writes that are whole or nothing."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from mdderive.documents.files import decode, encode, read, write_atomically
from mdderive.documents.formats import format_of_name
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
    named = [format_of_name(name) for name in ("a.TEX", "b/a.sty", "a.md", "a", "a.py")]
    assert [found and found.name for found in named] == ["latex", "latex", "markdown", None, None]


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


def test_extended_attributes_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(b"old")
    try:
        os.setxattr(path, "user.tags", b"lecture")
    except (AttributeError, OSError):
        pytest.skip("no extended attributes here")
    assert write_atomically(path, b"new") and os.getxattr(path, "user.tags") == b"lecture"


def test_two_runs_that_write_the_same_do_not_disturb_each_other(tmp_path: Path) -> None:
    """The second was told of an intruder (E509), although the bytes agree."""
    path = tmp_path / "page.md"
    path.write_bytes(b"old")
    replaced = os.fsync

    def quicker(descriptor: int) -> None:
        replaced(descriptor)
        path.write_bytes(b"new")  # the other run, between our reading and our writing

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", quicker)
        assert not write_atomically(path, b"new", b"old")
    assert [x.name for x in tmp_path.iterdir()] == ["page.md"] and path.read_bytes() == b"new"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: path.write_bytes(b"other"))
        with pytest.raises(DeriveError) as caught:
            write_atomically(path, b"newer", b"new")
    assert caught.value.code == "E509" and path.read_bytes() == b"other"


SYSTEM_CALLS = ["lstat", "stat", "access", "open", "write", "fsync", "close", "chown", "chmod", "replace", "unlink"]


class Fault:
    """Lets the call of the system with a given number go wrong, before or after it does its work."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int, after: bool, fail: Callable[[], None]) -> None:
        self.count, self.number, self.after, self.fail = 0, number, after, fail
        for name in SYSTEM_CALLS:
            monkeypatch.setattr(os, name, partial(self.call, getattr(os, name)))

    def call(self, function: Callable[..., object], *arguments: object, **options: object) -> object:
        self.count += 1
        if self.count == self.number and not self.after:
            self.fail()
        result = function(*arguments, **options)
        if self.count == self.number and self.after:
            self.fail()
        return result

    @property
    def happened(self) -> bool:
        return self.count >= self.number


def no_space() -> None:
    raise OSError(errno.ENOSPC, "no space left on device")


def interrupted() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("fail", "after"), [(no_space, False), (interrupted, False), (interrupted, True)])
def test_whatever_call_fails_the_file_is_whole(fail: Callable[[], None], after: bool, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    said: list[tuple[bool, bytes]] = []
    for number in range(1, 100):
        path.write_bytes(b"old")
        with pytest.MonkeyPatch.context() as monkeypatch:
            fault = Fault(monkeypatch, number, after, fail)
            try:
                written = write_atomically(path, b"new", b"old")
            except (OSError, KeyboardInterrupt):
                written = False
        if not fault.happened:
            break
        said.append((written, path.read_bytes()))
        assert [path.name for path in tmp_path.iterdir()] == ["page.md"] or after
    assert 10 < number < 99
    assert (False, b"old") in said
    assert (True, b"old") not in said
    assert after or (False, b"new") not in said or fail is interrupted, "what is said to have failed was done"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is killed")
@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_call_the_file_is_whole(after: bool, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    left: list[bytes] = []
    for number in range(1, 100):
        path.write_bytes(b"old")
        child = os.fork()
        if not child:
            fault = Fault(pytest.MonkeyPatch(), number, after, lambda: os._exit(9))
            write_atomically(path, b"new" * 10000)
            os._exit(0 if not fault.happened else 1)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            break
        left.append(path.read_bytes())
    assert 10 < number < 99
    assert set(left) == {b"old", b"new" * 10000}


def test_a_disk_that_takes_little_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:2]))
    assert write_atomically(tmp_path / "page.md", b"new page")
    assert (tmp_path / "page.md").read_bytes() == b"new page"


def test_a_file_that_was_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(b"theirs")
    with pytest.raises(DeriveError) as caught:
        write_atomically(path, b"new", b"old")
    assert caught.value.code == "E509"
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"theirs"]
    assert not write_atomically(path, b"theirs", b"old")  # another process has done the same work


def test_two_processes_on_one_file(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(b"old")
    program = (
        "import sys; from pathlib import Path; from mdderive.documents.files import write_atomically\n"
        "for k in range(300): write_atomically(Path(sys.argv[1]), (sys.argv[2] * (1 + k % 7) * 1000).encode())"
    )
    workers = [subprocess.Popen([sys.executable, "-c", program, str(path), sign]) for sign in "ab"]
    seen = set()
    while any(worker.poll() is None for worker in workers):
        seen.add(path.read_bytes())
    assert all(worker.returncode == 0 for worker in workers)
    whole = {b"old", *((sign * k * 1000).encode() for sign in "ab" for k in range(1, 8))}
    assert seen <= whole
    assert [path.name for path in tmp_path.iterdir()] == ["page.md"]


def test_what_is_no_regular_file_is_not_replaced(tmp_path: Path) -> None:
    assert write_atomically(Path(os.devnull), b"x")
    assert not Path(os.devnull).is_file()
    loop = tmp_path / "loop.md"
    loop.symlink_to(loop)
    with pytest.raises(OSError, match="circles"):
        write_atomically(loop, b"x")
    with pytest.raises(OSError, match="directory"):
        write_atomically(tmp_path, b"x")
    assert loop.is_symlink()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everything")
def test_read_only_files_and_folders(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(b"old")
    for locked, mode in ((path, 0o444), (tmp_path, 0o555)):
        before = locked.stat().st_mode
        locked.chmod(mode)
        with pytest.raises(PermissionError):
            write_atomically(path, b"new")
        locked.chmod(before)
        assert path.read_bytes() == b"old"
