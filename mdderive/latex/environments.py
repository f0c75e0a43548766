"""Environments and commands of LaTeX that say how what is in them is to be read; the standard library alone."""

from __future__ import annotations

from collections.abc import Iterable

from .patterns import lazily

MATH = frozenset({
    "math", "displaymath", "equation", "align", "alignat", "aligned", "flalign", "gather", "multline", "eqnarray",
    "dmath", "split",
})  # fmt: skip
"""The environments that set math."""
FORMULAS = MATH | {"alignedat", "gathered", "IEEEeqnarray", "subequations", "empheq"}
"""Those, and the others that hold formulas."""
SETTING_MATH = MATH | {"alignedat", "gathered", "IEEEeqnarray", "empheq", "CD", "tikzcd"}
"""Those in which a formula stands without signs of its own."""
ROWS = FORMULAS | {"array"}
"""Those whose rows are statements of their own."""
TAKING_AN_ARGUMENT = frozenset({"array", "alignat", "alignedat", "xalignat", "IEEEeqnarray", "empheq"})
"""Those behind whose beginning an argument stands, as in `\\begin{alignat}{2}`."""
ALIGNING = frozenset({
    "aligned", "align", "align*", "alignedat", "split", "gathered", "gather", "gather*", "equation", "equation*",
    "multline", "multline*", "math", "displaymath",
})  # fmt: skip
"""Those that may stand in the formula of a marker."""
VERBATIM = frozenset({
    "verbatim", "Verbatim", "BVerbatim", "LVerbatim", "SaveVerbatim", "lstlisting", "minted", "alltt", "comment",
    "filecontents", "semiverbatim", "tcblisting", "pycode", "sagesilent", "sageblock",
})  # fmt: skip
"""The environments whose text is shown, or left out, as it stands."""
DRAWINGS = frozenset({"tikzpicture"})
"""Those in which signs of math are no formulas of the text."""
PICTURES = DRAWINGS | {"axis", "circuitikz", "forest", "picture", "pgfpicture", "pspicture", "scope"}
"""Those in which no paragraph can stand."""
VERB = r"verb\*?|lstinline(?:\[[^\]\r\n]*\])?|mintinline(?:\[[^\]\r\n]*\])?\{[^}\r\n]*\}"
"""The commands that show what stands between two like signs behind them, as a regular expression."""
DEFINING = r"(?:re)?newcommand|providecommand|g?def|DeclareMathOperator|DeclarePairedDelimiter"
"""The commands that define macros, as a regular expression."""

ITEMS = r"item|question|(?:sub)*part|choice"
"""The commands that begin an item of a list."""
STRUCTURE = (
    "begin|end|chapter|(?:sub)*section|(?:sub)?paragraph|label|maketitle|tableofcontents|documentclass|usepackage"
    "|noindent|indent|par|centering|(?:small|med|big)skip|(?:new|clear)page|pagebreak|vspace|frametitle|pause|appendix"
    f"|qedhere|{ITEMS}"
)
"""The commands that part paragraphs, or say how they are set, as a regular expression."""

STRUCTURING = lazily(
    rf"\\(?:(?:{STRUCTURE}|{DEFINING}|input|include|subfile|import|endinput|stop|bye|csname|endcsname|expandafter|catcode"
    r"|write|openout|let|[ex]def|(?:end)?group|if[A-Za-z]*|else|or|fi|footnote|caption)(?![A-Za-z])|(?:verb|lstinline)\b)"
)
"""A command that has no place within a piece of text, such as a title: it parts, ends or redefines what is around."""


def pattern(names: Iterable[str]) -> str:
    r"""Return a regular expression for the `\begin` of an environment, its name as the group `name`."""
    return rf"\\begin\{{(?P<name>(?:{'|'.join(sorted(names))})\*?)\}}"
