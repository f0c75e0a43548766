r"""Notations: how authors write an operator without its name, as `|X|`, `\|x\|_1` or `A^+`.

A notation is data and stands in the row of its operator: the mark around or behind the first argument, and of what
that argument must be for the mark to have this meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, TypeAlias, dataclass_transform

if TYPE_CHECKING:
    from .expressions import Operator

ARGUMENT = "{1}"
"""The script of a notation whose script, a formula, is the operator's second argument."""


class Notation(NamedTuple):
    r"""One way to write an operator.

    mark        "bars", "norm", "power", "superscript", "transpose", "hadamard", ...: the head of the tree that the
                notation is read as; "called" for a letter with a script before its argument, as `\lambda_{\max}(A)`,
                the script then the letter and max, min or i for any other index; "base" for a letter that is
                raised to the argument, as the e of `e^X`; "power of" for the power of a call or a norm, with whose
                argument the operator has to do
    script      what stands in the script of the mark: "1" of `\|x\|_1`, "-1" of `X^{-1}`; "" where there is none, "{1}"
                where it is the second argument
    of          what the mark stands at, in words: scalar, column, row, matrix; in a power also "call" and "applied";
                with "power of" the call itself, "norm:2" or "call:vectorisation"
    parameters  the parameters that the operator gets
    """

    mark: str
    script: str = ""
    of: str = "scalar column row matrix"
    parameters: tuple[Any, ...] = ()


Meaning: TypeAlias = "tuple[Operator, tuple[Any, ...]]"
"""An operator and its parameters."""


@dataclass_transform(eq_default=False, kw_only_default=True)
class TableRow:
    """A row of a table: its fields are given by their names, and the class has those of all other rows.

    Made of a dataclass, the class alone and what it imports would take a tenth of the time of a first answer.
    """

    _others: ClassVar[dict[str, Any]]

    def __init_subclass__(cls) -> None:
        cls._others = {name: vars(cls)[name] for name in cls.__annotations__ if name in vars(cls)}

    def __init__(self, **fields: Any) -> None:
        vars(self).update(self._others | fields)

    def but(self, **changes: Any) -> Self:
        """Return a row that differs in these fields."""
        return type(self)(**vars(self) | changes)


class Notations(NamedTuple):
    """The notations of all rows."""

    meanings: Mapping[tuple[str, str, str], Meaning]

    def has(self, mark: str, script: str) -> bool:
        """Whether a mark with that script means something of some argument."""
        return any(key[:2] == (mark, script) for key in self.meanings)

    def meaning(self, mark: str, script: str, of: str) -> Meaning | None:
        """Return what a mark with that script means of such an argument, None where it means nothing.

        A notation with that very script goes before one with any.
        """
        return self.meanings.get((mark, script, of)) or self.meanings.get((mark, ARGUMENT, of))


def collected(rows: Iterable[Operator]) -> Notations:
    """Return the notations of the rows.

    Raises:
        ValueError: two rows share a notation for the same arguments.
    """
    found: dict[tuple[str, str, str], Meaning] = {}
    for row in rows:
        for notation in row.notations:
            for of in notation.of.split():
                key = (notation.mark, notation.script, of)
                if key in found:
                    raise ValueError(f"the notation {key} is taken by {found[key][0].name} and by {row.name}")
                found[key] = (row, notation.parameters)
    return Notations(MappingProxyType(found))
