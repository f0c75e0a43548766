r"""Never drop a dependence: what may tie a letter to the variable is looked at before it is taken for a constant.

A letter is tied to a variable by its face (`w` beside `\mathbf{w}`), by an index (`x_k` beside x, `x_i` beside X) or by
having it as one (`p_\theta`), by a bar, by being the whole of which the variable is an entry or one of several entries
that are counted from zero, and by a definition that f was not seen to use. Where such a letter was not read as what it
is tied to, the author is asked; a declaration says that it is one of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..algebra.expressions import ONE, Symbol
from ..errors import ShapeError, Span, UnsupportedError
from ..latex.names import Name, capital_of, entry_indices, name_of, undressed
from .entries import way_by_all_members
from .kinds import kind_of
from .lines import question_of_lines
from .marker import MarkerTrees
from .typing import TypedBundle
from .values import means, occurring_in


def check_dependence(marker: MarkerTrees, typed: TypedBundle) -> None:
    """Refuse a letter that was read as a constant though it may depend on a variable.

    Raises:
        ShapeError: one was.
        UnsupportedError: the entries of a variable are counted from zero.
    """
    read = {x for root in (typed.f, *(body for _, body in typed.definitions)) for x in root.symbols}
    known = {*marker.declarations, *(x.latex for x in typed.variables)}
    known |= {name.latex for name, _ in typed.definitions if isinstance(name, Symbol)}
    known |= {x.latex for x, _ in means([typed.f, *(body for _, body in typed.definitions)], typed.symbols, known)}
    letters = sorted((x for x in read if x.latex not in known), key=lambda x: x.latex)
    _check_unused_definitions(marker, typed, letters)
    for variable, tree in zip(typed.variables, marker.variables, strict=True):
        if variable.index:
            continue  # see `members`
        _check_counted_from_zero(marker, variable)
        for letter in letters:
            if _is_family_of(variable, letter) and variable.latex not in marker.declarations:
                raise _member_or_letter(variable, letter, tree.span)
            if _is_part_of(letter, variable):
                place = _place_of(letter, marker, tree.span)
                if (question := question_of_lines(variable.latex, letters, place, apart=True)) is not None:
                    raise question
            if said := _tie(letter, variable) or _apart(letter, variable, marker):
                raise _question(letter, said, f"in terms of {variable.latex}", marker, tree.span)


def _question(letter: Symbol, said: str, otherwise: str, marker: MarkerTrees, place: Span) -> ShapeError:
    """Return the question what the letter is, at its place in f, else at `place`."""
    span = _place_of(letter, marker, place)
    hint = f"write it {otherwise}, or declare it as a letter of its own: [{letter.latex}: {kind_of(letter)}]"
    return ShapeError("E205", f"{letter.latex} may be {said}", span, hint)


def _is_family_of(variable: Symbol, letter: Symbol) -> bool:
    r"""Whether a sum goes over the letters that the variable is called like, as u_w where that is u_o."""
    name = name_of(variable.latex)
    marks = name.index_letters
    one = len(marks) == len(letter.index) == 1 and len(marks[0]) == 1 and marks[0].isalpha()
    return one and name.family(marks) == letter.family and letter.shape == variable.shape


def _member_or_letter(variable: Symbol, letter: Symbol, place: Span) -> ShapeError:
    """Return the question whether the variable is one of the letters that a sum goes over."""
    hint = f"declare it as a letter of its own: [{variable.latex}: {kind_of(variable)}]"
    hint += f"; if it is one of them, {way_by_all_members(variable.latex, number=variable.is_scalar)}"
    return ShapeError("E205", f"{variable.latex} may be one of the {letter.latex}", place, hint)


def _place_of(letter: Symbol, marker: MarkerTrees, otherwise: Span) -> Span:
    return next((x.span for x in marker.f.walk() if x.text == letter.latex), otherwise)


def _tie(letter: Symbol, variable: Symbol) -> str:
    """Return what the letter may be of the variable, "" where nothing ties them."""
    name, other = name_of(letter.latex), name_of(variable.latex)
    if len(variable.latex) > 1 and variable.latex in name.index_letters and not other.scripts and not other.dress:
        return f"a function of {variable.latex}"
    if _mean_of(name, variable) and letter.is_scalar and not variable.is_scalar:
        return f"the mean of {variable.latex}"
    if _accents(name) != _accents(other) or name.primes or other.primes:
        return ""
    if undressed(letter.latex) == undressed(variable.latex):
        return f"{variable.latex} in another face"
    if _is_entry_of(name, variable.latex) and letter.is_scalar and not variable.is_scalar:
        return f"an entry of {variable.latex}"
    if _is_entry_of(other, letter.latex) and variable.is_scalar and not letter.is_scalar:
        return f"the whole of which {variable.latex} is an entry"
    if _is_deeper(name, other) and letter.is_scalar and not variable.is_scalar:
        return f"an entry of {variable.latex}"
    if _is_part_of(letter, variable):
        return f"a row or column of {variable.latex}"
    if _is_block_of(letter, variable):
        return f"a submatrix of {variable.latex}"
    return ""


_BARS = (("bar",), ("overline",))
_FACES = ("vec", "underline", "overrightarrow")
"""The accents that are but another face of a vector."""


def _accents(name: Name) -> tuple[str, ...]:
    return tuple(x for x in name.accents if x not in _FACES)


def _mean_of(name: Name, variable: Symbol) -> bool:
    r"""Whether this is the variable under a bar, as `\bar{x}` or `\overline{x}`."""
    plain = undressed(name.letter) == undressed(variable.latex)
    return _accents(name) in _BARS and not name.scripts and plain


def _base(name: Name) -> str:
    """Return the letter of a name without its scripts and faces."""
    return undressed(str(Name(name.letter, name.dress)))


def _apart(letter: Symbol, variable: Symbol, marker: MarkerTrees) -> str:
    r"""Return what the members x_i may be of a letter x that is never in a sum with them, "" where they are data.

    In `\sum_i(x-x_i)^2` they are data; in `x-\frac1n\sum_ix_i` they may be the entries of x.
    """
    if not letter.index or letter.family != variable.latex or variable.latex in marker.declarations:
        return ""
    roots = marker.roots
    sums = [x for root in roots for x in root.walk() if x.head == "sum_over"]
    together = any({variable.latex, letter.latex} <= {y.text for y in x.walk()} for x in sums)
    return "" if together else f"{'an entry' if letter.is_scalar else 'a row or column'} of {variable.latex}"


def _is_entry_of(name: Name, whole: str) -> bool:
    r"""Whether the name is that of the whole with an index, whatever it is but zero: `z_{y_i}`, `X_{i+1,j}`."""
    if not name.scripts or any(x.latex == "0" for x in name.scripts):
        return False
    base = _base(name)
    two = name.subscript is not None and len(entry_indices(name.subscript.latex)) == 2
    return base == undressed(whole) or (two and capital_of(base) == undressed(whole))


def _is_deeper(name: Name, whole: Name) -> bool:
    r"""Whether the name is that of the whole, which has an index itself, and one more: `w_{1j}` of `\mathbf{w}_1`."""
    given, found = whole.index_letters, name.index_letters
    return bool(given) and len(found) > len(given) and found[: len(given)] == given and _base(name) == _base(whole)


def _is_part_of(letter: Symbol, variable: Symbol) -> bool:
    """Whether the letter is one with an index and fewer columns or rows: `X_i` or `x_i` beside the matrix X."""
    name = name_of(letter.latex)
    vector = ONE in letter.shape and not letter.is_scalar and ONE not in variable.shape
    indexed = name.subscript is not None and len(name.scripts) == 1
    base = _base(name)
    return vector and indexed and undressed(variable.latex) in (base, capital_of(base))


def _is_block_of(letter: Symbol, variable: Symbol) -> bool:
    r"""Whether the letter is a square matrix with a set as its index: `L_S`, `L_{\mathcal{S}}` beside the square L."""
    name = name_of(letter.latex)
    index = name.subscript.letters if name.subscript is not None and len(name.scripts) == 1 else ()
    of_set = len(index) == 1 and name_of(index[0]).is_capital
    square = letter.is_square and variable.is_square and not letter.is_scalar and not variable.is_scalar
    return square and of_set and variable.latex == str(Name(name.letter, name.dress))


def _check_unused_definitions(marker: MarkerTrees, typed: TypedBundle, letters: Sequence[Symbol]) -> None:
    r"""Refuse a letter that may be one which the author defines, `h_k` beside `h_i := w^\top x_i`, and was not read so.

    Raises:
        ShapeError: there is one, and what is defined depends on a variable.
    """
    values = typed.definitions[: len(marker.named)]
    used = occurring_in(typed.f, values)
    for name, body in values:
        if not isinstance(name, Symbol) or name in used or not occurring_in(body, values) & set(typed.variables):
            continue
        for letter in letters:
            if letter in used and _may_be(name_of(letter.latex), name_of(name.latex)):
                said, otherwise = f"the {name.latex} that is defined", f"as {name.latex}"
                if _accents(name_of(letter.latex)) in _BARS:
                    said, otherwise = f"the mean of what {name.latex} defines", "as a sum with its range"
                raise _question(letter, said, otherwise, marker, marker.f.span)


def _may_be(letter: Name, defined: Name) -> bool:
    r"""Whether a letter may be meant of one that is defined: `h_k` of `h_i`, `\hat{y}` of y, never y of `\hat{y}`."""
    same = undressed(letter.letter).lower() == undressed(defined.letter).lower()
    return same and (not _accents(defined) or _accents(defined) == _accents(letter))


def _check_counted_from_zero(marker: MarkerTrees, variable: Symbol) -> None:
    r"""Refuse `\theta_0+\theta_1x` differentiated by \theta, whose entries are counted from zero.

    Raises:
        UnsupportedError: it is so; `w_0+w^\top x` has a letter w_0 of its own.
    """
    if variable.is_scalar:
        return
    zero = f"{variable.latex}_0"
    first = next((x for x in marker.f.walk() if x.text == zero), None)
    counted = any(x.head == "subscripted" and x.arguments[0].text == variable.latex for x in marker.f.walk())
    if first is not None and counted and zero not in marker.declarations:
        hint = f"count from 1, or declare it as a letter of its own: [{zero}: scalar]"
        raise UnsupportedError("E303", f"the entries of {variable.latex} are counted from zero", first.span, hint)
