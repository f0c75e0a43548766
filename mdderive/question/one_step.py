r"""Recursions of T steps, T a letter: what is read of one of them, `h_t = F(h_{t-1})`, and of a few, written out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ..algebra.expressions import Apply, Expr, Index, Symbol, walk
from ..algebra.terms import index_of, substitute
from ..errors import UnsupportedError
from ..latex.names import at_step, name_of
from ..latex.tree import Syntax
from .recursions import depends_on, ends_of, few, recursive_index, recursive_letters, unrolled, with_known_numbers
from .typing import Assignment

BEFORE, COTANGENT = "widetilde", "widehat"
r"""The accents of the letters that stand for h_{t-1} and for a cotangent of h_t while both are typed."""
WRITTEN_OUT = (2, 3)
"""At how many steps what is found of T steps is compared with the recursion written out."""


class StepTrees(NamedTuple):
    r"""A recursion by one of its steps, before any letter has a shape.

    formula   f plus a sum over t in which the step meets what has its shape, `\langle\widehat{h}_t, F+h_t+...\rangle`
    values    the named values but for the recursion itself
    time      t
    last      T
    state     h_t, as the author writes it
    """

    formula: Syntax
    values: list[Assignment]
    time: str
    last: str
    state: Syntax

    def is_end(self, latex: str) -> bool:
        """Whether that is the first or the last state, h_0 or h_T."""
        return latex in (at_step(self.state.text, self.time, x) for x in ("0", self.last))


class Recursion(NamedTuple):
    r"""A recursion `state = step`, for t = 1..T.

    time         t, with its range
    state        h_t
    before       h_{t-1}, with the index t
    first, last  h_0 and h_T
    step         what h_t is, by `before`
    stand_in     the letter of our own for `before` that a reader of LaTeX takes for a member of a family
    """

    time: Index
    state: Symbol
    before: Symbol
    first: Symbol
    last: Symbol
    step: Expr
    stand_in: Symbol


def by_steps(
    f: Syntax, values: list[Assignment], variables: Sequence[Syntax], *, open_steps: bool
) -> tuple[Syntax, list[Assignment], StepTrees | None]:
    """Return f and the named values, a recursion among them written out, or with `open_steps` told by one of its steps.

    Raises:
        UnsupportedError: neither can be done.
    """
    if not recursive_index(values):
        return f, values, None
    f, values = with_known_numbers(f, values)
    one = step_trees(f, values, variables) if open_steps else None
    return (*unrolled(f, values), None) if one is None else (one.formula, one.values, one)


def step_trees(f: Syntax, values: list[Assignment], variables: Sequence[Syntax]) -> StepTrees | None:
    """Return f with one step of the recursion among the values; None where there is none, or a number says its steps.

    Raises:
        UnsupportedError: f or the values go to other steps than those that one tells of, or a variable is a member.
    """
    index = recursive_index(values)
    letters = recursive_letters(values, index)
    last = _last(f, index, letters) if index else ""
    if not last:
        return None
    state = _state(values, index, last)
    before, cotangent = (_accented(state, accent) for accent in (BEFORE, COTANGENT))
    _check_steps(f, index, last, letters)
    _check_variables(variables, index, last, letters)
    kept = [x._replace(body=_with_before(x.body, state, before, index, last)) for x in values if depends_on(x, index)]
    (step,) = (x for x in kept if x.name is state)
    rest = [x for x in values if not depends_on(x, index)] + [x for x in kept if x is not step]
    ends = (_at_step(state, index, "0"), _at_step(state, index, last))
    of_one_shape = Syntax("add", (step.body, state, before, *ends), step.body.span)
    body = Syntax("inner", (cotangent, of_one_shape), step.body.span)
    whole = Syntax("sum_over", (body,), step.body.span, text=index, lower="1", upper=last)
    return StepTrees(Syntax("add", (Syntax("group", (f,), f.span, text="("), whole), f.span), rest, index, last, state)


def _last(f: Syntax, index: str, letters: set[str]) -> str:
    """Return T where sums over the index end at it, or members of the recursion have it for a number; else ""."""
    bound = {x.text for x in f.walk() if x.head == "sum_over"} | {index}
    named = dict.fromkeys(x for x in ends_of(f, index, letters) if x.isalpha() and len(x) == 1 and x not in bound)
    return next(iter(named)) if len(named) == 1 else ""


def _state(values: Sequence[Assignment], index: str, last: str) -> Syntax:
    """Return the value that the recursion goes back to.

    Raises:
        UnsupportedError: there are several.
    """
    shifted = {name_of(x.text).letter for y in values for x in y.body.walk() if _is_shifted(x, index)}
    states = [x.name for x in values if x.name is not None and name_of(x.name.text).letter in shifted]
    if len(states) > 1:
        message = f"a recursion of several values with an unknown number {last} of steps is not supported"
        raise UnsupportedError("E134", message, states[1].span, few(last))
    return states[0]


def _is_shifted(x: Syntax, index: str) -> bool:
    return x.head == "symbol" and name_of(x.text).shifts(index)


def _check_steps(f: Syntax, index: str, last: str, letters: set[str]) -> None:
    """Refuse sums over a part of the steps, and members of the recursion but for h_t, h_0 and h_T.

    Raises:
        UnsupportedError: there is one.
    """
    for x in f.walk():
        if x.head == "sum_over" and x.text == index and (x.upper != last or x.lower not in ("", "1") or x.base):
            what = "a sum over some of them" if not x.base else "a product over them"
            message = f"of a recursion of {last} steps {what} is not supported"
            raise UnsupportedError("E134", message, x.span, few(last))
        scripts = [y.latex.strip("()") for y in name_of(x.text).scripts] if x.head == "symbol" else []
        known = name_of(x.text).letter in letters if scripts else False
        if (known and not {*scripts} <= {index, last, "0"}) or _is_shifted(x, index):
            message = f"the step {x.text} of a recursion of {last} steps is not supported in the function"
            later = name_of(x.text).shifts(index) and name_of(x.text).at_step(index, index, shifts=(-1,)) is None
            hint = f"sum over the steps by {index} itself" if later else few(last)
            raise UnsupportedError("E134", message, x.span, hint)


def _check_variables(variables: Sequence[Syntax], index: str, last: str, letters: set[str]) -> None:
    """Refuse derivatives by what belongs to one of the steps.

    Raises:
        UnsupportedError: one is asked for.
    """
    for x in variables:
        name = name_of(x.text)
        own = name.letter in letters
        if name.carries(index) or (own and name.carries(last)):
            message = f"the derivative by {x.text} in a recursion of {last} steps is not supported"
            hint = f"{few(last)}, and name the step: {at_step(x.text, index, '2')}"
            if own:
                hint = "differentiate by the letters that the steps are made of"
            raise UnsupportedError("E306", message, x.span, hint)


def _with_before(node: Syntax, state: Syntax, before: Syntax, index: str, last: str) -> Syntax:
    """Return the tree with a letter of our own for the state one step back.

    Raises:
        UnsupportedError: the index is shifted otherwise, or is a factor.
    """
    if _is_shifted(node, index):
        if name_of(node.text) == name_of(_at_step(state, index, f"{index}-1").text):
            return before.but(span=node.span)
        message = f"the step {node.text} of a recursion of {last} steps is not supported"
        one_back = name_of(node.text).at_step(index, index, shifts=(-1,)) is not None
        raise UnsupportedError("E134", message, node.span, few(last) if one_back else f"go back by one, {index}-1")
    if node.head == "symbol" and node.text in (index, last):
        message = f"the number {node.text} of a step is not supported in a recursion"
        raise UnsupportedError("E134", message, node.span)
    return node.but(arguments=tuple(_with_before(x, state, before, index, last) for x in node.arguments))


def _accented(symbol: Syntax, accent: str) -> Syntax:
    over = symbol.called(name_of(symbol.text).accented(accent))
    return over.but(base=symbol.base and str(name_of(symbol.base).accented(accent)))


def _at_step(symbol: Syntax, index: str, step: str) -> Syntax:
    return symbol.called(name_of(at_step(symbol.text, index, step)))


def shapes_of_steps(letters: Iterable[Symbol], trees: StepTrees, steps: int) -> tuple[str, ...]:
    """Return clauses that give `letters` the shapes that they have in one step, where `steps` are written out."""
    found = []
    for x in letters:
        if not x.is_scalar and all(len(size) < 2 for size in x.shape):  # a product has no clause
            rows, columns = (size[0] if size else "1" for size in x.shape)
            names = {x.latex: None} | {at_step(x.latex, trees.time, str(k)): None for k in range(steps + 1)}
            found += [f"{at_step(name, trees.last, str(steps))}: {rows} x {columns}" for name in names]
    return tuple(dict.fromkeys(found))


def parted(formula: Expr, letters: Mapping[str, Symbol], trees: StepTrees) -> tuple[Expr, Recursion]:
    """Return f and the recursion, which were typed as one formula."""
    f, whole = _but_for_the_last(formula, 1)
    assert isinstance(whole, Apply)
    state, stand_in = letters[trees.state.text], letters[str(name_of(trees.state.text).accented(BEFORE))]
    first, last = (letters[at_step(trees.state.text, trees.time, x)] for x in ("0", trees.last))
    others = [state, stand_in, first, last]
    together = next(x for x in walk(whole) if isinstance(x, Apply) and [*x.arguments[-len(others) :]] == others)
    step, *_ = _but_for_the_last(together, len(others))
    latex = at_step(state.latex, trees.time, f"{trees.time}-1")
    before = Symbol(latex, state.shape, frozenset(), state.index, latex)
    recursion = Recursion(index_of(whole), state, before, first, last, substitute(step, {stand_in: before}), stand_in)
    return f, recursion


def _but_for_the_last(total: Expr, count: int) -> tuple[Expr, ...]:
    """Return a sum without its last terms, as it is written, and these."""
    assert isinstance(total, Apply)
    terms = total.arguments[:-count]
    return (terms[0] if len(terms) == 1 else Apply(total.operator, terms), *total.arguments[-count:])
