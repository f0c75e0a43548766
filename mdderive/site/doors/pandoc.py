r"""A filter for pandoc, and so for Quarto: `pandoc --filter mdderive-pandoc`, `filters: [mdderive-pandoc]`.

Pandoc reads `\derive<X>` as TeX and HTML before any filter sees it, so a marker is written as code of the class
`derive`: a block that begins with ```` ```derive ````, or `` `\derive<f><X>`{.derive} `` in a text.
"""

from __future__ import annotations

import re
import sys
from typing import Any

try:
    import panflute
except ImportError:  # the extra is not installed: told when the filter is called
    panflute = None

from ...api import expand
from ...documents.diagnostics import problem_text

_ROW_END = re.compile(r"\\cr(?![A-Za-z])")
_THIN = re.compile(r"\\thinspace(?![A-Za-z]) ?")
FAILED = 4
"""The exit status where a marker has failed, as that of the command line; pandoc then writes nothing."""


def main() -> None:
    """Read a document from stdin and write it with its solutions, as pandoc asks of a filter; exit if one failed."""
    if panflute is None:
        print("mdderive-pandoc needs panflute: pip install 'mdderive[pandoc]'", file=sys.stderr)
        sys.exit(2)
    panflute.run_filter(_derived, prepare=_begin, finalize=_end)


def _begin(doc: Any) -> None:
    doc.failed = False


def _end(doc: Any) -> None:
    if doc.failed:
        sys.exit(FAILED)


def _derived(element: Any, doc: Any) -> Any:
    if not isinstance(element, panflute.CodeBlock | panflute.Code) or "derive" not in element.classes:
        return None
    inline = isinstance(element, panflute.Code)
    expanded = expand(f"The result: {element.text}" if inline else element.text)
    problems = [x for x in expanded.problems if x.severity == "error"]
    for problem in problems:
        print(problem_text(problem._replace(file="derive")).rstrip(), file=sys.stderr)
    if problems:
        doc.failed = True
        return None  # the author's own code stays
    blocks = [x.walk(_plain) for x in panflute.convert_text(expanded.text, input_format="markdown")]
    return _inlines(blocks) if inline else _without_comments(blocks)


def _plain(element: Any, _: Any) -> None:
    r"""Write the ends of rows and the thin blanks of a formula as every writer of pandoc knows them."""
    if isinstance(element, panflute.Math):
        element.text = _ROW_END.sub(r"\\\\", _THIN.sub(r"\\,", element.text))


def _without_comments(blocks: list[Any]) -> list[Any]:
    return [x for x in blocks if not (isinstance(x, panflute.RawBlock) and x.text.startswith("<!--"))]


def _inlines(blocks: list[Any]) -> list[Any]:
    return [x for x in blocks[0].content if isinstance(x, panflute.Math)][:1]
