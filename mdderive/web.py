"""What a course site may show of a marker's solution, kept between builds."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from .api import Derivation, Language, derivations, to_python
from .cache import Cache
from .derivation import partial
from .documents.model import Request
from .documents.region import key_of_request
from .errors import UnsupportedError
from .expr import to_latex
from .pipeline import work
from .reading import read_question
from .render.html import check_html, math, parts_of, words, write_html
from .render.latex import write_latex
from .render.prose import blocks, result

FORMAT = "web 1"
"""Raised when what is kept changes its form."""


@dataclass(frozen=True, slots=True)
class WebSolution:
    """The pieces of a solution, as HTML unless said otherwise; see `render.html` for formulas and links.

    `value` is the result for running text, `name` its name, for pages that hide it; `task` is "Find ...". `steps` is
    the working to be opened row by row. `latex` and `python` are sources to copy, `objects` the derivations as in
    `--format json`, without their place.
    """

    language: str
    lead: str
    statement: str
    task: str
    working: str
    steps: str
    check: str
    value: str
    name: str
    latex: str
    python: str
    objects: list[dict[str, Any]] = field(default_factory=list)


WebSolver = Callable[[Request], WebSolution]


def solve_for_web(request: Request) -> WebSolution:
    """Return the pieces of the solution of a marker.

    Raises:
        DeriveError: what could not be read, fitted, derived or verified.
    """
    marker = request.marker
    working = work(read_question(marker.f, marker.variable, marker.where, request.context))
    found = derivations(working)
    q = working.question
    language: Language = "zh" if q.options.get("lang", request.language) == "zh" else "en"
    parts = list(blocks(working, q.variables, language, q.options.get("detail", "full"), q.options.get("title", "")))
    statement, body, check = parts_of(parts)
    objects = [one.to_json(language) for one in found]
    names = [partial(x, q.name).latex for x in q.variables]
    told = ("求 {}。" if language == "zh" else "Find {}.").format(", ".join(f"${name}$" for name in names))
    return WebSolution(
        language=language,
        lead=words(statement.lead) if statement else "",
        statement=words(statement.text) if statement else math(f"{q.name} = {to_latex(q.f)}"),
        task=words(told),
        working=write_html(body, language),
        steps=write_html(body, language, one_by_one=True),
        check=check_html(working, check.text, language) if check else "",
        value=math(result(working, q.variables)),
        name=math(", ".join(names)),
        latex=write_latex(parts),
        python=objects[0]["python"] or "" if len(found) == 1 else _python(found),
        objects=objects,
    )


def kept_in(cache: Cache, solve: WebSolver = solve_for_web) -> WebSolver:
    """Return a solver that asks `solve` only for what the cache does not hold."""

    def solved(request: Request) -> WebSolution:
        key = f"{FORMAT}\0{key_of_request(request)}"
        kept = cache.get(key)
        if kept is not None:
            return WebSolution(**json.loads(kept))
        fresh = solve(request)
        cache.put(key, json.dumps(asdict(fresh), ensure_ascii=False))
        return fresh

    return solved


def _python(found: Sequence[Derivation]) -> str:
    try:
        return to_python(found)
    except UnsupportedError:
        return ""
