"""The rows of diagonals and of other parts of a matrix by their place."""

from __future__ import annotations

from typing import Any

from ...words import Wording
from ..expressions import ONE, Apply, Code, Expr, Operator, lazy_numpy, number, parenthesise
from ..factoring import add
from ..numbers import Jet, Matrix, eye, filled, masked
from ..powers import entrywise_power, hadamard
from ..terms import identity, is_ones, is_zero, multiply, reading_cost, transpose, zero
from ..writing import call_binding, write_call
from .structural import add_row, inverse_row, product, transpose_row


def on_diagonal(x: Expr) -> Expr | None:
    """Return the column c of which `x` is written diag(c), None where it is not."""
    return x.arguments[0] if isinstance(x, Apply) and x.operator is diagonal_matrix else None


diagonal_matrix: Operator = Operator(
    name="diagonal matrix",
    rule=Wording("diag rule", "对角矩阵法则"),
    source="Magnus and Neudecker (2019), ch. 8",
    example=(r"a^T\operatorname{diag}(x)b", "x"),
    spellings=("diag", "Diag", r"\diag", r"\Diag"),
    signatures=("n 1 -> n n",),
    latex=lambda node, write: r"\operatorname{diag}" + parenthesise(write(node.arguments[0], 0)),
    value=lambda arrays, parameters: arrays[0] * lazy_numpy().eye(arrays[0].shape[-2]),
    exact=lambda at, node, x: at.hadamard(at.times(x[0], Jet({0: filled(1, x[0].rows)})), Jet({0: eye(x[0].rows)})),
    numpy="np.diagflat({0})",
    julia=Code("diagm(vec({0}))"),
    sympy=Code("sp.diag(*{0})"),
    normal=lambda arguments, parameters: _diagonal_matrix(arguments[0]),
    adjoint=lambda node, i, G: diagonal_of(G),
    adjoint_rule=Wording.formula(r"$\operatorname{tr}(A^\top\operatorname{diag}(v))=\operatorname{diag}(A)^\top v$"),
    sign=lambda node, signs: signs.of_entries(node.arguments[0]),
    transposed=lambda node: node,
)


def _diagonal_matrix(x: Expr) -> Expr:
    """Return the diagonal matrix with the column `x` on its diagonal."""
    if is_zero(x):
        return zero((x.shape[0],) * 2)
    return identity(x.shape[0]) if is_ones(x) else Apply(diagonal_matrix, (x,))


diagonal_vector = Operator(
    name="diagonal of a matrix",
    rule=Wording("diag rule", "对角矩阵法则"),
    source="Magnus and Neudecker (2019), ch. 8",
    example=(r"a^T\operatorname{diag}(AX)", "X"),
    spellings=("diag", r"\diag"),
    signatures=("n n -> n 1",),
    latex=lambda node, write: r"\operatorname{diag}" + parenthesise(write(node.arguments[0], 0)),
    value=lambda arrays, parameters: lazy_numpy().diagonal(arrays[0], axis1=-2, axis2=-1)[..., None],
    exact=lambda at, node, x: at.moved(x[0], lambda a: [[row[i]] for i, row in enumerate(a)]),
    numpy="np.diag({0}).reshape(-1, 1)",
    julia=Code("reshape(diag({0}), :, 1)"),
    sympy=Code("{0}.diagonal().T"),
    adjoint=lambda node, i, G: _diagonal_matrix(G),
    adjoint_rule=Wording.formula(r"$v^\top\operatorname{diag}(A)=\operatorname{tr}(\operatorname{diag}(v)A)$"),
    normal=lambda arguments, parameters: diagonal_of(arguments[0]),
)


def diagonal_of(x: Expr) -> Expr:
    """Return the column of the diagonal entries of `x`; of a b^T it is a (.) b."""
    if is_zero(x):
        return zero((x.shape[0], ONE))
    if x.is_scalar:
        return x
    if isinstance(x, Apply) and x.operator is product:
        scalars = [y for y in x.arguments if y.is_scalar]
        chain = [y for y in x.arguments if not y.is_scalar]
        if scalars:
            return multiply(*scalars, diagonal_of(multiply(*chain)))
        for k in range(1, len(chain)):
            if chain[k].shape[0] == ONE:
                return hadamard(multiply(*chain[:k]), transpose(multiply(*chain[k:])))
        for scaling, rest in ((chain[0], chain[1:]), (chain[-1], chain[:-1])):
            if isinstance(scaling, Apply) and scaling.operator is diagonal_matrix:
                return hadamard(diagonal_of(multiply(*rest)), scaling.arguments[0])
    if isinstance(x, Apply) and x.operator is transpose_row:
        return diagonal_of(x.arguments[0])
    if isinstance(x, Apply) and x.operator is inverse_row:
        scaling = x.arguments[0]
        if isinstance(scaling, Apply) and scaling.operator is diagonal_matrix:
            return entrywise_power(scaling.arguments[0], number(-1))
    if isinstance(x, Apply) and x.operator is add_row:
        apart = add(*map(diagonal_of, x.arguments))
        return apart if reading_cost(apart) <= reading_cost(x) + 1 else Apply(diagonal_vector, (x,))
    if isinstance(x, Apply) and x.operator is diagonal_matrix:
        return x.arguments[0]
    return Apply(diagonal_vector, (x,))


