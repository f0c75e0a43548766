r"""Pieces as tokens: letters with their fonts, numbers, names of functions, signs, scripts and groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from .cases import TABLES
from .commands import COMMANDS, arguments_taken, enlarged, unknown
from .delimiters import is_balanced, paired
from .environments import ALIGNING
from .pieces import Piece, Reading
from .tokens import PLAIN, Font, Token, styled
from .tree import Spellings
from .vocabulary import (
    ACCENTS,
    BIG,
    DELIMITERS,
    FACES,
    LETTERS,
    ONES_FONTS,
    RELATIONS,
    SKIPPED,
    SPELLED_WORDS,
    SWITCHES,
    WITH_TWO_ARGUMENTS,
    WORD_FONTS,
)


@lru_cache(maxsize=8)
def _words_by_initial(spellings: Spellings) -> Mapping[str, tuple[str, ...]]:
    """Return the names of functions that may be spelled in plain letters, the longest first, by their first letter."""
    words = sorted((x for x in spellings.functions if len(x) > 1 and x.isalpha()), key=lambda x: (-len(x), x))
    return {word[0]: tuple(w for w in words if w[0] == word[0]) for word in words}


def _is_letter(pieces: Sequence[Piece], k: int) -> bool:
    return 0 <= k < len(pieces) and pieces[k].kind == "character" and pieces[k].text.isalpha()


def _check_spelled_word(pieces: Sequence[Piece], first: int, reading: Reading) -> None:
    """Refuse `var(x)`, a word that nobody reads as a product of letters.

    Raises:
        ParseError: one begins here, stands alone and is followed at once by a parenthesis.
    """
    if _is_letter(pieces, first - 1):
        return
    end = first
    while _is_letter(pieces, end):
        end += 1
    word = "".join(p.text for p in pieces[first:end])
    applied = end < len(pieces) and pieces[end].is_character("(")
    if applied and word.lower() in SPELLED_WORDS:
        hint = rf"write \operatorname{{{word}}}(...) and define it; blanks between the letters make a product"
        reading.fail("E125", f"the function {word} is not known", pieces[first].start, pieces[end - 1].end, hint)


@lru_cache(maxsize=8)
def _symbols(spellings: Spellings) -> frozenset[str]:
    """Return the macros that are letters, without their backslash."""
    return LETTERS | {name.lstrip("\\") for name in spellings.letters}


class Tokenizer:
    """Turns pieces into tokens; delimiters come out unpaired."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.words = _words_by_initial(reading.spellings)
        self.symbols = _symbols(reading.spellings)

    def tokens(self, pieces: Sequence[Piece], font: Font = PLAIN) -> list[Token]:
        """Return the tokens of `pieces`, which stand in `font`."""
        over = next((k for k, piece in enumerate(pieces) if piece.text == "over" and piece.kind == "macro"), None)
        if over is not None:
            return [self._over(pieces, over, font)]
        return list(Lexer(self, pieces, font))

    def sequence(self, pieces: Sequence[Piece], font: Font) -> tuple[Token, ...]:
        """Return the tokens of a sequence of its own, delimiters paired."""
        return paired(self.tokens(pieces, font), self.reading)

    def script(self, pieces: Sequence[Piece]) -> tuple[Token, ...]:
        """Return the tokens of a subscript, in which one bar stands between two times: `P_{k|k-1}`."""
        tokens = self.tokens(pieces, PLAIN)
        bars = [k for k, x in enumerate(tokens) if x.kind == "bar" and x.text == "|"]
        if len(bars) == 1 and 0 < bars[0] < len(tokens) - 1:
            tokens[bars[0]] = tokens[bars[0]]._replace(kind="sign", text=r"\mid")
        return paired(tokens, self.reading)

    def _over(self, pieces: Sequence[Piece], k: int, font: Font) -> Token:
        parts = (self.sequence(pieces[:k], font), self.sequence(pieces[k + 1 :], font))
        return Token("fraction", "", pieces[0].start, pieces[-1].end, parts)


