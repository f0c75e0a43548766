r"""Derivatives within a member: each in the place of its value, as far as formulas or the page say what that is.

In `\frac{y}{p}\frac{\partial p}{\partial w}` the page says what p is, in `\frac{\partial}{\partial a}(1+e^{-a})` the
formula itself. So the derivative is made as for a marker, and put there; what is left is a claim without derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from ..algebra.expressions import remembered
from ..api import Derivation, derive
from ..errors import DeriveError
from ..latex.names import name_of, undressed
from ..latex.pieces import Piece
from ..latex.vocabulary import CLOSING, FRACTIONS, OPENING
from .chain_rule import end_of_derivative
from .components import base_of, free_indices
from .derivatives import Derivative, derivative_of, has_derivative, is_name, name_and_arguments, solid
from .members import ends_with_range
from .statements import NESTING, end_of_term, latex_of, sign
from .surroundings import function_of, letters_of, symbol_of, written_out
from .worlds import World

MOST_VALUES = 8
"""How many derivatives of one member are made."""
_TIMES = (r"\cdot", r"\times", r"\ast", r"\odot", r"\circ")


class Value(NamedTuple):
    """What a derivative is: its LaTeX in each layout, and whether it is that of a number by a number, in one alone."""

    layouts: tuple[str, ...]
    is_plain: bool


class Evaluated(NamedTuple):
    """A member without the derivatives that have values.

    `upstream` are those that are left, each with the letter that stands for it; `is_plain` says that all values are
    numbers, of which there is one layout.
    """

    latex: str
    upstream: tuple[tuple[str, Derivative], ...]
    is_plain: bool


def evaluated(
    pieces: Sequence[Piece], kept: Callable[[Derivative], bool], value: Callable[[Derivative], Value | None]
) -> Iterator[Evaluated]:
    """Yield a member with values in the place of its derivatives, in each layout; nothing if one has no value.

    Those that are `kept` become letters.
    """
    seen: set[str] = set()
    for layout in (0, 1):
        writer = _WithValues(kept, value, layout)
        latex = writer.written(pieces)
        if latex is None or not (writer.made or writer.upstream):
            return
        if latex not in seen:
            seen.add(latex)
            yield Evaluated(latex, tuple(writer.upstream.items()), writer.is_plain)


class _WithValues:
    """Writes a member with values for its derivatives, in one layout."""

    def __init__(
        self, kept: Callable[[Derivative], bool], value: Callable[[Derivative], Value | None], layout: int
    ) -> None:
        self._kept = kept
        self._value = value
        self._layout = layout
        self.made = 0
        self.is_plain = True
        self.upstream: dict[str, Derivative] = {}

    def written(self, pieces: Sequence[Piece]) -> str | None:
        """Return the LaTeX, None if a derivative has no value."""
        inner = solid(pieces)
        made: list[str] = []
        k = 0
        while k < len(inner):
            found = self._kept_at(inner, k) or inner_derivative(inner, k)
            if found is not None:
                latex = self._of(found[0])
                if latex is None:
                    return None
                joined = k and _ends_a_factor(inner[k - 1]) and not ends_with_range(inner[:k])
                made.append((r"\cdot " if joined else "") + latex)
                k = found[1]
                continue
            piece = inner[k]
            if has_derivative([piece]) and not piece.items:
                return None
            made.append(self._around(piece) or "")
            if not made[-1]:
                return None
            k += 1
        return "".join(made)

    def _kept_at(self, pieces: Sequence[Piece], k: int) -> tuple[Derivative, int] | None:
        r"""Return the derivative of a bare name, `\nabla_w L` of `\nabla_w L \cdot v`, if it is to be kept."""
        by = pieces[k].is_macro("nabla") and pieces[k + 1 : k + 2] and pieces[k + 1].is_character("_")
        start = k + 3 if by else 0
        end = _end_of_name(pieces, start) if by else 0
        found = derivative_of(pieces[k:end]) if end > start else None
        return (found, end) if found is not None and self._kept(found) else None

    def _around(self, piece: Piece) -> str | None:
        """Return the LaTeX of a piece, with values for the derivatives inside it."""
        if not piece.items or not has_derivative(piece.items):
            return latex_of([piece]) + (" " if piece.kind == "macro" else "")
        inside = self.written(piece.items) if piece.kind == "group" else None
        return None if inside is None else f"{{{inside}}}"

    def _of(self, derivative: Derivative) -> str | None:
        if self._kept(derivative):
            letter = symbol_of(rf"\bar{{{derivative.variable}}}")
            if not letter or not are_alike(self.upstream.setdefault(letter, derivative), derivative):
                return None
            return f"{{{letter}}}"
        self.made += 1
        value = self._value(derivative) if self.made <= MOST_VALUES else None
        if value is None:
            return None
        self.is_plain &= value.is_plain
        return f"({value.layouts[min(self._layout, len(value.layouts) - 1)]})"


def _ends_a_factor(piece: Piece) -> bool:
    """Whether parentheses behind a piece could be read as the arguments of what ends there."""
    return sign(piece) not in _TIMES and (piece.text.isalnum() or sign(piece) in CLOSING or piece.kind == "group")


def inner_derivative(pieces: Sequence[Piece], k: int) -> tuple[Derivative, int] | None:
    r"""Return the derivative that begins at `k`, and where it ends; None if none does.

    What an operator `\frac{\partial}{\partial x}` or `\nabla` in front is applied to is a group, a name with its
    arguments, or all up to the end of its term.
    """
    first = pieces[k]
    if first.is_macro(*FRACTIONS) and k + 2 < len(pieces):
        whole = derivative_of(pieces[k : k + 3])
        if whole is not None and whole.order == "first":
            return whole, k + 3
        start = k + 3
    elif first.is_macro("nabla"):
        start = k + 3 if pieces[k + 1 : k + 2] and pieces[k + 1].is_character("_") else k + 1
    elif first.is_macro("partial"):
        end = end_of_derivative(pieces, k, range(4, 25))
        return (derivative, end) if end and (derivative := derivative_of(pieces[k:end])) is not None else None
    else:
        return None
    end = _end_of_argument(pieces, start)
    found = derivative_of(pieces[k:end]) if end > start else None
    return (found, end) if found is not None and found.order == "first" else None


def inner_derivatives(pieces: Sequence[Piece]) -> Iterator[Derivative]:
    """Yield the derivatives that stand in a member, from left to right."""
    inner = solid(pieces)
    k = 0
    while k < len(inner):
        found = inner_derivative(inner, k)
        if found is not None:
            yield found[0]
        else:
            yield from inner_derivatives(inner[k].items)
        k = found[1] if found is not None else k + 1


def said_in(
    before: Sequence[Piece], member: Sequence[Piece], value: Callable[[Derivative], Value | None]
) -> Callable[[Derivative], Value | None]:
    r"""Return `value`, with what a member says of a function in the one before it of which nothing else is known.

    `\frac{\partial L}{\partial a}\frac{\partial a}{\partial w}`, when next comes
    `\frac{\partial L}{\partial a}\frac{\partial}{\partial w}(wx)`, says that a is wx.
    """
    old, new = list(inner_derivatives(before)), list(inner_derivatives(member))
    unknown = [x for x in old if not any(are_alike(x, y) for y in new) and value(x) is None]
    explicit = [x for x in new if symbol_of(x.variable) in letters_of(x.f)]
    said = {
        (x.f, x.variable): value(y)
        for x in unknown
        if [z.variable for z in unknown].count(x.variable) == 1
        for y in explicit
        if symbol_of(y.variable) == symbol_of(x.variable)
    }
    return lambda x: said.get((x.f, x.variable)) or value(x)


def are_alike(one: Derivative, other: Derivative) -> bool:
    """Return whether two derivatives are one, wherever they stand."""
    return (one.f, one.variable) == (other.f, other.variable)


def _end_of_argument(pieces: Sequence[Piece], start: int) -> int:
    """Return where what an operator in front is applied to ends; `start` where there is nothing."""
    if start >= len(pieces):
        return start
    if sign(pieces[start]) in OPENING:
        return _end_of_brackets(pieces, start)
    if pieces[start].kind == "group":
        return start + 1
    name = _end_of_name(pieces, start)
    if name > start and name < len(pieces) and pieces[name].is_character("("):
        return _end_of_brackets(pieces, name)
    return end_of_term(pieces, start, "+-")


def _end_of_name(pieces: Sequence[Piece], start: int) -> int:
    return next((j for j in range(min(start + 6, len(pieces)), start, -1) if is_name(pieces[start:j])), start)


def _end_of_brackets(pieces: Sequence[Piece], start: int) -> int:
    depth = 0
    for k in range(start, len(pieces)):
        depth += NESTING.get(sign(pieces[k]), 0)
        if depth == 0:
            return k + 1
    return start


def value_of(world: World) -> Value | None:
    """Return the derivative that a reading is about, None where it cannot be made."""
    if world.order != "first" or world.other or world.point or world.swaps or world.indices is not None:
        return None
    f, where = written_out(world.f, world.where)
    letters = {*letters_of(f), *(y for x in where for y in letters_of(x.partition(":=")[2]))}
    context = tuple(x for x in world.context if x.partition(":")[0].strip() in letters)
    variable, factor = world.variable, ""
    if variable not in letters:
        alike = [x for x in letters if base_of(x) == base_of(variable) and len(free_indices(x)) == 1]
        if len(alike) != 1 or len(free_indices(variable)) != 1:
            return None
        factor = rf"\delta_{{{free_indices(variable)[0]}{free_indices(alike[0])[0]}}}"
        variable = alike[0]
    found = _derived(f, variable, (*where, *context))
    if found is None or not factor:
        return found
    return Value(tuple(rf"{factor}({x})" for x in found.layouts), found.is_plain)


@remembered(maxsize=1024, beyond=True)
def _derived(f: str, variable: str, where: tuple[str, ...]) -> Value | None:
    """Return the derivative of f by a variable, None where it cannot be made."""
    try:
        found = derive(f, variable, where)
    except DeriveError:
        return None
    if not isinstance(found, Derivation) or found.names:
        return None
    latex = str(found.gradient)
    number = found.working.question.f.is_scalar
    plain = number and found.variable.is_scalar
    return Value((latex,) if plain else (latex, rf"({latex})^\top"), plain)


def by_whole(pieces: Sequence[Piece], derivative: Derivative) -> tuple[tuple[Piece, ...], Derivative] | None:
    r"""Return a claim by `\theta_j` with \theta for it, where its index stands in derivatives by `\theta_j` alone."""
    variable = symbol_of(derivative.variable)
    indices, base = free_indices(variable), base_of(variable)
    whole = _by_whole(pieces, variable, base) if indices else ()
    if not whole or whole == tuple(solid(pieces)) or any(_holds_index(whole, x) for x in indices):
        return None
    return whole, replace(derivative, variable=base)


def _holds_index(pieces: Sequence[Piece], index: str) -> bool:
    """Whether a script has an index."""
    pairs = pairwise(pieces)
    below = any(one.is_character("_^") and index in latex_of([other]) for one, other in pairs)
    return below or any(_holds_index(x.items, index) for x in pieces if x.items)


def _by_whole(pieces: Sequence[Piece], variable: str, base: str) -> tuple[Piece, ...]:
    inner = solid(pieces)
    sign_ = bool(inner) and (inner[0].is_macro("partial") or inner[0].is_character("d"))
    if sign_ and symbol_of(latex_of(inner[1:])) == variable:
        return (inner[0], Piece("character", base, inner[1].start, inner[-1].end))
    return tuple(x._replace(items=_by_whole(x.items, variable, base)) if x.items else x for x in inner)


def is_of_same_function(one: Derivative, other: Derivative) -> bool:
    """Return whether two derivatives are of functions that have one name."""
    names = [function_of(name_and_arguments(x.body)[0]) for x in (one, other)]
    return bool(names[0]) and names[0] == names[1]


def is_entry_of(entry: str, letter: str) -> bool:
    """Return whether a letter may be an entry of another, `w_{mn}` of W."""
    one, other = undressed(base_of(entry)), undressed(letter)
    return bool(free_indices(entry)) and not free_indices(letter) and one.lower() == other.lower()


def paired(letter: str, latex: str) -> Derivative:
    r"""Return the derivative by a letter of its inner product with a formula, which is what the formula is."""
    body = rf"\langle {letter}, {latex}\rangle"
    return Derivative((Piece("character", body, 0, len(body)),), letter)


def is_plain_letter(variable: str) -> bool:
    """Return whether a variable is a small letter in no face, a number as most authors write it."""
    name = name_of(variable)
    return not name.is_capital and not name.dress and variable == undressed(variable)
