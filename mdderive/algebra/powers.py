"""The normal form of powers, inverses, entry-wise products and sums over an index."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby

from ..effort import MOST_BITS
from ..latex.names import name_of
from . import factoring, index_conditions, keys, terms
from .expressions import ONE, Absorbs, Apply, Expr, Index, Number, Operator, Symbol, number, walk
from .operators.structural import (
    entrywise_power_row,
    hadamard_row,
    inverse_row,
    matrix_power_row,
    ones_row,
    power_row,
    transpose_row,
)
from .operators.sums import expectation_row, integral_row, sum_row


def hadamard(*factors: Expr) -> Expr:
    """Return the entry-wise product, scalars outside and ones left out."""
    scalars: list[Expr] = []
    kept: list[Expr] = []
    for factor in factors:
        for one in terms.entry_factors_of(factor):
            if one.is_scalar:
                scalars.append(one)
                continue
            if terms.is_zero(one):
                return terms.zero(one.shape)
            inner = terms.factors_of(one)
            own = [y for y in inner if y.is_scalar]
            scalars.extend(own)
            rest = terms.multiply(*(y for y in inner if not y.is_scalar)) if own else one
            kept.extend(terms.entry_factors_of(rest))
    kept = [x for x in _merge_entrywise_powers(absorbed(kept)) if not _is_all_ones(x)]
    if not kept:
        matrices = [x for x in factors if not x.is_scalar]
        kept = [Apply(ones_row, (), matrices[0].shape)] if matrices else []
    if len(kept) < 2:
        return terms.multiply(*scalars, *kept)
    picked = next((x for x in kept if _is_unit_vector(x)), None)
    if picked is not None:  # e_k (.) p = (e_k^T p) e_k
        return terms.multiply(
            *scalars, terms.inner_product(picked, hadamard(*(x for x in kept if x is not picked))), picked
        )
    total = next((x for x in kept if _is_divided_by(x, kept)), None)
    if total is not None:
        others = [x for x in kept if x is not total]
        return terms.multiply(*scalars, factoring.add(*(hadamard(term, *others) for term in terms.terms_of(total))))
    return terms.multiply(*scalars, Apply(hadamard_row, tuple(kept)))


def _is_divided_by(total: Expr, factors: Sequence[Expr]) -> bool:
    """Whether a term of the sum `total` is divided by one of `factors`, which then cancels: (A - B ./ S) (.) S."""
    if len(terms.terms_of(total)) < 2:
        return False
    inner = [y for term in terms.terms_of(total) for y in terms.entry_factors_of(terms.split_coefficient(term)[1])]
    below = [divisor(x, entrywise_power_row) for x in inner]
    known = set(map(keys.key, factors))
    return any(keys.key(x) in known for x in below if x is not None)


def absorbed(factors: list[Expr]) -> list[Expr]:
    """Return the entry-wise factors, or scalars, where the rows of some absorb others: sgn(x) (.) x is |x|."""
    if not any(_absorbs(x) for x in factors):
        return factors
    exponents: dict[keys.Key, tuple[Expr, list[Expr]]] = {}
    for factor in factors:
        base, exponent = base_of_power(factor)
        exponents.setdefault(keys.key(base), (base, []))[1].append(exponent)
    bases = [(base, factoring.add(*parts)) for base, parts in exponents.values()]
    for k, (base, exponent) in enumerate(bases):
        absorbs = _absorbs(base)
        for j, (other, power_of_other) in enumerate(bases):
            if absorbs is None or not isinstance(base, Apply) or j == k:
                continue
            product = absorbs(base.arguments[0], exponent, other, power_of_other)
            if product is not None:
                parts = terms.flat_product(product) if product.is_scalar else terms.entry_factors_of(product)
                rest = [entrywise_power(*x) for i, x in enumerate(bases) if i not in (j, k)]
                return absorbed([*rest, *parts])
    return factors


def _absorbs(x: Expr) -> Absorbs | None:
    base, _ = base_of_power(x)
    return base.operator.absorbs if isinstance(base, Apply) else None


def _is_all_ones(x: Expr) -> bool:
    """Whether every entry of `x` is 1: a row, a column or a matrix of ones, or the product of a column and a row."""
    inner = terms.under_transpose(x)
    if inner is not None:
        return _is_all_ones(inner)
    factors = terms.factors_of(x)
    if len(factors) == 2:
        return factors[0].shape[1] == ONE and not x.is_scalar and all(map(_is_all_ones, factors))
    return terms.is_ones(x)


def _merge_entrywise_powers(factors: list[Expr]) -> list[Expr]:
    """Return the entry-wise factors with equal bases merged: x (.) (1 ./ x) is a matrix of ones."""
    exponents: dict[keys.Key, tuple[Expr, list[Expr]]] = {}
    for factor in _opened_powers(factors):
        base, exponent = base_of_power(factor)
        exponents.setdefault(keys.key(base), (base, []))[1].append(exponent)
    if len(exponents) == len(factors):
        return factors
    found: list[Expr] = []
    for base, parts in exponents.values():
        ones = all(part is number(1) for part in parts)
        if ones and _is_binary(base):
            found.append(base)
        elif ones and len(parts) == 2 and isinstance(base, Symbol):
            found.extend([base, base])  # x (.) x needs no exponent
        else:
            found.append(entrywise_power(base, factoring.add(*parts)))
    return found


def _opened_powers(factors: Sequence[Expr]) -> list[Expr]:
    """Return the entry-wise factors with a ./ (a (.) b) as a ./ a ./ b, where one of what divides stands beside."""
    bases = {keys.key(base_of_power(x)[0]) for x in factors}
    found: list[Expr] = []
    for x in factors:
        base, exponent = base_of_power(x)
        inside = terms.entry_factors_of(base)
        whole = isinstance(exponent, Number) and exponent.value.denominator == 1 and len(inside) > 1
        shared = whole and any(keys.key(base_of_power(y)[0]) in bases for y in inside)
        found.extend([entrywise_power(y, exponent) for y in inside] if shared else [x])
    return found


def _is_binary(x: Expr) -> bool:
    """Whether the entries of `x` are 0 and 1, so that x (.) x is x; not of a variable while it moves."""
    return isinstance(x, Symbol) and bool({"binary", "one-hot"} & x.properties) and "free" not in x.properties


def _is_unit_vector(x: Expr) -> bool:
    """Whether this is `e_k`; a one-hot y is the author's, whose products with entries are kept as they are."""
    if not isinstance(x, Symbol) or "one-hot" not in x.properties or "free" in x.properties:
        return False
    name = name_of(x.latex)
    return name.letter == "e" and name.subscript is not None


