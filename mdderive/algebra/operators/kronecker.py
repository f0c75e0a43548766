"""The rows of the Kronecker product, the vectorisation and the commutation matrix."""

from __future__ import annotations

from typing import Any, TypeGuard

from ...errors import UnsupportedError
from ...words import Wording
from ..expressions import ONE, Apply, Binding, Code, Expr, Operator, Shape, Sizes, lazy_numpy, parenthesise
from ..factoring import add
from ..notations import Notation
from ..numbers import Jet, Matrix, stacked, unstacked, zeros
from ..signs import product_sign
from ..terms import identity, is_zero, multiply, transpose, zero
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
    value=lambda arrays, parameters: _kronecker(*arrays),
    exact=lambda at, node, x: at.kronecker(*x),
    numpy="np.kron({0}, {1})",
    torch=Code("torch.kron({0}.contiguous(), {1}.contiguous())"),  # its views want no transposes
    julia=Code("kron({0}, {1})"),
    maxima=Code("kronecker_product({0}, {1})"),
    adjoint=lambda node, i, G: _kronecker_adjoint(node, i, G),
    adjoint_rule=Wording.formula(r"$a\otimes x=(a\otimes I)x=(I\otimes x)a$"),
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


def _kronecker(a: Any, b: Any) -> Any:
    blocks = a[..., :, None, :, None] * b[..., None, :, None, :]
    rows, columns = a.shape[-2] * b.shape[-2], a.shape[-1] * b.shape[-1]
    return blocks.reshape(*blocks.shape[:-4], rows, columns)


def _kronecker_adjoint(node: Apply, i: int, cotangent: Expr) -> Expr:
    r"""Return what reaches a factor of `a \otimes b`: a column beside it moves out, `a \otimes B = (a \otimes I)B`.

    Raises:
        UnsupportedError: the other factor is neither a column nor a row.
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
    hint = r"where it multiplies vec(C), write the product without it: (A \otimes B) vec(C) = vec(B C A^T)"
    raise UnsupportedError("E308", "this Kronecker product has no gradient in closed form", hint=hint)


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
    if isinstance(x, Apply) and x.operator is add_row:
        return add(*(stacked_matrix(term, shape) for term in x.arguments))
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
    result=lambda arguments, parameters: (parameters[0], parameters[1]),
    adjoint=lambda node, i, G: vector_of(G),
)
