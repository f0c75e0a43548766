"""`--format moodle|qti|stack`: questions whose wrong answers are wrong; Maxima agrees with the answers of STACK."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

import mdderive
from mdderive.api import solution_blocks
from mdderive.cli.main import main
from mdderive.site.quiz.moodle import moodle_xml
from mdderive.site.quiz.moodle import written as as_xml
from mdderive.site.quiz.qti import MATHML, QTI, qti_item
from mdderive.site.quiz.questions import QuizQuestion, questions_of
from mdderive.site.quiz.stack import StackForm, stack_form

ASKED = [
    ("x^TAx", "x", ()),
    (r"\|Xw-y\|^2", "w", ("solve",)),
    (r"\operatorname{tr}(AXBX^TC)", "X", ()),
    ("a^TXb", "X", ("lang: zh",)),
    (r"\log\det X", "X", ()),
    (r"\operatorname{tr}(X^{-1}A)", "X", ()),
    (r"\frac{x^TAx}{x^Tx}", "x", ("A: symmetric",)),
    (r"\|X-UV^T\|_F^2", "U, V", ()),
    (r"\det X", "X", ()),
    (r"\lVert X\rVert_F", "X", ()),
    (r"\operatorname{tr}(X^3)", "X", ()),
    (r"\exp(a^Tx)", "x", ()),
    ("x^3+2x", "x", ("x: scalar",)),
]
NOTES = r"""# Notes

\derive<x^TAx><x>[title: A form & more]

In a sentence \derive<a^Tx><x>.

