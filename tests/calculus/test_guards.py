"""What is refused before anything is derived."""

from __future__ import annotations

import pytest

import mdderive
from mdderive.algebra.expressions import Apply, Symbol, number
from mdderive.algebra.operators.entries import entry_row
from mdderive.calculus.differential import write_out
from mdderive.errors import UnsupportedError


def test_an_operator_without_a_differential_is_refused_by_name() -> None:
    x = Symbol("x", (("n",), ()))
    with pytest.raises(UnsupportedError, match="the entry has no differential") as refused:
        write_out(Apply(entry_row, (x, number(1))), [x], [])
    assert refused.value.code == "E301"


def test_a_structured_gradient_has_the_denominator_layout() -> None:
    with pytest.raises(UnsupportedError) as refused:
        mdderive.derive(r"\operatorname{tr}(AX)", "X", ["X: symmetric", "structured", "gradient-layout: numerator"])
    assert (refused.value.code, refused.value.hint) == ("E306", "leave gradient-layout out")
