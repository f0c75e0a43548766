"""An independent opinion: expressions evaluated exactly, with dual numbers over the field of 2^61 - 1 elements.

A rational function that vanishes at a random point of the field is zero but for a probability of at most its degree
over the size of the field (Schwartz 1980, Zippel 1979), so no tolerance hides a small error. One random direction
decides a whole gradient. It shares nothing with the floating check but the tree: operators are found by name.

Transcendental functions are elements that belong to the exact value of their argument, with the relations that their
derivatives need. What they make equal is equal; what they make different may only need a relation that is not there.
The prime is 3 modulo 4, so -1 is no square: the Legendre symbol is odd and multiplicative, as the sign of a real number
is, and the root that is a square is multiplicative, as the positive one is.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from mdderive.algebra.expressions import Apply, Dimension, Expr, Index, Number, Symbol

PRIME = (1 << 61) - 1
SIZES = (3, 2, 4, 5)
LARGEST_POWER = 40

Matrix = list[list[int]]


class UndecidedError(Exception):
    """The field has no exact value of this."""


class RedrawError(Exception):
    """The value does not exist at this point: a divisor is 0, or a root is of no square."""


# --- matrices over the field


def zeros(rows: int, columns: int) -> Matrix:
    return [[0] * columns for _ in range(rows)]


def eye(size: int) -> Matrix:
    return [[int(i == j) for j in range(size)] for i in range(size)]


def times(a: Matrix, b: Matrix) -> Matrix:
    if len(a) == len(a[0]) == 1:
        return scaled(a[0][0], b)
    if len(b) == len(b[0]) == 1:
        return scaled(b[0][0], a)
    columns = list(zip(*b, strict=True))
    return [[sum(x * y for x, y in zip(row, column, strict=True)) % PRIME for column in columns] for row in a]


def plus(a: Matrix, b: Matrix) -> Matrix:
    return [[(x + y) % PRIME for x, y in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]


def entrywise_times(a: Matrix, b: Matrix) -> Matrix:
    return [[x * y % PRIME for x, y in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]


def scaled(c: int, a: Matrix) -> Matrix:
    return [[c * x % PRIME for x in row] for row in a]


def turned(a: Matrix) -> Matrix:
    return [list(row) for row in zip(*a, strict=True)]


def stacked(a: Matrix) -> Matrix:
    """vec(A): the columns of A below each other."""
    return [[x] for column in zip(*a, strict=True) for x in column]


def inner(a: Matrix, b: Matrix) -> int:
    return sum(x * y for r, s in zip(a, b, strict=True) for x, y in zip(r, s, strict=True)) % PRIME


def kronecker(a: Matrix, b: Matrix) -> Matrix:
    return [[x * y % PRIME for x in r for y in s] for r in a for s in b]


def one_over(x: int) -> int:
    if x % PRIME == 0:
        raise RedrawError
    return pow(x, -1, PRIME)


def eliminated(a: Matrix) -> tuple[Matrix, int]:
    """Return the inverse and the determinant (Gauss and Jordan); the inverse of a singular matrix is that of none."""
    size, determinant = len(a), 1
    rows = [[*row, *unit] for row, unit in zip(a, eye(size), strict=True)]
    for k in range(size):
        pivot = next((i for i in range(k, size) if rows[i][k]), None)
        if pivot is None:
            return [], 0
        if pivot != k:
            rows[k], rows[pivot], determinant = rows[pivot], rows[k], -determinant
        determinant = determinant * rows[k][k] % PRIME
        factor = one_over(rows[k][k])
        rows[k] = [x * factor % PRIME for x in rows[k]]
        for i in range(size):
            if i != k and rows[i][k]:
                factor = rows[i][k]
                rows[i] = [(x - factor * y) % PRIME for x, y in zip(rows[i], rows[k], strict=True)]
    return [row[size:] for row in rows], determinant % PRIME


def inverted(a: Matrix) -> Matrix:
    inverse, determinant = eliminated(a)
    if not determinant:
        raise RedrawError
    return inverse


def adjugate(a: Matrix) -> Matrix:
    """Return the adjugate by cofactors, so that it exists for a singular matrix too."""

    def minor(i: int, j: int) -> int:
        rest = [[x for k, x in enumerate(row) if k != j] for r, row in enumerate(a) if r != i]
        return eliminated(rest)[1] if rest else 1

    size = len(a)
    return [[(-1) ** (i + j) * minor(j, i) % PRIME for j in range(size)] for i in range(size)]


# --- numbers of the field that stand for real functions


def sign(x: int) -> int:
    """Return the Legendre symbol as 1, 0 or PRIME - 1."""
    return pow(x, (PRIME - 1) // 2, PRIME)


def root(x: int) -> int:
    """Return the square root that is a square."""
    if sign(x) == PRIME - 1:
        raise RedrawError
    return pow(x, (PRIME + 1) // 4, PRIME)


def power(x: int, exponent: Fraction) -> int:
    if exponent.denominator == 2:
        return power(root(x), 2 * exponent)
    if exponent.denominator != 1:
        raise UndecidedError(f"the power {exponent}")
    return pow(x, int(exponent), PRIME) if exponent >= 0 else pow(one_over(x), int(-exponent), PRIME)


def rational(x: Fraction) -> int:
    return x.numerator * one_over(x.denominator) % PRIME


@dataclass(slots=True)
class Atoms:
    """The values of functions that have none in the field, one for each function and argument; which were used."""

    salt: int
    used: set[str] = field(default_factory=set)

    def value(self, name: str, x: int) -> int:
        self.used.add(name)
        digest = hashlib.sha256(f"{self.salt} {name} {x % PRIME}".encode()).digest()
        return int.from_bytes(digest[:8]) % (PRIME - 1) + 1

    def odd(self, name: str, x: int) -> int:
        x %= PRIME
        return self.value(name, x) if 2 * x <= PRIME else -self.value(name, PRIME - x) % PRIME

    def even(self, name: str, x: int) -> int:
        return self.value(name, min(x % PRIME, -x % PRIME))

    def exponential(self, x: int) -> int:
        x %= PRIME
        if x == 0:
            return 1
        return self.value("exp", x) if 2 * x <= PRIME else one_over(self.value("exp", PRIME - x))

    def logarithm(self, x: int) -> int:
        x %= PRIME
        if x in (0, 1):
            return [self.value("log", 0), 0][x]
        other = one_over(x)
        return self.value("log", x) if x < other else -self.value("log", other) % PRIME


Function = Callable[[Atoms, int], tuple[int, int]]
"""(atoms, x) -> the value at x and the derivative there."""


def _logistic(atoms: Atoms, x: int) -> tuple[int, int]:
    value = one_over(1 + atoms.exponential(-x))
    return value, value * (1 - value)


def _tangent(atoms: Atoms, x: int) -> tuple[int, int]:
    value = atoms.odd("sin", x) * one_over(atoms.even("cos", x))
    return value, 1 + value * value


def _hyperbolic(atoms: Atoms, x: int, other: int) -> int:
    return (atoms.exponential(x) + other * atoms.exponential(-x)) * one_over(2)


def _hyperbolic_tangent(atoms: Atoms, x: int) -> tuple[int, int]:
    value = _hyperbolic(atoms, x, -1) * one_over(_hyperbolic(atoms, x, 1))
    return value, 1 - value * value


def _step(x: int) -> int:
    return (1 + sign(x)) * one_over(2)


ENTRYWISE: Mapping[str, Function] = {
    "exponential": lambda atoms, x: (atoms.exponential(x), atoms.exponential(x)),
    "logarithm": lambda atoms, x: (atoms.logarithm(x), one_over(x)),
    "logarithm of the absolute value": lambda atoms, x: (atoms.logarithm(x * sign(x)), one_over(x)),
    "sine": lambda atoms, x: (atoms.odd("sin", x), atoms.even("cos", x)),
    "cosine": lambda atoms, x: (atoms.even("cos", x), -atoms.odd("sin", x)),
    "tangent": _tangent,
    "hyperbolic tangent": _hyperbolic_tangent,
    "hyperbolic cosine": lambda atoms, x: (_hyperbolic(atoms, x, 1), _hyperbolic(atoms, x, -1)),
    "hyperbolic sine": lambda atoms, x: (_hyperbolic(atoms, x, -1), _hyperbolic(atoms, x, 1)),
    "arctangent": lambda atoms, x: (atoms.odd("arctan", x), one_over(1 + x * x)),
    "absolute value": lambda atoms, x: (x * sign(x), sign(x)),
    "sign": lambda atoms, x: (sign(x), 0),
    "rectifier": lambda atoms, x: (x * _step(x), _step(x)),
    "unit step": lambda atoms, x: (_step(x), 0),
    "logistic function": _logistic,
    "softplus": lambda atoms, x: (atoms.logarithm(1 + atoms.exponential(x)), _logistic(atoms, x)[0]),
}


# --- operators


@dataclass(frozen=True, slots=True)
class Dual:
    """A matrix and how fast it changes along the direction."""

    value: Matrix
    slope: Matrix

    @property
    def rows(self) -> int:
        return len(self.value)

    @property
    def columns(self) -> int:
        return len(self.value[0])

    @property
    def number(self) -> int:
        return self.value[0][0]

    @property
    def columns_alone(self) -> list[Dual]:
        return [Dual(turned([v]), turned([s])) for v, s in zip(turned(self.value), turned(self.slope), strict=True)]


def constant(value: Matrix) -> Dual:
    return Dual(value, zeros(len(value), len(value[0])))


def scalar(value: int, slope: int = 0) -> Dual:
    return Dual([[value % PRIME]], [[slope % PRIME]])


def linear(move: Callable[[Matrix], Matrix]) -> Callable[[Field, Apply, list[Dual]], Dual]:
    return lambda at, node, x: Dual(move(x[0].value), move(x[0].slope))


def add(a: Dual, b: Dual) -> Dual:
    return Dual(plus(a.value, b.value), plus(a.slope, b.slope))


def bilinear(product: Callable[[Matrix, Matrix], Matrix], a: Dual, b: Dual) -> Dual:
    return Dual(product(a.value, b.value), plus(product(a.slope, b.value), product(a.value, b.slope)))


def product(a: Dual, b: Dual) -> Dual:
    return bilinear(times, a, b)


def inverse(a: Dual) -> Dual:
    value = inverted(a.value)
    return Dual(value, scaled(-1, times(times(value, a.slope), value)))


def mapped(x: Dual, function: Callable[[int], tuple[int, int]]) -> Dual:
    """Return an entry-wise function: d s(X) = s'(X) (.) dX."""
    found = [[function(entry) for entry in row] for row in x.value]
    slopes = [[slope % PRIME for _, slope in row] for row in found]
    return Dual([[value % PRIME for value, _ in row] for row in found], entrywise_times(slopes, x.slope))


