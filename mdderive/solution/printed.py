"""What is printed is read back: the LaTeX of a result, read by our own parser, must be the same expression."""

from __future__ import annotations

from collections.abc import Iterator

from ..algebra.expressions import Expr, to_latex, walk
from ..algebra.index_conditions import as_written
from ..algebra.terms import is_identity, normalise
from ..checking.judge import Judge
from ..errors import ParseError, VerificationError
from ..question.functions import NO_NAME
from ..question.question import Question
from ..question.reading_back import read_back
from .derivation import Working


def check_printed(working: Working, judge: Judge) -> None:
    """Refuse a result in whose LaTeX a reader sees another expression.

    Raises:
        VerificationError: it is read as another one.
    """
    for value in _results(working):
        value = as_written(value)
        read = read_back(value)
        if read is not None and not equal(read, value, judge):
            hint = _named_as_identity(value) or f"please report this; the line was {to_latex(value)}"
            raise VerificationError("E404", "the result is printed in a way that reads as another one", hint=hint)


def check_other_form(question: Question, judge: Judge) -> None:
    """Refuse a function of which the author gives two forms that are not equal, or not in the same letters.

    Raises:
        ParseError: they are not.
    """
    if question.other_form is not None and not equal(question.other_form[0], question.f, judge):
        other, span = question.other_form
        message = "the two sides of the equation are not equal"
        if not other.symbols <= question.f.symbols:
            message = NO_NAME
        raise ParseError("E135", message, span, "write one side alone")


def equal(read: Expr, written: Expr, judge: Judge) -> bool:
    """Whether the two are one expression: by their normal form, else by their values; in doubt they are."""
    if read is written or normalise(read) is normalise(written):
        return True
    if not {x.latex for x in read.symbols} <= {x.latex for x in written.symbols}:
        return False
    verdict = judge.exact.is_equal(read, written)
    if verdict.status != "undecided":
        return verdict.status == "true"
    points = judge.points
    try:
        if not written.symbols <= points.f.symbols:  # letters of constraints have values of their own
            from ..checking.subject import subjects  # here: what computes in floating point comes with it

            points = next(subjects(written, judge.question.definitions))
        return points.compare(judge.computed(points, read), judge.computed(points, written)).ok
    except ArithmeticError:  # what is inverted is singular here
        return True


def _named_as_identity(value: Expr) -> str:
    """Return what to do where a letter is called as the identity matrix that stands beside it, else ""."""
    identities = {to_latex(x) for x in walk(value) if is_identity(x)}
    letter = next((x.latex for x in value.symbols if x.latex in identities), None)
    return "" if letter is None else f"call the letter {letter} another name: it stands beside the identity matrix"


def _results(working: Working) -> Iterator[Expr]:
    """Yield what stands apart at the end of a solution, and is handed on."""
    yield from (result.value for result in working.gradients.values())
    yield from working.chain.values()
    yield from (tied.value for tied in working.structured.values())
    yield from (zero.solution for zero in working.stationary.values())
    yield from (second.value for second in working.seconds.values())
