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
from ..expressions import (
    ONE,
    Apply,
    Binding,
    Code,
    Dimension,
    Expr,
    Operator,
    Shape,
    Sizes,
    Symbol,
    lazy_numpy,
    number,
    parenthesise,
)
from ..factoring import primitive
from ..numbers import Jet, eye, filled, turned, unit, unstacked
from ..signs import DEFINITE
from ..terms import (
    build,
    coefficient_scalars_chain,
    factors_of,
    is_zero,
    multiply,
    negate,
    reading_cost,
    transpose,
    zero,
)

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
        if self.is_number:
            return "", "_gradient", "_hessian"
        return ("", "_jacobian", "_hessians") if self.columns == ONE else ("", "_partials")


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
    if function.order == (MOST_DERIVATIVES if not vector else 2):
        message = f"the third derivative of {function.latex} is no matrix"
        raise UnsupportedError("E308", message if vector else f"{function.latex} is differentiated too often")
    if vector and (function.columns != ONE or (function.order == 1 and not function.is_number)):
        return Apply(along_row if function.order == 0 else jacobian_along_row, (x, d(x)), (function,))
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
    if columns > 1:
        return _matrix(function, x, rows, columns)[0]
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


def _matrix(function: VectorFunction, x: Array, rows: int, columns: int, step: Array | None = None) -> list[Array]:
    """Return the value of a matrix function of a vector, and its derivative along `step` if there is one."""
    stacked = function._replace(order=0)

    def unstacked(column: Array) -> Array:
        return column.reshape(*column.shape[:-2], columns, rows).swapaxes(-1, -2)

    value = unstacked(_of_vector(stacked, x, rows * columns))
    found = [value]
    if step is not None:
        found.append(unstacked(_of_vector(stacked._replace(order=1), x, rows * columns) @ step))
    if function.symmetry == "SPD":
        squares = [lazy_numpy().eye(rows) + value @ value.swapaxes(-1, -2)]
        halves = [y @ value.swapaxes(-1, -2) for y in found[1:]]
        return squares + [y + y.swapaxes(-1, -2) for y in halves]
    return [y + y.swapaxes(-1, -2) for y in found] if function.symmetry else found


def _exact(at: Arithmetic, node: Apply, x: Jet) -> Jet:
    function = _of(node)
    rows, columns = map(at.size, function.shape)
    if node.arguments[0].is_scalar:
        return _exact_curve(at, function, x, rows, columns)
    if columns > 1:
        return _exact_matrix(at, function, x, rows, columns)[0]
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


def _exact_matrix(
    at: Arithmetic, function: VectorFunction, x: Jet, rows: int, columns: int, step: Jet | None = None
) -> list[Jet]:
    """Return the value of a matrix function of a vector, and its derivative along `step` if there is one."""
    stacked = function._replace(order=0, columns=ONE)
    found = [_exact_of_vector(at, stacked, x, rows * columns)]
    if step is not None:
        found.append(at.times(_exact_of_vector(at, stacked._replace(order=1), x, rows * columns), step))
    found = [at.moved(y, lambda a: unstacked(a, rows, columns)) for y in found]
    if function.symmetry == "SPD":
        across = at.moved(found[0], turned)
        halves = [at.times(y, across) for y in found[1:]]
        square = at.plus(Jet({0: eye(rows)}), at.times(found[0], across))
        return [square, *(at.plus(y, at.moved(y, turned)) for y in halves)]
    return [at.plus(y, at.moved(y, turned)) for y in found] if function.symmetry else found


def _is_symmetric(node: Apply) -> bool:
    function = _of(node)
    return bool(function.symmetry) or (function.order == 2 and not node.arguments[0].is_scalar)


