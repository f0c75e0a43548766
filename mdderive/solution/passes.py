"""From a question to the form in which f is differentiated: one list of passes, run by one loop.

A pass takes an expression to an expression and says what changed; each change with words is a row, and is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ..algebra.expressions import Apply, Expr, Symbol, to_latex
from ..algebra.families import variables_in
from ..algebra.matching import fold
from ..algebra.powers import with_powers_for_runs
from ..algebra.terms import (
    build,
    normalise,
    reading_cost,
    scale,
    split_coefficient,
    substitute,
    transpose,
    under_transpose,
)
from ..calculus.matrix_form import in_matrix_form
from ..checking.judge import Judge, Truth
from ..errors import UnsupportedError
from ..question.question import Question
from ..words import Reasons, reason
from .derivation import Step
from .identities import Rewriting, name_slope_of_softplus, use_identities
from .logarithms import open_logarithms
from .reasons import AS_POWER, LOGARITHM, MATRIX_FORM, passed

if TYPE_CHECKING:
    from ..checking.subject import Subject

Bodies = Mapping[Symbol, Expr]
"""The definitions of named values, each written with the names that stand before it."""


class Pass(NamedTuple):
    """A named change of form; `why` says what for, and why it stands where it stands."""

    name: str
    why: str
    run: Callable[[Expr, Bodies], tuple[Expr, tuple[Rewriting, ...]]]


class Trace(NamedTuple):
    """What a pass did."""

    name: str
    before: Expr
    after: Expr
    rewritings: tuple[Rewriting, ...]


def _matrix_form(x: Expr, bodies: Bodies) -> tuple[Expr, tuple[Rewriting, ...]]:
    whole = in_matrix_form(x)
    return whole, (Rewriting("matrix form", whole, MATRIX_FORM),) * (whole is not x)


def _named_values(x: Expr, bodies: Bodies) -> tuple[Expr, tuple[Rewriting, ...]]:
    if not bodies:
        return x, ()
    plain = normalise(x)
    through = folded(plain, bodies)
    if through is plain:
        return x, ()
    return through, (_in_terms_of(bodies, through, bodies),)


def _in_terms_of(names: Iterable[Symbol], x: Expr, bodies: Bodies = MappingProxyType({})) -> Rewriting:
    used = [symbol for symbol in names if symbol in x.symbols]
    equations = tuple(f"${y.latex}={to_latex(bodies[y])}$" for y in used if y in bodies)
    return Rewriting(
        "substitution", x, reason("in terms of", names=",".join(y.latex for y in used), equations=equations)
    )


def _logarithms(x: Expr, bodies: Bodies) -> tuple[Expr, tuple[Rewriting, ...]]:
    opened = open_logarithms(x)
    return opened, (Rewriting("logarithm", opened, LOGARITHM),) * (opened is not x)


PASSES = (
    Pass(
        "logarithms",
        "Likelihoods are sums before they are differentiated; first, as sums have matrix forms.",
        _logarithms,
    ),
    Pass("matrix form", "The calculus and all later passes know whole vectors and matrices only.", _matrix_form),
    Pass(
        "identities",
        "Where a rule needs another form; before the normal form, so that a row keeps the author's order.",
        lambda x, bodies: use_identities(x),
    ),
    Pass(
        "slope of softplus",
        "Identities bring softplus in; the letter of its derivative must be one that f does not have.",
        lambda x, bodies: (name_slope_of_softplus(x), ()),
    ),
    Pass(
        "named values",
        "In normal form a definition is found however it is written; last, as definitions took the same passes.",
        _named_values,
    ),
)


def run_passes(x: Expr, bodies: Bodies) -> Iterator[Trace]:
    """Yield what each pass makes of `x`, in their order; `bodies` are the values that have names."""
    for one in PASSES:
        before, (x, rewritings) = x, one.run(x, bodies)
        yield Trace(one.name, before, x, rewritings)


def last_form(x: Expr) -> Expr:
    """Return what the passes make of `x`."""
    *_, last = run_passes(x, {})
    return last.after


WIDE = 20
"""Up to which `reading_cost` a gradient is read without letters for the layers that it repeats, or their arguments."""


class Prepared:
    """A question with the judge of its lines, in the form in which it is differentiated.

    `f` is written with the names in `bodies`, `rows` lead there; `relevant` are the names that depend on a variable,
    `folded` those in whose bodies another name stands where its definition was read.
    """

    def __init__(
        self,
        question: Question,
        judge: Judge,
        f: Expr,
        rows: tuple[Step, ...],
        bodies: Bodies,
        relevant: frozenset[Symbol],
        folded: frozenset[Symbol],
    ) -> None:
        self.question = question
        self.judge = judge
        self.f = f
        self.rows = rows
        self.bodies = bodies
        self.relevant = relevant
        self.folded = folded

    @property
    def points(self) -> Subject:
        """The points in floating point."""
        return self.judge.points

    @property
    def in_full(self) -> Expr:
        """f with the named values written out."""
        return written_out(self.f, self.bodies)

    def function_of(self, symbol: Symbol) -> Expr:
        """Return f as it is differentiated by `symbol`, with the later bodies in which a name was put written out.

        With `u = x^2`, the derivative of `v = x^2 + 1` by `u` is zero, and that of `v = u + 1` is not.
        """
        if symbol not in self.bodies:
            return self.judge.f
        names = list(self.bodies)
        later = self.folded.intersection(names[names.index(symbol) + 1 :])
        return written_out(self.f, {x: self.bodies[x] for x in names if x in later})

    def step(self, rule: str, left: str, right: Expr, reasons: Reasons, truth: Truth) -> Step:
        """Return the row `left = right`, compared with what it must be.

        Raises:
            VerificationError: it is not.
        """
        return _checked_step(rule, left, self.with_repeats(self.with_solutions(right)), reasons, truth)

    def at_rest(self, value: Expr) -> Expr:
        """Return `value` with the properties of the variables, and of what is named after them, in force again."""
        return substitute(value, self._resting, build) if self._resting else value

    @cached_property
    def _resting(self) -> Mapping[Symbol, Symbol]:
        moving = (*self.question.variables, *(x for x, _ in self.question.definitions))
        return {x: x.at_rest for x in moving if x.at_rest is not x}

    def with_solutions(self, value: Expr) -> Expr:
        """Return `value` with the names of what equations define in the place of their solutions."""
        names = self._solutions
        plain = all(isinstance(x, Symbol) or under_transpose(x) is not None for x in names.values())
        return substitute(value, names, None if plain else build) if names else value

    @cached_property
    def _solutions(self) -> Mapping[Expr, Expr]:
        """The solutions of equations, each with its name; as they stand, and at rest."""
        names: dict[Expr, Expr] = {}
        for symbol, body in self.definitions.items():
            for name, value_there in ((symbol, body), (symbol.at_rest, self.at_rest(body))):
                coefficient, core = split_coefficient(value_there)
                if isinstance(core, Apply) and core.operator.by_equation:
                    shown = scale(1 / coefficient, name)
                    names |= {transpose(core): transpose(shown), core: shown}
        return names

    def abbreviated(self, value: Expr) -> Expr:
        """Return `value` with abbreviations where their bodies stand, and what equations define.

        Letters of ours stand in a long value alone.
        """
        value = self.with_solutions(value)
        short = reading_cost(value) <= WIDE
        names = [x for x, _ in self.question.abbreviations if not (short and x in self._repeats.values())]
        bodies = self.definitions if names else {}
        for symbol in names:
            body = bodies[symbol]
            value = fold(value, body, symbol)
            if self.at_rest(body) is not body:
                value = fold(value, self.at_rest(body), symbol.at_rest)
        return value

    def with_repeats(self, value: Expr) -> Expr:
        """Return `value`, otherwise as it is written, with the letter that we gave to a layer which it repeats."""
        return substitute(value, self._repeats) if self._repeats else value

    @cached_property
    def _repeats(self) -> dict[Expr, Expr]:
        return _repeats_of(self.question)

    @cached_property
    def definitions(self) -> Bodies:
        """All that has a name, abbreviations too, in normal form and written with the names that stand before."""
        bodies: dict[Symbol, Expr] = {}
        for symbol, body in self.question.definitions:
            bodies[symbol] = folded(normalise(body), bodies)
        return bodies


def prepared(question: Question, judge: Judge) -> Prepared:
    """Return the question with f, and the values that the author names, in the form in which they are differentiated.

    Raises:
        UnsupportedError: a named value does not occur in f.
        VerificationError: a row failed its check.
    """
    bodies: dict[Symbol, Expr] = {}
    relevant: set[Symbol] = set()
    refolded: set[Symbol] = set()
    for symbol, body in question.intermediates:
        *_, last = run_passes(body, bodies)
        bodies[symbol] = normalise(last.after)
        if last.rewritings:
            refolded.add(symbol)
        if variables_in(body.symbols, question.variables) & (relevant | set(question.variables)):
            relevant.add(symbol)
    given = question.in_terms or question.f
    start = given if "hessian" in question.wishes else with_powers_for_runs(given)
    traces = tuple(run_passes(start, bodies))
    f, truth = traces[-1].after, judge.value_of(question.f)
    _check_use(question, bodies, relevant, f)
    rewritings = [x for trace in traces for x in trace.rewritings]
    if start is not given:
        rewritings.insert(0, Rewriting("powers", start, AS_POWER))
    if question.in_terms is not None:
        rewritings.insert(0, _in_terms_of(question.introduced, question.in_terms))
    repeats = _repeats_of(question)
    rows = [
        _checked_step(x.rule, question.name, substitute(x.result, repeats) if repeats else x.result, reasons, truth)
        for x, reasons in _rows_of(rewritings)
    ]
    names = frozenset(relevant), frozenset(refolded)
    return Prepared(question, judge, f, tuple(rows), MappingProxyType(bodies), *names)


def folded(value: Expr, bodies: Bodies) -> Expr:
    """Return `value` with the names in `bodies` where their definitions stand."""
    for symbol, body in bodies.items():
        if body.symbols <= value.symbols:
            value = fold(value, body, symbol)
    return value


def written_out(value: Expr, bodies: Bodies) -> Expr:
    """Return `value` with the definitions in `bodies` in the place of their names."""
    for symbol, body in reversed(list(bodies.items())):
        value = substitute(value, {symbol: body}, build)
    return value


def _rows_of(rewritings: Sequence[Rewriting]) -> Iterator[tuple[Rewriting, Reasons]]:
    """Yield the changes that are rows, with their reasons: an opened logarithm is shown in matrix form at once."""
    for k, x in enumerate(rewritings):
        opens = k > 0 and x.rule == "matrix form" and rewritings[k - 1].rule == "logarithm"
        if x.rule != "logarithm" or k + 1 == len(rewritings) or rewritings[k + 1].rule != "matrix form":
            yield x, (rewritings[k - 1].reason, x.reason) if opens else (x.reason,)


def _repeats_of(question: Question) -> dict[Expr, Expr]:
    """Return the letters that we gave to what f repeats, by what they stand for, as written and in normal form."""
    ours = [(x, y) for x, y in question.abbreviations if x not in question.places and not x.index]
    whole: dict[Expr, Expr] = {}
    for symbol, body in ours:
        whole[symbol] = substitute(body, whole)
    return {written: x for x, y in whole.items() for written in (y, normalise(y))}


def _checked_step(rule: str, left: str, right: Expr, reasons: Reasons, truth: Truth) -> Step:
    return Step(rule, left, right, reasons, passed(truth.check(right), f"the line {left} = ...", right))


def _check_use(question: Question, bodies: Bodies, relevant: set[Symbol], f: Expr) -> None:
    """Do nothing if all the named values that matter are used.

    Raises:
        UnsupportedError: one is not.
    """
    used = f.symbols.union(*(body.symbols for body in bodies.values()))
    missing = next((x for x in bodies if x in relevant and x not in used), None)
    if missing is not None:
        message = f"{missing.latex} does not occur in the function"
        hint = f"write the definition of {missing.latex} as it stands in the function"
        raise UnsupportedError("E303", message, question.places.get(missing), hint)
