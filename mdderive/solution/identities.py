"""Facts about two operators, written in LaTeX and read by our own parser.

A letter stands for any expression of its shape. An identity with words is a step that the reader sees;
one without is only another name for the same thing (log of a determinant).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from ..algebra.expressions import ONE, Apply, Dimension, Expr, Operator, Symbol, remembered, to_latex, walk
from ..algebra.matching import Bound, matches, stretches
from ..algebra.operators.entrywise import SIGMA, SIGMOID, Function, named_function, softplus
from ..algebra.operators.structural import add_row, ones_row, product, transpose_row
from ..algebra.properties import BY_NAME
from ..algebra.terms import (
    is_product,
    is_sum_over,
    multiply,
    scale,
    split_coefficient,
    substitute,
    terms_of,
    trace_body,
    written_sum,
)
from ..effort import EFFORT
from ..latex.names import functions_in
from ..question.marker import spellings
from ..question.question import read_formula
from ..words import DEFAULT, Reason, Wording, of_row, reason


class Identity(NamedTuple):
    """`left = right`, under the declarations `where`; `says` is None for bookkeeping.

    In `says`, {left} and {right} are the instance found. `outermost` holds it to the terms of the function itself.
    `called` is what stands beside the row where `says` is long and so was said before it.
    """

    name: str
    left: str
    right: str
    where: tuple[str, ...] = ()
    says: Wording | None = None
    outermost: bool = False
    called: Wording | None = None


_LOG_SOFTMAX = r"$\log\operatorname{softmax}(u)=u-\mathbf{1}\log(\mathbf{1}^\top\exp(u))$"
_LOG_SOFTMAX_OF_ROW = r"$\log\operatorname{softmax}(u)=u-\log(\exp(u)\mathbf{1})\mathbf{1}^\top$"
_DEFINITION = Wording("definition of softmax", "代入 softmax 的定义")
_INNER = Wording("squared norm as an inner product", "将模平方改写成内积")

_EQUATION = Wording(*["${left}={right}$"] * 2)

IDENTITIES: tuple[Identity, ...] = (
    Identity(
        "logarithm of the absolute value", r"\log\operatorname{abs}(a)", r"\operatorname{logabs}(a)", ("a: scalar",)
    ),
    Identity("log of a determinant", r"\log|X|", r"\operatorname{logdet}(X)", ("X: matrix",)),
    Identity("determinant of a power", r"\det(X^k)", r"\det(X)^k", ("X: n x n", "k: scalar"), _EQUATION),
    Identity(
        "power of a diagonal matrix",
        r"\operatorname{diag}(a)^k",
        r"\operatorname{diag}(a^{\odot k})",
        ("a: vector", "k: scalar"),
        _EQUATION,
    ),
    *(
        Identity(
            f"trace of {word}",
            rf"\operatorname{{tr}}(\operatorname{{{word}}}(X))",
            rf"\operatorname{{tr{word}}}(X)",
            ("X: n x n",),
        )
        for word in ("expm", "logm", "sinm", "cosm")
    ),
    Identity(
        "trace of X log X", r"\operatorname{tr}(X\operatorname{logm}(X))", r"\operatorname{trxlogm}(X)", ("X: n x n",)
    ),
    Identity(
        "trace of X log X within a sum",
        r"\operatorname{tr}(X\operatorname{logm}(X)+B)",
        r"\operatorname{trxlogm}(X)+\operatorname{tr}(B)",
        ("X: n x n", "B: n x n"),
        Wording("linearity of the trace", "迹的线性"),
    ),
    *(
        Identity("softplus", left, r"\operatorname{softplus}(a)", (f"a: {shape}",))
        for shape, left in (
            ("scalar", r"\log(1+\exp(a))"),
            ("scalar", r"\log(\exp(a)+1)"),
            ("vector", r"\log(\mathbf{1}+\exp(a))"),
            ("vector", r"\log(\exp(a)+\mathbf{1})"),
        )
    ),
    *(
        Identity(name, left, right, where, _EQUATION)
        for name, left, right, where in (
            (
                "mixed product",
                r"(A\otimes B)(C\otimes D)",
                r"(AC)\otimes(BD)",
                ("A: m x n", "B: p x q", "C: n x r", "D: q x s"),
            ),
            (
                "trace of a Kronecker product",
                r"\operatorname{tr}(A\otimes B)",
                r"\operatorname{tr}(A)\operatorname{tr}(B)",
                ("A: m x m", "B: n x n"),
            ),
            (
                "Kronecker product and vec",
                r"(A\otimes B)\operatorname{vec}(X)",
                r"\operatorname{vec}(BXA^T)",
                ("A: m x n", "B: p x q", "X: q x n"),
            ),
            (
                "inner product of vecs",
                r"\operatorname{vec}(A)^T\operatorname{vec}(B)",
                r"\operatorname{tr}(A^TB)",
                ("A: m x n", "B: m x n"),
            ),
            ("norm of a Kronecker product", r"\|A\otimes B\|_F^2", r"\|A\|_F^2\|B\|_F^2", ("A: m x n", "B: p x q")),
            ("norm of a vec", r"\|\operatorname{vec}(A)\|^2", r"\|A\|_F^2", ("A: m x n",)),
            ("inverse of a Kronecker product", r"(A\otimes B)^{-1}", r"A^{-1}\otimes B^{-1}", ("A: m x m", "B: n x n")),
        )
    ),
    Identity(
        "softmax", r"\frac{\exp(a)}{\mathbf{1}^T\exp(a)}", r"\operatorname{softmax}(a)", ("a: vector",), _EQUATION
    ),
    Identity("log-sum-exp", r"\log(\mathbf{1}^T\exp(a))", r"\operatorname{lse}(a)", ("a: vector",)),
    Identity(
        "log of softmax",
        r"y^T\log\operatorname{softmax}(a)",
        r"y^Ta-(y^T\mathbf{1})\operatorname{lse}(a)",
        ("a: vector", "y: vector"),
        Wording.formula(_LOG_SOFTMAX),
        called=_DEFINITION,
    ),
    Identity(
        "log of softmax, row vectors",
        r"\log\operatorname{softmaxrows}(a)y^T",
        r"ay^T-(y\mathbf{1})\operatorname{lse}(a^T)",
        ("a: row", "y: row"),
        Wording.formula(_LOG_SOFTMAX_OF_ROW),
        called=_DEFINITION,
    ),
    *(
        Identity(f"log of softmax of {lines}, {kind}", left, right, where, Wording.formula(words), called=_DEFINITION)
        for lines, words, sums in (
            (
                "columns",
                r"$\log\operatorname{softmax}(U)=U-\mathbf{1}\log(\mathbf{1}^\top\exp(U))$",
                (r"\operatorname{lsecolumns}(A)(Y^T\mathbf{1})", r"\operatorname{lsecolumns}(A)\mathbf{1}"),
            ),
            (
                "rows",
                r"$\log\operatorname{softmax}(U)=U-\log(\exp(U)\mathbf{1})\mathbf{1}^\top$",
                (r"\operatorname{lserows}(A)^T(Y\mathbf{1})", r"\mathbf{1}^T\operatorname{lserows}(A)"),
            ),
        )
        for kind, left, right, where in (
            (
                "weighted",
                rf"\operatorname{{tr}}(Y^T\log\operatorname{{softmax{lines}}}(A))",
                rf"\operatorname{{tr}}(Y^TA)-{sums[0]}",
                ("A: m x n", "Y: m x n"),
            ),
            (
                "diagonal",
                rf"\operatorname{{tr}}(\log\operatorname{{softmax{lines}}}(A))",
                rf"\operatorname{{tr}}(A)-{sums[1]}",
                ("A: n x n",),
            ),
        )
    ),
    Identity(
        "sums of one-hot columns",
        r"Y^T\mathbf{1}",
        r"\mathbf{1}",
        ("Y: m x n, one-hot",),
        Wording("${left}={right}$ (one-hot columns)", "${left}={right}$（各列独热）"),
    ),
    Identity("softmax adds up to one", r"\operatorname{softmax}(a)^T\mathbf{1}", "1", ("a: vector",), _EQUATION),
    Identity(
        "sum of a one-hot vector",
        r"y^T\mathbf{1}",
        "1",
        ("y: vector, one-hot",),
        Wording("${left}={right}$ (one-hot)", "${left}={right}$（独热向量）"),
    ),
    Identity(
        "sum of a probability vector",
        r"y^T\mathbf{1}",
        "1",
        ("y: vector, probability",),
        Wording("${left}={right}$ (probabilities)", "${left}={right}$（概率向量）"),
    ),
    Identity(
        "p-norm",
        r"(\mathbf{1}^T|x|^{\odot p})^{1/p}",
        r"\|x\|_p",
        ("x: vector", "p: scalar"),
        Wording("p-norm", "p 范数"),
    ),
    Identity(
        "squares of differences",
        r"\operatorname{tr}(A^T(x\mathbf{1}^T-\mathbf{1}x^T)^{\odot 2})",
        r"x^T(\operatorname{diag}(A\mathbf{1})+\operatorname{diag}(A^T\mathbf{1}))x-2x^TAx",
        ("A: n x n", "x: vector"),
        Wording("squares of the differences written out", "展开差的平方"),
    ),
    *(
        Identity(
            f"squared norm{index} of {residual}",
            rf"\|{residual}\|{index}^2",
            f"{trace}({form})" if trace else form,
            ("X: m x n", f"Y: m x {'p' if trace else 1}"),
            Wording(r"orthogonal projections: $P^\top P=P$", r"正交投影满足 $P^\top P=P$"),
        )
        for index, trace in (("", ""), ("_2", ""), ("_F", r"\operatorname{tr}"))
        for residual, form in (
            (r"(I-X(X^TX)^{-1}X^T)Y", r"Y^T(I-X(X^TX)^{-1}X^T)Y"),
            (r"Y-X(X^TX)^{-1}X^TY", r"Y^TY-Y^TX(X^TX)^{-1}X^TY"),
        )
    ),
    Identity("root of a squared norm", r"\sqrt{\|x\|^2}", r"\|x\|", ("x: vector",)),
    Identity("root of a squared F-norm", r"\sqrt{\|X\|_F^2}", r"\|X\|_F", ("X: matrix",)),
    Identity("squared norm as an inner product", r"\|x\|^2", r"x^Tx", ("x: vector",), _INNER, outermost=True),
    Identity("squared 2-norm", r"\|x\|_2^2", r"x^Tx", ("x: vector",), _INNER, outermost=True),
    Identity("squared matrix norm", r"\|X\|^2", r"\operatorname{tr}(X^TX)", ("X: matrix",), _INNER, outermost=True),
    Identity("squared F-norm", r"\|X\|_F^2", r"\operatorname{tr}(X^TX)", ("X: matrix",), _INNER, outermost=True),
    Identity("squared F-norm, vector", r"\|x\|_F^2", r"x^Tx", ("x: vector",), _INNER, outermost=True),
)


class Rewriting(NamedTuple):
    """A change of form that a reader should see: the rule's key, what came out, and the words for it."""

    rule: str
    result: Expr
    reason: Reason


