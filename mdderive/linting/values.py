"""Claims that are numbers: a derivative at the point that the page names, `w = 1`, as far as it is not rounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from ..latex.tree import Syntax
from .arguments import is_value
from .judgement import outcome
from .kinds import UnknownError
from .readings import Assertion, Resolver
from .surroundings import letters_of, tree_of
from .worlds import World

FEWEST_DIGITS = 2
"""How many digits a rounded number must have to be compared."""
_DECIMAL = re.compile(r"\d+\.\d+")


def holds_at_values(assertion: Assertion, resolver: Resolver) -> World | None:
    """Return the reading in which a number is the derivative at the values that the page gives; None without one."""
    try:
        worlds = resolver.worlds(assertion)
    except UnknownError:
        return None
    for world in worlds:
        if world.indices is not None or world.order == "differential" or world.doubt:
            continue
        point = tuple(_values(world, assertion.place, resolver))
        digits = _digits([assertion.claimed, *(value for _, value in point), *world.where])
        if not point or (digits and digits < FEWEST_DIGITS):
            continue
        at = World(
            world.f, world.variable, world.order, world.where, world.reliable, world.context, other=world.other,
            point=(*world.point, *point), digits=digits, part=True, sources=world.sources,
        )  # fmt: skip
        if outcome(at, assertion.claimed).status == "own":
            return at
    return None


def are_equal_numbers(one: str, other: str) -> bool:
    """Return whether two numbers are one, but for what rounding leaves."""
    digits = _digits([one, other])
    world = World(rf"\breve{{z}}\cdot ({one})", r"\breve{z}", context=(r"\breve{z}: scalar",), digits=digits)
    return outcome(world, other).status == "own"


def is_same_number(one: str, other: str) -> bool:
    """Return whether two formulas are numbers, and one."""
    return not letters_of(one) and not letters_of(other) and are_equal_numbers(one, other)


def holds_with_numbers(before: str, claimed: str, place: int, resolver: Resolver) -> bool:
    """Return whether a formula has numbers for the letters of the one before it, none against what the page says."""
    one, other = tree_of(before), tree_of(claimed)
    found: dict[str, Fraction] = {}
    if one is None or other is None or not _is_put_in(one, other, found):
        return False
    known = ((x, resolver.surroundings.defined(letter, place)) for letter, x in found.items())
    return all(are_equal_numbers(str(x), y.body) for x, every in known for y in every[:1] if is_value(y))


def _is_put_in(one: Syntax, other: Syntax, found: dict[str, Fraction]) -> bool:
    one, other = _bare(one), _bare(other)
    if one.head == "symbol":
        value = other.arguments[0].value if other.head == "negate" else other.value
        if value is None:
            return other.text == one.text
        value = -value if other.head == "negate" else value
        return found.setdefault(one.text, value) == value
    mine, theirs = _parts(one), _parts(other)
    alike = (one.head, one.text, one.value) == (other.head, other.text, other.value) and len(mine) == len(theirs)
    return alike and all(_is_put_in(x, y, found) for x, y in zip(mine, theirs, strict=True))


def _bare(tree: Syntax) -> Syntax:
    """Return what stands in parentheses, or is a product however it is written."""
    while tree.head == "group" and len(tree.arguments) == 1:
        tree = tree.arguments[0]
    return tree.but(head="product", text="") if tree.head in ("applied", "cdot", "times") else tree


def _parts(tree: Syntax) -> list[Syntax]:
    """Return the parts of a formula, the factors of a product also where they are multiplied in steps."""
    if tree.head != "product":
        return list(tree.arguments)
    return [y for x in map(_bare, tree.arguments) for y in (_parts(x) if x.head == "product" else [x])]


def _values(world: World, place: int, resolver: Resolver) -> Iterator[tuple[str, str]]:
    """Yield the letters of a reading that nothing else defines, each with the number that the page gives it last."""
    defined = {x.partition(":=")[0].strip() for x in world.where}
    formulas = (world.f, *(x.partition(":=")[2] for x in world.where))
    for letter in dict.fromkeys(y for x in formulas for y in letters_of(x)):
        known = [x for x in resolver.surroundings.defined(letter, place) if is_value(x)]
        if known and letter not in defined:
            yield letter, known[0].body


def _digits(formulas: list[str]) -> int:
    """Return how many digits the decimal of fewest digits has, 0 if all numbers are whole."""
    found = [len(x.replace(".", "").lstrip("0")) for text in formulas for x in _DECIMAL.findall(text)]
    return min(found, default=0)
