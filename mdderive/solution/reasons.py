"""What stands beside the rows of a solution, and the checks that every row must pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..algebra.expressions import Apply, Binding, Expr, Operator, Symbol, to_latex, walk
from ..algebra.operators.spectra import vectors_of
from ..algebra.operators.structural import product
from ..algebra.signs import DEFINITE, SEMIDEFINITE
from ..algebra.terms import holds_differential, is_product, terms_of, trace_body
from ..checking.check import Check
from ..errors import VerificationError
from ..question.question import StatedDerivative
from ..words import Reason, Reasons, formula, of_row, reason

CONSTANT = reason("constant")
MATRIX_FORM = reason("matrix form")
LOGARITHM = reason("logarithm of a product")
AS_POWER = reason("as a power")
SCALAR_TRACE = reason("trace of a scalar")
SCALAR_TRANSPOSE = reason("scalar transposed")
TRANSPOSE_IN_TRACE = formula("trace of a transpose", r"\operatorname{tr}(A^\top)=\operatorname{tr}(A)")
EXCHANGE = reason("exchange")
UNDER_SUM = reason("under the sum")
CYCLIC = reason("cyclic")
CYCLIC_EQUATION = formula("cyclic, cited", r"\operatorname{tr}(AB)=\operatorname{tr}(BA)")
"""The cyclic property where it is used."""
CYCLIC_MOVED = "cyclic, moved"
"""The key of the same with what moves."""
COLLECT = reason("collect")
LINEAR_TRACE = reason("linear trace")
REARRANGE = reason("rearrange")
BENT = {
    DEFINITE: reason("positive definite"),
    SEMIDEFINITE: reason("positive semidefinite"),
    -SEMIDEFINITE: reason("negative semidefinite"),
    -DEFINITE: reason("negative definite"),
}
BENT_NUMBER = {
    DEFINITE: reason("positive"),
    SEMIDEFINITE: reason("nowhere negative"),
    -SEMIDEFINITE: reason("nowhere positive"),
    -DEFINITE: reason("negative"),
}
MEAN_ZERO = reason("deviations")
MULTIPLIED_OUT = reason("multiplied out")
DISTRIBUTED = reason("distributed")
SIMPLIFIED = reason("simplified")
SAME_FAMILY = reason("same family")


def joined(reasons: Iterable[Reason]) -> Reasons:
    """Return the reasons of a row, each once."""
    return tuple(dict.fromkeys(reasons))


def moves_of_both(first: Reasons, second: Reasons) -> Reasons:
    """Return what is done in two rows where both do the same, without what it moves in each; () where they do not."""
    plain = [tuple(CYCLIC_EQUATION if x.key == CYCLIC_MOVED else x for x in row) for row in (first, second)]
    return plain[0] if plain[0] == plain[1] else ()


def rule_words(rules: Sequence[Operator], body: Expr) -> Reasons:
    """Return the names of the rules used on `body`; those that go without saying only where there are no others."""
    telling = [x for x in rules if not x.plain] or rules
    used = [x for x in walk(body) if isinstance(x, Apply)]
    numbers = {x.operator for x in used} - {x.operator for x in used if not all(y.is_scalar for y in x.arguments)}
    names = joined(rule_of(x, of_numbers=x in numbers) for x in telling)
    said = {x.operator for x in used if vectors_of(x)}  # with the unit vectors, in the statement
    held = [of_row("condition", x.name, x.condition) for x in telling if x.condition is not None and x not in said]
    told = tuple({(x.own.en if x.own else x.key): x for x in held}.values())
    return (reason("rules, where", names=names, conditions=told) if told else reason("rules", names=names),)


def rule_of(row: Operator, *, of_numbers: bool = False) -> Reason:
    """Return what the rule of an operator is called, or what it is called where it is used on numbers alone."""
    if of_numbers and row.rule_of_numbers is not None:
        return of_row("rule of numbers", row.name, row.rule_of_numbers)
    return of_row("rule", row.name, row.rule)


def own_transpose(symbol: Symbol) -> Reason:
    """Return the equation that says that `symbol` is symmetric."""
    return formula("own transpose", r"{symbol}^\top={symbol}", symbol=symbol.latex)


def terms_in_traces(x: Expr) -> int:
    """Return how many terms `x` has, those of a sum within a trace counted each."""
    inner = [trace_body(y) or y for y in terms_of(x)]
    return sum(len(terms_of(y)) for y in inner)


def sums_of(x: Expr) -> int:
    """Return how many sums over an index a reader sees; some conditions turn two into one."""
    bound = any(isinstance(y, Apply) and y.operator.binding == Binding.SUM + 1 for y in walk(x))
    return to_latex(x).count(r"\sum") if bound else 0


def has_trace(x: Expr) -> bool:
    """Whether a trace occurs in `x`."""
    return any(trace_body(y) is not None for y in walk(x))


def cyclic_words(shown: Expr) -> list[Reason]:
    """Return the cyclic property, with what moves where there is one term only; nothing where dX is at the end."""
    chains = [
        x.arguments
        for x in walk(shown)
        if is_product(x) and holds_differential(x) and not all(y.is_scalar for y in x.arguments)
    ]
    moving = [c for c in chains if not holds_differential(c[-1])]
    if not moving:
        return []
    place = next(k for k, x in enumerate(moving[0]) if holds_differential(x))
    right = moving[0][place + 1 :]
    if len(chains) > 1 or any(x.is_scalar for x in moving[0]):
        return [CYCLIC_EQUATION]
    moved = to_latex(Apply(product, right) if len(right) > 1 else right[0]).rstrip()
    if len(moved) > 30:
        return [CYCLIC_EQUATION]
    return [reason(CYCLIC_MOVED, cyclic=CYCLIC_EQUATION, right=moved)]


# --- checks


def check_claim(claim: StatedDerivative, refutation: str, right: Expr) -> None:
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
    how = "exact check" if check.exact else f"numerical check (relative error {check.max_relative_error:.1g})"
    raise VerificationError(
        "E401",
        f"{what} failed its {how}",
        hint=f"please report this; the line was {to_latex(value)}",
    )
