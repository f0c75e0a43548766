"""Questions as Moodle XML: one of several answers is right, and the worked solution is the feedback."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ...render.formula import math
from .questions import QuizQuestion


def moodle_xml(questions: Sequence[QuizQuestion]) -> str:
    """Return the questions as a file that Moodle imports; Source: docs.moodle.org, Moodle XML format."""
    quiz = Element("quiz")
    for x in questions:
        _question(quiz, x)
    return written(quiz)


def written(root: Element) -> str:
    """Return a document of XML."""
    indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def begun(quiz: Element, kind: str, asked: QuizQuestion, text: str) -> Element:
    """Return a question with what all kinds have: name, text, worked solution, marks."""
    question = SubElement(quiz, "question", type=kind)
    _text(question, "name", asked.name)
    _text(question, "questiontext", text, format="html")
    _text(question, "generalfeedback", asked.solution, format="html")
    for name, value in (("defaultgrade", "1.0000000"), ("penalty", "0.3333333"), ("hidden", "0")):
        SubElement(question, name).text = value
    return question


def _question(quiz: Element, asked: QuizQuestion) -> None:
    text = f"<p>{asked.statement}</p>\n<p>{asked.task}</p>"
    question = begun(quiz, "multichoice", asked, text)
    for name, value in (("single", "true"), ("shuffleanswers", "true"), ("answernumbering", "abc")):
        SubElement(question, name).text = value
    for latex, fraction in [(asked.right, "100"), *((x, "0") for x in asked.wrong)]:
        answer = _text(question, "answer", f"<p>{math(latex)}</p>", fraction=fraction, format="html")
        _text(answer, "feedback", "", format="html")


def _text(parent: Element, name: str, text: str, **attributes: str) -> Element:
    made = SubElement(parent, name, attributes)
    SubElement(made, "text").text = text
    return made
