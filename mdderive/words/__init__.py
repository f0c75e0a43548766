"""What is said to the reader of a solution: a key and its arguments, put into words by one file a language.

A language is a module of this folder; nothing else lists it. It has

TEXTS           for every key a text, in which {name} is the argument of that name, or a function of the arguments
                where grammar asks for one
listed          (parts) -> "a, b and c"
BETWEEN_REASONS what stands between two reasons of a row
MARKS           a pattern of letters, all beyond ASCII but for English, that show that a page may be written in it
recognises      (prose) -> whether a page is, whose text without code and formulas this is

What is known of an operator, a property or an identity stands in its row, words included. They are asked for by key
as well (`rule.determinant`), and a language file that has the key wins over the row.

Imports little, since `--help` and stamps ask for the names of the languages.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Language(Protocol):
        """What a language file holds."""

        TEXTS: Mapping[str, Text]
        BETWEEN_REASONS: str
        MARKS: re.Pattern[str]

        @staticmethod
        def listed(parts: Sequence[str]) -> str:
            """Return `a, b and c`."""

        @staticmethod
        def recognises(prose: str) -> bool:
            """Whether a page with this prose is in the language."""


def modules_in(folders: Iterable[str]) -> list[str]:
    """Return the names of the modules in a package's folders, source or compiled; pkgutil would import inspect."""
    names = (name for folder in folders for name in os.listdir(folder) if name[0] != "_")
    return sorted({name.partition(".")[0] for name in names if name.endswith((".py", ".pyc"))})


LANGUAGES: tuple[str, ...] = tuple(modules_in(__path__))
"""The languages that there are, by the names of their files, or of these compiled."""
DEFAULT = "en"
"""The language of a page that shows no sign of another."""

_FIELD = r"\{(\w+)\}"


class Wording:
    """The words of a row in English and in Chinese; a formula is the same in all languages."""

    __slots__ = ("en", "zh")

    def __init__(self, en: str, zh: str) -> None:
        self.en = en
        self.zh = zh

    @classmethod
    def formula(cls, latex: str) -> Wording:
        """Return words that are a formula, `$...$`, the same in every language."""
        return cls(latex, latex)


class Said(str):
    """A stretch of words, and the key of what it names ("" for nothing)."""

    about: str

    def __new__(cls, text: str, about: str = "") -> Said:
        """Return `text` with what it is about."""
        made = super().__new__(cls, text)
        made.about = about
        return made


class Reason:
    """Something said to the reader: a key, its arguments by name, and the words of the row that it comes from.

    Reasons of the same key and arguments are equal.
    """

    __slots__ = ("arguments", "key", "own")

    def __init__(self, key: str, arguments: tuple[tuple[str, Argument], ...] = (), own: Wording | None = None) -> None:
        self.key = key
        self.arguments = arguments
        self.own = own

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reason) and (self.key, self.arguments) == (other.key, other.arguments)

    def __hash__(self) -> int:
        return hash((self.key, self.arguments))

    def __repr__(self) -> str:
        return f"Reason({self.key!r}, {self.arguments!r})"

    def says(self, language: str) -> str:
        """Return the words in `language`.

        Raises:
            KeyError: its file has none for this key, and no row has.
        """
        return "".join(self.spans(language))

    def spans(self, language: str) -> tuple[Said, ...]:
        """Return the words in `language`, taken apart by what they name.

        Raises:
            KeyError: its file has none for this key, and no row has.
        """
        text = self._text(language)
        if isinstance(text, str):
            parts = [*_filled(text, dict(self.arguments), language)]
        else:
            given = {name: _argument(x, language) for name, x in self.arguments}
            made = text(**given)
            parts = [made] if isinstance(made, str) else [*made]
        if any(isinstance(x, Said) for x in parts):
            return tuple(x if isinstance(x, Said) else Said(x) for x in _merged(parts))
        return (Said("".join(parts), self.key),)

    def _text(self, language: str) -> Text:
        texts = language_file(language).TEXTS
        if self.key in texts:
            return texts[self.key]
        if self.own is not None and (language in Wording.__slots__ or self.own.en == self.own.zh):
            words: str = getattr(self.own, language, self.own.en)
            return words
        raise KeyError(f"words/{language}.py has nothing for {self.key!r}")


Text = str | Callable[..., str | Iterable[str]]
Argument = str | int | Reason | tuple[str | Reason, ...]
Reasons = tuple[Reason, ...]


def reason(key: str, **arguments: Argument) -> Reason:
    """Return the reason of this key with these arguments."""
    return Reason(key, tuple(arguments.items()))


def formula(key: str, latex: str, **arguments: Argument) -> Reason:
    """Return a reason that is a formula, and so the same in every language."""
    return Reason(key, tuple(arguments.items()), Wording(f"${latex}$", f"${latex}$"))


def of_row(kind: str, name: str, own: Wording, **arguments: Argument) -> Reason:
    """Return what the row called `name` says of itself: its rule, why it holds, what an identity is called, ..."""
    return Reason(f"{kind}.{name}", tuple(arguments.items()), own)


def say(language: str, key: str, **arguments: Argument) -> str:
    """Return a sentence in `language`.

    Raises:
        KeyError: its file has none of this key.
    """
    return reason(key, **arguments).says(language)


def spans_of(reasons: Reasons, language: str) -> tuple[Said, ...]:
    """Return the words of a row, each reason once, taken apart by what they name."""
    told: dict[str, tuple[Said, ...]] = {}
    for spans in (x.spans(language) for x in reasons):
        told.setdefault("".join(spans), spans)
    between = Said(language_file(language).BETWEEN_REASONS)
    return tuple(x for spans in told.values() for x in (between, *spans))[1:]


@cache
def language_file(language: str) -> Language:
    """Return the words of a language; its file is imported when it is first used."""
    found: Language = import_module(f"{__name__}.{language}")  # type: ignore[assignment]
    return found


def nearest(locale: str) -> str:
    """Return the language of a locale such as `zh-CN`; the usual one where its words are not here."""
    return next((x for x in LANGUAGES if locale.startswith(x)), DEFAULT)


def _argument(x: Argument, language: str) -> str | int | tuple[str, ...]:
    if isinstance(x, Reason):
        return Said(x.says(language), x.key)
    if isinstance(x, tuple):
        return tuple(Said(y.says(language), y.key) if isinstance(y, Reason) else y for y in x)
    return x


def _filled(text: str, arguments: Mapping[str, Argument], language: str) -> Iterator[str]:
    """Yield `text` in pieces, its fields filled; what names something is a span."""
    pieces = re.split(_FIELD, text)
    for k, piece in enumerate(pieces):
        if k % 2 == 0:
            yield piece
        elif piece not in arguments:  # LaTeX in braces
            yield f"{{{piece}}}"
        else:
            x = arguments[piece]
            if isinstance(x, Reason):
                yield from x.spans(language)
            elif isinstance(x, tuple):
                yield language_file(language).listed([str(_argument(y, language)) for y in x])
            else:
                yield str(x)


def _merged(parts: Sequence[str]) -> Iterator[str]:
    """Yield the parts, neighbours that name nothing joined: a formula is not taken apart."""
    plain = ""
    for x in parts:
        if isinstance(x, Said) and x.about:
            if plain:
                yield plain
            yield x
            plain = ""
        else:
            plain += x
    if plain:
        yield plain
