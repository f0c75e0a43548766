r"""Macros of a page that nothing on it defines, as `\bx`: letters, as whoever keeps them elsewhere means them.

A claim that holds whatever these letters are is true. Against an author they say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from ..algebra.expressions import remembered
from ..errors import DeriveError
from ..latex.grammar import parse
from ..latex.pieces import Piece
from ..latex.tree import MacroDefinition
from ..question.marker import spellings
from .derivatives import may_hold_derivative
from .statements import statements
from .surroundings import symbol_of

_MACRO = re.compile(r"\\[A-Za-z]+")
_BEFORE, _BEHIND = "bv", ("vec", "mat", "v")
"""With what authors say in the name of a macro that a letter is bold: `\\bx`, `\\thetav`, `\\Xmat`."""


def letters_for_unknown(formulas: Iterable[str], macros: Mapping[str, MacroDefinition]) -> dict[str, MacroDefinition]:
    """Return the macros in formulas that nobody defines and that take no argument, each as a letter."""
    names = {x for latex in formulas if _may_be_unknown(latex, macros) for x in _unknown_in(latex, macros)}
    found: dict[str, MacroDefinition] = {}
    for name in sorted(names):
        taken = {x.body for x in found.values()}
        found[f"\\{name}"] = MacroDefinition(next(x for x in _letters(name) if x not in taken))
    return found


def unknown_in(texts: Sequence[str], letters: Mapping[str, MacroDefinition]) -> str:
    """Return the macro whose letter stands in one of the texts, "" without one."""
    return next((name for name, x in letters.items() if any(x.body in text for text in texts)), "")


def _may_be_unknown(latex: str, macros: Mapping[str, MacroDefinition]) -> bool:
    """Whether a formula has a macro that is not known, or one of the author, whose body may have one."""
    return any(x in macros or is_unknown(x[1:]) for x in _MACRO.findall(latex))


def _unknown_in(latex: str, macros: Mapping[str, MacroDefinition]) -> Iterator[str]:
    for chain in statements(latex, macros):
        for member in chain.members:
            yield from _unknown(member.pieces)


def _unknown(pieces: Sequence[Piece]) -> Iterator[str]:
    inner = [x for x in pieces if x.kind != "blank"]
    for piece, behind in zip_longest(inner, inner[1:]):
        alone = behind is None or not (behind.kind == "group" or behind.is_character("["))
        if piece.kind == "macro" and alone and is_unknown(piece.text):
            yield piece.text
        yield from _unknown(piece.items)


@remembered(maxsize=2048, beyond=True)
def is_unknown(name: str) -> bool:
    """Return whether no macro is known by a name, and none such as `\\grad` that differentiates."""
    if may_hold_derivative(f"\\{name}"):
        return False
    try:
        parse(f"\\{name}", spellings())
    except DeriveError as error:
        return error.code == "E124"
    except RecursionError:
        return False
    return False


def _letters(name: str) -> Iterator[str]:
    """Yield what a macro may stand for: a bold letter, or a word."""
    bare = [name[1:]] if len(name) == 2 and name[0] in _BEFORE else [name] if len(name) == 1 else []
    bare += [name[: -len(x)] for x in _BEHIND if name.endswith(x)]
    for letter in bare:
        if len(letter) == 1:
            yield rf"\mathbf{{{letter}}}"
        elif letter and symbol_of(f"\\{letter}"):
            yield rf"\boldsymbol{{\{letter}}}"
    yield rf"\mathrm{{{name}}}"
