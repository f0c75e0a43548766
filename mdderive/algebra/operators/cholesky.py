r"""The rows of the Cholesky factor `L` of `A = LL^\top`, and of the triangle in its differential."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ...words import Wording
from ..arithmetic import Arithmetic
from ..expressions import Apply, Code, Differentiate, Expr, Operator, lazy_numpy
from ..factoring import symmetric_part
from ..numbers import Jet, masked
from ..powers import inverse
from ..terms import (
    build,
    is_identity,
    is_zero,
    multiply,
    ones,
    scalars_and_chain,
    scale,
    transpose,
    zero,
)
from ..writing import call_binding, write_call
from . import by_name


def _cholesky_value(a: Any) -> Any:
    """Return the Cholesky factors of the symmetric parts, column by column, no number where there is none."""
    numpy = lazy_numpy()
    rest = (a + a.swapaxes(-1, -2)) / 2
    found = numpy.zeros_like(rest)
    least = 1e-9 * abs(rest).max(axis=(-1, -2))[..., None]
    for k in range(a.shape[-1]):
        pivot = rest[..., k, k, None]
        column = rest[..., :, k] / numpy.sqrt(numpy.where(pivot.real > least, pivot, numpy.nan))
        found[..., :, k] = numpy.where(numpy.arange(a.shape[-1]) < k, 0, column)
        rest = rest - found[..., :, k, None] * found[..., None, :, k]
    return found


def _cholesky_differential(node: Apply, d: Differentiate) -> Expr:
    step = multiply(inverse(node), symmetric_part(d(node.arguments[0])), transpose(inverse(node)))
    return multiply(node, build(half_triangle, step))


def _half_triangle_value(a: Any) -> Any:
    numpy = lazy_numpy()
    return numpy.tril(numpy.ones(a.shape[-2:])) * (1 - numpy.eye(a.shape[-1]) / 2) * a


def _exact_half_triangle(at: Arithmetic, x: Jet) -> Jet:
    lower = at.moved(x, lambda a: masked(a, lambda i, j: i > j))
    diagonal = at.moved(x, lambda a: masked(a, lambda i, j: i == j))
    return at.plus(lower, at.scaled(Fraction(1, 2), diagonal))


def _half_triangle_normal(arguments: tuple[Expr, ...]) -> Expr | None:
    (x,) = arguments
    if is_zero(x):
        return zero(x.shape)
    if is_identity(x):
        return scale(Fraction(1, 2), x)
    scalars, chain = scalars_and_chain(x)
    return multiply(*scalars, build(half_triangle, multiply(*chain))) if scalars and chain else None


def _diagonal_of_half_triangle(node: Apply) -> Expr:
    """Return the diagonal matrix D with `vec(Phi(C)) = D vec(C)`: Phi multiplies entry by entry by that of the ones."""
    weights = Apply(half_triangle, (ones(node.shape),))
    return build(by_name("diagonal matrix"), build(by_name("vectorisation"), weights))


cholesky: Operator = Operator(
    name="Cholesky factor",
    rule=Wording.formula(r"$\mathrm{d}L=L\thinspace\Phi(L^{-1}\thinspace\mathrm{d}A\thinspace L^{-\top})$"),
    why=Wording(
        r"Take the differential of $A=LL^\top$ and multiply by $L^{-1}$ from the left, by $L^{-\top}$ from the right: "
        r"$L^{-1}\thinspace\mathrm{d}A\thinspace L^{-\top}=L^{-1}\mathrm{d}L+(L^{-1}\mathrm{d}L)^\top$. As "
        r"$L^{-1}\mathrm{d}L$ is lower triangular, it is the lower triangle of the left side, its diagonal halved.",
        r"对 $A=LL^\top$ 两边求微分，左乘 $L^{-1}$、右乘 $L^{-\top}$："
        r"$L^{-1}\thinspace\mathrm{d}A\thinspace L^{-\top}=L^{-1}\mathrm{d}L+(L^{-1}\mathrm{d}L)^\top$。由于 "
        r"$L^{-1}\mathrm{d}L$ 是下三角矩阵，它就是左端的下三角部分，其中对角元素减半。",
    ),
    note=Wording(
        r"Here $\operatorname{chol}$ is the lower triangular Cholesky factor of the symmetric part, so the derivative "
        r"is that along symmetric $\mathrm{d}A$, written as a symmetric matrix.",
        r"这里 $\operatorname{chol}$ 指对称部分的下三角 Cholesky 因子，因此导数是沿对称的 $\mathrm{d}A$ "
        r"求得的，并写成对称矩阵。",
    ),
    source="Murray (2016), Differentiation of the Cholesky decomposition, eq. (8)",
    example=(r"\|\operatorname{chol}(A)-B\|_F^2", "A"),
    where=("A: SPD",),
    condition=Wording("where the matrix is positive definite", "矩阵正定时"),
    letters="lrct",
    spellings=("chol", "cholesky", "Chol"),
    signatures=("n n -> n n",),
    latex=lambda node, write: write_call(r"\operatorname{chol}", node.arguments[0], write),
    binding_of=call_binding,
    value=lambda arrays, parameters: _cholesky_value(arrays[0]),
    numpy="cholesky({0})",
    helper="""
def cholesky(a):
    return np.linalg.cholesky((a + a.T) / 2)
""",
    jax=Code("np.linalg.cholesky((({0}) + ({0}).T) / 2)"),
    torch=Code("torch.linalg.cholesky((({0}) + ({0}).T) / 2)"),
    julia=Code("cholesky(Symmetric((({0}) + transpose({0})) / 2)).L"),
    differential=_cholesky_differential,
    by_equation=True,
)

half_triangle: Operator = Operator(
    name="lower triangle with a halved diagonal",
    rule=Wording("a linear map", "线性映射"),
    note=Wording(
        r"Here $\Phi$ takes the lower triangle of a matrix and halves its diagonal.",
        r"这里 $\Phi$ 取矩阵的下三角部分并将对角元素减半。",
    ),
    source="Murray (2016), Differentiation of the Cholesky decomposition, eq. (8)",
    example=(r"\|\operatorname{chol}(A)-B\|_F^2", "A"),
    where=("A: SPD",),
    in_components=True,
    signatures=("n n -> n n",),
    latex=lambda node, write: write_call(r"\Phi", node.arguments[0], write),
    binding_of=call_binding,
    value=lambda arrays, parameters: _half_triangle_value(arrays[0]),
    exact=lambda at, node, x: _exact_half_triangle(at, x[0]),
    numpy="half_triangle({0})",
    helper="""
def half_triangle(a):
    return np.tril(a) - np.diag(np.diag(a)) / 2
""",
    torch=Code("(torch.tril({0}) - torch.diag(torch.diagonal({0})) / 2)"),
    julia=Code("(tril({0}) - Diagonal({0}) / 2)"),
    adjoint=lambda node, i, G: build(half_triangle, G),
    adjoint_rule=Wording.formula(
        r"$\operatorname{tr}\bigl(G^\top\Phi(C)\bigr)=\operatorname{tr}\bigl(\Phi(G)^\top C\bigr)$"
    ),
    of_vec=lambda node: (_diagonal_of_half_triangle(node), node.arguments[0]),
    vec_rule=Wording.formula(
        r"$\operatorname{vec}(A\odot X)=\operatorname{diag}(\operatorname{vec}A)\operatorname{vec}(X)$"
    ),
    normal=lambda arguments, parameters: _half_triangle_normal(arguments),
)
