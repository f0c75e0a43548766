r"""Slips of authors: what one small edit makes of a claim, and whether one makes it right.

A mistake is a small edit of the truth; a formula that was misread is far from it. The edits are those of trees,
whatever stands in them: a part left out, put in, turned, moved or taken for another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain, islice, pairwise
from math import isclose

from ..algebra.expressions import forget_marker, remembered
from ..effort import EFFORT, bounded
from ..errors import UnsupportedError
from ..latex.names import name_of
from ..latex.tree import INFIX, Syntax
from .components import base_of
from .judgement import outcome
from .kinds import usual_functions
from .surroundings import letters_of, symbol_of, tree_of
from .verdicts import Slip, conditions_of, summing_to_one
from .worlds import Outcome, World

MOST = 800
"""How many edits of a claim are tried."""
MOST_STEPS = 2_000_000
"""How much work that may be."""
STEPS_PER_CHARACTER = 10
"""How much work it is to read one."""
MOST_FACTOR = 1000
"""How large a factor and its denominator may be that are missing, or too many."""
HELD = ("own", "turned")
_ASIDE = "Z"
"""Stands for an index while another one takes its place."""
_TIMES = ("2", r"\frac{1}{2}")
_FACTORS = {"-1": -1.0, "2": 2.0, r"\frac{1}{2}": 0.5}
_RAISED = (r"^{\top}", "^{-1}", "^{2}", r"^{\odot -1}", r"^{\odot 2}")
_SIGNS = {head for head, _ in INFIX.values()} | {"slash"}
_FOR_A_PART = _SIGNS | {
    "negate", "transpose", "inverse_transpose", "power", "hadamard_power", "prime", "superscript", "fraction", "call",
    "sqrt", "sum_over",
}  # fmt: skip
"""What may stand where one of its parts is meant."""

_Change = tuple[Syntax | tuple[int, int], str]
"""Where something else is written, and what."""


@remembered(1024, beyond=True)
def slip_in(world: World, claimed: str) -> Slip | None:
    """Return an edit that no other meaning explains and that makes a claim right in a world, None if none does.

    Such are a sign, a factor two, a transpose or an inverse, and neighbours that are swapped.
    """
    forget_marker()
    try:
        with bounded(most=MOST_STEPS // 2):
            some: Iterator[tuple[Slip, str]] = islice(_slight_edits(claimed, world), MOST)
            if _is_multiple(found := outcome(world, claimed)):
                right = [x for x, value in _FACTORS.items() if isclose(value * found.times, 1, rel_tol=1e-6)]
                some = ((Slip(x), f"{x}({claimed})") for x in right)
            return next((slip for slip, x in some if outcome(world, x).status in HELD), None)
    except UnsupportedError:
        return None


@remembered(1024, beyond=True)
def is_near(world: World, claimed: str, parts: tuple[str, ...] = ()) -> bool:
    """Return whether any one edit makes a claim right in a world; `parts` may be missing in it."""
    forget_marker()
    try:
        with bounded(most=MOST_STEPS // 3 if parts else MOST_STEPS):
            if str(tree_of(claimed)) == str(tree_of(world.f)):  # it was not differentiated
                return True
            edits, twice = _edits(claimed, world, parts), () if parts else _twice_edited(claimed, world)
            some = chain(islice(edits, MOST // 8), twice, islice(edits, MOST))
            worlds = (world, *usual_functions(world, claimed))
            if any(_is_right(y, x) for x in some for y in worlds):
                return True
            less = _without_terms(world) if _is_stated(world, claimed) else ()
            if any(_is_right(x, claimed) for x in less):
                return True
            question = outcome(world, claimed).question
            clauses = conditions_of(question) if question is not None else ()
            bound = chain(
                (replace(world, context=(*world.context, *x)) for x in clauses),
                (x for _, x in summing_to_one(world, claimed)),
            )
            slight = (claimed, *(x for _, x in _slight_edits(claimed, world)))
            return any(_is_right(x, y) for x in bound for y in slight)
    except UnsupportedError:
        return False


@remembered(1024, beyond=True)
def is_slip_of(world: World, claimed: str, truth: str) -> bool:
    """Return whether a claim is the truth with one edit."""
    forget_marker()
    tree = tree_of(truth)
    if tree is None:
        return False
    known = None if _is_stated(world, claimed) else _own(world).union(letters_of(claimed))
    nodes = [x for x in tree.walk() if x.span.end > x.span.start]
    changes = (x for change in (_signed, _dropped, _moved) for node in nodes for x in change(truth, node))
    every = chain(_partial(truth), (_with(truth, *x) for x in changes))
    edited = (x for x in every if known is None or _lost(truth, x) <= known)
    ways = ("({c})+(({t})-({e}))", r"({c})+(({t})-({e}))^{{\top}}", "(1+({c})-({e}))({t})")  # the last for numbers
    same = (way.format(c=claimed, t=truth, e=x) for x in edited for way in ways)
    try:
        with bounded(most=MOST_STEPS // 4):
            return any(outcome(world, x).status in HELD for x in islice(same, 2 * MOST))
    except UnsupportedError:
        return False


def _lost(latex: str, edited: str) -> set[str]:
    """Return the letters that an edit takes out of a formula; reading it is counted."""
    EFFORT.spend(STEPS_PER_CHARACTER * len(edited))
    return {*letters_of(latex)} - {*letters_of(edited)}


def _is_right(world: World, claimed: str) -> bool:
    """Whether a claim, or a multiple of it, is right in a world."""
    try:
        found = outcome(world, claimed)
    except UnsupportedError:  # this edit alone is too large, such as a number divided by a zero
        if not EFFORT.allows(0):
            raise
        return False
    if found.status in HELD or not _is_multiple(found):
        return found.status in HELD
    times = Fraction(1 / found.times).limit_denominator(MOST_FACTOR)
    right = rf"\frac{{{times.numerator}}}{{{times.denominator}}}({claimed})"
    return world.indices is None or outcome(world, right).status in HELD


def _is_multiple(found: Outcome) -> bool:
    """Whether a claim is the derivative but for a number."""
    return 1 / MOST_FACTOR <= abs(found.times) <= MOST_FACTOR


def _is_stated(world: World, claimed: str) -> bool:
    """Whether the formula that is differentiated stands in the claim itself, though not what its letters are."""
    formulas = (world.f, claimed, *(x.partition(":=")[2] for x in world.where))
    return {x for x, _ in world.sources} <= {y for x in formulas for y in letters_of(x)}


def _without_terms(world: World) -> Iterator[World]:
    """Yield the world without a term of what is differentiated, whose derivative the author may have left out."""
    tree = tree_of(world.f)
    sums = (x for x in tree.walk() if x.head == "add") if tree is not None else ()
    yield from (replace(world, f=_with(world.f, *x)) for node in sums for x in _dropped(world.f, node))


def parts_of(latex: str) -> tuple[str, ...]:
    """Return the parts of a formula that may be left out of it: terms, and factors that are more than letters."""
    tree = tree_of(latex)
    found: dict[str, None] = {}
    for node in tree.walk() if tree is not None else ():
        if node is not tree and node.head not in ("number", "symbol"):
            found[_text(latex, node)] = None
        found |= dict.fromkeys(_text(latex, x) for x in node.arguments if node.head == "add")
        if node.head in _SIGNS and node.arguments[0].head == node.head:
            found[latex[node.arguments[0].arguments[1].span.start : node.span.end]] = None
        sums = [x for x in node.arguments if x.head == "group" and x.ungrouped.head == "add"]
        for x in sums if node.head == "product" else ():
            for term in x.ungrouped.arguments:
                here = x.span.start - node.span.start, x.span.end - node.span.start
                found[_with(_text(latex, node), here, f"({_text(latex, term)})")] = None
    return tuple(found)


def _own(world: World) -> set[str]:
    """Return the variable and what else f has of its letter."""
    return {world.variable, *(x for x in letters_of(world.f) if base_of(x) == base_of(world.variable))}


def _edits(latex: str, world: World, parts: Sequence[str]) -> Iterator[str]:
    """Yield what one edit makes of the LaTeX of a claim, the likeliest first."""
    tree = tree_of(latex)
    if tree is None:
        return
    nodes = [x for x in tree.walk() if x.span.end > x.span.start]
    own = _own(world)
    known = own.union(letters_of(latex))
    yield latex
    if not letters_of(latex):
        yield f"({latex})I"
    if world.part:
        yield "0"
    for change in (_signed, _dropped, _moved, _raised):
        for edited in (_with(latex, *x) for node in nodes for x in change(latex, node)):
            if change is not _dropped or known <= {*letters_of(edited), *own}:
                yield edited
    stated = _is_stated(world, latex)
    missing = [x for x in parts if stated or known.issuperset(letters_of(x))]
    yield from (f"{latex}+{x}" for x in (*missing, "1", "-1"))
    letters = _letters(latex, world)
    some = (*(f"({x})" for x in (*missing, *[world.f] * stated)), *letters)
    factors = [x for x in some if not (world.linear and x == world.variable)]
    calls = [_text(x, y) for x in missing if (z := tree_of(x)) is not None for y in z.walk() if y.head == "call"]
    said = {base_of(x) for y in (world.f, world.variable, *world.where, *world.context) for x in letters_of(y)}
    for node in nodes:
        others = calls if node.head == "call" else (*letters, f"({world.f})") if base_of(node.text) in said else ()
        yield from (_with(latex, node, f"{{{x}}}") for x in others)
    yield from _multiplied(latex, tree, factors)
    for node in nodes[1:]:
        yield from (_with(latex, node, x) for x in _multiplied(_text(latex, node), node, factors))


def _partial(latex: str, depth: int = 2) -> Iterator[str]:
    """Yield the formula with one of the terms of a sum alone, and of what is left of another one."""
    tree = tree_of(latex)
    for node in tree.walk() if tree is not None else ():
        for x in node.arguments if node.head == "add" else ():
            alone = _with(latex, node, f"({_text(latex, x)})")
            yield alone
            yield from _partial(alone, depth - 1) if depth > 1 else ()


def _slight_edits(latex: str, world: World) -> Iterator[tuple[Slip, str]]:
    """Yield the edits that no other meaning explains, each with what it makes of a claim."""
    tree = tree_of(latex)
    nodes = [x for x in tree.walk() if x.span.end > x.span.start] if tree is not None else []
    yield from ((Slip(times), f"{times}({latex})") for times in _FACTORS)
    turned = _sign_of_transpose(latex) or _sign_of_transpose(world.f) or r"^\top"
    for change in (_turned_over, _signed):
        for node in nodes:
            for place, new in change(latex, node):
                start, end = _whole(
                    latex, *((place.span.start, place.span.end) if isinstance(place, Syntax) else place)
                )
                slip = Slip(new.replace(_RAISED[0], turned), latex[start:end])
                yield slip, _with(latex, place, f"{{{new}}}" if change is _turned_over else new)


def _sign_of_transpose(latex: str) -> str:
    """Return how a formula writes that something is transposed, "" where it does not."""
    tree = tree_of(latex)
    turned = (x for x in tree.walk() if x.head == "transpose") if tree is not None else ()
    return next((latex[x.arguments[0].span.end : x.span.end] for x in turned), "")


def _twice_edited(latex: str, world: World) -> Iterator[str]:
    """Yield what is made of a claim by a transpose that is missing or too much, and a term or its sign."""
    tree = tree_of(latex)
    for node in tree.walk() if tree is not None else ():
        text = _text(latex, node)
        if node.head == "transpose":
            turned = _with(latex, node, _text(latex, node.arguments[0]))
        elif node.head == "symbol":
            turned = _with(latex, node, f"{{{{{text}}}^{{\\top}}}}")
        else:
            continue
        again = tree_of(turned)
        for x in again.walk() if again is not None else ():
            yield from (_with(turned, *y) for y in _signed(turned, x))
            for edited in (_with(turned, *y) for y in _dropped(turned, x) if x.head == "add"):
                if {*letters_of(latex)} <= {*letters_of(edited), world.variable}:
                    yield edited


def _letters(latex: str, world: World) -> tuple[str, ...]:
    """Return what may be meant by a letter: those there are, with other indices too, and the numbers of f."""
    formulas = (world.f, *(x.partition(":=")[2] for x in world.where))
    found = dict.fromkeys(chain.from_iterable(map(letters_of, (*formulas, latex, world.variable))))
    nodes = [(x, y) for x in (*formulas, latex) if (tree := tree_of(x)) is not None for y in tree.walk()]
    indices = sorted({x for y in found for x in name_of(y).index_letters if len(x) == 1} | {*(world.indices or ())})
    others = (str(name_of(x).with_index(y, z)) for x in found for y in name_of(x).index_letters for z in indices)
    turned = (x for y in found if (x := _turned(y)))
    ends = (x.upper for _, x in nodes if symbol_of(x.upper))
    numbers = (_text(x, y) for x, y in nodes if y.head == "number" and x != latex)
    return tuple(dict.fromkeys((*found, *turned, *others, *ends, *numbers)))


def _turned(letter: str) -> str:
    """Return the letter with its two indices swapped, "" where it has not two."""
    name = name_of(letter)
    if len(name.index_letters) < 2:
        return ""
    one, other = name.index_letters[:2]
    return str(name.with_index(one, _ASIDE).with_index(other, one).with_index(_ASIDE, other))


def _multiplied(text: str, node: Syntax, factors: Sequence[str]) -> Iterator[str]:
    """Yield a part with a factor more before it, behind it, or below it."""
    text = f"({text})" if node.head in ("add", "negate") else text
    for x in factors:
        yield from (f"{{{{{text}}}{{{x}}}}}", f"{{{{{x}}}{{{text}}}}}", rf"{{{{{text}}}{{{x}}}^{{\top}}}}")
        yield rf"({text}\odot{{{x}}})"
        if x != node.text:
            yield rf"\frac{{{text}}}{{{x}}}"


def _whole(latex: str, start: int, end: int) -> tuple[int, int]:
    """Return a stretch together with the other half of each brace in it."""
    while latex.count("{", start, end) > latex.count("}", start, end) and end < len(latex):
        end += 1
    while latex.count("{", start, end) < latex.count("}", start, end) and start:
        start -= 1
    return start, end


def _text(latex: str, node: Syntax) -> str:
    return latex[slice(*_stretch(latex, node))]


def _with(latex: str, old: Syntax | tuple[int, int], new: str) -> str:
    start, end = _stretch(latex, old)
    return f"{latex[:start]} {new} {latex[end:]}"


def _stretch(latex: str, old: Syntax | tuple[int, int]) -> tuple[int, int]:
    return _whole(latex, *((old.span.start, old.span.end) if isinstance(old, Syntax) else old))


def _signed(latex: str, node: Syntax) -> Iterator[_Change]:
    """Yield the terms of a sum with another sign or factor."""
    before = node.span.start
    for k, x in enumerate(node.arguments if node.head == "add" else ()):
        inner = x.arguments[0] if x.head == "negate" else x
        yield (before, inner.span.start), "-" if inner is x else "+" * bool(k)
        yield from ((inner, f"{times}{{{_text(latex, inner)}}}") for times in _TIMES)
        before = x.span.end


def _turned_over(latex: str, node: Syntax) -> Iterator[_Change]:
    """Yield a part with a transpose or an inverse more or less, and neighbours that are swapped."""
    text = _text(latex, node)
    if node.head in ("transpose", "inverse_transpose", "power"):
        yield node, _text(latex, node.arguments[0])
    elif node.head in ("symbol", "group", "call", "prime"):
        yield from ((node, text + mark) for mark in _RAISED[:2])
    elif node.head == "product":
        for x, y in pairwise(node.arguments):
            yield (x.span.start, y.span.end), f"{_text(latex, y)} {_text(latex, x)}"


def _dropped(latex: str, node: Syntax) -> Iterator[_Change]:
    """Yield what is left without a part."""
    parts = node.arguments
    if node.head in ("add", "product"):
        for k, x in enumerate(parts):
            yield ((parts[k - 1].span.end, x.span.end) if k else (x.span.start, parts[1].span.start)), ""
    elif node.head in _FOR_A_PART:
        inner = parts[0].arguments if parts[0].head == node.head else ()
        yield from ((node, f"{{{_text(latex, x)}}}") for x in (*parts, *inner[:1]))
    elif node.head == "group":
        yield node, _text(latex, parts[0])


def _moved(latex: str, node: Syntax) -> Iterator[_Change]:
    """Yield neighbours that are swapped, others of their products, and a factor behind another parenthesis."""
    parts = node.arguments
    texts = [f"{{{_text(latex, x)}}}" for x in parts]
    if node.head == "product":
        for (x, y), (one, other) in zip(pairwise(parts), pairwise(texts), strict=True):
            yield (x.span.start, y.span.end), other + one
            yield (x.span.end, y.span.start), r"\odot "
        if len(primes := [x for x in parts if x.head == "prime"]) == 2:  # u'v' for u'v + uv'
            one, other = (_with(latex, x, _text(latex, x.arguments[0])) for x in primes)
            yield (0, len(latex)), f"{one}+{other}"
        if parts[0].head == "number":  # 2AB for AB + BA
            rest = "".join(texts[1:])
            yield node, f"({rest}+({rest})^{{\\top}})"
            yield node, f"({rest}+{''.join(texts[:0:-1])})"
    elif node.head in _SIGNS:
        between = parts[0].span.end, parts[1].span.start
        yield node, texts[1] + latex[slice(*between)] + texts[0]
        yield between, ""
    elif node.head == "fraction":
        yield node, rf"\frac{texts[1]}{texts[0]}"
    elif node.head == "add":
        last = parts[-1].arguments[0] if parts[-1].head == "negate" else parts[-1]
        if last.head == "product":
            factor = last.arguments[-1]
            yield node, f"({latex[node.span.start : factor.span.start]}){_text(latex, factor)}"


def _raised(latex: str, node: Syntax) -> Iterator[_Change]:
    """Yield a part transposed, inverted, squared or primed, A + A^T for A, and other numbers."""
    text = _text(latex, node)
    if node.value is not None:
        some = (node.value + 1, node.value - 1, 2 * node.value, node.value / 2, -node.value)
        yield from ((node, rf"{{\frac{{{x.numerator}}}{{{x.denominator}}}}}") for x in some)
        return
    if node.head != "negate":
        text = f"({text})" if node.head == "add" else f"{{{text}}}"
        yield from ((node, f"{{{text}{mark}}}") for mark in _RAISED)
        yield node, rf"{{\frac{{1}}{{{text}}}}}"
    if node.head in ("symbol", "call"):
        yield node, f"{{{text}'}}"
        yield node, f"({text}+{text}^{{\\top}})"
    if node.head == "symbol" and (turned := _turned(node.text)):
        yield node, f"({text}+{turned})"
