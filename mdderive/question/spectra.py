r"""Eigenvalues and singular values: how `\lambda_{\max}(A)` is typed, and which letters their unit vectors have."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, count

from ..algebra.expressions import SCALAR, Apply, Expr, Operator, Symbol, number, walk
from ..algebra.operators.spectra import LETTERS, vectors_of
from ..algebra.terms import is_symmetric, normalise, substitute
from ..errors import ShapeError, UnsupportedError
from ..latex.names import name_of
from ..latex.tree import Syntax
from .environment import Environment, Typed, scalar_of
from .places import spectral_row


def spectral_value(letter: Syntax, group: Syntax, env: Environment) -> Typed:
    """Return an eigenvalue or a singular value of the matrix in the parenthesis.

    Raises:
        ReadingError: it is no matrix, or not square and has eigenvalues.
        UnsupportedError: the index is that of a sum.
    """
    name = name_of(letter.text)
    row = spectral_row(name)
    if row is None or name.subscript is None:
        hint = r"write \lambda_{\max}(A), \lambda_i(A), \sigma_{\min}(X)"
        raise UnsupportedError("E303", f"{letter.text} says not which of the values is meant", letter.span, hint)
    index, inner = name.subscript.latex, env.infer(group)
    if any(index == x.name for x in env.open_indices):
        hint = r"the sum of all eigenvalues is \operatorname{tr}(A), their product \det(A)"
        raise UnsupportedError("E303", "a sum over eigenvalues or singular values is not supported", letter.span, hint)
    if not inner.is_matrix:
        raise env.misfit(f"{letter.text} is taken of a matrix, this is {inner.shape}", group)
    of_square = row.signatures[0].startswith("n n")
    if of_square:
        env.square(inner, group)

    def make() -> Expr:
        matrix = inner.make()
        if of_square and not is_symmetric(normalise(matrix)):
            raise _not_symmetric(letter, group)
        return Apply(row, (matrix, *_index(index, row, env)))

    return scalar_of(make)


def _index(index: str, row: Operator, env: Environment) -> tuple[Expr, ...]:
    """Return the index as the second argument of a row that has one."""
    if ", 1 1" not in row.signatures[0]:
        return ()
    if index.isdecimal():
        return (number(int(index)),)
    symbol = Symbol(index, SCALAR, frozenset(("integer",)))
    env.symbols[index] = symbol
    return (symbol,)


def _not_symmetric(letter: Syntax, group: Syntax) -> ShapeError:
    names = ", ".join(dict.fromkeys(x.text for x in group.walk() if x.head == "symbol" and name_of(x.text).is_capital))
    hint = f"declare it: [{names}: symmetric]" if names else "declare the matrix symmetric"
    message = f"{letter.text} is supported of symmetric matrices only, and this one may be another"
    return ShapeError("E205", message, group.span, hint)


def with_named_vectors(roots: Iterable[Expr], taken: Iterable[str]) -> dict[Expr, Expr]:
    """Return the spectral values in the roots, each with letters for its unit vectors that nothing else is called."""
    free = chain([x for x in LETTERS if x not in {*taken}], (f"u_{{({k})}}" for k in count(1)))
    named: dict[Expr, Expr] = {}
    letters: dict[tuple[Expr, ...], tuple[str, ...]] = {}
    for x in dict.fromkeys(x for root in roots for x in walk(root)):
        vectors = vectors_of(x)
        if vectors and isinstance(x, Apply):
            found = letters[vectors] = letters.get(vectors) or tuple(next(free) for _ in vectors)
            named[x] = Apply(x.operator, tuple(substitute(y, named) for y in x.arguments), found)
    return named
