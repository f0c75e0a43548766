"""The settings in pyproject.toml: what they become, and what is said where they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdderive.documents.diagnostics import problem_text
from mdderive.documents.settings import Settings, SettingsError, nearest_settings, read_settings


def settings_file(folder: Path, text: str) -> Path:
    path = folder / "pyproject.toml"
    path.write_bytes(text.encode())
    return path


def refused(path: Path, *, required: bool = False) -> list[str]:
    """Return the lines of what is said about settings that cannot be used, the folder left out."""
    with pytest.raises(SettingsError) as caught:
        read_settings(path, required)
    said = "".join(problem_text(problem) for problem in caught.value.problems)
    return said.replace(f"{path.parent}/", "").splitlines()


def test_settings_become_clauses(tmp_path: Path) -> None:
    path = settings_file(
        tmp_path,
        '[project]\nname = "notes"\n\n[tool.mdderive]\nwhere = ["X: m x n",\n  \'\\Sigma: SPD\']\n'
        'layout = "numerator"\nlang = "zh"\ndetail = "brief"\n',
    )
    settings = read_settings(path)
    assert settings.clauses == ("X: m x n", r"\Sigma: SPD", "lang: zh", "detail: brief", "layout: numerator")
    assert settings.file == str(path)
    assert [(place.line, place.column) for place in settings.places] == [(5, 11), (6, 4), (8, 1), (9, 1), (7, 1)]


def test_macros_become_definitions(tmp_path: Path) -> None:
    text = "[tool.mdderive.macros]\n'\\bX' = '\\mathbf{X}'\nsq = ['#1^2', 1]\n\"\\\\T\" = '^\\top'\n"
    settings = read_settings(settings_file(tmp_path, text))
    assert settings.clauses == (
        r"\providecommand{\bX}{\mathbf{X}}",
        r"\providecommand{\sq}[1]{#1^2}",
        r"\providecommand{\T}{^\top}",
    )
    assert [(place.line, place.column) for place in settings.places] == [(2, 2), (3, 1), (4, 2)]


@pytest.mark.parametrize(
    ("line", "place"),
    [("macros = 3", "2:1"), ("macros = {'a b' = 'x'}", "2:12"), ("macros = {x = 3}", "2:11"), ("macros.x = []", "2:8")],
)
def test_what_defines_no_macro(tmp_path: Path, line: str, place: str) -> None:
    said = refused(settings_file(tmp_path, f"[tool.mdderive]\n{line}\n"))
    assert said[0].startswith(f"pyproject.toml:{place}: E604 ")


@pytest.mark.parametrize("text", ["", "[tool.other]\nlang = 3\n", "tool = 3\n", "[tool.mdderive]\n"])
def test_nothing_is_set(tmp_path: Path, text: str) -> None:
    assert read_settings(settings_file(tmp_path, text)).clauses == ()


def test_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    assert read_settings(settings_file(tmp_path, '\ufeff[tool.mdderive]\r\nlang = "zh"\r\n')).clauses == ("lang: zh",)


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    outer = settings_file(tmp_path, "")
    assert nearest_settings(folder) == outer
    inner = settings_file(tmp_path / "a", "")
    assert nearest_settings(folder) == inner


def test_unknown_setting(tmp_path: Path) -> None:
    assert refused(settings_file(tmp_path, '[tool.mdderive]\nlanguag = "zh"\n')) == [
        "pyproject.toml:2:1: E603 there is no setting 'languag'",
        '    2 | languag = "zh"',
        "      | ^^^^^^^",
        "  help: did you mean lang?",
    ]


def test_every_wrong_setting_is_named_at_its_line(tmp_path: Path) -> None:
    said = refused(
        settings_file(
            tmp_path,
            '[tool.other]\nlang = "zh"\n[tool.mdderive]\n  lang = "chinese"\ndetail = 3\nwhere = "X: m x n"\nzzz = 1\n',
        )
    )
    assert [line for line in said if line.startswith("pyproject")] == [
        "pyproject.toml:4:3: E605 lang cannot be 'chinese'",
        "pyproject.toml:5:1: E604 detail must be a string",
        "pyproject.toml:6:1: E604 where must be a list of strings, one clause each",
        "pyproject.toml:7:1: E603 there is no setting 'zzz'",
    ]
    assert "  help: use one of: full, brief, result" in said
    assert (
        "  help: known settings: where, lang, detail, layout, gradient-layout, notation, solutions, macros, exclude, "
        "severity" in said
    )


def test_a_near_value(tmp_path: Path) -> None:
    assert refused(settings_file(tmp_path, 'tool.mdderive.layout = "numerater"\n')) == [
        "pyproject.toml:1:1: E605 layout cannot be 'numerater'",
        '    1 | tool.mdderive.layout = "numerater"',
        "      | ^^^^^^^^^^^^^^^^^^^^",
        "  help: did you mean numerator?",
    ]


def test_settings_in_an_inline_table(tmp_path: Path) -> None:
    said = refused(settings_file(tmp_path, '[tool]\nmdderive = { detail = "al", lang = "zh" }\n'))
    assert said[0] == "pyproject.toml:2:14: E605 detail cannot be 'al'"


def test_not_a_table(tmp_path: Path) -> None:
    assert refused(settings_file(tmp_path, "[tool]\nmdderive = 3\n"))[0] == (
        "pyproject.toml:2:1: E604 mdderive must be a table"
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [("[tool.mdderive]\nlang = zh\n", "2:8"), ("[tool.mdderive", "1:15"), ('a = """x\ny', "2:2")],
)
def test_not_toml(tmp_path: Path, text: str, place: str) -> None:
    assert refused(settings_file(tmp_path, text))[0].startswith(f"pyproject.toml:{place}: E602 this is not TOML: ")


def test_not_readable(tmp_path: Path) -> None:
    missing = "pyproject.toml: E601 the settings cannot be read: No such file or directory"
    assert refused(tmp_path / "pyproject.toml") == [missing]
    path = tmp_path / "latin.toml"
    path.write_bytes(b"# \xe9\n")
    assert refused(path) == ["latin.toml: E601 the settings cannot be read: it is not UTF-8"]


def test_a_file_that_was_asked_for_must_have_settings(tmp_path: Path) -> None:
    path = settings_file(tmp_path, "")
    assert refused(path, required=True)[0] == "pyproject.toml: E606 there is no table [tool.mdderive]"
    assert read_settings(path) == Settings()
