"""A solver that knows no calculus, but returns texts as the real one does."""

from mdderive.documents.model import Request, Solved
from mdderive.errors import Note, ParseError, Span

MARKDOWN = r"""**Solution.** Here $f$ is a scalar and $X$ is an $m\times n$ matrix.

$$
\begin{aligned}
df &= a^\top dX\,b && \text{product rule} \cr
&= \operatorname{tr}(b a^\top dX)
\end{aligned}
$$

Comparing with $df = \operatorname{tr}(G^\top dX)$, we get

$$
\frac{\partial f}{\partial X} = a b^\top
$$"""
LATEX = r"""Here $f$ is a scalar.
\begin{align*}
  df &= a^\top dX\,b && \text{product rule} \\
     &= \operatorname{tr}(b a^\top dX)
\end{align*}

Comparing with $df$, we get $\frac{\partial f}{\partial X} = a b^\top$."""


class FakeSolver:
    """Counts what it is asked; `\\bad` in a formula is an error there, `bad` in a clause of the page one there."""

    def __init__(self, extra: str = "") -> None:
        self.extra = extra
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Solved:
        self.requests.append(request)
        formula = request.marker.f
        bad = formula.find(r"\bad")
        if bad >= 0:
            note = Note(Span("variable", 0, len(request.marker.variable)), "this is X")
            raise ParseError("E120", r"\bad is not known", Span("f", bad, bad + 4), "write something else", (note,))
        for k, clause in enumerate(request.context):
            if "bad" in clause:
                start = clause.index("bad")
                raise ParseError("E112", "'bad' is no property", Span(f"context:{k}", start, start + 3))
        if request.inline:
            return Solved(rf"${len(formula)}\,a b^\top{self.extra}$", ("inline",))
        text = MARKDOWN if request.kind == "markdown" else LATEX
        heading = f"f has {len(formula)} characters, in {request.language}{self.extra}."
        return Solved(f"{heading}\n\n{text}", ("block",))
