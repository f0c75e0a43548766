r"""Functions that the author names, `L(w) = ...`, or defines in clauses, `\phi(t) = ...`.

One of a number is taken entry by entry, others are put in where they are called.

The body of `h_\theta(x) = \theta^\top x` speaks of a vector x and of the variable \theta: no function of one number has
such a derivative. So `h_\theta(x^{(i)})` is read as the body with x^{(i)} for x.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from typing import NamedTuple

from ..algebra.expressions import Expr, Symbol
from ..algebra.operators.entrywise import FunctionDefinition
from ..algebra.operators.piecewise import slopes
from ..algebra.terms import normalise
from ..calculus.gradient import gradient
from ..errors import ParseError
from ..latex.names import name_of, undressed
from ..latex.tree import Syntax
from .entries import with_other_indices
from .kinds import WHOLE, Declaration
from .places import FUNCTION_LETTERS, SCRIPTED, group_within, is_call_of
from .typing import Bundle, read

PARAMETERS = 2
"""How many parameters a function of the author's may have."""
NAMES = ("f", "F", "L", "J", r"\varphi")
"""What a function without a name is called, the first that is no letter of the author's."""
NO_NAME = "the left side is a formula, not the name of a function"
"""What is said of `Ax = b`."""
NO_FUNCTIONS_OF_NUMBERS = frozenset(("transpose", "inverse_transpose", "inner", "norm", "sum_over"))
"""The heads of trees that say nothing entry by entry."""


class Formula(NamedTuple):
    r"""A function that is put in where it is called: its letter, its arguments and its body.

    Without arguments it is K(\theta), which its letter K stands for.
    """

    letter: Syntax
    arguments: tuple[str, ...]
    body: Syntax

    @property
    def is_dependence(self) -> bool:
        """Whether it says what its letter depends on, and nothing else."""
        return not self.arguments


def name_on_the_left(whole: Syntax, variables: Iterable[Syntax], taken: Container[str]) -> str:
    r"""Return what the author calls the function in `L(w) = ...`, else f, or another letter where f is taken."""
    name = _given_name(whole.arguments[0], {x.text for x in variables}) if whole.head == "equation" else None
    return name or next((name for name in NAMES if name not in taken), NAMES[0])


def other_form(whole: Syntax, variables: Sequence[Syntax]) -> Syntax | None:
    r"""Return the left side of `\|Xw-y\|^2 = (Xw-y)^\top(Xw-y)`, another form of the function; None for a name.

    Raises:
        ParseError: a variable occurs in it alone, as in `Ax = b`.
    """
    names = {x.text for x in variables}
    if whole.head != "equation" or _given_name(whole.arguments[0], names) is not None:
        return None
    left, right = whole.arguments
    if names & letters_of(left) - letters_of(right):
        raise ParseError("E135", NO_NAME, left.span, "write one side alone")
    return left


def _given_name(left: Syntax, variables: Container[str]) -> str | None:
    r"""Return what a function is called by, L of `L(w)`, RSS of `RSS(\beta)`; "" of `-\log p(w)`; None of a formula."""
    if left.head in ("negate", "call"):
        return None if _given_name(left.arguments[-1], variables) is None else ""
    factors = left.arguments if left.head in ("product", "applied") else (left,)
    called = len(factors) > 1 and _within_scripts(factors[-1]).head in ("group", "tuple")
    names = factors[:-1] if called else factors
    if len(names) > 1 and not all(x.head == "symbol" and len(x.text) == 1 and x.text.isupper() for x in names):
        return None
    if not all(x.head in ("symbol", "mean_over") and x.text not in variables for x in map(_within_scripts, names)):
        return None
    if factors[-1].head not in ("symbol", "group", "tuple") or any(x.head != "symbol" for x in names):
        return ""
    return names[0].text if len(names) == 1 else rf"\mathrm{{{''.join(x.text for x in names)}}}"


