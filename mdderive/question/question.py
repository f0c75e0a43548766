"""From the author's LaTeX and clauses to one typed question: what is derived, by what, and through which names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from ..algebra.expressions import Expr, Symbol
from ..algebra.factoring import add
from ..algebra.families import members_in, variables_in
from ..algebra.operators.entrywise import SIGMA, FunctionDefinition
from ..algebra.terms import is_by_components, negate, normalise, substitute, zero
from ..calculus.matrix_form import in_matrix_form
from ..errors import DeriveError, ShapeError, Span, UnsupportedError
from ..latex.names import name_of
from ..latex.tree import MacroDefinition
from .checks import (
    check_claims,
    check_constraints,
    check_entries,
    check_extrema,
    check_layout,
    check_primes,
    check_ranges,
    check_variables,
)
from .clauses import Clauses, read_clauses
from .conjugates import check_conjugates, check_imaginary
from .dependence import check_dependence
from .entries import called_by
from .index_sets import count_of_members, with_count
from .kinds import divisors_in
from .lines import check_lines, in_wholes, with_rows
from .marker import MarkerReader, MarkerTrees, read_marker
from .marks import primed_terms
from .members import (
    OF_WHOLE_LETTERS,
    check_index_letters,
    check_members,
    has_wholes_of_members,
    named_members,
    with_member_variables,
)
from .notation import author_notation, letters_of_macros
from .one_step import BEFORE, COTANGENT, WRITTEN_OUT, Recursion, StepTrees, parted, shapes_of_steps
from .spectra import with_named_vectors
from .typing import Assignment, Bundle, TypedBundle, read
from .values import (
    Values,
    means,
    occurring_in,
    with_found_symmetry,
    with_logistic_losses,
    with_logistic_sigma,
    with_used_abbreviations,
)

NOTHING: Mapping[Any, Any] = MappingProxyType({})


class StatedDerivative(NamedTuple):
    """A gradient that the author states; `latex` as typed, `span` where."""

    variable: Symbol
    value: Expr
    latex: str
    span: Span


class Constraint(NamedTuple):
    """An equation `left = right` that the variables satisfy."""

    left: Expr
    right: Expr

    @property
    def gap(self) -> Expr:
        """The left side minus the right side, in normal form."""
        return add(normalise(in_matrix_form(self.left)), negate(normalise(in_matrix_form(self.right))))


class Question(NamedTuple):
    """What is asked, with every letter typed.

    f               the function as it was read, before any rewriting
    name            the LaTeX by which the solution calls it: the author's in `L = ...`, else `f`
    symbols         every letter by its LaTeX, in the order of appearance
    intermediates   named values that the solution goes through, each with its definition, in the author's order
    abbreviations   names that the answer is written with, likewise
    means           the means \bar x of families x_i that f uses without a definition
    functions       entry-wise functions that the author defined, by their LaTeX
    places          where the named values are defined
    declared        the letters that the author declares as scalars
    constraints     the equations that the variables satisfy
    other_form      what the author says f is equal to, and where
    introduced      the intermediates that are not the author's: layers of a deeply nested f, which got names
    in_terms        f written with those, None where there are none
    families        of variables that are members: the family by which the author asked
    notation        signs of ours that the author writes otherwise, each with his
    macros          letters that the author writes by a macro of his, each with it
    recursion       what f is a function of where that is found step by step, T times: nothing then computes h_t
    written_out     with a recursion, the same question for a few numbers of steps
    counted         the same question with a last index, 1 to n, for the sums that name no range
    """

    f: Expr
    name: str
    variables: tuple[Symbol, ...]
    symbols: Mapping[str, Symbol]
    intermediates: tuple[tuple[Symbol, Expr], ...]
    abbreviations: tuple[tuple[Symbol, Expr], ...]
    means: tuple[tuple[Symbol, Expr], ...]
    claims: tuple[StatedDerivative, ...]
    functions: Mapping[str, FunctionDefinition]
    wishes: Mapping[str, Span]
    options: Mapping[str, str]
    places: Mapping[Symbol, Span]
    declared: frozenset[str]
    introduced: tuple[Symbol, ...] = ()
    in_terms: Expr | None = None
    constraints: tuple[Constraint, ...] = ()
    other_form: tuple[Expr, Span] | None = None
    families: Mapping[Symbol, Symbol] = NOTHING
    notation: Mapping[str, str] = NOTHING
    macros: Mapping[str, str] = NOTHING
    recursion: Recursion | None = None
    written_out: tuple[Question, ...] = ()
    counted: Question | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, tuple(dict(x) if isinstance(x, MappingProxyType) else x for x in self)

    @property
    def turned(self) -> bool:
        """Whether the gradient of a scalar is wanted in the numerator layout: the transpose of the variable's shape."""
        return self.options.get("gradient-layout") == "numerator" and self.f.is_scalar

    @property
    def definitions(self) -> tuple[tuple[Symbol, Expr], ...]:
        """All named values with their definitions."""
        return (*self.means, *self.intermediates, *self.abbreviations)

    @property
    def whole_values(self) -> tuple[tuple[Symbol, Expr], ...]:
        """All named values, those that are defined entry by entry with whole vectors and matrices."""
        return tuple((x, in_matrix_form(body) if is_by_components(body) else body) for x, body in self.definitions)


