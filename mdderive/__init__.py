"""Worked, numerically checked matrix-calculus derivations inside Markdown and LaTeX notes."""
from .api import derive
from .errors import DeriveError
