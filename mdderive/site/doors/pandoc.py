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
from ...documents.marker import MARKER_START
from ...render.plain import plain

_ROW_END = re.compile(r"\\cr(?![A-Za-z])")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{aligned\}")
_WITHOUT_MATH = frozenset({"ansi", "man", "plain", "rtf"})
"""The forms in which pandoc writes the source of a formula that is more than letters and scripts."""
_THIN = re.compile(r"\\thinspace(?![A-Za-z]) ?")
_TAKES_CODE = "mdderive-code"
"""What `-M` says where code in a text cannot have a class, as in Typst: each that is a marker is one."""
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
    doc.takes_code = bool(doc.get_metadata(_TAKES_CODE, False))


def _end(doc: Any) -> None:
    if doc.failed:
        sys.exit(FAILED)


def _derived(element: Any, doc: Any) -> Any:
    inline = isinstance(element, panflute.Code)
    if not inline and not isinstance(element, panflute.CodeBlock):
        return None
    if "derive" not in element.classes and not (inline and doc.takes_code and MARKER_START.match(element.text)):
        return None
    expanded = expand(f"The result: {element.text}" if inline else element.text)
    problems = [x for x in expanded.problems if x.severity == "error"]
    for problem in problems:
        print(problem_text(problem._replace(file="derive")).rstrip(), file=sys.stderr)
    if problems:
        doc.failed = True
        return None  # the author's own code stays
    spell = _in_words if doc.format in _WITHOUT_MATH else _spelled
    blocks = panflute.convert_text(expanded.text, input_format="markdown")
    if inline:
        return _spelled_result(blocks, spell)
    return _without_comments([x.walk(spell) for x in blocks])


def _spelled(element: Any, _: Any) -> None:
    r"""Write the ends of rows and the thin blanks of a formula as every writer of pandoc knows them."""
    if isinstance(element, panflute.Math):
        element.text = _ROW_END.sub(r"\\\\", _THIN.sub(r"\\,", element.text))


def _in_words(element: Any, _: Any) -> Any:
    """Write a formula in plain letters and signs, its rows on lines of their own: some forms have no mathematics."""
    if not isinstance(element, panflute.Math):
        return None
    text = _ENVIRONMENT.sub("", element.text)
    rows = [[plain(cell) for cell in row.split("&")] for row in _ROW_END.split(text)]
    lines = [
        " ".join(filter(None, row[:2])) + "".join(f"\u2003{reason}" for reason in row[2:] if reason) for row in rows
    ]
    parts = [part for line in lines for part in (panflute.LineBreak(), panflute.Str(line))]
    return parts[1:]


def _without_comments(blocks: list[Any]) -> list[Any]:
    return [x for x in blocks if not (isinstance(x, panflute.RawBlock) and x.text.startswith("<!--"))]


def _spelled_result(blocks: list[Any], spell: Any) -> Any:
    """Return the inlines that the result is, the formula of a text."""
    result = next(x for x in blocks[0].content if isinstance(x, panflute.Math))
    return spell(result, None) or [result]
