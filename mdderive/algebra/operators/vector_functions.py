"""The row of vector and matrix functions that the author names and does not define: `r(x)`, `A(t)`, `g(w)`."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from fractions import Fraction
from math import comb, factorial
from typing import Any, NamedTuple

from ...errors import UnsupportedError
from ...words import Wording
from ..arithmetic import Arithmetic
from ..expressions import ONE, Apply, Binding, Dimension, Expr, Operator, Shape, Sizes, lazy_numpy, parenthesise
from ..numbers import Jet, eye, filled, turned
from ..signs import DEFINITE
from ..terms import multiply, transpose

MOST_DERIVATIVES = 3
"""How often a function of a number is differentiated; the polynomial that stands for it has that degree."""


class VectorFunction(NamedTuple):
    """A function without a definition: its LaTeX, the shape of its value, and how often it is differentiated.

    `symmetry` is "symmetric" or "SPD" where its value has that property, else "".
    """

    latex: str
    rows: Dimension
    columns: Dimension
    order: int = 0
    symmetry: str = ""

    @property
    def shape(self) -> Shape:
        """The shape of the value of the function that is not differentiated."""
        return self.rows, self.columns

    @property
    def is_number(self) -> bool:
        """Whether that value is a number."""
        return self.rows == self.columns == ONE

    def derivatives(self, x: Expr) -> tuple[str, ...]:
        """Return what the function and its derivatives at `x` are called in a program."""
        if x.is_scalar:
            return "", "_prime", "_second", "_third"
        return ("", "_gradient", "_hessian") if self.is_number else ("", "_jacobian")


def function_of(x: Expr) -> VectorFunction | None:
    """Return the function whose value, or that of a derivative, `x` is; None where it is of no such function."""
    return _of(x) if isinstance(x, Apply) and x.operator is vector_function else None


def _of(node: Apply) -> VectorFunction:
    function = node.parameters[0]
    assert isinstance(function, VectorFunction)
    return function


def _result(arguments: tuple[Expr, ...], parameters: tuple[Any, ...]) -> Shape:
    """Return the shape: of a function of a vector the Jacobian is (m, n), the gradient (n, 1), the Hessian (n, n)."""
    function, x = parameters[0], arguments[0]
    if x.is_scalar or function.order == 0:
        return (function.rows, function.columns)
    n = x.shape[0]
    if function.order == 2:
        return n, n
    return (n, ONE) if function.is_number else (function.rows, n)


def _write(node: Apply, write: Callable[[Expr, int], str]) -> str:
    function, x = _of(node), node.arguments[0]
    call = parenthesise(write(x, 0))
    if function.order == 0:
        return function.latex + call
    if x.is_scalar:
        return function.latex + "'" * function.order + call
    if function.is_number:
        return rf"\nabla{'^2' if function.order == 2 else ''} {function.latex}{call}"
    return rf"J_{{{function.latex}}}" + call


def derivative(node: Apply) -> Apply:
    """Return the derivative r'(t), the Jacobian J_r(x) or the gradient of g at x, of which `node` is the value."""
    function = _of(node)
    return Apply(node.operator, node.arguments, (function._replace(order=function.order + 1),))


def _differential(node: Apply, d: Callable[[Expr], Expr]) -> Expr:
    """Return r'(t) dt, J_r(x) dx or (grad g(x))^T dx.

    Raises:
        UnsupportedError: the next derivative is an array of order three, or one that is not compared.
    """
    function, x = _of(node), node.arguments[0]
    vector = not x.is_scalar
    if function.order == (MOST_DERIVATIVES if not vector else 2 if function.is_number else 1):
        words = "third" if function.is_number else "second"
        message = f"the {words} derivative of {function.latex} is no matrix"
        raise UnsupportedError("E308", message if vector else f"{function.latex} is differentiated too often")
    if vector and function.columns != ONE:
        hint = "name its entries, or let it be a function of one number"
        raise UnsupportedError("E308", f"the derivative of the matrix {function.latex} by a vector has none", hint=hint)
    slope = derivative(node)
    gradient = vector and function.is_number and function.order == 0
    return multiply(transpose(slope) if gradient else slope, d(x))


# --- the function that stands for it: a polynomial of the third degree with random coefficients

Array = Any


def _draws(function: VectorFunction, count: int, rows: int, columns: int) -> list[Array]:
    """Return random matrices that belong to the function."""
    seed = zlib.crc32(f"{function.latex} {rows} {columns}".encode())
    rng = lazy_numpy().random.default_rng(seed)
    return [rng.uniform(-0.7, 0.7, (rows, columns)) for _ in range(count)]


def _value(node: Apply, arrays: tuple[Array, ...], sizes: Sizes) -> Array:
    function, x = _of(node), arrays[0]
    rows, columns = map(sizes.size, function.shape)
    if node.arguments[0].is_scalar:
        return _curve(function, x, rows, columns)
    return _of_vector(function, x, rows)


