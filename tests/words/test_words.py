"""Words: every key in every language, none unused; a language made of the keys alone says all that is said."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from places import FIXTURES, ROOT
from worked import worked

import mdderive
import mdderive.words
from mdderive import DeriveError
from mdderive.algebra.operators import table
from mdderive.algebra.properties import PROPERTIES
from mdderive.documents.marker import MARKER_START, read_marker
from mdderive.render.blocks import Block, Display, Prose
from mdderive.render.formula import split_math
from mdderive.render.html import check_html
from mdderive.render.prose import blocks
from mdderive.site.rules import rule_pages
from mdderive.solution.derivation import Working
from mdderive.solution.identities import IDENTITIES
from mdderive.words import LANGUAGES, Reason, Wording, language_file, of_row, say, spans_of

TEXTS = {language: language_file(language).TEXTS for language in ("en", "zh")}
PSEUDO = "qq"


def words_of_rows() -> Iterator[tuple[str, Wording]]:
    """Yield the keys under which the words of rows are asked for, those left out that are the same everywhere."""
    found: list[tuple[str, Wording | None]] = []
    for row in table():
        kinds = {
            "rule": row.rule,
            "rule of numbers": row.rule_of_numbers,
            "follows": row.follows,
            "why": row.why,
            "note": row.note,
            "worked": row.worked,
            "adjoint": row.adjoint_rule,
            "condition": row.condition,
        }
        found += [(f"{kind}.{row.name}", words) for kind, words in kinds.items()]
    for prop in PROPERTIES:
        found += [(f"property.{prop.name}", prop.words), (f"property of a number.{prop.name}", prop.of_scalar)]
    found += [(f"identity.{x.name}", x.says) for x in IDENTITIES]
    found += [(f"identity called.{x.name}", x.called) for x in IDENTITIES]
    yield from ((key, words) for key, words in found if words is not None and words.en != words.zh)


def arguments(key: str) -> list[str]:
    """Return the names of the arguments that a text takes in one language or the other."""
    found: list[str] = []
    for texts in TEXTS.values():
        text = texts[key]
        found += re.findall(r"\{(\w+)\}", text) if isinstance(text, str) else inspect.signature(text).parameters
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def pseudo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A language of one file, made of the keys: each text is its key in brackets, with its arguments."""
    folder = tmp_path_factory.mktemp("words")
    texts = {key: f"[{key}{''.join(f' {{{x}}}' for x in arguments(key))}]" for key in TEXTS["en"]}
    texts |= {key: f"[{key}]" for key, _ in words_of_rows()}
    source = f"""
import re
TEXTS = {texts!r}
BETWEEN_REASONS = "[, ]"
MARKS = re.compile("ø")
def listed(parts): return "[and]".join(parts)
def recognises(prose): return "ø" in prose
"""
    (folder / f"{PSEUDO}.py").write_text(source, encoding="utf-8")
    path = mdderive.words.__path__
    path.append(str(folder))
    yield PSEUDO
    path.remove(str(folder))


def test_every_key_in_every_language() -> None:
    assert list(TEXTS) == list(LANGUAGES)
    assert list(TEXTS["en"]) == list(TEXTS["zh"])


def code() -> list[Path]:
    """Return the modules that say something."""
    package = ROOT / "mdderive"
    return [x for x in package.rglob("*.py") if package / "words" not in x.parents]


