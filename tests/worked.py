"""Derivations that many tests look at: each is made once in a run, whichever of its processes asks for it."""

from __future__ import annotations

import os
import pickle
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

import mdderive
from mdderive.algebra.expressions import Operator

KEPT = Path(os.environ["XDG_STATE_HOME"]) / "worked"  # a folder of this run, see conftest.py
KEPT.mkdir(exist_ok=True)


@cache
def worked(f: str, variable: str, where: tuple[str, ...] = ()) -> mdderive.Derivation:
    """Return the derivation, of several variables that by the first."""
    asked = repr((mdderive.__file__, f, variable, where))
    kept = KEPT / sha256(asked.encode()).hexdigest()
    if kept.exists():
        again: mdderive.Derivation = pickle.loads(kept.read_bytes())
        return again
    found = mdderive.derive(f, variable, where)
    first = found[0] if isinstance(found, tuple) else found
    written = kept.with_suffix(f".{os.getpid()}")
    written.write_bytes(pickle.dumps(first))
    written.replace(kept)  # whole, or not there
    return first


def assert_gradient(f: str, variable: str, where: Sequence[str], gradient: str) -> None:
    """Assert that a derivation is checked and ends with this gradient."""
    found = mdderive.derive(f, variable, where)
    assert isinstance(found, mdderive.Derivation)
    assert found.check.ok
    assert str(found.gradient) == gradient


def example(row: Operator) -> mdderive.Derivation:
    """Return the derivation of a row's example."""
    return worked(*row.example, tuple(row.where))
