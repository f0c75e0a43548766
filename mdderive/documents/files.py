"""Files as they are: bytes to text and back without loss, written atomically; the standard library alone."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from ..errors import DeriveError


def decode(data: bytes) -> str:
    """Return the bytes as text, line ends untouched; a byte that is not UTF-8 survives.

    Raises:
        DeriveError: this is UTF-16 or UTF-32 (E503).
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or data[:4] in (b"\x00\x00\xfe\xff", b"\xff\xfe\x00\x00"):
        raise DeriveError("E503", "this file is UTF-16, not UTF-8", hint="save it as UTF-8")
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Return the bytes that `decode` would read as `text`."""
    return text.encode("utf-8", "surrogateescape")


def read(path: Path) -> str:
    """Return the text of a file.

    Raises:
        DeriveError: it is UTF-16 (E503).
        OSError: it cannot be read.
    """
    return decode(path.read_bytes())


def write_atomically(path: Path, data: bytes, expected: bytes | None = None) -> bool:
    """Return whether the file had to be written: it then is the old one or the new one, whole, at any moment.

    The mode, the extended attributes and, where allowed, the owner are kept, a symlink is followed; a file that holds
    `data` already is not touched. A hard link is broken: the other names of the file keep what it held. What is no
    regular file (a pipe, a device) is written to, not replaced.

    Raises:
        DeriveError: the file no longer holds what is `expected`: another program has written it meanwhile (E509).
        OSError: it cannot be written; it is as it was.
    """
    target = Path(os.path.realpath(path))
    old = _status(target, path)
    if old and not stat.S_ISREG(old.st_mode):
        target.write_bytes(data)
        return True
    if old and target.read_bytes() == data:
        return False
    import tempfile  # here, as most runs write nothing

    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        _fill(descriptor, data)
        _dress(temporary, old, target)
        now = target.read_bytes() if old and expected is not None else expected
        if now == data:  # another run was quicker
            temporary.unlink()
            return False
        if now != expected:
            hint = "it is as the other program left it; run mdderive again"
            raise DeriveError("E509", "the file was changed while mdderive worked on it", hint=hint)
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(target.parent)
    return True


def _status(target: Path, path: Path) -> os.stat_result | None:
    """Return what is known of a file that may be written; None if there is none.

    Raises:
        OSError: it may not be written.
    """
    try:
        found = os.lstat(target)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(found.st_mode):
        raise OSError(errno.ELOOP, "this link leads in circles", str(path))
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "the file is read-only", str(path))
    return found


def _fill(descriptor: int, data: bytes) -> None:
    """Write all of a new file to the disk, and close it."""
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _dress(temporary: Path, old: os.stat_result | None, target: Path) -> None:
    """Give a new file the mode and, where that is allowed, owner and extended attributes of the old one."""
    if old and hasattr(os, "listxattr"):
        with suppress(OSError):
            for name in os.listxattr(target):
                with suppress(OSError):
                    os.setxattr(temporary, name, os.getxattr(target, name))
    if old and hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(temporary, old.st_uid, old.st_gid)
    temporary.chmod(stat.S_IMODE(old.st_mode) if old else _default_mode())


def _default_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
