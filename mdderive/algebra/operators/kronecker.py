"""The rows of the Kronecker product, the vectorisation and the commutation matrix."""

from __future__ import annotations

from typing import Any, TypeGuard

from ...words import Wording
from ..expressions import (
    ONE,
    Apply,
    Binding,
    Code,
    Expr,
    Operator,
    Shape,
    Sizes,
    Symbol,
    Write,
    lazy_numpy,
    number,
    parenthesise,
)
from ..factoring import add
from ..matrix_powers import kronecker_value
from ..notations import Notation
from ..numbers import Jet, Matrix, stacked, unstacked, zeros
from ..powers import inverse
from ..signs import product_sign
from ..terms import (
    build,
    factors_of,
    identity,
    inner_product,
    inverted,
    is_identity,
    is_zero,
    multiply,
    negate,
    reading_cost,
    scalars_and_chain,
    split_coefficient,
    terms_of,
    transpose,
    under_transpose,
    zero,
)
from . import by_name
from .structural import add_row, identity_row, product


def kronecker_factors(x: Expr) -> tuple[Expr, ...] | None:
    """Return (A, B) where `x` is written as their Kronecker product, else None."""
    return x.arguments if isinstance(x, Apply) and x.operator is kronecker_row else None


kronecker_row = Operator(
    name="Kronecker product",
    rule=Wording("Kronecker product rule", "Kronecker 积法则"),
    source="Magnus and Neudecker (2019), ch. 2, sec. 2",
    example=(r"c^T(a\otimes x)", "x"),
    notations=(Notation("kronecker"),),
    spellings=(r"\kron", "kron"),
    signatures=("m n, p q -> m*p n*q",),
    latex=lambda node, write: r" \otimes ".join(write(x, Binding.PRODUCT + 1) for x in node.arguments),
    binding=Binding.PRODUCT - 2,
    value=lambda arrays, parameters: kronecker_value(*arrays),
    exact=lambda at, node, x: at.kronecker(*x),
    numpy="np.kron({0}, {1})",
    torch=Code("torch.kron({0}.contiguous(), {1}.contiguous())"),  # its views want no transposes
    julia=Code("kron({0}, {1})"),
    maxima=Code("kronecker_product({0}, {1})"),
    sympy=Code("sp.kronecker_product({0}, {1})"),
    adjoint=lambda node, i, G: _kronecker_adjoint(node, i, G),
    adjoint_rule=Wording.formula(
        r"$\operatorname{tr}\bigl(G^\top(A\otimes B)\bigr)=\sum_{i,j}A_{ij}\operatorname{tr}(G_{[ij]}^\top B)$"
    ),
    normal=lambda arguments, parameters: kronecker(*arguments),
    sign=lambda node, signs: product_sign([signs.of_matrix(part) for part in node.arguments]),
    transposed=lambda node: kronecker(*map(transpose, node.arguments)),
    split_by_transpose=True,
)


def kronecker(a: Expr, b: Expr) -> Expr:
    """Return the Kronecker product, scalars outside; beside a scalar, and of a column with a row, a plain product."""
    if a.is_scalar or b.is_scalar or (a.shape[1] == ONE and b.shape[0] == ONE):
        return multiply(a, b)
    if a.shape[0] == ONE and b.shape[1] == ONE:
        return multiply(b, a)
    if all(isinstance(x, Apply) and x.operator is identity_row for x in (a, b)):
        return identity(tuple(sorted(a.shape[0] + b.shape[0])))
    if is_zero(a) or is_zero(b):
        return zero((tuple(sorted(a.shape[0] + b.shape[0])), tuple(sorted(a.shape[1] + b.shape[1]))))
    scalars = [y for x in (a, b) if isinstance(x, Apply) and x.operator is product for y in x.arguments if y.is_scalar]
    bare = [multiply(*(y for y in x.arguments if not y.is_scalar)) if has_scalar(x) else x for x in (a, b)]
    return multiply(*scalars, Apply(kronecker_row, tuple(bare)))


def has_scalar(x: Expr) -> TypeGuard[Apply]:
    """Whether `x` is a product with a scalar among its factors."""
    return isinstance(x, Apply) and x.operator is product and any(y.is_scalar for y in x.arguments)


