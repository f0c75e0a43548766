r"""Families: the members x_i, x_j of one family as variables, and expressions in which indices have other letters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from ..errors import UnsupportedError
from ..latex.names import name_of
from .expressions import Apply, Expr, Index, Shape, Symbol, walk
from .operators.entrywise import Function
from .terms import build, index_symbol

INDEX_LETTERS = ("j", "k", "l", "r", "s", "t", "u", "v", "m", "i", "p", "q")
"""The letters of an index that gets another name, in the order in which they are tried."""
_BESIDE = {"i": "jkl", "j": "kli", "k": "jlr", "n": "mrs", "t": "srk", "u": "vwr"}
"""The letters that usually stand beside that of an index, and so are tried first."""
_PASSING = "\ue000\ue001\ue002"


def members_in(symbols: Iterable[Expr], member: Symbol) -> list[Symbol]:
    """Return the letters among `symbols` that are members of the same family, `member` itself first."""
    letters = (x for x in set(symbols) if isinstance(x, Symbol))
    family = (x for x in letters if x.index and x.index != (x.latex,) and _kin(x) == _kin(member))
    return sorted(family, key=lambda x: (x is not member, x.latex))


def _kin(member: Symbol) -> tuple[str, int, Shape]:
    """Return what members of one family have in common."""
    return member.family, len(member.index), member.shape


def families_of(roots: Iterable[Expr], variables: Iterable[Symbol]) -> frozenset[str]:
    """Return all families in `roots` where members are among the variables, so that indices get other letters."""
    if not any(x.index for x in variables):
        return frozenset()
    return frozenset(x.family for root in roots for x in root.symbols if x.index and x.index != (x.latex,))


def variables_in(symbols: Iterable[Symbol], variables: Iterable[Symbol]) -> set[Symbol]:
    """Return `symbols` and those of the variables of which another member is among them."""
    found = set(symbols)
    return found | {x for x in variables if x.index and members_in(found, x)}


def sums_in(x: Expr) -> list[Index]:
    """Return the indices of the sums in `x`, each once."""
    bound = (node.parameters[0] for node in walk(x) if isinstance(node, Apply) and node.operator.binds_index)
    return list(dict.fromkeys(index for index in bound if isinstance(index, Index)))


def ranges_of(roots: Iterable[Expr], variables: Iterable[Symbol] = ()) -> dict[str, Index]:
    """Return the ranges of indices by their names: those of the sums in `roots`, and those of the variables."""
    whole = list(roots)
    found = {index.name: index for root in whole for index in sums_in(root)}
    letters = [x for root in whole for x in root.symbols]
    for variable in (x for x in variables if x.index):
        for name, other in zip(variable.index, members_in(letters, variable)[0].index, strict=True):
            found.setdefault(name, found[other]._replace(name=name))
    return found


def with_indices(x: Expr, names: Mapping[str, str]) -> Expr:
    """Return `x` with other letters for its indices, free and bound ones, all at once."""
    done: dict[Expr, Expr] = {}
    for node in walk(x):
        if isinstance(node, Symbol):
            done[node] = _renamed(node, names)
        elif isinstance(node, Apply):
            arguments = tuple(done[y] for y in node.arguments)
            parameters = tuple(_renamed_index(y, names) if isinstance(y, Index) else y for y in node.parameters)
            done[node] = build(node.operator, *arguments, parameters=parameters)
        else:
            done[node] = node
    return done[x]


def _renamed(symbol: Symbol, names: Mapping[str, str]) -> Symbol:
    """Return a member with other letters for its indices, or the letter of an index itself."""
    changed = [x for x in symbol.index if names.get(x, x) != x]
    if not changed:
        return symbol
    if symbol.index == (symbol.latex,):
        return index_symbol(names[symbol.latex])
    name = name_of(symbol.latex)
    for k, old in enumerate(changed):  # by way of letters that no name has, so that i and j may change places
        name = name.with_index(old, _PASSING[k])
    for k, old in enumerate(changed):
        name = name.with_index(_PASSING[k], names[old])
    index = tuple(names.get(x, x) for x in symbol.index)
    return Symbol(str(name), symbol.size, symbol.properties, index, symbol.family)


def _renamed_index(index: Index, names: Mapping[str, str]) -> Index:
    return index._replace(name=names.get(index.name, index.name))


def spare_indices(roots: Collection[Expr], variables: Iterable[Symbol] = ()) -> dict[str, Index]:
    """Return for each index that a sum in `roots` binds one with the same range and a letter that is not in use."""
    used = {name for root in (*roots, *variables) for name in _letters(root)}
    found: dict[str, Index] = {}
    for index in ranges_of(roots, variables).values():
        letters = (*_BESIDE.get(index.name, ""), *INDEX_LETTERS)
        spare = next((x for x in letters if x not in used), None)
        if spare is not None and index.name not in found:
            used.add(spare)
            found[index.name] = index._replace(name=spare)
    return found


def without_clashes(x: Expr, spares: Mapping[str, Index]) -> Expr:
    r"""Return `x` in which no sum binds an index that is free in x, or bound by a sum around it.

    `e^{a_k}/\sum_ke^{a_k}` gets a sum over j.

    Raises:
        UnsupportedError: no letter is left for it.
    """
    return _apart(x, x.indices, spares)


def _apart(x: Expr, around: frozenset[str], spares: Mapping[str, Index]) -> Expr:
    if not isinstance(x, Apply) or not (any(index.name in around for index in sums_in(x)) or _nests(x)):
        return x
    index = x.parameters[0] if x.operator.binds_index else None
    if not isinstance(index, Index):
        return build(x.operator, *(_apart(y, around, spares) for y in x.arguments), parameters=x.parameters)
    if index.name in around:
        if index.name not in spares or spares[index.name].name in around:
            raise UnsupportedError("E302", "no letter is left for the index of a sum", hint="use fewer letters")
        names = {index.name: spares[index.name].name}
        body, index = with_indices(x.arguments[0], names), _renamed_index(index, names)
    else:
        body = x.arguments[0]
    return Apply(x.operator, (_apart(body, around | {index.name}, spares),), (index,))


def _nests(x: Expr) -> bool:
    """Whether a sum in `x` stands in another over the same index."""
    return any(
        isinstance(node, Apply) and node.operator.binds_index and node.parameters[0] in sums_in(node.arguments[0])
        for node in walk(x)
    )


def _letters(x: Expr) -> set[str]:
    """Return the letters of all names, functions, sizes and indices in `x`."""
    symbols = {name for y in x.symbols for name in (y.latex, name_of(y.latex).letter, *name_of(y.latex).index_letters)}
    called = {y.latex for z in walk(x) if isinstance(z, Apply) for y in z.parameters if isinstance(y, Function)}
    sizes = {name for y in walk(x) for dimension in y.shape for name in dimension}
    return symbols | called | sizes | {name for index in sums_in(x) for name in (index.name, index.upper)}
