"""The rows of covariances and variances of random letters, and how that of a linear expression is written with them."""

from __future__ import annotations

from collections.abc import Sequence

from ...words import Wording
from ..expressions import ONE, Apply, Binding, Code, Differentiate, Expr, Index, Number, Operator, Write
from ..signs import SEMIDEFINITE

Linear = tuple[Expr, Expr]
"""(left, core) of the term `left core`: nothing in `left` is random, and nothing but random letters is in the core."""


def covariance(u: Expr, v: Expr, index: Index) -> Expr:
    r"""Return Cov(u, v) = E[(u - Eu)(v - Ev)^T] of the columns or numbers u (m, 1) and v (n, 1), an (m, n) matrix.

    It is bilinear: `\operatorname{Cov}(w^\top x, y)` is `w^\top \operatorname{Cov}(x, y)`; constant terms fall out.
    What is not linear in random letters stays `E[uv^T] - E[u] E[v]^T`.
    """
    left, right = (_linear_terms(terms.normalise(x), index) for x in (u, v))
    if left is None or right is None:
        of_both = powers.sum_over(terms.normalise(terms.multiply(u, terms.transpose(v))), index)
        means = (powers.sum_over(terms.normalise(x), index) for x in (u, terms.transpose(v)))
        return factoring.add(of_both, terms.negate(terms.multiply(*means)))
    found = [terms.multiply(a, _of_letters(x, y, index), terms.transpose(b)) for a, x in left for b, y in right]
    return terms.written_sum(found) if found else terms.zero((u.shape[0], v.shape[0]))


def _linear_terms(x: Expr, index: Index) -> list[Linear] | None:
    """Return the random terms of a column or number; None where one is not linear in random letters."""
    found: list[Linear] = []
    for term in terms.terms_of(x):
        if index.name not in term.indices:
            continue
        coefficient, core = terms.split_coefficient(term)
        if all(index.name in y.index for y in core.symbols):
            found.append((Number(coefficient), core))
            continue
        factors = terms.factors_of(term)
        moving = [k for k, y in enumerate(factors) if index.name in y.indices]
        inner = _around(factors, moving[0], index) if len(moving) == 1 and len(factors) > 1 else None
        if inner is None:
            return None
        found += inner
    return found


def _around(factors: Sequence[Expr], k: int, index: Index) -> list[Linear] | None:
    """Return the terms of a product of which the factor at `k` alone is random."""
    core = factors[k]
    scalars = [y for j, y in enumerate(factors) if y.is_scalar and j != k]
    left = [y for y in factors[:k] if not y.is_scalar]
    right = [y for y in factors[k + 1 :] if not y.is_scalar]
    if not core.is_scalar and right and not left:  # the number x^T w
        core, left, right = terms.transpose(core), [terms.transpose(y) for y in reversed(right)], []
    if core.shape[1] != ONE or (right and not core.is_scalar):
        return None
    inner = _linear_terms(core, index)
    around = [*scalars, *left, *right]
    return None if inner is None else [(terms.multiply(*around, a), x) for a, x in inner]


def _of_letters(x: Expr, y: Expr, index: Index) -> Expr:
    """Return the covariance of random columns or numbers, written by its letters."""
    row = covariance_row if not x.is_scalar and not y.is_scalar else covariance_of_number
    turned = terms.transpose(y)
    means = (powers.sum_over(z, index) for z in (terms.normalise(terms.multiply(x, turned)), x, turned))
    return Apply(row, tuple(means))


def _letters(node: Apply) -> tuple[Expr, Expr]:
    """Return x and y of Cov(x, y)."""
    _, x, turned = node.arguments
    assert isinstance(x, Apply)
    assert isinstance(turned, Apply)
    return x.arguments[0], terms.transpose(turned.arguments[0])


def _write(node: Apply, write: Write) -> str:
    if not all(terms.is_sum_over(x) for x in node.arguments):
        return " - ".join(write(x, Binding.SUM) for x in (node.arguments[0], terms.multiply(*node.arguments[1:])))
    x, y = _letters(node)
    if x is not y:
        return rf"\operatorname{{Cov}}({write(x, 0)},{write(y, 0)})"
    return rf"\operatorname{{{'Var' if x.is_scalar else 'Cov'}}}({write(x, 0)})"


def _turned(node: Apply) -> Expr:
    x, y = _letters(node)
    mean = node.arguments[1]
    assert isinstance(mean, Apply)
    return node if x is y else _of_letters(y, x, terms.index_of(mean))


def _differential(node: Apply, d: Differentiate) -> Expr:
    second, mean, other = node.arguments
    moved = factoring.add(terms.multiply(d(mean), other), terms.multiply(mean, d(other)))
    return factoring.add(d(second), terms.negate(moved))


def _covariance_row(name: str, sign: str, example: str) -> Operator:
    """Return the row of E[xy^T] - E[x] E[y]^T, of which these are the three arguments; `sign` joins the last two."""
    return Operator(
        name=name,
        rule=Wording("a constant", "常量"),
        source="Magnus and Neudecker (2019), ch. 12, sec. 5",
        example=(example, "w"),
        note=Wording(
            r"Covariances are bilinear, $\operatorname{Var}(w^\top x)=w^\top\operatorname{Cov}(x)w$; "
            r"$\operatorname{Cov}(x)=\mathbb{E}\left\lbrack xx^\top\right\rbrack-\mathbb{E}\left\lbrack "
            r"x\right\rbrack\mathbb{E}\left\lbrack x\right\rbrack^\top$ is the covariance matrix.",
            r"协方差是双线性的，$\operatorname{Var}(w^\top x)=w^\top\operatorname{Cov}(x)w$，其中 "
            r"$\operatorname{Cov}(x)=\mathbb{E}\left\lbrack xx^\top\right\rbrack-\mathbb{E}\left\lbrack "
            r"x\right\rbrack\mathbb{E}\left\lbrack x\right\rbrack^\top$ 为协方差矩阵。",
        ),
        result=lambda arguments, parameters: arguments[0].shape,
        latex=_write,
        binding=Binding.PRODUCT + 1,
        value=lambda arrays, parameters: arrays[0] - arrays[1] @ arrays[2],
        exact=lambda at, node, x: at.minus(x[0], at.times(x[1], x[2])),
        numpy=f"({{0}} - {{1}} {sign} {{2}})",
        julia=Code("({0} - {1} * {2})"),
        differential=_differential,
        transposed=_turned,
        sign=lambda node, signs: SEMIDEFINITE if _letters(node)[0] is _letters(node)[1] else 0,
    )


covariance_row = _covariance_row("covariance", "@", r"\operatorname{Var}(w^Tx)")
covariance_of_number = _covariance_row("covariance of a number", "*", r"w\operatorname{Var}(y)")


# The rows name the normal form, and that names the rows: it is imported when they are made.
from .. import factoring, powers, terms  # noqa: E402
