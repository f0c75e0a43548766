r"""Back-propagation through time: the gradients of what a recursion `h_t = F(h_{t-1})` of T steps leads to.

f is differentiated by all h_t as if they were free, then one step by h_{t-1} and the parameters. Both are ordinary
questions, whose rows are checked as such; what follows from them is compared with the recursion written out.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from ..algebra.expressions import Apply, Expr, Symbol, number
from ..algebra.factoring import add
from ..algebra.powers import sum_over
from ..algebra.shortening import as_answer
from ..algebra.terms import build, index_of, inner_product, is_sum_over, substitute, zero
from ..checking.check import Check, SingularError
from ..checking.judge import Judge
from ..errors import UnsupportedError, VerificationError
from ..latex.names import at_step
from ..question.members import OF_WHOLE_LETTERS
from ..question.one_step import WRITTEN_OUT, Recursion
from ..question.question import Question
from ..question.reading_back import read_back
from ..question.recursions import few
from .derivation import Link, Result, Working, partial
from .reasons import passed
from .work import OTHER_POINTS, judge_of, work

COTANGENT = r"\breve{f}"
"""The letter for the cotangent of a state while a step is differentiated; no reader sees it."""


def work_on_recursion(question: Question) -> Working:
    """Return the checked solution of a question with a recursion of T steps.

    Raises:
        UnsupportedError: more is wished for than gradients, or an operator has no differential.
        VerificationError: a line failed its check.
    """
    recursion = question.recursion
    assert recursion is not None
    _check_wishes(question, recursion)
    back = _BackwardPass(question, recursion)
    chain = {back.name(recursion.last): back.at_the_end, back.name(recursion.state): back.on_the_way}
    gradients = {x: back.gradient(x) for x in question.variables}
    checks = back.checks(gradients)
    results = {x: Result(x, value, checks[x]) for x, value in gradients.items()}
    states = (Result(x, chain[back.name(x)], checks[x]) for x in (recursion.last, recursion.state))
    before = (x._replace(results=()) for x in back.of_f.links)
    links = (*before, back.of_step._replace(through=recursion.state, results=(*states, *results.values())))
    return Working(question, back.of_f.rewriting, links, results, {}, {}, back.of_f.analytic, chain=chain)


def _check_wishes(question: Question, recursion: Recursion) -> None:
    """Refuse what is asked of a known number of steps alone.

    Raises:
        UnsupportedError: it is asked.
    """
    unmet = next((x for x in OF_WHOLE_LETTERS if x in question.wishes), None)
    hint = few(recursion.time.upper)
    words = f"of a recursion of {recursion.time.upper} steps"
    if unmet is not None:
        raise UnsupportedError("E306", f"'{unmet}' {words} is not supported", question.wishes[unmet], hint)
    if question.claims:
        raise UnsupportedError("E306", f"a claim {words} is not supported", question.claims[0].span, hint)
    if question.turned or question.constraints or not question.f.is_scalar:
        what = "the numerator layout" if question.turned else "a constraint" if question.constraints else "a vector"
        raise UnsupportedError("E306", f"{what} {words} is not supported", hint=hint)
    used = question.f.symbols | recursion.step.symbols
    other = next((x for x, _ in question.definitions if x in used and x is not recursion.state), None)
    if other is not None:
        place = question.places.get(other)
        raise UnsupportedError("E306", f"the named value {other.latex} {words} is not supported", place, hint)


@dataclass(frozen=True, eq=False, repr=False)
class _BackwardPass:
    """The cotangents of the states, one by the next, and the gradients by them."""

    question: Question
    recursion: Recursion

    def name(self, symbol: Symbol) -> Symbol:
        """Return the name of the gradient by a state."""
        return partial(symbol, self.question.name)

    @cached_property
    def states(self) -> Mapping[str, str]:
        """The states whose gradients may stand in lines, `h_t`, `h_{t+1}`, h_T and h_1, by the names of these."""
        state, index = self.recursion.state.latex, self.recursion.time
        others = (at_step(state, index.name, x) for x in (f"{index.name}+1", index.upper, "1"))
        return {self.name(Symbol(x)).latex: x for x in (state, *others)}

    # --- f by the states as if they were free, and one step

    @cached_property
    def of_f(self) -> Working:
        """The derivatives of f by the states and by what else stands in it, the states free."""
        occurring = self.question.f.symbols
        states = (self.recursion.state, self.recursion.last)
        variables = [x for x in (*states, *self.question.variables) if x in occurring]
        if not occurring & {*states}:
            hint = f"differentiate a function of {self.recursion.state.latex}"
            message = f"{self.recursion.state.latex} does not occur in the function"
            raise UnsupportedError("E303", message, self.question.places.get(self.recursion.state), hint)
        return self._plainly(self.question._replace(variables=tuple(variables), intermediates=(), recursion=None))

    def direct(self, symbol: Symbol) -> Expr:
        """Return the derivative of f by `symbol`, the states free."""
        found = self.of_f.gradients.get(symbol)
        return zero(symbol.shape) if found is None else found.value

    @cached_property
    def of_step(self) -> Link:
        """The rows from a cotangent of a state to those of the state before it and of the parameters."""
        state, step = (substitute(x, self._plain) for x in (self.recursion.state, self.recursion.step))
        assert isinstance(state, Symbol)
        before = self._plain[self.recursion.before]
        varying = [x for x in self.question.variables if x in step.symbols]
        f = inner_product(Symbol(COTANGENT, state.shape), state)
        letters = {x.latex: x for x in sorted(step.symbols | f.symbols | {state}, key=lambda x: x.latex)}
        question = self.question._replace(
            f=f,
            variables=(*varying, before),
            symbols=MappingProxyType(letters),
            intermediates=((state, step),),
            abbreviations=(),
            recursion=None,
        )
        return self._plainly(question).links[-1]

    def _plainly(self, question: Question) -> Working:
        """Return the solution of a part of the question.

        Raises:
            UnsupportedError: names of our own stand in it, which nothing says for every step.
        """
        found = work(question)
        if found.question is not question:
            message = "what needs names of its own, as deep layers do, is not supported in a recursion"
            raise UnsupportedError("E306", message, hint=few(self.recursion.time.upper))
        return found

    @cached_property
    def _plain(self) -> dict[Symbol, Symbol]:
        """The members of families, each as a letter of its own."""
        roots = (self.recursion.state, self.recursion.before, *self.recursion.step.symbols)
        return {x: Symbol(x.latex, x.shape, x.properties) for x in roots if x.index}

    @cached_property
    def handed_on(self) -> Mapping[Symbol, Expr]:
        """What a step adds to the gradients by the state before it and by the parameters, written with the index."""
        state = self.recursion.state
        members = {plain: x for x, plain in self._plain.items()}
        members[self.name(self._plain[state])] = self.name(state)
        return {members.get(x.of, x.of): substitute(x.value, members, build) for x in self.of_step.results}

    # --- what follows

    @cached_property
    def at_the_end(self) -> Expr:
        """The gradient by the last state."""
        last = self.recursion.time.upper
        return as_answer(add(self._moved(self.direct(self.recursion.state), last), self.direct(self.recursion.last)))

    @cached_property
    def on_the_way(self) -> Expr:
        """The gradient by a state, by that of the next one."""
        handed = self.handed_on[self.recursion.before]
        following = self._moved(handed, f"{self.recursion.time.name}+1")
        return as_answer(add(self.direct(self.recursion.state), following))

    def gradient(self, variable: Symbol) -> Expr:
        """Return the gradient by a variable: of a parameter what f itself and all steps add to it."""
        if variable is self.recursion.first:
            return as_answer(add(self.direct(variable), self._moved(self.handed_on[self.recursion.before], "1")))
        step = self.handed_on.get(variable, zero(variable.shape))
        return as_answer(add(self.direct(variable), sum_over(step, self.recursion.time)))

    def _moved(self, value: Expr, step: str) -> Expr:
        """Return `value` at another step, `t+1`, T or 1."""
        name = self.recursion.time.name
        moved = {x: self._letter_at(x, step) for x in value.symbols if name in x.index}
        moved[self.name(self.recursion.state)] = self.name(self._letter_at(self.recursion.state, step))
        return substitute(value, moved, build)

    def _letter_at(self, x: Symbol, step: str) -> Symbol:
        latex = at_step(x.latex, self.recursion.time.name, step)
        return self.question.symbols.get(latex) or Symbol(latex, x.shape, x.properties)

    # --- checks

    def as_read(self, value: Expr) -> Expr:
        """Return `value` as a reader of its LaTeX sees it, where that can be read."""
        before, stand_in = self.recursion.before, self.recursion.stand_in
        read = read_back(substitute(value, {before: stand_in}))
        return value if read is None else substitute(read, {stand_in: before})

    def checks(self, gradients: Mapping[Symbol, Expr]) -> dict[Symbol, Check]:
        """Return the checks of the gradients by the variables and by the states, at every number of steps written out.

        Raises:
            VerificationError: one is wrong.
        """
        found: dict[Symbol, Check] = {}
        for steps, question in zip(WRITTEN_OUT, self.question.written_out, strict=True):
            found = _WrittenOut(self, question, steps).checks(gradients)
        return found


@dataclass(frozen=True, eq=False, repr=False)
class _WrittenOut:
    """The question for a few `steps`, beside which what was found for T of them is held."""

    back: _BackwardPass
    question: Question
    steps: int

    @cached_property
    def judge(self) -> Judge:
        """What decides of the derivatives of f through the steps that are written out."""
        return judge_of(self.question)

    def checks(self, gradients: Mapping[Symbol, Expr]) -> dict[Symbol, Check]:
        """Return the checks of the gradients by the variables, the last state and the one on the way.

        Raises:
            VerificationError: one is wrong.
        """
        back, slopes = self.back, dict[str, Expr]()
        recursion = back.recursion
        written = self._at(back.question.f, {}, {})
        passed(self.judge.value_of(self.judge.f).check(written), "f written out", back.question.f)
        found: dict[Symbol, Check] = {}
        for k in range(self.steps, 0, -1):
            of, value = (recursion.last, back.at_the_end) if k == self.steps else (recursion.state, back.on_the_way)
            written = self._at(back.as_read(value), {recursion.time.name: k}, slopes)
            name = back.name(of).latex
            state = self._letter(recursion.state.latex, {recursion.time.name: k})
            found[of] = passed(self._check(state, written), f"the line {name} = ...", value)
            slopes[state.latex] = written
        for variable, value in gradients.items():
            written = self._at(back.as_read(value), {}, slopes)
            letter = self.question.symbols[variable.latex]
            found[variable] = passed(self._check(letter, written), f"the gradient by {variable.latex}", value)
        return found

    def _check(self, symbol: Symbol, value: Expr) -> Check:
        """Return how a gradient fares, at the first points at which all can be computed."""
        for _ in range(OTHER_POINTS):
            with suppress(SingularError):
                return self.judge.gradient_of(symbol, self.judge.f).check(value)
            with suppress(StopIteration):
                self.judge.next_points()
        raise VerificationError("E403", "no random point was found at which the gradient is defined")

    def _at(self, value: Expr, steps: Mapping[str, int], slopes: Mapping[str, Expr]) -> Expr:
        """Return `value` with numbers for the indices in `steps` and for T, sums over the steps as their terms."""
        if isinstance(value, Symbol):
            return self._named(value, steps, slopes)
        if not isinstance(value, Apply):
            return value
        last = self.back.recursion.time.upper
        if is_sum_over(value) and index_of(value).upper == last:
            numbers = range(1, self.steps + 1)
            terms = (self._at(value.arguments[0], {**steps, index_of(value).name: k}, slopes) for k in numbers)
            return add(*terms)
        arguments = tuple(self._at(x, steps, slopes) for x in value.arguments)
        return build(value.operator, *arguments, parameters=value.parameters)

    def _named(self, symbol: Symbol, steps: Mapping[str, int], slopes: Mapping[str, Expr]) -> Expr:
        back = self.back
        if symbol.latex == back.recursion.time.upper:
            return number(self.steps)
        state = back.states.get(symbol.latex)
        return self._letter(symbol.latex, steps) if state is None else slopes[self._letter(state, steps).latex]

    def _letter(self, latex: str, steps: Mapping[str, int]) -> Symbol:
        """Return the letter of the question that is written out.

        Raises:
            UnsupportedError: there is none of that name and size.
        """
        whole = self.back.question.symbols.get(latex)
        last = self.back.recursion.time.upper
        for index, k in {**steps, last: self.steps}.items():
            latex = at_step(latex, index, str(k))
        found = self.question.symbols.get(latex)
        if found is None or (whole is not None and whole.shape != found.shape):
            message = f"what {latex} is among {last} steps is not seen"
            raise UnsupportedError("E134", message, hint=few(last))
        return found
