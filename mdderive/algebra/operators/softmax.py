"""The rows of softmax and of log-sum-exp, of a column and along the rows or columns of a matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...words import Wording
from ..arithmetic import Arithmetic
from ..expressions import ONE, Apply, Binding, Code, Convexity, Differentiate, Expr, Operator, lazy_numpy, parenthesise
from ..factoring import add
from ..functions import exact_exp, exact_log
from ..numbers import Jet
from ..powers import hadamard
from ..signs import DEFINITE
from ..terms import multiply, negate, ones, transpose
from ..writing import call_binding, write_call
from .entrywise import exp
from .structural import fraction_row, product, transpose_row


def softmax_of(x: Expr) -> Expr:
    """Return softmax of every column of `x`."""
    return Apply(softmax, (x,))


softmax = Operator(
    name="softmax",
    rule=Wording("softmax rule", "softmax 法则"),
    why=Wording(
        r"With $p = \operatorname{softmax}(x)$, $\mathrm{d}p_i = p_i\bigl(\mathrm{d}x_i - \sum_j p_j\,\mathrm{d}x_j"
        r"\bigr)$, that is $\mathrm{d}p = (\operatorname{diag}(p) - pp^\top)\,\mathrm{d}x$.",
        r"记 $p = \operatorname{softmax}(x)$，则 $\mathrm{d}p_i = p_i\bigl(\mathrm{d}x_i - \sum_j p_j\,\mathrm{d}x_j"
        r"\bigr)$，即 $\mathrm{d}p = (\operatorname{diag}(p) - pp^\top)\,\mathrm{d}x$。",
    ),
    source="Boyd and Vandenberghe, sec. 3.1.5 (the Hessian of log-sum-exp)",
    example=(r"a^T\operatorname{softmax}(Xb)", "X"),
    spellings=("softmax", r"\softmax"),
    signatures=("m 1 -> m 1",),
    letters="spah",
    latex=lambda node, write: write_call(r"\operatorname{softmax}", node.arguments[0], write),
    binding=Binding.PRODUCT + 1,
    binding_of=call_binding,
    entry_sign=lambda node, signs: DEFINITE,
    value=lambda arrays, parameters: _softmax(arrays[0]),
    exact=lambda at, node, x: _exact_softmax(at, x[0]),
    logarithm=lambda at, node: _exact_log_softmax(at, at(node.arguments[0])),
    numpy="softmax({0})",
    helper="""
def softmax(a):
    e = np.exp(a - np.max(a))
    return e / np.sum(e)
""",
    julia=Code("softmax({0})", "softmax(a) = exp.(a .- maximum(a)) ./ sum(exp.(a .- maximum(a)))"),
    sympy=Code("softmax({0})", "def softmax(a):\n    return a.applyfunc(sp.exp) / sum(map(sp.exp, a))"),
    differential=lambda node, d: add(
        hadamard(node, d(node.arguments[0])),
        negate(multiply(node, transpose(node), d(node.arguments[0]))),
    ),
)


def _softmax(a: Any, axis: int = -2) -> Any:
    e = lazy_numpy().exp(a)
    return e / e.sum(axis=axis, keepdims=True)


def _exact_softmax(at: Arithmetic, x: Jet) -> Jet:
    weights = at.entries(x, lambda t: exact_exp(at, t))
    return at.times(at.reciprocal(at.summed(weights)), weights)


def _exact_log_sum_exp(at: Arithmetic, x: Jet) -> Jet:
    weights = at.entries(x, lambda t: exact_exp(at, t))
    return at.entries(at.summed(weights), lambda t: exact_log(at, t))


def _exact_log_softmax(at: Arithmetic, x: Jet) -> Jet:
    return at.minus(x, at.spread(_exact_log_sum_exp(at, x), x))


def _along(at: Arithmetic, lines: str) -> Callable[[Jet, Callable[[Jet], Jet]], Jet]:
    return at.columnwise if lines == "columns" else at.rowwise


def _softmax_of_matrix(lines: str, zh: str, axis: int) -> Operator:
    """Return the row of the softmax of each row or each column of a matrix."""

    def differential(node: Apply, d: Differentiate) -> Expr:
        moved = hadamard(node, d(node.arguments[0]))
        one = ones((node.shape[1 if lines == "rows" else 0], ONE))
        mean = multiply(moved, one, transpose(one)) if lines == "rows" else multiply(one, transpose(one), moved)
        return add(moved, negate(hadamard(node, mean)))

    return Operator(
        name=f"softmax of the {lines}",
        rule=Wording("softmax rule", "softmax 法则"),
        source="Boyd and Vandenberghe, sec. 3.1.5 (the Hessian of log-sum-exp)",
        example=(rf"\operatorname{{tr}}(A\operatorname{{softmax{lines}}}(XB))", "X"),
        spellings=(f"softmax{lines}",),
        note=Wording(
            rf"Here $\operatorname{{softmax}}$ acts on each {lines.removesuffix('s')}.",
            rf"这里 $\operatorname{{softmax}}$ 对每一{zh}作用。",
        ),
        signatures=("m n -> m n",),
        letters=softmax.letters,
        latex=softmax.latex,
        binding=softmax.binding,
        binding_of=call_binding,
        value=lambda arrays, parameters: _softmax(arrays[0], axis),
        exact=lambda at, node, x: _along(at, lines)(x[0], lambda line: _exact_softmax(at, line)),
        logarithm=lambda at, node: _along(at, lines)(at(node.arguments[0]), lambda line: _exact_log_softmax(at, line)),
        numpy=f"softmax_{lines}({{0}})",
        helper=f"""