def side_by_side(columns: Iterable[Dual]) -> Dual:
    parts = list(columns)
    return Dual(turned([stacked_row(x.value) for x in parts]), turned([stacked_row(x.slope) for x in parts]))


def stacked_row(column: Matrix) -> list[int]:
    return [row[0] for row in column]


def folded(combine: Callable[[Dual, Dual], Dual]) -> Callable[[Field, Apply, list[Dual]], Dual]:
    def fold(at: Field, node: Apply, x: list[Dual]) -> Dual:
        total = x[0]
        for one in x[1:]:
            total = combine(total, one)
        return total

    return fold


def raised(at: Field, node: Apply, x: list[Dual]) -> Dual:
    """Return x^k entry by entry, k a number or a letter that stands for a whole one."""
    exponent = whole_or_fraction(at, node.arguments[1], x[1])
    return mapped(x[0], lambda a: (power(a, exponent), rational(exponent) * power(a, exponent - 1) if exponent else 0))


def whole_or_fraction(at: Field, node: Expr, value: Dual) -> Fraction:
    exponent = node.value if isinstance(node, Number) else Fraction(value.number)
    if value.slope != [[0]] or abs(exponent) > LARGEST_POWER:
        raise UndecidedError("an exponent that is no small number")
    return exponent


def matrix_power(at: Field, node: Apply, x: list[Dual]) -> Dual:
    exponent = whole_or_fraction(at, node.arguments[1], x[1])
    if exponent.denominator != 1:
        raise UndecidedError("a fractional power of a matrix")
    base = x[0] if exponent >= 0 else inverse(x[0])
    total = constant(eye(base.rows))
    for _ in range(abs(int(exponent))):
        total = product(total, base)
    return total


