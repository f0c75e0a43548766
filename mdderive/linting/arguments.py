r"""What is given to a function of the page: the letters of `f(u)`, the numbers of `f(0)`, the point of `|_{x=0}`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ..latex.names import Name, name_of, undressed
from ..latex.pieces import Piece
from ..latex.vocabulary import ACCENTS
from .components import free_indices
from .definitions import PageDefinition
from .derivatives import Derivative, derivative_of, name_and_arguments
from .kinds import UnknownError
from .statements import Chain
from .surroundings import letters_of, replaced, symbol_of, tree_of

_PARAMETERS = (r"\theta", "w", r"\beta", r"\eta")
"""The letters by which the gradient of a density is meant where nobody says it."""


@dataclass(frozen=True, slots=True)
class Meant:
    r"""What an author may differentiate: f by `variable`, at a point, with letters of the claim that stand for others.

    `reliable` says that it is surely meant; `doubt` is what is asked where a claim holds for this f alone.
    """

    f: str
    variable: str
    reliable: bool = True
    point: tuple[tuple[str, str], ...] = ()
    swaps: tuple[tuple[str, str], ...] = ()
    doubt: str = ""
    sources: tuple[tuple[str, int], ...] = ()


def placed_at(
    definition: PageDefinition, given: tuple[str, ...] | None, variable: str, derivative: Derivative
) -> Iterator[Meant]:
    """Yield f as it is defined, with what is given to it: letters, or the numbers and marked letters of a point."""
    known = definition.arguments
    point: dict[str, str] = {}
    swaps: dict[str, str] = {}
    names: dict[str, str] = {}
    fits = given is not None and known is not None and len(given) == len(known)
    for letter, value in zip(known or (), given or (), strict=True) if fits else ():
        number = _number(value)
        if number:
            point[symbol_of(letter)] = number
        elif value != letter and (variable == symbol_of(letter) or not tree_of(value) or _is_marked(letter, value)):
            swaps[value] = letter
        elif value != letter:
            names[letter] = value
    body = definition.body
    if names:
        body = renamed(definition, tuple(names.get(x, x) for x in known or ()))
    by = variable or _only(tuple(names.get(x, x) for x in known) if known else given)
    said = bool(by) or derivative.order == "differential"
    by = by if said else _parameter(given or ()) or usual_variable(body)
    for letter, value in _values_at(derivative.point, by, known or ()):
        if letter not in letters_of(body):
            continue
        number = _number(value)
        if number:
            point[letter] = number
        elif symbol_of(value) in letters_of(body):
            point[letter] = symbol_of(value)
        else:
            swaps[value] = letter
    yield Meant(body, by, said, tuple(point.items()), tuple(swaps.items()))


def _values_at(point: str, variable: str, known: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the letters with their values that `x=0, y=1`, `(x_0, y_0)` or `x_0` says."""
    parts = [x.strip() for x in point.strip("() ").split(",") if x.strip()]
    if all("=" in x for x in parts):
        pairs = [x.split("=", 1) for x in parts]
        return [(symbol_of(name), value.strip()) for name, value in pairs if symbol_of(name)]
    names = [symbol_of(x) for x in known] if len(parts) > 1 else [variable]
    return list(zip(names, parts, strict=True)) if len(names) == len(parts) else []


def is_value(definition: PageDefinition) -> bool:
    """Return whether a definition says which number a name is, at a point or for an example."""
    return bool(definition.body) and not letters_of(definition.body) and tree_of(definition.body) is not None


def is_shifted(argument: str) -> bool:
    """Return whether a function is given `x+h`: what is said of that is its value beside x, and no definition."""
    tree = tree_of(argument)
    terms = [y.arguments[0] if y.head == "negate" else y for y in tree.arguments] if tree is not None else []
    return tree is not None and tree.head == "add" and all(x.head in ("symbol", "number") for x in terms)


def may_be_at_point(chain: Chain, derivatives: Sequence[Derivative]) -> bool:
    """Return whether a chain may state what its derivatives are at a point."""
    return any(_names_a_point(x.pieces) for x in chain.members) or any(map(_is_at_point, derivatives))


