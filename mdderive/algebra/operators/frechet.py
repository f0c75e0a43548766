r"""The rows of differentials of functions of a matrix: linear maps of the step `dX`, as solutions and as integrals.

`d(X^{1/2})` is the solution Y of `X^{1/2} Y + Y X^{1/2} = dX`; that of `e^X` is `\int_0^1 e^{sX} dX e^{(1-s)X} ds`.
In vec form each is a square matrix times `vec(dX)`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ...errors import UnsupportedError
from ...words import Wording
from ..arithmetic import Arithmetic
from ..expressions import (
    Apply,
    Binding,
    Code,
    Differentiate,
    Expr,
    Index,
    Number,
    Operator,
    Shape,
    Symbol,
    Write,
    lazy_numpy,
    number,
    parenthesise,
    to_latex,
    walk,
)
from ..matrix_powers import (
    exponential_source,
    integral_of_exponentials,
    matrix_of_map,
    matrix_of_slope,
    slope_of_logarithm,
    solution_of_lyapunov,
)
from ..numbers import Jet, eye, stacked, turned, unstacked
from . import by_name
from .structural import add_row, power_row, product
from .sums import sum_row

HALF = Number(Fraction(1, 2))
DUMMIES = ("s", r"\tau", "r", r"\rho", r"\xi")
"""The letters over which is integrated, as far as nothing within is called so."""
_PRINCIPAL = Wording(r"the principal value, no eigenvalue in $(-\infty,0]$", r"取主值，特征值不在 $(-\infty,0]$ 上")


# --- powers


def differential_of_power(node: Apply, d: Differentiate) -> Expr:
    """Return the sum of X^r dX X^{k-1-r}, r = 0..k-1, written out for small numbers k; of X^{-k} by that of X^k.

    That of the root is the solution of a Lyapunov equation, and that of X^{k/2} follows by the product rule.

    Raises:
        UnsupportedError: the exponent is no whole number nor half of one, or varies.
    """
    x, exponent = node.arguments
    exponent = terms.normalise(exponent)
    if not terms.is_zero(d(exponent)):
        hint = "name another variable"
        message = "a power of a matrix is not differentiated with respect to its exponent"
        raise UnsupportedError("E308", message, hint=hint)
    if isinstance(exponent, Number) and exponent.value.denominator == 2:
        return _of_half_power(x, exponent, d)
    if not may_be_whole(exponent):
        hint = "only that of X^{k/2} is, and that of its trace, d tr(X^p) = p tr(X^{p-1} dX)"
        raise UnsupportedError("E308", "the differential of this fractional power is not supported", hint=hint)
    if not isinstance(exponent, Number) or abs(exponent.value) > 5:
        return _sum_of_powers(node, exponent, d)
    if exponent.value < 0:
        k = int(-exponent.value)
        sides = [powers.matrix_power(x, number(-r)) for r in range(1, k + 1)]
        around = zip(sides, sides[::-1], strict=True)
        return terms.negate(factoring.add(*(terms.multiply(left, d(x), right) for left, right in around)))
    return _of_whole_power(x, int(exponent.value), d)


def may_be_whole(exponent: Expr) -> bool:
    """Whether an exponent is a whole number if its letters are."""
    if isinstance(exponent, Number):
        return exponent.value.denominator == 1
    if not isinstance(exponent, Apply):
        return True
    if exponent.operator is power_row and terms.split_coefficient(exponent.arguments[1])[0] < 0:
        return False
    return exponent.operator in (add_row, product, power_row) and all(map(may_be_whole, exponent.arguments))


def _of_whole_power(x: Expr, k: int, d: Differentiate) -> Expr:
    if k == 0:
        return terms.zero(x.shape)
    sides = [powers.matrix_power(x, number(r)) for r in range(k)]
    return factoring.add(*(terms.multiply(left, d(x), right) for left, right in zip(sides, sides[::-1], strict=True)))


def _of_half_power(x: Expr, exponent: Number, d: Differentiate) -> Expr:
    """Return the differential of X^{k/2}: of the root, of X^m times the root, of the inverse of such a power."""
    if exponent.value < 0:
        around = powers.matrix_power(x, exponent)
        return terms.negate(terms.multiply(around, _of_half_power(x, Number(-exponent.value), d), around))
    root, whole = powers.matrix_power(x, HALF), int(exponent.value)
    of_root = terms.build(lyapunov, root, d(x))
    if whole == 0:
        return of_root
    power = powers.matrix_power(x, number(whole))
    return factoring.add(terms.multiply(_of_whole_power(x, whole, d), root), terms.multiply(power, of_root))


def _sum_of_powers(node: Apply, exponent: Expr, d: Differentiate) -> Expr:
    """Return the sum of X^r dX X^{k-1-r}, r = 0..k-1; of X^{-k} minus that of X^{-1-r} dX X^{r-k}.

    Raises:
        UnsupportedError: the exponent is negative and varies with an index.
    """
    below = all(terms.split_coefficient(y)[0] < 0 for y in terms.terms_of(exponent))
    if below and exponent.indices:
        raise _no_second(node)  # of X^{-1-r}, which stands in the differential of a negative power
    x, taken = node.arguments[0], {y.latex for y in node.symbols}
    name = next(name for name in ("r", "s", "t", "i", "j") if name not in taken)
    count = terms.negate(exponent) if below else exponent
    r, last = terms.index_symbol(name), factoring.add(count, number(-1))
    left = factoring.add(number(-1), terms.negate(r)) if below else r
    right = factoring.add(r, exponent) if below else factoring.add(last, terms.negate(r))
    body = terms.multiply(powers.matrix_power(x, left), d(x), powers.matrix_power(x, right))
    total = Apply(sum_row, (body,), (Index(name, "0", to_latex(last), count),))
    return terms.negate(total) if below else total


def rule_of_power(node: Apply, d: Differentiate) -> Operator | None:
    """Return the row whose rule the differential of a power follows, where it is no product rule."""
    exponent = terms.normalise(node.arguments[1])
    return lyapunov if isinstance(exponent, Number) and exponent.value.denominator == 2 else None


# --- what these maps have in common


def _linear(row: Operator, arguments: tuple[Expr, ...], commuting: Callable[[Expr], Expr]) -> Expr | None:
    """Return the value of a map that is linear in its second argument; None where it has no simpler form.

    Numbers come to the front, and of the terms that are seen to commute with the first argument it is `commuting`.
    """
    around, step, *rest = arguments
    if terms.is_zero(step):
        return terms.zero(step.shape)
    scalars, chain = terms.scalars_and_chain(step)
    if scalars:
        inner = terms.multiply(*chain) if chain else terms.identity(step.shape[0])
        return terms.multiply(*scalars, terms.build(row, around, inner, *rest))
    parts = terms.terms_of(step)
    if all(terms.split_coefficient(x)[0] < 0 for x in parts):
        return terms.negate(terms.build(row, around, factoring.add(*map(terms.negate, parts)), *rest))
    known = [x for x in parts if _commute(around, x)]
    if not known:
        return None
    unknown = [x for x in parts if x not in known]
    others = [terms.build(row, around, factoring.add(*unknown), *rest)] if unknown else []
    return factoring.add(*map(commuting, known), *others)


def _commute(a: Expr, b: Expr) -> bool:
    """Whether two matrices are seen to commute."""
    return terms.is_identity(b) or keys.same(terms.multiply(a, b), terms.multiply(b, a))


def _of_first_order(node: Apply, d: Differentiate) -> Expr:
    """Return the differential of a map that is linear in its second argument, if that alone moves.

    Raises:
        UnsupportedError: another argument moves.
    """
    around, step, *rest = node.arguments
    if not all(terms.is_zero(d(x)) for x in (around, *rest)):
        raise _no_second(node)
    return terms.build(node.operator, around, d(step), *rest)


def _no_second(node: Apply) -> UnsupportedError:
    hint = "ask for the gradient alone, or for the jacobian"
    return UnsupportedError("E308", f"the second differential of {node.operator.name} is not supported", hint=hint)


def _dummy(*within: Expr) -> str:
    """Return the letter over which is integrated: none that stands within."""
    taken = {x.latex for y in within for x in y.symbols}
    depth = sum(isinstance(x, Apply) and x.operator in INTEGRALS for y in within for x in walk(y))
    return [x for x in DUMMIES if x not in taken][depth]


def _integral(upper: str, body: str, letter: str) -> str:
    return rf"\int_0^{upper if len(upper) == 1 else f'{{{upper}}}'} {body}\thinspace \mathrm{{d}}{letter}"


def _between(left: str, step: Expr, right: str, write: Write) -> str:
    """Return the product of a step between two matrices, which are given as LaTeX, as LaTeX."""
    sides = (Symbol(x, step.shape) for x in (left, right))
    first, last = sides
    return write(Apply(product, (first, *(terms.factors_of(step) if not _has_scalar(step) else (step,)), last)), 0)


def _has_scalar(x: Expr) -> bool:
    return any(y.is_scalar for y in terms.factors_of(x))


# --- the root: the solution of a Lyapunov equation


def _lyapunov_differential(node: Apply, d: Differentiate) -> Expr:
    """Return the solution for dC less what dR contributes, from R dY + dY R = dC - dR Y - Y dR."""
    root, step = node.arguments
    by_root = factoring.add(terms.multiply(d(root), node), terms.multiply(node, d(root)))
    return terms.build(lyapunov, root, factoring.add(d(step), terms.negate(by_root)))


def _lyapunov_adjoint(node: Apply, i: int, cotangent: Expr) -> Expr:
    root = node.arguments[0]
    if terms.is_symmetric(root):
        back = terms.build(lyapunov, root, cotangent)
    else:
        back = terms.transpose(terms.build(lyapunov, root, terms.transpose(cotangent)))
    if i == 1:
        return back
    turned = terms.transpose(node)
    return terms.negate(factoring.add(terms.multiply(back, turned), terms.multiply(turned, back)))


def _lyapunov_transposed(node: Apply) -> Expr | None:
    root, step = node.arguments
    if not terms.is_symmetric(root):
        return None
    return node if terms.is_symmetric(step) else terms.build(lyapunov, root, terms.transpose(step))


def _kronecker(a: Expr, b: Expr) -> Expr:
    return terms.build(by_name("Kronecker product"), a, b)


def _lyapunov_matrix(root: Expr) -> Expr:
    """Return the matrix M with `M vec(Y) = vec(RY + YR)`."""
    one = terms.identity(root.shape[0])
    return factoring.add(_kronecker(one, root), _kronecker(terms.transpose(root), one))


def _inverse_root(root: Expr) -> Expr:
    raised = terms.matrix_raised(root)
    return powers.inverse(root) if raised is None else powers.matrix_power(raised[0], terms.negate(raised[1]))


def _exact_lyapunov(at: Arithmetic, root: Jet, step: Jet) -> Jet:
    one = Jet({0: eye(root.rows)})
    matrix = at.plus(at.kronecker(one, root), at.kronecker(at.moved(root, turned), one))
    found = at.times(at.inverse(matrix), at.moved(step, stacked))
    return at.moved(found, lambda a: unstacked(a, root.rows, root.rows))


lyapunov: Operator = Operator(
    name="solution of a Lyapunov equation",
    rule=Wording.formula(r"$\mathrm{d}(X^{1/2})=\mathcal{L}_{X^{1/2}}(\mathrm{d}X)$"),
    why=Wording(
        r"Take the differential of $X^{1/2}X^{1/2}=X$: $\mathrm{d}(X^{1/2})\thinspace X^{1/2}"
        r"+X^{1/2}\thinspace\mathrm{d}(X^{1/2})=\mathrm{d}X$. As the eigenvalues of $X^{1/2}$ have positive real "
        r"parts, this equation has one solution, $\mathcal{L}_{X^{1/2}}(\mathrm{d}X)$.",
        r"对 $X^{1/2}X^{1/2}=X$ 两边求微分：$\mathrm{d}(X^{1/2})\thinspace X^{1/2}"
        r"+X^{1/2}\thinspace\mathrm{d}(X^{1/2})=\mathrm{d}X$。$X^{1/2}$ 的特征值实部均为正，故该方程有唯一解，"
        r"记为 $\mathcal{L}_{X^{1/2}}(\mathrm{d}X)$。",
    ),
    note=Wording(
        r"Here ${call}$ denotes the solution ${Y}$ of the Lyapunov equation ${0} {Y}+{Y} {0}={C}$.",
        r"这里 ${call}$ 表示 Lyapunov 方程 ${0} {Y}+{Y} {0}={C}$ 的解 ${Y}$。",
    ),
    source="Higham, Functions of Matrices, sec. 6.1",
    example=(r"\operatorname{tr}(BX^{1/2})", "X"),
    where=("X: SPD",),
    condition=_PRINCIPAL,
    in_components=True,
    signatures=("n n, n n -> n n",),
    latex=lambda node, write: (
        rf"\mathcal{{L}}_{{{write(node.arguments[0], 0)}}}" + parenthesise(write(node.arguments[1], 0))
    ),
    value=lambda arrays, parameters: solution_of_lyapunov(*arrays),
    exact=lambda at, node, x: _exact_lyapunov(at, *x),
    numpy="lyapunov({0}, {1})",
    helper="""
