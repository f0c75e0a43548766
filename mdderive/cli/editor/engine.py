"""The one thread in which pages are read and markers solved; what nobody waits for any more stops there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from ...effort import EFFORT, Stopped

Result = TypeVar("Result")
STACK = 64 * 1024 * 1024
"""Bytes for the calls of a formula that is nested deep; some systems give a thread little."""


@dataclass(eq=False, slots=True)
class Job:
    """A piece of work, and whether it is still wanted."""

    wanted: bool = True


class Engine:
    """Does one piece of work after the other."""

    def __init__(self) -> None:
        before = threading.stack_size(STACK)
        self._pool = ThreadPoolExecutor(1, "mdderive")
        self._pool.submit(int).result()  # the thread is made with that stack
        threading.stack_size(before)
        self._running: Job | None = None
        self._lock = threading.Lock()

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what the work returns; whoever cancels this stops the work.

        Raises:
            CancelledError: nobody waits for it any more.
        """
        job = Job()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._done, job, work)
        except Stopped:
            raise asyncio.CancelledError from None
        except asyncio.CancelledError:
            self._stop(job)
            raise

    def close(self) -> None:
        """Stop what is being done, and do nothing more."""
        EFFORT.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _done(self, job: Job, work: Callable[[], Result]) -> Result:
        with self._lock:
            if not job.wanted:
                raise Stopped
            self._running = job
            EFFORT.go_on()
        try:
            return work()
        finally:
            with self._lock:
                self._running = None

    def _stop(self, job: Job) -> None:
        with self._lock:
            job.wanted = False
            if self._running is job:
                EFFORT.stop()
