r"""Reading LaTeX math into the tree of `syntax`.

Five passes, each a pure function of the one before:

1. pylatexenc nodes -> pieces: characters, macros and braces, Unicode spelled out in LaTeX;
2. the author's macros are expanded;
3. pieces -> tokens: letters with their fonts and accents, numbers, function names, signs, scripts, fractions;
4. delimiters and bars are paired;
5. tokens -> tree, by precedence.

Passes 3 and 4 alternate, because what stands within braces is a sequence of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NoReturn

from .errors import ParseError, Span
from .syntax import MacroDefinition, Spellings, Syntax

MAX_NESTING = 40
"""How deeply braces, parentheses and functions may stand within each other."""
MAX_DEPTH = 200
"""How deep the tree may be; a chain of 200 signs \\odot is a tree of that depth."""
MAX_DIGITS = 100
"""How many digits a number may have."""
MAX_EXPANSIONS = 1000
"""How many macros of the author's are expanded in one formula."""
MAX_LENGTH = 100_000
"""How many pieces a formula may have once the author's macros are expanded."""

_NO_MACROS: Mapping[str, MacroDefinition] = MappingProxyType({})


def parse(
    latex: str, spellings: Spellings, part: str = "f", macros: Mapping[str, MacroDefinition] = _NO_MACROS
) -> Syntax:
    r"""Return the tree of `latex`; its spans are places in `part`, which is `latex` itself.

    `macros` holds the author's definitions by name, backslash included (`r"\bX"`).

    Raises:
        ParseError: the formula cannot be read; the span is the culprit.
    """
    reading = _Reading(latex, spellings, part, macros)
    pieces = _expanded(_pieces(reading), reading)
    tokens = _without_final_punctuation(_Tokenizer(reading).sequence(pieces, _PLAIN))
    while len(tokens) == 1 and tokens[0].kind == "group":
        tokens = tokens[0].parts[0]
    if not tokens:
        reading.fail("E120", "there is no formula here", 0, len(latex))
    tree = _Parser(tokens, reading, 0, len(latex)).equation()
    _check_depth(tree)
    return tree