def lyapunov(r, c):
    one = np.eye(len(r))
    column = np.linalg.solve(np.kron(one, r) + np.kron(r.T, one), c.T.reshape(-1, 1))
    return column.reshape(len(r), len(r)).T
""",
    torch=Code(
        "lyapunov({0}, {1})",
        """
def lyapunov(r, c):
    one = torch.eye(len(r), dtype=r.dtype)
    column = torch.linalg.solve(torch.kron(one, r) + torch.kron(r.T.contiguous(), one), c.T.reshape(-1, 1))
    return column.reshape(len(r), len(r)).T
""",
    ),
    julia=Code("sylvester({0}, {0}, -({1}))"),
    differential=_lyapunov_differential,
    adjoint=_lyapunov_adjoint,
    adjoint_rule=Wording.formula(
        r"$\operatorname{tr}\bigl(G\mathcal{L}_R(C)\bigr)=\operatorname{tr}\bigl(\mathcal{L}_R(G)C\bigr)$"
    ),
    of_vec=lambda node: (powers.inverse(_lyapunov_matrix(node.arguments[0])), node.arguments[1]),
    vec_rule=Wording.formula(
        r"$\operatorname{vec}\mathcal{L}_R(C)=(I\otimes R+R^\top\otimes I)^{-1}\operatorname{vec}(C)$"
    ),
    normal=lambda arguments, parameters: _linear(
        lyapunov, arguments, lambda step: terms.multiply(HALF, _inverse_root(arguments[0]), step)
    ),
    transposed=_lyapunov_transposed,
)


# --- the exponential: an integral of exponentials


def _exponentials(x: Expr, upper: Expr, letter: str, write: Write) -> tuple[str, str]:
    r"""Return `e^{sX}` and `e^{(t-s)X}` as LaTeX."""
    s = Symbol(letter)
    rest = terms.multiply(factoring.add(upper, terms.negate(s)), x)
    return f"e^{{{write(terms.multiply(s, x), 0)}}}", f"e^{{{write(rest, 0)}}}"


def _write_exponentials(node: Apply, write: Write) -> str:
    x, step, upper = node.arguments
    letter = _dummy(x, step, upper)
    left, right = _exponentials(x, upper, letter, write)
    return _integral(write(upper, 0), _between(left, step, right, write), letter)


_EXPONENTIALS = Wording.formula(
    r"$\mathrm{d}e^X=\int_0^1e^{sX}\thinspace\mathrm{d}X\thinspace e^{(1-s)X}\thinspace\mathrm{d}s$"
)

integral_of_exponentials_row: Operator = Operator(
    name="integral of exponentials",
    rule=_EXPONENTIALS,
    why=Wording(
        r"Differentiate the series: $\mathrm{d}e^X=\sum_{k\ge1}\frac1{k!}\sum_{r=0}^{k-1}X^r\thinspace"
        r"\mathrm{d}X\thinspace X^{k-1-r}$, and $\int_0^1\frac{s^r}{r!}\frac{(1-s)^q}{q!}\mathrm{d}s"
        r"=\frac1{(r+q+1)!}$. Where $\mathrm{d}X$ commutes with $X$, what is left is $e^X\thinspace\mathrm{d}X$.",
        r"对级数逐项求微分：$\mathrm{d}e^X=\sum_{k\ge1}\frac1{k!}\sum_{r=0}^{k-1}X^r\thinspace"
        r"\mathrm{d}X\thinspace X^{k-1-r}$，而 $\int_0^1\frac{s^r}{r!}\frac{(1-s)^q}{q!}\mathrm{d}s"
        r"=\frac1{(r+q+1)!}$。若 $\mathrm{d}X$ 与 $X$ 可交换，即得 $e^X\thinspace\mathrm{d}X$。",
    ),
    source="Higham, Functions of Matrices, eq. (10.15)",
    example=("b^Te^{tA}c", "A"),
    where=("A: n x n", "b: vector", "c: vector"),
    in_components=True,
    signatures=("n n, n n, 1 1 -> n n",),
    latex=_write_exponentials,
    binding=Binding.PREFIX,
    value=lambda arrays, parameters: integral_of_exponentials(
        arrays[2] * arrays[0], arrays[2] * arrays[1], arrays[2] * arrays[0]
    ),
    numpy="integral_of_exponentials({0}, {1}, {2})",
    helper="""
