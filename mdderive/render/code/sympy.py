"""What is asked for as source in SymPy: its matrices and numbers in, and of them the derivative out, exactly."""

from __future__ import annotations

from collections.abc import Sequence

from ...algebra.expressions import EACH, Apply, Number
from ...algebra.terms import is_sum_over
from .binding import ATOM
from .python import MatrixWriter, plain_number


class SympyWriter(MatrixWriter):
    """Writes expressions as source in SymPy: `*` for matrices, a number for what is 1 x 1, a list for a family."""

    language, module = "sympy", "sp"
    header = ("import sympy as sp",)
    times, letter = "*", "_t"

    @staticmethod
    def fraction(node: Number, binding: int) -> str:
        """Return a number; a fraction stays one, as `1 / 2` of Python would be a float."""
        value = node.value
        if value.denominator == 1:
            return plain_number(node, binding)
        return f"sp.Rational({value.numerator}, {value.denominator})"

    def _joined(self, node: Apply, sign: str) -> tuple[str, int]:
        if sign != "*":
            return super()._joined(node, sign)
        text = self.write(node.arguments[0], ATOM)
        for x in node.arguments[1:]:
            text += f".multiply_elementwise({self.write(x)})"
        return text, ATOM

    def chain(self, node: Apply, factors: Sequence[str], *, among_others: bool) -> str:
        """Return a product of matrices; of one row and one column the number in it."""
        if node.is_scalar:
            return f"({super().chain(node, factors, among_others=False)})[0, 0]"
        return super().chain(node, factors, among_others=among_others)

    def length_of(self, array: str, axis: int, axes: int) -> str:
        """Return the length of an axis, as a number of SymPy, which stays exact where it divides."""
        inner = f"{array}{'[0]' * (axis if axis >= 0 else axes - 2)}"
        return f"sp.Integer({f'len({inner})' if axis >= 0 else f'{inner}.shape[{axis}]'})"

    def _over(self, node: Apply) -> str:
        """Return a sum over an index; of matrices it begins with one of zeros.

        Raises:
            UnsupportedError: it is a maximum, a minimum or a product.
        """
        if not is_sum_over(node):
            raise self.unwritten(node.operator)
        text, body = super()._over(node), node.arguments[0]
        if body.is_scalar:
            return text
        rows, columns = (self.dimension(x) for x in body.shape)
        return f"sum(({text.removeprefix('sum(')}, sp.zeros({rows}, {columns}))"

    def stacked(self, text: str, name: str, end: str) -> str:
        """Return the list of the values of `text` at all values of an index."""
        return f"[{text} for {name} in range({end})]"

    def conjugated(self, text: str) -> str:
        """Return the source of the conjugate of a letter."""
        return f"{text}.conjugate()"

    def called(self, function: str, argument: str) -> str:
        """Return a function applied to every entry of its argument."""
        self.helpers[EACH] = None
        return f"each({argument}, {function})"
