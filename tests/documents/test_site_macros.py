r"""Macros that the settings of a site or a book define, and those of files that a page includes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from places import share

import mdderive
from mdderive.cli.main import main
from mdderive.documents.followed import macros_of_site
from mdderive.documents.site_macros import macros_of_settings, site_macros

SCRIPT = r"""window.MathJax = {
  loader: {load: ["[tex]/ams"]},
  tex: { inlineMath: [["\\(", "\\)"]],
    macros: {
      RR: "{\\mathbb{R}}",   // reals: not "this"
      'bold': ["{\\bf #1}", 1],
      "vx": String.raw`\mathbf{x}`, /* and not: no: "x" */
      foo: ["\\frac{#1}{#2}", 2, "default"],
      call: (x) => [x, "y"], g: "\\a" + "b", sum: 1 + 2, named: other, deep: {a: {b: ["c"]}},
      bad: "\bm{x}", last: '\\vec{#1}', }, },
  options: {macros: "none"}
};"""
FORMS = [
    ("mathjax.js", SCRIPT, {
        "RR": r"{\mathbb{R}}", "bold": r"[1]{{\bf #1}}", "vx": r"\mathbf{x}", "foo": r"[2][default]{\frac{#1}{#2}}",
        "call": None, "g": r"\ab", "sum": None, "named": "other", "deep": None, "bad": None, "last": r"[1]{\vec{#1}}",
    }),
    ("v2.html", "<script>MathJax.Hub.Config({TeX: {Macros: {RR: '{\\\\bf R}', 'a': [\"#1\", 1]}}});</script>",
     {"RR": r"{\bf R}", "a": "[1]{#1}"}),
    ("katex.html", '<script>renderMathInElement(document.body, {macros: {"\\\\RR": "\\\\mathbb{R}"}});</script>\n'
     "\\(\\newcommand{\\tex}{T}\\)\n% \\newcommand{\\no}{T}\n", {"\\RR": r"\mathbb{R}", "\\tex": "T"}),
    ("_config.yml", "sphinx:\n  config:\n    mathjax3_config:\n      tex:\n        macros:\n          # of sets\n"
     '          "N": "\\\\mathbb{N}"\n\n          "floor": ["\\\\lfloor#1\\\\rfloor", 1]\n          R: \\mathbb{R}  # reals\n'  # noqa: E501
     '          ceil:\n            - "\\\\lceil#1\\\\rceil"\n            - 1\n          long: >-\n            \\alpha\n'
     "            \\beta\n    other: 3\n",
     {"N": r"\mathbb{N}", "floor": r"[1]{\lfloor#1\rfloor}", "R": r"\mathbb{R}", "ceil": r"[1]{\lceil#1\rceil}",
      "long": "\\alpha\n\\beta"}),
    ("_config.yml", "macros: {N: \"\\\\mathbb{N}\", 'R': '\\mathbb{R}'}\n", {"N": r"\mathbb{N}", "R": r"\mathbb{R}"}),
    ("myst.yml", "project:\n  math:\n    '\\RR': '\\mathbb{R}'\n    '\\vx':\n      macro: '\\mathbf{x}'\n      title: t\n"  # noqa: E501
     '    "\\\\vy": {macro: "\\\\mathbf{y}"}\n  other: x\n',
     {"\\RR": r"\mathbb{R}", "\\vx": r"\mathbf{x}", "\\vy": r"\mathbf{y}"}),
    ("conf.py", "mathjax3_config = {'tex': {'macros': {'RR': r'\\mathbb{R}', 'a': '\\\\alpha', \"c\": ['#1', 1],}}}\n",
     {"RR": r"\mathbb{R}", "a": r"\alpha", "c": "[1]{#1}"}),
    ("_quarto.yml", "format:\n  html:\n    include-in-header:\n      - text: |\n          <script>\n          window.MathJax ="  # noqa: E501
     " { tex: { macros: { RR: '\\\\mathbb{R}' } } };\n          </script>\n", {"RR": r"\mathbb{R}"}),
    ("mkdocs.yml", "math:\n  RR: no\nplugins:\n  - macros\n  - macros:\n      module_name: main\n", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "expected"), FORMS, ids=[f"{k} {x[0]}" for k, x in enumerate(FORMS)])
def test_what_settings_define(name: str, text: str, expected: dict[str, str | None]) -> None:
    for ends in ("\n", "\r\n"):
        found = {key: macro and macro.latex for key, macro in macros_of_settings(text.replace("\n", ends), name)}
        meant = {
            key: body and f"\\newcommand{{\\{key.lstrip(chr(92))}}}" + (body if body[0] == "[" else f"{{{body}}}")
            for key, body in expected.items()
        }
        assert found == meant


def test_any_settings_are_read_to_an_end() -> None:
    rng = random.Random(0)
    signs = [*"{}[]():,+'\"`\\/*#-|\n \t", "macros: ", "macros:\n", "'a'", "x", "String.raw", "  ", "math:\n", "- "]
    for _ in share(range(2_000)):
        text = "macros: " + "".join(rng.choices(signs, k=rng.randint(0, 40)))
        for name in ("a.yml", "myst.yml", "a.js", "conf.py", "a.html"):
            list(macros_of_settings(text, name))
    for text in ("macros: " + "{a:" * 5_000, "macros: {a: " + "[" * 5_000, "macros:\n" + " a:\n" * 5_000):
        list(macros_of_settings(text, "a.yml"))


NOTE = "\\derive<\\va^T\\vx><\\vx>\n"
TREE = {
    "docs/notes/a.md": NOTE,
    "mkdocs.yml": "site_name: x\nextra_javascript:\n  - js/mathjax.js\n  - https://example.org/no.js\n  - path: js/more.js\n",  # noqa: E501
    "docs/js/mathjax.js": "window.MathJax = {tex: {macros: {va: '\\\\mathbf{a}'}}}",
    "docs/js/more.js": 'window.MathJax = {tex: {macros: {vx: ["\\\\mathbf{x}", 0]}}}',
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write(tmp_path, TREE)


def write(folder: Path, files: dict[str, str]) -> Path:
    (folder / ".git").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_a_page_is_derived_with_the_macros_of_its_site(site: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """They were unknown (E124)."""
    assert main(["docs"]) == 0 and main(["--check", "docs"]) == 0
    assert r"\frac{\partial f}{\partial \vx} = \va" in Path("docs/notes/a.md").read_text()
    assert mdderive.strip(Path("docs/notes/a.md").read_text()) == NOTE
    script = Path("docs/js/mathjax.js")
    script.write_text(script.read_text().replace("mathbf", "boldsymbol"))
    assert main(["--check", "docs"]) == 1  # another definition may be another solution
    assert main(["docs"]) == 0 and main(["--check", "docs"]) == 0
    capfd.readouterr()


def test_a_macro_that_comes_later_is_seen(site: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A page that was known to need nothing, and then its settings give one of its commands another meaning."""
    Path("docs/notes/a.md").write_text("\\derive<\\vec a^Tx><x>\n")
    assert main(["docs"]) == 0 and main(["--check", "docs"]) == 0
    Path("docs/js/more.js").write_text('window.MathJax = {tex: {macros: {vec: ["\\\\mathbf{#1}", 1]}}}')
    assert main(["--check", "docs"]) == 1
    capfd.readouterr()


