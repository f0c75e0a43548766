"""How letters, numbers, sums, fractions, entries and sums over an index are typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import partial

from ..algebra.expressions import ONE, Apply, Expr, Index, Symbol, number
from ..algebra.operators import by_name, notations
from ..algebra.operators.components import by_entries
from ..algebra.operators.entries import by_components, entry_of, row_or_column, unit_vector
from ..algebra.operators.index_sets import COMPARISONS, membership
from ..algebra.operators.kronecker import commutation
from ..algebra.operators.moments import covariance
from ..algebra.operators.over_indices import largest_over_index, least_over_index, product_over_index
from ..algebra.operators.piecewise import cases, cases_with_equality
from ..algebra.operators.structural import (
    entrywise_power_row,
    fraction_row,
    power_row,
    product,
    transpose_row,
)
from ..algebra.operators.sums import expectation_row, integral_row, sum_row
from ..algebra.properties import SQUARE
from ..algebra.terms import factors_of, identity, index_symbol, multiply, negate, ones, written_sum, zero
from ..errors import ShapeError, UnsupportedError
from ..latex.names import Name, conjugate_of, entry_indices, in_braces, line_index, name_of
from ..latex.tree import Syntax
from .calls import doubt_of_bars, doubt_of_norm, marked
from .capitals import hint_of_numbers
from .entries import is_free_index, letter_of_family
from .environment import Environment, Typed, reads, scalar_of
from .kinds import Declaration, occurrence
from .labels import is_label
from .places import SPECTRAL
from .sizes import UNIT, Size, times

INFINITY = r"\infty"
NUMBER_BESIDE_MATRIX = "a number is added to a matrix"
"""What is refused where some authors mean that every entry grows, and others the identity."""


@reads("number")
def _number(node: Syntax, env: Environment) -> Typed:
    value = node.value
    assert value is not None
    return scalar_of(lambda: number(value))


@reads("group")
def _group(node: Syntax, env: Environment) -> Typed:
    return env.infer(node.arguments[0])


@reads("equation")
def _equation(node: Syntax, env: Environment) -> Typed:
    return env.infer(node.arguments[1])


# --- letters -----------------------------------------------------------------------------------------------


@reads("symbol")
def _symbol(node: Syntax, env: Environment) -> Typed:
    latex = node.text
    opened = [i.name for i in env.open_indices]
    if not opened and latex in env.letters:
        return env.letters[latex]
    if latex in opened:
        return scalar_of(lambda: index_symbol(latex))
    base = conjugate_of(latex)
    kind = env.kinds[base if base in env.kinds else latex]
    if kind in ("function", SPECTRAL):
        raise env.misfit(f"{latex} is a function and needs an argument", node)
    if kind in _CONSTANTS:
        return _CONSTANTS[kind](latex, env)
    letter = name_of(latex)
    if letter.is_capital and any(line_index(node.subscript)) and latex not in env.declarations:
        raise env.misfit(f"{latex} is a row or column of {node.base}, not a letter of its own", node)
    index = letter.in_order([name for name in opened if letter.carries(name) or letter.lags(name)])
    lagged = [name for name in index if letter.lags(name)]
    plain = str(letter._replace(scripts=())) if lagged else letter.family(index)
    kin = env.families.setdefault((plain, len(index)), latex) if index else latex
    family = _lagged_family(letter, lagged) if lagged else plain if index else ""
    if latex not in env.sizes and kin in env.sizes and env.kinds[kin] == kind:
        env.sizes[latex] = env.sizes[kin]  # x_i and x_j are members of one family
    if latex not in env.sizes and base in env.kinds:
        env.infer(node.but(text=base))
        env.sizes[latex] = env.sizes[base]
    if latex not in env.sizes:
        said = env.declarations.get(latex, Declaration())
        rows = UNIT if kind in ("scalar", "row") else env.size(said.rows)
        columns = UNIT if kind in ("scalar", "column") else env.size(said.columns)
        if kind == "matrix" and said.properties & SQUARE and said.rows is None:
            columns = rows
        env.sizes[latex] = (rows, columns)
    rows, columns = env.sizes[latex]
    for name in index:
        if letter.runs_together(name, {*opened, *env.free_indices}):
            message, hint = (
                f"it is not clear whether {name} is an index in {latex}",
                "separate the letters of an index by commas",
            )
            raise UnsupportedError("E134", message, node.span, hint)

    if latex in env.random.letters and env.random.outcome in opened:
        index, family = (*index, env.random.outcome), family or latex

    said, whole, symbols = env.declarations.get(latex, Declaration()), env.whole, env.symbols

    def make() -> Symbol:  # which env keeps: with env in it, nothing of a reading would go before garbage is looked for
        properties = said.properties | {"integer"} if latex in whole else said.properties
        symbol = symbols[latex] = Symbol(latex, (rows.dimension, columns.dimension), properties, index, family)
        return symbol

    found = Typed(rows, columns, make)
    if not opened:
        env.letters[latex] = found
    return found


def _lagged_family(letter: Name, indices: Iterable[str]) -> str:
    r"""Return what the data of one lag are called by, all x_{t-1} `x_{\mathrm{lag}-1}`: a family beside the x_t."""
    word = r"\mathrm{lead}" if any("+" in x.latex for x in letter.scripts) else r"\mathrm{lag}"
    for name in indices:
        letter = letter.with_index(name, word)
    return str(letter)


def _pi(latex: str, env: Environment) -> Typed:
    return scalar_of(lambda: Apply(by_name("pi"), ()))


def _identity(latex: str, env: Environment) -> Typed:
    size = env.size(name_of(latex).identity or None)
    return Typed(size, size, lambda: identity(size.dimension))


def _commutation(latex: str, env: Environment) -> Typed:
    sizes = name_of(latex).commutation
    assert sizes is not None
    one, other = map(env.size, sizes)
    return Typed(times(one, other), times(other, one), lambda: commutation((one.dimension, other.dimension)))


def _unit_vector(latex: str, env: Environment) -> Typed:
    size, place = Size(), name_of(latex).unit_vector or 0
    return Typed(size, UNIT, lambda: unit_vector(size.dimension, place))


_CONSTANTS: dict[str, Callable[[str, Environment], Typed]] = {
    "constant": _pi,
    "identity": _identity,
    "commutation matrix": _commutation,
    "unit vector": _unit_vector,
}


@reads("ones", "zeros")
def _constant_matrix(node: Syntax, env: Environment) -> Typed:
    rows = env.size(node.text or None)
    columns = UNIT if env.kinds[occurrence(node)] == "column" else Size()
    if node.head == "ones":
        env.sizes.setdefault(occurrence(node), (rows, columns))
    make = ones if node.head == "ones" else zero
    return Typed(rows, columns, lambda: make((rows.dimension, columns.dimension)))


# --- sums and quotients ------------------------------------------------------------------------------------


@reads("add")
def _add(node: Syntax, env: Environment) -> Typed:
    terms = [env.infer(x) for x in node.arguments]
    shared = [
        _is_numeral(x) or (p.is_scalar and _is_defined(x, env)) for p, x in zip(terms, node.arguments, strict=True)
    ]
    lead = next((p for p, alone in zip(terms, shared, strict=True) if not alone), terms[0])
    parts: list[Callable[[], Expr]] = []
    for term, x, alone in zip(terms, node.arguments, shared, strict=True):
        if alone and not lead.is_scalar:
            parts.append(_numeral_times_ones(x, term, lead, node, env))
            continue
        if lead.is_scalar and (question := doubt_of_norm(x, env.bars_of_vectors, of_sum=False)) is not None:
            raise env.asked(question, x)
        env.equal(term, lead, x, node.arguments[terms.index(lead)])
        parts.append(term.make)
    return Typed(lead.rows, lead.columns, lambda: written_sum([make() for make in parts]))


def _numeral_times_ones(x: Syntax, value: Typed, lead: Typed, node: Syntax, env: Environment) -> Callable[[], Expr]:
    r"""Read the 1 of `1 + exp(v)`, the \mu of `x-\mu` that is defined as a number, as a vector of them.

    Beside a square matrix that would be a guess.
    """
    if not lead.columns.is_one:
        raise env.misfit(NUMBER_BESIDE_MATRIX, x, node)
    return lambda: multiply(value.make(), ones((lead.rows.dimension, ONE)))


def _is_defined(node: Syntax, env: Environment) -> bool:
    """Whether this is a letter that the author defines, with its sign, and so is what its definition is."""
    while node.head in ("negate", "group"):
        node = node.arguments[0]
    return node.head == "symbol" and node.text in env.values


def _is_numeral(node: Syntax) -> bool:
    while node.head in ("negate", "group"):
        node = node.arguments[0]
    return node.head == "number"


@reads("negate")
def _negate(node: Syntax, env: Environment) -> Typed:
    inner = env.infer(node.arguments[0])

    def make() -> Expr:
        x = inner.make()
        if not isinstance(x, Apply):
            return negate(x)
        return Apply(product, (number(-1), *factors_of(x)))

    return Typed(inner.rows, inner.columns, make)


@reads("fraction", "slash")
def _fraction(node: Syntax, env: Environment) -> Typed:
    above, below = (env.infer(x) for x in node.arguments)
    if not below.is_scalar:
        bars = next((x for x in node.arguments[1].walk() for y in env.bars_of_vectors if x is y), None)
        if bars is not None:
            raise env.asked(doubt_of_bars(bars), bars)
        letters = [x.text for x in node.walk() if x.head == "symbol"]
        hint = hint_of_numbers(letters, env.kinds, env.declarations)
        raise env.misfit(f"the denominator is {below.shape}, not a scalar", node.arguments[1], hint=hint)
    return marked(node, [above, below], env)


@reads("sqrt")
def _sqrt(node: Syntax, env: Environment) -> Typed:
    inner = env.infer(node.arguments[0])
    half = number(Fraction(1, 2))
    if len(node.arguments) == 1 and inner.kind in ("column", "row"):
        return Typed(inner.rows, inner.columns, lambda: Apply(entrywise_power_row, (inner.make(), half)))
    if not inner.is_scalar:
        raise env.misfit(f"a scalar is needed, this is {inner.shape}", node.arguments[0])
    if len(node.arguments) == 1:
        return scalar_of(lambda: Apply(power_row, (inner.make(), half)))
    degree = env.scalar(node.arguments[1])
    return scalar_of(lambda: Apply(power_row, (inner.make(), Apply(fraction_row, (number(1), degree.make())))))


# --- entries and sums over an index ------------------------------------------------------------------------


@reads("subscripted")
def _subscripted(node: Syntax, env: Environment) -> Typed:
    """Read an entry: the indices are numbers, or bound by a sum whose range is then that of the rows or columns.

    `(x)_+` is the positive part.
    """
    if notations().has(node.head, node.text):
        return marked(node, [env.infer(node.arguments[0])], env)
    if any(line_index(node.text)):
        return _line(node, env)
    indices = entry_indices(node.text)
    opened = {i.name: i for i in env.open_indices}
    free = [x for x in indices if not x.isdigit() and x not in opened]
    if not indices or any(not is_free_index(x) or x in env.kinds for x in free):
        hint = "number the entry, X_{12}, sum over its index, or write e_i^T X e_j"
        unknown = free[0] if free else node.text
        raise UnsupportedError("E303", f"the index {unknown} is bound by no sum", node.span, hint)
    inner = env.infer(node.arguments[0])
    if [inner.rows.is_one, inner.columns.is_one] != [False, len(indices) == 1]:
        letter = node.arguments[0].text
        vector = len(indices) == 1 and inner.is_matrix and letter and letter not in env.declarations
        raise env.misfit(
            f"{inner.shape} has no entry {node.text}", node, hint=f"declare it: [{letter}: vector]" * bool(vector)
        )
    for name, size in zip(indices, (inner.rows, inner.columns), strict=False):
        if name in opened:
            message = f"{name} runs over other rows or columns elsewhere"
            env.unify(size, env.extent(opened[name]), node, node, message)
    if free:
        return _entry_with_free_index(inner, indices, node, env)
    places = tuple(number(int(x)) if x.isdigit() else index_symbol(x) for x in indices)
    return scalar_of(lambda: entry_of(inner.make(), places))


def _line(node: Syntax, env: Environment) -> Typed:
    r"""Read a row `X_{i\cdot}` or a column `X_{\cdot j}`; with an index that nothing binds it is `e_i^\top X`."""
    row, column = line_index(node.text)
    name = row or column
    inner = env.infer(node.arguments[0])
    if inner.rows.is_one or inner.columns.is_one:
        raise env.misfit(f"{inner.shape} has no row or column {node.text}", node)
    length, width = (inner.rows, inner.columns) if row else (inner.columns, inner.rows)
    shape = (UNIT, width) if row else (width, UNIT)
    opened = {i.name: i for i in env.open_indices}
    if name in opened:
        env.unify(length, env.extent(opened[name]), node, node, f"{name} runs over other rows or columns elsewhere")
    elif not name.isdigit():
        unit = _unit_at(name, length, node, env)

        def make() -> Expr:
            sides = (Apply(transpose_row, (unit(),)), inner.make()) if row else (inner.make(), unit())
            return Apply(product, sides)

        return Typed(*shape, make)
    place = number(int(name)) if name.isdigit() else index_symbol(name)
    return Typed(*shape, lambda: row_or_column(inner.make(), place, row=bool(row)))


def _entry_with_free_index(inner: Typed, indices: Sequence[str], node: Syntax, env: Environment) -> Typed:
    r"""Read `z_k`, k bound by nothing, as `e_k^\top z` with the k-th unit vector, `X_{ij}` as `e_i^\top Xe_j`.

    Raises:
        UnsupportedError: the formula has a letter e_k of another meaning, or another index is bound by a sum.
    """
    if any(x in {i.name for i in env.open_indices} for x in indices):
        hint = "write the row or column as a product with a unit vector, X e_k"
        raise UnsupportedError("E303", "one index of this entry is bound by a sum, the other is not", node.span, hint)
    places = zip(indices, (inner.rows, inner.columns), strict=False)
    units = [_unit_at(place, size, node, env) for place, size in places]

    def make() -> Expr:
        if "e" in env.sizes:
            raise _other_unit_vector("e", node)
        factors = [Apply(transpose_row, (units[0](),)), inner.make(), *(unit() for unit in units[1:])]
        return Apply(product, tuple(factors))

    return scalar_of(make)


def _unit_at(place: str, size: Size, node: Syntax, env: Environment) -> Callable[[], Expr]:
    """Return how the unit vector with the one at a place is made.

    Raises:
        UnsupportedError: the formula has a letter e_k of another meaning.
    """
    name = f"e_{in_braces(place)}"
    if name in env.kinds:
        raise _other_unit_vector(name, node)
    rows, _ = env.sizes.setdefault(name, (size, UNIT))
    env.unify(size, rows, node, node, f"{place} runs over other rows or columns elsewhere")
    return partial(_unit_symbol, name, rows, env)


def _other_unit_vector(name: str, node: Syntax) -> UnsupportedError:
    """Return the error of a letter that would be taken for a unit vector."""
    entry = f"{node.arguments[0].text}_{in_braces(node.text)}"
    message = f"the entry {entry} is written with a unit vector, and {name} is another letter here"
    return UnsupportedError("E303", message, node.span, f"call {name} by another letter")


def _unit_symbol(name: str, size: Size, env: Environment) -> Symbol:
    """Return the unit vector with the one at a place that the formula leaves open."""
    return env.symbols.setdefault(name, Symbol(name, (size.dimension, ONE), frozenset(("one-hot",))))


@reads("components")
def _components(node: Syntax, env: Environment) -> Typed:
    """Read the vector or matrix of which a definition says each entry."""
    indices = [Index(x) for x in node.text.split(",")]
    around = {x: env.extents.pop(x) for x in indices if x in env.extents}
    env.open_indices += indices
    try:
        inner = env.scalar(node.arguments[0])
    finally:
        del env.open_indices[-len(indices) :]
    sizes = [env.extents.pop(x, Size()) for x in indices]
    env.extents.update(around)

    def make() -> Expr:
        x = inner.make()
        for index, size, beside in zip(indices, sizes, (False, True), strict=False):
            length = size.dimension
            x = by_components(x, Index(index.name, "1", "".join(length)), length, beside=beside)
        return x

    return Typed(sizes[0], sizes[1] if len(sizes) == 2 else UNIT, make)


@reads("cases")
def _cases(node: Syntax, env: Environment) -> Typed:
    then, gap, otherwise = (env.infer(x) for x in node.arguments)
    for x, tree in ((gap, node.arguments[1]), (otherwise, node.arguments[2])):
        if x is otherwise or not x.is_scalar:
            env.equal(x, then, tree, node.arguments[0])
    row = cases if node.text == "strict" else cases_with_equality
    return Typed(then.rows, then.columns, lambda: Apply(row, (then.make(), gap.make(), otherwise.make())))


@reads("entries")
def _entries(node: Syntax, env: Environment) -> Typed:
    r"""Read a vector or a matrix by its entries, which are scalars.

    Raises:
        UnsupportedError: an entry is a matrix.
    """
    parts = [env.infer(x) for x in node.arguments]
    for part, tree in zip(parts, node.arguments, strict=True):
        if not part.is_scalar:
            hint = "give the matrix of these blocks a name"
            raise env.misfit(f"the entries of a matrix are scalars, this is {part.shape}", tree, hint=hint)
    _doubt_block(node, env)
    rows, columns = map(int, node.text.split())
    height, width = (UNIT if count == 1 else env.size(str(count)) for count in (rows, columns))
    return Typed(height, width, lambda: by_entries([part.make() for part in parts], rows, columns))


def _doubt_block(node: Syntax, env: Environment) -> None:
    r"""Keep the doubt about `\begin{pmatrix}x\\1\end{pmatrix}`, two numbers or a vector with a 1 below it."""
    letter, *rest = node.arguments
    small = letter.head == "symbol" and letter.text not in env.declarations and not name_of(letter.text).is_capital
    if small and len(rest) == 1 and rest[0].value == 1 and "\\" not in letter.text and not letter.subscript:
        hint = f"declare it: [{letter.text}: scalar]; for a vector write [A b][x; 1] as Ax + b"
        message = f"{letter.text} may be a number or a vector with a 1 below it"
        env.doubts.append(ShapeError("E205", message, letter.span, hint))


@reads("mean_over")
def _mean_over(node: Syntax, env: Environment) -> Typed:
    index = Index(env.random.outcome, mean=True)
    if node.base:
        index = index._replace(over=node.text.split()[0], bounds=(node.subscript, node.index))
    row = integral_row if node.base else expectation_row
    env.open_indices.append(index)
    try:
        inner = env.infer(node.arguments[0])
    finally:
        env.open_indices.pop()
    return Typed(inner.rows, inner.columns, lambda: Apply(row, (inner.make(),), (index,)))


@reads("covariance")
def _covariance(node: Syntax, env: Environment) -> Typed:
    index = Index(env.random.outcome, mean=True)
    env.open_indices.append(index)
    try:
        u, v = (env.infer(x) for x in node.arguments)
    finally:
        env.open_indices.pop()
    for x, tree in zip((u, v), node.arguments, strict=True):
        if not x.columns.is_one:
            raise env.misfit(f"the covariance is that of numbers or columns, this is {x.shape}", tree)
    return Typed(u.rows, v.rows, lambda: covariance(u.make(), v.make(), index))


@reads("comparison")
def _comparison(node: Syntax, env: Environment) -> Typed:
    opened = {x.name for x in env.open_indices}
    numbers = {x.upper for x in env.open_indices} | {x for x, said in env.declarations.items() if is_label(said)}
    known = [x.text not in opened and (x.head == "number" or x.text in numbers) for x in node.arguments]
    _check_bound([x.text for x, said in zip(node.arguments, known, strict=True) if not said], node, env)
    sides = [
        env.scalar(x).make if said else partial(index_symbol, x.text)
        for x, said in zip(node.arguments, known, strict=True)
    ]
    return scalar_of(lambda: Apply(COMPARISONS[node.text], tuple(make() for make in sides)))


@reads("membership")
def _membership(node: Syntax, env: Environment) -> Typed:
    member = env.scalar(node.arguments[0])
    return scalar_of(lambda: Apply(membership, (member.make(),), (node.text,)))


def _check_bound(names: Sequence[str], node: Syntax, env: Environment) -> None:
    """Refuse an index in a condition that no sum binds.

    Raises:
        UnsupportedError: there is one.
    """
    opened = {x.name for x in env.open_indices}
    free = next((x for x in names if x not in opened), None)
    if free is not None:
        hint = rf"sum over both, \sum_{{{free}}}\sum_{{...}}, or name the indices that are meant by a set, j \in S"
        raise UnsupportedError("E134", f"the index {free} is bound by no sum", node.span, hint)


@reads("sum_over")
def _sum_over(node: Syntax, env: Environment) -> Typed:
    index = env.ranges.get(node.text, Index(node.text)) if not node.upper else Index(node.text, node.lower, node.upper)
    _check_range(index, node, env)
    env.open_indices.append(index)
    try:
        inner = env.infer(node.arguments[0])
    finally:
        env.open_indices.pop()
    extent = env.extents.get(index)
    if extent is not None and index.lower not in ("", "1"):
        message = f"a sum over entries from {index.lower} is not supported"
        raise UnsupportedError("E134", message, node.span, "sum over all entries")

    def ranged() -> Index:
        if extent is None:
            return index
        if len(extent.dimension) > 1:
            raise UnsupportedError("E303", "entries of a Kronecker product are not supported", node.span)
        return Index(index.name, "1", "".join(extent.dimension))

    row = _OVER_INDICES[node.base]
    if node.base and not inner.is_scalar:
        raise env.misfit(f"a scalar is needed, this is {inner.shape}", node.arguments[0])
    return Typed(inner.rows, inner.columns, lambda: Apply(row, (inner.make(),), (ranged(),)))


_OVER_INDICES = {"": sum_row, "max": largest_over_index, "min": least_over_index, "prod": product_over_index}
"""The rows that bind an index, by what the tree says."""


def _check_range(index: Index, node: Syntax, env: Environment) -> None:
    """Refuse a sum whose range or use of the index is not understood.

    Raises:
        UnsupportedError: it begins at a letter, ends at a formula, at infinity or at the index of a sum around it,
            binds an index again, shifts its index, or does not use it.
    """
    around = [i.name for i in env.open_indices]
    if node.arguments[0].head == "sum_over" and node.arguments[0].text == index.name:
        hint = "give each sum an index of its own"
        raise UnsupportedError("E134", f"{index.name} is the index of two sums, one in the other", node.span, hint)
    if index.upper in around:
        message = f"a sum up to the index {index.upper} of another is not supported"
        raise UnsupportedError("E134", message, node.span, "sum over all entries, with weights that are zero beyond")
    if INFINITY in index.upper:
        raise UnsupportedError("E134", "an infinite sum is not supported", node.span, "write its value")
    letters = [x for x in node.arguments[0].walk() if x.head == "symbol"]
    if index.lower and not index.lower.isdigit():
        raise UnsupportedError("E134", f"a sum from {index.lower} is not supported", node.span, "begin at a number")
    named = node.base == "" and name_of(index.upper.removesuffix("-1")).is_letter  # by its variable, as u_k of LQR
    if not named and re.search(r"[-+ ]|\\frac", index.upper):
        hint = f"call the number of terms by one letter, not {index.upper}"
        raise UnsupportedError("E134", f"a sum up to {index.upper} is not supported", node.span, hint)
    for x in letters:
        name = name_of(x.text)
        if name.shifts(index.name) and (letter_of_family(x.text) in env.moving or not name.lags(index.name)):
            base = name_of(x.text).letter
            hint = rf"write differences as \|D{base}\|^2, D the matrix of differences; "
            hint += f"a recursion is a named value, {base}_{index.name} = ..."
            raise UnsupportedError("E134", f"the shifted index in {x.text} is not supported", x.span, hint)
    entries = any(
        index.name in (*entry_indices(x.text), *line_index(x.text)) for x in node.walk() if x.head == "subscripted"
    )
    if not index.upper and not entries and not any(name_of(x.text).carries(index.name) for x in letters):
        if any(x.text == index.name for x in letters):
            message = f"a sum over the values of {index.name} is not supported"
            raise UnsupportedError("E134", message, node.span, "number what is summed, and sum over the index")
        message = f"{index.name} does not occur in this sum, and it has no range"
        raise UnsupportedError("E134", message, node.span, rf"write \sum_{{{index.name}=1}}^n")
