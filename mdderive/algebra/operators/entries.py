"""The rows of single entries: a unit vector, an entry at a place, and the constant pi."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

from ...words import Wording
from ..arithmetic import Arithmetic
from ..expressions import (
    ONE,
    SCALAR,
    Apply,
    Binding,
    Code,
    Dimension,
    Expr,
    Index,
    Number,
    Operator,
    Shape,
    Sizes,
    Symbol,
    Write,
    lazy_numpy,
    parenthesise,
)
from ..numbers import Degree, Jet, RedrawError, unit
from ..signs import DEFINITE
from ..terms import index_of, multiply, transpose, zero
from ..writing import braced
from .structural import FUNDAMENTAL, differential


def unit_vector(dimension: Dimension, place: int) -> Expr:
    """Return the column whose entry at `place` (from 1) is 1 and whose other entries are 0."""
    return Apply(unit_row, (), (dimension, place))


def _unit_value(node: Apply, sizes: Sizes) -> Any:
    """Return the unit vector.

    Raises:
        LinAlgError: its place is beyond the size.
    """
    place, size = int(str(node.parameters[1])), sizes.size(node.shape[0])
    if place > size:
        raise lazy_numpy().linalg.LinAlgError("there is no such entry")
    return lazy_numpy().eye(size)[:, place - 1].reshape(*(1,) * sizes.leading, size, 1)


unit_row = Operator(
    name="unit vector",
    rule=Wording("a constant", "常量"),
    source=FUNDAMENTAL,
    example=(r"X_{12}", "X"),
    latex=lambda node, write: rf"e_{braced(str(node.parameters[1]))}",
    sized_value=lambda node, arrays, sizes: _unit_value(node, sizes),
    exact=lambda at, node, x: Jet({0: unit(at.size(node.shape[0]), int(str(node.parameters[1])) - 1)}),
    numpy="np.eye({0})[:, [{3} - 1]]",
    torch=Code("torch.eye({0}, **like)[:, [{3} - 1]]"),
    jax=Code("np.eye({0})[:, {3} - 1].reshape(-1, 1)"),
    julia=Code("Matrix(1.0I, {0}, {0})[:, [{3}]]"),
    sympy=Code("sp.eye({0})[:, {3} - 1]"),
    result=lambda arguments, parameters: (parameters[0], ONE),
)


def entry_of(whole: Expr, places: Sequence[Expr]) -> Expr:
    """Return the entry of a column at a place, or of a matrix at two."""
    return Apply(entry_row, (whole, *places))


def row_or_column(whole: Expr, place: Expr, *, row: bool) -> Expr:
    """Return the row or the column of a matrix at a place."""
    return Apply(entry_row, (whole, place), ("row" if row else "column",))


def last_before(node: Expr) -> int | None:
    """Return the number of the last row or column if an entry or a line of a matrix is beyond it, else None."""
    if not isinstance(node, Apply) or node.operator is not entry_row:
        return None
    whole, *places = node.arguments
    for place, size in zip(places, whole.shape[1:] if node.parameters == ("column",) else whole.shape, strict=False):
        last = math.prod(map(int, size)) if all(map(str.isdigit, size)) else None
        if isinstance(place, Number) and last is not None and place.value > last:
            return last
    return None


def _entry_value(arrays: tuple[Any, ...], parameters: tuple[Any, ...]) -> Any:
    """Return the entries at the places told by `arrays[1:]`, which vary along axes of their own, or a row or column.

    Raises:
        LinAlgError: a place is beyond the size.
    """
    numpy = lazy_numpy()
    value = arrays[0]
    for axis, place in zip((-1,) if parameters == ("column",) else (-2, -1), arrays[1:], strict=False):
        index = numpy.round(place.real).astype(int) - 1
        if index.max() >= value.shape[axis]:
            raise numpy.linalg.LinAlgError("there is no such entry")
        value = numpy.take_along_axis(value, index.reshape((1,) * (value.ndim - index.ndim) + index.shape), axis)
    return value


def _exact_entry(at: Arithmetic, node: Apply, x: tuple[Jet, ...]) -> Jet:
    """Return the entry of `x[0]` at the place told by the others, or the row or column.

    Raises:
        RedrawError: a place is beyond the size.
    """
    i, j = (*(place.number - 1 for place in x[1:]), 0)[:2]
    if node.parameters == ("column",):
        i, j = 0, i
    if not (0 <= i < x[0].rows and 0 <= j < x[0].columns):
        raise RedrawError
    if node.parameters:
        return at.moved(x[0], lambda a: [a[i]] if node.parameters == ("row",) else [[y[j]] for y in a])
    return at.moved(x[0], lambda a: [[a[i][j]]])


def _write_entry(node: Apply, write: Write) -> str:
    whole, *places = node.arguments
    text = write(whole, Binding.ATOM)
    if isinstance(whole, Apply) and whole.operator is differential and isinstance(whole.arguments[0], Symbol):
        text = write(whole, 0)  # dx_1
    if r"\frac" in text and isinstance(whole, Symbol):
        text = parenthesise(text)  # the name of a derivative
    written = [write(x, 0) for x in places]
    if node.parameters:
        written = [*written, r"\cdot"] if node.parameters == ("row",) else [r"\cdot ", *written]
    return f"{text}_{braced(''.join(written))}"


def _entry_adjoint(node: Apply, i: int, cotangent: Expr) -> Expr:
    """Return the matrix that has the cotangent at the place of the entry."""
    whole, *places = node.arguments
    if i > 0:
        return zero(places[i - 1].shape)
    units = [unit_vector(whole.shape[k], int(x.value)) for k, x in enumerate(places) if isinstance(x, Number)]
    return multiply(cotangent, units[0], *map(transpose, units[1:]))


def _all_lines(node: Apply) -> tuple[str, Expr]:
    """Return the index of a row or column, and the matrix of which all of them are the rows."""
    whole, place = node.arguments
    return str(place), whole if node.parameters == ("row",) else transpose(whole)


def _entry_shape(arguments: tuple[Expr, ...], parameters: tuple[Any, ...]) -> Shape:
    if not parameters:
        return SCALAR
    rows, columns = arguments[0].shape
    return (ONE, columns) if parameters == ("row",) else (rows, ONE)


entry_row = Operator(
    name="entry",
    rule=Wording("an entry", "元素"),
    source=FUNDAMENTAL,
    example=(r"\sum_{i=1}^n x_i^2", "x"),
    latex=_write_entry,
    value=_entry_value,
    exact=lambda at, node, x: _exact_entry(at, node, x),
    numpy="entry",
    result=_entry_shape,
    adjoint=_entry_adjoint,
    plain=True,
    all_lines=lambda node: _all_lines(node),
)


def by_components(body: Expr, index: Index, length: Dimension, *, beside: bool = False) -> Expr:
    """Return the values of `body` at all values of an index, one below the other, or one beside the other."""
    return Apply(columns_of_components if beside else components, (body,), (index, length))


def _set_out(node: Apply, arrays: tuple[Any, ...], sizes: Sizes, onto: int) -> Any:
    """Return the values along the axis of an index as rows or columns."""
    numpy, (array,) = lazy_numpy(), arrays
    axis, count = sizes.axis(index_of(node)), sizes.size(node.shape[1 if onto == -1 else 0])
    if array.shape[axis] != count:
        array = numpy.take(array, numpy.arange(count) % array.shape[axis], axis)
    return numpy.swapaxes(array, axis, onto)


def _exactly_set_out(at: Arithmetic, values: list[Jet], *, beside: bool) -> Jet:
    """Return the values one below the other, or one beside the other."""

    def placed(k: int, a: list[list[int]]) -> list[list[int]]:
        if beside:
            return [[row[0] if y == k else 0 for y in range(len(values))] for row in a]
        return [[a[0][0] if y == k else 0] for y in range(len(values))]

    return at.plus(*(at.moved(x, partial(placed, k)) for k, x in enumerate(values)))


components = Operator(
    name="components",
    rule=Wording("a constant", "常量"),
    source=FUNDAMENTAL,
    example=(r"\sum_{i=1}^n c_iz_i", "x"),
    where=("z_i = a_ix_i^2",),
    latex=lambda node, write: rf"\left({write(node.arguments[0], 0)}\right)_{index_of(node).name}",
    sized_value=lambda node, arrays, sizes: _set_out(node, arrays, sizes, -2),
    exact_over=lambda at, values: _exactly_set_out(at, values, beside=False),
    numpy="{0}",
    result=lambda arguments, parameters: (parameters[1], ONE),
    binds_index=True,
    in_components=True,
)


columns_of_components = components.but(
    name="columns of components",
    example=(r"\sum_{i=1}^n\sum_{j=1}^m C_{ij}Z_{ij}", "X"),
    where=("Z_{ij} = A_{ij}X_{ij}^2",),
    sized_value=lambda node, arrays, sizes: _set_out(node, arrays, sizes, -1),
    exact_over=lambda at, values: _exactly_set_out(at, values, beside=True),
    result=lambda arguments, parameters: (arguments[0].shape[0], parameters[1]),
)


def is_numbered_entry(x: Expr) -> bool:
    """Whether `x` is an entry whose places are numbers, a scalar like others."""
    return (
        isinstance(x, Apply)
        and x.operator is entry_row
        and not x.parameters
        and all(isinstance(y, Number) for y in x.arguments[1:])
    )


def numbered_places(node: Expr) -> tuple[int, ...]:
    """Return the places, written as numbers, of the entry that `node` is or of the 1 in a unit vector."""
    if not isinstance(node, Apply):
        return ()
    if node.operator is entry_row:
        return tuple(int(x.value) for x in node.arguments[1:] if isinstance(x, Number))
    place = node.parameters[1] if node.operator is unit_row else None
    return (int(place),) if isinstance(place, int) or (isinstance(place, str) and place.isdigit()) else ()


pi_row = Operator(
    name="pi",
    sign=lambda node, signs: DEFINITE,
    rule=Wording("a constant", "常量"),
    source=FUNDAMENTAL,
    example=(r"\log(2\pi a^Tx)", "x"),
    latex=lambda node, write: r"\pi",
    value=lambda arrays, parameters: lazy_numpy().full((1, 1), math.pi),
    exact=lambda at, node, x: Jet({0: [[at.atom("pi", 0)]]}, Degree(1)),
    numpy="np.pi",
    julia=Code("pi"),
    sympy=Code("sp.pi"),
    result=lambda arguments, parameters: SCALAR,
)
