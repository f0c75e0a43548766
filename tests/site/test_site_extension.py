"""The Python-Markdown extension: where a marker stands decides what becomes of it, whatever container that is."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import markdown
import pytest

import mdderive
from mdderive.documents.region import digest_of_content
from mdderive.site.extension import DeriveExtension
from mdderive.site.page import Source

EXTENSIONS = [
    "abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "meta", "tables", "toc",
    "pymdownx.blocks.details", "pymdownx.details", "pymdownx.highlight", "pymdownx.superfences", "pymdownx.tabbed",
    "pymdownx.tasklist",
]  # fmt: skip
CONFIGS = {"pymdownx.tabbed": {"alternate_style": True}}
M = r"\derive<a^T X b><X>"
P = r"\derive<p^T X b><X>"  # <p ...> is an HTML block to who takes it for a tag

BLOCKS = {
    "alone on the page": M,
    "between paragraphs": f"before\n\n{M}\n\nafter",
    "looks like a block tag": f"before\n\n{P}\n\nafter",
    "below a heading": f"# title\n\n{M}",
    "below a heading without a blank line": f"# title\n{M}",
    "in a loose list item": f"- item\n\n    {M}\n\n- next",
    "as a list item": f"- {M}\n\n- next",
    "in a tight list": f"- {M}\n- next",
    "in an ordered list": f"1. item\n\n    {M}\n\n2. next",
    "in a nested list": f"- a\n\n    - b\n\n        {M}",
    "in a quote": f"> said\n>\n> {M}\n>\n> more",
    "in a quote within a quote": f"> > {M}",
    "in a quote within a list": f"- item\n\n    > {M}",
    "in an admonition": f'!!! note "Title"\n    text\n\n    {M}',
    "in an admonition in a list": f"- item\n\n    !!! note\n\n        {M}",
    "in foldable details": f'??? note "Title"\n    {M}',
    "in details as a block": f"/// details | Title\n\n{M}\n\n///",
    "in a tab": f'=== "A"\n\n    {M}\n\n=== "B"\n\n    text',
    "in a footnote": f"text[^1]\n\n[^1]:\n    {M}",
    "in a definition": f"term\n:   {M}",
    "in a definition, second paragraph": f"term\n:   text\n\n    {M}",
    "in a div of Markdown": f'<div markdown="1">\n\n{M}\n\n</div>',
    "in a div of Markdown without blank lines": f'<div markdown="1">\n{M}\n</div>',
    "in details of HTML": f'<details markdown="1"><summary>S</summary>\n\n{M}\n\n</details>',
    "in a section within a section": f'<section markdown="1">\n<div markdown="1">\n\n{M}\n\n</div>\n</section>',
    "indented by three": f"text\n\n   {M}",
    "in dollars": f"text\n\n$${M}$$",
    "in dollars on lines of their own": f"text\n\n$$\n{M}\n$$",
    "over two lines": "text\n\n\\derive<a^T X b>\n<X>",
    "with clauses over lines": "text\n\n\\derive<a^T X b><X>[\nX: m x n;\ndetail: brief]",
}
INLINES = {
    "in a sentence": f"The gradient is {M}, as said.",
    "at the start of a line": f"{M} is the gradient.",
    "at the end": f"The gradient: {M}",
    "on a line of a paragraph": f"first\n{M}\nlast",
    "two in a sentence": f"Both {M} and {P}.",
    "in a heading": f"# The gradient {M}",
    "in a setext heading": f"The gradient {M}\n===",
    "in a table": f"| f | gradient |\n|---|---|\n| bilinear | {M} |",
    "in a table head": f"| f | {M} |\n|---|---|\n| a | b |",
    "in bold": f"this is **{M}** indeed",
    "in italics": f"this is *{M}* indeed",
    "in a link's text": f"see [the gradient {M}](https://example.org)",
    "in a list item with text": f"- gradient: {M}",
    "in a quote with text": f"> gradient: {M}",
    "in an admonition with text": f"!!! note\n    gradient: {M}",
    "in a footnote with text": f"text[^1]\n\n[^1]: gradient {M}",
    "in a definition with text": f"term\n:   gradient {M}",
    "in a div with text": f'<div markdown="1">\ngradient {M}\n</div>',
    "in a task": f"- [ ] gradient {M}",
    "in dollars in a sentence": f"it is ${M}$ here",
    "in parentheses of math": rf"it is \({M}\) here",
    "beside emphasis signs": f"*one* {M} *two*",
    "with attributes behind": f"gradient {M}\n{{: .important }}",
}
TEXTS = {
    "in a code span": f"write `{M}` here",
    "in a code span of two ticks": f"write `` {M} `` here",
    "in a fence": f"```\n{M}\n```",
    "in a fence of LaTeX": f"```latex\n{M}\n```",
    "in a fence in a list": f"- item\n\n    ```\n    {M}\n    ```",
    "in an indented block": f"text\n\n    {M}",
    "in a heading's code": f"# The marker `{M}`",
    "in pre": f"<pre>{M.replace('<', '&lt;')}</pre>",
}
ALL = {**BLOCKS, **INLINES, **TEXTS}


def convert(text: str, **settings: Any) -> tuple[str, DeriveExtension, list[str]]:
    """Return the HTML of a page, the extension, and what it warned of."""
    extension = DeriveExtension(cache=False, assets="linked", **settings)
    warnings: list[str] = []
    extension.warn = warnings.append
    html = markdown.markdown(text, extensions=[*EXTENSIONS, extension], extension_configs=CONFIGS)
    return html, extension, warnings


def seen(html: str) -> str:
    """Return what a reader sees of HTML."""
    return unescape(re.sub(r"<[^>]*>", "", html))


@pytest.mark.parametrize("name", BLOCKS)
def test_alone_in_its_paragraph_it_becomes_a_solution(name: str) -> None:
    html, _, warnings = convert(BLOCKS[name])
    assert warnings == []
    assert html.count('<section class="mdderive mdderive-show"') == 1
    assert '<div class="mdderive-formula mdderive-result">' in html
    assert "derive<" not in seen(html)
    assert "zmdderive" not in html
    assert "<p><section" not in html


@pytest.mark.parametrize("name", INLINES)
def test_within_a_text_it_becomes_the_result(name: str) -> None:
    html, _, warnings = convert(INLINES[name])
    assert warnings == []
    results = re.findall(r'<span class="mdderive-value" title="([^"]+)"><math>', html)
    assert len(results) == INLINES[name].count(r"\derive")
    assert all("∈ℝ" in said for said in results)  # what was read
    assert "<section" not in html
    assert "derive<" not in seen(html)
    assert "zmdderive" not in html


@pytest.mark.parametrize("name", TEXTS)
def test_in_code_it_stays_text(name: str) -> None:
    html, extension, warnings = convert(TEXTS[name])
    assert warnings == []
    assert M in seen(html)
    assert extension.page is None or extension.page.shown == []
    assert "zmdderive" not in html


@pytest.mark.parametrize("name", ALL)
def test_a_page_with_its_solutions_in_place_looks_the_same(name: str) -> None:
    expanded = mdderive.expand(ALL[name])
    assert [p for p in expanded.problems if p.severity != "ignored"] == []
    assert convert(expanded.text)[0] == convert(ALL[name])[0]


def test_clauses_of_the_page_and_its_language_hold() -> None:
    text = "---\nmdderive: {where: ['A: symmetric'], lang: zh}\n---\n\n\\derive<x^TAx><x>\n"
    html, _, _ = convert(text)
    assert "为对称矩阵" in html
    html, _, _ = convert("<!-- mdderive: A: symmetric -->\n\n\\derive<x^TAx><x>")
    assert "symmetric" in html
    assert "mdderive:" not in html


def test_the_front_matter_that_the_builder_took_away_still_holds() -> None:
    whole = "---\nmdderive: {where: ['A: symmetric']}\n---\n\n# T\n\n\\derive<x^TAx><x>\n"
    extension = DeriveExtension(cache=False, assets="linked")
    extension.source = Source("notes.md", whole)
    html = markdown.markdown(whole.split("---\n")[2].lstrip(), extensions=[extension])
    assert "symmetric" in html


ERRORS = {
    "alone": r"\derive<\|Xw-y\|^2 + \lambda w><w>",
    "in a sentence": r"here \derive<\|Xw-y\|^2 + \lambda w><w> it is",
    "in a table": "| a | b |\n|---|---|\n| x | \\derive<\\foo w><w> |",
    "never closed": r"here \derive<a^TXb><X and on",
    "amid math": r"here $x + \derive<a^Tx><x>$ it is",
    "in raw HTML": r"<div>\derive<a^Tx><x></div>",
    "in an attribute of nothing known": "text\n\n- \\derive<a^T\n  x><x>",
    "clauses not understood": "---\nmdderive: {lagn: zh}\n---\n\ntext \\derive<a^Tx><x>",
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_goes_wrong_is_seen_on_the_page_and_warned_of(name: str) -> None:
    html, _, warnings = convert(ERRORS[name])
    assert len(warnings) == html.count('class="admonition failure mdderive-failure"') == 1
    assert re.match(r"page:\d+:\d+: E\d\d\d ", warnings[0])
    assert "^" in html
    bare = re.sub(r"<pre.*?</pre>", "", html, flags=re.DOTALL)
    assert "derive<" not in seen(bare)
    assert "zmdderive" not in html


def test_places_are_those_of_the_file() -> None:
    whole = "---\ntitle: T\n---\n\n# T\n\ntext \\derive<\\foo w><w>\n"
    extension = DeriveExtension(cache=False)
    extension.source = Source("notes.md", whole)
    warnings: list[str] = []
    extension.warn = warnings.append
    markdown.markdown(whole.split("---\n")[2].lstrip(), extensions=[extension])
    assert warnings[0].startswith("notes.md:7:14: E1")


# --- solutions that the file holds already


def edited(text: str, accepted: bool) -> str:
    """Return the expanded text with a sentence of the author's in its solution."""
    expanded = mdderive.expand(text).text
    changed = expanded.replace("we read off", "we plainly read off")
    assert changed != expanded
    if not accepted:
        return changed
    content = changed.split(" -->", 1)[1].split("<!-- /mdderive")[0]
    return re.sub(r"(<!-- /mdderive \w+)\.\w+", rf"\1.{digest_of_content(content)}", changed)


