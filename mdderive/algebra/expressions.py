"""Typed expressions: symbols, numbers and operators applied to arguments.

Nodes are frozen and interned: two equal expressions are the same object, so equality is identity and a
function of a node can be remembered. An expression knows its shape, a pair of dimensions; a dimension is a
product of names, written as a sorted tuple, so `()` is 1, `("n",)` is n and `("m", "n")` is mn.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from enum import IntEnum
from fractions import Fraction
from functools import lru_cache
from threading import RLock
from typing import Any, NamedTuple, Protocol, Self, TypeVar, cast
from weakref import ref

from ..effort import CHARACTERS_PER_STEP, EFFORT, MOST_CHARACTERS, too_much
from ..words import Wording as Wording
from .arithmetic import Arithmetic
from .indices import OUTCOMES as OUTCOMES
from .indices import Index as Index
from .notations import Notation, TableRow
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


Key = tuple[Any, ...]
"""What equal calls of a class have in common: the class, and all that was given."""

_MAKING = RLock()
set_field = object.__setattr__
"""Sets a field of a new object that does not change afterwards."""


class _Reference(ref[Any]):
    """A node that may go, and its key, which goes with it."""

    __slots__ = ("key",)
    key: Key


# A WeakValueDictionary by hand: its own look-up costs more than all the rest of making a node.
_NODES: dict[Key, _Reference] = {}


def _forget(reference: _Reference, nodes: dict[Key, _Reference] = _NODES) -> None:
    # A new node may have taken the place of the dead one meanwhile.
    if nodes.get(reference.key) is reference:
        del nodes[reference.key]


class Interned:
    """What is made once: equal calls of a class return the same object, which does not change."""

    __slots__ = ("__weakref__",)

    def _fill(self, *fields: Any) -> None:
        """Set the fields of a new object, and what follows from them."""
        raise NotImplementedError

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} does not change: {name}")

    @classmethod
    def _made(cls, key: Key, *fields: Any) -> Self:
        """Return the one object that belongs to a key, made from its fields where there is none."""
        known = _NODES.get(key)
        node: Any = known() if known is not None else None
        if node is None:
            with _MAKING:  # else two threads would make one each
                known = _NODES.get(key)
                node = known() if known is not None else None
                if node is None:
                    node = object.__new__(cls)
                    node._fill(*fields)
                    reference = _NODES[key] = _Reference(node, _forget)
                    reference.key = key
        made: Self = node  # no cast: this is called more often than all else
        return made


class Expr(Interned):
    """An expression: its `shape` (rows, columns), whether it is 1 x 1, the `symbols` that occur in it.

    A letter or a number applies no `operator` and has no `arguments`.
    """

    __slots__ = ("indices", "is_scalar", "shape", "symbols")
    shape: Shape
    is_scalar: bool
    symbols: frozenset[Symbol]
    indices: frozenset[str]
    operator: Operator | None = None
    arguments: tuple[Expr, ...] = ()

    def _know(self, shape: Shape, symbols: frozenset[Symbol], indices: frozenset[str]) -> None:
        set_field(self, "shape", shape)
        set_field(self, "is_scalar", shape == SCALAR)
        set_field(self, "symbols", symbols)
        set_field(self, "indices", indices)

    @property
    def is_square(self) -> bool:
        """Whether the expression has as many rows as columns (a scalar has)."""
        return self.shape[0] == self.shape[1]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, name) for name in type(self).__slots__)

    def __str__(self) -> str:
        return to_latex(self)


class Symbol(Expr):
    """A letter of the author's: its LaTeX, shape, declared properties and open indices (`x_i` has ("i",)).

    `family` is the LaTeX without the index, by which the members of `x_i`, i = 1..n are one array.
    """

    __slots__ = ("latex", "size", "properties", "index", "family")  # noqa: RUF023 as they are given
    latex: str
    size: Shape
    properties: frozenset[str]
    index: tuple[str, ...]
    family: str

    def __new__(
        cls,
        latex: str,
        size: Shape = SCALAR,
        properties: frozenset[str] = NOTHING,
        index: tuple[str, ...] = (),
        family: str = "",
    ) -> Self:
        """Return the letter."""
        return cls._made((cls, latex, size, properties, index, family), latex, size, properties, index, family)

    def _fill(self, *fields: Any) -> None:
        for name, value in zip(Symbol.__slots__, fields, strict=True):
            set_field(self, name, value)
        self._know(self.size, frozenset((self,)), frozenset(self.index))

    @property
    def at_rest(self) -> Symbol:
        """The letter when nothing is differentiated any more, its declared properties in force again.

        While a variable moves it is `free`: a symmetric X moves in all directions, so X^T may not be written X.
        """
        if "free" not in self.properties:
            return self
        return Symbol(self.latex, self.size, self.properties - {"free"}, self.index, self.family)

    @property
    def moving(self) -> Symbol:
        """The letter while it moves, its declared properties out of force."""
        return Symbol(self.latex, self.size, self.properties | {"free"}, self.index, self.family)

    def __repr__(self) -> str:
        return f"Symbol({self.latex})"


class Number(Expr):
    """A rational number."""

    __slots__ = ("value",)
    value: Fraction

    def __new__(cls, value: Fraction) -> Self:
        """Return the number."""
        return cls._made((cls, *value.as_integer_ratio()), value)

    def _fill(self, *fields: Any) -> None:
        set_field(self, "value", *fields)
        self._know(SCALAR, NOTHING, NOTHING)

    def __repr__(self) -> str:
        return f"Number({self.value})"


class Apply(Expr):
    """An operator applied to arguments; `parameters` are what is not an expression (the index of a sum)."""

    __slots__ = ("operator", "arguments", "parameters")  # noqa: RUF023 as they are given
    operator: Operator
    arguments: tuple[Expr, ...]
    parameters: tuple[Hashable, ...]

    def __new__(cls, operator: Operator, arguments: tuple[Expr, ...], parameters: tuple[Hashable, ...] = ()) -> Self:
        """Return the node."""
        EFFORT.spend(1 + len(arguments))
        return cls._made((cls, operator, arguments, parameters), operator, arguments, parameters)

    def _fill(self, *fields: Any) -> None:
        operator, arguments, parameters = fields
        set_field(self, "operator", operator)
        set_field(self, "arguments", arguments)
        set_field(self, "parameters", parameters)
        symbols = NOTHING.union(*[x.symbols for x in arguments])
        symbols = next((x.symbols for x in arguments if len(x.symbols) == len(symbols)), symbols)  # one set for many
        indices = NOTHING.union(*[x.indices for x in arguments if x.indices])
        if operator.binds_index:
            indices = indices - {parameters[0].name}
        self._know(operator.shape(arguments, parameters), symbols, indices)

    def __repr__(self) -> str:
        return f"{self.operator.name}({', '.join(map(repr, self.arguments))})"


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

    def axis(self, index: Index) -> int:
        """Return the axis of an index, counted from the end."""

    def occurrences(self, array: Any, index: Index) -> Any:
        """Return how often each member of `array` along the axis of an index occurs among its values."""


Exact = Callable[[Arithmetic, "Apply", tuple[Jet, ...]], Jet]
"""(arithmetic, node, values of its arguments) -> its value, exactly."""


class Signs(NamedTuple):
    """How the signs of arguments are found: that of a matrix (is it definite?) and that of every entry."""

    of_matrix: Callable[[Expr], int]
    of_entries: Callable[[Expr], int]


class Convexity(NamedTuple):
    """How a function bends: `curvature` 1 where it is convex, -1 where it is concave; `increasing` in every entry.

    `of_symmetric` says that it does so among symmetric matrices alone.
    """

    curvature: int
    increasing: bool = False
    of_symmetric: bool = False


BesideColumn = Callable[..., "tuple[Expr, Expr] | None"]
Absorbs = Callable[["Expr", "Expr", "Expr", "Expr"], "Expr | None"]


class Undo(NamedTuple):
    """How a function is undone: `argument` says from `node = value` what the argument is, x the letter in it, or None.

    `asks` is what must hold of the value: "positive", "invertible", ..., or ""; with a `bound` the value is less.
    """

    argument: Callable[[Apply, Expr, Symbol], Expr | None]
    asks: str = ""
    bound: int | None = None


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

    @property
    def is_laid_out(self) -> bool:
        """Whether the arguments stand in rows, or one behind the other."""
        return "{rows}" in self.template or "{flat}" in self.template


EACH = "def each(a, f):\n    return a.applyfunc(f) if isinstance(a, sp.MatrixBase) else f(a)"
"""The source in SymPy of a function for every entry of a matrix, or for a number."""


def _no_value(arrays: tuple[Any, ...], parameters: tuple[Any, ...]) -> Any:
    raise ValueError("this value hangs on sizes")


class Operator(TableRow):
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
    exact_over  (at, the jets at all values of its index) -> its value, of a row that binds one; None: it is their sum
    splits      whether its exact value is that of its parts, as the logarithm of a product is a sum
    logarithm   (at, node) -> the logarithm of its value by those of its parts, or None
    of_positive node -> whether its first argument must be positive for a real value, else None
    rough_at_zero  node -> whether it has no value or no derivative where its first argument is 0; None: it has both
    sign        (node, signs) -> 2 where the matrix (or scalar) is positive definite, 1 semidefinite, -2, -1, or 0
    entry_sign  the same of every entry
    undo        how an equation `node = value` is solved for the one argument that varies, where it has one solution
    convexity   how it bends, every entry of its value for itself; of a matrix, among the positive definite ones
    numpy       source of the value in plain numpy, "{0}" the first argument; for exports, "" where there are none
    helper      source of a function that `numpy` calls, or ""
    jax, torch  source where it is not that of numpy with another name for `np`; "like" holds torch's type of numbers
    julia       source in Julia; None where there is none
    sympy       source in SymPy, of its matrices and numbers; None where there is none
    maxima      source in Maxima, of matrices of numbers and unknowns; None where there is none
    adjoint     (node, i, G) -> the cotangent that argument i receives from the cotangent G; multilinear operators
    differential (node, d) -> the differential written with d(argument); the other operators, and beside the adjoint
                those that are linear in some arguments alone
    ruled_by    (node, d) -> the row whose rule its differential follows, where that hangs on both; None for its own
    of_vec      node -> (M, argument) with vec(node) = M vec(argument), where it is linear in that argument
    vec_rule    what that is called
    by_equation whether it is what an equation defines: the answer is written with the author's letter for it
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
    rule_of_numbers  what it is called where all arguments are numbers; None where that is the same
    follows     how its differential follows from a simpler rule, told before it is used; "{0}" is the argument; or None
    why         why it holds, in a sentence or two, for the page of the rule; one row speaks for all with this rule
    of_matrix   the row of the function of a matrix that has the same name (exp, log, sin); "" where there is none
                here, None where the field knows none
    plain       whether that goes without saying beside another rule
    beside_column  (node, c, transposed) -> M and an argument v with node c = Mv (node^T c with `transposed`), or None
    below       (condition on indices, index) -> how it stands below the sign of the sum over that index; None: it is
                no condition. The value of one is 1 where it holds, else 0, whatever it multiplies there
    all_lines   node -> the index of a row or column, and the matrix whose rows they all are, where it is one; or None
    of_rows     X -> the column of its values at the rows of X, where it is a number that it makes of a vector; or None
    attains     whether it is the condition that an index attains an extremum
    in_components  whether it is written in components, as no author writes it: it is read back under a letter
    letters     the letters for its value where that gets a name, small ones, in the order in which they are tried
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
    exact_over: Callable[[Arithmetic, list[Jet]], Jet] | None = None
    splits: bool = False
    logarithm: Callable[[Arithmetic, Apply], Jet | None] | None = None
    of_positive: Callable[[Apply], bool] | None = None
    rough_at_zero: Callable[[Apply], bool] | None = None
    where: tuple[str, ...] = ()
    binding: int = Binding.ATOM
    binding_of: Callable[[Apply], int] | None = None
    spellings: tuple[str, ...] = ()
    notations: tuple[Notation, ...] = ()
    signatures: tuple[str, ...] = ()
    result: Callable[[tuple[Expr, ...], tuple[Any, ...]], Shape] | None = None
    adjoint: Callable[[Apply, int, Expr], Expr] | None = None
    differential: Callable[[Apply, Differentiate], Expr] | None = None
    ruled_by: Callable[[Apply, Differentiate], Operator | None] | None = None
    of_vec: Callable[[Apply], tuple[Expr, Expr]] | None = None
    vec_rule: Wording | None = None
    by_equation: bool = False
    working: Callable[[Apply, Differentiate], Expr] | None = None
    normal: Callable[[tuple[Expr, ...], tuple[Any, ...]], Expr | None] | None = None
    absorbs: Absorbs | None = None
    transposed: Callable[[Apply], Expr | None] | None = None
    split_by_transpose: bool = False
    helper: str = ""
    why: Wording | None = None
    rule_of_numbers: Wording | None = None
    follows: Wording | None = None
    sign: Callable[[Apply, Signs], int] | None = None
    entry_sign: Callable[[Apply, Signs], int] | None = None
    convexity: Convexity | None = None
    undo: Undo | None = None
    jax: Code | None = None
    torch: Code | None = None
    julia: Code | None = None
    maxima: Code | None = None
    sympy: Code | None = None
    worked: Wording | None = None
    adjoint_rule: Wording | None = None
    of_matrix: str | None = None
    plain: bool = False
    letters: str = "hspa"
    note: Wording | None = None
    condition: Wording | None = None
    greedy: bool = False
    analytic: bool = True
    binds_index: bool = False
    beside_column: BesideColumn | None = None
    in_components: bool = False
    below: Callable[[Apply, str], str] | None = None
    all_lines: Callable[[Apply], tuple[str, Expr]] | None = None
    of_rows: Callable[[Expr], Expr] | None = None
    attains: bool = False

    @property
    def acts_on_entries(self) -> bool:
        """Whether it is one function of every entry."""
        return self.signatures[:1] == ("m n -> m n",)

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
            if found.setdefault(name, (name,) if name.isdigit() else dimension) != dimension:
                return None
    return _dimension(result[0], found), _dimension(result[1], found)


def _dimension(name: str, found: dict[str, Dimension]) -> Dimension:
    """Return the dimension called `name`; "m*p" is a product."""
    return tuple(sorted(part for factor in name.split("*") for part in found.get(factor, (factor,))))


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
    tall = (r"\frac", r"\sum", r"\int", r"\prod", r"\left(", r"\sqrt", r"\bigl(", r"\begin")
    if any(macro in text for macro in tall):
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
            if node.arguments:
                stack.append((node, True))
                stack.extend([(x, False) for x in reversed(node.arguments)])
            else:
                found.append(node)
    return tuple(found)


def number(value: int | Fraction) -> Number:
    """Return `value` as an expression."""
    return _whole(value) if isinstance(value, int) else Number(value)


@lru_cache(maxsize=1024)
def _whole(value: int) -> Number:
    return Number(Fraction(value))
