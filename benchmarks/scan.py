"""How long the scan of a page takes: 100 kB of Markdown and of LaTeX, beside markdown-it-py, and twice as much.

`python benchmarks/scan.py`; processor time, the best of seven, all in one run.
"""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

from markdown_it import MarkdownIt

from mdderive.documents.latex import scan as scan_latex
from mdderive.documents.markdown import scan as scan_markdown

SENTENCES = (
    "The gradient of the squared residual {} where the normal equations hold, see {} and $a^Tb$ or {}.\nAnd so on.\n\n"
)
MARKDOWN = SENTENCES.format("*vanishes*", "[here](x.md)", "`code`")
LATEX = SENTENCES.format(r"\emph{vanishes}", r"\cite{here}", r"\texttt{code}")
MARKERS = "{}\\derive<a^T X b><X>\n\n{}In a sentence \\derive<\\|x\\|^2><x>.\n\n"


def page(head: str, paragraph: str, items: str, size: int) -> str:
    """Return about `size` characters in which a seventh of the paragraphs has a marker."""
    part = head + MARKERS.format(paragraph * 4 + items, paragraph * 4)
    return part * (size // len(part))


def best(work: Callable[[str], object], text: str) -> float:
    """Return the milliseconds that the work takes."""
    times = []
    for _ in range(7):
        start = process_time()
        work(text)
        times.append(process_time() - start)
    return min(times) * 1000


def main() -> None:
    itself = MarkdownIt("commonmark").enable("table")
    for name, scan, parts in (
        ("Markdown", scan_markdown, ("# Head\n\n", MARKDOWN, "- one\n- two\n\n")),
        ("LaTeX", scan_latex, ("\\section{Head}\n\n", LATEX, "\\begin{itemize}\n\\item one % why\n\\end{itemize}\n\n")),
    ):
        text, twice = page(*parts, 100_000), page(*parts, 200_000)
        here, there = best(scan, text), best(scan, twice)
        beside = f", {here / best(itself.parse, text):.2f} times markdown-it-py" if scan is scan_markdown else ""
        markers = text.count(r"\derive")
        print(f"{name}: {len(text)} characters, {markers} markers: {here:.1f} ms{beside}")
        print(f"  twice as much: {there / here:.2f} times")


if __name__ == "__main__":
    main()