def test_an_edit_that_was_accepted_is_shown_as_it_stands() -> None:
    html, _, warnings = convert(edited(f"text\n\n{M}\n\nmore", accepted=True))
    assert "we plainly read off" in html
    assert warnings == []
    assert "<section" in html
    assert "<!--" not in html


def test_an_edit_that_was_not_accepted_is_shown_and_warned_of() -> None:
    html, _, warnings = convert(edited(f"> text\n>\n> {M}\n", accepted=False))
    assert "we plainly read off" in html
    assert "&gt;" not in html
    assert len(warnings) == 1
    assert "E510" in warnings[0]


def test_an_edit_is_hidden_where_solutions_are() -> None:
    html, _, _ = convert(edited(M, accepted=True), solutions="hide")
    assert "plainly" not in html


def test_a_solution_that_is_out_of_date_is_derived_anew() -> None:
    text = mdderive.expand(M).text.replace("a^T X b", "c^T X b")
    html, _, warnings = convert(text)
    assert warnings == []
    assert "<mi>c</mi>" in html


# --- teaching

EXERCISE = r"\derive<\|Xw-y\|^2><w>[solve; id: ls; title: Least squares]"


def test_show_fold_and_steps() -> None:
    assert '<details class="mdderive-solution"' not in convert(EXERCISE)[0]
    folded = convert(EXERCISE, solutions="fold")[0]
    assert re.search(r'<details class="mdderive-solution"[^>]*><summary>Solution</summary>', folded)
    assert "<strong>Exercise 1 (Least squares).</strong>" in folded
    assert 'Find <span class="mdderive-together"><math>' in folded
    steps = convert(EXERCISE, solutions="steps")[0]
    hints = re.findall(r'<details class="mdderive-step"><summary>(.*?)</summary>', steps)
    assert len(hints) == 5 and hints[3:] == ["the result", "the result"], "the gradient and the stationary point"
    assert not re.search(r"mdderive-result", steps.partition("the result")[0])