def integral_of_exponentials(a, e, t):
    n, most = len(a), max(abs(e).max(), 1e-300)
    block = t * np.block([[a, e / most], [np.zeros((n, n)), a]])
"""
    + exponential_source("block", "2 * n")
    + """    return most * total[:n, n:]
""",
    jax=Code("jax.scipy.linalg.expm_frechet({2} * ({0}), {2} * ({1}), compute_expm=False)"),
    torch=Code(
        "integral_of_exponentials({0}, {1}, {2})",
        """
def integral_of_exponentials(a, e, t):
    n = len(a)
    block = torch.cat([torch.cat([a, e], 1), torch.cat([torch.zeros_like(a), a], 1)])
    return torch.linalg.matrix_exp(t * block)[:n, n:]
""",
    ),
    julia=Code("exp({2} * [{0} {1}; terms.zero({0}) {0}])[1:end÷2, end÷2+1:end]"),
    differential=_of_first_order,
    adjoint=lambda node, i, G: _first_order_adjoint(node, i, G),
    adjoint_rule=Wording.formula(
        r"$\operatorname{tr}\left(G\int_0^te^{sA}Ce^{(t-s)A}\thinspace\mathrm{d}s\right)"
        r"=\operatorname{tr}\left(\int_0^te^{sA}Ge^{(t-s)A}\thinspace\mathrm{d}s\thinspace C\right)$"
    ),
    of_vec=lambda node: (Apply(mixed_exponentials, (node.arguments[0], node.arguments[2])), node.arguments[1]),
    vec_rule=Wording.formula(r"$\operatorname{vec}(AXB)=(B^\top\otimes A)\operatorname{vec}(X)$"),
    normal=lambda arguments, parameters: _linear(
        integral_of_exponentials_row,
        arguments,
        lambda step: terms.multiply(
            arguments[2], Apply(by_name("matrix exponential"), (terms.multiply(arguments[2], arguments[0]),)), step
        ),
    ),
    transposed=lambda node: _turned_within(node),
)


def _first_order_adjoint(node: Apply, i: int, cotangent: Expr) -> Expr:
    """Return the same map, of the transpose, of the cotangent.

    Raises:
        UnsupportedError: it is asked for another argument than that in which the map is linear.
    """
    if i != 1:
        raise _no_second(node)
    x, _, *rest = node.arguments
    return terms.build(node.operator, terms.transpose(x), cotangent, *rest)


def _turned_within(node: Apply) -> Expr:
    x, step, *rest = node.arguments
    return terms.build(node.operator, terms.transpose(x), terms.transpose(step), *rest)


def _write_mixed(node: Apply, write: Write) -> str:
    x, upper = node.arguments
    letter = _dummy(x, upper)
    left, _ = _exponentials(x, upper, letter, write)
    right = _exponentials(terms.transpose(x), upper, letter, write)[1]
    return _integral(write(upper, 0), rf"{right} \otimes {left}", letter)


def _mixed_shape(arguments: tuple[Expr, ...], parameters: tuple[Any, ...]) -> Shape:
    size = tuple(sorted(arguments[0].shape[0] * 2))
    return size, size


def _no_differential(node: Apply, d: Differentiate) -> Expr:
    raise _no_second(node)


mixed_exponentials: Operator = Operator(
    name="integral of Kronecker products of exponentials",
    rule=_EXPONENTIALS,
    source="Higham, Functions of Matrices, eq. (10.16)",
    example=("e^{tA}", "A"),
    where=("A: matrix", "t: scalar", "jacobian"),
    in_components=True,
    result=_mixed_shape,
    latex=_write_mixed,
    binding=Binding.PREFIX,
    value=lambda arrays, parameters: _mixed_value(*arrays),
    numpy="mixed_exponentials({0}, {1})",
    helper="""