vector_function = Operator(
    name="vector function",
    rule=Wording("differential of the given function", "所给函数的微分"),
    why=Wording(
        r"The Jacobian $J_r(x)$ is by definition the matrix of the linear map that the differential is: "
        r"$\mathrm{d}r(x) = J_r(x)\,\mathrm{d}x$. Of a function of one number it is the column $r'(t)$, of a function "
        r"whose value is a number the row $\nabla g(x)^\top$.",
        r"由定义，Jacobi 矩阵 $J_r(x)$ 就是微分这一线性映射的矩阵：$\mathrm{d}r(x) = J_r(x)\,\mathrm{d}x$。"
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


# --- slopes of matrix functions and of Jacobians: along a direction, against a matrix, against weights


def slopes_in(x: Expr) -> VectorFunction | None:
    """Return the function whose partial derivatives, or Hessians, `x` is made of in one number each, else None."""
    rows = (along_row, jacobian_along_row, partials_row, hessians_row)
    return _of(x) if isinstance(x, Apply) and any(x.operator is row for row in rows) else None


def _weighted_hessians(node: Apply, weights: Expr, *, transposed: bool) -> tuple[Expr, Expr] | None:
    r"""Return H and v of `(\mathrm{D}J_r(u)[v])^\top w = Hv`, H the Hessians of the components of r, each times w's."""
    u, v = node.arguments
    function = _of(node)._replace(order=0)
    return (build(hessians_row, u, weights, parameters=(function,)), v) if transposed else None


def _write_along(node: Apply, write: Callable[[Expr, int], str]) -> str:
    function, (x, step) = _of(node), node.arguments
    name = function.latex if function.order == 0 else rf"J_{{{function.latex}}}"
    return rf"\mathrm{{D}}{name}{parenthesise(write(x, 0))}[{write(step, 0)}]"


def _along_value(node: Apply, arrays: tuple[Array, ...], sizes: Sizes) -> Array:
    function, (x, step) = _of(node), arrays
    rows, columns = map(sizes.size, function.shape)
    return _matrix(function, x, rows, columns, step)[1]


def _exact_along(at: Arithmetic, node: Apply, x: Jet, step: Jet) -> Jet:
    function = _of(node)
    rows, columns = map(at.size, function.shape)
    return _exact_matrix(at, function, x, rows, columns, step)[1]


along_row: Operator = Operator(
    name="derivative along a direction",
    rule=Wording("differential of a matrix function", "矩阵函数的微分"),
    source="Magnus and Neudecker (2019), ch. 5, sec. 4",
    example=(r"a^TM(x)a", "x"),
    where=(r"M: \mathbb{R}^n \to \mathbb{R}^{n \times n}",),
    in_components=True,
    result=lambda arguments, parameters: parameters[0].shape,
    latex=_write_along,
    binding=Binding.PRODUCT,
    sized_value=_along_value,
    exact=lambda at, node, x: _exact_along(at, node, *x),
    numpy="np.tensordot(({1}).ravel(), {0}, 1)",
    torch=Code("torch.tensordot(({1}).reshape(-1), {0}, 1)"),
    julia=Code("sum(vec({1}) .* {0})"),
    adjoint=lambda node, i, G: build(partials_row, node.arguments[0], G, parameters=node.parameters),
    adjoint_rule=Wording.formula(r"$\mathrm{D}K(u)[v]=\sum_k v_k\thinspace\partial_kK(u)$"),
    transposed=lambda node: node if _of(node).symmetry else None,
)


def _jacobian_along_value(node: Apply, arrays: tuple[Array, ...], sizes: Sizes) -> Array:
    x, step = arrays
    _, b, c = _draws(_of(node), 3, sizes.size(_of(node).rows), x.shape[-2])
    return (b @ step) * b + (c @ x) * (c @ step) * c


def _exact_jacobian_along(at: Arithmetic, node: Apply, x: Jet, step: Jet) -> Jet:
    function = _of(node)
    b, c = (Jet({0: at.fresh(f"function {function.latex} {k}", at.size(function.rows), x.rows)}) for k in "bc")
    wide = Jet({0: filled(1, x.rows)})
    second, third = at.times(b, step), at.hadamard(at.times(c, x), at.times(c, step))
    return at.plus(at.hadamard(at.times(second, wide), b), at.hadamard(at.times(third, wide), c))


def _no_gradient_through_jacobian(node: Apply, i: int, cotangent: Expr) -> Expr:
    """Refuse what would be an array of order three.

    Raises:
        UnsupportedError: always.
    """
    hint = "the second derivative of a sum of squares is supported: [hessian]"
    raise UnsupportedError("E308", f"the gradient through the Jacobian of {_of(node).latex} is no matrix", hint=hint)


jacobian_along_row: Operator = Operator(
    name="derivative of a Jacobian along a direction",
    rule=Wording("differential of a Jacobian", "Jacobi 矩阵的微分"),
    source="Magnus and Neudecker (2019), ch. 6",
    example=(r"J_r(x)^Ta", "x"),
    where=(r"r: \mathbb{R}^n \to \mathbb{R}^n", "jacobian"),
    in_components=True,
    result=lambda arguments, parameters: (parameters[0].rows, arguments[0].shape[0]),
    latex=_write_along,
    binding=Binding.PRODUCT,
    sized_value=_jacobian_along_value,
    exact=lambda at, node, x: _exact_jacobian_along(at, node, *x),
    numpy="({0} @ ({1}))[..., 0]",
    julia=Code("reduce(vcat, [({1})' * slope for slope in {0}])"),
    adjoint=_no_gradient_through_jacobian,
    adjoint_rule=Wording.formula(r"$(\mathrm{D}J_r(x)[v])^\top w=\bigl(\sum_iw_i\nabla^2r_i(x)\bigr)v$"),
    beside_column=_weighted_hessians,
)


def _partials_normal(arguments: tuple[Expr, ...], parameters: tuple[Any, ...]) -> Expr | None:
    """Return the column with numbers and scalars outside; of a symmetric function the shorter of G and G^T."""
    x, against = arguments
    if is_zero(against):
        return zero(x.shape)
    content, against = primitive(against)
    coefficient, scalars, chain = coefficient_scalars_chain(against)
    if scalars and chain:
        content, against = content * coefficient, multiply(*chain)
    elif coefficient < 0:
        content, against = -content, negate(against)
    symmetric = isinstance(parameters[0], VectorFunction) and parameters[0].symmetry
    if symmetric and reading_cost(transpose(against)) < reading_cost(against):
        against = transpose(against)
    if against is arguments[1]:
        return None
    return multiply(number(content), *(scalars if chain else ()), Apply(partials_row, (x, against), parameters))


def _letter(node: Apply, letters: str) -> str:
    """Return the first of the letters that is called nothing in the node."""
    used = {x.latex[:1] for x in node.symbols} | {*_of(node).latex} | node.indices
    return next((x for x in letters if x not in used), letters[0])


def _write_partials(node: Apply, write: Callable[[Expr, int], str]) -> str:
    r"""Return `\bigl(\operatorname{tr}(G^\top\partial_kK(x))\bigr)_k`, or `a^\top\partial_kK(x)b` for `G = ab^\top`."""
    x, against = node.arguments
    k = _letter(node, "kjlmpq")
    slope = rf"\partial_{k}{_of(node).latex}{parenthesise(write(x, 0))}"
    chain = factors_of(transpose(against))
    cut = next((i for i, y in enumerate(chain) if i and y.shape[0] == ONE), 0)
    if cut and not any(y.is_scalar for y in chain):
        left, right = (write(multiply(*y), Binding.PRODUCT) for y in (chain[cut:], chain[:cut]))
        return rf"\bigl({left}\thinspace {slope}\thinspace {right}\bigr)_{k}"
    whole = write(transpose(against), Binding.PRODUCT)
    return rf"\Bigl(\operatorname{{tr}}\bigl({whole}\thinspace {slope}\bigr)\Bigr)_{k}"


def _partials_value(node: Apply, arrays: tuple[Array, ...], sizes: Sizes) -> Array:
    function, (x, against) = _of(node), arrays
    rows, columns = map(sizes.size, function.shape)
    steps = lazy_numpy().eye(x.shape[-2])[..., None]
    slopes = (_matrix(function, x, rows, columns, step)[1] for step in steps)
    return lazy_numpy().stack([(against * y).sum(axis=(-1, -2)) for y in slopes], axis=-1)[..., None]


def _exact_partials(at: Arithmetic, node: Apply, x: Jet, against: Jet) -> Jet:
    function = _of(node)
    rows, columns = map(at.size, function.shape)
    total = None
    for k in range(x.rows):
        step = Jet({0: unit(x.rows, k)})
        entry = at.inner(against, _exact_matrix(at, function, x, rows, columns, step)[1])
        column = at.times(step, entry)
        total = column if total is None else at.plus(total, column)
    assert total is not None
    return total


def _no_third(node: Apply, d: Callable[[Expr], Expr]) -> Expr:
    """Refuse to differentiate once more.

    Raises:
        UnsupportedError: always.
    """
    name = _of(node).latex
    message = f"the second derivative through {name}, a function of a vector, is not supported here"
    raise UnsupportedError("E308", message, hint=f"let {name} be a function of one number, or name its entries")


partials_row: Operator = Operator(
    name="partial derivatives against a matrix",
    rule=Wording("partial derivatives", "偏导数"),
    source="Rasmussen and Williams (2006), eq. (5.9)",
    example=(r"a^TM(x)a", "x"),
    where=(r"M: \mathbb{R}^n \to \mathbb{R}^{n \times n}",),
    in_components=True,
    result=lambda arguments, parameters: arguments[0].shape,
    latex=_write_partials,
    sized_value=_partials_value,
    exact=lambda at, node, x: _exact_partials(at, node, *x),
    numpy="np.sum({0} * ({1}), axis=(1, 2)).reshape(-1, 1)",
    torch=Code("torch.sum({0} * ({1}), dim=(1, 2)).reshape(-1, 1)"),
    julia=Code("reshape([sum(({1}) .* slope) for slope in {0}], :, 1)"),
    normal=_partials_normal,
    differential=_no_third,
)


def _write_hessians(node: Apply, write: Callable[[Expr, int], str]) -> str:
    x, weights = node.arguments
    i, name = _letter(node, "ijklm"), _of(node).latex
    own = name if "_" not in name and "^" not in name else f"({name})"
    call, inside = parenthesise(write(x, 0)), write(weights, 0)
    if inside == name + call and function_of(weights) is not None:
        weight = f"{own}_{i}{call}"
    elif isinstance(weights, Symbol) and "_" not in inside and "^" not in inside:
        weight = f"{inside}_{i}"
    else:
        weight = rf"\bigl({inside}\bigr)_{i}"
    return rf"\sum_{i} {weight}\thinspace\nabla^2 {own}_{i}{call}"


def _hessians_value(node: Apply, arrays: tuple[Array, ...], sizes: Sizes) -> Array:
    x, weights = arrays
    _, b, c = _draws(_of(node), 3, sizes.size(_of(node).rows), x.shape[-2])
    return b.T @ (weights * b) + c.T @ (weights * (c @ x) * c)


def _exact_hessians(at: Arithmetic, node: Apply, x: Jet, weights: Jet) -> Jet:
    name = _of(node).latex
    b, c = (Jet({0: at.fresh(f"function {name} {k}", weights.rows, x.rows)}) for k in "bc")
    wide = Jet({0: filled(1, x.rows)})

    def square(a: Jet, column: Jet) -> Jet:
        return at.times(at.moved(a, turned), at.hadamard(at.times(column, wide), a))

    return at.plus(square(b, weights), square(c, at.hadamard(weights, at.times(c, x))))


def _hessians_normal(arguments: tuple[Expr, ...], parameters: tuple[Any, ...]) -> Expr | None:
    x, weights = arguments
    if is_zero(weights):
        return zero((x.shape[0],) * 2)
    content, rest = primitive(weights)
    coefficient, scalars, chain = coefficient_scalars_chain(rest)
    if content == coefficient == 1 and not (scalars and chain):
        return None
    inner = multiply(*chain) if chain else rest
    return multiply(number(content * coefficient), *scalars, Apply(hessians_row, (x, inner), parameters))


hessians_row: Operator = Operator(
    name="weighted Hessians",
    rule=Wording("sum of Hessians", "海森矩阵之和"),
    source="Nocedal and Wright (2006), eq. (10.5)",
    example=(r"J_r(x)^Ta", "x"),
    where=(r"r: \mathbb{R}^n \to \mathbb{R}^n", "jacobian"),
    in_components=True,
    result=lambda arguments, parameters: (arguments[0].shape[0],) * 2,
    latex=_write_hessians,
    binding=Binding.SUM + 1,
    sized_value=_hessians_value,
    exact=lambda at, node, x: _exact_hessians(at, node, *x),
    numpy="np.tensordot(({1}).ravel(), {0}, 1)",
    torch=Code("torch.tensordot(({1}).reshape(-1), {0}, 1)"),
    julia=Code("sum(vec({1}) .* {0})"),
    normal=_hessians_normal,
    differential=_no_third,
    transposed=lambda node: node,
)
