r"""Complex letters: `x^H` is the transpose of `x^\ast`, the conjugate of x, which is a letter of its own.

So Wirtinger's calculus reads: a formula of x and `x^\ast` is differentiated by `x^\ast` while x stays fixed. A
formula is complex where it has conjugate transposes, or where the author says so of a letter; the variables are then
conjugates, but for those of which f is a holomorphic function.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ..errors import ShapeError, Span, UnsupportedError
from ..latex.names import conjugate_of, conjugated, is_hermitian_sign, name_of
from ..latex.tree import Syntax
from .kinds import Declaration

HERMITIAN, COMPLEX = "Hermitian", "complex"
REAL = frozenset(("real", "SPD", "symmetric", "positive", "probability", "one-hot", "binary", "orthogonal"))
"""The properties of letters that are their own conjugates."""
_MAPPED = frozenset(("add", "negate", "product", "group", "fraction", "slash", "transpose", "inverse_transpose"))
_MAPPED |= {"hadamard", "circ", "hadamard_quotient", "hadamard_power", "kronecker", "cdot", "times", "colon", "bars"}
_MAPPED |= {"prime", "sum_over", "mean_over"}
"""What the conjugate goes through, to the parts."""
_HOLOMORPHIC = frozenset(
    ("trace", "determinant", "exponential", "logarithm", "sine", "cosine", "vectorisation", "diagonal matrix")
) | {"diagonal of a matrix", "adjugate"}
"""The functions of which the conjugate is that of the conjugate."""
_NORMS = ("", "2", "F")
_ENTRYWISE = ("circ", "hadamard")


def shows_conjugates(f: Syntax, declared: Mapping[str, Declaration]) -> bool:
    r"""Whether a formula has complex letters: `x^H`, `u \odot u^*`, or a letter that is declared as complex.

    Beside `x^T`, and of Greek letters alone, H may be a number, as the horizon of `\gamma^H` is: there it is asked.
    """
    if any(x.properties & {HERMITIAN, COMPLEX} for x in declared.values()):
        return True
    ends = {x.upper for x in f.walk() if x.head == "sum_over"} | {x.text for x in f.walk() if x.head == "sum_over"}
    if "H" in ends or "H" in declared:
        return _has_squares(f)
    turned = [x.arguments[0] for x in f.walk() if _is_turned(x)]
    numbers = all(x.head == "symbol" and x.text.startswith("\\") and not name_of(x.text).is_capital for x in turned)
    sure = bool(turned) and not numbers and not any(x.head == "transpose" for x in f.walk())
    return sure or _has_squares(f)


def _has_squares(f: Syntax) -> bool:
    r"""Whether a formula has `u \odot u^*`, whose star can only be the conjugate."""
    for node in f.walk():
        if node.head in _ENTRYWISE:
            stars = [x.arguments[0] for x in node.arguments if _is_star(x)]
            if any(str(x) == str(y) for x in stars for y in node.arguments):
                return True
    return False


def _is_turned(node: Syntax) -> bool:
    """Whether this is the conjugate transpose `x^H`."""
    exponent = node.arguments[1] if node.head == "power" else node
    return exponent is not node and exponent.head == "symbol" and is_hermitian_sign(exponent.text)


def _has_capitals(node: Syntax) -> bool:
    return any(name_of(x.text).is_capital for x in node.walk() if x.head == "symbol" and x.text != "H")


def _is_star(node: Syntax) -> bool:
    return node.head == "superscript" and node.text == "*"


def _with_stars_read(factors: Sequence[Syntax]) -> list[Syntax]:
    r"""Return the factors of a product, each star read: in `x^*Ax`, `y^*y` it is that of the conjugate transpose.

    A star before the letter's own column, or on a vector before a matrix, makes a row of it; on a vector that ends a
    product or stands before a row it is the conjugate.

    Raises:
        ShapeError: it stands on a matrix, where it may be either.
    """
    found = list(factors)
    for k, factor in enumerate(factors):
        if not _is_star(factor):
            continue
        base, beside = factor.arguments[0], [*factors[k + 1 : k + 2], *factors[max(k - 1, 0) : k]]
        before_column = k + 1 < len(factors) and not _is_row(factors[k + 1])
        own = any(str(x) == str(base) for x in beside)
        if own or (before_column and not _has_capitals(base)):
            h = Syntax("symbol", (), factor.span, text="H", base="H")
            found[k] = Syntax("power", (base, h), factor.span)
        elif _has_capitals(base):
            hint = f"write {base}^H for the conjugate transpose, ({base}^H)^T for the conjugate"
            message = f"{base}^* may be the conjugate transpose or the conjugate"
            raise ShapeError("E205", message, factor.span, hint)
    return found


def _is_row(node: Syntax) -> bool:
    turned = node.head in ("transpose", "prime") or _is_turned(node) or _is_star(node)
    return turned and not _has_capitals(node.arguments[0])


class Conjugates:
    """Writes the formulas of a marker with conjugates; `declared` says which letters are real or Hermitian.

    In what is `printed` a star is always that of the conjugate.
    """

    def __init__(self, declared: Mapping[str, Declaration], *, printed: bool = False) -> None:
        self.printed = printed
        self.real = {x for x, said in declared.items() if said.properties & REAL or said.kind == "function"}
        self.hermitian = {x for x, said in declared.items() if HERMITIAN in said.properties}

    def written(self, node: Syntax) -> Syntax:
        """Return a formula in which conjugates are letters, and norms are inner products with them.

        Raises:
            UnsupportedError: it has a function that is not holomorphic, or a norm of other kind.
        """
        if _is_turned(node):
            return Syntax("transpose", (self.conjugate(self.written(node.arguments[0])),), node.span)
        if _is_star(node):
            return self.conjugate(self.written(node.arguments[0]))
        if node.head == "product" and not self.printed and any(map(_is_star, node.arguments)):
            return node.but(arguments=tuple(map(self.written, _with_stars_read(node.arguments))))
        if node.head == "power" and node.arguments[1].value == 2 and self._has_square(node.arguments[0]):
            inner = self.written(node.arguments[0].arguments[0])
            return Syntax("group", (self._square(inner),), node.span, "(")
        if node.head == "norm":
            if node.text not in _NORMS:
                raise self._unsupported("this norm", node)
            return Syntax("sqrt", (self._square(self.written(node.arguments[0])),), node.span)
        if node.head == "inner":
            left, right = map(self.written, node.arguments)
            return node.but(arguments=(self.conjugate(left), right))
        if node.head == "bars" and not _has_capitals(node):
            raise self._unsupported("this absolute value", node)
        if node.head == "call" and node.text not in _HOLOMORPHIC:
            raise self._unsupported(f"the {node.text}", node)
        return node.with_each(self.written)

    def _has_square(self, node: Syntax) -> bool:
        """Whether the square of this is that of a norm, or of the absolute value of a number such as `w^Hx`."""
        if node.head == "norm":
            return node.text in _NORMS
        if node.head != "bars":
            return False
        inner = node.arguments[0].ungrouped
        first = inner.arguments[0] if inner.head == "product" else inner
        base = first.arguments[0] if _is_turned(first) else node
        row = base.head == "symbol" and not name_of(base.text).is_capital
        return row or not _has_capitals(node)

    def _square(self, x: Syntax) -> Syntax:
        return Syntax("inner", (self.conjugate(x), x), x.span)

    def conjugate(self, node: Syntax) -> Syntax:
        """Return the conjugate of a formula.

        Raises:
            UnsupportedError: it has a function that is not holomorphic.
        """
        if node.head == "symbol":
            return self.letter(node)
        if node.head in ("number", "ones", "zeros", "inner"):
            return node if node.head != "inner" else node.with_each(self.conjugate)
        if node.head == "sqrt" and node.arguments[0].head == "inner":
            return node
        if node.head == "power":
            return node.but(arguments=(self.conjugate(node.arguments[0]), node.arguments[1]))
        if node.head in _MAPPED or (node.head == "call" and node.text in _HOLOMORPHIC):
            return node.with_each(self.conjugate)
        raise self._unsupported(f"the conjugate of this {node.head}", node)

    def letter(self, node: Syntax) -> Syntax:
        """Return the conjugate of a letter: of that of x the letter x, of a Hermitian matrix its transpose."""
        base = conjugate_of(node.text)
        if base:
            return node.but(text=base, base=base)
        name = name_of(node.text)
        if node.text in self.real or name.identity is not None or node.text in ("e", r"\pi"):
            return node
        if node.text in self.hermitian:
            return Syntax("transpose", (node,), node.span)
        return node.but(text=conjugated(node.text), base=conjugated(node.base), subscript="", index="")

    def variable(self, node: Syntax, occurring: Collection[str]) -> Syntax:
        """Return the letter by which is differentiated where a complex letter is asked for: its conjugate.

        Where the conjugate does not occur the function is holomorphic, and it is the letter itself.

        Raises:
            ShapeError: it is Hermitian.
        """
        if node.text in occurring and conjugated(node.text) not in occurring and node.text not in self.hermitian:
            return node
        if node.text in self.hermitian:
            hint = "differentiate by a letter without this property, and take the Hermitian part"
            raise ShapeError("E306", f"the derivative by the Hermitian {node.text} is not supported", node.span, hint)
        return node if conjugate_of(node.text) else self.letter(node)

    def _unsupported(self, what: str, node: Syntax) -> UnsupportedError:
        hint = "squared norms, inner products, products, inverses, traces and determinants are supported"
        return UnsupportedError("E303", f"{what} of complex letters is not supported", node.span, hint)


def check_imaginary(roots: Sequence[Syntax], known: Collection[str]) -> None:
    r"""Refuse `e^{i\omega t}`, whose i may be the imaginary unit, unless it is one of the `known` letters or an index.

    Raises:
        ShapeError: it stands there.
    """
    nodes = [x for root in roots for x in root.walk()]
    taken = {*known, *(x.text for x in nodes if x.head == "sum_over")}
    for node in nodes:
        euler = node.head == "power" and node.arguments[0].text in ("e", r"\mathrm{e}")
        exponent = node.arguments[-1] if euler or (node.head == "call" and node.text == "exponential") else None
        terms = exponent.ungrouped.terms if exponent is not None else ()
        factors = [y for x in terms for y in (x.arguments if x.head == "product" else (x,))]
        letters = [y for x in factors for y in (x.walk() if x.head == "fraction" else (x,))]
        unit = next((x for x in letters if x.text in ("i", "j", r"\mathrm{i}") and x.text not in taken), None)
        if unit is not None:
            hint = rf"write \cos and \sin, or declare it as a number: [{unit.text}: scalar]"
            raise ShapeError("E205", f"{unit.text} may be the imaginary unit", unit.span, hint)


def check_conjugates(variables: Sequence[Syntax], wishes: Mapping[str, Span]) -> None:
    """Refuse what is asked for besides the derivative by a conjugate.

    Raises:
        UnsupportedError: a stationary point, a second derivative or that within a structure is asked for.
    """
    for wish in ("solve", "hessian", "structured"):
        if wish in wishes and any(conjugate_of(x.text) for x in variables):
            hint = "write real and imaginary parts as letters of their own, or leave it out"
            raise UnsupportedError("E306", f"'{wish}' is not supported for complex letters", wishes[wish], hint)
