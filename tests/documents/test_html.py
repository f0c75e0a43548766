"""HTML for the lint: which formulas are found and where they stand; a marker is refused."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from fake_solver import FakeSolver

import mdderive
from mdderive.cli.main import main
from mdderive.documents.expand import expand, strip
from mdderive.documents.formats import format_of_text
from mdderive.documents.formulas import formulas
from mdderive.documents.html import prose

PAGE = r"""<!DOCTYPE html>
<html><head><title>$no$</title><style>a{content:"$no$"}</style><script>"$no$"</script></head>
<body id="$no$"><!-- $no$ -->
<p>$a$, \(b\), \[c\], $$d$$, \begin{align}e\end{align}, <em>$f$</em>, $no<b>no</b>, 5$ and $6</p>
<p>$g &lt; h &amp; i&#x5e;2$ and \[j<br>k<!-- no -->l\]</p>
<pre>$no$</pre><code>$no$ <span>\(no\)</span> $no$</code><textarea>$no$</textarea>
<div class="x tex2jax_ignore"><div>$no$</div>$no$</div><span class="katex">$m$</span>
<script type="math/tex">n<o</script><script type="math/tex; mode=display">p</script>
<span class="math inline">q</span><span class="math display">\[r\]</span>
<math display="block"><semantics><mi>no</mi><annotation encoding="application/x-tex">{\displaystyle s}</annotation>
<annotation encoding="text/plain">$no$</annotation></semantics></math>
<p>$t$ &nbsp; &bogus; &#0; a < b <
"""


def test_what_is_a_formula() -> None:
    found = list(formulas(PAGE, "html"))
    latex = ["a", "b", "c", "d", "e", "f", "g < h & i^2", "jkl", "m", "n<o", "p", "q", "r", "s", "t"]
    assert [x.latex for x in found] == latex
    assert "".join(x.latex[0] for x in found if x.display) == "cdejprs"
    for x in found:
        assert PAGE[x.locate(0)] == x.latex[0] and x.start <= x.locate(0) < x.end
    entity = next(x for x in found if "<" in x.latex and " " in x.latex)
    places = [entity.locate(k) for k in range(len(entity.latex))]
    assert [PAGE[place : place + 4] for place in (places[2], places[6], places[9])] == ["&lt;", "&amp", "&#x5"]
    assert len(prose(PAGE)) == len(PAGE) and "<em>" not in prose(PAGE) and "$f$" in prose(PAGE)


def test_what_is_said_of_a_letter_beside_tags() -> None:
    claim = r"<p>Then \(\nabla_x (x^TAx) = 2Ax\).</p>"
    said = r"<p>Let <span class='math inline'>\(A\)</span> be <em>symmetric</em>.</p>" + "\n\n" * 400
    assert mdderive.lint(said + claim, "html") == []
    assert [x.code for x in mdderive.lint(claim, "html")] == ["E703"]
    assert mdderive.lint("<!-- mdderive: A: symmetric -->" + claim, "html") == []
    wrong = r"<!-- mdderive: ignore E701 --> $\nabla_x (a^Tx) = 2a$ and $\nabla_x (a^Tx) &#61; 3a$"
    (problem,) = mdderive.lint(wrong, "html")
    assert wrong[problem.place.column - 1 :].startswith("3a$")


@pytest.mark.parametrize("marker", [r"\derive<a^Tx><x>", r"\derive&lt;a^Tx&gt;&lt;x&gt;", r"\derive &#60;a>"])
def test_a_marker_is_refused_and_nothing_is_written(
    marker: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    page = f"<p>{marker}</p><code>{marker}</code><!-- {marker} --><a title='{marker}'>\n<script>'{marker}'</script>"
    (path := tmp_path / "a.HTM").write_text(page)
    for options in ([], ["--check"], ["--verify-all"], ["--diff"]):
        assert main([*options, str(path)]) == 4
        said = capfd.readouterr().err
        assert said.startswith(f"{path}:1:4: E518 ") and said.count("E518") == 1
    assert path.read_text() == page
    assert expand(page, "html", FakeSolver()).text == strip(page, "html") == page


def test_a_page_without_a_name() -> None:
    assert format_of_text("\n<!doctype html>\n<p>$x$").name == "html"
    assert format_of_text("<p align=center>\n\n```html\n<!doctype html>\n```\n").name == "markdown"


@pytest.mark.parametrize(
    "piece", ["<a ", "<!-- ", "</", "<![", "<script>", "<div>", "$x", "\\(", "&#", "<p class=math>", "<?"]
)
def test_time_does_not_explode(piece: str) -> None:
    begin = time.perf_counter()
    list(formulas("$" + piece * 8_000, "html"))
    assert time.perf_counter() - begin < 5


NOTES = r"""# Notes

Let $A$ be symmetric, $a < b$. Then $\nabla_x (x^TAx) = 2Ax$ and

$$
\nabla_w \|Xw-y\|^2 = X^T(Xw-y)
$$

- item $\nabla_x (a^Tx) = 2a$

| one | other |
|---|---|
| $\nabla_x (b^Tx)$ | $\nabla_x (b^T x) = b$ |
"""


@pytest.mark.parametrize("way", ["mathjax", "katex", "mathml"])
def test_what_pandoc_makes_of_notes_is_judged_as_they_are(way: str) -> None:
    """MathJax and KaTeX get the source of formulas, MathML has it in its annotations."""
    pypandoc = pytest.importorskip("pypandoc")
    page = pypandoc.convert_text(
        NOTES, "html", format="markdown", extra_args=["--standalone", f"--{way}", "--metadata=title:x"]
    )
    found, meant = mdderive.claims(page, "html"), mdderive.claims(NOTES, "markdown")
    assert [(x.verdict, x.f, x.variable) for x in found] == [(x.verdict, x.f, x.variable) for x in meant]
    assert len(found) == 4


def test_a_definition_in_a_later_section_accuses_no_one() -> None:
    claim = r"<p>The gradient is \(\nabla L(w) = X^T(Xw-y)\).</p>"
    loss = r"<p>\(L(w) = \|Xw-y\|_2^2\)</p>"
    page = "\n".join(["<h2>Gradient descent</h2>", claim, "{}", loss])
    here, later = (mdderive.claims(page.replace("{}", x), "html") for x in ("", "<h2>Least squares</h2>"))
    assert [x.verdict for x in here] == ["false"]
    assert [x.verdict for x in later] == ["not judged"]
