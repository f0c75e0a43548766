"""The rows that bind an index: the sum over it, the expectation, which is the mean of all outcomes, the integral."""

from __future__ import annotations

from ...words import Wording
from ..expressions import Apply, Binding, Code, Expr, Operator, Write

FUNDAMENTAL = "Magnus and Neudecker (2019), ch. 8, sec. 2"
"""The section of the fundamental rules of differential calculus."""


sum_row = Operator(
    name="sum over an index",
    rule=Wording("d commutes with the sum", "微分与求和交换"),
    plain=True,
    source=FUNDAMENTAL,
    example=(r"\sum_{i=1}^N (w^Tx_i-y_i)^2", "w"),
    latex=lambda node, write: writing.write_sum_over(node, write),
    binding=Binding.SUM + 1,
    binding_of=lambda node: writing.sum_binding(node),
    sized_value=lambda node, arrays, sizes: sizes.total(arrays[0], terms.index_of(node)),
    numpy="sum({0})",
    julia=Code("sum({0})"),
    sympy=Code("sum({0})"),
    result=lambda arguments, parameters: arguments[0].shape,
    adjoint=lambda node, i, G: G,
    normal=lambda arguments, parameters: powers.sum_over(arguments[0], parameters[0]),
    binds_index=True,
    sign=lambda node, signs: signs.of_matrix(node.arguments[0]),
    transposed=lambda node: _transposed_sum_over(node),
)


expectation_row = sum_row.but(
    name="expectation",
    rule=Wording("d commutes with the expectation", "微分与期望交换"),
    why=Wording(
        r"The expectation is linear: $\mathrm{d}\,\mathbb{E}[g] = \mathbb{E}[\mathrm{d}g]$, where a bounded derivative "
        r"lets the limit pass under the expectation; what is not random stands before it.",
        r"期望是线性的：$\mathrm{d}\,\mathbb{E}[g] = \mathbb{E}[\mathrm{d}g]$（导数有界时极限可移入期望号内）；"
        r"非随机的因子可提到期望号之外。",
    ),
    source="Magnus and Neudecker (2019), ch. 12, sec. 4; Billingsley, Probability and Measure, thm. 16.8",
    example=(r"\mathbb{E}[(y-w^Tx)^2]", "w"),
    latex=lambda node, write: rf"\mathbb{{E}}\left\lbrack {write(node.arguments[0], 0)}\right\rbrack",
    binding=Binding.POWER,
    binding_of=None,
    entry_sign=lambda node, signs: signs.of_entries(node.arguments[0]),
)


integral_row = expectation_row.but(
    name="integral",
    plain=False,
    rule=Wording("d passes under the integral", "微分移入积分号内"),
    why=Wording(
        r"An integral is linear, and the differential passes under it where an integrable function bounds the "
        r"derivatives (Leibniz); what does not vary there stands before it.",
        r"积分是线性的；当导函数有可积的控制函数时，微分可移入积分号内（莱布尼茨法则）；与积分变量无关的因子可提到积分号之外。",
    ),
    source="Billingsley, Probability and Measure, thm. 16.8",
    condition=Wording("where its derivative has an integrable bound", "导函数有可积的控制函数时"),
    example=(r"\int_0^1(w^Tg(t)-h(t))^2\,\mathrm{d}t", "w"),
    latex=lambda node, write: _write_integral(node, write),
    numpy="",  # a program would have to choose a quadrature; a mean over points says itself what it is
    binding=Binding.SUM + 1,
)


def _write_integral(node: Apply, write: Write) -> str:
    index = terms.index_of(node)
    lower, upper = map(writing.braced, index.bounds)
    bounds = f"_{lower}^{upper}" if index.bounds[1] else ""
    return rf"\int{bounds} {write(node.arguments[0], Binding.PRODUCT)}\thinspace \mathrm{{d}}{index.over}"


def _transposed_sum_over(node: Apply) -> Expr:
    inner = terms.transpose(node.arguments[0])
    return node if inner is node.arguments[0] else powers.sum_over(inner, terms.index_of(node))


# The rows name the normal form, and that names the rows: it is imported when they are made.
from .. import powers, terms, writing  # noqa: E402
