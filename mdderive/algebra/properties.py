"""The properties that an author may declare of a letter: one row each.

A row holds the words by which an author says it, what it asks of the shape, what it means for a transpose, how random
values with it are made, and the words of a solution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isqrt
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from ..words import Wording
from .arithmetic import Arithmetic
from .expressions import lazy_numpy
from .numbers import Jet, Matrix, eye, masked, turned

Draw = Callable[[Any], Any]
"""(array of standard normal numbers, (..., rows, columns)) -> an array with the property."""

Pick = Callable[[int], int]
"""(n) -> one of 0, ..., n - 1; each of them at one of n points that follow each other."""

Exact = Callable[[Arithmetic, Matrix, Pick], Matrix]
"""(arithmetic, random matrix, pick) -> a matrix that has the property exactly."""


class Property(NamedTuple):
    """One row: `name` is the field's own; `words` follow "X in R^{n x n}"; `of_scalar` where X is a number."""

    name: str
    spellings: tuple[str, ...]
    words: Wording
    draw: Draw
    exact: Exact
    shape: Literal["square", "column", ""] = ""
    self_transposed: bool = False
    sums_to_one: bool = False
    """Whether the entries of each column add up to one."""
    besides: tuple[str, ...] = ()
    """What may be declared beside it: it follows, or the random values have both, as those of a reflection."""
    equation: str = ""
    """What a product of the letter with itself is, to be told where it makes a row shorter."""
    of_scalar: Wording | None = None
    whole: Draw | None = None
    """As `draw`, but of whole numbers whole numbers are made, or simple fractions; None where `draw` does that."""
    components: Callable[[int], int] = lambda entries: 1
    """(number of entries) -> how many kinds of values there are, such as signs of a determinant or places of a 1."""


def _eye(a: Any) -> Any:
    return lazy_numpy().eye(a.shape[-1])


def _turned(a: Any) -> Any:
    return a.swapaxes(-1, -2)


def _one_hot(a: Any) -> Any:
    numpy = lazy_numpy()
    return (numpy.argmax(a, axis=-2, keepdims=True) == numpy.arange(a.shape[-2])[:, None]) * 1.0


def _probability(a: Any) -> Any:
    positive = abs(a) + 0.1
    return positive / positive.sum(axis=-2, keepdims=True)


