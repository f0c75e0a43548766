"""The rows of single entries: a unit vector, an entry at a place, and the constant pi."""

from __future__ import annotations

import math
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
    Number,
    Operator,
    Sizes,
    Symbol,
    Write,
    lazy_numpy,
    parenthesise,
)
from ..numbers import Degree, Jet, RedrawError, unit
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


def _entry_value(arrays: tuple[Any, ...], parameters: tuple[Any, ...]) -> Any:
    """Return the entries at the places told by `arrays[1:]`, which vary along axes of their own.

    Raises:
        LinAlgError: a place is beyond the size.
    """
    numpy = lazy_numpy()
    value = arrays[0]
    for axis, place in zip((-2, -1), arrays[1:], strict=False):
        index = numpy.round(place.real).astype(int) - 1
        if index.max() >= value.shape[axis]:
            raise numpy.linalg.LinAlgError("there is no such entry")
        value = numpy.take_along_axis(value, index.reshape((1,) * (value.ndim - index.ndim) + index.shape), axis)
    return value


def _exact_entry(at: Arithmetic, x: tuple[Jet, ...]) -> Jet:
    """Return the entry of `x[0]` at the place told by the others.

    Raises:
        RedrawError: a place is beyond the size.
    """
    i, j = (*(place.number - 1 for place in x[1:]), 0)[:2]
    if not (0 <= i < x[0].rows and 0 <= j < x[0].columns):
        raise RedrawError
    return at.moved(x[0], lambda a: [[a[i][j]]])


def _write_entry(node: Apply, write: Write) -> str:
    whole, *places = node.arguments
    text = write(whole, Binding.ATOM)
    if isinstance(whole, Apply) and whole.operator is differential and isinstance(whole.arguments[0], Symbol):
        text = write(whole, 0)  # dx_1
    if r"\frac" in text and isinstance(whole, Symbol):
        text = parenthesise(text)  # the name of a derivative
    return f"{text}_{braced(''.join(write(x, 0) for x in places))}"


def _entry_adjoint(node: Apply, i: int, cotangent: Expr) -> Expr:
    """Return the matrix that has the cotangent at the place of the entry."""
    whole, *places = node.arguments
    if i > 0:
        return terms.zero(places[i - 1].shape)
    units = [unit_vector(whole.shape[k], int(x.value)) for k, x in enumerate(places) if isinstance(x, Number)]
    return terms.multiply(cotangent, units[0], *map(terms.transpose, units[1:]))


entry_row = Operator(
    name="entry",
    rule=Wording("an entry", "元素"),
    source=FUNDAMENTAL,
    example=(r"\sum_{i=1}^n x_i^2", "x"),
    latex=_write_entry,
    value=_entry_value,
    exact=lambda at, node, x: _exact_entry(at, x),
    numpy="entry",
    result=lambda arguments, parameters: SCALAR,
    adjoint=_entry_adjoint,
    plain=True,
)


def is_numbered_entry(x: Expr) -> bool:
    """Whether `x` is an entry whose places are numbers, a scalar like others."""
    return isinstance(x, Apply) and x.operator is entry_row and all(isinstance(y, Number) for y in x.arguments[1:])


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


# The normal form names the rows: it is imported when they are made.
from .. import terms  # noqa: E402
