"""What is told of a page is what a run tells."""

from __future__ import annotations

import subprocess
import sys
from contextlib import chdir
from importlib import import_module
from pathlib import Path
from random import Random

import pytest
from editing import memory, read
from places import ROOT

from mdderive import clear_caches
from mdderive.cli.editor.analysis import Project, analysed, with_misfits
from mdderive.cli.editor.diagnostics import diagnostics
from mdderive.cli.editor.memory import MOST, Memory
from mdderive.cli.main import main
from mdderive.cli.workers import solve
from mdderive.documents.diagnostics import problem_text
from mdderive.documents.expand import expand
from mdderive.documents.marker import read_marker
from mdderive.documents.model import Kind, Request, Solved
from mdderive.errors import DeriveError
from mdderive.linting import finding
from mdderive.linting.statements import _statements

PAGE = r"""# A page

\derive<x^TAx><x>

So \derive<Xw><z> and $y = \derive<a^Tx><x>$.

<!-- mdderive: w: vector -->

\derive<\|Xw-y\|^2><w>[w: m x n]

A claim: $\nabla_x\, x^TAx = Ax$, and $\nabla_x\, x^TBx = 2Bx$.

<div>
\derive<a><a>
</div>
"""


def test_the_problems_are_those_of_a_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "page.md").write_text(PAGE, encoding="utf-8")
    with chdir(tmp_path):
        main(["--check", "page.md"])
        main(["--lint", "page.md"])
    told = "".join(problem_text(x._replace(file="page.md")) for x in read(PAGE).problems)
    said = capfd.readouterr().err
    assert sorted(told.splitlines()) == sorted(said.splitlines())
    assert {x.code for x in read(PAGE).problems} >= {"E511", "E142", "E105", "E520", "E701", "E703"}


def test_a_solution_that_would_not_be_read_back() -> None:
    analysis = read("$$\na^T x\n\n\\derive<a^T x><x>\n")
    assert [x.code for x in analysis.problems] == ["E511"]
    assert [x.code for x in with_misfits(analysis, memory()).problems] == ["E506"]
    plain = read("\\derive<a^Tx><x>\n")
    assert with_misfits(plain, memory()) is plain


def test_a_clash_points_at_the_other_side() -> None:
    page = "<!-- mdderive: X: m x n; w: p x 1 -->\n\n\\derive<\\|Xw-y\\|^2><w>\n"
    [found] = diagnostics(read(page))
    assert found.level == 1 and found.related
    assert "X" in [page[start:end].partition(":")[0] for start, end, _ in found.related] + ["X"]
    assert found.page.startswith("file:") and found.page.rpartition("#")[2].startswith(found.code.lower())


def test_the_severities_of_the_settings_hold() -> None:
    page = "So $\\nabla_x\\, x^TAx = Ax$ is said.\n"
    for said, level in (("note", [3]), ("off", []), ("warning", [2])):
        analysis = analysed(page, "markdown", Project(severities=(("E70", said),)), memory())
        assert [x.level for x in diagnostics(analysis)] == level


def test_what_is_up_to_date_is_not_solved() -> None:
    def solve(request: Request) -> Solved:
        raise AssertionError(request)

    text = expand("\\derive<a^Tx><x>\n", "markdown", memory()).text
    assert analysed(text, "markdown", Project(), Memory(solve)).problems == ()


def test_only_what_changes_is_solved() -> None:
    asked: list[str] = []

    def solve(request: Request) -> Solved:
        asked.append(request.marker.f)
        return Solved("$1$")

    memory = Memory(solve)
    page = "".join(f"\\derive<{k}a^Tx><x>\n\n" for k in range(2, 12))
    analysed(page, "markdown", Project(), memory)
    analysed(page.replace("<5a", "<55a") + "More.\n", "markdown", Project(), memory)
    assert len(asked) == 11 and asked[-1] == "55a^Tx"


