r"""Claims in components: indices are given numbers, sums over them written out, letters taken apart into entries.

`\partial f/\partial x_i = \sum_j (A_{ij} + A_{ji}) x_j` says something for every i. At i = 2, with the sums from 1 to 3
written out, it is a claim on letters x_1, A_{21}, ... that the engine reads as it reads any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from operator import le, lt, ne
from typing import Any

from ..errors import UnsupportedError
from ..latex.names import Name, Script, entry_indices, name_of
from ..latex.tree import Syntax
from ..question.entries import Wholes
from ..question.kinds import Declaration
from ..question.marker import MarkerTrees
from ..question.typing import Assignment
from .surroundings import symbol_of, tree_of

LENGTH = 3
"""How many values an index takes whose end is a letter."""
MOST_TERMS = 12
"""How many terms a sum may have that is written out."""
MOST_ASSIGNMENTS = 6
"""At how many values of the free indices a claim is judged."""
_COMPARES: Mapping[str, Callable[[Any, Any], bool]] = {"<": lt, r"\le": le, r"\ne": ne}
_NO_ENTRIES = Wholes(frozenset())

Indices = tuple[tuple[str, int], ...]
"""Indices with their values."""


def free_indices(latex: str) -> tuple[str, ...]:
    r"""Return the index of a letter that may be that of a component: i and j of `X_{ij}`; () of `w_{\max}`, `x`."""
    tree = tree_of(latex)
    if tree is None or tree.head != "symbol":
        return ()
    return tuple(x for x in entry_indices(tree.subscript) if is_index(x))


def base_of(letter: str) -> str:
    """Return `y` for the letter `y_k`, which may be an entry of it."""
    tree = tree_of(letter)
    return tree.base if tree is not None and tree.head == "symbol" and tree.base else letter


def is_index(name: str) -> bool:
    """Whether this is one small Latin letter."""
    return len(name) == 1 and "a" <= name <= "z"


def is_numbered(latex: str) -> bool:
    """Whether this is a letter with a number, `x_1`, or with two, `A_{12}`."""
    tree = tree_of(latex)
    indices = entry_indices(tree.subscript) if tree is not None and tree.head == "symbol" else ()
    return bool(indices) and all(x.isdigit() for x in indices)


def speaks_of_components(variable: str, formulas: Iterable[str]) -> bool:
    """Return whether a letter with an index is one of those that formulas speak of together.

    That is where the letter without its index occurs in them, or a sum goes over such letters.
    """
    tree = tree_of(variable)
    indices = entry_indices(tree.subscript) if tree is not None and tree.head == "symbol" else ()
    if tree is None or not indices or not tree.base:
        return False
    trees = [x for x in map(tree_of, formulas) if x is not None]
    letters = frozenset(x.text for root in trees for x in root.walk() if x.head == "symbol")
    if Wholes(letters).of(tree.base, len(indices)):
        return True
    return any(_binds(node, tree.base) for root in trees for node in root.walk() if node.head == "sum_over")


def _binds(total: Syntax, base: str) -> bool:
    """Whether a sum goes over letters `x_i`, `base` being x."""
    return any(x.head == "symbol" and x.base == base and total.text in entry_indices(x.subscript) for x in total.walk())


def assignments(indices: Sequence[str], apart: bool | None = None) -> list[Indices]:
    """Return values of the indices: all different, and some equal; `apart` asks for one of these alone."""
    names = tuple(dict.fromkeys(indices))
    different = [x for x in product(range(1, LENGTH + 1), repeat=len(names)) if len(set(x)) == len(x)]
    equal = [x for x in product(range(1, LENGTH + 1), repeat=len(names)) if len(set(x)) < len(x)]
    some = (*(different[1::2] or different)[:3], *equal[1::2][:3]) if apart is None else ((equal, different)[apart])
    return [tuple(zip(names, values, strict=True)) for values in some[:MOST_ASSIGNMENTS]]


def place_in(variable: str, indices: Indices) -> tuple[int, ...]:
    """Return the numbers of the indices of a letter, from 0 on."""
    tree = tree_of(variable)
    values = dict(indices)
    found = entry_indices(tree.subscript) if tree is not None else ()
    return tuple((values[x] if x in values else int(x)) - 1 for x in found if x in values or x.isdigit())


# --- a marker written out ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WrittenOut:
    """Makes of the trees of a marker those in which the indices have these values.

    Raises:
        UnsupportedError: an index leaves its range, or a sum has another range than from 1 on.
    """

    indices: Indices

    def __call__(self, marker: MarkerTrees) -> MarkerTrees:
        """Return the marker with every sum over an index written out."""
        roots = [marker.f, *marker.variables, *(x.body for x in marker.named), *marker.claims]
        letters = frozenset(x.text for root in roots for x in root.walk() if x.head == "symbol")
        names = [x.name for x in marker.named if x.name is not None]
        writer = _Writer(
            Wholes(letters | {x.text for x in names if not _family(x)}),
            {name_of(x.text).family(_family(x)): (_family(x), y.body) for x, y in _families(marker)},
            frozenset(x.upper for root in roots for x in root.walk() if x.head == "sum_over" and x.upper)
            | frozenset(y for x in marker.declarations.values() for y in (x.rows, x.columns) if y and symbol_of(y)),
            frozenset(x.base for root in roots for x in root.walk() if len(entry_indices(x.subscript)) == 1),
        )
        values = dict(self.indices)

        def out(tree: Syntax) -> Syntax:
            return writer.written(tree, values)

        kept = [x for x in marker.named if x.name is None or not _family(x.name)]
        claims = [out(x) for x in marker.claims]
        f = out(marker.f)
        variables = tuple({x.text: x for x in (writer.letter(x, values) for x in marker.variables)}.values())
        named = [x._replace(body=out(x.body)) for x in kept]
        roots = [f, *variables, *claims, *(x.body for x in named)]
        return marker._replace(
            f=f, wholes=_NO_ENTRIES, variables=variables, claims=claims,
            intermediates=named[: len([x for x in kept if x in marker.intermediates])],
            abbreviations=named[len([x for x in kept if x in marker.intermediates]) :],
            declarations=_declared(marker.declarations, roots, {x.text for x in names}),
        )  # fmt: skip


def _families(marker: MarkerTrees) -> Iterator[tuple[Syntax, Assignment]]:
    for x in marker.named:
        if x.name is not None and _family(x.name):
            yield x.name, x


def _family(name: Syntax) -> tuple[str, ...]:
    """Return the indices of a name that is defined for all of them, as y_k."""
    return tuple(x for x in _index_letters(name_of(name.text)) if is_index(x))


def _index_letters(name: Name) -> list[str]:
    """Return the letters in the scripts of a name, but for those of a sum such as `l+1`."""
    return [x for script in name.scripts if not script.is_formula for x in script.nested]


@dataclass(frozen=True, slots=True)
class _Writer:
    """What is known while trees are written out.

    wholes     the letters that have entries
    families   what is defined for every value of its indices, by its letter: the indices, the definition
    ends       letters that are numbers of terms or sizes
    members    letters that have one index, so that with two `x_{nk}` is an entry of `x_n`
    """

    wholes: Wholes
    families: Mapping[str, tuple[tuple[str, ...], Syntax]]
    ends: frozenset[str]
    members: frozenset[str]

    def written(self, node: Syntax, values: Mapping[str, int]) -> Syntax:
        """Return a tree in which the indices have these values."""
        if node.head == "sum_over":
            return self._sum(node, values)
        if node.head == "symbol":
            return self._symbol(node, values)
        if node.head == "subscripted":
            numbers = [_value(x, values) for x in entry_indices(node.text)]
            text = ",".join(map(str, numbers)) if numbers and None not in numbers else node.text
            return node.but(text=text, arguments=(self.written(node.arguments[0], values),))
        written = node.with_each(lambda x: self.written(x, values))
        sides = [x.value for x in written.arguments] if node.head == "comparison" else []
        if len(sides) == 2 and None not in sides and node.text in _COMPARES:  # the condition of a sum
            return _number(int(_COMPARES[node.text](*sides)), node)
        return written

    def _sum(self, node: Syntax, values: Mapping[str, int]) -> Syntax:
        if node.base:
            raise UnsupportedError("E134", f"a {node.base} over an index is not supported in a claim", node.span)
        first, last = _end(node.lower or "1", node), _end(node.upper or str(LENGTH), node)
        if not 0 <= last - first < MOST_TERMS:
            raise UnsupportedError("E134", "this range of a sum is not supported", node.span)
        terms = tuple(self.written(node.arguments[0], {**values, node.text: k}) for k in range(first, last + 1))
        inside = terms[0] if len(terms) == 1 else Syntax("add", terms, node.span)
        return Syntax("group", (inside,), node.span, text="(")

    def _symbol(self, node: Syntax, values: Mapping[str, int]) -> Syntax:
        if node.text in values:
            return _number(values[node.text], node)
        if node.text in self.ends:
            return _number(LENGTH, node)
        indices = entry_indices(node.subscript)
        numbers = [_value(x, values) for x in indices]
        known = bool(numbers) and None not in numbers
        if known and len(numbers) == 2 and node.base in (r"\delta", "I") and any(x in values for x in indices):
            return _number(int(numbers[0] == numbers[1]), node)
        found = self._defined(node, values)
        if found is not None:
            return found
        if known and (whole := self.wholes.of(node.base, len(numbers))):
            return _entry(node.but(text=whole, base=whole, subscript=""), numbers, node)
        if known and len(numbers) == 2 and node.base in self.members:
            member = tree_of(f"{node.base}_{{{numbers[0]}}}")
            assert member is not None
            return _entry(member.but(span=node.span), numbers[1:], node)
        return self._entry_of_member(node, values) or self.letter(node, values)

    def _entry_of_member(self, node: Syntax, values: Mapping[str, int]) -> Syntax | None:
        r"""Return `x_j^{(i)}` as the entry j of the member `x^{(i)}`, or i of `x^{(j)}`, which occurs too."""
        name = name_of(node.text)
        for script in name.scripts if len(name.scripts) == 2 and not name.primes else ():
            numbers = [_value(x, values) for x in entry_indices(script.latex.strip("()"))]
            others = name._replace(scripts=tuple(x for x in name.scripts if x is not script))
            member = tree_of(self.wholes.of(str(others), 1) or "0")
            if len(numbers) == 1 and None not in numbers and member is not None and member.head == "symbol":
                return _entry(self.letter(member, values).but(span=node.span), numbers, node)
        return None

    def letter(self, node: Syntax, values: Mapping[str, int]) -> Syntax:
        """Return a letter with numbers for its indices; the letter of which it is an entry, if it is one."""
        indices = entry_indices(node.subscript)
        whole = self.wholes.of(node.base, len(indices)) if indices and node.base else ""
        if whole and all(_value(x, values) is not None for x in indices):
            return node.but(text=whole, base=whole, subscript="")
        name = name_of(node.text)
        for index, value in values.items():
            if name.shifts(index):
                raise UnsupportedError("E134", f"the index of {node.text} is shifted", node.span)
            if name.carries(index):
                name = name.with_index(index, str(value))
        tree = tree_of(_apart(str(name), indices)) if str(name) != node.text else node
        if tree is None or tree.head != "symbol":
            raise UnsupportedError("E303", f"the index of {node.text} is not supported", node.span)
        return tree.but(span=node.span)

    def _defined(self, node: Syntax, values: Mapping[str, int]) -> Syntax | None:
        """Return what is defined in the place of a member of a family."""
        name = name_of(node.text)
        every = _index_letters(name)
        here = [x for x in every if x in values or x.isdigit()]
        layers = [x for x in every if x in here or is_index(x)]
        for letters in (here, layers) if here else ():
            indices, body = self.families.get(name.family(letters), ((), None))
            pairs = list(zip(indices, letters, strict=False))
            if body is None or len(indices) != len(letters) or any(x != y for x, y in pairs if y not in here):
                continue
            numbers = {old: _value(new, values) or 0 for old, new in pairs if new in here}
            return Syntax("group", (self.written(body, numbers),), node.span, text="(")
        return None


def _apart(latex: str, indices: Sequence[str]) -> str:
    """Return the name; two indices that have become numbers stand apart, `A_{2,1}`."""
    tree = tree_of(latex)
    if len(indices) != 2 or tree is None or tree.head != "symbol" or "," in tree.subscript:
        return latex
    name = name_of(tree.text)
    scripts = (Script("_", ",".join(entry_indices(x.latex))) if x.sign == "_" else x for x in name.scripts)
    return str(name._replace(scripts=tuple(scripts))) if tree.text.startswith(tree.base) else latex


def _value(index: str, values: Mapping[str, int]) -> int | None:
    return int(index) if index.isdigit() else values.get(index)


def _number(value: int, node: Syntax) -> Syntax:
    return Syntax("number", (), node.span, value=Fraction(value))


def _entry(whole: Syntax, numbers: Sequence[int | None], node: Syntax) -> Syntax:
    if not all(x is not None and 1 <= x <= LENGTH for x in numbers):
        raise UnsupportedError("E303", f"the index of {node.text} is out of its range", node.span)
    return Syntax("subscripted", (whole,), node.span, text=",".join(map(str, numbers)))


def _end(latex: str, node: Syntax) -> int:
    """Return the end of a sum.

    Raises:
        UnsupportedError: it is no number, letter, or a letter less one.
    """
    if latex.isdigit():
        return int(latex)
    letter, minus, less = latex.partition("-")
    if symbol_of(letter) and (not minus or less == "1") and latex == node.upper:
        return LENGTH - bool(minus)
    raise UnsupportedError("E134", "this range of a sum is not supported", node.span)


def _declared(
    declarations: Mapping[str, Declaration], roots: Sequence[Syntax], defined: Iterable[str]
) -> dict[str, Declaration]:
    """Return what is said of the letters that stand in trees which are written out."""
    size = str(LENGTH)
    families: dict[str, Declaration] = {}
    for name, said in declarations.items():
        indices = [x for x in name_of(name).index_letters if is_index(x)]
        families[name_of(name).family(indices)] = said._replace(rows=_sized(said.rows), columns=_sized(said.columns))
    entries: dict[str, int] = {}
    found: dict[str, Declaration] = {}
    for node in (x for root in roots for x in root.walk()):
        if node.head == "subscripted" and node.arguments[0].head == "symbol":
            entries[node.arguments[0].text] = len(entry_indices(node.text))
        if node.head != "symbol":
            continue
        letter = name_of(node.text)
        numbers = [x for x in _index_letters(letter) if x.isdigit()]
        own = families.get(node.text) or families.get(letter.family(numbers))
        if own is not None:
            found[node.text] = own
        elif len(numbers) == 2 and "," in node.subscript:
            found[node.text] = Declaration(kind="scalar")
    for name, count in entries.items():
        before = found.get(name, Declaration())
        shape = (size, "1", "column") if count == 1 else (size, size, "matrix")
        if before.kind in (None, shape[2]) and name not in defined:
            found[name] = before._replace(rows=shape[0], columns=shape[1], kind=shape[2])
    return found


def _sized(size: str | None) -> str | None:
    """Return the size with a number for a letter."""
    return size if size is None or size.isdigit() else str(LENGTH)
