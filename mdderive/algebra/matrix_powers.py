"""The values of powers and of functions of a matrix: in numpy, and over a prime field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..effort import EFFORT
from .arithmetic import Arithmetic
from .expressions import Expr, lazy_numpy
from .numbers import Jet

MOST_HALVINGS = 50
"""How often the argument of an exponential is halved at most: beyond, no digit of it would be right."""
PRODUCTS = 20
"""About how many matrices are multiplied for an exponential."""


def matrix_power_value(arrays: tuple[Any, ...], parameters: tuple[Any, ...]) -> Any:
    """Return the square matrices `arrays[0]` with the exponent `arrays[1]`, by eigenvalues unless it is whole."""
    numpy = lazy_numpy()
    exponent = float(numpy.real(numpy.ravel(arrays[1])[0]))
    if abs(exponent - round(exponent)) < 1e-12:
        return numpy.linalg.matrix_power(arrays[0], round(exponent))
    here = numpy.eye(arrays[0].shape[-1], dtype=bool)
    if not numpy.any(arrays[0] * ~here):  # diagonal: entry by entry, which a complex step can differentiate
        return numpy.where(here, numpy.where(here, arrays[0], 1) ** exponent, 0)
    return function_of_matrix(lambda x: x**exponent, arrays[0], lambda x: exponent * x ** (exponent - 1))


def inverse_value(a: Any) -> Any:
    """Return the inverses; those of triangular matrices have zeros where these have, without errors of rounding."""
    numpy = lazy_numpy()
    found = numpy.linalg.inv(a)
    if not numpy.triu(a, 1).any():
        found = numpy.tril(found)
    return found if numpy.tril(a, -1).any() else numpy.triu(found)


def exact_matrix_power(at: Arithmetic, exponent: Expr, x: tuple[Jet, ...], less: int = 0) -> Jet:
    """Return `x[0]` with the exponent whose value is `x[1]`, `less` smaller; as atoms where that is no whole number."""
    power, whole = at.exponent(exponent, x[1])
    if whole is None:
        return at.function_of_matrix(
            "matrix power",
            x[0],
            lambda a: at.times(x[1], exact_matrix_power(at, exponent, (a, x[1]), less=1)),
            power - less,
        )
    base = x[0] if whole >= less else at.inverse(x[0])
    return at.whole_power(base, abs(whole - less))


def function_of_matrix(f: Callable[[Any], Any], a: Any, slope: Callable[[Any], Any] | None = None) -> Any:
    """Return the function `f` of the square matrices `a`, by their eigenvalues.

    With its derivative `slope` it is differentiated along the imaginary part of `a`, as by a complex step. Where an
    eigenvalue is 0 or the function is not real, it is no number.

    Raises:
        LinAlgError: it is so for all of them.
    """
    numpy = lazy_numpy()
    values, vectors, inverse = spectrum = _spectrum(a)
    value = vectors * f(values)[..., None, :] @ inverse
    imaginary, real = (abs(x).max(axis=(-1, -2)) for x in (value.imag, value.real))
    unreal = (abs(values).min(axis=-1) < 1e-9) | ~(imaginary <= 1e-8 * (1 + real))
    if unreal.all():
        raise numpy.linalg.LinAlgError("a function of this matrix is not real")
    value = numpy.where(unreal[..., None, None], numpy.nan, value)
    if slope is None or not numpy.iscomplexobj(a):
        return value.real
    return value.real + 1j * _slope_along(f, slope, spectrum, a.imag)


Spectrum = tuple[Any, Any, Any]
"""The eigenvalues and eigenvectors of matrices, and the inverses of the matrices of these."""


def _spectrum(a: Any) -> Spectrum:
    """Return the spectrum of the real parts."""
    numpy = lazy_numpy()
    values, vectors = numpy.linalg.eig(a.real)
    return values.astype(complex), vectors, numpy.linalg.inv(vectors)


def _slope_along(f: Callable[[Any], Any], slope: Callable[[Any], Any], spectrum: Spectrum, step: Any) -> Any:
    """Return the derivatives of the function `f` of square matrices of that spectrum along a step.

    Source: Higham, Functions of Matrices, theorem 3.11
    """
    values, vectors, inverse = spectrum
    between = divided_differences(f, slope, values)
    return (vectors @ (between * (inverse @ step @ vectors)) @ inverse).real


def divided_differences(f: Callable[[Any], Any], slope: Callable[[Any], Any], values: Any) -> Any:
    """Return the matrices of `(f(x_i) - f(x_j)) / (x_i - x_j)`, where the two are close `f'` between them.

    Source: Higham, Functions of Matrices, theorem 3.11
    """
    numpy = lazy_numpy()
    x, y = values[..., :, None], values[..., None, :]
    close = abs(x - y) < 1e-6 * (abs(x) + abs(y))
    return numpy.where(close, slope((x + y) / 2), (f(x) - f(y)) / numpy.where(close, 1, x - y))


def exponential(a: Any) -> Any:
    """Return the matrix exponential by its series, each argument halved until the series is short.

    Of one that is too large, it is no number.
    """
    EFFORT.spend(PRODUCTS)
    numpy = lazy_numpy()
    size = abs(a).sum(axis=-2, keepdims=True).max(axis=-1, keepdims=True)
    size = numpy.where(size < 2.0**MOST_HALVINGS, numpy.maximum(size, 0.5), numpy.nan)
    halvings = numpy.ceil(numpy.log2(size)) + 1
    term = total = numpy.eye(a.shape[-1])
    for k in range(1, 19):
        term = term @ a / (k * 2**halvings)
        total = total + term
    for k in range(int(numpy.nan_to_num(halvings).max(initial=0))):
        total = numpy.where(k < halvings, total @ total, total)
    return total


def exponential_source(matrix: str, size: str) -> str:
    """Return lines for numpy after which `total` is the exponential of a matrix with that many rows."""
    return f"""\
    halvings = max(0, int(np.ceil(np.log2(max(1e-9, np.linalg.norm({matrix}, 1))))) + 1)
    term = total = np.eye({size})
    for k in range(1, 19):
        term = term @ {matrix} / (k * 2**halvings)
        total = total + term
    for _ in range(halvings):
        total = total @ total
