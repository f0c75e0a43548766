r"""Reading the left side of a claim: which derivative of what by what is meant by `\frac{\partial f}{\partial X}`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import ascii_letters
from typing import Literal

from ..algebra.expressions import remembered
from ..latex.pieces import Piece
from ..latex.vocabulary import DRESSES, FRACTIONS, UPRIGHT
from .statements import latex_of, sign, trimmed

Order = Literal["first", "second", "differential"]

_NABLA = (r"\nabla", r"\bigtriangledown", r"\triangledown")
_WORDS = ("grad", "Grad", "gradient")
_TRANSPOSES = frozenset(("T", r"\top", r"\intercal", "'", r"\mathsf{T}", r"\mathrm{T}", r"\prime", r"\mathsf T", "t"))
_COUNTS = frozenset("nmNMkKc")
"""Letters that stand for numbers before a gradient, as in \\frac1n \\nabla_x f."""
_PARTIAL = ("partial", "dd", "diff", "diffd", "partialup", "dif")
_AFTER_D = ("iag", "et", "im", "iv", "ist")
_PHYSICS = ("pdv", "dv", "pderiv", "deriv", "derivative", "partialderivative", "pd", "diffp", "odv")
_SIGNS = frozenset((*_PARTIAL, *_PHYSICS, *_WORDS, *(x[1:] for x in _NABLA), "prime"))
"""The macros of which one stands in a derivative that is written without a d, a D or a prime."""


@dataclass(frozen=True, slots=True)
class Derivative:
    r"""What stands on the left of a claim.

    `body` is what is differentiated; `variable` the LaTeX of that by which, "" where only the context says; `turned`
    that the author asks for the other layout, as in `\partial x^T`.
    """

    body: tuple[Piece, ...]
    variable: str
    order: Order = "first"
    turned: bool = False

    @property
    def f(self) -> str:
        """The LaTeX of what is differentiated."""
        return latex_of(self.body)


def may_hold_derivative(latex: str) -> bool:
    """Return whether a derivative could stand in a formula without macros of an author; told from its signs alone."""
    if "'" in latex or not latex.isascii():
        return True
    before, *commands = latex.split("\\")
    if "d" in before or "D" in before:
        return True
    for command in commands:
        rest = command.lstrip(ascii_letters)
        name = command[: len(command) - len(rest)]
        if name in _SIGNS or "d" in rest or "D" in rest or any(word in rest for word in _WORDS):
            return True
    return False


def derivative_of(pieces: Sequence[Piece]) -> Derivative | None:
    """Return the derivative that the pieces are, and nothing besides; None if they are anything else."""
    return _derivative_of(tuple(pieces))


@remembered(maxsize=1024, beyond=True)
def _derivative_of(pieces: tuple[Piece, ...]) -> Derivative | None:
    """Return the same, of a member of a page that is asked for more than once."""
    found = _solid(pieces)
    if not found:
        return None
    if found[0].kind == "group" and len(found) == 1:
        return derivative_of(found[0].items)
    return (
        _fraction(found)
        or _nabla(found)
        or _subscripted(found)
        or _prime(found)
        or _differential(found)
        or _multiple(found)
    )


def has_derivative(pieces: Iterable[Piece]) -> bool:
    """Return whether a derivative of any kind stands in the pieces."""
    solid = list(pieces)
    for k, piece in enumerate(solid):
        if piece.is_macro("partial", "nabla", "pdv", "dv", "dd") or has_derivative(piece.items):
            return True
        if piece.is_macro(*FRACTIONS):
            top = next((x for x in solid[k + 1 :] if x.kind != "blank"), None)
            if top is not None and _after_d(_solid(top.items if top.kind == "group" else (top,))) is not None:
                return True
    return False


def has_differential(pieces: Sequence[Piece]) -> bool:
    """Return whether a differential dX stands in the pieces."""
    solid = _solid(pieces)
    for k in range(len(solid)):
        if _after_d(solid[k:]) is not None and k + 1 < len(solid):
            return True
        if solid[k].items and has_differential(solid[k].items):
            return True
    return False


def differential_at(pieces: Sequence[Piece], k: int) -> tuple[str, int] | None:
    r"""Return the letter of a differential `\mathrm{d}X` that begins at `k`, and where it ends; None if none does."""
    start = _after_d(pieces[k : k + 5])
    if start is None or pieces[k].is_macro("partial") or (k and pieces[k - 1].is_character("_^")):
        return None
    first = k + start
    while first < len(pieces) and pieces[first].kind == "blank":
        first += 1
    for last in range(min(first + 4, len(pieces)), first, -1):
        if last > first + 1 and not (pieces[last - 2].is_character("_") or pieces[last - 2].kind == "macro"):
            continue
        if _is_name(_solid(pieces[first:last])):
            return latex_of(pieces[first:last]), last
    return None


def name_and_arguments(pieces: Sequence[Piece]) -> tuple[str, tuple[str, ...] | None]:
    """Return `(f, ("x", "y"))` for `f(x, y)`, `(f, None)` for a bare name or for what has no arguments behind it."""
    solid = _solid(pieces)
    opening = next((k for k, x in enumerate(solid) if k and x.is_character("([")), None)
    if opening is None or not solid[-1].is_character(")]") or not _is_name(solid[:opening]):
        return latex_of(solid), None
    inside: list[list[Piece]] = [[]]
    depth = 0
    for piece in solid[opening + 1 : -1]:
        depth += piece.is_character("([") - piece.is_character(")]")
        if depth < 0:
            return latex_of(solid), None
        if depth == 0 and (piece.is_character(",;|") or piece.is_macro("mid", "vert")):
            inside.append([])
        else:
            inside[-1].append(piece)
    return latex_of(solid[:opening]), tuple(latex_of(x) for x in inside)


def _is_name(pieces: Sequence[Piece]) -> bool:
    """Whether the pieces are one letter with its scripts and fonts, as far as can be seen without reading them."""
    letters = 0
    k = 0
    while k < len(pieces):
        piece = pieces[k]
        if piece.is_character("_^"):
            k += 2
            continue
        if piece.kind == "macro" and k + 1 < len(pieces) and pieces[k + 1].kind == "group":
            letters += 1
            k += 2
            continue
        if piece.is_macro(*DRESSES, "cal", "rm", "left"):
            k += 1
            continue
        if not (piece.kind == "macro" or (piece.kind == "character" and piece.text.isalpha())):
            return piece.is_character("'") and k > 0
        letters += 1
        k += 1
    return letters == 1


def _solid(pieces: Iterable[Piece]) -> list[Piece]:
    r"""Return the pieces without blanks, and without `\left` and `\right`."""
    return [x for x in pieces if x.kind != "blank" and not x.is_macro("left", "right", "!", ",", ";", ":", " ")]


def _script(pieces: Sequence[Piece], k: int) -> tuple[str, Piece | None, int]:
    """Return the script sign at `k`, what is raised or lowered, and where it ends; "" if there is none."""
    if k + 1 < len(pieces) and pieces[k].is_character("_^"):
        what = pieces[k + 1]
        if what.is_macro(*DRESSES) and k + 2 < len(pieces):
            return pieces[k].text, Piece("group", "", what.start, pieces[k + 2].end, (what, pieces[k + 2])), k + 3
        return pieces[k].text, what, k + 2
    return "", None, k


def _latex(piece: Piece | None) -> str:
    return "" if piece is None else latex_of(piece.items if piece.kind == "group" else (piece,)).strip()


def _after_d(pieces: Sequence[Piece]) -> int | None:
    r"""Return where the pieces go on behind a sign `\partial`, `d` or `\mathrm{d}` at their beginning."""
    if not pieces:
        return None
    first = pieces[0]
    if first.is_macro(*_PARTIAL) or first.is_character("d∂D"):
        return None if first.is_character("D") or (first.is_character("d") and _begins_a_word(pieces)) else 1
    if first.is_macro(*UPRIGHT) and len(pieces) > 1 and _latex(pieces[1]) in ("d", "D"):
        return 2
    old = first.kind == "group" and len(first.items) > 1 and first.items[0].is_macro("rm")  # {\rm d}
    return 1 if old and _latex(first)[3:].strip() == "d" else None


def _begins_a_word(pieces: Sequence[Piece]) -> bool:
    """Whether a d is the first letter of `diag`, `det` and the like, set as if they were letters."""
    return "".join(x.text for x in pieces[1:4] if x.kind == "character").startswith(_AFTER_D)


# --- the forms ---------------------------------------------------------------------------------------------


def _fraction(pieces: list[Piece]) -> Derivative | None:
    parts = _parts_of_fraction(pieces)
    if parts is None:
        return None
    above, below, rest = parts
    start = _after_d(above)
    if start is None:
        return None
    raised, power, k = _script(above, start)
    second = raised == "^" and _latex(power) == "2"
    if raised and not second:
        return None
    by = _denominator(below)
    if by is None:
        return None
    variable, twice, turned = by
    if twice != second:
        return None
    f = trimmed(above[k:])
    if f and rest and not _is_argument(rest):
        return None
    if not f and not rest:
        return None
    body = f or _without_outer(rest)
    if body is None or (f and has_derivative(f)) or has_derivative(body):
        return None
    whole = (*f, *rest) if f else tuple(body)
    return Derivative(whole, variable, "second" if second else "first", turned)


def _parts_of_fraction(pieces: list[Piece]) -> tuple[list[Piece], list[Piece], list[Piece]] | None:
    r"""Return numerator, denominator and what follows, of `\frac{..}{..}`, `{.. \over ..}`, `../..`, `\pdv{..}{..}`."""
    first = pieces[0]
    if first.is_macro(*FRACTIONS) and len(pieces) > 2:
        return _solid(_inside(pieces[1])), _solid(_inside(pieces[2])), pieces[3:]
    if first.is_macro(*_PHYSICS) and len(pieces) > 1:
        d = Piece("macro", "partial", first.start, first.end)
        if len(pieces) == 2 or pieces[2].kind != "group":
            return [d], [d, *_solid(_inside(pieces[1]))], pieces[2:]
        return [d, *_solid(_inside(pieces[1]))], [d, *_solid(_inside(pieces[2]))], pieces[3:]
    if first.kind == "group":
        over = next((k for k, x in enumerate(first.items) if x.is_macro("over")), None)
        if over is not None:
            return _solid(first.items[:over]), _solid(first.items[over + 1 :]), pieces[1:]
    if _after_d(pieces) is None:
        return None
    slash = next((k for k, x in enumerate(pieces) if x.is_character("/")), None)
    if slash and _after_d(pieces[slash + 1 :]) is not None:
        return pieces[:slash], pieces[slash + 1 :], []
    return None


def _inside(piece: Piece) -> Sequence[Piece]:
    return piece.items if piece.kind == "group" else (piece,)


def _denominator(pieces: list[Piece]) -> tuple[str, bool, bool] | None:
    r"""Return (variable, whether twice, whether turned) of `\partial x`, `\partial x^2`, `\partial x \partial x^T`."""
    start = _after_d(pieces)
    if start is None:
        start = 0 if _is_name(_without_parentheses(pieces)) else None  # the sign was forgotten
    if start is None:
        return None
    second = next((k for k in range(start + 1, len(pieces)) if _after_d(pieces[k:]) is not None), None)
    one = pieces[start:second]
    if not one:
        return None
    first, squared, turned = _variable(one)
    if second is None:
        return (first, squared, turned) if first else None
    behind = _after_d(pieces[second:])
    assert behind is not None
    other, again, _ = _variable(pieces[second + behind :])
    return (first, True, False) if first == other and not squared and not again else None


def _without_parentheses(pieces: list[Piece]) -> list[Piece]:
    inner = pieces[1:-1] if len(pieces) > 2 and _encloses(pieces) else pieces
    return _solid(inner[0].items) if len(inner) == 1 and inner[0].kind == "group" else inner


def _variable(pieces: Sequence[Piece]) -> tuple[str, bool, bool]:
    r"""Return the variable without a square or a transpose behind it, and which of these stood there."""
    pieces = list(pieces)
    while len(pieces) == 1 and pieces[0].kind == "group":
        pieces = _solid(pieces[0].items)
    if len(pieces) > 2 and pieces[0].is_character("(") and pieces[-1].is_character(")"):
        pieces = pieces[1:-1]
    if len(pieces) > 2 and pieces[-2].is_character("^"):
        raised = _latex(pieces[-1])
        if raised == "2":
            return latex_of(pieces[:-2]), True, False
        if raised.replace(" ", "") in {x.replace(" ", "") for x in _TRANSPOSES}:
            return latex_of(pieces[:-2]), False, True
    if len(pieces) > 1 and pieces[-1].is_character("'"):
        return latex_of(pieces[:-1]), False, True
    return latex_of(pieces), False, False


def _is_argument(rest: Sequence[Piece]) -> bool:
    return rest[0].is_character("([") and rest[-1].is_character(")]")


def _without_outer(rest: list[Piece]) -> list[Piece] | None:
    r"""Return what an operator in front is applied to: all that follows, if it is one term; else None."""
    solid = _solid(rest)
    if _encloses(solid):
        return solid[1:-1]
    if len(solid) == 1 and solid[0].kind == "group":
        return _solid(solid[0].items)
    depth, bars = 0, False
    for k, piece in enumerate(solid):
        depth += (sign(piece) in ("(", "[", r"\{", r"\lbrace")) - (sign(piece) in (")", "]", r"\}", r"\rbrace"))
        depth += piece.is_macro("lVert", "lvert") - piece.is_macro("rVert", "rvert")
        bars ^= sign(piece) in ("|", r"\|", r"\Vert", r"\vert")
        if depth == 0 and not bars and k and piece.is_character("+-"):
            return None
    return solid or None


def _encloses(pieces: Sequence[Piece]) -> bool:
    """Whether the first bracket is closed by the last piece."""
    pairs = {"(": ")", "[": "]", r"\{": r"\}", r"\lbrace": r"\rbrace"}
    closing = pairs.get(sign(pieces[0])) if pieces else None
    if closing is None or sign(pieces[-1]) != closing:
        return False
    depth = 0
    for k, piece in enumerate(pieces):
        depth += (sign(piece) == sign(pieces[0])) - (sign(piece) == closing)
        if depth == 0:
            return k == len(pieces) - 1
    return False


def _nabla(pieces: list[Piece]) -> Derivative | None:
    start = _behind_nabla(pieces)
    if start is None:
        return None
    variable, order, turned, k = "", "first", False, start
    while True:
        script, what, after = _script(pieces, k)
        if script == "_":
            variable = variable or _variable(_solid(_inside(what)))[0] if what else ""
        elif script == "^" and _latex(what) == "2":
            order = "second"
        elif script == "^" and _latex(what) in _TRANSPOSES:
            turned = True
        elif script:
            return None
        else:
            break
        k = after
    again = _behind_nabla(pieces[k:])
    if again is not None:
        order, k = "second", k + again
        while (power := _script(pieces, k))[0]:
            k = power[2]
    if k < len(pieces) and pieces[k].is_macro("cdot", "times", "otimes"):
        return None  # a divergence or a curl
    body = _without_outer(pieces[k:])
    if body is None or has_derivative(body):
        return None
    return Derivative(tuple(body), variable, "second" if order == "second" else "first", turned)


def _behind_nabla(pieces: Sequence[Piece]) -> int | None:
    if pieces and (sign(pieces[0]) in _NABLA or pieces[0].is_macro(*_WORDS)):
        return 1
    if len(pieces) > 1 and pieces[0].is_macro(*UPRIGHT) and _latex(pieces[1]) in _WORDS:
        return 2
    return None


def _subscripted(pieces: list[Piece]) -> Derivative | None:
    r"""Read `\partial_x f` and `D_x f`."""
    first = pieces[0]
    start = 1 if first.is_macro("partial") or first.is_character("D") else None
    if start is None and len(pieces) > 1 and first.is_macro(*UPRIGHT) and _latex(pieces[1]) in ("D", "d"):
        start = 2
    script, what, behind = _script(pieces, start or 0)
    if start is None or script != "_" or what is None or behind >= len(pieces) or pieces[behind].is_character("^"):
        return None
    variable = _variable(_solid(_inside(what)))[0]
    body = _without_outer(pieces[behind:])
    if body is None or has_derivative(body):
        return None
    return Derivative(tuple(body), variable)


def _prime(pieces: list[Piece]) -> Derivative | None:
    """Read `f'(x)` and `f''(x)`."""
    primes = next((k for k, x in enumerate(pieces) if x.is_character("'")), None)
    if not primes or not _is_name(pieces[:primes]):
        return None
    behind = primes
    while behind < len(pieces) and pieces[behind].is_character("'"):
        behind += 1
    if behind - primes > 2 or not _encloses(pieces[behind:]):
        return None
    if not _is_name(pieces[behind + 1 : -1]):
        return None
    argument = latex_of(pieces[behind + 1 : -1])
    order: Order = "second" if behind - primes == 2 else "first"
    return Derivative((*pieces[:primes], *pieces[behind:]), argument, order)


def _differential(pieces: list[Piece]) -> Derivative | None:
    """Read `df` and `d(AXB)`."""
    start = _after_d(pieces)
    if start is None or pieces[0].is_macro("partial") or start >= len(pieces):
        return None
    body = _without_outer(pieces[start:])
    if body is None or has_derivative(body) or pieces[start].is_character("_^="):
        return None
    return Derivative(tuple(body), "", "differential")


def _multiple(pieces: list[Piece]) -> Derivative | None:
    r"""Read `\frac12 \nabla_x f` as the derivative of `\frac12 (f)`."""
    start = next((k for k in range(1, min(len(pieces), 8)) if _fraction(pieces[k:]) or _nabla(pieces[k:])), None)
    if start is None or has_derivative(pieces[:start]) or any(x.is_character("+") for x in pieces[:start]):
        return None
    factor = pieces[:start]
    found = _fraction(pieces[start:]) or _nabla(pieces[start:])
    assert found is not None
    used = latex_of(found.body) + found.variable
    if not _is_constant(factor, used):
        return None
    at = pieces[start]
    opening, closing = Piece("character", "(", at.start, at.start), Piece("character", ")", at.end, at.end)
    return Derivative((*factor, opening, *found.body, closing), found.variable, found.order, found.turned)


def _is_constant(factor: Sequence[Piece], used: str) -> bool:
    """Whether a factor is a number, or made of letters for numbers that do not occur there."""
    for piece in factor:
        if piece.kind == "group":
            if not _is_constant(piece.items, used):
                return False
        elif piece.kind == "macro":
            if piece.text not in FRACTIONS:
                return False
        elif not (piece.text.isdigit() or piece.text in "- " or (piece.text in _COUNTS and piece.text not in used)):
            return False
    return True
