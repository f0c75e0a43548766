"""What the tests of the language server share."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def no_loop_of_a_browser() -> Iterator[None]:
    """Hide the event loop that Playwright leaves running in this thread while it keeps a browser for later tests."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)
