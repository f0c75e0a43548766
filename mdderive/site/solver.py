"""Who solves the markers of a site: the cache, and behind it the engine, imported only where it is needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict

from ..documents.cache import Cache
from ..documents.model import Request, Solved
from ..documents.region import key_of_request
from .solution import WebSolution, WebSolver

FORMAT = "web 4"
"""Raised when what is kept changes its form."""


def solve_for_web(request: Request, in_numbers: bool = False) -> WebSolution:
    """Return the pieces of the solution of a marker, one point `in_numbers` among them only if asked for.

    Raises:
        DeriveError: what could not be read, fitted, derived or verified.
    """
    from .engine import web_solution

    return web_solution(request, in_numbers)


def solve_for_file(request: Request) -> Solved:
    """Return what the command line would insert.

    Raises:
        DeriveError: as `solve_for_web`.
    """
    from ..api import solve

    return solve(request)


def kept_in(cache: Cache, in_numbers: bool, may_be_kept_now: Callable[[], bool] = lambda: False) -> WebSolver:
    """Return a solver like `solve_for_web` that asks the engine only for what the cache does not hold.

    Before it does, `may_be_kept_now` may wait for somebody else to solve it, and returns whether to look again.
    """

    def solved(request: Request) -> WebSolution:
        key = f"{FORMAT}{' in numbers' * in_numbers}\0{key_of_request(request)}"
        kept = cache.get(key)
        if kept is None and may_be_kept_now():
            kept = cache.get(key)
        if kept is not None:
            return WebSolution(**json.loads(kept))
        fresh = solve_for_web(request, in_numbers)
        cache.put(key, json.dumps(asdict(fresh), ensure_ascii=False))
        return fresh

    return solved
