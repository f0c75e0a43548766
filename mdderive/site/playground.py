"""What the playground answers: fields for f, variable and clauses in, the worked solution or the trouble out, as JSON.

The same code answers in the reader's browser, where Python runs as WebAssembly, and in the server of `mdderive play`.
In a browser there is no numpy: what only floating point can decide is then not told, and this is said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..algebra.expressions import to_latex
from ..api import solution_blocks
from ..documents.marker import MARKER_START, read_marker
from ..effort import bounded
from ..errors import DeriveError, Span, UnsupportedError
from ..question.question import Question, read_question
from ..render.blocks import Block
from ..render.formula import math
from ..render.html import words
from ..render.markdown import write_markdown
from ..render.marks import unmarked
from ..render.notation import in_signs, signs_of
from ..render.statement import shape_of
from ..render.teller import told_letters
from ..solution.derivation import Working
from ..words import DEFAULT, LANGUAGES, language_file, say
from .engine import pieces
from .exercises import FLOATING, judged
from .fields import Fields, Reply, offers_of, problem_of
from .solution import linked

DETAILS = ("full", "brief", "result")
_FOR_A_POINT = ("solve", "subject to")


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
    """Return the answer to a question that is written in JSON, as JSON; with an `answer` in it, that is judged.

    Raises:
        ValueError: it is no JSON object.
    """
    asked = json.loads(text)
    if not isinstance(asked, dict):
        raise ValueError("a question is a JSON object")
    reply = judged(asked) if "answer" in asked else answer(asked)
    return json.dumps(reply, ensure_ascii=False)


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
        question = read_question(fields.f.strip(), fields.variable.strip(), where, context, open_steps=True)
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
    told = [f, *(words(shape_of(x).says(language)) for x in told_letters(question))]
    return [in_signs(x, signs_of(question)) for x in told]


def _dressed(fields: Fields, working: Working, parts: Sequence[Block], language: str, rules: str) -> Reply:
    with bounded(Span("f", 0, len(fields.f))):
        solution = pieces(working, parts, language)
        markdown = in_signs(write_markdown(parts), signs_of(working.question, working=working))
    texts = {"markdown": markdown, **{name: text for name, text in solution.sources.items() if text}}
    texts["json"] = json.dumps(solution.objects, ensure_ascii=False, indent=2)
    return {
        "kind": "solution",
        "language": language,
        "statement": f"<strong>{solution.lead}</strong> {solution.statement}" if solution.lead else solution.statement,
        "working": unmarked(linked(solution.working, rules)),
        "steps": unmarked(linked(solution.steps, rules)),
        "check": solution.check,
        "texts": texts,
    }


def _helps(fields: Fields, context: Sequence[str], code: str) -> bool:
    """Return whether the fields have not the same trouble again."""
    try:
        solution_blocks(fields.f.strip(), fields.variable.strip(), [x for x, _ in fields.where], context)
    except DeriveError as error:
        return error.code != code
    except ModuleNotFoundError as error:
        return error.name == FLOATING
    return True
