"""A solution as a sequence of blocks in a language, before any markup: what is said, in which order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..algebra.expressions import Symbol, to_latex
from ..errors import TOO_LONG_FOR_A_SENTENCE, UnsupportedError
from ..latex.widths import visible_width
from ..question.settings import SETTINGS
from ..solution.derivation import Working
from ..words import DEFAULT
from .blocks import Block, Display
from .endings import check, second, structured
from .own_letters import told_behind
from .rows import brief, full, layers
from .statement import statement
from .teller import Teller

SENTENCE = 140
"""About how many signs of a formula a sentence bears."""


def blocks(working: Working, variables: Sequence[Symbol], language: str) -> Iterator[Block]:
    """Yield the blocks of the solution for `variables`, in the detail and under the title that its author set."""
    options = working.question.options
    detail = SETTINGS["detail"].of(options)
    teller = Teller(working, tuple(variables), language)
    if detail == "result":
        yield Display((*told_behind(teller), *teller.wanted), result=True)
        return
    yield statement(teller, SETTINGS["title"].of(options))
    if working.question.introduced:
        yield layers(teller)
    for part in (brief if detail == "brief" else full, second, structured, _stationary):
        yield from part(teller)
    if detail == "full":
        yield check(teller)


def _stationary(teller: Teller) -> Iterator[Block]:
    if "solve" in teller.question.wishes or teller.question.constraints:
        from .stationary import stationary

        yield from stationary(teller)


def name_of_result(working: Working, variable: Symbol) -> str:
    """Return the name of what is asked for: of the second derivative with `hessian`, else of the gradient."""
    teller = Teller(working, (variable,), DEFAULT)
    return teller.second_name(variable) if variable in working.seconds else str(teller.name_of(variable))


def result(working: Working, variables: Sequence[Symbol]) -> str:
    """Return what is asked for alone, as one formula: the value, or equations where there are several variables.

    Names in it that are not the author's are said behind it: gradients by named values, layers, eigenvectors.

    Raises:
        UnsupportedError: with these it would be too long for a sentence.
    """
    teller = Teller(working, tuple(variables), DEFAULT)
    second = working.seconds.get(variables[0])
    if len(variables) > 1:
        asked = teller.wanted[::-1] if teller.chain else teller.wanted
    else:
        before = () if second else teller.gradients[-2::-1]
        asked = (to_latex((second or working.gradients[variables[0]]).value), *before)
    told = r",\quad ".join((*asked, *told_behind(teller)))
    if (teller.chain or teller.layers) and visible_width(told) > SENTENCE:
        raise UnsupportedError(*TOO_LONG_FOR_A_SENTENCE)
    return told
