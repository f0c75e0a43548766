"""What every part of the measurements uses: turns, medians, exponents, processes, the machine."""

from __future__ import annotations

import importlib.util
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from math import log
from pathlib import Path
from statistics import linear_regression, median
from time import perf_counter, process_time
from typing import Any

Work = Callable[[], object]

BYTECODE = Path(__file__).resolve().parent.parent / "build" / "bytecode"
"""Where the Python of a timed command keeps its bytecode."""


def milliseconds(work: Work) -> float:
    """Return how long `work` takes."""
    started = perf_counter()
    work()
    return 1e3 * (perf_counter() - started)


def cpu_milliseconds(work: Work) -> float:
    """Return how long the processors work at `work`, all threads together: what others do meanwhile does not count."""
    started = process_time()
    work()
    return 1e3 * (process_time() - started)


def in_turns(sides: Mapping[str, Callable[[], float]], turns: int) -> dict[str, float]:
    """Return the median of each side, all taken in turns, so that a busy machine slows all alike."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(turns):
        for name, take in sides.items():
            found[name].append(take())
    return {name: median(values) for name, values in found.items()}


def exponent(sizes: Sequence[float], times: Sequence[float]) -> float:
    """Return the p for which `times` grow most nearly like size^p."""
    return linear_regression([log(x) for x in sizes], [log(x) for x in times]).slope


def run(command: Sequence[str], cwd: Path | None = None) -> tuple[float, float]:
    """Return the milliseconds and the peak memory in MB of a command, which must end well.

    Python keeps its bytecode, as it does wherever packages are installed: some environments turn that off.
    """
    launch = [sys.executable, "-I", "-S", str(Path(__file__).with_name("launch.py"))]
    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(BYTECODE)}
    ended = subprocess.run([*launch, *command], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{list(command)[:4]} ended with {ended.returncode}: {ended.stderr[-500:]}")
    took, peak = map(float, ended.stdout.split())
    return took, peak / 1024


TOOLS = ("numpy", "cogapp", "mdformat", "mkdocs")


def tools() -> dict[str, str]:
    """Return the versions of the tools that are installed and take part."""
    return {name: version(name) for name in TOOLS if importlib.util.find_spec(name)}


def machine() -> dict[str, Any]:
    """Return what the figures hang on."""
    model = next((x.split(":")[1].strip() for x in _cpu_lines() if x.startswith("model name")), platform.machine())
    return {
        "processor": model,
        "processors": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "tools": tools(),
    }


def _cpu_lines() -> list[str]:
    source = Path("/proc/cpuinfo")
    return source.read_text(encoding="utf-8").splitlines() if source.exists() else []
