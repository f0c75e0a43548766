"""The rows of piecewise functions: absolute values, signs, positive parts, the greater of two, and cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeGuard

from ...words import Wording
from ..arithmetic import Arithmetic
from ..expressions import (
    ONE,
    Apply,
    Binding,
    Code,
    Convexity,
    Expr,
    Number,
    Operator,
    Write,
    lazy_numpy,
    number,
    parenthesise,
)
from ..factoring import add
from ..functions import exact_absolute, exact_rectifier
from ..keys import key, same
from ..notations import Notation
from ..numbers import Jet, filled
from ..powers import entrywise_power, hadamard
from ..terms import is_zero, multiply, negate, ones, scale, split_coefficient, terms_of, transpose, zero
from .entrywise import argument_of, entrywise


def absolute(x: Any) -> Any:
    """Return |x| entry by entry, continued to complex numbers so that a complex step differentiates it."""
    return lazy_numpy().where(x.real < 0, -x, x)


def write_absolute(node: Apply, write: Write) -> str:
    r"""Return the argument of `node` between bars; bars within, such as those of a determinant, become `\det`.

    Around a matrix bars are its determinant: the absolute values of its entries are `\operatorname{abs}(X)`.
    """
    x = node.arguments[0]
    if ONE not in x.shape:
        return r"\operatorname{abs}" + parenthesise(write(x, 0))
    inner = write(x, 0)
    left, right = r"\lvert ", r"\rvert"
    if inner.startswith(left) and inner.find(right) == len(inner) - len(right):
        inner = r"\det" + parenthesise(inner[len(left) : -len(right)])
    return left + inner + right


NOWHERE_ZERO = Wording("where the argument is nowhere zero", "自变量处处不为零时")

absolute_value: Operator = entrywise(
    "absolute value",
    source="Boyd and Vandenberghe, app. A.1",
    spellings=("abs",),
    symbol=r"\operatorname{abs}",
    derivative=lambda x: Apply(sign, (x,)),
    exact=exact_absolute,
    value=lambda x: absolute(x),
    numpy="np.abs({0})",
    julia="abs.({0})",
    sympy="each({0}, sp.Abs)",
    notations=(Notation("bars", of="scalar column row"),),
    absorbs=lambda *powers: _times_absolute(*powers),
    convexity=Convexity(1),
    condition=NOWHERE_ZERO,
    example=(r"|a^Tx|", "x"),
    latex=lambda node, write: write_absolute(node, write),
    of_matrix=None,
).but(
    normal=lambda arguments, parameters: without_sign(absolute_value, arguments[0], parameters, 1),
)


sign: Operator = entrywise(
    "sign",
    source="Boyd and Vandenberghe, app. A.1",
    spellings=("sgn", "sign", "signum", r"\sgn", r"\sign"),
    symbol=r"\operatorname{sgn}",
    derivative=lambda x: zero(x.shape),
    exact=lambda at, x: (at.sign(x), 0, 0),
    value=lambda x: lazy_numpy().sign(x.real),
    numpy="np.sign({0})",
    julia="sign.({0})",
    sympy="each({0}, sp.sign)",
    absorbs=lambda *powers: _times_sign(*powers),
    example=(r"\operatorname{abs}(a^Tx)", "x"),
    of_matrix=None,
).but(
    normal=lambda arguments, parameters: without_sign(sign, arguments[0], parameters, -1),
)


rectifier: Operator = entrywise(
    "rectifier",
    source="Boyd and Vandenberghe, sec. 3.2.3",
    spellings=("relu", "ReLU", r"\relu", r"\ReLU"),
    symbol=r"\operatorname{relu}",
    derivative=lambda x: Apply(unit_step, (x,)),
    exact=lambda at, x: exact_rectifier(at, x),
    value=lambda x: x * (x.real > 0),
    numpy="np.maximum({0}, 0)",
    julia="max.({0}, 0)",
    sympy="each({0}, lambda _t: sp.Max(_t, 0))",
    torch="torch.clamp({0}, min=0)",
    notations=(Notation("subscripted", "+"),),
    convexity=Convexity(1, increasing=True),
    condition=NOWHERE_ZERO,
    example=(r"a^T\operatorname{relu}(Xb)", "X"),
    of_matrix=None,
)


unit_step: Operator = entrywise(
    "unit step",
    source="Boyd and Vandenberghe, sec. 3.2.3",
    spellings=("step",),
    symbol=r"\operatorname{step}",
    derivative=lambda x: zero(x.shape),
    exact=lambda at, x: (exact_rectifier(at, x)[1], 0, 0),
    value=lambda x: (x.real > 0) * 1.0,
    numpy="np.heaviside({0}, 0)",
    julia="Float64.({0} .> 0)",
    sympy="each({0}, lambda _t: sp.Heaviside(_t, 0))",
    torch="torch.sign(torch.clamp({0}, min=0))",
    absorbs=lambda *powers: _times_step(*powers),
    example=(r"\operatorname{relu}(a^Tx)", "x"),
    of_matrix=None,
)


def _times_sign(x: Expr, exponent: Expr, y: Expr, power: Expr) -> Expr | None:
    """Return sgn(x) times a power of x or of |x|."""
    inner = argument_of(y, absolute_value)
    if not same(y if inner is None else inner, x):
        return None
    if inner is not None and isinstance(power, Number) and power.value < 1:  # sgn(t)/|t| is as short as t/|t|^2
        return entrywise_power(y, power) if is_even(exponent) and power.value < 0 else None
    if exponent is not number(1):
        return None
    size = Apply(absolute_value, (x,))
    first, second = (size, y) if inner is None else (x, y)
    return hadamard(first, entrywise_power(second, add(power, number(-1))))


def _times_absolute(x: Expr, exponent: Expr, y: Expr, power: Expr) -> Expr | None:
    """Return a power of |x| times an even power of x."""
    if not same(y, x) or not is_even(power):
        return None
    total = add(exponent, power)
    return entrywise_power(x if is_even(total) else Apply(absolute_value, (x,)), total)


def _times_step(x: Expr, exponent: Expr, y: Expr, power: Expr) -> Expr | None:
    """Return the unit step of x times a positive power of x or of its positive part."""
    inner = argument_of(y, rectifier)
    both = isinstance(exponent, Number) and isinstance(power, Number) and min(exponent.value, power.value) > 0
    if not both or not same(y if inner is None else inner, x):
        return None
    return entrywise_power(Apply(rectifier, (x,)), power)


def without_sign(row: Operator, x: Expr, parameters: tuple[Any, ...], parity: int = 1) -> Expr | None:
    """Return the value at -x by that at x, whose `parity` times it is; None where x has no minus. That at 0 is 0."""
    if is_zero(x):
        return zero(Apply(row, (x,), parameters).shape)
    coefficient, rest = split_coefficient(x)
    return scale(parity, Apply(row, (scale(-coefficient, rest),), parameters)) if coefficient < 0 else None


def is_even(x: Expr) -> bool:
    """Whether `x` is an even number."""
    return isinstance(x, Number) and x.value % 2 == 0


def _exact_maximum(at: Arithmetic, a: Jet, b: Jet, *, smaller: bool = False) -> Jet:
    """Return (a + b + |a - b|) / 2, or the smaller one; a number is taken for every entry."""
    wide = Jet({0: filled(max(a.rows, b.rows), max(a.columns, b.columns))})
    a, b = at.hadamard(wide, a), at.hadamard(wide, b)
    gap = at.entries(at.minus(a, b), lambda t: exact_absolute(at, t))
    return at.scaled(Fraction(1, 2), at.plus(a, b, at.scaled(-1 if smaller else 1, gap)))


def maximum(a: Expr, b: Expr) -> Expr:
    """Return the greater of the entries of `a` and `b`; with 0 the rectifier."""
    for one, other in ((a, b), (b, a)):
        if is_zero(one):
            return Apply(rectifier, (other,))
    return Apply(maximum_row, (a, b))


def _maximum_differential(node: Apply, d: Callable[[Expr], Expr]) -> Expr:
    a, b = node.arguments
    for one, other in ((a, b), (b, a)):
        if is_zero(one):
            return hadamard(Apply(unit_step, (other,)), d(other))
    return _where_greater(node, a, b, d(a), d(b))


def _where_greater(node: Apply, a: Expr, b: Expr, then: Expr, otherwise: Expr) -> Expr:
    """Return `then` in the entries of `node` where a > b, and `otherwise` in the others."""
    wide = ones(node.shape)
    first = Apply(unit_step, (add(hadamard(a, wide), negate(hadamard(b, wide))),))
    return add(hadamard(first, then), hadamard(add(wide, negate(first)), otherwise))


maximum_row = Operator(
    name="maximum",
    rule=Wording("maximum rule", "最大值法则"),
    why=Wording(
        "Where the two arguments differ, the larger one stays the larger one in a neighbourhood, so its differential "
        "is taken.",
        "两个自变量不相等时，在一个邻域内较大者始终较大，所以取较大者的微分。",
    ),
    source="Boyd and Vandenberghe, sec. 3.2.3",
    condition=Wording("where the two are not equal", "两者不相等时"),
    convexity=Convexity(1, increasing=True),
    example=(r"\mathbf{1}^T\max(Xb, c)", "X"),
    spellings=("max", r"\max"),
    signatures=("m n, m n -> m n", "1 1, m n -> m n", "m n, 1 1 -> m n"),
    latex=lambda node, write: rf"\max({write(node.arguments[0], 0)}, {write(node.arguments[1], 0)})",
    value=lambda arrays, parameters: lazy_numpy().where(arrays[0].real > arrays[1].real, arrays[0], arrays[1]),
    exact=lambda at, node, x: _exact_maximum(at, *x),
    numpy="np.maximum({0}, {1})",
    torch=Code("torch.maximum(*torch.broadcast_tensors({0}, {1}))"),
    julia=Code("max.({0}, {1})"),
    differential=_maximum_differential,
    normal=lambda arguments, parameters: maximum(arguments[0], arguments[1]),
)


minimum_row = Operator(
    name="minimum",
    rule=Wording("minimum rule", "最小值法则"),
    source="Boyd and Vandenberghe, sec. 3.2.3",
    condition=Wording("where the two are not equal", "两者不相等时"),
    convexity=Convexity(-1, increasing=True),
    example=(r"\mathbf{1}^T\min(Xb, c)", "X"),
    spellings=("min", r"\min"),
    signatures=maximum_row.signatures,
    latex=lambda node, write: rf"\min({write(node.arguments[0], 0)}, {write(node.arguments[1], 0)})",
    value=lambda arrays, parameters: lazy_numpy().where(arrays[0].real < arrays[1].real, arrays[0], arrays[1]),
    exact=lambda at, node, x: _exact_maximum(at, *x, smaller=True),
    numpy="np.minimum({0}, {1})",
    torch=Code("torch.minimum(*torch.broadcast_tensors({0}, {1}))"),
    julia=Code("min.({0}, {1})"),
    differential=lambda node, d: _where_greater(
        node, node.arguments[1], node.arguments[0], d(node.arguments[0]), d(node.arguments[1])
    ),
)


def slopes(x: Expr, slope: Callable[[Expr], Expr]) -> Expr:
    """Return the derivative of a function by cases, which is that of the case that holds; else what `slope` says."""
    if not is_cases(x):
        return slope(x)
    then, gap, otherwise = x.arguments
    return Apply(x.operator, (slopes(then, slope), gap, slopes(otherwise, slope)))


def _exact_cases(at: Arithmetic, then: Jet, gap: Jet, otherwise: Jet) -> Jet:
    wide = Jet({0: filled(then.rows, then.columns, 1)})
    step = at.hadamard(wide, at.entries(gap, lambda t: (exact_rectifier(at, t)[1], 0, 0)))
    return at.plus(at.hadamard(step, then), at.hadamard(at.minus(wide, step), otherwise))


def _cases_differential(node: Apply, d: Callable[[Expr], Expr]) -> Expr:
    then, gap, otherwise = node.arguments
    return Apply(node.operator, (d(then), gap, d(otherwise)))


def _cases_adjoint(node: Apply, i: int, cotangent: Expr) -> Expr:
    """Return the cotangent in the case whose value is argument `i`, and zero in the other; none of the condition."""
    gap = node.arguments[1]
    if i == 1:
        return zero(gap.shape)
    then, otherwise = (ones(gap.shape) if i == k else zero(gap.shape) for k in (0, 2))
    chosen = Apply(node.operator, (then, gap, otherwise))
    return multiply(cotangent, chosen) if gap.is_scalar else hadamard(cotangent, chosen)


def _normal_cases(arguments: tuple[Expr, ...]) -> Expr | None:
    """Return the value where both cases have the same one."""
    then, _, otherwise = arguments
    return then if same(then, otherwise) else None


def is_cases(x: Expr) -> TypeGuard[Apply]:
    """Whether `x` is a value by cases."""
    return isinstance(x, Apply) and x.operator in (cases, cases_with_equality)


def _steps(node: Apply) -> list[Apply]:
    """Return the cases within each other that ask where one quantity is: the node, and those in its other case."""
    found = [node]
    while is_cases(inner := found[-1].arguments[2]) and _quantity([*found, inner]) is not None:
        found.append(inner)
    return found


def _quantity(steps: Sequence[Apply]) -> Expr | None:
    """Return what all gaps have in common, x of x - 1 and x + 1 or -x of 1 - x and -1 - x; None where nothing is."""
    gaps = [{key(x): x for x in terms_of(step.arguments[1])} for step in steps]
    shared = [x for name, x in gaps[0].items() if all(name in gap for gap in gaps[1:])]
    moved = [x for x in shared if not isinstance(x, Number)]
    return add(*moved) if moved else None


def _write_steps(steps: Sequence[Apply], write: Write) -> list[tuple[Expr, str]]:
    r"""Return each value with its condition on one quantity: `x \gt 1`, `-1 \le x \le 1`, `x \lt -1`."""
    shared = _quantity(steps)
    assert shared is not None
    upwards = split_coefficient(terms_of(shared)[0])[0] < 0
    x = write(negate(shared) if upwards else shared, 0)
    strict = [step.operator is cases for step in steps]
    bounds = [add(step.arguments[1], negate(shared)) for step in steps]
    bounds = bounds if upwards else [negate(y) for y in bounds]
    first = f"{x} {_relations(strict=strict[0], low=upwards)[0]} {write(bounds[0], 0)}"
    last = f"{x} {_relations(strict=strict[-1], low=upwards)[1]} {write(bounds[-1], 0)}"
    found = [(steps[0].arguments[0], first)]
    ends_of_steps = pairwise(zip(bounds, strict, strict=True))
    for ((low, begins), (high, ends)), step in zip(ends_of_steps, steps[1:], strict=True):
        signs = [r"\le" if begins else r"\lt", r"\lt" if ends else r"\le"]
        sides = [low, high]
        if not upwards:
            sides, signs = sides[::-1], signs[::-1]
        found.append((step.arguments[0], _write_between(x, sides, signs, write)))
    return [*found, (steps[-1].arguments[2], last)]


def _relations(*, strict: bool, low: bool) -> tuple[str, str]:
    """Return the signs of a case and of the other one; with `low` the quantity stands below in the first."""
    if low:
        return (r"\lt", r"\ge") if strict else (r"\le", r"\gt")
    return (r"\gt", r"\le") if strict else (r"\ge", r"\lt")


def _write_between(x: str, sides: Sequence[Expr], signs: Sequence[str], write: Write) -> str:
    r"""Return `-1 \le x \lt 1`, or `\lvert x\rvert \le 1` where both sides are as far from zero."""
    low, high = sides
    if same(low, negate(high)) and signs[0] == signs[1]:
        return rf"\lvert {x}\rvert {signs[0]} {write(high, 0)}"
    return f"{write(low, 0)} {signs[0]} {x} {signs[1]} {write(high, 0)}"


def _write_step(node: Apply, write: Write) -> list[tuple[Expr, str]]:
    """Return both values with their conditions."""
    then, gap, otherwise = node.arguments
    parts = [split_coefficient(x) for x in terms_of(gap)]
    low = [scale(-c, x) for c, x in parts if c < 0]
    high = [scale(c, x) for c, x in parts if c > 0]
    lower, upper = (write(add(*x), 0) if x else "0" for x in (low, high))
    first, second = _relations(strict=node.operator is cases, low=bool(low))
    left, right = (lower, upper) if low else (upper, lower)
    return [(then, f"{left} {first} {right}"), (otherwise, f"{left} {second} {right}")]


def _cases(name: str, sign: str, example: str) -> Operator:
    r"""Return the row of `then` where a gap is positive, of the other value elsewhere; `sign` as numpy compares."""

    def write_cases(node: Apply, write: Write) -> str:
        steps = _steps(node)
        told = _write_steps(steps, write) if len(steps) > 1 else _write_step(node, write)
        rows = [f"{write(value, 0)} & {condition}" for value, condition in told]
        return r"\begin{cases} " + r" \cr ".join(rows) + r" \end{cases}"

    def value(arrays: tuple[Any, ...]) -> Any:
        gap = arrays[1].real
        return lazy_numpy().where(gap > 0 if sign == ">" else gap >= 0, arrays[0], arrays[2])

    return Operator(
        name=name,
        rule=Wording("the case that holds", "分段求导"),
        why=Wording(
            "Inside the region of a case its condition holds in a neighbourhood, so its differential is taken.",
            "在某一分段的内部，其条件在一个邻域内成立，所以取该段的微分。",
        ),
        source="Boyd and Vandenberghe, sec. 6.1.2 (Huber's penalty)",
        condition=Wording("where the two sides of its condition are not equal", "条件两侧不相等时"),
        example=(example, "t"),
        signatures=("m n, m n, m n -> m n", "m n, 1 1, m n -> m n"),
        latex=write_cases,
        binding=Binding.SUM,
        value=lambda arrays, parameters: value(arrays),
        exact=lambda at, node, x: _exact_cases(at, *x),
        numpy=f"np.where({{1}} {sign} 0, {{0}}, {{2}})",
        torch=Code(f"torch.where(torch.as_tensor({{1}} {sign} 0), torch.as_tensor({{0}}), torch.as_tensor({{2}}))"),
        julia=Code(f"ifelse.({{1}} .{sign} 0, {{0}}, {{2}})"),
        differential=_cases_differential,
        adjoint=_cases_adjoint,
        transposed=lambda node: Apply(node.operator, tuple(map(transpose, node.arguments))),
        split_by_transpose=True,
        normal=lambda arguments, parameters: _normal_cases(arguments),
    )


cases = _cases("cases", ">", r"\begin{cases} t^2 & t < 1 \\ 2t-1 & t \ge 1 \end{cases}")
cases_with_equality = _cases("cases with equality", ">=", r"\begin{cases} t^2 & t \le 1 \\ 2t-1 & t > 1 \end{cases}")
