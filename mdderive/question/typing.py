"""From the surface tree to typed expressions: which letter is a matrix, a vector, a scalar or a function.

Readings are tried in the order of their surprise (a capital that is no matrix, a small Latin letter that is no
vector, ...); sizes are unified over the whole bundle: the function, the variables, and every definition. The first
reading in which everything fits and the function is a scalar is taken; where a second fits equally well, the
author is asked. No small letter is ever read as a matrix unless it is declared as one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import reduce
from heapq import heappop, heappush
from itertools import pairwise
from types import MappingProxyType

from ..algebra.expressions import ONE, Apply, Dimension, Expr, Index, Operator, Symbol, number, read_signature
from ..algebra.operators import by_name, by_spelling
from ..algebra.operators.entries import entry_row, unit_vector
from ..algebra.operators.entrywise import Function, FunctionDefinition, named_function
from ..algebra.operators.kronecker import commutation
from ..algebra.operators.structural import (
    entrywise_power_row,
    fraction_row,
    hadamard_row,
    power_row,
    product,
    sum_row,
    transpose_row,
)
from ..algebra.properties import COLUMN, SQUARE
from ..algebra.terms import identity, index_symbol, inner_product, multiply, negate, ones, written_sum, zero
from ..errors import Note, ShapeError, Span, UnsupportedError
from ..latex.tree import Syntax
from .entries import entry_indices

# A letter that stands before a parenthesis is read as a function only if it is one of these (or declared).
FUNCTION_LETTERS = frozenset(
    (r"\sigma", r"\phi", r"\varphi", r"\psi", r"\rho", "f", "g", "h", "s", r"\mathrm{relu}", r"\operatorname{relu}")
)
SCRIPTED = ("transpose", "power", "hadamard_power", "prime", "inverse_transpose")
"""What scripts behind a parenthesis make of it."""
ENTRYWISE_HEADS = ("hadamard", "circ", "hadamard_quotient", "hadamard_power")
DIMENSION_NAMES = ("m", "n", "p", "q", "r", "s", "k", "l", "d", "t", "u", "v")
VECTOR_HEADS = frozenset(("transpose", "inverse_transpose", "norm", "inner", "hadamard", "kronecker"))
READINGS_TRIED = 400
"""How many choices of kinds are tried, the least surprising first."""


@dataclass(eq=False, slots=True)
class Size:
    """An unknown number of rows or columns; `parent` once it is known to equal another, `parts` if it is a product."""

    name: Dimension | None = None
    parent: Size | None = None
    parts: tuple[Size, Size] | None = None

    def root(self) -> Size:
        """Return the representative of all sizes known to be equal to this one."""
        size = self
        while size.parent is not None:
            size = size.parent
        return size


UNIT = Size(ONE)


def times(a: Size, b: Size) -> Size:
    """Return the product of two sizes."""
    if a.root() is UNIT or b.root() is UNIT:
        return b if a.root() is UNIT else a
    return Size(parts=(a, b))


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the author said of a symbol: its sizes (None: not said), properties, and whether it is a function."""

    rows: str | None = None
    columns: str | None = None
    kind: str | None = None
    properties: frozenset[str] = frozenset()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """`name = body`: an intermediate or an abbreviation; of a claim the shapes need not be equal."""

    name: Syntax | None
    body: Syntax
    claim: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A node of known size class: `make` builds the expression once every size has its name."""

    rows: Size
    columns: Size
    make: Callable[[], Expr]

    @property
    def is_scalar(self) -> bool:
        """Whether both sizes are 1."""
        return self.rows.root() is UNIT and self.columns.root() is UNIT

    @property
    def is_vector_or_scalar(self) -> bool:
        """Whether one of the sizes is 1."""
        return self.rows.root() is UNIT or self.columns.root() is UNIT


@dataclass(frozen=True, slots=True)
class Typed:
    """What was read: the expressions of the bundle, and each symbol by its LaTeX in the order of appearance."""

    f: Expr
    variables: tuple[Symbol, ...]
    definitions: tuple[tuple[Expr | None, Expr], ...]
    symbols: Mapping[str, Symbol]
    functions: tuple[str, ...]


class ReadingError(Exception):
    """This reading does not fit: where, why, and which choices were involved."""

    def __init__(
        self,
        message: str,
        span: Span,
        involved: frozenset[str],
        notes: tuple[Note, ...] = (),
        code: str = "E203",
        hint: str = "",
    ) -> None:
        super().__init__(message)
        self.message, self.span, self.involved, self.notes = message, span, involved, notes
        self.code, self.hint = code, hint


NOT_MULTIPLIED, NOT_ADDED, NOT_EQUAL = "cannot be multiplied by", "cannot be added or set equal", "must equal"
CLASHES = (NOT_MULTIPLIED, NOT_ADDED, NOT_EQUAL)
"""What a message says of two sizes that do not go together."""
NUMBER_BESIDE_MATRIX = "a number is added to a matrix"
"""What is refused where some authors mean that every entry grows, and others the identity."""
NOT_SUPPORTED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "tuple": ("a function of several arguments is not supported", "name a function of one argument"),
        "colon": ("this product is not supported", r"write \operatorname{tr}(A^T B)"),
    }
)


def read(
    f: Syntax,
    variables: Sequence[Syntax],
    definitions: Sequence[Definition],
    declarations: Mapping[str, Declaration],
    *,
    scalar: bool = True,
    functions: Mapping[str, FunctionDefinition] = MappingProxyType({}),
    softmax: str = "",
) -> Typed:
    """Return the typed bundle; with `scalar` the function must be 1 x 1; `functions` are those the author defined.

    `softmax` says whether that of a matrix is meant of its "rows" or "columns", "" that the author has not said.

    Raises:
        ShapeError: no reading fits, or two fit equally well.
    """
    bundle = [f, *variables, *(x for item in definitions for x in (item.name, item.body) if x is not None)]
    choices = _choices(bundle, declarations, functions)
    for variable in variables:
        choices[variable.text] = [x for x in choices[variable.text] if x[1] != "constant"]
        # Who differentiates by a capital letter means a matrix.
        if choices[variable.text][0][1] == "matrix":
            choices[variable.text] = choices[variable.text][:1]
    first_clash: ReadingError | None = None
    found: tuple[int, dict[str, str], Reading] | None = None
    no_scalar: dict[str, str] | None = None
    vectors = surely_vectors(bundle)
    forbidden: list[dict[str, str]] = []
    for tried, (cost, kinds) in enumerate(_by_surprise(choices, forbidden)):
        if tried > READINGS_TRIED or (found is not None and cost > found[0]):
            break
        reading = Reading(kinds, declarations, functions, softmax)
        try:
            reading.infer_bundle(f, variables, definitions, scalar=scalar)
        except ReadingError as clash:
            if clash.code == "E204" and tried == 0:
                first_clash, no_scalar = clash, kinds
            first_clash = first_clash or clash
            if not reading.sizes_clashed:
                forbidden.append({name: kinds[name] for name in clash.involved if name in kinds})
            continue
        if no_scalar is not None and _demotes(no_scalar, kinds, vectors):
            continue
        if set(kinds.values()) <= {"scalar", "function", "constant"}:
            _check_no_matrix(choices, f)
        if found is not None:
            raise _ambiguous(found[1], kinds, f)
        found = (cost, kinds, reading)
    if found is None:
        assert first_clash is not None
        raise ShapeError(first_clash.code, first_clash.message, first_clash.span, first_clash.hint, first_clash.notes)
    return found[2].finish(f, variables, definitions)


def _demotes(usual: dict[str, str], kinds: dict[str, str], vectors: frozenset[str]) -> bool:
    """Whether a letter of the usual reading, which fits but for f being no scalar, is wrongly read as a scalar here.

    A matrix always is; a vector if it stands where only a vector makes sense.
    """
    demoted = {name for name in usual if kinds[name] == "scalar" != usual[name]}
    return any(usual[name] in ("matrix", "identity") or name in vectors for name in demoted)


def surely_vectors(bundle: Sequence[Syntax]) -> frozenset[str]:
    """Return the letters within what only vectors and matrices have: a transpose, a norm, softmax, ..."""
    found: set[str] = set()
    for root in bundle:
        for node in _walk(root):
            call = node.head == "call" and by_name(node.text).signatures != ("m n -> m n",)
            if call or node.head in VECTOR_HEADS:
                found.update(x.text for x in _walk(node) if x.head == "symbol")
    return frozenset(found)


def _check_no_matrix(choices: Mapping[str, list[tuple[int, str]]], f: Syntax) -> None:
    """Refuse a function of numbers alone that has a letter which looks like a matrix.

    Raises:
        ShapeError: it has.
    """
    for name, options in choices.items():
        if options[0][1] == "matrix":
            hint = f"declare it: [{name}: scalar], or write a norm, a trace or a product"
            raise ShapeError("E205", f"nothing fits but that {name} is a number", _find(f, name) or f.span, hint)


def _ambiguous(one: dict[str, str], other: dict[str, str], f: Syntax) -> ShapeError:
    name = next(name for name in one if one[name] != other[name])
    return ShapeError(
        "E205",
        f"{name} may be a {one[name]} or a {other[name]}",
        _find(f, name) or f.span,
        f"declare it: [{name}: {one[name]}] or [{name}: {other[name]}]",
    )


def _find(node: Syntax, name: str) -> Span | None:
    for x in _walk(node):
        if x.head == "symbol" and x.text == name:
            return x.span
    return None


def _walk(node: Syntax) -> Iterator[Syntax]:
    stack = [node]
    while stack:
        x = stack.pop()
        yield x
        stack.extend(reversed(x.arguments))


# --- the choices an undeclared letter has ------------------------------------------------------------------


def _choices(
    bundle: Sequence[Syntax], declarations: Mapping[str, Declaration], functions: Mapping[str, FunctionDefinition]
) -> dict[str, list[tuple[int, str]]]:
    """Return (surprise, kind) for every letter and every 1 or I whose size is to be found, least first."""
    choices: dict[str, list[tuple[int, str]]] = {}
    called, scalars = _called(bundle), _surely_scalar(bundle, declarations)
    entries = any(node.head == "subscripted" for root in bundle for node in _walk(root))
    for root in bundle:
        for node in _walk(root):
            fresh = root is not bundle[0] and node.text not in choices and node.text not in declarations
            if fresh and node.head == "symbol" and _COMMUTATION.fullmatch(node.text):
                choices[node.text] = [(0, "commutation matrix")]
            if node.head in ("ones", "zeros"):
                choices[_occurrence(node)] = [(0, "column"), (2, "matrix")]
            elif node.head == "symbol" and node.text not in choices:
                if node.text in called and node.text not in functions:
                    _check_no_function(node, called[node.text], declarations)
                options = _options(node.text, declarations.get(node.text), node.text in called)
                if node.text in functions:
                    options = [(0, "function")]
                scalar_only = [(0, "scalar")] if node.text in scalars and node.text not in declarations else None
                if entries and _UNIT_VECTOR.fullmatch(node.text) and node.text not in declarations:
                    options = [(0, "unit vector")]
                choices[node.text] = scalar_only or options
    return choices


def _check_no_function(letter: Syntax, argument: Syntax, declarations: Mapping[str, Declaration]) -> None:
    """Refuse `u(x)`, which looks like a function's value, where u is no usual name of a function.

    Raises:
        ShapeError: it is so, and the author has not said what u is.
    """
    if letter.text not in FUNCTION_LETTERS and letter.text not in declarations and argument.head == "symbol":
        shown = f"{letter.text}({argument.text})"
        hint = f"declare it: [{letter.text}: function] or [{letter.text}: scalar], or leave out the parentheses"
        raise ShapeError("E205", f"{shown} may be a function or a product", letter.span, hint)


def _occurrence(node: Syntax) -> str:
    return f"1@{node.span.part}:{node.span.start}"


def _called(bundle: Sequence[Syntax]) -> dict[str, Syntax]:
    """Return the letters that stand directly before a parenthesis, each with what stands in the first of them."""
    found: dict[str, Syntax] = {}
    for root in bundle:
        for node in _walk(root):
            pairs = pairwise(node.arguments) if node.head in ("product", "applied") else ()
            for a, b in pairs:
                group = _group_within(b)
                if group is not None and _bare(a).head == "symbol":
                    found.setdefault(_bare(a).text, group.arguments[0])
    return found


def _group_within(node: Syntax) -> Syntax | None:
    """Return the parenthesis that `node` is, perhaps with scripts behind it, else None."""
    while node.head in SCRIPTED:
        node = node.arguments[0]
    return node if node.head == "group" and node.text in ("(", "[") else None


def _applied_within(letter: Syntax, group: Syntax) -> Syntax:
    """Return f(x), with the scripts that stand behind its parenthesis around the whole."""
    span = replace(group.span, start=letter.span.start)
    if group.head in SCRIPTED:
        inner = _applied_within(letter, group.arguments[0])
        return replace(group, arguments=(inner, *group.arguments[1:]), span=span)
    return Syntax("applied", (letter, group), span)


def _bare(node: Syntax) -> Syntax:
    while node.head == "prime":
        node = node.arguments[0]
    return node


def _surely_scalar(bundle: Sequence[Syntax], declarations: Mapping[str, Declaration]) -> set[str]:
    """Return the letters that are the upper end of a sum or a declared size."""
    sizes = {size for said in declarations.values() for size in (said.rows, said.columns) if size}
    return sizes | {node.upper for root in bundle for node in _walk(root) if node.head == "sum_over"}


def _options(latex: str, said: Declaration | None, called: bool) -> list[tuple[int, str]]:
    if said is not None and said.kind is not None:
        return [(0, said.kind)]
    if latex == r"\pi" and said is None:
        return [(0, "constant"), (1, "column"), (2, "scalar")]
    if _IDENTITY.fullmatch(latex) and said is None:
        return [(0, "identity"), (1, "matrix"), (3, "scalar")]
    options = _usual_kinds(latex)
    if said is not None and said.properties & SQUARE:
        return [(0, "matrix")]
    if said is not None and said.properties & COLUMN:
        options = [(0, "column"), (1, "matrix")]
    if called and latex in FUNCTION_LETTERS:
        options = [(0, "function"), *((cost + 2, kind) for cost, kind in options)]
    return options


_UNIT_VECTOR = re.compile(r"(?:e|\\(?:mathbf|boldsymbol|bm)\{e\})_(?:\{(\d+)\}|(\d))")
"""What is read as a unit vector beside entries: `e_1`."""
_COMMUTATION = re.compile(r"(?:K|\\(?:mathbf|boldsymbol|bm)\{K\})_\{(\w),?\s*(\w)\}")
"""What is read as a commutation matrix in a claim: `K_{mn}`."""
_IDENTITY = re.compile(r"(?:I|\\(?:mathbf|mathrm|mathbb|boldsymbol|bm)\{I\})(?:_(?:\{(\w+)\}|(\w)))?")
_FONT = re.compile(r"\\(?:mathbf|boldsymbol|bm|pmb|textbf|bold|vec)\s*\{(.*)\}$|\\(?:mathbf|boldsymbol|bm|vec)\s+(\S+)")
_ACCENT = re.compile(r"\\(?:bar|hat|tilde|widehat|widetilde|overline|dot|mathrm|mathit|mathsf|mathcal)\s*\{?")


def _usual_kinds(latex: str) -> list[tuple[int, str]]:
    """Return the kinds a letter may have by its shape on the page, the usual one first."""
    bold = re.search(r"\\(mathbf|boldsymbol|bm|pmb|textbf|bold|vec)\b", latex) is not None
    bare = re.sub(r"\\(mathbf|boldsymbol|bm|pmb|textbf|bold|vec)\b", "", latex)
    bare = _ACCENT.sub("", bare).strip("{} ")
    head = re.match(r"\\?[A-Za-z]+", bare)
    letter = head.group(0) if head else bare
    if letter.lstrip("\\")[:1].isupper():
        return [(0, "matrix"), (2, "scalar")]
    if bold:
        return [(0, "column"), (4, "scalar")]
    if letter.startswith("\\"):
        return [(0, "scalar"), (1, "column")]
    if letter[:1] in "ijkn":
        return [(0, "scalar"), (1, "column")]
    return [(0, "column"), (1, "scalar")]


def _by_surprise(
    choices: dict[str, list[tuple[int, str]]], forbidden: list[dict[str, str]]
) -> Iterator[tuple[int, dict[str, str]]]:
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


# --- one reading -------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Reading:
    """One choice of kinds, the sizes found so far, and the expressions to be built."""

    kinds: dict[str, str]
    declarations: Mapping[str, Declaration]
    defined: Mapping[str, FunctionDefinition] = field(default_factory=dict)
    softmax: str = ""
    sizes: dict[str, tuple[Size, Size]] = field(default_factory=dict)
    rigid: dict[str, Size] = field(default_factory=dict)
    made: dict[str, Symbol] = field(default_factory=dict)
    open_indices: list[Index] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    of_matrix: list[tuple[Syntax, Piece]] = field(default_factory=list)
    traces: list[Syntax] = field(default_factory=list)
    of_matrices: bool = False
    extents: dict[Index, Size] = field(default_factory=dict)
    sizes_clashed: bool = False
    taken: frozenset[str] = frozenset()

    def infer_bundle(
        self, f: Syntax, variables: Sequence[Syntax], definitions: Sequence[Definition], *, scalar: bool
    ) -> None:
        """Find the size of every node.

        Raises:
            ReadingError: this reading does not fit.
        """
        whole = self.infer(f)
        self.pieces = [whole, *(self.infer(x) for x in variables)]
        for item in definitions:
            self.open_indices += self._indices_of(item, f, definitions)
            body = self.infer(item.body)
            self.pieces.append(body)
            if item.name is not None:
                name = self.infer(item.name)
                if item.claim:
                    self._fit(body, name)
                else:
                    self.equal(name, body, item.body, item.name)
                self.pieces.append(name)
            self.open_indices.clear()
        self._refuse_matrix_functions(anywhere=not whole.is_scalar)
        if scalar and not whole.is_scalar:
            size = _shape_text(whole)
            hint = "make it a scalar, by a norm, a trace or a product with a vector"
            raise ReadingError(
                f"the function is {size}, not a scalar", f.span, self._involved(f), code="E204", hint=hint
            )

    def _indices_of(self, item: Definition, f: Syntax, definitions: Sequence[Definition]) -> list[Index]:
        """Return the indices that `p_i := ...` defines a whole family over, which only an answer may be written in."""
        if item.name is None or item.claim or any(x.text == item.name.text for x in _walk(f)):
            return []
        sums = [x for root in (f, *(x.body for x in definitions)) for x in _walk(root) if x.head == "sum_over"]
        found = {x.text: Index(x.text, x.lower, x.upper) for x in sums if _carries(item.name.text, x.text)}
        return list(found.values())

    def _fit(self, claimed: Piece, variable: Piece) -> None:
        r"""Give the sizes of a claim that no letter fixes, as in `\mathbf{1}\mathbf{1}^\top`, those of the variable."""
        fixed = {size.root() for name, pair in self.sizes.items() if not name.startswith("1@") for size in pair}
        for size, wanted in ((claimed.rows, variable.rows), (claimed.columns, variable.columns)):
            if size.root().name is None and size.root() not in fixed:
                size.root().parent = wanted.root()

    def finish(self, f: Syntax, variables: Sequence[Syntax], definitions: Sequence[Definition]) -> Typed:
        """Return the expressions, every size named in the order of appearance."""
        self._name_sizes([f, *variables, *(x for item in definitions for x in (item.body, item.name) if x)])
        built = iter(self.pieces)
        whole = next(built).make()
        wanted = tuple(next(built).make() for _ in variables)
        made: list[tuple[Expr | None, Expr]] = []
        for item in definitions:
            body = next(built).make()
            made.append((next(built).make() if item.name is not None else None, body))
        symbols = tuple(x for x in wanted if isinstance(x, Symbol))
        return Typed(whole, symbols, tuple(made), dict(self.made), tuple(dict.fromkeys(self.functions)))

    def _name_sizes(self, roots: Sequence[Syntax]) -> None:
        letters = {x.text for root in roots for x in _walk(root) if x.head == "symbol"}
        uppers = {x.upper for root in roots for x in _walk(root) if x.head == "sum_over"}
        indices = {x.text for root in roots for x in _walk(root) if x.head == "sum_over"}
        taken = letters | uppers | indices | set(self.rigid)
        unnamed: list[Size] = []
        for latex in self.sizes:
            for size in self.sizes[latex]:
                unnamed.extend(root for root in _prime(size) if root.name is None and root not in unnamed)
        free = [name for name in DIMENSION_NAMES if name not in taken]
        if len(unnamed) == 1 and "n" in free:
            free = ["n", *free]
        extra = (f"n_{k}" for k in range(1, 1000))
        for size in unnamed:
            size.name = (free.pop(0),) if free else (next(extra),)

    # --- sizes

    def equal(self, a: Piece, b: Piece, at: Syntax, other: Syntax) -> None:
        """Make the shapes of two pieces equal.

        Raises:
            ReadingError: they cannot be.
        """
        shown = (_shape_text(a), _shape_text(b))
        for one, two in ((a.rows, b.rows), (a.columns, b.columns)):
            message = f"{shown[1]} and {shown[0]} {NOT_ADDED}"
            self.unify(one, two, at, other, message, shown)

    def unify(
        self, a: Size, b: Size, at: Syntax, other: Syntax, message: str, shown: tuple[str, str] = ("", "")
    ) -> None:
        """Make two sizes equal.

        Raises:
            ReadingError: both are known and differ.
        """
        a, b = a.root(), b.root()
        if a is b:
            return
        if any(x is not y and x in _within(y) for x, y in ((a, b), (b, a))):
            raise ReadingError(message, at.span, self._involved(at) | self._involved(other))
        if a.parts is not None and b.parts is not None:
            for one, two in zip(a.parts, b.parts, strict=True):
                self.unify(one, two, at, other, message, shown)
        elif a.name is None and a.parts is None and b is not UNIT:
            a.parent = b
        elif b.name is None and b.parts is None and a is not UNIT:
            b.parent = a
        else:
            if a is not UNIT and b is not UNIT:
                self.sizes_clashed = True
                message += f"; {_size_text(a)} {NOT_EQUAL} {_size_text(b)}"
            places = zip((at, other), shown, strict=True)
            notes = tuple(Note(x.span, text) for x, text in places if text and other.span != at.span)
            raise ReadingError(message, at.span, self._involved(at) | self._involved(other), notes)

    def _involved(self, node: Syntax) -> frozenset[str]:
        names = {x.text for x in _walk(node) if x.head == "symbol"}
        return frozenset(names | {_occurrence(x) for x in _walk(node) if x.head in ("ones", "zeros")})

    def fresh(self, name: str | None) -> Size:
        """Return the size an author called `name`, a new one for None."""
        if name is None:
            return Size()
        if name == "1":
            return UNIT
        if "*" in name:
            return reduce(times, map(self.fresh, name.split("*")))
        return self.rigid.setdefault(name, Size((name,)))

    # --- nodes

    def infer(self, node: Syntax) -> Piece:
        """Return the piece of `node`.

        Raises:
            ReadingError: it does not fit in this reading.
            UnsupportedError: no reading can make sense of it.
        """
        method = getattr(self, f"_infer_{node.head}", None)
        if method is None:
            message, hint = NOT_SUPPORTED.get(node.head, (f"this {node.head} is not supported", ""))
            raise UnsupportedError("E303", message.format(text=node.text), node.span, hint)
        piece = method(node)
        assert isinstance(piece, Piece)
        return piece

    def _infer_number(self, node: Syntax) -> Piece:
        value = node.value
        assert value is not None
        return Piece(UNIT, UNIT, lambda: number(value))

    def _infer_group(self, node: Syntax) -> Piece:
        return self.infer(node.arguments[0])

    def _infer_equation(self, node: Syntax) -> Piece:
        return self.infer(node.arguments[1])

    def _infer_symbol(self, node: Syntax) -> Piece:
        latex = node.text
        opened = [i.name for i in self.open_indices]
        if latex in opened:
            return Piece(UNIT, UNIT, lambda: index_symbol(latex))
        kind = self.kinds[latex]
        if kind == "constant":
            return Piece(UNIT, UNIT, lambda: Apply(by_name("pi"), ()))
        if kind == "identity":
            match = _IDENTITY.fullmatch(latex)
            size = self.fresh((match[1] or match[2]) if match else None)
            return Piece(size, size, lambda: identity(_named(size)))
        if kind == "commutation matrix":
            letters = _COMMUTATION.fullmatch(latex)
            one, other = (self.fresh(x) for x in letters.groups()) if letters else (UNIT, UNIT)
            rows, columns = times(one, other), times(other, one)
            return Piece(rows, columns, lambda: commutation((_named(one), _named(other))))
        if kind == "unit vector":
            match, size = _UNIT_VECTOR.fullmatch(latex), Size()
            place = int(match[1] or match[2]) if match else 0
            return Piece(size, UNIT, lambda: unit_vector(_named(size), place))
        if kind == "function":
            raise ReadingError(f"{latex} is a function and needs an argument", node.span, frozenset((latex,)))
        if latex not in self.sizes:
            said = self.declarations.get(latex, Declaration())
            rows = UNIT if kind in ("scalar", "row") else self.fresh(said.rows)
            columns = UNIT if kind in ("scalar", "column") else self.fresh(said.columns)
            if kind == "matrix" and said.properties & SQUARE and said.rows is None:
                columns = rows
            self.sizes[latex] = (rows, columns)
        rows, columns = self.sizes[latex]
        index = _in_order(latex, [name for name in opened if _carries(latex, name)])
        for name in index:
            if _run_together(latex, name, opened):
                hint = "separate the letters of an index by commas"
                raise UnsupportedError(
                    "E134", f"it is not clear whether {name} is an index in {latex}", node.span, hint
                )
        return Piece(rows, columns, lambda: self._symbol(latex, rows, columns, index))

    def _symbol(self, latex: str, rows: Size, columns: Size, index: tuple[str, ...]) -> Symbol:
        said = self.declarations.get(latex, Declaration())
        family = _family(latex, index) if index else ""
        properties = said.properties | {"integer"} if latex in self.whole else said.properties
        symbol = Symbol(latex, (_named(rows), _named(columns)), properties, index, family)
        self.made[latex] = symbol
        return symbol

    def _infer_ones(self, node: Syntax) -> Piece:
        rows = self.fresh(node.text or None)
        columns = UNIT if self.kinds[_occurrence(node)] == "column" else Size()
        self.sizes.setdefault(_occurrence(node) + repr(id(self)), (rows, columns))
        return Piece(rows, columns, lambda: ones((_named(rows), _named(columns))))

    def _infer_zeros(self, node: Syntax) -> Piece:
        rows = self.fresh(node.text or None)
        columns = UNIT if self.kinds[_occurrence(node)] == "column" else Size()
        return Piece(rows, columns, lambda: zero((_named(rows), _named(columns))))

    def _infer_add(self, node: Syntax) -> Piece:
        pieces = [self.infer(x) for x in node.arguments]
        lead = next((p for p, x in zip(pieces, node.arguments, strict=True) if not _is_numeral(x)), pieces[0])
        parts: list[Callable[[], Expr]] = []
        for piece, x in zip(pieces, node.arguments, strict=True):
            if _is_numeral(x) and not lead.is_scalar:
                parts.append(self._numeral_times_ones(x, lead, node))
                continue
            self.equal(piece, lead, x, node.arguments[pieces.index(lead)])
            parts.append(piece.make)
        return Piece(lead.rows, lead.columns, lambda: written_sum([make() for make in parts]))

    def _numeral_times_ones(self, x: Syntax, lead: Piece, node: Syntax) -> Callable[[], Expr]:
        """Read the 1 of `1 + exp(v)` as a vector of ones; beside a square matrix that would be a guess."""
        if lead.columns.root() is not UNIT:
            raise ReadingError(NUMBER_BESIDE_MATRIX, x.span, self._involved(node))
        value = self.infer(x).make
        return lambda: multiply(value(), ones((_named(lead.rows), ONE)))

    def _infer_negate(self, node: Syntax) -> Piece:
        inner = self.infer(node.arguments[0])
        return Piece(inner.rows, inner.columns, lambda: _minus(inner.make()))

    def _infer_product(self, node: Syntax) -> Piece:
        return self._product(self._factors(node), node)

    def _infer_cdot(self, node: Syntax) -> Piece:
        pieces = [self.infer(x) for x in node.arguments]
        a, b = pieces
        columns = a.columns.root() is UNIT and b.columns.root() is UNIT
        if columns and not a.is_scalar and not b.is_scalar:
            self.equal(a, b, *node.arguments)
            return Piece(UNIT, UNIT, lambda: Apply(product, (Apply(transpose_row, (a.make(),)), b.make())))
        return self._product(list(zip(pieces, node.arguments, strict=True)), node)

    def _infer_times(self, node: Syntax) -> Piece:
        pieces = [self.infer(x) for x in node.arguments]
        if not any(x.is_scalar for x in pieces) and (
            node.head == "star" or all(x.columns.root() is UNIT for x in pieces)
        ):
            message = "this sign may mean several products"
            hint = r"write a \odot b for the entries or a^T b for the inner product"
            raise UnsupportedError("E303", message, node.span, hint)
        return self._product(list(zip(pieces, node.arguments, strict=True)), node)

    _infer_star = _infer_times

    def _factors(self, node: Syntax) -> list[tuple[Piece, Syntax]]:
        """Return the factors of a juxtaposition, a function letter joined with the parenthesis after it."""
        found: list[tuple[Piece, Syntax]] = []
        arguments = list(node.arguments)
        k = 0
        while k < len(arguments):
            x = arguments[k]
            if x.head == "power" and x.arguments[0].text in FUNCTION_LETTERS and k + 1 < len(arguments):
                self._refuse_power_of_function(x, arguments[k + 1])
            inner = _bare(x)
            is_function = inner.head == "symbol" and self.kinds.get(inner.text) == "function"
            if is_function and k + 1 < len(arguments) and _group_within(arguments[k + 1]) is not None:
                call = _applied_within(x, arguments[k + 1])
                found.append((self.infer(call), call))
                k += 2
            else:
                found.append((self.infer(x), x))
                k += 1
        return found

    def _refuse_power_of_function(self, power: Syntax, group: Syntax) -> None:
        r"""Refuse `\sigma^2(x)` and `\sigma^{-1}(x)`.

        Raises:
            UnsupportedError: a parenthesis follows.
        """
        if _group_within(group) is not None and power.arguments[0].text not in self.declarations:
            letter = power.arguments[0].text
            hint = f"write {letter}(x)^2 for the power of the value"
            raise UnsupportedError("E303", f"this power of {letter} may be meant of the function", power.span, hint)

    def _call_of_letter(self, latex: str, order: int, argument: Syntax) -> Piece:
        self.functions.append(latex)
        inner = self.infer(argument)
        return Piece(
            inner.rows,
            inner.columns,
            lambda: Apply(named_function, (inner.make(),), (Function(latex, order, self.defined.get(latex)),)),
        )

    def _product(self, factors: list[tuple[Piece, Syntax]], node: Syntax) -> Piece:
        """Return the product; a stretch row x ... x column inside it is a scalar and may stand anywhere."""
        segments: list[list[tuple[Piece, Syntax]]] = []
        unfinished: list[list[tuple[Piece, Syntax]]] = []
        for piece, x in factors:
            if piece.is_scalar:
                segments.append([(piece, x)])
            elif unfinished and self._joins(unfinished[-1][-1], piece, x):
                unfinished[-1].append((piece, x))
                if _is_scalar_segment(unfinished[-1]):
                    unfinished.pop()
            else:
                segments.append([(piece, x)])
                unfinished.append(segments[-1])
        if len(unfinished) > 1:
            (a, a_syntax), (b, b_syntax) = unfinished[0][-1], unfinished[1][0]
            raise ReadingError(
                f"{_called_so(a_syntax)} ({_shape_text(a)}) {NOT_MULTIPLIED} {_called_so(b_syntax)} ({_shape_text(b)})",
                b_syntax.span,
                self._involved(node),
                (Note(a_syntax.span, _shape_text(a)), Note(b_syntax.span, _shape_text(b))),
            )
        open_ones = unfinished
        rows = open_ones[0][0][0].rows if open_ones else UNIT
        columns = open_ones[0][-1][0].columns if open_ones else UNIT
        return Piece(rows, columns, lambda: _times([[p.make() for p, _ in s] for s in segments]))

    def _joins(self, left: tuple[Piece, Syntax], piece: Piece, x: Syntax) -> bool:
        """Whether `piece` may follow `left` in a chain; their inner sizes are then equal."""
        before, before_syntax = left
        if (before.columns.root() is UNIT) != (piece.rows.root() is UNIT):
            return False
        message = (
            f"{_called_so(before_syntax)} is {_shape_text(before)} but "
            f"{_called_so(x)} has {_size_text(piece.rows)} rows"
        )
        shown = (_shape_text(piece), _shape_text(before))
        self.unify(before.columns, piece.rows, x, before_syntax, message, shown)
        return True

    def _binary(self, node: Syntax, operator: Operator) -> Piece:
        pieces = [self.infer(x) for x in node.arguments]
        lead = next((p for p in pieces if not p.is_scalar), pieces[0])
        for piece, x in zip(pieces, node.arguments, strict=True):
            self.equal(piece, lead, x, node.arguments[pieces.index(lead)])
        if lead.is_scalar:
            return Piece(UNIT, UNIT, lambda: Apply(product, tuple(p.make() for p in pieces)))
        return Piece(lead.rows, lead.columns, lambda: Apply(operator, tuple(p.make() for p in pieces)))

    def _infer_hadamard(self, node: Syntax) -> Piece:
        return self._binary(node, hadamard_row)

    _infer_circ = _infer_hadamard

    def _infer_hadamard_quotient(self, node: Syntax) -> Piece:
        a, b = (self.infer(x) for x in node.arguments)
        self.equal(a, b, *node.arguments)
        return Piece(
            a.rows,
            a.columns,
            lambda: Apply(hadamard_row, (a.make(), Apply(entrywise_power_row, (b.make(), number(-1))))),
        )

    def _infer_fraction(self, node: Syntax) -> Piece:
        above, below = (self.infer(x) for x in node.arguments)
        if not below.is_scalar:
            raise ReadingError(
                f"the denominator is {_shape_text(below)}, not a scalar",
                node.arguments[1].span,
                self._involved(node.arguments[1]),
            )
        return Piece(above.rows, above.columns, lambda: Apply(fraction_row, (above.make(), below.make())))

    _infer_slash = _infer_fraction

    def _infer_applied(self, node: Syntax) -> Piece:
        r"""Read the argument of `\log\sigma(x)`: the letter's value at x where it is a function."""
        letter, group = node.arguments
        order, name = 0, letter
        while name.head == "prime":
            order, name = order + 1, name.arguments[0]
        if self.kinds.get(name.text) == "function":
            return self._call_of_letter(name.text, order, group)
        message = f"{name.text} is no function: does ({'...'}) belong to the argument?"
        raise ReadingError(message, node.span, self._involved(node), hint="add parentheses")

    def _infer_sqrt(self, node: Syntax) -> Piece:
        whole = self.infer(node.arguments[0])
        if len(node.arguments) == 1 and not whole.is_scalar and whole.is_vector_or_scalar:
            half = number(Fraction(1, 2))
            return Piece(whole.rows, whole.columns, lambda: Apply(entrywise_power_row, (whole.make(), half)))
        inner = self._scalar(node.arguments[0])
        if len(node.arguments) > 1:
            degree = self._scalar(node.arguments[1])
            return Piece(
                UNIT,
                UNIT,
                lambda: Apply(power_row, (inner.make(), Apply(fraction_row, (number(1), degree.make())))),
            )
        return Piece(UNIT, UNIT, lambda: Apply(power_row, (inner.make(), number(Fraction(1, 2)))))

    def _scalar(self, node: Syntax) -> Piece:
        piece = self.infer(node)
        if not piece.is_scalar:
            raise ReadingError(f"a scalar is needed, this is {_shape_text(piece)}", node.span, self._involved(node))
        return piece

    def _infer_power(self, node: Syntax) -> Piece:
        base_syntax, exponent_syntax = node.arguments
        if base_syntax.head == "symbol" and base_syntax.text == "e" and "e" not in self.declarations:
            if not self.infer(exponent_syntax).is_vector_or_scalar:
                return self._call((by_name("matrix exponential"),), [exponent_syntax], node)
            return self._call(by_spelling()[r"\exp"], [exponent_syntax], node)
        self._refuse_other_transpose(exponent_syntax)
        value = _literal(exponent_syntax)
        if base_syntax.head == "call" and base_syntax.text == "vectorisation" and value == -1:
            return self._unvec(base_syntax)
        base = self.infer(base_syntax)
        exponent = self._scalar(exponent_syntax) if value is None else Piece(UNIT, UNIT, lambda: number(value or 0))
        if base_syntax.head == "norm" and value == 2 and base_syntax.text in ("", "2", "F"):
            return Piece(UNIT, UNIT, lambda: _squared_norm(base.make()))
        if base.is_scalar:
            return Piece(UNIT, UNIT, lambda: Apply(power_row, (base.make(), exponent.make())))
        if _is_call(base_syntax):
            return Piece(base.rows, base.columns, lambda: Apply(entrywise_power_row, (base.make(), exponent.make())))
        self._square(base, base_syntax)
        if value == -1:
            return Piece(base.rows, base.columns, lambda: Apply(by_name("inverse"), (base.make(),)))
        self.whole.update(x.text for x in _walk(exponent_syntax) if x.head == "symbol")
        return Piece(base.rows, base.columns, lambda: Apply(by_name("matrix power"), (base.make(), exponent.make())))

    def _refuse_other_transpose(self, exponent: Syntax) -> None:
        """Refuse x^H and x^t, which mean a (conjugate) transpose more often than a power.

        Raises:
            UnsupportedError: the letter is not declared as a number.
        """
        letter = exponent.text if exponent.head == "symbol" else ""
        opened = any(letter == i.name for i in self.open_indices)
        if letter in ("H", "t") and letter not in self.declarations and not opened:
            hint = f"write x^T for the transpose, or declare [{letter}: scalar]"
            raise UnsupportedError(
                "E303", f"the superscript {letter} may be a transpose or a power", exponent.span, hint
            )

    def _square(self, piece: Piece, node: Syntax) -> None:
        if (piece.rows.root() is UNIT) != (piece.columns.root() is UNIT):
            raise ReadingError(f"this is {_shape_text(piece)}, not square", node.span, self._involved(node))
        self.unify(piece.rows, piece.columns, node, node, f"this is {_shape_text(piece)}, not square")

    def _infer_hadamard_power(self, node: Syntax) -> Piece:
        base, exponent = self.infer(node.arguments[0]), self._scalar(node.arguments[1])
        operator = power_row if base.is_scalar else entrywise_power_row
        return Piece(base.rows, base.columns, lambda: Apply(operator, (base.make(), exponent.make())))

    def _infer_transpose(self, node: Syntax) -> Piece:
        inner = self.infer(node.arguments[0])
        if inner.is_scalar:
            letter = node.arguments[0]
            if letter.head == "subscripted" or (letter.head == "symbol" and letter.text not in self.declarations):
                raise ReadingError("a scalar is transposed", node.span, self._involved(letter))
            return inner
        return Piece(inner.columns, inner.rows, lambda: Apply(transpose_row, (inner.make(),)))

    _infer_prime = _infer_transpose

    def _infer_inverse_transpose(self, node: Syntax) -> Piece:
        inner = self.infer(node.arguments[0])
        self._square(inner, node.arguments[0])
        return Piece(
            inner.columns,
            inner.rows,
            lambda: Apply(transpose_row, (Apply(by_name("inverse"), (inner.make(),)),)),
        )

    def _infer_bars(self, node: Syntax) -> Piece:
        inner = self.infer(node.arguments[0])
        if inner.is_vector_or_scalar:
            return Piece(inner.rows, inner.columns, lambda: Apply(by_name("absolute value"), (inner.make(),)))
        self._square(inner, node.arguments[0])
        return Piece(UNIT, UNIT, lambda: Apply(by_name("determinant"), (inner.make(),)))

    def _infer_norm(self, node: Syntax) -> Piece:
        inner = self.infer(node.arguments[0])
        vector = inner.columns.root() is UNIT
        if inner.is_scalar:
            raise ReadingError("this norm is taken of a scalar", node.span, self._involved(node.arguments[0]))
        if node.text == "1":
            return Piece(UNIT, UNIT, lambda: Apply(by_name("1-norm"), (inner.make(),)))
        if node.text == r"\infty" and vector:
            return Piece(UNIT, UNIT, lambda: Apply(by_name("infinity norm"), (inner.make(),)))
        if node.text == "*" and not vector:
            return Piece(UNIT, UNIT, lambda: Apply(by_name("nuclear norm"), (inner.make(),)))
        if node.text not in ("", "F") and not (node.text == "2" and vector):
            index = self._norm_index(node, vector)
            return Piece(UNIT, UNIT, lambda: Apply(by_name("p-norm"), (inner.make(), index.make())))
        subscript = f"_{node.text}" if node.text else ""
        return Piece(UNIT, UNIT, lambda: Apply(by_name("norm"), (inner.make(),), (subscript,)))

    def _norm_index(self, node: Syntax, vector: bool) -> Piece:
        """Return the index p of the norm of a vector.

        Raises:
            UnsupportedError: it is no number and no letter, or the norm is that of a matrix.
        """
        if vector and len(node.arguments) > 1:
            return self._scalar(node.arguments[1])
        hint = (
            r"write \|X\|_F for the Frobenius norm"
            if not vector
            else r"the norms 1, 2, 3, ..., p and \infty are supported"
        )
        raise UnsupportedError("E304", f"the norm with index {node.text} is not supported here", node.span, hint)

    def _infer_superscript(self, node: Syntax) -> Piece:
        """Read `X^+` of a matrix as its pseudo-inverse."""
        inner = self.infer(node.arguments[0])
        if node.text != "+" or inner.is_vector_or_scalar:
            hint = "write A^T for a transpose, A^+ for a pseudo-inverse; else give the whole a name of its own"
            raise UnsupportedError("E303", f"the superscript {node.text} is not supported", node.span, hint)
        return Piece(inner.columns, inner.rows, lambda: Apply(by_name("pseudo-inverse"), (inner.make(),)))

    def _infer_subscripted(self, node: Syntax) -> Piece:
        """Read an entry: the indices are numbers, or bound by a sum whose range is then that of the rows or columns.

        `(x)_+` is the positive part.
        """
        if node.text == "+":
            return self._call((by_name("rectifier"),), list(node.arguments), node)
        indices = entry_indices(node.text)
        opened = {i.name: i for i in self.open_indices}
        unknown = next((x for x in indices if not x.isdigit() and x not in opened), None)
        if not indices or unknown is not None:
            hint = "number the entry, X_{12}, sum over its index, or write e_i^T X e_j"
            raise UnsupportedError("E303", f"the index {unknown or node.text} is bound by no sum", node.span, hint)
        inner = self.infer(node.arguments[0])
        sizes = (inner.rows, inner.columns)
        if [size.root() is UNIT for size in sizes] != [False, len(indices) == 1]:
            raise ReadingError(f"{_shape_text(inner)} has no entry {node.text}", node.span, self._involved(node))
        for name, size in zip(indices, sizes, strict=False):
            if name in opened:
                message = f"{name} runs over other rows or columns elsewhere"
                self.unify(size, self._extent(opened[name]), node, node, message)
        places = tuple(number(int(x)) if x.isdigit() else index_symbol(x) for x in indices)
        return Piece(UNIT, UNIT, lambda: Apply(entry_row, (inner.make(), *places)))

    def _extent(self, index: Index) -> Size:
        """Return the size that an index runs over."""
        return self.extents.setdefault(index, self.fresh(index.upper or None))

    def _infer_inner(self, node: Syntax) -> Piece:
        a, b = (self.infer(x) for x in node.arguments)
        self.equal(a, b, *node.arguments)
        return Piece(UNIT, UNIT, lambda: inner_product(a.make(), b.make()))

    _infer_colon = _infer_inner

    def _infer_call(self, node: Syntax) -> Piece:
        rows = (by_name(node.text),)
        same = tuple(r for row in rows for s in row.spellings for r in by_spelling()[s])
        return self._call(tuple(dict.fromkeys((*rows, *same))), list(node.arguments), node)

    def _infer_kronecker(self, node: Syntax) -> Piece:
        for x in node.arguments:
            if x.head == "symbol" and x.text not in self.declarations and self.infer(x).is_scalar:
                raise ReadingError("a factor of this Kronecker product is a scalar", x.span, self._involved(node))
        return self._call((by_name("Kronecker product"),), list(node.arguments), node)

    def _infer_call_power(self, node: Syntax) -> Piece:
        call = Syntax("call", (node.arguments[0],), node.span, node.text)
        return self._infer_power(Syntax("power", (call, node.arguments[1]), node.span))

    def _unvec(self, node: Syntax) -> Piece:
        r"""Read `\operatorname{vec}^{-1}(c)`, the matrix whose columns are stacked in c."""
        inner = self.infer(node.arguments[0])
        rows, columns = Size(), Size()
        message = f"{_shape_text(inner)} is not stacked from the columns of a matrix"
        self.unify(inner.rows, times(columns, rows), node.arguments[0], node, message)
        self.unify(inner.columns, UNIT, node.arguments[0], node, message)
        row = by_name("inverse of the vectorisation")
        return Piece(rows, columns, lambda: Apply(row, (inner.make(),), (_named(rows), _named(columns))))

    def _call(self, rows: Sequence[Operator], arguments: list[Syntax], node: Syntax) -> Piece:
        if rows[0].name == "trace":
            of_matrix = self._trace_of_matrix_function(_ungrouped(arguments[0]), node)
            if of_matrix is not None:
                return of_matrix
        pieces = [self.infer(x) for x in arguments]
        if self.of_matrices and rows[0].of_matrix and not pieces[0].is_vector_or_scalar:
            rows = (by_name(rows[0].of_matrix),)
        elif rows[0].of_matrix is not None and not pieces[0].is_vector_or_scalar and not _acts_on_entries(arguments[0]):
            self.of_matrix.append((node, pieces[0]))
        if rows[0].name == "trace":
            self.traces.append(node)
        if rows[0].name == "softmax" and pieces[0].columns.root() is not UNIT:
            rows = (self._softmax_of_matrix(node, pieces[0]),)
        for row in rows:
            for signature in row.signatures:
                shapes, result = read_signature(signature)
                if len(shapes) == len(pieces) and _may_be(shapes, pieces):
                    return self._by_signature(row, shapes, result, pieces, arguments)
        shown = ", ".join(map(_shape_text, pieces))
        raise ReadingError(f"{rows[0].name} cannot be taken of {shown}", node.span, self._involved(node))

    def _softmax_of_matrix(self, node: Syntax, argument: Piece) -> Operator:
        """Return the row of the softmax that is meant; of a row vector there is one only.

        Raises:
            ReadingError: the author has not said whether of the rows or of the columns.
        """
        if argument.rows.root() is UNIT:
            return by_name("softmax of the rows")
        if not self.softmax:
            message = "this softmax may be meant of the rows or of the columns of a matrix"
            hint = "say which: [softmax: rows] or [softmax: columns]"
            raise ReadingError(message, node.span, self._involved(node), code="E307", hint=hint)
        return by_name(f"softmax of the {self.softmax}")

    def _trace_of_matrix_function(self, inner: Syntax, trace: Syntax) -> Piece | None:
        r"""Read `\operatorname{tr}(\sin X)` and `\operatorname{tr}(X^{1/2})`, alone in a trace, as matrix functions.

        Entry by entry such a trace would be a sum over the diagonal alone, which nobody writes; beside an entry-wise
        sign within the argument either may be meant.
        """
        if inner.head == "power":
            base, exponent = inner.arguments
            value = _literal(exponent)
            if value is None or value.denominator == 1 or (argument := self.infer(base)).is_vector_or_scalar:
                return None
            self._square(argument, base)
            row = by_name("trace of a fractional power")
            return Piece(UNIT, UNIT, lambda: Apply(row, (argument.make(), number(value))))
        name = by_name(inner.text).of_matrix if inner.head == "call" else None
        if not name or any(x.head in ENTRYWISE_HEADS for x in _walk(inner)) or _acts_on_entries(inner.arguments[0]):
            return None
        argument = self.infer(inner.arguments[0])
        if argument.is_vector_or_scalar:
            return None
        self._square(argument, inner.arguments[0])
        self.of_matrices = True
        of_trace, of_matrix = by_name("trace"), by_name(name)
        return Piece(UNIT, UNIT, lambda: Apply(of_trace, (Apply(of_matrix, (argument.make(),)),)))

    def _refuse_matrix_functions(self, *, anywhere: bool) -> None:
        r"""Refuse `\operatorname{tr}(X \log X)`, where the function may be meant of the matrix or of every entry.

        Within a trace, or `anywhere` in a function that is a matrix itself.

        Raises:
            ReadingError: it may be meant of either.
        """
        for call, argument in self.of_matrix:
            square = argument.rows.root() is argument.columns.root()
            if square and (anywhere or any(_contains(trace, call) for trace in self.traces)):
                message = f"this {call.text} may be meant of the matrix or of every entry"
                hint = "of the matrix, only e^X and tr f(X) are supported; of entries, write it outside the trace"
                raise ReadingError(message, call.span, self._involved(call), code="E307", hint=hint)

    def _by_signature(
        self,
        row: Operator,
        shapes: Sequence[tuple[str, str]],
        result: tuple[str, str],
        pieces: Sequence[Piece],
        arguments: Sequence[Syntax],
    ) -> Piece:
        named: dict[str, Size] = {"1": UNIT}
        for pair, piece, x in zip(shapes, pieces, arguments, strict=True):
            for name, size in zip(pair, (piece.rows, piece.columns), strict=True):
                if name in named:
                    self.unify(size, named[name], x, x, f"{row.name} needs another shape than {_shape_text(piece)}")
                named.setdefault(name, size)
        rows, columns = (reduce(times, (named[x] for x in size.split("*"))) for size in result)
        return Piece(rows, columns, lambda: Apply(row, tuple(p.make() for p in pieces)))

    def _infer_sum_over(self, node: Syntax) -> Piece:
        index = Index(node.text, node.lower, node.upper)
        self._check_range(index, node)
        self.open_indices.append(index)
        try:
            inner = self.infer(node.arguments[0])
        finally:
            self.open_indices.pop()
        extent = self.extents.get(index)
        if extent is not None and index.lower not in ("", "1"):
            message = f"a sum over entries from {index.lower} is not supported"
            raise UnsupportedError("E134", message, node.span, "sum over all entries")

        def ranged() -> Index:
            if extent is None:
                return index
            names = _named(extent)
            if len(names) > 1:
                raise UnsupportedError("E303", "entries of a Kronecker product are not supported", node.span)
            return Index(index.name, "1", "".join(names))

        return Piece(inner.rows, inner.columns, lambda: Apply(sum_row, (inner.make(),), (ranged(),)))

    def _check_range(self, index: Index, node: Syntax) -> None:
        """Refuse a sum whose range or use of the index is not understood.

        Raises:
            UnsupportedError: it begins at a letter, ends at a formula, shifts its index, or does not use it.
        """
        letters = [x for x in _walk(node.arguments[0]) if x.head == "symbol"]
        if index.lower and not index.lower.isdigit():
            raise UnsupportedError("E134", f"a sum from {index.lower} is not supported", node.span, "begin at a number")
        if re.search(r"[-+ ]|\\frac", index.upper):
            hint = f"call the number of terms by one letter, not {index.upper}"
            raise UnsupportedError("E134", f"a sum up to {index.upper} is not supported", node.span, hint)
        for x in letters:
            if _shifts(x.text, index.name):
                hint = f"write it with members {index.name} alone"
                raise UnsupportedError("E134", f"the shifted index in {x.text} is not supported", x.span, hint)
        entries = any(index.name in entry_indices(x.text) for x in _walk(node) if x.head == "subscripted")
        if not index.upper and not entries and not any(_carries(x.text, index.name) for x in letters):
            message = f"{index.name} does not occur in this sum, and it has no range"
            raise UnsupportedError("E134", message, node.span, rf"write \sum_{{{index.name}=1}}^n")


