"""The links of a scalar in trace form: rows from df to `df = tr(G^T dX)`, cotangents carried from the outside in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from ..algebra.expressions import ONE, Apply, Expr, Index, Operator, Symbol, number, to_latex, walk
from ..algebra.factoring import add
from ..algebra.families import (
    facing,
    members_in,
    ranges_of,
    spare_indices,
    with_free_indices,
    with_sums_joined,
    without_clashes,
)
from ..algebra.matching import fold
from ..algebra.operators.components import in_components
from ..algebra.properties import BY_NAME, SELF_TRANSPOSED
from ..algebra.shortening import as_answer, multiplied_out, shortened
from ..algebra.terms import (
    build,
    d,
    factors_of,
    holds_differential,
    is_hadamard,
    is_self_transposed,
    is_sum_over,
    is_transposed,
    is_zero,
    normalise,
    reading_cost,
    substitute,
    terms_of,
    transpose,
    written_sum,
    zero,
)
from ..calculus.differential import write_out
from ..calculus.gradient import Transport, arrival_line, as_line, in_trace, is_turned, transport
from ..checking.check import Check
from ..checking.judge import Truth
from ..latex.widths import IN_A_SENTENCE, visible_width
from ..words import Reason, Reasons, formula, of_row, reason
from .chain import Passage
from .derivation import Link, Result, Step, partial
from .deviations import vanishing_sums, without_sums
from .likeness import differs_in_order, reads_alike, shows_fraction
from .passes import Prepared
from .reasons import (
    COLLECT,
    CONSTANT,
    CYCLIC_EQUATION,
    DISTRIBUTED,
    EXCHANGE,
    LINEAR_TRACE,
    MEAN_ZERO,
    MULTIPLIED_OUT,
    REARRANGE,
    SAME_FAMILY,
    SCALAR_TRACE,
    SCALAR_TRANSPOSE,
    SIMPLIFIED,
    TRANSPOSE_IN_TRACE,
    UNDER_SUM,
    cyclic_words,
    has_trace,
    joined,
    moves_of_both,
    own_transpose,
    passed,
    rule_words,
    sums_of,
    terms_in_traces,
)
from .responsibilities import Responsibility, in_responsibilities, responsibilities

_ONLY_MOVED = joined([REARRANGE])
"""The reasons of a row in which nothing happens that a rule would be named for."""
LEGIBLE = 45
"""Up to which `reading_cost` a gradient is written out; a longer one keeps the names of those that it is made of."""
READ_OFF = 12
"""Up to which `reading_cost` a gradient is first written as the transpose of what stands before dX."""
SOLVABLE = 1_000
"""The same of a gradient that is to be solved for its zero."""


class Traces:
    """The trace form of a chain, with the gradients found so far, in the shape of their symbols.

    `by_name` are those written with the names of the ones before, `full` those written out where that is short enough,
    both with all properties in force. `slopes`, of which second derivatives are made, are written out while the
    variables move in all directions. `names` says of which symbol a name is the gradient.
    """

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self.by_name: dict[Symbol, Expr] = {}
        self.names: dict[Symbol, Symbol] = {}
        self.full: dict[Symbol, Expr] = {}
        self.slopes: dict[Symbol, Expr] = {}
        self.checks: dict[tuple[Symbol, Expr], Check] = {}

    def passage(self, through: Symbol | None, body: Expr, reached: Sequence[Symbol]) -> Passage:
        """Return the rows, and the cotangents that arrive at the symbols reached."""
        rows = _Rows(self, through, body, reached)
        return Passage(rows.steps(), rows.gradients, (), rows.substituted(), rows.notes())

    def result(self, symbol: Symbol, parts: Sequence[Expr]) -> Result:
        """Return the gradient by `symbol`, by the names of those found before."""
        total = add(*parts)
        value = as_answer(self.prepared.at_rest(total))
        value = self.by_name[symbol] = without_clashes(value, self.spares) if symbol.index else value
        self._write_out(symbol, value)
        if "hessian" in self.prepared.question.wishes:
            self.slopes[symbol] = substitute(total, self._meanings(total, self.slopes), build)
        self.names[self.name_of(symbol)] = symbol
        check = self.checked(symbol, self.gradient(symbol))
        named = transpose(value) if self.turned else value
        self.prepared.judge.name(
            self.name_of(symbol), named, symbol, self.prepared.function_of(symbol), turned=self.turned
        )
        if self.turned:
            return Result(symbol, transpose(value), check, None, len(parts))
        return Result(symbol, value, check, _read_off(symbol, parts[0]) if len(parts) == 1 else None, len(parts))

    def constant(self) -> Link:
        """Return the link of a function that turned out not to depend on the variables."""
        question = self.prepared.question
        truth = self.prepared.judge.differential_of(self.prepared.f, question.variables)
        left = rf"\mathrm{{d}}{question.name}"
        row = self.prepared.step("constant", left, number(0), (CONSTANT,), truth)
        zeros = {x: zero(x.shape) for x in question.variables}
        results = [Result(x, transpose(g) if self.turned else g, self.checked(x, g)) for x, g in zeros.items()]
        return Link(None, (row,), tuple(results))

    @property
    def turned(self) -> bool:
        """Whether gradients are asked for in the numerator layout."""
        return self.prepared.question.turned

    @cached_property
    def spares(self) -> Mapping[str, Index]:
        """Further letters for the indices of sums, where members of families are variables."""
        question = self.prepared.question
        return spare_indices([question.f, *(body for _, body in question.definitions)], question.variables)

    @cached_property
    def responsibilities(self) -> list[Responsibility]:
        """The shares of the components of a mixture, which have names."""
        return list(responsibilities(self.prepared.question))

    @cached_property
    def vanishing(self) -> dict[Expr, Expr]:
        """The sums of deviations from means that are defined, each with its zero."""
        named = (*self.prepared.question.definitions, *self.prepared.bodies.items())
        return vanishing_sums(named, self.spares) if named else {}

    def without_deviations(self, value: Expr) -> Expr:
        """Return `value` without sums of deviations from a mean, which are zero."""
        return without_sums(value, self.vanishing)

    def name_of(self, symbol: Symbol) -> Symbol:
        """Return the name of the gradient by `symbol`, in the layout that is asked for."""
        return partial(symbol, self.prepared.question.name, turned=self.turned)

    def gradient(self, symbol: Symbol) -> Expr:
        """Return the gradient by `symbol`: written out if that is short, else with names; 0 where f does not reach."""
        return self.full.get(symbol) or self.by_name.get(symbol) or zero(symbol.shape)

    def chain(self, values: Iterable[Expr]) -> dict[Symbol, Expr]:
        """Return the names of gradients that `values` need, each with what it stands for, in the order of the chain."""
        needed = {name for value in values for name in value.symbols}
        found: dict[Symbol, Expr] = {}
        for name, symbol in reversed(self.names.items()):
            if name in needed:
                value = self.by_name[symbol]
                found[name] = transpose(value) if self.turned else value
                needed |= value.symbols
        return dict(reversed(found.items()))

    def _write_out(self, symbol: Symbol, value: Expr) -> None:
        """Keep the gradient by `symbol` with nothing in it but the author's letters, where that is short."""
        longest = SOLVABLE if "solve" in self.prepared.question.wishes else LEGIBLE
        meanings = self._meanings(value, self.full)
        if meanings.keys() >= value.symbols & self.names.keys():
            full = self.without_deviations(substitute(value, meanings, build))
            full = without_clashes(full, self.spares) if symbol.index else full
            if reading_cost(full) <= longest:
                as_it_is = full is value and not self.prepared.bodies  # an answer already
                self.full[symbol] = value if as_it_is else as_answer(self._in_its_names(full))

    def _in_its_names(self, full: Expr) -> Expr:
        r"""Return a gradient with the named vectors that stand in it wherever that is shorter: `\sqrt v\hat x`."""
        found = shortened(full)
        for name, body in self.prepared.bodies.items():
            if name in full.symbols and not name.is_scalar:
                other = shortened(fold(full, body, name))
                if reading_cost(other) < reading_cost(found):
                    full = found = other
        return found

    def _meanings(self, value: Expr, gradients: Mapping[Symbol, Expr]) -> dict[Expr, Expr]:
        """Return the names of `gradients` in `value`, each with what it stands for."""
        named = {x: self.names[x] for x in value.symbols & self.names.keys()}
        found = {name: gradients[x] for name, x in named.items() if x in gradients}
        return {name: transpose(g) if self.turned else g for name, g in found.items()}

    def checked(self, symbol: Symbol, value: Expr) -> Check:
        """Return the check of the gradient by `symbol`, in its shape; names in `value` stand for what is true of them.

        Raises:
            VerificationError: `value` is not it.
        """
        if (symbol, value) not in self.checks:
            truth = self.prepared.judge.gradient_of(symbol, self.prepared.function_of(symbol))
            what = f"the gradient with respect to {symbol.latex}"
            self.checks[symbol, value] = passed(truth.check(value), what, value)
        return self.checks[symbol, value]


