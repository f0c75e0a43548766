"""Names for the layers of a deeply nested function, as a teacher gives them before the composite rule is used.

`a^T s(W_4 s(W_3 s(W_2 s(W_1 x))))` becomes `a^T h_4` with `h_1 = s(W_1 x)`, `h_2 = s(W_2 h_1)`, ...
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeGuard

from ..algebra.expressions import ONE, Apply, Expr, Index, Number, Symbol, walk
from ..algebra.operators.entrywise import Function
from ..algebra.terms import base_and_exponent, d, inverted, is_product, reading_cost, substitute, zero
from ..errors import UnsupportedError
from ..latex.names import Name, Script, name_of, resembling
from ..question.question import Question
from .passes import WIDE, last_form

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
            last = last_form(question.f)  # an identity may open one: log softmax
            if _depth(last, question.variables, of_numbers=of_numbers) > shallow:
                return _with_names(question, _nested(last, shallow, of_numbers=of_numbers), question.f)
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


def with_named_repeats(question: Question, cost: int) -> Question:
    """Return the question with letters for what its differential repeats at length; else the very question.

    `cost` is the `reading_cost` of the gradient without them. Where that is long, they stand for the arguments of
    layers that lie within each other; else for the one layer which its own differential repeats, as that of a softmax
    does, if the gradient or the layer is long. An inverse keeps its look: its transpose and symmetry are seen by it.
    """
    if question.definitions:
        return question
    layers = _layers_of_one_shape(question.f, question.variables)
    tried = "zuvgqs"
    repeated: Sequence[Expr] = _repeated_arguments(question, layers) if cost > WIDE else ()
    if not repeated and (layer := _repeated_layer(question, layers, wide=cost > WIDE)) is not None:
        tried, repeated = layer.operator.letters, [layer]
    letters = _letters(question, tried) if repeated else None
    if letters is None:
        return question
    names = _named(question, repeated, letters, numbered=len(repeated) > 1)
    return question._replace(symbols=_with_symbols(question, names), abbreviations=_bodies(names))


def _layers_of_one_shape(f: Expr, variables: Iterable[Symbol]) -> list[Apply]:
    """Return the layers of `f` that depend on a variable and have the shape of their only argument; no inverses."""
    moving = frozenset(variables)
    layers = (x for x in walk(f) if _is_layer(x, of_numbers=False) and inverted(x) is None and not x.indices)
    unary = (x for x in layers if [y.shape for y in x.arguments] == [x.shape])
    return [x for x in unary if not moving.isdisjoint(x.symbols)]


def _repeated_layer(question: Question, layers: Iterable[Apply], *, wide: bool) -> Apply | None:
    """Return the one long layer which its differential repeats; where the gradient is `wide`, the one of any length."""
    moving = frozenset(question.variables)
    repeats = {x: _repeats_of_itself(x, moving) for x in layers if wide or reading_cost(x) >= LONG}
    found = [x for x, times in repeats.items() if times > 1 and reading_cost(x) >= LONG]
    if not found:
        found = [x for x, times in repeats.items() if wide and times > isinstance(x.arguments[0], Symbol)]
    return found[0] if len(found) == 1 else None


def _repeated_arguments(question: Question, layers: Collection[Expr]) -> list[Expr]:
    """Return the arguments of layers within each other, the inner ones first."""
    among = frozenset(layers)
    nested = any(y in among for x in layers for y in walk(x) if y is not x)
    if not nested or any(x.index for x in question.variables):
        return []
    moving = frozenset(question.variables)
    unary = (
        x for x in walk(last_form(question.f)) if _is_nonlinear(x) and len(x.arguments) == 1 and inverted(x) is None
    )
    arguments = [x.arguments[0] for x in unary]
    named = [x for x in arguments if not (isinstance(x, Symbol) or x.is_scalar or x.indices)]
    return [x for x in dict.fromkeys(named) if not moving.isdisjoint(x.symbols)]


def _repeats_of_itself(x: Apply, moving: frozenset[Symbol]) -> int:
    """Return how many times `x` occurs in its differential, 0 where that has no closed form."""
    assert x.operator.differential is not None
    try:
        found = x.operator.differential(x, lambda y: zero(y.shape) if moving.isdisjoint(y.symbols) else d(y))
    except UnsupportedError:
        return 0
    return sum(y is x for node in walk(found) if isinstance(node, Apply) for y in node.arguments)


def _is_layer(x: Expr, *, of_numbers: bool) -> TypeGuard[Apply]:
    exponent = base_and_exponent(x)[1]
    root = isinstance(exponent, Number) and exponent.value.denominator != 1  # lines with many are hard to check
    return _is_nonlinear(x) and x.is_scalar == of_numbers and not root


def _is_nonlinear(x: Expr) -> TypeGuard[Apply]:
    return isinstance(x, Apply) and x.operator.adjoint is None and x.operator.differential is not None


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


def _named(
    question: Question, parts: Iterable[Expr], letters: tuple[str, str], *, numbered: bool = True
) -> dict[Expr, Symbol]:
    """Return a symbol for each part: with the letter for columns, in the face of the author's, or for matrices."""
    small, capital = letters
    columns = (x for x in question.symbols.values() if x.shape[1] == ONE and not x.is_scalar)
    faces = next((name_of(x.latex).faces for x in columns), ())
    found = {}
    for k, x in enumerate(parts, 1):
        scripts = (Script("_", str(k)),) * numbered
        name = Name(small, faces, scripts) if ONE in x.shape else Name(capital, (), scripts)
        found[x] = Symbol(str(name), x.shape)
    return found


def _with_names(question: Question, nested: Iterable[Expr], f: Expr, tried: str = LETTERS) -> Question:
    """Return the question with names for those of the `nested` layers that stand in `f`; itself where none can be.

    That is f as it is written, or with the factors of its products taken together.
    """
    kept, letters = frozenset(walk(f)), _letters(question, tried)
    layers = [x for x in nested if x in kept and x is not f]
    if letters is None or any(x.indices for x in layers):
        return question
    names = _named(question, layers, letters)
    return question._replace(
        symbols=_with_symbols(question, names),
        intermediates=(*question.intermediates, *_bodies(names)),
        introduced=tuple(names.values()),
        in_terms=substitute(f, names),
    )


def _with_symbols(question: Question, names: Mapping[Expr, Symbol]) -> Mapping[str, Symbol]:
    return MappingProxyType({**question.symbols, **{x.latex: x for x in names.values()}})


def _bodies(names: Mapping[Expr, Symbol]) -> tuple[tuple[Symbol, Expr], ...]:
    """Return what each name stands for, written with the names before it."""
    before: dict[Expr, Symbol] = {}
    bodies = []
    for x, symbol in names.items():
        bodies.append((symbol, substitute(x, before)))
        before[x] = symbol
    return tuple(bodies)
