r"""The differential in vec form: from `dF = ...` to `vec(dF) = T vec(dX)`, from which the derivative by X is read off.

Every term of a differential is `L dX R`, with a transpose or entry-wise factors perhaps; `vec(L dX R)` is
`(R^T (x) L) vec(dX)`. In the layout of the gradient, `vec(dF) = (dF/dX)^T vec(dX)`, the derivative is `T^T`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..algebra.expanding import opened
from ..algebra.expressions import ONE, Apply, Expr, Operator
from ..algebra.factoring import add
from ..algebra.operators.components import by_entries, matrix_by_entries, stacked_entries
from ..algebra.operators.diagonals import diagonal_matrix, diagonal_vector, on_diagonal
from ..algebra.operators.entries import unit_vector
from ..algebra.operators.kronecker import (
    commutation,
    kronecker,
    kronecker_factors,
    vector_of,
    vectorisation,
)
from ..algebra.operators.piecewise import cases, cases_with_equality
from ..algebra.operators.structural import hadamard_row, product, transpose_row
from ..algebra.operators.sums import expectation_row, integral_row, sum_row
from ..algebra.powers import hadamard, sum_over
from ..algebra.terms import (
    build,
    entry_factors_of,
    factors_of,
    identity,
    index_of,
    is_zero,
    multiply,
    terms_of,
    transpose,
    under_transpose,
    written_sum,
    zero,
)
from ..errors import UnsupportedError
from ..words import Reason, Reasons, formula, of_row, reason
from .gradient import gradient

VEC_OF_PRODUCT = formula("vec of a product", r"\operatorname{vec}(AXB)=(B^\top\otimes A)\operatorname{vec}(X)")
VEC_OF_TRANSPOSE = formula("vec of a transpose", r"\operatorname{vec}(A^\top)=K\operatorname{vec}(A)")
VEC_OF_HADAMARD = formula(
    "vec of an entry-wise product",
    r"\operatorname{vec}(A\odot X)=\operatorname{diag}(\operatorname{vec}A)\operatorname{vec}(X)",
)
DIAG_OF_COLUMN = formula("diag of a column", r"a\odot x=\operatorname{diag}(a)x")
DIAG_OF_PRODUCT = formula("diag of a product", r"\operatorname{diag}(A\operatorname{diag}(x)B)=(A\odot B^\top)x")
SCALAR_LAST = reason("scalar last")
Used = dict[Reason, None]
"""The rules of vec that were used, in their order."""


class _Term(NamedTuple):
    """`left (x) right` times `middle` times vec(dX): the matrix `T` of one term is `(left (x) right) middle`."""

    left: Expr
    right: Expr
    middle: Expr | None


def vec_form(line: Expr, moving: Expr) -> tuple[Expr, Reasons]:
    """Return T with vec(line) = T vec(moving), and the rules of vec that were used.

    Raises:
        UnsupportedError: `line` holds `moving` in an operator whose vec has no form that is known here.
    """
    words: Used = {}
    terms = [_matrix(term, moving, words) for term in _linear_terms(line, moving)]
    return _total(terms, line, moving), tuple(words)


def _linear_terms(line: Expr, moving: Expr) -> list[Expr]:
    """Return the terms of `line`, sums around `moving` multiplied out."""
    return opened(line, holds=lambda x: _holds(x, moving))


def _holds(x: Expr, moving: Expr) -> bool:
    waiting = [x]
    while waiting:
        node = waiting.pop()
        if node is moving:
            return True
        waiting.extend(node.arguments if isinstance(node, Apply) else ())
    return False


def _total(terms: list[_Term], line: Expr, moving: Expr) -> Expr:
    """Return the sum of the terms, those with an equal factor of the Kronecker product joined."""
    joined: list[_Term] = []
    for term in terms:
        for k, other in enumerate(joined):
            if other.middle is term.middle and other.left is term.left and other.right.shape == term.right.shape:
                joined[k] = _Term(other.left, add(other.right, term.right), other.middle)
                break
            if other.middle is term.middle and other.right is term.right and other.left.shape == term.left.shape:
                joined[k] = _Term(add(other.left, term.left), other.right, other.middle)
                break
        else:
            joined.append(term)
    written = [kronecker(x.left, x.right) for x in joined]
    return written_sum(x if t.middle is None else multiply(x, t.middle) for x, t in zip(written, joined, strict=True))


def turned(matrix: Expr) -> Expr:
    """Return the transpose of T, term by term."""
    return written_sum(map(transpose, terms_of(matrix)))


def term_by_term(value: Expr) -> Expr:
    """Return the transpose of a sum as the sum of the transposes, anything else as it is."""
    inner = under_transpose(value)
    return value if inner is None or len(terms_of(inner)) == 1 else turned(inner)


def joined_kroneckers(value: Expr) -> Expr:
    """Return `value` with neighbours in a product joined by `(A (x) B)(C (x) D) = (AC) (x) (BD)` where sizes tell."""
    terms = []
    for term in terms_of(value):
        factors = list(factors_of(term))
        k = 0
        while k < len(factors) - 1:
            one = _joined_pair(factors[k], factors[k + 1])
            if one is None:
                k += 1
            else:
                factors[k : k + 2] = [one]
        terms.append(multiply(*factors) if len(factors) > 1 else factors[0])
    return written_sum(terms)


def _joined_pair(first: Expr, second: Expr) -> Expr | None:
    one, other = map(kronecker_factors, (first, second))
    if one is not None and other is not None and [x.shape[1] for x in one] == [x.shape[0] for x in other]:
        return kronecker(multiply(one[0], other[0]), multiply(one[1], other[1]))
    if one is not None and one[0].shape[1] == ONE and other is None and one[1].shape[1] == second.shape[0]:
        return kronecker(one[0], multiply(one[1], second))
    if other is not None and other[0].shape[0] == ONE and one is None and first.shape[1] == other[1].shape[0]:
        return kronecker(other[0], multiply(first, other[1]))
    return None


def _matrix(term: Expr, moving: Expr, words: Used) -> _Term:
    """Return T of a term of a differential.

    Raises:
        UnsupportedError: it has none that is known.
    """
    if is_zero(term):
        size = tuple(sorted(term.shape[0] + term.shape[1])), tuple(sorted(moving.shape[0] + moving.shape[1]))
        return _Term(_one(), zero(size), None)
    assert _holds(term, moving)  # a differential is linear, and what is linear in 0 is 0 in normal form
    if term is moving:
        return _Term(identity(term.shape[1]), identity(term.shape[0]), None)
    if term.is_scalar:
        slope = vector_of(gradient(term, moving))
        return _Term(_one(), transpose(slope), None)
    assert isinstance(term, Apply)
    rule = RULES.get(term.operator)
    if rule is not None:
        return rule(term, moving, words)
    if term.operator.of_vec is not None:
        matrix, inner = term.operator.of_vec(term)
        if term.operator.vec_rule is not None:
            words[of_row("vec", term.operator.name, term.operator.vec_rule)] = None
        return _around(matrix, inner, moving, words)
    raise UnsupportedError("E308", f"the vec form of the {term.operator.name} is not known here")


def _one() -> Expr:
    return identity(ONE)


def _whole(found: tuple[Expr, Reasons], words: Used) -> _Term:
    words.update(dict.fromkeys(found[1]))
    return _Term(_one(), found[0], None)


def _around(outer: Expr, inner: Expr, moving: Expr, words: Used) -> _Term:
    """Return T of what vec is multiplied by `outer` after `inner`.

    Raises:
        UnsupportedError: `inner` is a matrix by its entries, whose vec is a column by entries.
    """
    found, used = vec_form(inner, moving)
    if outer.shape[1] != found.shape[0]:  # 2*2 and 4
        hint = r"ask for a number that is made of it, a^TMb or \operatorname{tr}(AM)"
        raise UnsupportedError("E308", "the vec form of a matrix by its entries is not known here", hint=hint)
    words.update(dict.fromkeys(used))
    return _Term(_one(), multiply(outer, found), None)


def _of_product(term: Apply, moving: Expr, words: Used) -> _Term:
    place = next(k for k, x in enumerate(term.arguments) if _holds(x, moving))
    inner = term.arguments[place]
    scalars = [x for k, x in enumerate(term.arguments) if x.is_scalar and k != place]
    before = [x for x in term.arguments[:place] if not x.is_scalar]
    after = [x for x in term.arguments[place + 1 :] if not x.is_scalar]
    if inner.is_scalar:
        return _of_scalar_factor(inner, multiply(*scalars), [*before, *after], moving, words)
    if isinstance(inner, Apply) and len(entry_factors_of(inner)) > 1 and ONE in inner.shape:
        words[DIAG_OF_COLUMN] = None
        held, rest = _diagonal_and_rest(inner, moving)
        chain = (held, rest) if inner.shape[1] == ONE else (rest, held)
        return _matrix_of_sum(multiply(*scalars, *before, *chain, *after), moving, words)
    diagonal = on_diagonal(inner)
    if diagonal is not None and term.shape[1] == ONE and after:
        words[DIAG_OF_COLUMN] = None
        column = build(diagonal_matrix, multiply(*after))
        return _matrix_of_sum(multiply(*scalars, *before, column, diagonal), moving, words)
    turned_round = _beside_column(inner, multiply(*after), words) if after and term.shape[1] == ONE else None
    if turned_round is not None:
        return _matrix_of_sum(multiply(*scalars, *before, *turned_round), moving, words)
    left = multiply(*scalars, *before) if before else multiply(*scalars, identity(inner.shape[0]))
    right = multiply(*after) if after else identity(inner.shape[1])
    if moving.shape[1] != ONE:
        words[VEC_OF_PRODUCT] = None
    if inner is moving:
        return _Term(transpose(right), left, None)
    if under_transpose(inner) is moving:
        middle = None if ONE in moving.shape else commutation(moving.shape)
        if middle is not None:
            words[VEC_OF_TRANSPOSE] = None
        return _Term(transpose(right), left, middle)
    return _around(kronecker(transpose(right), left), inner, moving, words)


def _beside_column(inner: Expr, column: Expr, words: Used) -> tuple[Expr, Expr] | None:
    """Return M and v with `inner` times a column = Mv, where the row of its operator says so; v is what moves."""
    plain = under_transpose(inner)
    node = inner if plain is None else plain
    row = node.operator if isinstance(node, Apply) else None
    if row is None or row.beside_column is None:
        return None
    found = row.beside_column(node, column, transposed=plain is not None)
    if found is not None and row.adjoint_rule is not None:
        words[of_row("adjoint", row.name, row.adjoint_rule)] = None
    return found


def _of_scalar_factor(inner: Expr, scalars: Expr, chain: list[Expr], moving: Expr, words: Used) -> _Term:
    """Return T of the scalar r^T dX c times a chain; where a column and a row meet in it, it stands between them."""
    parts = list(factors_of(inner)) if inner is not moving else []
    gap = next((k for k, x in enumerate(chain) if x.shape[1] == ONE), None)
    if gap is not None and moving in parts and not any(x.is_scalar for x in parts):
        words[VEC_OF_PRODUCT if moving.shape[1] != ONE else SCALAR_LAST] = None
        k = parts.index(moving)
        left = multiply(scalars, *chain[: gap + 1], *parts[:k])
        right = multiply(_one(), *parts[k + 1 :], *chain[gap + 1 :])
        return _Term(transpose(right), left, None)
    words[SCALAR_LAST] = None
    slope = vector_of(gradient(inner, moving))
    return _Term(_one(), multiply(scalars, vector_of(multiply(*chain)), transpose(slope)), None)


def _matrix_of_sum(line: Expr, moving: Expr, words: Used) -> _Term:
    terms = [_matrix(term, moving, words) for term in _linear_terms(line, moving)]
    return terms[0] if len(terms) == 1 else _Term(_one(), _total(terms, line, moving), None)


def _diagonal_and_rest(node: Apply, moving: Expr) -> tuple[Expr, Expr]:
    """Return diag(a) and x of `a (.) x`, where x holds `moving`."""
    fixed = hadamard(*(x for x in node.arguments if not _holds(x, moving)))
    rest = next(x for x in node.arguments if _holds(x, moving))
    return build(diagonal_matrix, vector_of(fixed)), rest


def _of_hadamard(node: Apply, moving: Expr, words: Used) -> _Term:
    diagonal, rest = _diagonal_and_rest(node, moving)
    if ONE in node.shape:
        words[DIAG_OF_COLUMN] = None
        chain = (diagonal, rest) if node.shape[1] == ONE else (rest, diagonal)
        return _matrix_of_sum(multiply(*chain), moving, words)
    words[VEC_OF_HADAMARD] = None
    return _around(diagonal, rest, moving, words)


def _of_transpose(node: Apply, moving: Expr, words: Used) -> _Term:
    inner = node.arguments[0]
    if ONE in inner.shape:
        return _whole(vec_form(inner, moving), words)
    words[VEC_OF_TRANSPOSE] = None
    return _around(commutation(inner.shape), inner, moving, words)


def _of_sum_over(node: Apply, moving: Expr, words: Used) -> _Term:
    found, used = vec_form(node.arguments[0], moving)
    words.update(dict.fromkeys(used))
    return _Term(_one(), sum_over(found, index_of(node)), None)


def _of_diagonal_vector(node: Apply, moving: Expr, words: Used) -> _Term:
    r"""Return T of diag(A diag(x) B), which is (A \odot B^T)x.

    Raises:
        UnsupportedError: the diagonal is that of something else.
    """
    terms = []
    for term in _linear_terms(node.arguments[0], moving):
        chain = [x for x in factors_of(term) if not x.is_scalar]
        k = next((k for k, x in enumerate(chain) if on_diagonal(x) is not None and _holds(x, moving)), None)
        if k is None:
            raise UnsupportedError("E308", f"the vec form of the {node.operator.name} is not known here")
        column = on_diagonal(chain[k])
        assert column is not None
        size = identity(chain[k].shape[0])
        left, right = (multiply(*x) if x else size for x in (chain[:k], chain[k + 1 :]))
        scalars = [x for x in factors_of(term) if x.is_scalar]
        words[DIAG_OF_PRODUCT] = None
        terms.append(_matrix(multiply(*scalars, hadamard(left, transpose(right)), column), moving, words))
    return terms[0] if len(terms) == 1 else _Term(_one(), _total(terms, node, moving), None)


def _of_cases(node: Apply, moving: Expr, words: Used) -> _Term:
    """Return T by the same cases.

    Raises:
        UnsupportedError: every entry has a condition of its own.
    """
    then, gap, otherwise = node.arguments
    if not gap.is_scalar:
        raise UnsupportedError("E308", "the vec form of cases for every entry is not known here")
    found = [_whole(vec_form(x, moving), words).right for x in (then, otherwise)]
    return _Term(_one(), build(node.operator, found[0], gap, found[1]), None)


def _of_entries(node: Apply, moving: Expr, words: Used) -> _Term:
    """Return T of a column or row by its entries: the gradient of every entry is a row of it."""
    rows = [transpose(vector_of(gradient(x, moving))) for x in stacked_entries(node)]
    if moving.is_scalar:
        return _Term(_one(), by_entries(rows, len(rows), 1), None)
    size = vector_of(node).shape[0]
    return _Term(_one(), add(*(multiply(unit_vector(size, k), x) for k, x in enumerate(rows, 1))), None)


RULES: dict[Operator, Callable[[Apply, Expr, Used], _Term]] = {
    product: _of_product,
    transpose_row: _of_transpose,
    hadamard_row: _of_hadamard,
    sum_row: _of_sum_over,
    expectation_row: _of_sum_over,
    integral_row: _of_sum_over,
    diagonal_vector: _of_diagonal_vector,
    matrix_by_entries: _of_entries,
    cases: _of_cases,
    cases_with_equality: _of_cases,
    vectorisation: lambda node, moving, words: _whole(vec_form(node.arguments[0], moving), words),
}
"""How vec goes through the operators that the terms of a differential are made of."""
