"""How the time of a checked derivation grows with the size of the function: the fitted exponents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from measure import cpu_milliseconds, exponent, in_turns

import mdderive

Asked = tuple[str, str, list[str]]


def network(k: int) -> Asked:
    """Return a network of k layers, its layers named, differentiated by the first weights."""
    layers = [rf"h_{{{i}}} = \sigma(W_{{{i}}}{'x' if i == 1 else f'h_{{{i - 1}}}'})" for i in range(1, k + 1)]
    return rf"\|h_{{{k}}}-y\|^2", "W_{1}", layers


def residual(k: int) -> Asked:
    """Return a residual network of k layers, its layers named, differentiated by the first weights."""
    before = ["x", *(f"h_{{{i}}}" for i in range(1, k))]
    layers = [rf"h_{{{i}}} = {x}+\sigma(W_{{{i}}}{x})" for i, x in enumerate(before, 1)]
    return rf"\|h_{{{k}}}-y\|^2", "W_{1}", layers


def recurrent(k: int) -> Asked:
    """Return a recurrent network unrolled over k steps, differentiated by the weights that they share."""
    steps = [rf"h_{{{i}}} = \sigma(Wh_{{{i - 1}}}+Ux_{{{i}}})" for i in range(1, k + 1)]
    return rf"\|h_{{{k}}}-y\|^2", "W", steps


def nested(k: int) -> Asked:
    """Return a network of k layers nested within each other without names, differentiated by the first weights."""
    f = "x"
    for i in range(1, k + 1):
        f = rf"\sigma(W_{{{i}}}{f})"
    return rf"a^T{f}", "W_{1}", []


def terms(k: int) -> Asked:
    """Return a sum of k bilinear forms in X."""
    return "+".join(rf"a_{{{i}}}^TXb_{{{i}}}" for i in range(1, k + 1)), "X", []


def factors(k: int) -> Asked:
    """Return the trace of a product of k matrices and X."""
    return rf"\operatorname{{tr}}({''.join(f'A_{{{i}}}' for i in range(1, k + 1))}X)", "X", []


def places(k: int) -> Asked:
    """Return the trace of a product in which X stands k times; the answer has k terms of 2k - 1 factors."""
    return rf"\operatorname{{tr}}({''.join(f'A_{{{i}}}X' for i in range(1, k + 1))})", "X", []


def transposes(k: int) -> Asked:
    """Return the trace of a product in which X and X^T stand k times each; the answer has 2k terms."""
    return rf"\operatorname{{tr}}({''.join(f'A_{{{i}}}XB_{{{i}}}X^T' for i in range(1, k + 1))})", "X", []


def power(k: int) -> Asked:
    """Return the trace of the power X^{10k} and a matrix."""
    return rf"\operatorname{{tr}}(X^{{{10 * k}}}A)", "X", []


def variables(k: int) -> Asked:
    """Return a sum of k squares, each with a variable of its own."""
    names = [f"x_{{{i}}}" for i in range(1, k + 1)]
    squares = [rf"\|A_{{{i}}}x_{{{i}}}-y\|^2" for i in range(1, k + 1)]
    return "+".join(squares), ", ".join(names), []


def pixels(k: int) -> Asked:
    """Return a softmax regression on images of 100 k pixels, a size written as a number."""
    return r"-y^T\log\operatorname{softmax}(Wx)", "W", ["y: one-hot", f"W: 10 x {100 * k}"]


def constants(k: int) -> Asked:
    """Return least squares with k constants beside it, none of them declared."""
    return r"\|Xw-y\|^2+" + "+".join(f"c_{{{i}}}" for i in range(1, k + 1)), "w", []


FAMILIES: dict[str, tuple[Callable[[int], Asked], Sequence[int]]] = {
    "layers of a network": (network, (1, 2, 4, 8, 16, 32, 64)),
    "layers of a residual network": (residual, (1, 2, 4, 8, 16, 32, 64)),
    "steps of a recurrent network": (recurrent, (1, 2, 4, 8, 16, 32, 50)),
    "layers nested without names": (nested, (1, 2, 4, 8, 16, 32, 64)),
    "terms of a sum": (terms, (1, 2, 4, 8, 16, 32, 64)),
    "factors of a product": (factors, (1, 2, 4, 8, 16, 32, 64)),
    "places of X in a trace": (places, (1, 2, 4, 8, 16, 32, 64)),
    "places of X and of its transpose": (transposes, (1, 2, 4, 8, 16, 32)),
    "tens of an exponent": (power, (1, 2, 4, 8, 16, 32, 64)),
    "variables of one function": (variables, (1, 2, 4, 8, 16, 32)),
    "hundreds of pixels": (pixels, (1, 2, 4, 8, 16, 32, 64)),
    "constants beside it": (constants, (1, 2, 4, 8, 16, 32, 40)),
}


def derived(asked: Asked) -> float:
    """Return the milliseconds of CPU time of one derivation from nothing."""
    f, variable, where = asked
    mdderive.clear_caches()
    return cpu_milliseconds(lambda: mdderive.derive(f, variable, where))


def measure(rounds: int, largest: int = 64) -> dict[str, Any]:
    """Return for each family the sizes, the times, and the exponents over all sizes and over those from 8 on."""
    mdderive.derive("a^Tx", "x")
    found = {}
    for name, (make, sizes) in FAMILIES.items():
        used = [k for k in sizes if k <= largest]
        asked = {str(k): make(k) for k in used}
        times = in_turns({k: lambda one=one: derived(one) for k, one in asked.items()}, rounds)
        whole = exponent(used, list(times.values()))
        late = [k for k in used if k >= min(8, used[-2])]
        steep = exponent(late, [times[str(k)] for k in late])
        found[name] = {"ms": times, "exponent": round(whole, 2), "exponent from 8 on": round(steep, 2)}
    return found
