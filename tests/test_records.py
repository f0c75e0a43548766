"""Records: what dataclasses say of the same fields holds of them."""

from __future__ import annotations

import copy
import pickle

import pytest

from mdderive.records import as_dict, field, field_names, is_record, record, replace


@record
class Pair:
    first: int
    second: str = "b"
    seen: tuple[int, ...] = field(default=(), init=False, compare=False)


@record(frozen=False, eq=False, slots=False)
class Open:
    held: list[int] = field(default_factory=list)


@record(frozen=False)
class Wider(Open):
    more: int = 0


def test_fields_are_set_and_shown() -> None:
    pair = Pair(1)
    assert (pair.first, pair.second, pair.seen) == (1, "b", ())
    assert repr(pair) == "Pair(first=1, second='b', seen=())"
    assert field_names(pair) == ("first", "second", "seen") and as_dict(pair)["second"] == "b"
    assert is_record(pair) and not is_record((1, "b"))
    assert Open().held == [] and Open().held is not Open().held
    assert Wider([1], more=2).held == [1] and field_names(Wider()) == ("held", "more")


def test_equality_is_that_of_the_fields() -> None:
    assert Pair(1) == Pair(1, "b") != Pair(2) and hash(Pair(1)) == hash(Pair(1, "b"))
    seen = Pair(1)
    object.__setattr__(seen, "seen", (1,))
    assert seen == Pair(1)
    assert Open() != Open()
    assert Wider() == Wider() != Wider([1])
    with pytest.raises(TypeError, match="unhashable"):
        hash(Wider())


def test_what_is_frozen_does_not_change() -> None:
    pair = Pair(1)
    with pytest.raises(AttributeError, match="Pair does not change: first"):
        pair.first = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del pair.first
    with pytest.raises(TypeError):
        Pair()  # type: ignore[call-arg]
    assert replace(pair, first=2) == Pair(2) and pair == Pair(1)


def test_records_are_pickled_and_copied() -> None:
    for x in (Pair(3, "c"), Wider([1], 2)):
        assert pickle.loads(pickle.dumps(x)) == copy.deepcopy(x) == copy.copy(x) == x
