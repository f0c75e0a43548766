"""Environments and commands of LaTeX that say how what is in them is to be read; the standard library alone."""

from __future__ import annotations

from collections.abc import Iterable

MATH = frozenset({
    "math", "displaymath", "equation", "align", "alignat", "aligned", "flalign", "gather", "multline", "eqnarray",
    "dmath", "split",
})  # fmt: skip
"""The environments that set math."""
FORMULAS = MATH | {"alignedat", "gathered", "IEEEeqnarray", "subequations", "empheq"}
"""Those, and the others that hold formulas."""
VERBATIM = frozenset({
    "verbatim", "Verbatim", "BVerbatim", "LVerbatim", "SaveVerbatim", "lstlisting", "minted", "alltt", "comment",
    "filecontents", "semiverbatim", "tcblisting", "pycode", "sagesilent", "sageblock",
})  # fmt: skip
"""The environments whose text is shown, or left out, as it stands."""
DEFINING = r"(?:re)?newcommand|providecommand|g?def|DeclareMathOperator|DeclarePairedDelimiter"
"""The commands that define macros, as a regular expression."""


def pattern(names: Iterable[str]) -> str:
    r"""Return a regular expression for the `\begin` of an environment, its name as the group `name`."""
    return rf"\\begin\{{(?P<name>(?:{'|'.join(sorted(names))})\*?)\}}"
