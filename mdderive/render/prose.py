"""A solution as a sequence of blocks in English or Chinese, before any markup: what is said, in which order.

Words hold formulas between dollars. The emitters (`markdown`, `latex`, `text`) write the blocks; none of them adds a
word of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..algebra.expressions import (
    ONE,
    Apply,
    Binding,
    Dimension,
    Expr,
    Index,
    Symbol,
    Wording,
    parenthesise,
    to_latex,
    walk,
)
from ..algebra.operators.entrywise import Function, logistic, named_function
from ..algebra.operators.kronecker import commutation_row
from ..algebra.properties import BY_NAME
from ..algebra.terms import d, transpose
from ..calculus.gradient import as_line
from ..calculus.stationary import gram_factor, is_invertible
from ..solution.derivation import Link, Result, Second, Stationary, Step, Working, partial
from ..solution.hessian import slope_name
from .formula import visible_width


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; `lead` is set in bold before it, a `remark` in italics."""

    text: str
    lead: str = ""
    remark: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an aligned display: `left` may be empty, `reason` holds formulas between dollars."""

    left: str
    right: Expr
    reason: str


@dataclass(frozen=True, slots=True)
class Rows:
    """An aligned display."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """A displayed formula, one or several lines of LaTeX; a `result` is set apart; `end` is its punctuation."""

    lines: tuple[str, ...]
    result: bool = False
    end: str = ""


Block = Paragraph | Rows | Formula

BOUNDS = ((1e-12, "10^{-12}"), (1e-10, "10^{-10}"), (1e-8, "10^{-8}"), (1e-6, "10^{-6}"), (1e-4, "10^{-4}"))
"""An error is told by the next of these bounds: its digits would differ from machine to machine."""


def blocks(
    working: Working, variables: Sequence[Symbol], language: str, detail: str = "full", title: str = ""
) -> Iterator[Block]:
    """Yield the blocks of the solution for `variables`; `detail` is full, brief or result."""
    writer = _Writer(working, tuple(variables), language)
    if detail == "result":
        yield Formula(tuple(writer.wanted(x) for x in variables), result=True)
        return
    yield writer.statement(title)
    if detail == "brief":
        yield from writer.brief()
    else:
        yield from writer.full()
    yield from writer.second()
    yield from writer.structured()
    yield from writer.stationary()
    if detail == "full":
        yield writer.check()


def name_of_result(working: Working, variable: Symbol) -> str:
    """Return the name of what is asked for: of the second derivative with `hessian`, else of the gradient."""
    writer = _Writer(working, (variable,), "en")
    return writer.second_name(variable) if variable in working.seconds else str(writer.name_of(variable))


def result(working: Working, variables: Sequence[Symbol]) -> str:
    """Return what is asked for alone, as one formula: the value, or equations where there are several variables."""
    if len(variables) == 1:
        second = working.seconds.get(variables[0])
        return to_latex(working.gradients[variables[0]].value if second is None else second.value)
    writer = _Writer(working, tuple(variables), "en")
    return r",\quad ".join(writer.wanted(x) for x in variables)


@dataclass(frozen=True)
class _Writer:
    working: Working
    variables: tuple[Symbol, ...]
    language: str

    def say(self, en: str, zh: str) -> str:
        return zh if self.language == "zh" else en

    @property
    def comma(self) -> str:
        return self.say(", ", "，")

    @property
    def stop(self) -> str:
        return self.say(".", "。")

    def list_of(self, parts: Sequence[str]) -> str:
        """Return `a, b and c`."""
        if len(parts) < 2:
            return "".join(parts)
        return self.say(", ", "、").join(parts[:-1]) + self.say(" and ", " 和 ") + parts[-1]

    # --- the statement

    def statement(self, title: str) -> Paragraph:
        q = self.working.question
        shapes = [self.shape(x) for x in self.told()]
        listed = self.list_of(shapes) if self.language == "en" else "，".join(shapes)
        with_shapes = self.say(" with ", "，其中 ") + listed if shapes else ""
        text = self.say("Let ", "设 ") + f"${q.name} = {to_latex(q.f)}$" + with_shapes + self.stop
        further = [self.in_vec_form(), self.means(), *self.notes(), self.functions(), self.abbreviations()]
        text += "".join(self.say(" ", "") + x for x in further if x)
        return Paragraph(text, lead=title or self.say("Derivation.", "解："))

    def in_vec_form(self) -> str:
        """Return why there is no gradient, where the author has not asked for a Jacobian."""
        q = self.working.question
        if not self.working.in_vec_form or "jacobian" in q.wishes:
            return ""
        name = f"${q.name}$"
        if ONE in q.f.shape:
            return self.say(
                f"Since {name} is a vector, its derivative is a matrix.", f"由于 {name} 是向量，其导数是矩阵。"
            )
        en = f"Since {name} is a matrix, its derivative is that of $\\operatorname{{vec}}({q.name})$."
        return self.say(en, f"由于 {name} 是矩阵，求 $\\operatorname{{vec}}({q.name})$ 的导数。")

    def told(self) -> list[Symbol]:
        """Return the free letters of f, sizes of sums left out."""
        q = self.working.question
        named = {x for x, _ in q.definitions}
        letters = [x for x in q.symbols.values() if x in q.f.symbols or any(x in b.symbols for _, b in q.definitions)]
        lengths = {name for x in letters for dimension in x.shape for name in dimension}
        bound = [x.parameters[0] for x in walk(q.f) if isinstance(x, Apply) and x.operator.binds_index]
        lengths |= {index.upper for index in bound if isinstance(index, Index)}
        return [x for x in letters if x not in named and not (x.is_scalar and x.latex in lengths)]

    def shape(self, symbol: Symbol) -> str:
        """Return `$X\\in\\mathbb{R}^{m\\times n}$`, with the declared properties."""
        rows, columns = (size(x) for x in symbol.shape)
        if "integer" in symbol.properties:
            return rf"${symbol.latex}\in\mathbb{{N}}$"
        if symbol.is_scalar:
            space = ""
        elif symbol.shape[1] == ONE:
            space = f"^{braced(rows)}"
        else:
            space = rf"^{{{rows}\times {columns}}}"
        text = rf"${symbol.latex}\in\mathbb{{R}}{space}$"
        said = [BY_NAME[x] for x in sorted(symbol.properties) if x in BY_NAME]
        said = [row for row in said if not (row.name == "symmetric" and "SPD" in symbol.properties)]
        chosen = [row.of_scalar or row.words if symbol.is_scalar else row.words for row in said]
        words = [x.says(self.language) for x in chosen]
        return text + self.say(" ", " 为") + self.say(", ", "、").join(words) if words else text

    def means(self) -> str:
        """Return what the means are that f uses without the author's saying so."""
        pairs = self.working.question.means
        equations = self.list_of([f"${x.latex}={to_latex(body)}$" for x, body in pairs])
        if not pairs:
            return ""
        noun = "is the sample mean" if len(pairs) == 1 else "are the sample means"
        return self.say(f"Here {equations} {noun}.", f"这里 {equations} 是样本均值。")

    def notes(self) -> list[str]:
        """Return what the rows of f's operators have to say, and which functions of a matrix act on its entries."""
        found: dict[str, None] = {}
        values = [self.working.question.f, *(self.working.gradients[x].value for x in self.variables)]
        for x in (node for value in values for node in walk(value)):
            if isinstance(x, Apply) and x.operator.note is not None and _needs_note(x):
                shown, base = (to_latex(x.arguments[0], binding) for binding in (0, Binding.ATOM))
                found[x.operator.note.says(self.language).replace("{0}", shown).replace("{base}", base)] = None
            elif isinstance(x, Apply) and x.operator.of_matrix is not None and x.is_square and not x.is_scalar:
                name = f"${x.operator.spellings[-1]}$"
                found[self.say(f"Here {name} acts entry by entry.", f"这里 {name} 逐元素作用。")] = None
        return list(found)

    def abbreviations(self) -> str:
        """Return what the author abbreviates, as far as the answer uses it."""
        values = [self.working.gradients[x].value for x in self.variables]
        values += [second.value for second in self.working.seconds.values()]
        values += [step.right for second in self.working.seconds.values() for step in second.steps]
        values += [step.right for link in self.working.links for step in link.steps]
        pairs = [
            p for p in self.working.question.abbreviations if any({p[0], p[0].at_rest} & v.symbols for v in values)
        ]
        equations = self.list_of([f"${x.latex} = {to_latex(body)}$" for x, body in pairs])
        return self.say(f"Abbreviate {equations}.", f"记 {equations}。") if pairs else ""

    def functions(self) -> str:
        """Return what the letters of entry-wise functions mean, with the derivative of those that are defined."""
        q = self.working.question
        found: dict[str, Function] = {}
        for value in (q.f, *(body for _, body in q.definitions)):
            for x in walk(value):
                letter = x.parameters[0] if isinstance(x, Apply) and x.operator is named_function else None
                if isinstance(letter, Function):
                    found.setdefault(letter.latex, letter)
        plain = [f"${x.latex}$" for x in found.values() if x.definition is None]
        parts = []
        if plain:
            acts = "acts" if len(plain) == 1 else "act"
            names = self.list_of(plain)
            parts.append(self.say(f"{names} {acts} entry by entry.", f"{names} 逐元素作用。"))
        for function in found.values():
            if function.definition is not None:
                argument = function.definition.argument.latex
                body, slope = map(to_latex, function.definition.bodies[:2])
                both = f"${function.latex}({argument})={body}$", f"${function.latex}'({argument})={slope}$"
                en = f"Entry by entry, {both[0]} and {both[1]}."
                letter = f"${function.latex}$"
                parts.append(self.say(en, f"其中 {letter} 逐元素作用，{both[0]}，{both[1]}。"))
        values = [step.right for link in self.working.links for step in link.steps]
        if any(isinstance(x, Apply) and x.operator is logistic and x.parameters for v in values for x in walk(v)):
            parts.append(self.logistic(values))
        return self.say(" ", "").join(parts)

    def logistic(self, values: Sequence[Expr]) -> str:
        """Return what the name of the logistic function means, which the answer uses and f does not."""
        name = next(
            str(x.parameters[0])
            for value in values
            for x in walk(value)
            if isinstance(x, Apply) and x.operator is logistic and x.parameters
        )
        equation = rf"${name}(t)=\frac{{1}}{{1+\exp(-t)}}$"
        return self.say(f"Write {equation} for the logistic function.", f"记 logistic 函数为 {equation}。")

    # --- the rows

    def full(self) -> Iterator[Block]:
        q = self.working.question
        rewriting = self.working.rewriting
        if q.intermediates:
            names = self.list_of([f"${x.latex}={to_latex(b)}$" for x, b in q.intermediates])
            yield Paragraph(self.say(f"Define {names}.", f"定义 {names}。"))
        if rewriting:
            long = [step.says(self.language) for step in rewriting if _is_long(step.says(self.language))]
            noting = self.say("; note that ", "，注意 ") + self.list_of(long) if long else ""
            yield Paragraph(self.say(f"Rewrite ${q.name}${noting}:", f"先改写 ${q.name}${noting}："))
            yield self.rows(rewriting, leaving_out=long)
        for k, link in enumerate(self.links()):
            yield Paragraph(self.opening(link, first=k == 0))
            yield self.rows(link.steps)
            yield from self.results(link)
        if len(self.links()) > 1:
            yield Paragraph(self.say("Altogether,", "综上，"))
            yield Formula(tuple(self.gradient(x) for x in self.variables), result=True)

    def links(self) -> tuple[Link, ...]:
        """Return the links on the way to the variables wanted."""
        wanted: set[Symbol] = set(self.variables)
        found: list[Link] = []
        for link in reversed(self.working.links):
            reached = {x for step in link.steps for x in step.right.symbols}
            if link.through is None or wanted & reached:
                found.append(link)
                if link.through is not None:
                    wanted.add(link.through)
        return tuple(reversed(found))

    def opening(self, link: Link, *, first: bool) -> str:
        if link.through is not None:
            body = dict(self.working.question.intermediates)[link.through]
            equation = f"${link.through.latex}={to_latex(body)}$"
            if self.working.in_vec_form:
                return self.say(f"Now the differential of {equation}:", f"再求 {equation} 的微分：")
            en = f"Now {equation}; by the composite rule, its term becomes"
            return self.say(en, f"再由 {equation}，使用复合法则，对应的项化为")
        warning = self.warning()
        varying = [x.latex for x in self.reached(link)]
        constant = [x.latex for x in self.told() if x.latex not in varying]
        if not constant or not varying or self.working.question.intermediates:
            return warning + self.say("Take the differential:", "求微分：")
        if len(constant) <= 3 and self.language == "zh":
            zero = self.comma.join(rf"$\mathrm{{d}}{x}=0$" for x in constant)
            return warning + f"求微分，其中 ${','.join(constant)}$ 是常量，{zero}："
        names = self.list_of([f"${x}$" for x in varying])
        en = f"Take the differential; only {names} {'varies' if len(varying) == 1 else 'vary'}:"
        return warning + self.say(en, f"求微分，只有 {names} 是变量：")

    def warning(self) -> str:
        """Return that the rules for numbers do not hold, where they are most likely to be used."""
        matrices = any(ONE not in x.shape for x in self.working.question.variables)
        chained = any(link.inner for link in self.working.links)  # which gets a warning of its own
        if not self.working.in_vec_form or not matrices or chained:
            return ""
        return self.say(
            "The rules for numbers do not carry over to matrices (that $AX$ has the derivative $A$ means nothing), "
            "so we go through the differential and $\\operatorname{vec}$. ",
            "标量求导的结论不能随意套用于矩阵（例如认为 $AX$ 对 $X$ 的导数为 $A$ 是没有根据的），"
            "因此从微分出发并作向量化。",
        )

    def reached(self, link: Link) -> list[Symbol]:
        found = {node for step in link.steps for node in walk(step.right)}
        return [x for x in self.working.question.symbols.values() if d(x) in found]

    def rows(self, steps: Sequence[Step], leaving_out: Sequence[str] = ()) -> Rows:
        found = []
        for k, step in enumerate(steps):
            repeated = k > 0 and steps[k - 1].left == step.left
            words = step.says(self.language)
            found.append(Row("" if repeated else step.left, step.right, "" if words in leaving_out else words))
        return Rows(tuple(found))

    # --- reading off

    def results(self, link: Link) -> Iterator[Block]:
        """Yield the comparison with df = tr(G^T dX) and what is read off."""
        if not link.results:
            return
        if self.working.in_vec_form:
            yield from self.vec_results(link)
            return
        parts = [(d(x.of), self.cotangent_of(x.of)) for x in link.results]
        pattern = rf"$\mathrm{{d}}{self.working.question.name}={to_latex(as_line(parts, {}))}$"
        if self.working.question.turned:
            pattern += self.say(" (numerator layout)", "（分子布局）")
        whole = {x.of for x in link.results} >= set(self.reached(link))
        earlier = [rf"$\mathrm{{d}}{x.of.latex}$" for x in link.results if x.terms > 1]
        if link.through is None and not whole:
            terms = self.list_of([rf"$\mathrm{{d}}{x.of.latex}$" for x in link.results])
            words = self.say(f"From the term in {terms} we read off", f"从含 {terms} 的项得到")
        elif earlier:
            terms = self.list_of(earlier)
            words = self.say(f"Together with the terms in {terms} from before,", f"连同前面含 {terms} 的项，得到")
        elif link.through is None or len(self.links()) == 1:
            words = self.say(f"Comparing with {pattern}, we read off", f"对照导数与微分的联系 {pattern}，得到")
        elif len(link.results) == 1:
            words = self.say("and so", "得到")
        else:
            words = self.say("The terms give in turn", "从各项依次得到")
        yield Paragraph(words)
        final = len(self.links()) == 1
        yield Formula(tuple(self.read_off(x) for x in link.results), result=final)

    def vec_results(self, link: Link) -> Iterator[Block]:
        """Yield the comparison with vec(df) = (df/dX)^T vec(dX), in the layout asked for, and what is read off.

        Of a named value its own derivatives come first, then those of f by the chain rule.
        """
        if link.through is not None:
            equations = (f"{partial(x.of, link.through.latex)} = {to_latex(x.value)}" for x in link.inner)
            yield Paragraph(self.say("and so", "得到"))
            yield Formula(tuple(equations))
            if link.results:
                yield Paragraph(self.chain_rule(link, link.through))
                yield Formula(tuple(self.read_off(x) for x in link.results))
            return
        found = [x.of for x in link.results]
        if len(self.links()) == 1 or set(found) >= set(self.reached(link)):
            pattern = self.vec_pattern(self.working.question.name, self.working.question.f, found)
            named = "" if all(x.is_scalar for x in found) else self.say(f" ({self.layout})", f"（{self.layout}）")
            en, zh = f"Comparing with {pattern}{named}, we read off", f"对照导数与微分的联系 {pattern}{named}，得到"
        else:
            terms = self.list_of([rf"$\mathrm{{d}}{x.latex}$" for x in found])
            pattern = self.vec_pattern(self.working.question.name, self.working.question.f, found[:1])
            en = f"As in {pattern} ({self.layout}), from the term in {terms} we read off"
            zh = f"按 {pattern}（{self.layout}），从含 {terms} 的项得到"
        yield Paragraph(self.say(en, zh))
        yield Formula(tuple(self.read_off(x) for x in link.results), result=len(self.links()) == 1)

    def chain_rule(self, link: Link, through: Symbol) -> str:
        """Return how the derivatives of f follow; the first time also from what, and that the order matters."""
        words = self.say("By the chain rule,", "由链式法则，")
        first = next(x for x in self.working.links if x.through is not None and x.results)
        if link is first:
            q = self.working.question
            of = link.results[0].of
            factors = [str(self.name_of(through)), str(partial(of, through.latex))]
            place = self.say("outer", "外")
            if not self.numerator:
                factors = [rf"\left({x}\right)^\top" for x in factors]
                place = self.say("inner", "内")
            more = r"+\dots" if len(link.inner) > 1 or any(x.terms > 1 for x in link.results) else ""
            left, middle, right = (
                self.vec_of(x, y) for x, y in ((q.name, q.f), (through.latex, through), (of.latex, of))
            )
            equation = f"${left}={factors[0]}{middle}{more}={factors[0]}{factors[1]}{right}{more}$"
            words = self.say(
                f"The chain rule follows from {equation}. The rule for numbers must not be copied: matrices do not "
                f"commute, and the derivative of the {place} function stands in front.",
                f"将微分代入，由 {equation} 得到链式法则。注意不能照搬标量的链式法则：矩阵乘法不可交换，"
                f"{place}层函数的导数在前。",
            )
        earlier = [rf"$\mathrm{{d}}{x.of.latex}$" for x in link.results if x.terms > 1]
        if earlier:
            terms = self.list_of(earlier)
            words += self.say(f" Together with the terms in {terms} from before,", f"连同前面含 {terms} 的项，得到")
        elif link is first:
            words += self.say(" So", "于是")
        return words

    @property
    def numerator(self) -> bool:
        return self.working.question.options.get("layout") == "numerator"

    def vec_pattern(self, name: str, value: Expr, reached: Sequence[Symbol]) -> str:
        """Return `$vec(df)=(df/dX)^T vec(dX)$`, in the layout asked for."""
        by_number = all(x.is_scalar for x in reached)
        left = rf"\mathrm{{d}}{name}" if by_number else self.vec_of(name, value)
        terms = []
        for x in reached:
            coefficient = str(partial(x, name))
            if by_number:
                coefficient += r"\thinspace "
            elif x.is_scalar:
                inner = coefficient if value.shape[1] == ONE else rf"\operatorname{{vec}}\left({coefficient}\right)"
                coefficient = inner + r"\thinspace "
            elif not self.numerator:
                coefficient = rf"\left({coefficient}\right)^\top"
            terms.append(coefficient + self.vec_of(x.latex, x))
        return f"${left}={'+'.join(terms)}$"

    def vec_of(self, name: str, value: Expr) -> str:
        r"""Return `\operatorname{vec}(\mathrm{d}X)`; of a column its differential alone."""
        moved = rf"\mathrm{{d}}{name}"
        return moved if value.shape[1] == ONE else rf"\operatorname{{vec}}({moved})"

    @property
    def layout(self) -> str:
        """The name of the layout of Jacobians."""
        if self.numerator:
            return self.say("numerator layout", "分子布局")
        return self.say("denominator layout", "分母布局")

    def name_of(self, symbol: Symbol) -> Expr:
        return partial(symbol, self.working.question.name, turned=self.working.question.turned)

    def cotangent_of(self, symbol: Symbol) -> Expr:
        name = self.name_of(symbol)
        return transpose(name) if self.working.question.turned else name

    def read_off(self, found: Result) -> str:
        value = to_latex(found.value)
        turned = "" if found.read_off is None else _transposed(to_latex(found.read_off))
        middle = f"{turned} = " if turned not in ("", value) else ""
        return f"{self.name_of(found.of)} = {middle}{value}"

    def wanted(self, variable: Symbol) -> str:
        """Return the second derivative as an equation where it is asked for, else the gradient."""
        second = self.working.seconds.get(variable)
        return self.gradient(variable) if second is None else self.hessian(variable)

    def hessian(self, variable: Symbol) -> str:
        return f"{self.second_name(variable)} = {to_latex(self.working.seconds[variable].value)}"

    def gradient(self, variable: Symbol) -> str:
        found = self.working.gradients[variable]
        before = "" if found.before is None else f"{to_latex(found.before)} = "
        return f"{self.name_of(variable)} = {before}{to_latex(found.value)}"

    # --- brief

    def brief(self) -> Iterator[Block]:
        """Yield df as first written and as read off, then the gradients."""
        for link in self.links():
            steps = [*link.steps[:1], *link.steps[-1:]] if len(link.steps) > 1 else list(link.steps)
            yield self.rows(steps)
        yield Formula(tuple(self.gradient(x) for x in self.variables), result=True)

    # --- the second derivative

    def second(self) -> Iterator[Block]:
        for variable in self.variables:
            found = self.working.seconds.get(variable)
            if found is None:
                continue
            lead = self.say("Second derivative.", "二阶导数：")
            yield Paragraph(self.say("Differentiate the gradient once more:", "对梯度再求一次微分："), lead=lead)
            yield self.rows(found.steps)
            name = self.second_name(variable)
            moved = rf"\mathrm{{d}}{variable.latex}"
            left = rf"\mathrm{{d}}{slope_name(self.working.question, variable)}"
            if ONE not in variable.shape:
                moved, left = rf"\operatorname{{vec}}({moved})", rf"\operatorname{{vec}}\left({left}\right)"
            pattern = rf"${left}={name}\thinspace {moved}$"
            yield Paragraph(self.say(f"Comparing with {pattern}, we read off", f"与 {pattern} 对照，得到"))
            yield Formula((self.hessian(variable),), result=True)
            if not variable.is_scalar:
                yield Paragraph(self.of_hessian(found))
            elif found.bends:
                sign = _SIGNS[found.bends]
                yield Paragraph(self.say(f"It is {sign.en} by its form.", f"由其形式知它{sign.zh}。"))

    def of_hessian(self, found: Second) -> str:
        """Return by what the second derivative is seen to be symmetric, and definite where it is."""
        bent = _BENT.get(found.bends)
        if found.symmetry == "form":
            if bent is None:
                return self.say("It is symmetric by its form.", "由其形式知它对称。")
            return self.say(f"It is symmetric and {bent.en} by its form.", f"由其形式知它对称且{bent.zh}。")
        if found.symmetry == "commutation":
            swap = next(
                to_latex(x) for x in walk(found.value) if isinstance(x, Apply) and x.operator is commutation_row
            )
            rule = rf"${swap}(A\otimes B)=(B\otimes A){swap}$"
            words = self.say(f"It is symmetric, since {rule}.", f"由 {rule} 知它对称。")
        else:
            words = self.say("It is symmetric, as every second derivative is.", "它是对称的，二阶导数都是如此。")
        if bent is not None:
            words += self.say(f" It is {bent.en} by its form.", f"由其形式知它{bent.zh}。")
        return words

    def second_name(self, variable: Symbol) -> str:
        r"""Return `\nabla_x^2 f`; by a number the second derivative in the usual writing."""
        name = self.working.question.name
        if variable.is_scalar:
            return rf"\frac{{\partial^2 {name}}}{{\partial {variable.latex}^2}}"
        return rf"\nabla^2_{braced(variable.latex)} {name}"

    # --- the gradient within a structure

    def structured(self) -> Iterator[Block]:
        for variable in self.variables:
            tied = self.working.structured.get(variable)
            if tied is not None:
                lead = self.say("Within the structure.", "考虑结构约束时的导数：")
                reason = f"${variable.latex}$ {tied.reason.says(self.language)}"
                en = f"Here {reason}. The derivative by the entries that vary is"
                yield Paragraph(self.say(en, f"这里 {reason}，按独立变化的元素求导得"), lead=lead)
                yield Formula((f"{to_latex(tied.recipe)} = {to_latex(tied.value)}",), result=True)

    # --- the stationary point

    def stationary(self) -> Iterator[Block]:
        for variable in self.variables:
            found = self.working.stationary.get(variable)
            if found is not None:
                yield from self._zero(found)
            elif "solve" in self.working.question.wishes:
                en = f"No closed form was found for a zero of the gradient with respect to ${variable.latex}$."
                yield Paragraph(self.say(en, f"未能求出使该梯度为零的 ${variable.latex}$ 的显式表达式。"))

    def _zero(self, found: Stationary) -> Iterator[Block]:
        several = len(self.working.stationary) > 1 or len(self.variables) > 1
        in_one = f" in ${found.of.latex}$, the other variables fixed" if several else ""
        lead = self.say(f"Stationary point{in_one}.", f"关于 ${found.of.latex}$ 的驻点：" if several else "驻点：")
        equation = f"{to_latex(found.left)} = {to_latex(found.right)}"
        solution = f"{found.of.latex} = {to_latex(found.solution)}"
        name = found.names.says(self.language)
        multiplied = found.multiplied.says(self.language)
        setting = self.say("Setting the gradient to zero", "令梯度为零")
        if multiplied:
            setting += self.say(" and ", "，") + multiplied
        if equation == solution:
            words = setting + self.say(" gives", "，得到")
        else:
            en = f" gives {name + ' ' if name else ''}${equation}$, so"
            words = setting + self.say(en, f"，得{name} ${equation}$，从而")
        yield Paragraph(words, lead=lead)
        yield Formula((solution,), result=True)
        remarks = [x for x in (self._condition(found), self._extremum(found.bends)) if x]
        if remarks:
            yield Paragraph(self.say(" ", "").join(remarks))

    def _extremum(self, bends: int) -> str:
        if not bends:
            return ""
        en = f"The second derivative is {_BENT[bends].en}, so this is a {'minimum' if bends > 0 else 'maximum'}."
        return self.say(en, f"二阶导数{_BENT[bends].zh}，故为极{'小' if bends > 0 else '大'}值点。")

    def _condition(self, found: Stationary) -> str:
        if found.inverted is None or is_invertible(found.inverted):
            return ""
        factor = gram_factor(found.inverted)
        shown = to_latex(factor if factor is not None else found.inverted)
        if factor is not None:
            return self.say(f"provided that ${shown}$ has full column rank.", f"其中要求 ${shown}$ 列满秩。")
        return self.say(f"provided that ${shown}$ is invertible.", f"其中要求 ${shown}$ 可逆。")

    # --- the check

    def check(self) -> Paragraph:
        checks = self.working.checks
        worst = max(x.max_relative_error for x in checks)
        bound = next((text for limit, text in BOUNDS if worst < limit), "10^{-3}")
        sizes = self.comma.join(f"${name}={value}$" for name, value in checks[-1].sizes.items())
        sizes = f" ({sizes})" if sizes and self.language == "en" else f"（{sizes}）" if sizes else ""
        lines, points = self.working.lines + len(self.working.structured), checks[-1].points
        solved = any(x in self.working.stationary for x in self.variables)
        extra = self.say(" and the stationary point", "及驻点") if solved else ""
        en = f"Checked numerically: {lines} line{'s' * (lines > 1)}{extra} at {points} random points{sizes}; "
        en += f"relative error below ${bound}$."
        zh = f"已验证：在 {points} 个随机点{sizes}逐行数值检验 {lines} 行{extra}，相对误差小于 ${bound}$。"
        return Paragraph(self.say(en, zh), remark=True)


def _needs_note(x: Apply) -> bool:
    """Whether the note of the row is news: that of softmax goes without saying for a vector."""
    return ONE not in x.arguments[0].shape or x.operator.signatures == ("n 1 -> n 1",)


_BENT = {
    2: Wording("positive definite", "正定"),
    1: Wording("positive semidefinite", "半正定"),
    -1: Wording("negative semidefinite", "半负定"),
    -2: Wording("negative definite", "负定"),
}


_SIGNS = {
    2: Wording("positive", "为正"),
    1: Wording("nowhere negative", "非负"),
    -1: Wording("nowhere positive", "非正"),
    -2: Wording("negative", "为负"),
}


def size(dimension: Dimension) -> str:
    """Return a dimension as LaTeX, mn for the product of m and n."""
    return "".join(dimension) or "1"


def braced(text: str) -> str:
    """Return `text` as a script: in braces unless it is one character."""
    return text if len(text) == 1 else f"{{{text}}}"


def _is_long(words: str) -> bool:
    """Whether a formula is too long to stand beside a row; it is then said before the display."""
    return words.startswith("$") and words.endswith("$") and words.count("$") == 2 and visible_width(words) > 20


def _transposed(text: str) -> str:
    return rf"{parenthesise(text)}^\top"