def _read_off(symbol: Symbol, gradient: Expr) -> Expr | None:
    """Return the M of `df = tr(M dX)` where it is a short product, whose factors the transpose puts in reverse."""
    if reading_cost(gradient) > READ_OFF:
        return None
    turned = transpose(gradient)
    factors = [x for x in factors_of(gradient) if not x.is_scalar]
    if symbol.is_scalar or turned is gradient or len(factors) < 2 or any(map(is_transposed, (gradient, turned))):
        return None
    joined_otherwise = any(is_sum_over(x) or is_hadamard(x) for x in walk(gradient))
    return None if joined_otherwise or shows_fraction(gradient) else turned


class _Rows:
    """The rows from df to the gradients by the symbols that `body` reaches."""

    def __init__(self, form: Traces, through: Symbol | None, body: Expr, reached: Sequence[Symbol]) -> None:
        self.form, self.prepared = form, form.prepared
        self.through, self.body, self.reached = through, body, reached
        self.targets = [y for x in reached for y in (members_in(body.symbols, x) if x.index else [x])]
        self.rules: list[Operator] = []
        self.written = self._differential(working=True)
        told_apart = any(row.working is not None for row in self.rules)
        self.tidy = normalise(self._differential(working=False) if told_apart else self.written)
        self.cotangent: Expr | None = None
        if through is not None:
            name = form.name_of(through)
            self.cotangent = transpose(name) if form.turned else name
        self.transport: Transport = transport(self.tidy, [d(x) for x in self.targets], self.cotangent)
        self.in_traces = any(ONE not in x.shape for x in reached)
        collected = {x: self._gradient(x) for x in reached}
        centred = {x: form.without_deviations(value) for x, value in collected.items()}
        shorter = {x: in_components(with_sums_joined(shortened(value))) for x, value in centred.items()}
        self.gradients = {x: self.prepared.abbreviated(value) for x, value in shorter.items()}
        self.words = [MEAN_ZERO] * any(centred[x] is not collected[x] for x in reached)
        for x in (x for x in reached if shorter[x] is not centred[x]):
            word = MULTIPLIED_OUT if shortened(centred[x], only=multiplied_out) is shorter[x] else SIMPLIFIED
            self.words += [word] * (word not in self.words)
        self.left = rf"\mathrm{{d}}{self.prepared.question.name}"
        self.rows: list[Step] = []
        self.waits = False
        self.shown: Expr = self.written

    def _differential(self, *, working: bool) -> Expr:
        found = write_out(self.body, self.targets, self.rules if working else [], working=working)
        assert found is not None
        # The differential of a value has its name where it has the value: dp = p (.) dx - (p^T dx) p.
        return found if self.through is None else fold(found, normalise(self.body), self.through)

    def _gradient(self, x: Symbol) -> Expr:
        """Return the cotangent that arrives at a letter; at all letters for the members of its family together."""
        if not x.index:
            return self.transport.gradients[d(x)]
        parts = []
        for y in self.targets:
            if y.family == x.family and y.index:
                names = dict(zip((*y.index, *x.index), (*x.index, *y.index), strict=True))
                part = facing(with_free_indices(self.transport.gradients[d(y)], names), x)
                parts.append(in_responsibilities(part, self.form.responsibilities))
        return without_clashes(with_sums_joined(add(*parts)), self.form.spares)

    def steps(self) -> tuple[Step, ...]:
        """Return the rows, those that look the same left out."""
        self.truth = self._truth()
        if self.through is not None and self.cotangent is not None:
            # Not df, which may have other terms: the term in dY, into which dY is substituted.
            self.left = to_latex(as_line([(d(self.through), self.cotangent)], {}, in_traces=self.in_traces))
        self._row("differential", self._line(self.written), rule_words(self.rules, self.body))
        tidy = self._line(self.tidy)
        self._row("tidy", tidy, self._tidying())
        self._trace_row()
        self._stages()
        self._arrivals()
        self._final()
        if self.waits:  # what only moves is done in the row before
            last = self.rows.pop()
            self.rows.append(self.prepared.step(last.rule, self.left, self.shown, last.reasons, self.truth))
        return tuple(self.rows)

    def substituted(self) -> Step | None:
        """Return the differential of the named value that this link goes through, if it is short enough to be said."""
        if self.through is None:
            return None
        left = to_latex(d(self.through))
        if visible_width(f"{left} = {to_latex(self.written)}") > IN_A_SENTENCE:
            return None
        truth = self.prepared.judge.differential_of(self.body, self.targets)
        return self.prepared.step("substituted", left, self.written, (), truth)

    def notes(self) -> Reasons:
        """Return how rules that are used follow from simpler ones, each for the shortest argument that it has."""
        found: dict[Operator, str] = {}
        for node in walk(self.body):
            if not isinstance(node, Apply) or node.symbols.isdisjoint(self.targets):
                continue
            if node.operator.follows is not None:
                shown = to_latex(node.arguments[0])
                found[node.operator] = min(found.get(node.operator, shown), shown, key=len)
        rows = ((x, x.follows, shown) for x, shown in found.items())
        return tuple(of_row("follows", x.name, text, **{"0": shown}) for x, text, shown in rows if text is not None)

    def _line(self, linear: Expr) -> Expr:
        if self.cotangent is None:
            return linear
        return as_line([(t, self.cotangent) for t in terms_of(linear)], self.transport.ranges, in_traces=self.in_traces)

    def _truth(self) -> Truth:
        """Return what the rows must be: the differential of the body, or what it adds to df."""
        judge, form = self.prepared.judge, self.form
        if self.through is None:
            return judge.differential_of(self.body, self.targets)
        name, gradient = form.name_of(self.through), form.gradient(self.through)
        return judge.share_of(self.through, name, gradient, form.turned, self.prepared.f, self.body, self.targets)

    def _row(self, rule: str, right: Expr, reasons: Reasons) -> None:
        """Add a row, unless it reads like the one before; one that only moves things waits for the next to take in.

        A row that repeats the move of the one before takes its place.
        """
        right = self.prepared.with_repeats(right)
        told = not self.waits or reasons == _ONLY_MOVED
        if self.rows and told and differs_in_order(self.shown, right):
            # A sign, a parenthesis or a term moved: nothing that a reader wants to see.
            self.shown = right
            return
        if any(x.index for x in self.targets):
            right = without_clashes(right, self.form.spares)
        if reasons == _ONLY_MOVED and has_trace(right) and not has_trace(self.shown):
            reasons = joined([SCALAR_TRACE, CYCLIC_EQUATION])
        self.waits = reasons == _ONLY_MOVED
        if not self.waits:
            moves = moves_of_both(self.rows[-1].reasons, reasons) if len(self.rows) > 1 else ()
            if moves:
                self.rows.pop()
            reasons = moves or reasons
            self.rows.append(self.prepared.step(rule, self.left, right, reasons, self.truth))
        self.shown = right

    def _tidying(self) -> Reasons:
        words = [
            of_row("worked", x.name, x.worked) for x in self.rules if x.worked is not None and x.working is not None
        ]
        before, after = terms_in_traces(self.written), terms_in_traces(self.tidy)
        if is_turned(self.written) and (after < before or not is_turned(self.tidy)):
            words.append(TRANSPOSE_IN_TRACE if has_trace(self.written) else SCALAR_TRANSPOSE)
            words.extend(self._symmetric())
        words.extend(self._equations())
        if not words and after < before:
            words.append(CYCLIC_EQUATION if has_trace(self.tidy) else COLLECT)
        elif not words and sums_of(self.tidy) > sums_of(self.written):
            words.append(UNDER_SUM)
        elif not words and has_trace(self.tidy) and len(terms_of(self.tidy)) > len(terms_of(self.written)):
            words.append(LINEAR_TRACE)
        return joined(words or [REARRANGE])

    def _symmetric(self) -> list[Reason]:
        """Return the declared symmetries without which the gradient would read otherwise."""
        found = []
        for symbol in self.prepared.question.symbols.values():
            if is_self_transposed(symbol) and not symbol.is_scalar and symbol in self.tidy.symbols:
                others = symbol.properties - SELF_TRANSPOSED
                free = Symbol(symbol.latex, symbol.size, others, symbol.index, symbol.family)
                plain = normalise(substitute(self.written, {symbol: free, d(symbol): d(free)}))
                if substitute(plain, {free: symbol, d(free): d(symbol)}) is not normalise(self.written):
                    found.append(own_transpose(symbol))
        return found

    def _equations(self) -> list[Reason]:
        """Return the equations of declared properties by which the row became shorter: `A^2=A`, `Q^\\top Q=I`."""
        found = []
        for symbol in self.prepared.question.symbols.values():
            for row in [BY_NAME[x] for x in sorted(symbol.properties & BY_NAME.keys()) if BY_NAME[x].equation]:
                free = Symbol(symbol.latex, symbol.size, symbol.properties - {row.name}, symbol.index, symbol.family)
                plain = normalise(substitute(self.written, {symbol: free, d(symbol): d(free)}))
                if reading_cost(plain) > reading_cost(normalise(self.written)):
                    found.append(formula("equation of property", row.equation, symbol=symbol.latex))
        return found

    def _trace_row(self) -> None:
        """Put a scalar into a trace, as a row of its own where there is one term only or a sum over an index."""
        if not self.in_traces or self.cotangent is not None or self.transport.stages:
            return
        summed = any(map(is_sum_over, walk(self.shown)))
        if not isinstance(self.shown, Apply) or (len(terms_of(self.shown)) > 1 and not summed):
            return
        traced = in_trace(self.shown)
        if traced is not self.shown:
            self._row("trace", traced, joined([SCALAR_TRACE] + [EXCHANGE] * summed))

    def _stages(self) -> None:
        for stage in self.transport.stages:
            words = [of_row("adjoint", x.name, x.adjoint_rule) for x in stage.passed if x.adjoint_rule is not None]
            line = as_line(stage.parts, self.transport.ranges, in_traces=self.cotangent is not None and self.in_traces)
            line = self.prepared.with_repeats(line)
            if not reads_alike(in_trace(line), self.shown):  # the row before shows the same in traces
                self._row("adjoint", line, joined(words or self._moves_to(line)))

    def _moves_to(self, line: Expr) -> list[Reason]:
        """Return what leads to a line where an operator was passed whose rule has no name, as a sum."""
        before, after, words = len(terms_of(self.shown)), len(terms_of(line)), self._moves()
        if before == after or words == [REARRANGE] or has_trace(self.shown) or has_trace(line):
            return words
        return [DISTRIBUTED if before < after else COLLECT]

    def _arrivals(self) -> None:
        """Show the terms with dX at the right end before they are added up, where that is a step of its own."""
        parts, ranges = self.transport.arrivals, self.transport.ranges
        summed = any(names for _, _, names in parts)
        several = len(parts) > len(self.targets) and (is_turned(self.shown) or len(parts) > 2)
        lines = [arrival_line(part, ranges) for part in parts] if summed or several else []
        if summed or len(set(lines)) > 1:
            self._row("arrivals", written_sum(lines), joined(self._moves()))

    def _moves(self) -> list[Reason]:
        """Return what was done to bring dX to the right end of the row before."""
        words: list[Reason] = []
        if self.in_traces and not reads_alike(in_trace(self.shown), self.shown):
            words.append(SCALAR_TRACE)
        if is_turned(self.shown):
            words.append(TRANSPOSE_IN_TRACE if self.in_traces else SCALAR_TRANSPOSE)
        words.extend(cyclic_words(self.shown) if self.in_traces else [])
        return words or [REARRANGE]

    def _final(self) -> None:
        if is_zero(self.shown):
            return
        values = [self.prepared.at_rest(x) for x in self.gradients.values()]
        ranges = ranges_of([self.body], [x for x in self.reached if x.index]) | self.transport.ranges
        line = as_line([(d(x), value) for x, value in zip(self.reached, values, strict=True)], ranges)
        line = number(0) if all(map(is_zero, values)) else line
        words = [x for x in self._moves() if x is not REARRANGE]
        if any(is_sum_over(x) and holds_differential(x) for x in walk(self.shown)):
            words.append(EXCHANGE if self.in_traces else UNDER_SUM)
        if len(self.transport.arrivals) > len(self.reached) and not words:
            words.append(COLLECT)
        words.extend(self.words)
        if any(x not in self.targets for x in self.reached) or len(self.targets) > len(self.reached):
            words.insert(0, SAME_FAMILY)
        symmetric = [x for x in self.prepared.question.variables if x.at_rest is not x]
        if symmetric and not reads_alike(as_line([(d(x), y) for x, y in self.gradients.items()], ranges), line):
            words.extend(map(own_transpose, symmetric))
        for symbol, _ in self.prepared.question.abbreviations:
            if any(symbol in x.symbols for x in values) and symbol not in self.shown.symbols:
                words.append(reason("definition of", name=symbol.latex))
        self._row("final", line, joined(words or [REARRANGE]))
