"""How notation is read: what must come out, and what must be refused rather than guessed."""

from __future__ import annotations

import tracemalloc

import pytest
from worked import assert_gradient

import mdderive
from mdderive.question.kinds import Search
from mdderive.question.question import read_question

READ = [
    (r"\sigma(x)^Ta", "x", [], r"a \odot \sigma'(x)"),
    (r"\sigma(Wx)^Ta", "x", [], r"W^\top\bigl(a \odot \sigma'(Wx)\bigr)"),
    (r"\sigma(x)^2", "x", [], r"2\sigma(x)\sigma'(x)"),
    (r"\log x^Ty", "x", [], r"\frac{y}{x^\top y}"),
    (r"\log 2\pi x", "x", [], r"\frac{1}{x}"),
    (r"\sum_{i=1}^N r_{i,k}\|x_i-\mu\|^2", r"\mu", ["r_{i,k}: scalar"], r"-2\sum_{i=1}^N r_{i,k}(x_i-\mu)"),
    (r"\sum_{k=1}^K\sum_{i=1}^N\|x_{ik}-\mu\|^2", r"\mu", [], r"-2\sum_{k=1}^K \sum_{i=1}^N (x_{ik}-\mu)"),
    (r"\sum_{i=1}^N i a_i^Tx", "x", [], r"\sum_{i=1}^N ia_i"),
    (r"\sum_{t=1}^H\gamma^t\|s_t-x\|^2", "x", [], r"-2\sum_{t=1}^H \gamma^t(s_t-x)"),
    (r"\sum_{i=1}^N(\mu-x_i)", r"\mu", ["x_i: scalar"], "N"),
    (r"\sum_{i=1}^n\log(1+\exp(-y_iw^Tx_i))", "w", [], r"-\sum_{i=1}^n y_i\sigma(-y_iw^\top x_i)x_i"),
    (r"\operatorname{tr}(I_nX)", "X", [], "I"),
    (r"\operatorname{tr}(X^k)", "X", [], r"k(X^{k-1})^\top"),
    (r"\|Xw-v'\|^2", "w", ["v': m x 1"], r"2X^\top(Xw-v')"),
    (r"\|r\|^2", "w", ["r := Xw-y"], r"2X^\top r"),
    (r"v^\top\max(0, Wx)", "W", [], r"\bigl(v \odot \operatorname{step}(Wx)\bigr)x^\top"),
    (r"c^Tx-\mu\mathbf{1}^T\log(b-Ax)", "x", [], r"c+\mu A^\top\bigl(\mathbf{1} \oslash (b-Ax)\bigr)"),
    (r"\frac{a^Tx}{\|x\|^2}", "x", [],
     r"\frac{1}{\lVert x\rVert^2}\left(a-\frac{2(a^\top x)x}{\lVert x\rVert^2}\right)"),
    (r"\operatorname{tr}(e^{AX})", "X", [], r"A^\top(e^{AX})^\top"),
    (r"\operatorname{tr}(\sin X)", "X", [r"= \cos(X)^T"], r"(\cos X)^\top"),
    (r"\operatorname{tr}((A\otimes B)(X\otimes C))", "X", [], r"\operatorname{tr}(BC)A^\top"),
    (r"\operatorname{vec}(X)^T(A\otimes B)\operatorname{vec}(X)", "X", [], r"BXA^\top+B^\top XA"),
    (r"c^T\operatorname{vec}(AXB)", "X", [], r"A^\top\operatorname{vec}^{-1}(c)B^\top"),
    (r"\operatorname{vec}(X)^TA\operatorname{vec}(X)", "X", ["A: symmetric"],
     r"2\operatorname{vec}^{-1}\bigl(A\operatorname{vec}(X)\bigr)"),
    (r"\operatorname{tr}(AT)", "T", ["T: Toeplitz", "structured"], r"\operatorname{toep}(A^\top)"),
    (r"x^TPPx", "x", ["P: idempotent"], r"(P+P^\top)x"),
    (r"a^Th(Wx)", "x", [r"h(t) = \sigma(t)+t"], r"W^\top\bigl(a \odot h'(Wx)\bigr)"),
    (r"-\operatorname{tr}(Y^T\log\operatorname{softmax}(XW))", "W", ["softmax: rows"],
     r"X^\top\bigl((Y\mathbf{1}\mathbf{1}^\top) \odot \operatorname{softmax}(XW)-Y\bigr)"),
    (r"\frac1N\|XW-Y\|_F^2", "W", ["X: N x d"], r"\frac{2X^\top(XW-Y)}{N}"),
    (r"x^TA(x\otimes x)", "x", ["A: n x n*n"], r"A(x \otimes x)+(I \otimes x+x \otimes I)^\top A^\top x"),
    (r"\operatorname{tr}((A+A')X)", "X", [], "A+A^\\top"),
    (r"\|X'-AX\|_F^2", "A", ["X': m x n"], r"-2(X'-AX)X^\top"),
    (r"-\log(\operatorname{softmax}(xW))y^T", "x", ["x: 1 x n", "y: 1 x q"],
     r"\bigl((y\mathbf{1})\operatorname{softmax}(W^\top x^\top)^\top-y\bigr)W^\top"),
    # an index is followed wherever it stands in a script
    (r"\sum_{i=1}^n\|x_{\mathrm{train},i}-\mu\|^2", r"\mu", [], r"-2\sum_{i=1}^n (x_{\mathrm{train},i}-\mu)"),
    (r"\sum_{k=1}^K\|x_{\pi(k)}-\mu\|^2", r"\mu", [], r"-2\sum_{k=1}^K \bigl(x_{\pi(k)}-\mu\bigr)"),
    (r"\sum_{k=1}^K\|x_{\pi_k}-\mu\|^2", r"\mu", [], r"-2\sum_{k=1}^K (x_{\pi_k}-\mu)"),
    (r"\sum_{k=1}^K\|x_{i_k}-\mu\|^2", r"\mu", [], r"-2\sum_{k=1}^K (x_{i_k}-\mu)"),
    (r"\sum_{\alpha,j}A_{\alpha j}X_{\alpha j}", "X", [], "A"),
    (r"a^T\log(A\exp(x))", "x", ["x: vector"],
     r"\left(A^\top\left(a \oslash \bigl(A\exp(x)\bigr)\right)\right) \odot \exp(x)"),
    ("b-Fc", "F", ["jacobian"], r"-c \otimes I"),
    # a function with the variable, a vector or a second argument in its body is put in where it is called
    (r"\sum_{i=1}^m(h_\theta(x^{(i)})-y^{(i)})^2", r"\theta", [r"h_\theta(x)=\theta^Tx"],
     r"2\sum_{i=1}^m \bigl(\theta^\top x^{(i)}-y^{(i)}\bigr)x^{(i)}"),
    (r"\sum_i\log h(x_i)", "w", ["h(x)=g(w^Tx)", r"g(t)=\frac{1}{1+e^{-t}}"],
     r"\sum_i \bigl(1-g(w^\top x_i)\bigr)x_i"),
    (r"\sum_i\alpha_ik(x,x_i)", "x", [r"k(x,y)=\exp(-\gamma\|x-y\|^2)"],
     r"-2\gamma\sum_i \alpha_i\exp(-\gamma\lVert x-x_i\rVert^2)(x-x_i)"),
    (r"\sum_ih(x_i-\mu)", r"\mu", [r"h(u)=\sum_i\|u-m_i\|^2"], r"-2\sum_i \sum_j (x_i-\mu-m_j)"),
    (r"\|W\sigma(Ax)-y\|^2", r"\alpha", [r"\sigma(t)=\max(0,t)+\alpha\min(0,t)"],
     r"2\min(0, Ax)^\top W^\top\left(W\bigl(\operatorname{relu}(Ax)+\alpha\min(0, Ax)\bigr)-y\right)"),
    # a sample with its number above is a member of a family, and so is what is defined of it
    (r"\sum_i(y^{(i)}-h^{(i)})^2", "w", ["h^{(i)}=w^Tx^{(i)}"], r"-2\sum_i \bigl(y^{(i)}-h^{(i)}\bigr)x^{(i)}"),
    (r"-\sum_i(y^{(i)}\log a^{(i)}+(1-y^{(i)})\log(1-a^{(i)}))", "w",
     ["z^{(i)}=w^Tx^{(i)}+b", r"a^{(i)}=\sigma(z^{(i)})"], r"\sum_i \bigl(a^{(i)}-y^{(i)}\bigr)x^{(i)}"),
    # where a logarithm is taken of it, or a power, the logistic function is known by its formula
    (r"-\log\frac{1}{1+e^{-w^Tx}}", "w", [], r"-\bigl(1-\sigma(w^\top x)\bigr)x"),
    (r"\log\prod_{i=1}^n\sigma(w^Tx_i)^{y_i}(1-\sigma(w^Tx_i))^{1-y_i}", "w", [],
     r"\sum_{i=1}^n \bigl(y_i-\sigma(w^\top x_i)\bigr)x_i"),
    # what is declared of a letter may stand beside its entries; an inner product of quotients cancels
    (r"-\sum_iy_i\log p_i", "z", [r"p=\operatorname{softmax}(z)", "y: one-hot"], "p-y"),
    (r"-y^T\log p", "z", [r"p=\operatorname{softmax}(z)"], r"(\mathbf{1}^\top y)p-y"),
    # what has one meaning only: a name with a bar in it, the norm by an inverse, the positive part, an inequality
    (r"D_{KL}(p\|q)=\sum_ip_i\log\frac{p_i}{q_i}", "q", [], r"-p \oslash q"),
    (r"D(p||q)=\sum_ip_i\log\frac{p_i}{q_i}", "q", [], r"-p \oslash q"),
    (r"\ell(\mu,\Sigma;X|Y)=-\sum_i\|x_i-\mu\|^2_{\Sigma^{-1}}", r"\mu", [r"\Sigma: SPD"],
     r"2\Sigma^{-1}\sum_i (x_i-\mu)"),
    (r"\|x_i-\mu\|_{\Sigma_k^{-1}}", r"\mu", [r"\Sigma_k: SPD"],
     r"-\frac{\Sigma_k^{-1}(x_i-\mu)}{\sqrt{(x_i-\mu)^\top\Sigma_k^{-1}(x_i-\mu)}}"),
    (r"\sum_i(1-y_iw^Tx_i)^+", "w", [], r"-\sum_i y_i\operatorname{step}(1-y_iw^\top x_i)x_i"),
    (r"\sum_i\max(0,1-y_iw^Tx_i)", "w", [r"= -\sum_i\mathbb{1}[y_iw^Tx_i<1]y_ix_i"],
     r"-\sum_i y_i\operatorname{step}(1-y_iw^\top x_i)x_i"),
    (r"1_n^TX1_m", "X", [], r"\mathbf{1}\mathbf{1}^\top"),
    # what is transposed, or has a norm, is no number raised to b
    (r"(x-x^b)^TB^{-1}(x-x^b)+\|x-x^k\|^2", "x", ["B: SPD"], r"2\bigl(B^{-1}(x-x^b)+x-x^k\bigr)"),
    # sums over one family go over the same members
    (r"\sum_{k=1}^Kn_kw_k^Tx-\log\sum_je^{w_j^Tx}", "w_k", [], r"(n_k-\gamma_k)x"),
    # what is spelled like another row may be taken of numbers
    (r"\max(0, x)", "x", [], r"\operatorname{step}(x)"),
    # vector and matrix functions are declared by where they go, and differentiated by name
    (r"\frac12\|r(x)\|^2", "x", [r"r: \mathbb{R}^n \to \mathbb{R}^m"], r"J_{r}(x)^\top r(x)"),
    (r"\frac12\|r(x)\|^2", "x", ["r: R^n -> R^m", r"= J_r(x)^Tr(x)"], r"J_{r}(x)^\top r(x)"),
    (r"\frac12\|f(q)-x_d\|^2", "q", ["f: vector function"], r"J_{f}(q)^\top\bigl(f(q)-x_d\bigr)"),
    (r"a^Tr(Wx)", "W", ["r: 向量函数"], r"J_{r}(Wx)^\top ax^\top"),
    (r"g(Wx+b)", "x", ["g: scalar function"], r"W^\top\nabla g(Wx+b)"),
    (r"\log|K(\theta)|", r"\theta", ["K: R -> m x m SPD"],
     r"\operatorname{tr}\bigl(K(\theta)^{-1}K'(\theta)\bigr)"),
    (r"y^TK(t)^{-1}y", "t", ["K: matrix function", "K: symmetric", r"= -y^TK(t)^{-1}\dot K(t)K(t)^{-1}y"],
     r"-y^\top K(t)^{-1}K'(t)K(t)^{-1}y"),
    (r"\|A(t)x-b\|^2", "x", ["A: matrix function"], r"2A(t)^\top\bigl(A(t)x-b\bigr)"),
    (r"\log|K(\theta)|", r"\theta", ["K: matrix function", r"\theta: vector", "K: SPD"],
     r"\Bigl(\operatorname{tr}\bigl(K(\theta)^{-1}\thinspace \partial_kK(\theta)\bigr)\Bigr)_k"),
    # their place says what they are: nobody writes a product so, and a function of every entry is one of them
    (r"\frac12r(x)^Tr(x)", "x", [], r"J_{r}(x)^\top r(x)"),
    (r"\frac12r(x)^Tr(x)", "x", ["r: function"], r"J_{r}(x)^\top r(x)"),
    (r"\frac12\|f(q)-x_d\|^2", "q", [], r"J_{f}(q)^\top\bigl(f(q)-x_d\bigr)"),
    (r"w^T\phi(x)", "x", [], r"J_{\phi}(x)^\top w"),
    (r"w^T\sigma(x)", "x", [], r"w \odot \sigma'(x)"),
    (r"\|\mathbf{y}-\mathbf{x}(\boldsymbol{\beta})\|^2", r"\boldsymbol{\beta}", [],
     r"-2J_{\mathbf{x}}(\boldsymbol{\beta})^\top\bigl(\mathbf{y}-\mathbf{x}(\boldsymbol{\beta})\bigr)"),
    (r"\log|A(t)|", "t", [], r"\operatorname{tr}\bigl(A(t)^{-1}A'(t)\bigr)"),
    ("x(t)^TAx(t)", "t", [], r"x'(t)^\top(A+A^\top)x(t)"),
    # attention: the rows of the weights add up to one, or their columns where the tokens are columns
    (r"\operatorname{tr}(G^T\operatorname{softmax}(QK^T)V)", "V", [], r"\operatorname{softmax}(QK^\top)^\top G"),
    (r"\operatorname{tr}(V\operatorname{softmax}(K^TQ/\sqrt d))", "V", [],
     r"\operatorname{softmax}\left(\frac{K^\top Q}{\sqrt{d}}\right)^\top"),
    # of complex letters the derivative by the conjugate, the letter itself held fixed
    ("x^HAx", "x", [], "Ax"),
    ("x^HRx", "x", ["R: Hermitian"], "Rx"),
    ("x^TAx+b^Hx", "A", ["A: real", "x: complex"], r"xx^\top"),
    (r"\|Ax-b\|^2", "x", ["x: complex"], "A^H(Ax-b)"),
    (r"\operatorname{tr}((WX-Y)^H(WX-Y))", "W", [], "(WX-Y)X^H"),
    (r"\operatorname{tr}(X^{\mathsf H}AX)", "X", [], "AX"),
    (r"x^{\mathrm{H}}Ax", "x", [], "Ax"),
    (r"\log\det(I+HQH^H)", "H", [], "(I+HQH^H)^{-1}HQ"),
    (r"\det(X^HAX)", "X", [], r"\lvert X^HAX\rvert AX(X^HAX)^{-1}"),
    (r"\sum_{i=1}^m|y_i-a_i^Hx|^2", "x", [], r"-\sum_{i=1}^m (y_i-a_i^Hx)a_i"),
    # a star that makes a row of a vector, or stands before the matrix itself, is that of the conjugate transpose
    ("x^*Ax", "x", ["x: complex"], "Ax"),
    ("x^*A^*Ax", "x", ["x: complex"], "A^HAx"),
    ("(Ax-b)^*(Ax-b)", "x", ["x: complex"], "A^H(Ax-b)"),
    ("x^TAx^*", "x", ["x: complex"], r"A^\top x"),
    # of holomorphic functions the complex derivative, by the letter itself
    (r"\log|I+HQH^H|", "Q", [], r"H^\top(I+HQH^H)^{-\top}H^\ast"),
    (r"\operatorname{tr}(AX)", "X", ["X: complex"], r"A^\top"),
    # functions of matrices off a trace
    (r"a^Te^{tA+B}b", "t", ["A: n x n"],
     r"a^\top\left(\int_0^1 e^{s(tA+B)}Ae^{(1-s)(tA+B)}\thinspace \mathrm{d}s\right)b"),
    (r"\operatorname{tr}(AX^{1/2})", "X", [], r"\mathcal{L}_{X^{1/2}}(A)^\top"),
    # an exponent is the number that it makes; one with a fraction in it is no whole number
    (r"\operatorname{tr}(AX^{2-3/2})", "X", [], r"\mathcal{L}_{X^{1/2}}(A)^\top"),
    (r"\operatorname{tr}(AX^{2^3-6})", "X", [], r"(XA+AX)^\top"),
    (r"\operatorname{tr}(X^{2^{-1}})", "X", [], r"\frac{1}{2}(X^{-1/2})^\top"),
    (r"\operatorname{tr}(X^{1/k})", "X", [], r"\frac{\left(X^{\frac{1}{k}-1}\right)^\top}{k}"),
    (r"\|k\ast x-y\|^2", "x", ["k: scalar"], "2k(kx-y)"),
    (r"\|\lambda*x-y\|^2", "x", [], r"2\lambda(\lambda x-y)"),
    # a power behind a logarithm is that of its value where it has one letter alone; else it is asked
    (r"\ln(x)^2", "x", [], r"\frac{2\log x}{x}"),
    (r"\ln^3(1+x^2)", "x", [], r"\frac{6\bigl(\log(1+x^2)\bigr)^2x}{1+x^2}"),
    (r"\bigl(\ln(1+x^2)\bigr)^3", "x", [], r"\frac{6\bigl(\log(1+x^2)\bigr)^2x}{1+x^2}"),
    (r"\ln\bigl((1+x^2)^3\bigr)", "x", [], r"\frac{6x}{1+x^2}"),
    (r"\begin{cases}Ax&\|x\|\le1\\\frac{x}{\|x\|}&\text{otherwise}\end{cases}", "x", ["jacobian", "A: n x n"],
     r"\begin{cases} A^\top & \lVert x\rVert \le 1 \cr "
     r"\frac{I}{\lVert x\rVert}-\frac{xx^\top}{\lVert x\rVert^3} & \lVert x\rVert \gt 1 \end{cases}"),
    # integrals within bounds that are numbers, or over a region that nobody names
    (r"\int_0^1(w^T\phi(t)-f(t))^2dt", "w", [],
     r"2\int_0^1 \bigl(w^\top\phi(t)-f(t)\bigr)\phi(t)\thinspace \mathrm{d}t"),
    (r"\int_{-1}^{3}\theta^2x\,\mathrm{d}x+\theta", r"\theta", [], r"2\theta\int_{-1}^3 x\thinspace \mathrm{d}x+1"),
    (r"\int_{-1}^{3}(x-\theta)^2dx", r"\theta", [], r"-2\int_{-1}^3 (x-\theta)\thinspace \mathrm{d}x"),
    (r"\int_2^5\theta^2+0t\,dt", r"\theta", [], r"6\theta"),
    (r"\int p(x)\log(1+\theta^2x)\,dx", r"\theta", [],
     r"2\theta\int \frac{p(x)x}{1+\theta^2x}\thinspace \mathrm{d}x"),
    (r"\int_0^1\|Xw-y(t)\|^2\,dt", "w", [], r"2X^\top\int_0^1 \bigl(Xw-y(t)\bigr)\thinspace \mathrm{d}t"),
    # vectors and matrices by components; a letter that occurs by its entries alone has no others
    (r"x_1^2x_2+\sin(x_1x_3)", "x", [],
     r"\begin{pmatrix} 2x_1x_2+x_3\cos(x_1x_3) \cr x_1^2 \cr x_1\cos(x_1x_3) \end{pmatrix}"),
    (r"\begin{pmatrix}x_1/x_3\\x_2/x_3\end{pmatrix}", "x", ["jacobian"],
     r"\begin{pmatrix} \frac{1}{x_3} & 0 \cr 0 & \frac{1}{x_3} \cr "
     r"-\frac{x_1}{x_3^2} & -\frac{x_2}{x_3^2} \end{pmatrix}"),
    (r"\begin{bmatrix}\cos t & -\sin t\\ \sin t & \cos t\end{bmatrix}", "t", ["jacobian"],
     r"\begin{pmatrix} -\sin t & -\cos t \cr \cos t & -\sin t \end{pmatrix}"),
    (r"a^T\begin{pmatrix}x_1x_2\\x_2^2\end{pmatrix}", "x", [],
     r"\begin{pmatrix} a_1x_2 \cr a_1x_1+2a_2x_2 \end{pmatrix}"),
    (r"x_1x_3", "x", ["x=(x_1,x_2,x_3)^T"], r"\begin{pmatrix} x_3 \cr 0 \cr x_1 \end{pmatrix}"),
    (r"\|x\|^2+x_1x_3", "x", ["x=(x_1,x_2,x_3)"], r"\begin{pmatrix} 2x_1+x_3 \cr 2x_2 \cr 2x_3+x_1 \end{pmatrix}"),
    (r"\|x\|^2+x_1x_3", "x", [], "2x+x_3e_1+x_1e_3"),
    (r"(r\cos t, r\sin t)", "t", ["jacobian"], r"\begin{pmatrix} -r\sin t \cr r\cos t \end{pmatrix}"),
    (r"x^TAx", "t", [r"x=(\cos t,\sin t)^T"],
     r"\bigl((A+A^\top)x\bigr)_2\cos t-\bigl((A+A^\top)x\bigr)_1\sin t"),
    # functions by cases: stretches of one quantity, in whatever order; what is equal on both sides is told once
    (r"\begin{cases}\frac12x^2&|x|\le\delta\\\delta x-\frac12\delta^2&x>\delta\\"
     r"-\delta x-\frac12\delta^2&x<-\delta\end{cases}", "x", [],
     r"\begin{cases} -\delta & x \lt -\delta \cr x & \lvert x\rvert \le \delta \cr \delta & x \gt \delta \end{cases}"),
    (r"\begin{cases}x-\lambda&x>\lambda\\x+\lambda&x<-\lambda\\0&\text{otherwise}\end{cases}", r"\lambda", [],
     r"\begin{cases} -1 & x \gt \lambda \cr 0 & \lvert x\rvert \le \lambda \cr 1 & x \lt -\lambda \end{cases}"),
    (r"\begin{cases}0&x\le0\\x&0\le x\le6\\6&x\ge6\end{cases}", "x", [],
     r"\begin{cases} 0 & x \le 0 \cr 1 & 0 \lt x \le 6 \cr 0 & x \gt 6 \end{cases}"),
    (r"\begin{cases}1-x^2&-1<x<1\\0&\text{otherwise}\end{cases}", "x", [],
     r"\begin{cases} 0 & x \le -1 \cr -2x & \lvert x\rvert \lt 1 \cr 0 & x \ge 1 \end{cases}"),
    (r"\begin{cases}1-u^Tx&u^Tx\le0\\\frac12(1-u^Tx)^2&0<u^Tx<1\\0&u^Tx\ge1\end{cases}", "x", [],
     r"-\left(\begin{cases} 1 & u^\top x \le 0 \cr 1-u^\top x & 0 \lt u^\top x \lt 1 \cr "
     r"0 & u^\top x \ge 1 \end{cases}\right)u"),
    (r"\log(1+\begin{cases}x^2&x\le1\\2x-1&\text{otherwise}\end{cases})", "x", [],
     r"\begin{cases} \frac{2x}{1+x^2} & x \le 1 \cr \frac{1}{x} & x \gt 1 \end{cases}"),
    (r"a^T\begin{cases}x&\|x\|\le1\\\frac{x}{\|x\|}&\text{otherwise}\end{cases}", "x", [],
     r"\begin{cases} a & \lVert x\rVert \le 1 \cr \frac{a}{\lVert x\rVert}-\frac{(a^\top x)x}{\lVert x\rVert^3} & "
     r"\lVert x\rVert \gt 1 \end{cases}"),
    (r"\sum_{i=1}^n\rho(y_i-x_i^T\beta)", r"\beta",
     [r"\rho(r)=\begin{cases}\frac12r^2&|r|\le\delta\\\delta(|r|-\frac12\delta)&|r|>\delta\end{cases}"],
     r"-\sum_{i=1}^n \rho'(y_i-x_i^\top\beta)x_i"),
    (r"\mathbf{1}^T\sigma(Wx)", "W",
     [r"\sigma(t)=\begin{cases} t & \text{if } t>0 \\ \alpha t & \text{otherwise}\end{cases}"],
     r"\sigma'(Wx)x^\top"),
    # the signs of the sentence around a case, and its words in Chinese
    (r"\begin{cases}x^2,&\text{if }x>0,\\.5x,&x\leq0.\end{cases}", "x", [],
     r"\begin{cases} 2x & x \gt 0 \cr \frac{1}{2} & x \le 0 \end{cases}"),
    (r"\begin{cases}x^2，&\text{若}x>0，\\0，&\text{否则}。\end{cases}", "x", [],
     r"\begin{cases} 2x & x \gt 0 \cr 0 & x \le 0 \end{cases}"),
    # an index of a definition may be that of a sum in it, and two may change places
    (r"\sum_{ij}(X_{ij}-\mu_i)^2", "X", [r"\mu_j=\frac1N\sum_iX_{ij}"],
     r"2(X-\mu\mathbf{1}^\top)-\frac{2\mathbf{1}\mathbf{1}^\top(X-\mu\mathbf{1}^\top)^\top}{N}"),
    (r"\sum_{i,j}C_{ij}h_{ji}", "x", ["h_{ij}:=x_iy_j^2"], r"C^\top y^{\odot 2}"),
    # members that are defined by others, which are members too
    (r"\sum_i\ell_i+\|w\|^2", "w", [r"z_i=w^Tx_i", r"\ell_i=(y_i-z_i)^2"], r"2\left(w-\sum_i (y_i-z_i)x_i\right)"),
    (r"\sum_{i,j}A_{ij}\ell_{ij}", "w", [r"d_{i}=w^Tx_i", r"\ell_{ij}=d_i-d_j"], r"\sum_i \sum_j A_{ij}(x_i-x_j)"),
    (r"\sum_{n,k}t_{nk}\log y_{nk}", "w_j",
     [r"a_{nk}=w_k^Tx_n", r"y_{nk}=\frac{\exp(a_{nk})}{\sum_j\exp(a_{nj})}"],
     r"\sum_n \left(t_{nj}-\frac{\exp(w_j^\top x_n)}{\sum_l \exp(w_l^\top x_n)}\sum_k t_{nk}\right)x_n"),
    # a norm of order p has p in both places
    (r"\left(\sum_i|x_i|^p\right)^{1/q}", "x", [],
     r"\frac{(\mathbf{1}^\top\lvert x\rvert^{\odot p})^{\frac{1}{q}-1}p}{q}x \odot \lvert x\rvert^{\odot (p-2)}"),
    (r"\int_0^1e^{-tx^Tx}dt", "x", [], r"-2\left(\int_0^1 t\exp(-tx^\top x)\thinspace \mathrm{d}t\right)x"),
    (r"\operatorname{tr}(X^{-k}A)", "X", [], r"-\left(\sum_{r=0}^{k-1} X^{r-k}AX^{-1-r}\right)^\top"),
    # equal entries are written alike
    (r"\sin(x_1x_3)", "x", ["hessian", "x = (x_1,x_2,x_3)"],
     r"\begin{pmatrix} -x_3^2\sin(x_1x_3) & 0 & \cos(x_1x_3)-x_3x_1\sin(x_1x_3) \cr 0 & 0 & 0 \cr "
     r"\cos(x_1x_3)-x_3x_1\sin(x_1x_3) & 0 & -x_1^2\sin(x_1x_3) \end{pmatrix}"),
    # expectations are linear; of their letters those are random that the subscript names, else those that usually are
    (r"\mathbb{E}[(d-w^Tx)^2]", "w", [], r"-2\mathbb{E}\left\lbrack (d-w^\top x)x\right\rbrack"),
    (r"E[x^TWx]", "W", [], r"\mathbb{E}\left\lbrack xx^\top\right\rbrack"),
    (r"\mathbb E\|y-Xw\|^2", "w", [], r"-2\mathbb{E}\left\lbrack X^\top(y-Xw)\right\rbrack"),
    (r"E\{(d-w^Tx)^2\}", "w", [], r"-2\mathbb{E}\left\lbrack (d-w^\top x)x\right\rbrack"),
    (r"(\mathbb{E}_x[w^Tx])^2", "w", [],
     r"2(w^\top\mathbb{E}\left\lbrack x\right\rbrack)\mathbb{E}\left\lbrack x\right\rbrack"),
    (r"\mathbb{E}_{A}[x^TAx]", "x", [],
     r"\mathbb{E}\left\lbrack A+A^\top\right\rbrack x"),
    (r"\mathbb{E}\|x-a\|^2+\lambda\|a\|^2", "a", [], r"2\lambda a-2\mathbb{E}\left\lbrack x-a\right\rbrack"),
    (r"\operatorname{Var}(w^Tx-b)", "w", [], r"2\operatorname{Cov}(x)w"),
    (r"\operatorname{Cov}(a^Tx,b^Ty)", "a", [], r"\operatorname{Cov}(x,y)b"),
    (r"\operatorname{tr}(\operatorname{Cov}(Wx+b))", "W", [], r"2W\operatorname{Cov}(x)"),
    (r"\mathbb{E}[(y-w^Tx)^2]", "w", [r"= 2\mathbb{E}[xx^T]w-2\mathbb{E}[yx]"],
     r"-2\mathbb{E}\left\lbrack (y-w^\top x)x\right\rbrack"),
    # eigenvalues and singular values, the letters of whose unit vectors nothing else has
    (r"\lambda_{\max}(A)", "A", ["A: symmetric"], r"uu^\top"),
    (r"\lambda_{\mathrm{max}}(A+tB)", "t", ["A, B: symmetric"], r"u^\top Bu"),
    (r"u^TAu-\lambda_{\min}(A)", "A", ["A: symmetric"], r"uu^\top-vv^\top"),
    (r"\lambda_{\min}(X^TX)", "X", [], r"2Xuu^\top"),
    (r"\lambda_i(A)", "A", ["A: symmetric"], r"u_iu_i^\top"),
    (r"\lambda_2(A)^2", "A", ["A: SPD"], r"2\lambda_2(A)u_2u_2^\top"),
    (r"\lambda_i(A+tB)", "t", ["A, B: symmetric", r"\lambda_i: eigenvalue"], r"u_i^\top Bu_i"),
    (r"\sigma_1(X)", "X", [r"\sigma_1: 奇异值"], r"u_1v_1^\top"),
    (r"\lambda_{\max}(H(t))", "t", ["H: R -> n x n symmetric"], r"u^\top H'(t)u"),
    (r"\sigma_{\max}(AX)", "X", [], r"A^\top uv^\top"),
    (r"\|AX-B\|_2", "X", [], r"A^\top uv^\top"),
    (r"\lambda_{\max}x^TAx", "x", ["A: symmetric"], r"2\lambda_{\max}Ax"),
    # functions of a matrix whose derivatives are closed: beside X in a trace, and along a ray
    (r"\operatorname{tr}(X\log X)", "X", ["X: SPD"], r"\log X+I"),
    (r"\operatorname{Tr}(M\log M-M)", "M", ["M: SPD"], r"\log M"),
    (r"\operatorname{tr}(X\log X)", "X", [], r"(\log X)^\top+I"),
    (r"\operatorname{tr}(L^TL\log(L^TL))", "L", [], r"2L\bigl(\log(L^\top L)+I\bigr)"),
    (r"\operatorname{tr}(X\log X-X\log Y)", "X", ["X, Y: SPD"], r"\log X+I-\log Y"),
    (r"\operatorname{tr}(Be^{tA})", "t", [], r"\operatorname{tr}(BAe^{tA})"),
    (r"x^T\log(A)x", "x", ["A: SPD"], r"2(\log A)x"),
    (r"x^Te^{At}x", "t", ["A: n x n"], r"x^\top Ae^{tA}x"),
    # a vector or a matrix has a Jacobian
    ("Ax", "x", [], r"A^\top"),
    ("x x^T", "x", [], r"x^\top \otimes I+I \otimes x^\top"),
    (r"\frac{x}{x^Tx}", "x", [], r"\frac{1}{x^\top x}\left(I-\frac{2xx^\top}{x^\top x}\right)"),
    ("I x^Tx", "x", ["I: n x n"], r"2x\operatorname{vec}(I)^\top"),
    ("AXB", "X", ["layout: numerator"], r"B^\top \otimes A"),
    # a letter with an index is an entry where the letter itself occurs
    (r"\sum_{i=1}^n x_i^2", "x", [], "2x"),
    (r"\sum_i a_i\log x_i", "x", [], r"a \oslash x"),
    (r"\log\sum_i e^{x_i}", "x", [], r"\operatorname{softmax}(x)"),
    (r"\sum_{i,j}x_iA_{ij}x_j", "x", [], r"(A+A^\top)x"),
    (r"\sum_{i=1}^m\sum_{j=1}^n A_{ij}X_{ij}", "X", [], "A"),
    (r"\sum_{i,j}A_{ji}X_{ij}", "X", [], r"A^\top"),
    (r"\sum_{i,j}(Y_{ij}-(XW)_{ij})^2", "W", [], r"-2X^\top(Y-XW)"),
    (r"\sum_{i,j,k} A_{ij}X_{jk}B_{ki}", "X", [], r"A^\top B^\top"),
    (r"\sum_i X_{ii}", "X", [], "I"),
    (r"\sum_{j}(Ax)_j^2", "x", [], r"2A^\top Ax"),
    (r"\sum_{i,j}(x_i-y_j)^2", "x", [], r"2(x\mathbf{1}^\top-\mathbf{1}y^\top)\mathbf{1}"),
    (r"\left(\sum_i x_i^2\right)^{1/2}", "x", [], r"\frac{x}{\lVert x\rVert}"),
    (r"\sum_{i=1}^n(w^Tx_i-y_i)^2", "w", [], r"2\sum_{i=1}^n (w^\top x_i-y_i)x_i"),
    (r"X_{12}", "X", [r"= e_1e_2^T"], r"e_1e_2^\top"),
    (r"(X^TX)_{11}", "X", [], r"2Xe_1e_1^\top"),
    (r"\frac{x^Tx}{x^Tx}", "x", [], r"\mathbf{0}"),
    (r"\mathbf{1}^TX\mathbf{1}", "X", [r"= \mathbf{1}\mathbf{1}^T"], r"\mathbf{1}\mathbf{1}^\top"),
    (r"\operatorname{tr}(\log(A+BXC))", "X", ["X: n x n"], r"B^\top(A+BXC)^{-\top}C^\top"),
    (r"\operatorname{tr}(X^{-2})", "X", [], r"-2(X^{-3})^\top"),
    (r"\operatorname{tr}((X^TX)^{1/2})", "X", [], r"X(X^\top X)^{-1/2}"),
    (r"\|x\|_p", "x", [], r"\lVert x\rVert_p^{1-p}\lvert x\rvert^{\odot (p-2)} \odot x"),
    (r"\|x\|_\infty", "x", [], r"\operatorname{sgn}(x) \odot \operatorname{argmax}\lvert x\rvert"),
    (r"\max(Ax)", "x", [], r"A^\top\operatorname{argmax}(Ax)"),
    (r"\|x\|_4^4", "x", [], r"4x^{\odot 3}"),
    (r"\log|\det W|", "W", [], r"W^{-\top}"),
    (r"f(\|x\|^2)", "x", [], r"2f'(\lVert x\rVert^2)x"),
    # a function without parentheses takes the whole product behind it; a fraction in front does not end it
    (r"\log\frac12\|x\|^2", "x", [], r"\frac{2x}{\lVert x\rVert^2}"),
    (r"\exp\frac12x^Tx", "x", [], r"\exp\left(\frac{1}{2}x^\top x\right)x"),
    (r"\log\frac1n\sum_{i=1}^n x_i", "x", [], r"\frac{\mathbf{1}}{\mathbf{1}^\top x}"),
    (r"\cos\frac{k}{2}x", "x", ["x: scalar"], r"-\frac{k}{2}\sin\left(\frac{kx}{2}\right)"),
    (r"\sin\frac x2\cos\frac y2", "x", ["x: scalar"],
     r"\frac{1}{2}\cos\left(\frac{x}{2}\right)\cos\left(\frac{y}{2}\right)"),
    # what is to the right of a matrix is a vector, what diag is taken of too
    (r"\|Y-X\beta\|^2", r"\beta", [], r"-2X^\top(Y-X\beta)"),
    (r"(\mathbb{Y}-\mathbb{X}\theta)^T(\mathbb{Y}-\mathbb{X}\theta)", r"\theta", [],
     r"-2\mathbb{X}^\top(\mathbb{Y}-\mathbb{X}\theta)"),
    (r"x^T\operatorname{diag}(\theta)y", r"\theta", [], r"x \odot y"),
    (r"\sum_{i=1}^N\max(0,1-y_iw^Tx_i)", "w", [], r"-\sum_{i=1}^N y_i\operatorname{step}(1-y_iw^\top x_i)x_i"),
    (r"\|W^Kx\|^2", "x", [], r"2{W^K}^\top W^Kx"),
    (r"\Phi(x^T\beta)", r"\beta", [], r"\Phi'(x^\top\beta)x"),
    (r"\tanh w^Tx\tanh v^Tx", "x", ["w: vector"],
     r"\bigl(1-\tanh(w^\top x)^2\bigr)\tanh(v^\top x)w+\bigl(1-\tanh(v^\top x)^2\bigr)\tanh(w^\top x)v"),
    (r"\sum_{i=1}^n(Y_i-X_i^T\beta)^2", r"\beta", [], r"-2\sum_{i=1}^n (Y_i-X_i^\top\beta)X_i"),
    (r"K^\alpha L^{1-\alpha}", "L", [], r"K^{\alpha}(1-\alpha)L^{-\alpha}"),
    (r"\Sigma^{-1}_{12}", r"\Sigma", [r"\Sigma: invertible"], r"-\Sigma^{-\top}e_1e_2^\top\Sigma^{-\top}"),
    (r"n/2\log|\Sigma|", r"\Sigma", [r"\Sigma: SPD"], r"\frac{n}{2}\Sigma^{-1}"),
    (r"\lambda/2\|w\|^2", "w", [], r"\lambda w"),
    (r"\sin\omega t", "t", [], r"\omega\cos(\omega t)"),
    (r"\mathbf 1^T(X\odot Y)1", "X", [], "Y"),
    (r"\sum_i \log x_i", "x", ["x_i > 0"], r"\mathbf{1} \oslash x"),
    (r"\log|\Sigma|", r"\Sigma", [r"\Sigma \succ 0"], r"\Sigma^{-1}"),
    # capitals are numbers where the author says so
    ("PV-nRT", "V", ["P, V, R, T: scalar"], "P"),
    (r"\frac{kT}{V}", "V", ["T, V: scalar"], r"-\frac{kT}{V^2}"),
    (r"\|\log X-\log Y\|_F^2", "X", ["X: m x n"], r"2(\log X-\log Y) \oslash X"),
    (r"Y'Y-2\beta'X'Y+\beta'X'X\beta", r"\beta", [], r"2X^\top(X\beta-Y)"),
    (r"(Y-X^T\beta)^2", r"\beta", ["X: column"], r"-2(Y-X^\top\beta)X"),
    # a prime or a star in a sum with the letter itself is a letter of its own
    (r"\exp(-\gamma\|x-x'\|^2)", "x", [], r"-2\gamma\exp(-\gamma\lVert x-x'\rVert^2)(x-x')"),
    (r"\|x-x'\|^2", "x'", [], "-2(x-x')"),
    (r"\frac12(x-x^\star)^TH(x-x^\star)", "x", ["H: symmetric"], r"H(x-x^\star)"),
    (r"\operatorname{tr}((A+A')X)", "X", [], r"A+A^\top"),
    (r"\|w-w_t\|^2", "w_t", [], "-2(w-w_t)"),
    (r"\frac{\sum_i x_iy_i}{\sum_i x_i^2}", "y", [], r"\frac{x}{\lVert x\rVert^2}"),
    (r"\langle A,X\rangle_F", "X", [], "A"),
    ("A^+b", "b", [], r"(A^+)^\top"),
    ("W_{ij}x_j", "W_{ij}", [], "x_j"),
    (r"\mathbf F\cdot\mathbf v", r"\mathbf v", [r"\mathbf F: vector"], r"\mathbf{F}"),
    # definitions of families are followed
    (r"\sum_{i=1}^n(y_i-\hat{y}_i)^2", "w", [r"\hat{y}_i := w^Tx_i"], r"-2\sum_{i=1}^n (y_i-\hat{y}_i)x_i"),
    (r"\sum_{i=1}^Nz_i^2", "w", ["z_j := w^Tx_j"], r"2\sum_{i=1}^N (w^\top x_i)x_i"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "wrt", "where", "gradient"), READ, ids=[x[0] for x in READ])
