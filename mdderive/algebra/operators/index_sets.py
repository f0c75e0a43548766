r"""The rows of conditions on indices: i < j, i \ne j, i = y_n, and that an index or a pair of them is in a set.

A condition is a number, 1 where it holds and 0 elsewhere, and a factor of what is summed: so a sum over some of the
indices is a sum over all. It is written below the sign of the sum whose index stands in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...latex.names import Name, member_of_set, name_of
from ...words import Wording
from ..arithmetic import Arithmetic
from ..expressions import SCALAR, Apply, Binding, Code, Expr, Operator, Symbol, Write, number
from ..numbers import Jet
from ..terms import normalise
from ..writing import braced
from .sums import FUNDAMENTAL

_ROUNDED = 0.5
"""Within which two indices are one, whatever was rounded."""
_TURNED = {"<": ">", r"\le": r"\ge", r"\ne": r"\ne", "=": "="}


def _bracketed(node: Apply, write: Write) -> str:
    """Return the condition in Iverson's brackets, where no sum says it."""
    condition = node.operator.below
    assert condition is not None
    return rf"\lbrack {condition(node, '')}\rbrack"


def _compared(node: Apply, index: str, sign: str) -> str:
    """Return the comparison, the `index` first where it is one of the two."""
    left, right = map(str, node.arguments)
    if index == right:
        left, right, sign = right, left, _TURNED[sign]
    return f"{left}{sign}{' ' * sign.startswith(chr(92))}{right}"


def _comparison(name: str, sign: str, source: str, compare: Callable[[Any, Any], Any]) -> Operator:
    """Return the row of a comparison of indices; `source` as programming languages write its sign."""

    def exact(at: Arithmetic, node: Apply, x: tuple[Jet, ...]) -> Jet:
        return at.scalar(int(compare(*(y.number for y in x))))

    return Operator(
        name=name,
        rule=Wording("a constant", "常量"),
        source=f"{FUNDAMENTAL}; Graham, Knuth and Patashnik, Concrete Mathematics (1994), sec. 2.1",
        example=(
            (r"\sum_{i=1}^n 1\{y_i=1\} (w^Tx_i-z_i)^2+w^Tw", "w")
            if sign == "="
            else (rf"\sum_{{i=1}}^n\sum_{{j{_TURNED[sign]} i}} (w^Tx_i-y_j)^2", "w")
        ),
        result=lambda arguments, parameters: SCALAR,
        latex=_bracketed,
        binding=Binding.ATOM,
        value=lambda arrays, parameters: compare(arrays[0].real, arrays[1].real) * 1.0,
        exact=exact,
        numpy=f"({{0}} {source} {{1}})",
        julia=Code(f"({{0}} {source} {{1}})"),
        sympy=Code(f"int({{0}} {source} {{1}})"),
        below=lambda node, index: _compared(node, index, sign),
        normal=lambda arguments, parameters: _simpler(arguments, sign),
    )


def _simpler(arguments: tuple[Expr, ...], sign: str) -> Expr | None:
    """Return the comparison of an index with itself, which holds or does not, and i != j in the alphabet's order.

    A label stands before an index, `y_i = k`.
    """
    left, right = arguments
    if left is right:
        return number(int(sign in (r"\le", "=")))
    turned = sign in (r"\ne", "=") and _place(left) > _place(right)
    return Apply(COMPARISONS[sign], (right, left)) if turned else None


def _place(x: Expr) -> tuple[int, str]:
    """Return in which order the two sides stand: a member that is a label, another letter, an index, a number."""
    if not isinstance(x, Symbol):
        return 3, str(x)
    return (2 if x.index == (x.latex,) else 0 if x.index else 1), str(x)


def either(one: Expr, other: Expr) -> Expr | None:
    """Return the condition that one of two holds that exclude each other, j != k for j < k and k < j; else None."""
    turned = isinstance(one, Apply) and isinstance(other, Apply) and one.arguments == other.arguments[::-1]
    lesser = turned and {x.operator for x in (one, other) if isinstance(x, Apply)} == {before}
    return normalise(Apply(unequal, one.arguments)) if lesser and isinstance(one, Apply) else None


before = _comparison("lesser index", "<", "<", lambda a, b: a < b)
not_after = _comparison("index not greater", r"\le", "<=", lambda a, b: a <= b)
unequal = _comparison("other index", r"\ne", "!=", lambda a, b: abs(a - b) > _ROUNDED)
equal = _comparison("same index", "=", "==", lambda a, b: abs(a - b) < _ROUNDED)

COMPARISONS = {"<": before, r"\le": not_after, r"\ne": unequal, "=": equal}
"""The rows of comparisons by their signs."""


def _membership(node: Apply, index: str) -> str:
    r"""Return `j \in R_i`, `(i,j) \in \Omega`, whatever `index` is summed over."""
    (member,) = node.arguments
    (form,) = node.parameters
    pairs = _number(member)
    whole, others, element = pairs.set_and_element
    if form == "pairs":
        indices = pairs.scripts[-1].letters
        whole = pairs.without_last_script
        said = rf"({','.join(indices)})\in {whole}"
    elif form:
        letter = str(form)[1:-1]
        of = f"{letter}_{braced(''.join(others))}" if letter else "".join(others)
        said = rf"{element}\in {whole.without_last_script}({of})"
    else:
        said = rf"{element}\in {whole}"
    return said


def _number(member: Expr) -> Name:
    r"""Return the name of the number that says that (i, j) is in a set: `\Omega_{i,j}`, also as an entry of Omega."""
    if isinstance(member, Symbol):
        return name_of(member.latex)
    assert isinstance(member, Apply)
    whole, *places = map(str, member.arguments)
    return member_of_set(whole, places)


membership = Operator(
    name="membership in a set",
    rule=Wording("a constant", "常量"),
    source="Graham, Knuth and Patashnik, Concrete Mathematics (1994), sec. 2.1",
    example=(r"\sum_{i\in S} (w^Tx_i-y_i)^2", "w"),
    result=lambda arguments, parameters: SCALAR,
    latex=_bracketed,
    binding=Binding.ATOM,
    value=lambda arrays, parameters: arrays[0],
    exact=lambda at, node, x: x[0],
    numpy="{0}",
    julia=Code("({0} != 0)"),
    sympy=Code("{0}"),
    below=_membership,
)
