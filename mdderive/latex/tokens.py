r"""Pieces as tokens: letters with fonts and accents, numbers, names of functions, signs, scripts, paired delimiters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import NoReturn

from .pieces import MAX_NESTING, Piece, Reading, by_character
from .tree import Spellings


@dataclass(frozen=True, slots=True)
class Token:
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
    parts: tuple[tuple[Token, ...], ...] = ()
    letter: str = ""

    def is_sign(self, *texts: str) -> bool:
        """Whether this is one of these signs."""
        return self.kind == "sign" and self.text in texts


def words_of(text: str) -> frozenset[str]:
    """Return the words of `text`."""
    return frozenset(text.split())


_LETTERS = words_of(
    """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu xi pi varpi
    rho varrho sigma varsigma tau upsilon phi varphi chi psi omega digamma
    Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
    varGamma varDelta varTheta varLambda varXi varPi varSigma varUpsilon varPhi varPsi varOmega
    ell hbar imath jmath infty aleph wp top intercal emptyset varnothing Re Im
    """
)
_ALPHABETS = words_of(
    """
    mathbf mathrm mathsf mathit mathtt mathcal mathscr mathfrak mathbb mathds mathbbm mathnormal
    textbf textit textsf bold symbf symrm symit symbb symcal
    """
)
_EMBOLDENED = words_of("boldsymbol bm pmb symbfit")
_SWITCHES: Mapping[str, str] = MappingProxyType(
    by_character(
        ("bf", "rm", "sf", "it", "tt", "cal", "frak", "bfseries", "boldmath"),
        "mathbf mathrm mathsf mathit mathtt mathcal mathfrak mathbf boldsymbol",
    )
)
_WORD_FONTS = words_of("mathrm mathit mathtt symrm symit textit textsf")
_TEXTS = words_of("text textrm textup textnormal mbox hbox operatorname operatornamewithlimits mathop texttt")
_ONES_FONTS = words_of("mathbf mathbb mathds mathbbm boldsymbol bm pmb textbf bold symbf symbb mathtt")
_ACCENTS = words_of(
    """
    hat bar tilde vec dot ddot dddot widehat widetilde widecheck overline underline check breve acute grave mathring
    overrightarrow overleftarrow
    """
)
_TEXT_ACCENTS: Mapping[str, str] = MappingProxyType(
    by_character("~^=\".'`vu", "tilde hat bar ddot dot acute grave check breve")
)
_SKIPPED = words_of(
    r"""
    , ; : ! > / \ space quad qquad enspace enskip thinspace medspace thickspace negthinspace negmedspace negthickspace
    displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits nonumber notag allowbreak nobreak relax
    mathstrut strut null cr newline hfill protect normalfont
    """
) | {" ", "\n", "\t"}
_SKIPPED_WITH_ARGUMENT = words_of("hspace vspace mspace phantom hphantom vphantom label tag color")
_KERNS = words_of("mkern kern mskip hskip")
_TRANSPARENT = words_of(
    """
    underbrace overbrace boxed fbox ensuremath smash
    mathord mathbin mathrel mathopen mathclose mathinner mathpunct
    """
)
_FRACTIONS = words_of("frac tfrac dfrac cfrac sfrac nicefrac")
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
MARKS = words_of("dagger dag ddagger star # bot perp")
RELATIONS = words_of(
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
_KNOWN_FUNCTIONS = words_of(
    """
    sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth exp log ln lg det max min
    gcd deg dim hom ker arg Pr sgn
    """
)
_PROSE = words_of("where if and or for otherwise with when then s.t. such that is are else on the")
_ALIGNING = words_of(
    """
    aligned align align* alignedat split gathered gather gather* equation equation* multline multline* math displaymath
    """
)

_Font = tuple[str, str]
"""(the emboldening macro, the alphabet), either may be empty."""
PLAIN: _Font = ("", "")


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


class Tokenizer:
    """Turns pieces into tokens; delimiters come out unpaired."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.words = _words_by_initial(reading.spellings)
        self.symbols = _LETTERS | {name.lstrip("\\") for name in reading.spellings.letters}

    def tokens(self, pieces: Sequence[Piece], font: _Font = PLAIN) -> list[Token]:
        """Return the tokens of `pieces`, which stand in `font`."""
        over = next((k for k, piece in enumerate(pieces) if piece.is_macro("over")), None)
        if over is not None:
            return [self._over(pieces, over, font)]
        return list(_Run(self, pieces, font))

    def sequence(self, pieces: Sequence[Piece], font: _Font) -> tuple[Token, ...]:
        """Return the tokens of a sequence of its own, delimiters paired."""
        return _paired(self.tokens(pieces, font), self.reading)

    def _over(self, pieces: Sequence[Piece], k: int, font: _Font) -> Token:
        parts = (self.sequence(pieces[:k], font), self.sequence(pieces[k + 1 :], font))
        return Token("fraction", "", pieces[0].start, pieces[-1].end, parts)


