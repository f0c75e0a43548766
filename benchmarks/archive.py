"""The lint over an archive: documents a second and core, and what a second worker brings.

python benchmarks/archive.py FOLDER...

Processor time is that of the processes that judge, so that it holds on a busy machine; the gain of two workers is
one of elapsed time, and means something on two free cores alone.
"""

from __future__ import annotations

import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "examples" / "archive"))

from archive import documents
from judging import Document, judge

PAPERS = 2_500_000
"""How many papers the extrapolation is for."""


def _judged(document: Document) -> tuple[int, float]:
    """Return how many claims a document has, and the processor time that they took."""
    before = time.process_time()
    found: dict[str, Any] = judge(document)
    return len(found["claims"]), time.process_time() - before


def _elapsed(found: list[Document], workers: int) -> tuple[float, list[tuple[int, float]]]:
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(_judged, found[:workers]))  # the imports
        start = time.perf_counter()
        each = list(pool.map(_judged, found))
        return time.perf_counter() - start, each


def main() -> None:
    """Measure the folders that are named."""
    found = list(documents([Path(x) for x in sys.argv[1:]]))
    size = sum(len(x.text.encode("utf-8", "surrogatepass")) for x in found)
    alone, each = _elapsed(found, 1)
    both, _ = _elapsed(found, 2)
    seconds = sum(x for _, x in each)
    print(f"{len(found)} documents of {size / len(found) / 1000:.0f} kB, {sum(x for x, _ in each)} claims")
    print(f"{len(found) / seconds:.2f} documents a second and core, {1e6 * seconds / size:.1f} s/MB")
    print(f"two workers take {both / alone:.2f} of the time of one: a gain of {alone / both:.2f}")
    print(f"memory {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB")
    print(f"{PAPERS * seconds / len(found) / 3600:.0f} core-hours for {PAPERS} such documents, extrapolated")


if __name__ == "__main__":
    main()
