"""Sums that begin and end elsewhere than at 1 and n, and roots of squares: the gradient against plain numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

import mdderive
from mdderive.algebra.expressions import Apply, to_latex, walk
from mdderive.algebra.operators import table
from mdderive.question.question import read_question
from mdderive.solution import reasons

Truth = Callable[[Any, Any], Any]
FIVE = np.arange(1.0, 11.0).reshape(5, 2, 1)
"""Members a_i from the first that is counted, 1 or 0."""
SUMS: list[tuple[str, Truth]] = [
    (r"\sum_{i=2}^{N} a_i^Tx", lambda a, x: a[1:].sum(0)),
    (r"\sum_{i=2}^{N} i\,a_i^Tx", lambda a, x: sum((k + 1) * a[k] for k in range(1, 5))),
    (r"\sum_{i=1}^{N} a_i^Tx+\sum_{j=3}^{N} a_j^Tx", lambda a, x: a.sum(0) + a[2:].sum(0)),
    (r"\sum_{i=0}^{N} a_i^Tx", lambda a, x: a.sum(0)),
    (r"\sum_{i=0}^{N} i\,a_i^Tx", lambda a, x: sum(k * a[k] for k in range(5))),
    (r"\sum_{i=1}^{3} a_i^Tx", lambda a, x: a[:3].sum(0)),
    (r"\sum_{i=2}^{4} (a_i^Tx)^2", lambda a, x: sum(2 * (k.T @ x) * k for k in a[1:4])),
    (r"\sum_{i=0}^{3} i(a_i^Tx)^2", lambda a, x: sum(2 * k * (a[k].T @ x) * a[k] for k in range(4))),
    (r"\sum_{i=0}^{N} (a_i^Tx)^2", lambda a, x: sum(2 * (k.T @ x) * k for k in a)),
]


def derived(f: str, variable: str = "x", *where: str) -> mdderive.Derivation:
    found = mdderive.derive(f, variable, where=where)
    assert isinstance(found, mdderive.Derivation)
    assert found.check.ok
    return found


def exported(found: mdderive.Derivation, **arguments: Any) -> Any:
    space: dict[str, Any] = {}
    exec(found.to_python(), space)
    return space["gradient"](**arguments)


@pytest.mark.parametrize(("f", "truth"), SUMS, ids=[x[0] for x in SUMS])
def test_a_sum_runs_from_where_it_says_to_where_it_says(f: str, truth: Truth) -> None:
    x = np.array([[0.5], [-2.0]])
    np.testing.assert_allclose(exported(derived(f), a=FIVE, x=x), truth(FIVE, x))


def test_members_counted_from_0_and_from_1_are_no_array() -> None:
    with pytest.raises(mdderive.DeriveError) as caught:
        derived(r"\sum_{i=0}^{N} i\,a_i^Tx + \sum_{j=1}^{N} (a_j^Tx)^2").to_python()
    assert caught.value.code == "E320"


@pytest.mark.parametrize(
    ("f", "gradient"),
    [
        (r"\sum_{i=0}^{N} i\,b^Tx", r"\left(\sum_{i=0}^N i\right)b"),
        (r"\sum_{i=2}^{N} i\,b^Tx", r"\left(\sum_{i=2}^N i\right)b"),
        (r"\sum_{i=2}^{5} i\,b^Tx", r"\left(\sum_{i=2}^5 i\right)b"),
    ],
)
def test_the_index_counts_from_where_the_sum_begins(f: str, gradient: str) -> None:
    assert str(derived(f).gradient) == gradient


def test_the_root_of_a_square_keeps_its_sign() -> None:
    found = derived(r"\sqrt{(a^Tx)^2}")
    a = np.array([[1.0], [2.0]])
    for x in (np.array([[1.0], [1.0]]), np.array([[-1.0], [-1.0]])):
        np.testing.assert_allclose(exported(found, a=a, x=x), np.sign(a.T @ x) * a)


def test_a_property_does_not_hold_while_its_letter_moves() -> None:
    """A symmetric X moves in all directions unless the structure is asked for, so tr(X^T A) is not tr(XA) then."""
    assert str(derived(r"\operatorname{tr}(X^TA)", "X", "X: symmetric").gradient) == "A"
    assert str(derived(r"\operatorname{tr}(XA)", "X", "X: symmetric").gradient) == r"A^\top"
    assert str(derived(r"\operatorname{tr}(X^TX A)", "X", "X: orthogonal").gradient) == r"X(A+A^\top)"
    structured = derived(r"\operatorname{tr}(X^TA)", "X", "X: symmetric", "structured")
    assert str(structured.gradient) == r"A+A^\top-A \odot I"


@pytest.mark.parametrize("claim", [r"= A^\top", r"= \frac12(A+A^\top)"])
def test_a_claim_that_uses_the_property_while_the_letter_moves_is_wrong(claim: str) -> None:
    with pytest.raises(mdderive.DeriveError) as caught:
        mdderive.derive(r"\operatorname{tr}(X^TA)", "X", where=["X: symmetric", claim])
    assert caught.value.code == "E410"


def test_a_root_of_a_sum_of_powers_is_decided_where_only_floats_can() -> None:
    found = derived(r"\left(\sum_i a_ix_i^{\rho}\right)^{1/\rho}", "x_i")
    assert str(found.gradient) == r"\left(\sum_j a_jx_j^{\rho}\right)^{\frac{1}{\rho}-1}a_ix_i^{\rho-1}"


BEFORE_THE_LAST = [
    (r"\sum_{i=1}^{n-1}(y_i-w^Tx_i)^2", "w", r"-2\sum_{i=1}^{n-1} (y_i-w^\top x_i)x_i"),
    (r"\sum_{t=0}^{T-1}(x_t^TQx_t+u_t^TRu_t)+x_T^TQ_fx_T", "R", r"\sum_{t=0}^{T-1} u_tu_t^\top"),
    (r"\sum_{i=1}^{n-1}(c+w^Tw)", "w", "2(n-1)w"),
    (r"\sum_{t=0}^{T-1}c", "c", "T"),
    (r"\sum_{i=1}^{N-1}i\,w^Tx_i", "w", r"\sum_{i=1}^{N-1} ix_i"),
    (r"\sum_{i=1}^n\sum_{j=1}^ix^j", "x", r"\sum_{i=1}^n \sum_{j=1}^i jx^{j-1}"),
]
"""Sums up to one less than a letter, or up to another index: written as they stand there."""


@pytest.mark.parametrize(("f", "variable", "gradient"), BEFORE_THE_LAST, ids=[x[0] for x in BEFORE_THE_LAST])
def test_a_sum_may_end_before_the_last(f: str, variable: str, gradient: str) -> None:
    assert str(derived(f, variable).gradient) == gradient


def test_all_members_of_such_a_sum_are_no_variable() -> None:
    """There may be one more of them than the sum takes; one of those that it takes is asked for by its index."""
    with pytest.raises(mdderive.DeriveError) as caught:
        derived(r"\sum_{i=1}^{n-1}x_i^2", "x")
    assert caught.value.code == "E134"
    assert str(derived(r"\sum_{t=0}^{T-1}u_t^TRu_t", "u_t").gradient) == r"(R+R^\top)u_t"


def test_whether_there_is_a_last_member_is_not_guessed_in_an_export() -> None:
    with pytest.raises(mdderive.DeriveError) as caught:
        derived(r"\sum_{t=0}^{T-1}(y_t-w^Tx_t)^2", "w").to_python()
    assert caught.value.code == "E320"


def test_a_row_is_written_out_to_count_its_sums_where_there_may_be_one() -> None:
    """Both rows of each derivation were written out; whatever is written with a sum binds like one, in every row."""
    read = [read_question(*row.example, row.where, open_steps=True).f for row in table() if row.example]
    rows = [x for f in read for x in (f, *(y for y in walk(f) if isinstance(y, Apply)))]
    with patch.object(reasons, "to_latex", wraps=to_latex) as written:
        counted = [reasons.sums_of(x) for x in rows]
    assert counted == [to_latex(x).count(r"\sum") for x in rows]
    assert 0 < written.call_count < len(rows) / 4
