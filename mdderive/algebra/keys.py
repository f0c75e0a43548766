"""What an expression is, however it was built: a key that order, nesting, transposes and rotations leave alone.

A sum is a map from monomials to coefficients; a monomial is a multiset of scalars and a chain of matrices. Products
of sums are multiplied out while that stays short. A scalar chain equals its transpose, a trace also its rotations.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, Self

from ..effort import MOST_BITS
from . import factoring, terms
from .expressions import ONE, Apply, Dimension, Expr, Interned, Number, Shape, number, remembered, set_field
from .operators.structural import (
    add_row,
    hadamard_row,
    matrix_power_row,
    product,
    trace_row,
    transpose_row,
)

MULTIPLIED_OUT = 24
"""The most monomials that a product of sums is multiplied out to; beyond, its sums are factors like others."""

_PLACES = itertools.count()


class Key(Interned):
    """What an expression is: equal parts make the same object, so keys are compared with `is`.

    `place` orders the keys that are alive, and says nothing else of them.
    """

    __slots__ = ("parts", "place")
    parts: tuple[Hashable, ...]
    place: int

    def __new__(cls, parts: tuple[Hashable, ...]) -> Self:
        """Return the key of these parts."""
        return cls._made((cls, parts), parts)

    def _fill(self, *fields: Any) -> None:
        set_field(self, "parts", *fields)
        set_field(self, "place", next(_PLACES))


class Factor(NamedTuple):
    """A power in a chain: the keys of its base and of the transposed base, the exponent, and its shape."""

    base: Key
    turned: Key
    exponent: Expr
    shape: Shape


class Monomial(NamedTuple):
    """A product but for its number: scalars with their exponents, and the chain of matrices."""

    scalars: frozenset[tuple[Key, Expr]] = frozenset()
    chain: tuple[Factor, ...] = ()


Polynomial = Mapping[Monomial, Fraction]

NEVER = number(0)
"""The exponent of what is not there."""
FIRST = number(1)
"""The exponent of what stands alone."""
UNIT = Monomial()
"""The monomial of a number, and of an identity matrix."""


@remembered(maxsize=50_000)
def key(x: Expr) -> Key:
    """Return the key of `x`."""
    return _key(polynomial(x, False))


def same(x: Expr, y: Expr) -> bool:
    """Whether `x` and `y` are seen to be equal, in whatever order they were built."""
    return x is y or (x.shape == y.shape and key(x) is key(y))


def cancel(summands: Iterable[tuple[Expr, Fraction]]) -> bool:
    """Whether expressions times their numbers are seen to add up to zero."""
    return not _sum((polynomial(x, False), c) for x, c in summands)


def _key(p: Polynomial) -> Key:
    """Return the key of a sum; a factor that stands alone has its own."""
    if len(p) == 1:
        (((scalars, chain), coefficient),) = p.items()
        if (coefficient is terms.ONCE or coefficient == 1) and len(scalars) + len(chain) == 1:
            ((base, exponent),) = scalars or [(chain[0].base, chain[0].exponent)]
            if exponent is FIRST:
                return base
    return Key((add_row, frozenset(p.items())))


@remembered(maxsize=50_000)
def polynomial(x: Expr, turned: bool) -> Polynomial:
    """Return the coefficients of the monomials whose sum is `x`, or with `turned` its transpose."""
    if isinstance(x, Number):
        return {UNIT: x.value} if x.value else {}
    inner, summands = terms.under_transpose(x), terms.terms_of(x)
    if inner is not None:
        return polynomial(inner, not turned)
    if len(summands) > 1:
        return _sum((polynomial(y, turned), terms.ONCE) for y in summands)
    if terms.is_product(x):
        return _product(x, turned)
    body = terms.trace_body(x)
    if body is not None:
        return _trace(body)
    if terms.is_hadamard(x):
        return _entrywise_product(x, turned)
    if terms.is_zero(x):
        return {}
    return {UNIT: terms.ONCE} if terms.is_identity(x) else _alone(x, turned)


def _sum(parts: Iterable[tuple[Polynomial, Fraction]]) -> Polynomial:
    """Return the sum of polynomials times their numbers."""
    total: dict[Monomial, Fraction] = {}
    for part, coefficient in parts:
        for monomial, own in part.items():
            more = own if coefficient is terms.ONCE else coefficient * own
            known = total.get(monomial)
            total[monomial] = more if known is None else known + more
    return {monomial: c for monomial, c in total.items() if c}


def _product(x: Apply, turned: bool) -> Polynomial:
    """Return the product multiplied out, its long sums as factors where that is too much."""
    scalars = [y for y in x.arguments if y.is_scalar]
    chain = [y for y in x.arguments if not y.is_scalar]
    return _multiplied_out([*scalars, *(reversed(chain) if turned else chain)], turned, _joined)


def _entrywise_product(x: Apply, turned: bool) -> Polynomial:
    """Return the entry-wise product multiplied out, its scalars outside."""
    shape = x.shape[::-1] if turned else x.shape

    def joined(factors: Sequence[Monomial]) -> Monomial:
        upright, back = ([ways[k] for ways in map(_entries, factors)] for k in (0, 1))
        scalars = _joined([factor._replace(chain=()) for factor in factors]).scalars
        return Monomial(scalars, (Factor(_unordered(upright), _unordered(back), FIRST, shape),))

    return _multiplied_out(x.arguments, turned, joined)


def _unordered(factors: Iterable[Key]) -> Key:
    """Return the key of the entry-wise product."""
    return Key((hadamard_row, frozenset(Counter(factors).items())))


def _entries(factor: Monomial) -> tuple[Key, Key]:
    """Return the keys of the chain of a monomial and of its transpose."""
    chain = factor.chain
    return _key({Monomial(chain=chain): terms.ONCE}), _key({Monomial(chain=tuple(_turned(chain))): terms.ONCE})


def _multiplied_out(
    factors: Sequence[Expr], turned: bool, joined: Callable[[Sequence[Monomial]], Monomial]
) -> Polynomial:
    """Return the sum of the products of one term of each factor, which `joined` makes."""
    parts = [polynomial(y, turned and not y.is_scalar) for y in factors]
    if math.prod(map(len, parts)) > MULTIPLIED_OUT:
        parts = [p if len(p) == 1 else _factor(y, turned) for p, y in zip(parts, factors, strict=True)]
    if all(len(p) == 1 for p in parts):  # as most factors are no sums
        alone = [item for p in parts for item in p.items()]
        return {joined([monomial for monomial, _ in alone]): _number_of(alone)}
    return _sum(
        ({joined([monomial for monomial, _ in chosen]): terms.ONCE}, _number_of(chosen))
        for chosen in itertools.product(*(p.items() for p in parts))
    )


def _number_of(chosen: Sequence[tuple[Monomial, Fraction]]) -> Fraction:
    """Return the product of the coefficients."""
    return math.prod((c for _, c in chosen if c is not terms.ONCE), start=terms.ONCE)


def _joined(factors: Sequence[Monomial]) -> Monomial:
    """Return the product of monomials: equal bases side by side made one power, inner scalars taken out."""
    scalars: dict[Key, Expr] = {}
    chain: list[Factor] = []
    for factor in factors:
        for base, exponent in factor.scalars:
            _raise(scalars, base, exponent)
        for run in factor.chain:
            _append(chain, run)
            if run.shape[1] == ONE:
                _take_scalar(chain, scalars)
    return Monomial(frozenset(scalars.items()), tuple(chain))


def _raise(scalars: dict[Key, Expr], base: Key, more: Expr) -> None:
    """Multiply the scalars by a power of `base`."""
    known = scalars.pop(base, None)
    exponent = more if known is None else _added(known, more)
    if exponent is not NEVER:
        scalars[base] = exponent


def _added(a: Expr, b: Expr) -> Expr:
    return number(a.value + b.value) if isinstance(a, Number) and isinstance(b, Number) else factoring.add(a, b)


def _append(chain: list[Factor], run: Factor) -> None:
    """Append a power to the chain, joined with one of the same base before it."""
    if chain and chain[-1].base is run.base:
        exponent = _added(chain.pop().exponent, run.exponent)
        if exponent is NEVER:
            return
        run = run._replace(exponent=exponent)
    chain.append(run)


def _take_scalar(chain: list[Factor], scalars: dict[Key, Expr]) -> None:
    """Take the scalar that ends with the column at the end of `chain`, if a row begins it."""
    start = next((k for k in range(len(chain) - 1, -1, -1) if chain[k].shape[0] == ONE), None)
    if start is not None:
        ways = frozenset((_powers(chain[start:]), _powers(_turned(chain[start:]))))
        del chain[start:]
        _raise(scalars, Key((product, ways)), FIRST)


def _turned(chain: Sequence[Factor]) -> list[Factor]:
    """Return the transpose of a chain."""
    return [Factor(run.turned, run.base, run.exponent, run.shape[::-1]) for run in reversed(chain)]


def _powers(chain: Iterable[Factor]) -> tuple[Key, ...]:
    """Return the keys of the factors of a chain."""
    return tuple(
        run.base if run.exponent is FIRST else Key((matrix_power_row, run.base, run.exponent)) for run in chain
    )


def _trace(body: Expr) -> Polynomial:
    """Return the traces of the monomials of the body, as scalars."""
    if body.is_scalar:
        return polynomial(body, False)
    return _sum((_trace_of(monomial, body.shape[0]), c) for monomial, c in polynomial(body, False).items())


def _trace_of(monomial: Monomial, dimension: Dimension) -> Polynomial:
    """Return the trace of a monomial: powers joined round the corner, rotation and transpose left open."""
    chain = deque(monomial.chain)
    while len(chain) > 1 and chain[0].base is chain[-1].base:
        first, last = chain.popleft(), chain.pop()
        exponent = _added(last.exponent, first.exponent)
        if exponent is not NEVER:
            chain.append(last._replace(exponent=exponent))
            break
    row = next((k for k, run in enumerate(chain) if run.shape[0] == ONE), None)
    if row is not None:
        chain.rotate(-row)
        return {_joined([monomial._replace(chain=tuple(chain))]): terms.ONCE}
    if not chain:
        size = terms.trace(terms.identity(dimension))
        trace = _alone(size, False) if terms.trace_body(size) is not None else polynomial(size, False)
    else:
        ways = (_powers(chain), _powers(_turned(chain)))
        trace = _scalar(Key((trace_row, frozenset(map(_least_rotation, ways)))))
    ((own, coefficient),) = trace.items()
    return {_joined([monomial._replace(chain=()), own]): coefficient}


def _least_rotation(chain: tuple[Key, ...]) -> tuple[Key, ...]:
    """Return the rotation of `chain` that comes first in the order of places, in linear time.

    Source: Booth, Lexicographically least circular substrings (1980).
    """
    places = [x.place for x in chain]
    n, start = len(places), 0
    matched = [-1] * (2 * n)
    for k in range(1, 2 * n):
        place = places[k % n]
        i = matched[k - start - 1]
        while i != -1 and place != places[(start + i + 1) % n]:
            if place < places[(start + i + 1) % n]:
                start = k - i - 1
            i = matched[i]
        if i == -1 and place != places[(start + i + 1) % n]:
            if place < places[(start + i + 1) % n]:
                start = k
            matched[k - start] = -1
        else:
            matched[k - start] = i + 1
    return chain[start:] + chain[:start]


# --- factors that nothing takes apart -----------------------------------------------------------------------


def _scalar(base: Key) -> Polynomial:
    return {Monomial(frozenset(((base, FIRST),))): terms.ONCE}


def _alone(x: Expr, turned: bool) -> Polynomial:
    """Return `x`, which is no sum, product, trace or transpose, as a power of what is none."""
    if x.is_scalar:
        base, exponent = terms.base_and_exponent(x)
        return _scalar(_atom(x, False)) if base is x else _factor(base, False, exponent)
    inner = terms.inverted(x)
    if inner is not None:
        return _inverse(inner, turned)
    raised = terms.matrix_raised(x)
    if raised is not None:
        return _factor(raised[0], turned, raised[1])
    ways = _atom(x, turned), _atom(x, not turned)
    return {Monomial(chain=(Factor(*ways, FIRST, x.shape[::-1] if turned else x.shape),)): terms.ONCE}


def _inverse(x: Expr, turned: bool) -> Polynomial:
    """Return x^{-1}; of a product of square factors, their inverses the other way round."""
    p = polynomial(x, turned)
    if len(p) == 1:
        (((scalars, chain), coefficient),) = p.items()
        exponents = [exponent for _, exponent in scalars] + [run.exponent for run in chain]
        if all(run.shape[0] == run.shape[1] for run in chain) and all(isinstance(y, Number) for y in exponents):
            below = frozenset((base, terms.negate(exponent)) for base, exponent in scalars)
            back = tuple(run._replace(exponent=terms.negate(run.exponent)) for run in reversed(chain))
            return {Monomial(below, back): 1 / coefficient}
    return _factor(x, turned, number(-1))


def _factor(x: Expr, turned: bool, exponent: Expr = FIRST) -> Polynomial:
    """Return a power of `x`, whatever it is, as one factor; the number that its terms share stands outside."""
    shared = outside = terms.ONCE
    if isinstance(exponent, Number) and exponent.value.denominator == 1:
        shared, times = _shared_number(polynomial(x, False)), exponent.value.numerator
        if max(shared.numerator.bit_length(), shared.denominator.bit_length()) * abs(times) > MOST_BITS:
            shared = terms.ONCE  # too long a number to be worked out stays in the base
        outside = shared**times
    base = _divided_key(x, turned, shared)
    if x.is_scalar:
        return {Monomial(frozenset(((base, exponent),))): outside}
    run = Factor(base, _divided_key(x, not turned, shared), exponent, x.shape[::-1] if turned else x.shape)
    return {Monomial(chain=(run,)): outside}


def _divided_key(x: Expr, turned: bool, divisor: Fraction) -> Key:
    """Return the key of `x` or of its transpose, divided by a number."""
    p = polynomial(x, turned)
    return _key(p if divisor == 1 else {monomial: c / divisor for monomial, c in p.items()})


def _shared_number(p: Polynomial) -> Fraction:
    """Return the greatest number that every coefficient is a whole multiple of."""
    if not p:
        return terms.ONCE
    return Fraction(math.gcd(*(c.numerator for c in p.values())), math.lcm(*(c.denominator for c in p.values())))


def _atom(x: Expr, turned: bool) -> Key:
    """Return the key of a letter or of a function of what has keys; its transpose is carried inside if it can be."""
    if turned and not x.is_scalar and not terms.is_self_transposed(x):
        inside = x.operator.transposed(x) if isinstance(x, Apply) and x.operator.transposed is not None else None
        if not isinstance(x, Apply) or inside is None or terms.under_transpose(inside) is not None:
            return Key((transpose_row, _atom(x, False)))
        return _atom(inside, False) if isinstance(inside, Apply) and inside.operator is x.operator else key(inside)
    if not isinstance(x, Apply):
        return Key((x,))
    return Key((x.operator, x.parameters, *map(key, x.arguments)))
