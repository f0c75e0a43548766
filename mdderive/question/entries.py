r"""Telling entries from members: `x_i` in a sum over i is an entry where x itself occurs, else a member of a family.

`\sum_i x_i^2` differentiated by x speaks of the entries of x; `\sum_i \|x_i-\mu\|^2` of vectors x_1, x_2, ... This
pass runs before any shape is known: it turns symbols that are entries into nodes of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..latex.names import entry_indices
from ..latex.tree import Syntax


def whole_letters(trees: Iterable[Syntax]) -> frozenset[str]:
    """Return the letters that occur as a whole in the trees."""
    return frozenset(x.text for root in trees for x in root.walk() if x.head == "symbol")


def with_entries(f: Syntax, variables: Sequence[Syntax], wholes: frozenset[str] = frozenset()) -> Syntax:
    """Return `f` with the entries of letters that occur as a whole, in it, in the variables or elsewhere (`wholes`).

    Within a sum that has such an entry, every letter with its index is an entry.
    """
    named = {x.text for x in variables}
    return _visit(f, wholes | whole_letters((f, *variables)), named, ())


def _visit(node: Syntax, wholes: frozenset[str], variables: set[str], opened: tuple[str, ...]) -> Syntax:
    if node.head == "sum_over":
        opened = (*opened, node.text)
        if len(opened) == 1 and not _speaks_of_entries(node, wholes):
            return node
    if node.head == "symbol" and _is_entry(node, variables, opened):
        whole = replace(node, text=node.base, subscript="")
        return Syntax("subscripted", (whole,), node.span, text=node.subscript)
    visited = tuple([_visit(x, wholes, variables, opened) for x in node.arguments])
    same = all(a is b for a, b in zip(visited, node.arguments, strict=True))
    return node if same else replace(node, arguments=visited)


def _is_entry(symbol: Syntax, variables: set[str], opened: tuple[str, ...]) -> bool:
    """Whether the subscript of `symbol` holds indices that are summed over; or numbers, of a variable."""
    letters = entry_indices(symbol.subscript)
    if not letters or not symbol.base or symbol.index:
        return False
    if any(x in opened for x in letters):
        return all(x in opened or x.isdigit() for x in letters)
    return symbol.base in variables and symbol.text not in variables and all(x.isdigit() for x in letters)


def _speaks_of_entries(total: Syntax, wholes: frozenset[str]) -> bool:
    """Whether an entry of a letter that occurs as a whole, or of a formula, stands in the sum `total`."""
    opened = {x.text for x in total.walk() if x.head == "sum_over"}
    for node in total.walk():
        indexed = opened & set(entry_indices(node.subscript if node.head == "symbol" else node.text))
        if indexed and (node.head == "subscripted" or (node.head == "symbol" and node.base in wholes)):
            return True
    return False