def _kronecker_adjoint(node: Apply, i: int, cotangent: Expr) -> Expr:
    r"""Return what reaches a factor of `a \otimes b`: a column beside it moves out, `a \otimes B = (a \otimes I)B`.

    Beside a matrix it is a sum of blocks, `\sum_{i,j}A_{ij}G_{[ij]}`, or the matrix of their traces with B^T.
    """
    other, own = node.arguments[1 - i], node.arguments[i]
    for turned in (False, True):
        if other.shape[0 if turned else 1] == ONE:
            moved = transpose(other) if turned else other
            size = identity(own.shape[1 if turned else 0])
            factor = kronecker(moved, size) if i == 1 else kronecker(size, moved)
            if turned:
                return multiply(cotangent, factor)
            return multiply(transpose(factor), cotangent)
    row = block_sum_row if i == 1 else block_traces_row
    return build(row, other, cotangent, parameters=own.shape)


# --- sums over the blocks of a matrix, the adjoints of the Kronecker product


def _pair(x: Expr) -> tuple[Expr, Expr] | None:
    """Return A and B where `x` is `A \\otimes B`, or its transpose or inverse of square ones, else None."""
    turned, inside = under_transpose(x), inverted(x)
    if turned is not None:
        found = _pair(turned)
        return None if found is None else (transpose(found[0]), transpose(found[1]))
    if inside is not None:
        found = _pair(inside)
        return (inverse(found[0]), inverse(found[1])) if found is not None and all(y.is_square for y in found) else None
    pair = kronecker_factors(x)
    return None if pair is None else (pair[0], pair[1])


def _without_blocks(row: Operator, weights: Expr, whole: Expr, shape: Shape) -> Expr | None:
    """Return the sum over blocks, or the traces of blocks, of a matrix whose blocks have a form; else None.

    With `A \\otimes B` it is a number times a factor, with `uv^\\top` a product of three matrices.
    """
    of_sum = row is block_sum_row
    pair = _pair(whole)
    if pair is not None and (pair if of_sum else pair[::-1])[0].shape == weights.shape:
        same, rest = pair if of_sum else pair[::-1]
        squared = Apply(by_name("squared norm"), (weights,), ("_F",))
        return multiply(squared if same is weights else inner_product(weights, same), rest)
    chain = factors_of(whole)
    cut = next((k for k, y in enumerate(chain) if k and y.shape[0] == ONE), 0)
    if not cut or any(y.is_scalar for y in chain):
        return None
    outer, inner = (shape, weights.shape) if of_sum else (weights.shape, shape)  # of a block, and of the blocks
    u = stacked_matrix(multiply(*chain[:cut]), (outer[0], inner[0]))
    v = stacked_matrix(transpose(multiply(*chain[cut:])), (outer[1], inner[1]))
    return multiply(u, weights, transpose(v)) if of_sum else multiply(transpose(u), weights, v)


def _blocks_normal(row: Operator, arguments: tuple[Expr, ...], parameters: tuple[Any, ...]) -> Expr | None:
    """Return the sum over blocks, or the traces, term by term, without blocks where there is such a form."""
    (weights, whole), shape = arguments, (parameters[0], parameters[1])
    if is_zero(weights) or is_zero(whole):
        return zero(shape)
    if len(terms_of(whole)) > 1:
        return add(*(build(row, weights, x, parameters=shape) for x in terms_of(whole)))
    apart = [scalars_and_chain(x) for x in (weights, whole)]
    if scalars := [y for found, _ in apart for y in found]:
        coefficient, outside = split_coefficient(multiply(*scalars))
        inner = build(row, *(multiply(*chain) for _, chain in apart), parameters=shape)
        if coefficient < 0 and len(terms_of(inner)) > 1:
            coefficient, inner = -coefficient, add(*map(negate, terms_of(inner)))
        return multiply(number(coefficient), outside, inner)
    return _without_blocks(row, weights, whole, shape)


def _write_block(whole: Expr, write: Write, place: str = "ij") -> str:
    """Return the block of a matrix at a place as LaTeX."""
    return f"{write(whole, Binding.ATOM)}_{{[{place}]}}"


def _write_block_sum(node: Apply, write: Write) -> str:
    """Return the sum of the blocks, each times an entry of the weights: of the identity, those on the diagonal."""
    weights, whole = node.arguments
    if is_identity(weights):
        return rf"\sum_i {_write_block(whole, write, 'ii')}"
    plain = isinstance(weights, Symbol) and "_" not in weights.latex
    entry = rf"{write(weights, Binding.ATOM)}_{{ij}}" if plain else rf"\bigl[{write(weights, 0)}\bigr]_{{ij}}"
    return rf"\sum_{{i,j}} {entry}\thinspace {_write_block(whole, write)}"


