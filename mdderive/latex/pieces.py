r"""LaTeX math as pieces: characters, macros and braces, Unicode spelled out, the author's macros expanded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

from ..errors import ParseError, Span
from .tree import MacroDefinition, Spellings, Syntax
from .vocabulary import COMBINING, MATH_FONTS, SAME_AS, SPELLED_OUT

MAX_NESTING = 100
"""How deeply braces, parentheses and functions may stand within each other."""
MAX_EXPANSIONS = 1000
"""How many macros of the author's are expanded in one formula."""
MAX_LENGTH = 100_000
"""How many pieces a formula may have once the author's macros are expanded."""


class Reading:
    """What all passes over one formula share; `opened` are the indices of the sums around it, with their limits."""

    def __init__(
        self,
        latex: str,
        spellings: Spellings,
        part: str,
        macros: Mapping[str, MacroDefinition],
        opened: Mapping[str, tuple[str, str]] = MappingProxyType({}),
    ) -> None:
        self.latex = latex
        self.spellings = spellings
        self.part = part
        self.macros = macros
        self.nesting = 0
        self.opened = dict(opened)

    def fail(self, code: str, message: str, start: int, end: int, hint: str = "") -> NoReturn:
        """Refuse the formula for what stands from `start` to `end`.

        Raises:
            ParseError: always.
        """
        raise ParseError(code, message, Span(self.part, start, max(end, start)), hint)

    def node(self, head: str, arguments: tuple[Syntax, ...], start: int, end: int, **fields: Any) -> Syntax:
        """Return a node of the tree that stands from `start` to `end`."""
        return Syntax(head, arguments, Span(self.part, start, max(start, end)), **fields)

    def nested(self, start: int, end: int) -> AbstractContextManager[None]:
        """Count one more level for as long as the block runs."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            self.fail("E121", f"this is nested more than {MAX_NESTING} levels deep", start, end, "name a part of it")
        return self

    def __enter__(self) -> None:
        """Begin a block that `nested` has counted."""

    def __exit__(self, *raised: object) -> None:
        """End the innermost block."""
        self.nesting -= 1


# --- pylatexenc nodes -> pieces ----------------------------------------------------------------------------


class Piece(NamedTuple):
    """A character, a macro without its arguments, a brace group, a blank or an environment."""

    kind: str
    text: str
    start: int
    end: int
    items: tuple[Piece, ...] = ()

    def is_macro(self, *names: str) -> bool:
        """Whether this is one of these macros."""
        return self.kind == "macro" and self.text in names

    def is_character(self, characters: str) -> bool:
        """Whether this is one of these characters."""
        return self.kind == "character" and self.text in characters


@lru_cache(maxsize=1)
def _context() -> Any:
    """Return a pylatexenc context in which no macro takes arguments: they are read here, fonts and all."""
    from pylatexenc.macrospec import EnvironmentSpec, LatexContextDb, MacroSpec

    context = LatexContextDb()
    context.set_unknown_macro_spec(MacroSpec(""))
    context.set_unknown_environment_spec(EnvironmentSpec(""))
    return context


_PLAIN_MACRO = re.compile(
    r"\\(?:(?P<bound>begin|end)\{(?P<environment>[A-Za-z]+\*?)\}|([A-Za-z]+)(\s*)|([^A-Za-z()\[\]]))", re.DOTALL
)
r"""A bound of an environment, a macro with the blanks behind it, or a macro of one sign."""
_NOT_PLAIN = re.compile(r"[^\x00-\x7f]|[%$]|\n\n|\\(?:(?:begin|end)(?!\{[A-Za-z]+\*?\})|[()\[\]])|\\$")


def pieces_of(reading: Reading) -> list[Piece]:
    """Return the pieces of the formula.

    Raises:
        ParseError: braces do not pair, or pylatexenc cannot read it.
    """
    plain = plain_pieces(reading.latex)
    if plain is not None:
        return plain
    _check_braces(reading)
    found = walked_pieces(reading.latex, reading)
    return _with_unicode_spelled_out(found, reading)


def plain_pieces(latex: str) -> list[Piece] | None:
    """Return the pieces of a formula of characters, macros, braces and environments, as pylatexenc sees them.

    None of any other. Most formulas are plain, and short, and to start pylatexenc takes longer than to read them.
    """
    if _NOT_PLAIN.search(latex):
        return None
    found: list[Piece] = []
    opened: list[tuple[list[Piece], int, str]] = []
    at, end = 0, len(latex)
    while at < end:
        start, character = at, latex[at]
        at += 1
        match = _PLAIN_MACRO.match(latex, start) if character == "\\" else None
        bound, name, macro, blanks, sign = match.groups() if match is not None else ("", "", "", "", "")
        at = match.end() if match is not None else at
        if character == "{" or bound == "begin":
            if len(opened) == MAX_NESTING:
                return None
            opened.append((found, start, name))
            found = []
        elif character == "}" or bound == "end":
            if not opened or opened[-1][2] != name:
                return None
            items, (found, start, _) = found, opened.pop()
            found.append(Piece("environment" if name else "group", name, start, at, tuple(items)))
        elif match is not None:
            found.append(Piece("macro", macro or sign, start, at - len(blanks or "")))
            if blanks:
                found.append(Piece("blank", " ", at - 1, at))
        elif character == "\\":
            return None
        else:
            blank = character == "~" or character.isspace()
            found.append(Piece("blank" if blank else "character", character, start, at))
    return None if opened else found


def walked_pieces(latex: str, reading: Reading) -> list[Piece]:
    """Return the pieces of any formula, read by pylatexenc.

    Raises:
        ParseError: pylatexenc cannot read it.
    """
    from pylatexenc.latexwalker import LatexWalker, LatexWalkerError

    try:
        walker = LatexWalker(latex, latex_context=_context(), tolerant_parsing=False)
        nodes = walker.get_latex_nodes(parsing_state=walker.make_parsing_state(in_math_mode=True))[0]
    except LatexWalkerError as error:
        place = min(getattr(error, "pos", None) or 0, len(latex))
        said = str(getattr(error, "msg", "this LaTeX cannot be read")).splitlines()[0]
        reading.fail("E122", said[0].lower() + said[1:], place, min(place + 1, len(latex)))
    if re.search(r"(?<!\\)(?:\\\\)*\\$", latex):
        reading.fail("E122", "a backslash ends the formula", len(latex) - 1, len(latex))
    return _from_nodes(nodes, reading)


def _check_braces(reading: Reading) -> None:
    """Check that braces pair and how deep they are, before anything recursive sees them."""
    latex, opened = reading.latex, list[int]()
    for match in re.finditer(r"\\begin\b|\\end\b|\\.|%[^\n]*|[{}]", latex, re.DOTALL):
        if match.group() in ("{", r"\begin"):
            opened.append(match.start())
        elif match.group() in ("}", r"\end") and not opened:
            reading.fail("E122", f"this {match.group()} closes nothing", match.start(), match.end())
        elif match.group() in ("}", r"\end"):
            opened.pop()
        if len(opened) > MAX_NESTING:
            hint = "name a part of the formula"
            reading.fail("E121", f"braces are nested more than {MAX_NESTING} deep", match.start(), match.end(), hint)
    if opened:
        what = latex[opened[-1]] if latex[opened[-1]] == "{" else r"\begin"
        reading.fail("E122", f"this {what} is never closed", opened[-1], opened[-1] + len(what))


def _from_nodes(nodes: Sequence[Any], reading: Reading) -> list[Piece]:
    found: list[Piece] = []
    for node in nodes:
        start, end = node.pos, node.pos + node.len
        kind = type(node).__name__
        if kind == "LatexCharsNode":
            for offset, character in enumerate(node.chars, start):
                blank = character.isspace() or character == "~"
                found.append(Piece("blank" if blank else "character", character, offset, offset + 1))
        elif kind == "LatexMacroNode":
            found.append(Piece("macro", node.macroname, start, start + 1 + len(node.macroname)))
            if node.macro_post_space:
                found.append(Piece("blank", " ", end - 1, end))
        elif kind == "LatexGroupNode":
            found.append(Piece("group", "", start, end, tuple(_from_nodes(node.nodelist, reading))))
        elif kind == "LatexEnvironmentNode":
            items = tuple(_from_nodes(node.nodelist, reading))
            found.append(Piece("environment", node.environmentname, start, end, items))
        elif kind != "LatexCommentNode":
            reading.fail("E122", "this is inside math already", start, end, "leave out the inner delimiters")
    return found


def _with_unicode_spelled_out(pieces: Sequence[Piece], reading: Reading) -> list[Piece]:
    found: list[Piece] = []
    for piece in pieces:
        if piece.kind == "group" and found and found[-1].is_macro("text", "textrm", "mbox") and _says(piece):
            found.append(piece)
        elif piece.kind in ("group", "environment"):
            found.append(piece._replace(items=tuple(_with_unicode_spelled_out(piece.items, reading))))
        elif piece.kind != "character" or piece.text.isascii():
            found.append(piece)
        elif piece.text in COMBINING and found:
            base = found.pop()
            found += _accented(base, COMBINING[piece.text], piece.end)
        else:
            _append_spelled(found, piece, reading)
    return found


def _says(group: Piece) -> bool:
    """Whether it holds a word in Chinese or the like, as before the condition of a case."""
    return any(unicodedata.category(x.text) == "Lo" for x in group.items if x.kind == "character")


def _accented(base: Piece, accent: str, end: int) -> list[Piece]:
    return [
        Piece("macro", accent, base.start, end),
        Piece("group", "", base.start, end, (base,)),
    ]


def _append_spelled(found: list[Piece], piece: Piece, reading: Reading) -> None:
    """Append what the character of `piece` stands for in LaTeX; neighbouring raised characters share one script."""
    character, start, end = piece.text, piece.start, piece.end
    how, _, plain = unicodedata.decomposition(character).rpartition(" ")
    inner = chr(int(plain, 16)) if plain else ""
    if how in ("<super>", "<sub>") and character not in SPELLED_OUT:
        content = _spelled(inner, start, end, reading)
        script = "^" if how == "<super>" else "_"
        if len(found) > 1 and found[-1].kind == "group" and found[-2].text == script and found[-2].end == start:
            found[-1] = found[-1]._replace(end=end, items=(*found[-1].items, *content))
            found[-2] = found[-2]._replace(end=end)
        else:
            found += [Piece("character", script, start, end), Piece("group", "", start, end, tuple(content))]
    else:
        found += _spelled(character, start, end, reading)


def _spelled(character: str, start: int, end: int, reading: Reading) -> list[Piece]:
    """Return the LaTeX of one character."""
    if character in SPELLED_OUT:
        return [Piece("macro", SPELLED_OUT[character], start, end)]
    character = SAME_AS.get(character, character)
    if character.isascii():
        return [Piece("character", character, start, end)]
    apart = unicodedata.normalize("NFD", character)
    if len(apart) == 2 and apart[1] in COMBINING:
        return _accented(Piece("character", apart[0], start, end), COMBINING[apart[1]], end)
    plain = unicodedata.normalize("NFKC", character)
    if plain == character or len(plain) > 1:
        reading.fail("E128", f"'{character}' has no meaning in a formula", start, end, "move words out of the formula")
    letters = _spelled(plain, start, end, reading)
    name = unicodedata.name(character, "")
    font = next((f for key, f in MATH_FONTS if f"{key} " in name), "") if name.startswith("MATHEMATICAL") else ""
    if not font:
        return letters
    return [Piece("macro", font, start, end), Piece("group", "", start, end, tuple(letters))]


# --- the author's macros -----------------------------------------------------------------------------------

_USUAL_MACROS: Mapping[str, MacroDefinition] = MappingProxyType(
    {
        r"\norm": MacroDefinition(r"\left\|#1\right\|", 1),
        r"\abs": MacroDefinition(r"\left|#1\right|", 1),
    }
)
"""Macros of widespread packages, for authors who do not define their own."""


def expanded(pieces: Sequence[Piece], reading: Reading) -> list[Piece]:
    """Return `pieces` with every macro of the author's replaced; what comes from a body has the call's span."""
    latex = reading.latex
    if not reading.macros and len(latex) < MAX_LENGTH // 10 and not any(name in latex for name in _USUAL_MACROS):
        return list(pieces)
    return _Expansion(reading).expand(pieces)


class _Expansion:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.expansions = 0
        self.size = 0
        self.end = 0
        self.bodies: dict[str, list[Piece]] = {}

    def expand(self, pieces: Sequence[Piece], depth: int = 0) -> list[Piece]:
        found: list[Piece] = []
        waiting = list(reversed(pieces))
        while waiting:
            piece = waiting.pop()
            self.size += 1
            if depth > MAX_NESTING or self.size > MAX_LENGTH:
                self.reading.fail("E121", "the formula is too large", piece.start, piece.end, "name a part of it")
            definition = self._definition(piece)
            if definition is not None:
                waiting.extend(reversed(self._replacement(piece, definition, waiting)))
            elif piece.kind in ("group", "environment"):
                found.append(piece._replace(items=tuple(self.expand(piece.items, depth + 1))))
            else:
                found.append(piece)
        return found

    def _definition(self, piece: Piece) -> MacroDefinition | None:
        if piece.kind != "macro":
            return None
        name = "\\" + piece.text
        return self.reading.macros.get(name) or _USUAL_MACROS.get(name)

    def _replacement(self, call: Piece, definition: MacroDefinition, waiting: list[Piece]) -> list[Piece]:
        self.expansions += 1
        if self.expansions > MAX_EXPANSIONS:
            hint = "a definition may not use itself, nor double again and again what it is given"
            self.reading.fail("E129", f"\\{call.text} expands to too much", call.start, call.end, hint)
        self.end = call.end
        arguments: list[tuple[Piece, ...]] = []
        body = self._body(definition.body, call)
        if definition.arguments and waiting and waiting[-1].is_character("*"):
            waiting.pop()  # \norm*{x}: the delimiters grow
        if definition.default is not None:
            given = self._optional(waiting)
            arguments.append(tuple(self._body(definition.default, call)) if given is None else given)
        while len(arguments) < definition.arguments:
            arguments.append(self._argument(call, waiting, definition.arguments))
        return self._filled(body, arguments, call._replace(end=max(call.end, self.end)))

    def _body(self, latex: str, call: Piece) -> list[Piece]:
        if latex not in self.bodies:
            inner = Reading(latex, self.reading.spellings, self.reading.part, {})
            try:
                self.bodies[latex] = pieces_of(inner)
            except ParseError as error:
                hint = f"in its definition: {error.message}"
                self.reading.fail("E129", f"\\{call.text} cannot be expanded", call.start, call.end, hint)
        return self.bodies[latex]

    def _argument(self, call: Piece, waiting: list[Piece], count: int) -> tuple[Piece, ...]:
        while waiting and waiting[-1].kind == "blank":
            waiting.pop()
        if not waiting:
            several = f"{count} arguments" if count > 1 else "an argument"
            self.reading.fail("E129", f"\\{call.text} needs {several}", call.start, call.end)
        piece = waiting.pop()
        self.end = piece.end
        return piece.items if piece.kind == "group" else (piece,)

    def _optional(self, waiting: list[Piece]) -> tuple[Piece, ...] | None:
        """Take `[...]` off the pieces that wait, if they begin with it."""
        if not waiting or not waiting[-1].is_character("["):
            return None
        close = next((k for k in range(len(waiting) - 1, -1, -1) if waiting[k].is_character("]")), None)
        if close is None:
            return None
        given = tuple(reversed(waiting[close + 1 : -1]))
        del waiting[close:]
        return given

    def _filled(self, body: Sequence[Piece], arguments: Sequence[tuple[Piece, ...]], call: Piece) -> list[Piece]:
        found: list[Piece] = []
        k = 0
        while k < len(body):
            piece = body[k]
            number = body[k + 1].text if piece.is_character("#") and k + 1 < len(body) else ""
            if number.isdecimal() and 0 < int(number) <= len(arguments):
                found += arguments[int(number) - 1]
                k += 1
            else:
                items = tuple(self._filled(piece.items, arguments, call))
                found.append(piece._replace(start=call.start, end=call.end, items=items))
            k += 1
        return found