def test_the_nearest_says_how_solutions_are_shown() -> None:
    page = "<!-- mdderive: solutions: fold -->\n\n"
    assert "mdderive-fold" in convert(page + EXERCISE, solutions="hide")[0]
    own = EXERCISE.replace("solve;", "solve; solutions: show;")
    assert "mdderive-show" in convert(page + own, solutions="hide")[0]


def test_hidden_means_that_nothing_of_it_is_in_the_page() -> None:
    text = f"{EXERCISE}\n\nand {M} inline.\n\n{mdderive.expand(EXERCISE.replace('ls', 'again')).text}"
    html, _, _ = convert(text, solutions="hide")
    assert "mdderive-result" not in html
    assert "data-" not in html
    assert "normal equations" not in html
    assert "<mn>2</mn><msup><mi>X</mi><mi>⊤</mi></msup>" not in html
    assert "<msup><mi>b</mi><mi>⊤</mi></msup>" not in html
    assert html.count('Find <span class="mdderive-together"><math>') == 2


def test_exercises_are_numbered_and_referred_to() -> None:
    text = f"{M}\n\n{EXERCISE}\n\nsee [](#ls), [](#second) and [](#none)\n\n" + M + "[id: second; lang: zh]"
    html, extension, _ = convert(text)
    assert '<a href="#ls">Derivation 1</a>' in html
    assert '<a href="#second">推导 2</a>' in html
    assert '<a href="#none"></a>' in html
    assert extension.page is not None
    assert [x.number for x in extension.page.shown] == [0, 1, 2]