# --- small helpers -----------------------------------------------------------------------------------------


def _contains(outer: Syntax, inner: Syntax) -> bool:
    """Whether `inner` stands within `outer`, but not in an entry-wise product, which settles what is meant."""
    waiting = [outer]
    while waiting:
        node = waiting.pop()
        if node is inner:
            return True
        waiting.extend(node.arguments if node.head not in ENTRYWISE_HEADS else ())
    return False


def _may_be(shapes: Sequence[tuple[str, str]], pieces: Sequence[Piece]) -> bool:
    """Whether the sizes that are 1 stand where the signature allows it, equal names alike."""
    is_one = {"1": True}
    for pair, piece in zip(shapes, pieces, strict=True):
        for name, size in zip(pair, (piece.rows, piece.columns), strict=True):
            if is_one.setdefault(name, size.root() is UNIT) != (size.root() is UNIT):
                return False
    return True


def _is_scalar_segment(segment: list[tuple[Piece, Syntax]]) -> bool:
    return segment[0][0].rows.root() is UNIT and segment[-1][0].columns.root() is UNIT


def _ungrouped(node: Syntax) -> Syntax:
    while node.head == "group":
        node = node.arguments[0]
    return node


def _acts_on_entries(node: Syntax) -> bool:
    r"""Whether `node` is the value of a function of entries, rows or columns, as in `\log\operatorname{softmax}(X)`."""
    inner = _ungrouped(node)
    return inner.head == "applied" or (inner.head == "call" and by_name(inner.text).of_matrix is None)


