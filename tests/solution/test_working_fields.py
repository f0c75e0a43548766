"""Gradients that statistics, machine learning and control ask for: each is derived, and is what the field prints."""

from __future__ import annotations

import pytest

from mdderive import derive

LOGISTIC = r"\sigma(t)=\frac{1}{1+e^{-t}}"
KL = r"\frac12\left(\operatorname{tr}(S^{-1}\Sigma)+(m-\mu)^TS^{-1}(m-\mu)-k+\log\frac{|S|}{|\Sigma|}\right)"
STUDENT = r"-\frac{\nu+p}{2}\log\left(1+\frac1\nu(x-\mu)^T\Sigma^{-1}(x-\mu)\right)-\frac12\log|\Sigma|"
WEIGHT = r"\frac{\nu+p}{\nu+(x-\mu)^T\Sigma^{-1}(x-\mu)}"
CELL = r"\tanh(\sigma(W_fx)\odot c+\sigma(W_ix)\odot\tanh(W_cx))"
MOMENTS = (r"\mu=\frac1n\sum_{i=1}^nx_i", r"v=\frac1n\sum_{i=1}^n(x_i-\mu)^2")

KNOWN = {
    "KL of Gaussians, covariance": (KL, r"\Sigma", [r"\Sigma: SPD", "S: SPD"], r"\frac12(S^{-1}-\Sigma^{-1})"),
    "KL of Gaussians, mean": (KL, r"\mu", [r"\Sigma: SPD", "S: SPD"], r"S^{-1}(\mu-m)"),
    "Wishart": (r"\frac{n-p-1}{2}\log|X|-\frac12\operatorname{tr}(V^{-1}X)", "X", ["X: SPD", "V: SPD"],
                r"\frac{n-p-1}{2}X^{-1}-\frac12V^{-1}"),
    "probabilistic PCA": (r"-\frac N2\left(\log|C|+\operatorname{tr}(C^{-1}S)\right)", "W",
                          ["S: symmetric", "N: scalar", r"C=WW^T+\sigma^2I"], r"N(C^{-1}SC^{-1}W-C^{-1}W)"),
    "LoRA, A": (r"\|(W+BA)x-y\|^2", "A", [], r"2B^T((W+BA)x-y)x^T"),
    "LoRA, B": (r"\|(W+BA)x-y\|^2", "B", [], r"2((W+BA)x-y)x^TA^T"),
    "determinantal point process": (r"\log\det(ALA^T)-\log\det(L+I)", "L", ["L: SPD"],
                                    r"A^T(ALA^T)^{-1}A-(L+I)^{-1}"),
    "canonical correlation": (r"\frac{a^TCb}{\sqrt{a^TAa}\sqrt{b^TBb}}", "a", ["A: SPD", "B: SPD"],
                              r"\frac{1}{\sqrt{a^TAa}\sqrt{b^TBb}}\left(Cb-\frac{a^TCb}{a^TAa}Aa\right)"),
    "Kalman gain": (r"\operatorname{tr}((I-KH)P(I-KH)^T+KRK^T)", "K", ["P: SPD", "R: SPD"],
                    r"2(K(HPH^T+R)-PH^T)"),
    "SVM dual": (r"\mathbf{1}^T\alpha-\frac12\alpha^T\operatorname{diag}(y)K\operatorname{diag}(y)\alpha", r"\alpha",
                 ["K: symmetric"], r"\mathbf{1}-y\odot(K(y\odot\alpha))"),
    "SwiGLU": (r"g^T((Wx)\odot\sigma(Wx)\odot(Vx))", "V", [LOGISTIC], r"(g\odot(Wx)\odot\sigma(Wx))x^T"),
    "LSTM cell": (rf"g^T(\sigma(W_ox)\odot{CELL})", "W_c", [LOGISTIC],
                  rf"(g\odot\sigma(W_ox)\odot(\mathbf{{1}}-{CELL}^{{\odot2}})\odot\sigma(W_ix)"
                  r"\odot(\mathbf{1}-\tanh(W_cx)^{\odot2}))x^T"),
    "Sinkhorn dual": (r"a^Tu+b^Tv-\epsilon\sum_{i,j}\exp\left(\frac{u_i+v_j-C_{ij}}{\epsilon}\right)", "u", [],
                      r"a-\exp\left(\frac{u\mathbf{1}^T+\mathbf{1}v^T-C}{\epsilon}\right)\mathbf{1}"),
    "Student t, location": (STUDENT, r"\mu", [r"\Sigma: SPD"], rf"{WEIGHT}\Sigma^{{-1}}(x-\mu)"),
    "Student t, scatter": (STUDENT, r"\Sigma", [r"\Sigma: SPD"],
                           rf"\frac12\left({WEIGHT}\Sigma^{{-1}}(x-\mu)(x-\mu)^T\Sigma^{{-1}}-\Sigma^{{-1}}\right)"),
    "RMSNorm": (r"g^T\frac{x}{\sqrt{\frac1nx^Tx+\epsilon}}", "x", [],
                r"\frac{g}{\sqrt{\frac1nx^Tx+\epsilon}}-\frac{g^Tx}{n(\frac1nx^Tx+\epsilon)^{3/2}}x"),
    "attention, values": (r"\operatorname{tr}(G^T\operatorname{softmax}(QK^T)V)", "V", ["softmax: rows"],
                          r"\operatorname{softmax}(QK^T)^TG"),
    "Gaussian process, noise": (r"\frac12y^T(K+sI)^{-1}y+\frac12\log|K+sI|", "s", ["K: SPD"],
                                r"\frac12\operatorname{tr}((K+sI)^{-1})-\frac12y^T(K+sI)^{-2}y"),
    "Fisher discriminant": (r"\frac{w^TAw}{w^TBw}", "w", ["A: symmetric", "B: SPD"],
                            r"\frac{2}{w^TBw}\left(Aw-\frac{w^TAw}{w^TBw}Bw\right)"),
    "nonnegative factorisation": (r"\sum_{i,j}\left((WH)_{ij}-X_{ij}\log(WH)_{ij}\right)", "W",
                                  ["X: positive", "W: positive", "H: positive"],
                                  r"(\mathbf{1}\mathbf{1}^T-X\oslash(WH))H^T"),
    "graphical lasso": (r"\log|\Theta|-\operatorname{tr}(S\Theta)-\rho\|\Theta\|_1", r"\Theta",
                        [r"\Theta: SPD", "S: symmetric"], r"\Theta^{-1}-S-\rho\operatorname{sign}(\Theta)"),
    "variational autoencoder": (r"\frac12\sum_i(\mu_i^2+\sigma_i^2-1-\log\sigma_i^2)", r"\sigma",
                                [r"\sigma: vector", r"\mu: vector"], r"\sigma-\mathbf{1}\oslash\sigma"),
    "batch norm": (r"\sum_ig_iy_i", "x", [*MOMENTS, r"\hat{x}_i=\frac{x_i-\mu}{\sqrt{v+\epsilon}}",
                                          r"y_i=\gamma\hat{x}_i+\beta"],
                   r"\frac{\gamma}{n\sqrt{v+\epsilon}}(ng-\mathbf{1}\mathbf{1}^Tg-\hat{x}\hat{x}^Tg)"),
    "layer norm": (r"g^T\frac{x-\mu}{\sqrt{v+\epsilon}}", "x", [*MOMENTS],
                   r"\frac{1}{\sqrt{v+\epsilon}}\left(g-\frac1n\mathbf{1}\mathbf{1}^Tg"
                   r"-\frac{1}{n(v+\epsilon)}(x-\mu\mathbf{1})(x-\mu\mathbf{1})^Tg\right)"),
}  # fmt: skip

