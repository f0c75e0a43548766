r"""Shorter forms of what the normal form leaves as it came: fractions, inverses and sums in which something cancels.

The normal form never multiplies out and keeps every fraction apart. A result is looked at once more: each way below
proposes another form of a node, and the one that reads shorter is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import combinations
from math import prod
from operator import itemgetter
from typing import NamedTuple

from . import keys
from .expanding import MOST_TERMS, entry_product_of, opened, opens_to
from .expressions import ONE, SCALAR, Apply, Expr, Number, number, remembered, walk
from .factoring import add, content, like_terms
from .families import labels_known
from .index_conditions import conditions_on
from .operators.diagonals import diagonal_matrix, on_diagonal
from .operators.entrywise import argument_of, exp, logistic
from .operators.kronecker import kronecker, kronecker_factors
from .operators.piecewise import is_cases
from .operators.softmax import softmax
from .operators.structural import product, transpose_row
from .powers import base_of_divisor, base_of_power, entrywise_power, hadamard, inverse, power, sum_over
from .terms import (
    ONCE,
    build,
    entry_factors_of,
    factors_of,
    identity,
    index_of,
    inverted,
    is_hadamard,
    is_ones,
    is_sum_over,
    is_transposed,
    is_zero,
    matrix_raised,
    multiply,
    negate,
    ones,
    reading_cost,
    scalars_and_chain,
    scale,
    split_coefficient,
    substitute,
    sums_to_one,
    terms_of,
    transpose,
    under_transpose,
    written_sum,
)

Way = Callable[[Expr], Iterator[Expr]]
"""What proposes equal forms of a node."""


@remembered(maxsize=2_000)
def shortened(x: Expr, *, only: Way | None = None) -> Expr:
    """Return `x` with each node in the shortest form that a way leads to, or that this way alone does."""
    if not _may_be_shorter(x):
        return x
    done: dict[Expr, Expr] = {}
    for node in walk(x):
        if not isinstance(node, Apply) or not _may_be_shorter(node):
            done[node] = node
            continue
        arguments = tuple([done[y] for y in node.arguments])
        same = arguments == node.arguments
        new = node if same else build(node.operator, *arguments, parameters=node.parameters)
        done[node] = _shortest(new, only)
    return done[x]


@remembered(maxsize=20_000)
def _may_be_shorter(x: Expr) -> bool:
    """Whether a sum, a power, a case or the inverse of a diagonal matrix is in `x`, without which nothing cancels."""
    if not isinstance(x, Apply):
        return False
    inside = inverted(x)
    if inside is not None and on_diagonal(inside) is not None:
        return True
    raised = base_of_power(x)[0] is not x or matrix_raised(x) is not None
    return len(terms_of(x)) > 1 or raised or is_cases(x) or any(map(_may_be_shorter, x.arguments))


def _shortest(node: Expr, only: Way | None) -> Expr:
    """Return `node`, or the form of it in which no way finds a shorter one."""
    cost = _cost(node)
    ways = WAYS_OF_SUMS if len(terms_of(node)) > 1 else WAYS_OF_PRODUCTS
    divided = next(columns_divided(node), None) if ways is WAYS_OF_PRODUCTS and only is None else None
    if divided is not None:
        return shortened(divided)
    told = next(by_cases(node), None) if only is None else None
    if told is not None:
        return shortened(told)
    found = (y for way in ways if only in (None, way) for y in way(node))
    shorter = next((y for y in found if _cost(y) < cost), None)
    return node if shorter is None else shortened(shorter, only=only)


def _cost(x: Expr) -> tuple[int, int]:
    """Return how long `x` is; of two forms as long the one with fewer terms is shorter."""
    return reading_cost(x), len(terms_of(x))


# --- values by cases, which are told once ---------------------------------------------------------------------


def by_cases(node: Expr) -> Iterator[Expr]:
    """Yield `node` by cases, of each what it is there, where several of its parts ask for one condition.

    So is a part that vanishes in one of two cases, in the shape of `node`.
    """
    if not isinstance(node, Apply) or is_cases(node):
        return
    for first in (x for y in terms_of(node) for x in entry_product_of(y)[0] if is_cases(x)):
        then, gap, otherwise = first.arguments
        alike = [
            x
            for x in walk(node)
            if is_cases(x) and keys.same(build(x.operator, then, x.arguments[1], otherwise), first)
        ]
        fits = gap.shape in (node.shape, SCALAR)
        if fits and (len(alike) > 1 or (gap.shape == node.shape and any(map(is_zero, (then, otherwise))))):
            one, other = (substitute(node, {x: x.arguments[k] for x in alike}, build) for k in (0, 2))
            yield build(first.operator, one, gap, other)
            return


# --- sums multiplied out, fractions brought together ----------------------------------------------------------


def multiplied_out(node: Expr) -> Iterator[Expr]:
    """Yield a sum of products of scalars, or of entries, multiplied out where like terms cancel."""
    if len(terms_of(node)) > 1 and opens_to(node, entry_product_of) <= MOST_TERMS:
        terms = opened(node, entry_product_of)
        if len(terms) > len(terms_of(node)):
            shorter = add(*terms)
            if len(terms_of(shorter)) < len(terms):
                yield shorter


def products_multiplied_out(node: Expr) -> Iterator[Expr]:
    """Yield a product of matrices multiplied out where like terms cancel: `P(y-Py)` is 0 for a projection P."""
    factors = [y for x in factors_of(node) for y in _unraised(x)]
    sizes = [len(terms_of(x)) for x in factors]
    if len(sizes) > 1 and max(sizes) > 1 and prod(map(opens_to, factors)) <= MOST_TERMS:
        terms = opened(Apply(product, tuple(factors)))
        if len(like_terms(terms)) < max(sizes) + (sum(size > 1 for size in sizes) > 1):
            yield add(*terms)


def _unraised(x: Expr) -> tuple[Expr, ...]:
    """Return (M, M) for the square of a matrix M, else the factor itself."""
    raised = matrix_raised(x)
    return (raised[0], raised[0]) if raised is not None and raised[1] is number(2) else (x,)


class Quotient(NamedTuple):
    """A sum over one denominator: the terms above, and what stands below, with its exponents."""

    above: tuple[Expr, ...]
    below: tuple[tuple[Expr, Expr], ...]


def _quotient(total: Expr) -> Quotient | None:
    """Return a sum of fractions, of scalars or of entries, over their least common denominator; None without any."""
    parts = [entry_product_of(term) for term in terms_of(total)]
    below: dict[keys.Key, tuple[Expr, Number]] = {}
    own: list[dict[keys.Key, Number]] = []
    for factors, _ in parts:
        found = {keys.key(base): (base, Number(-k.value)) for base, k in map(base_of_divisor, factors) if k.value < 0}
        own.append({name: k for name, (_, k) in found.items()})
        for name, (base, k) in found.items():
            if name not in below or below[name][1].value < k.value:
                below[name] = base, k
    if not below:
        return None
    above = []
    for (factors, join), mine in zip(parts, own, strict=True):
        kept = [x for x in factors if base_of_divisor(x)[1].value >= 0]
        missing = [(base, Number(k.value - mine.get(name, _NONE).value)) for name, (base, k) in below.items()]
        join = join if total.is_scalar else hadamard
        above.append(join(*kept, *(entrywise_power(base, k) for base, k in missing if k.value)))
    return Quotient(tuple(above), tuple(below.values()))


_NONE = number(0)


def over_one_denominator(node: Expr) -> Iterator[Expr]:
    """Yield a sum of fractions as one fraction: `y/s - (1-y)/(1-s)` is `(y-s)/(s(1-s))`."""
    fraction = _quotient(node) if len(terms_of(node)) > 1 else None
    if fraction is None:
        return
    join = multiply if node.is_scalar else hadamard
    below = [entrywise_power(base, Number(-k.value)) for base, k in fraction.below if isinstance(k, Number)]
    if sum(opens_to(x, entry_product_of) for x in fraction.above) > MOST_TERMS:
        return
    terms = [y for x in fraction.above for y in opened(x, entry_product_of)]
    total = add(*terms)
    if len(terms_of(total)) < len(terms):
        yield join(total, *below)


def transposed_terms(node: Expr) -> Iterator[Expr]:
    r"""Yield the transpose of a sum, or of the inverse of one, term by term where that is no longer.

    Of products it may be longer by one transpose each: `\mathbf{1}\mathbf{1}^\top X^\top` for the term X 1 1^T.
    """
    inner = under_transpose(node)
    if not isinstance(inner, Apply):
        return
    below = inverted(inner)
    terms = terms_of(inner if below is None else below)
    turned = written_sum(map(transpose, terms))  # add would join the transposes
    turned = turned if below is None else Apply(inner.operator, (turned, *inner.arguments[1:]), inner.parameters)
    nearly = below is None and all(_is_turned_by_one(x) for x in terms)
    if len(terms) > 1 and (nearly or reading_cost(turned) <= reading_cost(node)):
        yield turned


def _is_turned_by_one(term: Expr) -> bool:
    """Whether a product has at most one transpose more when it is transposed."""
    chain = scalars_and_chain(term)[1]
    before, after = (sum(map(is_transposed, x)) for x in (chain, map(transpose, chain)))
    return len(chain) > 1 and after <= before + 1


def transposes_within(node: Expr) -> Iterator[Expr]:
    """Yield a sum with the transposes of sums in it term by term: `(A-B)^T+A` is `A+A^T-B^T`."""
    apart: list[Expr] = []
    for term in terms_of(node):
        coefficient, core = split_coefficient(term)
        inner = under_transpose(core)
        parts = terms_of(inner) if inner is not None else ()
        apart += [scale(coefficient, transpose(x)) for x in parts] if len(parts) > 1 else [term]
    if len(apart) > len(terms_of(node)):
        yield add(*apart)


def transposed_whole(node: Expr) -> Iterator[Expr]:
    """Yield `(Y A X)^T` for a product `X^T A^T Y^T` in which X and Y are no letters: powers of matrices, say."""
    scalars, chain = scalars_and_chain(node)
    inner = [under_transpose(x) for x in chain]
    if sum(isinstance(x, Apply) and inverted(x) is None for x in inner) > 1 and None not in inner:
        yield multiply(*scalars, Apply(transpose_row, (Apply(product, tuple(x for x in reversed(inner) if x)),)))


def as_answer(x: Expr) -> Expr:
    """Return `x` as the answer to a question: shortened, what divides it in front, a transpose of all of it inside."""
    short = shortened(x)
    factors = factors_of(short)
    divided = [min((factor, *with_shared_divisor(factor)), key=_cost) for factor in factors]
    if any(x is not y for x, y in zip(divided, factors, strict=True)):
        short = multiply(*divided)
    return next(transposed_terms(short), short)


def kroneckers_joined(node: Expr) -> Iterator[Expr]:
    r"""Yield a sum with `A \otimes C + B \otimes C` as `(A+B) \otimes C`, and on the other side likewise."""
    terms = terms_of(node)
    split = ((k, *split_coefficient(term)) for k, term in enumerate(terms))
    pairs = [(k, number, pair) for k, number, x in split if (pair := kronecker_factors(x)) is not None]
    for (j, p, a), (k, q, b) in combinations(pairs, 2):
        for side in (0, 1):
            sign = next((c for c in (1, -1) if keys.same(a[side], _scaled_terms(c, b[side]))), 0)
            if sign and a[1 - side].shape == b[1 - side].shape:
                both = add(scale(p, a[1 - side]), scale(sign * q, b[1 - side]))
                whole = kronecker(*((a[0], both) if side == 0 else (both, a[1])))
                yield add(*terms[:j], whole, *terms[j + 1 : k], *terms[k + 1 :])


def _scaled_terms(coefficient: int, x: Expr) -> Expr:
    return x if coefficient == 1 else add(*map(negate, terms_of(x)))


def with_shared_divisor(node: Expr) -> Iterator[Expr]:
    r"""Yield a sum of fractions with what divides all of them in front: `\frac1s(a-\frac bs)` for `a/s - b/s^2`."""
    parts = [factors_of(term) for term in terms_of(node)]
    divisors = [
        {keys.key(base): (base, k) for base, k in map(base_of_divisor, factors) if k.value < 0} for factors in parts
    ]
    shared = [base for name, (base, _) in divisors[0].items() if len(parts) > 1 and all(name in x for x in divisors)]
    if node.is_scalar or len(parts) > 2 or not all(x.is_scalar for x in shared):
        return
    for base in shared:
        least = max(x[keys.key(base)][1].value for x in divisors)
        rest = add(*(multiply(power(base, Number(-least)), term) for term in terms_of(node)))
        inner = content(rest) if len(terms_of(rest)) > 1 else None
        outside = () if inner is None else (Number(inner.number), *inner.scalars)
        yield multiply(*outside, power(base, Number(least)), rest if inner is None else inner.rest)


def without_inner_fractions(node: Expr) -> Iterator[Expr]:
    """Yield a product of scalars with `(1+a/n) n` as `n+a`: a sum of fractions whose denominator cancels."""
    factors = factors_of(node)
    for k, x in enumerate(factors):
        base, exponent = base_of_power(x) if x.is_scalar else (x, number(1))
        fraction = _quotient(base) if len(factors) > 1 and x.is_scalar and len(terms_of(base)) > 1 else None
        if fraction is None or not isinstance(exponent, Number) or exponent.value.denominator != 1:
            continue
        divisors = {keys.key(y) for y, _ in fraction.below}
        if exponent.value < 0 or any(keys.key(base_of_power(y)[0]) in divisors for y in factors):
            below = multiply(*(power(y, e) for y, e in fraction.below))
            others = [*factors[:k], *factors[k + 1 :]]
            yield multiply(*others, power(add(*fraction.above), exponent), power(below, Number(-exponent.value)))


# --- inverses and identities ----------------------------------------------------------------------------------


def through_inverses(node: Expr) -> Iterator[Expr]:
    """Yield a sum in which a part of M beside a power of M^{-1} is written with M: `(I+A)^{-1}A` is `I-(I+A)^{-1}`."""
    terms = terms_of(node)
    for k, term in enumerate(terms if len(terms) > 1 else ()):
        coefficient, rest = split_coefficient(term)
        scalars, chain = scalars_and_chain(rest)
        for i, x in enumerate(chain):
            base, exponent = _inverse_power(x)
            for part in terms_of(base) if base is not None and len(terms_of(base)) > 1 else ():
                number_of_part, whole = split_coefficient(part)
                factors = factors_of(whole)
                start = next((j for j in (i + 1, i - len(factors)) if j >= 0 and _stands_at(factors, chain, j)), None)
                if start is None or base is None:
                    continue
                first, last = min(i, start), max(i + 1, start + len(factors))
                left, right = chain[:first], chain[last:]
                c = coefficient / number_of_part
                less = [multiply(*left, x, y, *right) for y in terms_of(base) if y is not part]
                raised = _matrix_power(base, exponent + 1)
                new = [multiply(*left, raised, *right), *map(negate, less)]
                others = [y for j, y in enumerate(terms) if j != k]
                yield add(*others, *(scale(c, multiply(*scalars, y)) for y in new))


def _matrix_power(base: Expr, exponent: int) -> Expr:
    return identity(base.shape[0]) if not exponent else multiply(*(inverse(base),) * -exponent)


def _inverse_power(x: Expr) -> tuple[Expr | None, int]:
    """Return (M, k) where `x` is M^k for a negative whole number k, else (None, 0)."""
    inside, raised = inverted(x), matrix_raised(x)
    if inside is not None:
        return inside, -1
    if raised is not None and isinstance(raised[1], Number) and raised[1].value.denominator == 1:
        return (raised[0], int(raised[1].value)) if raised[1].value < 0 else (None, 0)
    return None, 0


def _stands_at(factors: Sequence[Expr], chain: Sequence[Expr], start: int) -> bool:
    stretch = chain[start : start + len(factors)]
    return len(stretch) == len(factors) and all(keys.same(a, b) for a, b in zip(factors, stretch, strict=True))


def with_identity(node: Expr) -> Iterator[Expr]:
    """Yield a sum with `A S - S` as `(A-I) S`, and `S A - S` as `S (A-I)`, where S is a difference."""
    terms = terms_of(node) if not node.is_scalar else ()
    parts = [(c, *scalars_and_chain(rest)) for c, rest in map(split_coefficient, terms)]
    for j, k in _ends_of_others([(scalars, chain) for _, scalars, chain in parts]):
        (ca, sa, xa), (cb, _, xb) = sorted((parts[j], parts[k]), key=lambda part: -len(part[2]))
        n = len(xb)
        joined = None
        if _stands_at(xb, xa, len(xa) - n) and multiply(*xa[:-n]).is_square:
            both = add(scale(ca, multiply(*xa[:-n])), scale(cb, identity(xa[0].shape[0])))
            joined = multiply(*sa, both, *xb)
        elif _stands_at(xb, xa, 0) and multiply(*xa[n:]).is_square:
            both = add(scale(ca, multiply(*xa[n:])), scale(cb, identity(xa[-1].shape[1])))
            joined = multiply(*sa, *xb, both)
        if joined is not None:
            yield add(*terms[:j], joined, *terms[j + 1 : k], *terms[k + 1 :])


def _ends_of_others(parts: Sequence[tuple[Sequence[Expr], Sequence[Expr]]]) -> list[tuple[int, int]]:
    """Return the places of two terms where the chain of one, which holds a sum, is an end of that of the other."""
    short: dict[Hashable, list[int]] = {}
    for k, (scalars, chain) in enumerate(parts):
        if any(map(_is_sum, chain)):
            short.setdefault((_keys(scalars), _keys(chain)), []).append(k)
    lengths = {len(parts[places[0]][1]) for places in short.values()}
    found: set[tuple[int, int]] = set()
    for j, (scalars, chain) in enumerate(parts):
        for n in (n for n in lengths if n < len(chain)):
            for end in (chain[-n:], chain[:n]):
                found.update((min(j, k), max(j, k)) for k in short.get((_keys(scalars), _keys(end)), ()))
    return sorted(found)


def _keys(factors: Sequence[Expr]) -> tuple[keys.Key, ...]:
    return tuple(map(keys.key, factors))


# --- sums over an index, shared numbers, names ----------------------------------------------------------------


def _alike(marks: Iterable[Hashable]) -> list[tuple[int, int]]:
    """Return the places of two terms that have the same mark, in their order; None is no mark."""
    places: dict[Hashable, list[int]] = {}
    for k, mark in enumerate(marks):
        if mark is not None:
            places.setdefault(mark, []).append(k)
    return sorted(two for same in places.values() for two in combinations(same, 2))


def scalars_joined(node: Expr) -> Iterator[Expr]:
    """Yield a sum with `a M + b M` as `(a+b) M`."""
    terms = terms_of(node) if not node.is_scalar else ()
    parts = [scalars_and_chain(x) for x in terms]
    for j, k in _alike(_keys(chain) for _, chain in parts) if len(parts) > 1 else ():
        (scalars, chain), (others, _) = parts[j], parts[k]
        whole = multiply(add(multiply(*scalars, number(1)), multiply(*others, number(1))), *chain)
        yield add(*terms[:j], whole, *terms[j + 1 : k], *terms[k + 1 :])


def signs_aligned(node: Expr) -> Iterator[Expr]:
    """Yield a sum in which `y-x` in one term is written `-(x-y)`, so that both are joined."""
    terms = terms_of(node)
    differences = [[(x, add(*map(negate, terms_of(x)))) for x in factors_of(a) if _is_sum(x)] for a in terms[:-1]]
    holding: dict[keys.Key, list[int]] = {}
    for k, term in enumerate(terms if any(differences) else ()):
        for name in dict.fromkeys(_keys(factors_of(term))):
            holding.setdefault(name, []).append(k)
    for j, own in enumerate(differences):
        turned = [(k, x, y) for x, y in own for k in holding.get(keys.key(y), ()) if k > j]
        for k, x, y in sorted(turned, key=itemgetter(0)):
            factors = factors_of(terms[k])
            place = next((i for i, z in enumerate(factors) if keys.same(z, y)), None)
            if place is not None:
                other = multiply(number(-1), *factors[:place], x, *factors[place + 1 :])
                yield from scalars_joined(add(*terms[:k], other, *terms[k + 1 :]))


def _is_sum(x: Expr) -> bool:
    return len(terms_of(x)) > 1


def joined_sums(node: Expr) -> Iterator[Expr]:
    """Yield a sum with two sums over the same index as one."""
    terms = terms_of(node)
    sums = [_only_sum(x) for x in terms]
    for j, k in _alike(None if x is None else index_of(x) for x in sums):
        a, b = sums[j], sums[k]
        assert a is not None and b is not None, "they have an index"
        index, one, other = index_of(a), _all_inside(terms[j], a), _all_inside(terms[k], b)
        if conditions_on(one, index.name) == conditions_on(other, index.name):
            whole = sum_over(_with_content_outside(add(one, other)), index)
            yield add(*terms[:j], whole, *terms[j + 1 : k], *terms[k + 1 :])


def _with_content_outside(total: Expr) -> Expr:
    """Return a sum with all that its terms share outside."""
    shared = content(total) if len(terms_of(total)) > 1 else None
    return total if shared is None else multiply(Number(shared.number), *shared.scalars, shared.rest)


def _only_sum(term: Expr) -> Apply | None:
    """Return the sum over an index that is the only one in the product `term`, if all other factors may go inside."""
    factors = factors_of(term)
    sums = [x for x in factors if is_sum_over(x)]
    if len(sums) != 1 or any(index_of(sums[0]).name in x.indices for x in factors if x is not sums[0]):
        return None
    return sums[0]


def _all_inside(term: Expr, summed: Apply) -> Expr:
    """Return the body of the sum that is a factor of `term`, with all other factors in it."""
    return multiply(*(summed.arguments[0] if x is summed else x for x in factors_of(term)))


def with_shared_outside(node: Expr) -> Iterator[Expr]:
    r"""Yield `\frac12(A-B)` for a sum whose terms share a fraction, `ab(s-t)` for scalars that share factors."""
    shared = content(node) if len(terms_of(node)) > 1 else None
    if shared is None or any(base_of_divisor(x)[1].value < 0 for y in terms_of(shared.rest) for x in factors_of(y)):
        return
    left = any(x.is_scalar and not isinstance(x, Number) for y in terms_of(shared.rest) for x in factors_of(y))
    worth = shared.number.denominator != 1 and (node.is_scalar or not left)
    if worth or (node.is_scalar and sum(map(reading_cost, shared.scalars)) > 1):
        yield multiply(Number(shared.number), *shared.scalars, shared.rest)


def complements_named(node: Expr) -> Iterator[Expr]:
    r"""Yield a product with `\sigma(u)` for `1-\sigma(-u)`, where `\sigma(-u)` does not stand beside it."""
    factors, join = (entry_factors_of(node), hadamard) if is_hadamard(node) else (factors_of(node), multiply)
    for k, x in enumerate(factors):
        one, *others = terms_of(x)
        sign, value = split_coefficient(others[0]) if len(others) == 1 else (ONCE, x)
        u = argument_of(value, logistic)
        if u is None or sign != -1 or one is not ones(x.shape) or value in factors:
            continue
        if isinstance(value, Apply) and split_coefficient(u)[0] < 0:
            yield join(*factors[:k], Apply(logistic, (negate(u),), value.parameters), *factors[k + 1 :])


def named_softmax(node: Expr) -> Iterator[Expr]:
    r"""Yield a product with `\exp(a)` over the sum of its entries as `\operatorname{softmax}(a)`."""
    factors = factors_of(node)
    for k, x in enumerate(factors):
        base, exponent = base_of_divisor(x) if x.is_scalar else (x, number(1))
        inner = _summed_exponential(base) if exponent.value < 0 else None
        place = next((j for j, y in enumerate(factors) if inner is not None and keys.same(y, inner)), None)
        if place is not None and inner is not None and isinstance(inner, Apply):
            rest = power(base, Number(exponent.value + 1))
            named = Apply(softmax, inner.arguments)
            yield multiply(rest, *(named if j == place else y for j, y in enumerate(factors) if j != k))


def entries_cancelled(node: Expr) -> Iterator[Expr]:
    r"""Yield an inner product with entries that cancel, `(y \oslash v)^\top v`, as the sum `\mathbf{1}^\top y`."""
    factors = factors_of(node)
    if node.is_scalar and len(factors) == 2 and not factors[0].is_scalar:
        left = transpose(factors[0])
        entries = hadamard(left, factors[1])
        if _divisors(entries) < _divisors(left) + _divisors(factors[1]):
            yield _sum_of_entries(entries)


def _divisors(entries: Expr) -> int:
    """Return how many factors of an entry-wise product stand below."""
    return sum(base_of_divisor(x)[1].value < 0 for x in entry_factors_of(entries))


def _sum_of_entries(column: Expr) -> Expr:
    """Return the sum of the entries of a column, 1 where they are probabilities."""
    return number(1) if sums_to_one(column) else multiply(transpose(ones(column.shape)), column)


def columns_divided(node: Expr) -> Iterator[Expr]:
    r"""Yield a product with `\operatorname{diag}(a)^{-1}v`, v a column, as `v \oslash a`: always shorter."""
    scalars, chain = scalars_and_chain(node)
    for k, x in enumerate(chain[:-1] if node.shape[1] == ONE else ()):
        base, exponent = _inverse_power(x)
        column = on_diagonal(x if base is None else base)
        if column is not None and (base is not None or base_of_divisor(column)[1].value < 0):
            divided = hadamard(multiply(*chain[k + 1 :]), entrywise_power(column, number(exponent or 1)))
            yield multiply(*scalars, *chain[:k], divided)


def lines_scaled(node: Expr) -> Iterator[Expr]:
    r"""Yield `\operatorname{diag}(v)X` for `(v\mathbf{1}^\top) \odot X`, `X\operatorname{diag}(v)^{-1}` likewise."""
    factors = entry_factors_of(node) if is_hadamard(node) else []
    for k, x in enumerate(factors):
        base, exponent = base_of_divisor(x)
        scalars, chain = scalars_and_chain(base)
        if len(chain) != 2 or chain[0].shape[1] != ONE or (scalars and base is not x):
            continue
        rest = hadamard(*factors[:k], *factors[k + 1 :])
        if is_ones(under_transpose(chain[1]) or chain[1]):
            yield multiply(*scalars, _diagonal(entrywise_power(chain[0], exponent)), rest)
        elif is_ones(chain[0]):
            yield multiply(*scalars, rest, _diagonal(entrywise_power(transpose(chain[1]), exponent)))


def _diagonal(column: Expr) -> Expr:
    """Return the diagonal matrix of a column, the inverse of one where the column divides."""
    base, exponent = base_of_power(column)
    if isinstance(exponent, Number) and exponent.value < 0:
        return inverse(build(diagonal_matrix, entrywise_power(base, Number(-exponent.value))))
    return build(diagonal_matrix, column)


def _summed_exponential(x: Expr) -> Expr | None:
    r"""Return the column `\exp(a)` where `x` is the sum of its entries, else None."""
    ends = factors_of(x)
    if len(ends) != 2 or not is_ones(under_transpose(ends[0]) or ends[0]):
        return None
    return ends[1] if argument_of(ends[1], exp) is not None else None


WAYS_OF_SUMS: tuple[Way, ...] = (
    multiplied_out,
    through_inverses,
    over_one_denominator,
    kroneckers_joined,
    scalars_joined,
    signs_aligned,
    joined_sums,
    with_identity,
    with_shared_outside,
    transposes_within,
)
WAYS_OF_PRODUCTS: tuple[Way, ...] = (
    labels_known,
    transposed_terms,
    transposed_whole,
    lines_scaled,
    products_multiplied_out,
    without_inner_fractions,
    complements_named,
    named_softmax,
    entries_cancelled,
)
