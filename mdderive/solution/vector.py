"""The worked derivative of a vector or matrix: rows from df to vec(df), read off, and chained through named values.

By the article's layout `vec(dF) = (dF/dX)^T vec(dX)`, so for `F` a function of `Y` and `Y` one of `X` the chain rule is
`dF/dX = dY/dX dF/dY`; in the numerator layout, without the transpose, the factors stand the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..algebra.expressions import ONE, Apply, Expr, Operator, Symbol, Wording, to_latex, walk
from ..algebra.matching import fold
from ..algebra.operators.kronecker import stacked_matrix, vector_of
from ..algebra.operators.structural import add_row, identity_row, product
from ..algebra.terms import build, d, multiply, normalise, substitute, written_sum, zero
from ..calculus.differential import write_out
from ..calculus.vec_form import joined_kroneckers, turned, vec_form
from ..checking.evaluation import size_of
from ..checking.subject import Subject
from ..errors import UnsupportedError
from ..question.question import Question
from .derivation import Link, Result, Step, Working, partial
from .reasons import REARRANGE, check_claim, joined, passed, rule_words, skeletons
from .rewriting import Rewritten, checked_step, rewritten


def work_in_vec_form(question: Question, points: Subject) -> Working:
    """Return the checked solution of a question about a function that is a vector or a matrix.

    Raises:
        UnsupportedError: a term has no vec form that is known, or a wish cannot be met.
        VerificationError: a line failed its check, or a claim is wrong.
    """
    unmet = next((name for name in ("solve", "structured", "hessian") if name in question.wishes), None)
    if unmet is not None:
        message = f"'{unmet}' is asked of a scalar, and f is none"
        raise UnsupportedError("E306", message, question.wishes[unmet], "leave it out")
    worker = _Worker(question, points, rewritten(question, points))
    return worker.solution()


@dataclass
class _Worker:
    question: Question
    points: Subject
    form: Rewritten
    links: list[Link] = field(default_factory=list)
    totals: dict[Symbol, list[Expr]] = field(default_factory=dict)
    named: dict[Symbol, Expr] = field(default_factory=dict)
    """The derivatives found, by their names; those of f in `full` too."""
    full: dict[Symbol, Expr] = field(default_factory=dict)

    @property
    def numerator(self) -> bool:
        """Whether the derivative is T of `vec(dF) = T vec(dX)`, not its transpose."""
        return self.question.options.get("layout") == "numerator"

    def solution(self) -> Working:
        """Return the solution, every line checked."""
        q = self.question
        through = self.form.relevant
        chained = through and not any(x.is_scalar for x in (*through, *q.variables))
        self._chain(through if chained else frozenset())
        found = {}
        for variable in q.variables:
            product_of_found = self._at_rest(self.full[variable])
            value = abbreviated(q, joined_kroneckers(product_of_found))
            before = product_of_found if chained and to_latex(product_of_found) != to_latex(value) else None
            found[variable] = Result(variable, value, self._checked(variable, value), before=before)
        for claim in q.claims:
            truth = self._true(variable=claim.variable)
            check_claim(claim, self.points.refutation(claim.value, truth), found[claim.variable].value)
        analytic = self.points.analytic
        return Working(q, self.form.rows, tuple(self.links), found, {}, {}, analytic, in_vec_form=True)

    # --- the chain

    def _chain(self, through: frozenset[Symbol]) -> None:
        """Differentiate f, then every named value it goes through, the last one first."""
        q = self.question
        targets = {*q.variables, *through}
        order = [x for x in reversed(list(self.form.bodies)) if x in through]
        self._link(None, self.form.f, targets, order)
        for k, symbol in enumerate(order):
            if symbol in self.totals:
                self._link(symbol, self.form.bodies[symbol], targets, order[k + 1 :])
        for variable in q.variables:
            if variable not in self.totals:
                hint = f"{q.name} does not depend on {variable.latex}"
                raise UnsupportedError("E306", "the derivative of a constant matrix is not written out", hint=hint)

    def _link(self, through: Symbol | None, body: Expr, targets: set[Symbol], later: Sequence[Symbol]) -> None:
        reached = [x for x in self.question.symbols.values() if x in targets and self._reaches(body, x, targets)]
        if not reached:
            return
        name = self.question.name if through is None else through.latex
        steps, matrices = self._rows(name, body, reached, targets)
        inner: list[Result] = []
        for symbol, matrix in matrices.items():
            value = self._oriented(matrix, body, symbol)
            if through is None:
                self.totals.setdefault(symbol, []).append(value)
                continue
            check = self._checked_inner(body, symbol, reached, value)
            inner.append(Result(symbol, self._at_rest(value), check))
            own = self._name(symbol, name, value)
            self.named[own] = value
            outer = self._name(through, self.question.name, self.full[through])
            factors = (outer, own) if self.numerator else (own, outer)
            self.totals.setdefault(symbol, []).append(multiply(*factors))
        waiting = {x for y in later if y in self.totals or y in reached for x in self.form.bodies[y].symbols}
        done = tuple(self._result(x) for x in reached if x not in waiting)
        self.links.append(Link(through, tuple(steps), done, tuple(inner)))

    def _reaches(self, body: Expr, symbol: Symbol, targets: set[Symbol]) -> bool:
        """Whether `body` depends on `symbol`, directly or through named values that are not gone through."""
        other = {x for x in self.form.bodies if x not in targets}
        found = set(body.symbols)
        for x in reversed(list(self.form.bodies)):
            if x in found and x in other:
                found |= self.form.bodies[x].symbols
        return symbol in found

    def _name(self, symbol: Symbol, name: str, value: Expr) -> Symbol:
        """Return the letter that stands for the derivative of `name` by `symbol`, of the shape that it has."""
        return Symbol(partial(symbol, name).latex, value.shape)

    def _result(self, symbol: Symbol) -> Result:
        parts = self.totals[symbol]
        value = written_sum(parts)
        full = written_sum(substitute(part, self.named, build) for part in parts)
        self.named[self._name(symbol, self.question.name, full)] = self.full[symbol] = full
        return Result(symbol, self._at_rest(value), self._checked(symbol, full), terms=len(parts))

    def _oriented(self, matrix: Expr, body: Expr, symbol: Symbol) -> Expr:
        """Return the derivative in the layout that is asked for; by a number it has the shape of f."""
        if symbol.is_scalar:
            return stacked_matrix(matrix, body.shape)
        return matrix if self.numerator else turned(matrix)

    def _at_rest(self, value: Expr) -> Expr:
        return at_rest(self.question, value)

    # --- the rows

    def _rows(
        self, name: str, body: Expr, reached: Sequence[Symbol], targets: set[Symbol]
    ) -> tuple[list[Step], dict[Symbol, Expr]]:
        """Return the rows from the differential of `body` to that of its vec, and T for every symbol reached."""
        directions = {x: self.points.direction(x) for x in reached}
        truth = self.points.along(body, directions)
        given: dict[Expr, Any] = {d(x): value for x, value in directions.items()}
        left = rf"\mathrm{{d}}{name}"
        beyond = {x: b for x, b in self.form.bodies.items() if x in self.form.relevant and x not in targets}
        steps, line = differential_rows(self.points, body, reached, beyond, left, truth, given, self.question)
        words: dict[Wording, None] = {}
        matrices, terms = {}, []
        for symbol in reached:
            others = {d(x): zero(x.shape) for x in reached if x is not symbol}
            part = substitute(line, others, build) if others else line
            matrix, used = vec_form(part, d(symbol))
            words.update(dict.fromkeys(used))
            matrices[symbol] = matrix
            terms.append(times_moving(matrix, vector_of(d(symbol))))
        if all(x.is_scalar for x in reached):
            return steps, matrices
        plain = body.shape[1] == ONE
        vec_left = left if plain else rf"\operatorname{{vec}}({left})"
        right = written_sum(terms)
        if to_latex(right) != to_latex(steps[-1].right):
            given |= {d(x): value for x, value in directions.items()}
            reason = joined(list(words) or [REARRANGE])
            steps.append(checked_step(self.points, "vec", vec_left, right, reason, stacked(truth), given))
        return steps, matrices

    # --- checks

    def _true(self, variable: Symbol) -> Any:
        """Return the derivative of f by a variable or a named value, found numerically."""
        f = self.form.f if variable in self.form.bodies else self.question.f
        matrix = self.points.jacobian(variable, f)
        if variable.is_scalar:
            rows, columns = (size_of(x, self.points.points.sizes) for x in self.question.f.shape)
            return matrix[..., 0].reshape(*matrix.shape[:-2], columns, rows).swapaxes(-1, -2)
        return matrix if self.numerator else matrix.swapaxes(-1, -2)

    def _checked(self, symbol: Symbol, value: Expr) -> Any:
        check = self.points.compare(self.points.value(value), self._true(symbol))
        return passed(check, f"the derivative with respect to {symbol.latex}", value)

    def _checked_inner(self, body: Expr, symbol: Symbol, reached: Sequence[Symbol], value: Expr) -> Any:
        """Return the check of the derivative of a named value by what it is made of, the rest held fixed."""
        fixed: dict[Expr, Any] = {x: self.points.at(x) for x in reached if x is not symbol}
        matrix = self.points.jacobian(symbol, body, fixed)
        truth = matrix if self.numerator else matrix.swapaxes(-1, -2)
        return passed(self.points.compare(self.points.value(value), truth), "the derivative", value)


# --- what Jacobians and Hessians share ----------------------------------------------------------------------


def differential_rows(
    points: Subject,
    body: Expr,
    reached: Sequence[Symbol],
    beyond: Mapping[Symbol, Expr],
    left: str,
    truth: Any,
    given: Mapping[Expr, Any],
    question: Question,
) -> tuple[list[Step], Expr]:
    """Return the rows `left = ...` and the differential of `body` in d(x) for `reached`, in normal form.

    What stands in `beyond` is differentiated by its name first; then its own differential takes its place. The
    author's abbreviations are kept.

    Raises:
        UnsupportedError: an operator has no differential, or `body` depends on nothing reached.
    """
    directions = {x: given[d(x)] for x in reached}
    known = {**given, **{d(x): points.along(x, directions) for x in beyond}}
    rules: list[Operator] = []
    targets = [*reached, *beyond]
    written = write_out(body, targets, rules)
    if written is None:
        hint = "it does not depend on " + ", ".join(x.latex for x in reached)
        raise UnsupportedError("E306", "the derivative of a constant matrix is not written out", hint=hint)
    steps = [checked_step(points, "differential", left, written, rule_words(rules), truth, known)]
    line = normalise(written)
    if skeletons(written) != skeletons(line):
        steps.append(checked_step(points, "tidy", left, line, REARRANGE, truth, known))
    for symbol, its_body in reversed(list(beyond.items())):
        if not _holds(line, d(symbol)):
            continue
        inner = write_out(its_body, targets, [])
        assert inner is not None
        inner = abbreviated(question, inner)
        line = abbreviated(question, normalise(substitute(line, {d(symbol): normalise(inner)}, build)))
        reason = f"${to_latex(d(symbol))}={to_latex(inner)}$"
        steps.append(checked_step(points, "substitution", left, line, Wording(reason, reason), truth, known))
    return steps, line


def folded_definitions(question: Question) -> Mapping[Symbol, Expr]:
    """Return the named values with their definitions in normal form, written with the names that stand before."""
    bodies: dict[Symbol, Expr] = {}
    for symbol, body in question.definitions:
        folded = normalise(body)
        for known, its_body in bodies.items():
            folded = fold(folded, its_body, known)
        bodies[symbol] = folded
    return bodies


def abbreviated(question: Question, value: Expr) -> Expr:
    """Return `value` with the author's abbreviations where their bodies stand."""
    if not question.abbreviations:
        return value
    bodies = folded_definitions(question)
    for symbol, _ in question.abbreviations:
        body = bodies[symbol]
        value = fold(value, body, symbol)
        if at_rest(question, body) is not body:
            value = fold(value, at_rest(question, body), symbol.at_rest)
    return value


def at_rest(question: Question, value: Expr) -> Expr:
    """Return `value` with the properties of the variables, and of what is named after them, in force again."""
    moving = (*question.variables, *(x for x, _ in question.definitions))
    free = {x: x.at_rest for x in moving if x.at_rest is not x}
    return substitute(value, free, build) if free else value


def stacked(values: Any) -> Any:
    """Return the columns of each matrix under each other."""
    return values.swapaxes(-1, -2).reshape(*values.shape[:-2], -1, 1)


def times_moving(matrix: Expr, moved: Expr) -> Expr:
    """Return T vec(dX) as it is written; T = I left out."""
    plain = isinstance(matrix, Apply) and matrix.operator is identity_row
    if plain or not isinstance(matrix, Apply) or matrix.operator is add_row:
        return moved if plain else Apply(product, (matrix, moved))
    return Apply(product, (*(matrix.arguments if matrix.operator is product else (matrix,)), moved))


def _holds(x: Expr, moving: Expr) -> bool:
    return any(node is moving for node in walk(x))
