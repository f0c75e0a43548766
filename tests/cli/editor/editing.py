"""Pages for the tests of the editor: a bar stands where the pointer is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from mdderive.cli.editor.actions import Action, actions
from mdderive.cli.editor.analysis import Analysis, Project, analysed
from mdderive.cli.editor.edits import applied
from mdderive.cli.editor.memory import Memory
from mdderive.cli.workers import solve

POINTER = "‸"
PAGE = "# \U0001d4b3\n\n\\derive<x^TAx><x>\n\n\U0001d4b3 中: $\\nabla_x (a^Tx) = 2a$ is said.\n"
"""A page for real editors: letters of two units, a marker, and a claim that is wrong."""


@cache
def memory() -> Memory:
    return Memory(solve)


def pointed(text: str) -> tuple[str, int]:
    """Return a text without the pointer, and where that stood."""
    return text.replace(POINTER, ""), text.index(POINTER)


def read(text: str, kind: str = "markdown", clauses: Sequence[str] = ()) -> Analysis:
    return analysed(text, kind, Project(tuple(clauses)), memory())


def offered(text: str, kind: str = "markdown") -> dict[str, Action]:
    """Return the actions where the pointer stands, by their titles."""
    page, offset = pointed(text)
    return {x.title: x for x in actions(read(page, kind), offset, offset, memory())}


def done(text: str, title: str, kind: str = "markdown") -> str:
    """Return the page after the action whose title begins so."""
    found = offered(text, kind)
    action = next(x for name, x in found.items() if name.startswith(title))
    return applied(pointed(text)[0], action.edits)
