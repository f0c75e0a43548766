"""The gradient as Python source in numpy: a function of the symbols of f, self-contained and readable."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping, Sequence

from ..derivation import Working
from ..errors import UnsupportedError
from ..expr import ONE, Apply, Dimension, Expr, Index, Number, Symbol, number, walk
from ..operators.arithmetic import divisor, index_symbol, power_row
from ..operators.entrywise import Function, named_function

_FONTS = r"\\(mathbf|boldsymbol|bm|mathrm|mathit|pmb|textbf|mathsf|operatorname|text|vec|mathcal|bold|mathbb)\b\s*"
_LOGISTIC = r"\sigma"


def argument_name(latex: str) -> str:
    r"""Return the Python name of a symbol: `Sigma` of `\Sigma`, `x` of `\mathbf{x}`, `W_1` of `W_{1}`."""
    text = re.sub(_FONTS, "", latex).replace("'", "_prime")
    text = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_") or "x"
    text = f"c{text}" if text[0].isdigit() else text
    return f"{text}_" if keyword.iskeyword(text) or text in ("np", "gradient", "solution") else text


def arguments(working: Working) -> dict[str, str]:
    """Return LaTeX -> argument name for the free symbols of f, in the order of appearance; `x_i` -> x for a family."""
    q = working.question
    defined = {symbol for symbol, _ in q.definitions}
    used = set(q.f.symbols).union(*(body.symbols for _, body in q.definitions), q.variables)
    lengths = _length_names(working)
    found: dict[str, str] = {}
    families: set[str] = set()
    for symbol in q.symbols.values():
        is_length = symbol.is_scalar and symbol.latex in lengths and symbol.latex not in q.declared
        if symbol in defined or symbol not in used or is_length:
            continue
        family = symbol.family or symbol.latex
        if family not in families:
            name = argument_name(family)
            while name in found.values():
                name += "_"
            found[symbol.latex] = name
            families.add(family)
    return found


def functions(working: Working) -> dict[str, tuple[str, ...]]:
    """Return the names of the callables for functions without a definition: sigma, sigma_prime, maybe sigma_second."""
    found: dict[str, tuple[str, ...]] = {}
    waiting = _values(working)
    while waiting:
        for node in walk(waiting.pop(0)):
            if isinstance(node, Apply) and node.operator is named_function:
                function = node.parameters[0]
                assert isinstance(function, Function)
                if function.definition is not None:
                    waiting.append(function.definition.bodies[function.order])
                else:
                    name = argument_name(function.latex)
                    second = (f"{name}_second",) if function.order > 1 or len(found.get(function.latex, ())) > 2 else ()
                    found[function.latex] = (name, f"{name}_prime", *second)
    return found


def to_numpy(working: Working, variables: Sequence[Symbol]) -> str:
    """Return the source of `gradient(*, ...)` and, where it was asked for and found, of `solution(*, ...)`.

    With several variables each has its own: `gradient_W_1(*, ...)`, `gradient_W_2(*, ...)`. A vector is an (n, 1)
    array, a scalar a number, a family x_i, i = 1..N one (N, n, 1) array.

    Raises:
        UnsupportedError: the gradient cannot be written in numpy.
    """
    helpers: dict[str, None] = {}
    blocks: list[str] = []
    for variable in variables:
        ending = f"_{argument_name(variable.latex)}" if len(variables) > 1 else ""
        tied = working.structured.get(variable)
        value = working.gradients[variable].value if tied is None else tied.value
        second = working.seconds.get(variable)
        if second is not None:
            value = second.value
        blocks.append(_function(f"gradient{ending}", working, value, helpers))
        zero = working.stationary.get(variable)
        if zero is not None:
            blocks.append(_function(f"solution{ending}", working, zero.solution, helpers))
    return "\n\n".join(["import numpy as np\n", *(f"{x.strip()}\n" for x in helpers), *blocks])


def _values(working: Working) -> list[Expr]:
    values = [result.value for result in working.gradients.values()]
    values += [zero.solution for zero in working.stationary.values()]
    values += [second.value for second in working.seconds.values()]
    return [*values, working.question.f, *(body for _, body in working.question.definitions)]


def _function(name: str, working: Working, value: Expr, helpers: dict[str, None]) -> str:
    given = arguments(working)
    callables = functions(working)
    words = [*given.values(), *(x for pair in callables.values() for x in _parameters(pair, callables))]
    writer = _Writer(working, given)
    body = writer.definitions(value)
    result = writer.write(value)
    if value.shape == (ONE, ONE):
        result = f"np.squeeze({result}).item()" if writer.makes_array(value) else result
    elif not writer.makes_array(value):
        rows, columns = (writer.dimension(x) for x in value.shape)
        result = f"np.broadcast_to({result}, ({rows}, {columns}))"
    helpers.update(writer.helpers)
    lines = [f"def {name}(*, {', '.join(words)}):", *(f"    {line}" for line in [*writer.sizes(), *body])]
    return "\n".join([*lines, f"    return {result}", ""])


def _parameters(pair: Sequence[str], callables: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the parameters of a function; an undefined sigma is the logistic function unless another is passed."""
    if pair == callables.get(_LOGISTIC):
        logistic = "lambda a: 1 / (1 + np.exp(-a))"
        slope = "lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2"
        second = "lambda a: (np.exp(-a) - 1) * np.exp(-a) / (1 + np.exp(-a)) ** 3"
        return [f"{name}={default}" for name, default in zip(pair, (logistic, slope, second), strict=False)]
    return list(pair)


