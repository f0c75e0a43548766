"""Exports: every row's example yields the numbers of numpy in jax and torch; Julia, which is not run, is shown.

After a change that is meant, `make goldens` writes what is exported for Julia now.
"""

from __future__ import annotations

import ast
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from places import GOLDEN
from worked import worked

import mdderive
from mdderive.algebra.expressions import Operator, Symbol
from mdderive.algebra.operators import table
from mdderive.checking.subject import subject
from mdderive.render.code.arguments import argument_name, functions

Run = Callable[..., Any]
HERE = Path(__file__).parent
JULIA = GOLDEN / "exports.jl"
ROWS = [pytest.param(row.example, row.where, id=row.name) for row in table() if row.numpy]
MATRIX = "lambda a: a @ a.T"
"""What stands for the Jacobian of a vector function."""
MATRICES = "lambda a: a.reshape(-1, 1, 1) * (a @ a.T)"
"""What stands for the partial derivatives of a matrix function."""
CUBE = ("lambda a: a**3", "lambda a: 3 * a**2", "lambda a: 6 * a", "lambda a: 0 * a + 6")
"""A function and its derivatives, for arrays of every kind."""
SECONDS = [
    (r"\|Xw-y\|^2+\lambda\|w\|^2", "w", ("X: m x n",)),
    (r"\sum_{i=1}^n\log(1+e^{-y_iw^Tx_i})", "w", ("y_i: scalar", "x_i: vector")),
    (r"\mathbf{1}^T\log(1+\exp(-y\odot(Xw)))", "w", ()),
    (r"\operatorname{tr}(X^TAXB)", "X", ()),
    (r"-y^T\log\operatorname{softmax}(Wx)", "W", ("y: one-hot",)),
    (r"a^T\exp(XB)b", "X", ()),
    (r"\log\det X", "X", ()),
    (r"\|X^TX-A\|^2", "X", ("A: symmetric",)),
    (r"x^TAx", "x", ()),
]
SHOWN = [
    (r"a^TXb", "X", ()), (r"\|Xw-y\|^2", "w", ("solve",)), (r"\sum_{i=1}^n (w^Tx_i-y_i)^2", "w", ()),
    (r"\sum_{i=1}^n \sigma(w^Tx_i)", "w", ()), (r"\log\det X + x^TX^{-1}x", "X", ("X: SPD",)),
    (r"-y^T\log\operatorname{softmax}(Wx)", "W", ("y: one-hot", "hessian")), (r"\|x\|", "x", ()), ("AXB", "X", ()),
]  # fmt: skip


CALLED = re.compile(r"(?<![\w.])([A-Za-z_]\w*)(?=[(.])")
HIDING = [
    (r"\mathrm{sum}\sum_{i=1}^N (x_i^T w)^2", "w", ()), (r"\mathrm{range}\sum_{i=1}^N (x_i^T w)^2", "w", ()),
    (r"\sum_{i=1}^N (i_i^T w)^2", "w", ()), (r"\sum_{i=1}^N\sum_{j=1}^M (x_i^T W j_j)", "W", ()),
    (r"\mathrm{size}_N\sum_{i=1}^N (x_i^T w)^2", "w", ()), (r"\mathrm{float}^T w", "w", (r"\mathrm{float}: vector",)),
]  # fmt: skip
"""Letters that are called like what a source calls, or like an index of its sums."""
QUICKLY = {**os.environ, "XLA_FLAGS": "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"}
"""jax compiles each operation for itself, and runs it once."""
TARGETS = [target for target in ("jax", "torch") if find_spec(target)]
"""The targets that are here to be run beside numpy; what is not is skipped once, not in every row."""


@pytest.fixture(scope="module")
def runners() -> Iterator[Callable[[str], Run]]:
    """Yield what gives the function (source, name, *positional, **named) -> value for a target, skipping if missing."""
    children: dict[str, subprocess.Popen[bytes]] = {}

    def runner(target: str) -> Run:
        if target == "numpy":
            return by_numpy
        if find_spec(target) is None:
            pytest.skip(f"{target} is not installed")
        if target not in children:
            command = [sys.executable, "-W", "ignore", str(HERE / "exported_runner.py"), target]
            children[target] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=QUICKLY)
            assert pickle.load(pipe(children[target].stdout)) == "ready"
        return lambda source, name, *positional, **named: asked(children[target], (source, name, positional, named))

    yield runner
    for child in children.values():
        pipe(child.stdin).close()
        child.wait()
        pipe(child.stdout).close()


