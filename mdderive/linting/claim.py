"""A claim with what came of it, and the right answer to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..api import Derivation, derive
from ..documents.model import Place
from ..errors import DeriveError
from .components import base_of, free_indices
from .surroundings import written_out
from .verdicts import Slip, Verdict


class Claim(NamedTuple):
    r"""A derivative that an author states, and what came of it.

    verdict     "true", "true in the other layout", "true only if" (see `condition`), "shapes do not fit", "false", or
                "not judged" (see `reason`)
    latex       what is claimed, macros expanded; `place` is where it stands, `text[start:end]`
    left        the author's left side
    f, variable what is differentiated, by what, as it was understood; "" where it was not
    where       the definitions, shapes and properties with which it was understood, as clauses
    kind        "gradient", "jacobian", "hessian" or "differential"
    layout      "denominator" (that of the variable), "numerator" (its transpose), "" where both are the same or unknown
    reason      why it is not judged, which sizes do not fit, or the numbers that refute it
    condition   what must hold for it to be true: "A is symmetric"; `clauses` say so, or what makes the layouts one
    upstream    letters and the derivatives that they stand for in `f`: `\bar{Y}`, `\partial L/\partial Y`
    follows     whether a claim before it in the same chain is wrong already
    sources     the names that were looked up in the text for it, and where they are defined
    ignored     the codes, or beginnings of codes, of which the author wants none told of it
    form        "inline", "display", "labelled", "directive", or what the page is: "notebook", "HTML"
    slip        of a wrong claim, what written for what would make it right: (new, old); None where nothing so small
    """

    verdict: Verdict
    latex: str
    place: Place
    start: int = 0
    end: int = 0
    left: str = ""
    f: str = ""
    variable: str = ""
    where: tuple[str, ...] = ()
    kind: str = "gradient"
    layout: str = ""
    reason: str = ""
    condition: str = ""
    clauses: tuple[str, ...] = ()
    upstream: tuple[tuple[str, str], ...] = ()
    follows: bool = False
    sources: tuple[tuple[str, Place], ...] = ()
    ignored: tuple[str, ...] = ()
    form: str = ""
    slip: Slip | None = None

    @property
    def marker(self) -> str:
        r"""The `\derive` marker that derives what was claimed, "" where none can."""
        return self.marker_of(self.f, self.where, self.variable)

    def marker_of(self, f: str, where: Sequence[str], variable: str) -> str:
        """Return the marker for f, which is what is differentiated in other words; "" where none can be."""
        if not f or self.kind == "differential":
            return ""
        clauses = self.asked(where)
        return rf"\derive<{f}><{variable}>" + (f"[{'; '.join(clauses)}]" if clauses else "")

    def asked(self, where: Sequence[str]) -> list[str]:
        """Return the clauses of a marker for it, `where` and what kind of derivative is asked for."""
        return [*(["hessian"] if self.kind == "hessian" else []), *where]


def answer(claim: Claim) -> str:
    """Return the LaTeX of the right answer, "" where there is none."""
    found = derivation(claim)
    return "" if found is None else str(found[0].gradient)


def derivation(claim: Claim) -> tuple[Derivation, str] | None:
    """Return the derivation of what was claimed and its marker, None where there is none.

    With the names that the author has for parts of f or without them, whichever answer is shorter.
    """
    ways = ((claim.f, claim.where), written_out(claim.f, claim.where))
    found = [_derived(claim, *way, variable) for variable in variables_of(claim) for way in ways]
    return min((x for x in found if x), key=lambda x: len(str(x[0].gradient)), default=None)


def variables_of(claim: Claim) -> tuple[str, ...]:
    """Return by what the right answer may be derived: for a component `x_i` by x, whose entries it has."""
    return (base_of(claim.variable),) if free_indices(claim.variable) else (claim.variable,)


def _derived(claim: Claim, f: str, where: Sequence[str], variable: str) -> tuple[Derivation, str] | None:
    marker = claim.marker_of(f, where, variable)
    try:
        found = derive(f, variable, claim.asked(where)) if marker else None
    except DeriveError:
        return None
    return (found, marker) if isinstance(found, Derivation) else None
