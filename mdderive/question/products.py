"""How products are typed: juxtaposition, and the signs of the inner, entry-wise and Kronecker products."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..algebra.expressions import ONE, Apply, Expr, number
from ..algebra.operators import notations
from ..algebra.operators.cross_products import cross_product
from ..algebra.operators.entrywise import Function, named_function
from ..algebra.operators.structural import entrywise_power_row, hadamard_row, product, transpose_row
from ..algebra.operators.vector_functions import VectorFunction, vector_function
from ..algebra.properties import SQUARE
from ..algebra.terms import inner_product
from ..errors import Note, ShapeError, UnsupportedError
from ..latex.names import entry_indices, in_braces, name_of
from ..latex.tree import Syntax
from .calls import marked
from .environment import NOT_MULTIPLIED, Environment, ReadingError, Typed, involved, reads, scalar_of
from .kinds import ENTRYWISE, Declaration, differentiated
from .places import (
    FUNCTION_LETTERS,
    SCRIPTED,
    SPECTRAL,
    Call,
    doubt_of_factor,
    doubt_of_function,
    function_or_factor,
    group_within,
    is_extreme,
)
from .sizes import UNIT, joined_freely
from .spectra import spectral_value

Factor = tuple[Typed, Syntax]


# --- juxtaposition -----------------------------------------------------------------------------------------


@reads("product")
def _product(node: Syntax, env: Environment) -> Typed:
    """Read a juxtaposition, a function letter joined with the parenthesis after it."""
    factors: list[Factor] = []
    waiting = list(reversed(node.arguments))
    while waiting:
        x = waiting.pop()
        called = bool(waiting) and group_within(waiting[-1]) is not None
        if called and x.head in SCRIPTED and x.head != "prime":
            _refuse_script_of_function(x, waiting[-1], env)
        letter = x.unprimed
        if called and letter.head == "symbol" and env.kinds.get(letter.text) in ("function", SPECTRAL):
            x = _applied_within(x, waiting.pop())
        elif called and x.head == "symbol" and x.text not in env.declarations:
            _doubt_factor(x, waiting[-1], env)
        elif called and x.head == "subscripted" and waiting[-1].head == "group":
            _refuse_value_of_entry(x, waiting[-1])
        factors.append((env.infer(x), x))
    _doubt_repeated_index([x for _, x in factors], env)
    _doubt_bold_number(factors, env)
    _doubt_identity(factors, env)
    return _chained(factors, node, env)


def _doubt_identity(factors: Sequence[Factor], env: Environment) -> None:
    r"""Keep the doubt about `\omega^\top I\omega`, where I beside an angular velocity is the matrix of inertia."""
    for (a, _), (_, tree), (b, factor) in zip(factors, factors[1:], factors[2:], strict=False):
        identity = tree.head == "symbol" and env.kinds.get(tree.text) == "identity" and not tree.subscript
        if identity and name_of(factor.text).letter == r"\omega" and not a.is_scalar and b.kind == "column":
            hint = f"leave it out, or declare it: [{tree.text}: matrix]"
            message = f"{tree.text} may be the identity or a matrix of its own"
            env.doubts.append(ShapeError("E205", message, tree.span, hint))


def _doubt_bold_number(factors: Sequence[Factor], env: Environment) -> None:
    r"""Keep the doubt about a bold letter read as a number between vectors, `\mathbf{u}^\top\mathbf{k}\mathbf{u}`."""
    for (a, _), (x, tree), (b, _) in zip(factors, factors[1:], factors[2:], strict=False):
        bold = tree.head == "symbol" and name_of(tree.text).is_bold and tree.text not in env.declarations
        if bold and x.is_scalar and not a.is_scalar and not b.is_scalar:
            hint = f"declare it: [{tree.text}: matrix] or [{tree.text}: scalar]"
            env.doubts.append(ShapeError("E205", f"{tree.text} may be a matrix or a number", tree.span, hint))


def _doubt_repeated_index(factors: Sequence[Syntax], env: Environment) -> None:
    r"""Keep the doubt about `a_{ij}x_ix_j`, `x_ix_i` without a sum: some authors mean the sum over what is repeated."""
    entries = [x for x in factors if x.head == "subscripted" and x.arguments[0].head == "symbol"]
    if not entries:
        return
    opened = {i.name for i in env.open_indices}
    indices = [
        entry_indices(x.text) if x in entries else name_of(x.text).index_letters if x.head == "symbol" else ()
        for x in factors
    ]
    for x in entries:
        for index in entry_indices(x.text):
            carriers = [y for y in indices if index in y]
            twice = any(len(y) > 1 for y in carriers) or sum(str(y) == str(x) for y in entries) > 1
            if index not in opened and not index.isdigit() and len(carriers) > 1 and twice:
                place, letter = in_braces(index), x.arguments[0].text
                hint = rf"write \sum_{place} for the sum over it, e_{place}^T {letter} for the entry"
                message = f"the index {index} is repeated, and no sum binds it"
                env.doubts.append(UnsupportedError("E303", message, x.span, hint))
                return


def _refuse_value_of_entry(entry: Syntax, group: Syntax) -> None:
    r"""Refuse `\phi_i(x)` of which \phi_i would be an entry of a vector: a function, or a factor.

    Raises:
        ShapeError: one letter stands in the parentheses.
    """
    name = f"{entry.arguments[0].text}_{in_braces(entry.text)}"
    if entry.arguments[0].head == "symbol" and group.arguments[0].head == "symbol":
        raise function_or_factor(Call(Syntax("symbol", (), entry.span, text=name), group.arguments[0]))


def _doubt_factor(letter: Syntax, behind: Syntax, env: Environment) -> None:
    """Keep the doubt whether a number before a matrix in parentheses is a function of it."""
    group = group_within(behind)
    if group is None or behind is not group or env.kinds.get(letter.text) != "scalar":
        return
    doubt = doubt_of_factor(Call(letter, group.arguments[0]), of_matrix=env.infer(group).is_matrix)
    env.doubts += [doubt] if doubt is not None else []


def _applied_within(letter: Syntax, group: Syntax) -> Syntax:
    """Return f(x), with the scripts that stand behind its parenthesis around the whole."""
    span = group.span._replace(start=letter.span.start)
    if group.head != "group":
        inner = _applied_within(letter, group.arguments[0])
        return group.but(arguments=(inner, *group.arguments[1:]), span=span)
    return Syntax("applied", (letter, group), span)


def _refuse_script_of_function(scripted: Syntax, behind: Syntax, env: Environment) -> None:
    r"""Refuse `\sigma^2(x)`, `\sigma^{-1}(x)` and `A^\top(t)`, whose script may be meant of the function.

    Raises:
        UnsupportedError: the letter is a function, or may be one as far as the author says.
    """
    letter = scripted.arguments[0].text
    power = scripted.head == "power" and letter in FUNCTION_LETTERS and letter not in env.declarations
    extreme = scripted.head == "power" and is_extreme(name_of(letter)) and letter not in env.declarations
    if power or extreme or env.kinds.get(letter) in ("function", SPECTRAL):
        value = scripted.arguments[-1].value if scripted.head == "power" else None
        script = in_braces(str(value)) if value is not None else "T" if scripted.head == "transpose" else "{...}"
        what, argument = "power" if scripted.head == "power" else "transpose", behind.arguments[0]
        hint = f"write {letter}({argument.text if argument.head == 'symbol' else '...'})^{script} for that of the value"
        raise UnsupportedError("E303", f"this {what} of {letter} may be meant of the function", scripted.span, hint)


def _chained(factors: Sequence[Factor], node: Syntax, env: Environment) -> Typed:
    """Return the product; a stretch row x ... x column inside it is a scalar and may stand anywhere.

    Raises:
        ReadingError: two factors do not go together.
    """
    segments: list[list[Factor]] = []
    unfinished: list[list[Factor]] = []
    for x, tree in factors:
        if x.is_scalar:
            segments.append([(x, tree)])
        elif unfinished and _joins(unfinished[-1][-1], x, tree, env):
            segment = unfinished[-1]
            segment.append((x, tree))
            if segment[0][0].rows.is_one and x.columns.is_one:
                unfinished.pop()
        else:
            segments.append([(x, tree)])
            unfinished.append(segments[-1])
    if len(unfinished) > 1:
        (a, left), (b, right) = unfinished[0][-1], unfinished[1][0]
        message = f"{_called_so(left)} ({a.shape}) {NOT_MULTIPLIED} {_called_so(right)} ({b.shape})"
        notes = (Note(left.span, a.shape), Note(right.span, b.shape))
        two_columns = a.kind == b.kind == "column"
        hint = r"transpose one of them, or write \odot for the product entry by entry" if two_columns else ""
        raise ReadingError(message, right.span, involved(node), notes, hint=hint)
    rows = unfinished[0][0][0].rows if unfinished else UNIT
    columns = unfinished[0][-1][0].columns if unfinished else UNIT
    return Typed(rows, columns, lambda: _times([[x.make() for x, _ in segment] for segment in segments]))


def _joins(left: Factor, x: Typed, tree: Syntax, env: Environment) -> bool:
    """Whether `x` may follow `left` in a chain; their inner sizes are then equal."""
    before, before_tree = left
    if before.columns.is_one != x.rows.is_one:
        return False
    if joined_freely(before.columns, x.rows):
        return True
    message = f"{_called_so(before_tree)} is {before.shape} but {_called_so(tree)} has {x.rows} rows"
    env.unify(before.columns, x.rows, tree, before_tree, message, (x.shape, before.shape))
    return True


def _called_so(node: Syntax) -> str:
    """Return how a message calls a node: by its own LaTeX where it is a letter."""
    return node.text if node.head == "symbol" else "this factor"


def _times(segments: list[list[Expr]]) -> Expr:
    """Return the product as written; inner scalars become factors of their own."""
    factors: list[Expr] = []
    for segment in segments:
        chain = segment[0].shape[0] == ONE and segment[-1].shape[1] == ONE and len(segment) > 1
        if chain and len(segments) > 1:
            factors.append(Apply(product, tuple(segment)))
        else:
            factors.extend(segment)
    return factors[0] if len(factors) == 1 else Apply(product, tuple(factors))


@reads("applied")
def _applied(node: Syntax, env: Environment) -> Typed:
    r"""Read the argument of `\log\sigma(x)`: the letter's value at x where it is a function."""
    letter, group = node.arguments
    order, name = 0, letter
    while name.head == "prime":
        order, name = order + 1, name.arguments[0]
    if group.head == "tuple":
        env.infer(group)
    of = differentiated(name.text, env.declarations)
    if of is not None:
        return _vector_function(of, order + 1, env.declarations[of], env.infer(group), group, env)
    if env.kinds.get(name.text) == SPECTRAL and name is letter:
        return spectral_value(name, group, env)
    if env.kinds.get(name.text) != "function":
        message = f"{name.text} is no function: does (...) belong to the argument?"
        raise env.misfit(message, node, hint="add parentheses")
    inner = env.infer(group)
    said = env.declarations.get(name.text)
    if said is not None and said.is_vector_function:
        return _vector_function(name.text, order, said, inner, group, env)
    if name.text not in env.defined and (said is None or ENTRYWISE not in said.properties):
        known = group.arguments[0].text in env.values
        doubt = doubt_of_function(
            Call(name, group.arguments[0]), scalar=inner.is_scalar, known=known, declared=said is not None
        )
        env.doubts += [doubt] if doubt is not None else []
    function = Function(name.text, order, env.defined.get(name.text))
    parameters = _parameters(function, node, env)
    return Typed(
        inner.rows,
        inner.columns,
        lambda: Apply(named_function, (inner.make(), *(x() for x in parameters)), (function,)),
    )


