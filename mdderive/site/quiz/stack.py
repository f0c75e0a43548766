"""Questions for STACK: the letters are given small whole numbers, and the student types the entries of the gradient.

The right answer is the printed gradient in Maxima's words; Maxima itself can compare it with the derivatives of f.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from ...algebra.expressions import Symbol
from ...errors import Span, UnsupportedError
from ...render.code.arguments import arguments
from ...render.code.maxima import maxima_source
from ...render.formula import math
from ...words import say
from .moodle import begun, written
from .questions import QuizQuestion

SIZES = (2, 3, 2, 3)
VALUES = (1, 2, -1, 3, 1, -2, 2, 1, -3)
SYMMETRIC = {"symmetric", "SPD"}
KNOWN = frozenset({"symmetric", "SPD", "invertible", "positive"})
_MARKS = {"questionsimplify": "1", "assumepositive": "0", "assumereal": "0"}
_SIGNS = {
    "multiplicationsign": "dot", "sqrtsign": "1", "complexno": "i", "inversetrig": "cos-1", "logicsymbol": "lang",
    "matrixparens": "[",
}  # fmt: skip


class StackForm(NamedTuple):
    """A question in Maxima: `variables` are its lines, of which the last are `f`, `unknown` and `ta`, the answer."""

    variables: tuple[str, ...]
    rows: int
    columns: int
    values: tuple[str, ...]
    """The values of the letters, as LaTeX that STACK fills in."""


def stack_form(asked: QuizQuestion) -> StackForm:
    """Return a question with numbers in the place of letters.

    Raises:
        UnsupportedError: it cannot be written in Maxima.
    """
    working, q = asked.working, asked.working.question
    if q.definitions or q.means or q.turned:
        raise _unwritten("named values cannot be written in Maxima here")
    letters = [x for x in q.symbols.values() if x in q.f.symbols]
    sizes = _sizes(letters)
    given = {latex: f"{name}0" for latex, name in arguments(working).items()}
    numbers = (VALUES[k % len(VALUES)] for k in count())
    lines = [f"{given[x.latex]}: {_matrix(x, sizes, numbers, x is asked.variable)}" for x in letters]
    f, ta = (maxima_source(working, x, given, sizes) for x in (q.f, asked.value))
    rows, columns = (_size(x, sizes) for x in asked.variable.shape)
    values = tuple(f"{x.latex} = {{@{given[x.latex]}@}}" for x in letters)
    return StackForm((*lines, f"f: {f}", f"unknown: {given[asked.variable.latex]}", f"ta: {ta}"), rows, columns, values)


def stack_xml(questions: Sequence[QuizQuestion]) -> str:
    """Return the questions as a file that Moodle with STACK imports; Source: docs.stack-assessment.org, Question XML.

    Raises:
        UnsupportedError: one of them cannot be written in Maxima.
    """
    quiz = Element("quiz")
    for x in questions:
        _question(quiz, x, stack_form(x))
    return written(quiz)


def _question(quiz: Element, asked: QuizQuestion, form: StackForm) -> None:
    values = math(r",\quad ".join(form.values))
    text = f"<p>{asked.statement}</p>\n<p>{asked.task}</p>\n<p>{values}</p>\n<p>[[input:ans1]] [[validation:ans1]]</p>"
    question = begun(quiz, "stack", asked, text)
    _add(question, "stackversion", text="2023121100")
    _add(question, "questionvariables", text=";\n".join(form.variables) + ";")
    _add(question, "specificfeedback", text="[[feedback:prt1]]", format="html")
    _add(question, "questionnote", text="{@ta@}", format="html")
    for name, value in _MARKS.items():
        SubElement(question, name).text = value
    for name in ("prtcorrect", "prtpartiallycorrect", "prtincorrect"):
        verdict = "right" if name == "prtcorrect" else "wrong"
        _add(question, name, text=say(asked.language, f"judged: {verdict}"), format="html")
    for name, value in _SIGNS.items():
        SubElement(question, name).text = value
    SubElement(question, "variantsselectionseed").text = ""
    _input(question, form)
    _tree(question)


def _input(question: Element, form: StackForm) -> None:
    made = SubElement(question, "input")
    kind = "algebraic" if form.rows == form.columns == 1 else "matrix"
    settings = {
        "name": "ans1", "type": kind, "tans": "ta", "boxsize": "10", "strictsyntax": "1", "insertstars": "0",
        "syntaxhint": "", "syntaxattribute": "0", "forbidwords": "", "allowwords": "", "forbidfloat": "1",
        "requirelowestterms": "0", "checkanswertype": "0", "mustverify": "1", "showvalidation": "1", "options": "",
    }  # fmt: skip
    for name, value in settings.items():
        SubElement(made, name).text = value


def _tree(question: Element) -> None:
    prt = SubElement(question, "prt")
    for name, value in (("name", "prt1"), ("value", "1.0000000"), ("autosimplify", "1"), ("feedbackstyle", "1")):
        SubElement(prt, name).text = value
    _add(prt, "feedbackvariables", text="")
    node = SubElement(prt, "node")
    settings = {
        "name": "0", "description": "", "answertest": "AlgEquiv", "sans": "ans1", "tans": "ta", "testoptions": "",
        "quiet": "0", "truescoremode": "=", "truescore": "1", "truepenalty": "", "truenextnode": "-1",
        "trueanswernote": "prt1-1-T",
    }  # fmt: skip
    for name, value in settings.items():
        SubElement(node, name).text = value
    _add(node, "truefeedback", text="", format="html")
    wrong = {"falsescoremode": "=", "falsescore": "0", "falsepenalty": "", "falsenextnode": "-1"}
    for name, value in (wrong | {"falseanswernote": "prt1-1-F"}).items():
        SubElement(node, name).text = value
    _add(node, "falsefeedback", text="", format="html")


def _add(parent: Element, name: str, *, text: str, **attributes: str) -> None:
    SubElement(SubElement(parent, name, attributes), "text").text = text


def _sizes(letters: Sequence[Symbol]) -> dict[str, int]:
    """Return a small size for every dimension, different ones for the first two."""
    names = dict.fromkeys(name for x in letters for dimension in x.shape for name in dimension if not name.isdigit())
    if any(x.index or len(dimension) > 1 for x in letters for dimension in x.shape):
        raise _unwritten("members of a family, and sizes that are products, cannot be written in Maxima here")
    return {name: SIZES[k % len(SIZES)] for k, name in enumerate(names)}


def _size(dimension: tuple[str, ...], sizes: Mapping[str, int]) -> int:
    return (int(dimension[0]) if dimension[0].isdigit() else sizes[dimension[0]]) if dimension else 1


def _matrix(x: Symbol, sizes: Mapping[str, int], numbers: Iterator[int], unknown: bool) -> str:
    """Return a letter as a matrix of numbers, or of unknowns; a scalar as one of these."""
    rows, columns = (_size(dimension, sizes) for dimension in x.shape)
    strange = x.properties - (KNOWN - SYMMETRIC if unknown else KNOWN)
    if strange:
        raise _unwritten(f"{x.latex} is {min(strange)}, which cannot be written in Maxima here")
    if unknown:
        entries = [[f"x{i}{j}" if columns > 1 else f"x{i}" for j in range(1, columns + 1)] for i in range(1, rows + 1)]
        return "x" if x.is_scalar else _written(entries)
    table = [[next(numbers) for _ in range(columns)] for _ in range(rows)]
    if x.properties & SYMMETRIC:
        table = [[table[min(i, j)][max(i, j)] for j in range(columns)] for i in range(rows)]
    if x.properties & {"SPD", "invertible"}:
        table = [[value + 9 * (i == j) for j, value in enumerate(row)] for i, row in enumerate(table)]
    if "positive" in x.properties:
        table = [[abs(value) for value in row] for row in table]
    entries = [[str(value) for value in row] for row in table]
    return entries[0][0] if x.is_scalar else _written(entries)


def _written(entries: Sequence[Sequence[str]]) -> str:
    rows = ", ".join(f"[{', '.join(row)}]" for row in entries)
    return f"matrix({rows})"


def _unwritten(message: str) -> UnsupportedError:
    return UnsupportedError("E320", message, Span("f", 0, 1), "leave it out, or use --format moodle")
