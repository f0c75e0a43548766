"""From the author's LaTeX and clauses to one typed question: what is derived, by what, and through which names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from ..algebra.expressions import Apply, Expr, Index, Symbol, walk
from ..algebra.factoring import add
from ..algebra.operators import table
from ..algebra.operators.entrywise import SIGMA, Function, FunctionDefinition, logistic, named_function
from ..algebra.operators.structural import sum_row
from ..algebra.powers import hadamard, reciprocal
from ..algebra.terms import is_symmetric, multiply, negate, normalise, ones, scale, substitute
from ..calculus.gradient import gradient
from ..errors import DeriveError, Note, ParseError, ShapeError, Span, UnsupportedError
from ..latex.grammar import parse
from ..latex.tree import MacroDefinition, Spellings, Syntax
from .clauses import Clauses, Equation, read_clauses
from .entries import with_entries
from .typing import FUNCTION_LETTERS, Declaration, Definition, Typed
from .typing import read as read_shapes

ORDERS = 2
"""How often a function of the author's is differentiated."""

MAX_LETTERS = 150
"""How many letters and numbers a formula may have; the time that a derivation takes grows with their cube."""

_NO_MACROS: Mapping[str, MacroDefinition] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Claim:
    """A gradient that the author states; `latex` as typed, `span` where."""

    variable: Symbol
    value: Expr
    latex: str
    span: Span


@dataclass(frozen=True, slots=True)
class Question:
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
    """

    f: Expr
    name: str
    variables: tuple[Symbol, ...]
    symbols: Mapping[str, Symbol]
    intermediates: tuple[tuple[Symbol, Expr], ...]
    abbreviations: tuple[tuple[Symbol, Expr], ...]
    means: tuple[tuple[Symbol, Expr], ...]
    claims: tuple[Claim, ...]
    functions: Mapping[str, FunctionDefinition]
    wishes: Mapping[str, Span]
    options: Mapping[str, str]
    places: Mapping[Symbol, Span]
    declared: frozenset[str]

    @property
    def turned(self) -> bool:
        """Whether the gradient of a scalar is wanted in the numerator layout: the transpose of the variable's shape."""
        return self.options.get("gradient-layout") == "numerator" and self.f.is_scalar

    @property
    def definitions(self) -> tuple[tuple[Symbol, Expr], ...]:
        """All named values with their definitions."""
        return (*self.means, *self.intermediates, *self.abbreviations)


def read_question(
    f: str,
    variable: str,
    where: Sequence[str] = (),
    context: Sequence[str] = (),
    macros: Mapping[str, MacroDefinition] = _NO_MACROS,
) -> Question:
    """Return the question that a marker asks.

    Raises:
        ParseError: the LaTeX or a clause cannot be read.
        ShapeError: no shapes fit, or several do.
    """
    clauses = read_clauses(where, context)
    reader = _Reader(clauses, {**clauses.macros, **macros})
    body = reader.read(f, "f")
    variables = reader.variables(variable)
    functions, intermediates, abbreviations = reader.definitions()
    claims = [reader.side(x.right, x.part, x.right_start) for x in clauses.claims]
    formula = body.arguments[1] if body.head == "equation" else body
    parts = [y for x in (*intermediates, *abbreviations) for y in (x.name, x.body) if y is not None]
    wholes = [*reader.declared(), *parts]
    entrywise = with_entries(formula, variables, wholes)
    intermediates = [replace(x, body=with_entries(x.body, variables, wholes)) for x in intermediates]
    reader.seen.update(_letters(entrywise))
    declarations = reader.declarations()
    claimed = [Definition(variables[min(k, len(variables) - 1)], x, claim=True) for k, x in enumerate(claims)]
    definitions = [*intermediates, *abbreviations, *claimed]

    of_scalar = next((clauses.wishes[x] for x in ("solve", "hessian", "structured") if x in clauses.wishes), None)

    def typed_as(tree: Syntax) -> Typed:
        def shaped(scalar: bool) -> Typed:
            meant = clauses.options.get("softmax", "")
            return read_shapes(
                tree, variables, definitions, declarations, scalar=scalar, functions=functions, softmax=meant
            )

        try:
            return shaped("jacobian" not in clauses.wishes)
        except ShapeError as error:
            if error.code != "E204" or of_scalar is not None:
                raise
            return shaped(False)

    entrywise = with_entries(formula, variables, wholes)
    try:
        typed = typed_as(entrywise)
    except ShapeError:
        if entrywise == formula:
            raise
        typed = typed_as(formula)  # members of a family after all
    _check_primes(formula, typed, typed_as)
    count = len(intermediates) + len(abbreviations)
    _check_variables(typed, variables, count)
    _check_claims(typed, claims, count)
    spans = [x.name.span for x in (*intermediates, *abbreviations) if x.name is not None]
    scalars = frozenset(name for name, said in declarations.items() if said.kind == "scalar")
    found = _question(typed, _name_of(body), clauses, functions, len(intermediates), claims, spans)
    _check_layout(found, clauses)
    return replace(found, declared=scalars, means=_means(found, frozenset(declarations)))