def _is_numeral(node: Syntax) -> bool:
    while node.head in ("negate", "group"):
        node = node.arguments[0]
    return node.head == "number"


def _is_call(node: Syntax) -> bool:
    return node.head in ("call", "applied")


def _literal(node: Syntax) -> Fraction | None:
    if node.head in ("fraction", "slash"):
        above, below = map(_literal, node.arguments)
        return above / below if above is not None and below else None
    if node.head == "negate":
        inner = _literal(node.arguments[0])
        return None if inner is None else -inner
    if node.head == "group":
        return _literal(node.arguments[0])
    return node.value if node.head == "number" else None


def _squared_norm(norm: Expr) -> Expr:
    assert isinstance(norm, Apply)
    return Apply(by_name("squared norm"), norm.arguments, norm.parameters)


def _minus(x: Expr) -> Expr:
    if isinstance(x, Apply) and x.operator is product:
        return Apply(product, (number(-1), *x.arguments))
    return negate(x) if not isinstance(x, Apply) else Apply(product, (number(-1), x))


def _times(segments: list[list[Expr]]) -> Expr:
    """Return the product as written; inner scalars become factors of their own."""
    factors: list[Expr] = []
    for segment in segments:
        chain = segment[0].shape[0] == ONE and segment[-1].shape[1] == ONE and len(segment) > 1
        if chain and len(segments) > 1:
            factors.append(Apply(product, tuple(segment)))
        else:
            factors.extend(segment)
    return factors[0] if len(factors) == 1 else Apply(product, tuple(factors))


