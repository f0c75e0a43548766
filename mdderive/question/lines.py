r"""Members that are the rows or the columns of a matrix: `u_i` beside U, in `\sum_{i,j}(M_{ij}-u_i^\top v_j)^2`.

Where only rows fit, as in `u_iv_j^\top`, rows they are; a member that is a column may be a row turned or a column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..algebra.expressions import ONE, Symbol
from ..errors import ShapeError, Span
from ..latex.names import capital_of, in_braces, name_of, undressed
from ..latex.tree import Syntax
from .entries import family_indices, with_members
from .kinds import kind_of
from .marker import MarkerTrees
from .typing import Assignment


def question_of_lines(matrix: str, read: Iterable[Symbol], place: Span, *, apart: bool = False) -> ShapeError | None:
    """Return the question whether members are the rows or the columns of a matrix, None where it has none.

    With `apart` they may be letters of their own.
    """
    members = sorted((x for x in read if _whole_of(x)), key=lambda x: (_whole_of(x) != matrix, x.latex))
    if not members or _whole_of(members[0]) != matrix:
        return None
    first = members[0]
    message = f"{first.latex} may be a row or column of {matrix}"
    wholes = dict.fromkeys(_whole_of(x) for x in members)
    own = [next(x for x in members if _whole_of(x) == whole) for whole in wholes]
    rows, columns = ("; ".join(_said(x, rows=rows) for x in own) for rows in (True, False))
    hint = f"write [{rows}] for rows, [{columns}] for columns"
    return ShapeError(
        "E205", message, place, f"{hint}, [{first.latex}: {kind_of(first)}] for neither" if apart else hint
    )


def _said(member: Symbol, *, rows: bool) -> str:
    """Return the definition of a member as a row or column of its matrix."""
    whole, (index,) = _whole_of(member), member.index
    turned = r"^\top" if rows == (member.shape[1] == ONE) else ""
    line = rf"{index}\cdot" if rows else rf"\cdot {index}"
    return f"{member.latex} := {whole}_{in_braces(line)}{turned}"


def _whole_of(member: Symbol) -> str:
    """Return the capital of a member with one index that is a row or column, "" of another letter."""
    if len(member.index) != 1 or member.is_scalar or ONE not in member.shape:
        return ""
    return capital_of(undressed(member.family))


def with_rows(marker: MarkerTrees) -> MarkerTrees | None:
    r"""Return the marker in which `u_i`, beside a matrix U, is the row `U_{i\cdot}`, None where there is none."""
    letters = [x for root in (marker.f, *(y.body for y in marker.named)) for x in root.walk() if x.head == "symbol"]
    matrices = {x.text for x in (*letters, *marker.variables) if name_of(x.text).is_capital}
    rows = {name.text: (name, row) for name, row in _rows(letters, matrices) if name.text not in marker.wholes.own}
    if not rows:
        return None

    def read(tree: Syntax) -> Syntax:
        for name, row in rows.values():
            tree = with_members(tree, name, row)
        return tree

    def all_read(values: list[Assignment]) -> list[Assignment]:
        return [x._replace(body=read(x.body)) for x in values]

    return marker._replace(
        f=read(marker.f), intermediates=all_read(marker.intermediates), abbreviations=all_read(marker.abbreviations)
    )


def _rows(letters: Iterable[Syntax], matrices: set[str]) -> Iterator[tuple[Syntax, Syntax]]:
    """Yield the members of which a matrix has the capital, each with the row that it may be."""
    for x in letters:
        indices = family_indices(x)
        whole = capital_of(undressed(name_of(x.text).family(indices))) if len(indices) == 1 else ""
        if whole in matrices:
            script = rf"{indices[0]}\cdot"
            text = f"{whole}_{in_braces(script)}"
            yield x, Syntax("symbol", (), x.span, text=text, base=whole, subscript=script)
