r"""What a rule touched: the parts of two rows that differ, marked in their LaTeX.

A mark is a private sign that no author types: `OLD` or `NEW` before the part, `END` behind it. What sets the formula
makes a class of it (`\htmlClass`, `\class`, an element of MathML) or takes it away; the rest is as without marks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from ..algebra.expressions import Apply, Expr, Number, Write, binding_of, parenthesise, to_latex
from ..algebra.terms import factors_of, is_product, terms_of
from .marks import END, NEW, OLD, unmarked

Part = tuple[Expr | None, Expr]
"""A node of an expression, and the node in which it stands; None for the expression itself."""


def touched(before: Expr, after: Expr) -> tuple[frozenset[Part], frozenset[Part]]:
    """Return the parts of `before` that are not in `after`, and those of `after` that are new; none if all is.

    What both have is the same node. A part is as small as it can be where one node has become one other.
    """
    old: set[Part] = set()
    new: set[Part] = set()
    _compare(before, after, (None, None), old, new)
    if {(None, before), (None, after)} & (old | new):  # nothing has stayed
        return frozenset(), frozenset()
    return frozenset(old), frozenset(new)


def _compare(a: Expr, b: Expr, within: tuple[Expr | None, Expr | None], old: set[Part], new: set[Part]) -> None:
    """Add what differs between two nodes, each standing in one of `within`, to the parts that are `old` and `new`."""
    if a is b:
        return
    left, right = _parts_apart(a, b)
    if not left and not right:
        left, right = [(within[0], a)], [(within[1], b)]
    elif len(left) == len(right) == 1 and left[0][1] is not a and right[0][1] is not b:
        _compare(left[0][1], right[0][1], (left[0][0], right[0][0]), old, new)
        return
    old.update((within[0], x) if x is a else (holder, x) for holder, x in left)
    new.update((within[1], x) if x is b else (holder, x) for holder, x in right)


def _parts_apart(a: Expr, b: Expr) -> tuple[list[Part], list[Part]]:
    """Return what of two nodes the other has not; nothing where they have nothing in common."""
    if len(terms_of(a)) > 1 or len(terms_of(b)) > 1:
        left, right = _without_common(terms_of(a), terms_of(b))
        kept = len(left) < len(terms_of(a))
    elif is_product(a) or is_product(b):
        left, right = _between_ends(factors_of(a), factors_of(b))
        kept = _count(left) < _count(factors_of(a))  # a number alone is nothing to speak of
    elif isinstance(a, Apply) and isinstance(b, Apply) and _kind(a) == _kind(b):
        pairs = [(x, y) for x, y in zip(a.arguments, b.arguments, strict=True) if x is not y]
        left, right, kept = [x for x, _ in pairs], [y for _, y in pairs], True
    else:
        return [], []
    return ([(a, x) for x in left], [(b, x) for x in right]) if kept else ([], [])


def _count(factors: Iterable[Expr]) -> int:
    return sum(not isinstance(x, Number) for x in factors)


def _kind(x: Apply) -> tuple[object, ...]:
    return x.operator, x.parameters, len(x.arguments)


def _without_common(a: Sequence[Expr], b: Sequence[Expr]) -> tuple[list[Expr], list[Expr]]:
    common = Counter(a) & Counter(b)
    return _leaving_out(a, common), _leaving_out(b, common)


def _leaving_out(nodes: Iterable[Expr], common: Counter[Expr]) -> list[Expr]:
    left = common.copy()
    found = []
    for x in nodes:
        if left[x]:
            left[x] -= 1
        else:
            found.append(x)
    return found


def _between_ends(a: Sequence[Expr], b: Sequence[Expr]) -> tuple[list[Expr], list[Expr]]:
    """Return two chains of factors without the ends that they share."""
    shortest = min(len(a), len(b))
    first = next((k for k in range(shortest) if a[k] is not b[k]), shortest)
    last = next((k for k in range(shortest - first) if a[-1 - k] is not b[-1 - k]), shortest - first)
    return list(a[first : len(a) - last]), list(b[first : len(b) - last])


class MarkedWriter:
    """Writes expressions as `to_latex` does, with marks around the parts that are to be seen."""

    def __init__(self, old: frozenset[Part] = frozenset(), new: frozenset[Part] = frozenset()) -> None:
        self.marks = ((OLD, old), (NEW, new))
        self._written: dict[tuple[Expr | None, Expr, int], str] = {}

    def latex(self, x: Expr, binding: int = 0, within: Expr | None = None) -> str:
        """Return the LaTeX of `x`, which stands in `within`; without marks where they would change what is written."""
        plain = to_latex(x, binding)
        if not any(parts for _, parts in self.marks):
            return plain
        marked = self._write(x, binding, within)
        return marked if unmarked(marked) == plain else plain

    def _within(self, holder: Expr) -> Write:
        def write(inner: Expr, binding: int = 0) -> str:
            return self._write(inner, binding, holder)

        return write

    def _write(self, x: Expr, binding: int, within: Expr | None) -> str:
        key = within, x, binding
        if key not in self._written:
            self._written[key] = self._written_anew(x, binding, within)
        return self._written[key]

    def _written_anew(self, x: Expr, binding: int, within: Expr | None) -> str:
        if isinstance(x, Apply):
            text = x.operator.latex(x, self._within(x))
            text = parenthesise(text) if binding_of(x) < binding else text
        else:
            text = to_latex(x, binding)
        for mark, parts in self.marks:
            if (within, x) in parts:
                sign = "-" if text.startswith("-") else ""  # a sign stays outside, where it is one of a sum
                text = f"{sign}{mark}{text.removeprefix(sign)}{END}"
        return text


UNMARKED = MarkedWriter()