class _Run:
    """One pass over a sequence of pieces in one group; iterating yields its tokens."""

    def __init__(self, tokenizer: Tokenizer, pieces: Sequence[Piece], font: _Font) -> None:
        self.tokenizer = tokenizer
        self.reading = tokenizer.reading
        self.pieces = pieces
        self.font = font
        self.at = 0

    def __iter__(self) -> Iterator[Token]:
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

    def _tokens(self, piece: Piece) -> Iterator[Token]:
        if piece.kind == "character":
            return self._character(piece)
        if piece.kind == "macro":
            return self._macro(piece)
        if piece.kind == "group":
            return self._group(piece, piece.items)
        return self._environment(piece)

    # reading ahead

    def _peek(self) -> Piece | None:
        """Return the next piece that is not blank."""
        k = self.at
        while k < len(self.pieces) and self.pieces[k].kind == "blank":
            k += 1
        return self.pieces[k] if k < len(self.pieces) else None

    def _next(self) -> Piece | None:
        piece = self._peek()
        while piece is not None and self.pieces[self.at] is not piece:
            self.at += 1
        self.at += piece is not None
        return piece

    def _argument(self, owner: Piece) -> tuple[Piece, ...]:
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
            taken.append(Piece("group", "", piece.start, self.pieces[self.at - 1].end, inner))
        return tuple(taken)

    def _bracketed(self) -> tuple[Piece, ...] | None:
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

    def _character(self, piece: Piece) -> Iterator[Token]:
        text = piece.text
        if text.isalpha():
            yield from self._letters(piece)
        elif text.isdecimal() or (text == "." and self._digit_follows()):
            yield self._number(piece)
        elif text in "^_":
            content = self._argument(piece)
            end = self.pieces[self.at - 1].end
            parts = (self.tokenizer.sequence(content, PLAIN),)
            if parts[0]:
                yield Token("sup" if text == "^" else "sub", text, piece.start, end, parts)
        elif text == "'":
            yield Token("prime", "'", piece.start, piece.end)
        elif text in _DELIMITERS:
            kind, what = _DELIMITERS[text]
            yield Token(kind, what, piece.start, piece.end)
        elif text == ":" and self._defines():
            end = self.pieces[self.at - 1].end
            yield Token("sign", ":=", piece.start, end)
        elif text in "+-=*/,;:<>.!":
            yield Token("sign", text, piece.start, piece.end)
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

    def _number(self, piece: Piece) -> Token:
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

    def _numeral(self, text: str, start: int, end: int) -> Token:
        """Return a number, or the vector of ones or zeros where its font says so."""
        if text in ("0", "1") and set(self.font) & _ONES_FONTS:
            return Token("ones" if text == "1" else "zeros", _styled(text, self.font), start, end)
        return Token("number", text, start, end)

    def _letters(self, piece: Piece) -> Iterator[Token]:
        """Yield the function that begins here, the upright word, or else one letter."""
        first = self.at - 1
        word = self._plain_function(first)
        if word:
            self.at = first + len(word)
            yield Token("function", word, piece.start, self.pieces[self.at - 1].end, letter=word)
        elif self.font[1] in _WORD_FONTS and self._is_letter(self.at):
            while self._is_letter(self.at):
                self.at += 1
            run = "".join(p.text for p in self.pieces[first : self.at])
            yield self._word(run, self.font[1], piece.start, self.pieces[self.at - 1].end)
        else:
            yield Token("symbol", _styled(piece.text, self.font), piece.start, piece.end, letter=piece.text)

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

    def _word(self, word: str, macro: str, start: int, end: int) -> Token:
        """Return a name of several letters: a function, or one symbol."""
        if word in self.reading.spellings.functions:
            return Token("function", word, start, end, letter=word)
        if len(word) == 1:
            return Token("symbol", f"\\{macro}{{{word}}}", start, end, letter=word)
        return Token("word", f"\\{macro}{{{word}}}", start, end, letter=word)

    # groups

    def _group(self, owner: Piece, items: Sequence[Piece]) -> Iterator[Token]:
        """Yield what braces hold: as one group, or its tokens where the braces do not separate anything."""
        tokens = self.tokenizer.tokens(items, self.font)
        if len(tokens) <= 1 or not _is_balanced(tokens):
            yield from tokens
        else:
            end = self.pieces[self.at - 1].end
            yield Token("group", "", owner.start, end, (_paired(tokens, self.reading),))

    def _braced_argument(self) -> Iterator[Token]:
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
            yield Token("argument", "", piece.start, piece.end, (content,))

    def _environment(self, piece: Piece) -> Iterator[Token]:
        if piece.text not in _ALIGNING:
            hint = "only aligned and its like are read; a matrix needs a name"
            self.reading.fail("E131", f"the environment {piece.text} is not supported", piece.start, piece.end, hint)
        yield from self._group(piece, piece.items)

    # macros

    def _macro(self, piece: Piece) -> Iterator[Token]:
        name = piece.text
        handler = next((handle for names, handle in _HANDLERS if name in names), None)
        if handler is not None:
            yield from handler(self, piece)
        elif name in self.tokenizer.symbols:
            yield self._named_symbol(piece)
        elif "\\" + name in self.reading.spellings.functions:
            yield Token("function", "\\" + name, piece.start, piece.end, letter=name)
        elif "\\" + name in self.reading.spellings.infix or name in RELATIONS:
            yield Token("sign", "\\" + name, piece.start, piece.end)
        elif "\\" + name in _DELIMITERS:
            kind, what = _DELIMITERS["\\" + name]
            yield Token(kind, what, piece.start, piece.end)
        elif _BIG.fullmatch(name):
            yield self._big(piece)
        else:
            self._unknown(piece)

    def _named_symbol(self, piece: Piece) -> Token:
        letter = "\\" + piece.text
        return Token("symbol", _styled(letter, self.font), piece.start, piece.end, letter=letter)

    def _skip(self, piece: Piece) -> Iterator[Token]:
        yield from ()

    def _skip_argument(self, piece: Piece) -> Iterator[Token]:
        star = self._peek()
        if star is not None and star.is_character("*"):
            self._next()
        self._bracketed()
        self._argument(piece)
        yield from ()

    def _skip_length(self, piece: Piece) -> Iterator[Token]:
        """Skip the length behind `\\mkern`."""
        rest = "".join(p.text if p.kind == "character" else " " for p in self.pieces[self.at :])
        match = re.match(r"\s*-?\s*[\d.]+\s*[a-z]{2}", rest)
        self.at += match.end() if match else 0
        yield from ()

    def _alphabet(self, piece: Piece) -> Iterator[Token]:
        """Yield what stands in a font: a font is no bracket, so its tokens stand side by side with the others."""
        content = self._argument(piece)
        end = self.pieces[self.at - 1].end
        word = _plain_text(content) or ""
        if len(word) > 1 and word in self.reading.spellings.functions:
            yield Token("function", word, piece.start, end, letter=word)
        else:
            tokens = self.tokenizer.tokens(content, _with_font(self.font, piece.text))
            yield from _spanning(tokens, piece.start, end)

    def _switch(self, piece: Piece) -> Iterator[Token]:
        self.font = _with_font(self.font, _SWITCHES[piece.text])
        yield from ()

    def _text(self, piece: Piece) -> Iterator[Token]:
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

    def _words(self, text: str, piece: Piece, end: int) -> Token:
        if text in _PROSE or not re.fullmatch(r"[A-Za-z0-9._*-]+", text):
            self.reading.fail("E128", f"'{text}' is no part of a formula", piece.start, end, "move words out of it")
        if text.isdecimal():
            return Token("number", text, piece.start, end)
        macro = "operatorname" if piece.text.startswith("operatorname") or piece.text == "mathop" else piece.text
        return self._word(text, macro, piece.start, end)

    def _accent(self, piece: Piece) -> Iterator[Token]:
        r"""Yield the accented letter, then the scripts that stood within: `\bar{x_i}` is `\bar{x}_i`."""
        content = self.tokenizer.tokens(self._argument(piece), self.font)
        end = self.pieces[self.at - 1].end
        base, scripts = (content[0], content[1:]) if content else (None, [])
        if piece.text == "vec" and base is not None and (base.kind == "ones" or base.text == "1"):
            yield Token("ones", r"\vec{1}", piece.start, end)
        elif base is None or base.kind not in ("symbol", "word") or any(s.kind not in ("sub", "sup") for s in scripts):
            hint = "give the whole a name of its own"
            self.reading.fail("E131", f"\\{piece.text} stands over more than one letter", piece.start, end, hint)
        else:
            text = f"\\{piece.text}{{{base.text}}}"
            yield replace(base, text=text, letter=text, start=piece.start, end=base.end if scripts else end)
        yield from scripts

    def _text_accent(self, piece: Piece) -> Iterator[Token]:
        better = f"\\{_TEXT_ACCENTS[piece.text]}"
        message = f"\\{piece.text} is an accent for text"
        self.reading.fail("E128", message, piece.start, piece.end, f"in a formula write {better}")
        yield from ()

    def _fraction(self, piece: Piece) -> Iterator[Token]:
        above, below = self._argument(piece), self._argument(piece)
        end = self.pieces[self.at - 1].end
        if _is_differential(above, "numerator") and _is_differential(below, "denominator"):
            yield from self._derivative(replace(piece, end=end))
        parts = (self.tokenizer.sequence(above, self.font), self.tokenizer.sequence(below, self.font))
        for part, side in zip(parts, ("numerator", "denominator"), strict=True):
            if not part:
                self.reading.fail("E126", f"this fraction has no {side}", piece.start, end)
        yield Token("fraction", "", piece.start, end, parts)

    def _root(self, piece: Piece) -> Iterator[Token]:
        degree = self._bracketed()
        parts = [self.tokenizer.sequence(self._argument(piece), self.font)]
        end = self.pieces[self.at - 1].end
        if degree is not None:
            parts.append(self.tokenizer.sequence(degree, self.font))
        if not all(parts):
            self.reading.fail("E126", "this root is empty", piece.start, end)
        yield Token("sqrt", "", piece.start, end, tuple(parts))

    def _sum(self, piece: Piece) -> Iterator[Token]:
        yield Token("sum", r"\sum", piece.start, piece.end)

    def _prime(self, piece: Piece) -> Iterator[Token]:
        yield Token("prime", "'", piece.start, piece.end)

    def _sign(self, piece: Piece) -> Iterator[Token]:
        yield Token("sign", _SIGNS[piece.text], piece.start, piece.end)

    def _mark(self, piece: Piece) -> Iterator[Token]:
        yield Token("sign", "\\" + piece.text, piece.start, piece.end)

    def _transparent(self, piece: Piece) -> Iterator[Token]:
        r"""Yield what `\underbrace` and its like hold; the remark below or above is dropped."""
        content = self._argument(piece)
        yield from self._group(piece, content)
        remark = self._peek()
        if piece.text in ("underbrace", "overbrace") and remark is not None and remark.is_character("^_"):
            self._next()
            self._argument(remark)

    def _coloured(self, piece: Piece) -> Iterator[Token]:
        self._bracketed()
        self._argument(piece)
        yield from self._group(piece, self._argument(piece))

    def _stacked(self, piece: Piece) -> Iterator[Token]:
        r"""Yield the relation of `\overset{def}{=}`."""
        self._argument(piece)
        below = self.tokenizer.tokens(self._argument(piece), self.font)
        end = self.pieces[self.at - 1].end
        if len(below) != 1 or not below[0].is_sign("=", ":="):
            self.reading.fail("E131", f"\\{piece.text} is supported over = alone", piece.start, end)
        yield Token("sign", ":=", piece.start, end)

    def _sized(self, piece: Piece) -> Iterator[Token]:
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
        yield Token(kind, _DELIMITERS[text][1], piece.start, delimiter.end)

    def _big(self, piece: Piece) -> Token:
        r"""Return the delimiter of `\big`, `\Bigl` and their like, or the sign that they enlarge."""
        delimiter = self._next()
        if delimiter is None:
            self.reading.fail("E123", f"\\{piece.text} has no delimiter", piece.start, piece.end)
        text = "\\" + delimiter.text if delimiter.kind == "macro" else delimiter.text
        if text == "/":
            return Token("sign", "/", piece.start, delimiter.end)
        if text not in _DELIMITERS:
            self.reading.fail("E123", f"{text} is no delimiter", piece.start, delimiter.end)
        kind, what = _DELIMITERS[text]
        kind = {"l": "open", "r": "close"}.get(piece.text[-1] if piece.text[-1] in "lr" else "", kind)
        return Token(kind, what, piece.start, delimiter.end)

    def _derivative(self, piece: Piece) -> Iterator[Token]:
        hint = r"name the variable in the marker, \derive<f><X>, and write f without derivatives"
        self.reading.fail("E130", "a derivative is not read inside a formula", piece.start, piece.end, hint)

    def _unsupported(self, piece: Piece) -> Iterator[Token]:
        self.reading.fail("E131", f"\\{piece.text}: {_UNSUPPORTED[piece.text]}", piece.start, piece.end)

    def _unknown(self, piece: Piece) -> NoReturn:
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