def _scripts_of(latex: str) -> list[str]:
    """Return what stands in the subscripts and upper indices of a name: `i,k` of `x_{i,k}`, `(i)` of `x^{(i)}`."""
    found = re.findall(r"[_^](?:\{([^{}]*)\}|(\\[A-Za-z]+|.))", latex)
    return [braced or bare for braced, bare in found]


def _index_letters(script: str) -> list[str]:
    """Return the single letters of an index: i and k of `i,k`, `(i)` or `ik`; none of a word such as `max`."""
    parts = [part.strip() for part in script.strip("()[]").split(",")]
    return [letter for part in parts for letter in ([part] if part.startswith("\\") or len(part) == 1 else part)]


def _carries(latex: str, index: str) -> bool:
    """Whether the name `latex` carries the index (`x_i`, `x_{k,i}`, `x_{ik}`, `x^{(i)}`)."""
    return any(index in _index_letters(script) for script in _scripts_of(latex) if not re.search(r"[-+]", script))


def _run_together(latex: str, index: str, opened: Sequence[str]) -> bool:
    """Whether the index stands in a run of letters that are not all indices: `r_{ik}` summed over i, `x_{in}`."""
    for script in _scripts_of(latex):
        for part in script.strip("()[]").split(","):
            if len(part.strip()) > 1 and part.strip().isalpha() and index in part:
                return any(letter not in opened for letter in part.strip())
    return False