def test_it_is_read_as_meant(f: str, wrt: str, where: list[str], gradient: str) -> None:
    assert_gradient(f, wrt, where, gradient)


REFUSED = [
    (r"\log(R\exp(m))", "m", ["jacobian"], "E307"),
    (r"\lambda_{\max}(A)", "A", [], "E205"),
    (r"\lambda_1(A+xx^T)", "A", [], "E205"),
    (r"\lambda_{\max}^2(A)", "A", ["A: symmetric"], "E303"),
    (r"\sum_{i=1}^n\lambda_i(A)^2", "A", ["A: symmetric"], "E303"),
    (r"\lambda_{\max}(A+tB)", "t", ["A, B: symmetric", "hessian"], "E308"),
    (r"\sigma_1(X)", "X", [], "E205"),
    (r"\|X\|_2^2", "X", ["X: m x n"], "E205"),
    (r"a^Tr(X)", "X", ["r: vector function", "X: m x n"], "E203"),
    (r"a^Tr(x)+b^Tr(y)", "x", [r"r: \mathbb{R}^n\to\mathbb{R}^m", "y: k x 1"], "E203"),
    (r"\rho_\tau(y-x^T\beta)", r"\beta", [], "E205"),
    (r"\|r+J\Delta x\|^2", "x", [], "E205"),
    (r"\frac12m|\vec v|^2", r"\vec v", [], "E205"),
    (r"x^T(A-\lambda)x", "x", [], "E203"),
    (r"f(x)+\lambda^Th(x)", "x", [], "E203"),
    (r"\|\log(A^{-1}B)\|_F^2", "B", [], "E307"),
    (r"\|\log X-\log Y\|_F^2", "X", [], "E307"),
    (r"\|\exp(X)-B\|_F^2", "X", [], "E307"),
    (r"\log(X)Y", "X", [], "E307"),
    # capitals that nothing but their size makes matrices
    ("PV-nRT", "V", [], "E205"),
    ("pY-wL-rK", "L", [], "E205"),
    (r"\frac{GMm}{r}", "r", [], "E205"),
    (r"\frac{GMm}{\|\mathbf r\|}", r"\mathbf r", [], "E205"),
    (r"AK^\alpha L^\beta", "K", [], "E205"),
    (r"\frac12I\omega^2", r"\omega", [], "E205"),
    (r"A\cos\omega t", r"\omega", [], "E205"),
    # letters that may be functions of a number
    ("A^{-1}(t)", "t", [], "E205"),
    ("x^T(t)Qx(t)", "t", [], "E303"),
    (r"\|r(\theta)\|^2", r"\theta", [], "E205"),
    (r"\operatorname{tr}(A\operatorname{softmax}(XW)B)", "W", [], "E307"),
    (r"\operatorname{tr}(A\operatorname{softmax}(XW))", "W", [], "E307"),
    ("A^{-1}(t)", "t", ["A: function"], "E303"),
    (r"\operatorname{tr}(\rho(t)H)", "t", [], "E205"),
    ("|x-y|", "x", ["x: vector"], "E205"),
    ("|x-y|^2", "x", ["x: vector"], "E205"),
    ("E e^{w^Tx}", "w", [], "E131"),
    # words, compositions and conditions that are no products of letters
    ("var(w^Tx)", "w", [], "E125"),
    (r"f\circ g(x)", "x", [], "E303"),
    (r"(f\circ g)(x)", "x", [], "E303"),
    ("x''+x", "x", [], "E303"),
    (r"\mathbf F\cdot\mathbf v", r"\mathbf v", [], "E205"),
    (r"\|P_\Omega(X-M)\|_F^2", "X", [], "E205"),
    (r"\frac{1}{|\mathcal D|}\sum_i(w^Tx_i-y_i)^2", "w", [], "E205"),
    ("a_{ij}x_ix_j", "x", [], "E303"),
    ("x_ix_i", "x", [], "E303"),
    (r"k_B\ln\Omega", r"\Omega", [], "E205"),
    (r"S_0e^{\sigma\sqrt TZ}", r"\sigma", [], "E205"),
    ("p(y|x)", "x", [], "E131"),
    (r"\mathcal P(x;\mu,\Sigma)", "x", [], "E131"),
    (r"\log\mathcal N(x\mid\mu)", "x", [], "E131"),
    ("n!!x", "x", [], "E131"),
    (r"\operatorname{Var}(a^Tx)", "x", [], "E205"),
    (r"\langle a,x\rangle_M", "x", [], "E131"),
    (r"\|w\|^2+\lambda|w|", "w", [], "E205"),
    (r"\log L(\beta,\sigma^2)", r"\beta", [], "E303"),
    (r"\|y-f_\theta(x)\|^2", r"\theta", [r"f_\theta: scalar"], "E303"),
    (r"(Y-X^T\beta)^2", r"\beta", [], "E205"),
    ("x/2(y+z)", "y", [], "E133"),
    (r"w^Tw+\hat y^2", "w", ["y := w^Tx"], "E205"),
    (r"\log x y", "x", [], "E133"),
    (r"\log\frac{p+1}{q}x", "x", [], "E133"),
    (r"\log x/y", "x", [], "E133"),
    ("1/2n\\|x\\|^2", "x", [], "E133"),
    (r"1/2\sigma^2\|x\|^2", "x", [], "E133"),
    (r"x^Ty/\|x\|\|y\|", "x", [], "E133"),
    (r"\operatorname{E}(x^TAx)", "x", [], "E205"),
    (r"\Re z", "z", [], "E131"),
    (r"\sum_{i=1}^n\sum_{i=1}^na_ix", "x", [], "E134"),
    (r"\sum_{i=1}^\infty x^i", "x", [], "E134"),
    (r"\mathcal{L}(X\beta)", r"\beta", [], "E205"),
    ("J(Wx+b)", "W", [], "E205"),
    (r"\lambda_1(A+xx^T)", "x", [], "E205"),
    (r"\|y-f(\theta)\|^2", r"\theta", [], "E205"),
    ("y^TK(t)^{-1}y", "t", ["K: SPD", "t: scalar"], "E205"),
    ("|Ax|^2+|x|^2", "x", [], "E205"),
    (r"\|AX-B\|_1", "X", [], "E205"),
    (r"\operatorname{Tr}(\rho\log\rho)", r"\rho", [], "E205"),
    (r"y^T(K+\sigma^2)^{-1}y", r"\sigma", [], "E203"),
    (r"\operatorname{tr}(B\log(XA))", "X", [], "E307"),
    (r"\sum_{i=1}^n\|x_{ij+1}-\mu\|^2", r"\mu", [], "E134"),
    (r"\sum_{k=1}^K\|x_{i_{k+1}}-\mu\|^2", r"\mu", [], "E134"),
    (r"\sum_{i=1}^N r_{ik}\|x_i-\mu\|^2", r"\mu", [], "E134"),
    (r"\sum_{i=1}^n w_i(x_{i+1}-x_i)", "x", [], "E134"),
    (r"\sum_{i=k}^n w^Tx_i", "w", [], "E134"),
    (r"\sum_{i=1}^{n+1} w^Tx_i", "w", [], "E134"),
    (r"\sum_is_{ii}-\sum_i\log\sum_je^{s_{ij}}", "s_{kl}", [], "E134"),
    (r"\sum_i a^Tx", "x", [], "E134"),
    (r"N\sum_{i=1}^N a_i^Tx", "N", [], "E147"),
    ("u(x)v(x)", "x", [], "E205"),
    ("|Xw-y|^2", "w", [], "E205"),
    (r"\ln(1+x^2)^{3}", "x", [], "E205"),
    (r"\|k\ast x-y\|^2", "x", [], "E205"),
    (r"\log(x^Tx)^2", "x", [], "E205"),
    # what has no real value anywhere
    (r"\log(-x^Tx)", "x", [], "E403"),
    (r"\operatorname{tr}\log(-XX^T)", "X", [], "E403"),
    # integrals whose bounds move, without a differential, by their own letter, which stands outside too, of two letters
    (r"\int_0^\theta x^2dx", r"\theta", [], "E131"),
    (r"\int_a^b (x-\theta)^2dx", r"\theta", [], "E131"),
    (r"\int_1^0 (x-\theta)^2dx", r"\theta", [], "E131"),
    (r"\int (x-\theta)^2", r"\theta", [], "E131"),
    (r"\int_0^1 x^2dx", "x", [], "E205"),
    (r"x\int_0^1 \theta x^2dx", r"\theta", [], "E205"),
    (r"\int p(x)f(x,\theta)\,dx", r"\theta", [], "E303"),
    # a matrix of matrices, and one with a hole
    (r"\begin{pmatrix}X & 0\\ 0 & X\end{pmatrix}", "X", ["jacobian", "X: n x n"], "E203"),
    (r"\begin{pmatrix}x & \\ y\end{pmatrix}", "x", ["jacobian"], "E126"),
    # cases whose conditions are no opposites, no inequalities, or bound several quantities; one that leaves a gap
    (r"\begin{cases} x & x>1 \\ y & y>1 \\ 0 & \text{otherwise} \end{cases}", "x", [], "E131"),
    (r"\begin{cases} x & x>1 \\ x^2 & x<1 \\ 0 & x>4 \end{cases}", "x", [], "E131"),
    (r"\begin{cases} x & x>1 \\ x^2 & 0<x<1 \\ 0 & x<0 \end{cases}", "x", [], "E131"),
    (r"\begin{cases} x & x>1 \\ 0 & \text{otherwise} \\ -x & x<-1 \end{cases}", "x", [], "E126"),
    (r"\begin{cases} t^2 & t \le 1 \\ 2t-1 & t \ge 1 \end{cases}", "t", [], "E131"),
    (r"\begin{cases} t^2 & t = 1 \\ 2t-1 & \text{otherwise} \end{cases}", "t", [], "E131"),
    (r"\begin{cases} t^2 & t < 1 \\ 2t-1 & t < 3 \\ 0 & \text{otherwise} \end{cases}", "t", [], "E131"),
    (r"\begin{cases} x & x>0, y>0 \\ y & \text{otherwise} \end{cases}", "x", [], "E131"),
    (r"\int_0^1x_t^2dt", "x", [], "E205"),
    (r"\int_0^1\int_0^1wst\,ds\,dt", "w", [], "E131"),
    (r"\begin{pmatrix}1&x\\x&1\end{pmatrix}^{-1}", "x", ["jacobian"], "E308"),
    # entries and lines that are beyond a size
    ("X_{31}", "X", ["X: 2 x 3"], "E203"),
    ("W_{:5}^Tx", "W", ["W: n x 3"], "E203"),
    ("x_1^2+x_4", "x", ["x=(x_1,x_2,x_3)^T"], "E203"),
    ("h_1+h_5", "t", ["h_i=t_i^2", "t: 3 x 1"], "E203"),
    # a row that is meant as a column makes no number of what stands behind it
    (r"\sum_i\sigma(W_{i:}^\top x)", "W", [], "E205"),
    (r"\sum_iW_{i:}^TAW_{i:}", "W", [], "E205"),
    # members whose definition comes later, under another index; the second derivative of a negative power
    (r"\sum_ih_i+\mathbf{1}^Tt", "t", ["h_i=x_i^2", "x_j=t_j^2"], "E146"),
    (r"\operatorname{tr}(X^{-8}A)", "X", ["hessian"], "E308"),
    # complex letters: what is not holomorphic, and what is asked besides the derivative by a conjugate
    (r"\gamma^H\|x\|^2", "x", [], "E303"),
    (r"x^TAx+b^{\mathsf H}x", "x", [], "E303"),
    (r"x^TAx+b^Hx", "x", [], "E303"),
    (r"|z|", "z", ["z: complex"], "E303"),
    (r"\|y-Ax\|^2+\lambda\|x\|_1", "x", ["x: complex"], "E303"),
    (r"x^H\operatorname{softmax}(Ax)", "x", [], "E303"),
    # a star on a matrix is a conjugate to some and a conjugate transpose to others
    ("A^*Bx", "x", ["x: complex"], "E205"),
    (r"\operatorname{tr}(X^*AX)", "X", ["X: complex"], "E205"),
    (r"x^HAx", "x", ["hessian"], "E306"),
    (r"x^HAx", "A", ["A: Hermitian"], "E306"),
    ("x^tAx", "x", [], "E303"),
    (r"\sigma^2(x)", "x", [], "E303"),
    (r"\sin xy", "x", [], "E133"),
    (r"x^Tx/2\sigma^2", "x", [], "E133"),
    ("x x^T", "x", ["solve"], "E204"),
    ("Ax", "x", ["hessian"], "E204"),
    (r"\mathbf{1}^T(A\ast X)\mathbf{1}", "X", [], "E303"),
    (r"\operatorname{tr}(X\sin X)", "X", [], "E307"),
    (r"\sum_{i=2}^n x_i^2", "x", [], "E134"),
    (r"\operatorname{tr}(X^T+(A\otimes X))", "X", [], "E203"),
    (r"\sum_{i,j}(I\otimes A)_{ij}x_i", "x", [], "E303"),
    (r"\|X'-AX-BU\|_F^2", "A", [], "E205"),
    (r"\operatorname{tr}(G^T\operatorname{softmax}(XW))", "W", [], "E307"),
    (r"\operatorname{tr}(\log(X\oslash A))", "X", [], "E307"),
    (r"\operatorname{tr}(AY^*BY)", "Y", [], "E303"),
    (r"\operatorname{argmin} x^Tx", "x", [], "E125"),
    (r"\operatorname{plim}\hat\alpha", r"\alpha", [], "E125"),
    # expectations: what is random is asked where the variable may be, and refused where the distribution moves
    (r"\mathbb{E}[x^Tx]", "x", [], "E205"),
    (r"\mathbb{E}_x[x^Tx]", "x", [], "E205"),
    (r"\mathbb{E}[3]+w^Tw", "w", [], "E205"),
    (r"\mathbb{E}_{x\sim N(\mu,\Sigma)}[\|x-a\|^2]", r"\mu", [], "E131"),
    (r"\mathbb{E}_x[\mathbb{E}_y[x^TWy]]", "W", [], "E131"),
    (r"\mathbb{E}\|x-a\|^2b", "a", [], "E133"),
    (r"\mathbb{E}\exp(w^Tx)", "w", [], "E131"),
    (r"\mathbb{P}(w^Tx)", "w", [], "E131"),
    (r"\mathbb{E}_x[w^Tx]+a^Tx", "w", [], "E205"),
    (r"\operatorname{tr}(\operatorname{Var}(w^TX))", "w", [], "E203"),
    ("x^TAx", "x", ["B: symmetric"], "E141"),
    ("x^TAx", "x", ["A: n x n", "A: m x m"], "E113"),
    ("x^TAx", "x", ["A: SPD", "A: orthogonal"], "E113"),
    ("x^TAx", "x", ["A: n x 1, symmetric"], "E113"),
    ("ax", "x", ["a: scalar, probability"], "E113"),
    ("x^TAx", "x", ["lang: en", "lang: zh"], "E111"),
    ("y^TWx", "x", ["x = Wy"], "E145"),
    ("a^TWx", "W", ["h = Wx", "h = Vx"], "E145"),
    (r"a^T\sigma(Wx)", "W", [r"h = \sigma(z)", "z = Wx"], "E146"),
    ("x^TAx", "x", ["= c x"], "E148"),
    ("x^TAx", "x", ["layout: numerator"], "E306"),
    ("Ax+h", "y", ["h = By-By"], "E306"),
    (r"\operatorname{tr}X^{1000000}", "X", [], "E310"),
]  # fmt: skip


