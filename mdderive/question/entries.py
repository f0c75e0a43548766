r"""Telling entries from members: `x_i` in a sum over i is an entry where x itself occurs, else a member of a family.

`\sum_i x_i^2` differentiated by x speaks of the entries of x; `\sum_i \|x_i-\mu\|^2` of vectors x_1, x_2, ... An entry
may stand in another face than the whole, `w_j` of `\mathbf{w}`, `x_{ij}` of X, and its index may be bound by nothing,
`z_k` of z. This pass runs before any shape is known: it turns symbols that are entries into nodes of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from ..latex.names import capital_of, entry_indices, line_index, name_of, renamed, undressed
from ..latex.tree import Syntax


class Wholes(NamedTuple):
    """The letters of a marker, as far as an entry may be one of theirs.

    letters     all that occur, with their scripts
    dependent   the variables and what is defined: no entry of theirs may be taken for a constant
    own         letters that are declared or defined with their index, and so are no entries
    ends        the upper ends of sums: `x_n` is the last entry, not one with a free index
    """

    letters: frozenset[str]
    dependent: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    ends: frozenset[str] = frozenset()

    def of(self, base: str, count: int) -> str:
        r"""Return the letter of which `base` with `count` indices is an entry, "" if none occurs.

        The same letter comes first, then the same in another face, then the capital of one with two indices.
        """
        if base in self.letters:
            return base
        plain, faces = undressed(base), _faces(self.letters)
        found = faces.get(plain, ())
        if not found and count == 2 and (capital := capital_of(plain)):
            found = faces.get(capital, ())
        return found[0] if len(found) == 1 else ""


@lru_cache(maxsize=8)
def _faces(letters: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Return the letters by what they are without their faces."""
    found: dict[str, tuple[str, ...]] = {}
    for x in letters:
        found[undressed(x)] = (*found.get(undressed(x), ()), x)
    return found


def wholes_of(
    roots: Iterable[Syntax], dependent: Iterable[Syntax], own: Iterable[str], sizes: Iterable[str] = ()
) -> Wholes:
    """Return the letters of the formulas `roots`; those of `dependent` are the variables and what is defined."""
    nodes = [x for root in roots for x in root.walk()]
    named = frozenset(x.text for x in dependent)
    return Wholes(
        frozenset(x.text for x in nodes if x.head == "symbol") | named,
        named,
        frozenset(own) | named,
        frozenset(x.upper for x in nodes if x.head == "sum_over" and x.upper) | frozenset(sizes),
    )


def with_entries(f: Syntax, wholes: Wholes, *, free: bool) -> Syntax:
    """Return `f` with the entries of letters that occur as a whole; with `free` also those that no sum binds.

    Within a sum that has such an entry, every letter with its index is an entry.
    """
    indexed = any(x.subscript and x.head == "symbol" for x in f.walk())
    return _visit(f, wholes, (), within=False, free=free) if indexed else f


def with_letters_of_entries(wholes: Wholes, f: Syntax, *, free: bool) -> Wholes:
    r"""Return the wholes with the letters of which `f` has entries in one of its sums, and so in all of them.

    In `\sum_ix_iy_i/\sum_ix_i^2` by y the x_i are entries of x above, and so below.
    """
    found = {x.arguments[0].text for x in with_entries(f, wholes, free=free).walk() if x.head == "subscripted"}
    more = {x for x in found if x} - wholes.letters
    return with_letters_of_entries(wholes._replace(letters=wholes.letters | more), f, free=free) if more else wholes


def _visit(node: Syntax, wholes: Wholes, opened: tuple[str, ...], *, within: bool, free: bool) -> Syntax:
    if node.head == "sum_over":
        within = within or (not opened and _speaks_of_entries(node, wholes))
        opened = (*opened, node.text)
    if node.head == "components":
        within, opened = True, (*opened, *node.text.split(","))
    if node.head == "symbol" and (whole := _whole_of(node, wholes, opened, within=within, free=free)):
        letter = node.but(text=whole, base=whole, subscript="")
        return Syntax("subscripted", (letter,), node.span, text=node.subscript)
    if node.head == "comparison":
        return node
    if node.head == "membership" and within:
        return node.but(arguments=(_entry_of_set(node.arguments[0]),))
    return node.with_each(lambda x: _visit(x, wholes, opened, within=within, free=free))


