"""What the named values of a question are: symmetric, means of a family, or written with the logistic function."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from fractions import Fraction

from ..algebra.expressions import Apply, Expr, Index, Number, Symbol, number, walk
from ..algebra.factoring import add
from ..algebra.operators.entries import entry_row
from ..algebra.operators.entrywise import SIGMA, Function, argument_of, exp, exponential, logistic, named_function
from ..algebra.operators.sums import sum_row
from ..algebra.powers import base_of_divisor, hadamard, reciprocal
from ..algebra.terms import (
    base_and_exponent,
    bound_index,
    index_symbol,
    is_symmetric,
    multiply,
    negate,
    normalise,
    ones,
    scale,
    split_coefficient,
    substitute,
    terms_of,
    transpose,
)
from ..latex.names import undressed

Values = Sequence[tuple[Symbol, Expr]]
"""Names with their definitions."""


def occurring_in(f: Expr, values: Sequence[tuple[Expr | None, Expr]]) -> set[Symbol]:
    """Return the letters of f and of the values, each defined by those before it, that f is written in."""
    return gone_through(f.symbols, values)


def gone_through(letters: Iterable[Symbol], values: Sequence[tuple[Expr | None, Expr]]) -> set[Symbol]:
    """Return the letters, and those of the values that they are defined by, moving or at rest."""
    found = set(letters)
    for name, body in reversed(values):
        if name in found or (isinstance(name, Symbol) and name.at_rest in found):
            found |= body.symbols
    return found


def with_used_abbreviations(f: Expr, values: Values, first: int) -> tuple[Values, Values]:
    """Return the intermediates and the abbreviations; those that f itself is written in are moved to the first.

    `first` says how many of the values are intermediates.
    """
    used = occurring_in(f, values)
    through = [x for k, x in enumerate(values) if k < first or x[0] in used]
    return through, [x for x in values if x not in through]


def with_logistic_sigma(f: Expr, named: Values, first: int) -> Values:
    r"""Return the definitions with `\sigma` as the logistic function in what is said of an f without that letter.

    The gradient of `\log(1+e^t)` is written with it, so an abbreviation or a claim that has it means nothing else.
    """
    if any(_is_sigma(x) for root in (f, *(body for _, body in named[:first])) for x in walk(root)):
        return named
    return [
        (symbol, substitute(body, {x: logistic_value(x) for x in walk(body) if isinstance(x, Apply) and _is_sigma(x)}))
        for symbol, body in named
    ]


def with_logistic_losses(roots: Sequence[Expr], *, by_custom: bool) -> Mapping[Expr, Expr]:
    r"""Return what functions that the author defines as the logistic one become, where a logarithm is taken of them.

    `by_custom` says that `\sigma` is the logistic function there even where nobody defines it. In
    `-y\log\sigma(u)-(1-y)\log(1-\sigma(u))` the derivative cancels with what is divided by: \sigma' is
    \sigma(1-\sigma) there. So it does in the likelihood itself, `\sigma(u)^y(1-\sigma(u))^{1-y}`.
    """
    nodes = dict.fromkeys(x for root in roots for x in walk(root) if isinstance(x, Apply))
    logarithms = [x for x in nodes if x.operator.splits or _is_share_of_likelihood(x)]
    if not logarithms:
        return {}
    named = (x for x in nodes if _is_defined_logistic(x) or (by_custom and _is_sigma(x)))
    found: dict[Expr, Expr] = {x: logistic_value(x) for x in named}
    if not any(x.latex == SIGMA for root in roots for x in root.symbols) and not any(map(_is_sigma, nodes)):
        found |= _written_out(y for x in logarithms for y in _summands(x.arguments[0]))
    within = any(not found.keys().isdisjoint(_summands(x.arguments[0])) for x in logarithms)
    return found if within else {}


def _is_share_of_likelihood(x: Apply) -> bool:
    """Whether this is a scalar raised to what is no number."""
    base, exponent = base_and_exponent(x)
    return x.is_scalar and base is not x and not isinstance(exponent, Number)


def _written_out(summands: Iterable[Expr]) -> Mapping[Expr, Expr]:
    r"""Return those that are `\frac{1}{1+e^{-t}}`, each with the logistic function of t."""
    found: dict[Expr, Expr] = {}
    for x in (x for x in summands if x.is_scalar and isinstance(x, Apply)):
        below, exponent = base_of_divisor(normalise(x))
        rest = add(below, number(-1))
        inner = argument_of(rest, exp)
        if exponent.value == -1 and inner is not None:
            found[x] = Apply(logistic, (negate(inner),), (SIGMA,))
    return found


def _summands(x: Expr) -> list[Expr]:
    """Return the terms of `x` without their coefficients."""
    return [split_coefficient(y)[1] for y in terms_of(x)]


def _is_defined_logistic(x: Apply) -> bool:
    """Whether `x` is the value of a function that the author defines as 1/(1 + exp(-t))."""
    function = _function_of(x)
    if function is None or function.definition is None:
        return False
    t = function.definition.argument
    return normalise(function.definition.body) is reciprocal(add(number(1), exponential(negate(t))))


def _is_sigma(x: Expr) -> bool:
    return isinstance(x, Apply) and names_function(x, (SIGMA,))


def names_function(node: Apply, letters: Container[str]) -> bool:
    """Whether `node` is the value of a function, without a definition, whose letter is one of these."""
    function = _function_of(node)
    return function is not None and function.latex in letters and function.definition is None


def _function_of(node: Apply) -> Function | None:
    """Return the function that the author writes by a letter and of which `node` is the value, None if it is none."""
    function = node.parameters[0] if node.operator is named_function else None
    return function if isinstance(function, Function) else None


def logistic_value(node: Apply) -> Expr:
    """Return the logistic function, or its derivative of the order that the letter has, of the same argument."""
    function = node.parameters[0]
    assert isinstance(function, Function)
    value: Expr = Apply(logistic, node.arguments, (function.latex,))
    rest = add(ones(node.shape), negate(value))
    if function.order == 0:
        return value
    if function.order == 1:
        return hadamard(value, rest)
    return hadamard(value, rest, add(ones(node.shape), scale(Fraction(-2), value)))


def means(
    roots: Iterable[Expr], symbols: Mapping[str, Symbol], known: Iterable[str]
) -> tuple[tuple[Symbol, Expr], ...]:
    r"""Return the letters \bar x that nothing defines beside x_i, i = 1..n, each with its mean.

    The x_i are the members of a family, or the entries of a vector.
    """
    found: dict[Symbol, Expr] = {}
    if not any(x.startswith(r"\bar{") for x in symbols):  # as most questions; the nodes need not be gone through
        return ()
    for node in (x for root in roots for x in walk(root)):
        index = bound_index(node)
        if index is None or index.lower != "1" or not index.upper:
            continue
        for member in sorted((x for x in walk(node) if isinstance(x, Symbol) and x.index == (index.name,)), key=str):
            mean = _mean_of(member.family, symbols, known)
            if mean is not None and mean.shape == member.shape:
                found[mean] = multiply(reciprocal(_count(index, symbols)), Apply(sum_row, (member,), (index,)))
        whole = _entries_at(node, index.name)
        mean = _mean_of(whole.latex, symbols, known) if whole is not None else None
        if whole is not None and mean is not None and mean.is_scalar:
            found[mean] = multiply(reciprocal(_count(index, symbols)), transpose(ones(whole.shape)), whole)
    return tuple(found.items())


def _count(index: Index, symbols: Mapping[str, Symbol]) -> Symbol:
    return symbols.get(index.upper, Symbol(index.upper))


def _entries_at(node: Expr, index: str) -> Symbol | None:
    """Return the vector whose entry at the index stands in `node`, None if none does."""
    for x in walk(node):
        entry = isinstance(x, Apply) and x.operator is entry_row and x.arguments[1:] == (index_symbol(index),)
        if entry and isinstance(x, Apply) and isinstance(x.arguments[0], Symbol):
            return x.arguments[0]
    return None


def _mean_of(letter: str, symbols: Mapping[str, Symbol], known: Iterable[str]) -> Symbol | None:
    r"""Return the letter with a bar, `\bar{x}` for `\mathbf{x}` too, None if it is defined or does not occur."""
    names = (rf"\bar{{{letter}}}", rf"\bar{{{undressed(letter)}}}")
    return next((symbols[x] for x in names if x in symbols and x not in known), None)


def with_found_symmetry(values: Values, moving: Mapping[Symbol, Symbol]) -> dict[Symbol, Symbol]:
    """Return the names whose definition is symmetric by its form, each with that property.

    Where it is symmetric only as long as the variables do not move, as the inverse of a symmetric variable is, the name
    moves like them.
    """
    found: dict[Symbol, Symbol] = {}
    for symbol, body in values:
        if symbol.is_scalar:
            continue
        whilemoving = is_symmetric(normalise(substitute(body, {**moving, **found})))
        if whilemoving or is_symmetric(normalise(substitute(body, {x: y.at_rest for x, y in found.items()}))):
            properties = symbol.properties | ({"symmetric"} if whilemoving else {"symmetric", "free"})
            found[symbol] = Symbol(symbol.latex, symbol.size, properties, symbol.index, symbol.family)
    return found
