"""How tightly the signs of a source bind, and which parentheses it needs."""

from __future__ import annotations

import re

SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4


def argument_bindings(template: str, count: int) -> list[int]:
    """Return how tightly each argument must bind: loosely where it stands alone between parentheses or commas."""
    found = []
    for k in range(count):
        places = [m.span() for m in re.finditer(re.escape(f"{{{k}}}"), template)]
        alone = all(template[a - 1 : a] in "(" and template[b : b + 1] in ")," for a, b in places if a)
        found.append(0 if alone and all(a for a, _ in places) else ATOM)
    return found


def binding_of(template: str) -> int:
    """Return how tightly the source that `template` yields binds: by the loosest sign outside its parentheses."""
    depth, loosest = 0, ATOM
    for sign in re.findall(r"\*\*|[()\[\]+*/@^]", template):
        depth += (sign in "([") - (sign in ")]")
        if depth == 0 and sign not in "()[]":
            loosest = min(loosest, {"+": SUM, "**": POWER, "^": POWER}.get(sign, PRODUCT))
    return loosest


def bare(text: str) -> str:
    """Return source without parentheses around all of it."""
    depth = 0
    for k, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and k < len(text) - 1:
            return text
    return text[1:-1] if text.startswith("(") else text