def read_formula(latex: str, where: Sequence[str] = (), right: str = "") -> tuple[Expr, Expr]:
    """Return both sides of an equation between expressions of one shape, typed together; for identities."""
    reader = _Reader(read_clauses(where), _NO_MACROS)
    left = reader.read(latex, "f")
    other = Definition(left, reader.read(right, "right"))
    typed = read_shapes(left, (), [other], reader.declarations(), scalar=False)
    return typed.f, typed.definitions[0][1]


def read_expression(
    latex: str,
    symbols: Mapping[str, Symbol],
    functions: Mapping[str, FunctionDefinition] = MappingProxyType({}),
    beside: tuple[str, str] | None = None,
    softmax: str = "",
) -> Expr:
    """Return the expression that `latex` is, in letters that are typed and functions that are defined already.

    It is read like a claim about (function, variable) `beside`, which settles what `\\sin(X)` and `e_1` mean.

    Raises:
        DeriveError: it cannot be read, or the shapes do not fit.
    """
    reader = _Reader(Clauses(), _NO_MACROS)
    letters = tuple(parse(name, reader.spellings) for name, x in symbols.items() if not x.index)
    tree = with_entries(reader.read(latex, "f"), letters)
    whole, variable = (reader.read(x, "f") for x in beside) if beside else (None, None)
    said = {name: _declaration(symbol) for name, symbol in symbols.items() if name in reader.seen}
    if whole is None:
        return read_shapes(tree, (), (), said, scalar=False, functions=functions, softmax=softmax).f
    claim = Definition(variable, tree, claim=True)
    tree = with_entries(whole, letters)
    return read_shapes(tree, (), (claim,), said, scalar=False, functions=functions, softmax=softmax).definitions[0][1]


def _check_size(tree: Syntax) -> None:
    """Do nothing if the formula is no larger than can be derived in bounded time.

    Raises:
        ParseError: it is larger.
    """
    waiting, letters = [tree], 0
    while waiting:
        node = waiting.pop()
        waiting += node.arguments
        letters += not node.arguments
        if letters > MAX_LETTERS:
            message = f"this has more than {MAX_LETTERS} letters and numbers"
            raise ParseError("E121", message, tree.span, "name a part of it")


def _declaration(symbol: Symbol) -> Declaration:
    rows, columns = ("*".join(x) or "1" for x in symbol.shape)
    kind = "scalar" if symbol.is_scalar else "column" if columns == "1" else "row" if rows == "1" else "matrix"
    return Declaration(rows, columns, kind, symbol.properties)


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
        scalar=frozenset(row.name for row in table() if row.signatures and row.signatures[0].endswith("-> 1 1")),
        letters=letters,
    )


