"""What holds on a whole page: its clauses and its language; the standard library alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..errors import DeriveError
from ..latex.patterns import lazily
from ..words import DEFAULT, LANGUAGES, language_file
from .formats import format_named
from .model import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..latex.macros import Macro

SWITCHES = ("off", "on")
"""What a comment says, instead of clauses, to keep the lint from the formulas behind it, and to end that."""
IGNORE = r"ignore(?:[ \t,]+E\d+)*"
"""What a comment says to keep the lint from one formula, or from telling some codes of it, as a regular expression."""

MOST_CLAUSES = 1000
"""How many clauses a page may have, definitions of macros aside: each marker is asked with all that hold there."""
_DEFINERS = ("command", "\\def", "\\gdef", "\\Declare")
"""Of these one stands in every definition of a macro; only then is the reading of macros imported."""
_FRONT_MATTER = r"(?s)---[ \t]*(?:\r\n|\r|\n)(?:(?:.*?(?:\r\n|\r|\n))??)(?:---|\.\.\.)[ \t]*(?=[\r\n]|\Z)"
_CONTAINER = lazily(r"(?:\r\n|\r|\n)[ \t>]*")


_NABLA = r"(?:\\nabla(?![A-Za-z])|∇)\s*(?!\s|\^|\\cdot|\\times)"
_PARTIAL = r"\\(?:partial|pdv)(?![A-Za-z])|∂"


def habit_of(text: str) -> tuple[str, ...]:
    """Return how a page writes gradients, as a clause weaker than all others; nothing if not with the nabla alone."""
    if "nabla" not in text and "∇" not in text:
        return ()
    return ("notation: nabla",) if re.search(_NABLA, text) and not re.search(_PARTIAL, text) else ()


class Clause(NamedTuple):
    """A clause: in force for the markers behind `since`; `start` is where its text begins in the page, -1 if not there.

    A definition of a macro has its one form for a text, so that only what it says matters.
    """

    text: str
    start: int
    since: int
    macro: Macro | None = None


def clause_of(text: str, start: int = -1, since: int = 0, *, of_page: bool = False) -> Clause:
    """Return the clause that `text` is; a macro that it defines mdderive alone is told of, if it is not `of_page`."""
    if not _may_define(text):
        return Clause(text, start, since)
    from ..latex.macros import is_macro, read_macro

    if not is_macro(text):
        return Clause(text, start, since)
    try:
        macro = read_macro(text, "")._replace(of_page=of_page)
    except DeriveError:
        return Clause(text, start, since)  # whoever reads the clauses will say what is wrong
    return Clause(macro.latex, start, since, macro)


def farther_clause(text: str) -> Clause:
    """Return the clause that `text` is, one of those that hold around a page; a macro in its form says whose it is."""
    return clause_of(text, of_page=text.startswith("\\newcommand"))


def clauses_of_macros(text: str, start: int, end: int) -> list[Clause]:
    """Return the definitions of macros in `text[start:end]`; each holds from its end on."""
    if not _may_define(text):
        return []
    from ..latex.macros import find_macros

    return [Clause(macro.latex, begin, stop, macro) for begin, stop, macro in find_macros(text, start, end)]


def _may_define(text: str) -> bool:
    return any(word in text for word in _DEFINERS)


def clauses_for(source: str, clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """Return the clauses that matter for a marker: of the macros, the last definition of those that are used."""
    macros: dict[str, Clause] = {}
    for clause in clauses:
        if clause.macro and not _is_told_again(clause.macro, macros.get(clause.macro.name)):
            macros[clause.macro.name] = clause
    if not macros:
        return tuple(clauses)
    from ..latex.macros import used_in

    texts = [source, *(clause.text for clause in clauses if not clause.macro)]
    used = used_in(texts, {name: clause.text for name, clause in macros.items()})
    return tuple(x for x in clauses if not x.macro or (x.macro.name in used and macros[x.macro.name] is x))


def _is_told_again(macro: Macro, before: Clause | None) -> bool:
    """Whether mdderive is told what the page says too."""
    return before is not None and not macro.of_page and before.macro == macro._replace(of_page=True)


def told_to_us(clause: Clause) -> Clause:
    """Return a clause, as one of those that mdderive alone is told of if it defines a macro."""
    if clause.macro is None:
        return clause
    macro = clause.macro._replace(of_page=False)
    return clause._replace(text=macro.latex, macro=macro)


def clauses_of_comment(text: str, start: int, end: int) -> list[Clause]:
    """Return the clauses in `text[start:end]`, the inside of a comment; they hold from its end on."""
    inside = _CONTAINER.sub(lambda match: " " * len(match.group()), text[start:end])
    if inside.strip() in SWITCHES or re.fullmatch(IGNORE, inside.strip()):
        return []
    from .marker import split_clauses

    found = split_clauses(inside, 0, len(inside))
    return [clause_of(clause, start + offset, end) for clause, offset in found if clause]


def front_matter_end(text: str) -> int:
    """Return where the front matter of a Markdown page ends; 0 if it has none."""
    match = re.match(_FRONT_MATTER, text) if text.startswith("---") else None
    return match.end() if match else 0


def language_of(text: str, kind: Kind) -> str:
    """Return the language that a sign of the page tells, or whose file recognises its prose; else the usual one.

    Prose is what stands outside code, formulas, comments and markers.
    """
    known = format_named(kind)
    told = next((x for x, sign in known.speaks if x in LANGUAGES and re.search(sign, text)), None)
    if told is not None:
        return told
    if text.isascii():  # no language file is imported, nor compiled after a clone
        return DEFAULT
    others = [x for x in LANGUAGES if x != DEFAULT and language_file(x).MARKS.search(text)]
    if not others:
        return DEFAULT
    start = front_matter_end(text) if known.has_front_matter else 0
    prose = re.sub(known.not_prose, " ", _without_markers(text[start:]))
    return next((x for x in others if language_file(x).recognises(prose)), DEFAULT)


def _without_markers(text: str) -> str:
    """Return a text with a blank for every marker; one that cannot be read is one to the end of its line."""
    from .marker import MARKER_START, read_marker

    parts: list[str] = []
    end = 0
    for match in MARKER_START.finditer(text):
        if match.start() < end:
            continue
        parts.append(text[end : match.start()])
        try:
            end = match.start() + len(read_marker(text, match.start()).source)
        except DeriveError:
            line = re.compile(r"[^\r\n]*").match(text, match.end())
            end = line.end() if line else match.end()
    return " ".join([*parts, text[end:]])
