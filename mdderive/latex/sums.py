r"""What stands below and above a sum: its indices and their ranges."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .pieces import Reading
from .tokens import Token, written


def ranges(below: Token, above: Token | None, reading: Reading) -> list[tuple[str, str, str]]:
    """Return (index, lower limit, upper limit) for each index of a sum."""
    found: list[tuple[str, str]] = []
    for names, lower in _index_ranges(below.parts[0]):
        if not names or any(token.kind != "symbol" for token in names):
            hint = r"write \sum_{i=1}^n, \sum_i or \sum_{i,j}"
            reading.fail("E134", "this range of a sum is not supported", below.start, below.end, hint)
        found += [(token.text, lower) for token in names]
    for k in range(len(found) - 2, -1, -1):
        if not found[k][1]:
            found[k] = (found[k][0], found[k + 1][1])
    uppers = [written(part) for part in _split(above.parts[0])] if above is not None else [""]
    if len(uppers) != len(found):
        uppers = [written(above.parts[0]) if above is not None else ""] * len(found)
    return [(name, lower, upper) for (name, lower), upper in zip(found, uppers, strict=True)]


def occurs(names: frozenset[str], tokens: Sequence[Token]) -> bool:
    """Whether one of the indices occurs in `tokens`, outside the sums that bind it anew."""
    for k, token in enumerate(tokens):
        if token.kind == "sum":
            below = next((t for t in tokens[k + 1 : k + 3] if t.kind == "sub"), None)
            bound = {t.text for s, _ in _index_ranges(below.parts[0]) for t in s} if below is not None else set()
            names = names - bound
        if token.kind == "symbol" and token.text in names:
            return True
        if any(occurs(names, part) for part in token.parts):
            return True
    return False


def _split(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """Return the stretches between commas."""
    commas = [-1, *(k for k, token in enumerate(tokens) if token.is_sign(",")), len(tokens)]
    return [tokens[a + 1 : b] for a, b in pairwise(commas)]


def _index_ranges(tokens: Sequence[Token]) -> list[tuple[Sequence[Token], str]]:
    """Return the names and the lower limit, or "", of every stretch below a sum."""
    found: list[tuple[Sequence[Token], str]] = []
    for stretch in _split(tokens):
        equals = next((k for k, token in enumerate(stretch) if token.is_sign("=")), None)
        if equals is None:
            found.append((stretch, ""))
        else:
            found.append((stretch[:equals], written(stretch[equals + 1 :])))
    return found
