"""What must hold where a solution is used: a matrix invertible, a number not zero, entries positive.

A condition that follows from what is declared, or from the form, is none; what is left is said in the plainest words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from ..algebra.expanding import opened
from ..algebra.expressions import ONE, Apply, Expr, Number, Symbol, number
from ..algebra.factoring import add
from ..algebra.operators.diagonals import diagonal_vector, on_diagonal
from ..algebra.operators.kronecker import kronecker_factors
from ..algebra.operators.structural import is_invertible, power_row
from ..algebra.powers import base_of_power, divisor
from ..algebra.signs import DEFINITE, SEMIDEFINITE
from ..algebra.terms import (
    base_and_exponent,
    entry_factors_of,
    factors_of,
    inverted,
    is_identity,
    is_product,
    is_zero,
    multiply,
    negate,
    scalars_and_chain,
    split_coefficient,
    substitute,
    terms_of,
    trace_body,
    transpose,
    under_transpose,
)
from .definiteness import definiteness, sign_of_entries

Kind = Literal[
    "invertible",
    "full column rank",
    "full row rank",
    "positive definite",
    "positive",
    "not zero",
    "no zero entry",
    "no zero column",
    "probability",
]


class Condition(NamedTuple):
    """`of` has the property `kind`: of a matrix its rank, of a number or vector the sign of its entries."""

    kind: Kind
    of: Expr


def can_hold(condition: Condition) -> bool:
    """Whether a condition is not seen to fail whatever the letters are."""
    return condition.kind != "positive" or not (is_zero(condition.of) or definiteness(condition.of) < 0)


def plainest(conditions: Iterable[Condition], sizes: frozenset[str] = frozenset()) -> tuple[Condition, ...]:
    """Return what is left of the conditions, each once; the letters in `sizes` are positive integers."""
    found: dict[Condition, None] = {}
    for condition in conditions:
        found |= dict.fromkeys(_plainer_where(condition, counted(condition.of, sizes)))
    return _without_implied(_beside_nonzero(tuple(found)))


def _beside_nonzero(found: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Return what is left of the conditions where probabilities are asked not to be zero, and so are positive."""
    asked = [x.of for x in found if x.kind == "no zero entry" and isinstance(x.of, Symbol)]
    positive = {x: _positive(x) for x in asked if sign_of_entries(x) == SEMIDEFINITE}
    if not positive:
        return found
    kept = (y for x in found if x.of not in positive for y in _plainer_where(x, positive))
    return tuple(dict.fromkeys((*(x for x in found if x.of in positive), *kept)))


def _plainer_where(condition: Condition, positive: Mapping[Symbol, Expr]) -> Iterator[Condition]:
    """Yield what is left of a condition where these letters are positive."""
    back = {new: old for old, new in positive.items()}
    for one in _plainer(Condition(condition.kind, substitute(condition.of, positive))):
        yield Condition(one.kind, substitute(one.of, back))


def counted(x: Expr, sizes: frozenset[str]) -> dict[Symbol, Expr]:
    """Return the letters of `x` that are numbers of rows or terms, each as a positive number."""
    return {y: _positive(y) for y in x.symbols if y.is_scalar and y.latex in sizes}


def _positive(x: Symbol) -> Symbol:
    return Symbol(x.latex, x.size, x.properties | {"positive"}, x.index, x.family)