def test_an_id_that_is_taken_is_warned_of() -> None:
    assert "E521" in convert(f"{EXERCISE}\n\n{EXERCISE}")[2][0]


# --- formulas


def test_formulas_are_mathml_where_the_site_has_no_math() -> None:
    html, _, _ = convert("text $a_1*b*$ and\n\n$$\n\\begin{aligned} a &= b \\\\ &= c \\end{aligned}\n$$\n\nend")
    assert html.count("<math") == 2
    assert "$" not in html
    assert "\\" not in html


def test_parentheses_that_are_never_closed_do_not_eat_the_memory_of_a_build() -> None:
    deep = r"f = " + r"\det(" * 40 + "X" + "A)" * 40  # its first line would end within them
    html, _, _ = convert(f"${deep}$")
    assert html.count("<math") == 1
    html, _, said = convert("$" + r"\det(" * 40 + "X$")
    assert "mdderive-unset" in html
    assert "never closed" in said[0]


@pytest.mark.parametrize("generic", [True, False])
def test_the_site_keeps_its_own_math(generic: bool) -> None:
    extension = DeriveExtension(cache=False, assets="linked")
    configs = {"pymdownx.arithmatex": {"generic": generic}}
    html = markdown.markdown(f"${{x}}$ {M}", extensions=[extension, "pymdownx.arithmatex"], extension_configs=configs)
    assert "<math" not in html
    own, ours = (r"\({x}\)", r"\(ab^T\)") if generic else ("math/tex", "math/tex")
    assert own in html
    assert ours in html


def test_a_formula_that_cannot_be_set_is_warned_of() -> None:
    html, _, warnings = convert(r"text $\nosuchmacro{x}$")
    assert "<code" in html
    assert len(warnings) == 1
    html, _, warnings = convert(r"text $\R^n$", macros={"R": r"\mathbb{R}"})
    assert warnings == []


