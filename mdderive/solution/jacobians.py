"""The links of a vector or matrix in vec form: rows from df to vec(df), and the Jacobians that are read off.

By the article's layout `vec(dF) = (dF/dX)^T vec(dX)`, so for `F` a function of `Y` and `Y` one of `X` the chain rule is
`dF/dX = dY/dX dF/dY`; in the numerator layout, without the transpose, the factors stand the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..algebra.expressions import ONE, Apply, Expr, Operator, Symbol, to_latex, walk
from ..algebra.matching import fold
from ..algebra.operators.components import in_components
from ..algebra.operators.kronecker import stacked_matrix, vector_of
from ..algebra.operators.structural import product
from ..algebra.shortening import as_answer, shortened
from ..algebra.terms import (
    build,
    d,
    factors_of,
    is_identity,
    multiply,
    normalise,
    substitute,
    terms_of,
    written_sum,
    zero,
)
from ..calculus.differential import write_out
from ..calculus.vec_form import term_by_term, turned, vec_form
from ..checking.check import Check
from ..checking.judge import Truth
from ..words import Reason, formula
from .chain import Passage
from .derivation import Result, Step, partial
from .deviations import vanishing_sums, without_sums
from .likeness import differs_in_order, reads_alike
from .passes import Bodies, Prepared
from .reasons import COLLECT, MEAN_ZERO, REARRANGE, joined, passed, rule_words


@dataclass(frozen=True)
class Jacobians:
    """The vec form of a chain; `full` are the derivatives of f found so far, `named` all derivatives by their names."""

    prepared: Prepared
    through: frozenset[Symbol]
    full: dict[Symbol, Expr] = field(default_factory=dict)
    named: dict[Symbol, Expr] = field(default_factory=dict)

    @property
    def numerator(self) -> bool:
        """Whether the derivative is T of `vec(dF) = T vec(dX)`, not its transpose."""
        return self.prepared.question.options.get("layout") == "numerator"

    def passage(self, through: Symbol | None, body: Expr, reached: Sequence[Symbol]) -> Passage:
        """Return the rows, the Jacobians of `body` times that of f by `through`, and those of `body` themselves."""
        f = self.prepared.question.name
        name = f if through is None else through.latex
        steps, matrices = self._rows(name, body, reached)
        values = {x: self._oriented(matrix, body, x) for x, matrix in matrices.items()}
        if through is None:
            return Passage(steps, values)
        parts, inner = {}, []
        outer = _named(through, f, self.full[through])
        for symbol, value in values.items():
            inner.append(Result(symbol, self.prepared.at_rest(value), self._check_inner(body, symbol, reached, value)))
            own = _named(symbol, name, value)
            self.named[own] = value
            parts[symbol] = multiply(outer, own) if self.numerator else multiply(own, outer)
        return Passage(steps, parts, tuple(inner))

    def result(self, symbol: Symbol, parts: Sequence[Expr]) -> Result:
        """Return the derivative of f by `symbol`, by the names of those found before."""
        full = written_sum(substitute(part, self.named, build) for part in parts)
        self.named[_named(symbol, self.prepared.question.name, full)] = self.full[symbol] = full
        value = self.prepared.abbreviated(as_answer(term_by_term(self.prepared.at_rest(written_sum(parts)))))
        return Result(symbol, value, self.checked(symbol, full), terms=len(parts))

    def _oriented(self, matrix: Expr, body: Expr, symbol: Symbol) -> Expr:
        """Return the derivative in the layout that is asked for; by a number it has the shape of f."""
        if symbol.is_scalar:
            return in_components(stacked_matrix(matrix, body.shape))
        return matrix if self.numerator else turned(matrix)

    def _rows(self, name: str, body: Expr, reached: Sequence[Symbol]) -> tuple[tuple[Step, ...], dict[Symbol, Expr]]:
        """Return the rows from the differential of `body` to that of its vec, and T for every symbol reached."""
        prepared, judge = self.prepared, self.prepared.judge
        left = rf"\mathrm{{d}}{name}"
        beyond = {x: b for x, b in prepared.bodies.items() if x in prepared.relevant - self.through}
        truth = judge.differential_of(body, reached, list(beyond))
        steps, line = differential_rows(prepared, body, reached, beyond, left, truth)
        words: dict[Reason, None] = {}
        vanishing = vanishing_sums([*prepared.question.definitions, *prepared.bodies.items()], {})
        matrices, terms = {}, []
        for symbol in reached:
            others = {d(x): zero(x.shape) for x in reached if x is not symbol}
            found, used = vec_form(substitute(line, others, build) if others else line, d(symbol))
            centred = without_sums(found, vanishing)
            words.update(dict.fromkeys([*used, *([MEAN_ZERO] if centred is not found else [])]))
            matrices[symbol] = matrix = in_components(shortened(centred))
            terms.append(times_moving(matrix, vector_of(d(symbol))))
        right = written_sum(terms)
        if all(x.is_scalar for x in reached) or reads_alike(right, steps[-1].right):
            return tuple(steps), matrices
        if body.shape[1] != ONE:
            left = rf"\operatorname{{vec}}({left})"
        truth = judge.differential_of(body, reached, list(beyond), stack=True)
        steps.append(prepared.step("vec", left, right, joined(list(words) or [moved(steps[-1].right, right)]), truth))
        return tuple(steps), matrices

    # --- checks

    def true(self, symbol: Symbol) -> Truth:
        """Return what the derivative of f by a variable or a named value must be."""
        prepared = self.prepared
        return prepared.judge.jacobian_of(symbol, prepared.function_of(symbol), numerator=self.numerator)

    def checked(self, symbol: Symbol, value: Expr) -> Check:
        """Return the check of the derivative of f by `symbol`.

        Raises:
            VerificationError: `value` is not it.
        """
        return passed(self.true(symbol).check(value), f"the derivative with respect to {symbol.latex}", value)

    def _check_inner(self, body: Expr, symbol: Symbol, reached: Sequence[Symbol], value: Expr) -> Check:
        """Return the check of the derivative of a named value by what it is made of, the rest held fixed."""
        held = [x for x in reached if x is not symbol]
        truth = self.prepared.judge.jacobian_of(symbol, body, held, numerator=self.numerator)
        return passed(truth.check(value), "the derivative", value)


def _named(symbol: Symbol, name: str, value: Expr) -> Symbol:
    """Return the letter that stands for `value`, the derivative of `name` by `symbol`."""
    return Symbol(partial(symbol, name).latex, value.shape)


# --- what Jacobians and Hessians share ----------------------------------------------------------------------


def differential_rows(
    prepared: Prepared, body: Expr, reached: Sequence[Symbol], beyond: Bodies, left: str, truth: Truth
) -> tuple[list[Step], Expr]:
    """Return the rows `left = ...` and the differential of `body` by the symbols reached, in normal form.

    What stands in `beyond` is differentiated by its name first; then its own differential takes its place. The
    author's abbreviations are kept.

    Raises:
        UnsupportedError: an operator has no differential.
    """
    moving = [*reached, *beyond]
    rules: list[Operator] = []
    written = write_out(body, moving, rules)
    assert written is not None  # a link has only what its body depends on
    line = normalise(written)
    shown = written if differs_in_order(written, line) else line
    steps = [prepared.step("differential", left, shown, rule_words(rules, body), truth)]
    for symbol, its_body in reversed(list(beyond.items())):
        if d(symbol) not in walk(line):
            continue
        inner = write_out(its_body, moving, [])
        assert inner is not None
        inner = prepared.abbreviated(fold(inner, normalise(its_body), symbol))
        line = prepared.abbreviated(normalise(substitute(line, {d(symbol): normalise(inner)}, build)))
        equation = f"{to_latex(d(symbol))}={to_latex(inner)}"
        reasons = (formula("equation", "{equation}", equation=equation),)
        steps.append(prepared.step("substitution", left, line, reasons, truth))
    return steps, line


def moved(before: Expr, after: Expr) -> Reason:
    """Return what was done from one row to the next where no rule has a name for it."""
    return COLLECT if len(terms_of(after)) < len(terms_of(before)) else REARRANGE


def times_moving(matrix: Expr, moved: Expr) -> Expr:
    """Return T vec(dX) as it is written; T = I left out."""
    if is_identity(matrix):
        return moved
    return Apply(product, (*(factors_of(matrix) if len(terms_of(matrix)) == 1 else (matrix,)), moved))
