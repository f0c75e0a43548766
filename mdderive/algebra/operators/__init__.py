"""The table: one row per operator. To add an operator, name its row in a module of this package."""

from __future__ import annotations

import copyreg
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType, ModuleType

from ...words import modules_in
from ..expressions import Operator
from ..notations import Notations, collected


def modules() -> list[ModuleType]:
    """Return the modules of this package by their names, before them the one of which the normal form is made."""
    names = sorted(modules_in(__path__), key=lambda name: name != "structural")
    return [import_module(f"{__name__}.{name}") for name in names]


def rows_of(homes: Sequence[ModuleType]) -> tuple[Operator, ...]:
    """Return every row that is named in a module of `homes`, by modules and within them by lines.

    Raises:
        ValueError: two rows have the same name.
    """
    rows = tuple(dict.fromkeys(x for home in homes for x in vars(home).values() if isinstance(x, Operator)))
    names = [row.name for row in rows]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two rows are called {twice}")
    return rows


def spelled(rows: Sequence[Operator]) -> MappingProxyType[str, tuple[Operator, ...]]:
    """Return the rows by the names that authors call them; rows that share a name differ by the shapes they take.

    Raises:
        ValueError: two rows share a name and a shape.
    """
    found: dict[str, tuple[Operator, ...]] = {}
    for row in rows:
        for spelling in row.spellings:
            others = found.get(spelling, ())
            if any(set(row.signatures) & set(other.signatures) for other in others):
                raise ValueError(f"the spelling {spelling} is taken twice")
            found[spelling] = (*others, row)
    return MappingProxyType(found)


@lru_cache(maxsize=1)
def table() -> tuple[Operator, ...]:
    """Return every row. What is taken twice fails here, so that no formula at all is read with such a table.

    Raises:
        ValueError: two rows share a name, a spelling for the same shapes, or a notation for the same arguments.
    """
    rows = rows_of(modules())
    spelled(rows)
    collected(rows)
    return rows


@lru_cache(maxsize=1)
def by_spelling() -> MappingProxyType[str, tuple[Operator, ...]]:
    """Return the rows that an author calls by each name."""
    return spelled(table())


@lru_cache(maxsize=1)
def notations() -> Notations:
    """Return what bars, norms, scripts and the other notations of the rows mean."""
    return collected(table())


@lru_cache(maxsize=1)
def _by_name() -> MappingProxyType[str, Operator]:
    return MappingProxyType({row.name: row for row in table()})


def by_name(name: str) -> Operator:
    """Return the row called `name`."""
    return _by_name()[name]


# A row holds functions, which do not pickle; its name says which row it is.
copyreg.pickle(Operator, lambda row: (by_name, (row.name,)))
