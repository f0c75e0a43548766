# a residual net
# f = \lVert h_4-y\rVert^2
# h_4: n x 1, y: n x 1, W_1: n x n, x: n x 1, h_1: n x 1, W_2: n x n, h_2: n x 1, W_3: n x n, h_3: n x 1, W_4: n x n
import numpy as np


def gradient(*, y, W_1, x, W_2, W_3, W_4, sigma=lambda a: 1 / (1 + np.exp(-a)), sigma_prime=lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2):
    if any(array.ndim != 2 for array in (y, W_1, x, W_2, W_3, W_4)):
        raise ValueError("a vector is an array of shape (n, 1)")
    a_1 = W_1 @ x
    h_1 = x + sigma(a_1)
    a_2 = W_2 @ h_1
    h_2 = h_1 + sigma(a_2)
    a_3 = W_3 @ h_2
    h_3 = h_2 + sigma(a_3)
    a_4 = W_4 @ h_3
    h_4 = h_3 + sigma(a_4)
    grad_h_4 = 2 * (h_4 - y)
    grad_h_3 = W_4.T @ (grad_h_4 * sigma_prime(a_4)) + grad_h_4
    grad_h_2 = W_3.T @ (grad_h_3 * sigma_prime(a_3)) + grad_h_3
    grad_h_1 = W_2.T @ (grad_h_2 * sigma_prime(a_2)) + grad_h_2
    return (grad_h_1 * sigma_prime(a_1)) @ x.T

# a recurrent net
# f = \lVert h_4-y\rVert^2
# h_4: m x 1, y: m x 1, W: m x m, h_0: m x 1, U: m x n, x_1: n x 1, h_1: m x 1, x_2: n x 1, h_2: m x 1, x_3: n x 1, h_3: m x 1, x_4: n x 1
import numpy as np


def gradient(*, y, W, h_0, U, x_1, x_2, x_3, x_4, sigma=lambda a: 1 / (1 + np.exp(-a)), sigma_prime=lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2):
    if any(array.ndim != 2 for array in (y, W, h_0, U, x_1, x_2, x_3, x_4)):
        raise ValueError("a vector is an array of shape (n, 1)")
    a_1 = W @ h_0 + U @ x_1
    h_1 = sigma(a_1)
    a_2 = W @ h_1 + U @ x_2
    h_2 = sigma(a_2)
    a_3 = W @ h_2 + U @ x_3
    h_3 = sigma(a_3)
    a_4 = W @ h_3 + U @ x_4
    h_4 = sigma(a_4)
    grad_h_4 = 2 * (h_4 - y)
    delta_4 = grad_h_4 * sigma_prime(a_4)
    grad_h_3 = W.T @ delta_4
    delta_3 = grad_h_3 * sigma_prime(a_3)
    grad_h_2 = W.T @ delta_3
    delta_2 = grad_h_2 * sigma_prime(a_2)
    grad_h_1 = W.T @ delta_2
    return delta_4 @ h_3.T + delta_3 @ h_2.T + delta_2 @ h_1.T + (grad_h_1 * sigma_prime(a_1)) @ h_0.T

# a deep net
# f = a^\top\sigma\left(W_8\sigma\left(W_7\sigma\left(W_6\sigma\left(W_5\sigma\left(W_4\sigma\left(W_3\sigma\bigl(W_2\sigma(W_1x)\bigr)\right)\right)\right)\right)\right)\right)
# a: m x 1, W_8: m x n, W_7: n x p, W_6: p x q, W_5: q x r, W_4: r x s, W_3: s x k, W_2: k x l, W_1: l x d, x: d x 1, h_1: l x 1, h_2: k x 1, h_3: s x 1, h_4: r x 1, h_5: q x 1, h_6: p x 1, h_7: n x 1, h_8: m x 1
import numpy as np


def gradient(*, a, W_8, W_7, W_6, W_5, W_4, W_3, W_2, W_1, x, sigma=lambda a: 1 / (1 + np.exp(-a)), sigma_prime=lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2):
    if any(array.ndim != 2 for array in (a, W_8, W_7, W_6, W_5, W_4, W_3, W_2, W_1, x)):
        raise ValueError("a vector is an array of shape (n, 1)")
    z_1 = W_1 @ x
    h_1 = sigma(z_1)
    z_2 = W_2 @ h_1
    h_2 = sigma(z_2)
    z_3 = W_3 @ h_2
    h_3 = sigma(z_3)
    z_4 = W_4 @ h_3
    h_4 = sigma(z_4)
    z_5 = W_5 @ h_4
    h_5 = sigma(z_5)
    z_6 = W_6 @ h_5
    h_6 = sigma(z_6)
    z_7 = W_7 @ h_6
    h_7 = sigma(z_7)
    grad_h_8 = a
    grad_h_7 = W_8.T @ (grad_h_8 * sigma_prime(W_8 @ h_7))
    grad_h_6 = W_7.T @ (grad_h_7 * sigma_prime(z_7))
    grad_h_5 = W_6.T @ (grad_h_6 * sigma_prime(z_6))
    grad_h_4 = W_5.T @ (grad_h_5 * sigma_prime(z_5))
    grad_h_3 = W_4.T @ (grad_h_4 * sigma_prime(z_4))
    grad_h_2 = W_3.T @ (grad_h_3 * sigma_prime(z_3))
    grad_h_1 = W_2.T @ (grad_h_2 * sigma_prime(z_2))
    return (grad_h_1 * sigma_prime(z_1)) @ x.T
