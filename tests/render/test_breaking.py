"""Where formulas may be broken on a narrow page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdderive.render.breaking import pieces, sized

LONG = r"(a^\top A^\top A+\lambda I)^{-1}A^\top b\thinspace c"


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"X^\top(Xw-y)", [r"X^\top(Xw-y)"]),
        (rf"{LONG}+{LONG}", [LONG, rf"{{}}+{LONG}"]),
        (rf"\hat wabcdef = {LONG}", [r"\hat wabcdef", rf"{{}}= {LONG}"]),
        (r"(aaaaaaaa+b)^\top(cccccccc+d)^{-1}(eeeeeeee+f)_2x", [
            r"(aaaaaaaa+b)^\top", r"{}(cccccccc+d)^{-1}", r"{}(eeeeeeee+f)_2", "{}x",
        ]),
        (r"\operatorname{tr}\bigl(aaaaaaaaaa bbbbbbb+cccccccc ddddddddd\bigr)", [
            r"\operatorname{tr}\bigl(aaaaaaaaaa bbbbbbb", r"{}+cccccccc ddddddddd\bigr)",
        ]),
        (r"\frac{aaaaaaaaaaaaaaa+bbbbbbbbbbbbbbb}{c}+\log|\Sigma|", [
            r"\frac{aaaaaaaaaaaaaaa+bbbbbbbbbbbbbbb}{c}", r"{}+\log|\Sigma|",
        ]),
        (r"\left(aaaaaaaaaaaa+bbbbbbbbbbbbbbbbb\right)c", [
            r"\left(aaaaaaaaaaaa+bbbbbbbbbbbbbbbbb\right)", "{}c",
        ]),
        (r"a^{-1}aaaaaaaaaaaaaaaaaaaaaa=-b", [r"a^{-1}aaaaaaaaaaaaaaaaaaaaaa", "{}=-b"]),
        (r"aaaaaaaaaaaaaaaaa(bbbbbbbbbbbbbbb+c", [r"aaaaaaaaaaaaaaaaa(bbbbbbbbbbbbbbb+c"]),
        (r"\color{red}aaaaaaaaaaaaaaaaa+bbbbbbbbbbbbbbb+c", [r"\color{red}aaaaaaaaaaaaaaaaa+bbbbbbbbbbbbbbb+c"]),
    ],
)  # fmt: skip
def test_a_long_formula_is_broken_from_the_outside_in(latex: str, expected: list[str]) -> None:
    assert pieces(latex) == expected


def test_parentheses_around_nothing_tall_have_a_size_of_their_own() -> None:
    assert (
        sized(r"\left(\left(W\bigl(a\bigr)\right)\odot b\right)x") == r"\Bigl(\Bigl(W\bigl(a\bigr)\Bigr)\odot b\Bigr)x"
    )
    for tall in (r"\left(\frac{a}{b}\right)^\top", r"\left(\sum_i x_i\right)", r"\left[a\right]", r"\left(a\right]"):
        assert sized(tall) == tall


SIGNS = (r"a \alpha + - = ( ) \bigl( \bigr) { } ^ _ | \| \left( \right) " + "'").split()


@given(st.lists(st.sampled_from(SIGNS), max_size=60).map("".join))
def test_nothing_is_lost_and_groups_stay_whole(latex: str) -> None:
    parts = pieces(latex, room=3)
    assert "".join([parts[0], *(x.removeprefix("{}") for x in parts[1:])]).replace(" ", "") == latex.replace(" ", "")
    if len(parts) > 1:
        assert all(x.count("{") == x.count("}") for x in parts)
        assert all(x.count(r"\left(") == x.count(r"\right)") for x in parts)
