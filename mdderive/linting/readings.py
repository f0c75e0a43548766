r"""The readings of a claim: what `L` is by the definitions around it, and what the text says of the letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from ..algebra.properties import BY_NAME
from ..documents.model import Place
from ..latex.names import name_of, undressed
from ..question.places import FUNCTION_LETTERS
from .arguments import Meant, is_shifted, is_value, marked_letters, placed_at, usual_variable
from .beside import NOTHING_NEARBY, Nearby
from .components import LENGTH, base_of, free_indices, is_numbered, speaks_of_components
from .definitions import PageDefinition
from .derivatives import Derivative, name_and_arguments, without_factor
from .families import (
    defined_as,
    entries_for_derivatives,
    has_rivals,
    is_alike,
    is_of_itself,
    letters_for_derivatives,
)
from .judgement import CONSTANTS
from .kinds import (
    UnknownError,
    has_value_of,
    is_softmax_of_entry,
    is_spelled,
    primed_in,
    with_commutation,
    with_functions,
    without_own_arguments,
)
from .lookup import (
    NamedValue,
    all_values,
    is_spoken_of,
    shadows,
    values_within,
    with_name,
)
from .surroundings import Surroundings, function_of, letters_of, symbol_of, tree_of
from .worlds import ANY_SUM, Comparison, World

FAR = 1500
"""How many characters from a claim a size may stand that surely counts."""
MOST_DEFINITIONS = 4
"""How many definitions of one name are tried."""
MOST_WAYS = 4
"""On how many ways from a function to its variable a claim is followed that names its derivatives on each."""
SAME_PARAGRAPH = 300
"""How many characters from a claim a definition stands in the same breath, so that no other is meant."""
IN_DERIVATIVES = "it is written in derivatives itself"
"""What is said of a claim that is written in derivatives of which nothing is known."""
OTHER_DEFINITION = "it holds for what the page defines before that: which of the two is meant?"
"""What is in doubt where a claim holds for another definition of its function than the nearest."""


_VEC = re.compile(
    r"(?:\\(?:operatorname|mathrm|text|mathsf)\s*\{vec\}|\\vec|vec)\s*[({\[](?P<inside>[^(){}]+|\\\w+\{\w\})[)}\]]"
)


@dataclass(frozen=True, slots=True)
class Assertion:
    """A claim where it stands: the derivatives that open its chain, what is claimed, and where.

    `upstream` are the derivatives that it is written in, each with the letter that stands for it in `claimed`;
    `follows_letters` says that what the derivative equalled before in the chain was no number.
    """

    derivatives: tuple[Derivative, ...]
    claimed: str
    place: int
    upstream: tuple[tuple[str, Derivative], ...] = ()
    near: Nearby = NOTHING_NEARBY
    given: tuple[Comparison, ...] = ()
    part: bool = False
    linear: bool = False
    factors: str = ""
    follows_letters: bool = False

    @property
    def indices(self) -> frozenset[str]:
        """The indices of the derivatives, and those that the text beside the claim compares, as in `i \\ne j`."""
        own = {y for x in self.derivatives for z in (x.variable, x.other, x.f) for y in free_indices(z)}
        return frozenset(own) | self.near.compared

    def compares(self, one: str, other: str, apart: bool) -> bool:
        """Whether the text beside the claim says that two indices are different, or that they are equal."""
        return {one, other} <= self.near.compared or self.near.different if apart else self.near.equal


@dataclass(slots=True)
class Resolver:
    """Knows what the page says; `context` are clauses that hold on the whole page.

    `place_of` says where in the page the formula stands that begins at an offset.
    """

    surroundings: Surroundings
    context: tuple[str, ...]
    place_of: Callable[[int], Place]

    def worlds(self, assertion: Assertion) -> list[World]:
        """Return the readings of a claim, the likeliest first.

        Raises:
            UnknownError: there is none.
        """
        found: dict[World, None] = {}
        reasons: list[UnknownError] = []  # no local of its own is what is raised, which holds this frame
        for derivative in reversed(assertion.derivatives):  # the last is the most explicit
            try:
                components = list(self._in_components(derivative, assertion))
                found |= dict.fromkeys(components)
                if components and name_of(derivative.variable).index_letters[-1:] != ("o",):
                    doubt = f"{derivative.variable} may be one of those that a sum goes over: it holds where it is none"
                    spoken = {x.f for x in components}
                    ordinary = self._ordinary(derivative, assertion)
                    found |= dict.fromkeys(replace(x, doubt=doubt) if x.f in spoken else x for x in ordinary)
                else:
                    found |= dict.fromkeys(self._ordinary(derivative, assertion))
            except UnknownError as error:
                reasons.append(error.with_traceback(None))
        if not found:
            raise reasons.pop(0) if reasons else UnknownError("nothing is known of it")
        apart = (without_own_arguments(x, assertion.claimed) for x in found)
        meant = (y for x in apart for y in _with_e(_conditioned(x, assertion)))
        return [y for x in meant for y in with_commutation(x, assertion.claimed)]

    def _ordinary(self, derivative: Derivative, assertion: Assertion) -> Iterator[World]:
        """Yield the readings in which the variable is a letter and no component."""
        found: list[World] = []
        skipped: set[str] = set()
        reasons: list[UnknownError] = []
        for meant in self._through(derivative, assertion) or self._functions(derivative, assertion):
            for world in self._with_definitions(meant, derivative, assertion):
                try:
                    found += with_functions(world, assertion.claimed)
                except UnknownError as error:  # with other definitions it may be known
                    reasons.append(error.with_traceback(None))
                    skipped.add(world.f)
        if reasons and not found:
            raise reasons.pop(0)
        for world in found:
            yield replace(world, reliable=world.reliable and skipped <= {world.f})

    # --- what is differentiated

    def _functions(self, derivative: Derivative, assertion: Assertion) -> Iterator[Meant]:
        """Yield what may be differentiated, the likeliest first."""
        name, arguments = name_and_arguments(derivative.body)
        canonical = function_of(name)
        if not canonical:
            factor, rest = without_factor(derivative.body)
            name, arguments = name_and_arguments(rest)
            if factor and function_of(name) in self.surroundings.definitions and arguments is not None:
                inner = replace(derivative, body=rest, factor="")
                yield from (replace(x, f=f"{factor}({x.f})") for x in self._functions(inner, assertion))
                return
        several = derivative.order == "differential"
        variable = derivative.variable if several else symbol_of(_stacked(derivative.variable))
        if derivative.variable and not variable:
            raise UnknownError(f"{derivative.variable} is no variable that is known")
        if not canonical or (arguments is None and canonical.removeprefix(r"\log ") == variable):
            yield from _itself(derivative, variable)
            return
        bodies = [x for x in defined_as(canonical, assertion.place, self.surroundings) if x.body]
        bodies = [x for x in bodies if letters_of(x.body) or not is_value(x)] or bodies
        bodies = [x for x in bodies if not any(map(is_shifted, x.arguments or ()))]
        bodies = [x for x in bodies if not is_of_itself(x)] or bodies  # L(T, Y) = \sum_i L(t_i, y_i) says nothing
        if not bodies:
            applied = canonical in FUNCTION_LETTERS or canonical in primed_in(assertion.claimed)
            if arguments is None or not (applied or _is_composed(arguments)) or not variable:
                raise UnknownError(f"{canonical} is not defined here")
            open_ = canonical in FUNCTION_LETTERS - {r"\sigma", *primed_in(assertion.claimed)}  # it may be any function
            yield from (replace(x, reliable=not open_) for x in _itself(derivative, variable))
            return
        for k, definition in enumerate(bodies[:MOST_DEFINITIONS]):
            doubt = "" if not k or not shadows(bodies[0], definition, assertion.place) else OTHER_DEFINITION
            if k and doubt and abs(bodies[0].place - assertion.place) < SAME_PARAGRAPH:
                continue
            reliable = self.surroundings.is_surely(definition, bodies, assertion.place) and not doubt
            solves = definition.place > assertion.place and canonical in letters_of(assertion.claimed)
            reliable &= derivative.partial or not solves  # dy/dx = ky, and its solution
            reliable &= not self._is_at_fixed_point(definition, arguments, assertion.place)
            reliable &= not has_rivals(definition, assertion.place, self.surroundings.definitions)
            reliable &= definition.place >= 0 or is_spoken_of(
                definition, variable, assertion.claimed, assertion.place, self.surroundings
            )
            said = "" if variable or doubt else self.surroundings.variable_at(definition.place, assertion.place)
            if said in letters_of(definition.body):
                yield Meant(definition.body, said)
            for meant in placed_at(definition, arguments, variable, derivative):
                sources = ((definition.name, definition.place),)
                yield replace(meant, reliable=reliable and meant.reliable, doubt=doubt or meant.doubt, sources=sources)

    def _is_at_fixed_point(self, known: PageDefinition, given: tuple[str, ...] | None, place: int) -> bool:
        """Whether another letter is given to a function than to its definition, whose other letters have values."""
        if given is None or known.arguments is None or given == known.arguments:
            return False
        others = set(letters_of(known.body)) - set(known.arguments)
        return any(x.body for letter in others for x in self.surroundings.defined(letter, place))

    def _in_components(self, derivative: Derivative, assertion: Assertion) -> Iterator[World]:
        """Yield the readings of a derivative by a component, `x_i` of x or of a family; none where it is by no such."""
        variables = [x for x in (symbol_of(derivative.variable), symbol_of(derivative.other)) if x]
        if derivative.order == "differential" or not any(free_indices(x) or is_numbered(x) for x in variables):
            return
        name, arguments = name_and_arguments(derivative.body)
        if minor := _minor(assertion.claimed, variables):
            raise UnknownError(f"{minor} may be a minor")
        through = _through_entries(derivative, assertion, self.surroundings)
        if assertion.upstream and not through:
            return
        alone = [Meant(symbol_of(name), "")] if arguments is None and free_indices(name) else []
        for meant in through or alone or self._functions(derivative, assertion):
            every = all_values(meant.f, assertion.claimed, assertion.place, set(variables), self.surroundings)
            here = self.surroundings.section(assertion.place)
            near = [x for x in every if x.definition.section == here]
            moving = {base_of(x.name) for x in every} | {base_of(x) for x in variables}
            if assertion.linear and moving & {base_of(x) for x in letters_of(f"{assertion.factors} 1")}:
                return
            for values in dict.fromkeys(map(tuple, (_on_the_way(every, variables), every, near, ()))):
                formulas = [meant.f, *(x.body for x in values)]
                together = [x for x in variables if through or _is_component(x, formulas, values)]
                if not together:
                    continue
                indices = [
                    y for x in (*together, symbol_of(name), *_beside(variables, meant.f)) for y in free_indices(x)
                ]
                indices += [y for x in letters_of(assertion.claimed) for y in free_indices(x) if y in assertion.indices]
                letters = {y for x in (*formulas, assertion.claimed) for y in letters_of(x)}
                said, _ = self._said(letters, assertion.place)
                sure = meant.reliable and all(x.reliable for x in values) and len(values) == len(every)
                yield World(
                    derivative.scaled(meant.f), variables[0], derivative.order, tuple(x.clause for x in values),
                    sure, (*said, *self.context), doubt=meant.doubt,
                    other=derivative.other, indices=tuple(dict.fromkeys(indices)),
                    sources=(*meant.sources, *((x.name, x.definition.place) for x in values)),
                )  # fmt: skip

    def _through(self, derivative: Derivative, assertion: Assertion) -> list[Meant]:
        r"""Return the functions that stand for L where a claim is written in `\partial L/\partial Y` or its letter.

        Whatever L is, its derivative by W is that of the inner product of `\partial L/\partial Y` with Y, held fixed.
        Which is a row or a column where that derivative is one, so both are tried.
        """
        name = symbol_of(name_and_arguments(derivative.body)[0])
        variable = symbol_of(derivative.variable)
        if not name or not variable or derivative.order != "first":
            if assertion.upstream:
                raise UnknownError(IN_DERIVATIVES)
            return []
        if any(symbol_of(name_and_arguments(x.body)[0]) != name for _, x in assertion.upstream):
            raise UnknownError(IN_DERIVATIVES)
        letters = {letter: symbol_of(x.variable) for letter, x in assertion.upstream}
        if not assertion.upstream and not any(x.body for x in self.surroundings.defined(name, assertion.place)):
            letters = letters_for_derivatives(name, variable, assertion.claimed, assertion.place, self.surroundings)
        if not 1 <= len(letters) <= MOST_WAYS or variable in letters.values():
            if assertion.upstream:
                raise UnknownError(IN_DERIVATIVES)
            return []
        forms = ((rf"\langle {x}{turned}, {y}\rangle" for x, y in letters.items()) for turned in ("", "^T"))
        return [Meant("+".join(x), variable, reliable=len(letters) == 1) for x in forms]

    # --- definitions on the way

    def _with_definitions(self, meant: Meant, derivative: Derivative, assertion: Assertion) -> Iterator[World]:
        f, variable, reliable = derivative.scaled(meant.f), meant.variable, meant.reliable
        variables = {x.strip() for x in variable.split(",")}
        own = set(letters_of(f))
        if variable and not variables & own:
            at = dict(marked_letters({variable}, own))  # the derivative at an estimate, by \hat\beta
            sure = meant.reliable and set(at.items()) <= {(symbol_of(x), symbol_of(y)) for x, y in meant.swaps}
            meant = replace(meant, swaps=tuple(dict.fromkeys((*meant.swaps, *at.items()))), reliable=sure)
            variable = _alike(variable, own) or at.get(variable, variable)
            variables, reliable = {x.strip() for x in variable.split(",")}, meant.reliable
        home = min([assertion.place, *(start for _, start in meant.sources)])  # f may be of another page
        values = values_within(f, assertion.claimed, variables, assertion.place, home, self.surroundings)
        held = _held_fixed(derivative, _arguments_of(meant, self.surroundings), variables)
        values = [x for x in values if x.name not in held and not (x.name in own and x.is_model)]
        if variable not in _reached(values, own):
            f, values = _by_name(f, variable, values, self.surroundings.defined(variable, assertion.place))
            own = set(letters_of(f))
        defined = {x.name for x in values}
        claimed = set(letters_of(assertion.claimed))
        known = own | defined | variables
        moving = {x.name for x in values if x.moves}
        foreign = (claimed - own - variables) & defined
        if assertion.linear and any(x in assertion.factors for x in moving):
            raise UnknownError(IN_DERIVATIVES)
        choices = {frozenset(moving | foreign): ""}
        linking = {x.name for x in values if x.name in own and set(letters_of(x.body)) & (claimed - own)}
        choices.setdefault(frozenset(moving | foreign | linking), "")
        if variables & own:
            through = own & {x.name for x in values if x.moves and x.reliable}
            doubt = (
                f"{' and '.join(sorted(through))} is defined with {variable}: it holds only where that is held fixed"
            )
            if not _is_followed([x for x in values if x.name in through], assertion.place, self.surroundings):
                choices.setdefault(frozenset(foreign), doubt if through else "")
                choices.setdefault(frozenset(), doubt if through else "")
        if not (moving | foreign) and defined:
            choices.setdefault(frozenset(defined), "")
        by_entries = {x.name for x in values if x.is_by_entries}
        far = {x.name for x in values if x.definition.section != self.surroundings.section(assertion.place)}
        fewer = (x - left_out for left_out in (by_entries, far) for x in choices)  # blocks, perhaps; others of the name
        spares = dict.fromkeys(x for x in fewer if x not in choices)
        letters = own | claimed | {y for x in values for y in letters_of(x.body)}
        said, certain = self._said(letters, assertion.place, home)
        for chosen, doubt in (*choices.items(), *((x, "") for x in spares)):
            used = _needed(values, chosen, own)
            clauses = tuple(x.clause for x in used)
            numbers = any(is_value(x.definition) for x in used)  # of an example, perhaps
            sure = reliable and chosen not in spares and all(x.reliable for x in used)
            sure &= not numbers and not _unknown(used, own, variables)
            world = World(
                f, variable, derivative.order, clauses, sure, (*said, *self.context), doubt=meant.doubt or doubt,
                other=derivative.other, point=meant.point, swaps=meant.swaps, spare=chosen in spares,
                sources=(*meant.sources, *((x.name, x.definition.place) for x in used)),
            )  # fmt: skip
            yield world
            if marked := marked_letters(claimed - known, own - claimed):
                yield replace(world, swaps=(*world.swaps, *marked))
            if said:
                sure = sure and not certain
                yield replace(world, context=self.context, spare=certain or world.spare, reliable=sure)

    def _said(self, letters: set[str], place: int, home: int = 0) -> tuple[tuple[str, ...], bool]:
        """Return the clauses that the text says of letters, and whether all are surely meant here.

        Of f of another page, whose `home` is negative, that page also says them.
        """
        found = self.surroundings.said_of(sorted(letters), place)
        if home < 0:
            found = [*found, *self.surroundings.said_of(sorted(letters - {x.name for x in found}), home)]
        near = (x.exact and abs(place - x.place) < FAR for x in found if x.clause not in BY_NAME)
        return tuple(f"{x.name}: {x.clause}" for x in found), all(near)


def _is_followed(values: Sequence[NamedValue], place: int, around: Surroundings) -> bool:
    """Whether what changes with the variable is defined in the same breath, and nobody says that it is held."""
    near = [abs(x.definition.place - place) < SAME_PARAGRAPH for x in values]
    return any(near) and all(near) and not around.speaks_of_fixed(place)


def _held_fixed(derivative: Derivative, defined: Sequence[str], variables: set[str]) -> set[str]:
    """Return the letters that a partial derivative holds fixed, as its function is applied to them: g of `f(x, g)`.

    So it is where the function is `defined` of them and of the variable.
    """
    given = name_and_arguments(derivative.body)[1] or ()
    arguments = {symbol_of(x) for x in given or defined}
    if not derivative.partial or len(arguments) < 2 or not (given or variables <= arguments):
        return set()
    return arguments - variables


def _arguments_of(meant: Meant, around: Surroundings) -> tuple[str, ...]:
    """Return the letters of which f is defined as a function."""
    every = around.definitions
    found = (x.arguments for name, start in meant.sources for x in every.get(name, []) if x.place == start)
    return next(found, None) or ()


def _is_composed(arguments: tuple[str, ...]) -> bool:
    """Whether what stands in the parentheses is more than a letter, as in `u(x-ct)`."""
    return len(arguments) == 1 and not symbol_of(arguments[0])


def _itself(derivative: Derivative, variable: str) -> Iterator[Meant]:
    said = bool(variable) or derivative.order == "differential"
    by = variable if said else usual_variable(derivative.f)
    f = f"{derivative.f}({by})" if is_spelled(derivative.f) else derivative.f  # d\tanh/dz
    known = PageDefinition("", None, f, 0, 0)
    yield from (replace(x, reliable=said) for x in placed_at(known, None, by, derivative))


def _on_the_way(values: Sequence[NamedValue], variables: Sequence[str]) -> list[NamedValue]:
    """Return the values that change with one of the variables: all that a derivative needs, where it holds for them."""
    found: list[NamedValue] = []
    for value in values:  # each behind those that it is written in
        inner = [*variables, *(x.name for x in found)]
        if any(is_alike(x, y) for x in letters_of(value.body) for y in inner):
            found.append(value)
    return found


def _is_component(variable: str, formulas: Sequence[str], values: Sequence[NamedValue]) -> bool:
    r"""Whether formulas speak of a component, or a family is defined entry by entry by such: `a_j = \sigma(z_j)`."""
    if speaks_of_components(variable, formulas):
        return True
    alike = ((x, y) for x in values for y in letters_of(x.body) if is_alike(y, variable) and free_indices(y))
    return any(set(free_indices(y)) <= set(free_indices(x.name)) for x, y in alike)


def _through_entries(derivative: Derivative, assertion: Assertion, around: Surroundings) -> list[Meant]:
    r"""Return what stands for L where a claim is written in the entries of `\partial L/\partial Y`, or in their letter.

    Whatever L is, its derivative by an entry of W is that of the sum of `\partial L/\partial Y_{ij}` times `Y_{ij}`,
    where the first factors are held fixed.
    """
    name, variable = symbol_of(name_and_arguments(derivative.body)[0]), symbol_of(derivative.variable)
    if not name or derivative.order != "first" or any(x.body for x in around.defined(name, assertion.place)):
        return []
    pairs = [(letter, symbol_of(x.variable)) for letter, x in assertion.upstream if symbol_of(x.f) == name]
    if len(pairs) != len(assertion.upstream) or (not pairs and not name):
        return []
    if not assertion.upstream:
        pairs = list(entries_for_derivatives(name, variable, assertion.claimed, assertion.place, around))
    if len({base_of(x) for _, x in pairs}) != 1 or is_alike(pairs[0][1], variable):
        return []
    letter, through = pairs[0]
    indices = free_indices(through)
    used = {y for x in (*letters_of(assertion.claimed), variable) for y in free_indices(x)}
    spare = [x for x in "pqrsuv" if x not in used][: len(indices)]
    one, other = name_of(letter), name_of(through)
    for old, new in zip(indices, spare, strict=True):
        one, other = one.with_index(old, new), other.with_index(old, new)
    sums = "".join(rf"\sum_{{{x}=1}}^{{{LENGTH}}}" for x in spare)
    return [Meant(rf"{sums} {other} {one}", variable)] if indices and "" not in (letter, through) else []


def _minor(claimed: str, variables: Sequence[str]) -> str:
    r"""Return `|A_{kl}|` of a claim on the entries of A: it may be a determinant with less of A; "" else."""
    tree = tree_of(claimed)
    bars = [x.arguments[0].text for x in tree.walk() if x.head == "bars"] if tree is not None else []
    return next((f"|{x}|" for x in bars if x in variables and name_of(x).is_capital), "")


def _conditioned(world: World, assertion: Assertion) -> World:
    """Return a reading with the conditions under which a claim is made; those of indices say whether they are apart."""
    apart = next((x.relation == "!=" for x in assertion.given if x.is_of_indices), world.apart)
    given = tuple(x for x in assertion.given if not x.is_of_indices)
    said = {x.split(":")[0] for x in world.context}
    numbers = {y for x in given for y in (symbol_of(x.left), symbol_of(x.right)) if y} - said
    if world.variable == "e":
        numbers |= {"e"} - said  # a letter here, and not the base of logarithms
    formulas = (world.f, assertion.claimed, *world.where)
    numbers |= {ANY_SUM} if world.sums_over_anything(assertion.claimed) else set()
    context = (*world.context, *(f"{x}: scalar" for x in sorted(numbers)))  # what is compared is a number
    bodies = {x.strip(): y for x, sign, y in (z.partition(":=") for z in world.where) if sign}
    sure = world.reliable and not any(is_softmax_of_entry(x, bodies) for x in formulas)
    sure = sure and not has_value_of(world.variable, world.f)
    return replace(
        world, apart=apart, given=given, part=assertion.part, linear=assertion.linear, context=context, reliable=sure
    )


def _beside(variables: Sequence[str], f: str) -> Iterator[str]:
    """Yield the letters of f that are entries of what the variables are entries of, and that no sum goes over."""
    tree = tree_of(f)
    bound = {x.text for x in tree.walk() if x.head == "sum_over"} if tree is not None else set()
    bases = {base_of(x) for x in variables}
    yield from (x for x in letters_of(f) if base_of(x) in bases and not bound & set(free_indices(x)))


def _with_e(world: World) -> Iterator[World]:
    """Yield a reading, and behind it the one in which an e that the page defines is a number."""
    yield world
    if any(x.startswith("e :=") for x in world.where):
        yield replace(world, context=(*world.context, "e: scalar"))


def _stacked(variable: str) -> str:
    r"""Return X for `\operatorname{vec}(X)`: a derivative by its entries, in the same order."""
    found = _VEC.fullmatch(variable)
    return found["inside"] if found else variable


def _needed(values: Sequence[NamedValue], chosen: Collection[str], own: set[str]) -> list[NamedValue]:
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


def _unknown(used: Sequence[NamedValue], own: set[str], variables: set[str]) -> set[str]:
    """Return the letters that only what the claim is written in brings in, and that nothing defines."""
    names = {x.name for x in used}
    reached = _reached(used, own)
    foreign = {y for x in used if x.name not in reached for y in letters_of(x.body)}
    arguments = {y for x in used for y in x.definition.arguments or ()}
    known = reached | names | variables | arguments | FUNCTION_LETTERS | CONSTANTS
    named = {x for x in foreign if name_of(x).identity is not None or name_of(x).commutation}
    return {x for x in foreign - named if not {x, base_of(x)} & known}


def _by_name(
    f: str, variable: str, values: list[NamedValue], defined: Sequence[PageDefinition]
) -> tuple[str, list[NamedValue]]:
    """Return f and the values with the variable where they have what it is defined as."""
    known = next((x for x in defined if x.body and x.arguments is None), None)
    if known is None or not letters_of(known.body):
        return f, values
    return with_name(f, variable, known.body), [x.with_name(variable, known.body) for x in values]


def _reached(values: Sequence[NamedValue], own: set[str]) -> set[str]:
    """Return these letters with those that they are written in, each value behind those of its own letters."""
    reached = set(own)
    for value in reversed(values):
        if value.name in reached:
            reached |= set(letters_of(value.body))
    return reached


def _alike(letter: str, known: set[str]) -> str:
    """Return the one known letter that differs from `letter` by its font alone, "" if there is none or several."""
    found = [x for x in known if undressed(x) == undressed(letter)]
    return found[0] if len(found) == 1 else ""