def _again(*held: Any) -> Question:
    """Return the question that was pickled: a view of a mapping cannot be."""
    views: list[Any] = [MappingProxyType(x) if isinstance(x, dict) else x for x in held]
    return Question(*views)


def read_question(
    f: str,
    variable: str,
    where: Sequence[str] = (),
    context: Sequence[str] = (),
    macros: Mapping[str, MacroDefinition] = NOTHING,
    rewritten: Callable[[MarkerTrees], MarkerTrees] | None = None,
    *,
    open_steps: bool = False,
) -> Question:
    """Return the question that a marker asks, its trees `rewritten` before any letter has a shape.

    With `open_steps` a recursion may have T steps, T a letter.

    Raises:
        ParseError: the LaTeX or a clause cannot be read.
        ShapeError: no shapes fit, or several do.
    """
    clauses = read_clauses(where, context)
    named = partial(read_marker, f, variable, clauses, macros, open_steps=open_steps)
    marker = named()
    notation = author_notation(f, marker.f)
    called = _letters_of_macros(marker, {"f": f, "variable": variable, **_by_part(where, context)}, clauses)
    marker = rewritten(marker) if rewritten is not None else marker
    whole = _in_components(f, variable, clauses, macros) if rewritten is None else None
    marker, typed, unfit = _fitting_with_primes(marker, clauses, named) if whole is None else (*whole, None)
    marker, typed = _in_wholes(marker, typed, clauses)
    with_members = with_member_variables(marker, typed)
    if with_members != marker:
        marker, typed = with_members, _typed(with_members, clauses)
    check_conjugates(marker.variables, clauses.wishes)
    check_imaginary(marker.roots, {*marker.declarations, *(x.text for x in marker.variables)})
    check_index_letters(marker)
    check_primes(marker, typed, lambda tree: _typed(marker._replace(f=tree), clauses))
    try:
        check_variables(marker, typed)
        check_ranges(marker, typed)
        check_entries(marker, typed)
        check_lines(marker, typed)
        check_extrema(typed)
        check_members(marker, typed, clauses.wishes)
        check_dependence(marker, typed)
    except DeriveError as error:
        raise (unfit if isinstance(unfit, UnsupportedError) else error) from None
    check_constraints(marker, typed)
    check_claims(marker, typed)
    check_layout(typed.f, clauses)
    question = _question(typed, marker, clauses)._replace(notation=notation, macros=called)
    if (trees := marker.recursion) is None:
        return question._replace(counted=_counted(marker, clauses, question) if "solve" in clauses.wishes else None)

    def written_out(steps: int) -> Question:
        shapes = shapes_of_steps(question.symbols.values(), trees, steps)
        return read_question(f, variable, (*where, f"{trees.last} = {steps}"), (*context, *shapes), macros)

    return _with_recursion(question, trees)._replace(written_out=tuple(map(written_out, WRITTEN_OUT)))