"""


def integral_of_exponentials(left: Any, step: Any, right: Any) -> Any:
    """Return the integrals of `exp(sP) E exp((1-s)Q)` over s from 0 to 1, as a block of an exponential.

    They are linear in E, which is made as large as 1 so that its size does not ask for more halvings.

    Source: Van Loan (1978), Computing integrals involving the matrix exponential, theorem 1
    """
    numpy = lazy_numpy()
    size = left.shape[-1]
    shape = numpy.broadcast_shapes(left.shape, step.shape, right.shape)
    most = abs(step).max(axis=(-1, -2), keepdims=True)
    most = numpy.where(most > 0, most, 1.0)
    blocks = [[left, step / most], [numpy.zeros((size, size)), right]]
    rows = [numpy.concatenate([numpy.broadcast_to(x, shape) for x in row], axis=-1) for row in blocks]
    return most * exponential(numpy.concatenate(rows, axis=-2))[..., :size, size:]


def matrix_of_map(of: Callable[[Any], Any], size: int, axes: int) -> Any:
    """Return M with `vec(f(E)) = M vec(E)` of linear maps f of square matrices, which have so many axes in front."""
    numpy = lazy_numpy()
    units = numpy.eye(size * size).reshape(size * size, *(1,) * axes, size, size)
    found = of(units.swapaxes(-1, -2)).swapaxes(-1, -2)
    return numpy.moveaxis(found.reshape(*found.shape[:-2], size * size), 0, -1)


def slope_of_logarithm(x: Any, step: Any) -> Any:
    """Return the slopes of the logarithm along E, the integrals of `(X+sI)^{-1} E (X+sI)^{-1}` over s from 0 on."""
    return _slope_along(lazy_numpy().log, lambda t: 1 / t, _spectrum(x), step)


def solution_of_lyapunov(root: Any, step: Any) -> Any:
    """Return the solutions Y of `RY + YR = C`."""
    return solution_of_sylvester(root, root, step)


def solution_of_sylvester(left: Any, right: Any, side: Any) -> Any:
    """Return the solutions Y of `AY + YB = C`."""
    numpy = lazy_numpy()
    ones = [numpy.eye(x.shape[-1]) for x in (left, right)]
    return _solved(kronecker_value(left, ones[1]) + kronecker_value(ones[0], right.swapaxes(-1, -2)), side)


def solution_of_stein(left: Any, right: Any, side: Any) -> Any:
    """Return the solutions Y of `Y = LYR + C`."""
    numpy = lazy_numpy()
    one = numpy.eye(left.shape[-1] * right.shape[-1])
    return _solved(one - kronecker_value(left, right.swapaxes(-1, -2)), side)


def _solved(matrix: Any, side: Any) -> Any:
    """Return the matrices whose rows are stacked in the solution for the stacked rows of `side`."""
    rows = side.reshape(*side.shape[:-2], side.shape[-2] * side.shape[-1], 1)
    found = lazy_numpy().linalg.solve(matrix, rows)
    return found.reshape(*found.shape[:-2], *side.shape[-2:])


def matrix_of_slope(f: Callable[[Any], Any], slope: Callable[[Any], Any], a: Any) -> Any:
    """Return M with `vec(dF) = M vec(dA)` of the function F = f(A) of square matrices.

    Source: Higham, Functions of Matrices, theorem 3.9
    """
    values, vectors, inverse = _spectrum(a)
    between = divided_differences(f, slope, values).swapaxes(-1, -2)
    between = between.reshape(*between.shape[:-2], 1, -1)
    outer = kronecker_value(inverse.swapaxes(-1, -2), vectors)
    return (outer * between @ kronecker_value(vectors.swapaxes(-1, -2), inverse)).real


def kronecker_value(a: Any, b: Any) -> Any:
    """Return the Kronecker products of two stacks of matrices."""
    blocks = a[..., :, None, :, None] * b[..., None, :, None, :]
    rows, columns = a.shape[-2] * b.shape[-2], a.shape[-1] * b.shape[-1]
    return blocks.reshape(*blocks.shape[:-4], rows, columns)
