# a^TXb by X
# f = a^\top Xb
# a: m x 1, X: m x n, b: n x 1
using LinearAlgebra

function gradient(; a, X, b)
    return a * b'
end

# \|Xw-y\|^2 by w
# f = \lVert Xw-y\rVert^2
# X: m x n, w: n x 1, y: m x 1
using LinearAlgebra

function gradient(; X, w, y)
    return 2 * (X' * (X * w - y))
end

function solution(; X, w, y)
    return inv(X' * X) * X' * y
end

# \sum_{i=1}^n (w^Tx_i-y_i)^2 by w
# f = \sum_{i=1}^n (w^\top x_i-y_i)^2
# w: m x 1, x_i: m x 1, y_i: 1 x 1
using LinearAlgebra

function gradient(; w, x, y)
    size_n = size(x, 1)
    return 2 * sum((only(w' * x[i, :, :]) - y[i, 1, 1]) * x[i, :, :] for i in 1:size_n)
end

# \sum_{i=1}^n \sigma(w^Tx_i) by w
# f = \sum_{i=1}^n \sigma(w^\top x_i)
# w: m x 1, x_i: m x 1
using LinearAlgebra

function gradient(; w, x, sigma=a -> 1 / (1 + exp(-a)), sigma_prime=a -> exp(-a) / (1 + exp(-a)) ^ 2)
    size_n = size(x, 1)
    return sum(sigma_prime.(only(w' * x[i, :, :])) * x[i, :, :] for i in 1:size_n)
end

# \log\det X + x^TX^{-1}x by X
# f = \log\lvert X\rvert+x^\top X^{-1}x
# X: n x n, x: n x 1
using LinearAlgebra

function gradient(; X, x)
    inv_X = inv(X)
    return inv_X - inv_X * x * x' * inv_X
end

# -y^T\log\operatorname{softmax}(Wx) by W
# f = -y^\top\log\operatorname{softmax}(Wx)
# y: m x 1, W: m x n, x: n x 1
using LinearAlgebra

softmax(a) = exp.(a .- maximum(a)) ./ sum(exp.(a .- maximum(a)))

function hessian(; y, W, x)
    part_1 = softmax(W * x)
    return kron(x * x', (diagm(vec(part_1)) - part_1 * part_1'))
end

function hessian_vector_product(direction; y, W, x)
    part_1 = softmax(W * x)
    return (part_1 .* (direction * x) - (only(part_1' * direction * x)) * part_1) * x'
end

gradient = hessian  # the derivative that is asked for

# \|x\| by x
# f = \lVert x\rVert
# x: n x 1
using LinearAlgebra

function gradient(; x)
    return x / norm(x)
end

# AXB by X
# f = AXB
# A: m x n, X: n x p, B: p x q
using LinearAlgebra

function gradient(; A, X, B)
    return kron(B, A')
end
