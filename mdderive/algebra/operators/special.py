"""The rows of special functions of every entry: the error function, the logarithm of the gamma function, factorials."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ...errors import UnsupportedError
from ..arithmetic import Arithmetic
from ..expressions import Apply, Binding, Code, Expr, Number, Operator, lazy_numpy, number, parenthesise
from ..factoring import add
from ..functions import Values
from ..numbers import Degree
from ..powers import entrywise_power, hadamard, power
from ..terms import multiply, negate, normalise, ones, scalars_and_chain
from .entries import pi_row
from .entrywise import entrywise, exponential

DIGAMMA = r"\operatorname{digamma}"
"""How the derivative of the logarithm of the gamma function is written: its usual letter has too many uses."""
_SHIFT = 12
"""By how much an argument is raised before its asymptotic series is summed."""
_BERNOULLI = tuple(map(Fraction, ("1/6", "-1/30", "1/42", "-1/30", "5/66", "-691/2730", "7/6", "-3617/510")))


# --- the error function


def _error_function(x: Any) -> Any:
    """Return erf of every entry, continued to complex numbers so that a complex step differentiates it."""
    numpy = lazy_numpy()
    value = numpy.vectorize(math.erf, otypes=[float])(x.real)
    if not numpy.iscomplexobj(x):
        return value
    return value + 1j * x.imag * 2 / math.sqrt(math.pi) * numpy.exp(-(x.real**2))


def _slope_of_error_function(x: Expr) -> Expr:
    below = power(Apply(pi_row, ()), number(Fraction(-1, 2)))
    scalars, chain = scalars_and_chain(normalise(x))
    squares = (*(power(y, number(2)) for y in scalars), entrywise_power(multiply(*chain), number(2)))
    square = multiply(*squares) if chain else power(x, number(2))
    return multiply(number(2), below, exponential(negate(square)))


def _exact_error_function(at: Arithmetic, x: int) -> Values:
    order = (at.prime - 1) // 2
    below = at.raised(at.atom("pi", 0), -pow(2, -1, order) % order, None, Degree(1))
    slope = 2 * below * at.exp(-x * x)
    return at.odd("error function", x), slope, -2 * x * slope


error_function: Operator = entrywise(
    "error function",
    source="DLMF, eq. 7.2.1",
    spellings=("erf", r"\erf"),
    symbol=r"\operatorname{erf}",
    derivative=_slope_of_error_function,
    exact=_exact_error_function,
    value=_error_function,
    numpy="erf({0})",
    torch="torch.erf({0})",
    example=(r"a^T\operatorname{erf}(Xb)", "X"),
    of_matrix=None,
).but(
    helper="""
def erf(a):
    from math import erf as of_number
    return np.vectorize(of_number, otypes=[float])(a)
""",
    jax=Code("jax.scipy.special.erf({0})"),
)


# --- the gamma function


def _series(order: int, x: Any) -> Any:
    """Return the derivative of log Gamma of that order, for an argument with a large real part."""
    numpy = lazy_numpy()
    if order == 0:
        total = (x - 0.5) * numpy.log(x) - x + 0.5 * math.log(2 * math.pi)
    elif order == 1:
        total = numpy.log(x) - 1 / (2 * x)
    else:
        total = (-1) ** order * (
            math.factorial(order - 2) / x ** (order - 1) + math.factorial(order - 1) / (2 * x**order)
        )
    for k, b in enumerate(_BERNOULLI, 1):
        factor = Fraction(math.factorial(2 * k + order - 2), math.factorial(2 * k)) * b
        total = total + (-1) ** order * float(factor) / x ** (2 * k + order - 1)
    return total


def _of_log_gamma(order: int, x: Any) -> Any:
    """Return the derivative of log Gamma of that order at every positive entry (DLMF, eq. 5.5.1 and sec. 5.11)."""
    total = _series(order, x + _SHIFT)
    for k in range(_SHIFT):
        if order == 0:
            total = total - lazy_numpy().log(x + k)
        else:
            total = total + (-1) ** order * math.factorial(order - 1) / (x + k) ** order
    return total


def _exact_of_log_gamma(at: Arithmetic, order: int, x: int) -> Values:
    first, second, third = (at.atom(f"log-gamma {order + k}", x) for k in range(3))
    return first, second, third


_SOURCE = """
def log_gamma(order, a):
    from math import factorial, lgamma
    if order == 0:
        return np.vectorize(lgamma, otypes=[float])(a)
    total, x = 0.0 * a, a + 12.0
    for k in range(12):
        total = total + (-1) ** order * factorial(order - 1) / (a + k) ** order
    if order == 1:
        total = total + np.log(x) - 1 / (2 * x)
    else:
        power = factorial(order - 2) / x ** (order - 1) + factorial(order - 1) / (2 * x**order)
        total = total + (-1) ** order * power
    for k, b in enumerate((1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510), 1):
        total = total + (-1) ** order * b * factorial(2 * k + order - 2) / factorial(2 * k) / x ** (2 * k + order - 1)
    return total
