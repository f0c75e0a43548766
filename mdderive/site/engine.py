"""The solution of a marker in the pieces that a course site may show."""

from __future__ import annotations

from collections.abc import Sequence

from ..algebra.expressions import to_latex
from ..api import Derivation, derivations, to_source
from ..documents.model import Request
from ..errors import UnsupportedError
from ..question.question import read_question
from ..render.formula import math
from ..render.html import check_html, parts_of, words, write_html
from ..render.latex import write_latex
from ..render.notation import in_signs, signs_of
from ..render.prose import blocks, name_of_result, result
from ..render.text import plain_words
from ..solution.derivation import Working
from ..solution.work import work
from ..words import say
from .solution import WebSolution


def web_solution(request: Request) -> WebSolution:
    """Return the pieces of the solution of a marker.

    Raises:
        DeriveError: what could not be read, fitted, derived or verified.
    """
    marker = request.marker
    working = work(read_question(marker.f, marker.variable, marker.where, request.context))
    found = derivations(working)
    q = working.question
    language = q.options.get("lang", request.language)
    parts = list(blocks(working, q.variables, language))
    statement, body, check = parts_of(parts)
    signs = signs_of(q)
    objects = [one.to_json(language) for one in found]
    names = [name_of_result(working, x) for x in q.variables]
    told = say(language, "find", names=", ".join(f"${name}$" for name in names))
    return WebSolution(
        language=language,
        lead=words(statement.lead) if statement else "",
        statement=in_signs(words(statement.text) if statement else math(f"{q.name} = {to_latex(q.f)}"), signs),
        task=in_signs(words(told), signs),
        working=in_signs(write_html(body, language), signs),
        steps=in_signs(write_html(body, language, one_by_one=True), signs),
        check=check_html(working, check.text, language) if check else "",
        value=in_signs(_value(working), signs),
        name=in_signs(math(", ".join(names)), signs),
        latex=in_signs(write_latex(parts), signs),
        python=objects[0]["python"] or "" if len(found) == 1 else _python(found),
        objects=objects,
        read=plain_words(statement.text) if statement else "",
    )


def _value(working: Working) -> str:
    """Return the result for running text, "" where it is too long for that."""
    try:
        return math(result(working, working.question.variables))
    except UnsupportedError:
        return ""


def _python(found: Sequence[Derivation]) -> str:
    try:
        return to_source(found, "numpy")
    except UnsupportedError:
        return ""
