"""One reading while it is tried: the kind of every letter, the sizes found so far, and the typed nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import NamedTuple

from ..algebra.expressions import Expr, Index, Symbol
from ..algebra.operators.entrywise import FunctionDefinition
from ..effort import EFFORT
from ..errors import DeriveError, Note, Span, UnsupportedError
from ..latex.names import conjugate_of
from ..latex.tree import Syntax
from .kinds import Declaration, Kinds, occurrence
from .random_letters import RandomLetters
from .sizes import UNIT, Size, SizeClashError, times, unify

NOT_MULTIPLIED, NOT_ADDED, NOT_EQUAL = "cannot be multiplied by", "cannot be added or set equal", "must equal"
CLASHES = (NOT_MULTIPLIED, NOT_ADDED, NOT_EQUAL)
"""What a message says of two sizes that do not go together."""
NOT_SUPPORTED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"tuple": ("a function of several arguments is not supported", "name a function of one argument")}
)
"""Why the nodes with these heads are read as nothing, and a hint."""


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


class Typed(NamedTuple):
    """A node whose sizes are known: `make` builds the expression once every size has its name."""

    rows: Size
    columns: Size
    make: Callable[[], Expr]

    @property
    def is_scalar(self) -> bool:
        """Whether both sizes are 1."""
        return self.rows.is_one and self.columns.is_one

    @property
    def is_matrix(self) -> bool:
        """Whether neither size is 1."""
        return not self.rows.is_one and not self.columns.is_one

    @property
    def kind(self) -> str:
        """What it is by its sizes: a scalar, a column, a row or a matrix."""
        if self.columns.is_one:
            return "scalar" if self.rows.is_one else "column"
        return "row" if self.rows.is_one else "matrix"

    @property
    def shape(self) -> str:
        """What a message says of its sizes."""
        rows, columns = str(self.rows), str(self.columns)
        if self.is_scalar:
            return "a scalar"
        if self.columns.is_one:
            return "a column vector" if rows == "several" else f"{rows} x 1"
        if self.rows.is_one:
            return "a row vector" if columns == "several" else f"1 x {columns}"
        return "a matrix" if "several" in (rows, columns) else f"{rows} x {columns}"


def scalar_of(make: Callable[[], Expr]) -> Typed:
    """Return the scalar that `make` builds."""
    return Typed(UNIT, UNIT, make)


class Environment:
    """One choice of kinds, and what was found while the formulas were typed by it.

    attention       whether the softmax at a place is surely that of the rows or the columns, as of attention
    random          the letters that are random in expectations, and the index of their outcomes
    values          the names that the author has defined
    moving          the letters of the variables and of those, without faces, scripts and case
    sizes           rows and columns of every letter, in the order of appearance
    families        of every family, with how many indices, the first letter for its members
    named           the sizes that the author named
    symbols         the letters of the expressions built so far
    letters         the letters outside sums, as they are typed wherever they stand
    open_indices    the indices of the sums around the node
    ranges          the ranges of indices that a line leaves out, where it is read back
    free_indices    the indices that no sum binds: those of the variables, and of pairs in a set
    extents         the sizes that indices of entries run over
    whole           the letters that are whole numbers: exponents of matrices
    traces, undecided  the traces, and the calls that may be meant of a matrix or of every entry
    bars_of_vectors the bars that were read as the absolute values of the entries of a vector
    of_matrices     whether some call is surely meant of a matrix
    sizes_clashed   whether sizes other than 1 do not go together
    doubts_of_vector  why this reading must not be taken where f is a vector or a matrix
    doubts          why this reading, though it fits, must not be taken without asking
    """

    def __init__(
        self,
        kinds: Kinds,
        declarations: Mapping[str, Declaration],
        defined: Mapping[str, FunctionDefinition],
        softmax: str,
        attention: Mapping[Span, str] = MappingProxyType({}),
        random: RandomLetters | None = None,
        values: frozenset[str] = frozenset(),
    ) -> None:
        self.kinds = kinds
        self.declarations = declarations
        self.defined = defined
        self.softmax = softmax
        self.attention = attention
        self.random = RandomLetters() if random is None else random
        self.values = values
        self.moving: frozenset[str] = frozenset()
        self.sizes: dict[str, tuple[Size, Size]] = {}
        self.families: dict[tuple[str, int], str] = {}
        self.named: dict[str, Size] = {}
        self.symbols: dict[str, Symbol] = {}
        self.letters: dict[str, Typed] = {}
        self.open_indices: list[Index] = []
        self.extents: dict[Index, Size] = {}
        self.free_indices: frozenset[str] = frozenset()
        self.ranges: dict[str, Index] = {}
        self.whole: set[str] = set()
        self.traces: list[Syntax] = []
        self.undecided: list[tuple[Syntax, Typed]] = []
        self.bars_of_vectors: list[Syntax] = []
        self.of_matrices = False
        self.sizes_clashed = False
        self.doubts_of_vector: list[DeriveError] = []
        self.doubts: list[DeriveError] = []

    def infer(self, node: Syntax) -> Typed:
        """Return the typed node.

        Raises:
            ReadingError: it does not fit in this reading.
            UnsupportedError: no reading can make sense of it.
        """
        EFFORT.spend(1)
        rule = _RULES.get(node.head)
        if rule is None:
            message, hint = NOT_SUPPORTED.get(node.head, (f"this {node.head} is not supported", ""))
            raise UnsupportedError("E303", message, node.span, hint)
        return rule(node, self)

    def scalar(self, node: Syntax) -> Typed:
        """Return the typed node, which must be a scalar.

        Raises:
            ReadingError: it is none.
        """
        found = self.infer(node)
        if not found.is_scalar:
            raise self.misfit(f"a scalar is needed, this is {found.shape}", node)
        return found

    def size(self, name: str | None) -> Size:
        """Return the size an author called `name`, a new one for None."""
        if name is None:
            return Size()
        if name == "1":
            return UNIT
        if "*" in name:
            return reduce(times, map(self.size, name.split("*")))
        return self.named.setdefault(name, Size((name,)))

    def extent(self, index: Index) -> Size:
        """Return the size that an index of entries runs over."""
        return self.extents.setdefault(index, self.size(index.upper or None))

    def misfit(
        self, message: str, at: Syntax, of: Syntax | None = None, hint: str = "", code: str = "E203"
    ) -> Exception:
        """Return the error that the node `at` does not fit, for the kinds of the letters in it, or in `of`."""
        return ReadingError(message, at.span, involved(of or at), code=code, hint=hint)

    def asked(self, question: DeriveError, at: Syntax) -> Exception:
        """Return a question as the error that the node `at` does not fit: asked where no other reading fits."""
        return self.misfit(question.message, at, hint=question.hint, code=question.code)

    def equal(self, a: Typed, b: Typed, at: Syntax, other: Syntax) -> None:
        """Make the shapes of two nodes equal.

        Raises:
            ReadingError: they cannot be.
        """
        if a.rows.root is b.rows.root and a.columns.root is b.columns.root:
            return
        shown = (a.shape, b.shape)
        hint = _way_to_add({a.kind: at, b.kind: other})
        for one, two in ((a.rows, b.rows), (a.columns, b.columns)):
            self.unify(one, two, at, other, f"{shown[1]} and {shown[0]} {NOT_ADDED}", shown, hint)

    def square(self, x: Typed, node: Syntax) -> None:
        """Make the rows of a node as many as its columns.

        Raises:
            ReadingError: they cannot be.
        """
        message = f"this is {x.shape}, not square"
        if x.rows.is_one != x.columns.is_one:
            raise self.misfit(message, node)
        self.unify(x.rows, x.columns, node, node, message)

    def unify(
        self,
        a: Size,
        b: Size,
        at: Syntax,
        other: Syntax,
        message: str,
        shown: tuple[str, str] = ("", ""),
        hint: str = "",
    ) -> None:
        """Make two sizes equal.

        Raises:
            ReadingError: both are known and differ.
        """
        try:
            unify(a, b)
        except SizeClashError as clash:
            clash.__traceback__ = None  # it is kept as the context of what is raised
            if clash.known is not None:
                self.sizes_clashed = True
                message += f"; {clash.known[0]} {NOT_EQUAL} {clash.known[1]}"
            places = zip((at, other), shown, strict=True)
            noted = not clash.endless and other.span != at.span
            notes = tuple(Note(x.span, text) for x, text in places if text and noted)
            raise ReadingError(message, at.span, involved(at) | involved(other), notes, hint=hint) from None


def _way_to_add(nodes: Mapping[str, Syntax]) -> str:
    """Return how two nodes, by their kinds, may be meant where they are added."""
    if nodes.keys() == {"row", "column"}:
        return "transpose one of them"
    number = nodes.get("scalar", next(iter(nodes.values())))
    c = number.arguments[0] if number.head == "negate" else number
    value = nodes.get("column")
    value = value.arguments[0] if value is not None and value.head == "negate" else value
    if "scalar" in nodes and value is not None and value.head in ("applied", "product") and len(value.arguments) == 2:
        letter = value.arguments[0].text
        if value.arguments[1].head == "group" and value.arguments[0].head == "symbol":
            return f"for a number that depends on a vector, declare [{letter}: R^n -> R]"
    if "scalar" not in nodes or c.head != "symbol":
        return ""
    if "matrix" in nodes:
        return rf"write {c.text} I, or {c.text}\mathbf{{1}}\mathbf{{1}}^T for {c.text} in every entry"
    return rf"write {c.text}\mathbf{{1}} for {c.text} in every entry" if "column" in nodes else ""


def involved(node: Syntax) -> frozenset[str]:
    """Return the letters, and the 1 and 0 of open size, whose kinds a node depends on; for a conjugate its letter."""
    letters = [conjugate_of(x.text) or x.text for x in node.walk() if x.head == "symbol"]
    return frozenset((*letters, *(occurrence(x) for x in node.walk() if x.head in ("ones", "zeros"))))


Rule = Callable[[Syntax, Environment], Typed]
_RULES: dict[str, Rule] = {}


def reads(*heads: str) -> Callable[[Rule], Rule]:
    """Return a decorator that makes a function the rule by which nodes with these heads are typed."""

    def enter(rule: Rule) -> Rule:
        _RULES.update(dict.fromkeys(heads, rule))
        return rule

    return enter
