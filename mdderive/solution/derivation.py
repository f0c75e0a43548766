"""The derivation as data: rows with their reasons and checks, links of the chain, results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..algebra.expressions import Expr, Symbol, to_latex
from ..checking.check import Check
from ..question.question import Question
from ..words import DEFAULT, Reason, Reasons, spans_of

if TYPE_CHECKING:  # most solutions have no stationary point
    from ..calculus.conditions import Condition
    from ..calculus.elimination import Left, Move, Pair
    from ..calculus.forks import Fork
    from ..calculus.stationary import Zero


class Step(NamedTuple):
    r"""One printed row, `left = right`: its rule's key, the words for it, and what its numerical check found.

    `left` is LaTeX, `f` or `\mathrm{d}f`; of rows that follow each other with the same left side it is printed once.
    """

    rule: str
    left: str
    right: Expr
    reasons: Reasons
    check: Check

    @property
    def latex(self) -> str:
        """The row as an equation in LaTeX."""
        return f"{self.left} = {to_latex(self.right)}"

    def says(self, language: str = DEFAULT) -> str:
        """Return the words beside the row in `language` ("en" or "zh"); they may contain `$...$`."""
        return "".join(spans_of(self.reasons, language))


class Result(NamedTuple):
    """The gradient by one symbol.

    `value` is written with the names of gradients found before (`\\frac{\\partial f}{\\partial a_2}`); `read_off` is
    the G^T of the last row where its transpose is not plain to see, else None; `terms` counts what was added up.
    """

    of: Symbol
    value: Expr
    check: Check
    read_off: Expr | None = None
    terms: int = 1
    before: Expr | None = None
    """The product of derivatives from which the value follows, where that is worth a look."""


class Link(NamedTuple):
    """One display of the chain: df through one named value (None: df itself), and the gradients it yields."""

    through: Symbol | None
    steps: tuple[Step, ...]
    results: tuple[Result, ...]
    inner: tuple[Result, ...] = ()
    """In vec form: the derivatives of the named value itself, which the chain rule multiplies."""
    substituted: Step | None = None
    """In trace form: the differential of the named value, put in the place of its name; None where it is too long."""
    notes: Reasons = ()
    """How rules that are used follow from simpler ones."""


class Stationary(NamedTuple):
    """A stationary point in one variable: its `solution`, which holds under the `conditions`.

    `zero` is the equation from which it was found alone, None where it was found together with others (see `Joint`);
    `part` says which part of the gradient must vanish within the structure of the variable; `verdict` says with its
    reason whether it is a minimum, a maximum or a saddle point, None where nothing is known.
    """

    of: Symbol
    solution: Expr
    conditions: tuple[Condition, ...]
    check: Check
    zero: Zero | None = None
    part: Reason | None = None
    verdict: Reason | None = None


class StationaryPoint(NamedTuple):
    """One of several stationary points, which is there under the `conditions`.

    The derivative vanishes there to that `order`, and beyond it has the `sign`, 0 where that is not known.
    """

    value: Expr
    conditions: tuple[Condition, ...]
    check: Check
    order: int
    sign: int

    @property
    def is_extremum(self) -> bool:
        """Whether it may be a minimum or a maximum."""
        return not self.sign or self.order % 2 == 1


class StationaryPoints(NamedTuple):
    """All stationary points in one number, the solutions of `left = 0`, and the `verdicts` on them.

    Where there is none `left` may be None, and the verdict says why.
    """

    of: Symbol
    left: Expr | None = None
    multiplied: Reasons = ()
    names: Reason | None = None
    found: tuple[StationaryPoint, ...] = ()
    verdicts: Reasons = ()


class BlockForm(NamedTuple):
    """Linear equations in columns as one: a matrix of blocks, the unknowns one above the other, the right sides."""

    matrix: tuple[tuple[Expr, ...], ...]
    unknowns: tuple[Expr, ...]
    right: tuple[Expr, ...]


class JointPoint(NamedTuple):
    """One of several solutions of the equations, which is there under the `conditions`."""

    values: Mapping[Symbol, Expr]
    conditions: tuple[Condition, ...]
    check: Check


class Joint(NamedTuple):
    """Several equations solved together: those of the Lagrangian where there are constraints.

    `constraints` are as the author wrote them, each with its multiplier; `equations` are `left = right`; `moves` how
    the unknowns were found; `remaining` is the eigen-equation that is left where there is no solution, `verdict` what
    it says of the extremes of f.
    """

    unknowns: tuple[Symbol, ...]
    multipliers: tuple[Symbol, ...]
    lagrangian: Expr | None
    equations: tuple[tuple[Expr, Expr], ...]
    moves: tuple[Move | Pair, ...] = ()
    remaining: Remaining | None = None
    found: tuple[Stationary, ...] = ()
    check: Check | None = None
    values: Mapping[Symbol, Expr] = {}
    verdict: Reason | None = None
    block: BlockForm | None = None
    """The equations of a quadratic program as one system."""
    fork: Fork | None = None
    """The equation with several zeros, from which all of several points come."""
    points: tuple[JointPoint, ...] = ()
    verdicts: Reasons = ()
    """What the several points are."""
    left: Left | None = None
    """The equation in one number that is left where no zero of it is known."""


class Remaining(NamedTuple):
    """An eigen-equation `left = right`; `name` is that of the eigenvalue where it is no multiplier, `value` what it is.

    `is_plain` says that it is one of eigenvectors of a single matrix; the `conditions` are those of the way to it;
    `direction` says of which column an eigenvector is a multiple where the left side is one of a single column.
    """

    left: Expr
    right: Expr
    name: Symbol | None
    value: Expr | None
    is_plain: bool
    conditions: tuple[Condition, ...] = ()
    direction: Reason | None = None


class ZeroGradients(NamedTuple):
    """The stationary points by variables; how they were found together; and where there are several in a number."""

    alone: Mapping[Symbol, Stationary]
    joint: Joint | None = None
    places: Mapping[Symbol, StationaryPoints] = {}


class Tied(NamedTuple):
    """The gradient by a variable whose entries are tied by its structure, and in which way they are.

    `recipe` says how it follows from the free gradient, which stands in it by its name.
    """

    of: Symbol
    recipe: Expr
    value: Expr
    reason: Reason
    check: Check


class Second(NamedTuple):
    """The second derivative: the rows from the differential of the gradient to `H vec(dX)`, and H.

    `bends` is 2 or 1 where it is positive definite or semidefinite by its form, -2 or -1 for negative, else 0;
    `along` is the differential of the gradient, which is the product of H with any direction put for dX; `symmetry`
    says by what H is seen to be symmetric, its "form" or the "commutation" matrix in it ("": neither); `slope` is the
    gradient, written with the names of the author's.
    """

    of: Symbol
    steps: tuple[Step, ...]
    value: Expr
    check: Check
    bends: int
    along: Expr
    symmetry: str
    slope: Expr


class Working(NamedTuple):
    """A whole solution: what all variables of one marker share."""

    question: Question
    rewriting: tuple[Step, ...]
    links: tuple[Link, ...]
    gradients: Mapping[Symbol, Result]
    structured: Mapping[Symbol, Tied]
    stationary: Mapping[Symbol, Stationary]
    analytic: bool
    seconds: Mapping[Symbol, Second] = {}
    chain: Mapping[Symbol, Expr] = {}
    """The names of gradients with which `gradients` too long to be written out are written, and what they stand for."""
    joint: Joint | None = None
    """The equations of the variables, and of multipliers, where they are solved together."""
    places: Mapping[Symbol, StationaryPoints] = {}
    """All stationary points in numbers where there are several, or none."""
    in_vec_form: bool = False
    """Whether f is no scalar: the derivatives are then read off `vec(df) = (df/dX)^T vec(dX)`."""

    def goes_back(self, variable: Symbol) -> bool:
        """Whether the gradient by `variable` is written with those by the states of a recursion."""
        recursion = self.question.recursion
        if recursion is None:
            return False
        name = partial(recursion.state, self.question.name)
        return variable is recursion.first or name in self.gradients[variable].value.symbols

    @property
    def printed(self) -> tuple[Check, ...]:
        """The checks of the printed lines, in their order, but for those of where the gradients vanish."""
        found = [step.check for step in self.rewriting]
        for link in self.links:
            found += [link.substituted.check] if link.substituted is not None else []
            found += [step.check for step in link.steps]
            found += [result.check for result in (*link.inner, *link.results)]
        found += [tied.check for tied in self.structured.values()]
        for second in self.seconds.values():
            found += [*(step.check for step in second.steps), second.check]
        return tuple(found)

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks of all that is printed, and of the gradients altogether."""
        together = [result.check for result in self.gradients.values()]
        return (*self.printed, *together, *self.zeros(self.question.variables))

    def zeros(self, variables: Iterable[Symbol]) -> tuple[Check, ...]:
        """Return the checks of the stationary points in these variables."""
        found = [self.stationary[x].check for x in variables if x in self.stationary]
        several = [place.check for x in variables if x in self.places for place in self.places[x].found]
        together = [] if self.joint is None else [point.check for point in self.joint.points]
        return (*found, *several, *together)


def used_in(symbols: Iterable[Symbol], definitions: Sequence[tuple[Symbol, Expr]]) -> list[tuple[Symbol, Expr]]:
    """Return the definitions of the symbols, and of those in their bodies, each behind those that it is written in."""
    used, found = {*symbols}, []
    for symbol, body in reversed(definitions):
        if used & {symbol, symbol.at_rest}:
            used |= body.symbols
            found.append((symbol, body))
    return found[::-1]


def partial(of: Symbol, name: str, *, turned: bool = False) -> Symbol:
    r"""Return the name of the gradient by `of`, `\frac{\partial f}{\partial W}`, as a symbol of its shape.

    In the numerator layout it is `turned`: of the shape of the transpose.
    """
    latex = rf"\frac{{\partial {name}}}{{\partial {of.latex}}}"
    return Symbol(latex, of.shape[::-1] if turned else of.shape, frozenset(), of.index, latex if of.index else "")


def slope_name(question: Question, variable: Symbol) -> str:
    """Return the name of the gradient in the shape of the variable: transposed where its own layout is the other."""
    name = partial(variable, question.name).latex
    return rf"\left({name}\right)^\top" if question.turned else name