_HANDLERS: tuple[tuple[frozenset[str], Callable[[_Run, Piece], Iterator[Token]]], ...] = (
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
    (MARKS, _Run._mark),
    (_TRANSPARENT, _Run._transparent),
    (frozenset({"textcolor"}), _Run._coloured),
    (frozenset({"overset", "stackrel", "underset"}), _Run._stacked),
    (frozenset({"left", "right"}), _Run._sized),
    (frozenset({"partial", "nabla"}), _Run._derivative),
    (frozenset(_UNSUPPORTED), _Run._unsupported),
)


def _macro_arguments(piece: Piece) -> int:
    """Return how many arguments a macro takes along where it stands as an argument itself (`^\\text{T}`)."""
    if piece.kind != "macro":
        return 0
    if piece.text in _FRACTIONS or piece.text == "textcolor":
        return 2
    one = piece.text in _ALPHABETS or piece.text in _ACCENTS or piece.text in _EMBOLDENED | _TEXTS | _TRANSPARENT
    return int(one or piece.text == "sqrt")


def _plain_text(pieces: Sequence[Piece]) -> str | None:
    """Return the characters of a text, None if anything but characters and blanks stands there."""
    if all(p.kind in ("character", "blank") or (p.kind == "macro" and p.text in _SKIPPED) for p in pieces):
        return "".join(p.text if p.kind == "character" else " " for p in pieces)
    return None


