"""A random point over a prime field: sizes, letters with the declared properties, and the exact values of expressions.

What differs as a rational function of letters and atoms differs at a random point, but for a probability of at most
the degree over the size of the field (Schwartz 1980, Zippel 1979).
"""

from __future__ import annotations

import hashlib
import math
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Any, cast

from ..algebra.arithmetic import Arithmetic
from ..algebra.expressions import OUTCOMES, Apply, Dimension, Expr, Index, Number, Shape, Symbol
from ..algebra.functions import exact_log
from ..algebra.index_conditions import is_condition
from ..algebra.numbers import LARGEST_POWER, LARGEST_WRITTEN, Degree, Jet, Matrix, UndecidedError, zeros
from ..algebra.properties import PROPERTIES
from ..algebra.terms import index_of, index_symbol, is_product
from ..effort import EFFORT, MOST_TERMS

LARGEST_SIZE = 40
"""How large a size may be."""
STEPS = 3
"""How many steps it takes to compute a value, see `effort`."""
LARGEST_MATRIX = 900
"""How many entries a value may have."""
FEW = ((3, 2), (2, 3), (4, 2), (2, 4), (4, 3), (3, 4), (5, 2), (2, 5))
MANY = (
    (4, 3, 2, 5, 6, 7, 8, 9),
    (3, 4, 5, 2, 7, 6, 9, 8),
    (5, 2, 4, 3, 6, 7, 8, 9),
    (2, 5, 3, 4, 7, 6, 9, 8),
    (6, 4, 3, 2, 5, 7, 8, 9),
    (3, 4, 6, 5, 2, 7, 8, 9),
    (5, 4, 2, 3, 6, 7, 8, 9),
    (2, 3, 5, 4, 6, 7, 8, 9),
)
"""The sizes of few and of many dimensions; from the first row to the second each pair changes its order, and all their
parities."""


NOTHING: Mapping[Any, Any] = MappingProxyType({})


