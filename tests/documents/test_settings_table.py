"""Each setting may be said in every place that its row names, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdderive.cli.options import parser
from mdderive.documents.front_matter import clauses_of_front_matter
from mdderive.documents.settings import SettingsError, read_settings
from mdderive.errors import DeriveError, ParseError
from mdderive.question.clauses import read_clauses
from mdderive.question.settings import SETTINGS, Setting

ROWS = list(SETTINGS.values())
WITH_VALUES = [row for row in ROWS if row.values and row.where != {"pyproject"}]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_says_what_it_means(row: Setting) -> None:
    assert row.meaning and row.where
    assert not row.default or row.default in row.values
    assert set(row.sites) <= set(row.values)


@pytest.mark.parametrize("row", WITH_VALUES, ids=lambda row: row.name)
def test_a_clause(row: Setting) -> None:
    for value in row.values_in("clause"):
        assert read_clauses((f"{row.name}: {value}",)).options == {row.name: value}
    with pytest.raises(DeriveError, match=f"{row.name} cannot be 'auto'"):
        read_clauses((f"{row.name}: auto",))


@pytest.mark.parametrize("row", WITH_VALUES, ids=lambda row: row.name)
def test_front_matter(row: Setting) -> None:
    page = f"---\nmdderive:\n  {row.name}: {row.values[-1]}\n---\n"
    if "front matter" in row.where:
        assert [clause.text for clause in clauses_of_front_matter(page)] == [f"{row.name}: {row.values[-1]}"]
    else:
        with pytest.raises(DeriveError, match="does not know"):
            clauses_of_front_matter(page)


@pytest.mark.parametrize("row", WITH_VALUES, ids=lambda row: row.name)
def test_pyproject(row: Setting, tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    for value in row.values_in("pyproject"):
        file.write_text(f'[tool.mdderive]\n{row.name} = "{value}"\n')
        if "pyproject" in row.where:
            assert read_settings(file).clauses == (() if value == "auto" else (f"{row.name}: {value}",))
        else:
            with pytest.raises(SettingsError, match="there is no setting"):
                read_settings(file)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_command_line(row: Setting) -> None:
    action = next((x for x in parser()._actions if f"--{row.name}" in x.option_strings), None)
    if "command line" in row.where:
        assert action and tuple(action.choices or ()) == row.values_in("command line")
        assert not set(action.choices or ()) & set(row.sites)
    else:
        assert action is None


@pytest.mark.parametrize(
    ("header", "column", "mended"),
    [
        ("mdderive: {lang: zh", 11, "mdderive: {lang: zh}"),
        ("mdderive:\n  lang: zh\n  where: [c: scalar", 31, "mdderive:\n  lang: zh\n  where: [c: scalar\n    ]"),
        ("mdderive:\n  lang: zh\ntitle: A\nmdderive: {}", 31, "mdderive:\n  lang: zh\ntitle: A"),
        ("'mdderive': {lang: zh}", 1, "mdderive: {lang: zh}"),
        ("\tmdderive:\n\t  lang: zh", 2, "mdderive:\n  lang: zh"),
        ("  title: A\n  mdderive: {lang: zh}", 14, "mdderive: {lang: zh}"),
    ],
)
def test_front_matter_that_would_be_passed_over(header: str, column: int, mended: str) -> None:
    """It was, in silence; who follows the hint is read."""
    with pytest.raises(ParseError) as caught:
        clauses_of_front_matter(f"---\n{header}\n---\n")
    assert caught.value.span is not None and (caught.value.code, caught.value.span.start - 3) == ("E507", column)
    assert "lang: zh" in [x.text for x in clauses_of_front_matter(f"---\n{mended}\n---\n")]


def test_front_matter_of_others_is_not_ours_to_judge() -> None:
    text = "---\ntitle: [a\nabout: |\n  mdderive: {is: 'here'\nmdderive:\n  where: [c: scalar,\n    'x: n x 1']\n---\n"
    assert [x.text for x in clauses_of_front_matter(text)] == ["c: scalar", "x: n x 1"]
