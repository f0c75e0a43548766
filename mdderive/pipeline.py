"""From a question to a checked solution: rewrite, differentiate, transport, read off, check every line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from types import MappingProxyType
from typing import Any

from .definite import definiteness
from .derivation import Link, Result, Second, Stationary, Step, Tied, Working, partial
from .differential import write_out
from .errors import UnsupportedError, VerificationError
from .expr import ONE, Apply, Expr, Operator, Symbol, Wording, number, to_latex, walk
from .gradient import Part, Transport, arrival_line, as_line, gradient, in_trace, is_turned, transport
from .identities import prepare
from .jacobian import turned, vec_form
from .matching import fold
from .operators.arithmetic import (
    add,
    add_row,
    build,
    d,
    holds_differential,
    identity_row,
    is_self_transposed,
    is_zero,
    normalise,
    product,
    reading_cost,
    substitute,
    sum_row,
    terms_of,
    trace_row,
    transpose,
    transpose_row,
    zero,
)
from .operators.matrix import stacked_matrix, vector_of
from .properties import SELF_TRANSPOSED
from .reading import Claim, Question
from .stationary import solve_for
from .structure import structure_of
from .sums import in_matrix_form
from .verify import Check, SingularError, Subject, size_of, subject, subjects

OTHER_POINTS = 12
"""At how many sets of points a solution is tried before it is given up."""
NO_VALUES: Mapping[Expr, Any] = MappingProxyType({})
_ZH_LIST, _EN_LIST = "、", ", "


def work(question: Question) -> Working:
    """Return the checked solution of `question`.

    Raises:
        UnsupportedError: an operator has no differential, or a wish cannot be met.
        VerificationError: a line failed its check, or a claim is wrong.
    """
    if not question.f.is_scalar:
        return work_in_vec_form(question)
    if question.options.get("layout") == "numerator":
        hint = "leave it out: the derivative then has the shape of the variable"
        raise UnsupportedError("E306", "'layout: numerator' is not supported yet", hint=hint)
    failed: VerificationError | None = None
    for points in islice(subjects(question.f, question.definitions), OTHER_POINTS):
        worker = _Worker(question, points)
        try:
            worker.rewrite()
            worker.pass_through()
            solution = worker.finish()
        except SingularError:
            continue
        except VerificationError as error:
            if points.analytic:
                raise
            failed = failed or error  # differences are inexact where f is nearly not smooth: elsewhere they tell
            continue
        worker.check_claims()
        return solution
    if failed is not None:
        raise failed
    raise VerificationError("E403", "no random point was found at which the gradient is defined")


def work_in_vec_form(question: Question) -> Working:
    """Return the checked solution of a question about a function that is a vector or a matrix.

    Raises:
        UnsupportedError: a term has no vec form that is known, or a wish cannot be met.
        VerificationError: a line failed its check, or a claim is wrong.
    """
    unmet = next((name for name in ("solve", "structured", "hessian") if name in question.wishes), None)
    if unmet is not None:
        message = f"'{unmet}' is asked of a scalar, and f is none"
        raise UnsupportedError("E306", message, question.wishes[unmet], "leave it out")
    if question.intermediates:
        message = "named values on the way to a vector or matrix are not supported yet"
        raise UnsupportedError("E306", message, hint="write the function without them")
    points = subject(question.f, question.definitions)
    rewriting, f = _rewritten(question, points)
    links = tuple(_vec_link(question, points, f, variable) for variable in question.variables)
    gradients = {link.results[0].of: link.results[0] for link in links}
    for claim in question.claims:
        refutation = points.refutation(claim.value, _vec_truth(question, points, claim.variable))
        _check_claim(claim, refutation, gradients[claim.variable].value)
    return Working(question, rewriting, links, gradients, {}, {}, points.analytic, in_vec_form=True)


def _rewritten(question: Question, points: Subject) -> tuple[tuple[Step, ...], Expr]:
    """Return the rows that bring f into the form in which it is differentiated, and that form."""
    f, rewritings = prepare(question.f)
    truth = points.value(question.f)
    rows = []
    for one in rewritings:
        check = points.compare(points.value(one.result), truth)
        checked = _passed(check, f"the line {question.name} = ...", one.result)
        rows.append(Step(one.identity.name, question.name, one.result, one.says, checked))
    return tuple(rows), f


def _vec_link(question: Question, points: Subject, f: Expr, variable: Symbol) -> Link:
    """Return the rows from df to T vec(dX), and the derivative that is read off."""
    moving = d(variable)
    rules: list[Operator] = []
    written = write_out(f, [variable], rules)
    if written is None:
        hint = f"{question.name} does not depend on {variable.latex}"
        raise UnsupportedError("E306", "the derivative of a constant matrix is not written out", hint=hint)
    line = normalise(written)
    matrix, words = vec_form(line, moving)
    direction = points.direction(variable)
    truth = points.along(question.f, {variable: direction})
    steps: list[Step] = []

    def row(rule: str, left: str, right: Expr, reason: Wording, true: Any) -> None:
        check = _passed(points.compare(points.value(right, {moving: direction}), true), f"the line {left} = ...", right)
        steps.append(Step(rule, left, right, reason, check))

    name = rf"\mathrm{{d}}{question.name}"
    row("differential", name, written, _rule_words(rules), truth)
    if _skeletons(written) != _skeletons(line):
        row("tidy", name, line, REARRANGE, truth)
    plain = ONE in f.shape and ONE in variable.shape
    stacked = _stacked(truth)
    left = name if plain and f.shape[1] == ONE else rf"\operatorname{{vec}}({name})"
    if not variable.is_scalar:
        right = _times_moving(matrix, vector_of(moving))
        if to_latex(right) != to_latex(steps[-1].right):
            row("vec", left, right, _joined(words or [REARRANGE]), stacked)
    value = _vec_value(question, f, variable, matrix)
    check = _passed(
        points.compare(points.value(value), _vec_truth(question, points, variable)), "the derivative", value
    )
    return Link(None, tuple(steps), (Result(variable, value, check),))


def _stacked(values: Any) -> Any:
    """Return the columns of each matrix under each other."""
    return values.swapaxes(-1, -2).reshape(*values.shape[:-2], -1, 1)


def _times_moving(matrix: Expr, moved: Expr) -> Expr:
    """Return T vec(dX) as it is written; T = I left out."""
    plain = isinstance(matrix, Apply) and matrix.operator is identity_row
    if plain or not isinstance(matrix, Apply) or matrix.operator is add_row:
        return moved if plain else Apply(product, (matrix, moved))
    return Apply(product, (*(matrix.arguments if matrix.operator is product else (matrix,)), moved))


def _vec_value(question: Question, f: Expr, variable: Symbol, matrix: Expr) -> Expr:
    """Return the derivative in the layout that is asked for; by a number it has the shape of f."""
    if variable.is_scalar:
        return stacked_matrix(matrix, f.shape)
    value = matrix if question.options.get("layout") == "numerator" else turned(matrix)
    free = {x: x.at_rest for x in question.variables if x.at_rest is not x}
    return substitute(value, free, build) if free else value


def _vec_truth(question: Question, points: Subject, variable: Symbol) -> Any:
    matrix = points.jacobian(variable)
    if variable.is_scalar:
        rows, columns = (size_of(x, points.points.sizes) for x in question.f.shape)
        return matrix[..., 0].reshape(*matrix.shape[:-2], columns, rows).swapaxes(-1, -2)
    return matrix if question.options.get("layout") == "numerator" else matrix.swapaxes(-1, -2)


@dataclass
class _Worker:
    question: Question
    subject: Subject
    f: Expr = field(init=False)
    rewriting: list[Step] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    bodies: dict[Symbol, Expr] = field(default_factory=dict)
    totals: dict[Symbol, list[Expr]] = field(default_factory=dict)
    named: dict[Symbol, Expr] = field(default_factory=dict)
    results: dict[Symbol, Result] = field(default_factory=dict)

    # --- rewriting f

    def rewrite(self) -> None:
        """Bring f into the form in which it is differentiated, each change a row."""
        q = self.question
        truth = self.subject.value(q.f)
        whole = in_matrix_form(q.f)
        if whole is not q.f:
            self.rewriting.append(self._step("matrix form", q.name, whole, MATRIX_FORM, truth))
        self.f, rewritings = prepare(whole)
        for one in rewritings:
            self.rewriting.append(self._step(one.identity.name, q.name, one.result, one.says, truth))
        relevant = self._relevant()
        for symbol, body in q.intermediates:
            folded = normalise(prepare(in_matrix_form(body))[0])
            for known, its_body in self.bodies.items():
                folded = fold(folded, its_body, known)
            self.bodies[symbol] = folded
        through = normalise(self.f)
        for symbol, body in self.bodies.items():
            through = fold(through, body, symbol)
        missing = [x for x in self.bodies if x in relevant and not self._used(x, through)]
        if missing:
            raise UnsupportedError(
                "E303",
                f"{missing[0].latex} does not occur in the function",
                q.places.get(missing[0]),
                hint=f"write the definition of {missing[0].latex} as it stands in the function",
            )
        if through is not normalise(self.f):
            self.f = through
            names = ",".join(x.latex for x in self.bodies if x in through.symbols)
            reason = Wording(rf"in terms of ${names}$", rf"用 ${names}$ 表示")
            self.rewriting.append(self._step("substitution", q.name, through, reason, truth))

    def _relevant(self) -> set[Symbol]:
        """Return the intermediates that depend on a variable."""
        found: set[Symbol] = set()
        for symbol, body in self.question.intermediates:
            if body.symbols & (found | set(self.question.variables)):
                found.add(symbol)
        return found

    def _used(self, symbol: Symbol, through: Expr) -> bool:
        return symbol in through.symbols or any(symbol in body.symbols for body in self.bodies.values())

    # --- the chain

    def pass_through(self) -> None:
        """Differentiate f, then every named value it goes through, the last one first."""
        relevant = self._relevant()
        targets = {*self.question.variables, *(x for x in self.bodies if x in relevant)}
        order = [x for x in reversed(list(self.bodies)) if x in relevant]
        self._link(None, self.f, targets, order)
        for k, symbol in enumerate(order):
            if symbol in self.totals:
                self._link(symbol, self.bodies[symbol], targets, order[k + 1 :])

    def _link(self, through: Symbol | None, body: Expr, targets: set[Symbol], later: Sequence[Symbol]) -> None:
        reached = [x for x in _in_order(body, self.question.symbols.values()) if x in targets]
        if not reached:
            if through is None:
                self.links.append(self._constant(body))
            return
        way = _Way(self, through, body, reached)
        steps = way.steps()
        for symbol, part in way.gradients.items():
            self.totals.setdefault(symbol, []).append(part)
        waiting = {x for y in later if y in self.totals or y in reached for x in self.bodies[y].symbols}
        done = [x for x in reached if x not in waiting]
        if set(reached) <= set(self.question.variables):
            done.sort(key=self.question.variables.index)
        self.links.append(Link(through, tuple(steps), tuple(self._result(x, way) for x in done)))

    def _constant(self, body: Expr) -> Link:
        """Return the link of a function that turned out not to depend on the variables."""
        variables = self.question.variables
        truth = self.subject.along(body, {x: self.subject.direction(x) for x in variables})
        row = self._step("constant", rf"\mathrm{{d}}{self.question.name}", number(0), CONSTANT, truth)
        results = [Result(x, zero(x.shape), self._check_gradient(x, zero(x.shape))) for x in variables]
        return Link(None, (row,), tuple(results))

    def _result(self, symbol: Symbol, way: _Way) -> Result:
        parts = self.totals[symbol]
        value = self._at_rest(add(*parts))
        name = partial(symbol, self.question.name)
        full = substitute(value, self.named, build)
        self.named[name] = full
        check = self._check_gradient(symbol, full)
        found = Result(symbol, value, check, way.read_off(symbol) if len(parts) == 1 else None, len(parts))
        self.results[symbol] = found
        return found

    def abbreviated(self, value: Expr) -> Expr:
        """Return `value` with the author's abbreviations where their bodies stand."""
        for symbol, body in self.question.abbreviations:
            value = fold(value, normalise(body), symbol)
        return value

    def _at_rest(self, value: Expr) -> Expr:
        """Return `value` with the properties of the variables in force again."""
        free = {x: x.at_rest for x in self.question.variables if x.at_rest is not x}
        return substitute(value, free, build) if free else value

    def _check_gradient(self, symbol: Symbol, value: Expr) -> Check:
        truth = self.subject.gradient(symbol, self.f if symbol in self.bodies else None)
        check = self.subject.compare(self.subject.value(value), truth)
        return _passed(check, f"the gradient with respect to {symbol.latex}", value)

    # --- checks

    def _step(
        self, rule: str, left: str, right: Expr, reason: Wording, truth: Any, given: Mapping[Expr, Any] = NO_VALUES
    ) -> Step:
        check = self.subject.compare(self.subject.value(right, given), truth)
        return Step(rule, left, right, reason, _passed(check, f"the line {left} = ...", right))

    def finish(self) -> Working:
        """Return the solution, with the gradients by the variables in full."""
        q = self.question
        gradients, structured, stationary = {}, {}, {}
        for variable in q.variables:
            value = self.abbreviated(self._at_rest(self._found(variable)))
            known = self.results.get(variable)
            checked = known.check if known and known.value is value else self._check_gradient(variable, value)
            gradients[variable] = Result(variable, value, checked)
            if "structured" in q.wishes:
                structured[variable] = self._tied(variable, value)
            if "solve" in q.wishes:
                found = self._solve(variable, value)
                if found is not None:
                    stationary[variable] = found
        links, seconds = tuple(self.links), {}
        if "hessian" in q.wishes:
            seconds = {x: self._second(x) for x in q.variables}
        analytic = self.subject.analytic
        return Working(q, tuple(self.rewriting), links, gradients, structured, stationary, analytic, seconds)

    def _found(self, variable: Symbol) -> Expr:
        """Return the gradient by `variable`; zero where f turned out not to depend on it."""
        return self.named.get(partial(variable, self.question.name), zero(variable.shape))

    def _second(self, variable: Symbol) -> Second:
        """Return the second derivative by `variable`, from the differential of the gradient."""
        slope = self._slope(variable)
        direction = self.subject.direction(variable)
        given: dict[Expr, Any] = {d(variable): direction}
        truth = self.subject.along(slope, {variable: direction})
        left = rf"\mathrm{{d}}{partial(variable, self.question.name).latex}"
        rules: list[Operator] = []
        written = write_out(slope, [variable], rules)
        if written is None:
            return self._second_of_linear(variable, left, truth)
        line = normalise(written)
        matrix, words = vec_form(line, d(variable))
        steps = [self._step("differential", left, written, _rule_words(rules), truth, given)]
        if _skeletons(written) != _skeletons(line):
            steps.append(self._step("tidy", left, line, REARRANGE, truth, given))
        if ONE not in variable.shape:
            left, truth = rf"\operatorname{{vec}}\left({left}\right)", _stacked(truth)
        if not variable.is_scalar:
            right = _times_moving(matrix, vector_of(d(variable)))
            if to_latex(right) != to_latex(steps[-1].right):
                steps.append(self._step("vec", left, right, _joined(words or (REARRANGE,)), truth, given))
        value = self._at_rest(matrix)
        check = self.subject.close(self.subject.value(value), self.subject.hessian(variable))
        _passed(check, "the second derivative", value)
        return Second(variable, tuple(steps), value, check, definiteness(value))

    def _slope(self, variable: Symbol) -> Expr:
        """Return the gradient while the variable still moves in all directions, named values written out."""
        f = self.f
        for symbol, body in reversed(self.bodies.items()):
            f = substitute(f, {symbol: body}, build)
        return gradient(normalise(f), variable)

    def _bends(self, variable: Symbol, points: Subject, place: Any) -> int:
        """Return what is known of the second derivative by its form, checked by the values of f beside `place`.

        Raises:
            VerificationError: f is smaller beside a minimum, or greater beside a maximum.
        """
        written = write_out(self._slope(variable), [variable], [])
        try:
            matrix = None if written is None else vec_form(normalise(written), d(variable))[0]
        except UnsupportedError:
            return 0
        found = 0 if matrix is None else definiteness(self._at_rest(matrix))
        if found and not points.bends_at(variable, place, found):
            raise VerificationError("E401", f"the stationary point in {variable.latex} is not what it seems")
        return found

    def _second_of_linear(self, variable: Symbol, left: str, truth: Any) -> Second:
        """Return the second derivative of a function whose gradient is constant."""
        size = tuple(sorted(variable.shape[0] + variable.shape[1]))
        row = self._step("constant", left, zero(variable.shape), CONSTANT, truth)
        value = zero((size, size))
        check = self.subject.close(self.subject.value(value), self.subject.hessian(variable))
        return Second(variable, (row,), value, _passed(check, "the second derivative", value))

    def _tied(self, variable: Symbol, value: Expr) -> Tied:
        """Return the gradient within the structure that the variable is declared to have.

        Raises:
            UnsupportedError: it is declared to have none that is known.
        """
        structure = structure_of(variable)
        if structure is None:
            hint = f"declare it: [{variable.latex}: symmetric], diagonal or skew-symmetric"
            place = self.question.wishes["structured"]
            raise UnsupportedError("E305", f"{variable.latex} has no structure that is known", place, hint)
        tied = structure.tied(value)
        check = self.subject.compare(
            self.subject.value(tied), self.subject.gradient_within(variable, structure.direction)
        )
        _passed(check, f"the structured gradient with respect to {variable.latex}", tied)
        recipe = structure.tied(partial(variable, self.question.name))
        return Tied(variable, recipe, tied, structure.reason, check)

    def _solve(self, variable: Symbol, value: Expr) -> Stationary | None:
        found = solve_for(value, variable.at_rest)
        if found is None:
            return None
        checked = self._check_zero(variable, found.solution)
        if checked is None:
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
            self._bends(variable, points, points.value(found.solution)),
        )

    def _check_zero(self, variable: Symbol, solution: Expr) -> tuple[Check, Subject] | None:
        """Return the check that the gradient vanishes at `solution`, and the first points where that can be computed.

        At the points of the derivation what is to be inverted may be singular (fewer samples than entries).
        """
        others = islice(subjects(self.question.f, self.question.definitions), OTHER_POINTS)
        for tried in chain((self.subject,), others):
            try:
                check = tried.vanishes_at(variable, tried.value(solution))
            except ArithmeticError:
                continue
            if check.ok:
                return check, tried
        return None

    def check_claims(self) -> None:
        """Compare what the author claims with the numerical derivatives.

        Raises:
            VerificationError: a claim is wrong, with the numbers that refute it.
        """
        for claim in self.question.claims:
            variable = claim.variable
            second = "hessian" in self.question.wishes
            truth = self.subject.hessian(variable) if second else self.subject.gradient(variable)
            right = self._second(variable).value if second else self._found(variable)
            _check_claim(claim, self.subject.refutation(claim.value, truth, exact=not second), right)