@dataclass(slots=True)
class _Reading:
    """What all passes over one formula share."""

    latex: str
    spellings: Spellings
    part: str
    macros: Mapping[str, MacroDefinition]
    nesting: int = 0

    def fail(self, code: str, message: str, start: int, end: int, hint: str = "") -> NoReturn:
        raise ParseError(code, message, Span(self.part, start, max(end, start)), hint)

    @contextmanager
    def nested(self, start: int, end: int) -> Iterator[None]:
        """Count one more level for as long as the block runs."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            self.fail("E121", f"this is nested more than {MAX_NESTING} levels deep", start, end, "name a part of it")
        try:
            yield
        finally:
            self.nesting -= 1


def _check_depth(tree: Syntax) -> None:
    level = [tree]
    for _ in range(MAX_DEPTH):
        level = [x for node in level for x in node.arguments]
        if not level:
            return
    raise ParseError("E121", f"this has more than {MAX_DEPTH} levels", level[0].span, "name a part of it")


# --- 1: pylatexenc nodes -> pieces -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """A character, a macro without its arguments, a brace group, a blank or an environment."""

    kind: str
    text: str
    start: int
    end: int
    items: tuple[_Piece, ...] = ()

    def is_macro(self, *names: str) -> bool:
        return self.kind == "macro" and self.text in names

    def is_character(self, characters: str) -> bool:
        return self.kind == "character" and self.text in characters


@lru_cache(maxsize=1)
def _context() -> Any:
    """Return a pylatexenc context in which no macro takes arguments: they are read here, fonts and all."""
    from pylatexenc.macrospec import EnvironmentSpec, LatexContextDb, MacroSpec

    context = LatexContextDb()
    context.set_unknown_macro_spec(MacroSpec(""))
    context.set_unknown_environment_spec(EnvironmentSpec(""))
    return context


def _pieces(reading: _Reading) -> list[_Piece]:
    _check_braces(reading)
    found = _from_latex(reading.latex, reading)
    return _with_unicode_spelled_out(found, reading)


def _from_latex(latex: str, reading: _Reading) -> list[_Piece]:
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


def _check_braces(reading: _Reading) -> None:
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


def _from_nodes(nodes: Sequence[Any], reading: _Reading) -> list[_Piece]:
    found: list[_Piece] = []
    for node in nodes:
        start, end = node.pos, node.pos + node.len
        kind = type(node).__name__
        if kind == "LatexCharsNode":
            for offset, character in enumerate(node.chars, start):
                blank = character.isspace() or character == "~"
                found.append(_Piece("blank" if blank else "character", character, offset, offset + 1))
        elif kind == "LatexMacroNode":
            found.append(_Piece("macro", node.macroname, start, start + 1 + len(node.macroname)))
            if node.macro_post_space:
                found.append(_Piece("blank", " ", end - 1, end))
        elif kind == "LatexGroupNode":
            found.append(_Piece("group", "", start, end, tuple(_from_nodes(node.nodelist, reading))))
        elif kind == "LatexEnvironmentNode":
            items = tuple(_from_nodes(node.nodelist, reading))
            found.append(_Piece("environment", node.environmentname, start, end, items))
        elif kind != "LatexCommentNode":
            reading.fail("E122", "this is inside math already", start, end, "leave out the inner delimiters")
    return found


def _table(characters: Sequence[str], names: str) -> dict[str, str]:
    return dict(zip(characters, names.split(), strict=True))


_SPELLED_OUT: Mapping[str, str] = MappingProxyType(
    _table("αβγδεζηθικλμ", "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu")
    | _table("νξπρςστυφχψω", "nu xi pi rho varsigma sigma tau upsilon varphi chi psi omega")
    | _table("ΓΔΘΛΞΠΣΥΦΨΩ", "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega")
    | _table("ϵϕϑϱϖµℓ∂∇∞", "epsilon phi vartheta varrho varpi mu ell partial nabla infty")
    | _table("·⋅×⊙∘⊗⊘∗⋆†‡", "cdot cdot times odot circ otimes oslash ast star dagger ddagger")
    | _table("⊤⊺⟨⟩〈〉‖∥", "top intercal langle rangle langle rangle | |")
    | _table("≤≥≠≈∈≜≔±…⋯", "le ge ne approx in triangleq coloneqq pm dots cdots")
    | _table("∑∏∫√", "sum prod int sqrt")
)
_SAME_AS: Mapping[str, str] = MappingProxyType(
    dict(zip("−－–﹣∣｜′’＇，、。；：∶∕⁄【】", "----||''',,.;:://[]", strict=True))
)
_COMBINING: Mapping[str, str] = MappingProxyType(
    _table("\u0302\u0304\u0305\u0303\u0307\u20d7", "hat bar bar tilde dot vec")
)
_MATH_FONTS = (
    ("BOLD ITALIC", "boldsymbol"),
    ("BOLD SCRIPT", "boldsymbol"),
    ("BOLD", "mathbf"),
    ("SCRIPT", "mathcal"),
    ("FRAKTUR", "mathfrak"),
    ("DOUBLE-STRUCK", "mathbb"),
    ("SANS-SERIF", "mathsf"),
    ("MONOSPACE", "mathtt"),
)


def _with_unicode_spelled_out(pieces: Sequence[_Piece], reading: _Reading) -> list[_Piece]:
    found: list[_Piece] = []
    for piece in pieces:
        if piece.kind in ("group", "environment"):
            found.append(replace(piece, items=tuple(_with_unicode_spelled_out(piece.items, reading))))
        elif piece.kind != "character" or piece.text.isascii():
            found.append(piece)
        elif piece.text in _COMBINING and found:
            base = found.pop()
            found += _accented(base, _COMBINING[piece.text], piece.end)
        else:
            _append_spelled(found, piece, reading)
    return found


def _accented(base: _Piece, accent: str, end: int) -> list[_Piece]:
    return [
        _Piece("macro", accent, base.start, end),
        _Piece("group", "", base.start, end, (base,)),
    ]


def _append_spelled(found: list[_Piece], piece: _Piece, reading: _Reading) -> None:
    """Append what the character of `piece` stands for in LaTeX; neighbouring raised characters share one script."""
    character, start, end = piece.text, piece.start, piece.end
    how, _, plain = unicodedata.decomposition(character).rpartition(" ")
    inner = chr(int(plain, 16)) if plain else ""
    if how in ("<super>", "<sub>") and character not in _SPELLED_OUT:
        content = _spelled(inner, start, end, reading)
        script = "^" if how == "<super>" else "_"
        if len(found) > 1 and found[-1].kind == "group" and found[-2].text == script and found[-2].end == start:
            found[-1] = replace(found[-1], end=end, items=(*found[-1].items, *content))
            found[-2] = replace(found[-2], end=end)
        else:
            found += [_Piece("character", script, start, end), _Piece("group", "", start, end, tuple(content))]
    else:
        found += _spelled(character, start, end, reading)


def _spelled(character: str, start: int, end: int, reading: _Reading) -> list[_Piece]:
    """Return the LaTeX of one character."""
    if character in _SPELLED_OUT:
        return [_Piece("macro", _SPELLED_OUT[character], start, end)]
    character = _SAME_AS.get(character, character)
    if character.isascii():
        return [_Piece("character", character, start, end)]
    apart = unicodedata.normalize("NFD", character)
    if len(apart) == 2 and apart[1] in _COMBINING:
        return _accented(_Piece("character", apart[0], start, end), _COMBINING[apart[1]], end)
    plain = unicodedata.normalize("NFKC", character)
    if plain == character or len(plain) > 1:
        reading.fail("E128", f"'{character}' has no meaning in a formula", start, end, "move words out of the formula")
    letters = _spelled(plain, start, end, reading)
    name = unicodedata.name(character, "")
    font = next((f for key, f in _MATH_FONTS if f"{key} " in name), "") if name.startswith("MATHEMATICAL") else ""
    if not font:
        return letters
    return [_Piece("macro", font, start, end), _Piece("group", "", start, end, tuple(letters))]


# --- 2: the author's macros --------------------------------------------------------------------------------

_USUAL_MACROS: Mapping[str, MacroDefinition] = MappingProxyType(
    {
        r"\norm": MacroDefinition(r"\left\|#1\right\|", 1),
        r"\abs": MacroDefinition(r"\left|#1\right|", 1),
    }
)
"""Macros of widespread packages, for authors who do not define their own."""


def _expanded(pieces: Sequence[_Piece], reading: _Reading) -> list[_Piece]:
    """Return `pieces` with every macro of the author's replaced; what comes from a body has the call's span."""
    return _Expansion(reading).expand(pieces)


class _Expansion:
    def __init__(self, reading: _Reading) -> None:
        self.reading = reading
        self.expansions = 0
        self.size = 0
        self.end = 0
        self.bodies: dict[str, list[_Piece]] = {}

    def expand(self, pieces: Sequence[_Piece], depth: int = 0) -> list[_Piece]:
        found: list[_Piece] = []
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
                found.append(replace(piece, items=tuple(self.expand(piece.items, depth + 1))))
            else:
                found.append(piece)
        return found

    def _definition(self, piece: _Piece) -> MacroDefinition | None:
        if piece.kind != "macro":
            return None
        name = "\\" + piece.text
        return self.reading.macros.get(name) or _USUAL_MACROS.get(name)

    def _replacement(self, call: _Piece, definition: MacroDefinition, waiting: list[_Piece]) -> list[_Piece]:
        self.expansions += 1
        if self.expansions > MAX_EXPANSIONS:
            hint = "a definition may not use itself"
            self.reading.fail("E129", f"\\{call.text} never stops expanding", call.start, call.end, hint)
        self.end = call.end
        arguments: list[tuple[_Piece, ...]] = []
        body = self._body(definition.body, call)
        if definition.arguments and waiting and waiting[-1].is_character("*"):
            waiting.pop()  # \norm*{x}: the delimiters grow
        if definition.default is not None:
            given = self._optional(waiting)
            arguments.append(tuple(self._body(definition.default, call)) if given is None else given)
        while len(arguments) < definition.arguments:
            arguments.append(self._argument(call, waiting, definition.arguments))
        return self._filled(body, arguments, replace(call, end=max(call.end, self.end)))

    def _body(self, latex: str, call: _Piece) -> list[_Piece]:
        if latex not in self.bodies:
            inner = _Reading(latex, self.reading.spellings, self.reading.part, {})
            try:
                self.bodies[latex] = _pieces(inner)
            except ParseError as error:
                hint = f"in its definition: {error.message}"
                self.reading.fail("E129", f"\\{call.text} cannot be expanded", call.start, call.end, hint)
        return self.bodies[latex]

    def _argument(self, call: _Piece, waiting: list[_Piece], count: int) -> tuple[_Piece, ...]:
        while waiting and waiting[-1].kind == "blank":
            waiting.pop()
        if not waiting:
            several = f"{count} arguments" if count > 1 else "an argument"
            self.reading.fail("E129", f"\\{call.text} needs {several}", call.start, call.end)
        piece = waiting.pop()
        self.end = piece.end
        return piece.items if piece.kind == "group" else (piece,)

    def _optional(self, waiting: list[_Piece]) -> tuple[_Piece, ...] | None:
        """Take `[...]` off the pieces that wait, if they begin with it."""
        if not waiting or not waiting[-1].is_character("["):
            return None
        close = next((k for k in range(len(waiting) - 1, -1, -1) if waiting[k].is_character("]")), None)
        if close is None:
            return None
        given = tuple(reversed(waiting[close + 1 : -1]))
        del waiting[close:]
        return given

    def _filled(self, body: Sequence[_Piece], arguments: Sequence[tuple[_Piece, ...]], call: _Piece) -> list[_Piece]:
        found: list[_Piece] = []
        k = 0
        while k < len(body):
            piece = body[k]
            number = body[k + 1].text if piece.is_character("#") and k + 1 < len(body) else ""
            if number.isdecimal() and 0 < int(number) <= len(arguments):
                found += arguments[int(number) - 1]
                k += 1
            else:
                items = tuple(self._filled(piece.items, arguments, call))
                found.append(replace(piece, start=call.start, end=call.end, items=items))
            k += 1
        return found


# --- 3: pieces -> tokens -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Token:
    r"""What the grammar sees.

    Kinds: number, symbol, word (a name of several letters), ones, zeros, function, sum, sign, prime,
    open, close, bar (opens or closes), delimited (a pair with what it holds), group (invisible braces), argument
    (invisible braces behind a function), fraction, sqrt, sup, sub. `text` is canonical LaTeX; `letter` is a
    symbol's letter without its font; `parts` are the sequences within.
    """

    kind: str
    text: str
    start: int
    end: int
    parts: tuple[tuple[_Token, ...], ...] = ()
    letter: str = ""

    def is_sign(self, *texts: str) -> bool:
        return self.kind == "sign" and self.text in texts


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LETTERS = _names(
    """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu xi pi varpi
    rho varrho sigma varsigma tau upsilon phi varphi chi psi omega digamma
    Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
    varGamma varDelta varTheta varLambda varXi varPi varSigma varUpsilon varPhi varPsi varOmega
    ell hbar imath jmath infty aleph wp top intercal emptyset varnothing Re Im
    """
)
_ALPHABETS = _names(
    """
    mathbf mathrm mathsf mathit mathtt mathcal mathscr mathfrak mathbb mathds mathbbm mathnormal
    textbf textit textsf bold symbf symrm symit symbb symcal
    """
)
_EMBOLDENED = _names("boldsymbol bm pmb symbfit")
_SWITCHES: Mapping[str, str] = MappingProxyType(
    _table(
        ("bf", "rm", "sf", "it", "tt", "cal", "frak", "bfseries", "boldmath"),
        "mathbf mathrm mathsf mathit mathtt mathcal mathfrak mathbf boldsymbol",
    )
)
_WORD_FONTS = _names("mathrm mathit mathtt symrm symit textit textsf")
_TEXTS = _names("text textrm textup textnormal mbox hbox operatorname operatornamewithlimits mathop texttt")
_ONES_FONTS = _names("mathbf mathbb mathds mathbbm boldsymbol bm pmb textbf bold symbf symbb mathtt")
_ACCENTS = _names(
    """
    hat bar tilde vec dot ddot dddot widehat widetilde widecheck overline underline check breve acute grave mathring
    overrightarrow overleftarrow
    """
)
_TEXT_ACCENTS: Mapping[str, str] = MappingProxyType(
    _table("~^=\".'`vu", "tilde hat bar ddot dot acute grave check breve")
)
_SKIPPED = _names(
    r"""
    , ; : ! > / \ space quad qquad enspace enskip thinspace medspace thickspace negthinspace negmedspace negthickspace
    displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits nonumber notag allowbreak nobreak relax
    mathstrut strut null cr newline hfill protect normalfont
    """
) | {" ", "\n", "\t"}
_SKIPPED_WITH_ARGUMENT = _names("hspace vspace mspace phantom hphantom vphantom label tag color")
_KERNS = _names("mkern kern mskip hskip")
_TRANSPARENT = _names(
    """
    underbrace overbrace boxed fbox ensuremath smash
    mathord mathbin mathrel mathopen mathclose mathinner mathpunct
    """
)
_FRACTIONS = _names("frac tfrac dfrac cfrac sfrac nicefrac")
_BIG = re.compile(r"(?:[bB]igg?)([lrm]?)")
_DELIMITERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {opening: ("open", kind) for kind, opening in zip("([{<", ("(", "[", r"\{", r"\langle"), strict=True)}
    | {closing: ("close", kind) for kind, closing in zip("([{<", (")", "]", r"\}", r"\rangle"), strict=True)}
    | {r"\lparen": ("open", "("), r"\lbrack": ("open", "["), r"\lbrace": ("open", "{")}
    | {r"\rparen": ("close", "("), r"\rbrack": ("close", "["), r"\rbrace": ("close", "{")}
    | {r"\lvert": ("open", "|"), r"\rvert": ("close", "|"), r"\lVert": ("open", "||"), r"\rVert": ("close", "||")}
    | {"|": ("bar", "|"), r"\vert": ("bar", "|"), r"\mid": ("bar", "|"), r"\|": ("bar", "||"), r"\Vert": ("bar", "||")}
)
"""spelling -> (kind of token, kind of pair)"""
_OPENERS = MappingProxyType({"(": "(", "[": "[", "{": r"\{", "<": r"\langle", "|": "|", "||": r"\|"})
_CLOSERS = MappingProxyType({"(": ")", "[": "]", "{": r"\}", "<": r"\rangle", "|": "|", "||": r"\|"})
_SIGNS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("coloneqq", "coloneq", "triangleq", "doteq", "defeq"), ":=")
    | {"ast": "*", "colon": ":", "lt": "<", "gt": ">"}
)
_MARKS = _names("dagger dag ddagger star # bot perp")
_RELATIONS = _names(
    """
    le leq leqslant ge geq geqslant ne neq approx sim simeq equiv cong in notin subset subseteq propto to mapsto
    rightarrow leftarrow leftrightarrow Rightarrow implies iff ll gg succ succeq prec preceq models
    """
)
_UNSUPPORTED: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("prod", "coprod"), "a product over an index is not supported")
    | dict.fromkeys(("int", "iint", "oint"), "an integral is not supported")
    | dict.fromkeys(("dots", "cdots", "ldots", "vdots", "ddots", "dotsb", "dotsc"), "an ellipsis hides what is meant")
    | dict.fromkeys(("pm", "mp"), "two formulas at once are not supported")
    | dict.fromkeys(("lim", "limsup", "liminf", "sup", "inf"), "a limit is not supported")
    | dict.fromkeys(("lfloor", "rfloor", "lceil", "rceil"), "rounding is not supported")
    | dict.fromkeys(("oplus", "ominus", "cap", "cup", "wedge", "vee", "div", "bullet"), "this sign is not supported")
    | dict.fromkeys(("bigoplus", "bigotimes", "bigodot"), "a product over an index is not supported")
    | dict.fromkeys(("binom", "choose", "atop", "genfrac", "not", "middle"), "this notation is not supported")
)
_KNOWN_FUNCTIONS = _names(
    """
    sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth exp log ln lg det max min
    gcd deg dim hom ker arg Pr sgn
    """
)
_PROSE = _names("where if and or for otherwise with when then s.t. such that is are else on the")
_ALIGNING = _names(
    """
    aligned align align* alignedat split gathered gather gather* equation equation* multline multline* math displaymath
    """
)

_Font = tuple[str, str]
"""(the emboldening macro, the alphabet), either may be empty."""
_PLAIN: _Font = ("", "")


def _styled(letter: str, font: _Font) -> str:
    embolden, alphabet = font
    text = f"\\{alphabet}{{{letter}}}" if alphabet else letter
    return f"\\{embolden}{{{text}}}" if embolden else text


def _with_font(font: _Font, name: str) -> _Font:
    return (name, font[1]) if name in _EMBOLDENED else (font[0], name)


@lru_cache(maxsize=8)
def _known_words(functions: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    words = sorted((word for word in functions if word.isalpha()), key=lambda word: (-len(word), word))
    return {word[0]: tuple(w for w in words if w[0] == word[0]) for word in words}


def _words_by_initial(spellings: Spellings) -> Mapping[str, tuple[str, ...]]:
    """Return the names of functions that may be spelled in plain letters, the longest first, by their first letter."""
    return _known_words(tuple(spellings.functions))


class _Tokenizer:
    """Turns pieces into tokens; delimiters come out unpaired."""

    def __init__(self, reading: _Reading) -> None:
        self.reading = reading
        self.words = _words_by_initial(reading.spellings)
        self.symbols = _LETTERS | {name.lstrip("\\") for name in reading.spellings.letters}

    def tokens(self, pieces: Sequence[_Piece], font: _Font = _PLAIN) -> list[_Token]:
        """Return the tokens of `pieces`, which stand in `font`."""
        over = next((k for k, piece in enumerate(pieces) if piece.is_macro("over")), None)
        if over is not None:
            return [self._over(pieces, over, font)]
        return list(_Run(self, pieces, font))

    def sequence(self, pieces: Sequence[_Piece], font: _Font) -> tuple[_Token, ...]:
        """Return the tokens of a sequence of its own, delimiters paired."""
        return _paired(self.tokens(pieces, font), self.reading)

    def _over(self, pieces: Sequence[_Piece], k: int, font: _Font) -> _Token:
        parts = (self.sequence(pieces[:k], font), self.sequence(pieces[k + 1 :], font))
        return _Token("fraction", "", pieces[0].start, pieces[-1].end, parts)


class _Run:
    """One pass over a sequence of pieces in one group; iterating yields its tokens."""

    def __init__(self, tokenizer: _Tokenizer, pieces: Sequence[_Piece], font: _Font) -> None:
        self.tokenizer = tokenizer
        self.reading = tokenizer.reading
        self.pieces = pieces
        self.font = font
        self.at = 0

    def __iter__(self) -> Iterator[_Token]:
        while self.at < len(self.pieces):
            piece = self.pieces[self.at]
            self.at += 1
            if piece.kind == "blank":
                continue
            last = ""
            for token in self._tokens(piece):
                last = token.kind
                yield token
            if last == "function":
                yield from self._braced_argument()

    def _tokens(self, piece: _Piece) -> Iterator[_Token]:
        if piece.kind == "character":
            return self._character(piece)
        if piece.kind == "macro":
            return self._macro(piece)
        if piece.kind == "group":
            return self._group(piece, piece.items)
        return self._environment(piece)

    # reading ahead

    def _peek(self) -> _Piece | None:
        """Return the next piece that is not blank."""
        k = self.at
        while k < len(self.pieces) and self.pieces[k].kind == "blank":
            k += 1
        return self.pieces[k] if k < len(self.pieces) else None

    def _next(self) -> _Piece | None:
        piece = self._peek()
        while piece is not None and self.pieces[self.at] is not piece:
            self.at += 1
        self.at += piece is not None
        return piece

    def _argument(self, owner: _Piece) -> tuple[_Piece, ...]:
        """Take the argument of the macro or script `owner`: a brace group, or a single piece with its own arguments."""
        piece = self._next()
        if piece is None or piece.is_character("^_&"):
            name = owner.text if owner.kind == "character" else "\\" + owner.text
            self.reading.fail("E126", f"{name} has no argument", owner.start, owner.end, "write it within braces")
        if piece.kind == "group":
            return piece.items
        taken = [piece]
        for _ in range(_macro_arguments(piece)):
            with self.reading.nested(piece.start, piece.end):
                inner = self._argument(piece)
            taken.append(_Piece("group", "", piece.start, self.pieces[self.at - 1].end, inner))
        return tuple(taken)

    def _bracketed(self) -> tuple[_Piece, ...] | None:
        """Take an optional argument `[...]`."""
        piece = self._peek()
        if piece is None or not piece.is_character("["):
            return None
        self._next()
        start = self.at
        while self.at < len(self.pieces) and not self.pieces[self.at].is_character("]"):
            self.at += 1
        if self.at == len(self.pieces):
            self.reading.fail("E123", "this [ is never closed", piece.start, piece.end)
        self.at += 1
        return tuple(self.pieces[start : self.at - 1])

    # characters

    def _character(self, piece: _Piece) -> Iterator[_Token]:
        text = piece.text
        if text.isalpha():
            yield from self._letters(piece)
        elif text.isdecimal() or (text == "." and self._digit_follows()):
            yield self._number(piece)
        elif text in "^_":
            content = self._argument(piece)
            end = self.pieces[self.at - 1].end
            parts = (self.tokenizer.sequence(content, _PLAIN),)
            if parts[0]:
                yield _Token("sup" if text == "^" else "sub", text, piece.start, end, parts)
        elif text == "'":
            yield _Token("prime", "'", piece.start, piece.end)
        elif text in _DELIMITERS:
            kind, what = _DELIMITERS[text]
            yield _Token(kind, what, piece.start, piece.end)
        elif text == ":" and self._defines():
            end = self.pieces[self.at - 1].end
            yield _Token("sign", ":=", piece.start, end)
        elif text in "+-=*/,;:<>.!":
            yield _Token("sign", text, piece.start, piece.end)
        elif text != "&":
            self.reading.fail("E128", f"'{text}' has no meaning in a formula", piece.start, piece.end)

    def _digit_follows(self) -> bool:
        return self.at < len(self.pieces) and self.pieces[self.at].is_character("0123456789")

    def _defines(self) -> bool:
        """Whether `=` follows at once; it is then taken."""
        follows = self._peek()
        if follows is None or not follows.is_character("="):
            return False
        self._next()
        return True

    def _number(self, piece: _Piece) -> _Token:
        text = piece.text
        while self.at < len(self.pieces):
            following = self.pieces[self.at]
            point = following.is_character(".") and "." not in text
            if point:
                after = self.pieces[self.at + 1] if self.at + 1 < len(self.pieces) else None
                point = after is not None and after.is_character("0123456789")
            if not point and not following.is_character("0123456789"):
                break
            text += following.text
            self.at += 1
        end = self.pieces[self.at - 1].end
        return self._numeral(text, piece.start, end)

    def _numeral(self, text: str, start: int, end: int) -> _Token:
        """Return a number, or the vector of ones or zeros where its font says so."""
        if text in ("0", "1") and set(self.font) & _ONES_FONTS:
            return _Token("ones" if text == "1" else "zeros", _styled(text, self.font), start, end)
        return _Token("number", text, start, end)

    def _letters(self, piece: _Piece) -> Iterator[_Token]:
        """Yield the function that begins here, the upright word, or else one letter."""
        first = self.at - 1
        word = self._plain_function(first)
        if word:
            self.at = first + len(word)
            yield _Token("function", word, piece.start, self.pieces[self.at - 1].end, letter=word)
        elif self.font[1] in _WORD_FONTS and self._is_letter(self.at):
            while self._is_letter(self.at):
                self.at += 1
            run = "".join(p.text for p in self.pieces[first : self.at])
            yield self._word(run, self.font[1], piece.start, self.pieces[self.at - 1].end)
        else:
            yield _Token("symbol", _styled(piece.text, self.font), piece.start, piece.end, letter=piece.text)

    def _is_letter(self, k: int) -> bool:
        return 0 <= k < len(self.pieces) and self.pieces[k].kind == "character" and self.pieces[k].text.isalpha()

    def _plain_function(self, first: int) -> str:
        """Return the function name that is spelled from `first` on and applied to what follows, or ""."""
        for word in self.tokenizer.words.get(self.pieces[first].text, ()):
            spelled = "".join(p.text for p in self.pieces[first : first + len(word)] if p.kind == "character")
            if spelled == word and self._is_applied(first, first + len(word)):
                return word
        return ""

    def _is_applied(self, first: int, end: int) -> bool:
        """Whether a delimiter or a macro follows the word; behind a whole word and a blank, a letter will do."""
        k = end
        while k < len(self.pieces) and (self.pieces[k].kind == "blank" or self.pieces[k].is_macro(*_SKIPPED)):
            k += 1
        if k == len(self.pieces):
            return False
        follows = self.pieces[k]
        if follows.kind == "macro":
            return self._begins_operand(follows.text)
        if follows.kind == "group" or follows.is_character("([|"):
            return True
        return k > end and not self._is_letter(first - 1) and follows.text.isalnum()

    def _begins_operand(self, name: str) -> bool:
        if name in ("left", "{", "|", "lbrace", "langle", "lvert", "lVert", "vert", "Vert", "frac", "sqrt", "sum"):
            return True
        if _BIG.fullmatch(name):
            return not name.endswith("r")
        known = self.tokenizer.symbols | _ALPHABETS | _EMBOLDENED | _TEXTS | _ACCENTS | _FRACTIONS
        return name in known or "\\" + name in self.reading.spellings.functions

    def _word(self, word: str, macro: str, start: int, end: int) -> _Token:
        """Return a name of several letters: a function, or one symbol."""
        if word in self.reading.spellings.functions:
            return _Token("function", word, start, end, letter=word)
        if len(word) == 1:
            return _Token("symbol", f"\\{macro}{{{word}}}", start, end, letter=word)
        return _Token("word", f"\\{macro}{{{word}}}", start, end, letter=word)

    # groups

    def _group(self, owner: _Piece, items: Sequence[_Piece]) -> Iterator[_Token]:
        """Yield what braces hold: as one group, or its tokens where the braces do not separate anything."""
        tokens = self.tokenizer.tokens(items, self.font)
        if len(tokens) <= 1 or not _is_balanced(tokens):
            yield from tokens
        else:
            end = self.pieces[self.at - 1].end
            yield _Token("group", "", owner.start, end, (_paired(tokens, self.reading),))

    def _braced_argument(self) -> Iterator[_Token]:
        r"""Yield the braces behind a function name, which its author takes for its argument: `\det{A}`."""
        piece = self._peek()
        switches = piece is not None and piece.items and piece.items[0].is_macro(*_SWITCHES, "color", "displaystyle")
        if piece is None or piece.kind != "group" or switches:
            return
        self._next()
        content = self.tokenizer.sequence(piece.items, self.font)
        if [token.kind for token in content] == ["delimited"]:
            yield from content
        elif content:
            yield _Token("argument", "", piece.start, piece.end, (content,))

    def _environment(self, piece: _Piece) -> Iterator[_Token]:
        if piece.text not in _ALIGNING:
            hint = "only aligned and its like are read; a matrix needs a name"
            self.reading.fail("E131", f"the environment {piece.text} is not supported", piece.start, piece.end, hint)
        yield from self._group(piece, piece.items)

    # macros

    def _macro(self, piece: _Piece) -> Iterator[_Token]:
        name = piece.text
        handler = next((handle for names, handle in _HANDLERS if name in names), None)
        if handler is not None:
            yield from handler(self, piece)
        elif name in self.tokenizer.symbols:
            yield self._named_symbol(piece)
        elif "\\" + name in self.reading.spellings.functions:
            yield _Token("function", "\\" + name, piece.start, piece.end, letter=name)
        elif "\\" + name in self.reading.spellings.infix or name in _RELATIONS:
            yield _Token("sign", "\\" + name, piece.start, piece.end)
        elif "\\" + name in _DELIMITERS:
            kind, what = _DELIMITERS["\\" + name]
            yield _Token(kind, what, piece.start, piece.end)
        elif _BIG.fullmatch(name):
            yield self._big(piece)
        else:
            self._unknown(piece)

    def _named_symbol(self, piece: _Piece) -> _Token:
        letter = "\\" + piece.text
        return _Token("symbol", _styled(letter, self.font), piece.start, piece.end, letter=letter)

    def _skip(self, piece: _Piece) -> Iterator[_Token]:
        yield from ()

    def _skip_argument(self, piece: _Piece) -> Iterator[_Token]:
        star = self._peek()
        if star is not None and star.is_character("*"):
            self._next()
        self._bracketed()
        self._argument(piece)
        yield from ()

    def _skip_length(self, piece: _Piece) -> Iterator[_Token]:
        """Skip the length behind `\\mkern`."""
        rest = "".join(p.text if p.kind == "character" else " " for p in self.pieces[self.at :])
        match = re.match(r"\s*-?\s*[\d.]+\s*[a-z]{2}", rest)
        self.at += match.end() if match else 0
        yield from ()

    def _alphabet(self, piece: _Piece) -> Iterator[_Token]:
        """Yield what stands in a font: a font is no bracket, so its tokens stand side by side with the others."""
        content = self._argument(piece)
        end = self.pieces[self.at - 1].end
        word = _plain_text(content) or ""
        if len(word) > 1 and word in self.reading.spellings.functions:
            yield _Token("function", word, piece.start, end, letter=word)
        else:
            tokens = self.tokenizer.tokens(content, _with_font(self.font, piece.text))
            yield from _spanning(tokens, piece.start, end)

    def _switch(self, piece: _Piece) -> Iterator[_Token]:
        self.font = _with_font(self.font, _SWITCHES[piece.text])
        yield from ()

    def _text(self, piece: _Piece) -> Iterator[_Token]:
        star = self._peek()
        if star is not None and star.is_character("*"):
            self._next()
        content = self._argument(piece)
        end = self.pieces[self.at - 1].end
        text = _plain_text(content)
        if text is None:
            yield from _spanning(self.tokenizer.tokens(content, ("", "mathrm")), piece.start, end)
        elif text.strip():
            yield self._words(text.strip(), piece, end)

    def _words(self, text: str, piece: _Piece, end: int) -> _Token:
        if text in _PROSE or not re.fullmatch(r"[A-Za-z0-9._*-]+", text):
            self.reading.fail("E128", f"'{text}' is no part of a formula", piece.start, end, "move words out of it")
        if text.isdecimal():
            return _Token("number", text, piece.start, end)
        macro = "operatorname" if piece.text.startswith("operatorname") or piece.text == "mathop" else piece.text
        return self._word(text, macro, piece.start, end)

    def _accent(self, piece: _Piece) -> Iterator[_Token]:
        r"""Yield the accented letter, then the scripts that stood within: `\bar{x_i}` is `\bar{x}_i`."""
        content = self.tokenizer.tokens(self._argument(piece), self.font)
        end = self.pieces[self.at - 1].end
        base, scripts = (content[0], content[1:]) if content else (None, [])
        if piece.text == "vec" and base is not None and (base.kind == "ones" or base.text == "1"):
            yield _Token("ones", r"\vec{1}", piece.start, end)
        elif base is None or base.kind not in ("symbol", "word") or any(s.kind not in ("sub", "sup") for s in scripts):
            hint = "give the whole a name of its own"
            self.reading.fail("E131", f"\\{piece.text} stands over more than one letter", piece.start, end, hint)
        else:
            text = f"\\{piece.text}{{{base.text}}}"
            yield replace(base, text=text, letter=text, start=piece.start, end=base.end if scripts else end)
        yield from scripts

    def _text_accent(self, piece: _Piece) -> Iterator[_Token]:
        better = f"\\{_TEXT_ACCENTS[piece.text]}"
        message = f"\\{piece.text} is an accent for text"
        self.reading.fail("E128", message, piece.start, piece.end, f"in a formula write {better}")
        yield from ()

    def _fraction(self, piece: _Piece) -> Iterator[_Token]:
        above, below = self._argument(piece), self._argument(piece)
        end = self.pieces[self.at - 1].end
        if _is_differential(above, "numerator") and _is_differential(below, "denominator"):
            yield from self._derivative(replace(piece, end=end))
        parts = (self.tokenizer.sequence(above, self.font), self.tokenizer.sequence(below, self.font))
        for part, side in zip(parts, ("numerator", "denominator"), strict=True):
            if not part:
                self.reading.fail("E126", f"this fraction has no {side}", piece.start, end)
        yield _Token("fraction", "", piece.start, end, parts)

    def _root(self, piece: _Piece) -> Iterator[_Token]:
        degree = self._bracketed()
        parts = [self.tokenizer.sequence(self._argument(piece), self.font)]
        end = self.pieces[self.at - 1].end
        if degree is not None:
            parts.append(self.tokenizer.sequence(degree, self.font))
        if not all(parts):
            self.reading.fail("E126", "this root is empty", piece.start, end)
        yield _Token("sqrt", "", piece.start, end, tuple(parts))

    def _sum(self, piece: _Piece) -> Iterator[_Token]:
        yield _Token("sum", r"\sum", piece.start, piece.end)

    def _prime(self, piece: _Piece) -> Iterator[_Token]:
        yield _Token("prime", "'", piece.start, piece.end)

    def _sign(self, piece: _Piece) -> Iterator[_Token]:
        yield _Token("sign", _SIGNS[piece.text], piece.start, piece.end)

    def _mark(self, piece: _Piece) -> Iterator[_Token]:
        yield _Token("sign", "\\" + piece.text, piece.start, piece.end)

    def _transparent(self, piece: _Piece) -> Iterator[_Token]:
        r"""Yield what `\underbrace` and its like hold; the remark below or above is dropped."""
        content = self._argument(piece)
        yield from self._group(piece, content)
        remark = self._peek()
        if piece.text in ("underbrace", "overbrace") and remark is not None and remark.is_character("^_"):
            self._next()
            self._argument(remark)

    def _coloured(self, piece: _Piece) -> Iterator[_Token]:
        self._bracketed()
        self._argument(piece)
        yield from self._group(piece, self._argument(piece))

    def _stacked(self, piece: _Piece) -> Iterator[_Token]:
        r"""Yield the relation of `\overset{def}{=}`."""
        self._argument(piece)
        below = self.tokenizer.tokens(self._argument(piece), self.font)
        end = self.pieces[self.at - 1].end
        if len(below) != 1 or not below[0].is_sign("=", ":="):
            self.reading.fail("E131", f"\\{piece.text} is supported over = alone", piece.start, end)
        yield _Token("sign", ":=", piece.start, end)

    def _sized(self, piece: _Piece) -> Iterator[_Token]:
        r"""Yield the delimiter of `\left` or `\right`."""
        delimiter = self._next()
        if delimiter is None:
            self.reading.fail("E123", f"\\{piece.text} has no delimiter", piece.start, piece.end)
        text = "\\" + delimiter.text if delimiter.kind == "macro" else delimiter.text
        text = {"<": "\\langle", ">": "\\rangle", "\\lt": "\\langle", "\\gt": "\\rangle"}.get(text, text)
        if text not in _DELIMITERS:
            hint = "an evaluation bar is not supported" if text == "." else ""
            message = f"\\{piece.text}{text} is no delimiter"
            self.reading.fail("E123", message, piece.start, delimiter.end, hint)
        kind = "open" if piece.text == "left" else "close"
        yield _Token(kind, _DELIMITERS[text][1], piece.start, delimiter.end)

    def _big(self, piece: _Piece) -> _Token:
        r"""Return the delimiter of `\big`, `\Bigl` and their like, or the sign that they enlarge."""
        delimiter = self._next()
        if delimiter is None:
            self.reading.fail("E123", f"\\{piece.text} has no delimiter", piece.start, piece.end)
        text = "\\" + delimiter.text if delimiter.kind == "macro" else delimiter.text
        if text == "/":
            return _Token("sign", "/", piece.start, delimiter.end)
        if text not in _DELIMITERS:
            self.reading.fail("E123", f"{text} is no delimiter", piece.start, delimiter.end)
        kind, what = _DELIMITERS[text]
        kind = {"l": "open", "r": "close"}.get(piece.text[-1] if piece.text[-1] in "lr" else "", kind)
        return _Token(kind, what, piece.start, delimiter.end)

    def _derivative(self, piece: _Piece) -> Iterator[_Token]:
        hint = r"name the variable in the marker, \derive<f><X>, and write f without derivatives"
        self.reading.fail("E130", "a derivative is not read inside a formula", piece.start, piece.end, hint)

    def _unsupported(self, piece: _Piece) -> Iterator[_Token]:
        self.reading.fail("E131", f"\\{piece.text}: {_UNSUPPORTED[piece.text]}", piece.start, piece.end)

    def _unknown(self, piece: _Piece) -> NoReturn:
        name = "\\" + piece.text
        if piece.text in _KNOWN_FUNCTIONS:
            self.reading.fail("E125", f"the function {name} is not supported", piece.start, piece.end)
        spellings = self.reading.spellings
        known = {n for n in (*spellings.functions, *spellings.infix, *self.reading.macros) if n.startswith("\\")}
        structural = _ALPHABETS | _EMBOLDENED | _ACCENTS | _FRACTIONS | _TEXTS | {"sqrt", "sum", "left", "right"}
        known |= {"\\" + n for n in self.tokenizer.symbols | structural}
        close = get_close_matches(name, sorted(known), 1, 0.7)
        hint = f"did you mean {close[0]}?" if close else "write it out"
        self.reading.fail("E124", f"{name} is not known", piece.start, piece.end, hint)


_HANDLERS: tuple[tuple[frozenset[str], Callable[[_Run, _Piece], Iterator[_Token]]], ...] = (
    (_SKIPPED, _Run._skip),
    (_SKIPPED_WITH_ARGUMENT, _Run._skip_argument),
    (_KERNS, _Run._skip_length),
    (_ALPHABETS | _EMBOLDENED, _Run._alphabet),
    (frozenset(_SWITCHES), _Run._switch),
    (_TEXTS, _Run._text),
    (_ACCENTS, _Run._accent),
    (frozenset(_TEXT_ACCENTS), _Run._text_accent),
    (_FRACTIONS, _Run._fraction),
    (frozenset({"sqrt"}), _Run._root),
    (frozenset({"sum"}), _Run._sum),
    (frozenset({"prime"}), _Run._prime),
    (frozenset(_SIGNS), _Run._sign),
    (_MARKS, _Run._mark),
    (_TRANSPARENT, _Run._transparent),
    (frozenset({"textcolor"}), _Run._coloured),
    (frozenset({"overset", "stackrel", "underset"}), _Run._stacked),
    (frozenset({"left", "right"}), _Run._sized),
    (frozenset({"partial", "nabla"}), _Run._derivative),
    (frozenset(_UNSUPPORTED), _Run._unsupported),
)


def _macro_arguments(piece: _Piece) -> int:
    """Return how many arguments a macro takes along where it stands as an argument itself (`^\\text{T}`)."""
    if piece.kind != "macro":
        return 0
    if piece.text in _FRACTIONS or piece.text == "textcolor":
        return 2
    one = piece.text in _ALPHABETS or piece.text in _ACCENTS or piece.text in _EMBOLDENED | _TEXTS | _TRANSPARENT
    return int(one or piece.text == "sqrt")


def _plain_text(pieces: Sequence[_Piece]) -> str | None:
    """Return the characters of a text, None if anything but characters and blanks stands there."""
    if all(p.kind in ("character", "blank") or (p.kind == "macro" and p.text in _SKIPPED) for p in pieces):
        return "".join(p.text if p.kind == "character" else " " for p in pieces)
    return None


def _is_differential(pieces: Sequence[_Piece], side: str) -> bool:
    r"""Whether this side of a fraction is one of a derivative: `d`, `df`, `d^2f` or `\partial X`; `d^\top x` is not."""
    solid = [p for p in pieces if p.kind != "blank" and not (p.kind == "macro" and p.text in _SKIPPED)]
    if solid and solid[0].is_macro("mathrm", "text", "rm"):
        solid = [*solid[1].items, *solid[2:]] if len(solid) > 1 and solid[1].kind == "group" else solid[1:]
    if not solid or not (solid[0].is_macro("partial") or solid[0].is_character("d")):
        return False
    if len(solid) == 1:
        return side == "numerator"
    if solid[1].is_character("^"):
        return len(solid) > 2 and solid[2].is_character("23")
    return solid[0].kind == "macro" or solid[1].kind == "macro" or solid[1].text.isalpha()


def _spanning(tokens: list[_Token], start: int, end: int) -> list[_Token]:
    """Return `tokens`, which all stand in one font; a single letter with its scripts spans the font macro too."""
    if not tokens or any(token.kind not in ("sub", "sup", "prime") for token in tokens[1:]):
        return tokens
    tokens[0] = replace(tokens[0], start=start)
    tokens[-1] = replace(tokens[-1], end=end)
    return tokens


# --- 4: delimiters -----------------------------------------------------------------------------------------

_SCRIPTS = ("sup", "sub", "prime")
_NOT_OPERANDS = ("sign", "open", "function", "sum")


def _is_balanced(tokens: Sequence[_Token]) -> bool:
    """Whether a group holds whole pairs of delimiters; `{\\Big(}` does not."""
    depth = 0
    for token in tokens:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth < 0:
            return False
    return depth == 0 and sum(token.kind == "bar" for token in tokens) % 2 == 0


def _paired(tokens: Sequence[_Token], reading: _Reading) -> tuple[_Token, ...]:
    """Return `tokens` with every pair of delimiters and bars made one token.

    A bar closes where an operand stands before it and it is the innermost pair that is open, and opens elsewhere.
    """
    opened: list[tuple[_Token, list[_Token]]] = []
    current: list[_Token] = []
    after_operand = False
    for token in _with_neutral_bars(tokens):
        token = _angle(token, opened, after_operand)
        innermost = opened[-1][0] if opened else None
        if token.kind == "bar":
            closes = after_operand and innermost is not None and innermost.text == token.text
            kind = "close" if closes and innermost is not None and innermost.kind == "bar" else "open"
        else:
            kind = token.kind
        if kind == "open":
            opened.append((token, current))
            current = []
            if len(opened) > MAX_NESTING:
                hint = "name a part of the formula"
                reading.fail("E121", f"more than {MAX_NESTING} delimiters are open", token.start, token.end, hint)
        elif kind == "close":
            current = _closed(token, opened, current, reading)
        else:
            current.append(token)
        if token.kind not in _SCRIPTS:
            after_operand = kind not in _NOT_OPERANDS
    if opened:
        _unpaired(opened[-1][0], reading)
    return tuple(current)


def _with_neutral_bars(tokens: Sequence[_Token]) -> Sequence[_Token]:
    r"""Let the author who never closes with `\rVert` close with `\lVert`."""
    closed = {token.text for token in tokens if token.kind == "close"}
    if all(token.kind != "open" or token.text not in ("|", "||") or token.text in closed for token in tokens):
        return tokens
    return [
        replace(token, kind="bar")
        if token.kind == "open" and token.text in ("|", "||") and token.text not in closed
        else token
        for token in tokens
    ]


def _angle(token: _Token, opened: list[tuple[_Token, list[_Token]]], after_operand: bool) -> _Token:
    """Read `<a, x>` as an inner product where `<` cannot be a relation."""
    if token.is_sign("<") and not after_operand:
        return replace(token, kind="open")
    if token.is_sign(">") and opened and opened[-1][0].text == "<":
        return replace(token, kind="close", text="<")
    return token


def _closed(
    token: _Token, opened: list[tuple[_Token, list[_Token]]], current: list[_Token], reading: _Reading
) -> list[_Token]:
    """Return the sequence outside the pair that `token` closes, the pair at its end."""
    if not opened:
        _unpaired(token, reading)
    start, outside = opened.pop()
    if start.text != token.text:
        culprit = start if start.kind == "bar" else token
        _unpaired(culprit, reading, f"{_OPENERS[start.text]} is closed by {_CLOSERS[token.text]}")
    pair = _Token("delimited", token.text, start.start, token.end, (tuple(current),))
    return [*outside, pair]


def _unpaired(token: _Token, reading: _Reading, hint: str = "") -> NoReturn:
    shown = reading.latex[token.start : token.end].strip() or token.text
    reading.fail("E123", f"{shown} has no partner", token.start, token.end, hint)


def _without_final_punctuation(tokens: tuple[_Token, ...]) -> tuple[_Token, ...]:
    while tokens and tokens[-1].is_sign(",", ".", ";"):
        tokens = tokens[:-1]
    return tokens


# --- canonical LaTeX of names ------------------------------------------------------------------------------


def _written(tokens: Sequence[_Token]) -> str:
    r"""Return canonical LaTeX of what stands in a subscript or an index."""
    text = ""
    for token in tokens:
        piece = _written_token(token)
        separate = re.search(r"\\[A-Za-z]+$", text) and piece[:1].isalpha()
        text += " " * bool(separate) + piece
    return text


def _written_token(token: _Token) -> str:
    inner = [_written(part) for part in token.parts]
    if token.kind == "delimited":
        return f"{_OPENERS[token.text]}{inner[0]}{_CLOSERS[token.text]}"
    if token.kind in ("sup", "sub"):
        return token.text + _in_braces(inner[0])
    if token.kind == "fraction":
        return f"\\frac{{{inner[0]}}}{{{inner[1]}}}"
    if token.kind == "sqrt":
        return f"\\sqrt{{{inner[0]}}}"
    if token.kind in ("group", "argument"):
        return inner[0]
    if token.kind == "function" and not token.text.startswith("\\"):
        return token.text if len(token.text) == 1 else f"\\mathrm{{{token.text}}}"
    return token.text


def _in_braces(script: str) -> str:
    r"""Return a script as it is written behind `_`: without braces where TeX needs none."""
    if re.fullmatch(r".|\\[A-Za-z]+|\\(?:mathrm|mathbf|mathsf|mathcal|text)\{[^{}]*\}", script):
        return script
    return f"{{{script}}}"


# --- 5: the grammar ----------------------------------------------------------------------------------------

_OPERANDS = _names("number symbol word ones zeros function sum delimited group fraction sqrt")


class _Parser:
    """Reads one sequence of tokens: a whole formula, or what stands within a pair of delimiters or braces.

    `start` and `end` bound the sequence, for errors about what is missing; with `naming` a word that is not known
    may be followed by its arguments, since it is being defined.
    """

    def __init__(
        self, tokens: Sequence[_Token], reading: _Reading, start: int, end: int, *, naming: bool = False
    ) -> None:
        self.tokens = tokens
        self.reading = reading
        self.start = start
        self.end = end
        self.naming = naming
        self.at = 0

    # sequences

    def equation(self) -> Syntax:
        """Return the whole sequence, which may be an equation."""
        relations = [k for k, token in enumerate(self.tokens) if token.is_sign("=", ":=")]
        if not relations:
            return self.whole()
        if len(relations) > 1:
            second = self.tokens[relations[1]]
            message = "a second = stands in one equation"
            self.reading.fail("E135", message, second.start, second.end, "write two equations")
        k = relations[0]
        sign = self.tokens[k]
        left = _Parser(self.tokens[:k], self.reading, self.start, sign.start, naming=True).whole()
        right = _Parser(self.tokens[k + 1 :], self.reading, sign.end, self.end).whole()
        return self._node("equation", (left, right), left.span.start, right.span.end)

    def whole(self) -> Syntax:
        """Return the sum that the whole sequence is."""
        tree = self._sum()
        if self.at < len(self.tokens):
            self._unexpected(self.tokens[self.at])
        return tree

    def items(self) -> list[Syntax]:
        """Return the sums between the commas of the sequence."""
        commas = [k for k, token in enumerate(self.tokens) if token.is_sign(",")]
        bounds = zip([-1, *commas], [*commas, len(self.tokens)], strict=True)
        return [self._part(self.tokens[a + 1 : b], self._end_of(a), self._start_of(b)).whole() for a, b in bounds]

    def _part(self, tokens: Sequence[_Token], start: int, end: int) -> _Parser:
        return _Parser(tokens, self.reading, start, end, naming=self.naming)

    def _start_of(self, k: int) -> int:
        return self.tokens[k].start if k < len(self.tokens) else self.end

    def _end_of(self, k: int) -> int:
        return self.tokens[k].end if k >= 0 else self.start

    # tokens and nodes

    def _peek(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _take(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def _at_sign(self, *texts: str) -> bool:
        token = self._peek()
        return token is not None and token.is_sign(*texts)

    def _at_operand(self) -> bool:
        token = self._peek()
        return token is not None and token.kind in _OPERANDS

    def _node(self, head: str, arguments: tuple[Syntax, ...], start: int, end: int, **fields: Any) -> Syntax:
        return Syntax(head, arguments, Span(self.reading.part, start, max(start, end)), **fields)

    def _last_end(self) -> int:
        return self.tokens[self.at - 1].end if self.at else self.start

    # sums and infix signs

    def _sum(self) -> Syntax:
        terms = [self._signed_term()]
        while self._at_sign("+", "-"):
            terms.append(self._signed_term())
        return self._joined("add", [x for term in terms for x in (term.arguments if term.head == "add" else (term,))])

    def _joined(self, head: str, nodes: Sequence[Syntax]) -> Syntax:
        if len(nodes) == 1:
            return nodes[0]
        return self._node(head, tuple(nodes), nodes[0].span.start, nodes[-1].span.end)

    def _signed_term(self) -> Syntax:
        signs = self._signs()
        return self._negated(signs, self._infix(0))

    def _signs(self) -> list[_Token]:
        """Take the signs + and - before a term."""
        signs: list[_Token] = []
        while self._at_sign("+", "-"):
            signs.append(self._take())
            if len(signs) > 2:
                self.reading.fail("E126", "too many signs in a row", signs[0].start, signs[-1].end)
        return signs

    def _negated(self, signs: Sequence[_Token], term: Syntax) -> Syntax:
        for sign in reversed(signs):
            if sign.text == "-":
                term = self._node("negate", (term,), sign.start, term.span.end)
        return term

    def _infix(self, least: int) -> Syntax:
        """Return operands joined by infix signs that bind with power `least` or more."""
        left = self._negated(self._signs(), self._product())
        while (found := self._infix_sign(least)) is not None:
            head, power = found
            self._take()
            right = self._infix(power + 1)
            left = self._node(head, (left, right), left.span.start, right.span.end)
        return left

    def _infix_sign(self, least: int) -> tuple[str, int] | None:
        token = self._peek()
        if token is None or token.kind != "sign":
            return None
        found = self.reading.spellings.infix.get(token.text)
        return found if found is not None and found[1] >= least else None

    # products

    def _product(self) -> Syntax:
        factors = self._factors(through_slash=True)
        return self._joined("product", factors)

    def _factors(self, *, through_slash: bool, before: Callable[[_Token], bool] = lambda token: False) -> list[Syntax]:
        """Return the factors that stand side by side, up to a token that `before` holds of."""
        factors: list[Syntax] = []
        while self._at_operand() and not (factors and before(self.tokens[self.at])):
            self._check_digit_behind()
            found = self._factor(alone=not factors)
            factors += found.arguments if found.head == "product" else (found,)
            while through_slash and self._at_sign("/"):
                slash = self.tokens[self.at]
                factors = [self._quotient(self._joined("product", factors))]
                above, below = factors[0].arguments
                if self._at_operand() and below.head == "number" and above.head != "number":
                    self.reading.fail(
                        "E133",
                        "what follows this / may be divided by or multiplied",
                        slash.start,
                        slash.end,
                        "write a fraction",
                    )
        if not factors:
            self._missing()
        return factors

    def _quotient(self, above: Syntax) -> Syntax:
        self._take()
        if not self._at_operand():
            self._missing()
        below = self._factor(alone=False)
        return self._node("slash", (above, below), above.span.start, below.span.end)

    def _check_digit_behind(self) -> None:
        """Refuse `x^10` and `x2`: TeX prints x^1 0 and x2, and the author means neither product."""
        token = self.tokens[self.at]
        before = self.tokens[self.at - 1] if self.at else None
        if token.kind != "number" or before is None or before.end != token.start:
            return
        if before.kind in ("sup", "sub") and before.end - before.start == 2:
            script = before.text + "{" + self.reading.latex[before.start + 1 : before.end] + token.text + "}"
            message = f"only the first digit is a {'super' if before.kind == 'sup' else 'sub'}script"
            self.reading.fail("E132", message, before.start, token.end, f"write {script}")
        if before.kind in ("symbol", "number"):
            hint = "write the number first, or an index as x_2"
            self.reading.fail("E132", "a number stands behind a letter", before.start, token.end, hint)

    def _factor(self, *, alone: bool) -> Syntax:
        """Return one factor with its scripts; braces that hold a product yield that product.

        `alone` says that nothing stands before it in its product.
        """
        token = self.tokens[self.at]
        if token.kind == "function":
            return self._call()
        if token.kind == "sum":
            return self._sum_over()
        if token.kind == "group":
            return self._group(alone)
        self._take()
        return self._scripted(self._atom(token))

    def _group(self, alone: bool) -> Syntax:
        """Return what invisible braces hold, and refuse them where a reader would see something else."""
        token = self._take()
        inner = self._within(token)
        follows = self._peek()
        scripted = follows is not None and follows.kind in _SCRIPTS
        joins = inner.head in ("add", "negate", *(head for head, _ in self.reading.spellings.infix.values()))
        crowded = not alone or scripted or self._at_operand() or self._at_sign("/")
        if (joins and crowded) or (scripted and inner.head in ("product", "slash")):
            message = "these braces do not show, so a reader sees another formula"
            self.reading.fail("E133", message, token.start, token.end, "write parentheses, or leave the braces out")
        return self._scripted(inner) if scripted else inner

    def _within(self, token: _Token) -> Syntax:
        """Return what a group or pair of delimiters holds."""
        with self.reading.nested(token.start, token.end):
            return self._part(token.parts[0], token.start, token.end).whole()

    # atoms

    def _atom(self, token: _Token) -> Syntax:
        if token.kind == "number":
            if len(token.text) > MAX_DIGITS:
                self.reading.fail("E121", f"this number has more than {MAX_DIGITS} digits", token.start, token.end)
            return self._node("number", (), token.start, token.end, value=Fraction(token.text))
        if token.kind in ("ones", "zeros"):
            return self._node(token.kind, (), token.start, token.end, base=token.text)
        if token.kind in ("symbol", "word"):
            self._check_word(token)
            self._check_letter(token)
            if token.letter in (r"\top", r"\intercal"):
                self.reading.fail("E128", "a transpose sign belongs into a superscript", token.start, token.end)
            return self._node("symbol", (), token.start, token.end, text=token.text, base=token.text)
        if token.kind == "delimited":
            return self._delimited(token)
        with self.reading.nested(token.start, token.end):
            parts = tuple(self._part(part, token.start, token.end).whole() for part in token.parts)
        return self._node(token.kind, parts, token.start, token.end)

    def _check_letter(self, token: _Token) -> None:
        """Refuse letters that stand for no number, vector or matrix."""
        follows = self._peek()
        if token.text in (r"\mathbb{E}", r"\mathbb{P}") and follows is not None and follows.kind == "delimited":
            self.reading.fail("E131", "an expectation is not supported", token.start, token.end, "write the sum")
        if token.text in (r"\mathbb{R}", r"\mathbb{N}", r"\mathbb{Z}", r"\mathbb{C}", r"\infty"):
            self.reading.fail("E128", f"{token.text} is no part of a function", token.start, token.end)
        if token.text == r"\mathrm{d}" and self._at_operand():
            hint = r"name the variable in the marker, \derive<f><X>"
            self.reading.fail("E130", "a differential is not read inside a formula", token.start, token.end, hint)

    def _check_word(self, token: _Token) -> None:
        """Refuse a function that nobody has defined."""
        follows = self._peek()
        applied = follows is not None and follows.kind == "delimited" and follows.text in "([{"
        applied = applied or (token.text.startswith(r"\operatorname") and self._at_operand())
        if token.kind == "word" and applied and not self.naming and token.letter not in self.reading.spellings.letters:
            close = get_close_matches(token.letter, sorted(self.reading.spellings.functions), 1, 0.7)
            hint = (
                f"did you mean {close[0]}?"
                if close
                else rf"define it in a clause: \operatorname{{{token.letter}}}(a) = ..."
            )
            self.reading.fail("E125", f"the function {token.letter} is not known", token.start, token.end, hint)

    def _delimited(self, token: _Token) -> Syntax:
        if token.text == "|" and [(t.kind, t.text) for t in token.parts[0]] == [("delimited", "|")]:
            token = replace(token, text="||", parts=token.parts[0][0].parts)
        self._check_contents(token)
        with self.reading.nested(token.start, token.end):
            items = self._part(token.parts[0], token.start + 1, token.end - 1).items()
        expected = 2 if token.text == "<" else 1
        if token.text in ("<", "|", "||") and len(items) != expected:
            message = "an inner product has two factors" if expected == 2 else "a comma stands between bars"
            self.reading.fail("E131", message, token.start, token.end, r"write \langle a, b\rangle" * (expected == 2))
        head = {"<": "inner", "|": "bars", "||": "norm"}.get(token.text, "group" if len(items) == 1 else "tuple")
        text = token.text if head in ("group", "tuple") else ""
        return self._node(head, tuple(items), token.start, token.end, text=text)

    def _check_contents(self, token: _Token) -> None:
        """Refuse what looks like a pair of delimiters around a formula and is something else."""
        for inner in token.parts[0]:
            if inner.is_sign(";"):
                hint = "write [A\\ B][x; y] as Ax + By"
                self.reading.fail("E131", "blocks are not supported", token.start, token.end, hint)
            if inner.is_sign("=", ":=", "<", ">") or (inner.kind == "sign" and inner.text[1:] in _RELATIONS):
                self.reading.fail("E131", "a condition (an indicator) is not supported", token.start, token.end)

    # scripts

    def _scripted(self, base: Syntax) -> Syntax:
        """Return `base` with the subscript, the primes and the superscript that follow."""
        below, primes, above = self._scripts()
        if below is not None:
            base = self._with_subscript(base, below)
        for prime in primes:
            base = self._node("prime", (base,), base.span.start, prime.end)
        if above is not None:
            base = self._raised(base, above)
        end = max((t.end for t in (below, *primes, above) if t is not None), default=base.span.end)
        return replace(base, span=replace(base.span, end=max(end, base.span.end)))

    def _scripts(self) -> tuple[_Token | None, list[_Token], _Token | None]:
        """Take the scripts that follow, in whatever order: subscript, primes, superscript."""
        below: _Token | None = None
        primes: list[_Token] = []
        above: _Token | None = None
        while (token := self._peek()) is not None and token.kind in _SCRIPTS:
            if (token.kind == "sub" and below is not None) or (token.kind != "sub" and above is not None):
                what, hint = "superscript", "write parentheses, as in (x^2)^T"
                if token.kind == "sub":
                    what, hint = "subscript", "write both in one pair of braces"
                self.reading.fail("E127", f"a second {what}", token.start, token.end, hint)
            if token.kind == "sub":
                below = token
            elif token.kind == "prime":
                primes.append(token)
            else:
                above = token
            self._take()
        return below, primes, above

    def _with_subscript(self, base: Syntax, below: _Token) -> Syntax:
        start, end = base.span.start, below.end
        text = _written(below.parts[0])
        if base.head == "symbol" and not base.index:
            named = base.base + "_" + _in_braces(text)
            return self._node("symbol", (), start, end, text=named, base=base.base, subscript=text)
        base = _vector_for_digit(base)
        if base.head in ("ones", "zeros"):
            if any(t.kind == "sign" and (t.text in "=<>" or t.text[1:] in _RELATIONS) for t in below.parts[0]):
                self.reading.fail("E131", "a condition (an indicator) is not supported", start, end)
            return replace(base, text=text, span=replace(base.span, end=end))
        if base.head in ("norm", "bars"):
            return self._node("norm", base.arguments, start, end, text=_norm_name(below.parts[0]))
        return self._node("subscripted", (base,), start, end, text=text)

    def _raised(self, base: Syntax, above: _Token) -> Syntax:
        """Return `base` under the superscript `above`: an index, a prime, a transpose, a mark or a power."""
        start, end = base.span.start, above.end
        named = base.head == "symbol" and not base.index and base.text not in _EULER
        tokens = _with_inner_transpose(above.parts[0], named)
        if named and _is_index(tokens[0]) and _may_follow_index(tokens[1:]):
            base, tokens = _indexed(base, tokens[0], end), tokens[1:]
        while tokens and tokens[0].kind == "prime":
            base, tokens = self._node("prime", (base,), start, end), tokens[1:]
        if not tokens:
            return base
        shape = _shape(tokens)
        if shape == "T":
            return self._node("transpose", (_vector_for_digit(base),), start, end)
        if shape in ("-T", "-1T"):
            return self._node("inverse_transpose", (base,), start, end)
        if _is_mark(tokens[0]) and _shape(tokens[1:]) in ("", "T"):
            base = self._node("superscript", (base,), start, end, text=tokens[0].text)
            return base if len(tokens) == 1 else self._node("transpose", (base,), start, end)
        if tokens[0].is_sign(r"\odot", r"\circ") and len(tokens) > 1:
            return self._node("hadamard_power", (base, self._exponent(tokens[1:], above)), start, end)
        return self._node("power", (base, self._exponent(tokens, above)), start, end)

    def _exponent(self, tokens: Sequence[_Token], above: _Token) -> Syntax:
        """Return an exponent; a negative number is one number."""
        with self.reading.nested(above.start, above.end):
            found = self._part(tokens, above.start, above.end).whole()
        inner = found.arguments[0] if found.head == "negate" else found
        if found.head == "negate" and inner.head == "number" and inner.value is not None:
            return replace(inner, value=-inner.value, span=found.span)
        return found

    # functions

    def _call(self) -> Syntax:
        """Return a function with its argument; where it has parentheses, its scripts may stand before or behind."""
        token = self._take()
        below, primes, above = self._scripts()
        if below is not None:
            message = f"a subscript on {token.letter} is not supported"
            hint = "for a logarithm, divide by the logarithm of its base"
            self.reading.fail("E125", message, token.start, below.end, hint)
        if primes and above is None and self._at_parenthesis(self.at):
            return self._derived(token, primes)
        name = self.reading.spellings.functions[token.text]
        greedy = name in self.reading.spellings.greedy
        if primes:
            message = f"the derivative of {token.letter} has no argument"
            self.reading.fail("E126", message, token.start, primes[-1].end, "put it in parentheses")
        with self.reading.nested(token.start, token.end):
            group, arguments = self._arguments(token, name, greedy)
        call = self._node("call", arguments, token.start, self._last_end(), text=name)
        if above is not None:
            self._check_inverse(token, above, greedy)
            call = replace(self._raised(call, above), span=call.span)
        return call if group is None else self._behind_parentheses(call, group, greedy and above is None)

    def _derived(self, token: _Token, primes: Sequence[_Token]) -> Syntax:
        r"""Return the derivative of a known function, `\tanh'` of `\tanh'(x)`, as the letter of a function."""
        text = token.text if token.text.startswith("\\") else f"\\operatorname{{{token.text}}}"
        letter = self._node("symbol", (), token.start, token.end, text=text, base=text)
        for prime in primes:
            letter = self._node("prime", (letter,), token.start, prime.end)
        return letter

    def _check_inverse(self, token: _Token, above: _Token, greedy: bool) -> None:
        if _written(above.parts[0]) == "-1" and not greedy:
            message = f"{token.letter}^{{-1}} may be the inverse function or the reciprocal"
            self.reading.fail("E125", message, token.start, above.end, "write the reciprocal as (...)^{-1}")

    def _arguments(self, token: _Token, name: str, greedy: bool) -> tuple[Syntax | None, tuple[Syntax, ...]]:
        """Return the parenthesised argument as a group, None without parentheses, and the arguments themselves."""
        follows = self._peek()
        if follows is not None and follows.kind == "argument":
            return None, (self._braced_argument(greedy),)
        if follows is None or follows.kind != "delimited" or follows.text not in ("(", "[", "{"):
            if not self._at_operand():
                message = f"{token.letter} has no argument"
                self.reading.fail("E126", message, token.start, token.end, "put it in parentheses")
            return None, (self._greedy_argument(name) if greedy else self._bare_argument(),)
        group = self._delimited(self._take())
        return group, group.arguments

    def _braced_argument(self, greedy: bool) -> Syntax:
        r"""Return the argument in invisible braces, where a reader sees the same: `\exp{-x}` and not `\det{A}B`."""
        token = self._take()
        inner = self._within(token)
        follows = self._peek()
        scripted = follows is not None and follows.kind in _SCRIPTS
        several = inner.head in ("product", "negate", "slash")
        joins = inner.head in ("add", *(head for head, _ in self.reading.spellings.infix.values()))
        if joins or scripted or (self._at_operand() and (several or greedy)):
            message = "these braces do not show, so a reader sees another argument"
            self.reading.fail("E133", message, token.start, token.end, "write parentheses")
        return inner

    def _behind_parentheses(self, call: Syntax, group: Syntax, greedy: bool) -> Syntax:
        """Return `call` with the scripts behind its parentheses; a power of `det(A)` may be meant of either."""
        scripted = self._scripted(call)
        if greedy and scripted.head == "power" and scripted.arguments[0].head == "call":
            return replace(scripted, head="call_power", arguments=(group, scripted.arguments[1]), text=call.text)
        return scripted

    def _greedy_argument(self, name: str) -> Syntax:
        """Return the whole product that follows, up to another function whose value is a scalar."""
        spellings = self.reading.spellings

        def ends(token: _Token) -> bool:
            following = spellings.functions[token.text] if token.kind == "function" else None
            return following is not None and (following == name or following in spellings.scalar)

        return self._joined("product", self._factors(through_slash=False, before=ends))

    def _bare_argument(self) -> Syntax:
        r"""Return the argument of a function without parentheses: one factor, and what surely belongs to it.

        `\log 2\pi\sigma^2` takes the run behind its number, `\log a^\top v` the product that its transpose begins.
        """
        first = self._factor(alone=False)
        factors = [first]
        if first.head == "number":
            while (token := self._peek()) is not None and token.kind == "symbol" and not self._is_called():
                factors.append(self._factor(alone=False))
        elif _bare(first).head == "symbol" and self._at_parenthesis(self.at):
            group = self._scripted(self._delimited(self._take()))
            return self._joined("applied", (first, group))
        elif _is_row(first) and self._at_operand():
            factors += self._factors(through_slash=False)
        elif first.head == "symbol" and (token := self._peek()) is not None and token.kind == "symbol":
            message = f"it is not clear whether {token.text} belongs to the argument"
            self.reading.fail("E133", message, first.span.start, token.end, "put the argument in parentheses")
        return self._joined("product", factors)

    def _is_called(self) -> bool:
        k = self.at + 1
        while k < len(self.tokens) and self.tokens[k].kind in _SCRIPTS:
            k += 1
        return self._at_parenthesis(k)

    def _at_parenthesis(self, k: int) -> bool:
        token = self.tokens[k] if k < len(self.tokens) else None
        return token is not None and token.kind == "delimited" and token.text in ("(", "[")

    # sums over an index

    def _sum_over(self) -> Syntax:
        """Return a sum; its body is the term that follows, and further terms while an index still occurs in them."""
        sign = self._take()
        below, primes, above = self._scripts()
        if below is None or primes:
            hint = r"write \sum_i or \sum_{i=1}^n"
            self.reading.fail("E134", "this sum has no index", sign.start, sign.end, hint)
        indices = self._indices(below, above)
        names = frozenset(name for name, _, _ in indices)
        with self.reading.nested(sign.start, sign.end):
            terms = [self._signed_term()]
            while self._at_sign("+", "-") and _occurs(names, self._next_term()):
                terms.append(self._signed_term())
        body = self._joined("add", terms)
        for name, lower, upper in reversed(indices):
            body = self._node("sum_over", (body,), sign.start, body.span.end, text=name, lower=lower, upper=upper)
        return body

    def _indices(self, below: _Token, above: _Token | None) -> list[tuple[str, str, str]]:
        """Return (index, lower limit, upper limit) for each index of a sum."""
        found: list[tuple[str, str]] = []
        for names, lower in _index_ranges(below.parts[0]):
            if not names or any(token.kind != "symbol" for token in names):
                hint = r"write \sum_{i=1}^n, \sum_i or \sum_{i,j}"
                self.reading.fail("E134", "this range of a sum is not supported", below.start, below.end, hint)
            found += [(token.text, lower) for token in names]
        for k in range(len(found) - 2, -1, -1):
            if not found[k][1]:
                found[k] = (found[k][0], found[k + 1][1])
        uppers = [_written(part) for part in _split(above.parts[0])] if above is not None else [""]
        if len(uppers) != len(found):
            uppers = [_written(above.parts[0]) if above is not None else ""] * len(found)
        return [(name, lower, upper) for (name, lower), upper in zip(found, uppers, strict=True)]

    def _next_term(self) -> Sequence[_Token]:
        """Return the tokens of the term that begins here with its sign."""
        k = self.at
        while k < len(self.tokens) and self.tokens[k].is_sign("+", "-"):
            k += 1
        while k < len(self.tokens) and not (self.tokens[k].is_sign("+", "-") and self.tokens[k - 1].kind != "sign"):
            k += 1
        return self.tokens[self.at : k]

    # errors

    def _missing(self) -> NoReturn:
        """Say where an operand is missing."""
        before = self.tokens[self.at - 1] if self.at else None
        token = self._peek()
        if token is not None and token.kind in _SCRIPTS:
            self.reading.fail("E126", f"nothing stands before this {token.text}", token.start, token.end)
        if before is not None and before.kind == "sign":
            self.reading.fail("E126", f"something is missing behind {before.text}", before.start, before.end)
        if token is not None:
            self.reading.fail("E126", f"something is missing before {token.text}", token.start, token.end)
        self.reading.fail("E126", "something is missing here", self.start, self.end)

    def _unexpected(self, token: _Token) -> NoReturn:
        if token.is_sign("=", ":=", "<", ">") or (token.kind == "sign" and token.text[1:] in _RELATIONS):
            hint = "only one = at the outermost level is read"
            self.reading.fail("E135", f"the relation {token.text} is not supported here", token.start, token.end, hint)
        if token.kind in _SCRIPTS:
            message = f"this {token.text} belongs to nothing"
            self.reading.fail("E127", message, token.start, token.end, "add parentheses")
        hint = "write the transpose as X^T and the product of entries as a \\odot b" if token.text == "." else ""
        self.reading.fail("E128", f"{token.text} is not expected here", token.start, token.end, hint)


# --- what a script means -----------------------------------------------------------------------------------

_EULER = ("e", r"\mathrm{e}")


def _is_transpose(token: _Token) -> bool:
    return token.kind == "symbol" and token.letter in ("T", r"\top", r"\intercal")


def _is_mark(token: _Token) -> bool:
    return token.kind == "sign" and (token.text in ("+", "*", r"\circ") or token.text[1:] in _MARKS)


def _shape(tokens: Sequence[_Token]) -> str:
    """Return a superscript as a pattern: signs and numbers as they are, T for a transpose, ? for all else."""
    return "".join(
        "T" if _is_transpose(token) else token.text if token.kind in ("sign", "number") else "?" for token in tokens
    )


def _with_inner_transpose(tokens: tuple[_Token, ...], named: bool) -> tuple[_Token, ...]:
    r"""Return `-1^T`, `+^T` and, on a name, `[l]^T` as `-1T`, `+T` and `[l]T`; in `e^{A^T}` it stays with A."""
    if len(tokens) < 2 or tokens[-1].kind != "sup" or _shape(tokens[-1].parts[0]) != "T":
        return tokens
    before = tokens[:-1]
    if len(before) == 1 and before[0].kind == "group":
        before = before[0].parts[0]
    joins = _shape(before) == "-1" or (len(before) == 1 and (_is_mark(before[0]) or (named and _is_index(before[0]))))
    return (*before, *tokens[-1].parts[0]) if joins else tokens


def _may_follow_index(tokens: Sequence[_Token]) -> bool:
    """Whether this may stand behind the index in a superscript: a transpose, primes, a mark or a number."""
    marked = len(tokens) == 1 and _is_mark(tokens[0])
    numeral = len(tokens) == 1 and tokens[0].kind == "number"
    return marked or numeral or _shape(tokens) in ("", "T", "-T", "-1T", "-1") or all(t.kind == "prime" for t in tokens)


def _is_index(token: _Token) -> bool:
    r"""Whether a superscript `(i)` or `[l-1]` is an index; `(1/2)` and `(a^\top x)` are exponents."""
    if token.kind != "delimited" or token.text not in ("(", "[") or not token.parts[0]:
        return False
    inner = token.parts[0]
    if inner[0].is_sign("-") or any(t.kind == "number" and "." in t.text for t in inner):
        return False
    plain = ("symbol", "word", "number", "sub", "prime")
    return all(t.kind in plain or t.is_sign("+", "-", ",", "*", ":") for t in inner)


def _indexed(base: Syntax, index: _Token, end: int) -> Syntax:
    text = _written([index])
    span = replace(base.span, end=end)
    return replace(base, text=f"{base.text}^{_in_braces(text)}", index=text, span=span)


def _vector_for_digit(base: Syntax) -> Syntax:
    r"""Return the 1 of `1^\top x` or `1_n` as the vector that only it can be."""
    if base.head == "number" and base.value in (0, 1):
        return replace(base, head="ones" if base.value == 1 else "zeros", value=None, base=str(base.value))
    return base


def _norm_name(tokens: Sequence[_Token]) -> str:
    r"""Return the subscript of a norm without its font; `Fro` is F and `\ell_2` is 2."""
    letters = [token.letter or token.text for token in tokens]
    if "".join(letters) in ("F", "Fro", "fro", "Frob"):
        return "F"
    if len(tokens) == 2 and letters[0] in ("L", r"\ell", "l") and tokens[1].kind == "sub":
        return _written(tokens[1].parts[0])
    return letters[0] if len(letters) == 1 and tokens[0].kind in ("symbol", "word") else _written(tokens)


def _bare(node: Syntax) -> Syntax:
    while node.head == "prime":
        node = node.arguments[0]
    return node


def _is_row(node: Syntax) -> bool:
    """Whether a bare argument begins with a transpose, which alone would make no argument."""
    return node.head == "transpose" or (node.head == "prime" and _bare(node).head == "ones")


# --- indices of sums ---------------------------------------------------------------------------------------


def _split(tokens: Sequence[_Token]) -> list[Sequence[_Token]]:
    """Return the stretches between commas."""
    commas = [-1, *(k for k, token in enumerate(tokens) if token.is_sign(",")), len(tokens)]
    return [tokens[a + 1 : b] for a, b in pairwise(commas)]


def _index_ranges(tokens: Sequence[_Token]) -> list[tuple[Sequence[_Token], str]]:
    """Return the names and the lower limit, or "", of every stretch below a sum."""
    found: list[tuple[Sequence[_Token], str]] = []
    for stretch in _split(tokens):
        equals = next((k for k, token in enumerate(stretch) if token.is_sign("=")), None)
        if equals is None:
            found.append((stretch, ""))
        else:
            found.append((stretch[:equals], _written(stretch[equals + 1 :])))
    return found


def _occurs(names: frozenset[str], tokens: Sequence[_Token]) -> bool:
    """Whether one of the indices occurs in `tokens`, outside the sums that bind it anew."""
    for k, token in enumerate(tokens):
        if token.kind == "sum":
            below = next((t for t in tokens[k + 1 : k + 3] if t.kind == "sub"), None)
            bound = {t.text for s, _ in _index_ranges(below.parts[0]) for t in s} if below is not None else set()
            names = names - bound
        if token.kind == "symbol" and token.text in names:
            return True
        if any(_occurs(names, part) for part in token.parts):
            return True
    return False
