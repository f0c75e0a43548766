r"""Claims that are written in derivatives, on functions that the page may not define, and what is no claim.

Each page with the verdicts on its claims, in order; a page that claims nothing has none.
"""

from __future__ import annotations

import pytest

import mdderive

TRUE, NOT = "true", "not judged"

LAYERS = r"""Let $z^l = W^l a^{l-1} + b^l$ and $\delta^l = \frac{\partial J}{\partial z^l}$.

"""

NODES = r"""Let $z^l_j = \sum_k w^l_{jk}a^{l-1}_k + b^l_j$ and $a^l_j = \sigma(z^l_j)$.

$$\delta^l_j = \frac{\partial C}{\partial z^l_j}$$

"""

PAGES = {
    "the chain rule": (
        r"$$\frac{\partial L}{\partial w} = \frac{\partial L}{\partial a}\cdot\frac{\partial a}{\partial z}"
        r"\frac{\partial z}{\partial w}$$",
        [TRUE],
    ),
    "the chain rule the other way round": (
        r"$$\frac{\partial L}{\partial x} = \frac{\partial y}{\partial x}\frac{\partial L}{\partial y}$$",
        [TRUE],
    ),
    "the chain rule with slashes": (
        r"$$\partial E/\partial u = \partial E/\partial o * \partial o/\partial q * \partial q/\partial u$$",
        [TRUE],
    ),
    "the chain rule, transposed": (
        r"$$\nabla_{x} z = \left(\frac{\partial y}{\partial x}\right)^\top \nabla_y z$$",
        [TRUE],
    ),
    "the chain rule over components": (
        r"$$\frac{\partial z}{\partial x_i} = \sum_j \frac{\partial z}{\partial y_j}"
        r"\frac{\partial y_j}{\partial x_i}$$",
        [TRUE],
    ),
    "the total derivative": (
        r"$$\frac{dw}{dt} = \frac{\partial w}{\partial x}\frac{dx}{dt} + \frac{\partial w}{\partial y}\frac{dy}{dt}$$",
        [TRUE],
    ),
    "a layer that is a script l": (
        r"Let $\mathbf{z}^{\ell} = \mathbf{W}^{\ell}\mathbf{a}^{\ell-1}+\mathbf{b}^{\ell}$ and"
        r" $\boldsymbol{\delta}^{\ell} = \frac{\partial L}{\partial \mathbf{z}^{\ell}}$."
        "\n\n"
        r"$$\frac{\partial L}{\partial \mathbf{W}^{\ell}} = \frac{\partial L}{\partial \mathbf{z}^{\ell}}"
        r"\frac{\partial \mathbf{z}^{\ell}}{\partial \mathbf{W}^{\ell}}"
        r" = \boldsymbol{\delta}^{\ell} \left(\mathbf{a}^{\ell-1}\right)^\top$$",
        [TRUE, TRUE],
    ),
    "indices behind blanks": (
        r"$$z_ j^ l = \sum _ k w_{jk}^ l a_ k^{l - 1} + b_ j^ l$$"
        "\n\n"
        r"$$\frac{\partial C}{\partial w_{jk}^ l} = \frac{\partial C}{\partial z_ j^ l} a_ k^{l-1}$$",
        [TRUE],
    ),
    "a chain in brackets": (
        r"$$\frac{\partial E}{\partial x_i} = \sum_j\left(\frac{\partial E}{\partial y_j}\cdot"
        r" \frac{\partial y_j}{\partial x_i}\right)$$",
        [TRUE],
    ),
    "a chain with dots, and as a product": (
        r"$$\frac{\partial h_t}{\partial h_s} = \frac{\partial h_t}{\partial h_{t-1}}"
        r"\frac{\partial h_{t-1}}{\partial h_{t-2}}\cdots\frac{\partial h_{s+1}}{\partial h_s}"
        r" = \prod_{k=s+1}^t\frac{\partial h_k}{\partial h_{k-1}}$$",
        [TRUE, TRUE],
    ),
    "a product that ends too early": (
        r"$$\frac{\partial h_t}{\partial h_s} = \prod_{k=s+1}^{t-1}\frac{\partial h_k}{\partial h_{k-1}}$$",
        [],
    ),
    "dots between other letters": (
        r"$$\frac{\partial L}{\partial x} = \frac{\partial L}{\partial h_T}\cdots\frac{\partial z_1}{\partial x}$$",
        [NOT],
    ),
    "letters with primes": (
        r"$$\frac{\partial l}{\partial a} = \frac{\partial z'}{\partial a} \frac{\partial l}{\partial z'}"
        r" + \frac{\partial z''}{\partial a} \frac{\partial l}{\partial z''}$$",
        [TRUE],
    ),
    "a function with a prime": (
        r"$$L' = L + \frac{\lambda}{2}\|w\|^2$$"
        "\n\n"
        r"$$\frac{\partial L'}{\partial w} = \frac{\partial L}{\partial w}+\lambda w$$"
        "\n\n"
        r"$$\frac{\partial L'}{\partial w} = \frac{\partial L}{\partial w}+2\lambda w$$",
        [TRUE, NOT],
    ),
    "another name of a function": (
        r"Let $z = f(x, y)$."
        "\n\n"
        r"$$\frac{dz}{dt} = \frac{\partial f}{\partial x}\frac{dx}{dt} + \frac{\partial f}{\partial y}\frac{dy}{dt}$$",
        [TRUE],
    ),
    "another name of a function, of which one argument is left out": (
        r"Let $z = f(x, y)$."
        "\n\n"
        r"$$\frac{dz}{dt} = \frac{\partial f}{\partial x}\frac{dx}{dt}$$",
        [NOT],
    ),
    "second derivatives of any function": (
        r"$$\nabla^2\log f(x) = \frac{1}{f(x)}\nabla^2 f(x) - \frac{1}{f(x)^2}\nabla f(x)\nabla f(x)^T$$",
        [TRUE],
    ),
    "the logarithmic barrier": (
        r"$$\phi(x) = -\sum_{i=1}^m \log(-f_i(x))$$"
        "\n\n"
        r"$$\nabla\phi(x) = \sum_{i=1}^m \frac{1}{-f_i(x)} \nabla f_i(x)$$"
        "\n\n"
        r"$$\nabla^2\phi(x) = \sum_{i=1}^m \frac{1}{f_i(x)^2} \nabla f_i(x) \nabla f_i(x)^\top"
        r" + \sum_{i=1}^m\frac{1}{-f_i(x)} \nabla^2 f_i(x)$$"
        "\n\n"
        r"$$\nabla^2\phi(x) = \sum_{i=1}^m \frac{1}{f_i(x)^2} \nabla f_i(x) \nabla f_i(x)^\top"
        r" + \sum_{i=1}^m\frac{1}{f_i(x)} \nabla^2 f_i(x)$$",
        [TRUE, TRUE, NOT],
    ),
    "any function in other coordinates": (
        r"Let $g(y) = f(Ty)$."
        "\n\n"
        r"$$\nabla g(y) = T^\top\nabla f(Ty)$$"
        "\n\n"
        r"$$\nabla^2 g(y) = T^\top\nabla^2 f(x) T$$"
        "\n\n"
        r"$$\nabla^2 g(y) = T\nabla^2 f(x) T$$",
        [TRUE, TRUE, NOT],
    ),
    "another sign of the gradient": (
        r"$$\triangledown_w\tilde J(w) = \bigtriangledown_w J(w)+\bigtriangledown_w\Omega(w)$$"
        "\n\n"
        r"$$\tilde J(w) = J(w)+\Omega(w)$$",
        [TRUE],
    ),
    "a gradient that is a factor": (
        r"$$\mathbf w = \frac{g}{\|\mathbf v\|}\mathbf v$$"
        "\n\n"
        r"$$\nabla_{g} L=\frac{\nabla_{\mathbf{w}} L \cdot \mathbf{v}}{\|\mathbf{v}\|}$$",
        [TRUE],
    ),
    "derivatives by an entry": (
        r"$h_\theta(x) = \theta^T x$ and $J(\theta) = \frac12\sum_{i=1}^n (h_\theta(x^{(i)})-y^{(i)})^2$."
        "\n\n"
        r"$$\frac{\partial}{\partial \theta_{j}}J(\theta) = \sum_{i=1}^{n}(h_\theta(x^{(i)}) - y^{(i)})\cdot{}"
        r"\frac{\partial}{\partial \theta_{j}}(h_\theta(x^{(i)}) - y^{(i)})$$"
        "\n\n"
        r"$$\frac{\partial}{\partial \theta_{j}}J(\theta) = 2\sum_{i=1}^{n}(h_\theta(x^{(i)}) - y^{(i)})"
        r"\frac{\partial}{\partial \theta_{j}}(h_\theta(x^{(i)}) - y^{(i)})$$",
        [TRUE, NOT],
    ),
    "words as variables": (
        r"$num = x + 3$, $den = 1+x^2$, $inverse = \frac{1}{den}$, $f = num\cdot inverse$"
        "\n\n"
        r"$$\frac{\partial f}{\partial num} = inverse$$"
        "\n\n"
        r"$$\frac{\partial f}{\partial den} = \frac{\partial f}{\partial inverse}\cdot"
        r" \frac{\partial inverse}{\partial den}$$",
        [TRUE, TRUE],
    ),
    "a word with an index, behind an operator": (
        r"$$SSE_\lambda(\beta) = \|Y - X\beta\|^2 + \lambda \|\beta\|^2$$"
        "\n\n"
        r"$$\frac{\partial}{\partial\beta} SSE_\lambda(\beta) = -2X^T(Y-X\beta)+2\lambda\beta$$",
        [TRUE],
    ),
    "two bars for a norm": (
        r"$$\nabla_w R(w) = \nabla_w \frac{1}{n} ||X w - y||^2 = \frac2n X^T(Xw-y)$$",
        [TRUE],
    ),
    "a divergence and a difference are no derivatives": (
        r"$$D_{KL}(p'||q)=\sum_{i=1}^kp'(w_i)\log\frac{p'(w_i)}{q(w_i)}, \quad D_1+D_2=\iota$$",
        [],
    ),
    "a quotient of functions, with slashes": (
        r"$P = s/S$"
        "\n\n"
        r"$$\frac{\partial P}{\partial x} = \frac{(\partial s/\partial x)S-s(\partial S/\partial x)}{S^2}$$"
        "\n\n"
        r"$$\frac{\partial P}{\partial x} = \frac{(\partial s/\partial x)S+s(\partial S/\partial x)}{S^2}$$",
        [TRUE, NOT],
    ),
    "the value of a function at a sample, by its letter": (
        r"$$L = \sum_{n=1}^N \left[y_n\log\sigma(w^\top x_n) + (1-y_n)\log(1-\sigma(w^\top x_n))\right]$$"
        "\n\n"
        r"$$\frac{\partial L}{\partial w} = \sum_{n=1}^N (y_n-\sigma_n)x_n$$"
        "\n\n"
        r"$$\frac{\partial L}{\partial w} = \sum_{n=1}^N (y_n+\sigma_n)x_n$$",
        [TRUE, NOT],
    ),
    "indices of samples, within products alone": (
        r"$\hat y_j^k = f(\beta_j - \theta_j)$ and $\beta_j = \sum_h w_{hj}b_h$"
        "\n\n"
        r"$$\frac{\partial E_k}{\partial w_{hj}} = \frac{\partial E_k}{\partial\hat y_j^k}"
        r"\frac{\partial\hat y_j^k}{\partial\beta_j}\frac{\partial\beta_j}{\partial w_{hj}}$$",
        [TRUE],
    ),
    "a total that is the sum of its terms": (
        r"$$\frac{\partial L}{\partial V} = \sum_{t=1}^N\frac{\partial L_t}{\partial V}$$",
        [TRUE],
    ),
    "a total that is another sum of its terms": (
        r"$L = \frac1N\sum_t L_t$"
        "\n\n"
        r"$$\frac{\partial L}{\partial V} = \sum_{t=1}^N\frac{\partial L_t}{\partial V}$$",
        [NOT],
    ),
    "a logarithm as a word": (
        r"$$U(\theta) = \sum_\tau P(\tau;\theta)R(\tau)$$"
        "\n\n"
        r"$$\nabla_\theta U(\theta) = \sum_\tau P(\tau;\theta)\nabla_\theta\text{log}P(\tau;\theta)R(\tau)$$",
        [TRUE],
    ),
    "the weights of a node": (
        r"$$\frac{\partial C}{\partial w_{jk}} = \frac{\partial C}{\partial z_j}"
        r" \frac{\partial z_j}{\partial w_{jk}}$$",
        [TRUE],
    ),
    "data in a capital that are a column": (
        r"$$L(\beta,\lambda)=\|Y-X\beta\|^2+2\lambda'(R'\beta-c)$$"
        "\n\n"
        r"$$\partial_\beta L=-2X'Y+2X'X\beta+2R\lambda$$"
        "\n\n"
        r"$$\partial_\beta L=-2X'Y+2X'X\tilde\beta+2R\tilde\lambda=0$$",
        [TRUE, TRUE],
    ),
    "a tuple that is turned by a prime": (
        r"$r(\beta)=\beta_1\beta_4-\beta_2\beta_3$"
        "\n\n"
        r"$$\nabla r=(\beta_4,-\beta_3,-\beta_2,\beta_1)'$$",
        [TRUE],
    ),
    "a layer that is defined by its entries": (
        r"$$a_j^l = \sigma(z_j^l)$$"
        "\n\n"
        r"$$\frac{\partial C}{\partial z^l} = \frac{\partial C}{\partial a^l}\odot\sigma'(z^l)"
        r" = \nabla_{a^l} C\odot\sigma'(z^l)$$",
        [TRUE, TRUE],
    ),
    "a letter that is no function of its entries": (
        r"$y_i = x_iz_i$"
        "\n\n"
        r"$$\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y}z$$",
        [NOT],
    ),
    "the bias of a node": (
        r"$$\frac{\partial C}{\partial b_j} = \frac{\partial C}{\partial z_j} \frac{\partial z_j}{\partial b_j}$$",
        [TRUE],
    ),
    "what a value means is no formula for it": (
        r"$$f_w(x) = \frac{1}{1+e^{-w^\top x}}$$"
        "\n\n"
        r"$$f_w(x) = P(y = 1 \mid x; w)$$"
        "\n\n"
        r"$$J(w) = -\sum_{i=1}^m \left[y_i\log f_w(x_i) + (1-y_i)\log(1-f_w(x_i))\right]$$"
        "\n\n"
        r"$$\frac{\partial J(w)}{\partial w} = \sum_{i=1}^m (f_w(x_i)-y_i)x_i$$",
        [TRUE],
    ),
    "derivatives that do not follow each other": (
        r"$$\frac{\partial L}{\partial w} = \frac{\partial L}{\partial a}\frac{\partial z}{\partial w}$$",
        [NOT],
    ),
    "a sum over components that is missing": (
        r"$$\frac{\partial z}{\partial x_i} = \frac{\partial z}{\partial y_j} \frac{\partial y_j}{\partial x_i}$$",
        [NOT],
    ),
    "an entry-wise function needs no sum": (
        r"$a_i = \sigma(z_i)$"
        "\n\n"
        r"$$\frac{\partial L}{\partial z_j} = \frac{\partial L}{\partial a_j} \frac{\partial a_j}{\partial z_j}$$",
        [TRUE],
    ),
    "softmax needs one": (
        r"$a_j = e^{z_j}/\sum_k e^{z_k}$"
        "\n\n"
        r"$$\frac{\partial L}{\partial z_j} = \frac{\partial L}{\partial a_j} \frac{\partial a_j}{\partial z_j}$$",
        [NOT],
    ),
    "another way from the function to the variable": (
        r"$L = \|z - y\|^2 + \|W\|^2$ with $z = Wx$"
        "\n\n"
        r"$$\frac{\partial L}{\partial W} = \frac{\partial L}{\partial z} \frac{\partial z}{\partial W}$$",
        [NOT],
    ),
    "a value that does not depend on the variable, so that both sides are zero": (
        r"$z = Wx$"
        "\n\n"
        r"$$\frac{\partial L}{\partial b} = \frac{\partial L}{\partial z} \frac{\partial z}{\partial b}$$",
        [TRUE],
    ),
    "the logarithmic derivative": (r"$$\nabla_\theta \log Z = \frac{\nabla_\theta Z}{Z}$$", [TRUE]),
    "the score": (
        r"$$\nabla_\theta P(\tau|\theta) = P(\tau|\theta) \nabla_\theta \log P(\tau|\theta)$$",
        [TRUE],
    ),
    "the score, wrong": (
        r"$$\nabla_\theta P(\tau|\theta) = 2P(\tau|\theta) \nabla_\theta \log P(\tau|\theta)$$",
        [NOT],
    ),
    "the product rule": ("$$f(x)=g(x)h(x)$$\n\n$$f'(x) = g'(x)h(x) + g(x)h'(x)$$", [TRUE]),
    "the product rule, wrong": ("$$f(x)=g(x)h(x)$$\n\n$$f'(x) = g'(x)h(x) - g(x)h'(x)$$", ["false"]),
    "the mean of losses": (
        r"$J(\theta) = \frac1m \sum_{i=1}^m L(x^{(i)}, y^{(i)}, \theta)$"
        "\n\n"
        r"$$\nabla_\theta J(\theta) = \frac{1}{m} \sum_{i=1}^m \nabla_\theta L(x^{(i)}, y^{(i)}, \theta)$$",
        [TRUE],
    ),
    "a penalty beside an unknown loss": (
        r"Let $\tilde J(w;X,y) = \frac\alpha2 w^Tw + J(w;X,y)$."
        "\n\n"
        r"$$\nabla_w \tilde J(w;X,y) = \alpha w + \nabla_w J(w;X,y)$$",
        [TRUE],
    ),
    "losses of samples, each of more than letters": (
        r"$L(w) = \frac{1}{n}\sum_{i=1}^n \ell(\langle w, x_i\rangle, y_i)$"
        "\n\n"
        r"$$\nabla L(w) = \frac{1}{n} \sum_{i=1}^n \nabla \ell(\langle w, x_i\rangle, y_i)$$",
        [TRUE],
    ),
    "names of several letters": (
        r"$$\frac{\partial loss}{\partial w} = \frac{\partial loss}{\partial z}\frac{\partial z}{\partial w}$$",
        [TRUE],
    ),
    "a sum over trajectories": (
        r"$U(\theta)=\sum_\tau P_\theta(\tau)R(\tau)$"
        "\n\n"
        r"$$\nabla_\theta U(\theta) = \sum_\tau P_\theta(\tau) \frac{\nabla_\theta P_\theta(\tau)}{P_\theta(\tau)}"
        r" R(\tau)$$",
        [TRUE],
    ),
    "a layer is an index": (
        LAYERS + r"$$\frac{\partial J}{\partial W^l} = \delta^l (a^{l-1})^T$$",
        [TRUE],
    ),
    "a layer within the chain rule": (
        r"$$\frac{\partial J}{\partial z^l} = \frac{\partial J}{\partial z^{l+1}}"
        r"\frac{\partial z^{l+1}}{\partial z^l}$$",
        [TRUE],
    ),
    "the derivative along a direction": (
        r"Let $f(x)=x^TAx$ with symmetric $A$. Then $\nabla f(x)^Td = 2x^TAd$.",
        [TRUE],
    ),
    "a name for the derivative": (r"$$\frac{\partial C}{\partial z} = \delta$$", []),
    "what a sign means": (
        r"$$\nabla f = \left(\frac{\partial f}{\partial x_1}, \dots, \frac{\partial f}{\partial x_n}\right)^T$$",
        [],
    ),
    "a limit": (r"$$f'(x) = \lim_{h\to0}\frac{f(x+h)-f(x)}{h}$$", []),
    "a condition of first order": (r"$$u'(c_t) = \lambda_t$$", []),
    "a differential equation": (r"$$\frac{dy}{dt} = -ky$$", []),
    "differentials that are zero": (
        "$s = 2t$ and $r = t^2$\n\n$$ds = dr = dt = 0$$",
        [],
    ),
    "a divergence of distributions": (r"$$D_{KL}(P\|Q) = \sum_x P(x)\log\frac{P(x)}{Q(x)}$$", []),
    "a value that is defined as a function of the variable": (
        "$$a(x) = x^2, \\quad b(x,a) = \\cos(x+a)$$\n\n"
        r"$$\frac{da}{dx} = 2x \qquad \frac{db}{dx} = -\sin(x+a)-2x\sin(x+a)$$",
        [TRUE, TRUE],
    ),
    "values that are defined as functions of each other": (
        "$$a(x) = x^2, \\quad b(x,a) = \\cos(x+a), \\quad c(a,b) = 2ab, \\quad f(x,c) = 3x + c$$\n\n"
        r"$$\frac{df}{da} = -2a\sin(x+a) + 2b$$",
        [TRUE],
    ),
    "a name for a name": (
        "$$z_1 = w_1x, \\quad z_2 = z_1 - y, \\quad L = z_4 = z_2^2$$\n\n"
        r"$$\frac{\partial L}{\partial w_1} = 2z_2x$$",
        [TRUE],
    ),
    "a row whose entries stand apart": (
        r"The function $f(z) = \frac12 z_1 + z_2$ has $\frac{\partial f}{\partial z} = (\frac12 ~~ 1)$.",
        [TRUE],
    ),
    "a polynomial that is called d": (r"$$d(L) = d_0 + d_1 L$$", []),
    "words and distances that begin with d": (
        r"$decayed{\_}rate = rate\cdot decay$, $d(x_1, x_2) = d(D)$ and $dist = 3x$.",
        [],
    ),
    "the conditions of constraints": (
        r"$\nabla f(P) = \beta\nabla h(P)$ and $\nabla f(x_a) = \alpha_a\nabla g(x_a)$.",
        [],
    ),
    "a name for a gradient, used elsewhere": (r"$\nabla f(x) = g(x)$, where $g_k = g(x_k)$.", []),
    "a difference quotient": (
        r"$$\frac{\partial L}{\partial\theta} = \frac{f(X, \theta+\epsilon) - f(X, \theta-\epsilon)}{2\epsilon}$$",
        [],
    ),
    "what a Hessian is": (
        r"$$\nabla^2 f(\bm{x}) = \left(\frac{\partial^2 f}{\partial x_i\partial x_j}\right)_{i,j=1,\ldots,d}$$",
        [],
    ),
    "a tuple by the entries of a vector in bold": (
        r"$f(\bm{x}) = x_1^2/2+x_1x_2+x_2^2$ has $\nabla f(\bm{x}) = (x_1+x_2, x_1+2x_2)$, "
        r"not $\nabla f(\bm{x}) = (x_1-x_2, x_1+2x_2)$.",
        [TRUE, "false"],
    ),
    "a table with a number in front, at a letter for a point too": (
        "Let $f: \\mathbb{R}^2 \\to \\mathbb{R}, "
        "(x_1, x_2) \\mapsto \\exp(\\pi x_1) - \\sin(\\pi x_2) + \\pi x_1x_2$.\n\n"
        "$\\nabla f(\\mathbf{x}) = \\pi \\cdot (\\exp(\\pi x_1) + x_2, -\\cos(\\pi x_2) + x_1)$\n\n"
        "$$\\nabla^2 f(\\mathbf{x}) = "
        "\\pi\\begin{pmatrix}\\pi\\exp(\\pi x_1) & 1 \\\\ 1 & \\pi\\sin(\\pi x_2)\\end{pmatrix}$$"
        "\n\n$$\\nabla^2 f(\\mathbf{a}) = \\begin{pmatrix}\\pi^2 & \\pi \\\\ \\pi & 0\\end{pmatrix}$$",
        [TRUE, TRUE, NOT],
    ),
    "a function before a tuple is no number": (
        r"$f(x, y) = x^2y$ and $\nabla f(x, y) = g(2xy, x^2)$.",
        [NOT],
    ),
    "a definition with a word in front": (
        "$$\\text{RBF} = \\phi(z_h) = e^{-z_h^2}$$\n\n"
        "$$\\frac{d\\phi(z_h)}{dz_h} = -2z_he^{-z_h^2} = -2z_h\\phi(z_h)$$",
        [TRUE, TRUE],
    ),
    "a function that nobody defines is any": (r"$$\frac{\partial g(z)}{\partial z} = -2ze^{-z^2}$$", [NOT]),
    "a probability is a number": (
        "The probability $p$ has $\\log L(p) = k\\log p + (n-k)\\log(1-p)$.\n\n"
        "$$\\frac{\\partial\\log L(p)}{\\partial p} = \\frac{k(1-p)-p(n-k)}{p(1-p)}$$",
        [TRUE],
    ),
    "the chain rule in words": (
        r"$$\frac{\partial E_{total}}{\partial w5} = \frac{\partial E_{total}}{\partial out_{o1}} * "
        r"\frac{\partial out_{o1}}{\partial net_{o1}} * \frac{\partial net_{o1}}{\partial w5}$$",
        [TRUE],
    ),
    "the chain rule in words that do not follow each other": (
        r"$$\frac{\partial E_{total}}{\partial w5} = \frac{\partial E_{total}}{\partial out_{o1}} * "
        r"\frac{\partial out_{o2}}{\partial net_{o1}} * \frac{\partial net_{o1}}{\partial w5}$$",
        [NOT],
    ),
    "the chain rule with full stops": (
        r"$$\frac{dz}{dt} = \frac{\partial z}{\partial u}.\frac{du}{dt}+\frac{\partial z}{\partial v} .\frac{dv}{dt}$$",
        [TRUE],
    ),
    "the chain rule in the terms of a total": (
        r"$$\frac{\partial L}{\partial V} = \sum_{t=1}^n\frac{\partial L^{(t)}}{\partial o^{(t)}}"
        r"\frac{\partial o^{(t)}}{\partial V}$$",
        [TRUE],
    ),
    "the chain rule in the terms of another": (
        r"$$\frac{\partial L}{\partial V} = \sum_{t=1}^n\frac{\partial M^{(t)}}{\partial o^{(t)}}"
        r"\frac{\partial o^{(t)}}{\partial V}$$",
        [],
    ),
    "the chain rule with matrices that are called by a layer": (
        r"$$\frac{\partial L}{\partial w_j} = \frac{\partial L}{\partial H}\frac{\partial H}{\partial Z_h}"
        r"\frac{\partial Z_h}{\partial w_j}$$",
        [TRUE],
    ),
    "a softmax of a component": (
        r"With $a_i = \text{softmax}(z_i)$, $\frac{\partial a_i}{\partial z_i} = a_i(1-a_i)$.",
        [NOT],
    ),
    "macros that nobody defines are letters": (
        r"$f(\thetav) = \|\Xmat\thetav - y\|^2$ has $\nabla_{\thetav} f = 2\Xmat^T(\Xmat\thetav - y)$ and "
        r"$\nabla_{\thetav} f = \Xmat^T(\Xmat\thetav - y)$.",
        [TRUE, NOT],
    ),
    "the star of an optimal cost": (
        r"$J^* = x^TSx$ with $S$ symmetric has $\frac{\partial J^*}{\partial x} = 2x^TS$, not $\nabla_x J^* = 3Sx$.",
        [TRUE, "false"],
    ),
    "derivatives in macros on the right": (
        r"$$\frac{dz}{dt} = \pd{z}{u}\frac{du}{dt} + \pd{z}{v}\frac{dv}{dt}$$",
        [TRUE],
    ),
    "the energy of a robot": (
        r"$U = -m_1gl_1c_1 - m_2g(l_1c_1 + l_2c_2)$ and $\frac{\partial U}{\partial c_1} = -(m_1+m_2)gl_1$",
        [TRUE],
    ),
    "what holds where all conditions do": (
        r"$L = x+y+\lambda(x^2+y^2-1)$ has $\frac{\partial L}{\partial\lambda} = x^2+y^2-1 = 2x^2-1 = 0$ "
        r"but not $\frac{\partial L}{\partial\lambda} = x^2-y^2-1 = 0$.",
        [TRUE, NOT, "false"],
    ),
    "a bold letter in two macros": (
        r"$f = \frac12\textbf{w}^T\textbf{w} + \mathbf{w}^T\mathbf{c}$ has "
        r"$\frac{\partial f}{\partial\mathbf{w}} = \mathbf{w} + \mathbf{c}$.",
        [TRUE],
    ),
    "a Hessian that is a number of times the identity": (
        r"$L = \frac12\|y - c\|_2^2$, $y \in \mathbb{R}^n$, has $\frac{\partial^2 L}{\partial y^2} = 1$.",
        [TRUE],
    ),
    "the variable at a time": (
        r"$L = |d(t^e) - c|^2$ has $\frac{\partial L}{\partial d} = 2(d(t^e) - c)$.",
        [NOT],
    ),
    "capitals that cases compare are numbers": (
        r"$Y = \max(X_1,X_2)$ has "
        r"$\frac{dY}{dX_1} = \begin{cases} 1 & X_1 > X_2 \\ 0 & \text{else} \end{cases}$.",
        [TRUE],
    ),
    "sums over samples that nothing counts": (
        "The cost is $J = \\frac{1}{2n}\\sum_x (y - a)^2$ with $a = \\sigma(z)$ and $z = wx + b$.\n\n"
        "$\\frac{\\partial J}{\\partial w} = \\frac1n\\sum_x (a-y)\\sigma'(z)x$ and "
        "$\\frac{\\partial J}{\\partial b} = \\frac1n\\sum_x (y-a)\\sigma'(z)$",
        [TRUE, NOT],
    ),
    "a sum without an index": (
        "$$C = -\\frac{1}{n}\\sum [y\\ln a + (1-y)\\ln(1-a)]$$\nwith $a=\\sigma(z)$, $z = \\sum_j w_jx_j + b$.\n\n"
        r"$$\frac{\partial C}{\partial w_j} = \frac{1}{n}\sum x_j(\sigma(z)-y)$$",
        [TRUE],
    ),
    "a gradient by which the function is defined": (
        "$\\nabla_{\\theta}R = \\nabla_{\\theta}\\sum^n_{i=1} (y_i - \\theta^T x_i)^2"
        " = -2\\sum_{i=1}^n (y_i - \\theta^T x_i)x_i$\n\n"
        r"$\nabla^2_{\theta}R = 2\sum_{i=1}^n x_ix_i^T$",
        [TRUE, TRUE],
    ),
    "a number e that is set upright": (
        r"$F(x) = \frac{1}{1 + \text{e}^{-x/\gamma}}$ has "
        r"$F'(x) = \frac{\text{e}^{-x/\gamma}}{\gamma(1+\text{e}^{-x/\gamma})^2}$.",
        [TRUE],
    ),
    "a derivative by a matrix that is meant by its entries": (
        r"$$\frac{\partial Y}{\partial W} = \frac{\partial Y}{\partial w_{m,n}} = \sum_k\sum_l "
        r"\frac{\partial y_{kl}}{\partial w_{m,n}}\cdot\frac{\partial Y}{\partial y_{kl}}$$",
        [TRUE],
    ),
    "the loss of one sample": (
        "$$L(t_i,y_i) = -\\left[ t_i \\log(y_i) + (1-t_i)\\log(1-y_i) \\right]$$\n\n"
        "$\\frac{\\partial L_i}{\\partial y_i} = \\frac{y_i - t_i}{y_i (1 - y_i)}$, with $y_i = \\sigma(x_i w)$ it is "
        r"$\frac{\partial L_i}{\partial w} = x_i (y_i-t_i)$",
        [TRUE, TRUE],
    ),
    "counts, rates and binomials are numbers": (
        r"$\log L(p) = \log C_N^m + m\log p + (N-m)\log (1-p)$ and "
        r"$\frac{\partial\log L(p)}{\partial p} = \frac{m}{p} - \frac{N-m}{1-p}$.",
        [TRUE],
    ),
    "a sum of derivatives is what follows too": (
        "Let $y_c = e^{z_c}/S$ with $S = \\sum_{d=1}^C e^{z_d}$, for $t=1$ or $t=2$.\n\n"
        r"$$\frac{\partial\xi}{\partial z_i} = -\sum_{j=1}^C\frac{\partial t_j\log(y_j)}{\partial z_i}{} "
        r"= -\sum_{j=1}^C t_j\frac{1}{y_j}\frac{\partial y_j}{\partial z_i} "
        r"= -\frac{t_i}{y_i}y_i(1-y_i) - \sum_{j\neq i}^C\frac{t_j}{y_j}(-y_jy_i) = -t_i + y_i\sum_{j=1}^C t_j$$",
        [NOT, NOT, TRUE, TRUE],
    ),
    "a number of an example is no definition to accuse with": (
        "Let $S_k = f(S_{k-1}W_r + X_kW_x)$. For the example $w_r = 1$.\n\n"
        r"$$\frac{\partial L}{\partial S_{k-1}} = \frac{\partial L}{\partial S_k}w_r$$",
        [NOT],
    ),
    "the chain rule through functions that are applied": (
        r"With $x_i = f_i(x_{i-1}, w_i)$, $\frac{\partial C}{\partial w_i} = "
        r"\frac{\partial C}{\partial x_i}\frac{\partial f_i(x_{i-1}, w_i)}{\partial w_i}$ and "
        r"$\frac{\partial C}{\partial w_i} = \frac{\partial C}{\partial x_i}\frac{\partial g(w_i)}{\partial w_i}$.",
        [TRUE, NOT],
    ),
    "the chain rule through functions that nobody defines": (
        r"$$\frac{\partial c}{\partial z_k} = \frac{\partial c}{\partial z_{k+1}}"
        r"\frac{\partial f_k(z_k, w_k)}{\partial z_k}$$",
        [TRUE],
    ),
    "the chain rule with a prime": (
        r"With $z = h(s)$, $\frac{\partial C}{\partial s} = \frac{\partial C}{\partial z}\cdot h'(s)$.",
        [TRUE],
    ),
    "the chain rule with a prime of something else": (
        r"With $a = h(s)$, $\frac{\partial C}{\partial s} = \frac{\partial C}{\partial z}\cdot h'(s)$.",
        [NOT],
    ),
    "vectors in bold are no components": (
        r"$$\frac{\partial C}{\partial\boldsymbol{x}_{i-1}} = \frac{\partial C}{\partial\boldsymbol{x}_i}"
        r"\frac{\partial\boldsymbol{x}_i}{\partial\boldsymbol{x}_{i-1}}$$",
        [TRUE],
    ),
    "a vector in bold of which a sum is missing": (
        r"$$\frac{\partial C}{\partial\boldsymbol{w}} = \frac{\partial C}{\partial\boldsymbol{x}_i}"
        r"\frac{\partial\boldsymbol{x}_i}{\partial\boldsymbol{w}}$$",
        [NOT],
    ),
    "the chain rule in a sum of losses": (
        r"$L = \sum_{n=1}^N g(y_n, z_n)$ has $\frac{\partial L}{\partial\beta} = "
        r"\sum_{n=1}^N\frac{\partial g(y_n, z_n)}{\partial z_n}\cdot\frac{\partial z_n}{\partial\beta}$.",
        [TRUE],
    ),
    "the rate of an energy": (
        r"$E = \frac12 m\dot\theta^2 - g\cos\theta$ has $\frac{d}{dt}E = \frac{\partial E}{\partial\theta}\dot\theta"
        r" + \frac{\partial E}{\partial\dot\theta}\ddot\theta$, not $\frac{d}{dt}E = "
        r"\frac{\partial E}{\partial\theta}\dot\theta$.",
        [TRUE, NOT],
    ),
    "the rate of a cost along a path": (
        r"Where $\dot x = f(x, u)$, $\frac{dJ}{dt} = \frac{\partial J}{\partial x}f(x, u) + "
        r"\frac{\partial J}{\partial t}$, and $\frac{dJ}{dt} = \frac{dJ}{dt}$.",
        [TRUE],
    ),
    "a function of time that is called d": (r"$$d(t+\Delta t) = A d(t) = d(t) + \Delta d$$", []),
    "equations of motion": (
        r"$\frac{\partial H}{\partial p}(x^*(t), u^*(t)) = \dot x^*(t)$ and "
        r"$-\frac{\partial H}{\partial x}(x^*(t), u^*(t)) = \dot{\bm p}^*(t)$",
        [],
    ),
    "a letter whose rate is defined is no equation of motion": (
        r"With $\dot x = Ax$, $\frac{\partial H}{\partial p} = \dot x$.",
        [NOT],
    ),
    "a derivative by its sign": (
        r"$\nabla_t J^*(\bm{x}(t),t) = J^*_t(\bm{x}(t),t)$ and $\nabla_{\bm x}J(\bm{x},t) = J_{\bm x}(\bm{x},t)$",
        [],
    ),
    "equations in space": (
        r"$\frac{\partial u}{\partial t} = \alpha\Delta u$, $\frac{\partial u}{\partial t} = \nu\cdot\nabla^2u$, "
        r"$\partial p/\partial t = -\nabla\cdot(p_tu_t)$ and $\nabla^2q = \nabla\cdot\mathbf{v}$",
        [],
    ),
    "a product of matrices that begins with a bold D": (
        r"$$\boldsymbol{D}\boldsymbol{A}\boldsymbol{D}' = \begin{bmatrix} a_1d_1 & a_2 \\ a_3 & a_4d_2\end{bmatrix}$$",
        [],
    ),
    "a name that is given with a centred colon": (
        r"$\frac{\partial c}{\partial i}(\bar{x}_k) =\vcentcolon c_{i,k}$",
        [],
    ),
    "a derivative in a product is no head": (
        r"$V = x^TAx$. $\pd{V}{x}{\bf f}(x) = \dot V(x)$, "
        r"$\pd{V}{x}\left[{\bf f}_1(x) + {\bf f}_2(x)K(x)\right] = \dot V(x)$",
        [],
    ),
    "the score of an expectation": (
        r"\begin{align*} \frac{\partial}{\partial\alpha} E\left[g(x)\right] &= \frac{\partial}{\partial\alpha}"
        r"\int dx~g(x)p_\alpha(x) = \int dx~g(x)\frac{\partial}{\partial\alpha}p_\alpha(x) \\"
        r"&= \int g(x)p_\alpha(x)\frac{\partial}{\partial\alpha}\log p_\alpha(x) dx"
        r"= E\left[g(x)\frac{\partial}{\partial\alpha}\log p_\alpha(x)\right]\end{align*}",
        [TRUE, TRUE, TRUE],
    ),
    "the score of an expectation, wrong": (
        r"$$\nabla_\alpha E[g(x)] = \int g(x)p_\alpha(x)\nabla_\alpha p_\alpha(x) dx$$"
        "\n\n"
        r"$$\nabla_\alpha E[g(x)] = 2E[g(x)\nabla_\alpha\log p_\alpha(x)]$$",
        [NOT, NOT],
    ),
    "what an expectation goes over in its subscript": (
        r"$G(\theta) = \mathbb{E}_{\tau\sim p(\cdot\mid\theta)}[c(\tau)]$"
        "\n\n"
        r"$$\nabla_\theta G(\theta) = "
        r"\mathbb{E}_{\tau\sim p(\cdot\mid\theta)}[c(\tau)\nabla_\theta\log p(\tau\mid\theta)]$$",
        [TRUE],
    ),
    "trajectories of a policy": (
        r"$$\nabla_\theta J(\theta) = \nabla_\theta\mathbb{E}_{\tau\sim\pi_\theta}[R(\tau)] = "
        r"\int_\tau P(\tau|\theta)\nabla_\theta\log P(\tau|\theta)R(\tau)d\tau = "
        r"\mathbb{E}_{\tau\sim\pi_\theta}[\nabla_\theta\log P(\tau|\theta)R(\tau)]$$",
        [TRUE, TRUE],
    ),
    "a value that depends on the parameters too": (
        r"$$\nabla_\theta\mathbb{E}_{x\sim q_\theta}[Q_\theta(x)] = "
        r"\mathbb{E}_{x\sim q_\theta}[Q_\theta(x)\nabla_\theta\log q_\theta(x)]$$",
        [NOT],
    ),
    "a gradient within an expectation": (
        r"$$\nabla_x\mathbb{E}_{z\sim\mathcal{N}(0,1)}[C(P_z(x), y)] = "
        r"\mathbb{E}_{z\sim\mathcal{N}(0,1)}[\nabla_xC(P_z(x), y)]$$",
        [TRUE],
    ),
    "costs at steps in brackets": (
        r"$$\frac{\partial}{\partial\alpha}E\left[\sum_{n=0}^N\ell(x[n], u[n])\right] = E\left[\left("
        r"\sum_{n=0}^N\ell(x[n], u[n])\right)\frac{\partial}{\partial\alpha}\log p_\alpha(x[\cdot], u[\cdot])\right]$$",
        [TRUE],
    ),
    "an index in brackets": (
        r"$s[0] = w[0]z$ has $\mathrm{d}s[0] = w[0]\cdot\mathrm{d}z$ and $\frac{\partial s[0]}{\partial z} = 2w[0]$.",
        [TRUE, "false"],
    ),
    "a direction in brackets is no index": (
        r"With $f(x) = x^Tx$, $f'(x)[h] = 2x^Th$ and $Df(x)[n] = 2x^Tn$.",
        [TRUE, TRUE],
    ),
    "the layers of a network by components": (
        NODES + r"$$\frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_k\delta^l_j$$"
        "\n\n"
        r"$$\frac{\partial C}{\partial b^l_j} = \delta^l_j$$"
        "\n\n"
        r"$$\frac{\partial z^{l+1}_k}{\partial z^l_j} = w^{l+1}_{kj}\sigma'(z^l_j)$$"
        "\n\n"
        r"$$\frac{\partial C}{\partial z^l_j} = \sum_kw^{l+1}_{kj}\delta^{l+1}_k\sigma'(z^l_j)$$",
        [TRUE, TRUE, TRUE, TRUE],
    ),
    "the layers of a network by components, wrong": (
        NODES + r"$$\frac{\partial C}{\partial w^l_{jk}} = a^l_k\delta^l_j$$"
        "\n\n"
        r"$$\frac{\partial C}{\partial b^l_j} = 2\delta^l_j$$"
        "\n\n"
        r"$$\frac{\partial z^{l+1}_k}{\partial z^l_j} = w^{l+1}_{jk}\sigma'(z^l_j)$$"
        "\n\n"
        r"$$\frac{\partial C}{\partial z^l_j} = \sum_kw^{l+1}_{jk}\delta^{l+1}_k\sigma'(z^l_j)$$",
        ["false", "false", NOT, "false"],
    ),
    "the layer behind": (
        LAYERS + r"With $a^l = \sigma(z^l)$, $\frac{\partial C}{\partial z^l} = "
        r"(W^{l+1})^T\frac{\partial C}{\partial z^{l+1}}\odot\sigma'(z^l)$, "
        r"$\frac{\partial J}{\partial z^l} = (W^{l+1})^T\delta^{l+1}\odot\sigma'(z^l)$ and "
        r"$\frac{\partial J}{\partial z^l} = (W^{l+1})^T\delta^{l+1}$.",
        [TRUE, TRUE, "false"],
    ),
    "the step behind": (
        r"$h_t = \tanh(Wh_{t-1} + Ux_t)$ has $\frac{\partial h_{t+1}}{\partial h_t} = "
        r"\operatorname{diag}(1 - h_{t+1}^2)W$, not $\operatorname{diag}(1 - h_t^2)W$, "
        r"$\frac{\partial h_{t+1}}{\partial h_t} = \operatorname{diag}(1 - h_t^2)W$.",
        ["true in the other layout", NOT],
    ),
    "several ways from a function to a variable": (
        "$s_0 = w_0z$, $s_1 = w_1z$\n\n"
        r"$$\frac{\partial C}{\partial z} = \frac{\partial C}{\partial s_0}w_0 + \frac{\partial C}{\partial s_1}w_1$$"
        "\n\n"
        r"$$\frac{\partial C}{\partial z} = \frac{\partial C}{\partial s_0}w_0 + 2\frac{\partial C}{\partial s_1}w_1$$",
        [TRUE, NOT],
    ),
    "a state that counts now and later": (
        r"With $h_t = \tanh(Wh_{t-1} + Ux_t)$ and $y_t = Vh_t$, $\frac{\partial L}{\partial h_t} = "
        r"V^T\frac{\partial L}{\partial y_t} + W^T(\frac{\partial L}{\partial h_{t+1}}\odot(1 - h_{t+1}^2))$.",
        [TRUE],
    ),
    "the derivative at an estimate": (
        "$L(\\beta) = \\sum_{n=1}^N(\\exp(\\beta^Tx_n) - Y_n\\beta^Tx_n)$\n\n"
        r"$$\frac{\partial L(\hat\beta)}{\partial\hat\beta} = \sum_{n=1}^N(\exp(\hat\beta^Tx_n)x_n - y_nx_n)$$"
        "\n\n"
        r"$$\frac{\partial L(\hat\beta)}{\partial\hat\beta} = \sum_{n=1}^N(\exp(\hat\beta^Tx_n)x_n + y_nx_n)$$",
        [TRUE, "false"],
    ),
    "an estimate of which nobody says what it estimates": (
        r"$L = \|y - X\beta\|^2$ has $\frac{\partial L}{\partial\hat\beta} = -2X^T(y - X\hat\beta)$ and "
        r"$\nabla_{\hat\beta}L = 2X^T(y - X\hat\beta)$.",
        [TRUE, NOT],
    ),
}