class Field(Arithmetic):
    """One random point. `moving` letters have slopes along a direction of their own, each by a bit.

    A letter with a definition moves as that says, and along its own direction where it is in `moving` too. The
    differential of a letter is its slope along all of `along`. Letters need not have the properties that are
    `ignored`; of those that are of one kind or another, the `component` says which: the place of the 1, the sign of a
    determinant. All letters of one of the `families` are its members, x_i and x_j of one x, and indices take the values
    of those that they are `alike`. The logarithm of a product is the sum of those of its factors where it is `split`;
    that of its value is an atom else. The members of a family recur after a `period`, x_i is x_{i - 3}; after 0, never.
    """

    def __init__(
        self,
        prime: int,
        salt: int = 0,
        *,
        sizes: dict[str, int] | None = None,
        component: int = 0,
        seed: int = 0,
        ignored: frozenset[str] = frozenset(),
        split: bool = False,
        moving: Mapping[Symbol, int] = NOTHING,
        along: int = 0,
        definitions: Mapping[Symbol, Expr] = NOTHING,
        families: frozenset[str] = frozenset(),
        alike: Mapping[str, str] = NOTHING,
        period: int = 0,
        **how: bool,
    ) -> None:
        """Set what is given; nothing is computed yet. `how` numbers and slopes are taken, `Numbers` and `Ring` say."""
        super().__init__(prime, salt, **how)
        self.sizes = {} if sizes is None else sizes
        self.component, self.seed, self.ignored, self.split = component, seed, ignored, split
        self.moving, self.along, self.definitions = moving, along, definitions
        self.families, self.alike, self.period = families, alike, period
        self.letters: dict[Any, Jet] = {}
        self.lifts: dict[Any, int] = {}
        self.known: dict[Any, Jet] = {}
        self.mover: Field | None = None  # the same point with letters that move; here they rest
        self.twin: Field | None = None
        self.directions: Mapping[tuple[str, int], Matrix] = {}  # those that are not drawn
        self.indices: Mapping[str, int] = {}
        self.place: Any = None
        self.roots_at: dict[Any, int] = {}

    def changed(self, **changes: Any) -> Field:
        """Return the same point with changes, nothing computed at it yet."""
        found = object.__new__(Field)  # copy.copy does the same at ten times the cost
        vars(found).update({**vars(self), "known": {}, "letters": {}, "twin": None, **changes})
        return found

    # --- sizes

    def size(self, dimension: Dimension) -> int:
        """Return the number that a dimension stands for."""
        return math.prod(map(self._size, dimension)) if dimension else 1

    def _size(self, name: str) -> int:
        found = int(name) if name.isdigit() and name not in self.sizes else self.sizes.get(name)
        if found is None:
            found = self.sizes[name] = 2 + len(self.sizes) % 3
        if found > LARGEST_SIZE:
            raise UndecidedError("a large size")
        return found

    # --- values

    def __call__(self, node: Expr) -> Jet:
        """Return the value of an expression and its slopes, at the present values of indices.

        Raises:
            UndecidedError: the field has no exact value of it.
            RedrawError: it does not exist at this point.
        """
        key: Any = node
        if node.indices:
            key = node, *map(self.indices.get, sorted(node.indices))
        found = self.known.get(key)
        if found is None:
            found = self.mover.known.get(key) if self.mover is not None else None
            if found is None:
                found = self._computed(node, key)
            elif found.moves:
                found = Jet({0: found.value}, found.degree)
            self.known[key] = found
        return found

    def _computed(self, node: Expr, key: Any) -> Jet:
        if not isinstance(node, Apply):
            return self.scalar(node.value) if isinstance(node, Number) else self._letter(cast(Symbol, node))
        operator, (rows, columns) = node.operator, node.shape
        if operator.binds_index:
            return self._sum_over(node)
        if len(rows) + len(columns) > 2 and self.size(rows) * self.size(columns) > LARGEST_MATRIX:
            raise UndecidedError("a large matrix")
        if node.indices and is_product(node) and any(is_condition(x) and not self(x).number for x in node.arguments):
            return Jet({0: zeros(self.size(rows), self.size(columns))})  # whatever the other factors are
        known = self.known
        arguments = tuple([known.get(x) or self(x) for x in node.arguments])
        EFFORT.spend(STEPS)
        if operator.exact is None:
            raise UndecidedError("an operator without an exact value")
        self.place = key
        return operator.exact(self, node, arguments)

    def _sum_over(self, node: Apply) -> Jet:
        index, over = index_of(node), node.operator.exact_over
        pairs = [*_values_over(self, node, self)] if over is not None or index.mean else []
        if not pairs:
            return self.over_index(node, self)
        counts, values = zip(*pairs, strict=True)
        if over is not None:
            return over(self, _repeated(values, sum(counts)))
        return self.scaled(Fraction(index.weight, sum(counts)), self.over_index(node, self))

    def over_index(self, node: Apply, value: Callable[[Expr], Jet]) -> Jet:
        """Return the sum of the values that what stands under a sign over an index has."""
        terms = (x if times == 1 else self.scaled(times, x) for times, x in _values_over(self, node, value))
        return self.plus(Jet({0: zeros(*map(self.size, node.shape))}), *terms)

    def values_of(self, index: Index) -> range:
        """Return the values that an index takes."""
        first = int(index.lower) if index.lower.isdigit() else 1
        return range(first, self._last(index, first) + 1)

    def _last(self, index: Index, first: int) -> int:
        if index.extent is not None:
            count = self.exponent(index.extent, self(index.extent))[1]
            if count is None:
                raise UndecidedError("a sum of unknown length")
            return first + count - 1
        if index.mean:
            return OUTCOMES
        if index.upper.isdigit() and index.upper not in self.sizes:
            return int(index.upper)
        return self._size(index.upper or f"values of {self.alike.get(index.name, index.name)}")

    def slope(self, x: Jet) -> Jet:
        """Return the slope of `x` along all directions that a differential means."""
        found = [part for bit, part in x.parts.items() if bit & self.along and not bit & (bit - 1)]
        return Jet({0: self._sum(*found) if found else zeros(x.rows, x.columns)}, x.degree.moved())

    def part(self, x: Jet, bit: int) -> Jet:
        """Return the slope of `x` along the direction of one bit, or of several one after the other."""
        degree = x.degree.moved() if not bit & (bit - 1) else x.degree.moved().moved()
        return Jet({0: x.parts.get(bit) or zeros(x.rows, x.columns)}, degree)

    def differential(self, x: Expr) -> Jet:
        """Return the differential of a letter, where another point says how letters move."""
        mover = self if self.mover is None else self.mover
        mover.indices = self.indices
        return mover.slope(mover(x))

    def exponent(self, x: Expr, value: Jet) -> tuple[int, int | None]:
        """Return the exponent `x` modulo (p - 1)/2, and as a small whole number where it is one.

        Raises:
            UndecidedError: it is no rational function of letters.
        """
        order = (self.prime - 1) // 2
        if isinstance(x, Number):
            power = x.value.numerator * pow(x.value.denominator, -1, order) % order
            return power, int(x.value) if x.value.denominator == 1 and abs(x.value) <= LARGEST_WRITTEN else None
        for whole in (value.number, value.number - self.prime):
            if abs(whole) <= LARGEST_POWER:
                return whole % order, whole
        twin = self.twin = self.twin or Field(order, seed=self.seed, definitions=self.definitions, ignored=self.ignored)
        twin.sizes, twin.lifts, twin.indices = self.sizes, self.lifts, self.indices
        power = twin(x).number
        if twin.used:
            raise UndecidedError("an exponent that is no rational function")
        return power, None

    def logarithm(self, x: Expr) -> Jet:
        """Return the logarithm of every entry of an expression, by those of its parts where logarithms are `split`."""
        if self.split and isinstance(x, Number):
            return Jet({0: [[self.log_of_number(x.value)]]})
        if self.split and isinstance(x, Apply) and x.operator.logarithm is not None:
            found = x.operator.logarithm(self, x)
            if found is not None:
                return found
        return self.entries(self(x), lambda t: exact_log(self, t))

    def applied(self, body: Expr, given: Mapping[Any, Jet]) -> Jet:
        """Return the value of an expression in the letters that are `given`."""
        inner = Field(self.prime, self.salt, surveying=self.surveying, crossed=self.crossed, sizes=self.sizes)
        inner.used, inner.atoms = self.used, self.atoms
        inner.blind, inner.signed, inner.signs = self.blind, self.signed, self.signs
        inner.known.update(given)
        found = inner(body)
        place = self.place, *(x.number for x in given.values())
        self.radicands.update({(place, key): sign for key, sign in inner.radicands.items()})
        return found

    def root_place(self) -> Any:
        """Return what names the root that is taken next: its node and its place there."""
        self.roots_at[self.place] = count = self.roots_at.get(self.place, 0) + 1
        return self.place, count

    # --- letters

    def _letter(self, symbol: Symbol) -> Jet:
        if symbol in self.definitions:
            found = self(self.definitions[symbol])
            return self._moved_too(symbol, found)
        if symbol.index == (symbol.latex,):
            return self.scalar(self.indices[symbol.latex])
        if self.mover is not None:
            self.mover.indices = self.indices
            moving = self.mover(symbol)
            return Jet({0: moving.value}, moving.degree) if moving.moves else moving
        key = self._key(symbol)
        if key not in self.letters:
            value = Jet({0: _drawn(self, symbol, key)}, Degree(4 if symbol.properties else 1))
            self.letters[key] = self._moved_too(symbol, value)
        return self.letters[key]

    def _key(self, symbol: Symbol) -> tuple[str, Shape, tuple[int, ...]]:
        """Return what tells a letter from all others, at the present values of indices."""
        name = symbol.family if symbol.family in self.families else symbol.latex
        members = tuple([self.indices[i] for i in symbol.index])
        return name, symbol.shape, tuple([k % self.period for k in members]) if self.period else members

    def _moved_too(self, symbol: Symbol, found: Jet) -> Jet:
        bits = self.moving.get(symbol.at_rest, 0)
        if not bits:
            return found
        parts = dict(found.parts)
        for bit in [1 << k for k in range(bits.bit_length()) if bits >> k & 1]:
            direction = self.direction(symbol, bit, found.rows, found.columns)
            parts[bit] = self._sum(parts[bit], direction) if bit in parts else direction
        return Jet(parts, found.degree)

    def direction(self, symbol: Symbol, bit: int, rows: int, columns: int) -> Matrix:
        """Return the direction along which a letter moves."""
        given = self.directions.get((symbol.latex, bit))
        if given is not None:
            return given
        name, _, members = self._key(symbol)
        return self.fresh(" ".join(map(str, ("direction", name, bit, *members))), rows, columns)

    def fresh(self, key: str, rows: int, columns: int) -> Matrix:
        """Return a random matrix, the same for the same key."""
        return _random(f"{self.seed} {key}", rows, columns, self.prime)

    def lift(self, key: Any) -> int:
        """Return the whole number of which a scalar letter is the rest, modulo the prime or half of it."""
        if key not in self.lifts:
            self.lifts[key] = int.from_bytes(hashlib.shake_128(f"{self.seed} {key}".encode()).digest(20))
        return self.lifts[key]


