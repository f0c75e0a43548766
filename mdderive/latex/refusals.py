"""What is refused because a reader would see another formula than the one that stands there."""

from __future__ import annotations

from difflib import get_close_matches

from .cursor import Cursor, is_relation
from .pieces import Reading
from .tokens import Token


def check_digit(cursor: Cursor) -> None:
    """Refuse `x^10` and `x2`: TeX prints x^1 0 and x2, and the author means neither product."""
    token = cursor.tokens[cursor.at]
    before = cursor.tokens[cursor.at - 1] if cursor.at else None
    if token.kind != "number" or before is None or before.end != token.start:
        return
    if before.kind in ("sup", "sub") and before.end - before.start == 2:
        script = before.text + "{" + cursor.reading.latex[before.start + 1 : before.end] + token.text + "}"
        message = f"only the first digit is a {'super' if before.kind == 'sup' else 'sub'}script"
        cursor.reading.fail("E132", message, before.start, token.end, f"write {script}")
    if before.kind in ("symbol", "number"):
        hint = "write the number first, or an index as x_2"
        cursor.reading.fail("E132", "a number stands behind a letter", before.start, token.end, hint)


def check_letter(token: Token, cursor: Cursor) -> None:
    """Refuse letters that stand for no number, vector or matrix."""
    follows = cursor.peek()
    if token.text in (r"\mathbb{E}", r"\mathbb{P}") and follows is not None and follows.kind == "delimited":
        cursor.reading.fail("E131", "an expectation is not supported", token.start, token.end, "write the sum")
    if token.text in (r"\mathbb{R}", r"\mathbb{N}", r"\mathbb{Z}", r"\mathbb{C}", r"\infty"):
        cursor.reading.fail("E128", f"{token.text} is no part of a function", token.start, token.end)
    if token.text == r"\mathrm{d}" and cursor.at_operand():
        hint = r"name the variable in the marker, \derive<f><X>"
        cursor.reading.fail("E130", "a differential is not read inside a formula", token.start, token.end, hint)


def check_word(token: Token, cursor: Cursor) -> None:
    """Refuse a function that nobody has defined."""
    follows = cursor.peek()
    applied = follows is not None and follows.kind == "delimited" and follows.text in "([{"
    applied = applied or (token.text.startswith(r"\operatorname") and cursor.at_operand())
    if token.kind == "word" and applied and not cursor.naming and token.letter not in cursor.reading.spellings.letters:
        close = get_close_matches(token.letter, sorted(cursor.reading.spellings.functions), 1, 0.7)
        define = rf"define it in a clause: \operatorname{{{token.letter}}}(a) = ..."
        hint = f"did you mean {close[0]}?" if close else define
        cursor.reading.fail("E125", f"the function {token.letter} is not known", token.start, token.end, hint)


def check_contents(token: Token, reading: Reading) -> None:
    """Refuse what looks like a pair of delimiters around a formula and is something else."""
    for inner in token.parts[0]:
        if inner.is_sign(";"):
            hint = "write [A\\ B][x; y] as Ax + By"
            reading.fail("E131", "blocks are not supported", token.start, token.end, hint)
        if is_relation(inner):
            reading.fail("E131", "a condition (an indicator) is not supported", token.start, token.end)
