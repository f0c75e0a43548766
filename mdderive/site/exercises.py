"""Exercises that answer back: the derivative that a student states is judged by the check, exactly.

The right answer is never given away: of a wrong one is said where it first differs.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any, NamedTuple

from ..algebra.expressions import ONE
from ..api import solution_blocks
from ..checking.exact import Exact
from ..checking.spots import Spots
from ..documents.markdown_regions import DELIMITERS
from ..effort import bounded
from ..errors import DeriveError, Span, VerificationError
from ..latex.grammar import parse
from ..latex.pieces import Piece, Reading, pieces_of
from ..latex.vocabulary import DEFINING, TEXTS
from ..question.marker import spellings
from ..question.question import Question, read_question
from ..question.settings import SETTINGS
from ..render.html import words
from ..words import DEFAULT, LANGUAGES, say
from .fields import Fields, Reply

FLOATING = "numpy"
"""What floating point needs, and a browser has not."""
WRONG = "E410"
UNDECIDED = "E405"
MOST_LETTERS = 4
"""Of how many letters is asked whether the answer is right where one is symmetric."""
FACTORS = ("-", "2", "-2", r"\frac12", r"-\frac12")
"""What would make a common mistake right; where one does, the answer is wrong for sure."""
_ASIDE = ("solve", "answer", "try", "detail", "=")
_CLAIM = "= "


class Statement(NamedTuple):
    """What a student states: the exercise's fields, its clauses and those of the page, and where the formula begins."""

    fields: Fields
    where: tuple[str, ...]
    context: tuple[str, ...]
    latex: str
    offset: int

    def trouble(self, *clauses: str) -> DeriveError | None:
        """Return what is wrong with the statement where further clauses hold, None where it is true."""
        said = {x.partition(":")[0].strip() for x in clauses}
        others = [x for x in self.where if x.partition(":")[0].strip() not in said]
        where = [*others, *clauses, f"{_CLAIM}{self.latex}"]
        try:
            solution_blocks(self.fields.f.strip(), self.fields.variable.strip(), where, self.context)
        except DeriveError as error:
            return error
        except ModuleNotFoundError as error:
            if error.name != FLOATING:
                raise
            return VerificationError(UNDECIDED, "this is decided in floating point")
        return None

    def as_read(self) -> Statement:
        """Return the statement taken apart, with the shapes of the exercise, as they are read without it."""
        with bounded(Span("f", 0, len(self.fields.f))):
            question = read_question(self.fields.f.strip(), self.fields.variable.strip(), self.where, self.context)
        apart = self.taken_apart(question.symbols)
        plain = (x for x in question.symbols.values() if not x.index and all(len(y) < 2 for y in x.shape))
        shapes = (f"{x.latex}: {x.shape[0][0]} x {(*x.shape[1], '1')[0]}" for x in plain if x.shape[0])
        return apart._replace(where=(*apart.where, *shapes))

    def taken_apart(self, letters: Container[str]) -> Statement:
        """Return the statement without its left side, and what it says of letters beside it among the clauses.

        `letters` are those of the exercise. What holds more than one answer stays whole: it is not understood.
        """
        try:
            parts = _parts(self.latex)
        except DeriveError:
            return self
        names = [_letter(x[0].latex) if len(x) == 2 else "" for x in parts]
        answers = [k for k, name in enumerate(names) if not name or name in letters]
        if not answers:  # the gradient has a name too, of which nothing else speaks
            used = {letter for x in parts for letter in _symbols(x[-1].latex)}
            answers = [k for k, name in enumerate(names) if name not in used]
        if len(answers) != 1 or not (answer := parts[answers[0]][-1]).latex:
            return self
        defined = tuple(f"{x[0].latex} := {x[-1].latex}" for k, x in enumerate(parts) if k != answers[0])
        return self._replace(where=(*self.where, *defined), latex=answer.latex, offset=self.offset + answer.start)

    def question(self) -> Question:
        """Return the exercise with the statement as its claim.

        Raises:
            DeriveError: it cannot be read, or does not fit.
        """
        with bounded(Span("f", 0, len(self.fields.f))):
            where = [*self.where, f"{_CLAIM}{self.latex}"]
            return read_question(self.fields.f.strip(), self.fields.variable.strip(), where, self.context)


def judged(asked: Mapping[str, Any]) -> Reply:
    """Return what is said of the `answer` to the exercise `f`, `variable`, `clauses`.

    The `verdict` of the reply is "right", "layout" (right in the other layout), "symmetric" (right only if a letter
    is), "wrong", "unread" (not understood: see its `problem`), "undecided" or "empty"; `says` puts it into words.
    """
    language = str(asked.get("lang") if asked.get("lang") in LANGUAGES else DEFAULT)
    statement = _statement(asked, language)
    if not statement.latex.strip("= "):
        return _told(language, "empty")
    try:
        return _verdict(statement.as_read(), language)
    except DeriveError as error:  # in what the author wrote
        return _told(language, "unread") | {"problem": _problem(error, statement, about_answer=False)}


def _statement(asked: Mapping[str, Any], language: str) -> Statement:
    fields = Fields(*(str(asked.get(x, "")) for x in Fields._fields))
    typed = str(asked.get("answer", ""))
    latex = _without_delimiters(typed.strip())
    where = tuple(x for x, _ in fields.where if not x.strip().startswith(_ASIDE))
    context = (*map(str, asked.get("context", ())), f"lang: {language}")
    return Statement(fields, where, context, latex, typed.rfind(latex) if latex else 0)


