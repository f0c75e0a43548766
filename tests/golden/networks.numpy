# a residual net
# f = \lVert h_4-y\rVert^2
# h_4: n x 1, y: n x 1, W_1: n x n, x: n x 1, h_1: n x 1, W_2: n x n, h_2: n x 1, W_3: n x n, h_3: n x 1, W_4: n x n
import numpy as np


def gradient(*, y, W_1, x, W_2, W_3, W_4, sigma=lambda a: 1 / (1 + np.exp(-a)), sigma_prime=lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2):
    if any(getattr(array, "ndim", 2) != 2 for array in (y, W_1, x, W_2, W_3, W_4)):
        raise ValueError("a vector is an array of shape (n, 1)")
    u_1 = W_1 @ x
    h_1 = x + sigma(u_1)
    u_2 = W_2 @ h_1
    h_2 = h_1 + sigma(u_2)
    u_3 = W_3 @ h_2
    h_3 = h_2 + sigma(u_3)
    u_4 = W_4 @ h_3
    h_4 = h_3 + sigma(u_4)
    grad_h_4 = 2 * (h_4 - y)
    grad_h_3 = W_4.T @ (grad_h_4 * sigma_prime(u_4)) + grad_h_4
    grad_h_2 = W_3.T @ (grad_h_3 * sigma_prime(u_3)) + grad_h_3
    grad_h_1 = W_2.T @ (grad_h_2 * sigma_prime(u_2)) + grad_h_2
    return (grad_h_1 * sigma_prime(u_1)) @ x.T

# a recurrent net
# f = \lVert h_4-y\rVert^2
# h_4: m x 1, y: m x 1, W: m x m, h_0: m x 1, U: m x n, x_1: n x 1, h_1: m x 1, x_2: n x 1, h_2: m x 1, x_3: n x 1, h_3: m x 1, x_4: n x 1
import numpy as np


def gradient(*, y, W, h_0, U, x_1, x_2, x_3, x_4, sigma=lambda a: 1 / (1 + np.exp(-a)), sigma_prime=lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2):
    if any(getattr(array, "ndim", 2) != 2 for array in (y, W, h_0, U, x_1, x_2, x_3, x_4)):
        raise ValueError("a vector is an array of shape (n, 1)")
    u_1 = W @ h_0 + U @ x_1
    h_1 = sigma(u_1)
    u_2 = W @ h_1 + U @ x_2
    h_2 = sigma(u_2)
    u_3 = W @ h_2 + U @ x_3
    h_3 = sigma(u_3)
    u_4 = W @ h_3 + U @ x_4
    h_4 = sigma(u_4)
    grad_h_4 = 2 * (h_4 - y)
    delta_4 = grad_h_4 * sigma_prime(u_4)
    grad_h_3 = W.T @ delta_4
    delta_3 = grad_h_3 * sigma_prime(u_3)
    grad_h_2 = W.T @ delta_3
    delta_2 = grad_h_2 * sigma_prime(u_2)
    grad_h_1 = W.T @ delta_2
    return delta_4 @ h_3.T + delta_3 @ h_2.T + delta_2 @ h_1.T + (grad_h_1 * sigma_prime(u_1)) @ h_0.T

# a deep net
# f = a^\top\sigma\left(W_8\sigma\left(W_7\sigma\left(W_6\sigma\left(W_5\sigma\left(W_4\sigma\left(W_3\sigma\bigl(W_2\sigma(W_1x)\bigr)\right)\right)\right)\right)\right)\right)
# a: m x 1, W_8: m x n, W_7: n x p, W_6: p x q, W_5: q x r, W_4: r x s, W_3: s x k, W_2: k x l, W_1: l x d, x: d x 1, h_1: l x 1, h_2: k x 1, h_3: s x 1, h_4: r x 1, h_5: q x 1, h_6: p x 1, h_7: n x 1, h_8: m x 1
import numpy as np


def gradient(*, a, W_8, W_7, W_6, W_5, W_4, W_3, W_2, W_1, x, sigma=lambda a: 1 / (1 + np.exp(-a)), sigma_prime=lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2):
    if any(getattr(array, "ndim", 2) != 2 for array in (a, W_8, W_7, W_6, W_5, W_4, W_3, W_2, W_1, x)):
        raise ValueError("a vector is an array of shape (n, 1)")
    u_1 = W_1 @ x
    h_1 = sigma(u_1)
    u_2 = W_2 @ h_1
    h_2 = sigma(u_2)
    u_3 = W_3 @ h_2
    h_3 = sigma(u_3)
    u_4 = W_4 @ h_3
    h_4 = sigma(u_4)
    u_5 = W_5 @ h_4
    h_5 = sigma(u_5)
    u_6 = W_6 @ h_5
    h_6 = sigma(u_6)
    u_7 = W_7 @ h_6
    h_7 = sigma(u_7)
    grad_h_8 = a
    grad_h_7 = W_8.T @ (grad_h_8 * sigma_prime(W_8 @ h_7))
    grad_h_6 = W_7.T @ (grad_h_7 * sigma_prime(u_7))
    grad_h_5 = W_6.T @ (grad_h_6 * sigma_prime(u_6))
    grad_h_4 = W_5.T @ (grad_h_5 * sigma_prime(u_5))
    grad_h_3 = W_4.T @ (grad_h_4 * sigma_prime(u_4))
    grad_h_2 = W_3.T @ (grad_h_3 * sigma_prime(u_3))
    grad_h_1 = W_2.T @ (grad_h_2 * sigma_prime(u_2))
    return (grad_h_1 * sigma_prime(u_1)) @ x.T
