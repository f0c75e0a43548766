"""A run of `--format moodle|qti|stack`: the markers of files as questions of a quiz; no file of notes is changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..api import solution_blocks
from ..documents.expand import expand
from ..documents.model import Request, Solved
from ..site.quiz.moodle import moodle_xml
from ..site.quiz.qti import qti_package
from ..site.quiz.questions import questions_of
from ..site.quiz.stack import stack_form, stack_xml
from .inputs import check_clauses, shown_name
from .run import Run
from .terminal import write_stdout

if TYPE_CHECKING:
    from ..site.quiz.questions import QuizQuestion
    from .inputs import Input


class QuizRun(Run):
    """Makes one quiz of all files: each marker that stands alone in its paragraph is a question."""

    def files(self, paths: Sequence[Path | None]) -> None:
        """Read every file, tell what is wrong with its markers, and write the quiz."""
        questions: list[QuizQuestion] = []
        for path in paths:
            with self._troubles_of(shown_name(path)):
                settings = self.inputs.settings_for(path)
                page = self.inputs.read(path, settings)
                check_clauses(settings)
                questions += self._questions(page)
        self._write_quiz(questions)
        self.report.finish()

    def _questions(self, page: Input) -> list[QuizQuestion]:
        found: list[QuizQuestion] = []

        def solve(request: Request) -> Solved:
            if request.inline:
                return Solved("$f$")  # is no question
            marker = request.marker
            context = (f"lang: {request.language}", *request.context)
            working, parts = solution_blocks(marker.f, marker.variable, marker.where, context)
            options = working.question.options
            name = options.get("title") or options.get("id") or f"{Path(page.shown).stem} {len(found) + 1}"
            made = questions_of(working, parts, options.get("lang", request.language), name)
            if self.arguments.format == "stack":
                for x in made:
                    stack_form(x)  # which says at the marker why there is none
            found.extend(made)
            return Solved("")

        expanded = expand(page.text, page.kind, solve, edits="discard", clauses=page.clauses, everything=True)
        self._told(page, expanded.problems, page.text)
        return found

    def _write_quiz(self, questions: Sequence[QuizQuestion]) -> None:
        """Write the quiz to `-o FILE`, or to stdout."""
        style, output = self.arguments.format, self.arguments.output
        data = qti_package(questions) if style == "qti" else _WRITERS[style](questions).encode()
        if output in (None, "-"):
            write_stdout(data.decode())
        else:
            self._write(Path(output), data)


_WRITERS = {"moodle": moodle_xml, "stack": stack_xml}
