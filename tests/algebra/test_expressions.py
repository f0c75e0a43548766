"""Expressions: equal ones are one object, what is printed is read back as what it is, and the checks catch errors.

Random functions are built as LaTeX from shapes that fit; hypothesis prints the seed of what fails.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import EXHAUSTIVE

import mdderive
from mdderive.algebra.expressions import Apply, Expr, Number, Symbol, number, walk
from mdderive.algebra.operators import table
from mdderive.algebra.operators.spectra import vectors_of
from mdderive.algebra.operators.structural import add_row, product, transpose_row
from mdderive.algebra.operators.vector_functions import function_of
from mdderive.algebra.terms import normalise, reading_cost
from mdderive.checking.subject import Subject, subject
from mdderive.errors import DeriveError
from mdderive.latex.grammar import parse
from mdderive.question.clauses import Clauses
from mdderive.question.entries import wholes_of, with_entries
from mdderive.question.kinds import WHOLE, Declaration
from mdderive.question.marker import MarkerReader
from mdderive.question.question import Question, read_question
from mdderive.question.reading_back import read_back
from mdderive.question.typing import Assignment, Bundle, read
from mdderive.solution.passes import Prepared, written_out
from mdderive.solution.work import work

# --- reading back -----------------------------------------------------------------------------------------------


LOGISTIC = read_question(r"\sigma(t)", "t", [r"\sigma(a) = \frac{1}{1+\exp(-a)}"]).functions
"""What a solution says sigma is where the author's function has no such letter."""


def read_again(latex: str, question: Question, functions: Any, softmax: str) -> Expr:
    """Return what is printed as a claim about the question, which settles what `\\sin(X)` and `e_1` mean."""
    reader = MarkerReader(Clauses(), {})
    letters = tuple(parse(name, reader.spellings) for name, x in question.symbols.items() if not x.index)
    wholes = wholes_of(letters, letters, ())
    printed = with_entries(reader.read(latex, "f"), wholes, free=False)
    f, variable = (reader.read(str(x), "f") for x in (question.f, question.variables[0]))
    said = {name: declaration(x) for name, x in question.symbols.items() if name in reader.seen}
    said |= dict(vector_functions(question.f))
    bundle = Bundle(with_entries(f, wholes, free=False), (), (Assignment(variable, printed, claim=True),))
    return read(bundle, said, scalar=False, functions=functions, softmax=softmax).definitions[0][1]


def vector_functions(f: Expr) -> Iterator[tuple[str, Declaration]]:
    """Yield the vector and matrix functions in f, as they are declared."""
    for x in walk(f):
        function = function_of(x)
        if function is not None:
            rows, columns = ("*".join(size) or "1" for size in function.shape)
            yield function.latex, Declaration(rows, columns, "function", frozenset((WHOLE,)))


def declaration(symbol: Symbol) -> Declaration:
    rows, columns = ("*".join(x) or "1" for x in symbol.shape)
    kind = "scalar" if symbol.is_scalar else "column" if columns == "1" else "row" if rows == "1" else "matrix"
    return Declaration(rows, columns, kind, symbol.properties)


def same_value(latex: str, question: Question, points: Subject, expected: Expr) -> bool:
    """Whether `latex`, read again, has the value of `expected` at the random points."""
    introduced = LOGISTIC if r"\sigma" in latex and r"\sigma" not in str(question.f) else {}
    names = {x.operator.name for x in walk(question.f) if isinstance(x, Apply)}
    softmax = next((name for name in ("rows", "columns") if any(x.endswith(f"of the {name}") for x in names)), "")
    if any(vectors_of(x) for x in walk(question.f)):  # the letters of its unit vectors are none of the question's
        again = read_back(expected)
        assert again is not None
    else:
        again = read_again(latex, question, introduced, softmax)
    value = points.value(again)
    return bool(np.allclose(*np.broadcast_arrays(value, points.value(expected)), rtol=1e-8, atol=1e-9))


# --- random functions -------------------------------------------------------------------------------------------

MATRICES = {"A": (2, 2), "B": (2, 2), "X": (2, 2), "M": (2, 3), "N": (3, 2)}
"""Letters and sizes: 2 and 3 stand for the dimensions n and p."""
VECTORS = {"x": (2, 1), "b": (2, 1), "c": (3, 1)}
NAMES = {2: "n", 3: "p"}
WHERE = [f"{k}: {NAMES[r]} x {NAMES[c]}" for k, (r, c) in MATRICES.items()]
WHERE += [f"{k}: {NAMES[r]} x 1" for k, (r, _) in VECTORS.items()]

Shaped = tuple[str, tuple[int, int]]