def _entry_of_set(member: Syntax) -> Syntax:
    r"""Return the number that says that (i, j) is in a set, `\Omega_{i,j}`, as an entry of the matrix of all."""
    name = name_of(member.text)
    whole = str(name.without_last_script)
    letter = member.but(text=whole, base=whole, subscript="")
    return Syntax("subscripted", (letter,), member.span, text=",".join(name.scripts[-1].letters))


def _whole_of(symbol: Syntax, wholes: Wholes, opened: tuple[str, ...], *, within: bool, free: bool) -> str:
    """Return the letter of which `symbol` is an entry, "" if it is none."""
    indices, axes = _places(symbol)
    if not indices or not symbol.base or symbol.index:
        return ""
    whole = wholes.of(symbol.base, axes)
    if axes > len(indices):
        return whole or symbol.base
    unbound = [x for x in indices if x not in opened]
    if len(unbound) < len(indices) and all(x.isdigit() for x in unbound):
        return (whole or symbol.base) * within
    if whole not in wholes.dependent or symbol.text in wholes.own or "0" in indices:
        return ""
    letters = [x for x in unbound if not x.isdigit()]
    return whole if not letters or (free and all(is_free_index(x) and x not in wholes.ends for x in letters)) else ""


def _places(node: Syntax) -> tuple[tuple[str, ...], int]:
    r"""Return the indices of an entry, or the one of a row or column, `X_{i\cdot}`; and how many the whole has.

    The `n_{i\cdot}` of a small letter is the sum of its entries.
    """
    subscript = node.subscript if node.head == "symbol" else node.text
    if (line := "".join(line_index(subscript))) and (node.head != "symbol" or name_of(node.base).is_capital):
        return (line,), 2
    indices = entry_indices(subscript)
    return indices, len(indices)


def way_by_all_members(member: str, *, number: bool) -> str:
    """Return how to ask for the derivative by a member that stands beside a sum over its family: by all of them."""
    name = name_of(member)
    whole = name.family(name.index_letters)
    if number:
        return f"differentiate with respect to {whole}: the derivative with respect to one of them is an entry of that"
    rows = capital_of(whole) or "A"
    index = "".join(x if is_free_index(x) else "k" for x in name.index_letters)
    return f"write ({rows}x)_{index} for {member}^T x, with a matrix {rows} of rows, and differentiate by {rows}"


def is_free_index(index: str) -> bool:
    """Whether an index that nothing binds is one letter, as that of `z_k`; `w_{\\max}`, `W_Q`, `u_o` are names."""
    return len(index) == 1 and "a" <= index <= "z" and index != "o"


def called_by(latex: str) -> tuple[str, int]:
    """Return what all members of a family are called by, and how many indices they have; of another letter itself."""
    name = name_of(latex)
    indices = tuple(x for x in name.index_letters if is_free_index(x))
    return name.family(indices) if indices else latex, len(indices)


def letter_of_family(latex: str) -> str:
    """Return the letter of a name without faces, scripts and case, which a matrix and its members have in common."""
    return undressed(name_of(latex).letter).lower()


def names_by_family(written: Iterable[str]) -> dict[tuple[str, int], list[tuple[str, str]]]:
    """Return the letters on the left of definitions, and how they stand there, by what they are called by."""
    found: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for name, left in sorted((str(name_of(x)), x) for x in written):
        found.setdefault(called_by(name), []).append((name, left))
    return found


def _speaks_of_entries(total: Syntax, wholes: Wholes) -> bool:
    """Whether an entry of a letter that occurs as a whole, or of a formula, stands in the sum `total`."""
    opened = {x.text for x in total.walk() if x.head == "sum_over"}
    for node in total.walk():
        indices, axes = _places(node)
        if opened & set(indices) and (
            node.head == "subscripted"
            or (node.head == "symbol" and (axes > len(indices) or wholes.of(node.base, axes)))
        ):
            return True
    return False


