"""The worked second derivative of a scalar: the gradient is differentiated once more, `vec(d grad f) = H vec(dX)`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..algebra.expressions import ONE, Apply, Expr, Symbol, to_latex
from ..algebra.operators.kronecker import commutation_row, kronecker, kronecker_row, vector_of
from ..algebra.operators.structural import product
from ..algebra.terms import build, d, is_symmetric, multiply, normalise, substitute, terms_of, transpose, zero
from ..calculus.definiteness import definiteness
from ..calculus.vec_form import vec_form
from ..checking.subject import Subject
from ..question.question import Question
from .derivation import Second, partial
from .reasons import CONSTANT, REARRANGE, joined, passed
from .rewriting import checked_step
from .vector import abbreviated, at_rest, differential_rows, folded_definitions, stacked, times_moving


def second_derivative(question: Question, points: Subject, slope: Expr, variable: Symbol) -> Second:
    """Return the second derivative by `variable`; `slope` is the gradient, written with the names of the author's.

    Raises:
        UnsupportedError: a term has no vec form that is known.
        VerificationError: a line failed its check.
    """
    direction = points.direction(variable)
    given: dict[Expr, Any] = {d(variable): direction}
    truth = points.along(slope, {variable: direction})
    left = rf"\mathrm{{d}}{slope_name(question, variable)}"
    beyond = _moving_names(question, slope, variable)
    if variable not in slope.symbols and not beyond:
        return _of_linear(points, variable, left, truth)
    steps, line = differential_rows(points, slope, [variable], beyond, left, truth, given, question)
    matrix, words = vec_form(line, d(variable))
    if ONE not in variable.shape:
        left, truth = rf"\operatorname{{vec}}\left({left}\right)", stacked(truth)
    if not variable.is_scalar:
        right = abbreviated(question, times_moving(matrix, vector_of(d(variable))))
        if to_latex(right) != to_latex(steps[-1].right):
            steps.append(checked_step(points, "vec", left, right, joined(words or (REARRANGE,)), truth, given))
    plain = at_rest(question, matrix)
    value = abbreviated(question, plain)
    check = passed(points.close(points.value(value), points.hessian(variable)), "the second derivative", value)
    bends = definiteness(written_out(question, plain))
    return Second(variable, tuple(steps), value, check, bends, at_rest(question, line), symmetry(plain))


def slope_name(question: Question, variable: Symbol) -> str:
    """Return the name of the gradient in the shape of the variable: transposed where its own layout is the other."""
    name = partial(variable, question.name).latex
    return rf"\left({name}\right)^\top" if question.turned else name


def written_out(question: Question, value: Expr) -> Expr:
    """Return `value` with the definitions of all names in their place."""
    for symbol, body in reversed(question.definitions):
        value = substitute(value, {symbol: at_rest(question, normalise(body))}, build)
    return value


def _moving_names(question: Question, slope: Expr, variable: Symbol) -> Mapping[Symbol, Expr]:
    """Return the names in `slope`, and in their definitions, that move with `variable`, in the author's order."""
    bodies = folded_definitions(question)
    moving: set[Symbol] = {variable}
    for symbol, body in bodies.items():
        if body.symbols & moving:
            moving.add(symbol)
    used = set(slope.symbols)
    for symbol, body in reversed(list(bodies.items())):
        if symbol in used:
            used |= body.symbols
    return {x: body for x, body in bodies.items() if x in moving and x in used}


def _of_linear(points: Subject, variable: Symbol, left: str, truth: Any) -> Second:
    """Return the second derivative of a function whose gradient is constant."""
    size = tuple(sorted(variable.shape[0] + variable.shape[1]))
    row = checked_step(points, "constant", left, zero(variable.shape), CONSTANT, truth)
    value = zero((size, size))
    check = passed(points.close(points.value(value), points.hessian(variable)), "the second derivative", value)
    return Second(variable, (row,), value, check, 0, zero(variable.shape), "form")


def symmetry(value: Expr) -> str:
    """Return by what `value` is seen to be symmetric: its "form", the "commutation" matrix, or "" by neither."""
    if value.is_scalar or is_symmetric(value):
        return "form"
    terms = [y for x in terms_of(value) for y in _spread(x)]
    sides = [{to_latex(x) for x in map(_commuted, side)} for side in (terms, map(transpose, terms))]
    return "commutation" if sides[0] == sides[1] else ""


def _spread(term: Expr) -> list[Expr]:
    """Return the terms of K (S + T)."""
    factors = term.arguments if isinstance(term, Apply) and term.operator is product else (term,)
    k = next((k for k, x in enumerate(factors) if len(terms_of(x)) > 1), None)
    if k is None:
        return [term]
    return [y for x in terms_of(factors[k]) for y in _spread(multiply(*factors[:k], x, *factors[k + 1 :]))]


def _commuted(term: Expr) -> Expr:
    """Return K (A (x) B) as (B (x) A) K."""
    if not isinstance(term, Apply) or term.operator is not product:
        return term
    factors = list(term.arguments)
    for k in range(len(factors) - 1):
        first, second = factors[k], factors[k + 1]
        if not (isinstance(first, Apply) and first.operator is commutation_row and first.is_square):
            continue
        if (
            first.parameters[0] == first.parameters[1]
            and isinstance(second, Apply)
            and second.operator is kronecker_row
        ):
            factors[k : k + 2] = [kronecker(second.arguments[1], second.arguments[0]), first]
    return multiply(*factors)