def base_of_power(x: Expr) -> tuple[Expr, Expr]:
    """Return (b, e) where `x` is b^e, of a scalar or of every entry."""
    if isinstance(x, Apply) and x.operator in (entrywise_power_row, power_row):
        return x.arguments[0], x.arguments[1]
    return x, number(1)


def base_of_divisor(x: Expr) -> tuple[Expr, Number]:
    """Return (b, k) where the factor `x` is b^k with a negative number k, else (x, 1)."""
    base, exponent = base_of_power(x)
    return (base, exponent) if isinstance(exponent, Number) and exponent.value < 0 else (x, Number(Fraction(1)))


def sum_over(body: Expr, index: Index) -> Expr:
    """Return the sum of `body` over `index`, or its mean, what does not depend on the index taken out."""
    row = integral_row if index.over else expectation_row if index.mean else sum_row
    if terms.is_zero(body):
        return body
    if index.name not in body.indices:
        count = index_count(index)
        return Apply(row, (body,), (index,)) if count is None else terms.multiply(count, body)
    coefficient, scalars, chain = terms.coefficient_scalars_chain(body)
    turned = _exchanged(coefficient, scalars, chain, index)
    if turned is not None:
        return turned
    outside = [x for x in scalars if index.name not in x.indices]
    inside = [x for x in scalars if index.name in x.indices]
    left, right = _constant_ends(chain, index.name)
    middle = chain[left : len(chain) - right]
    if coefficient == 1 and not outside and not left and not right:
        return _summed(row, body, index, middle)
    total = _summed(row, terms.multiply(*inside, *middle), index, middle)
    rest = chain[len(chain) - right :] if right else ()
    return terms.multiply(Number(coefficient), *outside, *chain[:left], total, *rest)


def _summed(row: Operator, body: Expr, index: Index, chain: Sequence[Expr]) -> Expr:
    r"""Return the sum over an index; `(\sum_ix_i)^T` for `\sum_ix_i^T`, `chain` being the matrices of the body.

    Of the condition that the index attains an extremum, or is a label, it is 1: one index alone does.
    """
    total = Apply(row, (body,), (index,))
    if index_conditions.is_condition(body) and index_conditions.attaining(total) is not None:
        return Number(Fraction(1))
    turned = len(chain) == 1 and terms.under_transpose(chain[0]) is not None
    if not turned or index.mean or index.over or terms.holds_differential(body):
        return total
    return Apply(transpose_row, (Apply(row, (terms.transpose(body),), (index,)),))


