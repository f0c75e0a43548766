"""The values of powers and of functions of a matrix: in numpy, and over a prime field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .arithmetic import Arithmetic
from .expressions import Expr, Number, lazy_numpy
from .numbers import Jet

MOST_MULTIPLIED = 1_000_000
"""Up to which exponent a power over a prime field is computed, by squares; its degree must stay far below the prime."""


def matrix_power_value(arrays: tuple[Any, ...], parameters: tuple[Any, ...]) -> Any:
    """Return the square matrices `arrays[0]` with the exponent `arrays[1]`, by eigenvalues unless it is whole."""
    numpy = lazy_numpy()
    exponent = float(numpy.real(numpy.ravel(arrays[1])[0]))
    if abs(exponent - round(exponent)) < 1e-12:
        return numpy.linalg.matrix_power(arrays[0], round(exponent))
    here = numpy.eye(arrays[0].shape[-1], dtype=bool)
    if not numpy.any(arrays[0] * ~here):  # diagonal: entry by entry, which a complex step can differentiate
        return numpy.where(here, numpy.where(here, arrays[0], 1) ** exponent, 0)
    return function_of_matrix(lambda x: x**exponent, arrays[0])


def exact_matrix_power(at: Arithmetic, exponent: Expr, x: tuple[Jet, ...], less: int = 0) -> Jet:
    """Return `x[0]` with the exponent whose value is `x[1]`, `less` smaller; as atoms where that is no whole number."""
    power, whole = at.exponent(exponent, x[1])
    if isinstance(exponent, Number) and exponent.value.denominator == 1 and abs(exponent.value) <= MOST_MULTIPLIED:
        whole = int(exponent.value)
    if whole is None:
        return at.function_of_matrix(
            "matrix power",
            x[0],
            lambda a: at.times(x[1], exact_matrix_power(at, exponent, (a, x[1]), less=1)),
            power - less,
        )
    base = x[0] if whole >= less else at.inverse(x[0])
    return at.whole_power(base, abs(whole - less))


def function_of_matrix(f: Callable[[Any], Any], a: Any) -> Any:
    """Return the function `f` of the square matrices `a`, by their eigenvalues.

    Raises:
        LinAlgError: an eigenvalue is 0, or the function is not real.
    """
    numpy = lazy_numpy()
    values, vectors = numpy.linalg.eig(a.real)
    value = vectors * f(values.astype(complex))[..., None, :] @ numpy.linalg.inv(vectors)
    if abs(values).min() < 1e-9 or abs(value.imag).max() > 1e-8 * (1 + abs(value.real).max()):
        raise numpy.linalg.LinAlgError("a function of this matrix is not real")
    return value.real
