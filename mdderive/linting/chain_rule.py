r"""The chain rule as authors write it: `\frac{\partial L}{\partial z}\frac{\partial z}{\partial W}`, and sums of such.

Such a member says through which values a function depends on its variable. Nothing is computed: it holds if the
derivatives of each term follow each other from the function to the variable, and if no definition on the page says
that there is another way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..latex.names import name_of
from ..latex.pieces import Piece
from ..latex.vocabulary import FRACTIONS
from .components import base_of, free_indices
from .derivatives import TRANSPOSES, Derivative, derivative_of, is_name, name_and_arguments, solid
from .families import with_indices
from .statements import NESTING, encloses, end_of_term, latex_of, sign, statements
from .surroundings import Surroundings, function_of, letters_of, replaced, symbol_of, tree_of

MOST_OF_RATE = 24
"""Of how many pieces the formula of a rate is made."""
_DOTS = ("dot", "ddot", "dddot")
MOST_FOLLOWED = 40
"""How many letters are followed from a function through the definitions of the page."""
_TIMES = ("*", ".", r"\cdot", r"\times", r"\ast", r"\,", r"\circ")
_DOTTED = ("cdots", "dots", "ldots", "dotsb")
MOST_POINTS = 2
"""From how many points on they are dots, and no sign of a product."""


class OneDerivative(NamedTuple):
    """One derivative of a product: of `f` by `by`, and whether it is transposed.

    `body` is what is differentiated where it is more than a letter, `f(z, w)`; f is "" where that has no name. Dots
    stand before one that is `behind_dots`.
    """

    f: str
    by: str
    turned: bool
    body: str = ""
    is_primed: bool = False
    behind_dots: bool = False


class Term(NamedTuple):
    """A product of derivatives, and the indices over which it is summed."""

    links: tuple[OneDerivative, ...]
    summed: frozenset[str]
    of_time: bool = False


class Rule(NamedTuple):
    """What the chain rule says of a member: whether it `holds`, and why it may not."""

    holds: bool
    words: str = ""


def chain_rule(pieces: Sequence[Piece], derivative: Derivative, around: Surroundings, place: int) -> Rule | None:
    """Return what the chain rule says of a member, None if it is no sum of products of derivatives."""
    f, variable = _named(derivative.body), _key(derivative.variable)
    if not f or not variable or derivative.order != "first" or derivative.factor or derivative.point:
        return None
    graph = _Graph(around, place)
    terms = _terms(pieces, _Time(variable, graph.rates()) if variable == "t" and not derivative.partial else None)
    ways = [_ordered(term, f, variable, graph) for term in terms]
    if not terms or not all(ways) or len(set(map(tuple, filter(None, ways)))) < len(ways):
        return None
    for term, way in zip(terms, ways, strict=True):
        assert way is not None
        if words := _objection(term, way, graph):
            return Rule(False, words)
    if any(len(x.links) == 1 and x.summed and x.links[0].f == f for x in terms) or (
        any(len(x.links) == 1 and x.summed for x in terms) and graph.letters(f)
    ):
        return None  # a sum of derivatives says what f is, unless that is known
    through = {x for way in ways if way for x in way[1:-1]}
    if not {y for x in terms for link in x.links for y in graph.arguments(f, link.f)} <= {*through, variable}:
        return None
    if graph.reaches(f, variable, through, directly=any(len(term.links) == 1 for term in terms)):
        return Rule(False, f"{f} depends on {variable} in another way too")
    if rate := next((x for x in graph.letters(f) if _accent(x) and x not in through), "") if terms[0].of_time else "":
        return Rule(False, f"{f} depends on {variable} through {rate} too")
    return Rule(True)


# --- reading -----------------------------------------------------------------------------------------------


class _Time(NamedTuple):
    r"""The letter of time, and the formulas that are the rate of a letter: `f(x, u)` of x where `\dot x = f(x, u)`."""

    letter: str
    rates: Mapping[str, str]


def _terms(pieces: Sequence[Piece], time: _Time | None) -> list[Term]:
    """Return the products of which a member is the sum; [] for anything else."""
    parts: list[list[Piece]] = [[]]
    depth = 0
    for piece in solid(pieces):
        depth += NESTING.get(sign(piece), 0)
        if depth == 0 and piece.is_character("+"):
            parts.append([])
        else:
            parts[-1].append(piece)
    found = [_term(part, time) for part in parts]
    return [x for x in found if x] if all(found) else []


def _term(pieces: Sequence[Piece], time: _Time | None) -> Term | None:
    """Return the product that the pieces are: sums over indices, then two derivatives or more; None if another.

    In a derivative by `time` one of them alone will do, that of what is seen to change.
    """
    summed: set[str] = set()
    links: list[OneDerivative] = []
    k = dots = product = 0
    while k < len(pieces):
        first = pieces[k]
        if first.is_macro("sum"):
            k, index, _, _ = _range_at(pieces, k + 1)
            summed.add(index)
        elif sign(first) in _TIMES or first.is_macro(*_DOTTED):
            dots += first.is_character(".") + MOST_POINTS * first.is_macro(*_DOTTED)
            k += 1
        elif first.is_character("1") and k + 1 < len(pieces) and sign(pieces[k + 1]) in _TIMES:
            k += 2
        elif found := (_rate_at(pieces, k, time) if time else None) or _link_at(pieces, k) or _product_at(pieces, k):
            links.append(found[0]._replace(behind_dots=bool(links) and dots >= MOST_POINTS))
            product += first.is_macro("prod")
            k, dots = found[1], 0
        elif inside := _product_within(pieces[k:]):
            pieces = [*inside, *pieces[k + len(inside) + 2 :]]
            k = 0
        else:
            return None
    alone = product or summed or (time is not None and len(links) == 1 and r"\partial" in latex_of(pieces))
    return Term(tuple(links), frozenset(summed), time is not None) if len(links) > 1 or (links and alone) else None


def _range_at(pieces: Sequence[Piece], k: int) -> tuple[int, str, str, str]:
    r"""Return where the scripts at `k` end, and what they say: k, s and t of `_{k=s}^t`."""
    said = {"_": "", "^": ""}
    while k < len(pieces) and (pieces[k].is_macro("limits", "nolimits") or pieces[k].is_character("_^")):
        if pieces[k].kind == "macro":
            k += 1
            continue
        inside = pieces[k + 1].items if k + 1 < len(pieces) and pieces[k + 1].kind == "group" else pieces[k + 1 : k + 2]
        said[pieces[k].text] = _bare(latex_of(inside))
        k += 2
    index, _, lower = said["_"].partition("=")
    return k, index.partition(r"\in")[0], lower, said["^"]


def _product_at(pieces: Sequence[Piece], k: int) -> tuple[OneDerivative, int] | None:
    r"""Return the derivative that the product at `k` is, `\prod_{k=s+1}^t` of those of `h_k` by `h_{k-1}`."""
    if not pieces[k].is_macro("prod"):
        return None
    start, index, lower, upper = _range_at(pieces, k + 1)
    found = _link_at(pieces, start) if start < len(pieces) and index and lower and upper else None
    if found is None or found[0].turned or name_of(found[0].by).stepped(index, 1) != name_of(found[0].f):
        return None
    of, by = (name_of(x).at_step(index, y) for x, y in ((found[0].f, upper), (found[0].by, lower)))
    return None if of is None or by is None else (OneDerivative(str(of), str(by), False), found[1])


def _product_within(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """Return what the brackets hold that open here, if it is no sum; () else."""
    end = next((k for k in range(1, len(pieces)) if encloses(pieces[: k + 1])), 0)
    inside = pieces[1:end]
    return inside if inside and end_of_term(inside, 0, "+-") == len(inside) else ()


def _rate_at(pieces: Sequence[Piece], k: int, time: _Time) -> tuple[OneDerivative, int] | None:
    r"""Return the derivative by time that `\dot\theta` at `k` is, or the formula that is the rate of a letter."""
    for end in range(min(k + MOST_OF_RATE, len(pieces)), k, -1):
        latex = latex_of(pieces[k:end])
        known = time.rates.get(_bare(latex), "")
        if end < len(pieces) and pieces[end].is_character("_^'("):
            continue
        letter = symbol_of(latex) if "dot" in latex else ""
        if known or (letter and _accent(letter)):
            return OneDerivative(known or _slower(letter), time.letter, False), end
    return None


def _accent(letter: str) -> str:
    """Return the dots over a letter that is a derivative by time, "" for any other."""
    return next((x for x in name_of(letter).accents if x in _DOTS), "")


def _slower(letter: str) -> str:
    r"""Return \theta for `\dot\theta`, `\dot\theta` for `\ddot\theta`."""
    name, dots = name_of(letter), _accent(letter)
    fewer = _DOTS[: _DOTS.index(dots)][-1:]
    return str(name._replace(dress=tuple(y for x in name.dress for y in (fewer if x == dots else (x,)))))


def _bare(latex: str) -> str:
    return "".join(latex.split()).replace("{", "").replace("}", "")


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
        end = end_of_derivative(pieces, k, range(2, len(pieces) + 1))
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
    f, by, body = _named(found.body), _key(found.variable), solid(found.body)
    whole = "" if is_name(body) or _is_word(body) else _bare(latex_of(body))
    primed = any(x.is_character("'") for x in inside)
    return (OneDerivative(f, by, turned, whole, primed), end) if by and (f or whole) else None


def end_of_derivative(pieces: Sequence[Piece], k: int, lengths: range) -> int:
    r"""Return where the derivative ends that begins at `k` and is of such a length: `\partial E/\partial z_1`; 0 else.

    It ends within no brackets, and before nothing that belongs to its last letter.
    """
    depth = 0
    for j in range(k + 1, min(k + lengths.stop, len(pieces) + 1)):
        depth += NESTING.get(sign(pieces[j - 1]), 0)
        if depth or j - k < lengths.start:
            continue
        behind = pieces[j] if j < len(pieces) else None
        if behind is not None and (behind.is_character("_^'(") or pieces[j - 1].is_character("_^")):
            continue
        if derivative_of(pieces[k:j]) is not None:
            return j
    return 0


def _key(latex: str) -> str:
    """Return a letter, however it is raised, so that it can be compared: `z^l` too."""
    return symbol_of(latex) or _bare(latex)


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


def _ordered(term: Term, f: str, variable: str, graph: _Graph) -> list[str] | None:
    """Return the letters from f to the variable; None if the derivatives do not follow each other, or in no layout.

    In one layout they stand in this order, in the other the other way round; then all but that of f may be transposed.
    """
    links = term.links
    dotted = {(x, y) for x, y in pairwise(links) if y.behind_dots}
    for way in (list(links), list(reversed(links))):
        follow = all(
            graph.is_of(one.by, other) or ({(one, other), (other, one)} & dotted and _are_steps(one.by, other.f))
            for one, other in pairwise(way)
        )
        total = _is_of_total(way[0].f, f, term.summed) or graph.sums(f, way[0], term.summed)
        if not follow or not total or way[-1].by != variable:
            continue
        turned = {x.turned for x in way[1:]}
        if way[0].turned or len(turned) > 1 or (True in turned and way[0] is links[0]):
            continue
        letters = [f, *(x.by for x in way)]
        return letters if len(set(letters)) == len(letters) else None
    return None


def _are_steps(one: str, other: str) -> bool:
    """Whether two letters may be one at several steps, `h_{t-1}` and `h_{s+1}`."""
    return name_of(one)._replace(scripts=()) == name_of(other)._replace(scripts=())


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
        layer = name_of(one).is_capital and len(free_indices(one)) == 1  # W_h of the hidden layer
        weights = len(free_indices(one)) < len(free_indices(other)) and loose <= set(free_indices(other))  # w_{jk}
        if layer or weights or (base_of(other) == "b" and free_indices(one) == free_indices(other)):  # its bias
            continue
        if loose and not graph.is_entrywise(one, other) and not _are_whole(one, other, loose):
            return f"it holds only where no other component than {one} depends on {other}"
    return ""


def _are_whole(one: str, other: str, loose: Collection[str]) -> bool:
    r"""Whether two bold letters are no components, and belong to one layer or to two that follow each other."""
    name, inner = name_of(one), name_of(other)
    if not (name.is_bold and inner.is_bold) or not all(inner.carries(x) or inner.shifts(x) for x in loose):
        return False
    return all(inner.carries(x) or base_of(one) == base_of(other) for x in loose)


class _Graph:
    """Which letter depends on which, by the definitions of a page."""

    def __init__(self, around: Surroundings, place: int) -> None:
        self._around = around
        self._place = place

    def letters(self, name: str) -> tuple[str, ...]:
        """Return the letters that the nearest definition of a name is written in."""
        for x in self._around.defined(name, self._place):
            if x.body and letters_of(x.body):
                return tuple(y for y in letters_of(x.body) if y != name)
        return ()

    def rates(self) -> dict[str, str]:
        r"""Return the formulas that the page says to be the rate of a letter, `f(x)` of x for `\dot x = f(x)`."""
        rates = [(x, name) for name, found in self._around.definitions.items() if _accent(name) for x in found]
        return {_bare(x.body): _slower(name) for x, name in rates if x.body and x.arguments is None}

    def is_of(self, letter: str, link: OneDerivative) -> bool:
        """Whether what is differentiated is what a letter stands for.

        A function of which the page says nothing is what a letter stands for of which it says nothing either.
        """
        if link.f == letter or not link.body:
            return link.f == letter
        known = [x for x in self._around.defined(letter, self._place) if x.body]
        here = any(x.section == self._around.section(self._place) for x in known)
        said = any(_bare(x.body) == link.body for x in known)
        if said or here or not link.f or link.is_primed:
            return said
        given = any(x.body for x in self._around.definitions.get(link.f, ()))
        return not given and not any(_bare(x.body) == link.body for y in self._around.definitions.values() for x in y)

    def sums(self, total: str, link: OneDerivative, summed: Collection[str]) -> bool:
        r"""Whether the page defines a total as a sum of such, `L = \sum_n g(y_n)`, or as `f(x, y)`."""
        bodies = [_bare(x.body) for x in self._around.defined(total, self._place) if x.body] if summed else []
        of_terms = bool(link.body) and any(x.startswith(r"\sum") and x.endswith(link.body) for x in bodies)
        return of_terms or bool(self.arguments(total, link.f))

    def arguments(self, total: str, f: str) -> tuple[str, ...]:
        """Return x and y where the page defines a letter as `f(x, y)`, () where it does not."""
        for x in self._around.defined(total, self._place):
            for chain in statements(x.body, {})[:1] if f not in ("", total) and x.body.startswith(f) else ():
                name, given = name_and_arguments(chain.members[0].pieces)
                if function_of(name) == f and given:
                    return tuple(map(symbol_of, given))
        return ()

    def reaches(self, name: str, variable: str, without: Collection[str] = (), *, directly: bool = False) -> bool:
        """Whether the name depends on the variable in a way that goes through none of the letters `without`.

        A letter that is indexed stands for all with its base, unless the variable has that base too. That it is
        written in the variable itself does not count where this is said `directly`.
        """
        closed = {*without, *(base_of(x) for x in without)} - {variable, base_of(variable)}
        waiting, seen = [name], {name, *without}
        while waiting and len(seen) < MOST_FOLLOWED:
            current = waiting.pop(0)
            for letter in self.letters(current):
                said = directly and current == name and letter == variable
                if said or letter in closed or base_of(letter) in closed:
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
                    yield replaced(x.body, tree, {y: with_indices(y, swaps) for y in letters_of(x.body)})
