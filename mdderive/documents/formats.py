"""The forms of document, one record each: nothing else asks what a document is.

Imports next to nothing, since it runs on every start; the syntax of a format is imported when a page needs it.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .followed import Followed
    from .syntax import Holder, PageSyntax


class Format:
    r"""A form of document.

    name      what `--kind` and the Python interface call it; it is a part of the stamps
    suffixes  those of its files, in lower case
    syntax    returns how its pages are read and written: `lambda: SYNTAX`, behind an import
    writer    the markup of its solutions, a key of `render.markup.MARKUPS`; "" where nothing is written into it
    signs     texts of which one shows that a page without a name is of this format, if it begins with the opening
    not_prose a pattern of what is in no language: code, formulas, comments
    speaks    the languages that a sign in a page tells: (language, pattern of the sign)
    has_front_matter  whether a page may begin with it
    is_current  tells more quickly than a scan whether all of a page is up to date, in doubt False; None where a scan
                is quick enough
    follows   returns what finds the macros that a page takes from files beside it: (path, page) -> Followed
    leads     texts of which one stands in every page that names such files itself
    opening   what all its pages begin with, white space aside
    holder    returns how a file holds its page, where it is not the page itself; None where it is
    """

    __slots__ = (
        "follows",
        "has_front_matter",
        "holder",
        "is_current",
        "leads",
        "name",
        "not_prose",
        "opening",
        "signs",
        "speaks",
        "suffixes",
        "syntax",
        "writer",
    )

    def __init__(
        self,
        name: str,
        suffixes: tuple[str, ...],
        syntax: Callable[[], PageSyntax],
        writer: str,
        signs: tuple[str, ...] = (),
        not_prose: str = "(?!)",
        speaks: tuple[tuple[str, str], ...] = (),
        has_front_matter: bool = False,
        is_current: Callable[[str, tuple[str, ...]], bool] | None = None,
        follows: Callable[[], Callable[[Path, str], Followed]] | None = None,
        leads: tuple[str, ...] = (),
        opening: str = "",
        holder: Callable[[], Holder] | None = None,
    ) -> None:
        self.name = name
        self.suffixes = suffixes
        self.syntax = syntax
        self.writer = writer
        self.signs = signs
        self.not_prose = not_prose
        self.speaks = speaks
        self.has_front_matter = has_front_matter
        self.is_current = is_current
        self.follows = follows
        self.leads = leads
        self.opening = opening
        self.holder = holder


def _markdown() -> PageSyntax:
    from .markdown import SYNTAX

    return SYNTAX


def _markdown_is_current(text: str, clauses: tuple[str, ...]) -> bool:
    from .current import is_current_markdown

    return is_current_markdown(text, clauses)


def _latex() -> PageSyntax:
    from .latex import SYNTAX

    return SYNTAX


def _macros_around() -> Callable[[Path, str], Followed]:
    from .followed import macros_around

    return macros_around


def _macros_of_site() -> Callable[[Path, str], Followed]:
    from .followed import macros_of_site

    return macros_of_site


def _notebook() -> PageSyntax:
    from .notebook import SYNTAX

    return SYNTAX


def _in_notebook() -> Holder:
    from .notebook import HOLDER

    return HOLDER


def _html() -> PageSyntax:
    from .html import SYNTAX

    return SYNTAX


def _restructured() -> PageSyntax:
    from .restructured import SYNTAX

    return SYNTAX


_NOT_PROSE = (
    r"(?ms)^(?:[ \t>]|[-+*][ \t])*(?P<fence>`{3,}|~{3,}).*?(?:^[ \t>]*(?P=fence)|\Z)"
    r"|(?<!`)(?P<ticks>`+)(?!`)[^\r\n]*?(?<!`)(?P=ticks)(?!`)"
    r"|\$\$[^$]*\$\$|\$[^$\r\n]*\$|<!--.*?(?:-->|\Z)|<[^<>]*>|https?://\S+"
)
"""What of Markdown is in no language."""

_INCLUDING = ("{{<", "{include}", "8<-", "include-", "<script")
"""What stands in a page of Markdown that takes macros from elsewhere, settings of its site aside."""

FORMATS = {
    x.name: x
    for x in (
        Format(
            "markdown",
            (".md", ".markdown", ".qmd", ".mdx", ".rmd", ".myst"),
            _markdown,
            "markdown",
            not_prose=_NOT_PROSE,
            has_front_matter=True,
            is_current=_markdown_is_current,
            follows=_macros_of_site,
            leads=_INCLUDING,
        ),
        Format(
            "latex",
            (".tex", ".ltx", ".sty"),
            _latex,
            "latex",
            signs=(r"\documentclass", r"\begin{document}"),
            not_prose=r"(?s)(?<!\\)%[^\r\n]*|\$\$[^$]*\$\$|\$[^$]*\$|\\\[.*?\\\]|\\\(.*?\\\)"
            r"|\\begin\{(?P<of>equation|align|gather|multline|eqnarray|displaymath|math)(?P<star>\*?)\}"
            r".*?\\end\{(?P=of)(?P=star)\}"
            r"|\\(?:documentclass|usepackage|begin|end|label|ref|eqref|cite|input|include)\*?(?:\[[^\]]*\])?\{[^{}]*\}"
            r"|\\[A-Za-z]+\*?|\\.",
            speaks=(("zh", r"(?m)^[^%\r\n]*\\(?:documentclass|usepackage)(?:\[[^\]]*\])?\{[^}]*(?:ctex|xeCJK)"),),
            follows=_macros_around,
            leads=(
                "\\input",
                "\\include",
                "\\subfile",
                "\\usepackage",
                "\\documentclass",
                "\\Load",
                "\\Require",
                "root",
            ),
        ),
        Format(
            "notebook",
            (".ipynb",),
            _notebook,
            "markdown",
            signs=('"nbformat":',),
            opening="{",
            not_prose=_NOT_PROSE,
            has_front_matter=True,
            holder=_in_notebook,
            follows=_macros_of_site,
            leads=_INCLUDING,
        ),
        Format(
            "html",
            (".html", ".htm", ".xhtml"),
            _html,
            "",
            signs=("<!DOCTYPE html", "<!doctype html"),
            opening="<!",
            not_prose=r"(?is)<(?P<of>script|style|pre|code)\b.*?(?:</(?P=of)|\Z)|<!--.*?(?:-->|\Z)|<[^<>]*>",
        ),
        Format("rst", (".rst", ".rest"), _restructured, "", not_prose=r"``.+?``|(?::\w+:)?`[^`]*`"),
    )
}
"""The formats by their names; the first is that of a text of which nothing is known."""


OF_OTHERS = {
    **dict.fromkeys(
        (".docx", ".mediawiki", ".odt", ".org", ".textile", ".typ"),
        "pandoc can make Markdown of it, as in: pandoc -t markdown -o notes.md {name}",
    ),
    **dict.fromkeys(
        (".adoc", ".asciidoc"),
        "asciidoctor and pandoc can make Markdown of it: "
        "asciidoctor -b docbook -o - {name} | pandoc -f docbook -t markdown -o notes.md",
    ),
    ".lyx": "LyX can make LaTeX of it: lyx --export latex {name}",
    ".rnw": "knitr makes LaTeX of it; --kind latex reads it as it stands",
}
"""The suffixes of documents that hold notes, of forms that are not read, and what is the way out for each."""


def is_of_others(name: str) -> bool:
    """Return whether a file is a document of a form that is not read."""
    return os.path.splitext(name)[1].lower() in OF_OTHERS


def way_out_of(name: str) -> str:
    """Return how a file whose suffix no format claims can be read; `name` is its own."""
    other = OF_OTHERS.get(os.path.splitext(name)[1].lower())
    if other:  # to take it for Markdown would spoil it
        return other.replace("{name}", name)
    return " or ".join(f"--kind {x.name}" for x in FORMATS.values() if x.writer and not x.holder) + " says what it is"


def format_named(kind: str) -> Format:
    """Return the format of a name.

    Raises:
        DeriveError: there is none (E514).
    """
    if kind in FORMATS:
        return FORMATS[kind]
    from ..errors import DeriveError

    raise DeriveError("E514", f"there is no format '{kind}'", hint=f"use one of: {', '.join(FORMATS)}")


def format_of_name(name: str) -> Format | None:
    """Return the format that claims the suffix of a file; None if none does."""
    suffix = os.path.splitext(name)[1].lower()
    for x in FORMATS.values():
        if suffix in x.suffixes:
            return x
    return None


def format_of_text(text: str) -> Format:
    """Return the format of a page without a name: the one whose signs stand in it, or else the first."""
    known = list(FORMATS.values())
    begun = [x for x in known if text.lstrip("\ufeff \t\r\n").startswith(x.opening)]
    return next((x for x in begun if any(sign in text for sign in x.signs)), known[0])