def matrices(depth: int, shape: tuple[int, int]) -> st.SearchStrategy[str]:
    letters = [k for k, s in (MATRICES | VECTORS).items() if s == shape]
    turned = [f"{k}^T" for k, s in (MATRICES | VECTORS).items() if s == (shape[1], shape[0])]
    atoms = st.sampled_from(letters + turned) if letters + turned else st.nothing()
    if depth == 0:
        return atoms
    inner = matrices(depth - 1, shape)
    options = [atoms, st.tuples(inner, inner).map(lambda p: f"({p[0]}+{p[1]})")]
    options.append(st.tuples(inner, inner).map(lambda p: rf"({p[0]}\odot {p[1]})"))
    options.append(st.tuples(st.sampled_from(["2", r"\frac13"]), inner).map(lambda p: f"{p[0]}{p[1]}"))
    for k in (2, 3):
        left, right = matrices(depth - 1, (shape[0], k)), matrices(depth - 1, (k, shape[1]))
        options.append(st.tuples(left, right).map(lambda p: f"({p[0]})({p[1]})"))
    if 1 in shape:
        options.append(inner.map(lambda e: rf"\tanh({e})"))
        options.append(inner.map(lambda e: rf"\exp(\frac14({e}))"))
    return st.one_of(options)


def scalars(depth: int) -> st.SearchStrategy[str]:
    square = matrices(depth, (2, 2))
    column = matrices(depth, (2, 1))
    forms = st.one_of(
        square.map(lambda e: rf"\operatorname{{tr}}({e})"),
        st.tuples(column, column).map(lambda p: f"({p[0]})^T({p[1]})"),
        column.map(lambda e: rf"\|{e}\|^2"),
        square.map(lambda e: rf"\|{e}\|_F^2"),
        column.map(lambda e: rf"\log(\mathbf{{1}}^T\exp(\frac14({e})))"),
        column.map(lambda e: rf"b^T\operatorname{{softmax}}(\frac14({e}))"),
    )
    return st.lists(forms, min_size=1, max_size=2).map(" - ".join)


def letters_of(f: str) -> list[str]:
    """Return the letters of a random function, macros left out."""
    bare = re.sub(r"\\[a-z]+(\{[a-z]+\})?", " ", f)
    return [k for k in MATRICES | VECTORS if k in bare]


def shapes_of(f: str) -> list[str]:
    return [clause for clause in WHERE if clause[0] in letters_of(f)]


@settings(max_examples=120 if EXHAUSTIVE else 40)
@given(scalars(2), st.data())
def test_random_functions_are_derived_and_verified(f: str, data: Any) -> None:
    found = mdderive.derive(f, data.draw(st.sampled_from(letters_of(f))), where=shapes_of(f))
    assert isinstance(found, mdderive.Derivation)
    assert found.check.ok
    question = found.working.question
    points = subject(question.f, question.definitions)
    assert same_value(str(question.f), question, points, question.f)
    assert same_value(str(found.gradient), question, points, found.gradient)


@settings(max_examples=60 if EXHAUSTIVE else 20)
@given(scalars(2))
def test_the_normal_form_has_the_same_value_and_is_stable(f: str) -> None:
    question = read_question(f, letters_of(f)[0], shapes_of(f))
    normal = normalise(question.f)
    points = subject(question.f, ())
    values = np.broadcast_arrays(points.value(normal), points.value(question.f))
    np.testing.assert_allclose(*values, rtol=1e-9, atol=1e-9)
    assert normalise(normal) is normal


@settings(max_examples=60 if EXHAUSTIVE else 20)
@given(st.lists(scalars(1), min_size=2, max_size=3), st.randoms(use_true_random=False))
def test_the_order_of_the_terms_decides_the_order_of_the_answer_and_nothing_else(terms: list[str], rng: Any) -> None:
    terms = [f"({term})" for term in terms]
    other = rng.sample(terms, len(terms))
    letter = letters_of(terms[0])[0]
    first, second = (_derived("+".join(x), letter) for x in (terms, other))
    assert reading_cost(first) == reading_cost(second)
    question = read_question("+".join(terms), letter, shapes_of("+".join(terms)))
    points = subject(question.f, question.definitions)
    np.testing.assert_allclose(*np.broadcast_arrays(points.value(first), points.value(second)), rtol=1e-9, atol=1e-9)


def _derived(f: str, letter: str) -> Expr:
    found = mdderive.derive(f, letter, where=shapes_of(f))
    assert isinstance(found, mdderive.Derivation)
    return written_out(found.gradient, dict(found.working.question.definitions))  # the letters that long layers got


# --- planted errors ---------------------------------------------------------------------------------------------

