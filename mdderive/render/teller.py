"""What all blocks of a solution are told from: the working, the variables asked for, the language."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property

from ..algebra.expressions import ONE, Apply, Expr, Index, Symbol, to_latex, walk
from ..algebra.families import members_in
from ..algebra.index_conditions import as_written
from ..algebra.operators.entries import entry_of
from ..algebra.terms import d, entries_given, index_symbol
from ..algebra.writing import braced
from ..question.question import Question
from ..solution.derivation import Link, Result, Working, partial, used_in
from ..words import Argument, Reason, reason, say

BOUNDS = ((1e-12, "10^{-12}"), (1e-10, "10^{-10}"), (1e-8, "10^{-8}"), (1e-6, "10^{-6}"), (1e-4, "10^{-4}"))
"""An error is told by the next of these bounds: its digits would differ from machine to machine."""


def bound_of(error: float) -> str:
    """Return the bound by which an error is told, as LaTeX."""
    return next((text for limit, text in BOUNDS if error < limit), "10^{-3}")


def probability_of(bound: float) -> str:
    """Return the bound by which a probability is told, as LaTeX: a power of ten in steps of five, down to 10^{-30}."""
    digits = min(int(-math.log10(bound)), 30)
    return f"10^{{-{digits - digits % 5 if digits >= 5 else digits}}}"


class Teller:
    """The working as far as it is told: for `variables`, in `language`."""

    def __init__(self, working: Working, variables: tuple[Symbol, ...], language: str) -> None:
        self.working = working
        self.variables = variables
        self.language = language

    def say(self, key: str, **arguments: Argument) -> str:
        """Return a sentence."""
        return say(self.language, key, **arguments)

    def sentences(self, parts: Iterable[str]) -> str:
        """Return the sentences that are not empty, one behind the other."""
        return self.say("gap").join(x for x in parts if x)

    @property
    def question(self) -> Question:
        """What the author asked."""
        return self.working.question

    @cached_property
    def told(self) -> list[Symbol]:
        """The free letters of f, sizes of sums left out."""
        return told_letters(self.question)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The links on the way to the variables."""
        wanted: set[Symbol] = set(self.variables)
        recursion = self.question.recursion
        wanted |= {recursion.state, recursion.before} if recursion is not None and self.goes_back else set()
        found: list[Link] = []
        for link in reversed(self.working.links):
            reached = {x for step in link.steps for x in step.right.symbols}
            if link.through is None or wanted & {link.through, *reached}:
                found.append(link)
                if link.through is not None:
                    wanted.add(link.through)
        return tuple(reversed(found))

    def reached(self, link: Link) -> list[Symbol]:
        """Return the letters whose differentials stand in a link."""
        found = {node for step in link.steps for node in walk(step.right)}
        return [x for x in self.question.symbols.values() if d(x) in found]

    @property
    def numerator(self) -> bool:
        """Whether Jacobians have the numerator layout."""
        return self.question.options.get("layout") == "numerator"

    def in_layout(self, pattern: str) -> Reason:
        """Return a pattern with the name of the layout that it has."""
        turned = self.numerator or self.question.turned
        layout = reason("numerator layout" if turned else "denominator layout")
        return reason("in layout", pattern=pattern, layout=layout)

    # --- names

    def name_of(self, symbol: Symbol) -> Expr:
        """Return the name of the gradient by `symbol`."""
        return partial(symbol, self.question.name, turned=self.question.turned)

    def second_name(self, variable: Symbol) -> str:
        r"""Return `\nabla_x^2 f`; by a number the second derivative in the usual writing."""
        name = self.question.name
        if variable.is_scalar:
            return rf"\frac{{\partial^2 {name}}}{{\partial {variable.latex}^2}}"
        return rf"\nabla^2_{braced(variable.latex)} {name}"

    def gradient(self, variable: Symbol) -> str:
        """Return the gradient by a variable as an equation."""
        found = self.working.gradients[variable]
        before = "" if found.before is None else f"{to_latex(found.before)} = "
        return f"{self.name_of(variable)} = {before}{to_latex(found.value)}"

    @cached_property
    def chain(self) -> tuple[Result, ...]:
        """The results that lead to the gradients, one by the names of the others; none where all are written out."""
        if self.question.recursion is not None and self.goes_back:
            *_, last = self.working.links
            return tuple(x for x in last.results if x.of in self.variables or x.of not in self.question.variables)
        names = self.working.chain.keys()
        if all(names.isdisjoint(self.working.gradients[x].value.symbols) for x in self.variables):
            return ()
        named = {self.name_of(x): x for x, _ in self.question.intermediates}
        wanted = set(self.variables)
        found: list[Result] = []
        for result in (x for link in reversed(self.working.links) for x in reversed(link.results)):
            if result.of in wanted:
                found.append(result)
                wanted |= {named[x] for x in result.value.symbols if x in named}
        return tuple(reversed(found))

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """The definitions of the layers to which f's author gave no names, the inner ones first."""
        q = self.question
        return tuple(f"{x.latex} = {to_latex(body)}" for x, body in q.intermediates if x in q.introduced)

    @property
    def used_layers(self) -> tuple[str, ...]:
        """The definitions of those of the layers with which the gradients are written."""
        values = [self.working.gradients[x].value for x in self.variables] + [x.value for x in self.chain]
        introduced = [x for x in self.question.intermediates if x[0] in self.question.introduced]
        used = used_in((symbol for x in values for symbol in x.symbols), introduced)
        return tuple(f"{x.latex} = {to_latex(body)}" for x, body in used)

    @cached_property
    def gradients(self) -> tuple[str, ...]:
        """The gradients by the variables as equations, with those before them by whose names they are written."""
        if self.chain:
            return tuple(f"{self.name_of(x.of)} = {to_latex(x.value)}{self._range_of(x.of)}" for x in self.chain)
        return tuple(map(self.gradient, self.variables))

    @property
    def goes_back(self) -> bool:
        """Whether gradients are written with those by the states of a recursion."""
        return any(map(self.working.goes_back, self.variables))

    @property
    def steps(self) -> str:
        """The steps of a recursion as a formula; "" without one."""
        recursion = self.question.recursion
        return rf"${recursion.time.name}=1,\dots,{recursion.time.upper}$" if recursion is not None else ""

    def _range_of(self, symbol: Symbol) -> str:
        """Return for which steps the gradient by a state is what its equation says."""
        recursion = self.question.recursion
        if recursion is None or symbol is not recursion.state:
            return ""
        return rf",\quad {recursion.time.name}={recursion.time.upper}-1,\dots,1"

    @property
    def wanted(self) -> tuple[str, ...]:
        """What is asked for as equations: the second derivatives, else the gradients."""
        second = any(x in self.working.seconds for x in self.variables)
        return tuple(map(self.hessian, self.variables)) if second else self.gradients

    def hessian(self, variable: Symbol) -> str:
        """Return the second derivative by a variable as an equation."""
        return f"{self.second_name(variable)} = {to_latex(self.working.seconds[variable].value)}"


