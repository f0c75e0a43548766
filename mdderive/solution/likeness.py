"""What a reader sees of an expression: rows that look the same, or but for order, signs and parentheses, are told once.

A row keeps the author's order and nesting, so that nodes which differ may be written alike; and normal forms are too
coarse, as they are equal for every two rows of a derivation.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from ..algebra.expressions import Apply, Expr, Number, Operator, Symbol, remembered, walk
from ..algebra.index_conditions import as_written, shows_sum
from ..algebra.operators.structural import add_row, fraction_row, product
from ..algebra.terms import is_hadamard, is_product, is_transposed, terms_of
from ..algebra.writing import is_name_of_derivative, layout, stands_apart, stands_open

Seen = tuple[Hashable, ...]
"""A letter, an operator with what it is applied to, a sign: one thing for the eye; equal where it looks the same."""


def reads_alike(a: Expr, b: Expr) -> bool:
    """Whether a reader sees no difference between `a` and `b`."""
    return a is b or _sight(as_written(a)).whole == _sight(as_written(b)).whole


def differs_in_order(a: Expr, b: Expr) -> bool:
    """Whether a reader sees the same terms in `a` and `b`, but for their order, signs and parentheses."""
    return a is b or _loose_terms(as_written(a)) == _loose_terms(as_written(b))


def shows_fraction(x: Expr) -> bool:
    """Whether `x` is written with a fraction: a quotient, a number or a negative power; no exponent is one."""
    written = [y for y in walk(x) if not isinstance(y, Number)]
    return any(map(_is_fraction, itertools.chain([x], written, *map(terms_of, written))))


def _is_fraction(x: Expr) -> bool:
    if isinstance(x, Symbol):
        return is_name_of_derivative(x)
    return any(item[0] is fraction_row for item in _sight(x).items)


def _loose_terms(x: Expr) -> Counter[Hashable]:
    return Counter(_opened(_sight(x, loose=True).whole, add_row))


class _Sight(NamedTuple):
    """What is seen of an expression: a minus in front or none, then what stands side by side."""

    negative: bool
    items: tuple[Seen, ...]

    @property
    def whole(self) -> Seen:
        """All of it as one thing."""
        return self.items[0] if len(self.items) == 1 and not self.negative else (product, *self)

    @property
    def leads(self) -> bool:
        """Whether a sign or a number is in front, so that behind something it stands in parentheses."""
        return self.negative or isinstance(self.items[0][0], str)


@remembered(maxsize=10_000)
def _sight(x: Expr, loose: bool = False) -> _Sight:
    """Return what is seen of `x`; if `loose`, without signs and parentheses."""
    if isinstance(x, Symbol):
        return _Sight(False, ((Symbol, x.latex),))
    shown = layout(x)
    if not isinstance(x, Apply) or is_product(x) or shown.is_fraction:
        items = _side_by_side(shown.number_above, shown.above, loose)
        if shown.is_fraction:
            below = _side_by_side(shown.number_below, shown.below, loose)
            items = _side_by_side((fraction_row, items, below), shown.rest, loose)
        return _Sight(bool(shown.sign) and not loose, items)
    parts = [_sight(y, loose) for y in x.arguments]
    if x.operator is fraction_row:
        return _Sight(False, ((fraction_row, *(part.items for part in parts)),))
    if loose and shows_sum(x):  # how far the sign reaches, parentheses say
        return _Sight(False, ((x.operator, x.parameters), *parts[0].items))
    lead: tuple[Seen, ...] = ()
    if loose and (is_hadamard(x) or is_transposed(x)) and parts[0].leads:
        lead, parts[0] = parts[0].items[:1], _Sight(False, parts[0].items[1:])
    keys: list[Hashable] = [part.whole for part in parts]
    if len(terms_of(x)) > 1 or (loose and is_hadamard(x)):
        keys = [z for part in parts for z in _opened(part.whole, x.operator)]
    elif is_hadamard(x):
        open_ones = [(part, stands_open(y)) for part, y in zip(parts, x.arguments, strict=True)]
        keys = [z for part, opens in open_ones for z in (_opened(part.whole, x.operator) if opens else (part.whole,))]
    return _Sight(False, (*lead, (x.operator, x.parameters, *keys)))


def _opened(whole: Seen, row: Operator) -> Seen:
    """Return what stands in a sum, or in another row, within the same one; else the thing itself."""
    return whole[2:] if whole[0] is row else (whole,)


def _side_by_side(lead: Sequence[Hashable], factors: Sequence[Expr], loose: bool) -> tuple[Seen, ...]:
    """Return what is seen of `lead` and factors one behind the other; those in parentheses are one thing each."""
    items = [tuple(lead)] if lead else []
    for x in factors:
        seen = _sight(x, loose)
        bare = loose or not (stands_apart(x, factors) or (items and seen.leads))
        items += seen.items if bare else (seen.whole,)
    return tuple(items)