def use_identities(f: Expr) -> tuple[Expr, tuple[Rewriting, ...]]:
    """Return `f` after all identities were used that it has, and the rewritings that a reader should see."""
    seen: list[Rewriting] = []
    used = _operators(f)
    shown = _words_of(f)
    for identity, words in asked_by_all():
        if not words <= shown:
            continue
        left, right = _typed(identity)
        if not _operators(left) - _EVERYWHERE <= used or not _has_properties(f, left):
            continue
        while (found := _used_once(f, identity, left, right)) is not None:
            f, bound = found
            used = _operators(f)
            shown = _words_of(f)
            if identity.says is not None:
                seen.append(Rewriting(identity.name, f, _worded(identity, identity.says, left, right, bound)))
    return f, tuple(_last_of_each(seen))


def name_slope_of_softplus(f: Expr) -> Expr:
    """Return `f` with the letter at each softplus by which its derivative is written, one that `f` does not use."""
    name = SIGMOID if SIGMA in _letters(f) else SIGMA
    return substitute(f, {x: Apply(softplus, x.arguments, (name,)) for x in _calls(f, softplus)})


def _has_properties(f: Expr, left: Expr) -> bool:
    """Whether for every declared letter of the pattern there is a letter in `f` that has its properties."""
    declared = [x.properties - {"integer"} for x in left.symbols]
    return all(any(wanted <= y.properties for y in f.symbols) for wanted in declared if wanted)