def lower(i: int, j: int) -> bool:
    """Whether a place is on or below the diagonal."""
    return i >= j


def upper(i: int, j: int) -> bool:
    """Whether a place is on or above the diagonal."""
    return i <= j


def _triangle(name: str, word: str, zh: str) -> Operator:
    """Return the row of the part of a square matrix on and below (`tril`) or above (`triu`) its diagonal."""
    row: Operator = Operator(
        name=f"{name} triangle",
        rule=Wording("a linear map", "线性映射"),
        source="Magnus and Neudecker (2019), ch. 3",
        example=(rf"\operatorname{{tr}}(A\operatorname{{{word}}}(X))", "X"),
        spellings=(word,),
        note=Wording(
            rf"Here $\operatorname{{{word}}}$ keeps the {name} triangle and the diagonal.",
            rf"这里 $\operatorname{{{word}}}$ 保留{zh}三角（含对角线）部分。",
        ),
        signatures=("n n -> n n",),
        latex=lambda node, write: write_call(rf"\operatorname{{{word}}}", node.arguments[0], write),
        binding_of=call_binding,
        value=lambda arrays, parameters: getattr(lazy_numpy(), word)(arrays[0]),
        exact=lambda at, node, x: at.moved(x[0], lambda a: masked(a, lower if name == "lower" else upper)),
        numpy=f"np.{word}({{0}})",
        julia=Code(f"{word}({{0}})"),
        adjoint=lambda node, i, G: Apply(row, (G,)),
        normal=lambda arguments, parameters: _nothing_of_nothing(*arguments),
    )
    return row


def _nothing_of_nothing(x: Expr) -> Expr | None:
    return x if is_zero(x) else None


lower_triangle = _triangle("lower", "tril", "下")
upper_triangle = _triangle("upper", "triu", "上")


def _diagonal_sums(a: Any) -> Any:
    n, total = a.shape[-1], 0 * a
    for k in range(1 - n, n):
        band = lazy_numpy().eye(n, k=k)
        total = total + (a * band).sum(axis=(-1, -2), keepdims=True) * band
    return total


def _exact_diagonal_sums(a: Matrix) -> Matrix:
    places = range(len(a))
    total = {k: sum(a[i][i - k] for i in places if i - k in places) for k in range(1 - len(a), len(a))}
    return [[total[i - j] for j in places] for i in places]


diagonal_sums: Operator = Operator(
    name="sums along the diagonals",
    rule=Wording("a linear map", "线性映射"),
    source="Petersen and Pedersen, The Matrix Cookbook, sec. 2.8.3",
    example=(r"\operatorname{tr}(A\operatorname{toep}(X))", "X"),
    spellings=("toep",),
    note=Wording(
        r"Here $\operatorname{toep}$ replaces each entry by the sum along its diagonal.",
        r"这里 $\operatorname{toep}$ 将每个元素换成其所在对角线之和。",
    ),
    signatures=("n n -> n n",),
    latex=lambda node, write: write_call(r"\operatorname{toep}", node.arguments[0], write),
    binding_of=call_binding,
    value=lambda arrays, parameters: _diagonal_sums(arrays[0]),
    exact=lambda at, node, x: at.moved(x[0], _exact_diagonal_sums),
    numpy="toep({0})",
    helper="""
def toep(a):
    n, total = len(a), np.zeros_like(a)
    for k in range(1 - n, n):
        total += np.trace(a, k) * np.eye(n, k=k)
    return total
""",
    torch=Code(
        "toep({0})",
        """
def toep(a):
    n, total = len(a), torch.zeros_like(a)
    for k in range(1 - n, n):
        total += torch.diagflat(torch.diagonal(a, k).sum().repeat(n - abs(k)), k)
    return total
""",
    ),
    adjoint=lambda node, i, G: Apply(diagonal_sums, (G,)),
    normal=lambda arguments, parameters: _nothing_of_nothing(*arguments),
)
