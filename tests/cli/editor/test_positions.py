"""Places: lines as editors count them, units as the client counts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdderive.cli.editor.edits import Edit, applied, difference
from mdderive.cli.editor.positions import Encoding, Positions

TEXTS = st.text(st.sampled_from("ab\r\n𝒳é中\u2028\x0c"), max_size=30)


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 6), ("utf-16", 3), ("utf-32", 2)])
def test_a_letter_behind_the_plane_of_common_ones(encoding: Encoding, character: int) -> None:
    places = Positions("x\n𝒳é=y", encoding)
    assert places.position(4) == (1, character)
    assert places.offset(1, character) == 4


@given(TEXTS, st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_an_offset_comes_back(text: str, encoding: Encoding) -> None:
    places = Positions(text, encoding)
    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] != "\r\n":
            assert places.offset(*places.position(offset)) == offset


def test_only_line_ends_end_lines() -> None:
    assert Positions("a\u2028b\x0cc\r\nd").position(7) == (1, 0)


def test_what_lies_behind_the_end() -> None:
    places = Positions("ab\ncd")
    assert places.offset(0, 99) == 2
    assert places.offset(9, 0) == 5


def test_half_a_letter_is_its_beginning() -> None:
    assert Positions("a𝒳b").offset(0, 2) == 1


@given(TEXTS, TEXTS)
def test_a_difference_makes_one_text_of_the_other(old: str, new: str) -> None:
    found = difference(old, new)
    assert applied(old, found) == new
    for edit in found:
        assert all(old[x - 1 : x + 1] != "\r\n" for x in (edit.start, edit.end) if x)


def test_a_difference_is_short() -> None:
    assert difference("one two three", "one 2 three") == (Edit(4, 7, "2"),)
    assert difference("same", "same") == ()
