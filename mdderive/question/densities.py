r"""The normal density of textbooks, `\mathcal{N}(x\mid\mu,\Sigma)`, as the formula that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from ..errors import Span
from ..latex.names import name_of
from ..latex.tree import Syntax
from .functions import Formula, called_with
from .kinds import Declaration
from .places import is_call_of

_BODIES = {
    "covariance": r"\frac{1}{|2\pi c|^{1/2}}\exp\left(-\frac{1}{2}d^\top c^{-1}d\right)",
    "precision": r"\left|\frac{1}{2\pi}c\right|^{1/2}\exp\left(-\frac{1}{2}d^\top cd\right)",
    "variance": r"\frac{1}{\sqrt{2\pi c}}\exp\left(-\frac{d^2}{2c}\right)",
    "precision of a number": r"\sqrt{\frac{c}{2\pi}}\exp\left(-\frac{c}{2}d^2\right)",
}
"""The density by the deviation d from the mean and by c; Bishop, Pattern Recognition and ML, eqs. 2.42, 2.43, 2.69."""


def with_densities(tree: Syntax, read: Callable[[str], Syntax]) -> Syntax:
    """Return the tree with the normal densities written out; `read` reads a formula.

    The variance of a number is a number, a small letter, or a power of one; a covariance matrix has a capital in it.
    """
    return _with_densities(tree, read) if any(x.head == "density" for x in tree.walk()) else tree


def _with_densities(tree: Syntax, read: Callable[[str], Syntax]) -> Syntax:
    tree = tree.with_each(lambda x: _with_densities(x, read))
    if tree.head != "density":
        return tree
    x, mean, spread = tree.arguments
    deviation = x
    if mean.head != "zeros" and mean.value != 0:
        deviation = _put_in(read("a-b"), ("a", "b"), tree.but(arguments=(x, mean)))
    kind = "covariance" if _is_matrix(spread) else "variance"
    if (inner := _inverted(spread)) is not None:
        kind, spread = "precision" if _is_matrix(spread) else "precision of a number", inner
    return _put_in(read(_BODIES[kind]), ("d", "c"), tree.but(arguments=(deviation, spread)))


def _put_in(body: Syntax, names: tuple[str, ...], density: Syntax) -> Syntax:
    letter = Syntax("symbol", (), density.span, text=density.text, base=density.text)
    return called_with(Formula(letter, names, _at(body, density.span)), density)


def covariances_in(tree: Syntax) -> Iterator[str]:
    r"""Yield the letters of covariance matrices and of their inverses, `\Lambda` of `N(x\mid\mu,\Lambda^{-1})`."""
    for node in (x for x in tree.walk() if x.head == "density"):
        matrix = _inverted(node.arguments[2]) or node.arguments[2]
        if matrix.head == "symbol" and _is_matrix(matrix) and name_of(matrix.text).identity is None:
            yield matrix.text


def with_covariances(declared: Mapping[str, Declaration], letters: Iterable[str]) -> dict[str, Declaration]:
    """Return the declarations with those of covariance matrices, which are symmetric and positive definite."""
    found = dict(declared)
    for x in sorted(letters):
        own = found.get(x, Declaration())
        found[x] = own._replace(properties=own.properties | {"SPD"})
    return found


def _is_matrix(spread: Syntax) -> bool:
    nodes = spread.walk()
    return any(is_call_of(x, "n 1 -> n n") or (x.head == "symbol" and name_of(x.text).is_capital) for x in nodes)


def _inverted(spread: Syntax) -> Syntax | None:
    inverse = spread.head == "power" and spread.arguments[1].value == -1
    return spread.arguments[0] if inverse else None


def _at(body: Syntax, place: Span) -> Syntax:
    """Return the body of a density as if all of it stood where the density does."""
    return body.with_each(lambda x: _at(x, place)).but(span=place)
