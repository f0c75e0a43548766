"""Maxima, minima and products over an index."""

from __future__ import annotations

import numpy as np
import pytest

from mdderive import derive
from mdderive.errors import DeriveError

ANSWERS = [
    (r"\max_i(a_i^Tx+b_i)", "x", r"a_{i^\ast}"),
    (r"\max_{1\le i\le m}(a_i^Tx+b_i)", "x", r"a_{i^\ast}"),
    (r"\min_k\|x-\mu_k\|^2", "x", r"2(x-\mu_{k^\ast})"),
    (r"\sum_n\min_k\|x_n-\mu_k\|^2", "x_n", r"2(x_n-\mu_{k_n^\ast})"),
    (r"\sum_n\min_k\|x_n-\mu_k\|^2", r"\mu_k", r"-2\sum_{n:k_n^\ast=k} (x_n-\mu_k)"),
    (r"\max_i|a_i^Tx-b_i|", "x", r"\operatorname{sgn}({a_{i^\ast}}^\top x-b_{i^\ast})a_{i^\ast}"),
    (r"\max_ix_i", "x", r"\operatorname{argmax}(x)"),
    (r"\prod_{i=1}^n(a_i^Tx+b_i)", "x",
     r"\left(\prod_{i=1}^n (a_i^\top x+b_i)\right)\sum_{i=1}^n \frac{a_i}{a_i^\top x+b_i}"),
    (r"\left(\prod_{i=1}^nx_i\right)^{1/n}", "x",
     r"\frac{\left(\prod_i x_i\right)^{\frac{1}{n}}}{n}(\mathbf{1} \oslash x)"),
    # over two indices
    (r"\max_{i,j}(a_i^Tx+b_j)", "x", r"a_{i^\ast}"),
    (r"\max_i\min_j a_{ij}^Tx", "x", r"a_{i^\ast j^\ast}"),
    (r"\max_i\max_jX_{ij}", "X",
     r"\operatorname{vec}^{-1}\left(\operatorname{argmax}\bigl(\operatorname{vec}(X)\bigr)\right)"),
    (r"\prod_ix_i", "x_k", r"\frac{\prod_i x_i}{x_k}"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "variable", "answer"), ANSWERS)
def test_the_answer(f: str, variable: str, answer: str) -> None:
    found = derive(f, variable)
    assert str(found.gradient) == answer
    assert "E4" not in found.to_markdown()


def test_the_likelihood_of_a_sample_is_maximised() -> None:
    found = derive(r"\ln\prod_{i=1}^np^{x_i}(1-p)^{1-x_i}", "p", where=["solve"])
    assert str(found.solution) == r"\frac{1}{n}\sum_{i=1}^n x_i"


def test_what_the_star_means_is_said_in_both_languages() -> None:
    found = derive(r"\max_i(a_i^Tx+b_i)", "x")
    assert r"$i^\ast$ is the index at which the maximum is attained" in found.to_markdown("en")
    assert r"$i^\ast$ 是取到最大值的指标" in found.to_markdown("zh")
    assert "where one index alone attains the maximum" in found.to_markdown("en")


def test_every_star_is_explained() -> None:
    told = derive(r"\max_i\min_j a_{ij}^Tx", "x").to_markdown("en")
    assert r"$i^\ast$ is the index at which the maximum" in told
    assert r"$j^\ast$ is the index at which the minimum" in told


def test_its_source_takes_the_member_that_attains_it() -> None:
    space: dict[str, object] = {}
    exec(derive(r"\max_i(a_i^Tx+b_i)", "x").to_python(), space)
    rng = np.random.default_rng(3)
    a, b, x = rng.standard_normal((5, 3, 1)), rng.standard_normal(5), rng.standard_normal((3, 1))
    place = int(np.argmax(a[:, :, 0] @ x[:, 0] + b))
    np.testing.assert_allclose(space["gradient"](a=a, b=b, x=x), a[place])  # type: ignore[operator]


REFUSED = [
    (r"\max_i a_i^Tx+b_i", "x", r"it is not clear how far this \max reaches"),
    (r"\max_wx^Tw", "x", "a maximum over an index or a set is not supported"),
    (r"\max_{i\in S}a_i^Tx", "x", r"\max over some of the indices is not supported"),
    (r"\max_i(a_i^Tx)+\max_i(c_i^Tx)", "x", "two maxima or minima go over the index i"),
    (r"\prod_{i<j}(x_i-x_j)", "x", r"\prod over some of the indices is not supported"),
]


@pytest.mark.parametrize(("f", "variable", "message"), REFUSED)
def test_what_is_not_read_is_refused_by_name(f: str, variable: str, message: str) -> None:
    with pytest.raises(DeriveError) as caught:
        derive(f, variable)
    assert caught.value.message == message