@pytest.mark.parametrize(("text", "verdicts"), [pytest.param(*x, id=name) for name, x in PAGES.items()])
def test_the_verdicts_on_a_page(text: str, verdicts: list[str]) -> None:
    assert [x.verdict for x in mdderive.claims(f"{text}\n")] == verdicts


def test_a_claim_is_told_as_it_is_written_however_often_it_is_respelled() -> None:
    claim = r"\frac{\partial J^*}{\partial \textbf{y}}\frac{\partial \textbf{y}}{\partial x}"
    assert [x.latex for x in mdderive.claims(rf"$$\frac{{\partial J^*}}{{\partial x}} = {claim}$$")] == [claim]


def test_a_size_is_that_of_the_letters_beside_it_alone() -> None:
    r"""In `y = ... \in \mathbb{R}^N, X \in \mathbb{R}^{N\times D}` the second space is that of X."""
    text = (
        "$$y = \\begin{bmatrix}y_1 \\\\ y_2\\end{bmatrix} \\in \\mathbb{R}^{N}, "
        "X = \\begin{bmatrix} a \\\\ b\\end{bmatrix} \\in \\mathbb{R}^{N \\times (D+1)}$$\n\n"
        "$$L(b) = \\frac12(y - Xb)^\\top(y - Xb)$$\n\n$$\\frac{\\partial L(b)}{\\partial b} = -X^\\top(y - Xb)$$\n"
    )
    assert [x.verdict for x in mdderive.claims(text)] == ["true"]