def distinct_terms(field: Field, index: Index, body: Expr) -> list[tuple[int, int]]:
    """Return the values of an index at which the terms with this body differ, each with how many are equal to it.

    Raises:
        UndecidedError: they are too many.
    """
    values = field.values_of(index)
    if 0 < field.period < len(values) and not _occurs(index_symbol(index.name), body, field.definitions):
        return [(k, len(values[place :: field.period])) for place, k in enumerate(values[: field.period])]
    if len(values) > MOST_TERMS:
        raise UndecidedError("a long sum")
    return [(k, 1) for k in values]


def _occurs(letter: Symbol, x: Expr, definitions: Mapping[Symbol, Expr]) -> bool:
    """Whether a letter occurs in an expression or in the definitions of its letters."""
    letters = set(x.symbols)
    for name, body in reversed([*definitions.items()]):
        letters |= body.symbols if name in letters else set()
    return letter in letters


def _values_over(field: Field, node: Apply, value: Callable[[Expr], Jet]) -> Iterator[tuple[int, Jet]]:
    """Yield the values of what stands under a sign over an index, each with how often it is met."""
    index, before = index_of(node), field.indices
    for k, times in distinct_terms(field, index, node.arguments[0]):
        field.indices = {**before, index.name: k}
        yield times, value(node.arguments[0])
    field.indices = before


