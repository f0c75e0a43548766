r"""The rows of the cross product of vectors with three entries: the matrix `[a]_\times`, and what its adjoint makes."""

from __future__ import annotations

from typing import Any

from ...words import Wording
from ..expressions import ONE, Apply, Binding, Code, Expr, Operator, Write, lazy_numpy, number, parenthesise
from ..factoring import add
from ..notations import Notation
from ..numbers import Matrix
from ..terms import (
    build,
    factors_of,
    is_zero,
    multiply,
    negate,
    scalars_and_chain,
    terms_of,
    transpose,
    under_transpose,
    zero,
)

THREE = ("3",)


def cross_product(a: Expr, b: Expr) -> Expr:
    r"""Return `a \times b` as `[a]_\times b`."""
    return multiply(build(cross_row, a), b)


def _cross_value(a: Any) -> Any:
    x, y, z = a[..., 0, :], a[..., 1, :], a[..., 2, :]
    rows = ((0 * x, -z, y), (z, 0 * x, -x), (-y, x, 0 * x))
    stack = lazy_numpy().stack
    return stack([stack(row, axis=-1) for row in rows], axis=-3)[..., 0, :]


def _exact_cross(a: Matrix, prime: int) -> Matrix:
    (x,), (y,), (z,) = a
    return [[0, -z % prime, y], [z, 0, -x % prime], [-y % prime, x, 0]]


def _cross_normal(x: Expr) -> Expr | None:
    r"""Return `[ca]_\times` as `c[a]_\times`."""
    if is_zero(x):
        return zero((THREE, THREE))
    scalars, chain = scalars_and_chain(x)
    return multiply(*scalars, Apply(cross_row, (multiply(*chain),))) if scalars else None


def _write_vector(x: Expr, write: Write) -> str:
    r"""Return the vector as LaTeX, `a\times b` in the place of `[a]_\times b`."""
    factors = factors_of(x)
    if len(factors) == 2 and isinstance(factors[0], Apply) and factors[0].operator is cross_row:
        return rf"{write(factors[0].arguments[0], Binding.PRODUCT)} \times {write(factors[1], Binding.PRODUCT)}"
    return write(x, 0)


def _turned(node: Apply, column: Expr, *, transposed: bool) -> tuple[Expr, Expr]:
    r"""Return M and v of `[v]_\times b = -[b]_\times v`."""
    matrix = build(cross_row, column)
    return matrix if transposed else negate(matrix), node.arguments[0]


cross_row: Operator = Operator(
    name="cross-product matrix",
    rule=Wording("cross-product rule", "叉积法则"),
    source="Murray, Li and Sastry (1994), eq. (2.4)",
    example=(r"c^T(a\times x)", "x"),
    note=Wording(
        r"Here $[a]_\times$ is the matrix of the cross product, $[a]_\times b = a\times b$.",
        r"这里 $[a]_\times$ 是叉积的矩阵，$[a]_\times b = a\times b$。",
    ),
    spellings=("skew",),
    notations=(Notation("subscripted", r"\times", "column"),),
    signatures=("3 1 -> 3 3",),
    latex=lambda node, write: rf"[{_write_vector(node.arguments[0], write)}]_\times",
    value=lambda arrays, parameters: _cross_value(arrays[0]),
    exact=lambda at, node, x: at.moved(x[0], lambda a: _exact_cross(a, at.prime)),
    numpy="np.cross(np.eye(3), ({0}).ravel())",
    torch=Code("torch.linalg.cross(torch.eye(3, **like), ({0}).reshape(1, 3).expand(3, 3))"),
    julia=Code(
        "cross_matrix({0})",
        """
cross_matrix(a) = [0 -a[3] a[2]; a[3] 0 -a[1]; -a[2] a[1] 0]
""",
    ),
    adjoint=lambda node, i, G: build(axis_row, G),
    adjoint_rule=Wording.formula(r"$u^\top(a\times v)=a^\top(v\times u)$"),
    normal=lambda arguments, parameters: _cross_normal(arguments[0]),
    transposed=lambda node: Apply(cross_row, (negate(node.arguments[0]),)),
    split_by_transpose=True,
    beside_column=_turned,
)


def _axis_value(a: Any) -> Any:
    parts = [a[..., i, j] - a[..., j, i] for i, j in ((2, 1), (0, 2), (1, 0))]
    return lazy_numpy().stack(parts, axis=-1)[..., None]


def _exact_axis(a: Matrix, prime: int) -> Matrix:
    return [[(a[i][j] - a[j][i]) % prime] for i, j in ((2, 1), (0, 2), (1, 0))]


def _axis_normal(x: Expr) -> Expr | None:
    r"""Return the axis term by term: that of `uv^\top` is `v \times u`, that of `[b]_\times` is 2b."""
    if is_zero(x):
        return zero((THREE, ONE))
    parts = terms_of(x)
    if len(parts) > 1:
        return add(*(build(axis_row, y) for y in parts))
    scalars, chain = scalars_and_chain(x)
    if scalars:
        return multiply(*scalars, build(axis_row, multiply(*chain)))
    turned = under_transpose(x)
    if turned is not None:
        return negate(build(axis_row, turned))
    if isinstance(x, Apply) and x.operator is cross_row:
        return multiply(number(2), x.arguments[0])
    cut = next((k for k, y in enumerate(factors_of(x)) if k and y.shape[0] == ONE), 0)
    if not cut:
        return None
    return cross_product(transpose(multiply(*factors_of(x)[cut:])), multiply(*factors_of(x)[:cut]))


axis_row: Operator = Operator(
    name="axis of a matrix",
    rule=Wording("a linear map", "线性映射"),
    source="Murray, Li and Sastry (1994), sec. 2.2",
    example=(r"\operatorname{tr}(A[x]_\times B)", "x"),
    note=Wording(
        r"Here $\operatorname{ax}(M) = (M_{32}-M_{23}, M_{13}-M_{31}, M_{21}-M_{12})^\top$.",
        r"这里 $\operatorname{ax}(M) = (M_{32}-M_{23}, M_{13}-M_{31}, M_{21}-M_{12})^\top$。",
    ),
    spellings=("ax",),
    signatures=("3 3 -> 3 1",),
    latex=lambda node, write: r"\operatorname{ax}" + parenthesise(write(node.arguments[0], 0)),
    value=lambda arrays, parameters: _axis_value(arrays[0]),
    exact=lambda at, node, x: at.moved(x[0], lambda a: _exact_axis(a, at.prime)),
    numpy="axis({0})",
    helper="""
def axis(m):
    return np.array([[m[2, 1] - m[1, 2]], [m[0, 2] - m[2, 0]], [m[1, 0] - m[0, 1]]])
""",
    torch=Code(
        "axis({0})",
        """
def axis(m):
    return torch.stack([m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]]).reshape(3, 1)
""",
    ),
    julia=Code(
        "axis({0})",
        """
axis(m) = reshape([m[3, 2] - m[2, 3], m[1, 3] - m[3, 1], m[2, 1] - m[1, 2]], 3, 1)
""",
    ),
    adjoint=lambda node, i, G: build(cross_row, G),
    normal=lambda arguments, parameters: _axis_normal(arguments[0]),
)