def _length_names(working: Working) -> set[str]:
    """Return the names of sizes: the upper ends of sums and the dimensions of symbols."""
    names: set[str] = set()
    for value in _values(working):
        for node in walk(value):
            if isinstance(node, Apply) and node.operator.binds_index:
                index = node.parameters[0]
                assert isinstance(index, Index)
                names.update([index.upper] if index.extent is None else [])
            if isinstance(node, Symbol) and node.index != (node.latex,):
                names.update(name for dimension in node.shape for name in dimension)
    return names


_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4


def _argument_bindings(template: str, count: int) -> list[int]:
    """Return how tightly each argument must bind: loosely where it stands alone between parentheses or commas."""
    found = []
    for k in range(count):
        places = [m.span() for m in re.finditer(re.escape(f"{{{k}}}"), template)]
        alone = all(template[a - 1 : a] in "(" and template[b : b + 1] in ")," for a, b in places if a)
        found.append(0 if alone and all(a for a, _ in places) else _ATOM)
    return found


def _binding_of(template: str) -> int:
    """Return how tightly the source that `template` yields binds: by the loosest sign outside its parentheses."""
    depth, loosest = 0, _ATOM
    for sign in re.findall(r"\*\*|[()\[\]+*/@]", template):
        depth += (sign in "([") - (sign in ")]")
        if depth == 0 and sign not in "()[]":
            loosest = min(loosest, {"+": _SUM, "**": _POWER}.get(sign, _PRODUCT))
    return loosest


def _family_of(symbol: Symbol) -> str:
    return symbol.family or symbol.latex


