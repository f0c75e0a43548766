"""Stationary points in several unknowns together: variables, and the multipliers of constraints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ..algebra.expressions import ONE, SCALAR, Apply, Expr, Symbol, number
from ..algebra.factoring import add
from ..algebra.operators.structural import add_row
from ..algebra.terms import identity, inner_product, multiply, negate, normalise, ones, transpose, zero
from ..calculus.conditions import Condition, Kind
from ..calculus.convexity import curvature
from ..calculus.eigen import eigen_equation
from ..calculus.elimination import Move, eliminate
from ..calculus.gradient import gradient
from ..calculus.within import bare_direction, linear_on_rotations, polar_factor
from ..checking.stationarity import Within
from ..checking.subject import Subject, subjects
from ..question.question import Constraint
from ..words import Reason, reason
from .derivation import Joint, Stationary
from .extrema import lagrangian_roles, verdict
from .passes import Prepared
from .zeros import checked, conditions_for, refuse_wrong_extremum, trials, within

MULTIPLIERS = (r"\lambda", r"\nu", r"\mu", r"\kappa", r"\eta", r"\tau")
OF_MATRICES = (r"\Lambda", r"\Gamma", r"\Theta", r"\Omega")


@dataclass(frozen=True, slots=True)
class _Bound:
    """A constraint `left = right` with its multiplier, and their product, which is subtracted from f."""

    constraint: Constraint
    multiplier: Symbol
    product: Expr


def solve_jointly(start: Prepared, gradients: Mapping[Symbol, Expr]) -> Joint | None:
    """Return where all gradients vanish and all constraints hold, None where no such place was found.

    Raises:
        VerificationError: a minimum or a maximum is refuted at a point beside it.
    """
    bound = _bound(start)
    spherical = _on_sphere(start, gradients, bound)
    if spherical is not None:
        return spherical
    multipliers = tuple(x.multiplier for x in bound)
    unknowns = (*gradients, *multipliers)
    equations = [_stationarity(start, x, slope, bound) for x, slope in gradients.items()]
    sides = [(x, zero(x.shape)) for x in equations]
    for x in bound:
        sides.append((start.at_rest(x.constraint.left), start.at_rest(x.constraint.right)))
        equations.append(start.at_rest(x.constraint.gap))
    joint = Joint(unknowns, multipliers, _shown_lagrangian(start, bound), tuple(sides))
    found = eliminate(equations, [x.at_rest for x in unknowns])
    if found is None:
        return _eigen(start, joint, equations)
    values = {x: found.values[x.at_rest] for x in unknowns}
    return _checked(start, joint, bound, values, found.conditions, found.moves)


def _bound(start: Prepared) -> tuple[_Bound, ...]:
    """Return the constraints with their multipliers; a probability vector brings one of its own."""
    q = start.question
    constraints = list(q.constraints)
    for x in q.variables:
        if "probability" in x.properties:
            constraints.insert(0, Constraint(multiply(transpose(ones(x.shape)), x), number(1)))
    taken = {*q.symbols, *(x.latex for x, _ in q.definitions)}
    found = []
    for constraint in constraints:
        gap = normalise(constraint.gap)
        square = ONE not in gap.shape
        name = next(x for x in (OF_MATRICES if square else MULTIPLIERS) if x not in taken)
        taken.add(name)
        symmetric = frozenset(("symmetric",)) if square and transpose(gap) is gap else frozenset()
        multiplier = Symbol(name, gap.shape, symmetric)
        found.append(_Bound(constraint, multiplier, inner_product(multiplier, gap)))
    return tuple(found)


def _stationarity(start: Prepared, x: Symbol, slope: Expr, bound: tuple[_Bound, ...]) -> Expr:
    """Return the gradient of the Lagrangian by `x`."""
    others = [negate(start.at_rest(gradient(y.product, x))) for y in bound if x in y.product.symbols]
    return add(slope, *others)


def _shown_lagrangian(start: Prepared, bound: tuple[_Bound, ...]) -> Expr | None:
    """Return `f - lambda (g - c)`, f by its name."""
    if not bound:
        return None
    name = Symbol(start.question.name, SCALAR)
    return Apply(add_row, (name, *(negate(start.at_rest(x.product)) for x in bound)))


def _subjects(start: Prepared, bound: tuple[_Bound, ...]) -> Iterator[Subject]:
    """Yield the points, for the Lagrangian where there is one."""
    if not bound:
        return trials(start)
    q = start.question
    whole = Apply(add_row, (q.f, *(negate(x.product) for x in bound)))
    return subjects(whole, q.definitions)


def _checked(
    start: Prepared,
    joint: Joint,
    bound: tuple[_Bound, ...],
    values: Mapping[Symbol, Expr],
    needed: tuple[Condition, ...],
    moves: tuple[Move, ...],
) -> Joint | None:
    """Return the values with their check, and what they are; None where they do not pass."""
    variables = start.question.variables
    conditions = conditions_for(start, values, needed)
    # The sum of probabilities is a constraint of its own: they move freely, and must be positive.
    allowed = {x: within(x) for x in values}
    found = checked(_subjects(start, bound), values, conditions, allowed)
    if found is None:
        return None
    check, points = found
    words, sign, moving = _said(start, bound, values, conditions)
    refuse_wrong_extremum(points, values, conditions, allowed, sign, moving)
    shown = [Stationary(x, values[x], conditions, check, verdict=words) for x in variables]
    return replace(joint, moves=moves, found=tuple(shown), check=check, values=values)


def _said(
    start: Prepared,
    bound: tuple[_Bound, ...],
    values: Mapping[Symbol, Expr],
    conditions: tuple[Condition, ...],
) -> tuple[Reason | None, int, list[Symbol]]:
    """Return what the point is, its sign, and the symbols that may move about it."""
    variables = start.question.variables
    f = start.in_full
    primal = {x: values[x] for x in variables}
    if bound:
        at_rest = frozenset(x.at_rest for x in variables)
        linear = all(curvature(normalise(start.at_rest(x.constraint.gap)), at_rest).is_affine for x in bound)
        words, sign = verdict(start, f, primal, conditions, constrained=True) if linear else (None, 0)
        return words, sign, list(variables)
    roles = lagrangian_roles(start, f, variables)
    if roles is None:
        words, sign = verdict(start, f, primal, conditions, constrained=False)
        return words, sign, list(variables)
    x, _ = roles
    words, sign = verdict(start, f, {x: values[x]}, conditions, constrained=True)
    return words, sign, [x]


# --- spheres and eigenvectors


def _on_sphere(start: Prepared, gradients: Mapping[Symbol, Expr], bound: tuple[_Bound, ...]) -> Joint | None:
    """Return the extremum of what is linear where `X^T X = I`: a polar factor."""
    if len(gradients) != 1 or len(bound) != 1:
        return None
    ((x, slope),) = gradients.items()
    gap = normalise(start.at_rest(bound[0].constraint.gap))
    gram = multiply(transpose(x.at_rest), x.at_rest)
    unit = normalise(add(gram, negate(identity(gram.shape[0]))))
    if gap is not unit:
        return None
    direction = linear_on_rotations(slope, x.at_rest, square=x.is_square and not x.is_scalar)
    if direction is None:
        return None
    found = polar_point(start, x, direction)
    return None if found is None else Joint((x,), (), None, (), found=(found,), check=found.check)


def polar_point(start: Prepared, x: Symbol, direction: Expr) -> Stationary | None:
    """Return the polar factor at which f, `-tr(C^T X)` up to a constant, is smallest; or largest for a negative C."""
    matrix, sign = bare_direction(direction)
    value = polar_factor(matrix)
    rank: Kind = "not zero" if x.shape[1] == ONE else "invertible" if x.is_square else "full column rank"
    conditions = conditions_for(start, {x: value}, (Condition(rank, matrix),))
    allowed = {x: Within(frozenset(("orthogonal",)), curved=True)}
    found = checked(trials(start), {x: value}, conditions, allowed)
    if found is None:
        return None
    check, points = found
    refuse_wrong_extremum(points, {x: value}, conditions, allowed, sign, [x])
    key = "polar factor of a vector" if x.shape[1] == ONE else "polar factor"
    linear = multiply(negate(number(1)), inner_product(direction, x.at_rest))
    words = reason(
        f"{key}: {'minimum' if sign > 0 else 'maximum'}",
        name=start.question.name,
        linear=str(linear),
        matrix=str(matrix),
        variable=x.latex,
    )
    return Stationary(x, value, conditions, check, verdict=words)


def _eigen(start: Prepared, joint: Joint, equations: list[Expr]) -> Joint | None:
    """Return the eigen-equation that is left, for one variable."""
    variables = start.question.variables
    found = eigen_equation(equations[0], variables[0].at_rest, frozenset(joint.multipliers))
    if len(variables) != 1 or found is None:
        return None
    return joint
