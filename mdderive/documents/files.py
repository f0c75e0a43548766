"""Files as they are: bytes to text and back without loss, written atomically; the standard library alone."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from ..errors import DeriveError
from ..folders import kind_of_name
from .model import Kind


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


def kind_of(path: Path) -> Kind:
    """Return "latex" for the suffixes of LaTeX, "markdown" for any other."""
    return kind_of_name(path.name)


def write_atomically(path: Path, data: bytes) -> bool:
    """Return whether the file had to be written: it then is the old one or the new one, whole, at any moment.

    The mode is kept, a symlink followed; a file that holds `data` already is not touched.

    Raises:
        OSError: it cannot be written; it is as it was.
    """
    target = path.resolve()
    mode: int | None = None
    with suppress(FileNotFoundError):
        if target.read_bytes() == data:
            return False
        mode = target.stat().st_mode & 0o7777
        if not os.access(target, os.W_OK):
            raise PermissionError(13, "the file is read-only", str(path))
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            temporary.chmod(_default_mode() if mode is None else mode)
            os.fsync(stream.fileno())
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(target.parent)
    return True


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
