"""What a letter may be: a number, a vector, a matrix or a function; the least surprising choices come first.

A capital that is no matrix is a surprise, and so is a small Latin letter that is no vector. No small letter is ever
read as a matrix unless it is declared as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise

from ..algebra.operators import by_name
from ..algebra.operators.entrywise import FunctionDefinition
from ..algebra.properties import COLUMN, SQUARE
from ..errors import ShapeError, Span
from ..latex.names import BOLD, name_of
from ..latex.tree import Syntax
from ..latex.vocabulary import words_of

Choices = dict[str, list[tuple[int, str]]]
"""The (surprise, kind) of every letter, and of every 1 whose size is to be found, least first."""
Kinds = dict[str, str]
"""One kind for every letter."""

# A letter that stands before a parenthesis is read as a function only if it is one of these (or declared).
FUNCTION_LETTERS = frozenset(
    (r"\sigma", r"\phi", r"\varphi", r"\psi", r"\rho", "f", "g", "h", "s", r"\mathrm{relu}", r"\operatorname{relu}")
)
CONSTANTS = frozenset(("constant", "identity", "unit vector"))
"""The kinds of letters that are no variables."""
SCRIPTED = ("transpose", "power", "hadamard_power", "prime", "inverse_transpose")
"""What scripts behind a parenthesis make of it."""
VECTOR_HEADS = frozenset(("transpose", "inverse_transpose", "norm", "inner", "hadamard", "kronecker"))
READINGS_TRIED = 400
"""How many choices of kinds are tried, the least surprising first."""

_PLAIN_DRESS = BOLD | words_of("vec bar hat tilde widehat widetilde overline dot mathrm mathit mathsf mathcal")
"""The faces and accents that leave a letter what it is; in any other it is a number first, as a Greek one."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the author said of a symbol: its sizes (None: not said), properties, and whether it is a function."""

    rows: str | None = None
    columns: str | None = None
    kind: str | None = None
    properties: frozenset[str] = frozenset()
    span: Span | None = None


def choices_of(
    bundle: Sequence[Syntax],
    variables: Sequence[Syntax],
    declarations: Mapping[str, Declaration],
    functions: Mapping[str, FunctionDefinition],
) -> Choices:
    """Return what every letter of the bundle, whose first tree is the function, may be.

    Raises:
        ShapeError: a letter stands before a parenthesis that may be its argument or a factor.
    """
    choices: Choices = {}
    called, scalars = _called(bundle), _surely_scalar(bundle, declarations)
    entries = any(node.head == "subscripted" for root in bundle for node in root.walk())
    for root in bundle:
        for node in root.walk():
            name = node.text
            if node.head in ("ones", "zeros"):
                choices[occurrence(node)] = [(0, "column"), (2, "matrix")]
            if node.head != "symbol" or name in choices:
                continue
            said = declarations.get(name)
            if root is not bundle[0] and said is None and name_of(name).commutation:
                choices[name] = [(0, "commutation matrix")]
                continue
            if name in called and name not in functions:
                _check_no_function(node, called[name], declarations)
            if name in scalars and said is None:
                choices[name] = [(0, "scalar")]
            elif entries and said is None and name_of(name).unit_vector is not None:
                choices[name] = [(0, "unit vector")]
            else:
                choices[name] = [(0, "function")] if name in functions else _options(name, said, name in called)
    for variable in variables:
        found = [x for x in choices[variable.text] if x[1] not in CONSTANTS] or _usual_kinds(variable.text)
        # Who differentiates by a capital letter means a matrix.
        choices[variable.text] = found[:1] if found[0][1] == "matrix" else found
    return choices


def _options(latex: str, said: Declaration | None, called: bool) -> list[tuple[int, str]]:
    if said is not None and said.kind is not None:
        return [(0, said.kind)]
    if latex == r"\pi" and said is None:
        return [(0, "constant"), (1, "column"), (2, "scalar")]
    if said is None and name_of(latex).identity is not None:
        return [(0, "identity"), (1, "matrix"), (3, "scalar")]
    if said is not None and said.properties & SQUARE:
        return [(0, "matrix")]
    options = _usual_kinds(latex)
    if said is not None and said.properties & COLUMN:
        options = [(0, "column"), (1, "matrix")]
    if called and latex in FUNCTION_LETTERS:
        options = [(0, "function"), *((cost + 2, kind) for cost, kind in options)]
    return options


def _usual_kinds(latex: str) -> list[tuple[int, str]]:
    """Return the kinds a letter may have by its shape on the page, the usual one first."""
    name = name_of(latex)
    plain = _PLAIN_DRESS.issuperset(name.dress)
    if name.is_capital and plain:
        return [(0, "matrix"), (2, "scalar")]
    if name.is_bold:
        return [(0, "column"), (4, "scalar")]
    if not plain or name.letter[0] in r"\ijkn":
        return [(0, "scalar"), (1, "column")]
    return [(0, "column"), (1, "scalar")]


