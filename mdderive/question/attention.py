r"""The softmax of attention: in `\operatorname{softmax}(QK^\top/\sqrt d)V` every row of the weights adds up to one.

The rows of Q, K and V are the queries, keys and values there; who writes them as columns writes
`V\operatorname{softmax}(K^\top Q/\sqrt d)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..algebra.operators.softmax import softmax
from ..errors import Span
from ..latex.tree import Syntax

_TURNED = ("transpose", "prime")


def lines_of_attention(nodes: Iterable[Syntax]) -> Mapping[Span, str]:
    """Return of every softmax that is surely that of attention whether it acts on the "rows" or the "columns"."""
    found: dict[Span, str] = {}
    for node in nodes:
        factors = node.arguments if node.head == "product" else (node,)
        for k, x in enumerate(factors):
            if x.head == "call" and x.text == softmax.name:
                lines = _lines(x, behind=k + 1 < len(factors), before=k > 0)
                if lines and x.span not in found:
                    found[x.span] = lines
    return found


def _lines(call: Syntax, *, behind: bool, before: bool) -> str:
    r"""Return what the weights of a softmax are, with factors behind or before it; "" where that is not clear."""
    scores, scaled = _scores(call.arguments[0].ungrouped)
    if scores.head != "product" or len(scores.arguments) < 2:
        return ""
    first, last = (x.head in _TURNED for x in (scores.arguments[0], scores.arguments[-1]))
    if last and not first and (scaled or behind):
        return "rows"
    return "columns" if first and not last and before and not behind else ""


def _scores(node: Syntax) -> tuple[Syntax, bool]:
    r"""Return `QK^\top` of `QK^\top/\sqrt d`, and whether it is divided by a root."""
    if node.head in ("fraction", "slash"):
        above, below = (x.ungrouped for x in node.arguments)
        return above, below.head == "sqrt"
    if node.head == "product" and node.arguments[0].head == "fraction":
        scale, *others = node.arguments
        inner = others[0].ungrouped if len(others) == 1 else Syntax("product", tuple(others), node.span)
        return inner, scale.arguments[1].ungrouped.head == "sqrt"
    return node, False
