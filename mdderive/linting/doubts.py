r"""Why a claim that fails may not be wrong: it speaks of an example, of a point, or of a function that is not known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..latex.names import entry_indices, name_of
from ..latex.pieces import Piece
from ..latex.tree import Syntax
from ..latex.vocabulary import ABOVE, BELOW
from ..question.places import FUNCTION_LETTERS
from .components import base_of, free_indices
from .derivatives import TRANSPOSES, Derivative, solid
from .kinds import applied_in, before_groups
from .statements import Member, latex_of, statements
from .surroundings import letters_of, symbol_of, tree_of
from .worlds import World

_DECIMAL = re.compile(r"\d+\.\d{1,3}(?!\d)")
"""A number as examples have them, rounded to few digits."""
_INEQUALITIES = (*BELOW, *ABOVE, r"\ne", r"\neq")
_PERHAPS_FUNCTIONS = frozenset("ruvqz")
"""Letters that stand before a parenthesis as the names of residuals and components as often as for factors."""
_LOGISTIC = r"\sigma"
"""The function letter that says which function is meant."""


def doubt_of(member: Member, world: World, derivatives: Sequence[Derivative]) -> str:
    """Return why a claim that is none of the derivatives in a world may not be wrong; "" where it is."""
    claimed, f, where = member.latex, world.f, world.where
    defined = {x.partition(":=")[0].partition("(")[0].strip() for x in where}
    formulas = (f, *(x.partition(":=")[2] for x in where))
    if _is_of_an_example(claimed, formulas):
        return "it may be of the numbers of an example"
    declared = defined | {x.partition(":")[0].strip() for x in world.context}
    if name := min(_before_parentheses(f, world.variable) - declared, default=""):
        return f"{name} may be a function or a product"
    if _is_defined_twice(world, derivatives, letters_of(claimed)):
        return "several definitions may be meant"
    if name := min(_logistic_values(claimed) - _logistic_values(f) - declared - {world.variable}, default=""):
        return f"{name} may depend on {world.variable}"
    if world.indices is None and any(world.variable in _entries(tree_of(x)) for x in (f, claimed)):
        return "it may be meant of an entry"
    if any(_goes_on(x, world.indices or ()) for x in _nodes(claimed)):
        return "it is not said where this sum ends"
    if _turns_an_entry(solid(member.pieces)):
        return "a transposed entry may be that of the transpose"
    if r"\log" in f and (pair := next((x for x in letters_of(f) if x not in defined and _has_two_indices(x)), "")):
        return f"{pair} may be a probability of pairs, symmetric and adding up to one"
    return ""


def unsaid_in(world: World, claimed: str) -> str:
    """Return what is not said of the letters of a world, "" if nothing; no slip follows from that."""
    defined = {x.partition(":=")[0].partition("(")[0].strip() for x in world.where}
    formulas = (world.f, *(x.partition(":=")[2] for x in world.where))
    for name in sorted(_functions(formulas) - defined - {_LOGISTIC}):
        if name not in letters_of(claimed):
            return f"it is not said what {name} is"
    dressed = (x for x in letters_of(world.f) if x not in defined and _is_dressed(x, world.variable))
    return next((f"it is not said whether {x} depends on {world.variable}" for x in dressed), "")


def is_of_some_values(formula: str) -> bool:
    r"""Return whether a formula says for which values it holds: `\operatorname{relu}'(x) = 1, \quad x > 0`."""
    return any(x.spelled in _INEQUALITIES for chain in statements(formula, {}) for x in chain.members)


def _is_of_an_example(claimed: str, formulas: Sequence[str]) -> bool:
    r"""Whether decimals stand in a claim that f has not, a point of numbers, or a sum over four of the N samples."""
    if not set(_DECIMAL.findall(claimed)) <= set(_DECIMAL.findall(" ".join(formulas))):
        return True
    if "," in claimed and not letters_of(claimed):
        return True
    known, ends = _last_indices(formulas), _last_indices((claimed,))
    return any(x.isdigit() and x not in known for x in ends) and any(x and not x.isdigit() for x in known)


def _last_indices(formulas: Sequence[str]) -> set[str]:
    return {x.upper for latex in formulas for x in _nodes(latex) if x.head == "sum_over"}


def _functions(formulas: Sequence[str]) -> set[str]:
    trees = (tree for latex in formulas if (tree := tree_of(latex)) is not None)
    return {name for tree in trees for name in applied_in(tree)} & FUNCTION_LETTERS


def _before_parentheses(f: str, variable: str) -> set[str]:
    r"""Return the letters before a parenthesis with the variable that may name a function: r in `\|r(x+td)\|`."""
    named = {x for x, group in _factors(f) if any(y.text == variable for y in group.walk())}
    return {x for x in named if x in _PERHAPS_FUNCTIONS or (len(name_of(x).letter) > 1 and name_of(x).letter.isalpha())}


def _logistic_values(latex: str) -> set[str]:
    r"""Return the letters of which a formula has `y(1-y)`, as the derivative of the logistic function is written."""
    return {x for x, group in _factors(latex) if str(group) == f"(group (add 1 (negate {x})))"}


def _factors(latex: str) -> list[tuple[str, Syntax]]:
    """Return the letters that stand before a parenthesis, each with that."""
    tree = tree_of(latex)
    pairs = before_groups(tree) if tree is not None else ()
    return [(x.text, group) for x, group in pairs if x.head == "symbol" and group.head == "group"]


def _is_defined_twice(world: World, derivatives: Sequence[Derivative], claimed: Sequence[str]) -> bool:
    """Whether what is differentiated stands in the claim too, and there as the page defines another member of it."""
    names = {base_of(name) for x in derivatives if (name := symbol_of(x.f)) in claimed and name != symbol_of(world.f)}
    pairs = (x.partition(":=") for x in world.where)
    bodies = [body for x, sign, body in pairs if sign and base_of(x.strip()) in names]
    return any({*map(base_of, letters_of(x))} != {*map(base_of, letters_of(world.f))} for x in bodies)


def _entries(node: Syntax | None, bound: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield z for every `z_i` of a formula whose index no sum around it binds."""
    if node is None:
        return
    if node.head == "symbol" and set(free_indices(node.text)) - bound:
        yield node.base
    for x in node.arguments:
        yield from _entries(x, bound | {node.text} if node.head == "sum_over" else bound)