def by_surprise(choices: Choices, forbidden: list[Kinds]) -> Iterator[tuple[int, Kinds]]:
    """Yield (cost, kinds) from the least surprising reading on, skipping what is known not to fit."""
    names = list(choices)
    start = (0,) * len(names)
    queue: list[tuple[int, tuple[int, ...]]] = [(sum(choices[n][0][0] for n in names), start)]
    seen = {start}
    popped = 0
    while queue and popped < 20 * READINGS_TRIED:
        cost, picks = heappop(queue)
        popped += 1
        kinds = {name: choices[name][k][1] for name, k in zip(names, picks, strict=True)}
        if not any(all(kinds[name] == kind for name, kind in bad.items()) for bad in forbidden):
            yield cost, kinds
        for i, name in enumerate(names):
            k = picks[i] + 1
            if k < len(choices[name]):
                following = (*picks[:i], k, *picks[i + 1 :])
                if following not in seen:
                    seen.add(following)
                    heappush(queue, (cost + choices[name][k][0] - choices[name][k - 1][0], following))


# --- what the formulas around a letter say of it -----------------------------------------------------------


def surely_vectors(bundle: Sequence[Syntax]) -> frozenset[str]:
    """Return the letters within what only vectors and matrices have: a transpose, a norm, softmax, ..."""
    found: set[str] = set()
    for root in bundle:
        for node in root.walk():
            call = node.head == "call" and by_name(node.text).signatures != ("m n -> m n",)
            if call or node.head in VECTOR_HEADS:
                found.update(x.text for x in node.walk() if x.head == "symbol")
    return frozenset(found)


def demotes(usual: Kinds, kinds: Kinds, vectors: frozenset[str]) -> bool:
    """Whether a letter of the usual reading, which fits but for f being no scalar, is wrongly read as a scalar here.

    A matrix always is; a vector if it stands where only a vector makes sense.
    """
    demoted = {name for name in usual if kinds[name] == "scalar" != usual[name]}
    return any(usual[name] in ("matrix", "identity") or name in vectors for name in demoted)


def check_no_matrix(choices: Choices, f: Syntax) -> None:
    """Refuse a function of numbers alone that has a letter which looks like a matrix.

    Raises:
        ShapeError: it has.
    """
    for name, options in choices.items():
        if options[0][1] == "matrix":
            hint = f"declare it: [{name}: scalar], or write a norm, a trace or a product"
            raise ShapeError("E205", f"nothing fits but that {name} is a number", _place_of(name, f), hint)


def ambiguous(one: Kinds, other: Kinds, f: Syntax) -> ShapeError:
    """Return the error of two readings that fit equally well."""
    name = next(name for name in one if one[name] != other[name])
    hint = f"declare it: [{name}: {one[name]}] or [{name}: {other[name]}]"
    return ShapeError("E205", f"{name} may be a {one[name]} or a {other[name]}", _place_of(name, f), hint)


def _place_of(name: str, f: Syntax) -> Span:
    """Return where the letter stands first in f, else the place of f."""
    return next((x.span for x in f.walk() if x.head == "symbol" and x.text == name), f.span)


def _check_no_function(letter: Syntax, argument: Syntax, declarations: Mapping[str, Declaration]) -> None:
    """Refuse `u(x)`, which looks like a function's value, where u is no usual name of a function.

    Raises:
        ShapeError: it is so, and the author has not said what u is.
    """
    if letter.text not in FUNCTION_LETTERS and letter.text not in declarations and argument.head == "symbol":
        shown = f"{letter.text}({argument.text})"
        hint = f"declare it: [{letter.text}: function] or [{letter.text}: scalar], or leave out the parentheses"
        raise ShapeError("E205", f"{shown} may be a function or a product", letter.span, hint)


def occurrence(node: Syntax) -> str:
    """Return the name under which the size of this one 1 or 0 is kept."""
    return f"1@{node.span.part}:{node.span.start}"


def _called(bundle: Sequence[Syntax]) -> dict[str, Syntax]:
    """Return the letters that stand directly before a parenthesis, each with what stands in the first of them."""
    found: dict[str, Syntax] = {}
    for node in (x for root in bundle for x in root.walk() if x.head in ("product", "applied")):
        for a, b in pairwise(node.arguments):
            group, letter = group_within(b), without_primes(a)
            if group is not None and letter.head == "symbol":
                found.setdefault(letter.text, group.arguments[0])
    return found


def group_within(node: Syntax) -> Syntax | None:
    """Return the parenthesis that `node` is, perhaps with scripts behind it, else None."""
    while node.head in SCRIPTED:
        node = node.arguments[0]
    return node if node.head == "group" and node.text in ("(", "[") else None


def without_primes(node: Syntax) -> Syntax:
    """Return what stands before the primes."""
    while node.head == "prime":
        node = node.arguments[0]
    return node


def _surely_scalar(bundle: Sequence[Syntax], declarations: Mapping[str, Declaration]) -> set[str]:
    """Return the letters that are the upper end of a sum or a declared size."""
    sizes = {size for said in declarations.values() for size in (said.rows, said.columns) if size}
    return sizes | {node.upper for root in bundle for node in root.walk() if node.head == "sum_over"}
