r"""What equals a derivative and yet claims nothing that could be true or false: it defines, names or requires.

`\delta = \partial L/\partial z` gives a name, `\nabla f = (\partial f/\partial x_1, \dots)` says what a sign means,
`f'(x) = \lim_{h\to0}\dots` too, `y' = -ky` and `u'(c) = \lambda` are equations that a function must meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from ..latex.names import name_of, undressed
from ..latex.pieces import Piece
from ..latex.vocabulary import FRACTIONS
from .components import base_of
from .derivatives import Derivative, derivative_of, has_derivative, has_differential, name_and_arguments, solid
from .layers import is_star
from .statements import Chain, end_of_term, latex_of
from .surroundings import Surroundings, function_of, letters_of, symbol_of

LETTERS_OF_WORD = 3
"""From how many letters on, all without a face, what stands behind a d belongs to one word with it."""
MOST_OF_FACTOR = 6
"""Of how many pieces a multiplier in front of a gradient is made."""
_JOINING = ("cdot", "times", "sum", "cdots", "dots", "ldots", "prod")
"""What stands between derivatives that are related to each other."""
_LIMITS = ("lim", "limsup", "liminf")


def claims_nothing(pieces: Sequence[Piece]) -> bool:
    """Return whether a right side is zero or a question mark: it asks for a stationary point or for the derivative."""
    name = name_of(latex_of(solid(pieces)).strip())
    return name.letter.strip("{}") in ("0", "O", "?") and name.superscript is None and not name.primes


def is_condition(chain: Chain) -> bool:
    r"""Return whether a chain only holds differentials to each other and to zero: `d\alpha = d\beta = 0`."""
    members = [x for x in chain.members if x.pieces]
    if not any(claims_nothing(x.pieces) for x in members):
        return False
    derivatives = [x for x in (derivative_of(member.pieces) for member in members) if x is not None]
    return len(derivatives) + 1 == len(members) and all(x.order == "differential" for x in derivatives)


def ends_in_zero(chain: Chain) -> bool:
    """Return whether a chain is a condition in the end, `x^2+y^2-1 = 2x^2-1 = 0`, into which others may be put."""
    return bool(chain.members[-1].pieces) and chain.members[-1].latex.strip() == "0"


def is_word(derivative: Derivative) -> bool:
    r"""Return whether a differential is no such: a word as `decayed`, a distance `d(x, y)`, a function at a step."""
    if derivative.order != "differential" or derivative.variable:
        return False
    if any(x.is_macro("Delta") for x in derivative.body[:4]):  # d(t + \Delta t)
        return True
    letters = 0
    for piece in derivative.body:
        if not (piece.kind == "character" and piece.text.isascii() and piece.text.islower()):
            break
        letters += 1
    several = any(x.is_character(",") for y in derivative.body for x in (y, *y.items))
    return letters >= LETTERS_OF_WORD or several


def is_increment(pieces: Sequence[Piece], derivative: Derivative) -> bool:
    """Return whether a member says what a differential is by the function itself: `df = f(X+dX) - f(X)`."""
    if derivative.order != "differential":
        return False
    name = _named(derivative)
    inner = solid(pieces)
    for k, piece in enumerate(inner):
        if piece.is_character("(") and k and latex_of(inner[k - 1 : k]) == name:
            end = next((j for j in range(k, len(inner)) if inner[j].is_character(")")), len(inner))
            if has_differential(inner[k + 1 : end]):
                return True
    return False


def defines(pieces: Sequence[Piece], derivative: Derivative, head: Sequence[Piece], around: Surroundings) -> bool:
    """Return whether a member that could not be judged defines or requires the derivative, which its `head` is."""
    inner = solid(pieces)
    if any(x.is_macro(*_LIMITS) for x in inner[:1]):
        return True
    named = _names(inner, derivative, around) or _is_notation(inner, derivative) or _is_quotient(inner)
    named = named or _is_rate(inner, around) or _is_subscripted(inner, derivative)
    return named or _is_stationary(inner, derivative) or _is_equation(inner, derivative, head, around)


def _names(pieces: Sequence[Piece], derivative: Derivative, around: Surroundings) -> bool:
    """Whether a member is a name that means this derivative and has no other meaning on the page."""
    name, arguments = name_and_arguments([x for x in pieces if not x.is_character(":")])  # :A, of `=: A`
    letter = function_of(name)
    if not letter or letter in letters_of(derivative.f) or letter == symbol_of(derivative.variable):
        return False
    if arguments is not None and not all(map(symbol_of, arguments)):
        return False
    known = around.definitions.get(letter, [])
    return not any(x.body for x in known) and (arguments is not None or not _occurs(letter, around))


def _is_rate(pieces: Sequence[Piece], around: Surroundings) -> bool:
    r"""Whether a member is the rate `\dot p(t)` of what nothing defines, as equations of motion ask."""
    stars = [k for k, x in enumerate(pieces) if is_star(x) and k and pieces[k - 1].is_character("^")]
    plain = [x for k, x in enumerate(pieces) if k not in stars and k + 1 not in stars]
    letter = function_of(name_and_arguments(plain)[0])
    known = around.definitions.get(letter, [])
    return bool(set(name_of(letter).accents) & {"dot", "ddot"}) and not any(x.body for x in known)


def _is_subscripted(pieces: Sequence[Piece], derivative: Derivative) -> bool:
    r"""Whether a member is the sign of the derivative in a script: `J_x(x, t)` for `\nabla_xJ(x, t)`."""
    name, other = name_of(function_of(name_and_arguments(pieces)[0])), name_of(_named(derivative))
    below = name.subscript
    return (
        below is not None
        and name.without_subscript == other
        and symbol_of(below.latex) == symbol_of(derivative.variable)
    )


def _occurs(letter: str, around: Surroundings) -> bool:
    """Whether a definition of the page is written in a letter."""
    bodies = (x.body for found in around.definitions.values() for x in found if x.body)
    return any(letter in letters_of(x) for x in bodies)


def _is_notation(pieces: Sequence[Piece], derivative: Derivative) -> bool:
    r"""Whether a member lists the derivatives of the same function, as in `(\partial f/\partial x_1, \dots)`."""
    f = _named(derivative)
    heads = list(_derivatives_within(pieces))
    others = {undressed(base_of(_named(x))) for x in heads}
    if not heads and _operators_within(pieces) > 1:
        return _is_table(pieces)
    return bool(heads) and bool(f) and others == {undressed(base_of(f))} and _is_table(pieces)


def _is_quotient(pieces: Sequence[Piece]) -> bool:
    r"""Whether a member is a difference quotient, `(f(x+h)-f(x))/h`."""
    inside = [x.items for x in pieces if x.kind == "group"] if pieces and pieces[0].is_macro(*FRACTIONS) else []
    above = [name_and_arguments(x) for x in _terms(solid(inside[0]))] if inside else []
    names = {function_of(name) for name, given in above if given is not None}
    shifted = [x for x in above if x[1] is not None and any("+" in y or "-" in y for y in x[1])]
    return len(above) > 1 and len(names) == 1 and all(x[1] is not None for x in above) and bool(shifted)


def _is_stationary(pieces: Sequence[Piece], derivative: Derivative) -> bool:
    r"""Whether a member is a multiple of the gradient of another function, as constraints ask: `\lambda\nabla g(x)`."""
    at = next((k for k, x in enumerate(pieces) if x.is_macro("nabla")), None)
    other = derivative_of(pieces[at:]) if at is not None and at < MOST_OF_FACTOR else None
    if other is None:
        return False
    factor = latex_of(pieces[:at])
    plain = factor in ("", "-") or bool(symbol_of(factor.lstrip("-")))
    return plain and _named(other) not in ("", _named(derivative))


def _terms(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """Yield the terms of a sum or a difference."""
    start = 0
    while start < len(pieces):
        end = end_of_term(pieces, start, "+-")
        yield pieces[start:end]
        start = end + 1


def _operators_within(pieces: Iterable[Piece]) -> int:
    r"""Return how many operators `\frac{\partial}{\partial x_i}` stand alone, however deep."""
    inner = solid(pieces)
    heads = (inner[k + 1] for k, x in enumerate(inner[:-1]) if x.kind == "macro" and "frac" in x.text)
    alone = sum(len(y) == 1 and y[0].is_macro("partial") for y in (solid(x.items) for x in heads))
    return alone + sum(_operators_within(x.items) for x in inner)


def _is_table(pieces: Sequence[Piece]) -> bool:
    """Whether it is a matrix or a tuple, perhaps transposed."""
    if any(x.kind == "environment" for x in pieces[:3]):
        return True
    opens = pieces[0].is_character("([") or pieces[0].is_macro("langle", "{", "lbrace")
    if opens and len(pieces) > 2 and pieces[-2].is_character("_"):  # (h_{ij})_{i,j}
        return True
    return opens and any(x.is_character(",") or x.is_macro("dots", "ldots", "cdots", "vdots") for x in pieces)


def _derivatives_within(pieces: Iterable[Piece]) -> Iterator[Derivative]:
    """Yield the fractions that are derivatives, however deep they stand."""
    inner = solid(pieces)
    for k, piece in enumerate(inner):
        found = derivative_of(inner[k : k + 3]) if piece.kind == "macro" and "frac" in piece.text else None
        if found is not None:
            yield found
        yield from _derivatives_within(piece.items)


def _is_equation(pieces: Sequence[Piece], derivative: Derivative, head: Sequence[Piece], around: Surroundings) -> bool:
    """Whether the ordinary derivative is one of a function that nothing on the page defines.

    So is a partial one that is set equal to derivatives in space, of second order or a divergence, or to a minimum.
    """
    if _is_partial(head) and not _is_in_space(pieces, derivative):
        return False
    name = _named(derivative)
    known = (*around.definitions.get(name, []), *around.definitions.get(name.removeprefix(r"\log "), []))
    return bool(name) and not any(x.body for x in known)


def is_of_derivatives_alone(pieces: Sequence[Piece], derivative: Derivative, around: Surroundings) -> bool:
    r"""Return whether a member relates derivatives of functions of which nothing is known, as a rule or an equation."""
    name = _named(derivative)
    if not name or any(x.body for look_up in (around.defined, around.earlier) for x in look_up(name, 0)):
        return False
    found: list[Derivative] = []
    rest: list[Piece] = []
    pieces = solid(pieces)
    k = 0
    while k < len(pieces):
        whole = derivative_of(pieces[k : k + 3]) if pieces[k].is_macro(*FRACTIONS) else None
        found += [whole] if whole is not None else []
        rest += [pieces[k]] if whole is None else []
        k += 1 if whole is None else 3
    if any(_named(x) == name for x in found) and not any(x.is_character("+") for x in rest):
        return False  # a product that does not follow is wrong
    joins = (k and (rest[k - 1].is_character("_^") or x.is_character("_^")) for k, x in enumerate(rest))
    plain = (x.is_character("+-()[]0123456789") or x.is_macro(*_JOINING) for x in rest)
    return bool(found) and all(x or y for x, y in zip(joins, plain, strict=True))


def _is_in_space(pieces: Sequence[Piece], derivative: Derivative) -> bool:
    r"""Whether a member holds `\nabla^2 u`, `\Delta u` or a divergence, or a minimum over something."""
    inner = solid(pieces)
    if inner[:1] and inner[0].is_macro("min", "max", "inf", "sup"):
        return has_derivative(inner)
    name = _named(derivative)
    for one, other in pairwise(inner):
        laplacian = one.is_macro("Delta") and function_of(latex_of([other])) == name
        if laplacian or (one.is_macro("nabla") and (other.is_character("^") or other.is_macro("cdot"))):
            return bool(name)
    return any(_is_in_space(x.items, derivative) for x in inner if x.items)


def _is_partial(pieces: Iterable[Piece]) -> bool:
    return any(x.is_macro("partial", "nabla", "pdv", "dd") or _is_partial(x.items) for x in pieces)


def _named(derivative: Derivative) -> str:
    return function_of(name_and_arguments(derivative.body)[0])
