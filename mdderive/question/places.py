r"""What its place says of a letter: before a parenthesis, behind a matrix, within `diag`, alone in a sum.

A letter before a parenthesis may be a function or a factor. `A(x-b)` is a product, since A is a matrix;
`\Phi(x^\top\beta)` is a function, since nobody writes such parentheses around a product; where both are common the
author is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ..algebra.expressions import Operator
from ..algebra.operators import by_name, notations
from ..errors import DeriveError, ShapeError
from ..latex.names import Name, entry_indices, name_of
from ..latex.tree import Syntax

if TYPE_CHECKING:
    from .kinds import Declaration

Options = list[tuple[int, str]]
"""The (surprise, kind) of a letter, least first."""

SCRIPTED = ("transpose", "power", "hadamard_power", "prime", "inverse_transpose")
"""What scripts behind a parenthesis make of it."""
TIMES = ("t", r"\tau")
"""The letters of time, as in `e^{At}`."""
_OF_MATRICES = frozenset((r"\lambda", r"\sigma", r"\kappa", r"\rho", "s"))
"""Letters that before a matrix in parentheses are an eigenvalue, a singular value, a condition number or a radius."""
_EXTREMES = {r"\max": "max", r"\min": "min", "max": "max", "min": "min"}
_EXTREMES |= {rf"\mathrm{{{x}}}": x for x in ("max", "min")} | {rf"\text{{{x}}}": x for x in ("max", "min")}
SPECTRAL = "eigenvalue"
"""The kind of letters such as the \\lambda of `\\lambda_{\\max}(A)`."""
_INDICES = ("i", "j", "k", "l", "r", "n", "m", "p")
FUNCTION_LETTERS = frozenset(
    (r"\sigma", r"\phi", r"\varphi", r"\psi", r"\rho", "f", "g", "h", "s", r"\mathrm{relu}", r"\operatorname{relu}")
)
"""Letters that before a parenthesis are functions; the others only if declared."""
_LOSSES = frozenset(("J", "L", "F", "G", "H", "U", "V", r"\Phi", r"\Psi"))
"""Capitals that are functions as often as matrices."""
_SURPRISE = 4
"""How surprising a number is to the right of a matrix, and within `diag`: more than a capital that is a column."""


class Call(NamedTuple):
    """A letter directly before a parenthesis, and what stands in it; `scripts` are behind the parenthesis."""

    letter: Syntax
    argument: Syntax
    scripts: tuple[str, ...] = ()

    @property
    def name(self) -> Name:
        """The name of the letter."""
        return name_of(self.letter.text)

    @property
    def is_closed(self) -> bool:
        r"""Whether the parenthesis holds no sum, so that no product needs it: `(x^\top\beta)`."""
        return self.argument.head not in ("add", "negate", "symbol", "number") and self.is_plain

    @property
    def is_plain(self) -> bool:
        """Whether nothing but a power stands behind the parenthesis."""
        return all(x == "power" for x in self.scripts)


def called(nodes: Iterable[Syntax]) -> dict[str, list[Call]]:
    """Return the letters that are factors directly before a parenthesis, each with these places."""
    found: dict[str, list[Call]] = {}
    for node in (x for x in nodes if x.head in ("product", "applied")):
        for a, b in pairwise(node.arguments):
            group = group_within(b)
            letter = _before_argument(a, group) if group is not None else a
            if group is not None and letter.head == "symbol" and not (b is not group and _holds_script(letter, group)):
                found.setdefault(letter.text, []).append(Call(letter, group.arguments[0], tuple(_scripts(b))))
    return found


def _before_argument(factor: Syntax, group: Syntax) -> Syntax:
    r"""Return the letter that may be a function of what the parenthesis holds: A of `A(t)`, `A'(t)`, `A^{-1}(t)`.

    A transpose or an inverse before a sum is a factor, `A^\top(Ax-b)`; before one letter nobody writes a product so.
    """
    letter = factor.unprimed
    inverse = letter.head == "power" and letter.arguments[1].value == -1
    if group.arguments[0].head == "symbol" and (inverse or letter.head in ("transpose", "inverse_transpose")):
        letter = letter.arguments[0]
    return letter


def _holds_script(letter: Syntax, group: Syntax) -> bool:
    r"""Whether the parenthesis is there for a second script: `W^Q(W^K)^\top`, `W^{(1)}(W^{(2)})^\top` are products."""
    first, name = name_of(letter.text), name_of(group.arguments[0].text)
    marked = group.arguments[0].head == "symbol" and name.is_capital and name.superscript is not None
    return marked and first.is_capital and (first.letter == name.letter or not group.arguments[0].index)


def group_within(node: Syntax) -> Syntax | None:
    """Return the parenthesis that `node` is, perhaps with scripts behind it, else None."""
    while _has_script(node):
        node = node.arguments[0]
    return node if node.head == "group" and node.text in ("(", "[") else None


def _has_script(node: Syntax) -> bool:
    r"""Whether a script or an index stands behind: `\sigma(Wx)_i` is an entry of the value of \sigma."""
    indexed = node.head == "subscripted" and bool(entry_indices(node.text))
    return node.head in SCRIPTED or (indexed and not notations().has("subscripted", node.text))


def _scripts(node: Syntax) -> Iterator[str]:
    while _has_script(node):
        inverse = node.head == "power" and node.arguments[1].value is not None and node.arguments[1].value < 0
        yield "inverse" if inverse else node.head
        node = node.arguments[0]


# --- functions -----------------------------------------------------------------------------------------------


def with_function(options: Options, calls: Sequence[Call]) -> Options:
    r"""Return what a letter without a declaration may be that stands before parentheses: a capital also a function.

    Raises:
        ShapeError: it may as well be a function as a factor.
    """
    for call in calls:
        if any(x.text == call.letter.text for x in call.argument.walk()):  # h_1(1-h_1): no function is taken of itself
            continue
        if is_extreme(call.name) or (call.name.letter in _OF_MATRICES and name_of(call.argument.text).is_capital):
            if _is_spectral(call):
                return [(0, SPECTRAL)]
            raise _of_eigenvalues(call)
        if call.argument.head == "symbol" or _is_loss(call):
            raise function_or_factor(call)
        if call.name.letter in ("P", r"\Pi") and any(x in call.name.index_letters for x in (r"\Omega", r"\omega")):
            raise function_or_factor(call)  # the entries that are known
        if call.name.letter in FUNCTION_LETTERS - {"s"} and call.name.scripts and call.is_plain:  # f_\theta(x)
            raise function_or_factor(call)
    if calls and calls[0].name.is_capital and any(x.is_plain for x in calls):
        return sorted([*options, (1, "function")])
    return options


def spectral_row(name: Name) -> Operator | None:
    r"""Return the row that `\lambda_{\max}`, `\sigma_i` call before a matrix in parentheses; None for other names."""
    script = name.subscript
    if script is None or len(name.scripts) > 1 or name.dress or name.primes or len(script.letters) != 1:
        return None
    place = _EXTREMES.get(script.letters[0], "i")
    if place == "i" and not (script.latex.isdecimal() or script.latex in _INDICES):
        return None
    meaning = notations().meaning("called", f"{name.letter} {place}", "matrix")
    return None if meaning is None else meaning[0]


def is_extreme(name: Name) -> bool:
    r"""Whether the name has max or min in its scripts: `\lambda_{\max}`."""
    return any(x in _EXTREMES for script in name.scripts for x in script.letters)


def _is_spectral(call: Call) -> bool:
    r"""Whether this is surely such a value: `\sigma_1(X)` may be a function that is called the first."""
    numbered = call.name.letter == r"\sigma" and call.name.subscript and call.name.subscript.latex.isdecimal()
    return not numbered and spectral_row(call.name) is not None


def _of_eigenvalues(call: Call) -> ShapeError:
    if spectral_row(call.name) is not None:
        return _eigenvalue_or_factor(call)
    letter = call.letter.text
    hint = r"write \lambda_{\max}(A), \lambda_i(A), \sigma_{\max}(X) or \|X\|_2 for one of them"
    if letter == r"\kappa":
        hint = r"write \frac{\sigma_{\max}(A)}{\sigma_{\min}(A)} for a condition number"
    hint += f"; if it is a factor, declare it: [{letter}: scalar]"
    return ShapeError("E205", f"{letter}(...) looks like an eigenvalue or a singular value", call.letter.span, hint)


def _is_loss(call: Call) -> bool:
    r"""Whether the letter is one in which losses and means are written: `\mathcal{L}(...)`, `\ell(...)`, `E(...)`."""
    script = any(x in ("mathcal", "mathscr") for x in call.name.dress)
    return call.is_plain and (script or call.name.letter in (r"\ell", "E"))


def check_increments(nodes: Iterable[Syntax], declared: Mapping[str, Declaration]) -> None:
    r"""Refuse `\Delta x`, which is one letter to most readers, where nothing says what \Delta is.

    Where it also stands alone, as in `|x| \le \delta`, it is a letter.

    Raises:
        ShapeError: it stands in the formulas.
    """
    nodes = list(nodes)
    found: list[tuple[Syntax, Syntax]] = []
    for node in (x for x in nodes if x.head == "product"):
        for a, b in pairwise(node.arguments):
            letter = b.arguments[0] if b.head in SCRIPTED else b
            small = letter.head == "symbol" and not name_of(letter.text).is_capital
            if a.text in (r"\Delta", r"\delta") and a.text not in declared and small:
                found.append((a, letter))
    joined = Counter(a.text for a, _ in found)
    standing = Counter(x.text for x in nodes if x.head == "symbol")
    for a, letter in found:
        if joined[a.text] == standing[a.text]:
            hint = f"write another letter for it, or declare [{a.text}: matrix] or [{a.text}: scalar] for a product"
            raise ShapeError("E205", f"{a.text} {letter.text} may be one letter or a product", a.span, hint)


def function_in(f: Syntax, letter: str) -> bool:
    """Whether the letter stands before a parenthesis in f."""
    return letter in called(f.walk())


def check_declared(calls: Sequence[Call], kind: str) -> None:
    """Refuse `A(t)` where A is declared as a matrix or vector: nobody writes a product so.

    Raises:
        ShapeError: it is a function of its argument.
    """
    for call in calls:
        if kind in ("matrix", "column", "row") and call.argument.head == "symbol":
            letter, argument = call.letter.text, call.argument.text
            message = f"{letter}({argument}) looks like the value of a function, and {letter} is declared as a {kind}"
            word = {"matrix": "matrix function", "column": "vector function"}.get(kind)
            hint = "leave out the parentheses for a product"
            hint += f"; for a {kind} that depends on {argument}, declare [{letter}: {word}]" if word else ""
            raise ShapeError("E205", message, call.letter.span, hint)


def function_or_factor(call: Call) -> ShapeError:
    """Return the question whether a letter before a parenthesis is a function or a factor."""
    letter = call.letter.text
    shown = f"{letter}({call.argument.text if call.argument.head == 'symbol' else '...'})"
    inner = any(map(_is_inner_product, call.argument.terms))
    factor = "matrix" if call.name.is_capital and call.argument.head != "symbol" and not inner else "scalar"
    hint = f"declare it: [{letter}: function] or [{letter}: {factor}]"
    if call.argument.head == "symbol":
        value = "matrix" if call.name.is_capital else "vector"
        number = "R^n -> R" if name_of(call.argument.text).is_bold else "function"
        hint = f"declare it: [{letter}: {number}], [{letter}: {value} function] or [{letter}: {factor}]"
        hint += ", or leave out the parentheses"
    return ShapeError("E205", f"{shown} may be a function or a product", call.letter.span, hint)


def _is_inner_product(term: Syntax) -> bool:
    r"""Whether a term is an inner product, `a^\top x`, and so a number: a small letter turned begins it."""
    first = term.arguments[0] if term.head == "product" else term
    return first.head == "transpose" and not name_of(first.arguments[0].text).is_capital and term.head == "product"


def doubt_of_factor(call: Call, *, of_matrix: bool) -> DeriveError | None:
    r"""Return why a number before a parenthesis that holds a matrix is doubted: `\lambda_1(A+xx^\top)`."""
    if not of_matrix or call.name.letter not in _OF_MATRICES:
        return None
    return function_or_factor(call) if spectral_row(call.name) is None else _eigenvalue_or_factor(call)


def _eigenvalue_or_factor(call: Call) -> ShapeError:
    letter, value = call.letter.text, _value_called(call)
    shown = f"{letter}({call.argument.text if call.argument.head == 'symbol' else '...'})"
    hint = f"declare it: [{letter}: {value}] or [{letter}: scalar]"
    return ShapeError(
        "E205", f"{shown} may be {'an' if value[0] in 'aeiou' else 'a'} {value} or a product", call.letter.span, hint
    )


def _value_called(call: Call) -> str:
    return "singular value" if call.name.letter == r"\sigma" else "eigenvalue"


def doubt_of_function(call: Call, *, scalar: bool, known: bool, declared: bool) -> DeriveError | None:
    r"""Return why the value of a function is doubted, None where it is clear.

    `scalar` says whether the argument is a number, `known` that it is a value which the author has named, `declared`
    that the author says that the letter is a function, though not that it acts on every entry.
    """
    name = call.name
    if name.is_capital and not declared:
        return None if call.is_closed and scalar else function_or_factor(call)
    word = len(name.letter) > 1 and not name.letter.startswith("\\")
    if scalar or known or word or name.letter in (r"\sigma", "s"):
        return None
    if name.letter == r"\rho" and call.argument.head != "symbol" and not declared:
        return function_or_factor(call)
    return _of_every_entry(call, "vector") if call.argument.head == "symbol" else None


def _of_every_entry(call: Call, other: str) -> ShapeError:
    letter = call.letter.text
    shown = f"{letter}({call.argument.text if call.argument.head == 'symbol' else '...'})"
    number = "" if other == "matrix" else f", [{letter}: R^n -> R]"
    hint = f"declare it: [{letter}: entry-wise function]{number} or [{letter}: {other} function]"
    return ShapeError("E205", f"{shown} may act on every entry or be a {other}", call.letter.span, hint)


def doubt_of_matrix_function(
    f: Syntax, declared: Mapping[str, Declaration], kinds: Mapping[str, str]
) -> DeriveError | None:
    r"""Return why `\log|A(t)|`, `K(t)^{-1}` with a function A is doubted: A may be a matrix.

    So may \rho in `\operatorname{tr}(\rho(t)H)` with a number t.
    """
    for node in f.walk():
        of_matrix = (
            node.head == "bars"
            or is_call_of(node, "n n -> 1 1")
            or (node.head == "power" and node.arguments[1].value == -1)
        )
        inner = node.arguments[0].ungrouped if of_matrix else node
        for call in called([inner]).get(inner.arguments[0].text, ()) if of_matrix and inner.head == "product" else ():
            said = declared.get(call.letter.text)
            if call.name.is_capital and said is not None and said.kind == "function" and not said.properties:
                return _of_every_entry(call, "matrix")
            entries = said is not None and bool(said.properties)
            if kinds.get(call.letter.text) == "function" and kinds.get(call.argument.text) == "scalar" and not entries:
                return _of_every_entry(call, "matrix")
    return None


def doubt_of_softmax(f: Syntax, declared: Mapping[str, Declaration], kinds: Mapping[str, str]) -> DeriveError | None:
    r"""Return why `\sigma(z)_k`, `\log\sigma(Wx)_k` is doubted: \sigma with an index behind is softmax as often."""
    logarithmic = any(x.head == "call" and x.text == "logarithm" for x in f.walk())
    for call in called(f.walk()).get(r"\sigma", ()) if kinds.get(r"\sigma") == "function" else ():
        indexed = "subscripted" in call.scripts and r"\sigma" not in declared
        if indexed and (logarithmic or call.argument.head == "symbol"):
            inner = call.argument.text if call.argument.head == "symbol" else "..."
            hint = rf"write \operatorname{{softmax}}({inner})_k, or \sigma(({inner})_k) for the function of one entry"
            message = r"\sigma with an index behind it may be softmax or a function of one entry"
            return ShapeError("E205", message, call.letter.span, hint)
    return None


def doubt_of_value(f: Syntax, declared: Mapping[str, Declaration]) -> DeriveError | None:
    r"""Return why a function that is no number is doubted: `J(Wx+b)` may be the value of a loss."""
    for inner in f.terms:
        for call in (x for found in called([inner]).values() for x in found):
            loss = call.name.letter in _LOSSES and call.is_plain and call.letter.text not in declared
            if loss and call.letter in inner.arguments:
                return function_or_factor(call)
    return None


# --- places --------------------------------------------------------------------------------------------------


class Places(NamedTuple):
    """Letters by where they stand.

    calls           before a parenthesis, each with these places
    scalars         upper ends of sums, declared sizes, terms beside a norm, a trace, ..., and the time of `e^{At}`
    behind          directly behind a matrix: numbers stand in front of it
    of_diagonal     what `diag` is taken of
    terms           capitals that are nothing but terms of sums, as Y of `Y-X\\beta`, or squared beside such a product,
                    as Y of `Y'Y-2\\beta'X'Y`
    members         capitals with the index of a sum: samples, which are columns or numbers as often as matrices
    raised          bases of powers with an exponent such as \\alpha: numbers
    between         terms of a sum where only a matrix stands, K of `y^\\top(K+\\sigma^2I)^{-1}y`, `\\log|K+vv^\\top|`
    """

    calls: Mapping[str, Sequence[Call]]
    scalars: frozenset[str]
    behind: frozenset[str]
    of_diagonal: frozenset[str]
    terms: frozenset[str]
    members: frozenset[str]
    raised: frozenset[str]
    between: frozenset[str]

    @staticmethod
    def of(nodes: Sequence[Syntax], declared: Mapping[str, Declaration]) -> Places:
        """Return the places of the letters among the nodes of all formulas."""
        sizes = {size for said in declared.values() for size in (said.rows, said.columns) if size}
        exponents = {id(y) for x in nodes if x.head == "power" for y in x.arguments[1].walk()}
        products = [x.arguments for x in nodes if x.head == "product" and id(x) not in exponents]
        calls = called(nodes)
        ends = {x.upper for x in nodes if x.head == "sum_over"}
        return Places(
            calls,
            frozenset(
                sizes
                | ends
                | {*_times(nodes), *_constants(nodes, declared), *_halves(nodes)}
                | ({*_parameters(calls, declared)} - {*_moving(nodes)})
            ),
            frozenset(x for factors in products for a, b in pairwise(factors) for x in _behind(a, b)),
            frozenset(_taken_of_diagonal(nodes)),
            frozenset(_terms(nodes) | _squared(nodes)),
            frozenset(_members(nodes)),
            frozenset(_raised(nodes)),
            frozenset([y for factors in products for y in _between(factors)] + [y for x in nodes for y in _within(x)]),
        )

    def weighed(self, letter: str, options: Options, said: Declaration | None) -> Options:
        """Return the options of a letter with what its places say."""
        if said is not None or options[0][1] in ("constant", "identity", "function"):
            return options
        if letter in self.raised:
            return [(0, "scalar")]
        if letter in self.of_diagonal and options[0][1] != "matrix":
            return [(0, "column"), (_SURPRISE, "scalar")]
        if letter in self.behind and options[0][1] != "matrix":
            options = [(cost + _SURPRISE * (kind == "scalar"), kind) for cost, kind in options]
        if letter in self.between:
            return [x for x in options if x[1] not in ("scalar", "column")] or options
        if letter in self.members and options[0][1] == "matrix":
            return [(0, "matrix"), (1, "column"), (1, "scalar")]
        if letter in self.terms and options[0][1] == "matrix":
            options = [*options, (2, "column")]
        return sorted(options)


def _behind(a: Syntax, b: Syntax) -> Iterator[str]:
    """Yield the small letters of `b`, a letter or a sum of such, directly behind the matrix `a`, scripts or not."""
    while a.head in (*SCRIPTED, "group"):
        a = a.arguments[0]
    capital = a.head == "symbol" and name_of(a.text).is_capital and name_of(a.text).identity is None
    if not capital and not is_call_of(a, "n 1 -> n n"):
        return
    terms = (b.arguments[0] if b.head == "group" and b.arguments[0].head == "add" else b).terms
    if all(x.head == "symbol" and not name_of(x.text).is_capital for x in terms):
        yield from (x.text for x in terms)


def _members(nodes: Sequence[Syntax]) -> Iterator[str]:
    """Yield the capitals that carry the index of a sum around them."""
    for total in (x for x in nodes if x.head == "sum_over"):
        for x in total.walk():
            if x.head == "symbol" and name_of(x.text).is_capital and name_of(x.text).carries(total.text):
                yield x.text


def _raised(nodes: Sequence[Syntax]) -> Iterator[str]:
    r"""Yield the capitals under a Greek exponent, `K^\alpha`, `L^{1-\alpha}`."""
    for node in nodes:
        if node.head == "power" and node.arguments[0].head == "symbol" and name_of(node.arguments[0].text).is_capital:
            letters = [x.text for x in node.arguments[1].walk() if x.head == "symbol"]
            if letters and all(x.startswith("\\") and not name_of(x).is_capital for x in letters):
                yield node.arguments[0].text


def _times(nodes: Sequence[Syntax]) -> Iterator[str]:
    r"""Yield the letters t and \tau in exponents that hold a capital: `e^{At}`, `\exp((A+B)\tau)`."""
    for node in nodes:
        raised = node.head == "power" and node.arguments[0].text in ("e", r"\mathrm{e}")
        if raised or (node.head == "call" and node.text == "exponential"):
            letters = [x.text for x in node.arguments[-1].walk() if x.head == "symbol"]
            if any(name_of(x).is_capital for x in letters):
                yield from (x for x in letters if x in TIMES)


def _parameters(calls: Mapping[str, Sequence[Call]], declared: Mapping[str, Declaration]) -> Iterator[str]:
    r"""Yield the letters that matrix functions are functions of, `K(\theta)`, and the times of the others, `x(t)`."""
    for letter, said in declared.items():
        if said.is_vector_function and said.argument in (None, "1"):
            arguments = [x.argument.text for x in calls.get(letter, ()) if x.argument.head == "symbol"]
            yield from (x for x in arguments if said.argument == "1" or said.columns != "1" or x in TIMES)


def _moving(nodes: Iterable[Syntax]) -> Iterator[str]:
    r"""Yield the letters whose derivative in time is transposed, and so a vector: q of `\dot q^\top M(q)\dot q`."""
    for node in (x for x in nodes if x.head == "transpose" and x.arguments[0].head == "symbol"):
        name = name_of(node.arguments[0].text)
        if name.accents == ("dot",):
            yield str(name._replace(dress=tuple(x for x in name.dress if x != "dot")))


def _constants(nodes: Sequence[Syntax], declared: Mapping[str, Declaration]) -> Iterator[str]:
    r"""Yield the letters that are terms of a sum beside a number: `\|Xw-y\|^2+c_1+c_2`, `((a^Tx+b)^2+c)^2`.

    A capital beside an inner product alone may be a matrix: `\Psi+ww^T` is meant by `\Psi+w^Tw`.
    """
    numbers: dict[int, bool] = {}  # the nodes that are numbers, the inner ones first; whether a capital beside it is
    for node in reversed(nodes):
        total = node.arguments[0].ungrouped if node.head == "power" else node
        found = [numbers[id(x)] for x in (*node.arguments[:1], *total.terms) if id(x) in numbers]
        if node.head == "power" and total.head == "add" and any(_is_inner(x, declared) for x in total.terms):
            found.append(False)
        if found and total.head == "add":
            letters = [x.text for x in total.terms if x.head == "symbol"]
            yield from (x for x in letters if any(found) or not name_of(x).is_capital)
        if _is_number(node) or (found and node.head in ("add", "power", "group")):
            numbers[id(node)] = any(found) or _is_number(node)


def _is_inner(node: Syntax, declared: Mapping[str, Declaration]) -> bool:
    """Whether this is an inner product of two small Latin letters that nothing is declared of, `a^Tx`."""
    if node.head != "product" or len(node.arguments) != 2:
        return False
    names = [_transposed(node.arguments[0]), node.arguments[1].text if node.arguments[1].head == "symbol" else ""]
    plain = [x for x in names if x and x not in declared and not name_of(x).is_capital]
    return len(plain) == 2 and all(not name_of(x).letter.startswith("\\") for x in plain)


def _halves(nodes: Iterable[Syntax]) -> Iterator[str]:
    r"""Yield the capitals over a number before parentheses or functions alone, as N of `\frac{N}{2}\log|\Sigma|`."""
    for node in (x for x in nodes if x.head == "product"):
        first, *rest = node.arguments
        letter = first.arguments[0].ungrouped if first.head == "fraction" else first
        over_number = first.head == "fraction" and first.arguments[1].ungrouped.head == "number"
        if over_number and letter.head == "symbol" and all(x.head in ("group", "call", "bars") for x in rest):
            yield letter.text


def _is_number(node: Syntax) -> bool:
    """Whether a term is a number whatever its letters are: a norm, an inner product, a trace."""
    return node.head in ("norm", "inner") or is_call_of(node, "n n -> 1 1")


def is_call_of(node: Syntax, signature: str) -> bool:
    """Whether this calls an operator with that signature: "n n -> 1 1" is a determinant or a trace."""
    return node.head == "call" and signature in by_name(node.text).signatures


def _taken_of_diagonal(nodes: Sequence[Syntax]) -> Iterator[str]:
    for node in nodes:
        if is_call_of(node, "n 1 -> n n"):
            inner = node.arguments[0].ungrouped
            if inner.head == "symbol":
                yield inner.text


def _terms(nodes: Sequence[Syntax]) -> set[str]:
    """Return the capitals of which every occurrence is a term of a sum of several terms, in no norm of matrices."""
    terms: set[int] = set()
    of_matrices = {x.text for y in nodes if y.head == "norm" and y.text == "F" for x in y.walk()}
    for node in nodes:
        if node.head == "add":
            terms |= {id(x) for x in node.terms if x.head == "symbol"}
    letters = [x for x in nodes if x.head == "symbol" and name_of(x.text).is_capital]
    return {x.text for x in letters} - {x.text for x in letters if id(x) not in terms} - of_matrices


def _squared(nodes: Sequence[Syntax]) -> set[str]:
    r"""Return the capitals that a sum has both as `Y'Y` and behind a row, as in `Y'Y-2\beta'X'Y`."""
    found: set[str] = set()
    for total in (x for x in nodes if x.head == "add"):
        products = [x.arguments for x in total.terms if x.head == "product"]
        squares = {y.text for x, *rest in products if len(rest) == 1 for y in rest if _transposed(x) == y.text}
        rows = (x[-1].text for x in products if any(map(_is_row, x[:-1])))
        found |= squares.intersection(rows)
    return found


def _is_row(node: Syntax) -> bool:
    """Whether this is a small letter transposed."""
    return bool(_transposed(node)) and not name_of(_transposed(node)).is_capital


def _transposed(node: Syntax) -> str:
    """Return the letter of which this is the transpose, "" for anything else."""
    return node.arguments[0].text if node.head in ("transpose", "prime") else ""


def doubt_of_number_behind(
    f: Syntax, places: Places, declared: Mapping[str, Declaration], kinds: Mapping[str, str]
) -> DeriveError | None:
    r"""Return why an f that is no number is doubted in which `X^\top\beta` has a number \beta: X may be a vector."""
    for node in (x for x in f.walk() if x.head == "product"):
        for a, b in pairwise(node.arguments):
            number = b.text in places.behind and kinds.get(b.text) == "scalar" and b.text not in declared
            if number and (matrix := _transposed(a)):
                hint = f"declare it: [{matrix}: column] or [{b.text}: scalar]"
                message = f"{b.text} would be a number here, unless {matrix} is a vector"
                return ShapeError("E205", message, b.span, hint)
    return None


def _within(node: Syntax) -> Iterator[str]:
    r"""Yield the capitals that are terms of a sum within a determinant or a trace."""
    if node.head == "bars" or is_call_of(node, "n n -> 1 1"):
        inner = node.arguments[0].ungrouped
        yield from _capitals(inner) if inner.head == "add" else ()


def _capitals(total: Syntax) -> Iterator[str]:
    yield from (x.text for x in total.terms if x.head == "symbol" and name_of(x.text).is_capital)


def _between(factors: Sequence[Syntax]) -> Iterator[str]:
    """Yield the capitals that are terms of a sum between a transpose and a further factor."""
    for row, inner, _ in zip(factors, factors[1:], factors[2:], strict=False):
        group = group_within(inner)
        if row.head in ("transpose", "prime") and group is not None and group.arguments[0].head == "add":
            yield from _capitals(group.arguments[0])
    for inner, behind in pairwise(factors):
        group = group_within(inner)
        small = behind.head == "symbol" and not name_of(behind.text).is_capital
        if small and group is not None and group.arguments[0].head == "add":
            letters = all(x.head == "symbol" for x in group.arguments[0].terms)
            yield from _capitals(group.arguments[0]) if letters else ()
