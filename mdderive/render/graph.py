"""The graph of a computation by named values: forward, and back with the derivatives; drawn as SVG, or as Mermaid."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ..algebra.expressions import Expr, to_latex
from ..words import say
from .plain import plain
from .teller import Teller

_SIGN, _LINE, _BOX, _STEP = 8.6, 34, 30, 84  # px: a sign, a line of text, a box, between layers
_GAP, _ROOM = 26, 54  # px: between boxes, and beside one whose arrow back has its derivative written at its right
_LONG = 24  # signs of a value
_SCRIPT = re.compile(r"_(\w+|\([^)]*\))")


@dataclass(frozen=True)
class Node:
    """A value: its name, what it is ("" if given), and its derivative, `slope` ("" if none is asked for)."""

    name: str
    value: str
    slope: str
    layer: int
    sources: tuple[str, ...]

    @property
    def label(self) -> str:
        """What stands in its box: the name alone where the value is long."""
        return f"{self.name} = {self.value}" if self.value and len(self.value) <= _LONG else self.name


def graph(teller: Teller) -> tuple[Node, ...]:
    """Return the values of a computation, each behind those that it is made of; none where none is named."""
    q = teller.question
    if not q.intermediates or q.recursion is not None:
        return ()
    bodies: dict[str, Expr] = {x.latex: body for x, body in q.intermediates}
    bodies[q.name] = _of_names(teller)
    reached = {x.latex for link in teller.links for x in ([link.through] if link.through else [])}
    reached |= {x.latex for x in teller.variables}
    letters = {x.latex for x in teller.told}
    found: dict[str, Node] = {}
    for name, body in bodies.items():
        sources = tuple(x for x in sorted(y.latex for y in body.symbols) if x in bodies or x in letters)
        for x in sources:
            if x not in found:
                found[x] = Node(plain(x), "", _slope(q.name, x) if x in reached else "", 0, ())
        layer = 1 + max((found[x].layer for x in sources), default=0)
        slope = _slope(q.name, name) if name in reached else ""
        found[name] = Node(
            plain(name), plain(to_latex(body)).replace("^⊤", "ᵀ"), slope, layer, tuple(found[x].name for x in sources)
        )
    return _close_to_use(tuple(found.values()))


def _of_names(teller: Teller) -> Expr:
    """Return f as it goes through named values, also where its author did not write it so."""
    q = teller.question
    last = q.intermediates[-1][0]
    return next((step.right for step in teller.working.rewriting[::-1] if last in step.right.symbols), q.f)


def _slope(f: str, name: str) -> str:
    return f"∂{plain(f)}/∂{plain(name)}"


def _close_to_use(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Return the nodes, what is given in the layer before that of its first use."""
    first = {x: min(node.layer for node in nodes if x in node.sources) for node in nodes for x in node.sources}
    given = [Node(x.name, "", x.slope, first[x.name] - 1, ()) if not x.value and x.name in first else x for x in nodes]
    return tuple(sorted(given, key=lambda x: x.layer))


def mermaid(nodes: Iterable[Node]) -> str:
    """Return the source of the graph for Mermaid, which GitHub draws; "" where there is none."""
    nodes = tuple(nodes)
    number = {x.name: f"n{k}" for k, x in enumerate(nodes)}
    lines = [f'  {number[x.name]}["{_quoted(x.label)}"]' for x in nodes]
    for x in nodes:
        lines += [f"  {number[y]} --> {number[x.name]}" for y in x.sources]
    back = {x.name: x.slope for x in nodes}
    for x in nodes:
        lines += [f'  {number[x.name]} -. "{_quoted(back[y])}" .-> {number[y]}' for y in x.sources if back[y]]
    return "\n".join(["flowchart TD", *lines]) + "\n" if nodes else ""


def _quoted(text: str) -> str:
    return text.replace('"', "#quot;")


