"""Typed expressions: symbols, numbers and operators applied to arguments.

Nodes are frozen and interned: two equal expressions are the same object, so equality is identity and a
function of a node can be remembered. An expression knows its shape, a pair of dimensions; a dimension is a
product of names, written as a sorted tuple, so `()` is 1, `("n",)` is n and `("m", "n")` is mn.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction
from functools import lru_cache
from threading import RLock
from typing import Any, NamedTuple, Protocol, TypeVar, cast
from weakref import KeyedRef

from ..effort import CHARACTERS_PER_STEP, EFFORT, MOST_CHARACTERS, too_much
from ..words import Wording as Wording
from .arithmetic import Arithmetic
from .notations import Notation
from .numbers import Jet

Dimension = tuple[str, ...]
Shape = tuple[Dimension, Dimension]

ONE: Dimension = ()
SCALAR: Shape = (ONE, ONE)
NOTHING: frozenset[Any] = frozenset()


Function = TypeVar("Function", bound=Callable[..., Any])

_OF_ONE_MARKER: list[Callable[[], None]] = []
_OF_ALL_MARKERS: list[Callable[[], None]] = []


def remembered(maxsize: int, *, beyond: bool = False) -> Callable[[Function], Function]:
    """Return a decorator that keeps the last `maxsize` values of a pure function until `forget` is called.

    They are kept for one marker only, so that what it costs does not hang on those before it; with `beyond` for all.
    """

    def decorate(function: Function) -> Function:
        kept = lru_cache(maxsize)(function)
        (_OF_ALL_MARKERS if beyond else _OF_ONE_MARKER).append(kept.cache_clear)
        return cast(Function, kept)

    return decorate


def forget() -> None:
    """Drop every value that a `remembered` function keeps."""
    forget_marker()
    for clear in _OF_ALL_MARKERS:
        clear()


def forget_marker() -> None:
    """Drop what the `remembered` functions keep for one marker."""
    for clear in _OF_ONE_MARKER:
        clear()


def lazy_numpy() -> Any:
    """Return numpy, imported when the first value is computed: reading and printing need none."""
    import numpy

    return numpy


# What a field holds when a call leaves it out, per class: the key of a node holds every field.
_DEFAULTS: dict[str, tuple[Any, ...]] = {
    "Symbol": (None, SCALAR, frozenset(), (), ""),
    "Number": (None,),
    "Apply": (None, None, ()),
    "Key": (None,),
}


Key = tuple[Any, ...]

# A WeakValueDictionary by hand: its own look-up costs more than all the rest of making a node.
_NODES: dict[Key, KeyedRef[Key, Any]] = {}
_MAKING = RLock()


class Interned(type):
    """Makes equal calls of a class return the same object."""

    def __call__(cls, *arguments: Any) -> Any:
        """Return the one node of this class with these fields."""
        defaults = _DEFAULTS[cls.__name__]
        if len(arguments) < len(defaults):
            arguments += defaults[len(arguments) :]
        if cls is Apply:
            EFFORT.spend(1 + len(arguments[1]))
        key = (cls.__name__, *arguments)
        known = _NODES.get(key)
        node = known() if known is not None else None
        if node is None:
            with _MAKING:  # else two threads would make one node each
                known = _NODES.get(key)
                node = known() if known is not None else None
                if node is None:
                    node = super().__call__(*arguments)
                    _NODES[key] = KeyedRef(node, _forget, key)
        return node


def _forget(reference: KeyedRef[Key, Any], nodes: dict[Key, Any] = _NODES) -> None:
    # A new node may have taken the place of the dead one meanwhile.
    if nodes.get(reference.key) is reference:
        del nodes[reference.key]


_DERIVED = ("shape", "is_scalar", "symbols", "indices")
"""The fields of a node that follow from the others."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Expr(metaclass=Interned):
    """An expression: its `shape` (rows, columns), whether it is 1 x 1, the `symbols` that occur in it."""

    shape: Shape = field(init=False, repr=False)
    is_scalar: bool = field(init=False, repr=False)
    symbols: frozenset[Symbol] = field(init=False, repr=False)
    indices: frozenset[str] = field(init=False, repr=False)

    def _know(self, shape: Shape, symbols: frozenset[Symbol], indices: frozenset[str]) -> None:
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "is_scalar", shape == SCALAR)
        object.__setattr__(self, "symbols", symbols)
        object.__setattr__(self, "indices", indices)

    @property
    def is_square(self) -> bool:
        """Whether the expression has as many rows as columns (a scalar has)."""
        return self.shape[0] == self.shape[1]

    def __reduce__(self) -> tuple[Any, ...]:
        names = [name for name in self.__dataclass_fields__ if name not in _DERIVED]
        return type(self), tuple(getattr(self, name) for name in names)

    def __str__(self) -> str:
        return to_latex(self)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Symbol(Expr):
    """A letter of the author's: its LaTeX, shape, declared properties and open indices (`x_i` has ("i",)).

    `family` is the LaTeX without the index, by which the members of `x_i`, i = 1..n are one array.
    """

    latex: str
    size: Shape = SCALAR
    properties: frozenset[str] = frozenset()
    index: tuple[str, ...] = ()
    family: str = ""

    def __post_init__(self) -> None:
        self._know(self.size, frozenset((self,)), frozenset(self.index))

    @property
    def at_rest(self) -> Symbol:
        """The letter when nothing is differentiated any more, its declared properties in force again.

        While a variable moves it is `free`: a symmetric X moves in all directions, so X^T may not be written X.
        """
        if "free" not in self.properties:
            return self
        return Symbol(self.latex, self.size, self.properties - {"free"}, self.index, self.family)

    def __repr__(self) -> str:
        return f"Symbol({self.latex})"


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Number(Expr):
    """A rational number."""

    value: Fraction

    def __post_init__(self) -> None:
        self._know(SCALAR, frozenset(), frozenset())

    def __repr__(self) -> str:
        return f"Number({self.value})"


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Apply(Expr):
    """An operator applied to arguments; `parameters` are what is not an expression (the index of a sum)."""

    operator: Operator
    arguments: tuple[Expr, ...]
    parameters: tuple[Hashable, ...] = ()

    def __post_init__(self) -> None:
        symbols = NOTHING.union(*[x.symbols for x in self.arguments])
        indices = NOTHING.union(*[x.indices for x in self.arguments if x.indices])
        if self.operator.binds_index:
            bound = self.parameters[0]
            assert isinstance(bound, Index)
            indices = indices - {bound.name}
        self._know(self.operator.shape(self.arguments, self.parameters), symbols, indices)

    def __repr__(self) -> str:
        return f"{self.operator.name}({', '.join(map(repr, self.arguments))})"


