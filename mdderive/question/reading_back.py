"""Reading back: what is printed, parsed and typed once more, so that a reader cannot see another expression in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice, product

from ..algebra.expressions import ONE, Apply, Dimension, Expr, Index, Symbol, remembered, to_latex, walk
from ..algebra.index_conditions import conditions_on, is_condition, without_conditions
from ..algebra.operators import table
from ..algebra.operators.entries import is_numbered_entry
from ..algebra.operators.entrywise import Function, FunctionDefinition, logistic
from ..algebra.operators.spectra import is_unit_vector, vectors_of
from ..algebra.operators.vector_functions import function_of
from ..algebra.terms import d, holds_differential, index_of, is_differential, is_sum_over, is_zero, substitute
from ..algebra.writing import braced
from ..errors import DeriveError, Span
from ..latex.grammar import parse
from ..latex.names import conjugate_of, conjugated, leading_word, name_of
from ..latex.tree import Syntax
from .conjugates import Conjugates
from .environment import Environment, ReadingError
from .index_sets import named_sets, with_numbers_of_members
from .kinds import Declaration, Kinds, kind_of, occurrence
from .labels import LABEL
from .marker import spellings
from .marks import with_names, with_primed_names
from .raised import raised_in, with_raised
from .random_letters import RandomLetters, hidden_index
from .sizes import UNIT, Size, SizeClashError, unify
from .values import logistic_value, names_function

STAND_INS = tuple(f"\\standin{a}" for a in "abcdefghijklmnopqrst")
r"""Names under which differentials and derivatives are read: `\mathrm{d}X`, `\frac{\partial f}{\partial X}`."""
SOFTMAX_OF = "softmax of the "
SIZES_TRIED = 16
"""How many shapes of the ones and zeros in a line are tried."""


def read_back(written: Expr) -> Expr | None:
    r"""Return what `written` is when its LaTeX is read, None where it cannot be read.

    What a solution says in words is known: whether `\sin` is meant of the matrix, softmax of rows or of columns.
    """
    if is_zero(written):
        return written  # a 0 is read as that of the shape that is wanted
    names = _stand_ins(written)
    conjugates = _conjugated_differentials(names)
    limits = _limits(written)
    text = to_latex(written)
    for latex in sorted(names, key=len, reverse=True):
        text = text.replace(latex, f"{names[latex][0]} ")
    for latex, (name, _) in conjugates.items():
        text = text.replace(latex, f"{name} ")
    for stand_in, index in limits.items():
        sign = f"_{{{index.name}={index.lower}}}^"
        text = text.replace(sign + braced(index.upper), f"{sign}{{{stand_in}}}")
    functions = _functions(written)
    words = [leading_word(name) for name in functions]
    try:
        tree = parse(text, spellings(frozenset((*STAND_INS, *filter(None, words)))), "printed", opened=written.indices)
    except DeriveError:
        return None
    meant: dict[str, Expr] = {x.latex: x.at_rest for x in written.symbols}
    meant |= dict(names.values())
    meant |= {conjugated(name): value for name, value in conjugates.values()}
    meant |= {to_latex(x): x for x in _applications(written) if is_unit_vector(x) or is_numbered_entry(x)}
    if any(map(conjugate_of, meant)):
        tree = Conjugates({}, printed=True).written(tree)
    if sets := _sets(written):
        tree = with_numbers_of_members(tree, sets)
    tree = with_primed_names(tree, frozenset([x for x in meant if x.endswith("'")]))
    if any("^" in x for x in meant):
        tree = with_names(tree, meant)
    try:
        tree = with_raised(tree, raised_in(meant))
    except DeriveError:
        return None
    for kinds in islice(_readings(tree, meant, functions), SIZES_TRIED):
        found = _read(tree, written, _environment(kinds, written, meant, functions), meant)
        if found is not None:
            return _with_limits(found, limits)
    return None


def _read(tree: Syntax, written: Expr, env: Environment, meant: Mapping[str, Expr]) -> Expr | None:
    """Return the typed tree, of the shape of what was written; None where it does not fit."""
    try:
        found = env.infer(tree)
        for size, wanted in zip((found.rows, found.columns), written.shape, strict=True):
            _fit(size, wanted)
        _fit_unknown(env.sizes.values(), written)
        read = found.make()
    except (ReadingError, SizeClashError, DeriveError, ValueError):
        return None
    if read.shape != written.shape:
        return None
    if named := {str(x.parameters[0]) for x in _applications(written) if x.operator is logistic and x.parameters}:
        read = substitute(read, {x: logistic_value(x) for x in _applications(read) if names_function(x, named)})
    letters = {x: meant[x.latex] for x in read.symbols if meant.get(x.latex, x) is not x}
    return substitute(read, letters) if letters else read


def _fit(size: Size, wanted: Dimension) -> None:
    """Give the one unknown factor of a size, as in `I \\otimes A`, what is left of the size that is wanted."""
    unknown = list(dict.fromkeys(x for x in size.prime if x.name is None))
    if len(unknown) != 1:
        return
    left = list(wanted)
    for x in size.prime:
        for name in x.name or ():
            if name in left:
                left.remove(name)
    if unknown[0].is_free:
        unify(unknown[0], Size(tuple(left)) if left else UNIT)


def _fit_unknown(sizes: Iterable[tuple[Size, Size]], written: Expr) -> None:
    r"""Give the rows of a 1 that nothing fixes, as in `\lVert\mathbf{1}\rVert`, if one size only can be meant."""
    known = {size for x in _applications(written) if not x.arguments for size in x.shape if size != ONE}
    for size in (x for pair in sizes for x in pair) if len(known) == 1 else ():
        if size.is_free:
            unify(size, Size(next(iter(known))))


def _stand_ins(written: Expr) -> dict[str, tuple[str, Expr]]:
    r"""Return what is no letter but stands for one by its LaTeX: the name it is read under, and what it is."""
    found: dict[str, Expr] = {x.latex: x for x in written.symbols if x.latex.startswith("\\frac")}
    for node in _applications(written):
        if is_differential(node) and isinstance(node.arguments[0], Symbol):
            found[to_latex(node)] = d(node.arguments[0].at_rest)
        elif (
            node.operator.in_components
            or (is_sum_over(node) and (_goes_over_attained(node) or _is_picked(node)))
            or function_of(node) is not None
            or vectors_of(node)
            or (is_numbered_entry(node) and holds_differential(node))
        ):
            found[to_latex(node)] = node
    return dict(zip(found, zip(STAND_INS, found.values(), strict=False), strict=False))


def _conjugated_differentials(names: Mapping[str, tuple[str, Expr]]) -> dict[str, tuple[str, Expr]]:
    r"""Return `\mathrm{d}x` of `(A\mathrm{d}x)^H`: the name that it is read under, and what its conjugate is."""
    spare = iter(STAND_INS[len(names) :])
    bases = {conjugate_of(latex): value for latex, (_, value) in names.items() if conjugate_of(latex)}
    return {latex: (names[latex][0] if latex in names else next(spare, ""), value) for latex, value in bases.items()}


def _sets(written: Expr) -> dict[str, Syntax]:
    """Return the sets of indices in a line, which `\\lvert S\\rvert` may count, by the index that counts them."""
    nowhere = Span("printed", 0, 0)
    counted = {x.arguments[0] for x in _applications(written) if is_sum_over(x)}
    members = sorted((x for x in _applications(written) if is_condition(x) and x.parameters), key=counted.__contains__)
    trees = (
        Syntax("membership", (Syntax("symbol", (), nowhere, x.arguments[0].latex),), nowhere, str(x.parameters[0]))
        for x in members
        if isinstance(x.arguments[0], Symbol)
    )
    return named_sets(trees)


def _is_picked(node: Apply) -> bool:
    r"""Whether a sum is written as the member that a label picks: `w_{y_i}`, `\mathrm{d}w_{y_i}`."""
    name = name_of(to_latex(node).removeprefix(r"\mathrm{d}"))
    return name.is_letter and bool(name.scripts)


def _goes_over_attained(node: Apply) -> bool:
    r"""Whether a sum goes over the n with `k_n^\\ast=k`, which no author writes."""
    return any(x.operator.attains for x in conditions_on(node.arguments[0], index_of(node).name))


def _limits(written: Expr) -> dict[str, Index]:
    r"""Return the indices of sums up to a formula, `\sum_{r=0}^{k-1}`, by the names that their ends are read as."""
    indices = dict.fromkeys(index_of(x) for x in _applications(written) if is_sum_over(x))
    formulas = (x for x in indices if x.extent is not None or "-" in x.upper)
    return dict(zip(reversed(STAND_INS), formulas, strict=False))


def _with_limits(read: Expr, limits: Mapping[str, Index]) -> Expr:
    def next_sum() -> Apply | None:
        sums = (x for x in _applications(read) if is_sum_over(x) and index_of(x).upper in limits)
        return next(sums, None) if limits else None

    while node := next_sum():  # one at a time: the sum around another one is another node once that one is changed
        index = limits[index_of(node).upper]
        read = substitute(read, {node: Apply(node.operator, node.arguments, (index,))})
    return read


def _environment(
    kinds: Kinds, written: Expr, meant: Mapping[str, Expr], functions: Mapping[str, FunctionDefinition | None]
) -> Environment:
    """Return the environment of a line, with what the solution says in words of its functions."""
    used = {x.operator.name for x in _applications(written)}
    lines = [name.removeprefix(SOFTMAX_OF) for name in sorted(used) if name.startswith(SOFTMAX_OF)]
    defined = {name: said for name, said in functions.items() if said is not None}
    env = Environment(kinds, _declared(meant), defined, lines[0] if lines else "")
    env.random = _random(written)
    sums = [x for x in _applications(written) if is_sum_over(x)]
    env.ranges = {
        index_of(x).name: index_of(x) for x in sums if without_conditions(x.arguments[0], index_of(x).name)[1]
    }
    env.open_indices = [Index(name) for name in sorted(written.indices)]
    env.of_matrices = not used.isdisjoint(_functions_of_matrices())
    return env


@cache
def _functions_of_matrices() -> frozenset[str]:
    """Return the names of the functions of matrices that have a namesake for entries."""
    return frozenset(row.of_matrix for row in table() if row.of_matrix)


def _random(written: Expr) -> RandomLetters:
    """Return the letters of a line that are random: those with an index that no reader sees."""
    hidden = {x.latex: hidden_index(x) for x in written.symbols if hidden_index(x)}
    return RandomLetters(min(hidden.values()), frozenset(hidden)) if hidden else RandomLetters()


def _functions(written: Expr) -> dict[str, FunctionDefinition | None]:
    """Return the functions that the author writes by letters, with their definitions."""
    found: dict[str, FunctionDefinition | None] = {}
    for x in _applications(written):
        called = x.parameters[0] if x.parameters else None
        if isinstance(called, Function):
            found[called.latex] = called.definition
        elif x.operator is logistic and called is not None:
            found[str(called)] = None
    return found


@remembered(maxsize=100)
def _applications(x: Expr) -> tuple[Apply, ...]:
    return tuple([y for y in walk(x) if isinstance(y, Apply)])


def _declared(meant: Mapping[str, Expr]) -> dict[str, Declaration]:
    sizes = {latex: tuple("*".join(size) or "1" for size in x.shape) for latex, x in meant.items()}
    labels = {latex: x.properties & {LABEL} for latex, x in meant.items() if isinstance(x, Symbol)}
    return {
        latex: Declaration(rows, columns, properties=labels.get(latex, frozenset()))
        for latex, (rows, columns) in sizes.items()
    }


def _readings(tree: Syntax, meant: Mapping[str, Expr], functions: Iterable[str]) -> Iterator[Kinds]:
    """Yield the kinds of the letters; ones and zeros may be columns or matrices, and so on."""
    kinds: Kinds = dict.fromkeys(functions, "function")
    open_ones: list[str] = []
    for node in tree.walk():
        if node.head in ("ones", "zeros"):
            open_ones.append(occurrence(node))
        elif node.head == "symbol" and node.text not in kinds:
            known = meant.get(node.text)
            kinds[node.text] = _constant(node.text) if known is None else kind_of(known)
    for chosen in product(("column", "matrix"), repeat=len(open_ones)):
        yield kinds | dict(zip(open_ones, chosen, strict=True))


def _constant(latex: str) -> str:
    """Return what a letter is that is none of the author's."""
    name = name_of(latex)
    if latex == "\\pi":
        return "constant"
    if name.commutation:
        return "commutation matrix"
    if name.unit_vector is not None:
        return "unit vector"
    return "identity" if name.identity is not None else "scalar"
