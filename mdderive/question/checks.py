"""What a marker may not ask: variables that do not occur, claims in foreign letters, primes that may be transposes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from ..algebra.expressions import Apply, Expr, Index, Symbol, to_latex, walk
from ..algebra.families import sums_in
from ..algebra.index_conditions import is_index
from ..algebra.operators.entries import last_before
from ..algebra.operators.index_sets import before
from ..algebra.terms import bound_index, index_of
from ..algebra.writing import braced
from ..errors import DeriveError, ParseError, ShapeError, UnsupportedError
from ..latex.names import conjugate_of, entry_indices, name_of
from ..latex.tree import Syntax
from .clauses import Clauses
from .entries import is_free_index, way_by_all_members
from .lines import question_of_lines
from .marker import MarkerTrees, alike
from .marks import with_primed_names
from .typing import TypedBundle
from .values import occurring_in


def check_primes(marker: MarkerTrees, typed: TypedBundle, typed_as: Callable[[Syntax], TypedBundle]) -> None:
    """Refuse `X' - AX` where nothing but the reading of the prime as a transpose makes X square.

    Raises:
        ShapeError: X' may as well be a letter of its own.
    """
    for base in _primed_letters(marker.f):
        symbol = typed.symbols.get(base.text)
        if symbol is None or not symbol.is_square or symbol.is_scalar:
            continue
        name = f"{base.text}'"
        try:
            other = typed_as(with_primed_names(marker.f, frozenset((name,))))
        except DeriveError:
            continue
        alone = other.symbols.get(base.text)
        if alone is not None and not alone.is_square:
            rows, columns = ("*".join(x) or "1" for x in other.symbols[name].shape)
            hint = f"write {base.text}^T for the transpose, or declare the letter: [{name}: {rows} x {columns}]"
            message = f"{name} may be the transpose of {base.text} or a letter of its own"
            raise ShapeError("E205", message, base.span, hint)


def _primed_letters(tree: Syntax) -> Iterator[Syntax]:
    """Yield the letters with a prime, those of a symmetric part `A + A'` left out."""
    if tree.head == "prime" and tree.arguments[0].head == "symbol":
        yield tree.arguments[0]
    terms = {x.text for x in tree.arguments if x.head == "symbol"} if tree.head == "add" else set()
    for x in tree.arguments:
        if not (x.head == "prime" and x.arguments[0].text in terms):
            yield from _primed_letters(x)


def check_variables(marker: MarkerTrees, typed: TypedBundle) -> None:
    """Refuse a variable that is defined, does not occur, or is a member of a family.

    Raises:
        ParseError: one is.
    """
    values = typed.definitions[: len(marker.named)]
    defined = {name for name, _ in values}
    occurring = occurring_in(typed.f, values)
    members = {x for x in occurring if x.index}
    for symbol, tree in zip(typed.variables, marker.variables, strict=True):
        name = symbol.latex
        if symbol.index:
            _check_last_member(symbol, typed.f, tree)
            continue
        if marker.recursion is not None and marker.recursion.is_end(name):
            continue
        if _is_member(symbol, members, occurring) and (symbol not in occurring or name not in marker.declarations):
            raise _member_as_variable(symbol, occurring, tree)
        if name in _sizes(occurring) | _ends_of_sums(typed):
            raise ParseError("E147", f"{name} is a number of terms or entries", tree.span, "name another variable")
        if symbol in defined:
            raise ParseError("E145", f"{name} is defined, and so no variable", tree.span, "leave one of them out")
        if symbol not in occurring:
            if (bearer := _bearing(name, marker.f)) is not None:
                message = f"how {bearer.text} depends on {name} is not known"
                raise UnsupportedError("E303", message, bearer.span, f"write {bearer.text} out")
            if base := conjugate_of(name):
                hint = f"differentiate by {base} itself"
                raise ParseError("E142", f"the conjugate of {base} does not occur in the function", tree.span, hint)
            if (question := question_of_lines(name, occurring, tree.span)) is not None:
                raise question
            letters = [x.latex for x in occurring if not x.index]
            whole = marker.wholes.of(tree.base, len(entry_indices(tree.subscript))) if tree.subscript else ""
            if whole in letters:
                raise _entry_as_variable(whole, tree)
            near = alike(name, letters)
            others = f"name one that does: {', '.join(sorted(letters))}" if letters else ""
            hint = f"did you mean {near}?" if near else others
            raise ParseError("E142", f"{name} does not occur in the function", tree.span, hint)


def _check_last_member(symbol: Symbol, f: Expr, tree: Syntax) -> None:
    """Refuse a member of a family whose last one is left out of a sum: the derivative by that is another.

    Raises:
        UnsupportedError: there is such a sum.
    """
    for node in walk(f):
        if isinstance(node, Apply) and node.operator is before and not is_index(node.arguments[1]):
            last = str(node.arguments[1])
            message = f"the derivative by {symbol.latex} where a sum ends before {last} is not supported"
            hint = f"call the number of terms by one letter, not {last}-1"
            raise UnsupportedError("E134", message, tree.span, hint)


def _bearing(variable: str, f: Syntax) -> Syntax | None:
    r"""Return a letter that has the variable as an index, f_\theta of `f_\theta(x)`, None if there is none."""
    if any(x.head == "sum_over" and x.text == variable for x in f.walk()):
        return None
    return next((x for x in f.walk() if x.head == "symbol" and variable in name_of(x.text).index_letters), None)


def _member_as_variable(symbol: Symbol, occurring: Collection[Symbol], tree: Syntax) -> ParseError:
    """Return the error of a variable that is an entry, or a family that a sum goes over or a member of it."""
    name = symbol.latex
    whole = name_of(name).family(name_of(name).index_letters)
    if whole != name and any(x.latex == whole for x in occurring):
        return _entry_as_variable(whole, tree)
    if symbol in occurring:
        hint = way_by_all_members(name, number=symbol.is_scalar)
        return ParseError("E147", f"{name} stands beside a sum over all {whole}_k", tree.span, hint)
    hint = f"differentiate with respect to {whole}_k: the derivative with respect to {name} is that with this index"
    return ParseError("E147", f"{name} is bound by the sum", tree.span, hint)


def _entry_as_variable(whole: str, tree: Syntax) -> ParseError:
    """Return the error of a variable that is an entry of a letter which occurs as a whole."""
    hint = f"differentiate with respect to {whole}: that with respect to {tree.text} is the entry with this index"
    return ParseError("E147", f"{tree.text} is an entry of {whole}, which occurs as a whole", tree.span, hint)


def _is_member(variable: Symbol, members: Iterable[Symbol], occurring: Iterable[Symbol]) -> bool:
    r"""Whether the variable is a family that a sum goes over, or one of its members, as `w_k` beside `\sum_j w_j`.

    An entry `z_k` of a letter z that occurs as a whole is a member too.
    """
    families = {name for x in members for name in (x.family, x.latex)}
    name = name_of(variable.latex)
    if variable.latex in families or any(name.is_member(x) for x in families):
        return variable not in occurring or bool(name.scripts)
    indices = tuple(x for x in name.index_letters if is_free_index(x))
    wholes = {x.latex for x in occurring if not x.is_scalar and x.shape != variable.shape}
    return bool(indices) and name.family(indices) in families | wholes


def check_ranges(marker: MarkerTrees, typed: TypedBundle) -> None:
    """Refuse one letter as the index of two sums with different ranges.

    Raises:
        UnsupportedError: it is.
    """
    roots = [typed.f, *(body for _, body in typed.definitions[: len(marker.named)])]
    found: dict[tuple[str, str], Index] = {}
    for index in (bound_index(node) for root in roots for node in walk(root)):
        if index is None:
            continue
        for end, limit in (("lower", index.lower), ("upper", index.upper)):
            other = found.setdefault((index.name, end), index) if limit else index
            if limit not in ("", getattr(other, end)):
                message = f"two sums use the index {index.name} with different ranges"
                sums = [x for x in marker.f.walk() if x.head == "sum_over" and x.text == index.name]
                raise UnsupportedError("E302", message, sums[-1].span if sums else None, "rename one of them")


def check_entries(marker: MarkerTrees, typed: TypedBundle) -> None:
    """Refuse an entry, a row or a column that is beyond a size in numbers.

    Raises:
        ShapeError: there is one.
    """
    trees = marker.roots
    for root in (typed.f, *(body for _, body in typed.definitions[: len(marker.named)])):
        for node in walk(root):
            last = last_before(node)
            if last is not None:
                written = to_latex(node)
                entries = [x for tree in trees for x in tree.walk() if x.head == "subscripted"]
                own = (x.span for x in entries if _plain(f"{x.arguments[0].text}_{braced(x.text)}") == _plain(written))
                place = next(own, None)
                message = f"{written} is beyond the last, which has the number {last}"
                raise ShapeError("E203", message, place, "number it within the size, or declare a larger one")


def _plain(line: str) -> str:
    r"""Return an entry or a line, `X_{9\cdot}` or `X_{9:}`, in one spelling."""
    return line.replace(r"\cdot", ":").replace(" ", "").replace(",", "")


def check_extrema(typed: TypedBundle) -> None:
    """Refuse one letter as the index of two maxima: the index that attains each is called by it.

    Raises:
        UnsupportedError: it is.
    """
    found: dict[str, Apply] = {}
    for node in (x for root in (typed.f, *(body for _, body in typed.definitions)) for x in walk(root)):
        if isinstance(node, Apply) and node.operator.binds_index and node.operator.note is not None:
            name = index_of(node).name
            if found.setdefault(name, node) is not node:
                message = f"two maxima or minima go over the index {name}"
                raise UnsupportedError("E302", message, hint="give each an index of its own")


def check_claims(marker: MarkerTrees, typed: TypedBundle) -> None:
    """Refuse a claim in letters that nothing defines.

    Raises:
        ParseError: one has such a letter.
    """
    count = len(marker.named)
    known = typed.f.symbols.union(*(body.symbols | name.symbols for name, body in typed.definitions[:count] if name))
    bodies = (typed.f, *(body for _, body in typed.definitions[:count]))
    sizes = _sizes(known) | {index.upper for body in bodies for index in sums_in(body)}
    for (_, value), tree in zip(typed.definitions[count : count + len(marker.claims)], marker.claims, strict=True):
        foreign = sorted(x.latex for x in value.symbols - known if not x.index and x.latex not in sizes)
        if foreign:
            hint = "a claim is written in the letters of the function"
            raise ParseError("E148", f"{foreign[0]} does not occur in the function", tree.span, hint)


def check_constraints(marker: MarkerTrees, typed: TypedBundle) -> None:
    """Refuse a constraint in which no variable occurs.

    Raises:
        ParseError: one is that.
    """
    first = len(marker.named) + len(marker.claims)
    equations = typed.definitions[first : first + len(marker.constraints)]
    for (left, right), trees in zip(equations, marker.constraints, strict=True):
        letters = right.symbols | (left.symbols if left is not None else frozenset())
        if not letters & {*typed.variables}:
            names = " or ".join(x.latex for x in typed.variables)
            raise ParseError("E142", "no variable occurs in this constraint", trees.body.span, f"write it in {names}")


def _ends_of_sums(typed: TypedBundle) -> set[str]:
    """Return the upper ends of the sums in the function."""
    return {index.upper for index in map(bound_index, walk(typed.f)) if index is not None}


def _sizes(symbols: Iterable[Symbol]) -> set[str]:
    return {name for x in symbols for dimension in x.shape for name in dimension}


def check_layout(f: Expr, clauses: Clauses) -> None:
    """Refuse a marker that asks for the layout of a Jacobian where there is none.

    Raises:
        UnsupportedError: it does.
    """
    own = "layout" in clauses.own and "hessian" not in clauses.wishes
    if own and f.is_scalar and clauses.options.get("layout") == "numerator":
        hint = "write gradient-layout: numerator for the transpose of the gradient"
        raise UnsupportedError("E306", "'layout' is that of the derivative of a vector or matrix", hint=hint)