class Index(NamedTuple):
    """The bound index of a sum: `name` runs from `lower` to `upper` (LaTeX; both "" where the author gave no range).

    `extent` is how many values it takes, where the author has no letters with this index.
    """

    name: str
    lower: str = ""
    upper: str = ""
    extent: Expr | None = None


Write = Callable[["Expr", int], str]
"""Writes an argument as LaTeX, in parentheses where it binds less tightly than asked."""

Differentiate = Callable[["Expr"], "Expr"]


class Sizes(Protocol):
    """What a value that hangs on sizes may ask of the points at which it is computed."""

    @property
    def leading(self) -> int:
        """How many axes stand before rows and columns."""

    def size(self, dimension: Dimension) -> int:
        """Return the number that `dimension` stands for."""

    def total(self, array: Any, index: Index) -> Any:
        """Return the sum of `array` over `index`."""


Exact = Callable[[Arithmetic, "Apply", tuple[Jet, ...]], Jet]
"""(arithmetic, node, values of its arguments) -> its value, exactly."""


class Signs(NamedTuple):
    """How the signs of arguments are found: that of a matrix (is it definite?) and that of every entry."""

    of_matrix: Callable[[Expr], int]
    of_entries: Callable[[Expr], int]


class Convexity(NamedTuple):
    """How a function bends: `curvature` 1 where it is convex, -1 where it is concave; `increasing` in every entry."""

    curvature: int
    increasing: bool = False


Absorbs = Callable[["Expr", "Expr", "Expr", "Expr"], "Expr | None"]


class Undo(NamedTuple):
    """How a function is undone: `argument` says from `node = value` what the argument is, x the letter in it, or None.

    `asks` is what must hold of the value: "positive", "invertible", ..., or "".
    """

    argument: Callable[[Apply, Expr, Symbol], Expr | None]
    asks: str = ""


class Binding(IntEnum):
    """How tightly an operator binds when printed; larger is tighter.

    PREFIX is a function without parentheses, `\\log\\lvert X\\rvert`: it takes the whole product that follows.
    """

    SUM = 10
    PREFIX = 16
    PRODUCT = 20
    POWER = 40
    ATOM = 50


class Code(NamedTuple):
    """The source of a value in a language, "{0}" the first argument, and that of a function which it calls, or ""."""

    template: str
    helper: str = ""