def _without_delimiters(latex: str) -> str:
    """Return a formula without the dollars or brackets of math around it."""
    for opening, closing in sorted(DELIMITERS.values(), reverse=True):
        if latex.startswith(opening) and latex.endswith(closing) and len(latex) >= len(opening + closing):
            return latex[len(opening) : len(latex) - len(closing)].strip()
    return latex


def _symbols(latex: str) -> list[str]:
    """Return the letters of a formula, none of what cannot be read."""
    try:
        return [x.text for x in parse(latex, spellings()).walk() if x.head == "symbol"]
    except (DeriveError, RecursionError):
        return []


def _letter(latex: str) -> str:
    """Return the letter that a formula is, which a student may define; "" if it is anything else."""
    try:
        tree = parse(latex, spellings())
    except (DeriveError, RecursionError):
        return ""
    return tree.text if tree.head == "symbol" else ""


class _Side(NamedTuple):
    """A side of an equation, and where it begins in what was typed."""

    latex: str = ""
    start: int = 0


def _parts(latex: str) -> list[list[_Side]]:
    """Return what is stated side by side, each as the sides of its equations: `2X^Tr, r = Xw-y` are two statements."""
    reading = Reading(latex, spellings(), "answer", {})
    parts, start, depth, text = [[_Side()]], 0, 0, False
    for piece in (*pieces_of(reading), Piece("character", ",", len(latex), len(latex))):
        depth += piece.is_character("([") - piece.is_character(")]")
        is_text = piece.is_macro(*TEXTS) or (text and piece.kind == "group")
        ends = is_text or piece.is_character(",;") or piece.is_macro("quad", "qquad")
        if depth <= 0 and (ends or piece.is_character("=") or piece.is_macro(*DEFINING)):
            side = latex[start : piece.start].strip().removesuffix(":").strip()
            parts[-1][-1] = _Side(side, latex.index(side, start))
            parts += [[_Side()]] if ends else []
            parts[-1] += [] if ends else [_Side()]
            start = piece.end
        text = piece.is_macro(*TEXTS)
    return [part for part in parts if any(side.latex for side in part)]


def _verdict(statement: Statement, language: str) -> Reply:
    error = statement.trouble()
    if error is None:
        return _told(language, "right")
    about_answer = error.span is not None and error.span.part == f"where:{len(statement.where)}"
    may_be_turned = error.code == WRONG or (about_answer and error.code.startswith("E2"))
    if may_be_turned and any(statement.trouble(clause) is None for clause in _other_layouts(statement)):
        return _told(language, "layout")
    if error.code == UNDECIDED:
        is_wrong = any(statement._replace(latex=f"{x}({statement.latex})").trouble() is None for x in FACTORS)
        return _told(language, "wrong" if is_wrong else "undecided")
    if error.code != WRONG:
        kind = "unread shapes" if about_answer and error.code.startswith("E2") else "unread"
        return _told(language, kind) | {"problem": _problem(error, statement, about_answer)}
    question = statement.question()
    for letter in _square_letters(question):
        if statement.trouble(f"{letter}: symmetric") is None:
            return _told(language, "symmetric", letter=f"${letter}$")
    return _wrong(question, statement, language)


def _other_layouts(statement: Statement) -> Iterator[str]:
    """Yield clauses that ask for the other layout than the exercise does."""
    clauses = [x.replace(" ", "") for x in (*statement.context, *statement.where)]
    for name in ("gradient-layout", "layout"):
        first, second = SETTINGS[name].values
        said = [x.partition(":")[2] for x in clauses if x.startswith(f"{name}:")]
        yield f"{name}: {first if said and said[-1] == second else second}"


def _square_letters(question: Question) -> list[str]:
    """Return the LaTeX of letters of which nothing is declared and which may be symmetric."""
    letters = question.symbols.values()
    square = [x for x in letters if x.is_square and not x.is_scalar and not x.properties]
    return [x.latex for x in square][:MOST_LETTERS]


def _wrong(question: Question, statement: Statement, language: str) -> Reply:
    """Return where a wrong statement first differs from the derivative."""
    f, variable = statement.fields.f.strip(), statement.fields.variable.strip()
    working, _ = solution_blocks(f, variable, statement.where, statement.context)
    claim = question.claims[0]
    truth = working.seconds.get(claim.variable) or working.gradients[claim.variable]
    with bounded(Span("f", 0, len(statement.fields.f))):
        exact = Exact(Spots(question.f, dict(question.definitions)), question.variables)
        if claim.value.shape != truth.value.shape:
            return _told(language, "wrong shape")
        found = exact.first_difference(claim.value, truth.value)
    if found is None or claim.value.is_scalar:
        return _told(language, "wrong")
    row, column, sizes = found
    at = ", ".join(f"${name} = {size}$" for name, size in sizes.items())
    if claim.value.shape[1] == ONE:
        return _told(language, "wrong row", sizes=at, row=row)
    return _told(language, "wrong entry", sizes=at, row=row, column=column)


def _problem(error: DeriveError, statement: Statement, about_answer: bool) -> Reply:
    """Return what was not understood, with its place in the answer."""
    start, end = 0, len(statement.latex)
    if about_answer and error.span is not None:
        start, end = (max(0, x - len(_CLAIM)) for x in (error.span.start, error.span.end))
    return {
        "code": error.code,
        "message": error.message,
        "start": statement.offset + start,
        "end": statement.offset + max(end, start + 1),
        "hint": error.hint,
    }


def _told(language: str, verdict: str, **arguments: str | int) -> Reply:
    """Return a verdict with its words; what differs is a kind of wrong."""
    return {
        "kind": "verdict",
        "verdict": verdict.partition(" ")[0],
        "says": words(say(language, f"judged: {verdict}", **arguments)),
        "language": language,
    }