def _parameters(function: Function, node: Syntax, env: Environment) -> list[Callable[[], Expr]]:
    """Return the parameters of a function that the author defines.

    Raises:
        ReadingError: one is no number in this reading.
    """
    found = []
    for x in function.definition.parameters if function.definition is not None else ():
        if env.kinds.setdefault(x.latex, "scalar") != "scalar":
            raise env.misfit(f"{x.latex} is a parameter of {function.latex}, and so a number", node)
        found.append(env.infer(Syntax("symbol", (), node.span, text=x.latex, base=x.latex)).make)
    return found


def _vector_function(latex: str, order: int, said: Declaration, x: Typed, group: Syntax, env: Environment) -> Typed:
    """Return the value, or with primes that of a derivative, of a vector or matrix function at a column or a number.

    Raises:
        ReadingError: the argument is neither, or has another size than declared.
    """
    if not x.columns.is_one:
        raise env.misfit(f"{latex} is a function of a vector or a number, this is {x.shape}", group)
    if said.argument is not None:
        env.unify(x.rows, env.size(said.argument), group, group, f"{latex} takes another argument than {x.shape}")
    if latex not in env.sizes:
        rows = env.size(said.rows)
        square = said.rows is None and said.properties & SQUARE
        env.sizes[latex] = rows, rows if square else env.size(said.columns)
    rows, columns = env.sizes[latex]
    symmetry = next((word for word in ("SPD", "symmetric") if word in said.properties), "")

    def make() -> Expr:
        function = VectorFunction(latex, rows.dimension, columns.dimension, order, symmetry)
        return Apply(vector_function, (x.make(),), (function,))

    if order == 0 or x.is_scalar:
        return Typed(rows, columns, make)
    if order > 1 or not columns.is_one:
        raise env.misfit(f"this derivative of {latex} is no matrix", group)
    return Typed(x.rows, UNIT, make) if rows.is_one else Typed(rows, x.rows, make)


