"""What the page defines a letter as: itself, a family of which it is a member, or a derivative that it stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from .arguments import is_value
from .components import free_indices
from .surroundings import PageDefinition, Surroundings, letters_of, symbol_of, tree_of


def defined_as(name: str, place: int, around: Surroundings) -> list[PageDefinition]:
    r"""Return the definitions of a function, of `\log L` also what L is defined as."""
    found = around.defined(name, place) or list(_of_sample(name, place, around))
    inner = name.removeprefix(r"\log ")
    if any(x.body for x in found) or inner == name:
        return found
    alone = [x for x in around.defined(inner, place) if x.body]
    return [replace(x, body=rf"\log({x.body})") for x in alone]


def _of_sample(name: str, place: int, around: Surroundings) -> Iterator[PageDefinition]:
    r"""Yield what L_i is where the page says what `L(y_i, t_i)` is."""
    index = free_indices(name)
    for x in around.defined(base_of(name), place) if len(index) == 1 else ():
        if x.body and x.arguments and all(index[0] in free_indices(y) for y in x.arguments):
            yield replace(x, name=name, arguments=None)


def has_rivals(definition: PageDefinition, place: int, around: Mapping[str, Sequence[PageDefinition]]) -> bool:
    """Whether a name such as f_c is defined between the definition of f and a place, which may be meant too."""
    alike = [x for name in around if base_of(name) == definition.name != name for x in around[name]]
    return any(definition.place <= x.place <= place for x in alike)


def definitions_of(letter: str, place: int, around: Surroundings) -> Iterator[PageDefinition]:
    """Yield the definitions of a letter, of the family of which it is a member, or of the letter without index."""
    same = [x for x in around.definitions if free_indices(x) and base_of(x) == base_of(letter) != letter]
    for name in dict.fromkeys((letter, *same, base_of(letter))):
        for x in around.defined(name, place):
            plain = x.arguments is None and x.body and not symbol_of(x.body) and tree_of(x.body) is not None
            plain = plain and (name != base_of(letter) or name == letter or not is_value(x))
            if plain and letter not in letters_of(x.body):
                yield x


def base_of(letter: str) -> str:
    """Return `y` for the letter `y_k`, which may be an entry of it."""
    tree = tree_of(letter)
    return tree.base if tree is not None and tree.head == "symbol" and tree.base else letter


def letters_for_derivatives(name: str, variable: str, claimed: str, place: int, around: Surroundings) -> dict[str, str]:
    """Return the letters of a claim that the text defines as derivatives of `name`, with their variables."""
    found: dict[str, str] = {}
    for letter in letters_of(claimed):
        near = [x.derivative for x in around.defined(letter, place) if x.derivative]
        if near and symbol_of(near[0][0]) == name and symbol_of(near[0][1]) not in ("", variable):
            found[letter] = symbol_of(near[0][1])
    return found


def entries_for_derivatives(name: str, claimed: str, place: int, around: Surroundings) -> Iterator[tuple[str, str]]:
    """Yield the letters of a claim that the text defines as entries of a derivative of `name`, with their variables."""
    for letter in letters_of(claimed):
        indices = free_indices(letter)
        for known in dict.fromkeys((letter, base_of(letter))) if indices else ():
            near = [x.derivative for x in around.defined(known, place) if x.derivative]
            if not near or symbol_of(near[0][0]) != name:
                continue
            through = symbol_of(near[0][1])
            if known == letter and free_indices(through) == indices:
                yield letter, through
            elif known != letter and through and not free_indices(through):
                yield letter, symbol_of(rf"{through}_{{{','.join(indices)}}}")
