"""What the maintainer of a repository of notes may set: which files are read, and how grave a code is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_error_pages import printed

WRONG = "$\\nabla_x (a^Tx) = 2a$ and $\\nabla_x (x^TAx) = 2Ax$\n"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("a.md", "drafts/b.md", "_build/c.md", "deep/d.draft.md"):
        path = tmp_path / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(WRONG, encoding="utf-8")
    return tmp_path


def set_to(lines: str) -> None:
    Path("pyproject.toml").write_text(f"[tool.mdderive]\n{lines}\n", encoding="utf-8")


def test_what_was_built_is_passed_over() -> None:
    assert set(re.findall(r"(\S+):\d+:\d+: E701", printed("mdderive --lint notes")[1])) == {
        "notes/a.md", "notes/drafts/b.md", "notes/deep/d.draft.md",
    }  # fmt: skip


def test_excluded_files_are_passed_over_unless_they_are_named() -> None:
    set_to('exclude = ["drafts/", "*.draft.md"]')
    assert set(re.findall(r"(\S+):\d+:\d+: E701", printed("mdderive --lint notes")[1])) == {"notes/a.md"}
    assert "E701" in printed("mdderive --lint notes/drafts/b.md")[1]


@pytest.mark.parametrize(
    ("severity", "codes", "status"),
    [
        ('E703 = "warning"', ["E701", "E703"], 4),
        ('E7 = "note"', ["E701", "E703"], 0),
        ('E701 = "warning", E703 = "off"', ["E701"], 1),
        ('E7 = "off", E703 = "error"', ["E703"], 4),
    ],
)
def test_a_code_is_as_grave_as_the_settings_say(severity: str, codes: list[str], status: int) -> None:
    set_to(f"severity = {{ {severity} }}")
    found = printed("mdderive --lint notes/a.md")
    assert re.findall("E70.", found[1]) == codes
    assert found[0] == status


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('severity = { E703 = "loud" }', "E605 the severity of E703 cannot be 'loud'"),
        ('severity = "loud"', "E604 severity must be a table of codes"),
        ('exclude = "drafts/"', "E604 exclude must be a list of strings, one pattern each"),
    ],
)
def test_wrong_settings_are_told(line: str, said: str) -> None:
    set_to(line)
    assert said in printed("mdderive --lint notes/a.md")[1]
    assert said in printed("mdderive --lint notes")[1]
