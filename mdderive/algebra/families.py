r"""Families: the members x_i, x_j of one family as variables, and expressions in which indices have other letters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeGuard

from ..errors import UnsupportedError
from ..latex.names import name_of
from .expressions import Apply, Expr, Index, Shape, Symbol, number, walk
from .factoring import add, primitive
from .index_conditions import conditions_on, is_condition, is_index, without_conditions
from .keys import same
from .operators.entrywise import Function
from .operators.index_sets import either, equal
from .powers import sum_over
from .terms import (
    build,
    coefficient_scalars_chain,
    factors_of,
    index_of,
    index_symbol,
    is_product,
    is_sum_over,
    is_zero,
    multiply,
    negate,
    normalise,
    reading_cost,
    scale,
    split_coefficient,
    substitute,
    terms_of,
)

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


def families_of(roots: Iterable[Expr], variables: Iterable[Symbol], lines: Iterable[Expr] = ()) -> frozenset[str]:
    """Return the families in `roots` of which all letters are members, whatever those of their indices.

    Those are all where members are among the variables, so that indices get other letters; else those that are summed
    over another index in `lines`, x_j for x_i.
    """
    letters = _members(roots)
    if any(x.index for x in variables):
        return frozenset(x.family for x in letters)
    known = {*map(_kin, letters)}
    return frozenset(x.family for x in _members(lines) - letters if _kin(x) in known)


def _members(roots: Iterable[Expr]) -> set[Symbol]:
    return {x for root in roots for x in root.symbols if x.index and x.index != (x.latex,)}


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
        bound = (x.index for x in members_in(letters, variable) if found.keys() >= {*x.index})
        for name, other in zip(variable.index, next(bound, ()), strict=False):
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


def with_free_indices(x: Expr, names: Mapping[str, str]) -> Expr:
    r"""Return `x` with other letters for its free indices; what has none of them, `\sum_kx_k`, stays where it can."""
    whole: dict[Expr, Expr] = {}
    waiting = [x]
    free = {names.get(name, name) for name in x.indices}
    while waiting:
        node = waiting.pop()
        if (
            isinstance(node, Apply)
            and sums_in(node)
            and node.indices.isdisjoint(names)
            and free.isdisjoint(_bound(node))
        ):
            whole[node] = Symbol(rf"\square_{len(whole)}", node.shape, index=tuple(sorted(node.indices)))
        elif isinstance(node, Apply):
            waiting.extend(node.arguments)
    inside = with_indices(substitute(x, whole, build) if whole else x, names)
    return substitute(inside, {name: node for node, name in whole.items()}, build) if whole else inside


def labels_known(node: Expr) -> Iterator[Expr]:
    """Yield a product with the factor `y_i = j` in which a member that y_i picks is that of j, c_j for c_{y_i}."""
    for condition in factors_of(node):
        if not isinstance(condition, Apply) or condition.operator is not equal or not is_index(condition.arguments[1]):
            continue
        label, index = condition.arguments
        found: dict[Expr, Expr] = {}
        for total in (x for factor in factors_of(node) for x in walk(factor) if is_sum_over(x)):
            own, body = index_of(total).name, total.arguments[0]
            inner, held = without_conditions(body, own)
            if held == (Apply(equal, (label, index_symbol(own))),) and str(index) not in body.indices | _bound(body):
                found[total] = normalise(with_indices(inner, {own: str(index)}))
        if found:
            yield substitute(node, found, build)


def facing(x: Expr, member: Symbol) -> Expr:
    """Return `x` with the differences x_j - x_i of members turned so that `member` stands first, `-(x_i-x_j)`."""
    turned: dict[Expr, Expr] = {}
    for node in walk(x):
        first, *others = terms_of(node)
        if len(others) == 1 and others[0] is negate(member) and first in members_in([first], member):
            turned[node] = negate(add(member, negate(first)))
    return substitute(x, turned, build) if turned else x


def with_sums_joined(x: Expr) -> Expr:
    """Return `x` with terms that are sums over one index as one sum, where that is shorter."""
    joined = {node: _joined(node) for node in walk(x) if sum(map(_is_sum, terms_of(node))) > 1}
    return substitute(x, {old: new for old, new in joined.items() if new is not old} or {x: x}, build)


def _joined(x: Expr) -> Expr:
    terms: list[Expr] = []
    for term in terms_of(x):
        wholes = ((k, _one_sum(other, term)) for k, other in enumerate(terms))
        place, whole = next(((k, one) for k, one in wholes if one is not None), (len(terms), term))
        terms[place : place + 1] = [whole]
    return add(*terms) if len(terms) < len(terms_of(x)) else x


def _is_sum(term: Expr) -> bool:
    return any(map(is_sum_over, factors_of(split_coefficient(term)[1])))


def _one_sum(x: Expr, y: Expr) -> Expr | None:
    """Return the sum of two sums over one index as one, None where that is no shorter."""
    (c, one), (k, other) = split_coefficient(x), split_coefficient(y)
    if not (is_sum_over(one) and is_sum_over(other)):
        return _one_sum_within(x, y)
    index, body, turned = index_of(one), one.arguments[0], other.arguments[0]
    if index_of(other) != index:
        names = {index_of(other).name: index.name}
        if index_of(other)._replace(name=index.name) != index or index.name in turned.indices | _bound(turned):
            return None
        turned = with_indices(turned, names)
    if conditions_on(body, index.name) == conditions_on(turned, index.name):
        whole = sum_over(_sum_of(scale(c, body), scale(k, turned)), index)
    else:
        held = _under_either(body, turned, index.name) if c == k else None
        if held is None:
            return None
        whole = scale(c, sum_over(held, index))
    return whole if reading_cost(whole) <= reading_cost(x) + reading_cost(y) else None


def _one_sum_within(x: Expr, y: Expr) -> Expr | None:
    r"""Return `q_i\sum_{j\ne i}` for `q_i\sum_{j<i}+q_i\sum_{j>i}`, sums with the same factors beside; else None."""
    (c, one), (k, other) = split_coefficient(x), split_coefficient(y)
    sums = [[f for f in factors_of(z) if is_sum_over(f)] for z in (one, other)]
    rests = [[None if is_sum_over(f) else f for f in factors_of(z)] for z in (one, other)]
    if not len(sums[0]) == len(sums[1]) == 1 < len(rests[0]) or rests[0] != rests[1]:
        return None
    inner = _one_sum(scale(c, sums[0][0]), scale(k, sums[1][0]))
    return None if inner is None else multiply(*(f or inner for f in rests[0]))


def _bound(x: Expr) -> frozenset[str]:
    return frozenset(index.name for index in sums_in(x))


def _under_either(x: Expr, y: Expr, index: str) -> Expr | None:
    """Return what is summed under either of two conditions that exclude each other, None where it is not the same."""
    (one, first), (other, second) = (without_conditions(z, index) for z in (x, y))
    both = either(*first, *second) if len(first) == len(second) == 1 else None
    return multiply(both, one) if both is not None and same(one, other) else None


def _sum_of(x: Expr, y: Expr) -> Expr:
    """Return the sum of two terms, weights of one column or matrix added up: `(w_{ij}+w_{ji})(x_i-x_j)`."""
    (c, a, one), (k, b, other) = coefficient_scalars_chain(x), coefficient_scalars_chain(y)
    common = [factor for factor in a if factor in b]
    if not (one or other or common) or multiply(*one) is not multiply(*other):
        return add(x, y)
    weights = ([factor for factor in z if factor not in common] for z in (a, b))
    content, total = primitive(add(*(multiply(number(n), *z) for n, z in zip((c, k), weights, strict=True))))
    return multiply(number(content), *common, total, *one)


def without_value_at_itself(f: Expr, member: Symbol) -> tuple[Index, Apply] | None:
    r"""Return an index j and what, of the summands of `f`, has no derivative where x_j is x_i itself, else None.

    Of `\sum_{i,j}\lVert x_i-x_j\rVert` that is the norm, by whichever of the members.
    """
    for total in (x for x in walk(f) if is_sum_over(x)):
        index = index_of(total)
        for node in filter(_is_rough, walk(total)):
            members = members_in(node.symbols, member)
            others = {y for x in members for y in x.index} - {index.name}
            for other in sorted(others) if any(index.name in x.index for x in members) else ():
                names = {index.name: other}
                met = is_zero(normalise(with_indices(node.arguments[0], names)))
                if met and not any(is_zero(with_indices(x, names)) for x in _conditions_around(node, total)):
                    return index, node
    return None


def _conditions_around(node: Expr, total: Expr) -> list[Expr]:
    """Return the conditions that are factors of what `node` stands in."""
    products = (x for x in walk(total) if is_product(x) and node in walk(x))
    return [y for x in products for y in x.arguments if is_condition(y)]


def _is_rough(x: Expr) -> TypeGuard[Apply]:
    """Whether `x` has no value or no derivative where its argument is 0."""
    rough = x.operator.rough_at_zero if isinstance(x, Apply) else None
    return rough is not None and isinstance(x, Apply) and rough(x)


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
