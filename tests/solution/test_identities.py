"""Every identity as the equation that it is: left and right have the same values at random points."""

from __future__ import annotations

import numpy as np
import pytest

from mdderive.checking.subject import subject
from mdderive.question.question import read_formula
from mdderive.solution.identities import IDENTITIES, Identity


@pytest.mark.parametrize("identity", [pytest.param(x, id=f"{x.name}: {x.left}") for x in IDENTITIES])
def test_left_is_right(identity: Identity) -> None:
    left, right = read_formula(identity.left, identity.where, right=identity.right)
    assert left is not right and left.shape == right.shape
    points = subject(left, ())
    np.testing.assert_allclose(*np.broadcast_arrays(points.value(left), points.value(right)), rtol=1e-8, atol=1e-9)
