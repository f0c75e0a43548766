"""What is refused because a reader would see another formula than the one that stands there."""

from __future__ import annotations

from typing import NoReturn

from .cursor import Cursor, is_relation
from .names import in_braces, name_of
from .pieces import Reading
from .tokens import Token, is_transpose, written
from .tree import Syntax
from .vocabulary import LOGARITHMS, NAMED


def check_digit(cursor: Cursor) -> None:
    """Refuse `x^10` and `x2`: TeX prints x^1 0 and x2, and the author means neither product."""
    token = cursor.tokens[cursor.at]
    before = cursor.tokens[cursor.at - 1] if cursor.at else None
    if token.kind != "number" or before is None or before.end != token.start:
        return
    bare = before.kind in ("sup", "sub") and before.end - before.start == 2
    if bare and before.kind == "sup" and any(map(is_transpose, before.parts[0])):
        return
    behind = cursor.tokens[cursor.at + 1] if cursor.at + 1 < len(cursor.tokens) else None
    held = behind is not None and behind.kind == "delimited" and behind.text in ("{", "[")
    if bare and token.text == "1" and held and before.parts[0][0].kind == "symbol":
        return  # `\sum_{k=1}^K1\{y_i=k\}`
    if bare:
        script = before.text + "{" + cursor.reading.latex[before.start + 1 : before.end] + token.text + "}"
        message = f"only the first digit is a {'super' if before.kind == 'sup' else 'sub'}script"
        cursor.reading.fail("E132", message, before.start, token.end, f"write {script}")
    vector = token.text == "1" and behind is not None and behind.kind == "sub"  # `X1_n`
    if before.kind in ("symbol", "number") and not vector:
        hint = "write the number first, or an index as x_2"
        cursor.reading.fail("E132", "a number stands behind a letter", before.start, token.end, hint)


def check_behind_slash(cursor: Cursor, quotient: Syntax, slash: Token) -> None:
    r"""Refuse `1/2n`, `a/bc`, `x^\top y/\|x\|\|y\|`: what stands behind may be divided by or multiplied.

    A closed group below is clear, `1/(2n) \|x\|^2`; so is a number before a square, `1/2 x^2`, `1/2 x^\top Ax`, and
    before what is no letter, `n/2 \log|\Sigma|`.
    """
    above, below = quotient.arguments
    if not cursor.at_operand() or below.head == "group":
        return
    numbers = above.head == below.head == "number"
    halved = below.head == "number" and _is_no_letter(cursor.tokens[cursor.at])
    if not halved and not (numbers and _is_clear_behind_number(cursor)):
        message = "what follows this / may be divided by or multiplied"
        cursor.reading.fail("E133", message, slash.start, slash.end, "write a fraction, or parentheses")


def _is_no_letter(token: Token) -> bool:
    """Whether a function, a sum, a fraction, a norm or bars begin here, which nobody takes into a denominator."""
    bars = token.kind == "delimited" and token.text in ("|", "||")
    return bars or token.kind in ("function", "sum", "fraction", "binomial", "sqrt")


def _is_clear_behind_number(cursor: Cursor) -> bool:
    """Whether what stands here is no letter that a reader could take into the denominator."""
    token = cursor.tokens[cursor.at]
    if token.kind not in ("symbol", "word"):
        return True
    k = cursor.behind(cursor.at + 1)
    scripts = cursor.tokens[cursor.at + 1 : k]
    raised = next((x.parts[0] for x in scripts if x.kind == "sup"), ())
    last = k == len(cursor.tokens) or cursor.tokens[k].kind == "sign"
    return any(map(is_transpose, raised)) or any(x.kind == "prime" for x in scripts) or (bool(raised) and last)


_OF_RANDOM_LETTERS = frozenset(("E", "P", "V"))
"""The letters of an expectation, a probability and a variance."""


_SHORT = 3
"""Of how few letters a name says too little of which one is meant: `sim` is not `sinm`."""
_MOMENTS = {
    "var": "a variance without parentheses",
    "cov": "a covariance without parentheses",
    "corr": "a correlation",
    "prob": "a probability",
}
"""The moments of random letters by their names."""


def is_expectation(token: Token, follows: Token | None) -> bool:
    r"""Whether `\mathbb{E}[..]`, `\operatorname{E}(..)`, `E[..]`, `E\{..\}` stands here."""
    name = name_of(token.text)
    if name.letter not in _OF_RANDOM_LETTERS or follows is None:
        return False
    upright = any(x in ("mathbb", "mathrm", "mathsf", "operatorname", "text") for x in name.faces)
    enclosed = follows.text if follows.kind == "delimited" else ""
    if name.letter != "E":
        return upright and enclosed in ("[", "{", "(")
    exponential = follows.kind == "symbol" and follows.text in ("e", r"\mathrm{e}")
    if enclosed in ("[", "{", "|", "||") or follows.kind == "function" or exponential:
        return True
    return upright and follows.kind not in ("sign", "sup", "prime", "close")