def softmax_{lines}(a):
    e = np.exp(a - np.max(a, axis={axis}, keepdims=True))
    return e / np.sum(e, axis={axis}, keepdims=True)
""",
        torch=Code(f"torch.softmax({{0}}, {axis})"),
        julia=Code(
            f"softmax_{lines}({{0}})",
            f"""
function softmax_{lines}(a)
    e = exp.(a .- maximum(a, dims={axis + 3}))
    return e ./ sum(e, dims={axis + 3})
end
""",
        ),
        differential=differential,
    )


softmax_of_columns = _softmax_of_matrix("columns", "列", -2)
softmax_of_rows = _softmax_of_matrix("rows", "行", -1)


def _log_sum_exp_of_matrix(lines: str, softmax_row: Operator, axis: int) -> Operator:
    """Return the row of the log-sum-exp of each row or each column of a matrix."""
    columns = lines == "columns"

    def summed(x: Expr) -> Expr:
        one = ones((x.shape[0 if columns else 1], ONE))
        return multiply(transpose(one), x) if columns else multiply(x, one)

    def value(a: Any) -> Any:
        return lazy_numpy().log(lazy_numpy().exp(a).sum(axis=axis, keepdims=True))

    return Operator(
        name=f"log-sum-exp of the {lines}",
        rule=Wording("log-sum-exp rule", "log-sum-exp 法则"),
        source="Boyd and Vandenberghe, sec. 3.1.5",
        convexity=Convexity(1, increasing=True),
        example=(rf"\operatorname{{lse{lines}}}(AX)b" if columns else rf"b^T\operatorname{{lse{lines}}}(AX)", "X"),
        spellings=(f"lse{lines}",),
        signatures=("m n -> 1 n",) if columns else ("m n -> m 1",),
        latex=lambda node, write: r"\log" + parenthesise(write(summed(Apply(exp, node.arguments)), 0)),
        binding=Binding.PRODUCT + 1,
        value=lambda arrays, parameters: value(arrays[0]),
        exact=lambda at, node, x: _along(at, lines)(x[0], lambda line: _exact_log_sum_exp(at, line)),
        numpy=f"np.log(np.sum(np.exp({{0}}), axis={axis}, keepdims=True))",
        julia=Code(f"log.(sum(exp.({{0}}), dims={axis + 3}))"),
        differential=lambda node, d: summed(hadamard(Apply(softmax_row, node.arguments), d(node.arguments[0]))),
    )


log_sum_exp_of_columns = _log_sum_exp_of_matrix("columns", softmax_of_columns, -2)
log_sum_exp_of_rows = _log_sum_exp_of_matrix("rows", softmax_of_rows, -1)


def _log_sum_exp_working(node: Apply, d: Differentiate) -> Expr:
    """Return 1^T (exp(a) (.) da) / 1^T exp(a), before softmax is recognised in it."""
    a = node.arguments[0]
    row = Apply(transpose_row, (ones(a.shape),))
    from_exp = Apply(exp, (a,))
    above = Apply(product, (row, hadamard(from_exp, d(a))))
    return Apply(fraction_row, (above, Apply(product, (row, from_exp))))


log_sum_exp = Operator(
    name="log-sum-exp",
    rule=Wording("chain rule", "复合函数法则"),
    source="Boyd and Vandenberghe, sec. 3.1.5",
    convexity=Convexity(1, increasing=True),
    example=(r"\log(\mathbf{1}^T\exp(Xb))", "X"),
    spellings=("logsumexp", r"\logsumexp", "LSE", "lse"),
    signatures=("m 1 -> 1 1",),
    latex=lambda node, write: r"\log" + parenthesise(rf"\mathbf{{1}}^\top{write(Apply(exp, node.arguments), 0)}"),
    binding=Binding.PRODUCT + 1,
    value=lambda arrays, parameters: lazy_numpy().log(lazy_numpy().exp(arrays[0]).sum(axis=-2, keepdims=True)),
    exact=lambda at, node, x: _exact_log_sum_exp(at, x[0]),
    numpy="logsumexp({0})",
    helper="""
def logsumexp(a):
    return np.max(a) + np.log(np.sum(np.exp(a - np.max(a))))
""",
    julia=Code("logsumexp({0})", "logsumexp(a) = maximum(a) + log(sum(exp.(a .- maximum(a))))"),
    sympy=Code("sp.log(sum(map(sp.exp, {0})))"),
    differential=lambda node, d: multiply(transpose(softmax_of(node.arguments[0])), d(node.arguments[0])),
    working=_log_sum_exp_working,
    worked=Wording.formula(r"$\mathbf{1}^\top(u\odot v)=u^\top v$"),
)
