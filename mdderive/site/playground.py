"""What the playground answers: fields for f, variable and clauses in, the worked solution or the trouble out, as JSON.

The same code answers in the reader's browser, where Python runs as WebAssembly, and in the server of `mdderive play`.
In a browser there is no numpy: what only floating point can decide is then not told, and this is said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from ..algebra.expressions import to_latex
from ..api import derivations, solution_blocks, targets, to_source
from ..documents.marker import MARKER_START, read_marker, split_clauses
from ..effort import bounded
from ..errors import DeriveError, Span, UnsupportedError
from ..question.question import Question, read_question
from ..render.blocks import Block
from ..render.formula import math
from ..render.html import words
from ..render.markdown import write_markdown
from ..render.statement import shape_of
from ..render.teller import told_letters
from ..solution.derivation import Working
from ..words import DEFAULT, LANGUAGES, language_file, say
from .engine import pieces
from .solution import linked

Reply = dict[str, Any]
DETAILS = ("full", "brief", "result")
FLOATING = "numpy"
"""What floating point needs."""
_OFFERED = re.compile(r"\[([^\[\]]*[:=][^\[\]]*)\]")
"""A clause within a hint: the form in which hints hold what may be typed behind a marker."""
_MEANT = re.compile(r"did you mean (\S+)\?")
_WORD = re.compile(r"\\?\w[\w-]*")
_FOR_A_POINT = ("solve", "subject to")


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


def answer(asked: Mapping[str, Any]) -> Reply:
    """Return what the page shows for the fields `f`, `variable`, `clauses`.

    `lang` and `detail` are what holds where the clauses say nothing; `context` has clauses of the page around; `rules`
    says where the pages of the rules are, `{}` for the name of one, "" for nowhere. The `kind` of the reply is
    "fields" (a whole marker was typed), "empty", "solution" or "problem".
    """
    fields = Fields(*(str(asked.get(x, "")) for x in Fields._fields))
    if MARKER_START.match(fields.f.strip()):
        return _taken_apart(fields)
    if not fields.f.strip() or not fields.variable.strip():
        return {"kind": "empty"}
    language = asked.get("lang") if asked.get("lang") in LANGUAGES else DEFAULT
    detail = asked.get("detail") if asked.get("detail") in DETAILS else DETAILS[0]
    context = (*map(str, asked.get("context", ())), f"lang: {language}", f"detail: {detail}")
    reply: Reply = {"kind": "problem", "read": [], "language": language, "remarks": [], "marker": fields.marker()}
    try:
        return reply | _solved(fields, context, reply, str(asked.get("rules", "")))
    except DeriveError as error:
        offers = [x for x in offers_of(error, fields) if _helps(x[1], context, error.code)]
        return reply | {"problem": problem_of(error, fields, offers)}


def answer_json(text: str) -> str:
    """Return the answer to a question that is written in JSON, as JSON.

    Raises:
        ValueError: it is no JSON object.
    """
    asked = json.loads(text)
    if not isinstance(asked, dict):
        raise ValueError("a question is a JSON object")
    return json.dumps(answer(asked), ensure_ascii=False)


def page_words() -> dict[str, dict[str, str]]:
    """Return what the page itself says, by language and key."""
    prefix = "play: "
    return {
        language: {
            key.removeprefix(prefix): text
            for key, text in language_file(language).TEXTS.items()
            if key.startswith(prefix) and isinstance(text, str)
        }
        for language in LANGUAGES
    }


def _taken_apart(fields: Fields) -> Reply:
    """Return the fields of a marker that was typed, or pasted, where f belongs."""
    try:
        found = read_marker(fields.f.strip(), 0)
    except DeriveError as error:
        return {"kind": "problem", "read": [], "remarks": [], "marker": "", "problem": problem_of(error, fields)}
    return {"kind": "fields", "f": found.f, "variable": found.variable, "clauses": "; ".join(found.where)}


def _solved(fields: Fields, context: Sequence[str], reply: Reply, rules: str) -> Reply:
    """Return the solution; what was read is told in `reply`, even where no solution follows.

    Raises:
        DeriveError: what could not be read, fitted, derived or verified.
    """
    where = [x for x, _ in fields.where]
    language = reply["language"]
    with bounded(Span("f", 0, len(fields.f))):
        question = read_question(fields.f.strip(), fields.variable.strip(), where, context)
        language = reply["language"] = question.options.get("lang", language)
        reply["read"] = what_was_read(question, language)
    try:
        working, parts = solution_blocks(fields.f.strip(), fields.variable.strip(), where, context)
    except ModuleNotFoundError as error:
        if error.name != FLOATING:
            raise
        rest = [x for x in where if not x.strip().startswith(_FOR_A_POINT)]
        if len(rest) == len(where):
            raise UnsupportedError("E405", say("en", "play: floating"), None, say("en", "play: install")) from error
        return _without_stationary_point(fields, rest, context, reply, rules)
    return _dressed(fields, working, parts, language, rules)


def _without_stationary_point(
    fields: Fields, where: Sequence[str], context: Sequence[str], reply: Reply, rules: str
) -> Reply:
    """Return the solution up to the gradient: whether a point is one is looked at in floating point."""
    found = _solved(fields._replace(clauses="; ".join(where)), context, reply, rules)
    return found | {"remarks": [words(say(reply["language"], "play: no point"))]}


def what_was_read(question: Question, language: str) -> list[str]:
    """Return, as HTML, f as it was read, and what each of its letters was read as."""
    f = math(f"{question.name} = {to_latex(question.f)}")
    return [f, *(words(shape_of(x).says(language)) for x in told_letters(question))]


def _dressed(fields: Fields, working: Working, parts: Sequence[Block], language: str, rules: str) -> Reply:
    found = derivations(working)
    with bounded(Span("f", 0, len(fields.f))):
        solution = pieces(working, parts, language)
        texts = {"markdown": write_markdown(parts), "latex": solution.latex}
        for target in targets():
            try:
                texts[target] = to_source(found, target)
            except UnsupportedError:
                continue
    texts["json"] = json.dumps(solution.objects, ensure_ascii=False, indent=2)
    return {
        "kind": "solution",
        "language": language,
        "statement": f"<strong>{solution.lead}</strong> {solution.statement}" if solution.lead else solution.statement,
        "working": linked(solution.working, rules),
        "steps": linked(solution.steps, rules),
        "check": solution.check,
        "texts": texts,
    }


# --- trouble


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


def _helps(fields: Fields, context: Sequence[str], code: str) -> bool:
    """Return whether the fields have not the same trouble again."""
    try:
        solution_blocks(fields.f.strip(), fields.variable.strip(), [x for x, _ in fields.where], context)
    except DeriveError as error:
        return error.code != code
    except ModuleNotFoundError as error:
        return error.name == FLOATING
    return True
