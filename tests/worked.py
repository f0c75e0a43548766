"""Derivations that many tests look at: each is made once in a process."""

from __future__ import annotations

from functools import cache

import mdderive
from mdderive.algebra.expressions import Operator


@cache
def worked(f: str, variable: str, where: tuple[str, ...] = ()) -> mdderive.Derivation:
    """Return the derivation, of several variables that by the first."""
    found = mdderive.derive(f, variable, where)
    return found[0] if isinstance(found, tuple) else found


def example(row: Operator) -> mdderive.Derivation:
    """Return the derivation of a row's example."""
    return worked(*row.example, tuple(row.where))
