"""Commands that run until Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def running(arguments: Sequence[str], seconds: float, **settings: Any) -> Iterator[subprocess.Popen[str]]:
    """Run mdderive until the block is left, and for so many seconds at most: whoever reads from it never waits on."""
    command = [sys.executable, "-m", "mdderive", *arguments]
    with subprocess.Popen(command, text=True, preexec_fn=heed_ctrl_c, **settings) as process:
        limit = threading.Timer(seconds, process.kill)
        limit.start()
        try:
            yield process
        finally:
            limit.cancel()
            process.kill()


def heed_ctrl_c() -> None:
    """Let Ctrl-C through to a process, also where the tests run in the background of a shell, which shuts it out."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
