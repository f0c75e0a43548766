r"""Values that an equation defines: what is unknown in `A^\top XA+Q=X`, and the call that is its solution.

Equations that are linear in one matrix are solved: `AX=B` and `X=AX+B` by an inverse, `AX+XB=C` (Sylvester, Lyapunov)
and `X=AXB+C` (Stein) by rows of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import NamedTuple

from ..errors import Span, UnsupportedError
from ..latex.names import name_of
from ..latex.tree import Syntax

SYLVESTER, STEIN = "solution of a Sylvester equation", "solution of a Stein equation"
CHOLESKY = "Cholesky factor"


class Around(NamedTuple):
    """A term `L X R` by the factors on both sides of the unknown X; `negative` where it is subtracted."""

    negative: bool
    left: tuple[Syntax, ...]
    right: tuple[Syntax, ...]


def solved(left: Syntax, right: Syntax, sought: Collection[str]) -> tuple[Syntax, Syntax] | None:
    """Return the unknown of the equation `left = right` and its solution; None where it defines `left` explicitly.

    The unknown is what stands alone on a side and on the other side too, else the letter that is `sought` (it stands in
    f, and is no variable) and stands in several terms.

    Raises:
        UnsupportedError: the equation is not linear in what stands alone on a side, or of another form.
    """
    factor = _cholesky(left, right, sought)
    if factor is not None:
        return factor
    alone = next((x for x, y in ((left, right), (right, left)) if x.head == "symbol" and _occurs(x.text, y)), None)
    if left.head == "symbol" and alone is None:
        return None
    terms = [*_terms(left, negative=False), *_terms(right, negative=True)]
    unknown = alone or _sought(terms, sought)
    if unknown is None:
        return None
    holding = [x for x in terms if _occurs(unknown.text, x[1])]
    around = [_around(x, unknown.text) for x in holding]
    if all(x is not None and not x.left and not x.right for x in around):
        return None  # h = h + x
    span = left.span
    found = _solution(around, [x for x in terms if x not in holding], span) if None not in around else None
    if found is None and alone is not None:
        hint = "equations that are solved: AX = B, X = AX + B, AX + XB = C, X = AXB + C; or solve it, X = ..."
        what = "is not linear in it" if None in around else "has another form than those that are solved"
        raise UnsupportedError("E146", f"{unknown.text} is defined by an equation that {what}", right.span, hint)
    return None if found is None else (unknown, found)


def _cholesky(left: Syntax, right: Syntax, sought: Collection[str]) -> tuple[Syntax, Syntax] | None:
    r"""Return L and the Cholesky factor of the other side in `A = LL^\top`, L sought and A a letter that is not.

    Another letter than L need not be triangular.
    """
    for product, other in ((right, left), (left, right)):
        if product.head != "product" or len(product.arguments) != 2 or other.head != "symbol":
            continue
        first, last = product.arguments
        is_factor = first.head == "symbol" and name_of(first.text).letter == "L" and first.text in sought
        if is_factor and last.head == "transpose" and str(last.arguments[0]) == first.text and other.text not in sought:
            return first, _call(CHOLESKY, (other,), other.span)
    return None


def _occurs(letter: str, tree: Syntax) -> bool:
    return any(x.head == "symbol" and x.text == letter for x in tree.walk())


def _sought(terms: Sequence[tuple[bool, Syntax]], sought: Collection[str]) -> Syntax | None:
    """Return the one letter that is sought and stands in several terms, or else at the end of one, as in `Ax = b`."""
    letters = {x.text: x for _, term in terms for x in term.walk() if x.head == "symbol" and x.text in sought}
    holding = {name: [x for x in terms if _occurs(name, x[1])] for name in letters}
    several = [name for name, found in holding.items() if len(found) > 1]
    ends = [name for name, found in holding.items() if len(found) == 1 and _ends(_around(found[0], name))]
    chosen = several or ends
    return letters[chosen[0]] if len(chosen) == 1 else None


def _ends(around: Around | None) -> bool:
    """Whether the unknown is the last factor of a term and not the only one."""
    return around is not None and bool(around.left) and not around.right and around.left[0].head != "number"


def _terms(side: Syntax, *, negative: bool) -> list[tuple[bool, Syntax]]:
    """Return the terms of a side that is moved to the left, or was there: whether it is subtracted, and the term."""
    if str(side) == "0":
        return []
    found = []
    for x in side.arguments if side.head == "add" else (side,):
        below, sign = x, negative
        while below.head == "negate":
            below, sign = below.arguments[0], not sign
        found.append((sign, below))
    return found


def _around(term: tuple[bool, Syntax], letter: str) -> Around | None:
    """Return what stands on both sides of the letter; None where the term is no product with it as a factor, once."""
    negative, tree = term
    factors = [x.ungrouped if x.ungrouped.head == "symbol" else x for x in _factors(tree)]
    places = [k for k, x in enumerate(factors) if x.head == "symbol" and x.text == letter]
    if len(places) != 1 or sum(_occurs(letter, x) for x in factors) != 1:
        return None
    return Around(negative, tuple(factors[: places[0]]), tuple(factors[places[0] + 1 :]))


def _factors(tree: Syntax) -> tuple[Syntax, ...]:
    return tree.arguments if tree.head == "product" else (tree,)


def _solution(around: Sequence[Around | None], rest: Sequence[tuple[bool, Syntax]], span: Span) -> Syntax | None:
    """Return the solution of `sum of L X R + rest = 0`; None where it has none that is known."""
    terms = [x for x in around if x is not None]
    side = _sum([(not negative, x) for negative, x in rest], span)
    if side is None:
        return None
    both = [x for x in terms if x.left and x.right]
    before = [x for x in terms if not x.right]  # X alone too
    behind = [x for x in terms if x.right and not x.left]
    if not both:
        return _of_one_sided(before, behind, side, span)
    if len(both) > 1 or behind or len(before) != 1 or before[0].left:
        return _of_product(both, side, span) if len(terms) == 1 else None
    # +-X +- LXR = side
    sign = before[0].negative
    left = _signed(both[0].negative == sign, _product(both[0].left, span), span)
    return _call(STEIN, (left, _product(both[0].right, span), _signed(sign, side, span)), span)


def _of_product(both: Sequence[Around], side: Syntax, span: Span) -> Syntax:
    ((negative, left, right),) = both
    inverses = [_inverse(_product(x, span), span) for x in (left, right)]
    return _signed(negative, _product((inverses[0], _grouped(side), inverses[1]), span), span)


def _of_one_sided(before: Sequence[Around], behind: Sequence[Around], side: Syntax, span: Span) -> Syntax | None:
    """Return the solution where the unknown stands at an end of all its terms."""
    if not behind:
        matrix = _sum([(x.negative, _product(x.left, span)) for x in before], span)
        return None if matrix is None else _product((_inverse(matrix, span), _grouped(side)), span)
    if all(not x.left for x in before):
        matrix = _sum([(x.negative, _product(x.right, span)) for x in (*before, *behind)], span)
        return None if matrix is None else _product((_grouped(side), _inverse(matrix, span)), span)
    sums = (
        _sum([(x.negative, _product(x.left, span)) for x in before], span),
        _sum([(x.negative, _product(x.right, span)) for x in behind], span),
    )
    return None if None in sums else _call(SYLVESTER, (*(x for x in sums if x is not None), side), span)


# --- trees


def _identity(span: Span) -> Syntax:
    return Syntax("symbol", (), span, "I", base="I")


def _product(factors: Sequence[Syntax], span: Span) -> Syntax:
    """Return the product; of no factors the identity, of numbers alone these times it."""
    if all(x.head == "number" for x in factors):
        factors = (*factors, _identity(span))
    return factors[0] if len(factors) == 1 else Syntax("product", tuple(factors), span)


def _sum(terms: Sequence[tuple[bool, Syntax]], span: Span) -> Syntax | None:
    if not terms:
        return None
    signed = tuple(_signed(negative, x, span) for negative, x in terms)
    return signed[0] if len(signed) == 1 else Syntax("add", signed, span)


def _signed(negative: bool, x: Syntax, span: Span) -> Syntax:
    if not negative:
        return x
    if x.head == "negate":
        return x.arguments[0]
    if x.head == "add":
        return Syntax("add", tuple(_signed(True, y, span) for y in x.arguments), span)
    return Syntax("negate", (x,), span)


def _grouped(x: Syntax) -> Syntax:
    return Syntax("group", (x,), x.span, "(") if x.head in ("add", "negate") else x


def _inverse(x: Syntax, span: Span) -> Syntax:
    if str(x) == "I":
        return x
    grouped = x if x.head == "symbol" else Syntax("group", (x,), span, "(")
    return Syntax("power", (grouped, Syntax("number", (), span, value=Fraction(-1))), span)


def _call(name: str, arguments: tuple[Syntax, ...], span: Span) -> Syntax:
    return Syntax("call", arguments, span, name)
