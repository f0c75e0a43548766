"""Published derivatives as claims: none is called false; planted errors are found; published mistakes too."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from places import CORPUS, EXHAUSTIVE
from planted_claims import NOTATIONS, SAYABLE, Entry, mistakes, page

import mdderive

FOLDER = CORPUS
UNSAID = frozenset(("one-hot rows", "small"))
"""What entries assume and no page can say; what else is assumed needs no words, as `positive` under a logarithm."""
AGAINST = ("false", "shapes do not fit")


def entries(name: str) -> list[Entry]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [
        entry
        for entry in map(json.loads, lines)
        if not entry.get("out_of_grammar")
        and entry["kind"] not in ("differential", "identity", "stationary point")
        and not UNSAID & {word for words in entry.get("assume", {}).values() for word in words}
    ]


PUBLISHED = entries("published.jsonl")
MISTAKES = entries("mistakes.jsonl")
CHUNKS = 8


def verdict(entry: Entry, notation: str, claimed: str, *, shapes: bool = True) -> str:
    """Return the verdict on the one claim of a page, "none" where it is not found."""
    found = mdderive.claims(page(entry, notation, claimed, shapes=shapes))
    return found[-1].verdict if found else "none"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_true_claim_is_called_false(chunk: int) -> None:
    """In every notation, and where no shapes are said; a share has each entry in two of these, by turns."""
    ways = [*((notation, True) for notation in NOTATIONS), ("fraction", False)]
    for k, entry in enumerate(PUBLISHED[chunk::CHUNKS]):
        for notation, shapes in ways if EXHAUSTIVE else (ways[k % 5], ways[(k + 2) % 5]):
            assert verdict(entry, notation, entry["answer"], shapes=shapes) not in AGAINST, (entry["id"], notation)


def test_nine_in_ten_are_judged_and_nearly_all_errors_among_them_found() -> None:
    """Counts over a third of the entries, planted errors in half of them; a wrong factor or sign must never be true."""
    true: Counter[str] = Counter()
    planted: Counter[str] = Counter()
    for k, entry in enumerate(PUBLISHED[::3]):
        notation = NOTATIONS[k % len(NOTATIONS)]
        true[verdict(entry, notation, entry["answer"])] += 1
        if EXHAUSTIVE or k % 2 == 0:
            planted.update(verdict(entry, notation, wrong) for _, wrong in mistakes(entry["answer"]))
    judged = true.total() - true["not judged"] - true["none"]
    assert judged >= 0.89 * true.total(), true
    found = planted["false"] + planted["shapes do not fit"] + planted["true only if"]
    judged = planted.total() - planted["not judged"] - planted["none"]
    assert found >= 0.95 * judged and judged >= 0.85 * planted.total(), planted


@pytest.mark.parametrize("entry", MISTAKES, ids=lambda entry: entry["id"])
def test_a_published_mistake_is_never_called_true(entry: Entry) -> None:
    assert verdict(entry, "fraction", entry["published_wrong"]) != "true"
    assert verdict(entry, "fraction", entry["right"]) not in AGAINST


def test_most_published_mistakes_are_called_what_they_are() -> None:
    said = Counter(verdict(entry, "fraction", entry["published_wrong"]) for entry in MISTAKES)
    judged = said.total() - said["not judged"] - said["none"]
    against = said["false"] + said["shapes do not fit"] + said["true only if"]
    assert against >= 0.9 * judged and judged >= 0.4 * said.total(), said


def test_what_can_be_said_of_a_letter_is_known() -> None:
    from mdderive.algebra.properties import BY_SPELLING

    assert set(SAYABLE.values()) <= set(BY_SPELLING)