def _idempotent(a: Any) -> Any:
    rank = max(1, a.shape[-1] // 2)
    columns, rows = a[..., :, :rank], a[..., :rank, :]
    return columns @ lazy_numpy().linalg.inv(rows @ columns) @ rows


def _orthogonal(a: Any) -> Any:
    """Return orthogonal matrices, symmetric as reflections where those of `a` are."""
    if a.shape[-1] > 1 and (a == _turned(a)).all():
        return _eye(a) - 2 * _idempotent(a)
    return lazy_numpy().linalg.qr(a)[0]


def _toeplitz(first: Any) -> Any:
    """Return the matrices with the entries `first`, (..., 2n - 1), along their diagonals, from the lower left one."""
    n = (first.shape[-1] + 1) // 2
    places = lazy_numpy().arange(n)
    return first[..., places - places[:, None] + n - 1]


def _exact_gram(at: Arithmetic, a: Matrix, pick: Pick) -> Matrix:
    """Return A A^T; where roots are only looked at, a symmetric matrix whose determinant need not be a square."""
    if at.surveying:
        return at.plus(Jet({0: a}), Jet({0: turned(a)})).value
    return at.times(Jet({0: a}), Jet({0: turned(a)})).value


def _exact_skew(at: Arithmetic, a: Matrix) -> Jet:
    return at.minus(Jet({0: a}), Jet({0: turned(a)}))


def _exact_orthogonal(at: Arithmetic, a: Matrix, pick: Pick) -> Matrix:
    """Return an orthogonal matrix with either determinant, by the Cayley transform; a symmetric one as a reflection."""
    one = Jet({0: eye(len(a))})
    if a == turned(a) and len(a) > 1:
        return at.minus(one, at.scaled(2, Jet({0: _exact_projection(at, a, pick)}))).value
    skew = _exact_skew(at, a)
    found = at.times(at.inverse(at.plus(one, skew)), at.minus(one, skew)).value
    return [[-x % at.prime for x in found[0]], *found[1:]] if pick(2) else found


def _exact_projection(at: Arithmetic, a: Matrix, pick: Pick) -> Matrix:
    """Return an idempotent matrix of any rank, symmetric where `a` is."""
    rank = (1 + pick(len(a) + 1)) % (len(a) + 1)
    if rank == 0:
        return [[0] * len(a) for _ in a]
    columns, rows = Jet({0: [row[:rank] for row in a]}), Jet({0: a[:rank]})
    return at.times(columns, at.inverse(at.times(rows, columns)), rows).value


def _as_it_is(at: Arithmetic, a: Matrix, pick: Pick) -> Matrix:
    return a


def _exact_one_hot(at: Arithmetic, a: Matrix, pick: Pick) -> Matrix:
    place = pick(len(a))
    return [[int(i == place) for _ in row] for i, row in enumerate(a)]


def _exact_probability(at: Arithmetic, a: Matrix, pick: Pick) -> Matrix:
    return [*a[:-1], [(1 - sum(column[:-1])) % at.prime for column in turned(a)]]


def _exact_binary(at: Arithmetic, a: Matrix, pick: Pick) -> Matrix:
    columns = len(a[0])
    bits = pick(2 ** (len(a) * columns))
    return [[bits >> (i * columns + j) & 1 for j in range(columns)] for i in range(len(a))]


def _exact_positive(at: Arithmetic, a: Matrix, pick: Pick) -> Matrix:
    """Return a matrix of squares, which have roots and all powers, as positive numbers have."""
    return a if at.surveying else [[x * x % at.prime for x in row] for row in a]


def _exact_label(at: Arithmetic, a: Matrix, pick: Pick) -> Matrix:
    """Return indices that every family has: its first or its second member."""
    return [[1 + x % 2 for x in row] for row in a]


PROPERTIES: tuple[Property, ...] = (
    Property(
        "SPD",
        ("SPD", "positive definite", "symmetric positive definite", "正定", "对称正定", "对称正定矩阵", "正定矩阵"),
        Wording("symmetric positive definite", "对称正定矩阵"),
        lambda a: a @ _turned(a) / a.shape[-1] + 0.7 * _eye(a),
        _exact_gram,
        "square",
        besides=("symmetric",),
        self_transposed=True,
        whole=lambda a: a @ _turned(a) + _eye(a),
    ),
    Property(
        "symmetric",
        ("symmetric", "对称", "对称矩阵", "对称阵"),
        Wording("symmetric", "对称矩阵"),
        lambda a: (a + _turned(a)) / 2,
        lambda at, a, pick: at.plus(Jet({0: a}), Jet({0: turned(a)})).value,
        "square",
        self_transposed=True,
        whole=lambda a: lazy_numpy().tril(a) + _turned(lazy_numpy().tril(a, -1)),
    ),
    Property(
        "skew-symmetric",
        ("skew-symmetric", "skew", "antisymmetric", "反对称", "反对称矩阵"),
        Wording("skew-symmetric", "反对称矩阵"),
        lambda a: (a - _turned(a)) / 2,
        lambda at, a, pick: _exact_skew(at, a).value,
        "square",
        whole=lambda a: a - _turned(a),
    ),
    Property(
        "invertible",
        ("invertible", "nonsingular", "可逆", "可逆矩阵"),
        Wording("invertible", "可逆矩阵"),
        lambda a: a + 0.5 * a.shape[-1] ** 0.5 * _eye(a),
        lambda at, a, pick: a,
        "square",
        whole=lambda a: a,
    ),
    Property(
        "orthogonal",
        ("orthogonal", "正交", "正交矩阵"),
        Wording("orthogonal", "正交矩阵"),
        _orthogonal,
        _exact_orthogonal,
        "square",
        besides=("symmetric",),
        equation=r"{symbol}^\top {symbol}=I",
        components=lambda entries: 2,
        whole=lambda a: lazy_numpy().roll(_eye(a), 1, -1) * (-1.0) ** a[..., :1],
    ),
    Property(
        "diagonal",
        ("diagonal", "对角", "对角矩阵"),
        Wording("diagonal", "对角矩阵"),
        lambda a: a * _eye(a),
        lambda at, a, pick: masked(a, lambda i, j: i == j),
        "square",
        besides=("symmetric", "SPD", "lower triangular"),
        self_transposed=True,
    ),
    Property(
        "lower triangular",
        ("lower triangular", "下三角", "下三角矩阵"),
        Wording("lower triangular", "下三角矩阵"),
        lambda a: lazy_numpy().tril(a, -1) + (abs(a) + 0.5) * _eye(a),
        lambda at, a, pick: masked(a, lambda i, j: i >= j),
        "square",
        whole=lambda a: lazy_numpy().tril(a, -1) + (abs(a) + 1) * _eye(a),
    ),
    Property(
        "upper triangular",
        ("upper triangular", "上三角", "上三角矩阵"),
        Wording("upper triangular", "上三角矩阵"),
        lambda a: lazy_numpy().triu(a, 1) + (abs(a) + 0.5) * _eye(a),
        lambda at, a, pick: masked(a, lambda i, j: i <= j),
        "square",
        whole=lambda a: lazy_numpy().triu(a, 1) + (abs(a) + 1) * _eye(a),
    ),
    Property(
        "idempotent",
        ("idempotent", "幂等", "幂等矩阵"),
        Wording("idempotent", "幂等矩阵"),
        _idempotent,
        _exact_projection,
        "square",
        besides=("symmetric",),
        equation="{symbol}^2={symbol}",
        components=lambda entries: 1 + isqrt(entries),
    ),
    Property(
        "Toeplitz",
        ("toeplitz", "Toeplitz 矩阵", "托普利茨"),
        Wording("a Toeplitz matrix", "Toeplitz 矩阵"),
        lambda a: _toeplitz(lazy_numpy().concatenate([a[..., 0], a[..., 1:, 1]], axis=-1)),
        lambda at, a, pick: [[a[0][j - i] if j > i else a[i - j][0] for j in range(len(a))] for i in range(len(a))],
        "square",
    ),
    Property(
        "symmetric Toeplitz",
        ("symmetric toeplitz", "对称 Toeplitz 矩阵"),
        Wording("a symmetric Toeplitz matrix", "对称 Toeplitz 矩阵"),
        lambda a: _toeplitz(lazy_numpy().concatenate([a[..., :0:-1, 0], a[..., 0]], axis=-1)),
        lambda at, a, pick: [[a[0][abs(i - j)] for j in range(len(a))] for i in range(len(a))],
        "square",
        self_transposed=True,
    ),
    Property(
        "one-hot",
        ("one-hot", "one hot", "onehot", "独热", "独热向量"),
        Wording("one-hot", "独热向量"),
        _one_hot,
        _exact_one_hot,
        "column",
        sums_to_one=True,
        components=lambda entries: entries,
    ),
    Property(
        "probability",
        ("probability", "probabilities", "概率", "概率向量"),
        Wording("a probability vector", "概率向量"),
        _probability,
        _exact_probability,
        "column",
        sums_to_one=True,
        whole=lambda a: (abs(a) + 1) / (abs(a) + 1).sum(axis=-2, keepdims=True),
    ),
    Property(
        "binary",
        ("binary", "0/1", "0-1", "二值", "0-1 矩阵"),
        Wording("with entries 0 or 1", "各元素为 0 或 1"),
        lambda a: (a > 0) * 1.0,
        _exact_binary,
        of_scalar=Wording("0 or 1", "取 0 或 1"),
        components=lambda entries: 2**entries,
    ),
    Property(
        "positive",
        ("positive", "正", "正数"),
        Wording("with positive entries", "各元素均为正"),
        lambda a: abs(a) + 0.3,
        _exact_positive,
        of_scalar=Wording("positive", "正数"),
        whole=lambda a: abs(a) + (a == 0),
    ),
    Property(
        "index set",
        (),
        Wording(
            "with entries 1 at the indices of the set and 0 elsewhere",
            "指标集的示性矩阵（下标属于该集合的元素为 1，其余为 0）",
        ),
        lambda a: (a > -0.7) * 1.0,
        _as_it_is,
        of_scalar=Wording("of a set of indices", "指标集的示性数"),
    ),
    Property(
        "label",
        (),
        Wording("with indices as entries", "各元素为下标"),
        lambda a: 1.0 + (a > 0),
        _exact_label,
        of_scalar=Wording("an index", "下标"),
    ),
    Property("complex", ("complex", "复", "复数"), Wording("complex", "复"), lambda a: a, _as_it_is),
    Property("real", ("real", "实", "实数"), Wording("real", "实"), lambda a: a, _as_it_is),
    Property(
        "Hermitian", ("hermitian", "埃尔米特"), Wording("Hermitian", "埃尔米特矩阵"), lambda a: a, _as_it_is, "square"
    ),
)

BY_NAME: Mapping[str, Property] = MappingProxyType({row.name: row for row in PROPERTIES})
BY_SPELLING: Mapping[str, str] = MappingProxyType(
    {spelling.lower(): row.name for row in PROPERTIES for spelling in row.spellings}
)
SQUARE = frozenset(row.name for row in PROPERTIES if row.shape == "square")
COLUMN = frozenset(row.name for row in PROPERTIES if row.shape == "column")
SUMS_TO_ONE = frozenset(row.name for row in PROPERTIES if row.sums_to_one)
SELF_TRANSPOSED = frozenset(row.name for row in PROPERTIES if row.self_transposed)


def properties_in(words: str) -> frozenset[str]:
    """Return the properties that adjectives say, `real symmetric`, `实对称矩阵`; none where one is not known."""
    rest, found = words.lower().strip(), set[str]()
    if rest in BY_SPELLING:
        return frozenset((BY_SPELLING[rest],))
    while rest:
        spelling = max((x for x in BY_SPELLING if _begins_with(rest, x)), key=len, default="")
        if not spelling:
            return frozenset()
        found.add(BY_SPELLING[spelling])
        rest = rest[len(spelling) :].lstrip(" 的且").removeprefix("and ")
    return frozenset(found)


def _begins_with(words: str, spelling: str) -> bool:
    behind = words[len(spelling) : len(spelling) + 1]
    return words.startswith(spelling) and not (behind.isascii() and behind.isalpha())
