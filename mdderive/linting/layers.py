r"""Indices that authors write as exponents: the layer l of `z^l = W^l a^{l-1}`, the sample i of `x^i`.

Nobody differentiates by a power. So where a page has `\partial L/\partial z^l`, its l is an index wherever letters are
raised to it, to `l-1`, or to its capital; it is put in parentheses there, as those do who leave no doubt: `z^{(l)}`.
So is the star of the optimal cost `J^*`, which is differentiated, and the prime of `\partial z'`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from ..latex.pieces import Piece
from ..latex.vocabulary import FRACTIONS
from .derivatives import derivative_of, is_name, solid
from .statements import Chain, Member, latex_of, sign, statements

_POWERS = ("T", "H", "t")
"""Letters to which matrices are raised."""
MOST_BEFORE_STAR = 5
"""Of how many pieces the name before a star is made."""
_NO_BASES = ("e", "d")


def raised_indices(chains: Iterable[Chain]) -> frozenset[str]:
    r"""Return the letters that stand as exponents of variables: l of `\partial L/\partial z^l`, with their capitals."""
    found = {x for chain in chains for member in chain.members for y in _variables(member.pieces) for x in _raised(y)}
    every = {y for x in found for y in (x.lower(), x.removeprefix(r"\el").upper())}
    return frozenset(every - set(_POWERS) | (found & {"t"}))


def with_indices(chain: Chain, indices: Collection[str]) -> Chain:
    """Return a chain in which these letters stand in parentheses where a letter is raised to them."""
    return Chain([_respelled(x, _bracketed(x.pieces, indices)) for x in chain.members], chain.beside)


def _respelled(member: Member, pieces: tuple[Piece, ...]) -> Member:
    same = latex_of(pieces) == member.latex
    return member if same else replace(member, pieces=pieces, written=member.written or member.latex)


def marked_names(chains: Iterable[Chain]) -> frozenset[str]:
    r"""Return the names that are differentiated with a mark: `J*` of `\partial J^*/\partial x`, `z'` too."""
    members = [x.pieces for chain in chains for x in chain.members]
    starred = [y for x in members for y in _starred(x)]
    return frozenset(starred + [y for x in members if "'" in latex_of(x) for y in _primed(x)])


def _starred(pieces: tuple[Piece, ...]) -> Iterator[str]:
    derivative = derivative_of(pieces) if pieces else None
    body = solid(derivative.body) if derivative is not None else []
    for k in range(1, min(len(body) - 1, MOST_BEFORE_STAR)):
        if body[k].is_character("^") and is_star(body[k + 1]) and is_name(body[:k]):
            yield f"{latex_of(body[:k])}*"


def _primed(pieces: Sequence[Piece]) -> Iterator[str]:
    for piece, above in pairwise(pieces):
        inner = solid(above.items) if piece.is_macro(*FRACTIONS) else []
        if len(inner) > 2 and inner[0].is_macro("partial") and inner[-1].is_character("'"):
            name = [x for x in inner[1:] if not x.is_character("'")]
            if is_name(name):
                yield f"{latex_of(name)}'"
    for piece in pieces:
        if piece.items:
            yield from _primed(piece.items)


def with_marks(chain: Chain, names: Collection[str]) -> Chain:
    r"""Return a chain in which the marks of these names belong to them: `J^{(*)}` for `J^*`, `z^{(')}` for `z'`."""
    return Chain([_respelled(x, _with_marks(x.pieces, names)) for x in chain.members], chain.beside)


def _with_marks(pieces: Sequence[Piece], names: Collection[str]) -> tuple[Piece, ...]:
    made: list[Piece] = []
    for k, piece in enumerate(pieces):
        if k and pieces[k - 1].is_character("^") and is_star(piece) and _ends_with(pieces[: k - 1], names, "*"):
            made.append(_in_parentheses("*", piece))
        elif piece.is_character("'") and made and made[-1].kind == "group" and made[-1].text == "'":
            made[-1] = _in_parentheses(f"{latex_of(made[-1].items[1:-1])}'", piece)
        elif piece.is_character("'") and _ends_with(pieces[:k], names, "'") and not _is_applied(pieces[k:]):
            made += [Piece("character", "^", piece.start, piece.start), _in_parentheses("'", piece)]
        else:
            made.append(piece._replace(items=_with_marks(piece.items, names)) if piece.items else piece)
    return tuple(made)


def _ends_with(pieces: Sequence[Piece], names: Collection[str], mark: str) -> bool:
    return any(f"{latex_of(pieces[-n:])}{mark}" in names for n in range(1, MOST_BEFORE_STAR))


def _is_applied(pieces: Sequence[Piece]) -> bool:
    """Whether arguments or a power stand behind primes."""
    return any(x.is_character("(^") for x in [x for x in solid(pieces) if not x.is_character("'")][:1])


def _in_parentheses(mark: str, like: Piece) -> Piece:
    signs = (Piece("character", x, like.start, like.end) for x in f"({mark})")
    return Piece("group", mark[:1], like.start, like.end, tuple(signs))


def is_star(piece: Piece) -> bool:
    """Return whether a piece is the star of an optimal value."""
    return latex_of([piece]).strip("{} ") in ("*", r"\ast", r"\star")


def _variables(pieces: tuple[Piece, ...], depth: int = 0) -> Iterator[Sequence[Piece]]:
    """Yield what is differentiated by, in the derivative that the pieces are and in all fractions."""
    if not [x for x in pieces if x.items or x.text in ("partial", "nabla")]:
        return
    derivative = derivative_of(pieces) if not depth else None
    for latex in (derivative.variable, derivative.other) if derivative is not None else ():
        for chain in statements(latex, {})[:1] if "^" in latex else ():
            yield chain.members[0].pieces
    for k, piece in enumerate(pieces):
        if piece.text in FRACTIONS and piece.kind == "macro":
            behind = solid(pieces[k + 1 :])[1:2]
            below = solid(behind[0].items) if behind else []
            if below and below[0].is_macro("partial"):
                yield below[1:]
        if piece.items:
            yield from _variables(piece.items, depth + 1)


def _raised(pieces: Sequence[Piece]) -> Iterator[str]:
    """Yield the letters to which a name is raised; a t only where it is shifted, `t-1`: it may be a transpose."""
    for one, other in pairwise(solid(pieces)):
        letter = _index(other) if one.is_character("^") else ""
        if letter and (letter not in _POWERS or len(solid(other.items)) > 1):
            yield letter


def _index(script: Piece) -> str:
    """Return the letter of an exponent `l`, `{l}` or `{l-1}`, "" for any other."""
    inner = solid(script.items if script.kind == "group" else (script,))
    letter = sign(inner[0]) if inner else ""
    if letter != r"\ell" and not (letter.isascii() and letter.isalpha()):
        return ""
    shifted = len(inner) == 3 and inner[1].is_character("+-") and inner[2].text.isdecimal()
    return letter if len(inner) == 1 or shifted else ""


def _bracketed(pieces: Sequence[Piece], indices: Collection[str]) -> tuple[Piece, ...]:
    """Return the pieces with parentheses around these letters where a name is raised to them."""
    made: list[Piece] = []
    for piece in [x for x in pieces if x.kind != "blank"]:
        raised = bool(made) and made[-1].is_character("^") and _is_letter(made[:-1])
        if raised and _index(piece) in indices:
            start, end = piece.start, piece.end
            inside = piece.items if piece.kind == "group" else (piece,)
            brackets = (Piece("character", "(", start, start), Piece("character", ")", end, end))
            made.append(Piece("group", "", start, end, (brackets[0], *inside, brackets[1])))
        else:
            made.append(piece._replace(items=_bracketed(piece.items, indices)) if piece.items else piece)
            if piece.is_character("^"):
                _close(made)
    return tuple(made)


def _close(made: list[Piece]) -> None:
    r"""Put braces for the parentheses of `(a^{(l-1)})^T`, which the author needed for the exponent alone."""
    start = next((k for k in range(len(made) - 3, -1, -1) if made[k].is_character("(")), None)
    if start is None or not made[-2].is_character(")"):
        return
    inside = solid(made[start + 1 : -2])
    start -= start > 0 and made[start - 1].is_macro("left")
    indexed = any(x.is_character("^") and _is_bracketed(y) for x, y in pairwise(inside))
    if indexed and is_name(inside):
        made[start:-1] = [Piece("group", "", made[start].start, made[-2].end, tuple(inside))]


def _is_bracketed(script: Piece) -> bool:
    return script.kind == "group" and bool(script.items) and script.items[0].is_character("(")


def _is_letter(before: Sequence[Piece]) -> bool:
    """Whether a letter, perhaps with a script or in a face, ends here, and none such as e that is raised to powers."""
    last = [x for x in before if x.kind != "blank"][-4:]
    if len(last) > 2 and last[-2].is_character("_"):
        last = last[:-2]
    if not last or last[-1].text in _NO_BASES:
        return False
    return is_name(last[-1:]) or (last[-1].kind == "group" and is_name(last[-2:]))
