"""Finding a pattern inside an expression, and putting something else in its place.

A product is matched by any stretch of its chain of matrices, and a variable of the pattern by any stretch of
factors; scalars and numbers beside the chain stay outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from .expressions import ONE, Apply, Expr, Index, Number, Symbol
from .factoring import add
from .operators.structural import add_row, hadamard_row, product
from .powers import base_of_power, entrywise_power, reciprocal, sum_over
from .terms import (
    build,
    coefficient_scalars_chain,
    factors_of,
    index_of,
    is_product,
    is_sum_over,
    multiply,
    negate,
    scalars_and_chain,
    scale,
    split_coefficient,
    terms_of,
    transpose,
    under_transpose,
)

Bound = dict[Symbol, Expr]


def matches(pattern: Expr, subject: Expr, variables: frozenset[Symbol]) -> Bound | None:
    """Return what the variables stand for if `subject` is an instance of `pattern`, else None."""
    return next(_match(pattern, subject, {}, variables), None)


def stretches(pattern: Expr, subject: Apply, variables: frozenset[Symbol]) -> Iterator[tuple[int, int, Bound]]:
    """Yield (start, end, bound) for the stretches of the product `subject` that are instances of `pattern`."""
    wanted = _factors(pattern)
    chain = [x for x in subject.arguments if not x.is_scalar]
    for start in range(len(chain)):
        for end in range(len(chain), start, -1):
            bound = next(_match_chain(wanted, chain[start:end], {}, variables), None)
            if bound is not None:
                yield start, end, bound


def _factors(x: Expr) -> list[Expr]:
    return list(factors_of(x))


def _match(pattern: Expr, subject: Expr, bound: Bound, variables: frozenset[Symbol]) -> Iterator[Bound]:
    if isinstance(pattern, Symbol) and pattern in variables:
        yield from _bind(pattern, subject, bound)
    elif _turned_variable(pattern, variables) is not None:
        variable = _turned_variable(pattern, variables)
        assert variable is not None
        yield from _bind(variable, transpose(subject), bound)
    elif pattern is subject:  # its letters are the author's too, each of which stands for itself
        own = {x: x for x in pattern.symbols if x in variables}
        if all(bound.get(x, x) is x for x in own):
            yield {**bound, **own}
    elif isinstance(pattern, Apply) and isinstance(subject, Apply) and pattern.operator is subject.operator:
        if is_product(pattern):
            (number, wanted), (factor, chain) = map(split_coefficient, (pattern, subject))
            if number == factor and not any(x.is_scalar for x in factors_of(chain)):
                yield from _match_chain(_factors(wanted), _factors(chain), bound, variables)
        elif len(pattern.arguments) == len(subject.arguments) and _same_parameters(pattern, subject):
            yield from _match_each(pattern.arguments, subject.arguments, bound, variables)


def _same_parameters(pattern: Apply, subject: Apply) -> bool:
    """Whether parameters agree; a matrix of ones, zeros or an identity agrees in whatever size it has."""
    if not pattern.arguments:
        return [x == ONE for x in pattern.shape] == [x == ONE for x in subject.shape]
    return pattern.parameters == subject.parameters


def _match_each(
    patterns: Sequence[Expr], subjects: Sequence[Expr], bound: Bound, variables: frozenset[Symbol]
) -> Iterator[Bound]:
    if not patterns:
        yield bound
        return
    for found in _match(patterns[0], subjects[0], bound, variables):
        yield from _match_each(patterns[1:], subjects[1:], found, variables)


def _match_chain(
    patterns: Sequence[Expr], chain: Sequence[Expr], bound: Bound, variables: frozenset[Symbol]
) -> Iterator[Bound]:
    if not patterns or not chain:
        if not patterns and not chain:
            yield bound
        return
    first, rest = patterns[0], patterns[1:]
    elastic = first in variables or _turned_variable(first, variables) is not None
    longest = len(chain) - len(rest) if elastic else 1
    for k in range(longest, 0, -1):
        subject = chain[0] if k == 1 else Apply(product, tuple(chain[:k]))
        for found in _match(first, subject, bound, variables):
            yield from _match_chain(rest, chain[k:], found, variables)


def _turned_variable(pattern: Expr, variables: frozenset[Symbol]) -> Symbol | None:
    inner = under_transpose(pattern)
    return inner if isinstance(inner, Symbol) and inner in variables else None


def _bind(variable: Symbol, subject: Expr, bound: Bound) -> Iterator[Bound]:
    known = bound.get(variable)
    if known is not None:
        if known is subject:
            yield bound
        return
    same_kind = [x == ONE for x in variable.shape] == [x == ONE for x in subject.shape]
    square = variable.shape[0] != variable.shape[1] or subject.is_square
    properties = subject.properties if isinstance(subject, Symbol) else frozenset()
    wanted = variable.properties - {"integer"} if isinstance(subject, Number) else variable.properties
    if same_kind and square and wanted <= properties and not (wanted and "free" in properties):
        yield {**bound, variable: subject}


# --- putting a name in place of what it stands for --------------------------------------------------------


def fold(expression: Expr, body: Expr, name: Symbol) -> Expr:
    """Return the normal form `expression` with `name` written wherever its definition `body` occurs.

    The transpose of the body becomes the transpose of the name, the reciprocal of a root that of its name; a numerical
    or scalar factor of the body that is missing in the expression is made up for.
    """
    factor, core = _scalars_and_core(body)
    if not core.symbols <= expression.symbols:
        return expression
    forms = {core: name, transpose(core): transpose(name), **_reciprocal_of_root(core, name)}
    done: dict[Expr, Expr] = {}

    def visit(node: Expr) -> Expr:
        if node not in done:
            done[node] = _folded(node)
        return done[node]

    def _folded(node: Expr) -> Expr:
        if node in forms:
            return multiply(reciprocal(factor), forms[node])
        if not isinstance(node, Apply):
            return node
        node = _with_stretch(node, forms, factor)
        if not isinstance(node, Apply) or not node.arguments:
            return node
        arguments = tuple(x if x in forms.values() else visit(x) for x in node.arguments)
        if arguments == node.arguments:
            return node
        return build(node.operator, *arguments, parameters=node.parameters)

    return visit(expression)


def _reciprocal_of_root(core: Expr, name: Symbol) -> dict[Expr, Expr]:
    base, exponent = base_of_power(core)
    if not isinstance(exponent, Number) or exponent.value.denominator == 1:
        return {}
    return {entrywise_power(base, Number(-exponent.value)): entrywise_power(name, Number(Fraction(-1)))}


def _scalars_and_core(body: Expr) -> tuple[Expr, Expr]:
    """Return (c, B) with body = c B, where c holds the numbers and scalars beside a chain of matrices."""
    if body.is_scalar or not is_product(body):
        coefficient, core = split_coefficient(body)
        return Number(coefficient), core
    scalars, chain = scalars_and_chain(body)
    return multiply(*scalars, Number(Fraction(1))), multiply(*chain)


def _with_stretch(node: Apply, forms: dict[Expr, Expr], factor: Expr) -> Expr:
    """Return a product or sum in which a stretch of factors or a subset of terms was the body."""
    for core, name in forms.items():
        if is_product(node) and is_product(core):
            for start, end, _ in stretches(core, node, frozenset()):
                scalars, chain = scalars_and_chain(node)
                return multiply(*scalars, reciprocal(factor), *chain[:start], name, *chain[end:])
        same = isinstance(core, Apply) and core.operator is node.operator and node.operator in (add_row, hadamard_row)
        if same and isinstance(core, Apply) and len(core.arguments) < len(node.arguments):
            rest = _without(node.arguments, core.arguments)
            if rest is not None:
                return build(node.operator, multiply(reciprocal(factor), name), *rest)
        if len(terms_of(node)) > 1 and len(terms_of(core)) > 1:
            opposite = tuple(map(negate, terms_of(core)))
            rest = _without(node.arguments, opposite)
            if rest is not None:
                return add(negate(multiply(reciprocal(factor), name)), *rest)
    return node


def _without(whole: Sequence[Expr], part: Sequence[Expr]) -> list[Expr] | None:
    """Return `whole` without the members of `part`, None if one is missing."""
    rest = list(whole)
    for x in part:
        if x not in rest:
            return None
        rest.remove(x)
    return rest


def distribute(expression: Expr, variable: Symbol) -> tuple[Expr, ...]:
    """Return the terms of `expression` with the products and sums of sums in which `variable` occurs multiplied out."""
    found: list[Expr] = []
    for term in terms_of(expression):
        coefficient, rest = split_coefficient(term)
        factors = _factors(rest)
        k = next((k for k, x in enumerate(factors) if len(_terms_within(x, variable)) > 1), None)
        if k is None:
            found.append(term)
            continue
        for inner in _terms_within(factors[k], variable):
            found.extend(distribute(scale(coefficient, multiply(*factors[:k], inner, *factors[k + 1 :])), variable))
    return tuple(found)


def _summed(term: Expr, index: Index) -> Expr:
    """Return the sum of a term over an index, of its scalars alone where the matrices are the same in all."""
    coefficient, scalars, chain = coefficient_scalars_chain(term)
    if not chain or not scalars or any(index.name in y.indices for y in chain):
        return sum_over(term, index)
    return multiply(Number(coefficient), sum_over(multiply(*scalars), index), *chain)


def _terms_within(x: Expr, variable: Symbol) -> tuple[Expr, ...]:
    """Return the terms of a sum in which `variable` occurs, also of one over an index."""
    if variable not in x.symbols:
        return (x,)
    inner = under_transpose(x)
    if inner is not None:
        return tuple(map(transpose, _terms_within(inner, variable)))
    if is_sum_over(x):
        index = index_of(x)
        terms = distribute(x.arguments[0], variable)
        return tuple(_summed(term, index) for term in terms) if len(terms) > 1 else (x,)
    return terms_of(x)
