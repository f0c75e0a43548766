"""Solutions kept between runs, in `.cache/mdderive` of the project; safe to delete at any time.

An entry holds a solution that passed its checks, under a digest of all that it follows from: the request (marker,
clauses in force, language, kind of document, block or inline) and the source of mdderive itself. So nothing ever
goes out of date, and errors are not kept. Each is sealed with a key of the user's, so that none is believed that
somebody else has put there. The standard library alone.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

from .folders import project_root
from .kept import KEPT, bound, read_kept, seal, secret, write_kept
from .model import Request, Solved, Solver
from .region import key_of_request


class Cache:
    """A folder of texts, one file each. What cannot be read is not there, what cannot be written is not kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._secret: bytes | None = None
        self._is_bounded = False

    def get(self, key: str) -> str | None:
        """Return the text kept under `key`; None if there is none, or if it was damaged or not kept by this user."""
        try:
            digest, _, text = read_kept(self._file(key)).decode("utf-8").partition("\n")
        except (OSError, UnicodeDecodeError):
            return None
        return text if self._key and digest == seal(self._key, key, text) else None

    def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`; another process sees all of it or nothing."""
        if not self._key:
            return
        with suppress(OSError, UnicodeEncodeError):
            data = f"{seal(self._key, key, text)}\n{text}".encode()
            if not self._is_bounded:  # once a run: nobody writes so much in one
                bound(str(self.folder))
                self._is_bounded = True
            write_kept(self._file(key), data)

    @property
    def _key(self) -> bytes:
        if self._secret is None:
            self._secret = secret()
        return self._secret

    def solver(self, solve: Solver) -> Solver:
        """Return a solver that asks `solve` only for what is not kept; what is kept comes without derivations."""

        def solved(request: Request) -> Solved:
            key = key_of_request(request)
            text = self.get(key)
            if text is not None:
                return Solved(text)
            fresh = solve(request)
            self.put(key, fresh.text)
            return fresh

        return solved

    def _file(self, key: str) -> str:
        return str(self.folder / sha256(f"{_program()}\0{key}".encode("utf-8", "surrogatepass")).hexdigest())


def cache_of(folder: Path) -> Cache:
    """Return the cache of the project that `folder` belongs to; without a project, one in the folder itself."""
    return Cache(Path(project_root(str(folder))) / KEPT)


@cache
def _program() -> str:
    """Return a digest of the source of mdderive: what another version found is not served."""
    digest = sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
