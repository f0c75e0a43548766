"""Exports to SymPy: the numbers of numpy at numbers, and at letters what SymPy itself finds entry by entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from test_exports import CUBE, ROWS, SECONDS, by_numpy, derived, values

from mdderive.errors import UnsupportedError

sp = pytest.importorskip("sympy")
BY_EIGENVALUES = (r"\operatorname{tr}(X^{1/2})", r"\|X-A\|_*")
"""Whose derivatives have powers of which SymPy finds no Jordan form at decimal numbers."""


def of_sympy(value: Any, is_scalar: bool) -> Any:
    """Return an argument: a matrix of SymPy, a number or a callable, and of a family the list of its members."""
    if isinstance(value, str):
        function = eval(value)
        return function if value not in CUBE else lambda a: a.applyfunc(function) if hasattr(a, "rows") else function(a)
    if not isinstance(value, np.ndarray):
        return sp.sympify(value)
    if value.ndim > 2:
        return [of_sympy(x, is_scalar) for x in value]
    return sp.Float(value[0, 0]) if is_scalar else sp.Matrix(value.tolist())


def run(source: str, name: str, *positional: Any, **named: Any) -> Any:
    space: dict[str, Any] = {}
    exec(source, space)
    return space[name](*positional, **named)


def as_array(found: Any) -> Any:
    if isinstance(found, list):
        return np.stack([as_array(x) for x in found])
    numbers = found.evalf().tolist() if isinstance(found, sp.MatrixBase) else sp.sympify(found).evalf()
    return np.array(numbers, float)


def compared(f: str, x: str, where: Sequence[str], name: str = "gradient") -> None:
    found = derived(f, x, where)
    given = values(found)
    scalars = {
        y
        for latex, y in found.arguments.items()
        if (symbol := found.working.question.symbols.get(latex)) and symbol.is_scalar
    }
    got = as_array(run(found.to_python("sympy"), name, **{k: of_sympy(v, k in scalars) for k, v in given.items()}))
    wanted = by_numpy(found.to_python(), name, **given)
    np.testing.assert_allclose(got.reshape(wanted.shape), wanted, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(("example", "where"), ROWS)
def test_a_row_yields_the_numbers_of_numpy(example: tuple[str, str], where: tuple[str, ...]) -> None:
    if example[0] in BY_EIGENVALUES:
        pytest.skip("SymPy knows no fractional power of a matrix of decimal numbers")
    try:
        derived(*example, where).to_python("sympy")
    except UnsupportedError as error:
        pytest.skip(error.message)
    compared(*example, where)


@pytest.mark.parametrize(("f", "x", "where"), SECONDS, ids=[x[0] for x in SECONDS])
def test_second_derivatives_yield_the_numbers_of_numpy(f: str, x: str, where: Sequence[str]) -> None:
    try:
        derived(f, x, (*where, "hessian")).to_python("sympy")
    except UnsupportedError as error:
        pytest.skip(error.message)
    compared(f, x, (*where, "hessian"), "hessian")


def letters(name: str, rows: int, columns: int) -> Any:
    return sp.Matrix(rows, columns, sp.symbols(f"{name}_:{rows * columns}", positive=True))


def test_at_letters_it_is_what_sympy_finds() -> None:
    X, w, y = letters("X", 3, 2), letters("w", 2, 1), letters("y", 3, 1)
    source = derived(r"\frac13\|Xw-y\|^2+\log\det(X^TX)", "X").to_python("sympy")
    f = sum(t**2 for t in X * w - y) / 3 + sp.log((X.T * X).det())
    wanted = sp.Matrix(3, 2, lambda i, j: sp.diff(f, X[i, j]))
    assert sp.simplify(run(source, "gradient", X=X, w=w, y=y) - wanted) == sp.zeros(3, 2)
    x = [letters(f"x{k}", 2, 1) for k in range(3)]
    found = derived(r"\frac1n\sum_{i=1}^n s(w^Tx_i)", "w", ("x_i: vector",))
    cubes = dict(zip(("s", "s_prime"), map(eval, CUBE), strict=False))
    g = sum((w.T * t)[0, 0] ** 3 for t in x) / 3
    got = run(found.to_python("sympy"), "gradient", w=w, x=x, **cubes)
    assert (got - sp.Matrix([sp.diff(g, t) for t in w])).expand() == sp.zeros(2, 1)
    assert not got.has(sp.Float), "what was exact stays exact"