class _Reader:
    """Parses the parts of a marker, each with its own place."""

    def __init__(self, clauses: Clauses, macros: Mapping[str, MacroDefinition]) -> None:
        self.clauses = clauses
        self.macros = macros
        self.spellings = spellings(frozenset(_words_for_functions(clauses)))
        self.seen: set[str] = set()
        self.defined = frozenset(_defined_names(clauses))
        self.primed = frozenset(name for name in clauses.declarations if name.endswith("'"))

    def read(self, latex: str, part: str) -> Syntax:
        tree = parse(latex, self.spellings, part, self.macros)
        _check_size(tree)
        if self.primed:
            tree = _with_primed_names(tree, self.primed)
        self.seen.update(_letters(tree))
        return tree

    def side(self, latex: str, part: str, start: int) -> Syntax:
        """Return one side of the equation in a clause, its spans counted from the start of the clause."""
        try:
            return _shifted(self.read(latex, part), start)
        except DeriveError as error:
            raise _moved(error, start) from None

    def variables(self, latex: str) -> tuple[Syntax, ...]:
        """Return the variables between the commas of the second part.

        Raises:
            ParseError: one of them is no symbol.
        """
        found: list[Syntax] = []
        for text, start in split_at_commas(latex):
            tree = self.side(text, "variable", start)
            if tree.head != "symbol":
                hint = r"a variable is one letter, such as X, w_1 or \Sigma"
                raise ParseError("E140", f"{text.strip()} is not a variable", tree.span, hint)
            if any(x.text == tree.text for x in found):
                raise ParseError("E140", f"{tree.text} stands twice", tree.span, "name each variable once")
            found.append(tree)
        return tuple(found)

    def definitions(self) -> tuple[dict[str, FunctionDefinition], list[Definition], list[Definition]]:
        """Return the functions, the intermediates and the abbreviations that the clauses define."""
        functions: dict[str, FunctionDefinition] = {}
        names: set[str] = set()
        found: tuple[list[Definition], list[Definition]] = ([], [])
        for values, equations in zip(found, (self.clauses.intermediates, self.clauses.abbreviations), strict=True):
            for equation in equations:
                assert equation.left is not None
                left = self.side(equation.left, equation.part, equation.left_start)
                right = self.side(equation.right, equation.part, equation.right_start)
                letter = _function_letter(left)
                name = letter if letter is not None else left
                if name.text in names:
                    raise ParseError("E145", f"{name.text} is defined twice", left.span, "give it another name")
                names.add(name.text)
                if letter is not None:
                    functions[letter.text] = _function(left.arguments[1].arguments[0], right)
                elif left.head == "symbol":
                    self._check_definition(left, right, names)
                    values.append(Definition(left, right))
                else:
                    hint = r"write h = \sigma(W x) for a value, \sigma(a) = ... for a function"
                    raise ParseError("E143", "the left side of a definition is one name", left.span, hint)
        return functions, *found

    def _check_definition(self, left: Syntax, right: Syntax, known: set[str]) -> None:
        """Refuse a name that is defined by itself, by a later name, or by another name alone.

        Raises:
            ParseError: it is.
        """
        later = self.defined - known
        for letter in sorted(_letters(right) & (later | {left.text})):
            if letter == left.text:
                raise ParseError("E146", f"{letter} is defined by itself", right.span, "give it another name")
            raise ParseError("E146", f"{letter} is defined after {left.text}", right.span, f"define {letter} first")
        if right.head == "symbol":
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
                error.span = Span(place.part if place else "where:0", error.span.start, error.span.end)
            raise

    def declared(self) -> Iterator[Syntax]:
        """Yield the letters that are declared as a vector or a matrix."""
        for name, said in self.clauses.declarations.items():
            if said.kind in ("column", "row", "matrix"):
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
            if name in self.clauses.own and canonical not in self.seen and said.kind != "function":
                self._refuse_declaration(name, said.span)
            found[canonical] = said
        return found

    def _refuse_declaration(self, name: str, span: Span | None) -> None:
        """Refuse a declaration of a letter that does not occur.

        Raises:
            ParseError: always; with the letter that differs by its font, case or backslash.
        """
        meant = next((x for x in sorted(self.seen) if _plain(x) == _plain(name)), None)
        hint = f"did you mean {meant}?" if meant is not None else "leave it out"
        raise ParseError("E141", f"{name} does not occur in the formula", span, hint)


