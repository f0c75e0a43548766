"""The command line, with the documents as they are and an engine that knows one derivative only."""

from __future__ import annotations

import errno
import io
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mdderive.cli.main import main
from mdderive.documents.model import Request, Solved
from mdderive.errors import DeriveError, ParseError, Span, UnsupportedError, VerificationError

NOTE = "A note.\n\n\\derive<a^T x><x>\n\nThe end.\n"
BAD = NOTE.replace("a^T", r"\foo")


class FakeDerivation:
    def __init__(self, request: Request) -> None:
        self.request = request

    def to_json(self, lang: str | None = None) -> dict[str, Any]:
        marker = self.request.marker
        return {
            "f": marker.f,
            "wrt": marker.variable,
            "status": "verified",
            "language": lang,
            "gradient": "a",
        }


class Engine(ModuleType):
    r"""Stands for `mdderive.api`: the gradient is `a`, `\foo` unknown, `\wrong` fails its check, `\bug` is our own."""

    def __init__(self) -> None:
        super().__init__("mdderive.api")
        self.requests: list[Request] = []
        self.gradient = "a"

    def solve(self, request: Request) -> Solved:
        self.requests.append(request)
        f = request.marker.f
        if r"\foo" in f:
            start = f.index(r"\foo")
            raise ParseError("E127", r"unknown macro \foo", Span("f", start, start + 4), r"did you mean \phi?")
        if r"\wrong" in f:
            raise VerificationError("E402", "a line is wrong", Span("f", 0, len(f)))
        if r"\bug" in f:
            raise RecursionError("too deep")
        text = f"$$\n{self.gradient}\n$$" if not request.inline else f"${self.gradient}$"
        return Solved(text, (FakeDerivation(request),))

    def to_text(self, found: Sequence[FakeDerivation]) -> str:
        assert found
        return "the gradient is a"

    def to_source(self, found: Sequence[FakeDerivation], target: str) -> str:
        assert found and target == "numpy"
        return "def gradient(*, a, x):\n    return a\n"


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Engine]:
    fake = Engine()
    monkeypatch.setitem(sys.modules, "mdderive.api", fake)
    monkeypatch.chdir(tmp_path)
    yield fake


def written(name: str, text: str) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


def edited(name: str) -> Path:
    """Return a page whose solution was edited by hand."""
    path = written(name, NOTE)
    assert main([name]) == 0
    path.write_bytes(path.read_bytes().replace(b"$$\na\n$$", b"$$\n-a\n$$"))
    return path


class TestInPlace:
    def test_a_solution_is_inserted_once(self, engine: Engine) -> None:
        path = written("a.md", NOTE)
        assert main(["a.md"]) == 0
        text = path.read_text()
        assert "$$\na\n$$" in text and text.startswith("A note.\n") and text.endswith("\n\nThe end.\n")
        assert main(["a.md"]) == 0
        assert path.read_text() == text
        assert len(engine.requests) == 1

    def test_nothing_is_said_when_all_is_well(self, capfd: pytest.CaptureFixture[str]) -> None:
        written("a.md", NOTE)
        main(["a.md"])
        main(["--check", "a.md"])
        assert capfd.readouterr() == ("", "")

    def test_a_latex_file(self, engine: Engine) -> None:
        path = written("a.tex", NOTE)
        assert main(["a.tex"]) == 0
        assert path.read_text() != NOTE
        assert engine.requests[0].kind == "latex"

    def test_line_ends_and_stray_bytes_stay(self) -> None:
        path = Path("a.md")
        path.write_bytes(NOTE.replace("\n", "\r\n").encode() + b"caf\xe9")
        assert main(["a.md"]) == 0
        assert b"\n" not in path.read_bytes().replace(b"\r\n", b"")
        assert path.read_bytes().endswith(b"\r\ncaf\xe9")

    def test_folders_are_searched_and_a_file_given_twice_is_read_once(self, engine: Engine) -> None:
        paths = [written("notes/a.md", NOTE), written("notes/deep/b.tex", NOTE)]
        written("notes/c.py", NOTE)
        assert main(["notes", "notes/a.md"]) == 0
        assert len(engine.requests) == 2
        assert all("mdderive" in path.read_text() for path in paths)

    def test_strip_brings_the_author_text_back(self) -> None:
        path = written("a.md", NOTE)
        main(["a.md"])
        assert main(["--strip", "a.md"]) == 0
        assert path.read_text() == NOTE

    def test_one_bad_marker_does_not_spoil_the_others(self, capfd: pytest.CaptureFixture[str]) -> None:
        path = written("a.md", BAD + NOTE)
        assert main(["a.md"]) == 4
        assert "$$\na\n$$" in path.read_text()
        assert path.read_text().startswith(BAD[:-1])
        assert capfd.readouterr().err.splitlines() == [
            r"a.md:3:9: E127 unknown macro \foo",
            r"    3 | \derive<\foo x><x>",
            "      |         ^^^^",
            r"  help: did you mean \phi?",
        ]

    def test_a_bug_of_ours_is_said_at_the_marker(self, capfd: pytest.CaptureFixture[str]) -> None:
        path = written("a.md", NOTE.replace("a^T", r"\bug"))
        before = path.read_bytes()
        assert main(["a.md"]) == 4
        said = capfd.readouterr().err
        assert said.startswith("a.md:3:1: E599 mdderive itself failed here: RecursionError: too deep\n")
        assert "Traceback" not in said
        assert path.read_bytes() == before


