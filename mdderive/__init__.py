"""Worked, numerically checked matrix-calculus derivations inside Markdown and LaTeX notes.

Everything public is here; it is imported when it is first used, so that a look at the version costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # for type checkers it is true; the module typing takes longer to import than all of a quick run
if TYPE_CHECKING:
    from typing import Any

    from .algebra.expressions import Expr
    from .api import Derivation, clear_caches, derive, expand, strip
    from .checking.check import Check
    from .documents.model import Expanded, Problem
    from .errors import DeriveError, ParseError, ShapeError, UnsupportedError, VerificationError
    from .linting.claim import Claim
    from .linting.finding import claims
    from .linting.report import lint
    from .solution.derivation import Step

__version__ = "0.1.0"

_HOMES = {
    "api": ("Derivation", "clear_caches", "derive", "expand", "strip"),
    "linting.claim": ("Claim",),
    "linting.finding": ("claims",),
    "linting.report": ("lint",),
    "solution.derivation": ("Step",),
    "site.doors.jupyter": ("load_ipython_extension",),
    "documents.model": ("Expanded", "Problem"),
    "errors": ("DeriveError", "ParseError", "ShapeError", "UnsupportedError", "VerificationError"),
    "algebra.expressions": ("Expr",),
    "checking.check": ("Check",),
}

__all__ = [
    "Check",
    "Claim",
    "Derivation",
    "DeriveError",
    "Expanded",
    "Expr",
    "ParseError",
    "Problem",
    "ShapeError",
    "Step",
    "UnsupportedError",
    "VerificationError",
    "__version__",
    "claims",
    "clear_caches",
    "derive",
    "expand",
    "lint",
    "strip",
]


def __getattr__(name: str) -> Any:
    home = next((home for home, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{home}", __name__), name)
