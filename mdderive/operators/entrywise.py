"""The rows of functions applied to every entry, and of functions that the author names or defines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..expr import Apply, Binding, Expr, Operator, Wording, number
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

sine = entrywise(
    "sine",
    spellings=("sin", r"\sin"),
    symbol=r"\sin",
    derivative=lambda x: Apply(cosine, (x,)),
    value=lambda x: _numpy().sin(x),
    numpy="np.sin({0})",
    example=(r"a^T\sin(Xb)", "X"),
)

cosine = entrywise(
    "cosine",
    spellings=("cos", r"\cos"),
    symbol=r"\cos",
    derivative=lambda x: negate(Apply(sine, (x,))),
    value=lambda x: _numpy().cos(x),
    numpy="np.cos({0})",
    example=(r"a^T\cos(Xb)", "X"),
)

hyperbolic_tangent = entrywise(
    "hyperbolic tangent",
    spellings=("tanh", r"\tanh"),
    symbol=r"\tanh",
    derivative=lambda x: add(
        ones(x.shape), negate(entrywise_power(Apply(hyperbolic_tangent, (x,)), number(2)))
    ),
    value=lambda x: _numpy().tanh(x),
    numpy="np.tanh({0})",
    example=(r"a^T\tanh(Xb)", "X"),
)


class Function(NamedTuple):
    """A function of one number that the author writes by a letter: its LaTeX and how often it is differentiated.

    `definition` is the author's, as (argument, body), or () where there is none.
    """

    latex: str
    order: int = 0
    definition: tuple[Expr, ...] = ()


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


named_function = Operator(
    name="entry-wise function",
    rule=Wording("entry-wise function", "逐元素函数"),
    source=ARTICLE,
    example=(r"a^T\sigma(Xb)", "X"),
    signatures=("m n -> m n",),
    latex=_write_function,
    binding=Binding.PRODUCT + 1,
    value=lambda arrays, parameters: stand_in(parameters[0].order, arrays[0]),
    numpy="{0}",
    differential=_function_differential,
)

ROWS: tuple[Operator, ...] = (exp, sine, cosine, hyperbolic_tangent, named_function)
