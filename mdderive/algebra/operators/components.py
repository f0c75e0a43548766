"""The row of vectors and matrices by their entries, and what is told entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...words import Wording
from ..arithmetic import Arithmetic
from ..expressions import (
    ONE,
    Apply,
    Code,
    Dimension,
    Expr,
    Operator,
    Shape,
    Symbol,
    Write,
    lazy_numpy,
    number,
    walk,
)
from ..factoring import add
from ..keys import key
from ..numbers import Jet
from ..terms import (
    build,
    factors_of,
    is_identity,
    is_ones,
    is_product,
    is_zero,
    multiply,
    terms_of,
    under_transpose,
    zero,
)
from ..writing import in_parentheses
from .entries import entry_row, numbered_places, unit_row
from .kronecker import stacked_row
from .structural import FUNDAMENTAL, differential, hadamard_row

MOST_ENTRIES = 16
"""How many entries a result may have that is written by them."""


def by_entries(entries: Sequence[Expr], rows: int, columns: int) -> Expr:
    """Return the matrix of these scalars, given row by row."""
    return build(matrix_by_entries, *entries, parameters=(rows, columns))


def _dimension(count: Any) -> Dimension:
    return ONE if count == 1 else (str(count),)


def _shape(parameters: tuple[Any, ...]) -> Shape:
    return _dimension(parameters[0]), _dimension(parameters[1])


def _extent(node: Apply) -> tuple[int, int]:
    """Return how many rows and columns it has."""
    rows, columns = (int(str(x)) for x in node.parameters)
    return rows, columns


def _write(node: Apply, write: Write) -> str:
    _, columns = _extent(node)
    cells = [write(x, 0) for x in node.arguments]
    return in_parentheses(cells[k : k + columns] for k in range(0, len(cells), columns))


def _value(arrays: tuple[Any, ...], parameters: tuple[Any, ...]) -> Any:
    numpy = lazy_numpy()
    whole = numpy.stack(numpy.broadcast_arrays(*(x[..., 0, 0] for x in arrays)), axis=-1)
    return whole.reshape(*whole.shape[:-1], *map(int, parameters))


def _exact(at: Arithmetic, node: Apply, entries: tuple[Jet, ...]) -> Jet:
    rows, columns = _extent(node)

    def placed(place: int) -> Callable[[list[list[int]]], list[list[int]]]:
        i, j = divmod(place, columns)
        return lambda a: [[a[0][0] * ((r, c) == (i, j)) for c in range(columns)] for r in range(rows)]

    return at.plus(*(at.moved(x, placed(k)) for k, x in enumerate(entries)))


def _adjoint(node: Apply, i: int, cotangent: Expr) -> Expr:
    row, column = divmod(i, _extent(node)[1])
    return entry(cotangent, row + 1, column + 1)


matrix_by_entries: Operator = Operator(
    name="matrix by its entries",
    rule=Wording("d acts on every entry", "逐元素求微分"),
    why=Wording(
        "The differential of a vector or a matrix is that of its entries, each in its place.",
        "向量或矩阵的微分就是各元素的微分，位置不变。",
    ),
    plain=True,
    source=FUNDAMENTAL,
    example=(r"a^T\begin{pmatrix}x_1x_2\\x_2^2\end{pmatrix}", "x"),
    latex=_write,
    value=_value,
    exact=_exact,
    numpy="np.array([{rows}])",
    torch=Code("torch.stack([torch.as_tensor(_x, **like).reshape(()) for _x in ({flat},)]).reshape({shape})"),
    julia=Code("reshape([{flat}], {columns}, {lines})'"),
    sympy=Code("sp.Matrix([{rows}])"),
    result=lambda arguments, parameters: _shape(parameters),
    differential=lambda node, d: Apply(matrix_by_entries, tuple(map(d, node.arguments)), node.parameters),
    adjoint=_adjoint,
    normal=lambda arguments, parameters: zero(_shape(parameters)) if all(map(is_zero, arguments)) else None,
    transposed=lambda node: _transposed(node),
)


def _transposed(node: Apply) -> Expr:
    rows, columns = _extent(node)
    return by_entries([node.arguments[i * columns + j] for j in range(columns) for i in range(rows)], columns, rows)


def stacked_entries(node: Apply) -> list[Expr]:
    """Return the entries of a matrix by its entries, column by column."""
    _, columns = _extent(node)
    return [x for k in range(columns) for x in node.arguments[k::columns]]


def laid_out(entries: Sequence[str], node: Apply) -> dict[str, str]:
    """Return the entries, as they are written in a source, in the layouts for which its languages ask."""
    lines, columns = _extent(node)
    rows = [", ".join(entries[k : k + columns]) for k in range(0, len(entries), columns)]
    sizes = {"lines": str(lines), "columns": str(columns), "shape": f"{lines}, {columns}"}
    return {"rows": ", ".join(f"[{row}]" for row in rows), "flat": ", ".join(entries), **sizes}


# --- entries of what is known by them ----------------------------------------------------------------------


def entry(x: Expr, row: int, column: int = 1) -> Expr:
    """Return the entry of `x` at a place counted from 1, that of a sum or a product by those of its parts."""
    found = _entry(x, row, column)
    if found is None:
        places = (number(row),) if x.shape[1] == ONE else (number(row), number(column))
        return build(entry_row, x, *places)
    return found


def _entry(x: Expr, row: int, column: int) -> Expr | None:
    """Return an entry as far as it is known by parts of `x`; None where it is nothing but an entry of it."""
    if is_zero(x):
        return number(0)
    if is_identity(x):
        return number(int(row == column))
    if is_ones(x) or x.is_scalar:
        return x if x.is_scalar else number(1)
    plain = under_transpose(x)
    if plain is not None:
        return entry(plain, column, row)
    if not isinstance(x, Apply):
        return None
    if x.operator is matrix_by_entries:
        return x.arguments[(row - 1) * _extent(x)[1] + column - 1]
    if x.operator is stacked_row:
        lines = _count(x.shape[0])
        return None if lines is None else entry(x.arguments[0], (column - 1) * lines + row)
    if x.operator is unit_row:
        return number(int(numbered_places(x) == (row,)))
    if len(terms_of(x)) > 1:
        return add(*(entry(y, row, column) for y in terms_of(x)))
    if x.operator is hadamard_row:
        return multiply(*(entry(y, row, column) for y in x.arguments))
    if is_product(x):
        return _entry_of_product(x, row, column)
    if x.operator.acts_on_entries and not any(y.symbols for y in x.arguments[1:]):
        return build(x.operator, entry(x.arguments[0], row, column), *x.arguments[1:], parameters=x.parameters)
    return None


def _entry_of_product(x: Expr, row: int, column: int) -> Expr | None:
    factors = factors_of(x)
    scalars = [y for y in factors if y.is_scalar]
    chain = [y for y in factors if not y.is_scalar]
    if len(chain) == 1:
        return multiply(*scalars, entry(chain[0], row, column))
    inner = _count(chain[0].shape[1])
    rest = multiply(*chain[1:])
    if inner is None:
        return None
    terms = [multiply(entry(chain[0], row, k), entry(rest, k, column)) for k in range(1, inner + 1)]
    return multiply(*scalars, add(*terms)) if scalars else add(*terms)


def _count(dimension: Dimension) -> int | None:
    """Return the number that a dimension is; None where it is a letter, or too large."""
    if dimension == ONE:
        return 1
    text = dimension[0] if len(dimension) == 1 else ""
    return int(text) if text.isdigit() and int(text) <= MOST_ENTRIES else None


def in_components(x: Expr) -> Expr:
    """Return `x` by its entries where its sizes are small numbers and parts of it are told by entries, else `x`."""
    rows, columns = map(_count, x.shape)
    if x.is_scalar or rows is None or columns is None or rows * columns > MOST_ENTRIES:
        return x
    if not any(map(_tells_entries, walk(x))):
        return x
    found = [entry(x, i, j) for i in range(1, rows + 1) for j in range(1, columns + 1)]
    forms: dict[object, Expr] = {}
    found = [forms.setdefault(key(z), z) for z in found]  # what is equal is written alike, x_1x_3 in both corners
    whole = all(_is_whole(y) for z in found for y in walk(z))
    return by_entries(found, rows, columns) if whole else x


def _tells_entries(node: Expr) -> bool:
    return isinstance(node, Apply) and (node.operator in (matrix_by_entries, entry_row) or bool(numbered_places(node)))


def _is_whole(node: Expr) -> bool:
    """Whether a node is no entry of something else than a letter, which would be no shorter than the whole."""
    if not (isinstance(node, Apply) and node.operator is entry_row):
        return True
    whole = node.arguments[0]
    return isinstance(whole, Symbol) or (isinstance(whole, Apply) and whole.operator is differential)
