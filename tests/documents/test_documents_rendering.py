"""What readers see: solutions in every container and renderer, formulas in KaTeX and MathJax, LaTeX in two engines.

A tool that is missing is no failure here; `.ci/run` installs them all.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path

import cmarkgfm
import markdown
import mdformat
import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin
from places import FIXTURES, GOLDEN, ROOT, TESTS, documents
from test_documents import cases, short
from test_operators import ROWS, example

from mdderive import expand as derive_all
from mdderive.documents.expand import expand, review

NODE = TESTS / "node"
needs_npm = pytest.mark.skipif(not (NODE / "node_modules").exists(), reason="make tools: katex, mathjax and prettier")

CASES = [case for case in cases("markdown") if "left alone" not in case[0]]
BY_TITLE = [pytest.param(title, page, id=title) for title, page, _, _ in CASES]

# --- containers ------------------------------------------------------------------------------------------------

CONFIGURED = {
    "pymdownx.arithmatex": {"generic": True},
    "pymdownx.tabbed": {"alternate_style": True},
}
PLAIN = ["admonition", "def_list", "footnotes", "tables", "md_in_html", "attr_list"]
PLAIN += ["pymdownx.details", "pymdownx.tasklist", "pymdownx.superfences", "pymdownx.blocks.admonition"]
OF_GITHUB = ["table", "strikethrough", "autolink", "tasklist"]


def by_python_markdown(page: str) -> str:
    return markdown.markdown(page, extensions=[*CONFIGURED, *PLAIN], extension_configs=CONFIGURED)


def by_markdown_it(page: str) -> str:
    parser = MarkdownIt("commonmark", {"html": True}).enable("table").use(deflist_plugin).use(footnote_plugin)
    return str(parser.use(dollarmath_plugin).use(tasklists_plugin).render(page))


def by_github(page: str) -> str:
    """As on GitHub: HTML is not let through, and no extension protects the formulas."""
    footnotes = cmarkgfm.cmark.Options.CMARK_OPT_FOOTNOTES
    return str(cmarkgfm.markdown_to_html_with_extensions(page, options=footnotes, extensions=OF_GITHUB))


def by_pandoc(page: str) -> str:
    if not shutil.which("pandoc"):
        pytest.skip("pandoc is not installed")
    reads = ["pandoc", "--from", "markdown+tex_math_single_backslash+lists_without_preceding_blankline", "--mathjax"]
    return subprocess.run(reads, input=page, text=True, capture_output=True, check=True, encoding="utf-8").stdout


class _Words(HTMLParser):
    """The visible words of a page, each with the containers around it."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[tuple[tuple[str, ...], str]] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("br", "hr", "input", "img", "p", "span", "a"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.words += [(tuple(self.open), word) for word in data.split()]


def words(html: str) -> list[tuple[tuple[str, ...], str]]:
    parser = _Words()
    parser.feed(html)
    return parser.words


def with_words_for_solutions(page: str) -> str:
    page = re.sub(r"\$a b\^\\top\$<!-- mdderive .*? -->", "INLINE", page, flags=re.DOTALL)
    return re.sub(r"<!-- mdderive .*?<!-- /mdderive [0-9a-f.]+\+? -->", "BLOCK", page, flags=re.DOTALL)


def unknown_to(render: Callable[[str], str], title: str, page: list[tuple[tuple[str, ...], str]]) -> bool:
    """Whether a container is none for this renderer, so that markers stand in code or in the wrong cell there."""
    code = any(word in ("BLOCK", "INLINE") and "code" in path for path, word in page)
    others = {by_python_markdown: "in a table cell", by_github: "definition", by_markdown_it: "displays with labels"}
    return code or ("(MkDocs)" in title and render is not by_python_markdown) or others.get(render, "\0") in title


