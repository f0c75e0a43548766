"""The solution of a marker in the pieces that a course site may show."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ..algebra.expressions import to_latex
from ..api import Derivation, derivations, to_source, worked
from ..documents.model import Request
from ..effort import bounded
from ..errors import Span, UnsupportedError
from ..render.blocks import Block
from ..render.dimensions import fit, with_sizes
from ..render.example import example_html
from ..render.formula import math
from ..render.graph import graph, mermaid, svg
from ..render.html import check_html, displayed, pages_named, parts_of, words, write_html
from ..render.latex import write_latex
from ..render.notation import in_signs, signs_of
from ..render.prose import blocks, name_of_result, result
from ..render.teller import Teller
from ..render.text import plain_words
from ..solution.derivation import Working
from ..words import say
from .rules import why_of
from .solution import WebSolution

_WRITTEN = ("statement", "task", "working", "steps", "value", "name", "sizes", "example")
"""The pieces that hold formulas of the author's letters."""


def web_solution(request: Request, in_numbers: bool = False) -> WebSolution:
    """Return the pieces of the solution of a marker, one point `in_numbers` among them only if asked for.

    Raises:
        DeriveError: what could not be read, fitted, derived or verified.
    """
    marker = request.marker
    working = worked(marker.f, marker.variable, marker.where, request.context)
    q = working.question
    language = q.options.get("lang", request.language)
    with bounded(Span("f", 0, len(marker.f))):
        parts = list(blocks(working, q.variables, language))
        return pieces(working, parts, language, request.context, in_numbers=in_numbers)


def pieces(
    working: Working, parts: Sequence[Block], language: str, context: Sequence[str] = (), *, in_numbers: bool = False
) -> WebSolution:
    """Return the pieces of a solution, of which `parts` are the blocks of prose, in the signs of its author.

    `context` are the clauses around the marker, with the macros that its page knows. What is told `in_numbers` needs
    numpy.
    """
    plain = _pieces(working, parts, language)
    if in_numbers and plain.check:
        plain = replace(plain, example=_example(working, language))
    signs = signs_of(working.question, context, working)
    if not signs:
        return plain
    latex = in_signs(plain.sources["latex"], signs)
    written: dict[str, Any] = {name: in_signs(getattr(plain, name), signs) for name in _WRITTEN}
    return replace(plain, sources={**plain.sources, "latex": latex}, **written)


def _pieces(working: Working, parts: Sequence[Block], language: str) -> WebSolution:
    """Return the pieces of a solution in our signs."""
    found, q = derivations(working), working.question
    statement, body, check = parts_of(parts)
    names = [name_of_result(working, x) for x in q.variables]
    shown = write_html(body, language)
    nodes = graph(Teller(working, q.variables, language))
    return WebSolution(
        language=language,
        lead=words(statement.lead) if statement else "",
        statement=words(statement.text) if statement else math(f"{q.name} = {to_latex(q.f)}"),
        task=words(say(language, "find", names=", ".join(f"${name}$" for name in names))),
        working=shown,
        steps=write_html(body, language, one_by_one=True),
        check=check_html(working, check.text, language) if check else "",
        value=_value(working),
        name=math(", ".join(names)),
        sources={"latex": write_latex(parts), **_sources(found), "mermaid": mermaid(nodes)},
        sizes=_sizes(working, language) if q.f.is_scalar and check else "",
        graph=_folded(say(language, "graph"), svg(nodes, language)) if nodes and check else "",
        whys={page: why for page in pages_named(shown) if (why := why_of(page, language))},
        objects=[one.to_json(language) for one in found],
        read=plain_words(statement.text) if statement else "",
    )


def _value(working: Working) -> str:
    """Return the result for running text, "" where it is too long for that."""
    try:
        return math(result(working, working.question.variables))
    except UnsupportedError:
        return ""


def _sources(found: Sequence[Derivation]) -> dict[str, str]:
    """Return the derivations in every language in which they can be written."""
    sources = {}
    for target in ("numpy", "jax", "torch", "julia", "sympy"):
        with suppress(UnsupportedError):
            sources[target] = to_source(found, target)
    return sources


def _sizes(working: Working, language: str) -> str:
    """Return the gradients with their sizes beneath the factors, folded; "" where nothing is multiplied."""
    teller = Teller(working, working.question.variables, language)
    lines = []
    for x in working.question.variables:
        value = working.gradients[x].value
        fits = fit(value)
        shown = with_sizes(value) if fits else ""
        if shown:
            equation = displayed(f"{to_latex(teller.name_of(x))} = {shown}")
            told = words(say(language, "sizes fit", sizes=f"${fits}$"))
            lines.append(f'<div class="mdderive-line">{equation}</div><p>{told}</p>')
    return _folded(say(language, "show sizes"), "".join(lines)) if lines else ""


def _example(working: Working, language: str) -> str:
    """Return one point in numbers, folded; "" where there is none that a reader could follow."""
    shown = example_html(Teller(working, working.question.variables, language))
    return _folded(say(language, "example"), shown) if shown else ""


def _folded(summary: str, inside: str) -> str:
    return f'<details class="mdderive-extra"><summary>{summary}</summary>{inside}</details>'
