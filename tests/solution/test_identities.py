"""Every identity as the equation that it is: left and right have the same values at random points."""

from __future__ import annotations

import numpy as np
import pytest

from mdderive.algebra.expressions import Apply, walk
from mdderive.checking.subject import subject
from mdderive.question.question import read_formula
from mdderive.solution.identities import IDENTITIES, Identity, asked_by_all


@pytest.mark.parametrize("identity", [pytest.param(x, id=f"{x.name}: {x.left}") for x in IDENTITIES])
def test_left_is_right(identity: Identity) -> None:
    left, right = read_formula(identity.left, identity.where, right=identity.right)
    assert left is not right and left.shape == right.shape
    points = subject(left, ())
    np.testing.assert_allclose(*np.broadcast_arrays(points.value(left), points.value(right)), rtol=1e-8, atol=1e-9)


def test_what_an_identity_asks_for_its_left_side_has() -> None:
    """Else it would be passed over where it holds, as only those are read of which all words are met."""
    for identity, words in asked_by_all():
        left, _ = read_formula(identity.left, identity.where, right=identity.right)
        has = {x.operator.name for x in walk(left) if isinstance(x, Apply)}
        assert words <= has.union(*(x.properties for x in left.symbols)), identity.name
        everyday = {"identity matrix", "ones", "product", "quotient", "sum", "transpose"}
        assert has <= words | everyday, f"{identity.name} is read for formulas without {has - words - everyday}"
        assert words - {"product", "transpose", "trace"}, f"{identity.name} is read for almost every formula"
