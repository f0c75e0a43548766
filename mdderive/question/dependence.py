r"""Never drop a dependence: what may tie a letter to the variable is looked at before it is taken for a constant.

A letter is tied to a variable by its face (`w` beside `\mathbf{w}`), by an index (`x_k` beside x, `x_i` beside X), by
being the whole of which the variable is an entry, or by being one of several entries that are counted from zero. Where
such a letter was not read as what it is tied to, the author is asked; a declaration says that it is one of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..algebra.expressions import Symbol
from ..errors import ShapeError, UnsupportedError
from ..latex.names import entry_indices, name_of, undressed
from ..latex.tree import Syntax
from .marker import MarkerTrees
from .typing import TypedBundle


def check_dependence(marker: MarkerTrees, typed: TypedBundle) -> None:
    """Refuse a letter that was read as a constant though it may depend on a variable.

    Raises:
        ShapeError: one was.
        UnsupportedError: the entries of a variable are counted from zero.
    """
    read = {x for root in (typed.f, *(body for _, body in typed.definitions)) for x in root.symbols}
    known = {*marker.declarations, *(x.latex for x in typed.variables)}
    known |= {name.latex for name, _ in typed.definitions if isinstance(name, Symbol)}
    letters = sorted((x for x in read if x.latex not in known), key=lambda x: x.latex)
    for variable, tree in zip(typed.variables, marker.variables, strict=True):
        _check_counted_from_zero(marker, variable, tree)
        for letter in letters:
            if said := _tie(letter, variable) or _apart(letter, variable, marker):
                kind = "scalar" if letter.is_scalar else "vector" if letter.shape[1] == () else "matrix"
                own = f"or declare it as a letter of its own: [{letter.latex}: {kind}]"
                hint = f"write it in terms of {variable.latex}, {own}"
                span = next((x.span for x in marker.f.walk() if x.text == letter.latex), tree.span)
                raise ShapeError("E205", f"{letter.latex} may be {said}", span, hint)


def _tie(letter: Symbol, variable: Symbol) -> str:
    """Return what the letter may be of the variable, "" where nothing ties them."""
    name, other = name_of(letter.latex), name_of(variable.latex)
    if name.accents != other.accents or name.primes or other.primes:
        return ""
    if undressed(letter.latex) == undressed(variable.latex):
        return f"{variable.latex} in another face"
    if _is_entry_of(letter.latex, variable.latex) and letter.is_scalar and not variable.is_scalar:
        return f"an entry of {variable.latex}"
    if _is_entry_of(variable.latex, letter.latex) and variable.is_scalar and not letter.is_scalar:
        return f"the whole of which {variable.latex} is an entry"
    if _is_part_of(letter, variable):
        return f"a row or column of {variable.latex}"
    return ""


def _apart(letter: Symbol, variable: Symbol, marker: MarkerTrees) -> str:
    r"""Return what the members x_i may be of a number x that is never in a sum with them, "" where they are data.

    In `\sum_i(x-x_i)^2` they are data; in `x-\frac1n\sum_ix_i` they may be the entries of x.
    """
    if (
        not letter.index
        or letter.family != variable.latex
        or not variable.is_scalar
        or variable.latex in marker.declarations
    ):
        return ""
    roots = (marker.f, *(x.body for x in marker.named))
    sums = [x for root in roots for x in root.walk() if x.head == "sum_over"]
    together = any({variable.latex, letter.latex} <= {y.text for y in x.walk()} for x in sums)
    return "" if together else f"an entry of {variable.latex}"


def _is_entry_of(entry: str, whole: str) -> bool:
    """Whether the name is that of the whole with one or two indices, none of them zero."""
    name = name_of(entry)
    indices = entry_indices(name.subscript.latex) if name.subscript is not None and len(name.scripts) == 1 else ()
    if not indices or "0" in indices or not all(x.isdigit() or (len(x) == 1 and x.isascii()) for x in indices):
        return False
    base = undressed(name.family(name.index_letters))
    return base == undressed(whole) or (len(indices) == 2 and base.upper() == undressed(whole))


def _is_part_of(letter: Symbol, variable: Symbol) -> bool:
    """Whether the letter is a small one with one index, and the variable the capital: `x_i` beside the matrix X."""
    name = name_of(letter.latex)
    if letter.is_scalar or not name_of(variable.latex).is_capital or variable.is_scalar or len(name.scripts) != 1:
        return False
    base = undressed(name.family(name.index_letters))
    return base.isalpha() and base.islower() and base.upper() == undressed(variable.latex) and bool(name.subscript)


def _check_counted_from_zero(marker: MarkerTrees, variable: Symbol, tree: Syntax) -> None:
    r"""Refuse `\theta_0+\theta_1x` differentiated by \theta, whose entries are counted from zero.

    Raises:
        UnsupportedError: it is so; `w_0+w^\top x` has a letter w_0 of its own.
    """
    if variable.is_scalar:
        return
    zero = f"{variable.latex}_0"
    first = next((x for x in _symbols(marker.f) if x.text == zero), None)
    counted = any(x.head == "subscripted" and x.arguments[0].text == variable.latex for x in marker.f.walk())
    if first is not None and counted and zero not in marker.declarations:
        hint = f"count from 1, or declare it as a letter of its own: [{zero}: scalar]"
        raise UnsupportedError("E303", f"the entries of {variable.latex} are counted from zero", first.span, hint)


def _symbols(tree: Syntax) -> Iterator[Syntax]:
    return (x for x in tree.walk() if x.head == "symbol")
