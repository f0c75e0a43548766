"""reStructuredText for the lint: which formulas are found, and where they stand; docutils finds the same."""

from __future__ import annotations

import random
from importlib.util import find_spec
from pathlib import Path

import pytest
from fake_solver import FakeSolver
from places import share

import mdderive
from mdderive.cli.main import main
from mdderive.documents.expand import expand, strip
from mdderive.documents.formulas import formulas
from mdderive.documents.page import read_page

PAGE = r"""
Title
=====

.. mdderive: X: m x n

Let :math:`A` be symmetric: `b`:math:, ``:math:`no```, \:math:, `text`, :ref:`no <b>`.

.. math::
   :label: eq

   c = d

   e
   = f

- item

  .. math:: g

.. note:: :math:`h`

   .. math::
      :nowrap:

      \begin{align}
      i &= j
      \end{align}

.. code-block:: rst

   .. math:: no

Literal::

   :math:`no`

Quoted::

> :math:`no`

.. comment :math:`no`

   :math:`no`

.. [1] A note, :math:`k`.
.. |l| replace:: :math:`l`
.. _target: $no$

>>> ":math:`no`"

Dollars $m$ and $$n$$, 5$ and $6.

#. A number

   :Field: :math:`o
     p`
"""


def found(page: str) -> list[str]:
    return [" ".join(x.latex.split()) for x in formulas(page, "rst")]


def test_what_is_a_formula() -> None:
    assert found(PAGE) == ["A", "b", "c = d", "e = f", "g", "h", "i &= j", "k", "l", "m", "n", "o p"]
    for x in formulas(PAGE, "rst"):
        assert x.latex in PAGE[x.start : x.end] and PAGE.startswith(x.latex, x.locate(0))


def test_the_default_role_may_be_math() -> None:
    page = "A `x` here, :ref:`y`.\n"
    assert found(page + "$z$") == ["z"]
    assert found(".. default-role:: math\n\n" + page) == ["x"]


TEXTS = [
    "plain words", "a :math:`x_K` here", "`y_K`:math: first", "``:math:`no_K```", "two :math:`a_K` and :math:`b_K`",
    "over :math:`c_K\n{I}d` lines", r"a \* star", "*emphasis* **strong**", "`text <https://example.org>`_",
]  # fmt: skip
FRAMES = [
    "{T}", "- {T}", "#. {T}", "{T}\n    {T}", ".. note::\n\n   {T}", ".. note:: {T}", ".. a comment {T}", ":f: {T}",
    "{T}::\n\n   {T}", "::\n\n   {T}", ".. code::\n\n   {T}", ".. math:: p_K", ".. math::\n\n   q_K\n\n   r_K + 1",
    ".. math::\n   :name: n-K\n\n   s_K\n   = t", "- {T}\n\n  .. math:: u_K", "> {T}::\n\n   {T}", ".. [K] {T}",
    ".. _t-K: https://example.org", ".. |v-K| replace:: v", ".. figure:: a.png\n\n   {T}", ">>> {T}", "| {T}",
    ".. admonition:: {T}\n   :class: a\n\n   {T}\n\n   - {T}", "- - {T}", "+-------+\n| a     |\n+-------+",
    "..\n   {T}", "..\n\n{T}", "   {T}",
    ".. topic:: Title\n\n   .. math:: w_K\n\n   {T}", ".. raw:: html\n\n   {T}", "{T} ::\n\n   {T}",
]  # fmt: skip


def made(seed: int) -> str:
    rng = random.Random(seed)
    blocks = []
    for _ in range(rng.randint(1, 6)):
        frame = rng.choice(FRAMES)
        while "{T}" in frame:
            before = frame[: frame.index("{T}")].rpartition("\n")[2]
            indent = " " * (
                len(before)
                if before.strip() in ("-", "#.", ":f:", "- -", "|", ".. note::", "")
                else 3 * (">" not in before)
            )
            frame = frame.replace("{T}", rng.choice(TEXTS).replace("{I}", indent), 1)
        while "K" in frame:
            frame = frame.replace("K", str(rng.randint(1, 99)), 1)
        blocks.append(frame)
    return "\n\n".join(blocks) + "\n"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(not find_spec("docutils"), reason="pip install docutils")
def test_docutils_finds_the_same() -> None:
    from docutils import nodes
    from docutils.core import publish_doctree

    many = 0
    seeds = share(range(400))
    for seed in seeds:
        page = made(seed)
        tree = publish_doctree(page, settings_overrides={"report_level": 5, "halt_level": 6, "raw_enabled": False})
        theirs = [
            " ".join(x.astext().split()) for x in tree.findall(lambda x: isinstance(x, nodes.math | nodes.math_block))
        ]
        ours = found(page)
        assert sorted(ours) == sorted(theirs), page
        many += len(ours)
    assert many > len(seeds)


def test_a_marker_is_refused_and_nothing_is_written(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    page = "Here \\derive<a^Tx><x>, ``\\derive<b><x>``.\n\n.. \\derive<c><x>\n\nCode::\n\n   \\derive<d><x>\n"
    (path := tmp_path / "a.rst").write_text(page)
    for options in ([], ["--check"], ["--verify-all"], ["--diff"]):
        assert main([*options, str(path)]) == 4
        said = capfd.readouterr().err
        assert said.startswith(f"{path}:1:6: E518 ") and said.count("E518") == 1
    assert path.read_text() == page
    assert expand(page, "rst", FakeSolver()).text == strip(page, "rst") == page
    assert [why for _, why in read_page(page, "rst").scan.ignored] == ["a literal text", "a comment", "a literal block"]


def test_what_comments_say() -> None:
    page = (
        ".. mdderive: off\n\n:math:`\\nabla_x (a^Tx) = 2a`\n\n.. mdderive: on\n\n.. mdderive: ignore E701\n\n"
        ":math:`\\nabla_x (a^Tx) = 3a` :math:`\\nabla_x (a^Tx) = 4a`\n"
    )
    assert [(x.code, x.place.line, x.place.column) for x in mdderive.lint(page, "rst")] == [("E701", 9, 55)]
    said = ".. mdderive: A: symmetric\n\n:math:`\\nabla_x (x^TAx) = 2Ax`\n"
    assert mdderive.lint(said, "rst") == [] and [x.code for x in mdderive.lint(said[27:], "rst")] == ["E703"]


def test_the_lint_writes_no_comments(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    page = "A :math:`\\nabla_x (a^Tx) = 2a`.\n"
    for name in ("a.rst", "a.html"):
        (path := tmp_path / name).write_text(page.replace(":math:`", "$").replace("`", "$") if "html" in name else page)
        before = path.read_bytes()
        assert main(["--lint", "--fix", str(path)]) == 4
        said = capfd.readouterr().err
        assert "E701" in said and "E518" in said and path.read_bytes() == before
