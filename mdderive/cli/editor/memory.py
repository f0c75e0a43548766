"""What was solved: an edit costs what it changes, and a long session no more memory than a short one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from ...documents.model import Request, Solved, Solver
from ...documents.region import key_of_request
from ...errors import DeriveError

MOST = 1_000
"""How many markers, and how many answers to claims, are kept."""


class Memory:
    """Solutions as texts, and errors, each under what it follows from; the oldest go first."""

    def __init__(self, solve: Solver) -> None:
        self._solve = solve
        self._kept: OrderedDict[str, Solved | DeriveError] = OrderedDict()

    def __call__(self, request: Request) -> Solved:
        """Return what belongs behind a marker.

        Raises:
            DeriveError: it cannot be derived.
        """
        found = self.outcome(request)
        if isinstance(found, DeriveError):
            raise found.with_traceback(None)
        return found

    def outcome(self, request: Request) -> Solved | DeriveError:
        """Return what belongs behind a marker, or why there is nothing."""
        key = key_of_request(request)
        if key not in self._kept:
            self._kept[key] = _outcome(self._solve, request)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def solved_anew(self, request: Request) -> Solved | DeriveError:
        """Return the same with its derivations, which are not kept here: they are large."""
        return _attempted(self._solve, request)


def _outcome(solve: Callable[[Request], Solved], request: Request) -> Solved | DeriveError:
    found = _attempted(solve, request)
    return Solved(found.text) if isinstance(found, Solved) else found


def _attempted(solve: Callable[[Request], Solved], request: Request) -> Solved | DeriveError:
    try:
        return solve(request)
    except DeriveError as error:
        error.__cause__ = error.__context__ = None  # the frames that they hold keep whole derivations
        return error.with_traceback(None)
