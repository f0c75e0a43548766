"""Pages that need nothing: the quickest answer to `mdderive --check FILE ...`.

A page without a marker needs nothing. Nor does one of which a run before found so: the digests of these are kept in
`.cache/mdderive/settled` of the project, each of a page, its settings and mdderive itself, made with a key of the
user's so that nobody else can say so of a page; safe to delete.
Of another page, where no settings hold, the stamps are read.
Imports next to nothing, since it runs on every start.
"""

from __future__ import annotations

import os
import stat

from .folders import notes_within, project_root, settings_above, upwards
from .formats import format_of_name
from .kept import KEPT, blake2b, read_kept, secret, write_kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .folders import Passed

FILE = os.path.join(KEPT, "settled")
LARGEST = 1_000_000  # bytes, of some 30,000 pages; then all are forgotten
_LENGTH = 32  # digits of a digest
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SETTINGS = "pyproject.toml"


def need_nothing(arguments: Sequence[str]) -> bool:
    """Return whether a run with these arguments would do and say nothing; False in doubt.

    Only paths, with or without `--check`, are looked at; of a folder also what .gitignore leaves out. Behind `--` all
    are paths.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    paths = [argument for argument in arguments[:end] if argument != "--check"]
    if any(path.startswith("-") for path in paths) or "-" in arguments[end:]:
        return False
    paths += arguments[end + 1 :]
    if not paths:
        return False
    settled = Settled()
    try:
        return all(settled.needs_nothing(page, data) for path in paths for page, data in _pages(path))
    except Exception:  # whatever it is, the run that follows meets it again, and tells
        return False
    finally:
        settled.save()


def _pages(path: str) -> Iterator[tuple[str, bytes]]:
    mode = os.stat(path).st_mode
    pages = list(notes_within(path, everything=True, passed=_in_doubt)) if stat.S_ISDIR(mode) else [path]
    if not pages or not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):  # a pipe can be read only once
        raise OSError(path)
    for page in pages:
        with open(page, "rb", buffering=0) as file:
            yield page, file.read()


def _in_doubt(passed: Passed) -> None:
    raise OSError(passed.path)  # the run that follows tells of it


class Settled:
    """Pages known to need nothing, in every project that is looked at."""

    def __init__(self) -> None:
        self._program = b""
        self._secret: bytes | None = None
        self._projects: dict[str, tuple[str, blake2b]] = {}
        self._known: dict[str, set[str]] = {}
        self._fresh: dict[str, list[str]] = {}
        self._told: dict[str, bytes] = {}
        self._last: tuple[str, bytes, tuple[str, str]] | None = None

    def holds(self, path: str, data: bytes) -> bool:
        """Return whether the page with the bytes `data` needs nothing."""
        if format_of_name(path) is None:
            return False
        if b"derive" not in data:
            return not data.startswith(_UTF_16)
        record, digest = self._entry(path, data)
        return bool(digest) and digest in self._known[record]

    def needs_nothing(self, path: str, data: bytes) -> bool:
        """Return whether the page is known to need nothing, or its stamps say so; False in doubt."""
        if self.holds(path, data):
            return True
        known = format_of_name(path)
        if known is None or data.startswith(_UTF_16) or self._settings(os.path.dirname(path)):
            return False
        from .current import is_current

        text = data.decode("utf-8", "surrogateescape")
        if any(sign in text for sign in known.leads):  # what other files say is not known here
            return False
        if not is_current(known.holder().page(text) if known.holder else text, known.name):
            return False
        self.add(path, data)
        return True

    def add(self, path: str, data: bytes) -> None:
        """Remember that a page needs nothing."""
        if b"derive" not in data:
            return
        record, digest = self._entry(path, data)
        if digest and digest not in self._known[record]:
            self._known[record].add(digest)
            self._fresh.setdefault(record, []).append(digest)

    def save(self) -> None:
        """Keep what was added; where that cannot be, nothing is lost but time."""
        for record, digests in self._fresh.items():
            try:
                others = _read(record).difference(digests)  # another run may have added some meanwhile
                known = sorted(others) if len(others) * (_LENGTH + 1) < LARGEST else []
                write_kept(record, "".join(f"{digest}\n" for digest in [*known, *digests]).encode())
            except OSError:
                continue
        self._fresh.clear()

    def _entry(self, path: str, data: bytes) -> tuple[str, str]:
        """Return the file that keeps what is known of the project of a page, and the digest of the page.

        The digest is "" where the user has no key to make it with.
        """
        if self._last is None or self._last[0] != path or self._last[1] is not data:
            self._last = path, data, self._digested(path, data)
        return self._last[2]

    def _settings(self, folder: str) -> bytes:
        if folder not in self._told:
            self._told[folder] = _settings_of(folder) + _macros_of_site(folder)
        return self._told[folder]

    def _digested(self, path: str, data: bytes) -> tuple[str, str]:
        if self._secret is None:
            self._secret = secret()
        folder = os.path.dirname(path)
        if folder not in self._projects:
            record = os.path.join(project_root(folder), FILE)
            self._program = self._program or _program()
            circumstances = self._settings(folder) + self._program
            self._projects[folder] = record, blake2b(circumstances, digest_size=_LENGTH // 2, key=self._secret)
            self._known.setdefault(record, _read(record))
        record, begun = self._projects[folder]
        if not self._secret:
            return record, ""
        digest = begun.copy()
        known = format_of_name(path)
        digest.update(known.name.encode() if known else b"")
        digest.update(data)
        return record, digest.hexdigest()


def _read(record: str) -> set[str]:
    try:
        found = read_kept(record).decode("ascii", "replace").split()
    except OSError:
        return set()
    return {digest for digest in found if len(digest) == _LENGTH}


def _settings_of(folder: str) -> bytes:
    """Return the nearest pyproject.toml of a folder if it speaks of mdderive."""
    for above in upwards(folder):
        if os.path.isfile(path := os.path.join(above, _SETTINGS)):
            with open(path, "rb") as file:
                settings = file.read()
            return settings if b"mdderive" in settings else b""
    return b""


def _macros_of_site(folder: str) -> bytes:
    """Return the macros that the settings of a site or a book define for a folder; b"" if there are none."""
    if not any(settings_above(folder)):
        return b""
    from .site_macros import site_macros

    return "\0".join(macro.latex for macro, _ in site_macros(folder).macros).encode("utf-8", "replace")


def _program() -> bytes:
    """Return what changes with every version of mdderive, and with every change of a working copy."""
    facts: list[str] = []
    folders = [os.path.dirname(os.path.dirname(__file__))]
    for folder in folders:  # those within are added
        with os.scandir(folder) as entries:
            for x in entries:
                if not x.is_dir():
                    fact = x.stat()
                    facts.append(f"{x.path} {fact.st_size} {fact.st_mtime_ns}")
                elif x.name != "__pycache__":
                    folders.append(x.path)
    return "\0".join(sorted(facts)).encode("utf-8", "surrogateescape")
