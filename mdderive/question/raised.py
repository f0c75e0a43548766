r"""Letters that are a power, an inverse or a transpose of another: `\sigma^2`, `\Sigma^{-1}`, `X^\top` as variables.

The normal likelihood is differentiated by `\sigma^2`, not by \sigma. Such a letter is one of its own, and where the
formulas have the other one, it is written with it: `\sigma^4` is its square, \sigma its root, \Sigma its inverse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

from ..errors import ParseError
from ..latex.names import in_braces, name_of
from ..latex.tree import Syntax
from .kinds import Declaration

INVERSE, TRANSPOSE = "-1", r"\top"


class Raised(NamedTuple):
    r"""A letter by its `base` and what stands above it: a number, -1 or `\top`."""

    base: str
    script: str

    @property
    def text(self) -> str:
        """The LaTeX of the letter."""
        return f"{self.base}^{in_braces(self.script)}" if self.script != TRANSPOSE else rf"{self.base}^\top"


def raised_of(tree: Syntax) -> Raised | None:
    r"""Return the letter that a tree is as a whole, `\sigma^2`, `\Sigma^{-1}` or `X^\top`; None if it is none."""
    if not tree.arguments or tree.arguments[0].head != "symbol":
        return None
    base = tree.arguments[0].text
    if tree.head in ("transpose", "prime"):
        return Raised(base, TRANSPOSE)
    value = tree.arguments[1].value if tree.head == "power" else None
    if value == -1:
        return Raised(base, INVERSE)
    whole = value is not None and value.denominator == 1 and value > 1
    return Raised(base, str(value)) if whole and not name_of(base).is_capital else None


def raised_in(letters: Iterable[str]) -> list[Raised]:
    """Return those of the letters that are named so."""
    found = []
    for latex in letters:
        base, above, script = latex.rpartition("^")
        script = script.strip("{}")
        if above and (script in (INVERSE, TRANSPOSE) or script.isdigit()):
            found.append(Raised(base, script))
    return found


def letter_of(raised: Raised, tree: Syntax) -> Syntax:
    """Return the letter at the place of a tree; an index of its base is its own."""
    base = next((x for x in tree.walk() if x.head == "symbol" and x.text == raised.base), tree)
    return Syntax("symbol", (), tree.span, raised.text, base=f"{base.base}^{in_braces(raised.script)}",
                  subscript=base.subscript)  # fmt: skip


def with_raised(tree: Syntax, letters: Iterable[Raised]) -> Syntax:
    """Return the tree written with these letters in the place of their bases.

    Raises:
        ParseError: the base of one has an exponent that is no multiple of that of the letter.
    """
    for raised in letters:
        tree = _visited(tree, raised)
    return tree


def _visited(node: Syntax, raised: Raised) -> Syntax:
    inner = node.arguments[0] if node.arguments else None
    if inner is not None and inner.head == "symbol" and inner.text == raised.base:
        found = _scripted(node, raised)
        if found is not None:
            return found
    if node.head == "symbol" and node.text == raised.base:
        return _base(node, raised)
    return node.with_each(lambda x: _visited(x, raised))


def _scripted(node: Syntax, raised: Raised) -> Syntax | None:
    """Return what a script makes of the base, written with the letter; None for a script that stays with the base."""
    letter = letter_of(raised, node)
    value = node.arguments[1].value if node.head == "power" else None
    if raised.script == TRANSPOSE:
        if node.head in ("transpose", "prime"):
            return letter
        if value == -1:
            return Syntax("inverse_transpose", (letter,), node.span)
        return _power(letter, -1, node) if node.head == "inverse_transpose" else None
    if raised.script == INVERSE:
        if node.head == "inverse_transpose":
            return Syntax("transpose", (letter,), node.span)
        return None if value is None else letter if value == -1 else _power(letter, -value, node)
    if node.head in ("transpose", "prime"):
        hint = f"differentiate with respect to {raised.base}"
        raise ParseError("E140", f"{raised.base} is transposed here, and so is no number", node.span, hint)
    if value is None:
        return None
    share = value / int(raised.script)
    if share.denominator != 1:
        message = f"{raised.base} has an exponent here that is no multiple of {raised.script}"
        raise ParseError("E140", message, node.span, f"differentiate with respect to {raised.base}")
    return letter if share == 1 else _power(letter, share, node)


def _base(node: Syntax, raised: Raised) -> Syntax:
    """Return the base itself, written with the letter."""
    letter = letter_of(raised, node)
    if raised.script == TRANSPOSE:
        return Syntax("transpose", (letter,), node.span)
    if raised.script == INVERSE:
        return _power(letter, -1, node)
    if raised.script == "2":
        return Syntax("sqrt", (letter,), node.span)
    hint = f"differentiate with respect to {raised.base}"
    raise ParseError("E140", f"{raised.base} stands here without its exponent", node.span, hint)


def _power(letter: Syntax, value: Fraction | int, node: Syntax) -> Syntax:
    exponent = Syntax("number", (), node.span, text=str(value), value=Fraction(value))
    return Syntax("power", (letter, exponent), node.span)


def with_raised_declarations(declared: Mapping[str, Declaration], letters: Iterable[Raised]) -> dict[str, Declaration]:
    """Return the declarations, those of the bases said of the letters; a square is positive."""
    found = dict(declared)
    for raised in letters:
        said = found.pop(raised.base, Declaration())
        if raised.script == TRANSPOSE:
            kind = {"row": "column", "column": "row"}.get(said.kind or "", said.kind)
            if said == Declaration() and not name_of(raised.base).is_capital:
                kind = "row"
            said = said._replace(rows=said.columns, columns=said.rows, kind=kind)
        elif raised.script != INVERSE:
            said = said._replace(kind="scalar", properties=said.properties | {"positive"})
        if said != Declaration():
            found.setdefault(raised.text, said)
    return found
