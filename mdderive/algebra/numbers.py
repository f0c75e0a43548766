"""Exact numbers: matrices over a prime field with infinitesimal parts, and atoms for what has no value there.

A jet is the value of a matrix and its slopes along directions, each named by a bit; `X + e D` is one. What a rational
function of jets is, follows from its value: `f(X + e D) = f(X) + e df`. A function that has no value in the field is
an atom: a random element that belongs to the function and the exact value of its argument, so that equal arguments
have equal values, with the relations that its derivatives need.

The primes are safe and -1 modulo 4 and modulo small primes. So -1 is no square, small numbers are squares as if they
were positive, the root that is a square is multiplicative, and squares have powers with any exponent modulo (p - 1)/2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

Matrix = list[list[int]]
PRIMES = (
    1152885074382121079,
    1152835335380568839,
    1152777573959411399,
    1152737461861385399,
    1152702163215122519,
    1152636379374359879,
)
LARGEST_POWER = 1_000
"""Up to which exponent a power is that of a whole number, of any base."""
LARGEST_WRITTEN = 1_000_000
"""The same of an exponent that is written as a number: the degree must stay far below the prime."""


class UndecidedError(Exception):
    """The field has no exact value of this; the message says of what."""


class RedrawError(Exception):
    """The value does not exist at this point: a divisor is 0, or a root is of no square (then it may at another)."""

    def __init__(self, elsewhere: bool = False) -> None:
        super().__init__("the value does not exist at this point")
        self.elsewhere = elsewhere


class Degree(NamedTuple):
    """The degrees of entries as quotients of polynomials with one divisor, and whether roots occur in them."""

    above: int = 0
    below: int = 0
    rooted: bool = False

    def __mul__(self, other: Any) -> Degree:
        if self is NO_DEGREE or other is NO_DEGREE:
            return other if self is NO_DEGREE else self
        return Degree(self.above + other.above, self.below + other.below, self.rooted or other.rooted)

    def plus(self, other: Degree) -> Degree:
        """Return the degree of a sum."""
        if self is other:
            return Degree(self.above + self.below, 2 * self.below, self.rooted) if self.below else self
        above = max(self.above + other.below, other.above + self.below)
        return Degree(above, self.below + other.below, self.rooted or other.rooted)

    def of_function(self) -> Degree:
        """Return the degree of an atom, such that that of its slopes follows as for a quotient."""
        both = self.above + self.below
        return Degree(1 + 2 * both, 2 * both, self.rooted)

    def of_power(self, exponent: int) -> Degree:
        """Return the degree of a power with a whole exponent, from which that of its slopes follows too."""
        above, below = (self.above, self.below) if exponent >= 0 else (self.below, self.above)
        return Degree(abs(exponent) * above, abs(exponent) * below, self.rooted)

    def of_inverse(self, size: int) -> Degree:
        """Return the degree of the inverse of a matrix."""
        return Degree((size - 1) * self.above + self.below, size * self.above, self.rooted)

    def moved(self) -> Degree:
        """Return the degree of a slope, that of the direction counted."""
        return Degree(self.above + self.below, 2 * self.below, self.rooted)


NO_DEGREE = Degree()


class Jet:
    """A matrix by its parts: 0 its value, any other number its slope along the directions of the bits."""

    __slots__ = ("degree", "moves", "parts", "value")  # no dataclass: a check makes more of them than of all else

    def __init__(self, parts: Mapping[int, Matrix], degree: Degree = NO_DEGREE) -> None:
        """Set the parts, and by them the `value`, the matrix itself, and whether it `moves`: whether it has slopes."""
        self.parts = parts
        self.degree = degree
        self.value: Matrix = parts.get(0, [])
        self.moves = len(parts) > 1 or 0 not in parts

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.value)

    @property
    def columns(self) -> int:
        """How many columns it has."""
        return len(self.value[0])

    @property
    def size(self) -> tuple[int, int]:
        """How many rows and columns it has."""
        return len(self.value), len(self.value[0])

    @property
    def is_column(self) -> bool:
        """Whether it has several rows and one column."""
        return len(self.value) > 1 == len(self.value[0])

    @property
    def number(self) -> int:
        """The value of a 1 x 1 matrix."""
        return self.value[0][0]


# --- matrices by their places: no arithmetic is needed


def zeros(rows: int, columns: int) -> Matrix:
    """Return a matrix of zeros."""
    return [[0] * columns for _ in range(rows)]


def filled(rows: int, columns: int, entry: int = 1) -> Matrix:
    """Return a matrix whose entries are all the same."""
    return [[entry] * columns for _ in range(rows)]


def eye(size: int) -> Matrix:
    """Return the identity matrix."""
    return [[int(i == j) for j in range(size)] for i in range(size)]


def turned(a: Matrix) -> Matrix:
    """Return the transpose."""
    return [list(row) for row in zip(*a, strict=True)]


def stacked(a: Matrix) -> Matrix:
    """Return the columns below each other."""
    return [[x] for column in zip(*a, strict=True) for x in column]


def unstacked(a: Matrix, rows: int, columns: int) -> Matrix:
    """Return the matrix of `rows` and `columns` whose columns are stacked in `a`."""
    return [[a[j * rows + i][0] for j in range(columns)] for i in range(rows)]


def masked(a: Matrix, keep: Callable[[int, int], bool]) -> Matrix:
    """Return `a` with zeros where `keep` does not hold of row and column."""
    return [[x if keep(i, j) else 0 for j, x in enumerate(row)] for i, row in enumerate(a)]


def unit(size: int, place: int) -> Matrix:
    """Return the column whose entry at `place`, from 0, is 1.

    Raises:
        RedrawError: there is no such place.
    """
    if not 0 <= place < size:
        raise RedrawError
    return [[int(i == place)] for i in range(size)]


class Numbers:
    """Numbers modulo a prime, and atoms; `used` names the functions of those that occurred.

    `surveying` says that roots are not taken but looked at: which are of squares, `radicands` tells by their places;
    `rooted` are the numbers of which they were taken. `blind` says that roots are atoms. `signed` says that a number
    has a sign, that of a square 1 and of others -1, and `signs` has those that were asked for; else it is an atom.
    """

    def __init__(
        self, prime: int, salt: int = 0, *, surveying: bool = False, blind: bool = False, signed: bool = False
    ) -> None:
        """Set what is given; nothing has occurred yet."""
        self.prime = prime
        self.salt = salt
        self.surveying = surveying
        self.blind = blind
        self.signed = signed
        self.used: set[str] = set()
        self.atoms: set[tuple[str, Any]] = set()
        self.radicands: dict[Any, int] = {}
        self.rooted: set[int] = set()
        self.signs: dict[int, int] = {}

    def inverse_of(self, x: int) -> int:
        """Return 1/x.

        Raises:
            RedrawError: x is 0.
        """
        if x % self.prime == 0:
            raise RedrawError
        return pow(x, -1, self.prime)

    def rational(self, x: Fraction) -> int:
        """Return a rational number as an element of the field."""
        if x.denominator == 1:
            return x.numerator % self.prime
        return x.numerator % self.prime * self.inverse_of(x.denominator) % self.prime

    def is_square(self, x: int) -> bool:
        """Whether x is a square, as 0 is."""
        return pow(x, (self.prime - 1) // 2, self.prime) <= 1

    def atom(self, name: str, x: Any) -> int:
        """Return the random element that belongs to a function and its argument; as a rule a square."""
        self.used.add(name)
        self.atoms.add((name, x))
        digest = hashlib.blake2b(f"{self.salt} {name} {x}".encode(), digest_size=16).digest()
        found = int.from_bytes(digest) % (self.prime - 1) + 1
        return found if self.surveying else found * found % self.prime

    def odd(self, name: str, x: int) -> int:
        """Return an atom of a function with f(-x) = -f(x)."""
        x %= self.prime
        if x == 0:
            return 0
        return self.atom(name, x) if 2 * x < self.prime else -self.atom(name, self.prime - x) % self.prime

    def sign(self, x: int) -> int:
        """Return the sign of a number.

        That of a square is 1, so signs are multiplicative, those of small numbers are right, and what has a root of
        even order is positive.
        """
        x %= self.prime
        if not self.signed or self.blind or self.surveying or x == 0:
            return self.odd("sign", x)
        self.used.add("sign")
        if self.prime - x not in self.signs:
            self.signs[x] = 1 if self.is_square(x) else -1
            return self.signs[x]
        return -self.signs[self.prime - x]

    def even(self, name: str, x: int, at_zero: int = 1) -> int:
        """Return an atom of a function with f(-x) = f(x)."""
        x %= self.prime
        return self.atom(name, min(x, self.prime - x)) if x else at_zero

    def exp(self, x: int) -> int:
        """Return the exponential, with exp(-x) = 1/exp(x)."""
        x %= self.prime
        if x == 0:
            return 1
        return self.atom("exp", x) if 2 * x < self.prime else self.inverse_of(self.atom("exp", self.prime - x))

    def log(self, x: int) -> int:
        """Return the logarithm, with log(1/x) = -log(x).

        Raises:
            RedrawError: x is 0.
        """
        x %= self.prime
        other = self.inverse_of(x)
        if x == other == 1:
            return 0
        return self.atom("log", x) if x < other else -self.atom("log", other) % self.prime

    def log_of_number(self, x: Fraction) -> int:
        """Return the logarithm of a positive rational number, by those of its prime factors.

        Raises:
            RedrawError: it is not positive.
        """
        if x <= 0:
            raise RedrawError
        total = 0
        for sign, rest in ((1, x.numerator), (-1, x.denominator)):
            divisor = 2
            while rest > 1:
                if divisor * divisor > rest or divisor > LARGEST_POWER:
                    divisor = rest
                if rest % divisor == 0:
                    rest //= divisor
                    total += sign * self.atom("log of number", divisor)
                else:
                    divisor += 1
        return total % self.prime

    def log_of_size(self, x: int) -> int:
        """Return the logarithm of the absolute value, with that of -x and of 1/x.

        Raises:
            RedrawError: x is 0.
        """
        return self.log(min(x % self.prime, -x % self.prime))

    def root_place(self) -> Any:
        """Return what names the root that is taken next."""
        return len(self.radicands)

    def positive(self, x: int, degree: Degree) -> int:
        """Return `x`, of which a root is to be taken.

        Raises:
            RedrawError: it is no square, or 0.
            UndecidedError: a survey met a root within a root.
        """
        is_constant = degree.above == degree.below == 0
        if not is_constant:
            self.used.add("root")
        if self.blind:
            return x
        if self.surveying and not is_constant:
            if degree.rooted:
                raise UndecidedError("a root within a root")
            self.radicands[self.root_place()] = x % self.prime
        elif x % self.prime == 0 or not self.is_square(x):
            raise RedrawError(x % self.prime != 0)
        if not is_constant:
            self.rooted.add(x % self.prime)
        return x

    def raised(self, x: int, exponent: int, whole: int | None, degree: Degree) -> int:
        """Return x with an exponent modulo (p - 1)/2, of any x where the exponent is a small `whole` number."""
        if whole is not None:
            return pow(x, whole, self.prime) if whole >= 0 else pow(self.inverse_of(x), -whole, self.prime)
        self.positive(x, degree)
        return self.atom("root", (x, exponent)) if self.surveying or self.blind else pow(x, exponent, self.prime)