def by_components(name: Syntax | None, body: Syntax) -> tuple[Syntax | None, Syntax]:
    r"""Return `\mu` and all its components for a definition of one, `\mu_j = ...`, not of `h^{(i)}`; others stay."""
    indices = family_indices(name)
    if name is None or name.index or not indices or len(indices) > 2 or len({*indices}) < len(indices):
        return name, body
    whole = name_of(name.text).family(indices)
    letter = Syntax("symbol", (), name.span, text=whole, base=whole)
    return letter, Syntax("components", (body,), body.span, text=",".join(indices))


# --- sums of a claim ------------------------------------------------------------------------------------------


def with_sums_as_in(roots: Iterable[Syntax], claim: Syntax, sizes: Collection[str]) -> Syntax:
    r"""Return a claim whose sums have the ranges and letters that sums over the same members have in `roots`.

    So `\sum_jx_j` is `\sum_{i=1}^nx_i`, where that is what the function has. A letter that the claim needs is kept, and
    so is a range that the function leaves out, where it is a number or goes to one of the declared `sizes`.
    """
    sums = [(x, _summed(x)) for root in roots for x in root.walk() if x.head == "sum_over" and len(x.arguments) == 1]
    return _with_sums(claim, sums, sizes, ()) if sums else claim


def _with_sums(
    node: Syntax, sums: Sequence[tuple[Syntax, set[str]]], sizes: Collection[str], outer: tuple[str, ...]
) -> Syntax:
    if node.head == "sum_over" and len(node.arguments) == 1:
        summed = _summed(node)
        like = [x for x, families in sums if x.base == node.base and families & summed]
        ranges = {(x.lower, x.upper) for x in like}
        open_ended = node.lower in ("", "1") and not node.upper.isdigit() and node.upper not in sizes
        if len(ranges) == 1 and (not node.upper or (ranges == {("", "")} and open_ended)):
            node = node.but(lower=like[0].lower, upper=like[0].upper)
        letters = [x.text for x in like if (x.lower, x.upper) == (node.lower, node.upper)]
        body = node.arguments[0]
        taken = letters and (letters[0] in outer or any(_is_indexed(x, letters[0]) for x in body.walk()))
        if letters and node.text not in letters and not taken:
            node = node.but(text=letters[0], arguments=(with_index(body, node.text, letters[0]),))
    opened = (*outer, node.text) if node.head == "sum_over" else outer
    return node.with_each(lambda x: _with_sums(x, sums, sizes, opened))


def _summed(total: Syntax) -> set[str]:
    """Return the families whose members a sum goes over."""
    names = (name_of(x.text) for x in total.walk() if x.head == "symbol")
    return {x.family((total.text,)) for x in names if x.carries(total.text)}


# --- families that are defined -------------------------------------------------------------------------------


def with_members(tree: Syntax, name: Syntax, body: Syntax, opened: tuple[str, ...] = ()) -> Syntax:
    r"""Return the tree in which each member of a family that a sum binds is its definition: `u_i := w^\top x_i`.

    The index of the definition may be another letter than that of the sum; the indices that are `opened` are bound too.
    """
    bound = opened or any(x.head == "sum_over" for x in tree.walk())
    return _defined(tree, name, body, opened) if bound else tree


def _defined(node: Syntax, name: Syntax, body: Syntax, opened: tuple[str, ...]) -> Syntax:
    if node.head == "sum_over":
        opened = (*opened, node.text)
    if node.head == "symbol" and (pairs := _renaming(node, name, opened)) is not None:
        inner = body
        for old, new in _one_by_one(pairs, body):
            inner = with_index(inner, old, new)
        return Syntax("group", (inner.but(span=node.span),), node.span, text="(")
    changed = node.with_each(lambda x: _defined(x, name, body, opened))
    twice = changed is not node and changed.head == "transpose" and changed.arguments[0].head == "group"
    inner = changed.arguments[0].arguments[0] if twice else changed
    return inner.arguments[0] if twice and inner.head == "transpose" else changed


