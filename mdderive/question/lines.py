r"""Members that are the rows or the columns of a matrix: `u_i` beside U, in `\sum_{i,j}(M_{ij}-u_i^\top v_j)^2`.

Where only rows fit, as in `u_iv_j^\top`, rows they are; a member that is a column may be a row turned or a column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from ..algebra.expressions import ONE, Symbol
from ..errors import ShapeError, Span
from ..latex.names import capital_of, in_braces, line_index, name_of, undressed
from ..latex.tree import Syntax
from .entries import family_indices, with_members
from .kinds import Declaration, kind_of
from .marker import MarkerTrees
from .typing import Assignment, TypedBundle


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


def check_lines(marker: MarkerTrees, typed: TypedBundle) -> None:
    r"""Ask where a letter is a number only since a row is a row: `W_{i:}^\top x` may be the product of the two.

    Raises:
        ShapeError: there is one.
    """
    numbers = {x.latex for x in typed.symbols.values() if x.is_scalar} - {*marker.declarations}
    products = (x for root in marker.roots for x in root.walk() if x.head == "product")
    for row, behind in (pair for x in products for pair in pairwise(x.arguments)):
        if (line := _turned_row(row)) and behind.head == "symbol" and behind.text in numbers:
            hint = f"write {line}{behind.text} for their product, or declare it: [{behind.text}: scalar]"
            raise ShapeError("E205", f"{line} is a row here, so that {behind.text} is a number", row.span, hint)


def _turned_row(tree: Syntax) -> str:
    r"""Return the LaTeX of the row that is transposed in `W_{i:}^\top`, "" of what is no such column."""
    inner = tree.arguments[0] if tree.head == "transpose" else tree
    is_row = inner is not tree and inner.head == "subscripted" and line_index(inner.text)[0]
    return f"{inner.arguments[0].text}_{in_braces(inner.text)}" if is_row else ""


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
    letters = [x for root in marker.roots for x in root.walk() if x.head == "symbol"]
    matrices = {x.text for x in (*letters, *marker.variables) if name_of(x.text).is_capital}
    rows = {name.text: (name, row) for name, row in _rows(letters, matrices) if name.text not in marker.wholes.own}
    return _with_lines(marker, rows.values()) if rows else None


def _with_lines(marker: MarkerTrees, lines: Iterable[tuple[Syntax, Syntax]]) -> MarkerTrees:
    """Return the marker with rows in the place of members, which it then defines."""
    pairs = list(lines)

    def read(tree: Syntax) -> Syntax:
        for name, line in pairs:
            tree = with_members(tree, name, line)
        return tree

    intermediates, abbreviations = (
        [x._replace(body=read(x.body)) for x in values] for values in (marker.intermediates, marker.abbreviations)
    )
    told = [Assignment(name, line) for name, line in pairs]
    rows = {name.text: Declaration(kind="row") for name, line in pairs if line.head == "symbol"}
    return marker._replace(
        f=read(marker.f),
        intermediates=intermediates,
        abbreviations=[*told, *abbreviations],
        declarations={**marker.declarations, **rows},
    )


def in_wholes(marker: MarkerTrees, typed: TypedBundle) -> MarkerTrees | None:
    r"""Return the marker in which numbers `b_i` are the entries of a vector and columns `x_i` the rows of a matrix X.

    So the members of a family are differentiated by twice, and solved for, all together. None where a letter stands for
    something else, or a family has matrices.
    """
    members = {x.latex: x for root in (typed.f, *(y for _, y in typed.definitions)) for x in root.symbols if x.index}
    letters = {x.latex for x in typed.symbols.values() if not x.index}
    families = {x.family: x for x in members.values() if x.index != (x.latex,)}
    wholes = {x: _whole_of(y) if len(y.index) == 1 and not y.is_scalar else x for x, y in families.items()}
    variables = {x.text for x in marker.variables}
    if not all(wholes.values()) or (letters - variables) & {*wholes.values()} or len({*wholes.values()}) < len(wholes):
        return None
    standing = [x for root in marker.roots for x in root.walk() if x.text in members]
    named = {members[x.text].family: x for x in standing}
    lines = []
    for family, whole in wholes.items():
        if whole != family and family in named:
            row = _row(named[family], whole)
            lines.append((named[family], Syntax("transpose", (row,), row.span)))
    kinds = {x: "matrix" if len(y.index) == 2 else "column" for x, y in families.items() if wholes[x] == x}
    found = _with_lines(marker, lines)
    declarations = {**found.declarations, **{x: Declaration(kind=kind) for x, kind in kinds.items()}}
    own = marker.wholes._replace(letters=marker.wholes.letters | {*kinds})
    return found._replace(declarations=declarations, wholes=own).with_entries(free=True)


def _row(member: Syntax, whole: str) -> Syntax:
    """Return the row of a matrix that has the index of a member."""
    (index,) = family_indices(member)
    script = rf"{index}\cdot"
    return Syntax("symbol", (), member.span, text=f"{whole}_{in_braces(script)}", base=whole, subscript=script)


def _rows(letters: Iterable[Syntax], matrices: set[str]) -> Iterator[tuple[Syntax, Syntax]]:
    """Yield the members of which a matrix has the capital, each with the row that it may be."""
    for x in letters:
        indices = family_indices(x)
        whole = capital_of(undressed(name_of(x.text).family(indices))) if len(indices) == 1 else ""
        if whole in matrices:
            yield x, _row(x, whole)
