"""The readings of a claim as data: what is differentiated by what, in which world, and how the claim fares there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ..latex.names import name_of
from ..question.question import Question
from .components import is_index
from .derivatives import Order

Status = Literal["own", "turned", "false", "shapes", "unclear", "degenerate", "refused"]


ANY_SUM = r"\breve{s}"
"""The number in the place of a sum over samples that nothing counts."""


class Comparison(NamedTuple):
    """A comparison that must hold: `left relation right`, the relation one of `<`, `<=`, `=`, `!=`, `>=`, `>`."""

    left: str
    relation: str
    right: str

    def __str__(self) -> str:
        return f"{self.left} {self.relation} {self.right}"

    @property
    def is_of_indices(self) -> bool:
        """Whether it compares two indices."""
        return is_index(self.left) and is_index(self.right)


@dataclass(frozen=True, slots=True)
class World:
    r"""One reading of a claim: what is differentiated by what, the definitions, and clauses that hold on the page.

    `reliable` says that all definitions are surely those that the author means; only then may a claim be called false.
    `spare` is for a reading that counts only where no other can be read, `doubt` for one in which a claim that holds in
    no other is a question, in these words.

    `other` is the second variable of a mixed second derivative; `point` are values, `x=0`, at which both sides are
    taken; `swaps` are letters of the claim that stand for others, as w^\star does for w.

    `indices` are the free ones of a claim in components, None for any other claim; `apart` says that they are
    different, or that they are equal. `given` must hold where both sides are compared. A `part` of a derivative may
    be zero. `linear` says that the claim is
    what is differentiated, its derivatives having been left out: `\nabla f + c\nabla g` as `f + cg`. Numbers that are
    rounded have that many `digits`, 0 if all are whole.
    """

    f: str
    variable: str
    order: Order = "first"
    where: tuple[str, ...] = ()
    reliable: bool = True
    context: tuple[str, ...] = ()
    spare: bool = False
    doubt: str = ""
    other: str = ""
    point: tuple[tuple[str, str], ...] = ()
    swaps: tuple[tuple[str, str], ...] = ()
    indices: tuple[str, ...] | None = None
    apart: bool | None = None
    given: tuple[Comparison, ...] = ()
    part: bool = False
    linear: bool = False
    digits: int = 0
    sources: tuple[tuple[str, int], ...] = field(default=(), compare=False)

    def sums_over_anything(self, claimed: str) -> bool:
        """Return whether a sum that has no index stands in the reading, or in what is claimed."""
        return any(ANY_SUM in x for x in (self.f, claimed, *self.where))


def with_sums(latex: str) -> str:
    """Return a formula with the sums over samples for their number."""
    return latex.replace(rf"{ANY_SUM}\cdot ", r"\sum ")


@dataclass(frozen=True, slots=True)
class Outcome:
    r"""How a claim fares in a world.

    own      equal to the derivative in our layout, or within a declared structure
    turned   equal to its transpose
    false    different at every point in every layout; `words` says where
    shapes   neither the size of the derivative nor that of its transpose; `words` says which
    unclear  neither; or of a kind whose layouts are too many to be sure
    degenerate  0 or not to be computed at these sizes, as \det(XX^T) where X has more rows than columns
    refused  the world cannot be read or computed; `words` says why

    `either` says that it is equal to the derivative in both layouts. What is false may be so many `times` the
    derivative; 0 where it is no multiple.
    """

    status: Status
    words: str = ""
    code: str = ""
    question: Question | None = None
    either: bool = False
    times: float = 0.0


def direction_name(k: int, variable: str) -> str:
    """Return the letter that stands for the differential of `variable`, the one with number `k` below ten."""
    return rf"\{'Delta' if name_of(variable).is_capital else 'delta'}_{k}"
