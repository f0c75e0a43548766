r"""Sums over some of the indices, `\sum_{j\in R_i}`, `\sum_{(i,j)\in\Omega}`, `\sum_{j\ne i}`: their sets and ranges.

A set is read as numbers of its own, `R_{ij}`, which are 1 for the j in R_i and 0 for the others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from ..errors import ParseError
from ..latex.names import capital_of, entry_indices, name_of
from ..latex.tree import Syntax
from .kinds import Declaration

INDEX_SET = "index set"
"""The property of the numbers that say which indices are in a set."""


def with_numbers_of_members(node: Syntax, sets: Mapping[str, Syntax]) -> Syntax:
    r"""Return the tree in which `|S|` is the number of the indices in a set, a sum of ones over them."""
    if not sets:
        return node
    text = node.arguments[0].text if node.head == "bars" and node.arguments[0].head == "symbol" else ""
    if text in sets:
        member = sets[text].but(span=node.span)
        return Syntax("sum_over", (member,), node.span, text=name_of(member.arguments[0].text).index_letters[-1])
    return node.with_each(lambda x: with_numbers_of_members(x, sets))


def named_sets(members: Iterable[Syntax]) -> dict[str, Syntax]:
    """Return the sets by how they are written without an argument, `S` and `R_i`, each with one of its members."""
    plain = [x for x in members if x.head == "membership" and not x.text]
    return {str(name_of(x.arguments[0].text).set_and_element[0]): x for x in plain}


def sets_in(roots: Iterable[Syntax]) -> dict[str, Declaration]:
    """Return the declarations of the numbers that say which indices are in the sets of the formulas.

    Raises:
        ParseError: the letter of a set is that of something else too.
    """
    whole = list(roots)
    members = {id(x.arguments[0]): x for root in whole for x in root.walk() if x.head == "membership"}
    own = {x.arguments[0].text for x in members.values()}
    for node in (x for root in whole for x in root.walk() if x.head == "symbol" and id(x) not in members):
        for place in members.values():
            if _letter(node) == _letter(place.arguments[0]):
                hint = r"call the set by another letter, such as \Omega"
                raise ParseError("E134", f"{_letter(node)} is a set of indices and a letter", place.span, hint)
    numbers = {text: Declaration(kind="scalar", properties=frozenset((INDEX_SET,))) for text in sorted(own)}
    return numbers | {str(name_of(text).without_last_script): _all_numbers(text) for text in sorted(own)}


def _all_numbers(number: str) -> Declaration:
    """Return the declaration of the vector or matrix of the numbers that say which indices are in a set."""
    kind = "matrix" if len(name_of(number).scripts[-1].letters) == 2 else "column"
    return Declaration(kind=kind, properties=frozenset((INDEX_SET,)))


def _letter(symbol: Syntax) -> str:
    """Return a letter with what stands on it, and without its indices."""
    return str(name_of(symbol.text)._replace(scripts=()))


def ranges_in(roots: Iterable[Syntax]) -> dict[str, tuple[str, str]]:
    """Return the ranges of the indices that have one, by their names; indices that are compared have the same."""
    nodes = [x for root in roots for x in root.walk()]
    found = {x.text: (x.lower, x.upper) for x in nodes if x.head == "sum_over" and x.upper}
    for pair in ([y.text for y in x.arguments] for x in nodes if x.head == "comparison"):
        for one, other in (pair, pair[::-1]):
            if one in found:
                found.setdefault(other, found[one])
    return found


def with_ranges(node: Syntax, ranges: Mapping[str, tuple[str, str]]) -> Syntax:
    """Return the tree in which sums over some of the indices have the range that these have elsewhere."""

    def takes(total: Syntax) -> bool:
        return not total.upper and total.text in ranges and any(_conditions_on(total))

    return _ranged(node, lambda x: ranges[x.text] if takes(x) else None) if ranges else node


def _ranged(node: Syntax, ends_of: Callable[[Syntax], tuple[str, str] | None]) -> Syntax:
    """Return the tree in which each sum goes from one end to the other, where it has new ones."""
    ends = ends_of(node) if node.head == "sum_over" else None
    found = node if ends is None else node.but(lower=ends[0], upper=ends[1])
    return found.with_each(lambda x: _ranged(x, ends_of))


COUNTS = ("n", "N", "m", "M")
"""What the number of members that a sum without a range goes over is called, the first that is free."""


def count_of_members(roots: Sequence[Syntax], numbers: Collection[str], taken: Collection[str]) -> str:
    r"""Return the letter for the last index of the sums that name no range; "" where it may not be one for all.

    It is that of the `numbers` in which an author writes it, `\frac1n\sum_ix_i`, else one that is not `taken`: n, but
    the capital of an index that is no i or j, as in `\sum_{n=1}^Nx_n`.
    """
    indices = {x.text for root in roots for x in root.walk() if _names_no_range(x)}
    letters = [x for x in COUNTS if x not in indices]
    own = [x for x in letters if x in numbers]
    if len(indices) != 1 or len(own) > 1:
        return ""
    capitals = [capital_of(x) for x in indices if x not in ("i", "j")]
    return own[0] if own else next((x for x in (*capitals, *letters) if x and x not in taken), "")


def with_count(node: Syntax, count: str) -> Syntax:
    """Return the tree in which sums that name no range go from 1 to this number."""
    return _ranged(node, lambda x: ("1", count) if _names_no_range(x) else None)


def _names_no_range(node: Syntax) -> bool:
    return node.head == "sum_over" and not (node.lower or node.upper or node.base) and not any(_conditions_on(node))


def range_of_members(roots: Iterable[Syntax], member: Syntax) -> tuple[str, str] | None:
    r"""Return the range that all sums over members have which name one, where others name none; else None.

    So `\sum_je^{w_j^\top x}` beside `\sum_{k=1}^Kt_kw_k` goes over the same members.
    """
    ends = {(x.lower, x.upper) for root in roots for x in root.walk() if _takes_members(x, member)}
    named = ends - {("", "")}
    return named.pop() if len(ends) == 2 and len(named) == 1 else None


def with_range_of_members(node: Syntax, member: Syntax, ends: tuple[str, str] | None) -> Syntax:
    """Return the tree in which sums over members that name no range have this one."""

    def takes(total: Syntax) -> bool:
        return _takes_members(total, member) and not (total.lower or total.upper)

    return node if ends is None else _ranged(node, lambda x: ends if takes(x) else None)


def with_named_ends(roots: Sequence[Syntax], variables: Collection[Syntax]) -> list[Syntax]:
    r"""Return the trees in which `\sum_{k=0}^{N-1}` has an end of its own, `N-1`.

    So it is where a variable is a member, `u_k`, all sums to N end so, N is no number of the formulas, and no sum takes
    another member of a variable, as that of k+1: who asks for `u_k` means one of the terms.
    """
    members = {x.base for x in variables if entry_indices(x.subscript)}
    if not members:
        return [*roots]
    nodes = [x for root in roots for x in root.walk()]
    sums = [x for x in nodes if x.head == "sum_over" and x.upper]
    families = {x.base for x in variables}
    ended = [x for x in sums if _ends_before(x, families)]
    compared = {id(y) for x in ended for y in x.arguments[0].arguments[0].arguments}
    spoken = {x.text for x in nodes if x.head == "symbol" and id(x) not in compared}
    named = {x.upper for x in ended} - spoken - {x.upper for x in sums if x not in ended}
    return [_with_ends(x, named) for x in roots] if named else [*roots]


def _with_ends(node: Syntax, named: Collection[str]) -> Syntax:
    node = node.with_each(lambda x: _with_ends(x, named))
    if node.head != "sum_over" or node.upper not in named:
        return node
    rest = node.arguments[0].arguments[1:]
    body = rest[0] if len(rest) == 1 else node.arguments[0].but(arguments=rest)
    return node.but(arguments=(body,), upper=f"{node.upper}-1")


def _ends_before(total: Syntax, families: Collection[str]) -> bool:
    """Whether a sum leaves out the last index of its range, and takes no member of a family at a shifted one."""
    body = total.arguments[0]
    if any(x.base in families and name_of(x.text).shifts(total.text) for x in body.walk()):
        return False
    first = body.arguments[0] if body.head == "product" else body
    ends = [total.text, total.upper]
    return first.head == "comparison" and first.text == "<" and [x.text for x in first.arguments] == ends


def _takes_members(node: Syntax, member: Syntax) -> bool:
    r"""Whether this is a sum over the members of a family with one index, which `member` is or is one of.

    That an index is a label, `1\{y=k\}`, leaves the range as it is.
    """
    conditions = [x for x in _conditions_on(node) if x.text != "="] if node.head == "sum_over" else [node]
    if conditions or (member.subscript and len(entry_indices(member.subscript)) != 1):
        return False
    return any(x.base == member.base and entry_indices(x.subscript) == (node.text,) for x in node.walk() if x.subscript)


def _conditions_on(total: Syntax) -> Iterator[Syntax]:
    """Yield the conditions on the index of a sum that stand below its sign."""
    inner = total
    while inner.head == "sum_over":
        inner = inner.arguments[0]
    for x in inner.arguments if inner.head == "product" else ():
        if x.head in CONDITIONS and any(
            name_of(y.text).carries(total.text) or y.text == total.text for y in x.arguments
        ):
            yield x


CONDITIONS: Sequence[str] = ("comparison", "membership")
"""The heads of conditions on indices."""
