r"""Derivatives that are written entry by entry or case by case: what they claim of each entry and of each case.

`\nabla f = (2x_1+x_2, x_1)` says what two partial derivatives are, a table of rows what a Jacobian or a Hessian is,
`\begin{cases} 1 & x > 0 \\ 0 & x < 0 \end{cases}` what a derivative is where x is positive, and where it is negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..algebra.expressions import remembered
from ..latex.names import name_of, undressed
from ..latex.pieces import Piece
from ..latex.vocabulary import BREAKS, FRACTIONS, TEXTS
from .components import base_of, is_numbered
from .derivatives import Derivative, has_derivative, name_and_arguments, solid
from .families import defined_as
from .statements import encloses, latex_of, plain_text, sign, statements, trimmed
from .surroundings import Surroundings, function_of, is_decimal, letters_of, symbol_of
from .worlds import Comparison

Cell = tuple[Piece, ...]
Row = tuple[Cell, ...]

_MATRICES = frozenset(
    ("matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "psmallmatrix", "bsmallmatrix", "array")
)
_BRACKETS = ("(", "[", r"\langle")
_NEGATED = {"<": ">=", ">": "<=", "<=": ">", ">=": "<", "=": "!=", "!=": "="}
_COMPARING = {
    "<": "<", ">": ">", r"\lt": "<", r"\gt": ">", r"\le": "<=", r"\leq": "<=", r"\leqslant": "<=", r"\ge": ">=",
    r"\geq": ">=", r"\geqslant": ">=", "=": "=", r"\ne": "!=", r"\neq": "!=",
}  # fmt: skip
_INDICATORS = ("1", "I", "χ")
"""What an indicator is called, in whatever face."""


class Case(NamedTuple):
    """What is claimed where some conditions hold; with a condition that is hardly ever met nothing is."""

    value: Cell
    given: tuple[Comparison, ...]

    @property
    def is_met(self) -> bool:
        """Whether there are random points at which the conditions hold, those on indices left to the indices."""
        return not any(x.relation == "=" and not x.is_of_indices for x in self.given)


# --- entries ---------------------------------------------------------------------------------------------------


@remembered(maxsize=4096, beyond=True)
def table_of(pieces: tuple[Piece, ...]) -> tuple[Row, ...]:
    """Return the rows of a table or of a tuple, () for anything else; a transpose behind it is left out."""
    inner = solid(_with_commas(pieces))
    if len(inner) > 2 and (inner[-2].is_character("^") or inner[-1].is_character("'")):
        inner = inner[: -2 if inner[-2].is_character("^") else -1]
    factor, inner = _without_factor(inner)
    if factor:
        return tuple(tuple(_times(factor, cell) for cell in row) for row in table_of(tuple(inner)))
    if len(inner) == 3 and sign(inner[0]) in _BRACKETS and inner[1].kind == "environment":
        inner = inner[1:2]
    if len(inner) == 1 and inner[0].kind == "environment" and inner[0].text.rstrip("*") in _MATRICES:
        rows = tuple(tuple(_split(row, "&")) for row in _rows(inner[0]))
        return tuple(row for row in rows if any(row))
    if len(inner) > 2 and sign(inner[0]) in _BRACKETS and encloses(inner):
        cells = tuple(_split(inner[1:-1], ","))
        return (cells,) if len(cells) > 1 and all(cells) else ()
    return ()


def _without_factor(inner: list[Piece]) -> tuple[list[Piece], list[Piece]]:
    r"""Return a number in front, and the table or tuple behind it: `2` and `(x, y)` of `2\cdot(x, y)`."""
    start = next((k for k, x in enumerate(inner) if x.kind == "environment"), 0)
    if start == 0 and inner and sign(inner[-1]) in (")", "]"):
        start = next((k for k in range(1, len(inner)) if encloses(inner[k:])), 0)
    start -= start > 0 and sign(inner[start - 1]) in _BRACKETS and inner[start].kind == "environment"
    factor = [x for x in inner[:start] if not x.is_macro("cdot", "times")]
    applied = start > 0 and not (inner[start - 1].is_macro("cdot", "times") or inner[start - 1].text.isdecimal())
    tuple_like = start > 0 and inner[start].is_character("([") and inner[start + 1].kind != "environment"
    if not factor or not all(map(_is_of_number, enumerate(factor))) or (applied and tuple_like):
        return [], inner
    return factor, inner[start:]


def _is_of_number(at: tuple[int, Piece]) -> bool:
    r"""Whether a piece of a factor, with its place, may stand in a number: `-2\pi`, `\frac1n`, `\alpha`."""
    k, piece = at
    if piece.kind == "group":
        return bool(k)
    small = bool(symbol_of(latex_of([piece]))) and not name_of(latex_of([piece])).is_capital
    return piece.text.isdecimal() or piece.is_macro(*FRACTIONS) or small or (k == 0 and piece.is_character("-"))


def _times(factor: Sequence[Piece], cell: Cell) -> Cell:
    """Return a cell with a factor in front."""
    opening, closing = (Piece("character", x, cell[0].start, cell[-1].end) for x in "()")
    return (*factor, opening, *cell, closing)


def _with_commas(pieces: Sequence[Piece]) -> Sequence[Piece]:
    r"""Return the pieces with commas for the wide spaces of a row in brackets: `(1 ~~ 2)`, `[1 \quad 2]`."""
    if not pieces or not pieces[0].is_character("([") or any(x.is_character(",") for x in pieces):
        return pieces
    found: list[Piece] = []
    for piece in pieces:
        tie = piece.kind == "blank" and piece.text == "~"
        wide = piece.is_macro("quad", "qquad") or (tie and bool(found) and found[-1].text == "~")
        if wide:
            found[-1 if tie else len(found) :] = [Piece("character", ",", piece.start, piece.end)]
        else:
            found.append(piece)
    return found


def _rows(environment: Piece) -> Iterator[list[Piece]]:
    """Yield the rows of an environment, without the columns of an array."""
    items = list(environment.items)
    while items and items[0].kind == "blank":
        items = items[1:]
    if environment.text == "array" and items and items[0].kind == "group":
        items = items[1:]
    row: list[Piece] = []
    for piece in items:
        if piece.is_macro(*BREAKS):
            yield row
            row = []
        elif not piece.is_macro("hline"):
            row.append(piece)
    yield row


def _split(pieces: Sequence[Piece], at: str) -> Iterator[Cell]:
    """Yield what stands between the signs that stand in no brackets."""
    cell: list[Piece] = []
    depth = 0
    for piece in pieces:
        depth += (sign(piece) in ("(", "[", r"\{", r"\langle")) - (sign(piece) in (")", "]", r"\}", r"\rangle"))
        if depth == 0 and piece.is_character(at):
            yield trimmed(solid(cell))
            cell = []
        else:
            cell.append(piece)
    yield trimmed(solid(cell))


def entries(
    table: tuple[Row, ...], derivative: Derivative, variables: Sequence[str], f: Sequence[Cell]
) -> list[tuple[str, Derivative, Cell]] | None:
    """Return what a table claims of each entry: its name, the derivative, the cell; None where the sizes do not fit.

    `f` are the entries of what is differentiated, () where it is a number.
    """
    cells = [cell for row in table for cell in row]
    n = len(variables)
    if derivative.order == "second":
        if f or [len(row) for row in table] != [n] * n:
            return None
        return [
            (f"({i + 1}, {j + 1})", replace(derivative, variable=x, other="" if i == j else y), table[i][j])
            for i, x in enumerate(variables)
            for j, y in enumerate(variables)
        ]
    if not f:
        if len(cells) != n or (len(table) > 1 and len(table[0]) > 1):
            return None
        return [(str(k + 1), replace(derivative, variable=x), cells[k]) for k, x in enumerate(variables)]
    if [len(row) for row in table] != [n] * len(f):
        return None
    found = []
    for i, one in enumerate(f):
        held = {function_of(x) for x in letters_of(latex_of(one))}
        for j, x in enumerate(variables):
            if function_of(x) in held:
                found.append((f"({i + 1}, {j + 1})", replace(derivative, body=one, variable=x), table[i][j]))
            elif latex_of(table[i][j]).strip() != "0":
                return None
    return found


def variables_of(around: Surroundings, derivative: Derivative, place: int) -> list[tuple[tuple[str, ...], str, bool]]:
    """Return the letters by whose entries may be differentiated, with f, and whether they are surely meant."""
    if "," in derivative.variable:
        return [(tuple(derivative.variable.strip("() ").split(",")), "", True)]
    name, given = name_and_arguments(derivative.body)
    found = []
    for x in defined_as(function_of(name), place, around):
        known = x.arguments or ()
        if not x.body:
            continue
        entries = _entries_in(x.body, known[0] if len(known) == 1 else derivative.variable)
        if len(known) > 1 or entries:
            letters = entries or known
            found.append((letters, x.body, given is None or all(_is_of(y, letters) for y in given)))
        elif not known:
            found.append((tuple(sorted(letters_of(x.body))), x.body, False))
    return found[:1]


def at_numbers(derivative: Derivative, variables: Sequence[str]) -> Derivative:
    """Return a derivative of `f(1, 2)` at the point whose entries these numbers are; any other as it is."""
    given = name_and_arguments(derivative.body)[1] or ()
    numbers = len(given) == len(variables) and all(map(is_decimal, given))
    point = ", ".join(f"{x}={value}" for x, value in zip(variables, given, strict=True)) if numbers else ""
    return replace(derivative, point=point) if point and not derivative.point else derivative


def _entries_in(body: str, letter: str) -> tuple[str, ...]:
    """Return the entries of a letter in a formula, `x_1` and `x_2` of x, in order; without one if there is one base."""
    found = tuple(sorted(x for x in letters_of(body) if is_numbered(x)))
    bases = {undressed(base_of(x)) for x in found}
    return found if bases == {undressed(letter) if letter else next(iter(bases), "")} else ()


def _is_of(given: str, letters: Sequence[str]) -> bool:
    """Whether what a function is applied to is one of these letters, or has them as its entries."""
    return undressed(given) in {undressed(y) for x in letters for y in (x, base_of(x))}


def names_entries(table: tuple[Row, ...]) -> bool:
    r"""Return whether a table only names its entries, as `(\partial f/\partial x, \partial f/\partial y)` does."""
    return bool(table) and all(has_derivative(cell) for row in table for cell in row)


def cells_of(latex: str) -> tuple[Cell, ...]:
    """Return the entries of a formula that is a tuple or a column, () for anything else."""
    chains = statements(latex, {})
    table = table_of(chains[0].members[0].pieces) if len(chains) == 1 and len(chains[0].members) == 1 else ()
    return tuple(cell for row in table for cell in row) if len(table) == 1 or all(len(x) == 1 for x in table) else ()


# --- cases -----------------------------------------------------------------------------------------------------


def cases_of(pieces: Sequence[Piece]) -> tuple[Case, ...]:
    r"""Return the cases of which a claim consists, () if it is none: those of an environment or of an indicator."""
    inner = solid(pieces)
    if inner and inner[0].is_macro("{"):
        inner = [x for x in inner[1:] if not x.is_character(".")]
    if len(inner) == 1 and inner[0].kind == "environment" and inner[0].text in ("cases", "dcases", "rcases", "array"):
        return _of_rows(list(_rows(inner[0])))
    return _of_indicator(inner)


def _of_rows(rows: Sequence[Sequence[Piece]]) -> tuple[Case, ...]:
    found: list[Case] = []
    for row in rows:
        cells = [x for x in _split(row, "&") if x]
        if not cells:
            continue
        given = _conditions(cells[1]) if len(cells) == 2 else ()
        if given is None and found:
            given = tuple(x for case in found for x in _otherwise(case.given))
        if len(cells) != 2 or not given:
            return ()
        found.append(Case(cells[0], given))
    return tuple(found)


def _otherwise(given: Sequence[Comparison]) -> Iterator[Comparison]:
    """Yield what holds where none of the conditions does, if there is one alone."""
    if len(given) == 1:
        yield given[0]._replace(relation=_NEGATED[given[0].relation])


def _conditions(pieces: Sequence[Piece]) -> tuple[Comparison, ...] | None:
    """Return the comparisons of a condition, None for `otherwise`, () for one that cannot be read."""
    words, rest = _without_words(pieces)
    if not rest:
        return None if words else ()
    signs = [k for k, x in enumerate(rest) if sign(x) in _COMPARING]
    parts = [latex_of(trimmed(rest[a + 1 : b])) for a, b in zip([-1, *signs], [*signs, len(rest)], strict=True)]
    if not signs or not all(parts):
        return ()
    return tuple(
        Comparison(one, _COMPARING[sign(rest[k])], other)
        for one, k, other in zip(parts, signs, parts[1:], strict=False)
    )


def _without_words(pieces: Sequence[Piece]) -> tuple[str, list[Piece]]:
    """Return the words of a condition, and its formula."""
    words, rest = "", []
    for k, piece in enumerate(pieces):
        if piece.kind == "text":
            words += piece.text
        elif piece.is_macro(*TEXTS):
            words += plain_text(pieces[k + 1].items) if k + 1 < len(pieces) else ""
        elif not (piece.kind == "group" and k and pieces[k - 1].is_macro(*TEXTS)):
            rest.append(piece)
    return words, [x for x in rest if not x.is_character(",")]


def _of_indicator(pieces: list[Piece]) -> tuple[Case, ...]:
    """Return the two cases of a claim with an indicator of one condition, () without one."""
    for k in range(len(pieces)):
        end = end_of_indicator(pieces, k)
        inside = inside_indicator(pieces[k:end]) if end else None
        if not end or inside is None or any(end_of_indicator(pieces, j) for j in range(end, len(pieces))):
            continue
        given = _conditions(inside)
        if not given or len(given) != 1:
            continue
        one, none = (Piece("character", x, pieces[k].start, pieces[end - 1].end) for x in "10")
        return (
            Case((*pieces[:k], one, *pieces[end:]), given),
            Case((*pieces[:k], none, *pieces[end:]), tuple(_otherwise(given))),
        )
    return ()


def end_of_indicator(pieces: Sequence[Piece], k: int) -> int:
    r"""Return where an indicator ends that begins at a place, `\mathbb{1}(x>0)` or `1_{x>0}`; 0 if none does."""
    letter = pieces[k]
    start = k + 1
    if letter.kind == "macro" and start < len(pieces) and letter.text.startswith(("math", "bold", "bm")):
        inside = solid(pieces[start].items) if pieces[start].kind == "group" else [pieces[start]]
        letter, start = inside[0] if len(inside) == 1 else letter, start + 1
    named = letter.text in _INDICATORS or letter.is_macro("chi", "mathds", "ind", "indicator")
    before = pieces[k - 1] if k else None
    if not named or start >= len(pieces) or (before is not None and before.text.isdecimal()):
        return 0
    if pieces[start].is_character("_") and start + 1 < len(pieces) and pieces[start + 1].kind == "group":
        return start + 2 if _compares(pieces[start + 1].items) else 0
    if sign(pieces[start]) not in ("(", "[", r"\{", r"\lbrace"):
        return 0
    end = next((j for j in range(start + 2, len(pieces) + 1) if encloses(list(pieces[start:j]))), 0)
    return end if end and _compares(pieces[start + 1 : end - 1]) else 0


def _compares(pieces: Sequence[Piece]) -> bool:
    return any(sign(x) in _COMPARING for x in pieces)


def inside_indicator(pieces: Sequence[Piece]) -> list[Piece] | None:
    """Return the condition of an indicator."""
    if pieces[-1].kind == "group":
        inner = solid(pieces[-1].items)
        return inner[1:-1] if inner and sign(inner[0]) in (r"\{", r"\lbrace") else inner
    opening = next((k for k, x in enumerate(pieces) if sign(x) in ("(", "[", r"\{", r"\lbrace")), None)
    return list(pieces[opening + 1 : -1]) if opening is not None else None
