"""What the page defines a letter as: itself, a family of which it is a member, or a derivative that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from ..latex.names import name_of, undressed
from .arguments import is_value
from .components import base_of, free_indices
from .definitions import PageDefinition
from .surroundings import Surroundings, letters_of, symbol_of, tree_of

Swaps = tuple[tuple[str, str], ...]
"""Indices, each with the one that takes its place."""


def defined_as(name: str, place: int, around: Surroundings) -> list[PageDefinition]:
    r"""Return the definitions of a function, of `\log L` also what L is defined as; else those on earlier pages."""
    own: list[PageDefinition] = []
    for look_up in (around.defined, around.earlier):
        found = look_up(name, place) or list(_of_sample(name, look_up, place))
        inner = name.removeprefix(r"\log ")
        if not any(x.body for x in found) and inner != name:
            found = [replace(x, body=rf"\log({x.body})") for x in look_up(inner, place) if x.body]
        if any(x.body and not is_of_itself(x) for x in found):
            return found
        own = own or found
    return own


def is_of_itself(definition: PageDefinition) -> bool:
    r"""Return whether a definition says what a function is by the function: `L(T, Y) = \sum_i L(t_i, y_i)`."""
    tree = tree_of(definition.body)
    pairs = (pairwise(x.arguments) for x in tree.walk() if x.head in ("product", "applied")) if tree is not None else ()
    return any(
        one.text == definition.name and one.head == "symbol" and other.head in ("group", "tuple")
        for found in pairs
        for one, other in found
    )


def _of_sample(name: str, look_up: Callable[[str, int], list[PageDefinition]], place: int) -> Iterator[PageDefinition]:
    r"""Yield what L_i is where the page says what `L(y_i, t_i)` is."""
    index = free_indices(name)
    for x in look_up(base_of(name), place) if len(index) == 1 else ():
        if x.body and x.arguments and all(index[0] in free_indices(y) for y in x.arguments):
            yield replace(x, name=name, arguments=None)


def has_rivals(definition: PageDefinition, place: int, around: Mapping[str, Sequence[PageDefinition]]) -> bool:
    """Whether a name such as f_c is defined between the definition of f and a place, which may be meant too."""
    alike = [x for name in around if base_of(name) == definition.name != name for x in around[name]]
    return any(definition.place <= x.place <= place for x in alike)


def definitions_of(letter: str, place: int, around: Surroundings) -> Iterator[PageDefinition]:
    """Yield the definitions of a letter, of the family of which it is a member, or of the letter without index."""
    same = [x for x in around.definitions if free_indices(x) and base_of(x) == base_of(letter) != letter]
    for name in dict.fromkeys((letter, *(x for x, _ in _relatives(letter, around)), *same, base_of(letter))):
        for x in around.defined(name, place):
            plain = x.arguments is None and x.body and not symbol_of(x.body) and tree_of(x.body) is not None
            plain = plain and (name != base_of(letter) or name == letter or not is_value(x))
            if plain and letter not in letters_of(x.body):
                yield x


def of_entries(letter: str, place: int, around: Surroundings) -> Iterator[PageDefinition]:
    r"""Yield what a letter is by its entries, each a function of another: `\phi(H)` where `A_{ij} = \phi(H_{ij})`."""
    plain = (
        not name_of(letter).scripts and not name_of(letter).is_capital
    )  # most letters, whose edits are to cost little
    for name in () if plain else around.entries_of(letter):
        for x in around.defined(name, place):
            function, _, entry = x.body.removesuffix(")").partition("(")
            inner = symbol_of(entry)
            if symbol_of(function) and inner and free_indices(inner) == free_indices(name) != ():
                yield replace(x, name=letter, body=f"{function}({name_of(inner).without_subscript})")


def _relatives(letter: str, around: Surroundings) -> Iterator[tuple[str, Swaps]]:
    r"""Yield the names of the family of a letter, at its step, with its indices: `z_j^{(l+1)}` for `z_k^{(l+1)}`."""
    own, indices = name_of(letter), free_indices(letter)
    index, by = own.step
    for known in around.definitions if indices else ():
        theirs = free_indices(known)
        name = name_of(known).stepped(index, by) if index else name_of(known)
        alike = base_of(known) == base_of(letter) and len(theirs) == len(indices)
        if alike and name is not None and name.family(theirs) == own.family(indices):
            yield str(name), tuple(zip(theirs, indices, strict=True))


def with_indices(letter: str, swaps: Swaps) -> str:
    """Return a letter with other indices in the place of its own."""
    name = name_of(letter)
    for old, new in swaps:
        name = name.with_index(old, new)
    return str(name)


def is_alike(one: str, other: str) -> bool:
    """Return whether two letters may be entries of one, at one step: `z_j^{(l+1)}` and `z_j^{(l)}` are not."""
    return undressed(base_of(one)) == undressed(base_of(other)) and name_of(one).step == name_of(other).step


def letters_for_derivatives(name: str, variable: str, claimed: str, place: int, around: Surroundings) -> dict[str, str]:
    """Return the letters of a claim that the text defines as derivatives of `name`, with their variables."""
    found = {x: _through(name, variable, x, place, around) for x in letters_of(claimed)}
    return {x: through for x, through in found.items() if through}


def entries_for_derivatives(
    name: str, variable: str, claimed: str, place: int, around: Surroundings
) -> Iterator[tuple[str, str]]:
    """Yield the letters of a claim that the text defines as entries of a derivative of `name`, with their variables."""
    for letter in letters_of(claimed):
        indices = free_indices(letter)
        for known, swaps in dict([(letter, ()), *_relatives(letter, around)]).items() if indices else ():
            through = with_indices(_through(name, variable, known, place, around), swaps)
            if through and free_indices(through) == indices:
                yield letter, symbol_of(through)
                break
        else:
            through = _through(name, variable, base_of(letter), place, around) if indices else ""
            if through and not free_indices(through) and base_of(letter) != letter:
                yield letter, symbol_of(rf"{through}_{{{','.join(indices)}}}")


def _through(name: str, variable: str, letter: str, place: int, around: Surroundings) -> str:
    """Return by what a letter is the derivative of `name`, as the text says first in its section; "" without a word.

    That it is the derivative by the variable of a claim, the claim itself says.
    """
    near = [x for x in around.defined(letter, place) if x.derivative and symbol_of(x.derivative[1]) != variable]
    first = min((x for x in near if x.section == near[0].section), key=lambda x: x.place, default=None)
    of, by = first.derivative if first is not None and first.derivative is not None else ("", "")
    return symbol_of(by) if symbol_of(of) == name else ""