# --- signs -------------------------------------------------------------------------------------------------


@reads("cdot")
def _cdot(node: Syntax, env: Environment) -> Typed:
    left, right = node.arguments
    a, b = env.infer(left), env.infer(right)
    if left.head == "cdot" and (k := left.arguments[1]).head == "symbol":  # letters alone are inferred once more
        _doubt_bold_number([(a, left), (env.infer(k), k), (b, right)], env)
    if right.head == "product" and all(x.head == "symbol" for x in right.arguments[:2]):
        _doubt_identity([(a, left), *((env.infer(x), x) for x in right.arguments[:2])], env)
    if a.kind == b.kind == "column":
        env.equal(a, b, *node.arguments)
        return scalar_of(lambda: Apply(product, (Apply(transpose_row, (a.make(),)), b.make())))
    if a.kind == "column" and b.is_matrix:  # a.A.b, as mechanics writes a^T A b
        row = Typed(a.columns, a.rows, lambda: Apply(transpose_row, (a.make(),)))
        return _chained([(row, left), (b, right)], node, env)
    bold = all(x.head == "symbol" and name_of(x.text).is_bold and x.text not in env.declarations for x in (left, right))
    if bold and a.is_matrix and b.kind == "column":
        hint = f"declare it: [{left.text}: vector] or [{left.text}: matrix]"
        message = f"{left.text} may be a vector, whose inner product this is, or a matrix"
        env.doubts_of_vector.append(ShapeError("E205", message, left.span, hint))
    return _chained(list(zip((a, b), node.arguments, strict=True)), node, env)