def _is_differential(pieces: Sequence[Piece], side: str) -> bool:
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


def _spanning(tokens: list[Token], start: int, end: int) -> list[Token]:
    """Return `tokens`, which all stand in one font; a single letter with its scripts spans the font macro too."""
    if not tokens or any(token.kind not in ("sub", "sup", "prime") for token in tokens[1:]):
        return tokens
    tokens[0] = replace(tokens[0], start=start)
    tokens[-1] = replace(tokens[-1], end=end)
    return tokens


# --- delimiters --------------------------------------------------------------------------------------------

SCRIPTS = ("sup", "sub", "prime")
_NOT_OPERANDS = ("sign", "open", "function", "sum")


def _is_balanced(tokens: Sequence[Token]) -> bool:
    """Whether a group holds whole pairs of delimiters; `{\\Big(}` does not."""
    depth = 0
    for token in tokens:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth < 0:
            return False
    return depth == 0 and sum(token.kind == "bar" for token in tokens) % 2 == 0


def _paired(tokens: Sequence[Token], reading: Reading) -> tuple[Token, ...]:
    """Return `tokens` with every pair of delimiters and bars made one token.

    A bar closes where an operand stands before it and it is the innermost pair that is open, and opens elsewhere.
    """
    opened: list[tuple[Token, list[Token]]] = []
    current: list[Token] = []
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
        if token.kind not in SCRIPTS:
            after_operand = kind not in _NOT_OPERANDS
    if opened:
        _unpaired(opened[-1][0], reading)
    return tuple(current)