def split_at_commas(latex: str) -> list[tuple[str, int]]:
    """Return the stretches of `latex` between commas outside braces, each with its start."""
    found, depth, start = [], 0, 0
    for k, sign in enumerate(latex + ","):
        depth += (sign in "{([") - (sign in "})]")
        if sign == "," and depth == 0:
            found.append((latex[start:k], start))
            start = k + 1
    return found or [(latex, 0)]


def _shifted(tree: Syntax, by: int) -> Syntax:
    if not by:
        return tree
    span = Span(tree.span.part, tree.span.start + by, tree.span.end + by)
    return replace(tree, span=span, arguments=tuple(_shifted(x, by) for x in tree.arguments))


def _moved(error: DeriveError, by: int) -> DeriveError:
    if error.span is not None:
        error.span = Span(error.span.part, error.span.start + by, error.span.end + by)
    error.notes = tuple(Note(Span(n.span.part, n.span.start + by, n.span.end + by), n.text) for n in error.notes)
    return error


def _with_primed_names(tree: Syntax, names: frozenset[str]) -> Syntax:
    """Return the tree in which `x'` is a letter of its own, as the author has declared it."""
    text = f"{tree.arguments[0]}'" if tree.head == "prime" and tree.arguments[0].head == "symbol" else ""
    if text in names:
        return replace(tree, head="symbol", arguments=(), text=text, base=text)
    if not tree.arguments:
        return tree
    return replace(tree, arguments=tuple(_with_primed_names(x, names) for x in tree.arguments))


def _plain(name: str) -> str:
    """Return the letters of a name without fonts, backslashes and case."""
    return re.sub(
        r"\\(mathbf|boldsymbol|bm|mathrm|mathit|mathsf|text|vec|bar|hat|tilde)\b|[^A-Za-z0-9]", "", name
    ).lower()


def _letters(tree: Syntax) -> set[str]:
    found: set[str] = set()
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.arguments)
        if node.head in ("symbol", "sum_over"):
            found.add(node.text if node.head == "symbol" else node.upper)
    return found


def _defined_names(clauses: Clauses) -> list[str]:
    """Return the left sides of the definitions, as typed but for blanks."""
    return [(x.left or "").strip() for x in (*clauses.intermediates, *clauses.abbreviations)]


def _words_for_functions(clauses: Clauses) -> list[str]:
    r"""Return the words that the clauses define or declare as functions: `swish` of `\operatorname{swish}(x) = ...`."""
    texts = [x.left or "" for x in (*clauses.intermediates, *clauses.abbreviations)]
    texts += [name for name, x in clauses.declarations.items() if x.kind == "function"]
    found = [re.match(r"\s*\\(?:operatorname|mathrm|text)\s*\{(\w+)\}", text) for text in texts]
    return [match[1] for match in found if match]


def _check_primes(formula: Syntax, typed: Typed, typed_as: Callable[[Syntax], Typed]) -> None:
    """Refuse `X' - AX` where nothing but the reading of the prime as a transpose makes X square.

    Raises:
        ShapeError: X' may as well be a letter of its own.
    """
    for base in _primed_letters(formula):
        symbol = typed.symbols.get(base.text)
        if symbol is None or not symbol.is_square or symbol.is_scalar:
            continue
        try:
            other = typed_as(_with_primed_names(formula, frozenset((f"{base.text}'",))))
        except DeriveError:
            continue
        if not other.symbols[base.text].is_square:
            name = f"{base.text}'"
            hint = f"write {base.text}^T for the transpose, or declare the letter: [{name}: m x n]"
            message = f"{name} may be the transpose of {base.text} or a letter of its own"
            raise ShapeError("E205", message, base.span, hint)


