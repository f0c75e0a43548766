"""Conditions on indices, which are factors of what is summed over them: 1 where they hold, and 0 elsewhere."""

from __future__ import annotations

from typing import TypeGuard

from . import terms
from .expressions import Apply, Expr, number
from .operators.structural import product


def is_condition(x: Expr) -> TypeGuard[Apply]:
    """Whether `x` is a condition on indices, 1 where it holds and 0 elsewhere."""
    return isinstance(x, Apply) and x.operator.below is not None


def conditions_on(body: Expr, index: str) -> frozenset[Apply]:
    """Return the conditions on an index under which `body` is summed over it."""
    return frozenset(without_conditions(body, index)[1])


def without_conditions(body: Expr, index: str) -> tuple[Expr, tuple[Apply, ...]]:
    """Return what is summed over an index without the conditions on it that are factors of all terms, and these."""
    common: list[Apply] | None = None
    for term in terms.terms_of(body):
        own = [x for x in terms.factors_of(term) if is_condition(x) and index in x.indices]
        common = own if common is None else [x for x in common if x in own]
    if not common:
        return body, ()
    if len(terms.terms_of(body)) > 1:
        return terms.written_sum([without_conditions(x, index)[0] for x in terms.terms_of(body)]), tuple(common)
    rest = [x for x in terms.factors_of(body) if x not in common]
    kept = rest[0] if len(rest) == 1 else Apply(product, tuple(rest)) if rest else number(1)
    return kept, tuple(common)