class TestCheckAndDiff:
    def test_stale(self, capfd: pytest.CaptureFixture[str]) -> None:
        path = written("a.md", NOTE)
        assert main(["--check", "a.md"]) == 1
        assert path.read_text() == NOTE
        out, err = capfd.readouterr()
        assert out == "" and err.startswith("a.md:3:1: E")

    def test_up_to_date(self, engine: Engine) -> None:
        written("a.md", NOTE)
        main(["a.md"])
        assert main(["--check", "a.md"]) == 0
        assert len(engine.requests) == 1

    def test_what_cannot_be_derived_is_said_alone(self, capfd: pytest.CaptureFixture[str]) -> None:
        written("a.md", BAD)
        assert main(["--check", "a.md"]) == 4
        err = capfd.readouterr().err
        assert err.startswith("a.md:3:9: E127") and err.count("a.md") == 1

    def test_verify_all_derives_again_what_is_up_to_date(self, engine: Engine) -> None:
        path = written("a.md", NOTE)
        main(["a.md"])
        before = path.read_bytes()
        assert main(["--check", "--verify-all", "a.md"]) == 0
        assert main(["--verify-all", "a.md"]) == 0
        assert len(engine.requests) == 3
        assert path.read_bytes() == before

    def test_verify_all_finds_what_would_come_out_otherwise_now(
        self, engine: Engine, capfd: pytest.CaptureFixture[str]
    ) -> None:
        path = written("a.md", NOTE + "\n    \\derive<f><x>\n")
        main(["a.md"])
        engine.gradient = "2a"
        assert main(["--check", "a.md"]) == 0
        assert main(["--check", "--verify-all", "a.md"]) == 1
        assert "\na\n" in path.read_text()
        err = capfd.readouterr().err
        assert err.startswith("a.md:6:1: E513 ") and "    6 | a\n" in err
        assert main(["--verify-all", "a.md"]) == 0
        assert "\n2a\n" in path.read_text()

    def test_diff_writes_nothing(self, capfd: pytest.CaptureFixture[str]) -> None:
        path = written("a.md", NOTE)
        assert main(["--diff", "a.md"]) == 0
        assert path.read_text() == NOTE
        out = capfd.readouterr().out
        assert out.startswith("--- a/a.md\n+++ b/a.md\n@@ -1,5 +1,")
        assert "\n+a\n" in out

    def test_diff_of_a_last_line_without_an_end(self, capfd: pytest.CaptureFixture[str]) -> None:
        written("a.md", NOTE[:-1])
        main(["--diff", "a.md"])
        assert capfd.readouterr().out.endswith(" The end.\n\\ No newline at end of file\n")

    def test_diff_and_check(self) -> None:
        written("a.md", NOTE)
        assert main(["--diff", "--check", "a.md"]) == 1

    def test_diff_of_nothing(self, capfd: pytest.CaptureFixture[str]) -> None:
        written("a.md", "no marker\n")
        assert main(["--diff", "a.md"]) == 0
        assert capfd.readouterr() == ("", "")