def mixed_exponentials(a, t):
    n, one = len(a) ** 2, np.eye(len(a))
    block = t * np.block([[np.kron(one, a), np.eye(n)], [np.zeros((n, n)), np.kron(a.T, one)]])
"""
    + exponential_source("block", "2 * n")
    + """    return total[:n, n:]
""",
    jax=Code(
        "mixed_exponentials({0}, {1})",
        """
def mixed_exponentials(a, t):
    n, one = len(a) ** 2, np.eye(len(a))
    block = np.block([[np.kron(one, a), np.eye(n)], [np.zeros((n, n)), np.kron(a.T, one)]])
    return jax.scipy.linalg.expm(t * block)[:n, n:]
""",
    ),
    torch=Code(
        "mixed_exponentials({0}, {1})",
        """
def mixed_exponentials(a, t):
    n, one = len(a) ** 2, torch.eye(len(a), dtype=a.dtype)
    pair = [torch.kron(one, a), torch.kron(a.T.contiguous(), one)]
    above = torch.cat([pair[0], torch.eye(n, dtype=a.dtype)], 1)
    block = torch.cat([above, torch.cat([torch.zeros_like(pair[1]), pair[1]], 1)])
    return torch.linalg.matrix_exp(t * block)[:n, n:]
""",
    ),
    julia=Code(
        "mixed_exponentials({0}, {1})",
        """
