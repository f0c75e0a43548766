"""A format is one record: a third one is made here, and nothing else is touched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from fake_solver import FakeSolver

import mdderive
from mdderive.cli.main import main
from mdderive.documents.current import is_current
from mdderive.documents.expand import expand, review, strip
from mdderive.documents.formats import FORMATS, Format, format_of_text, is_of_others
from mdderive.documents.formulas import SourceFormula
from mdderive.documents.marker import MARKER_START, read_marker
from mdderive.documents.region import STAMP, Region, block_region
from mdderive.documents.scan import MarkerSite, Scan
from mdderive.documents.syntax import PageSyntax
from mdderive.errors import DeriveError

PAGE = "; a toy\n\\derive<a^T x><x>\n\nthe formula {\\nabla_x x^Tx = x} ends\n"
_REGION = re.compile(rf"; mdderive (?P<body>.*)\n(?P<content>(?:.*\n)*?); /mdderive (?P<stamp>{STAMP})")


def _scan(text: str) -> Scan:
    lines = [match for match in re.finditer(".+", text) if MARKER_START.match(match[0])]
    return Scan(
        tuple(MarkerSite(x.start(), x.end(), x.start(), read_marker(text, x.start()), None, False) for x in lines)
    )


def _regions(text: str) -> list[Region]:
    return [
        block_region(text, x.start(), x["body"], [(0, x.start("body"), len(x["body"]))], x.span("content"),
                     x.start("stamp"), x.end())
        for x in _REGION.finditer(text)
    ]  # fmt: skip


def _formulas(text: str) -> Iterator[SourceFormula]:
    for match in re.finditer(r"\{(\\nabla.*)\}", text):
        yield SourceFormula(match[1], *match.span(), ((0, match.start(1)),))


def _block(body: str, site: MarkerSite, content: Sequence[str], stamp: str, end: str, blank: bool) -> str:
    return end.join([f"; mdderive {body}", *content, f"; /mdderive {stamp}"])


TOY = PageSyntax(
    scan=_scan,
    regions=_regions,
    formulas=_formulas,
    block=_block,
    inline=lambda body, site, value, stamp: value,
    comment=lambda lines, prefix, end: "".join(f"; {line}{end}" for line in lines),
    remark=("; ", ""),
    heading=re.compile("^!", re.MULTILINE),
)


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(FORMATS, "toy", Format("toy", (".toy",), lambda: TOY, "latex", ("; a toy",), ";.*"))
    return "toy"


def test_a_third_format_is_expanded_and_stripped(toy: str) -> None:
    expanded = expand(PAGE, toy, FakeSolver())
    assert expanded.problems == () and "; mdderive \\derive<a^T x><x>\n" in expanded.text
    assert expand(expanded.text, toy, FakeSolver()).text == expanded.text
    assert review(expanded.text, toy) == () and is_current(expanded.text, toy) and not is_current(PAGE, toy)
    assert strip(expanded.text, toy) == PAGE
    assert format_of_text(PAGE).name == "toy"


def test_a_third_format_is_solved_and_linted(toy: str) -> None:
    assert r"\[" in mdderive.expand(PAGE, toy).text
    assert [problem.code for problem in mdderive.lint(PAGE, toy)] == ["E701"]


def test_a_third_format_is_known_to_the_command_line(
    toy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.toy").write_text(PAGE)
    assert main(["."]) == 0
    assert "; /mdderive " in Path("a.toy").read_text()
    assert main(["--lint", "--fix", "a.toy"]) == 4
    assert "; False, by mdderive: x; see " in Path("a.toy").read_text()
    assert main(["--strip", "a.toy"]) == 0
    capfd.readouterr()


def test_a_format_that_does_not_exist() -> None:
    with pytest.raises(DeriveError, match="there is no format 'typst'") as caught:
        mdderive.expand(PAGE, "typst")
    assert caught.value.code == "E514" and caught.value.hint == "use one of: markdown, latex, notebook, html, rst"


def test_every_format_reads_back_what_it_writes() -> None:
    for name, one in FORMATS.items():
        syntax = one.syntax()
        if not one.writer:
            continue
        site = MarkerSite(0, 17, 0, read_marker(r"\derive<a^T x><x>", 0), None, False)
        for inline in (True, False):
            at = site._replace(inline=inline)
            stamp = "0123abcd.4567cdef"
            text = (
                syntax.inline(r"\derive<a^T x><x>", at, "$a$", stamp)
                if inline
                else syntax.block(r"\derive<a^T x><x>", at, ["$a$"], stamp, "\n", False)
            )
            (found,) = syntax.regions(text)
            assert (found.start, found.end, found.body, found.inline) == (0, len(text), r"\derive<a^T x><x>", inline), (
                name
            )
            assert f"{found.taken}.{found.given}" == stamp


@pytest.mark.parametrize("name", ["notes.py", "a.typ", "notes.MD.bak", "README"])
@pytest.mark.parametrize("options", [[], ["--check"], ["--strip"], ["--lint"], ["--diff"]])
def test_a_suffix_that_no_format_claims_is_refused(
    name: str, options: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for text in ("\\derive<a^T x><x>\n", "nothing\n"):
        (path := tmp_path / name).write_text(text)
        assert main([*options, str(path)]) == 2
        out, err = capfd.readouterr()
        way_out = (
            "pandoc can make Markdown of it"
            if is_of_others(name)
            else "--kind markdown or --kind latex says what it is"
        )
        assert "E514" in err and way_out in err and not out
        assert path.read_text() == text


def test_the_kind_can_be_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "notes.txt"
    for kind, opened in (("latex", "% mdderive "), ("markdown", "<!-- mdderive ")):
        path.write_text("\\derive<a^T x><x>\n")
        assert main(["--kind", kind, str(path)]) == 0
        assert path.read_text().startswith(opened)
        assert main(["--kind", kind, "--check", str(path)]) == 0
    assert main(["--kind", "typst", str(path)]) == 2
    assert main(["--kind", "latex", "-e", r"\derive<a^T x><x>"]) == 2
    assert "-e does not go with --kind" in capfd.readouterr().err
