"""How f is brought into the form in which it is differentiated, each change a row that is checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..algebra.expressions import Expr, Symbol, Wording
from ..algebra.matching import fold
from ..algebra.terms import build, normalise, substitute
from ..calculus.matrix_form import in_matrix_form
from ..checking.subject import Subject
from ..errors import UnsupportedError
from ..question.question import Question
from .derivation import Step
from .identities import prepare
from .reasons import MATRIX_FORM, passed

NO_VALUES: Mapping[Expr, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rewritten:
    """f as it is differentiated, the rows that lead there, and the bodies of the named values likewise.

    `relevant` holds the named values that depend on a variable.
    """

    f: Expr
    rows: tuple[Step, ...]
    bodies: Mapping[Symbol, Expr]
    relevant: frozenset[Symbol]

    @property
    def in_full(self) -> Expr:
        """f with the named values written out."""
        return self.written_out(self.f)

    def written_out(self, value: Expr) -> Expr:
        """Return `value` with the definitions of the named values in their place."""
        for symbol, body in reversed(list(self.bodies.items())):
            value = substitute(value, {symbol: body}, build)
        return value


def rewritten(question: Question, points: Subject) -> Rewritten:
    """Return f in the form in which it is differentiated, through the values that the author names.

    Raises:
        UnsupportedError: a named value does not occur in f.
        VerificationError: a row failed its check.
    """
    truth = points.value(question.f)
    rows: list[Step] = []

    def row(rule: str, value: Expr, reason: Wording) -> None:
        rows.append(checked_step(points, rule, question.name, value, reason, truth))

    whole = in_matrix_form(question.f)
    if whole is not question.f:
        row("matrix form", whole, MATRIX_FORM)
    f, rewritings = prepare(whole)
    for one in rewritings:
        row(one.identity.name, one.result, one.says)
    bodies: dict[Symbol, Expr] = {}
    for symbol, body in question.intermediates:
        folded = normalise(prepare(in_matrix_form(body))[0])
        for known, its_body in bodies.items():
            folded = fold(folded, its_body, known)
        bodies[symbol] = folded
    if not bodies:
        return Rewritten(f, tuple(rows), MappingProxyType(bodies), frozenset())
    plain = normalise(f)
    through = plain
    for symbol, body in bodies.items():
        through = fold(through, body, symbol)
    relevant = _relevant(question)
    _check_use(question, bodies, relevant, through)
    if through is not plain:
        f = through
        names = ",".join(x.latex for x in bodies if x in through.symbols)
        row("substitution", through, Wording(rf"in terms of ${names}$", rf"用 ${names}$ 表示"))
    return Rewritten(f, tuple(rows), MappingProxyType(bodies), relevant)


def checked_step(
    points: Subject,
    rule: str,
    left: str,
    right: Expr,
    reason: Wording,
    truth: Any,
    given: Mapping[Expr, Any] = NO_VALUES,
) -> Step:
    """Return the row `left = right`, compared with its true value.

    Raises:
        VerificationError: it is not equal.
    """
    check = points.compare(points.value(right, given), truth)
    return Step(rule, left, right, reason, passed(check, f"the line {left} = ...", right))


def _relevant(question: Question) -> frozenset[Symbol]:
    """Return the intermediates that depend on a variable."""
    found: set[Symbol] = set()
    for symbol, body in question.intermediates:
        if body.symbols & (found | set(question.variables)):
            found.add(symbol)
    return frozenset(found)


def _check_use(question: Question, bodies: Mapping[Symbol, Expr], relevant: frozenset[Symbol], through: Expr) -> None:
    """Do nothing if all the named values that matter are used.

    Raises:
        UnsupportedError: one is not.
    """
    used = through.symbols.union(*(body.symbols for body in bodies.values()))
    missing = [x for x in bodies if x in relevant and x not in used]
    if missing:
        raise UnsupportedError(
            "E303",
            f"{missing[0].latex} does not occur in the function",
            question.places.get(missing[0]),
            hint=f"write the definition of {missing[0].latex} as it stands in the function",
        )
