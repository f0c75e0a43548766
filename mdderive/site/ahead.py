"""Processes that solve the markers of the pages to come while a site is built for the first time.

They speak through pipes and the cache alone, and are started as programs of their own: a builder's program may do
anything when it is imported, as multiprocessing would. `python -m mdderive.site.ahead` is one of them.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Condition, Lock, Thread
from time import monotonic
from typing import Any

from ..documents.cache import Cache
from ..documents.kept import make_kept_folder
from ..documents.page import read_page
from .solver import kept_in, solve_for_file

FEW, SOON = 8, 5.0
"""How many markers without a solution it takes to start, and how many seconds apart: a few are quicker done here.

One is enough where the pages have more than `FEW` markers and the cache holds less than half as many solutions.
"""

MOST = 8  # processes


class _Process:
    """One of them: the pages it was told of, in their order, and how many of these are done."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-m", __name__]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, encoding="utf-8")
        self._done = 0
        self._has_ended = False
        self._news = Condition()
        Thread(target=self._listen, daemon=True).start()

    def tell(self, task: Mapping[str, Any]) -> None:
        """Set it to work.

        Raises:
            OSError: it is no longer there.
        """
        assert self._process.stdin is not None
        json.dump(task, self._process.stdin)
        self._process.stdin.close()

    def has_done(self, page: int) -> bool:
        """Return whether it is done with a page, waited for if it is at work on it, but not if others come before."""
        with self._news:
            self._news.wait_for(lambda: self._done != page or self._has_ended)
            return page < self._done

    def end(self) -> None:
        """End it, done or not."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin:
            with suppress(OSError):  # what it was not told any more
                self._process.stdin.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as told:
            for _ in told:
                with self._news:
                    self._done += 1
                    self._news.notify_all()
        with self._news:
            self._has_ended = True
            self._news.notify_all()


class Ahead:
    """Solves the markers of `texts()`, the pages of a site, in processes of its own once several were missing.

    With `in_numbers` their solutions have one point in numbers, as `solve_for_web` says.
    """

    def __init__(
        self, cache: Cache, clauses: Sequence[str], texts: Callable[[], Sequence[str]], in_numbers: bool = False
    ) -> None:
        self.cache = cache
        self.in_numbers = in_numbers
        self.clauses = tuple(clauses)
        self.texts = texts
        self._missing, self._last = 0, 0.0
        self._seen = False
        self._processes: list[_Process] | None = None
        self._owner: dict[str, tuple[_Process, int]] = {}
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
            process, page = self._owner.get(text, (None, 0))
        return process is not None and process.has_done(page)

    def end(self) -> None:
        """Let no process outlive the build."""
        for process in self._processes or ():
            process.end()
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
        pages = [text for text in dict.fromkeys(self.texts()) if r"\derive" in text]
        count = min(processors, len(pages), MOST)
        if count < 2 or not self._can_keep():
            return
        atexit.register(self.end)
        with suppress(OSError):
            for _ in range(count):
                self._processes.append(_Process())
        task = {"folder": str(self.cache.folder), "clauses": self.clauses, "in_numbers": self.in_numbers}
        for k, process in enumerate(self._processes):  # all are on their way before the first is told
            own = pages[k :: len(self._processes)]
            with suppress(OSError):
                process.tell(task | {"pages": own})
                self._owner.update({text: (process, page) for page, text in enumerate(own)})

    def _can_keep(self) -> bool:
        try:
            make_kept_folder(str(self.cache.folder))
        except OSError:
            return False
        return os.access(self.cache.folder, os.W_OK)


def main() -> None:
    """Keep the solutions of the pages that stdin tells, and tell stdout of each page that is done."""
    task = json.load(sys.stdin)
    cache = Cache(Path(task["folder"]))
    solve, write = kept_in(cache, task["in_numbers"]), cache.solver(solve_for_file)
    for text in task["pages"]:
        for entry in read_page(text, "markdown", task["clauses"]).entries:
            if entry.request is not None:
                with suppress(Exception):  # whoever builds the page meets it again, and can say where
                    solve(entry.request._replace(inline=False))
                    if entry.region is not None:
                        write(entry.request)
        print(flush=True)


if __name__ == "__main__":
    main()
