"""The pages of the rules: a page for each, one for the moves in a trace, and their index.

`python -m mdderive.site.rules DIR [en|zh]` writes them, for builders that run no plugins.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..algebra.expressions import Apply, Expr, Operator, Symbol, Wording, parenthesise, to_latex, walk
from ..algebra.operators import table
from ..algebra.terms import normalise
from ..calculus.differential import write_out
from ..errors import UnsupportedError
from ..question.question import read_question
from ..render.html import TRICKS, page_name
from ..solution.identities import prepare, told
from ..solution.reasons import CYCLIC, EXCHANGE, LINEAR_TRACE, SCALAR_TRACE, SCALAR_TRANSPOSE

_CONSTANT = ("definition", "a constant")
_WHY_OF_MULTILINEAR = Wording(
    "The operator is linear in each of its arguments. Let one argument vary at a time; the terms in which two or more "
    "vary are of second order and drop out.",
    "该运算对每个自变量都是线性的。每次只让一个自变量变化；两个以上同时变化的项是高阶小量，可略去。",
)
_WHY_OF_OTHERS = Wording(
    "See the source. Every line of the example below is compared with numerical derivatives when this page is built.",
    "证明见出处。下例的每一行都在生成本页时与数值导数作过比较。",
)


def rule_pages(language: str) -> Iterator[tuple[str, str]]:
    """Yield (name, Markdown) of the page of every rule, of the moves in a trace, and of their index."""
    say = _in(language)
    pages: dict[str, list[Operator]] = {}
    for row in table():
        if row.rule.en not in _CONSTANT:
            pages.setdefault(page_name(row.rule.en, row.name), []).append(row)
    titles = {page: _title(rows, language) for page, rows in pages.items()}
    for page, rows in pages.items():
        yield page, _rule_page(titles[page], rows, language)
    yield TRICKS, _tricks_page(language)
    links = "".join(f"- [{title}]({page}.md)\n" for page, title in sorted(titles.items()))
    tricks = f"- [{say('Moves within a trace', '迹技巧')}]({TRICKS}.md)\n"
    about = say(
        "The rules by which the derivations of this course go from one line to the next.",
        "本课程的推导从一行到下一行所用的法则。",
    )
    yield "index", f"# {say('Rules', '法则')}\n\n{about}\n\n{links}{tricks}"


def _in(language: str) -> Any:
    return lambda en, zh: zh if language == "zh" else en


def _title(rows: list[Operator], language: str) -> str:
    words = rows[0].rule.says(language)
    if "$" in words:
        words = _in(language)(f"rule of the {rows[0].name}", f"法则：{words}")
    return words if words[1:2] == " " else words[:1].upper() + words[1:]  # d commutes with the sum


def _rule_page(title: str, rows: list[Operator], language: str) -> str:
    say = _in(language)
    formulas = [x for x in (_formula(row) for row in rows) if x]
    usual = _WHY_OF_OTHERS if rows[0].adjoint is None else _WHY_OF_MULTILINEAR
    why = next((row.why for row in rows if row.why), usual)
    parts = [f"# {title}", *(f"$$\n{x}\n$$" for x in dict.fromkeys(formulas))]
    parts += [f"**{say('Why.', '理由：')}** {why.says(language)}"]
    for row in rows:
        for facts in (row.adjoint_rule, row.worked):
            if facts is not None:
                parts.append(say("Used with it: ", "常与之同用：") + facts.says(language) + say(".", "。"))
    parts.append(f"## {say('Example', '例')}")
    f, variable = rows[0].example
    clauses = "; ".join((*rows[0].where, "solutions: show", f"lang: {language}"))
    parts.append(rf"\derive<{f}><{variable}>[{clauses}]")
    sources = "; ".join(dict.fromkeys(row.cited for row in rows))
    return "\n\n".join([*parts, f"{say('Source: ', '出处：')}{sources}."]) + "\n"


def _formula(row: Operator) -> str:
    """Return the differential of the operator of letters, as LaTeX; "" where its example does not show it."""
    f = read_question(*row.example, row.where).f
    nodes = [*walk(f), *walk(normalise(prepare(f)[0]))]
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


def _tricks_page(language: str) -> str:
    say = _in(language)
    about = say(
        "A scalar is its own trace, and within a trace factors may be moved. So everything is brought to the left of "
        "$\\mathrm{d}X$, and the gradient is read off.",
        "标量等于它的迹，而迹内的因子可以移动。于是把其余因子都移到 $\\mathrm{d}X$ 左侧，导数便可读出。",
    )
    turned = Wording("a matrix within a trace may be transposed", "迹内可转置")
    moved = Wording("an entry-wise factor may change sides", "逐元素因子可换边")
    rules = [
        (r"a = \operatorname{tr}(a)", SCALAR_TRACE),
        (r"a = a^\top", SCALAR_TRANSPOSE),
        (r"\operatorname{tr}(A^\top) = \operatorname{tr}(A)", turned),
        (r"\operatorname{tr}(AB) = \operatorname{tr}(BA)", CYCLIC),
        (r"\operatorname{tr}(A+B) = \operatorname{tr}(A)+\operatorname{tr}(B)", LINEAR_TRACE),
        (r"\operatorname{tr}\Bigl(\sum_i A_i\Bigr) = \sum_i \operatorname{tr}(A_i)", EXCHANGE),
        (r"\operatorname{tr}\bigl(A^\top(B\odot C)\bigr) = \operatorname{tr}\bigl((A\odot B)^\top C\bigr)", moved),
    ]
    lines = [f"{name.says(language)}{say(':', '：')}\n\n$$\n{x}\n$$" for x, name in rules]
    why = say(
        "Why: both sides of $\\operatorname{tr}(AB)=\\operatorname{tr}(BA)$ are $\\sum_{i,j}A_{ij}B_{ji}$; both sides "
        "of the last line are $\\sum_{i,j}A_{ij}B_{ij}C_{ij}$.",
        "理由：$\\operatorname{tr}(AB)=\\operatorname{tr}(BA)$ 两边都等于 $\\sum_{i,j}A_{ij}B_{ji}$；"
        "最后一式两边都等于 $\\sum_{i,j}A_{ij}B_{ij}C_{ij}$。",
    )
    facts = [f"$$\n{left} = {right}\n$$\n\n`{'; '.join(x.where)}`" for x, left, right in told()]
    heading = say("Identities by which $f$ is rewritten first", "先用来改写 $f$ 的恒等式")
    title = say("Moves within a trace", "迹技巧")
    return "\n\n".join([f"# {title}", about, *lines, why, f"## {heading}", *facts])


def main(arguments: list[str]) -> int:
    """Write the pages of the rules into a folder; return the exit status."""
    if not arguments or arguments[0].startswith("-"):
        print("usage: python -m mdderive.site.rules DIR [en|zh]", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in rule_pages(arguments[1] if len(arguments) > 1 else "en"):
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
