r"""A name taken apart: the parts of LaTeX, that they make it up again, and what is asked of a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdderive.latex.names import (
    Name,
    Script,
    entry_indices,
    identifier,
    leading_word,
    name_of,
    renamed,
    resembling,
    undressed,
)

PARTS = {
    "x": ("x", (), (), 0),
    r"\Sigma": (r"\Sigma", (), (), 0),
    r"\mathbf{x}": ("x", ("mathbf",), (), 0),
    r"\hat{\mathbf{x}}": ("x", ("hat", "mathbf"), (), 0),
    r"\boldsymbol{\mathcal{L}}": ("L", ("boldsymbol", "mathcal"), (), 0),
    r"\mathrm{train}": ("train", ("mathrm",), (), 0),
    r"\operatorname{arg-max}": ("arg-max", ("operatorname",), (), 0),
    "x_i": ("x", (), ("_i",), 0),
    "x_{i,k}^{(t)}": ("x", (), ("_i,k", "^(t)"), 0),
    r"\bar{x}_{\mathrm{train},i}": ("x", ("bar",), (r"_\mathrm{train},i",), 0),
    r"\lambda_{\max}": (r"\lambda", (), (r"_\max",), 0),
    r"W^{[l-1]}": ("W", (), ("^[l-1]",), 0),
    "x_1'": ("x", (), ("_1",), 1),
    "f''": ("f", (), (), 2),
    "x_{i_1}": ("x", (), ("_i_1",), 0),
    r"x_{\lambda i}": ("x", (), (r"_\lambda i",), 0),
}


@pytest.mark.parametrize("latex", PARTS)
def test_parts(latex: str) -> None:
    letter, dress, scripts, primes = PARTS[latex]
    assert name_of(latex) == Name(letter, dress, tuple(Script(x[0], x[1:]) for x in scripts), primes)
    assert str(name_of(latex)) == latex


def test_a_script_of_one_word_is_written_in_braces() -> None:
    assert str(name_of(r"\lambda_\max")) == r"\lambda_{\max}"


@pytest.mark.parametrize(
    ("loose", "canonical"),
    [(r"\mathbf x", r"\mathbf{x}"), ("x_{1}", "x_1"), (r"\bm\Sigma _ {i}", r"\bm{\Sigma}_i"), (r"x'_1", "x_1'")],
)
def test_loose_spellings(loose: str, canonical: str) -> None:
    assert str(name_of(loose)) == canonical


LETTERS = st.sampled_from(["x", "W", r"\theta", r"\Sigma", "0"])
DRESS = st.lists(st.sampled_from(["mathbf", "mathcal", "bm", "hat", "bar", "vec"]), max_size=2).map(tuple)
INSIDE = st.lists(st.sampled_from(["i", "k", "12", r"\max", r"\mathrm{train}", "t-1", "j_1", "ik"]), min_size=1)
SCRIPTS = st.lists(st.builds(Script, st.sampled_from("_^"), INSIDE.map(",".join)), max_size=2).map(tuple)


@given(st.builds(Name, LETTERS, DRESS, SCRIPTS, st.integers(0, 2)))
def test_a_name_that_is_written_is_read_as_itself(name: Name) -> None:
    assert name_of(str(name)) == name


@given(st.text(r"\{}_^x,' 1+i", max_size=12))
def test_any_text_is_taken(text: str) -> None:
    name = name_of(text)
    assert name.letter or not text
    assert identifier(text)
    assert not any(name.carries(index) and not name.index_letters for index in "xi")


def test_conventions() -> None:
    assert [name_of(x).unit_vector for x in ("e_1", r"\mathbf{e}_{12}", "e", "e_i", "e_1'", r"\hat{e}_1")] == [
        1, 12, None, None, None, None,
    ]  # fmt: skip
    assert [name_of(x).identity for x in ("I", "I_n", r"\mathbf{I}_{mn}", r"\hat{I}", "I_{n+1}", "I^{(n)}")] == [
        "", "n", "mn", None, None, None,
    ]  # fmt: skip
    assert [name_of(x).commutation for x in ("K_{mn}", r"\mathbf{K}_{m,n}", "K", "K_m", "K_{mnp}")] == [
        ("m", "n"), ("m", "n"), None, None, None,
    ]  # fmt: skip
    assert [name_of(x).is_bold for x in (r"\bm{x}", r"\vec{x}_i", "x", r"\hat{\mathbf{x}}", r"x_{\mathbf{w}}")] == [
        True, True, False, True, False,
    ]  # fmt: skip
    assert [name_of(x).is_capital for x in ("X", r"\Sigma_k", "x", r"\sigma", r"\mathcal{L}")] == [
        True, True, False, False, True,
    ]  # fmt: skip


CARRY_I = ["x_i", "x_{k,i}", "x_{ik}", "x^{(i)}", r"x_{\mathrm{train},i}", "x_{i}^{(t-1)}", "x_{k_i}", r"x_{\pi(i)}"]


@pytest.mark.parametrize("latex", CARRY_I)
def test_carried(latex: str) -> None:
    assert name_of(latex).carries("i")
    assert not name_of(latex).shifts("i")


@pytest.mark.parametrize(
    "latex", ["x", "x_k", r"x_{\mathrm{in}}", r"x_\min", r"x_{\pi}", "x_{i_1}", "x_{i+1}", "x_{k_{i+1}}"]
)
def test_not_carried(latex: str) -> None:
    assert not name_of(latex).carries("i")
    assert name_of(latex).shifts("i") == ("i+1" in latex)


def test_indices() -> None:
    assert name_of("r_{ik}").runs_together("i", ["i"])
    assert not name_of("r_{ik}").runs_together("i", ["i", "k"])
    assert not name_of("r_{i,k}").runs_together("i", ["i"])
    assert name_of("x_{k,i}").in_order(["i", "k"]) == ("k", "i")
    families = {"x_i": "x", "x_{ik}": "x", "W_{h,i}": "W_{h}", "x_k^{(i)}": "x_k", r"\bar{x}_i'": r"\bar{x}'"}
    assert {latex: name_of(latex).family(("i", *"k" * (latex == "x_{ik}"))) for latex in families} == families
    members = ("x_1", "x_{12}", "x_i", "x", "x_1'", "y_1")
    assert [x for x in members if name_of(x).is_member("x")] == ["x_1", "x_{12}"]


def test_another_letter_for_an_index() -> None:
    assert str(name_of(r"x_{i,\pi}^{(i)}").with_index("i", "k")) == r"x_{k,\pi}^{(k)}"
    assert renamed(r"i\pi", "i", "k") == r"k\pi"


def test_other_forms() -> None:
    names = {r"\Sigma": "Sigma", r"\mathbf{x}": "x", "W_{1}": "W_1", "x'": "x_prime", r"\hat{x}_i": "hat_x_i", "_": "x"}
    assert {latex: identifier(latex) for latex in names} == names
    assert undressed(r"\mathbf{x}_{1}") == undressed("x_1") != undressed(r"\hat{x}_1")
    assert resembling(r"\hat{\mathbf{X}}_{1}") == resembling("x_1")
    assert [entry_indices(x) for x in ("ij", "i,j", "12", r"\alpha j", "ijk", "i+1", "A")] == [
        ("i", "j"), ("i", "j"), ("1", "2"), (r"\alpha", "j"), (), (), (),
    ]  # fmt: skip
    assert [leading_word(x) for x in (r"\operatorname{swish}(x)", r"\mathrm {lin} x", "f(x)")] == ["swish", "lin", ""]
