"""The rows of functions applied to every entry, and of functions that the author names or defines."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from ...errors import UnsupportedError
from ...words import Wording
from ..arithmetic import Arithmetic
from ..expressions import (
    EACH,
    Absorbs,
    Apply,
    Binding,
    Code,
    Convexity,
    Expr,
    Number,
    Operator,
    Symbol,
    Undo,
    Write,
    lazy_numpy,
    number,
    parenthesise,
    remembered,
    walk,
)
from ..factoring import add
from ..functions import (
    Values,
    exact_arctangent,
    exact_exp,
    exact_hyperbolic,
    exact_hyperbolic_tangent,
    exact_log,
    exact_logistic,
    exact_tangent,
    exact_wave,
)
from ..keys import same
from ..notations import Notation
from ..numbers import Jet
from ..powers import entrywise_power, hadamard
from ..signs import DEFINITE
from ..terms import build, is_zero, negate, ones
from ..writing import call_binding, write_call
from .structural import ARTICLE, fraction_row, hadamard_row

IN_MAXIMA = frozenset(("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh"))
"""The functions that Maxima calls by the names that numpy has for them."""
_EACH = "(if matrixp({{0}}) then matrixmap({0}, {{0}}) else {0}({{0}}))"


def entrywise(
    name: str,
    *,
    spellings: tuple[str, ...],
    symbol: str,
    derivative: Callable[[Expr], Expr],
    exact: Callable[[Arithmetic, int], Values],
    source: str,
    example: tuple[str, str],
    function: str = "",
    value: Callable[[Any], Any] | None = None,
    numpy: str = "",
    torch: str = "",
    julia: str = "",
    sympy: str = "",
    analytic: bool = True,
    latex: Callable[[Apply, Write], str] | None = None,
    of_matrix: str | None = "",
    positive: bool = False,
    notations: tuple[Notation, ...] = (),
    convexity: Convexity | None = None,
    of_positive: bool = False,
    logarithm: Callable[[Arithmetic, Apply], Jet | None] | None = None,
    undo: Undo | None = None,
    absorbs: Absorbs | None = None,
    condition: Wording | None = None,
) -> Operator:
    """Return the row of a function of every entry, d s(X) = s'(X) (.) dX; numpy and others call it `function`."""
    return Operator(
        name=name,
        rule=Wording("entry-wise function rule", "逐元素函数法则"),
        rule_of_numbers=Wording("chain rule", "复合函数法则"),
        source=source,
        example=example,
        spellings=spellings,
        notations=notations,
        convexity=convexity,
        condition=condition,
        undo=undo,
        absorbs=absorbs,
        signatures=("m n -> m n",),
        latex=latex or (lambda node, write: write_call(symbol, node.arguments[0], write)),
        binding=Binding.ATOM if latex else Binding.PRODUCT + 1,
        binding_of=None if latex else lambda node: call_binding(node, symbol),
        value=lambda arrays, _: (value or getattr(lazy_numpy(), function))(arrays[0]),
        exact=lambda at, node, x: at.entries(x[0], lambda t: exact(at, t)),
        logarithm=logarithm,
        numpy=numpy or f"np.{function}({{0}})",
        torch=Code(torch) if torch else None,
        julia=Code(julia or f"{function}.({{0}})") if julia or function else None,
        sympy=Code(sympy or f"each({{0}}, sp.{function})", EACH) if sympy or function else None,
        maxima=Code(_EACH.format(function)) if function in IN_MAXIMA else None,
        differential=lambda node, d: hadamard(derivative(node.arguments[0]), d(node.arguments[0])),
        analytic=analytic,
        of_positive=(lambda node: True) if of_positive else None,
        of_matrix=of_matrix,
        entry_sign=(lambda node, signs: DEFINITE) if positive else None,
    )


