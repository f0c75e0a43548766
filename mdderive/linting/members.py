r"""The right side of a claim: letters in the place of the differentials and the derivatives that it is written in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..latex.names import name_of
from ..latex.pieces import Piece, plain_pieces
from ..latex.tree import Syntax
from ..latex.vocabulary import CLOSING
from .derivatives import (
    TRANSPOSES,
    Derivative,
    derivative_of,
    differential_at,
    has_derivative,
    name_and_arguments,
    solid,
)
from .statements import NESTING, encloses, latex_of, sign
from .surroundings import replaced, symbol_of, tree_of
from .worlds import direction_name

_OPENING, _CLOSING = Piece("character", "(", 0, 0), Piece("character", ")", 0, 0)


def without_derivatives(pieces: Sequence[Piece]) -> tuple[str, tuple[tuple[str, Derivative], ...]] | None:
    r"""Return LaTeX in which letters stand for the fractions `\frac{\partial L}{\partial Y}`, and what each stands for.

    None if it is written in derivatives in any other way.
    """
    found: dict[str, tuple[str, Derivative]] = {}
    made: list[Piece] = []
    k = 0
    solid = [x for x in pieces if x.kind != "blank"]
    while k < len(solid):
        derivative = derivative_of(solid[k : k + 3]) if solid[k].kind == "macro" and "frac" in solid[k].text else None
        if derivative is not None and derivative.order == "first" and symbol_of(derivative.variable):
            key = f"{derivative.f}/{derivative.variable}"
            letter = symbol_of(rf"\bar{{{derivative.variable}}}")
            if not letter:
                return None
            found.setdefault(key, (letter, derivative))
            group = Piece("group", "", solid[k].start, solid[k + 2].end, (Piece("character", letter, 0, 0),))
            k += 3
            made += [_OPENING, group, _CLOSING] if _begin_with_factor(solid[k:]) else [group]
            continue
        if has_derivative(solid[k : k + 1]) or has_derivative(solid[k : k + 2]):
            return None
        made.append(solid[k])
        k += 1
    return latex_of(made), tuple(found.values())


def primes_spelled_out(pieces: Sequence[Piece], variable: str) -> tuple[Piece, ...]:
    r"""Return the pieces with `\frac{d}{dx}(u)` for every `(u)'`, as they are where there is none."""
    found: list[Piece] = []
    opened: list[int] = []
    closed: int | None = None
    for piece in pieces:
        inner = latex_of(piece.items or (piece,)).strip()
        if closed is not None and inner in ("'", r"\prime") and (piece.text == "'" or found[-1].is_character("^")):
            del found[len(found) - found[-1].is_character("^") :]
            found[closed:closed] = plain_pieces(rf"\frac{{d}}{{d {variable}}}") or ()
            closed = None
            continue
        depth = NESTING.get(sign(piece), 0)
        if depth > 0:
            opened.append(len(found))
        if piece.kind != "blank" and not piece.is_character("^"):
            closed = opened.pop() if depth < 0 and opened else None
        found.append(piece._replace(items=primes_spelled_out(piece.items, variable)) if piece.items else piece)
    return tuple(found)


def _begin_with_factor(pieces: Sequence[Piece]) -> bool:
    r"""Whether the pieces begin with `(a^{(l-1)})^\top` or `(1-a)`, which is a factor and no point."""
    end = next((k + 1 for k in range(len(pieces)) if encloses(pieces[: k + 1])), len(pieces))
    if end < len(pieces) and any(x.is_character("+-") for x in pieces[:end]) and pieces[1].is_character("1"):
        return True
    if end + 1 >= len(pieces) or not pieces[end].is_character("^"):
        return False
    return latex_of(pieces[end + 1].items or pieces[end + 1 : end + 2]).strip() in TRANSPOSES


class Antiderivative(NamedTuple):
    r"""What a sum of derivatives is the derivative of: `f + cg` for `\nabla f + c\nabla g`, and its factors, c."""

    latex: str
    factors: str


def antiderivative(pieces: Sequence[Piece], variable: str) -> Antiderivative | None:
    """Return what the pieces are the derivative of by a variable that no factor holds; None for anything else."""
    if not has_derivative(pieces):
        return None
    terms: list[list[Piece]] = [[]]
    depth, bars = 0, False
    for piece in solid(pieces):
        depth += NESTING.get(sign(piece), 0)
        bars ^= sign(piece) in ("|", r"\|", r"\Vert", r"\vert")
        if depth == 0 and not bars and piece.is_character("+-") and terms[-1]:
            terms.append([])
        terms[-1].append(piece)
    found = [_integrated(term, variable) for term in terms]
    if not all(found):
        return None
    return Antiderivative("".join(x.latex for x in found if x), " ".join(x.factors for x in found if x))


def _integrated(term: Sequence[Piece], variable: str) -> Antiderivative | None:
    """Return the same of one term: factors, then a derivative by the variable."""
    for k in range(len(term)):
        derivative = derivative_of(term[k:]) if k == 0 or not has_derivative(term[:k]) else None
        if derivative is None or derivative.factor or derivative.order != "first":
            continue
        if derivative.other or derivative.point or symbol_of(derivative.variable) != variable:
            return None
        factors = latex_of(term[:k])
        if name_of(variable).letter in factors or (k and term[k - 1].is_character("^_")):
            return None
        bare = k and (term[k - 1].text.isalpha() or sign(term[k - 1]) in CLOSING) and not ends_with_range(term[:k])
        return Antiderivative(rf"{factors}{chr(92) + 'cdot ' if bare else ''}({derivative.f})", factors)
    return None


def ends_with_range(pieces: Sequence[Piece]) -> bool:
    r"""Return whether the pieces end with `\sum_{i=1}^n`."""
    at = next((k for k, x in reversed(list(enumerate(pieces))) if x.is_macro("sum")), None)
    return (
        at is not None
        and len(pieces) - at <= 5
        and all(k % 2 == 0 or x.is_character("_^") for k, x in enumerate(pieces[at:]) if k)
    )


def is_of_first_order(pieces: Sequence[Piece]) -> bool:
    r"""Return whether no term holds two differentials, as one of Ito's rule does: `dS = S dX + \frac12 S dX^2`."""
    names: dict[str, int] = {}
    tree = tree_of(without_differentials(pieces, names))
    return tree is None or _order_of(tree, {direction_name(k, x) for x, k in names.items()}) < 2


