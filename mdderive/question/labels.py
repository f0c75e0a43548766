r"""Labels: letters whose value is an index, the class `y_n` of `1\{y_n=k\}`, `\sum_{j\ne y_n}` and `w_{y_n}`.

Of two indices the condition that they are one is Kronecker's delta.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from ..errors import ParseError
from ..latex.names import entry_indices, name_of, undressed
from ..latex.sums import INDICES
from ..latex.tree import Syntax
from .entries import called_by, is_free_index, unused_indices, with_index
from .index_sets import CONDITIONS
from .kinds import Declaration

LABEL = "label"
"""The property of the letters whose value is an index."""


def is_label(said: Declaration) -> bool:
    """Whether a letter is declared as one whose value is an index."""
    return LABEL in said.properties


def with_labels(
    declarations: Mapping[str, Declaration], roots: Sequence[Syntax], dependent: Iterable[Syntax]
) -> dict[str, Declaration]:
    """Return the declarations with the labels in the formulas, which are none of the `dependent` letters.

    Raises:
        ParseError: one is.
    """
    found, moving = dict(declarations), {undressed(called_by(x.text)[0]) for x in dependent}
    for label, said in labels_in(roots).items():
        if undressed(called_by(label)[0]) in moving:
            place = next(x.span for root in roots for x in root.walk() if x.text == label)
            hint = rf"write an inequality, as \mathbb{{1}}[{label} \gt 0]"
            raise ParseError("E131", f"a condition on {label}, which varies, is not supported", place, hint)
        own = found.get(label, said)
        found[label] = own._replace(properties=own.properties | {LABEL})
    return found


def labels_in(roots: Iterable[Syntax]) -> dict[str, Declaration]:
    """Return the declarations of the letters that conditions compare with an index, and no sum binds."""
    nodes = [x for root in roots for x in root.walk()]
    bound = {x.text for x in nodes if x.head == "sum_over"}
    pairs = [x for x in nodes if x.head == "comparison" and x.text in ("=", r"\ne")]
    surely = [x for x in pairs if x.text == "=" or any(y.text not in INDICES for y in x.arguments)]
    found = {y.text for x in surely for y in x.arguments if y.head == "symbol"}
    return {x: Declaration(kind="scalar", properties=frozenset((LABEL,))) for x in sorted(found - bound)}


def with_picked_members(roots: Sequence[Syntax], variables: Sequence[Syntax]) -> list[Syntax]:
    r"""Return the trees in which `w_{y_n}`, of a variable's family, is the sum over its members where `y_n = k`."""
    families = {undressed(called_by(x.text)[0]) for x in variables} - {undressed(x.text) for x in variables if x.index}
    named = {x.text for x in variables}
    nodes = [x for root in roots for x in root.walk()]
    labels = labels_in(roots)
    picked = {x.text: y for x in nodes if undressed(x.base) in families and (y := _picking(x, labels)) is not None}
    if not picked or named & picked.keys():
        return [*roots]
    (index,) = unused_indices(Syntax("tuple", tuple(roots), roots[0].span), 1)

    def read(node: Syntax) -> Syntax:
        if node.head != "symbol" or node.text not in picked:
            return node.with_each(read)
        member = node.but(text=f"{node.base}_{index}", subscript=index)
        place = Syntax("symbol", (), node.span, text=index, base=index)
        where = Syntax("comparison", (picked[node.text], place), node.span, "=")
        lower, upper = _ends_of_members(nodes, node.base)
        body = Syntax("product", (where, member), node.span)
        total = Syntax("sum_over", (body,), node.span, text=index, lower=lower, upper=upper)
        return Syntax("group", (total,), node.span, text="(")

    return [read(x) for x in roots]


def with_labelled_entries(node: Syntax, values: Collection[str]) -> Syntax:
    r"""Return the tree with `\log p_y` for `\sum_k1\{y=k\}\log p_k`, where p is one of the `values` or a call."""
    node = node.with_each(lambda x: with_labelled_entries(x, values))
    body = node.arguments[0] if node.head == "sum_over" and not node.base else node
    for where in body.arguments if body is not node and body.head == "product" else ():
        labels = [
            x.text for x in where.arguments if x.text != node.text and name_of(x.text).is_letter and not x.subscript
        ]
        if where.head != "comparison" or where.text != "=" or len(labels) != 1:
            continue
        rest = [x for x in body.arguments if x is not where]
        entries = [x for y in rest for x in y.walk() if (x.subscript or x.text) == node.text]
        if rest and any(x.base in values or x.head == "subscripted" for x in entries):
            return with_index(rest[0] if len(rest) == 1 else body.but(arguments=tuple(rest)), node.text, labels[0])
    return node


def with_kronecker_deltas(node: Syntax, known: Collection[str]) -> Syntax:
    r"""Return the tree with `x_i` for `\sum_j\delta_{ij}x_j`, where `\delta` is none of the `known` letters.

    Under a condition, as i < j, it is no Kronecker delta but data.
    """
    return _with_deltas(node, known) if any(x.base == r"\delta" for x in node.walk()) else node


def _with_deltas(node: Syntax, known: Collection[str]) -> Syntax:
    node = node.with_each(lambda x: _with_deltas(x, known))
    if node.head != "sum_over" or node.base:
        return node
    (body,) = node.arguments
    if (
        body.head == "sum_over" and not body.base
    ):  # `\sum_{j,k}\delta_{ij}x_jy_k` is a sum over j within that over k, too
        inner = _with_deltas(node.but(arguments=body.arguments), known)
        return body.but(arguments=(inner,)) if inner.head != "sum_over" else node
    factors = body.arguments if body.head == "product" else ()
    for factor in factors if not any(x.head in CONDITIONS for x in factors) else ():
        indices = entry_indices(factor.subscript) if factor.base == r"\delta" else ()
        if len({*indices}) == 2 and node.text in indices and not {factor.text, factor.base} & {*known}:
            (other,) = {*indices} - {node.text}
            rest = [x for x in factors if x is not factor]
            return with_index(body.but(arguments=tuple(rest)) if len(rest) > 1 else rest[0], node.text, other)
    return node


def _picking(node: Syntax, labels: Collection[str]) -> Syntax | None:
    r"""Return the label that picks a member, y_n of `w_{y_n}`, or y where `labels` has it; None of another letter."""
    name = name_of(node.text)
    if node.head != "symbol" or name.subscript is None or len(name.scripts) != 1 or len(name.subscript.letters) != 1:
        return None
    label = name_of(name.subscript.letters[0])
    if not (str(label) in labels or (label.scripts and all(map(is_free_index, label.index_letters)))):
        return None
    subscript, index = (x.latex if x is not None else "" for x in (label.subscript, label.superscript))
    base = str(label._replace(scripts=()))
    return Syntax("symbol", (), node.span, text=str(label), base=base, subscript=subscript, index=index)


def _ends_of_members(nodes: Iterable[Syntax], base: str) -> tuple[str, str]:
    """Return the range of a sum over the members of a family, that of the first that names one."""
    sums = [x for x in nodes if x.head == "sum_over"]
    members = [x for x in sums if any(y.base == base and entry_indices(y.subscript) == (x.text,) for y in x.walk())]
    return next(((x.lower, x.upper) for x in members if x.upper), ("", ""))
