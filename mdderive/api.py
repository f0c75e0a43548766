"""The Python interface: derive, and the solver that documents call for their markers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .algebra.expressions import Expr, Symbol, forget, forget_marker, remembered, to_latex
from .checking.check import Check
from .documents.formats import format_named
from .documents.model import Expanded, Kind, Request, Solved
from .effort import bounded
from .errors import Span, UnsupportedError
from .latex.grammar import forget as forget_trees
from .question.question import Question, read_question
from .question.settings import SETTINGS
from .render.blocks import Block
from .render.notation import in_signs, signs_of
from .render.prose import blocks, name_of_result, result
from .render.text import write_text
from .solution.derivation import Step, Working, used_in
from .solution.work import work

if TYPE_CHECKING:
    from .render.code.python import Writer
    from .render.markup import Markup


def _writers() -> Mapping[str, type[Writer]]:
    """Return what writes source for each target of `to_python`; imported here, as most solutions are only read."""
    from .render.code.julia import JuliaWriter
    from .render.code.python import Writer
    from .render.code.sympy import SympyWriter
    from .render.code.tensors import JaxWriter, TorchWriter

    return {writer.language: writer for writer in (Writer, JaxWriter, TorchWriter, JuliaWriter, SympyWriter)}


def _markups() -> Mapping[str, Markup]:
    """Return the markups of documents, likewise: a terminal shows none."""
    from .render.markup import MARKUPS

    return MARKUPS


class Derivation:
    """The gradient of one function by one variable, with its steps and its check.

    `of` is the letter in the solution: of a family the member, `b_i`.
    """

    __slots__ = ("of", "working")

    def __init__(self, working: Working, of: Symbol) -> None:
        self.working = working
        self.of = of

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Derivation) and (self.working, self.of) == (other.working, other.of)

    def __hash__(self) -> int:
        return hash((self.working, self.of))

    @property
    def variable(self) -> Symbol:
        """The letter by which the author asked; of a family that may be `b`."""
        return self.working.question.families.get(self.of, self.of)

    @property
    def gradient(self) -> Expr:
        """The gradient, of the variable's shape; str() of it is LaTeX. With `structured` that within the structure.

        With `jacobian` the derivative of a vector or matrix, with `hessian` the second derivative of a scalar.
        It may hold `names`: the named values of f, and the gradients by them where it would be long without.
        """
        second = self.working.seconds.get(self.of)
        if second is not None:
            return second.value
        tied = self.working.structured.get(self.of)
        return self.working.gradients[self.of].value if tied is None else tied.value

    @property
    def names(self) -> dict[str, Expr]:
        """LaTeX of each name in `gradient` that stands for something -> what, in the order in which it is computed."""
        q = self.working.question
        named = [*q.definitions, *self.working.chain.items()]
        used = {*self.gradient.symbols}
        if self.working.goes_back(self.of):
            used |= self.working.chain.keys()  # the last state's begins the recursion
        return {symbol.latex: body for symbol, body in used_in(used, named)}

    @property
    def steps(self) -> tuple[Step, ...]:
        """The printed rows, each with its rule, its words and its check."""
        rows = [*self.working.rewriting, *(step for link in self.working.links for step in link.steps)]
        return (*rows, *(step for second in self.working.seconds.values() for step in second.steps))

    @property
    def check(self) -> Check:
        """The check of all lines together: the largest relative error counts."""
        checks = self.working.checks
        worst = max(x.max_relative_error for x in checks)
        last = next((x for x in reversed(checks) if not x.exact), checks[-1])
        exact, bound = all(x.exact for x in checks), max(x.error_bound for x in checks)
        return last._replace(ok=all(x.ok for x in checks), max_relative_error=worst, exact=exact, error_bound=bound)

    @property
    def shapes(self) -> dict[str, tuple[str, str]]:
        """LaTeX of each symbol -> its rows and columns: `{"w": ("n", "1")}`."""
        symbols = self.working.question.symbols
        return {latex: (_size(x.shape[0]), _size(x.shape[1])) for latex, x in symbols.items()}

    @property
    def solution(self) -> Expr | None:
        """The stationary point; None where it was not asked for, no closed form was found, or there are several."""
        zero = self.working.stationary.get(self.of)
        return None if zero is None else zero.solution

    @property
    def solutions(self) -> tuple[Expr, ...]:
        """All stationary points that were found, of all variables in one order; there may be several, or none."""
        several = self.working.places.get(self.of)
        if several is not None:
            return tuple(place.value for place in several.found)
        joint = self.working.joint
        if joint is not None and joint.points:
            return tuple(point.values[self.of] for point in joint.points)
        return () if self.solution is None else (self.solution,)

    def _called(self, latex: str) -> str:
        """Return how the author calls an argument: numbers with an index by their family, where he asks by families."""
        q = self.working.question
        symbol = q.symbols.get(latex)
        by_family = self.of in q.families or (self.of.index and self.of not in q.f.symbols)
        return symbol.family if by_family and symbol is not None and symbol.index and symbol.is_scalar else latex

    @property
    def arguments(self) -> dict[str, str]:
        """LaTeX of each symbol of f -> its argument's name in `to_python`; functions that have no definition too."""
        from .render.code.arguments import arguments, functions

        found = {self._called(latex): name for latex, name in arguments(self.working).items()}
        for latex, names in functions(self.working).items():
            if latex != r"\sigma":  # has a default: the logistic function
                found[latex] = names[0]
        return found

    def to_markdown(self, lang: str | None = None) -> str:
        """Return the worked solution as Markdown."""
        return self._marked_up("markdown", lang)

    def to_latex(self, lang: str | None = None) -> str:
        """Return the worked solution as LaTeX for amsmath."""
        return self._marked_up("latex", lang)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        q = self.working.question
        return f"<Derivation of {q.name} = {to_latex(q.f)} with respect to {self.variable.latex}: {self.gradient}>"

    def to_text(self, lang: str | None = None) -> str:
        """Return the worked solution for the terminal."""
        with bounded():
            return write_text(self._blocks(lang))

    def to_python(self, target: str = "numpy") -> str:
        """Return the source of `def gradient(*, ...)`, and of `def solution(*, ...)` where there is one.

        `target` is "numpy", "jax", "torch", "julia" or "sympy". With `hessian` there are `def hessian(*, ...)` and
        `def hessian_vector_product(direction, *, ...)`, `direction` an array of the shape of the variable; the product
        is made without the Hessian.

        Raises:
            ValueError: the target is none of these.
            UnsupportedError: the gradient cannot be written in it.
        """
        writers = _writers()
        if target not in writers:
            raise ValueError(f"unknown target {target!r}: use one of {', '.join(writers)}")
        with bounded():
            return writers[target].module_source(self.working, (self.of,))

    def to_json(self, lang: str | None = None) -> dict[str, Any]:
        """Return the stable JSON object of this derivation, without the place in a file."""
        q = self.working.question
        check = self.check
        return {
            "f": to_latex(q.f),
            "wrt": self.variable.latex,
            "status": "verified" if check.ok else "wrong",
            "gradient": str(self.gradient),
            "names": {latex: to_latex(value) for latex, value in self.names.items()},
            "solution": None if self.solution is None else str(self.solution),
            "python": self._python_or_none(),
            "shapes": {latex: list(shape) for latex, shape in self.shapes.items()},
            "steps": [
                {
                    "rule": step.rule,
                    "latex": step.latex,
                    "text": step.says(lang or _language(q)),
                    "max_relative_error": step.check.max_relative_error,
                    "exact": step.check.exact,
                }
                for step in self.steps
            ],
            "check": {
                "ok": check.ok,
                "max_relative_error": check.max_relative_error,
                "points": check.points,
                "sizes": dict(check.sizes),
                "seed": check.seed,
                "exact": check.exact,
                "error_bound": check.error_bound if check.exact else None,
            },
            "error": None,
        }

    def _python_or_none(self) -> str | None:
        try:
            return self.to_python()
        except UnsupportedError:
            return None

    def _blocks(self, lang: str | None) -> Iterator[Block]:
        return blocks(self.working, (self.of,), lang or _language(self.working.question))

    def _marked_up(self, writer: str, lang: str | None) -> str:
        with bounded():
            return self._in_signs(_markups()[writer].block(self._blocks(lang), ""))

    def _in_signs(self, text: str) -> str:
        return in_signs(text, signs_of(self.working.question, working=self.working))

    def _repr_markdown_(self) -> str:
        return self.to_markdown()

    def _repr_latex_(self) -> str:
        name = name_of_result(self.working, self.of)
        return self._in_signs(rf"$\displaystyle {name} = {self.gradient}$")


