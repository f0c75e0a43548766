r"""Members of families as variables: `\mu_k` of `\sum_n\log\sum_k\pi_k ...`, or all the weights b of `\sum_ib_ix_i`.

The derivative by a member has its free index; those by all of them together are the derivative by the family. So the
variable is read as the member that f is written with, and gets the author's index afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..algebra.expressions import Expr, Symbol, to_latex
from ..algebra.families import members_in, sums_in, with_indices, without_value_at_itself
from ..algebra.properties import SQUARE
from ..algebra.terms import normalise
from ..errors import ParseError, ShapeError, Span, UnsupportedError
from ..latex.names import Name, entry_indices, name_of, undressed
from ..latex.tree import Syntax
from .entries import called_by, family_indices, way_by_all_members
from .marker import MarkerTrees
from .typing import TypedBundle
from .values import means, occurring_in

OF_WHOLE_LETTERS = ("solve", "hessian", "structured", "jacobian")
"""What may be wished for of whole letters, and known numbers of steps, only."""


def with_member_variables(marker: MarkerTrees, typed: TypedBundle) -> MarkerTrees:
    """Return the marker in which variables that name a family, or a member by any index, are members that f has.

    Raises:
        ParseError: the index of a member is that of another sum.
    """
    occurring = occurring_in(typed.f, typed.definitions[: len(marker.named)])
    members = {x.latex: x for x in occurring if x.index and x.index != (x.latex,)}
    variables, called = list(marker.variables), {}
    for k, (symbol, tree) in enumerate(zip(typed.variables, marker.variables, strict=True)):
        wanted = family_indices(tree)
        family = "" if symbol in occurring else _family(tree, wanted, members.values())
        if family:
            own = {latex: x.index for latex, x in members.items() if x.family == family}
            found = _standing(marker, own, wanted)
            if own[found.text] != wanted:
                _check_unused(marker, tree, wanted)
            variables[k] = Syntax("symbol", (), tree.span, found.text, base=found.base, subscript=found.subscript)
            called[found.text] = tree
    return marker._replace(variables=tuple(variables), members=called) if called else marker


def _family(tree: Syntax, wanted: tuple[str, ...], members: Iterable[Symbol]) -> str:
    """Return the family that a variable names, in any face; "" if it names none."""
    names = [name for name in (name_of(tree.text).family(wanted) if wanted else "", tree.text) if name]
    families = sorted({x.family for x in members if len(x.index) == len(wanted) or not wanted})
    found = [x for name in names for x in families if x == name or undressed(x) == undressed(name)]
    return found[0] if found else ""


def _standing(marker: MarkerTrees, own: Mapping[str, tuple[str, ...]], wanted: tuple[str, ...]) -> Syntax:
    """Return the first member in the formulas, one with the indices that are wanted if there is one."""
    roots = marker.roots
    standing = [x for root in roots for x in root.walk() if x.text in own]
    return next((x for x in standing if own[x.text] == wanted), standing[0])


def _check_unused(marker: MarkerTrees, tree: Syntax, wanted: tuple[str, ...]) -> None:
    """Refuse the index of a member that something else is called by.

    Raises:
        ParseError: it is.
    """
    nodes = [x for root in marker.roots for x in root.walk()]
    for name in wanted:
        if any(name in (x.text, x.upper) or name_of(x.text).carries(name) for x in nodes):
            hint = "name the member by an index that the formula has no other use for"
            raise ParseError("E147", f"{name} is another index in the formula", tree.span, hint)


def named_members(marker: MarkerTrees, variables: Sequence[Symbol]) -> tuple[tuple[Symbol, ...], dict[Symbol, Symbol]]:
    """Return the variables with the author's indices, and the families by which some of them are asked for.

    Raises:
        UnsupportedError: members with twice the same index, s_{ii}, stand beside others.
    """
    found, families = [], {}
    for x in variables:
        tree = marker.members.get(x.latex)
        wanted = family_indices(tree) if tree is not None else ()
        if tree is not None and wanted and len(set(wanted)) != len(x.index):
            raise _twice_the_same(tree)
        member = x if not wanted or tree is None else with_indices(x, dict(zip(x.index, wanted, strict=True)))
        assert isinstance(member, Symbol)
        found.append(member)
        if tree is not None and not wanted:
            families[member] = Symbol(tree.text, x.size)
    return tuple(found), families


def _twice_the_same(tree: Syntax) -> UnsupportedError:
    """Return the error that a family has members on its diagonal and others."""
    whole = tree.base.upper() if tree.base.isalpha() else tree.base
    hint = rf"call the matrix of all of them {whole}, and differentiate by {whole}: the derivative has these entries"
    message = f"the derivative by {tree.text} beside members with twice the same index is not supported"
    return UnsupportedError("E134", message, tree.span, hint)


# --- what a member may not be --------------------------------------------------------------------------------


def check_members(marker: MarkerTrees, typed: TypedBundle, wishes: Mapping[str, Span]) -> None:
    """Refuse a member as variable where another letter may be of its family, or where sums take different members.

    Raises:
        ShapeError: a letter may be a member, the mean or the whole of the family.
        UnsupportedError: two sums take different members, or more than the gradient is wished for.
    """
    _check_wishes(marker, typed, wishes)
    values = typed.definitions[: len(marker.named)]
    occurring = sorted(occurring_in(typed.f, values), key=lambda x: x.latex)
    defined = {name.latex for name, _ in values if isinstance(name, Symbol)} | {*marker.declarations}
    defined |= {x.latex for x, _ in means([typed.f, *(body for _, body in values)], typed.symbols, defined)}
    for variable, standing in zip(typed.variables, marker.variables, strict=True):
        if not variable.index:
            continue
        tree = marker.members.get(variable.latex, standing)
        own = members_in(occurring, variable)
        _check_ranges(typed, own, tree, by_family=not family_indices(tree))
        _check_meetings(marker, typed, variable)
        for letter in occurring:
            if letter not in own and letter.latex not in defined and _is_akin(letter, variable):
                raise _akin(letter, variable, tree, marker)


def _akin(letter: Symbol, variable: Symbol, tree: Syntax, marker: MarkerTrees) -> ShapeError:
    """Return the question whether a letter is a member of the variable's family, or made of them."""
    if _is_picked(letter, variable):
        k = "k" if "k" not in variable.index else "l"
        weight = f"T_{{{letter.index[0]}{k}}}" if letter.index else f"t_{k}"
        sign = rf"\sum_{k} {weight} {variable.family}_{k}"
        hint = f"write {sign} for {letter.latex}, where {weight} is 1 for that one, else 0"
        place = next((x.span for x in marker.f.walk() if x.text == letter.latex), tree.span)
        return ShapeError("E205", f"{letter.latex} may be one of the {variable.latex}", place, hint)
    if family_indices(Syntax("symbol", (), tree.span, text=letter.latex)) and letter.shape == variable.shape:
        hint = way_by_all_members(letter.latex, number=letter.is_scalar)
        return ShapeError("E205", f"{letter.latex} may be one of the {variable.latex}", tree.span, hint)
    hint = f"write it in terms of {variable.latex}, or declare it as a letter of its own"
    return ShapeError("E205", f"{letter.latex} may be made of the {variable.latex}", tree.span, hint)


