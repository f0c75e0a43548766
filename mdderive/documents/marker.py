r"""Reading one marker, `\derive<f><X>[clause; clause]`; the standard library alone."""

from __future__ import annotations

import re

from ..errors import Note, ParseError, Span
from ..latex.patterns import lazily
from .model import Marker

_BREAK = r"(?:\r\n|\r(?!\n)|\n)"
_BLANKS = rf"[ \t]*(?:{_BREAK}[ \t]*)?"
MARKER_START = lazily(rf"(?<!\\def)(?<!\\gdef)\\derive{_BLANKS}[<＜]")
r"""Where a marker begins; `\derive` without a `<`, or one that is being defined, is a word like any other."""

_GAP = lazily(_BLANKS)
_SIGN = lazily(
    r"""
    \\(?:left|right|middle|[bB]igg?[lrm]?)(?![A-Za-z])[ \t]*[<>\[\]]?  # a delimiter that need not have a partner
    | (?P<marker>\\derive(?![A-Za-z])) | (?P<environment>\\(?:begin|end)(?![A-Za-z]))
    | \\[A-Za-z]+ | \\. | (?P<sign>[{}<>\[\];；])
    """
    rf"| (?P<end>{_BREAK}[ \t]*{_BREAK})",
    re.VERBOSE | re.DOTALL,
)
_COMMA = lazily(r"\\[A-Za-z]+|\\.|[{},，、]", re.DOTALL)
_PROTECTING = ("{", r"\begin")
"""What begins a stretch in which no sign is a bracket of the marker."""
_CLOSING = {"<": ">", "[": "]"}
_LABEL = r"\[(?:[^\[\]\\\r\n]|\\.|\[[^\[\]\r\n]*\])*\]"
_DESTINATION = (
    r"\([ \t]*(?:<[^<>\r\n]*>|(?:[^\s()<>]|\([^\s()]*\))*)"  # then a title, if any
    r"""(?:[ \t]+(?:"[^"\r\n]*"|'[^'\r\n]*'|\([^()\r\n]*\)))?[ \t]*\)"""
)
_LINK = lazily(rf"\[(?:\[[^\[\]\r\n]+\]\]|!\[|[\^@])|{_LABEL}(?:{_DESTINATION}|\{{[ \t]*[.#:])")
"""What Markdown takes for a link, a wiki link, an image that is one, a footnote, a citation or a span: no clauses."""
_LINK_APART = lazily(rf"{_LINK.pattern}|{_LABEL}\[")
_LINK_BELOW = lazily(rf"{_LINK.pattern}|{_LABEL}[(\[:]")
_FULL_WIDTH = {">": "＞", "]": "】］"}
_A_LATER_END = lazily(rf"(?:(?!{_BREAK}[ \t]*{_BREAK})[^<>])*>{_BLANKS}<")
"""What follows the `>` of a relation: the end of the formula, and the variable."""
_FULL_WIDTH_CLAUSES = lazily(r"[【［][^】］\r\n]*[:：=]")
"""Clauses in full-width brackets; `【1】` is a reference."""


def read_marker(text: str, start: int, *, has_links: bool = True) -> Marker:
    r"""Return the marker that begins at `text[start]`.

    Where a text `has_links`, as Markdown does, what is one is no clauses, on the line of the marker or the next. Line
    breaks in its parts come as "\n" or " \n", so that every offset stays right.

    Raises:
        ParseError: it is cut off (E101), a part of it is empty (E102), or a part is missing (E103). The span, of
            the part "marker", is a place in `text`.
    """
    opening = MARKER_START.match(text, start)
    if opening is None:
        raise ParseError("E103", r"\derive needs a formula and a variable: \derive<f><X>", _span(start, start + 7))
    _reject_full_width(text, opening.end() - 1, "＜")
    f_start = opening.end()
    f_end = _closing(text, f_start - 1)
    variable_start = _after_gap(text, f_end + 1, "<")
    if variable_start is None:
        _reject_full_width(text, f_end + 1, "＜")
        hint = r"write \derive<f><X>"
        if _A_LATER_END.match(text, f_end + 1):
            hint = r"a > ends the formula; for the sign write \gt"
        raise ParseError("E103", "this marker does not say by what to differentiate", _span(start, f_end + 1), hint)
    variable_end = _closing(text, variable_start - 1)
    where: list[tuple[str, int]] = []
    end = variable_end + 1
    if _FULL_WIDTH_CLAUSES.match(text, end):
        _reject_full_width(text, end, "【［")
    clauses_start = _after_gap(text, end, "[")
    if clauses_start is not None and not (has_links and _is_link(text, end, clauses_start - 1)):
        end = _closing(text, clauses_start - 1) + 1
        where = [clause for clause in split_clauses(text, clauses_start, end - 1) if clause[0]]
    f = _trimmed(text, f_start, f_end)
    variable = _trimmed(text, variable_start, variable_end)
    _reject_empty("the formula", f, f_start - 1)
    for name, offset in split_variables(variable[0]):
        _reject_empty("the variable", (name, 0), variable[1] + offset - (offset == 0))
    offsets = {"marker": 0, "f": f[1] - start, "variable": variable[1] - start}
    offsets.update((f"where:{k}", offset - start) for k, (_, offset) in enumerate(where))
    return Marker(text[start:end], f[0], variable[0], tuple(clause for clause, _ in where), offsets)