def _with_neutral_bars(tokens: Sequence[Token]) -> Sequence[Token]:
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


def _angle(token: Token, opened: list[tuple[Token, list[Token]]], after_operand: bool) -> Token:
    """Read `<a, x>` as an inner product where `<` cannot be a relation."""
    if token.is_sign("<") and not after_operand:
        return replace(token, kind="open")
    if token.is_sign(">") and opened and opened[-1][0].text == "<":
        return replace(token, kind="close", text="<")
    return token


def _closed(
    token: Token, opened: list[tuple[Token, list[Token]]], current: list[Token], reading: Reading
) -> list[Token]:
    """Return the sequence outside the pair that `token` closes, the pair at its end."""
    if not opened:
        _unpaired(token, reading)
    start, outside = opened.pop()
    if start.text != token.text:
        culprit = start if start.kind == "bar" else token
        _unpaired(culprit, reading, f"{_OPENERS[start.text]} is closed by {_CLOSERS[token.text]}")
    pair = Token("delimited", token.text, start.start, token.end, (tuple(current),))
    return [*outside, pair]


def _unpaired(token: Token, reading: Reading, hint: str = "") -> NoReturn:
    shown = reading.latex[token.start : token.end].strip() or token.text
    reading.fail("E123", f"{shown} has no partner", token.start, token.end, hint)


