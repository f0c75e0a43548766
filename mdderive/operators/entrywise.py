"""The rows of functions applied to every entry, and of functions that the author names or defines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..expr import Apply, Binding, Expr, Number, Operator, Symbol, Wording, number, walk
from .arithmetic import (
    ARTICLE,
    Write,
    add,
    build,
    entrywise,
    entrywise_power,
    hadamard,
    negate,
    ones,
    write_call,
)


def _numpy() -> Any:
    import numpy

    return numpy


def exponential(x: Expr) -> Expr:
    """Return exp applied to every entry of `x`."""
    return Apply(exp, (x,))


exp = entrywise(
    "exponential",
    spellings=("exp", r"\exp"),
    symbol=r"\exp",
    derivative=exponential,
    value=lambda x: _numpy().exp(x),
    numpy="np.exp({0})",
    example=(r"a^T\exp(Xb)", "X"),
)

sine: Operator = entrywise(
    "sine",
    spellings=("sin", r"\sin"),
    symbol=r"\sin",
    derivative=lambda x: Apply(cosine, (x,)),
    value=lambda x: _numpy().sin(x),
    numpy="np.sin({0})",
    example=(r"a^T\sin(Xb)", "X"),
)

cosine: Operator = entrywise(
    "cosine",
    spellings=("cos", r"\cos"),
    symbol=r"\cos",
    derivative=lambda x: negate(Apply(sine, (x,))),
    value=lambda x: _numpy().cos(x),
    numpy="np.cos({0})",
    example=(r"a^T\cos(Xb)", "X"),
)

hyperbolic_tangent: Operator = entrywise(
    "hyperbolic tangent",
    spellings=("tanh", r"\tanh"),
    symbol=r"\tanh",
    derivative=lambda x: add(ones(x.shape), negate(entrywise_power(Apply(hyperbolic_tangent, (x,)), number(2)))),
    value=lambda x: _numpy().tanh(x),
    numpy="np.tanh({0})",
    example=(r"a^T\tanh(Xb)", "X"),
)


class FunctionDefinition(NamedTuple):
    """The author's definition of a function of one number: its body and its derivatives in terms of its argument."""

    argument: Symbol
    bodies: tuple[Expr, ...]


class Function(NamedTuple):
    """A function of one number that the author writes by a letter: its LaTeX and how often it is differentiated."""

    latex: str
    order: int = 0
    definition: FunctionDefinition | None = None


def _function_differential(node: Apply, d: Callable[[Expr], Expr]) -> Expr:
    function = node.parameters[0]
    assert isinstance(function, Function)
    slope = build(named_function, *node.arguments, parameters=(function._replace(order=function.order + 1),))
    return hadamard(slope, d(node.arguments[0]))


def _write_function(node: Apply, write: Write) -> str:
    function = node.parameters[0]
    assert isinstance(function, Function)
    primes = "'" * function.order
    return write_call(function.latex + primes, node.arguments[0], write)


def stand_in(order: int, x: Any) -> Any:
    """Return the value at `x` of the `order`-th derivative of the function that stands for an undefined one.

    The logistic function plus a small sine: smooth, monotone, with nothing special about it.
    """
    numpy = _numpy()
    s = 1 / (1 + numpy.exp(-x))
    logistic = (s, s * (1 - s), s * (1 - s) * (1 - 2 * s), s * (1 - s) * (1 - 6 * s + 6 * s * s))[order]
    wave = (numpy.sin, numpy.cos, lambda y: -numpy.sin(y), lambda y: -numpy.cos(y))[order](1.3 * x + 0.4)
    return logistic + 0.1 * 1.3**order * wave


def _value(function: Function, x: Any) -> Any:
    """Return the value of a letter's function at every entry of `x`."""
    if function.definition is None:
        return stand_in(function.order, x)
    cells = x[..., None, None]
    done: dict[Expr, Any] = {function.definition.argument: cells}
    for node in walk(function.definition.bodies[function.order]):
        if isinstance(node, Number):
            done[node] = _numpy().full((1, 1), float(node.value))
        elif isinstance(node, Apply):
            done[node] = node.operator.value(tuple(done[y] for y in node.arguments), node.parameters)
    value = done[function.definition.bodies[function.order]]
    return _numpy().broadcast_to(value, cells.shape)[..., 0, 0]


named_function = Operator(
    name="entry-wise function",
    rule=Wording("entry-wise function rule", "逐元素函数法则"),
    source=ARTICLE,
    example=(r"a^T\sigma(Xb)", "X"),
    signatures=("m n -> m n",),
    latex=_write_function,
    binding=Binding.PRODUCT + 1,
    value=lambda arrays, parameters: _value(parameters[0], arrays[0]),
    numpy="{0}",
    differential=_function_differential,
)

ROWS: tuple[Operator, ...] = (exp, sine, cosine, hyperbolic_tangent, named_function)