def _check_claim(claim: Claim, refutation: str, right: Expr) -> None:
    """Refuse a claim that is refuted.

    Raises:
        VerificationError: it is, with the numbers.
    """
    if refutation:
        message = f"the claimed derivative with respect to {claim.variable.latex} is wrong: {refutation}"
        raise VerificationError("E410", message, claim.span, f"the derivative is {to_latex(right)}")


def _passed(check: Check, what: str, value: Expr) -> Check:
    """Return the check of `value`.

    Raises:
        VerificationError: it did not pass.
    """
    if check.ok:
        return check
    raise VerificationError(
        "E401",
        f"{what} failed its numerical check (relative error {check.max_relative_error:.1g})",
        hint=f"please report this; the line was {to_latex(value)}",
    )


def _in_order(body: Expr, symbols: Any) -> list[Symbol]:
    return [x for x in symbols if x in body.symbols]


# --- the rows of one link ---------------------------------------------------------------------------------


class _Way:
    """The rows from df to the gradients by the symbols that `body` reaches."""

    def __init__(self, worker: _Worker, through: Symbol | None, body: Expr, reached: Sequence[Symbol]) -> None:
        self.worker = worker
        self.through = through
        self.body = body
        self.reached = reached
        self.rules: list[Operator] = []
        self.written = self._differential(working=True)
        self.tidy = normalise(self._differential(working=False))
        self.cotangent = partial(through, worker.question.name) if through is not None else None
        self.transport: Transport = transport(self.tidy, [d(x) for x in reached], self.cotangent)
        self.in_traces = any(ONE not in x.shape for x in reached)
        self.gradients = {x: worker.abbreviated(self.transport.gradients[d(x)]) for x in reached}
        self.left = rf"\mathrm{{d}}{worker.question.name}"
        self.rows: list[Step] = []
        self.shown: Expr | None = None

    def _differential(self, *, working: bool) -> Expr:
        rules = self.rules if working else []
        found = write_out(self.body, self.reached, rules, working=working)
        assert found is not None
        return found

    def read_off(self, symbol: Symbol) -> Expr | None:
        """Return the M of `df = tr(M dX)` where it is short and its transpose is not its own name."""
        value = self.gradients[symbol]
        turned = transpose(value)
        told = any(isinstance(x, Apply) and x.operator is transpose_row for x in (value, turned))
        short = reading_cost(value) <= 6 and r"\frac" not in to_latex(value)
        told = told or is_zero(value)
        return turned if short and not told and turned is not value and not symbol.is_scalar else None

    # rows

    def steps(self) -> list[Step]:
        """Return the rows, those that look the same left out."""
        self.given, self.truth = self._directions()
        if self.through is not None and self.cotangent is not None:
            # Not df, which may have other terms: the term in dY, into which dY is substituted.
            self.left = to_latex(as_line([(d(self.through), self.cotangent)], {}, in_traces=self.in_traces))
        self._row("differential", self._line(self.written), _rule_words(self.rules))
        self._row("tidy", self._line(self.tidy), self._tidying())
        self._trace_row()
        self._stages()
        self._arrivals()
        self._final()
        return self.rows

    def _line(self, linear: Expr) -> Expr:
        if self.cotangent is None:
            return linear
        return as_line([(t, self.cotangent) for t in terms_of(linear)], self.transport.ranges, in_traces=self.in_traces)

    def _directions(self) -> tuple[dict[Expr, Any], Any]:
        """Return random differentials of the reached symbols, and the true df along them."""
        subject = self.worker.subject
        directions = {x: subject.direction(x) for x in self.reached}
        given: dict[Expr, Any] = {d(x): value for x, value in directions.items()}
        truth = subject.along(self.body, directions)
        if self.through is not None and self.cotangent is not None:
            slope = subject.gradient(self.through, self.worker.f)
            given[self.cotangent] = slope
            given[d(self.through)] = truth
            truth = (slope * truth).sum(axis=(-1, -2), keepdims=True)
        return given, truth

    def _row(self, rule: str, right: Expr, reason: Wording) -> None:
        if self.shown is not None and to_latex(self.shown) == to_latex(right):
            return
        if self.shown is not None and rule == "tidy" and _skeletons(self.shown) == _skeletons(right):
            self.shown = right  # a sign, a parenthesis or a term moved: nothing that a reader wants to see
            return
        self.rows.append(self.worker._step(rule, self.left, right, reason, self.truth, self.given))
        self.shown = right

    def _tidying(self) -> Wording:
        words = [row.worked for row in self.rules if row.worked is not None and row.working is not None]
        if is_turned(self.written) and not is_turned(self.tidy):
            words.append(TRANSPOSE_IN_TRACE if _has_trace(self.written) else SCALAR_TRANSPOSE)
            words.extend(self._symmetric())
        before, after = _terms_in_traces(self.written), _terms_in_traces(self.tidy)
        if not words and after < before:
            words.append(CYCLIC if _has_trace(self.tidy) else COLLECT)
        elif not words and _has_trace(self.tidy) and len(terms_of(self.tidy)) > len(terms_of(self.written)):
            words.append(LINEAR_TRACE)
        return _joined(words or [REARRANGE])

    def _symmetric(self) -> list[Wording]:
        """Return the declared symmetries without which the gradient would read otherwise."""
        found = []
        for symbol in self.worker.question.symbols.values():
            if is_self_transposed(symbol) and not symbol.is_scalar and symbol in self.tidy.symbols:
                others = symbol.properties - SELF_TRANSPOSED
                free = Symbol(symbol.latex, symbol.size, others, symbol.index, symbol.family)
                plain = normalise(substitute(self.written, {symbol: free, d(symbol): d(free)}))
                if to_latex(plain) != to_latex(normalise(self.written)):
                    found.append(_own_transpose(symbol))
        return found

    def _trace_row(self) -> None:
        """Put a scalar into a trace, as a row of its own where there is one term only or a sum over an index."""
        if not self.in_traces or self.cotangent is not None or not isinstance(self.shown, Apply):
            return
        if self.transport.stages:
            return
        if self.shown.operator is add_row and not any(_is_sum(x) for x in walk(self.shown)):
            return
        words = [SCALAR_TRACE] + [EXCHANGE] * any(_is_sum(x) for x in walk(self.shown))
        self._row("trace", in_trace(self.shown), _joined(words))

    def _stages(self) -> None:
        for stage in self.transport.stages:
            words = [x.adjoint_rule for x in stage.passed if x.adjoint_rule is not None]
            line = as_line(stage.parts, self.transport.ranges, in_traces=self.cotangent is not None and self.in_traces)
            if not self._is_plainer(line):
                self._row("adjoint", line, _joined(words or self._moves()))

    def _is_plainer(self, line: Expr) -> bool:
        """Whether the row before shows the same in traces."""
        return self.shown is not None and to_latex(in_trace(line)) == to_latex(self.shown)

    def _arrivals(self) -> None:
        """Show the terms with dX at the right end before they are added up, where that is a step of its own."""
        parts, ranges = self.transport.arrivals, self.transport.ranges
        summed = any(names for _, _, names in parts)
        lines = [arrival_line(part, ranges) for part in parts]
        several = len(parts) > len(self.reached) and len(set(map(to_latex, lines))) > 1
        if summed or (several and self.shown is not None and (is_turned(self.shown) or self._long())):
            words = self._moves()
            terms = [term for x in lines for term in terms_of(x)]
            line = terms[0] if len(terms) == 1 else Apply(add_row, tuple(terms))
            self._row("arrivals", line, _joined(words))

    def _long(self) -> bool:
        return len(self.transport.arrivals) > 2

    def _moves(self) -> list[Wording]:
        """Return what was done to bring dX to the right end of the row before."""
        assert self.shown is not None
        words: list[Wording] = []
        scalars_left = self.in_traces and to_latex(in_trace(self.shown)) != to_latex(self.shown)
        if scalars_left:
            words.append(SCALAR_TRACE)
        if is_turned(self.shown):
            words.append(TRANSPOSE_IN_TRACE if self.in_traces else SCALAR_TRANSPOSE)
        words.extend(_cyclic_words(self.shown) if self.in_traces else [])
        return words or [REARRANGE]

    def _final(self) -> None:
        if self.shown is not None and is_zero(self.shown):
            return
        at_rest = {x: self.worker._at_rest(self.gradients[x]) for x in self.reached}
        parts: list[Part] = [(d(x), at_rest[x]) for x in self.reached]
        line = as_line(parts, {})
        words = [x for x in self._moves() if x is not REARRANGE]
        if self.shown is not None and any(_is_sum(x) and holds_differential(x) for x in walk(self.shown)):
            words.append(EXCHANGE if self.in_traces else UNDER_SUM)
        if len(self.transport.arrivals) > len(self.reached) and not words:
            words.append(COLLECT)
        moving = as_line([(d(x), self.gradients[x]) for x in self.reached], {})
        if to_latex(moving) != to_latex(line):
            words.extend(_own_transpose(x) for x in self.worker.question.variables if x.at_rest is not x)
        for symbol, _ in self.worker.question.abbreviations:
            if any(symbol in g.symbols for _, g in parts):
                words.append(Wording(rf"definition of ${symbol.latex}$", rf"代入 ${symbol.latex}$"))
        self._row("final", line, _joined(words or [REARRANGE]))


