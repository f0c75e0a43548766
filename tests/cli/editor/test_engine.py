"""The one thread of the engine: one piece of work after the other, and none that nobody waits for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from mdderive.cli.editor.engine import Engine
from mdderive.effort import EFFORT, bounded
from mdderive.errors import UnsupportedError


def endless(begun: threading.Event, ended: list[str]) -> Callable[[], None]:
    """Return work that takes steps until it is stopped; no `except Exception` of its own keeps it going."""

    def work() -> None:
        begun.set()
        try:
            with bounded(most=1 << 60):
                while True:
                    try:
                        EFFORT.spend(1)
                    except Exception:
                        ended.append("kept going")
                        return
        finally:
            ended.append("ended")

    return work


def test_who_cancels_stops_the_work_and_what_follows_is_not_bounded() -> None:
    async def session() -> None:
        engine = Engine()
        begun, ended = threading.Event(), []
        task = asyncio.ensure_future(engine.run(endless(begun, ended)))
        waiting = asyncio.ensure_future(engine.run(lambda: ended.append("not wanted")))
        await asyncio.to_thread(begun.wait, 10)
        waiting.cancel()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.wait_for(engine.run(lambda: EFFORT.spend(1)), 10) is None
        assert ended == ["ended"]
        engine.close()

    asyncio.run(session())
    EFFORT.go_on()


def test_what_is_kept_for_all_markers_is_finished() -> None:
    with bounded():
        with EFFORT.aside():
            EFFORT.stop()
            EFFORT.spend(1)
            assert EFFORT.allows(1)
        with pytest.raises(BaseException) as stopped:
            EFFORT.spend(1)
    EFFORT.go_on()
    assert not isinstance(stopped.value, Exception)


def test_a_bound_is_still_an_error() -> None:
    with pytest.raises(UnsupportedError), bounded(most=3):
        EFFORT.spend(4)


def test_an_error_reaches_whoever_asked() -> None:
    async def session() -> None:
        engine = Engine()
        with pytest.raises(ZeroDivisionError):
            await engine.run(lambda: 1 // 0)
        engine.close()

    asyncio.run(session())
    EFFORT.go_on()