def _write_block_traces(node: Apply, write: Write) -> str:
    """Return the matrix of the traces of the blocks, each times the transposed weights."""
    weights, whole = node.arguments
    times = "" if is_identity(weights) else rf"{write(transpose(weights), Binding.PRODUCT)}\thinspace "
    return rf"\Bigl(\operatorname{{tr}}\bigl({times}{_write_block(whole, write)}\bigr)\Bigr)_{{ij}}"


BLOCKS = Wording(
    r"Here $G_{[ij]}$ is the block of $G$ in the place of $A_{ij}B$ in the Kronecker product $A\otimes B$.",
    r"这里 $G_{[ij]}$ 是 $G$ 的分块，其位置对应 Kronecker 积 $A\otimes B$ 中的 $A_{ij}B$。",
)

block_sum_row: Operator = Operator(
    name="weighted sum of blocks",
    rule=Wording("a linear map", "线性映射"),
    note=BLOCKS,
    source="Magnus and Neudecker (2019), ch. 2, sec. 2",
    example=(r"\operatorname{tr}(C^T(A\otimes X))", "X"),
    where=("A: m x n", "X: p x q"),
    in_components=True,
    result=lambda arguments, parameters: (parameters[0], parameters[1]),
    latex=_write_block_sum,
    binding=Binding.SUM + 1,
    value=lambda arrays, parameters: _block_sum(*arrays),
    exact=lambda at, node, x: at.bilinear(x[0], x[1], lambda a, b: _exact_block_sum(a, b, at.prime)),
    numpy="block_sum({0}, {1})",
    helper="""
def block_sum(a, g):
    (m, n), (rows, columns) = a.shape, g.shape
    return np.einsum("ij,ipjq->pq", a, g.reshape(m, rows // m, n, columns // n))
""",
    julia=Code(
        "block_sum({0}, {1})",
        """
function block_sum(a, g)
    p, q = size(g) .÷ size(a)
    return sum(a[i, j] * g[(i-1)*p+1:i*p, (j-1)*q+1:j*q] for i in axes(a, 1), j in axes(a, 2))
end
""",
    ),
    adjoint=lambda node, i, G: (
        kronecker(node.arguments[0], G)
        if i == 1
        else build(block_traces_row, G, node.arguments[1], parameters=node.arguments[0].shape)
    ),
    normal=lambda arguments, parameters: _blocks_normal(block_sum_row, arguments, parameters),
)

block_traces_row: Operator = Operator(
    name="traces of blocks",
    rule=Wording("a linear map", "线性映射"),
    note=BLOCKS,
    source="Magnus and Neudecker (2019), ch. 2, sec. 2",
    example=(r"\operatorname{tr}(C^T(X\otimes B))", "X"),
    where=("X: m x n", "B: p x q"),
    in_components=True,
    result=lambda arguments, parameters: (parameters[0], parameters[1]),
    latex=_write_block_traces,
    value=lambda arrays, parameters: _block_traces(*arrays),
    exact=lambda at, node, x: at.bilinear(x[0], x[1], lambda a, b: _exact_block_traces(a, b, at.prime)),
    numpy="block_traces({0}, {1})",
    helper="""
def block_traces(b, g):
    (p, q), (rows, columns) = b.shape, g.shape
    return np.einsum("pq,ipjq->ij", b, g.reshape(rows // p, p, columns // q, q))
""",
    julia=Code(
        "block_traces({0}, {1})",
        """
function block_traces(b, g)
    p, q = size(b)
    m, n = size(g) .÷ size(b)
    return [sum(b .* g[(i-1)*p+1:i*p, (j-1)*q+1:j*q]) for i in 1:m, j in 1:n]
end
""",
    ),
    adjoint=lambda node, i, G: (
        kronecker(G, node.arguments[0])
        if i == 1
        else build(block_sum_row, G, node.arguments[1], parameters=node.arguments[0].shape)
    ),
    normal=lambda arguments, parameters: _blocks_normal(block_traces_row, arguments, parameters),
)