_EVERYWHERE = frozenset((product, transpose_row, ones_row))
"""Operators that a pattern may have and an instance of it need not show at once."""


@remembered(maxsize=1024, beyond=True)
def _operators(x: Expr) -> frozenset[Operator]:
    return frozenset(node.operator for node in walk(x) if isinstance(node, Apply))


def _letters(f: Expr) -> set[str]:
    """Return the LaTeX of all letters, those of functions too."""
    letters = [x.parameters[0] for x in _calls(f, named_function)]
    return {x.latex for x in letters if isinstance(x, Function)} | {x.latex for x in f.symbols}


def _calls(f: Expr, operator: Operator) -> list[Apply]:
    """Return the nodes of `f` that apply `operator`."""
    return [x for x in walk(f) if isinstance(x, Apply) and x.operator is operator]


def _last_of_each(seen: list[Rewriting]) -> Iterator[Rewriting]:
    """Yield one row for neighbouring uses of the same words."""
    for k, one in enumerate(seen):
        if k + 1 == len(seen) or seen[k + 1].reason.says(DEFAULT) != one.reason.says(DEFAULT):
            yield one


@cache
def _typed(identity: Identity) -> tuple[Expr, Expr]:
    """Return both sides as expressions; they are read when an operator that the left one names first occurs."""
    with EFFORT.aside():  # the marker that needs it first does not pay for it
        return read_formula(identity.left, identity.where, right=identity.right)