def letters_of(tree: Syntax) -> set[str]:
    """Return the letters of a formula, the upper ends of its sums too."""
    return {x.text if x.head == "symbol" else x.upper for x in tree.walk() if x.head in ("symbol", "sum_over")}


def function_letter(left: Syntax) -> Syntax | None:
    r"""Return the letter of `\sigma(a)` on the left of a definition, None for anything else."""
    found = _called(left)
    return found[0] if found is not None and len(found[1]) == 1 else None


def _called(left: Syntax) -> tuple[Syntax, tuple[Syntax, ...]] | None:
    """Return the letter and the arguments, letters too, of what a definition has on its left side, None for others."""
    if left.head != "product" or len(left.arguments) != 2:
        return None
    letter, group = left.arguments
    named = letter.head == "symbol" and group.head in ("group", "tuple")
    return (letter, group.arguments) if named and all(x.head == "symbol" for x in group.arguments) else None


def function_of_number(argument: Syntax, body: Syntax) -> FunctionDefinition:
    """Return an entry-wise function of the author's; Greek letters besides its argument are parameters of it.

    Raises:
        ParseError: its body contains another letter besides its argument, or too many.
    """
    others = sorted(letters_of(body) - {argument.text, "e", r"\pi", ""} - FUNCTION_LETTERS)
    letters = [x for x in others if x.startswith("\\") and not name_of(x).is_capital]
    foreign = next((x for x in others if x not in letters), letters[PARAMETERS] if len(letters) > PARAMETERS else None)
    if foreign is not None:
        raise ParseError("E144", f"{foreign} is not the function's argument {argument.text}", body.span)
    typed = read(Bundle(body, (argument,)), {x: Declaration(kind="scalar") for x in (argument.text, *letters)})
    return FunctionDefinition(typed.variables[0], typed.f, _slope, tuple(typed.symbols[y] for y in letters))


def _slope(body: Expr, x: Symbol) -> Expr:
    return slopes(normalise(body), lambda y: gradient(y, x))


def dependence_of(left: Syntax, right: Syntax) -> Formula | None:
    r"""Return the formula K(\theta) for the letter of `K = K(\theta)`, which says what it depends on; else None."""
    found = _called(right)
    alone = found is not None and len(found[1]) == 1 and left.head == "symbol" and found[0].text == left.text
    return Formula(left, (), right) if alone else None


def of_values(formulas: Mapping[str, Formula], declared: Mapping[str, Declaration]) -> dict[str, Declaration]:
    """Return what is declared of these letters with the words for their values, `K: SPD`; a capital is a matrix."""
    found: dict[str, Declaration] = {}
    for letter in (x for x, formula in formulas.items() if formula.is_dependence):
        said = declared.get(letter)
        if said is None and name_of(letter).is_capital:
            said = Declaration()
        if said is not None and said.kind not in ("function", "scalar"):
            found[letter] = said._replace(kind="function", properties=said.properties | {WHOLE})
    return found


def formula_of(left: Syntax, right: Syntax, variables: Collection[str]) -> Formula | None:
    """Return what `left = right` defines if that has to be put in where it is called; None for any other definition.

    So it is with several arguments, with one of the variables in the body, by their bases, and with a body that is not
    told entry by entry.
    """
    found = _called(left)
    if found is None:
        return None
    letter, arguments = found
    names = tuple(x.text for x in arguments)
    letters = [x for x in right.walk() if x.head == "symbol"]
    of_entries = any(x.base in names and x.text not in names for x in letters)
    if of_entries or letter.text in {x.text for x in letters} or len({*names}) < len(names):
        return None
    varying = {undressed(x) for x in variables}
    varies = any(undressed(x.base) in varying and x.text not in names for x in letters)
    whole = any(x.head in NO_FUNCTIONS_OF_NUMBERS or _is_transposed(x, names) for x in right.walk())
    whole |= any(is_call_of(x, "n n -> 1 1") for x in right.walk())
    whole |= any(name_of(x.text).is_capital and x.text not in names for x in letters)
    return Formula(letter, names, right) if len(names) > 1 or varies or whole else None