@reads("times", "star")
def _times_sign(node: Syntax, env: Environment) -> Typed:
    factors = [env.infer(x) for x in node.arguments]
    vectors = all(x.columns.is_one for x in factors)
    if node.head == "times" and vectors and not any(x.is_scalar for x in factors):
        return _crossed(factors, node, env)
    if not any(x.is_scalar for x in factors) and (node.head == "star" or vectors):
        hint = r"write a \odot b for the entries or a^T b for the inner product"
        raise UnsupportedError("E303", "this sign may mean several products", node.span, hint)
    if vectors:
        _doubt_number(factors, node, env)
    return _chained(list(zip(factors, node.arguments, strict=True)), node, env)


def _doubt_number(factors: Sequence[Typed], node: Syntax, env: Environment) -> None:
    """Keep the doubt about a letter that is multiplied by a vector with a cross, or a star: it may be a vector too.

    With a star it may be convolved; a Greek letter is a number to everyone.
    """
    letters = [y.text for x, y in zip(factors, node.arguments, strict=True) if x.is_scalar and y.head == "symbol"]
    letter = next((x for x in letters if x not in env.declarations), None)
    if letter is None or all(x.is_scalar for x in factors) or (node.head == "star" and letter.startswith("\\")):
        return
    if node.head == "star":
        hint = f"declare it: [{letter}: scalar]; for a convolution write its matrix, Kx"
        message = f"{letter} may be a number, or what is convolved, which is not supported"
    else:
        hint = f"declare it: [{letter}: scalar], or [{letter}: 3 x 1] and the other vector too"
        message = f"{letter} may be a number, or a vector whose cross product this is"
    env.doubts.append(ShapeError("E205", message, node.span, hint))


