r"""Further readings of a claim: letters as other kinds than usual, functions that nobody defines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise, product

from ..errors import DeriveError
from ..latex.names import name_of
from ..latex.tree import Syntax
from ..question.kinds import surely_vectors
from ..question.places import FUNCTION_LETTERS
from .components import base_of, free_indices
from .judgement import column_letters, question_of, swapped
from .surroundings import letters_of, replaced, symbol_of, tree_of
from .worlds import World

_OF_MATRICES = frozenset(("transpose", "inverse_transpose", "norm", "inner", "hadamard", "kronecker", "bars"))
"""What is written of vectors and matrices alone, or may be."""
NUMBERS = frozenset("NMKTCDLPJB")
"""Capitals that may be numbers: of samples, classes, steps; a cost."""
MOST_LETTERS = 6
"""Of how many letters other kinds are tried."""
MOST_KINDS = 20
"""How many further readings of the letters are tried."""
USUAL_FUNCTIONS = (r"\frac{1}{1+e^{-t}}", r"\tanh(t)", r"\max(0,t)")
"""What a function that nobody defines is in practice: the logistic function, tanh, the positive part."""
_NORM = re.compile(r"\\\||\\[lr]?Vert(?![A-Za-z])")


class UnknownError(Exception):
    """The claim cannot be judged; the message says why."""


def with_functions(world: World, claimed: str) -> Iterator[World]:
    """Yield the world, before it the one in which what the claim differentiates with a prime is a function there.

    Raises:
        UnknownError: the claim applies a function of which nothing is said.
    """
    trees = [x for x in (tree_of(world.f), *(tree_of(x.partition(":=")[2]) for x in world.where)) if x is not None]
    tree = tree_of(claimed)
    defined = {symbol_of(x.partition("(")[0]) for x in world.where}
    known = {x.text for y in trees for x in y.walk() if x.head == "symbol"} | defined | {r"\sigma"}
    asked = set(_called(tree)) if tree is not None else set()
    bare = {x for y in (*trees, tree) if y is not None for x in _outside_groups(y)}
    of_letters = set(_primed(trees[0], of_letters=True)) if trees else set()
    asked |= of_letters - bare - primed_in(claimed) - defined
    if unknown := sorted(asked - known) or sorted(asked & of_letters):
        raise UnknownError(f"{unknown[0]} is not defined here")
    if trees and _may_be_complex(trees[0]):
        raise UnknownError("i may be the imaginary unit")
    functions = sorted(primed_in(claimed) & {x for y in trees for x in applied_in(y)} - defined)
    if functions:
        yield replace(world, context=(*world.context, *(f"{x}: function" for x in functions)))
    if members := tuple(_members_of_functions(world, claimed)):
        yield replace(world, where=(*world.where, *members), reliable=False)
        return
    yield world


def _may_be_complex(tree: Syntax) -> bool:
    """Whether i or j stands in an exponent, where it may be the imaginary unit."""
    exponents = [x.arguments[1] for x in tree.walk() if x.head == "power"]
    exponents += [y for x in tree.walk() if x.head == "call" and x.text == "exponential" for y in x.arguments]
    factors = [y for x in exponents for y in x.walk() if y.head == "product"]
    return any(y.text in ("i", "j") for x in factors for y in x.arguments if y.head == "symbol")


def primed_in(claimed: str) -> frozenset[str]:
    """Return the letters that stand in a claim with a prime before a parenthesis."""
    tree = tree_of(claimed)
    return frozenset(_primed(tree)) if tree is not None else frozenset()


def _primed(tree: Syntax, *, of_letters: bool = False) -> Iterator[str]:
    """Yield the letters that stand with a prime before a parenthesis; with `of_letters` before one letter in it."""
    for one, other in before_groups(tree):
        argument = other.arguments[0].head if other.head == "group" else ""
        applied = argument == "symbol" if of_letters else bool(argument)
        if one.head == "prime" and one.arguments[0].head == "symbol" and applied:
            yield one.arguments[0].text


def applied_in(tree: Syntax) -> Iterator[str]:
    """Yield the letters of a formula that stand before a parenthesis."""
    for one, other in before_groups(tree):
        if one.head == "symbol" and other.head in ("group", "tuple"):
            yield one.text


def before_groups(tree: Syntax) -> Iterator[tuple[Syntax, Syntax]]:
    """Yield the neighbours in the products of a formula; of some the second is a parenthesis."""
    for node in tree.walk():
        if node.head in ("product", "applied"):
            yield from pairwise(node.arguments)


def without_own_arguments(world: World, claimed: str) -> World:
    r"""Return the reading with `h` for `h(x)` where h is defined by the entries of x, or of several letters.

    So it is where h is taken at x alone.
    """
    for k, clause in enumerate(world.where):
        left, _, body = clause.partition(" := ")
        name, _, argument = left.removesuffix(")").rpartition("(")
        stems = {str(name_of(x).without_subscript) for x in letters_of(body) if name_of(x).subscript}
        if not name or ("," not in argument and argument not in stems):
            continue
        others = [x.partition(" := ")[2] for x in world.where if x != clause]
        calls = {x for latex in (world.f, claimed, *others) for x in _calls(name, argument, latex)}
        if calls and None not in calls:
            pairs = tuple((x, name) for x in sorted(map(str, calls)))
            where = (*world.where[:k], f"{name} := {body}", *world.where[k + 1 :])
            where = tuple(x if x == clause else swapped(x, pairs) for x in where)
            return replace(world, f=swapped(world.f, pairs), where=where, swaps=(*world.swaps, *pairs))
    return world


def _calls(name: str, argument: str, latex: str) -> Iterator[str | None]:
    """Yield how a function is called at its own argument in a formula, None where it stands there in another way."""
    tree = tree_of(latex)
    if tree is None:
        return
    called = 0
    for one, other in before_groups(tree):
        given = ", ".join(x.text for x in other.arguments) if other.head in ("group", "tuple") else ""
        if one.text == name and given == argument:
            called += 1
            yield latex[one.span.start : other.span.end]
    if called < sum(x.text == name for x in tree.walk() if x.head == "symbol"):
        yield None


def has_value_of(letter: str, latex: str) -> bool:
    r"""Return whether a letter stands before one in parentheses, as its value at that: `d(t^e)`, not `d(1-d)`."""
    tree = tree_of(latex)
    pairs = before_groups(tree) if tree is not None and letter else ()
    return any(
        one.text == letter and other.head == "group" and other.arguments[0].head in ("symbol", "power", "conjugate")
        for one, other in pairs
    )


def is_softmax_of_entry(latex: str, bodies: Mapping[str, str]) -> bool:
    r"""Return whether a formula has `\operatorname{softmax}(z_i)`, by which an author may mean the entry i.

    Not so of a matrix times a member, `\operatorname{softmax}(Wx_i)`, or of a name for that.
    """
    tree = tree_of(latex.partition(":=")[2] or latex) if "softmax" in latex else None
    calls = [x for x in tree.walk() if "softmax" in f"{x.head} {x.text}"] if tree is not None else []
    return any(_has_entry(x, bodies) for x in calls)


def _has_entry(node: Syntax, bodies: Mapping[str, str]) -> bool:
    """Whether a letter with an index stands in a formula, but in a product with a matrix before it."""
    body = tree_of(bodies.get(node.text, ""))
    if body is not None and node.text not in letters_of(bodies[node.text]):
        return _has_entry(body, bodies)
    if node.head == "product":
        first = node.arguments[0]
        letter = (first.arguments[0] if first.head == "transpose" else first).text
        if letter and name_of(letter).is_capital and not free_indices(letter):
            return False
    return bool(node.head == "symbol" and free_indices(node.text)) or any(_has_entry(x, bodies) for x in node.arguments)


def other_kinds(world: World, claimed: str, capitals: bool) -> Iterator[World]:
    """Yield the world with letters read as a number or a vector where the usual reading may be wrong.

    A capital is read as a vector only with `capitals`, where the usual reading does not fit.
    """
    trees = [x for x in (tree_of(world.f), tree_of(claimed)) if x is not None]
    vectors = surely_vectors(trees)
    if named := _named_with_argument(world, trees):
        yield replace(world, f=swapped(world.f, named), swaps=(*world.swaps, *named))
        return
    if columns := _capital_columns(world):
        yield replace(world, context=(*world.context, *(f"{x}: vector" for x in columns)))
    yield from _with_spread_columns(world)
    if between := _between_vectors(trees):
        yield replace(world, context=(*world.context, *(f"{x}: matrix" for x in between)))
    declared = {x.split(":")[0].strip() for x in (*world.context, *world.where)}
    known = declared | {y for x in trees for y in _called(x)}
    letters = [x for x in dict.fromkeys((*letters_of(world.f), *letters_of(claimed))) if x not in known]
    letters = [x for x in letters if not x.startswith((r"\Delta_", r"\delta_", "I"))]
    letters = [x for x in letters if capitals or not name_of(x).is_capital][:MOST_LETTERS]
    choices = [
        ("", "vector", *(("scalar",) * (name_of(x).letter in NUMBERS)))
        if name_of(x).is_capital
        else ("vector", *(("scalar",) * (x not in vectors)))
        for x in letters
    ]
    few = sorted(product(*choices), key=lambda kinds: sum(map(_is_odd, letters, kinds)))
    before = {y for x in trees for y in applied_in(x) if name_of(y).is_capital} - declared
    if before:
        yield replace(world, context=(*world.context, *(f"{x}: matrix" for x in sorted(before))))
    numbers = [x for x in letters_of(world.f) if name_of(x).is_capital and x not in declared]
    unknown = any(x.endswith(": function") for x in world.context)
    if numbers and unknown and not any(x.head in _OF_MATRICES for tree in trees for x in tree.walk()):
        yield replace(world, context=(*world.context, *(f"{x}: scalar" for x in numbers)))
    if squares := _with_entrywise_powers(claimed):
        yield replace(world, swaps=(*world.swaps, *squares))
    may_be = numbers and all(x not in vectors and name_of(x).letter in NUMBERS for x in numbers)
    if may_be and (len(few) > MOST_KINDS or len(numbers) > MOST_LETTERS):  # a likelihood, the energy of a robot
        yield replace(world, context=(*world.context, *(f"{x}: scalar" for x in numbers)))
    for kinds in few[:MOST_KINDS]:
        clauses = tuple(f"{name}: {kind}" for name, kind in zip(letters, kinds, strict=True) if kind)
        yield replace(world, context=(*world.context, *clauses))
    if _NORM.search(world.f):  # in a table \\| stands for |
        yield replace(world, f=_NORM.sub("|", world.f))
    if "softmax" in world.f:
        for axis in ("columns", "rows"):
            yield replace(world, context=(*world.context, f"softmax: {axis}"))


def _capital_columns(world: World) -> list[str]:
    r"""Return the capitals that are columns in f alone, as Y of `\|Y-X\beta\|^2`, of which claims have `X'Y`."""
    capitals = [x for x in letters_of(world.f) if name_of(x).is_capital]
    try:
        question = question_of(world) if len(capitals) > 1 and _NORM.search(world.f) else None
    except DeriveError:
        question = None
    if question is None:
        return []
    declared = {x.split(":")[0].strip() for x in world.context}
    found = [x.latex for x in column_letters(question) if name_of(x.latex).is_capital]
    return [x for x in found if x not in declared] if question.f.is_scalar else []


def with_commutation(world: World, claimed: str) -> Iterator[World]:
    r"""Yield the world, and behind it those in which the K of `(I \otimes A)K` is the commutation matrix."""
    yield world
    tree = tree_of(claimed)
    declared = {x.split(":")[0].strip() for x in (*world.context, *world.where)}
    unknown = "K" in {*letters_of(claimed)} - {*letters_of(world.f), *declared, world.variable}
    if tree is None or not unknown or all(x.head != "kronecker" for x in tree.walk()):
        return
    said = (x.partition(": ")[2].split(" x ") for x in world.context if x.startswith(f"{world.variable}: "))
    m, n = next((x for x in said if len(x) == 2), ["m", "n"])
    for sizes in dict.fromkeys((f"{m}{n}", f"{n}{m}")):
        if name_of(f"K_{{{sizes}}}").commutation:
            yield replace(world, swaps=(*world.swaps, ("K", f"K_{{{sizes}}}")))


def _between_vectors(trees: Iterable[Syntax]) -> dict[str, None]:
    """Return the lower-case letters that stand between a vector and itself, p of `x^Tpx`."""
    found: dict[str, None] = {}
    for node in (x for tree in trees for x in tree.walk() if x.head == "product"):
        for row, letter, column in zip(node.arguments, node.arguments[1:], node.arguments[2:], strict=False):
            same = row.head == "transpose" and str(row.arguments[0]) == str(column)
            if same and letter.head == "symbol" and not name_of(letter.text).is_capital:
                found[letter.text] = None
    return found


def _with_spread_columns(world: World) -> Iterator[World]:
    r"""Yield the world with the b of a layer `XW + b` added to every row, and to every column, as programs do."""
    for k, clause in enumerate(world.where):
        name, sign, body = clause.partition(" := ")
        tree = tree_of(body) if sign and name_of(name).is_capital else None
        if tree is None or tree.head != "add":
            continue
        letters = [x.text for x in tree.arguments if x.head == "symbol" and not name_of(x.text).is_capital]
        for b in letters if len(letters) == 1 and len(tree.arguments) == 2 else ():
            for spread in (rf"\mathbf{{1}} {b}^\top", rf"{b} \mathbf{{1}}^\top"):
                where = (*world.where[:k], f"{name} := {replaced(body, tree, {b: spread})}", *world.where[k + 1 :])
                context = tuple(x for x in world.context if not x.startswith(f"{b}:"))
                yield replace(world, where=where, context=(*context, f"{b}: vector"), reliable=False)


def _named_with_argument(world: World, trees: list[Syntax]) -> tuple[tuple[str, str], ...]:
    """Return `M(q)` with `M`, where M stands before this parenthesis alone and q is not by what is differentiated."""
    if len(trees) < 2:
        return ()
    found: dict[str, str] = {}
    for tree in trees:
        for one, other in before_groups(tree):
            argument = other.arguments[0].text if other.head == "group" else ""
            if one.head == "symbol" and name_of(one.text).is_capital and argument not in ("", world.variable):
                found[one.text] = argument
    bare = {x for tree in trees for x in _outside_groups(tree)}
    return tuple((f"{name}({argument})", name) for name, argument in found.items() if name not in bare)


def _outside_groups(tree: Syntax) -> set[str]:
    """Return the letters that stand anywhere but before a parenthesis."""
    applied = {id(x) for one, other in before_groups(tree) if other.head == "group" for x in _letters_in(one)}
    return {x.text for x in tree.walk() if x.head == "symbol" and id(x) not in applied}


def _letters_in(applied: Syntax) -> Iterator[Syntax]:
    """Yield the letter that stands before a parenthesis, with a prime or without."""
    while applied.head == "prime":
        applied = applied.arguments[0]
    if applied.head == "symbol":
        yield applied


def _with_entrywise_powers(claimed: str) -> tuple[tuple[str, str], ...]:
    r"""Return the squares `h^2` of letters in a claim, each with what it is where the square is that of every entry."""
    tree = tree_of(claimed)
    found = {}
    for node in tree.walk() if tree is not None else ():
        if node.head == "power" and node.arguments[0].head == "symbol" and str(node.arguments[1]) == "2":
            letter = node.arguments[0].span
            found[claimed[node.span.start : node.span.end]] = rf"{claimed[letter.start : letter.end]}^{{\odot 2}}"
    return tuple(found.items())


def _is_odd(letter: str, kind: str) -> bool:
    """Whether a kind is not the one that a letter usually has."""
    return kind == "vector" if name_of(letter).is_capital else kind == "scalar"


def usual_functions(world: World, claimed: str) -> Iterator[World]:
    """Yield the world with the functions that nobody defines taken to be the usual ones."""
    trees = [
        x for x in (tree_of(world.f), *(tree_of(x.partition(":=")[2]) for x in world.where), tree_of(claimed)) if x
    ]
    defined = {symbol_of(x.partition("(")[0]) for x in world.where}
    names = sorted({name for tree in trees for name in _called(tree)} - defined)
    bodies = (
        USUAL_FUNCTIONS[:2] if any(x.head == "prime" for tree in trees[:1] for x in tree.walk()) else USUAL_FUNCTIONS
    )
    if spelled := [x for x in sorted(primed_in(claimed)) if is_spelled(x)]:
        swaps = tuple((x, rf"\varrho_{{{k}}}") for k, x in enumerate(spelled))
        known = (f"{letter}(t) := {x}(t)" for x, letter in swaps)
        yield replace(world, where=(*known, *world.where), swaps=(*world.swaps, *swaps))
    for body in bodies if names else ():
        yield replace(world, where=(*(f"{name}(t) := {body}" for name in names), *world.where))


def _members_of_functions(world: World, claimed: str) -> Iterator[str]:
    r"""Yield `\sigma_n := \sigma(w^Tx_n)` for a letter of a claim that nothing defines, where f has the function so."""
    given: dict[str, set[str]] = {}
    formulas = (world.f, *(x.partition(" := ")[2] for x in world.where))
    for latex, tree in ((x, tree_of(x)) for x in formulas):
        for one, other in before_groups(tree) if tree is not None else ():
            if one.head == "symbol" and other.head == "group":
                given.setdefault(one.text, set()).add(latex[other.span.start : other.span.end])
    known = {y for x in formulas for y in letters_of(x)} | {x.partition(" := ")[0] for x in world.where}
    for letter in letters_of(claimed):
        arguments = given.get(base_of(letter), set()) if letter not in known and free_indices(letter) else set()
        indices = {y for latex in arguments for x in letters_of(latex) for y in free_indices(x)}
        if len(arguments) == 1 and set(free_indices(letter)) <= indices:
            yield f"{letter} := {base_of(letter)}{arguments.pop()}"


def is_spelled(name: str) -> bool:
    r"""Return whether a bare name is that of a function which is known, `\tanh` of `\tanh'(z)`."""
    tree = tree_of(f"{name}(t)")
    return tree is not None and tree.head == "call" and [x.text for x in tree.walk() if x.head == "symbol"] == ["t"]


def _called(tree: Syntax) -> Iterator[str]:
    """Yield the letters of functions that stand before a parenthesis."""
    for node in tree.walk():
        for one, other in pairwise(node.arguments) if node.head in ("product", "applied") else ():
            while one.head == "prime":
                one = one.arguments[0]
            while other.head in ("transpose", "power", "hadamard_power"):
                other = other.arguments[0]
            if one.head == "symbol" and other.head == "group" and _is_function_letter(one.text):
                yield one.text


def _is_function_letter(letter: str) -> bool:
    r"""Whether a letter before a parenthesis is a function by its look, also that of a layer: `g^{[l]}`."""
    name = name_of(letter)
    return letter in FUNCTION_LETTERS or (name.subscript is None and str(name._replace(scripts=())) in FUNCTION_LETTERS)
