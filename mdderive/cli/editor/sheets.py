"""Pages as a client holds them: a document, or the cells of a notebook; offsets of the page to places of the client."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from ...documents.formats import FORMATS, format_of_name, format_of_text
from ...documents.notebook import cells_of, page_of
from .analysis import BOM
from .positions import Encoding, Positions

LANGUAGES = {
    "latex": "latex", "tex": "latex", "plaintex": "latex", "context": "latex", "doctex": "latex",
    "markdown": "markdown", "quarto": "markdown", "rmd": "markdown", "mdx": "markdown", "myst": "markdown",
    "pandoc": "markdown", "rmarkdown": "markdown",
}  # fmt: skip
"""The formats of the languages that clients name."""
NOTEBOOK = "notebook"


class ClientDocument(NamedTuple):
    """A document of the client: its URI, where in the page it begins, and its places."""

    uri: str
    start: int
    positions: Positions


class ClientRange(NamedTuple):
    """A stretch of a document of the client: lines and units count from 0."""

    uri: str
    start: tuple[int, int]
    end: tuple[int, int]


class Sheet(NamedTuple):
    """A page, the name of its format, the file that it is, and the documents that hold it."""

    text: str
    kind: str
    path: Path | None
    documents: tuple[ClientDocument, ...]

    def spot(self, start: int, end: int) -> ClientRange:
        """Return where the client has `text[start:end]`; what goes beyond a cell ends with it."""
        k = max(bisect_right([document.start for document in self.documents], start) - 1, 0)
        document = self.documents[k]
        positions = document.positions
        return ClientRange(
            document.uri, positions.position(start - document.start), positions.position(end - document.start)
        )

    def offset(self, uri: str, line: int, character: int) -> int:
        """Return where in the page a place of the client is."""
        document = next((x for x in self.documents if x.uri == uri), self.documents[0])
        return max(document.start + document.positions.offset(line, character), 0)


def sheet_of_document(uri: str, path: Path | None, language: str, text: str, encoding: Encoding) -> Sheet | None:
    """Return the page that a document is, None if it is of a form that is not read.

    A notebook that is opened as the text of its file is left alone: its places are those of no cell.
    """
    known = format_of_name(path.name) if path is not None else None
    kind = known.name if known is not None else LANGUAGES.get(language, "")
    if not kind and language == "plaintext" and path is not None and not path.suffix:
        kind = format_of_text(text).name
    if kind not in FORMATS or FORMATS[kind].holder is not None:
        return None
    page = text.removeprefix(BOM)
    return Sheet(page, kind, path, (ClientDocument(uri, len(page) - len(text), Positions(text, encoding)),))


def sheet_of_cells(cells: Iterable[tuple[str, str]], path: Path | None, encoding: Encoding) -> Sheet:
    """Return the page that the Markdown cells of a notebook are: pairs of the URI and the text of each."""
    known: Sequence[tuple[str, str]] = [(uri, text.replace("\x1e", " ")) for uri, text in cells]  # it parts cells
    page = page_of(text for _, text in known)
    starts = [start for start, _ in cells_of(page)]
    parts = [
        ClientDocument(uri, start, Positions(text, encoding)) for (uri, text), start in zip(known, starts, strict=False)
    ]
    return Sheet(page, NOTEBOOK, path, tuple(parts))
