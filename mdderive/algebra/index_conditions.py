"""Conditions on indices, which are factors of what is summed over them: 1 where they hold, and 0 elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeGuard

from ..latex.names import name_of
from . import terms
from .expressions import Apply, Expr, Index, Symbol, number, remembered, walk
from .operators.structural import product


def is_condition(x: Expr) -> TypeGuard[Apply]:
    """Whether `x` is a condition on indices, 1 where it holds and 0 elsewhere."""
    return x.operator is not None and x.operator.below is not None


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


def ends_of(index: Index, conditions: Sequence[Apply]) -> tuple[str, str] | None:
    r"""Return where a sum begins and ends that another index bounds: `\sum_{j=1}^i`, `\sum_{j=i+1}^n`."""
    if len(conditions) != 1 or not index.upper or conditions[0].operator.below is None:
        return None
    text = conditions[0].operator.below(conditions[0], index.name)
    last, first = text.removeprefix(rf"{index.name}\le "), text.removeprefix(f"{index.name}>")
    if last != text:
        return index.lower, last
    if text == f"{index.name}<{index.upper}":
        return index.lower, f"{index.upper}-1"
    return (f"{first}+1", index.upper) if first != text else None


def is_index(x: Expr) -> bool:
    """Whether `x` is the letter of an index itself."""
    return isinstance(x, Symbol) and x.index == (x.latex,)


def starred(index: str, free: Iterable[str]) -> str:
    r"""Return the name of the index that attains an extremum, `i^\ast`, and `k_n^\ast` where it hangs on n."""
    below = "".join(sorted(free))
    return f"{index}_{below if len(below) == 1 else f'{{{below}}}'}^\\ast" if below else f"{index}^\\ast"


def attaining(node: Apply) -> tuple[Expr, str] | None:
    """Return what a sum over the index that attains an extremum is taken of, and the name of that; None for others."""
    index = terms.index_of(node).name
    body, conditions = without_conditions(node.arguments[0], index)
    texts = [x.operator.below(x, index) for x in conditions if x.operator.below is not None]
    star = next((x.removeprefix(f"{index}=") for x in texts if x.startswith(f"{index}=")), "")
    return (body, star) if star and len(texts) == 1 else None


def shows_sum(x: Expr) -> bool:
    """Whether `x` is written as a sum over an index, and not as what is summed at the index of an extremum."""
    return isinstance(x, Apply) and terms.is_sum_over(x) and attaining(x) is None


def at_index(x: Expr, old: str, new: str) -> Expr:
    """Return an expression as it is written at another value of one of its indices, which is part of names then."""
    if old not in x.indices:
        return x
    if isinstance(x, Symbol):
        text = str(name_of(x.latex).with_index(old, f"{new} ")).replace(" }", "}")
        return Symbol(str(name_of(text)), x.size, x.properties, tuple(y for y in x.index if y != old), x.family)
    return (
        Apply(x.operator, tuple(at_index(y, old, new) for y in x.arguments), x.parameters)
        if isinstance(x, Apply)
        else x
    )


@remembered(maxsize=1_000)
def as_written(x: Expr) -> Expr:
    """Return an expression in which what is summed at the index that attains an extremum stands as it is written."""
    found: dict[Expr, Expr] = {}
    for node in walk(x):
        attained = attaining(node) if terms.is_sum_over(node) else None
        if attained is not None and isinstance(node, Apply):
            found[node] = at_index(attained[0], terms.index_of(node).name, attained[1])
    return terms.substitute(x, found) if found else x
