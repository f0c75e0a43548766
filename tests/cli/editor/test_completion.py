"""What may come next: the pointer stands where somebody types."""

from __future__ import annotations

import pytest
from editing import pointed

from mdderive.algebra.properties import BY_SPELLING
from mdderive.cli.editor.completion import completions, settings_completions
from mdderive.cli.editor.edits import Edit, applied
from mdderive.question.settings import SETTINGS, names_in


def labels(text: str, kind: str = "markdown", ids: tuple[str, ...] = ()) -> list[str]:
    page, offset = pointed(text)
    return [x.label for x in completions(page, kind, offset, dict.fromkeys(ids))]


def completed(text: str, label: str, kind: str = "markdown") -> str:
    page, offset = pointed(text)
    found = next(x for x in completions(page, kind, offset, {}) if x.label == label)
    return applied(page, (Edit(found.start, found.end, found.new),))


@pytest.mark.parametrize("typed", ["\\", "\\d", "\\deriv", "So \\der"])
def test_a_marker(typed: str) -> None:
    assert labels(f"{typed}‸ more\n") == [r"\derive<f><x>", r"\derive<f><x>[...]"]


@pytest.mark.parametrize(
    "typed",
    [
        "\\alp‸",
        "derive‸",
        "a‸",
        "\\derive<x^T‸",
        "\\derive<x^TAx><‸",
        "\\derive<x><x>[a: SPD]‸",
        "\\derive<x><x> [a](b‸",
    ],
)
def test_nothing(typed: str) -> None:
    assert labels(typed) == []


@pytest.mark.parametrize(
    "before", ["\\derive<x^TAx><x>[", "\\derive<x^T\nAx><x>[solve; ", "> \\derive<x^TAx><x>[a: SPD;"]
)
def test_the_beginning_of_a_clause(before: str) -> None:
    found = labels(f"{before}‸")
    assert found[:2] == ["x", "A"] and "solve" in found
    assert set(names_in("clause")) <= set(found)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("\\derive<x^TAx><x>[A: s‸]", "markdown"),
        ("<!-- mdderive: w: vector; A: s‸ -->", "markdown"),
        ("<!-- mdderive: A: s‸", "markdown"),
        ("% mdderive: A: s‸\nx", "latex"),
    ],
)
def test_what_may_be_said_of_a_letter(text: str, kind: str) -> None:
    found = labels(text, kind)
    assert {"matrix", "vector", "scalar", "symmetric", "SPD", "one-hot"} <= set(found)
    assert completed(text, "symmetric", kind) == text.replace("s‸", "symmetric")
    said = {"m x n", "matrix", "vector", "scalar"}
    assert all(x in BY_SPELLING for x in found if x == "symmetric") and said & set(found)


def test_the_shapes_that_the_page_knows() -> None:
    assert labels("<!-- mdderive: X: p x q -->\n\n\\derive<Yw><w>[Z: k×1; Y: ‸")[:2] == ["p x q", "k x 1"]


def test_the_values_of_an_option() -> None:
    assert labels("\\derive<x><x>[detail: ‸") == list(SETTINGS["detail"].values)


def test_ids() -> None:
    assert labels("see [this](#q‸", ids=("quadratic", "form")) == ["quadratic", "form"]


def test_front_matter() -> None:
    assert labels("---\ntitle: a\nmdderive:\n  ‸\n---\n") == list(names_in("front matter"))
    assert labels("---\nmdderive:\n  lang: ‸\n---\n") == list(SETTINGS["lang"].values)
    assert labels("---\ntitle: ‸\n---\n") == []


@pytest.mark.parametrize(
    ("typed", "label", "then"),
    [
        ("[tool.mdderive]\nla‸", "lang", "[tool.mdderive]\nlang = "),
        ("[tool.mdderive]\nwh‸", "where", "[tool.mdderive]\nwhere = "),
        ("[tool.mdderive]\nlang = ‸", "zh", '[tool.mdderive]\nlang = "zh"'),
        ('[tool.mdderive]\nlang = "z‸"', "zh", '[tool.mdderive]\nlang = "zh"'),
    ],
)
def test_settings(typed: str, label: str, then: str) -> None:
    page, offset = pointed(typed)
    found = next(x for x in settings_completions(page, offset) if x.label == label)
    assert applied(page, (Edit(found.start, found.end, found.new),)) == then


@pytest.mark.parametrize("typed", ["‸", "[tool.ruff]\n‸", "[tool.mdderive]\n[tool.mypy]\n‸"])
def test_other_tables(typed: str) -> None:
    assert settings_completions(*pointed(typed)) == []
