"""Stationary points in several unknowns together: variables, and the multipliers of constraints."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import chain, count
from typing import NamedTuple

from ..algebra.expressions import ONE, SCALAR, Apply, Expr, Number, Symbol, lazy_numpy, number
from ..algebra.factoring import add
from ..algebra.operators.entrywise import argument_of
from ..algebra.operators.norms import norm, polar_factor
from ..algebra.operators.structural import add_row
from ..algebra.powers import inverse, power
from ..algebra.signs import DEFINITE
from ..algebra.terms import (
    build,
    identity,
    inner_product,
    is_zero,
    multiply,
    negate,
    normalise,
    ones,
    scalars_and_chain,
    substitute,
    terms_of,
    trace,
    transpose,
    zero,
)
from ..calculus.conditions import Condition, Kind, plainest
from ..calculus.convexity import curvature
from ..calculus.definiteness import definiteness
from ..calculus.eigen import EigenEquation, eigen_equation
from ..calculus.elimination import Move, Pair, Roles, all_but_one, eliminate, inserted, simplified
from ..calculus.forks import all_solutions
from ..calculus.gradient import gradient
from ..calculus.stationary import is_scaled_identity, linear_part, solve_for
from ..calculus.within import bare_direction, linear_on_rotations
from ..checking.stationarity import Within
from ..checking.subject import Subject, subjects
from ..question.question import Constraint
from ..words import Reason, reason
from .derivation import BlockForm, Joint, Remaining, Stationary
from .extrema import lagrangian_roles, verdict
from .passes import Prepared
from .several import bound_verdicts, checked_points, free_verdicts
from .zeros import checked, conditions_for, refuse_wrong_extremum, sizes, trials, within

MULTIPLIERS = (r"\lambda", r"\nu", r"\mu", r"\kappa", r"\eta", r"\tau")
OF_MATRICES = (r"\Lambda", r"\Gamma", r"\Theta", r"\Omega")


class _Bound(NamedTuple):
    """A constraint `left = right` with its multiplier, and their product, which is subtracted from f."""

    constraint: Constraint
    multiplier: Symbol
    product: Expr


class _Unsolved(NamedTuple):
    """The equations that are to be solved, in the `free` letters that stand for the unknowns."""

    start: Prepared
    joint: Joint
    bound: tuple[_Bound, ...]
    equations: Sequence[Expr]
    free: Mapping[Symbol, Symbol]
    known: Roles


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
    free = {x.at_rest: _without_total(x.at_rest) for x in unknowns}
    joint = joint._replace(block=_block_form(equations, joint))
    equations = [substitute(x, free, build) for x in equations]
    known = Roles(sizes(start.question), tuple(free[x.at_rest] for x in gradients))
    system = _Unsolved(start, joint, bound, equations, free, known)
    found = eliminate(equations, list(free.values()), known)
    if found is None:
        return _forked(system) or _eigen(start, joint, bound, equations) or _left(system)
    values = {x: found.values[free[x.at_rest]] for x in unknowns}
    return _checked(start, joint, bound, values, found.conditions, found.moves)


def _forked(system: _Unsolved) -> Joint | None:
    """Return all solutions of the equations; None where they are not known to be all, or do not pass their checks."""
    start, joint, bound, equations, free, known = system
    found = all_solutions(equations, list(free.values()), known)
    if found is None:
        return None
    if len(found.branches) == 1 and found.fork is None and found.moves:
        (only,) = found.branches
        values = {x: only.values[free[x.at_rest]] for x in joint.unknowns}
        return _checked(start, joint, bound, values, only.conditions, found.moves)
    named = {x: free[x.at_rest] for x in joint.unknowns}
    points = checked_points(start, found.branches, named, _lagrangian(start, bound))
    if points is None:
        return None
    gaps = [normalise(x.constraint.gap) for x in bound]
    verdicts = bound_verdicts(start, points, gaps) if bound else free_verdicts(start, points)
    return joint._replace(moves=found.moves, fork=found.fork, points=points, verdicts=verdicts)


def _left(system: _Unsolved) -> Joint | None:
    """Return the equation in one number to which all come; None where there is none, or it is refuted."""
    start, joint, bound, equations, free, known = system
    found = all_but_one(equations, list(free.values()), known)
    if found is None:
        return None
    values: dict[Symbol, Expr] = {}
    for move in reversed(found.moves):
        values[move.unknown] = substitute(move.zero.solution, values, build)
    points = next(_subjects(start, bound))
    back = {y: x for x, y in free.items()}
    values = {x: substitute(y, back) for x, y in values.items()}
    original = substitute(equations[found.equation], back)
    with lazy_numpy().errstate(all="ignore"):
        there = points.moved({x: points.value(values[y]) for x, y in free.items() if y in values})
        ok = points.close(points.value(substitute(found.value, back)), there.value(original)).ok
    return joint._replace(moves=found.moves, left=found) if ok else None


def _block_form(equations: Sequence[Expr], joint: Joint) -> BlockForm | None:
    """Return the equations as one system with a block matrix, None where they are not those of a quadratic program.

    In the system of the multipliers that are subtracted, their negatives make the matrix symmetric.
    """
    unknowns = [x.at_rest for x in joint.unknowns]
    columns = [x for x in unknowns if x.shape[1] == ONE]
    if len(unknowns) < 2 or len(columns) < len(unknowns) or all(x.is_scalar for x in unknowns):
        return None
    rows = [[_coefficient(equation, x) for x in unknowns] for equation in equations]
    known = [[y for y in row if y is not None] for row in rows]
    if any(len(row) < len(unknowns) or any(y.symbols & set(unknowns) for y in row) for row in known):
        return None
    if is_scaled_identity(known[0][0]) or not (joint.multipliers or is_zero(known[-1][-1])):
        return None
    turned = [x.at_rest for x in joint.multipliers]
    matrix = tuple(tuple(negate(y) if x in turned else y for x, y in zip(unknowns, row, strict=True)) for row in known)
    nothing: dict[Expr, Expr] = {x: zero(x.shape) for x in unknowns}
    right = tuple(simplified(negate(normalise(substitute(x, nothing, build)))) for x in equations)
    return BlockForm(matrix, tuple(negate(x) if x in turned else x for x in unknowns), right)


def _coefficient(equation: Expr, x: Symbol) -> Expr | None:
    """Return the matrix before `x` in an equation that is linear in it, None where it is not."""
    if x not in equation.symbols:
        return zero((equation.shape[0], x.shape[0]))
    split = linear_part(equation, x)
    return None if split is None else split[0]


def _without_total(x: Symbol) -> Symbol:
    """Return the unknown as one of which it is not known that its entries add up to one: a constraint says so."""
    return Symbol(x.latex, x.shape, x.properties - {"probability"}, x.index, x.family)


def _bound(start: Prepared) -> tuple[_Bound, ...]:
    """Return the constraints with their multipliers; a probability vector brings one of its own."""
    q = start.question
    constraints = list(q.constraints)
    for x in q.variables:
        if "probability" in x.properties:
            constraints.insert(0, Constraint(multiply(transpose(ones(x.shape)), x), number(1)))
    taken = {*q.symbols, *(x.latex for x, _ in q.definitions)}
    found = []
    for constraint in map(_squared, constraints):
        gap = normalise(constraint.gap)
        square = ONE not in gap.shape
        name = _letter(taken, OF_MATRICES if square else MULTIPLIERS)
        taken.add(name)
        symmetric = frozenset(("symmetric",)) if square and transpose(gap) is gap else frozenset()
        multiplier = Symbol(name, gap.shape, symmetric)
        found.append(_Bound(constraint, multiplier, inner_product(multiplier, gap)))
    return tuple(found)


def _letter(taken: Container[str], letters: Sequence[str] = MULTIPLIERS) -> str:
    """Return a letter for a multiplier that is not taken; where all are, the first with a number."""
    numbered = (f"{letters[0]}_{{{k}}}" for k in count(1))
    return next(x for x in chain(letters, numbered) if x not in taken)


def _squared(constraint: Constraint) -> Constraint:
    r"""Return `u^\top u = c^2` for `\lVert u\rVert = c`, which is not differentiable everywhere, with a positive c."""
    inside = argument_of(constraint.left, norm)
    if inside is None or definiteness(normalise(constraint.right)) != DEFINITE:
        return constraint
    return Constraint(normalise(inner_product(inside, inside)), normalise(power(constraint.right, number(2))))


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
    whole = _lagrangian(start, bound)
    return trials(start) if whole is None else subjects(whole, start.question.definitions)


def _lagrangian(start: Prepared, bound: tuple[_Bound, ...]) -> Expr | None:
    """Return the function of the Lagrangian, None where there are no constraints."""
    return Apply(add_row, (start.question.f, *(negate(x.product) for x in bound))) if bound else None


def _checked(
    start: Prepared,
    joint: Joint,
    bound: tuple[_Bound, ...],
    values: Mapping[Symbol, Expr],
    needed: tuple[Condition, ...],
    moves: tuple[Move | Pair, ...],
) -> Joint | None:
    """Return the values with their check, and what they are; None where they do not pass."""
    variables = start.question.variables
    conditions = conditions_for(start, values, needed)
    # The sum of probabilities is a constraint of its own: they move freely, and must be positive.
    allowed = {x: within(x) for x in values}
    found = checked(start, values, conditions, allowed, _lagrangian(start, bound))
    if found is None:
        return None
    check, points = found
    words, sign, moving = _said(start, bound, values, conditions)
    refuse_wrong_extremum(points, values, conditions, allowed, sign, moving)
    shown = [Stationary(x, values[x], conditions, check, verdict=words) for x in variables]
    return joint._replace(moves=moves, found=tuple(shown), check=check, values=values)


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
        words, sign = verdict(start, f, primal, conditions, constrained=len(bound)) if linear else (None, 0)
        return words, sign, list(variables)
    roles = lagrangian_roles(start, f, variables)
    if roles is None:
        words, sign = verdict(start, f, primal, conditions, constrained=0)
        return words, sign, list(variables)
    x, _ = roles
    words, sign = verdict(start, f, {x: values[x]}, conditions, constrained=1)
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
    found = checked(start, {x: value}, conditions, allowed)
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


def _eigen(start: Prepared, joint: Joint, bound: tuple[_Bound, ...], equations: list[Expr]) -> Joint | None:
    """Return the eigen-equation that is left for the last variable once the others are eliminated."""
    variables = [x.at_rest for x in start.question.variables]
    left, moves = list(equations[: len(variables)]), []
    for k, x in enumerate(variables[:-1]):
        zero = solve_for(left[k], x)
        if zero is None:
            return None
        moves.append(Move(x, k, zero, inserted=k > 0))
        left = [simplified(inserted(y, {x: zero.solution})) if x in y.symbols else y for y in left]
    last = left[-1]
    found = eigen_equation(last, variables[-1], frozenset(joint.multipliers))
    if found is None:
        return None
    shown = _named(start, joint, found, variables[-1])
    needed = [x for move in moves for x in move.zero.conditions]
    direction = _direction(found, variables[-1])
    shown = shown._replace(conditions=plainest(needed, sizes(start.question)), direction=direction)
    points = next(_subjects(start, bound))
    if not _is_identity(points, found, last):
        return None
    words = _extremes(start, points, bound, found, shown) if len(variables) == 1 else None
    return joint._replace(moves=tuple(moves), remaining=shown, verdict=words)


def eigen_alone(start: Prepared, x: Symbol, slope: Expr) -> Joint | None:
    """Return the eigen-equation that a gradient without constraints is, as that of a Rayleigh quotient."""
    joint = Joint((x,), (), None, ())
    return _eigen(start, joint, (), [slope])


def _named(start: Prepared, joint: Joint, found: EigenEquation, x: Symbol) -> Remaining:
    """Return the eigen-equation with a name for the eigenvalue where that is no multiplier."""
    bare = scalars_and_chain(found.value)[0]
    plain = isinstance(found.value, Number) or all(isinstance(y, Symbol) for y in bare or [found.value])
    if plain and x not in found.value.symbols:
        is_plain = scalars_and_chain(found.right)[1][:1] == [x] or found.right is x
        return Remaining(found.left, multiply(found.value, found.right), None, None, is_plain=is_plain)
    taken = {*start.question.symbols, *(y.latex for y, _ in start.question.definitions)}
    taken |= {y.latex for y in joint.multipliers}
    name = Symbol(_letter(taken), SCALAR)
    return Remaining(found.left, multiply(name, found.right), name, found.value, is_plain=found.right is x)


def _direction(found: EigenEquation, x: Symbol) -> Reason | None:
    """Return that an eigenvector is a multiple of `N^{-1} a` in `(a^T x) a = rho N x` with a definite N, else None."""
    column = [y for y in scalars_and_chain(found.left)[1] if x not in y.symbols]
    matrix = matrix_before(found.right, x) if x.shape[1] == ONE else found.right
    if len(terms_of(found.left)) > 1 or len(column) != 1 or column[0].shape != x.shape:
        return None
    if x in matrix.symbols or definiteness(matrix) != DEFINITE:
        return None
    return reason("eigen: direction", column=str(column[0]), multiple=str(multiply(inverse(matrix), column[0])))


def _is_identity(points: Subject, found: EigenEquation, gradient: Expr) -> bool:
    """Whether the eigen-equation is the gradient, at random points."""
    gap = multiply(found.factor, add(found.left, negate(multiply(found.value, found.right))))
    return points.close(points.value(gap), points.value(gradient)).ok


def _extremes(
    start: Prepared, points: Subject, bound: tuple[_Bound, ...], found: EigenEquation, shown: Remaining
) -> Reason | None:
    """Return that f is the eigenvalue at an eigenvector, where it is: so its extremes are those of the eigenvalues."""
    x = start.question.variables[0]
    f = points.value(start.question.f)
    name = start.question.name
    if x.shape[1] != ONE and len(bound) == 1:
        total = trace(multiply(transpose(x.at_rest), found.left))
        chain = scalars_and_chain(found.right)[1]
        metric = multiply(*chain[: chain.index(x.at_rest)]) if chain[0] is not x.at_rest else identity(x.shape[0])
        unit = add(multiply(transpose(x.at_rest), metric, x.at_rest), negate(identity(x.shape[1])))
        same = points.close(points.value(total), f).ok and bound[0].multiplier in found.right.symbols
        is_unit = normalise(start.at_rest(bound[0].constraint.gap)) is normalise(unit) and definiteness(metric) > 1
        return reason("eigen: columns", name=name, values=bound[0].multiplier.latex) if same and is_unit else None
    if x.shape[1] != ONE or definiteness(matrix_before(found.right, x.at_rest)) != DEFINITE:
        return None
    if not bound:
        same = shown.value is not None and points.close(points.value(shown.value), f).ok
        return reason("eigen: extremes", name=name, value=str(shown.name)) if same else None
    quadratic = multiply(transpose(x.at_rest), found.left)
    unit = add(multiply(transpose(x.at_rest), found.right), number(-1))
    gap = start.at_rest(bound[0].constraint.gap)
    same = len(bound) == 1 and all(
        points.close(points.value(a), points.value(b)).ok for a, b in ((quadratic, start.question.f), (unit, gap))
    )
    return reason("eigen: extremes", name=name, value=str(found.value)) if same else None


def matrix_before(product: Expr, x: Symbol) -> Expr:
    """Return M of `M x`."""
    chain = [y for y in scalars_and_chain(product)[1] if y is not x]
    return multiply(*chain) if chain else identity(x.shape[0])
