r"""Reading the left side of a claim: which derivative of what by what is meant by `\frac{\partial f}{\partial X}`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from string import ascii_letters
from typing import Literal

from ..algebra.expressions import remembered
from ..latex.names import name_of
from ..latex.pieces import Piece
from ..latex.vocabulary import ACCENTS, DRESSES, FACES, FRACTIONS, LOGARITHMS, PARTIAL_FRACTIONS, UPRIGHT
from .statements import encloses, latex_of, sign, trimmed

Order = Literal["first", "second", "differential"]

_NABLA = (r"\nabla", r"\bigtriangledown", r"\triangledown")
_WORDS = ("grad", "Grad", "gradient")
TRANSPOSES = frozenset(("T", r"\top", r"\intercal", "'", r"\mathsf{T}", r"\mathrm{T}", r"\prime", r"\mathsf T", "t"))
_FUNCTIONS = frozenset(
    ("f", "g", "h", "F", "G", "\\phi", "\\varphi", "\\psi", "\\mathbf{f}", "\\mathbf f", "\\boldsymbol{f}")
)
"""Functions whose Jacobian and Hessian are written with their letter as an index."""
_COUNTS = frozenset("nmNMkKc")
"""Letters that stand for numbers before a gradient, as in \\frac1n \\nabla_x f."""
_PARTIAL = ("partial", "dd", "diff", "diffd", "partialup", "dif")
_AFTER_D = ("iag", "et", "im", "iv", "ist")
_PHYSICS = (*PARTIAL_FRACTIONS, "dv", "deriv", "derivative", "odv")
_SIGNS = frozenset((*_PARTIAL, *_PHYSICS, *_WORDS, *(x[1:] for x in _NABLA), "prime"))
"""The macros of which one stands in a derivative that is written without a d, a D or a prime."""


@dataclass(frozen=True, slots=True)
class Derivative:
    r"""What stands on the left of a claim.

    body       what is differentiated
    variable   the LaTeX of that by which, "" where only the context says
    other      by which it is differentiated once more, where it is another letter: `\partial^2f/\partial x\partial y`
    turned     the author asks for the other layout, as in `\partial x^T`
    factor     a number in front: `\frac12` of `\frac12\nabla f`
    direction  the letter along which, H of `Df(X)[H]`
    point      where, `x=0` of `|_{x=0}`
    partial    the sign is that of a partial derivative, `\partial` or `\nabla`
    """

    body: tuple[Piece, ...]
    variable: str
    order: Order = "first"
    turned: bool = False
    other: str = ""
    factor: str = ""
    direction: str = ""
    point: str = ""
    partial: bool = False

    @property
    def f(self) -> str:
        """The LaTeX of what is differentiated, without the factor."""
        return latex_of(self.body)

    def scaled(self, f: str) -> str:
        """Return f, another spelling of what is differentiated, with the factor in front."""
        return f"{self.factor}({f})" if self.factor else f


def may_hold_derivative(latex: str) -> bool:
    """Return whether a derivative could stand in a formula without macros of an author; told from its signs alone."""
    if "'" in latex or "J" in latex or "H" in latex or not latex.isascii():
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
    if not may_hold_derivative(latex_of(pieces)):
        return None
    found = _with_plain_nabla(solid(pieces))
    inner, point = _without_point(found)
    if point:
        at = derivative_of(inner)
        return replace(at, point=point) if at is not None and not at.point else None
    if not found:
        return None
    return (
        _fraction(found)
        or _within_braces(found)
        or _turned_nabla(found)
        or _nabla(found)
        or _subscripted(found)
        or _prime(found)
        or _along(found)
        or _differential(found)
        or _named_matrix(found)
        or _multiple(found)
    )


def _within_braces(pieces: list[Piece]) -> Derivative | None:
    return derivative_of(pieces[0].items) if len(pieces) == 1 and pieces[0].kind == "group" else None


def _with_plain_nabla(pieces: list[Piece]) -> list[Piece]:
    r"""Return the pieces with `\nabla` for `\vec\nabla`, `\boldsymbol{\nabla}` and `\mathop{\nabla}`."""
    found: list[Piece] = []
    for piece in pieces:
        inside = solid(piece.items) if piece.kind == "group" else [piece]
        dressed = bool(found) and found[-1].kind == "macro" and found[-1].text in FACES | ACCENTS
        if dressed and len(inside) == 1 and sign(inside[0]) in _NABLA:
            found[-1] = inside[0]
        else:
            found.append(piece)
    return found


def _without_point(pieces: list[Piece]) -> tuple[list[Piece], str]:
    r"""Return the pieces and what stands behind a bar at their end: `x=0` of `\left.\nabla f\right|_{x=0}`."""
    bars = [k for k, x in enumerate(pieces) if sign(x) in ("|", r"\vert", r"\rvert")]
    if len(bars) % 2 == 0 or len(pieces) < 4 or bars[-1] != len(pieces) - 3 or not pieces[-2].is_character("_"):
        return pieces, ""
    first = 1 if pieces[0].is_character(".") else 0
    return pieces[first : bars[-1]], _latex(pieces[-1])


def has_derivative(pieces: Iterable[Piece]) -> bool:
    """Return whether a derivative of any kind stands in the pieces."""
    inner = list(pieces)
    for k, piece in enumerate(inner):
        if piece.is_macro("partial", "nabla", "pdv", "dv", "dd") or (piece.items and has_derivative(piece.items)):
            return True
        if piece.is_macro(*FRACTIONS):
            top = next((x for x in inner[k + 1 :] if x.kind != "blank"), None)
            if top is not None and _after_d(solid(top.items if top.kind == "group" else (top,))) is not None:
                return True
    return False


def has_differential(pieces: Sequence[Piece]) -> bool:
    """Return whether a differential dX stands in the pieces."""
    inner = solid(pieces)
    for k in range(len(inner)):
        if _after_d(inner[k:]) is not None and k + 1 < len(inner):
            return True
        if inner[k].items and has_differential(inner[k].items):
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
        if is_name(solid(pieces[first:last])):
            return latex_of(pieces[first:last]), last
    return None


def without_factor(pieces: Sequence[Piece]) -> tuple[str, tuple[Piece, ...]]:
    r"""Return the LaTeX of a sign or a number in front, and what stands behind it: `-` and `\log L` of `-\log L`."""
    inner = solid(pieces)
    start = 0
    while start < len(inner) - 1 and (inner[start].is_character("-") or inner[start].text.isdecimal()):
        start += 1
    if start < len(inner) - 2 and inner[start].is_macro(*FRACTIONS) and _is_constant(inner[start + 1 : start + 3], ""):
        start += 3
    return latex_of(inner[:start]), tuple(inner[start:])


def name_and_arguments(pieces: Sequence[Piece]) -> tuple[str, tuple[str, ...] | None]:
    r"""Return `(f, ("x", "y"))` for `f(x, y)`, `(f, None)` for a bare name or for what has no arguments behind it.

    `\log L(\mu)` is the function called `\log L`.
    """
    inner = solid(pieces)
    if len(inner) > 1 and inner[0].is_macro(*LOGARITHMS):
        if inner[1].is_character("("):
            return latex_of(inner), None
        braced = len(inner) == 2 and inner[1].kind == "group"  # \log{p(x)}
        name, arguments = name_and_arguments(inner[1].items if braced else inner[1:])
        return rf"\log {name}", arguments
    opening = next((k for k, x in enumerate(inner) if k and x.is_character("([")), None)
    if opening is None or not inner[-1].is_character(")]") or not is_name(inner[:opening]):
        return latex_of(inner), None
    inside: list[list[Piece]] = [[]]
    depth = 0
    for piece in inner[opening + 1 : -1]:
        depth += piece.is_character("([") - piece.is_character(")]")
        if depth < 0:
            return latex_of(inner), None
        if depth == 0 and (piece.is_character(",;|") or piece.is_macro("mid", "vert")):
            inside.append([])
        else:
            inside[-1].append(piece)
    return latex_of(inner[:opening]), tuple(latex_of(x) for x in inside)


def is_name(pieces: Sequence[Piece]) -> bool:
    """Return whether the pieces are one letter with its scripts and fonts, as far as can be seen from outside."""
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
            return letters == 1 and all(x.is_character("'") for x in pieces[k:])
        letters += 1
        k += 1
    return letters == 1


def solid(pieces: Iterable[Piece]) -> list[Piece]:
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
    variable, other, twice, turned = by
    if twice != second:
        return None
    f = trimmed(above[k:])
    if (f and rest and not _is_argument(rest)) or not (f or rest):
        return None
    body = f or _without_outer(rest)
    if body is None or (f and has_derivative(f)) or has_derivative(body):
        return None
    whole = (*f, *rest) if f else tuple(body)
    partial = above[0].is_macro("partial")
    return Derivative(whole, variable, "second" if second else "first", turned, other, partial=partial)


def _parts_of_fraction(pieces: list[Piece]) -> tuple[list[Piece], list[Piece], list[Piece]] | None:
    r"""Return numerator, denominator and what follows, of `\frac{..}{..}`, `{.. \over ..}`, `../..`, `\pdv{..}{..}`."""
    first = pieces[0]
    if first.is_macro(*FRACTIONS) and len(pieces) > 2:
        return solid(_inside(pieces[1])), solid(_inside(pieces[2])), pieces[3:]
    if first.is_macro(*_PHYSICS) and len(pieces) > 1:
        return _parts_of_physics(first, pieces[1:])
    if first.kind == "group":
        over = next((k for k, x in enumerate(first.items) if x.is_macro("over")), None)
        if over is not None:
            return solid(first.items[:over]), solid(first.items[over + 1 :]), pieces[1:]
    if _after_d(pieces) is None:
        return None
    slash = next((k for k, x in enumerate(pieces) if x.is_character("/")), None)
    if slash and _after_d(pieces[slash + 1 :]) is not None:
        return pieces[:slash], pieces[slash + 1 :], []
    return None


def _parts_of_physics(macro: Piece, behind: list[Piece]) -> tuple[list[Piece], list[Piece], list[Piece]] | None:
    r"""Return the same of what stands behind `\pdv`: `{f}{x}`, `[2]{x}`, `{f}{x}{y}`."""
    d = Piece("macro", "partial", macro.start, macro.end)
    twice = [Piece("character", "^", macro.start, macro.end), Piece("character", "2", macro.start, macro.end)]
    squared = len(behind) > 3 and behind[0].is_character("[") and behind[2].is_character("]")
    if squared and not behind[1].is_character("2"):
        return None
    behind = behind[3:] if squared else behind
    groups = next((k for k, x in enumerate(behind[:3]) if x.kind != "group"), min(len(behind), 3)) or 1
    inside = [solid(_inside(x)) for x in behind[:groups]]
    above = [d, *(twice if squared or groups == 3 else ())]
    if groups > 1:
        above = [*above, *inside[0]]
        inside = inside[1:]
    below = [piece for x in inside for piece in (d, *x)]
    return above, [*below, *(twice if squared else ())], behind[groups:]


def _inside(piece: Piece) -> Sequence[Piece]:
    return piece.items if piece.kind == "group" else (piece,)


def _denominator(pieces: list[Piece]) -> tuple[str, str, bool, bool] | None:
    r"""Return (variable, the other one, whether twice, whether turned) of what stands below a fraction.

    That is `\partial x`, `\partial x^2`, `\partial x \partial x^T`, `\partial x \partial y`.
    """
    start = _after_d(pieces)
    if start is None:
        start = 0 if is_name(_without_parentheses(pieces)) else None  # the sign was forgotten
    if start is None:
        return None
    second = next((k for k in range(start + 1, len(pieces)) if _after_d(pieces[k:]) is not None), None)
    one = pieces[start:second]
    if not one:
        return None
    first, squared, turned = _variable(one)
    if second is None:
        return (first, "", squared, turned) if first else None
    behind = _after_d(pieces[second:])
    assert behind is not None
    other, again, _ = _variable(pieces[second + behind :])
    if not first or not other or squared or again:
        return None
    return first, "" if first == other else other, True, False


def _without_parentheses(pieces: list[Piece]) -> list[Piece]:
    inner = pieces[1:-1] if len(pieces) > 2 and encloses(pieces) else pieces
    return solid(inner[0].items) if len(inner) == 1 and inner[0].kind == "group" else inner


def _variable(pieces: Sequence[Piece]) -> tuple[str, bool, bool]:
    r"""Return the variable without a square or a transpose behind it, and which of these stood there."""
    pieces = list(pieces)
    while len(pieces) == 1 and pieces[0].kind == "group":
        pieces = solid(pieces[0].items)
    if len(pieces) > 2 and pieces[0].is_character("(") and pieces[-1].is_character(")"):
        pieces = pieces[1:-1]
    if len(pieces) > 2 and pieces[-2].is_character("^"):
        raised = _latex(pieces[-1])
        if raised == "2":
            return latex_of(pieces[:-2]), True, False
        if raised.replace(" ", "") in {x.replace(" ", "") for x in TRANSPOSES}:
            return latex_of(pieces[:-2]), False, True
    if len(pieces) > 1 and pieces[-1].is_character("'"):
        return latex_of(pieces[:-1]), False, True
    return latex_of(pieces), False, False


def _is_argument(rest: Sequence[Piece]) -> bool:
    return encloses(rest) and not has_derivative(rest) and (rest[0].is_character("(") or is_name(rest[1:-1]))


def _without_outer(rest: list[Piece]) -> list[Piece] | None:
    r"""Return what an operator in front is applied to: all that follows, if it is one term; else None."""
    inner = solid(rest)
    if encloses(inner):
        return inner[1:-1]
    if len(inner) == 1 and inner[0].kind == "group":
        return solid(inner[0].items)
    depth, bars = 0, False
    for k, piece in enumerate(inner):
        depth += (sign(piece) in ("(", "[", r"\{", r"\lbrace")) - (sign(piece) in (")", "]", r"\}", r"\rbrace"))
        depth += piece.is_macro("lVert", "lvert") - piece.is_macro("rVert", "rvert")
        bars ^= sign(piece) in ("|", r"\|", r"\Vert", r"\vert")
        if depth == 0 and not bars and k and piece.is_character("+-"):
            return None
    return inner or None


def _nabla(pieces: list[Piece]) -> Derivative | None:
    start = _behind_nabla(pieces)
    if start is None:
        return None
    variable, order, turned, k = "", "first", False, start
    while True:
        script, what, after = _script(pieces, k)
        if script == "_":
            variable = variable or _variable(solid(_inside(what)))[0] if what else ""
        elif script == "^" and _latex(what) == "2":
            order = "second"
        elif script == "^" and _latex(what) in TRANSPOSES:
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
    rest = pieces[k:]
    if _is_applied(rest[:-2]) and rest[-2].is_character("^") and _latex(rest[-1]) in TRANSPOSES:
        rest, turned = rest[:-2], True
    body = _without_outer(rest)
    if body is None or has_derivative(body):
        return None
    return Derivative(tuple(body), variable, "second" if order == "second" else "first", turned, partial=True)


def _is_applied(pieces: list[Piece]) -> bool:
    """Whether the pieces are `f(x)` and no more."""
    opening = next((k for k, x in enumerate(pieces) if k and x.is_character("(")), None)
    return opening is not None and is_name(pieces[:opening]) and encloses(pieces[opening:])


def _along(pieces: list[Piece]) -> Derivative | None:
    r"""Read `Df(X)[H]`, `f'(X)[H]` and `\langle\nabla f(x), h\rangle`: the derivative along a direction."""
    if sign(pieces[0]) == r"\langle" and sign(pieces[-1]) == r"\rangle":
        comma = next((k for k, x in enumerate(pieces) if x.is_character(",")), 0)
        found = _nabla(pieces[1:comma]) if comma else None
        along = pieces[comma + 1 : -1]
        if found is None or found.order != "first" or not is_name(along):
            return None
        return replace(found, order="differential", turned=False, direction=latex_of(along))
    opening = next((k for k, x in enumerate(pieces) if x.is_character("[")), None)
    if not opening or not pieces[-1].is_character("]"):
        return None
    along = pieces[opening + 1 : -1]
    behind = _after_d(along)
    differential = behind is not None and behind < len(along)
    if not is_name(along[behind:] if differential else along):
        return None
    start = 1 if pieces[0].is_character("D") else _after_d(pieces) or 0
    body = [x for x in pieces[start:opening] if not x.is_character("'")]
    primes = opening - start - len(body)
    if not _is_applied(body) or (start > 0) + primes != 1:
        return None
    variable = latex_of(body[next(k for k, x in enumerate(body) if x.is_character("(")) + 1 : -1])
    return Derivative(tuple(body), variable, "differential", direction="" if differential else latex_of(along))


def _turned_nabla(pieces: list[Piece]) -> Derivative | None:
    r"""Read `\nabla f(x)^T d`: the derivative along d of a function whose arguments are named."""
    start = _behind_nabla(pieces)
    turned = next((k for k, x in enumerate(pieces) if k and x.is_character("^") and pieces[k - 1].is_character(")")), 0)
    if start is None or turned + 2 >= len(pieces) or _latex(pieces[turned + 1]) not in TRANSPOSES:
        return None
    found, along = _nabla(pieces[:turned]), pieces[turned + 2 :]
    if found is None or found.order != "first" or not _is_applied(list(found.body)) or not is_name(along):
        return None
    return replace(found, order="differential", direction=latex_of(along))


def _named_matrix(pieces: list[Piece]) -> Derivative | None:
    r"""Read `J_f(x)` and `H_f(x)`, the Jacobian and the Hessian of f, and `D^2f(x)`."""
    letter, k = pieces[0], 1
    if letter.is_macro(*FACES) and len(pieces) > 1:
        letter, k = solid(_inside(pieces[1]))[0] if solid(_inside(pieces[1])) else letter, 2
    script, of, behind = _script(pieces, k)
    if script == "^" and letter.is_character("D") and _latex(of) == "2" and _is_applied(pieces[behind:]):
        return Derivative(tuple(pieces[behind:]), "", "second")
    if script != "_" or of is None or _latex(of) not in _FUNCTIONS or not letter.is_character("JH"):
        return None
    argument = pieces[behind:]
    if argument and not (argument[0].is_character("(") and encloses(argument)):
        return None
    body = (*solid(_inside(of)), *argument)
    return Derivative(body, "", "second" if letter.is_character("H") else "first")


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
    variable = _variable(solid(_inside(what)))[0]
    body = _without_outer(pieces[behind:])
    if body is None or has_derivative(body) or (first.is_character("D") and not _speaks_of(body, variable)):
        return None
    return Derivative(tuple(body), variable)


def _speaks_of(body: Sequence[Piece], variable: str) -> bool:
    r"""Whether the variable occurs where arguments are named: `D_x f(x)`, not `D_{KL}(P\|Q)` or `D_t(\nu)`."""
    word = name_of(variable).letter  # D_{KL}(P, Q)
    if is_name(body) or (len(word) > 1 and word.isalpha()) or word.isdecimal() or latex_of(body).isdecimal():  # D_i(1)
        return is_name(body)
    return variable in latex_of(body) or not any(x.is_character("(|") or x.is_macro("|", "Vert", "mid") for x in body)


def _prime(pieces: list[Piece]) -> Derivative | None:
    """Read `f'(x)` and `f''(x)`."""
    primes = next((k for k, x in enumerate(pieces) if x.is_character("'")), None)
    if not primes or not is_name(pieces[:primes]):
        return None
    behind = primes
    while behind < len(pieces) and pieces[behind].is_character("'"):
        behind += 1
    if behind - primes > 2 or not encloses(pieces[behind:]) or not is_name(pieces[behind + 1 : -1]):
        return None
    argument = latex_of(pieces[behind + 1 : -1])
    order: Order = "second" if behind - primes == 2 else "first"
    return Derivative((*pieces[:primes], *pieces[behind:]), argument, order)


def _differential(pieces: list[Piece]) -> Derivative | None:
    """Read `df` and `d(AXB)`."""
    start = _after_d(pieces)
    if start is None or pieces[0].is_macro("partial") or start >= len(pieces) or _latex(pieces[start - 1]) == "D":
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
    return replace(found, factor=latex_of(factor))


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