def _primed_letters(tree: Syntax) -> Iterator[Syntax]:
    """Yield the letters with a prime, those of a symmetric part `A + A'` left out."""
    if tree.head == "prime" and tree.arguments[0].head == "symbol":
        yield tree.arguments[0]
    terms = {x.text for x in tree.arguments if x.head == "symbol"} if tree.head == "add" else set()
    for x in tree.arguments:
        if not (x.head == "prime" and x.arguments[0].text in terms):
            yield from _primed_letters(x)


def _name_of(body: Syntax) -> str:
    """Return what the author calls the function in `L(w) = ...`, else f."""
    left = body.arguments[0] if body.head == "equation" else body
    while body.head == "equation" and left.head == "product":
        left = left.arguments[0]
    return left.text if body.head == "equation" and left.head == "symbol" else "f"


def _function_letter(left: Syntax) -> Syntax | None:
    r"""Return the letter of `\sigma(a)` on the left of a definition, None for anything else."""
    if left.head != "product" or len(left.arguments) != 2:
        return None
    letter, group = left.arguments
    return letter if letter.head == "symbol" and group.head == "group" and group.arguments[0].head == "symbol" else None


def _function(argument: Syntax, body: Syntax) -> FunctionDefinition:
    """Return an entry-wise function of the author's.

    Raises:
        ParseError: its body contains a letter besides its argument.
    """
    others = sorted(_letters(body) - {argument.text, "e", r"\pi", ""} - FUNCTION_LETTERS)
    if others:
        raise ParseError("E144", f"{others[0]} is not the function's argument {argument.text}", body.span)
    typed = read_shapes(body, (argument,), (), {argument.text: Declaration(kind="scalar")})
    x, bodies = typed.variables[0], [typed.f]
    for _ in range(ORDERS):
        bodies.append(gradient(normalise(bodies[-1]), x))
    return FunctionDefinition(x, tuple(bodies))


def _check_variables(typed: Typed, variables: Sequence[Syntax], values: int) -> None:
    """Refuse a variable that is defined, does not occur, or is a member of a family.

    Raises:
        ParseError: one is.
    """
    defined = {name for name, _ in typed.definitions[:values]}
    occurring = set(typed.f.symbols).union(*(body.symbols for _, body in typed.definitions[:values]))
    for symbol, tree in zip(typed.variables, variables, strict=True):
        families = {x.family for x in occurring if x.index} | {x.latex for x in occurring if x.index}
        if symbol.latex in families or any(_is_member(symbol.latex, x) for x in families):
            hint = "members of a family x_i are not supported as variables yet"
            raise ParseError("E147", f"{symbol.latex} is bound by the sum", tree.span, hint)
        if symbol.latex in _sizes(occurring) | _ends_of_sums(typed):
            message = f"{symbol.latex} is a number of terms or entries"
            raise ParseError("E147", message, tree.span, "name another variable")
        if symbol in defined:
            hint = "leave one of them out"
            raise ParseError("E145", f"{symbol.latex} is defined, and so no variable", tree.span, hint)
        if symbol not in occurring:
            near = next((x.latex for x in sorted(occurring, key=str) if _plain(x.latex) == _plain(symbol.latex)), "")
            hint = f"did you mean {near}?" if near else "name one that does"
            raise ParseError("E142", f"{symbol.latex} does not occur in the function", tree.span, hint)


def _check_layout(question: Question, clauses: Clauses) -> None:
    """Refuse a marker that asks for the layout of a Jacobian where there is none.

    Raises:
        UnsupportedError: it does.
    """
    own = "layout" in clauses.own and "hessian" not in clauses.wishes
    if own and question.f.is_scalar and question.options.get("layout") == "numerator":
        hint = "write gradient-layout: numerator for the transpose of the gradient"
        raise UnsupportedError("E306", "'layout' is that of the derivative of a vector or matrix", hint=hint)


