"""What an editor shows of the thing under the pointer: in Unicode, since no client sets mathematics there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ...api import to_text
from ...documents.model import Solved
from ...errors import DeriveError
from ...render.plain import plain
from ...words import DEFAULT
from .analysis import Analysis, MarkerInText, Stated
from .memory import Memory

if TYPE_CHECKING:
    from ...api import Derivation
    from ...solution.derivation import Step


class Hover(NamedTuple):
    """What is shown of `text[start:end]`, as Markdown."""

    start: int
    end: int
    markdown: str


def hover(analysis: Analysis, offset: int, memory: Memory) -> Hover | None:
    """Return what is shown at a place; None where there is nothing to show."""
    if (marked := analysis.marker_at(offset)) is not None:
        return _of_marker(analysis, marked, offset, memory)
    if (stated := analysis.claim_at(offset)) is not None:
        return Hover(stated.start, stated.end, "\n\n".join(_of_claim(stated)))
    return None


# --- markers ---------------------------------------------------------------------------------------------------


def _of_marker(analysis: Analysis, marked: MarkerInText, offset: int, memory: Memory) -> Hover | None:
    if marked.entry.request is None:
        return None
    outcome = memory.solved_anew(marked.entry.request)
    if isinstance(outcome, DeriveError):
        said = outcome.message + (f"\n\n{outcome.hint}" if outcome.hint else "")
        return Hover(marked.start, marked.end, f"**{outcome.code}** {said}")
    if (letter := _letter_at(analysis, marked, offset, outcome)) is not None:
        return letter
    if (row := _row_at(analysis, marked, offset, outcome)) is not None:
        return row
    return Hover(*marked.whole, _fenced(to_text(outcome.derivations)))


def _letter_at(analysis: Analysis, marked: MarkerInText, offset: int, outcome: Solved) -> Hover | None:
    """Return what the letter under the pointer was read as."""
    if not marked.start <= offset <= marked.end:
        return None
    shapes = {latex: shape for found in outcome.derivations for latex, shape in found.shapes.items()}
    source = analysis.text[marked.start : marked.end]
    at = offset - marked.start
    for latex in sorted(shapes, key=len, reverse=True):
        start = source.find(latex, max(0, at - len(latex)), at + len(latex))
        if 0 <= start <= at < start + len(latex) and _is_apart(source, start, start + len(latex)):
            begin = marked.start + start
            told = ", ".join((_shape(*shapes[latex]), *_properties(latex, outcome.derivations)))
            return Hover(begin, begin + len(latex), f"`{plain(latex)}` is {told}")
    return None


def _is_apart(source: str, start: int, end: int) -> bool:
    """Whether a stretch of LaTeX begins and ends no word: `e` of `\\det` is no letter."""
    word = start
    while word > 0 and source[word - 1].isalpha():
        word -= 1
    inside = word > 0 and source[word - 1] == "\\" and source[start] != "\\"
    return not inside and not (source[start] == "\\" and source[end - 1].isalpha() and source[end : end + 1].isalpha())


def _shape(rows: str, columns: str) -> str:
    if (rows, columns) == ("1", "1"):
        return "a number"
    if columns == "1":
        return f"a column of {plain(rows)} entries"
    return f"a row of {plain(columns)} entries" if rows == "1" else f"a matrix, {plain(rows)} × {plain(columns)}"


def _properties(latex: str, derivations: tuple[Derivation, ...]) -> list[str]:
    """Return what is declared of a letter, in the field's own words."""
    symbol = derivations[0].working.question.symbols.get(latex)
    return sorted(symbol.properties) if symbol is not None else []


def _row_at(analysis: Analysis, marked: MarkerInText, offset: int, outcome: Solved) -> Hover | None:
    """Return the rule of the row of a solution under the pointer."""
    if marked.start <= offset <= marked.end:
        return None
    line = analysis.page.lines.number(offset)
    start, end = analysis.page.lines.starts[line], analysis.page.lines.ends[line]
    written = _bare(analysis.text[start:end])
    for step in _steps(outcome.derivations):
        _, _, right = step.latex.partition(" = ")
        if right and _bare(right) in written:
            language = marked.entry.request.language if marked.entry.request else DEFAULT
            check = "exactly" if step.check.exact else f"to {step.check.max_relative_error:.0e}"
            says = step.says(language)
            rule = f" ({step.rule})" if step.rule not in says else ""
            return Hover(start, end, f"{says}{rule}\n\nThis line was checked {check}.")
    return None


def _steps(derivations: tuple[Derivation, ...]) -> Iterator[Step]:
    for found in derivations:
        yield from found.steps


def _bare(latex: str) -> str:
    """Return LaTeX without what only moves things a little."""
    for sign in ("\\thinspace", "\\,", "{", "}", "&", " "):
        latex = latex.replace(sign, "")
    return latex


def _fenced(text: str) -> str:
    return f"```text\n{text}\n```"


# --- claims ----------------------------------------------------------------------------------------------------


def _of_claim(stated: Stated) -> Iterator[str]:
    claim = stated.claim
    verdict = claim.verdict + (f": {claim.condition}" if claim.condition and claim.verdict == "true only if" else "")
    yield f"**{verdict}**" + (f" ({claim.reason})" if claim.reason else "")
    if claim.f:
        read = [f"f = {plain(claim.f)}", f"by {plain(claim.variable)}"]
        read += [f"with {', '.join(map(plain, claim.where))}"] if claim.where else []
        yield _fenced(", ".join(read))
    if claim.kind and claim.f:
        yield f"read as a {claim.kind}" + (f", in {claim.layout} layout" if claim.layout else "")
