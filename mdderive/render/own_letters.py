r"""What the letters in an answer mean that are not its author's: u of `2Xuu^\top`, the shares of a mixture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..algebra.expressions import Apply, Expr, Symbol, to_latex, walk
from ..algebra.operators.entrywise import logistic
from ..algebra.operators.spectra import is_unit_vector, vectors_of
from ..algebra.terms import multiply, transpose
from ..question.question import Question
from ..solution.derivation import used_in
from .teller import Teller, equation_of


class UnitVectors(NamedTuple):
    """The unit vectors that belong to an eigenvalue or singular value of f, and the equations that they solve."""

    vectors: tuple[Apply, ...]
    equations: tuple[str, ...]


def unit_vectors(q: Question) -> Iterator[UnitVectors]:
    """Yield the unit vectors that belong to what stands in f."""
    for node in dict.fromkeys(applications([q.f, *(body for _, body in q.definitions)])):
        vectors, matrix = vectors_of(node), node.arguments[:1]
        sides = (matrix,) if len(vectors) == 1 else (matrix, tuple(map(transpose, matrix)))
        turned = zip(sides, vectors[::-1], vectors, strict=True) if vectors else ()
        equations = tuple(f"{multiply(*side, x)} = {multiply(node, y)}" for side, x, y in turned)
        if vectors:
            yield UnitVectors(vectors, equations)


def name_of_logistic(values: Iterable[Expr]) -> str:
    """Return the letter of the logistic function in the values, "" where it does not occur."""
    names = (x.parameters[0] for x in applications(values) if x.operator is logistic and x.parameters)
    return str(next(names, ""))


def told_behind(teller: Teller) -> tuple[str, ...]:
    """Return as formulas what the letters in the answer mean that its author has not written."""
    q = teller.question
    values = [second.value for x, second in teller.working.seconds.items() if x in teller.variables]
    values = values or [teller.working.gradients[x].value for x in teller.variables]
    return (*teller.used_layers, *_equations(q, [*values, *(x.value for x in teller.chain)]))


def _equations(q: Question, values: Sequence[Expr]) -> Iterator[str]:
    for symbol, body in used_in(symbols_in(values), q.abbreviations):
        if symbol not in q.places:
            yield equation_of(symbol, body, " = ")
    letters = {to_latex(x) for x in applications(values) if is_unit_vector(x)}
    for found in unit_vectors(q):
        if not letters.isdisjoint(map(to_latex, found.vectors)):
            yield from found.equations
            yield " = ".join(rf"\lVert {to_latex(x)}\rVert" for x in found.vectors) + " = 1"
    name = name_of_logistic(values)
    if name and name != name_of_logistic([q.f]):
        yield rf"{name}(t) = \frac{{1}}{{1+e^{{-t}}}}"


def symbols_in(values: Iterable[Expr]) -> set[Symbol]:
    """Return the symbols of all the values."""
    return {symbol for x in values for symbol in x.symbols}


def applications(values: Iterable[Expr]) -> Iterator[Apply]:
    """Yield the nodes of the values that are made of others."""
    return (x for value in values for x in walk(value) if isinstance(x, Apply))
