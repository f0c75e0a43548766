r"""The rows of solutions of linear matrix equations: `AY + YB = C` (Sylvester) and `Y = LYR + C` (Stein).

Lyapunov's equations are among them. That of a root, `RY + YR = C`, has a row of its own beside the root.
"""

from __future__ import annotations

from collections.abc import Callable

from ...words import Wording
from ..arithmetic import Arithmetic
from ..expressions import Apply, Code, Differentiate, Expr, Operator, Write, parenthesise
from ..factoring import add
from ..matrix_powers import solution_of_stein, solution_of_sylvester
from ..numbers import Jet, eye, stacked, turned, unstacked
from ..powers import inverse
from ..terms import (
    build,
    identity,
    is_zero,
    multiply,
    negate,
    scalars_and_chain,
    split_coefficient,
    terms_of,
    transpose,
    zero,
)
from . import by_name


def _kronecker(a: Expr, b: Expr) -> Expr:
    return build(by_name("Kronecker product"), a, b)


def _normal(row: Operator, arguments: tuple[Expr, ...]) -> Expr | None:
    """Return the solution with the numbers in front of the right side taken out; None where there are none."""
    left, right, side = arguments
    if is_zero(side):
        return zero(side.shape)
    scalars, chain = scalars_and_chain(side)
    if scalars and chain:
        return multiply(*scalars, build(row, left, right, multiply(*chain)))
    if all(split_coefficient(x)[0] < 0 for x in terms_of(side)):
        return negate(build(row, left, right, add(*map(negate, terms_of(side)))))
    return None


def _transposed(node: Apply) -> Expr:
    """Return the transpose, the solution of the transposed equation; the very node where that is the same."""
    left, right, side = node.arguments
    found = build(node.operator, transpose(right), transpose(left), transpose(side))
    return node if found is node else found


def _backwards(node: Apply, cotangent: Expr) -> Expr:
    """Return the solution of the adjoint equation, with the cotangent as its right side."""
    left, right, _ = node.arguments
    return build(node.operator, transpose(left), transpose(right), cotangent)


def _latex(sign: str) -> Callable[[Apply, Write], str]:
    def latex(node: Apply, write: Write) -> str:
        left, right, side = node.arguments
        sides = [left] if sign == "L" and left is right else [left, right]
        return rf"\mathcal{{{sign}}}_{{{','.join(write(x, 0) for x in sides)}}}" + parenthesise(write(side, 0))

    return latex


def _solved(at: Arithmetic, matrix: Jet, side: Jet) -> Jet:
    found = at.times(at.inverse(matrix), at.moved(side, stacked))
    return at.moved(found, lambda a: unstacked(a, side.rows, side.columns))


# --- Sylvester's equation AY + YB = C


def _sylvester_differential(node: Apply, d: Differentiate) -> Expr:
    left, right, side = node.arguments
    moved = add(d(side), negate(add(multiply(d(left), node), multiply(node, d(right)))))
    return build(sylvester, left, right, moved)


def _sylvester_adjoint(node: Apply, i: int, cotangent: Expr) -> Expr:
    back = _backwards(node, cotangent)
    if i == 2:
        return back
    across = transpose(node)
    return negate(multiply(back, across) if i == 0 else multiply(across, back))


def _exact_sylvester(at: Arithmetic, left: Jet, right: Jet, side: Jet) -> Jet:
    ones = [Jet({0: eye(x.rows)}) for x in (left, right)]
    return _solved(at, at.plus(at.kronecker(ones[1], left), at.kronecker(at.moved(right, turned), ones[0])), side)


def _matrix_of_sylvester(left: Expr, right: Expr) -> Expr:
    ones = [identity(x.shape[0]) for x in (left, right)]
    return add(_kronecker(ones[1], left), _kronecker(transpose(right), ones[0]))


sylvester: Operator = Operator(
    name="solution of a Sylvester equation",
    rule=Wording("differential of the equation", "对方程求微分"),
    why=Wording(
        r"Take the differential of $AY+YB=C$: $A\,\mathrm{d}Y+\mathrm{d}Y\,B=\mathrm{d}C-\mathrm{d}A\,Y"
        r"-Y\,\mathrm{d}B$, an equation of the same form for $\mathrm{d}Y$.",
        r"对 $AY+YB=C$ 两边求微分：$A\,\mathrm{d}Y+\mathrm{d}Y\,B=\mathrm{d}C-\mathrm{d}A\,Y-Y\,\mathrm{d}B$，"
        r"这是关于 $\mathrm{d}Y$ 的同型方程。",
    ),
    note=Wording(
        r"Here ${call}$ denotes the solution ${Y}$ of ${0} {Y}+{Y} {1}={C}$, taken to be unique.",
        r"这里 ${call}$ 表示方程 ${0} {Y}+{Y} {1}={C}$ 的解 ${Y}$，设其唯一。",
    ),
    source="Bartels and Stewart (1972), Solution of the matrix equation AX + XB = C",
    example=(r"\operatorname{tr}(X)", "A"),
    where=("AX+XB=C",),
    in_components=True,
    signatures=("m m, n n, m n -> m n",),
    latex=_latex("L"),
    value=lambda arrays, parameters: solution_of_sylvester(*arrays),
    exact=lambda at, node, x: _exact_sylvester(at, *x),
    numpy="sylvester({0}, {1}, {2})",
    helper="""
def sylvester(a, b, c):
    matrix = np.kron(np.eye(len(b)), a) + np.kron(b.T, np.eye(len(a)))
    return np.linalg.solve(matrix, c.T.reshape(-1, 1)).reshape(len(b), len(a)).T
""",
    torch=Code(
        "sylvester({0}, {1}, {2})",
        """
def sylvester(a, b, c):
    ones = [torch.eye(len(x), dtype=x.dtype) for x in (a, b)]
    matrix = torch.kron(ones[1], a.contiguous()) + torch.kron(b.T.contiguous(), ones[0])
    return torch.linalg.solve(matrix, c.T.reshape(-1, 1)).reshape(len(b), len(a)).T
""",
    ),
    julia=Code("sylvester({0}, {1}, -({2}))"),
    differential=_sylvester_differential,
    adjoint=_sylvester_adjoint,
    adjoint_rule=Wording("adjoint equation", "伴随方程"),
    of_vec=lambda node: (inverse(_matrix_of_sylvester(*node.arguments[:2])), node.arguments[2]),
    vec_rule=Wording.formula(r"$\operatorname{vec}(AY+YB)=(I\otimes A+B^\top\otimes I)\operatorname{vec}(Y)$"),
    normal=lambda arguments, parameters: _normal(sylvester, arguments),
    by_equation=True,
    transposed=_transposed,
    split_by_transpose=True,
)


