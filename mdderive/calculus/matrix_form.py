r"""Sums over entries in matrix form: `\sum_{i,j} x_i A_{ij} y_j` is `x^T A y`.

A term is a product of factors, each with at most two indices: a column for one, a matrix for two. Summing over an
index joins the factors that have it, as in a matrix product; entry-wise functions act on the whole factor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..algebra.expressions import ONE, Apply, Expr, Index, Number, Operator, Shape, Symbol, number, walk
from ..algebra.factoring import add
from ..algebra.operators import by_name
from ..algebra.operators.entries import (
    columns_of_components,
    components,
    entry_row,
    is_numbered_entry,
    unit_vector,
)
from ..algebra.operators.index_sets import membership
from ..algebra.operators.over_indices import (
    largest_over_index,
    least_over_index,
    product_of_entries,
    product_over_index,
)
from ..algebra.operators.structural import (
    add_row,
    entrywise_power_row,
    fraction_row,
    power_row,
    product,
)
from ..algebra.operators.sums import sum_row
from ..algebra.powers import base_of_divisor, base_of_power, entrywise_power, hadamard, index_count, power
from ..algebra.terms import (
    entries_given,
    entry_factors_of,
    index_of,
    inner_product,
    is_by_components,
    is_ones,
    is_sum_over,
    is_zero,
    multiply,
    negate,
    ones,
    scalars_and_chain,
    substitute,
    terms_of,
    trace,
    transpose,
)
from .stacks import Factors, Kind, no_matrix_form, numbers_and_chain, of_line, product_of, sum_of_matrices, times


def in_matrix_form(f: Expr) -> Expr:
    """Return `f` with its sums over entries, and its single entries, written with whole vectors and matrices.

    Raises:
        UnsupportedError: a sum over entries has no such form that is known here.
    """
    if not _holds_entries(f):
        return f
    return substitute(f, {x: _whole(x) for x in _outermost(f)})


def _whole(x: Expr) -> Expr:
    """Return a number, a row or column, or a sum of matrices, with whole vectors and matrices."""
    if x.is_scalar or is_by_components(x):
        return _lifted(x).get((), number(1))
    if not is_sum_over(x):
        return _line(x)
    index = index_of(x)
    return sum_of_matrices(x.arguments[0], index.name, _lifted, lambda y: _summed(y, index).get((), number(1)))


def _line(x: Expr) -> Expr:
    """Return a numbered row or column of a matrix as a product with a unit vector."""
    assert isinstance(x, Apply)
    whole, place = x.arguments
    if x.shape[0] == ONE:
        return multiply(transpose(_unit(whole, 0, place)), whole)
    return multiply(whole, _unit(whole, 1, place))


_OUTER = (
    sum_row,
    entry_row,
    components,
    columns_of_components,
    largest_over_index,
    least_over_index,
    product_over_index,
)


def _holds_entries(f: Expr) -> bool:
    return any(isinstance(x, Apply) and x.operator is entry_row and not is_numbered_entry(x) for x in walk(f))


def _is_over_entries(x: Expr) -> bool:
    """Whether `x` is an entry or a sum over an index."""
    return isinstance(x, Apply) and x.operator in _OUTER and not is_numbered_entry(x)


def _outermost(f: Expr) -> list[Expr]:
    """Return the sums over entries and the single entries that stand in no other such sum."""
    found: list[Expr] = []
    waiting = [f]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Apply):
            continue
        if not node.indices and _is_over_entries(node) and _holds_entries(node):
            found.append(node)
        else:
            waiting.extend(node.arguments)
    return found


def _lifted(node: Expr) -> Factors:
    """Return the factors whose product is `node`.

    Raises:
        UnsupportedError: a factor has three indices, or something in it has no matrix form.
    """
    if not node.indices and not _is_over_entries(node):
        return {(): in_matrix_form(node)}
    if isinstance(node, Apply):
        if node.operator in LIFTED:
            return LIFTED[node.operator](node)
        if (line := of_line(node, _lifted)) is not None:
            return line
        if node.operator.acts_on_entries and not any(x.indices for x in node.arguments[1:]):
            kind, value = _joined(_lifted(node.arguments[0]))
            return {kind: Apply(node.operator, (value, *node.arguments[1:]), node.parameters)}
    raise no_matrix_form(node)


def _entry(node: Apply) -> Factors:
    """Return an entry as the column or matrix that it is an entry of; a numbered row or column is cut out."""
    whole, *places = node.arguments
    letters = [x.latex if isinstance(x, Symbol) else "" for x in places]
    if len(places) == 1:
        if letters[0]:
            return {(letters[0],): whole}
        return {(): multiply(transpose(_unit(whole, 0, places[0])), whole)}
    if letters[0] and letters[0] == letters[1]:
        return {(letters[0],): Apply(by_name("diagonal of a matrix"), (whole,))}
    if not letters[0]:
        whole = multiply(transpose(_unit(whole, 0, places[0])), whole)
    if not letters[1]:
        whole = multiply(whole, _unit(whole, 1, places[1]))
    if all(letters):
        return {_sorted(letters): whole if letters == sorted(letters) else transpose(whole)}
    return {(): whole} if not any(letters) else {(letters[0] or letters[1],): transpose(whole) if letters[1] else whole}


def _unit(whole: Expr, axis: int, place: Expr) -> Expr:
    assert isinstance(place, Number)
    return unit_vector(whole.shape[axis], int(place.value))


def _sorted(letters: list[str]) -> Kind:
    return tuple(sorted(letters))


def _to_power(factors: Factors, exponent: Expr) -> Factors:
    """Return the factors of a power of one factor or of a product."""
    return {
        kind: power(value, exponent) if value.is_scalar else entrywise_power(value, exponent)
        for kind, value in factors.items()
    }


def _joined(factors: Factors) -> tuple[Kind, Expr]:
    """Return the product of the factors as one, over all indices that occur.

    Raises:
        UnsupportedError: there are three.
    """
    kind, shape = _span(factors.items())
    return kind, _over(factors, kind, shape)


def _over(factors: Factors, kind: Kind, shape: Shape) -> Expr:
    """Return the product of the factors as one of `shape` over the indices `kind`."""
    return hadamard(*(_spread(value, k, kind, shape) for k, value in factors.items()))


def _span(factors: Iterable[tuple[Kind, Expr]]) -> tuple[Kind, Shape]:
    """Return all indices of the factors, and their sizes.

    Raises:
        UnsupportedError: there are three.
    """
    sizes = {letter: value.shape[k.index(letter)] for k, value in factors for letter in k}
    if len(sizes) > 2:
        raise no_matrix_form(next(value for _, value in factors))
    kind = tuple(sorted(sizes))
    rows, columns = (*(sizes[x] for x in kind), ONE, ONE)[:2]
    return kind, (rows, columns)


def _spread(value: Expr, kind: Kind, over: Kind, shape: Shape) -> Expr:
    """Return a factor as a matrix of `shape` over the indices `over`: x_i over i and j is x 1^T."""
    if kind == over or not kind:
        return value
    if kind[0] == over[0]:
        return multiply(value, transpose(ones((shape[1], ONE))))
    return multiply(ones((shape[0], ONE)), transpose(value))


def _sum_of(parts: list[Factors]) -> Factors:
    """Return a sum as one factor over all indices of its terms.

    Raises:
        UnsupportedError: there are three.
    """
    kind, shape = _span([pair for part in parts for pair in part.items()])
    terms = [_over(part, kind, shape) for part in parts]
    wide = [multiply(x, ones(shape)) if x.is_scalar else x for x in terms]
    return {kind: add(*wide)}


def _summed(factors: Factors, index: Index) -> Factors:
    """Return the factors after the sum over `index`.

    Raises:
        UnsupportedError: three factors or more have the index, or only one value of it would be left.
    """
    name = index.name
    inside = {k: v for k, v in factors.items() if name in k}
    outside = {k: v for k, v in factors.items() if name not in k}
    column = inside.pop((name,), None)
    matrices = [(k[0] if k[1] == name else k[1], transpose(v) if k[0] == name else v) for k, v in inside.items()]
    if not matrices:
        total = _total(column) if column is not None else index_count(index)
        assert total is not None  # a sum over entries has as many terms as they are
        return times(outside, {(): total})
    if len(matrices) == 1:
        letter, matrix = matrices[0]
        weights = column if column is not None else ones((matrix.shape[1], ONE))
        return times(outside, {(letter,): multiply(matrix, weights)})
    if len(matrices) > 2:
        raise no_matrix_form(matrices[0][1])
    (one, left), (other, right) = sorted(matrices, key=lambda x: x[0])
    middle = () if column is None else (Apply(by_name("diagonal matrix"), (column,)),)
    return times(outside, {(one, other): multiply(left, *middle, transpose(right))})


def _total(column: Expr) -> Expr:
    """Return the sum of the entries of a column: an inner product, a squared norm or a trace where it is one."""
    coefficient, chain = scalars_and_chain(column)
    if len(chain) == 2 and is_ones(chain[1]):
        return multiply(*coefficient, _total_of_matrix(chain[0]))
    return multiply(*coefficient, _total_of_matrix(multiply(*chain)))


def _total_of_matrix(x: Expr) -> Expr:
    """Return the sum of the entries of a column or matrix."""
    if isinstance(x, Apply) and x.operator is entrywise_power_row and x.arguments[1] is number(2):
        subscript = "" if x.shape[1] == ONE else "_F"
        return Apply(by_name("squared norm"), (x.arguments[0],), (subscript,))
    first, *others = entry_factors_of(x)
    ratio = _square_of_ratio((first, *others))
    if ratio is not None:
        return _total_of_matrix(entrywise_power(ratio, number(2)))
    if others and not all(base_of_divisor(y)[1].value < 0 for y in others):
        return inner_product(first, hadamard(*others))
    if len(terms_of(x)) > 1 and x.shape[1] == ONE:
        return add(*map(_total, terms_of(x)))
    if isinstance(x, Apply) and x.operator.name == "diagonal of a matrix":
        return trace(x.arguments[0])
    if is_zero(x):
        return number(0)
    row = transpose(ones((x.shape[0], ONE)))
    return multiply(row, x) if x.shape[1] == ONE else multiply(row, x, ones((x.shape[1], ONE)))


def _square_of_ratio(factors: Sequence[Expr]) -> Expr | None:
    r"""Return `a \oslash b` for the factors of `a^{\odot 2} \oslash b^{\odot 2}`, None for other factors or one."""
    raised = [base_of_power(x) for x in factors]
    if len(raised) == 1 or any(not isinstance(k, Number) or abs(k.value) != 2 for _, k in raised):
        return None
    return hadamard(*(entrywise_power(base, Number(k.value / 2)) for base, k in raised if isinstance(k, Number)))


def _by_components(node: Apply) -> Factors:
    """Return the column or matrix whose entries are given."""
    names, inner = entries_given(node)
    above, divisor = inner, None
    if isinstance(inner, Apply) and inner.operator is fraction_row and not inner.arguments[1].indices:
        above, divisor = inner.arguments
    kind, value = tuple(sorted(names)), _lifted(above)
    if not set().union(*value) <= {*names}:
        raise no_matrix_form(inner)
    rows, columns = node.shape
    whole = _over(value, kind, (rows, columns) if list(kind) == names else (columns, rows))
    whole = multiply(whole, ones(node.shape)) if whole.is_scalar else whole
    whole = whole if list(kind) == names else transpose(whole)
    return {(): whole if divisor is None else Apply(fraction_row, (whole, _lifted(divisor)[()]))}


def _column(node: Apply) -> Expr:
    """Return what a maximum or a product over an index, or over two, is taken of as a column.

    Raises:
        UnsupportedError: it has another index.
    """
    names, inner = [index_of(node).name], node.arguments[0]
    while isinstance(inner, Apply) and LIFTED.get(inner.operator) is LIFTED[node.operator]:
        names.append(index_of(inner).name)
        inner = inner.arguments[0]
    kind, whole = _joined(_lifted(inner))
    if kind != tuple(sorted(names)):
        raise no_matrix_form(node)
    return whole if len(kind) == 1 else Apply(by_name("vectorisation"), (whole,))


def _of_product(node: Apply) -> Factors:
    numbers, rest = numbers_and_chain(node.arguments)
    if rest:
        raise no_matrix_form(node)
    return product_of(numbers, _lifted)


def _of_power(node: Apply) -> Factors:
    base, exponent = node.arguments
    if exponent.indices:
        raise no_matrix_form(node)
    return _to_power(_lifted(base), exponent)


def _of_quotient(node: Apply) -> Factors:
    above, below = map(_lifted, node.arguments)
    return times(above, _to_power(below, number(-1)))


LIFTED: dict[Operator, Callable[[Apply], Factors]] = {
    entry_row: _entry,
    sum_row: lambda node: _summed(_lifted(node.arguments[0]), index_of(node)),
    largest_over_index: lambda node: {(): Apply(by_name("largest entry"), (_column(node),))},
    least_over_index: lambda node: {(): negate(Apply(by_name("largest entry"), (negate(_column(node)),)))},
    product_over_index: lambda node: {(): Apply(product_of_entries, (_column(node),))},
    product: lambda node: _of_product(node),
    components: _by_components,
    columns_of_components: _by_components,
    fraction_row: _of_quotient,
    membership: lambda node: _lifted(node.arguments[0]),
    power_row: _of_power,
    add_row: lambda node: _sum_of([_lifted(x) for x in node.arguments]),
}
"""How the operators are lifted to whole vectors and matrices."""
