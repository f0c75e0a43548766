"""How calls are typed, and the notations that stand for calls: bars, norms, transposes and powers.

What a notation means is asked of the table of the operators; here stands only what no row can know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial, reduce
from types import MappingProxyType
from typing import Any

from ..algebra.expressions import Apply, Expr, Operator, number, read_signature
from ..algebra.notations import ARGUMENT, Meaning
from ..algebra.operators import by_name, by_spelling, notations
from ..algebra.operators.frechet import may_be_whole
from ..algebra.operators.softmax import softmax
from ..algebra.operators.structural import inverse_row, matrix_power_row, trace_row, transpose_row
from ..algebra.terms import normalise
from ..errors import ShapeError, UnsupportedError
from ..latex.names import is_hermitian_sign, name_of
from ..latex.tree import Syntax
from .environment import Environment, Typed, reads, scalar_of
from .places import SCRIPTED, TIMES
from .sizes import UNIT, Size, times

ENTRYWISE_HEADS = ("hadamard", "circ", "hadamard_quotient", "hadamard_power")
CALL_HEADS = ("call", "applied")


def applied(
    meanings: Sequence[Meaning], arguments: Sequence[Typed], trees: Sequence[Syntax], node: Syntax, env: Environment
) -> Typed:
    """Return the first operator with a signature that fits, applied to the arguments.

    Raises:
        ReadingError: none fits.
    """
    (rows, columns), *_ = _shapes_of(meanings[0][0])
    of_number = len(arguments) == 1 and arguments[0].is_scalar and rows != "1" == columns
    for row, parameters in () if of_number else meanings:  # nobody writes `\operatorname{diag}(3)`
        for signature in row.signatures:
            shapes, result = read_signature(signature)
            if len(shapes) == len(arguments) and _may_be(shapes, arguments):
                named = _sizes_by(shapes, arguments, trees, row.name, env)
                height, width = (reduce(times, (named[x] for x in size.split("*"))) for size in result)
                return Typed(height, width, partial(_built, row, arguments, parameters))
    raise env.misfit(f"{meanings[0][0].name} cannot be taken of {', '.join(x.shape for x in arguments)}", node)


def _built(row: Operator, arguments: Sequence[Typed], parameters: tuple[Any, ...]) -> Apply:
    return Apply(row, tuple(x.make() for x in arguments), parameters)


def _sizes_by(
    shapes: Sequence[tuple[str, str]], arguments: Sequence[Typed], trees: Sequence[Syntax], name: str, env: Environment
) -> dict[str, Size]:
    """Return the size that every letter of a signature stands for.

    Raises:
        ReadingError: one letter would stand for two.
    """
    named = {"1": UNIT}
    for pair, x, tree in zip(shapes, arguments, trees, strict=True):
        for letter, size in zip(pair, (x.rows, x.columns), strict=True):
            if letter.isdigit():
                named.setdefault(letter, env.size(letter))
            if letter in named:
                env.unify(size, named[letter], tree, tree, f"{name} needs another shape than {x.shape}")
            named.setdefault(letter, size)
    return named


def _may_be(shapes: Sequence[tuple[str, str]], arguments: Sequence[Typed]) -> bool:
    """Whether the sizes that are 1 stand where the signature allows it, equal names alike."""
    is_one = {"1": True}
    return all(
        is_one.setdefault(name, size.is_one) == size.is_one
        for pair, x in zip(shapes, arguments, strict=True)
        for name, size in zip(pair, (x.rows, x.columns), strict=True)
    )


# --- notations ---------------------------------------------------------------------------------------------


def marked(node: Syntax, arguments: Sequence[Typed], env: Environment, meaning: Meaning | None = None) -> Typed:
    """Return what the mark of `node`, or its `meaning` where that is known, makes of the arguments.

    Raises:
        UnsupportedError: the mark means nothing that is supported.
        ReadingError: the mark means nothing of the first argument, or that must be square and is not.
    """
    meaning = meaning or notations().meaning(node.head, node.text, arguments[0].kind)
    if meaning is None or (count := len(_shapes_of(meaning[0]))) > len(arguments):
        raise _without_meaning(node, arguments[0], env)
    rows, columns = _shapes_of(meaning[0])[0]
    if rows == columns != "1":
        env.square(arguments[0], node.arguments[0])
    return applied([meaning], arguments[:count], node.arguments[:count], node, env)


def _shapes_of(row: Operator) -> Sequence[tuple[str, str]]:
    return read_signature(row.signatures[0])[0]


def _without_meaning(node: Syntax, x: Typed, env: Environment) -> Exception:
    """Return the error of a mark that no operator takes around or behind such an argument."""
    if node.head == "superscript":
        if notations().has("superscript", node.text):
            hint = r"write \max(0, x) for the positive part of x, or give the whole a name of its own"
            return env.misfit(f"this superscript means nothing of {x.shape}", node.arguments[0], hint=hint)
        hint = "write A^T for a transpose, A^+ for a pseudo-inverse; else give the whole a name of its own"
        return UnsupportedError("E303", f"the superscript {node.text} is not supported", node.span, hint)
    if node.head == "norm":
        if x.is_scalar:
            return env.misfit("this norm is taken of a scalar", node, node.arguments[0])
        message, hint = _unknown_norm(node, x)
        return UnsupportedError("E304", message, node.span, hint)
    return env.misfit(f"this is {x.shape}, not square", node.arguments[0])


_NORMS_OF_MATRICES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "2,1": (
            "this norm may go over the rows or over the columns",
            r"write \mathbf{1}^T\sqrt{(X\odot X)\mathbf{1}} for the sum of the norms of the rows, "
            r"\mathbf{1}^T\sqrt{(X\odot X)^T\mathbf{1}} for that of the columns",
        ),
        r"\infty": (
            "this norm of a matrix may be that of its entries or of the operator",
            r"write \|\operatorname{vec}(X)\|_\infty for the largest absolute value; "
            "that of the operator is not supported",
        ),
    }
)
"""script -> the two meanings of a norm of a matrix, and how each is written."""


def _unknown_norm(node: Syntax, x: Typed) -> tuple[str, str]:
    """Return why a norm with this index of x is not read, and what may be written in its place."""
    message = f"the norm with index {node.text} is not supported here"
    if not x.columns.is_one:
        hint = r"write \|X\|_F for the Frobenius norm, \|X\|_2 for the largest singular value, \|X\|_* for their sum"
        return _NORMS_OF_MATRICES.get(node.text, (message, hint))
    name = name_of(node.text)
    if not name.is_capital or "," in node.text:
        return message, r"the norms 1, 2, 3, ..., p and \infty are supported"
    matrix = node.text if name.is_letter else f"({node.text})"
    vector = node.arguments[0].text if node.arguments[0].head == "symbol" else "v"
    square, named = f"for its square write {vector}^T {matrix} {vector}", ", with a clause for v" * (vector == "v")
    message = f"the norm with index {node.text} may be that of the matrix or of its inverse"
    return message, f"{square}, or {vector}^T {matrix}^{{-1}} {vector}{named}"


@reads("bars", "norm", "superscript", "hadamard_power")
def _marked(node: Syntax, env: Environment) -> Typed:
    x, *others = node.arguments
    first = env.infer(x)
    if node.head == "bars" and _is_vector_in_bars(x, first, env):
        env.doubts.append(doubt_of_bars(node))
        return scalar_of(first.make)
    if node.head == "bars" and first.kind == "column":
        env.bars_of_vectors.append(node)
    if node.head == "norm" and node.text == "1" and first.is_matrix and any(y.head == "product" for y in x.walk()):
        message = "this norm of a matrix may be that of its entries or of the operator"
        hint = (
            r"write \|\operatorname{vec}(...)\|_1 for the sum of absolute values; that of the operator is not supported"
        )
        env.doubts.append(ShapeError("E205", message, node.span, hint))
    if node.head == "superscript" and x.head == "group" and not first.is_matrix:
        as_subscript = node.but(head="subscripted")  # `(1-t)^+`, the positive part
        node = as_subscript if notations().meaning("subscripted", node.text, first.kind) is not None else node
    known = notations().meaning(node.head, node.text, first.kind) is not None
    return marked(node, [first, *(env.scalar(y) for y in others if known)], env)


def doubt_of_bars(node: Syntax) -> ShapeError:
    """Return the question whether bars around a vector are its norm."""
    hint = r"write \|...\| for the norm, \operatorname{abs}(...) for the absolute values of the entries"
    return ShapeError("E205", "these bars stand around a vector: is its norm meant?", node.span, hint)


def doubt_of_norm(f: Syntax, bars_of_vectors: Sequence[Syntax], *, of_sum: bool = True) -> ShapeError | None:
    """Return the question whether bars that are a term of f, or a factor of one, are a norm.

    With `of_sum` only those around a difference: `|x-y|`.
    """
    for term in f.terms:
        for factor in term.arguments if term.head == "product" else (term,):
            bars = any(factor is x for x in bars_of_vectors)
            if bars and (factor.arguments[0].head == "add" or not of_sum):
                return doubt_of_bars(factor)
    return None


def _is_vector_in_bars(node: Syntax, x: Typed, env: Environment) -> bool:
    """Whether this is `Ax` with x read as a number, as which nobody writes it, or a bold letter read as one."""
    if x.is_scalar:
        bold = [y.text for y in node.walk() if y.head == "symbol" and name_of(y.text).is_bold]
        return any(env.kinds.get(y) == "scalar" and y not in env.declarations for y in bold)
    last = node.arguments[-1] if node.head == "product" else node
    small = last.head == "symbol" and not name_of(last.text).is_capital and last.text not in env.declarations
    return node.head == "product" and x.is_matrix and small and env.kinds.get(last.text) == "scalar"


@reads("transpose", "prime")
def _transpose(node: Syntax, env: Environment) -> Typed:
    inner, letter = env.infer(node.arguments[0]), node.arguments[0]
    if node.head == letter.head == "prime" and letter.arguments[0].head == "symbol":
        shown = f"{letter.arguments[0].text}''"
        hint = f"call {shown} by a letter of its own"
        raise UnsupportedError("E303", f"{shown} may be a second derivative or a letter", node.span, hint)
    if not inner.is_scalar:
        return marked(node, [inner], env)
    if letter.head == "subscripted" or (letter.head == "symbol" and letter.text not in env.declarations):
        raise env.misfit("a scalar is transposed", node, letter)
    return inner


@reads("inverse_transpose")
def _inverse_transpose(node: Syntax, env: Environment) -> Typed:
    inner = env.infer(node.arguments[0])
    env.square(inner, node.arguments[0])
    return Typed(inner.columns, inner.rows, lambda: Apply(transpose_row, (Apply(inverse_row, (inner.make(),)),)))


# --- powers ------------------------------------------------------------------------------------------------


@reads("power")
def _power(node: Syntax, env: Environment) -> Typed:
    base, exponent = node.arguments
    if base.head == "symbol" and notations().has("base", base.text) and base.text not in env.declarations:
        raised = env.infer(exponent)
        meaning = notations().meaning("base", base.text, raised.kind)
        if meaning is not None:
            return applied([meaning], [raised], [exponent], node, env)
    _refuse_other_transpose(exponent, env)
    value = literal(exponent)
    script = ARGUMENT if value is None else str(value)
    within = notations().meaning("power of", script, base.shown_head)
    if within is not None and base.head == "call":
        return _unstacked(within[0], base, env)
    x = env.infer(base)
    if base.head == "bars" and x.kind == "column":
        raise env.asked(doubt_of_bars(base), base)
    power = env.scalar(exponent) if value is None else scalar_of(lambda: number(value))
    if within is not None:
        if base.shown_head == "norm:2" and env.infer(base.arguments[0]).is_matrix:
            env.doubts.append(_doubt_of_square(base))
        return scalar_of(lambda: _of_argument(within, x))
    of = base.head if base.head in CALL_HEADS and not x.is_scalar and not _is_square(base, env) else x.kind
    if of == "matrix":
        env.whole.update(y.text for y in exponent.walk() if y.head == "symbol")
    return marked(node, [x, power], env, notations().meaning("power", script, of))


def _doubt_of_square(norm: Syntax) -> ShapeError:
    r"""Return the question whether `\|X\|_2^2` of a matrix is meant of the spectral or of the Frobenius norm."""
    hint = r"write \|...\|_F^2 for the Frobenius norm, (\|...\|_2)^2 for the spectral norm"
    return ShapeError("E205", "this square may be of the spectral or of the Frobenius norm", norm.span, hint)


def _is_square(node: Syntax, env: Environment) -> bool:
    r"""Whether `node` calls a function that yields a matrix, as diag does, whose power is that of a matrix."""
    if node.head == "applied":
        said = env.declarations.get(node.arguments[0].unprimed.text)
        return said is not None and said.is_vector_function
    return node.head == "call" and any(x.endswith("-> n n") for x in by_name(node.text).signatures)


def _of_argument(meaning: Meaning, x: Typed) -> Apply:
    """Return the operator applied to the argument of the call that `x` is, as the squared norm to that of a norm."""
    call = x.make()
    assert isinstance(call, Apply)
    return Apply(meaning[0], call.arguments, meaning[1])


@reads("call_power")
def _call_power(node: Syntax, env: Environment) -> Typed:
    call = Syntax("call", (node.arguments[0],), node.span, node.text)
    if by_name(node.text).splits and literal(node.arguments[1]) != -1:
        hint = r"write \bigl(\log(u)\bigr)^k for that of the logarithm, \log\bigl((u)^k\bigr) for that of its argument"
        message = "this power may be meant of the logarithm or of its argument"
        raise ShapeError("E205", message, node.span, hint)
    return _power(Syntax("power", (call, node.arguments[1]), node.span), env)


def _unstacked(row: Operator, call: Syntax, env: Environment) -> Typed:
    r"""Read `\operatorname{vec}^{-1}(c)`, the matrix whose columns are stacked in c."""
    inner = env.infer(call.arguments[0])
    rows, columns = Size(), Size()
    message = f"{inner.shape} is not stacked from the columns of a matrix"
    env.unify(inner.rows, times(columns, rows), call.arguments[0], call, message)
    env.unify(inner.columns, UNIT, call.arguments[0], call, message)
    return Typed(rows, columns, lambda: Apply(row, (inner.make(),), (rows.dimension, columns.dimension)))


def literal(node: Syntax) -> Fraction | None:
    """Return the number that is written, None where it is no number."""
    if node.head in ("fraction", "slash"):
        above, below = map(literal, node.arguments)
        return above / below if above is not None and below else None
    if node.head in ("negate", "group"):
        inner = literal(node.arguments[0])
        return -inner if inner is not None and node.head == "negate" else inner
    return node.value if node.head == "number" else None


def _refuse_other_transpose(exponent: Syntax, env: Environment) -> None:
    """Refuse x^H and x^t, which mean a (conjugate) transpose more often than a power.

    Raises:
        UnsupportedError: the letter is not declared as a number.
    """
    letter = exponent.text if exponent.head == "symbol" else ""
    opened = any(letter == i.name for i in env.open_indices)
    hermitian = bool(letter) and is_hermitian_sign(letter)
    if (hermitian or letter == "t") and letter not in env.declarations and not opened:
        message = f"the superscript {letter} may be a transpose or a power"
        hint = f"write x^T for the transpose, or declare [{letter}: scalar]"
        hint += "; for the conjugate transpose declare a letter as complex, [x: complex]" if hermitian else ""
        raise UnsupportedError("E303", message, exponent.span, hint)


# --- calls, and whether they are meant of a matrix or of its entries ---------------------------------------


@reads("call")
def _call(node: Syntax, env: Environment) -> Typed:
    row = by_name(node.text)
    if row is trace_row:
        of_matrix = _trace_of_matrix_function(node.arguments[0].ungrouped, env)
        if of_matrix is not None:
            return of_matrix
        env.of_matrices |= _has_entropy(node)
        env.traces.append(node)
    arguments = [env.infer(x) for x in node.arguments]
    if row is trace_row and arguments[0].is_scalar:
        _doubt_trace(node, env)
    _doubt_maps_of_rotations(node, env)
    _refuse_rotation(node)
    rows = [row, *(other for spelling in row.spellings for other in by_spelling()[spelling])]
    if arguments[0].is_matrix and row.of_matrix is not None:
        if row.of_matrix and (env.of_matrices or _is_of_definite(node, env)):
            rows = [by_name(row.of_matrix)]
        elif not _acts_on_entries(node.arguments[0]):
            env.undecided.append((node, arguments[0]))
    if row is softmax and not arguments[0].columns.is_one:
        rows = [_softmax_of_matrix(node, arguments[0], env)]
    return applied([(x, ()) for x in rows], arguments, node.arguments, node, env)


def _is_of_definite(call: Syntax, env: Environment) -> bool:
    r"""Whether this is `\log X` with X declared positive definite, whose entries may be negative."""
    said = env.declarations.get(call.arguments[0].ungrouped.text)
    return call.text == "logarithm" and said is not None and "SPD" in said.properties


def _doubt_maps_of_rotations(node: Syntax, env: Environment) -> None:
    r"""Keep the doubt about `\log(R\exp(m))`, where m may stand for a matrix of a rotation, and R for a rotation."""
    factors = node.arguments[0].ungrouped.arguments if node.arguments[0].ungrouped.head == "product" else ()
    last = factors[-1].ungrouped if factors else node
    if node.text != "logarithm" or last.head != "call" or last.text != "exponential":
        return
    letter = last.arguments[0].ungrouped
    vector = letter.head == "symbol" and letter.text not in env.declarations and env.kinds.get(letter.text) == "column"
    if vector and env.kinds.get(factors[0].text) == "matrix":
        hint = f"of every entry of a vector, declare it: [{letter.text}: vector]; those of rotations are not supported"
        message = "this logarithm may be meant of every entry or be that of a rotation"
        env.doubts.append(ShapeError("E307", message, node.span, hint))


def _refuse_rotation(node: Syntax) -> None:
    r"""Refuse `\exp([\omega]_\times)`, a function of the matrix, by its name.

    Raises:
        UnsupportedError: it is one.
    """
    inner = node.arguments[0].ungrouped
    if inner.head == "subscripted" and inner.text == r"\times" and by_name(node.text).of_matrix:
        message = "the differential of a rotation through its vector is not supported"
        hint = r"at \omega = 0 it is that of the tangent step: write I+[\omega]_\times for \exp([\omega]_\times)"
        raise UnsupportedError("E308", message, node.span, hint)


def _doubt_trace(node: Syntax, env: Environment) -> None:
    r"""Keep the doubt about a trace of numbers alone, `\operatorname{tr}(\rho\log\rho)`: some letter is a matrix."""
    letters = [x.text for x in node.walk() if x.head == "symbol"]
    if letters and all(env.kinds.get(x) == "scalar" and x not in env.declarations for x in letters):
        names = ", ".join(dict.fromkeys(letters))
        hint = f"declare: [{names}: matrix] or [{names}: scalar]"
        message = f"this is the trace of a number unless {letters[0]} is a matrix"
        env.doubts.append(ShapeError("E205", message, node.span, hint))


def _softmax_of_matrix(node: Syntax, argument: Typed, env: Environment) -> Operator:
    """Return the row of the softmax that is meant; of a row vector there is one only.

    Where the author has not said whether it is taken of the rows or of the columns, that is a doubt.
    """
    if argument.rows.is_one:
        return by_name("softmax of the rows")
    lines = env.softmax or env.attention.get(node.span, "")
    if not lines:
        message = "this softmax may be meant of the rows or of the columns of a matrix"
        hint = "say which: [softmax: rows] or [softmax: columns]"
        env.doubts.append(ShapeError("E307", message, node.span, hint))
    return by_name(f"softmax of the {lines or 'rows'}")


def _trace_of_matrix_function(inner: Syntax, env: Environment) -> Typed | None:
    r"""Read `\operatorname{tr}(\sin X)` and `\operatorname{tr}(X^{1/2})`, alone in a trace, as matrix functions.

    Entry by entry such a trace would be a sum over the diagonal alone, which nobody writes; beside an entry-wise
    sign within the argument either may be meant.
    """
    if inner.head == "power":
        base, exponent = inner.arguments
        if not any(map(_divides, exponent.walk())) or not (argument := env.infer(base)).is_matrix:
            return None
        env.square(argument, base)
        power = env.scalar(exponent)
        return scalar_of(lambda: _trace_of_power(argument.make(), normalise(power.make())))
    name = by_name(inner.text).of_matrix if inner.head == "call" else None
    if not name or any(x.head in ENTRYWISE_HEADS for x in inner.walk()) or _acts_on_entries(inner.arguments[0]):
        return None
    argument = env.infer(inner.arguments[0])
    if not argument.is_matrix:
        return None
    env.square(argument, inner.arguments[0])
    env.of_matrices = True
    of_matrix = by_name(name)
    return scalar_of(lambda: Apply(trace_row, (Apply(of_matrix, (argument.make(),)),)))


def _divides(node: Syntax) -> bool:
    return node.head in ("fraction", "slash") or (node.head == "power" and (literal(node.arguments[1]) or 0) < 0)


def _trace_of_power(x: Expr, exponent: Expr) -> Expr:
    if may_be_whole(exponent):
        return Apply(trace_row, (Apply(matrix_power_row, (x, exponent)),))
    return Apply(by_name("trace of a fractional power"), (x, exponent))


def _has_entropy(trace: Syntax) -> bool:
    r"""Whether this is `\operatorname{tr}(X\log X)` or the like, which nobody writes of the logarithms of entries."""
    for node in trace.walk():
        for x in node.arguments if node.head == "product" else ():
            inner = str(x.arguments[0].ungrouped) if x.head == "call" and x.text == "logarithm" else ""
            factors = node.arguments if inner.startswith("(product") else [y.ungrouped for y in node.arguments]
            others = [str(y) for y in factors if y is not x]
            if inner and (inner in others or inner == f"(product {' '.join(others)})"):
                return True
    return False


def doubt_undecided(f: Syntax, env: Environment, *, is_number: bool) -> None:
    r"""Keep the doubt about `\operatorname{tr}(X \log X)`, where the function may be of the matrix or of every entry.

    Within a trace, as a factor beside others, within a Frobenius norm, or anywhere in an f that is a matrix itself;
    where neither size is known, the matrix may be square, which counts in those places and where f is the call.
    """
    for call, argument in env.undecided:
        square = argument.rows.root is argument.columns.root
        may_be_square = square or (argument.rows.is_free and argument.columns.is_free)
        traced = any(_contains(trace, call) for trace in env.traces)
        inverse = any(x.head == "power" and x.arguments[1].value == -1 for x in call.walk())
        timed = call.text == "exponential" and any(x.text in TIMES for x in call.walk())
        alone = not is_number and call is f and call.arguments[0].ungrouped.head != "symbol"
        usual = traced or inverse or timed or alone or _is_as_of_matrices(call, f, env, square=square or not is_number)
        if (may_be_square and usual) or (square and not is_number):
            env.doubts.append(_matrix_or_entries(call, f))


_OF_MATRICES = ("exponential", "logarithm")
"""The functions that are taken of matrices as often as of entries."""


def _is_as_of_matrices(call: Syntax, f: Syntax, env: Environment, *, square: bool) -> bool:
    r"""Whether a function of matrices is meant as often here: `x^\top\log(A)x`, `\|\log X-\log Y\|_F`."""
    entrywise = any(x.head in CALL_HEADS for x in call.arguments[0].walk())  # and so is what is taken of it
    if call.text not in _OF_MATRICES or entrywise:
        return False
    several = ("matrix", "column", "row")
    for node in f.walk():
        if node.head == "norm" and node.text in ("F", "2", "*", "") and _contains(node, call):
            return True
        if call.text == "logarithm" and node.head == "product" and any(_unscripted(x) is call for x in node.arguments):
            others = [x for x in node.arguments if _unscripted(x) is not call]
            if len(others) != len(node.arguments) - 1:
                return True
            return square and any(env.kinds.get(y.text) in several for x in others for y in x.walk())
    return False


def _unscripted(node: Syntax) -> Syntax:
    while node.head in SCRIPTED:
        node = node.arguments[0]
    return node


def _matrix_or_entries(call: Syntax, f: Syntax) -> ShapeError:
    """Return the question whether a function is meant of the matrix or of every entry."""
    row = by_name(call.text)
    taken = {x.text for x in f.walk()}
    letter = next(x for x in ("g", "h", "u", "v", "w") if x not in taken)
    hint = "of the matrix, only e^X and tr f(X) are supported; "
    letter_of = call.arguments[0].ungrouped
    if call.text == "logarithm" and letter_of.head == "symbol":
        hint = f"of the matrix, declare it: [{letter_of.text}: SPD]; "
    spelling = next((x for x in row.spellings if x.startswith("\\")), row.spellings[0])
    hint += f"of every entry, define it: [{letter}(a) = {spelling}(a)] and write {letter}(...)"
    return ShapeError("E307", f"this {row.name} may be meant of the matrix or of every entry", call.span, hint)


def _contains(outer: Syntax, inner: Syntax) -> bool:
    """Whether `inner` stands within `outer`, but not in an entry-wise product, which settles what is meant."""
    waiting = [outer]
    while waiting:
        node = waiting.pop()
        if node is inner:
            return True
        waiting.extend(node.arguments if node.head not in ENTRYWISE_HEADS else ())
    return False


def _acts_on_entries(node: Syntax) -> bool:
    r"""Whether `node` is the value of a function of entries, rows or columns, as in `\log\operatorname{softmax}(X)`."""
    inner = node.ungrouped
    return inner.head == "applied" or (inner.head == "call" and by_name(inner.text).of_matrix is None)
