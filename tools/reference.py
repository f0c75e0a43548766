"""A hook of the project's own site: the pages of the reference, written from the table and the code."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

import mdderive
from mdderive.algebra.expressions import Operator
from mdderive.algebra.operators import table
from mdderive.algebra.properties import PROPERTIES
from mdderive.question.clauses import KINDS, WISHES
from mdderive.question.settings import SETTINGS, names_in
from mdderive.render.html import page_of


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages."""
    for name, text in pages():
        files.append(File.generated(config, f"reference/{name}.md", content=text))
    return files


def pages() -> Iterator[tuple[str, str]]:
    """Yield (name, Markdown) of every page of the reference."""
    yield "operators", _operators()
    yield "clauses", _clauses()
    yield "python", _python()


def _operators() -> str:
    rows = [row for row in table() if row.rule.en not in ("definition", "a constant")]
    lines = [
        "# Operators",
        "What mdderive can differentiate, each with an example that is derived and checked when this page is built. "
        "What is called by a name is called by that name in the formula; the others are written as usual.",
        "| operator | names | example | gradient | rule |\n|---|---|---|---|---|\n" + "".join(map(_row, rows)),
    ]
    return "\n\n".join(lines)


def _row(row: Operator) -> str:
    f, variable = (x.replace("\\|", "\\Vert ").replace("|", "\\vert ") for x in row.example)
    names = ", ".join(f"`{x}`" for x in row.spellings)
    clauses = f"[{'; '.join(row.where)}]" if row.where else ""
    asked = _without_bars(row.example[0]).replace("<", "\\lt ").replace(">", "\\gt ")
    marker = rf"\derive<{asked}><{variable}>{clauses}"
    rule = row.rule.en if "$" not in row.rule.en else row.name
    return f"| {row.name} | {names} | ${f}$, by ${variable}$ | {marker} | [{rule}](../rules/{page_of(row)}.md) |\n"


def _without_bars(f: str) -> str:
    """Return the formula for a table cell, where a bar would end the cell: a norm or a determinant by its name."""
    for sign, left, right in (("\\|", "\\lVert ", "\\rVert "), ("|", "\\lvert ", "\\rvert ")):
        opening = True
        while sign in f:
            f = f.replace(sign, left if opening else right, 1)
            opening = not opening
    return f


def _clauses() -> str:
    kinds = ", ".join(f"`{x}`" for x in KINDS)
    wishes = ", ".join(f"`{x}`" for x in WISHES)
    options = "".join(
        f"| `{name}` | {', '.join(f'`{x}`' for x in SETTINGS[name].values) or 'any text'} |\n"
        for name in names_in("clause")
    )
    properties = "".join(f"| {row.words.en} | {', '.join(f'`{x}`' for x in row.spellings)} |\n" for row in PROPERTIES)
    return f"""# Clauses

What may stand in the brackets of `\\derive<f><X>[clause; clause]`, under `mdderive: where:` in the front matter, in
`<!-- mdderive: clause; clause -->`, and under `where` in `[tool.mdderive]` of pyproject.toml. The nearest wins.

## Shapes

`X: m x n`, `X \\in \\mathbb{{R}}^{{m\\times n}}`, or one of {kinds}.

## Properties

| means | written |
|---|---|
{properties}
## Wishes

{wishes}

## Options

| option | values |
|---|---|
{options}
## Equations

| clause | means |
|---|---|
| `h = \\sigma(W_1 x)` | a named intermediate result: the solution goes through it |
| `S := \\frac1n\\sum_i x_ix_i^\\top` | an abbreviation for the answer |
| `\\sigma(a) = \\frac{{1}}{{1+e^{{-a}}}}` | a function of your own, entry by entry |
| `= a b^\\top` | a claim, which is checked |
"""


def _python() -> str:
    parts = ["# Python", "Everything public is exported from `mdderive`."]
    for name in mdderive.__all__:
        value = getattr(mdderive, name)
        if not callable(value):
            continue
        parts.append(f"## {name}")
        if inspect.isclass(value):
            members = [x for x in vars(value) if not x.startswith("_") and inspect.getdoc(getattr(value, x))]
            shown = "".join(f"\n- `{x}`: {_first_line(getattr(value, x))}" for x in members if _is_told(value, x))
            parts.append(f"{_doc(value)}\n{shown}")
        else:
            parts.append(f"```python\n{name}{inspect.signature(value)}\n```\n\n{_doc(value)}")
    return "\n\n".join(parts)


def _is_told(value: type, name: str) -> bool:
    member = vars(value).get(name)
    return isinstance(member, property) or inspect.isfunction(member)


def _first_line(value: object) -> str:
    return (inspect.getdoc(value) or "").split("\n")[0]


def _doc(value: object) -> str:
    return f"```text\n{inspect.getdoc(value) or ''}\n```"