CONSTANT = Wording("a constant", "常量")
MATRIX_FORM = Wording("in matrix form", "写成矩阵形式")
SCALAR_TRACE = Wording("trace of a scalar", "标量套上迹")
SCALAR_TRANSPOSE = Wording("a scalar equals its transpose", "标量等于其转置")
TRANSPOSE_IN_TRACE = Wording(*[r"$\operatorname{tr}(A^\top)=\operatorname{tr}(A)$"] * 2)
EXCHANGE = Wording("exchange trace and sum", "交换迹与求和")
UNDER_SUM = Wording("collect under the sum", "并入求和号内")
CYCLIC = Wording("cyclic property", "迹内循环交换")
COLLECT = Wording("collect terms", "合并")
LINEAR_TRACE = Wording("linearity of the trace", "迹的线性")
REARRANGE = Wording("rearrange", "整理")


def _joined(words: Sequence[Wording]) -> Wording:
    unique = list(dict.fromkeys(words))
    return Wording(_EN_LIST.join(x.en for x in unique), _ZH_LIST.join(x.zh for x in unique))


def _rule_words(rules: Sequence[Operator]) -> Wording:
    """Return the names of the rules; those that go without saying only where there are no others."""
    telling = [x for x in rules if not x.plain] or list(rules)
    en, zh = ([x.rule.says(language) for x in telling] for language in ("en", "zh"))
    return Wording(_rules(en, " rule", " and "), _rules(zh, "法则", "、"))


