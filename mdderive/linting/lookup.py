r"""What names mean where a claim stands: their definitions, on its page or on earlier pages of the book, and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..latex.names import name_of
from ..question.places import FUNCTION_LETTERS
from .arguments import is_value
from .components import base_of
from .definitions import EXERCISE, PageDefinition
from .families import definitions_of, is_alike, of_entries
from .judgement import CONSTANTS
from .kinds import applied_in
from .surroundings import Surroundings, letters_of, symbol_of, tree_of

LEAST_SHARED = 2
"""How many letters a claim shares with a definition on an earlier page where that is surely meant."""
_NOISE = (
    r"\varepsilon",
    r"\epsilon",
    r"\boldsymbol{\varepsilon}",
    r"\boldsymbol{\epsilon}",
    "u",
    "e",
    r"\mathbf{u}",
    r"\mathbf{e}",
)
"""What the rest is called that a model leaves."""
MOST_VALUES = 12
"""How many named values are followed on the way from a function to its variable."""


def is_spoken_of(definition: PageDefinition, variable: str, claimed: str, place: int, around: Surroundings) -> bool:
    """Whether a claim speaks of what an earlier page defines: in its letters, of which its own page defines none.

    A solution speaks of its exercise.
    """
    letters = set(letters_of(definition.body))
    if definition.section == EXERCISE:
        return not any(around.defined(x, place) for x in letters)
    shared = letters & set(letters_of(claimed)) - {variable} - CONSTANTS - FUNCTION_LETTERS
    return len(shared) >= LEAST_SHARED and not any(around.defined(x, place) for x in letters)


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
    def is_model(self) -> bool:
        r"""Whether it is written as data are in a model, `X\beta + \varepsilon` with a letter for what is left over."""
        tree = tree_of(self.body)
        return tree is not None and tree.head == "add" and any(x.text in _NOISE for x in tree.arguments)

    def with_name(self, name: str, body: str) -> NamedValue:
        """Return the value with a name in the place of what it is defined as."""
        return replace(self, definition=replace(self.definition, body=with_name(self.body, name, body)))

    @property
    def clause(self) -> str:
        """The definition as a clause."""
        arguments = self.definition.arguments
        return f"{self.name}({', '.join(arguments)}) := {self.body}" if arguments else f"{self.name} := {self.body}"


def with_name(latex: str, name: str, body: str) -> str:
    """Return a formula with a name wherever it has what the name is defined as."""
    tree, sought = tree_of(latex), str(tree_of(body))
    places = [x.span for x in tree.walk() if str(x) == sought] if tree is not None else []
    for span in reversed(places):
        latex = f"{latex[: span.start]}{{{name}}}{latex[span.end :]}"
    return latex


def values_within(
    f: str, claimed: str, variables: set[str], place: int, home: int, around: Surroundings
) -> list[NamedValue]:
    """Return the named values that f and the claim are written in, each behind those that it is written in.

    Those of f are looked up from its `home` on.
    """
    found: dict[str, NamedValue] = {}
    for latex, start in ((f, min(home, place)), (claimed, place)):
        letters = [y for x in letters_of(latex) for y in dict.fromkeys((x, base_of(x)))]
        _follow(letters, variables, start, found, (), f, home, around)
    return list(found.values())


def _follow(
    letters: Sequence[str], variables: set[str], place: int, found: dict[str, NamedValue],
    above: tuple[str, ...], within: str, home: int, around: Surroundings,
) -> None:  # fmt: skip
    for letter in letters:
        if letter in variables or letter in found or letter in above or len(found) >= MOST_VALUES:
            continue
        known = around.defined(letter, place) if place >= 0 else []
        known = known or list(of_entries(letter, place, around))
        known = known or (around.earlier(letter, place) if home < 0 else [])
        defined = [x for x in known if x.body and letter not in letters_of(x.body)]
        formulas = [x for x in defined if not symbol_of(x.body) and tree_of(x.body) is not None]
        definition = next((x for x in formulas if not is_value(x)), next(iter(formulas), None))
        definition = as_value(definition, within) if definition else None
        if definition is None or not (definition.arguments is None or all(map(symbol_of, definition.arguments))):
            continue
        inner = [x for x in letters_of(definition.body) if x not in (definition.arguments or ())]
        if set(inner) & set(above):
            continue
        within_it = (*above, letter)
        ending = [x for x in inner if not any(name_of(x).is_later_than(name_of(y)) for y in within_it)]
        _follow(ending, variables, place, found, within_it, definition.body, home, around)
        moves = bool(set(inner) & variables) or any(found[x].moves for x in inner if x in found)
        sure = len(ending) == len(inner) and around.is_surely(definition, defined, place)
        sure &= place < 0 or definition.place >= 0
        found[letter] = NamedValue(letter, definition, moves, sure)


def all_values(f: str, claimed: str, place: int, variables: set[str], around: Surroundings) -> list[NamedValue]:
    """Return the named values and families of values that f and a claim are written in."""
    found: dict[str, NamedValue] = {}
    waiting = [*letters_of(f), *letters_of(claimed)]
    while waiting and len(found) < MOST_VALUES:
        letter = waiting.pop(0)
        definition = next(
            (x for x in (*definitions_of(letter, place, around), *_functions(letter, place, around))), None
        )
        if definition is None or definition.name in found or any(is_alike(definition.name, x) for x in variables):
            continue
        sure = around.is_surely(definition, [definition], place) and definition.place >= 0
        found[definition.name] = NamedValue(definition.name, definition, True, sure)
        waiting += letters_of(definition.body)
    return ordered(found)


def _functions(letter: str, place: int, around: Surroundings) -> list[PageDefinition]:
    """Return the definitions of a function of letters, first those that are not written in their entries."""
    known = around.defined(letter, place) or around.earlier(letter, place)
    found = [x for x in known if x.body and x.arguments and not symbol_of(x.body)]
    found = [x for x in found if all(map(symbol_of, x.arguments or ()))]
    entries = [{base_of(y) for y in letters_of(x.body) if base_of(y) != y} & {*(x.arguments or ())} for x in found]
    return [found[k] for k in sorted(range(len(found)), key=lambda k: bool(entries[k]))]


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