\derive<\|Xw-y\|^2><w>[id: ls; solve]
"""


def asked(f: str, variable: str, where: tuple[str, ...]) -> list[QuizQuestion]:
    working, parts = solution_blocks(f, variable, where)
    return questions_of(working, parts, working.question.options.get("lang", "en"), "A question")


@pytest.mark.parametrize(("f", "variable", "where"), ASKED)
def test_the_right_answer_is_right_and_the_others_are_not(f: str, variable: str, where: tuple[str, ...]) -> None:
    for question in asked(f, variable, where):
        of = question.variable.latex
        clauses = [x for x in where if x != "solve"]
        mdderive.derive(f, of, [*clauses, f"= {question.right}"])
        assert len(question.wrong) >= 2
        for wrong in question.wrong:
            with pytest.raises(mdderive.VerificationError):
                mdderive.derive(f, of, [*clauses, f"= {wrong}"])


def test_the_usual_mistake_is_among_the_wrong_answers() -> None:
    assert "2Ax" in asked("x^TAx", "x", ())[0].wrong


def test_a_question_is_made_of_a_gradient() -> None:
    with pytest.raises(mdderive.DeriveError, match="made of a gradient"):
        asked("Ax", "x", ("jacobian",))


MAXIMA = """{variables}
u: if matrixp(unknown) then unknown else matrix([unknown])$
t: if matrixp(ta) then ta else matrix([ta])$
print("differs by", ratsimp(genmatrix(lambda([i, j], diff(f, u[i, j])), {rows}, {columns}) - t))$
"""


def maxima(form: StackForm) -> str:
    lines = "".join(f"{x}$\n" for x in form.variables)
    source = MAXIMA.format(variables=lines, rows=form.rows, columns=form.columns)
    command = ["maxima", "--very-quiet", "--batch-string", f"display2d: false$ {source}"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return ended.stdout.rpartition("differs by")[2].strip()


@pytest.mark.skipif(shutil.which("maxima") is None, reason="needs Maxima")
@pytest.mark.parametrize(("f", "variable", "where"), ASKED)
def test_maxima_finds_the_answer_that_stack_is_given(f: str, variable: str, where: tuple[str, ...]) -> None:
    for question in asked(f, variable, where):
        form = stack_form(question)
        zeros = "],[".join([",".join(["0"] * form.columns)] * form.rows)
        assert maxima(form) == f"matrix([{zeros}])"


def test_what_maxima_has_no_words_for_is_refused() -> None:
    (question,) = asked(r"-y^T\log\operatorname{softmax}(Wx)", "W", ("y: one-hot",))
    with pytest.raises(mdderive.UnsupportedError, match="Maxima"):
        stack_form(question)


def written(tmp_path: Path, style: str, name: str) -> Path:
    notes = tmp_path / "notes.md"
    notes.write_text(NOTES, encoding="utf-8")
    made = tmp_path / name
    assert main(["--format", style, "-o", str(made), str(notes)]) == 0
    assert notes.read_text(encoding="utf-8") == NOTES, "the notes are as they were"
    return made


def test_moodle(tmp_path: Path) -> None:
    quiz = ElementTree.parse(written(tmp_path, "moodle", "quiz.xml")).getroot()
    assert quiz.tag == "quiz"
    assert [x.findtext("name/text") for x in quiz] == ["A form & more", "ls"], (
        "what stands in a sentence is no question"
    )
    for question in quiz:
        assert question.attrib == {"type": "multichoice"}
        children = [x.tag for x in question]
        assert children[:6] == ["name", "questiontext", "generalfeedback", "defaultgrade", "penalty", "hidden"]
        assert question.findtext("single") == "true"
        fractions = [x.attrib["fraction"] for x in question.iter("answer")]
        assert fractions[0] == "100" and set(fractions[1:]) == {"0"}
        assert "Take the differential" in (question.findtext("generalfeedback/text") or "")


def test_stack(tmp_path: Path) -> None:
    quiz = ElementTree.parse(written(tmp_path, "stack", "quiz.xml")).getroot()
    for question in quiz:
        assert question.attrib == {"type": "stack"}
        assert "[[input:ans1]]" in (question.findtext("questiontext/text") or "")
        assert "ta: " in (question.findtext("questionvariables/text") or "")
        assert question.findtext("input/type") == "matrix"
        assert question.findtext("prt/node/tans") == "ta"


def test_qti(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path, "qti", "quiz.zip")) as package:
        assert package.namelist() == ["imsmanifest.xml", "item-1.xml", "item-2.xml"]
        manifest = package.read("imsmanifest.xml").decode()
        item = ElementTree.fromstring(package.read("item-1.xml"))
    assert 'href="item-2.xml"' in manifest
    assert item.tag == f"{{{QTI}}}assessmentItem"
    order = [x.tag.partition("}")[2] for x in item]
    declared = ["responseDeclaration", "outcomeDeclaration", "outcomeDeclaration"]
    assert order == [*declared, "itemBody", "responseProcessing", "modalFeedback"]
    choices = [x.attrib["identifier"] for x in item.iter(f"{{{QTI}}}simpleChoice")]
    assert item.findtext(f".//{{{QTI}}}correctResponse/{{{QTI}}}value") == choices[0] == "right"
    assert len(set(choices)) == len(choices) > 2
    assert all(x.find(f"{{{MATHML}}}math") is not None for x in item.iter(f"{{{QTI}}}simpleChoice"))
    assert [x for x in item.iter(f"{{{MATHML}}}mrow") if "displaystyle" in x.attrib] == [], "MathML 2 has none"


@pytest.mark.parametrize(("f", "variable", "where"), ASKED)
def test_every_question_is_xml(f: str, variable: str, where: tuple[str, ...]) -> None:
    for question in asked(f, variable, where):
        assert ElementTree.fromstring(as_xml(qti_item(question, "item")).encode()) is not None
        assert ElementTree.fromstring(moodle_xml([question]).encode()) is not None


def test_a_marker_that_makes_no_question_is_told_at_its_place(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("\\derive<x^TAx><x>\n\n\\derive<\\operatorname{softmax}(a^Tx)><x>[y: one-hot]\n", encoding="utf-8")
    assert main(["--format", "moodle", str(notes)]) == 4
    said = capfd.readouterr()
    assert "notes.md:3:" in said.err
    assert said.out.count("<question ") == 1


def test_what_does_not_go_together(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.md").write_text(NOTES, encoding="utf-8")
    for options in (["--check"], ["--lint"], ["--diff"], ["--strip"]):
        assert main(["--format", "moodle", *options, str(tmp_path / "notes.md")]) == 2
    assert main(["--format", "qti", str(tmp_path / "notes.md")]) == 2
    assert "-o FILE.zip" in capfd.readouterr().err