def _goes_on(node: Syntax, free: Sequence[str]) -> bool:
    r"""Whether a sum over a letter that is a free index of the claim too has several terms: `\sum_ja_j - b_j`."""
    return node.head == "sum_over" and node.text in free and node.arguments[0].head == "add"


def _turns_an_entry(pieces: Sequence[Piece]) -> bool:
    r"""Whether `W_{lj}^\top` or `W^\top_{lj}` stands in a claim: a number transposed, or the entry of the transpose."""
    for one, first, other, second in zip(pieces, pieces[1:], pieces[2:], pieces[3:], strict=False):
        scripts = {x.text: y for x, y in ((one, first), (other, second)) if x.is_character("_^")}
        raised = latex_of(scripts["^"].items or (scripts["^"],)).strip() if len(scripts) == 2 else ""
        if raised in TRANSPOSES and len(entry_indices(latex_of(scripts["_"].items))) == 2:
            return True
    return any(_turns_an_entry(solid(x.items)) for x in pieces if x.items)


def _is_dressed(letter: str, variable: str) -> bool:
    r"""Whether a letter is the variable in another dress, as `\hat\theta` for `\theta` without its first entry."""
    return letter != variable == str(name_of(letter)._replace(dress=()))


def _has_two_indices(letter: str) -> bool:
    return len(name_of(letter).index_letters) == 2


def _nodes(latex: str) -> Sequence[Syntax]:
    tree = tree_of(latex)
    return () if tree is None else tree.walk()
