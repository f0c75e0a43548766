"""The quickest answer: pages that need nothing are known by their bytes, and nothing else is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mdderive.cli.main import main
from mdderive.documents import settled as settled_module
from mdderive.documents.settled import LARGEST, Settled, need_nothing

NOTE = "A note.\n\n\\derive<a^T x><x>\n\nThe end.\n"


def is_known(path: str) -> bool:
    """Return whether a page is known by its bytes."""
    return Settled().holds(path, Path(path).read_bytes())


@pytest.fixture(autouse=True)
def note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a page whose solution is up to date."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.md"
    path.write_text(NOTE)
    assert main(["a.md"]) == 0
    return path


def test_what_a_run_wrote_needs_nothing(note: Path) -> None:
    assert need_nothing(["a.md"]) and need_nothing(["--check", "a.md"]) and need_nothing([str(note)])
    assert need_nothing(["--check", "."])


def test_what_was_found_up_to_date_needs_nothing(note: Path) -> None:
    shutil.rmtree(note.parent / ".cache")
    assert not is_known("a.md")
    assert main(["--check", "--format", "text", "a.md"]) == 0
    assert is_known("a.md")


def test_stamps_are_read_and_the_page_is_known_from_then_on(note: Path) -> None:
    shutil.rmtree(note.parent / ".cache")
    assert need_nothing(["--check", "a.md"])
    assert is_known("a.md")
    assert (note.parent / ".cache/mdderive/.gitignore").read_text() == "*\n"


@pytest.mark.parametrize("change", [(b"The end", b"The End"), (b"a^T", b"b^T"), (b"\n", b"\r\n")])
def test_another_byte_is_another_page(note: Path, change: tuple[bytes, bytes]) -> None:
    note.write_bytes(note.read_bytes().replace(*change))
    assert not is_known("a.md")


def test_other_settings_are_other_circumstances(note: Path) -> None:
    (note.parent / "pyproject.toml").write_text('[tool.mdderive]\nlang = "zh"\n')
    assert not need_nothing(["a.md"])
    shutil.rmtree(note.parent / ".cache")
    assert not need_nothing(["a.md"])  # stamps are read only where no settings may hold
    assert main(["--check", "a.md"]) == 1
    (note.parent / "pyproject.toml").write_text("[tool.other]\n")
    assert need_nothing(["a.md"])


def test_another_kind_is_another_page(note: Path) -> None:
    note.with_suffix(".tex").write_bytes(note.read_bytes())
    assert not need_nothing(["a.tex"])


def test_another_mdderive_looks_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settled_module, "_program", lambda: b"another")
    assert not is_known("a.md")


@pytest.mark.parametrize(
    "arguments",
    [[], ["--check"], ["-"], ["--verify-all", "a.md"], ["--lang", "zh", "a.md"], ["missing.md"], ["empty"], ["--help"]],
)
def test_in_doubt_others_decide(arguments: list[str]) -> None:
    Path("empty").mkdir()
    assert not need_nothing(arguments)


def test_a_pipe_is_left_to_those_who_need_it() -> None:
    reading, writing = os.pipe()
    os.write(writing, NOTE.encode())
    os.close(writing)
    try:
        assert not need_nothing([f"/dev/fd/{reading}"])
        assert os.read(reading, 100) == NOTE.encode()
    finally:
        os.close(reading)


def test_options_that_change_pages_leave_no_trace(note: Path) -> None:
    (note.parent / ".cache/mdderive/settled").unlink()
    for options in (["--lang", "zh"], ["--solutions", "hide"], ["--strip"]):
        note.write_text(NOTE)
        assert main([*options, "a.md"]) == 0
        assert not need_nothing(["a.md"])


@pytest.mark.parametrize("text", ["\\derive<\\foo x><x>\n", "`\\derive<`\n\n\\derive<a\n"])
def test_what_has_a_problem_is_told_every_time(note: Path, text: str, capfd: pytest.CaptureFixture[str]) -> None:
    note.write_text(text)
    for _ in range(2):
        assert main(["--check", "a.md"]) == 4
        assert capfd.readouterr().err.startswith("a.md:")


@pytest.mark.parametrize("added", ["[c: scalar]", " [c: scalar]", "\n[c: scalar]", "【c：标量】"])
def test_clauses_that_are_added_behind_a_region_make_it_stale(note: Path, added: str) -> None:
    note.write_text(note.read_text().replace("\n\nThe end.", f"{added}\n\nThe end."))
    shutil.rmtree(note.parent / ".cache")
    assert not need_nothing(["a.md"])


def test_a_link_behind_a_region_is_none(note: Path) -> None:
    note.write_text("The gradient is \\derive<a^T x><x> ([see](https://example.org)).\n")
    assert main(["a.md"]) == 0
    note.write_text(note.read_text().replace(" -->", " -->[^1]"))
    shutil.rmtree(note.parent / ".cache")
    assert need_nothing(["a.md"])


def test_edited_by_hand_is_told_every_time(note: Path) -> None:
    note.write_text(note.read_text().replace("= a", "= b"))
    assert [main(["--check", "a.md"]) for _ in range(2)] == [3, 3]


def test_a_page_without_a_marker_needs_nothing(note: Path) -> None:
    Path("b.md").write_text("nothing\n")
    Path("c.md").write_bytes("nothing\n".encode("utf-16"))
    assert need_nothing(["b.md"]) and not need_nothing(["c.md"])


def test_damage_and_deletion_cost_time_only(note: Path) -> None:
    record = note.parent / ".cache/mdderive/settled"
    known = record.read_bytes()
    for damaged in (b"", b"\xff\0\n", known[:7], known[3:]):
        record.write_bytes(damaged)
        assert not is_known("a.md")
        assert main(["--check", "a.md"]) == 0
    assert is_known("a.md")


def test_it_does_not_grow_for_ever(note: Path) -> None:
    record = note.parent / ".cache/mdderive/settled"
    record.write_bytes(b"x" * (LARGEST + 1))
    assert main(["--check", "a.md"]) == 0
    assert record.stat().st_size < 100 and need_nothing(["a.md"])


def test_a_place_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "pyproject.toml").touch()
    (tmp_path / "sub" / ".cache").write_text("in the way")
    settled = Settled()
    settled.add(str(Path("sub/b.md")), b"derive")
    settled.save()
    assert not Settled().holds(str(Path("sub/b.md")), b"derive")


def test_what_git_ignores_does_not_hide_what_is_stale(note: Path) -> None:
    Path(".gitignore").write_text("drafts\n")
    Path("drafts").mkdir()
    Path("drafts/b.md").write_text(NOTE)
    assert not need_nothing(["."])
    assert main(["--check", "."]) == 0
    assert main(["--check", "drafts"]) == 1


def test_behind_two_hyphens_all_are_files(note: Path) -> None:
    """As the hooks say it: a file may be named like an option."""
    Path("-ovictim.md").write_bytes(note.read_bytes())
    assert need_nothing(["--check", "--", "a.md", "-ovictim.md"])
    assert not need_nothing(["--check", "a.md", "-ovictim.md"]) and not need_nothing(["--", "-"])
    Path("victim.md").write_text("mine\n")
    Path("-ovictim.md").write_text(NOTE)
    assert main(["--", "-ovictim.md"]) == 0
    assert Path("victim.md").read_text() == "mine\n" and "mdderive" in Path("-ovictim.md").read_text()
