"""How the gradients are read off the last row of a link: by comparison, term by term, by the chain rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..algebra.expressions import ONE, Expr, Symbol, parenthesise, to_latex, walk
from ..algebra.families import members_in, ranges_of
from ..algebra.terms import build, d, is_identity, is_self_transposed, is_zero, substitute, terms_of, transpose
from ..calculus.gradient import as_line
from ..solution.derivation import Link, Result, partial
from ..words import Argument, reason
from .blocks import Block, Display, Prose
from .teller import Teller, differentials


def results(teller: Teller, link: Link) -> Iterator[Block]:
    """Yield the comparison of a link with the definition of the derivative, and what is read off."""
    if not link.results:
        return
    if teller.working.in_vec_form and link.through is not None:
        yield from _of_named_value(teller, link, link.through)
    else:
        comparison = _vec_comparison if teller.working.in_vec_form else _comparison
        yield Prose(comparison(teller, link))
        yield Display(_read_off(teller, link), result=len(teller.links) == 1)


def _comparison(teller: Teller, link: Link) -> str:
    """Return the comparison with df = tr(G^T dX)."""
    earlier = [x.of for x in link.results if x.terms > 1]
    if link.through is None and not _is_whole(teller, link):
        return teller.say("from the term", terms=differentials(x.of for x in link.results))
    if earlier:
        return teller.say("with earlier terms", terms=differentials(earlier))
    if link.through is None or len(teller.links) == 1:
        return _whole_comparison(teller, link)
    return teller.say("and so") if len(link.results) == 1 else teller.say("in turn", count=_in_order(link))


def _in_order(link: Link) -> int:
    """Return how many results there are where the terms of the last row give them in their order, else 0."""
    found = [x.of for x in link.results]
    terms = map(set, map(walk, terms_of(link.steps[-1].right)))
    told = [y for nodes in terms for y in found if d(y) in nodes]
    return len(found) if told == found else 0


def _is_needed(symbol: Symbol, value: Expr) -> bool:
    """Whether `value` is symmetric because `symbol` is: by its form alone it would not be."""
    if symbol not in value.symbols or symbol.is_scalar or not is_self_transposed(symbol):
        return False
    plain = substitute(value, {symbol: symbol.moving}, build)
    return transpose(plain) is not plain


def _whole_comparison(teller: Teller, link: Link) -> str:
    """Return the comparison, and why nothing is transposed where the matrix is symmetric."""
    pattern = _pattern(teller, link)
    value = link.results[0].value
    plain = len(link.results) > 1 or value.is_scalar or is_zero(value) or is_identity(value)
    if plain or teller.question.turned or transpose(value) is not value:
        return teller.say("comparing", pattern=pattern)
    letters = tuple(f"${x.latex}$" for x in teller.question.symbols.values() if _is_needed(x.at_rest, value))
    if letters:
        return teller.say("comparing, symmetric", pattern=pattern, letters=letters)
    return teller.say("comparing, symmetric by form", pattern=pattern)


def _is_whole(teller: Teller, link: Link) -> bool:
    """Whether all that moves in a link is read off it."""
    found = [x.of for x in link.results]
    return all(x in found or any(members_in([x], y) for y in found if y.index) for x in teller.reached(link))


def _pattern(teller: Teller, link: Link) -> Argument:
    turned = teller.question.turned
    names = [(x.of, teller.name_of(x.of)) for x in link.results]
    q = teller.question
    ranges = ranges_of([q.f, *(body for _, body in q.definitions)], q.variables)
    line = as_line([(d(x), transpose(name) if turned else name) for x, name in names], ranges)
    pattern = rf"$\mathrm{{d}}{teller.question.name}={to_latex(line)}$"
    return teller.in_layout(pattern) if turned else pattern


def _read_off(teller: Teller, link: Link) -> tuple[str, ...]:
    return tuple(_equation(teller, x) for x in link.results)


def _equation(teller: Teller, found: Result) -> str:
    value = to_latex(found.value)
    turned = "" if found.read_off is None else rf"{parenthesise(to_latex(found.read_off))}^\top"
    middle = f"{turned} = " if turned not in ("", value) else ""
    return f"{teller.name_of(found.of)} = {middle}{value}"


# --- vectors and matrices


def _vec_comparison(teller: Teller, link: Link) -> str:
    """Return the comparison with vec(df) = (df/dX)^T vec(dX), in the layout asked for."""
    found = [x.of for x in link.results]
    if len(teller.links) == 1 or _is_whole(teller, link):
        pattern = _vec_pattern(teller, found)
        plain = all(x.is_scalar for x in found)
        return teller.say("comparing", pattern=pattern if plain else teller.in_layout(pattern))
    pattern = _vec_pattern(teller, found[:1])
    return teller.say("as in", pattern=teller.in_layout(pattern), terms=differentials(found))


def _of_named_value(teller: Teller, link: Link, through: Symbol) -> Iterator[Block]:
    """Yield the derivatives of a named value itself, then those of f by the chain rule."""
    yield Prose(teller.say("and so"))
    yield Display(tuple(f"{partial(x.of, through.latex)} = {to_latex(x.value)}" for x in link.inner))
    yield Prose(_chain_rule(teller, link, through))
    yield Display(_read_off(teller, link))


def _chain_rule(teller: Teller, link: Link, through: Symbol) -> str:
    """Return how the derivatives of f follow; the first time also from what, and that the order matters."""
    first = link is next(x for x in teller.working.links if x.through is not None and x.results)
    words = _why_chain_rule(teller, link, through) if first else teller.say("chain rule")
    earlier = [x.of for x in link.results if x.terms > 1]
    if earlier:
        further = teller.say("with earlier terms", terms=differentials(earlier))
    else:
        further = teller.say("so") if first else ""
    return teller.sentences([words, further])


def _why_chain_rule(teller: Teller, link: Link, through: Symbol) -> str:
    q = teller.question
    of = link.results[0].of
    factors = [str(teller.name_of(through)), str(partial(of, through.latex))]
    if not teller.numerator:
        factors = [rf"\left({x}\right)^\top" for x in factors]
    more = r"+\dots" if len(link.inner) > 1 or any(x.terms > 1 for x in link.results) else ""
    left, middle, right = (_vec_of(x, y) for x, y in ((q.name, q.f), (through.latex, through), (of.latex, of)))
    equation = f"${left}={factors[0]}{middle}{more}={factors[0]}{factors[1]}{right}{more}$"
    place = reason("outer" if teller.numerator else "inner")
    return teller.say("chain rule, why", equation=equation, place=place)


def _vec_pattern(teller: Teller, reached: Sequence[Symbol]) -> str:
    """Return `$vec(df)=(df/dX)^T vec(dX)$`, in the layout asked for."""
    name, value = teller.question.name, teller.question.f
    by_number = all(x.is_scalar for x in reached)
    left = rf"\mathrm{{d}}{name}" if by_number else _vec_of(name, value)
    terms = []
    for x in reached:
        coefficient = str(partial(x, name))
        if by_number:
            coefficient += r"\thinspace "
        elif x.is_scalar:
            inner = coefficient if value.shape[1] == ONE else rf"\operatorname{{vec}}\left({coefficient}\right)"
            coefficient = inner + r"\thinspace "
        elif not teller.numerator:
            coefficient = rf"\left({coefficient}\right)^\top"
        terms.append(coefficient + _vec_of(x.latex, x))
    return f"${left}={'+'.join(terms)}$"


def _vec_of(name: str, value: Expr) -> str:
    r"""Return `\operatorname{vec}(\mathrm{d}X)`; of a column its differential alone."""
    moved = rf"\mathrm{{d}}{name}"
    return moved if value.shape[1] == ONE else rf"\operatorname{{vec}}({moved})"
