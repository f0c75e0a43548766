"""Which parts of what is written as source are computed once and kept under a local name, and what they are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from ...algebra.expressions import Apply, Expr, Index, Number, Symbol, walk
from ...algebra.operators.structural import power_row
from ...algebra.powers import divisor
from ...algebra.terms import inverted, is_product, is_transposed, terms_of

GRADIENT = "grad_"
"""What the names of gradients by named values begin with: `grad_h_4`."""
LETTERS = "azuvsqr"
"""What the argument of a function is called: the first of these letters with which nothing else begins."""


def shared_parts(roots: Sequence[Expr]) -> frozenset[Expr]:
    """Return the parts that stand at several places of `roots` and are not cheap to compute.

    A part that stands nowhere but within one other part counts once, however often that one stands; one and its
    transpose are the same, and of what divides the divisor is meant. Parts with an open index belong to their sum and
    stay there.
    """
    nodes = dict.fromkeys(node for root in roots for node in walk(root))
    whole = [node for node in nodes if isinstance(node, Apply) and _computed(node) is node]
    uses = Counter(_computed(x) for x in (*roots, *(y for node in whole for y in node.arguments)))
    costly: set[Expr] = set()
    for node in nodes:
        if isinstance(node, Apply) and (_costs(node) or any(x in costly for x in node.arguments)):
            costly.add(node)
    return frozenset(x for x in costly if uses[x] > 1 and not x.indices)


def _computed(x: Expr) -> Expr:
    """Return what is computed for a part: a transpose is written behind it, and one divides by the divisor."""
    while isinstance(x, Apply) and (is_transposed(x) or divisor(x, power_row) is not None):
        x = x.arguments[0]
    return x


def _costs(node: Apply) -> bool:
    """Whether a program takes time for the operator itself: a matrix product, an inverse, a function."""
    if is_product(node):
        return sum(not x.is_scalar for x in node.arguments) > 1
    cheap = is_transposed(node) or len(terms_of(node)) > 1 or node.operator.numpy == "*"
    return not cheap and not all(isinstance(x, Number) for x in node.arguments)


def bound_indices(x: Expr) -> Iterator[str]:
    """Yield the names of the indices over which `x` sums."""
    for node in walk(x):
        if isinstance(node, Apply) and node.operator.binds_index:
            index = node.parameters[0]
            assert isinstance(index, Index)
            yield index.name


class PartNames:
    """Names for shared parts, none of them `taken`."""

    def __init__(self, taken: Collection[str]) -> None:
        self.taken = set(taken)
        initials = {x[:1] for x in taken}
        self.letter = next((x for x in LETTERS if x not in initials), "")

    def name(self, part: Expr, body: Expr, called: str, names: Mapping[Expr, str]) -> str:
        """Return the name of a part of `body`, which is called so, if at all.

        It is `a_4` for what a function makes `h_4` of, `delta_4` for the entry-wise product of `grad_h_4` and the
        derivative of that function, `inv_X` for the inverse of X, else `part_1`, ...
        """
        name = self._argument(part, body, called) or self._delta(part, names) or self._inverse(part, names)
        if not name or name in self.taken:
            name = next(x for k in range(1, len(self.taken) + 2) if (x := f"part_{k}") not in self.taken)
        self.taken.add(name)
        return name

    def _argument(self, part: Expr, body: Expr, called: str) -> str:
        _, underscore, ending = called.partition("_")
        only = any(isinstance(x, Apply) and x.arguments == (part,) for x in walk(body))
        return f"{self.letter}{underscore}{ending}" if called and self.letter and only else ""

    def _delta(self, part: Expr, names: Mapping[Expr, str]) -> str:
        factors = part.arguments if isinstance(part, Apply) and part.operator.numpy == "*" else ()
        found = (names[x].removeprefix(GRADIENT) for x in factors if names.get(x, "").startswith(GRADIENT))
        _, underscore, ending = next(found, "").partition("_")
        return f"delta_{ending}" if underscore else ""

    def _inverse(self, part: Expr, names: Mapping[Expr, str]) -> str:
        inner = inverted(part)
        return f"inv_{names[inner]}" if isinstance(inner, Symbol) and inner in names else ""