def _rules(names: Sequence[str], suffix: str, last: str) -> str:
    """Return `product and transpose rules` for `product rule`, `transpose rule`; other names behind."""
    rules = [x.removesuffix(suffix).strip() for x in dict.fromkeys(names) if x.endswith(suffix)]
    others = [x for x in dict.fromkeys(names) if not x.endswith(suffix)]
    comma = _EN_LIST if suffix == " rule" else _ZH_LIST
    plural = suffix + "s" * (len(rules) > 1 and suffix == " rule")
    plural = plural if suffix == " rule" or not rules or not rules[-1].isascii() else " " + plural
    head = [comma.join(rules[:-1]) + last * (len(rules) > 1) + rules[-1] + plural] if rules else []
    return comma.join([*head, *others])


def _is_sum(x: Expr) -> bool:
    return isinstance(x, Apply) and x.operator is sum_row


def _own_transpose(symbol: Symbol) -> Wording:
    text = rf"${symbol.latex}^\top={symbol.latex}$"
    return Wording(text, text)


def _skeletons(x: Expr) -> list[str]:
    """Return the LaTeX of the terms of `x` without signs, parentheses and spaces, in alphabetical order."""
    texts = [to_latex(term) for term in terms_of(x)]
    return sorted(re.sub(r"\\(?:left|right|bigl|bigr|thinspace)\b|[-+(){}\s]", "", text) for text in texts)


