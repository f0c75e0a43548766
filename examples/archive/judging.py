"""One document of an archive, judged: a pure function of it, which dask, Ray, Spark or a pool of processes may run."""

from __future__ import annotations

import multiprocessing
import resource
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing.connection import Connection
from typing import Any

SECONDS, MEGABYTES = 60.0, 2048
"""What one document may take."""


@dataclass(frozen=True)
class Document:
    """A document of a repository: its text, its format, and the macros that it takes from other files."""

    repository: str
    name: str
    kind: str
    text: str
    macros: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What tells it from all others, and from itself before a change."""
        parts = (self.repository, self.name, self.kind, self.text, *self.macros)
        return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def judge(document: Document) -> dict[str, Any]:
    """Return what came of a document, as an object of JSON: its claims with their verdicts."""
    import mdderive

    claims = [x._asdict() for x in mdderive.claims(document.text, document.kind, document.macros)]
    return {"state": "judged", "verdicts": dict(Counter(x["verdict"] for x in claims)), "claims": claims}


def judge_within(document: Document, seconds: float = SECONDS, megabytes: int = MEGABYTES) -> dict[str, Any]:
    """Return the same from a process of its own, or what it broke: its state is "time", "memory" or "crashed" then."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["mdderive.linting.finding"])
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_judge_into, args=(there, document, megabytes))
    process.start()
    there.close()
    try:
        found = here.recv() if here.poll(seconds) else {"state": "time"}
    except EOFError:
        found = {"state": "crashed"}
    finally:
        process.kill()
        process.join()
        here.close()
    found |= {"key": document.key, "repository": document.repository, "document": document.name}
    return found


def _judge_into(pipe: Connection, document: Document, megabytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    try:
        found = judge(document)
    except MemoryError:
        found = {"state": "memory"}
    except Exception as error:
        found = {"state": "failed", "error": f"{type(error).__name__}: {error}"}
    pipe.send(found)