def check_letter(token: Token, cursor: Cursor) -> None:
    """Refuse letters that stand for no number, vector or matrix."""
    behind = cursor.behind(cursor.at, ("sub",))
    follows = cursor.tokens[behind] if behind < len(cursor.tokens) else None
    if is_expectation(token, follows):
        what = {"E": "an expectation without brackets", "P": "a probability", "V": "a variance"}
        hint = rf"write {token.text}[...] around what is averaged"
        if name_of(token.text).letter != "E":
            hint = "write it out" + r", as w^T \Sigma w" * (name_of(token.text).letter == "V")
        message = f"{what[name_of(token.text).letter]} is not supported"
        cursor.reading.fail("E131", message, token.start, token.end, hint)
    if token.text in (r"\mathbb{R}", r"\mathbb{N}", r"\mathbb{Z}", r"\mathbb{C}", r"\infty"):
        cursor.reading.fail("E128", f"{token.text} is no part of a function", token.start, token.end)
    if token.text == r"\mathrm{d}" and cursor.at_operand():
        hint = r"name the variable in the marker, \derive<f><X>"
        cursor.reading.fail("E130", "a differential is not read inside a formula", token.start, token.end, hint)


def refuse_subscript(function: Token, below: Token, reading: Reading) -> NoReturn:
    r"""Refuse `\log_2 x`, `\max_i x_i`, `\operatorname{softmax}_k(z)`, each with what may be written instead.

    Raises:
        ParseError: always.
    """
    name, script = function.letter.lstrip("\\"), written(below.parts[0])
    message, hint = f"a subscript on {function.letter} is not supported", "give the function a name of its own"
    if name in LOGARITHMS:
        hint = rf"divide by the logarithm of the base: \frac{{\{name}(...)}}{{\{name}({script})}}"
    elif name in ("max", "min"):
        message = f"a {name}imum over an index or a set is not supported"
        hint = rf"write \{name}(x) for the {'largest' if name == 'max' else 'smallest'} entry of a vector x"
        if script not in ("i", "j", "k", "l", "n", "m"):
            hint = "leave it out, and ask where the gradient vanishes: [solve]"
    elif "softmax" in name:
        hint = rf"write \operatorname{{softmax}}(...)_{in_braces(script)} for an entry of it"
    reading.fail("E125", message, function.start, below.end, hint)


def check_word(token: Token, cursor: Cursor) -> None:
    """Refuse a function that nobody has defined."""
    follows = cursor.peek()
    applied = follows is not None and follows.kind == "delimited" and follows.text in "([{"
    applied = applied or (token.text.startswith(r"\operatorname") and cursor.at_operand())
    if token.kind == "word" and token.letter.lower() in ("argmin", "argmax"):
        hint = "leave it out, and ask where the gradient vanishes: [solve]"
        cursor.reading.fail("E125", f"the function {token.letter} is not supported", token.start, token.end, hint)
    moment = _MOMENTS.get(token.letter.lower()) if token.kind == "word" and applied and not cursor.naming else None
    if moment is not None and token.letter not in cursor.reading.spellings.letters:
        hint = r"write it out, as w^T \Sigma w"
        cursor.reading.fail("E131", f"{moment} is not supported", token.start, token.end, hint)
    if token.kind == "word" and applied and not cursor.naming and token.letter not in cursor.reading.spellings.letters:
        from difflib import get_close_matches

        if token.letter in NAMED:
            message, hint = NAMED[token.letter]
            cursor.reading.fail("E125", message, token.start, token.end, hint)
        names = sorted(cursor.reading.spellings.functions) if len(token.letter) > _SHORT else ()
        close = get_close_matches(token.letter, names, 1, 0.7)
        several = follows is not None and any(x.is_sign(",") for part in follows.parts[:1] for x in part)
        define = f"define it in a clause: {token.text}({'a, b' if several else 'a'}) = ..."
        hint = f"did you mean {close[0]}?" if close else define
        cursor.reading.fail("E125", f"the function {token.letter} is not known", token.start, token.end, hint)


def check_contents(token: Token, reading: Reading) -> None:
    """Refuse what looks like a pair of delimiters around a formula and is something else."""
    for inner in token.parts[0]:
        if inner.is_sign("|", "||"):
            message = "what stands behind this bar, a condition or another argument, is not supported"
            reading.fail("E131", message, inner.start, inner.end, "write a function of one argument")
        if inner.is_sign(";"):
            if token.text == "(":
                message = "parameters behind a semicolon are not supported"
                reading.fail(
                    "E131", message, inner.start, inner.end, "write a function of one argument, or write it out"
                )
            hint = "write [A\\ B][x; y] as Ax + By"
            reading.fail("E131", "blocks are not supported", token.start, token.end, hint)
        if is_relation(inner):
            message, hint = (
                "a condition (an indicator) is not supported",
                "write a letter that is 1 where it holds, such as t_i",
            )
            if inner.text not in ("=", ":="):
                message, hint = "a condition in parentheses is not supported", r"write \mathbb{1}[...] around it"
            reading.fail("E131", message, token.start, token.end, hint)
