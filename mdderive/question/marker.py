"""From the parts of a marker to trees: the function, the variables, and what the clauses define and claim."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

from ..algebra.operators import table
from ..algebra.operators.entrywise import FunctionDefinition
from ..algebra.properties import COLUMN, SQUARE
from ..effort import EFFORT
from ..errors import DeriveError, Note, ParseError, Span
from ..latex.grammar import parse
from ..latex.names import entry_indices, leading_word, line_index, name_of, resembling
from ..latex.tree import MacroDefinition, Spellings, Syntax
from .clauses import Clauses, split_at_commas
from .components import components_of, listed_entries, sizes_of_entries, with_column
from .conjugates import Conjugates, shows_conjugates
from .densities import covariances_in, with_covariances, with_densities
from .entries import (
    Wholes,
    by_components,
    called_by,
    family_indices,
    names_by_family,
    wholes_of,
    with_entries,
    with_letters_of_entries,
    with_members,
    with_sums_as_in,
)
from .functions import (
    Formula,
    dependence_of,
    formula_of,
    function_letter,
    function_of_number,
    letters_of,
    name_on_the_left,
    of_values,
    other_form,
    with_formulas,
)
from .implicit import solved
from .index_sets import (
    named_sets,
    range_of_members,
    ranges_in,
    sets_in,
    with_named_ends,
    with_numbers_of_members,
    with_range_of_members,
    with_ranges,
)
from .kinds import Declaration
from .labels import with_kronecker_deltas, with_labelled_entries, with_labels, with_picked_members
from .marks import (
    declared_marks,
    marked_letters,
    other_letters,
    with_marked_names,
    with_named_superscripts,
    with_primed_names,
)
from .one_step import StepTrees, by_steps
from .raised import Raised, raised_of, with_raised, with_raised_declarations
from .textbook_functions import ARGUMENT, DEFINITIONS, textbook_words
from .typing import Assignment, Bundle
from .unknown_functions import with_unknown_functions

STEPS_PER_NODE = 60
"""How many steps a node of a tree takes from its LaTeX to what is typed."""


class MarkerTrees(NamedTuple):
    """What a marker says, before any letter has a shape.

    f               the function, without a name in front of it
    name            the LaTeX by which the author calls it in `L = ...`, else `f`
    wholes          the letters that may have entries in f and in what is defined
    functions       entry-wise functions that the author defined, by their LaTeX
    claims          the right sides of the claims
    constraints     both sides of the equations that the variables satisfy; of `= 0` the left side alone
    members         of variables that are members of families, by their LaTeX: how the author calls them
    recursion       of a recursion of a number of steps that is a letter: one of its steps, which f tells of too
    other_form      the left side of `f = g`, where it is a formula and no name
    """

    f: Syntax
    name: str
    wholes: Wholes
    variables: tuple[Syntax, ...]
    functions: Mapping[str, FunctionDefinition]
    intermediates: list[Assignment]
    abbreviations: list[Assignment]
    claims: list[Syntax]
    declarations: Mapping[str, Declaration]
    constraints: list[Assignment]
    members: Mapping[str, Syntax] = MappingProxyType({})
    recursion: StepTrees | None = None
    other_form: Syntax | None = None

    @property
    def named(self) -> list[Assignment]:
        """The named values, in the order in which they are typed."""
        return [*self.intermediates, *self.abbreviations]

    @property
    def roots(self) -> tuple[Syntax, ...]:
        """The trees of f and of the named values."""
        return (self.f, *(x.body for x in self.named))

    @property
    def bundle(self) -> Bundle:
        """What is typed together with the function."""
        last = len(self.variables) - 1
        claims = [Assignment(self.variables[min(k, last)], x, claim=True) for k, x in enumerate(self.claims)]
        other = [] if self.other_form is None else [Assignment(self.f, self.other_form)]
        return Bundle(self.f, self.variables, [*self.named, *claims, *self.constraints, *other])

    def with_entries(self, *, free: bool) -> MarkerTrees:
        """Return the marker with the letters that are entries as such; with `free` those that no sum binds too."""

        wholes = with_letters_of_entries(self.wholes, self.f, free=free)

        def entrywise(values: list[Assignment]) -> list[Assignment]:
            return [x._replace(body=with_entries(x.body, wholes, free=free)) for x in values]

        f = with_entries(self.f, wholes, free=free)
        intermediates, abbreviations = map(entrywise, (self.intermediates, self.abbreviations))
        constraints = [
            x if x.name is None else x._replace(name=with_entries(x.name, wholes, free=free))
            for x in entrywise(self.constraints)
        ]
        other = None if self.other_form is None else with_entries(self.other_form, wholes, free=free)
        return self._replace(f=f, intermediates=intermediates, abbreviations=abbreviations, constraints=constraints,
                             other_form=other)  # fmt: skip


def read_marker(
    f: str,
    variable: str,
    clauses: Clauses,
    macros: Mapping[str, MacroDefinition],
    *,
    in_components: bool = False,
    open_steps: bool = False,
    primed: frozenset[str] = frozenset(),
) -> MarkerTrees:
    """Return the trees of a marker; with `in_components` definitions of members are those of all entries of a letter.

    With `open_steps` a recursion of T steps is told by one of them. The letters `primed` have their prime in the name.

    Raises:
        ParseError: the LaTeX of a part cannot be read, or does not fit the others.
    """
    reader = MarkerReader(
        clauses, {**clauses.macros, **macros}, textbook_words(f, *(x.right for x in clauses.definitions))
    )
    reader.primed |= primed
    reader.raised = reader.raised_letters(variable)
    reader.varied = frozenset(name_of(x).letter for x, _ in split_at_commas(variable, "{([", "})]") if "^" not in x)
    whole = reader.read(f, "f")
    variables = reader.variables(variable)
    sought = letters_of(whole) - {x.text for x in variables}
    functions, intermediates, abbreviations = reader.definitions(sought, {x.base for x in variables})
    functions = {**reader.textbook_functions(), **functions}
    claims = [with_formulas(reader.side(x.right, x.part, x.right_start), reader.formulas) for x in clauses.claims]
    constraints = reader.constraints()
    formula = with_formulas(whole.arguments[1] if whole.head == "equation" else whole, reader.formulas)
    formula, intermediates, one_step = by_steps(formula, intermediates, variables, open_steps=open_steps)
    if in_components:
        intermediates = [Assignment(*by_components(x.name, x.body)) for x in intermediates]
    own = {*reader.declared_names(), *(x.name.text for x in (*intermediates, *abbreviations) if x.name is not None)}
    intermediates = [*_means_of_families(formula, [*intermediates, *abbreviations], own), *intermediates]
    formula, intermediates, abbreviations = _with_families(formula, intermediates, abbreviations)
    formula, intermediates, abbreviations = _with_index_sets(formula, intermediates, abbreviations, variables)
    names = [x.name for x in (*intermediates, *abbreviations) if x.name is not None]
    sides = [y for x in constraints for y in (x.name, x.body) if y is not None]
    bodies = [x.body for x in (*intermediates, *abbreviations)]
    sizes = {size for x in clauses.declarations.values() for size in (x.rows, x.columns) if size}
    claims = [with_sums_as_in([formula, *bodies], x, sizes) for x in claims]
    roots = [formula, *sides, *variables, *names, *bodies, *reader.declared()]
    sets = sets_in(roots)
    wholes = wholes_of(roots, [*variables, *names], [*reader.declared_names(), *sets], sizes)
    reader.seen.update(*map(letters_of, (formula, *(x.body for x in intermediates))))
    reader.seen.update(wholes.of(x.base, len(entry_indices(x.subscript))) for x in formula.walk() if x.subscript)
    defined = {*functions, *(x.text for x in names)}
    declared = reader.declarations()
    declared |= sizes_of_entries([formula, *sides, *bodies], variables, declared)
    declarations = with_unknown_functions(declared, formula, variables, defined) | sets
    declarations = with_labels(declarations, roots, [*variables, *names])
    taken = {x.partition("(")[0] for x in reader.seen}  # the f of f(t) too
    name = name_on_the_left(whole, variables, taken)
    return MarkerTrees(
        formula, name, wholes, variables, functions, intermediates, abbreviations, claims,
        declarations, constraints, recursion=one_step, other_form=other_form(whole, variables),
    )  # fmt: skip


def _with_index_sets(
    f: Syntax, intermediates: list[Assignment], abbreviations: list[Assignment], variables: Sequence[Syntax]
) -> tuple[Syntax, list[Assignment], list[Assignment]]:
    """Return f and what is defined, the numbers of indices in sets and the ranges of sums over some filled in."""
    roots = [f, *(x.body for x in (*intermediates, *abbreviations))]
    known = {x.text for x in variables} | {x.name.text for x in (*intermediates, *abbreviations) if x.name is not None}
    defined = known - {x.text for x in variables}
    roots = [
        with_labelled_entries(with_kronecker_deltas(x, known), defined) for x in with_picked_members(roots, variables)
    ]
    roots = with_named_ends(roots, variables)
    ranges, sets = ranges_in(roots), named_sets(x for root in roots for x in root.walk())
    members = [(x, range_of_members(roots, x)) for x in variables]

    def read(tree: Syntax) -> Syntax:
        tree = with_ranges(with_numbers_of_members(tree, sets), ranges)
        for member, ends in members:
            tree = with_range_of_members(tree, member, ends)
        return tree

    read_f, *bodies = map(read, roots)
    values = [x._replace(body=y) for x, y in zip((*intermediates, *abbreviations), bodies, strict=True)]
    return read_f, values[: len(intermediates)], values[len(intermediates) :]


def _means_of_families(f: Syntax, values: list[Assignment], known: Collection[str]) -> list[Assignment]:
    r"""Return the definition of `\bar{z}` in f as the mean of the z_i that the author defines and f sums over."""
    found: list[Assignment] = []
    letters = {x.text: x for x in f.walk() if x.head == "symbol" and x.text not in known}
    for name, body, _ in values:
        indices = family_indices(name) if name is not None else ()
        if name is None or len(indices) != 1:
            continue
        family = name_of(name.text).family(indices)
        mean = next((letters[x] for x in (rf"\bar{{{family}}}", rf"\overline{{{family}}}") if x in letters), None)
        total = next((x for x in f.walk() if _sums_over(x, family)), None)
        if mean is not None and total is not None:
            count = Syntax("symbol", (), mean.span, text=total.upper, base=total.upper)
            share = Syntax("fraction", (Syntax("number", (), mean.span, value=Fraction(1)), count), mean.span)
            inner = Syntax("sum_over", (body,), mean.span, text=indices[0], lower="1", upper=total.upper)
            found.append(Assignment(mean, Syntax("product", (share, inner), mean.span)))
    return found


def _sums_over(node: Syntax, family: str) -> bool:
    """Whether this is a sum from 1 to a named end over the members of a family."""
    if node.head != "sum_over" or node.base or node.lower != "1" or not node.upper:
        return False
    names = [name_of(x.text) for x in node.walk() if x.head == "symbol"]
    return any(x.carries(node.text) and x.family((node.text,)) == family for x in names)


def _with_families(
    f: Syntax, intermediates: list[Assignment], abbreviations: list[Assignment]
) -> tuple[Syntax, list[Assignment], list[Assignment]]:
    r"""Return f, the intermediates and the abbreviations, the members of families that are defined put in.

    A family that f is written in, `u_i := w^\top x_i`, becomes an abbreviation: the answer is written with it.
    """
    values = [*intermediates, *abbreviations]
    families: list[Assignment] = []
    for k, value in enumerate(values):  # each with the families before it put in
        if value.name is None or not family_indices(value.name):
            continue
        bodies = [with_members(x.body, value.name, value.body, family_indices(x.name)) for x in values]
        changed = with_members(f, value.name, value.body)
        if changed is f and all(x is y.body for x, y in zip(bodies, values, strict=True)):
            continue
        f = changed
        values[k + 1 :] = [x._replace(body=y) for x, y in zip(values[k + 1 :], bodies[k + 1 :], strict=True)]
        families.append(value)
    kept = [x for x in values[: len(intermediates)] if x not in families]
    return f, kept, [*(x for x in values if x not in kept)]


@lru_cache(maxsize=8)
def spellings(letters: frozenset[str] = frozenset()) -> Spellings:
    """Return what the reader must know of the operator table, with `letters` as further names of functions."""
    functions: dict[str, str] = {}
    for row in table():
        for spelling in row.spellings:
            functions.setdefault(spelling, row.name)
    return Spellings(
        functions=functions,
        greedy=frozenset(row.name for row in table() if row.greedy),
        splitting=frozenset(row.name for row in table() if row.splits),
        scalar=frozenset(row.name for row in table() if row.signatures and row.signatures[0].endswith("-> 1 1")),
        letters=letters,
    )


class MarkerReader:
    """Parses the parts of a marker, each with its own place."""

    def __init__(self, clauses: Clauses, macros: Mapping[str, MacroDefinition], words: Collection[str] = ()) -> None:
        self.clauses = clauses
        self.macros = macros
        self.spellings = spellings(frozenset((*words, *_words_for_functions(clauses))))
        self.seen: set[str] = set()
        self.defined = {(x.left or "").strip() for x in clauses.definitions}
        self.names = names_by_family(x for x in self.defined if "(" not in x)
        self.raised: tuple[Raised, ...] = ()
        self.varied: frozenset[str] = frozenset()
        self.primed = frozenset(name for name in clauses.declarations if name.endswith("'"))
        self.marked = frozenset(declared_marks(clauses.declarations))
        self.conjugates: Conjugates | None = None
        self.listed: dict[str, Declaration] = {}
        self.formulas: dict[str, Formula] = {}
        self.covariances: set[str] = set()

    def read(self, latex: str, part: str) -> Syntax:
        """Return the tree of a part.

        Raises:
            ParseError: it cannot be read.
            UnsupportedError: the marker is too large.
        """
        tree = parse(latex, self.spellings, part, self.macros)
        tree = tree if part == "variable" else with_column(tree)
        self.covariances.update(covariances_in(tree))
        tree = with_densities(tree, lambda x: parse(x, self.spellings, part))
        EFFORT.spend(STEPS_PER_NODE * len(tree.walk()))
        self.primed |= other_letters(tree)
        self.marked |= {x for x in marked_letters(tree, self.varied) if x[1] not in self.clauses.declarations}
        tree = with_primed_names(tree, self.primed)
        if part == "f" and shows_conjugates(tree, self.clauses.declarations):
            self.conjugates = Conjugates(self.clauses.declarations)
        if self.conjugates is not None:
            tree = self.conjugates.written(tree)
        tree = with_marked_names(tree, self.marked)
        tree = with_raised(with_named_superscripts(tree, self.clauses.declarations), self.raised)
        self.seen.update(letters_of(tree), (x.text for x in tree.walk() if x.head == "norm"))
        return tree

    def side(self, latex: str, part: str, start: int) -> Syntax:
        """Return one side of the equation in a clause, its spans counted from the start of the clause."""
        try:
            return self.read(latex, part).shifted(start)
        except DeriveError as error:
            error.span = error.span and error.span.shifted(start)
            error.notes = tuple(Note(x.span.shifted(start), x.text) for x in error.notes)
            raise error from None

    def raised_letters(self, variable: str) -> tuple[Raised, ...]:
        r"""Return the variables, and what is defined, that are a power, an inverse or a transpose: `\sigma^2`."""
        texts = [x for x, _ in split_at_commas(variable, "{([", "})]")]
        texts += [x.left for x in self.clauses.definitions if x.left is not None]
        found = []
        for text in (x for x in texts if "^" in x or "'" in x):
            with suppress(DeriveError):
                found.append(raised_of(with_named_superscripts(parse(text, self.spellings, "name", self.macros), ())))
        own = {*self.clauses.declarations, *(rf"{x[:-1]}^\top" for x in self.primed)}
        return tuple(dict.fromkeys(x for x in found if x is not None and x.text not in own))

    def variables(self, latex: str) -> tuple[Syntax, ...]:
        """Return the variables between the commas of the second part.

        Raises:
            ParseError: one of them is no symbol.
        """
        found: dict[str, Syntax] = {}
        for text, start in split_at_commas(latex, "{([", "})]") or [(latex, 0)]:
            whole = self.side(text, "variable", start)
            for tree in components_of(whole) or (whole,):
                if tree.head != "symbol":
                    hint = r"a variable is one letter, such as X, w_1 or \Sigma"
                    raise ParseError("E140", f"{text.strip()} is not a variable", tree.span, hint)
                letter = self.conjugates.variable(tree, self.seen) if self.conjugates is not None else tree
                if letter.text in found:
                    raise ParseError("E140", f"{letter.text} stands twice", tree.span, "name each variable once")
                found[letter.text] = letter
        return tuple(found.values())

    def definitions(
        self, sought: Collection[str], variables: Collection[str]
    ) -> tuple[dict[str, FunctionDefinition], list[Assignment], list[Assignment]]:
        """Return the functions, the intermediates and the abbreviations that the clauses define.

        An equation may define a letter that is `sought` implicitly. What has to be put in for its calls, which the
        bases of the variables tell, stands in `formulas`.

        Raises:
            ParseError: a left side is no name or is defined twice, or a right side does not define it.
        """
        functions: dict[str, FunctionDefinition] = {}
        names: set[str] = set()
        found: tuple[list[Assignment], list[Assignment]] = ([], [])
        for values, equations in zip(found, (self.clauses.intermediates, self.clauses.abbreviations), strict=True):
            for equation in equations:
                assert equation.left is not None
                left = self.side(equation.left, equation.part, equation.left_start)
                right = self.side(equation.right, equation.part, equation.right_start)
                if size := listed_entries(left, right):
                    self.listed[left.text] = Declaration(str(size), "1", "column")
                    continue
                dependence = dependence_of(left, right)
                solution = solved(left, right, sought) if dependence is None else None
                if solution is not None:
                    left, right = solution
                    self.defined.discard(equation.left.strip())
                formula = dependence or formula_of(left, right, {*variables, *self.defined})
                letter = formula.letter if formula is not None else function_letter(left)
                name = letter if letter is not None else left
                if name.text in names:
                    raise ParseError("E145", f"{name.text} is defined twice", left.span, "give it another name")
                names.add(name.text)
                if formula is not None:
                    self.formulas[name.text] = formula
                elif letter is not None:
                    functions[letter.text] = function_of_number(left.arguments[1].arguments[0], right)
                elif left.head == "symbol":
                    self._check_definition(left, right, names)
                    values.append(Assignment(left, right))
                else:
                    hint = r"write h = \sigma(W x) for a value, \sigma(a) = ... for a function"
                    message = "the left side of a definition is one name"
                    if str(right) == "0":
                        message = "a value that an equation defines implicitly is not supported"
                        hint = "solve the equation for it, x = ...; a constraint is written [subject to: ...]"
                    raise ParseError("E143", message, left.span, hint)
        intermediates, abbreviations = (
            [x._replace(body=with_formulas(x.body, self.formulas)) for x in values] for values in found
        )
        return functions, intermediates, abbreviations

    def textbook_functions(self) -> dict[str, FunctionDefinition]:
        """Return those of the functions with a definition in the textbooks that have been read, by their LaTeX."""
        names = sorted(self.seen - set(self.clauses.declarations))
        return {x: textbook_function(word) for x in names if (word := leading_word(x)) in DEFINITIONS}

    def constraints(self) -> list[Assignment]:
        """Return both sides of the constraints; a zero on the right has the shape of the left side."""
        found = []
        for x in self.clauses.constraints:
            assert x.left is not None
            left, right = self.side(x.left, x.part, x.left_start), self.side(x.right, x.part, x.right_start)
            found.append(Assignment(None, left) if str(right) == "0" else Assignment(left, right))
        return found

    def _check_definition(self, left: Syntax, right: Syntax, known: set[str]) -> None:
        """Refuse a name that is defined by itself, by a later name, or by another name alone.

        Raises:
            ParseError: it is.
        """
        for letter in sorted(letters_of(right)):
            if letter == left.text:
                hint = f"give it another name; an equation in which {letter} is the unknown has to be linear in it"
                raise ParseError("E146", f"{letter} is defined by itself", right.span, hint)
            alike = () if letter in known else self.names.get(called_by(letter), ())
            later = next((x for x, written in alike if x not in known and written in self.defined), None)
            if later is not None:
                raise ParseError("E146", f"{later} is defined after {left.text}", right.span, f"define {later} first")
        if right.head == "symbol" and not any(line_index(right.subscript)):
            raise ParseError("E146", f"{left.text} is just another name of {right.text}", right.span, "use one name")

    def _name(self, name: str, place: Span | None) -> Syntax:
        """Return the tree of a declared name; wherever it stands it is the same one, so that it is read once.

        Raises:
            ParseError: it cannot be read; the span is a place in its clause.
        """
        try:
            return parse(name, self.spellings, "name", self.macros)
        except ParseError as error:
            if error.span is not None:
                error.span = error.span._replace(part=place.part if place else "where:0")
            raise

    def declared_names(self) -> list[str]:
        """Return the canonical LaTeX of the letters that are declared."""
        trees = [self._name(name, said.span) for name, said in self.clauses.declarations.items()]
        return [x.text for x in trees if x.head == "symbol"]

    def declared(self) -> Iterator[Syntax]:
        """Yield the letters that are declared as a vector or a matrix."""
        for name, said in self.clauses.declarations.items():
            if said.kind in ("column", "row", "matrix") or not said.properties.isdisjoint(COLUMN | SQUARE):
                yield self._name(name, said.span)

    def declarations(self) -> dict[str, Declaration]:
        """Return the declarations by canonical LaTeX.

        Raises:
            ParseError: the marker itself declares a letter that does not occur.
        """
        found: dict[str, Declaration] = {}
        for name, said in self.clauses.declarations.items():
            tree = self._name(name, said.span)
            canonical = tree.text if tree.head == "symbol" else name
            seen = canonical in self.seen or any(x.base == canonical for x in self.raised)
            if name in self.clauses.own and not seen and said.kind != "function":
                meant = alike(name, self.seen)
                letters = sorted(x for x in self.seen if x)
                hint = f"did you mean {meant}?" if meant else f"leave it out, or declare one of {', '.join(letters)}"
                raise ParseError("E141", f"{name} does not occur in the formula", said.span, hint)
            found[canonical] = said
        found = with_covariances(found, self.covariances - self.defined)
        return self.listed | with_raised_declarations(found | of_values(self.formulas, found), self.raised)


def _words_for_functions(clauses: Clauses) -> list[str]:
    r"""Return the words that the clauses define or declare as functions: `swish` of `\operatorname{swish}(x) = ...`."""
    texts = [x.left or "" for x in clauses.definitions]
    texts += [name for name, x in clauses.declarations.items() if x.kind == "function"]
    gamma = [r"\Gamma"] * any(x.startswith(r"\Gamma(") for x in texts)  # else that of the gamma function
    gamma += [name for name, x in clauses.declarations.items() if name == r"\Gamma" and x.kind != "function"]
    return [*(word for word in map(leading_word, texts) if word), *gamma]


@cache
def textbook_function(word: str) -> FunctionDefinition:
    """Return the function that the textbooks define by this word."""
    argument, body = (parse(x, spellings(), "name") for x in (ARGUMENT, DEFINITIONS[word]))
    return function_of_number(argument, body)


# --- trees and names ---------------------------------------------------------------------------------------


def alike(name: str, names: Iterable[str]) -> str:
    """Return the first of the names that differs from `name` by its font, case or backslash, else ""."""
    return next((x for x in sorted(names) if resembling(x) == resembling(name)), "")
