"""How long each side takes for the gradient of each expression, and whether it is right."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from expressions import EXPRESSIONS
from measure import in_turns

HERE = Path(__file__).parent
SYSTEM = "/usr/bin/python3"
"""Where torch is looked for too: Debian's package needs no CUDA."""
SYMPY = HERE.parent / "build" / "sympy" / "bin" / "python"
"""The Python of an environment with SymPy's development version, which `make bench` makes where it can be had."""
PYTHONS = {"torch": (sys.executable, SYSTEM), "sympy, development": (str(SYMPY),)}


class Peer:
    """A side of the comparison, in a process of its own."""

    def __init__(self, name: str, python: str) -> None:
        command = [python, str(HERE / "peer.py"), name]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.peak = 0.0
        self.version = str(self._read().get("version", ""))

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line else {}

    @property
    def runs(self) -> bool:
        """Whether the side could be started."""
        return self.process.poll() is None

    def ask(self, question: str) -> dict[str, Any]:
        """Return the answer to "N" or "N value"."""
        assert self.process.stdin is not None
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        found = self._read()
        self.peak = max(self.peak, found.get("peak", 0.0))
        return found

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def start(names: list[str]) -> dict[str, Peer]:
    """Return the sides that can be started here."""
    found: dict[str, Peer] = {}
    for name in names:
        for python in PYTHONS.get(name, (sys.executable,)):
            if not Path(python).exists():
                continue
            peer = Peer(name, python)
            if peer.version or name.startswith("mdderive"):
                found[name] = peer
                break
            peer.close()
    return found


def measure(names: list[str], rounds: int, count: int = len(EXPRESSIONS)) -> dict[str, Any]:
    """Return the table: for each expression the milliseconds and the verdict of each side."""
    sides = start(names)
    rows = []
    for k, expression in enumerate(EXPRESSIONS[:count]):
        able = {n: s for n, s in sides.items() if s.ask(str(k)).get("ms") is not None}
        times = in_turns({n: lambda s=s, k=k: s.ask(str(k))["ms"] for n, s in able.items()}, rounds)
        verdicts = {n: s.ask(f"{k} value").get("verdict", "cannot") for n, s in sides.items()}
        rows.append({"f": expression.latex, "by": expression.variable, "ms": times, "verdict": verdicts})
    for side in sides.values():
        side.close()
    return {
        "versions": {n: s.version for n, s in sides.items()},
        "missing": [n for n in names if n not in sides],
        "rows": rows,
        "right": {n: sum(row["verdict"][n] == "right" for row in rows) for n in sides},
        "wrong": {n: sum(row["verdict"][n] == "wrong" for row in rows) for n in sides},
        "clock": "CPU time",
        "against": {n: against(rows, n) for n in ("sympy", "sympy, development") if n in sides},
        "peak MB": {n: round(s.peak, 1) for n, s in sides.items()},
    }


def against(rows: list[dict[str, Any]], peer: str) -> dict[str, dict[str, float]]:
    """Return how many times faster than `peer` ours is where it is right: the least, the quartiles, the greatest."""
    found = {}
    for ours in ("mdderive", "mdderive, unchecked"):
        both = [r for r in rows if r["verdict"].get(peer) == "right" and ours in r["ms"]]
        ratios = [row["ms"][peer] / row["ms"][ours] for row in both]
        if len(ratios) > 1:
            low, _, high = quantiles(ratios, n=4, method="inclusive")
            said = {"least": min(ratios), "low": low, "median": median(ratios), "high": high, "greatest": max(ratios)}
            found[ours] = {name: round(ratio, 1) for name, ratio in said.items()}
    return found