@pytest.mark.parametrize(
    ("old", "new", "judged", "formulas"),
    [
        ("number 9 ", "number 99 ", 0, 0),
        ("<7a^Tx>", "<77a^Tx>", 0, 0),
        ("= 5a$", "= 55a$", 1, 1),
        ("number 12 ", "number $m = 12$ ", 0, 1),
    ],
)
def test_an_edit_costs_what_it_concerns(
    monkeypatch: pytest.MonkeyPatch, old: str, new: str, judged: int, formulas: int
) -> None:
    """Of a page with many claims those are judged, and those formulas are read, that an edit changes."""
    page = "".join(f"\\derive<{k}a^Tx><x>\n\nThe number {k} is $\\nabla_x ({k}a^Tx) = {k}a$.\n\n" for k in range(2, 22))
    analysed(page, "markdown", Project(), memory())
    asked: list[str] = []
    before = finding._judged_member
    monkeypatch.setattr(finding, "_judged_member", lambda x, *more: (asked.append(x.latex), before(x, *more))[1])
    read_before = _statements.cache_info().misses
    assert old in page
    analysed(page.replace(old, new, 1), "markdown", Project(), memory())
    assert (len(asked), _statements.cache_info().misses - read_before) == (judged, formulas)


@pytest.mark.parametrize(("where", "most"), [("prose", 95_000), ("claim", 116_000), ("marker", 111_000)])
def test_an_edit_of_a_long_page_costs_few_calls(monkeypatch: pytest.MonkeyPatch, where: str, most: int) -> None:
    """Of the page of the benchmark, with 40 markers and 100 claims; calls are counted, since time hangs on the machine.

    They were 128,000, 150,000 and 145,000 when every paragraph went through all rules of Markdown.
    """
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    measured = import_module("editor")
    page = measured.page()
    for k in range(2):
        analysed(measured.edited(page, where, k), "markdown", Project(), memory())
    calls = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        analysed(measured.edited(page, where, 2), "markdown", Project(), memory())
    finally:
        sys.setprofile(before)
    assert calls < most


@pytest.mark.parametrize("kind", ["markdown", "latex"])
def test_after_fast_typing_the_same_is_told_as_of_a_page_that_is_read_afresh(kind: Kind) -> None:
    begun = PAGE.replace("# A page", "\\section{A page}") if kind == "latex" else PAGE
    typed, text = Random(3), begun
    for k in range(1, 41):
        at = typed.randrange(len(text))
        gone = at + typed.choice((0, 0, 1, 2))
        text = text[:at] + typed.choice((*"$\\<>[]{}xa2^ \n\t|>", "\r\n", "", "\U0001d4b3")) + text[gone:]
        found = diagnostics(analysed(text, kind, Project(), memory()))
        if k % 8 == 0:
            clear_caches()
            assert found == diagnostics(analysed(text, kind, Project(), Memory(solve))), text
            text = begun if k % 16 == 0 else text


def test_the_memory_is_bounded_and_keeps_errors() -> None:
    asked: list[str] = []

    def solve(request: Request) -> Solved:
        asked.append(request.marker.f)
        raise DeriveError("E301", "no")

    memory = Memory(solve)
    requests = [Request(read_marker(rf"\derive<{k}><x>", 0), "markdown") for k in range(1, MOST + 3)]
    for request in (*requests, requests[-1], requests[0]):
        found = memory.outcome(request)
        assert isinstance(found, DeriveError) and found.__traceback__ is None
    assert len(asked) == MOST + 3
    with pytest.raises(DeriveError):
        memory(requests[-1])


def test_the_room_needs_no_library_of_the_protocol() -> None:
    """Everything but the server itself is pure: functions of a text."""
    modules = ("actions", "analysis", "completion", "diagnostics", "hover", "outline", "sheets")
    code = "; ".join(f"import mdderive.cli.editor.{x}" for x in modules)
    code += "; import sys; assert not {'pygls', 'lsprotocol'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
