"""A question of a quiz as data: what is asked, the right answer, the worked solution, and wrong answers.

A wrong answer is a mistake that is planted in the right one, such as a sign or a factor; each was judged as the claim
of an author is, and found to be false.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from html import escape

from ...algebra.expressions import Expr, Symbol, number, to_latex, walk
from ...algebra.factoring import add
from ...algebra.terms import multiply, negate, normalise, substitute, terms_of, transpose
from ...checking.judge import Judge
from ...effort import bounded
from ...errors import Span, UnsupportedError, VerificationError
from ...render.blocks import Block, Display, Prose, Rows
from ...render.formula import math
from ...render.html import parts_of, words
from ...render.prose import name_of_result
from ...solution.derivation import Working
from ...words import say

MOST_WRONG = 4
"""How many wrong answers a question has at most."""


@dataclass(frozen=True)
class QuizQuestion:
    """A question about one gradient. `statement`, `task` and `solution` are HTML, `right` and `wrong` are LaTeX."""

    name: str
    language: str
    statement: str
    task: str
    right: str
    wrong: tuple[str, ...]
    solution: str
    working: Working
    variable: Symbol
    value: Expr


def questions_of(working: Working, parts: Sequence[Block], language: str, name: str) -> list[QuizQuestion]:
    """Return the questions of a marker, one for each variable; `parts` is its solution, `name` what it is called.

    Raises:
        UnsupportedError: it asks for no gradient, or for one that a recursion leads to.
    """
    q = working.question
    if working.in_vec_form or working.seconds or working.structured or q.recursion is not None:
        raise UnsupportedError("E320", "a question of a quiz is made of a gradient", Span("f", 0, 1), "leave it out")
    statement, body, _ = parts_of(parts)
    told = words(statement.text) if statement else math(f"{q.name} = {to_latex(q.f)}")
    solution = plain_html(body)
    found = []
    for k, x in enumerate(q.variables):
        value = transpose(working.gradients[x].value) if q.turned else working.gradients[x].value
        task = words(say(language, "find", names=f"${name_of_result(working, x)}$"))
        called = f"{name} {k + 1}" if len(q.variables) > 1 else name
        with bounded(Span("f", 0, 1)):
            wrong = tuple(_proven_wrong(working, x, value))
        found.append(QuizQuestion(called, language, told, task, to_latex(value), wrong, solution, working, x, value))
    return found


def plain_html(blocks: Sequence[Block]) -> str:
    """Return blocks of a solution as paragraphs, which every teaching system shows."""
    return "\n".join(f"<p>{line}</p>" for x in blocks for line in _lines(x))


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, Rows):
        for row in block.rows:
            reason = f" <em>({words(row.reason)})</em>" if row.reason else ""
            yield math(rf"\displaystyle {row.left} = {to_latex(row.right)}") + reason
    elif isinstance(block, Display):
        yield from (math(rf"\displaystyle {line}") for line in block.lines)
    elif isinstance(block, Prose) and not block.remark:
        lead = f"<strong>{escape(block.lead, quote=False)}</strong> " if block.lead else ""
        yield f"{lead}{words(block.text)}"


def _proven_wrong(working: Working, variable: Symbol, value: Expr) -> Iterator[str]:
    """Yield the LaTeX of mistakes that the check finds to be false, each once."""
    turned = working.question.turned
    truth = Judge(working.question).gradient_of(variable, working.question.f)
    seen = {to_latex(value)}
    for mistake in mistakes(value):
        latex = to_latex(mistake)
        if latex in seen or mistake.shape != value.shape:
            continue
        seen.add(latex)
        with suppress(ArithmeticError, VerificationError):
            if not truth.check(transpose(mistake) if turned else mistake).ok:
                yield latex
        if len(seen) > MOST_WRONG:
            return


def mistakes(value: Expr) -> Iterator[Expr]:
    """Yield what a student may write by mistake for `value`: a transpose, a factor, a term or a sign is missed."""
    square = [x for x in walk(value) if isinstance(x, Symbol) and x.is_square and not x.is_scalar]
    for x in dict.fromkeys(square):
        if "symmetric" not in x.properties:
            yield normalise(substitute(value, {transpose(x): x}))
            yield normalise(substitute(value, {x: transpose(x)}))
    terms = terms_of(value)
    if len(terms) > 1:
        yield add(*terms[:-1])
        yield add(*terms[:-1], negate(terms[-1]))
    if value.is_square and not value.is_scalar:
        yield transpose(value)
    yield negate(value)
    yield multiply(number(Fraction(1, 2)), value)
    yield multiply(number(2), value)
