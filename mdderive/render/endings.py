"""What follows the gradient: second derivative, gradient within a structure, stationary point, and the check."""

from __future__ import annotations

from collections.abc import Iterator

from ..algebra.expressions import to_latex, walk
from ..algebra.operators.kronecker import is_commutation
from ..checking.check import Check
from ..question.one_step import WRITTEN_OUT
from ..solution.derivation import Second, slope_name
from ..solution.reasons import BENT, BENT_NUMBER
from ..words import Reason, reason
from .blocks import Block, Display, Prose
from .rows import rows
from .teller import Teller, bound_of, is_vector, probability_of


def second(teller: Teller) -> Iterator[Block]:
    """Yield the second derivatives that are asked for."""
    for variable in teller.variables:
        found = teller.working.seconds.get(variable)
        if found is None:
            continue
        yield Prose(teller.say("second"), lead=teller.say("second lead"))
        yield rows(teller, found.steps)
        moved = rf"\mathrm{{d}}{variable.latex}"
        left = rf"\mathrm{{d}}{slope_name(teller.question, variable)}"
        if not is_vector(variable):
            moved, left = rf"\operatorname{{vec}}({moved})", rf"\operatorname{{vec}}\left({left}\right)"
        pattern = rf"${left}={teller.second_name(variable)}\thinspace {moved}$"
        yield Prose(teller.say("second, comparing", pattern=pattern))
        yield Display((teller.hessian(variable),), result=True)
        if not variable.is_scalar:
            yield Prose(_symmetry(teller, found))
        elif found.bends:
            yield Prose(teller.say("by form", what=BENT_NUMBER[found.bends]))


def _symmetry(teller: Teller, found: Second) -> str:
    """Return by what the second derivative is seen to be symmetric, and definite where it is."""
    bent = BENT.get(found.bends)
    if found.symmetry == "form":
        what = reason("symmetric") if bent is None else reason("symmetric and", bent=bent)
        return teller.say("by form", what=what)
    if found.symmetry == "commutation":
        swap = next(to_latex(x) for x in walk(found.value) if is_commutation(x))
        words = teller.say("symmetric, since", rule=rf"${swap}(A\otimes B)=(B\otimes A){swap}$")
    else:
        words = teller.say("symmetric, always")
    return teller.sentences([words, "" if bent is None else teller.say("by form", what=bent)])


def structured(teller: Teller) -> Iterator[Block]:
    """Yield the gradients within the structure of their variables."""
    for variable in teller.variables:
        tied = teller.working.structured.get(variable)
        if tied is not None:
            words = teller.say("structure", variable=variable.latex, reason=tied.reason)
            yield Prose(words, lead=teller.say("structure lead"))
            yield Display((f"{to_latex(tied.recipe)} = {to_latex(tied.value)}",), result=True)


def check(teller: Teller) -> Prose:
    """Return how the lines were checked."""
    working, recursion = teller.working, teller.question.recursion
    lines, exact = len(working.printed), sum(x.exact for x in working.printed)
    zeros, several = working.zeros(teller.variables), 1 + any(x in working.places for x in teller.variables)
    told = []
    if exact:
        checks = [x for x in working.checks if x.exact]
        shown = checks[0] if recursion is None else checks[-1]  # all letters stand in the last
        told.append(
            teller.say(
                "checked exactly",
                lines=exact,
                of=lines,
                sizes=assigned(shown),
                small=tuple(_said_size(*x) for x in shown.sizes.items() if x[0].isdigit()),
                solved=several * any(x.exact for x in zeros),
                bound=probability_of(max(x.error_bound for x in checks)),
            )
        )
    if recursion is not None:
        steps = tuple(f"${recursion.time.upper}={k}$" for k in WRITTEN_OUT)
        told.append(teller.say("checked, written out", steps=steps))
    numeric = [x for x in working.checks if not x.exact]
    if numeric:
        last = numeric[-1]
        told.append(
            teller.say(
                "checked",
                lines=lines - exact,
                points=last.points,
                sizes=tuple(_said_size(name, value) for name, value in last.sizes.items()),
                solved=several * any(not x.exact for x in zeros),
                bound=bound_of(max(x.max_relative_error for x in numeric)),
            )
        )
    return Prose(teller.sentences(told), remark=True)


def assigned(check: Check) -> tuple[str, ...]:
    """Return the assignments of sizes at which a line was evaluated, as LaTeX: `(m, n)=(3, 2)`."""
    names = [name for name in check.sizes if not name.isdigit()]
    if not names:
        return ()
    found = []
    for k, sizes in enumerate((check.sizes, *check.other_sizes)):
        left, right = ", ".join(names), ", ".join(str(sizes.get(name, "")) for name in names)
        one = (left, right) if len(names) == 1 else (f"({left})", f"({right})")
        found.append(f"${one[0]}={one[1]}$" if k == 0 or len(names) == 1 else f"${one[1]}$")
    return tuple(found)


def _said_size(name: str, size: int) -> str | Reason:
    return reason("stand-in", small=f"${size}$", size=f"${name}$") if name.isdigit() else f"${name}={size}$"