_SIGNS = {
    r"\otimes": "Kronecker product",
    r"\|": "squared norm",
    r"^{\odot": "entry-wise power",
    "^{-1}": "inverse",
    r"\sqrt": "power",
    "^{1/": "power",
    "^k": "matrix power",
    r"\frac": "quotient",
    "|X|": "determinant",
    "|x|": "absolute value",
}


@cache
def asked_by_all() -> tuple[tuple[Identity, frozenset[str]], ...]:
    """Return the identities with what they ask for as it shows before they are read: operators and properties."""
    known = spellings().functions
    found = []
    for identity in IDENTITIES:
        operators = {known[name] for name in functions_in(identity.left) if name in known}
        operators |= {row for sign, row in _SIGNS.items() if sign in identity.left}
        declared = {word.strip() for said in identity.where for word in said.partition(":")[2].split(",")}
        found.append((identity, frozenset(operators | (declared & BY_NAME.keys()))))
    return tuple(found)


def _words_of(f: Expr) -> frozenset[str]:
    """Return the names of the operators of `f`, and the properties of its letters."""
    return frozenset(row.name for row in _operators(f)).union(*(x.properties for x in f.symbols))


def told() -> Iterator[tuple[Identity, str, str]]:
    """Yield the identities that a reader may see, with the LaTeX of both sides."""
    for identity in IDENTITIES:
        if identity.says is not None:
            left, right = _typed(identity)
            yield identity, to_latex(left), to_latex(right)


