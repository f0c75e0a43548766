"""Random expressions of every shape, by which what is printed is put to the test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from random import Random

from mdderive.algebra.expressions import ONE, SCALAR, Apply, Expr, Index, Operator, Shape, Symbol, number
from mdderive.algebra.operators import by_name
from mdderive.algebra.operators.entrywise import Function
from mdderive.algebra.terms import build, identity, ones

N = ("n",)
COLUMN, ROW, MATRIX = (N, ONE), (ONE, N), (N, N)
INDEX = Index("i", "1", "N")
LETTERS: dict[Shape, tuple[Expr, ...]] = {
    SCALAR: tuple(Symbol(x) for x in ("c", r"\lambda", r"\bar{c}", "t_1")),
    COLUMN: tuple(Symbol(x, COLUMN) for x in ("x", r"\mathbf{y}", r"\hat{z}", "w_1")),
    MATRIX: (
        *(Symbol(x, MATRIX) for x in ("A", r"\mathbf{B}", "W_1", r"\tilde{S}", "V^{(1)}")),
        Symbol(r"\Sigma", MATRIX, frozenset(("symmetric",))),
        identity(N),
    ),
}
MEMBERS: dict[Shape, Expr] = {
    SCALAR: Symbol("u_i", SCALAR, frozenset(), ("i",), "u"),
    COLUMN: Symbol("v_i", COLUMN, frozenset(), ("i",), "v"),
    MATRIX: Symbol("M_i", MATRIX, frozenset(), ("i",), "M"),
}
ENTRYWISE = ("logarithm", "exponential", "hyperbolic tangent", "sine", "absolute value", "rectifier", "sign")


class RandomExpressions:
    """Draws expressions; `made` says how a node is made of its operator, its arguments and its parameters."""

    def __init__(self, seed: int, *, normal: bool) -> None:
        self.random = Random(seed)
        self.normal = normal
        self.within_sum = False

    def draw(self, shape: Shape, depth: int) -> Expr:
        """Return a random expression of that shape."""
        if depth <= 0 or self.random.random() < 0.12:
            return self._letter(shape)
        if shape == ROW:
            return self._made("transpose", self.draw(COLUMN, depth - 1))
        makers = {SCALAR: self._scalars, COLUMN: self._columns, MATRIX: self._matrices}[shape]
        return self.random.choice([*makers(), *self._of_any(shape)])(depth - 1)

    def _made(self, name: str, *arguments: Expr, parameters: tuple[object, ...] = ()) -> Expr:
        row: Operator = by_name(name)
        if self.normal:
            return build(row, *arguments, parameters=parameters)
        return Apply(row, arguments, parameters)

    def _letter(self, shape: Shape) -> Expr:
        if shape == ROW:
            return self._made("transpose", self._letter(COLUMN))
        if self.within_sum and self.random.random() < 0.5:
            return MEMBERS[shape]
        if shape == SCALAR and self.random.random() < 0.4:
            return number(Fraction(self.random.choice([2, 3, -1, Fraction(1, 2), Fraction(-2, 3), 12])))
        if shape == COLUMN and self.random.random() < 0.1:
            return ones(COLUMN)
        return self.random.choice(LETTERS[shape])

    def _of_any(self, shape: Shape) -> Sequence[Callable[[int], Expr]]:
        def total(depth: int) -> Expr:
            return self._made("sum", *(self.draw(shape, depth) for _ in range(self.random.choice((2, 2, 3)))))

        def scaled(depth: int) -> Expr:
            factors = [self.draw(SCALAR, depth) for _ in range(self.random.choice((1, 1, 2)))]
            factors.insert(self.random.randrange(len(factors) + 1), self.draw(shape, depth))
            return self._made("product", *factors)

        def called(depth: int) -> Expr:
            return self._made(self.random.choice(ENTRYWISE), self.draw(shape, depth))

        def named(depth: int) -> Expr:
            function = Function("g", self.random.choice((0, 0, 1)))
            return self._made("entry-wise function", self.draw(shape, depth), parameters=(function,))

        def over_index(depth: int) -> Expr:
            if self.within_sum:
                return self._letter(shape)
            self.within_sum = True
            body = self._made("product", MEMBERS[SCALAR], self.draw(shape, depth))
            self.within_sum = False
            return self._made("sum over an index", body, parameters=(INDEX,))

        def quotient(depth: int) -> Expr:
            return self._made("quotient", self.draw(shape, depth), self.draw(SCALAR, depth))

        found = [total, total, scaled, scaled, called, named, over_index, quotient]
        return found if shape == SCALAR else [*found, self._hadamard(shape), self._entrywise_power(shape)]

    def _hadamard(self, shape: Shape) -> Callable[[int], Expr]:
        return lambda depth: self._made("Hadamard product", self.draw(shape, depth), self.draw(shape, depth))

    def _entrywise_power(self, shape: Shape) -> Callable[[int], Expr]:
        exponents = (2, 3, -1, Fraction(1, 2), -2)
        return lambda depth: self._made(
            "entry-wise power", self.draw(shape, depth), number(Fraction(self.random.choice(exponents)))
        )

    def _scalars(self) -> Sequence[Callable[[int], Expr]]:
        def inner(depth: int) -> Expr:
            return self._made("product", self.draw(ROW, depth), self.draw(COLUMN, depth))

        def form(depth: int) -> Expr:
            return self._made("product", self.draw(ROW, depth), self.draw(MATRIX, depth), self.draw(COLUMN, depth))

        def power(depth: int) -> Expr:
            exponent = self.random.choice((2, 3, -1, Fraction(1, 2), Fraction(3, 2), -2))
            return self._made("power", self.draw(SCALAR, depth), number(Fraction(exponent)))

        def of_matrix(name: str) -> Callable[[int], Expr]:
            return lambda depth: self._made(name, self.draw(MATRIX, depth))

        def normed(name: str, *parameters: str) -> Callable[[int], Expr]:
            return lambda depth: self._made(name, self.draw(COLUMN, depth), parameters=parameters)

        names = ("trace", "trace", "determinant", "log determinant")
        norms = (normed("norm", ""), normed("norm", "_2"), normed("squared norm", ""), normed("1-norm"))
        return [inner, inner, form, power, power, *map(of_matrix, names), *norms]

    def _columns(self) -> Sequence[Callable[[int], Expr]]:
        def image(depth: int) -> Expr:
            return self._made("product", self.draw(MATRIX, depth), self.draw(COLUMN, depth))

        def softmax(depth: int) -> Expr:
            return self._made("softmax", self.draw(COLUMN, depth))

        def diagonal(depth: int) -> Expr:
            return self._made("diagonal of a matrix", self.draw(MATRIX, depth))

        return [image, image, image, softmax, diagonal]

    def _matrices(self) -> Sequence[Callable[[int], Expr]]:
        def chain(depth: int) -> Expr:
            return self._made("product", *(self.draw(MATRIX, depth) for _ in range(self.random.choice((2, 2, 3)))))

        def outer(depth: int) -> Expr:
            return self._made("product", self.draw(COLUMN, depth), self.draw(ROW, depth))

        def turned(depth: int) -> Expr:
            return self._made("transpose", self.draw(MATRIX, depth))

        def inverse(depth: int) -> Expr:
            return self._made("inverse", self.draw(MATRIX, depth))

        def power(depth: int) -> Expr:
            return self._made("matrix power", self.draw(MATRIX, depth), number(self.random.choice((2, 3, -2))))

        def diagonal(depth: int) -> Expr:
            return self._made("diagonal matrix", self.draw(COLUMN, depth))

        return [chain, chain, outer, turned, turned, inverse, inverse, power, diagonal]
