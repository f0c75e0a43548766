"""The fields of the playground and of exercises: what stands in them, and trouble as a page shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from ..documents.marker import read_marker, split_clauses
from ..errors import DeriveError, Span

Reply = dict[str, Any]
"""What a page is told, an object of JSON."""
_OFFERED = re.compile(r"\[([^\[\]]*[:=][^\[\]]*)\]")
"""A clause within a hint: the form in which hints hold what may be typed behind a marker."""
_MEANT = re.compile(r"did you mean (\S+)\?")
_WORD = re.compile(r"\\?\w[\w-]*")


class Fields(NamedTuple):
    """What stands in the three fields, as typed."""

    f: str
    variable: str
    clauses: str = ""

    @property
    def where(self) -> list[tuple[str, int]]:
        """The clauses, and where in their field each begins."""
        return [x for x in split_clauses(self.clauses, 0, len(self.clauses)) if x[0]]

    def with_clause(self, clause: str) -> Fields:
        """Return the fields with one more clause, behind the others."""
        before = self.clauses.strip().rstrip(";").rstrip()
        return self._replace(clauses=f"{before}; {clause}" if before else clause)

    def place_of(self, span: Span | None) -> tuple[str, int, int]:
        """Return (field, start, end) of a span of the parts that were read; all of f for one that is elsewhere."""
        if span is not None and span.part in ("f", "variable"):
            text = getattr(self, span.part)
            before = len(text) - len(text.lstrip())
            return span.part, before + span.start, before + span.end
        if span is not None and span.part.startswith("where:"):
            where = self.where
            k = int(span.part.removeprefix("where:"))
            if k < len(where):
                return "clauses", where[k][1] + span.start, where[k][1] + span.end
        return "f", 0, len(self.f)

    def marker(self) -> str:
        """Return the marker that says the same, "" if none does."""
        f, variable = self.f.strip(), self.variable.strip()
        ending = f"[{self.clauses.strip()}]" if self.where else ""
        for shown in (f, f"{{{f}}}"):
            text = rf"\derive<{shown}><{variable}>{ending}"
            try:
                found = read_marker(text, 0)
            except DeriveError:
                continue
            if (found.source, found.f, found.where) == (text, shown, tuple(x for x, _ in self.where)):
                return text
        return ""


Offer = tuple[str, Fields]
"""The words of a button, and the fields after a click on it."""


def problem_of(error: DeriveError, fields: Fields, offers: Sequence[Offer] = ()) -> Reply:
    """Return a problem as the page shows it: where in which field, the way out, and what a click may do about it."""
    part, start, end = fields.place_of(error.span)
    return {
        "code": error.code,
        "message": error.message,
        "field": part,
        "start": start,
        "end": max(end, start + 1),
        "hint": error.hint,
        "notes": [{"text": note.text} for note in error.notes],
        "offers": [{"label": label, **offered._asdict()} for label, offered in offers],
    }


def offers_of(error: DeriveError, fields: Fields) -> Iterator[Offer]:
    """Yield what the hint offers to type: its words for it, and the fields with it."""
    for clause in _OFFERED.findall(error.hint):
        if "..." not in clause:
            yield clause, fields.with_clause(clause)
    meant = _MEANT.search(error.hint)
    if meant and error.span is not None:
        part, start, end = fields.place_of(error.span)
        text = getattr(fields, part)
        words = {text[x.start() : x.end()]: x.span() for x in _WORD.finditer(text, start, end)}
        for word in get_close_matches(meant[1], words, 1, 0.0):
            start, end = words[word]
            yield meant[1], fields._replace(**{part: text[:start] + meant[1] + text[end:]})
