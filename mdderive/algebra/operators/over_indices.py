r"""The rows of the largest and the least value over an index, of the product over it, and of the product of entries.

Near a point where one index attains the maximum alone it stays the one that does. So the differential is that at this
index, i^*: a sum over i under the condition that i attains the maximum, which is written as what is summed at i^*.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from typing import Any

from ...words import Wording
from ..arithmetic import Arithmetic
from ..expressions import (
    SCALAR,
    Apply,
    Binding,
    Code,
    Convexity,
    Expr,
    Operator,
    Sizes,
    Symbol,
    Write,
    lazy_numpy,
    number,
)
from ..index_conditions import starred
from ..numbers import Jet
from ..powers import entrywise_power, reciprocal, sum_over
from ..terms import index_of, inner_product, multiply
from ..writing import braced
from .structural import FUNDAMENTAL

_SCATTER = 0x9E3779B97F4A7C15
"""What makes an order of the numbers of a field that has nothing to do with their sums and products."""
_ATTAINED = 1e-9
"""How near to the maximum a value is taken for it."""


def _write_over(sign: str) -> Callable[[Apply, Write], str]:
    """Return how a maximum or a product over an index is written: its sign, the limits and the body."""

    def written(node: Apply, write: Write) -> str:
        index, (body,) = index_of(node), node.arguments
        if sign == r"\prod":
            limits = (
                f"_{{{index.name}={index.lower}}}^{braced(index.upper)}" if index.upper else f"_{braced(index.name)}"
            )
            return rf"{sign}{limits} {write(body, Binding.PRODUCT)}"
        below = rf"{index.lower}\le {index.name}\le {index.upper}" if index.upper else index.name
        return rf"{sign}_{braced(below)} {write(body, Binding.PRODUCT)}"

    return written


def _attained(largest: bool) -> Operator:
    """Return the row of the condition that an index attains the maximum, or the minimum, over it."""
    word = "largest" if largest else "least"
    return Operator(
        name=f"{word} one attained",
        rule=Wording("a constant", "常量"),
        source="Boyd and Vandenberghe, sec. 3.2.3",
        example=(rf"\{'max' if largest else 'min'}_i (a_i^Tx+b_i)", "x"),
        result=lambda arguments, parameters: SCALAR,
        latex=lambda node, write: rf"\lbrack {_said(node, '')}\rbrack",
        value=lambda arrays, parameters: _is_near(*arrays),
        exact=lambda at, node, x: at.scalar(int(x[0].number == x[1].number)),
        numpy="({0} == {1})",
        julia=Code("({0} == {1})"),
        below=_said,
        attains=True,
    )


def _said(node: Apply, index: str) -> str:
    r"""Return `i=i^\ast` below a sum over i, and `k_n^\ast=k` below one over n."""
    values, extremum = node.arguments
    own = min(values.indices - extremum.indices, default=index)
    star = starred(own, extremum.indices)
    return f"{own}={star}" if index == own else f"{star}={own}"


def _is_near(values: Any, extremum: Any) -> Any:
    gap = abs((values - extremum).real)
    return (gap <= _ATTAINED * (1 + abs(extremum))) * 1.0


def _exact_extremum(at: Arithmetic, values: list[Jet], *, largest: bool) -> Jet:
    """Return one of the values: the order of a field is as good as any other, if it is always the same."""
    choose = max if largest else min
    return choose(values, key=lambda x: x.number * _SCATTER % at.prime)


def _extremum(name: str, sign: str, attained: Operator, words: Wording, curvature: int) -> Operator:
    largest = curvature > 0

    def differential(node: Apply, d: Callable[[Expr], Expr]) -> Expr:
        (body,) = node.arguments
        return sum_over(multiply(Apply(attained, (body, node)), d(body)), index_of(node))

    def value(node: Apply, arrays: tuple[Any, ...], sizes: Sizes) -> Any:
        numpy, axis = lazy_numpy(), sizes.axis(index_of(node))
        place = (numpy.argmax if largest else numpy.argmin)(arrays[0].real, axis=axis, keepdims=True)
        return numpy.take_along_axis(arrays[0], place, axis)

    return Operator(
        name=name,
        rule=Wording("maximum rule", "最大值法则") if largest else Wording("minimum rule", "最小值法则"),
        why=Wording(
            "Where one index alone attains it, that index attains it in a neighbourhood, so its differential is taken.",
            "当取到该值的指标唯一时，在一个邻域内它始终是这一指标，所以取该指标对应项的微分。",
        ),
        source="Boyd and Vandenberghe, sec. 3.2.3",
        condition=words,
        convexity=Convexity(curvature, increasing=True),
        example=(rf"{sign}_i (a_i^Tx+b_i)", "x"),
        result=lambda arguments, parameters: SCALAR,
        latex=_write_over(sign),
        binding=Binding.PREFIX,
        sized_value=value,
        exact_over=lambda at, values: _exact_extremum(at, values, largest=largest),
        numpy=f"{sign[1:]}({{0}})",
        julia=Code(f"{sign[1:]}imum({{0}})"),
        differential=differential,
        binds_index=True,
        note=Wording(
            rf"Here ${{star}}$ is the index at which the {sign[1:]}imum is attained.",
            rf"这里 ${{star}}$ 是取到{'最大值' if largest else '最小值'}的指标。",
        ),
    )


largest_attained = _attained(largest=True)
least_attained = _attained(largest=False)
largest_over_index = _extremum(
    "largest over an index",
    r"\max",
    largest_attained,
    Wording("where one index alone attains the maximum", "取到最大值的指标唯一时"),
    1,
)
least_over_index = _extremum(
    "least over an index",
    r"\min",
    least_attained,
    Wording("where one index alone attains the minimum", "取到最小值的指标唯一时"),
    -1,
)


def _multiplied(node: Apply, arrays: tuple[Any, ...], sizes: Sizes) -> Any:
    index = index_of(node)
    return (arrays[0] ** sizes.occurrences(arrays[0], index)).prod(axis=sizes.axis(index), keepdims=True)


product_over_index = Operator(
    name="product over an index",
    rule=Wording("logarithmic derivative of a product", "乘积的对数求导法"),
    why=Wording(
        r"$\mathrm{d}\prod_i g_i = \sum_i\bigl(\prod_{j\ne i}g_j\bigr)\mathrm{d}g_i$, and the product of the others is "
        r"the whole one over $g_i$.",
        r"$\mathrm{d}\prod_i g_i = \sum_i\bigl(\prod_{j\ne i}g_j\bigr)\mathrm{d}g_i$，"
        r"其余因子之积等于总乘积除以 $g_i$。",
    ),
    source=FUNDAMENTAL,
    condition=Wording("where no factor is zero", "各因子均不为零时"),
    example=(r"\prod_{i=1}^n (a_i^Tx+b_i)", "x"),
    result=lambda arguments, parameters: SCALAR,
    latex=_write_over(r"\prod"),
    binding=Binding.SUM + 1,
    sized_value=_multiplied,
    exact_over=lambda at, values: reduce(at.times, values),
    logarithm=lambda at, node: at.over_index(node, at.logarithm),
    numpy="np.prod([{0}])",
    torch=Code("torch.prod(torch.stack([{0}]))"),
    jax=Code("np.prod(np.array([{0}]))"),
    julia=Code("prod({0})"),
    differential=lambda node, d: multiply(
        node, sum_over(multiply(reciprocal(node.arguments[0]), d(node.arguments[0])), index_of(node))
    ),
    binds_index=True,
)


def _entry(at: Arithmetic, x: Jet, place: int) -> Jet:
    return at.moved(x, lambda a: [a[place]])


def _write_product_of_entries(node: Apply, write: Write) -> str:
    (x,) = node.arguments
    return rf"\prod_i {x}_i" if isinstance(x, Symbol) else rf"\prod_i \left({write(x, 0)}\right)_i"


product_of_entries = product_over_index.but(
    name="product of the entries",
    condition=Wording("where no entry is zero", "各元素均不为零时"),
    example=(r"\left(\prod_{i=1}^n x_i\right)^{1/n}", "x"),
    signatures=("n 1 -> 1 1",),
    result=None,
    latex=_write_product_of_entries,
    sized_value=None,
    exact_over=None,
    value=lambda arrays, parameters: arrays[0].prod(axis=-2, keepdims=True),
    exact=lambda at, node, x: reduce(at.times, map(partial(_entry, at, x[0]), range(x[0].rows))),
    numpy="np.prod({0})",
    jax=Code("np.prod({0})"),
    differential=lambda node, d: multiply(
        node, inner_product(entrywise_power(node.arguments[0], number(-1)), d(node.arguments[0]))
    ),
    binds_index=False,
    in_components=True,
)