OF_MEMBERS = [
    (r"\sum_{i=1}^n x_i^2", "x_i", [], "2x_i"),
    (r"\sum_{i=1}^n x_i^2", "x_k", [], "2x_k"),
    (r"\sum_i\|x_i-\mu\|^2", "x", [], r"2(x_i-\mu)"),
    (r"\sum_{i=1}^n\|x_i-\bar x\|^2", "x_i", [], r"2(x_i-\bar{x})"),
    (r"\log\det\left(\sum_ib_ix_ix_i^T\right)", "b", [], r"x_i^\top\left(\sum_j b_jx_jx_j^\top\right)^{-1}x_i"),
    (r"\sum_{i,j}\alpha_i\alpha_jK_{ij}", r"\alpha_i", [], r"\sum_j \alpha_j(K_{ij}+K_{ji})"),
    (r"\sum_{i,j}(M_{ij}-u_i^Tv_j)^2", "u_i", [], r"-2\sum_j (M_{ij}-u_i^\top v_j)v_j"),
    (r"\sum_{i,j}C_{ij}(Y_{ij}-\sum_rW_{ir}H_{jr})^2", "W_{kl}", [],
     r"-2\sum_j C_{kj}\left(Y_{kj}-\sum_m W_{km}H_{jm}\right)H_{jl}"),
    (r"\sum_i\log\sum_j\exp(x_i^TAy_j)", "y_j", [],
     r"A^\top\sum_i \gamma_{ij}x_i"),
    # sums over entries that no product of matrices is
    (r"\sum_{i,j,k}T_{ijk}x_iy_jz_k", "x", [], r"\sum_j y_j\sum_k T_{ijk}z_k"),
    (r"\sum_i i x_i", "x", [], "i"),
    (r"\sum_i x_i^{y_i}", "x", [], "y_ix_i^{y_i-1}"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "wrt", "where", "gradient"), OF_MEMBERS, ids=[f"{x[0]}-{x[1]}" for x in OF_MEMBERS])