def _names_a_point(member: Sequence[Piece]) -> bool:
    r"""Whether `|_{x=1}` stands in a member, so that others may be values at that point."""
    pieces = [x for x in member if x.kind != "blank"]
    return derivative_of(pieces) is None and any(
        one.is_character("|") or one.is_macro("vert", "rvert")
        for one, sign_, point in zip(pieces, pieces[1:], pieces[2:], strict=False)
        if sign_.is_character("_") and point.kind == "group" and any(x.is_character("=") for x in point.items)
    )


def _is_at_point(derivative: Derivative) -> bool:
    r"""Whether it is taken where the letters are not known one by one: `\nabla g([\pi, 1])`, `|_{x_i=1}`."""
    if derivative.point and free_indices(derivative.variable):
        return True
    arguments = name_and_arguments(derivative.body)[1] or ()
    return any(not symbol_of(x) and not set(letters_of(x)) - {"e", r"\pi"} and not x.isdecimal() for x in arguments)


def _number(latex: str) -> str:
    r"""Return the number or the zero vector that this is, as a number; else ""."""
    bare = "".join(x for x in undressed(latex) if x not in "()")
    return bare if re.fullmatch(r"-?\d+(?:\.\d+)?", bare) else ""


def _is_marked(letter: str, value: str) -> bool:
    r"""Whether the value is the letter with a mark: `w^{(t)}`, `\hat{w}`, `w_0`."""
    one, other = name_of(letter), name_of(value)
    return one.letter == other.letter and str(one) != str(other)


def marked_letters(claimed: Collection[str], own: Collection[str]) -> tuple[tuple[str, str], ...]:
    r"""Return the letters that only a claim has, each with that of f of which it is a value: `\tilde\beta` of \beta.

    So is `y_n` a value of `Y_n`, where f has no other.
    """
    found = []
    for letter in sorted(claimed):
        plain = str(_unmarked(name_of(letter)))
        drawn = [x for x in own if _is_drawn_from(letter, x)]
        if plain in own and plain != letter:
            found.append((letter, plain))
        elif len(drawn) == 1:
            found.append((letter, drawn[0]))
    return tuple(found)


def _is_drawn_from(letter: str, other: str) -> bool:
    """Whether two letters with the same scripts differ in their case alone, as a value and its random variable do."""
    one, two = name_of(letter), name_of(other)
    same = bool(one.scripts) and one.scripts == two.scripts and one.primes == two.primes
    return same and one.letter != two.letter and one.letter.lower() == two.letter.lower()


def _unmarked(name: Name) -> Name:
    """Return a name without its accents and superscripts."""
    return name._replace(
        dress=tuple(x for x in name.dress if x not in ACCENTS),
        scripts=tuple(x for x in name.scripts if x.sign == "_"),
    )


def usual_variable(f: str) -> str:
    r"""Return the letter by which `\nabla f` is meant where nobody says it: x, else \theta or w.

    Raises:
        UnknownError: there is none of these.
    """
    letters = {undressed(x): x for x in letters_of(f)}
    found = next((letters[x] for x in ("x", r"\theta", "w") if x in letters), "")
    if not found:
        raise UnknownError("it is not said by which letter")
    return found


def _parameter(given: tuple[str, ...]) -> str:
    r"""Return the parameter among the letters that are given to a function, as w of `p(t|w)`; "" without one."""
    letters = {undressed(x): symbol_of(x) for x in given[1:]}
    return next((letters[x] for x in _PARAMETERS if x in letters), "")


def _only(arguments: tuple[str, ...] | None) -> str:
    return symbol_of(arguments[0]) if arguments is not None and len(arguments) == 1 else ""


def renamed(definition: PageDefinition, given: tuple[str, ...] | None) -> str:
    """Return the body of a definition with the letters of its arguments replaced by those given."""
    known = definition.arguments
    if given is None or known is None or len(given) != len(known) or given == known:
        return definition.body
    swap = {symbol_of(a): b for a, b in zip(known, given, strict=True) if symbol_of(a) and a != b}
    tree = tree_of(definition.body)
    return definition.body if not swap or tree is None else replaced(definition.body, tree, swap)
