r"""What the lint says of the claims of a page: the wrong ones with the right answer, and those in an odd layout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from shlex import quote

from ..api import Derivation
from ..documents.formats import format_named
from ..documents.lines import Lines
from ..documents.model import Kind, Place, Problem
from .claim import Claim, answer, derivation, variables_of
from .finding import claims
from .verdicts import WRONG

CODES = {"false": "E701", "shapes do not fit": "E702", "true only if": "E703", "not judged": "E705"}


def lint(text: str, kind: Kind = "markdown", clauses: Sequence[str] = ()) -> list[Problem]:
    """Return what is wrong with the derivatives that a page states, in order; `clauses` hold on the whole page.

    The severity is "error" for what is false, "note" for what is true only under a condition that the page does not
    state and for a layout that differs from the rest of the page, "ignored" for what is not judged.
    """
    return problems_of(claims(text, kind, clauses))


def problems_of(found: Sequence[Claim]) -> list[Problem]:
    """Return what is to be said of claims, those of one page, in order."""
    usual = _usual_layouts(found)
    told = ((claim, _problem(claim, usual)) for claim in found)
    return [problem for claim, problem in told if problem and not problem.code.startswith(claim.ignored)]


def _problem(claim: Claim, usual: dict[str, str]) -> Problem | None:
    code = CODES.get(claim.verdict, "")
    if claim.verdict in WRONG:
        if claim.follows:  # it follows from one that has been told
            return None
        said = "this derivative is false" if claim.verdict == "false" else "the sizes do not fit"
        why = "; ".join(filter(None, (_slip(claim), claim.reason)))
        return Problem(code, f"{said}: {why}", claim.place, "error", _way_out(claim), _sources(claim))
    if claim.verdict == "true only if":
        return Problem(code, f"this is true only if {claim.condition}", claim.place, "note", _condition_hint(claim))
    if claim.verdict == "not judged":
        return Problem(code, f"this derivative is not judged: {claim.reason}", claim.place, "ignored")
    if claim.layout and claim.layout != usual.get(claim.kind, claim.layout):
        message = f"this {claim.kind} is the transpose of how most of this page has them"
        return Problem("E704", message, claim.place, "note", "keep to one layout, or say which you use here")
    return None


def _slip(claim: Claim) -> str:
    """Return with which small edit a claim would hold, "" where none is known."""
    if claim.slip is None:
        return ""
    new, old = (" ".join(x.split()) for x in claim.slip)
    if not new:
        return f"without {old} it would hold"
    return f"with {new} in place of {old} it would hold" if old else f"times {new} it would hold"


def _sources(claim: Claim) -> tuple[tuple[Place, str], ...]:
    """Return where the names stand that were looked up for a claim, those on other lines."""
    lines: dict[Place, list[str]] = {}
    for name, place in claim.sources:
        if place.file or place.line != claim.place.line:
            lines.setdefault(place, []).append(name)
    said = ((place, " and ".join(names), len(names) > 1) for place, names in lines.items())
    return tuple((place, f"{names} {'are' if several else 'is'} defined here") for place, names, several in said)


def _usual_layouts(found: Sequence[Claim]) -> dict[str, str]:
    """Return the layout of most gradients and of most Jacobians; where there are as many of each, the first one."""
    layouts: dict[str, Counter[str]] = {}
    for claim in found:
        if claim.layout and claim.verdict.startswith("true"):
            layouts.setdefault(claim.kind, Counter())[claim.layout] += 1
    return {kind: counts.most_common(1)[0][0] for kind, counts in layouts.items()}


def _way_out(claim: Claim) -> str:
    right = derivation(claim)
    if right is None:
        return ""
    meant = "".join(f" with {letter} = {latex}" for letter, latex in claim.upstream)
    [variable] = variables_of(claim)
    subject = "it" if variable == claim.variable else f"the derivative with respect to {variable}"
    return f"{subject} is {right[0].gradient}{meant}; mdderive -e {quote(right[1])} shows why"


def _condition_hint(claim: Claim) -> str:
    right = answer(claim)
    said = f"say so in the text, or in a comment mdderive: {'; '.join(claim.clauses)}"
    return f"{said}; without that, it is {right}" if right else said


def comments(text: str, kind: Kind, found: Sequence[Claim]) -> str:
    """Return the page with the worked solution of each false claim in a comment behind its paragraph.

    Nothing that is rendered changes; a solution that stands there already is not inserted again.
    """
    added: list[tuple[int, str]] = []
    for claim in found:
        right = derivation(claim) if claim.verdict in WRONG and not claim.follows else None
        if right is None:
            continue
        place, prefix, end = _behind_paragraph(text, claim)
        comment = _comment(claim, *right, kind, prefix, end)
        if comment not in text:
            added.append((place, comment))
    for place, comment in reversed(added):
        before = text[:place]
        text = before + ("" if before.endswith(("\n", "\r")) else comment[-1]) + comment + text[place:]
    return text


def _behind_paragraph(text: str, claim: Claim) -> tuple[int, str, str]:
    """Return where the paragraph of a claim ends, what begins its lines, and what ends them."""
    lines = Lines(text)
    line = lines[claim.place.line - 1]
    last = claim.place.line - 1
    while last + 1 < len(lines) and lines[last + 1].strip(" \t>"):
        last += 1
    place = lines.starts[last + 1] if last + 1 < len(lines) else len(text)
    return place, line[: len(line) - len(line.lstrip(" \t>"))], lines.end_sign(claim.place.line - 1)


def _comment(claim: Claim, right: Derivation, marker: str, kind: Kind, prefix: str, end: str) -> str:
    lines = [f"False, by mdderive: {claim.latex}; see {marker}", *_solution(right)]
    return format_named(kind).syntax().comment(lines, prefix, end)


def _solution(right: Derivation) -> Iterator[str]:
    """Yield the lines of a worked solution that are not empty, as a comment must not hold a blank one."""
    for line in right.to_text().splitlines():
        if line.strip():
            yield line.rstrip()
