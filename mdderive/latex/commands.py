r"""What the macros of LaTeX become: fonts and accents, fractions and roots, sized delimiters, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

from .pieces import Piece
from .tokens import Token, with_font
from .vocabulary import (
    ACCENTS,
    ALPHABETS,
    BINOMIALS,
    DELIMITERS,
    EMBOLDENED,
    FACES,
    FRACTIONS,
    KERNS,
    KNOWN_FUNCTIONS,
    PROSE,
    SIMPLE,
    SKIPPED,
    SKIPPED_WITH_ARGUMENT,
    SWITCHES,
    TEXT_ACCENTS,
    TEXTS,
    TRANSPARENT,
    UNSUPPORTED,
    WAYS_OUT,
    WITH_TWO_ARGUMENTS,
)

if TYPE_CHECKING:
    from .lexer import Lexer

Command = Callable[["Lexer", Piece], Iterable[Token]]


def arguments_taken(piece: Piece) -> int:
    """Return how many arguments a macro takes along where it stands as an argument itself (`^\\text{T}`)."""
    if piece.kind != "macro":
        return 0
    if piece.text in WITH_TWO_ARGUMENTS or piece.text == "textcolor":
        return 2
    return int(piece.text in FACES | ACCENTS | TRANSPARENT or piece.text == "sqrt")


def _plain_text(pieces: Sequence[Piece]) -> str | None:
    """Return the characters of a text, None if anything but characters and blanks stands there."""
    if all(p.kind in ("character", "blank") or (p.kind == "macro" and p.text in SKIPPED) for p in pieces):
        return "".join(p.text if p.kind == "character" else " " for p in pieces)
    return None


def _is_differential(pieces: Sequence[Piece], side: str) -> bool:
    r"""Whether this side of a fraction is one of a derivative: `d`, `df`, `d^2f` or `\partial X`; `d^\top x` is not."""
    solid = [p for p in pieces if p.kind != "blank" and not (p.kind == "macro" and p.text in SKIPPED)]
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
    tokens[0] = tokens[0]._replace(start=start)
    tokens[-1] = tokens[-1]._replace(end=end)
    return tokens


def _skip_argument(lexer: Lexer, piece: Piece) -> Iterable[Token]:
    lexer.skip_star()
    lexer.bracketed()
    lexer.argument(piece)
    return ()


def _skip_length(lexer: Lexer, piece: Piece) -> Iterable[Token]:
    """Skip the length behind `\\mkern`."""
    rest = "".join(p.text if p.kind == "character" else " " for p in lexer.pieces[lexer.at :])
    match = re.match(r"\s*-?\s*[\d.]+\s*[a-z]{2}", rest)
    lexer.at += match.end() if match else 0
    return ()


def _alphabet(lexer: Lexer, piece: Piece) -> Iterable[Token]:
    """Yield what stands in a font: a font is no bracket, so its tokens stand side by side with the others."""
    content = lexer.argument(piece)
    end = lexer.end
    word = _plain_text(content) or ""
    if len(word) > 1 and word in lexer.reading.spellings.functions:
        yield Token("function", word, piece.start, end, letter=word)
    else:
        tokens = lexer.tokenizer.tokens(content, with_font(lexer.font, piece.text))
        yield from _spanning(tokens, piece.start, end)


def _switch(lexer: Lexer, piece: Piece) -> Iterable[Token]:
    lexer.font = with_font(lexer.font, SWITCHES[piece.text])
    return ()


def _text(lexer: Lexer, piece: Piece) -> Iterable[Token]:
    lexer.skip_star()
    content = lexer.argument(piece)
    end = lexer.end
    text = _plain_text(content)
    if text is None:
        yield from _spanning(lexer.tokenizer.tokens(content, ("", "mathrm")), piece.start, end)
    elif text.strip():
        yield _words(lexer, text.strip(), piece, end)


def _words(lexer: Lexer, text: str, piece: Piece, end: int) -> Token:
    if text in PROSE or not re.fullmatch(r"[A-Za-z0-9._*-]+", text):
        lexer.reading.fail("E128", f"'{text}' is no part of a formula", piece.start, end, "move words out of it")
    if text.isdecimal():
        return Token("number", text, piece.start, end)
    macro = "operatorname" if piece.text.startswith("operatorname") or piece.text == "mathop" else piece.text
    return lexer.word(text, macro, piece.start, end)


def _accent(lexer: Lexer, piece: Piece) -> Iterable[Token]:
    r"""Yield the accented letter, then the scripts that stood within: `\bar{x_i}` is `\bar{x}_i`."""
    content = lexer.tokenizer.tokens(lexer.argument(piece), lexer.font)
    end = lexer.end
    base, scripts = (content[0], content[1:]) if content else (None, [])
    if piece.text == "vec" and base is not None and (base.kind == "ones" or base.text == "1"):
        yield Token("ones", r"\vec{1}", piece.start, end)
    elif base is None or base.kind not in ("symbol", "word") or any(s.kind not in ("sub", "sup") for s in scripts):
        hint = "give the whole a name of its own"
        lexer.reading.fail("E131", f"\\{piece.text} stands over more than one letter", piece.start, end, hint)
    else:
        text = f"\\{piece.text}{{{base.text}}}"
        yield base._replace(text=text, letter=text, start=piece.start, end=base.end if scripts else end)
    yield from scripts


def _text_accent(lexer: Lexer, piece: Piece) -> NoReturn:
    better = f"\\{TEXT_ACCENTS[piece.text]}"
    message = f"\\{piece.text} is an accent for text"
    lexer.reading.fail("E128", message, piece.start, piece.end, f"in a formula write {better}")


def _fraction(lexer: Lexer, piece: Piece) -> Iterable[Token]:
    above, below = lexer.argument(piece), lexer.argument(piece)
    end = lexer.end
    if _is_differential(above, "numerator") and _is_differential(below, "denominator"):
        _derivative(lexer, piece._replace(end=end))
    parts = (lexer.tokenizer.sequence(above, lexer.font), lexer.tokenizer.sequence(below, lexer.font))
    for part, side in zip(parts, ("numerator", "denominator"), strict=True):
        if not part:
            lexer.reading.fail("E126", f"this fraction has no {side}", piece.start, end)
    yield Token("fraction", "", piece.start, end, parts)


def _binomial(lexer: Lexer, piece: Piece) -> Iterable[Token]:
    parts = tuple(lexer.tokenizer.sequence(lexer.argument(piece), lexer.font) for _ in range(2))
    if not all(parts):
        lexer.reading.fail("E126", "this binomial coefficient lacks a number", piece.start, lexer.end)
    yield Token("binomial", "", piece.start, lexer.end, parts)


def _root(lexer: Lexer, piece: Piece) -> Iterable[Token]:
    degree = lexer.bracketed()
    parts = [lexer.tokenizer.sequence(lexer.argument(piece), lexer.font)]
    end = lexer.end
    if degree is not None:
        parts.append(lexer.tokenizer.sequence(degree, lexer.font))
    if not all(parts):
        lexer.reading.fail("E126", "this root is empty", piece.start, end)
    yield Token("sqrt", "", piece.start, end, tuple(parts))


def _simple(lexer: Lexer, piece: Piece) -> Iterable[Token]:
    kind, text = SIMPLE[piece.text]
    return (Token(kind, text, piece.start, piece.end),)


def _transparent(lexer: Lexer, piece: Piece) -> Iterable[Token]:
    r"""Yield what `\underbrace` and its like hold; the remark below or above is dropped."""
    content = lexer.argument(piece)
    yield from lexer.group(piece, content)
    remark = lexer.peek()
    if piece.text in ("underbrace", "overbrace") and remark is not None and remark.is_character("^_"):
        lexer.take()
        lexer.argument(remark)


def _stack(lexer: Lexer, piece: Piece) -> Iterable[Token]:
    r"""Yield the lines of `\substack{j=1\\ j\ne i}`, a comma between them."""
    items = lexer.argument(piece)
    lines = [Piece("character", ",", x.start, x.end) if x.is_macro("\\", "cr") else x for x in items]
    yield from lexer.tokenizer.tokens(lines, lexer.font)


def _coloured(lexer: Lexer, piece: Piece) -> Iterable[Token]:
    lexer.bracketed()
    lexer.argument(piece)
    yield from lexer.group(piece, lexer.argument(piece))


def _stacked(lexer: Lexer, piece: Piece) -> Iterable[Token]:
    r"""Yield the relation of `\overset{def}{=}`."""
    lexer.argument(piece)
    below = lexer.tokenizer.tokens(lexer.argument(piece), lexer.font)
    end = lexer.end
    if len(below) != 1 or not below[0].is_sign("=", ":="):
        lexer.reading.fail("E131", f"\\{piece.text} is supported over = alone", piece.start, end)
    yield Token("sign", ":=", piece.start, end)


def _sized(lexer: Lexer, piece: Piece) -> Iterable[Token]:
    r"""Return the delimiter of `\left` or `\right`."""
    text, end = _delimiter(lexer, piece)
    text = {"<": r"\langle", ">": r"\rangle", r"\lt": r"\langle", r"\gt": r"\rangle"}.get(text, text)
    if text not in DELIMITERS:
        message = "an evaluation bar is not supported" if text == "." else f"\\{piece.text}{text} is no delimiter"
        lexer.reading.fail("E123", message, piece.start, end)
    return (Token("open" if piece.text == "left" else "close", DELIMITERS[text][1], piece.start, end),)


def enlarged(lexer: Lexer, piece: Piece) -> Iterable[Token]:
    r"""Return the delimiter of `\big`, `\Bigl` and their like, or the sign that they enlarge."""
    text, end = _delimiter(lexer, piece)
    if text == "/":
        return (Token("sign", "/", piece.start, end),)
    if text not in DELIMITERS:
        lexer.reading.fail("E123", f"{text} is no delimiter", piece.start, end)
    kind, what = DELIMITERS[text]
    return (Token({"l": "open", "r": "close"}.get(piece.text[-1], kind), what, piece.start, end),)


def _delimiter(lexer: Lexer, piece: Piece) -> tuple[str, int]:
    """Take what stands behind a macro that sizes a delimiter, and return it with its end."""
    delimiter = lexer.take()
    if delimiter is None:
        lexer.reading.fail("E123", f"\\{piece.text} has no delimiter", piece.start, piece.end)
    return "\\" * (delimiter.kind == "macro") + delimiter.text, delimiter.end


def _derivative(lexer: Lexer, piece: Piece) -> NoReturn:
    hint = r"name the variable in the marker, \derive<f><X>, and write f without derivatives"
    lexer.reading.fail("E130", "a derivative is not read inside a formula", piece.start, piece.end, hint)


def _unsupported(lexer: Lexer, piece: Piece) -> NoReturn:
    hint = WAYS_OUT.get(piece.text, "")
    lexer.reading.fail("E131", f"\\{piece.text}: {UNSUPPORTED[piece.text]}", piece.start, piece.end, hint)


def unknown(lexer: Lexer, piece: Piece) -> NoReturn:
    """Refuse a macro that nobody knows, with the nearest that is known.

    Raises:
        ParseError: always.
    """
    from difflib import get_close_matches  # here: most formulas have no such command

    name = "\\" + piece.text
    if piece.text in KNOWN_FUNCTIONS:
        hint = WAYS_OUT.get(piece.text, "")
        lexer.reading.fail("E125", f"the function {name} is not supported", piece.start, piece.end, hint)
    spellings = lexer.reading.spellings
    known = {n for n in (*spellings.functions, *spellings.infix, *lexer.reading.macros) if n.startswith("\\")}
    structural = FACES | ACCENTS | WITH_TWO_ARGUMENTS | {"sqrt", "sum", "left", "right"}
    known |= {"\\" + n for n in lexer.tokenizer.symbols | structural}
    close = get_close_matches(name, sorted(known), 1, 0.7)
    hint = f"did you mean {close[0]}?" if close else "write it out"
    lexer.reading.fail("E124", f"{name} is not known", piece.start, piece.end, hint)


_COMMANDS: tuple[tuple[Iterable[str], Command], ...] = (
    (SKIPPED, lambda lexer, piece: ()),
    (SKIPPED_WITH_ARGUMENT, _skip_argument),
    (KERNS, _skip_length),
    (ALPHABETS | EMBOLDENED, _alphabet),
    (SWITCHES, _switch),
    (TEXTS, _text),
    (ACCENTS, _accent),
    (TEXT_ACCENTS, _text_accent),
    (FRACTIONS, _fraction),
    (BINOMIALS, _binomial),
    (("sqrt",), _root),
    (SIMPLE, _simple),
    (TRANSPARENT, _transparent),
    (("substack",), _stack),
    (("textcolor",), _coloured),
    (("overset", "stackrel", "underset"), _stacked),
    (("left", "right"), _sized),
    (("partial", "nabla"), _derivative),
    (UNSUPPORTED, _unsupported),
)
COMMANDS: Mapping[str, Command] = MappingProxyType({name: read for names, read in _COMMANDS for name in names})
"""What each macro becomes that is not a letter, a function, a sign or a delimiter by its mere name."""
