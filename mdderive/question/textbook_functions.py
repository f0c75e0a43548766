"""Functions of one number that have a word and a definition in the textbooks: they need no clause of the author's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

ARGUMENT = "t"
"""The argument of the definitions."""


class TextbookFunction(NamedTuple):
    """A function as its source defines it: the words that name it, and its value at t in LaTeX.

    A word that has two definitions in use, as ELU and softmin, has no place here.
    """

    words: tuple[str, ...]
    body: str
    source: str


_FUNCTIONS = (
    TextbookFunction(("logistic", "expit"), r"\frac{1}{1+e^{-t}}", "Cox and Snell, Analysis of Binary Data, sec. 1.3"),
    TextbookFunction(("logit",), r"\log\frac{t}{1-t}", "McCullagh and Nelder, Generalized Linear Models, sec. 2.2.4"),
    TextbookFunction(
        ("SiLU", "silu", "Swish", "swish"),
        r"\frac{t}{1+e^{-t}}",
        "Elfwing, Uchibe and Doya, Sigmoid-weighted linear units (2018), eq. 2",
    ),
    TextbookFunction(
        ("GELU", "gelu"),
        r"\frac{t}{2}\left(1+\operatorname{erf}\left(\frac{t}{\sqrt{2}}\right)\right)",
        "Hendrycks and Gimpel, Gaussian error linear units (2016), sec. 2",
    ),
    TextbookFunction(("Mish", "mish"), r"t\tanh(\log(1+e^t))", "Misra, Mish (2019), eq. 1"),
    TextbookFunction(("softsign",), r"\frac{t}{1+|t|}", "Goodfellow et al., Deep Learning, sec. 6.3.3"),
    TextbookFunction(("hardtanh",), r"\max(-1,\min(1,t))", "Goodfellow et al., Deep Learning, sec. 6.3.3"),
    TextbookFunction(("ReLU6", "relu6"), r"\min(\max(0,t),6)", "Howard et al., MobileNets (2017)"),
    TextbookFunction(("erfc",), r"1-\operatorname{erf}(t)", "DLMF, eq. 7.2.2"),
    TextbookFunction(("sech",), r"\frac{1}{\cosh(t)}", "DLMF, eq. 4.28.6"),
    TextbookFunction(("csch",), r"\frac{1}{\sinh(t)}", "DLMF, eq. 4.28.5"),
    TextbookFunction(("arsinh", "arcsinh", "asinh"), r"\log\left(t+\sqrt{t^2+1}\right)", "DLMF, eq. 4.37.16"),
    TextbookFunction(
        ("artanh", "arctanh", "atanh"), r"\frac{1}{2}\log\left(\frac{1+t}{1-t}\right)", "DLMF, eq. 4.37.24"
    ),
)

DEFINITIONS: Mapping[str, str] = MappingProxyType({word: row.body for row in _FUNCTIONS for word in row.words})
"""word -> its definition in LaTeX, a function of t."""


def textbook_words(*texts: str) -> list[str]:
    """Return the words of textbook functions that occur in these texts."""
    said = "\n".join(texts)
    return [word for word in DEFINITIONS if word in said]