def test_no_key_is_unused() -> None:
    strings = {
        node.value
        for path in code()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    computed = {"lower triangular", "upper triangular"}

    def is_used(key: str) -> bool:
        family = key.partition(": ")[0]  # what stands behind the colon is computed
        return key in strings | computed or (": " in key and bool(strings & {family, f"{family}: "}))

    assert [key for key in TEXTS["en"] if not is_used(key)] == []


def test_no_sentence_stands_elsewhere() -> None:
    chinese = re.compile("[\u4e00-\u9fff]")
    read_from_authors = {"clauses.py", "surroundings.py", "readings.py", "properties.py", "html.py", "identities.py"}
    read_from_authors |= {"context.py", "cases.py", "beside.py", "book.py"}
    rows = ROOT / "mdderive" / "algebra" / "operators"
    found = [x.name for x in code() if rows not in x.parents and chinese.search(x.read_text(encoding="utf-8"))]
    assert {*found} <= read_from_authors


def test_a_key_that_no_one_has_is_an_error() -> None:
    with pytest.raises(KeyError, match="nothing for"):
        say("en", "no such key")


def test_a_language_file_wins_over_the_words_of_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Wording("product rule", "矩阵乘法法则")
    assert of_row("rule", "product", own).says("en") == "product rule"
    file = SimpleNamespace(TEXTS={"rule.product": "Leibniz' rule"}, listed=language_file("en").listed)
    monkeypatch.setattr(mdderive.words, "language_file", lambda language: file)
    assert of_row("rule", "product", own).says("en") == "Leibniz' rule"


@pytest.mark.parametrize(
    ("language", "names", "said", "linked"),
    [
        ("en", ("product rule", "transpose rule"), "product and transpose rules", ["product", "transpose rules"]),
        ("en", ("product rule", "product rule"), "product rule", ["product rule"]),
        ("en", ("norm rule", "linearity"), "norm rule, linearity", ["norm rule", "linearity"]),
        ("en", ("linearity",), "linearity", ["linearity"]),
        ("zh", ("矩阵乘法法则", "转置法则"), "矩阵乘法、转置法则", ["矩阵乘法", "转置法则"]),
        ("zh", ("转置法则", "softmax 法则"), "转置、softmax 法则", ["转置", "softmax 法则"]),
    ],
)
def test_names_of_rules_are_joined_and_known_apart(
    language: str, names: tuple[str, ...], said: str, linked: list[str]
) -> None:
    rules = tuple(of_row("rule", str(k), Wording(x, x)) for k, x in enumerate(names))
    spans = Reason("rules", (("names", rules),)).spans(language)
    assert "".join(spans) == said
    assert [str(x) for x in spans if x.about] == linked


def test_reasons_are_told_once() -> None:
    one, other = mdderive.words.reason("collect"), mdderive.words.reason("cyclic")
    assert "".join(spans_of((one, other, one), "en")) == "collect terms, cyclic property"


# --- a third language --------------------------------------------------------------------------------------


def workings() -> Iterator[Working]:
    """Yield the solutions of the fixtures and the examples, whole and without titles."""
    pages = [FIXTURES / "derivations.md", *sorted((ROOT / "examples").rglob("*.md"))]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for match in MARKER_START.finditer(text):
            try:
                marker = read_marker(text, match.start())
                where = [x for x in marker.where if not x.startswith(("title:", "detail:"))]  # the author's own words
                yield worked(marker.f, marker.variable, tuple(where)).working
            except DeriveError:
                continue


def text_of(block: Block) -> str:
    if isinstance(block, Display):
        return ""
    if isinstance(block, Prose):
        return f"{block.lead} {block.text}"
    return " ".join(row.reason for row in block.rows)


def outside_brackets(text: str) -> str:
    """Return the words of `text` that stand in no brackets; formulas and tags are no words."""
    text = re.sub(r"<span class=\"arithmatex\">.*?</span>|<[^>]*>", "", text)
    text = "".join(x for formula, x in split_math(text) if not formula)
    while (shorter := re.sub(r"\[[^\[\]]*\]", "", text)) != text:
        text = shorter
    return " ".join(re.findall(r"\w+", text))


def test_a_third_language_says_all_that_is_said(pseudo: str) -> None:
    found = list(workings())
    assert len(found) > 100
    for working in found:
        told = list(blocks(working, working.question.variables, pseudo))
        assert [outside_brackets(text_of(x)) for x in told if outside_brackets(text_of(x))] == []
        assert outside_brackets(check_html(working, "", pseudo)) == ""


def test_a_third_language_is_one_file(pseudo: str) -> None:
    derivation = mdderive.derive(r"\|Xw-y\|^2", "w", ["X: m x n", "solve"])
    assert isinstance(derivation, mdderive.Derivation)
    assert derivation.to_markdown(pseudo).startswith("**[statement lead]** [statement with shapes")
    assert r"\text{[rules [rule.product][and][rule.transpose]]}" in derivation.to_markdown(pseudo)
    assert derivation.steps[0].says(pseudo) == "[identity.squared norm as an inner product]"
    pages = dict(rule_pages(pseudo))
    assert pages["product-rule"].startswith("# [rule.product]\n")
