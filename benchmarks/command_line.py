"""How quick the command line is, as ratios taken side by side in one run: `python benchmarks/command_line.py`.

What is compared runs in turns, so that a busy machine slows both alike; the median of the turns counts.
Needs cogapp (`pip install -e '.[benchmark]'`).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from notes import write_notes

BIN = Path(sys.executable).parent
MDDERIVE, COG = str(BIN / "mdderive"), str(BIN / "cog")
BARE = [sys.executable, "-c", "pass"]
BUSY = [sys.executable, "-c", "for _ in range(20_000_000): pass"]
Side = tuple[str, Sequence[str], Callable[[], object]]


def nothing() -> None:
    """Prepare nothing."""


def seconds(command: Sequence[str]) -> float:
    started = perf_counter()
    ended = subprocess.run(command, check=False, capture_output=True)
    if ended.returncode:
        raise SystemExit(f"{command[:3]} ended with {ended.returncode}: {ended.stderr.decode()[:500]}")
    return perf_counter() - started


def side_by_side(sides: Sequence[Side], turns: int) -> dict[str, float]:
    """Return the median time of each side, all of them taken in turns."""
    times: dict[str, list[float]] = {name: [] for name, _, _ in sides}
    for _ in range(turns):
        for name, command, prepare in sides:
            prepare()
            times[name].append(seconds(command))
    return {name: median(all_of_them) for name, all_of_them in times.items()}


def show(title: str, times: dict[str, float], against: str, bar: str) -> None:
    print(f"\n{title}  (bar: {bar})")
    for name, time in times.items():
        print(f"  {name:32} {1000 * time:8.1f} ms   {time / times[against]:5.2f} x {against}")


def checks(folder: Path) -> None:
    """Measure checks of what is up to date, and of files without a marker."""
    fresh, empty = folder / "fresh", folder / "empty"
    write_notes(fresh, 120, 320)
    write_notes(empty, 700, 0)
    seconds([MDDERIVE, str(fresh)])
    files, others = (sorted(map(str, one.glob("*.md"))) for one in (fresh, empty))

    def forget() -> None:
        shutil.rmtree(fresh / ".cache", ignore_errors=True)

    check = [MDDERIVE, "--check"]
    sides: list[Side] = [
        ("python -c pass", BARE, nothing),
        ("mdderive --check", [*check, *files], nothing),
        ("mdderive --check, the folder", [*check, str(fresh)], nothing),
        ("cog --check", [COG, "--check", *files], nothing),
        ("mdderive --check, without .cache", [*check, *files], forget),
    ]
    title = "120 files with 320 fresh regions"
    show(title, side_by_side(sides, 15), "python -c pass", "at most 4, and no slower than cog")
    sides = [("python -c pass", BARE, nothing), ("mdderive --check", [*check, *others], nothing)]
    show("700 files without a marker", side_by_side(sides, 15), "python -c pass", "at most 3")


def cold(folder: Path, files: int) -> None:
    """Measure 1,000 markers, 200 of them distinct, with one job and with two, and fewer distinct ones with one."""
    notes = folder / "cold"

    def fresh(distinct: int) -> Callable[[], None]:
        def write() -> None:
            shutil.rmtree(notes, ignore_errors=True)
            write_notes(notes, files, 1000, distinct)

        return write

    sides: list[Side] = [
        ("2 jobs, 200 distinct", [MDDERIVE, "--jobs", "2", str(notes)], fresh(200)),
        ("1 job, 200 distinct", [MDDERIVE, str(notes)], fresh(200)),
        ("1 job, 100 distinct", [MDDERIVE, str(notes)], fresh(100)),
        ("1 job, 10 distinct", [MDDERIVE, str(notes)], fresh(10)),
    ]
    times = side_by_side(sides, 3)
    show(f"1,000 markers in {files} files, cold", times, "2 jobs, 200 distinct", "1 job at least 1.6; linear")
    each = [(times[f"1 job, {k} distinct"] - times["1 job, 10 distinct"]) / (k - 10) for k in (100, 200)]
    print(f"  each further distinct marker: {1000 * each[0]:.1f} ms up to 100, {1000 * each[1]:.1f} ms up to 200")


def machine() -> None:
    """Measure what two processes gain here at all: 2 on two free processors."""
    alone: list[float] = []
    both: list[float] = []
    for _ in range(3):
        alone.append(seconds(BUSY))
        started = perf_counter()
        for process in [subprocess.Popen(BUSY), subprocess.Popen(BUSY)]:
            process.wait()
        both.append(perf_counter() - started)
    print(f"\ntwo busy processes do the work of {2 * median(alone) / median(both):.2f} on this machine now")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checks(folder)
        for files in (1, 40):
            machine()
            cold(folder, files)


if __name__ == "__main__":
    main()