def _order_of(tree: Syntax, directions: Collection[str]) -> int:
    """Return how many of the letters stand in the term of a formula that has most of them."""
    if tree.head == "symbol":
        return int(tree.text in directions)
    inner = [_order_of(x, directions) for x in tree.arguments]
    if tree.head == "add":
        return max(inner)
    if tree.head == "power" and tree.arguments[1].head == "number" and inner[0]:
        return int(inner[0] * max(tree.arguments[1].value or 0, 1))
    return sum(inner)


def along_direction(claimed: str, direction: str, derivatives: Sequence[Derivative]) -> tuple[str, list[Derivative]]:
    """Return the claim with the letter of a differential for the direction, and the derivatives with their variable."""
    given = [x.variable or _only_argument(x) for x in derivatives]
    variable = next((x for x in given if x), "")
    tree = tree_of(claimed)
    if tree is not None and variable:
        claimed = replaced(claimed, tree, {symbol_of(direction): direction_name(0, variable)})
    return claimed, [replace(x, variable=variable) for x in derivatives]


def without_differentials(pieces: Sequence[Piece], names: dict[str, int]) -> str:
    r"""Return a differential's LaTeX with `\mathrm{d}X` as the letter \Delta_k; `names` gets the variables' numbers."""
    found: list[Piece] = []
    k = 0
    while k < len(pieces):
        inside = differential_at(pieces, k + 1) if pieces[k].is_character("(") else None
        if inside is not None and inside[1] < len(pieces) and pieces[inside[1]].is_character(")"):
            pieces = [*pieces[:k], *pieces[k + 1 : inside[1]], *pieces[inside[1] + 1 :]]
        hit = differential_at(pieces, k)
        if hit is not None:
            name, end = hit
            number = names.setdefault(name, len(names))
            found.append(Piece("character", direction_name(number, name), pieces[k].start, pieces[end - 1].end))
            k = end
            continue
        piece = pieces[k]
        if piece.items:
            inner = without_differentials(piece.items, names)
            piece = piece._replace(kind="character", text="{" + inner + "}", items=())
        found.append(piece)
        k += 1
    return latex_of(found)


def _only_argument(derivative: Derivative) -> str:
    """Return x for the derivative of `f(x)`, "" where f has no argument or several."""
    arguments = name_and_arguments(derivative.body)[1]
    return arguments[0] if arguments is not None and len(arguments) == 1 else ""
