"""The macros of LaTeX mathematics that are known, by what they do."""

from __future__ import annotations


def words_of(text: str) -> frozenset[str]:
    """Return the words of `text`."""
    return frozenset(text.split())


ALPHABETS = words_of(
    """
    mathbf mathrm mathsf mathit mathtt mathcal mathscr mathfrak mathbb mathds mathbbm mathnormal
    textbf textit textsf bold symbf symrm symit symbb symcal
    """
)
EMBOLDENED = words_of("boldsymbol bm pmb symbfit")
TEXTS = words_of("text textrm textup textnormal mbox hbox operatorname operatornamewithlimits mathop texttt")
ACCENTS = words_of(
    """
    hat bar tilde vec dot ddot dddot widehat widetilde widecheck overline underline check breve acute grave mathring
    overrightarrow overleftarrow
    """
)
