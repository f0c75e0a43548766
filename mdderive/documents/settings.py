"""The settings of a project: `[tool.mdderive]` of the nearest pyproject.toml, as clauses that hold on every page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import DeriveError, did_you_mean
from ..latex.macros import Macro, macro_of_setting, told_to_us
from ..latex.patterns import lazily
from ..question.settings import SETTINGS, names_in
from .diagnostics import file_problem
from .model import Place, Problem

AUTO = "auto"
"""The language of each page: what holds if nothing is said."""

_KEYS = names_in("pyproject")
_GRAVITIES = SETTINGS["severity"].values
_CHOICES = {key: values for key in _KEYS if key != "severity" and (values := SETTINGS[key].values_in("pyproject"))}
_LISTS = {
    "where": ("one clause each", 'where = ["X: m x n", "y: one-hot"]'),
    "exclude": ("one pattern each", 'exclude = ["drafts/", "*.draft.md"]'),
}
"""The settings that are lists of strings: what their strings are, and an example."""
_ASSIGNMENT = lazily(r"""\s*(["']?)(?P<key>[^"'=\s]+)\1\s*=""")
_POSITION = lazily(r"\s*\(at line (\d+), column (\d+)\)")


class Settings(NamedTuple):
    """What a project asks of all its pages: `clauses`, and the `file` that says so ("" if none does).

    `places` says where in the file each clause stands. `exclude` are patterns of files that are passed over,
    `severities` the codes of the lint, or beginnings of such, with how grave each is.
    """

    clauses: tuple[str, ...] = ()
    file: str = ""
    places: tuple[Place, ...] = ()
    exclude: tuple[str, ...] = ()
    severities: tuple[tuple[str, str], ...] = ()


class SettingsError(DeriveError):
    """The settings cannot be used; `problems` says why, each with its place in the file."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems[0].code, problems[0].message, hint=problems[0].hint)
        self.problems = problems


def nearest_settings(folder: Path) -> Path | None:
    """Return the nearest pyproject.toml in `folder` or above it; None if there is none."""
    folder = folder.absolute()
    return next((path for above in (folder, *folder.parents) if (path := above / "pyproject.toml").is_file()), None)


def read_settings(path: Path, required: bool = False) -> Settings:
    """Return what `[tool.mdderive]` of a TOML file says; nothing if it has no such table, unless it is `required`.

    Raises:
        SettingsError: the file cannot be read, is not TOML, or a setting is unknown or has a wrong value.
    """
    here = Path.cwd()
    file = str(path.relative_to(here) if path.is_relative_to(here) else path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError((file_problem("E601", f"the settings cannot be read: {reason}", file),)) from error
    return settings_in(text, file, required)


def settings_in(text: str, file: str, required: bool = False) -> Settings:
    """Return what `[tool.mdderive]` of the text of a TOML file says, as `read_settings` does.

    Raises:
        SettingsError: as `read_settings`.
    """
    import tomllib  # here: most runs have no settings to read

    try:
        tools = tomllib.loads(text).get("tool")
    except tomllib.TOMLDecodeError as error:
        raise SettingsError((_not_toml(str(error), file, text),)) from error
    except RecursionError as error:
        raise SettingsError((_not_toml("it is nested too deep", file, text),)) from error
    table = tools.get("mdderive") if isinstance(tools, dict) else None
    if table is None:
        if not required:
            return Settings()
        hint = f"put one of {', '.join(_KEYS)} below a line [tool.mdderive]"
        raise SettingsError((file_problem("E606", "there is no table [tool.mdderive]", file, hint),))
    return _checked(table, file, text)


def _not_toml(message: str, file: str, text: str) -> Problem:
    position = _POSITION.search(message)
    lines = text.split("\n")
    line, column = (int(position[1]), int(position[2])) if position else (len(lines), len(lines[-1]) + 1)
    message = _POSITION.sub("", message).replace(" (at end of document)", " at the end of the file")
    return file_problem(
        "E602", f"this is not TOML: {message}", file, place=Place(line, column, 1, lines[line - 1].rstrip("\r"))
    )


def _checked(table: object, file: str, text: str) -> Settings:
    if not isinstance(table, dict):
        place = _place_of(text, "mdderive")
        raise SettingsError((file_problem("E604", "mdderive must be a table", file, "write [tool.mdderive]", place),))
    problems = [problem for key, value in table.items() if (problem := _problem_of(key, value, file, text))]
    if problems:
        raise SettingsError(tuple(problems))
    return _settings(table, file, text)


def _settings(table: Mapping[str, Any], file: str, text: str) -> Settings:
    said = [str(clause) for clause in table.get("where", ())]
    where = [told_to_us(clause) for clause in said]
    places = [_place_of(text, "where", clause) for clause in said]
    options = [key for key in _CHOICES if key in table and table[key] != AUTO]
    macros = {name: macro for name, body in table.get("macros", {}).items() if (macro := _macro(name, body))}
    clauses = (*where, *(f"{key}: {table[key]}" for key in options), *(macro.latex for macro in macros.values()))
    places += [_place_of(text, key) for key in options]
    places += [_place_of_macro(text, name) for name in macros]
    severities = tuple((code.upper(), word) for code, word in table.get("severity", {}).items())
    return Settings(clauses, file, tuple(places), tuple(table.get("exclude", ())), severities)


def _macro(name: str, body: object) -> Macro | None:
    r"""Return the macro that is set, `"\\sq" = "#1^2"` or, as MathJax has it, `["#1^2", 1]`; None if it is none."""
    if isinstance(body, list) and body:
        body = body[0]
    macro = macro_of_setting(name, body) if isinstance(body, str) else None
    return macro and macro._replace(of_page=False)


def _problem_of(key: str, value: object, file: str, text: str) -> Problem | None:
    """Return what is wrong with a setting, None if nothing is."""
    place = _place_of(text, key)
    if key not in _KEYS:
        hint = did_you_mean(key, _KEYS, f"known settings: {', '.join(_KEYS)}")
        return file_problem("E603", f"there is no setting '{key}'", file, hint, place)
    if key in _LISTS:
        if isinstance(value, list) and all(isinstance(clause, str) for clause in value):
            return None
        each, example = _LISTS[key]
        return file_problem("E604", f"{key} must be a list of strings, {each}", file, f"for example: {example}", place)
    if key == "severity":
        return _problem_of_severity(value, file, text)
    if key == "macros":
        entries = value.items() if isinstance(value, dict) else [("macros", value)]
        wrong = next((name for name, body in entries if _macro(name, body) is None), None)
        hint = r"for example: macros = { '\bX' = '\mathbf{X}' }"
        if wrong is None:
            return None
        return file_problem("E604", f"{wrong} defines no macro", file, hint, _place_of_macro(text, wrong))
    hint = f"use one of: {', '.join(_CHOICES[key])}"
    if not isinstance(value, str):
        return file_problem("E604", f"{key} must be a string", file, hint, place)
    if value in _CHOICES[key]:
        return None
    hint = did_you_mean(value, _CHOICES[key], hint)
    return file_problem("E605", f"{key} cannot be '{value}'", file, hint, place)


def _problem_of_severity(value: object, file: str, text: str) -> Problem | None:
    place = _place_of(text, "severity")
    if not isinstance(value, dict):
        hint = 'for example: severity = { E703 = "warning", E704 = "off" }'
        return file_problem("E604", "severity must be a table of codes", file, hint, place)
    wrong = next((code for code, word in value.items() if word not in _GRAVITIES), None)
    if wrong is None:
        return None
    hint = f"use one of: {', '.join(_GRAVITIES)}"
    return file_problem("E605", f"the severity of {wrong} cannot be '{value[wrong]}'", file, hint, place)


def _place_of(text: str, key: str, within: str = "") -> Place:
    """Return where `key` is set (or where, from there on, `within` stands); the start of the file if hidden.

    tomllib tells no positions, so the lines of `[tool.mdderive]` are searched, then all lines.
    """
    lines = [line.rstrip("\r") for line in text.split("\n")]
    header = next((k for k, line in enumerate(lines) if re.match(r"\s*\[\s*tool\s*\.\s*mdderive\s*\]", line)), 0)
    for k in (*range(header, len(lines)), *range(header)):
        found = _ASSIGNMENT.match(lines[k])
        if found and found["key"].removeprefix("tool.").removeprefix("mdderive.") == key:
            return _written_from(lines, k, within) or Place(k + 1, found.start("key") + 1, len(found["key"]), lines[k])
    k = next((k for k, line in enumerate(lines) if key in line), 0)
    return Place(k + 1, max(lines[k].find(key), 0) + 1, len(key), lines[k])


def _place_of_macro(text: str, name: str) -> Place:
    """Return where the name of a macro stands, quoted or, if it lacks its backslash, bare."""
    return _written_from([line.rstrip("\r") for line in text.split("\n")], 0, name) or _place_of(text, name)


def _written_from(lines: list[str], first: int, text: str) -> Place | None:
    """Return where `text` stands as a TOML string from a line on, None if it is written in another way."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    for k in range(first, len(lines)) if text else ():
        for spelling in (f'"{escaped}"', f"'{text}'"):
            column = lines[k].find(spelling)
            if column >= 0:
                return Place(k + 1, column + 2, len(spelling) - 2, lines[k])
    return None