def _is_link(text: str, end: int, opening: int) -> bool:
    """Return whether Markdown takes the bracket at `opening` for a link, which follows a marker that ends at `end`."""
    gap = text[end:opening]
    form = _LINK if not gap else _LINK_APART if not gap.strip(" \t") else _LINK_BELOW
    return form.match(text, opening) is not None


def split_variables(variable: str) -> list[tuple[str, int]]:
    """Return the variables of `W_1, W_2` and where each begins; a comma inside braces separates nothing."""
    found: list[tuple[str, int]] = []
    depth = start = 0
    for match in _COMMA.finditer(variable):
        sign = match.group()
        if sign in "{}":
            depth = max(depth + (1 if sign == "{" else -1), 0)
        elif sign in ",，、" and depth == 0:
            found.append(_trimmed(variable, start, match.start()))
            start = match.end()
    found.append(_trimmed(variable, start, len(variable)))
    return found


def split_clauses(text: str, start: int, end: int) -> list[tuple[str, int]]:
    """Return the clauses of `text[start:end]` and where each begins; they end at a `;` outside braces and brackets."""
    found: list[tuple[str, int]] = []
    braces = brackets = 0
    begin = start
    for match in _SIGN.finditer(text, start, end):
        sign = match["sign"]
        if sign in ("{", "}") or match["environment"]:
            braces = max(braces + (1 if match.group() in _PROTECTING else -1), 0)
        elif sign in ("[", "]") and not braces:
            brackets = max(brackets + (1 if sign == "[" else -1), 0)
        elif sign in (";", "；") and not braces and not brackets:
            found.append(_trimmed(text, begin, match.start()))
            begin = match.end()
    found.append(_trimmed(text, begin, end))
    return found


def _reject_full_width(text: str, place: int, signs: str) -> None:
    """Refuse a bracket of Chinese typography where a marker needs one of its own.

    Raises:
        ParseError: one stands there.
    """
    if text[place : place + 1] and text[place] in signs:
        hint = r"write \derive<f><X>[clause; clause] with the signs < > [ ]"
        raise ParseError("E103", f"{text[place]} is a full-width sign", _span(place, place + 1), hint)


def _closing(text: str, opening: int) -> int:
    """Return where the bracket that opens at `opening` closes; the paragraph or the next marker is the limit."""
    mine, partner = text[opening], _CLOSING[text[opening]]
    depth = 0
    braces: list[int] = []
    limit = len(text)
    for match in _SIGN.finditer(text, opening):
        if match["marker"] or match["end"]:
            limit = match.start()
            break
        sign = match["sign"]
        if match.group() in _PROTECTING:
            braces.append(match.start())
        elif (sign == "}" or match["environment"]) and braces:
            braces.pop()
        elif sign == mine and not braces:
            depth += 1
        elif sign == partner and not braces:
            depth -= 1
            if depth == 0:
                return match.start()
    what = r"\begin" if braces and text.startswith(r"\begin", braces[0]) else "brace"
    notes = (Note(_span(braces[0], braces[0] + 1), f"this {what} is never closed"),) if braces else ()
    hint = f"a {partner} outside braces must follow in the same paragraph"
    if any(sign in text[opening:limit] for sign in _FULL_WIDTH[partner]):
        hint = f"write {partner} for the full-width sign"
    raise ParseError("E101", "this marker is never closed", _span(opening, opening + 1), hint, notes)


def _after_gap(text: str, position: int, opening: str) -> int | None:
    """Return the place behind `opening` if only blanks and one line break come before it."""
    gap = _GAP.match(text, position)
    end = gap.end() if gap else position
    return end + 1 if text.startswith(opening, end) else None


def _trimmed(text: str, start: int, end: int) -> tuple[str, int]:
    piece = text[start:end].replace("\r\n", " \n").replace("\r", "\n")
    bare = piece.strip()
    return bare, start + (len(piece) - len(piece.lstrip()) if bare else 0)


def _reject_empty(what: str, part: tuple[str, int], place: int) -> None:
    if not part[0]:
        raise ParseError("E102", f"{what} of this marker is empty", _span(place, place + 1), r"write \derive<f><X>")


def _span(start: int, end: int) -> Span:
    return Span("marker", start, end)
