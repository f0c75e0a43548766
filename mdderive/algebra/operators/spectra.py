r"""The rows of eigenvalues of symmetric matrices, of singular values, and of the unit vectors that belong to them.

The vectors have letters, their first parameters, which the question chooses: u of `Au = \lambda u`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ...errors import UnsupportedError
from ...words import Wording
from ..arithmetic import Arithmetic
from ..expressions import (
    Apply,
    Binding,
    Code,
    Convexity,
    Differentiate,
    Expr,
    Operator,
    Write,
    lazy_numpy,
    parenthesise,
)
from ..notations import Notation
from ..numbers import Jet, UndecidedError, turned
from ..signs import SEMIDEFINITE
from ..terms import multiply, transpose
from ..writing import braced

Array = Any
Values = Callable[[tuple[Array, ...]], Array]

LETTERS = ("u", "v", "w", "z", "q", "p", "s", "r", r"\eta", r"\xi", r"\zeta")
"""The letters of the vectors, as far as nothing else is called so."""


class Ordinal(NamedTuple):
    """Which of the values is meant: its words, the LaTeX of its script, and its place among them from the largest on.

    `word` is how the notation names it; the place of "i" is the second argument.
    """

    word: str
    en: str
    zh: str
    script: str
    position: int | None

    def at(self, arrays: tuple[Array, ...], count: int) -> int:
        """Return the place among so many values, the largest at 0."""
        if self.position is not None:
            return self.position % count
        return min(int(lazy_numpy().ravel(arrays[1].real)[0]), count) - 1

    @property
    def shapes(self) -> str:
        """What a signature says of the index, if it is an argument."""
        return ", 1 1" if self.position is None else ""

    def of(self, node: Apply, write: Write) -> str:
        """Return the script as LaTeX."""
        return braced(self.script or write(node.arguments[1], 0))


_LARGEST = Ordinal("max", "largest", "最大", r"\max", 0)
_SMALLEST = Ordinal("min", "smallest", "最小", r"\min", -1)
_INDEXED = Ordinal("i", "i-th", "第 i 个", "", None)


# --- values at points


def _eigenvalue(place: Ordinal, arrays: tuple[Array, ...]) -> Array:
    numpy = lazy_numpy()
    values = numpy.sort(numpy.linalg.eigvals(arrays[0].real).real, axis=-1)[..., ::-1]
    return values[..., place.at(arrays, values.shape[-1]), None, None]


def _eigenvector(place: Ordinal, arrays: tuple[Array, ...]) -> Array:
    numpy = lazy_numpy()
    a = arrays[0].real
    vectors = numpy.linalg.eigh((a + a.swapaxes(-1, -2)) / 2)[1][..., ::-1]
    k = place.at(arrays, vectors.shape[-1])
    return vectors[..., k : k + 1]


def _singular_value(place: Ordinal, arrays: tuple[Array, ...]) -> Array:
    values = lazy_numpy().linalg.svd(arrays[0].real, compute_uv=False)
    return values[..., place.at(arrays, values.shape[-1]), None, None]


def _singular_vector(place: Ordinal, arrays: tuple[Array, ...], *, right: bool) -> Array:
    left, values, across = lazy_numpy().linalg.svd(arrays[0].real, full_matrices=False)
    k = place.at(arrays, values.shape[-1])
    return across.swapaxes(-1, -2)[..., k : k + 1] if right else left[..., k : k + 1]


# --- over a prime field: the value is an atom, the vectors are unit vectors of atoms


def _unit_vector(at: Arithmetic, name: str, key: Any, size: int) -> Jet:
    """Return a unit vector of atoms, by stereographic projection."""
    steps = [at.atom(f"{name} {i}", key) for i in range(size - 1)]
    square = sum(x * x for x in steps)
    below = at.inverse_of(1 + square)
    return Jet({0: [[(1 - square) * below % at.prime], *([2 * x * below % at.prime] for x in steps)]})


def _key(x: tuple[Jet, ...], *, symmetric: bool) -> Any:
    """Return what tells the matrix, and the place, from all others.

    Raises:
        UndecidedError: the matrix is not symmetric as it must be.
    """
    cells = tuple(map(tuple, x[0].value))
    if symmetric and cells != tuple(zip(*cells, strict=True)):
        raise UndecidedError("an eigenvalue of a matrix that is not symmetric")
    return cells, x[1].number if len(x) > 1 else 0


def _vector(at: Arithmetic, name: str, x: tuple[Jet, ...], side: str) -> Jet:
    """Return the eigenvector, or the singular vector on one side.

    Raises:
        UndecidedError: the matrix moves, and its vectors do with it.
    """
    if x[0].moves:
        raise UndecidedError("the derivatives of an eigenvector")
    size = x[0].columns if side == "right" else x[0].rows
    found = _unit_vector(at, f"{side} vector of the {name}", _key(x, symmetric=not side), size)
    return Jet(found.parts, x[0].degree.of_function())


def _exact(at: Arithmetic, name: str, x: tuple[Jet, ...], sides: tuple[str, str]) -> Jet:
    """Return the value as an atom, whose slope along D is u^T D v.

    Raises:
        UndecidedError: second derivatives are asked for.
    """
    a, symmetric = x[0], not sides[0]
    parts = {0: [[at.atom(name, _key(x, symmetric=symmetric))]]}
    if a.moves and at.crossed:
        raise UndecidedError(f"second derivatives of the {name}")
    if a.moves:
        rests = (Jet({0: a.value}, a.degree), *x[1:])
        left, right = (_vector(at, name, rests, side) for side in sides)
        row = at.moved(left, turned)
        parts |= {bit: at.times(row, Jet({0: step}), right).value for bit, step in a.parts.items() if bit}
    return Jet(parts, a.degree.of_function())


# --- the rows

_SOURCE = "Petersen and Pedersen (2012), sec. 2.3"


def _no_derivative(node: Apply, d: Differentiate) -> Expr:
    kind = node.operator.name.partition(" of ")[0]
    raise UnsupportedError("E308", f"the derivative of an {kind} is not supported", hint="only that of its value is")


def _letter(node: Apply, side: int, write: Write) -> str:
    """Return the letter of the vector, with the index of its value."""
    letter = str(node.parameters[0]) if node.parameters else LETTERS[side]
    return letter if len(node.arguments) == 1 else f"{letter}_{braced(write(node.arguments[1], 0))}"


def _name(place: Ordinal, side: str) -> str:
    return f"{place.en} {'singular value' if side else 'eigenvalue'}"


def _example(place: Ordinal, side: str) -> str:
    letter, matrix = (r"\sigma", "X") if side else (r"\lambda", "A")
    return rf"{letter}_{{{place.script or 'i'}}}({matrix})"


_SIDES = {
    "": ("eigenvector", "特征向量", "n n", "n"),
    "left": ("left singular vector", "左奇异向量", "m n", "m"),
    "right": ("right singular vector", "右奇异向量", "m n", "n"),
}


def _vector_row(place: Ordinal, side: str, value: Values, numpy: str, julia: str) -> Operator:
    """Return the row of the unit vector: the eigenvector, or the singular vector on one side."""
    en, zh, shape, size = _SIDES[side]
    return Operator(
        name=f"{en} of the {_name(place, side)}",
        rule=Wording(en, zh),
        source=_SOURCE,
        example=(_example(place, side), "X" if side else "A"),
        where=("X: m x n",) if side else ("A: symmetric",),
        signatures=(f"{shape}{place.shapes} -> {size} 1",),
        latex=lambda node, write: _letter(node, int(side == "right"), write),
        value=lambda arrays, parameters: value(arrays),
        exact=lambda at, node, x: _vector(at, _name(place, side), x, side),
        numpy=numpy,
        julia=Code(julia),
        differential=_no_derivative,
        analytic=False,
    )


def _eigenvector_row(place: Ordinal, numpy: str, julia: str) -> Operator:
    code = f"np.linalg.eigh({{0}})[1][:, {numpy}].reshape(-1, 1)"
    return _vector_row(place, "", lambda arrays: _eigenvector(place, arrays), code, julia)


def _singular_vector_row(place: Ordinal, side: str, numpy: str, julia: str) -> Operator:
    right = side == "right"
    part = f"[2][{numpy}]" if right else f"[0][:, {numpy}]"
    return _vector_row(
        place,
        side,
        lambda arrays: _singular_vector(place, arrays, right=right),
        f"np.linalg.svd({{0}}, full_matrices=False){part}.reshape(-1, 1)",
        f"reshape(svd({{0}}).{'V' if right else 'U'}[:, {julia}], :, 1)",
    )


def _vectors(rows: tuple[Operator, ...], node: Apply) -> tuple[Apply, ...]:
    """Return the vectors of the value `node` by their rows, each with its letter."""
    return tuple(Apply(row, node.arguments, node.parameters[k : k + 1]) for k, row in enumerate(rows))


def _eigenvalue_row(place: Ordinal, vector: Operator, numpy: str, julia: str, curvature: int = 0) -> Operator:
    r"""Return the row of an eigenvalue: `\mathrm{d}\lambda = u^T dA u`."""

    def differential(node: Apply, d: Differentiate) -> Expr:
        (u,) = _vectors((vector,), node)
        return multiply(transpose(u), d(node.arguments[0]), u)

    return Operator(
        name=_name(place, ""),
        rule=Wording("eigenvalue rule", "特征值法则"),
        why=Wording(
            r"Differentiate $Au=\lambda u$ and multiply by $u^\top$ from the left: since "
            r"$u^\top A=\lambda u^\top$ and $u^\top u=1$, the terms with $\mathrm{d}u$ cancel; what is left is "
            r"$\mathrm{d}\lambda=u^\top\thinspace\mathrm{d}A\thinspace u$.",
            r"对 $Au=\lambda u$ 求微分并左乘 $u^\top$：由于 $u^\top A=\lambda u^\top$ 且 $u^\top u=1$，含 "
            r"$\mathrm{d}u$ 的项相消，得 $\mathrm{d}\lambda=u^\top\thinspace\mathrm{d}A\thinspace u$。",
        ),
        source=_SOURCE,
        condition=Wording("where the eigenvalue is simple", "特征值为单根时"),
        convexity=Convexity(curvature, of_symmetric=True) if curvature else None,
        example=(_example(place, ""), "A"),
        where=("A: symmetric",),
        notations=(Notation("called", rf"\lambda {place.word}", "matrix"),),
        signatures=(f"n n{place.shapes} -> 1 1",),
        latex=lambda node, write: rf"\lambda_{place.of(node, write)}" + parenthesise(write(node.arguments[0], 0)),
        binding=Binding.PRODUCT + 1,
        value=lambda arrays, parameters: _eigenvalue(place, arrays),
        exact=lambda at, node, x: _exact(at, _name(place, ""), x, ("", "")),
        numpy=f"np.linalg.eigvalsh({{0}})[{numpy}]",
        julia=Code(julia),
        differential=differential,
        sign=lambda node, signs: signs.of_matrix(node.arguments[0]),
        analytic=False,
    )


largest_eigenvector = _eigenvector_row(_LARGEST, "-1", "eigvecs(Symmetric({0}))[:, end:end]")
largest_eigenvalue = _eigenvalue_row(_LARGEST, largest_eigenvector, "-1", "eigmax(Symmetric({0}))", 1)
smallest_eigenvector = _eigenvector_row(_SMALLEST, "0", "eigvecs(Symmetric({0}))[:, 1:1]")
smallest_eigenvalue = _eigenvalue_row(_SMALLEST, smallest_eigenvector, "0", "eigmin(Symmetric({0}))", -1)
indexed_eigenvector = _eigenvector_row(
    _INDEXED, "len({0}) - int({1})", "reshape(eigvecs(Symmetric({0}))[:, end+1-Int({1})], :, 1)"
)
indexed_eigenvalue = _eigenvalue_row(
    _INDEXED, indexed_eigenvector, "len({0}) - int({1})", "eigvals(Symmetric({0}))[end+1-Int({1})]"
)


def _singular_value_row(
    place: Ordinal, vectors: tuple[Operator, Operator], numpy: str, julia: str, *, norm: bool = False
) -> Operator:
    r"""Return the row of a singular value, or of the norm that is the largest one: `\mathrm{d}\sigma = u^T dX v`."""

    def differential(node: Apply, d: Differentiate) -> Expr:
        u, v = _vectors(vectors, node)
        return multiply(transpose(u), d(node.arguments[0]), v)

    def latex(node: Apply, write: Write) -> str:
        inner = write(node.arguments[0], 0)
        return rf"\lVert {inner}\rVert_2" if norm else rf"\sigma_{place.of(node, write)}" + parenthesise(inner)

    norms = Notation("norm", "2", "matrix"), Notation("norm", "op", "matrix")
    notations = norms if norm else (Notation("called", rf"\sigma {place.word}", "matrix"),)
    return Operator(
        name="spectral norm" if norm else _name(place, "left"),
        rule=Wording("spectral-norm rule", "谱范数法则") if norm else Wording("singular-value rule", "奇异值法则"),
        why=Wording(
            r"$\sigma = u^\top Xv$ with unit vectors $u$, $v$; as $Xv=\sigma u$ and $X^\top u=\sigma v$, "
            r"the terms with $\mathrm{d}u$ and $\mathrm{d}v$ are zero; what is left is "
            r"$\mathrm{d}\sigma=u^\top\thinspace\mathrm{d}X\thinspace v$.",
            r"$\sigma = u^\top Xv$，其中 $u$、$v$ 为单位向量；由 $Xv=\sigma u$，$X^\top u=\sigma v$，"
            r"含 $\mathrm{d}u$ 与 $\mathrm{d}v$ 的项为零，得 "
            r"$\mathrm{d}\sigma=u^\top\thinspace\mathrm{d}X\thinspace v$。",
        ),
        source="Watson (1992)",
        condition=Wording(
            f"where the {'largest ' * norm}singular value is simple and not 0",
            f"{'最大' * norm}奇异值为单根且不为零时",
        ),
        convexity=Convexity(1) if place is _LARGEST else None,
        example=(r"\|X\|_2" if norm else _example(place, "left"), "X"),
        where=("X: m x n",),
        notations=notations,
        signatures=(f"m n{place.shapes} -> 1 1",),
        latex=latex,
        binding=Binding.ATOM if norm else Binding.PRODUCT + 1,
        value=lambda arrays, parameters: _singular_value(place, arrays),
        exact=lambda at, node, x: _exact(at, _name(place, "left"), x, ("left", "right")),
        numpy=f"np.linalg.svd({{0}}, full_matrices=False)[1][{numpy}]",
        julia=Code(f"svdvals({{0}})[{julia}]"),
        differential=differential,
        sign=lambda node, signs: SEMIDEFINITE,
        analytic=False,
    )


largest_left_vector = _singular_vector_row(_LARGEST, "left", "0", "1")
largest_right_vector = _singular_vector_row(_LARGEST, "right", "0", "1")
_largest_vectors = largest_left_vector, largest_right_vector
largest_singular_value = _singular_value_row(_LARGEST, _largest_vectors, "0", "1")
spectral_norm = _singular_value_row(_LARGEST, _largest_vectors, "0", "1", norm=True)
smallest_left_vector = _singular_vector_row(_SMALLEST, "left", "-1", "end")
smallest_right_vector = _singular_vector_row(_SMALLEST, "right", "-1", "end")
smallest_singular_value = _singular_value_row(_SMALLEST, (smallest_left_vector, smallest_right_vector), "-1", "end")
indexed_left_vector = _singular_vector_row(_INDEXED, "left", "int({1}) - 1", "Int({1})")
indexed_right_vector = _singular_vector_row(_INDEXED, "right", "int({1}) - 1", "Int({1})")
indexed_singular_value = _singular_value_row(
    _INDEXED, (indexed_left_vector, indexed_right_vector), "int({1}) - 1", "Int({1})"
)

_VECTORS = {
    largest_eigenvalue: (largest_eigenvector,),
    smallest_eigenvalue: (smallest_eigenvector,),
    indexed_eigenvalue: (indexed_eigenvector,),
    largest_singular_value: _largest_vectors,
    spectral_norm: _largest_vectors,
    smallest_singular_value: (smallest_left_vector, smallest_right_vector),
    indexed_singular_value: (indexed_left_vector, indexed_right_vector),
}
_OF_VECTORS = frozenset(row for rows in _VECTORS.values() for row in rows)


def vectors_of(node: Expr) -> tuple[Apply, ...]:
    """Return the unit vectors that belong to an eigenvalue, a singular value or a spectral norm; of all else none."""
    if not isinstance(node, Apply) or node.operator not in _VECTORS:
        return ()
    return _vectors(_VECTORS[node.operator], node)


def is_unit_vector(node: Expr) -> bool:
    """Whether this is such a vector, which is written as a letter."""
    return isinstance(node, Apply) and node.operator in _OF_VECTORS
