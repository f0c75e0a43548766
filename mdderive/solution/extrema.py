"""What a stationary point is, said with its reason: a minimum, a maximum or a saddle point; else nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..algebra.expanding import opened
from ..algebra.expressions import Apply, Expr, Number, Symbol, number, walk
from ..algebra.factoring import add
from ..algebra.operators.kronecker import is_commutation
from ..algebra.powers import base_of_power, power
from ..algebra.signs import DEFINITE
from ..algebra.terms import (
    base_and_exponent,
    build,
    d,
    factors_of,
    identity,
    inverted,
    is_hadamard,
    multiply,
    negate,
    normalise,
    split_coefficient,
    substitute,
)
from ..calculus.conditions import Condition, counted
from ..calculus.convexity import curvature
from ..calculus.definiteness import definiteness, sign_of_entries
from ..calculus.differential import write_out
from ..calculus.elimination import simplified
from ..calculus.gradient import gradient
from ..calculus.vec_form import vec_form
from ..errors import UnsupportedError
from ..words import Reason, reason
from .passes import Prepared
from .reasons import BENT, BENT_NUMBER
from .zeros import arguments_of_logarithms, sizes


def hessian_of(f: Expr, start: Prepared, variable: Symbol) -> Expr | None:
    """Return H with `vec(d grad f) = H vec(dX)`, all properties in force; None where it has no form that is known."""
    try:
        slope = gradient(normalise(f), variable)  # the variable still moves in all directions
        written = write_out(slope, [variable], [])
        matrix = None if written is None else vec_form(normalise(written), d(variable))[0]
    except UnsupportedError:
        return None
    if matrix is None:
        return None
    rest = normalise(start.at_rest(matrix))
    if variable.properties & {"symmetric", "SPD"}:  # K vec(dX) = vec(dX) where dX is symmetric
        rest = substitute(rest, {x: identity(x.shape[0]) for x in walk(rest) if is_commutation(x)}, build)
    positive = counted(rest, sizes(start.question))
    inner = variable.at_rest
    if "probability" in variable.properties or _is_under_logarithm(start, inner):
        # where an entry is zero, its logarithm has no derivative
        properties = inner.properties | {"positive"}
        positive[inner] = Symbol(inner.latex, inner.size, properties, inner.index, inner.family)
    return substitute(rest, positive, build)


def _is_under_logarithm(start: Prepared, x: Symbol) -> bool:
    r"""Whether f is defined where `x` is positive alone: it has `\log x`, or `\log(x/q)` with a positive q."""
    for argument in arguments_of_logarithms(start, frozenset((x,))):
        factors = argument.arguments if isinstance(argument, Apply) and is_hadamard(argument) else factors_of(argument)
        if x in factors and all(y is x or sign_of_entries(y) == DEFINITE for y in factors):
            return True
    return False


def verdict(
    start: Prepared,
    f: Expr,
    values: Mapping[Symbol, Expr],
    conditions: Sequence[Condition],
    *,
    constrained: int,
) -> tuple[Reason | None, int]:
    """Return what the point `values` is of `f`, and its sign: 1 of a minimum, -1 of a maximum, 0 of another.

    It is the only one under the `conditions`; `constrained` says by how many linear equations the variables are bound.
    """
    if len(values) > 1:
        return _of_several(start, f, values, constrained=constrained)
    ((variable, value),) = values.items()
    name = start.question.name
    matrix = hessian_of(f, start, variable)
    sign = 0 if matrix is None or _has_pole(start, (matrix,), values) else definiteness(matrix)
    words = BENT_NUMBER if variable.is_scalar else BENT
    ending = ("", " subject to", " subject to several")[min(2, constrained)]
    unique = "" if constrained else ", unique then" if conditions else ", unique"
    if abs(sign) == DEFINITE:
        return reason(_word("strictly convex", sign) + ending, bent=words[sign], name=name), sign
    if sign:
        ending += unique
        return reason(_word("convex", sign) + ending, bent=words[sign], name=name), sign
    bend = curvature(normalise(start.at_rest(f)), frozenset(x.at_rest for x in values))
    if bend.convex != bend.concave:
        sign = 1 if bend.convex else -1
        ending += unique
        return reason(_word("convex by composition", sign) + ending, name=name), sign
    if matrix is None or constrained:
        return None, 0
    known = met(conditions)
    point = substitute(start.abbreviated(matrix), {_inside(matrix, variable): substitute(value, known, build)}, build)
    there = definiteness(simplified(normalise(substitute(point, known, build))))
    if abs(there) == DEFINITE:
        return reason(_word("definite there", there), bent=words[there]), there
    return None, 0


def _inside(matrix: Expr, variable: Symbol) -> Symbol:
    """Return the variable as it stands in the second derivative."""
    return next((x for x in matrix.symbols if x.latex == variable.latex), variable.at_rest)


def met(conditions: Sequence[Condition]) -> dict[Expr, Expr]:
    """Return what a condition speaks of as letters with the property that it asks."""
    asked = {"positive definite": "SPD", "positive": "positive"}
    found: dict[Expr, Expr] = {}
    for k, condition in enumerate(conditions):
        if condition.kind in asked:
            of, word = condition.of, asked[condition.kind]
            known = of.properties if isinstance(of, Symbol) else frozenset()
            name = of.latex if isinstance(of, Symbol) else f"condition {k}"
            found[of] = Symbol(name, of.shape, known | {word})
    return found


def _word(key: str, sign: int) -> str:
    """Return the key of a sentence: convexity makes a minimum, concavity a maximum."""
    return f"{key}: {'minimum' if sign > 0 else 'maximum'}"


def _of_several(
    start: Prepared, f: Expr, values: Mapping[Symbol, Expr], *, constrained: int
) -> tuple[Reason | None, int]:
    name = start.question.name
    bend = curvature(normalise(start.at_rest(f)), frozenset(x.at_rest for x in values))
    ending = ("", " subject to", " subject to several")[min(2, constrained)]
    if bend.convex != bend.concave:
        sign = 1 if bend.convex else -1
        return reason(_word("convex by composition", sign) + ending, name=name), sign
    if len(values) == 2 and not constrained and all(x.is_scalar for x in values):
        found = _of_two_numbers(start, f, values)
        if found is not None:
            return found
    signs = {x: definiteness(matrix) for x in values if (matrix := hessian_of(f, start, x)) is not None}
    up = next((x for x, sign in signs.items() if sign == DEFINITE), None)
    down = next((x for x, sign in signs.items() if sign == -DEFINITE), None)
    if up is not None and down is not None and not constrained:
        return reason("saddle", name=name, up=up.latex, down=down.latex), 0
    return None, 0


def _of_two_numbers(start: Prepared, f: Expr, values: Mapping[Symbol, Expr]) -> tuple[Reason, int] | None:
    """Return what the point is by the principal minors of the second derivative, everywhere or at the point."""
    anywhere = second_derivatives(start, f, *values)
    inside = {z.at_rest: value for z, value in values.items()}
    whole = not _has_pole(start, anywhere, values)
    for places, key in (*([({}, "strictly convex")] if whole else ()), (inside, "definite there")):
        a, b, c = (add(*opened(substitute(start.abbreviated(z), places, build))) for z in anywhere)
        minor = add(*opened(add(multiply(a, b), negate(power(c, number(2))))))
        sign = definiteness(a)
        if abs(sign) == DEFINITE and definiteness(minor) == DEFINITE:
            return reason(_word(key, sign), bent=BENT[sign], name=start.question.name), sign
    return None


def second_derivatives(start: Prepared, f: Expr, x: Symbol, y: Symbol) -> list[Expr]:
    """Return the second derivatives by two numbers: twice by the first, twice by the second, by both."""
    slope = gradient(normalise(f), x)
    found = [gradient(slope, x), gradient(gradient(normalise(f), y), y), gradient(slope, y)]
    return [normalise(start.at_rest(z)) for z in found]


def _has_pole(start: Prepared, second: Sequence[Expr], moving: Mapping[Symbol, Expr]) -> bool:
    """Whether a divisor in second derivatives may vanish: beyond a pole, where f is defined, it bends on its own.

    What is under a logarithm and affine is positive.
    """
    letters = frozenset(y for x in moving for y in (x, x.at_rest))
    positive = {
        y for x in arguments_of_logarithms(start, letters) if curvature(x, letters).is_affine for y in (x, negate(x))
    }
    positive |= {split_coefficient(x)[1] for x in positive}
    for node in (y for x in second for y in walk(x) if y.symbols & letters):
        for base, exponent in (base_and_exponent(node), base_of_power(node), (inverted(node) or node, number(-1))):
            if base is node or (isinstance(exponent, Number) and exponent.value > 0) or base in positive:
                continue
            if DEFINITE not in (abs(definiteness(base)), abs(sign_of_entries(base))):
                return True
    return False


def lagrangian_roles(start: Prepared, f: Expr, unknowns: Sequence[Symbol]) -> tuple[Symbol, Symbol] | None:
    """Return (x, multiplier) where the author wrote a Lagrangian: linear in the multiplier, its factor linear in x.

    None where f is none, or x is not the only other unknown.
    """
    if len(unknowns) != 2:
        return None
    for x, multiplier in (unknowns, unknowns[::-1]):
        constraint = gradient(normalise(f), multiplier)
        if multiplier in constraint.symbols or x not in constraint.symbols:
            continue
        if curvature(normalise(start.at_rest(constraint)), frozenset((x.at_rest,))).is_affine:
            return x, multiplier
    return None