def derive(f: str, wrt: str, where: Sequence[str] = ()) -> Derivation | tuple[Derivation, ...]:
    r"""Return the checked derivation of the gradient of `f` by `wrt`; for several variables `"W_1, W_2"` a tuple.

    `f` and `wrt` are LaTeX; `where` holds clauses as in a marker: shapes, properties, definitions, options.

    Raises:
        DeriveError: what could not be read, fitted, derived or verified, with its place.
    """
    found = derivations(worked(f, wrt, tuple(where), ()))
    return found if len(found) > 1 else found[0]


def derivations(working: Working) -> tuple[Derivation, ...]:
    """Return one derivation for each variable."""
    return tuple(Derivation(working, x) for x in working.question.variables)


def solution_blocks(
    f: str, wrt: str, where: Sequence[str] = (), context: Sequence[str] = ()
) -> tuple[Working, tuple[Block, ...]]:
    """Return a derivation and its solution as blocks of prose, for who writes them in a form of their own.

    `context` holds clauses that are weaker than those of `where`, as the settings of a page are.

    Raises:
        DeriveError: what could not be read, fitted, derived or verified, with its place.
    """
    working = worked(f, wrt, tuple(where), tuple(context))
    return working, tuple(blocks(working, working.question.variables, _language(working.question)))


