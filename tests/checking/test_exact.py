"""Lines decided exactly: what the field says of them is true, and planted errors, however small, are rejected."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from mutants import Line, mutants, survey
from test_corpus import PUBLISHED, Entry, clauses
from worked import example

import mdderive
from mdderive.algebra.arithmetic import Arithmetic
from mdderive.algebra.expressions import Apply, Expr, Number, Operator, Symbol, walk
from mdderive.algebra.numbers import PRIMES, Jet, Matrix, eye, turned
from mdderive.algebra.operators import table
from mdderive.algebra.operators.structural import matrix_power_row
from mdderive.algebra.properties import PROPERTIES
from mdderive.algebra.terms import build, multiply, substitute, transpose
from mdderive.calculus.structure import STRUCTURES
from mdderive.checking.exact import Exact
from mdderive.checking.judge import Truth
from mdderive.checking.spots import Spots
from mdderive.errors import DeriveError
from mdderive.question.question import read_question
from mdderive.solution.passes import written_out

EVERY = 12
"""One in so many entries of the corpus is derived here; `EVERY=1` derives all, which takes a minute."""


# --- the field


@pytest.mark.parametrize("prime", PRIMES)
def test_a_prime_is_safe_and_small_numbers_are_squares_of_it(prime: int) -> None:
    at = Arithmetic(prime)
    half = (prime - 1) // 2
    assert all(pow(base, n - 1, n) == 1 for n in (prime, half) for base in (2, 3, 5, 7, 11, 13))
    assert all(at.is_square(x) for x in range(1, 32))
    assert not at.is_square(prime - 1)


def test_the_determinant_and_the_adjugate_of_a_jet() -> None:
    at = Arithmetic(PRIMES[0], crossed=True)
    value = [[2, 3, 5], [7, 11, 13], [17, 19, 23]]
    a = Jet({0: value, 1: [[1, 0, 0], [0, 0, 0], [0, 0, 0]], 2: [[0, 0, 0], [0, 1, 0], [0, 0, 0]]})
    adjugate, determinant = at.adjugate_and_determinant(a)
    p = at.prime
    assert determinant.number == round(np.linalg.det(value)) % p
    assert determinant.parts[1] == [[(11 * 23 - 13 * 19) % p]]
    assert determinant.parts[3] == [[23]]
    assert at.times(a, adjugate).value == [[determinant.number * x % p for x in row] for row in eye(3)]
    inverse = at.inverse(a)
    assert at.times(a, inverse).parts == {0: eye(3), 1: [[0] * 3] * 3, 2: [[0] * 3] * 3, 3: [[0] * 3] * 3}


def test_long_products_and_powers_are_those_of_factors_one_by_one() -> None:
    at = Arithmetic(PRIMES[0])
    jets = [Jet({0: [[k, 2, 3 * k], [1, k * k, 5]], 1: [[1, k, 0], [0, 2, k]]}) for k in range(1, 7)]
    squares = [at.times(x, at.moved(y, turned)) for x, y in pairwise(jets)]
    for factors in (squares * 4, [squares[0]] * 21, squares[1:] * 3 + squares):
        one_by_one = factors[0]
        for x in factors[1:]:
            one_by_one = at.times(one_by_one, x)
        assert at.times(*factors).parts == one_by_one.parts
        assert at.times(*factors).degree == one_by_one.degree
    for exponent in (0, 1, 2, 7, 8, 6, 21):
        assert at.whole_power(squares[0], exponent).parts == at.times(Jet({0: eye(2)}), *[squares[0]] * exponent).parts


def test_the_degree_of_a_quotient_bounds_that_of_its_slope() -> None:
    at = Arithmetic(PRIMES[0])
    x = Jet({0: [[5]], 1: [[1]]}, Jet({}).degree._replace(above=1))
    found = at.reciprocal(at.plus(at.scalar(1), at.times(x, x)))
    assert found.degree.below >= 2
    assert found.degree.moved().below >= 4


@pytest.mark.parametrize("row", PROPERTIES, ids=[row.name for row in PROPERTIES])
def test_a_property_is_met_exactly(row: Any) -> None:
    at = Arithmetic(PRIMES[0])
    for kind in range(6):
        value = [[pow(i + 2, 7 * j + 5, at.prime) for j in range(4)] for i in range(4)]
        _assert_holds(row.name, at, row.exact(at, value, lambda n, k=kind: k % n))


def _assert_holds(name: str, at: Arithmetic, a: Matrix) -> None:
    jet, p = Jet({0: a}), at.prime
    if name in ("SPD", "symmetric", "symmetric Toeplitz"):
        assert a == turned(a)
    if name == "skew-symmetric":
        assert at.plus(jet, Jet({0: turned(a)})).value == [[0] * 4] * 4
    if name == "orthogonal":
        assert at.times(jet, Jet({0: turned(a)})).value == eye(4)
        assert at.determinant(jet).number in (1, p - 1)
    if name == "idempotent":
        assert at.times(jet, jet).value == a
    if name in ("Toeplitz", "symmetric Toeplitz"):
        assert all(a[i][j] == a[i + 1][j + 1] for i in range(3) for j in range(3))
    if name == "probability":
        assert all(sum(column) % p == 1 for column in turned(a))
    if name == "one-hot":
        assert all(sorted(column) == [0, 0, 0, 1] for column in turned(a))
    if name == "positive":
        assert all(at.is_square(x) for row in a for x in row)


def test_an_orthogonal_matrix_has_both_determinants_and_a_projection_every_rank() -> None:
    at = Arithmetic(PRIMES[0])
    by_name = {row.name: row for row in PROPERTIES}
    value = [[(i + 2) ** (j + 3) % 1009 for j in range(4)] for i in range(4)]
    found = {at.determinant(Jet({0: by_name["orthogonal"].exact(at, value, lambda n, k=k: k)})).number for k in (0, 1)}
    assert found == {1, at.prime - 1}
    ranks = {at.trace(Jet({0: by_name["idempotent"].exact(at, value, lambda n, k=k: k)})).number for k in range(5)}
    assert ranks == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("structure", STRUCTURES, ids=[min(x.properties) for x in STRUCTURES])
def test_a_structure_ties_the_same_entries_in_both_evaluators(structure: Any) -> None:
    for i in range(3):
        for j in range(3):
            one = [[int((i, j) == (k, m)) for m in range(3)] for k in range(3)]
            assert np.array_equal(structure.tie(one), structure.direction(np.array(one, dtype=float)))


# --- both evaluators


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in table()])
def test_every_row_has_the_same_derivative_in_both_evaluators(row: Operator) -> None:
    """Neither knows of the other: a row whose exact value is of another function fails here."""
    if row.binds_index:
        return
    for (truth, line), check in checked_lines(example(row).working.question):
        printed, expected = truth.floating(truth.judge.points, line)
        in_full = written_out(line, dict(truth.judge.question.definitions))
        assert check.ok and (check.exact or needs_floats(in_full)), str(line)
        assert truth.judge.points.compare(printed, expected).ok


def needs_floats(line: Expr) -> bool:
    """Whether a line has a function without an exact value, or a root of a matrix, of which the field knows little."""
    nodes = [x for x in walk(line) if isinstance(x, Apply)]
    exponents = [x.arguments[1] for x in nodes if x.operator is matrix_power_row]
    roots = any(isinstance(x, Number) and x.value.denominator != 1 for x in exponents)
    return roots or any(x.operator.exact is None for x in nodes)


def checked_lines(question: Any) -> Iterator[tuple[tuple[Truth, Expr], Any]]:
    """Yield what is checked on the way to a solution, and how it fared."""
    from mdderive.solution.work import work

    honest, lines = Truth.check, []

    def remember(truth: Truth, line: Expr) -> Any:
        check = honest(truth, line)
        lines.append(((truth, line), check))
        return check

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Truth, "check", remember)
        work(question)
    yield from lines


# --- the published derivatives


def questions(entries: list[Entry]) -> Iterator[Any]:
    for entry in entries:
        try:
            yield read_question(entry["f"], entry["wrt"], clauses(entry))
        except DeriveError:
            continue


@pytest.fixture(scope="module")
def lines() -> list[tuple[tuple[Truth, Expr], Any]]:
    found = []
    for question in questions(PUBLISHED[::EVERY]):
        try:
            found += list(checked_lines(question))
        except DeriveError:
            continue
    return found


def test_the_lines_of_published_derivatives_are_decided_exactly(lines: list[tuple[tuple[Truth, Expr], Any]]) -> None:
    kinds = Counter(check.exact for _, check in lines)
    assert kinds[True] >= 0.97 * kinds.total(), kinds
    assert all(check.error_bound < 1e-20 for _, check in lines if check.exact)


def test_mutants_are_rejected(lines: list[tuple[tuple[Truth, Expr], Any]]) -> None:
    """No line that differs is accepted; `python tests/checking/mutants.py` tries ten thousand."""
    tried = 0
    for (truth, line), _ in lines:
        place, every = Line(truth, line), mutants(line)
        for slip, other in random.Random(str(line)).sample(every, min(3, len(every))):
            tried += 1
            assert not place.accepts(other) or place.equals(other), f"{slip}: {line} became {other}"
    assert tried > 300


def test_mutants_of_stationary_points_are_rejected() -> None:
    asked = [
        (r"\|Ax-b\|^2", "x", ["subject to: Cx = d"]),
        (r"\|X-A\|_F^2", "X", ["X: orthogonal", "A: n x n"]),
        (r"\|AX-B\|_F^2", "X", ["X: lower triangular"]),
        (r"c^Tp-p^T\log p", "p", ["p: probability"]),
        (r"\nu\log\det\Sigma+\operatorname{tr}(\Sigma^{-1}S)", r"\Sigma", [r"\Sigma: SPD", "S: SPD", r"\nu: scalar"]),
    ]
    found = survey((read_question(f, x, ["solve", *where]) for f, x, where in asked), per_line=4)
    assert found.tried.total() > 80
    assert found.accepted == []


# --- relations


@pytest.mark.parametrize(
    ("left", "right", "variable"),
    [
        (r"\|-2Ax\|", r"2\|Ax\|", "x"),
        (r"\operatorname{tr}(A^{-1}B)", r"\operatorname{tr}(BA^{-1})", "B"),
        (r"\exp(a^Tx)\exp(-a^Tx)", "1", "x"),
        (r"\det(AB)", r"\det(A)\det(B)", "A"),
        (r"\log(x^2y)", r"2\log x+\log y", "x"),
        (r"\log\frac{x}{6}", r"\log x-\log 2-\log 3", "x"),
        (r"x^{p}x^{-p}", "1", "x"),
        (r"\sin(x)^2\cos(y)", r"\sin(-x)^2\cos(-y)", "x"),
        ("|x|^2", "x^2", "x"),
        (r"|x-y|", "|-2y+2x|/2", "x"),
        (r"|x|^{p-2}x^2", "|x|^p", "x"),
        (r"\operatorname{sgn}(x)\operatorname{sgn}(3x)|y|", r"\operatorname{sgn}(y)y", "x"),
        (r"\operatorname{relu}(x)\operatorname{relu}(-x)", "0", "x"),
        (r"\operatorname{relu}(x)-\operatorname{relu}(-x)", "x", "x"),
        (r"\operatorname{relu}(x)^2+\operatorname{relu}(-x)^2", "x^2", "x"),
    ],
)
def test_relations_of_real_numbers_hold_in_the_field(left: str, right: str, variable: str) -> None:
    assert verdict(left, right, variable) == "true"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (r"\sqrt{x^2}", "x"),  # on one side of zero
        (r"\sqrt{x^2}", "|x|"),  # a root of a square: its sign is not settled
        (r"\sqrt{x}\sqrt{xy^2}", "xy"),
        (r"\operatorname{relu}(x)", "x"),
        (r"|x|", "x"),
        (r"|x-1||x-2|", "(x-1)(x-2)"),
        (r"\operatorname{relu}(x-2)", "0"),
        (r"\operatorname{relu}(x)\operatorname{relu}(y)|xy|", "|xy|xy"),
        (r"\operatorname{relu}(x)\operatorname{relu}(y)\operatorname{relu}(x+y)", "0"),
        (r"\sqrt{|x|}\sqrt{|x|y^2}", "xy"),
        (r"\sqrt{|x|x}", "x"),
        (r"\operatorname{sgn}(x)^p", "1"),
        (r"\exp(x+y)", r"\exp(x)\exp(y)"),
        (r"\sin(2x)", r"2\sin(x)\cos(x)"),
    ],
)
def test_what_hangs_on_a_branch_or_on_a_functional_equation_is_left_to_others(left: str, right: str) -> None:
    assert verdict(left, right, "x") == "undecided"


@pytest.mark.parametrize(
    ("left", "right"), [("x^2", "x^2+10^{-13}x"), (r"\log x+x", r"\log x+2x"), (r"\sqrt{x}+x", r"\sqrt{x}")]
)
def test_what_is_rational_is_refuted(left: str, right: str) -> None:
    q = read_question(left, "x", ["x: scalar"])
    other = read_question(right, "x", ["x: scalar"])
    found = Exact(Spots(q.f, {}), q.variables).is_equal(other.f, q.f)
    assert found.status == ("false" if left == "x^2" else "undecided")


def verdict(left: str, right: str, variable: str) -> str:
    formula = f"({left})-({right})"
    of_matrices = "A" in formula or "a^T" in formula
    letters = formula.replace("exp", "").replace("operatorname", "")
    q = read_question(formula, variable, [] if of_matrices else [f"{x}: scalar" for x in "xyp" if x in letters])
    return Exact(Spots(q.f, {}), q.variables).is_equal(q.f, Number(Fraction(0))).status


# --- stationary points


@pytest.mark.parametrize(
    ("f", "variable", "where"),
    [
        (r"\|Xw-y\|^2+\lambda\|w\|^2", "w", [r"\lambda: positive"]),
        (r"\|AX-B\|_F^2", "X", ["X: symmetric"]),
        (r"\log\det X-\operatorname{tr}(SX)", "X", ["X: SPD", "S: SPD"]),
        (r"\|x-v\|^2", "x", ["subject to: Ax = b"]),
        (r"\sum_{i=1}^N(y_i-\alpha-\beta x_i)^2", r"\alpha, \beta", []),
    ],
)
def test_that_gradients_vanish_is_decided_exactly(f: str, variable: str, where: list[str]) -> None:
    found = mdderive.derive(f, variable, where=["solve", *where])
    (one, *_) = found if isinstance(found, tuple) else (found,)
    checks = [x.check for x in one.working.stationary.values()]
    assert checks and all(x.exact and x.error_bound < 1e-15 for x in checks)


def test_a_point_that_is_not_stationary_is_refuted_exactly() -> None:
    q = read_question(r"\|Ax-b\|^2", "x", [])
    other = read_question(r"(A^TA)^{-1}A^Tb", "A", ["A: m x n", "b: vector"])
    (x,) = q.variables
    exact = Exact(Spots(q.f, {}), (x,))
    letters = {y.latex: y for y in q.f.symbols}
    value = substitute(other.f, {y: letters[y.latex] for y in other.f.symbols}, build)
    assert exact.vanishes({x.at_rest: value}, {}).status == "true"
    nearly = multiply(Number(1 + Fraction(1, 10**9)), value)
    assert exact.vanishes({x.at_rest: nearly}, {}).status == "false"


# --- numpy


def test_what_is_decided_exactly_needs_no_numpy() -> None:
    script = (
        "import sys, mdderive\n"
        "class Absent:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.partition('.')[0] == 'numpy': raise ImportError(name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        r"print(mdderive.derive(r'\log\det(X)+\|Xw-y\|', 'X', ['hessian']).to_markdown())"
    )
    without = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert without.stdout.strip() == mdderive.derive(r"\log\det(X)+\|Xw-y\|", "X", ["hessian"]).to_markdown().strip()
    asked = [sys.executable, "-X", "importtime", "-m", "mdderive", "-e", r"\derive<\|Xw-y\|^2><w>"]
    found = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert "Verified exactly" in found.stdout
    assert " numpy" not in found.stderr


def test_a_hessian_that_is_not_symmetric_is_refuted() -> None:
    q = read_question("x^TAx", "x", ["hessian"])
    (a,) = (x for x in q.f.symbols if x.latex == "A")
    exact = Exact(Spots(q.f, {}), q.variables)
    twice = multiply(Number(Fraction(2)), a)
    assert exact.is_second(twice, q.variables[0], q.f).status == "false"


def test_a_gradient_of_another_shape_is_refuted() -> None:
    q = read_question("a^Tx", "x", [])
    (a,) = (x for x in q.f.symbols if isinstance(x, Symbol) and x.latex == "a")
    exact = Exact(Spots(q.f, {}), q.variables)
    assert exact.is_gradient(a, q.variables[0], q.f).status == "true"
    assert exact.is_gradient(transpose(a), q.variables[0], q.f).status == "false"