def check_index_letters(marker: MarkerTrees) -> None:
    r"""Refuse `b_u` and `b_i` of a sum over pairs as variables, which may be one family or those of users and of items.

    One they are where both indices have the same range, are compared or called as indices of one set are, i and j;
    where two members meet in a difference; or where a coefficient of both is declared as square.

    Raises:
        ShapeError: none of that is so.
    """
    for tree in marker.variables:
        family = _member_of(tree)[0]
        for outer in (x for root in marker.roots for x in root.walk() if x.head == "sum_over"):
            for inner in outer.arguments[0].walk():
                if inner.head == "sum_over" and _may_be_two(outer, inner, family, marker):
                    raise _one_or_two((outer.text, inner.text), family, inner, marker)


def _member_of(node: Syntax) -> tuple[str, tuple[str, ...]]:
    """Return the family of a member or an entry, without its face, and its indices; of another letter itself."""
    if node.head == "subscripted" and node.arguments[0].head == "symbol":
        return undressed(node.arguments[0].text), entry_indices(node.text)
    if node.head != "symbol":
        return "", ()
    return undressed(called_by(node.text)[0]), family_indices(node)


def _may_be_two(outer: Syntax, inner: Syntax, family: str, marker: MarkerTrees) -> bool:
    """Whether a sum within another has members of the family with the index of each, and nothing says it is one."""
    pair = outer.text, inner.text
    nodes = inner.walk()
    found = {_member_of(x) for x in nodes}
    if not all((family, (x,)) in found for x in pair) or inner.upper or _are_of_one_set(*pair):
        return False
    for node in nodes:
        base, indices = _member_of(node)
        said = next((marker.declarations[x] for x in marker.declarations if undressed(x) == base), None)
        square = said is not None and (said.rows == said.columns is not None or said.properties & SQUARE)
        compared = node.head == "comparison" and {x.text for x in node.arguments} == {*pair}
        signs = [(x.head == "negate", _member_of(y)) for x, y in zip(node.arguments, node.terms, strict=False)]
        apart = node.head == "add" and len({(sign, x) for sign, x in signs if x[0] == family}) == 2
        apart = apart and len({sign for sign, x in signs if x[0] == family}) == 2
        if (square and {*indices} == {*pair}) or compared or apart:
            return False
    return True