def to_text(found: Sequence[Derivation]) -> str:
    """Return the derivations of one marker as one solution for the terminal."""
    working = found[0].working
    return write_text(blocks(working, [x.of for x in found], _language(working.question)))


def to_source(found: Sequence[Derivation], target: str) -> str:
    """Return the derivations of one marker as one module, its `target` as in `Derivation.to_python`.

    Raises:
        UnsupportedError: a gradient cannot be written in it.
    """
    with bounded():
        return _writers()[target].module_source(found[0].working, [x.of for x in found])


def solve(request: Request) -> Solved:
    """Return what belongs behind the marker of `request`.

    Raises:
        DeriveError: what could not be read, fitted, derived or verified.
    """
    marker = request.marker
    working = worked(marker.f, marker.variable, marker.where, request.context)
    with bounded(Span("f", 0, len(marker.f))):
        return _written(request, working)


def _written(request: Request, working: Working) -> Solved:
    q = working.question
    found = derivations(working)
    if not request.kind:
        return Solved("", found)
    writer = _markups()[format_named(request.kind).writer]
    signs = signs_of(q, request.context, working)
    if request.inline:
        return Solved(in_signs(writer.inline(result(working, q.variables)), signs), found)
    language = q.options.get("lang", request.language)
    text = in_signs(writer.block(blocks(working, q.variables, language), request.environment), signs)
    shown = SETTINGS["solutions"].of(q.options)
    if shown == "hide":
        text = ""
    elif shown == "fold":
        text = writer.folded(text, language)
    return Solved(text, found)


def expand(text: str, kind: Kind = "markdown") -> Expanded:
    """Return the document with its solutions in place; see `Expanded`."""
    from .documents.expand import expand as expand_document
    from .documents.formats import format_named

    if not (opened := format_named(kind).holder):
        return expand_document(text, kind, solve)
    holder = opened()
    found = expand_document(holder.page(text), kind, solve)
    derivations = tuple(x._replace(place=holder.place(text, x.place)) for x in found.derivations)
    problems = tuple(x._replace(place=holder.place(text, x.place)) for x in found.problems)
    return Expanded(holder.file(text, found.text), derivations, problems)


def strip(text: str, kind: Kind = "markdown") -> str:
    """Return the document as its author wrote it, without the solutions."""
    from .documents.expand import strip as strip_document
    from .documents.formats import format_named

    if not (opened := format_named(kind).holder):
        return strip_document(text, kind)
    return opened().file(text, strip_document(opened().page(text), kind))


def clear_caches() -> None:
    """Forget the derivations, the parts of them, and the scans of pages that are kept for speed."""
    from .documents.page import forget as forget_scans

    forget()
    forget_trees()
    forget_scans()


@remembered(maxsize=256, beyond=True)
def worked(f: str, wrt: str, where: tuple[str, ...], context: tuple[str, ...]) -> Working:
    """Return the solution of a marker, which costs the same whatever was derived before it.

    Raises:
        DeriveError: as `derive`; E310 where it would cost too much.
    """
    forget_marker()
    with bounded(Span("f", 0, len(f))):
        return _worked(f, wrt, where, context)


def _worked(f: str, wrt: str, where: Sequence[str], context: Sequence[str]) -> Working:
    """Return the solution of a marker, at whatever cost."""
    question = read_question(f, wrt, where, context, open_steps=True)
    if question.recursion is None:
        return work(question)
    from .solution.recursion import work_on_recursion  # here: few questions have one

    return work_on_recursion(question)


def _language(question: Question) -> str:
    return question.options.get("lang", "en")


def _size(dimension: tuple[str, ...]) -> str:
    return "*".join(dimension) or "1"
