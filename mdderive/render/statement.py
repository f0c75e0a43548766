"""The first paragraph of a solution: f, the shapes that were read, and what the letters and signs mean."""

from __future__ import annotations

from collections.abc import Iterator

from ..algebra.expressions import ONE, SCALAR, Apply, Binding, Dimension, Expr, Shape, Symbol, to_latex
from ..algebra.index_conditions import starred
from ..algebra.operators.entrywise import Function, argument_of
from ..algebra.operators.special import DIGAMMA, digamma
from ..algebra.operators.vector_functions import derivative, function_of
from ..algebra.properties import BY_NAME
from ..algebra.terms import index_of, under_transpose
from ..algebra.writing import braced
from ..latex.names import conjugate_of
from ..question.conjugates import REAL
from ..question.raised import raised_in
from ..question.random_letters import hidden_index
from ..solution.derivation import used_in
from ..words import Reason, formula, of_row, reason
from .blocks import Prose
from .own_letters import applications, name_of_logistic, symbols_in, unit_vectors
from .teller import Teller, equations, is_vector


def statement(teller: Teller, title: str) -> Prose:
    """Return what is asked, with all that has to be said of it."""
    q = teller.question
    equation, shapes = f"${q.name} = {to_latex(q.f)}$", _shapes(teller)
    asked = teller.say("statement with shapes" if shapes else "statement", equation=equation, shapes=shapes)
    means = teller.say("means", equations=equations(q.means)) if q.means else ""
    bound = tuple(f"${to_latex(x.left)} = {to_latex(x.right)}$" for x in q.constraints)
    constraints = teller.say("constraints", equations=bound) if bound else ""
    raised = {x.text for x in raised_in(y.latex for y in q.variables)}
    own = tuple(f"${x.latex}$" for x in q.variables if x.latex in raised)
    letters = teller.say("letter of its own", letters=own) if own else ""
    further = (
        constraints,
        letters,
        _in_vec_form(teller),
        means,
        _expectations(teller),
        _conjugates(teller),
        *_notes(teller),
        *_functions(teller),
        _abbreviations(teller),
    )
    return Prose(teller.sentences([asked, *further]), lead=title or teller.say("statement lead"))


def _in_vec_form(teller: Teller) -> str:
    """Return why there is no gradient, where the author has not asked for a Jacobian."""
    q = teller.question
    if not teller.working.in_vec_form or "jacobian" in q.wishes:
        return ""
    return teller.say("f is a vector" if is_vector(q.f) else "f is a matrix", name=q.name)


def _shapes(teller: Teller) -> tuple[Reason, ...]:
    """Return the shapes of the letters, of a conjugate that of the letter itself."""
    letters = {conjugate_of(x.latex) or x.latex: x for x in teller.told}
    conjugates = {conjugate_of(x.latex) for x in teller.question.symbols.values()} - {""}
    if not conjugates:
        return tuple(map(shape_of, letters.values()))
    return tuple(
        shape_of(Symbol(latex, x.shape, x.properties), complex_=latex in conjugates or x.shape != SCALAR)
        for latex, x in letters.items()
    )


def shape_of(symbol: Symbol, *, complex_: bool = False) -> Reason:
    """Return `$X\\in\\mathbb{R}^{m\\times n}$`, with the declared properties."""
    if symbol.properties & {"integer", "label"}:
        return formula("integer", r"{symbol}\in\mathbb{N}", symbol=symbol.latex)
    field = "C" if complex_ and not symbol.properties & REAL else "R"
    template = rf"{{symbol}}\in\mathbb{{{field}}}{{space}}"
    shape = formula("shape", template, symbol=symbol.latex, space=_space(symbol.shape))
    said = [row for name, row in BY_NAME.items() if name in symbol.properties]
    said = [
        row
        for row in said
        if row.name not in ("complex", "real") and not (row.name == "symmetric" and "SPD" in symbol.properties)
    ]
    words = tuple(
        of_row("property of a number", x.name, x.of_scalar)
        if symbol.is_scalar and x.of_scalar
        else of_row("property", x.name, x.words)
        for x in said
    )
    return reason("shape with properties", shape=shape, properties=words) if words else shape