def _with_recursion(question: Question, trees: StepTrees) -> Question:
    """Return the question about f, which was typed together with one step of a recursion."""
    f, recursion = parted(question.f, question.symbols, trees)
    named = {recursion.stand_in: recursion.before}
    ours = {str(name_of(trees.state.text).accented(accent)) for accent in (BEFORE, COTANGENT)}
    symbols = {latex: x for latex, x in question.symbols.items() if latex not in ours}
    return question._replace(
        f=f,
        symbols=MappingProxyType(symbols | {recursion.before.latex: recursion.before}),
        intermediates=(*question.intermediates, (recursion.state, recursion.step)),
        abbreviations=tuple((x, substitute(body, named)) for x, body in question.abbreviations),
        recursion=recursion,
    )


def _by_part(where: Sequence[str], context: Sequence[str]) -> dict[str, str]:
    """Return the texts of clauses by what their spans call them."""
    parts = (("where", where), ("context", context))
    return {f"{name}:{k}": text for name, texts in parts for k, text in enumerate(texts)}


def _letters_of_macros(marker: MarkerTrees, sources: Mapping[str, str], clauses: Clauses) -> Mapping[str, str]:
    """Return the letters of f, the variables and the definitions that their author writes by macros of his."""
    if not clauses.macros:
        return {}
    trees = [marker.f, *marker.variables, *(x.body for x in marker.named)]
    return letters_of_macros(trees, sources, clauses.macros)


def _fitting_with_primes(
    marker: MarkerTrees, clauses: Clauses, named: Callable[..., MarkerTrees]
) -> tuple[MarkerTrees, TypedBundle, DeriveError | None]:
    """Return what `_fitting` does; where no reading fits, with the primes of small letters in their names.

    Raises:
        ShapeError: none fits then either.
    """
    try:
        return _fitting(marker, clauses)
    except ShapeError:
        if primed := primed_terms(marker.f):
            with suppress(DeriveError):
                return _fitting(named(primed=primed), clauses)
        raise


def _fitting(marker: MarkerTrees, clauses: Clauses) -> tuple[MarkerTrees, TypedBundle, DeriveError | None]:
    """Return the marker in the first of its readings that fits, and why one before it does not.

    Letters with an index are entries of the letter without it, else letters of their own: where sums over entries have
    no matrix form, they are numbers with indices.

    Raises:
        ShapeError: none fits.
    """
    unfit: list[DeriveError] = []  # no local of its own is what is raised, which holds this frame
    formless: list[DeriveError] = []
    tried: Bundle | None = None
    for reading in _readings(marker):
        if reading.bundle == tried:
            continue
        tried = reading.bundle
        try:
            typed = _typed(reading, clauses)
        except (ShapeError, UnsupportedError) as error:
            unfit.append(error.with_traceback(None))
            continue
        if formless and has_wholes_of_members(reading, typed):
            continue
        found = _without_matrix_form(typed)
        if found is None:
            return reading, typed, next(iter(unfit), None)
        formless.append(found)
    if formless:
        raise formless.pop(0)
    with suppress(DeriveError):
        if (rows := with_rows(marker)) is not None:
            reading = rows.with_entries(free=True)
            typed = _typed(reading, clauses)
            if _without_matrix_form(typed) is None:
                return reading, typed, next(iter(unfit), None)
    raise unfit.pop(0)


def _counted(marker: MarkerTrees, clauses: Clauses, question: Question) -> Question | None:
    """Return the question with the same last index for all sums that name no range, None where that cannot be."""
    sizes = {name for x in question.symbols.values() for dimension in x.shape for name in dimension}
    numbers = {x.latex for x in question.symbols.values() if x.is_scalar} - {x.latex for x in question.variables}
    count = count_of_members(marker.roots, numbers, {*question.symbols, *sizes})
    if not count:
        return None
    with suppress(DeriveError):
        intermediates, abbreviations = (
            [x._replace(body=with_count(x.body, count)) for x in values]
            for values in (marker.intermediates, marker.abbreviations)
        )
        ranged = marker._replace(
            f=with_count(marker.f, count), intermediates=intermediates, abbreviations=abbreviations
        )
        found = _question(_typed(ranged, clauses), ranged, clauses)
        return found._replace(notation=question.notation, macros=question.macros)
    return None