PLANTED_IN = [
    ("a^T X b", "X", []),
    (r"\|Xw-y\|^2", "w", []),
    (r"-y^T\log\operatorname{softmax}(Wx)", "W", ["y: one-hot"]),
    (r"-y^T\log\operatorname{softmax}(W_2\sigma(W_1x))", "W_1", ["y: one-hot", "a_1 = W_1x", r"h_1 = \sigma(a_1)"]),
    (r"\log|\Sigma| + \frac1n\sum_{i=1}^n (x_i-\bar x)^T\Sigma^{-1}(x_i-\bar x)", r"\Sigma", []),
    (r"\operatorname{tr}(AXBX^TC)", "X", []),
    (r"x^TAx", "x", []),
    *(
        (*example, list(where))
        for example, where in dict.fromkeys((row.example, row.where) for row in table())
        if "jacobian" not in where
    ),
]


def mutations(line: Expr) -> list[Expr]:
    """Return `line` with one error in it: a sign, a factor, a lost transpose, swapped factors, a dropped term."""
    found: list[Expr] = [Apply(product, (number(-1), line)), Apply(product, (number(2), line))]
    for node in walk(line):
        if not isinstance(node, Apply):
            continue
        if node.operator is add_row:
            found.append(_with(line, node, node.arguments[0]))
        if node.operator is transpose_row and node.is_square:
            found.append(_with(line, node, node.arguments[0]))
        chain = [x for x in node.arguments if not x.is_scalar] if node.operator is product else []
        for a, b in pairwise(chain):
            if a.is_square and b.is_square and a is not b:
                k = node.arguments.index(a)
                swapped = (*node.arguments[:k], b, a, *node.arguments[k + 2 :])
                with suppress(ValueError):  # the sizes do not fit any more
                    found.append(_with(line, node, Apply(product, swapped)))
    return found


def nearly(line: Expr) -> Expr:
    """Return `line` with a relative error that is small, but greater than any rounding."""
    return Apply(product, (number(1 + Fraction(1, 10**9)), line))


def _with(line: Expr, old: Expr, new: Expr) -> Expr:
    from mdderive.algebra.terms import substitute

    return new if line is old else substitute(line, {old: new})


@pytest.mark.parametrize(("f", "wrt", "where"), PLANTED_IN, ids=[x[0] for x in PLANTED_IN])
def test_a_planted_error_is_caught_in_every_line(
    f: str, wrt: str, where: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let each line in turn be wrong in each way: the check must refuse it."""
    question = read_question(f, wrt, where)
    honest = Prepared.step
    lines: list[tuple[Any, ...]] = []

    def remember(worker: Any, *arguments: Any) -> Any:
        lines.append((worker, *arguments))
        return honest(worker, *arguments)

    monkeypatch.setattr(Prepared, "step", remember)
    work(question)
    assert lines
    planted = 0
    for worker, rule, left, right, reason, *rest in lines:
        for wrong in (*mutations(right), nearly(right)):
            if _equal_in_value(worker, right, wrong, rest):
                continue
            planted += 1
            with pytest.raises(DeriveError) as caught:
                honest(worker, rule, left, wrong, reason, *rest)
            assert caught.value.code in ("E401", "E405")
    assert planted >= 2 * len(lines)


def _equal_in_value(worker: Any, right: Expr, wrong: Expr, rest: list[Any]) -> bool:
    """Whether the mutation happens to change nothing (a swap of equals, the transpose of a symmetric matrix)."""
    (truth,) = rest
    a, b = (truth.floating(worker.judge.points, x)[0] for x in (right, wrong))
    return bool(np.allclose(*np.broadcast_arrays(a, b), rtol=1e-12))


@pytest.mark.parametrize(
    ("f", "wrt", "claim"),
    [
        ("a^T X b", "X", "-ab^T"),
        ("x^TAx", "x", "2Ax"),
        (r"\log|X|", "X", "X^{-1}"),
        (r"\|Xw-y\|^2", "w", "X^T(Xw-y)"),
        (r"\operatorname{tr}(AXB)", "X", "(AB)^T"),
        ("x^TAx", "x", "x^T(A+A^T)"),
        (r"\|Xw-y\|^2", "w", "X"),
    ],
)
def test_a_wrong_claim_is_refuted_with_numbers(f: str, wrt: str, claim: str) -> None:
    where = ["A: n x n", "B: n x n", "X: n x n"] if "AXB" in f else []
    with pytest.raises(DeriveError) as caught:
        mdderive.derive(f, wrt, where=[*where, f"= {claim}"])
    assert caught.value.code in ("E410", "E203")
    assert caught.value.span is not None


def test_a_true_claim_is_accepted() -> None:
    assert mdderive.derive("x^TAx", "x", where=["= Ax + A^Tx"])


# --- nodes ------------------------------------------------------------------------------------------------------


def test_equal_expressions_are_one_object() -> None:
    first, second = read_question("a^T X b", "X").f, read_question("a^TXb", "X").f
    assert first is second
    assert pickle.loads(pickle.dumps(first)) is first


def test_properties_are_part_of_a_symbol() -> None:
    shape = (("n",), ("n",))
    assert Symbol("A", shape) is not Symbol("A", shape, frozenset({"symmetric"}))
    assert Number(number(2).value) is number(2)
