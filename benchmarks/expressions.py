"""The 33 expressions of the comparison: as an author writes each, in SymPy's best spelling, and as a numerical program.

A program is written with the functions that numpy, jax and torch have in common, and a few that `Functions` adds.
Shapes: letters n, m, p stand for the sizes 3, 4, 2; `S` is symmetric positive definite, `y1` is one-hot.
"""

from __future__ import annotations

from typing import NamedTuple


class Expression(NamedTuple):
    """One row: `sympy` is "" where SymPy has no spelling that keeps the matrices."""

    latex: str
    variable: str
    program: str
    sympy: str
    shapes: dict[str, str]
    where: tuple[str, ...] = ()


SQUARE = {"A": "nn", "B": "nn", "C": "nn", "X": "nn"}
NETWORK = {"y": "m1", "W": "mn", "x": "n1"}

EXPRESSIONS: tuple[Expression, ...] = (
    Expression(r"a^TXb", "X", "a.T @ X @ b", "a.T*X*b", {"a": "m1", "X": "mn", "b": "n1"}),
    Expression(r"x^TAx", "x", "x.T @ A @ x", "x.T*A*x", {"x": "n1", "A": "nn"}),
    Expression(r"\|Xw-y\|^2", "w", "sum((X @ w - y) ** 2)", "(X*w-y).T*(X*w-y)", {"X": "mn", "w": "n1", "y": "m1"}),
    Expression(
        r"\operatorname{tr}(AXBX^TC)",
        "X",
        "trace(A @ X @ B @ X.T @ C)",
        "Trace(A*X*B*X.T*C)",
        {"A": "pm", "X": "mn", "B": "nn", "C": "mp"},
    ),
    Expression(r"\log\det X", "X", "log(det(X))", "log(Determinant(X))", {"X": "nn"}),
    Expression(r"\det X", "X", "det(X)", "Determinant(X)", {"X": "nn"}),
    Expression(
        r"\det(AXB)", "X", "det(A @ X @ B)", "Determinant(A*X*B)", {"A": "pm", "X": "mn", "B": "np"}, ("A: p x m",)
    ),
    Expression(r"\det(AXB)", "X", "det(A @ X @ B)", "Determinant(A*X*B)", SQUARE, ("A: n x n", "X: n x n", "B: n x n")),
    Expression(r"\operatorname{tr}(X^{-1}A)", "X", "trace(inv(X) @ A)", "Trace(Inverse(X)*A)", SQUARE),
    Expression(r"a^TX^{-1}b", "X", "a.T @ inv(X) @ b", "a.T*Inverse(X)*b", {"a": "n1", "X": "nn", "b": "n1"}),
    Expression(r"\log\det(X^TX)", "X", "log(det(X.T @ X))", "log(Determinant(X.T*X))", {"X": "mn"}),
    Expression(r"\operatorname{tr}(X^TX)", "X", "trace(X.T @ X)", "Trace(X.T*X)", {"X": "mn"}),
    Expression(r"\operatorname{tr}(X^2)", "X", "trace(X @ X)", "Trace(X**2)", {"X": "nn"}),
    Expression(r"\operatorname{tr}(X^3)", "X", "trace(X @ X @ X)", "Trace(X**3)", {"X": "nn"}),
    Expression(r"\|X\|_F", "X", "sqrt(sum(X ** 2))", "sqrt(Trace(X.T*X))", {"X": "mn"}),
    Expression(
        r"\|AXB-C\|_F^2",
        "X",
        "sum((A @ X @ B - C) ** 2)",
        "Trace((A*X*B-C).T*(A*X*B-C))",
        {"A": "pm", "X": "mn", "B": "nn", "C": "pn"},
    ),
    Expression(r"-y^T\log\operatorname{softmax}(Wx)", "W", "lse(W @ x) - y.T @ W @ x", "", NETWORK, ("y: one-hot",)),
    Expression(
        r"\mathbf{1}^T\exp(Ax)", "x", "sum(exp(A @ x))", "OneMatrix(1,m)*(A*x).applyfunc(exp)", {"A": "mn", "x": "n1"}
    ),
    Expression(
        r"\operatorname{logsumexp}(Ax)",
        "x",
        "lse(A @ x)",
        "(OneMatrix(1,m)*(A*x).applyfunc(exp)).applyfunc(log)",
        {"A": "mn", "x": "n1"},
    ),
    Expression(
        r"\mathbf{1}^T\log(1+\exp(-y\odot Xw))",
        "w",
        "sum(log(1 + exp(-y * (X @ w))))",
        "OneMatrix(1,m)*HadamardProduct(-y,X*w).applyfunc(Lambda(t,log(1+exp(t))))",
        {"y": "m1", "X": "mn", "w": "n1"},
    ),
    Expression(
        r"-y^T\log\operatorname{softmax}(W_2\sigma(W_1x))",
        "W_1",
        "lse(W_2 @ sigma(W_1 @ x)) - y.T @ W_2 @ sigma(W_1 @ x)",
        "",
        {"y": "p1", "W_2": "pm", "W_1": "mn", "x": "n1"},
        ("y: one-hot",),
    ),
    Expression(
        r"-\frac12\log\det\Sigma-\frac12(x-\mu)^T\Sigma^{-1}(x-\mu)",
        r"\Sigma",
        "-log(det(S)) / 2 - (x - mu).T @ inv(S) @ (x - mu) / 2",
        "(x-mu).T*Inverse(S)*(x-mu)/(-2) - Identity(1)*log(Determinant(S))/2",
        {"x": "n1", "mu": "n1", "S": "nn"},
        (r"\Sigma: SPD",),
    ),
    Expression(
        r"-\frac12\log\det\Sigma-\frac12(x-\mu)^T\Sigma^{-1}(x-\mu)",
        r"\mu",
        "-log(det(S)) / 2 - (x - mu).T @ inv(S) @ (x - mu) / 2",
        "(x-mu).T*Inverse(S)*(x-mu)/(-2)",
        {"x": "n1", "mu": "n1", "S": "nn"},
        (r"\mu: vector", r"\Sigma: SPD"),
    ),
    Expression(
        r"\operatorname{tr}((A\odot X)^TXB)",
        "X",
        "trace((A * X).T @ X @ B)",
        "Trace(HadamardProduct(A,X).T*X*B)",
        SQUARE,
    ),
    Expression(r"a^T\exp(X)b", "X", "a.T @ exp(X) @ b", "a.T*X.applyfunc(exp)*b", {"a": "m1", "X": "mn", "b": "n1"}),
    Expression(r"x^T\operatorname{diag}(w)x", "w", "sum(x * w * x)", "x.T*DiagMatrix(w)*x", {"x": "n1", "w": "n1"}),
    Expression(r"\operatorname{tr}(A\otimes X)", "X", "trace(kron(A, X))", "Trace(KroneckerProduct(A,X))", SQUARE),
    Expression(
        r"\|xx^T-A\|_F^2", "x", "sum((x @ x.T - A) ** 2)", "Trace((x*x.T-A).T*(x*x.T-A))", {"x": "n1", "A": "nn"}
    ),
    Expression(r"\operatorname{tr}(AX^{-1}BX)", "X", "trace(A @ inv(X) @ B @ X)", "Trace(A*Inverse(X)*B*X)", SQUARE),
    Expression(r"\frac{x^TAx}{x^Tx}", "x", "x.T @ A @ x / (x.T @ x)", "x.T*A*x*Inverse(x.T*x)", {"x": "n1", "A": "nn"}),
    Expression(r"\|x\|", "x", "sqrt(sum(x ** 2))", "sqrt(Trace(x.T*x))", {"x": "n1"}),
    Expression(
        r"a^T\sigma(Wx)",
        "W",
        "a.T @ sigma(W @ x)",
        "a.T*(W*x).applyfunc(Lambda(t,1/(1+exp(-t))))",
        {"a": "m1", "W": "mn", "x": "n1"},
    ),
    Expression(r"\operatorname{tr}(e^X)", "X", "trace(expm(X))", "Trace(exp(X))", {"X": "nn"}),
)