function mixed_exponentials(a, t)
    n, one = length(a), Matrix(1.0I, size(a)...)
    block = [kron(one, a) Matrix(1.0I, n, n); zeros(n, n) kron(terms.transpose(a), one)]
    return exp(t * block)[1:n, n+1:end]
end
""",
    ),
    differential=_no_differential,
    transposed=lambda node: Apply(node.operator, (terms.transpose(node.arguments[0]), node.arguments[1])),
    split_by_transpose=True,
)


def _mixed_value(x: Any, upper: Any) -> Any:
    scaled = upper * x
    return upper * matrix_of_map(
        lambda step: integral_of_exponentials(scaled, step, scaled), x.shape[-1], scaled.ndim - 2
    )


# --- the logarithm: an integral of resolvents


def _resolvent(x: Expr, letter: str, write: Write) -> str:
    shifted = factoring.add(x, terms.multiply(Symbol(letter), terms.identity(x.shape[0])))
    return write(powers.inverse(shifted), Binding.PRODUCT)


def _write_resolvents(node: Apply, write: Write) -> str:
    x, step = node.arguments
    letter = _dummy(x, step)
    side = _resolvent(x, letter, write)
    return _integral(r"\infty", _between(side, step, side, write), letter)


def _write_mixed_resolvents(node: Apply, write: Write) -> str:
    (x,) = node.arguments
    letter = _dummy(x)
    left, right = _resolvent(x, letter, write), _resolvent(terms.transpose(x), letter, write)
    return _integral(r"\infty", rf"{right} \otimes {left}", letter)


_RESOLVENTS = Wording.formula(
    r"$\mathrm{d}\log X=\int_0^\infty(X+sI)^{-1}\thinspace\mathrm{d}X\thinspace(X+sI)^{-1}\thinspace\mathrm{d}s$"
)
_SLOPE_OF_LOGARITHM = """
def slope_of_logarithm(x, e):
    values, vectors = np.linalg.eig(x)
    a, b = values[:, None], values[None, :]
    close = abs(a - b) < 1e-6 * (abs(a) + abs(b))
    between = np.where(close, 2 / (a + b), (np.log(a + 0j) - np.log(b + 0j)) / np.where(close, 1, a - b))
    inverse = np.linalg.inv(vectors)
    return np.real(vectors @ (between * (inverse @ e @ vectors)) @ inverse)