class _Writer:
    """Writes expressions as numpy source."""

    def __init__(self, working: Working, given: Mapping[str, str]) -> None:
        self.working = working
        self.given = given
        self.names: dict[Expr, str] = {}
        self.used_sizes: dict[str, str] = {}
        self.helpers: dict[str, None] = {}
        q = working.question
        self.arrays = {_family_of(q.symbols[latex]): name for latex, name in given.items()}
        for symbol in q.symbols.values():
            if _family_of(symbol) in self.arrays:
                index = "".join(f"[{argument_name(name)}]" for name in symbol.index)
                self.names[symbol] = self.names[symbol.at_rest] = self.arrays[_family_of(symbol)] + index

    def definitions(self, value: Expr) -> list[str]:
        """Return the assignments of the intermediates and abbreviations that `value` needs."""
        lines: list[str] = []
        needed = set(value.symbols)
        for symbol, body in reversed(self.working.question.definitions):
            if symbol in needed or symbol.at_rest in needed:
                needed |= {symbol} | body.symbols
        taken = set(self.given.values())
        for symbol, body in self.working.question.definitions:
            if symbol in needed:
                name = argument_name(symbol.latex)
                while name in taken:
                    name += "_"
                taken.add(name)
                lines.append(f"{name} = {self.write(body)}")
                self.names[symbol] = self.names[symbol.at_rest] = name
        return lines

    def sizes(self) -> list[str]:
        """Return the assignments of the sizes that were used."""
        return [f"{name} = {source}" for name, source in sorted(self.used_sizes.items())]

    def dimension(self, dimension: Dimension) -> str:
        """Return a size as source."""
        return " * ".join(self._size(name) for name in dimension) or "1"

    def _size(self, name: str) -> str:
        if name.isdigit():
            return name
        python = "size_" + argument_name(name)
        if python not in self.used_sizes:
            self.used_sizes[python] = self._source_of_size(name)
        return python

    def _source_of_size(self, name: str) -> str:
        for symbol in self.working.question.symbols.values():
            array = self.arrays.get(_family_of(symbol))
            if array is None:
                continue
            for axis, dimension in enumerate(symbol.shape):
                if dimension == (name,):
                    return f"{array}.shape[{axis - 2}]"
        for value in _values(self.working):
            for node in walk(value):
                index = node.parameters[0] if isinstance(node, Apply) and node.operator.binds_index else None
                if isinstance(index, Index) and index.upper == name:
                    return self._length(index, node)
        raise UnsupportedError("E320", f"the size {name} cannot be found from the arguments")

    def _length(self, index: Index, node: Expr) -> str:
        for member in node.symbols | frozenset(x for x in walk(node) if isinstance(x, Symbol)):
            if index.name in member.index and member.family in self.arrays:
                axis = member.index.index(index.name)
                start = f" + {int(index.lower) - 1}" if index.lower.isdigit() and index.lower != "1" else ""
                return f"{self.arrays[member.family]}.shape[{axis}]{start}"
        raise UnsupportedError("E320", f"the range of {index.name} cannot be found from the arguments")

    def makes_array(self, value: Expr) -> bool:
        """Whether the source of `value` yields an array rather than a number."""
        if isinstance(value, Number):
            return False
        if isinstance(value, Symbol):
            return not value.is_scalar or value in dict(self.working.question.definitions)
        return True

    def write(self, node: Expr, binding: int = 0) -> str:
        """Return the source of `node`, in parentheses where it binds less tightly than `binding`."""
        if isinstance(node, Number):
            return _number(node, binding)
        if isinstance(node, Symbol):
            return self.names[node] if node in self.names else self._size(node.latex)
        assert isinstance(node, Apply)
        text, own = self._apply(node)
        return f"({text})" if own < binding else text

    def _apply(self, node: Apply) -> tuple[str, int]:
        operator = node.operator
        if operator.binds_index:
            return self._sum(node), _ATOM
        if operator is named_function:
            return self._call(node), _ATOM
        below = divisor(node, power_row)
        if below is not None:
            return f"1 / {self.write(below, _PRODUCT + 1)}", _PRODUCT
        if operator.numpy in ("+", "@", "*"):
            return self._joined(node, operator.numpy)
        if not node.arguments:
            sizes = [self.dimension(x) for x in node.shape]
            if operator.helper:
                self.helpers[operator.helper] = None
            words = [self.dimension(x) if isinstance(x, tuple) else x for x in node.parameters]
            return operator.numpy.format(*sizes, *words), _ATOM
        bindings = _argument_bindings(operator.numpy, len(node.arguments))
        written = [self.write(x, binding) for x, binding in zip(node.arguments, bindings, strict=True)]
        if operator.result is not None:
            written += [self.dimension(x) for x in node.shape]
        if operator.helper:
            self.helpers[operator.helper] = None
        return operator.numpy.format(*written), _binding_of(operator.numpy)

    def _joined(self, node: Apply, sign: str) -> tuple[str, int]:
        if sign == "+":
            text = self.write(node.arguments[0], _SUM)
            for x in node.arguments[1:]:
                term = self.write(x, _SUM)
                text += f" - {term[1:]}" if term.startswith("-") else f" + {term}"
            return text, _SUM
        if sign == "*":
            return " * ".join(self.write(x, _PRODUCT + 1) for x in node.arguments), _PRODUCT
        return self._product(node)

    def _product(self, node: Apply) -> tuple[str, int]:
        """Return numbers and scalars by *, the chain of matrices by @, and what divides behind a /."""
        first = node.arguments[0]
        sign = "-" if isinstance(first, Number) and first.value < 0 else ""
        lead = Number(-first.value) if sign and isinstance(first, Number) else first
        scalars = [x for x in (lead, *node.arguments[1:]) if x.is_scalar and not (sign and x is number(1))]
        divisors = [(x, divisor(x, power_row)) for x in scalars]
        below = [y for _, y in divisors if y is not None]
        above = [self.write(x, _PRODUCT + 1) for x, y in divisors if y is None]
        chain = [self.write(x, _PRODUCT + 1) for x in node.arguments if not x.is_scalar]
        if chain:
            joined = " @ ".join(chain)
            above.append(f"({joined})" if len(chain) > 1 and scalars else joined)
        text = " / ".join([" * ".join(above) or "1", *(self.write(x, _PRODUCT + 1) for x in below)])
        return sign + text, _SUM if sign else _PRODUCT

    def _sum(self, node: Apply) -> str:
        index = node.parameters[0]
        assert isinstance(index, Index)
        name = argument_name(index.name)
        if index.extent is not None:
            self.names[index_symbol(index.name)] = name
            return f"sum({self.write(node.arguments[0])} for {name} in range({self.write(index.extent)}))"
        length = self._size(index.upper) if index.upper else f"{self._length(index, node)}"
        start = int(index.lower) - 1 if index.lower.isdigit() else 0
        bounds = length if start == 0 else f"{start}, {length}"
        self.names[index_symbol(index.name)] = f"({name} + 1)"
        return f"sum({self.write(node.arguments[0])} for {name} in range({bounds}))"

    def _call(self, node: Apply) -> str:
        function = node.parameters[0]
        assert isinstance(function, Function)
        argument = self.write(node.arguments[0])
        if function.definition is None:
            suffix = ("", "_prime", "_second")[function.order]
            return f"{argument_name(function.latex)}{suffix}({argument})"
        inner = _Writer(self.working, self.given)
        inner.names[function.definition.argument] = "_a"
        return f"(lambda _a: {inner.write(function.definition.bodies[function.order])})({argument})"


def _number(node: Number, binding: int) -> str:
    value = node.value
    text = str(value) if value.denominator == 1 else f"{value.numerator} / {value.denominator}"
    loose = value < 0 or value.denominator != 1
    return f"({text})" if loose and binding > _SUM else text