class Lexer:
    """One pass over a sequence of pieces in one group; iterating yields its tokens."""

    def __init__(self, tokenizer: Tokenizer, pieces: Sequence[Piece], font: Font) -> None:
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

    def _tokens(self, piece: Piece) -> Iterable[Token]:
        if piece.kind == "character":
            return self._character(piece)
        if piece.kind == "macro":
            return self._macro(piece)
        if piece.kind == "group":
            return self.group(piece, piece.items)
        return self._environment(piece)

    @property
    def end(self) -> int:
        """Where what has been taken ends."""
        return self.pieces[self.at - 1].end

    # reading ahead

    def peek(self) -> Piece | None:
        """Return the next piece that is not blank."""
        k = self.at
        while k < len(self.pieces) and self.pieces[k].kind == "blank":
            k += 1
        return self.pieces[k] if k < len(self.pieces) else None

    def take(self) -> Piece | None:
        """Take the next piece that is not blank, None if there is none."""
        piece = self.peek()
        while piece is not None and self.pieces[self.at] is not piece:
            self.at += 1
        self.at += piece is not None
        return piece

    def argument(self, owner: Piece) -> tuple[Piece, ...]:
        """Take the argument of the macro or script `owner`: a brace group, or a single piece with its own arguments."""
        piece = self.take()
        if piece is None or piece.is_character("^_&"):
            name = owner.text if owner.kind == "character" else "\\" + owner.text
            hint = f"write it within braces: {name}{{...}}"
            self.reading.fail("E126", f"{name} has no argument", owner.start, owner.end, hint)
        if piece.kind == "group":
            return piece.items
        taken = [piece]
        for _ in range(arguments_taken(piece)):
            with self.reading.nested(piece.start, piece.end):
                inner = self.argument(piece)
            taken.append(Piece("group", "", piece.start, self.end, inner))
        return tuple(taken)

    def bracketed(self) -> tuple[Piece, ...] | None:
        """Take an optional argument `[...]`."""
        piece = self.peek()
        if piece is None or not piece.is_character("["):
            return None
        self.take()
        start = self.at
        while self.at < len(self.pieces) and not self.pieces[self.at].is_character("]"):
            self.at += 1
        if self.at == len(self.pieces):
            self.reading.fail("E123", "this [ is never closed", piece.start, piece.end)
        self.at += 1
        return tuple(self.pieces[start : self.at - 1])

    def skip_star(self) -> None:
        """Skip the star of a macro such as `\\operatorname*`, if one stands here."""
        star = self.peek()
        if star is not None and star.is_character("*"):
            self.take()

    # characters

    def _character(self, piece: Piece) -> tuple[Token, ...]:
        text = piece.text
        if text.isalpha():
            return (self._letters(piece),)
        if text.isdecimal() or (text == "." and self._digit_follows()):
            return (self._number(piece),)
        if text in "^_":
            content = self.argument(piece)
            end = self.end
            parts = (self.tokenizer.script(content) if text == "_" else self.tokenizer.sequence(content, PLAIN),)
            return (Token("sup" if text == "^" else "sub", text, piece.start, end, parts),) if parts[0] else ()
        if text == "'":
            return (Token("prime", "'", piece.start, piece.end),)
        if text in DELIMITERS:
            kind, what = DELIMITERS[text]
            return (Token(kind, what, piece.start, piece.end),)
        if text == ":" and self._defines():
            return (Token("sign", ":=", piece.start, self.end),)
        if text in "+-=*/,;:<>.!":
            return (Token("sign", text, piece.start, piece.end),)
        if text != "&":
            self.reading.fail("E128", f"'{text}' has no meaning in a formula", piece.start, piece.end)
        return ()

    def _digit_follows(self, distance: int = 0) -> bool:
        k = self.at + distance
        return k < len(self.pieces) and self.pieces[k].is_character("0123456789")

    def _defines(self) -> bool:
        """Whether `=` follows at once; it is then taken."""
        follows = self.peek()
        if follows is None or not follows.is_character("="):
            return False
        self.take()
        return True

    def _number(self, piece: Piece) -> Token:
        """Return a number, or the vector of ones or zeros where its font says so."""
        text = piece.text
        while self._digit_follows() or (self._point_follows() and "." not in text and self._digit_follows(1)):
            text += self.pieces[self.at].text
            self.at += 1
        if text in ("0", "1") and set(self.font) & ONES_FONTS:
            return Token("ones" if text == "1" else "zeros", styled(text, self.font), piece.start, self.end)
        return Token("number", text, piece.start, self.end)

    def _point_follows(self) -> bool:
        return self.at < len(self.pieces) and self.pieces[self.at].is_character(".")

    def _letters(self, piece: Piece) -> Token:
        """Return the function that begins here, the upright word, or else one letter."""
        first, word = self.at - 1, ""
        if _is_letter(self.pieces, self.at):
            word = self._plain_function(first)
            _check_spelled_word(self.pieces, first, self.reading)
        if word:
            self.at = first + len(word)
            return Token("function", word, piece.start, self.end, letter=word)
        if self.font[1] in WORD_FONTS and _is_letter(self.pieces, self.at):
            while _is_letter(self.pieces, self.at):
                self.at += 1
            run = "".join(p.text for p in self.pieces[first : self.at])
            return self.word(run, self.font[1], piece.start, self.end)
        return Token("symbol", styled(piece.text, self.font), piece.start, piece.end, letter=piece.text)

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
        while k < len(self.pieces) and (self.pieces[k].kind == "blank" or self.pieces[k].is_macro(*SKIPPED)):
            k += 1
        if k == len(self.pieces):
            return False
        follows = self.pieces[k]
        if follows.kind == "macro":
            return self._begins_operand(follows.text)
        if follows.kind == "group" or follows.is_character("([|"):
            return True
        return k > end and not _is_letter(self.pieces, first - 1) and follows.text.isalnum()

    def _begins_operand(self, name: str) -> bool:
        if name in ("left", "{", "|", "lbrace", "langle", "lvert", "lVert", "vert", "Vert", "frac", "sqrt", "sum"):
            return True
        if BIG.fullmatch(name):
            return not name.endswith("r")
        known = self.tokenizer.symbols | FACES | ACCENTS | WITH_TWO_ARGUMENTS
        return name in known or "\\" + name in self.reading.spellings.functions

    def word(self, word: str, macro: str, start: int, end: int) -> Token:
        """Return a name of several letters: a function, or one symbol."""
        if word in self.reading.spellings.functions:
            return Token("function", word, start, end, letter=word)
        if len(word) == 1:
            return Token("symbol", f"\\{macro}{{{word}}}", start, end, letter=word)
        return Token("word", f"\\{macro}{{{word}}}", start, end, letter=word)

    # groups

    def group(self, owner: Piece, items: Sequence[Piece]) -> Iterator[Token]:
        """Yield what braces hold: as one group, or its tokens where the braces do not separate anything."""
        tokens = self.tokenizer.tokens(items, self.font)
        if len(tokens) <= 1 or not is_balanced(tokens):
            yield from tokens
        else:
            end = self.end
            yield Token("group", "", owner.start, end, (paired(tokens, self.reading),))

    def _braced_argument(self) -> Iterator[Token]:
        r"""Yield the braces behind a function name, which its author takes for its argument: `\det{A}`."""
        piece = self.peek()
        switches = piece is not None and piece.items and piece.items[0].is_macro(*SWITCHES, "color", "displaystyle")
        if piece is None or piece.kind != "group" or switches:
            return
        self.take()
        content = self.tokenizer.sequence(piece.items, self.font)
        if [token.kind for token in content] == ["delimited"]:
            yield from content
        elif content:
            yield Token("argument", "", piece.start, piece.end, (content,))

    def _environment(self, piece: Piece) -> Iterator[Token]:
        if piece.text in TABLES:
            yield TABLES[piece.text](self, piece)
            return
        if piece.text not in ALIGNING:
            hint = "only aligned, cases, pmatrix and their like are read"
            self.reading.fail("E131", f"the environment {piece.text} is not supported", piece.start, piece.end, hint)
        yield from self.group(piece, piece.items)

    # macros

    def _macro(self, piece: Piece) -> Iterable[Token]:
        name = piece.text
        command = "\\" + name
        if name in COMMANDS:
            return COMMANDS[name](self, piece)
        if name in self.tokenizer.symbols:
            return (Token("symbol", styled(command, self.font), piece.start, piece.end, letter=command),)
        if command in self.reading.spellings.functions:
            return (Token("function", command, piece.start, piece.end, letter=name),)
        if command in self.reading.spellings.infix or name in RELATIONS:
            return (Token("sign", command, piece.start, piece.end),)
        if command in DELIMITERS:
            kind, what = DELIMITERS[command]
            return (Token(kind, what, piece.start, piece.end),)
        return enlarged(self, piece) if BIG.fullmatch(name) else unknown(self, piece)