def _instance(side: Expr, bound: Bound) -> Expr:
    """Return one side of an identity with its letters replaced, its ones and identities in the size that fits."""
    sizes: dict[Dimension, Dimension] = {ONE: ONE}
    for letter, value in bound.items():
        sizes.update(zip(letter.shape, value.shape, strict=True))
    sized: dict[Expr, Expr] = {
        x: Apply(x.operator, (), tuple(sizes.get(p, p) for p in x.parameters if isinstance(p, tuple)))
        for x in walk(side)
        if isinstance(x, Apply) and not x.arguments
    }
    return substitute(side, sized | dict(bound.items()), _numbers_outside_traces)


def _numbers_outside_traces(operator: Operator, *arguments: Expr, parameters: tuple[Any, ...] = ()) -> Expr:
    """Rebuild a node of an identity as it is written there, but `-tr(M)` for `tr(-M)`."""
    whole = Apply(operator, arguments, parameters)
    body = trace_body(whole)
    coefficient, rest = split_coefficient(whole if body is None else body)
    return whole if body is None else scale(coefficient, Apply(operator, (rest,), parameters))


def _worded(identity: Identity, says: Wording, left: Expr, right: Expr, bound: Bound) -> Reason:
    shown = [to_latex(_instance(side, bound)) for side in (left, right)]
    called = reason("noted") if identity.called is None else of_row("identity called", identity.name, identity.called)
    return of_row("identity", identity.name, says, left=shown[0], right=shown[1], called=called)


def _used_once(f: Expr, identity: Identity, left: Expr, right: Expr) -> tuple[Expr, Bound] | None:
    """Return `f` with the first instance of `left` replaced by `right`, and what the letters stood for."""
    variables = left.symbols
    assert isinstance(left, Apply)
    for node in _outermost(f) if identity.outermost else _inside(f):
        if not isinstance(node, Apply) or node.operator is not left.operator:
            continue
        for bound, replaced in _replacements(node, left, right, variables):
            return substitute(f, {node: replaced}, spreading), bound
    return None


def _replacements(node: Apply, left: Expr, right: Expr, variables: frozenset[Symbol]) -> Iterator[tuple[Bound, Expr]]:
    bound = matches(left, node, variables)
    if bound is not None:
        yield bound, _instance(right, bound)
    elif is_product(node):
        scalars = [x for x in node.arguments if x.is_scalar]
        chain = [x for x in node.arguments if not x.is_scalar]
        for start, end, bound in stretches(left, node, variables):
            yield bound, _spread([*scalars, *chain[:start], _instance(right, bound), *chain[end:]])


def spreading(operator: Operator, *arguments: Expr, parameters: tuple[Any, ...] = ()) -> Expr:
    """Rebuild a node above a replacement as it was written, a sign spread over the sum that came in."""
    if operator is product:
        return _spread(list(arguments))
    if operator is add_row:
        return written_sum(arguments)
    return Apply(operator, arguments, parameters)


def _spread(factors: list[Expr]) -> Expr:
    """Return the product of `factors`, a mere number spread over the terms of a sum."""
    whole = multiply(*factors)
    coefficient, rest = split_coefficient(whole)
    if coefficient == -1 and len(terms_of(rest)) > 1:
        return Apply(add_row, tuple(scale(coefficient, term) for term in terms_of(rest)))
    return whole


def _inside(f: Expr) -> Iterator[Expr]:
    """Yield the nodes of `f`, the outer ones first."""
    waiting, seen = [f], {f}
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Apply):
            fresh = [x for x in reversed(node.arguments) if x not in seen]
            seen.update(fresh)
            waiting.extend(fresh)


def _outermost(f: Expr) -> Iterator[Expr]:
    """Yield the terms of `f` and, within sums and numerical multiples, their terms."""
    waiting = [f]
    while waiting:
        node = waiting.pop()
        yield node
        if is_sum_over(node):
            waiting.extend(node.arguments)
        elif len(terms_of(node)) > 1:
            waiting.extend(reversed(terms_of(node)))
        elif is_product(node) and all(x.is_scalar for x in node.arguments):
            waiting.extend(x for x in reversed(node.arguments) if x.symbols)
