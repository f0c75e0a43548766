r"""The statements of a formula: its rows taken apart into chains `a = b = c`, with what is said beside them.

Pieces are those of `pieces`, so the author's macros are expanded and every piece knows where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from ..algebra.expressions import remembered
from ..errors import ParseError
from ..latex.environments import ROWS, TAKING_AN_ARGUMENT
from ..latex.pieces import Piece, Reading, expanded, pieces_of
from ..latex.tree import MacroDefinition
from ..latex.vocabulary import (
    ANNOTATING,
    BREAKS,
    CLOSING,
    DEFINING,
    DROPPED,
    DROPPED_WITH_ARGUMENT,
    JOINING,
    KEPT_ARGUMENT,
    OPENING,
    RELATING,
    SPACES,
    THEREFORE,
    words_of,
)
from ..question.marker import spellings

EQUALS, DEFINES, OTHER = "=", ":=", "other"

THIN_IN_QUAD = 4
"""How many thin spaces in a row are as wide as a `\\quad`, to the eye."""
_THIN = (",", ";", ":", ">", " ", "thinspace", "enspace")
_WORD = re.compile(r"[A-Za-z]+(?:[-_ ]?[A-Za-z0-9]+)?")
_PROSE_WORDS = words_of(
    """
    if and or where for with when since so thus by let because then hence as from using note that is are in on of
    the a an to we get therefore similarly also but otherwise assuming given recall now it such s.t. i.e. e.g. all
    """
)
_RELATIONS: Mapping[str, str] = MappingProxyType(
    {"=": EQUALS} | dict.fromkeys(DEFINING, DEFINES) | dict.fromkeys(RELATING, OTHER)
)
NESTING: Mapping[str, int] = MappingProxyType(dict.fromkeys(OPENING, 1) | dict.fromkeys(CLOSING, -1))
"""By how much a sign changes how deep what follows stands within brackets."""
_SIGNS_OF_RELATIONS = tuple(x if len(x) == 1 else "\\" + x for x in _RELATIONS)
_WORDS = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\u3001\u3002\uff0c\uff1b\uff1a]+")
_WORD_MARK = "\x01"
"""Stands for a character of a Chinese, Japanese or Korean word that an author left unmarked in a formula."""


@dataclass(frozen=True, slots=True)
class Member:
    """One side of an equation: its pieces without blanks at the ends, and the relation that stands before it.

    `spelled` is that relation as the author writes it, `=` or `\\equiv`; `written` the LaTeX of the author, where the
    pieces are another spelling of it.
    """

    relation: str
    pieces: tuple[Piece, ...]
    spelled: str = ""
    written: str = ""

    @property
    def start(self) -> int:
        """Where it begins in the formula."""
        return min(x.start for x in self.pieces)

    @property
    def end(self) -> int:
        """Where it ends in the formula."""
        return max(x.end for x in self.pieces)

    @property
    def latex(self) -> str:
        """Its LaTeX, macros expanded."""
        return latex_of(self.pieces)


@dataclass(slots=True)
class Chain:
    """Members that follow each other, `a = b = c`; `beside` holds the words and conditions that stand with them."""

    members: list[Member] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)


def may_relate(latex: str) -> bool:
    """Return whether a relation could stand in a formula without macros of an author; told from its signs alone."""
    return not latex.isascii() or any(sign in latex for sign in _SIGNS_OF_RELATIONS)


def statements(latex: str, macros: Mapping[str, MacroDefinition]) -> list[Chain]:
    """Return the chains of a formula; an unreadable formula has none."""
    used = not latex.isascii() or any(name in latex for name in macros)
    found = _statements(latex, tuple(sorted(macros.items())) if used else ())
    return [Chain(list(chain.members), list(chain.beside)) for chain in found]  # whoever asks may change them


@remembered(maxsize=2048, beyond=True)
def _statements(latex: str, given: tuple[tuple[str, MacroDefinition], ...]) -> list[Chain]:
    """Return the same, of a formula of a page that is read again whenever it changes elsewhere."""
    macros = dict(given)
    words = _WORDS.sub(lambda match: _WORD_MARK * len(match[0]), latex.replace("$", " "))  # \\text{where $A$ ...}
    reading = Reading(words, spellings(), "formula", macros)
    try:
        pieces = expanded(pieces_of(reading), reading)
    except (ParseError, RecursionError):
        return []
    chains: list[Chain] = []
    for row in _rows(_with_words(pieces, latex) if _WORD_MARK in words else pieces):
        _add_row(chains, row)
    return [chain for chain in chains if chain.members]


def _with_words(pieces: Sequence[Piece], latex: str) -> list[Piece]:
    """Return the pieces with what stood as words in the formula, unmarked, as pieces of kind "text"."""
    found: list[Piece] = []
    for piece in pieces:
        if piece.is_character(_WORD_MARK):
            last = found[-1] if found else piece
            if last.kind == "text" and last.end == piece.start:
                found[-1] = last._replace(text=last.text + latex[piece.start], end=piece.end)
            else:
                found.append(Piece("text", latex[piece.start], piece.start, piece.end))
        else:
            found.append(piece._replace(items=tuple(_with_words(piece.items, latex))) if piece.items else piece)
    return found


def latex_of(pieces: Iterable[Piece]) -> str:
    """Return LaTeX that reads as these pieces."""
    return _latex_of(tuple(pieces))


@remembered(maxsize=8192, beyond=True)
def _latex_of(pieces: tuple[Piece, ...]) -> str:
    found: list[str] = []
    for piece in pieces:
        text = _latex_of_piece(piece)
        if found and "\\" in found[-1] and re.match(r"[A-Za-z]", text) and re.search(r"\\[A-Za-z]+$", found[-1]):
            found.append(" ")
        found.append(text)
    return "".join(found)


def _latex_of_piece(piece: Piece) -> str:
    if piece.kind == "macro":
        return "\\" + piece.text
    if piece.kind == "group":
        return "{" + latex_of(piece.items) + "}"
    if piece.kind == "environment":
        return f"\\begin{{{piece.text}}}{latex_of(piece.items)}\\end{{{piece.text}}}"
    return piece.text


def sign(piece: Piece) -> str:
    r"""Return what a piece is as a sign: `+`, `\cdot`; "" for a group or an environment."""
    return "\\" + piece.text if piece.kind == "macro" else piece.text if piece.kind == "character" else ""


def end_of_term(pieces: Sequence[Piece], start: int, ends: str) -> int:
    """Return where the term ends that goes on at `start`: at a bracket that closes, or at one of the signs `ends`."""
    depth = 0
    for k in range(start, len(pieces)):
        depth += NESTING.get(sign(pieces[k]), 0)
        if depth < 0 or (depth == 0 and k > start and pieces[k].is_character(ends)):
            return k
    return len(pieces)


def trimmed(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return the pieces without blanks and punctuation at the ends."""
    first, last = 0, len(pieces)
    while first < last and pieces[first].kind == "blank":
        first += 1
    while first < last and (pieces[last - 1].kind == "blank" or pieces[last - 1].is_character(".,;:。，；")):
        last -= 1
    return tuple(pieces[first:last])