"""


def _derivative_of_log_gamma(
    order: int, name: str, *, jax: str, torch: str, derivative: Callable[[Expr], Expr], **written: Any
) -> Operator:
    """Return the row of log Gamma, or of its derivative of that order; `written` says how it is written and read."""
    return entrywise(
        name,
        source="DLMF, sec. 5.2(i)",
        derivative=derivative,
        exact=lambda at, x: _exact_of_log_gamma(at, order, x),
        value=lambda x: _of_log_gamma(order, x),
        numpy=f"log_gamma({order}, {{0}})",
        torch=f"torch.{torch}({{0}})",
        of_positive=True,
        of_matrix=None,
        **written,
    ).but(
        helper=_SOURCE,
        binding=Binding.PRODUCT + 1,
        jax=Code(f"jax.scipy.special.{jax}({{0}})"),
    )


log_gamma: Operator = _derivative_of_log_gamma(
    0,
    "logarithm of the gamma function",
    spellings=(r"\log\Gamma", "lgamma", "gammaln"),
    symbol=r"\log\Gamma",
    derivative=lambda x: Apply(digamma, (x,)),
    jax="gammaln",
    torch="lgamma",
    example=(r"\mathbf{1}^T\log\Gamma(x)", "x"),
    latex=lambda node, write: r"\log\Gamma" + parenthesise(write(node.arguments[0], 0)),
)


digamma: Operator = _derivative_of_log_gamma(
    1,
    "digamma function",
    spellings=("digamma",),
    symbol=DIGAMMA,
    derivative=lambda x: Apply(polygamma, (number(1), x)),
    jax="digamma",
    torch="digamma",
    example=(r"\mathbf{1}^T\operatorname{digamma}(x)", "x"),
)


def _exact_factorial(at: Arithmetic, x: int) -> Values:
    log, first, second = _exact_of_log_gamma(at, 0, x + 1)
    value = at.exp(log)
    return value, value * first, value * (first * first + second)


factorial: Operator = entrywise(
    "factorial",
    source="DLMF, eqs. 5.4.1 and 5.2.2",
    spellings=("!", "factorial"),
    symbol="!",
    latex=lambda node, write: write(node.arguments[0], Binding.ATOM) + "!",
    derivative=lambda x: hadamard(Apply(factorial, (x,)), Apply(digamma, (add(x, ones(x.shape)),))),
    exact=_exact_factorial,
    logarithm=lambda at, node: at.entries(at(node.arguments[0]), lambda t: _exact_of_log_gamma(at, 0, t + 1)),
    value=lambda x: lazy_numpy().exp(_of_log_gamma(0, x + 1)),
    numpy="np.exp(log_gamma(0, {0} + 1))",
    torch="torch.exp(torch.lgamma({0} + 1))",
    example=(r"\mathbf{1}^T\operatorname{factorial}(x)", "x"),
    of_positive=True,
    of_matrix=None,
    positive=True,
).but(helper=_SOURCE, jax=Code("np.exp(jax.scipy.special.gammaln({0} + 1))"))


def _order(node: Apply) -> int:
    """Return how often the digamma function is differentiated.

    Raises:
        UnsupportedError: that is no whole number.
    """
    order = node.arguments[0]
    if not isinstance(order, Number) or order.value.denominator != 1 or order.value < 0:
        raise UnsupportedError("E308", "the order of a polygamma function is a whole number")
    return int(order.value)


polygamma: Operator = Operator(
    name="polygamma function",
    rule=digamma.rule,
    source="DLMF, sec. 5.15",
    example=(r"\mathbf{1}^T\operatorname{polygamma}(1, x)", "x"),
    spellings=("polygamma",),
    signatures=("1 1, m n -> m n",),
    latex=lambda node, write: (
        rf"\operatorname{{polygamma}}({write(node.arguments[0], 0)}, {write(node.arguments[1], 0)})"
    ),
    binding=Binding.PRODUCT + 1,
    value=lambda arrays, parameters: _of_log_gamma(1 + int(arrays[0].real.flat[0]), arrays[1]),
    exact=lambda at, node, x: at.entries(x[1], lambda t: _exact_of_log_gamma(at, _order(node) + 1, t)),
    numpy="log_gamma(1 + {0}, {1})",
    helper=_SOURCE,
    jax=Code("jax.scipy.special.polygamma({0}, {1})"),
    torch=Code("torch.polygamma({0}, {1})"),
    differential=lambda node, d: hadamard(
        Apply(polygamma, (number(_order(node) + 1), node.arguments[1])), d(node.arguments[1])
    ),
    of_matrix=None,
)