def _curve(function: VectorFunction, t: Array, rows: int, columns: int) -> Array:
    """Return the derivative of a polynomial in t with coefficients of this shape."""
    coefficients = _draws(function, MOST_DERIVATIVES + 1, rows, columns)

    def derivative(order: int) -> Array:
        return sum(
            (m * t ** (k - order) / factorial(k - order) for k, m in enumerate(coefficients) if k >= order), 0 * t
        )

    if function.symmetry == "SPD":
        order = function.order
        pairs = ((comb(order, k), derivative(k), derivative(order - k)) for k in range(order + 1))
        return sum((c * a @ b.swapaxes(-1, -2) for c, a, b in pairs), (order == 0) * lazy_numpy().eye(rows))
    value = derivative(function.order)
    return value + value.swapaxes(-1, -2) if function.symmetry else value


def _of_vector(function: VectorFunction, x: Array, rows: int) -> Array:
    """Return c + Ax + (Bx)^2 / 2 + (Cx)^3 / 6, powers entry by entry, its Jacobian, or a Hessian."""
    a, b, c = _draws(function, 3, rows, x.shape[-2])
    u, v = b @ x, c @ x
    if function.order == 0:
        return 1 + a @ x + u**2 / 2 + v**3 / 6
    if function.order == 2:
        return b.T @ b + (c.T @ c) * v
    jacobian = a + u * b + v**2 / 2 * c
    return jacobian.swapaxes(-1, -2) if function.is_number else jacobian


def _exact(at: Arithmetic, node: Apply, x: Jet) -> Jet:
    function = _of(node)
    rows, columns = map(at.size, function.shape)
    if node.arguments[0].is_scalar:
        return _exact_curve(at, function, x, rows, columns)
    return _exact_of_vector(at, function, x, rows)


def _exact_curve(at: Arithmetic, function: VectorFunction, t: Jet, rows: int, columns: int) -> Jet:
    def derivative(order: int) -> Jet:
        power, terms = at.scalar(1), []
        for k in range(order, MOST_DERIVATIVES + 1):
            terms.append(at.times(power, Jet({0: at.fresh(f"function {function.latex} {k}", rows, columns)})))
            power = at.scaled(Fraction(1, k - order + 1), at.times(power, t))
        return at.plus(*terms)

    if function.symmetry == "SPD":
        terms = [Jet({0: eye(rows)})] if function.order == 0 else []
        for k in range(function.order + 1):
            other = at.moved(derivative(function.order - k), turned)
            terms.append(at.scaled(comb(function.order, k), at.times(derivative(k), other)))
        return at.plus(*terms)
    value = derivative(function.order)
    return at.plus(value, at.moved(value, turned)) if function.symmetry else value


def _exact_of_vector(at: Arithmetic, function: VectorFunction, x: Jet, rows: int) -> Jet:
    a, b, c = (Jet({0: at.fresh(f"function {function.latex} {k}", rows, x.rows)}) for k in "abc")
    u, v = at.times(b, x), at.times(c, x)
    if function.order == 2:
        return at.plus(at.times(at.moved(b, turned), b), at.times(v, at.moved(c, turned), c))
    squares, cubes = at.hadamard(u, u), at.hadamard(v, v, v)
    if function.order == 0:
        terms = at.times(a, x), at.scaled(Fraction(1, 2), squares), at.scaled(Fraction(1, 6), cubes)
        return at.plus(Jet({0: filled(rows, 1)}), *terms)
    wide = Jet({0: filled(1, x.rows)})
    second = at.hadamard(at.times(u, wide), b)
    third = at.scaled(Fraction(1, 2), at.hadamard(at.times(at.hadamard(v, v), wide), c))
    jacobian = at.plus(a, second, third)
    return at.moved(jacobian, turned) if function.is_number else jacobian


def _is_symmetric(node: Apply) -> bool:
    function = _of(node)
    return bool(function.symmetry) or (function.order == 2 and not node.arguments[0].is_scalar)


vector_function = Operator(
    name="vector function",
    rule=Wording("differential of a vector function", "向量函数的微分"),
    why=Wording(
        r"The Jacobian $J_r(x)$ is by definition the matrix of the linear map that the differential is: "
        r"$\mathrm{d}r(x) = J_r(x)\,\mathrm{d}x$. Of a function of one number it is the column $r'(t)$, of a function "
        r"whose value is a number the row $\nabla g(x)^\top$.",
        r"由定义，雅可比矩阵 $J_r(x)$ 就是微分这一线性映射的矩阵：$\mathrm{d}r(x) = J_r(x)\,\mathrm{d}x$。"
        r"自变量为标量时它是列向量 $r'(t)$；函数值为标量时它是行向量 $\nabla g(x)^\top$。",
    ),
    source="Magnus and Neudecker (2019), ch. 5, sec. 4",
    example=(r"\|r(x)\|^2", "x"),
    where=(r"r: \mathbb{R}^n \to \mathbb{R}^m",),
    result=_result,
    latex=_write,
    binding=Binding.PRODUCT + 1,
    sized_value=_value,
    exact=lambda at, node, x: _exact(at, node, x[0]),
    numpy="{0}",
    differential=_differential,
    transposed=lambda node: node if _is_symmetric(node) else None,
    sign=lambda node, signs: DEFINITE if _of(node).symmetry == "SPD" and _of(node).order == 0 else 0,
)