def _renaming(symbol: Syntax, name: Syntax, opened: tuple[str, ...]) -> list[tuple[str, str]] | None:
    """Return (index of the definition, index in the sum) if the symbol is a member of the family, else None."""
    here, there = name_of(symbol.text), name_of(name.text)
    bound = here.in_order([x for x in opened if here.carries(x)])
    defined = family_indices(name)
    if not bound or len(bound) != len(defined) or here.family(bound) != there.family(defined):
        return None
    return [(old, new) for old, new in zip(defined, bound, strict=True) if old != new]


def _one_by_one(pairs: Sequence[tuple[str, str]], body: Syntax) -> list[tuple[str, str]]:
    """Return renamings that in turn do what these do at once: `A_{ji}` for `A_{ij} = ...` swaps two letters."""
    if len(pairs) < 2:
        return [*pairs]
    between = unused_indices(body, len(pairs), *(new for _, new in pairs))
    there = [(old, spare) for (old, _), spare in zip(pairs, between, strict=True)]
    return [*there, *((spare, new) for (_, new), spare in zip(pairs, between, strict=True))]


def family_indices(name: Syntax | None) -> tuple[str, ...]:
    r"""Return the letters by which a name means a member, () if it has none: k of `\mu_k`, i of `\hat{y}_i := ...`."""
    return tuple(x for x in name_of(name.text).index_letters if is_free_index(x)) if name is not None else ()


def with_index(node: Syntax, old: str, new: str) -> Syntax:
    """Return the tree with another letter for an index, which no sum in it binds."""
    if node.head == "sum_over" and node.text == old:
        return node
    if node.head == "sum_over" and node.text == new and any(_is_indexed(x, old) for x in node.walk()):
        spare = unused_indices(node, 1, new)[0]
        node = node.but(text=spare, arguments=tuple(with_index(x, new, spare) for x in node.arguments))
    arguments = tuple(with_index(x, old, new) for x in node.arguments)
    node = node.but(upper=new) if node.upper == old else node
    if node.head == "symbol" and (node.text == old or name_of(node.text).carries(old)):
        name = name_of(new) if node.text == old else name_of(node.text).with_index(old, new)
        return node.called(name).but(base=new if node.text == old else node.base)
    text = renamed(node.text, old, new) if node.head == "subscripted" else node.text
    return node.but(arguments=arguments, text=text)


def with_other_indices(body: Syntax, others: Sequence[Syntax]) -> Syntax:
    """Return a formula whose sums bind none of the indices that these others have, so that they may be put into it."""

    def visit(node: Syntax) -> Syntax:
        node = node.with_each(visit)
        if node.head != "sum_over" or not any(_is_indexed(x, node.text) for y in others for x in y.walk()):
            return node
        spare = unused_indices(body.but(arguments=(*body.arguments, *others)), 1, node.text)[0]
        return node.but(text=spare, arguments=tuple(with_index(x, node.text, spare) for x in node.arguments))

    return visit(body)


_INDICES = ("j", "k", "l", "i", "r", "s", "t", "p", "q", "u", "v", "a", "b", "c", "d", "e", "g", "h", "m", "n")


def unused_indices(tree: Syntax, count: int, *taken: str) -> list[str]:
    """Return that many letters for indices which the tree does not use."""
    free = (x for x in _INDICES if x not in taken and not any(_is_indexed(y, x) or x == y.upper for y in tree.walk()))
    return list(islice(free, count))


def _is_indexed(node: Syntax, letter: str) -> bool:
    """Whether a node is the letter, has it in a script or binds it."""
    if node.head == "symbol":
        return node.text == letter or name_of(node.text).carries(letter)
    if node.head == "subscripted":
        return renamed(node.text, letter, "") != node.text
    return node.head == "sum_over" and node.text == letter
