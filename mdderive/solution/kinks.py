"""Where a convex function with kinks is least: found by its subgradients, checked, and told."""

from __future__ import annotations

from ..algebra.expressions import Expr, Number, Symbol, lazy_numpy, number, to_latex
from ..algebra.factoring import add
from ..algebra.terms import negate
from ..calculus.kinks import HALF, Least, Quantile, least_at_kink, quantile
from ..checking.check import Check
from ..checking.stationarity import least_at
from ..words import Reason, reason
from .derivation import Stationary, StationaryPoints
from .passes import Prepared
from .several import requires
from .zeros import conditions_for, meeting, sizes, trials


def least(start: Prepared, x: Symbol, gradient: Expr) -> Stationary | StationaryPoints | None:
    """Return where f is least, None where it has no kinks, or more than is known to be least at."""
    found = least_at_kink(gradient, x.at_rest)
    if found is None:
        counted = quantile(gradient, x.at_rest, sizes(start.question))
        return None if counted is None else _of_quantiles(start, x, counted)
    conditions = conditions_for(start, {x: found.value}, found.conditions)
    check = _checked(start, x, found)
    if check is None:
        return None
    return Stationary(x, found.value, conditions, check, verdict=_words(start, x, found))


def _checked(start: Prepared, x: Symbol, found: Least) -> Check | None:
    asked = [(y.kind, y.of) for y in found.conditions]
    for points in meeting(trials(start), {x: found.value}, found.conditions):
        with lazy_numpy().errstate(all="ignore"):
            place = points.value(found.value)
            check = least_at(points, x, place, found.kink, asked, whole=found.at_kink[1] == "norm")
        if check is not None:
            return check if check.ok else None
    return None


def _words(start: Prepared, x: Symbol, found: Least) -> Reason:
    slope, values = found.at_kink
    kink = to_latex(found.kink)
    where = reason("kink: number" if found.kink.is_scalar or values == "norm" else "kink: entries", kink=kink)
    whole = "matrix" if x.shape[1] else "vector"
    values = f"norm, of a {whole}" if values == "norm" else values
    may = reason(f"subgradient: {values}", slope=to_latex(slope))
    return reason("least at a kink", name=start.question.name, where=where, may=may)


def _of_quantiles(start: Prepared, x: Symbol, found: Quantile) -> StationaryPoints:
    """Return that the medians or the quantiles are where f is least."""
    of = to_latex(found.of)
    numbers = reason("numbers: members" if found.of.is_scalar else "numbers: entries", of=of)
    name = start.question.name
    if isinstance(found.level, Number) and found.level.value == HALF:
        told = reason("least at medians", name=name, variable=x.latex, numbers=numbers)
    else:
        shares = {"level": to_latex(found.level), "rest": to_latex(add(number(1), negate(found.level)))}
        told = reason("least at quantiles", name=name, variable=x.latex, numbers=numbers, **shares)
    return StationaryPoints(x, verdicts=(told, *((requires(found.conditions),) if found.conditions else ())))
