r"""Which letters are random in the expectations of a question: those in their subscripts, else all that they bind.

An expectation is the mean over outcomes that are numbered by an index which no reader sees: the letters that are random
are members of families with that index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..algebra.expressions import Symbol
from ..errors import ShapeError, UnsupportedError
from ..latex.moments import NAME_THE_INNER, WITHIN_ANOTHER
from ..latex.names import name_of
from ..latex.tree import Syntax

_OUTCOMES = (r"\omega", r"\zeta", r"\xi", "s", "r", "q")
"""What the index of the outcomes is called in a program, the first that is no letter of the author's."""
_USUALLY_CONSTANT = frozenset("abcABC")
"""Latin letters that are not random beside others; nor are Greek ones, but for those of errors."""
_ERRORS = frozenset((r"\xi", r"\epsilon", r"\varepsilon", r"\eta", r"\zeta", r"\omega", r"\nu"))
_USUALLY_RANDOM = ("x", "y", "z", "X", "Y", "Z")


class RandomLetters(NamedTuple):
    """The index of the outcomes, and the letters that are random."""

    outcome: str = ""
    letters: frozenset[str] = frozenset()


def hidden_index(letter: Symbol) -> str:
    """Return the index of a letter that no reader sees, by which it is random; "" where there is none."""
    if letter.index == (letter.latex,):
        return ""
    name = name_of(letter.latex)
    return next((x for x in letter.index if not name.carries(x) and not name.shifts(x)), "")


def random_letters(trees: Sequence[Syntax], variables: Sequence[Syntax]) -> RandomLetters:
    """Return the random letters of all expectations in the trees, among which the variables are.

    Raises:
        UnsupportedError: an expectation stands within another, or its distribution depends on a variable.
        ShapeError: a random letter stands outside too, or a variable may be random.
    """
    means = [x for root in trees for x in root.walk() if x.head in ("mean_over", "covariance")]
    if not means:
        return RandomLetters()
    bodies = {id(y) for mean in means for x in mean.arguments for y in x.walk()}
    _check_distributions(means, bodies, variables)
    letters = {x.text for root in trees for x in root.walk() if x.head == "symbol"}
    outside = {x.text: x for root in trees for x in root.walk() if x.head == "symbol" and id(x) not in bodies}
    ends = {x.upper for root in trees for x in root.walk() if x.head == "sum_over"}
    said = {name for mean in means for name in mean.text.split()}
    for name in sorted(said):
        if name in outside:
            integrated = any(x.base and name in x.text.split() for x in means)
            what = "integrated over" if integrated else "random"
            message = f"{name} is {what}, and stands outside of its {'integral' if integrated else 'expectation'}"
            raise ShapeError("E205", message, outside[name].span, "give the two different letters")
    inside = letters - outside.keys() - ends
    found = said or {x for x in inside if not _is_constant(x)} or inside
    if not said:
        _doubt_variables(variables, means)
    taken = {y for x in letters for y in (x, name_of(x).letter, *name_of(x).index_letters)}
    outcome = next(x for x in _OUTCOMES if x not in taken)
    for mean in means:
        if not any(x.text in found for x in mean.walk()):
            hint = "name what is random in the subscript, \\mathbb{E}_x[...], or leave the expectation out"
            raise ShapeError("E205", "nothing in this expectation is random", mean.span, hint)
    return RandomLetters(outcome, frozenset(found))


def _is_constant(latex: str) -> bool:
    """Whether a letter is not random where others in an expectation are."""
    letter = name_of(latex).letter
    return letter in _USUALLY_CONSTANT or (letter.startswith("\\") and letter not in _ERRORS)


def _check_distributions(means: Sequence[Syntax], bodies: set[int], variables: Sequence[Syntax]) -> None:
    for mean in means:
        if id(mean) in bodies:
            raise UnsupportedError("E131", WITHIN_ANOTHER, mean.span, NAME_THE_INNER)
        moved = next((x.text for x in variables if x.text in mean.lower.split()), None)
        if moved is not None:
            message = f"the derivative of an expectation by a parameter of its distribution, {moved}, is not supported"
            hint = r"write the random letter with letters that do not depend on it, x = \mu + L\epsilon"
            raise UnsupportedError("E131", message, mean.span, hint)


def _doubt_variables(variables: Sequence[Syntax], means: Sequence[Syntax]) -> None:
    """Ask where a variable is a letter that usually is random."""
    for variable in variables:
        for mean in means:
            if variable.text in _USUALLY_RANDOM and any(x.text == variable.text for x in mean.walk()):
                others = sorted({x.text for x in mean.walk() if x.head == "symbol"} - {variable.text})
                hint = "name what is random in the subscript"
                hint += rf", such as \mathbb{{E}}_{{{others[0]}}}[...]" if others else ""
                raise ShapeError("E205", f"{variable.text} may be random here", mean.span, hint)
