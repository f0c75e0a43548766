"""Pages of MyST, Quarto and MkDocs, and notebooks of their cells, made with all containers, nested.

Each is made with a known number of markers that count, so that none is passed over; it comes back byte for byte, a
second run changes nothing, and what is edited by hand stays.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest
from places import share
from test_documents import short

from mdderive.documents.expand import expand, review, strip, strip_unedited
from mdderive.documents.notebook import file_with, page_in
from mdderive.documents.page import forget

ALONE = [
    r"\derive<a^T X b><X>",
    r"$\derive<a^T X b><X>$",
    "$$\n\\derive<a^T X b><X>\n$$",
    r"\derive<x^Tx><x>[detail: brief]",
]
WITHIN = [
    r"A result \derive<a^T x><x>, é.", r"So $\derive<x^T x><x>$ it is", r"**bold \derive<c^T x><x>** here",
    r"## Of \derive<a^T x><x> in a title", "| f | gradient |\n|---|---|\n| $a^Tx$ | \\derive<a^T x><x> |",
]  # fmt: skip
TEXT = [
    "Plain words.", "## A title", "$$\na = b\n$$", "Line one\nand two with $x_i$.", "| a | b |\n|---|---|\n| 1 | 2 |", "* * *",  # noqa: E501
    "A note[^1].\n\n[^1]: Its text.", "<!-- a comment -->", "Term\n: Definition", "* one\n* two", "![image](a.png)", "价格 5$。",  # noqa: E501
]  # fmt: skip
DEAD = [
    "```python\n\\derive<n><o>\n```", "~~~\n\\derive<n><o>\n~~~", r"Code `\derive<n><o>` here.", "<!-- \\derive<n><o> -->",  # noqa: E501
]  # fmt: skip
FORMS: dict[str, tuple[list[str], list[str]]] = {
    "MyST": (
        [
            "{F}{note}\n{B}\n{F}", "{F}{admonition} A *title*\n:class: tip\n\n{B}\n{F}", "{F}{dropdown} More\n:open:\n{B}\n{F}",  # noqa: E501
            "{F}{exercise}\n:label: ex\n\n{B}\n{F}", "{F}{solution} ex\n{B}\n{F}", "{F}{prf:proof}\n{B}\n{F}",
            "{F}{prf:theorem} Name\n:label: t\n\n{B}\n{F}", "{F}{tab-set}\n{B}\n{F}", "{F}{margin}\n{B}\n{F}",
            "{C}{note}\n{B}\n{C}", "{C}{prf:proof}\n:enumerated: false\n\n{B}\n{C}", "{F}{grid} 1 2\n{B}\n{F}",
            "{F}{tip}\n---\nclass: x\n---\n{B}\n{F}",
        ],
        ["$$\nc = d\n$$ (eq:one)", "```{code-cell} ipython3\n\\derive<n><o>\n```", "```{math}\n:label: m\n\na = b\n```",
         "See {eq}`eq:one` and {math}`x^2`.", "(target)=\n## Title", "+++", "% a comment", "```{code-block} tex\n\\derive<n><o>\n```",  # noqa: E501
         "```{literalinclude} a.py\n```", "```{figure} a.png\n:name: f\n\nA caption.\n```"],
    ),
    "Quarto": (
        [
            "{C} {.callout-note}\n\n{B}\n\n{C}", "{C} {.callout-tip collapse=\"true\"}\n## A title\n\n{B}\n\n{C}",
            "{C} {#thm-line}\n\n## Line\n\n{B}\n\n{C}", "{C} {.proof}\n{B}\n{C}", "{C} {.panel-tabset}\n\n## Tab\n\n{B}\n\n{C}",  # noqa: E501
            "{C} {.columns}\n\n{B}\n\n{C}", "{C} incremental\n\n{B}\n\n{C}", "{C} {.content-visible when-format=\"html\"}\n\n{B}\n\n{C}",  # noqa: E501
        ],
        ["$$\nc = d\n$$ {#eq-one}", "```{python}\n#| label: fig\n\\derive<n><o>\n```", "```{r}\n\\derive<n><o>\n```", "See @eq-one.",  # noqa: E501
         "{{< pagebreak >}}", "A [span]{.mark}.", "## Title {#sec-one}", "``` {.tex}\n\\derive<n><o>\n```", "`r 1 + 1`"],  # noqa: E501
    ),
    "MkDocs": (
        [
            "!!! note\n\n{I}", '!!! tip "Title"\n{I}', "??? question\n\n{I}", '=== "Tab"\n\n{I}', '<div markdown="1">\n\n{B}\n\n</div>',  # noqa: E501
            "<details markdown>\n<summary>More</summary>\n\n{B}\n\n</details>", "/// note\n\n{B}\n\n///",
        ],
        ["```math\na = b\n```", '``` python title="a.py"\n\\derive<n><o>\n```', "A `#!python x` b.", "## Title { #id }", "[TOC]"],  # noqa: E501
    ),
}  # fmt: skip
COMMON = ["> {Q}", "- item\n\n{L}", "1. first\n\n{O}", "- {l}"]
ENDS = ["\n", "\n", "\n", "\r\n"]


class Maker:
    """Makes the blocks of a page, and counts the markers that count."""

    def __init__(self, form: str, seed: int) -> None:
        self.rng = random.Random(seed)
        self.containers, texts = FORMS[form]
        self.texts = TEXT + texts
        self.count = 0

    def page(self) -> str:
        front = self.rng.choice(["", "", "---\ntitle: A\n---\n\n", '---\nmdderive:\n  where: ["X: m x n"]\n---\n\n'])
        return front + self.blocks(3) + self.rng.choice(["\n", ""])

    def blocks(self, depth: int) -> str:
        return "\n\n".join(self.block(depth) for _ in range(self.rng.randint(1, 4)))

    def block(self, depth: int) -> str:
        kind = self.rng.choice(["alone", "within", "text", "text", "dead", *["container"] * 4])
        if kind == "container" and depth:
            return self.container(depth)
        if kind in ("alone", "within"):
            self.count += 1
            return self.rng.choice(ALONE if kind == "alone" else WITHIN)
        return self.rng.choice(DEAD if kind == "dead" else self.texts)

    def container(self, depth: int) -> str:
        frame = self.rng.choice(self.containers * 2 + COMMON)
        if "{l}" in frame:
            self.count += 1
            return frame.replace("{l}", self.rng.choice(ALONE[:2]))
        inner = self.blocks(depth - 1)
        prefixes = {"{Q}": "> ", "{L}": "  ", "{O}": "   ", "{I}": "    "}
        for sign, prefix in prefixes.items():
            if sign in frame:
                lines = [(prefix + line).rstrip() if sign != "{Q}" else prefix + line for line in inner.split("\n")]
                return frame.replace(("> " if sign == "{Q}" else "") + sign, "\n".join(lines))
        fence, colons = "`" * (3 + depth), ":" * (3 + depth)
        return frame.replace("{F}", fence).replace("{C}", colons).replace("{B}", inner)


def edited(text: str) -> str:
    """Return the text with the first solution in it edited by hand."""
    return text.replace("So it is.", "So it was.", 1)


def check(page: str, kind: str, count: int) -> str:
    """Return the page with its solutions, after all that is to hold of it."""
    forget()
    expanded = expand(page, kind, short)
    told = [(x.code, x.message, x.place.source) for x in expanded.problems if x.severity != "ignored"]
    assert not told and len(expanded.derivations) == count, (told, len(expanded.derivations), count, page)
    assert strip(expanded.text, kind) == page
    again = expand(expanded.text, kind, short)
    assert again.text == expanded.text and not again.derivations
    assert not [x for x in review(expanded.text, kind) if x.severity != "ignored"]
    changed = edited(expanded.text)
    if changed != expanded.text:
        kept = expand(changed, kind, short)
        assert kept.text == changed and "E510" in [x.code for x in kept.problems]
        assert "So it was." in strip_unedited(changed, kind).text
        assert expand(changed, kind, short, edits="discard").text == expanded.text
        assert strip(expand(changed, kind, short, edits="accept").text, kind) == page
    return expanded.text


@pytest.mark.parametrize("form", FORMS)
def test_made_pages(form: str) -> None:
    many = 0
    seeds = share(range(300))
    for seed in seeds:
        maker = Maker(form, seed)
        page = maker.page().replace("\n", maker.rng.choice(ENDS))
        check(page, "markdown", maker.count)
        many += maker.count
    assert many > 2 * len(seeds)


@pytest.mark.parametrize("form", FORMS)
def test_made_notebooks(form: str) -> None:
    """All that is not in a Markdown cell stays byte for byte."""
    spellings: list[Callable[[object], str]] = [
        lambda made: json.dumps(made, indent=1, ensure_ascii=False) + "\n",
        lambda made: json.dumps(made, separators=(",", ":")),
    ]
    for seed in share(range(100)):
        maker = Maker(form, seed)
        cells = [
            {"cell_type": kind, "id": f"i{k}", "metadata": {"k": k}, "source": self_contained(maker, kind)}
            for k, kind in enumerate(maker.rng.choices(["markdown", "markdown", "code", "raw"], k=5))
        ]
        file = maker.rng.choice(spellings)({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        page = page_in(file)
        new = file_with(file, check(page, "notebook", maker.count))
        assert file_with(new, strip(page_in(new), "notebook")) == file
        others = [x for x in json.loads(new)["cells"] if x["cell_type"] != "markdown"]
        assert others == [x for x in cells if x["cell_type"] != "markdown"]


def self_contained(maker: Maker, kind: str) -> str | list[str]:
    """Return the source of a cell; a marker in one that is not of Markdown does not count."""
    before = maker.count
    text = maker.blocks(2)
    if kind != "markdown":
        maker.count = before
    return text if maker.rng.random() < 0.3 else [f"{line}\n" for line in text.split("\n")]