def test_a_member_of_a_family_is_a_variable(f: str, wrt: str, where: list[str], gradient: str) -> None:
    found = mdderive.derive(f, wrt, where=where)
    assert isinstance(found, mdderive.Derivation)
    assert str(found.gradient) == gradient
    assert found.variable.latex == wrt


OF_PARAMETERS = [
    (r"\sum_{i=1}^n\rho(y_i-x_i^T\beta)", r"\beta", [r"\rho(r)=\delta^2(\sqrt{1+(r/\delta)^2}-1)"],
     r"-\sum_{i=1}^n \rho'(y_i-x_i^\top\beta)x_i"),
    (r"\|W\sigma(Ax)-y\|^2", "x", [r"\sigma(t)=\max(0,t)+\alpha\min(0,t)"],
     r"2A^\top\left(\left(W^\top\bigl(W\sigma(Ax)-y\bigr)\right) \odot \sigma'(Ax)\right)"),
    (r"\sum_i\sigma(x_i)", "x", [r"\sigma(t)=t\exp(-\beta t)"], r"\sigma'(x)"),
    # what another family marks is no power
    (r"\sum_{u,i}I_{ui}^R(R_{ui}-U_u^TV_i)^2", "U_u", [], r"-2\sum_i I_{ui}^R(R_{ui}-U_u^\top V_i)V_i"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "wrt", "where", "gradient"), OF_PARAMETERS, ids=[x[0] for x in OF_PARAMETERS])