PRINTED = {
    "logistic regression": (r"\sum_{i=1}^n\log(1+\exp(-y_iw^Tx_i))", "w", [],
                            r"-\sum_{i=1}^n y_i\sigma(-y_iw^\top x_i)x_i"),
    "Gaussian mixture": (r"\sum_n\log\sum_k\pi_k\exp(-\frac12(x_n-\mu_k)^T\Lambda(x_n-\mu_k))", r"\mu_k",
                         [r"\Lambda: SPD"], r"\Lambda\sum_n \gamma_{nk}(x_n-\mu_k)"),
    "Cox": (r"\sum_{i=1}^n\delta_i\left(\beta^Tx_i-\log\sum_{j\in R_i}e^{\beta^Tx_j}\right)", r"\beta", [],
            r"\sum_{i=1}^n \delta_i\left(x_i-\frac{\sum_{j\in R_i} \exp(\beta^\top x_j)x_j}"
            r"{\sum_{j\in R_i} \exp(\beta^\top x_j)}\right)"),
    "Huber by cases": (r"\begin{cases}\frac12\|r\|^2&\|r\|\le\delta\\\delta\|r\|-\frac12\delta^2&\text{otherwise}"
                       r"\end{cases}", "r", ["r: vector", r"\delta: scalar"],
                       r"\left(\begin{cases} 1 & \lVert r\rVert \le \delta \cr \frac{\delta}{\lVert r\rVert} & "
                       r"\lVert r\rVert \gt \delta \end{cases}\right)r"),
    "back-propagation through time": (
        r"\sum_{t=1}^2\|y_t-Vh_t\|^2", "W", [r"h_t=\tanh(Wh_{t-1}+Ux_t)"],
        r"\left(\frac{\partial f}{\partial h_2} \odot (\mathbf{1}-h_2^{\odot 2})\right)h_1^\top"
        r"+\left(\frac{\partial f}{\partial h_1} \odot (\mathbf{1}-h_1^{\odot 2})\right)h_0^\top"),
    "contrastive loss": (r"-\log\frac{\exp(q^Tk_0/\tau)}{\sum_{i=0}^K\exp(q^Tk_i/\tau)}", "q", [],
                         r"\frac{1}{\tau}\left(\frac{\sum_{i=0}^K \exp\left(\frac{q^\top k_i}{\tau}\right)k_i}"
                         r"{\sum_{i=0}^K \exp\left(\frac{q^\top k_i}{\tau}\right)}-k_0\right)"),
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_the_derivative_is_what_the_field_prints(name: str) -> None:
    """A stated derivative that does not hold is an error."""
    f, variable, where, claim = KNOWN[name]
    assert derive(f, variable, where=[*where, f"= {claim}"]).check.exact


@pytest.mark.parametrize("name", PRINTED)
def test_the_derivative_reads_as_the_field_prints_it(name: str) -> None:
    f, variable, where, answer = PRINTED[name]
    found = derive(f, variable, where=where)
    assert str(found.gradient) == answer
    assert found.check.exact
