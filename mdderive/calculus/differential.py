"""The differential of an expression, written out as a teacher writes it: every rule applied, nothing moved."""

from __future__ import annotations

from collections.abc import Collection

from ..algebra.expressions import Apply, Expr, Number, Operator
from ..algebra.operators.structural import add_row, product
from ..algebra.terms import (
    ONCE,
    d,
    factors_of,
    is_differential,
    is_product,
    is_sum_over,
    normalise,
    scale,
    split_coefficient,
    written_sum,
    zero,
)
from ..errors import UnsupportedError


def write_out(
    expression: Expr, targets: Collection[Expr], rules: list[Operator], *, working: bool = True
) -> Expr | None:
    """Return the differential of `expression` in terms of d(target), or None where it depends on no target.

    With `working` the rules are written as a teacher first writes them. The operators whose rule was applied are
    appended to `rules`, each once, in the order of their use.

    Raises:
        UnsupportedError: an operator has no differential in these arguments.
    """
    wanted = frozenset(targets)
    letters = {x for target in targets for x in target.symbols}
    done: dict[Expr, Expr | None] = {}

    def visit(node: Expr) -> Expr | None:
        if node not in done:
            done[node] = d(node) if node in wanted else _by_rule(node)
        return done[node]

    def _by_rule(node: Expr) -> Expr | None:
        if not isinstance(node, Apply) or is_differential(node) or letters.isdisjoint(node.symbols):
            return None
        parts = tuple(visit(x) for x in node.arguments)
        if all(part is None for part in parts):
            return None

        def moved(x: Expr) -> Expr:
            return visit(x) or zero(x.shape)

        used = node.operator.ruled_by(node, moved) if node.operator.ruled_by else None
        used = used or node.operator
        if used not in rules:
            rules.append(used)
        if node.operator.adjoint is not None and node.operator.differential is None:
            return _multilinear(node, parts)
        rule = (node.operator.working if working else None) or node.operator.differential
        if rule is None:
            raise UnsupportedError("E301", f"the {node.operator.name} has no differential")
        return rule(node, moved)

    try:
        return visit(expression)
    finally:
        done.clear()  # what calls itself is cyclic garbage, which would hold all of it


def _multilinear(node: Apply, parts: tuple[Expr | None, ...]) -> Expr:
    """Return the sum over the arguments of the node with that one argument differentiated."""
    if node.operator is add_row:
        return written_sum([part for part in parts if part is not None])
    terms = []
    for i, part in enumerate(parts):
        if part is not None:
            arguments = (*node.arguments[:i], part, *node.arguments[i + 1 :])
            terms.append(_flat_product(arguments) if is_product(node) else _around(node, arguments))
    return written_sum(terms)


def _around(node: Apply, arguments: tuple[Expr, ...]) -> Expr:
    if is_sum_over(node):
        coefficient, body = split_coefficient(arguments[0])
        return scale(coefficient, Apply(node.operator, (body,), node.parameters))
    return Apply(node.operator, arguments, node.parameters)


def _flat_product(factors: tuple[Expr, ...]) -> Expr:
    """Return the product as written, with products of matrices inside opened and the number in front."""
    coefficient = ONCE
    flat: list[Expr] = []
    for factor in factors:
        number_in_front, rest = split_coefficient(
            normalise(factor) if factor.is_scalar and not factor.symbols else factor
        )
        coefficient = number_in_front if coefficient is ONCE else coefficient * number_in_front
        flat.extend((rest,) if rest.is_scalar else factors_of(rest))
    kept = [x for x in flat if not (isinstance(x, Number) and x.value == 1)]
    if coefficient != 1 or not kept:
        kept.insert(0, Number(coefficient))
    return kept[0] if len(kept) == 1 else Apply(product, tuple(kept))
