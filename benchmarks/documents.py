"""How long pages take: in this process for 100 kB, and as commands beside bare Python, cog and mdformat."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import in_turns, milliseconds, run
from notes import write_notes
from scan import LATEX, MARKDOWN, page
from sites import build, write

import mdderive
from mdderive.documents.latex import scan as scan_latex
from mdderive.documents.markdown import scan as scan_markdown

PYTHON = sys.executable
OURS = [PYTHON, "-m", "mdderive"]


DENSE = r"""Here $A_# = U_#\Sigma V^T$ with $\operatorname{tr}(\Sigma^2) \le c_#$, $b \in \mathbb{R}^m$
and $\hat x = (A_#^TA_#)^{-1}A_#^Tb$.

$$
\nabla_x \|A_#x-b\|^2 = 2A_#^T(A_#x-b), \qquad \mathbb{E}[\epsilon\epsilon^T] = \sigma_#^2 I
$$

"""


def dense(size: int) -> str:
    """Return about `size` characters of formulas, of which every seventh states a derivative."""
    return "# Head\n\n" + "".join(DENSE.replace("#", f"{{{k}}}") for k in range(max(1, size // len(DENSE))))


def pages(rounds: int, size: int = 100_000) -> dict[str, Any]:
    """Return the milliseconds to scan, expand, strip and lint a page, for the page and for each marker or claim."""
    text = page("# Head\n\n", MARKDOWN, "- one\n- two\n\n", size)
    latex = page("\\section{Head}\n\n", LATEX, "", size)
    expanded = mdderive.expand(text).text
    stated = dense(size)
    works: dict[str, Callable[[], object]] = {
        "scan, Markdown": lambda: scan_markdown(text),
        "scan, LaTeX": lambda: scan_latex(latex),
        "expand": lambda: mdderive.expand(text),
        "expand what is up to date": lambda: mdderive.expand(expanded),
        "strip": lambda: mdderive.strip(expanded),
        "lint": lambda: mdderive.lint(stated),
    }
    times = in_turns({name: lambda work=work: milliseconds(work) for name, work in works.items()}, rounds)
    counts = dict.fromkeys(works, text.count(r"\derive")) | {"lint": len(mdderive.claims(stated))}
    return {name: {"page": ms, "marker": ms / counts[name]} for name, ms in times.items()}


def commands(rounds: int, markers: int = 10_000, files: int = 120) -> dict[str, Any]:
    """Return the milliseconds and the peak memory of commands, side by side, over `files` files or many markers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fresh, long = folder / "fresh", folder / "long"
        write_notes(fresh, files, files * 8 // 3)
        write_notes(long, 1, markers)
        notes = sorted(map(str, fresh.glob("*.md")))
        run([*OURS, *notes], folder)
        sides = {
            "python -c pass": [PYTHON, "-c", "pass"],
            "import numpy": [PYTHON, "-c", "import numpy"],
            "first derivation": [PYTHON, "-c", "import mdderive; mdderive.derive('a^TXb', 'X')"],
            f"check, {files} files": [*OURS, "--check", *notes],
        }
        if importlib.util.find_spec("cogapp"):
            sides[f"cog --check, {files} files"] = [PYTHON, "-m", "cogapp", "--check", *notes]
        if importlib.util.find_spec("mdformat"):
            plain = folder / "plain"
            shutil.copytree(fresh, plain)
            copies = sorted(map(str, plain.glob("*.md")))
            run([PYTHON, "-m", "mdformat", *copies], folder)
            sides[f"mdformat --check, {files} files"] = [PYTHON, "-m", "mdformat", "--check", *copies]
        peaks: dict[str, float] = {}

        def take(side: str) -> float:
            took, peaks[side] = run(sides[side], folder)
            return took

        for side in sides:
            take(side)  # its bytecode is there from now on
        times = in_turns({side: lambda side=side: take(side) for side in sides}, rounds)
        note = str(next(long.glob("*.md")))
        for what, command in (("expand", OURS), ("check", [*OURS, "--check"])):
            side = f"{what}, one file of {markers} markers"
            times[side], peaks[side] = run([*command, note], folder)
        return {side: {"ms": ms, "peak MB": peaks[side]} for side, ms in times.items()}


def site(pages: int = 60) -> dict[str, float]:
    """Return the seconds to build a site without markers and with five on each page, at first and again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, pages, 5)
        build("mkdocs", folder, "plain")
        found = {}
        for state in ("at first", "again"):
            found[f"without, {state}"] = build("mkdocs", folder, "plain")[0]
            found[f"with, {state}"] = build("mkdocs", folder, "derived")[0]
        return found
