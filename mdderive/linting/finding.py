"""Finding the claims of a page, with their verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..documents.formulas import SourceFormula, formulas
from ..documents.model import Kind, Place
from ..documents.page import read_page
from ..errors import DeriveError
from ..latex.macros import find_macros
from ..latex.names import name_of
from ..latex.tree import MacroDefinition
from ..question.clauses import read_clauses
from .derivatives import Derivative, derivative_of, has_differential, may_hold_derivative
from .readings import Assertion, Resolver, without_derivatives, without_differentials
from .statements import EQUALS, Chain, Member, may_relate, statements
from .surroundings import Placed, is_said, letters_of, surroundings, symbol_of
from .verdicts import WRONG, Judged, Verdict, judged

NEAR_BEFORE, NEAR_BEHIND = 400, 250
"""How many characters before and behind a formula its conditions may be said."""


@dataclass(frozen=True, slots=True)
class Claim:
    r"""A derivative that an author states, and what came of it.

    verdict     "true", "true in the other layout", "true only if" (see `condition`), "shapes do not fit", "false", or
                "not judged" (see `reason`)
    latex       what is claimed, macros expanded; `place` is where it stands, `text[start:end]`
    left        the author's left side
    f, variable what is differentiated, by what, as it was understood; "" where it was not
    where       the definitions, shapes and properties with which it was understood, as clauses
    kind        "gradient", "jacobian", "hessian" or "differential"
    layout      "denominator" (that of the variable), "numerator" (its transpose), "" where both are the same or unknown
    reason      why it is not judged, which sizes do not fit, or the numbers that refute it
    condition   what must hold for it to be true: "A is symmetric"; `clauses` say so, or what makes the layouts one
    upstream    letters and the derivatives that they stand for in `f`: `\bar{Y}`, `\partial L/\partial Y`
    follows     whether a claim before it in the same chain is wrong already
    """

    verdict: Verdict
    latex: str
    place: Place
    start: int = 0
    end: int = 0
    left: str = ""
    f: str = ""
    variable: str = ""
    where: tuple[str, ...] = ()
    kind: str = "gradient"
    layout: str = ""
    reason: str = ""
    condition: str = ""
    clauses: tuple[str, ...] = ()
    upstream: tuple[tuple[str, str], ...] = ()
    follows: bool = False

    @property
    def marker(self) -> str:
        r"""The `\derive` marker that derives what was claimed, "" where none can."""
        return self.marker_of(self.f, self.where)

    def marker_of(self, f: str, where: Sequence[str]) -> str:
        """Return the marker for f, which is what is differentiated in other words; "" where none can be."""
        if not f or self.kind == "differential":
            return ""
        clauses = self.asked(where)
        return rf"\derive<{f}><{self.variable}>" + (f"[{'; '.join(clauses)}]" if clauses else "")

    def asked(self, where: Sequence[str]) -> list[str]:
        """Return the clauses of a marker for it, `where` and what kind of derivative is asked for."""
        return [*(["hessian"] if self.kind == "hessian" else []), *where]


def claims(text: str, kind: Kind = "markdown", clauses: Sequence[str] = ()) -> list[Claim]:
    """Return every claim of a page in order, each with its verdict; `clauses` hold on the whole page."""
    page = read_page(text, kind, tuple(clauses))
    base = page.stripped.base
    found = formulas(base, kind)
    macros = _macros(base, clauses)
    if not _state_a_derivative(found, macros):
        return []
    placed = list(_placed(found, macros))
    around = surroundings(base, kind, [x for x, _ in placed], [(x.start, x.end, x.latex) for x in found])
    said = (*clauses, *(clause.text for clause in page.scan.clauses))
    resolver = Resolver(around, tuple(x for x in said if _says_of_letters(x)))
    return [
        replace(claim, place=page.place(claim.start, claim.end))
        for chain, formula in placed
        for claim in _of_chain(chain, formula, resolver, base)
    ]


def _state_a_derivative(found: Sequence[SourceFormula], macros: Mapping[str, MacroDefinition]) -> bool:
    """Whether a derivative is a member of a chain anywhere; most formulas of a page are not read for that."""
    asked = (x for x in found if macros or may_hold_derivative(x.latex))
    chains = (chain for x in asked for chain in statements(x.latex, macros))
    return any(member.pieces and derivative_of(member.pieces) for chain in chains for member in chain.members)


def _macros(text: str, clauses: Sequence[str]) -> dict[str, MacroDefinition]:
    found = dict(read_clauses((), [x for x in clauses if x.lstrip().startswith("\\")]).macros)
    for _, _, macro in find_macros(text, 0, len(text)):
        found[macro.name] = MacroDefinition(macro.body, macro.arguments, macro.default)
    return found


def _says_of_letters(clause: str) -> bool:
    try:
        return bool(read_clauses((), (clause,)).declarations)
    except DeriveError:
        return False


def _placed(
    found: Sequence[SourceFormula], macros: Mapping[str, MacroDefinition]
) -> Iterator[tuple[Placed, SourceFormula]]:
    """Yield every chain with its place; one that begins with `=` goes on with the chain of the formula before it."""
    before: tuple[Chain, SourceFormula] | None = None
    for formula in found:
        if not macros and not may_relate(formula.latex) and not may_hold_derivative(formula.latex):
            before = None
            continue
        for k, chain in enumerate(statements(formula.latex, macros)):
            if k == 0 and before and not chain.members[0].pieces and chain.members[0].relation == "":
                head = _head_of(before[0])
                chain.members = [*head, *chain.members[1:]] if head else chain.members
            elif k == 0 and before and chain.members[0].relation:
                chain.members = [*_head_of(before[0]), *chain.members]
            start, end = formula.start, formula.end
            yield Placed(chain, start, end), formula
            before = (chain, formula)


def _head_of(chain: Chain) -> list[Member]:
    """Return the derivatives that a chain begins with, without places."""
    return [Member(x.relation, x.pieces) for x in chain.members[:2] if x.pieces and derivative_of(x.pieces)]


def _of_chain(placed: Placed, formula: SourceFormula, resolver: Resolver, page: str) -> Iterator[Claim]:
    """Yield the claims of a chain: whatever is said to equal a derivative."""
    derivatives: list[Derivative] = []
    left = ""
    wrong = False
    for member in placed.chain.members:
        if member.relation and member.relation != EQUALS:
            derivatives, left = [], ""  # what follows equals something else
            continue
        derivative = derivative_of(member.pieces) if member.pieces else None
        if derivative is not None and not _is_claimed_differential(derivative, derivatives):
            derivatives.append(derivative)
            left = left or member.latex
            continue
        if not derivatives or not member.pieces or _claims_nothing(member.latex):
            continue
        if any(x.order == "differential" for x in derivatives) and not has_differential(member.pieces):
            continue
        claim = _claim(member, derivatives, placed, formula, resolver)
        claim = replace(claim, follows=wrong and claim.verdict in WRONG)
        wrong = wrong or claim.verdict in WRONG
        near = " ".join((*placed.chain.beside, page[max(0, formula.start - NEAR_BEFORE) : formula.end + NEAR_BEHIND]))
        yield replace(_with_what_is_said(claim, near, page), left=left)


def _claims_nothing(latex: str) -> bool:
    """Whether a right side is zero or a question mark, which asks for a stationary point or for the derivative."""
    name = name_of(latex.strip())
    return name.letter.strip("{}") in ("0", "O", "?") and name.superscript is None and not name.primes


def _with_what_is_said(claim: Claim, near: str, page: str) -> Claim:
    """Return a claim whose condition the text states as true; what must be square besides is not stated so."""
    if not claim.clauses or "square and" in claim.condition or not is_said(claim.clauses, near, page):
        return claim
    return replace(claim, verdict="true", layout="" if claim.layout == "numerator" else claim.layout)


def _is_claimed_differential(derivative: Derivative, before: Sequence[Derivative]) -> bool:
    """Whether a differential is not one more left side: `dX` alone behind `dF =` is a claim."""
    return derivative.order == "differential" and bool(before) and bool(symbol_of(derivative.f))


def _claim(
    member: Member, derivatives: Sequence[Derivative], placed: Placed, formula: SourceFormula, resolver: Resolver
) -> Claim:
    start, end = _stretch(member, formula)
    claimed = member.latex
    names: dict[str, int] = {}
    if derivatives[-1].order == "differential":
        claimed = without_differentials(member.pieces, names)
        derivatives = [replace(x, variable=", ".join(names)) for x in derivatives if x.order == "differential"]
    inner = without_derivatives(member.pieces)
    claimed = inner[0] if inner and inner[1] else claimed
    if inner is None or (inner[1] and names):
        found = Judged("not judged", "it is written in derivatives itself")
    elif names and {"d", r"\mathrm{d}"} & set(letters_of(claimed)):
        found = Judged("not judged", "it is written in differentials of more than letters")
    elif not letters_of(claimed) and not _is_number(claimed):
        found = Judged("not judged", "it cannot be read")
    else:
        assertion = Assertion(tuple(derivatives), claimed, placed.start, inner[1])
        found = _judged_alone(assertion, resolver)
    world = found.world
    upstream = tuple((letter, rf"\partial {x.f}/\partial {x.variable}") for letter, x in (inner[1] if inner else ()))
    claim = Claim(found.verdict, member.latex, Place(0, 0, 0, ""), start, end, reason=found.words, upstream=upstream)
    if world is None:
        return claim
    context = tuple(x for x in world.context if x not in resolver.context)
    return replace(
        claim, f=world.f, variable=world.variable, where=(*world.where, *context), kind=_kind(found),
        layout=_layout(found), condition=found.condition, clauses=found.clauses,
    )  # fmt: skip


def _judged_alone(assertion: Assertion, resolver: Resolver) -> Judged:
    """Return the verdict on a claim; what mdderive fails at costs this claim, never the page."""
    try:
        return judged(assertion, resolver)
    except Exception as error:  # a bug of ours
        return Judged("not judged", f"mdderive itself failed here: {type(error).__name__}: {error}")


def _kind(found: Judged) -> str:
    assert found.world is not None
    if found.world.order != "first":
        return {"second": "hessian", "differential": "differential"}[found.world.order]
    question = found.outcome.question if found.outcome else None
    return "gradient" if question is None or question.f.is_scalar else "jacobian"


def _layout(found: Judged) -> str:
    if found.outcome is None or found.outcome.either or found.world is None or found.world.order != "first":
        return ""
    return {"own": "denominator", "turned": "numerator"}.get(found.outcome.status, "")


def _is_number(latex: str) -> bool:
    return any(sign.isdigit() for sign in latex)


def _stretch(member: Member, formula: SourceFormula) -> tuple[int, int]:
    try:
        start, end = formula.locate(member.start), formula.locate(member.end - 1) + 1
    except (ValueError, IndexError):
        return formula.start, formula.end
    return (start, max(end, start + 1)) if formula.start <= start < formula.end else (formula.start, formula.end)
