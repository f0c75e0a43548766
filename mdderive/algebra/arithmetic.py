"""The arithmetic of jets, in which rows say their value exactly.

What a rational function of jets is, follows from its value: `f(X + e D) = f(X) + e df`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from itertools import combinations
from operator import mul, or_
from typing import Any

from .numbers import (
    LARGEST_POWER,
    Degree,
    Jet,
    Matrix,
    Numbers,
    RedrawError,
    UndecidedError,
    eye,
    filled,
    turned,
    zeros,
)

LONG_PRODUCT = 8
"""From how many matrices on the products of neighbours are kept, as the terms of a differential share them."""


class Ring(Numbers):
    """Sums and products of jets; where it is `crossed`, slopes along two bits are kept, for second derivatives."""

    def __init__(self, prime: int, salt: int = 0, *, crossed: bool = False, **how: bool) -> None:
        """Set what is given; `how` roots and signs are taken, `Numbers` says."""
        super().__init__(prime, salt, **how)
        self.crossed = crossed
        self._stretches: dict[tuple[int, ...], tuple[tuple[Jet, ...], Jet]] = {}  # of neighbours in long products
        self._powers: dict[tuple[int, int], tuple[Jet, Jet]] = {}  # by the identity of a matrix, and the exponent

    def scalar(self, x: int | Fraction) -> Jet:
        """Return a number as a jet that does not move."""
        return Jet({0: [[x % self.prime if isinstance(x, int) else self.rational(x)]]})

    def plus(self, *terms: Jet) -> Jet:
        """Return the sum."""
        degree = terms[0].degree
        for x in terms[1:]:
            degree = degree.plus(x.degree)
        if not [x for x in terms if x.moves]:
            return Jet({0: self._sum(*[x.value for x in terms])}, degree)
        collected: dict[int, list[Matrix]] = {}
        for x in terms:
            for key, part in x.parts.items():
                collected.setdefault(key, []).append(part)
        return Jet({key: self._sum(*found) for key, found in collected.items()}, degree)

    def _sum(self, *terms: Matrix) -> Matrix:
        p = self.prime
        if len(terms) == 1:
            return terms[0]
        if len(terms) == 2:
            return [[(x + y) % p for x, y in zip(r, s, strict=True)] for r, s in zip(*terms, strict=True)]
        return [[sum(entries) % p for entries in zip(*row, strict=True)] for row in zip(*terms, strict=True)]

    def scaled(self, c: int | Fraction, a: Jet) -> Jet:
        """Return a number times a jet."""
        c, p = c if isinstance(c, int) else self.rational(c), self.prime
        return Jet({k: [[c * x % p for x in row] for row in part] for k, part in a.parts.items()}, a.degree)

    def minus(self, a: Jet, b: Jet) -> Jet:
        """Return the difference."""
        return self.plus(a, self.scaled(-1, b))

    def moved(self, a: Jet, move: Callable[[Matrix], Matrix]) -> Jet:
        """Return a linear function of the entries, by sums and by their places."""
        return Jet({k: move(part) for k, part in a.parts.items()}, a.degree)

    def summed(self, a: Jet) -> Jet:
        """Return the sum of all entries."""
        return self.moved(a, lambda x: [[sum(map(sum, x)) % self.prime]])

    def bilinear(self, a: Jet, b: Jet, combine: Callable[[Matrix, Matrix], Matrix]) -> Jet:
        """Return a product of whatever kind: (a + e a')(b + e b') = ab + e (a'b + ab')."""
        if not (a.moves or b.moves):
            return Jet({0: combine(a.value, b.value)}, a.degree * b.degree)
        parts: dict[int, Matrix] = {}
        for i, x in a.parts.items():
            for j, y in b.parts.items():
                if i & j or (i and j and not self.crossed):
                    continue
                found = combine(x, y)
                parts[i | j] = self._sum(parts[i | j], found) if i | j in parts else found
        return Jet(parts, a.degree * b.degree)

    def times(self, *factors: Jet) -> Jet:
        """Return the product of matrices, in which scalars may stand anywhere."""
        if len(factors) == 2:
            return self.bilinear(*factors, self._product)
        if len(factors) > LONG_PRODUCT and all(len(x.value) > 1 < len(x.value[0]) for x in factors):
            return self._stretch(factors)
        if factors[-1].is_column:  # from the right all is a column
            return reduce(lambda total, x: self.bilinear(x, total, self._product), factors[-2::-1], factors[-1])
        total = factors[0]
        for x in factors[1:]:
            total = self.bilinear(total, x, self._product)
        return total

    def _stretch(self, factors: tuple[Jet, ...]) -> Jet:
        """Return the product of matrices by those of its halves, the left one as long as a power of 2.

        Rotations of n factors, and products in which one of n is another, then need n log n products and not n^2.
        """
        if len(factors) == 1:
            return factors[0]
        key = tuple(map(id, factors))
        if key not in self._stretches:
            half = 1 << (len(factors) - 1).bit_length() - 1
            left, right = self._stretch(factors[:half]), self._stretch(factors[half:])
            self._stretches[key] = factors, self.bilinear(left, right, self._product)
        return self._stretches[key][1]

    def whole_power(self, a: Jet, exponent: int) -> Jet:
        """Return the square matrix `a` times itself, so many times; by the power before it, else by squares."""
        if exponent < 2:
            return a if exponent else Jet({0: eye(a.rows)})
        key = id(a), exponent
        if key not in self._powers:
            below = self._powers.get((id(a), exponent - 1))
            if below is None and exponent % 2 == 0:
                half = self.whole_power(a, exponent // 2)
                found = self.times(half, half)
            else:
                found = self.times(self.whole_power(a, exponent - 1) if below is None else below[1], a)
            self._powers[key] = a, found
        return self._powers[key][1]

    def _product(self, a: Matrix, b: Matrix) -> Matrix:
        p, inner, width = self.prime, len(b), len(a[0])
        if width == 1 == len(a):
            c = a[0][0]
            return [[c * x % p for x in row] for row in b]
        if inner == 1:
            if len(b[0]) == 1:
                c = b[0][0]
                return [[c * x % p for x in row] for row in a]
            return [[x * y % p for y in b[0]] for (x,) in a]
        columns = [*zip(*b, strict=True)]
        if inner == 2:
            return [[(x * t + y * u) % p for t, u in columns] for x, y in a]
        if inner == 3:
            return [[(x * t + y * u + z * v) % p for t, u, v in columns] for x, y, z in a]
        if width != inner:
            raise ValueError("these matrices do not fit")
        return [[sum(map(mul, row, column)) % p for column in columns] for row in a]

    def hadamard(self, *factors: Jet) -> Jet:
        """Return the entry-wise product; a scalar is taken for every entry."""
        total = factors[0]
        for x in factors[1:]:
            total = self.bilinear(total, x, self._entrywise)
        return total

    def _entrywise(self, a: Matrix, b: Matrix) -> Matrix:
        p = self.prime
        if len(a) != len(b) or len(a[0]) != len(b[0]):
            return self._product(a, b)
        return [[x * y % p for x, y in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]

    def kronecker(self, a: Jet, b: Jet) -> Jet:
        """Return the Kronecker product."""
        p = self.prime
        return self.bilinear(a, b, lambda x, y: [[u * v % p for u in r for v in s] for r in x for s in y])

    def trace(self, a: Jet) -> Jet:
        """Return the trace."""
        return self.moved(a, lambda x: [[self._trace(x)]])

    def _trace(self, a: Matrix) -> int:
        return sum([row[i] for i, row in enumerate(a)]) % self.prime

    def inner(self, a: Jet, b: Jet) -> Jet:
        """Return the sum of the products of entries."""
        return self.bilinear(a, b, self._inner)

    def _inner(self, a: Matrix, b: Matrix) -> Matrix:
        if len(a) != len(b) or len(a[0]) != len(b[0]):  # one is a number
            return [[sum(map(sum, self._product(a, b))) % self.prime]]
        return [[sum([sum(map(mul, r, s)) for r, s in zip(a, b, strict=True)]) % self.prime]]

    def inverse(self, a: Jet) -> Jet:
        """Return the inverse; what A A^{-1} = I says of its slopes is V_k = -V (sum of A_i V_j), i and j within k.

        Raises:
            RedrawError: it is singular.
        """
        value, _ = self._inverse_and_determinant(a.value)
        parts, p = {0: value}, self.prime
        slopes = [k for k in a.parts if k]
        bits = range(1, 1 + reduce(or_, slopes, 0)) if self.crossed else slopes
        for k in bits:
            within = [self._product(a.parts[i], parts[k ^ i]) for i in slopes if i & k == i and k ^ i in parts]
            if within:
                parts[k] = [[-x % p for x in row] for row in self._product(value, self._sum(*within))]
        return Jet(parts, a.degree.of_inverse(a.rows))

    def _inverse_and_determinant(self, a: Matrix) -> tuple[Matrix, int]:
        """Return both of them, of small matrices by cofactors: one division is all they need.

        Raises:
            RedrawError: it is singular.
        """
        size, p = len(a), self.prime
        if size > 3:
            return self._eliminated(a)
        if size == 1:
            return [[self.inverse_of(a[0][0])]], a[0][0] % p
        if size == 2:
            (x, y), (z, w) = a
            adjugate, determinant = [[w, -y], [-z, x]], (x * w - y * z) % p
        else:
            columns = [_cross(a[i - 2], a[i - 1]) for i in range(3)]
            adjugate, determinant = turned(columns), sum(map(mul, a[0], columns[0])) % p
        factor = self.inverse_of(determinant)
        return [[x * factor % p for x in row] for row in adjugate], determinant

    def _eliminated(self, a: Matrix) -> tuple[Matrix, int]:
        size, p, determinant = len(a), self.prime, 1
        rows = [[*row, *one] for row, one in zip(a, eye(size), strict=True)]
        for k in range(size):
            pivot = next((i for i in range(k, size) if rows[i][k] % p), None)
            if pivot is None:
                raise RedrawError
            rows[k], rows[pivot] = rows[pivot], rows[k]
            determinant = (determinant if pivot == k else -determinant) * rows[k][k] % p
            factor = self.inverse_of(rows[k][k])
            top = rows[k] = [x * factor % p for x in rows[k]]
            for i in range(size):
                factor = rows[i][k]
                if i != k and factor:
                    rows[i] = [(x - factor * y) % p for x, y in zip(rows[i], top, strict=True)]
        return [row[size:] for row in rows], determinant

    def adjugate_and_determinant(self, a: Jet) -> tuple[Jet, Jet]:
        """Return both of them, of singular matrices too.

        Source: Gantmacher, The Theory of Matrices, vol. 1, ch. IV, sec. 5 (Faddeev's method).
        """
        one = Jet({0: eye(a.rows)})
        total = one
        for k in range(1, a.rows + 1):
            product = self.times(a, total)
            last = self.scaled(Fraction(-1, k), self.trace(product))
            before, total = total, self.plus(product, self.times(last, one))
        sign = (-1) ** a.rows
        size = a.rows
        whole = Degree(size * a.degree.above, size * a.degree.below, a.degree.rooted)
        adjugate = self.scaled(-sign, before)
        determinant = self.scaled(sign, last)
        return Jet(adjugate.parts, whole), Jet(determinant.parts, whole)

    def determinant(self, a: Jet) -> Jet:
        """Return the determinant, |A + e A'| = |A| + e |A| tr(A^{-1} A')."""
        if a.moves and self.crossed:
            return self.adjugate_and_determinant(a)[1]
        try:
            inverse, value = self._inverse_and_determinant(a.value)
        except RedrawError:  # it is singular
            return self.adjugate_and_determinant(a)[1]
        parts, p = {0: [[value]]}, self.prime
        for k, part in a.parts.items():
            if k:
                parts[k] = [[self._trace(self._product(inverse, part)) * value % p]]
        return Jet(parts, Degree(a.rows * a.degree.above, a.rows * a.degree.below, a.degree.rooted))


def _cross(a: list[int], b: list[int]) -> list[int]:
    """Return the cross product of two vectors of space."""
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]


class Arithmetic(Ring):
    """Functions of jets too, and what the point knows at which they are computed."""

    # --- what a point knows, see `checking.field`

    def size(self, dimension: tuple[str, ...]) -> int:
        """Return the number that a dimension stands for."""
        raise NotImplementedError

    def fresh(self, key: str, rows: int, columns: int) -> Matrix:
        """Return a random matrix, the same for the same key."""
        raise NotImplementedError

    def exponent(self, x: Any, value: Jet) -> tuple[int, int | None]:
        """Return the exponent `x` modulo (p - 1)/2, and as a small whole number where it is one."""
        raise NotImplementedError

    def applied(self, body: Any, given: Mapping[Any, Jet]) -> Jet:
        """Return the value of an expression in the letters that are `given`."""
        raise NotImplementedError

    def differential(self, x: Any) -> Jet:
        """Return the differential of an expression."""
        raise NotImplementedError

    def logarithm(self, x: Any) -> Jet:
        """Return the logarithm of every entry of an expression."""
        raise NotImplementedError

    def over_index(self, node: Any, value: Callable[[Any], Jet]) -> Jet:
        """Return the sum of the values that what stands under a sign over an index has."""
        raise NotImplementedError

    def __call__(self, node: Any) -> Jet:
        """Return the value of an expression."""
        raise NotImplementedError

    # --- functions of entries

    def entries(self, a: Jet, function: Callable[[int], Sequence[int]], degree: Degree | None = None) -> Jet:
        """Return a function of every entry, which gives its value and its first and second derivatives there."""
        p = self.prime
        found = [[function(x) for x in row] for row in a.value]
        parts = {0: [[entry[0] % p for entry in row] for row in found]}
        if a.moves:
            first = [[entry[1] for entry in row] for row in found]
            parts |= {k: self._entrywise(first, part) for k, part in a.parts.items() if k}
        if a.moves and self.crossed:
            second = [[entry[2] for entry in row] for row in found]
            for i, j in combinations([k for k in a.parts if k], 2):
                if not i & j:
                    crossed = self._entrywise(second, self._entrywise(a.parts[i], a.parts[j]))
                    parts[i | j] = self._sum(parts[i | j], crossed) if i | j in parts else crossed
        return Jet(parts, degree or a.degree.of_function())

    def reciprocal(self, a: Jet) -> Jet:
        """Return one over every entry."""

        def function(x: int) -> tuple[int, int, int]:
            y = self.inverse_of(x)
            return y, -y * y, 2 * y * y * y

        return self.entries(a, function, Degree(a.degree.below, a.degree.above, a.degree.rooted))

    def power(self, a: Jet, exponent: Any, value: Jet) -> Jet:
        """Return every entry of `a` with the exponent that the expression `exponent` says, which has a `value`."""
        power, whole = self.exponent(exponent, value)
        if whole is None and a.degree.above == a.degree.below == 0 and not self._is_fraction(power):
            raise UndecidedError("a large power of a number")
        degree = a.degree.of_power(whole) if whole is not None else a.degree.of_function()._replace(rooted=True)
        k = value.number

        def function(x: int) -> tuple[int, int, int]:
            if whole is not None and 0 <= whole < 2:
                return (1, 0, 0) if whole == 0 else (x, 1, 0)
            found = self.raised(x, power, whole, a.degree)
            if whole is not None and x % self.prime == 0:
                return found, 0, 2 * int(whole == 2)
            first = k * found * self.inverse_of(x)
            return found, first, (k - 1) * first * self.inverse_of(x)

        found = self.entries(a, function, degree)
        slopes = {i: part for i, part in value.parts.items() if i}
        if not slopes:
            return found
        if self.crossed:
            raise UndecidedError("second derivatives by an exponent")
        logs = self.entries(a, lambda x: (self.log(self.positive(x, a.degree)), 0))
        by_exponent = self.hadamard(Jet({0: found.value}), Jet({0: logs.value}), Jet(slopes))
        return Jet(self.plus(found, by_exponent).parts, found.degree.of_function())

    def _is_fraction(self, exponent: int) -> bool:
        order = (self.prime - 1) // 2
        return any(min(exponent * k % order, -exponent * k % order) <= LARGEST_POWER for k in range(2, 60))

    def root(self, a: Jet) -> Jet:
        """Return the square root of every entry, the one that is a square.

        Raises:
            RedrawError: an entry is no square.
        """

        half = (self.prime + 1) // 4 % ((self.prime - 1) // 2)

        def function(x: int) -> tuple[int, int, int]:
            y = self.raised(x, half, None, a.degree)
            first = self.inverse_of(2 * y)
            return y, first, -first * self.inverse_of(2 * x)

        return self.entries(a, function, a.degree.of_function()._replace(rooted=True))

    # --- parts of a matrix, and functions of a whole matrix

    def columnwise(self, a: Jet, function: Callable[[Jet], Jet]) -> Jet:
        """Return the function of every column, side by side."""
        found = []
        for j in range(a.columns):
            found.append(function(self.moved(a, lambda x, j=j: [[row[j]] for row in x])))  # type: ignore[misc]
        keys = dict.fromkeys(k for x in found for k in x.parts)
        parts = {}
        for k in keys:
            columns = [x.parts.get(k) or zeros(x.rows, 1) for x in found]
            parts[k] = turned([[row[0] for row in column] for column in columns])
        degree = found[0].degree
        for x in found[1:]:
            degree = degree.plus(x.degree)
        return Jet(parts, degree)

    def spread(self, a: Jet, like: Jet) -> Jet:
        """Return a matrix of the size of `like` with the number `a` in every entry."""
        return self.moved(a, lambda x: filled(like.rows, like.columns, x[0][0]))

    def each(self, a: Jet, function: Callable[[Jet], Jet]) -> Jet:
        """Return the function of every entry, each as a 1 x 1 matrix."""
        return self.columnwise(a, lambda column: self.rowwise(column, function))

    def rowwise(self, a: Jet, function: Callable[[Jet], Jet]) -> Jet:
        """Return the function of every row as a column, as rows below each other."""
        return self.moved(self.columnwise(self.moved(a, turned), function), turned)

    def weights(self, name: str, a: Jet) -> Jet:
        """Return a column of atoms that belong to all entries of the column `a`; it does not move."""
        column = tuple(row[0] for row in a.value)
        return Jet({0: [[self.atom(f"{name} {i}", column)] for i in range(a.rows)]}, a.degree.of_function())

    def function_of_matrix(
        self, name: str, a: Jet, derivative: Callable[[Jet], Jet] | None = None, power: int = 0
    ) -> Jet:
        """Return a function of a square matrix as atoms, f(A^T) = f(A)^T; that of a symmetric one is symmetric.

        Of its slope is known what stands within a trace beside functions of A, tr(g(A) f'(A) A'); the rest are atoms.

        Raises:
            UndecidedError: its second derivatives are asked for.
        """
        size, cells = a.rows, tuple(map(tuple, a.value))
        across = tuple(zip(*a.value, strict=True))
        key = min(cells, across)
        found = [[self.atom(f"{name} {i} {j}", (key, power)) for j in range(size)] for i in range(size)]
        if cells == across:
            found = [[found[min(i, j)][max(i, j)] for j in range(size)] for i in range(size)]
        value = found if key == cells else turned(found)
        parts = {0: value}
        degree = Degree(2 * size * (a.degree.above + a.degree.below) + 1, size * a.degree.below, a.degree.rooted)
        if a.moves and (derivative is None or self.crossed):
            raise UndecidedError(f"the derivatives of a {name}")
        for bit, step in a.parts.items():
            if bit and derivative is not None:
                slope = derivative(Jet({0: a.value})).value
                steps = cells, tuple(map(tuple, step)), power
                parts[bit] = self._slope_of_function(a.value, slope, step, f"slope of {name}", steps)
        return Jet(parts, degree)

    def _slope_of_function(self, a: Matrix, derivative: Matrix, step: Matrix, name: str, key: Any) -> Matrix:
        """Return the slope F of a function of the matrix `a` along `step`, as far as the `derivative` f'(a) says it.

        Where the step commutes with a, F = f'(a) step. Else F is made of atoms such that tr(a^k F) = tr(a^k f'(a) step)
        for all k; where two eigenvalues are equal, for k = 0.
        """
        known = self._product(derivative, step)
        if self._product(a, step) == self._product(step, a):
            return known
        size = len(a)
        found = [[self.atom(f"{name} {i} {j}", key) for j in range(size)] for i in range(size)]
        powers = [eye(size)]
        while len(powers) < size:
            powers.append(self._product(powers[-1], a))
        gap = self._sum(known, [[-x % self.prime for x in row] for row in found])
        gaps = [[self._trace(self._product(x, gap))] for x in powers]
        traces = [[self._trace(self._product(x, y)) for y in powers] for x in powers]
        try:
            shares = self._product(self._inverse_and_determinant(traces)[0], gaps)
        except RedrawError:
            shares = [[gaps[0][0] * self.inverse_of(size) % self.prime], *([0] for _ in powers[1:])]
        return self._sum(found, *(self._product([share], x) for share, x in zip(shares, powers, strict=True)))
