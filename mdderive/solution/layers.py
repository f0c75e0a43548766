"""Names for the layers of a deeply nested function, as a teacher gives them before the composite rule is used.

`a^T s(W_4 s(W_3 s(W_2 s(W_1 x))))` becomes `a^T h_4` with `h_1 = s(W_1 x)`, `h_2 = s(W_2 h_1)`, ...
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ..algebra.expressions import ONE, Apply, Expr, Index, Number, Symbol, walk
from ..algebra.operators.entrywise import Function
from ..algebra.terms import base_and_exponent, d, inverted, is_product, reading_cost, substitute, zero
from ..latex.names import Name, Script, name_of, resembling
from ..question.question import Question
from .passes import run_passes

SHALLOW = 3
"""How many layers within each other are read without names."""
LONG = 8
"""From which `reading_cost` a layer that its differential repeats gets a name."""
SHALLOW_OF_NUMBERS = 8
"""The same of numbers, as in `((x^2+a)^2+b)^2`: written out, the derivative of k of them has k factors of k levels.
Of factors too."""
LETTERS = "hzuvgqs"
"""The letters of layers, in the order in which they are tried."""


def with_named_layers(question: Question) -> Question:
    """Return the question with names for the layers of f, where they are nested deeply; else the very question.

    A layer is a matrix or column that depends on another in no linear way, as an entry-wise function or a softmax does;
    where there are more of them, a number that does so, or a product of numbers.
    """
    if "hessian" in question.wishes:
        return question
    for of_numbers, shallow in ((False, SHALLOW), (True, SHALLOW_OF_NUMBERS)):
        if _depth(question.f, question.variables, of_numbers=of_numbers) > shallow:
            *_, last = run_passes(question.f, {})  # an identity may open one: log softmax
            if _depth(last.after, question.variables, of_numbers=of_numbers) > shallow:
                return _with_names(question, _nested(last.after, shallow, of_numbers=of_numbers), question.f)
    return _with_named_products(question)


def _with_named_products(question: Question) -> Question:
    """Return the question with names for what the first factors of a long product make, `p_2 = p_1a_3^Tx`.

    Written out, the derivative of a product of k numbers has k products of k - 1 of them.
    """
    moving = frozenset(question.variables).union(*(body.symbols for _, body in question.intermediates))
    products = [x for x in walk(question.f) if _is_long_product(x, moving)]
    partial: list[Expr] = []
    whole: dict[Expr, Expr] = {}
    for x in products:
        assert isinstance(x, Apply)
        first, *others = x.arguments
        for y in others:
            first = Apply(x.operator, (first, y))
            partial.append(first)
        whole[x] = partial.pop()
    return _with_names(question, partial, substitute(question.f, whole), "pquvgs") if partial else question


def _is_long_product(x: Expr, moving: frozenset[Symbol]) -> bool:
    """Whether `x` is a product of numbers of which many are distinct and depend on the letters that are moving."""
    if not is_product(x) or not all(y.is_scalar for y in x.arguments) or x.indices:
        return False
    return len({y for y in x.arguments if not moving.isdisjoint(y.symbols)}) > SHALLOW_OF_NUMBERS


def with_named_repeats(question: Question) -> Question:
    """Return the question with a letter for a long layer whose differential repeats it, as that of a softmax does.

    An inverse, which is as short, keeps its look: its transpose and its symmetry are seen by it.
    """
    if question.definitions or not question.f.is_scalar:
        return question
    moving = frozenset(question.variables)
    layers = [
        x
        for x in walk(question.f)
        if _is_layer(x, of_numbers=False) and not x.indices and not moving.isdisjoint(x.symbols)
    ]
    found = [x for x in layers if reading_cost(x) >= LONG and _repeats_itself(x, moving)]
    letters = _letters(question, "spah") if len(found) == 1 else None
    if letters is None:
        return question
    small, capital = letters
    symbol = Symbol(small if ONE in found[0].shape else capital, found[0].shape)
    symbols = MappingProxyType({**question.symbols, symbol.latex: symbol})
    return question._replace(symbols=symbols, abbreviations=((symbol, found[0]),))


def _repeats_itself(x: Expr, moving: frozenset[Symbol]) -> bool:
    """Whether `x`, which is of the shape of its argument and no inverse, occurs more than once in its differential."""
    assert isinstance(x, Apply) and x.operator.differential is not None
    if x.shape != x.arguments[0].shape or inverted(x) is not None:
        return False
    found = x.operator.differential(x, lambda y: zero(y.shape) if moving.isdisjoint(y.symbols) else d(y))
    return sum(y is x for node in walk(found) if isinstance(node, Apply) for y in node.arguments) > 1


def _is_layer(x: Expr, *, of_numbers: bool) -> bool:
    if x.is_scalar != of_numbers or not isinstance(x, Apply) or x.operator.adjoint is not None:
        return False
    exponent = base_and_exponent(x)[1]
    root = isinstance(exponent, Number) and exponent.value.denominator != 1  # lines with many are hard to check
    return x.operator.differential is not None and not root


def _depth(f: Expr, variables: Iterable[Symbol], *, of_numbers: bool) -> int:
    """Return how many layers that depend on a variable lie within each other."""
    moving = frozenset(variables)
    depth: dict[Expr, int] = {}
    for x in walk(f):
        within = max((depth[y] for y in x.arguments), default=0)
        depth[x] = within + (_is_layer(x, of_numbers=of_numbers) and not moving.isdisjoint(x.symbols))
    return depth[f]


def _nested(f: Expr, shallow: int, *, of_numbers: bool) -> list[Expr]:
    """Return the layers that lie in a nest of more than `shallow` of them, the inner ones first."""
    nodes = walk(f)
    layers = {x for x in nodes if _is_layer(x, of_numbers=of_numbers)}
    within: dict[Expr, int] = {}
    above = dict.fromkeys(nodes, 0)
    for x in nodes:
        within[x] = max((within[y] for y in x.arguments), default=0) + (x in layers)
    for x in reversed(nodes):
        for y in x.arguments:
            above[y] = max(above[y], above[x] + (x in layers))
    return [x for x in nodes if x in layers and within[x] + above[x] > shallow]


def _letters(question: Question, tried: str = LETTERS) -> tuple[str, str] | None:
    """Return a letter for columns, and its capital for matrices, that look like none of the author's, or None."""
    symbols = [*question.symbols.values(), *(x for x, _ in question.definitions)]
    taken = {question.name, *(x.latex for x in symbols), *(name for x in symbols for n in x.shape for name in n)}
    for x in walk(question.f):
        for y in x.parameters if isinstance(x, Apply) else ():
            if isinstance(y, Function):
                taken.add(y.latex)
            elif isinstance(y, Index):
                taken |= {y.name, y.upper}
    initials = {resembling(x)[:1] for x in taken}
    return next(((x, x.upper()) for x in tried if x not in initials), None)


