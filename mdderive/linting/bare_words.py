r"""Words that authors write as names without a macro: `MSE`, `loss`, which TeX sets as products of letters.

A word is what a page defines alone on a left side, and differentiates or differentiates by: `loss = (y-wx)^2`,
`\partial loss/\partial w`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from ..latex.pieces import Piece
from ..latex.vocabulary import FRACTIONS
from .derivatives import derivative_of, solid
from .statements import EQUALS, Chain
from .surroundings import symbol_of

FEWEST = 3
"""How many letters such a word has at least: `AB` is a product."""


def bare_words(chains: Sequence[Chain]) -> frozenset[str]:
    """Return the words that the chains of a page define and differentiate, by letters that are none of theirs."""
    named = [x.members[0].pieces for x in chains if len(x.members) > 1 and x.members[1].relation == EQUALS]
    defined = {_first_word(x) for x in named if x and x[0].kind in ("blank", "character")}
    defined -= {""}
    return frozenset(x for x in _differentiated(chains) if x in defined) if defined else frozenset()


def with_words(chain: Chain, words: Collection[str]) -> Chain:
    """Return a chain with these words as names."""
    members = [
        replace(x, pieces=_named(x.pieces, words), written=x.written or x.latex) if _has(x.pieces, words) else x
        for x in chain.members
    ]
    return Chain(members, chain.beside)


def _first_word(pieces: Sequence[Piece]) -> str:
    """Return the word of which a left side consists but for scripts and arguments, "" without one."""
    inner = solid(pieces)
    word = _word_at(inner, 0)
    behind = inner[len(word) : len(word) + 1]
    return word if not behind or behind[0].is_character("(_^") else ""


def _word_at(pieces: Sequence[Piece], start: int) -> str:
    """Return the word of letters that begins at a place, "" where none does."""
    raised = start > 1 and pieces[start - 2].is_character("_^")  # the letter before is a script
    if start and _is_letter(pieces[start - 1]) and not raised and pieces[start - 1].text != "d":
        return ""
    end = start
    while end < len(pieces) and _is_letter(pieces[end]):
        end += 1
    return "".join(x.text for x in pieces[start:end]) if end - start >= FEWEST else ""


def _is_letter(piece: Piece) -> bool:
    return piece.kind == "character" and piece.text.isascii() and piece.text.isalpha()


def _differentiated(chains: Sequence[Chain]) -> Iterator[str]:
    for pieces in (x.pieces for chain in chains for x in chain.members):
        inner = solid(pieces)
        for k, piece in enumerate(inner):
            whole = piece.is_macro(*FRACTIONS)
            if not whole and not (k == 0 and piece.is_macro("nabla", "partial")):
                continue
            found = (derivative_of(inner[k : k + 3]) if whole else None) or derivative_of(inner[k:])
            if found is None:
                continue
            if found.variable.isalpha() and len(found.variable) >= FEWEST:
                yield found.variable
            word = _first_word(found.body)
            if word and (symbol_of(found.variable) or " ") not in word:
                yield word


def _has(pieces: Sequence[Piece], words: Collection[str]) -> bool:
    inner = solid(pieces)
    return any(_word_at(inner, k) in words for k in range(len(inner))) or any(
        _has(x.items, words) for x in inner if x.items
    )


def _named(pieces: Sequence[Piece], words: Collection[str]) -> tuple[Piece, ...]:
    made: list[Piece] = []
    k = 0
    while k < len(pieces):
        piece = pieces[k]
        word = _word_at(pieces, k)
        if word in words:  # behind a d too
            letters = pieces[k : k + len(word)]
            made.append(Piece("macro", "mathrm", piece.start, piece.start))
            made.append(Piece("group", "", piece.start, letters[-1].end, tuple(letters)))
            k += len(word)
            continue
        is_text = bool(made) and made[-1].is_macro("mathrm", "text", "operatorname", "mathit", "textrm", "mathsf")
        made.append(piece._replace(items=_named(piece.items, words)) if piece.items and not is_text else piece)
        k += 1
    return tuple(made)
