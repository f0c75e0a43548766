"""What stands beside the rows of a solution, and the checks that every row must pass."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..algebra.expressions import Apply, Expr, Operator, Symbol, Wording, to_latex, walk
from ..algebra.operators.structural import product, sum_row, trace_row
from ..algebra.terms import holds_differential, terms_of
from ..checking.subject import Check
from ..errors import VerificationError
from ..question.question import Claim

_ZH_LIST, _EN_LIST = "、", ", "

CONSTANT = Wording("a constant", "常量")
MATRIX_FORM = Wording("in matrix form", "写成矩阵形式")
SCALAR_TRACE = Wording("trace of a scalar", "标量套上迹")
SCALAR_TRANSPOSE = Wording("a scalar equals its transpose", "标量等于其转置")
TRANSPOSE_IN_TRACE = Wording(*[r"$\operatorname{tr}(A^\top)=\operatorname{tr}(A)$"] * 2)
EXCHANGE = Wording("exchange trace and sum", "交换迹与求和")
UNDER_SUM = Wording("collect under the sum", "并入求和号内")
CYCLIC = Wording("cyclic property", "迹内循环交换")
COLLECT = Wording("collect terms", "合并")
LINEAR_TRACE = Wording("linearity of the trace", "迹的线性")
REARRANGE = Wording("rearrange", "整理")


def joined(words: Sequence[Wording]) -> Wording:
    """Return the words one behind the other, each once."""
    unique = list(dict.fromkeys(words))
    return Wording(_EN_LIST.join(x.en for x in unique), _ZH_LIST.join(x.zh for x in unique))


def rule_words(rules: Sequence[Operator]) -> Wording:
    """Return the names of the rules; those that go without saying only where there are no others."""
    telling = [x for x in rules if not x.plain] or list(rules)
    en, zh = ([x.rule.says(language) for x in telling] for language in ("en", "zh"))
    return Wording(_rules(en, " rule", " and "), _rules(zh, "法则", "、"))


def _rules(names: Sequence[str], suffix: str, last: str) -> str:
    """Return `product and transpose rules` for `product rule`, `transpose rule`; other names behind."""
    rules = [x.removesuffix(suffix).strip() for x in dict.fromkeys(names) if x.endswith(suffix)]
    others = [x for x in dict.fromkeys(names) if not x.endswith(suffix)]
    comma = _EN_LIST if suffix == " rule" else _ZH_LIST
    plural = suffix + "s" * (len(rules) > 1 and suffix == " rule")
    plural = plural if suffix == " rule" or not rules or not rules[-1].isascii() else " " + plural
    head = [comma.join(rules[:-1]) + last * (len(rules) > 1) + rules[-1] + plural] if rules else []
    return comma.join([*head, *others])


def is_sum(x: Expr) -> bool:
    """Whether `x` is a sum over an index."""
    return isinstance(x, Apply) and x.operator is sum_row


def own_transpose(symbol: Symbol) -> Wording:
    """Return the equation that says that `symbol` is symmetric."""
    text = rf"${symbol.latex}^\top={symbol.latex}$"
    return Wording(text, text)


def skeletons(x: Expr) -> list[str]:
    """Return the LaTeX of the terms of `x` without signs, parentheses and spaces, in alphabetical order."""
    texts = [to_latex(term) for term in terms_of(x)]
    return sorted(re.sub(r"\\(?:left|right|bigl|bigr|thinspace)\b|[-+(){}\s]", "", text) for text in texts)


def terms_in_traces(x: Expr) -> int:
    """Return how many terms `x` has, those of a sum within a trace counted each."""
    inner = [y.arguments[0] if isinstance(y, Apply) and y.operator is trace_row else y for y in terms_of(x)]
    return sum(len(terms_of(y)) for y in inner)


def has_trace(x: Expr) -> bool:
    """Whether a trace occurs in `x`."""
    return any(isinstance(y, Apply) and y.operator is trace_row for y in walk(x))


def cyclic_words(shown: Expr) -> list[Wording]:
    """Return the cyclic property, with what moves where there is one term only; nothing where dX is at the end."""
    chains = [
        x.arguments
        for x in walk(shown)
        if isinstance(x, Apply)
        and x.operator is product
        and holds_differential(x)
        and not all(y.is_scalar for y in x.arguments)
    ]
    moving = [c for c in chains if not holds_differential(c[-1])]
    if not moving:
        return []
    place = next(k for k, x in enumerate(moving[0]) if holds_differential(x))
    left, right = moving[0][: place + 1], moving[0][place + 1 :]
    if len(chains) > 1 or any(x.is_scalar for x in (*left, *right)):
        return [CYCLIC]
    shown_left, shown_right = (to_latex(Apply(product, c) if len(c) > 1 else c[0]).rstrip() for c in (left, right))
    if len(shown_right) > 30:
        return [CYCLIC]
    en = rf"cyclic property, ${shown_right}$ moves to the front"
    exchanged = rf"迹内交换 ${shown_left}$ 与 ${shown_right}$"
    return [Wording(en, exchanged if len(shown_left) < 50 else rf"迹内将 ${shown_right}$ 移至最前")]


# --- checks


def check_claim(claim: Claim, refutation: str, right: Expr) -> None:
    """Refuse a claim that is refuted.

    Raises:
        VerificationError: it is, with the numbers.
    """
    if refutation:
        message = f"the claimed derivative with respect to {claim.variable.latex} is wrong: {refutation}"
        raise VerificationError("E410", message, claim.span, f"the derivative is {to_latex(right)}")


def passed(check: Check, what: str, value: Expr) -> Check:
    """Return the check of `value`.

    Raises:
        VerificationError: it did not pass.
    """
    if check.ok:
        return check
    raise VerificationError(
        "E401",
        f"{what} failed its numerical check (relative error {check.max_relative_error:.1g})",
        hint=f"please report this; the line was {to_latex(value)}",
    )