def _no_value(arrays: tuple[Any, ...], parameters: tuple[Any, ...]) -> Any:
    raise ValueError("this value hangs on sizes")


@dataclass(frozen=True, eq=False, slots=True)
class Operator:
    """All that is known of one operator: its row in the table.

    name        the field's own name, unique
    spellings   LaTeX names by which an author calls it as a function (`\\exp`, `exp`)
    notations   how an author writes it without its name (`|X|`, `A^+`), see `Notation`
    signatures  shapes as text, "m n, m n -> m n"; several are overloads; () where `result` says it
    result      (arguments, parameters) -> shape, for operators of any number of arguments
    latex       (node, write) -> LaTeX; `write(x, binding)` writes an argument, in parentheses where needed
    binding     how tightly what `latex` returned binds, see `Binding`
    binding_of  the same where it depends on the node, else None
    value       (arrays, parameters) -> array; every array is (..., rows, columns)
    sized_value (node, arrays, sizes) -> array, where the value hangs on sizes; `value` then is not called
    exact       (at, node, jets) -> its value and slopes in exact arithmetic, see `Arithmetic`; None where there is none
    splits      whether its exact value is that of its parts, as the logarithm of a product is a sum
    logarithm   (at, node) -> the logarithm of its value by those of its parts, or None
    of_positive node -> whether its first argument must be positive for a real value, else None
    sign        (node, signs) -> 2 where the matrix (or scalar) is positive definite, 1 semidefinite, -2, -1, or 0
    entry_sign  the same of every entry
    undo        how an equation `node = value` is solved for the one argument that varies, where it has one solution
    convexity   how it bends, every entry of its value for itself; of a matrix, among the positive definite ones
    numpy       source of the value in plain numpy, "{0}" the first argument; for exports
    helper      source of a function that `numpy` calls, or ""
    jax, torch  source where it is not that of numpy with another name for `np`; "like" holds torch's type of numbers
    julia       source in Julia; None where there is none
    adjoint     (node, i, G) -> the cotangent that argument i receives from the cotangent G; multilinear operators
    differential (node, d) -> the differential written with d(argument); the other operators
    working     the differential once more, as a teacher first writes it; None where it is the same
    worked      the identity by which `differential` follows from `working`, for the reader
    adjoint_rule what passing a cotangent through the operator is called; None for bookkeeping
    normal      (arguments, parameters) -> a simpler equal expression, or None
    absorbs     (x, k, y, l) -> the entry-wise product of its value at x, to the k, and of y, to the l, where that is
                simpler, or None: sgn(x) (.) x is |x|
    transposed  node -> its transpose with the transpose carried one level in, the very node where that only reorders
                its terms; None where it is to stand outside
    split_by_transpose  whether that is written even where it is longer
    rule        what the rule is called in the right-hand column of a derivation
    why         why it holds, in a sentence or two, for the page of the rule; one row speaks for all with this rule
    of_matrix   the row of the function of a matrix that has the same name (exp, log, sin); "" where there is none
                here, None where the field knows none
    plain       whether that goes without saying beside another rule
    note        what the reader of a function that uses it is told once; "{0}" is the argument, "{base}" the same as the
                base of a power; or None
    example     an expression in LaTeX that uses the operator, for tests and docs, and its variable
    where       the clauses that the example needs
    source      where the rule is published, with a chapter, section or equation number
    condition   where the rule holds, if not everywhere
    """

    name: str
    rule: Wording
    source: str
    example: tuple[str, str]
    latex: Callable[[Apply, Write], str]
    numpy: str
    value: Callable[[tuple[Any, ...], tuple[Any, ...]], Any] = _no_value
    sized_value: Callable[[Apply, tuple[Any, ...], Sizes], Any] | None = None
    exact: Exact | None = None
    splits: bool = False
    logarithm: Callable[[Arithmetic, Apply], Jet | None] | None = None
    of_positive: Callable[[Apply], bool] | None = None
    where: tuple[str, ...] = ()
    binding: int = Binding.ATOM
    binding_of: Callable[[Apply], int] | None = None
    spellings: tuple[str, ...] = ()
    notations: tuple[Notation, ...] = ()
    signatures: tuple[str, ...] = ()
    result: Callable[[tuple[Expr, ...], tuple[Any, ...]], Shape] | None = None
    adjoint: Callable[[Apply, int, Expr], Expr] | None = None
    differential: Callable[[Apply, Differentiate], Expr] | None = None
    working: Callable[[Apply, Differentiate], Expr] | None = None
    normal: Callable[[tuple[Expr, ...], tuple[Any, ...]], Expr | None] | None = None
    absorbs: Absorbs | None = None
    transposed: Callable[[Apply], Expr | None] | None = None
    split_by_transpose: bool = False
    helper: str = ""
    why: Wording | None = None
    sign: Callable[[Apply, Signs], int] | None = None
    entry_sign: Callable[[Apply, Signs], int] | None = None
    convexity: Convexity | None = None
    undo: Undo | None = None
    jax: Code | None = None
    torch: Code | None = None
    julia: Code | None = None
    worked: Wording | None = None
    adjoint_rule: Wording | None = None
    of_matrix: str | None = None
    plain: bool = False
    note: Wording | None = None
    condition: Wording | None = None
    greedy: bool = False
    analytic: bool = True
    binds_index: bool = False

    def shape(self, arguments: tuple[Expr, ...], parameters: tuple[Any, ...]) -> Shape:
        """Return the shape of the operator applied to `arguments`.

        Raises:
            ValueError: no signature fits.
        """
        if self.result is not None:
            return self.result(arguments, parameters)
        shapes = tuple([x.shape for x in arguments])
        for signature in self.signatures:
            shape = _match(signature, shapes)
            if shape is not None:
                return shape
        raise ValueError(f"{self.name} does not take arguments of shapes {[x.shape for x in arguments]}")


