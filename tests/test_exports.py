"""Exports for jax, torch and Julia: each row's example yields the numbers of numpy; Julia, which is not run, is shown.

After a change that is meant, `python tests/test_exports.py` writes what is exported for Julia now.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mdderive
from mdderive.operators import table
from mdderive.verify import subject

GOLDEN = Path(__file__).parent / "golden" / "exports.jl"
ROWS = [pytest.param(row.example, row.where, id=row.name) for row in table()]
SECONDS = {
    r"\|Xw-y\|^2": ("w", ()),
    r"\operatorname{tr}(X^TAXB)": ("X", ()),
    r"-y^T\log\operatorname{softmax}(Wx)": ("W", ("y: one-hot",)),
    r"\log\det X": ("X", ()),
    r"\mathbf{1}^T\log(1+\exp(-y\odot(Xw)))": ("w", ()),
    r"\|X^TX-A\|^2": ("X", ("A: symmetric",)),
}
SHOWN = [
    (r"a^TXb", "X", ()), (r"\|Xw-y\|^2", "w", ("solve",)), (r"\sum_{i=1}^n (w^Tx_i-y_i)^2", "w", ()),
    (r"\sum_{i=1}^n \sigma(w^Tx_i)", "w", ()), (r"\log\det X + x^TX^{-1}x", "X", ("X: SPD",)),
    (r"-y^T\log\operatorname{softmax}(Wx)", "W", ("y: one-hot", "hessian")), (r"\|x\|", "x", ()), ("AXB", "X", ()),
]  # fmt: skip


def found_for(f: str, x: str, where: Sequence[str]) -> mdderive.Derivation:
    found = mdderive.derive(f, x, list(where))
    return found[0] if isinstance(found, tuple) else found


def arguments(found: mdderive.Derivation) -> dict[str, Any]:
    """Return values of the arguments of the exported functions: those of the first random point."""
    q = found.working.question
    points = subject(q.f, q.definitions).points
    given: dict[str, Any] = {}
    for latex, name in found.arguments.items():
        symbol = q.symbols.get(latex)
        if symbol is None:  # a function that nobody defines has the logistic one as its default, or none
            pytest.skip("it needs functions")
        value = points.values[symbol][0].real
        if symbol.index:
            pytest.skip("it is a family")
        value = value.reshape(value.shape[-2:])
        given[name] = float(value[0, 0]) if symbol.is_scalar else value
        if "integer" in symbol.properties:
            given[name] = int(given[name])
    return given


def evaluated(source: str, target: str, name: str, given: dict[str, Any], first: tuple[Any, ...]) -> Any:
    """Return what a function of a source makes of the values; in a process of its own, as jax minds later forks."""
    module: Any = np if target == "numpy" else importlib.import_module(target)
    if target == "jax":
        module.config.update("jax_enable_x64", True)
    made = {"numpy": np.array, "jax": lambda a: module.numpy.array(a), "torch": lambda a: module.tensor(a)}[target]
    values = {key: made(value) if isinstance(value, np.ndarray) else value for key, value in given.items()}
    space: dict[str, Any] = {}
    exec(source, space)
    return np.asarray(space[name](*map(made, first), **values))


@pytest.fixture(scope="module")
def process() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


def called(
    pool: ProcessPoolExecutor, found: mdderive.Derivation, target: str, name: str, given: dict[str, Any], *first: Any
) -> Any:
    """Return what an exported function makes of the values, as an array of numpy."""
    if importlib.util.find_spec(target) is None:
        pytest.skip(f"{target} is not here")
    return pool.submit(evaluated, found.to_python(target), target, name, given, first).result()


@pytest.mark.parametrize("target", ["jax", "torch"])
@pytest.mark.parametrize(("example", "where"), ROWS)
def test_a_row_yields_the_numbers_of_numpy(
    example: tuple[str, str], where: tuple[str, ...], target: str, process: Any
) -> None:
    found = found_for(*example, where)
    given = arguments(found)
    wanted = called(process, found, "numpy", "gradient", given)
    got = called(process, found, target, "gradient", given)
    assert np.allclose(got.reshape(wanted.shape), wanted, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("f", "x", "where"), [(f, *rest) for f, rest in SECONDS.items()])
@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
def test_the_product_with_a_direction_is_that_of_the_hessian(
    f: str, x: str, where: Sequence[str], target: str, process: Any
) -> None:
    found = found_for(f, x, (*where, "hessian"))
    given = arguments(found)
    direction = np.random.default_rng(1).standard_normal(np.shape(given[found.arguments[x]]))
    whole = called(process, found, target, "hessian", given)
    along = called(process, found, target, "hessian_vector_product", given, direction)
    assert along.shape == direction.shape
    assert np.allclose(along.T.reshape(-1), whole @ direction.T.reshape(-1))
    assert "kron" not in found.to_python(target).split("def hessian_vector_product")[1]


def test_a_target_that_is_not_known() -> None:
    with pytest.raises(ValueError, match="use one of numpy, jax, torch, julia"):
        mdderive.derive("a^Tx", "x").to_python("fortran")  # type: ignore[union-attr]


@pytest.mark.parametrize(("example", "where"), ROWS)
def test_a_row_is_written_in_julia_or_refused(example: tuple[str, str], where: tuple[str, ...]) -> None:
    found = found_for(*example, where)
    try:
        source = found.to_python("julia")
    except mdderive.UnsupportedError as error:
        assert error.code == "E320"
    else:
        assert "np." not in source and "@" not in source and "**" not in source


def exported() -> str:
    return "\n".join(f"# {f} by {x}\n{found_for(f, x, where).to_python('julia')}" for f, x, where in SHOWN)


def test_julia_comes_out_as_it_did() -> None:
    assert exported() == GOLDEN.read_text(encoding="utf-8")


if __name__ == "__main__":
    GOLDEN.write_text(exported(), encoding="utf-8")