def test_a_setting_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="solutions cannot be 'hidden'"):
        DeriveExtension(solutions="hidden")


def test_the_same_page_twice_is_the_same() -> None:
    extension = DeriveExtension(cache=False)
    md = markdown.Markdown(extensions=[*EXTENSIONS, extension], extension_configs=CONFIGS)
    text = "\n\n".join(x for x in BLOCKS.values() if "footnote" not in x and "[^" not in x)
    first = md.reset().convert(text)
    assert md.reset().convert(text) == first
    assert "mdderive" not in md.reset().convert("no marker")


@pytest.mark.parametrize("mark", ["\x0299999999999999\x03", "\x02klzzwxh:77\x03", "\x02wzxhzdk:99\x03", "\x02", "\x03"])
@pytest.mark.parametrize(
    "page",
    [
        r"\derive<\text{%s}x><x>",
        r"A \derive<a_{\text{%s}}^Tx><x> b",
        r"\derive<a^Tx><x>[title: %s]",
        r"`\derive<a%s><x>`",
    ],
)
def test_the_marks_of_the_builder_in_a_marker(page: str, mark: str) -> None:
    """Python-Markdown marks what it has put aside with U+0002 and U+0003, and fails at what it has not."""
    html = markdown.markdown(page % mark, extensions=[DeriveExtension(cache=False)])
    assert "\x02" not in html and "\x03" not in html


SCORES = r"\derive<-y^T\log\operatorname{softmax}(a)><a>[y: one-hot; id: scores]"
LAYERS = (
    r"\derive<-y^T\log\operatorname{softmax}(W_2\sigma(W_1x))><W_1, W_2>"
    r"[y: one-hot; a_1 = W_1x; h_1 = \sigma(a_1); a_2 = W_2h_1]"
)


@pytest.mark.parametrize(
    ("page", "cites"),
    [
        (f"{SCORES}\n\n{LAYERS}\n", ["The next part is that of", "#scores", "Derivation 1"]),
        (f"{SCORES}\n\n{LAYERS[:-1]}; lang: zh]\n", ["下面这一部分与", "#scores", "相同。"]),
        (f"{LAYERS}\n\n{SCORES}\n", []),
        (f"{SCORES.replace('; id: scores', '')}\n\n{LAYERS}\n", []),
        (f"{SCORES.replace('id:', 'solutions: hide; id:')}\n\n{LAYERS}\n", []),
        (f"{SCORES.replace('y: one-hot; ', '')}\n\n{LAYERS}\n", []),
    ],
    ids=["cited", "Chinese", "later", "without an id", "hidden", "another property"],
)
def test_a_part_that_was_derived_before_is_named(page: str, cites: list[str]) -> None:
    html = markdown.markdown(page, extensions=[DeriveExtension(cache=False, math="site", assets="linked")])
    assert "data-part" not in html
    found = re.findall(r'<p class="mdderive-cited">(.*?)</p>', html)
    assert bool(found) is bool(cites) and all(x in found[0] for x in cites)


def test_a_site_keeps_the_macros_that_it_sets() -> None:
    page = "$$\\newcommand{\\bX}{\\mathbf{X}}$$\n\n\\derive<\\|\\bX w-y\\|^2><w>\n"
    shown = {
        name: markdown.markdown(page, extensions=[DeriveExtension(cache=False, math=name, assets="linked")])
        for name in ("mathjax", "katex", "mathml")
    }
    solved = {name: html.split('class="mdderive-statement"', 1)[1] for name, html in shown.items()}
    assert r"2\bX^\top(\bX w-y)" in solved["mathjax"]
    assert r"2\mathbf{X}^\top(\mathbf{X}w-y)" in solved["katex"]
    assert "bX" not in solved["mathml"].split("data-latex", 1)[0]