def _shifts(latex: str, index: str) -> bool:
    """Whether the name `latex` carries the index within a formula (`x_{i+1}`)."""
    scripts = [x for x in _scripts_of(latex) if re.search(r"[-+]", x)]
    return any(re.search(rf"(?<![A-Za-z\\]){re.escape(index)}(?![A-Za-z])", x) for x in scripts)


def _in_order(latex: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return the indices in the order in which the name has them."""
    letters = [letter for script in _scripts_of(latex) for letter in _index_letters(script)]
    return tuple(sorted(names, key=letters.index))


def _family(latex: str, index: tuple[str, ...]) -> str:
    """Return the name without its indices: `x` of `x_i` and `x_{ik}`, `W_h` of `W_{h,i}`."""

    def kept(match: re.Match[str]) -> str:
        script = match[1] or match[2]
        letters = _index_letters(script)
        rest = [x for x in letters if x not in index]
        if len(rest) == len(letters):
            return match[0]
        return f"{match[0][0]}{{{','.join(rest)}}}" if rest else ""

    return re.sub(r"[_^](?:\{([^{}]*)\}|(\\[A-Za-z]+|.))", kept, latex)


def _prime(size: Size) -> list[Size]:
    """Return the sizes of which `size` is the product."""
    root = size.root()
    return [root] if root.parts is None else [x for part in root.parts for x in _prime(part)]


def _within(size: Size) -> list[Size]:
    """Return the product `size` and all its parts; a size that must equal a product of itself is an error."""
    root = size.root()
    return [root, *(x for part in root.parts or () for x in _within(part))]


def _named(size: Size) -> Dimension:
    root = size.root()
    if root.parts is not None:
        return tuple(sorted(name for part in root.parts for name in _named(part)))
    if root.name is None:
        root.name = ("n",)
    return root.name


def _size_text(size: Size) -> str:
    names = [x.name for x in _prime(size)]
    return "several" if None in names else "*".join(name for part in names for name in part or ()) or "1"


def _shape_text(piece: Piece) -> str:
    if piece.is_scalar:
        return "a scalar"
    rows, columns = piece.rows.root(), piece.columns.root()
    shown = [_size_text(x) for x in (rows, columns)]
    if columns is UNIT:
        return "a column vector" if shown[0] == "several" else f"{shown[0]} x 1"
    if rows is UNIT:
        return "a row vector" if shown[1] == "several" else f"1 x {shown[1]}"
    return "a matrix" if "several" in shown else f"{shown[0]} x {shown[1]}"


def _called_so(node: Syntax) -> str:
    """Return how a message calls a node: by its own LaTeX where it is a letter."""
    inner = node
    while inner.head in ("group", "transpose", "prime"):
        inner = inner.arguments[0]
    return inner.text if inner is node and inner.head == "symbol" else "this factor"
