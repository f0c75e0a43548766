"""What the README and the examples show is what mdderive prints: all of it is run, and compared word for word."""

from __future__ import annotations

import re

import pytest
from places import GOLDEN, ROOT
from test_error_pages import CONSOLE, transcript

import mdderive
from mdderive.documents.marker import read_marker

README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = [("five-examples.md", "markdown"), ("five-examples.zh.md", "markdown"), ("five-examples.tex", "latex")]
EXAMPLES += [("second-order.md", "markdown"), ("vector-functions.md", "markdown"), ("spectra.md", "markdown")]
EXAMPLES += [("expectations.md", "markdown"), ("complex-letters.md", "markdown")]
EXAMPLES += [("mixtures-and-recursions.md", "markdown"), ("matrix-functions.md", "markdown")]
EXAMPLES += [("index-sets.md", "markdown"), ("index-sets.zh.md", "markdown")]


def test_the_readme_is_short() -> None:
    assert README.count("\n") < 120


@pytest.mark.parametrize("console", CONSOLE.findall(README))
def test_the_console_of_the_readme(console: str) -> None:
    assert transcript(console) == console


def test_before_and_after_in_the_readme() -> None:
    note = re.search(r"```markdown\n(.*?)```", README, re.DOTALL)
    assert note is not None
    quoted = "".join(line[2:] or "\n" for line in re.findall(r"^>.*\n", README, re.MULTILINE))
    text = mdderive.expand(note[1]).text
    solution = text.split("-->\n\n", 1)[1].split("\n\n<!-- /mdderive", 1)[0]
    assert [x.strip() for x in quoted.splitlines()] == [x.strip() for x in solution.splitlines()]


@pytest.mark.parametrize(("name", "kind"), EXAMPLES)
def test_an_example_comes_out_as_it_did(name: str, kind: str) -> None:
    """The same bytes on every machine; after a change that is meant, `make goldens` writes them anew."""
    source = (ROOT / "examples" / name).read_text(encoding="utf-8")
    expanded = mdderive.expand(source, kind)  # type: ignore[arg-type]
    assert expanded.problems == ()
    assert expanded.text == (GOLDEN / name).read_text(encoding="utf-8")
    assert mdderive.strip(expanded.text, kind) == source  # type: ignore[arg-type]
    assert mdderive.expand(expanded.text, kind).text == expanded.text  # type: ignore[arg-type]
    assert all(d.check.ok for found in expanded.derivations for d in found.derivations)


ANSWERS = {
    r"\derive<a^T X b><X>": r"ab^\top",
    r"\derive<\|Xw-y\|^2><w>[solve]": r"2X^\top(Xw-y)",
    r"\derive<-y^T\log\operatorname{softmax}(Wx)><W>[y: one-hot]": r"\bigl(\operatorname{softmax}(Wx)-y\bigr)x^\top",
}


@pytest.mark.parametrize(("marker", "answer"), ANSWERS.items())
def test_the_answers_of_the_article(marker: str, answer: str) -> None:
    read = read_marker(marker, 0)
    found = mdderive.derive(read.f, read.variable, where=read.where)
    assert isinstance(found, mdderive.Derivation)
    assert str(found.gradient) == answer


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, kind in EXAMPLES:
        source = (ROOT / "examples" / name).read_text(encoding="utf-8")
        (GOLDEN / name).write_text(mdderive.expand(source, kind).text, encoding="utf-8")  # type: ignore[arg-type]