def determinant(at: Field, node: Apply, x: list[Dual]) -> Dual:
    return scalar(eliminated(x[0].value)[1], inner(turned(adjugate(x[0].value)), x[0].slope))


def log_determinant(at: Field, node: Apply, x: list[Dual]) -> Dual:
    value, slope = (determinant(at, node, x).value[0][0], inner(turned(inverted(x[0].value)), x[0].slope))
    return scalar(at.atoms.logarithm(value), slope)


def adjugate_matrix(at: Field, node: Apply, x: list[Dual]) -> Dual:
    value = inverse(x[0])
    return product(determinant(at, node, x), value)


def softmax_of_column(at: Field, x: Dual) -> Dual:
    weights = mapped(x, lambda a: ENTRYWISE["exponential"](at.atoms, a))
    total = scalar(sum(stacked_row(weights.value)), sum(stacked_row(weights.slope)))
    return product(mapped(total, lambda a: (one_over(a), -(one_over(a) ** 2))), weights)


def log_sum_exp_of_column(at: Field, x: Dual) -> Dual:
    weights = mapped(x, lambda a: ENTRYWISE["exponential"](at.atoms, a))
    total = scalar(sum(stacked_row(weights.value)), sum(stacked_row(weights.slope)))
    return mapped(total, lambda a: ENTRYWISE["logarithm"](at.atoms, a))


