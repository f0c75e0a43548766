r"""Recursions, `h_t = \tanh(Wh_{t-1}+Ux_t)`: a few steps of one are written out as values with names of their own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from ..errors import UnsupportedError
from ..latex.names import name_of
from ..latex.tree import Syntax
from .typing import Assignment

MOST_STEPS = 8
"""How many steps of a recursion are written out."""


def unrolled(f: Syntax, values: list[Assignment]) -> tuple[Syntax, list[Assignment]]:
    r"""Return f and the named values with the steps of a recursion, `h_1`, `h_2`, ..., up to the last one that f needs.

    Sums over the steps, `\sum_{t=1}^3`, become their terms.

    Raises:
        UnsupportedError: the number of steps is no small number, or the recursion goes back by more than one step.
    """
    index = recursive_index(values)
    if not index:
        return f, values
    steps = _steps(f, values, index)
    f = _without_sums(f, index)
    moving = [x for x in values if depends_on(x, index)]
    found: list[Assignment] = []
    for k in range(1, steps + 1):
        found += [Assignment(_numbered(x.name, index, k), _numbered(x.body, index, k)) for x in moving if x.name]
    first = next(k for k, x in enumerate(values) if x in moving)
    before = [x for x in values[:first] if x not in moving]
    return f, [*before, *found, *(x for x in values[first:] if x not in moving)]


def recursive_index(values: Sequence[Assignment]) -> str:
    """Return t where a value h_t is defined by one before it, h_{t-1}, else ""."""
    names = [name_of(x.name.text) for x in values if x.name is not None]
    indices = dict.fromkeys(index for name in names for index in name.index_letters)
    for index in indices:
        letters = {name.letter for name in names if name.carries(index)}
        symbols = (x.text for value in values for x in value.body.walk() if x.head == "symbol")
        if any(name_of(x).letter in letters and name_of(x).shifts(index) for x in symbols):
            return index
    return ""


def depends_on(value: Assignment, index: str) -> bool:
    """Whether a value is one of every step: h_t."""
    return value.name is not None and name_of(value.name.text).carries(index)


def recursive_letters(values: Sequence[Assignment], index: str) -> set[str]:
    """Return the letters of the values of every step."""
    return {name_of(x.name.text).letter for x in values if x.name is not None and depends_on(x, index)}


def ends_of(f: Syntax, index: str, letters: set[str]) -> list[str]:
    """Return at what f ends: where its sums over the index do, and the numbers of the `letters` in it, `T` or `T-1`."""
    found = [x.upper for x in f.walk() if x.head == "sum_over" and x.text == index]
    members = (name_of(x.text) for x in f.walk() if x.head == "symbol")
    return found + [y.latex.strip("()") for x in members if x.letter in letters for y in x.scripts]


def with_known_numbers(f: Syntax, values: list[Assignment]) -> tuple[Syntax, list[Assignment]]:
    """Return f and the values with the numbers that letters are defined to be, 3 for T and h_3 for h_T.

    Raises:
        UnsupportedError: f goes to the steps by another index than the recursion.
    """
    index = recursive_index(values)
    _check_indices(f, values, index)
    ends = {y for x in ends_of(f, index, recursive_letters(values, index)) for y in name_of(f"h_{{{x}}}").index_letters}
    known = ((x.name.text, x.body) for x in values if x.name is not None and x.body.head == "number")
    numbers = {name: body for name, body in known if name in ends and str(body.value).isdecimal()}
    rest = [x for x in values if x.name is None or x.name.text not in numbers]
    for letter, number in numbers.items():
        f = _with_number(f, letter, number)
        rest = [x._replace(body=_with_number(x.body, letter, number)) for x in rest]
    return f, rest


def few(last: str) -> str:
    """Return the hint that a number of steps leads further."""
    return f"say how many steps there are: [{last} = 3]"


def _check_indices(f: Syntax, values: Sequence[Assignment], index: str) -> None:
    """Refuse a sum over the steps by another index than the recursion has.

    Raises:
        UnsupportedError: there is one.
    """
    letters = recursive_letters(values, index)
    sums = [x for x in f.walk() if x.head == "sum_over"]
    for one in (x for x in sums if x.text != index):
        inside = (name_of(x.text) for x in one.walk() if x.head == "symbol")
        if any(x.letter in letters and x.carries(one.text) for x in inside):
            hint = "" if any(x.text == index for x in sums) else f"call the index {index} in the sum too"
            message = f"a sum over {one.text} of what a recursion over {index} defines is not supported"
            raise UnsupportedError("E134", message, one.span, hint)


def _with_number(node: Syntax, letter: str, number: Syntax) -> Syntax:
    """Return the tree with a number for a letter: as a factor, as the end of a sum, and as the number of a member."""
    if node.head == "symbol" and node.text == letter:
        return number.but(span=node.span)
    arguments = tuple(_with_number(x, letter, number) for x in node.arguments)
    if node.head == "symbol":
        return _at_step(node, letter, str(number.value)) or node
    return node.but(arguments=arguments, upper=str(number.value) if node.upper == letter else node.upper)


def _steps(f: Syntax, values: Sequence[Assignment], index: str) -> int:
    """Return the number of steps: the end of the sums over the index, and the largest number on a defined letter.

    Raises:
        UnsupportedError: there is none, or it is large.
    """
    letters = recursive_letters(values, index)
    sums = [x for x in f.walk() if x.head == "sum_over" and x.text == index]
    numbers = [y for x in f.walk() if x.head == "symbol" and name_of(x.text).letter in letters for y in _numbers(x)]
    numbers += [int(x.upper) for x in sums if x.upper.isdecimal()]
    unknown = [x for x in sums if not x.upper.isdecimal() or _first(x) < 1]
    place = next((x for x in chain(unknown, sums)), f)
    hint = rf"sum over all of them, \sum_{{{index}=1}}^T, or over a few, or write the last value by its number"
    if place.upper.isalpha():
        hint = few(place.upper)
    if unknown or not numbers:
        raise UnsupportedError("E134", "a recursion of an unknown number of steps is not supported", place.span, hint)
    if max(numbers) > MOST_STEPS:
        raise UnsupportedError(
            "E134", f"a recursion of more than {MOST_STEPS} steps is not written out", place.span, hint
        )
    return max(numbers)


def _first(x: Syntax) -> int:
    """Return the number at which a sum begins, 0 where that is none."""
    return int(x.lower or "1") if x.lower.isdecimal() or not x.lower else 0


def _numbers(x: Syntax) -> list[int]:
    return [int(part) for script in name_of(x.text).scripts for part in script.parts if part.isdecimal()]


def _without_sums(node: Syntax, index: str) -> Syntax:
    """Return the tree with the terms of the sums over the index."""
    if node.head == "sum_over" and not node.base and node.text == index:
        body = _without_sums(node.arguments[0], index)
        terms = tuple(_numbered(body, index, k) for k in range(_first(node), int(node.upper) + 1))
        whole = terms[0] if len(terms) == 1 else Syntax("add", terms, node.span)
        return Syntax("group", (whole,), node.span, text="(")
    return node.but(arguments=tuple(_without_sums(x, index) for x in node.arguments))


def _numbered(node: Syntax, index: str, number: int) -> Syntax:
    """Return the tree with a number for the index, `h_2` and `h_1` for `h_t` and `h_{t-1}`.

    Raises:
        UnsupportedError: the index is shifted by more than one step back, or to a step that is still to come.
    """
    if node.head == "symbol" and node.text == index:
        raise UnsupportedError("E134", f"the number {index} of a step is not supported in a recursion", node.span)
    if node.head != "symbol":
        return node.but(arguments=tuple(_numbered(x, index, number) for x in node.arguments))
    found = _at_step(node, index, str(number))
    if found is None:
        raise UnsupportedError(
            "E134", f"the step {node.text} of a recursion is not supported", node.span, f"go back by one, {index}-1"
        )
    return found


def _at_step(symbol: Syntax, index: str, number: str) -> Syntax | None:
    """Return the letter with a number for the index in its scripts; None where it is shifted by more than one back."""
    name = name_of(symbol.text).at_step(index, number, shifts=(-1,))
    return None if name is None else symbol.called(name)
