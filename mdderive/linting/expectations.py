r"""Integrals and expectations as sums, for what holds for any functions: `E_{x\sim p}[g(x)]` as `\sum_x p(x) (g(x))`.

Both are linear in what they go over, and so is a sum over finitely many values with any weights. An expectation of
which it is not said over what it is taken goes over the density whose derivative stands in the claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..latex.names import name_of
from ..latex.pieces import Piece
from ..latex.vocabulary import CLOSING, OPENING, UPRIGHT
from .derivatives import differential_at, is_name, name_and_arguments, solid
from .statements import NESTING, end_of_term, latex_of, sign, statements
from .surroundings import letters_of, symbol_of

_ANY = r"\mathring{p}"
"""A density that does not depend on the variable."""


class Density(NamedTuple):
    """A density as it is written, `p_\\theta(x|y)`, and the letters over which it is summed."""

    pieces: tuple[Piece, ...]
    over: tuple[str, ...]


def densities(names: Iterable[tuple[str, Sequence[str]]], variable: str) -> Iterator[Density | None]:
    """Yield over what an expectation may go of which that is not said, with functions differentiated in the claim.

    First each of these as the density, then one that does not depend on the variable, then nothing.
    """
    letters: dict[str, None] = {}
    for name, arguments in names:
        over = _other_letters(arguments, variable)
        letters |= dict.fromkeys(over)
        if over:
            yield _density(name, arguments, over)
    if letters:
        yield _density(_ANY, letters, letters)
    yield None


def _density(name: str, arguments: Iterable[str], over: Iterable[str]) -> Density:
    chain = statements(f"{name}({','.join(arguments)})", {})[0]
    return Density(chain.members[0].pieces, tuple(over))


def _other_letters(arguments: Iterable[str], variable: str) -> tuple[str, ...]:
    return tuple(y for x in arguments for y in letters_of(x) if y != variable)


def holds_expectation(pieces: Sequence[Piece]) -> bool:
    """Return whether an integral or an expectation stands in the pieces."""
    inner = solid(pieces)
    at = any(x.is_macro("int") or _behind_expectation(inner, k) for k, x in enumerate(inner))
    return at or any(holds_expectation(x.items) for x in inner if x.items)


def as_sums(pieces: Sequence[Piece], density: Density | None, variable: str) -> list[Piece] | None:
    """Return the pieces with sums for the integrals and expectations; None where it is not known over what they go."""
    inner = [x for x in solid(pieces) if not x.is_macro("big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr")]
    made: list[Piece] = []
    k = 0
    while k < len(inner):
        behind = _behind_expectation(inner, k)
        if inner[k].is_macro("int"):
            found = _of_integral(inner, k)
        elif behind:
            found = _of_expectation(inner, behind, density, variable)
        else:
            piece = inner[k]
            within = as_sums(piece.items, density, variable) if piece.items else []
            if within is None:
                return None
            made.append(piece._replace(items=tuple(within)) if piece.items else piece)
            k += 1
            continue
        within = as_sums(found[0].body, density, variable) if found is not None else None
        if found is None or within is None:
            return None
        made += [*_sum_over(found[0].over, inner[k]), *found[0].weight, *within]
        k = found[1]
    return made


class _Total(NamedTuple):
    over: tuple[str, ...]
    weight: Sequence[Piece]
    body: Sequence[Piece]


def _sum_over(letters: Sequence[str], like: Piece) -> Iterator[Piece]:
    r"""Yield `\sum_{x,y\in\Omega}`."""
    yield Piece("macro", "sum", like.start, like.start)
    yield Piece("character", "_", like.start, like.start)
    inside = (Piece("character", rf"{','.join(letters)}\in\Omega", like.start, like.start),)
    yield Piece("group", "", like.start, like.start, inside)


def _of_integral(pieces: Sequence[Piece], k: int) -> tuple[_Total, int] | None:
    r"""Return what the integral at `k` goes over, and where it ends: `\int dx\,g(x)p(x)`, `\int g(x)p(x)dx`."""
    start = k + 1
    while start + 1 < len(pieces) and pieces[start].is_character("_^"):
        start += 2
    end = end_of_term(pieces, start, "+-") if start < len(pieces) else start
    body: list[Piece] = []
    over: list[str] = []
    j, depth = start, 0
    while j < end:
        depth += NESTING.get(sign(pieces[j]), 0)
        hit = differential_at(pieces, j) if depth == 0 else None
        if hit is None:
            body.append(pieces[j])
            j += 1
        else:
            over += letters_of(hit[0])
            j = hit[1]
    return (_Total(tuple(over), (), body), end) if over else None


def _behind_expectation(pieces: Sequence[Piece], k: int) -> int:
    r"""Return where the sign of an expectation at `k` ends, `\mathbb{E}`, before its subscript; 0 if none is there."""
    piece = pieces[k]
    faced = piece.is_macro(*UPRIGHT, "mathbb", "mathds") and k + 1 < len(pieces)
    if faced and latex_of([pieces[k + 1]]).strip("{}") == "E":
        end = k + 2
    elif piece.is_character("E") or piece.is_macro("E", "EE"):
        end = k + 1
    else:
        return 0
    start = end + 2 if end < len(pieces) and pieces[end].is_character("_") else end
    opens = start < len(pieces) and sign(pieces[start]) in OPENING
    return end if opens and (start > end or not pieces[start].is_character("(")) else 0


def _of_expectation(
    pieces: Sequence[Piece], behind: int, density: Density | None, variable: str
) -> tuple[_Total, int] | None:
    """Return what an expectation with its argument at `behind` goes over, weighed by its density, and where it ends."""
    opening = behind + 2 if pieces[behind].is_character("_") else behind
    depth, end = 0, len(pieces)
    for j in range(opening, len(pieces)):
        depth += NESTING.get(sign(pieces[j]), 0)
        if depth == 0:
            end = j + 1
            break
    weight = _said_density(pieces[behind + 1], density, variable) if opening > behind else density
    if weight is None or sign(pieces[end - 1]) not in CLOSING:
        return None
    brackets = (Piece("character", "(", 0, 0), Piece("character", ")", 0, 0))
    return _Total(weight.over, weight.pieces, (brackets[0], *pieces[opening + 1 : end - 1], brackets[1])), end


def _said_density(script: Piece, density: Density | None, variable: str) -> Density | None:
    r"""Return the density that `x\sim p(\cdot|\theta)` or `p_\theta(x)` says, the one given for a letter alone.

    What x is distributed by without a word of the variable, as in `\mathcal N(0, 1)`, is a density all the same.
    """
    inside = solid(script.items if script.kind == "group" else (script,))
    at = next((k for k, x in enumerate(inside) if x.is_macro("sim")), 0)
    letters = letters_of(f"({latex_of(inside[:at])})") if at else ()
    by = inside[at + 1 :] if at else inside
    name, given = name_and_arguments(by)
    if at and letters and variable not in letters_of(latex_of(by)) and name_of(variable).letter not in latex_of(by):
        return _density(_ANY, letters, letters)
    if given is not None and letters:
        given = tuple(letters[0] if x.strip() == r"\cdot" else x for x in given)
    elif is_name(by) and letters:
        if density is not None and density.over[:1] == letters and _ANY not in latex_of(density.pieces):
            return density  # of trajectories, \tau\sim\pi_\theta
        given = letters
    elif given is None:
        return density if symbol_of(latex_of(inside)) and density is not None else None
    over = _other_letters(given, variable)
    return _density(name, given, over) if over else None