def test_a_function_has_parameters(f: str, wrt: str, where: list[str], gradient: str) -> None:
    found = mdderive.derive(f, wrt, where=where)
    assert isinstance(found, mdderive.Derivation)
    assert str(found.gradient) == gradient


OF_RAISED = [
    (r"-\frac n2\ln(2\pi\sigma^2)-\frac{1}{2\sigma^2}\|y-X\beta\|^2", r"\sigma^2", [],
     r"\frac{(y-X\beta)^\top(y-X\beta)}{2\sigma^4}-\frac{n}{2\sigma^2}"),
    (r"\log\sigma+\sigma^4", r"\sigma^2", [], r"\frac{1}{2\sigma^2}+2\sigma^2"),
    (r"\frac n2\log|\Sigma|+\frac12\operatorname{tr}(\Sigma^{-1}S)", r"\Sigma^{-1}", [r"\Sigma: SPD", "S: symmetric"],
     r"\frac{1}{2}S-\frac{n}{2}\Sigma"),
    (r"\|Y-XA\|_F^2", "X^T", [], r"-2A(Y-XA)^\top"),
    ("x^TAb", "x^T", [], r"b^\top A^\top"),
    (r"a^TXX^Tb", "X^T", [], r"X^\top(ba^\top+ab^\top)"),
    (r"\sum_i\left(\log\sigma_i^2+\frac{e_i^2}{\sigma_i^2}\right)", r"\sigma_i^2", [],
     r"\frac{1}{\sigma_i^2}-\frac{e_i^2}{\sigma_i^4}"),
    # a capital over a number in front of a determinant is a number
    (r"-\frac N2\left(\log|C+\sigma^2I|+\operatorname{tr}((C+\sigma^2I)^{-1}S)\right)", r"\sigma^2", [],
     r"\frac{N}{2}\left(\operatorname{tr}\bigl((C+\sigma^2I)^{-2}S\bigr)-\operatorname{tr}\bigl((C+\sigma^2I)^{-1}\bigr)\right)"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "wrt", "where", "gradient"), OF_RAISED, ids=[f"{x[0]}-{x[1]}" for x in OF_RAISED])