def _in_components(
    f: str, variable: str, clauses: Clauses, macros: Mapping[str, MacroDefinition]
) -> tuple[MarkerTrees, TypedBundle] | None:
    r"""Return the marker in which `\mu_j = \frac1N\sum_iX_{ij}` defines the vector \mu, None where that is not so."""
    if not any(called_by((x.left or "").strip())[1] for x in clauses.intermediates):
        return None
    with suppress(DeriveError):
        marker = read_marker(f, variable, clauses, macros, in_components=True).with_entries(free=True)
        nodes = [x for root in marker.roots for x in root.walk()]
        if not any(x.head == "components" for x in nodes):
            return None
        typed = _typed(marker, clauses)
        ends = {*(x.upper for x in nodes), *divisors_in(nodes), *marker.declarations}
        odd = any(x.is_scalar and name_of(x.latex).is_capital and x.latex not in ends for x in typed.symbols.values())
        if not odd and _without_matrix_form(typed) is None:
            return marker, typed
    return None


def _in_wholes(marker: MarkerTrees, typed: TypedBundle, clauses: Clauses) -> tuple[MarkerTrees, TypedBundle]:
    """Return the marker with whole letters for families where more than a gradient by all of one is wished for."""
    occurring = occurring_in(typed.f, typed.definitions[: len(marker.named)])
    families = {x.family for x in occurring if x.index}
    by_family = any(x.latex in families and x not in occurring for x in typed.variables)
    if not by_family or clauses.wishes.keys().isdisjoint(OF_WHOLE_LETTERS):
        return marker, typed
    with suppress(DeriveError):
        if (wholes := in_wholes(marker, typed)) is not None:
            read_so = _typed(wholes, clauses)
            if _without_matrix_form(read_so) is None:
                return wholes, read_so
    return marker, typed


def _without_matrix_form(typed: TypedBundle) -> UnsupportedError | None:
    """Return why a formula with sums over entries has no form with whole letters, None where it has one."""
    try:
        for root in (typed.f, *(body for _, body in typed.definitions)):
            in_matrix_form(root)
    except UnsupportedError as error:
        return error
    return None


def read_formula(latex: str, where: Sequence[str] = (), right: str = "") -> tuple[Expr, Expr]:
    """Return both sides of an equation between expressions of one shape, typed together; for identities."""
    reader = MarkerReader(read_clauses(where), NOTHING)
    left = reader.read(latex, "f")
    other = Assignment(left, reader.read(right, "right"))
    typed = read(Bundle(left, (), [other]), reader.declarations(), scalar=False)
    return typed.f, typed.definitions[0][1]


def _readings(marker: MarkerTrees) -> Iterator[MarkerTrees]:
    yield marker.with_entries(free=True)
    yield marker.with_entries(free=False)
    yield marker


def _typed(marker: MarkerTrees, clauses: Clauses) -> TypedBundle:
    """Return the marker, its function a scalar unless the marker asks for what vectors have.

    Raises:
        ShapeError: no shapes fit, or several do.
    """

    def shaped(*, scalar: bool) -> TypedBundle:
        softmax = clauses.options.get("softmax", "")
        return read(marker.bundle, marker.declarations, scalar=scalar, functions=marker.functions, softmax=softmax)

    try:
        return shaped(scalar="jacobian" not in clauses.wishes)
    except ShapeError as error:
        if error.code != "E204" or clauses.wishes.keys() & {"solve", "hessian", "structured"}:
            raise
        return shaped(scalar=False)


