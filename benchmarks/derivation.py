"""How long a checked derivation takes beside SymPy's bare `diff` of the same expression.

    pip install sympy && python benchmarks/derivation.py

Every round does both for one expression before the next; the caches of both are cleared before each. SymPy is given
the spelling it does best; only expressions that it differentiates rightly are here. Ratio: SymPy's time over ours.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import sympy
from sympy import HadamardProduct, Inverse, MatrixSymbol, Symbol, Trace, diff
from sympy.core.cache import clear_cache

import mdderive

ROUNDS = 7

m, n, p, q = (Symbol(name, integer=True, positive=True) for name in "mnpq")
A, B, C, X = (MatrixSymbol(name, n, n) for name in "ABCX")
P, Q, R, W = MatrixSymbol("P", m, n), MatrixSymbol("Q", n, p), MatrixSymbol("R", m, p), MatrixSymbol("W", n, p)
a, b, x = (MatrixSymbol(name, n, 1) for name in "abx")
y = MatrixSymbol("y", m, 1)

EXPRESSIONS: tuple[tuple[str, str, Callable[[], object]], ...] = (
    (r"a^TXb", "X", lambda: diff(a.T * X * b, X)),
    (r"x^TAx", "x", lambda: diff(x.T * A * x, x)),
    (r"\|Px-y\|^2", "x", lambda: diff((P * x - y).T * (P * x - y), x)),
    (r"\operatorname{tr}(AXB)", "X", lambda: diff(Trace(A * X * B), X)),
    (r"\operatorname{tr}(AXBX^TC)", "X", lambda: diff(Trace(A * X * B * X.T * C), X)),
    (r"\operatorname{tr}(X^TX)", "X", lambda: diff(Trace(X.T * X), X)),
    (r"\operatorname{tr}(X^2)", "X", lambda: diff(Trace(X**2), X)),
    (r"\operatorname{tr}(X^{-1}A)", "X", lambda: diff(Trace(Inverse(X) * A), X)),
    (r"a^TX^{-1}b", "X", lambda: diff(a.T * Inverse(X) * b, X)),
    (r"\operatorname{tr}(AX^{-1}BX)", "X", lambda: diff(Trace(A * Inverse(X) * B * X), X)),
    (r"\|PW-R\|_F^2", "W", lambda: diff(Trace((P * W - R).T * (P * W - R)), W)),
    (r"\operatorname{tr}((A\odot X)^TB)", "X", lambda: diff(Trace(HadamardProduct(A, X).T * B), X)),
)


def milliseconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1e3


def main() -> None:
    mdderive.derive("c^Td", "d")  # both have started
    diff(a.T * b, a)
    print(f"{'expression':32}{'mdderive, checked':>18}{'SymPy diff':>12}{'ratio':>8}")
    ratios = []
    for f, variable, by_sympy in EXPRESSIONS:
        ours, theirs = [], []
        for _ in range(ROUNDS):
            mdderive.clear_caches()
            ours.append(milliseconds(lambda: mdderive.derive(f, variable)))  # noqa: B023
            clear_cache()
            theirs.append(milliseconds(by_sympy))
        one, two = statistics.median(ours), statistics.median(theirs)
        ratios.append(two / one)
        print(f"{f:32}{one:15.1f} ms{two:9.1f} ms{two / one:8.1f}")
    print(f"median ratio {statistics.median(ratios):.1f}, lowest {min(ratios):.1f}; SymPy {sympy.__version__}")


if __name__ == "__main__":
    main()
