"""The examples of the CommonMark specification, with markers among them: nothing of the author's is touched."""

import json
import re
from collections.abc import Callable
from functools import partial
from random import Random

import pytest
from fake_solver import FakeSolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from places import EXHAUSTIVE, TESTS, share

from mdderive.documents.current import is_current
from mdderive.documents.expand import expand, review, strip
from mdderive.documents.lines import Lines
from mdderive.documents.markdown_parser import blocks_of, formula_parser, marker_parser

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


PIECES = (
    "abc\n", "\n", "  \n", ": def\n", "~ d\n", "- x\n", "1. y\n", "> q\n", "# h\n", "===\n", "---\n", "-|-\n",
    f"{MARKER}\n", "``` py\n", "```\n", "```{note}\n", "<div>\n", "</div>\n", "    code\n", "abc\f\n",
    "$$\n", "$x$ a\n", "[a]: /u 't\n", "[^1]: f\n", "!!! note\n", "    in\n", ":::\n", "中文\n", "a\u00a0\n", "a | b\n",
    "$$ a $$ (b)\n", "<!-- c\n", "x", "c -->\n", "\r\n",
)  # fmt: skip


@pytest.mark.parametrize("parser", [partial(marker_parser.__wrapped__, 100), formula_parser.__wrapped__])
def test_a_plain_paragraph_is_what_the_other_rules_make_of_it(parser: Callable[[], MarkdownIt]) -> None:
    quick, slow = parser(), parser()
    slow.block.ruler.disable("plain")
    chosen = Random(5)
    made = ("".join(chosen.choices(PIECES, k=chosen.randint(1, 9))) for _ in range(3000))
    for page in (*EXAMPLES, *made):
        assert tokens_of(quick, page) == tokens_of(slow, page), page


def tokens_of(parser: MarkdownIt, page: str) -> list[dict[str, object]]:
    return [token.as_dict() for token in blocks_of(parser, Lines(page))[1]]
