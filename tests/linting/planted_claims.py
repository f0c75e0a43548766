r"""Published derivatives as claims in four notations, and the same with an error planted.

Each claim is a page of its own: what is said of the letters, and one equation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Entry = Mapping[str, Any]

SAYABLE = {
    "symmetric": "symmetric", "positive definite": "positive definite", "psd": "symmetric", "one-hot": "one-hot",
    "orthogonal": "orthogonal", "diagonal": "diagonal", "probability vector": "probability",
    "idempotent": "idempotent", "0/1 entries": "binary",
}  # fmt: skip
NOTATIONS = ("fraction", "operator", "nabla", "named")


def page(entry: Entry, notation: str, claimed: str, *, shapes: bool = True) -> str:
    """Return a page of Markdown that says of an entry that its derivative is `claimed`."""
    f, x = entry["f"], entry["wrt"]
    second = entry["kind"] == "hessian"
    twice = rf"\partial {x}\,\partial {x}^T"
    left = {
        "fraction": rf"\frac{{\partial^2 {f}}}{{{twice}}}" if second else rf"\frac{{\partial {f}}}{{\partial {x}}}",
        "operator": (rf"\frac{{\partial^2}}{{{twice}}}" if second else rf"\frac{{\partial}}{{\partial {x}}}")
        + rf"\left({f}\right)",
        "nabla": (rf"\nabla^2_{{{x}}}" if second else rf"\nabla_{{{x}}}") + rf"\left[{f}\right]",
        "named": rf"\nabla^2_{{{x}}} \ell" if second else rf"\frac{{\partial \ell}}{{\partial {x}}}",
    }[notation]
    before = f"Let $\\ell = {f}$.\n\n" if notation == "named" else ""
    said = "".join(_said(entry, shapes))
    where = "".join(f"Here ${one}$.\n" for one in entry.get("where") or ())
    return f"{said}\n{before}$$\n{left} = {claimed}\n$$\n\n{where}"


def _said(entry: Entry, shapes: bool) -> Iterator[str]:
    for name, shape in entry["shapes"].items():
        rows, columns = shape.split(" x ")
        size = "" if shape == "1 x 1" else f"^{{{rows}}}" if columns == "1" else rf"^{{{rows} \times {columns}}}"
        if shapes and re.fullmatch(r"\w x \w", shape):
            yield rf"${name} \in \mathbb{{R}}{size}$. "
        words = [SAYABLE[word] for word in entry.get("assume", {}).get(name, ()) if word in SAYABLE]
        for word in dict.fromkeys(words):
            yield f"${name}$ is {word}. "


_TRANSPOSED = re.compile(r"\^(?:\\top|T(?![A-Za-z])|\{\\top\}|\{T\}|\{\\mathsf T\}|\\intercal|\{\\mathsf\{T\}\})")
_INVERSE = re.compile(r"\^\{-1\}")
_PAIR = re.compile(r"(?<![\\A-Za-z{^_])([A-Z])([A-Z])(?![A-Za-z_^'])|\\mathbf\{([A-Z])\}\\mathbf\{([A-Z])\}(?![_^'])")


def mistakes(latex: str) -> Iterator[tuple[str, str]]:
    """Yield (kind of error, the answer with that error) for every kind that fits."""
    if hit := _TRANSPOSED.search(latex):
        yield "transpose dropped", latex[: hit.start()] + latex[hit.end() :]
    if latex.startswith("-"):
        yield "sign", latex[1:]
    elif not _top_signs(latex):
        yield "sign", "-" + latex
    for place in _top_signs(latex)[:1]:
        yield "sign", latex[:place] + ("-" if latex[place] == "+" else "+") + latex[place + 1 :]
    if latex.startswith("2") and not latex[1:2].isdigit():
        yield "factor", latex[1:]
    elif not _top_signs(latex) and not latex.startswith("-"):
        yield "factor", "2" + latex
    if hit := _PAIR.search(latex):
        first, second = (hit[1], hit[2]) if hit[1] else (rf"\mathbf{{{hit[3]}}}", rf"\mathbf{{{hit[4]}}}")
        yield "order", latex[: hit.start()] + second + first + latex[hit.end() :]
    if hit := _INVERSE.search(latex):
        yield "inverse", latex[: hit.start()] + latex[hit.end() :]
    for place in _top_signs(latex)[:1]:
        yield "lost term", latex[:place]


def _top_signs(latex: str) -> list[int]:
    """Return where + and - stand between terms of the whole."""
    found, depth = [], 0
    for k, sign in enumerate(latex):
        depth += (sign in "([{") - (sign in ")]}")
        if sign in "+-" and depth == 0 and k and latex[k - 1] not in "([{^=*":
            found.append(k)
    return found