log = entrywise(
    "logarithm",
    source="DLMF, sec. 4.7(i)",
    spellings=("log", "ln", r"\log", r"\ln"),
    symbol=r"\log",
    derivative=lambda x: entrywise_power(x, number(-1)),
    exact=exact_log,
    function="log",
    of_positive=True,
    convexity=Convexity(-1, increasing=True),
    undo=Undo(lambda node, value, x: exponential(value)),
    example=(r"\mathbf{1}^T\log x", "x"),
    of_matrix="matrix logarithm",
).but(
    exact=lambda at, node, x: at.logarithm(node.arguments[0]),
    splits=True,
    rough_at_zero=lambda node: node.arguments[0].is_scalar,
)


def argument_of(x: Expr, row: Operator) -> Expr | None:
    """Return y where `x` is the function of that row at y, else None."""
    return x.arguments[0] if isinstance(x, Apply) and x.operator is row else None


def exponential(x: Expr) -> Expr:
    """Return exp applied to every entry of `x`."""
    return ones(x.shape) if is_zero(x) else Apply(exp, (x,))


def logarithm(x: Expr) -> Expr:
    r"""Return log applied to every entry of `x`: `-\log 2` of 1/2."""
    if isinstance(x, Number) and x.value == 1 / Fraction(x.value.denominator):
        whole = Number(Fraction(x.value.denominator))
        return number(0) if x.value == 1 else negate(Apply(log, (whole,)))
    return Apply(log, (x,))


exp = entrywise(
    "exponential",
    source="DLMF, sec. 4.7(ii)",
    spellings=("exp", r"\exp"),
    symbol=r"\exp",
    derivative=exponential,
    exact=exact_exp,
    logarithm=lambda at, node: at(node.arguments[0]),
    function="exp",
    notations=(Notation("base", "e", "scalar column row"),),
    convexity=Convexity(1, increasing=True),
    undo=Undo(lambda node, value, x: logarithm(value), "positive"),
    example=(r"a^T\exp(Xb)", "X"),
    of_matrix="matrix exponential",
    positive=True,
)


def _quotient(
    above: Operator, below: Operator, named: Operator, x: Expr, exponent: Expr, y: Expr, power: Expr
) -> Expr | None:
    """Return a power of `above` at x times `y` to a negative power, y being `below` at x, with their named quotient."""
    inner = argument_of(y, below)
    if inner is None or not same(inner, x) or not isinstance(exponent, Number) or not isinstance(power, Number):
        return None
    times = min(exponent.value, -power.value)
    if times < 1 or times.denominator != 1:
        return None
    rest = ((above, exponent.value - times), (below, power.value + times))
    return hadamard(
        entrywise_power(Apply(named, (x,)), Number(times)),
        *(entrywise_power(Apply(row, (x,)), Number(k)) for row, k in rest if k),
    )


sine: Operator = entrywise(
    "sine",
    source="DLMF, eq. 4.20.1",
    spellings=("sin", r"\sin"),
    symbol=r"\sin",
    derivative=lambda x: Apply(cosine, (x,)),
    exact=lambda at, x: exact_wave(at, x),
    function="sin",
    absorbs=lambda *powers: _quotient(sine, cosine, tangent, *powers),
    example=(r"a^T\sin(Xb)", "X"),
    of_matrix="matrix sine",
)


cosine: Operator = entrywise(
    "cosine",
    source="DLMF, eq. 4.20.2",
    spellings=("cos", r"\cos"),
    symbol=r"\cos",
    derivative=lambda x: negate(Apply(sine, (x,))),
    exact=lambda at, x: exact_wave(at, x, 1),
    function="cos",
    example=(r"a^T\cos(Xb)", "X"),
    of_matrix="matrix cosine",
)


tangent: Operator = entrywise(
    "tangent",
    source="DLMF, eq. 4.20.3",
    spellings=("tan", r"\tan"),
    symbol=r"\tan",
    derivative=lambda x: add(ones(x.shape), entrywise_power(Apply(tangent, (x,)), number(2))),
    exact=lambda at, x: exact_tangent(at, x),
    function="tan",
    example=(r"\mathbf{1}^T\tan(Xb)", "X"),
)


