"""The rows of functions of a matrix (not of its entries) and of their traces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import UnsupportedError
from ...words import Wording
from .. import keys
from ..arithmetic import Arithmetic
from ..expressions import (
    Apply,
    Binding,
    Code,
    Differentiate,
    Exact,
    Expr,
    Number,
    Operator,
    lazy_numpy,
    number,
    parenthesise,
)
from ..factoring import add
from ..matrix_powers import exponential, exponential_source, function_of_matrix
from ..notations import Notation
from ..numbers import Jet
from ..powers import inverse, matrix_power
from ..terms import (
    build,
    identity,
    is_zero,
    multiply,
    negate,
    normalise,
    scalars_and_chain,
    trace,
    transpose,
)
from ..writing import call_binding, write_call
from .frechet import integral_of_exponentials_row, integral_of_resolvents_row
from .structural import matrix_power_row


def _along_a_ray(node: Apply, d: Differentiate, derivative: Callable[[Apply], Expr]) -> Expr | None:
    r"""Return `f'(X)\thinspace dX` where X is a number times a constant matrix, tA, so that dX commutes with it."""
    x = normalise(node.arguments[0])
    dx = normalise(d(node.arguments[0]))
    numbers, matrices = scalars_and_chain(x)
    moved, same = scalars_and_chain(dx)
    if not numbers or not matrices or not keys.same(multiply(*matrices), multiply(*same)):
        return None
    return multiply(*moved, *same, derivative(node))


def _slope_of_exponential(node: Apply, d: Differentiate) -> Expr:
    r"""Return the differential of `e^X`; of `e^{tA}` it is `Ae^{tA}dt` and an integral up to t."""
    along = _along_a_ray(node, d, lambda same: same)
    if along is not None:
        return along
    x = normalise(node.arguments[0])
    numbers, matrices = scalars_and_chain(x)
    scale = [y for y in numbers if not isinstance(y, Number)]
    if not scale or not all(is_zero(d(y)) for y in scale):
        return build(integral_of_exponentials_row, x, d(x), number(1))
    rest = multiply(*(y for y in numbers if isinstance(y, Number)), *matrices)
    return build(integral_of_exponentials_row, rest, d(rest), multiply(*scale))


def _slope_of_function(
    node: Apply, d: Differentiate, derivative: Callable[[Expr], Expr], off_ray: Operator | None
) -> Expr:
    """Return the differential of another function of a matrix, by the row `off_ray` where dX may not commute with X.

    Raises:
        UnsupportedError: there is no such row.
    """
    along = _along_a_ray(node, d, lambda same: derivative(same.arguments[0]))
    if along is not None:
        return along
    if off_ray is not None:
        return build(off_ray, node.arguments[0], d(node.arguments[0]))
    hint = "its trace has one, d tr f(X) = tr(f'(X) dX), and f(tA) by a number t"
    raise UnsupportedError("E308", f"the differential of a {node.operator.name} has no closed form", hint=hint)


def _exact_exponential(at: Arithmetic, x: Jet) -> Jet:
    return at.function_of_matrix("matrix exponential", x, lambda a: _exact_exponential(at, a))


matrix_exponential = Operator(
    name="matrix exponential",
    rule=Wording("matrix exponential", "矩阵指数"),
    source="Higham, Functions of Matrices, ch. 10",
    example=(r"\operatorname{tr}(e^X)", "X"),
    notations=(Notation("base", "e", "matrix"),),
    spellings=("expm", r"\expm"),
    signatures=("n n -> n n",),
    latex=lambda node, write: rf"e^{{{write(node.arguments[0], 0)}}}",
    binding=Binding.POWER,
    value=lambda arrays, parameters: exponential(arrays[0]),
    exact=lambda at, node, x: _exact_exponential(at, x[0]),
    numpy="expm({0})",
    helper="""
def expm(a):
"""
    + exponential_source("a", "len(a)")
    + """    return total
