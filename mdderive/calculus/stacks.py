r"""Rows and columns with an index, `W_{i\cdot}`, all of them at once: the matrix whose rows they are.

What is linear in a row is the same product with the matrix: the rows `W_{i\cdot}A` are those of `WA`, the numbers
`W_{i\cdot}H_{j\cdot}^\top` the entries of `WH^\top`, and `\sum_iW_{i\cdot}^\top W_{i\cdot}` is `W^\top W`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import NamedTuple

from ..algebra.expressions import ONE, Apply, Expr, number
from ..algebra.factoring import add
from ..algebra.operators import by_name
from ..algebra.powers import hadamard
from ..algebra.terms import factors_of, multiply, ones, terms_of, transpose, under_transpose
from ..errors import UnsupportedError

Kind = tuple[str, ...]
"""The indices of a factor: () for a scalar, (i,) for a column, (i, j) in alphabetical order for a matrix."""
Factors = dict[Kind, Expr]
Lift = Callable[[Expr], Factors]
"""How a number is written as a product of factors."""


class Stack(NamedTuple):
    """A row at all values of its index, one below the other, (m, n); "" and (1, n) where it has no index."""

    name: str
    rows: Expr


def no_matrix_form(node: Expr) -> UnsupportedError:
    """Return the error that something which a sum over entries is taken of has no matrix form."""
    hint = "write it with whole vectors and matrices, such as x^T A y"
    return UnsupportedError("E303", f"no matrix form of this sum over entries is known, because of {node}", hint=hint)


def times(a: Factors, b: Factors) -> Factors:
    """Return the factors of a product, those with the same indices joined entry by entry."""
    found = dict(a)
    for kind, value in b.items():
        found[kind] = hadamard(found[kind], value) if kind in found else value
    return found


def stacked(x: Expr, lift: Lift) -> Stack:
    """Return a row, or the transpose of a column, at all values of its index.

    Raises:
        UnsupportedError: it has two indices, or something in it has no such form.
    """
    column = x.shape[1] == ONE
    if not x.indices:
        return Stack("", transpose(x) if column else x)
    if not isinstance(x, Apply) or ONE not in x.shape:
        raise no_matrix_form(x)
    if x.operator.all_lines is not None and not x.arguments[0].indices:
        index, rows = x.operator.all_lines(x)
        return Stack(index, rows)
    if (inner := under_transpose(x)) is not None:
        return stacked(inner, lift)
    if len(terms_of(x)) > 1:
        return _sum(x, lift)
    if x.operator.acts_on_entries and not any(y.indices for y in x.arguments[1:]):
        index, rows = stacked(x.arguments[0], lift)
        return Stack(index, Apply(x.operator, (rows, *x.arguments[1:]), x.parameters))
    scalars, chain = numbers_and_chain(factors_of(x))
    if len(chain) == len(factors_of(x)) == 1:
        raise no_matrix_form(x)
    return _scaled(_chain_of(chain, lift, column=column), product_of(scalars, lift), x)


def _chain_of(chain: Sequence[Expr], lift: Lift, *, column: bool) -> Stack:
    """Return a product of one row or column and of matrices without an index."""
    one, *others = chain[::-1] if column else chain
    if any(y.indices for y in others):
        raise no_matrix_form(next(y for y in others if y.indices))
    index, rows = stacked(one, lift)
    return Stack(index, multiply(rows, *(transpose(y) if column else y for y in others)))


def _scaled(stack: Stack, weights: Factors, whole: Expr) -> Stack:
    """Return a row times a number."""
    index, rows = stack
    for kind, value in weights.items():
        if not kind:
            rows = multiply(value, rows)
        elif len(kind) == 1 and index in ("", kind[0]):
            rows = multiply(Apply(by_name("diagonal matrix"), (value,)), rows) if index else multiply(value, rows)
            index = kind[0]
        else:
            raise no_matrix_form(whole)
    return Stack(index, rows)


def _sum(x: Expr, lift: Lift) -> Stack:
    parts = [stacked(term, lift) for term in terms_of(x)]
    named = [part for part in parts if part.name]
    if len({part.name for part in named}) != 1:
        raise no_matrix_form(x)
    column = ones((named[0].rows.shape[0], ONE))
    return Stack(named[0].name, add(*(y.rows if y.name else multiply(column, y.rows) for y in parts)))


def numbers_and_chain(factors: Sequence[Expr]) -> tuple[list[tuple[Expr, ...]], list[Expr]]:
    """Return the factors that are numbers, each as a chain from a row to a column, and the matrices that remain."""
    numbers: list[tuple[Expr, ...]] = []
    rest: list[Expr] = []
    first: int | None = None
    for x in factors:
        if x.is_scalar:
            numbers.append((x,))
            continue
        rest.append(x)
        if x.shape[0] == ONE:
            first = len(rest) - 1
        elif x.shape[1] == ONE and first is not None:
            numbers.append(tuple(rest[first:]))
            del rest[first:]
            first = None
    return numbers, rest


def product_of(numbers: Sequence[tuple[Expr, ...]], lift: Lift) -> Factors:
    """Return the factors of a product of numbers, each a chain from a row to a column."""
    return reduce(times, (_of_chain(x, lift) for x in numbers), {})


def _of_chain(chain: tuple[Expr, ...], lift: Lift) -> Factors:
    r"""Return the number `W_{i\cdot}\cdots H_{j\cdot}^\top` as a factor."""
    if len(chain) == 1:
        return lift(chain[0])
    first, *middle, last = chain
    if any(x.indices for x in middle):
        raise no_matrix_form(next(x for x in middle if x.indices))
    (i, left), (j, right) = stacked(first, lift), stacked(last, lift)
    left = multiply(left, *middle)
    if i and i == j:
        return {(i,): multiply(hadamard(left, right), ones((left.shape[1], ONE)))}
    if j and not (i and i < j):
        i, left, j, right = j, right, i, left
    return {tuple(x for x in (i, j) if x): multiply(left, transpose(right))}


def of_line(node: Apply, lift: Lift) -> Factors | None:
    r"""Return a number that is a function of one row or column, `\lVert W_{i\cdot}\rVert`, None of another function."""
    if node.operator.of_rows is None or not node.is_scalar or any(x.indices for x in node.arguments[1:]):
        return None
    index, rows = stacked(node.arguments[0], lift)
    return {(index,): node.operator.of_rows(rows)} if index else None


def sum_of_matrices(body: Expr, index: str, lift: Lift, total: Callable[[Factors], Expr]) -> Expr:
    """Return the sum over an index of rows, columns or matrices; `total` adds up numbers.

    Raises:
        UnsupportedError: something in it has no such form.
    """
    return add(*(_sum_of_term(term, index, lift, total) for term in terms_of(body)))


def _sum_of_term(term: Expr, index: str, lift: Lift, total: Callable[[Factors], Expr]) -> Expr:
    """Return the sum of a product `L R` of a column and a row, of one of them, or of a matrix, with weights."""
    scalars, chain = numbers_and_chain(factors_of(term))
    weights = product_of(scalars, lift)
    cut = next((k + 1 for k, x in enumerate(chain) if x.shape[1] == ONE), 0)
    left, right = chain[:cut], chain[cut:]
    if not any(x.indices for x in chain):
        return multiply(total(weights), *chain)
    if not weights.keys() <= {(), (index,)} or {y for x in chain for y in x.indices} != {index}:
        raise no_matrix_form(term)
    scale, column = weights.get((), number(1)), weights.get((index,))
    above = _chain_of(left, lift, column=True).rows if any(x.indices for x in left) else None
    below = _chain_of(right, lift, column=False).rows if any(x.indices for x in right) else None
    if above is not None and below is not None:
        middle = () if column is None else (Apply(by_name("diagonal matrix"), (column,)),)
        return multiply(scale, transpose(above), *middle, below)
    stack = above if above is not None else below
    assert stack is not None
    count = ones((stack.shape[0], ONE)) if column is None else column
    if above is not None:
        return multiply(scale, transpose(above), count, *right)
    return multiply(scale, *left, transpose(count), stack)
