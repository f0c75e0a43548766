"""The sizes at which a formula is checked: small numbers, distinct, in the place of letters and of large numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count, islice, permutations
from typing import NamedTuple

from ..algebra.expressions import OUTCOMES, Apply, Dimension, Expr, Index, Number, Symbol, walk
from ..algebra.operators.entries import numbered_places

SIZES = (5, 3, 4, 2, 6, 7, 8, 9)
LARGEST_KEPT = 8
"""A size written as a number that is no greater stays itself."""
SMALLER = (SIZES, (3, 2, 4), (2, 3), (2,))
"""What sizes are taken from; the later ones where Kronecker products would make large matrices of the first."""
MOST_CELLS = 10_000
"""How many entries a matrix may have at a point before smaller sizes are taken."""
MOST_MEMBERS = 1_000
"""How many values the indices of nested sums may take together before fewer are taken."""
FEW_MEMBERS = 4
"""How many members of a family are drawn where its number is written as a large number; they recur."""


class Dimensions(NamedTuple):
    """The sizes of a formula: the letters in their order, and the numbers that have a stand-in, the least first.

    `least` is what every stand-in exceeds: smaller sizes and the places of numbered entries stay what they are.
    """

    letters: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    least: int = 2
    avoided: frozenset[int] = frozenset()
    pool: tuple[int, ...] = SIZES

    @property
    def usual(self) -> dict[str, int]:
        """The sizes that are tried first."""
        return self.with_sizes([self.pool[k % len(self.pool)] for k in range(len(self.letters))])

    def others(self) -> Iterator[dict[str, int]]:
        """Yield the sizes with one of several letters above the sum of the rest, then with letters in other places."""
        first = [self.usual[name] for name in self.letters]
        for k in range(len(first) if 2 < len(first) < len(SIZES) // 2 + 1 else 0):
            yield self.with_sizes([*first[:k], sum(first[:k] + first[k + 1 :]) + 1, *first[k + 1 :]])
        for order in islice(permutations(first), 1, 30):
            yield self.with_sizes(order)

    def with_sizes(self, order: Sequence[int]) -> dict[str, int]:
        """Return the sizes, those of the numbers in the order of the numbers and above those of the letters.

        So what has more rows than columns still has, and may be inverted where it could be.
        """
        sizes = dict(zip(self.letters, order, strict=True))
        above = count(max(self.least, *order, 2) + 1)
        free = (k for k in above if k not in self.avoided)
        return sizes | dict(zip(self.numbers, free, strict=False))


def dimensions_of(
    nodes: Sequence[Expr], indices: Sequence[Index], claimed: Iterable[Expr], *, actual: bool
) -> Dimensions:
    """Return the sizes in a formula with these nodes; `actual` where numbers are to have no stand-ins.

    No stand-in is a number that the formula, or what is `claimed` of it, has anyway: it could be taken for it.
    """
    names = _names(nodes, indices)
    letters = tuple(x for x in names if not x.isdigit())
    numbers = sorted({int(x) for x in names if x.isdigit()})
    if not numbers:
        return _small_enough(Dimensions(letters), nodes)
    kept = {int(x) for x in _needed(nodes)} | {x for x in numbers if x <= LARGEST_KEPT}
    stood_in = () if actual else tuple(str(x) for x in numbers if x not in kept)
    small = [x for x in kept if x <= LARGEST_KEPT]
    pool = tuple(x for x in SIZES if x not in small) or SIZES
    least = max([*small, *(x for node in nodes for x in numbered_places(node) if x <= LARGEST_KEPT)], default=2)
    said = (*nodes, *(x for y in claimed for x in walk(y)))
    avoided = frozenset(abs(int(x.value)) for x in said if isinstance(x, Number))
    return _small_enough(Dimensions(letters, stood_in, least, avoided, pool), nodes)


def _small_enough(found: Dimensions, nodes: Sequence[Expr]) -> Dimensions:
    """Return the dimensions, with smaller sizes where a matrix would be too large."""
    shapes = {x.shape for x in nodes}
    for smaller in SMALLER[1:]:
        sizes = found.usual
        if all(size_of(rows + columns, sizes) <= MOST_CELLS for rows, columns in shapes):
            break
        found = found._replace(pool=smaller)
    return found


def has_stand_ins(f: Expr, definitions: Iterable[tuple[Symbol, Expr]]) -> bool:
    """Whether a size is written as a number that has a stand-in, unless something needs its value."""
    nodes = [x for root in (f, *(body for _, body in definitions)) for x in walk(root)]
    return any(x.isdigit() and int(x) > LARGEST_KEPT for x in _names(nodes))


def has_large_numbers(expressions: Iterable[Expr]) -> bool:
    """Whether a number occurs that could be a size with a stand-in."""
    numbers = [x.value for whole in expressions for x in walk(whole) if isinstance(x, Number)]
    return any(max(abs(x.numerator), x.denominator) > LARGEST_KEPT for x in numbers)


def _names(nodes: Sequence[Expr], indices: Sequence[Index] = ()) -> list[str]:
    """Return the names of all sizes: those of letters, of constant matrices, the ends of sums, and of all else."""
    letters = [x for x in nodes if isinstance(x, Symbol)]
    constants = [x for x in nodes if isinstance(x, Apply) and not x.arguments]
    names = [name for whole in (*letters, *constants) for name in sum(whole.shape, ())]
    ends = [x.upper for x in indices if x.upper and not x.upper.isdigit()]
    return list(dict.fromkeys([*names, *ends, *(name for x in nodes for size in x.shape for name in size)]))


def _needed(nodes: Sequence[Expr]) -> Iterator[str]:
    """Yield the sizes written as numbers whose value something needs: how many parts it has, an entry far behind."""
    for node in nodes:
        if not isinstance(node, Apply):
            continue
        own = {name for size in node.shape for name in size if name.isdigit()}
        if node.arguments:
            yield from own - {name for x in node.arguments for size in x.shape for name in size}
        if any(place > LARGEST_KEPT for place in numbered_places(node)):
            whole = node.arguments[0] if node.arguments else node
            yield from (name for size in whole.shape for name in size if name.isdigit())


def size_of(dimension: Dimension, sizes: Mapping[str, int]) -> int:
    """Return the number a dimension stands for."""
    result = 1
    for name in dimension:
        result *= int(name) if name.isdigit() and name not in sizes else sizes[name]
    return result


def cells(x: Expr, sizes: Mapping[str, int]) -> int:
    """Return how many entries `x` has."""
    rows, columns = (size_of(dimension, sizes) for dimension in x.shape)
    return rows * columns


def lengths_of(
    indices: Sequence[Index], sizes: Mapping[str, int], used: frozenset[str]
) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many values each index takes, and how many of them have members of their own.

    The others recur: x_i is x_{i mod k}. That is no restriction where only the members depend on the index; an index
    in `used`, whose value occurs, has all its values.
    """
    totals = {index.name: _length(index, sizes) for index in indices}
    drawn = dict(totals)
    for index in indices:
        if index.name not in used and index.upper.isdigit() and totals[index.name] > LARGEST_KEPT:
            drawn[index.name] = FEW_MEMBERS
    for most in (3, 2):
        if _product(drawn.values()) > MOST_MEMBERS:
            drawn |= {name: min(most, drawn[name]) for name in drawn if name not in used}
    return totals, drawn


def _product(numbers: Iterable[int]) -> int:
    result = 1
    for x in numbers:
        result *= x
    return result


def _length(index: Index, sizes: Mapping[str, int]) -> int:
    upper = index.upper
    last = OUTCOMES if index.mean else sizes.get(upper, int(upper) if upper.isdigit() else 4)
    return last - int(index.lower) + 1 if index.lower.isdigit() else last
