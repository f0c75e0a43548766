"""How much work one marker may cost: counted in steps that are the same on every machine, never by a clock.

What makes an expression, computes a value or writes a text says how many steps that takes, one for about as much as
making a node. Only within `bounded` is there a bound.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from types import FrameType

from .errors import Span, UnsupportedError

MOST_STEPS = 400_000
"""How many steps one marker may take; some seconds."""
MOST_BITS = 512
"""How many binary digits a power of a number may have to be worked out."""
MOST_CELLS = 8_000_000
"""How many numbers of 8 bytes there may be at a time."""
TOO_MANY_CELLS = "there are too many numbers to check it with"
MOST_CHARACTERS = 500_000
"""How long the LaTeX of one expression may be."""
MOST_TERMS = 1_000
"""How many terms of a sum are computed one by one."""
MOST_FRAMES = 2_000
"""How many calls may stand within one another."""
CELLS_PER_STEP = 10_000
"""How many numbers are multiplied and added in the time of a step."""
CHARACTERS_PER_STEP = 1_000
"""How much LaTeX is written in the time of a step."""


WAY_OUT = "derive its parts one by one, or put a letter in the place of a large part"


class Stopped(BaseException):
    """Nobody waits for the answer any more; no `except Exception` keeps it from whoever began the work."""


class Effort:
    """The steps taken so far, and how many are allowed."""

    __slots__ = ("apart", "most", "running", "spent", "stopped")

    def __init__(self) -> None:
        self.spent = 0
        self.most: float = float("inf")
        self.running = False
        self.stopped = False
        self.apart = False

    def spend(self, steps: int) -> None:
        """Count some steps.

        Raises:
            UnsupportedError: they are too many.
            Stopped: another thread has stopped the work.
        """
        self.spent += steps
        if self.spent > self.most:
            if self.stopped:
                raise Stopped
            raise too_much("it takes too many steps")

    def stop(self) -> None:
        """Stop the work of another thread at its next step, and any that begins, until `go_on`.

        What is made for all markers is finished before.
        """
        self.stopped = True
        if not self.apart:
            self.most = -1

    def go_on(self) -> None:
        """Let work begin again; none goes on meanwhile."""
        self.stopped = False
        self.most = float("inf")

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Count nothing that is done within, as its result is kept for all markers."""
        before, self.apart = self.spent, True
        try:
            yield
        finally:
            self.apart = False
            if self.stopped:
                self.most = -1
        self.spent = before

    def allows(self, steps: int) -> bool:
        """Whether so many further steps may be taken.

        Raises:
            Stopped: another thread has stopped the work.
        """
        if self.stopped and not self.apart:
            raise Stopped
        return self.spent + steps <= self.most


EFFORT = Effort()
_ONE_AT_A_TIME = RLock()


def too_much(why: str, whole: Span | None = None, hint: str = WAY_OUT) -> UnsupportedError:
    """Return the error that a marker needs more work than one may."""
    return UnsupportedError("E310", f"this is too large to derive: {why}", whole, hint)


@contextmanager
def bounded(whole: Span | None = None, most: int = MOST_STEPS) -> Iterator[None]:
    """Bound the work that is done within for `whole`; where it is bounded already, that bound holds.

    Raises:
        UnsupportedError: it is too much.
        Stopped: another thread has stopped the work.
    """
    with _ONE_AT_A_TIME:
        if EFFORT.running:
            yield
            return
        EFFORT.spent, EFFORT.most, EFFORT.running = 0, -1 if EFFORT.stopped else most, True
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(_depth() + MOST_FRAMES, limit))
        try:
            with uncollected():
                yield
        except UnsupportedError as error:
            error.span = error.span or (whole if error.code == "E310" else None)
            raise
        except RecursionError:
            raise too_much("it is nested too deeply", whole) from None
        finally:
            EFFORT.most, EFFORT.running = float("inf"), False
            sys.setrecursionlimit(limit)


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles within: hardly any garbage here is one, and to look again and again takes up to a fifth."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _depth() -> int:
    """Return how many frames there are, so that what is allowed does not hang on the caller."""
    frame: FrameType | None = sys._getframe()
    depth = 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1
    return depth
