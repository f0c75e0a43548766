"""Pages of MyST and Quarto with all their containers, made by a generator: round trip, idempotence, hand edits."""

from __future__ import annotations

import random

import pytest
from places import share
from test_documents import short

from mdderive.documents.current import is_current
from mdderive.documents.expand import expand, review, strip
from mdderive.documents.formulas import formulas

MARKER = r"\derive<a^T X b><X>"
LEAVES = [
    MARKER, f"A {MARKER} here.", f"The role {{math}}`{MARKER}` and {{math}}`a = b`.", "$$\na = b\n$$ (eq:one)",
    "$$ a = b $$ {#eq-two}", "text", "% a comment", "<!-- mdderive: X: m x n -->", "(target)=", ":::{tip}\ntip\n:::",
    f"```{{code-cell}} python\n{MARKER}\n```", f"```{{r}}\n{MARKER}\n```", "~~~{math}\n:label: x\na = b\n~~~",
    f"`{MARKER}`", "# Head", "{{< include part.qmd >}}", f"{MARKER} [solve](https://x.org)", f"{MARKER}\n[[Note]]",
]  # fmt: skip
NAMES = [
    "note",
    "prf:proof",
    "solution",
    "exercise",
    "dropdown",
    "admonition",
    "tab-item",
    "margin",
    "code-cell",
    "eval-rst",
]
LEADS = ["", "> ", "  "]


def page(rng: random.Random, depth: int = 0) -> list[str]:
    lines: list[str] = []
    for _ in range(rng.randint(1, 4)):
        if depth < 3 and rng.random() < 0.4:
            fence = rng.choice("`~") * (6 - depth)
            options = rng.choice([[], [":label: x", ":class: y"], ["---", "class: z", "---"]])
            blank = rng.choice([[], [""]])
            inner = page(rng, depth + 1)
            directive = [f"{fence}{{{rng.choice(NAMES)}}} Title", *options, *blank, *inner, *blank, fence]
            division = ['<div markdown="1">', *blank, *inner, *blank, "</div>"]
            lead = rng.choice(LEADS)
            block = [f"{lead}{line}".rstrip() for line in rng.choice([directive, directive, division])]
            if rng.random() < 0.2:
                block = ["- item", "", *(f"  {line}".rstrip() for line in block)]
            lines += ["", *block, ""]
        else:
            lines += [*rng.choice(LEAVES).split("\n"), ""]
    return lines


@pytest.mark.parametrize("start", range(0, 400, 100))
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_pages_come_back_byte_for_byte(start: int, end: str) -> None:
    derived = 0
    seeds = share(range(start, start + 100))
    for seed in seeds:
        text = end.join(page(random.Random(seed)))
        expanded = expand(text, "markdown", short)
        derived += len(expanded.derivations)
        assert strip(expanded.text, "markdown") == strip(text, "markdown") == text, seed
        assert expand(expanded.text, "markdown", short).text == expanded.text, seed
        stale = [problem for problem in review(expanded.text, "markdown") if problem.severity == "stale"]
        left_alone = [problem for problem in expanded.problems if problem.severity == "error"]
        assert len(stale) <= len(left_alone), seed
        if is_current(expanded.text, "markdown"):
            assert not stale
        edited = expanded.text.replace("So it is.", "So it was.")
        assert expand(edited, "markdown", short).text == edited, seed
        for formula in formulas(text, "markdown"):
            if "a = b" in formula.latex:
                assert text[formula.locate(formula.latex.index("a = b")) :].startswith("a = b"), seed
    assert derived > len(seeds)