def _are_of_one_set(one: str, other: str) -> bool:
    """Whether two letters are what indices of one set are called: i and l, or neighbours in the alphabet."""
    return {one, other} <= {*"ijkl"} or (len(one) == len(other) == 1 and abs(ord(one) - ord(other)) == 1)


def _one_or_two(pair: tuple[str, str], family: str, inner: Syntax, marker: MarkerTrees) -> ShapeError:
    """Return the question whether members with two indices are of one family."""
    taken = {x for root in marker.roots for node in root.walk() for x in (node.text, *_member_of(node)[1])} - {*pair}
    pairs = (("i", "j"), ("k", "l"), ("s", "t"), ("p", "q"), ("m", "n"))
    one, other = next((x for x in pairs if taken.isdisjoint(x)), pairs[0])
    members = {_member_of(x): x for x in inner.walk()}
    first, second = (members[family, (x,)] for x in pair)
    names = [name_of(x.text) if x.head == "symbol" else name_of(f"{family}_{x.text}") for x in (first, second)]
    apart = names[1].accented("hat" if "tilde" in names[1].accents else "tilde")
    hint = f"write {apart} for {names[1]} if they are of two families, {one} and {other} for {pair[0]} and {pair[1]} "
    hint += "if they are of one"
    return ShapeError("E205", f"{names[0]} and {names[1]} may be of one family or of two", second.span, hint)


def has_wholes_of_members(marker: MarkerTrees, typed: TypedBundle) -> bool:
    """Whether a letter stands in the formulas both with a bound index and without one, so that it has entries."""
    occurring = occurring_in(typed.f, typed.definitions[: len(marker.named)])
    families = {undressed(x.family) for x in occurring if x.index}
    return any(not x.index and undressed(x.latex) in families for x in occurring)