def _question(typed: TypedBundle, marker: MarkerTrees, clauses: Clauses) -> Question:
    """Return the question, with what the definitions and the wishes say of its letters."""
    typed = _with_vectors(typed)
    count, first = len(marker.named), len(marker.intermediates)
    until = count + len(marker.claims)
    last = until + len(marker.constraints)
    named = [(symbol, body) for symbol, body in typed.definitions[:until] if isinstance(symbol, Symbol)]
    now = {y: y.moving for x in typed.variables for y in _moving_with(x, typed) if y.properties}
    now |= with_found_symmetry(named[:count], now)
    written: Values = [(now.get(symbol, symbol), substitute(body, now)) for symbol, body in named]
    sigma = clauses.declarations.get(SIGMA)
    free = sigma is None or sigma.kind != "function"
    if free:
        written = with_logistic_sigma(typed.f, written, first)
    f, variables = substitute(typed.f, now), tuple(now.get(x, x) for x in typed.variables)
    logistics = with_logistic_losses([f, *(body for _, body in written[:count])], by_custom=free)
    f, written = substitute(f, logistics), [(symbol, substitute(body, logistics)) for symbol, body in written]
    variables, families = named_members(marker, variables)
    through, abbreviations = with_used_abbreviations(f, written[:count], first)
    values = [*through, *abbreviations]
    symbols = {latex: now.get(x, x) for latex, x in typed.symbols.items()}
    symbols.update((x.latex, x) for x in variables)
    known = {*marker.declarations, *(x.latex for x, _ in values), *(x.latex for x in variables)}
    averages = means([f, *(body for _, body in values)], symbols, known)
    moved = tuple(
        x for x in averages if variables_in(x[1].symbols, variables) & set(variables)
    )  # gone through as what the author defines
    claims = zip(written[count:], marker.claims, clauses.claims, strict=True)
    other = marker.other_form
    spans = [x.name.span for x in marker.named if x.name is not None]
    return Question(
        f=f,
        name=marker.name,
        variables=variables,
        symbols=MappingProxyType(symbols),
        intermediates=(*moved, *through),
        abbreviations=tuple(abbreviations),
        means=tuple(x for x in averages if x not in moved),
        claims=tuple(
            StatedDerivative(x, _at_rest(body), said.right.strip(), tree.span) for (x, body), tree, said in claims
        ),
        functions=marker.functions,
        wishes=MappingProxyType(dict(clauses.wishes)),
        options=MappingProxyType(dict(clauses.options)),
        places=MappingProxyType({symbol: span for (symbol, _), span in zip(written[:count], spans, strict=True)}),
        constraints=tuple(_constraint(left, right, now) for left, right in typed.definitions[until:last]),
        other_form=None if other is None else (substitute(typed.definitions[-1][1], now), other.span),
        families=MappingProxyType(families),
        declared=frozenset(name for name, said in marker.declarations.items() if said.kind == "scalar"),
    )


def _with_vectors(typed: TypedBundle) -> TypedBundle:
    """Return the bundle with letters for the unit vectors of its eigenvalues and singular values."""
    named = with_named_vectors([typed.f, *(body for _, body in typed.definitions)], typed.symbols)
    if not named:
        return typed
    definitions = tuple((name, substitute(body, named)) for name, body in typed.definitions)
    return typed._replace(f=substitute(typed.f, named), definitions=definitions)


def _moving_with(variable: Symbol, typed: TypedBundle) -> list[Symbol]:
    """Return the letters that move with a variable: of a member, all members of its family."""
    return members_in(typed.symbols.values(), variable) if variable.index else [variable]


def _constraint(left: Expr | None, right: Expr, now: Mapping[Symbol, Symbol]) -> Constraint:
    """Return a constraint; one side alone is zero."""
    if left is None:
        return Constraint(substitute(right, now), zero(right.shape))
    return Constraint(substitute(left, now), substitute(right, now))


def _at_rest(body: Expr) -> Expr:
    """Return a claim's value, in which the properties of the variables are in force."""
    return substitute(body, {x: x.at_rest for x in body.symbols if x.at_rest is not x})