def _with_names(question: Question, nested: Iterable[Expr], f: Expr, tried: str = LETTERS) -> Question:
    """Return the question with names for those of the `nested` layers that stand in `f`; itself where none can be.

    That is f as it is written, or with the factors of its products taken together.
    """
    kept, letters = frozenset(walk(f)), _letters(question, tried)
    layers = [x for x in nested if x in kept and x is not f]
    if letters is None or any(x.indices for x in layers):
        return question
    small, capital = letters
    faces = next(
        (name_of(x.latex).faces for x in question.symbols.values() if x.shape[1] == ONE and not x.is_scalar), ()
    )
    names: dict[Expr, Symbol] = {}
    bodies: dict[Symbol, Expr] = {}
    for k, layer in enumerate(layers, 1):
        assert isinstance(layer, Apply)
        letter = small if ONE in layer.shape else capital
        symbol = Symbol(str(Name(letter, faces if ONE in layer.shape else (), (Script("_", str(k)),))), layer.shape)
        inner = tuple(substitute(x, names) for x in layer.arguments)
        names[layer], bodies[symbol] = symbol, Apply(layer.operator, inner, layer.parameters)
    symbols: Mapping[str, Symbol] = MappingProxyType({**question.symbols, **{x.latex: x for x in bodies}})
    return question._replace(
        symbols=symbols,
        intermediates=(*question.intermediates, *bodies.items()),
        introduced=tuple(bodies),
        in_terms=substitute(f, names),
    )
