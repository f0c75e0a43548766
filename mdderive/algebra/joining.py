"""Common outer factors of the terms of a sum, taken out where that shortens it: AXB + AYB is A(X+Y)B."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from . import factoring, keys, terms
from .expressions import Expr, Number, remembered

WORTH = 2
"""The reading cost up to which scalars alone are not taken out: 2aX + 2aY stays."""

End = tuple[Hashable, ...]
"""What two terms must have in common to be joined: a factor at an end, or scalars beside the chain."""


class Outer(NamedTuple):
    """What stands outside of a joined sum."""

    number: Fraction
    scalars: tuple[Expr, ...]
    left: tuple[Expr, ...]
    right: tuple[Expr, ...]


def joined_up(summands: Sequence[Expr]) -> list[Expr]:
    """Return the terms, each joined with the first after it that it can be joined with, until none can."""
    meeting = _Meeting(summands) if len(summands) > 1 else None
    place = 0
    while meeting is not None and place < len(summands):
        joined = place in meeting.terms and meeting.join(place)
        place = meeting.earliest_partner(place) if joined else place + 1
    return list(summands) if meeting is None else [meeting.terms[k] for k in sorted(meeting.terms)]


class _Meeting:
    """The terms by their places, and the places of each end, so that a term is tried with those alone that it meets."""

    def __init__(self, summands: Sequence[Expr]) -> None:
        self.terms: dict[int, Expr] = {}
        self.places: dict[End, set[int]] = {}
        for place, term in enumerate(summands):
            self._enter(place, term)

    def _enter(self, place: int, term: Expr) -> None:
        self.terms[place] = term
        for end in _ends_of_forms(term):
            self.places.setdefault(end, set()).add(place)

    def _leave(self, place: int) -> None:
        for end in _ends_of_forms(self.terms.pop(place)):
            self.places[end].discard(place)

    def _partners(self, sought: Iterable[End]) -> set[int]:
        return set().union(*(self.places.get(end, ()) for end in sought))

    def earliest_partner(self, place: int) -> int:
        """Return the first place whose term may be joined with the one at `place`, or that place itself."""
        sought = (end for form in scalar_forms_of_term(self.terms[place]) for end in _sought(form))
        return min((k for k in self._partners(sought) if k < place), default=place)

    def join(self, place: int) -> bool:
        """Return whether the term was joined with the first after it that can be, and with all that fit in there."""
        term = self.terms[place]
        later = sorted(k for k in self._partners(_sought(term)) if k > place)
        for n, k in enumerate(later):
            outer = _best_outer(term, self.terms[k])
            taken = {} if outer is None else self._fitting(outer, [place, k, *later[n + 1 :]])
            if outer is not None and len(taken) > 1:
                for other in taken:
                    self._leave(other)
                self._enter(place, _around(outer, list(taken.values())))
                return True
        return False

    def _fitting(self, outer: Outer, places: Sequence[int]) -> dict[int, Expr]:
        """Return what is left inside of the first two terms, and of those after them that nothing else is done with."""
        found: dict[int, Expr] = {}
        moving = False
        for k in places:
            inside = _inside(outer, self.terms[k])
            if inside is None or (len(found) > 1 and not _keeps_number(outer, self.terms[k])):
                if _best_outer(self.terms[places[0]], self.terms[k]) is not None:
                    break
            elif not (moving and terms.holds_differential(inside)):
                moving = moving or terms.holds_differential(inside)
                found[k] = inside
        return found


# --- what two terms have in common ----------------------------------------------------------------------------


@remembered(maxsize=20_000)
def _ends(x: Expr) -> frozenset[End]:
    """Return the ends under which a term is found."""
    _, scalars, chain = terms.coefficient_scalars_chain(x)
    if not chain:
        return frozenset()
    ends = [*_at_ends(x, "moving" if any(map(terms.holds_differential, chain)) else "still"), *_through_differential(x)]
    return frozenset(ends if x.is_scalar else (*ends, *_beside(scalars)))


def _sought(x: Expr) -> frozenset[End]:
    """Return the ends of the terms that `x` may be joined with; of those that hold a d only one may keep it inside."""
    _, scalars, chain = terms.coefficient_scalars_chain(x)
    if not chain:
        return frozenset()
    moving = any(map(terms.holds_differential, chain))
    ends = [*_at_ends(x, "still"), *(_through_differential(x) if moving else _at_ends(x, "moving"))]
    return frozenset(ends if x.is_scalar else (*ends, *_beside(scalars)))


@remembered(maxsize=20_000)
def _ends_of_forms(x: Expr) -> frozenset[End]:
    """Return the ends of a term in any of its forms."""
    return frozenset().union(*map(_ends, scalar_forms_of_term(x)))


def _at_ends(x: Expr, kind: str) -> list[End]:
    """Return the first and the last factor; with a scalar's own scalars, which cannot go inside."""
    _, scalars, chain = terms.coefficient_scalars_chain(x)
    beside = keys.key(terms.multiply(*scalars)) if x.is_scalar and scalars else ""
    return [("first", kind, keys.key(chain[0]), beside), ("last", kind, keys.key(chain[-1]), beside)]


def _through_differential(x: Expr) -> list[End]:
    """Return the factors up to the first d, and those from the last: both terms have one of the two, or one no d."""
    _, _, chain = terms.coefficient_scalars_chain(x)
    moving = [k for k, y in enumerate(chain) if terms.holds_differential(y)]
    if not moving:
        return []
    return [("through", *map(keys.key, chain[: moving[0] + 1])), ("from", *map(keys.key, chain[moving[-1] :]))]