def _exchanged(coefficient: Fraction, scalars: Sequence[Expr], chain: Sequence[Expr], index: Index) -> Expr | None:
    r"""Return `\sum_ic_i\sum_{j\in R_i}b_j` for `\sum_j(\sum_{i:j\in R_i}c_i)b_j`, else None."""
    for k, inner in enumerate(scalars):
        if not terms.is_sum_over(inner) or index.mean or terms.index_of(inner).mean:
            continue
        around, factors = terms.index_of(inner), terms.factors_of(inner.arguments[0])
        others = (*scalars[:k], *scalars[k + 1 :], *chain)
        conditions = [x for x in factors if _chooses(x, index.name)]
        rest = [x for x in factors if x not in conditions]
        free = any(around.name in x.indices or _binds(x, around.name) for x in others)
        if not conditions or free or any(index.name in x.indices for x in rest):
            continue
        body = sum_over(terms.multiply(*conditions, *others), index)
        return terms.multiply(number(coefficient), sum_over(terms.multiply(*rest, body), around))
    return None


def _chooses(x: Expr, index: str) -> bool:
    r"""Whether `x` is the condition that an index is in a set, `j \in R_i`."""
    return (
        index_conditions.is_condition(x)
        and x.operator.below is not None
        and x.operator.below(x, index).startswith(rf"{index}\in ")
    )


def _binds(x: Expr, name: str) -> bool:
    return any(terms.is_sum_over(y) and terms.index_of(y).name == name for y in walk(x))


def index_count(index: Index) -> Expr | None:
    """Return how many values `index` takes, 1 where it is averaged over, None where the author gave no range.

    Of an integral it is the length between the bounds.
    """
    if index.mean:
        return None if index.over and not index.bounds[1] else number(index.weight)
    if index.extent is not None or not index.upper:
        return index.extent
    first = int(index.lower or 1)
    if index.upper.isdigit():
        return number(max(0, int(index.upper) - first + 1))
    return factoring.add(Symbol(index.upper), number(1 - first))


def _constant_ends(chain: Sequence[Expr], name: str) -> tuple[int, int]:
    """Return how many factors at the left and at the right end do not depend on the index."""
    left = 0
    while left < len(chain) and name not in chain[left].indices:
        left += 1
    right = 0
    while right < len(chain) - left and name not in chain[-1 - right].indices:
        right += 1
    if left == len(chain):
        return 0, 0
    return left, right


def merged(scalars: list[Expr]) -> list[Expr]:
    """Return the scalars with equal bases merged into powers."""
    if len(scalars) < 2:
        return scalars
    scalars = absorbed(scalars)
    exponents: dict[keys.Key, tuple[Expr, list[Expr]]] = {}
    for scalar in scalars:
        base, exponent = _merged_base(scalar)
        exponents.setdefault(keys.key(base), (base, []))[1].append(exponent)
    if len(exponents) == len(scalars):
        return scalars
    found = []
    for base, parts in exponents.values():
        exponent = factoring.add(*parts)
        if terms.split_coefficient(exponent)[0] < 0 and not isinstance(exponent, Number):
            found.append(reciprocal(power(base, terms.negate(exponent))))  # 1/c^k, as it is written
        elif not terms.is_zero(exponent):
            found.append(power(base, exponent))
    return found


def _merged_base(x: Expr) -> tuple[Expr, Expr]:
    """Return (b, e) where the scalar `x` is b^e, of (c^k)^{-2} the c with -2k."""
    base, exponent = terms.base_and_exponent(x)
    inner, times = terms.base_and_exponent(base)
    if isinstance(times, Number) or not isinstance(exponent, Number) or exponent.value.denominator != 1:
        return base, exponent
    return inner, terms.scale(exponent.value, times)


def power(base: Expr, exponent: Expr) -> Expr:
    """Return the scalar `base` to the scalar `exponent`."""
    if base is number(1):
        return base
    if isinstance(exponent, Number):
        if exponent.value == 1:
            return base
        if exponent.value == 0:
            return number(1)
        if isinstance(base, Number) and exponent.value.denominator == 1 and (base.value != 0 or exponent.value > 0):
            return _number_power(base.value, int(exponent.value))
        if isinstance(base, Apply) and base.operator is power_row and isinstance(base.arguments[1], Number):
            inner = base.arguments[1].value
            if _keeps_signs(inner, exponent.value):
                return power(base.arguments[0], Number(inner * exponent.value))
        scalars, chain = terms.scalars_and_chain(base)
        parts = [*scalars, terms.multiply(*chain)] if chain else scalars
        if exponent.value.denominator == 1 and len(parts) > 1:
            return terms.multiply(*(power(x, exponent) for x in parts))
    return Apply(power_row, (base, exponent))


def _keeps_signs(inner: Fraction, outer: Fraction) -> bool:
    """Whether (x^inner)^outer is x^(inner outer): (x^2)^(1/2) is |x|, not x."""
    return outer.denominator == 1 or bool(inner.numerator % 2)