def test_a_power_or_an_inverse_is_a_letter_of_its_own(f: str, wrt: str, where: list[str], gradient: str) -> None:
    found = mdderive.derive(f, wrt, where=where)
    assert isinstance(found, mdderive.Derivation)
    assert str(found.gradient) == gradient


@pytest.mark.parametrize(
    ("f", "wrt"),
    [(r"\sigma^3+\sigma^2", r"\sigma^2"), ("x^TAx", "x^2"), ("x^TAx", "x+y"), ("x^TAx", "Ax"), ("X^2", "X^2")],
)
def test_other_expressions_are_no_variables(f: str, wrt: str) -> None:
    with pytest.raises(mdderive.DeriveError) as caught:
        mdderive.derive(f, wrt)
    assert caught.value.code == "E140"


OF_NO_MEMBER = [
    (r"\sum_{i=1}^n\sum_{j=1}^m\|x_i-x_j\|^2", "x_i", [], "E302"),
    (r"\sum_{i=1}^n\|x_i\|^2+\|x_1\|^2", "x_i", [], "E205"),
    (r"\sum_{i,j}(M_{ij}-u_i^Tv_j)^2+\|U\|_F^2", "u_i", [], "E205"),
    (r"\sum_{i,j,k}T_{ijk}x_ix_jx_k+x^Tx", "x", [], "E303"),
    (r"\sum_i\|x_i-\mu\|^2", "x_1", [], "E147"),
    (r"\sum_{i=1}^n\|x_i-\sum_ka_{ik}\mu_k\|^2", "x_k", [], "E147"),
    (r"\sum_{i=1}^n\|x_i-\mu\|^2", "x_i", ["hessian"], "E306"),
    (r"\sum_{i=1}^n\|x_i-\mu\|^2", "x_i", ["solve"], "E306"),
    (r"\sum_i\alpha_ix_i", r"\alpha_i", ["jacobian"], "E306"),
]


