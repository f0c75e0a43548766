"""What is said of stationary points is tried to be refuted: minima beside them, conditions where they fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice, product
from typing import Any

import numpy as np
import pytest

import mdderive
from mdderive.algebra.expressions import Apply, Expr, Symbol, number
from mdderive.algebra.operators.structural import add_row
from mdderive.algebra.operators.structural import product as product_row
from mdderive.algebra.terms import inner_product
from mdderive.calculus.conditions import Condition
from mdderive.calculus.structure import structure_of
from mdderive.checking.stationarity import HOLDS, Within, holds
from mdderive.checking.subject import Subject, subjects
from mdderive.solution.derivation import Stationary, Working

Asked = tuple[str, str, tuple[str, ...]]
COEFFICIENTS = ("", "-", "2", r"-\frac13")


def _joined(*terms: str) -> str:
    return "".join(x if x.startswith("-") or k == 0 else f"+{x}" for k, x in enumerate(terms))


def vectors() -> Iterator[Asked]:
    forms = (r"\|Ax-b\|^2", "x^TSx", r"\|x-a\|^2", "(Hx-h)^TW(Hx-h)", r"\log(1+e^{a^Tx})")
    declared = ("solve", "S: SPD", "W: SPD")
    for (c, one), (e, other) in product(product(COEFFICIENTS[:3], forms[:4]), product(COEFFICIENTS[1:], forms)):
        if one == other:
            continue
        f = _joined(c + one, e + other)
        used = tuple(x for x in declared if x == "solve" or x[0] in f)
        yield f, "x", used
        yield f, "x", (*used, "subject to: Cx = d")


def matrices() -> Iterator[Asked]:
    forms = (r"\|AX-B\|_F^2", r"\|X-M\|_F^2", r"\operatorname{tr}(X^TSX)")
    structures = ("", "symmetric", "skew-symmetric", "diagonal", "lower triangular", "SPD", "orthogonal")
    for structure, c, (one, other) in product(
        structures, COEFFICIENTS, product(forms, (*forms, r"\operatorname{tr}(G^TX)"))
    ):
        if one != other:
            f = _joined(c + one, other)
            where = ["solve", *(["S: SPD"] if "S" in f else []), *([f"X: {structure}"] if structure else [])]
            yield f, "X", tuple(where)


def densities() -> Iterator[Asked]:
    for a, b, s in product(("", "2", r"\nu"), ("", "3"), ("SPD", "symmetric")):
        where = ("solve", r"\Sigma: SPD", f"S: {s}", *([r"\nu: scalar"] if "nu" in a else []))
        yield rf"{a}\log\det\Sigma+{b}\operatorname{{tr}}(\Sigma^{{-1}}S)", r"\Sigma", where
        yield rf"{a}\log\det\Sigma-{b}\operatorname{{tr}}(S\Sigma)", r"\Sigma", where
        yield rf"{b}\operatorname{{tr}}(S\Sigma)-{a}\log\det\Sigma", r"\Sigma", where
    for one, other in product(
        (r"c^T\log(p)", r"-p^T\log(p)", r"\|p-a\|^2", "p^TSp", "2p^TSp"), ("", "+c^Tp", "-3c^Tp")
    ):
        f = one + other
        declared = tuple(x for x in ("S: SPD", "c: positive") if x[0] in f)
        yield f, "p", ("solve", "p: probability", *declared)
    for k, n in product(("k", "2", "2k"), ("n", "3n")):
        where = (
            "solve",
            "s: scalar, positive",
            *(x for x in ("k: scalar, positive", "n: scalar, positive") if x[0] in k + n),
        )
        yield rf"{n}\log s+\frac{{{k}}}{{s}}", "s", where
        yield rf"{k}\log s-{n}s", "s", where
        yield rf"{n}s+\frac{{{k}}}{{s^2}}", "s", where


FAMILIES: dict[str, Callable[[], Iterator[Asked]]] = {"vectors": vectors, "matrices": matrices, "densities": densities}


@cache
def solved(family: str) -> tuple[tuple[Asked, Working, Stationary], ...]:
    found = []
    for asked in FAMILIES[family]():
        derivation = mdderive.derive(asked[0], asked[1], where=asked[2])
        assert isinstance(derivation, mdderive.Derivation)
        found += [(asked, derivation.working, point) for point in derivation.working.stationary.values()]
    return tuple(found)


def test_there_are_many() -> None:
    assert sum(len(solved(family)) for family in FAMILIES) >= 250


# --- minima and maxima ----------------------------------------------------------------------------------------


def allowed_steps(working: Working, x: Symbol, place: Any, points: Subject, rng: Any) -> Iterator[Any]:
    """Yield steps from `place` that stay within what is declared, near and far."""
    structure = structure_of(x.at_rest)
    inside = Within(x.properties, None if structure is None else structure.direction)
    for size in (0.01, 0.3, 3.0):
        for _ in range(4):
            step = inside.within(size * rng.standard_normal(place.shape))
            if "probability" in x.properties:
                step = step - step.mean(axis=-2, keepdims=True)
            for constraint in working.question.constraints:
                (c,) = (y for y in constraint.gap.symbols if y.latex == "C")
                c_value = points.at(c)
                step = step - np.linalg.pinv(c_value) @ c_value @ step
            if "orthogonal" in x.properties:
                yield np.linalg.qr(place + step)[0] - place
            else:
                yield step


def trials(working: Working, count: int) -> Iterator[Subject]:
    """Yield points at which f and its constraints can be computed."""
    q = working.question
    gaps = [x.gap for x in q.constraints]
    unused = [Apply(product_row, (number(0), inner_product(Symbol(f"u{k}", x.shape), x))) for k, x in enumerate(gaps)]
    f: Expr = Apply(add_row, (q.f, *unused)) if unused else q.f
    yield from islice(subjects(f, q.definitions), count)


def values(points: Subject, x: Symbol, place: Any) -> Any:
    with np.errstate(all="ignore"):
        return points.moved({x: place}).value(points.f).reshape(len(place), -1)[:, 0]


def met(points: Subject, conditions: tuple[Condition, ...], place: Any) -> Any:
    good = np.ones(len(place), bool)
    for condition in conditions:
        good &= holds(points, condition.kind, condition.of)
    return good


def whole_domain(x: Symbol, place: Any) -> Any:
    good = np.isfinite(place).all(axis=(-1, -2))
    if "SPD" in x.properties:
        good &= HOLDS["positive definite"](place)
    if x.properties & {"positive", "probability"}:
        good &= place.min(axis=(-1, -2)) > 0
    return good.reshape(len(good), -1).all(axis=1)


def refuted(working: Working, point: Stationary) -> bool:
    """Whether a point that is lower than a minimum, or higher than a maximum, is found."""
    assert point.verdict is not None
    key, x = point.verdict.key, point.of
    if "saddle" in key:
        return False
    sign, near = (1 if "minimum" in key else -1), "definite there" in key
    rng = np.random.default_rng(3)
    for points in trials(working, 3):
        try:
            place = points.value(point.solution)
        except ArithmeticError:
            continue
        good = met(points, point.conditions, place)
        here = values(points, x, place)
        for n, step in enumerate(allowed_steps(working, x, place, points, rng)):
            if near and n > 3:
                break
            there = values(points, x, place + step)
            inside = good & whole_domain(x, place + step) & np.isfinite(there)
            if np.any(((there - here) * sign < -1e-7 * (1 + abs(here)))[inside]):
                return True
    return False


@pytest.mark.parametrize("family", FAMILIES)
def test_no_minimum_or_maximum_is_refuted(family: str) -> None:
    told = [(asked, point, working) for asked, working, point in solved(family) if point.verdict is not None]
    assert len(told) > 20
    assert [asked for asked, point, working in told if refuted(working, point)] == []


# --- conditions -----------------------------------------------------------------------------------------------


def degenerate(points: Subject, condition: Condition) -> Iterator[Subject]:
    """Yield points at which letters of the condition are zero, of rank one, of the other sign, or alike."""
    for x in sorted(condition.of.symbols, key=str):
        if x.index or x not in points.points.values or x.latex in points.points.sizes:
            continue
        value = points.at(x)
        ones = np.ones_like(value)
        candidates = [
            0 * value,
            ones,
            -value,
            -abs(value) - 50,
            abs(value) + 50,
            value * (np.arange(value.shape[-1]) > 0),
        ]
        if value.shape[-2] > 1:
            candidates.append(value[..., :1, :] * ones)
            candidates.append(np.eye(value.shape[-2], value.shape[-1]) * 30 * np.sign(value[..., :1, :1]) + 0 * value)
        for other in candidates:
            if not x.properties & {"SPD", "positive"} or _keeps(x, other):
                if "symmetric" in x.properties:
                    other = (other + other.swapaxes(-1, -2)) / 2
                yield points.moved({x: other})


def _keeps(x: Symbol, value: Any) -> bool:
    kind = "positive definite" if "SPD" in x.properties else "positive"
    return bool(HOLDS[kind](value).all())


def changes_sign(points: Subject, condition: Condition) -> bool:
    """Whether what must not vanish changes its sign as a letter grows, so that it vanishes in between."""
    if condition.kind not in ("invertible", "not zero"):
        return False
    for x in sorted(condition.of.symbols, key=str):
        if x.index or x not in points.points.values or x.latex in points.points.sizes:
            continue
        scales = np.geomspace(0.01, 100, 60)
        of = (points.moved({x: t * points.at(x)}).value(condition.of) for t in scales)
        signs = np.sign([np.linalg.det(y)[0] for y in of])
        if np.any(signs[1:] != signs[:-1]):
            return True
    return False


def is_ever_broken(working: Working, condition: Condition) -> bool:
    """Whether the condition fails at some points with the declared properties; else there is no need to say it."""
    for points in trials(working, 12):
        if changes_sign(points, condition):
            return True
        for tried in (points, *degenerate(points, condition)):
            try:
                if not holds(tried, condition.kind, condition.of).all():
                    return True
            except ArithmeticError:
                return True
    return False


@pytest.mark.parametrize("family", FAMILIES)
def test_no_condition_is_empty(family: str) -> None:
    told = {
        (asked, x.kind, str(x.of)): (working, x) for asked, working, point in solved(family) for x in point.conditions
    }
    assert told
    assert [key for key, (working, x) in told.items() if not is_ever_broken(working, x)] == []
