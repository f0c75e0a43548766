r"""The chain rule as authors write it: `\frac{\partial L}{\partial z}\frac{\partial z}{\partial W}`, and sums of such.

Such a member says through which values a function depends on its variable. Nothing is computed: it holds if the
derivatives of each term follow each other from the function to the variable, and if no definition on the page says
that there is another way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..latex.names import name_of
from ..latex.pieces import Piece
from ..latex.vocabulary import FRACTIONS
from .components import base_of, free_indices
from .derivatives import TRANSPOSES, Derivative, derivative_of, name_and_arguments, solid
from .statements import NESTING, latex_of, sign
from .surroundings import Surroundings, function_of, letters_of, replaced, symbol_of, tree_of

MOST_FOLLOWED = 40
"""How many letters are followed from a function through the definitions of the page."""
_TIMES = ("*", ".", r"\cdot", r"\times", r"\ast", r"\,", r"\circ")


class OneDerivative(NamedTuple):
    """One derivative of a product: of `f` by `by`, and whether it is transposed."""

    f: str
    by: str
    turned: bool


class Term(NamedTuple):
    """A product of derivatives, and the indices over which it is summed."""

    links: tuple[OneDerivative, ...]
    summed: frozenset[str]


class Rule(NamedTuple):
    """What the chain rule says of a member: whether it `holds`, and why it may not."""

    holds: bool
    words: str = ""


def chain_rule(pieces: Sequence[Piece], derivative: Derivative, around: Surroundings, place: int) -> Rule | None:
    """Return what the chain rule says of a member, None if it is no sum of products of derivatives."""
    terms = _terms(pieces)
    f, variable = _named(derivative.body), _key(derivative.variable)
    if not terms or not f or not variable or derivative.order != "first" or derivative.factor or derivative.point:
        return None
    ways = [_ordered(term.links, f, variable, term.summed) for term in terms]
    if not all(ways) or len(set(map(tuple, filter(None, ways)))) < len(ways):
        return None
    graph = _Graph(around, place)
    for term, way in zip(terms, ways, strict=True):
        assert way is not None
        if words := _objection(term, way, graph):
            return Rule(False, words)
    through = {x for way in ways if way for x in way[1:-1]}
    if graph.reaches(f, variable, through):
        return Rule(False, f"{f} depends on {variable} in another way too")
    return Rule(True)


# --- reading -----------------------------------------------------------------------------------------------


def _terms(pieces: Sequence[Piece]) -> list[Term]:
    """Return the products of which a member is the sum; [] for anything else."""
    parts: list[list[Piece]] = [[]]
    depth = 0
    for piece in solid(pieces):
        depth += NESTING.get(sign(piece), 0)
        if depth == 0 and piece.is_character("+"):
            parts.append([])
        else:
            parts[-1].append(piece)
    found = [_term(part) for part in parts]
    return [x for x in found if x] if all(found) else []


def _term(pieces: Sequence[Piece]) -> Term | None:
    """Return the product that the pieces are: sums over indices, then two derivatives or more; None if another."""
    summed: set[str] = set()
    k = 0
    while k < len(pieces) and pieces[k].is_macro("sum"):
        k += 1
        while k < len(pieces) and (pieces[k].is_macro("limits", "nolimits") or pieces[k].is_character("_^")):
            if pieces[k].is_character("_") and k + 1 < len(pieces):
                inside = pieces[k + 1].items if pieces[k + 1].kind == "group" else pieces[k + 1 : k + 2]
                summed.add(latex_of(inside).partition("=")[0].partition(r"\in")[0].strip())
            k += 1 if pieces[k].kind == "macro" else 2
    links: list[OneDerivative] = []
    while k < len(pieces):
        if sign(pieces[k]) in _TIMES:
            k += 1
            continue
        found = _link_at(pieces, k)
        if found is None:
            return None
        links.append(found[0])
        k = found[1]
    return Term(tuple(links), frozenset(summed)) if len(links) > 1 else None


def _link_at(pieces: Sequence[Piece], k: int) -> tuple[OneDerivative, int] | None:
    """Return the derivative that begins at `k`, transposed or not, and where it ends; None if none does."""
    first = pieces[k]
    if first.is_character("(["):
        end = next((j + 1 for j in range(k + 1, len(pieces)) if pieces[j].is_character(")]")), k)
        inside = pieces[k + 1 : end - 1]
    elif first.is_macro(*FRACTIONS):
        end = k + 3
        inside = pieces[k:end]
    elif first.kind == "group":
        end = k + 1
        inside = pieces[k:end]
    else:
        end = next((j for j in range(k + 2, len(pieces) + 1) if is_whole_derivative(pieces, k, j)), k)
        inside = pieces[k:end]
    found = derivative_of(inside) if end > k else None
    if found is None or found.order != "first" or found.other or found.factor or found.point or found.direction:
        return None
    turned = found.turned
    if end + 1 < len(pieces) and pieces[end].is_character("^"):
        raised = latex_of(pieces[end + 1 : end + 2]).strip("{} ")
        if raised not in TRANSPOSES:
            return None
        turned, end = not turned, end + 2
    f, by = _named(found.body), _key(found.variable)
    return (OneDerivative(f, by, turned), end) if f and by else None


def is_whole_derivative(pieces: Sequence[Piece], k: int, j: int) -> bool:
    r"""Return whether `pieces[k:j]` is a derivative, and the next piece no part of it: `\partial E/\partial z_1`."""
    behind = pieces[j] if j < len(pieces) else None
    if behind is not None and (behind.is_character("_^'(") or pieces[j - 1].is_character("_^")):
        return False
    return derivative_of(pieces[k:j]) is not None


def _key(latex: str) -> str:
    """Return a letter, however it is raised, so that it can be compared: `z^l` too."""
    return symbol_of(latex) or "".join(latex.split()).replace("{", "").replace("}", "") if latex else ""


def _named(body: Sequence[Piece]) -> str:
    """Return the name of what is differentiated, its arguments left out; "" if it is no letter."""
    name, _ = name_and_arguments(body)
    if canonical := function_of(name):
        return canonical
    inner = solid(body)
    raised = len(inner) == 3 and inner[1].is_character("^") and inner[0].kind in ("character", "macro")
    return _key(name) if raised or _is_word(inner) else ""


def _is_word(pieces: Sequence[Piece]) -> bool:
    """Whether these are the letters of a word, perhaps with scripts: `loss`, `z2`, `out_{o1}`."""
    plain = [x for k, x in enumerate(pieces) if not (x.is_character("_^") or (k and pieces[k - 1].is_character("_^")))]
    return bool(plain) and all(x.kind == "character" and x.text.isalnum() for x in plain)


def _ordered(links: Sequence[OneDerivative], f: str, variable: str, summed: Collection[str] = ()) -> list[str] | None:
    """Return the letters from f to the variable; None if the derivatives do not follow each other, or in no layout.

    In one layout they stand in this order, in the other the other way round; then all but that of f may be transposed.
    """
    for way in (list(links), list(reversed(links))):
        follow = all(one.by == other.f for one, other in pairwise(way))
        if not follow or not _is_of_total(way[0].f, f, summed) or way[-1].by != variable:
            continue
        turned = {x.turned for x in way[1:]}
        if way[0].turned or len(turned) > 1 or (True in turned and way[0] is links[0]):
            continue
        letters = [f, *(x.by for x in way)]
        return letters if len(set(letters)) == len(letters) else None
    return None


def _is_of_total(term: str, total: str, summed: Collection[str]) -> bool:
    r"""Whether a letter is a total, or a term of it that is summed over, as `L^{(t)}` in `L = \sum_t L^{(t)}`."""
    if term == total:
        return True
    name = name_of(term)
    return any(name.carries(x) and symbol_of(name.family([x])) == total for x in summed)


# --- what the page says ------------------------------------------------------------------------------------


def _objection(term: Term, way: Sequence[str], graph: _Graph) -> str:
    """Return why a term may say what is not so; "" if nothing speaks against it."""
    bound = term.summed | set(free_indices(way[0]))
    for one, other in pairwise(way[1:]):
        loose = set(free_indices(one)) - bound
        if name_of(one).is_capital and len(free_indices(one)) == 1:  # W_h of the hidden layer
            continue
        if loose and not graph.is_entrywise(one, other):
            return f"it holds only where no other component than {one} depends on {other}"
    return ""


class _Graph:
    """Which letter depends on which, by the definitions of a page."""

    def __init__(self, around: Surroundings, place: int) -> None:
        self._around = around
        self._place = place

    def _letters(self, name: str) -> tuple[str, ...]:
        """Return the letters that the nearest definition of a name is written in."""
        for x in self._around.defined(name, self._place):
            if x.body and letters_of(x.body):
                return tuple(y for y in letters_of(x.body) if y != name)
        return ()

    def reaches(self, name: str, variable: str, without: Collection[str] = ()) -> bool:
        """Whether the name depends on the variable in a way that goes through none of the letters `without`.

        A letter that is indexed stands for all with its base, unless the variable has that base too.
        """
        closed = {*without, *(base_of(x) for x in without)} - {variable, base_of(variable)}
        waiting, seen = [name], {name, *without}
        while waiting and len(seen) < MOST_FOLLOWED:
            for letter in self._letters(waiting.pop(0)):
                if letter in closed or base_of(letter) in closed:
                    continue
                if variable in (letter, base_of(letter)):
                    return True
                if letter not in seen:
                    seen.add(letter)
                    waiting.append(letter)
        return False

    def is_entrywise(self, name: str, variable: str) -> bool:
        """Whether `a_j` is defined by the one component `z_j` of the variable, no other and no sum over them."""
        for body in self._bodies(name):
            alike = {x for x in letters_of(body) if base_of(x) == base_of(variable)}
            summed = r"\sum" in body and free_indices(variable)[:1] != free_indices(name)[:1]
            if alike == {variable} and not summed:
                return True
        return False

    def _bodies(self, name: str) -> Iterator[str]:
        """Yield what the page defines a component as, also where it is defined under another index."""
        for known, definitions in self._around.definitions.items():
            if base_of(known) != base_of(name) or len(free_indices(known)) != len(free_indices(name)):
                continue
            swaps = tuple(zip(free_indices(known), free_indices(name), strict=True))
            for x in definitions:
                tree = tree_of(x.body) if x.body else None
                if tree is not None:
                    yield replaced(x.body, tree, {y: _with_indices(y, swaps) for y in letters_of(x.body)})


def _with_indices(letter: str, swaps: Sequence[tuple[str, str]]) -> str:
    name = name_of(letter)
    for old, new in swaps:
        name = name.with_index(old, new)
    return str(name)