NAMES_ON_THE_LEFT = [
    (r"L(w)", "L"),
    (r"\ell(w;X)", r"\ell"),
    (r"p(w|\mu)", "p"),
    (r"RSS(w)", r"\mathrm{RSS}"),
    (r"\text{loss}", r"\text{loss}"),
    (r"y_i", "y_i"),
    (r"-\log p(w)", "f"),  # what has no letter of its own
    (r"d(w,v)^2", "f"),
    (r"\sigma^2", "f"),
]


@pytest.mark.parametrize(("left", "name"), NAMES_ON_THE_LEFT, ids=[x for x, _ in NAMES_ON_THE_LEFT])
def test_a_function_is_called_what_stands_on_the_left(left: str, name: str) -> None:
    found = mdderive.derive(left + r" = \|w\|^2", "w")
    assert isinstance(found, mdderive.Derivation)
    assert f"Let ${name} = " in found.to_markdown()


@pytest.mark.parametrize("left", ["w^TAw", "2f", r"2\|w\|^2", "w^Tw+c", r"\sum_iw_i^2"])
def test_a_formula_on_the_left_is_no_name(left: str) -> None:
    with pytest.raises(mdderive.ParseError) as caught:
        mdderive.derive(f"{left} = w^Tw", "w")
    assert caught.value.code == "E135" and caught.value.span == ("f", 0, len(left))


