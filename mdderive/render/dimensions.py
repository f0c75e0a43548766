r"""Sizes beneath the factors of a result, and how they fit: `(n\times m)(m\times 1)`."""

from __future__ import annotations

from collections.abc import Callable

from ..algebra.expressions import SCALAR, Apply, Expr, Shape, Write, binding_of, parenthesise, to_latex
from ..algebra.terms import factors_of, is_hadamard, is_product, is_sum_over, terms_of

_Under = Callable[[str, Shape], str]


def with_sizes(value: Expr) -> str:
    """Return `value` as LaTeX, its size beneath every factor that is no number; "" where it would read otherwise."""
    same = _written(value, 0, lambda text, _: text)
    return _apart(_written(value, 0, _underset)) if same == to_latex(value) else ""


def _apart(latex: str) -> str:
    """Return a formula with room between factors, whose sizes would run into each other."""
    return latex.replace(r"}\underset", r"}\;\underset")


def size(shape: Shape) -> str:
    r"""Return a shape as LaTeX: `m\times n`."""
    rows, columns = ("".join(x) or "1" for x in shape)
    return rf"{rows}\times {columns}"


def fit(value: Expr) -> str:
    """Return the sizes of the factors of each term and of the value, as LaTeX; "" where nothing is multiplied."""
    terms = [[x for x in factors_of(term) if x.shape != SCALAR] for term in terms_of(value)]
    if not any(len(factors) > 1 for factors in terms):
        return ""
    shown = ["".join(f"({size(x.shape)})" for x in factors) for factors in terms]
    return f"{'+'.join(shown)} = {size(value.shape)}"


def _underset(text: str, shape: Shape) -> str:
    sign = "-" if text.startswith("-") else ""
    return rf"{sign}\underset{{{size(shape)}}}{{{text.removeprefix(sign)}}}"


def _writer(under: _Under) -> Write:
    def write(inner: Expr, binding: int = 0) -> str:
        return _written(inner, binding, under)

    return write


def _written(x: Expr, binding: int, under: _Under) -> str:
    """Return `x` as LaTeX, what `under` makes of it in place of every factor."""
    if isinstance(x, Apply) and (len(terms_of(x)) > 1 or is_product(x) or is_hadamard(x) or is_sum_over(x)):
        text = x.operator.latex(x, _writer(under))
        return parenthesise(text) if binding_of(x) < binding else text
    text = to_latex(x, binding)
    return text if x.shape == SCALAR else under(text, x.shape)
