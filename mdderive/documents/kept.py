"""What is kept between runs: files in `.cache/mdderive` of a project, which no link leads to, sealed by the user's key.

A repository comes from others, and so may what lies in that folder. So a folder or file that is a link is not used, all
is written beside its place and renamed, and what does not carry a seal that only this user can make is not believed.
Imports next to nothing, since it runs on every start; the standard library alone.
"""

from __future__ import annotations

import errno
import os
import stat

try:  # hashlib loads OpenSSL, which takes longer than all else of a quick run; `random` does without it likewise
    from _blake2 import blake2b as blake2b
except ImportError:
    from hashlib import blake2b as blake2b

KEPT = os.path.join(".cache", "mdderive")
"""The folder, at the root of a project, of what is kept between runs."""

IGNORE = ".gitignore"
LARGEST = 64_000_000
"""How many bytes a folder may hold before its oldest files go."""
_KEY_LENGTH = 32  # bytes
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK
_TEMPORARY = ".tmp"


def read_kept(path: str) -> bytes:
    """Return what a file of a folder of what is kept holds.

    Raises:
        OSError: there is none, or it, the folder or the one around that is a link.
    """
    _reject_links(os.path.dirname(path))
    return _read(path)


def write_kept(path: str, data: bytes) -> None:
    """Write a file in a folder of what is kept, which is made where it is missing; others see all of it or nothing.

    Raises:
        OSError: it cannot be written, or a link stands in the way; it is as it was.
    """
    make_kept_folder(os.path.dirname(path))
    _replace(path, data)


def make_kept_folder(folder: str) -> None:
    """Make a folder of what is kept between runs; it keeps itself out of version control.

    Raises:
        OSError: it cannot be made, or a link stands in the way.
    """
    _reject_links(folder)
    os.makedirs(folder, exist_ok=True)
    _reject_links(folder)
    ignore = os.path.join(folder, IGNORE)
    try:
        found = os.lstat(ignore)
        said = stat.S_ISREG(found.st_mode) and found.st_size > 0  # a full disk leaves an empty one
    except FileNotFoundError:
        said = False
    if not said:
        _replace(ignore, b"*\n")


def bound(folder: str) -> None:
    """Remove the oldest files of a folder of what is kept until it holds half of `LARGEST`, if it holds more."""
    try:
        _reject_links(folder)
        with os.scandir(folder) as entries:
            found = [(x.stat(follow_symlinks=False), x.path) for x in entries if x.name != IGNORE]
        files = sorted((x.st_mtime_ns, x.st_size, path) for x, path in found if stat.S_ISREG(x.st_mode))
        size = sum(one[1] for one in files)
        surplus = size - LARGEST // 2 if size > LARGEST else 0
        for _, length, path in files:
            if surplus <= 0:
                return
            os.unlink(path)
            surplus -= length
    except OSError:  # another run is at it, or the folder is not ours
        return


def seal(secret: bytes, *parts: str) -> str:
    """Return the digest of some texts that only who knows the secret can make."""
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=32, key=secret).hexdigest()


def secret() -> bytes:
    """Return the key of this user, made the first time; b"" where none can be kept, so that nothing may be sealed."""
    path = os.path.join(_state_folder(), "mdderive", "key")
    try:
        if not os.path.isabs(path):  # there is no home
            return b""
        if len(found := _key_in(path)) == _KEY_LENGTH:
            return found
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        _replace(path, os.urandom(_KEY_LENGTH), mode=0o600)
        return _key_in(path)  # of two runs that begin at once, the later has made it
    except OSError:
        return b""


def _key_in(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def _state_folder() -> str:
    """Return where programs keep the state of a user: by the XDG Base Directory Specification, or on Windows."""
    if os.name == "nt":
        return os.environ.get("LOCALAPPDATA", "")
    return os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")


def _reject_links(folder: str) -> None:
    """Do nothing if neither a folder of what is kept nor the one around it is a link.

    Raises:
        OSError: one is.
    """
    around, name = os.path.split(os.path.abspath(folder))
    above, around_name = os.path.split(around)
    if os.path.realpath(folder) != os.path.join(os.path.realpath(above), around_name, name):
        raise OSError(errno.ELOOP, "a link stands in the way", folder)


def _read(path: str) -> bytes:
    if os.path.islink(path):  # where the system cannot refuse to follow it
        raise OSError(errno.ELOOP, "a link stands in the way", path)
    with open(os.open(path, os.O_RDONLY | _NO_LINK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "no regular file", path)
        return file.read()


def _replace(path: str, data: bytes, mode: int = 0o666) -> None:
    """Write a new file and give it the name; if the name is that of a link, the link is what goes."""
    temporary = f"{path}.{os.urandom(6).hex()}{_TEMPORARY}"
    try:
        with open(os.open(temporary, _NEW, mode), "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        try:
            os.unlink(temporary)
        except OSError:
            pass
        raise
