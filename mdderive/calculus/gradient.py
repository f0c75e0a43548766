"""The gradient: the cotangent 1 of df is carried from the outside in, each operator passing it on by its adjoint.

What a teacher does with the trace tricks, moving every factor to the left of dX, is this adjoint: a product
A B C passes G to B as A^T G C^T because tr(G^T A dB C) = tr((A^T G C^T)^T dB). At every moment df is the sum of
the inner products of the cotangents collected so far with the nodes that have them, so every moment is a line
that may be printed. A node that occurs twice collects its whole cotangent before it passes it on, so a residual
stays a residual.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..algebra.expressions import ONE, Apply, Expr, Index, Number, Operator, number, walk
from ..algebra.factoring import add
from ..algebra.operators.structural import product, trace_row
from ..algebra.powers import sum_over
from ..algebra.terms import (
    d,
    factors_of,
    holds_differential,
    index_of,
    is_identity,
    is_product,
    is_sum_over,
    is_zero,
    multiply,
    split_coefficient,
    terms_of,
    transpose,
    under_transpose,
    written_sum,
    zero,
)
from ..errors import UnsupportedError

Part = tuple[Expr, Expr]
"""(node, cotangent): the inner product of the two, summed over their indices, is a term of df."""
Arrival = tuple[Expr, Expr, tuple[str, ...]]
"""(target, cotangent, the indices to sum over): a term of df."""


class Stage(NamedTuple):
    """A moment of the transport, as a sum of parts, and the operators passed since the stage before."""

    parts: tuple[Part, ...]
    passed: tuple[Operator, ...]


class Transport:
    """What the way from df to the gradients yields.

    stages      the moments around every operator whose adjoint is a step of its own
    arrivals    the terms that arrive at the targets, not yet added up and not yet summed over indices
    gradients   the whole cotangent of every target
    passed      the operators passed since the last stage
    ranges      the range of every summation index
    """

    def __init__(self, ranges: dict[str, Index]) -> None:
        self.stages: list[Stage] = []
        self.arrivals: list[Arrival] = []
        self.gradients: dict[Expr, Expr] = {}
        self.passed: list[Operator] = []
        self.ranges = ranges

    def leave(self, operator: Operator) -> None:
        """Note that `operator` was passed."""
        if operator not in self.passed:
            self.passed.append(operator)

    def stop(self, parts: Sequence[Part]) -> None:
        """Note a stage."""
        self.stages.append(Stage(tuple(parts), tuple(self.passed)))
        self.passed.clear()


def transport(root: Expr, targets: Sequence[Expr], cotangent: Expr | None = None) -> Transport:
    """Return the way of the cotangent of `root` (default 1, for a scalar) to `targets`.

    Raises:
        UnsupportedError: an operator on the way has no differential, or two sums give one index two ranges.
    """
    nodes = list(walk(root))
    wanted = dict.fromkeys(targets)
    reaching: set[Expr] = set()
    for node in nodes:
        if node in wanted or (isinstance(node, Apply) and not reaching.isdisjoint(node.arguments)):
            reaching.add(node)
    seed = number(1) if cotangent is None else cotangent
    way = Transport(_ranges(nodes))
    frontier: dict[Expr, list[Expr]] = {root: [seed]}
    for node in reversed(nodes):
        if node in wanted or node not in frontier or node not in reaching:
            continue
        assert isinstance(node, Apply)
        step = node.operator.adjoint_rule is not None
        if step:
            way.stop(_collected(frontier))
        total = add(*reversed(frontier.pop(node)))
        for argument, part in _pass_on(node, total, reaching):
            if is_zero(part) and frontier and argument not in wanted:
                continue  # what is found to cancel has no row of its own
            names = _closing(node, part, argument, seed, way.ranges)
            if argument in wanted:
                way.arrivals.append((argument, part, names))
            frontier.setdefault(argument, []).append(_summed(part, names, way.ranges))
        way.leave(node.operator)
        if step:
            way.stop(_collected(frontier))
    way.arrivals.reverse()  # the outermost node passes on its last term first
    way.gradients = {x: add(*reversed(frontier[x])) if x in frontier else zero(x.shape) for x in wanted}
    return way


def _collected(frontier: dict[Expr, list[Expr]]) -> list[Part]:
    """Return the parts of df at this moment, in the order of its terms (the last term is reached first)."""
    return [(x, add(*reversed(parts))) for x, parts in reversed(frontier.items())]


def pull_back(root: Expr, cotangent: Expr, targets: Sequence[Expr]) -> dict[Expr, Expr]:
    """Return for each target the cotangent G with tr(cotangent^T d root) = sum of tr(G^T d target)."""
    return transport(root, targets, cotangent).gradients


def gradient(f: Expr, variable: Expr) -> Expr:
    """Return the matrix of the derivatives of the scalar `f` by the entries of `variable`, in its shape."""
    return pull_back(f, number(1), [variable])[variable]


def _pass_on(node: Apply, cotangent: Expr, reaching: set[Expr]) -> list[Part]:
    """Return (argument, its part of the cotangent) for every argument that matters."""
    if node.operator.adjoint is not None:
        adjoint = node.operator.adjoint
        return [(x, adjoint(node, i, cotangent)) for i, x in enumerate(node.arguments) if x in reaching]
    assert node.operator.differential is not None, "written out before, where that is refused"
    arguments = list(dict.fromkeys(x for x in node.arguments if x in reaching))
    linear = node.operator.differential(node, lambda x: d(x) if x in reaching else zero(x.shape))
    parts = pull_back(linear, cotangent, [d(x) for x in arguments])
    return [(x, parts[d(x)]) for x in arguments]


def _ranges(nodes: Sequence[Expr]) -> dict[str, Index]:
    ranges: dict[str, Index] = {}
    for node in nodes:
        if isinstance(node, Apply) and node.operator.binds_index:
            index = index_of(node)
            if ranges.setdefault(index.name, index) != index:
                message = f"two sums use the index {index.name} with different ranges"
                hint = "give another index to one of them; of two high powers give one a name in a clause, [P = X^8]"
                raise UnsupportedError("E302", message, hint=hint)
    return ranges


def _closing(node: Expr, part: Expr, argument: Expr, seed: Expr, ranges: dict[str, Index]) -> tuple[str, ...]:
    """Return the indices over which the part that `node` passes to `argument` is to be summed, the inner ones first."""
    names = (part.indices | node.indices) - argument.indices - seed.indices
    return tuple(name for name in ranges if name in names)


def _summed(x: Expr, names: Sequence[str], ranges: dict[str, Index]) -> Expr:
    for name in names:
        x = sum_over(x, ranges[name])
    return x


# --- a stage as a line ------------------------------------------------------------------------------------


def as_line(parts: Sequence[Part], ranges: dict[str, Index], *, in_traces: bool = False) -> Expr:
    """Return the sum of the inner products of the parts, each written as tr(G^T N) or, for a column N, as G^T N.

    With `in_traces` scalars made of matrices stand in traces too.
    """
    lines: list[Expr] = []
    for node, cotangent in parts:
        line = _inner(node, cotangent, in_traces=in_traces)
        lines.append(_summed(line, [x for x in ranges if x in node.indices | cotangent.indices], ranges))
    return written_sum(lines)


def arrival_line(arrival: Arrival, ranges: dict[str, Index]) -> Expr:
    """Return an arrival as a term of df, its sums outside."""
    target, cotangent, names = arrival
    names = (*names, *(x for x in ranges if x in target.indices))
    return _summed(_inner(target, cotangent, in_traces=ONE not in target.shape), names, ranges)


def _inner(node: Expr, cotangent: Expr, *, in_traces: bool) -> Expr:
    """Return <cotangent, node> as it is written, the node at the right end."""
    if node.is_scalar:
        return multiply(cotangent, in_trace(node) if in_traces else node)
    coefficient, rest = split_coefficient(cotangent)
    factors = factors_of(rest)
    scalars = [x for x in factors if x.is_scalar]
    turned = []
    for x in reversed(factors):
        if not x.is_scalar:
            sign, across = split_coefficient(transpose(x))  # [a]_x has a sign of its own
            coefficient *= sign
            turned.append(across)
    chain = [y for x in turned for y in _opened(x) if not is_identity(y)]
    if node.shape[0] == ONE:
        return multiply(Number(coefficient), *scalars, _written([*_opened(node), *chain]))
    body = _written([*chain, *_opened(node)])
    if node.shape[1] != ONE or in_traces:
        body = Apply(trace_row, (body,))
    return multiply(Number(coefficient), *scalars, body)


def _opened(x: Expr) -> tuple[Expr, ...]:
    factors = factors_of(x)
    return (x,) if any(y.is_scalar for y in factors) else factors


def _written(chain: Sequence[Expr]) -> Expr:
    return chain[0] if len(chain) == 1 else Apply(product, tuple(chain))


def in_trace(x: Expr) -> Expr:
    """Return the scalar `x` with its chains of matrices written in traces; sums stay outside the traces."""
    parts = terms_of(x)
    if len(parts) > 1:
        return written_sum(map(in_trace, parts))
    if is_sum_over(x):
        return Apply(x.operator, (in_trace(x.arguments[0]),), x.parameters)
    if is_product(x):
        scalars = [in_trace(y) if holds_differential(y) else y for y in x.arguments if y.is_scalar]
        chain = [y for y in x.arguments if not y.is_scalar]
        return _written([*scalars, Apply(trace_row, (_written(chain),))] if chain else scalars)
    return x


def is_turned(node: Expr) -> bool:
    """Whether a differential stands transposed in `node`."""
    return any(under_transpose(x) is not None and holds_differential(x) for x in walk(node))
