"""One test for each promise of a row: an operator that is added needs no test of its own."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from test_expressions import same_value
from worked import example

import mdderive
from mdderive.algebra import operators
from mdderive.algebra.expressions import Apply, Operator, Symbol, walk
from mdderive.algebra.index_conditions import as_written
from mdderive.algebra.operators import by_name, by_spelling, table
from mdderive.algebra.operators.components import matrix_by_entries
from mdderive.algebra.operators.piecewise import cases, cases_with_equality
from mdderive.algebra.operators.vector_functions import along_row, function_of, partials_row, slopes_in
from mdderive.algebra.terms import normalise
from mdderive.api import to_source
from mdderive.checking.subject import Subject, subject
from mdderive.question.question import read_question
from mdderive.solution.identities import use_identities

ROWS = [pytest.param(row, id=row.name) for row in table()]
CALLABLE = [pytest.param(row, id=row.name) for row in table() if row.numpy not in ("d",)]


@pytest.mark.parametrize("row", ROWS)
def test_it_says_what_it_is(row: Operator) -> None:
    assert row.name
    assert any(x.isdigit() for x in row.source), "which chapter, section or equation?"
    assert row.rule.en
    assert row.rule.zh
    for words in (row.rule, row.why, row.worked, row.adjoint_rule, row.condition):
        assert words is None or (words.en.count("$") % 2 == 0 and words.zh.count("$") % 2 == 0)


@pytest.mark.parametrize("row", ROWS)
def test_its_example_is_derived_and_every_line_verified(row: Operator) -> None:
    found = example(row)
    assert found.check.ok
    assert found.check.max_relative_error < (1e-8 if found.working.analytic else 1e-6)


@pytest.mark.parametrize("row", ROWS)
def test_its_example_uses_it(row: Operator) -> None:
    f, variable = row.example
    question = read_question(f, variable, row.where)
    roots = (question.f, *(body for _, body in question.definitions))
    used = {x.operator for root in roots for x in walk(root) if isinstance(x, Apply)}
    written = {x.operator for x in walk(normalise(use_identities(question.f)[0])) if isinstance(x, Apply)}
    appears = {x.operator for step in example(row).steps for x in walk(step.right) if isinstance(x, Apply)}
    gradient = {x.operator for x in walk(example(row).gradient) if isinstance(x, Apply)}
    assert row in used | written | appears | gradient


@pytest.mark.parametrize("row", ROWS)
def test_it_has_one_rule_of_differentiation(row: Operator) -> None:
    constant = not row.signatures and row.adjoint is None and row.differential is None
    partly_linear = row.of_vec or row in (cases, cases_with_equality, matrix_by_entries)  # alone, or together
    assert constant or partly_linear or (row.adjoint is None) != (row.differential is None)


@pytest.mark.parametrize("row", ROWS)
def test_every_line_of_its_example_reads_back_as_what_it_is(row: Operator) -> None:
    f, variable = row.example
    question = read_question(f, variable, row.where)
    points = subject(question.f, question.definitions)
    assert same_value(str(question.f), question, points, question.f)
    gradient = example(row).gradient
    plain = as_written(gradient) is gradient  # else letters stand at the index of a maximum
    if plain and not any(isinstance(x, Apply) and x.operator.in_components for x in walk(gradient)):
        assert same_value(str(gradient), question, points, gradient)


@pytest.mark.parametrize("row", [x for x in ROWS if x.values[0].numpy])
def test_its_exported_source_computes_the_gradient(row: Operator) -> None:
    found = example(row)
    space: dict[str, object] = {}
    exec(found.to_python(), space)
    points = subject(found.working.question.f, found.working.question.definitions)
    symbols = found.working.question.symbols
    arguments = {}
    for latex, name in found.arguments.items():
        symbol = symbols.get(latex)
        if symbol is None:
            continue  # a function, or a size
        arguments[name] = at_first_point(points, points.at(symbol), symbol)
    if r"\sigma" in str(found.working.question.f).replace(r"\sigma_", ""):
        from mdderive.algebra.operators.entrywise import stand_in

        arguments |= {"sigma": lambda a: stand_in(0, a), "sigma_prime": lambda a: stand_in(1, a)}
    arguments |= _callables(found, points)
    value = space["gradient"](**arguments)  # type: ignore[operator]
    jacobian = found.working.in_vec_form
    truth = (
        points.jacobian(found.variable)[0].T
        if jacobian
        else at_first_point(points, points.gradient(found.variable), found.variable)
    )
    np.testing.assert_allclose(value, truth, rtol=1e-8, atol=1e-9)


def test_several_variables_are_one_module_with_a_name_each() -> None:
    space: dict[str, object] = {}
    found = mdderive.derive("x^T W y", "x, W")
    assert isinstance(found, tuple)
    exec(to_source(found, "numpy"), space)
    x, y = np.ones((2, 1)), np.array([[1.0], [2.0], [3.0]])
    weights = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(space["gradient_x"](x=x, W=weights, y=y), weights @ y)  # type: ignore[operator]
    np.testing.assert_allclose(space["gradient_W"](x=x, W=weights, y=y), x @ y.T)  # type: ignore[operator]


def _callables(found: mdderive.Derivation, points: Subject) -> dict[str, object]:
    """Return what stands for vector functions, and for their derivatives, by the names that they have in a program."""
    callables: dict[str, object] = {}
    for x in (x for value in (found.working.question.f, found.gradient) for x in walk(value)):
        function = function_of(x)
        if isinstance(x, Apply) and function is not None and x.operator.sized_value is not None:
            name = function.latex + function.derivatives(x.arguments[0])[function.order]
            callables[name] = partial(lambda node, a: node.operator.sized_value(node, (a,), points.points), x)
        function = slopes_in(x)
        if isinstance(x, Apply) and function is not None:
            slopes = partial(_slopes, x, points)
            *others, last = (function.latex + ending for ending in function.derivatives(x.arguments[0]))
            callables = dict.fromkeys(others, slopes) | callables | {last: slopes}
    return callables


def _slopes(node: Apply, points: Subject, a: np.ndarray) -> np.ndarray:
    """Return the partial derivatives of a matrix function, or the Hessians of the components of a vector function."""
    of_matrix = node.operator is partials_row
    size = len(a) if of_matrix else points.points.size(node.parameters[0].rows)
    row = along_row if of_matrix else node.operator
    compute = row.sized_value
    assert compute is not None
    return np.array([compute(node, (a, unit), points.points) for unit in np.eye(size)[..., None]])


def at_first_point(points: Subject, array: np.ndarray, symbol: Symbol) -> np.ndarray:
    """Return the value at the first point: (members, rows, columns) for a family, else (rows, columns)."""
    first = array[0]
    if symbol.index:
        behind = range(-2 - len(symbol.index), -2)
        first = np.moveaxis(first, [points.points.axes[x] for x in symbol.index], behind)
        return first.reshape(first.shape[behind[0] :])
    first = first.reshape(array.shape[-2:])
    return first[0, 0] if symbol.is_scalar else first


EVERY_ROW = """
import gc
from mdderive.algebra.expressions import Operator
from mdderive.algebra.operators import table
rows = table()
print([x.name for x in gc.get_objects() if isinstance(x, Operator) and x not in rows])
"""


def test_no_row_is_made_that_the_table_does_not_have() -> None:
    """A row that no module names would be silently absent."""
    found = subprocess.run([sys.executable, "-c", EVERY_ROW], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_row_in_a_new_module_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "appended.py").write_text(
        "from mdderive.algebra.operators.norms import norm\nappended = norm.but(name='appended norm')\n"
    )
    monkeypatch.setattr(operators, "__path__", [*operators.__path__, str(tmp_path)])
    assert "appended norm" in {row.name for row in operators.rows_of(operators.modules())}
    monkeypatch.delitem(sys.modules, "mdderive.algebra.operators.appended")


def test_the_adjugate_has_a_section_of_its_own() -> None:
    """The one before it is that of the pseudo-inverse."""
    assert by_name("adjugate").source.endswith("ch. 8, sec. 6")


def test_a_name_that_is_taken_twice_is_an_error() -> None:
    twin = ModuleType("twin")
    vars(twin)["norm"] = table()[0].but()
    with pytest.raises(ValueError, match="two rows are called"):
        operators.rows_of([*operators.modules(), twin])


@pytest.mark.parametrize(
    ("twin", "message"),
    [
        (by_name("determinant").but(name="twin", notations=()), "the spelling .* is taken twice"),
        (by_name("determinant").but(name="twin", spellings=()), "the notation .* is taken by"),
    ],
)
def test_what_is_taken_twice_fails_before_any_formula_is_read(
    monkeypatch: pytest.MonkeyPatch, twin: Operator, message: str
) -> None:
    home = ModuleType("twin")
    vars(home)["twin"] = twin
    homes = [*operators.modules(), home]
    monkeypatch.setattr(operators, "modules", lambda: homes)
    with pytest.raises(ValueError, match=message):
        operators.table.__wrapped__()


def test_a_spelling_belongs_to_one_row_for_each_shape() -> None:
    for spelling, rows in by_spelling().items():
        signatures = [s for row in rows for s in row.signatures]
        assert len(signatures) == len(set(signatures)), spelling