""",
    jax=Code("jax.scipy.linalg.expm({0})"),
    torch=Code("torch.linalg.matrix_exp({0})"),
    julia=Code("exp({0})"),
    transposed=lambda node: Apply(node.operator, (transpose(node.arguments[0]),)),
    differential=_slope_of_exponential,
    ruled_by=lambda node, d: None if _along_a_ray(node, d, lambda same: same) else integral_of_exponentials_row,
)


def _trace_words(left: str, right: str, factor: str = "") -> Wording:
    return Wording.formula(
        rf"$\mathrm{{d}}\operatorname{{tr}}({left})={factor}\operatorname{{tr}}({right}\thinspace \mathrm{{d}}X)$"
    )


def _exact_of(row: Operator) -> Exact:
    assert row.exact is not None
    return row.exact


def _trace_of(
    row: Operator,
    rule: Wording,
    derivative: Callable[[Apply], Expr],
    example: str,
    spelling: str = "",
    name: str = "",
    why: Wording | None = None,
) -> Operator:
    """Return the row of the trace of a function of a matrix: d tr f(X) = tr(f'(X) dX)."""

    def code(of_matrix: Code | None, call: str) -> Code | None:
        return None if of_matrix is None else Code(f"{call}({of_matrix.template})")

    return Operator(
        name=name or f"trace of the {row.name}",
        rule=rule,
        why=why,
        source="Higham, Functions of Matrices, sec. 3.2",
        example=(example, "X"),
        spellings=(spelling,) if spelling else (),
        signatures=(row.signatures[0].replace("-> n n", "-> 1 1"),),
        latex=lambda node, write: r"\operatorname{tr}" + parenthesise(write(build(row, *node.arguments), 0)),
        value=lambda arrays, parameters: row.value(arrays, ()).trace(axis1=-2, axis2=-1)[..., None, None],
        exact=lambda at, node, x: at.trace(_exact_of(row)(at, node, x)),
        numpy=f"np.trace({row.numpy})",
        helper=row.helper,
        jax=code(row.jax, "np.trace"),
        torch=code(row.torch, "np.trace"),
        julia=code(row.julia, "tr"),
        differential=lambda node, d: trace(multiply(derivative(node), d(node.arguments[0]))),
    )


trace_of_exponential = _trace_of(
    matrix_exponential,
    _trace_words("e^X", "e^X"),
    lambda node: Apply(matrix_exponential, node.arguments),
    r"\operatorname{tr}(e^{AX})",
    "trexpm",
    why=Wording(
        r"Differentiate the series $e^X = \sum_k X^k/k!$ term by term; within a trace the $k$ terms of "
        r"$\mathrm{d}(X^k)$ are equal.",
        r"对级数 $e^X = \sum_k X^k/k!$ 逐项求微分；在迹内，$\mathrm{d}(X^k)$ 的 $k$ 项彼此相等。",
    ),
)


def _matrix_function(
    name: str,
    symbol: str,
    word: str,
    rule: Wording,
    numpy: str,
    derivative: Callable[[Expr], Expr],
    exact_derivative: Callable[[Arithmetic, Jet], Jet],
    slope: Callable[[Any], Any],
    off_ray: Operator | None = None,
    *,
    of_positive: bool = False,
) -> tuple[Operator, Operator]:
    """Return the rows of a function of a matrix and of its trace: d tr f(X) = tr(f'(X) dX).

    `word` is how the matrix function is called (`logm`), `numpy` the function of numbers applied to its eigenvalues
    and `slope` its derivative; `off_ray` is the row of its differential where dX may not commute with X, if one is
    known.
    """
    helper = """
def matrix_function(f, a):
    values, vectors = np.linalg.eig(a)
    return np.real(vectors * f(values) @ np.linalg.inv(vectors))
"""

    def value(a: Any) -> Any:
        return function_of_matrix(getattr(lazy_numpy(), numpy), a, slope)

    of_matrix = Operator(
        name=f"matrix {name}",
        rule=Wording(f"matrix {name}", rule.zh),
        source="Higham, Functions of Matrices, sec. 1.2",
        example=(rf"\operatorname{{tr}}({symbol}(X))", "X"),
        spellings=(word,),
        note=Wording(
            f"Here ${symbol}$ is the {name} of the matrix, not of its entries.",
            f"这里 ${symbol}$ 为矩阵函数，不是逐元素作用。",
        ),
        signatures=("n n -> n n",),
        latex=lambda node, write: write_call(symbol, node.arguments[0], write),
        binding_of=lambda node: call_binding(node, symbol),
        binding=Binding.PRODUCT + 1,
        value=lambda arrays, parameters: value(arrays[0]),
        exact=lambda at, node, x: at.function_of_matrix(f"matrix {name}", x[0], lambda a: exact_derivative(at, a)),
        numpy=f"matrix_function(np.{numpy}, {{0}})",
        helper=helper,
        julia=Code(f"{numpy}({{0}})"),
        transposed=lambda node: Apply(node.operator, (transpose(node.arguments[0]),)),
        of_positive=(lambda node: True) if of_positive else None,
        differential=lambda node, d: _slope_of_function(node, d, derivative, off_ray),
        ruled_by=lambda node, d: None if _along_a_ray(node, d, lambda same: same) else off_ray,
    )
    return of_matrix, _trace_of(
        of_matrix,
        rule,
        lambda node: derivative(node.arguments[0]),
        rf"\operatorname{{tr}}({symbol}(A+X))",
        f"tr{word}",
    )


matrix_logarithm, trace_of_logarithm = _matrix_function(
    "logarithm",
    r"\log",
    "logm",
    _trace_words(r"\log X", "X^{-1}"),
    "log",
    inverse,
    lambda at, x: at.inverse(x),
    lambda t: 1 / t,
    integral_of_resolvents_row,
    of_positive=True,
)


matrix_sine, trace_of_sine = _matrix_function(
    "sine",
    r"\sin",
    "sinm",
    _trace_words(r"\sin X", r"\cos X"),
    "sin",
    lambda x: Apply(matrix_cosine, (x,)),
    lambda at, x: at.function_of_matrix("matrix cosine", x),
    lambda t: lazy_numpy().cos(t),
)


matrix_cosine: Operator


trace_of_cosine: Operator


matrix_cosine, trace_of_cosine = _matrix_function(
    "cosine",
    r"\cos",
    "cosm",
    _trace_words(r"\cos X", r"-\sin X"),
    "cos",
    lambda x: negate(Apply(matrix_sine, (x,))),
    lambda at, x: at.scaled(-1, at.function_of_matrix("matrix sine", x)),
    lambda t: -lazy_numpy().sin(t),
)


trace_of_power = _trace_of(
    matrix_power_row,
    _trace_words("X^p", "X^{p-1}", "p"),
    lambda node: multiply(node.arguments[1], matrix_power(node.arguments[0], add(node.arguments[1], number(-1)))),
    r"\operatorname{tr}(X^{1/2})",
    name="trace of a fractional power",
)


trace_of_entropy = Operator(
    name="trace of X log X",
    rule=Wording.formula(
        r"$\mathrm{d}\operatorname{tr}(X\log X)=\operatorname{tr}\bigl((\log X+I)\thinspace \mathrm{d}X\bigr)$"
    ),
    why=Wording(
        r"Within a trace, the differential of $h(X)$ is $\operatorname{tr}(h'(X)\thinspace\mathrm{d}X)$, as of a "
        r"number; here $h(t)=t\log t$ and $h'(t)=\log t+1$.",
        r"在迹内，$h(X)$ 的微分与标量情形相同，为 $\operatorname{tr}(h'(X)\thinspace\mathrm{d}X)$；此处 "
        r"$h(t)=t\log t$，$h'(t)=\log t+1$。",
    ),
    source="Higham, Functions of Matrices, sec. 3.2",
    example=(r"\operatorname{tr}(X\log X)", "X"),
    where=("X: SPD",),
    spellings=("trxlogm",),
    note=matrix_logarithm.note,
    signatures=("n n -> 1 1",),
    latex=lambda node, write: r"\operatorname{tr}" + parenthesise(write(_times_logarithm(node), 0)),
    value=lambda arrays, parameters: (arrays[0] @ matrix_logarithm.value(arrays, ())).trace(axis1=-2, axis2=-1)[
        ..., None, None
    ],
    exact=lambda at, node, x: at.trace(at.times(x[0], _exact_of(matrix_logarithm)(at, node, x))),
    numpy="np.trace({0} @ matrix_function(np.log, {0}))",
    helper=matrix_logarithm.helper,
    julia=Code("tr({0} * log({0}))"),
    differential=lambda node, d: trace(multiply(_slope_of_entropy(node.arguments[0]), d(node.arguments[0]))),
)


def _times_logarithm(node: Apply) -> Expr:
    return multiply(node.arguments[0], Apply(matrix_logarithm, node.arguments))


def _slope_of_entropy(x: Expr) -> Expr:
    return add(Apply(matrix_logarithm, (x,)), identity(x.shape[0]))
