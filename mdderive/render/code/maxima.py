"""What is asked for as source in Maxima: at sizes that are numbers, with matrices of numbers and of unknowns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from ...algebra.expressions import Apply, Expr
from ...errors import UnsupportedError
from ...solution.derivation import Working
from .python import ExpressionWriter


class MaximaWriter(ExpressionWriter):
    """Writes expressions; `sizes` says how large each dimension is. A matrix of one entry is a number there."""

    language = "maxima"
    times = "."
    like_numpy = False

    def __init__(self, working: Working, given: Mapping[str, str], sizes: Mapping[str, int]) -> None:
        self.sizes = sizes
        super().__init__(working, given)

    def _size(self, name: str) -> str:
        return str(self.sizes[name]) if name in self.sizes else super()._size(name)

    def _over(self, node: Apply) -> NoReturn:
        raise UnsupportedError("E320", "a sum over an index cannot be written in Maxima here")


def maxima_source(working: Working, value: Expr, given: Mapping[str, str], sizes: Mapping[str, int]) -> str:
    """Return the source of `value`, whose letters are called as in `given`.

    Raises:
        UnsupportedError: it cannot be written in Maxima.
    """
    return MaximaWriter(working, given, sizes).write(value)