def _without_implied(found: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Return the conditions that no other one implies."""
    entries = {x.of for x in found if x.kind == "positive"}
    positive = entries | {x.of for x in found if x.kind == "probability"}
    definite = {x.of for x in found if x.kind == "positive definite"}
    weaker = {"not zero": positive, "no zero entry": positive, "invertible": definite, "probability": entries}
    weaker["not zero"] = positive | {negate(x) for x in positive if x.is_scalar}
    return tuple(x for x in found if x.of not in weaker.get(x.kind, ()))


def _plainer(condition: Condition) -> Iterator[Condition]:
    """Yield the conditions into which one falls apart."""
    rule = {
        "invertible": _of_inverse,
        "positive definite": _of_definite,
        "positive": _of_positive,
        "not zero": _of_nonzero,
        "no zero entry": _of_entries,
        "probability": _of_probability,
    }.get(condition.kind)
    if rule is None:
        yield condition
    else:
        yield from rule(condition.of)


def _of_inverse(matrix: Expr) -> Iterator[Condition]:
    """Yield what must hold for `matrix` to have an inverse."""
    if matrix.is_scalar:
        yield from _of_nonzero(matrix)
        return
    if abs(definiteness(matrix)) == DEFINITE or is_invertible(matrix):
        return
    scalars, chain = scalars_and_chain(matrix)
    if scalars and chain:
        for x in scalars:
            yield from _of_nonzero(x)
        yield from _of_inverse(multiply(*chain))
        return
    ranked = full_rank(matrix)
    if ranked is not None:
        yield _of_gram(ranked)
        return
    yield from _of_inverse_by_form(matrix)


def _of_gram(ranked: Condition) -> Condition:
    """Return the rank of A in the place of that of `A^T A`."""
    inner = full_rank(ranked.of)
    return ranked if inner is None or not ranked.of.is_square else _of_gram(inner)


def _of_inverse_by_form(matrix: Expr) -> Iterator[Condition]:
    chain = factors_of(matrix)
    pair, column = kronecker_factors(matrix), on_diagonal(matrix)
    on_it = [x for x in entry_factors_of(matrix) if not is_identity(x)]
    if len(chain) > 1 and all(x.is_square for x in chain):
        for x in chain:
            yield from _of_inverse(x)
    elif pair is not None:
        for x in pair:
            yield from _of_inverse(x)
    elif column is not None:
        yield from _of_entries(column)
    elif len(on_it) == 1 and len(entry_factors_of(matrix)) == 2:
        yield from _of_diagonal(on_it[0])
    elif len(terms_of(matrix)) > 1 and _all_lean(matrix) and kronecker_factors(_bare(terms_of(matrix)[0])) is not None:
        yield from _of_inverse(terms_of(matrix)[0])  # a semidefinite matrix more does no harm
    else:
        yield Condition("invertible", matrix)


def _bare(term: Expr) -> Expr:
    return split_coefficient(term)[1]


def _all_lean(matrix: Expr) -> bool:
    """Whether all terms of a sum are semidefinite to one side."""
    return abs(definiteness(matrix)) >= SEMIDEFINITE


def _of_diagonal(matrix: Expr) -> Iterator[Condition]:
    """Yield what must hold for no entry on the diagonal of `matrix` to be zero."""
    if abs(definiteness(matrix)) == DEFINITE:
        return
    ranked = full_rank(matrix)
    if ranked is not None:
        of = ranked.of if ranked.kind == "full column rank" else transpose(ranked.of)
        yield Condition("no zero column", of)
    else:
        yield Condition("no zero entry", matrix)


def full_rank(matrix: Expr) -> Condition | None:
    """Return the rank that makes `A^T D A` with a definite D invertible, None where `matrix` is of another form."""
    chain = list(factors_of(matrix))
    if len(chain) < 2 or any(x.is_scalar for x in chain):
        return None
    half = len(chain) // 2
    left, middle, right = chain[:half], chain[half : len(chain) - half], chain[len(chain) - half :]
    if transpose(multiply(*left)) is not multiply(*right):
        return None
    if middle and abs(definiteness(middle[0])) != DEFINITE:
        return None
    factor = multiply(*right)
    inner = under_transpose(factor)
    return Condition("full row rank", inner) if inner is not None else Condition("full column rank", factor)


def _of_definite(matrix: Expr) -> Iterator[Condition]:
    """Yield what must hold for `matrix` to be positive definite."""
    if matrix.is_scalar:
        yield from _of_positive(matrix)
        return
    sign = definiteness(matrix)
    inner = inverted(matrix)
    scalars, chain = scalars_and_chain(matrix)
    if sign == DEFINITE:
        return
    if sign == SEMIDEFINITE:
        yield from _of_inverse(matrix)
    elif inner is not None:
        yield from _of_definite(inner)
    elif scalars and chain:
        yield from _of_positive(multiply(*scalars))
        yield from _of_definite(multiply(*chain))
    else:
        yield Condition("positive definite", matrix)


def _of_positive(x: Expr) -> Iterator[Condition]:
    """Yield what must hold for every entry of `x` to be positive."""
    sign = definiteness(x) if x.is_scalar else sign_of_entries(x)
    if sign == DEFINITE:
        return
    if sign == SEMIDEFINITE:
        yield from _of_entries(x)
        return
    if isinstance(x, Apply) and is_product(x) and any(y.is_scalar for y in x.arguments):
        certain = [y for y in x.arguments if y.is_scalar and definiteness(y) >= SEMIDEFINITE]
        rest = [y for y in x.arguments if y not in certain]
        if certain and rest:
            for y in certain:
                yield from _of_nonzero(y)
            yield from _of_positive(multiply(*rest))
            return
    if x.is_scalar:
        coefficient, body = split_coefficient(x)
        base, exponent = base_and_exponent(body)
        if exponent is not number(1):
            yield from _of_positive(base if coefficient > 0 else negate(base))
            return
        if definiteness(_times_divisors(x)) == DEFINITE:
            return
    yield Condition("positive", x)


def _times_divisors(x: Expr) -> Expr:
    """Return a sum times its positive divisors: b for 1 - a/(a + b)."""
    parts = terms_of(x)
    below = [divisor(y, power_row) for part in parts for y in factors_of(part)] if len(parts) > 1 else []
    positive = multiply(*dict.fromkeys(y for y in below if y is not None and definiteness(y) == DEFINITE))
    return x if positive is number(1) else add(*(y for part in parts for y in opened(multiply(positive, part))))


def _of_probability(x: Expr) -> Iterator[Condition]:
    """Yield what must hold for `x`, whose entries sum to one, to be a probability vector."""
    if sign_of_entries(x) < SEMIDEFINITE:
        yield Condition("probability", x)


def _of_nonzero(x: Expr) -> Iterator[Condition]:
    """Yield what must hold for the number `x` not to be zero."""
    if abs(definiteness(x)) == DEFINITE:
        return
    base, exponent = base_and_exponent(x)
    squared = _what_is_squared(x)
    if isinstance(x, Apply) and is_product(x) and any(y.is_scalar for y in x.arguments):
        for y in x.arguments:
            if y.is_scalar:
                yield from _of_nonzero(y)
        chain = [y for y in x.arguments if not y.is_scalar]
        if chain:
            yield from _of_nonzero(multiply(*chain))
    elif isinstance(exponent, Number) and exponent.value != 1:
        yield from _of_nonzero(base)
    elif squared is None:
        yield Condition("not zero", x)
    elif abs(sign_of_entries(squared)) != DEFINITE:
        yield Condition("not zero", squared)


def _what_is_squared(x: Expr) -> Expr | None:
    """Return a where the number `x` is `a^T a`, `a^T M a` with a definite M, or `tr(A^T A)`."""
    body = trace_body(x)
    ranked = full_rank(x if body is None else body)
    if ranked is None:
        return None
    return ranked.of if body is not None or ranked.of.shape[1] == ONE else transpose(ranked.of)


def _of_entries(x: Expr) -> Iterator[Condition]:
    """Yield what must hold for no entry of the vector `x` to be zero."""
    if x.is_scalar:
        yield from _of_nonzero(x)
        return
    if abs(sign_of_entries(x)) == DEFINITE:
        return
    if isinstance(x, Apply) and x.operator is diagonal_vector:
        yield from _of_diagonal(x.arguments[0])
        return
    scalars, chain = scalars_and_chain(x)
    if scalars and chain:
        for y in scalars:
            yield from _of_nonzero(y)
        yield from _of_entries(multiply(*chain))
        return
    parts = entry_factors_of(x)
    for part in dict.fromkeys(parts):
        base, exponent = base_of_power(part)
        if len(parts) > 1 or (isinstance(exponent, Number) and base is not part):
            yield from _of_entries(base if isinstance(exponent, Number) else part)
        else:
            yield Condition("no zero entry", part)