@pytest.mark.parametrize(
    ("files", "page", "said"),
    [
        ({"docs/js/more.js": 'x = {macros: {vx: "\\\\mathbff{x}"}}'}, NOTE,
         r"E124 \mathbff is not known|did you mean \mathbf?; docs/js/more.js defines \vx"),
        ({"docs/js/more.js": "x = {macros: {vx: function () {}}}"}, NOTE,
         r'E124 \vx is not known|docs/js/more.js defines \vx in a way that is not read; a text in quotes would be: "..."'),  # noqa: E501
        ({"docs/js/more.js": ""}, NOTE,
         r"E124 \vx is not known|not defined in mkdocs.yml, docs/js/mathjax.js, docs/js/more.js"),
        ({"docs/notes/_m.qmd": "$$\\newcommand{\\vx}{\\frac1}$$"}, "{{< include _m.qmd >}}\n\n" + NOTE,
         r"E126 \frac has no argument|docs/notes/_m.qmd defines \vx"),
    ],
)  # fmt: skip
def test_messages_name_the_macro_and_the_file(
    site: Path, files: dict[str, str], page: str, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    write(site, {**files, "docs/notes/a.md": page})
    assert main(["--check", "docs"]) == 4
    told = capfd.readouterr().err
    assert all(x in told for x in said.split("|")), told


@pytest.mark.parametrize(
    ("files", "page"),
    [
        ({"_quarto.yml": "format:\n  html:\n    include-in-header: head.html\n",
          "head.html": "<script>MathJax = {tex: {macros: {vx: '{\\\\mathbf x}', va: 'a'}}}</script>"}, NOTE),
        ({"_quarto.yml": "format:\n  html:\n    include-before-body:\n    - file: sub/m.tex\n",
          "sub/m.tex": "\\newcommand{\\vx}{x}\n\\newcommand{\\va}{a}\n"}, NOTE),
        ({"_m.qmd": "{{< include sub/_more.qmd >}}\n\n```tex\n\\newcommand{\\va}{\\no}\n```\n\n$$\n\\def\\vx{x}\n$$\n",
          "sub/_more.qmd": "\\newcommand{\\va}{a}\n"}, "{{< include _m.qmd >}}\n\n" + NOTE),
        ({"m.md": "$\\def\\vx{x}\\def\\va{a}$"}, "```{include} m.md\n```\n\n" + NOTE),
        ({"m.md": "$\\def\\vx{x}\\def\\va{a}$"}, '--8<-- "m.md"\n\n' + NOTE),
        ({}, "---\ninclude-in-header:\n  text: |\n    <script>MathJax={tex:{macros:{vx:'x',va:'a'}}}</script>\n---\n" + NOTE),  # noqa: E501
        ({"myst.yml": "project:\n  math:\n    '\\vx': x\n    '\\va': a\n"}, NOTE),
        ({"_config.yml": "sphinx:\n  config:\n    mathjax3_config:\n      tex:\n        macros:\n          vx: x\n          va: a\n"},  # noqa: E501
         NOTE),
        ({"source/conf.py": "mathjax3_config = {'tex': {'macros': {'vx': 'x', 'va': 'a'}}}\n"}, NOTE),
        ({"zensical.toml": '[project]\nextra_javascript = [\n  "m.js",\n]\n', "docs/m.js": "({macros: {vx: 'x', va: 'a'}})"},  # noqa: E501
         NOTE),
    ],
)  # fmt: skip
def test_where_macros_come_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], page: str, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path, {**files, "source/a.md": page, **{f"source/{name}": x for name, x in files.items() if "m." in name}}
    )
    assert main(["source"]) == 0, capfd.readouterr().err
    assert main(["--check", "source"]) == 0 and main(["--strip", "source"]) == 0
    assert Path("source/a.md").read_text() == page
    capfd.readouterr()