# --- Stein's equation Y = LYR + C


def _stein_differential(node: Apply, d: Differentiate) -> Expr:
    left, right, side = node.arguments
    moved = add(d(side), multiply(d(left), node, right), multiply(left, node, d(right)))
    return build(stein, left, right, moved)


def _stein_adjoint(node: Apply, i: int, cotangent: Expr) -> Expr:
    back = _backwards(node, cotangent)
    if i == 2:
        return back
    left, right, _ = node.arguments
    across = transpose(node)
    return multiply(back, transpose(right), across) if i == 0 else multiply(across, transpose(left), back)


def _exact_stein(at: Arithmetic, left: Jet, right: Jet, side: Jet) -> Jet:
    one = Jet({0: eye(left.rows * right.rows)})
    return _solved(at, at.minus(one, at.kronecker(at.moved(right, turned), left)), side)


def _matrix_of_stein(left: Expr, right: Expr) -> Expr:
    one = identity(tuple(sorted(left.shape[0] + right.shape[0])))
    return add(one, negate(_kronecker(transpose(right), left)))


stein: Operator = Operator(
    name="solution of a Stein equation",
    rule=Wording("differential of the equation", "对方程求微分"),
    why=Wording(
        r"Take the differential of $Y=LYR+C$: $\mathrm{d}Y=L\,\mathrm{d}Y\,R+\mathrm{d}L\,YR+LY\,\mathrm{d}R"
        r"+\mathrm{d}C$, an equation of the same form for $\mathrm{d}Y$.",
        r"对 $Y=LYR+C$ 两边求微分：$\mathrm{d}Y=L\,\mathrm{d}Y\,R+\mathrm{d}L\,YR+LY\,\mathrm{d}R"
        r"+\mathrm{d}C$，这是关于 $\mathrm{d}Y$ 的同型方程。",
    ),
    note=Wording(
        r"Here ${call}$ denotes the solution ${Y}$ of ${Y}={0} {Y} {1}+{C}$, taken to be unique.",
        r"这里 ${call}$ 表示方程 ${Y}={0} {Y} {1}+{C}$ 的解 ${Y}$，设其唯一。",
    ),
    source="Lancaster and Rodman (1995), Algebraic Riccati Equations, sec. 5.3",
    example=(r"\operatorname{tr}(X)", "A"),
    where=("X=A^TXA+Q",),
    in_components=True,
    signatures=("m m, n n, m n -> m n",),
    latex=_latex("S"),
    value=lambda arrays, parameters: solution_of_stein(*arrays),
    exact=lambda at, node, x: _exact_stein(at, *x),
    numpy="stein({0}, {1}, {2})",
    helper="""
def stein(l, r, c):
    matrix = np.eye(c.size) - np.kron(r.T, l)
    return np.linalg.solve(matrix, c.T.reshape(-1, 1)).reshape(len(r), len(l)).T
""",
    torch=Code(
        "stein({0}, {1}, {2})",
        """
def stein(l, r, c):
    matrix = torch.eye(c.numel(), dtype=c.dtype) - torch.kron(r.T.contiguous(), l.contiguous())
    return torch.linalg.solve(matrix, c.T.reshape(-1, 1)).reshape(len(r), len(l)).T
""",
    ),
    julia=Code("reshape((I - kron(transpose({1}), {0})) \\ vec({2}), size({2}))"),
    differential=_stein_differential,
    adjoint=_stein_adjoint,
    adjoint_rule=Wording("adjoint equation", "伴随方程"),
    of_vec=lambda node: (inverse(_matrix_of_stein(*node.arguments[:2])), node.arguments[2]),
    vec_rule=Wording.formula(r"$\operatorname{vec}(Y-LYR)=(I-R^\top\otimes L)\operatorname{vec}(Y)$"),
    normal=lambda arguments, parameters: _normal(stein, arguments),
    by_equation=True,
    transposed=_transposed,
    split_by_transpose=True,
)