def columnwise(function: Callable[[Field, Dual], Dual]) -> Callable[[Field, Apply, list[Dual]], Dual]:
    return lambda at, node, x: side_by_side(function(at, column) for column in x[0].columns_alone)


def rowwise(function: Callable[[Field, Dual], Dual]) -> Callable[[Field, Apply, list[Dual]], Dual]:
    def of_rows(at: Field, node: Apply, x: list[Dual]) -> Dual:
        across = Dual(turned(x[0].value), turned(x[0].slope))
        found = side_by_side(function(at, column) for column in across.columns_alone)
        return Dual(turned(found.value), turned(found.slope))

    return of_rows


def squared_norm(at: Field, node: Apply, x: list[Dual]) -> Dual:
    return scalar(inner(x[0].value, x[0].value), 2 * inner(x[0].value, x[0].slope))


def norm(at: Field, node: Apply, x: list[Dual]) -> Dual:
    return mapped(squared_norm(at, node, x), lambda a: (root(a), one_over(2 * root(a))))


def sum_of_absolute_values(at: Field, node: Apply, x: list[Dual]) -> Dual:
    signs = [[sign(entry) for entry in row] for row in x[0].value]
    return scalar(inner(signs, x[0].value), inner(signs, x[0].slope))


def larger(at: Field, node: Apply, x: list[Dual], way: int = 1) -> Dual:
    """Return (a + b + |a - b|) / 2, the entries of a scalar repeated."""
    like = max(x, key=lambda one: one.rows * one.columns)
    a, b = (one if one.rows == like.rows and one.columns == like.columns else spread(one, like) for one in x)
    gap = mapped(add(a, Dual(scaled(-1, b.value), scaled(-1, b.slope))), lambda t: (way * t * sign(t), way * sign(t)))
    return product(scalar(one_over(2)), add(add(a, b), gap))


def spread(x: Dual, like: Dual) -> Dual:
    ones = [[1] * like.columns for _ in range(like.rows)]
    return Dual(scaled(x.number, ones), scaled(x.slope[0][0], ones))


def masked(keep: Callable[[int, int], bool]) -> Callable[[Matrix], Matrix]:
    return lambda a: [[x if keep(i, j) else 0 for j, x in enumerate(row)] for i, row in enumerate(a)]


def summed_along_diagonals(a: Matrix) -> Matrix:
    size = len(a)
    total = {k: sum(a[i][j] for i in range(size) for j in range(size) if i - j == k) for k in range(1 - size, size)}
    return [[total[i - j] % PRIME for j in range(size)] for i in range(size)]


def entry(at: Field, node: Apply, x: list[Dual]) -> Dual:
    places = [one.number - 1 for one in x[1:]]
    i, j = (*places, 0)[:2]
    if i >= x[0].rows or j >= x[0].columns:
        raise RedrawError
    return scalar(x[0].value[i][j], x[0].slope[i][j])


def unit_vector(at: Field, node: Apply, x: list[Dual]) -> Dual:
    size, place = at.size(node.shape[0]), int(str(node.parameters[1]))
    if place > size:
        raise RedrawError
    return constant([[int(i == place - 1)] for i in range(size)])


def commutation(at: Field, node: Apply, x: list[Dual]) -> Dual:
    rows, columns = (at.size(d) for d in node.parameters if isinstance(d, tuple))
    found = zeros(rows * columns, rows * columns)
    for i in range(rows):
        for j in range(columns):
            found[i * columns + j][j * rows + i] = 1
    return constant(found)