def _terms_in_traces(x: Expr) -> int:
    """Return how many terms `x` has, those of a sum within a trace counted each."""
    inner = [y.arguments[0] if isinstance(y, Apply) and y.operator is trace_row else y for y in terms_of(x)]
    return sum(len(terms_of(y)) for y in inner)


def _has_trace(x: Expr) -> bool:
    return any(isinstance(y, Apply) and y.operator is trace_row for y in walk(x))


def _cyclic_words(shown: Expr) -> list[Wording]:
    """Return the cyclic property, with what moves where there is one term only; nothing where dX is at the end."""
    chains = [
        x.arguments
        for x in walk(shown)
        if isinstance(x, Apply)
        and x.operator is product
        and holds_differential(x)
        and not all(y.is_scalar for y in x.arguments)
    ]
    moving = [c for c in chains if not holds_differential(c[-1])]
    if not moving:
        return []
    place = next(k for k, x in enumerate(moving[0]) if holds_differential(x))
    left, right = moving[0][: place + 1], moving[0][place + 1 :]
    if len(chains) > 1 or any(x.is_scalar for x in (*left, *right)):
        return [CYCLIC]
    shown_left, shown_right = (to_latex(Apply(product, c) if len(c) > 1 else c[0]).rstrip() for c in (left, right))
    if len(shown_right) > 30:
        return [CYCLIC]
    en = rf"cyclic property, ${shown_right}$ moves to the front"
    exchanged = rf"迹内交换 ${shown_left}$ 与 ${shown_right}$"
    return [Wording(en, exchanged if len(shown_left) < 50 else rf"迹内将 ${shown_right}$ 移至最前")]