def _block_sum(a: Any, g: Any) -> Any:
    (m, n), (rows, columns) = a.shape[-2:], g.shape[-2:]
    blocks = g.reshape(*g.shape[:-2], m, rows // m, n, columns // n)
    return lazy_numpy().einsum("...ij,...ipjq->...pq", a, blocks)


def _block_traces(b: Any, g: Any) -> Any:
    (p, q), (rows, columns) = b.shape[-2:], g.shape[-2:]
    blocks = g.reshape(*g.shape[:-2], rows // p, p, columns // q, q)
    return lazy_numpy().einsum("...pq,...ipjq->...ij", b, blocks)


def _exact_block_sum(a: Matrix, g: Matrix, prime: int) -> Matrix:
    p, q = len(g) // len(a), len(g[0]) // len(a[0])
    places = [(i, j, x) for i, row in enumerate(a) for j, x in enumerate(row)]
    return [[sum(x * g[i * p + k][j * q + r] for i, j, x in places) % prime for r in range(q)] for k in range(p)]


def _exact_block_traces(b: Matrix, g: Matrix, prime: int) -> Matrix:
    p, q = len(b), len(b[0])
    places = [(k, r, x) for k, row in enumerate(b) for r, x in enumerate(row)]
    blocks = range(len(g) // p), range(len(g[0]) // q)
    return [[sum(x * g[i * p + k][j * q + r] for k, r, x in places) % prime for j in blocks[1]] for i in blocks[0]]


vectorisation = Operator(
    name="vectorisation",
    rule=Wording("linearity of vec", "向量化的线性"),
    source="Magnus and Neudecker (2019), ch. 2, sec. 4",
    example=(r"c^T\operatorname{vec}(AXB)", "X"),
    spellings=("vec", r"\vec"),
    greedy=True,
    signatures=("m n -> n*m 1",),
    latex=lambda node, write: r"\operatorname{vec}" + parenthesise(write(node.arguments[0], 0)),
    value=lambda arrays, parameters: arrays[0].swapaxes(-1, -2).reshape(*arrays[0].shape[:-2], -1, 1),
    exact=lambda at, node, x: at.moved(x[0], stacked),
    numpy="({0}).T.reshape(-1, 1)",
    julia=Code("reshape({0}, :, 1)"),
    sympy=Code("{0}.vec()"),
    adjoint=lambda node, i, G: stacked_matrix(G, node.arguments[0].shape),
    adjoint_rule=Wording.formula(r"$a^\top\operatorname{vec}(X)=\operatorname{tr}(\operatorname{vec}^{-1}(a)^\top X)$"),
    normal=lambda arguments, parameters: vector_of(arguments[0]),
)


def commutation(shape: Shape) -> Expr:
    """Return K with vec(A^T) = K vec(A) for A of `shape`."""
    if ONE in shape:
        return identity(shape[0] if shape[1] == ONE else shape[1])
    return Apply(commutation_row, (), shape)


def is_commutation(x: Expr) -> TypeGuard[Apply]:
    """Whether `x` is a commutation matrix K."""
    return isinstance(x, Apply) and x.operator is commutation_row


commutation_row = Operator(
    name="commutation matrix",
    rule=Wording("a constant", "常量"),
    source="Magnus and Neudecker (2019), ch. 3, sec. 7",
    example=("AX^T", "X"),
    where=("jacobian",),
    latex=lambda node, write: f"K_{{{_sizes_of(node.parameters)}}}",
    sized_value=lambda node, arrays, sizes: _commutation_value(node, sizes),
    exact=lambda at, node, x: Jet(
        {0: _exact_commutation(*(at.size(y) for y in node.parameters if isinstance(y, tuple)))}
    ),
    numpy="commutation({2}, {3})",
    helper="""
def commutation(m, n):
    return np.eye(m * n)[np.arange(m * n).reshape(n, m).T.reshape(-1)]
""",
    torch=Code(
        "commutation({2}, {3}, like)",
        """
def commutation(m, n, like):
    return torch.eye(m * n, **like)[torch.arange(m * n).reshape(n, m).T.reshape(-1)]
""",
    ),
    julia=Code(
        "commutation({2}, {3})",
        """
commutation(m, n) = Matrix(1.0I, m * n, m * n)[vec(permutedims(reshape(1:m*n, m, n))), :]
""",
    ),
    result=lambda arguments, parameters: _commutation_shape(parameters),
    transposed=lambda node: Apply(node.operator, (), (node.parameters[1], node.parameters[0])),
)


def _commutation_value(node: Apply, sizes: Sizes) -> Any:
    numpy = lazy_numpy()
    rows, columns = (sizes.size(x) for x in node.parameters if isinstance(x, tuple))
    places = numpy.arange(rows * columns).reshape(columns, rows).T.reshape(-1)
    return numpy.eye(rows * columns)[places].reshape(*(1,) * sizes.leading, rows * columns, -1)


def _exact_commutation(rows: int, columns: int) -> Matrix:
    found = zeros(rows * columns, rows * columns)
    for i in range(rows):
        for j in range(columns):
            found[i * columns + j][j * rows + i] = 1
    return found


def _stacked_value(node: Apply, column: Any, sizes: Sizes) -> Any:
    rows, columns = map(sizes.size, node.shape)
    return column.reshape(*column.shape[:-2], columns, rows).swapaxes(-1, -2)


def _sizes_of(parameters: tuple[Any, ...]) -> str:
    names = ["".join(x) for x in parameters]
    return (", " if any(len(x) > 1 for x in names) else "").join(names)


def _commutation_shape(parameters: tuple[Any, ...]) -> Shape:
    size = tuple(sorted(parameters[0] + parameters[1]))
    return size, size


def vector_of(x: Expr) -> Expr:
    """Return the columns of `x` under each other; a column is itself, a row its transpose."""
    if x.shape[1] == ONE:
        return x
    if x.shape[0] == ONE:
        return transpose(x)
    if isinstance(x, Apply) and x.operator is stacked_row:
        return x.arguments[0]
    if is_zero(x):
        return zero((tuple(sorted(x.shape[0] + x.shape[1])), ONE))
    if has_scalar(x):
        scalars, rest = [y for y in x.arguments if y.is_scalar], [y for y in x.arguments if not y.is_scalar]
        return multiply(*scalars, vector_of(multiply(*rest)))
    return Apply(vectorisation, (x,))


def stacked_matrix(x: Expr, shape: Shape) -> Expr:
    """Return the matrix of `shape` whose columns are stacked in the column `x`."""
    if shape[1] == ONE:
        return x
    if is_zero(x):
        return zero(shape)
    if isinstance(x, Apply) and x.operator is vectorisation:
        return x.arguments[0]
    first, *rest = factors_of(x)
    pair = _pair(first) if rest else None
    if pair is not None and (pair[1].shape[0], pair[0].shape[0]) == shape:  # (A (x) B) vec(C) = vec(B C A^T)
        inner = stacked_matrix(multiply(*rest), (pair[1].shape[1], pair[0].shape[1]))
        return multiply(pair[1], inner, transpose(pair[0]))
    if isinstance(x, Apply) and x.operator is add_row:
        apart = add(*(stacked_matrix(term, shape) for term in x.arguments))
        whole = Apply(stacked_row, (x,), shape)
        return apart if reading_cost(apart) < reading_cost(whole) else whole
    if has_scalar(x):
        scalars, rest = [y for y in x.arguments if y.is_scalar], [y for y in x.arguments if not y.is_scalar]
        return multiply(*scalars, stacked_matrix(multiply(*rest), shape))
    return Apply(stacked_row, (x,), shape)


stacked_row = Operator(
    name="inverse of the vectorisation",
    rule=Wording("linearity of vec", "向量化的线性"),
    source="Magnus and Neudecker (2019), ch. 2, sec. 4",
    example=(r"c^T\operatorname{vec}(AXB)", "X"),
    notations=(Notation("power of", "-1", "call:vectorisation"),),
    latex=lambda node, write: r"\operatorname{vec}^{-1}" + parenthesise(write(node.arguments[0], 0)),
    sized_value=lambda node, arrays, sizes: _stacked_value(node, arrays[0], sizes),
    exact=lambda at, node, x: at.moved(x[0], lambda a: unstacked(a, *map(at.size, node.shape))),
    numpy="({0}).reshape({2}, {1}).T",
    julia=Code("reshape({0}, {1}, {2})"),
    sympy=Code("{0}.reshape({2}, {1}).T"),
    result=lambda arguments, parameters: (parameters[0], parameters[1]),
    adjoint=lambda node, i, G: vector_of(G),
)