"""

integral_of_resolvents_row: Operator = Operator(
    name="integral of resolvents",
    rule=_RESOLVENTS,
    why=Wording(
        r"$\log X=\int_0^\infty\bigl((1+s)^{-1}I-(X+sI)^{-1}\bigr)\mathrm{d}s$, and $\mathrm{d}(X+sI)^{-1}"
        r"=-(X+sI)^{-1}\thinspace\mathrm{d}X\thinspace(X+sI)^{-1}$.",
        r"$\log X=\int_0^\infty\bigl((1+s)^{-1}I-(X+sI)^{-1}\bigr)\mathrm{d}s$，而 $\mathrm{d}(X+sI)^{-1}"
        r"=-(X+sI)^{-1}\thinspace\mathrm{d}X\thinspace(X+sI)^{-1}$。",
    ),
    source="Higham, Functions of Matrices, sec. 11.2",
    example=(r"b^T\operatorname{logm}(X)c", "X"),
    where=("X: SPD", "b: vector", "c: vector"),
    condition=_PRINCIPAL,
    in_components=True,
    signatures=("n n, n n -> n n",),
    latex=_write_resolvents,
    binding=Binding.PREFIX,
    value=lambda arrays, parameters: slope_of_logarithm(*arrays),
    numpy="slope_of_logarithm({0}, {1})",
    helper=_SLOPE_OF_LOGARITHM,
    differential=_of_first_order,
    adjoint=_first_order_adjoint,
    adjoint_rule=Wording.formula(
        r"$\operatorname{tr}\left(G\int_0^\infty RCR\thinspace\mathrm{d}s\right)"
        r"=\operatorname{tr}\left(\int_0^\infty RGR\thinspace\mathrm{d}s\thinspace C\right)$"
    ),
    of_vec=lambda node: (Apply(mixed_resolvents, node.arguments[:1]), node.arguments[1]),
    vec_rule=Wording.formula(r"$\operatorname{vec}(AXB)=(B^\top\otimes A)\operatorname{vec}(X)$"),
    normal=lambda arguments, parameters: _linear(
        integral_of_resolvents_row, arguments, lambda step: terms.multiply(powers.inverse(arguments[0]), step)
    ),
    transposed=_turned_within,
)

mixed_resolvents: Operator = Operator(
    name="integral of Kronecker products of resolvents",
    rule=_RESOLVENTS,
    source="Higham, Functions of Matrices, sec. 11.2",
    example=(r"\operatorname{logm}(X)", "X"),
    where=("X: SPD", "jacobian"),
    in_components=True,
    result=_mixed_shape,
    latex=_write_mixed_resolvents,
    binding=Binding.PREFIX,
    value=lambda arrays, parameters: matrix_of_slope(lazy_numpy().log, lambda t: 1 / t, arrays[0]),
    numpy="mixed_resolvents({0})",
    helper="""
def mixed_resolvents(x):
    values, vectors = np.linalg.eig(x)
    a, b = values[:, None], values[None, :]
    close = abs(a - b) < 1e-6 * (abs(a) + abs(b))
    between = np.where(close, 2 / (a + b), (np.log(a + 0j) - np.log(b + 0j)) / np.where(close, 1, a - b))
    inverse = np.linalg.inv(vectors)
    return np.real(np.kron(inverse.T, vectors) * between.T.reshape(-1) @ np.kron(vectors.T, inverse))
""",
    differential=_no_differential,
    transposed=lambda node: Apply(node.operator, (terms.transpose(node.arguments[0]),)),
    split_by_transpose=True,
)

INTEGRALS = (integral_of_exponentials_row, mixed_exponentials, integral_of_resolvents_row, mixed_resolvents)

from .. import factoring, keys, powers, terms  # noqa: E402
