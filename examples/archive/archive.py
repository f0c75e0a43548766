"""The lint over an archive: many repositories and sources of papers, on one machine or on a cluster of dask.

    python archive.py notes/ checkout/ 2401.00001.tar.gz --out results --workers 4

One task judges one document, with the macros that it takes from the files beside it, within bounds of time and memory:
what breaks them is recorded and not tried again. A result is one line of JSON in `--out`; a run that was ended goes on
where it stood, without a document lost or judged twice. At the end stands a report by repository.

What is done with one document stands in judging.py.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from judging import MEGABYTES, SECONDS, Document, judge_within

AHEAD = 4
"""How many documents a worker has waiting."""
PARTITION = 10_000
"""How many results one file holds."""


# --- documents -----------------------------------------------------------------------------------------------


def documents(sources: Iterable[Path]) -> Iterator[Document]:
    """Yield the documents of folders, git checkouts and `.tar.gz` of LaTeX sources, in a fixed order."""
    for source in sources:
        with _folder(source) as folder:
            yield from _within(folder, source.name)


@contextmanager
def _folder(source: Path) -> Iterator[Path]:
    if source.is_dir():
        yield source
        return
    with tempfile.TemporaryDirectory() as name, tarfile.open(source) as archive:
        archive.extractall(name, filter="data")
        yield Path(name)


def _within(folder: Path, repository: str) -> Iterator[Document]:
    from mdderive.documents.files import read
    from mdderive.documents.folders import notes_within
    from mdderive.documents.formats import format_of_name
    from mdderive.errors import DeriveError

    for name in notes_within(str(folder)):
        path = Path(name)
        known = format_of_name(path.name)
        if known is None:
            continue
        try:
            text = read(path)
            text = known.holder().page(text) if known.holder else text
        except (OSError, DeriveError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            continue
        macros = known.follows()(path, text).clauses if known.follows else ()
        yield Document(repository, path.relative_to(folder).as_posix(), known.name, text, tuple(macros))


# --- results -------------------------------------------------------------------------------------------------


class Results:
    """A folder of files with one result a line; each line is on the disk before the next document counts as done."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.done: set[str] = set()
        self._count = 0
        for result in self.all():
            self.done.add(result["key"])

    def all(self) -> Iterator[dict[str, Any]]:
        """Yield the results; a line that was cut off is none."""
        for file in sorted(self._folder.glob("part-*.jsonl")):
            for line in file.read_bytes().splitlines():
                with suppress(ValueError):
                    yield json.loads(line)

    def add(self, result: dict[str, Any]) -> None:
        """Write a result."""
        file = self._folder / f"part-{len(self.done) // PARTITION:05}.jsonl"
        cut = self._count == 0 and file.exists() and file.read_bytes()[-1:] not in (b"", b"\n")
        with file.open("ab") as out:
            out.write((b"\n" if cut else b"") + json.dumps(result).encode() + b"\n")
            out.flush()
            os.fsync(out.fileno())
        self._count += 1
        self.done.add(result["key"])

    def report(self) -> str:
        """Return the verdicts by repository, a line each, and what was not judged as a whole."""
        found: dict[str, Counter[str]] = {}
        for result in self.all():
            counts = found.setdefault(result["repository"], Counter())
            counts["documents"] += 1
            counts.update(result.get("verdicts", {}))
            if result["state"] != "judged":
                counts[f"documents: {result['state']}"] += 1
        lines = []
        for repository, counts in sorted(found.items()):
            each = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()) if what != "documents")
            lines.append(f"{repository}: {counts['documents']} documents; {each or 'no claims'}")
        return "\n".join(lines)


# --- dask ----------------------------------------------------------------------------------------------------


def run(client: Any, found: Iterable[Document], results: Results, seconds: float, megabytes: int) -> None:
    """Judge all documents that have no result yet; a worker that is lost costs none of them."""
    from dask.distributed import as_completed
    from rich.progress import Progress

    left = (x for x in found if x.key not in results.done)
    workers = max(1, len(client.scheduler_info()["workers"]))
    waiting = as_completed(with_results=False)
    names: dict[Any, Document] = {}

    def submit() -> None:
        document = next(left, None)
        if document is not None:
            future = client.submit(judge_within, document, seconds, megabytes, key=f"judge-{document.key}", pure=False)
            names[future] = document
            waiting.add(future)

    for _ in range(AHEAD * workers):
        submit()
    with Progress() as bar:
        task = bar.add_task("documents", total=None)
        for future in waiting:
            document = names.pop(future)
            try:
                results.add(future.result())
            except Exception as error:  # it has taken several workers with it
                told = {"key": document.key, "repository": document.repository, "document": document.name}
                results.add({"state": "crashed", "error": type(error).__name__, **told})
            bar.advance(task)
            submit()


def main() -> None:
    """Run over what the command line names."""
    made = argparse.ArgumentParser(description="Lint an archive of notes and papers.")
    made.add_argument("sources", nargs="+", type=Path, help="folders, git checkouts, .tar.gz of LaTeX sources")
    made.add_argument("--out", type=Path, required=True, help="folder of the results")
    made.add_argument("--workers", type=int, default=os.cpu_count(), help="processes on this machine")
    made.add_argument("--scheduler", help="address of a cluster whose workers can import judging.py, instead of them")
    made.add_argument("--seconds", type=float, default=SECONDS, help="what one document may take")
    made.add_argument("--megabytes", type=int, default=MEGABYTES, help="what one document may take")
    given = made.parse_args()

    import dask
    from dask.distributed import Client, LocalCluster

    dask.config.set({"distributed.worker.daemon": False})  # a worker has a process for each document
    cluster = given.scheduler or LocalCluster(n_workers=given.workers, threads_per_worker=1, dashboard_address=None)
    results = Results(given.out)
    with Client(cluster) as client:
        run(client, documents(given.sources), results, given.seconds, given.megabytes)
    print(results.report())


if __name__ == "__main__":
    main()
