"""The zero of a gradient within what is declared of the variable: a structure, the orthogonal matrices.

Where entries are tied, only a part of the free gradient must vanish; the equation for that part is solved among the
matrices of the structure.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..algebra.expressions import Apply, Expr, Symbol, to_latex
from ..algebra.factoring import add
from ..algebra.matching import distribute
from ..algebra.operators.diagonals import diagonal_matrix, diagonal_of
from ..algebra.operators.kronecker import stacked_matrix, vector_of
from ..algebra.operators.structural import transpose_row
from ..algebra.powers import hadamard, inverse, reciprocal
from ..algebra.terms import (
    build,
    factors_of,
    identity,
    is_symmetric,
    is_zero,
    multiply,
    negate,
    scalars_and_chain,
    scale,
    split_coefficient,
    substitute,
    terms_of,
    transpose,
)
from ..words import Reasons, reason
from .conditions import Condition
from .definiteness import definiteness
from .stationary import (
    LinearTerm,
    Zero,
    common_number,
    is_scaled_identity,
    linear_part,
    linear_term,
    scaled_sum,
    solve_for,
)
from .structure import Structure


def solve_within(gradient: Expr, variable: Symbol, structure: Structure) -> Zero | None:
    """Return where the part of `gradient` vanishes that the structure leaves, None where no such place was found."""
    for method in (_nearest, _diagonal, _by_equation, _by_projection):
        found = method(gradient, variable, structure)
        if found is not None and variable not in found.solution.symbols:
            return found
    return None


def _nearest(gradient: Expr, x: Symbol, structure: Structure) -> Zero | None:
    """Return the part of C within the structure where the gradient is a multiple of `X - C`."""
    if "SPD" in x.properties:
        return None
    terms = distribute(gradient, x)
    moving = [linear_term(term, x) for term in terms if x in term.symbols]
    constant = add(*(negate(term) for term in terms if x not in term.symbols)) if len(moving) < len(terms) else None
    if constant is None or len(moving) != 1 or is_zero(constant):
        return None
    only = moving[0]
    if only is None or only.turned or only.left is not None or only.right is not None:
        return None
    shrink, factor = split_coefficient(only.scalars)
    part = structure.nearest(add(*(scale(1 / shrink, term) for term in terms_of(constant))))
    value = multiply(reciprocal(factor), part)
    return Zero(multiply(factor, x), part, value, (Condition("not zero", factor),))


def _diagonal(gradient: Expr, x: Symbol, structure: Structure) -> Zero | None:
    """Return the diagonal matrix at which the diagonal of the gradient vanishes."""
    if "diagonal" not in structure.properties:
        return None
    for candidate, words in _around(gradient, x):
        terms = distribute(candidate, x)
        moving = [linear_term(term, x) for term in terms if x in term.symbols]
        constant = [negate(term) for term in terms if x not in term.symbols and not is_zero(term)]
        if not moving or None in moving or not constant:
            continue
        found = _on_the_diagonal([t for t in moving if t is not None], add(*constant), x)
        return found._replace(multiplied=words)
    return None


def _on_the_diagonal(moving: list[LinearTerm], constant: Expr, x: Symbol) -> Zero:
    """Return the solution of `diag(sum of c L X R) = diag(C)`; one-sided products need no system of equations."""
    size = identity(x.shape[0])
    one_sided = all(t.left is None or t.right is None for t in moving)
    factors = [(t.scalars, t.left or size, t.right or size) for t in moving]
    if one_sided:
        matrix = add(*(multiply(c, on_diagonal_alone(multiply(left, right))) for c, left, right in factors))
        part = on_diagonal_alone(constant)
        shrink = split_coefficient(matrix)[0]
        matrix, part = scale(1 / shrink, matrix), scale(1 / shrink, part)
        if is_scaled_identity(matrix):
            factor = multiply(*scalars_and_chain(matrix)[0])
            value = multiply(reciprocal(factor), part)
            return Zero(multiply(factor, x), part, value, (Condition("not zero", factor),))
        value = multiply(inverse(matrix), part)
        return Zero(multiply(matrix, x), part, value, (Condition("invertible", matrix),))
    matrix = add(*(multiply(c, hadamard(left, transpose(right))) for c, left, right in factors))
    column = diagonal_of(constant)
    solved = multiply(inverse(matrix), column)
    left = multiply(matrix, diagonal_of(x))
    return Zero(left, column, build(diagonal_matrix, solved), (Condition("invertible", matrix),))


def on_diagonal_alone(x: Expr) -> Expr:
    r"""Return `X \odot I`, the number of an identity as it is."""
    if is_scaled_identity(x) or (isinstance(x, Symbol) and "diagonal" in x.properties):
        return x
    return hadamard(x, identity(x.shape[0]))


def _around(gradient: Expr, x: Symbol) -> Iterator[tuple[Expr, Reasons]]:
    """Yield the gradient, and its products with the diagonal matrix, which leave a zero diagonal zero."""
    terms = distribute(gradient, x)
    factor = to_latex(x)
    yield gradient, ()
    both = reason("multiplied on both sides", factor=factor)
    yield add(*(multiply(x, term, x) for term in terms)), (both,)
    yield add(*(multiply(x, term) for term in terms)), (reason("multiplied on the left", factor=factor),)


def _by_equation(gradient: Expr, x: Symbol, structure: Structure) -> Zero | None:
    """Return the solution of the equation for the symmetric or skew-symmetric part of the gradient."""
    if not structure.by_equation:
        return None
    if "symmetric" in structure.properties and is_symmetric(gradient):
        return solve_for(gradient, x)
    if "skew-symmetric" in structure.properties:
        turned = {Apply(transpose_row, (x,)): negate(x)}
        terms = distribute(substitute(gradient, turned, build), x)
        others = [negate(substitute(transpose(term), turned, build)) for term in terms]
    else:
        terms = distribute(gradient, x)
        others = [transpose(term) for term in terms]
    return solve_for(add(*terms, *others), x)


def _by_projection(gradient: Expr, x: Symbol, structure: Structure) -> Zero | None:
    r"""Return the solution of `P H P vec(X) = P vec(R)`, where P keeps the entries that vary."""
    split = linear_part(gradient, x) if structure.mask is not None else None
    if split is None or structure.mask is None or is_zero(split[1]):
        return None
    matrix, right = split
    shrink = common_number(terms_of(matrix))
    matrix, right = scaled_sum(1 / shrink, terms_of(matrix)), scale(1 / shrink, right)
    keep = build(diagonal_matrix, vector_of(structure.mask(x.shape)))
    column = multiply(keep, vector_of(right))
    inner = multiply(keep, matrix, keep)
    value = stacked_matrix(multiply(structure.pseudo_inverse(inner), column), x.shape)
    part = structure.tied(add(*(scale(1 / shrink, term) for term in distribute(gradient, x) if x in term.symbols)))
    equation = multiply(inner, vector_of(x)), column
    return Zero(part, structure.tied(right), value, (Condition("invertible", matrix),), stacked=equation)


# --- orthogonal matrices


def linear_on_rotations(gradient: Expr, x: Symbol, *, square: bool) -> Expr | None:
    """Return C where f is a constant minus `tr(C^T X)` on the matrices with `X^T X = I`, else None.

    Terms `X S` and, of square matrices, `M X` with symmetric constants S and M are those of a constant.
    """
    rest = []
    for term in distribute(gradient, x):
        if x not in term.symbols:
            rest.append(negate(term))
            continue
        moving = linear_term(term, x)
        if moving is None or moving.turned or x in moving.scalars.symbols:
            return None
        sides = [y for y in (moving.left, moving.right) if y is not None]
        if len(sides) > 1 or not all(map(is_symmetric, sides)) or (moving.left is not None and not square):
            return None
    return add(*rest) if rest and not is_zero(add(*rest)) else None


def bare_direction(x: Expr) -> tuple[Expr, int]:
    """Return the matrix that is left of C without positive factors, and its sign."""
    coefficient, rest = split_coefficient(x)
    sign = 1 if coefficient > 0 else -1
    kept = [y for y in factors_of(rest) if not (y.is_scalar and definiteness(y) == 2)]
    return multiply(*kept), sign