class TestEditedByHand:
    def test_it_is_never_overwritten(self, capfd: pytest.CaptureFixture[str]) -> None:
        path = edited("a.md")
        before = path.read_bytes()
        for arguments in (["a.md"], ["--check", "a.md"]):
            assert main(arguments) == 3
            assert path.read_bytes() == before
            assert capfd.readouterr().err.startswith("a.md:3:")

    def test_accept(self) -> None:
        path = edited("a.md")
        assert main(["--accept", "a.md"]) == 0
        assert "$$\n-a\n$$" in path.read_text()
        assert main(["--check", "a.md"]) == 0

    def test_discard(self) -> None:
        path = edited("a.md")
        assert main(["--discard", "a.md"]) == 0
        assert "$$\na\n$$" in path.read_text()

    def test_detach(self) -> None:
        path = edited("a.md")
        assert main(["--detach", "a.md"]) == 0
        assert "$$\n-a\n$$" in path.read_text()
        assert "mdderive" not in path.read_text()

    def test_strip(self, capfd: pytest.CaptureFixture[str]) -> None:
        path = edited("a.md")
        before = path.read_bytes()
        for arguments in (["--strip", "a.md"], ["--strip", "--diff", "a.md"]):
            assert main(arguments) == 3
            assert path.read_bytes() == before
            assert "a.md:3:15: E510" in capfd.readouterr().err
        assert main(["--strip", "--discard", "a.md"]) == 0
        assert path.read_text() == NOTE


