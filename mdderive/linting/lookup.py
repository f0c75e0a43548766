r"""What names mean where a claim stands: their definitions, on its page or on earlier pages of the book, and values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ..latex.names import undressed
from ..question.places import FUNCTION_LETTERS
from .arguments import is_value
from .components import base_of, free_indices
from .judgement import CONSTANTS
from .kinds import applied_in
from .surroundings import EXERCISE, PageDefinition, Surroundings, letters_of, symbol_of, tree_of

LEAST_SHARED = 2
"""How many letters a claim shares with a definition on an earlier page where that is surely meant."""
MOST_VALUES = 12
"""How many named values are followed on the way from a function to its variable."""


def definitions_of_function(name: str, place: int, around: Surroundings) -> list[PageDefinition]:
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


def is_spoken_of(definition: PageDefinition, variable: str, claimed: str, place: int, around: Surroundings) -> bool:
    """Whether a claim speaks of what an earlier page defines: in its letters, of which its own page defines none.

    A solution speaks of its exercise.
    """
    letters = set(letters_of(definition.body))
    if definition.section == EXERCISE:
        return not any(around.defined(x, place) for x in letters)
    shared = letters & set(letters_of(claimed)) - {variable} - CONSTANTS - FUNCTION_LETTERS
    return len(shared) >= LEAST_SHARED and not any(around.defined(x, place) for x in letters)


def has_rivals(definition: PageDefinition, place: int, around: Mapping[str, Sequence[PageDefinition]]) -> bool:
    """Whether a name such as f_c is defined between the definition of f and a place, which may be meant too."""
    alike = [x for name in around if base_of(name) == definition.name != name for x in around[name]]
    return any(definition.place <= x.place <= place for x in alike)


def definitions_of_letter(letter: str, place: int, around: Surroundings) -> Iterator[PageDefinition]:
    """Yield the definitions of a letter, of the family of which it is a member, or of the letter without index."""
    same = [x for x in around.definitions if free_indices(x) and base_of(x) == base_of(letter) != letter]
    for name in dict.fromkeys((letter, *same, base_of(letter))):
        for x in around.defined(name, place):
            plain = x.arguments is None and x.body and not symbol_of(x.body) and tree_of(x.body) is not None
            plain = plain and (name != base_of(letter) or name == letter or not is_value(x))
            if plain and letter not in letters_of(x.body):
                yield x


def as_value(definition: PageDefinition, within: str) -> PageDefinition:
    """Return `a(x) = x^2` as the value a, where that `within` which it is looked up has a and does not apply it."""
    tree = tree_of(within)
    bare = tree is not None and definition.name in letters_of(within) and definition.name not in applied_in(tree)
    return replace(definition, arguments=None) if bare and definition.arguments else definition


def shadows(one: PageDefinition, other: PageDefinition, place: int) -> bool:
    """Whether `one`, before the place, takes the name from `other`, which stands before it."""
    return other.place < one.place <= place and one.body != other.body


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A named value: its definition, whether it changes with the variable, and whether it is surely the one meant."""

    name: str
    definition: PageDefinition
    moves: bool
    reliable: bool

    @property
    def body(self) -> str:
        """What it is defined as."""
        return self.definition.body

    @property
    def is_by_entries(self) -> bool:
        """Whether it is written as a vector or a matrix, of entries or of blocks."""
        tree = tree_of(self.body)
        return tree is not None and tree.head == "entries"

    @property
    def clause(self) -> str:
        """The definition as a clause."""
        arguments = self.definition.arguments
        return f"{self.name}({arguments[0]}) := {self.body}" if arguments else f"{self.name} := {self.body}"


def values_within(
    f: str, claimed: str, variables: set[str], place: int, home: int, around: Surroundings
) -> list[NamedValue]:
    """Return the named values that f and the claim are written in, each behind those that it is written in.

    Those of f are looked up from its `home` on.
    """
    found: dict[str, NamedValue] = {}
    for latex, start in ((f, min(home, place)), (claimed, place)):
        letters = [y for x in letters_of(latex) for y in dict.fromkeys((x, base_of(x)))]
        _follow(letters, variables, start, found, (), f, around)
    return list(found.values())


def _follow(
    letters: Sequence[str], variables: set[str], place: int, found: dict[str, NamedValue],
    above: tuple[str, ...], within: str, around: Surroundings,
) -> None:  # fmt: skip
    for letter in letters:
        if letter in variables or letter in found or letter in above or len(found) >= MOST_VALUES:
            continue
        known = around.earlier(letter, place) if place < 0 else around.defined(letter, place)
        defined = [x for x in known if x.body and letter not in letters_of(x.body)]
        formulas = [x for x in defined if not symbol_of(x.body) and tree_of(x.body) is not None]
        definition = next((x for x in formulas if not is_value(x)), next(iter(formulas), None))
        definition = as_value(definition, within) if definition else None
        if definition is None or (definition.arguments is not None and len(definition.arguments) != 1):
            continue
        inner = [x for x in letters_of(definition.body) if x not in (definition.arguments or ())]
        if set(inner) & set(above):
            continue
        _follow(inner, variables, place, found, (*above, letter), definition.body, around)
        moves = bool(set(inner) & variables) or any(found[x].moves for x in inner if x in found)
        found[letter] = NamedValue(letter, definition, moves, around.is_surely(definition, defined, place))


def all_values(f: str, claimed: str, place: int, variables: set[str], around: Surroundings) -> list[NamedValue]:
    """Return the named values and families of values that f and a claim are written in."""
    found: dict[str, NamedValue] = {}
    waiting = [*letters_of(f), *letters_of(claimed)]
    bases = {undressed(base_of(x)) for x in variables}
    while waiting and len(found) < MOST_VALUES:
        letter = waiting.pop(0)
        definition = next((x for x in definitions_of_letter(letter, place, around)), None)
        if definition is None or definition.name in found or undressed(base_of(definition.name)) in bases:
            continue
        sure = around.is_surely(definition, [definition], place)
        found[definition.name] = NamedValue(definition.name, definition, True, sure)
        waiting += letters_of(definition.body)
    return ordered(found)


def ordered(values: Mapping[str, NamedValue]) -> list[NamedValue]:
    """Return the values, each behind those that it is written in."""
    found: dict[str, NamedValue] = {}

    def add(value: NamedValue, above: tuple[str, ...]) -> None:
        for x in letters_of(value.body):
            inner = values.get(x)
            if inner is not None and inner.name not in found and inner.name not in above:
                add(inner, (*above, value.name))
        found.setdefault(value.name, value)

    for value in values.values():
        add(value, ())
    return list(found.values())
