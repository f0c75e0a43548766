r"""Claims on functions of which nothing is known: `\nabla\log p=\nabla p/p`, `(fg)'=f'g+fg'`, `\nabla J=w+\nabla L`.

Such a claim speaks of derivatives at one point. So a function of which the page says nothing is as good as its first
order there, `\langle c, w\rangle + k` with any c and k, and where second derivatives are claimed, as its second,
with `\frac12\langle v, w\rangle^2` besides: what holds for that holds for every function, since what is linear in
the Hessian holds for all if it does for all `vv^\top`. At `Az` it is the same with Az in the place of w.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

from ..latex.names import name_of
from ..latex.pieces import Piece
from ..latex.vocabulary import FRACTIONS, LOGARITHMS, OPENING
from .chain_rule import end_of_derivative
from .components import is_index
from .derivatives import Derivative, derivative_of, has_derivative, is_name, name_and_arguments, solid
from .expectations import as_sums, densities, holds_expectation
from .judgement import outcome
from .statements import encloses, latex_of, sign, statements
from .surroundings import Surroundings, function_of, letters_of, symbol_of
from .worlds import World

MOST_FUNCTIONS = 8
"""How many functions a claim may speak of."""
MOST_DEFINITIONS = 2
"""How many definitions of what is differentiated are tried."""
_LETTERS = "abcdefgh"
_INDICES = "ijklmn"
_UNSEEN = str.maketrans("", "", "{} ")
"""What makes no difference between arguments: `f_{w}` is `f_w`."""


class _UnreadError(Exception):
    """The claim is of another kind."""


class _Applied(NamedTuple):
    """A function with its arguments, or its bare name, from one piece to another."""

    name: str
    arguments: tuple[str, ...] | None
    end: int


def holds_for_any(pieces: Sequence[Piece], derivative: Derivative, around: Surroundings, place: int) -> World | None:
    """Return the reading in which a claim holds whatever the functions are that it differentiates, None without one."""
    if derivative.order == "differential" or derivative.point or derivative.other or derivative.direction:
        return None
    for body in _bodies(derivative, around, place):
        for claimed, f in _with_sums(pieces, body, derivative):
            try:
                worlds = list(_worlds(claimed, f, derivative))
            except _UnreadError:
                continue
            for world, latex in worlds:
                if outcome(world, latex).status in ("own", "turned"):
                    return world
    return None


def _with_sums(
    pieces: Sequence[Piece], f: Sequence[Piece], derivative: Derivative
) -> Iterator[tuple[Sequence[Piece], Sequence[Piece]]]:
    """Yield a claim and what is differentiated with sums for expectations, over all that these may go over."""
    if not holds_expectation(pieces) and not holds_expectation(f):
        yield pieces, f
        return
    variable = symbol_of(derivative.variable)
    found = {x.name: x.arguments for x in _differentiated(pieces) if x.arguments}
    for density in densities(found.items(), variable):
        claimed, body = as_sums(pieces, density, variable), as_sums(f, density, variable)
        if claimed is not None and body is not None:
            yield claimed, body


def _bodies(derivative: Derivative, around: Surroundings, place: int) -> Iterator[tuple[Piece, ...]]:
    """Yield what is differentiated: as it stands, and as the page defines it."""
    yield tuple(solid(derivative.body))
    name = function_of(name_and_arguments(derivative.body)[0])
    for definition in [x for x in around.defined(name, place) if x.body][:MOST_DEFINITIONS] if name else ():
        for chain in statements(definition.body, {})[:1]:
            yield tuple(solid(chain.members[0].pieces))


def _worlds(pieces: Sequence[Piece], f: Sequence[Piece], derivative: Derivative) -> Iterator[tuple[World, str]]:
    """Yield the claim with letters in the place of its functions, for a variable of each kind.

    Raises:
        _UnreadError: it is written in derivatives in any other way.
    """
    name, arguments = name_and_arguments(derivative.body)
    only = symbol_of(arguments[0]) if arguments and len(arguments) == 1 and symbol_of(name) else ""
    known = symbol_of(derivative.variable) or only
    if derivative.variable and not symbol_of(derivative.variable):
        raise _UnreadError
    named = {x.name for x in _differentiated(pieces)}
    called = set() if holds_expectation(derivative.body) else _called(derivative.body)
    functions = _Functions(known, named | called, twice=derivative.order == "second")
    body, claimed = functions.without(f), functions.without(pieces)
    variable = functions.variable = functions.variable or "x"
    if not functions.letters:
        raise _UnreadError
    if not any(rf"\acute{{{x}}}" in body for x, _ in functions.letters.values()):
        raise _UnreadError
    body = derivative.scaled(body)
    capital = name_of(variable).is_capital and derivative.order == "first"
    signs = ("", "10", "-10") if any(x in body for x in (r"\log", r"\ln", r"\sqrt")) else ("",)
    for sign_, kind in product(signs, ("matrix", "scalar") if capital else ("vector", "scalar")):
        where, context = functions.clauses(kind, sign_)
        slopes = functions.slopes(claimed, kind)
        yield World(body, variable, derivative.order, where=where, context=context), slopes


def _called(body: Sequence[Piece]) -> set[str]:
    name = function_of(name_and_arguments(body)[0]).removeprefix(r"\log ")
    return {name} if name else set()


def _differentiated(pieces: Sequence[Piece]) -> Iterator[_Applied]:
    """Yield the functions of which derivatives stand in a member."""
    inner = solid(pieces)
    for k, piece in enumerate(inner):
        found = _derivative_at(inner, k)
        if found is not None:
            yield found[0]
        yield from _differentiated(piece.items)


def _derivative_at(pieces: Sequence[Piece], k: int) -> tuple[_Applied, Derivative, bool, int] | None:
    r"""Return of the derivative at `k` the function, what it is, whether of its logarithm, and where it ends."""
    first = pieces[k]
    start = k
    if first.is_macro("nabla"):
        start = k + 1
        while start + 1 < len(pieces) and pieces[start].is_character("_^"):
            start += 2
    elif first.is_macro(*FRACTIONS) and k + 2 < len(pieces):
        start = k + 3
        if (whole := derivative_of(pieces[k:start])) is not None:
            return _of(whole, start)
    elif first.is_macro("partial"):
        end = end_of_derivative(pieces, k, range(4, 25))
        return _of(whole, end) if end and (whole := derivative_of(pieces[k:end])) is not None else None
    elif not (first.kind in ("character", "macro") and is_name([first])) or _is_composed(pieces, k):
        return None
    logarithm = start < len(pieces) and pieces[start].is_macro(*LOGARITHMS)
    applied = _applied_at(pieces, start + logarithm)
    if applied is None:
        return None
    whole = derivative_of(pieces[k : applied.end])
    return _of(whole, applied.end) if whole is not None else None


def _is_composed(pieces: Sequence[Piece], k: int) -> bool:
    """Whether what begins at `k` is applied to more than letters, so that a prime is by none of them."""
    applied = _applied_at(pieces, k)
    return applied is not None and not all(map(symbol_of, applied.arguments or ()))


def _of(derivative: Derivative, end: int) -> tuple[_Applied, Derivative, bool, int] | None:
    if derivative.order == "differential" or derivative.point or derivative.other or derivative.factor:
        return None
    name, arguments = name_and_arguments(derivative.body)
    canonical = function_of(name)
    logarithm = canonical.startswith(r"\log ")
    canonical = canonical.removeprefix(r"\log ")
    plain = derivative.order == "first" or not logarithm
    return (_Applied(canonical, arguments, end), derivative, logarithm, end) if canonical and plain else None


def _applied_at(pieces: Sequence[Piece], k: int) -> _Applied | None:
    """Return the name at `k` with its scripts, primes and arguments, None if no name begins there."""
    if k >= len(pieces) or pieces[k].kind not in ("character", "macro"):
        return None
    last = next((j for j in range(min(k + 8, len(pieces)), k, -1) if _is_name_to(pieces, k, j)), k)
    if last == k:
        return None
    name = latex_of(x for x in pieces[k:last] if not x.is_character("'"))
    if not symbol_of(name):
        return None
    if last < len(pieces) and pieces[last].is_character("(") and not has_derivative(pieces[last + 1 : last + 2]):
        depth = 0
        for end in range(last, len(pieces)):
            depth += pieces[end].is_character("(") - pieces[end].is_character(")")
            if depth == 0:
                _, arguments = name_and_arguments(pieces[k : end + 1])
                return _Applied(symbol_of(name), arguments, end + 1) if arguments is not None else None
    return _Applied(symbol_of(name), None, last)


def _is_name_to(pieces: Sequence[Piece], k: int, j: int) -> bool:
    """Whether `pieces[k:j]` is a name, with all its scripts and primes."""
    inner = list(pieces[k:j])
    while len(inner) > 1 and inner[-1].is_character("'"):
        inner.pop()
    if _is_power(pieces, j - 2):
        return False
    behind = pieces[j] if j < len(pieces) and not _is_power(pieces, j) else None
    goes_on = (behind is not None and behind.is_character("_^'")) or inner[-1].is_character("_^")
    return is_name(inner) and not goes_on


def _is_power(pieces: Sequence[Piece], k: int) -> bool:
    """Whether something is raised to a number at `k`."""
    raised = 0 < k < len(pieces) - 1 and pieces[k].is_character("^")
    return raised and latex_of(pieces[k + 1 : k + 2]).strip("{} ").isdecimal()


class _Functions:
    """Functions of which nothing is known, as they are found in a claim: each gets a letter, by which it is replaced.

    `\\acute{a}` is its value, `\\breve{a}` its derivative, `\\check{a}` the constant in it, `\\grave{a}` the vector of
    its second one; `named` are the names of those that are differentiated, `twice` if so is anything.
    """

    def __init__(self, variable: str, named: set[str], *, twice: bool = False) -> None:
        self.variable = variable
        self.named = named - {""}
        self.twice = twice
        self.letters: dict[str, tuple[str, str]] = {}
        self._points: dict[str, str] = {}
        self._bound: dict[str, str] = {}
        self._sets: set[str] = set()
        self._constant: set[str] = set()

    def without(self, pieces: Sequence[Piece]) -> str:
        """Return LaTeX with letters in the place of the functions and of their derivatives.

        Raises:
            _UnreadError: a function is applied to more than letters, or a derivative is of another kind.
        """
        inner = solid(pieces)
        self._bind(inner)
        made: list[str] = []
        k = 0
        while k < len(inner):
            piece = inner[k]
            found = _derivative_at(inner, k)
            applied = None if found else _applied_at(inner, k)
            if found is not None and found[0].name in self.named:
                function, derivative, logarithm, k = found
                value, slope = self._letters_of(function, derivative)
                made.append(rf"{{\frac{{{slope}}}{{{value}}}}}" if logarithm else f"{{{slope}}}")
            elif applied is not None and (applied.name in self.named or self._is_term(applied)):
                k = applied.end
                factor = inner[k : k + 1] and inner[k].is_character("(")  # no argument
                made.append(("({})" if factor else "{{{}}}").format(self._letters_of(applied, None)[0]))
            elif end := self._end_of_constant(inner, k):
                made.append(f"{{{self._letters_of(_Applied(latex_of(inner[k + 1 : end - 1]), (), end), None)[0]}}}")
                k = end
            elif has_derivative(inner[k : k + 1]) and not piece.items:
                raise _UnreadError
            elif piece.items:
                inside = self.without(piece.items)
                made.append(f"{{{inside}}}" if piece.kind == "group" else latex_of([piece]))
                k += 1
            else:
                made.append(latex_of([piece]) + (" " if piece.kind == "macro" else ""))
                k += 1
                if piece.is_macro("sum") and (index := self._index_at(inner, k)):
                    made.append(f"_{{{index}}}")
                    k += 2
        return "".join(made)

    def _bind(self, pieces: Sequence[Piece]) -> None:
        r"""Remember the letters that sums go over, each with an index in its place: i for the \tau of `\sum_\tau`."""
        for one, low, what in zip(pieces, pieces[1:], pieces[2:], strict=False):
            if one.is_macro("sum") and low.is_character("_"):
                inside = latex_of(what.items if what.kind == "group" else (what,))
                over, of_set, _ = inside.partition(r"\in")
                letters = [symbol_of(x.strip()) for x in over.split(",")] if of_set else []
                self._sets |= {x for x in letters if x not in _INDICES}
                self._bind_together(letters or [symbol_of(inside.partition("=")[0].strip())])

    def _bind_together(self, letters: Sequence[str]) -> None:
        """Remember letters that one sum goes over, all with one index in their place."""
        spare = next((x for x in _INDICES if x not in self._bound.values()), "")
        known = next((self._bound[x] for x in letters if x in self._bound), "")
        itself = letters[0] if is_index(letters[0]) and letters[0] not in self._sets else ""
        for letter in letters if all(letters) else ():
            self._bound.setdefault(letter, known or itself or spare)

    def _end_of_constant(self, pieces: Sequence[Piece], k: int) -> int:
        """Return where brackets end that hold letters which a sum goes over and nothing that moves; 0 for others."""
        if sign(pieces[k]) not in OPENING:
            return 0
        end = next((j for j in range(k + 1, len(pieces) + 1) if encloses(pieces[k:j])), 0)
        inside = pieces[k + 1 : end - 1]
        applied = _applied_at(inside, 0) if inside else None
        if not inside or has_derivative(inside) or (applied is not None and applied.end == len(inside)):
            return 0
        latex = latex_of(inside).translate(_UNSEEN)
        moving = [name_of(x).letter for x in (self.variable, *self.named)]
        if any(x.translate(_UNSEEN) in latex for x in moving):
            return 0
        return end if any(x.translate(_UNSEEN) in latex for x in self._sets) else 0

    def _index_at(self, pieces: Sequence[Piece], k: int) -> str:
        r"""Return the index in the place of the letter of `\sum_\tau`, "" where it is one."""
        inside = latex_of(pieces[k + 1 : k + 2]) if pieces[k : k + 1] and pieces[k].is_character("_") else ""
        first = symbol_of(inside.removeprefix("{").removesuffix("}").partition(r"\in")[0].partition(",")[0].strip())
        return self._bound.get(first, "") if first in self._sets or not is_index(first) else ""

    def _is_term(self, applied: _Applied) -> bool:
        """Whether it is a function whose argument a sum goes over, or that argument itself."""
        if applied.name in self._sets:
            return True
        return applied.arguments is not None and any(y in self._bound for x in applied.arguments for y in letters_of(x))

    def _letters_of(self, applied: _Applied, derivative: Derivative | None) -> tuple[str, str]:
        """Return the letters for the value and for the derivative of a function, None for no derivative.

        Raises:
            _UnreadError: it is a function of more than letters, or differentiated by another one.
        """
        arguments = applied.arguments or ()
        only = symbol_of(arguments[0]) if len(arguments) == 1 else ""
        by = "" if derivative is None else symbol_of(derivative.variable)
        if at := self._point_of(applied, by):
            arguments, by = (at,), ""
        by = by or ("" if derivative is None or at else only)
        self.variable = self.variable or by
        if by not in ("", self.variable):
            raise _UnreadError
        key = f"{applied.name}({', '.join(arguments)})".translate(_UNSEEN)
        texts = (applied.name, *arguments)
        over = [x for text in texts for y in letters_of(text) for x in self._bound if x == y or name_of(y).carries(x)]
        over += [x for x in sorted(self._sets) if not arguments and x in applied.name]
        index = self._bound.get(min(over, key=lambda x: x not in self._sets, default=""), "")
        if key not in self.letters:
            if len(self.letters) >= MOST_FUNCTIONS:
                raise _UnreadError
            self.letters[key] = (_LETTERS[len(self.letters)], index)
        letter, index = self.letters[key]
        script = f"_{index}" if index else ""
        own = (y for x in name_of(applied.name).scripts for y in x.letters)
        if applied.name not in self.named and self.variable not in (
            *own,
            *(y for x in arguments for y in letters_of(x)),
        ):
            self._constant.add(letter)
            return rf"\check{{{letter}}}{script}", ""
        self._points[letter] = at
        slope, second = rf"\breve{{{letter}}}{script}", rf"\grave{{{letter}}}{script}"
        if derivative is not None and derivative.order == "second":
            slope = rf"({second} {second}^\top)"
        elif self.twice:
            slope = rf"({slope} + {second} \langle {second}, {at or self.variable}\rangle)"
        return rf"\acute{{{letter}}}{script}", slope

    def _point_of(self, applied: _Applied, by: str) -> str:
        """Return at what a function is taken that is more than the variable, also where a letter is said for that."""
        if len(applied.arguments or ()) != 1 or not self.variable or by == self.variable:
            return ""
        (only,) = applied.arguments or ()
        if not symbol_of(only):
            return only if self.variable in letters_of(only) else ""
        known = {x.partition("(")[0]: y for x, (letter, _) in self.letters.items() if (y := self._points.get(letter))}
        return known.get(applied.name.translate(_UNSEEN), "") if symbol_of(only) != self.variable else ""

    def clauses(self, kind: str, sign_: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the definitions of the letters, for a variable of that kind, and what is declared of letters.

        A `sign_`, `10` or `-10`, makes all values positive, or negative, nearly everywhere.
        """
        where, context = [], [f"{self.variable}: {kind}"]
        for letter, index in self.letters.values():
            script = f"_{index}" if index else ""
            slope, constant = self.slopes(rf"\breve{{{letter}}}{script}", kind), rf"\check{{{letter}}}{script}"
            context += [f"{constant}: scalar", *([f"{constant}: positive"] if sign_ else [])]
            if letter in self._constant:
                continue
            at = self._points[letter] or self.variable
            second = self.slopes(rf"\grave{{{letter}}}{script}", kind)
            square = rf"\frac{{1}}{{2}} \langle {second}, {at}\rangle^2 + " if self.twice else ""
            context += [] if self._points[letter] else [f"{x}: {kind}" for x in (slope, second)[: 1 + self.twice]]
            where.append(rf"\acute{{{letter}}}{script} := \langle {slope}, {at}\rangle + {square}({sign_}{constant})")
        return tuple(where), tuple(context)

    def slopes(self, latex: str, kind: str) -> str:
        """Return LaTeX with the letters for derivatives as those of matrices are, where the variable is one."""
        for letter, _ in self.letters.values() if kind == "matrix" else ():
            latex = latex.replace(rf"\breve{{{letter}}}", rf"\breve{{{letter.upper()}}}")
        return latex
