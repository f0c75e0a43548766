"""The pages of the rules: a page for each, one for the moves in a trace, and their index.

`python -m mdderive.site.rules DIR [en|zh]` writes them, for builders that run no plugins.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from ..algebra.expressions import Apply, Expr, Operator, Symbol, parenthesise, to_latex, walk
from ..algebra.operators import table
from ..algebra.terms import normalise
from ..calculus.differential import write_out
from ..errors import UnsupportedError
from ..question.question import read_question
from ..render.html import TRICKS, displayed, has_page, page_of, words
from ..render.text import plain_words
from ..solution.identities import told, use_identities
from ..solution.reasons import CYCLIC, EXCHANGE, LINEAR_TRACE, SCALAR_TRACE, SCALAR_TRANSPOSE, rule_of
from ..words import DEFAULT, Reason, of_row, reason, say


def rule_pages(language: str) -> Iterator[tuple[str, str]]:
    """Yield (name, Markdown) of the page of every rule, of the moves in a trace, and of their index."""
    pages: dict[str, list[Operator]] = {}
    for row in filter(has_page, table()):
        pages.setdefault(page_of(row), []).append(row)
    titles = _titles(pages, language)
    for page, rows in pages.items():
        yield page, _rule_page(titles[page], rows, language)
    yield TRICKS, _tricks_page(language)
    links = "".join(f"- [{title}]({page}.md)\n" for page, title in sorted(titles.items(), key=_place))
    tricks = f"- [{say(language, 'moves')}]({TRICKS}.md)\n"
    yield "index", f"# {say(language, 'rules: title')}\n\n{say(language, 'rules: about')}\n\n{links}{tricks}"


def _place(item: tuple[str, str]) -> tuple[str, str]:
    """Return by what a rule has its place in the index: its title where that is English, else the name of its page."""
    page, title = item
    return (title.casefold() if title.isascii() else "", page)


def _titles(pages: Mapping[str, Sequence[Operator]], language: str) -> dict[str, str]:
    """Return the title of each page, with the operator where several would have the same."""
    titles = {page: _title(rows[0], language) for page, rows in pages.items()}
    often = Counter(titles.values())
    return {
        page: _named("one of several", pages[page][0], title, language) if often[title] > 1 else title
        for page, title in titles.items()
    }


@lru_cache(maxsize=512)
def why_of(page: str, language: str) -> tuple[str, str] | None:
    """Return the title of the page of a rule, and as HTML what the rule says and why it holds; None without a page."""
    if page == TRICKS:
        return say(language, "moves"), words(say(language, "moves: why"))
    rows = [row for row in filter(has_page, table()) if page_of(row) == page]
    if not rows:
        return None
    said = _formula(rows[0])
    known = rows[0].adjoint is not None or any(row.why for row in rows)
    told = _why(rows).says(language) if known else say(language, "rules: source", sources=_cited(rows[0], language))
    return plain_words(_title(rows[0], language)), f"{displayed(said)}<br>{words(told)}" if said else words(told)


def _title(row: Operator, language: str) -> str:
    words = rule_of(row).says(language)
    if "$" in words:
        return _named("of operator", row, words, language)
    return words if words.startswith("d ") else words[:1].upper() + words[1:]  # d commutes with the sum


def _named(how: str, row: Operator, words: str, language: str) -> str:
    """Return words for a rule with the name of its operator."""
    named = say(language, f"rules: {how}", operator=row.name, rule=words)
    return named[:1].upper() + named[1:]


def _rule_page(title: str, rows: list[Operator], language: str) -> str:
    formulas = [x for x in (_formula(row) for row in rows) if x]
    shown = (f"$$\n{x}\n$$" for x in dict.fromkeys(formulas))
    parts = [f"# {title}", *shown, say(language, "rules: why", why=_why(rows))]
    for row in rows:
        for kind, fact in (("adjoint", row.adjoint_rule), ("worked", row.worked)):
            if fact is not None:
                parts.append(say(language, "rules: used", fact=of_row(kind, row.name, fact)))
    parts.append(f"## {say(language, 'rules: example')}")
    f, variable = rows[0].example
    clauses = "; ".join((*rows[0].where, "solutions: show", f"lang: {language}"))
    f = f.replace("<", r"\lt ").replace(">", r"\gt ")  # a bare one ends the formula of a marker
    parts.append(rf"\derive<{f}><{variable}>[{clauses}]")
    sources = "; ".join(dict.fromkeys(_cited(row, language) for row in rows))
    return "\n\n".join([*parts, say(language, "rules: source", sources=sources)]) + "\n"


def _why(rows: list[Operator]) -> Reason:
    """Return why a rule holds."""
    usual = reason("rules: others" if rows[0].adjoint is None else "rules: linear")
    return next((of_row("why", row.name, row.why) for row in rows if row.why), usual)


def _cited(row: Operator, language: str) -> str:
    """Return the source of a row, and where its rule holds."""
    held = row.condition
    return row.source if held is None else f"{row.source}; {of_row('condition', row.name, held).says(language)}"


def _formula(row: Operator) -> str:
    """Return the differential of the operator of letters, as LaTeX; "" where its example does not show it."""
    f = read_question(*row.example, row.where).f
    nodes = [*walk(f), *walk(normalise(use_identities(f)[0]))]
    node = next((x for x in nodes if isinstance(x, Apply) and x.operator is row), None)
    if node is None or not node.arguments:
        return ""
    letters = [_letter(x, k, len(node.arguments)) for k, x in enumerate(node.arguments)]
    plain = Apply(row, tuple(letters), node.parameters)
    varying = [x for x in letters if isinstance(x, Symbol)]
    try:
        written = write_out(plain, varying, [], working=True)
    except UnsupportedError:  # only what it is part of has a differential, as the trace of the matrix exponential
        return ""
    return f"\\mathrm{{d}}{_grouped(to_latex(plain))} = {to_latex(written)}" if written is not None else ""


def _letter(x: Expr, k: int, count: int) -> Expr:
    """Return a letter of the shape of `x`; numbers and exponents stay as they are."""
    if not x.symbols:
        return x
    column = x.is_scalar or not x.shape[1]
    one = "t" if x.is_scalar else "x" if column else "X"
    several = "abcdefgh"[k] if column else "ABCDEFGH"[k]
    return Symbol(one if count == 1 else several, x.shape, frozenset(), (x.indices and tuple(sorted(x.indices))) or ())


def _grouped(latex: str) -> str:
    return latex if latex.startswith("\\operatorname") else parenthesise(latex)


_MOVES = (
    (r"a = \operatorname{tr}(a)", SCALAR_TRACE),
    (r"a = a^\top", SCALAR_TRANSPOSE),
    (r"\operatorname{tr}(A^\top) = \operatorname{tr}(A)", reason("moves: transpose")),
    (r"\operatorname{tr}(AB) = \operatorname{tr}(BA)", CYCLIC),
    (r"\operatorname{tr}(A+B) = \operatorname{tr}(A)+\operatorname{tr}(B)", LINEAR_TRACE),
    (r"\operatorname{tr}\Bigl(\sum_i A_i\Bigr) = \sum_i \operatorname{tr}(A_i)", EXCHANGE),
    (
        r"\operatorname{tr}\bigl(A^\top(B\odot C)\bigr) = \operatorname{tr}\bigl((A\odot B)^\top C\bigr)",
        reason("moves: factor"),
    ),
)


def _tricks_page(language: str) -> str:
    moves = [f"{say(language, 'moves: move', name=name)}\n\n$$\n{x}\n$$" for x, name in _MOVES]
    facts = [f"$$\n{left} = {right}\n$$\n\n`{'; '.join(x.where)}`" for x, left, right in told()]
    title, about, why = (say(language, key) for key in ("moves", "moves: about", "moves: why"))
    return "\n\n".join([f"# {title}", about, *moves, why, f"## {say(language, 'identities')}", *facts])


def main(arguments: list[str]) -> int:
    """Write the pages of the rules into a folder; return the exit status."""
    if not arguments or arguments[0].startswith("-"):
        print("usage: python -m mdderive.site.rules DIR [en|zh]", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in rule_pages(arguments[1] if len(arguments) > 1 else DEFAULT):
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