def _space(shape: Shape) -> str:
    r"""Return the exponent of the space: `^n`, `^{m\times n}`, none for a number."""
    rows, columns = (_size(x) for x in shape)
    if shape == SCALAR:
        return ""
    return f"^{braced(rows)}" if shape[1] == ONE else rf"^{{{rows}\times {columns}}}"


def _size(dimension: Dimension) -> str:
    """Return a dimension as LaTeX, mn for the product of m and n."""
    return "".join(dimension) or "1"


def _notes(teller: Teller) -> list[str]:
    """Return what the rows of f's operators have to say, and which functions of a matrix act on its entries."""
    found: dict[str, None] = {}
    bodies = (body for _, body in teller.question.definitions)
    values = [teller.question.f, *bodies, *(teller.working.gradients[x].value for x in teller.variables)]
    rows = applications(step.right for link in teller.working.links for step in link.steps)
    for x in (*applications(values), *(x for x in rows if x.operator.of_vec is not None)):
        if x.operator.note is not None and _needs_note(x):
            # at the index of another extremum that of this one hangs on nothing
            stars = [starred(index_of(x).name, y) for y in (x.indices, ())] if x.operator.binds_index else [""]
            star = next((y for y in stars if not y or _is_printed(y, teller)), None)
            if star is None:
                continue
            note = of_row("note", x.operator.name, x.operator.note, **_shown(x), star=star)
            found[note.says(teller.language)] = None
        elif x.operator.of_matrix is not None and x.is_square and not x.is_scalar:
            found[teller.say("acts", name=f"${x.operator.spellings[-1]}$")] = None
    return list(found)


def _is_printed(star: str, teller: Teller) -> bool:
    """Whether a reader meets the name of an index that attains an extremum."""
    rows = [step.right for link in teller.working.links for step in link.steps]
    return any(star in to_latex(x) for x in (*rows, *(teller.working.gradients[y].value for y in teller.variables)))


def _shown(x: Apply) -> dict[str, str]:
    """Return what the note of a row may show: its arguments, and its call of a letter that is none of the author's."""
    binding = Binding.SUM if x.operator.of_vec is None else Binding.PRODUCT  # they are factors of an equation
    arguments = {str(k): to_latex(y, binding) for k, y in enumerate(x.arguments)}
    taken = {y.latex for y in x.symbols}
    step, solution = (next(y for y in letters if y not in taken) for letters in ("CGEFH", "YZVWU"))
    call = x.operator.of_vec is not None and Apply(x.operator, (*x.arguments[:-1], Symbol(step, x.arguments[-1].shape)))
    shown = {"call": to_latex(call), "C": step, "Y": solution} if call else {}
    return {**arguments, "base": to_latex(x.arguments[0], Binding.ATOM), **shown}


def _needs_note(x: Apply) -> bool:
    """Whether the note of the row is news: that of softmax goes without saying for a vector."""
    return (
        x.operator.binds_index
        or not is_vector(x.arguments[0])
        or x.operator.signatures in (("n 1 -> n 1",), ("3 1 -> 3 3",))
    )


def _expectations(teller: Teller) -> str:
    """Return which letters are random, where expectations occur, or vary under the sign of an integral."""
    q = teller.question
    letters = tuple(f"${x.latex}$" for x in q.symbols.values() if hidden_index(x))
    if not letters:
        return ""
    nodes = applications([q.f, *(body for _, body in q.definitions)])
    integrals = any(x.operator.binds_index and index_of(x).over for x in nodes)
    return teller.say("integral" if integrals else "expectation", letters=letters)


def _conjugates(teller: Teller) -> str:
    """Return what stars mean, and the derivative by a conjugate, where letters are complex."""
    latex = next((x.latex for x in teller.variables if conjugate_of(x.latex)), "")
    if not latex:
        stars = sorted(x.latex for x in teller.question.symbols.values() if conjugate_of(x.latex))
        varying = tuple(f"${x.latex}$" for x in teller.variables)
        return teller.say("holomorphic", letters=varying, conjugate=f"${stars[0]}$") if stars else ""
    base = conjugate_of(latex)
    return teller.say("conjugates", letter=f"${base}$", conjugate=f"${latex}$", turned=f"${base}^H$")