def test_a_definition_of_a_later_section_accuses_no_one() -> None:
    text = (
        "# One\n\n$$\\nabla L(w) = X^T(Xw-y)$$\n\n# Two\n\n$$L(w) = \\|Xw-y\\|^2 + \\alpha\\|w\\|^2$$\n"
        "\nNow $L$ is another one.\n"
    )
    assert [x.verdict for x in mdderive.claims(text)] == ["not judged"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(r"$$\frac{\partial}{\partial A_{kl}}|A| = (-1)^{k+l}|A_{kl}|$$", id="a minor"),
        pytest.param(
            "$z = Ws(h)$ with $h \\in \\mathbb{R}^n$, $W \\in \\mathbb{R}^{m\\times n}$ and $s(t) = \\tanh t$\n\n"
            r"$$\frac{\partial z}{\partial h} = W \odot s'(h)$$",
            id="a column that is spread over a matrix",
        ),
        pytest.param(
            r"$$g^{\prime}(w) = \frac{d}{dw}g(w) \,\,\,\,\,\,g^{\prime\prime}(w) = \frac{d^2}{dw^2}g(w)$$",
            id="thin spaces in a row",
        ),
    ],
)
def test_a_doubt_accuses_no_one(text: str) -> None:
    assert all(x.verdict not in ("false", "shapes do not fit") for x in mdderive.claims(f"{text}\n"))
