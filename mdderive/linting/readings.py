r"""The readings of a claim: what `L` is by the definitions around it, and what the text says of the letters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

from ..algebra.properties import BY_NAME
from ..latex.names import name_of, undressed
from ..latex.pieces import Piece
from ..latex.tree import Syntax
from ..question.kinds import surely_vectors
from ..question.places import FUNCTION_LETTERS
from .derivatives import Derivative, derivative_of, differential_at, has_derivative, name_and_arguments
from .judgement import CONSTANTS, World, direction_name
from .statements import latex_of
from .surroundings import PageDefinition, Surroundings, letters_of, symbol_of, tree_of

FAR = 1500
"""How many characters from a claim a size may stand that surely counts."""
MOST_DEFINITIONS = 4
"""How many definitions of one name are tried."""
MOST_VALUES = 12
"""How many named values are followed on the way from a function to its variable."""
MOST_LETTERS = 6
"""Of how many letters other kinds are tried."""
MOST_KINDS = 20
"""How many further readings of the letters are tried."""
USUAL_FUNCTIONS = (r"\frac{1}{1+e^{-t}}", r"\tanh(t)", r"\max(0,t)")
"""What a function that nobody defines is in practice: the logistic function, tanh, the positive part."""


_VEC = re.compile(
    r"(?:\\(?:operatorname|mathrm|text|mathsf)\s*\{vec\}|\\vec|vec)\s*[({\[](?P<inside>[^(){}]+|\\\w+\{\w\})[)}\]]"
)
_NORM = re.compile(r"\\\||\\[lr]?Vert(?![A-Za-z])")


class UnknownError(Exception):
    """The claim cannot be judged; the message says why."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """A claim where it stands: the derivatives that open its chain, what is claimed, and where.

    `upstream` are the derivatives that it is written in, each with the letter that stands for it in `claimed`.
    """

    derivatives: tuple[Derivative, ...]
    claimed: str
    place: int
    upstream: tuple[tuple[str, Derivative], ...] = ()


@dataclass(slots=True)
class Resolver:
    """Knows what the page says; `context` are clauses that hold on the whole page."""

    surroundings: Surroundings
    context: tuple[str, ...] = ()

    def worlds(self, assertion: Assertion) -> list[World]:
        """Return the readings of a claim, the likeliest first.

        Raises:
            UnknownError: there is none.
        """
        found: dict[World, None] = {}
        reason: UnknownError | None = None
        for derivative in reversed(assertion.derivatives):  # the last is the most explicit
            try:
                for f, variable, reliable in self._through(derivative, assertion) or self._functions(
                    derivative, assertion
                ):
                    for world in self._with_definitions(f, variable, derivative, assertion, reliable):
                        found[world] = None
            except UnknownError as error:
                reason = reason or error
        if not found:
            raise reason or UnknownError("nothing is known of it")
        return list(found)

    # --- what is differentiated

    def _functions(self, derivative: Derivative, assertion: Assertion) -> Iterator[tuple[str, str, bool]]:
        """Yield (f, variable, whether that is surely meant)."""
        name, arguments = name_and_arguments(derivative.body)
        canonical = symbol_of(name)
        several = derivative.order == "differential"
        variable = derivative.variable if several else symbol_of(_stacked(derivative.variable))
        if derivative.variable and not variable:
            raise UnknownError(f"{derivative.variable} is no variable that is known")
        if not canonical or (arguments is None and canonical == variable):
            yield self._itself(derivative, variable)
            return
        bodies = [x for x in self.surroundings.defined(canonical, assertion.place) if x.body]
        if not bodies:
            if arguments is None or canonical not in FUNCTION_LETTERS or not variable:
                raise UnknownError(f"{canonical} is not defined here")
            yield self._itself(derivative, variable)
            return
        section = self.surroundings.section(assertion.place)
        alone = len({x.place for x in bodies}) == 1
        for definition in bodies[:MOST_DEFINITIONS]:
            given = arguments if arguments is not None else definition.arguments
            by = variable or _only(given) or _only(definition.arguments)
            body = renamed(definition, arguments)
            said = bool(by) or derivative.order == "differential"
            by = by if said else _usual_variable(body)
            yield body, by, said and (alone or definition.section == section)

    @staticmethod
    def _itself(derivative: Derivative, variable: str) -> tuple[str, str, bool]:
        if not variable and derivative.order != "differential":
            return derivative.f, _usual_variable(derivative.f), False
        return derivative.f, variable, True

    def _through(self, derivative: Derivative, assertion: Assertion) -> list[tuple[str, str, bool]]:
        r"""Return the functions that stand for L where a claim is written in `\partial L/\partial Y` or its letter.

        Whatever L is, its derivative by W is that of the inner product of `\partial L/\partial Y` with Y, held fixed.
        Which is a row or a column where that derivative is one, so both are tried.
        """
        name = symbol_of(name_and_arguments(derivative.body)[0])
        variable = symbol_of(derivative.variable)
        if not name or not variable or derivative.order != "first":
            return []
        if any(symbol_of(name_and_arguments(x.body)[0]) != name for _, x in assertion.upstream):
            raise UnknownError("it is written in derivatives itself")
        letters = {letter: symbol_of(x.variable) for letter, x in assertion.upstream}
        if not assertion.upstream and not any(x.body for x in self.surroundings.defined(name, assertion.place)):
            letters = self._letters_for_derivatives(name, variable, assertion)
        if len(letters) != 1 or variable in letters.values():
            if assertion.upstream:
                raise UnknownError("it is written in derivatives itself")
            return []
        (letter, through), *_ = letters.items()
        return [(rf"\langle {form}, {through}\rangle", variable, True) for form in (letter, f"{letter}^T")]

    def _letters_for_derivatives(self, name: str, variable: str, assertion: Assertion) -> dict[str, str]:
        """Return the letters of a claim that the text defines as derivatives of `name`, with their variables."""
        found: dict[str, str] = {}
        for letter in letters_of(assertion.claimed):
            near = [x.derivative for x in self.surroundings.defined(letter, assertion.place) if x.derivative]
            if near and symbol_of(near[0][0]) == name and symbol_of(near[0][1]) not in ("", variable):
                found[letter] = symbol_of(near[0][1])
        return found

    # --- definitions on the way

    def _with_definitions(
        self, f: str, variable: str, derivative: Derivative, assertion: Assertion, reliable: bool
    ) -> Iterator[World]:
        variables = {x.strip() for x in variable.split(",")}
        own = set(letters_of(f))
        if variable and not variables & own:
            variable = _alike(variable, own) or variable
            variables = {x.strip() for x in variable.split(",")}
        values = self._closure(f, assertion.claimed, variables, assertion.place)
        defined = {x.name for x in values}
        claimed = set(letters_of(assertion.claimed))
        moving = {x.name for x in values if x.moves}
        foreign = (claimed - own - variables) & defined
        choices = [moving | foreign]
        if variables & own:
            choices.append(foreign)
            choices.append(set())
        if not choices[0] and defined:
            choices.append(defined)
        letters = own | claimed | {y for x in values for y in letters_of(x.body)}
        said, certain = self._said(letters, assertion.place)
        for chosen in choices:
            used = _needed(values, chosen, own)
            clauses = tuple(x.clause for x in used)
            sure = reliable and all(x.reliable for x in used) and not _unknown(used, own, claimed, variables)
            world = World(f, variable, derivative.order, clauses, sure, (*said, *self.context))
            yield world
            if said:
                sure = sure and not certain
                yield replace(world, context=self.context, spare=certain, reliable=sure)

    def _said(self, letters: set[str], place: int) -> tuple[tuple[str, ...], bool]:
        """Return the clauses that the text says of letters, and whether all are surely meant here."""
        found = self.surroundings.said_of(sorted(letters), place)
        near = (x.exact and abs(place - x.place) < FAR for x in found if x.clause not in BY_NAME)
        return tuple(f"{x.name}: {x.clause}" for x in found), all(near)

    def _closure(self, f: str, claimed: str, variables: set[str], place: int) -> list[_Value]:
        """Return the named values that f and the claim are written in, each behind those that it is written in."""
        found: dict[str, _Value] = {}
        letters = [*letters_of(f), *letters_of(claimed)]
        self._follow([y for x in letters for y in dict.fromkeys((x, base_of(x)))], variables, place, found, ())
        return list(found.values())

    def _follow(
        self, letters: Sequence[str], variables: set[str], place: int, found: dict[str, _Value], above: tuple[str, ...]
    ) -> None:
        for letter in letters:
            if letter in variables or letter in found or letter in above or len(found) >= MOST_VALUES:
                continue
            defined = [
                x for x in self.surroundings.defined(letter, place) if x.body and letter not in letters_of(x.body)
            ]
            definition = next((x for x in defined if not symbol_of(x.body) and tree_of(x.body) is not None), None)
            if definition is None or (definition.arguments is not None and len(definition.arguments) != 1):
                continue
            inner = [x for x in letters_of(definition.body) if x not in (definition.arguments or ())]
            if set(inner) & set(above):
                continue
            self._follow(inner, variables, place, found, (*above, letter))
            moves = bool(set(inner) & variables) or any(found[x].moves for x in inner if x in found)
            section = self.surroundings.section(place)
            alone = len({x.place for x in defined}) == 1
            found[letter] = _Value(letter, definition, moves, alone or definition.section == section)


@dataclass(frozen=True, slots=True)
class _Value:
    """A named value: its definition, whether it changes with the variable, and whether it is surely the one meant."""

    name: str
    definition: PageDefinition
    moves: bool
    reliable: bool

    @property
    def body(self) -> str:
        return self.definition.body

    @property
    def clause(self) -> str:
        """The definition as a clause."""
        arguments = self.definition.arguments
        return f"{self.name}({arguments[0]}) := {self.body}" if arguments else f"{self.name} := {self.body}"


def _stacked(variable: str) -> str:
    r"""Return X for `\operatorname{vec}(X)`: a derivative by its entries, in the same order."""
    found = _VEC.fullmatch(variable)
    return found["inside"] if found else variable


def _usual_variable(f: str) -> str:
    r"""Return the letter by which `\nabla f` is meant where nobody says it: x, else \theta or w.

    Raises:
        UnknownError: there is none of these.
    """
    letters = {undressed(x): x for x in letters_of(f)}
    found = next((letters[x] for x in ("x", r"\theta", "w") if x in letters), "")
    if not found:
        raise UnknownError("it is not said by which letter")
    return found


def _needed(values: Sequence[_Value], chosen: set[str], own: set[str]) -> list[_Value]:
    """Return the values that are chosen, with those that they are written in, in their order.

    A name that f itself is written in stays as it is unless it moves.
    """
    needed: set[str] = set()
    for value in reversed(values):
        if value.name in chosen or value.name in needed:
            needed.add(value.name)
            inner = set(letters_of(value.body))
            needed |= {x.name for x in values if x.name in inner and (x.moves or x.name not in own)}
    return [x for x in values if x.name in needed]


def _unknown(used: Sequence[_Value], own: set[str], claimed: set[str], variables: set[str]) -> set[str]:
    """Return the letters that only what the claim is written in brings in, and that nothing defines."""
    names = {x.name for x in used}
    reached = set(own)
    for value in reversed(used):
        if value.name in reached:
            reached |= set(letters_of(value.body))
    foreign = {y for x in used if x.name not in reached for y in letters_of(x.body)}
    arguments = {y for x in used for y in x.definition.arguments or ()}
    known = reached | names | variables | arguments | FUNCTION_LETTERS | CONSTANTS
    return {x for x in foreign if not {x, base_of(x)} & known}


def base_of(letter: str) -> str:
    """Return `y` for the letter `y_k`, which may be an entry of it."""
    tree = tree_of(letter)
    return tree.base if tree is not None and tree.head == "symbol" and tree.base else letter


def _alike(letter: str, known: set[str]) -> str:
    """Return the one known letter that differs from `letter` by its font alone, "" if there is none or several."""
    found = [x for x in known if undressed(x) == undressed(letter)]
    return found[0] if len(found) == 1 else ""


def _only(arguments: tuple[str, ...] | None) -> str:
    return symbol_of(arguments[0]) if arguments is not None and len(arguments) == 1 else ""


def renamed(definition: PageDefinition, given: tuple[str, ...] | None) -> str:
    """Return the body of a definition with the letters of its arguments replaced by those given."""
    known = definition.arguments
    if given is None or known is None or len(given) != len(known) or given == known:
        return definition.body
    swap = {symbol_of(a): b for a, b in zip(known, given, strict=True) if symbol_of(a) and a != b}
    tree = tree_of(definition.body)
    return definition.body if not swap or tree is None else _replaced(definition.body, tree, swap)


def _replaced(latex: str, tree: Syntax, swap: Mapping[str, str]) -> str:
    """Return the LaTeX with letters replaced where they stand."""
    letters = (x for x in tree.walk() if x.head == "symbol" and x.text in swap)
    for start, end, new in sorted({(x.span.start, x.span.end, swap[x.text]) for x in letters}, reverse=True):
        latex = f"{latex[:start]}{{{new}}}{latex[end:]}"
    return latex


def written_out(f: str, where: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return f with the bodies of `name := body` in the place of the names, and the other clauses."""
    rest: list[str] = []
    for clause in reversed(where):
        name, sign_, body = clause.partition(" := ")
        tree = tree_of(f)
        if not sign_ or "(" in name or tree is None:
            rest.append(clause)
        elif name in letters_of(f):
            f = _replaced(f, tree, {name: f"({body})"})
    return f, tuple(reversed(rest))


