"""Words that textbooks define: each is read without a clause, is what numpy says it is, and is said in the solution."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

import mdderive
from mdderive.question.textbook_functions import DEFINITIONS

VALUES: dict[str, Callable[[float], float]] = {
    "logistic": lambda t: 1 / (1 + math.exp(-t)),
    "logit": lambda t: math.log(t) - math.log1p(-t),
    "SiLU": lambda t: t / (1 + math.exp(-t)),
    "GELU": lambda t: t * 0.5 * math.erfc(-t / math.sqrt(2)),
    "Mish": lambda t: t * math.tanh(math.log1p(math.exp(t))),
    "softsign": lambda t: t / (1 + abs(t)),
    "hardtanh": lambda t: float(np.clip(t, -1, 1)),
    "ReLU6": lambda t: float(np.clip(t, 0, 6)),
    "erfc": math.erfc,
    "sech": lambda t: 1 / math.cosh(t),
    "csch": lambda t: 1 / math.sinh(t),
    "arsinh": math.asinh,
    "artanh": math.atanh,
}
"""The functions as Python's own library has them, by the first of their words."""


def derivative(function: Callable[[float], float], t: float, h: float = 1e-5) -> float:
    return (function(t + h) - function(t - h)) / (2 * h)


@pytest.mark.parametrize("word", VALUES)
def test_the_word_is_the_function_that_the_textbooks_define(word: str) -> None:
    d = mdderive.derive(rf"\operatorname{{{word}}}(t)", "t")
    names: dict[str, Callable[..., float]] = {}
    exec(d.to_python(), names)
    for t in (0.3, 0.8):
        assert names["gradient"](t=t) == pytest.approx(derivative(VALUES[word], t), rel=1e-6)


def test_each_definition_has_a_value_to_compare_with() -> None:
    bodies = {DEFINITIONS[word] for word in VALUES}
    assert bodies == set(DEFINITIONS.values())


@pytest.mark.parametrize("latex", [r"\operatorname{SiLU}", r"\mathrm{silu}", r"\text{swish}"])
def test_the_solution_says_what_the_word_means(latex: str) -> None:
    text = mdderive.derive(rf"a^T{latex}(Wx)", "x").to_markdown()
    assert rf"{latex}(t)=\frac{{t}}{{1+\exp(-t)}}" in text


def test_a_definition_of_the_author_comes_first() -> None:
    text = mdderive.derive(r"a^T\operatorname{swish}(Wx)", "x", where=[r"\operatorname{swish}(t)=t^2"]).to_markdown()
    assert r"\operatorname{swish}(t)=t^2" in text


@pytest.mark.parametrize("word", ["softmin", "mean", "sum", "norm", "std"])
def test_a_word_that_is_no_function_of_a_number_is_refused_with_a_way_out(word: str) -> None:
    with pytest.raises(mdderive.DeriveError) as caught:
        mdderive.derive(rf"\operatorname{{{word}}}(x)", "x")
    assert caught.value.code == "E125"
    assert caught.value.hint.startswith("write ")


def test_a_function_is_differentiated_as_often_as_somebody_asks() -> None:
    """More than two derivatives of a defined function were a crash: primes in f or in a claim, a Hessian of f'."""
    where = ["f(t) = t^7", "x: scalar"]
    for f, clauses in (("f''''(x)", ["= 2520x^2"]), ("f'(x)", ["hessian"])):
        found = mdderive.derive(f, "x", where=[*where, *clauses])
        assert isinstance(found, mdderive.Derivation) and found.check.exact
    with pytest.raises(mdderive.VerificationError, match="is wrong"):
        mdderive.derive("f(x)", "x", where=[*where, "= f''''(x)"])
