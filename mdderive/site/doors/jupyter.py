"""The cell magic `%%derive`: a cell of Markdown notes, shown with its solutions. Load it with `%load_ext mdderive`."""

from __future__ import annotations

import sys
from typing import Any

from ...api import expand, strip
from ...documents.diagnostics import problem_text


def load_ipython_extension(shell: Any) -> None:
    """Register the magic; IPython calls this."""
    shell.register_magic_function(derive_cell, "cell", "derive")


def derive_cell(line: str, cell: str) -> None:
    """Show a cell of notes with the solutions of its markers; `line` holds clauses for all of them.

    What goes wrong is said below the cell, with its place.
    """
    from IPython.display import Markdown, display

    head = f"<!-- mdderive: {line} -->\n\n" if line.strip() else ""
    expanded = expand(head + strip(cell))
    for problem in expanded.problems:
        if problem.severity == "error":
            print(problem_text(problem._replace(file="cell")).rstrip(), file=sys.stderr)
    display(Markdown(expanded.text))  # type: ignore[no-untyped-call]