def _check_wishes(marker: MarkerTrees, typed: TypedBundle, wishes: Mapping[str, Span]) -> None:
    """Refuse what is known of whole letters only.

    Raises:
        UnsupportedError: it is wished for.
    """
    member = next((x for x in typed.variables if x.index), None)
    unmet = next((x for x in OF_WHOLE_LETTERS if x in wishes), None)
    if member is None or (unmet is None and typed.f.is_scalar and not marker.constraints):
        return
    if unmet is None:
        derivative = "the derivative of a vector or a matrix"
        message = f"{derivative} with respect to a member such as {member.latex} is not supported"
        raise UnsupportedError("E306", message, hint="differentiate a number, or by a whole letter")
    message = f"'{unmet}' is not supported for a member of a family such as {member.latex}"
    whole = f", or differentiate by all of them together, {member.family}" if member.is_scalar else ""
    hint = f"leave it out{whole}"
    raise UnsupportedError("E306", message, wishes[unmet], hint)


def _is_picked(letter: Symbol, variable: Symbol) -> bool:
    """Whether the letter is the member to which another letter points: `w_{y_i}` beside the w_j."""
    name = name_of(letter.latex)
    if name.subscript is None or len(name.scripts) > 1 or len(variable.index) != 1:
        return False
    picked, base = name.subscript.letters, undressed(str(Name(name.letter, name.dress)))
    points = picked[1:2] == ("(",) or (len(picked) == 1 and bool(name_of(picked[0]).scripts))
    return points and base == undressed(variable.family)


def _is_akin(letter: Symbol, variable: Symbol) -> bool:
    r"""Whether a letter may be the family `x`, its mean `\bar{x}`, its matrix X, or a member `x_1`."""
    name, other = name_of(letter.latex), name_of(variable.latex)
    accents = [x for x in name.accents if x not in other.accents]
    if letter.index == (letter.latex,):
        return False
    if _is_picked(letter, variable):
        return True
    if letter.index:
        return letter.family == variable.family and len(letter.index) == len(variable.index)
    if not set(accents) <= {"bar", "overline", "vec"} or name.primes != other.primes:
        return False
    if undressed(name.letter).lower() != undressed(other.letter).lower():
        return False
    return not name.scripts or name.letter == other.letter


def _check_ranges(typed: TypedBundle, members: list[Symbol], tree: Syntax, *, by_family: bool) -> None:
    """Refuse members that are taken by sums with different ranges, and a family of which the first are left out.

    Raises:
        UnsupportedError: they are.
    """
    roots = (typed.f, *(body for _, body in typed.definitions))
    sums = {index.name: index for root in roots for index in sums_in(root)}
    for places in _columns(members):
        ends = {(sums[x].lower, sums[x].upper) for x in places if x in sums}
        first = next(iter(ends))[0] if ends else ""
        if by_family and first not in ("", "0", "1"):
            message = f"the members of {tree.text} before {first} do not occur"
            raise UnsupportedError("E134", message, tree.span, "name the member by which to differentiate")
        if len(ends) > 1:
            message = f"two sums take different members of the family of {members[0].latex}"
            hint = "let both go over the same range, or call the members of one by another letter"
            raise UnsupportedError("E302", message, tree.span, hint)


def _check_meetings(marker: MarkerTrees, typed: TypedBundle, variable: Symbol) -> None:
    """Refuse sums over pairs that count a member with itself, where the summand has no derivative.

    Raises:
        UnsupportedError: they do.
    """
    for root, value in zip(marker.roots, _bodies(marker, typed), strict=True):
        found = without_value_at_itself(normalise(value), variable)
        if found is not None:
            index, rough = found
            place = next((x for x in root.walk() if x.head == "sum_over" and x.text == index.name), root)
            shown = to_latex(rough)
            message = f"the sum over {index.name} has a term with {shown} of 0, which has no derivative there"
            hint = r"give it one, as in \sqrt{\|x_i-x_j\|^2+\epsilon} for \|x_i-x_j\|"
            raise UnsupportedError("E308", message, place.span, hint)


def _bodies(marker: MarkerTrees, typed: TypedBundle) -> list[Expr]:
    return [typed.f, *(body for _, body in typed.definitions[: len(marker.named)])]


def _columns(members: list[Symbol]) -> Iterator[set[str]]:
    """Yield the letters of the first index of all members, then those of the second."""
    yield from (set(x) for x in zip(*(y.index for y in members), strict=True))