def test_the_macros_of_a_site_are_known_to_the_lint_and_to_notebooks(
    site: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("docs/notes/a.md").write_text("So $\\nabla_{\\vx} (\\va^T\\vx) = 2\\va$.\n")
    assert main(["--lint", "docs"]) == 4
    assert "E701" in capfd.readouterr().err
    Path("docs/notes/a.ipynb").write_text(
        '{"cells": [{"cell_type": "markdown", "metadata": {}, "source": "\\\\derive<\\\\va^T\\\\vx><\\\\vx>"}], "nbformat": 4}'  # noqa: E501
    )
    assert main(["docs/notes/a.ipynb"]) == 0 and main(["--check", "docs/notes/a.ipynb"]) == 0


def test_what_lies_above_the_project_is_not_read(site: Path) -> None:
    inner = write(site / "inner", {"docs/a.md": NOTE})
    assert site_macros(str(inner / "docs")).files == ()
    (inner / ".git").rmdir()
    assert len(site_macros(str(inner / "docs")).files) == 3
    followed = macros_of_site(site / "docs/notes/a.md", NOTE)
    assert followed.origins == {r"\va": "docs/js/mathjax.js", r"\vx": "docs/js/more.js"}
    assert macros_of_site(site / "docs/notes/a.md", "no $\\alpha$ of them").clauses == ()


NOTATION = "---\nmdderive: {where: ['A: orthogonal']}\n---\n\n<!-- mdderive: A: symmetric -->\n\n$$\n\\def\\vx{x}\n$$\n"
SNIPPETS = "markdown_extensions:\n  - pymdownx.snippets"
FLOW = ": {check_paths: true, base_path: [missing, '$docs_dir/inc']}\n"
FOLDERS = [
    ("mkdocs.yml", f"{SNIPPETS}:\n      base_path:\n        - missing\n        - parts/inc\n"),
    ("mkdocs.yml", f"{SNIPPETS}:\n      base_path: parts/inc\n      check_paths: true\n"),
    ("mkdocs.yml", f"{SNIPPETS}{FLOW.replace('$docs_dir', 'parts')}"),
    ("mkdocs.yml", f"{SNIPPETS}:\n      base_path:\n      - !relative $config_dir/parts/inc\n"),
    ("zensical.toml", '[project.markdown_extensions.pymdownx.snippets]\nbase_path = ["parts/inc"]\n'),
]


@pytest.mark.parametrize(("name", "settings"), FOLDERS)
@pytest.mark.parametrize("line", ['--8<-- "notation.md:all"', "--8<--\nnotation.md\n--8<--", '-8<- "notation.md"'])
def test_snippets_lie_in_folders_of_their_own(site: Path, name: str, settings: str, line: str) -> None:
    page = f"# Notes\n\n{line}\n\n\\derive<\\vx^TA\\vx><\\vx>\n"
    write(site, {"docs/notes/a.md": page, name: settings, "parts/inc/notation.md": NOTATION})
    followed = macros_of_site(Path("docs/notes/a.md"), page)
    assert followed.said == ("A: symmetric",), "what stands in its front matter is of that page alone"
    assert "\\newcommand{\\vx}{x}" in followed.clauses
    assert followed.files == ("parts/inc/notation.md",)


def test_the_clauses_of_what_is_included_hold_as_if_they_stood_there(site: Path) -> None:
    included = "{{< include _notation.qmd >}}\n\n\\derive<x^TAx><x>\n"
    for page, answer in (
        (included, "2Ax"),
        (f"<!-- mdderive: A: 3 x 3 -->\n\n{included}", "2Ax"),
        ("\\derive<x^TAx><x>\n\n{{< include _notation.qmd >}}\n", "A^"),
    ):
        write(site, {"docs/notes/a.md": page, "docs/notes/_notation.qmd": NOTATION})
        assert main(["docs/notes/a.md"]) == 0
        assert answer in Path("docs/notes/a.md").read_text(), page
        assert main(["--check", "docs/notes/a.md"]) == 0
    write(site, {"docs/notes/a.md": included})
    assert macros_of_site(Path("docs/notes/a.md"), included).around(["A: 3 x 3"]) == ("A: 3 x 3", "A: symmetric")
    assert main(["docs/notes/a.md"]) == 0
    write(site, {"docs/notes/_notation.qmd": NOTATION.replace("symmetric", "diagonal")})
    assert main(["--check", "docs/notes/a.md"]) == 1