def _is_member(latex: str, family: str) -> bool:
    """Whether `latex` is a numbered member of `family`, such as `x_1` of `x`."""
    return re.fullmatch(re.escape(family) + r"_(?:\d|\{\d+\})", latex) is not None


def _check_claims(typed: Typed, claims: Sequence[Syntax], values: int) -> None:
    """Refuse a claim in letters that nothing defines.

    Raises:
        ParseError: one has such a letter.
    """
    known = set(typed.f.symbols).union(*(body.symbols | {name} for name, body in typed.definitions[:values] if name))
    for (_, value), tree in zip(typed.definitions[values:], claims, strict=True):
        foreign = sorted(x.latex for x in value.symbols - known if not x.index and x.latex not in _sizes(known))
        if foreign:
            hint = "a claim is written in the letters of the function"
            raise ParseError("E148", f"{foreign[0]} does not occur in the function", tree.span, hint)


def _ends_of_sums(typed: Typed) -> set[str]:
    """Return the upper ends of the sums in the function."""
    bound = [x.parameters[0] for x in walk(typed.f) if isinstance(x, Apply) and x.operator is sum_row]
    return {index.upper for index in bound if isinstance(index, Index)}


def _sizes(symbols: set[Any]) -> set[str]:
    return {name for x in symbols for dimension in x.shape for name in dimension}


def _question(
    typed: Typed,
    name: str,
    clauses: Clauses,
    functions: Mapping[str, FunctionDefinition],
    intermediates: int,
    claims: Sequence[Syntax],
    spans: Sequence[Span],
) -> Question:
    named = [(symbol, body) for symbol, body in typed.definitions if isinstance(symbol, Symbol)]
    alike = {x: _moving(x) for x in typed.variables if x.properties}
    alike |= _with_found_symmetry(named[: len(named) - len(claims)], alike)
    named = [(alike.get(symbol, symbol), substitute(body, alike)) for symbol, body in named]
    named = _with_logistic_sigma(typed.f, named, intermediates, clauses)
    values = named[: len(named) - len(claims)]
    stated: list[Claim] = []
    equations: Sequence[Equation] = clauses.claims
    for (symbol, body), tree, equation in zip(named[len(values) :], claims, equations, strict=True):
        at_rest = {x: x.at_rest for x in body.symbols if x.at_rest is not x}
        stated.append(Claim(symbol, substitute(body, at_rest), equation.right.strip(), tree.span))
    values, intermediates = _with_used_abbreviations(substitute(typed.f, alike), values, intermediates)
    return Question(
        f=substitute(typed.f, alike),
        name=name,
        variables=tuple(alike.get(x, x) for x in typed.variables),
        symbols=MappingProxyType({latex: alike.get(x, x) for latex, x in typed.symbols.items()}),
        intermediates=tuple(values[:intermediates]),
        abbreviations=tuple(values[intermediates:]),
        means=(),
        claims=tuple(stated),
        functions=functions,
        wishes=MappingProxyType(dict(clauses.wishes)),
        options=MappingProxyType(dict(clauses.options)),
        places=MappingProxyType({symbol: span for (symbol, _), span in zip(values, spans, strict=True)}),
        declared=frozenset(),
    )


def _with_used_abbreviations(
    f: Expr, values: list[tuple[Symbol, Expr]], intermediates: int
) -> tuple[list[tuple[Symbol, Expr]], int]:
    """Return the definitions with the abbreviations that f itself is written in moved to the intermediates."""
    used = set(f.symbols)
    for symbol, body in reversed(values):
        if symbol in used:
            used |= body.symbols
    through = [x for k, x in enumerate(values) if k < intermediates or x[0] in used]
    return [*through, *(x for x in values if x not in through)], len(through)