def without_final_punctuation(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Return the tokens without the comma or full stop of the sentence around the formula."""
    while tokens and tokens[-1].is_sign(",", ".", ";"):
        tokens = tokens[:-1]
    return tokens


# --- canonical LaTeX of names ------------------------------------------------------------------------------


def written(tokens: Sequence[Token]) -> str:
    r"""Return canonical LaTeX of what stands in a subscript or an index."""
    text = ""
    for token in tokens:
        piece = _written_token(token)
        separate = re.search(r"\\[A-Za-z]+$", text) and piece[:1].isalpha()
        text += " " * bool(separate) + piece
    return text


def _written_token(token: Token) -> str:
    inner = [written(part) for part in token.parts]
    if token.kind == "delimited":
        return f"{_OPENERS[token.text]}{inner[0]}{_CLOSERS[token.text]}"
    if token.kind in ("sup", "sub"):
        return token.text + in_braces(inner[0])
    if token.kind == "fraction":
        return f"\\frac{{{inner[0]}}}{{{inner[1]}}}"
    if token.kind == "sqrt":
        return f"\\sqrt{{{inner[0]}}}"
    if token.kind in ("group", "argument"):
        return inner[0]
    if token.kind == "function" and not token.text.startswith("\\"):
        return token.text if len(token.text) == 1 else f"\\mathrm{{{token.text}}}"
    return token.text


def in_braces(script: str) -> str:
    r"""Return a script as it is written behind `_`: without braces where TeX needs none."""
    if re.fullmatch(r".|\\[A-Za-z]+|\\(?:mathrm|mathbf|mathsf|mathcal|text)\{[^{}]*\}", script):
        return script
    return f"{{{script}}}"
