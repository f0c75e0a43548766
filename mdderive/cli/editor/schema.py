"""The JSON schema of `[tool.mdderive]`, for editors that complete and check pyproject.toml by one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ...documents.settings import AUTO
from ...question.settings import SETTINGS, Setting, names_in

FILE = Path(__file__).with_name("settings.schema.json")
"""The schema as it is shipped."""
_STRINGS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
_BODY: dict[str, Any] = {
    "oneOf": [
        {"type": "string"},
        {"type": "array", "prefixItems": [{"type": "string"}], "minItems": 1},
    ]
}
_FORMS: dict[str, dict[str, Any]] = {
    "where": {**_STRINGS, "examples": [["X: m x n", "y: one-hot"]]},
    "exclude": {**_STRINGS, "examples": [["drafts/", "*.draft.md"]]},
    "severity": {
        "type": "object",
        "additionalProperties": {"enum": list(SETTINGS["severity"].values)},
        "examples": [{"E703": "warning", "E704": "off"}],
    },
    "macros": {"type": "object", "additionalProperties": _BODY, "examples": [{"\\bX": "\\mathbf{X}"}]},
}
"""The settings that have a form of their own."""


def schema() -> dict[str, Any]:
    """Return the schema: one property a setting, from the table of settings."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mdderive",
        "description": "The table [tool.mdderive] of pyproject.toml: what holds on all pages of a project.",
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _property(SETTINGS[name]) for name in names_in("pyproject")},
    }


def text() -> str:
    """Return the schema as it is written into its file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _property(setting: Setting) -> dict[str, Any]:
    values = setting.values_in("pyproject")
    form: dict[str, Any] = _FORMS.get(setting.name) or ({"enum": list(values)} if values else {"type": "string"})
    default = setting.default or (AUTO if AUTO in values else "")
    return {"description": setting.meaning, **form, **({"default": default} if default else {})}
