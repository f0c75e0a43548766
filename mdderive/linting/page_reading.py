"""A page as the lint reads it: its chains in their order, and what it says around them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..algebra.expressions import remembered
from ..documents.formulas import SourceFormula, formulas, ignored_codes
from ..documents.model import Kind, Place
from ..documents.page import Page, read_page
from ..errors import DeriveError
from ..latex.macros import find_macros
from ..latex.tree import MacroDefinition
from ..question.clauses import read_clauses
from .bare_words import bare_words, with_words
from .conditional import conditional_names, with_commas
from .derivatives import derivative_of, has_derivative, may_hold_derivative
from .entry_names import EntryDefinition, entry_definitions, with_entries
from .layers import raised_indices, starred_functions, with_indices, with_stars
from .spellings import usual
from .statements import Chain, Member, may_relate, statements
from .surroundings import Placed, Surroundings, headings, surroundings
from .unknown_macros import letters_for_unknown


@dataclass(frozen=True, slots=True)
class PageRead:
    """A page of notes.

    page        its text taken apart: what is the author's own, and where that stands
    chains      its chains in order, each with the formula that it stands in
    around      what the page says
    prose       its text without markup, every character at its place
    of_letters  the clauses that hold on the whole page and say something of letters
    unknown     the macros that nothing defines, each as the letter that it is taken for
    ignored     by where a formula begins, the codes of which its author wants none told
    ends        where each formula ends, by where it begins
    """

    page: Page
    chains: tuple[tuple[Placed, SourceFormula], ...]
    around: Surroundings
    prose: str
    of_letters: tuple[str, ...]
    unknown: Mapping[str, MacroDefinition]
    ignored: Mapping[int, tuple[str, ...]]
    ends: Mapping[int, int]

    def place(self, start: int, end: int) -> Place:
        """Return a stretch of the page as a place."""
        return self.page.place(start, end)

    def place_of(self, start: int) -> Place:
        """Return the place of the formula that begins at an offset."""
        return self.page.place(start, self.ends.get(start, start + 1))


class _Opened(NamedTuple):
    """A page with its formulas, the macros that they may have, and those that nothing defines as letters."""

    page: Page
    formulas: Sequence[SourceFormula]
    macros: Mapping[str, MacroDefinition]
    letters: Mapping[str, MacroDefinition]


def page_read(text: str, kind: Kind, clauses: tuple[str, ...], *, any_page: bool = False) -> PageRead | None:
    """Return a page as it is read, None for one that states no derivative unless `any_page` is asked for."""
    return _in_full(text, kind, clauses) if any_page or _states_a_derivative(_opened(text, kind, clauses)) else None


@remembered(maxsize=2, beyond=True)
def _opened(text: str, kind: Kind, clauses: tuple[str, ...]) -> _Opened:
    page = read_page(text, kind, clauses)
    found = formulas(page.stripped.base, kind)
    macros = _macros(page.stripped.base, clauses)
    letters = letters_for_unknown([x.latex for x in found], macros)
    return _Opened(page, found, macros | letters, letters)


def _states_a_derivative(opened: _Opened) -> bool:
    """Whether a derivative is a member of a chain anywhere in the formulas of a page."""
    hidden = len(opened.macros) > len(opened.letters) or any(
        may_hold_derivative(x.body) for x in opened.letters.values()
    )
    stating = [x.latex for x in opened.formulas if hidden or may_hold_derivative(x.latex)]
    chains = (chain for latex in stating for chain in statements(latex, opened.macros))
    return any(member.pieces and derivative_of(member.pieces) for chain in chains for member in chain.members)


@remembered(maxsize=64, beyond=True)
def _in_full(text: str, kind: Kind, clauses: tuple[str, ...]) -> PageRead:
    """Return any page; one of a book is read for its own claims, and for what is defined for those of later pages."""
    page, found, macros, letters = _opened(text, kind, clauses)
    base = page.stripped.base
    placed = _in_one_notation(list(_placed(found, macros)))
    sections, prose = headings(base, kind), page.syntax.prose(base)  # which has no markup, and so no headings
    around = surroundings(prose, sections, [x for x, _ in placed], [(x.start, x.end, x.latex) for x in found])
    said = (*clauses, *(clause.text for clause in page.scan.clauses))
    return PageRead(
        page, tuple(placed), around, prose, tuple(x for x in said if _says_of_letters(x)), letters,
        ignored_codes(prose, found), {x.start: x.end for x in found},
    )  # fmt: skip


def _in_one_notation(placed: list[tuple[Placed, SourceFormula]]) -> list[tuple[Placed, SourceFormula]]:
    """Return the chains with indices, stars and entries written as the engine reads them."""
    if words := bare_words([x.chain for x, _ in placed]):
        placed = [(replace(x, chain=with_words(x.chain, words)), formula) for x, formula in placed]
    if names := conditional_names([x.chain for x, _ in placed]):
        placed = [(replace(x, chain=with_commas(x.chain, names)), formula) for x, formula in placed]
    if indices := raised_indices(x.chain for x, _ in placed):
        placed = [(replace(x, chain=with_indices(x.chain, indices)), formula) for x, formula in placed]
    if stars := starred_functions(x.chain for x, _ in placed):
        placed = [(replace(x, chain=with_stars(x.chain, stars)), formula) for x, formula in placed]
    return list(_in_usual_spelling(placed))


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


def _in_usual_spelling(placed: Sequence[tuple[Placed, SourceFormula]]) -> Iterator[tuple[Placed, SourceFormula]]:
    """Yield the chains as the engine reads them, with what the page says of the entries of functions in their place."""
    known = entry_definitions(x for x, _ in placed)
    for one, formula in placed:
        entries = known if known and any(has_derivative(x.pieces) for x in one.chain.members) else ()
        members = [_respelled(x, entries, one.start) for x in one.chain.members]
        changed = any(x is not y for x, y in zip(members, one.chain.members, strict=True))
        yield (replace(one, chain=Chain(members, one.chain.beside)) if changed else one), formula


def _respelled(member: Member, known: Sequence[EntryDefinition], place: int) -> Member:
    pieces = usual(with_entries(member.pieces, known, place) if known else member.pieces)
    return member if pieces == member.pieces else replace(member, pieces=pieces, written=member.written or member.latex)


def _head_of(chain: Chain) -> list[Member]:
    """Return the derivatives that a chain begins with, without places."""
    return [Member(x.relation, x.pieces) for x in chain.members[:2] if x.pieces and derivative_of(x.pieces)]
