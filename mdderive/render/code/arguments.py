"""What an exported function takes: arrays, callables and sizes, and what they are called."""

from __future__ import annotations

import keyword
from collections.abc import Container

from ...algebra.expressions import Apply, Expr, Index, Symbol, walk
from ...algebra.index_conditions import ends_of, without_conditions
from ...algebra.operators.entrywise import Function, named_function
from ...algebra.operators.vector_functions import function_of, slopes_in
from ...algebra.terms import index_of, substitute
from ...errors import UnsupportedError
from ...latex.names import conjugate_of, identifier
from ...question.values import gone_through
from ...solution.derivation import Working, partial
from .sharing import GRADIENT

RESERVED = frozenset((
    "np", "jnp", "jax", "torch", "like", "gradient", "solution", "hessian", "hessian_vector_product", "direction",
    "sp", "each", "axes", "axis", "begin", "block_sum", "block_traces", "cross_matrix",
    "do", "end", "export", "function", "ifelse", "let", "local", "module", "struct",
    "abs", "dict", "float", "int", "isinstance", "len", "list", "map", "max", "min",
    "range", "reduce", "slice", "sum", "tuple", "zip",
    "Float64", "Matrix", "atan", "commutation", "cos", "cosh", "det", "diag", "diagm", "exp", "expm", "inv", "kron",
    "length", "log", "logsumexp", "matrix_function", "matrix_power", "maximum", "norm", "ones", "only", "permutedims",
    "pinv", "reshape", "sign", "sin", "sinh", "size", "softmax", "softmax_columns", "softmax_rows", "sqrt", "svdvals",
    "Int", "Symmetric", "eigmax", "eigmin", "eigvals", "eigvecs", "erf", "log_gamma", "svd",
    "Diagonal", "cholesky", "half_triangle", "integral_of_exponentials", "lyapunov", "mixed_exponentials",
    "minimum", "mixed_resolvents", "prod", "slope_of_logarithm", "stein", "sylvester", "transpose",
    "tan", "tanh", "toep", "tr", "tril", "triu", "vec", "zeros",
))  # fmt: skip
"""What the sources call or define themselves, and the words of Julia: no argument may hide it."""
_OWN = (GRADIENT, "size_")
"""What the names begin with that a source makes of others."""
ORDERS = ("", "_prime", "_second", "_third")
"""How the derivatives of a function are called."""


def argument_name(latex: str) -> str:
    r"""Return the Python name of a symbol: `Sigma` of `\Sigma`, `x` of `\mathbf{x}`, `W_1` of `W_{1}`."""
    text = identifier(latex)
    text = f"c{text}" if text[0].isdigit() else text
    is_taken = keyword.iskeyword(text) or text in RESERVED or text.startswith(_OWN)
    return f"{text}_" if is_taken else text


def arguments(working: Working) -> dict[str, str]:
    """Return LaTeX -> argument name for the free symbols of f, in the order of appearance; `x_i` -> x for a family."""
    q = working.question
    defined = {symbol for symbol, _ in q.definitions}
    used = _used(working)
    lengths = length_names(working)
    indices = {argument_name(index_of(x).name) for value in values_in(working) for x in _sums(value)}
    found: dict[str, str] = {}
    families: set[tuple[str, bool]] = set()
    for symbol in q.symbols.values():
        is_length = symbol.is_scalar and symbol.latex in lengths and symbol.latex not in q.declared
        base = conjugate_of(symbol.latex)
        if symbol in defined or symbol not in used or is_length or q.symbols.get(base) in used:
            continue
        family = family_of(symbol)
        if family not in families:
            name = argument_name(base or family[0])
            if name in found.values():
                name = argument_name(symbol.latex)
            while name in found.values() or name in indices:
                name += "_"
            found[symbol.latex] = name
            families.add(family)
    arrays = {family_of(q.symbols[latex]) for latex in found}
    for name in needed_sizes(working):
        if name not in found and not is_known(name, working, arrays):
            found[name] = argument_name(name)
    return found


def _used(working: Working) -> set[Symbol]:
    """Return the letters of f, of what is asked for, and of the author's definitions that these go through."""
    q = working.question
    sides = (y.symbols for x in q.constraints for y in (x.left, x.right))
    asked = set(q.f.symbols).union(*(x.symbols for x in _results(working)), *sides, q.variables)
    used = gone_through(asked, q.whole_values)
    return used | {x.at_rest for x in used}


def local_name(symbol: Symbol, working: Working) -> str:
    """Return the name of a named value of the author's; of the gradient by one, `grad_h_1`."""
    if symbol not in working.chain:
        return argument_name(symbol.latex)
    q = working.question
    of = next(x for x, _ in q.intermediates if partial(x, q.name, turned=q.turned) is symbol)
    return GRADIENT + argument_name(of.latex)


