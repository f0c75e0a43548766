"""Questions as people ask them in public: read as their authors mean them, or asked about with a way that works."""

from __future__ import annotations

import pytest
from worked import assert_gradient

import mdderive

READ = [
    # mechanics: a point between a vector and a matrix contracts
    (r"\mathbf{v}\cdot\mathbf{D}\cdot\mathbf{v}", r"\mathbf{v}", [], r"(\mathbf{D}+\mathbf{D}^\top)\mathbf{v}"),
    (r"\mathbf{a}\cdot\mathbf{A}\cdot\mathbf{b}", r"\mathbf{A}", [], r"\mathbf{a}\mathbf{b}^\top"),
    (r"(\mathbf{n}\cdot\mathbf{T})\cdot\mathbf{a}", r"\mathbf{n}", [], r"\mathbf{T}\mathbf{a}"),
    (r"x^T\cdot A\cdot x", "x", [], r"(A+A^\top)x"),
    # control: two times with a bar between them
    (r"x_{k|k-1}^TAx_{k|k-1}", "x_{k|k-1}", [], r"(A+A^\top)x_{k\mid k-1}"),
    (
        r"\operatorname{tr}((I-KH)P_{k\mid k-1}(I-KH)^T+KRK^T)",
        "K",
        [],
        r"K(R+R^\top)-(I-KH)(P_{k\mid k-1}+P_{k\mid k-1}^\top)H^\top",
    ),
    # econometrics: the prime of an inverse
    (r"b'X^{-1'}a", "a", [], "X^{-1}b"),
    (r"\sum_{i}^{n}(y_i-\beta x_i)^2", r"\beta", [], r"-2\sum_{i=1}^n (y_i-\beta x_i)x_i"),
    # what depends on what
    (
        r"y^TK^{-1}y+\log|K|",
        r"\theta",
        [r"K=K(\theta)"],
        r"\operatorname{tr}\bigl(K(\theta)^{-1}K'(\theta)\bigr)-y^\top K(\theta)^{-1}K'(\theta)K(\theta)^{-1}y",
    ),
    (r"y^TS^{-1}y", r"\theta", [r"K=K(\theta)", "K: SPD", r"S=K+\sigma^2I"], r"-y^\top S^{-1}K'(\theta)S^{-1}y"),
    (
        r"\frac12\dot q^TM(q)\dot q",
        "q",
        ["M: matrix function"],
        r"\frac{1}{2}\bigl(\dot{q}^\top\thinspace \partial_kM(q)\thinspace \dot{q}\bigr)_k",
    ),
    # graphs
    (r"\frac12\sum_{i,j}W_{ij}(f_i-f_j)^2", "f", ["W: symmetric"], r"2\bigl(\operatorname{diag}(W\mathbf{1})-W\bigr)f"),
    (
        r"\sum_{i,j=1}^nA_{ij}(x_i-x_j)^2",
        "x",
        [],
        r"2\bigl(\operatorname{diag}(A\mathbf{1})+\operatorname{diag}(A^\top\mathbf{1})-(A+A^\top)\bigr)x",
    ),
    # the indices of one family are called so, compared, meet in a difference, or number the lines of a square matrix
    (r"\sum_{(u,i)\in E}(x_u-x_i)^2", "x_u", [], r"2\sum_{i:(u,i)\in E} (x_u-x_i)+2\sum_{i:(i,u)\in E} (x_u-x_i)"),
    (r"\sum_{u,i}R_{ui}b_ub_i", "b", ["R: symmetric"], "2Rb"),
    (r"\sum_{s,t}(y_{st}-a_sa_t)^2", "a_s", [], r"-2\sum_t a_t(y_{st}-2a_sa_t+y_{ts})"),
    # labels: the class of an observation is an index
    *(
        (
            f"-\\sum_{{i=1}}^m\\sum_{{k=1}}^{{K}}{one}\\log\\frac{{e^{{\\theta_k^Tx_i}}}}{{\\sum_{{j=1}}^Ke^{{\\theta_j^Tx_i}}}}",
            r"\theta_k",
            [],
            r"\sum_{i=1}^m \frac{\exp(\theta_k^\top x_i)x_i}{\sum_{j=1}^K \exp(\theta_j^\top x_i)}-\sum_{i:y_i=k} x_i",
        )
        for one in (r"1\{y_i=k\}", r"\mathbb{1}[y_i=k]", r"\mathbf 1_{y_i=k}", r"I(y_i=k)", "[y_i=k]")
    ),
    (
        r"\sum_{i=1}^n\sum_{j\ne y_i}\max(0,w_j^Tx_i-w_{y_i}^Tx_i+1)",
        "w_j",
        [],
        r"\sum_{i:y_i\ne j} \operatorname{step}\bigl((w_j-w_{y_i})^\top x_i+1\bigr)x_i"
        r"-\sum_{i:y_i=j} \left(\sum_{k\ne y_i} \operatorname{step}\bigl((w_k-w_j)^\top x_i+1\bigr)\right)x_i",
    ),
    (
        r"\sum_{j\ne y}\max(0,s_j-s_y+1)^2",
        "s",
        [],
        r"2\lbrack y\ne j\rbrack\operatorname{relu}(s_j-s_y+1)"
        r"-2\lbrack y=j\rbrack\sum_{k\ne y} \operatorname{relu}(s_k-s_j+1)",
    ),
    (
        r"\sum_{i=1}^N\log\sum_je^{w_j^Tx_i}-w_{y_i}^Tx_i",
        "w_j",
        [],
        r"\sum_{i=1}^N \gamma_{ij}x_i-\sum_{i:y_i=j} x_i",
    ),
    (r"-\log\frac{e^{f_{y_i}}}{\sum_je^{f_j}}", "f_j", [], r"\frac{\exp(f_j)}{\sum_r \exp(f_r)}-\lbrack y_i=j\rbrack"),
    (r"\frac12\sum_{i=1}^m\|x_i-c_{y_i}\|^2", "c_j", [], r"-\sum_{i:y_i=j} (x_i-c_j)"),
    (
        r"\sum_{i=1}^n\|x_i-\mu_{z_i}\|^2+\lambda\sum_k\|\mu_k\|^2",
        r"\mu_k",
        [],
        r"2\lambda\mu_k-2\sum_{i:z_i=k} (x_i-\mu_k)",
    ),
    # ... which leaves the range of its sum as it is, and picks an entry of a value
    (
        r"-\sum_{i=1}^m\sum_{k=1}^K1\{y_i=k\}\log\frac{\exp(\theta_k^Tx_i)}{\sum_j\exp(\theta_j^Tx_i)}",
        r"\theta_k",
        [],
        r"\sum_{i=1}^m \frac{\exp(\theta_k^\top x_i)x_i}{\sum_{j=1}^K \exp(\theta_j^\top x_i)}-\sum_{i:y_i=k} x_i",
    ),
    (
        r"-\sum_{k=1}^K1\{y=k\}\log\frac{e^{z_k}}{\sum_je^{z_j}}",
        "z",
        [],
        r"\frac{\exp(z_k)}{\sum_{j=1}^K \exp(z_j)}-\lbrack y=k\rbrack",
    ),
    (r"-\sum_{k=1}^K1\{y=k\}\log p_k", "z", [r"p=\operatorname{softmax}(z)"], "p-e_y"),
    (
        r"-\sum_k\mathbb{1}[y=k]\log\operatorname{softmax}(Wx)_k",
        "W",
        [],
        r"\bigl(\operatorname{softmax}(Wx)-e_y\bigr)x^\top",
    ),
    # the elements of a set by their index; and the inputs of a controller, whose last one is u_{N-1}
    (r"\sum_{x_i\in C_k}\|x_i-\mu_k\|^2", r"\mu_k", [], r"-2\sum_{i\in C_k} (x_i-\mu_k)"),
    (r"\sum_{(x_i,y_i)\in D}(w^Tx_i-y_i)^2", "w", [], r"2\sum_{i\in D} (w^\top x_i-y_i)x_i"),
    (r"x_N^TQ_fx_N+\sum_{k=0}^{N-1}(x_k^TQx_k+u_k^TRu_k)", "u_k", ["R: symmetric"], "2Ru_k"),
    (
        r"\sum_{k=0}^{N-1}\|x_k-u_k\|^2+(\sum_{k=0}^{N-1}a^Tu_k)^2",
        "u_k",
        [],
        r"2\left(a^\top\sum_{j=0}^{N-1} u_j\right)a-2(x_k-u_k)",
    ),
    (
        r"\sum_{k=0}^{N-1}(x_k^TQx_k+u_k^TRu_k+\lambda_{k+1}^T(Ax_k+Bu_k-x_{k+1}))",
        "u_k",
        ["R: symmetric"],
        r"2Ru_k+B^\top\lambda_{k+1}",
    ),
    (r"(x-\hat x^-)^T(P^-)^{-1}(x-\hat x^-)", "x", ["P^-: SPD"], r"2{P^-}^{-1}(x-\hat{x}^-)"),
    # the sum within a term of a sum over entries is one over entries too
    (
        r"\sum_ky_k\log\frac{\exp((Wx+b)_k)}{\sum_j\exp((Wx+b)_j)}",
        "b",
        [],
        r"y-(y^\top\mathbf{1})\operatorname{softmax}(Wx+b)",
    ),
    # two sums over one set, whose elements are counted
    (
        r"\sum_{i\in S}\log\frac{e^{z_i^Tq}}{\sum_{j\in S}e^{z_j^Tq}}",
        "q",
        [],
        r"\sum_{i\in S} z_i-\frac{1}{\sum_{j\in S} \exp(z_j^\top q)}\lvert S\rvert\sum_{j\in S} \exp(z_j^\top q)z_j",
    ),
    (r"\sum_{i:y_i=k}\|x_i-\mu_k\|^2", r"\mu_k", [], r"-2\sum_{i:y_i=k} (x_i-\mu_k)"),
    (r"\sum_{i:\delta_i=1}(\beta^Tx_i-\log h_i)", r"\beta", [], r"\sum_{i:\delta_i=1} x_i"),
    (
        r"\sum_{k=1}^N(y_k(\beta_{i_k}-\beta_{j_k})-\log(1+e^{\beta_{i_k}-\beta_{j_k}}))",
        r"\boldsymbol{\beta}",
        [],
        r"\sum_{k:i_k=j} \bigl(y_k-\sigma(\beta_j-\beta_{j_k})\bigr)"
        r"-\sum_{k:j_k=j} \bigl(y_k-\sigma(\beta_{i_k}-\beta_j)\bigr)",
    ),
    (r"\mathbf 1^TX^2\mathbf 1", "X", [], r"\mathbf{1}\mathbf{1}^\top X^\top+X^\top\mathbf{1}\mathbf{1}^\top"),
    # index notation: Kronecker's delta, and sums that are joined
    (r"\sum_{i,j}\delta_{ij}x_ix_j", "x", [], "2x"),
    (r"\sum_{i=1}^n\sum_{j=1}^n\delta_{ij}a_ix_ix_j", "x", [], r"2a \odot x"),
    (r"\sum_j\delta_{ij}x_j", "x", [], "e_i"),
    (r"\sum_{i,j,k}\delta_{ij}A_{jk}x_ix_k", "x", [], r"(A+A^\top)x"),
    (
        r"\sum_{i<j}\delta_{ij}\|x_i-x_j\|^2",
        "x_i",
        [],
        r"2\sum_{j>i} \delta_{ij}(x_i-x_j)+2\sum_{j<i} \delta_{ji}(x_i-x_j)",
    ),
    (r"\sum_i\sum_jx_ix_jA_{ij}", "x_k", [], r"\sum_j x_j(A_{kj}+A_{jk})"),
    (
        r"\sum_{i<j}\frac{q_iq_j}{\|\mathbf r_i-\mathbf r_j\|}",
        r"\mathbf r_i",
        [],
        r"-q_i\sum_{j\ne i} \frac{q_j(\mathbf{r}_i-\mathbf{r}_j)}{\lVert \mathbf{r}_i-\mathbf{r}_j\rVert^3}",
    ),
    # time series: data of another time are data
    (r"\sum_{t=2}^T\|x_t-Ax_{t-1}\|^2", "A", [], r"-2\sum_{t=2}^T (x_t-Ax_{t-1})x_{t-1}^\top"),
    (
        r"\sum_{t=2}^T(y_t-c-\phi_1y_{t-1}-\phi_2y_{t-2})^2",
        r"\phi_1",
        [],
        r"-2\sum_{t=2}^T (y_t-c-\phi_1y_{t-1}-\phi_2y_{t-2})y_{t-1}",
    ),
    (
        r"-\frac12\sum_{t=2}^T\log h_t-\frac12\sum_{t=2}^T\frac{y_t^2}{h_t}",
        r"\alpha_1",
        [r"h_t=\alpha_0+\alpha_1y_{t-1}^2"],
        r"\frac{1}{2}\sum_{t=2}^T y_{t-1}^2\left(\frac{y_t^2}{h_t^2}-\frac{1}{h_t}\right)",
    ),
    # information: logarithms to a base
    (r"-\sum_ip_i\log_2p_i", "p", [], r"-\frac{\log p+\mathbf{1}}{\log(2)}"),
    (r"\log_{10}(1+x^Tx)", "x", [], r"\frac{2x}{\log(10)(1+x^\top x)}"),
    # regression: the residuals by the regressors
    *(
        (f, "Z", [], r"2\bigl(Z(Z^\top Z)^{-1}Z^\top y-y\bigr)y^\top Z(Z^\top Z)^{-1}")
        for f in (r"\|(I-Z(Z^TZ)^{-1}Z^T)y\|_2^2", r"\|y-Z(Z^TZ)^{-1}Z^Ty\|^2")
    ),
    # an index behind a function is one of its value
    (
        r"\sum_i(\sigma(Wx)_i-y_i)^2",
        "W",
        [],
        r"2\left(\bigl(\sigma(Wx)-y\bigr) \odot \sigma'(Wx)\right)x^\top",
    ),
    (r"\sum_i(h(Wx)_i-y_i)^2", "x", [], r"2W^\top\left(\bigl(h(Wx)-y\bigr) \odot h'(Wx)\right)"),
    (r"\sum_i(f(x)_i-y_i)^2", "x", ["f: R^n -> R^m"], r"2J_{f}(x)^\top\bigl(f(x)-y\bigr)"),
    # what stands above a letter marks it
    (r"\operatorname{tr}(G^TXW^Q(W^K)^TX^T)", "W^Q", [], r"X^\top GXW^K"),
    (r"\operatorname{tr}(W^{(1)}(W^{(2)})^T)", "W^{(1)}", [], "W^{(2)}"),
    (r"\|W^{hh}h_{t-1}+W^{hx}x_t-y\|^2", "x_t", [], r"2{W^{hx}}^\top(W^{hh}h_{t-1}+W^{hx}x_t-y)"),
    (
        r"g^T\sigma(W^fx_t+U^fh_{t-1}+b^f)",
        "b^f",
        [],
        r"g \odot \sigma'(W^fx_t+U^fh_{t-1}+b^f)",
    ),
    (r"\operatorname{tr}(XW^q(W^k)^TX^T)", "W^k", [], r"X^\top XW^q"),
    (r"a^TA^kb", "a", [], "A^kb"),
    (r"x^TL^{uu}x", "x", [], r"(L^{uu}+{L^{uu}}^\top)x"),
    (r"x^TA^{nt}x", "x", [], r"\bigl(A^{nt}+(A^{nt})^\top\bigr)x"),
    (
        r"y_l^TL^{l,l}y_l+y_l^TL^{l,u}y_u+y_u^TL^{u,l}y_l+y_u^TL^{u,u}y_u",
        "y_u",
        [],
        r"({L^{l,u}}^\top+L^{u,l})y_l+(L^{u,u}+{L^{u,u}}^\top)y_u",
    ),
    (r"\sum_{i,j}g^{ij}v_iv_j", "v", [], r"\sum_j v_j(g^{ij}+g^{ji})"),
    (r"\operatorname{tr}(K_kH_kP_k^-)", "K_k", [], r"{P_k^-}^\top H_k^\top"),
    (r"(x-\hat x_k^-)^TA(x-\hat x_k^-)", "x", [], r"(A+A^\top)(x-\hat{x}_k^-)"),
    (r"\|a-x^+\|^2-\|a-x^-\|^2", "a", [], "2(x^--x^+)"),
    (r"\sum_i\|p_i'-(Rp_i+t)\|^2", "R", [], r"-2\sum_i \bigl(p_i'-(Rp_i+t)\bigr)p_i^\top"),
    (r"(x'-Ax)^T(x'-Ax)", "A", [], r"-2(x'-Ax)x^\top"),
    (r"(y'-\beta'X')(y-X\beta)", r"\beta", [], r"-2X^\top(y-X\beta)"),
    *(
        (rf"\|X-{one}\|_F^2", "X", [], "2(X-I)")
        for one in (r"\mathrm{Id}", r"\operatorname{Id}", r"\text{Id}", r"\mathrm{Id}_n")
    ),
    # counts: the factorial
    (r"\sum_i(y_i\log\lambda-\lambda-\log y_i!)", r"\lambda", [], r"\sum_i \left(\frac{y_i}{\lambda}-1\right)"),
    ("y!", "y", [], r"y!\operatorname{digamma}(y+1)"),
    (r"-\log p_y", "z", [r"p=\operatorname{softmax}(z)"], "p-e_y"),
    (r"c^Tg(x)", "x", ["g(x)=b-Ax"], r"-A^\top c"),
]


