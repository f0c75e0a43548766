"""Processes that solve the markers of the pages to come while a site is built for the first time.

They speak through pipes and the cache alone, and are started as programs of their own: a builder's program may do
anything when it is imported, as multiprocessing would. `python -m mdderive.web_ahead` is one of them.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock
from time import monotonic

from .cache import Cache
from .documents.page import read_page
from .folders import make_kept_folder
from .web_solvers import kept_in, solve_for_file

FEW, SOON = 8, 5.0
"""How many markers without a solution it takes to start, and how many seconds apart: a few are quicker done here.

One is enough where the pages have more than `FEW` markers and the cache holds less than half as many solutions.
"""

MOST = 8  # processes


class Ahead:
    """Solves the markers of `texts()`, the pages of a site, in processes of its own once several were missing."""

    def __init__(self, cache: Cache, clauses: Sequence[str], texts: Callable[[], Sequence[str]]) -> None:
        self.cache = cache
        self.clauses = tuple(clauses)
        self.texts = texts
        self._missing, self._last = 0, 0.0
        self._seen = False
        self._processes: list[subprocess.Popen[str]] | None = None
        self._owner: dict[str, tuple[int, subprocess.Popen[str]]] = {}
        self._done: set[int] = set()
        self._lock = Lock()  # a builder may render several pages at once

    def has_solved(self, text: str) -> bool:
        """Return whether what is missing on the page `text` may be kept by now: a process was at work on it."""
        with self._lock:
            if self._processes is None:
                now = monotonic()
                self._missing = self._missing + 1 if now - self._last < SOON else 1
                self._last = now
                if self._missing >= FEW or self._is_first_build():
                    self._start()
            return self._wait_for(text)

    def end(self) -> None:
        """Let no process outlive the build."""
        for process in self._processes or ():
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
        self._processes, self._owner = [], {}
        atexit.unregister(self.end)

    def _is_first_build(self) -> bool:
        """Return whether hardly anything is kept; it is looked at once."""
        if self._seen:
            return False
        self._seen = True
        markers = sum(text.count(r"\derive") for text in self.texts())
        try:
            kept = sum(1 for _ in self.cache.folder.iterdir())
        except OSError:
            kept = 0
        return markers > FEW and kept < markers / 2

    def _start(self) -> None:
        self._processes = []
        processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        pages = [(k, text) for k, text in enumerate(dict.fromkeys(self.texts())) if r"\derive" in text]
        count = min(processors, len(pages), MOST)
        if count < 2 or not self._can_keep():
            return
        atexit.register(self.end)
        with suppress(OSError):
            for _ in range(count):
                self._processes.append(_process())
        for k, process in enumerate(self._processes):  # all are on their way before the first is waited for
            own = pages[k :: len(self._processes)]
            with suppress(OSError):
                self._tell(process, own)
                self._owner.update({text: (number, process) for number, text in own})

    def _can_keep(self) -> bool:
        with suppress(OSError):
            make_kept_folder(str(self.cache.folder))
        return os.access(self.cache.folder, os.W_OK)

    def _tell(self, process: subprocess.Popen[str], pages: Sequence[tuple[int, str]]) -> None:
        assert process.stdin is not None
        json.dump({"folder": str(self.cache.folder), "clauses": self.clauses, "pages": pages}, process.stdin)
        process.stdin.close()

    def _wait_for(self, text: str) -> bool:
        if text not in self._owner:
            return False
        number, process = self._owner[text]
        while number not in self._done:
            line = process.stdout.readline() if process.stdout else ""
            if not line:  # it has ended before its time
                return False
            self._done.add(int(line))
        return True


def _process() -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-m", __name__]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, encoding="utf-8")


def main() -> None:
    """Keep the solutions of the pages that stdin tells, and tell stdout the number of each page that is done."""
    task = json.load(sys.stdin)
    cache = Cache(Path(task["folder"]))
    solve, write = kept_in(cache), cache.solver(solve_for_file)
    for number, text in task["pages"]:
        for entry in read_page(text, "markdown", task["clauses"]).entries:
            if entry.request is not None:
                with suppress(Exception):  # whoever builds the page meets it again, and can say where
                    solve(replace(entry.request, inline=False))
                    if entry.region is not None:
                        write(entry.request)
        print(number, flush=True)


if __name__ == "__main__":
    main()
