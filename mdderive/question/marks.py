r"""Letters that a mark makes others: `x'` beside x, a minimum `x^\star`, `W^Q`, `W^{hx}`, the `g^{ij}` of a metric.

A mark is told from a power, a transpose and a pseudo-inverse by what stands around it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet

from ..latex.names import entry_indices, in_braces, is_hermitian_sign, name_of
from ..latex.tree import Syntax

_WHOLE_NUMBERS = frozenset("ijklmnprst")
"""The letters of whole numbers, in which powers are counted."""
_MARKS = frozenset("cfghoquvwxyz")
"""The letters that are no number of anything, so that above a matrix they mark it."""


def other_letters(tree: Syntax) -> frozenset[str]:
    r"""Return the small letters with a prime that stand in a sum with the letter itself: x' of `x-x'`, no transpose."""
    return frozenset(f"{x.arguments[0]}'" for x in _beside_themselves(tree, "prime"))


def primed_terms(tree: Syntax) -> frozenset[str]:
    r"""Return the small letters with a prime that are terms of a sum: names where no transpose fits, `p_i'-Rp_i-t`."""
    terms = [x for total in tree.walk() if total.head == "add" for x in total.terms]
    letters = [x.arguments[0] for x in terms if x.head == "prime" and x.arguments[0].head == "symbol"]
    return frozenset(f"{x}'" for x in letters if not name_of(x.text).is_capital)


def marked_letters(tree: Syntax, variables: Collection[str]) -> frozenset[tuple[str, str]]:
    r"""Return (letter, mark) of `x^*`, `x^\star` in a sum with x itself: letters of their own, such as a minimum.

    So is `x^b` of `(x-x^b)^\top`, `\|x-x^b\|`: what is transposed, or has a norm, is no number raised to b.
    """
    marks = {(x.arguments[0].text, x.text) for x in _beside_themselves(tree, "superscript")}
    marks |= {(x.arguments[0].text, x.text) for x in _surely_names(tree, variables)} | _lone_marks(tree, variables)
    for whole in (x for x in tree.walk() if x.head in ("transpose", "norm", "inner")):
        raised = [y for x in whole.arguments for y in _beside_themselves(x, "power")]
        marks |= {(x.arguments[0].text, x.arguments[1].text) for x in raised if x.arguments[1].head == "symbol"}
    return frozenset(marks)


def declared_marks(names: Collection[str]) -> Iterator[tuple[str, str]]:
    r"""Yield (letter, mark) of declared letters such as `P^-`, `A^\star`."""
    for base, _, mark in (x.rpartition("^") for x in names):
        if base and mark.strip("{}") in ("-", "+", "*", r"\star", r"\ast"):
            yield base, mark.strip("{}")


def _lone_marks(tree: Syntax, variables: Collection[str]) -> set[tuple[str, str]]:
    r"""Return (letter, mark) of `W^fx+b^f`, `XW^qW^{k\top}`: f is no number of anything, and stands nowhere else."""
    raised = [x.arguments for x in tree.walk() if x.head == "power" and x.arguments[0].head == "symbol"]
    pairs = [(x, mark) for x, mark in raised if mark.head == "symbol" and len(mark.text) == 1 and mark.text.islower()]
    capitals = [(x.text, mark.text) for x, mark in pairs if name_of(x.text).is_capital and x.text not in variables]
    runs = [x for x in tree.walk() if _letters_above(x) and name_of(x.arguments[0].text).is_capital]
    if not runs and not any(mark in _MARKS for _, mark in capitals):
        return set()
    above = {id(mark) for _, mark in pairs} | {id(y) for x in runs for y in x.arguments[1].arguments}
    numbers = {x.text for x in tree.walk() if x.head == "symbol" and id(x) not in above}
    numbers |= {y for x in tree.walk() if x.head == "sum_over" for y in (x.text, x.upper)}
    letters = {x for x, mark in capitals if mark in _MARKS - numbers}
    marks = {mark for x, mark in capitals if x in letters} | {y for x in runs for y in _letters_above(x)} & _MARKS
    marks -= numbers
    return {(x.text, mark.text) for x, mark in pairs if mark.text in marks}


def _surely_names(tree: Syntax, variables: Collection[str]) -> Iterator[Syntax]:
    r"""Yield `P_k^-`, `x^\star` and, of no variable, without a factor behind and where x never stands alone, `x^+`."""
    marked = [x for x in tree.walk() if x.head == "superscript" and x.arguments[0].head == "symbol"]
    own = {id(x.arguments[0]) for x in marked}
    plain = {x.text for x in tree.walk() if x.head == "symbol" and id(x) not in own} if marked else set()
    followed = {id(y) for x in tree.walk() if x.head == "product" for y in x.arguments[:-1]} if marked else set()
    for x in marked:
        name = name_of(x.arguments[0].text)
        alone = id(x) not in followed and x.arguments[0].text not in plain and name.letter not in variables
        small = alone and not name.is_capital
        if (
            x.text == r"\star"
            or (x.text == "-" and (name.scripts or not name.is_capital))
            or (x.text in "+*" and small)
        ):
            yield x


def with_marked_names(tree: Syntax, marked: Collection[tuple[str, str]]) -> Syntax:
    """Return the tree in which the letters with these marks are letters of their own."""
    if not marked:
        return tree
    mark = tree.arguments[-1].text if tree.head == "power" else tree.text
    if tree.head in ("superscript", "power") and (tree.arguments[0].text, mark) in marked:
        text = f"{tree.arguments[0].text}^{in_braces(mark)}"
        return tree.but(head="symbol", arguments=(), text=text, base=text)
    return tree.with_each(lambda x: with_marked_names(x, marked))


