"""What fails is an accusation only where an edit of the claim, or of the derivative, makes both the same."""

from __future__ import annotations

from dataclasses import replace

from .claim import Claim, derivation
from .doubts import unsaid_in
from .judgement import outcome
from .slips import is_near, is_slip_of, parts_of, slip_in
from .verdicts import Judged
from .worlds import World


def weighed(found: Judged, doubt: str) -> Judged:
    """Return the verdict on a claim that fails in some reading, in which there may be a `doubt` that nothing settles.

    Other doubts are settled by a slip that no other meaning explains.
    """
    if not found.failing:
        return found
    if doubt:
        return found if found.verdict == "not judged" else Judged("not judged", doubt)
    for world in found.failing:
        if slip := slip_in(world, found.claimed):
            if found.world is not world:
                found = _in(world, found)
            return replace(found, slip=slip)
    if found.verdict == "not judged":
        return found
    if unsaid := unsaid_in(found.failing[0], found.claimed):
        return Judged("not judged", unsaid)
    return found


def _in(world: World, found: Judged) -> Judged:
    """Return the verdict on a claim as it fails in a reading."""
    fares = outcome(world, found.claimed)
    fits = fares.status != "shapes" and fares.code != "E203"
    words = fares.words if fares.status != "unclear" else ""
    return replace(found, verdict="false" if fits else "shapes do not fit", words=words, world=world, outcome=fares)


def accused(claim: Claim, found: Judged) -> Claim:
    """Return a wrong claim with its slip; not judged if it is far from the derivative: it may mean something else."""
    if found.slip is not None:
        return claim._replace(slip=found.slip) if found.slip.old in claim.latex else claim
    if any(is_near(x, found.claimed) for x in found.failing):
        return claim
    right = derivation(claim)
    latex = str(right[0].gradient) if right else ""
    parts = parts_of(latex) if latex else ()
    if latex and any(is_slip_of(x, found.claimed, latex) or is_near(x, found.claimed, parts) for x in found.failing):
        return claim
    reason = f"as it is read here, it is {latex}" if latex else "as it is read here, it is far from the derivative"
    return claim._replace(verdict="not judged", reason=f"{reason}; something else may be meant")
