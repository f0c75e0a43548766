"""Finding the claims of a page, with their verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from ..documents.book import Chapter
from ..documents.formulas import SourceFormula, form_of
from ..documents.model import Kind, Place
from ..effort import uncollected
from ..latex.pieces import Piece
from ..latex.tree import MacroDefinition
from .accusations import accused, weighed
from .arguments import may_be_at_point
from .beside import Nearby, is_denied, is_said, nearby
from .chain_rule import chain_rule
from .claim import Claim
from .conditions import (
    claims_nothing,
    defines,
    ends_in_zero,
    is_condition,
    is_increment,
    is_of_derivatives_alone,
    is_word,
)
from .derivatives import (
    Derivative,
    derivative_of,
    has_derivative,
    has_differential,
)
from .doubts import doubt_of, is_of_some_values
from .earlier import EarlierPages
from .inner import (
    Evaluated,
    Value,
    are_alike,
    by_whole,
    evaluated,
    is_entry_of,
    is_of_same_function,
    is_plain_letter,
    paired,
    said_in,
    value_of,
)
from .kinds import UnknownError
from .members import (
    along_direction,
    antiderivative,
    is_of_first_order,
    primes_spelled_out,
    without_derivatives,
    without_differentials,
)
from .page_reading import page_read
from .readings import IN_DERIVATIVES, Assertion, Resolver
from .recall import recalled
from .statements import EQUALS, Chain, Member, latex_of
from .surroundings import Placed, Surroundings, letters_of, symbol_of, tree_of
from .tables import Case, Row, at_numbers, cases_of, cells_of, entries, names_entries, table_of, variables_of
from .unknown import holds_for_any
from .unknown_macros import unknown_in
from .values import are_equal_numbers, holds_at_values, holds_with_numbers, is_same_number
from .verdicts import WRONG, Judged, judged
from .worlds import ANY_SUM, with_sums

_Upstream = tuple[tuple[str, Derivative], ...]
"""Letters, and the derivatives that they stand for in a claim."""
NEAR_BEFORE, NEAR_BEHIND = 400, 250
"""How many characters before and behind a formula its conditions may be said."""


@uncollected()
def claims(
    text: str, kind: Kind = "markdown", clauses: Sequence[str] = (), before: Sequence[Chapter] = ()
) -> list[Claim]:
    """Return every claim of a page in order, each with its verdict; `clauses` hold on the whole page.

    What the page does not define is looked up in the pages of its book that stand `before` it.
    """
    page = page_read(text, kind, tuple(clauses))
    if page is None:
        return []
    earlier = EarlierPages(before)
    around = replace(page.around, before=earlier)
    resolver = Resolver(
        around, page.of_letters, lambda start: earlier.place_of(start) if start < 0 else page.place_of(start)
    )
    return [
        _without_unknown(claim, page.unknown)._replace(
            place=page.place(claim.start, claim.end),
            ignored=page.ignored.get(formula.start, ()),
            form=form_of(formula, page.page.stripped.base, kind),
        )
        for chain, formula in page.chains
        for claim in _of_chain(chain, formula, resolver, page.prose)
    ]


def _without_unknown(claim: Claim, letters: Mapping[str, MacroDefinition]) -> Claim:
    """Return a claim; one that would be wrong but for macros that nobody defines is not judged."""
    name = unknown_in((claim.latex, claim.left, claim.f, *claim.where), letters) if claim.verdict in WRONG else ""
    return claim._replace(verdict="not judged", reason=f"{name} is not known") if name else claim


def _of_chain(placed: Placed, formula: SourceFormula, resolver: Resolver, page: str) -> Iterator[Claim]:
    """Yield the claims of a chain: whatever is said to equal a derivative."""
    derivatives: list[Derivative] = []
    left = ""
    wrong = held = False
    head: tuple[Piece, ...] = ()
    if is_condition(placed.chain):
        return
    before: Member | None = None
    right: Member | None = None
    number: Member | None = None
    for member in placed.chain.members:
        if member.relation not in ("", EQUALS) and member.spelled != r"\equiv":
            derivatives, left, before, right = [], "", None, None  # what follows equals something else
        derivative = derivative_of(member.pieces) if member.pieces else None
        derivative = None if derivative is not None and is_word(derivative) else derivative
        claimed = member
        by_another = derivative is not None and _is_by_another(derivative, derivatives)
        if derivative is not None and not by_another and not _is_claimed_differential(derivative, derivatives):
            derivatives.append(derivative)
            left, head = left or member.written or member.latex, member.pieces
            if before is None or len(derivatives) > 1 or not _is_stated_before(before, derivative):
                continue
            claimed = before
        elif not derivatives:
            before = member if member.pieces else None
            continue
        if (
            not claimed.pieces
            or names_entries(table_of(claimed.pieces))
            or claims_nothing(claimed.pieces)
            or is_increment(claimed.pieces, derivatives[-1])
            or not _is_about(claimed, derivatives)
        ):
            continue
        near = " ".join((*placed.chain.beside, page[max(0, formula.start - NEAR_BEFORE) : formula.end + NEAR_BEHIND]))
        claim = _claim(claimed, derivatives, placed, formula, resolver, nearby(near))
        if claim.verdict == "not judged" and right is not None and right is not claimed:
            where = _Where(tuple(derivatives), placed.start, nearby(near))
            claim = claim._replace(verdict="true", reason="") if _follows(right, claimed, where, resolver) else claim
        if claim.verdict == "not judged" and number is not None and is_same_number(number.latex, claimed.latex):
            continue  # what was not judged, said again
        number = claimed
        right = claimed if claim.verdict.startswith("true") and claim.verdict != "true only if" else None
        if claim.verdict in WRONG and (
            may_be_at_point(placed.chain, derivatives) or (held and ends_in_zero(placed.chain))
        ):
            claim = claim._replace(verdict="not judged", reason="it may be the value at a point")
        held = held or claim.verdict.startswith("true")
        derivatives += _explicit(claimed, derivatives[-1])
        follows = wrong and claim.verdict in WRONG
        wrong = wrong or claim.verdict in WRONG
        if claim.verdict == "not judged" and defines(claimed.pieces, derivatives[-1], head, resolver.surroundings):
            continue
        if claim.reason == IN_DERIVATIVES and is_of_derivatives_alone(
            claimed.pieces, derivatives[-1], resolver.surroundings
        ):
            continue
        said = _with_what_is_said(claim, near, page, resolver.surroundings)
        yield said._replace(left=left, follows=follows)


def _explicit(member: Member, derivative: Derivative) -> Iterator[Derivative]:
    r"""Yield what `-\sum_j\partial(t_j\log y_j)/\partial z_i` is the derivative of, which what follows equals too."""
    sums = antiderivative(member.pieces, symbol_of(derivative.variable)) if derivative.order == "first" else None
    if sums is not None and derivative.variable and not symbol_of(sums.latex):
        yield replace(derivative, body=(Piece("character", sums.latex, member.start, member.end),), factor="", point="")


def _is_stated_before(member: Member, derivative: Derivative) -> bool:
    """Whether `a = \\nabla (a^Tx)` states a derivative: what stands before it is no name that is given to it."""
    name = symbol_of(member.latex)
    return name in letters_of(derivative.f) if name else bool(letters_of(member.latex))


def _is_about(member: Member, derivatives: Sequence[Derivative]) -> bool:
    """Whether a member may equal the derivatives: a differential is written in differentials, or in a direction."""
    differential = [x for x in derivatives if x.order == "differential"]
    if not differential:
        return True
    if {x.direction for x in differential} & set(letters_of(member.latex)):
        return True
    return has_differential(member.pieces) and is_of_first_order(member.pieces)


def _with_what_is_said(claim: Claim, near: str, page: str, around: Surroundings) -> Claim:
    """Return a claim whose condition the text states as true; one that needs a matrix to be square as of another size.

    That it is square is stated only by what is said of the letter itself.
    """
    if not claim.clauses:
        return claim
    if "square and" in claim.condition:
        if is_said(claim.clauses, page, page, around.positive):
            return claim
        return claim._replace(verdict="shapes do not fit", reason=f"they fit only if {claim.condition}", condition="")
    if not is_said(claim.clauses, near, page, around.positive):
        if claim.verdict == "true only if" and is_denied(claim.clauses, near):
            return claim._replace(verdict="false", reason=f"it holds only if {claim.condition}", condition="")
        return claim
    return claim._replace(verdict="true", layout="" if claim.layout == "numerator" else claim.layout)


def _is_by_another(derivative: Derivative, before: Sequence[Derivative]) -> bool:
    r"""Whether this is the claim that a derivative by one letter is one by another: `\partial L/\partial b` of z."""
    variables = {symbol_of(x.variable) for x in before} - {""}
    by = symbol_of(derivative.variable)
    if any(x.f == derivative.f and is_entry_of(by, symbol_of(x.variable)) for x in before):
        return False  # one more left side, which says that the first one is meant entry by entry
    return bool(variables) and by not in ("", *variables)


def _is_claimed_differential(derivative: Derivative, before: Sequence[Derivative]) -> bool:
    """Whether a differential is not one more left side: `dX` alone behind `dF =` is a claim."""
    return derivative.order == "differential" and bool(before) and bool(symbol_of(derivative.f))


def _claim(
    member: Member,
    derivatives: Sequence[Derivative],
    placed: Placed,
    formula: SourceFormula,
    resolver: Resolver,
    near: Nearby,
) -> Claim:
    start, end = _stretch(member, formula)
    follows_letters = _follows_letters(member, placed.chain)
    key = (member.pieces, tuple(derivatives), near, resolver.context, follows_letters)
    where = _Where(tuple(derivatives), placed.start, near, follows_letters)

    def judge(around: Surroundings) -> tuple[Judged, _Upstream]:
        return _judged_member(member, where, replace(resolver, surroundings=around))

    found, upstream = recalled(key, placed.start, resolver.surroundings, judge)
    found = weighed(found, _doubt(found, member, where, resolver) if found.failing else "")
    if found.verdict in WRONG and is_of_some_values(formula.latex):
        found = Judged("not judged", "it may hold for the values that stand beside it alone")
    named = tuple((letter, rf"\partial {x.f}/\partial {x.variable}") for letter, x in upstream)
    claim = Claim(found.verdict, member.written or member.latex, Place(0, 0, 0, ""), start, end, upstream=named)
    claim = _claim_of(found, claim, resolver)
    return accused(claim, found) if claim.verdict in WRONG else claim


def _doubt(found: Judged, member: Member, where: _Where, resolver: Resolver) -> str:
    """Return why what fails may not be wrong; sizes count where they are declared, or the formulas have them."""
    world, around = found.failing[0], resolver.surroundings
    if world.sums_over_anything(member.latex):
        return "it is not said what this sum goes over"
    if found.verdict != "false":
        sized = [
            x.partition(":")[0] for x in (*world.where, *world.context) if x not in resolver.context and " x " in x
        ]
        places = [start for _, start in world.sources] + [x.place for x in around.said_of(sized, where.place)]
        if any(around.section(x) != around.section(where.place) for x in places):
            return "several definitions may be meant"
    return doubt_of(member, world, where.derivatives)


def _follows_letters(member: Member, chain: Chain) -> bool:
    """Whether a member before one, which is no derivative alone, is more than a number."""
    before = takewhile(lambda x: x is not member, chain.members)
    others = (x for x in before if x.pieces and derivative_of(x.pieces) is None)
    return any(letters_of(x.latex) or has_derivative(x.pieces) for x in others)


def _judged_member(member: Member, where: _Where, resolver: Resolver) -> tuple[Judged, _Upstream]:
    """Return the verdict on a claim, and the derivatives that letters stand for in it."""
    upstream: _Upstream = ()
    if table := table_of(member.pieces):
        found = _judged_table(table, where, resolver)
    else:
        found, upstream = _judged_as_it_stands(member, where, resolver)
    variable = symbol_of(where.derivatives[-1].variable)
    first = where.derivatives[-1].order == "first"
    if first and found.verdict == "not judged" and (sums := antiderivative(member.pieces, variable)):
        whole = _judged_alone(replace(where.assertion(sums.latex), linear=True, factors=sums.factors), resolver)
        silent = variable not in letters_of(sums.latex)  # dv/dt, of v as a function of t
        of_a_vector = whole.verdict == "shapes do not fit"  # it is judged by its value
        found = found if of_a_vector or (silent and whole.verdict in WRONG) else whole
    if found.verdict in ("not judged", "shapes do not fit") and (cases := cases_of(member.pieces)):
        found = _judged_cases(cases, where, resolver)
    for derivative in where.derivatives if found.verdict == "not judged" else ():
        found = _judged_by_rules(member, derivative, found, where.place, resolver)
        if found.verdict == "true":
            break
    if found.verdict == "not judged" and has_derivative(member.pieces):
        found = _judged_by_values(member, where, found, resolver)
    if found.verdict in (*WRONG, "not judged"):
        found = _judged_with_primes(member, where, found, resolver)
    return found, upstream


def _judged_with_primes(member: Member, where: _Where, found: Judged, resolver: Resolver) -> Judged:
    """Return the verdict on a claim with derivatives for `(u)'`; what was `found` where none stands there.

    One that fails is not wrong where the variable is a number: no transpose is meant.
    """
    variable = where.derivatives[-1].variable or (found.world.variable if found.world else "")
    spelled = primes_spelled_out(member.pieces, variable) if variable else member.pieces
    if spelled == tuple(member.pieces):
        return found
    again = _judged_member(replace(member, pieces=spelled), where, resolver)[0]
    if again.verdict == "true":
        return again
    question = found.outcome.question if found.outcome else None
    number = question is not None and question.variables[0].is_scalar
    return Judged("not judged", "a prime behind a parenthesis may be a derivative") if number else found


def _judged_by_values(member: Member, where: _Where, found: Judged, resolver: Resolver) -> Judged:
    """Return the verdict on a claim with values for the derivatives in it; what was `found` where they say nothing.

    One that fails counts only where all of them are plain numbers, of formulas that stand there.
    """
    derivative = where.derivatives[0]
    if derivative.order != "first":
        return found

    def is_upstream(x: Derivative) -> bool:
        return is_of_same_function(x, derivative) and symbol_of(x.variable) != symbol_of(derivative.variable)

    for kept in (lambda x: False, is_upstream):
        for one in evaluated(member.pieces, kept, where.value_within(resolver)):
            judged_so = _judged_alone(where.assertion(one.latex, one.upstream), resolver)
            if judged_so.verdict not in (*WRONG, "not judged", "true only if"):
                return judged_so
    if (whole := by_whole(member.pieces, derivative)) is None:
        return found
    return _judged_by_values(replace(member, pieces=whole[0]), replace(where, derivatives=(whole[1],)), found, resolver)


def _follows(before: Member, member: Member, where: _Where, resolver: Resolver) -> bool:
    """Whether a member is the one before it in other words, whatever the derivatives are of which nothing is known."""
    if not has_derivative(before.pieces) and not has_derivative(member.pieces) and not letters_of(member.latex):
        if not letters_of(before.latex):
            return are_equal_numbers(before.latex, member.latex)
        return holds_with_numbers(before.latex, member.latex, where.place, resolver)
    value = said_in(before.pieces, member.pieces, where.value_within(resolver))
    one, other = (
        next(evaluated(x.pieces, lambda y: value(y) is None, value), Evaluated(x.latex, (), False))
        for x in (before, member)
    )
    if not all(are_alike(dict(one.upstream).get(x, y), y) for x, y in other.upstream):
        return False
    plain = is_plain_letter(where.derivatives[0].variable)
    first, second = (x.latex.replace(r"\times", r"\cdot ") if plain else x.latex for x in (one, other))
    numbers = (*resolver.context, *(f"{x}: scalar" for x in (r"\breve{z}", *dict(one.upstream))))
    ways = [(r"\breve{z}", numbers)] if plain else [(r"\breve{z}", resolver.context), (r"\breve{Z}", resolver.context)]
    for test, context in ways:
        assertion = Assertion((paired(test, first),), second, where.place, (), where.near)
        if _judged_alone(assertion, replace(resolver, context=context)).verdict == "true":
            return True
    return False


def _judged_by_rules(member: Member, derivative: Derivative, found: Judged, place: int, resolver: Resolver) -> Judged:
    """Return the verdict on a claim that is the chain rule, or that holds for any functions; else what was found."""
    rule = chain_rule(member.pieces, derivative, resolver.surroundings, place)
    if rule is not None:
        return Judged("true" if rule.holds else "not judged", rule.words)
    if not has_derivative(member.pieces):
        return found
    world = holds_for_any(member.pieces, derivative, resolver.surroundings, place)
    return found if world is None else Judged("true", world=world)


@dataclass(frozen=True, slots=True)
class _Where:
    """The derivatives that a claim is about, where it stands, and the text beside it."""

    derivatives: tuple[Derivative, ...]
    place: int
    near: Nearby
    follows_letters: bool = False

    def assertion(self, claimed: str, upstream: tuple[tuple[str, Derivative], ...] = ()) -> Assertion:
        """Return the claim that the derivatives equal what is `claimed`."""
        return Assertion(
            self.derivatives, claimed, self.place, upstream, self.near, follows_letters=self.follows_letters
        )

    def value_within(self, resolver: Resolver) -> Callable[[Derivative], Value | None]:
        """Return what gives a derivative that stands in the claim its value, None where nothing does."""

        def value(x: Derivative) -> Value | None:
            try:
                worlds = resolver.worlds(Assertion((x,), x.variable or "0", self.place, (), self.near))
            except UnknownError:
                return None
            usual = (world for world in worlds if not world.doubt and world.indices is None)
            return next((y for y in map(value_of, usual) if y is not None), None)

        return value


def _judged_as_it_stands(member: Member, where: _Where, resolver: Resolver) -> tuple[Judged, _Upstream]:
    """Return the verdict on a claim that is one formula, and the derivatives that letters stand for in it."""
    claimed = member.latex
    names: dict[str, int] = {}
    if where.derivatives[-1].order == "differential":
        derivatives = [x for x in where.derivatives if x.order == "differential"]
        if direction := next((x.direction for x in derivatives if x.direction), ""):
            claimed, derivatives = along_direction(claimed, direction, derivatives)
        else:
            claimed = without_differentials(member.pieces, names)
            derivatives = [replace(x, variable=", ".join(names)) for x in derivatives]
        where = replace(where, derivatives=tuple(derivatives))
    inner = without_derivatives(member.pieces)
    claimed = inner[0] if inner and inner[1] else claimed
    upstream = inner[1] if inner else ()
    if inner is None or (upstream and names):
        return Judged("not judged", IN_DERIVATIVES), upstream
    if names and {"d", r"\mathrm{d}"} & set(letters_of(claimed)):
        return Judged("not judged", "it is written in differentials of more than letters"), upstream
    if not letters_of(claimed) and not any(x.isdigit() for x in claimed):
        return Judged("not judged", "it cannot be read"), upstream
    found = _judged_alone(where.assertion(claimed, upstream), resolver)
    if found.verdict in WRONG and not letters_of(claimed):
        identity = _judged_alone(where.assertion(rf"({claimed}) I"), resolver)  # a Hessian or Jacobian is 1, for I
        found = identity if identity.verdict == "true" else found
    if not letters_of(claimed) and tree_of(claimed) is not None and found.verdict in (*WRONG, "not judged"):
        return _judged_at_values(where.assertion(claimed, upstream), found, resolver), upstream
    return found, upstream


def _judged_at_values(assertion: Assertion, found: Judged, resolver: Resolver) -> Judged:
    """Return the verdict on a number: true where the page gives the letters values with which it is right.

    It is false, as it was `found` to be, only where nothing says that it is the value at a point.
    """
    at = holds_at_values(assertion, resolver)
    if at is not None:
        return Judged("true", world=at)
    beside = resolver.surroundings.has_values(assertion.place) or assertion.follows_letters
    return Judged("not judged", "it may be the value at a point") if beside else found


def _claim_of(found: Judged, claim: Claim, resolver: Resolver) -> Claim:
    """Return a claim with what was found of it."""
    world = found.world
    if world is None:
        return claim._replace(reason=found.words) if found.words else claim
    context = tuple(x for x in world.context if x not in resolver.context)
    return claim._replace(
        reason=found.words, f=with_sums(world.f), variable=world.variable,
        where=tuple(with_sums(x) for x in (*world.where, *context) if not x.startswith(ANY_SUM)), kind=_kind(found),
        layout=_layout(found), condition=found.condition, clauses=found.clauses,
        sources=tuple((name, resolver.place_of(start)) for name, start in dict(world.sources).items()),
    )  # fmt: skip


def _judged_table(table: tuple[Row, ...], where: _Where, resolver: Resolver) -> Judged:
    """Return the verdict on a derivative that is written entry by entry."""
    for derivative in reversed(where.derivatives):
        for variables, body, sure in variables_of(resolver.surroundings, derivative, where.place):
            cells = cells_of(body)
            derivative = at_numbers(derivative, variables)
            claimed = entries(table, derivative, variables, cells)
            turned = claimed is None and bool(cells)
            if turned:
                claimed = entries(tuple(zip(*table, strict=True)), derivative, variables, cells)
            if claimed is None:
                continue
            parts = [
                (f"its entry {name}", replace(replace(where, derivatives=(x,)).assertion(latex_of(cell)), part=True))
                for name, x, cell in claimed
            ]
            found = _together(parts, resolver)
            if not sure and (found.failing or found.verdict in WRONG):
                return Judged("not judged", "it may be the value at a point")
            return replace(found, verdict="true in the other layout") if turned and found.verdict == "true" else found
    return Judged("not judged", "it is not said by which letters the entries are")


def _judged_cases(cases: tuple[Case, ...], where: _Where, resolver: Resolver) -> Judged:
    """Return the verdict on a derivative that is written case by case; conditions on vectors are not judged."""
    parts = []
    for x in cases:
        if x.is_met:
            claimed = replace(where.assertion(latex_of(x.value)), given=x.given, part=True)
            parts.append((f"where {' and '.join(map(str, x.given))}", claimed))
    found = _together(parts, resolver)
    return found if found.verdict != "shapes do not fit" else Judged("not judged", found.words)


def _together(parts: Sequence[tuple[str, Assertion]], resolver: Resolver) -> Judged:
    """Return the verdict on all parts of a claim: the worst of theirs, its reason with the name of the part."""
    found = [(name, _judged_alone(x, resolver)) for name, x in parts]
    for verdicts in (WRONG, ("not judged",), ("true only if",), ("true in the other layout",), ("true",)):
        for name, one in found:
            if one.verdict in verdicts:
                return replace(one, words=f"{name}: {one.words}" if one.words else "")
    return Judged("not judged", "it cannot be read")


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


def _stretch(member: Member, formula: SourceFormula) -> tuple[int, int]:
    try:
        start, end = formula.locate(member.start), formula.locate(member.end - 1) + 1
    except (ValueError, IndexError):
        return formula.start, formula.end
    return (start, max(end, start + 1)) if formula.start <= start < formula.end else (formula.start, formula.end)