def _beside_themselves(tree: Syntax, head: str) -> Iterator[Syntax]:
    """Yield the small letters with a prime or another mark that are terms of a sum of which the letter is one too."""
    for total in (x for x in tree.walk() if x.head == "add"):
        letters = {x.text for x in total.terms if x.head == "symbol" and not name_of(x.text).is_capital}
        yield from (x for x in total.terms if x.head == head and x.arguments[0].text in letters)


def with_primed_names(tree: Syntax, names: frozenset[str]) -> Syntax:
    """Return the tree in which `x'` is a letter of its own, as the author has declared it."""
    if not names:
        return tree
    text = f"{tree.arguments[0]}'" if tree.head == "prime" and tree.arguments[0].head == "symbol" else ""
    if text in names:
        return tree.but(head="symbol", arguments=(), text=text, base=text)
    return tree.with_each(lambda x: with_primed_names(x, names))


def with_names(tree: Syntax, names: Collection[str]) -> Syntax:
    r"""Return the tree in which what is written as one of the names is that letter, `W^Q` and no power of W."""
    if tree.head == "power" and tree.arguments[0].head == "symbol":
        above = tree.arguments[1]
        script = "".join(x.text for x in (above.arguments if above.head == "product" else (above,)))
        if (text := f"{tree.arguments[0].text}^{in_braces(script)}") in names:
            return tree.but(head="symbol", arguments=(), text=text, base=text)
    return tree.with_each(lambda x: with_names(x, names))


def with_named_superscripts(tree: Syntax, numbers: Collection[str]) -> Syntax:
    r"""Return the tree in which `W^Q`, `W^{hx}` and the `g^{ij}` of a metric are letters.

    A capital on a capital is no exponent unless it is a number; such are the `numbers` and the ends of sums. Nor are
    two letters unless both are, and two indices are those of an entry.
    """
    if not any(x.head == "power" for x in tree.walk()):
        return tree
    families = {x.base for x in tree.walk() if x.head == "symbol" and entry_indices(x.subscript)}
    tree = _with_named_marks(tree, families) if families else tree
    raised = [x for x in tree.walk() if _has_capital_script(x) or _letters_above(x)]
    if not raised:
        return tree
    above = {id(y) for x in raised for y in x.arguments[1].walk()}
    nodes = [x for x in tree.walk() if id(x) not in above]
    ends = {x.upper for x in nodes if x.head == "sum_over"}
    indices = {x.text for x in nodes if x.head == "sum_over"}
    indices |= {y for x in nodes if x.head == "symbol" for y in entry_indices(x.subscript)}
    return _with_named_superscripts(tree, ends.union(numbers), indices)


def _with_named_marks(tree: Syntax, families: AbstractSet[str]) -> Syntax:
    r"""Return the tree in which `I_{ui}^R` beside `R_{ui}` is a letter: what R marks is no power, as R is no number."""
    if tree.head == "power" and tree.arguments[0].head == tree.arguments[1].head == "symbol":
        base, mark = tree.arguments
        if entry_indices(base.subscript) and not base.index and mark.text in families - {"T", "H", base.base}:
            above = f"^{in_braces(mark.text)}"
            return tree.but(head="symbol", arguments=(), text=base.text + above, base=base.base + above,
                            subscript=base.subscript)  # fmt: skip
    return tree.with_each(lambda x: _with_named_marks(x, families))


def _has_capital_script(node: Syntax) -> bool:
    """Whether this is a capital raised to another, neither with scripts of its own; `X^T` and `X^H` are transposes."""
    if node.head != "power" or not node.arguments[0].head == node.arguments[1].head == "symbol":
        return False
    names = [name_of(x.text) for x in node.arguments]
    return (
        all(x.is_capital and not x.scripts for x in names)
        and node.arguments[1].text != "T"
        and not is_hermitian_sign(node.arguments[1].text)
    )


def _letters_above(node: Syntax) -> tuple[str, ...]:
    r"""Return the two letters or more that run together above a letter, h and x of `W^{hx}`; none of Greek ones."""
    if node.head != "power" or node.arguments[0].head != "symbol" or node.arguments[1].head != "product":
        return ()
    base, run = node.arguments[0], [x.text for x in node.arguments[1].arguments]
    letters = all(len(x) == 1 and x.isalpha() for x in run)
    return tuple(run) if letters and base.text != "e" and not base.index else ()


def _with_named_superscripts(tree: Syntax, numbers: Collection[str], indices: Collection[str]) -> Syntax:
    base, above = (*tree.arguments, tree)[:2] if tree.head == "power" else (tree, tree)
    if _has_capital_script(tree) and above.text not in numbers:
        return tree.but(head="symbol", arguments=(), text=f"{base.text}^{in_braces(above.text)}", base=base.text)
    run = _letters_above(tree)
    if run and not {*run} & {*numbers}:
        text = f"{base.text}^{in_braces(''.join(run))}"
        if all(x in indices for x in run):
            return tree.but(head="symbol", arguments=(), text=text, base=base.base, index="".join(run))
        if name_of(base.text).is_capital and (not _WHOLE_NUMBERS.issuperset(run) or {*"ijkl"}.issuperset(run)):
            return tree.but(head="symbol", arguments=(), text=text, base=text)
    return tree.with_each(lambda x: _with_named_superscripts(x, numbers, indices))