# --- further readings --------------------------------------------------------------------------------------


def other_kinds(world: World, claimed: str, capitals: bool) -> Iterator[World]:
    """Yield the world with letters read as a number or a vector where the usual reading may be wrong.

    A capital is read as a vector only with `capitals`, where the usual reading does not fit.
    """
    trees = [x for x in (tree_of(world.f), tree_of(claimed)) if x is not None]
    vectors = surely_vectors(trees)
    known = {x.split(":")[0].strip() for x in (*world.context, *world.where)} | {y for x in trees for y in _called(x)}
    letters = [x for x in dict.fromkeys((*letters_of(world.f), *letters_of(claimed))) if x not in known]
    letters = [x for x in letters if not x.startswith((r"\Delta_", r"\delta_", "I"))]
    letters = [x for x in letters if capitals or not name_of(x).is_capital][:MOST_LETTERS]
    choices = [
        ("", "vector") if name_of(x).is_capital else ("vector", *(("scalar",) * (x not in vectors))) for x in letters
    ]
    few = sorted(product(*choices), key=lambda kinds: sum(map(_is_odd, letters, kinds)))
    for kinds in few[:MOST_KINDS]:
        clauses = tuple(f"{name}: {kind}" for name, kind in zip(letters, kinds, strict=True) if kind)
        yield replace(world, context=(*world.context, *clauses))
    if _NORM.search(world.f):  # in a table \\| stands for |
        yield replace(world, f=_NORM.sub("|", world.f))
    if "softmax" in world.f:
        for axis in ("columns", "rows"):
            yield replace(world, context=(*world.context, f"softmax: {axis}"))


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
    for body in bodies if names else ():
        yield replace(world, where=(*(f"{name}(t) := {body}" for name in names), *world.where))


