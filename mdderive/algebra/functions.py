"""Functions of a number in exact arithmetic, each with its first two derivatives."""

from __future__ import annotations

from .arithmetic import Arithmetic

Values = tuple[int, int, int]
"""A value and the first two derivatives, in exact arithmetic."""


def exact_exp(at: Arithmetic, x: int) -> Values:
    """Return exp and its derivatives at x."""
    return (at.exp(x),) * 3


def exact_log(at: Arithmetic, x: int) -> Values:
    """Return log and its derivatives at x."""
    slope = at.inverse_of(x)
    return at.log(x), slope, -slope * slope


def exact_absolute(at: Arithmetic, x: int) -> Values:
    """Return the absolute value and its derivatives at x; the sign of x is an atom of which nothing else is known."""
    side = at.sign(x)
    return side * x, side, 0


def exact_rectifier(at: Arithmetic, x: int) -> Values:
    """Return the positive part of x and its derivatives."""
    step = (1 + at.sign(x)) * at.inverse_of(2)
    return step * x, step, 0


def exact_wave(at: Arithmetic, x: int, order: int = 0) -> Values:
    """Return the derivative of the sine of that order, and the two behind it."""
    s, c = at.odd("sine", x), at.even("cosine", x)
    first, second, third, *_ = (s, c, -s, -c, s, c)[order:]
    return first, second, third


def exact_tangent(at: Arithmetic, x: int) -> Values:
    """Return the tangent and its derivatives at x."""
    t = at.odd("sine", x) * at.inverse_of(at.even("cosine", x))
    return t, 1 + t * t, 2 * t * (1 + t * t)


def exact_hyperbolic(at: Arithmetic, x: int, sign: int) -> Values:
    """Return (exp(x) + sign exp(-x)) / 2 and its derivatives."""
    half, up, down = at.inverse_of(2), at.exp(x), at.exp(-x)
    value, other = (up + sign * down) * half, (up - sign * down) * half
    return value, other, value


def exact_hyperbolic_tangent(at: Arithmetic, x: int) -> Values:
    """Return the hyperbolic tangent and its derivatives at x."""
    t = exact_hyperbolic(at, x, -1)[0] * at.inverse_of(exact_hyperbolic(at, x, 1)[0])
    return t, 1 - t * t, -2 * t * (1 - t * t)


def exact_arctangent(at: Arithmetic, x: int) -> Values:
    """Return the arctangent and its derivatives at x."""
    slope = at.inverse_of(1 + x * x)
    return at.odd("arctangent", x), slope, -2 * x * slope * slope


def exact_logistic(at: Arithmetic, x: int) -> Values:
    """Return the logistic function and its derivatives at x."""
    s = at.inverse_of(1 + at.exp(-x))
    return s, s * (1 - s), s * (1 - s) * (1 - 2 * s)
