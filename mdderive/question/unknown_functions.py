r"""Functions that nobody declares and whose place says what they are: the vectors `r(x)`, the matrices `A(t)`.

Nobody writes a product as `r(x)^\top r(x)` or `\log|A(t)|`; and a function of every entry is a vector function too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from ..algebra.operators import by_name
from ..algebra.operators.entrywise import SIGMA
from ..latex.names import name_of
from ..latex.tree import Syntax
from .kinds import WHOLE, Declaration
from .places import SCRIPTED, TIMES, called, group_within

_ENTRYWISE = frozenset((SIGMA, "s", r"\mathrm{relu}", r"\operatorname{relu}"))
"""Letters of activations, which act on every entry."""
_VECTOR = Declaration(None, "1", "function", frozenset((WHOLE,)))
_COLUMN = Declaration(None, "1", "column")
_NUMBER = Declaration("1", "1", "scalar")
_MATRIX = Declaration(None, None, "function", frozenset((WHOLE,)))


def with_unknown_functions(
    declarations: Mapping[str, Declaration], f: Syntax, variables: Sequence[Syntax], defined: Collection[str]
) -> dict[str, Declaration]:
    """Return the declarations with those of the letters that f surely has as vector or matrix functions of a variable.

    The letter stands before a variable in parentheses wherever it stands, once at least where only a vector or a matrix
    makes sense. `defined` are the letters that the author defines.
    """
    found = dict(declarations)
    places = _places_of_arrays(f)
    standing = [x.text for x in f.walk() if x.head == "symbol"]
    for letter, calls in called(f.walk()).items():
        said = declarations.get(letter)
        known = said is not None and (said.kind != "function" or bool(said.properties))
        if known or letter in defined or letter in _ENTRYWISE or len(calls) != standing.count(letter):
            continue
        arguments = {x.argument.text for x in calls}
        value = _value(letter, arguments & {x.text for x in variables}) if len(arguments) == 1 else None
        if value is not None and any(x.letter.span.start in places for x in calls):
            found[letter] = value._replace(span=said.span) if said is not None else value
            for argument in arguments:  # a vector, that no other reading of f makes a number of
                found.setdefault(argument, _NUMBER if argument in TIMES else _COLUMN)
    return found


def _value(letter: str, arguments: Collection[str]) -> Declaration | None:
    """Return what a function of the variable may be: a small letter a vector, a capital a matrix that changes in time.

    None where the variable is a Greek letter, which may as well be a number as a vector.
    """
    for argument in arguments:
        name, of_time = name_of(argument), argument in TIMES
        if name_of(letter).is_capital:
            return _MATRIX if of_time else None
        if not name.is_capital and (of_time or name.is_bold or not name.letter.startswith("\\")):
            return _VECTOR
    return None


def _places_of_arrays(f: Syntax) -> set[int]:
    """Return where letters stand whose value with the parenthesis behind it is a vector or a matrix."""
    return {letter.span.start for node in f.walk() for letter in _called_within(node)}


def _called_within(node: Syntax) -> Iterator[Syntax]:
    """Yield the letters of calls where only a vector or a matrix makes sense, that are no deeper in f than this."""
    factors = node.arguments if node.head == "product" else ()
    turned = any(_unscripted(x) is not None for x in factors)
    if turned:
        yield from _letters(node)
    elif node.head in ("norm", "inner"):
        for side in node.arguments:
            yield from (letter for x in side.ungrouped.terms for letter in _letters(x))
    elif node.head == "bars" or (node.head == "call" and "n n -> 1 1" in by_name(node.text).signatures):
        inner = node.arguments[0].ungrouped
        yield from (x for term in inner.terms for x in _letters(term) if name_of(x.text).is_capital)


def _letters(node: Syntax) -> Iterator[Syntax]:
    """Yield the letters before parentheses in a product, and in the sums that it has as factors."""
    for k, x in enumerate(node.arguments if node.head == "product" else ()):
        letter = x.unprimed
        behind = node.arguments[k + 1] if k + 1 < len(node.arguments) else x
        if letter.head == "symbol" and group_within(behind) is not None:
            yield letter
        group = group_within(x)
        if group is not None and group.arguments[0].head == "add":
            yield from (y for term in group.arguments[0].terms for y in _letters(term))


def _unscripted(factor: Syntax) -> Syntax | None:
    """Return what a factor is the transpose or the inverse of, None where it is neither."""
    while factor.head in SCRIPTED and factor.head != "power":
        if factor.head in ("transpose", "inverse_transpose"):
            return factor.arguments[0]
        factor = factor.arguments[0]
    inverse = factor.head == "power" and factor.arguments[1].value == -1
    return factor.arguments[0] if inverse else None