def _beside(scalars: Sequence[Expr]) -> list[End]:
    """Return the scalars that are worth to be taken out: long ones alone, short ones by two."""
    short = sorted((keys.key(y) for y in scalars if terms.reading_cost(y) <= WORTH), key=lambda y: y.place)
    ends: list[End] = [("beside", keys.key(y)) for y in scalars if terms.reading_cost(y) > WORTH]
    return [*ends, *(("beside", *two) for two in combinations(short, 2))]


def scalar_forms(x: Expr) -> tuple[Expr, ...]:
    """Return the chain `x` that is a scalar and its transpose, the preferred first; anything else alone."""
    if not terms.is_product(x) or any(y.is_scalar for y in x.arguments):
        return (x,)
    turned = terms.chain_product([terms.transpose(y) for y in reversed(x.arguments)])
    return (x,) if turned is x else tuple(sorted((x, turned), key=_orientation))


def scalar_forms_of_term(x: Expr) -> tuple[Expr, ...]:
    """Return a term, and where it is a scalar also its transpose."""
    if not x.is_scalar:
        return (x,)
    coefficient, rest = terms.split_coefficient(x)
    return tuple(terms.scale(coefficient, form) for form in scalar_forms(rest))


def _orientation(x: Expr) -> tuple[bool, int]:
    """Return what decides between a scalar and its transpose: d x untransposed, few transposes."""
    return turns_differential(x), terms.reading_cost(x)


def turns_differential(x: Expr) -> bool:
    """Whether a transposed factor of the product `x` holds a differential."""
    factors = terms.factors_of(x)
    return any(terms.under_transpose(y) is not None and terms.holds_differential(y) for y in factors)


# --- taking it out --------------------------------------------------------------------------------------------


def _best_outer(a: Expr, b: Expr) -> Outer | None:
    """Return what can be taken out of a + b so that it is shortest, or None where nothing is gained."""
    found = [outer for form in scalar_forms_of_term(b) if (outer := _outer(a, form)) is not None]
    if len(found) < 2:
        return found[0] if found else None
    return min(found, key=lambda outer: _cost(outer, (a, b)))


def _cost(outer: Outer, summands: Sequence[Expr]) -> int:
    inside = [y for y in (_inside(outer, x) for x in summands) if y is not None]
    return terms.reading_cost(_around(outer, inside))


def _outer(a: Expr, b: Expr) -> Outer | None:
    """Return what a and b have in common outside as they are written."""
    (ca, sa, xa), (cb, sb, xb) = terms.coefficient_scalars_chain(a), terms.coefficient_scalars_chain(b)
    if not xa or not xb:
        return None
    own = without(sa, sb)
    both = tuple(without(sa, own))
    if a.is_scalar and max(len(sa), len(sb)) > len(both):
        return None
    left = _common(xa, xb)
    right = _common(xa[left:][::-1], xb[left:][::-1])
    if left + right == 0:
        worth = sum(map(terms.reading_cost, both)) > WORTH and not a.is_scalar
        return Outer(Fraction(1), both, (), ()) if worth else None
    # Leave no bare identity behind: keep one factor inside on each side.
    excess = max(0, left + right + 1 - min(len(xa), len(xb)))
    left, right = max(0, left - excess), right - max(0, excess - left)
    if left + right == 0:
        return None
    inner_a, inner_b = xa[left : len(xa) - right], xb[left : len(xb) - right]
    if any(map(terms.holds_differential, inner_a)) and any(map(terms.holds_differential, inner_b)):
        return None  # a reader looks for each dX in a term of its own
    number = ca if ca == cb else abs(ca) if ca == -cb else Fraction(1)
    return Outer(number, both, xa[:left], xa[len(xa) - right :])


def _inside(outer: Outer, x: Expr) -> Expr | None:
    """Return what is left of the term `x` inside, None where `outer` is not around it."""
    found: list[Expr] = []
    left, right = len(outer.left), len(outer.right)
    for form in scalar_forms_of_term(x):
        coefficient, scalars, chain = terms.coefficient_scalars_chain(form)
        own = without(scalars, outer.scalars)
        whole = len(own) + len(outer.scalars) == len(scalars) and not (own and x.is_scalar)
        whole = whole and len(chain) > left + right
        if whole and _common(chain, outer.left) == left and _common(chain[::-1], outer.right[::-1]) == right:
            inner = terms.chain_product(list(chain[left : len(chain) - right]))
            found.append(terms.multiply(Number(coefficient / outer.number), *own, inner))
    return min(found, key=terms.reading_cost, default=None)


def _keeps_number(outer: Outer, x: Expr) -> bool:
    """Whether the number outside stays the same when the term `x` comes inside too."""
    coefficient, _ = terms.split_coefficient(x)
    return outer.number == 1 or coefficient == outer.number or (outer.number > 0 and coefficient == -outer.number)


def _around(outer: Outer, inside: Sequence[Expr]) -> Expr:
    return terms.multiply(Number(outer.number), *outer.scalars, *outer.left, factoring.add(*inside), *outer.right)


def without(scalars: Sequence[Expr], taken: Sequence[Expr]) -> list[Expr]:
    """Return the scalars without those that are `taken`, each as often."""
    left = Counter(map(keys.key, taken))
    kept: list[Expr] = []
    for x in scalars:
        if left[keys.key(x)]:
            left[keys.key(x)] -= 1
        else:
            kept.append(x)
    return kept


def in_all(groups: Sequence[Sequence[Expr]]) -> list[Expr]:
    """Return the factors that are in all groups, as often as in each."""
    common = list(groups[0])
    for group in groups[1:]:
        common = without(common, without(common, group))
    return common


def _common(a: Sequence[Expr], b: Sequence[Expr]) -> int:
    """Return how many factors the two begin with alike."""
    n = 0
    while n < min(len(a), len(b)) and (a[n] is b[n] or keys.key(a[n]) is keys.key(b[n])):
        n += 1
    return n
