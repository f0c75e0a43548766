r"""Entries of functions that a page defines: `\sigma(a)_j = e^{a_j}/\sum_k e^{a_k}` says what `\sigma(a)_h` is too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..algebra.expressions import remembered
from ..latex.names import name_of
from ..latex.pieces import Piece
from .components import is_index
from .derivatives import has_derivative, is_name, solid
from .statements import DEFINES, EQUALS, latex_of
from .surroundings import Placed, letters_of, replaced, tree_of

MOST_PIECES = 6
"""How many pieces the name of a function may have."""


class EntryDefinition(NamedTuple):
    """`function_at = body`, where it stands in the page; the function with its arguments is one text."""

    function: str
    at: str
    body: str
    place: int


class _Entry(NamedTuple):
    """An entry of a function in a formula, and where it ends."""

    function: str
    at: str
    end: int


def entry_definitions(chains: Iterable[Placed]) -> tuple[EntryDefinition, ...]:
    """Return the entries that the chains of a page define."""
    return tuple(y for x in chains for y in _defined(x))


def _defined(placed: Placed) -> Iterator[EntryDefinition]:
    members = placed.chain.members
    entry = _entry_of(members[0].pieces) if len(members) > 1 and members[1].relation in (EQUALS, DEFINES) else None
    if entry is not None and not has_derivative(members[1].pieces) and letters_of(members[1].latex):
        yield EntryDefinition(entry.function, entry.at, members[1].latex, placed.start)


@remembered(maxsize=4096, beyond=True)
def _entry_of(pieces: tuple[Piece, ...]) -> _Entry | None:
    """Return the entry that a member is, None if it is anything else."""
    inner = solid(pieces)
    entry = _entry_at(inner, 0) if inner else None
    return entry if entry is not None and entry.end == len(inner) else None


def with_entries(pieces: Sequence[Piece], known: Sequence[EntryDefinition], place: int) -> tuple[Piece, ...]:
    """Return the pieces with what the page says of them in the place of entries of functions."""
    inner = list(pieces)
    made: list[Piece] = []
    k = 0
    while k < len(inner):
        entry = _entry_at(inner, k)
        body = _body(entry, known, place) if entry is not None else ""
        if entry is not None and body:
            made.append(Piece("character", rf"{{\left({body}\right)}}", inner[k].start, inner[entry.end - 1].end))
            k = entry.end
            continue
        piece = inner[k]
        made.append(piece._replace(items=with_entries(piece.items, known, place)) if piece.items else piece)
        k += 1
    return tuple(made)


def _body(entry: _Entry, known: Sequence[EntryDefinition], place: int) -> str:
    """Return what an entry is, "" where the page does not say it."""
    found = sorted(
        (x for x in known if x.function == entry.function), key=lambda x: (x.place > place, abs(x.place - place))
    )
    tree = tree_of(found[0].body) if found else None
    if tree is None:
        return ""
    old, new = found[0].at, entry.at
    bound = {x.text for x in tree.walk() if x.head == "sum_over"}
    if new in bound or old in bound:
        return ""
    swaps = {x: str(name_of(x).with_index(old, new)) for x in letters_of(found[0].body)}
    return replaced(found[0].body, tree, {x: y for x, y in swaps.items() if x != y})


def _entry_at(pieces: Sequence[Piece], k: int) -> _Entry | None:
    r"""Return the entry `\sigma(a)_j` that begins at `k`, None if none does."""
    if pieces[k].kind not in ("character", "macro"):
        return None
    for start in range(k + 1, min(k + MOST_PIECES, len(pieces))):
        opening = start + (1 if pieces[start].is_macro("left") else 0)
        if opening < len(pieces) and pieces[opening].is_character("("):
            return _entry_with(pieces, k, start, opening)
        if not is_name(solid(pieces[k : start + 1])) and pieces[start].kind == "character":
            return None
    return None


def _entry_with(pieces: Sequence[Piece], k: int, start: int, opening: int) -> _Entry | None:
    """Return the same, the parentheses of the arguments being found."""
    close = next((j for j in range(opening, len(pieces)) if pieces[j].is_character(")")), 0)
    if not close or not is_name(solid(pieces[k:start])) or close + 2 >= len(pieces):
        return None
    sign, script = pieces[close + 1], pieces[close + 2]
    index = latex_of(script.items if script.kind == "group" else (script,)).strip()
    if not sign.is_character("_") or not is_index(index):
        return None
    return _Entry(latex_of(solid(pieces[k : close + 1])), index, close + 3)
