"""Markers solved: taken from the cache, by the engine in this process, or by several processes at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ..documents.model import Marker, Problem, Request, Solved
from ..errors import DeriveError, VerificationError

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor

    from ..documents.cache import Cache

REPORT_IT = "this is a bug in mdderive; please report it together with the marker"

FEWER_JOBS = "perhaps the machine ran out of memory: run it again, with fewer --jobs"


def solve(request: Request) -> Solved:
    """Return what belongs behind a marker.

    Raises:
        DeriveError: it cannot be derived, or its check failed, or the engine has a bug.
    """
    try:
        from ..api import solve as derive

        return derive(request)
    except DeriveError:
        raise
    except MemoryError as error:
        raise DeriveError("E516", "there is not enough memory to derive this", hint=FEWER_JOBS) from error
    except Exception as error:  # a bug of ours must not cost the reader the other markers
        raise DeriveError(*own_fault(error), hint=REPORT_IT) from error


def solve_apart(request: Request, objects: bool) -> Solved:
    """Return the same with, for each derivation, what may go to another process: its object of JSON, or None.

    Raises:
        DeriveError: as `solve`.
    """
    solved = solve(request)
    if not objects:
        return Solved(solved.text, (None,) * len(solved.derivations))
    from ..question.clauses import read_clauses

    language = read_clauses(request.marker.where, request.context).options.get("lang", request.language)
    return Solved(solved.text, tuple(derivation.to_json(language) for derivation in solved.derivations))


def end_with_parent() -> None:
    """Let this process end when the one that it works for does: if that is killed, nobody else would tell it."""
    import multiprocessing
    import threading

    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def processes(jobs: int) -> ProcessPoolExecutor:
    """Return so many processes, copies of one that has made the engine ready, which end with this one."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
    if os.name == "posix":
        from multiprocessing import forkserver

        context.set_forkserver_preload([f"{__package__}.warmed"])
        heed = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; one has to answer it
        forkserver.ensure_running()
        signal.signal(signal.SIGINT, heed)
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=end_with_parent)


class Workers:
    """Processes that solve markers, each request once; none if there is one job only. A context manager."""

    def __init__(self, jobs: int, objects: bool) -> None:
        self.jobs = jobs or os.cpu_count() or 1
        self.objects = objects
        self._pool: ProcessPoolExecutor | None = None
        self._submitting: ThreadPoolExecutor | None = None  # a pool takes nothing until its first process is there
        self._begun: dict[str, Future[Future[Solved]]] = {}

    def start(self) -> None:
        """Let the processes import the engine, while the first page is read."""
        if self._pool is not None or self.jobs == 1:
            return
        from concurrent.futures import ThreadPoolExecutor

        self._pool = processes(self.jobs)
        self._submitting = ThreadPoolExecutor(1)

    def begin(self, requests: Iterable[Request], cache: Cache | None) -> None:
        """Set the processes to work on what is neither begun nor kept."""
        if self._pool is None or self._submitting is None:
            return
        from ..documents.region import key_of_request

        for request in requests:
            key = key_of_request(request)
            if key not in self._begun and not (cache and cache.get(key) is not None):
                self._begun[key] = self._submitting.submit(self._pool.submit, solve_apart, request, self.objects)

    def solve(self, request: Request) -> Solved:
        """Return what belongs behind a marker: from the process that is at work on it, or from the engine here.

        Raises:
            DeriveError: as `solve`.
        """
        from ..documents.region import key_of_request

        begun = self._begun.get(key_of_request(request))
        if begun is None:
            return solve_apart(request, self.objects)
        from concurrent.futures import BrokenExecutor

        try:
            return begun.result().result()
        except DeriveError:
            raise
        except BrokenExecutor as error:
            message = "the process that derived this was ended from outside"
            raise DeriveError("E516", message, hint=FEWER_JOBS) from error
        except Exception as error:  # a bug of ours must not cost the reader the other markers
            raise DeriveError(*own_fault(error), hint=REPORT_IT) from error

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Let go of the processes; if something is in the way of the run, at once."""
        if self._pool is None or self._submitting is None:
            return
        self._submitting.shutdown(cancel_futures=True)
        if kind is not None:
            import multiprocessing

            for process in multiprocessing.active_children():
                process.terminate()
        self._pool.shutdown(cancel_futures=True)


class Solver:
    """Solves the markers of one page; keeps what failed, and calls `after` each marker."""

    def __init__(self, workers: Workers, cache: Cache | None, after: Callable[[], None] = lambda: None) -> None:
        self._solve = cache.solver(workers.solve) if cache else workers.solve
        self._after = after
        self._failures: list[tuple[Marker, DeriveError]] = []

    def __call__(self, request: Request) -> Solved:
        """Return what belongs behind a marker.

        Raises:
            DeriveError: as `solve`.
        """
        try:
            return self._solve(request)
        except DeriveError as error:
            self._failures.append((request.marker, error))
            raise
        finally:
            self._after()

    def failed(self, problem: Problem) -> tuple[Marker | None, str]:
        """Return the marker that a problem speaks of, if it got as far as the engine, and its status in JSON."""
        same = [(m, e) for m, e in self._failures if (e.code, e.message) == (problem.code, problem.message)]
        same.sort(key=lambda failure: failure[0].source not in problem.place.source)
        return (same[0][0], status_of(same[0][1])) if same else (None, "error")


def status_of(error: DeriveError) -> str:
    """Return the status of a failed derivation in JSON."""
    return "wrong" if isinstance(error, VerificationError) else "error"


def own_fault(error: Exception) -> tuple[str, str]:
    """Return code and message of a failure that is a bug of mdderive."""
    return "E599", f"mdderive itself failed here: {type(error).__name__}: {error}"
