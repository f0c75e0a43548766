"""Sums over pairs of members: both terms in which a member stands are added up, and no term is without a derivative."""

from __future__ import annotations

import pytest

import mdderive

PAIRS = [
    (r"\sum_{i,j}\|x_i-x_j\|^2", r"4\sum_j (x_i-x_j)"),
    (r"\sum_{i,j}w_{ij}\|x_i-x_j\|^2", r"2\sum_j (w_{ij}+w_{ji})(x_i-x_j)"),
    (r"\sum_{i,j}\exp(-\|x_i-x_j\|^2)", r"-4\sum_j \exp(-\lVert x_i-x_j\rVert^2)(x_i-x_j)"),
    (r"\sum_{i,j}(\|x_i-x_j\|^2-d_{ij})^2", r"4\sum_j (2\lVert x_i-x_j\rVert^2-d_{ij}-d_{ji})(x_i-x_j)"),
    (r"\sum_{i,j}k_{ij}(x_i-x_j)^TA(x_i-x_j)", r"(A+A^\top)\sum_j (k_{ij}+k_{ji})(x_i-x_j)"),
    (
        r"\sum_{i,j}w_{ij}\sqrt{\|x_i-x_j\|^2+\epsilon}",
        r"\sum_j \frac{(w_{ij}+w_{ji})(x_i-x_j)}{\sqrt{\lVert x_i-x_j\rVert^2+\epsilon}}",
    ),
]


@pytest.mark.parametrize(("f", "gradient"), PAIRS)
def test_the_terms_of_a_pair_are_added_up(f: str, gradient: str) -> None:
    found = mdderive.derive(f, "x_i")
    assert isinstance(found, mdderive.Derivation)
    assert str(found.gradient) == gradient
    assert found.check.ok


def test_the_distances_of_numbers() -> None:
    found = mdderive.derive(r"\sum_{i,j}|x_i-x_j|", "x_i", where=["x_i: scalar"])
    assert isinstance(found, mdderive.Derivation)
    assert str(found.gradient) == r"2\sum_j \operatorname{sgn}(x_i-x_j)"


@pytest.mark.parametrize(
    "f",
    [
        r"\sum_{i,j}\|x_i-x_j\|",
        r"\sum_{i,j}(\|x_i-x_j\|-d_{ij})^2",
        r"\sum_{i,j}\frac1{\|x_i-x_j\|^2}",
        r"\sum_{i,j}\log\|x_i-x_j\|",
        r"\sum_i\log\sum_j\sqrt{\|x_i-x_j\|^2}",
    ],
)
def test_a_member_paired_with_itself_has_no_derivative(f: str) -> None:
    with pytest.raises(mdderive.UnsupportedError) as caught:
        mdderive.derive(f, "x_i")
    assert caught.value.code == "E308"
    assert caught.value.span is not None
    assert "the sum over j has a term with" in caught.value.message


def test_the_hint_leads_to_an_answer() -> None:
    assert mdderive.derive(r"\sum_{i,j}\sqrt{\|x_i-x_j\|^2+\epsilon}", "x_i")
