r"""Macros that authors define: found in a text, read, and written in one form; the standard library alone.

A definition is a clause like any other, `\newcommand{\bX}{\mathbf{X}}`; on a page it may also stand in the preamble, in
a formula before the marker, or in the settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ..errors import ParseError, Span
from .patterns import lazily

LONGEST = 2_000
"""How many characters a definition may have; a limit keeps the search linear."""

OF_PAGE, OURS = r"\newcommand", r"\providecommand"
"""What begins the definition of a macro that the page knows too, and of one that mdderive alone is told of."""

START = lazily(
    r"\\(?:(?P<command>(?:re)?newcommand\*?|providecommand\*?)|(?P<def>g?def)|(?P<operator>DeclareMathOperator)(?P<star>\*?)"
    r"|(?P<pair>DeclarePairedDelimiter))(?![A-Za-z])"
)
_NAME = lazily(r"\s*(?:\{\s*(\\[A-Za-z]+)\s*\}|(\\[A-Za-z]+))")
_COUNT = lazily(r"\s*\[\s*([0-9])\s*\]")
_DEFAULT = lazily(r"\s*\[([^\]{}]*)\]")
_PARAMETERS = lazily(r"\s*((?:#[1-9]\s*)*)(?=\{)")
_TOKEN = lazily(r"\s*(\\[A-Za-z]+|\\.|[^\s{}\\#%])", re.DOTALL)
_BRACE = lazily(r"\\.|[{}]", re.DOTALL)
_COMMENT = lazily(r"(?<!\\)%[^\r\n]*(?:\r\n|\r|\n|\Z)[ \t]*")
_PARAMETER = lazily(r"#([1-9])")
_COMMAND = lazily(r"\\[A-Za-z]+")


class Macro(NamedTuple):
    r"""A macro `name` (`\bX`) whose `body` has `#1`, ... for its arguments; with a `default` the first is optional.

    `of_page` says that whatever sets the page knows it too, so that a solution may be written with it.
    """

    name: str
    body: str
    arguments: int = 0
    default: str | None = None
    of_page: bool = True

    @property
    def latex(self) -> str:
        r"""The definition, however the author wrote it; `\providecommand` if mdderive alone is told of it."""
        count = f"[{self.arguments}]" if self.arguments else ""
        default = "" if self.default is None else f"[{self.default}]"
        command = OF_PAGE if self.of_page else OURS
        return f"{command}{{{self.name}}}{count}{default}{{{self.body}}}"


def find_macros(text: str, start: int, end: int) -> Iterator[tuple[int, int, Macro]]:
    """Yield the definitions in `text[start:end]` that can be read, and where each begins and ends."""
    for opening in START.finditer(text, start, end):
        found = macro_at(text, opening.start())
        if found and found[0] <= end:
            yield opening.start(), *found


def macro_at(text: str, start: int) -> tuple[int, Macro] | None:
    """Return where the definition ends that begins at a place, and what it defines; None if none can be read there."""
    opening = START.match(text, start)
    name = opening and _NAME.match(text, opening.end())
    if opening is None or name is None or (name[1] or name[2]) == r"\derive":
        return None
    if opening["pair"]:
        left = _argument(text, name.end())
        right = left and _argument(text, left[0])
        return right and left and (right[0], Macro(name[1] or name[2], f"{left[1]} #1{right[1]}", 1))
    place, count, default = name.end(), 0, None
    if opening["def"]:
        parameters = _PARAMETERS.match(text, place)
        if parameters is None:
            return None  # text between parameters, as in \def\x<#1>, is not supported
        place, count = parameters.end(), parameters[1].count("#")
    elif opening["command"] and (given := _COUNT.match(text, place)):
        place, count = given.end(), int(given[1])
        if optional := _DEFAULT.match(text, place):
            place, default = optional.end(), optional[1]
    body = _argument(text, place)
    if body is None:
        return None
    written = f"\\operatorname{opening['star']}{{{body[1]}}}" if opening["operator"] else body[1]
    return body[0], Macro(name[1] or name[2], written, count, default)


def is_macro(clause: str) -> bool:
    """Return whether a clause defines a macro."""
    return START.match(clause.lstrip()) is not None


def read_macro(clause: str, part: str) -> Macro:
    """Return what a clause defines.

    Raises:
        ParseError: it is no definition, or more than one.
    """
    start = len(clause) - len(clause.lstrip())
    found = macro_at(clause, start)
    if found is None or clause[found[0] :].strip():
        hint = r"write \newcommand{\name}[number of arguments]{body}"
        raise ParseError("E129", "this definition of a macro cannot be read", Span(part, start, len(clause)), hint)
    return found[1]


def macro_of_setting(name: str, body: str) -> Macro | None:
    r"""Return the macro of a setting `"\\bX" = "\\mathbf{X}"`, as KaTeX and MathJax have them; None for a bad name.

    The body's parameters say how many arguments there are.
    """
    name = name if name.startswith("\\") else "\\" + name
    if not _COMMAND.fullmatch(name):
        return None
    return Macro(name, body, max((int(digit) for digit in _PARAMETER.findall(body)), default=0))


def call_at(text: str, start: int) -> str:
    """Return the name of the macro that is called at a place, "" if none is."""
    found = _COMMAND.match(text, start)
    return found[0] if found else ""


def is_macro_name(text: str) -> bool:
    r"""Whether a text is the name of a macro and nothing else: `\bX`."""
    return _COMMAND.fullmatch(text) is not None


def told_to_us(clause: str) -> str:
    """Return a clause, as one that the page does not know if it defines a macro that it does."""
    return OURS + clause.removeprefix(OF_PAGE) if clause.startswith(OF_PAGE) else clause


def commands(text: str) -> set[str]:
    """Return the names of the macros that stand in a text, whoever defined them."""
    return set(_COMMAND.findall(text))


def used_in(texts: Iterable[str], bodies: Mapping[str, str]) -> set[str]:
    """Return the names among those of `bodies` that the texts use, directly or through other macros."""
    waiting = list(texts)
    used: set[str] = set()
    while waiting:
        fresh = bodies.keys() & commands(waiting.pop()) - used
        used |= fresh
        waiting += [bodies[name] for name in fresh]
    return used


def _argument(text: str, start: int) -> tuple[int, str] | None:
    """Return where an argument ends and what it is: a group without its braces, or one sign."""
    begin = start
    while text[begin : begin + 1].isspace():
        begin += 1
    if not text.startswith("{", begin):
        token = _TOKEN.match(text, start)
        return (token.end(), token[1]) if token else None
    depth = 0
    for sign in _BRACE.finditer(text, begin, begin + LONGEST):
        depth += (sign[0] == "{") - (sign[0] == "}")
        if depth == 0:
            return sign.end(), " ".join(_COMMENT.sub("", text[begin + 1 : sign.start()]).split())
    return None