def unstacked(at: Field, node: Apply, x: list[Dual]) -> Dual:
    rows, columns = (at.size(d) for d in node.shape)
    return linear(lambda a: [[a[j * rows + i][0] for j in range(columns)] for i in range(rows)])(at, node, x)


def author_function(at: Field, node: Apply, x: list[Dual]) -> Dual:
    """Return an entry-wise function that is not defined: f, f', f'' are values that belong together."""
    named = node.parameters[0]
    base, order = str(named).rstrip("'"), str(named).count("'")
    order = getattr(named, "order", order)
    base = getattr(named, "latex", base)
    at.atoms.used.add(base)
    return mapped(x[0], lambda a: (at.atoms.value(base + "'" * order, a), at.atoms.value(base + "'" * (order + 1), a)))


OPERATORS: Mapping[str, Callable[[Field, Apply, list[Dual]], Dual]] = {
    "sum": folded(add),
    "product": folded(product),
    "transpose": linear(turned),
    "trace": lambda at, node, x: scalar(inner(eye(x[0].rows), x[0].value), inner(eye(x[0].rows), x[0].slope)),
    "Hadamard product": folded(lambda a, b: bilinear(entrywise_times, a, b)),
    "power": raised,
    "entry-wise power": raised,
    "inverse": lambda at, node, x: inverse(x[0]),
    "matrix power": matrix_power,
    "quotient": lambda at, node, x: product(mapped(x[1], lambda a: (one_over(a), -(one_over(a) ** 2))), x[0]),
    "zero matrix": lambda at, node, x: constant(zeros(at.size(node.shape[0]), at.size(node.shape[1]))),
    "ones": lambda at, node, x: constant([[1] * at.size(node.shape[1]) for _ in range(at.size(node.shape[0]))]),
    "identity matrix": lambda at, node, x: constant(eye(at.size(node.shape[0]))),
    "unit vector": unit_vector,
    "entry": entry,
    "pi": lambda at, node, x: scalar(at.atoms.value("pi", 0)),
    "maximum": larger,
    "minimum": lambda at, node, x: larger(at, node, x, -1),
    "entry-wise function": author_function,
    "determinant": determinant,
    "log determinant": log_determinant,
    "adjugate": adjugate_matrix,
    "norm": norm,
    "squared norm": squared_norm,
    "1-norm": sum_of_absolute_values,
    "softmax": columnwise(softmax_of_column),
    "softmax of the columns": columnwise(softmax_of_column),
    "softmax of the rows": rowwise(softmax_of_column),
    "log-sum-exp": columnwise(log_sum_exp_of_column),
    "log-sum-exp of the columns": columnwise(log_sum_exp_of_column),
    "log-sum-exp of the rows": rowwise(log_sum_exp_of_column),
    "lower triangle": linear(masked(lambda i, j: i >= j)),
    "upper triangle": linear(masked(lambda i, j: i <= j)),
    "sums along the diagonals": linear(summed_along_diagonals),
    "Kronecker product": lambda at, node, x: bilinear(kronecker, x[0], x[1]),
    "vectorisation": linear(stacked),
    "inverse of the vectorisation": unstacked,
    "commutation matrix": commutation,
    "diagonal matrix": linear(lambda a: [[a[i][0] if i == j else 0 for j in range(len(a))] for i in range(len(a))]),
    "diagonal of a matrix": linear(lambda a: [[a[i][i]] for i in range(len(a))]),
}


# --- points


