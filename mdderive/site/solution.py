"""What a course site may show of a marker's solution; the standard library alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..documents.model import Request
from ..render.formula import RULES


@dataclass(frozen=True, slots=True)
class WebSolution:
    """The pieces of a solution, as HTML unless said otherwise; see `render.html` for formulas and links.

    `value` is the result for running text, "" where it is too long for that, `name` its name, for pages that hide it;
    `task` is "Find ...". `steps` is the working to be opened row by row. `sources` are texts to copy, by what they are:
    latex, numpy, jax, torch, julia, sympy, mermaid. `sizes`, `example` (one point in numbers) and `graph` are folded,
    "" where there is nothing to tell;
    `whys` are title and reason of the rules, by the names of their pages. `objects` are the derivations as in
    `--format json`, without their place. `read` says in plain text what was read: f and the shapes of its letters.
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
    sources: dict[str, str]
    sizes: str = ""
    example: str = ""
    graph: str = ""
    whys: dict[str, tuple[str, str]] = field(default_factory=dict)
    objects: list[dict[str, Any]] = field(default_factory=list)
    read: str = ""


WebSolver = Callable[[Request], WebSolution]


def linked(html: str, rules: str) -> str:
    """Return the HTML with its links to rules as a site has them: at `rules`, `{}` for the name; "" for no links."""
    if rules:
        return re.sub(rf'href="{RULES}([a-z0-9-]+)"', lambda m: f'href="{rules.format(m[1])}"', html)
    return re.sub(rf'<a class="mdderive-rule" href="{RULES}[^>]*>(.*?)</a>', r"\1", html)
