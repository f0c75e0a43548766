"""The chain: df, then every named value that f goes through, the last one first, each a link with its results.

The loop is one for all functions; how a link is worked is a form: by cotangents in traces for a scalar, by Jacobians
in vec form for a vector or a matrix.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from ..algebra.expressions import Expr, Symbol
from ..algebra.families import variables_in
from ..words import Reasons
from .derivation import Link, Result, Step
from .passes import Bodies, Prepared


class Passage(NamedTuple):
    """How a link was worked: its rows, and what the derivative of f by each symbol gains by it.

    `inner` are the derivatives of the named value itself, in vec form.
    """

    steps: tuple[Step, ...]
    parts: Mapping[Symbol, Expr]
    inner: tuple[Result, ...] = ()
    substituted: Step | None = None
    """In trace form: the differential of the named value, which takes the place of its name."""
    notes: Reasons = ()
    """In trace form: how the rules that are used follow from simpler ones."""


class Form(Protocol):
    """A way to differentiate the links of a chain."""

    def passage(self, through: Symbol | None, body: Expr, reached: Sequence[Symbol]) -> Passage:
        """Return the differentiation of `body`, the definition of `through` (None: f itself), by `reached`."""

    def result(self, symbol: Symbol, parts: Sequence[Expr]) -> Result:
        """Return the derivative of f by `symbol`, all its parts together."""


def chain_links(prepared: Prepared, form: Form, through: frozenset[Symbol]) -> tuple[Link, ...]:
    """Return the links of the chain through the named values `through`; none where f does not depend on a variable.

    Raises:
        UnsupportedError: an operator has no differential in this form.
        VerificationError: a line failed its check.
    """
    variables, bodies = prepared.question.variables, prepared.bodies
    order = [x for x in reversed(list(bodies)) if x in through]
    totals: dict[Symbol, list[Expr]] = {}
    links: list[Link] = []
    for k, symbol in enumerate((None, *order)):
        if symbol is not None and symbol not in totals:
            continue
        body = prepared.f if symbol is None else bodies[symbol]
        reached = _reached(prepared, body, {*variables, *through})
        if not reached:
            continue
        passage = form.passage(symbol, body, reached)
        for x, part in passage.parts.items():
            totals.setdefault(x, []).append(part)
        waiting = variables_in(_still_to_come(order[k:], bodies, totals), variables)
        done = [x for x in reached if x not in waiting]
        if set(reached) <= set(variables):
            done.sort(key=variables.index)
        results = tuple(form.result(x, totals[x]) for x in done)
        links.append(Link(symbol, passage.steps, results, passage.inner, passage.substituted, passage.notes))
    return tuple(links)


def _still_to_come(order: Sequence[Symbol], bodies: Bodies, totals: Collection[Symbol]) -> set[Symbol]:
    """Return the letters of the named values that are gone through after this one, by way of each other too."""
    found: set[Symbol] = set()
    for x in order:
        if x in totals or x in found:
            found |= bodies[x].symbols
    return found


def _reached(prepared: Prepared, body: Expr, targets: set[Symbol]) -> list[Symbol]:
    """Return the `targets` that `body` depends on, directly or through named values that are not gone through."""
    found = set(body.symbols)
    for symbol, its_body in reversed(list(prepared.bodies.items())):
        if symbol in found and symbol not in targets:
            found |= its_body.symbols
    found = variables_in(found, prepared.question.variables)
    return [x for x in prepared.question.symbols.values() if x in targets and x in found]
