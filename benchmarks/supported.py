"""What is supported beside SymPy, matrixcalculus.org and tensorgrad: `python supported.py` writes docs/supported.md.

The answers of mdderive are derived while the page is written. What SymPy makes of the same function was measured
(`make bench` runs it and keeps the verdicts in results.json). The other two are cited from their documentation.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from mdderive import derive

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
PAGE = HERE.parent / "docs" / "supported.md"
NO, SILENT = "no", "not mentioned"


class Kind(NamedTuple):
    """A kind of function: an example from the comparison, and what the documentation of two others says of it."""

    name: str
    latex: str
    variable: str
    matrixcalculus: str
    tensorgrad: str
    where: tuple[str, ...] = ()


KINDS = (
    Kind("quadratic forms", r"x^TAx", "x", "yes", "yes"),
    Kind("least squares", r"\|Xw-y\|^2", "w", "yes", "yes"),
    Kind("traces of products", r"\operatorname{tr}(AXBX^TC)", "X", "yes", SILENT),
    Kind("log determinants", r"\log\det(X^TX)", "X", "yes", SILENT),
    Kind("determinants", r"\det X", "X", "yes", SILENT),
    Kind("inverses", r"a^TX^{-1}b", "X", "yes", SILENT),
    Kind("norms", r"\|X\|_F", "X", "yes", SILENT),
    Kind("functions of entries", r"\mathbf{1}^T\exp(Ax)", "x", "yes", "yes"),
    Kind("entry-wise products", r"\operatorname{tr}((A\odot X)^TXB)", "X", "yes", "yes"),
    Kind("functions without a definition", r"a^T\sigma(Wx)", "W", SILENT, SILENT),
    Kind("softmax and cross entropy", r"-y^T\log\operatorname{softmax}(Wx)", "W", SILENT, "yes", ("y: one-hot",)),
    Kind("diagonal matrices", r"x^T\operatorname{diag}(w)x", "w", SILENT, SILENT),
    Kind("Kronecker products", r"\operatorname{tr}(A\otimes X)", "X", SILENT, SILENT),
    Kind("matrix exponentials", r"\operatorname{tr}(e^X)", "X", NO, SILENT),
)

ABILITIES = (
    ("input", "LaTeX, in the notes", "Python", "its own syntax, on a web page", "Python"),
    ("result", "LaTeX; source for numpy, jax, torch, Julia", "expressions", "formulas; Python", "diagrams; torch"),
    ("steps, with the rule of each", "yes", NO, SILENT, SILENT),
    ("each printed line checked", "yes", NO, SILENT, SILENT),
    ("tensors of higher order", "entries under sums", "arrays of expressions", "Python alone", "yes"),
)

INTRODUCTION = """\
# What is supported, here and elsewhere

`python benchmarks/supported.py` makes this page. *mdderive* is the answer as it is derived while the page is made.
*SymPy* is the verdict on its `diff` in the [comparison](benchmarks.md), which really runs it (version {version});
*cannot* means an exception, or that no spelling keeps the matrices. The last two columns are not measured: they say
what the [documentation of matrixcalculus.org](https://www.matrixcalculus.org/documentation) and the
[README of tensorgrad](https://github.com/thomasahle/tensorgrad) list; *{silent}* may well work.

"""


def page() -> str:
    """Return the page as Markdown."""
    measured = json.loads(RESULTS.read_text(encoding="utf-8"))["derivation"]
    verdicts = {(row["f"], row["by"]): row["verdict"]["sympy"] for row in measured["rows"]}
    text = INTRODUCTION.format(version=measured["versions"]["sympy"], silent=SILENT)
    rows = []
    for kind in KINDS:
        answer = str(derive(kind.latex, kind.variable, where=list(kind.where)).gradient)
        asked = f"{_code(kind.latex)} by {_code(kind.variable)}"
        verdict = verdicts[kind.latex, kind.variable]
        rows.append((kind.name, asked, _code(answer), verdict, kind.matrixcalculus, kind.tensorgrad))
    text += _table(("kind", "example", "mdderive", "SymPy", "matrixcalculus.org", "tensorgrad"), rows)
    return text + "\n" + _table(("", "mdderive", "SymPy", "matrixcalculus.org", "tensorgrad"), ABILITIES)


def _code(latex: str) -> str:
    return f"`{latex}`".replace("|", r"\|")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