hyperbolic_tangent: Operator = entrywise(
    "hyperbolic tangent",
    source="DLMF, sec. 4.34",
    spellings=("tanh", r"\tanh"),
    symbol=r"\tanh",
    derivative=lambda x: add(ones(x.shape), negate(entrywise_power(Apply(hyperbolic_tangent, (x,)), number(2)))),
    exact=lambda at, x: exact_hyperbolic_tangent(at, x),
    function="tanh",
    undo=Undo(lambda node, value, x: value if is_zero(value) else None),
    example=(r"a^T\tanh(Xb)", "X"),
)


hyperbolic_cosine: Operator = entrywise(
    "hyperbolic cosine",
    source="DLMF, sec. 4.34",
    spellings=("cosh", r"\cosh"),
    symbol=r"\cosh",
    derivative=lambda x: Apply(hyperbolic_sine, (x,)),
    exact=lambda at, x: exact_hyperbolic(at, x, 1),
    function="cosh",
    convexity=Convexity(1),
    positive=True,
    example=(r"\mathbf{1}^T\cosh(Xb)", "X"),
)


hyperbolic_sine: Operator = entrywise(
    "hyperbolic sine",
    source="DLMF, sec. 4.34",
    spellings=("sinh", r"\sinh"),
    symbol=r"\sinh",
    derivative=lambda x: Apply(hyperbolic_cosine, (x,)),
    exact=lambda at, x: exact_hyperbolic(at, x, -1),
    function="sinh",
    absorbs=lambda *powers: _quotient(hyperbolic_sine, hyperbolic_cosine, hyperbolic_tangent, *powers),
    undo=Undo(lambda node, value, x: value if is_zero(value) else None),
    example=(r"\mathbf{1}^T\sinh(Xb)", "X"),
)


arctangent: Operator = entrywise(
    "arctangent",
    source="DLMF, sec. 4.24(ii)",
    spellings=("arctan", r"\arctan"),
    symbol=r"\arctan",
    derivative=lambda x: entrywise_power(add(ones(x.shape), entrywise_power(x, number(2))), number(-1)),
    exact=lambda at, x: exact_arctangent(at, x),
    function="arctan",
    julia="atan.({0})",
    sympy="each({0}, sp.atan)",
    undo=Undo(lambda node, value, x: value if is_zero(value) else None),
    example=(r"\mathbf{1}^T\arctan(Xb)", "X"),
)


SIGMOID = r"\operatorname{sigmoid}"
SIGMA = r"\sigma"


def _logistic_name(node: Apply) -> str:
    """Return how the logistic function is written: sigma, unless the author has another use for that letter."""
    return str(node.parameters[0]) if node.parameters else SIGMOID


logistic: Operator = Operator(
    name="logistic function",
    rule=Wording("entry-wise function rule", "逐元素函数法则"),
    rule_of_numbers=Wording("chain rule", "复合函数法则"),
    source=ARTICLE,
    example=(r"a^T\operatorname{sigmoid}(Xb)", "X"),
    spellings=("sigmoid", r"\sigmoid"),
    signatures=("m n -> m n",),
    latex=lambda node, write: write_call(_logistic_name(node), node.arguments[0], write),
    binding=Binding.PRODUCT + 1,
    binding_of=call_binding,
    value=lambda arrays, parameters: 1 / (1 + lazy_numpy().exp(-arrays[0])),
    exact=lambda at, node, x: at.entries(x[0], lambda t: exact_logistic(at, t)),
    numpy="(1 / (1 + np.exp(-{0})))",
    julia=Code("(1 ./ (1 .+ exp.(-{0})))"),
    sympy=Code("each({0}, lambda _t: 1 / (1 + sp.exp(-_t)))", EACH),
    differential=lambda node, d: hadamard(node, add(ones(node.shape), negate(node)), d(node.arguments[0])),
    entry_sign=lambda node, signs: DEFINITE,
    undo=Undo(lambda node, value, x: logarithm(_odds(value)), "positive", 1),
)


def _odds(x: Expr) -> Expr:
    """Return `x / (1 - x)`, entry by entry."""
    return hadamard(x, entrywise_power(add(ones(x.shape), negate(x)), number(-1)))