def told_letters(q: Question) -> list[Symbol]:
    """Return the letters of a question of which is said what they are: the free ones, sizes of sums left out.

    Of a member that a label picks, `w_{y_i}`, another one tells.
    """
    named = {x for x, _ in q.definitions}
    bodies = [q.f, *(body for _, body in q.definitions), *(y for x in q.constraints for y in (x.left, x.right))]
    used = {x for body in bodies for x in body.symbols}
    if q.recursion is not None:
        named |= {q.recursion.before, q.recursion.last}
        used.add(q.recursion.first)
    letters = [x for x in q.symbols.values() if x in used]
    lengths = {name for x in letters for dimension in x.shape for name in dimension}
    bound = [x.parameters[0] for x in walk(q.f) if isinstance(x, Apply) and x.operator.binds_index]
    lengths |= {index.upper for index in bound if isinstance(index, Index)}
    shown = [x for x in letters if x not in named and not (x.is_scalar and "index set" in x.properties)]
    seen = {x for body in bodies for x in as_written(body).symbols}
    hidden = {x for x in shown if x not in seen and members_in(seen, x)} - {*q.variables}
    return [x for x in shown if x not in hidden and not (x.is_scalar and x.latex in lengths)]


def equations(pairs: Iterable[tuple[Symbol, Expr]], sign: str = "=") -> tuple[str, ...]:
    """Return definitions as formulas for running text, those of all entries as that of one."""
    return tuple(f"${equation_of(x, body, sign)}$" for x, body in pairs)


def equation_of(name: Symbol, body: Expr, sign: str) -> str:
    """Return a definition as a formula, that of all entries as that of one."""
    indices, body = entries_given(body)
    left = to_latex(entry_of(name, [*map(index_symbol, indices)])) if indices else name.latex
    return f"{left}{sign}{to_latex(body)}"


def differentials(symbols: Iterable[Symbol]) -> tuple[str, ...]:
    """Return the differentials of letters as formulas for running text."""
    return tuple(rf"$\mathrm{{d}}{x.latex}$" for x in symbols)


def is_vector(x: Expr) -> bool:
    """Whether `x` is a row or a column."""
    return ONE in x.shape