@pytest.mark.parametrize("render", [by_python_markdown, by_markdown_it, by_github, by_pandoc])
@pytest.mark.parametrize(("title", "page"), BY_TITLE)
def test_a_solution_stands_where_its_marker_stood(title: str, page: str, render: Callable[[str], str]) -> None:
    expanded = expand(page, "markdown", short).text
    before = words(render(with_words_for_solutions(expanded)))
    if unknown_to(render, title, before):
        pytest.skip("this renderer does not know the container")
    after = words(render(expanded))
    text = " ".join(word for _, word in after)
    assert "derive" not in text.replace("dderive", "derive") or "\\derive alone" in page
    assert [path for path, word in after if word in ("differential:", "So")] == [
        path for path, word in before for _ in range(2) if word == "BLOCK"
    ]
    assert text.count(r"df = a^\top dX\thinspace b") == sum(word == "BLOCK" for _, word in before)
    assert text.count(r"a b^\top") == " ".join(word for _, word in before).count("INLINE")
    author = [pair for pair in before if "BLOCK" not in pair[1] and "INLINE" not in pair[1]]
    rest = iter(after)
    assert all(pair in rest for pair in author), "a word of the author's has moved"


# --- formatters ------------------------------------------------------------------------------------------------


def by_mdformat(page: str, **options: object) -> str:
    return mdformat.text(page, options=options, extensions={"mkdocs", "tables", "frontmatter", "footnote"})


def by_mdformat_in_short_lines(page: str) -> str:
    return by_mdformat(page, wrap=20)


def by_prettier(page: str, *options: str) -> str:
    command = ["node", str(NODE / "node_modules/prettier/bin/prettier.cjs"), "--parser", "markdown", *options]
    return subprocess.run(command, input=page, text=True, capture_output=True, check=True, encoding="utf-8").stdout


def by_prettier_in_short_lines(page: str) -> str:
    return by_prettier(page, "--prose-wrap", "always", "--print-width", "20")


FORMATTERS = [by_mdformat, by_mdformat_in_short_lines]
FORMATTERS_OF_NODE = [by_prettier, by_prettier_in_short_lines]


@pytest.mark.parametrize("tidy", FORMATTERS)
@pytest.mark.parametrize(("title", "page"), BY_TITLE)
def test_a_formatter_is_no_editor(title: str, page: str, tidy: Callable[[str], str]) -> None:
    if "long number" in title and tidy is by_mdformat_in_short_lines:
        pytest.skip("mdformat-mkdocs itself takes this item apart")
    if "displays with labels" in title:
        pytest.skip("mdformat-mkdocs takes what follows a label for the inside of the next display")
    tidied = tidy(expand(page, "markdown", short).text)
    assert [problem for problem in review(tidied, "markdown") if problem.severity in ("edited", "error")] == []


@needs_npm
@pytest.mark.parametrize("tidy", FORMATTERS_OF_NODE)
def test_a_formatter_of_node_is_no_editor(tidy: Callable[[str], str]) -> None:
    """All pages at once, as node takes long to start."""
    separator = "\n\n# The next page\n\n"
    tidied = tidy(separator.join(expand(page, "markdown", short).text for _, page, _, _ in CASES))
    assert [problem for problem in review(tidied, "markdown") if problem.severity in ("edited", "error")] == []


@pytest.mark.parametrize("tidy", [*FORMATTERS, *(pytest.param(x, marks=needs_npm) for x in FORMATTERS_OF_NODE)])
@pytest.mark.parametrize("name", ["five-examples.md", "five-examples.zh.md"])
def test_a_formatter_leaves_the_examples_up_to_date(name: str, tidy: Callable[[str], str]) -> None:
    assert review(tidy((GOLDEN / name).read_text(encoding="utf-8")), "markdown") == ()


# --- formulas --------------------------------------------------------------------------------------------------

FORMULA = re.compile(r"\$\$\n?(.+?)\n?\$\$|\$(.+?)\$", re.DOTALL)


def formulas() -> set[tuple[str, bool]]:
    """All formulas of the examples, of the documents of the derivations, and of the operators' examples."""
    texts = [(GOLDEN / name).read_text(encoding="utf-8") for name in ("five-examples.md", "five-examples.zh.md")]
    texts += [solution for _, _, solution in documents(FIXTURES / "derivations.md")]
    texts += [example(row.values[0]).to_markdown() for row in ROWS]
    return {(found[1] or found[2], bool(found[1])) for text in texts for found in FORMULA.finditer(text)}