def _softplus_working(node: Apply, d: Callable[[Expr], Expr]) -> Expr:
    """Return exp(x) (.) dx / (1 + exp(x)), before the logistic function is recognised in it."""
    x = node.arguments[0]
    below = add(ones(x.shape), exponential(x))
    if x.is_scalar:
        return Apply(fraction_row, (hadamard(exponential(x), d(x)), below))
    return hadamard(Apply(hadamard_row, (exponential(x), entrywise_power(below, number(-1)))), d(x))


softplus: Operator = Operator(
    name="softplus",
    rule=Wording("chain rule", "复合函数法则"),
    why=Wording(
        "The differential of the outer function, with the differential of the inner one in its place: differentials "
        "may be substituted, which is why no derivative of a matrix with respect to a matrix is needed.",
        "先写外层函数的微分，再把内层的微分代入：微分可以直接代入，所以不必引入矩阵对矩阵的导数。",
    ),
    source=ARTICLE,
    convexity=Convexity(1, increasing=True),
    example=(r"\mathbf{1}^T\log(\mathbf{1}+\exp(Xb))", "X"),
    spellings=("softplus", r"\softplus"),
    signatures=("m n -> m n",),
    latex=lambda node, write: write_call(r"\log", add(ones(node.shape), exponential(node.arguments[0])), write),
    binding=Binding.PRODUCT + 1,
    value=lambda arrays, parameters: lazy_numpy().log(1 + lazy_numpy().exp(arrays[0])),
    exact=lambda at, node, x: at.entries(x[0], lambda t: (exact_log(at, 1 + at.exp(t))[0], *exact_logistic(at, t)[:2])),
    numpy="np.log(1 + np.exp({0}))",
    julia=Code("log.(1 .+ exp.({0}))"),
    sympy=Code("each({0}, lambda _t: sp.log(1 + sp.exp(_t)))", EACH),
    differential=lambda node, d: hadamard(Apply(logistic, node.arguments, node.parameters), d(node.arguments[0])),
    working=_softplus_working,
    worked=Wording.formula(r"$\sigma(t)=\frac{1}{1+e^{-t}}$"),
)


class FunctionDefinition(NamedTuple):
    """The author's definition of a function of one number: its body, and how such a body is differentiated.

    The body may have `parameters`, numbers that are no arguments, as the delta of Huber's function.
    """

    argument: Symbol
    body: Expr
    slope: Callable[[Expr, Symbol], Expr]
    parameters: tuple[Symbol, ...] = ()

    def derivative(self, order: int) -> Expr:
        """Return the derivative of the body that is so many times differentiated, in terms of the argument."""
        return _derivative(self, order)


@remembered(maxsize=256)
def _derivative(definition: FunctionDefinition, order: int) -> Expr:
    if order == 0:
        return definition.body
    return definition.slope(_derivative(definition, order - 1), definition.argument)


class Function(NamedTuple):
    """A function of one number that the author writes by a letter: its LaTeX and how often it is differentiated."""

    latex: str
    order: int = 0
    definition: FunctionDefinition | None = None


def _function_differential(node: Apply, d: Callable[[Expr], Expr]) -> Expr:
    function, (_, *letters) = node.parameters[0], node.arguments
    assert isinstance(function, Function)
    if not all(is_zero(d(x)) for x in letters):
        hint = "write the definition in the place of the function"
        raise UnsupportedError(
            "E308", f"the derivative of {function.latex} by its parameter is not supported", hint=hint
        )
    slope = build(named_function, *node.arguments, parameters=(function._replace(order=function.order + 1),))
    return hadamard(slope, d(node.arguments[0]))


def _write_function(node: Apply, write: Write) -> str:
    function = node.parameters[0]
    assert isinstance(function, Function)
    primes = "'" * function.order
    return function.latex + primes + parenthesise(write(node.arguments[0], 0))