def _crossed(factors: Sequence[Typed], node: Syntax, env: Environment) -> Typed:
    """Return the cross product of two vectors with three entries; of three there are two products.

    Raises:
        UnsupportedError: there are three.
        ReadingError: one has another number of entries.
    """
    if any(x.head == "times" for x in node.arguments):
        message = "cross products of three vectors depend on the order"
        raise UnsupportedError("E303", message, node.span, r"write parentheses, a \times (b \times c)")
    for x, tree in zip(factors, node.arguments, strict=True):
        message = f"a cross product is taken of vectors with 3 entries, this is {x.shape}"
        env.unify(x.rows, env.size("3"), tree, node, message)
    a, b = factors
    return Typed(a.rows, UNIT, lambda: cross_product(a.make(), b.make()))


@reads("hadamard", "circ")
def _hadamard(node: Syntax, env: Environment) -> Typed:
    factors = [env.infer(x) for x in node.arguments]
    if node.head == "circ":
        _refuse_composition(node, factors, env)
        _doubt_outer(node, factors, env)
    lead = next((x for x in factors if not x.is_scalar), factors[0])
    for x, tree in zip(factors, node.arguments, strict=True):
        env.equal(x, lead, tree, node.arguments[factors.index(lead)])
    meaning = notations().meaning(node.head, "", lead.kind)
    assert meaning is not None
    return Typed(lead.rows, lead.columns, lambda: Apply(meaning[0], tuple(x.make() for x in factors)))


def _doubt_outer(node: Syntax, factors: Sequence[Typed], env: Environment) -> None:
    r"""Keep the doubt about `X - a \circ b`, an outer product or one of entries, where X is read as a column."""
    columns = [x for x, kind in env.kinds.items() if kind == "column" and x not in env.declarations]
    if all(x.kind == "column" for x in factors) and any(name_of(x).is_capital for x in columns):
        hint = r"write \odot for the product of the entries; the outer product of two vectors is a b^T"
        message = "this may be an outer product or the product of the entries"
        env.doubts.append(ShapeError("E205", message, node.span, hint))


def _refuse_composition(node: Syntax, factors: Sequence[Typed], env: Environment) -> None:
    r"""Refuse `f \circ g` and the product of two numbers that is written so.

    Raises:
        UnsupportedError: a letter of functions stands there, which the author does not declare.
        ReadingError: a factor is a number.
    """
    message, hint = (
        "a composition of functions is not supported",
        r"write f(g(x)), or \odot for the product of the entries",
    )
    if any(x.text in FUNCTION_LETTERS and x.text not in env.declarations for x in node.arguments):
        raise UnsupportedError("E303", message, node.span, hint)
    indexed = any(x.head == "subscripted" or name_of(x.text).index_letters for x in node.arguments)
    if any(x.is_scalar for x in factors) and not indexed:
        raise env.misfit(message, node, hint=hint, code="E303")


@reads("hadamard_quotient")
def _hadamard_quotient(node: Syntax, env: Environment) -> Typed:
    a, b = (env.infer(x) for x in node.arguments)
    env.equal(a, b, *node.arguments)

    def make() -> Expr:
        return Apply(hadamard_row, (a.make(), Apply(entrywise_power_row, (b.make(), number(-1)))))

    return Typed(a.rows, a.columns, make)


@reads("inner", "colon")
def _inner(node: Syntax, env: Environment) -> Typed:
    a, b = (env.infer(x) for x in node.arguments)
    env.equal(a, b, *node.arguments)
    return scalar_of(lambda: inner_product(a.make(), b.make()))


@reads("kronecker")
def _kronecker(node: Syntax, env: Environment) -> Typed:
    for x in node.arguments:
        if x.head == "symbol" and x.text not in env.declarations and env.infer(x).is_scalar:
            raise env.misfit("a factor of this Kronecker product is a scalar", x, node)
    return marked(node, [env.infer(x) for x in node.arguments], env)
