"""Lines that floating point decides where numbers on the way are very large, or leave what it holds."""

from __future__ import annotations

import pytest

import mdderive


@pytest.mark.parametrize("f", [r"\operatorname{tr}(e^{e^X})", "a^Te^{e^X}b", r"\operatorname{tr}(e^{Ae^{AX}})"])
def test_exponentials_within_exponentials_are_checked(f: str) -> None:
    found = mdderive.derive(f, "X", ["X: n x n"])
    assert found.check.ok
    assert not found.check.exact


def test_a_wrong_claim_on_exponentials_within_exponentials_is_refuted() -> None:
    with pytest.raises(mdderive.DeriveError) as caught:
        mdderive.derive(r"\operatorname{tr}(e^{e^X})", "X", ["X: n x n", r"= (e^{e^X}e^{e^X})^\top"])
    assert caught.value.code == "E410"


def test_an_exponential_is_as_exact_beside_one_of_a_large_matrix() -> None:
    numpy = pytest.importorskip("numpy")
    from mdderive.algebra.matrix_powers import exponential

    small = numpy.array([[0.0, 1.0], [0.0, 0.0]])
    with numpy.errstate(all="ignore"):
        both = exponential(numpy.array([small, 1e9 * numpy.eye(2), numpy.full((2, 2), numpy.inf)]))
    assert numpy.allclose(both[0], [[1, 1], [0, 1]], rtol=0, atol=1e-15)
    assert not numpy.isfinite(both[1:]).all(axis=(-1, -2)).any()


@pytest.mark.parametrize("index", ["3000", "3001", "1000000"])
def test_norms_of_large_index_are_decided_exactly(index: str) -> None:
    assert mdderive.derive(rf"\|x\|_{{{index}}}", "x").check.exact


@pytest.mark.parametrize("f", [r"\|x\|_{2000000}", r"\|x\|_{2000001}", r"\|x\|_{2000000}^{2000000}"])
def test_where_numbers_leave_the_range_it_is_said(f: str) -> None:
    with pytest.raises(mdderive.DeriveError, match="range of numbers") as caught:
        mdderive.derive(f, "x")
    assert caught.value.code == "E310"