@pytest.mark.parametrize(("f", "variable", "where", "gradient"), READ, ids=[f"{x[0]} {x[1]}" for x in READ])
def test_it_is_read_as_its_author_means_it(f: str, variable: str, where: list[str], gradient: str) -> None:
    assert_gradient(f, variable, where, gradient)


ASKED = [
    (
        r"\mathbf u^T\mathbf k\mathbf u",
        r"\mathbf u",
        r"\mathbf{k} may be a matrix or a number",
        "",
        [r"\mathbf{k}: matrix"],
        r"(\mathbf{k}+\mathbf{k}^\top)\mathbf{u}",
    ),
    (
        r"\mathbf{n}\cdot\boldsymbol{\sigma}\cdot\mathbf{n}",
        r"\mathbf{n}",
        r"\boldsymbol{\sigma} may be a matrix or a number",
        "",
        [r"\boldsymbol{\sigma}: scalar"],
        r"2\boldsymbol{\sigma}\mathbf{n}",
    ),
    (r"\sum_iw_i\phi_i(x)", "w", r"\phi_i(x) may be a function or a product", "", [r"\phi_i: function"], r"\phi_i(x)"),
    (
        r"\frac12m\|\mathbf{v}\|^2-V(\mathbf r)",
        r"\mathbf r",
        r"V(\mathbf{r}) may be a function or a product",
        "",
        ["V: R^n -> R"],
        r"-\nabla V(\mathbf{r})",
    ),
    (
        "f(x)+y^T(Ax-b)",
        "x",
        "a column vector and a scalar cannot be added or set equal",
        "",
        ["f: R^n -> R"],
        r"\nabla f(x)+A^\top y",
    ),
    (r"\omega^TI\omega", r"\omega", "I may be the identity or a matrix of its own", "", ["I: symmetric"], r"2I\omega"),
    (
        r"\|A\begin{pmatrix}x\\1\end{pmatrix}-y\|^2",
        "x",
        "x may be a number or a vector with a 1 below it",
        r"\|Ax+b-y\|^2",
        [],
        r"2A^\top(Ax+b-y)",
    ),
    (
        r"S(\rho)",
        r"\rho",
        r"this is the trace of a number unless \rho is a matrix",
        "",
        [r"\rho: matrix"],
        r"-(\log\rho+I)^\top",
    ),
    (
        r"\sum_t(y_t-\mu-\phi(y_{t-1}-\mu))^2",
        r"\mu",
        r"\phi(...) may be a function or a product",
        "",
        [r"\phi: scalar"],
        r"2(\phi-1)\sum_t \bigl(y_t-\mu-\phi(y_{t-1}-\mu)\bigr)",
    ),
    # signals, tensors, statistical mechanics: i may be imaginary, \\circ an outer product, RT a number
    (
        r"\sum_n|x_n-\sum_ka_ke^{i\omega_kn}|^2",
        "a_k",
        "i may be the imaginary unit",
        r"\sum_n(x_n-\sum_ka_k\cos(\omega_kn))^2",
        [],
        r"-2\sum_n \left(x_n-\sum_j a_j\cos(\omega_jn)\right)\cos(\omega_kn)",
    ),
    (
        r"\|X-\sum_{r=1}^Ra_r\circ b_r\|^2",
        "a_r",
        "this may be an outer product or the product of the entries",
        r"\|X-\sum_{r=1}^Ra_rb_r^T\|^2",
        [],
        r"-2\left(X-\sum_{j=1}^R a_jb_j^\top\right)b_r",
    ),
    (
        r"RT\sum_in_i\ln\frac{n_i}{\sum_kn_k}",
        "n",
        "R may be a number or a matrix",
        "",
        ["R, T: scalar"],
        r"RT\log\left(\frac{n}{\mathbf{1}^\top n}\right)",
    ),
    (
        r"\log\sum_i\exp(K(a_i^Tx+b_i))",
        "x",
        "K(...) may be a function or a product",
        "",
        ["K: scalar"],
        r"\frac{K\sum_i \exp\bigl(K(a_i^\top x+b_i)\bigr)a_i}{\sum_i \exp\bigl(K(a_i^\top x+b_i)\bigr)}",
    ),
    (
        r"\sum_i\sum_jw_{ij}\mathrm{sim}(z_i,z_j)",
        "z_i",
        "the function sim is not known",
        "",
        [r"\mathrm{sim}(a, b) = a^Tb"],
        r"\sum_j (w_{ij}+w_{ji})z_j",
    ),
    # recommenders, panels: members with two indices are of one family, or of users and of items
    *(
        (
            rf"{pairs}(r_{{ui}}-\mu-b_u-b_i)^2",
            "b_u",
            "b_u and b_i may be of one family or of two",
            rf"{pairs}(r_{{ui}}-\mu-b_u-\tilde b_i)^2",
            [],
            rf"-2\sum_{below} (r_{{ui}}-\mu-b_u-\tilde{{b}}_i)",
        )
        for pairs, below in ((r"\sum_{(u,i)\in K}", r"{i:(u,i)\in K}"), (r"\sum_{u,i}", "i"), (r"\sum_u\sum_i", "i"))
    ),
    (
        r"\sum_i\sum_t(y_{it}-\alpha_i-\alpha_t)^2",
        r"\alpha",
        r"\alpha_i and \alpha_t may be of one family or of two",
        r"\sum_i\sum_j(y_{ij}-\alpha_i-\alpha_j)^2",
        [],
        r"-2\sum_j (y_{ij}-2\alpha_i-2\alpha_j+y_{ji})",
    ),
    # softmax is as often written by the letter of the logistic function
    *(
        (
            f,
            variable,
            r"\sigma with an index behind it may be softmax or a function of one entry",
            instead,
            [],
            gradient,
        )
        for f, variable, instead, gradient in (
            (r"\sigma(z)_k", "z", r"\sigma((z)_k)", r"\sigma'(e_k^\top z)e_k"),
            (
                r"-\sum_ky_k\log\sigma(Wx)_k",
                "W",
                r"-\sum_ky_k\log\operatorname{softmax}(Wx)_k",
                r"\bigl((y^\top\mathbf{1})\operatorname{softmax}(Wx)-y\bigr)x^\top",
            ),
        )
    ),
]
DEFINED = {r"S(\rho)": [r"S(\rho)=-\operatorname{tr}(\rho\ln\rho)"]}


@pytest.mark.parametrize(
    ("f", "variable", "message", "instead", "clauses", "gradient"), ASKED, ids=[x[0] for x in ASKED]
)
def test_where_two_readings_are_common_one_way_out_leads_to_what_is_meant(
    f: str, variable: str, message: str, instead: str, clauses: list[str], gradient: str
) -> None:
    where = DEFINED.get(f, [])
    with pytest.raises(mdderive.DeriveError) as error:
        mdderive.derive(f, variable, where=where)
    assert message in error.value.message
    found = mdderive.derive(instead or f, variable, where=[*where, *clauses])
    assert isinstance(found, mdderive.Derivation)
    assert str(found.gradient) == gradient