def svg(nodes: Sequence[Node], language: str) -> str:
    """Return the graph as an SVG element, which says in words what it shows; "" where there is none."""
    if not nodes:
        return ""
    boxes, width, height = _placed(nodes)
    told = say(language, "graph told", edges=tuple(_told(x) for x in nodes if x.sources))
    parts: list[str] = []
    for x in nodes:
        left, top, wide = boxes[x.name]
        sources = sorted(x.sources, key=lambda y: boxes[y][0])
        for k, source in enumerate(sources, 1):  # each arrow has a place of its own
            slope = next(y.slope for y in nodes if y.name == source)
            parts.append(_edge(boxes[source], (left + wide * k / (len(sources) + 1), top), slope))
    for x in nodes:
        left, top, wide = boxes[x.name]
        kind = "" if x.value else ' class="mdderive-given"'
        parts.append(f'<rect x="{left:g}" y="{top:g}" width="{wide:g}" height="{_BOX}" rx="5"{kind}/>')
        parts.append(text_at(left + wide / 2, top + 20, x.label))
    return picture(told, parts, width, height)


def picture(told: str, parts: Iterable[str], width: float, height: float, kind: str = "") -> str:
    """Return an SVG element of that many pixels, which says in words what it shows."""
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    title = f"<title>{escape(told, quote=False)}</title>"
    return f'<svg class="mdderive-graph{kind}" role="img" {size}>{title}{"".join(parts)}</svg>'


def _told(node: Node) -> str:
    return f"{', '.join(node.sources)} → {node.name}"


def _placed(nodes: Sequence[Node]) -> tuple[Mapping[str, tuple[float, float, float]], float, float]:
    """Return left, top and width of every box, and the size of the whole: a layer below the other, each centred."""
    layers = [[x for x in nodes if x.layer == k] for k in range(max(x.layer for x in nodes) + 1)]
    wide = {x.name: round(_SIGN * len(_SCRIPT.sub(lambda m: m[1][: len(m[1]) // 2 + 1], x.label)) + 22) for x in nodes}
    rooms = [[_ROOM if x.slope else _GAP for x in layer] for layer in layers]
    widths = [sum(wide[x.name] for x in layer) + sum(room[:-1]) for layer, room in zip(layers, rooms, strict=True)]
    whole = max(widths) + 2 * _LINE + 40
    boxes: dict[str, tuple[float, float, float]] = {}
    for k, (layer, room, length) in enumerate(zip(layers, rooms, widths, strict=True)):
        left = (whole - length) / 2
        for x, gap in zip(layer, room, strict=True):
            boxes[x.name] = (round(left, 1), 2 + k * _STEP, wide[x.name])
            left += wide[x.name] + gap
    return boxes, whole, (len(layers) - 1) * _STEP + _BOX + 4


def _edge(start: tuple[float, float, float], end: tuple[float, float], slope: str) -> str:
    """Return the arrow from a box to a point, and beside it the one back, with the derivative that it carries."""
    x1, x2 = start[0] + start[2] / 2, end[0]
    top, bottom = start[1] + _BOX, end[1]
    shift = 7 if slope else 0
    forward = f'<path d="M{x1 - shift:g} {top:g}L{x2 - shift:g} {bottom - 5:g}"/>{_head(x2 - shift, bottom, 1)}'
    if not slope:
        return f'<g class="mdderive-forward">{forward}</g>'
    back = f'<path d="M{x2 + shift:g} {bottom:g}L{x1 + shift:g} {top + 5:g}"/>{_head(x1 + shift, top, -1)}'
    aside = shift + 8 + max(x1 - x2, 0) * 10 / (bottom - top)  # where the arrow leans over what stands at its right
    label = text_at(round(0.7 * x1 + 0.3 * x2 + aside, 1), 0.7 * top + 0.3 * bottom + 8, slope, "start")
    return f'<g class="mdderive-forward">{forward}</g><g class="mdderive-back">{back}{label}</g>'


def _head(x: float, y: float, down: int) -> str:
    return f'<path class="mdderive-head" d="M{x - 3.5:g} {y - 7 * down:g}L{x + 3.5:g} {y - 7 * down:g}L{x:g} {y:g}Z"/>'


def text_at(x: float, y: float, text: str, anchor: str = "middle") -> str:
    """Return a text at a place, where it begins, ends or has its middle; scripts in it stand lower."""
    shown: list[str] = []
    end = 0
    for m in _SCRIPT.finditer(text):
        inner = escape(m[1].strip("()"), quote=False)
        shown.append(escape(text[end : m.start()], quote=False))
        shown.append(f'<tspan class="mdderive-sub" dy="4">{inner}</tspan><tspan dy="-4">​</tspan>')
        end = m.end()
    shown.append(escape(text[end:], quote=False))
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{"".join(shown)}</text>'