def _repeated(terms: Sequence[Jet], count: int) -> list[Jet]:
    """Return so many terms of a family of which these recur.

    Raises:
        UndecidedError: they are too many.
    """
    if count > MOST_TERMS:
        raise UndecidedError("a long sum")
    return [terms[k % len(terms)] for k in range(count)]


def _drawn(at: Field, symbol: Symbol, key: Any) -> Matrix:
    """Return a random value with the properties of a letter."""
    if symbol.is_scalar and (symbol.latex in at.sizes or "integer" in symbol.properties):
        return [[at.size((symbol.latex,))]]
    words = symbol.properties - at.ignored
    if symbol.is_scalar and not words:
        return [[at.lift(key) % at.prime]]
    rows, columns = map(at.size, symbol.shape)
    if rows * columns > LARGEST_MATRIX:
        raise UndecidedError("a large matrix")
    value = at.fresh(str(key), rows, columns)
    if not words:
        return value
    shift = zlib.crc32(str(key).encode())
    for row in PROPERTIES:
        if row.name in words:
            value = row.exact(at, value, lambda n: (at.component + shift) % n)
    return value


@lru_cache(maxsize=512)  # other derivations have letters of the same names and sizes
def _random(key: str, rows: int, columns: int, prime: int) -> Matrix:
    """Return a random matrix over the field, the same for the same key; it is never changed in its place."""
    digest = hashlib.shake_128(key.encode()).digest(16 * rows * columns)
    entries = [int.from_bytes(digest[k : k + 16]) % prime for k in range(0, len(digest), 16)]
    return [entries[k : k + columns] for k in range(0, len(entries), columns)]
