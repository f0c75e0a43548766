"""From a question to a checked solution: prepare, differentiate along the chain, gather, check every line."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from ..algebra.expressions import Apply, Expr, Symbol, walk
from ..algebra.shortening import as_answer
from ..algebra.terms import index_of, is_sum_over, is_zero, normalise, reading_cost, transpose, zero
from ..calculus.definiteness import definiteness, sign_of_entries
from ..calculus.structure import structure_of
from ..checking.check import SingularError
from ..checking.judge import Judge, Truth
from ..checking.stand_ins import has_large_numbers, has_stand_ins
from ..errors import DeriveError, UnsupportedError, VerificationError
from ..question.question import Question, StatedDerivative
from .chain import chain_links
from .derivation import Result, Tied, Working, ZeroGradients, partial
from .layers import with_named_layers, with_named_repeats
from .likeness import reads_alike
from .passes import Prepared, prepared
from .printed import check_other_form, check_printed
from .reasons import check_claim, passed
from .responsibilities import with_named_responsibilities
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
    found = _checked(question)
    several = len(question.variables) > 1
    if question.counted is None or _known(found) == (len(question.variables), several):
        return found
    with suppress(DeriveError):
        counted = _checked(question.counted)
        if _known(counted) > _known(found):
            return counted
    return found


def _known(working: Working) -> tuple[int, bool]:
    """Return in how many variables stationary points are known, no sum of ones in them, and whether in all together."""
    points = {x: [y.solution] for x, y in working.stationary.items()}
    points |= {x: [y.value for y in places.found] for x, places in working.places.items()}

    def is_known(point: Expr) -> bool:
        sums = (x for x in walk(point) if is_sum_over(x))
        return all(index_of(x).name in x.arguments[0].indices for x in sums)

    return sum(all(map(is_known, found)) for found in points.values()), working.joint is not None


def _checked(question: Question) -> Working:
    """Return the checked solution as the sums are written."""
    try:
        return _tried(question, actual=False)
    except VerificationError as error:
        if not has_stand_ins(question.f, question.definitions):
            raise
        return _tried_at_actual_sizes(question, error)


def _tried_at_actual_sizes(question: Question, error: VerificationError) -> Working:
    """Return the solution checked at the sizes that the author wrote, as it failed at their stand-ins with `error`.

    A number in a line may be one of them: of `cI` with c by 784 rows the trace is 784c.

    Raises:
        DeriveError: it fails there too, or is too large, and a number may matter.
    """
    try:
        return _tried(question, actual=True)
    except UnsupportedError as unsure:
        texts = (question.f, *(x.value for x in question.claims), *(body for _, body in question.definitions))
        if unsure.code == "E310" and error.code == "E410" and not has_large_numbers(texts):
            raise error from None
        raise


def judge_of(question: Question, *, actual: bool = False) -> Judge:
    """Return what judges the lines; where floats may have to, first points are shown that f is defined at."""
    judge = Judge(question, is_plainly_defined(question), actual)
    if not judge.trusts_field:
        judge.next_points()
    return judge


def _tried(question: Question, *, actual: bool) -> Working:
    """Return the checked solution, with letters of ours for what is nested deeply or would be repeated at length."""
    question = with_named_responsibilities(with_named_layers(question))
    found = _at_some_points(question, actual=actual)
    cost = 0 if found.in_vec_form else max(reading_cost(x.value) for x in found.gradients.values())
    named = with_named_repeats(question, cost)
    return found if named is question else _at_some_points(named, actual=actual)


def _at_some_points(question: Question, *, actual: bool) -> Working:
    """Return the solution, checked at the first points at which all can be computed."""
    judge = judge_of(question, actual=actual)
    failed: VerificationError | None = None
    for _ in range(OTHER_POINTS):
        try:
            return work_at(question, judge)
        except SingularError:
            pass
        except VerificationError as error:
            if judge.analytic or error.code in ("E404", "E405", "E410"):
                raise
            failed = failed or error  # differences are inexact where f is nearly not smooth: elsewhere they tell
        try:
            judge.next_points()
        except StopIteration:
            break
    raise failed or VerificationError("E403", "no random point was found at which the gradient is defined")


def work_at(question: Question, judge: Judge) -> Working:
    """Return the solution of `question`, its lines checked by `judge`."""
    check_other_form(question, judge)
    working = _of_scalar(question, judge) if question.f.is_scalar else _in_vec_form(question, judge)
    check_printed(working, judge)
    return working


def is_plainly_defined(question: Question) -> bool:
    """Whether nothing in f asks for a positive number, or matrix, where the form shows that there is none."""
    asking = [x for x in _asks_for_positive(question) if x.shape == x.arguments[0].shape]
    for x in asking:
        of_entries = x.operator.acts_on_entries
        if (sign_of_entries if of_entries else definiteness)(normalise(x.arguments[0])) < 0:
            return False
    return True


def _asks_for_positive(question: Question) -> list[Apply]:
    """Return what in f has a real value for a positive argument alone."""
    roots = (question.f, *(body for _, body in question.definitions))
    nodes = [x for root in roots for x in walk(root) if isinstance(x, Apply)]
    return [x for x in nodes if x.operator.of_positive is not None and x.operator.of_positive(x)]


# --- vectors and matrices


def _in_vec_form(question: Question, judge: Judge) -> Working:
    """Return the checked solution of a question about a function that is a vector or a matrix."""
    from ..calculus.vec_form import joined_kroneckers, term_by_term  # here, as below: what most solutions do not need
    from .jacobians import Jacobians

    unmet = next((name for name in ("solve", "structured", "hessian") if name in question.wishes), None)
    if unmet is not None:
        message = f"'{unmet}' is asked of a scalar, and f is none"
        raise UnsupportedError("E306", message, question.wishes[unmet], "leave it out")
    start = prepared(question, judge)
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
        factors = term_by_term(start.at_rest(form.full[variable]))
        value = start.abbreviated(as_answer(joined_kroneckers(factors)))
        before = factors if through and not reads_alike(factors, value) else None
        found[variable] = Result(variable, value, form.checked(variable, value), before=before)
    for claim in question.claims:
        truth = form.true(claim.variable)
        check_claim(claim, _refutation(truth, claim, claim.value), found[claim.variable].value)
    return Working(question, start.rows, links, found, {}, {}, judge.analytic, in_vec_form=True)


# --- scalars


def _of_scalar(question: Question, judge: Judge) -> Working:
    """Return the checked solution of a question about a scalar, with what else was wished for."""
    start = prepared(question, judge)
    form = Traces(start)
    links = chain_links(start, form, start.relevant) or (form.constant(),)
    gradients, structured, seconds = {}, {}, {}
    for x in question.variables:
        value = start.abbreviated(form.gradient(x))
        gradients[x] = Result(x, transpose(value) if question.turned else value, form.checked(x, value))
        if "structured" in question.wishes:
            structured[x] = _tied(form, x, value)
    if "hessian" in question.wishes:
        from .hessian import second_derivative

        slopes = {x: form.slopes.get(x, zero(x.shape)) for x in question.variables}
        seconds = {x: second_derivative(start, slope, x) for x, slope in slopes.items()}
    chain = form.chain([*(x.value for x in gradients.values()), *(x.value for x in structured.values())])
    full = {x: slope for x, slope in form.full.items() if not slope.symbols & form.names.keys()}
    alone, joint, places = _stationary(start, full) if "solve" in question.wishes else ZeroGradients({})
    working = Working(
        question, start.rows, links, gradients, structured, alone, judge.analytic, seconds, chain, joint, places
    )
    _check_claims(working, judge)
    return working


def _stationary(start: Prepared, slopes: Mapping[Symbol, Expr]) -> ZeroGradients:
    """Return the stationary points by variables."""
    from .stationary import stationary_points

    return stationary_points(start, slopes)


def _tied(form: Traces, variable: Symbol, value: Expr) -> Tied:
    """Return the gradient within the structure that the variable is declared to have.

    Raises:
        UnsupportedError: it is declared to have none that is known.
    """
    question, judge = form.prepared.question, form.prepared.judge
    structure = structure_of(variable)
    if structure is None:
        hint = f"declare it: [{variable.latex}: symmetric], diagonal or skew-symmetric"
        place = question.wishes["structured"]
        raise UnsupportedError("E305", f"{variable.latex} has no structure that is known", place, hint)
    tied = structure.tied(value)
    check = judge.within(variable, structure).check(tied)
    passed(check, f"the structured gradient with respect to {variable.latex}", tied)
    return Tied(variable, structure.tied(partial(variable, question.name)), tied, structure.reason, check)


def _refutation(truth: Truth, claim: StatedDerivative, value: Expr) -> str:
    """Return where the `value` of a claim is not what it must be, in words; "" where it is.

    Raises:
        VerificationError: that cannot be decided.
    """
    try:
        return truth.refutation(value)
    except VerificationError as error:
        if error.code != "E405":
            raise
        message = f"it cannot be decided whether the claimed derivative with respect to {claim.variable.latex} is true"
        raise VerificationError("E405", message, claim.span, error.hint) from None


def _check_claims(solution: Working, judge: Judge) -> None:
    """Compare what the author claims with the derivatives.

    Raises:
        VerificationError: a claim is wrong, with the numbers that refute it.
    """
    wishes = solution.question.wishes
    for claim in solution.question.claims:
        variable = claim.variable
        value = zero(variable.shape) if is_zero(claim.value) and "hessian" not in wishes else claim.value
        structure = structure_of(variable) if "structured" in wishes else None
        if "hessian" in wishes:
            second = solution.seconds[variable]
            truth, right = judge.second_of(variable, second.slope), second.value
        elif structure is not None:
            truth, right = judge.within(variable, structure), solution.structured[variable].value
        else:
            truth, right = judge.gradient_of(variable, judge.f), solution.gradients[variable].value
            value = transpose(value) if solution.question.turned else value
        check_claim(claim, _refutation(truth, claim, value), right)
