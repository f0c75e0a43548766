"""Equal expressions are seen to be equal, in whatever order and nesting they were built."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

import pytest
from places import share

import mdderive
from mdderive.algebra.expressions import ONE, SCALAR, Apply, Expr, Shape, Symbol, number
from mdderive.algebra.factoring import add
from mdderive.algebra.keys import key, same
from mdderive.algebra.operators.structural import trace_row
from mdderive.algebra.powers import hadamard, inverse, matrix_power, power
from mdderive.algebra.terms import (
    d,
    factors_of,
    is_symmetric,
    is_zero,
    multiply,
    negate,
    scale,
    terms_of,
    trace,
    transpose,
)
from mdderive.calculus.gradient import gradient

SQUARE: Shape = (("n",), ("n",))
COLUMN: Shape = (("n",), ONE)
A, B, C, X = (Symbol(name, SQUARE) for name in "ABCX")
a, b, x = (Symbol(name, COLUMN) for name in "abx")
s, t = (Symbol(name) for name in "st")
LETTERS = {SQUARE: (A, B, C, X), COLUMN: (a, b, x), SCALAR: (s, t)}


# --- what is built, and a way to build it -----------------------------------------------------------------------


class Plan(NamedTuple):
    """What is to be built: an operation, its parts, and for a sum their numbers; a letter has no parts."""

    operation: str
    parts: tuple[Plan, ...] = ()
    numbers: tuple[int, ...] = ()
    letter: Expr | None = None


def planned(rng: random.Random, depth: int, shape: Shape) -> Plan:
    """Return a random plan of that shape."""
    inner = depth - 1
    if depth == 0:
        return Plan("letter", letter=rng.choice(LETTERS[shape]))
    options = {
        SCALAR: ("trace", "bilinear", "sum", "square", "letter"),
        COLUMN: ("sum", "product", "scaled", "entries", "letter"),
        SQUARE: ("sum", "sum", "product", "product", "outer", "transpose", "scaled", "inverse", "entries", "letter"),
    }
    operation = rng.choice(options[shape])
    if operation == "sum":
        parts = tuple(planned(rng, inner, shape) for _ in range(rng.randint(2, 3)))
        return Plan("sum", parts, tuple(rng.choice([1, 1, 2, -1, 3]) for _ in parts))
    if operation in ("trace", "transpose", "square"):
        return Plan(operation, (planned(rng, inner, shape if operation == "square" else SQUARE),))
    if operation == "bilinear":
        left, right = planned(rng, inner, COLUMN), planned(rng, inner, COLUMN)
        return Plan("product", (Plan("transpose", (left,)), planned(rng, inner, SQUARE), right))
    if operation == "outer":
        return Plan("product", (planned(rng, inner, COLUMN), Plan("transpose", (planned(rng, inner, COLUMN),))))
    if operation == "product":
        return Plan("product", tuple(planned(rng, inner, y) for y in (*[SQUARE] * rng.randint(1, 2), shape)))
    if operation == "scaled":
        return Plan("product", tuple(planned(rng, inner, y) for y in (SCALAR, SCALAR, shape)))
    if operation == "entries":
        return Plan("entries", tuple(planned(rng, inner, shape) for _ in range(2)))
    if operation == "inverse":
        one = Plan("sum", (planned(rng, 0, SQUARE), planned(rng, 0, SQUARE)), (1, 2))
        return Plan("inverse", (one,))
    return planned(rng, 0, shape)


def built(rng: random.Random, plan: Plan) -> Expr:
    """Return what is planned, built in a random order and nesting."""
    parts = [built(rng, part) for part in plan.parts]
    if plan.letter is not None:
        return plan.letter
    if plan.operation == "sum":
        return nested(rng, [scale(c, y) for c, y in zip(plan.numbers, parts, strict=True)], add, shuffled=True)
    if plan.operation == "product":
        return _product(rng, parts)
    if plan.operation == "entries":
        return nested(rng, parts, hadamard, shuffled=True)
    if plan.operation == "trace":
        return _trace(rng, parts[0])
    made: dict[str, Callable[[Expr], Expr]] = {
        "transpose": transpose,
        "inverse": inverse,
        "square": lambda y: power(y, number(2)) if rng.random() < 0.5 else multiply(y, y),
    }
    return made[plan.operation](parts[0])


def nested(rng: random.Random, parts: Sequence[Expr], make: Callable[..., Expr], *, shuffled: bool = False) -> Expr:
    """Return `make` of all parts at once, or of two neighbours at a time."""
    left = rng.sample(parts, len(parts)) if shuffled else list(parts)
    if rng.random() < 0.4:
        return make(*left)
    while len(left) > 1:
        k = rng.randrange(len(left) - 1)
        left[k : k + 2] = [make(left[k], left[k + 1])]
    return left[0]


def _product(rng: random.Random, factors: Sequence[Expr]) -> Expr:
    scalars = [y for y in factors if y.is_scalar]
    chain = [y for y in factors if not y.is_scalar]
    scalars = rng.sample(scalars, len(scalars))
    if chain and chain[0].shape[0] == ONE and rng.random() < 0.5:
        chain = [transpose(y) for y in reversed(chain)]
    if chain and len(terms_of(chain[-1])) > 1 and rng.random() < 0.5:
        return add(*(multiply(*scalars, *chain[:-1], term) for term in terms_of(chain[-1])))
    return multiply(*(nested(rng, some, multiply) for some in (scalars, chain) if some))


def _trace(rng: random.Random, body: Expr) -> Expr:
    body = transpose(body) if rng.random() < 0.5 else body
    chain = factors_of(body)
    if not any(y.is_scalar for y in chain):
        k = rng.randrange(len(chain))
        body = multiply(*chain[k:], *chain[:k])
    return add(*map(trace, terms_of(body))) if rng.random() < 0.5 else trace(body)


# --- the property -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", range(10))
def test_equal_expressions_are_equal_however_they_were_built(batch: int) -> None:
    for seed in share(range(100 * batch, 100 * batch + 100)):
        rng = random.Random(seed)
        plan = planned(rng, 3, rng.choice((SCALAR, SCALAR, COLUMN, SQUARE)))
        first, *others = (built(rng, plan) for _ in range(4))
        for other in others:
            assert key(first) is key(other), f"{seed}: {first} and {other}"
            assert is_zero(add(first, negate(other))), f"{seed}: {first} and {other}"
            if first.is_scalar:
                slopes = gradient(first, X), gradient(other, X)
                assert same(*slopes), f"{seed}: {slopes[0]} and {slopes[1]}"


def test_what_differs_has_another_key() -> None:
    pairs = [
        (multiply(A, B), multiply(B, A)),
        (trace(multiply(A, B, C)), trace(multiply(A, C, B))),
        (trace(multiply(A, B, transpose(C))), trace(multiply(A, B, C))),
        (add(A, B), add(A, scale(2, B))),
        (hadamard(A, B), multiply(A, B)),
        (multiply(transpose(a), A, b), multiply(transpose(b), A, a)),
        (power(s, number(2)), power(s, number(3))),
        (matrix_power(A, number(2)), A),
        (inverse(multiply(A, add(B, C))), inverse(multiply(add(B, C), A))),
        (d(X), X),
        (number(1), number(2)),
    ]
    for left, right in pairs:
        assert not same(left, right), f"{left} and {right}"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (multiply(A, add(multiply(B, B), X)), multiply(A, add(X, multiply(B, B)))),
        (trace(multiply(X, A, X)), trace(multiply(A, X, X))),
        (trace(multiply(inverse(X), A, X)), trace(A)),
        (trace(multiply(A, transpose(B))), trace(multiply(B, transpose(A)))),
        (multiply(transpose(a), A, b), multiply(transpose(b), transpose(A), a)),
        (inverse(multiply(A, B)), multiply(inverse(B), inverse(A))),
        (
            multiply(add(A, B), add(A, negate(B))),
            add(multiply(A, A), multiply(B, A), negate(multiply(A, B)), negate(multiply(B, B))),
        ),
        (Apply(trace_row, (multiply(a, transpose(b)),)), multiply(transpose(b), a)),
    ],
    ids=str,
)
def test_ways_to_write_the_same(left: Expr, right: Expr) -> None:
    assert same(left, right)
    assert is_zero(add(left, negate(right)))


def test_a_sum_with_its_transpose_is_symmetric() -> None:
    assert is_symmetric(add(multiply(A, transpose(B)), multiply(B, transpose(A))))
    assert not is_symmetric(add(multiply(A, B), multiply(B, A)))


def test_an_entrywise_product_with_one_factor_more_upright_than_transposed_is_not_symmetric() -> None:
    twice = hadamard(X, X, transpose(X))
    assert not is_symmetric(twice)
    assert is_symmetric(hadamard(X, transpose(X)))


def test_a_difference_of_equals_is_constant() -> None:
    found = mdderive.derive(r"\operatorname{tr}(A(B+X))-\operatorname{tr}((X+B)A)", "X")
    assert isinstance(found, mdderive.Derivation)
    assert is_zero(found.gradient)


def test_a_number_of_times_of_one_trace_is_written_once() -> None:
    two = add(trace(multiply(A, X, B)), trace(multiply(X, B, A)))
    assert two is scale(Fraction(2), trace(multiply(A, X, B)))
