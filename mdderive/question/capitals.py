r"""Capitals that may be numbers: `PV-nRT`, `pY-wL-rK`, `\frac12I\omega^2`.

They are no matrices to who writes them. Where f is a number all is well; of an f that is a matrix or a vector, whose
letters nothing but their size makes matrices, the author is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..algebra.operators import by_name
from ..errors import ShapeError
from ..latex.names import name_of
from ..latex.tree import Syntax
from ..latex.vocabulary import words_of

if TYPE_CHECKING:
    from .kinds import Declaration, Kinds

_USUAL_MATRICES = frozenset("ABWXYZ")
_GREEK_MATRICES = frozenset((r"\Sigma", r"\Lambda", r"\Theta", r"\Phi", r"\Gamma"))
_USUAL_VECTORS = frozenset("abuvwxyz")
_OF_MATRICES = words_of(
    """
    transpose prime inverse_transpose norm inner hadamard hadamard_power hadamard_quotient kronecker circ colon
    ones zeros superscript subscripted bars
    """
)
"""The notations that only vectors and matrices have."""


def doubt_of_capitals(
    f: Syntax, variables: Sequence[str], kinds: Kinds, declared: Mapping[str, Declaration]
) -> ShapeError | None:
    """Return the question whether the capitals of an f that is no number are matrices, None where something says so."""
    nodes = list(f.walk())
    letters = list(dict.fromkeys(x.text for x in nodes if x.head == "symbol"))
    capitals = [x for x in letters if kinds.get(x) in ("matrix", "identity") and x not in declared]
    if not capitals:
        return None
    if any(_is_of_matrices(x) and _has(x, capitals) for x in nodes):
        return None
    numbers = any(kinds.get(x) == "scalar" and name_of(x).is_capital and x not in declared for x in letters)
    if not numbers and (not all(map(_is_plain, capitals)) or _says_so(nodes, variables, kinds, declared)):
        return None
    names = ", ".join(capitals)
    place = next(x.span for x in nodes if x.text == capitals[0])
    hint = f"declare: [{names}: scalar] or [{names}: matrix]"
    return ShapeError("E205", f"{capitals[0]} may be a number or a matrix", place, hint)


def doubt_of_quotient(
    f: Syntax, variables: Collection[str], kinds: Kinds, declared: Mapping[str, Declaration]
) -> ShapeError | None:
    r"""Return the question whether P of `\frac{P}{\sigma^2}HH^\top` is a matrix: who divides a letter has numbers."""
    for first, second, *_ in (x.arguments for x in f.walk() if x.head == "product"):
        if first.head == "fraction" and kinds.get(second.ungrouped.text) == "matrix":
            above, below = (x.ungrouped for x in first.arguments)
            matrix = kinds.get(above.text) == "matrix" and above.text not in {*variables, *declared}
            letter = name_of(above.text).letter
            if matrix and below.head != "number" and letter not in _USUAL_MATRICES and len(letter) == 1:
                hint = f"declare: [{above.text}: scalar] or [{above.text}: matrix]"
                return ShapeError("E205", f"{above.text} may be a number or a matrix", above.span, hint)
    return None


def doubt_of_cardinality(f: Syntax, known: Collection[str]) -> ShapeError | None:
    r"""Return the question whether `\frac1{|\mathcal{D}|}` counts elements, of a letter that stands in bars alone.

    The letters `known` are the variables and those that are declared.
    """
    for node in (x for x in f.walk() if x.head in ("fraction", "slash")):
        for bars in (x for x in node.arguments[1].walk() if x.head == "bars" and x.arguments[0].head == "symbol"):
            letter = bars.arguments[0].text
            alone = sum(x.text == letter for x in f.walk()) == sum(x.arguments[0].text == letter for x in _bars(f))
            if name_of(letter).is_capital and letter not in known and alone:
                hint = f"write N for the number, or declare [{letter}: matrix]"
                message = f"|{letter}| may be a number of elements or a determinant"
                return ShapeError("E205", message, bars.span, hint)
    return None


def _bars(f: Syntax) -> Iterator[Syntax]:
    return (x for x in f.walk() if x.head == "bars")


def hint_of_numbers(letters: Iterable[str], kinds: Kinds, declared: Mapping[str, Declaration]) -> str:
    """Return the declaration of the capitals among the letters as numbers, "" where there are none."""
    found = [x for x in dict.fromkeys(letters) if kinds.get(x) == "matrix" and x not in declared]
    return f"if these are numbers, declare: [{', '.join(found)}: scalar]" if found else ""


def _says_so(
    nodes: Sequence[Syntax], variables: Sequence[str], kinds: Kinds, declared: Mapping[str, Declaration]
) -> bool:
    """Whether a letter is declared, or is a usual one that is the variable, a term or beside another in a product."""
    several = ("matrix", "column", "row")
    if any(x.text in _USUAL_VECTORS and kinds.get(x.text) == "column" for x in nodes[0].terms):  # `b-Fc`
        return True
    usual = {*_USUAL_MATRICES, *_USUAL_VECTORS, *declared}
    for node in nodes:
        letters = [x.text for x in _outside_sums(node) if x.head == "symbol" and kinds.get(x.text) in several]
        beside = (
            node.head in ("product", "cdot", "times")
            and len(letters) > 1
            and any(kinds[x] == "matrix" for x in letters)
        )
        if beside and any(x in usual or (x in variables and kinds[x] == "column") for x in letters):
            return True
    written = {x.text for x in nodes}
    return bool(written & _GREEK_MATRICES) or any(x in usual and kinds.get(x) == "matrix" for x in variables)


def _outside_sums(node: Syntax) -> Iterator[Syntax]:
    """Yield what stands in a product, but not the entries that a sum in it goes over."""
    yield node
    for x in node.arguments if node.head != "sum_over" else ():
        yield from _outside_sums(x)


def _has(node: Syntax, letters: Collection[str]) -> bool:
    return any(x.text in letters for x in node.walk())


def _is_plain(letter: str) -> bool:
    """Whether this is a capital and nothing else: neither bold nor with a script."""
    return name_of(letter).letter == letter


def _is_of_matrices(node: Syntax) -> bool:
    if node.head == "call":
        return not any(x == "m n -> m n" for x in by_name(node.text).signatures)
    inverse = node.head == "power" and node.arguments[1].value is not None and node.arguments[1].value < 0
    return node.head in _OF_MATRICES or (inverse and node.arguments[0].head != "number")