def test_the_variable_is_on_the_right() -> None:
    with pytest.raises(mdderive.ParseError) as caught:
        mdderive.derive("Ax = b", "x")
    assert caught.value.code == "E135" and caught.value.span == ("f", 0, 2)


@pytest.mark.parametrize(("left", "says"), [(r"\|Xw-y\|^2", ""), (r"\|Xw+y\|^2", "not equal")])
def test_another_form_of_the_function_is_compared_with_it(left: str, says: str) -> None:
    function = left + r" = w^TX^TXw-2w^TX^Ty+y^Ty"
    if not says:
        found = mdderive.derive(function, "w")
        assert isinstance(found, mdderive.Derivation) and str(found.gradient) == r"2X^\top(Xw-y)"
        return
    with pytest.raises(mdderive.ParseError, match=says):
        mdderive.derive(function, "w")


@pytest.mark.parametrize("beyond", [r"X_{9\cdot}", "X_{9:}", r"X_{\cdot 9}"])
def test_what_is_beyond_a_size_has_its_caret(beyond: str) -> None:
    with pytest.raises(mdderive.ShapeError) as caught:
        mdderive.derive(rf"\|{beyond}\|^2", "X", where=["X: 3 x 2"])
    assert caught.value.code == "E203" and caught.value.span is not None
    assert caught.value.span[1:] == (2, 2 + len(beyond))


@pytest.mark.parametrize(
    ("f", "wrt", "where", "code"), OF_NO_MEMBER, ids=["-".join((*x[:2], *x[2])) for x in OF_NO_MEMBER]
)
def test_a_family_that_is_not_apart_is_refused(f: str, wrt: str, where: list[str], code: str) -> None:
    with pytest.raises(mdderive.DeriveError) as caught:
        mdderive.derive(f, wrt, where=where)
    assert caught.value.code == code


@pytest.mark.parametrize(("f", "wrt", "where", "code"), REFUSED, ids=[x[0] + "".join(x[2]) for x in REFUSED])
def test_it_is_refused_rather_than_guessed(f: str, wrt: str, where: list[str], code: str) -> None:
    with pytest.raises(mdderive.DeriveError) as caught:
        mdderive.derive(f, wrt, where=where)
    assert caught.value.code == code
    assert caught.value.message


def test_no_zero_hides_an_eigenvector() -> None:
    pair = mdderive.derive(r"x^TAx+\lambda(1-x^Tx)", r"x, \lambda", where=["A: symmetric", "solve"])
    assert isinstance(pair, tuple)
    assert [x.solution for x in pair] == [None, None]


def test_a_term_that_is_not_the_chain_s_is_not_lost() -> None:
    found = mdderive.derive(r"\|h\|^2+\|x\|^2", "x", where=["h = Wx"])
    assert isinstance(found, mdderive.Derivation)
    lefts = {step.left for link in found.working.links[1:] for step in link.steps}
    assert lefts == {r"\left(\frac{\partial f}{\partial h}\right)^\top\thinspace \mathrm{d}h"}


def test_named_values_stand_where_they_are_defined() -> None:
    """The one that f is written in goes before the others, and keeps its place."""
    question = read_question(r"\|r\|^2", "w", ["S := X^TX", "r := Xw-y"])
    assert [str(symbol) for symbol, _ in question.definitions] == ["r", "S"]
    assert {str(symbol): span.part for symbol, span in question.places.items()} == {"S": "where:0", "r": "where:1"}


def test_readings_of_a_long_formula_take_little_memory() -> None:
    """Each held the kinds of all letters: those of a product of 5,000 took gigabytes, and half a minute."""
    search = Search({f"a_{{{k}}}": [(0, "column"), (1, "scalar")] for k in range(1000)})
    tracemalloc.start()
    try:
        for (cost, _), expected in zip(search, (0, 1), strict=False):
            assert cost == expected
            search.failed()
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
