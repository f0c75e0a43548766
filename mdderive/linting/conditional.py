r"""Functions of several letters, some of them behind a bar or a semicolon: `p(t|w)`, `L(\theta; x)`.

For a density that the page defines, a bar is a comma. Where samples are listed, `f(x_1, \dots, x_n | \theta)`, they
stand in what it is defined as.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from ..latex.pieces import Piece
from ..latex.vocabulary import LOGARITHMS
from .derivatives import is_name, name_and_arguments, solid
from .statements import EQUALS, NESTING, Chain, latex_of, sign
from .surroundings import function_of

_BARS = ("|", r"\mid", r"\vert", ";")
_DOTS = ("dots", "ldots", "cdots")
_MARKED = re.compile(r"(?<!\\)[|;]|\\(?:mid|vert|[lc]?dots)")


def conditional_names(chains: Iterable[Chain]) -> frozenset[str]:
    """Return the names of the functions that the chains define with a bar or a semicolon between their letters."""
    return frozenset(_defined(chains))


def _defined(chains: Iterable[Chain]) -> Iterator[str]:
    for one, other in [pair for x in chains for pair in pairwise(x.members)]:
        if other.relation != EQUALS or not _MARKED.search(one.latex):
            continue
        inner = [x for x in solid(one.pieces) if not x.is_macro(*LOGARITHMS)]
        name, arguments = name_and_arguments(inner)
        barred = any(sign(x) in _BARS or x.is_macro(*_DOTS) for x in inner)
        if arguments and barred and function_of(name):
            yield function_of(name)


def with_commas(chain: Chain, names: Collection[str]) -> Chain:
    """Return a chain with commas for the bars between the letters of these functions."""
    members = []
    for x in chain.members:
        if not any(name in x.latex for name in names):
            members.append(x)
            continue
        alone = name_and_arguments(x.pieces)[1] is not None  # y_n = p(C_1|x_n) says what it is, and no value
        pieces = x.pieces if alone else _with_commas(x.pieces, names)
        members.append(x if pieces == x.pieces else replace(x, pieces=pieces, written=x.written or x.latex))
    return Chain(members, chain.beside)


def _with_commas(pieces: Sequence[Piece], names: Collection[str]) -> tuple[Piece, ...]:
    made: list[Piece] = []
    k = 0
    while k < len(pieces):
        piece = pieces[k]
        end = _end_of_call(pieces, k, names) if piece.is_character("(") and made else 0
        if end:
            made += _listed(pieces[k:end])
            k = end
            continue
        made.append(piece._replace(items=_with_commas(piece.items, names)) if piece.items else piece)
        k += 1
    return tuple(made)


def _end_of_call(pieces: Sequence[Piece], k: int, names: Collection[str]) -> int:
    """Return where the parentheses end that open at a place behind one of the names, 0 where none does."""
    before = [x for x in pieces[:k] if x.kind != "blank" and not x.is_macro("left", "big", "Big")]
    named = (before[-n:] for n in range(1, 6) if n <= len(before))
    if not any(is_name(x) and function_of(latex_of(x)) in names for x in named):
        return 0
    depth = 0
    for j in range(k, len(pieces)):
        depth += NESTING.get(sign(pieces[j]), 0)
        if depth == 0:
            return j + 1
    return 0


def _listed(call: Sequence[Piece]) -> Iterator[Piece]:
    """Yield parentheses with commas for bars, and without the samples that are listed with dots."""
    parts: list[list[Piece]] = [[]]
    for piece in call[1:-1]:
        if piece.is_character(",;|") or sign(piece) in _BARS:
            parts.append([])
        else:
            parts[-1].append(piece)
    dots = [k for k, x in enumerate(parts) if any(y.is_macro(*_DOTS) for y in x)]
    listed = range(0, dots[0] + 2) if dots else ()
    kept = [x for k, x in enumerate(parts) if k not in listed]
    yield call[0]
    for k, x in enumerate(kept):
        if k:
            yield Piece("character", ",", x[0].start if x else call[0].end, x[0].start if x else call[0].end)
        yield from x
    yield call[-1]
