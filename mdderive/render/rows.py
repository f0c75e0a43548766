"""The rows of a solution: f rewritten, and the differential of every link up to the gradient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..algebra.expressions import to_latex
from ..solution.derivation import Link, Step
from .blocks import Block, Display, Prose, Row, Rows
from .formula import visible_width
from .reading_off import results
from .teller import Teller, equations, is_vector


def full(teller: Teller) -> Iterator[Block]:
    """Yield all rows, with what is said between them, and the gradients."""
    q = teller.question
    named = [(x, body) for x, body in q.intermediates if x not in q.introduced]
    if named:
        yield Prose(teller.say("define", equations=equations(named)))
    yield from _rewriting(teller)
    for link in teller.links:
        yield Prose(_opening(teller, link))
        yield rows(teller, link.steps)
        yield from results(teller, link)
    if len(teller.links) > 1:
        yield Prose(teller.say("altogether, in turn" if teller.chain else "altogether"))
        yield Display(teller.gradients, result=True)


def layers(teller: Teller) -> Prose:
    """Return what the layers of a deeply nested f are called."""
    return Prose(teller.say("layers", equations=tuple(f"${x}$" for x in teller.layers)))


def brief(teller: Teller) -> Iterator[Block]:
    """Yield df as first written and as read off, then the gradients."""
    for link in teller.links:
        yield rows(teller, [*link.steps[:1], *link.steps[1:][-1:]])
    yield Display(teller.gradients, result=True)


def rows(teller: Teller, steps: Sequence[Step], leaving_out: Sequence[str] = ()) -> Rows:
    """Return an aligned display of steps, without the words that are said elsewhere."""
    found = []
    for k, step in enumerate(steps):
        left = "" if k > 0 and steps[k - 1].left == step.left else step.left
        words = step.says(teller.language)
        found.append(Row(left, step.right, words, step.reasons) if words not in leaving_out else Row(left, step.right))
    return Rows(tuple(found))


def _rewriting(teller: Teller) -> Iterator[Block]:
    steps = teller.working.rewriting
    if not steps:
        return
    name = teller.question.name
    long = tuple(x for x in (step.says(teller.language) for step in steps) if _is_long(x))
    yield Prose(teller.say("rewrite, noting", name=name, facts=long) if long else teller.say("rewrite", name=name))
    yield rows(teller, steps, leaving_out=long)


def _is_long(words: str) -> bool:
    """Whether a formula is too long to stand beside a row; it is then said before the display."""
    return words.startswith("$") and words.endswith("$") and words.count("$") == 2 and visible_width(words) > 20


def _opening(teller: Teller, link: Link) -> str:
    """Return what is done in a link."""
    q = teller.question
    if link.through is not None:
        equation = f"${link.through.latex}={to_latex(dict(q.intermediates)[link.through])}$"
        return teller.say("differential of" if teller.working.in_vec_form else "composite rule", equation=equation)
    varying = [x.latex for x in teller.reached(link)]
    constant = tuple(x.latex for x in teller.told if x.latex not in varying)
    if not constant or not varying or q.intermediates:
        words = teller.say("differential")
    else:
        words = teller.say("differential, varying", varying=tuple(f"${x}$" for x in varying), constant=constant)
    return teller.sentences([_warning(teller), words])


def _warning(teller: Teller) -> str:
    """Return that the rules for numbers do not hold, where they are most likely to be used."""
    matrices = any(not is_vector(x) for x in teller.question.variables)
    chained = any(link.inner for link in teller.working.links)  # which gets a warning of its own
    return teller.say("not as for numbers") if teller.working.in_vec_form and matrices and not chained else ""
