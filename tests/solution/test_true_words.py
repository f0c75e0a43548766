"""What is said of stationary points is tried to be refuted: minima beside them, conditions where they fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice, product
from typing import Any

import numpy as np
import pytest
from places import EXHAUSTIVE, share

import mdderive
from mdderive.algebra.expressions import Apply, Expr, Symbol, number
from mdderive.algebra.operators.structural import add_row
from mdderive.algebra.operators.structural import product as product_row
from mdderive.algebra.terms import inner_product
from mdderive.calculus.conditions import Condition
from mdderive.calculus.structure import structure_of
from mdderive.checking.evaluation import POINTS
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


def numbers() -> Iterator[Asked]:
    declared = ("a: positive", "b: positive", "c: scalar")
    forms = (
        "ax^2+bx+c", "-ax^2+cx", "(x-c)^2+a(x-b)^2", "e^{ax}-bx", "ae^{x}+be^{-x}", r"\cosh(x-c)", r"\sqrt{1+a(x-c)^2}",
        r"\log(1+(x-c)^2)", r"xe^{-x}", r"(x-c)e^{ax}", r"e^{-a(x-c)^2}", r"\frac1{1+a(x-c)^2}", r"ax-\log(1+e^{x})",
        r"\arctan(x-c)^2", r"a(x-c)^4", r"\tanh(x-c)^2",
    )  # fmt: skip
    of_positive = (
        r"x\log x-ax", r"ax-b\log x", r"\frac ax+bx", r"\frac a{x^2}+bx", r"b\log x-\frac{x}{a}", r"a\sqrt x-bx",
        r"x^a-bx", r"\frac{\log x}{x}", r"x^2\log x", r"x^2-a\log x", r"\log x-ax^2", r"\frac{x}{a+x^2}",
        r"a\log x+b\log(1-x)", r"ax+\frac b{x^3}", r"x^3-ax", r"\sqrt x+\frac{a}{\sqrt x}",
    )  # fmt: skip
    for f, kind in [*((f, "x: scalar") for f in forms), *((f, "x: scalar, positive") for f in of_positive)]:
        letters = f.replace("frac", "").replace("cosh", "").replace("arctan", "").replace("tanh", "")
        used = tuple(y for y in declared if y[0] in letters)
        yield f, "x", ("solve", kind, *used)
        yield f"-({f})", "x", ("solve", kind, *used)
        yield f"3+2({f})", "x", ("solve", kind, *used)


def samples() -> Iterator[Asked]:
    weights = (("", ()), ("w_i", ("w_i: positive",)), (r"\frac1N", ()), ("-", ()), ("u_i", ("u_i: scalar",)))
    for (w, declared), penalty in product(weights, ("", r"+\lambda\|c\|^2", "+c^TSc", "-c^TSc", "+a^Tc")):
        where = ("solve", *declared, *(x for x in (r"\lambda: positive", "S: SPD") if x.split(":")[0] in penalty))
        yield rf"\sum_{{i=1}}^N {w}\|x_i-c\|^2{penalty}", "c", where
        yield rf"\sum_{{i=1}}^N {w}(y_i-c^Tx_i)^2{penalty}", "c", where
    for b in ("", "2", r"\beta "):
        where = ("solve", "t: scalar, positive", "x_i: positive", *((r"\beta: positive",) if "beta" in b else ()))
        yield rf"N\log t-{b}t\sum_{{i=1}}^N x_i", "t", where
        yield rf"\sum_{{i=1}}^N(x_i\log t-{b}t)", "t", where
        yield rf"-{b}N\log t-\frac1{{2t}}\sum_{{i=1}}^N x_i^2", "t", where
        yield rf"{b}\log\det\Sigma+\sum_{{i=1}}^N x_i^T\Sigma^{{-1}}x_i", r"\Sigma", (
            "solve", r"\Sigma: SPD", "x_i: vector", *where[3:],
        )  # fmt: skip


def designs() -> Iterator[Asked]:
    forms = (
        (r"\|Qx-b\|^2", ("Q: orthogonal",)), (r"\|\operatorname{diag}(d)x-b\|^2", ("d: vector",)),
        (r"\|d\odot x-b\|^2", ()),
        (r"\|A^TAx-b\|^2", ()), (r"(Ax-b)^TP^{-1}(Ax-b)", ("P: SPD",)), (r"\|Ax-b\|^2+\|Cx-e\|^2", ()),
        (r"\|Ax-b\|^2-\|Cx-e\|^2", ()), (r"x^TPx-2b^Tx", ("P: SPD",)), (r"x^TMx-2b^Tx", ("M: symmetric",)),
    )  # fmt: skip
    ends = ("", r"+\mu\|x\|^2", r"-\mu\|x\|^2", r"+\mu\|x-x_0\|^2", r"+\mu\mathbf{1}^Tx")
    for (f, declared), end in product(forms, ends):
        for sign in ("", "-"):
            whole = f"-({f}{end})" if sign else f + end
            yield whole, "x", ("solve", *declared, *((r"\mu: positive",) if end else ()))


FAMILIES: dict[str, Callable[[], Iterator[Asked]]] = {
    "vectors": vectors,
    "matrices": matrices,
    "densities": densities,
    "numbers": numbers,
    "samples": samples,
    "designs": designs,
}
ONE_IN = {"vectors": 5, "matrices": 5, "densities": 2, "numbers": 2, "samples": 3, "designs": 3}
"""Of how many one is tried; what follows each other in a family comes in twos or threes, of which none is left out."""


@cache
def solved(family: str) -> tuple[tuple[Asked, Working, Stationary], ...]:
    found = []
    for asked in share(FAMILIES[family](), ONE_IN[family]):
        derivation = mdderive.derive(asked[0], asked[1], where=asked[2])
        assert isinstance(derivation, mdderive.Derivation)
        found += [(asked, derivation.working, point) for point in derivation.working.stationary.values()]
    return tuple(found)


@pytest.mark.parametrize("family", FAMILIES)
def test_most_are_solved(family: str) -> None:
    assert len({asked for asked, _, _ in solved(family)}) > 0.7 * len(share(FAMILIES[family](), ONE_IN[family])) > 14


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


def met_places(working: Working, point: Stationary) -> Iterator[tuple[Subject, np.ndarray, np.ndarray]]:
    """Yield points, where the stationary point is there, and at which of them its conditions hold."""
    for points in trials(working, 3):
        try:
            with np.errstate(all="ignore"):
                place = points.value(point.solution)
        except ArithmeticError:
            continue
        yield points, place, met(points, point.conditions, place)


def refuted(working: Working, point: Stationary) -> bool:
    """Whether a point that is lower than a minimum, or higher than a maximum, is found."""
    assert point.verdict is not None
    key, x = point.verdict.key, point.of
    if "saddle" in key:
        return False
    sign, near = (1 if "minimum" in key else -1), "definite there" in key
    rng = np.random.default_rng(3)
    for points, place, good in met_places(working, point):
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
    assert len(told) > (20 if EXHAUSTIVE else 8)
    assert [asked for asked, point, working in told if refuted(working, point)] == []


def several() -> Iterator[Asked]:
    """Yield functions of one number with several stationary points, or one that is no extremum."""
    forms = (
        ("x^3-3a^2x", ("a: positive",)), ("x^3-3cx", ("c: scalar",)), ("x^4-4cx^2", ("c: scalar",)), ("x^3", ()),
        ("x^4-4x^3", ()), ("x^2(1-x)^3", ()), (r"\frac{x}{a+x^2}", ("a: positive",)), (r"\frac{x^2}{x-1}", ()),
        (r"x+\frac cx", ("c: scalar",)), ("x^2e^{-ax}", ("a: positive",)), (r"x\sqrt{1-x^2}", ()),
        ("(x^2-a)^3", ("a: positive",)),
        ("ax^3+bx^2+cx", ("a: positive", "b: scalar", "c: scalar")), ("(x-a)^2(x+b)^2", ("a: positive", "b: positive")),
        ("x^5-5x^4+5x^3", ()), (r"\frac12x^2+\frac a{x^2}", ("a: positive",)), ("x^6-3ax^4", ("a: positive",)),
    )  # fmt: skip
    for (f, declared), sign in product(forms, ("", "-", "3-2")):
        yield f"{sign}({f})" if sign else f, "x", ("solve", "x: scalar", *declared)


def test_what_is_told_of_several_points_is_not_refuted() -> None:
    """Beside a minimum no point is lower, beside a point of inflection one is lower and one higher."""
    told = 0
    for asked in share(several(), 2):
        derivation = mdderive.derive(asked[0], asked[1], where=asked[2])
        assert isinstance(derivation, mdderive.Derivation)
        working, x = derivation.working, derivation.variable
        for place in working.places[x].found:
            point = Stationary(x, place.value, place.conditions, place.check)
            told += bool(place.sign)
            for points, at, good in met_places(working, point):
                step = 0.01 * (1 + abs(at))
                here, up, down = (values(points, x, at + s)[good] for s in (0 * step, step, -step))
                if place.sign and place.order % 2:
                    assert ((up - here) * place.sign > 0).all() and ((down - here) * place.sign > 0).all(), asked
                elif place.sign:
                    assert ((up - here) * (down - here) < 0).all(), asked
    assert told > 30


# --- convexity, uniqueness and saddle points ------------------------------------------------------------------


def bends_otherwise(working: Working, point: Stationary) -> bool:
    """Whether f is found not to be convex, strictly where that is said; concave where it is called a maximum."""
    assert point.verdict is not None
    key, x = point.verdict.key, point.of
    sign = 1 if "minimum" in key else -1
    rng = np.random.default_rng(5)
    for points, place, good in met_places(working, point):
        steps = list(allowed_steps(working, x, place, points, rng))
        for one, other in zip(steps, steps[1:] + steps[:1], strict=True):
            ends = [place + one, place + other]
            inside = good & whole_domain(x, ends[0]) & whole_domain(x, ends[1])
            low, high, middle = (values(points, x, y) for y in (*ends, (ends[0] + ends[1]) / 2))
            gap = sign * ((low + high) / 2 - middle)
            size = 1 + abs(low) + abs(high)
            told = inside & np.isfinite(gap) & np.isfinite(size)
            if np.any((gap < -1e-9 * size)[told]) or ("strictly" in key and np.any((gap <= 0)[told])):
                return True
    return False


@pytest.mark.parametrize("family", FAMILIES)
def test_no_convexity_is_refuted(family: str) -> None:
    told = [
        (asked, point, working)
        for asked, working, point in solved(family)
        if point.verdict is not None and "convex" in point.verdict.key
    ]
    assert told
    assert [asked for asked, point, working in told if bends_otherwise(working, point)] == []


def pairs() -> Iterator[Asked]:
    """Yield functions of two numbers, and of two vectors."""
    for a, b, c in product(("", "2", "-3"), ("+xy", "-2xy", "+5xy"), ("+y^2", "-y^2", "+4y^2")):
        yield f"{a}x^2{b}{c}-3x+y", "x, y", ("x: scalar", "y: scalar")
    for end in ("", "+cx", "-cy"):
        yield rf"(a-x)^2+b(y-x^2)^2{end}", "x, y", ("x: scalar", "y: scalar", "a: scalar", "b: positive", "c: scalar")
        yield rf"ax^2+by^2{end}", "x, y", ("x: scalar", "y: scalar", "a: positive", "b: positive", "c: scalar")
        yield rf"ax^2-by^2{end}", "x, y", ("x: scalar", "y: scalar", "a: positive", "b: positive", "c: scalar")
    for one, other in product(("x^TAx", "-x^TAx", r"\|x-u\|^2"), ("y^TBy", "-y^TBy", r"\|y-v\|^2")):
        for cross in ("", "+x^TCy", "+a^Tx"):
            yield _joined(one, other) + cross, "x, y", ("A: SPD", "B: SPD")


def neighbours(working: Working) -> Iterator[tuple[Any, Any]]:
    """Yield values of f at a stationary point in several variables, and beside it."""
    rng = np.random.default_rng(7)
    found = list(working.stationary.values())
    for points in trials(working, 3):
        places = {z.of: at_all_points(points.value(z.solution)) for z in found}
        good = np.ones(POINTS, bool)
        for z in found:
            good &= met(points, z.conditions, places[z.of])
        here = at_all_points(points.moved(places).value(points.f)).reshape(-1)[good]
        for size in (1e-3, 1e-2):
            for _ in range(60):
                beside = {x: y + size * rng.standard_normal(y.shape) for x, y in places.items()}
                yield here, at_all_points(points.moved(beside).value(points.f)).reshape(-1)[good]


def at_all_points(value: Any) -> Any:
    return np.broadcast_to(value, (POINTS, *value.shape[1:]))


def test_what_is_said_of_points_in_several_variables_is_not_refuted() -> None:
    told = 0
    for f, variables, where in share(pairs(), 2):
        letters = f.replace("frac", "")
        used = [x for x in where if x[0] in letters]
        found = mdderive.derive(f, variables, where=["solve", *used])
        assert isinstance(found, tuple)
        working = found[0].working
        verdict = next((x.verdict for x in working.stationary.values()), None)
        if verdict is None or working.joint is None:
            continue
        told += 1
        beside = list(neighbours(working))
        lower = any(np.any(there < here - 1e-10 * (1 + abs(here))) for here, there in beside)
        higher = any(np.any(there > here + 1e-10 * (1 + abs(here))) for here, there in beside)
        if "saddle" in verdict.key:
            assert lower and higher, f
        else:
            assert not (lower if "minimum" in verdict.key else higher), f
    assert told > (40 if EXHAUSTIVE else 20)


# --- conditions -----------------------------------------------------------------------------------------------


def degenerate(points: Subject, condition: Condition) -> Iterator[Subject]:
    """Yield points at which letters of the condition are zero, of rank one, of the other sign, or alike."""
    for x in sorted(condition.of.symbols, key=str):
        if x not in points.points.values or x.latex in points.points.sizes:
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
    if condition.kind not in ("invertible", "not zero", "no zero entry"):
        return False
    for x in sorted(condition.of.symbols, key=str):
        if x not in points.points.values or x.latex in points.points.sizes:
            continue
        scales = np.geomspace(0.01, 100, 60)
        of = (points.moved({x: t * points.at(x)}).value(condition.of) for t in scales)
        signs = np.sign([y[0].ravel() if condition.kind == "no zero entry" else np.linalg.det(y).ravel() for y in of])
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
    assert [key for key, (working, x) in told.items() if not is_ever_broken(working, x)] == []


def test_factors_that_are_no_squares_do_not_commute() -> None:
    """K_mm (A (x) B) with A n x m was turned over like that of squares: a crash."""
    said = mdderive.derive(r"\operatorname{tr}(e^{AX})", "X", where=["hessian"])
    assert isinstance(said, mdderive.Derivation) and said.shapes["X"] == ("n", "m")
    assert "symmetric, as every second derivative is" in said.to_text()


@pytest.mark.parametrize(
    ("f", "declared"),
    [
        ("x^TO^TSOx-2b^Tx", ("S: SPD", "O: orthogonal")),
        (r"\|Ax-b\|^2+\|Dx\|^2", ("D: diagonal, invertible",)),
        ("(x-a)^TDSD(x-a)", ("S: SPD", "D: diagonal, invertible")),
        (r"\|Ax-b\|^2", ("A: invertible",)),
        (r"\|y-CAx\|^2+\|Bx\|^2", ("B: invertible",)),
    ],
)
def test_what_is_declared_to_be_invertible_keeps_a_form_definite(f: str, declared: tuple[str, ...]) -> None:
    """The rank of an orthogonal matrix was asked for, and the second derivative said to be semidefinite."""
    found = mdderive.derive(f, "x", where=["solve", *declared])
    assert isinstance(found, mdderive.Derivation)
    text = found.to_text()
    assert "The second derivative is positive definite everywhere" in text and "provided" not in text
