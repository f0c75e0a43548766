"""The gradient: the cotangent 1 of f is carried from the outside in, each operator passing it on by its adjoint.

What a teacher does with the trace tricks, moving every factor to the left of dX, is this adjoint: a product
A B C passes G to B as A^T G C^T because tr(G^T A dB C) = tr((A^T G C^T)^T dB). An operator that is not
multilinear is replaced by its differential, which is. A node that occurs twice collects its whole cotangent
before it passes it on, so a residual stays a residual.
"""

from __future__ import annotations

from collections.abc import Sequence

from .errors import UnsupportedError
from .expr import Apply, Expr, Index, number, walk
from .operators.arithmetic import add, d, sum_over, sum_row, zero


def pull_back(root: Expr, cotangent: Expr, targets: Sequence[Expr]) -> dict[Expr, Expr]:
    """Return for each target the cotangent G with tr(cotangent^T d root) = sum of tr(G^T d target).

    Raises:
        UnsupportedError: an operator on the way has no differential, or two sums give one index two ranges.
    """
    nodes = list(walk(root))
    wanted = set(targets)
    reaching: set[Expr] = set()
    for node in nodes:
        if node in wanted or (isinstance(node, Apply) and any(x in reaching for x in node.arguments)):
            reaching.add(node)
    ranges = _ranges(nodes)
    collected: dict[Expr, list[Expr]] = {root: [cotangent]}
    found: dict[Expr, Expr] = {}
    for node in reversed(nodes):
        if node not in collected or node not in reaching:
            continue
        total = add(*collected.pop(node))
        if node in wanted:
            found[node] = total
            continue
        assert isinstance(node, Apply)
        for argument, part in _pass_on(node, total, reaching):
            collected.setdefault(argument, []).append(_close(part, argument, cotangent, ranges))
    return {target: found.get(target, zero(target.shape)) for target in targets}


def gradient(f: Expr, variable: Expr) -> Expr:
    """Return the matrix of the derivatives of the scalar `f` by the entries of `variable`, in its shape."""
    return pull_back(f, number(1), [variable])[variable]


def _pass_on(node: Apply, cotangent: Expr, reaching: set[Expr]) -> list[tuple[Expr, Expr]]:
    """Return (argument, its part of the cotangent) for every argument that matters."""
    if node.operator.adjoint is not None:
        adjoint = node.operator.adjoint
        return [(x, adjoint(node, i, cotangent)) for i, x in enumerate(node.arguments) if x in reaching]
    if node.operator.differential is None:
        raise UnsupportedError("E301", f"the {node.operator.name} has no differential")
    arguments = list(dict.fromkeys(x for x in node.arguments if x in reaching))
    linear = node.operator.differential(node, lambda x: d(x) if x in reaching else zero(x.shape))
    parts = pull_back(linear, cotangent, [d(x) for x in arguments])
    return [(x, parts[d(x)]) for x in arguments]


def _ranges(nodes: Sequence[Expr]) -> dict[str, Index]:
    ranges: dict[str, Index] = {}
    for node in nodes:
        if isinstance(node, Apply) and node.operator is sum_row:
            index = node.parameters[0]
            assert isinstance(index, Index)
            if ranges.setdefault(index.name, index) != index:
                raise UnsupportedError(
                    "E302", f"two sums use the index {index.name} with different ranges", hint="rename one of them"
                )
    return ranges


def _close(part: Expr, argument: Expr, seed: Expr, ranges: dict[str, Index]) -> Expr:
    """Return `part` summed over every index that the argument does not have."""
    for name in sorted(part.indices - argument.indices - seed.indices):
        if name in ranges:
            part = sum_over(part, ranges[name])
    return part
