r"""Jupyter notebooks: the Markdown cells are a page, each a document of its own; all else stays byte for byte.

The page of a notebook is the text of its Markdown cells, one behind the other with a sign between them that no cell
holds. What is not closed in a cell ends with it, and a clause holds in the cells that follow.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from json.decoder import JSONDecodeError
from typing import NamedTuple

from ..errors import DeriveError, Note, Span
from . import markdown
from .context import Clause
from .formulas import SourceFormula
from .lines import Lines
from .model import Place
from .region import Region
from .scan import MarkerSite, Scan
from .syntax import Holder

_BREAK = "\n\x1e\n"
"""What stands between two cells in the page, beside a blank line before and after."""
_BLANKS = re.compile(r"[ \t\r\n]*")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_DECODER = json.JSONDecoder()
_SPELLED = "<>&'/="
"""What some programs write as `\\u003c` though they need not."""


class Cell(NamedTuple):
    """A Markdown cell: its number among all cells, from 1; `file[start:end]` is the value of its source.

    `pieces` are (text, as it is written in the file without its quotes), in a list if `is_list`.
    """

    number: int
    start: int
    end: int
    pieces: tuple[tuple[str, str], ...]
    is_list: bool

    @property
    def text(self) -> str:
        """What the author wrote in the cell."""
        return "".join(text for text, _ in self.pieces)


def cells_in(file: str) -> list[Cell]:
    """Return the Markdown cells of a notebook.

    Raises:
        DeriveError: this is no notebook, or one of a format before 4 (E517).
    """
    try:
        start = _skip(file, int(file.startswith("\ufeff")))
        entries = {key: (begin, end) for key, begin, end in _members(file, start)}
        if "cells" not in entries:
            raise DeriveError("E517", "this notebook has no cells", hint="jupyter nbconvert --to notebook makes it new")
        items = list(_items(file, entries["cells"][0]))
        found = [_cell(file, number, start) for number, (start, _) in enumerate(items, 1)]
    except (JSONDecodeError, ValueError, IndexError, RecursionError) as error:
        raise DeriveError("E517", f"this is no notebook: {error}", hint="open it in Jupyter and save it") from error
    cells = [cell for cell in found if cell is not None]
    if any("\x1e" in cell.text for cell in cells):
        raise DeriveError("E517", "a cell of this notebook holds the control character U+001E", hint="remove it")
    return cells


def page_in(file: str) -> str:
    """Return the page that a notebook holds.

    Raises:
        DeriveError: as `cells_in`.
    """
    return page_of(cell.text for cell in cells_in(file))


def page_of(cells: Iterable[str]) -> str:
    """Return the page of Markdown cells."""
    return f"\n{_BREAK}\n".join(cells)


def file_with(file: str, page: str) -> str:
    """Return the notebook with another page in it; only the sources of cells that change are written anew."""
    cells = cells_in(file)
    texts = [text for _, text in cells_of(page)] if cells else []
    parts: list[str] = []
    position = 0
    spelled = _spelled(file)
    for cell, text in zip(cells, texts, strict=True):
        if text != cell.text:
            parts += [file[position : cell.start], _written(file, cell, text, spelled)]
            position = cell.end
    return "".join([*parts, file[position:]])


def place_in(file: str, place: Place) -> Place:
    """Return a place of the page as the author counts: the number of the cell, and the line in it."""
    first = 0
    for cell in cells_in(file):
        count = len(Lines(cell.text))
        if place.line <= first + count:
            return place._replace(line=place.line - first, cell=cell.number)
        first += count + _BREAK.count("\n") + 1
    return place


def _skip(file: str, position: int) -> int:
    blanks = _BLANKS.match(file, position)
    return blanks.end() if blanks else position


def _value_end(file: str, start: int) -> int:
    return int(_DECODER.raw_decode(file, start)[1])


def _members(file: str, start: int) -> Iterator[tuple[str, int, int]]:
    """Yield (key, where its value begins, where it ends) for the object that begins at `start`."""
    _expect(file, start, "{")
    position = _skip(file, start + 1)
    while file[position] != "}":
        _expect(file, position, '"')
        key, position = _DECODER.raw_decode(file, position)
        position = _skip(file, position)
        _expect(file, position, ":")
        begin = _skip(file, position + 1)
        end = _value_end(file, begin)
        yield key, begin, end
        position = _behind_comma(file, end)


def _items(file: str, start: int) -> Iterator[tuple[int, int]]:
    """Yield where each item of the array begins and ends that begins at `start`."""
    _expect(file, start, "[")
    position = _skip(file, start + 1)
    while file[position] != "]":
        end = _value_end(file, position)
        yield position, end
        position = _behind_comma(file, end)


def _behind_comma(file: str, position: int) -> int:
    position = _skip(file, position)
    return _skip(file, position + 1) if file[position] == "," else position


def _expect(file: str, position: int, sign: str) -> None:
    if file[position : position + 1] != sign:
        raise JSONDecodeError(f"expected {sign}", file, position)


def _cell(file: str, number: int, start: int) -> Cell | None:
    """Return the cell whose object begins at `start`; None if it is not of Markdown."""
    entries = {key: (begin, end) for key, begin, end in _members(file, start)}
    kind, source = entries.get("cell_type"), entries.get("source")
    if kind is None or source is None or _DECODER.raw_decode(file, kind[0])[0] != "markdown":
        return None
    begin, end = source
    is_list = file[begin] == "["
    places = list(_items(file, begin)) if is_list else [source]
    for first, _ in places:
        _expect(file, first, '"')
    pieces = [(str(json.loads(file[first:last])), file[first + 1 : last - 1]) for first, last in places]
    return Cell(number, begin, end, tuple(pieces), is_list)


def _lines_as_written(text: str, written: str) -> Iterator[tuple[str, str]]:
    r"""Yield the lines of a text that is written in one string, each with its own spelling: it ends with `\n`."""
    ends = [match.end() for match in re.finditer(r"\\n|\\[^n]", written) if match[0] == r"\n"]
    starts = [0, *ends]
    spellings = [written[start:end] for start, end in zip(starts, [*ends, len(written)], strict=True)]
    lines = _LINE.findall(text)
    if len([x for x in spellings if x]) != len(lines):  # a line end that is written as \u000a
        yield text, written
        return
    yield from zip(lines, spellings, strict=False)


def _spelled(file: str) -> Callable[[str], str]:
    """Return how the program that wrote a notebook spells a text within quotes."""
    is_ascii = file.isascii() and re.search(r"\\u(?!001)[0-9a-f]{4}", file) is not None
    odd = [sign for sign in _SPELLED if f"\\u{ord(sign):04x}" in file]

    def spell(text: str) -> str:
        found = json.dumps(text, ensure_ascii=is_ascii)[1:-1]
        for sign in odd:
            found = found.replace(sign, f"\\u{ord(sign):04x}")
        return found

    return spell


def _written(file: str, cell: Cell, text: str, spell: Callable[[str], str]) -> str:
    """Return the value of the source of a cell for another text.

    Lines that stay are spelled as they were; those that stood in one string still do, and so do new ones among them.
    """
    old = [(k, *line) for k, piece in enumerate(cell.pieces) for line in _lines_as_written(*piece)]
    known: dict[str, deque[int]] = defaultdict(deque)
    for k, (_, line, _) in enumerate(old):
        known[line].append(k)
    parts_lines = any(not piece.endswith("\n") for piece, _ in cell.pieces[:-1])  # as Python does, at \r and U+2028
    lines = text.splitlines(keepends=True) if parts_lines else _LINE.findall(text)
    kept = [known[line].popleft() if known[line] else None for line in lines]
    one_each = len(old) <= len(cell.pieces)
    strings: list[str] = []
    last: int | None = None
    for line, number in zip(lines, kept, strict=True):
        follows = last is not None and number == last + 1
        parted = old[number][0] != old[number - 1][0] if follows and number is not None else one_each
        strings += [""] if parted or not strings else []
        strings[-1] += spell(line) if number is None else old[number][2]
        last = number
    if not cell.is_list:
        return f'"{"".join(strings)}"'
    if not strings:
        return "[]"
    opening, between, closing = _white_space(file, cell)
    return f"[{opening}" + between.join(f'"{string}"' for string in strings) + f"{closing}]"


def _white_space(file: str, cell: Cell) -> tuple[str, str, str]:
    """Return what stands before, between and behind the strings in the list of a cell."""
    places = list(_items(file, cell.start))
    if not places:
        return "", ", ", ""
    opening, closing = file[cell.start + 1 : places[0][0]], file[places[-1][1] : cell.end - 1]
    if len(places) > 1:
        return opening, file[places[0][1] : places[1][0]], closing
    return opening, "," + (opening or " "), closing


# --- the page ---------------------------------------------------------------------------------------------------


def cells_of(page: str) -> Iterator[tuple[int, str]]:
    """Yield where each cell of a page begins, and its text."""
    pieces = page.split(_BREAK)
    starts = accumulate((len(piece) + len(_BREAK) for piece in pieces), initial=0)
    for k, (start, piece) in enumerate(zip(starts, pieces, strict=False)):
        opened = k > 0 and piece.startswith("\n")
        closed = k + 1 < len(pieces) and piece.endswith("\n") and len(piece) > opened
        yield start + opened, piece[opened : len(piece) - closed]


def scan(page: str) -> Scan:
    """Return what stands in the Markdown cells of a notebook."""
    sites: list[MarkerSite] = []
    clauses: list[Clause] = []
    ignored: list[tuple[int, str]] = []
    anchors: set[int] = set()
    error: DeriveError | None = None
    if r"\derive" not in page and "mdderive" not in page:
        return Scan(())
    for start, text in cells_of(page):
        found = markdown.scan_part(text)
        sites += [_shifted_site(site, start) for site in found.sites]
        clauses += [_shifted_clause(x, start) for x in found.clauses]
        ignored += [(place + start, why) for place, why in found.ignored]
        anchors |= {place + start for place in found.anchors}
        error = error or (found.error and _shifted_error(found.error, start))
    return Scan(tuple(sites), tuple(clauses), tuple(ignored), frozenset(anchors), error)


def _shifted_site(site: MarkerSite, by: int) -> MarkerSite:
    return site._replace(
        start=site.start + by,
        end=site.end + by,
        origin=site.origin + by,
        error=site.error and _shifted_error(site.error, by),
        places=tuple(place + by for place in site.places),
    )


def _shifted_clause(clause: Clause, by: int) -> Clause:
    return clause._replace(start=clause.start + by if clause.start >= 0 else -1, since=clause.since + by)


def _shifted_error(error: DeriveError, by: int) -> DeriveError:
    def shifted(span: Span) -> Span:
        return span._replace(start=span.start + by, end=span.end + by)

    notes = tuple(Note(shifted(note.span), note.text) for note in error.notes)
    return type(error)(error.code, error.message, error.span and shifted(error.span), error.hint, notes)


def regions(page: str) -> list[Region]:
    """Return all that looks like a region; none goes beyond its cell."""
    return [_shifted_region(x, start) for start, text in cells_of(page) for x in markdown.SYNTAX.regions(text)]


def _shifted_region(region: Region, by: int) -> Region:
    def both(pair: tuple[int, int]) -> tuple[int, int]:
        return pair[0] + by, pair[1] + by

    return region._replace(
        start=region.start + by,
        end=region.end + by,
        pieces=tuple((offset, place + by, length) for offset, place, length in region.pieces),
        content=both(region.content),
        closed=region.closed + by,
        stamp=both(region.stamp),
    )


def formulas(page: str) -> Iterator[SourceFormula]:
    """Yield the formulas of the Markdown cells."""
    for start, text in cells_of(page):
        for found in markdown.formulas(text):
            anchors = tuple((offset, place + start) for offset, place in found.anchors)
            yield found._replace(start=found.start + start, end=found.end + start, anchors=anchors)


SYNTAX = markdown.SYNTAX._replace(scan=scan, regions=regions, formulas=formulas)
HOLDER = Holder(page_in, file_with, place_in)