def complaints(asked: Sequence[tuple[str, bool, str]]) -> list[tuple[str, str, str]]:
    """Return what KaTeX and MathJax have against (formula, display, settings of MathJax): (who, why, formula)."""
    command = ["node", str(NODE / "formulas.js")]
    answer = subprocess.run(
        command, input=json.dumps(asked), text=True, capture_output=True, check=True, encoding="utf-8"
    )
    return [(who, why, formula) for who, why, formula in json.loads(answer.stdout)]


@needs_npm
def test_katex_and_mathjax_accept_every_formula() -> None:
    asked = [(formula, display, "") for formula, display in sorted(formulas())]
    assert len(asked) > 250
    assert complaints(asked) == []


# --- LaTeX -----------------------------------------------------------------------------------------------------

PREAMBLES = {
    "exam": "\\documentclass{exam}\n\\newtheorem{theorem}{Theorem}",
    "beamer": "\\documentclass{beamer}",
    "article": "\\documentclass{article}\n\\usepackage{amsthm}\n\\newtheorem{theorem}{Theorem}",
}


def class_of(page: str) -> str:
    return "exam" if "{questions}" in page else "beamer" if "item<" in page else "article"


def compiled(engine: str, source: str, folder: Path) -> str:
    """Return what LaTeX complains of, "" if of nothing."""
    if not shutil.which(engine):
        pytest.skip(f"{engine} is not installed")
    (folder / "page.tex").write_text(source, encoding="utf-8")
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return "" if done.returncode == 0 else done.stdout.decode("utf-8", "replace")[-3000:]


@pytest.mark.parametrize("engine", ["pdflatex", "xelatex"])
@pytest.mark.parametrize("name", PREAMBLES)
def test_latex_takes_a_solution_everywhere(name: str, engine: str, tmp_path: Path) -> None:
    pages = [page for title, page, _, _ in cases("latex") if "left alone" not in title and class_of(page) == name]
    frame = "\\begin{frame}\n%s\n\\end{frame}" if name == "beamer" else "%s"
    pages = [page if "{frame}" in page else frame % page for page in pages]
    body = "\n\n".join(expand(page, "latex", short).text for page in pages)
    body = body.replace("\\caption{", "\\emph{").replace("a & ", "")  # they stand alone in the fixture
    source = f"{PREAMBLES[name]}\n\\usepackage{{amsmath}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"
    assert compiled(engine, source, tmp_path) == ""


@pytest.mark.parametrize("engine", ["pdflatex", "xelatex"])
@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.tex")), ids=lambda path: path.name)
def test_latex_takes_the_examples(path: Path, engine: str, tmp_path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    if engine == "pdflatex" and "ctex" in source:
        pytest.skip("Chinese needs xelatex")
    assert compiled(engine, derive_all(source, "latex").text, tmp_path) == ""


# --- markers without solutions ---------------------------------------------------------------------------------

PREVIEW = (ROOT / "docs" / "preview.md").read_text(encoding="utf-8")
(SETTINGS,) = re.findall(r"```js\n(.*?)```", PREVIEW, re.DOTALL)
USE, DEFINITION = re.findall(r"```latex\n(.*?)```", PREVIEW, re.DOTALL)


@needs_npm
def test_a_marker_in_a_formula_is_shown_by_its_name() -> None:
    marker = r"\derive<a^\top X b><X>"
    defined, everywhere = DEFINITION + marker, DEFINITION.replace(r"\def", r"\gdef") + marker
    asked = [(marker, True, SETTINGS), (marker, True, ""), (defined, True, ""), (everywhere, True, "")]
    assert [(who, formula) for who, _, formula in complaints(asked)] == [
        ("KaTeX", marker),  # the settings are those of MathJax
        ("KaTeX", marker),
        ("MathJax", marker),
        ("MathJax", everywhere),
    ]


@pytest.mark.parametrize("engine", ["pdflatex", "xelatex"])
def test_a_marker_in_latex_is_shown_by_its_name(engine: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "mdderive" / "mdderive.sty", tmp_path)
    body = r"\section{On \derive<x><x>} \derive<a^\top X b><X>[X: m x n] $\derive<x^\top<a,b>><x>$"
    body += r" \[\derive<f><W_1, W_2>\]"
    source = f"\\documentclass{{article}}\n{USE}\\begin{{document}}\n{body}\n\\end{{document}}\n"
    assert compiled(engine, source, tmp_path) == ""
