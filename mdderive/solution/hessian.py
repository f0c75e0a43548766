"""The worked second derivative of a scalar: the gradient is differentiated once more, `vec(d grad f) = H vec(dX)`."""

from __future__ import annotations

from ..algebra.expressions import ONE, Expr, Symbol
from ..algebra.operators.components import in_components
from ..algebra.operators.kronecker import (
    is_commutation,
    kronecker,
    kronecker_factors,
    vector_of,
)
from ..algebra.shortening import as_answer, shortened
from ..algebra.terms import (
    d,
    factors_of,
    is_symmetric,
    multiply,
    normalise,
    terms_of,
    transpose,
    zero,
)
from ..calculus.definiteness import definiteness
from ..calculus.vec_form import vec_form
from ..checking.check import Check
from ..checking.judge import Truth
from .derivation import Second, slope_name
from .jacobians import differential_rows, moved, times_moving
from .likeness import reads_alike
from .passes import Bodies, Prepared, written_out
from .reasons import CONSTANT, joined, passed


def second_derivative(prepared: Prepared, slope: Expr, variable: Symbol) -> Second:
    """Return the second derivative by `variable`; `slope` is the gradient, written with the names of the author's.

    Raises:
        UnsupportedError: a term has no vec form that is known.
        VerificationError: a line failed its check.
    """
    left = rf"\mathrm{{d}}{slope_name(prepared.question, variable)}"
    beyond = _moving_names(prepared, slope, variable)
    truth = prepared.judge.differential_of(slope, [variable], list(beyond))
    if variable not in slope.symbols and not beyond:
        return _of_linear(prepared, variable, slope, left, truth)
    steps, line = differential_rows(prepared, slope, [variable], beyond, left, truth)
    found, words = vec_form(line, d(variable))
    matrix = in_components(shortened(found))
    if ONE not in variable.shape:
        left = rf"\operatorname{{vec}}\left({left}\right)"
        truth = prepared.judge.differential_of(slope, [variable], list(beyond), stack=True)
    if not variable.is_scalar:
        right = prepared.abbreviated(times_moving(matrix, vector_of(d(variable))))
        if not reads_alike(right, steps[-1].right):
            reasons = joined(words or [moved(steps[-1].right, right)])
            steps.append(prepared.step("vec", left, right, reasons, truth))
    plain = prepared.at_rest(matrix)
    value = prepared.abbreviated(as_answer(plain))
    at_rest = {x: prepared.at_rest(normalise(body)) for x, body in prepared.question.definitions}
    bends = definiteness(written_out(plain, at_rest))
    check = _check(prepared, variable, slope, value)
    return Second(variable, tuple(steps), value, check, bends, prepared.at_rest(line), symmetry(plain), slope)


def _moving_names(prepared: Prepared, slope: Expr, variable: Symbol) -> Bodies:
    """Return the names in `slope`, and in their definitions, that move with `variable`, in the author's order."""
    bodies = prepared.definitions
    moving: set[Symbol] = {variable}
    for symbol, body in bodies.items():
        if body.symbols & moving:
            moving.add(symbol)
    used = set(slope.symbols)
    for symbol, body in reversed(list(bodies.items())):
        if symbol in used:
            used |= body.symbols
    return {x: body for x, body in bodies.items() if x in moving and x in used}


def _of_linear(prepared: Prepared, variable: Symbol, slope: Expr, left: str, truth: Truth) -> Second:
    """Return the second derivative of a function whose gradient is constant."""
    size = tuple(sorted(variable.shape[0] + variable.shape[1]))
    row = prepared.step("constant", left, zero(variable.shape), (CONSTANT,), truth)
    value = zero((size, size))
    check = _check(prepared, variable, slope, value)
    return Second(variable, (row,), value, check, 0, zero(variable.shape), "form", slope)


def _check(prepared: Prepared, variable: Symbol, slope: Expr, value: Expr) -> Check:
    return passed(prepared.judge.second_of(variable, slope).check(value), "the second derivative", value)


def symmetry(value: Expr) -> str:
    """Return by what `value` is seen to be symmetric: its "form", the "commutation" matrix, or "" by neither."""
    if value.is_scalar or is_symmetric(value):
        return "form"
    terms = [y for x in terms_of(value) for y in _spread(x)]
    turned = {_commuted(transpose(x)) for x in terms}
    return "commutation" if turned == set(map(_commuted, terms)) else ""


def _spread(term: Expr) -> list[Expr]:
    """Return the terms of K (S + T)."""
    factors = factors_of(term)
    k = next((k for k, x in enumerate(factors) if len(terms_of(x)) > 1), None)
    if k is None:
        return [term]
    return [y for x in terms_of(factors[k]) for y in _spread(multiply(*factors[:k], x, *factors[k + 1 :]))]


def _commuted(term: Expr) -> Expr:
    """Return K (A (x) B) as (B (x) A) K for square A and B."""
    factors = list(factors_of(term))
    for k in range(len(factors) - 1):
        first, second = factors[k : k + 2]
        pair = kronecker_factors(second)
        if is_commutation(first) and pair and all(x.shape == first.parameters == x.shape[::-1] for x in pair):
            factors[k : k + 2] = [kronecker(*reversed(pair)), first]
    return multiply(*factors) if len(factors) > 1 else term
