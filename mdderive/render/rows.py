"""The rows of a solution: f rewritten, and the differential of every link up to the gradient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..algebra.expressions import Apply, to_latex
from ..algebra.terms import is_product
from ..latex.names import at_step
from ..latex.widths import IN_A_SENTENCE, visible_width
from ..question.one_step import Recursion
from ..question.random_letters import hidden_index
from ..solution.derivation import Link, Step, partial
from ..words import Reason, spans_of
from .blocks import Block, Display, Prose, Row, Rows
from .parts import part_of
from .reading_off import results
from .teller import Teller, differentials, equations, is_vector

BESIDE = 21
"""About how many signs of a formula stand beside a row as its reason."""


def full(teller: Teller) -> Iterator[Block]:
    """Yield all rows, with what is said between them, and the gradients."""
    q = teller.question
    named = [(x, body) for x, body in q.intermediates if x not in q.introduced]
    if named:
        steps = {"steps": teller.steps} if q.recursion is not None else {}
        yield Prose(teller.say("define every step" if steps else "define", equations=equations(named), **steps))
    yield from _rewriting(teller)
    for link in teller.links:
        yield Prose(_opening(teller, link), part=part_of(teller, link))
        yield rows(teller, link.steps)
        yield from results(teller, link) if q.recursion is None else ()
    yield from _constants_stay(teller)
    if q.recursion is not None:
        yield Prose(_backwards(teller, q.recursion) if teller.goes_back else teller.say("altogether"))
        yield Display(teller.gradients, result=True)
    elif len(teller.links) > 1:
        yield Prose(teller.say("altogether, in turn" if teller.chain else "altogether"))
        yield Display(teller.gradients, result=True)


def _backwards(teller: Teller, recursion: Recursion) -> str:
    """Return why the gradients by the states of a recursion are found from the last one on."""
    key = "altogether, backwards" if recursion.state in teller.question.f.symbols else "altogether, only backwards"
    following = at_step(recursion.state.latex, recursion.time.name, f"{recursion.time.name}+1")
    return teller.say(key, name=teller.question.name, state=f"${recursion.state.latex}$", following=f"${following}$")


def layers(teller: Teller) -> Prose:
    """Return what the layers of a deeply nested f, or the products of its first factors, are called."""
    q = teller.question
    products = all(is_product(body) for x, body in q.intermediates if x in q.introduced)
    return Prose(teller.say("factors" if products else "layers", equations=tuple(f"${x}$" for x in teller.layers)))


def brief(teller: Teller) -> Iterator[Block]:
    """Yield df as first written and as read off, then the gradients."""
    for link in teller.links:
        yield rows(teller, [*link.steps[:1], *link.steps[1:][-1:]])
    yield Display(teller.gradients, result=True)


def rows(teller: Teller, steps: Sequence[Step], said_before: Sequence[str] = ()) -> Rows:
    """Return an aligned display of steps; for words that were said before it, a reference to them stands."""
    found = []
    for k, step in enumerate(steps):
        left = "" if k > 0 and steps[k - 1].left == step.left else step.left
        reasons = step.reasons
        if step.says(teller.language) in said_before:
            reasons = tuple(called for x in reasons if isinstance(called := dict(x.arguments).get("called"), Reason))
        words = "".join(spans_of(reasons, teller.language))
        found.append(Row(left, step.right, words, reasons))
    return Rows(tuple(found))


def _rewriting(teller: Teller) -> Iterator[Block]:
    steps = teller.working.rewriting
    if not steps:
        return
    name = teller.question.name
    long = tuple(x for x in (step.says(teller.language) for step in steps) if _is_long(x))
    yield Prose(teller.say("rewrite, noting", name=name, facts=long) if long else teller.say("rewrite", name=name))
    yield rows(teller, steps, said_before=long)


def _is_long(words: str) -> bool:
    """Whether a formula is too long to stand beside a row; it is then said before the display."""
    return words.startswith("$") and words.endswith("$") and words.count("$") == 2 and visible_width(words) > BESIDE


def _opening(teller: Teller, link: Link) -> str:
    """Return what is done in a link."""
    q = teller.question
    if link.through is not None:
        equation = f"${link.through.latex}={to_latex(dict(q.intermediates)[link.through])}$"
        if teller.working.in_vec_form:
            return teller.say("differential of", equation=equation)
        (moved,) = differentials([link.through])
        if link.substituted is not None:
            return teller.say("substituting", equation=f"${link.substituted.latex}$", moved=moved)
        return teller.say("composite rule", equation=equation, moved=moved)
    reached = teller.reached(link)
    varying = [x.latex for x in reached if x in teller.told] or [x.latex for x in reached]  # w_j says it of w_k too
    still = [x for x in teller.told if x.latex not in varying]
    constant = tuple(x.latex for x in still if not hidden_index(x))
    if not still or not varying or q.intermediates:
        words = teller.say("differential")
    else:
        words = teller.say("differential, varying", varying=tuple(f"${x}$" for x in varying), constant=constant)
    facts = tuple(x for note in link.notes if visible_width(x := note.says(teller.language)) <= IN_A_SENTENCE)
    return teller.sentences([_warning(teller), teller.say("noting", facts=facts) if facts else "", words])


def _constants_stay(teller: Teller) -> Iterator[Block]:
    """Yield that constant matrices are not taken out of a derivative, where f invites one to: `a^T X b`."""
    f, (variable, *others) = teller.question.f, teller.question.variables
    if teller.working.in_vec_form or others or is_vector(variable) or len(teller.links) > 1:
        return
    if not is_product(f) or [x for x in f.arguments if variable in x.symbols] != [variable]:
        return
    slope = partial(variable, variable.latex)
    wrong = to_latex(Apply(f.operator, tuple(slope if x is variable else x for x in f.arguments)))
    yield Prose(teller.say("constants stay", equation=f"${teller.name_of(variable)}={wrong}$"))


def _warning(teller: Teller) -> str:
    """Return that the rules for numbers do not hold, where they are most likely to be used."""
    matrices = any(not is_vector(x) for x in teller.question.variables)
    chained = any(link.inner for link in teller.working.links)  # which gets a warning of its own
    return teller.say("not as for numbers") if teller.working.in_vec_form and matrices and not chained else ""
