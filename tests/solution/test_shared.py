"""A derivation may be pickled and copied, and made by several threads at once."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

import mdderive
from mdderive.algebra.expressions import Symbol

ASKED = (r"\frac12x^TPx+q^Tx", "x", ["P: SPD", "subject to: Ax = b", "hessian"])


@pytest.mark.parametrize("way", [lambda x: pickle.loads(pickle.dumps(x)), copy.copy, copy.deepcopy])
def test_a_copy_is_the_same_derivation(way: Callable[[object], mdderive.Derivation]) -> None:
    found = mdderive.derive(*ASKED)
    assert isinstance(found, mdderive.Derivation)
    other = way(found)
    assert other.to_markdown("zh") == found.to_markdown("zh")
    assert other.gradient is found.gradient


@pytest.fixture
def impatient() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_threads_that_clear_caches_agree(impatient: None) -> None:
    def text(k: int) -> str:
        if k % 3 == 0:
            mdderive.clear_caches()
        found = mdderive.derive(rf"\|AX-B\|_F^2+{k % 4 + 1}\|X\|_F^2", "X", ["solve"])
        assert isinstance(found, mdderive.Derivation)
        return found.to_text()

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(text, range(24)))
    assert found == [text(k) for k in range(24)]


def test_threads_make_one_node_each_name(impatient: None) -> None:
    with ThreadPoolExecutor(8) as pool:
        for k in range(40):
            nodes = list(pool.map(lambda _, k=k: Symbol(f"thread {k}"), range(32)))  # type: ignore[misc]
            assert all(x is nodes[0] for x in nodes)