def _number_power(base: Fraction, exponent: int) -> Expr:
    """Return the power of a number, as a power where nobody would write it out."""
    bits = max(base.numerator.bit_length(), base.denominator.bit_length()) - 1
    if bits * abs(exponent) > MOST_BITS:
        return Apply(power_row, (Number(base), Number(Fraction(exponent))))
    return Number(base**exponent)


def reciprocal(x: Expr) -> Expr:
    """Return 1/x of a scalar."""
    return power(x, number(-1))


def inverse(x: Expr) -> Expr:
    """Return x^{-1} in normal form; a transpose goes outside, so that `X^{-T}` is one token."""
    if x.is_scalar:
        return reciprocal(x)
    inner, turned = terms.inverted(x), terms.under_transpose(x)
    if inner is not None:
        return inner
    if terms.is_identity(x):
        return x
    if isinstance(x, Symbol) and {"orthogonal"} == x.properties & {"orthogonal", "free"}:
        return terms.transpose(x)
    if turned is not None:
        return terms.transpose(inverse(turned))
    scalars, chain = terms.scalars_and_chain(x)
    if scalars:
        return terms.multiply(*map(reciprocal, scalars), inverse(terms.multiply(*chain)))
    if len(chain) > 1 and all(y.is_square for y in chain) and any(terms.inverted(y) is not None for y in chain):
        return terms.multiply(*map(inverse, reversed(chain)))
    return Apply(inverse_row, (x,))


def matrix_power(x: Expr, exponent: Expr) -> Expr:
    """Return the square matrix `x` to a power, for instance a whole or a rational number."""
    if x.is_scalar:
        return power(x, exponent)
    inner, turned = terms.inverted(x), terms.under_transpose(x)
    if inner is not None and isinstance(exponent, Number):
        return matrix_power(inner, Number(-exponent.value))
    if isinstance(exponent, Number):
        if exponent.value == -1:
            return inverse(x)
        if exponent.value > 0 and isinstance(x, Symbol) and {"idempotent"} == x.properties & {"idempotent", "free"}:
            return x
        if exponent.value == 1:
            return x
        if exponent.value == 0:
            return terms.identity(x.shape[0])
    if turned is not None:
        return terms.transpose(matrix_power(turned, exponent))
    return Apply(matrix_power_row, (x, exponent))


LONG_RUN = 12
"""How many equal factors an author writes one behind the other: more are read, and differentiated, as a power."""


def with_powers_for_runs(x: Expr) -> Expr:
    """Return `x` with `X^{64}` for the product of 64 factors X."""
    found: dict[Expr, Expr] = {}
    for node in walk(x):
        if len(node.arguments) > LONG_RUN and terms.is_product(node):
            runs = [(factor, len(list(run))) for factor, run in groupby(node.arguments)]
            if any(n > LONG_RUN for _, n in runs):
                factors = [[matrix_power(y, number(n))] if n > LONG_RUN else [y] * n for y, n in runs]
                found[node] = terms.chain_product([y for part in factors for y in part])
    return terms.substitute(x, found) if found else x


def entrywise_power(x: Expr, exponent: Expr) -> Expr:
    """Return every entry of `x` to the scalar `exponent`."""
    if x.is_scalar:
        return power(x, exponent)
    if isinstance(exponent, Number):
        if exponent.value == 1 or terms.is_ones(x):
            return x
        if exponent.value == 0:
            return terms.ones(x.shape)
        base, inner = base_of_power(x)
        if isinstance(inner, Number) and inner.value != 1 and _keeps_signs(inner.value, exponent.value):
            return entrywise_power(base, Number(inner.value * exponent.value))
        scalars, chain = terms.scalars_and_chain(x)
        if exponent.value == -1 and scalars and chain:
            return terms.multiply(*map(reciprocal, scalars), entrywise_power(terms.multiply(*chain), exponent))
        parts = terms.entry_factors_of(x)
        if exponent.value == -1 and any(divisor(y, entrywise_power_row) is not None for y in parts):
            below = (divisor(y, entrywise_power_row) or entrywise_power(y, exponent) for y in parts)
            return hadamard(*below)  # one over a ./ b is b ./ a
    return Apply(entrywise_power_row, (x, exponent))


def divisor(x: Expr, row: Operator) -> Expr | None:
    """Return y where `x` is 1/y by `row`, the power of a scalar or that of every entry, else None."""
    exponent = x.arguments[1] if isinstance(x, Apply) and x.operator is row else None
    if isinstance(exponent, Number) and exponent.value < 0 and isinstance(x, Apply):
        return entrywise_power(x.arguments[0], Number(-exponent.value))
    return None