def _with_logistic_sigma(
    f: Expr, named: Sequence[tuple[Symbol, Expr]], intermediates: int, clauses: Clauses
) -> list[tuple[Symbol, Expr]]:
    r"""Return the definitions with `\sigma` as the logistic function in what is said of an f without that letter.

    The gradient of `\log(1+e^t)` is written with it, so an abbreviation or a claim that has it means nothing else.
    """
    said = clauses.declarations.get(SIGMA)
    roots = [f, *(body for _, body in named[:intermediates])]
    if any(_is_sigma(x) for root in roots for x in walk(root)) or (said is not None and said.kind == "function"):
        return list(named)
    found = []
    for symbol, body in named:
        letters = {x: _logistic_derivative(x) for x in walk(body) if isinstance(x, Apply) and _is_sigma(x)}
        found.append((symbol, substitute(body, letters) if letters else body))
    return found


def _is_sigma(x: Expr) -> bool:
    function = x.parameters[0] if isinstance(x, Apply) and x.operator is named_function else None
    return isinstance(function, Function) and function.latex == SIGMA and function.definition is None


def _logistic_derivative(node: Apply) -> Expr:
    """Return the logistic function, or its derivative of the order that the letter has, of the same argument."""
    function = node.parameters[0]
    assert isinstance(function, Function)
    value: Expr = Apply(logistic, node.arguments, (SIGMA,))
    rest = add(ones(node.shape), negate(value))
    if function.order == 0:
        return value
    if function.order == 1:
        return hadamard(value, rest)
    return hadamard(value, rest, add(ones(node.shape), scale(Fraction(-2), value)))


def _means(question: Question, declared: frozenset[str]) -> tuple[tuple[Symbol, Expr], ...]:
    r"""Return the letters \bar x that nothing defines beside a family x_i, i = 1..n, each with its mean."""
    known = declared | {x.latex for x, _ in question.definitions} | {x.latex for x in question.variables}
    found: dict[Symbol, Expr] = {}
    for node in (x for root in (question.f, *(b for _, b in question.definitions)) for x in walk(root)):
        index = node.parameters[0] if isinstance(node, Apply) and node.operator is sum_row else None
        if not isinstance(index, Index) or index.lower != "1" or not index.upper:
            continue
        for member in sorted((x for x in walk(node) if isinstance(x, Symbol) and x.index == (index.name,)), key=str):
            mean = question.symbols.get(rf"\bar{{{member.family}}}")
            if mean is not None and mean.latex not in known and mean.shape == member.shape:
                count = question.symbols.get(index.upper, Symbol(index.upper))
                found[mean] = multiply(reciprocal(count), Apply(sum_row, (member,), (index,)))
    return tuple(found.items())


def _moving(variable: Symbol) -> Symbol:
    """Return the variable with its properties out of force while it moves."""
    properties = variable.properties | {"free"}
    return Symbol(variable.latex, variable.size, properties, variable.index, variable.family)


def _with_found_symmetry(
    values: Sequence[tuple[Symbol, Expr]], moving: Mapping[Symbol, Symbol]
) -> dict[Symbol, Symbol]:
    """Return the names whose definition is symmetric by its form, each with that property.

    Where it is symmetric only as long as the variables do not move, as the inverse of a symmetric variable is, the name
    moves like them.
    """
    found: dict[Symbol, Symbol] = {}
    for symbol, body in values:
        if symbol.is_scalar:
            continue
        while_moving = is_symmetric(normalise(substitute(body, {**moving, **found})))
        if while_moving or is_symmetric(normalise(substitute(body, {x: y.at_rest for x, y in found.items()}))):
            properties = symbol.properties | ({"symmetric"} if while_moving else {"symmetric", "free"})
            found[symbol] = Symbol(symbol.latex, symbol.size, properties, symbol.index, symbol.family)
    return found
