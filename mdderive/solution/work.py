"""From a question to a checked solution: prepare, differentiate along the chain, gather, check every line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from ..algebra.expressions import Expr, Symbol
from ..algebra.terms import d, normalise, transpose, zero
from ..calculus.definiteness import definiteness
from ..calculus.differential import write_out
from ..calculus.gradient import gradient
from ..calculus.stationary import solve_for
from ..calculus.structure import structure_of
from ..calculus.vec_form import joined_kroneckers, vec_form
from ..checking.evaluation import SingularError
from ..checking.subject import Check, Subject, subjects
from ..errors import UnsupportedError, VerificationError
from ..question.question import Question
from .chain import chain_links
from .derivation import Result, Stationary, Tied, Working, partial
from .hessian import second_derivative
from .jacobians import Jacobians
from .layers import with_named_layers
from .passes import Prepared, prepared
from .printed import check_printed
from .reasons import check_claim, passed, reads_alike
from .traces import Traces

OTHER_POINTS = 12
"""At how many sets of points a solution is tried before it is given up."""


def work(question: Question) -> Working:
    """Return the checked solution of `question`.

    Raises:
        UnsupportedError: an operator has no differential, or a wish cannot be met.
        VerificationError: a line failed its check, or a claim is wrong.
    """
    if question.turned and "structured" in question.wishes:
        hint = "leave gradient-layout out"
        raise UnsupportedError("E306", "'structured' has the denominator layout", question.wishes["structured"], hint)
    failed: VerificationError | None = None
    question = with_named_layers(question)
    for points in _points(question):
        try:
            return work_at(question, points)
        except SingularError:
            continue
        except VerificationError as error:
            if points.analytic or error.code in ("E404", "E410"):
                raise
            failed = failed or error  # differences are inexact where f is nearly not smooth: elsewhere they tell
    raise failed or VerificationError("E403", "no random point was found at which the gradient is defined")


def work_at(question: Question, points: Subject) -> Working:
    """Return the solution of `question`, checked at `points`."""
    working = _of_scalar(question, points) if question.f.is_scalar else _in_vec_form(question, points)
    check_printed(working, points)
    return working


def _points(question: Question) -> Iterator[Subject]:
    """Yield the sets of points at which a solution is tried, one after the other."""
    return islice(subjects(question.f, question.definitions), OTHER_POINTS)


# --- vectors and matrices


def _in_vec_form(question: Question, points: Subject) -> Working:
    """Return the checked solution of a question about a function that is a vector or a matrix."""
    unmet = next((name for name in ("solve", "structured", "hessian") if name in question.wishes), None)
    if unmet is not None:
        message = f"'{unmet}' is asked of a scalar, and f is none"
        raise UnsupportedError("E306", message, question.wishes[unmet], "leave it out")
    start = prepared(question, points)
    through = start.relevant
    if any(x.is_scalar for x in (*through, *question.variables)):
        through = frozenset()  # the derivative by a number is no factor of a product of Jacobians
    form = Jacobians(start, through)
    links = chain_links(start, form, through)
    missing = next((x for x in question.variables if x not in form.full), None)
    if missing is not None:
        hint = f"{question.name} does not depend on {missing.latex}"
        raise UnsupportedError("E306", "the derivative of a constant matrix is not written out", hint=hint)
    found = {}
    for variable in question.variables:
        factors = start.at_rest(form.full[variable])
        value = start.abbreviated(joined_kroneckers(factors))
        before = factors if through and not reads_alike(factors, value) else None
        found[variable] = Result(variable, value, form.checked(variable, value), before=before)
    for claim in question.claims:
        refutation = points.refutation(claim.value, form.true(claim.variable))
        check_claim(claim, refutation, found[claim.variable].value)
    return Working(question, start.rows, links, found, {}, {}, points.analytic, in_vec_form=True)


# --- scalars


def _of_scalar(question: Question, points: Subject) -> Working:
    """Return the checked solution of a question about a scalar, with what else was wished for."""
    start = prepared(question, points)
    form = Traces(start)
    links = chain_links(start, form, start.relevant) or (form.constant(),)
    gradients, structured, stationary, seconds = {}, {}, {}, {}
    for x in question.variables:
        value = start.abbreviated(form.gradient(x))
        gradients[x] = Result(x, transpose(value) if question.turned else value, form.checked(x, value))
        if "structured" in question.wishes:
            structured[x] = _tied(form, x, value)
        if "solve" in question.wishes and (found := _stationary(form, x, value)) is not None:
            stationary[x] = found
    if "hessian" in question.wishes:
        slopes = {x: form.slopes.get(x, zero(x.shape)) for x in question.variables}
        seconds = {x: second_derivative(start, slope, x) for x, slope in slopes.items()}
    chain = form.chain([*(x.value for x in gradients.values()), *(x.value for x in structured.values())])
    working = Working(question, start.rows, links, gradients, structured, stationary, points.analytic, seconds, chain)
    _check_claims(working, points)
    return working


def _tied(form: Traces, variable: Symbol, value: Expr) -> Tied:
    """Return the gradient within the structure that the variable is declared to have.

    Raises:
        UnsupportedError: it is declared to have none that is known.
    """
    question, points = form.prepared.question, form.prepared.points
    structure = structure_of(variable)
    if structure is None:
        hint = f"declare it: [{variable.latex}: symmetric], diagonal or skew-symmetric"
        place = question.wishes["structured"]
        raise UnsupportedError("E305", f"{variable.latex} has no structure that is known", place, hint)
    tied = structure.tied(value)
    check = points.compare(points.value(tied, form.given(tied)), points.gradient_within(variable, structure.direction))
    passed(check, f"the structured gradient with respect to {variable.latex}", tied)
    return Tied(variable, structure.tied(partial(variable, question.name)), tied, structure.reason, check)


def _stationary(form: Traces, variable: Symbol, value: Expr) -> Stationary | None:
    """Return the zero of the gradient `value`, None where it is not found or does not pass its check."""
    start = form.prepared
    found = None if value.symbols & form.names.keys() else solve_for(value, variable.at_rest)
    checked = None if found is None else _check_zero(start, variable, found.solution)
    if found is None or checked is None:
        return None
    check, points = checked
    return Stationary(
        variable,
        found.left,
        found.right,
        found.solution,
        found.inverted,
        check,
        found.names,
        found.multiplied,
        _bends(start, variable, points, points.value(found.solution)),
    )


def _check_zero(start: Prepared, variable: Symbol, solution: Expr) -> tuple[Check, Subject] | None:
    """Return the check that the gradient vanishes at `solution`, and the first points where that can be computed.

    At the points of the derivation what is to be inverted may be singular (fewer samples than entries).
    """
    for tried in chain((start.points,), _points(start.question)):
        try:
            check = tried.vanishes_at(variable, tried.value(solution))
        except ArithmeticError:
            continue
        if check.ok:
            return check, tried
    return None


def _bends(start: Prepared, variable: Symbol, points: Subject, place: Any) -> int:
    """Return what is known of the second derivative by its form, checked by the values of f beside `place`.

    Raises:
        VerificationError: f is smaller beside a minimum, or greater beside a maximum.
    """
    slope = gradient(normalise(start.in_full), variable)  # the variable still moves in all directions
    written = write_out(slope, [variable], [])
    try:
        matrix = None if written is None else vec_form(normalise(written), d(variable))[0]
    except UnsupportedError:
        return 0
    found = 0 if matrix is None else definiteness(start.at_rest(matrix))
    if found and not points.bends_at(variable, place, found):
        raise VerificationError("E401", f"the stationary point in {variable.latex} is not what it seems")
    return found


def _check_claims(solution: Working, points: Subject) -> None:
    """Compare what the author claims with the numerical derivatives.

    Raises:
        VerificationError: a claim is wrong, with the numbers that refute it.
    """
    second = "hessian" in solution.question.wishes
    for claim in solution.question.claims:
        variable = claim.variable
        truth = points.hessian(variable) if second else points.gradient(variable)
        right = solution.seconds[variable].value if second else solution.gradients[variable].value
        if solution.question.turned and not second:
            truth = truth.swapaxes(-1, -2)
        check_claim(claim, points.refutation(claim.value, truth, exact=not second), right)
