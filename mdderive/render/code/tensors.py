"""Source in jax and in torch."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...algebra.expressions import Apply, Code, Expr, Number, Symbol
from .python import Writer


class JaxWriter(Writer):
    """Writes expressions as source in jax; a result of one entry stays an array, so that jit and grad go through."""

    language, module = "jax", "jnp"
    header = ("import jax", "import jax.numpy as jnp")

    def number(self, text: str) -> str:
        """Return the array of one entry without its two axes."""
        return f"jnp.squeeze({text})"


class TorchWriter(Writer):
    """Writes expressions as source in torch; `like` says of which type and where new tensors are to be."""

    language, module = "torch", "torch"
    header = ("import torch",)

    def number(self, text: str) -> str:
        """Return the array of one entry without its two axes."""
        return f"torch.squeeze({text})"

    def prelude(self, lines: Sequence[str]) -> list[str]:
        """Return the scalars as tensors, and what `like` is where it is used."""
        known = self.working.question.symbols
        symbols = {name: known[latex] for latex, name in self.given.items() if latex in known}
        array = next((name for name, x in symbols.items() if _has_numbers(x)), None)
        numbers = [x for x in symbols if symbols[x].is_scalar and not symbols[x].index]
        tensors = [f"{x} = torch.as_tensor({x}, **like)" for x in numbers if "integer" not in symbols[x].properties]
        like = '{"dtype": torch.float64}' if array is None else f'{{"dtype": {array}.dtype, "device": {array}.device}}'
        used = any(re.search(r"\blike\b", x) for x in (*tensors, *lines))
        return [f"like = {like}", *tensors] if used else []

    def argument(self, x: Expr, binding: int, code: Code) -> str:
        """Return the source of an argument; what is a plain number is made a tensor for a function of torch."""
        if "torch." in code.template and not self.makes_tensor(x):
            return f"torch.tensor({self.write(x)}, **like)"
        return self.write(x, binding)

    def makes_tensor(self, x: Expr) -> bool:
        """Whether the source of `x` is a tensor."""
        if isinstance(x, Number) or (isinstance(x, Apply) and not x.arguments and x.is_scalar):
            return False
        if isinstance(x, Symbol):
            return x in self.names and "integer" not in x.properties
        return any(self.makes_tensor(y) for y in x.arguments) if isinstance(x, Apply) and x.arguments else True


def _has_numbers(x: Symbol) -> bool:
    """Whether an array of numbers holds the letter: no number by itself, and no set of indices."""
    return (not x.is_scalar or bool(x.index)) and "index set" not in x.properties
