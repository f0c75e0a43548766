"""What a solution on a site may have besides its rows: why a rule holds, sizes, graph, links; each can be left out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from html import escape

from ..render.formula import RULES
from ..render.marks import unmarked
from ..words import say
from .solution import WebSolution

FEATURES = ("changes", "why", "sizes", "numbers", "graph", "link", "exercises", "underline")
"""`changes` marks what a rule touched, `underline` also on paper; `exercises` leads from each to the next; `numbers` is
one point in numbers."""
CALM = ("changes", "why", "sizes", "graph", "link")
"""What a site has that does not choose: nothing of it moves, and each is a quiet sign or folded."""

_RULE = re.compile(
    rf'(?P<link><a class="mdderive-rule" href="{RULES}(?P<page>[a-z0-9-]+)"[^>]*>(?P<name>.*?)</a>)'
    r"(?P<stop>[,;，；、]?)",
    re.DOTALL,
)
_SHORT = 20
"""How many signs of a name stay on one line with the question mark behind it."""
_PART = re.compile(r'<p data-part="([0-9a-f]+)">')
_TURN = re.compile(r'<nav class="mdderive-turn" data-of="([^"]*)"></nav>')


def body(solution: WebSolution, mode: str, anchor: str, features: Collection[str]) -> str:
    """Return the rows of a solution with what is shown among and below them."""
    rows = solution.steps if mode == "steps" else solution.working
    rows = rows if "changes" in features else unmarked(rows)
    parts = [_asked(rows, solution, anchor) if "why" in features else rows]
    parts += [solution.sizes] if "sizes" in features and mode != "steps" else []
    parts += [solution.example] if "numbers" in features and mode != "steps" else []
    parts += [solution.graph] if "graph" in features and mode != "steps" else []
    return "\n".join([*(x for x in parts if x), solution.check])


def _asked(rows: str, solution: WebSolution, anchor: str) -> str:
    """Return the rows with a question mark behind each rule, which opens why the rule holds.

    Where a browser has no popovers, all of them stand in a fold below the rows.
    """
    used: dict[str, None] = {}

    def with_mark(match: re.Match[str]) -> str:
        page = match["page"]
        why = solution.whys.get(page)
        if why is None:
            return match[0]
        used[page] = None
        label = escape(say(solution.language, "why of", rule=why[0]))
        target = f"{anchor}-why-{page}"
        button = f'<button type="button" class="mdderive-ask" popovertarget="{target}" aria-label="{label}">?</button>'
        shown = match["link"] + button + match["stop"]
        is_short = "arithmatex" in match["name"] or len(match["name"]) <= _SHORT
        return f'<span class="mdderive-together">{shown}</span>' if is_short else shown

    marked = _RULE.sub(with_mark, rows)
    if not used:
        return rows
    notes = "".join(
        f'<div popover class="mdderive-why" id="{anchor}-why-{page}">'
        f"<strong>{escape(solution.whys[page][0], quote=False)}</strong><br>{solution.whys[page][1]}</div>"
        for page in used
    )
    summary = say(solution.language, "whys")
    return f'{marked}\n<details class="mdderive-whys" open><summary>{summary}</summary>{notes}</details>'


def cited(html: str, known: Mapping[str, tuple[str, str]], language: str) -> str:
    """Return a solution that names an earlier one of the page where it has the same part; each is (anchor, name)."""

    def told(match: re.Match[str]) -> str:
        if match[1] not in known:
            return "<p>"
        anchor, name = known[match[1]]
        link = f'<a href="#{escape(anchor)}">{escape(name, quote=False)}</a>'
        return f'<p class="mdderive-cited">{say(language, "part of", link=link)}</p>\n<p>'

    return _PART.sub(told, html)


def parts_of(solution: WebSolution) -> list[str]:
    """Return the parts of a solution that a later one may have too."""
    return _PART.findall(solution.working)


def copies(solution: WebSolution) -> str:
    """Return the attributes with the sources that the buttons copy."""
    return "".join(f' data-{name}="{escape(text)}"' for name, text in solution.sources.items() if text)


def link_to(anchor: str, name: str, language: str) -> str:
    """Return a sign that links to a block itself."""
    label = escape(say(language, "link to", name=name))
    return f' <a class="mdderive-link" href="#{anchor}" aria-label="{label}">#</a>'


def turn(anchor: str) -> str:
    """Return where links to the exercises before and after stand, once all of the page are known."""
    return f'<nav class="mdderive-turn" data-of="{anchor}"></nav>'


def turned(html: str, exercises: Sequence[tuple[str, str, str]]) -> str:
    """Return a page with links from each exercise to those beside it; an exercise is (anchor, name, language)."""
    order = {anchor: k for k, (anchor, _, _) in enumerate(exercises)}

    def links(match: re.Match[str]) -> str:
        at = order.get(match[1])
        beside = [] if at is None else [("previous exercise", at - 1), ("next exercise", at + 1)]
        found = [_beside(key, *exercises[k]) for key, k in beside if 0 <= k < len(exercises)]
        return f'<p class="mdderive-turn">{" ".join(found)}</p>' if found else ""

    return _TURN.sub(links, html)


def _beside(key: str, anchor: str, name: str, language: str) -> str:
    told = say(language, key, name=escape(name, quote=False))
    return f'<a class="mdderive-{key.split()[0]}" href="#{anchor}">{told}</a>'


def classes(features: Iterable[str]) -> str:
    """Return what features add to the class of a block."""
    return " mdderive-underlined" if "underline" in features else ""
