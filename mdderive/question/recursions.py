r"""Recursions, `h_t = \tanh(Wh_{t-1}+Ux_t)`: a few steps of one are written out as values with names of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
    index = _recursive_index(values)
    if not index:
        return f, values
    steps = _steps(f, values, index)
    f = _without_sums(f, index)
    moving = [x for x in values if _depends(x, index)]
    found: list[Assignment] = []
    for k in range(1, steps + 1):
        found += [Assignment(_numbered(x.name, index, k), _numbered(x.body, index, k)) for x in moving if x.name]
    first = next(k for k, x in enumerate(values) if x in moving)
    before = [x for x in values[:first] if x not in moving]
    return f, [*before, *found, *(x for x in values[first:] if x not in moving)]


def _recursive_index(values: Sequence[Assignment]) -> str:
    """Return t where a value h_t is defined by one before it, h_{t-1}, else ""."""
    names = [name_of(x.name.text) for x in values if x.name is not None]
    indices = dict.fromkeys(index for name in names for index in name.index_letters)
    for index in indices:
        letters = {name.letter for name in names if name.carries(index)}
        symbols = (x.text for value in values for x in value.body.walk() if x.head == "symbol")
        if any(name_of(x).letter in letters and name_of(x).shifts(index) for x in symbols):
            return index
    return ""


def _depends(value: Assignment, index: str) -> bool:
    return value.name is not None and name_of(value.name.text).carries(index)


def _steps(f: Syntax, values: Sequence[Assignment], index: str) -> int:
    """Return the number of steps: the end of the sums over the index, and the largest number on a defined letter.

    Raises:
        UnsupportedError: there is none, or it is large.
    """
    letters = {name_of(x.name.text).letter for x in values if x.name is not None and _depends(x, index)}
    sums = [x for x in f.walk() if x.head == "sum_over" and x.text == index]
    numbers = [y for x in f.walk() if x.head == "symbol" and name_of(x.text).letter in letters for y in _numbers(x)]
    numbers += [int(x.upper) for x in sums if x.upper.isdecimal()]
    unknown = [x for x in sums if not x.upper.isdecimal() or x.lower not in ("", "1")]
    place = next((x for x in chain(unknown, sums)), f)
    hint = rf"write a few of them, \sum_{{{index}=1}}^{{3}}, or the last value by its number"
    if unknown or not numbers:
        raise UnsupportedError("E134", "a recursion of an unknown number of steps is not supported", place.span, hint)
    if max(numbers) > MOST_STEPS:
        raise UnsupportedError(
            "E134", f"a recursion of more than {MOST_STEPS} steps is not written out", place.span, hint
        )
    return max(numbers)


def _numbers(x: Syntax) -> list[int]:
    return [int(y) for script in name_of(x.text).scripts for y in script.letters if y.isdecimal()]


def _without_sums(node: Syntax, index: str) -> Syntax:
    """Return the tree with the terms of the sums over the index."""
    if node.head == "sum_over" and not node.base and node.text == index:
        body = _without_sums(node.arguments[0], index)
        terms = tuple(_numbered(body, index, k) for k in range(1, int(node.upper) + 1))
        whole = terms[0] if len(terms) == 1 else Syntax("add", terms, node.span)
        return Syntax("group", (whole,), node.span, text="(")
    return replace(node, arguments=tuple(_without_sums(x, index) for x in node.arguments))


def _numbered(node: Syntax, index: str, number: int) -> Syntax:
    """Return the tree with a number for the index, `h_2` and `h_1` for `h_t` and `h_{t-1}`.

    Raises:
        UnsupportedError: the index is shifted by more than one step back, or to a step that is still to come.
    """
    if node.head == "symbol" and node.text == index:
        raise UnsupportedError("E134", f"the number {index} of a step is not supported in a recursion", node.span)
    if node.head != "symbol":
        return replace(node, arguments=tuple(_numbered(x, index, number) for x in node.arguments))
    name = name_of(node.text).at_step(index, number)
    if name is None:
        raise UnsupportedError(
            "E134", f"the step {node.text} of a recursion is not supported", node.span, f"go back by one, {index}-1"
        )
    return replace(node, text=str(name), subscript=name.subscript.latex if name.subscript and node.subscript else "")