class Field:
    """A random point: sizes, a value for every letter, a direction for those that move, the values of functions."""

    def __init__(self, seed: int, moving: Iterable[Symbol], definitions: Iterable[tuple[Symbol, Expr]] = ()) -> None:
        self.random = random.Random(seed)
        self.atoms = Atoms(seed)
        self.moving = {x.latex for x in moving}
        self.definitions = {y: body for x, body in definitions for y in (x, x.at_rest)}
        self.sizes: dict[str, int] = {}
        self.letters: dict[Any, Dual] = {}
        self._known: dict[Any, Dual] = {}
        self._first = seed

    def size(self, dimension: Dimension) -> int:
        total = 1
        for name in dimension:
            if not name.isdigit() and name not in self.sizes:
                self.sizes[name] = SIZES[(self._first + len(self.sizes)) % len(SIZES)]
            total *= int(name) if name.isdigit() else self.sizes[name]
        return total

    def __call__(self, node: Expr, indices: Mapping[str, int] | None = None) -> Dual:
        """Return the value of an expression and its slope.

        Raises:
            UndecidedError: the field has no exact value of it.
            RedrawError: it does not exist at this point.
        """
        indices = indices or {}
        key = node, tuple((i, indices[i]) for i in sorted(node.indices) if i in indices)
        if key not in self._known:
            self._known[key] = self._computed(node, indices)
        return self._known[key]

    def _computed(self, node: Expr, indices: Mapping[str, int]) -> Dual:
        if isinstance(node, Number):
            return scalar(rational(node.value))
        if isinstance(node, Symbol):
            return self._letter(node, indices)
        assert isinstance(node, Apply)
        name = node.operator.name
        if name == "differential":
            found = self(node.arguments[0], indices)
            return constant(found.slope)
        if name == "sum over an index":
            return self._sum(node, indices)
        arguments = [self(x, indices) for x in node.arguments]
        if name in ENTRYWISE:
            return mapped(arguments[0], lambda a: ENTRYWISE[name](self.atoms, a))
        if name not in OPERATORS:
            raise UndecidedError(name)
        return OPERATORS[name](self, node, arguments)

    def _sum(self, node: Apply, indices: Mapping[str, int]) -> Dual:
        index = node.parameters[0]
        assert isinstance(index, Index)
        first = int(index.lower) if index.lower.isdigit() else 1
        if index.extent is not None:
            last = first + int(whole_or_fraction(self, index.extent, self(index.extent, indices))) - 1
        else:
            last = int(index.upper) if index.upper.isdigit() else self.size((index.upper or f"values of {index.name}",))
        total = constant(zeros(self.size(node.shape[0]), self.size(node.shape[1])))
        for k in range(first, last + 1):
            total = add(total, self(node.arguments[0], {**indices, index.name: k}))
        return total

    def _letter(self, symbol: Symbol, indices: Mapping[str, int]) -> Dual:
        if symbol in self.definitions:
            return self(self.definitions[symbol], indices)
        if symbol.index == (symbol.latex,):
            return scalar(indices[symbol.latex])
        key = symbol.latex, symbol.shape, tuple(indices[i] for i in symbol.index)
        if key not in self.letters:
            value = self.drawn(symbol)
            moves = symbol.latex in self.moving
            slope = self.matrix(len(value), len(value[0])) if moves else zeros(len(value), len(value[0]))
            self.letters[key] = Dual(value, slope)
        return self.letters[key]

    def matrix(self, rows: int, columns: int) -> Matrix:
        return [[self.random.randrange(1, PRIME) for _ in range(columns)] for _ in range(rows)]

    def drawn(self, symbol: Symbol) -> Matrix:
        """Return a random value with the properties of a letter."""
        rows, columns = (self.size(d) for d in symbol.shape)
        if symbol.is_scalar and (symbol.latex in self.sizes or "integer" in symbol.properties):
            return [[self.size((symbol.latex,))]]
        value = self.matrix(rows, columns)
        for word in sorted(symbol.properties - {"free", "invertible", "positive", "integer"}):
            value = self._with_property(word, value)
        return value

    def _with_property(self, word: str, a: Matrix) -> Matrix:
        size = len(a)
        if word in ("symmetric", "SPD"):
            return plus(a, turned(a))
        if word in ("skew-symmetric", "orthogonal"):
            above = masked(lambda i, j: i < j)(a)
            skew = plus(above, scaled(-1, turned(above)))
            if word == "skew-symmetric":
                return skew
            return times(inverted(plus(eye(size), skew)), plus(eye(size), scaled(-1, skew)))  # Cayley
        if word == "diagonal":
            return masked(lambda i, j: i == j)(a)
        if word in ("lower triangular", "upper triangular"):
            return masked((lambda i, j: i >= j) if word.startswith("lower") else (lambda i, j: i <= j))(a)
        if word == "one-hot":
            place = self.random.randrange(size)
            return [[int(i == place)] * len(row) for i, row in enumerate(a)]
        if word == "probability":
            return [*a[:-1], [(1 - sum(column[:-1])) % PRIME for column in turned(a)]]
        if word == "binary":
            return [[x % 2 for x in row] for row in a]
        if word == "idempotent" and size > 1:
            left, right = [row[:-1] for row in a], turned([row[1:] for row in a])
            return times(times(left, inverted(times(right, left))), right)
        raise UndecidedError(f"a matrix that is {word}")
