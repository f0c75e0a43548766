"""Parts that derivations may share: a function, whatever its letters are called, differentiated by the same of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256

from ..algebra.expressions import Apply, Expr, Number, Symbol, walk
from ..algebra.operators import table
from ..algebra.terms import terms_of
from ..solution.derivation import Link
from .teller import Teller

LEAST = 4
"""How many operators a part must have to be worth a word."""


def part_of(teller: Teller, link: Link) -> str:
    """Return a digest of what is differentiated in a link, and by what; "" where there is little of it, or an index."""
    nodes = walk(_body(teller, link))
    operators = [x for x in nodes if isinstance(x, Apply)]
    if len(operators) < LEAST or any(x.operator.binds_index or x.indices for x in operators):
        return ""
    if any(id(x.operator) not in _places() for x in operators):
        return ""
    varying = {x.at_rest for x in teller.reached(link)}
    lines = _spelled(nodes[-1], _looks(nodes, varying))
    return sha256("\n".join(lines).encode()).hexdigest()[:12]


@lru_cache(maxsize=1)
def _places() -> Mapping[int, int]:
    """Return the place in the table of each operator."""
    return {id(row): k for k, row in enumerate(table())}


def _looks(nodes: Sequence[Expr], varying: Collection[Symbol]) -> dict[Expr, str]:
    """Return how each node looks where letters of a kind are not told apart: by this the terms of sums are put."""
    looks: dict[Expr, str] = {}
    for node in nodes:  # arguments before what they are arguments of
        if isinstance(node, Symbol):
            looks[node] = f"letter {sorted(node.properties - {'free'})} {node.at_rest in varying}"
        elif isinstance(node, Apply):
            inner = [looks[x] for x in node.arguments]
            told = f"{_places()[id(node.operator)]} {sorted(inner) if len(terms_of(node)) > 1 else inner}"
            looks[node] = sha256(told.encode()).hexdigest()
        else:
            looks[node] = str(node.value if isinstance(node, Number) else node)
    return looks


def _spelled(body: Expr, looks: Mapping[Expr, str]) -> list[str]:
    """Return a function node by node, letters and sizes numbered in the order in which they come."""
    numbers: dict[Expr, int] = {}
    sizes: dict[str, str] = {}
    lines: list[str] = []
    waiting = [body]
    while waiting:
        node = waiting.pop()
        if node in numbers:
            lines.append(str(numbers[node]))
            continue
        numbers[node] = len(numbers)
        held = _sizes(node.parameters, sizes) if isinstance(node, Apply) else ""
        lines.append(f"{_sizes(node.shape, sizes)} {held} {looks[node]}")
        if isinstance(node, Apply):
            is_sum = len(terms_of(node)) > 1
            waiting += reversed(sorted(node.arguments, key=looks.__getitem__) if is_sum else node.arguments)
    return lines


def _sizes(held: object, sizes: dict[str, str]) -> str:
    """Return sizes, and whatever holds them, the letters among them by the order in which they come."""
    if isinstance(held, tuple):
        return f"({' '.join(_sizes(x, sizes) for x in held)})"
    return sizes.setdefault(held, f"n{len(sizes)}") if isinstance(held, str) and held.isalpha() else str(held)


def _body(teller: Teller, link: Link) -> Expr:
    """Return what is differentiated in a link: a named value, or f as it was rewritten last."""
    q, rows = teller.question, teller.working.rewriting
    if link.through is not None:
        return dict(q.intermediates)[link.through]
    return rows[-1].right if rows else q.f
