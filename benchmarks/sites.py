"""How long a site with 1,000 markers on 200 pages takes to build, against the same site without them.

    .venv/bin/python benchmarks/sites.py [--pages 200] [--markers 5] [--builders mkdocs zensical]

Prints the ratio for an empty cache and for a full one; the site without markers is built just before each.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FORMS = (
    r"\derive<\|X_{K}w-y\|^2><w>[solve]",
    r"\derive<a^T X_{K} b><X_{K}>",
    r"\derive<-y^T\log\operatorname{softmax}(W_{K}x)><W_{K}>[y: one-hot]",
    r"\derive<x^TA_{K}x + b^Tx><x>[A_{K}: symmetric]",
    r"\derive<\log|X_{K}| + \operatorname{tr}(AX_{K}^{-1})><X_{K}>",
    r"\derive<\|W_2\sigma(W_{K}x)-y\|^2><W_{K}>",
)
WORDS = [
    "the",
    "gradient",
    "of",
    "a",
    "loss",
    "by",
    "its",
    "weights",
    "is",
    "read",
    "off",
    "from",
    "the",
    "differential",
    "when",
    "all",
    "factors",
    "are",
    "moved",
    "left",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--markers", type=int, default=5, help="on each page; no two are the same")
    parser.add_argument("--builders", nargs="+", default=["mkdocs", "zensical"])
    options = parser.parse_args()
    for builder in options.builders:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write(folder, options.pages, options.markers)
            build(builder, folder, "plain")  # to have everything in memory
            for state in ("cold", "cached"):
                plain, derived = build(builder, folder, "plain"), build(builder, folder, "derived")
                for what, one, other in zip(("clock", "cpu"), plain, derived, strict=True):
                    times = f"plain {one:6.2f} s  derived {other:6.2f} s  ratio {other / one:.2f}"
                    print(f"{builder:9} {state:7} {what:6} {times}")


def write(folder: Path, pages: int, markers: int) -> None:
    """Write the two sites: where one has a marker, the other has a formula with words around it."""
    chance = random.Random(1)
    number = 0
    for site in ("plain", "derived"):
        (folder / site / "docs").mkdir(parents=True)
        extra = "" if site == "plain" else "  - mdderive\n"
        theme = "theme: {name: material, font: false}\n"
        common = f"site_name: S\n{theme}markdown_extensions: [tables, {{pymdownx.arithmatex: {{generic: true}}}}]\n"
        (folder / site / "mkdocs.yml").write_text(f"{common}plugins:\n  - search\n{extra}", encoding="utf-8")
        extension = "" if site == "plain" else "[project.markdown_extensions.mdderive]\n"
        settings = '[project]\nsite_name = "S"\n[project.theme]\nfont = false\n[project.markdown_extensions.tables]\n'
        math = "[project.markdown_extensions.pymdownx.arithmatex]\ngeneric = true\n"
        (folder / site / "zensical.toml").write_text(settings + math + extension, encoding="utf-8")
        (folder / site / "pyproject.toml").touch()
    for page in range(pages):
        texts = {"plain": f"# Page {page}\n\n", "derived": f"# Page {page}\n\n"}
        for k in range(markers):
            number += 1
            prose = [" ".join(chance.choices(WORDS, k=25)) + " $a^\\top X b$." for _ in range(3)]
            marker = FORMS[number % len(FORMS)].replace("{K}", f"{{{number}}}")
            for site, place in (("plain", f"$$\n\\lVert X_{{{number}}}w-y\\rVert^2\n$$"), ("derived", marker)):
                texts[site] += f"## Section {k}\n\n" + "\n\n".join([*prose, place]) + "\n\n"
        for site, text in texts.items():
            (folder / site / "docs" / f"page-{page}.md").write_text(text, encoding="utf-8")


def build(builder: str, folder: Path, site: str) -> tuple[float, float]:
    """Return how many seconds a build took in a process of its own: on the clock, and of the processors."""
    configuration = "mkdocs.yml" if builder == "mkdocs" else "zensical.toml"
    shutil.rmtree(folder / site / "site", ignore_errors=True)
    for kept in (folder / site / ".cache").glob("*"):  # zensical keeps whole pages there, which is not what is measured
        if kept.name != "mdderive":
            shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
    command = [sys.executable, "-m", builder, "build", "-f", configuration]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    before, began = os.times(), time.perf_counter()
    subprocess.run(command, cwd=folder / site, check=True, capture_output=True, env=environment)
    wall, after = time.perf_counter() - began, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, used


if __name__ == "__main__":
    main()
