"""What is asked for as source in Julia; a scalar is a number there, never a matrix of one entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...algebra.expressions import Apply, Expr, Number, Symbol
from ...errors import UnsupportedError
from .arguments import argument_name
from .python import MatrixWriter


class JuliaWriter(MatrixWriter):
    """Writes expressions as source in Julia: `*` for matrices, `.*` for entries, indices from 1."""

    language = "julia"
    header = ("using LinearAlgebra",)
    times, entrywise, letter = "*", ".*", "_t"

    @classmethod
    def joined(cls, header: str, helpers: Iterable[str], blocks: Iterable[str]) -> str:
        """Return the parts of a module with a blank line between them."""
        return "\n".join([header, *(f"{x.strip()}\n" for x in helpers), *blocks])

    def whole(self, name: str, words: Sequence[str], lines: Sequence[str], result: str, along: bool) -> str:
        """Return a function with these parameters, lines and result."""
        first = "direction; " if along else "; "
        inner = "\n".join(f"    {line}" for line in [*lines, f"return {result}"])
        return f"function {name}({first}{', '.join(words)})\n{inner}\nend\n"

    def counted(self, name: str) -> str:
        """Return the line that makes an index, counted from 1, a place in an array."""
        return f"{name} = Int({name})"

    def stacked(self, text: str, name: str, end: str) -> str:
        """Return the array of the values of `text` at all values of an index."""
        return f"stack([{text} for {name} in 1:{end}]; dims=1)"

    def parameters(self, names: Sequence[str], callables: Mapping[str, tuple[str, ...]]) -> list[str]:
        """Return the parameters of a function; an undefined sigma is the logistic function here too."""
        found = super().parameters(names, callables)
        return [x.replace("lambda a:", "a ->").replace("np.exp", "exp").replace("**", "^") for x in found]

    def member(self, symbol: Symbol, array: str) -> str:
        """Return a letter; of a family its member, a number or a matrix."""
        if not symbol.index:
            return array
        places = ", ".join(argument_name(name) for name in symbol.index)
        return f"{array}[{places}, 1, 1]" if symbol.is_scalar else f"{array}[{places}, :, :]"

    def length_of(self, array: str, axis: int, axes: int) -> str:
        """Return the length of an axis, counted from 1 there."""
        return f"size({array}, {axis + 1 if axis >= 0 else axes + axis + 1})"

    def chain(self, node: Apply, factors: Sequence[str], *, among_others: bool) -> str:
        """Return a product of matrices; of one row and one column the number in it."""
        if node.is_scalar:
            return f"only({super().chain(node, factors, among_others=False)})"
        return super().chain(node, factors, among_others=among_others)

    def place(self, name: str, first: int) -> str:
        """Return the value of an index, of which the first member of an array has the value `first`."""
        return name if first else f"({name} - 1)"

    def at(self, place: Expr) -> str:
        """Return a place in an array, counted from 1."""
        return str(place) if isinstance(place, Number) else argument_name(str(place))

    def conjugated(self, text: str) -> str:
        """Refuse: what is a transpose here would be a conjugate transpose there.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError("E320", "complex letters are not exported to Julia", hint="export them to numpy")

    def summed_exponents(self, body: Expr, name: str, count: str) -> str:
        """Return a sum over an exponent 0, 1, ..., one less than `count`."""
        return f"sum({self.write(body)} for {name} in 0:{count} - 1)"

    def each(self, body: Expr, name: str, start: int, end: str, where: Sequence[Expr]) -> str:
        """Return the values at the members from the one behind `start` to `end`.

        A condition in `where` that does not hold makes 0 of whatever stands behind it, as `false * NaN` is 0.
        """
        text = self.write(body)
        text = " * ".join([*(self.write(x) for x in where), f"({text})"]) if where else text
        return f"{text} for {name} in {start + 1}:{end}"

    def called(self, function: str, argument: str) -> str:
        """Return a function applied to every entry of its argument."""
        return f"{function}.({argument})"

    def anonymous(self, body: str) -> str:
        """Return the function whose value at `letter` is `body`."""
        return f"({self.letter} -> {body})"