class TestStreams:
    def test_stdin_to_stdout(self, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
        stdin(monkeypatch, NOTE.encode() + b"caf\xe9")
        assert main(["-"]) == 0
        out = capfdbinary.readouterr().out
        assert b"$$\na\n$$" in out and out.endswith(b"\ncaf\xe9")

    def test_stdin_is_only_checked(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        stdin(monkeypatch, BAD.encode())
        assert main(["--check", "-"]) == 4
        out, err = capfd.readouterr()
        assert out == "" and r"<stdin>:3:9: E127 unknown macro \foo" in err

    def test_latex_on_stdin_is_recognised(self, monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
        stdin(monkeypatch, b"\\begin{document}\n\n\\derive<a^T x><x>\n\n\\end{document}\n")
        assert main(["-"]) == 0
        assert engine.requests[0].kind == "latex"

    def test_output_elsewhere(self) -> None:
        path = written("a.md", NOTE)
        assert main(["a.md", "-o", "b.md"]) == 0
        assert path.read_text() == NOTE
        assert "$$\na\n$$" in Path("b.md").read_text()

    def test_an_unchanged_page_is_still_written_elsewhere(self) -> None:
        written("a.md", "no marker\n")
        assert main(["a.md", "-o", "b.md"]) == 0
        assert Path("b.md").read_text() == "no marker\n"

    def test_output_on_stdout(self, capfd: pytest.CaptureFixture[str]) -> None:
        path = written("a.md", NOTE)
        assert main(["a.md", "-o", "-"]) == 0
        assert path.read_text() == NOTE
        assert "$$\na\n$$" in capfd.readouterr().out

    def test_strip_a_stream(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        path = written("a.md", NOTE)
        main(["a.md"])
        stdin(monkeypatch, path.read_bytes())
        assert main(["--strip", "-"]) == 0
        assert capfd.readouterr().out == NOTE


class TestTrouble:
    def test_a_missing_file_does_not_stop_the_others(self, capfd: pytest.CaptureFixture[str]) -> None:
        path = written("b.md", NOTE)
        assert main(["a.md", "b.md"]) == 2
        err = capfd.readouterr().err
        assert err.startswith("a.md: E50") and err.count("\n") <= 2
        assert "$$\na\n$$" in path.read_text()

    def test_the_highest_status_wins(self) -> None:
        written("bad.md", BAD)
        edited("edited.md")
        assert main(["missing.md", "edited.md"]) == 3
        assert main(["bad.md", "missing.md", "edited.md"]) == 4

    def test_utf_16_is_refused(self, capfd: pytest.CaptureFixture[str]) -> None:
        path = Path("a.md")
        path.write_bytes(NOTE.encode("utf-16"))
        assert main(["a.md"]) == 2
        assert capfd.readouterr().err.startswith("a.md: E50")

    def test_an_empty_folder(self, capfd: pytest.CaptureFixture[str]) -> None:
        Path("notes").mkdir()
        assert main(["notes"]) == 0
        assert capfd.readouterr().err == "mdderive: no Markdown or LaTeX files in notes\n"

    def test_a_full_disk(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        path = written("a.md", NOTE)
        monkeypatch.setattr("mdderive.documents.files.write_atomically", full)
        assert main(["a.md"]) == 2
        assert path.read_text() == NOTE
        assert capfd.readouterr().err == (
            "a.md: E502 cannot be written: No space left on device\n  help: the file is as it was\n"
        )

    def test_a_folder_that_is_not_there(self, capfd: pytest.CaptureFixture[str]) -> None:
        written("a.md", NOTE)
        assert main(["a.md", "-o", "no/b.md"]) == 2
        assert capfd.readouterr().err.startswith("no/b.md: E502 cannot be written: ")

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            ([], "which files?"),
            (["-e", r"\derive<f><x>", "a.md"], "-e does not go with files"),
            (["-e", r"\derive<f><x>", "--check"], "-e does not go with --check"),
            (["-e", r"\derive<f><x>", "-o", "b.md"], "-e does not go with -o"),
            (["a.md", "b.md", "-o", "c.md"], "-o takes one file"),
            ([".", "-o", "c.md"], "-o takes one file"),
            (["a.md", "-o", "c.md", "--check"], "-o does not go with --check"),
            (["a.md", "-o", "c.md", "--diff"], "-o does not go with --diff"),
            (["a.md", "--strip", "--check"], "--strip does not go with --check"),
            (["a.md", "--check", "--accept"], "--check does not go with --accept"),
            (["a.md", "--diff", "--format", "json"], "--diff does not go with --format json"),
            (["a.md", "-o", "-", "--format", "json"], "-o - does not go with --format json"),
            (["a.md", "--strip", "--accept"], "--strip does not go with --accept"),
            (["a.md", "--format", "python"], "--format python goes with -e only"),
            (["a.md", "--accept", "--discard"], "not allowed with argument"),
            (["a.md", "--lang", "fr"], "invalid choice: 'fr'"),
            (["a.md", "--nonsense"], "unrecognized arguments: --nonsense"),
        ],
    )
    def test_usage(self, arguments: list[str], complaint: str, capfd: pytest.CaptureFixture[str]) -> None:
        assert main(arguments) == 2
        out, err = capfd.readouterr()
        assert out == "" and complaint in err

    def test_help(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert main(["--help"]) == 0
        assert "exit status" in capfd.readouterr().out


class TestSettings:
    def test_they_reach_the_engine_the_nearest_last(self, engine: Engine) -> None:
        written("pyproject.toml", '[tool.mdderive]\nwhere = ["a: n x 1"]\nlang = "zh"\n')
        written("notes/a.md", NOTE)
        assert main(["notes/a.md", "--detail", "brief", "--lang", "en"]) == 0
        assert engine.requests[0].context == ("a: n x 1", "lang: zh", "lang: en", "detail: brief")

    def test_changed_settings_make_a_page_stale(self) -> None:
        written("a.md", NOTE)
        main(["a.md"])
        written("pyproject.toml", '[tool.mdderive]\nlang = "zh"\n')
        assert main(["--check", "a.md"]) == 1

    def test_another_file(self, engine: Engine) -> None:
        written("pyproject.toml", '[tool.mdderive]\nlang = "zh"\n')
        written("other.toml", '[tool.mdderive]\ndetail = "brief"\n')
        written("a.md", NOTE)
        assert main(["a.md", "--config", "other.toml"]) == 0
        assert engine.requests[0].context == ("detail: brief",)

    def test_bad_settings_are_said_once_and_nothing_is_written(self, capfd: pytest.CaptureFixture[str]) -> None:
        written("pyproject.toml", "[tool.mdderive]\nlang = 3\n")
        paths = [written("a.md", NOTE), written("b.md", NOTE)]
        assert main(["a.md", "b.md"]) == 2
        assert [path.read_text() for path in paths] == [NOTE, NOTE]
        assert capfd.readouterr().err.count("E604") == 1

    def test_stripping_needs_no_settings(self) -> None:
        path = written("a.md", NOTE)
        main(["a.md"])
        written("pyproject.toml", "[tool.mdderive]\nlang = 3\n")
        assert main(["--strip", "a.md"]) == 0
        assert path.read_text() == NOTE

    def test_a_clause_that_cannot_be_read(self, capfd: pytest.CaptureFixture[str]) -> None:
        written("pyproject.toml", '[tool.mdderive]\nwhere = [\n  "X: m x n",\n  "X: SPF",\n]\n')
        paths = [written("a.md", NOTE), written("b.md", NOTE)]
        assert main(["a.md", "b.md"]) == 2
        assert [path.read_text() for path in paths] == [NOTE, NOTE]
        err = capfd.readouterr().err
        assert "pyproject.toml:4:4: E112 " in err and '\n    4 |   "X: SPF",\n      |    ^^^^^^\n' in err
        assert err.count("E112") == 1


class TestJson:
    def test_one_object_for_each_marker(self, capfd: pytest.CaptureFixture[str]) -> None:
        written("a.md", BAD + NOTE + NOTE.replace("a^T", r"\wrong"))
        assert main(["--format", "json", "a.md"]) == 4
        objects = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
        places = [(one["file"], one["line"], one["column"], one["f"], one["wrt"], one["status"]) for one in objects]
        assert places == [
            ("a.md", 3, 1, r"\foo x", "x", "error"),
            ("a.md", 8, 1, "a^T x", "x", "verified"),
            ("a.md", 13, 1, r"\wrong x", "x", "wrong"),
        ]
        assert objects[0]["error"] == {"code": "E127", "message": r"unknown macro \foo", "line": 3, "column": 9}
        assert objects[1]["error"] is None and objects[1]["gradient"] == "a"

    def test_the_same_failure_twice(self, capfd: pytest.CaptureFixture[str]) -> None:
        written("a.md", BAD + BAD)
        assert main(["--format", "json", "a.md"]) == 4
        objects = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
        assert [(one["line"], one["f"]) for one in objects] == [(3, r"\foo x"), (8, r"\foo x")]

    def test_the_language_is_that_of_the_page(self, capfd: pytest.CaptureFixture[str]) -> None:
        page = "以下逐步求出这个函数的导数，并说明每一步的理由："
        written("a.md", f"{page}\n\n\\derive<a^T x><x>\n\n\\derive<a^T x><x>[lang: en]\n")
        assert main(["--format", "json", "a.md"]) == 0
        assert [json.loads(line)["language"] for line in capfd.readouterr().out.splitlines()] == ["zh", "en"]

    def test_what_cannot_be_written_as_code(
        self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        def refuse(*_: object) -> None:
            raise UnsupportedError("E305", "there is no such function in numpy")

        monkeypatch.setattr(FakeDerivation, "to_json", refuse)
        monkeypatch.setattr(Engine, "to_source", refuse)
        written("a.md", NOTE)
        assert main(["--format", "json", "a.md"]) == 4
        assert main(["-e", r"\derive<a^T x><x>", "--format", "python"]) == 4
        out, err = capfd.readouterr()
        assert json.loads(out)["error"]["code"] == "E305"
        assert [line for line in err.splitlines() if "E305" in line] == [
            "a.md:3:1: E305 there is no such function in numpy",
            "-e:1:1: E305 there is no such function in numpy",
        ]

    def test_what_is_up_to_date_is_in_it_too(self, capfd: pytest.CaptureFixture[str]) -> None:
        path = written("a.md", NOTE)
        main(["a.md"])
        before = path.read_bytes()
        assert main(["--format", "json", "--check", "a.md"]) == 0
        assert json.loads(capfd.readouterr().out)["gradient"] == "a"
        assert path.read_bytes() == before

    def test_a_stream_gives_its_objects_alone(
        self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        stdin(monkeypatch, NOTE.encode())
        assert main(["--format", "json", "-"]) == 0
        assert json.loads(capfd.readouterr().out)["file"] == "<stdin>"


class TestExpression:
    @pytest.mark.parametrize(
        ("style", "shown"),
        [
            ("text", "the gradient is a\n"),
            ("markdown", "$$\na\n$$\n"),
            ("latex", "$$\na\n$$\n"),
            ("python", "def gradient(*, a, x):\n    return a\n"),
        ],
    )
    def test_formats(self, style: str, shown: str, capfd: pytest.CaptureFixture[str], engine: Engine) -> None:
        assert main(["-e", r"\derive<a^T x><x>", "--format", style]) == 0
        assert capfd.readouterr() == (shown, "")
        assert engine.requests[0].kind == (style if style in ("latex", "markdown") else "")

    def test_text_is_what_you_get_unasked(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert main(["-e", r" \derive<a^T x><x>" + "\n"]) == 0
        assert capfd.readouterr().out == "the gradient is a\n"

    def test_json(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert main(["-e", r"\derive<a^T x><x>[x: n x 1]", "--format", "json"]) == 0
        one = json.loads(capfd.readouterr().out)
        assert (one["file"], one["line"], one["column"]) == ("-e", 1, 1)
        assert (one["f"], one["where"], one["status"], one["error"]) == ("a^T x", ["x: n x 1"], "verified", None)

    def test_an_error_shows_the_marker(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert main(["-e", r"\derive<a + \foo x><x>"]) == 4
        out, err = capfd.readouterr()
        assert out == ""
        assert err.splitlines() == [
            r"-e:1:13: E127 unknown macro \foo",
            r"    1 | \derive<a + \foo x><x>",
            "      |             ^^^^",
            r"  help: did you mean \phi?",
        ]

    @pytest.mark.parametrize(("f", "status"), [(r"\foo", "error"), (r"\wrong", "wrong"), (r"\bug", "error")])
    def test_an_error_in_json(self, f: str, status: str, capfd: pytest.CaptureFixture[str]) -> None:
        assert main(["-e", rf"\derive<{f}><x>", "--format", "json"]) == 4
        one = json.loads(capfd.readouterr().out)
        assert (one["f"], one["status"], one["error"]["line"]) == (f, status, 1)

    @pytest.mark.parametrize("source", [r"\derive<a", "a^T x", r"\derive<a><x> and more", "", r"\derive<a>"])
    def test_no_marker(self, source: str, capfd: pytest.CaptureFixture[str], engine: Engine) -> None:
        assert main(["-e", source]) == 4
        assert capfd.readouterr().err.startswith("-e:1:")
        assert engine.requests == []

    def test_no_marker_in_json(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert main(["-e", "a^T x", "--format", "json"]) == 4
        one = json.loads(capfd.readouterr().out)
        assert (one["f"], one["wrt"], one["where"], one["status"]) == (None, None, [], "error")

    def test_several(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert main(["-e", r"\derive<\foo><x>", "-e", r"\derive<a^T x><x>"]) == 4
        assert capfd.readouterr().out == "the gradient is a\n"

    def test_settings_hold(self, engine: Engine) -> None:
        written("pyproject.toml", '[tool.mdderive]\nlang = "zh"\n')
        assert main(["-e", r"\derive<a^T x><x>", "--layout", "numerator"]) == 0
        assert engine.requests[0].context == ("lang: zh", "layout: numerator")


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (KeyError("x"), 4, "E599 mdderive itself failed here: KeyError: 'x'\n"),
        (MemoryError(), 2, "E516 there is not enough memory for this file\n"),
    ],
)
def test_a_failure_in_the_documents_is_no_traceback(
    error: Exception, status: int, said: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    path = written("a.md", NOTE)
    monkeypatch.setattr("mdderive.documents.expand.expand", broken)
    assert main(["a.md"]) == status
    assert capfd.readouterr().err.startswith(f"a.md: {said}")
    assert path.read_text() == NOTE


def test_an_error_of_a_whole_file_has_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise DeriveError("E502", "is UTF-16")

    written("a.md", NOTE)
    monkeypatch.setattr("mdderive.cli.inputs.read", refuse)
    assert main(["a.md"]) == 2
