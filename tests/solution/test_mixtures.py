r"""Mixtures: gradients of `\sum_n\log\sum_k` by members of the components are written with responsibilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mdderive

MIXTURE = r"\sum_n\log\sum_k\pi_k|\Sigma_k|^{-1/2}\exp(-\frac12(x_n-\mu_k)^T\Sigma_k^{-1}(x_n-\mu_k))"
COVARIANCE = (
    r"\frac{1}{2}\Sigma_k^{-1}\left(\sum_n \gamma_{nk}(x_n-\mu_k)(x_n-\mu_k)^\top\right)\Sigma_k^{-1}"
    r"-\frac{1}{2}\left(\sum_n \gamma_{nk}\right)\Sigma_k^{-1}"
)
GRADIENTS = [
    (MIXTURE, r"\mu_k", r"\Sigma_k^{-1}\sum_n \gamma_{nk}(x_n-\mu_k)"),
    (MIXTURE, r"\mu_j", r"\Sigma_j^{-1}\sum_n \gamma_{nj}(x_n-\mu_j)"),
    (MIXTURE, r"\pi_k", r"\frac{1}{\pi_k}\sum_n \gamma_{nk}"),
    (MIXTURE, r"\Sigma_k", COVARIANCE),
    (r"\sum_{i=1}^N\log\sum_{k=1}^K\exp(w_k^Tx_i)", "w_k", r"\sum_{i=1}^N \gamma_{ik}x_i"),
    (r"\log\sum_k\exp(w_k^Tx)", "w_k", r"\gamma_kx"),
    (r"\sum_n\gamma_n\log\sum_k\exp(w_k^Tx_n)", "w_k", r"\sum_n r_{nk}\gamma_nx_n"),
]


def derived(f: str, x: str) -> mdderive.Derivation:
    where = [r"\Sigma_k: SPD"] if "Sigma" in f else []
    found = mdderive.derive(f, x, where=where)
    assert isinstance(found, mdderive.Derivation)
    assert found.check.ok
    return found


@pytest.mark.parametrize(("f", "x", "gradient"), GRADIENTS, ids=[f"{x[0]} {x[1]}" for x in GRADIENTS])
def test_the_gradient_is_written_with_responsibilities(f: str, x: str, gradient: str) -> None:
    assert str(derived(f, x).gradient) == gradient


def test_the_responsibilities_are_said() -> None:
    said = r"$\gamma_{nk} = \frac{\pi_k\lvert \Sigma_k\rvert^{-1/2}"
    assert said.split("=")[0] in derived(MIXTURE, r"\mu_k").to_markdown()


def test_what_is_no_mixture_has_no_responsibilities() -> None:
    assert r"\gamma" not in derived(r"\sum_i\log\sum_j\exp(-\|x_i-x_j\|^2)", "x_i").to_markdown()


def test_the_exported_gradient_is_that_of_the_likelihood() -> None:
    f = r"\sum_n\log\sum_k\pi_k\exp(-\frac12(x_n-\mu_k)^T\Lambda(x_n-\mu_k))"
    space: dict[str, Any] = {}
    exec(derived(f, r"\mu_k").to_python(), space)
    rng = np.random.default_rng(5)
    x, mu, weights, scale = rng.normal(size=(6, 2, 1)), rng.normal(size=(3, 2, 1)), np.array([0.2, 0.5, 0.3]), np.eye(2)
    apart = x[:, None] - mu
    shares = weights * np.exp(-0.5 * (apart**2).sum(axis=(2, 3)))
    shares /= shares.sum(axis=1, keepdims=True)
    found = space["gradient"](x=x, mu=mu, pi=weights.reshape(3, 1, 1), Lambda=scale)
    np.testing.assert_allclose(found, (shares[..., None, None] * apart).sum(0))