@pytest.mark.parametrize("target", ["jax", "torch"])
def test_a_target_is_here_to_be_run(target: str) -> None:
    if target not in TARGETS:
        pytest.skip(f"{target} is not installed")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("example", "where"), ROWS)
def test_a_row_yields_the_numbers_of_numpy(
    example: tuple[str, str], where: tuple[str, ...], target: str, runners: Callable[[str], Run]
) -> None:
    run, found = runners(target), derived(*example, where)
    given = values(found)
    wanted = by_numpy(found.to_python(), "gradient", **given)
    got = run(found.to_python(target), "gradient", **given)
    assert got.shape == np.shape(wanted)
    np.testing.assert_allclose(got, wanted, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("target", ["numpy", *TARGETS])
@pytest.mark.parametrize(("f", "x", "where"), SECONDS, ids=[x[0] for x in SECONDS])
def test_the_product_with_a_direction_is_that_of_the_hessian_and_made_without_it(
    f: str, x: str, where: Sequence[str], target: str, runners: Callable[[str], Run]
) -> None:
    found = derived(f, x, (*where, "hessian"))
    source, given, run = found.to_python(target), values(found), runners(target)
    direction = np.random.default_rng(1).standard_normal(np.shape(given[found.arguments[x]]))
    along = run(source, "hessian_vector_product", direction, **given)
    assert along.shape == direction.shape
    whole = run(source, "hessian", **given)
    np.testing.assert_allclose(along.T.reshape(-1), whole @ direction.T.reshape(-1), rtol=1e-8, atol=1e-9)
    assert "kron" not in function(source, "hessian_vector_product")


SIZES_FOUND = [
    (r"\|\operatorname{diag}(w)\|_F^2", "w", (), ["w"]),
    (r"\sum_{i=1}^{3}a^Tx", "x", (), ["a", "x"]),
    (r"\sum_{i=1}^{N}b^Tx", "x", (), ["b", "x", "N"]),
    (r"\sum_{i=1}^Nix^Tx", "x", (), ["x", "N"]),
    (r"n\mathbf 1", "n", ("jacobian",), ["n", "m"]),
    (r"x^T(n\mathbf 1)", "x", (), ["x", "n"]),
    (r"\sum_i(x_i-c)^2", "x", (r"c=\frac1n\sum_ix_i",), ["x", "n"]),
    (r"\frac1n\sum_{i=1}^n w^Tx_i", "w", (), ["w", "x"]),
]


@pytest.mark.parametrize(("f", "x", "where", "names"), SIZES_FOUND, ids=[x[0] for x in SIZES_FOUND])
def test_a_size_that_no_array_has_is_an_argument(f: str, x: str, where: Sequence[str], names: list[str]) -> None:
    found = derived(f, x, where)
    assert list(found.arguments.values()) == names
    points = subject(found.working.question.f, found.working.question.definitions)
    truth = points.value(found.gradient)
    got = by_numpy(found.to_python(), "gradient", **values(found))
    np.testing.assert_allclose(got, truth.reshape(-1, *truth.shape[-2:])[0], rtol=1e-9)


@pytest.mark.parametrize("target", ["numpy", "jax", "torch", "julia"])
def test_the_source_says_what_was_read(target: str) -> None:
    source = derived(r"\|Xw-y\|^2+\lambda w^Tw", "w").to_python(target)
    said = "# f = \\lVert Xw-y\\rVert^2+\\lambda w^\\top w\n# X: m x n, w: n x 1, y: m x 1, \\lambda: 1 x 1\n"
    assert source.startswith(said)


@pytest.mark.parametrize("f", [r"\frac{x^TAx}{x^Tx}", r"\left(\frac{x^TAx}{x^Tx}\right)^2", r"\frac{2}{x^Tx}(a^Tx)"])
def test_a_shared_part_is_used_where_it_divides(f: str) -> None:
    source = derived(f, "x").to_python()
    assert source.count("x.T @ x\n") == 1
    assert source.count("/ part_1") == 2


def test_a_product_with_a_direction_goes_from_the_right() -> None:
    source = derived(r"\|Xw-y\|^2", "w", ("X: m x n", "hessian")).to_python()
    assert "2 * (X.T @ (X @ direction))" in source


def test_jax_compiles_what_is_exported(runners: Callable[[str], Run]) -> None:
    found = derived(r"\|Xw-y\|^2", "w", ("X: m x n",))
    given = values(found)
    compiled = "import jax\ndef compiled(**given):\n    return jax.jit(gradient)(**given)\n"
    got = runners("jax")(found.to_python("jax") + compiled, "compiled", **given)
    np.testing.assert_allclose(got, 2 * given["X"].T @ (given["X"] @ given["w"] - given["y"]))


def test_torch_keeps_the_type_of_its_arguments_and_differentiates_further(runners: Callable[[str], Run]) -> None:
    found = derived(r"x^TAx+c\|x\|^2", "x")
    given = {"A": np.arange(9, dtype=np.float32).reshape(3, 3), "x": np.ones((3, 1), np.float32), "c": 2}
    run, source = runners("torch"), found.to_python("torch")
    assert run(source, "gradient", **given).dtype == np.float32
    further = (
        "def further(x, **given):\n"
        "    return torch.autograd.functional.jacobian(lambda x: gradient(x=x, **given), x)[:, 0, :, 0]\n"
    )
    got = run(source + further, "further", **given)
    np.testing.assert_allclose(got, given["A"] + given["A"].T + 4 * np.eye(3))


FLAT = [(r"a^TXb", "X", "a"), (r"a^TXb", "X", "X"), (r"\sum_{i=1}^N\|x_i-c\|^2", "c", "x"), (r"\|c\|^2", "c", "c")]


@pytest.mark.parametrize("target", ["numpy", *TARGETS])
@pytest.mark.parametrize(("f", "variable", "flat"), FLAT)
def test_an_array_without_rows_and_columns_is_refused(
    f: str, variable: str, flat: str, target: str, runners: Callable[[str], Run]
) -> None:
    found = derived(f, variable, ())
    given = dict(values(found))
    given[flat] = given[flat].ravel()
    try:
        told = runners(target)(found.to_python(target), "gradient", **given)
    except (AssertionError, ValueError) as error:
        told = str(error)
    assert "a vector is an array of shape (n, 1)" in str(told)


def test_a_direction_without_rows_and_columns_is_refused() -> None:
    found = derived(r"\|Xw-y\|^2", "w", ("X: m x n", "hessian"))
    given = values(found)
    with pytest.raises(ValueError, match="a vector is an array"):
        by_numpy(found.to_python("numpy"), "hessian_vector_product", given["w"].ravel(), **given)


def test_the_length_of_a_sum_is_that_of_any_array_that_runs_over_it() -> None:
    found = derived(r"\sum_{i=1}^{N}a^Tx+\sum_{j=1}^N y_j", "a", ())
    given = {"a": np.ones((2, 1)), "x": np.ones((2, 1)), "y": np.ones((5, 1, 1))}
    assert np.array_equal(by_numpy(found.to_python("numpy"), "gradient", **given), 5 * given["x"])


@pytest.mark.parametrize("target", ["numpy", "jax", "torch", "julia", "sympy"])
@pytest.mark.parametrize("row", [row for row in table() if not row.numpy], ids=lambda row: row.name)
def test_what_no_program_can_hold_is_refused(row: Operator, target: str) -> None:
    with pytest.raises(mdderive.UnsupportedError, match=f"the {row.name} cannot be written in") as caught:
        derived(*row.example, row.where).to_python(target)
    assert caught.value.code == "E320"


def test_a_target_that_is_not_known() -> None:
    with pytest.raises(ValueError, match="use one of numpy, jax, torch, julia"):
        derived("a^Tx", "x").to_python("fortran")


@pytest.mark.parametrize(("example", "where"), ROWS)
def test_a_row_is_written_in_julia_or_refused(example: tuple[str, str], where: tuple[str, ...]) -> None:
    try:
        source = derived(*example, where).to_python("julia")
    except mdderive.UnsupportedError as error:
        assert error.code == "E320" and "Julia" in error.message
        return
    assert source.startswith("# f = ") and "\nusing LinearAlgebra\n\n" in source
    assert not any(python in source for python in ("np.", "@", "**", "lambda ", ".T", "def "))
    assert source.count("(") == source.count(")")


def test_julia_comes_out_as_it_did() -> None:
    assert exported() == JULIA.read_text(encoding="utf-8")


def exported() -> str:
    return "\n".join(f"# {f} by {x}\n{derived(f, x, where).to_python('julia')}" for f, x, where in SHOWN)


def derived(f: str, x: str, where: Sequence[str] = ()) -> mdderive.Derivation:
    return worked(f, x, tuple(where))


def values(found: mdderive.Derivation) -> Mapping[str, Any]:
    """Return arguments for the exported functions: those of the first random point, and cubes as the functions."""
    question = found.working.question
    points = subject(question.f, question.definitions)
    symbols = {name: question.symbols.get(latex) for latex, name in found.arguments.items()}
    sizes = points.points.sizes
    given = {
        name: at_first_point(points.at(x), x) for name, x in symbols.items() if x is not None and x.latex not in sizes
    }
    given |= {name: sizes[latex] for latex, name in found.arguments.items() if latex in sizes}
    callables = functions(found.working).values()
    given |= {name: text for names in callables for name, text in zip(names, CUBE)}  # noqa: B905
    of_matrices = [names[0] for names in callables if names[-1].endswith("_partials")]
    given |= {name: MATRIX for names in callables for name in names if name.endswith(("_jacobian", "_hessian"))}
    given |= dict.fromkeys(of_matrices, MATRIX)
    return given | {
        name: MATRICES for names in callables for name in names if name.endswith(("_partials", "_hessians"))
    }


def at_first_point(array: np.ndarray, symbol: Symbol) -> Any:
    lead, first = array.shape[1:-2], array[0]
    if symbol.index:
        members = [n for n in lead if n > 1] or [1]
        return first.reshape(*members, *array.shape[-2:])
    first = first.reshape(array.shape[-2:])
    number = float(first[0, 0])
    return first if not symbol.is_scalar else int(number) if "integer" in symbol.properties else number


def by_numpy(source: str, name: str, *positional: Any, **named: Any) -> Any:
    space: dict[str, Any] = {}
    exec(source, space)
    return np.asarray(space[name](*positional, **{k: eval(x) if isinstance(x, str) else x for k, x in named.items()}))


def asked(child: subprocess.Popen[bytes], question: Any) -> Any:
    """Return the answer of a process that runs exported functions."""
    pickle.dump(question, pipe(child.stdin))
    pipe(child.stdin).flush()
    answer = pickle.load(pipe(child.stdout))
    assert not isinstance(answer, str), answer
    return answer


def pipe(one: Any) -> Any:
    assert one is not None
    return one


def function(source: str, name: str) -> str:
    """Return the source of one function of a module."""
    (found,) = (x for x in ast.parse(source).body if isinstance(x, ast.FunctionDef) and x.name == name)
    return ast.unparse(found)


HELPERS_OWN = ("f", "a", "b", "c", "g", "l", "r", "x", "column", "terms")
"""What functions that a source brings along call their own arguments."""


def test_no_argument_hides_what_a_source_calls() -> None:
    for row in table():
        for code in [x for language in ("jax", "torch", "julia", "sympy") for x in getattr(row, language) or ()]:
            assert all(argument_name(x) != x for x in CALLED.findall(code) if x not in (*HELPERS_OWN, row.name)), (
                row.name,
                code,
            )
        for name in CALLED.findall(row.numpy or ""):
            assert argument_name(name) != name, (row.name, row.numpy)


@pytest.mark.parametrize(("f", "variable", "where"), HIDING)
def test_letters_that_are_called_like_functions_and_indices(f: str, variable: str, where: tuple[str, ...]) -> None:
    """Each of these was a source that calls a number, or takes a member of an index."""
    (derivation,) = [mdderive.derive(f, variable, where=list(where))]
    names = derivation.arguments
    sizes = {"n": 3, "m": 4, "N": 2, "M": 5}
    source = derivation.to_python("numpy")
    shapes = {latex: tuple(sizes.get(x, 1) for x in shape) for latex, shape in derivation.shapes.items()}
    generator = np.random.default_rng(1)
    given = {}
    for latex, name in names.items():
        members = (sizes["M" if latex.endswith("_j") else "N"],) if latex.endswith(("_i", "_j")) else ()
        value = generator.normal(size=(*members, *shapes[latex]))
        given[name] = float(value[0, 0]) if value.shape == (1, 1) else value
    run = by_numpy(source, "gradient", **given)
    assert np.all(np.isfinite(run))


if __name__ == "__main__":
    JULIA.write_text(exported(), encoding="utf-8")
