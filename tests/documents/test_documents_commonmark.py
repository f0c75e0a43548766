"""The examples of the CommonMark specification, with markers among them: nothing of the author's is touched."""

import json
import re

import pytest
from fake_solver import FakeSolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from places import EXHAUSTIVE, TESTS, share

from mdderive.documents.current import is_current
from mdderive.documents.expand import expand, review, strip

SPECIFICATION = json.loads((TESTS / "documents" / "commonmark.json").read_text(encoding="utf-8"))
EXAMPLES = [example.replace("→", "\t") for example in SPECIFICATION["examples"]]
MARKER = r"\derive<a^\top x><x>[solve]"  # with clauses, or a link behind it would be taken for them
WORD = re.compile(r"(?<![\\&\w])(?<!\\\()[a-z]{3}(?!\w)")
"""A word of the examples that a marker may replace: foo, bar, baz, aaa, ..."""


def variants(example: str) -> list[str]:
    """The example with a marker before it, behind it, and in the place of each of its words."""
    words = [f"{example[: word.start()]}{MARKER}{example[word.end() :]}" for word in WORD.finditer(example)]
    return [f"{MARKER}\n\n{example}", f"{MARKER}\n{example}", f"{example}\n{MARKER}\n", f"{example}{MARKER}", *words]


def check(page: str) -> None:
    expanded = expand(page, "markdown", FakeSolver())
    assert strip(page, "markdown") == page
    assert strip(expanded.text, "markdown") == page
    again = expand(expanded.text, "markdown", FakeSolver())
    assert again.text == expanded.text
    around = "(?:.*?)".join(map(re.escape, page.split(MARKER)))
    assert re.fullmatch(around, expanded.text, re.DOTALL)
    said = [problem for problem in review(page, "markdown") if problem.code in ("E511", "E520")]
    other = [problem for problem in expanded.problems if problem.severity == "error"]
    assert len(said) + len(other) >= page.count(MARKER), "a marker is passed over in silence"
    if is_current(expanded.text, "markdown"):
        assert not [problem for problem in review(expanded.text, "markdown") if problem.severity != "ignored"]


def test_the_specification_is_read_whole() -> None:
    assert len(EXAMPLES) == 652


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("section", range(0, len(EXAMPLES), 50))
def test_an_example_with_a_marker(section: int, end: str) -> None:
    examples = EXAMPLES[section : section + 50]
    for example in examples if end == "\n" else share(examples):
        for page in variants(example):
            check(page.replace("\n", end))


@settings(
    max_examples=400 if EXHAUSTIVE else 150,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(st.lists(st.sampled_from(EXAMPLES), min_size=1, max_size=4), st.data())
def test_several_examples_with_markers(examples: list[str], data: st.DataObject) -> None:
    pages = [data.draw(st.sampled_from(variants(example))) for example in examples]
    check(data.draw(st.sampled_from(["\n", "", "\r", "> ", "\n\n    "])).join(pages))