def stand_in(order: int, x: Any) -> Any:
    """Return the value at `x` of the `order`-th derivative of the function that stands for an undefined one.

    The logistic function plus a small sine: smooth, monotone, with nothing special about it.
    """
    numpy = lazy_numpy()
    s = 1 / (1 + numpy.exp(-x))
    slopes = (s, s * (1 - s), s * (1 - s) * (1 - 2 * s), s * (1 - s) * (1 - 6 * s + 6 * s * s))
    logistic = slopes[order] if order < len(slopes) else _slope_of_logistic(order, s)
    waves = (numpy.sin, numpy.cos, lambda y: -numpy.sin(y), lambda y: -numpy.cos(y))
    wave = waves[order % len(waves)](1.3 * x + 0.4)
    return logistic + 0.1 * 1.3**order * wave


def _slope_of_logistic(order: int, s: Any) -> Any:
    """Return the `order`-th derivative of the logistic function where its value is `s`: p(s) becomes p'(s)(s - s^2)."""
    polynomial = lazy_numpy().polynomial.Polynomial
    slope = polynomial([0, 1])
    for _ in range(order):
        slope = slope.deriv() * polynomial([0, 1, -1])
    return slope(s)


def _value(function: Function, x: Any, *parameters: Any) -> Any:
    """Return the value of a letter's function at every entry of `x`."""
    if function.definition is None:
        return stand_in(function.order, x)
    cells = x[..., None, None]
    done: dict[Expr, Any] = {function.definition.argument: cells}
    done |= {p: y[..., None, None] for p, y in zip(function.definition.parameters, parameters, strict=True)}
    body = function.definition.derivative(function.order)
    for node in walk(body):
        if isinstance(node, Number):
            done[node] = lazy_numpy().full((1, 1), float(node.value))
        elif isinstance(node, Apply):
            done[node] = node.operator.value(tuple(done[y] for y in node.arguments), node.parameters)
    return lazy_numpy().broadcast_to(done[body], cells.shape)[..., 0, 0]


def _exact_function(at: Arithmetic, node: Apply, x: Jet, *parameters: Jet) -> Jet:
    """Return a letter's function of every entry: what the author defines, else atoms for it and its derivatives."""
    function = node.parameters[0]
    assert isinstance(function, Function)
    if function.definition is None:
        name, k = f"function {function.latex}", function.order
        return at.entries(x, lambda t: tuple(at.atom(f"{name} {k + order}", t) for order in range(3)))
    definition = function.definition
    known = dict(zip(definition.parameters, parameters, strict=True))
    return at.each(x, lambda t: at.applied(definition.derivative(function.order), {**known, definition.argument: t}))


named_function = Operator(
    name="entry-wise function",
    rule=Wording("entry-wise function rule", "逐元素函数法则"),
    rule_of_numbers=Wording("chain rule", "复合函数法则"),
    why=Wording(
        r"Each entry of $\sigma(X)$ depends on the same entry of $X$ alone, so "
        r"$\mathrm{d}\sigma(X_{ij}) = \sigma'(X_{ij})\,\mathrm{d}X_{ij}$; written for all entries at once this is "
        r"$\mathrm{d}\sigma(X) = \sigma'(X)\odot\mathrm{d}X$.",
        r"$\sigma(X)$ 的每个元素只依赖 $X$ 的同一位置的元素，所以 "
        r"$\mathrm{d}\sigma(X_{ij}) = \sigma'(X_{ij})\,\mathrm{d}X_{ij}$；合写成矩阵即 "
        r"$\mathrm{d}\sigma(X) = \sigma'(X)\odot\mathrm{d}X$。",
    ),
    source=ARTICLE,
    example=(r"a^T\sigma(Xb)", "X"),
    signatures=("m n -> m n", "m n, 1 1 -> m n", "m n, 1 1, 1 1 -> m n"),
    latex=_write_function,
    binding=Binding.PRODUCT + 1,
    value=lambda arrays, parameters: _value(parameters[0], *arrays),
    exact=lambda at, node, x: _exact_function(at, node, *x),
    numpy="{0}",
    differential=_function_differential,
)