def _called(tree: Syntax) -> Iterator[str]:
    """Yield the letters of functions that stand before a parenthesis."""
    for node in tree.walk():
        for one, other in pairwise(node.arguments) if node.head in ("product", "applied") else ():
            while one.head == "prime":
                one = one.arguments[0]
            while other.head in ("transpose", "power", "hadamard_power"):
                other = other.arguments[0]
            if one.head == "symbol" and one.text in FUNCTION_LETTERS and other.head == "group":
                yield one.text


def without_derivatives(pieces: Sequence[Piece]) -> tuple[str, tuple[tuple[str, Derivative], ...]] | None:
    r"""Return LaTeX in which letters stand for the fractions `\frac{\partial L}{\partial Y}`, and what each stands for.

    None if it is written in derivatives in any other way.
    """
    found: dict[str, tuple[str, Derivative]] = {}
    made: list[Piece] = []
    k = 0
    solid = [x for x in pieces if x.kind != "blank"]
    while k < len(solid):
        derivative = derivative_of(solid[k : k + 3]) if solid[k].kind == "macro" and "frac" in solid[k].text else None
        if derivative is not None and derivative.order == "first" and symbol_of(derivative.variable):
            key = f"{derivative.f}/{derivative.variable}"
            letter = symbol_of(rf"\bar{{{derivative.variable}}}")
            if not letter:
                return None
            found.setdefault(key, (letter, derivative))
            made.append(Piece("group", "", solid[k].start, solid[k + 2].end, (Piece("character", letter, 0, 0),)))
            k += 3
            continue
        if has_derivative(solid[k : k + 1]) or has_derivative(solid[k : k + 2]):
            return None
        made.append(solid[k])
        k += 1
    return latex_of(made), tuple(found.values())


def without_differentials(pieces: Sequence[Piece], names: dict[str, int]) -> str:
    r"""Return a differential's LaTeX with `\mathrm{d}X` as the letter \Delta_k; `names` gets the variables' numbers."""
    found: list[Piece] = []
    k = 0
    while k < len(pieces):
        inside = differential_at(pieces, k + 1) if pieces[k].is_character("(") else None
        if inside is not None and inside[1] < len(pieces) and pieces[inside[1]].is_character(")"):
            pieces = [*pieces[:k], *pieces[k + 1 : inside[1]], *pieces[inside[1] + 1 :]]
        hit = differential_at(pieces, k)
        if hit is not None:
            name, end = hit
            number = names.setdefault(name, len(names))
            found.append(Piece("character", direction_name(number, name), pieces[k].start, pieces[end - 1].end))
            k = end
            continue
        piece = pieces[k]
        if piece.items:
            inner = without_differentials(piece.items, names)
            piece = piece._replace(kind="character", text="{" + inner + "}", items=())
        found.append(piece)
        k += 1
    return latex_of(found)
