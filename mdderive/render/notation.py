r"""A solution in the signs of its author: `A'` or `A^T` for `A^\top`, `\ln`, `\nabla_w f`.

A solution is derived, checked and read back in our signs; each of these has one of the author's for it, so that the
written text is changed sign by sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ..algebra.expressions import Apply, Expr, parenthesise, to_latex, walk
from ..algebra.operators.entrywise import Function
from ..algebra.operators.vector_functions import VectorFunction
from ..latex.macros import OF_PAGE, is_macro_name
from ..latex.names import unbraced
from ..latex.patterns import lazily
from ..question.notation import OUR_DETERMINANT, OUR_ONES, OUR_TRANSPOSE, PRIME
from ..question.question import Question
from ..question.settings import SETTINGS
from ..solution.derivation import Working, partial

_TRANSPOSED = lazily(r"\^(?:\\top(?![A-Za-z])|\{-\\top\})((?: (?=[A-Za-z]))?)")
_BAR = lazily(r"\\(?P<opens>l)vert(?![A-Za-z]) ?|\\rvert(?![A-Za-z])(?: (?=[A-Za-z]))?")
_LAYOUT = lazily(r"<[^>]*>|\\[()]|\\(?:displaystyle|thinspace|left|right|[bB]igg?[lr])(?![A-Za-z])|[{}\s\ue000-\uf8ff]")


def signs_of(question: Question, context: Sequence[str] = (), working: Working | None = None) -> Mapping[str, str]:
    """Return what stands in a solution for signs, and names of gradients, of ours, as the author's settings say.

    `context` are the clauses around the marker: letters are written by those macros that they define for the page.
    The determinants are those of the `working`, without it those of the question.
    """
    wanted = SETTINGS["notation"].of(question.options)
    if wanted == "plain":
        return {}
    signs = dict(question.notation)
    if signs.get(OUR_TRANSPOSE) == PRIME and _has_primes(question):
        del signs[OUR_TRANSPOSE]
    if determinant := signs.pop(OUR_DETERMINANT, ""):
        signs |= dict.fromkeys(map(_bare, _determinants(working or question)), determinant)
    if wanted == "nabla" and question.f.is_scalar:
        for x in question.symbols.values():
            letter = x.latex if len(x.latex) == 1 else f"{{{x.latex}}}"
            signs[partial(x, question.name).latex] = rf"\nabla_{letter} {question.name}"
    of_page = [x for x in context if x.startswith(OF_PAGE)]
    kept = {x: name for x, name in question.macros.items() if any(f"{OF_PAGE}{{{name}}}" in y for y in of_page)}
    return signs | kept


def _has_primes(question: Question) -> bool:
    """Whether a prime is a derivative, or part of a name, in the solution: of a transpose it cannot be then."""
    roots = [question.f, *(body for _, body in question.definitions)]
    parameters = (y for root in roots for x in walk(root) if isinstance(x, Apply) for y in x.parameters)
    functions = (y for y in parameters if isinstance(y, Function | VectorFunction))
    return next(functions, None) is not None or any(PRIME in latex for latex in question.symbols)


def in_signs(text: str, signs: Mapping[str, str]) -> str:
    """Return a written solution, or a formula of it, with `signs` in the place of ours."""
    determinants = {x: sign for x, sign in signs.items() if x.startswith(OUR_DETERMINANT)}
    text = _with_determinants(text, determinants) if determinants else text
    for ours in sorted(signs, key=len, reverse=True):
        his = signs[ours]
        if ours.startswith(OUR_DETERMINANT):
            continue
        if ours == OUR_TRANSPOSE:
            text = _transposed(text, his)
        elif ours == OUR_ONES:
            text = text.replace(ours, his).replace(unbraced(ours), his)
        else:
            text = _replaced(text, ours, his)
    return text


def _determinants(told: object) -> Iterator[str]:
    """Yield the determinants in what is told as LaTeX, in bars."""
    for node in dict.fromkeys(x for root in _expressions(told) for x in walk(root) if isinstance(x, Apply)):
        if node.is_scalar and node.arguments and not node.arguments[0].is_scalar:
            bars = rf"{OUR_DETERMINANT} {to_latex(node.arguments[0])}\rvert"
            if to_latex(node) in (bars, rf"\log{bars}"):
                yield bars


def _expressions(told: object) -> Iterator[Expr]:
    """Yield the expressions in a record, and in all that it holds."""
    if isinstance(told, Expr):
        yield told
    elif isinstance(told, Mapping):
        yield from (x for pair in told.items() for part in pair for x in _expressions(part))
    elif isinstance(told, tuple | list):
        yield from (x for part in told for x in _expressions(part))


def _bare(text: str) -> str:
    """Return a formula, perhaps of a page and in several pieces, without all that only lays it out."""
    from html import unescape  # here: the names of all entities come with it, and most answers have no determinant

    return unescape(_LAYOUT.sub("", text))


def _with_determinants(text: str, signs: Mapping[str, str]) -> str:
    r"""Return a text with `\det(X)` for bars around what has a determinant; bars around a number stay."""
    opened: list[re.Match[str]] = []
    found: dict[int, tuple[int, str]] = {}
    for m in _BAR.finditer(text):
        if m["opens"]:
            opened.append(m)
        elif opened:
            bar = opened.pop()
            sign = signs.get(_bare(text[bar.start() : m.end()]), "")
            if sign:
                left, right = _parentheses(text[bar.end() : m.start()])
                found |= {bar.start(): (bar.end(), sign + left), m.start(): (m.end(), right)}
    parts: list[str] = []
    position = 0
    for start, (end, sign) in sorted(found.items()):
        parts += (text[position:start], sign)
        position = end
    return "".join([*parts, text[position:]])


def _parentheses(inside: str) -> tuple[str, str]:
    """Return parentheses of the size that a formula asks for; those around several pieces of one cannot stretch."""
    if "<" in inside:
        return (r"\bigl(", r"\bigr)") if "(" in _LAYOUT.sub("", inside) else ("(", ")")
    left, _, right = parenthesise(inside).partition(inside)
    return left, right


def in_signs_throughout(nodes: object, signs: Mapping[str, str]) -> object:
    """Return a tree of lists and mappings, every text in it in signs."""
    if isinstance(nodes, str):
        return in_signs(nodes, signs)
    if isinstance(nodes, list):
        return [in_signs_throughout(x, signs) for x in nodes]
    return {key: in_signs_throughout(x, signs) for key, x in nodes.items()} if isinstance(nodes, dict) else nodes


def _replaced(text: str, ours: str, his: str) -> str:
    """Return a text with a sign in the place of ours; a blank ends a macro in front of a letter."""
    bare = unbraced(f"{ours}_")[:-1]  # as Markdown has a letter with an index
    pattern = re.escape(ours) if bare == ours else f"(?:{re.escape(ours)}|{re.escape(bare)}(?=_))"
    pattern += "(?![A-Za-z])" if ours[-1].isalpha() else ""
    if is_macro_name(his):
        text = re.sub(pattern + "(?=[A-Za-z])", lambda _: f"{his} ", text)
    return re.sub(pattern, lambda _: his, text)


def _transposed(text: str, sign: str) -> str:
    def written(match: re.Match[str]) -> str:
        blank = match[1] if sign[-1:].isalpha() and sign.startswith("\\") else ""
        inverse = match[0].startswith("^{-")
        if sign == PRIME:
            return (f"{PRIME}^{{-1}}" if inverse else PRIME) + blank
        return (f"^{{-{sign}}}" if inverse else f"^{sign}" if " " not in sign else f"^{{{sign}}}") + blank

    return _TRANSPOSED.sub(written, text)