def encloses(pieces: Sequence[Piece]) -> bool:
    """Return whether the first bracket is closed by the last piece."""
    pairs = {"(": ")", "[": "]", r"\{": r"\}", r"\lbrace": r"\rbrace"}
    closing = pairs.get(sign(pieces[0])) if pieces else None
    if closing is None or sign(pieces[-1]) != closing:
        return False
    depth = 0
    for k, piece in enumerate(pieces):
        depth += (sign(piece) == sign(pieces[0])) - (sign(piece) == closing)
        if depth == 0:
            return k == len(pieces) - 1
    return False


def plain_text(pieces: Iterable[Piece]) -> str:
    """Return the letters of a text macro's argument."""
    return "".join(x.text if x.kind in ("character", "blank", "text") else plain_text(x.items) for x in pieces)


# --- rows --------------------------------------------------------------------------------------------------


def _rows(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield the rows of a formula, those of the environments that only align within it too."""
    row: list[Piece] = []
    skip = 0
    for k, piece in enumerate(pieces):
        if k < skip:
            continue
        if piece.kind == "environment" and piece.text.rstrip("*") in ROWS and _is_layout(piece, pieces):
            inner = list(_rows(_without_arguments(piece)))
            if inner:
                yield [*row, *inner[0]]
                yield from inner[1:-1]
                row = list(inner[-1]) if len(inner) > 1 else []
        elif piece.is_macro(*BREAKS):
            yield row
            row = []
            skip = _behind_option(pieces, k + 1)
        else:
            row.append(piece)
    yield row


def _is_layout(piece: Piece, beside: Sequence[Piece]) -> bool:
    """Whether an environment lays out rows; an array in parentheses is a matrix."""
    if piece.text != "array":
        return True
    return not any(x.is_macro("left", "right") or x.is_character("([|") for x in beside)


def _without_arguments(environment: Piece) -> Sequence[Piece]:
    """Return the inside of an environment without `{2}`, `{rcl}` or `[t]` behind its beginning."""
    items = environment.items
    start = _behind_option(items, 0)
    takes = environment.text.rstrip("*") in TAKING_AN_ARGUMENT
    while start < len(items) and items[start].kind == "blank":
        start += 1
    return items[start + 1 :] if takes and start < len(items) and items[start].kind == "group" else items[start:]


def _behind_option(pieces: Sequence[Piece], k: int) -> int:
    """Return where what stands at `k` goes on behind a star and an option `[2pt]` that touches it."""
    if k < len(pieces) and pieces[k].is_character("*"):
        k += 1
    if k < len(pieces) and pieces[k].is_character("["):
        close = next((j for j in range(k, min(k + 12, len(pieces))) if pieces[j].is_character("]")), None)
        inside = latex_of(pieces[k + 1 : close]) if close else ""
        if close and re.fullmatch(r"[tbc]|-?[\d.]+\s*\\?[a-z]+", inside):
            return close + 1
    return k


# --- a row -------------------------------------------------------------------------------------------------


def _cleaned(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces without what only lays out, colours or numbers; annotations become pieces of kind "text"."""
    found: list[Piece] = []
    k = 0
    while k < len(pieces):
        piece = pieces[k]
        k += 1
        if piece.kind != "macro":
            found.append(piece)
        elif piece.text in DROPPED:
            continue
        elif piece.text.isspace():
            found.append(Piece("blank", " ", piece.start, piece.end))
        elif piece.text == "vcentcolon":
            found.append(Piece("character", ":", piece.start, piece.end))
        elif piece.text in DROPPED_WITH_ARGUMENT:
            arguments, k = _arguments(pieces, k, 1)
            if piece.text == "hspace" and arguments and _is_wide(plain_text(arguments[0])):
                found.append(Piece("macro", "quad", piece.start, piece.end))
            if piece.text in ("tag", "intertext", "shortintertext") and arguments:
                found.append(Piece("note", plain_text(arguments[0]), piece.start, piece.start))
        elif piece.text in KEPT_ARGUMENT:
            arguments, k = _arguments(pieces, k, KEPT_ARGUMENT[piece.text])
            found += _kept(piece, arguments)
            if piece.text in ("underbrace", "overbrace"):
                k = _behind_scripts(pieces, k)
        elif piece.text in ANNOTATING and (said := _annotation(pieces, k)) is not None:
            found.append(Piece("text", said[0], piece.start, piece.end))
            k = said[1]
        else:
            found.append(piece)
    return found


def _is_wide(length: str) -> bool:
    """Whether a length is at least about that of a quad."""
    number = re.match(r"\s*(?P<number>\d*\.?\d+)\s*(?P<unit>[a-z]+)", length)
    least = {"em": 1.0, "ex": 2.0, "cm": 0.3, "mm": 3.0, "in": 0.15, "pt": 9.0, "px": 12.0}
    return number is not None and float(number["number"]) >= least.get(number["unit"], 1e9)


def _with_traces(pieces: Sequence[Piece]) -> list[Piece]:
    r"""Return the pieces with the letters of `tr AB` as one operator, where a matrix follows them."""
    found: list[Piece] = []
    for k, piece in enumerate(pieces):
        if piece.is_character("r") and found and found[-1].is_character("t") and _begins_with_matrix(pieces[k + 1 :]):
            before = found[-2] if len(found) > 1 else None
            if before is None or not (before.kind == "character" and before.text.isalpha()):
                found[-1] = Piece("macro", "operatorname{tr}", found[-1].start, piece.end)
                continue
        found.append(piece._replace(items=tuple(_with_traces(piece.items))) if piece.items else piece)
    return found


def _begins_with_matrix(pieces: Sequence[Piece]) -> bool:
    first = next((x for x in pieces if x.kind != "blank"), None)
    return first is not None and (first.text[:1].isupper() or first.is_macro("mathbf", "boldsymbol", "bm", "Sigma"))


def _arguments(pieces: Sequence[Piece], k: int, count: int) -> tuple[list[tuple[Piece, ...]], int]:
    """Return `count` arguments that stand at `k`, and where they end; options in brackets are left out."""
    found: list[tuple[Piece, ...]] = []
    while len(found) < count and k < len(pieces):
        piece = pieces[k]
        k += 1
        if piece.is_character("[") and not found:
            while k < len(pieces) and not pieces[k - 1].is_character("]"):
                k += 1
        elif piece.kind != "blank" and not piece.is_character("*"):
            found.append(piece.items if piece.kind == "group" else (piece,))
    return found, k


def _kept(macro: Piece, arguments: Sequence[tuple[Piece, ...]]) -> list[Piece]:
    r"""Return what counts of the arguments: of `\overset{!}{=}` the sign, with the words above it as an annotation."""
    if not arguments:
        return []
    kept = _cleaned(arguments[-1])
    if macro.text in ("overset", "underset", "stackrel") and len(arguments) == 2:
        above = latex_of(arguments[0])
        if len(kept) == 1 and kept[0].is_character("=") and re.search(r"[?!]|def|Delta|triangle|let|set", above):
            return [Piece("macro", "triangleq", macro.start, kept[0].end)]
        words = re.sub(r"\\(?:text|mathrm|mbox)\b|[{}]", " ", above).strip()
        return [*kept, *([Piece("note", words, macro.start, macro.start)] if words else [])]
    return kept


def _behind_scripts(pieces: Sequence[Piece], k: int) -> int:
    """Return where the script behind a brace ends."""
    while k + 1 < len(pieces) and pieces[k].is_character("_^"):
        k += 2
    return k


def _annotation(pieces: Sequence[Piece], k: int) -> tuple[str, int] | None:
    r"""Return the words of `\text{...}` and where it ends; None if it is a name, as `tr` or `softmax` is."""
    arguments, end = _arguments(pieces, k, 1)
    words = plain_text(arguments[0]) if arguments else ""
    before = next((x for x in reversed(pieces[: k - 1]) if x.kind != "blank"), None)
    if before is not None and before.is_character("_^"):
        return None
    bare = words.strip()
    if _WORD.fullmatch(bare) and bare.lower().split()[0] not in _PROSE_WORDS and " " not in bare:
        return None
    return (words, end) if bare else None


def _relation(piece: Piece, before: Piece | None) -> str:
    """Return what kind of relation a piece is, "" if none."""
    if piece.is_character("=") and before is not None and before.is_character(":"):
        return DEFINES
    return _RELATIONS.get(piece.text, "") if piece.kind in ("character", "macro") else ""


def _add_row(chains: list[Chain], row: Sequence[Piece]) -> None:
    """Add the statements of a row to those before it, the last of which it may continue."""
    aligned = next((x.is_character("&") for x in row if x.kind != "blank"), False)
    pieces = _with_traces([x for x in _cleaned(list(_with_wide_spaces(row))) if not x.is_character("&")])
    first = True
    for fragment, therefore in _fragments(pieces):
        members, notes = _members(fragment)
        if not members:
            if chains and notes:
                chains[-1].beside += notes
            continue
        if first and not therefore and chains and _continues(members, aligned, chains[-1]):
            _continue(chains[-1], members)
        elif len(members) == 1 and members[0].relation == "":
            if chains:
                chains[-1].beside.append(members[0].latex)
            else:
                chains.append(Chain([members[0]]))
        else:
            chains.append(Chain(members))
        chains[-1].beside += notes
        first = False


def _fragments(pieces: Sequence[Piece]) -> Iterator[tuple[list[Piece], bool]]:
    r"""Yield what stands between commas, wide spaces, words and `\Rightarrow`, and whether such an arrow precedes."""
    fragment: list[Piece] = []
    depth, therefore = 0, False
    for piece in pieces:
        depth += NESTING.get(sign(piece), 0)
        arrow = piece.kind == "macro" and piece.text in THEREFORE
        parts = piece.is_character(",;，；") or (piece.kind == "macro" and piece.text in SPACES) or piece.kind == "text"
        if depth <= 0 and (arrow or parts):
            yield fragment, therefore
            fragment, therefore = [], arrow or (therefore and not trimmed(fragment))
            if piece.kind == "text":
                yield [piece], False
        else:
            fragment.append(piece)
    yield fragment, therefore


def _with_wide_spaces(pieces: Sequence[Piece]) -> Iterator[Piece]:
    r"""Yield the pieces with a `\quad` for a run of thin spaces that is as wide as one."""
    if not any(piece.is_macro(*_THIN) for piece in pieces):
        yield from pieces
        return
    run: list[Piece] = []
    for piece in (*pieces, None):
        if piece is not None and (piece.is_macro(*_THIN) or (run and piece.kind == "blank")):
            run.append(piece)
            continue
        wide = sum(x.kind == "macro" for x in run) >= THIN_IN_QUAD
        yield from [Piece("macro", "quad", run[0].start, run[-1].end)] if wide else run
        run = []
        if piece is not None:
            yield piece


def _members(fragment: Sequence[Piece]) -> tuple[list[Member], list[str]]:
    """Return the members of a fragment, and its annotations."""
    notes = [x.text for x in fragment if x.kind in ("text", "note")]
    pieces = [x for x in fragment if x.kind not in ("text", "note")]
    found: list[Member] = []
    current: list[Piece] = []
    relation, spelled, depth = "", "", 0
    for piece in pieces:
        depth += NESTING.get(sign(piece), 0)
        kind = _relation(piece, current[-1] if current else None) if depth <= 0 else ""
        if not kind:
            current.append(piece)
            continue
        if kind == DEFINES and current and current[-1].is_character(":"):
            current.pop()
        inside = trimmed(current)
        if inside or found or relation:
            found.append(Member(relation, inside, spelled))
        elif not found:
            found.append(Member("", ()))
        current, relation, spelled = [], kind, sign(piece)
    inside = trimmed(current)
    if inside or relation:
        found.append(Member(relation, inside, spelled))
    return ([x for x in found if x.pieces or x.relation] or []) if any(x.pieces for x in found) else [], notes


def _continues(members: Sequence[Member], aligned: bool, chain: Chain) -> bool:
    """Return whether a row goes on with the chain before it."""
    head = members[0]
    if head.relation or not head.pieces:
        return True
    last = chain.members[-1]
    if not last.pieces or sign(last.pieces[-1]) in JOINING or _depth(last.pieces) > 0:
        return True
    if sign(head.pieces[0]) in JOINING and len(members) == 1:
        return True
    return len(members) == 1 and aligned and len(chain.members) > 1


def _depth(pieces: Iterable[Piece]) -> int:
    return sum(NESTING.get(sign(x), 0) for x in pieces)


def _continue(chain: Chain, members: Sequence[Member]) -> None:
    """Add members to a chain; a first one without a relation goes on with the last one there."""
    head, *rest = members
    if not head.relation and head.pieces:
        last = chain.members[-1]
        chain.members[-1] = Member(last.relation, (*last.pieces, *head.pieces))
    elif head.pieces:
        chain.members.append(head)
    chain.members += [x for x in rest if x.pieces or x.relation]
