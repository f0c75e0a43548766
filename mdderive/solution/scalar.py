"""From a question to a checked solution: rewrite, differentiate, transport, read off, check every line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from ..algebra.expressions import ONE, Apply, Expr, Operator, Symbol, Wording, number, to_latex, walk
from ..algebra.factoring import add
from ..algebra.operators.structural import add_row, transpose_row
from ..algebra.properties import SELF_TRANSPOSED
from ..algebra.terms import (
    build,
    d,
    holds_differential,
    is_self_transposed,
    is_zero,
    normalise,
    reading_cost,
    substitute,
    terms_of,
    transpose,
    zero,
)
from ..calculus.definiteness import definiteness
from ..calculus.differential import write_out
from ..calculus.gradient import Part, Transport, arrival_line, as_line, gradient, in_trace, is_turned, transport
from ..calculus.stationary import solve_for
from ..calculus.structure import structure_of
from ..calculus.vec_form import vec_form
from ..checking.evaluation import SingularError
from ..checking.subject import Check, Subject, subjects
from ..errors import UnsupportedError, VerificationError
from ..question.question import Question
from .derivation import Link, Result, Second, Stationary, Step, Tied, Working, partial
from .hessian import second_derivative
from .reasons import (
    COLLECT,
    CONSTANT,
    CYCLIC,
    EXCHANGE,
    LINEAR_TRACE,
    REARRANGE,
    SCALAR_TRACE,
    SCALAR_TRANSPOSE,
    TRANSPOSE_IN_TRACE,
    UNDER_SUM,
    check_claim,
    cyclic_words,
    has_trace,
    is_sum,
    joined,
    own_transpose,
    passed,
    rule_words,
    skeletons,
    terms_in_traces,
)
from .rewriting import NO_VALUES, Rewritten, checked_step, rewritten
from .vector import abbreviated, at_rest, work_in_vec_form

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
    for points in islice(subjects(question.f, question.definitions), OTHER_POINTS):
        try:
            return work_at(question, points)
        except SingularError:
            continue
        except VerificationError as error:
            if points.analytic or error.code == "E410":
                raise
            failed = failed or error  # differences are inexact where f is nearly not smooth: elsewhere they tell
            continue
    if failed is not None:
        raise failed
    raise VerificationError("E403", "no random point was found at which the gradient is defined")


def work_at(question: Question, points: Subject) -> Working:
    """Return the solution of `question`, checked at `points`."""
    if not question.f.is_scalar:
        return work_in_vec_form(question, points)
    worker = _Worker(question, points)
    worker.rewrite()
    worker.pass_through()
    solution = worker.finish()
    worker.check_claims(solution)
    return solution


@dataclass
class _Worker:
    question: Question
    subject: Subject
    form: Rewritten = field(init=False)
    links: list[Link] = field(default_factory=list)
    totals: dict[Symbol, list[Expr]] = field(default_factory=dict)
    named: dict[Symbol, Expr] = field(default_factory=dict)
    moving: dict[Symbol, Expr] = field(default_factory=dict)
    """The same while the variables still move in all directions, whatever is declared of them."""
    full: dict[Symbol, Expr] = field(default_factory=dict)
    slopes: dict[Symbol, Expr] = field(default_factory=dict)
    """The gradients in the shape of their symbols; `slopes` while the variables still move."""
    results: dict[Symbol, Result] = field(default_factory=dict)

    def rewrite(self) -> None:
        """Bring f into the form in which it is differentiated."""
        self.form = rewritten(self.question, self.subject)

    @property
    def f(self) -> Expr:
        """The function as it is differentiated, written with the values that the author names."""
        return self.form.f

    @property
    def bodies(self) -> Mapping[Symbol, Expr]:
        """The definitions of the named values as they are differentiated."""
        return self.form.bodies

    # --- the chain

    def pass_through(self) -> None:
        """Differentiate f, then every named value it goes through, the last one first."""
        relevant = self.form.relevant
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
        turned = self.question.turned
        results = [
            Result(x, zero(x.shape[::-1] if turned else x.shape), self._check_gradient(x, zero(x.shape)))
            for x in variables
        ]
        return Link(None, (row,), tuple(results))

    def _result(self, symbol: Symbol, way: _Way) -> Result:
        parts = self.totals[symbol]
        value = self._at_rest(add(*parts))
        full = substitute(value, self.named, build)
        self._name(symbol, full, substitute(add(*parts), self.moving, build))
        check = self._check_gradient(symbol, full)
        read_off = way.read_off(symbol) if len(parts) == 1 else None
        if self.question.turned:
            value, read_off = transpose(value), None
        found = Result(symbol, value, check, read_off, len(parts))
        self.results[symbol] = found
        return found

    def name_of(self, symbol: Symbol) -> Symbol:
        """Return the name of the gradient by `symbol`, in the layout that is asked for."""
        return partial(symbol, self.question.name, turned=self.question.turned)

    def gradient_named(self, symbol: Symbol) -> Expr:
        """Return the gradient by `symbol`, in its shape, by its name."""
        name = self.name_of(symbol)
        return transpose(name) if self.question.turned else name

    def _name(self, symbol: Symbol, full: Expr, moving: Expr) -> None:
        turn = transpose if self.question.turned else (lambda x: x)
        self.full[symbol] = full
        self.named[self.name_of(symbol)] = turn(full)
        self.slopes[symbol] = moving
        self.moving[self.name_of(symbol)] = turn(moving)

    def abbreviated(self, value: Expr) -> Expr:
        """Return `value` with the author's abbreviations where their bodies stand."""
        return abbreviated(self.question, value)

    def _at_rest(self, value: Expr) -> Expr:
        """Return `value` with the properties of the variables in force again."""
        return at_rest(self.question, value)

    def _check_gradient(self, symbol: Symbol, value: Expr) -> Check:
        truth = self.subject.gradient(symbol, self.f if symbol in self.bodies else None)
        check = self.subject.compare(self.subject.value(value), truth)
        return passed(check, f"the gradient with respect to {symbol.latex}", value)

    # --- checks

    def _step(
        self, rule: str, left: str, right: Expr, reason: Wording, truth: Any, given: Mapping[Expr, Any] = NO_VALUES
    ) -> Step:
        return checked_step(self.subject, rule, left, right, reason, truth, given)

    def finish(self) -> Working:
        """Return the solution, with the gradients by the variables in full."""
        q = self.question
        gradients, structured, stationary = {}, {}, {}
        for variable in q.variables:
            value = self.abbreviated(self._at_rest(self._found(variable)))
            known = self.full.get(variable) is value and variable in self.results
            checked = self.results[variable].check if known else self._check_gradient(variable, value)
            gradients[variable] = Result(variable, transpose(value) if q.turned else value, checked)
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
        return Working(q, self.form.rows, links, gradients, structured, stationary, analytic, seconds)

    def _found(self, variable: Symbol) -> Expr:
        """Return the gradient by `variable`; zero where f turned out not to depend on it."""
        return self.full.get(variable, zero(variable.shape))

    def _second(self, variable: Symbol) -> Second:
        """Return the second derivative by `variable`, from the gradient as it was found: with the named values."""
        slope = self.slopes.get(variable, zero(variable.shape))
        return second_derivative(self.question, self.subject, slope, variable)

    def _slope(self, variable: Symbol) -> Expr:
        """Return the gradient while the variable still moves in all directions, named values written out."""
        return gradient(normalise(self.form.in_full), variable)

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
        passed(check, f"the structured gradient with respect to {variable.latex}", tied)
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

    def check_claims(self, solution: Working) -> None:
        """Compare what the author claims with the numerical derivatives.

        Raises:
            VerificationError: a claim is wrong, with the numbers that refute it.
        """
        for claim in self.question.claims:
            variable = claim.variable
            second = "hessian" in self.question.wishes
            truth = self.subject.hessian(variable) if second else self.subject.gradient(variable)
            right = solution.seconds[variable].value if second else solution.gradients[variable].value
            if self.question.turned and not second:
                truth = truth.swapaxes(-1, -2)
            check_claim(claim, self.subject.refutation(claim.value, truth, exact=not second), right)


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
        told_apart = any(row.working is not None for row in self.rules)
        self.tidy = normalise(self._differential(working=False) if told_apart else self.written)
        self.cotangent = worker.gradient_named(through) if through is not None else None
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
        self._row("differential", self._line(self.written), rule_words(self.rules))
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
            turned = self.worker.question.turned
            given[self.worker.name_of(self.through)] = slope.swapaxes(-1, -2) if turned else slope
            given[d(self.through)] = truth
            truth = (slope * truth).sum(axis=(-1, -2), keepdims=True)
        return given, truth

    def _row(self, rule: str, right: Expr, reason: Wording) -> None:
        if self.shown is not None and to_latex(self.shown) == to_latex(right):
            return
        if self.shown is not None and rule == "tidy" and skeletons(self.shown) == skeletons(right):
            self.shown = right  # a sign, a parenthesis or a term moved: nothing that a reader wants to see
            return
        self.rows.append(self.worker._step(rule, self.left, right, reason, self.truth, self.given))
        self.shown = right

    def _tidying(self) -> Wording:
        words = [row.worked for row in self.rules if row.worked is not None and row.working is not None]
        if is_turned(self.written) and not is_turned(self.tidy):
            words.append(TRANSPOSE_IN_TRACE if has_trace(self.written) else SCALAR_TRANSPOSE)
            words.extend(self._symmetric())
        before, after = terms_in_traces(self.written), terms_in_traces(self.tidy)
        if not words and after < before:
            words.append(CYCLIC if has_trace(self.tidy) else COLLECT)
        elif not words and has_trace(self.tidy) and len(terms_of(self.tidy)) > len(terms_of(self.written)):
            words.append(LINEAR_TRACE)
        return joined(words or [REARRANGE])

    def _symmetric(self) -> list[Wording]:
        """Return the declared symmetries without which the gradient would read otherwise."""
        found = []
        for symbol in self.worker.question.symbols.values():
            if is_self_transposed(symbol) and not symbol.is_scalar and symbol in self.tidy.symbols:
                others = symbol.properties - SELF_TRANSPOSED
                free = Symbol(symbol.latex, symbol.size, others, symbol.index, symbol.family)
                plain = normalise(substitute(self.written, {symbol: free, d(symbol): d(free)}))
                if to_latex(plain) != to_latex(normalise(self.written)):
                    found.append(own_transpose(symbol))
        return found

    def _trace_row(self) -> None:
        """Put a scalar into a trace, as a row of its own where there is one term only or a sum over an index."""
        if not self.in_traces or self.cotangent is not None or not isinstance(self.shown, Apply):
            return
        if self.transport.stages:
            return
        if self.shown.operator is add_row and not any(is_sum(x) for x in walk(self.shown)):
            return
        words = [SCALAR_TRACE] + [EXCHANGE] * any(is_sum(x) for x in walk(self.shown))
        self._row("trace", in_trace(self.shown), joined(words))

    def _stages(self) -> None:
        for stage in self.transport.stages:
            words = [x.adjoint_rule for x in stage.passed if x.adjoint_rule is not None]
            line = as_line(stage.parts, self.transport.ranges, in_traces=self.cotangent is not None and self.in_traces)
            if not self._is_plainer(line):
                self._row("adjoint", line, joined(words or self._moves()))

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
            self._row("arrivals", line, joined(words))

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
        words.extend(cyclic_words(self.shown) if self.in_traces else [])
        return words or [REARRANGE]

    def _final(self) -> None:
        if self.shown is not None and is_zero(self.shown):
            return
        parts: list[Part] = [(d(x), self.worker._at_rest(self.gradients[x])) for x in self.reached]
        line = as_line(parts, {})
        words = [x for x in self._moves() if x is not REARRANGE]
        if self.shown is not None and any(is_sum(x) and holds_differential(x) for x in walk(self.shown)):
            words.append(EXCHANGE if self.in_traces else UNDER_SUM)
        if len(self.transport.arrivals) > len(self.reached) and not words:
            words.append(COLLECT)
        moving = as_line([(d(x), self.gradients[x]) for x in self.reached], {})
        if to_latex(moving) != to_latex(line):
            words.extend(own_transpose(x) for x in self.worker.question.variables if x.at_rest is not x)
        for symbol, _ in self.worker.question.abbreviations:
            if any(symbol in g.symbols for _, g in parts):
                words.append(Wording(rf"definition of ${symbol.latex}$", rf"代入 ${symbol.latex}$"))
        self._row("final", line, joined(words or [REARRANGE]))
