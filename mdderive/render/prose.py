"""A solution as a sequence of blocks in a language, before any markup: what is said, in which order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..algebra.expressions import Symbol, to_latex
from ..question.settings import SETTINGS
from ..solution.derivation import Working
from ..words import DEFAULT
from .blocks import Block, Display
from .endings import check, second, structured
from .rows import brief, full
from .statement import statement
from .stationary import stationary
from .teller import Teller


def blocks(working: Working, variables: Sequence[Symbol], language: str) -> Iterator[Block]:
    """Yield the blocks of the solution for `variables`, in the detail and under the title that its author set."""
    options = working.question.options
    detail = SETTINGS["detail"].of(options)
    teller = Teller(working, tuple(variables), language)
    if detail == "result":
        yield Display(tuple(map(teller.wanted, variables)), result=True)
        return
    yield statement(teller, SETTINGS["title"].of(options))
    for part in (brief if detail == "brief" else full, second, structured, stationary):
        yield from part(teller)
    if detail == "full":
        yield check(teller)


def name_of_result(working: Working, variable: Symbol) -> str:
    """Return the name of what is asked for: of the second derivative with `hessian`, else of the gradient."""
    teller = Teller(working, (variable,), DEFAULT)
    return teller.second_name(variable) if variable in working.seconds else str(teller.name_of(variable))


def result(working: Working, variables: Sequence[Symbol]) -> str:
    """Return what is asked for alone, as one formula: the value, or equations where there are several variables."""
    if len(variables) == 1:
        second_derivative = working.seconds.get(variables[0])
        return to_latex((second_derivative or working.gradients[variables[0]]).value)
    return r",\quad ".join(map(Teller(working, tuple(variables), DEFAULT).wanted, variables))
