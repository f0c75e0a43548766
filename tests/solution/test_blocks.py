"""Kronecker products of two matrices: gradients by sums over blocks, or without blocks where there is such a form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mdderive

RNG = np.random.default_rng(3)
GRADIENTS = [
    (r"\|G-B\otimes X\|_F^2", "X", (),
     r"2\left(\lVert B\rVert_F^2X-\sum_{i,j} B_{ij}\thinspace G_{[ij]}\right)"),
    (r"\|G-X\otimes B\|_F^2", "X", (),
     r"2\left(\lVert B\rVert_F^2X-\Bigl(\operatorname{tr}\bigl(B^\top\thinspace G_{[ij]}\bigr)\Bigr)_{ij}\right)"),
    (r"a^T(X\otimes B)b", "X", (), r"\operatorname{vec}^{-1}(a)^\top B\operatorname{vec}^{-1}(b)"),
    (r"a^T(X\otimes B)b", "B", (), r"\operatorname{vec}^{-1}(a)X\operatorname{vec}^{-1}(b)^\top"),
    (r"y^T(A\otimes B)^{-1}y", "A", (),
     r"-A^{-\top}\operatorname{vec}^{-1}(y)^\top B^{-1}\operatorname{vec}^{-1}(y)A^{-\top}"),
    (r"\log\det(A\otimes X+C)", "X", (), r"\sum_{i,j} A_{ij}\thinspace \bigl((A \otimes X+C)^{-\top}\bigr)_{[ij]}"),
    (r"\frac12y^T(K\otimes S)^{-1}y+\frac12\log\det(K\otimes S)", "K", ("K, S: SPD",),
     r"\frac{n}{2}K^{-1}-\frac{1}{2}K^{-1}\operatorname{vec}^{-1}(y)^\top S^{-1}\operatorname{vec}^{-1}(y)K^{-1}"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "x", "where", "gradient"), GRADIENTS, ids=[x[0] for x in GRADIENTS])
def test_the_gradient(f: str, x: str, where: tuple[str, ...], gradient: str) -> None:
    found = mdderive.derive(f, x, where=where)
    assert isinstance(found, mdderive.Derivation)
    assert str(found.gradient) == gradient
    assert found.check.exact


def test_the_exported_blocks_are_those_of_the_product() -> None:
    found = mdderive.derive(r"\|G-B\otimes X\|_F^2", "X")
    assert isinstance(found, mdderive.Derivation)
    b, x, g = RNG.normal(size=(2, 3)), RNG.normal(size=(4, 2)), RNG.normal(size=(8, 6))
    space: dict[str, Any] = {}
    exec(found.to_python(), space)
    wanted = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        step = np.zeros_like(x)
        step[place] = 1
        wanted[place] = -2 * np.sum((g - np.kron(b, x)) * np.kron(b, step))
    np.testing.assert_allclose(space["gradient"](G=g, B=b, X=x), wanted)


def test_the_blocks_are_explained() -> None:
    found = mdderive.derive(r"\|G-B\otimes X\|_F^2", "X")
    assert isinstance(found, mdderive.Derivation)
    assert "is the block of $G$ in the place of" in found.to_markdown()
    assert r"这里 $G_{[ij]}$ 是" in found.to_markdown(lang="zh")
