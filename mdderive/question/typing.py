"""From the surface tree to typed expressions: which letter is a matrix, a vector, a scalar or a function.

Readings are tried in the order of their surprise; sizes are unified over the whole bundle: the function, the
variables, and every definition. The first reading in which everything fits and the function is a scalar is taken;
where a second fits equally well, the author is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from ..algebra.expressions import Expr, Index, Symbol
from ..algebra.operators.entrywise import FunctionDefinition
from ..errors import DeriveError, ShapeError
from ..latex.names import name_of
from ..latex.tree import Syntax
from . import nodes, products  # noqa: F401  (their rules are entered as they are imported)
from .attention import lines_of_attention
from .calls import doubt_of_norm, doubt_undecided
from .capitals import doubt_of_capitals, doubt_of_cardinality, doubt_of_quotient
from .entries import is_free_index, letter_of_family
from .environment import Environment, ReadingError, Typed
from .kinds import Choices, Declaration, Kinds, Search, ambiguous, check_no_matrix, choices_of, demotes, surely_vectors
from .places import (
    Places,
    check_increments,
    doubt_of_matrix_function,
    doubt_of_number_behind,
    doubt_of_softmax,
    doubt_of_value,
)
from .random_letters import random_letters
from .sizes import name_sizes


class Assignment(NamedTuple):
    """`name = body`: an intermediate or an abbreviation; of a claim the shapes need not be equal."""

    name: Syntax | None
    body: Syntax
    claim: bool = False


class Bundle(NamedTuple):
    """The trees that are typed together: a function, its variables and what is said of them."""

    f: Syntax
    variables: Sequence[Syntax] = ()
    assignments: Sequence[Assignment] = ()

    @property
    def trees(self) -> list[Syntax]:
        """The function, the variables, and the name and the body of every assignment."""
        said = [x for item in self.assignments for x in (item.name, item.body) if x is not None]
        return [self.f, *self.variables, *said]

    @property
    def sums(self) -> list[Syntax]:
        """The sums over an index in the function and in the bodies of the assignments."""
        roots = (self.f, *(x.body for x in self.assignments))
        return [x for root in roots for x in root.walk() if x.head == "sum_over"]


class TypedBundle(NamedTuple):
    """What was read: the expressions of the bundle, and each symbol by its LaTeX in the order of appearance."""

    f: Expr
    variables: tuple[Symbol, ...]
    definitions: tuple[tuple[Expr | None, Expr], ...]
    symbols: Mapping[str, Symbol]


def read(
    bundle: Bundle,
    declarations: Mapping[str, Declaration],
    *,
    scalar: bool = True,
    functions: Mapping[str, FunctionDefinition] = MappingProxyType({}),
    softmax: str = "",
) -> TypedBundle:
    """Return the typed bundle; with `scalar` the function must be 1 x 1; `functions` are those the author defined.

    `softmax` says whether that of a matrix is meant of its "rows" or "columns", "" that the author has not said.

    Raises:
        ShapeError: no reading fits, or two fit equally well.
    """
    standing = [x for root in bundle.trees for x in root.walk()]
    check_increments(standing, declarations)
    places = Places.of(standing, declarations)
    random = random_letters(bundle.trees, bundle.variables)
    attention = lines_of_attention(standing)
    choices = choices_of(bundle.trees, bundle.variables, declarations, functions, places)
    vectors = surely_vectors(bundle.trees)
    first_clash: ReadingError | None = None
    found: tuple[int, Kinds, _Reading] | None = None
    no_scalar: Kinds | None = None
    search = Search(choices)
    free = _free_indices(bundle)
    values = frozenset(x.name.text for x in bundle.assignments if x.name is not None and not x.claim)
    moving = frozenset(letter_of_family(x) for x in (*values, *(y.text for y in bundle.variables)))
    for cost, kinds in search:
        if found is not None and cost > found[0]:
            break
        env = Environment(kinds, declarations, functions, softmax, attention, random, values)
        env.free_indices = free
        env.moving = moving
        try:
            reading = _reading_of(bundle, env, scalar=scalar)
        except ReadingError as clash:
            clash.__traceback__ = None  # it holds this frame, which holds the clash
            if clash.code == "E204" and no_scalar is None:
                first_clash, no_scalar = clash, kinds
            if first_clash is None or _tells_more(clash, first_clash, choices):
                first_clash = clash
            search.failed(None if env.sizes_clashed or clash.code == "E204" else clash.involved)
            continue
        if no_scalar is not None and demotes(no_scalar, kinds, vectors, places.members):
            search.failed()
            continue
        if set(kinds.values()) <= {"scalar", "function", "constant"}:
            check_no_matrix(choices, bundle.f, places.members)
        if found is not None:
            raise ambiguous(found[1], kinds, bundle.f)
        found = (cost, kinds, reading)
    if found is None:
        assert first_clash is not None
        raise ShapeError(first_clash.code, first_clash.message, first_clash.span, first_clash.hint, first_clash.notes)
    _, _, reading = found
    for doubt in _doubts(bundle, reading, found[1], places):
        raise doubt
    return reading.built()


def _tells_more(clash: ReadingError, first: ReadingError, choices: Choices) -> bool:
    """Whether a later clash tells the author more: it asks a question, or the first is of how one letter was read."""
    read = len(first.involved) == 1 and all(len(choices.get(x, ())) > 1 for x in first.involved)
    return first.code == "E203" and (clash.code == "E205" or (read and not first.hint))


def _free_indices(bundle: Bundle) -> frozenset[str]:
    """Return the letters that are surely indices: those of the variables, and those of the sets in sums."""
    members = [x.arguments[0] for root in bundle.trees for x in root.walk() if x.head == "membership"]
    names = (name_of(x.text) for x in (*bundle.variables, *members))
    return frozenset(x for name in names for x in name.index_letters if is_free_index(x))


def _doubts(bundle: Bundle, reading: _Reading, kinds: Kinds, places: Places) -> Iterator[DeriveError]:
    """Yield why a reading that fits must not be taken without asking."""
    declared = reading.env.declarations
    variables = [x.text for x in bundle.variables]
    doubts: list[DeriveError | None] = [
        *reading.env.doubts,
        doubt_of_matrix_function(bundle.f, declared, kinds),
        doubt_of_softmax(bundle.f, declared, kinds),
        doubt_of_cardinality(bundle.f, {*declared, *variables}),
        doubt_of_quotient(bundle.f, variables, kinds, declared),
    ]
    if not reading.f.is_scalar:
        if not bundle.assignments:
            doubts.insert(0, doubt_of_capitals(bundle.f, variables, kinds, declared))
        doubts += [
            *reading.env.doubts_of_vector,
            doubt_of_norm(bundle.f, reading.env.bars_of_vectors),
            doubt_of_value(bundle.f, declared),
            doubt_of_number_behind(bundle.f, places, declared, kinds),
        ]
    yield from (x for x in doubts if x is not None)


class _Reading(NamedTuple):
    """A bundle in a reading that fits: its typed nodes, whose sizes have no names yet."""

    bundle: Bundle
    env: Environment
    f: Typed
    variables: list[Typed]
    assignments: list[tuple[Typed, Typed | None]]

    def built(self) -> TypedBundle:
        """Return the expressions, every size named in the order of appearance."""
        trees = [x for root in self.bundle.trees for x in root.walk()]
        taken = {x.text for x in trees if x.head in ("symbol", "sum_over")} | {x.upper for x in trees if x.upper}
        name_sizes((size for pair in self.env.sizes.values() for size in pair), taken | set(self.env.named))
        f = self.f.make()
        variables = tuple(x for x in [y.make() for y in self.variables] if isinstance(x, Symbol))
        made: list[tuple[Expr | None, Expr]] = []
        for body, name in self.assignments:
            expression = body.make()
            made.append((name.make() if name is not None else None, expression))
        return TypedBundle(f, variables, tuple(made), dict(self.env.symbols))


def _reading_of(bundle: Bundle, env: Environment, *, scalar: bool) -> _Reading:
    """Return the bundle with the sizes of every node.

    Raises:
        ReadingError: this reading does not fit.
    """
    f = env.infer(bundle.f)
    sums = bundle.sums
    variables = [_variable(x, sums, env) for x in bundle.variables]
    assignments: list[tuple[Typed, Typed | None]] = []
    for item in bundle.assignments:
        env.open_indices += _indices_of(item, bundle, sums)
        body = env.infer(item.body)
        name = env.infer(item.name) if item.name is not None else None
        if name is not None and item.name is not None:
            if item.claim:
                _fit(body, name, env)
            else:
                env.equal(name, body, item.body, item.name)
        assignments.append((body, name))
        env.open_indices.clear()
    doubt_undecided(bundle.f, env, is_number=f.is_scalar)
    if scalar and not f.is_scalar:
        hint = "make it a scalar, by a norm, a trace or a product with a vector"
        raise env.misfit(f"the function is {f.shape}, not a scalar", bundle.f, hint=hint, code="E204")
    return _Reading(bundle, env, f, variables, assignments)


def _variable(tree: Syntax, sums: Sequence[Syntax], env: Environment) -> Typed:
    """Return a variable; a member of a family that sums in the formulas go over has the indices of these."""
    around = [x for x in sums if name_of(tree.text).carries(x.text) and any(y.text == tree.text for y in x.walk())]
    env.open_indices += {x.text: Index(x.text, x.lower, x.upper) for x in around}.values()
    found = env.infer(tree)
    env.open_indices.clear()
    return found


def _indices_of(item: Assignment, bundle: Bundle, sums: Sequence[Syntax]) -> list[Index]:
    """Return the indices that `p_i := ...` defines a whole family over, which only an answer may be written in."""
    if not sums or item.name is None or item.claim or any(x.text == item.name.text for x in bundle.f.walk()):
        return []
    name = name_of(item.name.text)
    found = {x.text: Index(x.text, x.lower, x.upper) for x in sums if name.carries(x.text)}
    return list(found.values())


def _fit(claimed: Typed, variable: Typed, env: Environment) -> None:
    r"""Give the sizes of a claim that no letter fixes, as in `\mathbf{1}\mathbf{1}^\top`, those of the variable."""
    fixed = {size.root for name, pair in env.sizes.items() if not name.startswith("1@") for size in pair}
    for size, wanted in ((claimed.rows, variable.rows), (claimed.columns, variable.columns)):
        if size.is_free and size.root not in fixed:
            size.root.parent = wanted.root
