"""The zero of a gradient: bring it to an equation that is linear in the variable, or undo what is done to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from ..algebra.expanding import opened
from ..algebra.expressions import ONE, Apply, Expr, Index, Number, Symbol, number, to_latex, walk
from ..algebra.factoring import add
from ..algebra.matching import distribute
from ..algebra.operators.diagonals import on_diagonal
from ..algebra.operators.entrywise import argument_of, exp, exponential, log
from ..algebra.operators.kronecker import stacked_matrix, vector_of
from ..algebra.operators.structural import identity_row, is_invertible
from ..algebra.powers import (
    base_of_divisor,
    base_of_power,
    entrywise_power,
    hadamard,
    inverse,
    power,
    reciprocal,
    sum_over,
)
from ..algebra.signs import DEFINITE
from ..algebra.terms import (
    base_and_exponent,
    build,
    d,
    entry_factors_of,
    factors_of,
    index_of,
    is_identity,
    is_sum_over,
    is_zero,
    matrix_raised,
    multiply,
    negate,
    normalise,
    ones,
    reading_cost,
    scalars_and_chain,
    scale,
    split_coefficient,
    substitute,
    terms_of,
    transpose,
    under_transpose,
    zero,
)
from ..errors import UnsupportedError
from ..words import Reason, Reasons, reason
from .conditions import Condition, plainest
from .definiteness import definiteness, is_root
from .differential import write_out
from .roots import cleared_of_powers, content, powers_apart, raised, scaled_each, with_root_taken
from .vec_form import vec_form

MUCH = 5
"""By how much the reading cost may grow for a fraction to have none within it."""
NORMAL_EQUATIONS = reason("normal equations")


class Zero(NamedTuple):
    """`left = right`, and its `solution`, which holds under the `conditions`.

    `names` is what the equation is called, `multiplied` by what the gradient was multiplied to get there; `stacked`
    is the same equation in vec form where that had to be taken.
    """

    left: Expr
    right: Expr
    solution: Expr
    conditions: tuple[Condition, ...] = ()
    names: Reason | None = None
    multiplied: Reasons = ()
    stacked: tuple[Expr, Expr] | None = None


def solve_for(gradient: Expr, variable: Symbol) -> Zero | None:
    """Return where `gradient` vanishes and nowhere else, None where no such place was found."""
    found = _solved(gradient, variable)
    if found is None:
        return None
    return found._replace(right=tidied(found.right), solution=tidied(found.solution))


def _solved(gradient: Expr, variable: Symbol) -> Zero | None:
    if gradient.shape not in (variable.shape, variable.shape[::-1]):
        return None
    candidates = [(distribute(x, variable), words) for x, words in _cleared(gradient, variable)]
    for method in (_solve_linear, _undone):
        for terms, multiplied in candidates:
            found = method(terms, variable)
            if found is not None and variable not in found.solution.symbols and _is_only(found, multiplied):
                return found._replace(multiplied=multiplied)
    return _solve_affine(gradient, variable)


def _is_only(found: Zero, multiplied: Reasons) -> bool:
    """Whether the equation has this solution alone; a homogeneous one may have others, an eigenvector say."""
    if any(is_zero(x.of) for x in found.conditions):
        return False
    return not is_zero(found.right) or not (multiplied or plainest(found.conditions))


def _cleared(gradient: Expr, x: Symbol) -> Iterator[tuple[Expr, Reasons]]:
    """Yield the gradient, and then its products with the variable, which clear inverses and denominators."""
    bare, words = _without_invertible_ends(gradient)
    if bare is not gradient:
        yield bare, words
    if x.is_scalar:
        for equation, times in cleared_number(gradient, x):
            yield equation, multiplied_by(times)
        terms = distribute(gradient, x)
        yield from _cleared_of_logarithms(terms, x)
        for k in (1, 2, 3):
            yield add(*(multiply(*[x] * k, term) for term in terms)), multiplied_by(power(x, number(k)))
        return
    terms = distribute(gradient, x)
    yield add(*terms), ()
    if x.is_square:
        for y in dict.fromkeys((x, transpose(x))):
            factor = to_latex(y)
            both = reason("multiplied on both sides", factor=factor)
            yield add(*(multiply(y, term, y) for term in terms)), (both,)
            yield add(*(multiply(y, term) for term in terms)), (reason("multiplied on the left", factor=factor),)
            yield add(*(multiply(term, y) for term in terms)), (reason("multiplied on the right", factor=factor),)
    else:
        entry_wise = (reason("multiplied entry by entry", factor=to_latex(x)),)
        yield add(*(hadamard(x, term) for term in terms)), entry_wise


def cleared_number(gradient: Expr, x: Symbol) -> Iterator[tuple[Expr, Expr]]:
    """Yield the gradient by the number `x`, and then without divisors, without an exponential; and times what it is."""
    terms = distribute(powers_apart(gradient, x), x)
    yield add(*terms), number(1)
    yield from _cleared_of_divisors(terms, x)
    for equation, times in ((add(*terms), number(1)), *_cleared_of_exponentials(terms, x)):
        if times is not number(1):
            yield equation, times
        parts = distribute(equation, x)
        factor = cleared_of_powers(parts, x)
        if factor is not None:
            yield add(*(y for part in parts for y in opened(multiply(factor, part)))), multiply(times, factor)


def _cleared_of_divisors(terms: tuple[Expr, ...], x: Symbol) -> Iterator[tuple[Expr, Expr]]:
    """Yield the equation times all divisors that hold the number `x`, the highest power of each."""
    divisors: dict[Expr, Fraction] = {}
    for factor in (y for term in terms for y in factors_of(term)):
        base, exponent = base_and_exponent(factor)
        if x in base.symbols and isinstance(exponent, Number) and exponent.value < 0:
            divisors[base] = max(divisors.get(base, Fraction(0)), -exponent.value)
    if divisors:
        factor = multiply(*(power(base, Number(k)) for base, k in divisors.items()))
        yield add(*(y for term in terms for y in opened(multiply(factor, term)))), factor


def _cleared_of_exponentials(terms: tuple[Expr, ...], x: Symbol) -> Iterator[tuple[Expr, Expr]]:
    """Yield the equation without the exponential of one of its terms, where all have one; it is positive."""
    parts = [_with_exponential(term, x) for term in terms]
    known = [y for y in parts if y is not None]
    if len(known) < len(parts):
        return
    for _, argument in known:
        inside = (multiply(rest, exponential(add(other, negate(argument)))) for rest, other in known)
        yield add(*inside), exponential(negate(argument))


def _with_exponential(term: Expr, x: Symbol) -> tuple[Expr, Expr] | None:
    """Return what stands beside the exponential in a term, and its argument; None where there is no one with `x`."""
    factors = factors_of(term)
    for k, (base, exponent) in enumerate(map(base_and_exponent, factors)):
        argument = argument_of(base, exp)
        if argument is not None and argument.is_scalar and x in argument.symbols and isinstance(exponent, Number):
            return multiply(number(1), *factors[:k], *factors[k + 1 :]), scale(exponent.value, argument)
    return None


def _cleared_of_logarithms(terms: tuple[Expr, ...], x: Symbol) -> Iterator[tuple[Expr, Reasons]]:
    r"""Yield `u - e^c v` for the equation `\log u - \log v - c`."""
    moving = [term for term in terms if x in term.symbols]
    parts = [split_coefficient(term) for term in moving]
    inside = [argument_of(body, log) for _, body in parts]
    if len(moving) != 2 or None in inside or parts[0][0] != -parts[1][0]:
        return
    constant = [scale(-1 / parts[0][0], term) for term in terms if term not in moving]
    power_of_e = exponential(add(*constant)) if constant else number(1)
    first, second = (y for y in inside if y is not None)
    yield add(first, negate(multiply(power_of_e, second))), (reason("exponentials taken"),)


def multiplied_by(factor: Expr) -> Reasons:
    """Return what is said where an equation is multiplied by `factor`; of 1 nothing is."""
    return () if factor is number(1) else (reason("multiplied", factor=to_latex(factor)),)


def _without_invertible_ends(gradient: Expr) -> tuple[Expr, Reasons]:
    """Return a product without positive numbers, and invertible matrices at its ends; and what is said."""
    scalars, chain = scalars_and_chain(gradient)
    words = []
    for end, key in ((0, "multiplied on the left"), (-1, "multiplied on the right")):
        while len(chain) > 1 and is_invertible(chain[end]):
            words.append(reason(key, factor=to_latex(inverse(chain.pop(end)))))
    positive = [
        y for y in scalars if not gradient.is_scalar and definiteness(y) == DEFINITE and not isinstance(y, Number)
    ]
    if positive:
        factor, inverted_factor = multiply(*positive), multiply(*map(reciprocal, positive))
        shorter = reading_cost(inverted_factor) < reading_cost(factor)
        words += multiplied_by(inverted_factor) if shorter else [reason("divided", factor=to_latex(factor))]
        scalars = [y for y in scalars if y not in positive]
    if not words:
        return gradient, ()
    return multiply(*scalars, *chain), tuple(words)


class LinearTerm(NamedTuple):
    """A term c L x R, or c L x^T R where `turned`."""

    left: Expr | None
    right: Expr | None
    turned: bool
    scalars: Expr


def linear_term(term: Expr, x: Symbol) -> LinearTerm | None:
    """Return `term` as a multiple of the variable, None if it is not linear in it."""
    coefficient, rest = split_coefficient(term)
    factors = list(factors_of(rest))
    places = [k for k, y in enumerate(factors) if x in y.symbols]
    if len(places) != 1:
        return None
    factor = factors[places[0]]
    turned = under_transpose(factor) is x
    if factor is not x and not turned:
        return None
    before, after = factors[: places[0]], factors[places[0] + 1 :]
    scalars = multiply(Number(coefficient), *(y for y in (*before, *after) if y.is_scalar))
    left = [y for y in before if not y.is_scalar]
    right = [y for y in after if not y.is_scalar]
    return LinearTerm(multiply(*left) if left else None, multiply(*right) if right else None, turned, scalars)


def _solve_linear(terms: tuple[Expr, ...], x: Symbol) -> Zero | None:
    constant = [negate(term) for term in terms if x not in term.symbols and not is_zero(term)]
    linear = [linear_term(term, x) for term in terms if x in term.symbols]
    found = [t for t in linear if t is not None]
    if not found or len(found) != len(linear) or len({t.turned for t in found}) != 1:
        return None
    shrink = common_number([t.scalars for t in found])
    right = scaled_sum(1 / shrink, constant) if constant else None
    unknown = transpose(x) if found[0].turned else x
    if right is None:
        right = zero(terms[0].shape)
    if all(t.right is None for t in found):
        matrix = add(*(_times(scale(1 / shrink, t.scalars), t.left, unknown.shape[0]) for t in found))
        return _finished(matrix, unknown, right, x, on_left=True)
    if all(t.left is None for t in found):
        matrix = add(*(_times(scale(1 / shrink, t.scalars), t.right, unknown.shape[1]) for t in found))
        return _finished(matrix, unknown, right, x, on_left=False)
    return None


def scaled_sum(coefficient: Fraction, summands: Sequence[Expr]) -> Expr:
    """Return the sum times a number, term by term where that is no longer."""
    whole, apart = scale(coefficient, add(*summands)), add(*(scale(coefficient, x) for x in summands))
    return apart if reading_cost(apart) <= reading_cost(whole) else whole


def common_number(scalars: Sequence[Expr]) -> Fraction:
    """Return the number that all these scalars have in front up to the sign, else 1."""
    numbers = [split_coefficient(s)[0] for s in scalars]
    same = all(abs(n) == abs(numbers[0]) for n in numbers)
    return numbers[0] if same else Fraction(1)


def _times(scalars: Expr, matrix: Expr | None, size: tuple[str, ...]) -> Expr:
    if matrix is None:
        return multiply(scalars, Apply(identity_row, (), (size,))) if size else scalars
    return multiply(scalars, matrix)


def _finished(matrix: Expr, unknown: Expr, right: Expr, x: Symbol, *, on_left: bool) -> Zero:
    needed = _with_sums_joined(matrix) if matrix.is_scalar else factor_of_identity(matrix) or matrix
    if needed.is_scalar:
        if len(terms_of(needed)) > 1 and _are_negative((*terms_of(needed), *terms_of(right))):
            needed, right = (add(*map(negate, terms_of(y))) for y in (needed, right))
        value = _shorter(multiply(reciprocal(needed), right))
        left = multiply(needed, unknown)
    elif unknown.shape[1] == ONE and on_left and (diagonal := diagonal_of_system(matrix)) is not None:
        powers = map(base_of_power, entry_factors_of(diagonal))
        below = [entrywise_power(base, negate(exponent)) for base, exponent in powers]
        column = add(*(scaled_by_diagonals(term) for term in terms_of(right)))
        return Zero(
            hadamard(diagonal, unknown), column, hadamard(column, *below), (Condition("no zero entry", diagonal),)
        )
    else:
        value = multiply(inverse(matrix), right) if on_left else multiply(right, inverse(matrix))
        left = multiply(matrix, unknown) if on_left else multiply(unknown, matrix)
    solution = value if unknown is x else transpose(value)
    names = NORMAL_EQUATIONS if gram_factor(matrix) is not None else None
    return Zero(left, right, solution, (Condition("invertible", needed),), names)


def _are_negative(terms: Sequence[Expr]) -> bool:
    """Whether more of the terms with letters have a minus than have none."""
    signs = [split_coefficient(y)[0] for y in terms if not isinstance(y, Number)]
    return 2 * sum(y < 0 for y in signs) > len(signs)


def _shorter(x: Expr) -> Expr:
    """Return `x` multiplied out where that is shorter."""
    apart, x = add(*opened(x)), tidied(x)
    return apart if reading_cost(apart) < reading_cost(x) else x


def tidied(x: Expr) -> Expr:
    """Return `x` without a minus before a difference, which is turned around, or fractions within fractions."""
    found = []
    for y in terms_of(x):
        term = y if split_coefficient(y)[0] > 0 else _turned(negate(y)) or y
        joined = _joined(_with_numbers_outside(term))
        found.append(joined if reading_cost(joined) <= reading_cost(term) + MUCH else term)
    return add(*found)


def _with_numbers_outside(x: Expr) -> Expr:
    """Return a product in which a number that divides all terms of a scalar factor stands before it."""
    found = []
    for y in factors_of(x):
        base, exponent = base_and_exponent(y)
        shared = content(terms_of(base)) if y.is_scalar and len(terms_of(base)) > 1 else Fraction(1)
        if shared == 1 or not isinstance(exponent, Number) or abs(exponent.value) != 1:
            found.append(y)
            continue
        found += [Number(shared**exponent.value.numerator), power(scaled_each(1 / shared, base), exponent)]
    return multiply(*found)


def _joined(x: Expr) -> Expr:
    """Return a product in which a scalar sum of fractions is one fraction: `b/(a+b)` for `1-a/(a+b)`."""
    found = []
    for base, exponent in map(base_and_exponent, factors_of(x)):
        inside = argument_of(base, log)
        if inside is not None and exponent is number(1):
            found.append(build(log, tidied(inside)))
            continue
        parts = terms_of(base) if base.is_scalar and isinstance(exponent, Number) else ()
        below = [base_of_divisor(z) for part in parts for z in factors_of(part)] if len(parts) > 1 else []
        divisors = dict.fromkeys(z for z, k in below if k.value == -1)
        whole = multiply(number(1), *divisors)
        joined = _factored(opened(add(*(multiply(whole, part) for part in parts)))) if divisors else base
        found += [power(whole, negate(exponent)), power(joined, exponent)]
    return multiply(*found)


def _factored(terms: Sequence[Expr]) -> Expr:
    """Return a sum as a product with the scalar factors that all terms have."""
    first, *others = (split_coefficient(y)[1] for y in terms)
    shared = [y for y in factors_of(first) if y.is_scalar and all(y in factors_of(z) for z in others)]
    if not others or not shared or shared == [number(1)]:
        return add(*terms)
    return multiply(*shared, add(*(multiply(y, *map(reciprocal, shared)) for y in terms)))


def _turned(x: Expr) -> Expr | None:
    """Return `-x` without a minus before it, None where there is no such form."""
    if len(terms_of(x)) > 1:
        turned = add(*map(negate, terms_of(x)))
        return turned if reading_cost(turned) <= reading_cost(x) else None
    if is_sum_over(x):
        inner = _turned(x.arguments[0])
        return None if inner is None else sum_over(inner, index_of(x))
    if (under := under_transpose(x)) is not None:
        inner = _turned(under)
        return None if inner is None else transpose(inner)
    factors = list(factors_of(x))
    for k, y in enumerate(factors if len(factors) > 1 else ()):
        if (inner := _turned(y)) is not None:
            return multiply(*factors[:k], inner, *factors[k + 1 :])
    return None


def is_scaled_identity(x: Expr) -> bool:
    """Whether `x` is a number times an identity matrix, or a number."""
    return all(y.is_scalar or is_identity(y) for y in factors_of(x))


def factor_of_identity(x: Expr) -> Expr | None:
    """Return the number c where `x` is c I, written as a product or as a sum, else None."""
    if len(terms_of(x)) > 1:
        found = [factor_of_identity(term) for term in terms_of(x)]
        return None if None in found else add(*(y for y in found if y is not None))
    scalars, chain = scalars_and_chain(x)
    last = chain[0] if len(chain) == 1 else x
    if is_identity(last):
        return multiply(*scalars) if scalars else number(1)
    if isinstance(last, Apply) and is_sum_over(last):
        inner = factor_of_identity(last.arguments[0])
        return None if inner is None else multiply(*scalars, sum_over(inner, index_of(last)))
    return None


def diagonal_of_system(x: Expr) -> Expr | None:
    """Return the diagonal of what is written with diagonal matrices of columns, diag(a)^2 + c I say, else None."""
    if len(terms_of(x)) > 1:
        found = [diagonal_of_system(term) for term in terms_of(x)]
        return None if None in found else add(*(y for y in found if y is not None))
    scalars, chain = scalars_and_chain(x)
    columns = [_column_of_diagonal(y) for y in chain or [x]]
    if None in columns:
        return None
    return multiply(*scalars, hadamard(*(y for y in columns if y is not None)))


def _column_of_diagonal(x: Expr) -> Expr | None:
    if is_identity(x):
        return ones((x.shape[0], ONE))
    raised = matrix_raised(x)
    if raised is not None:
        inner = on_diagonal(raised[0])
        return None if inner is None else entrywise_power(inner, raised[1])
    return on_diagonal(x)


def scaled_by_diagonals(term: Expr) -> Expr:
    """Return the column `diag(a) b` as `b` times `a`, entry by entry."""
    scalars, chain = scalars_and_chain(term)
    if len(chain) < 2 or (first := _column_of_diagonal(chain[0])) is None:
        return term
    return multiply(*scalars, hadamard(scaled_by_diagonals(multiply(*chain[1:])), first))


def _with_sums_joined(x: Expr) -> Expr:
    """Return the scalar `x` with sums over one index as one where that is shorter."""
    found: dict[Index, list[Expr]] = {}
    rest = []
    for term in terms_of(x):
        coefficient, body = split_coefficient(term)
        if isinstance(body, Apply) and is_sum_over(body):
            found.setdefault(index_of(body), []).append(scale(coefficient, body.arguments[0]))
        else:
            rest.append(term)
    joined = add(*rest, *(sum_over(add(*opened(add(*y))), index) for index, y in found.items()))
    return joined if reading_cost(joined) < reading_cost(x) else x


def gram_factor(matrix: Expr | None) -> Expr | None:
    """Return A where `matrix` is A^T A, else None."""
    if matrix is not None and len(factors_of(matrix)) == 2:
        first, second = factors_of(matrix)
        if transpose(second) is first:
            return second
    return None


# --- undoing what is done to the variable


def _undone(terms: tuple[Expr, ...], x: Symbol) -> Zero | None:
    """Return the solution where one term alone holds the variable, and what is done to it there can be undone."""
    moving = [term for term in terms if x in term.symbols]
    if len(moving) != 1:
        return None
    constant = [negate(term) for term in terms if x not in term.symbols and not is_zero(term)]
    coefficient, term = split_coefficient(moving[0])
    right = scaled_sum(1 / coefficient, constant) if constant else zero(term.shape)
    node, value, conditions, inside = term, right, [], False
    while node is not x:
        found = _one_undone(node, value, x) or (_linear_undone(node, value, x) if inside else None)
        inside = isinstance(node, Apply) and node.operator.undo is not None
        if found is None:
            return None
        node, value, condition = found
        conditions += condition
    return Zero(term, right, with_root_taken(value), tuple(conditions))


Undone = tuple[Expr, Expr, list[Condition]]


def _one_undone(node: Expr, value: Expr, x: Symbol) -> Undone | None:
    """Return (y, v) with y = v where `node = value`, y an argument of the node; and what must hold for it."""
    assert isinstance(node, Apply)
    base, exponent = base_and_exponent(node)
    if base is x and not isinstance(exponent, Number) and definiteness(x) == DEFINITE and x not in exponent.symbols:
        return x, raised(value, reciprocal(exponent)), [Condition("positive", value), Condition("not zero", exponent)]
    if is_root(node) and x in base.symbols and definiteness(value) > 0:
        return base, power(value, number(2)), []
    holding = [y for y in node.arguments if x in y.symbols]
    if len(holding) != 1:
        return None
    inner = holding[0]
    if len(factors_of(node)) > 1:
        return _undone_product(node, inner, value)
    if len(entry_factors_of(node)) > 1:
        others = hadamard(*(y for y in node.arguments if y is not inner))
        divided = hadamard(value, entrywise_power(others, number(-1)))
        return inner, divided, [Condition("no zero entry", others)]
    if len(terms_of(node)) > 1:
        return inner, add(value, *(negate(y) for y in node.arguments if y is not inner)), []
    undo = node.operator.undo
    if undo is None:
        return None
    argument = undo.argument(node, value, x)
    kinds = [Condition(undo.asks, value)] if undo.asks else []  # type: ignore[arg-type]
    if undo.bound is not None:
        kinds.append(Condition("positive", add(scale(undo.bound, ones(value.shape)), negate(value))))
    return None if argument is None else (inner, argument, kinds)


def _linear_undone(node: Expr, value: Expr, x: Symbol) -> Undone | None:
    """Return the number `x` and its value where `node = value` is linear in it, in several terms."""
    if not x.is_scalar or not node.is_scalar:
        return None
    found = _solve_linear(distribute(add(node, negate(value)), x), x)
    return None if found is None else (x, found.solution, list(found.conditions))


def _undone_product(node: Apply, inner: Expr, value: Expr) -> Undone | None:
    k = node.arguments.index(inner)
    scalars = [y for y in node.arguments if y.is_scalar and y is not inner]
    conditions = [Condition("not zero", y) for y in scalars]
    if inner.is_scalar and not node.is_scalar:
        return None
    before, after = node.arguments[:k], node.arguments[k + 1 :]
    left = [y for y in before if not y.is_scalar]
    right = [y for y in after if not y.is_scalar]
    if not all(y.is_square for y in (*left, *right)):
        return None
    conditions += [Condition("invertible", y) for y in (*left, *right)]
    value = multiply(*map(reciprocal, scalars), *map(inverse, reversed(left)), value, *map(inverse, reversed(right)))
    return inner, value, conditions


# --- a gradient that is linear in the variable in a way that only vec shows


def _solve_affine(gradient: Expr, x: Symbol) -> Zero | None:
    """Return the solution of `H vec(X) = r`, where H, the derivative of the gradient, does not depend on X."""
    split = linear_part(gradient, x)
    if split is None:
        return None
    matrix, right = split
    if is_zero(right):
        return None
    unknown = vector_of(x)
    shrink = common_number(terms_of(matrix))
    matrix, right = scaled_sum(1 / shrink, terms_of(matrix)), scaled_sum(1 / shrink, _flat_terms(right))
    column = vector_of(right)
    if x.shape[1] == ONE and (factor_of_identity(matrix) or diagonal_of_system(matrix)) is not None:
        return _finished(matrix, x, right, x, on_left=True)
    value = multiply(inverse(matrix), column)
    conditions = (Condition("invertible", matrix),)
    if x.shape[1] == ONE:
        return Zero(multiply(matrix, x), right, value, conditions)
    moving = [term for term in distribute(gradient, x) if x in term.symbols]
    equation = multiply(matrix, unknown), column
    return Zero(scaled_sum(1 / shrink, moving), right, stacked_matrix(value, x.shape), conditions, stacked=equation)


def _flat_terms(x: Expr) -> tuple[Expr, ...]:
    """Return the terms of `x`, a number before a sum multiplied in."""
    coefficient, rest = split_coefficient(x)
    return tuple(scale(coefficient, term) for term in terms_of(rest))


def linear_part(gradient: Expr, x: Symbol) -> tuple[Expr, Expr] | None:
    """Return (H, R) where the gradient is `H vec(X) - vec(R)` with constants H and R, else None."""
    if any(isinstance(y, Apply) and not y.operator.analytic for y in walk(gradient) if x in y.symbols):
        return None  # a kink has slopes beside it that say nothing of the place
    try:
        moved = write_out(gradient, [x], [], working=False)
        matrix = None if moved is None else vec_form(normalise(moved), d(x))[0]
    except UnsupportedError:
        return None
    if matrix is None:
        return None
    matrix = normalise(matrix)
    if x in matrix.symbols or is_zero(matrix):
        return None
    return matrix, negate(normalise(substitute(gradient, {x: zero(x.shape)}, build)))
