"""What a letter may be: a number, a vector, a matrix or a function; the least surprising choices come first.

A capital that is no matrix is a surprise, and so is a small Latin letter that is no vector. No small letter is ever
read as a matrix unless it is declared as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from ..algebra.expressions import ONE, Expr, read_signature
from ..algebra.operators import by_name, by_spelling
from ..algebra.operators.entrywise import FunctionDefinition
from ..algebra.properties import COLUMN, SQUARE
from ..errors import ShapeError, Span
from ..latex.names import BOLD, name_of
from ..latex.tree import Syntax
from ..latex.vocabulary import words_of
from .places import FUNCTION_LETTERS, Call, Places, check_declared, function_in, function_or_factor, with_function

Choices = dict[str, list[tuple[int, str]]]
"""The (surprise, kind) of every letter, and of every 1 whose size is to be found, least first."""
Kinds = dict[str, str]
"""One kind for every letter."""

CONSTANTS = frozenset(("constant", "identity", "unit vector"))
"""The kinds of letters that are no variables."""
VECTOR_HEADS = frozenset(("transpose", "inverse_transpose", "norm", "inner", "hadamard", "kronecker"))
ENTRYWISE = "entry-wise"
"""What a declaration says of a function that surely acts on every entry of a vector."""
WHOLE = "of the whole argument"
"""What a declaration says of a vector or matrix function, `r(x)`, whose value has a shape of its own."""
READINGS_TRIED = 400
"""How many choices of kinds are tried, the least surprising first."""

_PLAIN_DRESS = BOLD | words_of("vec bar hat tilde widehat widetilde overline dot mathrm mathit mathsf mathcal")
"""The faces and accents that leave a letter what it is; in any other it is a number first, as a Greek one."""


class Declaration(NamedTuple):
    """What the author said of a symbol: its sizes (None: not said), properties, and whether it is a function.

    Of a vector or matrix function the sizes are those of its value, and `argument` is how many rows its argument has.
    """

    rows: str | None = None
    columns: str | None = None
    kind: str | None = None
    properties: frozenset[str] = frozenset()
    span: Span | None = None
    argument: str | None = None

    @property
    def is_vector_function(self) -> bool:
        """Whether it is a function whose value has a shape of its own, in which no entry stands for itself."""
        return WHOLE in self.properties


def choices_of(
    bundle: Sequence[Syntax],
    variables: Sequence[Syntax],
    declarations: Mapping[str, Declaration],
    functions: Mapping[str, FunctionDefinition],
    places: Places,
) -> Choices:
    """Return what every letter of the bundle, whose first tree is the function, may be; `places` says where they stand.

    Raises:
        ShapeError: a letter stands before a parenthesis that may be its argument or a factor.
        UnsupportedError: it is the name of a function that is not supported.
    """
    choices: Choices = {}
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
            if name in places.scalars and said is None:
                choices[name] = [(0, "scalar")]
            elif entries and said is None and name_of(name).unit_vector is not None:
                choices[name] = [(0, "unit vector")]
            elif name in functions or (said is None and differentiated(name, declarations) is not None):
                choices[name] = [(0, "function")]
            else:
                choices[name] = places.weighed(name, _options(name, said, places.calls.get(name, ())), said)
    for variable in variables:
        found = [x for x in choices[variable.text] if x[1] not in CONSTANTS] or _usual_kinds(variable.text)
        # Who differentiates by a capital letter means a matrix, by a bold one a vector.
        surely = found[0][1] == "matrix" and variable.text not in places.members
        surely |= name_of(variable.text).is_bold
        choices[variable.text] = found[:1] if surely else found
    return choices


def differentiated(latex: str, declarations: Mapping[str, Declaration]) -> str | None:
    r"""Return the vector or matrix function r of which this letter is the derivative: `J_r`, `\dot{r}`; else None."""
    for name, said in declarations.items() if latex not in declarations else ():
        if said.is_vector_function and latex in (f"J_{{{name}}}", f"J_{name}", rf"\dot{{{name}}}"):
            return name
    return None


def _options(latex: str, said: Declaration | None, calls: Sequence[Call]) -> list[tuple[int, str]]:
    if said is not None and said.kind is not None:
        check_declared(calls, said.kind)
        return [(0, said.kind)]
    if latex == r"\pi" and said is None:
        return [(0, "constant"), (1, "column"), (2, "scalar")]
    if said is None and name_of(latex).identity is not None:
        if (invariant := next((x for x in calls if x.argument.head == "symbol"), None)) is not None:
            raise function_or_factor(invariant)  # I_2(C), mutual information
        return [(0, "identity"), (1, "matrix"), (3, "scalar")]
    if said is not None and said.properties & SQUARE:
        check_declared(calls, "matrix")
        return [(0, "matrix")]
    options = _usual_kinds(latex)
    if said is not None and said.properties & COLUMN:
        options = [(0, "column"), (1, "matrix")]
    lagged = next((x for x in calls if any(map(_is_lagged, x.argument.walk())) and not _holds_matrix(x.argument)), None)
    if lagged is not None and latex in FUNCTION_LETTERS:
        raise function_or_factor(lagged)  # `\\phi(y_{t-1}-\\mu)`, of an autoregression
    if calls and latex in FUNCTION_LETTERS and any(x.argument.head == "symbol" for x in calls):
        return [(0, "function")]
    if calls and latex in FUNCTION_LETTERS:
        return [(0, "function"), *((cost + 2, kind) for cost, kind in options)]
    return with_function(options, calls) if said is None else options


def _holds_matrix(node: Syntax) -> bool:
    r"""Whether a capital stands in it, as in `\sigma(Wh_{t-1}+Ux_t)`, which is no factor of a time series."""
    return any(x.head == "symbol" and name_of(x.text).is_capital for x in node.walk())


def _is_lagged(node: Syntax) -> bool:
    return node.head == "symbol" and any(x.is_formula for x in name_of(node.text).scripts)


def _usual_kinds(latex: str) -> list[tuple[int, str]]:
    """Return the kinds a letter may have by its shape on the page, the usual one first."""
    name = name_of(latex)
    plain = _PLAIN_DRESS.issuperset(name.dress)
    if name.is_capital and (plain or name.dress == ("mathbb",)):
        options = [(0, "matrix"), (2, "scalar")]
        below = name.subscript.letters if name.subscript is not None and len(name.scripts) == 1 else ()
        entry = len(below) == 2 and {*"ijkl"}.issuperset(below)  # `L^{ij}` is a block
        return [(0, "scalar"), (2, "matrix")] if entry else options
    if name.is_bold:
        return [(0, "column"), (4, "scalar")]
    if not plain or name.letter[0] in r"\ijknt":
        return [(0, "scalar"), (1, "column")]
    return [(0, "column"), (1, "scalar")]


class Search:
    """Goes over the readings from the least surprising one on; what failed tells which letters to read otherwise.

    A reading that does not fit is followed by those in which one of the letters involved in the clash is read in its
    next way; so no reading that could fit is left out, and letters that fit are not tried in vain.
    """

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        # of the letters that are not read in their first way, (-place, way): as long as what changed, not as the
        # formula, and tuples compare as those of all ways would
        self._at = {name: -k for k, name in enumerate(choices)}
        self._queue: list[tuple[int, tuple[tuple[int, int], ...]]] = [(sum(x[0][0] for x in choices.values()), ())]
        self._seen = {self._queue[0][1]}
        self._current = self._queue[0]

    def __iter__(self) -> Iterator[tuple[int, Kinds]]:
        """Yield (cost, kinds) of the readings; one that is not followed up by `failed` fits."""
        for _ in range(READINGS_TRIED):
            if not self._queue:
                return
            self._current = heappop(self._queue)
            cost, picks = self._current
            ways = dict(picks)
            yield cost, {name: self.choices[name][ways.get(at, 0)][1] for name, at in self._at.items()}

    def failed(self, involved: Iterable[str] | None = None) -> None:
        """Follow the current reading by those that differ from it in a letter that is involved; None: in any."""
        cost, picks = self._current
        ways = dict(picks)
        for name in self._at if involved is None else {x for x in involved if x in self._at}:
            options, k = self.choices[name], ways.get(self._at[name], 0) + 1
            if k < len(options):
                following = tuple(sorted((ways | {self._at[name]: k}).items(), reverse=True))
                if following not in self._seen:
                    self._seen.add(following)
                    heappush(self._queue, (cost + options[k][0] - options[k - 1][0], following))


# --- what the formulas around a letter say of it -----------------------------------------------------------


def surely_vectors(bundle: Sequence[Syntax]) -> frozenset[str]:
    """Return the letters within what only vectors and matrices have: a transpose, a norm, softmax, ..."""
    found: set[str] = set()
    for root in bundle:
        for node in root.walk():
            call = node.head == "call" and not _takes_numbers(node.text, len(node.arguments))
            if call or node.head in VECTOR_HEADS:
                found.update(x.text for x in node.walk() if x.head == "symbol")
    return frozenset(found)


def _takes_numbers(name: str, count: int) -> bool:
    """Whether an operator, or one spelled like it, is taken of so many numbers, as the larger one of two is."""
    rows = {x.name: x for spelling in by_name(name).spellings for x in by_spelling()[spelling]}
    signatures = [x for row in (by_name(name), *rows.values()) for x in row.signatures]
    taken = [x for x in map(read_signature, signatures) if len(x[0]) == count]
    return any(result == ("m", "n") and set(shapes) == {("m", "n")} for shapes, result in taken)


def demotes(usual: Kinds, kinds: Kinds, vectors: frozenset[str], members: frozenset[str]) -> bool:
    """Whether a letter of the usual reading, which fits but for f being no scalar, is wrongly read as a scalar here.

    A matrix always is, unless it is one of the `members` of a sum; a vector if it stands where only a vector makes
    sense.
    """
    demoted = {name for name in usual if kinds[name] == "scalar" != usual[name]} - members
    return any(usual[name] in ("matrix", "identity") or name in vectors for name in demoted)


def check_no_matrix(choices: Choices, f: Syntax, members: frozenset[str]) -> None:
    """Refuse a function of numbers alone that has a letter which looks like a matrix.

    The members of a family do not, nor does what a number is divided by.

    Raises:
        ShapeError: it has.
    """
    divisors = divisors_in(f.walk())
    for name, options in choices.items():
        if options[0][1] == "matrix" and name not in members | divisors:
            hint = f"declare it: [{name}: scalar], or write a norm, a trace or a product"
            if function_in(f, name):
                hint = f"declare it: [{name}: function] or [{name}: scalar]"
            raise ShapeError("E205", f"nothing fits but that {name} is a number", _place_of(name, f), hint)


def divisors_in(nodes: Iterable[Syntax]) -> set[str]:
    r"""Return the letters by which something is divided, which are numbers: N of `\frac1N`."""
    return {x.arguments[1].text for x in nodes if x.head in ("fraction", "slash")}


def ambiguous(one: Kinds, other: Kinds, f: Syntax) -> ShapeError:
    """Return the error of two readings that fit equally well."""
    name = next(name for name in one if one[name] != other[name])
    hint = f"declare it: [{name}: {one[name]}] or [{name}: {other[name]}]"
    return ShapeError("E205", f"{name} may be a {one[name]} or a {other[name]}", _place_of(name, f), hint)


def _place_of(name: str, f: Syntax) -> Span:
    """Return where the letter stands first in f, else the place of f."""
    return next((x.span for x in f.walk() if x.head == "symbol" and x.text == name), f.span)


def kind_of(x: Expr) -> str:
    """Return what an expression is by its shape, in the word that declares it."""
    rows, columns = (size == ONE for size in x.shape)
    if columns:
        return "scalar" if rows else "column"
    return "row" if rows else "matrix"


def occurrence(node: Syntax) -> str:
    """Return the name under which the size of this one 1 or 0 is kept."""
    return f"1@{node.span.part}:{node.span.start}"