@lru_cache(maxsize=1024)
def read_signature(signature: str) -> tuple[tuple[tuple[str, str], ...], tuple[str, str]]:
    """Return the argument shapes and the result shape that `signature` ("m n, n p -> m p") names."""
    left, right = signature.split("->")
    pairs = tuple((words.split()[0], words.split()[1]) for words in left.split(",") if words.strip())
    rows, columns = right.split()
    return pairs, (rows, columns)


@lru_cache(maxsize=4096)
def _match(signature: str, shapes: tuple[Shape, ...]) -> Shape | None:
    pairs, result = read_signature(signature)
    if len(pairs) != len(shapes):
        return None
    found: dict[str, Dimension] = {"1": ONE}
    for pair, shape in zip(pairs, shapes, strict=True):
        for name, dimension in zip(pair, shape, strict=True):
            if found.setdefault(name, dimension) != dimension:
                return None
    return _dimension(result[0], found), _dimension(result[1], found)


def _dimension(name: str, found: dict[str, Dimension]) -> Dimension:
    """Return the dimension called `name`; "m*p" is a product."""
    return tuple(sorted(part for factor in name.split("*") for part in found[factor]))


@remembered(maxsize=50_000)
def to_latex(expression: Expr, binding: int = 0) -> str:
    """Return `expression` as LaTeX, in parentheses if it binds less tightly than `binding`."""
    if isinstance(expression, Symbol):
        return expression.latex
    if isinstance(expression, Number):
        return _number(expression.value, binding)
    assert isinstance(expression, Apply)
    text = expression.operator.latex(expression, to_latex)
    EFFORT.spend(1 + len(text) // CHARACTERS_PER_STEP)
    if len(text) > MOST_CHARACTERS:
        raise too_much("its answer would fill many pages")
    return parenthesise(text) if binding_of(expression) < binding else text


def binding_of(node: Apply) -> int:
    """Return how tightly `node` binds as it is written."""
    own = node.operator.binding_of
    return node.operator.binding if own is None else own(node)


def _number(value: Fraction, binding: int) -> str:
    if value.denominator == 1:
        text = str(value.numerator)
        return parenthesise(text) if value < 0 and binding > Binding.SUM else text
    sign = "-" if value < 0 else ""
    text = f"{sign}\\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
    return parenthesise(text) if binding > (Binding.SUM if sign else Binding.PRODUCT) else text


def parenthesise(text: str) -> str:
    """Return `text` in parentheses of the size that its content asks for."""
    if any(macro in text for macro in (r"\frac", r"\sum", r"\left(", r"\sqrt", r"\bigl(")):
        return rf"\left({text}\right)"
    return rf"\bigl({text}\bigr)" if "(" in text else f"({text})"


@remembered(maxsize=1_000)
def walk(expression: Expr) -> tuple[Expr, ...]:
    """Return every distinct node of `expression`, arguments before the nodes that use them."""
    found: list[Expr] = []
    seen: set[Expr] = set()
    stack: list[tuple[Expr, bool]] = [(expression, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            found.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            if isinstance(node, Apply):
                stack.extend([(x, False) for x in reversed(node.arguments)])
    return tuple(found)


@lru_cache(maxsize=1024)
def number(value: int | Fraction) -> Number:
    """Return `value` as an expression."""
    return Number(Fraction(value))
