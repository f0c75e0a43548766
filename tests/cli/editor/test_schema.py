"""The schema of the settings is current, and accepts what mdderive accepts. `make goldens` writes it anew."""

from __future__ import annotations

import json
import tomllib

import pytest

from mdderive.cli.editor.schema import FILE, schema, text
from mdderive.documents.settings import SettingsError, settings_in

TABLES = [
    'where = ["X: m x n"]', 'lang = "zh"', 'lang = "auto"', 'detail = "brief"', 'solutions = "steps"',
    'macros = { "\\\\sq" = "#1^2" }', 'macros = { "\\\\sq" = ["#1^2", 1] }', "",
    'exclude = ["a/"]', 'severity = { E703 = "off" }', 'severity = { E703 = "loud" }', "severity = 1", "exclude = 1",
    "where = 1", "where = [1]", 'lang = "xx"', "lang = 1", 'lnag = "zh"', 'title = "a"', "macros = 1",
]  # fmt: skip


def test_the_schema_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == text()


@pytest.mark.parametrize("table", TABLES)
def test_it_accepts_what_mdderive_accepts(table: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    whole = f"[tool.mdderive]\n{table}\n"
    try:
        settings_in(whole, "pyproject.toml")
        accepted = True
    except SettingsError:
        accepted = False
    validator = jsonschema.validators.validator_for(schema())(schema())
    assert validator.is_valid(tomllib.loads(whole)["tool"]["mdderive"]) == accepted


def test_it_is_a_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.validators.validator_for(schema()).check_schema(json.loads(text()))


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
