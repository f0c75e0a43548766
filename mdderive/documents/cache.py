"""Solutions kept between runs, in `.cache/mdderive` of the project; safe to delete at any time.

An entry holds a solution that passed its checks, under a digest of all that it follows from: the request (marker,
clauses in force, language, kind of document, block or inline) and the source of mdderive itself. So nothing ever
goes out of date, and errors are not kept. The standard library alone.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

from .folders import KEPT, make_kept_folder, project_root
from .model import Request, Solved, Solver
from .region import key_of_request


class Cache:
    """A folder of texts, one file each. What cannot be read is not there, what cannot be written is not kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> str | None:
        """Return the text kept under `key`; None if there is none, or if it was damaged."""
        try:
            digest, _, text = self._file(key).read_bytes().decode("utf-8").partition("\n")
        except (OSError, UnicodeDecodeError):
            return None
        return text if digest == _digest(key, text) else None

    def put(self, key: str, text: str) -> None:
        """Keep `text` under `key`; another process sees all of it or nothing."""
        with suppress(OSError, UnicodeEncodeError):
            data = f"{_digest(key, text)}\n{text}".encode()
            make_kept_folder(str(self.folder))
            descriptor, temporary = tempfile.mkstemp(suffix=".tmp", dir=self.folder)
            try:
                with os.fdopen(descriptor, "wb") as stream:
                    stream.write(data)
                Path(temporary).replace(self._file(key))
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise

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

    def _file(self, key: str) -> Path:
        return self.folder / sha256(f"{_program()}\0{key}".encode()).hexdigest()


def cache_of(folder: Path) -> Cache:
    """Return the cache of the project that `folder` belongs to; without a project, one in the folder itself."""
    return Cache(Path(project_root(str(folder))) / KEPT)


def _digest(key: str, text: str) -> str:
    return sha256(f"{key}\0{text}".encode()).hexdigest()


@cache
def _program() -> str:
    """Return a digest of the source of mdderive: what another version found is not served."""
    digest = sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
