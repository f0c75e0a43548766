"""The Python interface: derive, expand, strip, and the solver that documents call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .derivation import Link, Step, Working
from .expr import Expr, Symbol
from .pipeline import work
from .reading import read_question
from .verify import Check


@dataclass(frozen=True)
class Derivation:
    """One gradient with its steps; what `derive` returns."""

    working: Working
    variable: Symbol

    @property
    def gradient(self) -> Expr:
        """The gradient, of the variable's shape; str() of it is LaTeX."""
        return self.working.gradients[self.variable].value

    @property
    def arguments(self) -> dict[str, str]:
        """LaTeX of each symbol of f -> its argument name in `to_python`."""
        from .render.python import arguments

        return arguments(self.working)

    @property
    def check(self) -> Check:
        """The whole check: passed, largest relative error, points, sizes, seed."""
        checks = self.working.checks
        return Check(
            all(x.ok for x in checks),
            max(x.max_relative_error for x in checks),
            checks[-1].points,
            checks[-1].sizes,
        )

    @property
    def solution(self) -> Expr | None:
        """The stationary point, None where it was not asked for or not found."""
        zero = self.working.stationary.get(self.variable)
        return None if zero is None else zero.solution

    def to_python(self, target: str = "numpy") -> str:
        """Return the source of `def gradient(*, ...)`."""
        from .render.python import to_numpy

        return to_numpy(self.working, self.variable)


def derive(f: str, wrt: str, where: Sequence[str] = ()) -> Derivation | tuple[Derivation, ...]:
    """Return the checked derivation of the gradient of `f` by `wrt`; several variables give a tuple."""
    working = work(read_question(f, wrt, where))
    found = tuple(Derivation(working, x) for x in working.question.variables)
    return found if len(found) > 1 else found[0]