def _is_transposed(node: Syntax, names: Iterable[str]) -> bool:
    """Whether this is one of the letters with a prime, which is no derivative of it."""
    return node.head == "prime" and node.arguments[0].text in names


def with_formulas(tree: Syntax, formulas: Mapping[str, Formula]) -> Syntax:
    """Return the tree with the bodies of these functions, by their letters, in the place of their calls.

    Raises:
        ParseError: a function has another number of arguments than in its definition.
    """
    tree = _depending(tree, formulas) if any(x.is_dependence for x in formulas.values()) else tree
    for _ in formulas:  # each may call those that are defined behind it
        changed = _put_in(tree, formulas)
        if changed is tree:
            break
        tree = changed
    return tree


def _depending(node: Syntax, formulas: Mapping[str, Formula]) -> Syntax:
    r"""Return the tree with K(\theta) for every K of which `K = K(\theta)` is said, and that is not called."""
    if node.head == "symbol" and node.text in formulas and formulas[node.text].is_dependence:
        return _grouped(formulas[node.text].body)
    if node.head in ("product", "applied"):
        called = [group_within(x) is not None for x in node.arguments[1:]]
        kept = [x.head == "symbol" and then for x, then in zip(node.arguments, (*called, False), strict=True)]
        parts = [x if y else _depending(x, formulas) for x, y in zip(node.arguments, kept, strict=True)]
        return node if parts == list(node.arguments) else node.but(arguments=tuple(parts))
    return node.with_each(lambda x: _depending(x, formulas))


def _put_in(node: Syntax, formulas: Mapping[str, Formula]) -> Syntax:
    node = node.with_each(lambda x: _put_in(x, formulas))
    if node.head not in ("product", "applied"):
        return node
    found: list[Syntax] = []
    for x in node.arguments:
        called = formulas.get(found[-1].text) if found and found[-1].head == "symbol" else None
        core = _within_scripts(x)
        in_parentheses = core.head in ("group", "tuple") and core.text in ("(", "[")
        if in_parentheses and called is not None and not called.is_dependence:
            found[-1] = _with_value(x, core, called_with(called, core))
        else:
            found.append(x)
    if len(found) == len(node.arguments):
        return node
    return found[0] if len(found) == 1 else node.but(head="product", arguments=tuple(found))


def _within_scripts(node: Syntax) -> Syntax:
    """Return what a power, a transpose or an entry is one of: (x) of `h(x)^2`, which is the square of h(x)."""
    while node.head in (*SCRIPTED, "superscript", "subscripted"):
        node = node.arguments[0]
    return node


def _with_value(node: Syntax, core: Syntax, value: Syntax) -> Syntax:
    """Return the node with the value of a call in the place of its parentheses."""
    return (
        value
        if node is core
        else node.with_each(lambda x: _with_value(x, core, value) if x is node.arguments[0] else x)
    )


def called_with(formula: Formula, group: Syntax) -> Syntax:
    """Return the body with what stands in the parentheses for the arguments.

    Raises:
        ParseError: there are more of them, or fewer.
    """
    given, names = group.arguments, formula.arguments
    if len(given) != len(names):
        many = f"{len(names)} argument" + "s" * (len(names) > 1)
        hint = f"write {formula.letter.text}({', '.join(names)}) as it is defined"
        raise ParseError("E131", f"{formula.letter.text} is defined with {many}", group.span, hint)
    values = {x: y if y.head in ("symbol", "number") else _grouped(y) for x, y in zip(names, given, strict=True)}

    def visit(node: Syntax) -> Syntax:
        return values.get(node.text, node) if node.head == "symbol" else node.with_each(visit)

    return _grouped(visit(with_other_indices(formula.body, given)).but(span=group.span))


def _grouped(tree: Syntax) -> Syntax:
    return tree if tree.head == "group" else Syntax("group", (tree,), tree.span, text="(")