def needed_sizes(working: Working) -> dict[str, None]:
    """Return the names of sizes that the functions use: ends of sums, numbers of terms, the sizes of a 1 or I."""
    found: dict[str, None] = {}
    lengths = length_names(working)
    for value in [*_results(working), *(body for _, body in working.question.whole_values)]:
        for node in walk(value):
            if isinstance(node, Symbol) and node.latex in lengths and node.index != (node.latex,):
                found[node.latex] = None
            elif isinstance(node, Apply) and node.operator.binds_index:
                index = index_of(node)
                found.update(dict.fromkeys([index.upper] if index.extent is None and index.upper else []))
            elif isinstance(node, Apply) and not node.arguments:
                found.update(dict.fromkeys(name for size in node.shape for name in size))
    bound = {index_of(x).name for value in values_in(working) for x in _sums(value)}
    return {name: None for name in found if not (name.isdigit() or name in bound or name == r"\infty")}


def _sums(value: Expr) -> list[Apply]:
    return [x for x in walk(value) if isinstance(x, Apply) and x.operator.binds_index]


def is_known(name: str, working: Working, arrays: Container[tuple[str, bool]]) -> bool:
    """Whether a size is that of one of the arrays: its rows or columns, or the number of its members."""
    symbols = [x for x in working.question.symbols.values() if family_of(x) in arrays]
    if any((name,) in x.shape for x in symbols):
        return True
    indices = {index_of(x).name for value in values_in(working) for x in _sums(value) if index_of(x).upper == name}
    return any(not indices.isdisjoint(x.index) for x in symbols)


def functions(working: Working) -> dict[str, tuple[str, ...]]:
    """Return the names of the callables for functions without a definition: sigma, sigma_prime, maybe further."""
    found: dict[str, tuple[str, ...]] = {}
    waiting = values_in(working)
    while waiting:
        for node in walk(waiting.pop(0)):
            whole = function_of(node) or slopes_in(node)
            if isinstance(node, Apply) and whole is not None:
                name, endings = argument_name(whole.latex), whole.derivatives(node.arguments[0])
                own = whole.order + 1 if function_of(node) is not None else len(endings)
                count = max(2, own, len(found.get(whole.latex, ())))
                found[whole.latex] = tuple(name + x for x in endings[:count])
            if isinstance(node, Apply) and node.operator is named_function:
                function = node.parameters[0]
                assert isinstance(function, Function)
                if function.definition is not None:
                    waiting.append(function.definition.derivative(function.order))
                else:
                    name = argument_name(function.latex)
                    count = max(2, function.order + 1, len(found.get(function.latex, ())))
                    if count > len(ORDERS):
                        raise UnsupportedError("E320", f"{function.latex} is differentiated too often for a program")
                    found[function.latex] = tuple(name + ending for ending in ORDERS[:count])
    return found


def values_in(working: Working) -> list[Expr]:
    """Return the results, f, and what the author defines."""
    return [*_results(working), working.question.f, *(body for _, body in working.question.whole_values)]


def _results(working: Working) -> list[Expr]:
    values = [*(result.value for result in working.gradients.values()), *working.chain.values()]
    values += [tied.value for tied in working.structured.values()]
    values += [zero.solution for zero in working.stationary.values()]
    return [*values, *(x for second in working.seconds.values() for x in (second.value, second.along))]


def with_members(value: Expr, working: Working) -> Expr:
    r"""Return the value in which the members of families that the author defined, `u_i := w^\top x_i`, are put in."""
    for symbol, body in reversed(working.question.whole_values):
        if symbol.index:
            value = substitute(value, {symbol: body, symbol.at_rest: body})
    return value


def length_names(working: Working) -> set[str]:
    """Return the names of sizes: the upper ends of sums and the dimensions of symbols."""
    names: set[str] = set()
    for value in values_in(working):
        for node in walk(value):
            if isinstance(node, Apply) and node.operator.binds_index:
                index = node.parameters[0]
                assert isinstance(index, Index)
                names.update([index.upper] if index.extent is None else [])
            if isinstance(node, Symbol) and node.index != (node.latex,):
                names.update(name for dimension in node.shape for name in dimension)
    return names


def family_of(symbol: Symbol) -> tuple[str, bool]:
    """Return the name of a letter, or of its family, and whether it is one: x beside the x_i is another letter."""
    return (symbol.family, True) if symbol.index else (symbol.latex, False)


def range_of(index: Index, node: Expr, counted_from: dict[str, int]) -> tuple[int, int]:
    """Return the number of the first member of the arrays in a sum, 0 or 1, and the place of the first that it takes.

    Raises:
        UnsupportedError: another sum counts the members of one of these arrays differently, or the sum ends before the
            last of them.
    """
    first = 0 if index.lower == "0" else 1
    families = {x.family for x in walk(node) if isinstance(x, Symbol) and index.name in x.index}
    ends = ends_of(index, without_conditions(node.arguments[0], index.name)[1]) if isinstance(node, Apply) else None
    if families - {index.name} and ends is not None and ends[1] == f"{index.upper}-1":
        hint = f"call the number of terms by one letter, not {ends[1]}"
        raise UnsupportedError("E320", f"whether the arrays have a member {index.upper} cannot be told", hint=hint)
    if any(counted_from.setdefault(family, first) != first for family in families):
        words = f"the members are counted from 0 in one sum over {index.name}, from 1 in another"
        raise UnsupportedError("E320", words)
    return first, int(index.lower) - first if index.lower.isdigit() else 0
