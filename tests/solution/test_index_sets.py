r"""Sums over some of the indices: pairs in a set, the neighbours of an index, those before another one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mdderive import derive
from mdderive.errors import DeriveError

ANSWERS = [
    (r"\sum_{(i,j)\in\Omega}(M_{ij}-u_i^Tv_j)^2", "u_i", (), r"-2\sum_{j:(i,j)\in \Omega} (M_{ij}-u_i^\top v_j)v_j"),
    (r"\sum_{(i,j)\in\Omega}(M_{ij}-u_i^Tv_j)^2", "v_k", (), r"-2\sum_{i:(i,k)\in \Omega} (M_{ik}-u_i^\top v_k)u_i"),
    (r"\sum_{j\in\Omega_i}(r_{ij}-u_i^Tv_j)^2", "u_i", (), r"-2\sum_{j\in \Omega_i} (r_{ij}-u_i^\top v_j)v_j"),
    (r"\sum_k\sum_{i\in C_k}\|x_i-\mu_k\|^2", r"\mu_k", (), r"-2\sum_{i\in C_k} (x_i-\mu_k)"),
    (r"\sum_i\sum_{j\ne i}\|x_i-x_j\|", "x_i", (), r"2\sum_{j\ne i} \frac{x_i-x_j}{\lVert x_i-x_j\rVert}"),
    (r"\sum_{i<j}\|x_i-x_j\|^2", "x_k", (), r"2\sum_{j\ne k} (x_k-x_j)"),
    (r"\sum_{i=1}^{n-1}\sum_{j=i+1}^n(x_i-x_j)^2", "x_k", (), r"2\sum_{j\ne k} (x_k-x_j)"),
    (r"\sum_{i<j}J_{ij}s_is_j", "s", (), r"\sum_{j>i} J_{ij}s_j+\sum_{j<i} J_{ji}s_j"),
    (r"\sum_{i=1}^n\sum_{j=1}^ia_{ij}x_j", "x_k", (), r"\sum_{i\ge k} a_{ik}"),
    (r"\sum_i\sum_{j\in\mathcal{N}(i)}(x_i-x_j)^2", "x_i", (),
     r"2\sum_{j\in \mathcal{N}(i)} (x_i-x_j)+2\sum_{j:i\in \mathcal{N}(j)} (x_i-x_j)"),
    (r"\sum_{i=1}^n\delta_i\left(\beta^Tx_i-\log\sum_{j\in R_i}e^{\beta^Tx_j}\right)", r"\beta", (),
     r"\sum_{i=1}^n \delta_i\left(x_i-\frac{\sum_{j\in R_i} \exp(\beta^\top x_j)x_j}"
     r"{\sum_{j\in R_i} \exp(\beta^\top x_j)}\right)"),
    (r"\frac{1}{|S|}\sum_{i\in S}(y_i-w^Tx_i)^2", "w", (),
     r"-\frac{2\sum_{i\in S} (y_i-w^\top x_i)x_i}{\lvert S\rvert}"),
    # rows and columns, and the numbers of a set as a matrix
    (r"\sum_{(i,j)\in\Omega}(M_{ij}-(UV^T)_{ij})^2", "U", (), r"-2\bigl(\Omega \odot (M-UV^\top)\bigr)V"),
    (r"\sum_{(i,j)\in\Omega}(M_{ij}-u_i^Tv_j)^2", "U", (r"u_i := U_{i\cdot}^\top", r"v_j := V_{j\cdot}^\top"),
     r"-2\bigl(\Omega \odot (M-UV^\top)\bigr)V"),
    (r"\sum_{(i,j)\in\Omega}(M_{ij}-u_i^Tv_j)^2", "U", (r"u_i := U_{\cdot i}", r"v_j := V_{\cdot j}"),
     r"-2V\bigl(\Omega \odot (M-U^\top V)\bigr)^\top"),
    (r"\frac12\sum_{(i,j)\in\Omega}(M_{ij}-u_iv_j^T)^2+\frac\lambda2(\|U\|_F^2+\|V\|_F^2)", "U", (),
     r"\lambda U-\bigl(\Omega \odot (M-UV^\top)\bigr)V"),
    (r"\sum_{i,j} C_{ij} \circ (X_{ij} - W_{i.}H_{j.}^T)^2", "W", (), r"-2\bigl(C \odot (X-WH^\top)\bigr)H"),
    (r"\sum_{i,j} C_{ij}(X_{ij} - W_{i,:}H_{:,j})^2", "H", (), r"-2W^\top\bigl(C \odot (X-WH)\bigr)"),
    (r"\sum_{i\in S}(y_i-X_{i\cdot}w)^2", "w", (), r"-2X^\top\bigl(S \odot (y-Xw)\bigr)"),
    (r"\sum_i\|W_{i\cdot}\|_2", "W", (), r"\operatorname{diag}\left(\sqrt{W^{\odot 2}\mathbf{1}}\right)^{-1}W"),
    (r"\sum_i\|X_{i:}^T-\mu\|^2", r"\mu", (), r"-2(X-\mathbf{1}\mu^\top)^\top\mathbf{1}"),
    (r"\log\det\sum_{i=1}^n b_i X_{i\cdot}^TX_{i\cdot}", "X", (),
     r"2\operatorname{diag}(b)X\bigl(X^\top\operatorname{diag}(b)X\bigr)^{-1}"),
    (r"\|\sum_{j=1}^n a_jW_{\cdot j}\|^2", "W", (), r"2Waa^\top"),
    (r"(y-X_{k\cdot}\beta)^2", r"\beta", (), r"-2(y-e_k^\top X\beta)X^\top e_k"),
    (r"\sum_{(i,j)\in\Omega}\theta_{ij}^2", r"\theta_{ij}", (), r"2\lbrack (i,j)\in \Omega\rbrack\theta_{ij}"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "variable", "where", "answer"), ANSWERS)
def test_the_answer_goes_over_what_is_left_of_the_indices(
    f: str, variable: str, where: tuple[str], answer: str
) -> None:
    found = derive(f, variable, where=where)
    assert str(found.gradient) == answer
    assert found.check.exact


BY_COMPONENTS = [
    (r"\sum_{i=1}^N\sum_{j=1}^D G_{ij}\left(\gamma_j\frac{X_{ij}-\mu_j}{\sqrt{\sigma_j^2+\epsilon}}+\beta_j\right)",
     "X",
     (r"\mu_j=\frac1N\sum_{i=1}^NX_{ij}", r"\sigma_j^2=\frac1N\sum_{i=1}^N(X_{ij}-\mu_j)^2"),
     r"G\operatorname{diag}\left(\gamma \oslash \sqrt{\sigma^2+\epsilon\mathbf{1}}\right)"
     r"+\frac{1}{N}\left(2(X-\mathbf{1}\mu^\top)\operatorname{diag}\left(\frac{\partial f}{\partial \sigma^2}\right)"
     r"+\mathbf{1}\left(\frac{\partial f}{\partial \mu}\right)^\top\right)"),
    (r"\sum_ig_iy_i", "x",
     (r"\mu=\frac1n\sum_{i=1}^nx_i", r"v=\frac1n\sum_{i=1}^n(x_i-\mu)^2",
      r"y_i=\gamma\frac{x_i-\mu}{\sqrt{v+\epsilon}}+\beta"),
     None),
    (r"\sum_ig_iy_i", "x",
     (r"\mu=\frac1n\sum_{i=1}^nx_i", r"v=\frac1n\sum_{i=1}^n(x_i-\mu)^2",
      r"\hat{x}_i=\frac{x_i-\mu}{\sqrt{v+\epsilon}}", r"y_i=\gamma\hat{x}_i+\beta"),
     r"\frac{\gamma}{\sqrt{v+\epsilon}}\left(g-\frac{(g^\top\hat{x})\hat{x}+(g^\top\mathbf{1})\mathbf{1}}{n}\right)"),
    # a number that is defined is taken from every entry
    (r"g^T\hat{x}", "x", (r"\mu=\frac1n\sum_{i=1}^nx_i", r"\hat{x}=x-\mu"),
     r"g-\frac{(g^\top\mathbf{1})\mathbf{1}}{n}"),
    (r"\sum_i\sum_jC_{ij}Z_{ij}", "X", ("Z_{ij}=A_{ij}X_{ij}^2",), r"2C \odot A \odot X"),
    (r"\sum_ic_ip_i", "z", (r"p_i=\frac{e^{z_i}}{\sum_je^{z_j}}",), r"c \odot p-(c^\top p)p"),
    # members that are columns are no entries
    (r"\sum_{i=1}^n\|a_i\|^2", "W", ("a_i=Wx_i",), r"2W\sum_{i=1}^n x_ix_i^\top"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "variable", "where", "answer"), BY_COMPONENTS)
def test_a_definition_of_all_entries_is_that_of_the_whole(
    f: str, variable: str, where: tuple[str], answer: str | None
) -> None:
    found = derive(f, variable, where=where)
    assert answer is None or str(found.gradient) == answer
    assert found.check.exact
    assert "Define $" in found.to_markdown() or "a_i" in f


@pytest.mark.parametrize(("f", "variable", "wish", "answer"), [
    (r"\log\det\left(\sum_{i=1}^n b_i\vec{x}_i\vec{x}_i^T\right)", "b", "hessian",
     r"-\left(X\bigl(X^\top\operatorname{diag}(b)X\bigr)^{-1}X^\top\right)^{\odot 2}"),
    (r"\sum_{k=1}^KN_k\ln\pi_k+\lambda\left(\sum_{k=1}^K\pi_k-1\right)", r"\pi, \lambda", "solve",
     r"\frac{N}{\mathbf{1}^\top N}"),
    (r"\|y-\sum_{i=1}^n\beta_ix_i\|^2", r"\beta", "solve", r"(XX^\top)^{-1}Xy"),
])  # fmt: skip
def test_members_together_are_whole_letters_where_more_than_a_gradient_is_wished_for(
    f: str, variable: str, wish: str, answer: str
) -> None:
    found = derive(f, variable, where=[wish])
    first = found[0] if isinstance(found, tuple) else found
    assert str(first.solution if wish == "solve" else first.gradient) == answer
    assert ("Write $" in first.to_markdown()) == ("x" in f)


@pytest.mark.parametrize(("f", "variable"), [
    (r"\sum_{(i,j)\in\Omega}(M_{ij}-u_i^Tv_j)^2", "U"),
    (r"\sum_{i=1}^n(y_i-x_i^T\beta)^2+\|X\|_F^2", "X"),
])  # fmt: skip
def test_members_that_may_be_rows_or_columns_are_asked_about(f: str, variable: str) -> None:
    with pytest.raises(DeriveError, match="may be a row or column of") as caught:
        derive(f, variable)
    assert caught.value.hint is not None
    for clauses in (x.split("]")[0].split("; ") for x in caught.value.hint.split("[")[1:]):
        assert derive(f, variable, where=clauses).check.exact


def test_one_step_of_alternating_least_squares() -> None:
    found = derive(r"\sum_{j:(i,j)\in\Omega}(r_{ij}-u_i^Tv_j)^2+\lambda\|u_i\|^2", "u_i", where=["solve"])
    assert str(found.solution) == (
        r"\left(\lambda I+\sum_{j:(i,j)\in \Omega} v_jv_j^\top\right)^{-1}\sum_{j:(i,j)\in \Omega} r_{ij}v_j"
    )


def test_the_mean_of_a_set() -> None:
    found = derive(r"\sum_{i\in S}(x_i-\mu)^2", r"\mu", where=["solve"])
    assert str(found.solution) == r"\frac{\sum_{i\in S} x_i}{\lvert S\rvert}"


def test_what_a_set_leaves_out_need_not_be_a_number() -> None:
    found = derive(r"\sum_{(i,j)\in\Omega}(M_{ij}-u_i^Tv_j)^2", "u_i")
    space: dict[str, object] = {}
    exec(found.to_python(), space)
    rng = np.random.default_rng(1)
    u, v, known = rng.standard_normal((3, 2, 1)), rng.standard_normal((4, 2, 1)), rng.random((3, 4)) < 0.5
    values = np.where(known, rng.standard_normal((3, 4)), np.nan)
    residuals = np.where(known, np.nan_to_num(values) - u[:, :, 0] @ v[:, :, 0].T, 0)
    value = space["gradient"](M=values, u=u, v=v, Omega=known)  # type: ignore[operator]
    np.testing.assert_allclose(value[:, :, 0], -2 * residuals @ v[:, :, 0])


REFUSED = [
    (r"\log\sum_{j\ne i}e^{x_i^Tx_j}", "x_i", "the index i is bound by no sum"),
    (r"\sum_{i\in S}S_{ij}x_j", "x", "S is a set of indices and a letter"),
    (r"\sum_{i:y_i=k+1}w^Tx_i", "w", "this condition on an index is not supported"),
    (r"\sum_{i\in S\cup T}w^Tx_i", "w", r"\cup: this sign is not supported"),
    (r"\sum_{i\in\{1,2\}}w^Tx_i", "w", "this set of indices is not supported"),
]


@pytest.mark.parametrize(("f", "variable", "message"), REFUSED)
def test_what_is_not_read_is_refused_by_name(f: str, variable: str, message: str) -> None:
    with pytest.raises(DeriveError) as caught:
        derive(f, variable)
    assert caught.value.message == message


def test_the_source_of_batch_norm_computes_its_means_and_variances() -> None:
    f, variable, where, _ = BY_COMPONENTS[0]
    space: dict[str, Any] = {}
    exec(derive(f, variable, where=where).to_python(), space)
    rng = np.random.default_rng(2)
    weights, x, direction = rng.standard_normal((3, 5, 3))
    scale, shift = rng.standard_normal((2, 3, 1))

    def loss(at: Any) -> Any:
        return np.sum(weights * (scale.T * (at - at.mean(0)) / np.sqrt(at.var(0) + 0.1) + shift.T))

    found = space["gradient"](G=weights, gamma=scale, X=x, epsilon=0.1, beta=shift)
    step = 1e-6 * direction
    np.testing.assert_allclose(np.sum(found * direction), (loss(x + step) - loss(x - step)) / 2e-6, rtol=1e-6)