def _abbreviations(teller: Teller) -> str:
    """Return what the author abbreviates, as far as the answer uses it."""
    working = teller.working
    values = [working.gradients[x].value for x in teller.variables]
    values += [second.value for second in working.seconds.values()]
    values += [step.right for second in working.seconds.values() for step in second.steps]
    values += [step.right for link in working.links for step in link.steps]
    used = used_in(symbols_in(values), teller.question.abbreviations)
    pairs = [x for x in teller.question.abbreviations if x in used or _is_line(x[1])]
    return teller.say("abbreviations", equations=equations(pairs, " = ")) if pairs else ""


def _is_line(x: Expr) -> bool:
    """Whether `x` is a row or column of a matrix, which f is written with."""
    inner = under_transpose(x) or x
    return isinstance(inner, Apply) and inner.operator.all_lines is not None and not inner.is_scalar


def _functions(teller: Teller) -> Iterator[str]:
    """Yield what the letters of entry-wise functions mean, with the derivative of those that are defined."""
    q = teller.question
    functions: dict[str, Function] = {}
    of_entries: dict[str, None] = {}
    for x in applications([q.f, *(body for _, body in q.definitions)]):
        if x.parameters and isinstance(x.parameters[0], Function):
            functions.setdefault(x.parameters[0].latex, x.parameters[0])
            if x.parameters[0].definition is None and not x.is_scalar:
                of_entries[f"${x.parameters[0].latex}$"] = None
    if of_entries:
        yield teller.say("functions", names=tuple(of_entries))
    for latex, function in functions.items():
        if function.definition is not None:
            argument = function.definition.argument.latex
            body, slope = (to_latex(function.definition.derivative(k)) for k in (0, 1))
            value, derivative = f"${latex}({argument})={body}$", f"${latex}'({argument})={slope}$"
            yield teller.say("defined function", letter=f"${latex}$", value=value, slope=derivative)
    yield from _vector_functions(teller)
    yield from _unit_vectors(teller)
    used = list(applications(step.right for link in teller.working.links for step in link.steps))
    name = name_of_logistic(used)
    if name:
        yield teller.say("logistic", equation=rf"${name}(t)=\frac{{1}}{{1+\exp(-t)}}$")
    if any(argument_of(x, digamma) is not None for x in used):
        yield teller.say("digamma", equation=rf"${DIGAMMA}(t)=\frac{{\mathrm{{d}}}}{{\mathrm{{d}}t}}\log\Gamma(t)$")


def _vector_functions(teller: Teller) -> Iterator[str]:
    """Yield which spaces the vector and matrix functions go between, and how their derivatives are written."""
    q = teller.question
    found: dict[str, None] = {}
    for node in applications([q.f, *(body for _, body in q.definitions)]):
        function = function_of(node)
        if function is None:
            continue
        x = node.arguments[0]
        spaces = [_space(x.shape), _space(function.shape)]
        mapping = rf"${function.latex}\colon\mathbb{{R}}{spaces[0]}\to\mathbb{{R}}{spaces[1]}$"
        key = "curve" if x.is_scalar else "number function" if function.is_number else "vector function"
        slope = f"${to_latex(derivative(node))}$"
        if not x.is_scalar and function.columns != ONE:
            key, slope = "matrix function", rf"$\partial_k{function.latex}$"
        found[teller.say(key, function=mapping, slope=slope)] = None
    yield from found


def _unit_vectors(teller: Teller) -> Iterator[str]:
    """Yield which unit vectors belong to the eigenvalues and singular values."""
    found: dict[str, None] = {}
    eigen: dict[str, str] = {}
    for letters, formulas in unit_vectors(teller.question):
        vectors, solved = ([f"${x}$" for x in y] for y in (letters, formulas))
        if len(vectors) == 1:
            eigen[vectors[0]] = solved[0]
        else:
            u, v = vectors
            found[teller.say("singular vectors", u=u, v=v, first=solved[0], second=solved[1])] = None
    if eigen:
        yield teller.say("eigenvectors", vectors=tuple(eigen), equations=tuple(eigen.values()))
    yield from found
