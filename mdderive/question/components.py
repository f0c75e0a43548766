"""Vectors by their components: columns written as tuples, and letters that occur by their entries alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ..latex.tree import Syntax
from .kinds import Declaration


def with_column(tree: Syntax) -> Syntax:
    """Return a formula, or an equation, whose value is written `(a, b)` or `(a, b)^T`, with that as a column."""
    if tree.head == "equation":
        left, right = tree.arguments
        return tree.but(arguments=(left, with_column(right)))
    items = components_of(tree)
    if not items or len(items) == 1:
        return tree
    return tree.but(head="entries", arguments=items, text=f"{len(items)} 1")


def components_of(tree: Syntax) -> tuple[Syntax, ...]:
    """Return the components of a column, `(a, b)`, `(a, b)^T` or one in rows; none of anything else."""
    inner = tree.arguments[0].ungrouped if tree.head == "transpose" else tree
    if inner.head == "entries":
        rows, columns = map(int, inner.text.split())
        across = tree.head == "transpose"
        return inner.arguments if (rows if across else columns) == 1 else ()
    return inner.arguments if inner.head == "tuple" and inner.text in ("(", "[") else ()


def listed_entries(left: Syntax, right: Syntax) -> int:
    r"""Return how many entries `x = (x_1, x_2, x_3)^\top` lists of x, which are all of them; 0 of anything else."""
    items = components_of(right)
    own = left.head == "symbol" and [x.text for x in items] == [f"{left.text}_{k}" for k in range(1, len(items) + 1)]
    return len(items) if own else 0


def sizes_of_entries(
    trees: Iterable[Syntax], variables: Sequence[Syntax], declared: Collection[str]
) -> dict[str, Declaration]:
    """Return the size of every variable that occurs by numbered entries alone, all from the first to the last."""
    letters = [x for tree in trees for x in tree.walk() if x.head == "symbol"]
    found: dict[str, Declaration] = {}
    for variable in variables:
        places = {x.subscript for x in letters if x.base == variable.text and x.subscript}
        whole = any(x.text == variable.text for x in letters) or variable.text in declared
        if not whole and len(places) > 1 and places == {str(k) for k in range(1, len(places) + 1)}:
            found[variable.text] = Declaration(str(len(places)), "1", "column")
    return found
